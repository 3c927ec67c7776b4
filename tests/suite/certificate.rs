//! The kind `certificate` through the door, and its replay: what it says of certificates that are worth nothing.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::path::Path;

use countersign::model::fact::{Facts, Value};
use serde_json::json;

use crate::door::Door;
use crate::fault_server::closed_port;
use crate::probe_servers::{absent, count, measure};
use crate::witness_tls::{fixture, serve};

fn door(files: &[&str]) -> Door {
    let door = Door::open();
    for file in files {
        std::fs::copy(fixture(file), door.root().join(file)).unwrap();
    }
    door
}

fn flag(facts: &Facts, fact: &str) -> bool {
    match facts.get(fact) {
        Some(Value::Flag(flag)) => *flag,
        other => panic!("{fact} is {other:?}"),
    }
}

fn fingerprint(facts: &Facts) -> &str {
    match facts.get("fingerprint-sha256") {
        Some(Value::Text(text)) => text,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn a_certificate_of_a_named_authority_is_valid_and_kept_as_evidence() {
    let door = door(&["ca.pem"]);
    let address = format!("127.0.0.1:{}", serve("leaf.pem"));
    let facts = measure(&door, "certificate", json!({"address": address, "ca-file": "ca.pem"})).await.unwrap();
    assert!(flag(&facts, "valid"), "{facts:?}");
    assert!(!flag(&facts, "self-signed"));
    assert_eq!(facts.notes, Vec::<String>::new());
    assert_eq!(facts.get("expires"), Some(&Value::Instant("2126-10-30T08:38:56Z".parse().unwrap())));
    let names = ["localhost", "127.0.0.1"].map(str::to_owned).to_vec();
    assert_eq!(facts.get("names"), Some(&Value::List(names)));
    assert_eq!(facts.get("issuer"), Some(&Value::Text("CN=countersign test authority".to_owned())));
    assert_eq!(count(&facts, "chain-length"), 1);
    // As `openssl x509 -fingerprint -sha256` says it.
    assert_eq!(fingerprint(&facts), "2400f6e51ba008393de9cb0f341391deff9ffe62c0e75f85eb4f25d565eed608");
    let kept = std::fs::read_dir(door.evidence()).unwrap().map(|entry| entry.unwrap().path());
    let kept: Vec<_> = kept.map(|path| std::fs::read_to_string(path).unwrap()).collect();
    assert_eq!(kept, [std::fs::read_to_string(fixture("leaf.pem")).unwrap()]);
}

#[tokio::test]
async fn a_certificate_that_is_worth_nothing_is_measured_and_says_why() {
    for (certificate, options, why, own) in [
        ("expired.pem", json!({"ca-file": "ca.pem"}), "it has expired", false),
        ("other-name.pem", json!({"ca-file": "ca.pem"}), "it is for another name", false),
        ("leaf.pem", json!({"ca-file": "ca.pem", "server-name": "shop.example"}), "it is for another name", false),
        ("leaf.pem", json!({}), "nobody this machine trusts has signed it", false),
        ("self-signed.pem", json!({}), "CA:TRUE", true),
    ] {
        let mut options = options;
        options["address"] = format!("127.0.0.1:{}", serve(certificate)).into();
        let facts = measure(&door(&["ca.pem"]), "certificate", options).await.unwrap();
        assert!(!flag(&facts, "valid"), "{certificate}");
        assert_eq!(flag(&facts, "self-signed"), own, "{certificate}");
        assert!(facts.notes[0].starts_with("The certificate is not to be trusted: "), "{:?}", facts.notes);
        assert!(facts.notes[0].contains(why), "{certificate}: {:?}", facts.notes);
        let Some(Value::Duration(left)) = facts.get("expires-in") else { panic!("{facts:?}") };
        assert_eq!(left.to_i64().unwrap() < 0, certificate == "expired.pem");
    }
}

#[tokio::test]
async fn a_trusted_name_beside_the_address_is_the_one_that_counts() {
    let options = json!({"address": format!("127.0.0.1:{}", serve("other-name.pem")), "ca-file": "ca.pem",
        "server-name": "elsewhere.example"});
    assert!(flag(&measure(&door(&["ca.pem"]), "certificate", options).await.unwrap(), "valid"));
}

#[tokio::test]
async fn a_file_says_the_same_but_not_whether_it_is_to_be_trusted() {
    let door = door(&["expired.pem", "client.key", "client-both.pem"]);
    let facts = measure(&door, "certificate", json!({"file": "expired.pem"})).await.unwrap();
    assert_eq!(facts.get("expires"), Some(&Value::Instant("2020-02-01T00:00:00Z".parse().unwrap())));
    assert_eq!(absent(&facts, "valid"), "a file is held against no name and no authority");
    let error = measure(&door, "certificate", json!({"file": "client.key"})).await.unwrap_err();
    assert_eq!(error.reason, "\"client.key\" has no certificate that can be read: there is none in it");
    // The key beside it was blacked out by the door.
    let both = measure(&door, "certificate", json!({"file": "client-both.pem"})).await.unwrap();
    assert_eq!(count(&both, "chain-length"), 1);
    std::fs::write(door.root().join("large.pem"), vec![b'x'; 1024 * 1024 + 1]).unwrap();
    let error = measure(&door, "certificate", json!({"file": "large.pem"})).await.unwrap_err();
    assert_eq!(error.reason, "\"large.pem\" cannot be used: it is larger than 1 MiB");
}

/// Takes one connection, waits for the first bytes, says this, and hangs up when `silent` is false.
fn says(answer: &'static [u8], silent: bool) -> u16 {
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(stream.read(&mut [0; 4096]));
        drop(stream.write_all(answer));
        if silent {
            drop(stream.read_to_end(&mut Vec::new()));
        }
    });
    port
}

#[tokio::test]
async fn what_shows_no_certificate_could_not_be_looked_at() {
    let door = Door::with(|live| live.limits.timeout = std::time::Duration::from_millis(500));
    let closed = closed_port().await;
    for (port, why) in [
        (closed, "refused the connection"),
        (says(b"HTTP/1.1 400 Bad Request\r\n\r\n", false), "does not speak TLS"),
        (says(b"", false), "showed no certificate: tls handshake eof"),
        (says(b"", true), "did not show a certificate within 500 ms"),
    ] {
        let address = format!("127.0.0.1:{port}");
        let error = measure(&door, "certificate", json!({"address": address})).await.unwrap_err();
        assert_eq!(error.reason, format!("{address} {why}"));
    }
    let address = format!("127.0.0.1:{}", serve("leaf.pem"));
    let error = measure(&door, "certificate", json!({"address": address, "ca-file": "no.pem"})).await.unwrap_err();
    assert!(error.reason.contains("no.pem"), "{error}");
    assert!(Path::new(&door.evidence()).read_dir().unwrap().next().is_none(), "nothing came, nothing is kept");
}

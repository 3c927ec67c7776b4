//! What lets us in: user and password, certificates of our own, authorities that an audit names. All of it reaches the
//! server that it is for, and nothing else.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::model::evidence::{Access, Basic, TlsFiles};
use countersign::model::fact::Unmeasurable;
use countersign::model::repeat::repeat_line;
use countersign::probe::registry::Probe;
use countersign::witness::{HttpAnswer, HttpRequest, Secrets};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use serde_json::json;

use crate::canned_server::Canned;
use crate::door::Door;
use crate::fault_server::FaultServer;

const SECRET: &str = "correct/horse \"battery\"";

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

/// With the fixtures in its root, and a secret.
fn door() -> Door {
    let door = Door::with(|options| {
        options.secrets = Secrets::given(BTreeMap::from([("PW".to_owned(), SECRET.to_owned())]));
    });
    for entry in std::fs::read_dir(fixture("")).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), door.root().join(entry.file_name())).unwrap();
    }
    door
}

/// Says hello to whoever shows a certificate of the fixtures' authority of clients, until the test process ends; its port.
fn serve_known_clients(version: &'static rustls::SupportedProtocolVersion) -> u16 {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut authorities = rustls::RootCertStore::empty();
    authorities.add(CertificateDer::from_pem_file(fixture("client-ca.pem")).unwrap()).unwrap();
    let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(authorities), Arc::clone(&provider)).build();
    let chain = vec![CertificateDer::from_pem_file(fixture("leaf.pem")).unwrap()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(std::fs::read(fixture("key.der")).unwrap()));
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_protocol_versions(&[version])
        .unwrap()
        .with_client_cert_verifier(verifier.unwrap())
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || hello(stream.unwrap(), config));
        }
    });
    port
}

fn hello(mut stream: std::net::TcpStream, config: Arc<rustls::ServerConfig>) {
    use std::io::{Read as _, Write as _};
    let mut connection = rustls::ServerConnection::new(config).unwrap();
    while connection.is_handshaking() {
        if connection.complete_io(&mut stream).is_err() {
            // The alert goes out, and what the client still sends is read, so that it is not cut off.
            while connection.wants_write() {
                drop(connection.write_tls(&mut stream));
            }
            drop(stream.shutdown(std::net::Shutdown::Write));
            drop(stream.read_to_end(&mut Vec::new()));
            return;
        }
    }
    let mut tls = rustls::StreamOwned::new(connection, stream);
    if tls.read(&mut [0; 4096]).is_ok() {
        drop(tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\nconnection: close\r\n\r\nhello"));
        tls.conn.send_close_notify();
        drop(tls.flush());
    }
}

fn files(ca_file: Option<&str>, client_cert: Option<&str>, client_key: Option<&str>) -> TlsFiles {
    let [ca_file, client_cert, client_key] = [ca_file, client_cert, client_key].map(|file| file.map(str::to_owned));
    TlsFiles { ca_file, client_cert, client_key }
}

async fn ask(door: &Door, port: u16, tls: TlsFiles) -> Result<HttpAnswer, Unmeasurable> {
    let access = Access { tls, ..Access::default() };
    let request = HttpRequest { access, ..HttpRequest::get(format!("https://127.0.0.1:{port}/")) };
    door.witness().http(request).await.map_err(|mut error| {
        error.reason = error.reason.replace(&port.to_string(), "PORT");
        error
    })
}

#[tokio::test]
async fn a_server_that_knows_our_certificate_lets_us_in() {
    let door = door();
    for version in [&rustls::version::TLS12, &rustls::version::TLS13] {
        let port = serve_known_clients(version);
        for tls in [
            files(Some("ca.pem"), Some("client.pem"), Some("client.key")),
            files(Some("ca.pem"), Some("client-both.pem"), None),
        ] {
            assert_eq!(ask(&door, port, tls).await.unwrap().body, b"hello");
        }
    }
}

#[tokio::test]
async fn without_a_certificate_it_says_that_it_asks_for_one_and_a_strangers_is_refused() {
    let door = door();
    let port = serve_known_clients(&rustls::version::TLS13);
    let error = ask(&door, port, files(Some("ca.pem"), None, None)).await.unwrap_err();
    assert_eq!(error.reason, "127.0.0.1:PORT asks for a client certificate");
    assert_eq!(error.help, "Give it one with `client-cert:` and `client-key:`.");
    let stranger = || files(Some("ca.pem"), Some("stranger.pem"), Some("stranger.key"));
    let error = ask(&door, port, stranger()).await.unwrap_err();
    assert!(error.reason.starts_with("127.0.0.1:PORT refuses our client certificate"), "{error}");
    let port = serve_known_clients(&rustls::version::TLS12);
    let error = ask(&door, port, files(Some("ca.pem"), None, None)).await.unwrap_err();
    assert!(error.reason.contains("client certificate"), "{error}");
    let error = ask(&door, port, stranger()).await.unwrap_err();
    assert!(error.reason.starts_with("127.0.0.1:PORT refuses our client certificate"), "{error}");
}

#[tokio::test]
async fn an_unknown_authority_is_a_matter_of_the_ca_file() {
    let door = door();
    let port = serve_known_clients(&rustls::version::TLS13);
    for other in [None, Some("client-ca.pem")] {
        let error = ask(&door, port, files(other, Some("client.pem"), Some("client.key"))).await.unwrap_err();
        assert_eq!(
            error.reason,
            "the certificate of 127.0.0.1:PORT is refused: nobody this machine trusts has signed it"
        );
        assert!(error.help.contains("`ca-file:`"), "{error}");
    }
}

#[tokio::test]
async fn files_that_are_no_identity_say_what_is_wrong_with_them() {
    let door = door();
    std::fs::write(door.scratch.path().join("outside.pem"), "").unwrap();
    for (cert, key, reason) in [
        ("client.pem", Some("stranger.key"), "the key in \"stranger.key\" belongs to another certificate"),
        ("client.pem", Some("client-encrypted.key"), "the key in \"client-encrypted.key\" has a passphrase"),
        ("client.pem", None, "there is no private key in \"client.pem\""),
        ("client.key", Some("client.key"), "there is no certificate in it"),
        ("none.pem", Some("client.key"), "\"none.pem\" does not exist"),
        ("../outside.pem", None, "\"../outside.pem\" is outside the audit's root"),
        (".", None, "\".\" cannot be used: it is no file of certificates or keys"),
    ] {
        let error = ask(&door, 9, files(None, Some(cert), key)).await.unwrap_err();
        assert!(error.reason.contains(reason), "{cert}: {error}");
    }
    let error = ask(&door, 9, files(Some("key.der"), None, None)).await.unwrap_err();
    assert_eq!(error.reason, "the certificates in \"key.der\" cannot be used: there is no certificate in it");
}

/// Every byte that is kept of a run: its exchanges and its evidence.
fn everything_kept(door: &Door, witness: &countersign::witness::Witness) -> String {
    let mut kept = serde_json::to_string(&witness.exchanges()).unwrap();
    for entry in std::fs::read_dir(door.evidence()).unwrap() {
        kept.push_str(&String::from_utf8_lossy(&std::fs::read(entry.unwrap().path()).unwrap()));
    }
    kept
}

fn with_password(url: String) -> HttpRequest {
    let basic = Basic { user: "auditor".to_owned(), password: "${secret:PW}".to_owned() };
    HttpRequest { access: Access { basic: Some(basic), ..Access::default() }, ..HttpRequest::get(url) }
}

#[tokio::test]
async fn a_password_reaches_the_server_and_neither_it_nor_its_base64_anything_else() {
    use base64::Engine as _;
    let server = FaultServer::start().await;
    let door = door();
    let witness = door.witness();
    let token = base64::engine::general_purpose::STANDARD.encode(format!("auditor:{SECRET}"));
    // A server that gives back what it was sent, as it was sent: only a length of what it got can still be told.
    let answer = witness.http(with_password(server.url("/echo"))).await.unwrap();
    let echoed = String::from_utf8(answer.body).unwrap();
    assert!(echoed.to_ascii_lowercase().contains("authorization: [redacted]"), "{echoed}");
    // And one that checks it: it arrived.
    let answer = witness.http(with_password(server.url(&format!("/basic?{token}")))).await.unwrap();
    assert_eq!(answer.status, 200);
    let kept = everything_kept(&door, &witness).replace(&format!("/basic?{token}"), "");
    for hidden in ["horse", "battery", &token, &token[..12], &token[8..24]] {
        assert!(!kept.contains(hidden), "{hidden} in {kept}");
    }
    let line = repeat_line(&witness.exchanges()[0].question);
    assert!(line.starts_with("curl -sS -u auditor:\"$PW\" 'http://127.0.0.1:"), "{line}");
}

#[tokio::test]
async fn the_base64_of_a_password_is_known_wherever_it_stands() {
    let door = door();
    let witness = door.witness();
    let server = FaultServer::start().await;
    let answer = witness.http(with_password(server.url("/echo-base64"))).await.unwrap();
    assert_eq!(answer.body, b"you sent [REDACTED], did you not");
}

#[tokio::test]
async fn a_wrong_password_is_a_closed_door_and_the_help_names_what_is_asked_for() {
    let server = FaultServer::start().await;
    let door = door();
    let options = json!({"http": {"url": server.url("/basic?other"), "name": "api",
        "basic": {"user": "auditor", "password": "${secret:PW}"}}});
    let probe = Probe::decode("health-check", options).unwrap();
    let error = probe.measure(&door.witness()).await.unwrap_err();
    assert_eq!(error.reason, "api does not let us in: it answered 401");
    assert_eq!(
        error.help,
        "Give it a user and a password that it knows: `basic: {user: ..., password: \"${secret:NAME}\"}`."
    );
}

#[tokio::test]
async fn nothing_that_lets_us_in_follows_a_redirect_to_another_host() {
    let (first, second) = (FaultServer::start().await, FaultServer::start().await);
    let door = door();
    let witness = door.witness();
    let mut request = with_password(first.url(&format!("/redirect-to-port?{}", second.port())));
    request.headers = [("x-org", "${secret:PW}"), ("x-grafana-token", "abc"), ("x-keep", "1")]
        .map(|(name, value)| (name.to_owned(), value.to_owned()))
        .into();
    let echoed = String::from_utf8(witness.http(request).await.unwrap().body).unwrap();
    assert!(echoed.contains("x-keep: 1"), "{echoed}");
    for gone in ["authorization", "x-org", "x-grafana-token"] {
        assert!(!echoed.to_ascii_lowercase().contains(gone), "{echoed}");
    }
    let with_body = HttpRequest {
        method: "POST".to_owned(),
        body: Some("${secret:PW}".to_owned()),
        ..HttpRequest::get(first.url(&format!("/redirect-307-to-port?{}", second.port())))
    };
    let before = second.hits();
    let error = witness.http(with_body).await.unwrap_err();
    assert!(error.reason.ends_with("which the secret in the body is not for"), "{error}");
    assert_eq!(second.hits(), before);
}

#[tokio::test]
async fn every_kind_that_asks_over_http_takes_the_same_credentials() {
    let url = Canned::default().with("/", 200, "{}").serve().await.replace("http:", "https:");
    let server = json!({"url": url, "headers": {"X-Org": "1"}, "basic": {"user": "a", "password": "${secret:PW}"},
        "ca-file": "ca.pem", "client-cert": "client.pem", "client-key": "client.key"});
    let with = |more: serde_json::Value| {
        let mut all = server.as_object().unwrap().clone();
        all.extend(more.as_object().unwrap().clone());
        all
    };
    for (kind, options) in [
        ("service-uptime", json!({"prometheus": server})),
        ("service-uptime", json!({"docker": {"containers": ["a"], "host": server}})),
        ("service-uptime", json!({"http": {"services": [with(json!({"name": "a", "started": ".at"}))]}})),
        ("alert-count", json!({"prometheus": server})),
        ("alert-count", json!({"alertmanager": server})),
        ("health-check", json!({"http": server})),
        ("metric", json!({"prometheus": server, "query": "up"})),
        ("query", json!({"url": server, "jq": "."})),
        ("http", server.clone()),
    ] {
        let probe = Probe::decode(kind, options.clone()).unwrap();
        assert_eq!(probe.problems(), [], "{kind} {options}");
        assert_eq!(probe.options().unwrap(), options, "{kind}");
        let door = door();
        let witness = door.witness();
        let _cannot_look: Unmeasurable = probe.measure(&witness).await.unwrap_err();
        let asked = serde_json::to_value(&witness.exchanges()[0].question).unwrap();
        let access = json!({"basic": {"user": "a", "password": "${secret:PW}"},
            "tls": {"ca-file": "ca.pem", "client-cert": "client.pem", "client-key": "client.key"}});
        assert_eq!(asked["http"]["access"], access, "{kind} {options}");
    }
}

#[test]
fn credentials_that_contradict_each_other_are_problems_of_the_audit_file() {
    for (options, reason) in [
        (
            json!({"url": "http://h", "bearer": "${secret:T}", "basic": {"user": "a", "password": "${secret:P}"}}),
            "it is let in twice",
        ),
        (json!({"url": "http://h", "bearer": "${secret:T}", "headers": {"authorization": "x"}}), "it is let in twice"),
        (json!({"url": "https://h", "client-key": "k.pem"}), "`client-key` has no certificate to belong to"),
        (json!({"url": "http://h", "ca-file": "ca.pem"}), "certificates mean nothing without TLS"),
        (
            json!({"url": "http://h", "basic": {"user": "a:b", "password": "${secret:P}"}}),
            "a colon ends the user's name",
        ),
    ] {
        let problems = Probe::decode("http", options.clone()).unwrap().problems();
        assert_eq!(problems.iter().map(|(reason, _)| reason.as_str()).collect::<Vec<_>>(), [reason], "{options}");
    }
    assert!(Probe::decode("http", json!({"url": "http://h", "basic": {"user": "a"}})).is_err());
    assert!(Probe::decode("http", json!({"url": "http://h", "insecure": true})).is_err());
}

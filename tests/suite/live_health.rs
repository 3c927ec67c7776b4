//! Servers that say how they are, live: real ones that `fixtures/health/health up DIR` started.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::probe::registry::Probe;
use countersign::witness::{PerCheck, Secrets};
use serde_json::{Value as Json, json};

use crate::door::{Door, check};
use crate::fault_server::closed_port;

/// The first port, and where the certificates are.
struct Servers(u16, PathBuf);

/// The variables that `health env DIR` prints. Without them there is nothing to ask: said aloud, and a failure where the
/// caller wants it to be one.
fn servers() -> Option<Servers> {
    let variable = |name: &str| std::env::var(format!("COUNTERSIGN_HEALTH_{name}"));
    if let (Ok(port), Ok(certs)) = (variable("PORT"), variable("CERTS")) {
        return Some(Servers(port.parse().unwrap(), certs.into()));
    }
    assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "COUNTERSIGN_HEALTH_PORT is not set");
    // A skipped test that says nothing would look like one that passed.
    let said =
        "SKIPPED: COUNTERSIGN_HEALTH_PORT is not set; run `fixtures/health/health up DIR` and `eval` its `env`\n";
    std::io::stderr().write_all(said.as_bytes()).unwrap();
    None
}

impl Servers {
    fn https(&self, which: u16) -> String {
        format!("https://localhost:{}/", self.0 + which)
    }

    /// Measures with the certificates as the audit's root, then replays what was recorded: both must say the same.
    async fn measure(&self, kind: &str, options: Json) -> Result<Facts, Unmeasurable> {
        let door = Door::with(|live| {
            live.root = self.1.clone();
            live.secrets = Secrets::given(BTreeMap::from([
                ("PW".to_owned(), "correct horse".to_owned()),
                ("WRONG".to_owned(), "incorrect horse".to_owned()),
            ]));
        });
        let probe = Probe::decode(kind, options).unwrap();
        assert_eq!(probe.problems(), []);
        let live = door.witness();
        let seen = probe.measure(&live).await;
        let again = tempfile::tempdir().unwrap();
        let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
        assert_eq!(probe.measure(&replayed).await, seen, "a replay says the same");
        let kept = serde_json::to_string(&live.exchanges()).unwrap();
        assert!(!kept.contains("correct horse") && !kept.contains("PRIVATE KEY"), "{kept}");
        seen
    }

    async fn http(&self, more: Json) -> Result<Facts, Unmeasurable> {
        let mut options = json!({"ca-file": "authority.pem", "reads": "health-json"});
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.measure("health-check", json!({"http": options})).await
    }

    async fn grpc(&self, port: u16, more: Json) -> Result<Facts, Unmeasurable> {
        let scheme = if port == 7 { "https" } else { "http" };
        let mut options = json!({"url": format!("{scheme}://localhost:{}", self.0 + port)});
        options.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        self.measure("health-check", json!({"grpc": options})).await
    }
}

fn count(facts: &Facts, fact: &str) -> Option<u64> {
    match facts.get(fact) {
        Some(Value::Count(number)) => number.to_u64(),
        _ => None,
    }
}

fn counts(facts: &Facts) -> [Option<u64>; 3] {
    ["total", "passed", "failed"].map(|fact| count(facts, fact))
}

const PASSED: [Option<u64>; 3] = [Some(1), Some(1), Some(0)];
const FAILED: [Option<u64>; 3] = [Some(1), Some(0), Some(1)];
const UNKNOWN: [Option<u64>; 3] = [Some(1), None, None];

#[tokio::test]
async fn nginx_is_trusted_by_a_named_authority_and_every_other_certificate_says_why_not() {
    let Some(servers) = servers() else { return };
    assert_eq!(counts(&servers.http(json!({"url": servers.https(0)})).await.unwrap()), PASSED);
    for (which, why) in
        [(1, "it has expired"), (2, "nobody this machine trusts has signed it"), (3, "it is for another name")]
    {
        let error = servers.http(json!({"url": servers.https(which)})).await.unwrap_err();
        assert!(error.reason.ends_with(&format!("is refused: {why}")), "{error}");
    }
}

#[tokio::test]
async fn every_certificate_of_nginx_is_measured_and_the_trusted_ones_are_valid() {
    let Some(servers) = servers() else { return };
    for (which, why) in [
        (0, None),
        (1, Some("it has expired")),
        (2, Some("nobody this machine trusts has signed it")),
        (3, Some("it is for another name")),
        // It asks for a certificate of ours, after it has shown its own.
        (4, None),
    ] {
        let options = json!({"address": format!("localhost:{}", servers.0 + which), "ca-file": "authority.pem"});
        let facts = servers.measure("certificate", options).await.unwrap();
        assert_eq!(facts.get("valid"), Some(&Value::Flag(why.is_none())), "{which}");
        let notes = why.map(|why| format!("The certificate is not to be trusted: {why}."));
        assert_eq!(facts.notes, notes.into_iter().collect::<Vec<_>>());
        let Some(Value::Duration(left)) = facts.get("expires-in") else { panic!("{facts:?}") };
        assert_eq!(left.to_i64().unwrap() > 0, which != 1);
    }
}

#[tokio::test]
async fn nginx_asks_for_a_certificate_of_ours_and_knows_it_from_a_strangers() {
    let Some(servers) = servers() else { return };
    let ask = |cert: Option<&str>| {
        let mut options = json!({"url": servers.https(4), "ca-file": "authority.pem", "extract": ".you"});
        if let Some(cert) = cert {
            options["client-cert"] = format!("{cert}.pem").into();
            options["client-key"] = format!("{cert}.key").into();
        }
        options
    };
    let facts = servers.measure("http", ask(Some("client"))).await.unwrap();
    assert_eq!(facts.get("text"), Some(&Value::Text("CN=client".to_owned())));
    let health = |cert: Option<&str>| {
        let mut options = ask(cert);
        options.as_object_mut().unwrap().remove("extract");
        servers.measure("health-check", json!({"http": options}))
    };
    let error = health(None).await.unwrap_err();
    assert!(error.reason.ends_with("asks for a client certificate"), "{error}");
    let error = health(Some("stranger")).await.unwrap_err();
    assert!(error.reason.ends_with("refuses our client certificate"), "{error}");
}

#[tokio::test]
async fn nginx_lets_in_who_knows_the_password() {
    let Some(servers) = servers() else { return };
    let with = |secret: &str| {
        let basic = json!({"user": "auditor", "password": format!("${{secret:{secret}}}")});
        servers.http(json!({"url": servers.https(5), "basic": basic}))
    };
    assert_eq!(counts(&with("PW").await.unwrap()), PASSED);
    for error in [with("WRONG").await.unwrap_err(), servers.http(json!({"url": servers.https(5)})).await.unwrap_err()] {
        assert!(error.reason.ends_with("does not let us in: it answered 401"), "{error}");
        assert!(error.help.contains("`basic: {user:"), "{error}");
    }
}

#[tokio::test]
async fn a_grpc_server_says_how_each_of_its_services_is() {
    let Some(servers) = servers() else { return };
    for (service, expected) in [
        ("shop.v1.Cart", PASSED),
        ("shop.v1.Payment", FAILED),
        ("shop.v1.Search", UNKNOWN),
        ("shop.v1.Nobody", UNKNOWN),
    ] {
        assert_eq!(counts(&servers.grpc(6, json!({"service": service})).await.unwrap()), expected, "{service}");
    }
    assert_eq!(counts(&servers.grpc(6, json!({})).await.unwrap()), PASSED);
    assert_eq!(counts(&servers.grpc(7, json!({"ca-file": "authority.pem"})).await.unwrap()), PASSED);
    let error = servers.grpc(7, json!({})).await.unwrap_err();
    assert!(error.reason.ends_with("nobody this machine trusts has signed it"), "{error}");
}

#[tokio::test]
async fn what_is_no_grpc_server_is_not_looked_at() {
    let Some(servers) = servers() else { return };
    // nginx without HTTP/2, TLS where there is none, none where there is TLS, and nobody at all.
    for (url, reason) in [
        (servers.https(0), "does not speak HTTP/2, as gRPC does"),
        (format!("https://localhost:{}", servers.0 + 6), "does not speak TLS"),
        (format!("http://127.0.0.1:{}", closed_port().await), "refused the connection"),
    ] {
        let options = json!({"grpc": {"url": url, "name": "shop", "ca-file": "authority.pem"}});
        let mut options = options;
        if url.starts_with("http:") {
            options["grpc"].as_object_mut().unwrap().remove("ca-file");
        }
        let error = servers.measure("health-check", options).await.unwrap_err();
        assert!(error.reason.starts_with("shop: ") && error.reason.ends_with(reason), "{url}: {error}");
    }
}

#[tokio::test]
async fn a_database_is_pinged_with_a_command_and_one_that_is_down_has_failed() {
    let Some(servers) = servers() else { return };
    let psql = |port: u16, sql: &str| {
        json!(["psql", "-h", "127.0.0.1", "-p", port.to_string(), "-U", "auditor", "-d", "postgres", "-tAc", sql])
    };
    let ping = |port: u16| {
        servers.measure("health-check", json!({"command": {"run": psql(port, "select 1"), "reads": "exit"}}))
    };
    assert_eq!(counts(&ping(servers.0 + 8).await.unwrap()), PASSED);
    let gone = closed_port().await;
    assert_eq!(counts(&ping(gone).await.unwrap()), FAILED);
    // A number out of it: exact, and none when the server is down.
    let query = |port: u16| {
        let run = psql(port, "select json_build_object('n', 9007199254740993)");
        servers.measure("query", json!({"command": run, "jq": ".n"}))
    };
    let facts = query(servers.0 + 8).await.unwrap();
    assert_eq!(facts.get("value"), Some(&Value::Number(9_007_199_254_740_993_u64.into())));
    assert!(query(gone).await.is_err());
    let rows = "select json_build_object('passed', count(*) filter (where ok), 'failed', count(*) filter (where not ok)) \
                from (values (true), (true), (false)) as checks(ok)";
    let run = psql(servers.0 + 8, rows);
    let facts = servers.measure("health-check", json!({"command": {"run": run, "reads": "json"}})).await.unwrap();
    assert_eq!(counts(&facts), [Some(3), Some(2), Some(1)]);
    assert!(matches!(facts.facts["checks"], Fact::Absent(_)));
}

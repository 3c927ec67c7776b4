//! Feature flags from real servers that `fixtures/flags/flags up DIR` started: Unleash, and an OFREP server of ours.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::collections::BTreeMap;
use std::io::Write as _;

use countersign::model::fact::{Facts, Unmeasurable, Value};
use countersign::witness::Secrets;
use serde_json::{Value as Json, json};

use crate::door::Door;
use crate::probe_servers::{absent, count, measure};

const VARIABLES: [&str; 5] = ["UNLEASH", "UNLEASH_ADMIN", "UNLEASH_BACKEND", "OFREP", "OFREP_TOKEN"];

/// Where the servers are and what lets us in.
struct Servers(BTreeMap<&'static str, String>);

impl Servers {
    /// What `flags env DIR` prints. Without it there is nothing to ask: said aloud, and a failure where the caller wants it
    /// to be one.
    fn there() -> Option<Self> {
        let mut found = BTreeMap::new();
        for name in VARIABLES {
            let variable = format!("COUNTERSIGN_FLAGS_{name}");
            let Ok(value) = std::env::var(&variable) else {
                assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "{variable} is not set");
                // A skipped test that says nothing would look like one that passed.
                let said =
                    format!("SKIPPED: {variable} is not set; run `fixtures/flags/flags up DIR` and `eval` its `env`\n");
                std::io::stderr().write_all(said.as_bytes()).expect("stderr");
                return None;
            };
            found.insert(name, value);
        }
        Some(Self(found))
    }

    /// Measures, and replays; the tokens are secrets as they would be in an audit file.
    async fn measure(&self, options: Json) -> Result<Facts, Unmeasurable> {
        let secrets = self.0.iter().map(|(name, value)| ((*name).to_owned(), value.clone())).collect();
        let door = Door::with(|options| options.secrets = Secrets::given(secrets));
        measure(&door, "flag-count", options).await
    }

    fn unleash(&self, token: &str) -> Json {
        json!({"url": self.0["UNLEASH"], "bearer": format!("${{secret:{token}}}")})
    }

    fn ofrep(&self, path: &str) -> Json {
        json!({"url": format!("{}{path}", self.0["OFREP"]), "bearer": "${secret:OFREP_TOKEN}"})
    }
}

#[tokio::test]
async fn a_real_unleash_counts_the_same_over_both_apis() {
    let Some(servers) = Servers::there() else { return };
    let policy = json!(["maintenance-mode", "emergency-stop"]);
    for options in [
        json!({"unleash": servers.unleash("UNLEASH_BACKEND"), "environment": "production", "must-be-off": policy}),
        json!({"unleash": servers.unleash("UNLEASH_ADMIN"), "api": "admin", "environment": "production",
               "project": "default", "must-be-off": policy}),
        json!({"unleash": servers.unleash("UNLEASH_ADMIN"), "api": "admin", "environment": "production",
               "must-be-off": policy}),
    ] {
        let facts = servers.measure(options).await.unwrap();
        let counts = ["total", "enabled", "disabled", "staged", "stale"].map(|fact| count(&facts, fact));
        assert_eq!(counts, [12, 4, 8, 6, 1]);
        assert_eq!(count(&facts, "forbidden-on"), 1, "a rollout to a quarter is not off");
    }
}

#[tokio::test]
async fn a_real_unleash_has_each_flag_per_environment_and_no_archived_ones() {
    let Some(servers) = Servers::there() else { return };
    let options = |environment: &str| {
        json!({"unleash": servers.unleash("UNLEASH_ADMIN"), "api": "admin", "environment": environment,
               "must-be-off": ["archived"]})
    };
    let facts = servers.measure(options("development")).await.unwrap();
    assert_eq!(facts.get("on"), Some(&Value::List(vec!["on-everywhere".to_owned()])));
    assert_eq!(absent(&facts, "forbidden-on"), "there is no flag \"archived\"");
    let reason = servers.measure(options("staging")).await.unwrap_err().reason;
    assert!(reason.starts_with("no flag has the environment \"staging\""), "{reason}");
}

#[tokio::test]
async fn a_real_unleash_that_does_not_let_us_in_or_mixes_environments_is_no_answer() {
    let Some(servers) = Servers::there() else { return };
    let nobody = json!(servers.0["UNLEASH"]);
    for (options, why) in [
        (json!({"unleash": nobody}), "Unleash does not let us in: it answered 401"),
        (
            json!({"unleash": nobody, "api": "admin", "environment": "production"}),
            "Unleash does not let us in: it answered 401",
        ),
        (
            json!({"unleash": servers.unleash("UNLEASH_BACKEND"), "api": "admin", "environment": "production"}),
            "Unleash does not let us in: it answered 403",
        ),
        (
            json!({"unleash": servers.unleash("UNLEASH_ADMIN")}),
            "Unleash answers for no one environment: the token is for all of them",
        ),
        (
            json!({"unleash": servers.unleash("UNLEASH_BACKEND"), "environment": "development"}),
            "Unleash answers for the environment \"production\", not for \"development\"",
        ),
        (
            json!({"unleash": servers.unleash("UNLEASH_BACKEND"), "project": "nosuch"}),
            "Unleash lists no flag of the project \"nosuch\"",
        ),
        (
            json!({"unleash": servers.unleash("UNLEASH_ADMIN"), "api": "admin", "environment": "production",
                   "project": "nosuch"}),
            "Unleash lists no flag of the project \"nosuch\"",
        ),
    ] {
        let reason = servers.measure(options.clone()).await.unwrap_err().reason;
        assert!(reason.starts_with(why), "{options}: {reason}");
    }
    // Its pages for people are 200 as well.
    let page = json!({"url": format!("{}/login", servers.0["UNLEASH"])});
    let reason = servers.measure(page).await.unwrap_err().reason;
    assert!(reason.contains("it answered 200 with HTML"), "{reason}");
}

#[tokio::test]
async fn an_ofrep_server_evaluates_for_the_context_that_is_given() {
    let Some(servers) = Servers::there() else { return };
    let policy = json!(["dark", "disabled"]);
    let facts = servers.measure(json!({"ofrep": servers.ofrep(""), "must-be-off": policy})).await.unwrap();
    assert_eq!(["total", "enabled", "disabled", "forbidden-on"].map(|fact| count(&facts, fact)), [7, 1, 4, 0]);
    let staff = json!({"ofrep": servers.ofrep(""), "context": {"email": "a@example.com"}, "must-be-off": ["staff"]});
    let facts = servers.measure(staff).await.unwrap();
    assert_eq!(["enabled", "forbidden-on"].map(|fact| count(&facts, fact)), [2, 1]);
    let facts = servers.measure(json!({"ofrep": servers.ofrep("/older")})).await.unwrap();
    assert_eq!(count(&facts, "total"), 6, "older servers leave disabled flags out");
    let facts = servers.measure(json!({"ofrep": servers.ofrep("/broken")})).await.unwrap();
    assert!(absent(&facts, "enabled").starts_with("\"broken\" could not be evaluated"));
    for (options, why) in [
        (json!({"ofrep": servers.0["OFREP"]}), "the OFREP server does not let us in: it answered 401"),
        (json!({"ofrep": servers.ofrep("/busy")}), "the OFREP server answered 429: it was asked too often"),
        (json!({"ofrep": servers.ofrep("/nosuch")}), "the OFREP server answered 404"),
    ] {
        let reason = servers.measure(options).await.unwrap_err().reason;
        assert!(reason.starts_with(why), "{reason}");
    }
}

//! Metrics and alerts of a running Prometheus and Alertmanager, those that `fixtures/stack/stack up DIR` started.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::io::Write as _;

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::model::number::Number;
use countersign::probe::registry::Probe;
use countersign::witness::PerCheck;
use serde_json::{Value as Json, json};

use crate::door::{Door, check};

/// Where a server of the stack is. Without it there is nothing to ask: said aloud, and a failure where the caller wants it
/// to be one.
fn server(name: &str) -> Option<String> {
    let name = format!("COUNTERSIGN_STACK_{name}");
    let found = std::env::var(&name).ok();
    if found.is_none() {
        assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "{name} is not set");
        let said = format!("SKIPPED: {name} is not set; run `fixtures/stack/stack up DIR` and `eval` its `env`\n");
        std::io::stderr().write_all(said.as_bytes()).expect("stderr");
    }
    found
}

/// Measures, then replays what was recorded; both must say the same.
async fn measure(kind: &str, options: Json) -> Result<Facts, Unmeasurable> {
    let door = Door::open();
    let probe = Probe::decode(kind, options).unwrap();
    assert_eq!(probe.problems(), [], "the options are right");
    let live = door.witness();
    let seen = probe.measure(&live).await;
    let again = tempfile::tempdir().unwrap();
    let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
    assert_eq!(probe.measure(&replayed).await, seen, "a replay says the same");
    seen
}

fn number(facts: &Facts, fact: &str) -> Number {
    facts.get(fact).and_then(Value::quantity).unwrap_or_else(|| panic!("{fact}: {:?}", facts.facts.get(fact))).0
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match facts.facts.get(fact) {
        Some(Fact::Absent(reason)) => reason,
        other => panic!("{fact} is {other:?}"),
    }
}

#[tokio::test]
async fn a_noisy_figure_is_asked_for_several_times() {
    let Some(url) = server("PROMETHEUS") else { return };
    let options = json!({"prometheus": url, "query": "time()", "samples": 3, "every": "1s", "aggregate": "max"});
    let facts = measure("metric", options).await.unwrap();
    assert_eq!(number(&facts, "samples"), Number::from(3));
    assert_eq!(number(&facts, "value"), number(&facts, "last"));
    let spread = number(&facts, "spread");
    assert!(spread >= Number::from(2) && spread < Number::from(30), "two pauses of a second: {spread}");
    assert!(matches!(facts.get("readings"), Some(Value::Table(table)) if table.rows.len() == 3));
}

#[tokio::test]
async fn what_must_have_held_for_a_while_is_judged_over_the_whole_of_it() {
    let Some(url) = server("PROMETHEUS") else { return };
    // Asked of a constant, which is there at every step, whenever the server was started.
    let options = |query: &str| json!({"prometheus": url, "query": query, "for": "1m", "step": "15s"});
    let facts = measure("metric", options("vector(3)")).await.unwrap();
    assert_eq!((number(&facts, "max"), number(&facts, "samples")), (Number::from(3), Number::from(5)));
    assert!(absent(&facts, "value").starts_with("with `for:` every sample counts"));
    // This one began half a minute ago, whatever the time.
    let end = number(&measure("metric", json!({"prometheus": url, "query": "time()"})).await.unwrap(), "value").floor();
    let young = format!("vector(1) and (vector(time()) > {})", end - Number::from(30));
    let facts = measure("metric", options(&young)).await.unwrap();
    assert!(absent(&facts, "max").starts_with("the series is not there for the whole 1m: "), "{facts:?}");
    let facts = measure("metric", options("nosuch_metric")).await.unwrap();
    assert_eq!(absent(&facts, "max"), "the query yields no sample");
}

#[tokio::test]
async fn nan_infinity_nothing_and_several_are_no_value() {
    let Some(url) = server("PROMETHEUS") else { return };
    let asked = async |query: &str| measure("metric", json!({"prometheus": url, "query": query})).await.unwrap();
    assert_eq!(absent(&asked("0/0").await, "value"), "the sample is NaN");
    assert_eq!(absent(&asked("1/0").await, "value"), "the sample is +Inf");
    assert_eq!(absent(&asked("-1/0").await, "max"), "the sample is -Inf");
    assert_eq!(absent(&asked("nosuch_metric").await, "value"), "the query yields no sample");
    assert!(absent(&asked("up").await, "value").starts_with("3 series; reduce them"));
    assert_eq!(number(&asked("up").await, "min"), Number::one());
    assert_eq!(absent(&asked("\"words\"").await, "value"), "the query yields a text and no number");
    assert_eq!(number(&asked("scalar(vector(4.8e+01))").await, "value"), Number::from(48));
    let problem = measure("metric", json!({"prometheus": url, "query": "up +"})).await.unwrap_err();
    assert!(problem.reason.contains("refuses the query \"up +\": invalid parameter"), "{}", problem.reason);
}

#[tokio::test]
async fn a_sample_that_is_too_old_is_no_data() {
    let Some(url) = server("PROMETHEUS") else { return };
    let options = |limit: &str| json!({"prometheus": url, "query": "up{job=\"node\"}", "max-age": limit});
    let facts = measure("metric", options("1m")).await.unwrap();
    assert_eq!(number(&facts, "value"), Number::one());
    assert!(number(&facts, "age") < Number::from(60));
    let facts = measure("metric", json!({"prometheus": url, "query": "up", "max-age": "1m", "aggregate": "sum"})).await;
    assert_eq!(number(&facts.unwrap(), "value"), Number::from(3));
}

#[tokio::test]
async fn rules_are_counted_group_by_group() {
    let Some(url) = server("PROMETHEUS") else { return };
    let facts = measure("alert-count", json!({"prometheus": url})).await.unwrap();
    let counts = ["rules", "recording-rules", "unhealthy"].map(|fact| number(&facts, fact).to_u64().unwrap());
    assert_eq!(counts, [13, 1, 0]);
    assert!(number(&facts, "groups") > Number::one());
}

#[tokio::test]
async fn what_is_no_alertmanager_is_named_so() {
    let (Some(prometheus), Some(alertmanager)) = (server("PROMETHEUS"), server("ALERTMANAGER")) else { return };
    let facts = measure("alert-count", json!({"alertmanager": alertmanager})).await.unwrap();
    assert!(facts.get("firing").is_some() && facts.get("silenced").is_some());
    let problem = measure("alert-count", json!({"alertmanager": prometheus})).await.unwrap_err();
    assert!(problem.reason.contains("answered 404"), "{}", problem.reason);
    for kind in ["grafana", "grafana-provisioning"] {
        let problem = measure("alert-count", json!({ kind: alertmanager })).await.unwrap_err();
        assert!(problem.reason.contains("answered 404"), "{}", problem.reason);
    }
}

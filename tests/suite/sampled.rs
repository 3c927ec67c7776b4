//! Samples of what another kind finds: live, and again from what was seen.

use std::fs;
use std::time::Duration;

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::probe::Kind;
use countersign::probe::clock::Clock;
use countersign::probe::sampled::Sampled;
use countersign::witness::PerCheck;
use serde_json::json;

use crate::door::{Door, check};

async fn measured<K: Kind>(door: &Door, options: serde_json::Value) -> Result<Facts, Unmeasurable> {
    let probe: K = serde_json::from_value(options).unwrap();
    assert_eq!(probe.problems(), Vec::new());
    let witness = door.witness();
    let live = probe.measure(&witness).await;
    let again = tempfile::tempdir().unwrap();
    let session = door.replay(&witness, again.path());
    let replayed = probe.measure(&session.witness(&check("one"), PerCheck::default())).await;
    assert_eq!(replayed, live, "a replay takes the same samples, without waiting");
    live
}

fn figure(door: &Door, text: &str) {
    fs::create_dir_all(door.root()).unwrap();
    fs::write(door.root().join("figure"), text).unwrap();
}

fn options(when: &str, more: &[(&str, serde_json::Value)]) -> serde_json::Value {
    let of = json!({"command": {"run": ["cat", "figure"], "extract": "(?P<value>[0-9.]+)"}});
    let mut options = json!({"of": of, "fact": "value", "when": when, "every": "1s"});
    for (key, value) in more {
        options[key] = value.clone();
    }
    options
}

fn number(facts: &Facts, fact: &str) -> u64 {
    facts
        .get(fact)
        .and_then(Value::quantity)
        .and_then(|(number, _)| number.to_u64())
        .unwrap_or_else(|| panic!("{fact}: {facts:?}"))
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match facts.facts.get(fact) {
        Some(Fact::Absent(reason)) => reason,
        other => panic!("{fact} is {other:?}"),
    }
}

#[tokio::test]
async fn it_is_looked_at_for_as_long_as_the_condition_asks() {
    let door = Door::open();
    figure(&door, "3");
    let facts = measured::<Sampled>(&door, options("> 1 for 2s", &[])).await.unwrap();
    assert_eq!(facts.get("met"), Some(&Value::Flag(true)));
    assert!((2..60).contains(&number(&facts, "held")), "{facts:?}");
    let facts = measured::<Sampled>(&door, options("> 1 3 times in a row", &[])).await.unwrap();
    assert_eq!((facts.get("met"), number(&facts, "in-a-row")), (Some(&Value::Flag(true)), 3));
    let facts = measured::<Sampled>(&door, options("> 5 in 2 of 3 samples", &[])).await.unwrap();
    assert_eq!((facts.get("met"), number(&facts, "samples")), (Some(&Value::Flag(false)), 3));
}

#[tokio::test]
async fn a_condition_that_counts_samples_gets_them_however_long_each_takes() {
    let door = Door::open();
    figure(&door, "3");
    let of = json!({"command": {"run": ["sh", "-c", "sleep 1.2; cat figure"], "extract": "(?P<value>[0-9.]+)"}});
    let facts = measured::<Sampled>(&door, options("> 1 3 times in a row", &[("of", of)])).await.unwrap();
    assert_eq!((facts.get("met"), number(&facts, "in-a-row")), (Some(&Value::Flag(true)), 3));
}

#[tokio::test]
async fn what_was_not_seen_for_long_enough_is_no_data() {
    let door = Door::open();
    figure(&door, "3");
    let facts = measured::<Sampled>(&door, options("> 1 for 1h", &[("lasting", json!("0s"))])).await.unwrap();
    assert!(absent(&facts, "met").contains("it has been seen to hold for 0 s of 1 h"), "{facts:?}");
    let facts = measured::<Sampled>(&door, options("> 5 for 1h", &[("lasting", json!("0s"))])).await.unwrap();
    assert_eq!(facts.get("met"), Some(&Value::Flag(false)), "what does not hold now has not held for an hour");
}

#[tokio::test]
async fn it_stops_once_it_is_met() {
    let door = Door::open();
    figure(&door, "3");
    let more = [("lasting", json!("10m")), ("until-met", json!(true))];
    let facts = measured::<Sampled>(&door, options("> 1 2 times in a row", &more)).await.unwrap();
    assert_eq!((facts.get("met"), number(&facts, "samples")), (Some(&Value::Flag(true)), 2));
}

#[tokio::test]
async fn a_sample_that_cannot_be_taken_is_counted_and_is_none() {
    let door = Door::open();
    figure(&door, "3");
    let gone = door.root().join("figure");
    let later = tokio::spawn(async move {
        tokio::time::sleep(Duration::from_millis(1500)).await;
        fs::remove_file(gone).unwrap();
    });
    let facts = measured::<Sampled>(&door, options("> 1 for 6s", &[])).await.unwrap();
    later.await.unwrap();
    assert!(number(&facts, "missing") >= 2, "{facts:?}");
    for fact in ["met", "held", "in-a-row"] {
        assert!(absent(&facts, fact).starts_with("the newest sample could not be taken"), "{fact}: {facts:?}");
    }
}

#[tokio::test]
async fn where_no_sample_could_be_taken_it_is_not_known_that_it_never_held() {
    let door = Door::open();
    for when in ["> 5 2 times in a row", "> 5 in 1 of 2 samples", "> 5 for 1s"] {
        let facts = measured::<Sampled>(&door, options(when, &[])).await.unwrap();
        for fact in ["met", "held", "in-a-row"] {
            absent(&facts, fact);
        }
        assert_eq!(number(&facts, "missing"), number(&facts, "samples"), "{when}: {facts:?}");
    }
}

#[tokio::test]
async fn one_look_that_fails_fails_as_its_kind_does() {
    let door = Door::open();
    let options = json!({"of": {"http": {"url": "http://127.0.0.1:1/"}}, "fact": "status", "when": "== 200"});
    let problem = measured::<Sampled>(&door, options).await.unwrap_err();
    assert!(problem.reason.contains("127.0.0.1"), "{problem:?}");
}

#[test]
fn options_that_cannot_be_meant_are_told() {
    let of = json!({"http": {"url": "http://127.0.0.1:1/"}});
    let cases = [
        (json!({"of": of, "fact": "sttus", "when": "== 200"}), "does not find \"sttus\""),
        (json!({"of": of, "fact": "status", "when": "== fine"}), "fine"),
        (json!({"of": of, "fact": "status", "when": "<= baseline + 5%"}), "baseline"),
        (json!({"of": of, "fact": "status", "when": "== 200", "every": "0s"}), "\"0s\""),
        (json!({"of": of, "fact": "status", "when": "== 200", "lasting": "90d", "every": "1s"}), "20000 samples"),
        (json!({"of": {"tcp": {"address": "nowhere"}}, "fact": "reachable", "when": "true"}), "has no port"),
        (
            json!({"of": {"sampled": {"of": of, "fact": "status", "when": "== 200"}}, "fact": "met", "when": "true"}),
            "samples cannot be taken of samples",
        ),
    ];
    for (options, message) in cases {
        let probe: Sampled = serde_json::from_value(options.clone()).unwrap();
        let problems = probe.problems();
        assert!(
            problems.iter().any(|(problem, help)| format!("{problem} {help}").contains(message)),
            "{options}: {problems:?}"
        );
    }
    for (options, message) in [
        (json!({"of": {}, "fact": "a", "when": "true"}), "no kind is named"),
        (json!({"of": {"htp": {}}, "fact": "a", "when": "true"}), "\"htp\" is not a kind"),
        (
            json!({"of": {"tcp": {"address": "h:1"}, "http": {"url": "h"}}, "fact": "a", "when": "true"}),
            "one thing is looked at",
        ),
    ] {
        let problem = serde_json::from_value::<Sampled>(options).unwrap_err();
        assert!(problem.to_string().contains(message), "{problem}");
    }
}

#[tokio::test]
async fn a_clock_tells_how_long_ago_a_moment_was() {
    let door = Door::open();
    let facts = measured::<Clock>(&door, json!({"moment": "2025-01-01T00:00Z"})).await.unwrap();
    assert!(number(&facts, "since") > 31_536_000);
    assert!(matches!(&facts.facts["until"], Fact::Absent(why) if why.starts_with("it has come")), "{facts:?}");
    assert_eq!(facts.get("has-come"), Some(&Value::Flag(true)));
    let facts = measured::<Clock>(&door, json!({"moment": "2999-01-01"})).await.unwrap();
    assert_eq!(facts.facts["since"], Fact::Absent("it is still to come".to_owned()));
    assert_eq!(facts.get("has-come"), Some(&Value::Flag(false)));
    assert!(number(&facts, "until") > 31_536_000);
    let probe: Clock = serde_json::from_value(json!({"moment": "2025-01-01T00:00"})).unwrap();
    assert!(probe.problems()[0].0.contains("no zone"), "{:?}", probe.problems());
}

//! Kinds that read the reports of other tools, through a live door and again from what was recorded.

use std::time::{Duration, SystemTime};

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::probe::registry::{self, Probe};
use countersign::witness::PerCheck;
use serde_json::{Value as Json, json};

use crate::door::{Door, check};
use crate::support::repository;

/// Measures, then replays what was recorded; both must say the same.
async fn measure(door: &Door, kind: &str, options: Json) -> Result<Facts, Unmeasurable> {
    let probe = Probe::decode(kind, options).unwrap();
    assert_eq!(probe.problems(), [], "the options are right");
    let live = door.witness();
    let seen = probe.measure(&live).await;
    let again = tempfile::tempdir().unwrap();
    let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
    assert_eq!(probe.measure(&replayed).await, seen, "a replay says the same");
    seen
}

fn put_fixture(door: &Door, fixture: &str, name: &str) {
    let content = std::fs::read(repository().join("fixtures/kinds").join(fixture)).unwrap();
    std::fs::write(door.root().join(name), content).unwrap();
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match facts.facts.get(fact) {
        Some(Fact::Absent(reason)) => reason,
        other => panic!("{fact} is {other:?}"),
    }
}

#[tokio::test]
async fn two_runs_are_one_coverage_whatever_the_format() {
    let door = Door::open();
    for name in ["coveragepy-a.lcov", "coveragepy-b.lcov", "coveragepy-a.xml", "coveragepy-b.xml"] {
        put_fixture(&door, &format!("coverage/{name}"), name);
    }
    let facts =
        measure(&door, "coverage", json!({"lcov": ["*.lcov", "coveragepy-a.*ov"], "same-tree": true})).await.unwrap();
    assert_eq!(facts.get("line-rate"), Value::fraction(7, 8).as_ref());
    assert_eq!(facts.get("branch-rate"), Value::fraction(3, 4).as_ref());
    assert!(facts.get("age").is_some());
    let facts = measure(&door, "coverage", json!({"cobertura": "*.xml"})).await.unwrap();
    assert_eq!(facts.get("line-rate"), Value::fraction(7, 8).as_ref());
    assert!(absent(&facts, "branch-rate").ends_with("cannot be put together"));
}

#[tokio::test]
async fn each_glob_of_reports_must_match_a_file_and_the_options_say_so() {
    let door = Door::open();
    std::fs::write(door.root().join("one.report"), "").unwrap();
    for kind in ["coverage", "vulnerability-count"] {
        let row = registry::find(kind).unwrap();
        let schema = serde_json::to_value((row.schema)(&mut schemars::SchemaGenerator::default())).unwrap();
        for source in row.sources {
            let said = schema["properties"][*source]["description"].as_str().unwrap().replace('\n', " ");
            assert!(said.contains("a glob, or a list of globs, each of which must match a file"), "{source}: {said}");
            let facts = measure(&door, kind, json!({*source: ["one.report", "other.*"]})).await.unwrap();
            for fact in facts.facts.keys().filter(|fact| *fact != "elapsed") {
                assert_eq!(absent(&facts, fact), "no file matches \"other.*\"", "{source}: {fact}");
            }
        }
    }
}

#[tokio::test]
async fn coverage_that_is_not_there_or_too_old_is_no_data_and_half_a_report_is_no_answer() {
    let door = Door::open();
    let options = || json!({"lcov": "*.info", "newer-than": "1h"});
    let facts = measure(&door, "coverage", options()).await.unwrap();
    assert_eq!(absent(&facts, "line-rate"), "no file matches \"*.info\"");
    put_fixture(&door, "coverage/nyc.lcov", "a.info");
    assert!(measure(&door, "coverage", options()).await.unwrap().get("line-rate").is_some());
    let file = std::fs::File::options().write(true).open(door.root().join("a.info")).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(1_700_000_000)).unwrap();
    let facts = measure(&door, "coverage", options()).await.unwrap();
    assert_eq!(absent(&facts, "lines"), "\"a.info\" was written at 2023-11-14T22:13:20Z, which is older than 1h");
    std::fs::write(door.root().join("a.info"), "SF:a\nDA:1,1\n").unwrap();
    let problem = measure(&door, "coverage", options()).await.unwrap_err();
    assert_eq!(problem.reason, "\"a.info\": it stops in the middle: a record has no end");
}

#[tokio::test]
async fn vulnerabilities_are_counted_and_a_list_of_components_is_no_scan() {
    let door = Door::open();
    put_fixture(&door, "vulnerability-count/made-up-cyclonedx.json", "scanned.json");
    put_fixture(&door, "vulnerability-count/cyclonedx-py.json", "bom.json");
    put_fixture(&door, "vulnerability-count/bandit.sarif", "bandit.sarif");
    let count = |facts: &Facts, fact: &str| facts.get(fact).and_then(Value::quantity).map(|(n, _)| n.to_u64().unwrap());
    let unrated = measure(&door, "vulnerability-count", json!({"cyclonedx": "scanned.json"})).await.unwrap();
    assert_eq!(["critical", "unknown"].map(|fact| count(&unrated, fact)), [None, Some(1)], "it may be critical");
    let known = json!({"cyclonedx": "scanned.json", "unknown": "ignore"});
    let facts = measure(&door, "vulnerability-count", known).await.unwrap();
    assert_eq!(["total", "critical", "suppressed"].map(|fact| count(&facts, fact)), [Some(5), Some(2), Some(1)]);
    let facts = measure(&door, "vulnerability-count", json!({"cyclonedx": "*.json"})).await.unwrap();
    assert!(absent(&facts, "critical").contains("nothing says that it was scanned"));
    assert_eq!(count(&facts, "components"), Some(4));
    let facts = measure(&door, "vulnerability-count", json!({"sarif": "*.sarif"})).await.unwrap();
    assert_eq!(["total", "error-level", "unknown"].map(|fact| count(&facts, fact)), [Some(3), Some(2), Some(3)]);
    let facts = measure(&door, "vulnerability-count", json!({"sarif": ["*.sarif", "deep.json"]})).await.unwrap();
    assert_eq!(absent(&facts, "total"), "no file matches \"deep.json\"");
    let problem = measure(&door, "vulnerability-count", json!({"osv": "bom.json"})).await.unwrap_err();
    assert_eq!(problem.reason, "\"bom.json\": it has no `results`: it is no report of OSV-Scanner");
}

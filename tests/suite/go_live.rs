//! The example audit: replayed from its committed bundle, its claims come out as the example's figures say.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::fs;

use crate::bundles::files;
use crate::support::{countersign, ran, repository};

fn committed() -> serde_json::Value {
    let bytes = fs::read(repository().join("fixtures/bundles/go-live/record.json")).expect("the committed bundle");
    serde_json::from_slice(&bytes).expect("JSON")
}

fn replays_to_the_committed_bytes(audit: &str, bundle: &str, exit: i32) {
    let place = tempfile::tempdir().expect("a scratch folder");
    let bundle = repository().join("fixtures/bundles").join(bundle);
    let rewrite = std::env::var_os("UPDATE_GOLDEN").is_some();
    let to = if rewrite { bundle.clone() } else { place.path().join("replayed") };
    let mut command = countersign();
    command.arg("run").arg(repository().join("checks").join(audit)).arg("--replay").arg(&bundle).arg("--to").arg(&to);
    let ran = ran(&mut command);
    assert_eq!(ran.code, exit, "{}{}", ran.stdout, ran.stderr);
    let (expected, actual) = (files(&bundle), files(&to));
    assert_eq!(expected.keys().collect::<Vec<_>>(), actual.keys().collect::<Vec<_>>());
    for (name, bytes) in &expected {
        assert!(
            actual.get(name) == Some(bytes),
            "{name} differs from the committed one; UPDATE_GOLDEN=1 cargo test rewrites it"
        );
    }
}

#[test]
fn the_example_replays_to_its_committed_bytes_and_is_approved_with_conditions() {
    replays_to_the_committed_bytes("go-live", "go-live", 1);
}

#[test]
fn the_recorded_stack_replays_to_its_committed_bytes_and_is_approved() {
    replays_to_the_committed_bytes("stack", "stack", 0);
}

/// Check, fact and result of every claim, as `area/check fact: result`.
fn claims(record: &serde_json::Value) -> Vec<String> {
    let mut lines = Vec::new();
    let audit = record["audit"]["checks"].as_array().expect("checks");
    let results = record["judgement"]["checks"].as_array().expect("results");
    for (check, result) in audit.iter().zip(results) {
        for claim in result["claims"].as_array().into_iter().flatten() {
            let index = usize::try_from(claim["claim"].as_u64().expect("an index")).expect("small");
            let fact = check["claims"][index]["fact"].as_str().expect("a fact");
            let status = claim["status"].as_str().expect("a status");
            lines.push(format!("{} {fact}: {status}", check["id"].as_str().expect("an id")));
        }
    }
    lines
}

#[test]
fn each_claim_of_the_example_comes_out_as_its_figures_say() {
    let claims = claims(&committed());
    for expected in [
        "monitoring/services-up min-uptime: progressed",
        "monitoring/alert-rules rules: exact",
        "monitoring/no-critical-alerts firing: exact",
        "monitoring/memory-metric value: rounds",
        "monitoring/cpu-series value: exact",
        "validation/full-suite passed: exact",
        "validation/full-suite total: exact",
        "validation/full-suite pass-rate: exact",
        "validation/integration-points passed: unverified",
        "validation/integration-points total: unverified",
        "validation/integration-points pass-rate: unverified",
        "validation/integration-points suites: unverified",
        "validation/coverage value: exact",
        "validation/health-checks passed: exact",
        "validation/health-checks total: exact",
        "deployment/feature-flags total: exact",
        "deployment/feature-flags enabled: exact",
        "deployment/feature-flags staged: exact",
    ] {
        assert!(claims.iter().any(|claim| claim == expected), "no {expected:?} in {claims:#?}");
    }
    assert!(!claims.iter().any(|claim| claim.ends_with("stated") || claim.ends_with("refuted")), "{claims:#?}");
}

#[test]
fn a_spot_check_of_123_never_validates_338() {
    let record = committed();
    let results = record["judgement"]["checks"].as_array().expect("results");
    let spot = results.iter().find(|result| result["check"] == "validation/integration-points").expect("it is there");
    assert_eq!((spot["sample"]["measured"].as_u64(), spot["sample"]["of"].as_u64()), (Some(123), Some(338)));
    assert_eq!(spot["sample"]["lowerBound"], serde_json::Value::Null, "a chosen sample supports no rate");
}

#[test]
fn operations_score_seven_and_a_half_with_the_arithmetic_shown() {
    let record = committed();
    let areas = record["judgement"]["areas"].as_array().expect("areas");
    let operations = areas.iter().find(|area| area["area"] == "operations").expect("it is there");
    assert_eq!(operations["score"], "7.5");
    let arithmetic = operations["arithmetic"].as_str().expect("text");
    assert!(arithmetic.starts_with("7.5 = 10 - 1.5 ("), "{arithmetic}");
}

#[test]
fn the_review_of_the_examples_rollout_finds_what_its_authors_did_not_notice() {
    let record = committed();
    let reviews = record["judgement"]["rollout"].as_array().expect("a review");
    let standing = |rule: &str| {
        let review = reviews.iter().find(|review| review["rule"] == rule).expect("it is asked");
        let findings = review["findings"].as_array().map(Vec::as_slice).unwrap_or_default();
        let says: Vec<&str> = findings.iter().map(|finding| finding["says"].as_str().expect("text")).collect();
        (review["standing"].as_str().expect("a word").to_owned(), says.join("; "))
    };
    for (rule, says) in [
        ("soak", "quarter starts 12 h after tenth, which soaks for 24 h"),
        ("decided", "Nothing takes validation back"),
        ("measured", "Nothing measures \"throughput\", which canary is decided by"),
        (
            "contradiction",
            "At 0.75 % tenth both may go on (`error-rate < 1% for 1h`) and is taken back (`error-rate > 0.5% for 5m`)",
        ),
        ("rehearsed", "The way back was not shown to be rehearsed: risk/rehearsal fails"),
    ] {
        assert_eq!(standing(rule), ("broken".to_owned(), says.to_owned()), "{rule}");
    }
    for rule in ["percentages", "window", "known-flags", "forbidden-flags", "roll-back-order", "owned"] {
        assert_eq!(standing(rule).0, "holds", "{rule}");
    }
}

#[test]
fn the_plan_that_is_called_the_six_day_plan_takes_seven() {
    let report = fs::read_to_string(repository().join("fixtures/bundles/go-live/report.md")).expect("the report");
    let sentence =
        "Canary rollout in 7 stages, 0 % to 100 %, from 23 October 2025, 00:00 UTC to 30 October 2025, 00:00 UTC: 7 d.";
    assert!(report.contains(sentence));
    assert!(report.contains("It is called the six-day plan; with its watching it takes 7 d, until 30 October 2025"));
}

#[test]
fn every_document_of_the_example_says_that_it_is_a_reconstruction() {
    for name in ["report.md", "report.html"] {
        let path = repository().join("fixtures/bundles/go-live").join(name);
        let document = fs::read_to_string(path).expect("the document");
        let said = document.find("This is a reconstruction").expect("it says so");
        let summary = document.find("Genesis phase 4 may start its rollout").expect("the summary");
        assert!(said < summary, "{name}");
    }
}

#[test]
fn rendering_again_in_another_zone_and_language_gives_the_same_bytes() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let bundle = repository().join("fixtures/bundles/go-live");
    let mut command = countersign();
    command.arg("render").arg(&bundle).arg("--to").arg(place.path());
    command.envs([("TZ", "Asia/Kathmandu"), ("LC_ALL", "de_DE.UTF-8"), ("LANG", "tr_TR.UTF-8")]);
    let ran = ran(&mut command);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for name in ["report.md", "report.html"] {
        let bytes = |folder: &std::path::Path| fs::read(folder.join(name)).expect("a document");
        assert!(bytes(&bundle) == bytes(place.path()), "{name} is another");
    }
}

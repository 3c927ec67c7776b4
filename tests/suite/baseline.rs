//! `run --baseline`: relative conditions are held against an earlier run, and the record is enough to judge again.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bundles::{copy, replace};
use crate::support::{Ran, audit, countersign, ran, record, run, status};

const CHECKS: &str = "      - {id: size, query: {file: n.json, jq: .n}, expect: {value: \"<= baseline + 5%\"}}\n      \
                      - {id: plain, query: {file: n.json, jq: .n}, expect: {value: \"> 1\"}}\n";

/// An audit whose file says `earlier`, run into `first`, and the file then says `now`.
fn grown(place: &Path, checks: &str, earlier: &str, now: &str) -> (PathBuf, PathBuf) {
    let directory = audit(place, checks);
    fs::write(directory.join("n.json"), format!("{{\"n\": {earlier}}}")).unwrap();
    run(&directory);
    let first = copy(&directory.join("bundle"), &place.join("first"));
    fs::write(directory.join("n.json"), format!("{{\"n\": {now}}}")).unwrap();
    (directory, first)
}

fn run_against(directory: &Path, baseline: &Path) -> Ran {
    let to = directory.join("bundle");
    ran(countersign().arg("run").arg(directory).arg("--to").arg(to).arg("--baseline").arg(baseline))
}

#[test]
fn without_a_baseline_a_relative_condition_has_no_data() {
    let place = tempfile::tempdir().unwrap();
    let (directory, _) = grown(place.path(), CHECKS, "100", "104");
    run(&directory);
    let record = record(&directory);
    assert_eq!(status(&record, "all/size"), ("no-data".to_owned(), "value: no baseline".to_owned()));
    assert!(record.get("baseline").is_none());
}

#[test]
fn within_the_distance_it_passes_and_the_report_names_the_baseline() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    let ran = run_against(&directory, &first);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    let record = record(&directory);
    assert_eq!(status(&record, "all/size"), ("pass".to_owned(), "104 (baseline: 100)".to_owned()));
    let report = fs::read_to_string(directory.join("bundle/report.md")).unwrap();
    assert!(report.contains("(baseline: 100)"), "{report}");
}

#[test]
fn beyond_the_distance_it_fails_and_says_against_what() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "106");
    run_against(&directory, &first);
    let (word, reason) = status(&record(&directory), "all/size");
    assert_eq!(word, "fail");
    assert_eq!(reason, "106; at most the baseline plus 5 % was expected (baseline: 100)");
}

#[test]
fn the_record_keeps_only_the_facts_that_relative_conditions_name() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    run_against(&directory, &first);
    let record = record(&directory);
    let earlier: serde_json::Value = serde_json::from_slice(&fs::read(first.join("record.json")).unwrap()).unwrap();
    assert_eq!(record["baseline"]["runId"], earlier["run"]["runId"]);
    let facts = serde_json::json!({"all/size": {"facts": {"value": {"present": {"number": "100"}}}}});
    assert_eq!(record["baseline"]["facts"], facts);
}

#[test]
fn the_record_keeps_what_the_baseline_concluded_and_both_documents_say_what_is_another() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "1");
    run_against(&directory, &first);
    let concluded = serde_json::json!({
        "verdict": "undetermined",
        "score": "5",
        "areas": {"all": "5"},
        "statuses": {"all/plain": "pass", "all/size": "no-data"},
        "values": {
            "all/plain": {"value": {"number": "100"}},
            "all/size": {"value": {"number": "100"}},
        },
    });
    let mut kept = record(&directory)["baseline"]["concluded"].clone();
    let asked = kept.as_object_mut().unwrap().remove("asked").unwrap();
    let digests = asked.as_object().unwrap().values().map(|digest| digest.as_str().unwrap().len());
    assert_eq!(digests.collect::<Vec<_>>(), [16, 16]);
    assert_eq!(kept, concluded);
    let read = |name: &str| fs::read_to_string(directory.join("bundle").join(name)).unwrap();
    let (page, markdown) = (read("report.html"), read("report.md"));
    assert!(
        page.contains("1 check is worse and 1 is better.") && markdown.contains("1 check is worse and 1 is better.")
    );
    assert!(page.contains("<span class=\"was\">was 100</span>"), "{page}");
    assert!(page.contains("<span class=\"was\">was pass</span>"), "{page}");
    assert!(markdown.contains("✗ fail (was pass) | value | [1](#e-all--plain) (was 100) |"), "{markdown}");
}

#[test]
fn nothing_is_concluded_from_the_baseline_of_another_audit() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    replace(&directory.join("audit.yaml"), "id: trial", "id: other");
    run_against(&directory, &first);
    assert!(record(&directory)["baseline"].get("concluded").is_none());
    assert!(!fs::read_to_string(directory.join("bundle/report.html")).unwrap().contains("Changed since"));
}

#[test]
fn a_replay_takes_the_recorded_baseline_and_writes_the_same_bytes() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    run_against(&directory, &first);
    fs::remove_dir_all(&first).unwrap();
    let (bundle, again) = (directory.join("bundle"), place.path().join("again"));
    let ran = ran(countersign().arg("run").arg(&directory).arg("--replay").arg(&bundle).arg("--to").arg(&again));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    for name in ["record.json", "report.md", "report.html"] {
        assert!(fs::read(bundle.join(name)).unwrap() == fs::read(again.join(name)).unwrap(), "{name} differs");
    }
}

#[test]
fn a_replay_against_another_baseline_is_a_run_of_its_own() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    run_against(&directory, &first);
    let bundle = copy(&directory.join("bundle"), &place.path().join("second"));
    let mut command = countersign();
    command.arg("run").arg(&directory).arg("--replay").arg(&bundle).arg("--baseline").arg(&bundle);
    let ran = ran(command.arg("--to").arg(directory.join("bundle")));
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    let (before, after): (serde_json::Value, _) =
        (serde_json::from_slice(&fs::read(bundle.join("record.json")).unwrap()).unwrap(), record(&directory));
    assert_eq!(status(&after, "all/size").1, "104 (baseline: 104)");
    assert_ne!(before["run"]["runId"], after["run"]["runId"]);
    assert!(after["replayedFrom"].is_string());
}

#[test]
fn a_baseline_of_another_audit_is_no_data_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    replace(&directory.join("audit.yaml"), "id: trial", "id: other");
    run_against(&directory, &first);
    let (word, reason) = status(&record(&directory), "all/size");
    assert_eq!(word, "no-data");
    assert_eq!(reason, "value: no baseline: the bundle given is of another audit, \"trial\"");
}

#[test]
fn a_fact_that_the_baseline_does_not_hold_is_no_data_with_the_reason() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "\"text\"", "104");
    run_against(&directory, &first);
    let (word, reason) = status(&record(&directory), "all/size");
    assert_eq!(word, "no-data");
    assert!(reason.starts_with("value: no baseline: absent in the earlier run: "), "{reason}");
    replace(&directory.join("audit.yaml"), "id: size", "id: weight");
    run_against(&directory, &first);
    let (word, reason) = status(&record(&directory), "all/weight");
    assert_eq!((word.as_str(), reason.as_str()), ("no-data", "value: no baseline: the earlier run has no such check"));
}

#[test]
fn what_depends_on_a_relative_condition_is_measured_when_that_holds() {
    let place = tempfile::tempdir().unwrap();
    let checks = format!(
        "{CHECKS}      - {{id: after, depends-on: [all/size], query: {{file: n.json, jq: .n}}, expect: {{value: \"> 1\"}}}}\n"
    );
    let (directory, first) = grown(place.path(), &checks, "100", "104");
    run_against(&directory, &first);
    assert_eq!(status(&record(&directory), "all/after").0, "pass");
}

#[test]
fn what_is_no_bundle_is_no_baseline() {
    let place = tempfile::tempdir().unwrap();
    let (directory, _) = grown(place.path(), CHECKS, "100", "104");
    let ran = run_against(&directory, &place.path().join("nothing"));
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("is not a bundle"), "{}", ran.stderr);
}

#[test]
fn what_another_question_was_answered_with_is_no_baseline() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    run_against(&directory, &first);
    let judged = copy(&directory.join("bundle"), &place.path().join("judged"));
    let (question, other) =
        ("id: size, query: {file: n.json, jq: .n}", "id: size, query: {file: n.json, jq: .n * 0.5}");
    replace(&directory.join("audit.yaml"), question, other);
    let no_data = ("no-data".to_owned(), "value: no baseline: the earlier run asked something else there".to_owned());
    let ran_live = run_against(&directory, &first);
    assert_eq!(ran_live.code, 3, "{}{}", ran_live.stdout, ran_live.stderr);
    assert_eq!(status(&record(&directory), "all/size"), no_data);
    let values = &record(&directory)["baseline"]["concluded"]["values"];
    assert!(values.get("all/size").is_none() && values.get("all/plain").is_some(), "{values}");
    // Nor is what a recorded baseline says of the question that it was recorded for.
    let mut replay = countersign();
    replay.arg("run").arg(&directory).arg("--replay").arg(&judged).arg("--to").arg(directory.join("bundle"));
    let replayed = ran(&mut replay);
    assert_eq!(replayed.code, 3, "{}{}", replayed.stdout, replayed.stderr);
    assert_eq!(status(&record(&directory), "all/size"), no_data);
}

#[test]
fn a_longer_timeout_is_no_other_question() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "104");
    replace(&directory.join("audit.yaml"), "{id: size, ", "{id: size, timeout: 55s, severity: blocker, ");
    assert_eq!(run_against(&directory, &first).code, 0);
    assert_eq!(status(&record(&directory), "all/size").0, "pass");
}

#[test]
fn a_bundle_that_somebody_changed_is_no_baseline() {
    let place = tempfile::tempdir().unwrap();
    let (directory, first) = grown(place.path(), CHECKS, "100", "1000");
    replace(&first.join("record.json"), "{\"present\":{\"number\":\"100\"}}", "{\"present\":{\"number\":\"990\"}}");
    let changed = run_against(&directory, &first);
    assert_eq!(changed.code, 4, "{}", changed.stdout);
    assert!(changed.stderr.contains("is not as it was recorded: VERDICT_RECOMPUTE record.json"), "{}", changed.stderr);
    assert!(changed.stderr.contains("help: take the bundle from where it was written"), "{}", changed.stderr);
    assert!(!directory.join("bundle/record.json").exists() || status(&record(&directory), "all/size").0 == "no-data");
    let compared = ran(countersign().arg("diff").arg(&first).arg(directory.join("bundle")));
    assert_eq!(compared.code, 0, "{}", compared.stderr);
    assert!(compared.stderr.contains("first\" is not as it was recorded: VERDICT_RECOMPUTE"), "{}", compared.stderr);
    assert!(compared.stderr.trim_end().ends_with("it is compared as it stands"), "{}", compared.stderr);
    assert_eq!(compared.stderr.lines().count(), 1, "{}", compared.stderr);
}

#[test]
fn what_passes_because_less_is_asked_is_not_better() {
    let place = tempfile::tempdir().unwrap();
    let checks = |limit: &str| {
        format!(
            "      - {{id: softened, query: {{file: n.json, jq: .n}}, expect: {{value: \"> {limit}\"}}}}\n      \
             - {{id: grew, query: {{file: n.json, jq: .n}}, expect: {{value: \"> 50\"}}}}\n"
        )
    };
    let (directory, first) = grown(place.path(), &checks("100"), "40", "60");
    audit(place.path(), &checks("1"));
    run_against(&directory, &first);
    let report = fs::read_to_string(directory.join("bundle/report.md")).unwrap();
    assert!(report.contains("1 check is better and 1 is asked differently."), "{report}");
    assert!(report.contains("| [Softened](#c-all--softened) | ✗ fail | ✓ pass | asked differently |"), "{report}");
    assert!(report.contains("| [Grew](#c-all--grew) | ✗ fail | ✓ pass | better |"), "{report}");
    // What is asked more sharply and fails is worse all the same.
    let loose = copy(&directory.join("bundle"), &place.path().join("second"));
    audit(place.path(), &checks("100"));
    run_against(&directory, &loose);
    let report = fs::read_to_string(directory.join("bundle/report.md")).unwrap();
    assert!(report.contains("1 check is worse."), "{report}");
}

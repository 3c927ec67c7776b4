//! `countersign diff`: nothing that changed stays unsaid, nothing improves by measuring less, and exit codes say so.

use std::fs;
use std::path::{Path, PathBuf};

use crate::bundles::{captured_instead, committed, copy, replace, replayed, without_digests};
use crate::support::{Ran, audit, countersign, golden, ran, repository, run};

fn diff(old: &Path, new: &Path, flags: &[&str]) -> Ran {
    ran(countersign().arg("diff").arg(old).arg(new).args(flags))
}

/// The example audit in a scratch folder, its files where they are.
fn example(place: &Path) -> PathBuf {
    let audit = copy(&repository().join("checks/go-live"), &place.join("audit"));
    let root = repository().join("fixtures/go-live/genesis");
    replace(&audit.join("audit.yaml"), "../../fixtures/go-live/genesis", &root.display().to_string());
    audit
}

/// The example a while later: an experiment was switched on, roles are assigned, and somebody asks for less.
fn later(place: &Path) -> PathBuf {
    let bundle = copy(&committed("go-live"), &place.join("captured"));
    let flags = "a2a_integration_enabled: {enabled: false, staged: true,";
    captured_instead(
        &bundle,
        "feature-flags.yaml.txt",
        flags,
        "a2a_integration_enabled: {enabled: true, staged: false,",
    );
    let audit = example(place);
    let deployment = audit.join("deployment.yaml");
    let text = fs::read_to_string(&deployment).unwrap();
    let (kept, _) = text.split_once("  - id: window").expect("the last check");
    fs::write(&deployment, kept).unwrap();
    let monitoring = audit.join("monitoring.yaml");
    replace(&monitoring, "\"> 8GiB\"", "\"> 4GiB\"");
    let (claimed, other) = ("rules: 13, at: reports/monitoring.md#Alerting/Rules", "rules: 17");
    replace(&monitoring, claimed, other);
    replace(
        &monitoring,
        "title: The four monitoring services have been up for a day\n    severity: blocker",
        "title: The four",
    );
    replace(&monitoring, "weight: 3", "weight: 2");
    let operations = audit.join("operations.yaml");
    replace(
        &operations,
        "are named\n      by: Cora\n      on: 2025-10-20\n      denied: true",
        "are named\n      by: Cora\n      on: 2025-10-20",
    );
    let waiver = "waivers:\n  - check: operations/dry-run\n    reason: rehearsed by the vendor last week\n    by: User\n    \
                  approved: 2025-10-20\n    until: 2025-10-24\n\ninclude:";
    replace(&audit.join("audit.yaml"), "include:", waiver);
    replayed(&audit, &bundle, &place.join("later"))
}

#[test]
fn the_same_bundle_twice_is_said_to_be_identical() {
    let bundle = committed("go-live");
    let ran = diff(&bundle, &bundle, &["--fail-on-change", "--fail-on-regression"]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("identical: both bundles hold the same record"), "{}", ran.stdout);
}

#[test]
fn a_changed_example_is_compared_as_its_golden_files_say() {
    let place = tempfile::tempdir().unwrap();
    let later = later(place.path());
    for (format, name) in [("human", "changed.txt"), ("markdown", "changed.md"), ("json", "changed.json")] {
        let ran = diff(&committed("go-live"), &later, &["--format", format]);
        assert_eq!(ran.code, 0, "{}", ran.stderr);
        golden(&repository().join("fixtures/diffs").join(name), &without_digests(&ran.stdout));
    }
}

#[test]
fn less_that_is_asked_is_a_regression_each_by_its_name() {
    let place = tempfile::tempdir().unwrap();
    let later = later(place.path());
    let ran = diff(&committed("go-live"), &later, &["--format", "json", "--fail-on-regression"]);
    assert_eq!(ran.code, 1);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    let texts: Vec<&str> =
        json["regressions"].as_array().unwrap().iter().map(|r| r["text"].as_str().unwrap()).collect();
    for part in [
        "deployment/feature-flags was pass and is fail",
        "deployment/window: check is gone",
        "monitoring/services-up: severity was blocker and is major",
        "monitoring/memory-metric: expectation was value > 8GiB and is value > 4GiB, which accepts more",
        "monitoring: weight of the area was 3 and is 2",
        "the verdict was approved with conditions and is rejected",
        "monitoring/alert-rules: Forge claims rules \"17\": was exact and is overstated",
    ] {
        assert!(texts.iter().any(|text| text.contains(part)), "no {part:?} in {texts:#?}");
    }
    assert!(!texts.iter().any(|text| text.contains("roles-assigned")), "what got better is not among them: {texts:#?}");
}

#[test]
fn looking_at_it_the_other_way_round_finds_the_improvements() {
    let place = tempfile::tempdir().unwrap();
    let later = later(place.path());
    let ran = diff(&later, &committed("go-live"), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
    assert_eq!(json["verdict"]["turn"], "better");
    let roles = json["checks"].as_array().unwrap().iter().find(|check| check["check"] == "operations/roles-assigned");
    assert_eq!(roles.unwrap()["turn"], "worse");
}

#[test]
fn audits_of_different_things_are_compared_and_said_to_be_different() {
    let ran = diff(&committed("go-live"), &committed("stack"), &[]);
    assert_eq!(ran.code, 0);
    assert!(ran.stdout.contains("THESE ARE TWO DIFFERENT AUDITS"), "{}", ran.stdout);
    let ran = diff(&committed("go-live"), &committed("stack"), &["--format", "markdown"]);
    assert!(ran.stdout.contains("These are two different audits"), "{}", ran.stdout);
}

#[test]
fn two_runs_that_differ_in_their_times_alone_are_no_change() {
    let place = tempfile::tempdir().unwrap();
    let checks = "      - {id: seconds, command: {run: [echo, hello]}, expect: {exit: == 0}}\n";
    let directory = audit(place.path(), checks);
    run(&directory);
    let first = copy(&directory.join("bundle"), &place.path().join("first"));
    run(&directory);
    let ran = diff(&first, &directory.join("bundle"), &["--fail-on-change"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
    assert!(ran.stdout.contains("nothing but times changed"), "{}", ran.stdout);
}

#[test]
fn a_fact_that_moved_fails_on_change_and_not_on_regression() {
    let place = tempfile::tempdir().unwrap();
    let checks = "      - {id: size, query: {file: n.json, jq: .n}, expect: {value: \"> 1\"}}\n";
    let directory = audit(place.path(), checks);
    fs::write(directory.join("n.json"), "{\"n\": 10}").unwrap();
    run(&directory);
    let first = copy(&directory.join("bundle"), &place.path().join("first"));
    fs::write(directory.join("n.json"), "{\"n\": 12}").unwrap();
    run(&directory);
    let second = directory.join("bundle");
    let changed = diff(&first, &second, &["--fail-on-change"]);
    assert_eq!(changed.code, 1);
    assert!(changed.stdout.contains("all/size: value was 10 and is 12 (+2, +20 %)"), "{}", changed.stdout);
    assert_eq!(diff(&first, &second, &["--fail-on-regression"]).code, 0);
}

#[test]
fn a_comment_in_the_audit_file_is_no_change() {
    let place = tempfile::tempdir().unwrap();
    let audit = example(place.path());
    let first = replayed(&audit, &committed("go-live"), &place.path().join("first"));
    replace(&audit.join("deployment.yaml"), "checks:", "# A remark.\nchecks:");
    let second = replayed(&audit, &committed("go-live"), &place.path().join("second"));
    let ran = diff(&first, &second, &["--fail-on-change"]);
    assert_eq!(ran.code, 0, "{}", ran.stdout);
}

#[test]
fn hostile_names_reach_neither_the_terminal_nor_the_page() {
    let place = tempfile::tempdir().unwrap();
    let checks = "      - {id: text, query: {file: n.json, jq: .n}, expect: {text: not empty}}\n";
    let directory = audit(place.path(), checks);
    fs::write(directory.join("n.json"), r#"{"n": "plain"}"#).unwrap();
    run(&directory);
    let first = copy(&directory.join("bundle"), &place.path().join("first"));
    fs::write(directory.join("n.json"), r#"{"n": "\u001b[2J<script>alert(1)</script> | ::error::x"}"#).unwrap();
    run(&directory);
    let human = diff(&first, &directory.join("bundle"), &[]).stdout;
    assert!(human.contains("alert(1)") && !human.contains('\u{1b}'), "{human}");
    let page = diff(&first, &directory.join("bundle"), &["--format", "markdown"]).stdout;
    assert!(page.contains("alert(1)") && !page.contains("<script") && !page.contains('\u{1b}'), "{page}");
}

#[test]
fn what_is_no_bundle_could_not_be_compared() {
    let place = tempfile::tempdir().unwrap();
    let ran = diff(place.path(), &committed("stack"), &[]);
    assert_eq!(ran.code, 4);
    assert!(ran.stdout.is_empty() && ran.stderr.contains("is not a bundle"), "{}", ran.stderr);
}

#[test]
fn runs_that_judge_claims_alone_are_compared_without_scores() {
    let place = tempfile::tempdir().unwrap();
    let project = copy(&repository().join("fixtures/claims/repository"), &place.path().join("project"));
    let judged = |to: &str| {
        let (run, to) = (project.join("checks"), place.path().join(to));
        let ran = ran(countersign().arg("run").arg(run).args(["--claims-only", "--locked", "--to"]).arg(&to));
        assert!(ran.code < 3, "{}", ran.stderr);
        to
    };
    let before = judged("before");
    replace(&project.join("README.md"), "214", "217");
    let ran = diff(&before, &judged("after"), &[]);
    assert!(ran.stdout.contains("test-count"), "{}", ran.stdout);
    assert!(!ran.stdout.contains("covered"), "{}", ran.stdout);
}

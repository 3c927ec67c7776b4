//! `countersign diff`: nothing that changed stays unsaid, nothing improves by measuring less, and exit codes say so.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::judge::{self, Seen};
use countersign::model::audit::Audit;
use countersign::record::Bundle;
use countersign::record::compare::compare;
use serde_json::{Value, json};

use crate::bundles::{captured_instead, committed, copy, replace, replayed, without_digests};
use crate::support::{Ran, as_its_schema_says, audit, countersign, golden, ran, repository, run};

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
        if format == "json" {
            as_its_schema_says("diff", &ran.stdout);
        }
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

/// An audit of which every part asks something, and what it looks at.
const DEMANDING: &str = r##"
audit: {id: trial, title: Trial, subject: {name: Thing}, auditor: {name: Cora}}
areas:
  - area: ops
    title: Operations
    claim: {by: Forge, score: 9.8}
    checks:
      - {id: branch, query: {file: seen.json, jq: .branch}, expect: {text: "matches ^main$"}}
      - {id: number, query: {file: seen.json, jq: .n}, expect: {value: ">= 5"}, claim: {by: Forge, value: 12, tolerance: 2%}}
conditions:
  - {id: assign, level: must, text: Assign somebody, owner: User, closed-by: ops/branch}
  - {id: rehearse, level: must, text: Rehearse it, due: 2090-01-01}
  - {id: read, level: must, text: Read it, closed-by: ops/branch}
claims:
  - {id: count, title: The count, at: ["notes.md#Head/Count"], fact: ops.number.value}
signoff:
  roles:
    lead: {members: [ada@example.com, bob@example.com], threshold: 2}
    security: {members: [eve@example.com], areas: [ops]}
  max-age: 30d
rollout:
  stages:
    - {name: canary, from: 0%, to: 5%, soak: 12h, proceed-when: [ops.number.value >= 5], roll-back-when: [ops.number.value < 3]}
    - {name: all, from: 5%, to: 100%, soak: 1h}
"##;

/// The regressions between the demanding audit and what becomes of it, each pair a piece of text and its successor.
fn regressions(place: &Path, changes: &[(&str, &str)]) -> Vec<String> {
    fs::write(place.join("seen.json"), r#"{"branch": "release", "n": 12}"#).unwrap();
    fs::write(place.join("notes.md"), "# Head\n\n- **Count:** 12\n").unwrap();
    let judged = |name: &str, text: &str| {
        fs::write(place.join("audit.yaml"), text).unwrap();
        let to = place.join(name);
        let ran = ran(countersign().arg("run").arg(place).arg("--to").arg(&to));
        assert!(ran.code < 4, "{}", ran.stderr);
        to
    };
    let before = judged("before", DEMANDING);
    let mut text = DEMANDING.to_owned();
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    let after = judged("after", &text);
    let ran = diff(&before, &after, &["--format", "json", "--fail-on-regression"]);
    let found: Value = serde_json::from_str(&ran.stdout).unwrap();
    let texts: Vec<String> =
        found["regressions"].as_array().unwrap().iter().map(|r| r["text"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ran.code, i32::from(!texts.is_empty()));
    let human = diff(&before, &after, &[]).stdout;
    assert!(!human.contains("not in what is asked"), "{human}");
    texts
}

#[test]
fn nothing_that_an_audit_asks_is_dropped_or_loosened_unseen() {
    let assign = "  - {id: assign, level: must, text: Assign somebody, owner: User, closed-by: ops/branch}\n";
    let security = "    security: {members: [eve@example.com], areas: [ops]}\n";
    for (from, to, told) in [
        (assign, "", "condition assign is gone; it was open (must)"),
        ("rehearse, level: must", "rehearse, level: should", "condition rehearse was a \"must\" and is a \"should\""),
        ("due: 2090-01-01", "due: 2091-01-01", "was due 1 January 2090 and is due 1 January 2091"),
        (
            "text: Read it, closed-by: ops/branch",
            "text: Read it, done: true",
            "was to be closed by ops/branch and is by hand",
        ),
        ("    claim: {by: Forge, score: 9.8}\n", "", "ops: claim is gone: score by Forge"),
        (
            "tolerance: 2%",
            "tolerance: 5%",
            "claim was value by Forge, tolerance 2% and is value by Forge, tolerance 5%",
        ),
        (
            "fact: ops.number.value}",
            "value: 12}",
            "count: claim was held against value of ops/number and is held against \"12\", as the audit file has it",
        ),
        ("threshold: 2", "threshold: 1", "lead: who must sign was 2 of ada@example.com, bob@example.com and is 1 of"),
        (security, "", "security: who must sign is gone: 1 of eve@example.com"),
        ("max-age: 30d", "max-age: 60d", "every role: who must sign was for 30 d at most and is for 60 d at most"),
        ("soak: 12h", "soak: 6h", "canary: rollout was soaks 12 h and is soaks 6 h"),
        (
            ", roll-back-when: [ops.number.value < 3]",
            "",
            "canary: rollout is gone: is taken back when ops.number.value < 3",
        ),
        ("matches ^main$", "matches ^(main|release)$", "is text matches ^(main|release)$, which accepts more"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let found = regressions(place.path(), &[(from, to)]);
        assert!(found.iter().any(|text| text.contains(told)), "no {told:?} in {found:#?}");
    }
}

#[test]
fn what_asks_more_or_as_much_is_no_regression() {
    for (from, to) in [
        ("tolerance: 2%", "tolerance: 1%"),
        ("threshold: 2}", "threshold: 2}\n    third: {members: [eve@example.com]}"),
        ("matches ^main$", "matches ^(main|trunk)$"),
        ("due: 2090-01-01", "due: 2089-01-01"),
        ("soak: 12h", "soak: 24h"),
        ("areas: [ops]}", "threshold: 1}"),
    ] {
        let place = tempfile::tempdir().unwrap();
        assert_eq!(regressions(place.path(), &[(from, to)]), [""; 0], "{from} -> {to}");
    }
}

/// Every value in it, by its JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{name}"), found));
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), found));
        }
        Value::Null => {}
        _ => found.push(at.to_owned()),
    }
}

/// Other values that may fit in its place.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or_default() + 1)],
        Value::String(text) => {
            let ends = ["x", "0", " or == 99", ""].map(|end| format!("{text}{end}"));
            let words = [
                "9",
                "minor",
                "blocker",
                "should",
                "must",
                "deductions",
                "weighted",
                "high",
                "low",
                "2031-01-01",
                "2031-01-01T00:00:00Z",
                "random",
            ];
            ends.into_iter().chain(words.map(str::to_owned)).map(Value::from).collect()
        }
        _ => Vec::new(),
    }
}

/// What may change without anything being asked differently stands in a list that a reviewer can read: texts, names of people,
/// days on which nothing hangs. A new part of the audit is in neither until somebody says where it belongs.
#[test]
fn every_part_of_an_audit_is_compared_unless_it_asks_nothing() {
    let old = Bundle::open(&committed("go-live")).unwrap().record;
    let whole = serde_json::to_value(&old.audit).unwrap();
    let mut pointers = Vec::new();
    leaves(&whole, "", &mut pointers);
    let (mut seen, mut unseen) = (BTreeSet::new(), BTreeSet::new());
    for pointer in pointers.iter().filter(|pointer| !pointer.starts_with("/kinds/")) {
        let parts = pointer.split('/').map(|part| if part.parse::<usize>().is_ok() { "*" } else { part });
        let name = parts.collect::<Vec<_>>().join("/");
        if seen.contains(&name) {
            continue;
        }
        let changed = others(whole.pointer(pointer).unwrap()).into_iter().find_map(|other| {
            let mut audit = whole.clone();
            *audit.pointer_mut(pointer).unwrap() = other;
            serde_json::from_value::<Audit>(audit).ok().filter(|audit| *audit != old.audit)
        });
        let mut new = old.clone();
        new.audit = changed.unwrap_or_else(|| panic!("nothing fits in the place of {pointer}"));
        new.judgement = judge::judge(&new.audit, Seen::of(&new));
        let found = compare((&old, "a"), (&new, "b"));
        let asked = !(found.denominator.is_empty()
            && found.claims.is_empty()
            && found.conditions.is_empty()
            && found.waivers.is_empty()
            && found.apart.is_empty());
        if asked {
            seen.insert(name)
        } else {
            unseen.insert(name)
        };
    }
    let unseen: Vec<String> = unseen.difference(&seen).cloned().collect();
    golden(&repository().join("fixtures/diffs/unasked.txt"), &(unseen.join("\n") + "\n"));
}

#[test]
fn looking_at_it_the_other_way_round_finds_the_improvements() {
    let place = tempfile::tempdir().unwrap();
    let later = later(place.path());
    let ran = diff(&later, &committed("go-live"), &["--format", "json"]);
    let json = as_its_schema_says("diff", &ran.stdout);
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
    let after = judged("after");
    let moved = diff(&before, &after, &[]);
    assert!(moved.stdout.contains("test-count"), "{}", moved.stdout);
    assert!(!moved.stdout.contains("covered"), "{}", moved.stdout);
    // Beside a whole run there is nothing on that side, and no less of it.
    let whole = place.path().join("whole");
    assert!(ran(countersign().arg("run").arg(project.join("checks")).args(["--locked", "--to"]).arg(&whole)).code < 3);
    let said: Value = serde_json::from_str(&diff(&whole, &after, &["--format", "json"]).stdout).unwrap();
    for change in said["areas"].as_array().unwrap().iter().chain([&said["overall"]]) {
        assert!(change["old"]["coverage"].is_string() && change["new"].is_null(), "{change}");
    }
    let worse = said["regressions"].as_array().unwrap();
    assert!(!worse.iter().any(|worse| worse["kind"] == "coverage"), "{worse:?}");
}

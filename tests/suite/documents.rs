//! Documents as evidence: what a claim says is read from where it was written, kept, replayed, remembered and put right.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{Ran, countersign, ran, record, run};

const README: &str =
    "# Thing\n\n## Alerts\n\n- **Rules:** 13 rules\n- **Groups:** 4\n\n## Tests\n\nAll 1,026/1,044 (98.28%) pass.\n";

/// An audit of two numbers in a JSON file, each claimed in the README, and a listed claim about one of them.
fn project(directory: &Path) {
    fs::write(directory.join("README.md"), README).unwrap();
    fs::write(directory.join("facts.json"), r#"{"rules": 11, "groups": 4}"#).unwrap();
    let audit = "\
audit: {id: thing, subject: {name: Thing}}
areas:
  - area: alerts
    checks:
      - id: rules
        query: {file: facts.json, jq: .rules}
        claim: {by: the README, value: {at: README.md#Alerts/Rules}}
      - id: groups
        query: {file: facts.json, jq: .groups}
        expect: {value: == 4}
        claim: {by: the README, value: {at: README.md#Alerts/Groups}}
      - id: unclaimed
        query: {file: other.json, jq: .groups}
        expect: {value: == 4}
claims:
  - id: groups
    fact: alerts.groups.value
    at: README.md#Alerts/Groups
";
    fs::write(directory.join("audit.yaml"), audit).unwrap();
}

fn run_with(directory: &Path, arguments: &[&str]) -> Ran {
    let bundle = directory.join("bundle");
    ran(countersign().current_dir(directory).arg("run").arg("--to").arg(bundle).args(arguments))
}

fn claim<'a>(record: &'a Value, check: &str) -> &'a Value {
    let checks = record["judgement"]["checks"].as_array().unwrap();
    &checks.iter().find(|result| result["check"] == check).unwrap()["claims"][0]
}

#[test]
fn a_claim_in_a_document_is_evidence_with_its_place() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    run_with(directory.path(), &[]);
    let record = record(directory.path());
    let place = &record["places"]["README.md#Alerts/Rules"]["found"];
    assert_eq!(place["written"], "13");
    assert_eq!(place["lineText"], "- **Rules:** 13 rules");
    assert_eq!((&place["spot"]["line"], &place["spot"]["column"]), (&5.into(), &14.into()));
    let blob = &record["documents"][0]["exchange"]["answer"]["content"]["content"];
    let kept = fs::read_to_string(directory.path().join("bundle/evidence").join(blob["file"].as_str().unwrap()));
    assert_eq!(kept.unwrap(), README);
    assert_eq!(claim(&record, "alerts/rules")["status"], "refuted");
    assert_eq!(claim(&record, "alerts/groups")["status"], "exact");
}

#[test]
fn a_run_with_claims_in_documents_replays_to_the_same_bytes_without_the_documents() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    run_with(directory.path(), &[]);
    fs::remove_file(directory.path().join("README.md")).unwrap();
    let again = directory.path().join("again");
    let bundle = directory.path().join("bundle");
    let replay =
        ran(countersign().arg("run").arg(directory.path()).arg("--replay").arg(&bundle).arg("--to").arg(&again));
    assert!(replay.stderr.is_empty(), "{}", replay.stderr);
    let bytes = |from: &Path, name: &str| fs::read(from.join(name)).unwrap();
    for name in ["record.json", "report.md", "report.html"] {
        assert!(bytes(&bundle, name) == bytes(&again, name), "{name} differs");
    }
}

#[test]
fn claims_only_measures_what_claims_need_and_gives_no_score() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    let wrong = run_with(directory.path(), &["--claims-only"]);
    assert_eq!(wrong.code, 1, "{}{}", wrong.stdout, wrong.stderr);
    let first = record(directory.path());
    assert_eq!(first["run"]["claimsOnly"], true);
    assert!(first["judgement"]["overall"]["score"].is_null());
    let unclaimed = &first["observations"][2]["sight"]["skipped"];
    assert_eq!(unclaimed, "no claim needs it, and only claims were asked for");

    fs::write(directory.path().join("README.md"), README.replace("13 rules", "11 rules")).unwrap();
    assert_eq!(run_with(directory.path(), &["--claims-only"]).code, 0);

    fs::write(directory.path().join("README.md"), README.replace("Groups:", "Teams:")).unwrap();
    assert_eq!(run_with(directory.path(), &["--claims-only", "--accept", "conditional"]).code, 3);
}

#[test]
fn fix_writes_the_digits_and_the_bundle_tells_what_holds_now() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    let fixed = run_with(directory.path(), &["--claims-only", "--fix"]);
    assert_eq!(fixed.code, 0, "{}{}", fixed.stdout, fixed.stderr);
    let now = fs::read_to_string(directory.path().join("README.md")).unwrap();
    assert_eq!(now, README.replace("13 rules", "11 rules"));
    assert!(fixed.stderr.contains("-- **Rules:** 13 rules\n+- **Rules:** 11 rules\n"), "{}", fixed.stderr);
    assert_eq!(claim(&record(directory.path()), "alerts/rules")["status"], "exact");
    let kept = fs::read_dir(directory.path().join("bundle/evidence")).unwrap();
    let texts: Vec<String> = kept.map(|file| fs::read_to_string(file.unwrap().path()).unwrap()).collect();
    assert!(texts.iter().all(|text| !text.contains("13 rules")), "what no record names is not kept");
}

#[test]
fn without_fix_no_document_is_written() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    run_with(directory.path(), &["--claims-only"]);
    assert_eq!(fs::read_to_string(directory.path().join("README.md")).unwrap(), README);
}

#[cfg(unix)]
#[test]
fn fix_leaves_what_lies_outside_the_root_and_keeps_permissions() {
    use std::os::unix::fs::PermissionsExt as _;
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    let readme = directory.path().join("README.md");
    fs::set_permissions(&readme, fs::Permissions::from_mode(0o640)).unwrap();
    assert_eq!(run_with(directory.path(), &["--claims-only", "--fix"]).code, 0);
    assert_eq!(fs::metadata(&readme).unwrap().permissions().mode() & 0o777, 0o640);

    let elsewhere = tempfile::tempdir().unwrap();
    fs::write(elsewhere.path().join("README.md"), README).unwrap();
    fs::remove_file(&readme).unwrap();
    std::os::unix::fs::symlink(elsewhere.path().join("README.md"), &readme).unwrap();
    let outside = run_with(directory.path(), &["--claims-only", "--fix"]);
    assert_eq!(outside.code, 3, "{}{}", outside.stdout, outside.stderr);
    assert_eq!(fs::read_to_string(elsewhere.path().join("README.md")).unwrap(), README);
}

#[test]
fn the_lock_file_remembers_and_only_helps() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    run_with(directory.path(), &[]);
    let lock = directory.path().join("audit.lock.json");
    let remembered: Value = serde_json::from_slice(&fs::read(&lock).unwrap()).unwrap();
    assert_eq!(remembered["places"]["README.md#Alerts/Rules"]["line"], 5);

    fs::write(directory.path().join("README.md"), README.replace("**Rules:**", "**Alert rules:**")).unwrap();
    let renamed = run_with(directory.path(), &["--locked"]);
    let hint = "last seen as \"- **Rules:** 13 rules\" at README.md:5; did \"Rules\" become \"Alert rules\" (line 5)?";
    assert!(renamed.stderr.contains(hint), "{}", renamed.stderr);
    assert_eq!(claim(&record(directory.path()), "alerts/rules")["status"], "not-found");
    let after: Value = serde_json::from_slice(&fs::read(&lock).unwrap()).unwrap();
    assert_eq!(after, remembered, "--locked leaves it as it is");

    fs::remove_file(&lock).unwrap();
    let without = run_with(directory.path(), &["--locked"]);
    assert!(without.stderr.contains("error[locator-none]"), "{}", without.stderr);
    assert!(!without.stderr.contains("last seen"), "{}", without.stderr);
    assert!(!lock.exists());
}

#[test]
fn a_lock_file_that_cannot_be_read_is_told_and_left_alone() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    run_with(directory.path(), &[]);
    let lock = directory.path().join("audit.lock.json");
    let whole = fs::read_to_string(&lock).unwrap();
    let merging = whole.replace("  \"places\"", "<<<<<<< ours\n  \"places\"");
    for (broken, why) in
        [(merging, "line 3 column 1"), (whole.replace("\"version\": 1", "\"version\": 2"), "it is of version 2")]
    {
        fs::write(&lock, &broken).unwrap();
        let ran = run_with(directory.path(), &[]);
        assert!(
            ran.stderr.contains("warning: \"") && ran.stderr.contains("audit.lock.json\" cannot be read"),
            "{}",
            ran.stderr
        );
        assert!(ran.stderr.contains(why) && ran.stderr.contains("help: settle what stands there"), "{}", ran.stderr);
        assert_eq!(fs::read_to_string(&lock).unwrap(), broken);
    }
    fs::remove_file(&lock).unwrap();
    assert!(!run_with(directory.path(), &[]).stderr.contains("warning"));
    assert_eq!(fs::read_to_string(&lock).unwrap(), whole);
}

#[test]
fn fix_writes_nothing_into_a_number() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("facts.json"), r#"{"a": 1050}"#).unwrap();
    let audit = |locator: &str| {
        let claims = format!("  - {{id: tests, by: me, fact: all.a.value, at: '{locator}'}}\n");
        let check = "areas:\n  - area: all\n    checks:\n      - {id: a, query: {file: facts.json, jq: .a}}\n";
        let text = format!("audit: {{id: thing, subject: {{name: Thing}}}}\n{check}claims:\n{claims}");
        fs::write(at.join("audit.yaml"), text).unwrap();
    };
    let document = "# R\n\nWe have 1,044 tests\n";
    fs::write(at.join("d.md"), document).unwrap();
    audit(r"d.md#R/@regex/(?P<value>\d+) tests/");
    let ran = run_with(at, &["--claims-only", "--fix"]);
    assert_eq!(fs::read_to_string(at.join("d.md")).unwrap(), document, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stderr.contains("takes \"044\" out of \"1,044\""), "{}", ran.stderr);
    audit(r"d.md#R/@regex/(?P<value>[\d,]+) tests/");
    let ran = run_with(at, &["--claims-only", "--fix"]);
    assert_eq!(ran.code, 0, "{}{}", ran.stdout, ran.stderr);
    assert_eq!(fs::read_to_string(at.join("d.md")).unwrap(), document.replace("1,044", "1,050"));
}

#[test]
fn fix_follows_no_order_to_a_number_that_nobody_claimed() {
    let directory = tempfile::tempdir().unwrap();
    let at = directory.path();
    fs::write(at.join("facts.json"), r#"{"a": 5, "b": 7}"#).unwrap();
    let audit = "\
audit: {id: thing, subject: {name: Thing}}
areas:
  - area: alerts
    checks:
      - id: a
        query: {file: facts.json, jq: .a}
        claim: {by: me, value: {at: \"r.md#Of a/:1\"}}
      - id: b
        query: {file: facts.json, jq: .b}
        claim: {by: me, value: {at: \"r.md#All:2\"}}
";
    fs::write(at.join("audit.yaml"), audit).unwrap();
    let document = |items: &str, all: &str| format!("# Of a\n\n{items}\n# Of b\n\n- **All:** {all}\n");
    let write = |text: &str| fs::write(at.join("r.md"), text).unwrap();
    let fixed = || {
        let ran = run_with(at, &["--claims-only", "--fix"]);
        (fs::read_to_string(at.join("r.md")).unwrap(), ran.stderr)
    };
    // No run has seen what the order leads to: only what has a name is put right.
    write(&document("- 3 tests\n- 4 tests\n", "1 old, 6 new"));
    let (text, said) = fixed();
    assert_eq!(text, document("- 3 tests\n- 4 tests\n", "1 old, 7 new"), "{said}");
    assert!(said.contains("\"3\" is left: \"r.md#Of a/:1\" only counts numbers, and no run remembers"), "{said}");
    // A number more before either of them: they lead to others now, and stay as they are, however often it is run.
    let moved = document("- 9 tests\n- 3 tests\n- 4 tests\n", "2 older, 1 old, 7 new");
    write(&moved);
    for _ in 0..2 {
        let (text, said) = fixed();
        assert_eq!(text, moved, "{said}");
        assert!(
            said.contains("\"9\" is left: \"r.md#Of a/:1\" counts numbers, and led to \"3\" in \"- 3 tests\""),
            "{said}"
        );
        assert!(said.contains("note: r.md#All:2 leads to \"1\" in \"- **All:** 2 older, 1 old, 7 new\""), "{said}");
        run_with(at, &["--claims-only"]);
    }
    // As it was, with other digits in a line that has a name; and twice is once.
    write(&document("- 3 tests\n- 4 tests\n", "2 old, 6 new"));
    let right = document("- 5 tests\n- 4 tests\n", "2 old, 7 new");
    let (text, said) = fixed();
    assert_eq!(text, right, "{said}");
    assert!(!said.contains("note: "), "{said}");
    let (text, said) = fixed();
    assert_eq!((text, said.as_str()), (right, ""));
}

#[test]
fn a_document_that_cannot_be_read_leaves_its_claims_not_found() {
    let directory = tempfile::tempdir().unwrap();
    project(directory.path());
    fs::write(directory.path().join("README.md"), b"# Thing\n\xff\xfe\n").unwrap();
    run(directory.path());
    let broken = record(directory.path());
    let place = &broken["places"]["README.md#Alerts/Rules"]["not-found"];
    assert_eq!(place["code"], "document-unreadable");
    assert_eq!(place["reason"], "\"README.md\" is not UTF-8 text: byte 8 begins no character");

    fs::remove_file(directory.path().join("README.md")).unwrap();
    run(directory.path());
    let missing = record(directory.path());
    assert_eq!(missing["places"]["README.md#Alerts/Rules"]["not-found"]["reason"], "\"README.md\" does not exist");
    assert_eq!(claim(&missing, "alerts/rules")["status"], "not-found");
}

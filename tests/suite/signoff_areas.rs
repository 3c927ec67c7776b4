//! Roles that answer for areas: their sign-offs outlive a run that leaves these as they were, and nothing else does.

use std::fs;
use std::path::Path;
use std::process::Command;

use countersign::record::sha256;
use serde_json::Value;

use crate::bundles::replace;
use crate::signers::Signers;
use crate::support::{countersign, ran};

const AUDIT: &str = r#"
audit: {id: trial, subject: {name: Thing}, auditor: {name: Dora}}
verdict: {floor: {overall: 1.0, area: 1.0}}
areas:
  - area: store
    checks:
      - {id: disk, severity: major, command: {run: [cat, disk.txt]}, expect: {stdout: == fine}}
      - {id: backup, severity: blocker, command: {run: [test, "!", -e, broken.txt]}, expect: {exit: == 0}}
  - area: web
    checks:
      - {id: page, severity: minor, command: {run: [cat, page.txt]}, expect: {exit: == 0}}
      - {id: log, severity: minor, command: {run: [sh, -c, "cat log.txt >&2"]}, expect: {exit: == 0}}
      - {id: waived, severity: minor, command: {run: ["false"]}, expect: {exit: == 0}}
waivers:
  - {check: web/waived, reason: It is removed next week, by: Erin, approved: 2026-01-01, until: 2026-12-31}
"#;

const POLICY: &str = r"
signoff:
  people: {alice: [alice@example.com], bob: [bob@example.com]}
  roles:
    engineering: {members: [bob], areas: [store]}
    security: {members: [alice], areas: [web]}
  max-age: 30d
";

/// Signed by Alice, who answers for the web, and by Bob, who answers for the store.
fn signed() -> Option<Signers> {
    let signers = Signers::of(AUDIT, POLICY)?;
    for name in ["disk.txt", "page.txt", "log.txt"] {
        fs::write(signers.path("checks").join(name), "fine").unwrap();
    }
    signers.run();
    sign(&signers, "security", "alice");
    sign(&signers, "engineering", "bob");
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec![]), "signed as it is");
    Some(signers)
}

fn sign(signers: &Signers, role: &str, key: &str) -> String {
    let ran = signers.sign(&["--role", role, "--key", key, "--acknowledge", "web/waived", "store/disk"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    ran.stderr
}

/// State of the sign-off of a role, and why.
fn of_role(signers: &Signers, what: &Path, role: &str) -> (String, String) {
    let ran = signers.verify(what, &["--policy", "policy.yaml", "--format", "json"]);
    let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
    assert_eq!(json["intact"], true, "{}", ran.stdout);
    let list = json["signOffs"]["list"].as_array().unwrap();
    let found = list.iter().find(|checked| checked["role"] == role).unwrap_or_else(|| panic!("{}", ran.stdout));
    let text = |name: &str| found[name].as_str().unwrap_or_default().to_owned();
    (text("state"), text("why"))
}

#[test]
fn what_was_signed_of_areas_counts_for_a_run_that_leaves_them_as_they_were() {
    let Some(signers) = signed() else { return };
    let printed = signers.run();
    assert!(!printed.contains("given for an earlier record"), "nothing is stale: {printed}");
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec![]));
    let seen = signers.verify(&signers.bundle(), &["--policy", "checks"]);
    for said in [
        "security: signed an earlier record; its areas are unchanged",
        "engineering: signed an earlier record; its areas are unchanged",
        "2 sign-offs, 2 valid, 0 stale, 0 refused; every role has what it needs",
    ] {
        assert!(seen.code == 0 && seen.stdout.contains(said), "{said}: {}", seen.stdout);
    }
    fs::copy(signers.bundle().join("report.html"), signers.path("alone.html")).unwrap();
    assert_eq!(signers.found(&signers.path("alone.html"), &[]), (0, vec![], vec![]), "the page alone");
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    for said in ["Security answers for web.", "its areas are unchanged.", "✓ signed"] {
        assert!(report.contains(said), "{said}: {report}");
    }
    assert!(!signers.bundle().join("record.json.intoto.jsonl").exists(), "nobody signed this very record");
    // And for the run after that, whose record before it nobody signed.
    signers.run();
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec![]));
}

/// What is changed, the role whose sign-off is asked for, and what is said to have changed; nothing where it counts.
type Change = (&'static str, fn(&Path), &'static str, &'static str);

const CHANGES: &[Change] = &[
    (
        "a result",
        |checks| fs::remove_file(checks.join("page.txt")).unwrap(),
        "security",
        "web/page: evidence, facts, result",
    ),
    (
        "evidence",
        |checks| fs::write(checks.join("log.txt"), "well").unwrap(),
        "security",
        "web changed (web/log: evidence)",
    ),
    (
        "a waiver",
        |checks| replace(&checks.join("audit.yaml"), "next week", "next year"),
        "security",
        "web/waived: result, waiver",
    ),
    (
        "the audit file",
        |checks| replace(&checks.join("audit.yaml"), "{id: log, severity: minor", "{id: log, severity: major"),
        "security",
        "web changed (web/log: definition)",
    ),
    (
        "the verdict",
        |checks| fs::write(checks.join("broken.txt"), "").unwrap(),
        "security",
        "the audit changed (verdict) since the earlier record",
    ),
    (
        "the policy",
        |checks| {
            replace(&checks.join("audit.yaml"), "max-age: 30d", "max-age: 40d");
            replace(&checks.join("../policy.yaml"), "max-age: 30d", "max-age: 40d");
        },
        "security",
        "the audit changed (signoff)",
    ),
    (
        "a check in another area, above",
        |checks| {
            let check = "      - {id: more, command: {run: [echo, more]}, expect: {exit: == 0}}\n  - area: web\n";
            replace(&checks.join("audit.yaml"), "  - area: web\n", check);
        },
        "security",
        "",
    ),
    ("another area's evidence", |checks| fs::write(checks.join("log.txt"), "well").unwrap(), "engineering", ""),
    (
        "a check",
        |checks| {
            let check = "      - {id: more, command: {run: [echo, more]}, expect: {exit: == 0}}\n  - area: web\n";
            replace(&checks.join("audit.yaml"), "  - area: web\n", check);
        },
        "engineering",
        "store/more: definition, evidence, facts, result",
    ),
];

#[test]
fn each_change_makes_stale_what_it_concerns_and_is_named() {
    let Some(signers) = signed() else { return };
    let kept = crate::bundles::copy(&signers.bundle(), &signers.path("kept"));
    let checks = crate::bundles::copy(&signers.path("checks"), &signers.path("kept-checks"));
    for (name, change, role, said) in CHANGES {
        for (from, to) in [(&kept, signers.bundle()), (&checks, signers.path("checks"))] {
            fs::remove_dir_all(&to).unwrap();
            crate::bundles::copy(from, &to);
        }
        fs::write(signers.path("policy.yaml"), POLICY).unwrap();
        change(&signers.path("checks"));
        signers.run();
        fs::copy(signers.bundle().join("report.html"), signers.path("alone.html")).unwrap();
        for what in [signers.bundle(), signers.path("alone.html")] {
            let (state, why) = of_role(&signers, &what, role);
            let wanted = if said.is_empty() { "valid" } else { "stale" };
            assert!(state == wanted && why.contains(said), "{name}: {state}, {why}");
        }
        let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
        assert_eq!(report.contains("! stale."), !said.is_empty() || report.contains("changed ("), "{name}: {report}");
    }
}

#[test]
fn an_earlier_record_that_was_edited_or_taken_away_proves_nothing() {
    let Some(signers) = signed() else { return };
    signers.run();
    let earlier = fs::read_dir(signers.bundle().join("signoffs/earlier")).unwrap().next().unwrap().unwrap().path();
    replace(&earlier, "\"verdict\":\"approved-with-conditions\"", "\"verdict\":\"approved\"");
    ran(countersign().arg("render").arg(signers.bundle()));
    let (code, findings, refused) = signers.found(&signers.bundle(), &[]);
    assert_eq!(
        (code, findings, refused),
        (5, vec!["SIGNOFF_UNKNOWN".to_owned()], vec!["SUBJECT_MISMATCH".to_owned(); 2])
    );
    fs::remove_file(&earlier).unwrap();
    ran(countersign().arg("render").arg(signers.bundle()));
    assert_eq!(signers.found(&signers.bundle(), &[]), (5, vec![], vec!["SUBJECT_MISMATCH".to_owned(); 2]));
}

/// The record that was signed, dated later by two hours and signed by nobody, with the other one beside it. Gives back its time.
fn dated_anew(signers: &Signers) -> String {
    let record = signers.bundle().join("record.json");
    let text = fs::read_to_string(&record).unwrap();
    let earlier = signers.bundle().join("signoffs/earlier");
    fs::create_dir_all(&earlier).unwrap();
    fs::write(earlier.join(format!("{}.json", sha256(text.as_bytes()))), &text).unwrap();
    let later = |name: &str| {
        let value: Value = serde_json::from_str(&text).unwrap();
        let at = value["run"][name].as_str().unwrap().to_owned();
        let moved = chrono::DateTime::parse_from_rfc3339(&at).unwrap() + chrono::TimeDelta::hours(2);
        let moved = moved.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        replace(&record, &format!("\"{name}\":\"{at}\""), &format!("\"{name}\":\"{moved}\""));
        moved
    };
    later("startedAt");
    let now = later("finishedAt");
    fs::remove_file(signers.bundle().join("record.json.intoto.jsonl")).unwrap();
    assert_eq!(ran(countersign().arg("render").arg(signers.bundle())).code, 0);
    now
}

#[test]
fn a_record_that_was_dated_anew_is_as_old_as_what_was_signed() {
    let Some(signers) = signed() else { return };
    assert_eq!(signers.found(&signers.bundle(), &["--max-age", "1h"]), (0, vec![], vec![]), "signed as it is");
    let now = dated_anew(&signers);
    let found = |most: &str| signers.found(&signers.bundle(), &["--max-age", most, "--now", &now]);
    assert_eq!(found("1h"), (5, vec!["RECORD_TOO_OLD".to_owned()], vec![]));
    assert_eq!(found("3h"), (0, vec![], vec![]), "what was signed is young enough");
}

#[test]
fn one_sign_off_of_a_later_record_vouches_for_its_age() {
    let Some(signers) = signed() else { return };
    dated_anew(&signers);
    signers.run();
    sign(&signers, "security", "alice");
    let seen = signers.verify(&signers.bundle(), &["--policy", "checks", "--max-age", "1h"]);
    assert!(seen.code == 0 && seen.stdout.contains("engineering: signed an earlier record"), "{}", seen.stdout);
}

#[test]
fn whoever_signs_sees_what_was_signed_before() {
    let Some(signers) = signed() else { return };
    signers.run();
    let shown = sign(&signers, "security", "alice");
    for said in
        ["answering for web", "before alice@example.com: security: signed an earlier record; its areas are unchanged"]
    {
        assert!(shown.contains(said), "{said}: {shown}");
    }
    fs::write(signers.path("checks/disk.txt"), "not fine").unwrap();
    signers.run();
    let shown = sign(&signers, "engineering", "bob");
    assert!(shown.contains("before bob@example.com: store changed (score; store/disk: evidence, facts"), "{shown}");
}

#[test]
fn the_printed_lines_name_the_record_that_was_signed() {
    let Some(signers) = signed() else { return };
    signers.run();
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    let lines: Vec<&str> = report.lines().filter(|line| line.contains("; sha256sum ")).collect();
    assert_eq!(lines.len(), 2, "{report}");
    for line in lines {
        let file = line.rsplit(' ').next().unwrap();
        let out = Command::new("sha256sum").arg(file).current_dir(signers.bundle()).output().unwrap();
        let digest = String::from_utf8(out.stdout).unwrap();
        assert!(file.contains(&digest[..64]), "{line}");
    }
}

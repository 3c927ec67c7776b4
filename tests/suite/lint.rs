//! `countersign lint` proves that every check can fail, and finds what does nothing.

use std::fs;
use std::path::Path;

use countersign::audit::lint::{Linted, lint};
use countersign::model::instant::Instant;
use countersign::plan;

use crate::support::{countersign, ran, repository};

fn now() -> Instant {
    "2025-11-10T12:00:00Z".parse().expect("a time")
}

/// An audit of these sections, linted.
fn linted(sections: &str) -> Linted {
    let folder = tempfile::tempdir().expect("a folder");
    write(folder.path(), sections);
    let plan = plan::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    lint(plan, now())
}

fn write(folder: &Path, sections: &str) {
    let text = format!("audit: {{id: sample, subject: {{name: Sample}}}}\n{sections}");
    fs::write(folder.join("audit.yaml"), text).expect("an audit file");
}

/// An area `a` with these lines as its one check `c`.
fn check(lines: &str) -> String {
    format!("areas:\n  - area: a\n    checks:\n      - id: c\n        {}\n", lines.replace('\n', "\n        "))
}

/// The codes of everything that is found, in their order.
fn codes(sections: &str) -> Vec<&'static str> {
    linted(sections).findings.list.iter().map(|problem| problem.code.as_str()).collect()
}

/// What would make the check `a/c` fail, as people read it.
fn told(lines: &str) -> String {
    let linted = linted(&check(lines));
    linted.checks.iter().find(|proof| proof.check.to_string() == "a/c").expect("the check").told()
}

#[test]
fn each_check_is_shown_with_a_value_that_makes_it_fail() {
    for (lines, expected) in [
        (
            "service-uptime: {docker: {containers: [a, b, c, d]}}\nexpect: {up: == 4, min-uptime: \">= 24h\"}",
            "fails when up is 3 or min uptime is 23 h 59 min",
        ),
        ("file: {paths: [f]}\nexpect: {size: \"> 8GiB\"}", "fails when size is 4 GiB"),
        ("git: {}\nexpect: {branch: == main}", "fails when branch is \"something\""),
        ("git: {}\nexpect: {branch: not matches ^wip/\\d+}", "fails when branch is \"wip/0\""),
        ("git: {}\nexpect: {clean: \"true\"}", "fails when clean is no"),
        (
            "test-pass-rate: {junit: x.xml}\nexpect: {total: \">= baseline - 5%\"}",
            "fails when total is 949 after 1,000",
        ),
        (
            "test-pass-rate: {junit: x.xml}\nexpect: {pass-rate: \">= 95%\"}\nwarn: {pass-rate: \">= 90%\"}",
            "fails when pass rate is 89 %",
        ),
        (
            "test-pass-rate: {junit: x.xml}\nexpect: {pass-rate: \">= 95%\"}\nwarn: {failed: \"<= 3\"}",
            "fails when pass rate is 94 % and failed is 4",
        ),
        (
            "flag-count: {file: f.yaml, must-be-off: [x], must-be-on: [y]}",
            "fails when forbidden on is 1 or required off is 1",
        ),
        (
            "alert-count: {rule-files: {paths: [r.yaml]}}\nclaim: {by: Forge, rules: 13}",
            "warns when rules is 12 (Forge claims 13)",
        ),
        ("alert-count: {rule-files: {paths: [r.yaml]}}", "cannot fail: nothing is expected of it"),
        ("git: {}\nwhen: {value: a, is: == b, reason: There is no b}", "does not apply: There is no b"),
    ] {
        assert_eq!(told(lines), expected, "{lines}");
    }
}

#[test]
fn an_attestation_says_when_it_is_no_data() {
    for (options, expected) in [
        ("by: null", "fails when confirmed is no; no data until somebody states it"),
        ("by: Cora, on: 2025-11-01, valid-for: 14d", "fails when confirmed is no; no data once it is older than 14 d"),
        ("by: Cora, on: 2025-11-01", "fails when confirmed is no"),
    ] {
        assert_eq!(told(&format!("attestation: {{statement: It is so, {options}}}")), expected);
    }
}

#[test]
fn a_claim_read_from_a_document_is_refuted_by_a_value_beside_it() {
    let folder = tempfile::tempdir().expect("a folder");
    fs::write(folder.path().join("status.md"), "# Rules\n\nTotal: 13\n").expect("a document");
    write(
        folder.path(),
        &check(
            "alert-count: {rule-files: {paths: [r.yaml]}}\nclaim: {by: Forge, rules: {at: \"status.md#Rules/Total\"}}",
        ),
    );
    let plan = plan::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(lint(plan, now()).checks[0].told(), "warns when rules is 12 (Forge claims 13)");
}

#[test]
fn an_uptime_claimed_at_a_time_is_refuted_by_one_that_has_grown_otherwise() {
    let told = told(
        "service-uptime: {docker: {containers: [a]}}\nclaim: {by: Forge, min-uptime: 47h, as-of: 2025-11-01T00:00Z}",
    );
    assert!(told.starts_with("warns when min uptime is ") && told.ends_with("(Forge claims 47h)"), "{told}");
}

/// A check that can fail.
const GOOD: &str = "file: {paths: [f]}\nexpect: {missing: == 0}";

#[test]
fn what_cannot_fail_is_found_and_what_can_is_not() {
    let rate = |expect: &str, warn: &str| {
        check(&format!("test-pass-rate: {{junit: x.xml}}\nexpect: {{{expect}}}\nwarn: {{{warn}}}"))
    };
    assert_eq!(codes(&rate("pass-rate: \">= 95%\"", "pass-rate: \"< 96%\"")), ["cannot-fail"]);
    assert!(codes(&rate("pass-rate: \">= 95%\"", "pass-rate: \">= 90%\"")).is_empty());
    let total = |expect: &str| check(&format!("test-pass-rate: {{junit: x.xml}}\nexpect: {{total: \"{expect}\"}}"));
    assert_eq!(codes(&total(">= 0")), ["cannot-fail"]);
    assert_eq!(codes(&total(">= baseline - 100%")), ["cannot-fail"]);
    assert!(codes(&total(">= baseline - 99%")).is_empty());
    let claim = |said: &str| {
        check(&format!(
            "test-pass-rate: {{junit: x.xml}}\nexpect: {{failed: == 0, errors: == 0}}\nclaim: {{by: Alex, pass-rate: {said}}}"
        ))
    };
    assert_eq!(codes(&claim("up to 100%")), ["cannot-fail"]);
    assert!(codes(&claim("up to 99%")).is_empty());
    assert!(codes(&claim("98.28%")).is_empty());
}

#[test]
fn a_blocker_that_expects_nothing_blocks_nothing() {
    // Beside it stands a check that can fail, or the whole area would be found.
    let beside = |forgotten: &str| codes(&format!("{}      - {{id: d, {forgotten}}}\n", check(GOOD)));
    assert_eq!(beside("severity: blocker, file: {paths: [g]}"), ["cannot-fail"]);
    assert!(beside("file: {paths: [g]}").is_empty(), "what is measured only to be shown");
    assert!(beside("severity: blocker, file: {paths: [g]}, expect: {missing: == 0}").is_empty());
}

#[test]
fn a_waiver_is_dead_or_it_is_not() {
    let waived = |check: &str, waivers: &[(&str, &str)]| {
        let lines: String = waivers
            .iter()
            .map(|(approved, until)| {
                format!(
                    "  - {{check: a/c, reason: It is written soon, by: User, approved: {approved}, until: {until}}}\n"
                )
            })
            .collect();
        codes(&format!("{}waivers:\n{lines}", self::check(check)))
    };
    assert!(waived(GOOD, &[("2025-11-01", "2025-11-10")]).is_empty(), "its last day still counts");
    assert_eq!(waived(GOOD, &[("2025-11-01", "2025-11-09")]), ["dead-waiver"]);
    assert!(waived(GOOD, &[("2025-11-01", "2025-11-20"), ("2025-11-21", "2025-12-20")]).is_empty());
    assert_eq!(waived(GOOD, &[("2025-11-01", "2025-11-20"), ("2025-11-20", "2025-12-20")]), ["dead-waiver"]);
    assert!(waived("file: {paths: [f]}", &[("2025-11-01", "2025-11-20")]).contains(&"dead-waiver"));
    let never = waived("file: {paths: [f]}\nexpect: {present: \">= 0\"}", &[("2025-11-01", "2025-11-20")]);
    assert_eq!(never, ["cannot-fail", "dead-waiver"]);
}

#[test]
fn a_condition_is_closed_somehow_or_it_is_found() {
    let with = |check: &str, condition: &str| {
        codes(&format!("{}conditions:\n  - {{id: one, text: Do it, {condition}}}\n", self::check(check)))
    };
    assert_eq!(with(GOOD, "level: must"), ["never-closed"]);
    assert_eq!(with(GOOD, "level: should"), ["never-closed"]);
    assert!(with(GOOD, "level: could").is_empty(), "what is nice to have need not be closed");
    assert!(with(GOOD, "level: must, due: 2025-12-01").is_empty());
    assert!(with(GOOD, "level: must, done: true").is_empty());
    assert!(with(GOOD, "level: must, closed-by: a/c").is_empty());
    assert!(with("file: {paths: [f]}", "level: must, closed-by: a/c").contains(&"never-closed"));
    let never = with("file: {paths: [f]}\nexpect: {present: \">= 0\"}", "level: must, closed-by: a/c");
    assert_eq!(never, ["cannot-fail", "never-closed"]);
}

#[test]
fn an_area_has_evidence_or_it_is_found() {
    let stated = |more: &str| check(&format!("attestation: {{statement: It is so, by: Cora, on: 2025-11-01{more}}}"));
    assert_eq!(codes(&stated("")), ["no-evidence"]);
    assert!(codes(&stated(", see: minutes.md")).is_empty(), "there is something to read");
    assert_eq!(codes(&check("git: {}")), ["no-evidence"]);
    assert!(codes(&check("git: {}\nexpect: {branch: == main}")).is_empty());
    assert!(codes(&check("git: {}\nclaim: {by: Cora, branch: main}")).is_empty());
}

#[test]
fn each_check_of_the_stack_is_listed_after_the_findings_and_quiet_leaves_them_out() {
    let audit = repository().join("checks/stack");
    let aloud = ran(countersign().arg("lint").arg(&audit));
    assert_eq!(aloud.code, 0, "{}", aloud.stderr);
    let lines: Vec<&str> = aloud.stdout.lines().collect();
    assert_eq!(lines.len(), 10, "{}", aloud.stdout);
    let at = lines[1].find("fails when").expect("a proof");
    assert!(lines[1..].iter().all(|line| line.starts_with("  ") && line[at..].starts_with("fails when ")));
    let quiet = ran(countersign().args(["--quiet", "lint"]).arg(&audit));
    assert_eq!((quiet.code, quiet.stdout.lines().count()), (0, 1), "{}", quiet.stdout);
}

#[test]
fn for_programs_there_is_json_of_the_documented_shape() {
    let schema = ran(countersign().args(["schema", "lint"]));
    let schema: serde_json::Value = serde_json::from_str(&schema.stdout).expect("a schema");
    let validator = jsonschema::validator_for(&schema).expect("a valid schema");
    for (place, code) in [("checks/stack", 0), ("fixtures/invalid/waiver-dead", 1), ("fixtures/invalid/waiver", 4)] {
        let found = ran(countersign().args(["lint", "--format", "json"]).arg(repository().join(place)));
        assert_eq!(found.code, code, "{place}: {}", found.stderr);
        let report: serde_json::Value = serde_json::from_str(&found.stdout).expect("JSON");
        assert!(validator.is_valid(&report), "{place}: {report}");
        assert_eq!(report["audits"][0]["findings"].as_array().expect("findings").is_empty(), code == 0);
        let file = report["audits"][0]["findings"][0]["file"].as_str().unwrap_or_default();
        assert!(code == 0 || file.ends_with("audit.yaml"), "{report}");
        assert_eq!(report["audits"][0]["checks"].as_array().expect("checks").is_empty(), code == 4);
    }
}

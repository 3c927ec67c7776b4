//! What the documents say of the verdict: each thing counted as what it is, called by its name, and led to.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{countersign, ran, record};

/// A run of an audit of `query` checks on `{"a": 5}`.
struct Told {
    record: Value,
    /// `report.md`.
    report: String,
    /// What the terminal says.
    terminal: String,
}

fn told(place: &Path, rest: &str, arguments: &[&str]) -> Told {
    told_with(place, "", rest, arguments)
}

/// As [`told`]; `head` is more of the audit itself.
fn told_with(place: &Path, head: &str, rest: &str, arguments: &[&str]) -> Told {
    fs::create_dir_all(place.join("docs")).unwrap();
    fs::write(place.join("data.json"), "{\"a\": 5}").unwrap();
    fs::write(place.join("docs/r.md"), "# Report\n\n## Tests\n\n12 tests ran.\n").unwrap();
    fs::write(place.join("audit.yaml"), format!("audit: {{id: s, subject: {{name: S}}{head}}}\n{rest}")).unwrap();
    let to = place.join("bundle");
    let ran = ran(countersign().arg("run").arg(place).arg("--to").arg(&to).args(arguments));
    assert!(ran.code < 4, "{}", ran.stderr);
    let report = fs::read_to_string(to.join("report.md")).unwrap();
    Told { record: record(place), report, terminal: ran.stdout }
}

/// The bundle of a run in another format.
fn exported(place: &Path, format: &str) -> String {
    ran(countersign().arg("render").arg(place.join("bundle")).args(["--format", format])).stdout
}

/// A check whose value is 5; `more` is what it expects, and the rest of it.
fn check(id: &str, more: &str) -> String {
    format!("      - {{id: {id}, query: {{file: data.json, jq: .a}}, {more}}}\n")
}

const GOOD: &str = "expect: {value: == 5}";
const BAD: &str = "expect: {value: == 6}";

fn area(id: &str, checks: &[String]) -> String {
    format!("  - area: {id}\n    checks:\n{}", checks.concat())
}

fn rule<'a>(told: &'a Told, name: &str) -> &'a Value {
    let chain = told.record["judgement"]["chain"].as_array().unwrap();
    chain.iter().find(|rule| rule["rule"] == name).unwrap()
}

#[test]
fn a_claim_of_the_list_is_no_condition_and_no_area_of_the_same_name() {
    let place = tempfile::tempdir().unwrap();
    let rest = format!(
        "areas:\n{}conditions: [{{id: k, level: must, text: Do k.}}]\n\
         claims:\n  - {{id: k, value: '9', at: 'docs/r.md#Tests'}}\n  - {{id: x, value: '9', at: 'docs/r.md#Tests'}}\n",
        area("x", &[check("a", GOOD)])
    );
    let told = told(place.path(), &rest, &[]);
    let open = rule(&told, "open-points");
    assert_eq!(open["because"], serde_json::json!(["claims/k", "claims/x", "k"]));
    assert_eq!(open["reason"], "1 open condition: k; 2 claims of the list do not hold: k and x");
    let report = &told.report;
    assert!(
        report.contains("Why: 1 condition that must be met is open and 2 claims of the list do not hold."),
        "{report}"
    );
    for link in ["[claims/k](#claim-k)", "[claims/x](#claim-x)", "[k](#condition-k)"] {
        assert!(report.contains(link), "no {link} in {report}");
    }
    let fixes: Vec<&str> = report.lines().filter(|line| line.contains("Let the claim hold")).collect();
    assert!(fixes[0].contains("](#claim-k)") && fixes[1].contains("](#claim-x)"), "{fixes:?}");
}

#[test]
fn an_area_below_its_floor_is_no_condition_of_the_same_name() {
    let place = tempfile::tempdir().unwrap();
    let rest = format!(
        "areas:\n{}{}conditions: [{{id: y, level: must, text: Do y.}}]\n",
        area("x", &[check("a", &format!("weight: 9, {GOOD}"))]).replace("    checks", "    weight: 9\n    checks"),
        area("y", &[check("a", BAD)])
    );
    let report = told(place.path(), &rest, &[]).report;
    assert!(report.contains("\"Y\" 0.0 is below 5.0."), "{report}");
    assert!(report.contains("below 5.0.\n\n- [Y](#area-y)\n"), "{report}");
    let floor = report.lines().find(|line| line.contains("Is a score below its floor?")).unwrap();
    assert!(floor.contains("[y](#area-y)") && !floor.contains("#condition-y"), "{floor}");
}

#[test]
fn blockers_and_major_checks_are_counted_apart_and_minor_ones_not() {
    let place = tempfile::tempdir().unwrap();
    let rest = format!(
        "areas:\n{}{WAIVER}verdict: {{floor: {{overall: 0, area: 0}}}}\n",
        area(
            "x",
            &[
                check("a", &format!("severity: blocker, {BAD}")),
                check("b", BAD),
                check("c", &format!("severity: minor, {BAD}")),
                check("d", GOOD)
            ]
        )
    );
    let told = told(place.path(), &rest, &[]);
    let reason = "1 blocker does not pass: x/a; 1 major check does not pass: x/b; 1 waiver in use: x/a";
    assert_eq!(rule(&told, "open-points")["reason"], reason);
    assert!(told.terminal.contains(reason), "{}", told.terminal);
    let why = "Why: 1 blocker does not pass, 1 major check does not pass and 1 waiver is in use.";
    assert!(told.report.contains(why), "{}", told.report);
}

#[test]
fn conditions_that_must_be_met_are_counted_and_the_others_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let rest = format!(
        "areas:\n{}conditions:\n  - {{id: m, level: must, text: Do m.}}\n  - {{id: s, level: should, text: Do s.}}\n  \
         - {{id: c, level: could, text: Do c.}}\n",
        area("x", &[check("a", GOOD)])
    );
    let told = told(place.path(), &rest, &[]);
    assert!(told.report.contains("Why: 1 condition that must be met is open."), "{}", told.report);
    let besides = "2 more conditions are open that need not be met.";
    assert!(told.terminal.contains(&format!("because 1 open condition: m\n  {besides}\n")), "{}", told.terminal);
    let json = exported(place.path(), "json");
    assert!(json.contains(&format!("1 open condition: m. {besides}")), "{json}");
}

const WAIVER: &str =
    "waivers: [{check: x/a, reason: accepted for now, by: B, approved: 2026-11-01, until: 2027-10-31}]\n";

#[test]
fn what_was_waived_is_due_when_its_waiver_ends_and_not_before_go_live() {
    let place = tempfile::tempdir().unwrap();
    let areas =
        area("x", &[check("a", &format!("severity: blocker, {BAD}")), check("b", &format!("weight: 8, {GOOD}"))]);
    let alone = told(place.path(), &format!("areas:\n{areas}{WAIVER}"), &[]).report;
    let may = "S may go live. What is waived must be resolved before its waiver ends.";
    assert!(alone.contains(may), "{alone}");
    assert!(!alone.contains("Must: before go-live"), "{alone}");
    let group = alone.split("**Before a waiver ends**").nth(1).unwrap();
    assert!(group.contains("Resolve \"A\" before its waiver ends. Owner: B. Due: 31 October 2027."), "{group}");
    // Beside something that must be done first.
    let rest = format!("areas:\n{areas}{WAIVER}conditions: [{{id: m, level: must, text: Do m.}}]\n");
    let both = told(place.path(), &rest, &[]).report;
    let may = "S may go live once the conditions listed below are met. What is waived must be resolved before its waiver ends.";
    assert!(both.contains(may), "{both}");
    let must = both.split("**Must: before go-live**").nth(1).unwrap();
    let (must, waived) = must.split_once("**Before a waiver ends**").unwrap();
    assert!(must.contains("Do m.") && !must.contains("Resolve") && waived.contains("Resolve"), "{must}{waived}");
}

#[test]
fn an_area_where_nothing_is_scored_covers_nothing_and_lacks_nothing() {
    let place = tempfile::tempdir().unwrap();
    let rest = format!(
        "areas:\n{}{}{WAIVER}",
        area("x", &[check("a", BAD), check("b", &format!("weight: 9, {GOOD}"))]),
        area("empty", &[check("shown", "severity: minor")])
    );
    let told = told(place.path(), &rest, &[]);
    let row = told.report.lines().find(|line| line.starts_with("| [Empty]")).unwrap();
    assert!(row.contains("| – | – | – |"), "{row}");
    let said = "**Score of Empty: – of 10**, coverage – (nothing is scored); no check is scored";
    assert!(told.report.contains(said), "{}", told.report);
    assert!(told.terminal.contains("– covered"), "{}", told.terminal);
    let metrics = exported(place.path(), "openmetrics");
    assert!(metrics.contains("countersign_area_coverage_ratio{audit=\"s\",area=\"x\"} 1"), "{metrics}");
    assert!(!metrics.contains("area=\"empty\""), "{metrics}");
    let results: Value = serde_json::from_str(&exported(place.path(), "json")).unwrap();
    assert_eq!((&results["areas"][0]["coverage"], results["areas"][1].get("coverage")), (&1.into(), None));
}

#[test]
fn a_skipped_check_is_open_unless_it_was_left_out_or_expects_nothing() {
    let place = tempfile::tempdir().unwrap();
    let skipped = |id: &str, more: &str| check(id, &format!("depends-on: [a], severity: minor, {more}"));
    let checks = [check("a", BAD), skipped("waits", GOOD), skipped("shown", "title: Only shown")];
    let rest = format!("areas:\n{}verdict: {{floor: {{overall: 0, area: 0}}, min-coverage: 0}}\n", area("x", &checks));
    let risks = |report: &str| {
        let from = report.split("### Key risks").nth(1).unwrap_or_else(|| panic!("{report}"));
        from.split("\n\n").nth(1).unwrap().to_owned()
    };
    let whole = told(place.path(), &rest, &[]);
    let listed = risks(&whole.report);
    assert!(listed.contains("minor, skipped."), "{listed}");
    assert!(!listed.contains("Only shown"), "{listed}");
    assert!(whole.report.contains("1 skipped besides"), "{}", whole.report);
    let part = told(place.path(), &rest, &["--only", "x/a"]);
    assert!(!part.report.contains("minor, skipped."), "{}", part.report);
}

#[test]
fn a_deployment_window_has_its_first_and_its_last_day() {
    let place = tempfile::tempdir().unwrap();
    let window = |written: &str| {
        let rest = format!("areas:\n{}", area("x", &[check("a", GOOD)]));
        let report = told_with(place.path(), &format!(", window: {written}"), &rest, &[]).report;
        let line = report.lines().find(|line| line.contains("Deployment window")).unwrap().to_owned();
        line.split("to ").nth(1).unwrap().trim_end_matches(['|', '\\', ' ']).to_owned()
    };
    assert_eq!(window("2026-10-23..2026-10-30"), "30 October 2026 (8 days)");
    assert_eq!(window("2026-12-01..2026-12-01"), "1 December 2026 (1 day)");
    assert_eq!(window("2026-12-01T20:00Z..2026-12-03T20:00Z"), "3 December 2026, 20:00 UTC (2 days)");
    assert_eq!(window("2026-12-01T20:00Z..2026-12-01T22:00Z"), "1 December 2026, 22:00 UTC");
}

#[test]
fn the_scores_of_the_terminal_stand_below_each_other_however_near_to_10_they_are() {
    let place = tempfile::tempdir().unwrap();
    let near =
        area("y", &[check("a", &format!("weight: 300, {GOOD}")), check("b", &format!("severity: minor, {BAD}"))]);
    let rest = format!("areas:\n{}{near}", area("x", &[check("a", GOOD)]));
    let terminal = told(place.path(), &rest, &[]).terminal;
    for row in ["  X        10.0  █", "  Y        9.97  █", "  Overall  9.98  █"] {
        assert!(terminal.contains(row), "{terminal}");
    }
    let nearer = rest.replace("weight: 300", "weight: 100000");
    let terminal = told(place.path(), &nearer, &[]).terminal;
    for row in ["  X           10.0  █", "  Y         9.9999  █", "  Overall  9.99995  █"] {
        assert!(terminal.contains(row), "{terminal}");
    }
}

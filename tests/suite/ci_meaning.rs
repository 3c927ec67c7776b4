//! What results mean to those who read them: nothing that decided nothing is a verdict, nothing that decided is left out, and
//! names stay with what they name.

use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::support::{countersign, ran};

const HEAD: &str = "audit: {id: t, title: T, subject: {name: Shop}}\n";

struct Written {
    code: i32,
    results: Value,
    sarif: Value,
    junit: String,
    tap: String,
    metrics: String,
    report: String,
}

/// Runs an audit and reads what it wrote for others.
fn written(directory: &Path, audit: &str, flags: &[&str]) -> Written {
    fs::write(directory.join("audit.yaml"), format!("{HEAD}{audit}")).unwrap();
    let out = directory.join("out");
    let formats = ["json", "sarif", "junit", "tap", "openmetrics"].map(|name| format!("{name}={}/", out.display()));
    let bundle = directory.join("bundle");
    let ran = ran(countersign()
        .arg("run")
        .arg(directory)
        .arg("--to")
        .arg(&bundle)
        .args(flags)
        .arg("--format")
        .arg(formats.join(",")));
    let text = |name: &str| {
        fs::read_to_string(out.join(name)).unwrap_or_else(|error| panic!("{name}: {error}: {}", ran.stderr))
    };
    Written {
        code: ran.code,
        results: serde_json::from_str(&text("countersign-results.json")).unwrap(),
        sarif: serde_json::from_str(&text("countersign.sarif")).unwrap(),
        junit: text("countersign.junit.xml"),
        tap: text("countersign.tap"),
        metrics: text("countersign.prom"),
        report: fs::read_to_string(bundle.join("report.md")).unwrap(),
    }
}

fn ids(written: &Written) -> Vec<&str> {
    written.results["findings"].as_array().unwrap().iter().map(|finding| finding["id"].as_str().unwrap()).collect()
}

/// The id of what somebody claims, and its fingerprint for code scanning.
fn claimed_by<'a>(written: &'a Written, by: &str) -> (&'a str, &'a Value) {
    let findings = written.results["findings"].as_array().unwrap();
    let claim = findings.iter().find(|finding| finding["claimed"]["by"] == by).unwrap();
    let results = written.sarif["runs"][0]["results"].as_array().unwrap();
    let alert = results.iter().find(|result| result["properties"]["finding"] == claim["id"]).unwrap();
    (claim["id"].as_str().unwrap(), &alert["partialFingerprints"]["primaryLocationLineHash"])
}

#[test]
fn a_run_of_claims_alone_is_no_verdict_for_anybody() {
    let place = tempfile::tempdir().unwrap();
    let audit = "areas:\n  - area: t\n    checks:\n      - {id: suite, severity: blocker, command: {run: [echo, \"5\"]}, \
                 expect: {value: == 7}, claim: {by: Al, value: 5}}\n";
    let written = written(place.path(), audit, &["--claims-only"]);
    assert_eq!(written.code, 0, "the claim holds");
    assert_eq!(written.results["verdict"]["id"], "claims-only");
    assert!(written.results["verdict"]["reason"].as_str().unwrap().contains("no decision"));
    assert!(!written.metrics.contains("countersign_verdict"), "the last verdict stays: {}", written.metrics);
    assert!(
        written.metrics.contains("countersign_claim_result{audit=\"t\",claim=\"t/suite#value@Al\""),
        "{}",
        written.metrics
    );
    assert!(written.junit.contains("failures=\"0\" errors=\"0\""), "{}", written.junit);
    assert!(!written.tap.contains("not ok"), "{}", written.tap);
    assert_eq!(written.sarif["runs"][0]["results"].as_array().unwrap().len(), 0);
}

#[test]
fn a_claim_that_does_not_hold_is_red_in_a_run_of_claims_alone() {
    let place = tempfile::tempdir().unwrap();
    let audit = "areas:\n  - area: t\n    checks:\n      - {id: suite, command: {run: [\"false\"]}, claim: {by: Al, value: 5}}\n";
    let written = written(place.path(), audit, &["--claims-only"]);
    assert_ne!(written.code, 0);
    assert!(written.tap.contains("not ok"), "{}", written.tap);
    assert!(!written.junit.contains("failures=\"0\" errors=\"0\""), "{}", written.junit);
}

#[test]
fn of_claims_alone_nothing_is_waived_pending_or_green_for_want_of_claims() {
    let wrong = "      - {id: b, command: {run: [echo, \"5\"]}, expect: {value: == 7}, claim: {by: Al, value: 6}}\n";
    let waiver =
        "waivers:\n  - {check: a/b, reason: until the next release, by: U, approved: 2026-11-01, until: 2027-10-31}\n";
    let pending = "      - {id: b, attestation: {statement: It is done, by: null}, claim: {by: Al, confirmed: true}}\n";
    let none = "      - {id: b, command: {run: [echo, \"5\"]}, expect: {value: == 5}}\n";
    for (checks, more, code, red) in
        [(wrong, waiver, 1, "failures=\"1\""), (pending, "", 3, "errors=\"1\""), (none, "", 3, "errors=\"1\"")]
    {
        let place = tempfile::tempdir().unwrap();
        let audit = format!("areas:\n  - area: a\n    checks:\n{checks}{more}");
        let written = written(place.path(), &audit, &["--claims-only"]);
        assert_eq!(written.code, code, "{audit}");
        assert!(written.junit.contains(red), "{audit}\n{}", written.junit);
        assert!(written.tap.contains("not ok"), "{audit}\n{}", written.tap);
    }
}

#[test]
fn a_blocker_that_could_not_be_decided_is_red_whatever_hides_its_check() {
    let ok = "      - {id: ok, weight: 9, command: {run: [\"true\"]}, expect: {exit: == 0}}\n";
    let waiver =
        "waivers:\n  - {check: a/b, reason: until the next release, by: U, approved: 2026-11-01, until: 2027-10-31}\n";
    let attested = "      - {id: b, severity: blocker, attestation: {statement: It is done, by: null}}\n";
    let missing = "      - {id: b, severity: blocker, query: {file: missing.json, jq: .x}, expect: {value: == 1}}\n";
    for audit in [
        format!("areas:\n  - area: a\n    checks:\n{ok}{attested}"),
        format!("areas:\n  - area: a\n    checks:\n{ok}{missing}{waiver}"),
    ] {
        let place = tempfile::tempdir().unwrap();
        let written = written(place.path(), &audit, &[]);
        assert_eq!(written.code, 3, "undetermined");
        assert!(ids(&written).contains(&"verdict/blockers"), "{:?}", ids(&written));
        assert!(written.junit.contains("errors=\"1\""), "{}", written.junit);
        let line = written.tap.lines().find(|line| line.contains("verdict/blockers")).unwrap();
        assert!(line.starts_with("not ok") && !line.contains("# TODO"), "{line}");
    }
    // Where the check says it, it is not said twice.
    let place = tempfile::tempdir().unwrap();
    let written = written(place.path(), &format!("areas:\n  - area: a\n    checks:\n{ok}{missing}"), &[]);
    assert!(!ids(&written).contains(&"verdict/blockers"));
    assert!(written.junit.contains("errors=\"1\""), "{}", written.junit);
}

#[test]
fn what_a_system_printed_is_no_link_and_no_argument_in_code_scanning() {
    let place = tempfile::tempdir().unwrap();
    let audit = "areas:\n  - area: a\n    checks:\n      - {id: b, command: {run: [printf, 'see [the fix](https://evil.example) \
                 {0} [1](2)']}, expect: {stdout: == ok}}\n";
    let written = written(place.path(), audit, &[]);
    let results = written.sarif["runs"][0]["results"].as_array().unwrap();
    let of_check = results.iter().find(|result| result["ruleId"] == "a.b").unwrap();
    let text = of_check["message"]["text"].as_str().unwrap();
    assert!(text.contains(r"[the fix\](https://evil.example) {{0}} [1\](2)"), "{text}");
}

#[test]
fn the_name_of_a_claim_does_not_go_over_to_another_one() {
    let place = tempfile::tempdir().unwrap();
    let audit = |claims: &str| {
        format!(
            "areas:\n  - area: a\n    checks:\n      - id: t\n        command: {{run: [echo, \"5\"]}}\n        claim: {claims}\n"
        )
    };
    let both = written(place.path(), &audit("[{by: alice, value: 9}, {by: iOS team, value: 8}]"), &[]);
    let again = written(place.path(), &audit("[{by: iOS team, value: 8}]"), &[]);
    assert_ne!(claimed_by(&both, "alice").1, claimed_by(&again, "iOS team").1, "an alert of somebody else");
    assert_eq!(claimed_by(&both, "iOS team").0, "a/t#value@iOS team");
}

#[test]
fn a_claim_keeps_its_name_whatever_is_claimed_beside_it() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("R.md"), "# R\n\n- Tests: 9\n- Suite: 8\n- Cases: 7\n").unwrap();
    let audit = |claims: &str| {
        format!(
            "areas:\n  - area: a\n    checks:\n      - id: t\n        command: {run}\n        claim: [{claims}]\n",
            run = "{run: [echo, \"5\"]}"
        )
    };
    let at = |label: &str| format!("{{by: Al, value: {{at: \"R.md#R/{label}\"}}}}");
    // Each with its name in JUnit, TAP and OpenMetrics, and what code scanning knows it by.
    let names = |claims: &[String]| -> Vec<(String, Value)> {
        let written = written(place.path(), &audit(&claims.join(", ")), &[]);
        let claims = ids(&written).into_iter().filter(|id| id.contains('#'));
        let alerts = written.sarif["runs"][0]["results"].as_array().unwrap();
        claims
            .map(|id| {
                assert!(written.junit.contains(&format!("name=\"{id} ")), "{id}\n{}", written.junit);
                assert!(written.metrics.contains(&format!("claim=\"{id}\"")), "{id}\n{}", written.metrics);
                let alert = alerts.iter().find(|result| result["properties"]["finding"] == id).unwrap();
                (id.to_owned(), alert["partialFingerprints"]["primaryLocationLineHash"].clone())
            })
            .collect()
    };
    let alone = names(&[at("Cases")]);
    assert_eq!(alone[0].0, "a/t#value@Al@R.md#R/Cases");
    let two = names(&[at("Suite"), at("Cases")]);
    assert_eq!(two[1..], alone, "one before it");
    let all = names(&[at("Tests"), "{by: Al, value: 6}".to_owned(), at("Suite"), at("Cases")]);
    assert_eq!(all[2..], two, "two before them");
    assert_eq!(all[1].0, "a/t#value@Al", "the audit file has it");
    // Without a place, by what is claimed.
    let [six, four, three] = [6, 4, 3].map(|value| format!("{{by: Al, value: {value}}}"));
    let stated = names(&[six.clone(), four.clone()]);
    assert_eq!(names(&[three, six, four])[1..], stated);
}

#[test]
fn a_reason_counts_claims_and_is_never_empty_and_no_two_conditions_share_an_anchor() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("R.md"), "# R\n\n- Tests: 9\n").unwrap();
    let audit = "areas:\n  - area: a\n    checks:\n      - {id: t, command: {run: [echo, \"5\"]}, expect: {value: == 5}}\n\
                 claims:\n  - {id: readme, fact: a.t.value, at: \"R.md#R/Tests\"}\n";
    let report = written(place.path(), audit, &[]).report;
    assert!(report.contains("Why: 1 claim of the list does not hold."), "{report}");
    assert!(report.contains("Shop may go live once what is listed below is put right."), "{report}");

    let check = |id: &str| {
        format!(
            "      - {{id: {id}, title: \"GraphQL: {id}\", command: {{run: [\"false\"]}}, expect: {{exit: == 0}}}}\n"
        )
    };
    let waiver = |id: &str| {
        format!(
            "  - {{check: {id}, reason: until the next release, by: Uma, approved: 2026-11-01, until: 2027-10-31}}\n"
        )
    };
    let audit = format!(
        "areas:\n  - area: a\n    checks:\n{}  - area: a-b\n    checks:\n{}  - area: c--d\n    checks:\n{}waivers:\n{}{}",
        check("b-c"),
        check("c"),
        check("e"),
        waiver("a/b-c"),
        waiver("a-b/c"),
    );
    let report = written(place.path(), &audit, &[]).report;
    let anchors: Vec<&str> = report.split("<a id=\"").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    let mut unique = anchors.clone();
    unique.sort_unstable();
    unique.dedup();
    assert_eq!(unique.len(), anchors.len(), "{anchors:?}");
    for target in report.split("](#").skip(1).map(|rest| rest.split(')').next().unwrap()) {
        let is_heading = report.lines().any(|line| line.starts_with('#') && target == slug(line));
        assert!(anchors.contains(&target) || is_heading, "nothing is called {target}");
    }
    assert!(report.contains("Resolve \"GraphQL: b-c\" before its waiver ends. Owner: Uma."), "{report}");
    assert!(report.contains("major checks do not pass and 2 waivers are in use"), "{report}");
}

/// How GitHub calls a heading.
fn slug(heading: &str) -> String {
    let text = heading.trim_start_matches('#').trim().to_lowercase();
    text.chars()
        .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

//! The short form: what decides, on one printed page, however long the audit is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign::model::record::Record;
use countersign::model::signoff::SignOff;
use countersign::report::{self, Templates};

use crate::report::{claims_only, golden, sample, sign_offs, signed_view_of, view_of};
use crate::support::{countersign, ran, run, skipped};

#[test]
fn the_short_form_is_as_it_was_looked_at() {
    let (markdown, html) = report::brief(&view_of(&sample()), &Templates::builtin()).unwrap();
    golden("reports/brief.md", &markdown);
    golden("reports/brief.html", &html);
}

#[test]
fn the_short_form_of_claims_has_no_score() {
    let (markdown, html) = report::brief(&view_of(&claims_only()), &Templates::builtin()).unwrap();
    for document in [markdown, html] {
        assert!(!document.contains("Score") && !document.contains("<table"), "{document}");
        assert!(document.contains("Only claims were judged"), "{document}");
    }
}

#[test]
fn the_short_form_says_what_must_be_known_before_the_rest_is_believed() {
    let mut record = sample();
    (record.run.interrupted, record.run.untrusted, record.replayed_from) = (true, true, Some("0".repeat(64)));
    for document in <[String; 2]>::from(report::brief(&view_of(&record), &Templates::builtin()).unwrap()) {
        assert!(document.contains("Where the evidence comes from: A sample made by hand"), "{document}");
        assert!(document.contains("The run was interrupted") && document.contains("strangers"), "{document}");
        assert!(document.contains("1 more in the report"), "{document}");
    }
}

/// So much of an area that its score is not what decides.
const OK: &str = "      - {id: ok, weight: 100, query: {file: facts.json, jq: .n}, expect: {value: '== 1'}}\n";

/// What an area has besides: nothing of how it came out is left out of its line.
const OF_EVERY_STATUS: &str = r#"      - {id: warns, query: {file: facts.json, jq: .n}, expect: {value: "== 2"}, warn: {value: ">= 1"}}
      - {id: absent, query: {file: facts.json, jq: .m}, expect: {value: "== 1"}}
      - {id: gone, query: {file: gone.json, jq: .n}, expect: {value: "== 1"}}
      - {id: skipped, depends-on: [gone], query: {file: facts.json, jq: .n}, expect: {value: "== 1"}}
      - {id: never, when: {value: x, is: "== y"}, query: {file: facts.json, jq: .n}, expect: {value: "== 1"}}
      - {id: shown, query: {file: facts.json, jq: .n}}
"#;

/// The record of an audit with these areas, after a run.
fn record_of(directory: &Path, areas: &str) -> Record {
    let head = "audit: {id: trial, title: Trial, subject: {name: Thing}}\nareas:\n";
    fs::write(directory.join("facts.json"), r#"{"n": 1}"#).unwrap();
    fs::write(directory.join("audit.yaml"), format!("{head}{areas}")).unwrap();
    run(directory);
    serde_json::from_slice(&fs::read(directory.join("bundle/record.json")).unwrap()).unwrap()
}

#[test]
fn what_is_left_out_is_counted_and_risks_begin_where_the_verdict_ends() {
    let place = tempfile::tempdir().unwrap();
    let mut areas = "  - area: a\n    checks:\n".to_owned() + OK;
    for number in 0..30 {
        let _ = writeln!(
            areas,
            "      - {{id: c{number}, title: Check {number}, severity: major, query: {{file: facts.json, jq: .n}}, expect: {{value: '== 2'}}}}"
        );
    }
    let record = record_of(place.path(), &areas);
    let (markdown, _) = report::brief(&view_of(&record), &Templates::builtin()).unwrap();
    let parts: Vec<&str> = markdown.split("**Risks**").collect();
    assert!(parts[0].contains("- Check 5 (") && !parts[0].contains("- Check 6 ("), "{markdown}");
    assert!(parts[0].contains("- 24 more in the report"), "{markdown}");
    assert!(parts[1].contains("- Check 20: ") && parts[1].contains("- 7 more in the report"), "{markdown}");
    let view = view_of(&record);
    assert_eq!(view.verdict.because.last().unwrap().about, "10 more");
    let against: Vec<&str> = view.weaknesses.iter().map(|point| point.about.as_str()).collect();
    assert_eq!(against, ["Check 20", "Check 21", "Check 22", "Check 23", "Check 24", "More open checks"]);
    assert_eq!(view.weaknesses[5].text, "5 are not listed here; the tables below have them all.");
}

#[test]
fn a_check_that_was_skipped_is_open_and_one_that_was_left_out_of_the_run_is_told_apart() {
    let place = tempfile::tempdir().unwrap();
    let minor = OF_EVERY_STATUS.replace("{id:", "{severity: minor, id:");
    let areas = format!("  - area: a\n    checks:\n{OK}{minor}");
    let record = record_of(place.path(), &areas);
    let told = |record: &Record| -> Vec<String> {
        view_of(record).weaknesses.iter().map(|point| format!("{}: {}", point.about, point.text)).collect()
    };
    let skipped = |told: &[String]| told.iter().any(|line| line.starts_with("Skipped: minor, skipped. "));
    assert!(skipped(&told(&record)), "{:?}", told(&record));
    let part = ran(countersign()
        .arg("run")
        .arg(place.path())
        .args(["--only", "a/warns", "--to"])
        .arg(place.path().join("part")));
    assert!(part.code < 4, "{}", part.stderr);
    let part = serde_json::from_slice(&fs::read(place.path().join("part/record.json")).unwrap()).unwrap();
    assert!(!skipped(&told(&part)), "{:?}", told(&part));
    // How they came out is never cut, and what the verdict hangs on is listed in the report.
    let (markdown, _) = report::brief(&view_of(&record), &Templates::builtin()).unwrap();
    let row = markdown.lines().find(|line| line.starts_with("| A |")).unwrap();
    let tally = "1 of 5 checks passing, 1 warn, 1 no data, 1 error, 1 skipped; 1 n/a besides; 1 info besides";
    assert!(row.contains(tally), "{row}");
}

#[test]
fn what_the_verdict_hangs_on_is_listed_in_the_report_and_the_short_form_says_so() {
    let (markdown, html) = report::brief(&view_of(&sample()), &Templates::builtin()).unwrap();
    for document in [markdown, html] {
        assert!(document.contains("conditions listed in the report are met"), "{document}");
        assert!(!document.contains("listed below"), "{document}");
    }
    assert!(view_of(&sample()).verdict.sentence.contains("conditions listed below are met"));
}

#[test]
fn of_a_claim_that_is_wrong_in_several_places_it_is_said_in_how_many_more() {
    let place = tempfile::tempdir().unwrap();
    fs::write(place.path().join("r.md"), "# Results\n\nTests: 5\n\n## Again\n\nTests: 6\n\n## Then\n\nTests: 1\n")
        .unwrap();
    let areas = "  - area: a\n    checks:\n      - {id: c, query: {file: facts.json, jq: .n}, expect: {value: '== 1'}}\n\
                 claims:\n  - {id: tests, title: Tests, fact: a.c.value, at: [r.md#Results/Tests, r.md#Again/Tests, r.md#Then/Tests]}\n";
    let mut record = record_of(place.path(), areas);
    record.run.claims_only = true;
    let because = view_of(&record).verdict.because;
    assert_eq!(because.len(), 1, "{because:?}");
    assert!(because[0].text.ends_with(" And 1 more place."), "{because:?}");
}

/// More areas, conditions, roles and words than any page holds.
fn long_audit(directory: &Path) {
    let long = "Every part of the payment service that was promised for this release answers in time ".repeat(5);
    let mut audit = format!(
        "audit:\n  id: long\n  title: \"{long}\"\n  subject: {{name: \"{long}\"}}\n  auditor: {{name: \"{long}\", role: \"{long}\"}}\n"
    );
    let _ = writeln!(audit, "  provenance: \"{long}\"\nverdict: {{floor: {{overall: 0.0, area: 0.0}}}}\nareas:");
    for area in 0..30 {
        let _ = write!(
            audit,
            "  - area: a{area}\n    title: \"{area} {long}\"\n    checks:\n      - id: c\n        title: \"{area} {long}\"\n        \
             severity: {}\n        weight: 100\n        remediation: \"{long}\"\n        query: {{file: facts.json, jq: .n}}\n        \
             expect: {{value: '== {}'}}\n",
            ["major", "blocker"][area % 2],
            area % 2
        );
        audit.push_str(&OF_EVERY_STATUS.replace("{id:", "{severity: minor, id:"));
    }
    let waiver = "{check: a1/gone, reason: it is looked for, by: B, approved: 2026-01-01, until: 2026-12-31}";
    let _ = writeln!(audit, "waivers: [{waiver}]");
    audit.push_str("risks:\n");
    for risk in 0..12 {
        let _ = writeln!(audit, "  - {{id: r{risk}, title: \"{risk} {long}\", likelihood: high, impact: high}}");
    }
    let _ = writeln!(audit, "rollout:\n  strategy: \"{long}\"\n  stages:");
    for stage in 0..9 {
        let _ = writeln!(audit, "    - {{name: s{stage}, title: \"{stage} {long}\", to: {stage}%, soak: 1h}}");
    }
    audit.push_str("signoff:\n  roles:\n");
    for role in 0..12 {
        let _ = writeln!(
            audit,
            "    a-role-with-rather-a-long-name-{role}: {{members: [p{role}@example.com], threshold: 1}}"
        );
    }
    fs::write(directory.join("facts.json"), r#"{"n": 1}"#).unwrap();
    fs::write(directory.join("audit.yaml"), audit).unwrap();
}

#[test]
fn the_short_form_of_the_longest_audit_is_one_printed_page() {
    let place = tempfile::tempdir().unwrap();
    long_audit(place.path());
    run(place.path());
    let brief = ran(countersign().arg("render").arg(place.path().join("bundle")).arg("--brief"));
    assert_eq!(brief.code, 0, "{}", brief.stderr);
    assert_eq!(brief.stdout.lines().count(), 2, "{}", brief.stdout);
    let page = fs::read_to_string(place.path().join("bundle/brief.html")).unwrap();
    assert!(page.contains("more in the report"), "what was left out is said");
    assert!(page.contains("<strong>Rollout.</strong>"), "the rollout has its line");
    // With all that a run and those who sign it may have to say.
    let record: Record = serde_json::from_slice(&fs::read(place.path().join("bundle/record.json")).unwrap()).unwrap();
    let mut noted = record;
    (noted.run.interrupted, noted.run.untrusted, noted.replayed_from) = (true, true, Some("0".repeat(64)));
    let said = "Whoever signs this has rather a lot to say about every part of the payment service ".repeat(4);
    let reserved: Vec<SignOff> = (0..5)
        .map(|role| {
            let mut signoff = sign_offs().swap_remove(0);
            let words = signoff.said.as_mut().unwrap();
            words.role = format!("a-role-with-rather-a-long-name-{role}").parse().unwrap();
            words.signer = format!("p{role}@example.com").parse().unwrap();
            words.conditions = vec![said.clone(); 3];
            signoff
        })
        .collect();
    let noted = report::brief(&signed_view_of(&noted, &reserved), &Templates::builtin()).unwrap().1;
    assert!(noted.contains("signed with conditions") && noted.contains("<div class=\"note\">"), "{noted}");
    fs::write(place.path().join("noted.html"), noted).unwrap();
    for page in ["bundle/brief.html", "noted.html"] {
        let Some(pages) = printed(place.path(), page) else {
            return skipped("chromium is not installed, so no page was printed");
        };
        assert_eq!(pages, 1, "{page}: {pages} pages");
    }
}

/// How many pages a document has on paper; `None` without a browser.
fn printed(place: &Path, page: &str) -> Option<usize> {
    let pdf = place.join("brief.pdf");
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .arg(format!("--user-data-dir={}", place.join("browser").display()))
        .args(["--no-pdf-header-footer"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", place.join(page).display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    printed.ok()?;
    let pdf = fs::read(pdf).unwrap();
    Some(String::from_utf8_lossy(&pdf).matches("/Type /Page\n").count())
}

//! The short form: what decides, on one printed page, however long the audit is.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use countersign::report::{self, Templates};

use crate::report::{claims_only, golden, sample, view_of};
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

/// More areas, conditions, roles and words than any page holds.
fn long_audit(directory: &Path) {
    let long = "Every part of the payment service that was promised for this release answers in time ".repeat(5);
    let mut audit = format!(
        "audit:\n  id: long\n  title: \"{long}\"\n  subject: {{name: \"{long}\"}}\n  auditor: {{name: \"{long}\", role: \"{long}\"}}\n"
    );
    audit.push_str("areas:\n");
    for area in 0..30 {
        let _ = write!(
            audit,
            "  - area: a{area}\n    title: \"{area} {long}\"\n    checks:\n      - id: c\n        title: \"{area} {long}\"\n        \
             severity: major\n        remediation: \"{long}\"\n        query: {{file: facts.json, jq: .n}}\n        expect: {{value: '== {}'}}\n",
            area % 2
        );
    }
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
    let pdf = place.path().join("brief.pdf");
    let printed = Command::new("chromium")
        .args(["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"])
        .arg(format!("--user-data-dir={}", place.path().join("browser").display()))
        .args(["--no-pdf-header-footer"])
        .arg(format!("--print-to-pdf={}", pdf.display()))
        .arg(format!("file://{}", place.path().join("bundle/brief.html").display()))
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    if printed.is_err() {
        return skipped("chromium is not installed, so no page was printed");
    }
    let pdf = fs::read(pdf).unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    let pages = pdf.matches("/Type /Page\n").count();
    assert_eq!(pages, 1, "{} pages", pages);
    let page = fs::read_to_string(place.path().join("bundle/brief.html")).unwrap();
    assert!(page.contains("more in the report"), "what was left out is said");
    assert!(page.contains("<strong>Rollout.</strong>"), "the rollout has its line");
}

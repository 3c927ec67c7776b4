//! What the documents say in words: sentences end once, times are those of people, and nothing is said of nobody.

use std::fs;
use std::path::Path;

use crate::support::{countersign, ran};

const AUDIT: &str = r#"
audit: {id: words, title: Words, subject: {name: Acme Inc.}, auditor: {name: A. B.}}
verdict: {floor: {overall: 9.0, area: 0.0}}
areas:
  - area: x
    checks:
      - {id: a, title: "Is it 6?", query: {file: facts.json, jq: .n}, expect: {value: "== 6"}}
      - {id: b, title: "It is 5.", query: {file: facts.json, jq: .n}, expect: {value: "== 5"}}
      - {id: c, weight: 4, query: {file: facts.json, jq: .n}, expect: {value: "== 5"}}
      - {id: old, attestation: {statement: It was done, by: Bob Jr., on: 2026-01-28T10:00+01:00, valid-for: 1h}}
questions: [{ask: "Sure?", answer: "yes.", because: ["One."]}, {ask: Sure, answer: "maybe?"}, {ask: Really, answer: "no"}]
decisions:
  - {id: open, ask: Which, options: {A: "first.", B: second}, owner: Bob Jr.}
  - {id: made, ask: Who, options: {A: "first.", B: second}, decided: B, owner: Bob Jr.}
  - {id: nobodys, ask: When, options: {A: "first.", B: second}, decided: B}
conditions: [{id: k, level: must, text: "Do it!", owner: Bob Jr.}, {id: k2, level: should, text: Do it, closed-by: x/b}]
risks: [{id: r, title: "It burns!", likelihood: low, impact: high, owner: Bob Jr.}]
next-steps: [{title: "Go.", text: "Now."}, {title: "Stay", text: "Here."}, {title: "Leave.", owner: B, text: "Then."}]
"#;

/// The report of the audit, and its short form, in Markdown and in HTML.
fn documents(place: &Path) -> [String; 4] {
    fs::write(place.join("facts.json"), r#"{"n": 5}"#).unwrap();
    fs::write(place.join("audit.yaml"), AUDIT).unwrap();
    let bundle = place.join("bundle");
    let run = ran(countersign().arg("run").arg(place).arg("--to").arg(&bundle));
    assert!(run.code < 4, "{}", run.stderr);
    assert_eq!(ran(countersign().arg("render").arg(&bundle).arg("--brief")).code, 0);
    ["report.md", "brief.md", "report.html", "brief.html"].map(|name| fs::read_to_string(bundle.join(name)).unwrap())
}

#[test]
fn sentences_that_end_in_the_words_of_people_end_once() {
    let place = tempfile::tempdir().unwrap();
    let documents = documents(place.path());
    for document in &documents {
        let body = document.split("</style>").last().and_then(|body| body.split("<script").next()).unwrap();
        for twice in ["..", "?.", "!.", ".:", "..*", ".</strong>."] {
            let line = body.lines().find(|line| line.contains(twice) && !line.contains("(cd evidence"));
            assert_eq!(line, None, "{twice}");
        }
    }
    let [report, ..] = &documents;
    for said in [
        "**Yes.**\n",
        "**Maybe?**\n",
        "**No.**\n",
        "1. **Go.** Now.\n",
        "1. **Stay**: Here.\n",
        "1. **Leave.** (B): Then.\n",
    ] {
        assert!(report.contains(said), "{said}: {report}");
    }
    assert!(report.contains("Owner: Bob Jr. From the audit."), "{report}");
    assert!(report.contains("From [It is 5.](#c-x--b)") || !report.contains("It is 5.)."), "{report}");
}

#[test]
fn who_decided_is_not_said_to_decide_and_of_nobody_nothing_is_said() {
    let place = tempfile::tempdir().unwrap();
    let [report, _, page, _] = documents(place.path());
    let is_state = |line: &&str| line.contains("decided. ") || line.ends_with(" decided.");
    let said: Vec<&str> = report.lines().filter(is_state).filter(|line| !line.starts_with(['|', '-'])).collect();
    assert_eq!(
        said,
        ["! to be decided. Bob Jr. decides (must).", "✓ decided. Decided by Bob Jr. (must).", "✓ decided."]
    );
    assert!(page.contains("Decided by Bob Jr. (must).") && !page.contains("Nobody is named to decide"), "{page}");
}

#[test]
fn the_score_of_the_whole_is_a_reason_in_words_and_leads_to_it() {
    let place = tempfile::tempdir().unwrap();
    let [report, brief, page, _] = documents(place.path());
    assert!(report.contains("\n- [The whole](#summary)\n"), "{report}");
    assert!(report.contains("[overall](#summary)"), "{report}");
    assert!(brief.contains("- The whole\n"), "{brief}");
    assert!(page.contains("<a href=\"#summary\">The whole</a>"), "{page}");
}

#[test]
fn times_and_yes_and_no_are_written_as_people_write_them() {
    let place = tempfile::tempdir().unwrap();
    let [report, ..] = documents(place.path());
    assert!(report.contains("confirmed on 28 January 2026, 09:00 UTC and that has expired"), "{report}");
    let row = report.lines().find(|line| line.starts_with("| [") && line.contains("| confirmed |")).unwrap();
    assert!(row.contains("| yes |") && !row.contains("true"), "{row}");
}

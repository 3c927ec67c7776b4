//! Results that a test tool wrote: JUnit XML, TRX, TAP, and the JSON of Jest, Vitest, Mocha, CTRF and Go.

use std::collections::BTreeMap;

use serde_json::json;

use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, folder, name, only, root_element};
use crate::witness::TreeFile;

/// So many files are looked into.
const MOST: usize = 400;
/// So many globs make one check.
const MOST_GLOBS: usize = 20;

const TESTS: &[&str] = &["test", "tests"];
const PASS: &[&str] = &["pass", "passes", "passed", "passing", "green", "succeed"];
const FAIL: &[&str] = &["fail", "fails", "failed", "failing", "failures", "red"];
const OTHER: &[&str] = &[
    "pass", "passes", "passed", "passing", "green", "succeed", "fail", "fails", "failed", "failing", "failures", "red",
    "skipped", "ignored", "file", "files", "suite", "suites", "coverage",
];

/// Words by which documents speak of tests.
pub(super) const SAYS: &[Saying] = &[
    Saying { fact: "total", words: &[TESTS], never: OTHER, share: false },
    Saying { fact: "passed", words: &[TESTS, PASS], never: FAIL, share: false },
    Saying { fact: "failed", words: &[TESTS, FAIL], never: PASS, share: false },
    Saying { fact: "pass-rate", words: &[TESTS, PASS], never: FAIL, share: true },
    Saying { fact: "pass-rate", words: &[&["pass"], &["rate"]], never: FAIL, share: true },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut junit: Vec<&TreeFile> = Vec::new();
    let mut drafts = Vec::new();
    for file in ground.all(MOST, |path| matches!(extension(path), "xml" | "trx" | "tap" | "json")) {
        match format(ground, file).await {
            Some("junit") => junit.push(file),
            Some(reads) => drafts.push(draft(
                name(&file.path).to_owned(),
                json!({"file": {"path": only(&file.path), "reads": reads}}),
                file.path.clone(),
            )),
            None => {}
        }
    }
    let mut groups = groups(ground, &junit);
    if let [group] = groups.as_mut_slice() {
        group.0 = "suite".to_owned();
    }
    let of_junit = groups.into_iter().map(|(id, mut globs)| {
        globs.truncate(MOST_GLOBS);
        let from = globs.join(", ");
        let globs = if globs.len() == 1 { json!(globs[0]) } else { json!(globs) };
        draft(id, json!({ "junit": globs }), from)
    });
    of_junit.chain(drafts).collect()
}

fn draft(id: String, options: serde_json::Value, from: String) -> Draft {
    Draft {
        area: "tests",
        id,
        title: "Test results".to_owned(),
        kind: "test-pass-rate",
        options,
        facts: &["passed", "failed", "errors"],
        says: SAYS,
        from,
        address: None,
        manner: Manner::Look,
    }
}

async fn format(ground: &Ground<'_>, file: &TreeFile) -> Option<&'static str> {
    let extension = extension(&file.path);
    // Any JSON may look like a report; one that git keeps has to be called like one, too.
    let called = ["test", "jest", "vitest", "mocha", "ctrf", "result"];
    let lower = name(&file.path).to_ascii_lowercase();
    if extension == "json" && !file.built && !called.iter().any(|word| lower.contains(word)) {
        return None;
    }
    let head = ground.head(&file.path).await?;
    match extension {
        "tap" => (head.starts_with("TAP version") || head.starts_with("1..")).then_some("tap"),
        "json" if head.contains("\"numTotalTests\"") => Some("jest-json"),
        "json" if head.contains("\"CTRF\"") => Some("ctrf"),
        "json" if head.contains("\"stats\"") && head.contains("\"passes\"") => Some("mocha-json"),
        "json" if head.starts_with('{') && head.contains("\"Action\":\"") && head.contains("\"Package\":\"") => {
            Some("go-test-json")
        }
        "json" => None,
        _ => match root_element(&head)? {
            "testsuites" | "testsuite" => Some("junit"),
            "TestRun" => Some("trx"),
            _ => None,
        },
    }
}

/// The JUnit files as globs: those of one folder together where nothing else of that ending lies there, and folders of one
/// name (`surefire-reports` of every module) as one check.
fn groups(ground: &Ground<'_>, junit: &[&TreeFile]) -> Vec<(String, Vec<String>)> {
    let mut folders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for file in junit {
        folders.entry(folder(&file.path)).or_default().push(&file.path);
    }
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    for (at, files) in folders {
        let here = |path: &str| folder(path) == at && extension(path) == "xml";
        let all = ground.tree.files.iter().filter(|file| here(&file.path)).count();
        let last = name(at);
        let globs = groups.entry(if last.is_empty() { "reports" } else { last }).or_default();
        match files.as_slice() {
            [_, _, ..] if all == files.len() && !at.is_empty() => globs.push(format!("{}/*.xml", only(at))),
            files => globs.extend(files.iter().map(|path| only(path))),
        }
    }
    groups.into_iter().map(|(id, globs)| (id.to_owned(), globs)).collect()
}

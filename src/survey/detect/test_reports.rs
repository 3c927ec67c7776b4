//! Results that a test tool wrote: JUnit XML, TRX, TAP, and the JSON of Jest, Vitest, Mocha, CTRF and Go.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::json;

use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, folder, name, only, root_element};
use crate::witness::TreeFile;

/// So many files are looked into.
const MOST: usize = 400;
/// Where so many files of a folder are reports and none is anything else, the others are taken for reports, too. One that
/// is none is an error of the check, which is seen; a report that is left out is not.
const ENOUGH: usize = 20;
/// So many folders are named one by one.
const MOST_FOLDERS: usize = 20;
/// Why the rest is left out.
const MORE: Manner = Manner::Never("it is one of more files than are looked into: add what of these are test reports");

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
    let (mut junit, mut others) = (BTreeMap::<&str, Vec<&str>>::new(), BTreeSet::new());
    let (mut drafts, mut looked, mut left) = (Vec::new(), 0, None);
    for file in ground.tree.files.iter().filter(|file| may_be_one(file)) {
        let at = folder(&file.path);
        let xml = extension(&file.path) == "xml";
        let format = if xml && junit.get(at).is_some_and(|known| known.len() >= ENOUGH) && !others.contains(at) {
            Some("junit")
        } else if looked == MOST {
            left = left.or(Some(file));
            continue;
        } else {
            looked += 1;
            format(ground, file).await
        };
        match format {
            Some("junit") => junit.entry(at).or_default().push(&file.path),
            Some(reads) => drafts.push(draft(
                name(&file.path).to_owned(),
                json!({"file": {"path": only(&file.path), "reads": reads}}),
                file.path.clone(),
            )),
            None if xml => {
                others.insert(at);
            }
            None => {}
        }
    }
    let mut groups = groups(ground, junit);
    if let [group] = groups.as_mut_slice() {
        group.0 = "suite".to_owned();
    }
    let of_junit = groups.into_iter().map(|(id, globs)| {
        let from = globs.join(", ");
        let globs = if globs.len() == 1 { json!(globs[0]) } else { json!(globs) };
        draft(id, json!({ "junit": globs }), from)
    });
    let left = left.map(|file| {
        let options = json!({ "junit": only(&file.path) });
        Draft { manner: MORE, ..draft("more".to_owned(), options, file.path.clone()) }
    });
    of_junit.chain(drafts).chain(left).collect()
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

fn may_be_one(file: &TreeFile) -> bool {
    // Any JSON may look like a report; one that git keeps has to be called like one, too.
    let called = ["test", "jest", "vitest", "mocha", "ctrf", "result"];
    match extension(&file.path) {
        "xml" | "trx" | "tap" => true,
        "json" => {
            let lower = name(&file.path).to_ascii_lowercase();
            file.built || called.iter().any(|word| lower.contains(word))
        }
        _ => false,
    }
}

async fn format(ground: &Ground<'_>, file: &TreeFile) -> Option<&'static str> {
    let head = ground.head(&file.path).await?;
    match extension(&file.path) {
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

/// The JUnit files, by their folders, as globs: those of one folder together where nothing else of that ending lies there,
/// and folders of one name (`surefire-reports` of every module) as one check.
fn groups(ground: &Ground<'_>, junit: BTreeMap<&str, Vec<&str>>) -> Vec<(String, Vec<String>)> {
    let mut groups: BTreeMap<&str, Vec<(&str, Vec<&str>)>> = BTreeMap::new();
    for (at, files) in junit {
        let last = name(at);
        groups.entry(if last.is_empty() { "reports" } else { last }).or_default().push((at, files));
    }
    let all_of_it = |at: &str, files: &[&str]| {
        let here = |path: &str| folder(path) == at && extension(path) == "xml";
        !at.is_empty() && ground.tree.files.iter().filter(|file| here(&file.path)).count() == files.len()
    };
    let globs = |folders: Vec<(&str, Vec<&str>)>| {
        if folders.len() > MOST_FOLDERS && folders.iter().all(|(at, files)| all_of_it(at, files)) {
            let folders: Vec<&str> = folders.iter().map(|(at, _)| *at).collect();
            return vec![format!("{}/*.xml", spanning(&folders))];
        }
        let globs = folders.into_iter().flat_map(|(at, files)| match files.as_slice() {
            [_, _, ..] if all_of_it(at, &files) => vec![format!("{}/*.xml", only(at))],
            files => files.iter().map(|path| only(path)).collect(),
        });
        globs.collect()
    };
    groups.into_iter().map(|(id, folders)| (id.to_owned(), globs(folders))).collect()
}

/// A glob that matches all of these folders: what they begin and end with, and anything between.
fn spanning(folders: &[&str]) -> String {
    let parts: Vec<Vec<&str>> = folders.iter().map(|folder| folder.split('/').collect()).collect();
    let shortest = parts.iter().map(Vec::len).min().unwrap_or(0);
    let alike = |at: &dyn Fn(&[&str]) -> Option<usize>| {
        let mut all = parts.iter().map(|folder| at(folder).and_then(|at| folder.get(at)));
        let first = all.next().flatten();
        first.is_some() && all.all(|part| part == first)
    };
    let behind = (1..=shortest).take_while(|back| alike(&|folder| folder.len().checked_sub(*back))).count();
    let before = (0..shortest - behind).take_while(|front| alike(&|_| Some(*front))).count();
    let [first, ..] = parts.as_slice() else { return "**".to_owned() };
    let escaped = |parts: &[&str]| parts.iter().map(|part| only(part)).collect::<Vec<_>>();
    [escaped(&first[..before]), vec!["**".to_owned()], escaped(&first[first.len() - behind..])].concat().join("/")
}

#[cfg(test)]
mod tests {
    use super::spanning;

    #[test]
    fn many_folders_are_what_they_begin_and_end_with() {
        assert_eq!(spanning(&["a/target/reports", "b/target/reports"]), "**/target/reports");
        assert_eq!(spanning(&["m/a/out/x", "m/b/c/out/x", "m/out/x"]), "m/**/out/x");
        assert_eq!(spanning(&["x", "a/x"]), "**/x");
        assert_eq!(spanning(&["[a]/x/r", "[a]/y/r"]), "[[]a[]]/**/r");
    }
}

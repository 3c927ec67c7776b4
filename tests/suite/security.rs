//! SECURITY.md names a test for each attack: every one of them is there, and is a test.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::repository;

/// The tests that a line of the table names: what stands in backquotes in its last column.
fn named(line: &str) -> Vec<&str> {
    let last = line.trim_end().trim_end_matches('|').rsplit('|').next().unwrap_or_default();
    last.split('`').skip(1).step_by(2).filter(|name| name.contains("::")).collect()
}

/// The lines of the tables of attacks, their heads left out.
fn rows(text: &str) -> Vec<&str> {
    let mut rows = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        let is_head = ["| attack | what happens | test |", "| fault | what happens | test |"].contains(&line);
        inside = line.starts_with('|') && (inside || is_head);
        if inside && !is_head && !line.starts_with("|---") {
            rows.push(line);
        }
    }
    rows
}

/// Where a test may stand, and its name.
fn places(name: &str) -> (Vec<PathBuf>, &str) {
    let (module, test) = name.rsplit_once("::").unwrap();
    let module = module.replace("::", "/");
    let files = match module.strip_prefix("src/") {
        Some(below) => vec![format!("src/{below}.rs"), format!("src/{below}/mod.rs"), format!("src/{below}/tests.rs")],
        None => vec![format!("tests/suite/{module}.rs")],
    };
    (files.into_iter().map(|file| repository().join(file)).collect(), test)
}

/// Does this text hold a test of that name?
fn has_test(text: &str, test: &str) -> bool {
    let is_it = |line: &str| {
        let line = line.trim_start();
        let line = line.strip_prefix("async ").unwrap_or(line);
        line.strip_prefix("fn ").and_then(|line| line.strip_prefix(test)).is_some_and(|rest| rest.starts_with('('))
    };
    let lines: Vec<&str> = text.lines().collect();
    let found = lines.iter().position(|line| is_it(line));
    found.is_some_and(|at| {
        let above = lines[..at].iter().rev().take_while(|line| {
            let line = line.trim_start();
            line.starts_with("#[") || line.starts_with("//")
        });
        above.into_iter().any(|line| line.contains("test]") || line.contains("::test("))
    })
}

#[test]
fn every_attack_in_the_threat_model_is_tried_by_a_test_that_is_there() {
    let text = fs::read_to_string(repository().join("SECURITY.md")).unwrap();
    let rows = rows(&text);
    assert!(rows.len() > 30, "the tables were found: {}", rows.len());
    for row in rows {
        assert_eq!(row.matches('|').count(), 4, "three columns: {row}");
        let tests = named(row);
        assert!(!tests.is_empty(), "no test: {row}");
        for name in tests {
            let (files, test) = places(name);
            let read = |file: &PathBuf| fs::read_to_string(file).unwrap_or_default();
            assert!(files.iter().any(|file| has_test(&read(file), test)), "there is no test `{name}`: {row}");
        }
    }
}

#[test]
fn a_row_without_its_test_would_be_seen() {
    let row = "| an attack | what happens | `untrusted::one`, `src::a::b::two` |";
    assert_eq!(named(row), ["untrusted::one", "src::a::b::two"]);
    assert_eq!(
        rows(&format!("| who | what |\n| x | y |\n\n| attack | what happens | test |\n|---|---|---|\n{row}\n")),
        [row]
    );
    assert_eq!(places("src::a::b::two").0[2], repository().join(Path::new("src/a/b/tests.rs")));
    assert!(has_test("    #[test]\n    fn two() {", "two") && has_test("#[tokio::test]\nasync fn two() {", "two"));
    assert!(!has_test("fn two() {", "two"), "no test");
    assert!(!has_test("#[test]\nfn twofold() {", "two"), "another name");
}

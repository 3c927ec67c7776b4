//! Every mistake in an audit file has a fixture with the exact message it must give.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use countersign::audit::lint::lint;
use countersign::model::instant::Instant;
use countersign::plan::problem::{Code, Problems};
use countersign::plan::{self, Plan};
use countersign::probe::registry::KINDS;
use proptest::prelude::*;

const FOLDER: &str = "fixtures/invalid";

/// The message, an error's or the warnings of an audit that can run.
fn message(path: &Path) -> String {
    match plan::load(path, &|_| None) {
        Err(problems) => problems.render(false),
        Ok(plan) => lint(plan, now()).findings.render(false),
    }
}

/// When the fixtures are linted: waivers end by it.
fn now() -> Instant {
    "2025-11-10T12:00:00Z".parse().expect("a time")
}

fn fixtures() -> Vec<PathBuf> {
    let entries = std::fs::read_dir(FOLDER).expect("the folder of fixtures");
    let mut found: Vec<PathBuf> = entries.map(|entry| entry.expect("a fixture").path()).collect();
    found.sort();
    assert!(found.len() > 60, "the fixtures have gone");
    found
}

/// Trailing spaces are cut off: editors and reviewers do not see them. The list of all kinds grows by itself.
fn tidy(text: &str) -> String {
    let kinds: Vec<&str> = KINDS.iter().map(|row| row.name).collect();
    let text = text.replace(&kinds.join(", "), "KINDS");
    let lines: Vec<&str> = text.trim_end().lines().map(str::trim_end).collect();
    lines.join("\n") + "\n"
}

#[expect(clippy::disallowed_methods, reason = "the tests' own switch, not the product's")]
fn updates() -> bool {
    std::env::var_os("UPDATE_GOLDEN").is_some()
}

#[test]
fn every_mistake_gives_exactly_its_message() {
    let update = updates();
    let mut wrong = Vec::new();
    for folder in fixtures() {
        let golden = folder.join("expected.txt");
        let found = tidy(&message(&folder));
        if update {
            std::fs::write(&golden, &found).expect("a golden file");
        } else if std::fs::read_to_string(&golden).unwrap_or_default() != found {
            wrong.push(format!("{}:\n{found}", folder.display()));
        }
    }
    assert!(wrong.is_empty(), "UPDATE_GOLDEN=1 rewrites these:\n{}", wrong.join("\n"));
}

#[test]
fn every_fixture_finds_something_and_says_what_to_do() {
    for folder in fixtures() {
        let found = message(&folder);
        assert!(found.starts_with("error[") || found.starts_with("warning["), "{}: {found}", folder.display());
        let headers = found.lines().filter(|line| line.starts_with("error[") || line.starts_with("warning[")).count();
        let helps =
            found.lines().filter(|line| line.trim_start().trim_start_matches("= ").starts_with("help: ")).count();
        assert_eq!(headers, helps, "{}: every problem has a help: {found}", folder.display());
    }
}

#[test]
fn every_code_has_a_fixture() {
    let all: String = fixtures().iter().map(|folder| message(folder)).collect();
    let missing: BTreeSet<&str> =
        Code::ALL.iter().map(|code| code.as_str()).filter(|code| !all.contains(&format!("[{code}]:"))).collect();
    assert!(missing.is_empty(), "no fixture for {missing:?}");
}

/// Loads a text as the audit file, from a folder of its own.
fn loaded(bytes: &[u8]) -> Result<Plan, Problems> {
    let folder = tempfile::tempdir().expect("a folder");
    std::fs::write(folder.path().join("audit.yaml"), bytes).expect("a file");
    plan::load(folder.path(), &|_| None)
}

/// A valid audit that uses everything.
fn valid() -> Vec<u8> {
    std::fs::read("fixtures/plans/one-file/audit.yaml").expect("a fixture")
}

/// Whatever is wrong is said, with a place inside the file.
fn is_said(result: Result<Plan, Problems>) {
    let Err(problems) = result else { return };
    assert!(problems.errors() > 0);
    let rendered = problems.render(false);
    assert_eq!(rendered.matches("help: ").count(), problems.list.len(), "{rendered}");
    for problem in &problems.list {
        let lines = problems.sources[0].1.lines().count();
        assert!(problem.line as usize <= lines + 1, "{problem:?}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        is_said(loaded(&bytes));
    }

    #[test]
    fn no_slip_in_a_valid_audit_makes_it_panic(
        at in any::<proptest::sample::Index>(),
        cut in 0_usize..40,
        put in "[-a-z:{}\\[\\],&*!|>'\"#$~ \n\t\u{e4}\u{202e}]{0,6}",
    ) {
        let mut bytes = valid();
        let at = at.index(bytes.len());
        let end = (at + cut).min(bytes.len());
        bytes.splice(at..end, put.bytes());
        is_said(loaded(&bytes));
    }

    #[test]
    fn any_line_may_be_missing_or_stand_twice(line in any::<proptest::sample::Index>(), times in 0_usize..3) {
        let text = String::from_utf8(valid()).expect("UTF-8");
        let mut lines: Vec<&str> = text.lines().collect();
        let at = line.index(lines.len());
        let one = lines[at];
        lines.splice(at..=at, std::iter::repeat_n(one, times));
        is_said(loaded(lines.join("\n").as_bytes()));
    }
}

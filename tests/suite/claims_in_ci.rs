//! A project whose documents claim numbers, some of them wrong: found, named by their place, and put right without
//! touching anything else. The project is `fixtures/claims/repository`, copied into a git repository of its own.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use tempfile::TempDir;

use crate::support::{Ran, countersign, ran, repository};

/// A scratch copy of the project, with everything in it committed.
pub(crate) struct Project {
    scratch: TempDir,
}

impl Project {
    pub(crate) fn new() -> Self {
        Self::changed(|_| {})
    }

    /// With `change` applied before it is committed.
    fn changed(change: impl FnOnce(&Path)) -> Self {
        let scratch = tempfile::tempdir().expect("a scratch folder");
        let project = Self { scratch };
        copy(&repository().join("fixtures/claims/repository"), &project.root());
        change(&project.root());
        project.git(&["init", "--quiet", "--initial-branch=main"]);
        project.git(&["config", "core.autocrlf", "false"]);
        project.git(&["add", "."]);
        project.git(&["commit", "--quiet", "-m", "Begin"]);
        project
    }

    pub(crate) fn root(&self) -> PathBuf {
        self.scratch.path().join("pelican")
    }

    fn git(&self, arguments: &[&str]) -> String {
        let mut command = Command::new("git");
        command.current_dir(self.root()).args(arguments);
        for role in ["AUTHOR", "COMMITTER"] {
            command.env(format!("GIT_{role}_NAME"), "Pelican").env(format!("GIT_{role}_EMAIL"), "p@example.com");
        }
        command.env("GIT_CONFIG_GLOBAL", "/dev/null").env("GIT_CONFIG_SYSTEM", "/dev/null");
        let ran = ran(&mut command);
        assert_eq!(ran.code, 0, "git {arguments:?}: {}", ran.stderr);
        ran.stdout
    }

    /// The binary, in the project; a bundle goes elsewhere.
    pub(crate) fn countersign(&self, arguments: &[&str]) -> Ran {
        let to = self.scratch.path().join("bundle");
        ran(countersign().current_dir(self.root()).args(arguments).arg("--to").arg(to))
    }

    fn run(&self, arguments: &[&str]) -> Ran {
        self.countersign(&[&["run", "checks"], arguments].concat())
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.root().join(name)).expect(name)
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = self.read(name);
        assert!(text.contains(from), "{name} has no {from:?}");
        fs::write(self.root().join(name), text.replace(from, to)).expect(name);
    }

    /// Where a text stands, as the documents write it: `README.md:3:7`.
    fn place(&self, name: &str, line_has: &str, number: &str) -> String {
        let text = self.read(name);
        let (index, line) = text.lines().enumerate().find(|(_, line)| line.contains(line_has)).expect(line_has);
        let before = line.split(number).next().expect(number);
        assert!(before.len() < line.len(), "{line:?} has no {number:?}");
        format!("{name}:{}:{}", index + 1, before.chars().count() + 1)
    }

    /// The lines that `git diff` removes and adds, in pairs.
    fn changed_lines(&self) -> Vec<(String, String)> {
        let diff = self.git(&["diff", "--unified=0", "--no-color", "--no-ext-diff"]);
        let of = |sign: char, header: &str| -> Vec<String> {
            let lines = diff.split('\n').filter(|line| line.starts_with(sign) && !line.starts_with(header));
            lines.map(|line| line[1..].to_owned()).collect()
        };
        let (removed, added) = (of('-', "---"), of('+', "+++"));
        assert_eq!(removed.len(), added.len(), "{diff}");
        removed.into_iter().zip(added).collect()
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.expect("readable");
        let target = to.join(entry.path().strip_prefix(from).expect("below"));
        if entry.file_type().is_dir() {
            fs::create_dir_all(target).expect("a folder");
        } else {
            fs::copy(entry.path(), target).expect("a copy");
        }
    }
}

/// A line with every number in it made the same.
fn without_numbers(line: &str) -> String {
    let mut text = String::new();
    for letter in line.chars() {
        let of_a_number = letter.is_ascii_digit() || (matches!(letter, ',' | '.') && text.ends_with('#'));
        match (of_a_number, text.ends_with('#')) {
            (true, true) => {}
            (true, false) => text.push('#'),
            (false, _) => text.push(letter),
        }
    }
    text
}

/// The wrong numbers: document, words of the line, what is written, what is measured, the check that measured it.
const WRONG: [(&str, &str, &str, &str, &str); 9] = [
    ("README.md", "tests 214 passing", "214", "217", "quality/suite"),
    ("README.md", "tests 214 passing", "91.3%", "88.94", "quality/coverage"),
    ("README.md", "tests 214 passing", "12", "11", "operations/alert-rules"),
    ("README.md", "**Tests:**", "214", "217", "quality/suite"),
    ("README.md", "**Lines:**", "3,790", "3,836", "quality/lines"),
    ("README.md", "**Coverage:**", "91.3%", "88.94", "quality/coverage"),
    ("README.md", "| Alert rules", "12", "11", "operations/alert-rules"),
    ("docs/status.md", "- Alert rules:", "13", "11", "operations/alert-rules"),
    ("docs/status.md", "| **Total**", "6", "5", "operations/flags"),
];

fn names_every_wrong_number(project: &Project, ran: &Ran) {
    assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    for (document, line, written, actual, source) in WRONG {
        let place = project.place(document, line, written);
        let start = format!("  {place}  ");
        let said = ran.stdout.lines().find(|line| line.starts_with(&start)).unwrap_or_default();
        for words in [written, actual, source] {
            assert!(said.contains(words), "{place} {words}:\n{}", ran.stdout);
        }
    }
}

#[test]
fn each_wrong_number_is_named_with_its_place_the_actual_and_the_source() {
    let project = Project::new();
    names_every_wrong_number(&project, &project.run(&[]));
    names_every_wrong_number(&project, &project.run(&["--claims-only"]));
    assert_eq!(project.git(&["status", "--short"]), "?? checks/audit.lock.json\n", "without --fix nothing is changed");
}

#[test]
fn a_right_number_is_not_complained_about() {
    let project = Project::new();
    let ran = project.run(&["--claims-only"]);
    for (document, line, written) in [
        ("docs/status.md", "All **217**", "217"),
        ("README.md", "| Feature flags", "9"),
        ("README.md", "| Feature flags", "5"),
    ] {
        let place = project.place(document, line, written);
        assert!(!ran.stdout.contains(&format!("{place} ")), "{place}:\n{}", ran.stdout);
    }
}

#[test]
fn fixing_changes_the_wrong_numbers_and_nothing_else() {
    let project = Project::new();
    let fixed = project.run(&["--claims-only", "--fix"]);
    assert_eq!(fixed.code, 0, "{}{}", fixed.stdout, fixed.stderr);
    for line in ["-- **Tests:** 214, in 6 suites", "+- **Tests:** 217, in 6 suites"] {
        assert!(fixed.stderr.contains(line), "the diff is printed:\n{}", fixed.stderr);
    }
    let again = project.run(&["--claims-only"]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(project.run(&[]).code, 0);

    let changed = project.changed_lines();
    assert_eq!(changed.len(), 7, "two of the nine share a line: {changed:#?}");
    for (removed, added) in &changed {
        assert_ne!(removed, added);
        assert_eq!(without_numbers(removed), without_numbers(added));
    }
    let files = project.git(&["diff", "--name-only"]);
    assert_eq!(files.lines().collect::<Vec<_>>(), ["README.md", "docs/status.md"]);
    assert!(project.read("README.md").contains("tests 217 passing · coverage 88.9% · 11 alert rules\n"));
    assert!(project.read("README.md").contains("- **Lines:** 3,836 in `src`\n"));
    assert!(project.read("docs/status.md").contains("✅ All **217** tests pass, 15 of them"));
}

#[test]
fn fixing_twice_changes_nothing_more() {
    let project = Project::new();
    project.run(&["--claims-only", "--fix"]);
    let once = project.git(&["diff"]);
    let again = project.run(&["--claims-only", "--fix"]);
    assert_eq!(again.code, 0, "{}{}", again.stdout, again.stderr);
    assert_eq!(project.git(&["diff"]), once);
}

#[test]
fn line_ends_byte_order_mark_and_mode_stay_as_they_are() {
    let plain = Project::new();
    plain.run(&["--claims-only", "--fix"]);
    let right = plain.read("README.md");
    for (name, form) in [
        ("CRLF", (|text| text.replace('\n', "\r\n")) as fn(&str) -> String),
        ("no line feed at the end", |text| text.trim_end().to_owned()),
        ("byte order mark", |text| format!("\u{feff}{text}")),
        ("all of them", |text| format!("\u{feff}{}", text.trim_end().replace('\n', "\r\n"))),
    ] {
        let project = Project::changed(|root| {
            let path = root.join("README.md");
            let text = fs::read_to_string(&path).expect("the README");
            fs::write(&path, form(&text)).expect("the README");
            fs::set_permissions(&path, fs::Permissions::from_mode(0o754)).expect("its mode");
        });
        let fixed = project.run(&["--claims-only", "--fix"]);
        assert_eq!(fixed.code, 0, "{name}: {}{}", fixed.stdout, fixed.stderr);
        assert!(project.read("README.md") == form(&right), "{name}:\n{:?}", project.read("README.md"));
        let mode = fs::metadata(project.root().join("README.md")).expect("the README").permissions().mode();
        assert_eq!(mode & 0o777, 0o754, "{name}");
    }
}

#[test]
fn a_place_that_is_gone_is_not_found_and_never_passes() {
    let project = Project::new();
    project.run(&["--claims-only", "--fix"]);
    project.edit("README.md", "## Quality", "## How good it is");
    let before = project.read("README.md");
    for arguments in [&["--claims-only"][..], &["--claims-only", "--fix"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
        assert!(ran.stdout.contains("not found") && ran.stdout.contains("Quality"), "{}", ran.stdout);
    }
    assert_eq!(project.read("README.md"), before, "nothing is guessed");
}

#[test]
fn a_place_that_became_two_is_not_found_either() {
    let project = Project::new();
    project.run(&["--claims-only", "--fix"]);
    project.edit("README.md", "## Operations", "- Lines: 12\n\n## Operations");
    let ran = project.run(&["--claims-only"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
}

#[test]
fn a_claim_that_nothing_was_measured_for_never_passes() {
    let project = Project::new();
    project.run(&["--claims-only", "--fix"]);
    fs::remove_file(project.root().join("build/junit.xml")).expect("it was there");
    let before = project.read("README.md");
    for arguments in [&["--claims-only"][..], &["--claims-only", "--fix"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
        assert!(!ran.stdout.contains(" 0 unverified"), "{}", ran.stdout);
    }
    assert_eq!(project.read("README.md"), before);
}

#[test]
fn a_document_that_is_gone_never_passes() {
    let project = Project::new();
    project.run(&["--claims-only", "--fix"]);
    fs::remove_file(project.root().join("docs/status.md")).expect("it was there");
    let ran = project.run(&["--claims-only"]);
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    assert!(ran.stdout.contains("docs/status.md"), "{}", ran.stdout);
}

#[test]
fn a_wrong_claim_is_no_condition_that_can_be_accepted() {
    let project = Project::new();
    for arguments in [&["--claims-only"][..], &["--claims-only", "--accept", "conditional"]] {
        let ran = project.run(arguments);
        assert_eq!(ran.code, 1, "{}{}", ran.stdout, ran.stderr);
    }
}

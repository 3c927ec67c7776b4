//! `countersign add`: one check more, and everything else as it was.

use std::fs;
use std::path::Path;

use countersign::model::audit::Method;
use countersign::plan;
use countersign::survey::append::{append, declares};
use countersign::survey::flow::Placeholders;
use countersign::survey::{Draft, Manner, unmeasured_check};

use crate::support::{Ran, countersign, ran, repository};

const AUDIT: &str = "# Mine.\r
audit: {id: a, subject: {name: \"A\"}}\r
areas:\r
  - area: repository     # mine, too\r
    checks:\r
      - id: files\r
        file: {paths: [README.md]}\r
        expect: {missing: == 0}\r
        # of the files\r
";

/// A directory with an audit, a README and a test report.
fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a scratch folder");
    let root = place.path();
    fs::write(root.join("audit.yaml"), AUDIT).expect("a file");
    fs::write(root.join("README.md"), "# A\n").expect("a file");
    fs::create_dir(root.join("build")).expect("a folder");
    fs::write(root.join("build/junit.xml"), "<testsuite><testcase name='a'/><testcase name='b'/></testsuite>")
        .expect("a file");
    place
}

fn add(root: &Path, arguments: &[&str]) -> Ran {
    ran(countersign().current_dir(root).arg("add").args(arguments))
}

fn text(root: &Path) -> String {
    fs::read_to_string(root.join("audit.yaml")).expect("an audit file")
}

/// It was refused with these words, and nothing was written.
fn refused(root: &Path, arguments: &[&str], words: &[&str]) {
    let before = text(root);
    let ran = add(root, arguments);
    assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{arguments:?}: {}", ran.stderr);
    for word in words {
        assert!(ran.stderr.contains(word), "{arguments:?}: no {word:?} in {}", ran.stderr);
    }
    assert!(ran.stderr.contains("help: "), "{}", ran.stderr);
    assert_eq!(text(root), before);
}

#[test]
fn a_check_is_measured_and_added_and_the_rest_stays_to_the_byte() {
    let place = place();
    let root = place.path();
    let ran = add(root, &["test-pass-rate", "junit=build/*.xml", "newer-than=24h"]);
    assert_eq!((ran.code, ran.stderr.as_str()), (0, ""));
    assert!(ran.stdout.contains("audit.yaml: added tests/suite: passed 2, failed 0"), "{}", ran.stdout);
    let after = text(root);
    let added = after.strip_prefix(AUDIT).expect("what was there is there");
    assert!(
        added.starts_with(
            "  - area: tests\r\n    title: Tests\r\n    checks:\r\n      # From `countersign add`, measured "
        ),
        "{added}"
    );
    assert!(added.ends_with("      - id: suite\r\n        test-pass-rate: {junit: \"build/*.xml\", newer-than: \"24h\"}\r\n        expect: {passed: \">= 2\", failed: == 0, errors: == 0, pass-rate: \">= 100%\"}\r\n"), "{added}");
    // In the area that is there: behind the remark that belongs to its last check.
    assert_eq!(add(root, &["file", "paths=build/junit.xml", "--id", "report"]).code, 0);
    assert!(text(root).starts_with(&format!("{AUDIT}      # From `countersign add`")), "{}", text(root));
    let lint = ran_in(root, &["lint", "."]);
    assert_eq!(lint.code, 0, "{}{}", lint.stdout, lint.stderr);
    let run = ran_in(root, &["run", ".", "--to", "bundle"]);
    assert_eq!(run.code, 0, "{}{}", run.stdout, run.stderr);
}

fn ran_in(root: &Path, arguments: &[&str]) -> Ran {
    ran(countersign().current_dir(root).args(arguments))
}

#[test]
fn without_options_what_init_would_find_is_added() {
    let place = place();
    let root = place.path();
    let ran = add(root, &["test-pass-rate"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(text(root).contains("test-pass-rate: {junit: build/junit.xml}"), "{}", text(root));
    fs::create_dir(root.join("other")).expect("a folder");
    fs::copy(root.join("build/junit.xml"), root.join("other/results.xml")).expect("a copy");
    refused(
        root,
        &["test-pass-rate"],
        &["there are 2 things to measure", "--id other  other/results.xml", "--id build  build/junit.xml"],
    );
    let ran = add(root, &["test-pass-rate", "--id", "other", "--title", "Others: \"x\" # y"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(text(root).contains("title: \"Others: \\\"x\\\" # y\""), "{}", text(root));
    refused(root, &["coverage"], &["nothing to measure was found for \"coverage\"", "countersign kinds coverage"]);
}

#[test]
fn a_kind_that_needs_no_options_is_asked_as_it_is() {
    let place = place();
    let root = place.path();
    refused(root, &["git"], &["it is not in a git repository"]);
    let git = |arguments: &[&str]| {
        let mut git = std::process::Command::new("git");
        git.current_dir(root).args(["-c", "user.name=A", "-c", "user.email=a@example.com"]).args(arguments);
        assert!(git.output().is_ok_and(|ended| ended.status.success()), "{arguments:?}");
    };
    git(&["init", "-q"]);
    git(&["add", "."]);
    git(&["commit", "-q", "-m", "First"]);
    let ran = add(root, &["git"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        text(root).contains("- id: working-tree\r\n        git: {}\r\n        expect: {clean: \"true\"}"),
        "{}",
        text(root)
    );
}

#[test]
fn what_a_check_asks_already_is_not_added_again_unless_it_is_meant() {
    let place = place();
    let root = place.path();
    for arguments in [&["test-pass-rate", "junit=build/*.xml"][..], &["git", "dir=."]] {
        let first = add(root, &[arguments, &["--unmeasured", "--expect", "elapsed: < 1h"]].concat());
        assert_eq!(first.code, 0, "{}", first.stderr);
        refused(root, arguments, &["/", "asks the same already", "--expect", "--id"]);
    }
    refused(root, &["test-pass-rate", "junit=build/*.xml", "--dry-run"], &["\"tests/suite\" asks the same already"]);
    // In another area, too.
    refused(root, &["file", "paths=README.md", "--area", "tests"], &["\"repository/files\" asks the same already"]);
    let meant = add(root, &["test-pass-rate", "junit=build/*.xml", "--expect", "total: == 2"]);
    assert!(meant.stdout.contains("added tests/suite-2"), "{}{}", meant.stdout, meant.stderr);
    let named = add(root, &["file", "paths=README.md", "--id", "readme"]);
    assert!(named.stdout.contains("added repository/readme"), "{}{}", named.stdout, named.stderr);
    let other = add(root, &["test-pass-rate", "junit=build/junit.xml"]);
    assert!(other.stdout.contains("added tests/suite-3"), "{}{}", other.stdout, other.stderr);
}

#[test]
fn the_audit_that_init_wrote_is_the_one_that_is_run_linted_and_added_to() {
    let place = place();
    let root = place.path();
    fs::remove_file(root.join("audit.yaml")).unwrap();
    let nothing = ran_in(root, &["run"]);
    assert!(nothing.code == 4 && nothing.stderr.contains("`countersign init` writes"), "{}", nothing.stderr);
    assert_eq!(ran_in(root, &["init"]).code, 0);
    for command in [&["lint"][..], &["run", "--to", "bundle"], &["run", "--plan"], &["add", "git"]] {
        let ran = ran_in(root, command);
        assert!(ran.code < 4 || command[0] == "add", "{command:?}: {}", ran.stderr);
        assert!(!ran.stderr.contains("could not read"), "{command:?}: {}", ran.stderr);
    }
    assert!(ran_in(root, &["lint"]).stdout.contains("checks: "));
    // A folder that is named is meant.
    let named = ran_in(root, &["run", "."]);
    assert!(named.code == 4 && named.stderr.contains("Name \"./checks/audit.yaml\"."), "{}", named.stderr);
    fs::write(root.join("audit.yml"), AUDIT).unwrap();
    let other = ran_in(root, &["lint", "."]);
    assert!(other.code == 4 && other.stderr.contains("Name \"./audit.yml\", or rename it"), "{}", other.stderr);
    // Where there are two, all take the same one.
    fs::write(root.join("audit.yaml"), AUDIT).unwrap();
    assert!(ran_in(root, &["lint"]).stdout.contains(".: "));
    assert!(add(root, &["test-pass-rate", "junit=build/*.xml"]).stdout.starts_with("audit.yaml: added"));
}

#[test]
fn the_first_check_of_an_audit_without_any_can_be_added() {
    let place = place();
    let root = place.path();
    fs::write(root.join("audit.yaml"), "audit: {id: a, subject: {name: A}}\n").unwrap();
    let ran = add(root, &["test-pass-rate", "junit=build/*.xml"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(text(root).starts_with("audit: {id: a, subject: {name: A}}\n\nareas:\n  - area: "), "{}", text(root));
    let linted = ran_in(root, &["lint"]);
    assert_eq!(linted.code, 0, "{}{}", linted.stdout, linted.stderr);
}

#[test]
fn an_area_of_deductions_is_told_what_the_check_costs() {
    let place = place();
    let root = place.path();
    let audit = text(root)
        + "  - {area: steps, method: deductions, checks: [{id: one, deduct: 1, git: {}, expect: {clean: \"true\"}}]}\r\n";
    fs::write(root.join("audit.yaml"), audit).expect("a file");
    refused(root, &["file", "paths=README.md", "--area", "steps"], &["deduct", "would not be valid"]);
    let ran = add(root, &["file", "paths=build/junit.xml", "--area", "steps", "--deduct", "1.5"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(text(root).contains("expect: {missing: == 0}, deduct: 1.5}]}"), "{}", text(root));
}

#[test]
fn the_projects_tests_are_run_only_when_that_is_allowed() {
    let place = place();
    let root = place.path();
    fs::remove_dir_all(root.join("build")).expect("gone");
    fs::write(root.join("go.mod"), "module x\n").expect("a file");
    refused(root, &["test-pass-rate"], &["go.mod, it runs the tests of the project; `--run-commands` allows it"]);
}

#[test]
fn what_cannot_be_added_is_refused_with_the_way_out() {
    let place = place();
    let root = place.path();
    refused(
        root,
        &["test-pass-rat", "junit=a"],
        &["there is no kind \"test-pass-rat\"", "did you mean `test-pass-rate`?"],
    );
    refused(root, &["file", "paths=README.md", "--id", "files"], &["there is a check \"repository/files\" already"]);
    refused(root, &["file", "paths=README.md", "--area", "My Area"], &["is not an id", "--area ID"]);
    refused(root, &["file", "path=README.md"], &["path", "would not be valid"]);
    refused(root, &["file", "paths"], &["it has no `=`"]);
    refused(root, &["test-pass-rate", "junit=nowhere/*.xml"], &["could not measure it", "--unmeasured"]);
    refused(root, &["file", "paths=README.md", "--expect", "missing"], &["expects nothing of a fact"]);
    refused(root, &["file", "paths=README.md", "--expect", "gone: == 0"], &["gone"]);
    refused(root, &["command", "run=[\"true\"]", "--no-commands"], &["commands are switched off"]);
    let empty = tempfile::tempdir().expect("a scratch folder");
    let ran = add(empty.path(), &["git"]);
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("`countersign init` writes one"), "{}", ran.stderr);
}

#[test]
fn what_cannot_be_measured_yet_is_written_when_that_is_asked_for() {
    let place = place();
    let root = place.path();
    let arguments = ["http", "url=http://127.0.0.1:1/", "--unmeasured", "--expect", "status: == 200"];
    let ran = add(root, &arguments);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(ran.stdout.contains("added operations/http: not measured: "), "{}", ran.stdout);
    let after = text(root);
    assert!(after.contains("# Not measured when it was added: "), "{after}");
    assert!(after.contains("expect: {status: == 200}"), "{after}");
    assert_eq!(ran_in(root, &["lint", "."]).code, 0);
}

#[test]
fn a_dry_run_prints_the_check_and_writes_nothing() {
    let place = place();
    let ran = add(place.path(), &["command", "run=[\"true\"]", "--dry-run"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(
        ran.stdout.ends_with("- id: command\n  command: {run: [\"true\"]}\n  expect: {exit: == 0}\n"),
        "{}",
        ran.stdout
    );
    assert_eq!(text(place.path()), AUDIT);
}

#[test]
fn a_check_goes_into_the_file_that_declares_its_area() {
    let place = tempfile::tempdir().expect("a scratch folder");
    let checks = place.path().join("checks");
    fs::create_dir(&checks).expect("a folder");
    let top = "audit: {id: a, subject: {name: A}, root: ..}\ninclude: [tests.yaml]\n";
    let own = "area: tests\nchecks:\n- id: one\n  file: {paths: [LICENSE]}\n  expect: {missing: == 0}\n";
    fs::write(checks.join("audit.yaml"), top).expect("a file");
    fs::write(checks.join("tests.yaml"), own).expect("a file");
    fs::write(place.path().join("README.md"), "# A\n").expect("a file");
    let ran = add(place.path(), &["file", "paths=README.md", "--area", "tests"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(fs::read_to_string(checks.join("audit.yaml")).expect("a file"), top);
    let after = fs::read_to_string(checks.join("tests.yaml")).expect("a file");
    assert!(
        after.starts_with(own)
            && after.ends_with("- id: files\n  file: {paths: README.md}\n  expect: {missing: == 0}\n"),
        "{after}"
    );
}

#[test]
fn variables_and_secrets_in_options_are_meant() {
    let place = place();
    let root = place.path();
    let with = text(root).replace("areas:", "vars: {FILE: README.md}\r\nareas:");
    fs::write(root.join("audit.yaml"), with.replace("paths: [README.md]", "paths: [\"${FILE}\"]")).expect("a file");
    let ran = add(root, &["file", "paths=${FILE}", "--id", "again"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(text(root).contains("file: {paths: \"${FILE}\"}"), "{}", text(root));
    // The variable may be there before the first check that uses it.
    fs::write(root.join("audit.yaml"), AUDIT.replace("areas:", "vars: {FILE: build/junit.xml}\r\nareas:"))
        .expect("a file");
    let ran = add(root, &["file", "paths=${FILE}"]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    refused(root, &["file", "paths=${NOTHING}"], &["there is no variable \"NOTHING\""]);
}

#[test]
fn every_audit_file_of_this_repository_takes_a_check_in_every_area() {
    let draft = Draft {
        area: "any",
        id: "one-more".to_owned(),
        title: "One \"more\": # x".to_owned(),
        kind: "file",
        options: serde_json::json!({"paths": ["a: b", "- c"]}),
        facts: &[],
        says: &[],
        from: String::new(),
        address: None,
        manner: Manner::Look,
    };
    let check = unmeasured_check(&draft, &[("missing".to_owned(), "== 0".to_owned())], Some("it is\nnot there"));
    let environment = |name: &str| Some(format!("http://localhost/{name}"));
    let mut areas = 0;
    for folder in ["checks", "fixtures/plans", "fixtures/claims", "fixtures/bad-input", "fixtures/init"] {
        let files = walkdir::WalkDir::new(repository().join(folder)).into_iter().filter_map(Result::ok);
        for file in files.filter(|file| file.file_name() == "audit.yaml") {
            let Ok(before) = plan::load(file.path(), &environment) else { continue };
            let known = before.audit.areas.iter().map(|area| (area.id.to_string(), area.method));
            for (area, method) in known.chain([("brand-new".to_owned(), Method::Weighted)]) {
                let mut check = check.clone();
                if method == Method::Deductions {
                    check.keys.insert("deduct".to_owned(), serde_json::json!(1.5));
                }
                let holds = before.sources.iter().find(|(_, text)| declares(text, &area)).unwrap_or(&before.sources[0]);
                let text = append(&holds.1, &area, &check, Placeholders::Literal)
                    .unwrap_or_else(|problem| panic!("{}: {area}: {problem}", holds.0.display()));
                let after = plan::load_as(file.path(), Some((&holds.0, &text)), &environment)
                    .unwrap_or_else(|problems| panic!("{}\n{text}", problems.render(false)));
                let mut expected: Vec<_> =
                    before.audit.checks.iter().map(|check| (check.id.to_string(), check.asks.clone())).collect();
                let mut found: Vec<_> =
                    after.audit.checks.iter().map(|check| (check.id.to_string(), check.asks.clone())).collect();
                let own = format!("{area}/one-more");
                found.retain(|(id, _)| *id != own);
                expected.sort();
                found.sort();
                assert_eq!(found, expected, "{}: {area}", holds.0.display());
                assert_eq!(after.audit.checks.len(), expected.len() + 1, "{text}");
                assert_eq!(after.audit.claims.len(), before.audit.claims.len());
                areas += 1;
            }
        }
    }
    assert!(areas > 20, "{areas} areas were tried");
}

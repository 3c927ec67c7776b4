//! Whatever a file looks like, a check is added where it belongs and nothing else changes.

use serde_json::json;

use super::*;
use crate::survey::draft::{Draft, Manner};
use crate::survey::written::keys;

fn check() -> CheckText {
    let draft = Draft {
        area: "tests",
        id: "new".to_owned(),
        title: "It is there".to_owned(),
        kind: "file",
        options: json!({"paths": ["a.txt"]}),
        facts: &[],
        says: &[],
        from: String::new(),
        address: None,
        manner: Manner::Look,
    };
    let expected = [("missing".to_owned(), "== 0".to_owned())];
    CheckText { remarks: vec!["Measured.".to_owned()], keys: keys(&draft, &expected) }
}

fn added(text: &str, area: &str) -> String {
    let result = append(text, area, &check(), Placeholders::Literal).unwrap();
    // What stood there stands there still, in its order.
    let mut rest = result.as_str();
    for line in text.lines().filter(|line| !line.contains('[')) {
        rest = rest.split_once(line).unwrap_or_else(|| panic!("{line:?} is gone:\n{result}")).1;
    }
    result
}

const HEAD: &str = "audit: {id: a, subject: {name: A}}   # the head\nareas:\n";

#[test]
fn a_check_goes_behind_the_last_of_its_area() {
    let text = format!(
        "{HEAD}  - area: tests\n    checks:\n      - id: one\n        git: {{}}\n        explain: |\n          Two\n\n          # lines\n        # about one\n\n  \
         - area: other   # kept\n    checks: []\nclosing: x\n"
    );
    let expected = text.replace(
        "        # about one\n",
        "        # about one\n      # Measured.\n      - id: new\n        title: It is there\n        file: {paths: [a.txt]}\n        expect: {missing: == 0}\n",
    );
    assert_eq!(added(&text, "tests"), expected);
}

#[test]
fn empty_lines_between_checks_are_kept_up() {
    let text = format!("{HEAD}- area: tests\n  checks:\n  - id: one\n    git: {{}}\n\n  - id: two\n    git: {{}}\n");
    let result = added(&text, "tests");
    assert!(result.ends_with("    git: {}\n\n  # Measured.\n  - id: new\n    title: It is there\n    file: {paths: [a.txt]}\n    expect: {missing: == 0}\n"), "{result}");
}

#[test]
fn a_list_between_brackets_stays_one() {
    let text = "audit: {id: a, subject: {name: A}}\nareas: [{area: tests, checks: [{id: one, git: {}}]}]\n";
    let item = "{id: new, title: It is there, file: {paths: [a.txt]}, expect: {missing: == 0}}";
    assert_eq!(added(text, "tests"), text.replace("git: {}}]", &format!("git: {{}}}}, {item}]")));
    assert_eq!(added(text, "more"), text.replace("}]}]", &format!("}}]}}, {{area: more, checks: [{item}]}}]")));
}

#[test]
fn a_new_area_goes_behind_the_others_or_begins_them() {
    let text = format!("{HEAD}  - area: other\n    checks:\n      - {{id: one, git: {{}}}}\n\n# the end\n");
    let result = added(&text, "tests");
    assert!(
        result.contains(
            "      - {id: one, git: {}}\n  - area: tests\n    title: Tests\n    checks:\n      # Measured.\n"
        ),
        "{result}"
    );
    assert!(result.ends_with("\n\n# the end\n"), "{result}");
    let text = "audit: {id: a, subject: {name: A}}\nclaims: [{id: c, value: 1, at: a.md#x}]";
    assert!(added(text, "tests").starts_with(&format!("{text}\n\nareas:\n  - area: tests\n")));
}

#[test]
fn a_file_of_one_area_and_a_heading_without_checks_take_one_too() {
    let text = "area: tests\r\nchecks:\r\n  - id: one\r\n    git: {}";
    let result = added(text, "tests");
    assert!(result.starts_with(&format!("{text}\r\n  # Measured.\r\n  - id: new\r\n")), "{result:?}");
    assert_eq!(result.matches('\n').count(), result.matches("\r\n").count());
    let text = format!("{HEAD}  - area: tests\n    weight: 2\n  - area: other\n    checks: [{{id: one, git: {{}}}}]\n");
    assert!(added(&text, "tests").contains("    weight: 2\n    checks:\n      # Measured.\n      - id: new\n"));
}

#[test]
fn what_stands_elsewhere_and_what_is_no_yaml_is_refused() {
    let text = format!(
        "{HEAD}  - area: other\n    checks: &all [{{id: one, git: {{}}}}]\n  - {{area: tests, checks: *all}}\n"
    );
    assert_eq!(
        append(&text, "tests", &check(), Placeholders::Literal),
        Err(AppendProblem::Elsewhere("tests".to_owned()))
    );
    assert!(matches!(append("a: [", "tests", &check(), Placeholders::Literal), Err(AppendProblem::NotYaml(_))));
}

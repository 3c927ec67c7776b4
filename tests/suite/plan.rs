//! Audit files become plans, or say what is wrong with them.

use std::path::Path;
use std::time::Duration;

use countersign::audit::lint::lint;
use countersign::model::claim::Actual;
use countersign::model::fact::FactType;
use countersign::plan::problem::Problems;
use countersign::plan::{self, Plan};
use countersign::probe::registry::KINDS;

/// What linting finds, whatever the time.
fn findings(plan: Plan) -> Problems {
    lint(plan, "2025-11-10T12:00:00Z".parse().expect("a time")).findings
}

fn load(path: &str) -> Plan {
    plan::load(Path::new(path), &|_| None).unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn a_valid_audit_becomes_a_plan() {
    let plan = load("fixtures/plans/one-file");
    let audit = &plan.audit;
    assert_eq!(audit.title, "One file");
    assert_eq!(audit.subject.version.as_deref(), Some("1.10"), "values keep their spelling");
    assert_eq!(audit.questions[0].answer, "yes");
    assert_eq!(audit.verdict.min_coverage.to_string(), "0.75");
    assert_eq!(audit.verdict.floor_area.to_string(), "5");
    let check = &audit.checks[1];
    assert_eq!(check.id.to_string(), "operations/dry-run");
    assert_eq!(check.declared, ("audit.yaml".to_owned(), 26));
    assert_eq!(check.depends_on.len(), 1);
    assert_eq!(check.claims[0].written.as_deref(), Some("47h"));
    assert!(check.asks.contains(r#""statement":"Cora rehearsed it""#), "{}", check.asks);
    assert!(check.attested);
    assert_eq!(check.expect.len(), 2, "what its options imply comes on top");
    let patience = plan.per_check[&check.id];
    assert_eq!((patience.timeout, patience.retries), (Some(Duration::from_secs(90)), 1));
    assert_eq!(plan.probes.len(), 2);
    assert_eq!(audit.vars["STATEMENT"], "Cora rehearsed it");
}

#[test]
fn a_text_of_the_environment_is_never_a_secret() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let text = "audit: {id: a, subject: {name: A}}\nareas:\n  - area: x\n    checks:\n      \
                - {id: y, command: {run: [echo, \"${env:SAID}\"]}, expect: {exit: == 0}}\n";
    std::fs::write(folder.path().join("audit.yaml"), text).expect("a file");
    let load = |said: &str| {
        plan::load(folder.path(), &|name| (name == "SAID").then(|| said.to_owned()))
            .map_err(|problems| problems.to_string())
    };
    assert!(load("hello ${HOME}").is_ok());
    let refused = load("${secret:TOKEN}").expect_err("refused");
    assert!(refused.contains("misplaced-secret"), "{refused}");
}

#[test]
fn a_context_keeps_its_types_and_everything_else_its_letters() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let head = "audit: {id: a, subject: {name: A}}\nvars: {AGE: 42}\nareas:\n  - area: x\n    checks:\n      - id: y\n        \
                expect: {total: \"> 0\"}\n        flag-count:\n          ofrep: http://localhost:8016\n          context:\n";
    let context = [
        "age: \"${AGE}\"",
        "years: ${AGE}",
        "beta: true",
        "share: 1.50",
        "below: -3",
        "code: 007",
        "version: 1.10.2",
        "nothing: ~",
        "long: 123456789012345678901234567890",
        "list: [1, \"1\"]",
        "of: {deep: false}",
    ];
    let text = context.iter().fold(head.to_owned(), |text, line| format!("{text}            {line}\n"));
    std::fs::write(folder.path().join("audit.yaml"), text).expect("a file");
    let plan = plan::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    let asks: serde_json::Value = serde_json::from_str(&plan.audit.checks[0].asks).expect("JSON");
    let expected = serde_json::json!({"age": "42", "years": 42, "beta": true, "share": 1.5, "below": -3, "code": "007",
        "version": "1.10.2", "nothing": null, "long": "123456789012345678901234567890", "list": [1, "1"],
        "of": {"deep": false}});
    assert_eq!(asks["context"], expected);
}

/// The audit in several files, with what it reads from the environment.
fn several_files() -> Plan {
    let environment = |name: &str| (name == "DOCKER_SOCKET").then(|| "/run/docker.sock".to_owned());
    plan::load(Path::new("fixtures/plans/files/audit.yaml"), &environment)
        .unwrap_or_else(|problems| panic!("{problems}"))
}

#[test]
fn included_files_join_in_the_order_of_their_names() {
    let plan = several_files();
    let areas: Vec<&str> = plan.audit.areas.iter().map(|area| area.id.as_str()).collect();
    assert_eq!(areas, ["monitoring", "validation", "rehearsal"]);
    assert_eq!(plan.sources.len(), 4);
    assert_eq!(plan.audit.risks[0].title, "Slow suite");
    assert!(plan.audit.closing.as_deref().is_some_and(|text| text.starts_with("All {{ monitoring")));
    assert_eq!(plan.audit.commands[0].run, "docker ps\nuptime\n");
}

#[test]
fn paths_are_relative_to_the_root_that_the_audit_names() {
    let plan = several_files();
    assert_eq!(plan.root, Path::new("fixtures/plans"));
    let declared: Vec<(&str, u32)> =
        plan.audit.checks.iter().map(|check| (check.declared.0.as_str(), check.declared.1)).collect();
    assert_eq!(declared[0], ("areas/monitoring.yaml", 6));
    assert_eq!(declared[3], ("../library/rehearsal.yaml", 4));
}

#[test]
fn variables_are_filled_in_and_secrets_are_not() {
    let plan = several_files();
    let vars = &plan.audit.vars;
    assert_eq!(vars["TARGET"], "production");
    assert_eq!(vars["DOCKER"], "/run/docker.sock");
    assert_eq!(vars["BEARER"], "Bearer ${secret:API_TOKEN}", "the record must never hold it");
    assert!(plan.audit.checks[0].asks.contains("/run/docker.sock"));
    assert_eq!(plan.audit.next_steps[0].title, "Write ${HOME} down");
}

#[test]
fn a_check_whose_condition_does_not_hold_does_not_apply_and_says_why() {
    let plan = several_files();
    assert_eq!(plan.audit.checks[0].not_applicable, None);
    assert_eq!(plan.audit.checks[1].not_applicable.as_deref(), Some("only staging has them"));
    let staging = |name: &str| Some(if name == "TARGET" { "staging" } else { "x" }.to_owned());
    let plan = plan::load(Path::new("fixtures/plans/files"), &staging).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(plan.audit.checks[1].not_applicable, None);
}

#[test]
fn a_phrase_claims_part_whole_and_share_as_they_are_written() {
    let plan = several_files();
    let claims: Vec<(&str, &str, &str)> = plan.audit.checks[2]
        .claims
        .iter()
        .map(|claim| (claim.by.as_str(), claim.fact.as_str(), claim.written.as_deref().unwrap_or_default()))
        .collect();
    let expected = [
        ("Alex", "passed", "1,026"),
        ("Alex", "total", "1,044"),
        ("Alex", "pass-rate", "98.28%"),
        ("Cora", "total", "1044"),
    ];
    assert_eq!(claims, expected);
    assert_eq!(plan.audit.areas[1].claims[0].written.as_deref(), Some("9.80"));
}

#[test]
fn what_is_written_keeps_its_spelling() {
    let audit = several_files().audit;
    assert_eq!(audit.subject.version.as_deref(), Some("0644"));
    assert_eq!(audit.subject.commit.as_deref(), Some("1e10"));
    assert_eq!(audit.checks[2].claims[3].tolerance.as_deref(), Some("1%"));
}

#[test]
fn the_plan_of_a_file_is_the_same_every_time() {
    let (first, second) = (several_files(), several_files());
    assert_eq!(first.audit, second.audit);
    assert_eq!(first.per_check, second.per_check);
}

/// The claims of a check: fact, value and place.
fn claims_of(plan: &Plan, check: usize) -> Vec<(&str, &str, &str)> {
    let claims = plan.audit.checks[check].claims.iter();
    claims
        .map(|claim| {
            (claim.fact.as_str(), claim.written.as_deref().unwrap_or_default(), claim.at.as_deref().unwrap_or_default())
        })
        .collect()
}

#[test]
fn a_value_is_written_or_read_where_its_place_is() {
    let plan = load("fixtures/plans/claims");
    let score = &plan.audit.areas[0].claims[0];
    assert_eq!((score.written.as_deref(), score.at.as_deref()), (None, Some("docs/status.md#Overall/Score")));
    let expected = [
        ("total", "1044", "README.md#Tests/Total"),
        ("total", "", "README.md#Tests/Total"),
        ("failed", "", "docs/status.md#Failing"),
    ];
    assert_eq!(claims_of(&plan, 0)[..3], expected);
}

#[test]
fn a_phrase_is_read_in_its_parts_where_it_stands() {
    let plan = load("fixtures/plans/claims");
    let expected = [
        ("passed", "", "docs/status.md#Tests/Passing:numerator:kind=fraction"),
        ("total", "", "docs/status.md#Tests/Passing:denominator:kind=fraction"),
        ("pass-rate", "", "docs/status.md#Tests/Passing:kind=fraction"),
        ("passed", "1,026", "docs/status.md#Tests/Passing:numerator:kind=fraction"),
        ("total", "1,044", "docs/status.md#Tests/Passing:denominator:kind=fraction"),
        ("pass-rate", "98.28%", "docs/status.md#Tests/Passing:percent:kind=fraction"),
    ];
    assert_eq!(claims_of(&plan, 0)[3..], expected);
}

#[test]
fn a_table_of_a_document_claims_a_measured_one() {
    let plan = load("fixtures/plans/claims");
    let expected = [("suites", "", "docs/status.md#Integration points/@table(Integration Point|Tests|Pass Rate)")];
    assert_eq!(claims_of(&plan, 1), expected);
    let table = plan.audit.checks[1].claims[0].table.as_ref().expect("a table");
    assert_eq!((table.key.as_str(), table.matches.as_str()), ("Integration Point", "name"));
    assert_eq!(table.values["pass-rate"], "Pass Rate");
    assert_eq!(table.names["SE Operators"], "tests.se_operators");
}

#[test]
fn a_listed_claim_names_places_and_what_they_must_agree_with() {
    let plan = load("fixtures/plans/claims");
    let claims = &plan.audit.claims;
    let ids: Vec<&str> = claims.iter().map(|claim| claim.id.as_str()).collect();
    assert_eq!(ids, ["test-count", "rule-count", "same-everywhere", "listed-in-an-included-file"]);
    assert_eq!(claims[0].at, ["README.md#Tests/Total", "docs/status.md#Tests/Passing:denominator"]);
    let check = plan.audit.checks[0].id.clone();
    assert_eq!(claims[0].actual, Some(Actual::Fact { check, fact: "total".to_owned() }));
    assert_eq!(claims[0].by.as_deref(), Some("the README"));
    assert_eq!(claims[1].actual, Some(Actual::Stated("13".to_owned())));
    assert_eq!(claims[1].title, "Rule count");
    assert_eq!(claims[2].actual, None, "its places must agree with each other");
    assert_eq!(claims[0].declared, ("audit.yaml".to_owned(), 5));
    assert_eq!(claims[3].declared, ("quality.yaml".to_owned(), 22));
}

#[test]
fn an_audit_may_have_nothing_but_claims() {
    let folder = tempfile::tempdir().expect("a folder");
    let audit = "audit: {id: a, subject: {name: b}}\nclaims: [{id: c, value: 13, at: a.md#Rules/Total}]\n";
    std::fs::write(folder.path().join("audit.yaml"), audit).expect("a file");
    let plan = plan::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!((plan.audit.claims.len(), plan.audit.checks.len()), (1, 0));
}

#[test]
fn what_is_claimed_in_documents_that_say_it_has_no_findings() {
    let problems = findings(load("fixtures/plans/claims"));
    assert_eq!(problems.render(false), "");
}

#[test]
fn a_run_does_not_wait_for_a_place_that_is_not_there() {
    let plan = load("fixtures/invalid/no-place");
    assert_eq!(plan.warnings, []);
    assert_eq!(findings(plan).list.len(), 5);
}

#[cfg(unix)]
#[test]
fn a_document_is_not_followed_out_of_the_root() {
    let outside = tempfile::tempdir().expect("a folder");
    std::fs::write(outside.path().join("secret.md"), "# Rules\n\nPassword: 5\n").expect("a file");
    let folder = tempfile::tempdir().expect("a folder");
    let audit = "audit: {id: a, subject: {name: b}}\nclaims: [{id: c, value: 13, at: a.md#Rules/Total}]\n";
    std::fs::write(folder.path().join("audit.yaml"), audit).expect("a file");
    std::os::unix::fs::symlink(outside.path().join("secret.md"), folder.path().join("a.md")).expect("a link");
    let plan = plan::load(folder.path(), &|_| None).unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(findings(plan).list, []);
}

#[test]
fn every_table_that_a_kind_finds_has_columns_and_says_them() {
    for row in KINDS {
        let tables: Vec<_> = (row.facts)().into_iter().filter(|fact| fact.fact_type == FactType::Table).collect();
        assert_eq!(tables.len(), row.tables.len(), "{}", row.name);
        for (name, columns) in row.tables {
            let spec = tables.iter().find(|fact| fact.name == *name).unwrap_or_else(|| panic!("{}: {name}", row.name));
            assert!(spec.summary.ends_with(&columns.join(", ")), "{}: {}", row.name, spec.summary);
        }
    }
}

/// An audit that includes by `pattern`, beside the files of these names with an area each.
fn including(pattern: &str, files: &[&str]) -> tempfile::TempDir {
    let place = tempfile::tempdir().expect("a scratch folder");
    let audit = format!("audit: {{id: trial, subject: {{name: Thing}}}}\ninclude: ['{pattern}']\n");
    std::fs::write(place.path().join("audit.yaml"), audit).expect("an audit file");
    for (number, name) in files.iter().enumerate() {
        let path = place.path().join(name);
        std::fs::create_dir_all(path.parent().expect("a folder")).expect("a folder");
        let check = "{id: ok, command: {run: [\"true\"]}, expect: {exit: == 0}}";
        std::fs::write(path, format!("area: a{number}\nchecks: [{check}]\n")).expect("a file");
    }
    place
}

fn areas(place: &tempfile::TempDir) -> Result<Vec<String>, String> {
    let plan = plan::load(place.path(), &|_| None).map_err(|problems| problems.render(false))?;
    Ok(plan.audit.areas.iter().map(|area| area.id.to_string()).collect())
}

#[test]
fn a_pattern_may_be_written_with_dots_and_slashes_that_say_nothing() {
    let files = ["areas/b.yaml", "areas/a.yaml", "areas/deep/c.yaml", "other/d.yaml", "areas/[x].yaml"];
    let written = |pattern: &str| areas(&including(pattern, &files)).expect(pattern);
    let of_areas = ["a4", "a1", "a0"];
    for pattern in ["areas/*.yaml", "./areas/*.yaml", "areas//*.yaml", ".//areas/./*.yaml", "other/../areas/*.yaml"] {
        assert_eq!(written(pattern), of_areas, "{pattern}");
    }
    assert_eq!(written("*/[bd].yaml"), ["a0", "a3"]);
    assert_eq!(written("./*/./[bd].yaml"), ["a0", "a3"]);
    assert_eq!(written("{areas/deep,other}/*.yaml"), ["a2", "a3"]);
    assert_eq!(written("areas/[[]x].yaml"), ["a4"]);
}

#[test]
fn a_pattern_finds_files_however_deep_they_lie() {
    let deep = format!("areas/{}x.yaml", "d/".repeat(40));
    assert_eq!(areas(&including("areas/**/*.yaml", &[&deep])).expect("it is found"), ["a0"]);
}

#[cfg(unix)]
#[test]
fn a_pattern_takes_a_link_for_what_it_leads_to_and_says_what_it_could_not_look_at() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    let place = including("areas/*.yaml", &["areas/a.yaml", "elsewhere/b.yml"]);
    symlink("../elsewhere/b.yml", place.path().join("areas/b.yaml")).expect("a link");
    symlink("../elsewhere", place.path().join("areas/folder.yaml")).expect("a link");
    assert_eq!(areas(&place).expect("both"), ["a0", "a1"]);
    symlink("a.yaml", place.path().join("areas/c.yaml")).expect("a link");
    let problems = areas(&place).expect_err("one file under two names");
    assert!(problems.contains("areas/c.yaml\" is included already"), "{problems}");
    std::fs::remove_file(place.path().join("areas/c.yaml")).expect("it is there");
    symlink("nowhere", place.path().join("areas/c.yaml")).expect("a link");
    let problems = areas(&place).expect_err("nobody knows what is there");
    assert!(problems.contains("could not look for \"areas/*.yaml\" in "), "{problems}");
    assert!(problems.contains("areas/c.yaml\": no such file"), "{problems}");

    let place = including("**/*.yml", &["a.yml", "closed/b.yml"]);
    let closed = place.path().join("closed");
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o000)).expect("permissions");
    let found = areas(&place);
    // Whoever may read everything looks there.
    match std::fs::read_dir(&closed) {
        Ok(_) => assert_eq!(found.expect("both"), ["a0", "a1"]),
        Err(_) => assert!(found.expect_err("it is closed").contains("closed\": permission denied")),
    }
    std::fs::set_permissions(&closed, std::fs::Permissions::from_mode(0o700)).expect("permissions");
}

//! Audit files become plans, or say what is wrong with them.

use std::path::Path;
use std::time::Duration;

use countersign::plan::{self, Plan};

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

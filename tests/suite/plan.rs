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
    assert_eq!(check.claims[0].written, "47h");
    assert!(check.asks.contains(r#""statement":"Cora rehearsed it""#), "{}", check.asks);
    assert!(check.attested);
    assert_eq!(check.expect.len(), 2, "what its options imply comes on top");
    let patience = plan.per_check[&check.id];
    assert_eq!((patience.timeout, patience.retries), (Duration::from_secs(90), 1));
    assert_eq!(plan.probes.len(), 2);
    assert_eq!(audit.vars["STATEMENT"], "Cora rehearsed it");
}

//! What a refuted claim changes that changes no condition.

use super::*;
use crate::model::audit::Requirement;

/// Expects something, and claims 3 of it.
fn claiming(id: &str, severity: Severity) -> Check {
    Check { severity, claims: vec![claim("total", "3")], ..expecting(id, "total", "> 0") }
}

fn total(id: &str, number: u32) -> Observation {
    measured(id, &[("total", Value::count(number))])
}

fn of(judgement: &Judgement, check: usize) -> Option<Verdict> {
    let claim = &judgement.checks[check].claims[0];
    assert_eq!(claim.matters, None);
    claim.verdict
}

#[test]
fn a_wrong_claim_that_alone_keeps_the_score_below_its_floor_changes_the_verdict() {
    let audit = audit(vec![area("a", Method::Weighted)], vec![claiming("a/one", Severity::Minor)]);
    let judgement = judged(&audit, &[total("a/one", 2)]);
    assert_eq!(judgement.verdict, Verdict::Rejected);
    assert_eq!(of(&judgement, 0), Some(Verdict::Approved));
    assert_eq!(judged(&audit, &[total("a/one", 3)]).verdict, Verdict::Approved);
}

#[test]
fn a_wrong_claim_among_others_changes_no_verdict() {
    let mut checks: Vec<Check> = (0..8).map(|i| thirteen(&format!("a/minor-{i}"), Severity::Minor)).collect();
    checks.push(claiming("a/one", Severity::Minor));
    let audit = audit(vec![area("a", Method::Weighted)], checks);
    let mut seen: Vec<Observation> = (0..8).map(|i| rules(&format!("a/minor-{i}"), 13)).collect();
    seen.push(total("a/one", 2));
    let judgement = judged(&audit, &seen);
    assert_eq!((judgement.verdict, of(&judgement, 8)), (Verdict::Approved, None));
}

/// With every number of small audits, the same as judging again with the claimed value.
#[test]
fn it_is_what_judging_again_with_the_claimed_value_gives() {
    let severities = [Severity::Minor, Severity::Major, Severity::Blocker];
    let (mut differ, mut same) = (0, 0);
    for seed in 0..3_usize.pow(5) {
        let digit = |at: u32| seed / 3_usize.pow(at) % 3;
        let mut checks = vec![
            claiming("a/one", severities[digit(0)]),
            claiming("a/two", severities[digit(1)]),
            claiming("b/one", Severity::Minor),
            thirteen("b/two", Severity::Major),
            thirteen("b/three", Severity::Minor),
        ];
        checks[1].weight = Number::from(1 + u32::try_from(digit(2)).unwrap() * 3);
        let mut audit = audit(vec![area("a", Method::Weighted), area("b", Method::Weighted)], checks);
        let due = (digit(3) == 1).then(|| stamp("2025-10-01"));
        if digit(3) > 0 {
            audit.conditions = vec![Requirement {
                id: "assign".parse().unwrap(),
                level: Level::Must,
                text: "Assign an engineer".to_owned(),
                owner: None,
                due,
                closed_by: Some("a/one".parse().unwrap()),
                done: false,
            }];
        }
        let numbers = match digit(4) {
            0 => [2, 3, 3],
            1 => [2, 2, 3],
            _ => [2, 3, 2],
        };
        let seen = |numbers: [u32; 3]| {
            let ids = ["a/one", "a/two", "b/one"];
            let mut seen: Vec<Observation> = ids.into_iter().zip(numbers).map(|(id, it)| total(id, it)).collect();
            seen.extend([rules("b/two", 13), rules("b/three", 13)]);
            seen
        };
        let judgement = judged(&audit, &seen(numbers));
        for check in 0..3 {
            let mut claimed = numbers;
            claimed[check] = 3;
            let again = judged(&audit, &seen(claimed)).verdict;
            let expected = (again != judgement.verdict).then_some(again);
            assert_eq!(of(&judgement, check), expected, "check {check} of {seed}: {:#?}", judgement.chain);
            *(if expected.is_some() { &mut differ } else { &mut same }) += 1;
        }
    }
    assert!(differ > 10 && same > 10, "{differ} differ, {same} do not");
}

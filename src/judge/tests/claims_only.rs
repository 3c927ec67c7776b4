//! Claims judged without a score.

use super::*;
use crate::model::claim::ListedClaim;

fn alone(audit: &Audit, observations: &[Observation], places: &Places) -> Judgement {
    judge(audit, Seen { claims_only: true, ..all(observations, places, None) })
}

fn with(claims: Vec<Claim>, observation: Observation) -> Judgement {
    let mut area = area("a", Method::Weighted);
    area.claims.push(claim("score", "9.8"));
    let check = Check { claims, ..thirteen("a/one", Severity::Blocker) };
    alone(&audit(vec![area], vec![check]), &[observation], &places([("README.md#Rules", found(3, "13 rules"))]))
}

fn at_readme() -> Claim {
    Claim { written: None, at: Some("README.md#Rules".into()), ..claim("rules", "") }
}

#[test]
fn nothing_is_scored_and_only_claims_decide() {
    let judgement = with(vec![at_readme()], rules("a/one", 13));
    assert_eq!(judgement.verdict, Verdict::Approved);
    assert!(judgement.overall.score.is_none() && judgement.areas[0].score.is_none());
    assert!(judgement.overall.coverage.covered().is_zero() && judgement.checks[0].cost.is_zero());
    assert!(judgement.score_claims.is_empty() && judgement.conditions.is_empty() && judgement.what_if.is_none());
    let rules: Vec<Rule> = judgement.chain.iter().map(|outcome| outcome.rule).collect();
    assert_eq!(rules, [Rule::ClaimUnknown, Rule::ClaimRefuted, Rule::Clear]);
}

#[test]
fn a_wrong_claim_is_named_with_its_place() {
    let judgement = with(vec![at_readme()], rules("a/one", 12));
    assert_eq!(judgement.verdict, Verdict::ApprovedWithConditions);
    let wrong = rule(&judgement, Rule::ClaimRefuted);
    assert_eq!(wrong.reason, "a claim is wrong: a/one (rules at README.md:3:5)");
    assert_eq!(wrong.because, ["a/one"]);
}

#[test]
fn what_could_not_be_verified_leaves_it_undetermined() {
    let judgement = with(vec![at_readme(), claim("firing", "0")], rules("a/one", 12));
    assert_eq!(judgement.verdict, Verdict::Undetermined);
    assert_eq!(rule(&judgement, Rule::ClaimUnknown).reason, "a claim could not be verified: a/one (firing)");
    assert!(rule(&judgement, Rule::ClaimRefuted).fired);
    assert_eq!(with(vec![at_readme()], unreachable("a/one")).verdict, Verdict::Undetermined);
}

#[test]
fn without_claims_there_is_nothing_to_approve() {
    let judgement = with(Vec::new(), rules("a/one", 13));
    assert_eq!(judgement.verdict, Verdict::Undetermined);
    assert_eq!(rule(&judgement, Rule::ClaimUnknown).reason, "there are no claims to judge");
    let unused = with(vec![at_readme()], seen("a/one", Sight::NotApplicable("`when:` is false".into())));
    assert_eq!(rule(&unused, Rule::ClaimUnknown).reason, "there are no claims to judge");
}

#[test]
fn claims_of_the_list_decide_as_well() {
    let of = |other: &str| {
        let mut audit = audit(Vec::new(), Vec::new());
        audit.claims.push(ListedClaim {
            id: "flags".parse().unwrap(),
            title: String::new(),
            by: None,
            actual: None,
            at: vec!["README.md#Flags".into(), "docs/flags.md#".into()],
            as_of: None,
            tolerance: None,
            declared: ("audit.yaml".into(), 1),
        });
        alone(&audit, &[], &places([("README.md#Flags", found(3, "17")), ("docs/flags.md#", found(9, other))]))
    };
    assert_eq!(of("17 flags").verdict, Verdict::Approved);
    let wrong = of("16");
    assert_eq!(wrong.verdict, Verdict::ApprovedWithConditions);
    assert_eq!(
        rule(&wrong, Rule::ClaimRefuted).reason,
        "2 claims are wrong: flags (at README.md:3:5) and flags (at docs/flags.md:9:5)"
    );
    assert_eq!(rule(&wrong, Rule::ClaimRefuted).because, ["claims/flags"]);
}

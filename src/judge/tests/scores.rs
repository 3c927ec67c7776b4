//! Scores, by both methods.

use super::*;

fn deducting(id: &str, points: &str) -> Check {
    Check { deduct: Some(n(points)), severity: Severity::Minor, ..expecting(id, "rules", "== 13") }
}

fn seed() -> Audit {
    let checks = vec![
        deducting("operations/roles-assigned", "1.5"),
        deducting("operations/dry-run", "1.0"),
        deducting("operations/scripts", "2"),
    ];
    audit(vec![area("operations", Method::Deductions)], checks)
}

#[test]
fn the_examples_7_5_is_10_less_1_5_less_1_0() {
    let seen = [rules("operations/roles-assigned", 0), rules("operations/dry-run", 0), rules("operations/scripts", 13)];
    let judgement = judged(&seed(), &seen);
    assert_eq!(judgement.areas[0].score, Some(n("7.5")));
    assert_eq!(judgement.areas[0].arithmetic, "7.5 = 10 - 1.5 (roles assigned) - 1.0 (dry run)");
    assert_eq!(judgement.checks[0].cost, n("1.5"));
    assert_eq!(judgement.overall.score, Some(n("7.5")));
}

#[test]
fn what_was_not_measured_is_deducted_in_full() {
    let judgement = judged(&seed(), &[unreachable("operations/roles-assigned"), rules("operations/scripts", 13)]);
    assert_eq!(judgement.areas[0].score, Some(n("7.5")));
    assert_eq!(judgement.areas[0].coverage.measured, Number::ratio(1, 3).unwrap());
    assert_eq!(judgement.areas[0].coverage.missing, Number::ratio(2, 3).unwrap());
}

#[test]
fn an_area_of_deductions_of_which_nothing_was_measured_earns_nothing() {
    let mut audit = audit(
        vec![area("a", Method::Weighted), area("operations", Method::Deductions)],
        vec![thirteen("a/one", Severity::Minor), deducting("operations/dry-run", "0.5")],
    );
    audit.areas[0].weight = n("9");
    let unseen = judged(&audit, &[rules("a/one", 13), unreachable("operations/dry-run")]);
    assert_eq!(unseen.areas[1].score, Some(Number::zero()));
    assert_eq!(unseen.areas[1].arithmetic, "0.0 (nothing was measured or attested)");
    assert_eq!(unseen.verdict, Verdict::Rejected);
    let floor = &rule(&unseen, Rule::ScoreBelowFloor).reason;
    assert_eq!(floor, "\"operations\" 0.0 is below 5.0, as nothing of it was measured");
    let fixes = unseen.what_if.unwrap().fixes;
    assert_eq!(fixes, [crate::model::judgement::Fix::Check("operations/dry-run".parse().unwrap())]);
    // What was looked at and failed, and what somebody attested, has been seen.
    let failed = judged(&audit, &[rules("a/one", 13), rules("operations/dry-run", 12)]);
    assert_eq!(failed.areas[1].score, Some(n("9.5")));
    audit.checks[1].attested = true;
    let attested = judged(&audit, &[rules("a/one", 13), rules("operations/dry-run", 13)]);
    assert_eq!(attested.areas[1].score, Some(n("10")));
    // A waived check counts as passed, in the score with waivers alone.
    let (approved, until) = (stamp("2025-10-01"), stamp("2025-11-01"));
    let check = "operations/dry-run".parse().unwrap();
    audit.waivers.push(Waiver { check, reason: "accepted".into(), by: "User".into(), approved, until });
    let waived = judged(&audit, &[rules("a/one", 13), unreachable("operations/dry-run")]);
    assert_eq!(waived.areas[1].score, Some(Number::zero()));
    assert_eq!(waived.areas[1].score_with_waivers, Some(n("10")));
}

#[test]
fn a_warning_deducts_half_and_the_floor_is_zero() {
    let mut audit = seed();
    audit.checks[0].warn = vec![expectation("rules", ">= 10")];
    audit.checks[2].deduct = Some(n("20"));
    let warned = judged(
        &audit,
        &[rules("operations/roles-assigned", 12), rules("operations/dry-run", 13), rules("operations/scripts", 13)],
    );
    assert_eq!(warned.areas[0].score, Some(n("9.25")));
    assert_eq!(warned.areas[0].arithmetic, "9.2 = 10 - 0.75 (roles assigned)");
    let floor = judged(&audit, &[rules("operations/roles-assigned", 13)]);
    assert_eq!(floor.areas[0].score, Some(Number::zero()));
    assert!(floor.areas[0].arithmetic.ends_with("not below 0"), "{}", floor.areas[0].arithmetic);
}

#[test]
fn a_weighted_score_is_the_share_of_weight_earned() {
    let mut checks = vec![thirteen("a/one", Severity::Minor), thirteen("a/two", Severity::Minor)];
    checks[0].weight = n("3");
    let audit = audit(vec![area("a", Method::Weighted)], checks);
    let judgement = judged(&audit, &[rules("a/one", 13), rules("a/two", 12)]);
    assert_eq!(judgement.areas[0].score, Some(n("7.5")));
    assert_eq!(judgement.areas[0].arithmetic, "7.5 = 10 x 3 / 4");
    assert_eq!(judgement.checks[1].cost, n("2.5"));
    assert_eq!(judgement.checks[0].cost, Number::zero());
}

#[test]
fn a_failed_check_may_cap_its_area() {
    let mut checks = vec![thirteen("a/one", Severity::Minor), thirteen("a/two", Severity::Minor)];
    checks[0].weight = n("9");
    checks[1].caps_area_at = Some(n("6"));
    let audit = audit(vec![area("a", Method::Weighted)], checks);
    let capped = judged(&audit, &[rules("a/one", 13), rules("a/two", 12)]);
    assert_eq!((&capped.areas[0].score, &capped.areas[0].capped_at), (&Some(n("6")), &Some(n("6"))));
    assert_eq!(capped.areas[0].arithmetic, "6.0 = 10 x 9 / 10 = 9.0, capped at 6.0 (two)");
    let unseen = judged(&audit, &[rules("a/one", 13)]);
    assert_eq!(unseen.areas[0].score, Some(n("6")), "not looking is not better than failing");
    let passed = judged(&audit, &[rules("a/one", 13), rules("a/two", 13)]);
    assert_eq!((&passed.areas[0].score, &passed.areas[0].capped_at), (&Some(n("10")), &None));
    let neither = judged(&audit, &[rules("a/one", 12), rules("a/two", 12)]);
    assert_eq!(neither.areas[0].capped_at, None, "it earned less than the cap");
}

#[test]
fn an_area_with_nothing_scored_has_no_score() {
    let mut checks = vec![thirteen("a/one", Severity::Major), thirteen("b/two", Severity::Major)];
    checks[1].not_applicable = Some("there is no cluster".to_owned());
    let audit = audit(vec![area("a", Method::Weighted), area("b", Method::Weighted)], checks);
    let judgement = judged(&audit, &[rules("a/one", 13), rules("b/two", 13)]);
    assert_eq!(judgement.areas[1].score, None);
    assert_eq!(judgement.areas[1].arithmetic, "- (nothing was scored)");
    assert_eq!(judgement.overall.unscored, ["b".parse().unwrap()]);
    assert_eq!(judgement.overall.score, Some(n("10")));
    assert_eq!(judgement.overall.coverage.covered(), Number::one());
}

#[test]
fn the_overall_score_is_the_weighted_mean_of_areas() {
    let mut areas = vec![area("a", Method::Weighted), area("b", Method::Weighted)];
    areas[0].weight = n("3");
    let audit = audit(areas, vec![thirteen("a/one", Severity::Minor), thirteen("b/two", Severity::Minor)]);
    let judgement = judged(&audit, &[rules("a/one", 13), rules("b/two", 12)]);
    assert_eq!(judgement.overall.score, Some(n("7.5")));
    assert_eq!(judgement.overall.arithmetic, "7.5 = (3 x 10.0 + 1 x 0.0) / 4");
}

#[test]
fn attested_weight_stands_apart_in_coverage() {
    let mut checks = vec![
        thirteen("a/one", Severity::Minor),
        expecting("a/two", "stated", "true"),
        thirteen("a/three", Severity::Minor),
    ];
    checks[1].attested = true;
    checks[1].weight = n("2");
    let audit = audit(vec![area("a", Method::Weighted)], checks);
    let judgement = judged(&audit, &[rules("a/one", 13), measured("a/two", &[("stated", Value::Flag(true))])]);
    let coverage = &judgement.overall.coverage;
    assert_eq!((&coverage.measured, &coverage.attested, &coverage.missing), (&n("0.25"), &n("0.5"), &n("0.25")));
}

#[test]
fn a_claimed_score_stands_beside_the_computed_one() {
    let mut audit = seed();
    audit.areas[0].claims = ["7.5", "7.5/10", "7.6/10", "7/10", "8", "9.8/10", "75/100", "7.4", "good"]
        .map(|written| claim("score", written))
        .to_vec();
    let seen = [rules("operations/roles-assigned", 0), rules("operations/dry-run", 0), rules("operations/scripts", 13)];
    let judgement = judged(&audit, &seen);
    let statuses: Vec<ClaimStatus> = judgement.score_claims.iter().map(|claim| claim.status).collect();
    assert_eq!(
        statuses,
        [
            ClaimStatus::Exact,
            ClaimStatus::Exact,
            ClaimStatus::Overstated,
            ClaimStatus::Rounds,
            ClaimStatus::Rounds,
            ClaimStatus::Overstated,
            ClaimStatus::Exact,
            ClaimStatus::Understated,
            ClaimStatus::Unverified,
        ]
    );
    let record = &judgement.claimants[0];
    assert_eq!((record.by.as_str(), record.upheld, record.refuted, record.unverified), ("Forge", 5, 3, 1));
}

#[test]
fn no_score_is_rounded_into_the_highest_or_the_lowest() {
    let of = |passed: u32, claims: &[&str]| {
        let mut checks: Vec<Check> = (0..20).map(|at| thirteen(&format!("a/c{at}"), Severity::Minor)).collect();
        checks.iter_mut().for_each(|check| check.weight = n("1"));
        let mut areas = vec![area("a", Method::Weighted)];
        areas[0].claims = claims.iter().map(|written| claim("score", written)).collect();
        let seen: Vec<Observation> =
            (0..20).map(|at| rules(&format!("a/c{at}"), if at < passed { 13 } else { 12 })).collect();
        let judgement = judged(&audit(areas, checks), &seen);
        judgement.score_claims.iter().map(|claim| claim.status).collect::<Vec<_>>()
    };
    use ClaimStatus::{Exact, Overstated, Rounds, Understated};
    assert_eq!(
        of(19, &["10/10", "10", "100/100", "9/10", "~10/10"]),
        [Overstated, Overstated, Overstated, Rounds, Rounds]
    );
    assert_eq!(of(1, &["0/10", "0"]), [Understated, Understated]);
    assert_eq!(of(20, &["10/10", "10"]), [Exact, Exact]);
}

#[test]
fn whoever_computes_the_line_of_the_overall_score_arrives_at_it() {
    let areas = vec![area("a", Method::Weighted), area("b", Method::Weighted)];
    let mut checks: Vec<Check> = ["a/one", "a/two", "b/three"].map(|id| thirteen(id, Severity::Minor)).to_vec();
    checks[1].weight = n("2");
    let judgement = judged(&audit(areas, checks), &[rules("a/one", 13), rules("a/two", 12), rules("b/three", 13)]);
    assert_eq!(judgement.overall.arithmetic, "6.7 = (1 x 3.33 + 1 x 10.00) / 2");
}

#[test]
fn a_score_that_is_nearly_10_does_not_say_10() {
    let mut checks = vec![thirteen("a/one", Severity::Minor), thirteen("a/two", Severity::Minor)];
    checks[0].weight = n("300");
    let areas = || vec![area("a", Method::Weighted)];
    let seen = [rules("a/one", 13), rules("a/two", 12)];
    let judgement = judged(&audit(areas(), checks.clone()), &seen);
    assert_eq!(judgement.areas[0].arithmetic, "9.97 = 10 x 300 / 301");
    assert_eq!(judgement.overall.arithmetic, "9.97 = (1 x 9.97) / 1");
    // Where the weights as they are printed would make it 10, they are printed in full.
    checks[0].weight = n("1");
    checks[1].weight = n("0.0001");
    let judgement = judged(&audit(areas(), checks), &seen);
    assert_eq!(judgement.areas[0].arithmetic, "9.999 = 10 x 1 / 1.0001");
}

#[test]
fn a_check_that_expects_nothing_costs_nothing_when_it_is_left_out() {
    let shown = |severity| Check { severity, ..check("a/shown") };
    for severity in [Severity::Minor, Severity::Major, Severity::Blocker] {
        let audit = audit(vec![area("a", Method::Weighted)], vec![thirteen("a/one", Severity::Major), shown(severity)]);
        let whole = judged(&audit, &[rules("a/one", 13), rules("a/shown", 13)]);
        let part = judged(&audit, &[rules("a/one", 13), seen("a/shown", Sight::Skipped(SkipReason::NotSelected))]);
        for judgement in [&whole, &part] {
            assert_eq!(judgement.areas[0].score, Some(n("10")));
            assert_eq!(judgement.overall.coverage.covered(), Number::one());
        }
        assert_eq!((whole.verdict, part.verdict), (Verdict::Approved, Verdict::Undetermined));
        assert_eq!(part.checks[1].status, Status::Skipped, "it is still said to be left out");
        // Left out by nobody, but because what it depends on did not pass.
        let unasked = judged(&audit, &[rules("a/one", 13)]);
        assert_eq!(unasked.verdict, Verdict::Approved, "{:?}", unasked.chain);
    }
    // What is claimed of it is not seen to be right.
    let claimed = Check { claims: vec![claim("rules", "13")], ..shown(Severity::Minor) };
    let audit = audit(vec![area("a", Method::Weighted)], vec![thirteen("a/one", Severity::Major), claimed]);
    assert_eq!(judged(&audit, &[rules("a/one", 13)]).areas[0].score, Some(n("5")));
}

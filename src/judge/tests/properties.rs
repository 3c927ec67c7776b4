//! Properties that hold whatever the audit.

use proptest::prelude::*;

use super::*;
use crate::model::judgement::{Fix, Verdict};

/// How one random check is declared and what was seen of it.
#[derive(Debug, Clone)]
struct Case {
    area: usize,
    severity: Severity,
    weight: u32,
    deduct: u32,
    cap: Option<u32>,
    attested: bool,
    sight: u8,
    waived: bool,
    remediation: bool,
    awaited: bool,
}

fn case() -> impl Strategy<Value = Case> {
    let severity = prop_oneof![Just(Severity::Minor), Just(Severity::Major), Just(Severity::Blocker)];
    let cap = prop_oneof![3 => Just(None), 1 => (0_u32..10).prop_map(Some)];
    let rest = (0_u8..8, prop::bool::weighted(0.2), any::<bool>(), prop::bool::weighted(0.2));
    (0_usize..3, severity, 1_u32..9, 0_u32..6, cap, prop::bool::weighted(0.2), rest).prop_map(
        |(area, severity, weight, deduct, cap, attested, (sight, waived, remediation, awaited))| Case {
            area,
            severity,
            weight,
            deduct,
            cap,
            attested,
            sight,
            waived,
            remediation,
            awaited,
        },
    )
}

fn id(at: usize, case: &Case) -> String {
    format!("area-{}/check-{at}", case.area)
}

fn built(cases: &[Case]) -> (Audit, Vec<Observation>) {
    let areas =
        vec![area("area-0", Method::Weighted), area("area-1", Method::Deductions), area("area-2", Method::Weighted)];
    let mut audit = audit(areas, Vec::new());
    let mut seen = Vec::new();
    for (at, case) in cases.iter().enumerate() {
        let id = id(at, case);
        audit.checks.push(Check {
            weight: Number::from(case.weight),
            deduct: Some(Number::from(case.deduct)),
            caps_area_at: case.cap.map(Number::from),
            attested: case.attested,
            warn: vec![expectation("rules", ">= 10")],
            remediation: case.remediation.then(|| "Fix it".to_owned()),
            claims: vec![claim("rules", "13")],
            ..thirteen(&id, case.severity)
        });
        if case.waived {
            let (approved, until) = (stamp("2025-10-01"), stamp("2025-11-01"));
            let check = id.parse().unwrap();
            audit.waivers.push(Waiver { check, reason: "accepted".into(), by: "User".into(), approved, until });
        }
        if case.awaited {
            audit.conditions.push(Requirement {
                id: format!("condition-{at}").parse().unwrap(),
                level: if at % 2 == 0 { Level::Must } else { Level::Could },
                text: "Do it".into(),
                owner: None,
                due: Some(stamp(if at % 3 == 0 { "2025-10-19" } else { "2025-10-25" })),
                closed_by: Some(id.parse().unwrap()),
                done: false,
            });
        }
        match case.sight {
            0..=2 => seen.push(rules(&id, 13)),
            3 => seen.push(rules(&id, 12)),
            4 => seen.push(rules(&id, 5)),
            5 => seen.push(measured(&id, &[])),
            6 => seen.push(unreachable(&id)),
            _ => {}
        }
    }
    (audit, seen)
}

const fn badness(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Approved => 0,
        Verdict::ApprovedWithConditions => 1,
        Verdict::Rejected | Verdict::Undetermined => 2,
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn fixing_a_check_never_lowers_a_score_or_worsens_the_verdict(cases in prop::collection::vec(case(), 1..12), which in 0_usize..12) {
        let before = { let (audit, seen) = built(&cases); judged(&audit, &seen) };
        let mut fixed = cases.clone();
        let which = which % cases.len();
        fixed[which].sight = 0;
        let after = { let (audit, seen) = built(&fixed); judged(&audit, &seen) };
        prop_assert!(after.overall.score >= before.overall.score);
        prop_assert!(after.overall.score_with_waivers >= before.overall.score_with_waivers);
        prop_assert!(after.overall.coverage.covered() >= before.overall.coverage.covered());
        for (one, other) in after.areas.iter().zip(&before.areas) {
            prop_assert!(one.score >= other.score);
        }
        prop_assert!(badness(after.verdict) <= badness(before.verdict), "{:?} then {:?}", before.verdict, after.verdict);
    }

    #[test]
    fn waiving_never_changes_a_status_or_a_raw_score(cases in prop::collection::vec(case(), 1..12)) {
        let waived = { let (audit, seen) = built(&cases); judged(&audit, &seen) };
        let bare: Vec<Case> = cases.into_iter().map(|case| Case { waived: false, ..case }).collect();
        let without = { let (audit, seen) = built(&bare); judged(&audit, &seen) };
        prop_assert_eq!(&waived.overall.score, &without.overall.score);
        prop_assert!(waived.overall.score_with_waivers >= waived.overall.score);
        let statuses = |judgement: &Judgement| judgement.checks.iter().map(|check| check.status).collect::<Vec<_>>();
        prop_assert_eq!(statuses(&waived), statuses(&without));
    }

    #[test]
    fn what_was_not_measured_never_passes(cases in prop::collection::vec(case(), 1..12)) {
        let (audit, seen) = built(&cases);
        let judgement = judged(&audit, &seen);
        for (case, check) in cases.iter().zip(&judgement.checks) {
            prop_assert!(case.sight < 5 || (check.status != Status::Pass && check.status != Status::Warn));
        }
        let unseen = cases.iter().zip(&audit.checks).any(|(case, check)| case.sight >= 5 && check.severity == Severity::Blocker);
        prop_assert!(!unseen || badness(judgement.verdict) == 2);
    }

    #[test]
    fn the_order_of_checks_and_observations_never_matters(cases in prop::collection::vec(case(), 1..10)) {
        let (mut audit, mut seen) = built(&cases);
        let forward = judged(&audit, &seen);
        audit.checks.reverse();
        seen.reverse();
        let backward = judged(&audit, &seen);
        prop_assert_eq!(forward.verdict, backward.verdict);
        prop_assert_eq!(&forward.overall.score, &backward.overall.score);
        prop_assert_eq!(&forward.overall.coverage, &backward.overall.coverage);
        let scores = |judgement: &Judgement| judgement.areas.iter().map(|area| area.score.clone()).collect::<Vec<_>>();
        prop_assert_eq!(scores(&forward), scores(&backward));
    }

    #[test]
    fn scores_stay_between_0_and_10_and_coverage_adds_up(cases in prop::collection::vec(case(), 0..12)) {
        let (audit, seen) = built(&cases);
        let judgement = judged(&audit, &seen);
        let all = judgement.areas.iter().map(|area| (&area.score, &area.coverage));
        for (score, coverage) in all.chain([(&judgement.overall.score, &judgement.overall.coverage)]) {
            if let Some(score) = score {
                prop_assert!(!score.is_negative() && *score <= Number::from(10));
                prop_assert_eq!(&coverage.covered() + &coverage.missing, Number::one());
            } else {
                prop_assert!(coverage.covered().is_zero() && coverage.missing.is_zero());
            }
        }
    }

    #[test]
    fn the_fixes_reach_the_verdict_they_promise_and_none_can_be_left_out(cases in prop::collection::vec(case(), 1..10)) {
        let (audit, seen) = built(&cases);
        let judgement = judged(&audit, &seen);
        let Some(what_if) = &judgement.what_if else {
            prop_assert_eq!(judgement.verdict, Verdict::Approved);
            return Ok(());
        };
        let fixed = |fixes: &[Fix]| {
            let mut fixed = cases.clone();
            for (at, case) in fixed.iter_mut().enumerate() {
                if fixes.contains(&Fix::Check(id(at, &cases[at]).parse().unwrap())) {
                    case.sight = 0;
                }
            }
            let (audit, seen) = built(&fixed);
            judged(&audit, &seen).verdict
        };
        prop_assert_eq!(fixed(&what_if.fixes), what_if.reaches);
        prop_assert!(what_if.exact);
        for at in 0..what_if.fixes.len() {
            let mut fewer = what_if.fixes.clone();
            fewer.remove(at);
            prop_assert_eq!(badness(fixed(&fewer)), badness(judgement.verdict), "{:?}", fewer);
        }
    }
}

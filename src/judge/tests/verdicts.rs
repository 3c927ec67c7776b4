//! The rules of the verdict.

use super::*;
use crate::model::audit::Decision;
use crate::model::judgement::{ConditionOrigin, ConditionProgress, Fix, WaiverProgress};

fn two(first: Severity, second: Severity) -> Audit {
    audit(vec![area("a", Method::Weighted)], vec![thirteen("a/one", first), thirteen("a/two", second)])
}

fn ten(severity: Severity) -> Audit {
    let mut checks: Vec<Check> = (0..9).map(|i| thirteen(&format!("a/minor-{i}"), Severity::Minor)).collect();
    checks.push(thirteen("a/last", severity));
    audit(vec![area("a", Method::Weighted)], checks)
}

fn seen_ten(last: Option<u32>) -> Vec<Observation> {
    let mut seen: Vec<Observation> = (0..9).map(|i| rules(&format!("a/minor-{i}"), 13)).collect();
    seen.extend(last.map(|number| rules("a/last", number)));
    seen
}

#[track_caller]
fn decided_by(judgement: &Judgement, by: Rule, verdict: Verdict) {
    let decided: Vec<Rule> =
        judgement.chain.iter().filter(|outcome| outcome.decided).map(|outcome| outcome.rule).collect();
    assert_eq!((decided.as_slice(), judgement.verdict), ([by].as_slice(), verdict), "{:#?}", judgement.chain);
    assert_eq!(judgement.chain.len(), 7);
}

#[test]
fn a_failed_blocker_rejects() {
    let judgement = judged(&ten(Severity::Blocker), &seen_ten(Some(12)));
    decided_by(&judgement, Rule::BlockerFailed, Verdict::Rejected);
    let outcome = rule(&judgement, Rule::BlockerFailed);
    assert_eq!(outcome.reason, "a blocker failed: a/last");
    assert_eq!(outcome.because, ["a/last"]);
    decided_by(&judged(&ten(Severity::Blocker), &seen_ten(Some(13))), Rule::Clear, Verdict::Approved);
}

#[test]
fn a_blocker_that_nobody_could_decide_leaves_it_undetermined() {
    let judgement = judged(&ten(Severity::Blocker), &seen_ten(None));
    decided_by(&judgement, Rule::BlockerUnknown, Verdict::Undetermined);
    assert_eq!(rule(&judgement, Rule::BlockerUnknown).reason, "a blocker could not be decided: a/last (skipped)");
}

#[test]
fn too_little_coverage_leaves_it_undetermined() {
    let audit = two(Severity::Minor, Severity::Minor);
    let judgement = judged(&audit, &[rules("a/one", 13)]);
    decided_by(&judgement, Rule::CoverageLow, Verdict::Undetermined);
    assert_eq!(rule(&judgement, Rule::CoverageLow).reason, "coverage is 50 %, below the 80 % required");
    assert!(rule(&judgement, Rule::ScoreBelowFloor).fired, "later rules are recorded all the same");
    decided_by(&judged(&audit, &[rules("a/one", 13), rules("a/two", 13)]), Rule::Clear, Verdict::Approved);
}

#[test]
fn an_audit_that_measures_nothing_approves_nothing() {
    let empty = judged(&audit(Vec::new(), Vec::new()), &[]);
    decided_by(&empty, Rule::CoverageLow, Verdict::Undetermined);
    assert_eq!(empty.what_if, None);
}

#[test]
fn a_score_below_its_floor_rejects() {
    let audit = two(Severity::Minor, Severity::Minor);
    let judgement = judged(&audit, &[rules("a/one", 13), rules("a/two", 12)]);
    decided_by(&judgement, Rule::ScoreBelowFloor, Verdict::Rejected);
    assert_eq!(rule(&judgement, Rule::ScoreBelowFloor).reason, "overall 5.0 is below 7.0");
    assert_eq!(rule(&judgement, Rule::ScoreBelowFloor).because, ["overall"]);
    let both = judged(&audit, &[rules("a/one", 12), rules("a/two", 12)]);
    assert_eq!(rule(&both, Rule::ScoreBelowFloor).because, ["overall", "a"]);
}

fn requirement(id: &str, due: &str, closed_by: Option<&str>) -> Requirement {
    Requirement {
        id: id.parse().unwrap(),
        level: Level::Must,
        text: "Assign an engineer".to_owned(),
        owner: None,
        due: Some(stamp(due)),
        closed_by: closed_by.map(|id| id.parse().unwrap()),
        done: false,
    }
}

#[test]
fn a_condition_that_waits_for_a_check_outside_of_the_score_is_closed_by_no_fix_of_a_check() {
    let outside = [
        Check { not_applicable: Some("only staging has it".to_owned()), ..thirteen("a/last", Severity::Minor) },
        Check { expect: Vec::new(), ..thirteen("a/last", Severity::Minor) },
    ];
    for check in outside {
        let mut audit = ten(Severity::Minor);
        audit.checks[9] = check;
        audit.conditions = vec![requirement("assign", "2025-10-22", Some("a/last"))];
        let open = judged(&audit, &seen_ten(Some(13)));
        decided_by(&open, Rule::OpenPoints, Verdict::ApprovedWithConditions);
        let what_if = open.what_if.unwrap();
        assert_eq!(what_if.fixes, [Fix::Condition("assign".to_owned())]);
        assert_eq!(what_if.reaches, Verdict::Approved);
        audit.conditions[0].due = Some(stamp("2025-10-20T20:00Z"));
        let late = judged(&audit, &seen_ten(Some(13)));
        decided_by(&late, Rule::ConditionOverdue, Verdict::Rejected);
        assert_eq!(late.what_if.unwrap().fixes, [Fix::Condition("assign".to_owned())]);
    }
}

#[test]
fn an_overdue_condition_rejects_and_an_open_one_is_listed() {
    let mut audit = ten(Severity::Minor);
    audit.conditions = vec![requirement("assign", "2025-10-20T20:00Z", None)];
    let late = judged(&audit, &seen_ten(Some(13)));
    decided_by(&late, Rule::ConditionOverdue, Verdict::Rejected);
    assert_eq!(late.what_if.unwrap().fixes, [Fix::Condition("assign".to_owned())]);
    audit.conditions[0].due = Some(stamp("2025-10-20"));
    let open = judged(&audit, &seen_ten(Some(13)));
    decided_by(&open, Rule::OpenPoints, Verdict::ApprovedWithConditions);
    assert_eq!(open.conditions[0].progress, ConditionProgress::Open, "a date is due at the end of its day");
    audit.conditions[0].level = Level::Should;
    decided_by(&judged(&audit, &seen_ten(Some(13))), Rule::Clear, Verdict::Approved);
    audit.conditions[0].level = Level::Must;
    audit.conditions[0].done = true;
    decided_by(&judged(&audit, &seen_ten(Some(13))), Rule::Clear, Verdict::Approved);
}

#[test]
fn a_condition_is_closed_by_its_check_and_not_by_hand() {
    let mut audit = ten(Severity::Minor);
    audit.conditions = vec![Requirement { done: true, ..requirement("assign", "2025-10-22", Some("a/last")) }];
    let open = judged(&audit, &seen_ten(Some(12)));
    assert_eq!(open.conditions[0].progress, ConditionProgress::Open);
    assert_eq!(open.conditions[0].reason, "a/last fails");
    let closed = judged(&audit, &seen_ten(Some(13)));
    assert_eq!(closed.conditions[0].progress, ConditionProgress::Closed);
    decided_by(&closed, Rule::Clear, Verdict::Approved);
}

#[test]
fn a_major_that_does_not_pass_makes_an_approval_conditional() {
    let judgement = judged(&ten(Severity::Major), &seen_ten(Some(12)));
    decided_by(&judgement, Rule::OpenPoints, Verdict::ApprovedWithConditions);
    assert_eq!(rule(&judgement, Rule::OpenPoints).because, ["a/last"]);
    decided_by(&judged(&ten(Severity::Minor), &seen_ten(Some(12))), Rule::Clear, Verdict::Approved);
}

#[test]
fn a_refuted_claim_makes_an_approval_conditional_only_when_it_matters() {
    let with = |condition: &str| {
        let mut audit = ten(Severity::Minor);
        audit.checks[9] = Check {
            severity: Severity::Minor,
            claims: vec![claim("rules", "13")],
            ..expecting("a/last", "rules", condition)
        };
        judged(&audit, &seen_ten(Some(12)))
    };
    decided_by(&with(">= 13"), Rule::OpenPoints, Verdict::ApprovedWithConditions);
    decided_by(&with(">= 10"), Rule::Clear, Verdict::Approved);
}

#[test]
fn an_undecided_decision_is_an_open_condition() {
    let mut audit = ten(Severity::Minor);
    audit.decisions = vec![Decision {
        id: "plan".parse().unwrap(),
        ask: "Which plan?".to_owned(),
        options: Vec::new(),
        recommend: None,
        because: Vec::new(),
        owner: None,
        level: Level::Must,
        decided: None,
    }];
    let open = judged(&audit, &seen_ten(Some(13)));
    decided_by(&open, Rule::OpenPoints, Verdict::ApprovedWithConditions);
    assert_eq!(open.what_if.unwrap().fixes, [Fix::Decision("plan".parse().unwrap())]);
    audit.decisions[0].ask = "Which {{ plan }}, *A* or <b>?".to_owned();
    let asked = judged(&audit, &seen_ten(Some(13)));
    assert_eq!(
        asked.conditions[0].text, r"Which &#123;&#123; plan &#125;&#125;, \*A\* or &lt;b&gt;?",
        "plain text in Markdown"
    );
    audit.decisions[0].decided = Some("A".to_owned());
    decided_by(&judged(&audit, &seen_ten(Some(13))), Rule::Clear, Verdict::Approved);
}

fn waiver(approved: &str, until: &str) -> Waiver {
    Waiver {
        check: "a/last".parse().unwrap(),
        reason: "removed in phase 5".to_owned(),
        by: "User".to_owned(),
        approved: stamp(approved),
        until: stamp(until),
    }
}

#[test]
fn a_waiver_turns_a_rejection_into_a_condition_and_keeps_the_status() {
    let mut audit = two(Severity::Minor, Severity::Blocker);
    audit.checks[1].id = "a/last".parse().unwrap();
    let seen = [rules("a/one", 13), rules("a/last", 12)];
    assert_eq!(judged(&audit, &seen).verdict, Verdict::Rejected);
    audit.waivers = vec![waiver("2025-10-20", "2025-11-20")];
    let waived = judged(&audit, &seen);
    decided_by(&waived, Rule::OpenPoints, Verdict::ApprovedWithConditions);
    assert_eq!((waived.checks[1].status, waived.checks[1].waived_by), (Status::Fail, Some(0)));
    assert_eq!(
        (waived.areas[0].score.clone(), waived.areas[0].score_with_waivers.clone()),
        (Some(n("5")), Some(n("10")))
    );
    assert_eq!(waived.waivers[0].progress, WaiverProgress::InUse);
    assert!(waived.conditions.iter().any(|c| matches!(c.origin, ConditionOrigin::Waiver(_))));
    assert_eq!(waived.what_if.unwrap().fixes, [Fix::Check("a/last".parse().unwrap())]);
}

#[test]
fn a_waiver_outside_its_time_has_no_effect() {
    for (approved, until, progress) in [
        ("2025-09-01", "2025-10-19", WaiverProgress::Expired),
        ("2025-10-21", "2025-11-20", WaiverProgress::NotYetValid),
    ] {
        let mut audit = ten(Severity::Blocker);
        audit.waivers = vec![waiver(approved, until)];
        let judgement = judged(&audit, &seen_ten(Some(12)));
        assert_eq!((judgement.verdict, judgement.waivers[0].progress), (Verdict::Rejected, progress));
    }
    let mut audit = ten(Severity::Blocker);
    audit.waivers = vec![waiver("2025-10-20", "2025-10-20")];
    assert_eq!(judged(&audit, &seen_ten(Some(12))).waivers[0].progress, WaiverProgress::InUse);
    assert_eq!(judged(&audit, &seen_ten(Some(13))).waivers[0].progress, WaiverProgress::Unused);
}

#[test]
fn a_waiver_does_not_stand_in_for_evidence() {
    let mut audit = ten(Severity::Blocker);
    audit.waivers = vec![waiver("2025-10-20", "2025-11-20")];
    decided_by(&judged(&audit, &seen_ten(None)), Rule::BlockerUnknown, Verdict::Undetermined);
}

#[test]
fn a_failed_check_drafts_a_condition_from_its_remediation() {
    let mut audit = ten(Severity::Blocker);
    audit.checks[9].remediation = Some("Load the missing rule".to_owned());
    let judgement = judged(&audit, &seen_ten(Some(12)));
    let draft = &judgement.conditions[0];
    assert_eq!((draft.id.as_str(), draft.level, draft.text.as_str()), ("a-last", Level::Must, "Load the missing rule"));
    audit.checks[9].severity = Severity::Minor;
    assert_eq!(judged(&audit, &seen_ten(Some(12))).conditions[0].level, Level::Should);
    assert!(judged(&audit, &seen_ten(Some(13))).conditions.is_empty());
    audit.conditions = vec![requirement("assign", "2025-10-22", Some("a/last"))];
    assert_eq!(judged(&audit, &seen_ten(Some(12))).conditions.len(), 1, "the file already waits for this check");
}

#[test]
fn the_smallest_set_of_fixes_is_found() {
    let checks = ["1", "2", "4", "9"]
        .map(|weight| Check { weight: n(weight), ..thirteen(&format!("a/weighs-{weight}"), Severity::Minor) });
    let audit = audit(vec![area("a", Method::Weighted)], checks.to_vec());
    let seen = ["1", "2", "4", "9"].map(|weight| rules(&format!("a/weighs-{weight}"), 12));
    let what_if = judged(&audit, &seen).what_if.unwrap();
    let fix = |id: &str| Fix::Check(id.parse().unwrap());
    // 7.0 of 10 is 11.2 of 16: the two heaviest reach it, no single one does, and nothing then stays open.
    assert_eq!(what_if.fixes, [fix("a/weighs-4"), fix("a/weighs-9")].to_vec());
    assert!(what_if.exact);
    assert_eq!(what_if.reaches, Verdict::Approved);
    assert_eq!(what_if.costs[0], ("a/weighs-9".parse().unwrap(), n("5.625")));
}

#[test]
fn a_waived_check_is_no_fix_and_hides_none() {
    let weights = ["1", "5", "6"];
    let checks =
        weights.map(|weight| Check { weight: n(weight), ..thirteen(&format!("a/weighs-{weight}"), Severity::Minor) });
    let mut audit = audit(vec![area("a", Method::Weighted)], checks.to_vec());
    let (approved, until) = (stamp("2025-10-01"), stamp("2025-11-01"));
    let check = "a/weighs-6".parse().unwrap();
    audit.waivers.push(Waiver { check, reason: "accepted".into(), by: "User".into(), approved, until });
    let seen = weights.map(|weight| rules(&format!("a/weighs-{weight}"), 12));
    // With the waiver 6 of 12; the check of 5 makes it 11 of 12. The waived one weighs more and gains nothing.
    let what_if = judged(&audit, &seen).what_if.unwrap();
    assert_eq!(what_if.fixes, [Fix::Check("a/weighs-5".parse().unwrap())].to_vec());
    assert!(what_if.exact);
}

#[test]
fn waived_checks_that_were_measured_are_no_candidates() {
    let ids: Vec<String> = (0..30).map(|i| format!("a/c{i}")).collect();
    let mut audit = audit(
        vec![area("a", Method::Weighted)],
        ids.iter().map(|id| thirteen(id, Severity::Minor)).chain([thirteen("a/open", Severity::Minor)]).collect(),
    );
    audit.checks[30].weight = n("20");
    let (approved, until) = (stamp("2025-10-01"), stamp("2025-11-01"));
    audit.waivers = ids
        .iter()
        .map(|id| Waiver { check: id.parse().unwrap(), reason: "accepted".into(), by: "User".into(), approved, until })
        .collect();
    let seen: Vec<Observation> = ids.iter().map(|id| rules(id, 12)).chain([rules("a/open", 12)]).collect();
    // 30 of 50 with the waivers. Beyond twenty candidates nothing would be proved.
    let what_if = judged(&audit, &seen).what_if.unwrap();
    assert_eq!((what_if.fixes, what_if.exact), (vec![Fix::Check("a/open".parse().unwrap())], true));
}

#[test]
fn beyond_twenty_candidates_the_set_is_labelled_greedy() {
    let checks: Vec<Check> = (0..40).map(|i| thirteen(&format!("a/c{i}"), Severity::Minor)).collect();
    let seen: Vec<Observation> = (0..40).map(|i| rules(&format!("a/c{i}"), 12)).collect();
    let what_if = judged(&audit(vec![area("a", Method::Weighted)], checks), &seen).what_if.unwrap();
    assert_eq!((what_if.exact, what_if.fixes.len()), (false, 28));
}

#[test]
fn twenty_checks_alike_are_still_proved() {
    let checks: Vec<Check> = (0..20).map(|i| thirteen(&format!("a/c{i}"), Severity::Minor)).collect();
    let seen: Vec<Observation> = (0..20).map(|i| rules(&format!("a/c{i}"), 12)).collect();
    let what_if = judged(&audit(vec![area("a", Method::Weighted)], checks), &seen).what_if.unwrap();
    assert_eq!((what_if.exact, what_if.fixes.len()), (true, 14));
}

#[test]
fn a_thousand_checks_need_no_search() {
    let checks: Vec<Check> = (0..1000).map(|i| thirteen(&format!("a/c{i}"), Severity::Minor)).collect();
    let seen: Vec<Observation> =
        (0..1000).map(|i| rules(&format!("a/c{i}"), if i % 2 == 0 { 12 } else { 13 })).collect();
    let audit = audit(vec![area("a", Method::Weighted)], checks);
    let judgement = judged(&audit, &seen);
    // 7.0 of 10 is 700 of 1,000: 200 more than pass now.
    let what_if = judgement.what_if.unwrap();
    assert_eq!((what_if.exact, what_if.fixes.len()), (false, 200));
}

#[test]
fn a_part_of_a_run_is_undetermined_however_little_was_left_out() {
    let left_out = |reason: &str| {
        let mut observations = seen_ten(None);
        observations.push(seen("a/last", Sight::Skipped(reason.to_owned().into())));
        observations
    };
    let reasons = ["not selected by --only", "not in shard 2/3", "none of the merged runs looked at it", "interrupted"];
    for reason in reasons {
        let judgement = judged(&ten(Severity::Minor), &left_out(reason));
        assert_eq!(judgement.verdict, Verdict::Undetermined, "{reason}");
        let outcome = rule(&judgement, Rule::Partial);
        assert_eq!(outcome.reason, "1 of 10 checks was left out of this run: a/last");
        assert!(outcome.decided && judgement.what_if.is_none());
    }
    let unneeded = judged(&ten(Severity::Minor), &left_out("no claim needs it, and only claims were asked for"));
    decided_by(&unneeded, Rule::Clear, Verdict::Approved);
    let mut failed = left_out("not in shard 2/3");
    failed[0] = rules("a/minor-0", 12);
    let mut audit = ten(Severity::Minor);
    audit.checks[0].severity = Severity::Blocker;
    assert_eq!(judged(&audit, &failed).verdict, Verdict::Rejected, "what a part saw fail has failed");
    audit.areas[0].claims = vec![claim("score", "9.8/10")];
    let claimed = &judged(&audit, &failed).score_claims[0];
    assert_eq!(
        (claimed.status, claimed.reason.as_str()),
        (ClaimStatus::Unverified, "checks of this area were left out of the run"),
        "a part of an area says nothing of its score"
    );
    let claims = judge(&audit, Seen { claims_only: true, ..all(&failed, &Places::new(), None) });
    assert_eq!((claims.verdict, claims.chain[0].rule), (Verdict::Undetermined, Rule::Partial));
}

#[test]
fn what_is_below_its_limit_does_not_read_like_it() {
    let weighted = |id: &str, weight: &str| Check { weight: n(weight), ..thirteen(id, Severity::Minor) };
    let of = |weights: [&str; 2], policy: VerdictPolicy| {
        let checks = vec![weighted("a/one", weights[0]), weighted("a/two", weights[1])];
        Audit { verdict: policy, ..audit(vec![area("a", Method::Weighted)], checks) }
    };
    let policy = |coverage: &str, floor: &str| VerdictPolicy {
        min_coverage: n(coverage),
        floor_overall: n(floor),
        floor_area: n("0"),
    };
    let covered = judged(&of(["79.9999", "20.0001"], policy("0.8", "0")), &[rules("a/one", 13)]);
    assert_eq!(rule(&covered, Rule::CoverageLow).reason, "coverage is 79.9999 %, below the 80 % required");
    let seen = [rules("a/one", 13), rules("a/two", 12)];
    let plain = judged(&of(["6", "1"], policy("0.8", "8.6")), &seen);
    assert_eq!(rule(&plain, Rule::ScoreBelowFloor).reason, "overall 8.571 is below 8.6");
    let scored = judged(&of(["69.9999", "30.0001"], policy("0.8", "7.0")), &seen);
    assert_eq!(rule(&scored, Rule::ScoreBelowFloor).reason, "overall 6.99999 is below 7.0");
    let fine = judged(&of(["72.5", "27.5"], policy("0.8", "7.2501")), &seen);
    assert_eq!(rule(&fine, Rule::ScoreBelowFloor).reason, "overall 7.25 is below 7.2501");
    let mut titled = of(["4", "3"], VerdictPolicy { floor_area: n("6"), ..policy("0.8", "7.0") });
    titled.areas[0].title = "Monitoring setup".to_owned();
    let titled = judged(&titled, &seen);
    assert_eq!(
        rule(&titled, Rule::ScoreBelowFloor).reason,
        "overall 5.7 is below 7.0 and \"Monitoring setup\" 5.7 is below 6.0",
        "as scores are printed, and areas called"
    );
}

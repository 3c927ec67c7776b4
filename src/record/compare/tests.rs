//! Two copies of the example's record, changed at random, compared.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use serde_json::Value as Json;

use super::*;
use crate::model::audit::{Check, Severity};
use crate::model::fact::{Facts, Table, Value};
use crate::model::id::CheckId;
use crate::model::judgement::{CheckResult, ClaimResult, ClaimStatus, ConditionProgress, Rule, Status};
use crate::model::record::{Observation, Sight};

fn example() -> Record {
    serde_json::from_slice(include_bytes!("../../../fixtures/bundles/go-live/record.json")).unwrap()
}

/// One change of a record; the number says where.
fn change(record: &mut Record, kind: u8, at: usize) {
    let checks = record.audit.checks.len();
    let judgement = &mut record.judgement;
    match kind {
        0 => judgement.checks[at % checks].status = Status::ALL[at % Status::ALL.len()],
        1 => {
            record.audit.checks.remove(at % checks);
            judgement.checks.remove(at % checks);
            record.observations.remove(at % checks);
        }
        2 => record.audit.checks[at % checks].weight = (at + 2).into(),
        3 => {
            let severities = [Severity::Minor, Severity::Major, Severity::Blocker];
            record.audit.checks[at % checks].severity = severities[at % 3];
        }
        4 => {
            let mut facts = Facts::default();
            facts.set("rules", Value::count(u32::try_from(at).unwrap()));
            facts.set("total", Value::count(u32::try_from(at % 7).unwrap()));
            record.observations[at % checks].sight = Sight::Measured(facts);
        }
        5 => {
            let statuses = [ClaimStatus::Exact, ClaimStatus::Refuted, ClaimStatus::Unverified];
            let claims = judgement.checks.iter_mut().flat_map(|check| &mut check.claims);
            claims.for_each(|claim| claim.status = statuses[at % 3]);
        }
        6 => {
            let index = at % judgement.conditions.len();
            judgement.conditions[index].progress = [ConditionProgress::Closed, ConditionProgress::Overdue][at % 2];
        }
        7 => record.audit.areas[at % 5].weight = (at + 1).into(),
        8 => judgement.areas[at % 5].score = None,
        _ => {
            let verdicts = [Verdict::Approved, Verdict::Rejected, Verdict::Undetermined];
            judgement.verdict = verdicts[at % 3];
        }
    }
}

fn changed(changes: &[(u8, usize)]) -> Record {
    let mut record = example();
    changes.iter().for_each(|(kind, at)| change(&mut record, *kind, *at));
    record
}

/// So many checks besides those of the example, so many equal claims, and a table of so many rows, each of them `by` higher.
fn many(number: u32, by: u32) -> Record {
    let mut record = example();
    let at =
        record.audit.checks.iter().position(|check| check.claims.iter().any(|claim| claim.table.is_none())).unwrap();
    let (check, result) = (record.audit.checks[at].clone(), record.judgement.checks[at].clone());
    for nth in 0..number {
        let id: CheckId = format!("monitoring/more-{nth}").parse().unwrap();
        let mut facts = Facts::default();
        facts.set("rules", Value::count(nth + by));
        let (sight, exchanges) = (Sight::Measured(facts), Vec::new());
        record.observations.push(Observation { check: id.clone(), sight, exchanges });
        let (check, result) = (Check { id: id.clone(), ..check.clone() }, CheckResult { check: id, ..result.clone() });
        record.audit.checks.push(Check { claims: Vec::new(), ..check });
        record.judgement.checks.push(CheckResult { claims: Vec::new(), ..result });
    }
    let (claim, of_claim) = (&check.claims[0], &result.claims[0]);
    record.audit.checks[at].claims = (0..number).map(|_| claim.clone()).collect();
    record.judgement.checks[at].claims = (0..number)
        .map(|claim| ClaimResult { claim, actual: Some(Value::count(claim + by)), ..of_claim.clone() })
        .collect();
    let mut facts = Facts::default();
    let rows = (0..number).map(|nth| vec![Some(Value::count(nth + by))]).collect();
    facts.set("by-file", Value::Table(Table { columns: vec!["lines".to_owned()], rows }));
    record.observations[at].sight = Sight::Measured(facts);
    record
}

#[test]
fn thousands_of_checks_claims_and_rows_are_compared_without_looking_through_all_for_each() {
    let (old, new) = (many(5_000, 0), many(5_000, 1));
    let began = Instant::now();
    let comparison = compare((&old, ""), (&new, ""));
    let took = began.elapsed();
    assert_eq!((comparison.claims.len(), comparison.facts.len()), (5_000, 5_001));
    let rows = comparison.facts.iter().find(|fact| fact.fact == "by-file").unwrap();
    assert!(rows.text.ends_with("(1 of the old ones gone or changed, 1 new or changed)"), "{}", rows.text);
    assert!(took < Duration::from_secs(15), "it took {took:?}");
}

/// What is old becomes new, without what is said about it; lists in an order of their own.
fn swapped(json: &Json, swap: bool) -> Json {
    match json {
        Json::Object(members) => {
            let kept =
                members.iter().filter(|(name, _)| !matches!(name.as_str(), "text" | "turn" | "by" | "regressions"));
            let renamed = kept.map(|(name, value)| {
                let name = match name.as_str() {
                    "old" if swap => "new",
                    "new" if swap => "old",
                    name => name,
                };
                (name.to_owned(), swapped(value, swap))
            });
            let mut members: Vec<_> = renamed.collect();
            members.sort_by(|a, b| a.0.cmp(&b.0));
            Json::Object(members.into_iter().collect())
        }
        Json::Array(items) => {
            let mut items: Vec<Json> = items.iter().map(|item| swapped(item, swap)).collect();
            items.sort_by_key(Json::to_string);
            Json::Array(items)
        }
        Json::String(text) if swap => Json::String(match text.as_str() {
            "check-added" => "check-removed".to_owned(),
            "check-removed" => "check-added".to_owned(),
            text => text.to_owned(),
        }),
        other => other.clone(),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn a_record_does_not_differ_from_itself(changes in proptest::collection::vec((0_u8..10, 0_usize..200), 0..6)) {
        let record = changed(&changes);
        let comparison = compare((&record, "a"), (&record, "a"));
        prop_assert!(comparison.identical && !comparison.changed && comparison.regressions.is_empty());
        prop_assert!(comparison.facts.is_empty(), "{:?}", comparison.facts);
        prop_assert!(comparison.transitions.iter().all(|transition| transition.old == transition.new));
    }

    #[test]
    fn looking_from_the_other_side_swaps_old_and_new(
        one in proptest::collection::vec((0_u8..10, 0_usize..200), 0..6),
        two in proptest::collection::vec((0_u8..10, 0_usize..200), 0..6),
    ) {
        let (one, two) = (changed(&one), changed(&two));
        let there = serde_json::to_value(compare((&one, "a"), (&two, "b"))).unwrap();
        let back = serde_json::to_value(compare((&two, "b"), (&one, "a"))).unwrap();
        let mut there = swapped(&there, true);
        let mut back = swapped(&back, false);
        // "was" and "is" stand in these sentences.
        there["apart"] = Json::Null;
        back["apart"] = Json::Null;
        prop_assert_eq!(there, back);
    }

    #[test]
    fn every_change_of_what_is_judged_is_a_change(kind in 0_u8..10, at in 0_usize..200) {
        let (plain, other) = (example(), changed(&[(kind, at)]));
        let comparison = compare((&plain, "a"), (&other, "b"));
        prop_assert_eq!(comparison.changed, plain != other);
    }
}

#[test]
fn between_a_failure_and_not_having_looked_each_way_is_for_the_worse() {
    let with = |status| {
        let mut record = example();
        record.judgement.checks[0].status = status;
        record
    };
    let turn = |old, new| compare((&with(old), "a"), (&with(new), "b")).checks[0].turn;
    assert_eq!(turn(Status::Fail, Status::NoData), Turn::Worse);
    assert_eq!(turn(Status::NoData, Status::Fail), Turn::Worse);
    assert_eq!(turn(Status::Error, Status::NoData), Turn::Other);
    assert_eq!(turn(Status::Fail, Status::Warn), Turn::Better);
    assert_eq!(turn(Status::Pass, Status::Skipped), Turn::Worse);
}

#[test]
fn a_check_that_leaves_the_score_is_less_that_is_asked() {
    let mut later = example();
    later.judgement.checks[0].status = Status::NotApplicable;
    let comparison = compare((&example(), "a"), (&later, "b"));
    assert_eq!(comparison.checks[0].turn, Turn::Other);
    assert_eq!(comparison.denominator[0].moved, Moved::Scored);
    assert_eq!(comparison.regressions[0].kind, RegressionKind::Denominator);
}

#[test]
fn a_rule_that_one_record_does_not_ask_is_named_only_where_it_fired() {
    let (old, mut new) = (example(), example());
    let asked = |rule, fired, reason: &str| crate::model::judgement::RuleOutcome {
        rule,
        fired,
        decided: fired,
        reason: reason.to_owned(),
        because: Vec::new(),
    };
    new.judgement.chain = vec![
        asked(Rule::ClaimUnknown, true, "a claim could not be verified"),
        asked(Rule::ClaimRefuted, false, "no claim is wrong"),
    ];
    let changes = scores::rules(&old, &new);
    let about = |rule| changes.iter().find(|change| change.rule == rule);
    assert_eq!(about(Rule::ClaimRefuted), None);
    assert_eq!(about(Rule::ClaimUnknown).unwrap().text, "now: a claim could not be verified");
    for change in &changes {
        assert!(!change.text.contains("still not") && !change.text.ends_with(": "), "{}", change.text);
    }
}

//! Claims of the list.

use proptest::prelude::*;

use super::*;
use crate::model::claim::{Actual, ListedClaim};
use crate::model::judgement::{Fix, ListedResult};

fn listed(actual: Option<Actual>, at: &[&str]) -> ListedClaim {
    ListedClaim {
        id: "rules".parse().unwrap(),
        title: "Alert rules".into(),
        by: None,
        actual,
        at: at.iter().map(|at| (*at).to_owned()).collect(),
        as_of: None,
        tolerance: None,
        declared: ("audit.yaml".into(), 3),
    }
}

fn fact(name: &str) -> Option<Actual> {
    Some(Actual::Fact { check: "a/one".parse().unwrap(), fact: name.into() })
}

fn stated(value: &str) -> Option<Actual> {
    Some(Actual::Stated(value.into()))
}

/// One place for each text: `one.md:1:5`, `two.md:2:5`, `three.md:3:5`.
const DOCUMENTS: [&str; 6] = ["one.md#A", "two.md#A", "three.md#A", "four.md#A", "five.md#A", "six.md#A"];

fn judged_list(claim: ListedClaim, texts: &[&str], check: Check, observations: &[Observation]) -> Judgement {
    let mut audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    audit.claims.push(claim);
    let place = |(line, (at, text)): (u32, (&&str, &&str))| ((*at).to_owned(), found(line, text));
    let places: Places = (1_u32..).zip(DOCUMENTS.iter().zip(texts)).map(place).collect();
    judge(&audit, all(observations, &places, None))
}

fn with(actual: Option<Actual>, texts: &[&str], facts: &[(&str, Value)]) -> ListedResult {
    let claim = listed(actual, &DOCUMENTS[..texts.len()]);
    judged_list(claim, texts, check("a/one"), &[measured("a/one", facts)]).listed_claims.remove(0)
}

#[test]
fn every_place_must_say_what_was_measured() {
    let rules = |number: u32| [("rules", Value::count(number))];
    let right = with(fact("rules"), &["13", "13 rules"], &rules(13));
    assert_eq!((right.status, right.actual.clone()), (ClaimStatus::Exact, Some(Value::count(13))));
    assert_eq!(right.reason, "all 2 places hold: 13 was claimed, and 13 measured");
    let wrong = with(fact("rules"), &["13", "12 rules"], &rules(12));
    assert_eq!(wrong.status, ClaimStatus::Overstated);
    assert_eq!(
        wrong.reason,
        "1 of 2 places: one.md:1:5 says \"13\": 13 was claimed and 12 measured: 1 too much; two.md:2:5 says \"12 rules\""
    );
    let statuses: Vec<ClaimStatus> = wrong.places.iter().map(|place| place.status).collect();
    assert_eq!(statuses, [ClaimStatus::Overstated, ClaimStatus::Exact]);
}

#[test]
fn growth_tolerance_and_samples_count_as_they_do_under_a_check() {
    let mut claim = listed(fact("min-uptime"), &DOCUMENTS[..1]);
    claim.as_of = Some(stamp("2025-10-20T19:15Z"));
    let seen = [measured("a/one", &[("min-uptime", Value::seconds(171_900))])];
    let grown = judged_list(claim, &["47h"], check("a/one"), &seen);
    assert_eq!(grown.listed_claims[0].status, ClaimStatus::Progressed);
    let mut claim = listed(fact("rules"), &DOCUMENTS[..1]);
    claim.tolerance = Some("2".into());
    let near = judged_list(claim, &["15"], check("a/one"), &[rules("a/one", 13)]);
    assert_eq!(near.listed_claims[0].status, ClaimStatus::WithinTolerance);
    let sample = Check { sample: Some(Sample { of: 338, method: SampleMethod::Chosen }), ..check("a/one") };
    let seen = [measured("a/one", &[("passed", Value::count(123)), ("total", Value::count(123))])];
    let few = judged_list(listed(fact("total"), &DOCUMENTS[..1]), &["338"], sample, &seen);
    assert_eq!(few.listed_claims[0].status, ClaimStatus::Unverified);
    let part = with(fact("total"), &["338/338"], &[("total", Value::count(338))]);
    assert_eq!(part.status, ClaimStatus::NotFound);
    assert!(part.reason.starts_with("one.md:1:5 says \"338/338\": say which part is meant"), "{}", part.reason);
}

#[test]
fn places_that_contradict_each_other_fall_without_anything_measured() {
    for actual in [None, fact("rules"), fact("gone")] {
        let apart = with(actual.clone(), &["13 rules", "12"], &[]);
        assert_eq!(apart.status, ClaimStatus::Refuted, "{actual:?}");
        assert_eq!(apart.reason, "one.md:1:5 says \"13 rules\" and two.md:2:5 says \"12\"");
        assert!(apart.places.iter().all(|place| place.status == ClaimStatus::Refuted));
    }
    let absent = with(fact("rules"), &["13", "13"], &[]);
    assert_eq!(absent.status, ClaimStatus::Unverified);
    assert!(absent.reason.ends_with("nothing was measured to compare it with"), "{}", absent.reason);
    assert_eq!(with(None, &["13", "13 rules"], &[]).status, ClaimStatus::Exact);
    assert_eq!(with(None, &["98%", "98.28%"], &[]).status, ClaimStatus::Rounds);
    assert_eq!(with(None, &["13"], &[]).status, ClaimStatus::Unverified);
    assert_eq!(with(None, &["242/244 (99.3%)", "242/244 (99.3%)"], &[]).status, ClaimStatus::Refuted);
    let strange = with(None, &["13", "13", "thirteen"], &[]);
    assert_eq!(strange.status, ClaimStatus::Unverified);
    assert!(strange.reason.contains("three.md:3:5 says \"thirteen\""), "{}", strange.reason);
}

#[test]
fn a_stated_value_is_what_the_places_are_held_against() {
    let of = |value: &str, text: &str| with(stated(value), &[text], &[]).status;
    assert_eq!(of("17", "17 flags"), ClaimStatus::Exact);
    assert_eq!(of("17", "16"), ClaimStatus::Refuted);
    assert_eq!(of("98.28%", "98.3%"), ClaimStatus::Rounds);
    assert_eq!(of("98.3%", "98.28%"), ClaimStatus::Rounds);
    assert_eq!(of("98.3%", "97%"), ClaimStatus::Refuted);
    assert_eq!(of("main", "main"), ClaimStatus::Exact);
    assert_eq!(of("main", "develop"), ClaimStatus::Refuted);
    assert_eq!(of("17", "seventeen"), ClaimStatus::Unverified);
    assert_eq!(of("338/338", "337/338"), ClaimStatus::Refuted);
}

#[test]
fn a_place_that_was_not_found_decides_and_the_others_are_still_compared() {
    let claim = listed(fact("rules"), &["one.md#A", "two.md#A", "gone.md#A"]);
    let mut audit = audit(vec![area("a", Method::Weighted)], vec![check("a/one")]);
    audit.claims.push(claim);
    let places =
        places([("one.md#A", found(1, "13")), ("two.md#A", found(2, "13")), ("gone.md#A", nowhere("no such file"))]);
    let result = judge(&audit, all(&[rules("a/one", 13)], &places, None)).listed_claims.remove(0);
    let statuses: Vec<ClaimStatus> = result.places.iter().map(|place| place.status).collect();
    assert_eq!(statuses, [ClaimStatus::Exact, ClaimStatus::Exact, ClaimStatus::NotFound]);
    assert_eq!(result.status, ClaimStatus::NotFound);
    assert_eq!(result.reason, "1 of 3 places: gone.md#A: no such file (Look again)");
}

#[test]
fn places_count_for_their_claimant_or_their_document() {
    let seen = [rules("a/one", 13)];
    let claim = listed(fact("rules"), &DOCUMENTS[..2]);
    let told = |claim: ListedClaim| {
        let judgement = judged_list(claim, &["13", "12"], check("a/one"), &seen);
        let record = judgement.claimants.iter().map(|c| (c.by.clone(), c.upheld, c.refuted, c.unverified));
        record.collect::<Vec<_>>()
    };
    assert_eq!(told(claim.clone()), [("one.md".into(), 1, 0, 0), ("two.md".into(), 0, 1, 0)]);
    assert_eq!(told(ListedClaim { by: Some("Forge".into()), ..claim }), [("Forge".into(), 1, 1, 0)]);
}

#[test]
fn a_claim_of_the_list_matters_where_its_value_would_change_the_check() {
    let of = |text: &str, condition: &str| {
        let check = expecting("a/one", "rules", condition);
        let claim = listed(fact("rules"), &DOCUMENTS[..1]);
        judged_list(claim, &[text], check, &[rules("a/one", 12)]).listed_claims.remove(0).matters
    };
    assert_eq!(of("13", ">= 13").as_deref(), Some("with 13 for rules the check would be pass, and it is fail"));
    assert_eq!(of("13", ">= 10"), None);
    assert_eq!(of("12", ">= 13"), None);
}

#[test]
fn a_claim_of_the_list_that_does_not_hold_is_an_open_point_and_costs_nothing() {
    let of = |text: &str, number: u32| {
        let claim = listed(fact("rules"), &DOCUMENTS[..1]);
        let check = Check { expect: vec![expectation("rules", "> 0")], ..check("a/one") };
        judged_list(claim, &[text], check, &[rules("a/one", number)])
    };
    assert_eq!(of("13", 13).verdict, Verdict::Approved);
    let wrong = of("13", 12);
    assert_eq!((wrong.verdict, wrong.overall.score.clone()), (Verdict::ApprovedWithConditions, Some(n("10"))));
    let open = rule(&wrong, Rule::OpenPoints);
    assert_eq!(
        (open.reason.as_str(), &open.because[..]),
        ("1 claim of the list does not hold: rules", &["claims/rules".to_owned()][..])
    );
    let what_if = wrong.what_if.unwrap();
    assert_eq!((what_if.reaches, what_if.fixes), (Verdict::Approved, vec![Fix::Claim("rules".parse().unwrap())]));
    // A better verdict is not the best one while it stands open.
    let claim = listed(fact("rules"), &DOCUMENTS[..1]);
    let failed = judged_list(claim, &["13"], thirteen("a/one", Severity::Blocker), &[rules("a/one", 12)]);
    assert_eq!(failed.verdict, Verdict::Rejected);
    assert_eq!(failed.what_if.unwrap().reaches, Verdict::ApprovedWithConditions);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    #[test]
    fn places_that_agree_with_what_was_measured_agree_with_each_other(
        part in 0_u32..2_000,
        rest in 0_u32..200,
        forms in prop::collection::vec(0_u32..5, 2..6),
    ) {
        let value = Value::fraction(part, part + rest + 1).unwrap();
        let (share, _) = value.quantity().unwrap();
        let hundredfold = &share * &Number::from(100);
        let texts: Vec<String> = forms.iter().map(|form| match form {
            0 => format!("{part}/{}", part + rest + 1),
            places => format!("{}%", hundredfold.to_fixed(*places)),
        }).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let beside = with(fact("pass-rate"), &texts, &[("pass-rate", value)]);
        let alone = with(None, &texts, &[]);
        let upheld = beside.places.iter().all(|place| place.status.is_upheld());
        prop_assert!(!upheld || alone.status.is_upheld(), "{:?}: {} but {}", texts, beside.reason, alone.reason);
    }

    #[test]
    fn counts_hold_where_all_are_what_was_measured(numbers in prop::collection::vec(10_u32..13, 1..6), actual in 10_u32..13) {
        let texts: Vec<String> = numbers.iter().map(u32::to_string).collect();
        let texts: Vec<&str> = texts.iter().map(String::as_str).collect();
        let result = with(fact("rules"), &texts, &[("rules", Value::count(actual))]);
        for (number, place) in numbers.iter().zip(&result.places) {
            prop_assert_eq!(place.status.is_upheld(), *number == actual);
        }
        prop_assert_eq!(result.status.is_upheld(), numbers.iter().all(|number| *number == actual));
        let alone = with(None, &texts, &[]);
        let same = numbers.windows(2).all(|pair| pair[0] == pair[1]);
        prop_assert_eq!(alone.status.is_refuted(), !same);
    }
}

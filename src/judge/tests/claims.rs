//! Results of claims.

use super::*;
use crate::judge::sampling::lower_bound;
use crate::model::evidence::{Answer, Exchange, Question};
use crate::model::fact::{Scale, Unit};

#[track_caller]
fn is(fact: &str, written: &str, value: Value, status: ClaimStatus) -> String {
    let result = compared(claim(fact, written), value);
    assert_eq!(result.status, status, "{written}: {}", result.reason);
    result.reason
}

#[test]
fn whole_numbers_of_things_are_exact() {
    assert_eq!(is("rules", "13", Value::count(13), ClaimStatus::Exact), "13 was claimed, and 13 measured");
    assert_eq!(
        is("rules", "13", Value::count(12), ClaimStatus::Overstated),
        "13 was claimed and 12 measured: 1 too much"
    );
    is("rules", "12", Value::count(13), ClaimStatus::Understated);
    is("firing", "3", Value::count(2), ClaimStatus::Understated);
    is("firing", "2", Value::count(3), ClaimStatus::Overstated);
    is("total", "17", Value::count(17), ClaimStatus::Exact);
    is("total", "17", Value::count(16), ClaimStatus::Refuted);
    is("rules", "1,044", Value::count(1044), ClaimStatus::Exact);
    is("rules", "13 rules", Value::count(13), ClaimStatus::Exact);
}

#[test]
fn printed_digits_stand_for_an_interval() {
    let share = Value::fraction(1026, 1044).unwrap();
    assert_eq!(
        is("pass-rate", "98.28%", share.clone(), ClaimStatus::Rounds),
        "98.28% is what 1,026 of 1,044 (98.28 %) rounds to"
    );
    is("pass-rate", "98.27%", share.clone(), ClaimStatus::Truncated);
    is("pass-rate", "98.5%", share.clone(), ClaimStatus::Overstated);
    is("pass-rate", "97%", share.clone(), ClaimStatus::Understated);
    is("pass-rate", "1,026/1,044 (98.28%)", share.clone(), ClaimStatus::Exact);
    is("pass-rate", "1,026/1,044 (98.3%)", share.clone(), ClaimStatus::Exact);
    is("pass-rate", "1,026/1,044 (99%)", share.clone(), ClaimStatus::Overstated);
    is("pass-rate", "171/174", share, ClaimStatus::Refuted);
    is("memory", "15.2 GB", Value::Bytes(n("16372408320")), ClaimStatus::Rounds);
    is("memory", "16.4 GB", Value::Bytes(n("16372408320")), ClaimStatus::Rounds);
    is("memory", "16.4 GiB", Value::Bytes(n("16372408320")), ClaimStatus::Overstated);
    is("memory", "17K", Value::Bytes(n("16800")), ClaimStatus::Rounds);
    is("value", "15.2 GB", Value::Number(n("16372408320")), ClaimStatus::Rounds);
}

#[test]
fn all_is_all_and_none_is_none() {
    let nearly = Value::fraction(1999, 2000).unwrap();
    is("pass-rate", "100%", nearly.clone(), ClaimStatus::Overstated);
    is("pass-rate", "1,999/2,000 (100%)", nearly.clone(), ClaimStatus::Overstated);
    is("pass-rate", "0%", Value::fraction(1, 2000).unwrap(), ClaimStatus::Understated);
    is("pass-rate", "100%", Value::fraction(338, 338).unwrap(), ClaimStatus::Exact);
    is("pass-rate", "about 100%", nearly, ClaimStatus::Rounds);
}

#[test]
fn bounds_are_read_as_what_they_say() {
    is("rules", "80+", Value::count(85), ClaimStatus::Rounds);
    is("rules", "over 80", Value::count(177), ClaimStatus::Stale);
    is("rules", "over 80", Value::count(80), ClaimStatus::Overstated);
    is("rules", "at least 80", Value::count(80), ClaimStatus::Rounds);
    is("rules", "~80", Value::count(78), ClaimStatus::Rounds);
    is("rules", "~80", Value::count(70), ClaimStatus::Overstated);
    is("latency", "<200ms", Value::Duration(n("0.11")), ClaimStatus::Rounds);
    is("latency", "<200ms", Value::Duration(n("0.02")), ClaimStatus::Stale);
    is("latency", "<200ms", Value::Duration(n("0.31")), ClaimStatus::Overstated);
    is("latency", "up to 2 s", Value::Duration(n("2.4")), ClaimStatus::Truncated);
}

#[test]
fn a_tolerance_is_in_the_unit_of_the_fact_or_a_share() {
    let with = |tolerance: &str, written: &str, value: u32| {
        let claim = Claim { tolerance: Some(tolerance.to_owned()), ..claim("rules", written) };
        compared(claim, Value::count(value)).status
    };
    assert_eq!(with("2", "15", 13), ClaimStatus::WithinTolerance);
    assert_eq!(with("1", "15", 13), ClaimStatus::Overstated);
    assert_eq!(with("10%", "110", 100), ClaimStatus::WithinTolerance);
    assert_eq!(with("9%", "110", 100), ClaimStatus::Overstated);
}

fn uptime(written: &str, as_of: &str) -> Claim {
    Claim { as_of: Some(stamp(as_of)), ..claim("min-uptime", written) }
}

#[test]
fn the_examples_47_hours_have_progressed() {
    // Started 2025-10-18T20:43Z; 47 h 45 min at 20:28, and 46 h 32 min at 19:15.
    let result = compared(uptime("47h", "2025-10-20T19:15Z"), Value::seconds(171_900));
    assert_eq!(result.status, ClaimStatus::Progressed, "{}", result.reason);
    assert!(result.reason.contains("1 h 13 min passed"), "{}", result.reason);
    assert!(result.reason.contains("47 h 45 min at 20 October 2025, 20:28 UTC"), "{}", result.reason);
    assert!(result.matters.is_none());
}

#[test]
fn time_explains_only_what_has_passed() {
    let of =
        |written: &str, as_of: &str, seconds: u32| compared(uptime(written, as_of), Value::seconds(seconds)).status;
    assert_eq!(of("48h", "2025-10-20T19:15Z", 171_900), ClaimStatus::Overstated);
    assert_eq!(of("45h", "2025-10-20T19:15Z", 171_900), ClaimStatus::Understated);
    assert_eq!(of("46.5h", "2025-10-20T19:15Z", 171_900), ClaimStatus::Progressed);
    assert_eq!(of("Up 46 hours", "2025-10-20T19:15Z", 171_900), ClaimStatus::Understated);
    assert_eq!(of("2 days", "2025-10-20", 171_900), ClaimStatus::Progressed);
    // Restarted after the claim: what was before it is not known.
    assert_eq!(of("47h", "2025-10-20T19:15Z", 1680), ClaimStatus::Unverified);
    // Without a time there is nothing that time could explain.
    is("min-uptime", "47h", Value::seconds(171_900), ClaimStatus::Truncated);
    is("min-uptime", "46h", Value::seconds(171_900), ClaimStatus::Understated);
    is("min-uptime", "48h", Value::seconds(171_900), ClaimStatus::Rounds);
    // A fact that does not grow is not excused by time.
    let latency = Claim { as_of: Some(stamp("2025-10-20T19:15Z")), ..claim("latency", "1h") };
    assert_eq!(compared(latency, Value::seconds(8000)).status, ClaimStatus::Overstated);
}

#[test]
fn texts_flags_lists_and_times_are_compared_as_they_are() {
    is("branch", "main", Value::Text("main".into()), ClaimStatus::Exact);
    is("branch", "main", Value::Text("maintenance".into()), ClaimStatus::Refuted);
    is("stated", "yes", Value::Flag(true), ClaimStatus::Exact);
    is("stated", "no", Value::Flag(true), ClaimStatus::Refuted);
    is("stated", "perhaps", Value::Flag(true), ClaimStatus::Unverified);
    is("on", "b, a", Value::List(vec!["a".into(), "b".into()]), ClaimStatus::Exact);
    is("on", "[a]", Value::List(vec!["a".into(), "b".into()]), ClaimStatus::Refuted);
    is("started", "2025-10-18T20:43Z", Value::Instant(at("2025-10-18T20:43:10Z")), ClaimStatus::Rounds);
    let printed = "October 18, 2025 at 20:43 UTC";
    is("started", printed, Value::Instant(at("2025-10-18T20:43:10Z")), ClaimStatus::Rounds);
    is("started", printed, Value::Instant(at("2025-10-18T20:44:10Z")), ClaimStatus::Refuted);
    is("started", "October 18 at 20:43 UTC", Value::Instant(at("2025-10-18T20:43:10Z")), ClaimStatus::Unverified);
    is("started", "2025-10-19", Value::Instant(at("2025-10-18T20:43:10Z")), ClaimStatus::Refuted);
}

#[test]
fn what_cannot_be_compared_is_unverified() {
    is("rules", "lots", Value::count(13), ClaimStatus::Unverified);
    is("rules", "13h", Value::count(13), ClaimStatus::Unverified);
    is("min-uptime", "47", Value::seconds(169_200), ClaimStatus::Unverified);
    is("pass-rate", "98", Value::fraction(1026, 1044).unwrap(), ClaimStatus::Unverified);
    let check = Check { claims: vec![claim("rules", "13")], ..check("a/one") };
    assert_eq!(result(check, &[]).claims[0].status, ClaimStatus::Unverified);
}

#[test]
fn a_refuted_claim_matters_when_the_claimed_value_gives_another_status() {
    let with = |condition: &str| {
        let check = Check { claims: vec![claim("rules", "13")], ..expecting("a/one", "rules", condition) };
        result(check, &[("rules", Value::count(12))])
    };
    let harmless = with(">= 10");
    assert_eq!((harmless.status, &harmless.claims[0].matters), (Status::Warn, &None), "{}", harmless.reason);
    let decisive = with(">= 13");
    assert_eq!(decisive.status, Status::Fail);
    assert_eq!(
        decisive.claims[0].matters.as_deref(),
        Some("with 13 for rules the check would be pass, and it is fail")
    );
    let understated = with("<= 12");
    assert_eq!(understated.status, Status::Fail, "the claimed value would have changed the status");
}

fn sampled(of: u64, method: SampleMethod, claims: Vec<Claim>, passed: u32, total: u32) -> CheckResult {
    let check = Check { sample: Some(Sample { of, method }), claims, ..expecting("a/one", "failed", "== 0") };
    let facts = [
        ("total", Value::count(total)),
        ("passed", Value::count(passed)),
        ("failed", Value::count(total - passed)),
        ("pass-rate", Value::fraction(passed, total).unwrap()),
    ];
    result(check, &facts)
}

#[test]
fn the_examples_338_of_338_are_unverified_by_a_chosen_123() {
    let claims =
        vec![claim("total", "338"), claim("pass-rate", "338/338"), claim("pass-rate", "100%"), claim("failed", "0")];
    let result = sampled(338, SampleMethod::Chosen, claims, 123, 123);
    for claim in &result.claims {
        assert_eq!(claim.status, ClaimStatus::Unverified);
        assert_eq!(
            claim.reason,
            "spot check: 123 of 338 were run, all passed; chosen by hand, so this supports no rate"
        );
    }
    assert_eq!(result.status, Status::Warn, "no failure was seen, but the claim stands unverified: that is no pass");
    let sample = result.sample.unwrap();
    assert_eq!((sample.measured, sample.passed, sample.of, sample.lower_bound), (123, 123, 338, None));
    assert_eq!(sample.supports, "no failure in these 123; chosen by hand, so it supports no rate");
}

#[test]
fn a_sample_can_refute_what_it_cannot_prove() {
    let claims =
        vec![claim("pass-rate", "100%"), claim("failed", "0"), claim("pass-rate", "98%"), claim("total", "100")];
    let result = sampled(338, SampleMethod::Chosen, claims, 120, 123);
    let statuses: Vec<ClaimStatus> = result.claims.iter().map(|claim| claim.status).collect();
    assert_eq!(
        statuses,
        [ClaimStatus::Overstated, ClaimStatus::Overstated, ClaimStatus::Unverified, ClaimStatus::Refuted]
    );
}

#[test]
fn a_claim_about_the_sample_itself_can_be_upheld() {
    let result = sampled(1044, SampleMethod::Chosen, vec![claim("total", "123"), claim("passed", "123")], 123, 123);
    assert!(result.claims.iter().all(|claim| claim.status == ClaimStatus::Exact));
    let complete = sampled(123, SampleMethod::Chosen, vec![claim("pass-rate", "100%")], 123, 123);
    assert_eq!(complete.claims[0].status, ClaimStatus::Exact);
}

#[test]
fn what_was_skipped_did_not_pass_and_is_called_no_failure() {
    let supports = |of, method, passed, total| sampled(of, method, Vec::new(), passed, total).sample.unwrap().supports;
    let few = supports(1044, SampleMethod::Chosen, 4, 6);
    assert_eq!(few, "2 of these 6 did not pass; chosen by hand, so it supports no rate");
    let random = supports(5000, SampleMethod::Random, 1200, 1200);
    assert!(random.starts_with("no failure in these 1,200; taken at random, so at least "), "{random}");
    assert!(random.ends_with(" of all 5,000 pass, at 95 % confidence"), "{random}");
}

#[test]
fn a_complete_sample_is_said_to_be_one_however_it_was_taken() {
    for method in [SampleMethod::Chosen, SampleMethod::Random] {
        let complete = sampled(6, method, vec![claim("pass-rate", "66.67%")], 4, 6);
        assert_eq!(complete.sample.unwrap().supports, "2 of these 6 did not pass; all there are were measured");
        assert_eq!(complete.claims[0].status, ClaimStatus::Rounds);
        let more = sampled(1000, method, Vec::new(), 1200, 1200).sample.unwrap().supports;
        let said = "more were measured than the 1,000 there are said to be, so it supports no rate";
        assert_eq!(more, format!("no failure in these 1,200; {said}"));
    }
}

#[test]
fn a_random_sample_supports_its_exact_lower_bound() {
    let enough = sampled(1044, SampleMethod::Random, vec![claim("pass-rate", "at least 95%")], 123, 123);
    assert_eq!(enough.claims[0].status, ClaimStatus::Rounds, "{}", enough.claims[0].reason);
    assert!(enough.claims[0].reason.contains("enough"));
    let not = sampled(1044, SampleMethod::Random, vec![claim("pass-rate", "at least 99%")], 123, 123);
    assert_eq!(not.claims[0].status, ClaimStatus::Unverified);
    assert!(not.claims[0].reason.contains("not enough"), "{}", not.claims[0].reason);
}

#[test]
fn a_random_sample_carries_no_more_and_nothing_else_than_its_bound() {
    // The bound is 99.03 %.
    let status = |written: &str| {
        let result = sampled(3100, SampleMethod::Random, vec![claim("pass-rate", written)], 285, 285);
        assert!(result.sample.unwrap().supports.contains("at least 99.03 %"));
        result.claims[0].status
    };
    for carried in ["99.0%", "99%", "at least 99%", "over 98%", "99.03%"] {
        assert_eq!(status(carried), ClaimStatus::Rounds, "{carried}");
    }
    for not_known in ["99.1%", "at least 99.1%", "50%", "98%", "100%", "under 100%", "up to 99.5%"] {
        assert_eq!(status(not_known), ClaimStatus::Unverified, "{not_known}");
    }
}

/// The definition, summed in the plainest way.
fn bound_by_definition(of: u64, measured: u64, failed: u64) -> Number {
    let choose = |of: u64, take: u64| -> Number {
        if take > of {
            return Number::zero();
        }
        (0..take).fold(Number::one(), |product, i| (product * Number::from(of - i)).over(&Number::from(i + 1)).unwrap())
    };
    let likely = |bad: u64| {
        let all = choose(of, measured);
        let sum: Number = (0..=failed.min(bad))
            .filter(|hits| *hits <= measured)
            .map(|hits| choose(bad, hits) * choose(of - bad, measured - hits))
            .sum();
        sum.over(&all).unwrap() > n("0.05")
    };
    let most = (failed..=of - (measured - failed)).filter(|bad| likely(*bad)).max().unwrap();
    Number::ratio(of - most, of).unwrap()
}

#[test]
fn the_lower_bound_is_what_its_definition_says() {
    for (of, measured, failed) in
        [(10, 5, 0), (10, 10, 0), (20, 7, 2), (50, 30, 1), (30, 30, 4), (13, 1, 0), (40, 20, 20), (25, 12, 3)]
    {
        assert_eq!(
            lower_bound(of, measured, failed),
            Some(bound_by_definition(of, measured, failed)),
            "{of} {measured} {failed}"
        );
    }
    assert_eq!(lower_bound(10, 0, 0), None);
    assert_eq!(lower_bound(10, 11, 0), None);
    assert!(lower_bound(u64::MAX / 2, 10_000, 5000).is_none_or(|bound| bound < Number::one()));
}

#[test]
fn what_grows_is_held_against_the_moment_it_was_looked_at() {
    let as_of = Some(stamp("2025-10-20T19:00Z"));
    let check = Check { claims: vec![Claim { as_of, ..claim("min-uptime", "47h") }], ..check("a/one") };
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    let mut facts = Facts::default();
    facts.set("min-uptime", Value::seconds(48 * 3600));
    let mut observation = seen("a/one", Sight::Measured(facts));
    let status = |observation: &Observation| {
        let observations = std::slice::from_ref(observation);
        judge(&audit, all(observations, &Places::new(), None)).checks[0].claims[0].status
    };
    let asked_at = at("2025-10-20T20:00Z");
    let answer = Answer::Clock(asked_at);
    let question = Question::Clock;
    observation.exchanges.push(Exchange { question, answer, asked_at, elapsed_us: 0, attempts: 1 });
    assert_eq!(status(&observation), ClaimStatus::Progressed, "an hour passed, and the run went on for another half");
    observation.exchanges[0].asked_at = at("2025-10-20T22:00Z");
    assert_eq!(status(&observation), ClaimStatus::Overstated);
}

#[test]
fn a_claim_with_a_unit_says_nothing_of_a_number_without_one() {
    let of = |written: &str, value: &str| compared(claim("answer", written), Value::Number(n(value)));
    let milliseconds = of("150 ms", "150");
    assert_eq!(milliseconds.status, ClaimStatus::Unverified);
    assert_eq!(
        milliseconds.reason,
        "\"150 ms\" has a unit, and what was measured, 150, has none: give `unit:` where the check is a `query`"
    );
    assert_eq!(of("150 ms", "0.15").status, ClaimStatus::Unverified);
    assert_eq!(of("100%", "1").status, ClaimStatus::Unverified);
    assert_eq!(of("150", "150").status, ClaimStatus::Exact);
}

#[test]
fn a_whole_number_may_be_a_rounded_one_where_no_things_are_counted() {
    let of = |written: &str, value: Value| compared(claim("value", written), value).status;
    assert_eq!(of("46", Value::Number(n("46.3"))), ClaimStatus::Rounds);
    assert_eq!(of("46", Value::Number(n("46.5"))), ClaimStatus::Rounds);
    assert!(of("46", Value::Number(n("46.6"))).is_refuted());
    assert!(of("46", Value::Number(n("47"))).is_refuted());
    assert!(of("46", Value::count(47)).is_refuted());
}

#[test]
fn a_number_in_another_unit_by_its_name_is_held_against_a_claim_with_a_unit_in_the_base_unit() {
    let of = |number: &str, scale: Option<(Unit, &str)>, written: &str, condition: &str| {
        let mut facts = Facts::default();
        facts.set("value", Value::Number(n(number)));
        facts.scales =
            scale.map(|(unit, size)| ("value".to_owned(), Scale { unit, size: n(size) })).into_iter().collect();
        let check = Check { claims: vec![claim("value", written)], ..expecting("a/one", "value", condition) };
        let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
        judged(&audit, &[seen("a/one", Sight::Measured(facts))]).checks.remove(0).claims.remove(0)
    };
    let percent = Some((Unit::Ratio, "0.01"));
    let hours = Some((Unit::Seconds, "3600"));
    for (number, scale, written, status) in [
        ("85", percent, "85 %", ClaimStatus::Exact),
        ("85", percent, "85", ClaimStatus::Exact),
        ("84.96", percent, "85 %", ClaimStatus::Rounds),
        ("0.85", percent, "85 %", ClaimStatus::Overstated),
        ("0.85", None, "85 %", ClaimStatus::Exact),
        ("48", hours, "48 h", ClaimStatus::Exact),
        ("48", hours, "2 days", ClaimStatus::Exact),
        ("48", hours, "48 s", ClaimStatus::Understated),
        ("48", hours, "48 %", ClaimStatus::Unverified),
    ] {
        let result = of(number, scale, written, ">= 0");
        assert_eq!(result.status, status, "{written} of {number}: {}", result.reason);
    }
    let refuted = of("40", percent, "85 %", "<= 60");
    assert_eq!(refuted.actual, Some(Value::Ratio(n("0.4"))));
    assert_eq!(refuted.matters.as_deref(), Some("with 85 % for value the check would be fail, and it is pass"));
    assert_eq!(of("40", percent, "50 %", "<= 60").matters, None);
}

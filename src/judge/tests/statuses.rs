//! Statuses of checks.

use super::*;

#[test]
fn every_condition_that_holds_is_a_pass() {
    let result = result(thirteen("a/one", Severity::Major), &[("rules", Value::count(13))]);
    assert_eq!((result.status, result.reason.as_str()), (Status::Pass, "13 rules"));
}

#[test]
fn a_condition_that_does_not_hold_is_a_failure_with_the_numbers() {
    let of = |condition: &str, number: u32| {
        let result = result(expecting("a/one", "rules", condition), &[("rules", Value::count(number))]);
        (result.status, result.reason)
    };
    assert_eq!(of(">= 13", 12), (Status::Fail, "12 rules; at least 13 were expected".to_owned()));
    assert_eq!(of("== 0", 2), (Status::Fail, "2 rules; none was expected".to_owned()));
    assert_eq!(of("== 1", 2), (Status::Fail, "2 rules; exactly 1 was expected".to_owned()));
    let uptime = result(expecting("a/one", "min-uptime", ">= 48h"), &[("min-uptime", Value::seconds(171_900))]);
    assert_eq!(uptime.reason, "min uptime is 47 h 45 min; at least 48 h was expected");
    let branch = result(expecting("a/one", "branch", "matches ^main$"), &[("branch", Value::Text("x\u{1b}y".into()))]);
    assert_eq!(branch.reason, "branch is x\\u{1b}y; a text that matches `^main$` was expected");
}

#[test]
fn what_failed_is_never_written_like_what_was_expected() {
    let uptime = |condition: &str, seconds: &str| {
        let value = Value::Duration(seconds.parse().unwrap());
        result(expecting("a/one", "min-uptime", condition), &[("min-uptime", value)]).reason
    };
    let reason = "min uptime is 48 h (172,799.5 s); at least 48 h (172,800 s) was expected";
    assert_eq!(uptime(">= 48h", "172799.5"), reason);
    assert_eq!(
        uptime("in 48h..50h", "172799.5").replace("48 h (172,800 s) to 50 h", "at least 48 h (172,800 s)"),
        reason
    );
    assert_eq!(uptime(">= 48h", "171900"), "min uptime is 47 h 45 min; at least 48 h was expected");
}

#[test]
fn a_softer_tier_makes_a_warning() {
    let check = Check { warn: vec![expectation("rules", ">= 10")], ..thirteen("a/one", Severity::Major) };
    let soft = result(check.clone(), &[("rules", Value::count(12))]);
    assert_eq!(soft.status, Status::Warn);
    assert_eq!(soft.reason, "12 rules; exactly 13 were expected; the softer limit holds");
    assert_eq!(result(check.clone(), &[("rules", Value::count(9))]).status, Status::Fail);
    assert_eq!(result(check, &[("rules", Value::count(13))]).status, Status::Pass);
}

#[test]
fn an_absent_fact_is_no_data_and_never_zero() {
    let check = expecting("a/one", "firing", "== 0");
    assert_eq!(result(check.clone(), &[]).status, Status::NoData);
    let mut facts = Facts::default();
    facts.absent("firing", "Prometheus does not say");
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    let judged = judged(&audit, &[seen("a/one", Sight::Measured(facts))]);
    assert_eq!(judged.checks[0].reason, "firing: Prometheus does not say");
}

#[test]
fn a_failure_is_a_failure_even_when_another_fact_is_absent() {
    let mut check = thirteen("a/one", Severity::Major);
    check.expect.push(expectation("firing", "== 0"));
    assert_eq!(result(check.clone(), &[("rules", Value::count(12))]).status, Status::Fail);
    assert_eq!(result(check.clone(), &[("rules", Value::count(13))]).status, Status::NoData);
    check.warn = vec![expectation("rules", ">= 10")];
    assert_eq!(result(check, &[("rules", Value::count(12))]).status, Status::NoData, "a softer tier needs every fact");
}

#[test]
fn a_mismatch_and_a_missing_baseline_are_no_data() {
    assert_eq!(
        result(expecting("a/one", "rules", ">= 13"), &[("rules", Value::Text("13".into()))]).status,
        Status::NoData
    );
    let check = expecting("a/one", "rules", ">= baseline");
    let alone = result(check.clone(), &[("rules", Value::count(13))]);
    assert_eq!((alone.status, alone.reason.as_str()), (Status::NoData, "rules: no baseline"));
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    let with = |before: u32| {
        let Sight::Measured(facts) = rules("a/one", before).sight else { unreachable!("rules() measures") };
        let facts = BTreeMap::from([(audit.checks[0].id.clone(), facts)]);
        let baseline =
            Baseline { sha256: String::new(), run_id: String::new(), finished_at: at(NOW), facts, concluded: None };
        judge(&audit, all(&[rules("a/one", 13)], &Places::new(), Some(&baseline))).checks.remove(0).status
    };
    assert_eq!((with(13), with(14)), (Status::Pass, Status::Fail));
}

#[test]
fn what_was_not_looked_at_keeps_its_reason() {
    let mut audit = audit(
        vec![area("a", Method::Weighted)],
        ["a/one", "a/two", "a/three", "a/four"].map(|id| thirteen(id, Severity::Major)).to_vec(),
    );
    audit.checks[3].not_applicable = Some("`when:` is false".to_owned());
    let judged = judged(
        &audit,
        &[unreachable("a/one"), seen("a/two", Sight::Skipped(SkipReason::Interrupted)), rules("a/four", 13)],
    );
    let told: Vec<(Status, &str)> = judged.checks.iter().map(|check| (check.status, check.reason.as_str())).collect();
    assert_eq!(
        told,
        [
            (Status::Error, "could not look: connection refused"),
            (Status::Skipped, "interrupted"),
            (Status::Skipped, "it was not asked for in this run"),
            (Status::NotApplicable, "`when:` is false"),
        ]
    );
}

#[test]
fn without_conditions_a_check_shows_or_verifies() {
    assert_eq!(result(check("a/one"), &[("rules", Value::count(13))]).status, Status::Info);
    let claiming = |written: &str| Check { claims: vec![claim("rules", written)], ..check("a/one") };
    assert_eq!(result(claiming("13"), &[("rules", Value::count(13))]).status, Status::Pass);
    let wrong = result(claiming("14"), &[("rules", Value::count(13))]);
    assert_eq!(
        (wrong.status, wrong.reason.as_str()),
        (Status::Warn, "Forge claimed 14 rules: 14 was claimed and 13 measured: 1 too much; it changes no condition")
    );
    assert_eq!(result(claiming("13"), &[]).status, Status::NoData);
    assert_eq!(result(claiming("many"), &[("rules", Value::count(13))]).status, Status::NoData);
}

#[test]
fn an_unverified_claim_neither_fails_a_check_nor_lets_it_pass() {
    let check = Check { claims: vec![claim("total", "17")], ..thirteen("a/one", Severity::Major) };
    let result = result(check, &[("rules", Value::count(13))]);
    assert_eq!(result.status, Status::Warn);
    assert!(result.reason.starts_with("Forge claimed 17 total: "), "{}", result.reason);
}

#[test]
fn captured_text_in_a_reason_is_short() {
    let result = result(expecting("a/one", "branch", "== main"), &[("branch", Value::Text("y".repeat(5000)))]);
    assert!(result.reason.chars().count() < 300, "{}", result.reason.len());
}

#[test]
fn a_count_that_is_known_in_part_fails_by_that_part_and_never_passes() {
    let of = |condition: &str| {
        let mut facts = Facts::default();
        facts.at_least("firing", 2, "there are 2 to 12");
        let audit = audit(vec![area("a", Method::Weighted)], vec![expecting("a/one", "firing", condition)]);
        let result = judged(&audit, &[seen("a/one", Sight::Measured(facts))]).checks.remove(0);
        (result.status, result.reason)
    };
    assert_eq!(of("== 0"), (Status::Fail, "2 firing; none was expected".to_owned()));
    for undecided in ["<= 5", "<= 2", ">= 2", ">= 1", "<= 20", "!= 7", "not in 3..5"] {
        assert_eq!(of(undecided), (Status::NoData, "firing: there are 2 to 12".to_owned()), "{undecided}");
    }
}

//! Claims that are read from documents.

use super::*;

const AT: &str = "reports/monitoring.md#Services/Uptime";

fn read(fact: &str, written: Option<&str>, place: Place, value: Value) -> CheckResult {
    let claim = Claim { written: written.map(str::to_owned), at: Some(AT.to_owned()), ..claim(fact, "") };
    let check = Check { claims: vec![claim], ..check("a/one") };
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    let places = places([(AT, place)]);
    judge(&audit, all(&[measured("a/one", &[(fact, value)])], &places, None)).checks.remove(0)
}

fn status(fact: &str, written: Option<&str>, place: &str, value: Value) -> ClaimStatus {
    read(fact, written, found(12, place), value).claims[0].status
}

#[test]
fn what_stands_at_the_place_is_the_claim() {
    assert_eq!(status("rules", None, "13 rules", Value::count(13)), ClaimStatus::Exact);
    let wrong = read("rules", None, found(12, "13 rules"), Value::count(12));
    assert_eq!(wrong.claims[0].status, ClaimStatus::Overstated);
    assert_eq!(
        wrong.reason,
        "Forge claimed 13 rules at reports/monitoring.md:12:5: 13 rules was claimed and 12 measured: \
         1 too much; it changes no condition"
    );
}

#[test]
fn audit_file_and_document_must_say_the_same() {
    assert_eq!(status("min-uptime", Some("47h"), "47 hours", Value::seconds(169_200)), ClaimStatus::Exact);
    assert_eq!(status("rules", Some("13"), "13 rules", Value::count(13)), ClaimStatus::Exact);
    assert_eq!(status("branch", Some("release  2"), "release 2", Value::Text("release 2".into())), ClaimStatus::Exact);
    let differs = read("min-uptime", Some("47h"), found(12, "48 hours"), Value::seconds(172_800));
    assert_eq!(differs.claims[0].status, ClaimStatus::Misquoted);
    assert_eq!(differs.claims[0].reason, "the audit file says \"47h\", reports/monitoring.md:12:5 says \"48 hours\"");
    assert_eq!(status("min-uptime", Some("47h"), "~47h", Value::seconds(169_200)), ClaimStatus::Misquoted);
    assert_eq!(status("rules", Some("13"), "thirteen", Value::count(13)), ClaimStatus::Misquoted);
}

#[test]
fn a_phrase_is_quoted_whole_or_in_its_parts() {
    let share = || Value::fraction(1026, 1044).unwrap();
    let phrase = "1,026/1,044 (98.28%)";
    assert_eq!(status("pass-rate", None, phrase, share()), ClaimStatus::Exact);
    assert_eq!(status("pass-rate", Some("98.28%"), phrase, share()), ClaimStatus::Exact);
    assert_eq!(status("pass-rate", Some("98.29%"), phrase, share()), ClaimStatus::Misquoted);
    assert_eq!(status("pass-rate", Some("1026/1044"), phrase, share()), ClaimStatus::Exact);
    let part = Claim { at: Some(AT.into()), text: Some(phrase.into()), ..claim("passed", "1,026") };
    let of = |place: &str| {
        let check = Check { claims: vec![part.clone()], ..check("a/one") };
        let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
        let seen = [measured("a/one", &[("passed", Value::count(1026))])];
        judge(&audit, all(&seen, &places([(AT, found(3, place))]), None)).checks[0].claims[0].status
    };
    assert_eq!(of(phrase), ClaimStatus::Exact);
    assert_eq!(of("1,026"), ClaimStatus::Exact);
    assert_eq!(of("1,027/1,044 (98.37%)"), ClaimStatus::Misquoted);
    assert_eq!(of("1,027"), ClaimStatus::Misquoted);
}

#[test]
fn a_fraction_against_a_count_must_say_which_part_is_meant() {
    let result = read("total", None, found(4, "338/338"), Value::count(338)).claims.remove(0);
    assert_eq!(result.status, ClaimStatus::NotFound);
    assert_eq!(
        result.reason,
        "reports/monitoring.md:4:5 says \"338/338\": say which part is meant, the numerator 338 or the denominator 338"
    );
    assert_eq!(compared(claim("total", "338/338"), Value::count(338)).status, ClaimStatus::Unverified);
}

#[test]
fn a_place_that_is_not_one_value_is_never_upheld() {
    let gone = nowhere("\"Services\" has no label \"Uptime\"");
    let result = read("rules", Some("13"), gone.clone(), Value::count(13));
    assert_eq!(result.claims[0].status, ClaimStatus::NotFound);
    assert_eq!(
        result.claims[0].reason,
        "reports/monitoring.md#Services/Uptime: \"Services\" has no label \"Uptime\" (Look again)"
    );
    assert_eq!(result.status, Status::NoData, "{}", result.reason);
    // Nothing was measured: the place is wrong all the same.
    let claim = Claim { at: Some(AT.to_owned()), ..claim("rules", "13") };
    let audit = audit(vec![area("a", Method::Weighted)], vec![Check { claims: vec![claim], ..check("a/one") }]);
    let unseen = judge(&audit, all(&[unreachable("a/one")], &places([(AT, gone)]), None));
    assert_eq!(unseen.checks[0].claims[0].status, ClaimStatus::NotFound);
    assert_eq!((unseen.claimants[0].upheld, unseen.claimants[0].unverified), (0, 1));
}

#[test]
fn counted_rows_are_a_count() {
    let rows = Place::Counted { rows: "13".to_owned(), spot: spot(7, 1, "") };
    assert_eq!(read("rules", None, rows.clone(), Value::count(13)).claims[0].status, ClaimStatus::Exact);
    assert_eq!(read("rules", Some("12"), rows, Value::count(12)).claims[0].status, ClaimStatus::Misquoted);
}

#[test]
fn a_check_whose_conditions_hold_warns_of_a_claim_that_is_nowhere_or_misquoted() {
    let of = |place: Place| {
        let claim = Claim { at: Some(AT.to_owned()), ..claim("rules", "13") };
        let check = Check { claims: vec![claim], ..thirteen("a/one", Severity::Major) };
        let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
        judge(&audit, all(&[rules("a/one", 13)], &places([(AT, place)]), None)).checks.remove(0).status
    };
    assert_eq!(of(found(3, "13")), Status::Pass);
    assert_eq!(of(found(3, "14")), Status::Warn);
    assert_eq!(of(nowhere("no such heading")), Status::Warn);
}

#[test]
fn a_claimed_score_is_read_from_its_place() {
    let of = |written: Option<&str>, place: Place| {
        let mut area = area("a", Method::Weighted);
        let claim = Claim { written: written.map(str::to_owned), at: Some(AT.to_owned()), ..claim("score", "") };
        area.claims.push(claim);
        let audit = audit(vec![area], vec![thirteen("a/one", Severity::Major)]);
        judge(&audit, all(&[rules("a/one", 13)], &places([(AT, place)]), None)).score_claims.remove(0).status
    };
    assert_eq!(of(None, found(3, "10/10")), ClaimStatus::Exact);
    assert_eq!(of(Some("9.8"), found(3, "9.8/10")), ClaimStatus::Misquoted);
    assert_eq!(of(None, nowhere("no such heading")), ClaimStatus::NotFound);
    assert_eq!(of(None, found(3, "9.8/10")), ClaimStatus::Understated);
}

fn share(hundredths: u32) -> Value {
    Value::Ratio(Number::ratio(hundredths, 100).unwrap())
}

#[test]
fn a_bare_number_has_the_unit_that_its_header_names() {
    let of = |place: Place, value: Value| read("pass-rate", None, place, value).claims.remove(0);
    // 0.98 % is not 98 %, however much it looks like the share.
    assert_eq!(of(under(5, "0.98", Some("%")), share(98)).status, ClaimStatus::Understated);
    assert_eq!(of(under(5, "98", Some("%")), share(98)).status, ClaimStatus::Exact);
    assert_eq!(of(under(5, "0.98", None), share(98)).status, ClaimStatus::Exact);
    let half = Value::Ratio(Number::ratio(5, 1000).unwrap());
    let right = of(under(5, "0.5", Some("%")), half.clone());
    assert_eq!((right.status, right.reason.as_str()), (ClaimStatus::Exact, "0.5 % was claimed, and 0.5 % measured"));
    assert_eq!(
        of(under(5, "200", Some("ms")), Value::Duration(Number::ratio(1, 5).unwrap())).status,
        ClaimStatus::Exact
    );
    assert_eq!(of(under(5, "12", Some("k")), Value::count(12_000)).status, ClaimStatus::Exact);
    // Another unit than what was measured, and two at once: neither right nor wrong.
    assert_eq!(of(under(5, "4", Some("%")), Value::count(4)).status, ClaimStatus::Unverified);
    let both = of(under(5, "0.5", Some("% or ms")), half);
    assert_eq!(both.status, ClaimStatus::Unverified);
    assert_eq!(both.reason, "\"0.5\" stands where the unit is said to be % or ms, and cannot be read so");
}

#[test]
fn a_number_of_the_audit_file_is_quoted_with_or_without_the_unit_of_the_header() {
    let of = |written: &str| read("pass-rate", Some(written), under(5, "98", Some("%")), share(98)).claims[0].status;
    assert_eq!(of("98"), ClaimStatus::Exact);
    assert_eq!(of("98 %"), ClaimStatus::Exact);
    assert_eq!(of("0.98"), ClaimStatus::Misquoted);
}

#[test]
fn a_text_is_compared_without_the_unit_of_its_header() {
    assert_eq!(
        read("branch", None, under(5, "12", Some("ms")), Value::Text("12".into())).claims[0].status,
        ClaimStatus::Exact
    );
}

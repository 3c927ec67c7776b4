//! Tests of `format`.

use proptest::prelude::*;

use super::*;
use crate::model::printed::Printed;

fn n(text: &str) -> Number {
    text.parse().unwrap()
}

#[test]
fn counts_have_thousands_commas() {
    for (number, text) in [
        ("0", "0"),
        ("13", "13"),
        ("1044", "1,044"),
        ("-1044", "-1,044"),
        ("16372408320", "16,372,408,320"),
        ("1234.5", "1,234.5"),
        ("0.0004", "0.0004"),
    ] {
        assert_eq!(count(&n(number)), text);
    }
}

#[test]
fn a_share_is_never_rounded_to_all_or_nothing() {
    assert_eq!(percent(&Number::ratio(1026, 1044).unwrap()), "98.28 %");
    assert_eq!(percent(&n("1")), "100 %");
    assert_eq!(percent(&n("0")), "0 %");
    assert_eq!(percent(&n("0.67")), "67 %");
    assert_eq!(percent(&Number::ratio(999_999, 1_000_000).unwrap()), "99.9999 %");
    assert_eq!(percent(&Number::ratio(1, 1_000_000).unwrap()), "0.0001 %");
    assert_eq!(percent(&n("0.99999999999999999999999")), "under 100 %");
    assert_eq!(percent(&n("1e-30")), "over 0 %");
}

#[test]
fn a_score_is_never_rounded_to_all_or_nothing() {
    for (number, text) in [
        ("7.857", "7.9"),
        ("9.25", "9.2"),
        ("10", "10.0"),
        ("0", "0.0"),
        ("9.95", "9.95"),
        ("9.995", "9.995"),
        ("9.9999", "9.9999"),
        ("0.04", "0.04"),
        ("0.0004", "0.0004"),
        ("10.04", "10.04"),
        ("-0.04", "-0.04"),
        ("1e-30", "0.0000000000000001"),
    ] {
        assert_eq!(score(&n(number)), text, "{number}");
    }
    assert_eq!(score(&Number::ratio(3000, 301).unwrap()), "9.97");
    assert_eq!(score(&(n("10") - n("1e-30"))), "9.9999999999999999");
    for (number, text) in [("1.5", "1.5"), ("0.00001", "0.00001"), ("9.99999", "9.99999"), ("10", "10.0"), ("0", "0.0")]
    {
        assert_eq!(points(&n(number)), text, "{number}");
    }
    assert_eq!(points(&Number::ratio(10, 7).unwrap()), "1.429");
    assert_eq!(
        (rounded(&n("0.9999999"), 1, 6), rounded(&n("0.1234567"), 1, 6)),
        ("0.9999999".into(), "0.123457".into())
    );
    assert_eq!(
        (score_change(&n("9.97"), &n("10")), score_change(&n("8.04"), &n("8.02"))),
        ("+0.03".into(), "+0.0".into())
    );
}

proptest! {
    #[test]
    fn no_score_reads_like_another_limit(part in 0_u64..4_000_000_000, whole in 1_u64..4_000_000_000) {
        let number = Number::ratio(part, whole).unwrap();
        for text in [score(&number), points(&number)] {
            let said = n(&text);
            prop_assert_eq!(said == n("10"), number == n("10"), "{}", text);
            prop_assert_eq!(said.is_zero(), number.is_zero(), "{}", text);
        }
    }
}

#[test]
fn lengths_of_time_have_two_units() {
    for (seconds, text) in [
        ("0", "0 s"),
        ("0.00025", "250 µs"),
        ("0.25", "250 ms"),
        ("0.52", "0.52 s"),
        ("1.86", "1.86 s"),
        ("59.999", "1 min"),
        ("300", "5 min"),
        ("320", "5 min 20 s"),
        ("3599.6", "1 h"),
        ("171900", "47 h 45 min"),
        ("173580", "48 h 13 min"),
        ("169200", "47 h"),
        ("277200", "3 d 5 h"),
        ("1209600", "14 d"),
        ("-5400", "-1 h 30 min"),
    ] {
        assert_eq!(duration(&n(seconds)), text, "{seconds}");
    }
}

#[test]
fn bytes_are_binary_and_say_so() {
    assert_eq!(bytes(&n("16372408320")), "15.2 GiB");
    assert_eq!(bytes(&n("512")), "512 bytes");
    assert_eq!(bytes(&n("1")), "1 byte");
    assert_eq!(bytes(&n("1048575")), "1 MiB");
    assert_eq!(value_long(&Value::Bytes(n("16372408320")), "UTC"), "15.2 GiB (16,372,408,320 bytes)");
}

#[test]
fn times_are_shown_in_the_audits_zone() {
    let at: Instant = "2025-10-20T20:28Z".parse().unwrap();
    assert_eq!(instant(at, "UTC"), "20 October 2025, 20:28 UTC");
    assert_eq!(instant(at, "Europe/Berlin"), "20 October 2025, 22:28 Europe/Berlin");
    assert_eq!(instant(at, "Nowhere/Land"), "20 October 2025, 20:28 UTC");
    assert_eq!(stamp("2025-10-20".parse().unwrap(), "America/New_York"), "20 October 2025");
}

#[test]
fn values_have_a_short_and_a_long_form() {
    let fraction = Value::fraction(1026, 1044).unwrap();
    assert_eq!(value(&fraction), "98.28 %");
    assert_eq!(value_long(&fraction, "UTC"), "1,026 of 1,044 (98.28 %)");
    assert_eq!(value(&Value::Flag(true)), "yes");
    assert_eq!(value(&Value::List(vec!["a".into(), "b".into()])), "a, b");
    assert_eq!(value(&Value::List(Vec::new())), "none");
    assert_eq!(value(&Value::List((0..10).map(|i| i.to_string()).collect())), "0, 1, 2, 3, 4, 5, 6, 7 and 2 more");
    assert_eq!(plural(1, "check", "checks"), "1 check");
    assert_eq!(plural(1044, "check", "checks"), "1,044 checks");
    assert_eq!(and_list(&["a", "b", "c"]), "a, b and c");
    assert_eq!((score(&n("7.5")), score(&n("9.25")), points(&n("1"))), ("7.5".into(), "9.2".into(), "1.0".into()));
}

#[test]
fn a_sentence_ends_once() {
    assert_eq!(full_stop("12 of 13 rules"), "12 of 13 rules.");
    for text in ["Really?", "One of:", "and so on…", ""] {
        assert_eq!(full_stop(text), text);
    }
    assert_eq!(sentence(" nothing is left "), "Nothing is left.");
    assert_eq!(sentence("ops/disk is full"), "ops/disk is full.");
}

#[test]
fn a_sentence_begins_with_a_capital_and_a_name_stays_as_it_is() {
    for name in
        ["p99_latency", "ops/disk", "README.md", "localhost:9090", "p95", "mTLS", "\"nginx\"", "`pytest`", "{a}"]
    {
        let sentence = format!("{name} is gone");
        assert_eq!(sentence_case(&sentence), sentence);
        let list = format!("{name}, and more");
        assert_eq!(sentence_case(&list), list);
    }
    for (text, sentence) in [
        ("nothing is left", "Nothing is left"),
        ("claims: none", "Claims: none"),
        ("blue-green rollout", "Blue-green rollout"),
        ("écart", "Écart"),
        ("no.", "No."),
        ("12 rules", "12 rules"),
        ("", ""),
    ] {
        assert_eq!(sentence_case(text), sentence);
    }
}

#[test]
fn captured_text_cannot_move_the_cursor() {
    let hostile = Value::Text("a\u{1b}[31mb\n\u{202e}c".into());
    assert_eq!(value(&hostile), "a\\u{1b}[31mb⏎\\u{202e}c");
    assert_eq!(value_long(&hostile, "UTC"), value(&hostile));
}

proptest! {
    #[test]
    fn a_written_count_is_read_back(number in 0_u64..1_000_000_000_000) {
        let text = count(&Number::from(number));
        prop_assert_eq!(Printed::parse(&text).unwrap().value().clone(), Number::from(number));
    }

    #[test]
    fn what_is_written_stands_for_what_was_measured(number in 1_u64..1_000_000_000_000) {
        let number = Number::from(number);
        for text in [duration(&number), bytes(&number)] {
            prop_assert!(Printed::parse(&text).unwrap().stands_for(&number), "{} for {}", text, number);
        }
    }

    #[test]
    fn a_written_percentage_stands_for_its_share(part in 0_u32..1_000_000, whole in 1_u32..1_000_000) {
        let share = Number::ratio(part, whole).unwrap();
        let text = percent(&share);
        prop_assert!(Printed::parse(&text).unwrap().stands_for(&share), "{}", text);
    }
}

#[test]
fn what_is_not_the_same_is_not_written_alike() {
    let apart = |one: &str, other: &str, unit| quantities_apart(&n(one), &n(other), unit);
    let two = |one: &str, other: &str| Some((one.to_owned(), other.to_owned()));
    assert_eq!(apart("0.30000000000000004", "0.3", Unit::One), two("0.30000000000000004", "0.3"));
    assert_eq!(apart("1044.0004", "1044", Unit::One), two("1,044.0004", "1,044"));
    assert_eq!(apart("0.94996", "0.95", Unit::Ratio), two("94.996 %", "95 %"));
    assert_eq!(apart("172799.5", "172800", Unit::Seconds), two("48 h (172,799.5 s)", "48 h (172,800 s)"));
    assert_eq!(apart("1048577", "1048576", Unit::Bytes), two("1 MiB (1,048,577 bytes)", "1 MiB (1,048,576 bytes)"));
    assert_eq!(apart("0.3", "0.3", Unit::One), None);
    assert_eq!(apart("0.31", "0.3", Unit::One), None);
    let at = |seconds: i64| Value::Instant(Instant::from_seconds(seconds).unwrap());
    let times = values_apart(&at(1_700_000_001), &at(1_700_000_000));
    assert_eq!(times, two("14 November 2023, 22:13:21 UTC", "14 November 2023, 22:13:20 UTC"));
    assert_eq!(values_apart(&Value::count(1), &Value::Ratio(n("0.01"))), None);
}

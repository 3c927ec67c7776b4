//! Tests of `printed`.

use proptest::prelude::*;

use super::*;

fn printed(text: &str) -> Printed {
    Printed::parse(text).unwrap_or_else(|problem| panic!("{problem}"))
}

fn n(text: &str) -> Number {
    text.parse().unwrap()
}

/// `[low, high]` of each reading, `(` and `)` where an end is excluded.
fn intervals(text: &str) -> String {
    let ends = |interval: &Interval| {
        let end = |number: &Option<Number>| number.as_ref().map_or("∞".to_owned(), ToString::to_string);
        let (open, close) = (if interval.low_closed { '[' } else { '(' }, if interval.high_closed { ']' } else { ')' });
        format!("{open}{}, {}{close}", end(&interval.low), end(&interval.high))
    };
    printed(text).readings.iter().map(|reading| ends(&reading.interval)).collect::<Vec<_>>().join(" or ")
}

#[test]
fn digits_stand_for_half_a_unit_of_the_last_digit() {
    assert_eq!(intervals("98.28%"), "[0.98275, 0.98285]");
    assert_eq!(intervals("98.28 %"), "[0.98275, 0.98285]");
    assert_eq!(intervals("98%"), "[0.975, 0.985]");
    assert_eq!(intervals("47h"), "[167400, 171000]");
    assert_eq!(intervals("47 hours"), "[167400, 171000]");
    assert_eq!(intervals("2 days"), "[129600, 216000]");
    assert_eq!(intervals("1h30m"), "[5370, 5430]");
    assert_eq!(intervals("9.8/10"), "[9.75, 9.85]");
    assert_eq!(intervals("-1.5"), "[-1.55, -1.45]");
}

#[test]
fn whole_numbers_of_things_are_exact() {
    for (text, value) in [("13", "13"), ("1,026", "1026"), ("1 026", "1026"), ("1'026", "1026"), ("13 rules", "13")] {
        let printed = printed(text);
        assert!(printed.exact, "{text}");
        assert_eq!(printed.value(), &n(value), "{text}");
        assert_eq!(printed.readings[0].interval, Interval::closed(n(value), n(value)), "{text}");
    }
    assert!(printed("16,372,408,320 bytes").exact);
    assert!(!printed("1.0").exact && !printed("47h").exact && !printed("1.2k").exact && !printed("98%").exact);
}

#[test]
fn bytes_have_both_readings_unless_written_binary() {
    assert_eq!(intervals("15.2 GB"), "[15150000000, 15250000000] or [16267188633.6, 16374562816]");
    assert_eq!(printed("15.2GiB").readings.len(), 1);
    assert!(printed("15.2 GB").stands_for(&n("16372408320")));
    assert!(printed("15.2 GiB").stands_for(&n("16372408320")));
    assert!(!printed("15.1 GB").stands_for(&n("16372408320")));
}

#[test]
fn qualifiers_are_read_as_what_they_say() {
    assert_eq!(intervals("~80"), "[75, 85]");
    assert_eq!(intervals("about 80"), "[75, 85]");
    assert_eq!(intervals("~460,000"), "[437000, 483000]");
    for text in ["80+", "at least 80", ">= 80", "≥80"] {
        assert_eq!(intervals(text), "[80, ∞)", "{text}");
    }
    assert_eq!(intervals("over 80"), "(80, ∞)");
    assert_eq!(intervals("up to 80"), "(∞, 80]");
    assert_eq!(intervals("under 80"), "(∞, 80)");
    assert_eq!(intervals("<200ms"), "(∞, 0.2)");
    assert_eq!(intervals("2+ days"), "[172800, ∞)");
    assert_eq!(intervals("95%+"), "[0.95, ∞)");
    assert_eq!(intervals("4-6"), "[4, 6]");
    assert_eq!(intervals("4–6 h"), "[12600, 23400]");
    assert_eq!(intervals("1.5-2.5 min"), "[87, 153]");
    assert_eq!(intervals("1.2k"), "[1150, 1250]");
}

#[test]
fn docker_counts_days_in_rounded_hours() {
    assert_eq!(intervals("Up 2 days"), "[171000, 257400)");
    assert_eq!(intervals("Up 47 hours"), "[167400, 171000)");
    assert_eq!(intervals("Up About an hour (healthy)"), "[3600, 5400)");
    assert!(printed("Up 2 days").stands_for(&n("171900")), "47.75 h is what Docker calls 2 days");
    assert!(!printed("Up 2 days").nearly_stands_for(&n("100000"), &n("100000")));
}

#[test]
fn what_has_no_single_reading_is_refused() {
    for text in [
        "",
        " ",
        "abc",
        "97,5 %",
        "1.2.3",
        "2025-10-20",
        "20:28",
        "1,02",
        "0,123",
        "13!",
        "1e5",
        "--5",
        "phase_4",
        "6-4",
        "٣",
    ] {
        assert!(Printed::parse(text).is_err(), "{text:?} was read as {:?}", Printed::parse(text));
    }
}

#[test]
fn a_fraction_is_two_numbers_and_a_percentage() {
    let fraction = parse_fraction_text("1,026/1,044 (98.28%)").unwrap();
    assert_eq!((fraction.part, fraction.whole), (n("1026"), n("1044")));
    assert_eq!((fraction.part_text.as_str(), fraction.whole_text.as_str()), ("1,026", "1,044"));
    assert_eq!(fraction.percent.unwrap().text, "98.28%");
    assert!(parse_fraction_text("338/338").unwrap().percent.is_none());
    assert!(parse_fraction_text("5/5 (100%)").unwrap().percent.is_some());
    assert_eq!(parse_fraction_text("1,026 of 1,044 tests (98.28 %)").unwrap().whole, n("1044"));
    assert_eq!(parse_fraction_text("31/33 = 93.94 %").unwrap().part, n("31"));
    for text in ["338", "9.8/10", "5/5 (good)", "5/5 (100)", "5/5 (100%", "-1/2", "a/b", "5/"] {
        assert!(parse_fraction_text(text).is_none(), "{text:?}");
    }
}

#[test]
fn lengths_of_time_are_exact_seconds() {
    for (text, seconds) in [
        ("47h", "169200"),
        ("1h30m", "5400"),
        ("90m", "5400"),
        ("14d", "1209600"),
        ("PT47H", "169200"),
        ("0.52s", "0.52"),
        ("250ms", "0.25"),
    ] {
        assert_eq!(parse_duration(text).unwrap(), n(seconds), "{text}");
    }
    for text in ["", "47", "3 months", "47 parsecs", "~47h", "1h rules"] {
        assert!(parse_duration(text).is_err(), "{text:?}");
    }
}

#[test]
fn a_bound_may_be_missed_by_less_than_half_a_digit() {
    let (then, digits) = (n("172000"), printed("2+ days"));
    assert!(!digits.stands_for(&then) && digits.nearly_stands_for(&then, &then));
    let much_less = n("100000");
    assert!(!digits.nearly_stands_for(&much_less, &much_less));
    assert!(!printed("80+").nearly_stands_for(&n("79"), &n("79")), "things are counted");
    assert!(printed("64%").nearly_stands_for(&Number::ratio(11, 17).unwrap(), &Number::ratio(11, 17).unwrap()));
}

proptest! {
    #[test]
    fn no_text_makes_it_panic(text in "\\PC{0,40}") {
        let _ = Printed::parse(&text);
        let _ = parse_fraction_text(&text);
        let _ = parse_duration(&text);
        let _ = Printed::quantity(&text);
    }

    #[test]
    fn number_like_texts_do_not_make_it_panic(text in "[-~<>+0-9.,_ hmsdkKMGBi%/()–]{0,24}") {
        let _ = Printed::parse(&text);
        let _ = parse_fraction_text(&text);
        let _ = parse_duration(&text);
    }

    #[test]
    fn a_printed_number_stands_for_itself(whole in 0_i64..10_000_000_000, places in 0_u32..6, unit in "(|%| h|ms| GB| GiB|k)") {
        let number = Number::ratio(whole, 10_i64.pow(places)).unwrap();
        let text = format!("{}{unit}", number.to_fixed(places));
        let printed = printed(&text);
        prop_assert!(printed.readings.iter().all(|reading| reading.interval.contains(&reading.value)));
        prop_assert_eq!(printed.exact, places == 0 && unit.is_empty());
    }

    #[test]
    fn rounding_then_reading_gives_the_number_back(part in 0_u32..100_000, whole in 1_u32..100_000, places in 0_u32..5) {
        let percent = Number::ratio(u64::from(part) * 100, whole).unwrap();
        let text = format!("{}%", percent.to_fixed(places));
        prop_assert!(printed(&text).stands_for(&Number::ratio(part, whole).unwrap()), "{}", text);
    }

    #[test]
    fn thousands_separators_change_nothing(number in 0_u64..1_000_000_000_000) {
        let digits = number.to_string();
        let mut grouped = String::new();
        for (at, digit) in digits.chars().enumerate() {
            if at > 0 && (digits.len() - at) % 3 == 0 {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        prop_assert_eq!(printed(&grouped).value().clone(), Number::from(number));
    }
}

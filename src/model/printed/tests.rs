//! Tests of `printed`.

mod written;

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
    assert_eq!(intervals("Up Less than a second"), "[0, 1)");
    assert_eq!(intervals("Up 1 second"), "[1, 2)");
    assert_eq!(intervals("Up About a minute (unhealthy)"), "[60, 120)");
    assert_eq!(intervals("Up 59 minutes (health: starting)"), "[3540, 3600)");
    assert_eq!(intervals("Up 47 hours (healthy)"), "[167400, 171000)");
    assert_eq!(intervals("Up 13 days (Paused)"), "[1121400, 1207800)");
    assert_eq!(intervals("Up 2 weeks"), "[1207800, 1812600)");
    assert_eq!(intervals("Up 8 weeks"), "[4836600, 5182200)", "at 60 days it says 2 months");
    assert_eq!(intervals("Up 2 months"), "[5182200, 7774200)");
    assert_eq!(intervals("Up 24 months"), "[62206200, 63070200)", "at 730 days it says years");
    assert_eq!(intervals("Up 2 years"), "[63072000, 94608000)");
    assert_eq!(intervals("Up 1 years"), "[63070200, 63072000)");
    assert_eq!(intervals("Up 11 minutes ago"), "[660, 720)", "Podman 4");
    assert_eq!(intervals("Up 2 days ago (healthy)"), "[171000, 257400)", "Podman 4");
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
fn a_comma_that_parts_no_thousands_is_found_and_named() {
    for (text, odd) in [
        ("99,5 %", "99,5"),
        ("pass rate 99,50%, of 1,044", "99,50"),
        ("1,02", "1,02"),
        ("0,123", "0,123"),
        ("1234,567", "1234,567"),
        ("(2,5x)", "2,5"),
        ("it is 97,5.", "97,5"),
    ] {
        assert_eq!(odd_comma(text).map(|at| &text[at]), Some(odd), "{text}");
    }
    for text in [
        "",
        "1,234",
        "1,234,567",
        "1.044,5",
        "1 044,5",
        "10,12,14",
        "a,b",
        "12, 13",
        "v1,2",
        "1,234.5",
        "L10,12",
        "1,2-3",
    ] {
        assert_eq!(odd_comma(text), None, "{text}");
    }
    let problem = Printed::parse("99,5 %").unwrap_err().to_string();
    assert!(problem.ends_with("the comma of 99,5 parts no thousands; write decimals as 99.5"), "{problem}");
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

/// The moment and how many seconds are meant.
fn time(text: &str) -> String {
    match PrintedTime::parse(text) {
        Ok(time) => {
            time.stamp.map_or_else(|problem| problem.to_string(), |stamp| format!("{} {}", stamp.at, stamp.precision))
        }
        Err(problem) => problem.to_string(),
    }
}

#[test]
fn times_are_read_as_people_print_them() {
    for (text, expected) in [
        ("2025-10-20T19:15Z", "2025-10-20T19:15:00Z 60"),
        ("2025-10-20 19:15 UTC", "2025-10-20T19:15:00Z 60"),
        ("2025-10-20 19:15:07 UTC", "2025-10-20T19:15:07Z 1"),
        ("2025-10-20T19:15:07.250Z", "2025-10-20T19:15:07Z 1"),
        ("2025-10-20T19:15:07+02:00", "2025-10-20T17:15:07Z 1"),
        ("2025-10-20 19:15 +0200", "2025-10-20T17:15:00Z 60"),
        ("2025-10-20 19:15 UTC+2", "2025-10-20T17:15:00Z 60"),
        ("October 18, 2025 at 20:43 UTC", "2025-10-18T20:43:00Z 60"),
        ("October 20, 2025, 20:35 UTC", "2025-10-20T20:35:00Z 60"),
        ("20 October 2025, 20:28 UTC", "2025-10-20T20:28:00Z 60"),
        ("20 October 2025, 22:28 Europe/Berlin", "2025-10-20T20:28:00Z 60"),
        ("20:28 UTC on Oct 20, 2025", "2025-10-20T20:28:00Z 60"),
        ("8:43 PM UTC on October 18, 2025", "2025-10-18T20:43:00Z 60"),
        ("Oct 20, 2025", "2025-10-20T00:00:00Z 86400"),
        ("20 October 2025", "2025-10-20T00:00:00Z 86400"),
        ("Monday, October 20, 2025", "2025-10-20T00:00:00Z 86400"),
        ("2025-10-20", "2025-10-20T00:00:00Z 86400"),
    ] {
        assert_eq!(time(text), expected, "{text}");
    }
}

#[test]
fn a_time_that_lacks_something_says_what() {
    for (text, expected) in [
        ("Oct 20", "no year"),
        ("~19:15 UTC on Oct 20", "no year"),
        ("October 2025", "not one day"),
        ("Oct 23-30", "not one day"),
        ("19:15 UTC", "no date"),
        ("October 18, 2025 at 20:43", "no zone"),
        ("October 18, 2025 at 20:43 CST", "no certain zone"),
        ("October 32, 2025", "is not a time"),
        ("30 February 2025", "no time that exists once"),
        ("26 October 2025, 02:30 Europe/Berlin", "no time that exists once"),
        ("May", "is not a time"),
        ("10:99", "is not a time"),
        ("20 Octobers 2025", "is not a time"),
        ("", "is not a time"),
    ] {
        assert!(time(text).contains(expected), "{text}: {}", time(text));
    }
}

#[test]
fn about_a_time_is_five_minutes_to_either_side() {
    let told = |text: &str| {
        let (first, last) = PrintedTime::parse(text).unwrap().moments().unwrap();
        format!("{first} {last}")
    };
    assert_eq!(told("~19:15 UTC on Oct 20, 2025"), "2025-10-20T19:10:00Z 2025-10-20T19:20:00Z");
    assert_eq!(told("19:15 UTC on Oct 20, 2025"), "2025-10-20T19:15:00Z 2025-10-20T19:15:59Z");
}

#[test]
fn lengths_of_time_have_many_forms() {
    for (text, expected) in [
        ("2 days 3 h", "[181800, 185400]"),
        ("1 day, 3 hours", "[95400, 99000]"),
        ("1 hour and 30 minutes", "[5370, 5430]"),
        ("47:45:10", "[171909.5, 171910.5]"),
        ("01:30:00.5", "[5400.45, 5400.55]"),
        ("300+ seconds", "[300, ∞)"),
        ("exceeds 5 minutes", "(300, ∞)"),
        ("24-hour", "[84600, 88200]"),
        ("5 minutes or more", "[300, ∞)"),
    ] {
        assert_eq!(intervals(text), expected, "{text}");
    }
}

#[test]
fn a_decimal_comma_is_read_where_groups_show_it() {
    assert_eq!(intervals("1.044,5"), "[1044.45, 1044.55]");
    assert_eq!(intervals("16.372.408,25"), "[16372408.245, 16372408.255]");
    assert_eq!(intervals("1 044,5 %"), "[10.4445, 10.4455]");
    for text in ["1.044", "97,5", "1,044,5", "1.044.320", "0,5"] {
        assert!(!Printed::parse(text).is_ok_and(|printed| *printed.value() > n("1.5")), "{text}");
    }
}

#[test]
fn a_percentage_may_stand_before_its_fraction() {
    for text in ["98.28% (1,026/1,044 tests)", "98.28% pass rate (1,026 of 1,044)", "98.28% = 1,026/1,044"] {
        let fraction = parse_fraction_text(text).unwrap_or_else(|| panic!("{text}"));
        assert_eq!((fraction.part, fraction.whole), (n("1026"), n("1044")), "{text}");
        assert_eq!(&text[fraction.part_run.span], "1,026");
        assert_eq!(&text[fraction.whole_run.span], "1,044");
        let percent = fraction.percent.unwrap();
        assert_eq!((&text[percent.span.clone()], &text[percent.runs[0].span.clone()]), ("98.28%", "98.28"));
    }
    assert!(parse_fraction_text("48% cost reduction (16/16 tests)").is_none());
}

#[test]
fn numbers_are_shortened_with_words_and_joined_by_and() {
    assert_eq!(intervals("1.2 million users"), "[1150000, 1250000]");
    assert_eq!(intervals("3 thousand"), "[2500, 3500]");
    assert_eq!(intervals("between 4 and 6 hours"), "[12600, 23400]");
    assert_eq!(intervals("13 spot-checks of the operator's own"), "[13, 13]");
    assert_eq!(intervals("512Mi"), "[536346624, 537395200]");
    assert_eq!(intervals("3 Days"), "[216000, 302400]");
    for text in ["4 and 6", "13 - checks", "13 checks-", "between 4"] {
        assert!(Printed::parse(text).is_err(), "{text}");
    }
}

#[test]
fn a_prefix_leaves_what_follows() {
    let prefix = |text: &str| Printed::prefix(text).map(|printed| printed.text);
    assert_eq!(prefix("13 rules"), Some("13".into()));
    assert_eq!(prefix("4-6 h, then"), Some("4-6 h".into()));
    assert_eq!(prefix("4 - 6"), Some("4".into()));
    assert_eq!(prefix("10/hour"), Some("10".into()));
    assert_eq!(prefix("2+ days uptime"), Some("2+ days".into()));
    assert_eq!(prefix("rules 13"), None);
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
    fn a_whole_number_is_the_quantity_that_it_prints(number in any::<u64>(), zeros in 0_usize..4) {
        let text = format!("{}{number}", "0".repeat(zeros));
        let printed = printed(&text);
        prop_assert_eq!(Printed::quantity(&text), Some((printed.value().clone(), printed.unit)));
    }

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

proptest! {
    #[test]
    fn a_bare_number_is_read_the_short_way_as_it_is_the_long_way(text in "[0-9]{1,9}([.][0-9]{1,5})?%?") {
        prop_assert_eq!(Printed::bare(&text), Printed::prefix(&text).filter(|read| read.text == text));
    }

    #[test]
    fn what_is_read_the_short_way_is_a_number(text in "[0-9.,%]{0,20}") {
        let bare = Printed::bare(&text);
        prop_assert!(bare.is_none() || bare == Printed::prefix(&text), "{text}");
    }
}

//! Tests of `rewrite`.

use proptest::prelude::*;

use super::*;

fn n(text: &str) -> Number {
    text.parse().unwrap()
}

fn value(kind: &str, number: &str) -> Value {
    let number = n(number);
    match kind {
        "count" => Value::Count(number),
        "ratio" => Value::Ratio(number),
        "duration" => Value::Duration(number),
        "bytes" => Value::Bytes(number),
        _ => Value::Number(number),
    }
}

#[track_caller]
fn becomes(text: &str, kind: &str, number: &str, expected: &str) {
    let new = rewritten(text, &value(kind, number));
    assert_eq!(new.as_deref(), Some(expected).filter(|expected| !expected.is_empty()), "{text} with {number}");
}

#[test]
fn only_the_digits_change() {
    becomes("13 rules", "count", "14", "14 rules");
    becomes("  13 rules ", "count", "14", "  14 rules ");
    becomes("1,026", "count", "1044", "1,044");
    becomes("1,026", "count", "998", "998");
    becomes("998 tests", "count", "1044", "1044 tests");
    becomes("1'026'000", "count", "12345678", "12'345'678");
    becomes("1 026", "count", "2052", "2 052");
    becomes("98.28%", "ratio", "0.9756", "97.56%");
    becomes("98.28 %", "ratio", "0.9", "90.00 %");
    becomes("98%", "ratio", "0.671", "67%");
    becomes("0.98", "ratio", "0.671", "0.67");
    becomes("47 hours", "duration", "172800", "48 hours");
    becomes("47h", "duration", "90000", "25h");
    becomes("47.8 hours uptime", "duration", "180000", "50.0 hours uptime");
    becomes("250ms", "duration", "0.1234", "123ms");
    becomes("1h30m", "duration", "9000", "2h30m");
    becomes("1h30m", "duration", "3570", "1h0m");
    becomes("2 days 3 h", "duration", "352800", "4 days 2 h");
    becomes("01:30:00", "duration", "29107", "08:05:07");
    becomes("PT47H", "duration", "172800", "PT48H");
    becomes("15.2 GB", "bytes", "17179869184", "17.2 GB");
    becomes("15.2 GiB", "bytes", "17179869184", "16.0 GiB");
    becomes("16,372,408,320 bytes", "bytes", "17179869184", "17,179,869,184 bytes");
    becomes("17K", "bytes", "20480", "20K");
    becomes("9.8/10", "number", "9.25", "9.2/10");
    becomes("1.044,5", "number", "2000.25", "2.000,2");
    becomes("-1.5 points", "number", "-2", "-2.0 points");
    becomes("12345.000 tests", "count", "12346", "12346 tests");
    becomes("12.345 tests", "count", "12346", "12346 tests");
    becomes("~12.5", "count", "14", "~14");
    becomes("12345.678", "number", "12346", "12346.000");
    becomes("1.000", "number", "2", "2.000");
    becomes("99.950 %", "ratio", "0.9994", "99.940 %");
    becomes("99.950 %", "ratio", "0.99", "99.000 %");
    becomes("Up 2 days", "duration", "360000", "Up 4 days");
    becomes("Up 47 hours (healthy)", "duration", "180000", "Up 50 hours (healthy)");
}

#[test]
fn what_stands_for_the_value_is_left_alone() {
    for (text, kind, number) in [
        ("13 rules", "count", "13"),
        ("98.28%", "ratio", "0.98278"),
        ("47 hours", "duration", "171000"),
        ("15.2 GB", "bytes", "16372408320"),
        ("~460,000", "count", "455000"),
        ("80+", "count", "177"),
        ("<200ms", "duration", "0.11"),
        ("4-6", "count", "5"),
        ("Up 2 days", "duration", "172000"),
    ] {
        becomes(text, kind, number, text);
    }
}

#[test]
fn a_qualifier_keeps_its_meaning() {
    becomes("~460,000", "count", "512345", "~510,000");
    becomes("about 80", "count", "113", "about 110");
    becomes("~460,000", "count", "312", "~300");
    becomes("80+", "count", "75", "70+");
    becomes("80+", "count", "5", "5+");
    becomes("at least 80 tests", "count", "79", "at least 70 tests");
    becomes("over 80", "count", "80", "over 70");
    becomes("over 80", "count", "64", "over 60");
    becomes("up to 80", "count", "81", "up to 90");
    becomes("<200ms", "duration", "0.25", "<300ms");
    becomes("under 200", "count", "300", "under 400");
    becomes("2+ days", "duration", "100000", "1+ days");
    becomes("≥98%", "ratio", "0.9712", "≥97%");
}

#[test]
fn what_cannot_be_said_is_not_written() {
    for (text, kind, number) in [
        ("95%", "ratio", "0.9995"),
        ("3%", "ratio", "0.0001"),
        ("13 rules", "number", "13.5"),
        ("4-6", "count", "9"),
        ("13 rules", "duration", "13"),
        ("47 hours", "count", "47"),
        ("98%", "count", "98"),
        ("1,044 tests", "ratio", "0.98"),
        ("-1.5 points", "number", "2"),
        ("1.5 points", "number", "-2"),
        ("rules", "count", "13"),
        ("12.345", "number", "12346"),
        ("97,5 %", "ratio", "0.9"),
        ("1,026/1,044", "count", "13"),
        ("13/13 rules", "count", "14"),
    ] {
        becomes(text, kind, number, "");
    }
    for actual in [Value::Text("13".into()), Value::Flag(true), Value::List(vec!["13".into()])] {
        assert_eq!(rewritten("13", &actual), None);
    }
}

#[track_caller]
fn fraction_becomes(text: &str, part: u32, whole: u32, expected: &str) {
    let new = rewritten(text, &Value::fraction(part, whole).unwrap());
    assert_eq!(new.as_deref(), Some(expected).filter(|expected| !expected.is_empty()), "{text}");
}

#[test]
fn a_fraction_is_written_with_its_percentage() {
    fraction_becomes("1,026/1,044 (98.28%)", 1030, 1050, "1,030/1,050 (98.10%)");
    fraction_becomes("98.28% (1,026/1,044 tests)", 1030, 1050, "98.10% (1,030/1,050 tests)");
    fraction_becomes("5/5 (100%)", 6, 6, "6/6 (100%)");
    fraction_becomes("4 of 5 checks (80%)", 5, 5, "5 of 5 checks (100%)");
    fraction_becomes("242/244 (99.3%)", 242, 244, "242/244 (99.2%)");
    fraction_becomes("44/44", 43, 44, "43/44");
    fraction_becomes("1,026/1,044 (98.28%)", 1026, 1044, "1,026/1,044 (98.28%)");
    fraction_becomes("98.28%", 1030, 1050, "98.10%");
    fraction_becomes("5/5 (100%)", 1999, 2000, "");
    fraction_becomes("1,026 tests", 1030, 1050, "");
    assert_eq!(rewritten_fraction("5/5", &n("1"), &n("0")), None);
}

/// Everything but runs of digits and what may stand inside them.
fn around(text: &str) -> String {
    text.chars().filter(|c| !c.is_ascii_digit() && !",.' ".contains(*c)).collect()
}

const UNITS: [&str; 11] = ["", " rules", "%", " %", "h", " hours", "ms", " GB", " GiB", "k", " bytes"];

fn texts(units: &[&'static str]) -> impl Strategy<Value = String> + use<> {
    let number = (0_u64..2_000_000_000, 0_u32..4).prop_map(|(whole, places)| {
        let number = Number::ratio(whole, 10_i64.pow(places)).unwrap();
        number.to_fixed(places)
    });
    let grouped = (0_u64..2_000_000_000).prop_map(|number| grouped(&number.to_string(), Some(',')));
    let before = prop::sample::select(vec!["", "", "~", "at least ", "over ", "up to ", "<", "≥"]);
    let after = prop::sample::select(units.to_vec());
    let behind = prop::sample::select(vec!["", "", " in all"]);
    (before, prop_oneof![number, grouped], after, behind)
        .prop_map(|(before, number, after, behind)| format!("{before}{number}{after}{behind}"))
}

proptest! {
    #[test]
    fn the_new_text_stands_for_the_value(
        text in texts(&UNITS),
        part in 0_i64..3_000_000_000_000,
        whole in prop::sample::select(vec![1_i64, 7, 1000, 3_000_000_000_000]),
    ) {
        let number = Number::ratio(part, whole).unwrap();
        let printed = Printed::parse(&text).unwrap();
        let actual = match printed.unit {
            Unit::One => Value::Number(number.clone()),
            Unit::Ratio => Value::Ratio(number.clone()),
            Unit::Seconds => Value::Duration(number.clone()),
            Unit::Bytes => Value::Bytes(number.clone()),
        };
        if let Some(new) = rewritten(&text, &actual) {
            prop_assert!(Printed::parse(&new).unwrap().stands_for(&number), "{} for {}", new, number);
            prop_assert_eq!(around(&new), around(&text));
            prop_assert_eq!(rewritten(&new, &actual), Some(new.clone()));
            prop_assert!(!printed.stands_for(&number) || new == text || printed.unit == Unit::Ratio);
        } else {
            let all_or_none = printed.unit == Unit::Ratio;
            let thousands = printed.runs.iter().any(|run| run.places == 3) && number >= Number::from(1000);
            let unsayable = all_or_none || thousands || printed.exact && !number.is_integer();
            prop_assert!(unsayable, "{} for {}", text, number);
        }
    }

    #[test]
    fn a_whole_number_can_always_be_written(text in texts(&["", " rules"]), number in 0_u64..3_000_000_000_000) {
        let number = Number::from(number);
        let new = rewritten(&text, &Value::Count(number.clone()));
        prop_assert!(new.is_some_and(|new| Printed::parse(&new).unwrap().stands_for(&number)), "{} for {}", text, number);
    }

    #[test]
    fn a_new_fraction_is_the_measured_one(
        old in (0_u32..5000, 1_u32..5000, 0_u32..4),
        part in 0_u32..5000,
        more in 0_u32..5000,
    ) {
        let share = |part: u32, whole: u32| Number::ratio(u64::from(part) * 100, whole).unwrap();
        let whole = (part + more).max(1);
        let text = format!("{}/{} tests ({}%)", old.0, old.1, share(old.0, old.1).to_fixed(old.2));
        let actual = Value::fraction(part, whole).unwrap();
        if let Some(new) = rewritten(&text, &actual) {
            let fraction = parse_fraction_text(&new).unwrap();
            prop_assert_eq!((fraction.part, fraction.whole), (Number::from(part), Number::from(whole)));
            prop_assert!(fraction.percent.unwrap().stands_for(&Number::ratio(part, whole).unwrap()), "{}", new);
            prop_assert_eq!(around(&new), around(&text));
            prop_assert_eq!(rewritten(&new, &actual), Some(new.clone()));
        } else {
            let digits = share(part, whole).to_fixed(old.2).parse::<Number>().unwrap();
            prop_assert!(digits.is_zero() || digits == n("100"), "{} for {}/{}", text, part, whole);
        }
    }

    #[test]
    fn no_text_makes_it_panic(text in "(\\PC|[-~<>0-9.,/% ()hms]){0,24}", number in -1_000_000_i64..1_000_000) {
        for actual in [Value::Count(number.into()), Value::Duration(number.into()), Value::Bytes(number.into())] {
            let _ = rewritten(&text, &actual);
        }
        let _ = rewritten_fraction(&text, &number.into(), &Number::from(7));
    }
}

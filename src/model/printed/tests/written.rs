//! What `format` writes is read back as what it was.

use proptest::prelude::*;

use super::*;
use crate::model::fact::Value;
use crate::model::format;
use crate::model::instant::Instant;

fn parsed(text: &str) -> Printed {
    Printed::parse(text).unwrap_or_else(|problem| panic!("{problem}"))
}

proptest! {
    #[test]
    fn a_value_that_is_written_stands_for_itself(
        number in 0_u64..1_000_000_000_000_000,
        parts in prop::sample::select(vec![1_u64, 3, 7, 1000, 999_999_937]),
    ) {
        let part = Number::ratio(number, parts).unwrap();
        let whole = Number::from(number);
        for (value, number) in [
            (Value::Count(whole.clone()), &whole),
            (Value::Duration(part.clone()), &part),
            (Value::Bytes(whole.clone()), &whole),
            (Value::Ratio(part.clone()), &part),
        ] {
            let text = format::value(&value);
            prop_assert!(parsed(&text).stands_for(number), "{} for {}", text, number);
        }
    }

    #[test]
    fn a_number_with_decimals_stands_for_itself(number in 0_i64..1_000_000_000_000, parts in 2_i64..1_000_000) {
        let number = Number::ratio(number, parts).unwrap();
        let text = format::count(&number);
        // Where the first decimals are all zeros it is written as a whole number, and those are exact.
        prop_assume!(text.contains('.'));
        prop_assert!(parsed(&text).stands_for(&number), "{} for {}", text, number);
    }

    #[test]
    fn a_fraction_is_read_back_whole(part in 0_u64..1_000_000_000, more in 0_u64..1_000_000_000) {
        let whole = (part + more).max(1);
        let value = Value::fraction(part, whole).unwrap();
        let text = format::value_long(&value, "UTC");
        let fraction = parse_fraction_text(&text).unwrap();
        prop_assert_eq!((&fraction.part, &fraction.whole), (&Number::from(part), &Number::from(whole)));
        let share = Number::ratio(part, whole).unwrap();
        prop_assert!(fraction.percent.unwrap().stands_for(&share), "{} for {}", text, share);
        prop_assert_eq!(rewritten(&text, &value), Some(text));
    }

    #[test]
    fn a_time_is_read_back_in_its_zone(
        seconds in -2_000_000_000_i64..7_000_000_000,
        zone in prop::sample::select(vec!["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata"]),
    ) {
        let at = Instant::from_seconds(seconds).unwrap();
        let text = format::instant(at, zone);
        match PrintedTime::parse(&text) {
            Ok(time) => {
                let (first, last) = time.moments().unwrap();
                prop_assert!(first <= at && at <= last, "{}", text);
            }
            // The hour that autumn has twice.
            Err(problem) => prop_assert!(matches!(problem, NotATime::Impossible(_)) && zone != "UTC", "{}", problem),
        }
        prop_assert_eq!(PrintedTime::parse(&at.to_string()).unwrap().moments().unwrap(), (at, at));
    }
}

//! Unit words, and the strings that known tools print by known rules.

use super::Interval;
use crate::model::fact::Unit;
use crate::model::number::Number;

/// How a unit word scales to the base unit; bytes written with a decimal prefix have two scales.
pub(super) struct UnitWord {
    pub(super) unit: Unit,
    pub(super) scales: Vec<Number>,
}

/// The unit that a word names; `None` for any other word.
pub(super) fn unit_word(word: &str) -> Option<UnitWord> {
    let scaled = |unit, scale| Some(UnitWord { unit, scales: vec![scale] });
    if matches!(word, "%" | "percent") {
        return scaled(Unit::Ratio, Number::power_of_ten(-2));
    }
    if let Some(seconds) = seconds_in(word) {
        return scaled(Unit::Seconds, seconds);
    }
    byte_scales(word).map(|scales| UnitWord { unit: Unit::Bytes, scales })
}

fn seconds_in(word: &str) -> Option<Number> {
    Some(match word {
        "ns" | "nanosecond" | "nanoseconds" => Number::power_of_ten(-9),
        "us" | "µs" | "μs" | "microsecond" | "microseconds" => Number::power_of_ten(-6),
        "ms" | "msec" | "millisecond" | "milliseconds" => Number::power_of_ten(-3),
        "s" | "sec" | "secs" | "second" | "seconds" => Number::one(),
        "m" | "min" | "mins" | "minute" | "minutes" => Number::from(60),
        "h" | "hr" | "hrs" | "hour" | "hours" => Number::from(3600),
        "d" | "day" | "days" => Number::from(86_400),
        "w" | "wk" | "week" | "weeks" => Number::from(604_800),
        _ => return None,
    })
}

/// The 1000 reading comes first; `KiB` and its kin have the 1024 reading only.
fn byte_scales(word: &str) -> Option<Vec<Number>> {
    let (power, binary_only) = match word {
        "B" | "byte" | "bytes" => return Some(vec![Number::one()]),
        "kB" | "KB" => (1, false),
        "MB" => (2, false),
        "GB" => (3, false),
        "TB" => (4, false),
        "PB" => (5, false),
        "KiB" => (1, true),
        "MiB" => (2, true),
        "GiB" => (3, true),
        "TiB" => (4, true),
        "PiB" => (5, true),
        _ => return None,
    };
    let binary = Number::from(1_u64 << (10 * power));
    Some(if binary_only { vec![binary] } else { vec![Number::power_of_ten(3 * power), binary] })
}

/// What a suffix of a count multiplies by: `1.2k`.
pub(super) fn suffix(letter: char) -> Option<Number> {
    Some(Number::power_of_ten(match letter {
        'k' | 'K' => 3,
        'M' => 6,
        'G' => 9,
        'T' => 12,
        _ => return None,
    }))
}

/// What Docker's `Up ...` stands for. Its words come from `HumanDuration` of docker/go-units: seconds and minutes are
/// cut, hours are rounded to the nearest, and days, weeks and months are cut from those rounded hours.
pub(super) fn tool_duration(text: &str) -> Option<Interval> {
    let words = text.strip_prefix("Up ")?;
    let words = words.split(" (").next().unwrap_or(words).trim();
    let span = |low: i64, high: i64| Some(Interval::half_open(Number::from(low), Number::from(high)));
    // From hour `low` to hour `high` of the rounded hours: half an hour earlier on the clock.
    let hours = |low: i64, high: i64| span(low * 3600 - 1800, high * 3600 - 1800);
    match words {
        "Less than a second" => return span(0, 1),
        "About a minute" => return span(60, 120),
        "About an hour" => return span(3600, 5400),
        _ => {}
    }
    let (number, unit) = words.split_once(' ')?;
    let number: i64 = number.parse().ok().filter(|number| (0..=100_000).contains(number))?;
    match unit {
        "second" | "seconds" => span(number, number + 1),
        "minutes" => span(number * 60, (number + 1) * 60),
        "hours" => hours(number, number + 1),
        "days" => hours(number * 24, (number + 1) * 24),
        "weeks" => hours(number * 168, (number + 1) * 168),
        "months" => hours(number * 720, (number + 1) * 720),
        _ => None,
    }
}

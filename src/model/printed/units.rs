//! Unit words.

use smallvec::smallvec;

use super::Few;
use crate::model::fact::Unit;
use crate::model::number::Number;

/// How a unit word scales to the base unit; bytes written with a decimal prefix have two scales.
pub(super) struct UnitWord {
    pub(super) unit: Unit,
    pub(super) scales: Few<Number>,
}

/// The unit that a word names; `None` for any other word.
pub(super) fn unit_word(word: &str) -> Option<UnitWord> {
    let scaled = |unit, scale| Some(UnitWord { unit, scales: Few::from_buf([scale]) });
    // `Hours` and `DAYS` are hours and days; of shorter words the case matters (`Mb`, `M`).
    if word.len() > 2 && word.starts_with(|c: char| c.is_ascii_uppercase()) && !word.contains('B') {
        return unit_word(&word.to_ascii_lowercase());
    }
    if matches!(word, "%" | "percent" | "pct") {
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
fn byte_scales(word: &str) -> Option<Few<Number>> {
    let (power, binary_only) = match word {
        "B" | "byte" | "bytes" | "Byte" | "Bytes" => return Some(Few::from_buf([Number::one()])),
        "kB" | "KB" | "kb" | "kilobytes" => (1, false),
        "MB" | "mb" | "megabytes" => (2, false),
        "GB" | "gb" | "gigabytes" => (3, false),
        "TB" | "tb" | "terabytes" => (4, false),
        "PB" => (5, false),
        "KiB" | "Ki" => (1, true),
        "MiB" | "Mi" => (2, true),
        "GiB" | "Gi" => (3, true),
        "TiB" | "Ti" => (4, true),
        "PiB" | "Pi" => (5, true),
        "EiB" | "Ei" => (6, true),
        _ => return None,
    };
    let binary = Number::from(1_u64 << (10 * power));
    Some(if binary_only { Few::from_buf([binary]) } else { smallvec![Number::power_of_ten(3 * power), binary] })
}

/// What a word behind a count multiplies by: `1.2 million`.
pub(super) fn large(word: &str) -> Option<Number> {
    if word.len() < "mn".len() {
        return None;
    }
    Some(Number::power_of_ten(match word.to_ascii_lowercase().as_str() {
        "thousand" => 3,
        "million" | "mio" | "mn" => 6,
        "billion" | "bn" => 9,
        "trillion" => 12,
        _ => return None,
    }))
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

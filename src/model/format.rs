//! How values are written for people: thousands in groups, two units of time, percentages that never round to "all".
//!
//! The same on every machine: no locale, no zone table but the bundled one. Text that was captured is data: control
//! characters are shown as escapes.

#[cfg(test)]
mod tests;

pub use super::captured::shortened;

use super::captured;
use super::fact::{Unit, Value};
use super::instant::{Instant, Stamp};
use super::number::Number;

/// Longest text in a short form, in characters.
const SHORT_TEXT: usize = 200;
/// Longest list in a short form.
const SHORT_LIST: usize = 8;
/// Most decimals that tell a number from what it nearly is.
const MOST_DECIMALS: u32 = 16;

/// A value in short: `1,044`, `98.28 %`, `15.2 GiB`.
pub fn value(value: &Value) -> String {
    match value {
        Value::Count(number) | Value::Number(number) => count(number),
        Value::Fraction { .. } | Value::Ratio(_) => {
            value.quantity().map_or_else(String::new, |(share, _)| percent(&share))
        }
        Value::Duration(seconds) => duration(seconds),
        Value::Bytes(number) => bytes(number),
        Value::Instant(at) => instant(*at, "UTC"),
        Value::Text(text) => shortened(text, SHORT_TEXT),
        Value::Flag(flag) => yes_no(*flag).to_owned(),
        Value::List(items) => list(items, SHORT_LIST),
        Value::Table(table) => plural(table.rows.len() as u64, "row", "rows"),
    }
}

/// A value with all it is made of: `1,026 of 1,044 (98.28 %)`, `15.2 GiB (16,372,408,320 bytes)`. Times are shown in
/// `zone`, `UTC` or an IANA name.
pub fn value_long(value: &Value, zone: &str) -> String {
    match value {
        Value::Fraction { part, whole } => {
            let share = part.over(whole).map_or_else(String::new, |share| format!(" ({})", percent(&share)));
            format!("{} of {}{share}", count(part), count(whole))
        }
        Value::Bytes(number) if number.abs() >= Number::from(1024) => {
            format!("{} ({} bytes)", bytes(number), count(number))
        }
        Value::Instant(at) => instant(*at, zone),
        Value::Text(text) => captured::line(text).into_owned(),
        Value::List(items) => list(items, usize::MAX),
        other => self::value(other),
    }
}

/// A number in a unit, in short; as [`value`].
pub fn quantity(number: &Number, unit: Unit) -> String {
    match unit {
        Unit::One => count(number),
        Unit::Ratio => percent(number),
        Unit::Seconds => duration(number),
        Unit::Bytes => bytes(number),
    }
}

/// Two values that are written alike in short and are not the same, each with as many digits as tell it from the other:
/// `0.30000000000000004` and `0.3`. `None` where they differ as they are, or are equal.
pub fn values_apart(one: &Value, other: &Value) -> Option<(String, String)> {
    if let (Value::Instant(one), Value::Instant(other)) = (one, other) {
        let seconds = |at: Instant| zoned(at, "UTC", "%-d %B %Y, %H:%M:%S").unwrap_or_else(|| at.to_string());
        return (one != other && instant(*one, "UTC") == instant(*other, "UTC"))
            .then(|| (seconds(*one), seconds(*other)));
    }
    let ((one, unit), (other, of)) = (one.quantity()?, other.quantity()?);
    (unit == of).then(|| quantities_apart(&one, &other, unit)).flatten()
}

/// As [`values_apart`], of numbers in a unit.
pub fn quantities_apart(one: &Number, other: &Number, unit: Unit) -> Option<(String, String)> {
    if one == other || quantity(one, unit) != quantity(other, unit) {
        return None;
    }
    let scale = Number::from(if unit == Unit::Ratio { 100 } else { 1 });
    let digits = |number: &Number, places: u32| group_thousands(&(number * &scale).to_rounded(places));
    let rounded = [3, 6, 12, 24, 48].into_iter().map(|places| (digits(one, places), digits(other, places)));
    let (one_text, other_text) = rounded.into_iter().find(|(one, other)| one != other)?;
    let whole = |number: &Number, digits: String| match unit {
        Unit::One => digits,
        Unit::Ratio => format!("{digits} %"),
        Unit::Seconds => format!("{} ({digits} s)", duration(number)),
        Unit::Bytes => format!("{} ({digits} bytes)", bytes(number)),
    };
    Some((whole(one, one_text), whole(other, other_text)))
}

/// `1,044`; with up to three decimals where there are any, more where these would say zero.
pub fn count(number: &Number) -> String {
    let nearly = |places| number.to_rounded(places);
    let text = [3, 6, 12, 24].into_iter().map(nearly).find(|text| text != "0").unwrap_or_else(|| "0".to_owned());
    group_thousands(&text)
}

/// `98.28 %`, of a share where 1 is all. 1,999 of 2,000 is never "100 %", and one of a million never "0 %".
pub fn percent(share: &Number) -> String {
    let hundredfold = share * &Number::from(100);
    let said = |text: &str| text.parse::<Number>().is_ok_and(|said| said == hundredfold);
    let vague = |text: &str| matches!(text, "100" | "0") && !said(text);
    let rounded = [2, 4, 8, 16].into_iter().map(|places| hundredfold.to_rounded(places)).find(|text| !vague(text));
    match rounded {
        Some(text) => format!("{} %", group_thousands(&text)),
        None if *share > Number::one() => "over 100 %".to_owned(),
        None if share.is_negative() || *share > Number::ratio(1, 2).unwrap_or_else(Number::one) => {
            "under 100 %".to_owned()
        }
        None => "over 0 %".to_owned(),
    }
}

/// A length of time in its two largest units: `47 h 45 min`, `3 d 5 h`, `1.86 s`, `250 ms`. Hours go up to 72, because
/// readers of audits think of soak times in hours.
pub fn duration(seconds: &Number) -> String {
    let sign = if seconds.is_negative() { "-" } else { "" };
    let length = seconds.abs();
    let times = |factor: u32| &length * &Number::from(factor);
    if length.is_zero() {
        return "0 s".to_owned();
    }
    if times(1000) < Number::one() {
        return format!("{sign}{} µs", times(1_000_000).to_rounded(2));
    }
    if times(2) < Number::one() {
        return format!("{sign}{} ms", times(1000).to_rounded(2));
    }
    if length.to_rounded(2).parse::<Number>().is_ok_and(|rounded| rounded < Number::from(60)) {
        return format!("{sign}{} s", length.to_rounded(2));
    }
    const STEPS: [(u32, &str, u32, &str); 3] =
        [(3600, "min", 60, "s"), (259_200, "h", 3600, "min"), (0, "d", 86_400, "h")];
    for (below, large, size, small) in STEPS {
        let part = match small {
            "s" => 1_u32,
            "min" => 60,
            _ => 3600,
        };
        let parts =
            length.over(&Number::from(part)).map(|parts| parts.to_fixed(0)).and_then(|text| text.parse::<u128>().ok());
        let Some(parts) = parts else { break };
        let per = u128::from(size / part);
        if below == 0 || parts < u128::from(below / part) {
            let (whole, rest) = (parts / per, parts % per);
            let tail = if rest == 0 { String::new() } else { format!(" {rest} {small}") };
            return format!("{sign}{} {large}{tail}", group_thousands(&whole.to_string()));
        }
    }
    format!("{sign}{} s", group_thousands(&length.to_rounded(0)))
}

/// `15.2 GiB`, `512 bytes`.
pub fn bytes(number: &Number) -> String {
    let sign = if number.is_negative() { "-" } else { "" };
    let size = number.abs();
    if size == Number::one() {
        return format!("{sign}1 byte");
    }
    if size < Number::from(1024) {
        return format!("{sign}{} bytes", count(&size));
    }
    let mut scale = Number::from(1024);
    for unit in ["KiB", "MiB", "GiB", "TiB", "PiB", "EiB"] {
        let next = &scale * &Number::from(1024);
        let text = size.over(&scale).map_or_else(String::new, |share| share.to_rounded(1));
        if unit == "EiB" || (size < next && text != "1024") {
            return format!("{sign}{} {unit}", group_thousands(&text));
        }
        scale = next;
    }
    format!("{sign}{} bytes", count(&size))
}

/// `20 October 2025, 20:28 UTC`, or in another zone `20 October 2025, 22:28 Europe/Berlin`. A zone that the bundled
/// table does not know is shown as UTC, and says so by its name.
pub fn instant(at: Instant, zone: &str) -> String {
    zoned(at, zone, "%-d %B %Y, %H:%M").unwrap_or_else(|| at.to_string())
}

/// A time as precise as it was written: a plain date has no time of day.
pub fn stamp(stamp: Stamp, zone: &str) -> String {
    if stamp.precision >= 86_400 {
        return day(stamp.at);
    }
    instant(stamp.at, zone)
}

/// The day of it, UTC: `20 October 2025`.
pub fn day(at: Instant) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_| at.to_string(), |time| time.strftime("%-d %B %Y").to_string())
}

/// The time of day, UTC: `20:28`.
pub fn clock(at: Instant) -> String {
    jiff::Timestamp::from_second(at.seconds())
        .map_or_else(|_| at.to_string(), |time| time.strftime("%H:%M").to_string())
}

fn zoned(at: Instant, zone: &str, form: &str) -> Option<String> {
    let time = jiff::Timestamp::from_second(at.seconds()).ok()?;
    let utc = || Some(format!("{} UTC", time.strftime(form)));
    if zone == "UTC" {
        return utc();
    }
    match time.in_tz(zone) {
        Ok(local) => Some(format!("{} {zone}", local.strftime(form))),
        Err(_) => utc(),
    }
}

/// A score: one decimal, half-even; more where one would say 10 of what is less, or nothing of what is more.
pub fn score(number: &Number) -> String {
    score_to(number, 1)
}

/// As [`score`], with so many decimals at least.
pub fn score_to(number: &Number, least: u32) -> String {
    unlike(number, 10, least, Number::to_fixed)
}

/// Rounded half-even to at most `places` decimals; to more where it would be 0 or `top`, and is not.
pub fn rounded(number: &Number, top: u32, places: u32) -> String {
    unlike(number, top, places, Number::to_rounded)
}

/// As few decimals as tell a number from zero and from `top`. Where [`MOST_DECIMALS`] do not, the number with so many that is
/// next to the one it is not.
fn unlike(number: &Number, top: u32, least: u32, write: fn(&Number, u32) -> String) -> String {
    let limits = [Number::zero(), Number::from(top)];
    let taken_for = |text: &str| {
        let said: Option<Number> = text.parse().ok();
        said.filter(|said| said != number && limits.contains(said))
    };
    for places in least..MOST_DECIMALS {
        let text = write(number, places);
        if taken_for(&text).is_none() {
            return text;
        }
    }
    let text = write(number, MOST_DECIMALS);
    match taken_for(&text) {
        Some(limit) => {
            let step = Number::power_of_ten(-MOST_DECIMALS.cast_signed());
            write(&if *number < limit { limit - step } else { limit + step }, MOST_DECIMALS)
        }
        None => text,
    }
}

/// The first letter as a capital, unless the sentence begins with a name: of a check, a file, a host, a metric. Names are
/// written as they are, and have more in them than letters, or a capital inside.
pub fn sentence_case(text: &str) -> String {
    let word = text.split_whitespace().next().unwrap_or_default().trim_end_matches([',', '.', ':', ';', '!', '?']);
    let is_plain = |c: char| c.is_alphabetic() || matches!(c, '-' | '\'' | '’');
    if !word.chars().all(is_plain) || word.chars().skip(1).any(char::is_uppercase) {
        return text.to_owned();
    }
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

/// The same with a full stop at its end, where it has no mark of its own there; of nothing, nothing.
pub fn full_stop(text: &str) -> String {
    let text = text.trim_end();
    if text.is_empty() || text.ends_with(['.', '!', '?', '…', ':']) { text.to_owned() } else { format!("{text}.") }
}

/// With a capital at its head, as [`sentence_case`] has it, and a full stop at its end.
pub fn sentence(text: &str) -> String {
    full_stop(&sentence_case(text.trim()))
}

/// How far a score moved. Of the scores as they are printed, so that a reader who subtracts gets the same.
pub fn score_moved(was: &Number, now: &Number) -> Number {
    let printed = |number: &Number| score(number).parse::<Number>().unwrap_or_else(|_| number.clone());
    printed(now) - printed(was)
}

/// How a score moved: `+0.3`, `−1.0`, `+0.0`; as [`score_moved`].
pub fn score_change(was: &Number, now: &Number) -> String {
    let by = with_a_decimal(score_moved(was, now).to_rounded(MOST_DECIMALS));
    if by.starts_with('-') { by.replacen('-', "−", 1) } else { format!("+{by}") }
}

/// `-` where there is no score.
pub fn score_or_dash(number: Option<&Number>) -> String {
    number.map_or_else(|| "-".to_owned(), score)
}

/// Points, as somebody would write them in a sum: one decimal at least, three at most; more where three would say nothing
/// of what is more, or 10 of what is less.
pub fn points(number: &Number) -> String {
    with_a_decimal(rounded(number, 10, 3))
}

fn with_a_decimal(text: String) -> String {
    if text.contains('.') { text } else { format!("{text}.0") }
}

/// `yes` or `no`.
pub const fn yes_no(flag: bool) -> &'static str {
    if flag { "yes" } else { "no" }
}

/// `1 check`, `1,044 checks`.
pub fn plural(number: u64, one: &str, many: &str) -> String {
    format!("{} {}", group_thousands(&number.to_string()), if number == 1 { one } else { many })
}

/// `a, b and c`; the empty list is `none`.
pub fn and_list<T: AsRef<str>>(items: &[T]) -> String {
    match items {
        [] => "none".to_owned(),
        [one] => one.as_ref().to_owned(),
        [head @ .., last] => {
            let head: Vec<&str> = head.iter().map(AsRef::as_ref).collect();
            format!("{} and {}", head.join(", "), last.as_ref())
        }
    }
}

fn list(items: &[String], most: usize) -> String {
    if items.is_empty() {
        return "none".to_owned();
    }
    let shown: Vec<String> = items.iter().take(most).map(|item| shortened(item, SHORT_TEXT)).collect();
    match items.len().saturating_sub(most) {
        0 => shown.join(", "),
        more => format!("{} and {more} more", shown.join(", ")),
    }
}

/// Commas between groups of three digits before the point.
fn group_thousands(number: &str) -> String {
    let (sign, unsigned) = number.strip_prefix('-').map_or(("", number), |rest| ("-", rest));
    let (whole, decimals) = unsigned.find('.').map_or((unsigned, ""), |point| unsigned.split_at(point));
    let mut grouped = String::with_capacity(number.len() + number.len() / 3);
    grouped.push_str(sign);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at) % 3 == 0 {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped.push_str(decimals);
    grouped
}

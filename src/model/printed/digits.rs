//! Digits as they stand in a text: sign, groups of three, decimals. Where there is more than one way to read them, none is
//! taken.

use std::borrow::Cow;
use std::ops::Range;

use super::Few;
use crate::model::number::Number;

/// More digits than this are no number that people print.
const MAX_DIGITS: usize = 60;
/// So many bytes of digits are a small number, whatever they are, even with two decimals more and a half behind them.
const MAX_SHORT: usize = 15;
/// What may stand between groups of three digits.
pub(super) const SEPARATORS: [char; 7] = [',', '_', '\'', ' ', '\u{a0}', '\u{2009}', '\u{202f}'];

/// Digits of a printed number that stand together: `1,026` in `~1,026 tests`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    /// Where they stand, in bytes of what was parsed; a sign before them belongs to it.
    pub span: Range<usize>,
    /// How many decimals there are.
    pub places: u32,
    /// What stands between groups of three; `None` where there is one group only, or nothing between them.
    pub separator: Option<char>,
    /// What stands before the decimals: `.`, or `,` where it can mean nothing else.
    pub point: char,
    /// How many zeros the whole part is filled up with at least: 2 for `01`.
    pub width: usize,
    /// What one of it is in the base unit, for each reading of the number.
    pub scales: Few<Number>,
}

/// A run of digits and what it says.
#[derive(Clone)]
pub(super) struct Digits {
    pub(super) value: Number,
    /// One unit of its last digit.
    pub(super) digit: Number,
    /// One unit of its last digit that is not zero.
    pub(super) coarse: Number,
    pub(super) run: Run,
}

/// The digits at the start of `rest`, which stands at `at`; `None` when there are none, or no single reading.
pub(super) fn digits(rest: &str, at: usize) -> Option<Digits> {
    let minus = rest.strip_prefix(['-', '−']);
    let (negative, unsigned) = (minus.is_some(), minus.unwrap_or(rest));
    let grouped = grouped(unsigned)?;
    let (point, decimals, after) = decimals(&grouped);
    // A second point is a version or a date; a comma before digits is a decimal comma: both have no safe reading.
    let goes_on = after.strip_prefix(['.', ',', ':', '_']).is_some_and(starts_with_digit);
    if goes_on || grouped.dotted && point != ',' || grouped.digits.len() + decimals.len() > MAX_DIGITS {
        return None;
    }
    let places = i32::try_from(decimals.len()).ok()?;
    let width = if grouped.digits.starts_with('0') { grouped.digits.len() } else { 1 };
    let mut all = grouped.digits;
    if !decimals.is_empty() {
        all.to_mut().push_str(decimals);
    }
    let value = all.parse::<Number>().ok()? * Number::power_of_ten(-places);
    let zeros = i32::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
    Some(Digits {
        value: if negative { -value } else { value },
        digit: Number::power_of_ten(-places),
        coarse: Number::power_of_ten(zeros - places),
        run: Run {
            span: at..at + (rest.len() - after.len()),
            places: places.unsigned_abs(),
            separator: grouped.separator,
            point,
            width,
            scales: Few::from_buf([Number::one()]),
        },
    })
}

/// Digits that are a whole text, perhaps with a point among them.
pub(super) struct Bare {
    /// All digits, the point left out.
    pub(super) digits: i64,
    /// How many of them are decimals.
    pub(super) places: u32,
    /// How many are before the point.
    pub(super) whole: usize,
}

/// Reads a text that is nothing but digits and perhaps a point among them; `None` for any other, and for a long one.
pub(super) fn bare(text: &str) -> Option<Bare> {
    if text.len() > MAX_SHORT {
        return None;
    }
    let (mut number, mut point) = (0, text.len());
    for (at, byte) in text.bytes().enumerate() {
        match byte {
            b'0'..=b'9' => number = number * 10 + i64::from(byte - b'0'),
            b'.' if point == text.len() => point = at,
            _ => return None,
        }
    }
    let places = text.len().saturating_sub(point + 1);
    // `5.` ends a sentence, and `.5` is none of ours.
    let pointed = point == text.len() || places > 0;
    (point > 0 && pointed).then_some(Bare { digits: number, places: u32::try_from(places).ok()?, whole: point })
}

struct Grouped<'a> {
    digits: Cow<'a, str>,
    separator: Option<char>,
    /// Are the groups parted by points? Only a decimal comma behind them shows that these are groups.
    dotted: bool,
    rest: &'a str,
}

fn starts_with_digit(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_digit())
}

fn run_of_digits(text: &str) -> usize {
    text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len())
}

/// Where the first digits of a text stand with a comma that parts no groups of three: `99,5` in `99,5 % of tests`. They may be meant as
/// decimals or as two numbers, so nobody reads them. `None` where there are none such.
pub fn odd_comma(text: &str) -> Option<Range<usize>> {
    text.match_indices(',').find_map(|(comma, _)| {
        let digit = |c: char| c.is_ascii_digit();
        let whole = comma - text[..comma].bytes().rev().take_while(u8::is_ascii_digit).count();
        let end = comma + 1 + run_of_digits(&text[comma + 1..]);
        let groups = end == comma + 4 && comma - whole <= 3 && !text[whole..].starts_with('0');
        // `1.044,5` and `1 044,5` have one reading, and `10,12,14` is a list.
        let goes_on = text[..whole].ends_with(|c: char| ".,_/-–#:".contains(c) || c.is_alphanumeric())
            || text[..whole]
                .strip_suffix(SEPARATORS)
                .is_some_and(|before| before.ends_with(digit) && comma - whole == 3);
        let ends = !text[end..].starts_with(['_', '/', '-', '–', ':']) && {
            let behind = text[end..].strip_prefix([',', '.']);
            behind.is_none_or(|behind| !behind.starts_with(digit))
        };
        (whole < comma && end > comma + 1 && !groups && !goes_on && ends).then_some(whole..end)
    })
}

/// Digits in groups of three with one separator, or without any.
fn grouped(text: &str) -> Option<Grouped<'_>> {
    let first = run_of_digits(text);
    if first == 0 || first > MAX_DIGITS {
        return None;
    }
    let rest = &text[first..];
    let single = Grouped { digits: Cow::Borrowed(&text[..first]), separator: None, dotted: false, rest };
    if first > 3 || text.starts_with('0') {
        return Some(single);
    }
    let separator = rest.chars().next().filter(|c| SEPARATORS.contains(c) || (*c == '.' && dotted_groups(rest)));
    let Some(separator) = separator else { return Some(single) };
    let (mut digits, mut rest) = (single.digits.clone(), rest);
    while let Some(group) = rest.strip_prefix(separator).filter(|group| run_of_digits(group) == 3) {
        digits.to_mut().push_str(&group[..3]);
        rest = &group[3..];
        if digits.len() > MAX_DIGITS {
            return None;
        }
    }
    // `5 100%` is two numbers that stand side by side.
    if digits.len() == first || (separator == ' ' && rest.starts_with('%')) {
        return Some(single);
    }
    Some(Grouped { digits, separator: Some(separator), dotted: separator == '.', rest })
}

/// Do groups of three parted by points stand here, and a decimal comma behind them (`.044,5`)?
fn dotted_groups(mut rest: &str) -> bool {
    let mut groups = 0;
    while let Some(group) = rest.strip_prefix('.').filter(|group| run_of_digits(group) == 3) {
        rest = &group[3..];
        groups += 1;
        if groups > MAX_DIGITS / 3 {
            return false;
        }
    }
    groups > 0 && rest.strip_prefix(',').is_some_and(starts_with_digit)
}

/// The decimal point, the decimals behind it, and what follows. A comma is a decimal comma where another sign already
/// parts the thousands (`1.044,5`, `1 044,5`), and nowhere else.
fn decimals<'a>(grouped: &Grouped<'a>) -> (char, &'a str, &'a str) {
    let comma = grouped.separator.is_some_and(|separator| !matches!(separator, ',' | '_'));
    for point in ['.', ','] {
        let allowed = if point == ',' { comma } else { !grouped.dotted };
        if let Some(tail) = grouped.rest.strip_prefix(point).filter(|tail| allowed && starts_with_digit(tail)) {
            let (decimals, after) = tail.split_at(run_of_digits(tail));
            return (point, decimals, after);
        }
    }
    ('.', "", grouped.rest)
}

//! Writes a measured value into a text in place of a wrong one: the same text, with other digits.
//!
//! What was written keeps its unit, its decimals, its separators and its qualifier. Where the value cannot be said that
//! way, nothing is written: a text that would have to say more or less than it did is for its author.

use super::digits::{Run, digits};
use super::{Printed, PrintedFraction, Qualifier, parse_fraction_text};
use crate::model::fact::{Unit, Value};
use crate::model::number::Number;

/// How a number is made coarser.
#[derive(Clone, Copy)]
enum Toward {
    Nearest,
    Below,
    Above,
}

/// The text with the digits that state the measured value: `13 rules` and 14 give `14 rules`. The same text when it
/// stands for the value already; `None` when the value cannot be stated that way: it is no number or has another
/// dimension, the text is a range, or its digits would say all (`100%`) or none (`0%`) of what is not all and not none.
pub fn rewritten(text: &str, actual: &Value) -> Option<String> {
    let (number, unit) = actual.quantity()?;
    if let (Value::Fraction { part, whole }, Some(_)) = (actual, parse_fraction_text(text)) {
        return rewritten_fraction(text, part, whole);
    }
    let mut printed = Printed::parse(text).ok()?;
    if unit == Unit::Bytes && printed.unit == Unit::One && printed.shortened {
        // `17K` as file listings print it.
        printed = Printed::parse(&format!("{}B", text.trim_end())).ok()?;
    }
    let is_share = |number: &Number| !number.is_negative() && *number <= Number::one();
    let fits = printed.unit == unit
        || (unit == Unit::Ratio && printed.unit == Unit::One && is_share(printed.value()))
        || (matches!(actual, Value::Number(_)) && printed.unit != Unit::Ratio);
    let plain = |run: &Run| run.scales[..] == [Number::one()];
    match actual {
        // Nobody counts in thousandths, whatever stood there: `12346.000 tests` would say less than `12346 tests`.
        Value::Count(_) => printed.runs.iter_mut().filter(|run| plain(run)).for_each(|run| run.places = 0),
        // `12.345` may be twelve thousand to its author. Either way of writing 12346 would be the other number to somebody.
        Value::Number(whole) if whole.is_integer() && whole.abs() >= Number::from(1000) => {
            let thousands = |run: &Run| plain(run) && run.places == 3 && run.separator.is_none() && run.span.len() <= 7;
            if printed.runs.iter().any(thousands) && !states(&printed, &number) {
                return None;
            }
        }
        _ => {}
    }
    // `14/13 rules` would be nonsense: of a fraction, one number says too little.
    let half = matches!(actual, Value::Count(_)) && printed.out_of.is_some() && !states(&printed, &number);
    if !fits || half {
        return None;
    }
    let edits = edits(text, &printed, &number)?;
    let new = edited(text, edits);
    let again = if printed.shortened && printed.unit == Unit::Bytes {
        Printed::parse(&format!("{}B", new.trim_end()))
    } else {
        Printed::parse(&new)
    };
    again.is_ok_and(|again| states(&again, &number)).then_some(new)
}

/// The text with the digits of another fraction, and of its percentage where it has one: `1,026/1,044 (98.28%)`. The same
/// text when it is that fraction already; `None` when it is no fraction, or its percentage cannot say the share.
pub fn rewritten_fraction(text: &str, part: &Number, whole: &Number) -> Option<String> {
    let fraction = parse_fraction_text(text)?;
    let share = part.over(whole)?;
    let mut all = Vec::new();
    for (run, old, new) in [(&fraction.part_run, &fraction.part, part), (&fraction.whole_run, &fraction.whole, whole)] {
        if old != new {
            all.push(edit(text, run, new)?);
        }
    }
    if let Some(percent) = &fraction.percent {
        all.extend(edits(text, percent, &share)?);
    }
    let new = edited(text, all);
    parse_fraction_text(&new).is_some_and(|again| is_fraction(&again, part, whole, &share)).then_some(new)
}

fn is_fraction(fraction: &PrintedFraction, part: &Number, whole: &Number, share: &Number) -> bool {
    let said = fraction.percent.as_ref().is_none_or(|percent| states(percent, share));
    fraction.part == *part && fraction.whole == *whole && said
}

/// Does it stand for the number? "100 %" stands for all, and "0 %" for none, whatever rounding would allow.
fn states(printed: &Printed, number: &Number) -> bool {
    let said = printed.value();
    let all_or_none = printed.unit == Unit::Ratio
        && matches!(printed.qualifier, Qualifier::Plain | Qualifier::About)
        && (said.is_zero() || *said == Number::one());
    if all_or_none { said == number } else { printed.stands_for(number) }
}

/// A run of digits, and what stands in its place.
type Edit = (std::ops::Range<usize>, String);

fn edited(text: &str, mut edits: Vec<Edit>) -> String {
    edits.sort_by_key(|(span, _)| std::cmp::Reverse(span.start));
    edits.into_iter().fold(text.to_owned(), |mut text, (span, digits)| {
        text.replace_range(span, &digits);
        text
    })
}

/// What to change so that the printed number states `number`, in its base unit; nothing when it does.
fn edits(text: &str, printed: &Printed, number: &Number) -> Option<Vec<Edit>> {
    if states(printed, number) {
        return Some(Vec::new());
    }
    let out_of = usize::from(printed.out_of.is_some());
    let runs = printed.runs.get(..printed.runs.len().checked_sub(out_of)?)?;
    match (printed.qualifier, runs) {
        (Qualifier::Range, _) => None,
        (_, [run]) => {
            let in_units = number.over(run.scales.first()?)?;
            Some(vec![edit(text, run, &said(text, run, &in_units, printed.qualifier)?)?])
        }
        (Qualifier::Plain, runs) => in_parts(text, runs, number),
        _ => None,
    }
}

/// `1h30m`: as many of each unit as go into what is left, and the last rounded.
fn in_parts(text: &str, runs: &[Run], number: &Number) -> Option<Vec<Edit>> {
    let last = runs.last()?;
    let smallest = last.scales.first()? * &Number::power_of_ten(-i32::try_from(last.places).ok()?);
    let mut left = rounded(number, &smallest, Toward::Nearest)?;
    let mut all = Vec::new();
    for (at, run) in runs.iter().enumerate() {
        let scale = run.scales.first()?;
        let share = left.over(scale)?;
        let count = if at + 1 == runs.len() { share } else { share.floor() };
        left = left - &count * scale;
        all.push(edit(text, run, &count)?);
    }
    Some(all)
}

/// The number as a run of digits says it, in the unit of the run: rounded as what was written was, and a bound to its
/// true side.
fn said(text: &str, run: &Run, number: &Number, qualifier: Qualifier) -> Option<Number> {
    let digit = Number::power_of_ten(-i32::try_from(run.places).ok()?);
    let toward = match qualifier {
        Qualifier::Plain => return rounded(number, &digit, Toward::Nearest),
        Qualifier::Tool => return of_tool(run, number),
        Qualifier::About => Toward::Nearest,
        Qualifier::AtLeast | Qualifier::Over => Toward::Below,
        Qualifier::AtMost | Qualifier::Under => Toward::Above,
        Qualifier::Range => return None,
    };
    let old = digits(text.get(run.span.clone())?, 0)?.coarse.max(digit.clone());
    let kept = rounded(number, &old, toward)?;
    let strict = matches!(qualifier, Qualifier::Over | Qualifier::Under) && kept == *number;
    // Digits that were coarse for a large number say nothing of a small one.
    let coarse = if kept.is_zero() && !number.is_zero() { finest_of(number, &digit)? } else { old };
    let kept = rounded(number, &coarse, toward)?;
    Some(match qualifier {
        Qualifier::Over if strict || kept == *number => kept - coarse,
        Qualifier::Under if strict || kept == *number => kept + coarse,
        _ => kept,
    })
}

/// One unit of the first digit of a number that is not zero, and not finer than `digit`.
fn finest_of(number: &Number, digit: &Number) -> Option<Number> {
    let ten = Number::from(10);
    let size = number.abs();
    let mut unit = digit.clone();
    for _ in 0..400 {
        let next = &unit * &ten;
        if next > size {
            return Some(unit);
        }
        unit = next;
    }
    None
}

/// Docker cuts, after it rounded to hours.
fn of_tool(run: &Run, number: &Number) -> Option<Number> {
    let scale = run.scales.first()?;
    let hour = Number::from(3600);
    let half_hour = Number::from(1800).over(scale)?;
    Some(if *scale >= hour { (number + &half_hour).floor() } else { number.floor() })
}

/// A multiple of `unit`.
fn rounded(number: &Number, unit: &Number, toward: Toward) -> Option<Number> {
    let count = number.over(unit)?;
    let whole = match toward {
        Toward::Nearest => count.to_fixed(0).parse().ok()?,
        Toward::Below => count.floor(),
        Toward::Above => -(-count).floor(),
    };
    Some(&whole * unit)
}

/// The digits of a number, written as the run was; `None` when that needs a sign more or less, or finer digits.
fn edit(text: &str, run: &Run, number: &Number) -> Option<Edit> {
    let old = text.get(run.span.clone())?;
    let sign = old.chars().next().filter(|c| !c.is_ascii_digit());
    if sign.is_some() != number.is_negative() {
        return None;
    }
    let fixed = number.abs().to_fixed(run.places);
    let (whole, decimals) = fixed.split_once('.').unwrap_or((&fixed, ""));
    let mut new: String = sign.into_iter().collect();
    new.push_str(&grouped(&format!("{whole:0>width$}", width = run.width), run.separator));
    if !decimals.is_empty() {
        new.push(run.point);
        new.push_str(decimals);
    }
    let exact = fixed.parse::<Number>().is_ok_and(|written| written == number.abs());
    exact.then_some((run.span.clone(), new))
}

fn grouped(whole: &str, separator: Option<char>) -> String {
    let Some(separator) = separator else { return whole.to_owned() };
    let mut grouped = String::with_capacity(whole.len() * 2);
    for (at, digit) in whole.chars().enumerate() {
        if at > 0 && (whole.len() - at).is_multiple_of(3) {
            grouped.push(separator);
        }
        grouped.push(digit);
    }
    grouped
}

#[cfg(test)]
mod tests;

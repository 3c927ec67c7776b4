//! One written value beside one measured value.

use std::borrow::Cow;

use super::compare::MOST;
use super::figures::{Figure, Span, refuted};
use super::quoted::{MOST_QUOTED, Quoted, not_found};
use crate::model::fact::{Direction, Unit, Value};
use crate::model::format::{self, shortened};
use crate::model::instant::{Instant, Stamp};
use crate::model::judgement::ClaimStatus;
use crate::model::number::Number;
use crate::model::printed::{
    Printed, PrintedFraction, PrintedTime, Qualifier, is_bare, parse_fraction_text, with_unit,
};

/// What somebody wrote, and what they said of it.
#[derive(Clone, Copy)]
pub(super) struct Said<'a> {
    pub(super) quoted: Quoted<'a>,
    pub(super) as_of: Option<Stamp>,
    pub(super) tolerance: Option<&'a String>,
}

/// What comparing gave: the result, the sentence, and the claimed value where one could be read.
pub(super) struct Comparison {
    pub(super) status: ClaimStatus,
    pub(super) reason: String,
    pub(super) claimed: Option<Box<Value>>,
}

impl<'a> Said<'a> {
    pub(super) const fn written(&self) -> &'a str {
        self.quoted.written
    }

    /// The same with the unit that its header or label names.
    pub(super) fn meant(&self) -> Cow<'a, str> {
        self.quoted.meant()
    }

    /// Is it a number with a unit?
    pub(super) fn names_a_unit(&self) -> bool {
        names_a_unit(&self.meant())
    }

    /// The figure that was written, in the unit of what was measured.
    pub(super) fn figure(&self, actual: &Value) -> Result<Figure, String> {
        match self.quoted.unit {
            Some(unit) if is_bare(self.written()) => match with_unit(self.written(), unit) {
                Some(meant) => Figure::read(&meant, actual, self.tolerance),
                None => Err(format!(
                    "\"{}\" stands where the unit is said to be {}, and cannot be read so",
                    shortened(self.written(), MOST_QUOTED),
                    shortened(unit, MOST_QUOTED)
                )),
            },
            _ => Figure::read(self.written(), actual, self.tolerance),
        }
    }

    /// The figure of a claim about a sample: a share may be written as a fraction.
    pub(super) fn figure_or_share(&self, actual: &Value) -> Option<Figure> {
        let share = || {
            let fraction = parse_fraction_text(self.written())?;
            let percent = fraction.part.over(&fraction.whole)? * Number::from(100);
            Figure::read(&format!("{}%", percent.to_rounded(20)), actual, self.tolerance).ok()
        };
        let figure = || self.figure(actual).ok();
        if matches!(actual, Value::Count(_)) { figure() } else { share().or_else(figure) }
    }

    /// `150 ms` says nothing of a 150 of which nobody knows whether it is milliseconds.
    pub(super) fn without_a_unit_measured(&self, actual: &Value) -> Option<Comparison> {
        if !matches!(actual, Value::Number(_)) {
            return None;
        }
        let meant = self.meant();
        if !names_a_unit(&meant) {
            return None;
        }
        let (said, number) = (shortened(&meant, MOST_QUOTED), format::value(actual));
        Some(Comparison::unverified(format!(
            "\"{said}\" has a unit, and what was measured, {number}, has none: give `unit:` where the check is a `query`"
        )))
    }

    /// `338/338` claims two numbers: against one it does not say which.
    pub(super) fn without_a_part(&self, actual: &Value) -> Option<Comparison> {
        let fraction = match actual {
            Value::Count(_) | Value::Number(_) => parse_fraction_text(self.written())?,
            _ => return None,
        };
        let (part, whole) = (fraction.part_text, fraction.whole_text);
        let written = shortened(self.written(), MOST_QUOTED);
        let told = format!("say which part is meant, the numerator {part} or the denominator {whole}");
        Some(match self.quoted.place_name() {
            Some(place) => not_found(format!("{place} says \"{written}\": {told}")),
            None => Comparison::unverified(format!("\"{written}\" claims two numbers: {told}")),
        })
    }
}

/// Is a text a number with a unit?
pub(super) fn names_a_unit(text: &str) -> bool {
    Printed::parse(text).is_ok_and(|printed| printed.unit != Unit::One)
}

impl Comparison {
    pub(super) fn new(status: ClaimStatus, reason: impl Into<String>) -> Self {
        Self { status, reason: reason.into(), claimed: None }
    }

    /// With the value that was claimed.
    pub(super) fn claiming(self, value: Value) -> Self {
        Self { claimed: Some(Box::new(value)), ..self }
    }

    pub(super) fn unverified(reason: impl Into<String>) -> Self {
        Self::new(ClaimStatus::Unverified, reason)
    }
}

/// The one beside the other, as they are.
pub(super) fn plain(said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
    match actual {
        Value::Text(_) | Value::List(_) | Value::Flag(_) => as_text(said.written(), actual),
        Value::Instant(at) => as_time(said.written(), *at),
        Value::Table(_) => Comparison::unverified("a table cannot be compared with one value"),
        _ => match parse_fraction_text(said.written()) {
            Some(fraction) if matches!(actual, Value::Fraction { .. } | Value::Ratio(_)) => {
                as_fraction(said, &fraction, actual, direction)
            }
            _ => as_number(said, actual, direction),
        },
    }
}

fn as_number(said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
    let figure = match said.figure(actual) {
        Ok(figure) => figure,
        Err(reason) => return Comparison::unverified(reason),
    };
    let Some((number, _)) = actual.quantity() else {
        return Comparison::unverified("what was measured is not a number");
    };
    let span = Span::point(&number);
    let status = figure.against(&span, direction);
    let claimed = figure.in_place_of(actual, figure.nearest(&span).clone());
    let reason = figure_told(&figure, &shortened(&said.meant(), 60), status, actual, &span);
    Comparison::new(status, reason).claiming(claimed)
}

/// The sentence.
pub(super) fn figure_told(figure: &Figure, written: &str, status: ClaimStatus, actual: &Value, span: &Span) -> String {
    let measured = measured_beside(figure, actual, span);
    match status {
        ClaimStatus::Exact => format!("{written} was claimed, and {measured} measured"),
        ClaimStatus::Rounds if figure.printed.qualifier == Qualifier::Plain => {
            format!("{written} is what {measured} rounds to")
        }
        ClaimStatus::Rounds => format!("\"{written}\" is true of {measured}"),
        ClaimStatus::Stale => format!("\"{written}\" is true of {measured}, and says little"),
        ClaimStatus::WithinTolerance => {
            let tolerance = figure.tolerance.as_deref().unwrap_or_default();
            format!("{written} was claimed and {measured} measured, within {}", shortened(tolerance, 40))
        }
        ClaimStatus::Truncated => format!("{measured} is {written} only if digits are cut off or rounded up"),
        _ => {
            let distance = figure.distance(span);
            if distance.is_zero() {
                return format!("\"{written}\" was claimed and {measured} measured");
            }
            let more = *figure.nearest(span) > span.high;
            let distance = format::quantity(&distance, figure.unit);
            format!(
                "{written} was claimed and {measured} measured: {distance} too {}",
                if more { "much" } else { "little" }
            )
        }
    }
}

/// What was measured, with as many digits as tell it from what was claimed. A fraction names its counts.
fn measured_beside(figure: &Figure, actual: &Value, span: &Span) -> String {
    let whole = || format::value_long(actual, "UTC");
    if matches!(actual, Value::Fraction { .. }) || span.low != span.high {
        return whole();
    }
    let apart = format::quantities_apart(&span.low, figure.nearest(span), figure.unit);
    apart.map_or_else(whole, |(measured, _)| measured)
}

/// `1,026/1,044 (98.28%)` against a share: part, whole and percentage must all hold.
fn as_fraction(said: Said<'_>, fraction: &PrintedFraction, actual: &Value, direction: Direction) -> Comparison {
    let written = shortened(said.written(), 60);
    let measured = format::value_long(actual, "UTC");
    let (Some(share), Some((number, _))) = (fraction.part.over(&fraction.whole), actual.quantity()) else {
        return Comparison::unverified(format!("\"{written}\" is a share of nothing"));
    };
    let claiming = |status, reason: String| Comparison::new(status, reason).claiming(Value::Ratio(share.clone()));
    let percent = fraction.percent.as_ref();
    if let (Some(percent), Some(reason)) = (percent, own_percentage(fraction)) {
        return claiming(refuted(percent.value() > &share, direction), reason);
    }
    let counts_agree = match actual {
        Value::Fraction { part, whole } => *part == fraction.part && *whole == fraction.whole,
        _ => share == number,
    };
    if counts_agree {
        return claiming(ClaimStatus::Exact, format!("{written} was claimed, and {measured} measured"));
    }
    let status = if share == number { ClaimStatus::Refuted } else { refuted(share > number, direction) };
    claiming(status, format!("{written} was claimed and {measured} measured"))
}

/// Why a fraction does not agree with the percentage behind it; `None` when it does.
pub(super) fn own_percentage(fraction: &PrintedFraction) -> Option<String> {
    let (percent, share) = (fraction.percent.as_ref()?, fraction.part.over(&fraction.whole)?);
    let PrintedFraction { part_text, whole_text, .. } = fraction;
    (!agrees(percent, &share)).then(|| format!("\"{}\" is not what {part_text}/{whole_text} comes to", percent.text))
}

/// Does the percentage stand for the share? "100 %" stands for all and "0 %" for none.
fn agrees(percent: &Printed, share: &Number) -> bool {
    let said = percent.value();
    let all_or_none = percent.qualifier == Qualifier::Plain && (said.is_zero() || *said == Number::one());
    if all_or_none { said == share } else { percent.stands_for(share) }
}

fn as_time(written: &str, at: Instant) -> Comparison {
    let shown = shortened(written, 60);
    let time = match PrintedTime::parse(written) {
        Ok(time) => time,
        Err(problem) => return Comparison::unverified(shortened(&problem.to_string(), MOST)),
    };
    let Some((first, last)) = time.moments() else {
        return Comparison::unverified(format!("\"{shown}\" is not a time that can be compared"));
    };
    let measured = format::instant(at, "UTC");
    if (first, last) == (at, at) {
        return Comparison::new(ClaimStatus::Exact, format!("{shown} was claimed, and {measured} measured"));
    }
    if first <= at && at <= last {
        return Comparison::new(ClaimStatus::Rounds, format!("{measured} lies within {shown}"));
    }
    let reason = format!("{shown} was claimed and {measured} measured");
    let meant = time.stamp.map_or(first, |stamp| stamp.at);
    Comparison::new(ClaimStatus::Refuted, reason).claiming(Value::Instant(meant))
}

/// Texts, flags and lists are equal or not; the order of a list says nothing.
fn as_text(written: &str, actual: &Value) -> Comparison {
    let trimmed = written.trim();
    let (equal, claimed) = match actual {
        Value::Flag(flag) => match trimmed.to_ascii_lowercase().as_str() {
            "true" | "yes" | "on" => (*flag, Value::Flag(true)),
            "false" | "no" | "off" => (!*flag, Value::Flag(false)),
            _ => return Comparison::unverified(format!("\"{}\" is neither yes nor no", shortened(written, 60))),
        },
        Value::List(items) => {
            let inner = trimmed.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).unwrap_or(trimmed);
            let mut claimed: Vec<String> =
                inner.split(',').map(|item| item.trim().to_owned()).filter(|item| !item.is_empty()).collect();
            let mut measured = items.clone();
            measured.sort();
            claimed.sort();
            (measured == claimed, Value::List(claimed))
        }
        Value::Text(text) => (text.trim() == trimmed, Value::Text(trimmed.to_owned())),
        _ => return Comparison::unverified("what was measured is not a text"),
    };
    let status = if equal { ClaimStatus::Exact } else { ClaimStatus::Refuted };
    let joined = if equal { "was claimed, and" } else { "was claimed and" };
    let reason =
        format!("\"{}\" {joined} \"{}\" measured", shortened(written, 60), shortened(&format::value(actual), 80));
    Comparison::new(status, reason).claiming(claimed)
}

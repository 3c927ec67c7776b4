//! Lengths of time without unit words: `47:45:10`, `PT47H`, and what Docker prints (`Up 2 days`).

use super::digits::{Digits, Run, digits};
use super::interval::Interval;
use super::scan::{Amount, Scan, single};
use super::{Few, Printed, Qualifier, Reading};
use crate::model::fact::Unit;
use crate::model::number::Number;

/// The phrases of Docker that have no number: from when, and until when, in seconds.
const PHRASES: [(&str, i64, i64); 3] =
    [("Less than a second", 0, 1), ("About a minute", 60, 120), ("About an hour", 3600, 5400)];
/// The units of Docker, in seconds. The longer word first.
const UNITS: [(&str, i64); 8] = [
    ("seconds", 1),
    ("second", 1),
    ("minutes", 60),
    ("hours", 3600),
    ("days", 86_400),
    ("weeks", 604_800),
    ("months", 2_592_000),
    ("years", 31_536_000),
];
/// Where Docker goes on to the next unit, in seconds: it says 8 weeks of 59 days and 2 months of 60.
const LAST: [(&str, i64); 2] = [("weeks", 60 * 86_400), ("months", 730 * 86_400)];

impl Scan<'_> {
    /// `47:45:10`: hours, minutes and seconds. Two parts only may be either, and are refused by `digits`.
    pub(super) fn clock_length(&mut self) -> Option<Printed> {
        let mut ahead = self.clone();
        let mut amount: Option<Amount> = None;
        for (scale, sign) in [(3600, ":"), (60, ":"), (1, "")] {
            let end = ahead.rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(ahead.rest.len());
            let good = if scale == 3600 { (1..=6).contains(&end) } else { end == 2 && ahead.rest < "6" };
            // Before any arithmetic: nearly every number is none of these.
            if !sign.is_empty() && !ahead.rest[end..].starts_with(sign) {
                return None;
            }
            let window = if scale == 1 { ahead.rest } else { &ahead.rest[..end] };
            let mut part = digits(window, ahead.at()).filter(|_| good)?;
            part.run.width = if scale == 3600 { part.run.width } else { 2 };
            ahead.skip(part.run.span.len());
            add(&mut amount, part, scale);
            if !ahead.eat(sign) {
                return None;
            }
        }
        *self = ahead;
        amount.map(|amount| single(amount, Qualifier::Plain, None))
    }

    /// `PT47H`, `P1DT2H30M` of ISO 8601; years and months have no fixed length.
    pub(super) fn iso_length(&mut self) -> Option<Printed> {
        let mut ahead = self.clone();
        let mut amount: Option<Amount> = None;
        if !ahead.rest.starts_with('P') {
            return None;
        }
        ahead.skip(1);
        for (letter, scale) in [("W", 604_800), ("D", 86_400), ("T", 0), ("H", 3600), ("M", 60), ("S", 1)] {
            if scale == 0 {
                if !ahead.rest.starts_with('T') {
                    break;
                }
                ahead.skip(1);
                continue;
            }
            let part = digits(ahead.rest, ahead.at()).filter(|part| !part.value.is_negative());
            let Some(part) = part.filter(|part| ahead.rest[part.run.span.len()..].starts_with(letter)) else {
                continue;
            };
            ahead.skip(part.run.span.len() + 1);
            add(&mut amount, part, scale);
        }
        let ends = !ahead.rest.starts_with(char::is_alphanumeric);
        let amount = amount.filter(|_| ends)?;
        *self = ahead;
        Some(single(amount, Qualifier::Plain, None))
    }

    /// What Docker's `Up ...` stands for. Its words come from `HumanDuration` of docker/go-units: seconds and minutes
    /// are cut, hours are rounded to the nearest, days, weeks and months are cut from those rounded hours, and years from
    /// hours that are cut. Podman 4 adds "ago".
    pub(super) fn tool_length(&mut self) -> Option<Printed> {
        let mut ahead = self.clone();
        if !ahead.rest.starts_with("Up ") {
            return None;
        }
        ahead.skip(3);
        let span = |low: i64, high: i64| Interval::half_open(Number::from(low), Number::from(high));
        let (interval, run) = if let Some((phrase, low, high)) =
            PHRASES.iter().find(|phrase| ahead.rest.starts_with(phrase.0))
        {
            ahead.skip(phrase.len());
            (span(*low, *high), None)
        } else {
            let mut part = digits(ahead.rest, ahead.at())?;
            let count = part.value.to_i64().filter(|count| part.run.places == 0 && (0..=100_000).contains(count))?;
            ahead.skip(part.run.span.len() + 1);
            let (word, scale) = UNITS.iter().find(|unit| ahead.rest.starts_with(unit.0))?;
            ahead.skip(word.len());
            part.run.scales = Few::from_buf([Number::from(*scale)]);
            // From hour `low` to hour `high` of the rounded hours: half an hour earlier on the clock.
            let earlier = if *scale >= 3600 && *word != "years" { 1800 } else { 0 };
            let last = LAST.iter().find(|last| last.0 == *word).map_or(i64::MAX, |last| last.1);
            let (low, high) = match (*word, count) {
                // From 730 days by rounded hours until 730 days by cut ones: half an hour in which it says so.
                ("years", 1) => (2 * scale - 1800, 2 * scale),
                _ => (count * scale - earlier, ((count + 1) * scale).min(last) - earlier),
            };
            if low >= high {
                return None;
            }
            (span(low, high), Some(part.run))
        };
        if ahead.rest.starts_with(" ago") {
            ahead.skip(4);
        }
        if ahead.rest.starts_with(char::is_alphanumeric) {
            return None;
        }
        *self = ahead;
        Some(of_tool(interval, run))
    }
}

fn of_tool(interval: Interval, run: Option<Run>) -> Printed {
    let value = interval.low.clone().unwrap_or_else(Number::zero);
    let digit = interval.width().unwrap_or_else(Number::one);
    Printed {
        text: String::new(),
        span: 0..0,
        unit: Unit::Seconds,
        exact: false,
        qualifier: Qualifier::Tool,
        readings: Few::from_buf([Reading { value, digit, interval }]),
        runs: run.into_iter().collect(),
        out_of: None,
        shortened: false,
    }
}

fn add(amount: &mut Option<Amount>, part: Digits, scale: u32) {
    let scale = Number::from(scale);
    match amount {
        Some(amount) => amount.add_time(part, &scale),
        None => *amount = Some(Amount::of_time(part, &scale)),
    }
}

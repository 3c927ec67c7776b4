//! Numbers as people print them ("98.28 %", "47h", "15.2 GB", "~80", "1,026/1,044 (98.28%)"), each read as the interval
//! its digits stand for. The later proofreader stands on this same code.
//!
//! It must not guess: what has no single reading (a decimal comma, a date, a version) is refused.

mod digits;
mod fraction;
mod interval;
mod label;
mod lengths;
mod negation;
mod rewrite;
mod scan;
mod time;
mod units;

#[cfg(test)]
mod tests;

use std::ops::Range;

pub use digits::{Run, odd_comma};
pub use fraction::{PrintedFraction, parse_fraction_text};
pub use interval::Interval;
use interval::Reach;
pub use label::{is_bare, named_unit, rewritten_with_unit, with_unit};
pub use negation::negation;
pub use rewrite::{rewritten, rewritten_fraction};
use scan::{Alone, Scan};
pub use time::{NotATime, PrintedTime};

use smallvec::SmallVec;

use super::fact::Unit;
use super::number::{Number, whole};

/// Why a text is not what it should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a length of time: write 90s, 47h, 1h30m or 14d")]
pub struct NotADuration(pub String);

/// Why a text is not a printed number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a number as people print it: {instead}", instead = instead(.0))]
pub struct NotPrinted(pub String);

/// What to write in place of a text that is no printed number.
fn instead(text: &str) -> String {
    match odd_comma(text) {
        Some(odd) => {
            let odd = &text[odd];
            format!("the comma of {odd} parts no thousands; write decimals as {}", odd.replace(',', "."))
        }
        None => "write 13, 98.28%, 47h, 15.2 GB or ~80".to_owned(),
    }
}

/// What stands around a number and changes what it says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Qualifier {
    /// Nothing: the digits speak for themselves.
    Plain,
    /// `~80`, `about 80`.
    About,
    /// `80+`, `at least 80`.
    AtLeast,
    /// `over 80`, `> 80`.
    Over,
    /// `up to 80`.
    AtMost,
    /// `under 80`, `< 80`.
    Under,
    /// `4-6`.
    Range,
    /// A string that a known tool prints by a known rule (`Up 2 days`).
    Tool,
}

impl Qualifier {
    /// Is it open to one side, so that it may be true and no longer informative?
    pub const fn is_bound(self) -> bool {
        matches!(self, Self::AtLeast | Self::Over | Self::AtMost | Self::Under)
    }
}

/// Nearly always one.
pub type Few<T> = SmallVec<[T; 1]>;

/// One admissible reading of a printed number, in the base unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reading {
    /// The number as the digits have it.
    pub value: Number,
    /// One unit of its last digit.
    pub digit: Number,
    /// Which numbers the digits stand for.
    pub interval: Interval,
}

/// A number as printed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Printed {
    /// As written, without white space around it.
    pub text: String,
    /// Where `text` stands in what was parsed, in bytes.
    pub span: Range<usize>,
    /// The unit of every reading.
    pub unit: Unit,
    /// Is it a whole number of things, which nobody may round?
    pub exact: bool,
    /// What stands around it.
    pub qualifier: Qualifier,
    /// What it may mean: one reading, or two for bytes (1000 and 1024 to the kilobyte). Never empty.
    pub readings: Few<Reading>,
    /// Its digits, from left to right: one run, two for a range and for a score, several for `1h30m`, none for what a
    /// tool prints.
    pub runs: Few<Run>,
    /// `10` in `9.8/10`.
    pub out_of: Option<Number>,
    /// Was it shortened with k, M, G or T, which may be meant as bytes?
    pub shortened: bool,
}

impl Printed {
    /// Reads one printed number; nothing else may stand in the text but a noun behind it (`13 rules`).
    pub fn parse(text: &str) -> Result<Self, NotPrinted> {
        let wrong = || NotPrinted(text.to_owned());
        if text.len() > scan::MAX_TEXT {
            return Err(NotPrinted(text.chars().take(40).collect()));
        }
        let trimmed = text.trim();
        let start = text.len() - text.trim_start().len();
        let mut scan = Scan::new(trimmed);
        let mut printed = scan.number(Alone::Yes).ok_or_else(wrong)?;
        // Docker says in brackets how a container is.
        let told = printed.qualifier == Qualifier::Tool && scan.rest.starts_with(" (");
        if !told && !scan.noun() {
            return Err(wrong());
        }
        printed.shift(start);
        printed.place(trimmed.to_owned(), start);
        Ok(printed)
    }

    /// The number at the very start of `text`, with its unit and qualifier, whatever stands behind it; nouns stay there.
    pub fn prefix(text: &str) -> Option<Self> {
        let mut scan = Scan::new(text);
        let mut printed = scan.number(Alone::No)?;
        printed.place(scan.read(&(0..scan.at())), 0);
        Some(printed)
    }

    /// The number that is the whole text, when that is nothing but digits with a point among them or a percent sign behind
    /// them: the short way to what [`Self::prefix`] reads there. `None` for anything else, which may be a number too.
    #[inline]
    pub fn bare(text: &str) -> Option<Self> {
        let written = text.strip_suffix('%').unwrap_or(text);
        let percent = written.len() < text.len();
        let bare = digits::bare(written)?;
        let places = bare.places + if percent { 2 } else { 0 };
        let value = Number::decimal(bare.digits, places);
        let exact = places == 0;
        let interval = if exact {
            Interval::closed(value.clone(), value.clone())
        } else {
            let half = |off: i64| Number::decimal(bare.digits * 10 + off, places + 1);
            Interval::closed(half(-5), half(5))
        };
        let run = Run {
            span: 0..written.len(),
            places: bare.places,
            separator: None,
            point: '.',
            width: if text.starts_with('0') { bare.whole } else { 1 },
            scales: Few::from_buf([if percent { Number::decimal(1, 2) } else { Number::one() }]),
        };
        Some(Self {
            text: text.to_owned(),
            span: 0..text.len(),
            unit: if percent { Unit::Ratio } else { Unit::One },
            exact,
            qualifier: Qualifier::Plain,
            readings: Few::from_buf([Reading { value, digit: Number::decimal(1, places), interval }]),
            runs: Few::from_buf([run]),
            out_of: None,
            shortened: false,
        })
    }

    /// The same number, in a text of which `by` more bytes stand before it.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        if by > 0 {
            self.shift(by);
        }
        self
    }

    fn place(&mut self, text: String, start: usize) {
        self.span = start..start + text.len();
        self.text = text;
    }

    fn shift(&mut self, by: usize) {
        self.span = self.span.start + by..self.span.end + by;
        for run in &mut self.runs {
            run.span = run.span.start + by..run.span.end + by;
        }
    }

    /// The number in its first reading.
    pub fn value(&self) -> &Number {
        // Never empty: every constructor makes one reading at least.
        &self.readings[0].value
    }

    /// Does some reading stand for this number?
    pub fn stands_for(&self, number: &Number) -> bool {
        self.readings.iter().any(|reading| reading.interval.contains(number))
    }

    /// Does only a one-sided reading (digits cut off, or rounded up) stand for a number between these? For a bound: is
    /// it missed by less than half a unit of its last digit?
    pub fn nearly_stands_for(&self, low: &Number, high: &Number) -> bool {
        let bound = self.qualifier.is_bound();
        !self.exact
            && (bound || self.qualifier == Qualifier::Plain)
            && self.readings.iter().any(|reading| {
                let reach = if bound { Reach::HalfMore } else { Reach::OneSided };
                reading.interval.reaching(reading, reach).meets(low, high)
            })
    }

    /// Reads a plain quantity as conditions have it: one number, one reading, no qualifier. Bytes follow their prefix.
    pub fn quantity(text: &str) -> Option<(Number, Unit)> {
        if let Some(number) = whole(text) {
            return Some((Number::from(number), Unit::One));
        }
        let printed = Self::parse(text).ok()?;
        let plain = printed.qualifier == Qualifier::Plain && printed.out_of.is_none();
        let only = Scan::new(text.trim()).has_no_noun();
        (plain && only).then(|| (printed.value().clone(), printed.unit))
    }
}

/// Reads a length of time (`47h`, `1h30m`, `14d`, `PT47H`) as seconds. Months and years have no fixed length: refused.
pub fn parse_duration(text: &str) -> Result<Number, NotADuration> {
    let wrong = || NotADuration(text.to_owned());
    if let Some((seconds, Unit::Seconds)) = Printed::quantity(text) {
        return Ok(seconds);
    }
    let span: jiff::Span = text.parse().map_err(|_| wrong())?;
    let length = span.to_duration(jiff::SpanRelativeTo::days_are_24_hours()).map_err(|_| wrong())?;
    let nanoseconds = Number::ratio(length.subsec_nanos(), 1_000_000_000).ok_or_else(wrong)?;
    Ok(Number::from(length.as_secs()) + nanoseconds)
}

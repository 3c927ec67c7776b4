//! A part of a whole as people print it: `1,026/1,044 (98.28%)`, `98.28% (1,026/1,044 tests)`.

use std::ops::Range;

use super::digits::{Digits, Run, SEPARATORS};
use super::scan::{Alone, MAX_TEXT, Scan};
use super::{Printed, Qualifier};
use crate::model::fact::Unit;
use crate::model::number::Number;

/// Words that may stand between a percentage and its fraction without making it a percentage of something else.
const RATE_WORDS: [&str; 14] = [
    "pass",
    "passing",
    "passed",
    "success",
    "successful",
    "coverage",
    "covered",
    "complete",
    "completed",
    "completion",
    "overall",
    "rate",
    "done",
    "total",
];

/// A percentage ends within so many bytes.
const MAX_PERCENTAGE: usize = 120;

/// A part of a whole as printed: `1,026/1,044 (98.28%)`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PrintedFraction {
    /// Where it stands in what was parsed, in bytes.
    pub span: Range<usize>,
    /// How many.
    pub part: Number,
    /// `1,026`, as written.
    pub part_text: String,
    /// The digits of the part.
    pub part_run: Run,
    /// Of how many.
    pub whole: Number,
    /// `1,044`, as written.
    pub whole_text: String,
    /// The digits of the whole.
    pub whole_run: Run,
    /// `98.28%`, as written: a claim of its own.
    pub percent: Option<Printed>,
}

/// Reads `338/338`, `5/5 (100%)`, `1,026 of 1,044 tests (98.28 %)`, `98.28% (1,026/1,044 tests)`; `None` when the text
/// is anything else.
pub fn parse_fraction_text(text: &str) -> Option<PrintedFraction> {
    if text.len() > MAX_TEXT {
        return None;
    }
    let start = text.len() - text.trim_start().len();
    let trimmed = text.trim();
    let mut scan = Scan::new(trimmed);
    let mut fraction = scan.fraction()?;
    if !scan.noun() {
        return None;
    }
    fraction.shift(start);
    fraction.span = start..start + trimmed.len();
    Some(fraction)
}

impl PrintedFraction {
    /// The fraction at the very start of `text`, with its percentage if one stands with it, whatever stands behind.
    pub fn prefix(text: &str) -> Option<Self> {
        Scan::new(text).fraction()
    }

    /// The same fraction, in a text of which `by` more bytes stand before it.
    #[must_use]
    pub fn moved(mut self, by: usize) -> Self {
        self.shift(by);
        self
    }

    fn shift(&mut self, by: usize) {
        for span in [&mut self.span, &mut self.part_run.span, &mut self.whole_run.span] {
            *span = span.start + by..span.end + by;
        }
        if let Some(percent) = &mut self.percent {
            percent.shift(by);
        }
    }
}

impl Scan<'_> {
    /// `a/b`, `a of b`, then perhaps a noun and the percentage; or the percentage first.
    fn fraction(&mut self) -> Option<PrintedFraction> {
        let mut ahead = self.clone();
        if let Some((part, whole)) = ahead.part_of_whole() {
            let mut behind = ahead.clone();
            behind.words();
            let percent = behind.percent_behind();
            *self = if percent.is_some() { behind } else { ahead };
            return Some(self.made(part, whole, percent));
        }
        // Before any arithmetic: nearly every percentage stands alone.
        if !self.rest[..self.rest.floor_char_boundary(MAX_PERCENTAGE)].contains(['(', '=']) {
            return None;
        }
        let percent = self.percentage()?;
        self.spaces();
        let bracket = self.bracket_behind_rate()?;
        let (part, whole) = self.part_of_whole()?;
        if bracket {
            let mut behind = self.clone();
            behind.words();
            if behind.eat(")") {
                *self = behind;
            }
        }
        Some(self.made(part, whole, Some(percent)))
    }

    fn made(&self, part: Digits, whole: Digits, percent: Option<Printed>) -> PrintedFraction {
        PrintedFraction {
            span: 0..self.at(),
            part: part.value,
            part_text: self.read(&part.run.span),
            part_run: part.run,
            whole: whole.value,
            whole_text: self.read(&whole.run.span),
            whole_run: whole.run,
            percent,
        }
    }

    fn part_of_whole(&mut self) -> Option<(Digits, Digits)> {
        // Before any arithmetic: nearly every number has no `/` and no "of" behind it.
        let behind = self.rest.trim_start_matches(|c: char| c.is_ascii_digit() || SEPARATORS.contains(&c));
        if !behind.starts_with(['/', 'o', 'O']) {
            return None;
        }
        let part = self.whole_number()?;
        self.spaces();
        if !(self.eat("/") || self.eat("out of ") || self.eat("of ")) {
            return None;
        }
        self.spaces();
        let whole = self.whole_number()?;
        Some((part, whole))
    }

    /// `98.28%`, not a range and not a bound.
    fn percentage(&mut self) -> Option<Printed> {
        let near = &self.rest[..self.rest.floor_char_boundary(MAX_PERCENTAGE)];
        let word = |three: &[u8]| three.eq_ignore_ascii_case(b"per") || three.eq_ignore_ascii_case(b"pct");
        if !near.contains('%') && !near.as_bytes().windows(3).any(word) {
            return None;
        }
        let start = self.at();
        let mut printed = self.number(Alone::No)?;
        printed.place(self.read(&(start..self.at())), start);
        let plain = matches!(printed.qualifier, Qualifier::Plain | Qualifier::About);
        (printed.unit == Unit::Ratio && plain).then_some(printed)
    }

    /// `(` or `=` behind a percentage, with rate words before it at most: is it a bracket?
    fn bracket_behind_rate(&mut self) -> Option<bool> {
        loop {
            self.spaces();
            if self.eat("(") {
                return Some(true);
            }
            if self.eat("=") {
                self.spaces();
                return Some(false);
            }
            let end = self.rest.find(|c: char| !c.is_alphabetic()).unwrap_or(self.rest.len());
            let word = self.rest[..end].to_ascii_lowercase();
            if !RATE_WORDS.contains(&word.as_str()) {
                return None;
            }
            self.rest = &self.rest[end..];
        }
    }

    /// The percentage in `(98.28%)`, `(98.28% pass rate)` or `= 98.28%`.
    fn percent_behind(&mut self) -> Option<Printed> {
        let bracket = self.eat("(");
        if !bracket && !self.eat("=") {
            return None;
        }
        self.spaces();
        let percent = self.percentage()?;
        let mut behind = self.clone();
        if bracket {
            behind.words();
            if behind.eat(")") {
                *self = behind;
            } else if !self.rest.starts_with([',', ';']) {
                return None;
            }
        }
        Some(percent)
    }
}

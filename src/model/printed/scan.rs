//! Reads a printed number from left to right. Positions are bytes; every step stops at a character boundary.

use std::ops::Range;

use super::digits::{Digits, Run, digits};
use super::interval::half;
use super::{Few, Interval, Printed, Qualifier, Reading, units};
use crate::model::fact::Unit;
use crate::model::number::Number;

/// Longer texts are no printed numbers.
pub(super) const MAX_TEXT: usize = 300;

/// Words and signs before a number. Longer ones first, so that `<=` is not read as `<`.
const BEFORE: &[(&str, Qualifier)] = &[
    ("approximately ", Qualifier::About),
    ("approx. ", Qualifier::About),
    ("approx ", Qualifier::About),
    ("roughly ", Qualifier::About),
    ("around ", Qualifier::About),
    ("almost ", Qualifier::About),
    ("nearly ", Qualifier::About),
    ("about ", Qualifier::About),
    ("circa ", Qualifier::About),
    ("ca. ", Qualifier::About),
    ("~", Qualifier::About),
    ("≈", Qualifier::About),
    ("a minimum of ", Qualifier::AtLeast),
    ("no fewer than ", Qualifier::AtLeast),
    ("no less than ", Qualifier::AtLeast),
    ("not less than ", Qualifier::AtLeast),
    ("at least ", Qualifier::AtLeast),
    (">=", Qualifier::AtLeast),
    ("≥", Qualifier::AtLeast),
    ("more than ", Qualifier::Over),
    ("exceeding ", Qualifier::Over),
    ("exceeds ", Qualifier::Over),
    ("over ", Qualifier::Over),
    ("above ", Qualifier::Over),
    (">", Qualifier::Over),
    ("a maximum of ", Qualifier::AtMost),
    ("no more than ", Qualifier::AtMost),
    ("not more than ", Qualifier::AtMost),
    ("as many as ", Qualifier::AtMost),
    ("at most ", Qualifier::AtMost),
    ("up to ", Qualifier::AtMost),
    ("<=", Qualifier::AtMost),
    ("≤", Qualifier::AtMost),
    ("fewer than ", Qualifier::Under),
    ("less than ", Qualifier::Under),
    ("under ", Qualifier::Under),
    ("below ", Qualifier::Under),
    ("<", Qualifier::Under),
];

/// Words behind a number.
const BEHIND: &[(&str, Qualifier)] =
    &[(" or more", Qualifier::AtLeast), (" or less", Qualifier::AtMost), (" or fewer", Qualifier::AtMost)];

/// How a text is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Alone {
    /// The number is all there is.
    Yes,
    /// A sentence goes on behind it: a dash between spaces is a dash.
    No,
}

/// A number with its unit, in every scale its unit word allows.
#[derive(Clone)]
pub(super) struct Amount {
    unit: Option<Unit>,
    readings: Few<(Number, Number, Number)>,
    runs: Few<Run>,
    exact: bool,
    shortened: bool,
}

#[derive(Clone)]
pub(super) struct Scan<'a> {
    text: &'a str,
    pub(super) rest: &'a str,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { text, rest: text }
    }

    /// How many bytes were read.
    pub(super) fn at(&self) -> usize {
        self.text.len() - self.rest.len()
    }

    /// What stands there, as written.
    pub(super) fn read(&self, span: &Range<usize>) -> String {
        self.text[span.clone()].to_owned()
    }

    pub(super) fn eat(&mut self, word: &str) -> bool {
        match self.rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word)) {
            Some(_) => {
                self.rest = &self.rest[word.len()..];
                true
            }
            None => false,
        }
    }

    /// Passes over that many bytes, or none when no character begins there.
    pub(super) fn skip(&mut self, bytes: usize) {
        self.rest = self.rest.get(bytes..).unwrap_or(self.rest);
    }

    pub(super) fn spaces(&mut self) {
        self.rest = self.rest.trim_start_matches([' ', '\u{a0}', '\u{2009}', '\u{202f}']);
    }

    fn word(&self) -> &'a str {
        let end = self.rest.find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(self.rest.len());
        // `%` ends a word: `98%pass` is no unit.
        match self.rest[..end].find('%') {
            Some(0) => &self.rest[..1],
            Some(at) => &self.rest[..at],
            None => &self.rest[..end],
        }
    }

    /// A printed number with its unit and qualifier; what stands behind it is left.
    pub(super) fn number(&mut self, alone: Alone) -> Option<Printed> {
        let before = self.qualifier();
        if before == Qualifier::Plain {
            if let Some(printed) = self.tool_length().or_else(|| self.clock_length()).or_else(|| self.iso_length()) {
                return Some(printed);
            }
            if self.eat("between ") {
                let first = self.amount()?;
                return if self.eat(" and ") { range(first, self.amount()?) } else { None };
            }
        }
        let mut first = self.amount()?;
        if before == Qualifier::Plain {
            let mut ahead = self.clone();
            if ahead.range_sign(alone)
                && let Some(second) = ahead.amount()
                && let Some(printed) = range(first.clone(), second)
            {
                *self = ahead;
                return Some(printed);
            }
        }
        let out_of = self.out_of();
        let mut qualifier = if self.eat("+") && before == Qualifier::Plain { Qualifier::AtLeast } else { before };
        if first.unit.is_none() {
            self.unit_after_plus(&mut first);
        }
        if qualifier == Qualifier::Plain {
            qualifier = self.qualifier_behind();
        }
        Some(single(first, qualifier, out_of))
    }

    /// Is the text an amount and nothing else?
    pub(super) fn has_no_noun(mut self) -> bool {
        self.amount().is_some() && self.rest.is_empty()
    }

    /// Digits without decimals and sign.
    pub(super) fn whole_number(&mut self) -> Option<Digits> {
        self.digits().filter(|digits| digits.run.places == 0 && !digits.value.is_negative())
    }

    /// `/10` behind a score.
    fn out_of(&mut self) -> Option<Digits> {
        let before = self.rest;
        let digits = if self.eat("/") { self.digits() } else { None };
        if digits.is_none() {
            self.rest = before;
        }
        digits
    }

    fn qualifier(&mut self) -> Qualifier {
        let Some(first) = self.rest.bytes().next().filter(|first| !first.is_ascii_digit()) else {
            return Qualifier::Plain;
        };
        let begin = |word: &str| word.bytes().next().is_some_and(|own| own.eq_ignore_ascii_case(&first));
        for (word, qualifier) in BEFORE {
            if begin(word) && self.eat(word) {
                self.spaces();
                return *qualifier;
            }
        }
        Qualifier::Plain
    }

    fn qualifier_behind(&mut self) -> Qualifier {
        for (word, qualifier) in BEHIND {
            let before = self.rest;
            if self.eat(word) && !self.rest.starts_with(char::is_alphanumeric) {
                return *qualifier;
            }
            self.rest = before;
        }
        Qualifier::Plain
    }

    /// `2+ days`: the unit behind the plus.
    fn unit_after_plus(&mut self, amount: &mut Amount) {
        let before = self.rest;
        self.spaces();
        let word = self.word();
        match units::unit_word(word) {
            Some(unit) if !word.is_empty() => {
                self.rest = &self.rest[word.len()..];
                amount.scale(&unit);
            }
            _ => self.rest = before,
        }
    }

    /// `-`, `–` or `to` between two numbers.
    fn range_sign(&mut self, alone: Alone) -> bool {
        let before = self.rest;
        self.spaces();
        let spaced = self.rest.len() < before.len();
        let dash = (alone == Alone::Yes || !spaced) && (self.eat("-") || self.eat("–"));
        let found = dash || (spaced && self.eat("to "));
        if found && (!dash || alone == Alone::Yes) {
            self.spaces();
        }
        if !found || !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.rest = before;
            return false;
        }
        true
    }

    /// Words behind the number: nothing, or letters and spaces only.
    pub(super) fn noun(mut self) -> bool {
        self.words();
        self.rest.is_empty()
    }

    pub(super) fn words(&mut self) {
        let letters = |text: &'a str| text.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ' || c == '\u{a0}');
        self.rest = letters(self.rest);
        // `spot-checks`, `operator's`: between letters these are part of a word.
        while self.text[..self.at()].ends_with(char::is_alphabetic)
            && let Some(behind) =
                self.rest.strip_prefix(['-', '\'', '’']).filter(|rest| rest.starts_with(char::is_alphabetic))
        {
            self.rest = letters(behind);
        }
    }

    /// Digits and their unit; lengths of time may have several parts (`1h30m`).
    fn amount(&mut self) -> Option<Amount> {
        let first = self.digits()?;
        let mut amount = Amount::plain(first);
        if self.suffix(&mut amount) || self.large(&mut amount) {
            return Some(amount);
        }
        let before = self.rest;
        self.spaces();
        // `a 24-hour soak`
        let hyphen = before.len() == self.rest.len() && self.eat("-");
        let word = self.word();
        let Some(unit) = units::unit_word(word).filter(|_| !hyphen || word.len() > 2) else {
            self.rest = before;
            return Some(amount);
        };
        self.rest = &self.rest[word.len()..];
        amount.scale(&unit);
        if unit.unit == Unit::Seconds && !hyphen {
            self.more_time(&mut amount);
        }
        Some(amount)
    }

    fn suffix(&mut self, amount: &mut Amount) -> bool {
        let mut letters = self.rest.chars();
        let Some(scale) = letters.next().and_then(units::suffix) else { return false };
        if letters.next().is_some_and(char::is_alphanumeric) {
            return false;
        }
        self.rest = &self.rest[1..];
        amount.multiply(&[scale]);
        amount.exact = false;
        amount.shortened = true;
        true
    }

    /// `1.2 million`.
    fn large(&mut self, amount: &mut Amount) -> bool {
        let before = self.rest;
        self.spaces();
        let word = self.word();
        let Some(scale) = units::large(word) else {
            self.rest = before;
            return false;
        };
        self.skip(word.len());
        amount.multiply(&[scale]);
        amount.exact = false;
        true
    }

    /// The further parts of `2 days 5 h` and `2 days, 5 h`: each unit smaller than the one before.
    fn more_time(&mut self, amount: &mut Amount) {
        let mut smallest = amount.readings[0].1.clone();
        loop {
            let before = self.rest;
            self.eat(",");
            self.spaces();
            self.eat("and ");
            let Some(digits) = self.digits().filter(|digits| !digits.value.is_negative()) else {
                self.rest = before;
                return;
            };
            self.spaces();
            let word = self.word();
            let unit = units::unit_word(word).filter(|unit| unit.unit == Unit::Seconds && unit.scales[0] < smallest);
            let Some(unit) = unit else {
                self.rest = before;
                return;
            };
            self.rest = &self.rest[word.len()..];
            smallest = &digits.digit * &unit.scales[0];
            amount.add_time(digits, &unit.scales[0]);
        }
    }

    /// Sign, digits in groups or not, decimals.
    fn digits(&mut self) -> Option<Digits> {
        let digits = digits(self.rest, self.at())?;
        self.rest = &self.text[digits.run.span.end..];
        Some(digits)
    }
}

impl Amount {
    /// So many of nothing in particular.
    fn plain(digits: Digits) -> Self {
        Self {
            unit: None,
            exact: digits.run.places == 0,
            readings: Few::from_buf([(digits.value, digits.digit, digits.coarse)]),
            runs: Few::from_buf([digits.run]),
            shortened: false,
        }
    }

    /// So many of a unit of that many seconds.
    pub(super) fn of_time(digits: Digits, scale: &Number) -> Self {
        let mut amount = Self {
            unit: Some(Unit::Seconds),
            readings: Few::from_buf([(digits.value, digits.digit, digits.coarse)]),
            runs: Few::from_buf([digits.run]),
            exact: false,
            shortened: false,
        };
        amount.multiply(std::slice::from_ref(scale));
        amount
    }

    fn multiply(&mut self, scales: &[Number]) {
        let plain = std::mem::take(&mut self.readings);
        for scale in scales {
            self.readings
                .extend(plain.iter().map(|(value, digit, coarse)| (value * scale, digit * scale, coarse * scale)));
        }
        for run in &mut self.runs {
            run.scales = scales.into();
        }
    }

    fn scale(&mut self, unit: &units::UnitWord) {
        self.multiply(&unit.scales);
        // Bytes written out are counted; hours and percentages are rounded.
        self.exact &= unit.unit == Unit::Bytes && unit.scales[..] == [Number::one()];
        self.unit = Some(unit.unit);
    }

    pub(super) fn add_time(&mut self, mut digits: Digits, scale: &Number) {
        let smallest = &digits.digit * scale;
        digits.run.scales = Few::from_buf([scale.clone()]);
        let reading = &mut self.readings[0];
        reading.0 = &reading.0 + &(&digits.value * scale);
        reading.1 = smallest.clone();
        reading.2 = smallest;
        self.runs.push(digits.run);
    }
}

pub(super) fn single(mut amount: Amount, qualifier: Qualifier, out_of: Option<Digits>) -> Printed {
    let exact = amount.exact;
    let reading = |(value, digit, coarse): (Number, Number, Number)| Reading {
        interval: Interval::of(&value, &digit, exact, qualifier, &coarse),
        value,
        digit,
    };
    let out_of = out_of.map(|digits| {
        amount.runs.push(digits.run);
        digits.value
    });
    Printed {
        text: String::new(),
        span: 0..0,
        unit: amount.unit.unwrap_or(Unit::One),
        exact,
        qualifier,
        readings: amount.readings.into_iter().map(reading).collect(),
        runs: amount.runs,
        out_of,
        shortened: amount.shortened,
    }
}

/// `4-6 h`: the unit of the second holds for both; `None` when it ends before it begins or the units differ.
fn range(mut first: Amount, second: Amount) -> Option<Printed> {
    if first.runs.len() != 1 || second.runs.len() != 1 {
        return None;
    }
    if first.unit.is_none() && !first.shortened {
        first.multiply(&second.runs[0].scales);
        first.unit = second.unit;
    }
    if first.unit != second.unit || first.readings.len() != second.readings.len() {
        return None;
    }
    let exact = first.exact && second.exact;
    let runs = first.runs.into_iter().chain(second.runs).collect();
    let ends = first.readings.into_iter().zip(second.readings);
    let readings = ends.map(|((low, low_digit, _), (high, high_digit, _))| {
        let slack = |digit: &Number| if exact { Number::zero() } else { half(digit) };
        let interval = Interval::closed(&low - &slack(&low_digit), &high + &slack(&high_digit));
        (low <= high).then_some(Reading { value: low, digit: high_digit, interval })
    });
    Some(Printed {
        text: String::new(),
        span: 0..0,
        unit: first.unit.unwrap_or(Unit::One),
        exact,
        qualifier: Qualifier::Range,
        readings: readings.collect::<Option<Few<_>>>()?,
        runs,
        out_of: None,
        shortened: first.shortened || second.shortened,
    })
}

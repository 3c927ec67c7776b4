//! Reads a printed number from left to right. Positions are bytes; every step stops at a character boundary.

use super::interval::half;
use super::{Interval, Printed, PrintedFraction, Qualifier, Reading, units};
use crate::model::fact::Unit;
use crate::model::number::Number;

/// Longer texts are no printed numbers.
pub(super) const MAX_TEXT: usize = 300;
/// More digits than this are no number that people print.
const MAX_DIGITS: usize = 60;

/// Words and signs before a number. Longer ones first, so that `<=` is not read as `<`.
const BEFORE: &[(&str, Qualifier)] = &[
    ("approximately ", Qualifier::About),
    ("approx. ", Qualifier::About),
    ("roughly ", Qualifier::About),
    ("around ", Qualifier::About),
    ("about ", Qualifier::About),
    ("circa ", Qualifier::About),
    ("ca. ", Qualifier::About),
    ("~", Qualifier::About),
    ("≈", Qualifier::About),
    ("no less than ", Qualifier::AtLeast),
    ("at least ", Qualifier::AtLeast),
    (">=", Qualifier::AtLeast),
    ("≥", Qualifier::AtLeast),
    ("more than ", Qualifier::Over),
    ("over ", Qualifier::Over),
    ("above ", Qualifier::Over),
    (">", Qualifier::Over),
    ("no more than ", Qualifier::AtMost),
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

/// Digits as they stand: the number, one unit of its last digit, and one unit of its last digit that is not zero.
struct Digits {
    value: Number,
    digit: Number,
    coarse: Number,
    decimals: bool,
}

/// A number with its unit, in every scale its unit word allows.
struct Amount {
    unit: Option<Unit>,
    readings: Vec<(Number, Number, Number)>,
    /// What its unit word and suffix multiply by, one for each reading.
    scales: Vec<Number>,
    exact: bool,
    shortened: bool,
}

pub(super) struct Scan<'a> {
    rest: &'a str,
}

impl<'a> Scan<'a> {
    pub(super) fn new(text: &'a str) -> Self {
        Self { rest: text }
    }

    fn eat(&mut self, word: &str) -> bool {
        match self.rest.get(..word.len()).filter(|head| head.eq_ignore_ascii_case(word)) {
            Some(_) => {
                self.rest = &self.rest[word.len()..];
                true
            }
            None => false,
        }
    }

    fn spaces(&mut self) {
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

    /// A whole printed number and nothing behind it but a noun.
    pub(super) fn printed(mut self) -> Option<Printed> {
        let before = self.qualifier();
        let first = self.amount()?;
        let printed = if before == Qualifier::Plain && self.range_sign() {
            let second = self.amount()?;
            range(first, second)?
        } else {
            let out_of = if self.eat("/") { Some(self.digits()?.value) } else { None };
            let qualifier = if self.plus() && before == Qualifier::Plain { Qualifier::AtLeast } else { before };
            let mut first = first;
            if first.unit.is_none() {
                self.unit_after_plus(&mut first);
            }
            single(first, qualifier, out_of)
        };
        self.noun().then_some(printed)
    }

    /// Is the text an amount and nothing else?
    pub(super) fn has_no_noun(mut self) -> bool {
        self.amount().is_some() && self.rest.is_empty()
    }

    /// `a/b`, `a of b`, then perhaps a noun and the percentage.
    pub(super) fn fraction(mut self) -> Option<PrintedFraction> {
        let (part_text, part) = self.whole_number()?;
        self.spaces();
        if !(self.eat("/") || self.eat("out of ") || self.eat("of ")) {
            return None;
        }
        self.spaces();
        let (whole_text, whole) = self.whole_number()?;
        self.words();
        let percent = self.percent_behind()?;
        self.noun().then_some(PrintedFraction { part, part_text, whole, whole_text, percent })
    }

    /// The percentage in `(98.28%)` or `= 98.28%`; `Some(None)` when there is none.
    #[expect(clippy::option_option, reason = "unreadable, none there, and one there are three answers")]
    fn percent_behind(&mut self) -> Option<Option<Printed>> {
        let inside = if self.eat("(") {
            let end = self.rest.find(')')?;
            let inside = &self.rest[..end];
            self.rest = &self.rest[end + 1..];
            inside
        } else if self.eat("=") {
            std::mem::take(&mut self.rest)
        } else {
            return Some(None);
        };
        let printed = Printed::parse(inside).ok()?;
        (printed.unit == Unit::Ratio).then_some(Some(printed))
    }

    fn whole_number(&mut self) -> Option<(String, Number)> {
        let before = self.rest;
        let digits = self.digits().filter(|digits| !digits.decimals && !digits.value.is_negative())?;
        Some((before[..before.len() - self.rest.len()].to_owned(), digits.value))
    }

    fn qualifier(&mut self) -> Qualifier {
        for (word, qualifier) in BEFORE {
            if self.eat(word) {
                self.spaces();
                return *qualifier;
            }
        }
        Qualifier::Plain
    }

    fn plus(&mut self) -> bool {
        self.eat("+")
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
    fn range_sign(&mut self) -> bool {
        let before = self.rest;
        self.spaces();
        let found = self.eat("-") || self.eat("–") || self.eat("to ");
        self.spaces();
        if !found || !self.rest.starts_with(|c: char| c.is_ascii_digit()) {
            self.rest = before;
            return false;
        }
        true
    }

    /// Words behind the number: nothing, or letters and spaces only.
    fn noun(mut self) -> bool {
        self.words();
        self.rest.is_empty()
    }

    fn words(&mut self) {
        self.rest = self.rest.trim_start_matches(|c: char| c.is_alphabetic() || c == ' ' || c == '\u{a0}');
    }

    /// Digits and their unit; lengths of time may have several parts (`1h30m`).
    fn amount(&mut self) -> Option<Amount> {
        let first = self.digits()?;
        let mut amount = Amount {
            unit: None,
            exact: !first.decimals,
            readings: vec![(first.value, first.digit, first.coarse)],
            scales: vec![Number::one()],
            shortened: false,
        };
        if self.suffix(&mut amount) {
            return Some(amount);
        }
        let before = self.rest;
        self.spaces();
        let word = self.word();
        let Some(unit) = units::unit_word(word) else {
            self.rest = before;
            return Some(amount);
        };
        self.rest = &self.rest[word.len()..];
        amount.scale(&unit);
        if unit.unit == Unit::Seconds {
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

    /// The further parts of `2 days 5 h`: each unit smaller than the one before.
    fn more_time(&mut self, amount: &mut Amount) {
        let mut smallest = amount.readings[0].1.clone();
        loop {
            let before = self.rest;
            self.spaces();
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
            let reading = &mut amount.readings[0];
            reading.0 = &reading.0 + &(&digits.value * &unit.scales[0]);
            reading.1 = smallest.clone();
            reading.2 = smallest.clone();
        }
    }

    /// Sign, digits in groups or not, decimals.
    fn digits(&mut self) -> Option<Digits> {
        let minus = self.rest.strip_prefix(['-', '−']);
        let (negative, unsigned) = (minus.is_some(), minus.unwrap_or(self.rest));
        let (whole, after) = grouped(unsigned)?;
        let (decimals, after) = match after.strip_prefix('.') {
            Some(tail) if tail.starts_with(|c: char| c.is_ascii_digit()) => {
                tail.split_at(tail.find(|c: char| !c.is_ascii_digit()).unwrap_or(tail.len()))
            }
            _ => ("", after),
        };
        // A second point is a version or a date; a comma before digits is a decimal comma: both have no safe reading.
        let goes_on =
            after.strip_prefix(['.', ',', ':', '_']).is_some_and(|t| t.starts_with(|c: char| c.is_ascii_digit()));
        if goes_on || whole.len() + decimals.len() > MAX_DIGITS {
            return None;
        }
        let places = i32::try_from(decimals.len()).ok()?;
        let all = format!("{whole}{decimals}");
        let value = all.parse::<Number>().ok()? * Number::power_of_ten(-places);
        let zeros = i32::try_from(all.len() - all.trim_end_matches('0').len()).ok()?;
        self.rest = after;
        Some(Digits {
            value: if negative { -value } else { value },
            digit: Number::power_of_ten(-places),
            coarse: Number::power_of_ten(zeros - places),
            decimals: places > 0,
        })
    }
}

/// Digits in groups of three with one separator, or without any: the digits, and what stands behind them.
fn grouped(text: &str) -> Option<(String, &str)> {
    let run = |text: &str| text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let first = run(text);
    if first == 0 {
        return None;
    }
    let (mut digits, mut rest) = (text[..first].to_owned(), &text[first..]);
    if first > 3 || text.starts_with('0') {
        return Some((digits, rest));
    }
    let Some(separator) =
        rest.chars().next().filter(|c| [',', '_', '\'', ' ', '\u{a0}', '\u{2009}', '\u{202f}'].contains(c))
    else {
        return Some((digits, rest));
    };
    while let Some(group) = rest.strip_prefix(separator).filter(|group| run(group) == 3) {
        digits.push_str(&group[..3]);
        rest = &group[3..];
    }
    Some((digits, rest))
}

impl Amount {
    fn multiply(&mut self, scales: &[Number]) {
        let plain = std::mem::take(&mut self.readings);
        for scale in scales {
            self.readings
                .extend(plain.iter().map(|(value, digit, coarse)| (value * scale, digit * scale, coarse * scale)));
        }
        self.scales = scales.to_vec();
    }

    fn scale(&mut self, unit: &units::UnitWord) {
        self.multiply(&unit.scales);
        // Bytes written out are counted; hours and percentages are rounded.
        self.exact &= unit.unit == Unit::Bytes && unit.scales == [Number::one()];
        self.unit = Some(unit.unit);
    }
}

fn single(amount: Amount, qualifier: Qualifier, out_of: Option<Number>) -> Printed {
    let exact = amount.exact;
    let reading = |(value, digit, coarse): (Number, Number, Number)| Reading {
        interval: Interval::of(&value, &digit, exact, qualifier, &coarse),
        value,
        digit,
    };
    Printed {
        text: String::new(),
        span: 0..0,
        unit: amount.unit.unwrap_or(Unit::One),
        exact,
        qualifier,
        readings: amount.readings.into_iter().map(reading).collect(),
        out_of,
        shortened: amount.shortened,
    }
}

/// `4-6 h`: the unit of the second holds for both; `None` when it ends before it begins or the units differ.
fn range(mut first: Amount, second: Amount) -> Option<Printed> {
    if first.unit.is_none() && !first.shortened {
        first.multiply(&second.scales);
        first.unit = second.unit;
    }
    if first.unit != second.unit || first.readings.len() != second.readings.len() {
        return None;
    }
    let exact = first.exact && second.exact;
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
        readings: readings.collect::<Option<Vec<_>>>()?,
        out_of: None,
        shortened: first.shortened || second.shortened,
    })
}

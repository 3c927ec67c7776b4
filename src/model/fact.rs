//! Facts: what a probe found, as named and typed values. A fact that was not found is absent, with the reason; it is
//! never zero.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::Instant;
use super::number::Number;

/// The type a fact is declared with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum FactType {
    /// A whole number of things; exact.
    Count,
    /// A number whose unit is known only when it is measured (a metric).
    Number,
    /// A share between 0 and 1, written with `%`.
    Ratio,
    /// A length of time, in seconds.
    Duration,
    /// A size, in bytes.
    Bytes,
    /// A point in time.
    Instant,
    /// Text.
    Text,
    /// True or false.
    Flag,
    /// A list of texts.
    List,
    /// Rows and columns.
    Table,
}

/// The unit a number is in. The number is always in the base unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Unit {
    /// Things counted, or a number without a unit.
    One,
    /// A ratio: 1 is 100 %.
    Ratio,
    /// Seconds.
    Seconds,
    /// Bytes.
    Bytes,
}

/// A measured value. Its order is for sorting and looking up; values of several variants are not more or less.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// A whole number of things.
    Count(Number),
    /// A number without a known unit.
    Number(Number),
    /// `part` of `whole`, kept unreduced because readers know "1,026 of 1,044" and not "171 of 174".
    Fraction {
        /// How many.
        part: Number,
        /// Of how many; never zero.
        whole: Number,
    },
    /// A share that is not a count of a count; 1 is 100 %.
    Ratio(Number),
    /// Seconds.
    Duration(Number),
    /// Bytes.
    Bytes(Number),
    /// A point in time.
    Instant(Instant),
    /// Text.
    Text(String),
    /// True or false.
    Flag(bool),
    /// A list of texts.
    List(Vec<String>),
    /// Rows and columns.
    Table(Table),
}

/// A table: every row has one cell for each column; a cell that was not found is `None`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
pub struct Table {
    /// Column names, kebab-case.
    pub columns: Vec<String>,
    /// The rows, in the order in which the source gave them.
    pub rows: Vec<Vec<Option<Value>>>,
}

impl Value {
    /// A whole number of things.
    pub fn count(number: impl Into<Number>) -> Self {
        Self::Count(number.into())
    }

    /// A length of time.
    pub fn seconds(number: impl Into<Number>) -> Self {
        Self::Duration(number.into())
    }

    /// `part` of `whole`; `None` when `whole` is zero, because a share of nothing is no share.
    pub fn fraction(part: impl Into<Number>, whole: impl Into<Number>) -> Option<Self> {
        let (part, whole) = (part.into(), whole.into());
        (!whole.is_zero()).then_some(Self::Fraction { part, whole })
    }

    /// The number in its base unit and that unit; `None` for what is not a number. An instant is no number here.
    pub fn quantity(&self) -> Option<(Number, Unit)> {
        match self {
            Self::Count(number) | Self::Number(number) => Some((number.clone(), Unit::One)),
            Self::Fraction { part, whole } => part.over(whole).map(|ratio| (ratio, Unit::Ratio)),
            Self::Ratio(number) => Some((number.clone(), Unit::Ratio)),
            Self::Duration(number) => Some((number.clone(), Unit::Seconds)),
            Self::Bytes(number) => Some((number.clone(), Unit::Bytes)),
            _ => None,
        }
    }

    /// How many bytes of text it has.
    fn text_bytes(&self) -> usize {
        match self {
            Self::Text(text) => text.len(),
            Self::List(items) => items.iter().map(String::len).sum(),
            Self::Table(table) => table.rows.iter().flatten().flatten().map(Self::text_bytes).sum(),
            _ => 0,
        }
    }

    /// Does this value belong to that declared type? A `Number` fact takes any number. What kinds measure is tried with it.
    #[cfg(test)]
    pub fn is_a(&self, fact_type: FactType) -> bool {
        match self {
            Self::Count(_) => matches!(fact_type, FactType::Count | FactType::Number),
            Self::Number(_) => fact_type == FactType::Number,
            Self::Fraction { .. } | Self::Ratio(_) => matches!(fact_type, FactType::Ratio | FactType::Number),
            Self::Duration(_) => matches!(fact_type, FactType::Duration | FactType::Number),
            Self::Bytes(_) => matches!(fact_type, FactType::Bytes | FactType::Number),
            Self::Instant(_) => fact_type == FactType::Instant,
            Self::Text(_) => fact_type == FactType::Text,
            Self::Flag(_) => fact_type == FactType::Flag,
            Self::List(_) => fact_type == FactType::List,
            Self::Table(_) => fact_type == FactType::Table,
        }
    }
}

/// Which way is better, for a reader of "overstated" and for charts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Direction {
    /// More is better: uptime, pass rate.
    Higher,
    /// Less is better: alerts firing, failures.
    Lower,
    /// Neither: a count of flags.
    Neutral,
}

/// What a kind says about one of its facts. `countersign kinds`, the schema, lint and the report all read this.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FactSpec {
    /// The name, kebab-case.
    pub name: Cow<'static, str>,
    /// The type.
    #[serde(rename = "type")]
    pub fact_type: FactType,
    /// Which way is better.
    pub direction: Direction,
    /// Does it grow by itself as time passes (uptime, age)?
    pub growing: bool,
    /// Is it a number of what the audit asks for, in whatever unit its source has? A claim with a unit says nothing of it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub unitless: bool,
    /// One sentence.
    pub summary: Cow<'static, str>,
}

impl FactSpec {
    /// A fact of which neither more nor less is better.
    pub const fn new(name: &'static str, fact_type: FactType, summary: &'static str) -> Self {
        Self {
            name: Cow::Borrowed(name),
            fact_type,
            direction: Direction::Neutral,
            growing: false,
            unitless: false,
            summary: Cow::Borrowed(summary),
        }
    }

    /// More is better.
    #[must_use]
    pub const fn higher(mut self) -> Self {
        self.direction = Direction::Higher;
        self
    }

    /// Less is better.
    #[must_use]
    pub const fn lower(mut self) -> Self {
        self.direction = Direction::Lower;
        self
    }

    /// A number in whatever unit its source has.
    #[must_use]
    pub const fn unitless(mut self) -> Self {
        self.unitless = true;
        self
    }

    /// Grows by itself as time passes.
    #[must_use]
    pub const fn growing(mut self) -> Self {
        self.growing = true;
        self
    }
}

/// A fact, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fact {
    /// It was found.
    Present(Value),
    /// It was looked for and not found; the reason completes "absent: ...".
    Absent(String),
}

/// Everything one check found.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facts {
    /// By fact name.
    pub facts: BTreeMap<String, Fact>,
    /// What a reader should know besides (counts that disagree, rows left out), one sentence each.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// What is known of a count that is absent: there are at least so many.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub least: BTreeMap<String, Number>,
    /// Of numbers without a known unit: the unit that their source names them after, where that is no base unit.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub scales: BTreeMap<String, Scale>,
}

/// A unit that is no base unit: a percent is 1/100 of a ratio, an hour 3,600 seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scale {
    /// The base unit.
    pub unit: Unit,
    /// How many of it one is; never zero.
    pub size: Number,
}

impl Scale {
    /// A number of this unit, in the base unit.
    pub fn in_base(&self, number: &Number) -> Value {
        let number = number * &self.size;
        match self.unit {
            Unit::One => Value::Number(number),
            Unit::Ratio => Value::Ratio(number),
            Unit::Seconds => Value::Duration(number),
            Unit::Bytes => Value::Bytes(number),
        }
    }
}

/// Longest text of a fact, in bytes.
const MAX_TEXT: usize = 64 << 10;
/// Longest list or table of a fact, the bytes of its texts together.
const MAX_TABLE: usize = 1 << 20;

impl Facts {
    /// Records that `name` was found.
    pub fn set(&mut self, name: &str, value: Value) {
        self.facts.insert(name.to_owned(), Fact::Present(value));
    }

    /// Records that `name` was looked for and not found.
    pub fn absent(&mut self, name: &str, reason: impl Into<String>) {
        self.facts.insert(name.to_owned(), Fact::Absent(reason.into()));
    }

    /// Records that there are at least so many, and that nobody knows how many: nothing passes by it, and what so many
    /// would fail by, fails.
    pub fn at_least(&mut self, name: &str, known: impl Into<Number>, reason: impl Into<String>) {
        let known = known.into();
        self.absent(name, reason);
        if !known.is_zero() {
            self.least.insert(name.to_owned(), known);
        }
    }

    /// Each of `specs` absent, all of them because of `reason`.
    pub fn all_absent(specs: &[FactSpec], reason: &str) -> Self {
        let mut facts = Self::default();
        specs.iter().for_each(|spec| facts.absent(&spec.name, reason));
        facts
    }

    /// Records `name` when there is a value, else that it is absent because of `reason`.
    pub fn set_or(&mut self, name: &str, value: Option<Value>, reason: &str) {
        match value {
            Some(value) => self.set(name, value),
            None => self.absent(name, reason),
        }
    }

    /// Adds a sentence for the reader.
    pub fn note(&mut self, sentence: impl Into<String>) {
        self.notes.push(sentence.into());
    }

    /// Without what is too long for a record: of a text that is cut, nobody can say what it does not hold.
    pub fn bounded(mut self) -> Self {
        for (name, fact) in &mut self.facts {
            let Fact::Present(value) = fact else { continue };
            let bytes = value.text_bytes();
            let most = if matches!(value, Value::Text(_)) { MAX_TEXT } else { MAX_TABLE };
            if bytes > most {
                *fact =
                    Fact::Absent(format!("\"{name}\" is {bytes} bytes long, and a record keeps {most} of it at most"));
            }
        }
        self
    }

    /// The value of `name`, when it was found.
    pub fn get(&self, name: &str) -> Option<&Value> {
        match self.facts.get(name) {
            Some(Fact::Present(value)) => Some(value),
            _ => None,
        }
    }
}

/// Why a probe could not look. Never a statement about the system that was to be looked at.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{reason}")]
pub struct Unmeasurable {
    /// A lower-case fragment that completes "could not look: ...".
    pub reason: String,
    /// What to do about it, a sentence.
    pub help: String,
}

impl Unmeasurable {
    /// With a reason (lower-case fragment) and a way out (a sentence).
    pub fn new(reason: impl Into<String>, help: impl Into<String>) -> Self {
        Self { reason: reason.into(), help: help.into() }
    }
}

/// A fact's name as words: `min uptime`.
pub fn spaced(name: &str) -> String {
    name.replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_too_long_for_a_record_is_absent_and_not_cut() {
        let mut facts = Facts::default();
        facts.set("text", Value::Text("x".repeat(MAX_TEXT)));
        facts.set("longer", Value::Text("x".repeat(MAX_TEXT + 1)));
        facts.set("list", Value::List(vec!["x".repeat(1 << 10); (1 << 10) + 1]));
        let cell = || Some(Value::Text("x".repeat(600 << 10)));
        facts.set(
            "table",
            Value::Table(Table { columns: vec!["a".to_owned()], rows: vec![vec![cell()], vec![cell()]] }),
        );
        let bounded = facts.bounded();
        assert!(bounded.get("text").is_some());
        for fact in ["longer", "list", "table"] {
            let Fact::Absent(reason) = &bounded.facts[fact] else { panic!("{fact} is there") };
            assert!(reason.contains("bytes long, and a record keeps"), "{reason}");
        }
    }
}

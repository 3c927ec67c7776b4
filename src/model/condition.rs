//! Conditions on a fact, such as `>= 95%`: parsed when the file is loaded, printed as they were written.
//!
//! Three answers: it holds, it does not, it cannot be said. `not` turns the first two around and never the third.

mod fits;
mod holds;
mod parse;
mod pattern;
mod reach;
mod sample;
mod words;

use pattern::Pattern;
pub use reach::Trials;

#[cfg(test)]
mod tests;

use serde::{Deserialize, Serialize};

use super::fact::{FactType, Unit, Value};
use super::instant::Stamp;
use super::number::Number;

/// A parsed condition. In the record it is the text as written.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Condition {
    /// As written.
    pub text: String,
    node: Node,
}

/// Why a text is not a condition, or does not fit a fact.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ConditionProblem {
    /// A lower-case fragment naming the offending part in quotes.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

impl ConditionProblem {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// The parts of a condition.
#[derive(Debug, Clone)]
enum Node {
    /// `>= 95%`, `== ok`.
    Compare(Comparison, Literal),
    /// `in 4..6`, both ends included.
    Between(Literal, Literal),
    /// `matches ^main$`, anywhere in the text.
    Matches(Pattern),
    /// `one of [main, release]`.
    OneOf(Vec<Literal>),
    /// `true`, `false`.
    Is(bool),
    /// `empty`.
    Empty,
    /// `contains prometheus`: a part of a text, a member of a list.
    Contains(String),
    /// `+-10% of baseline`: the share.
    NearBaseline(Number),
    /// `<= baseline + 5%`.
    Baseline(Comparison, Shift),
    /// `not ...`.
    Not(Box<Node>),
    /// `... and ...`.
    All(Vec<Node>),
    /// `... or ...`.
    Any(Vec<Node>),
}

/// How two values are compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Comparison {
    Equal,
    Different,
    Below,
    AtMost,
    Above,
    AtLeast,
}

impl Comparison {
    const fn sign(self) -> &'static str {
        match self {
            Self::Equal => "==",
            Self::Different => "!=",
            Self::Below => "<",
            Self::AtMost => "<=",
            Self::Above => ">",
            Self::AtLeast => ">=",
        }
    }

    const fn is_equality(self) -> bool {
        matches!(self, Self::Equal | Self::Different)
    }
}

/// What stands beside an operator, with everything it may mean; the fact's type decides which.
#[derive(Debug, Clone)]
struct Literal {
    text: String,
    quantity: Option<(Number, Unit)>,
    time: Option<Stamp>,
}

/// How far from the baseline.
#[derive(Debug, Clone)]
enum Shift {
    None,
    /// A share of the baseline itself.
    Relative(Number),
    /// In the fact's own unit.
    Absolute(Number, Unit),
}

impl Condition {
    /// Reads a condition.
    pub fn parse(text: &str) -> Result<Self, ConditionProblem> {
        Ok(Self { text: text.to_owned(), node: parse::condition(text)? })
    }

    /// Can a fact of this type be held against it at all? Asked when the file is loaded.
    pub fn fits(&self, fact_type: FactType) -> Result<(), ConditionProblem> {
        fits::fits(&self.node, fact_type)
    }

    /// Does it name a number with a unit, which says what the number beside it is one of?
    pub fn names_a_unit(&self) -> bool {
        self.node.names_a_unit()
    }

    /// Does it hold of the value? An error says why that cannot be said (another type, no baseline), as a fragment.
    pub fn holds(&self, value: &Value, baseline: Option<&Value>) -> Result<bool, String> {
        holds::holds(&self.node, value, baseline)
    }

    /// What it asks for, to stand beside a value and before "was expected": `at least 13`. Of things that are counted, 0 are
    /// none.
    pub fn in_words(&self, beside: &Value) -> String {
        words::words(&self.node, beside)
    }

    /// The value in short as it stands beside [`Self::in_words`]; `None` where it is written as anywhere else.
    pub fn value_in_words(&self, value: &Value) -> Option<String> {
        words::value(&self.node, value)
    }

    /// Does it need an earlier measurement to compare with?
    pub fn is_relative(&self) -> bool {
        self.node.is_relative()
    }

    /// Does `after` accept more or less than this one, of a fact of that type?
    pub fn strictness(&self, after: &Self, fact_type: FactType) -> Strictness {
        reach::strictness(&self.node, &after.node, fact_type)
    }

    /// A value of that type for which both hold; `None` when none is known. Of a pattern one text is tried.
    pub fn overlap(&self, other: &Self, fact_type: FactType) -> Option<Value> {
        reach::overlap(self, other, fact_type)
    }

    /// A value of that type that meets `other` and not this one; `None` when none is known: this one accepts as much.
    /// Of a pattern one text is tried.
    pub fn uncovered(&self, other: &Self, fact_type: FactType) -> Option<Value> {
        reach::uncovered(self, other, fact_type)
    }

    /// Does it fail of every count that is no smaller?
    pub fn fails_from(&self, least: &Number) -> bool {
        reach::fails_from(self, least)
    }

    /// Is there a pattern in it of which no text is known that it matches? Then trying says less than all.
    pub fn has_untried(&self) -> bool {
        reach::has_untried(&self.node)
    }

    /// Is there a value of that type for which it does not hold? If not, the condition says nothing.
    pub fn can_fail(&self, fact_type: FactType) -> bool {
        reach::can_fail(self, fact_type)
    }
}

/// What became of a condition that was changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strictness {
    /// It accepts more.
    Looser,
    /// It accepts less.
    Stricter,
    /// It accepts other things, or the same, or that cannot be told.
    Other,
}

impl Node {
    fn is_relative(&self) -> bool {
        match self {
            Self::NearBaseline(_) | Self::Baseline(..) => true,
            Self::Not(node) => node.is_relative(),
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::is_relative),
            _ => false,
        }
    }
}

impl Node {
    fn names_a_unit(&self) -> bool {
        let has_one = |literal: &Literal| literal.quantity.as_ref().is_some_and(|(_, unit)| *unit != Unit::One);
        match self {
            Self::Compare(_, literal) => has_one(literal),
            Self::Between(low, high) => has_one(low) || has_one(high),
            Self::OneOf(items) => items.iter().any(has_one),
            Self::Baseline(_, Shift::Absolute(_, unit)) => *unit != Unit::One,
            Self::Not(node) => node.names_a_unit(),
            Self::All(nodes) | Self::Any(nodes) => nodes.iter().any(Self::names_a_unit),
            Self::Matches(_)
            | Self::Is(_)
            | Self::Empty
            | Self::Contains(_)
            | Self::NearBaseline(_)
            | Self::Baseline(_, Shift::None | Shift::Relative(_)) => false,
        }
    }
}

impl PartialEq for Condition {
    fn eq(&self, other: &Self) -> bool {
        self.text == other.text
    }
}

impl Eq for Condition {}

impl TryFrom<String> for Condition {
    type Error = ConditionProblem;

    fn try_from(text: String) -> Result<Self, ConditionProblem> {
        Self::parse(&text)
    }
}

impl From<Condition> for String {
    fn from(condition: Condition) -> Self {
        condition.text
    }
}

/// A condition on a named fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Expectation {
    /// The fact.
    pub fact: String,
    /// What must hold of it.
    pub condition: Condition,
}

//! Can a condition fail at all? One that cannot says nothing, and a reader should know.
//!
//! A condition on numbers holds on intervals that end at the numbers it names. Trying each of these numbers, a point
//! between each two neighbours and one beyond the last therefore finds a failing value whenever there is one.

use super::holds::{holds, shifted};
use super::{Literal, Node, Strictness};
use crate::model::fact::{FactType, Table, Unit, Value};
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;

pub(super) fn counterexample(node: &Node, fact: FactType) -> Option<String> {
    if node.is_relative() {
        return Some("a value far from the baseline".to_owned());
    }
    let mut literals = Literals::default();
    literals.collect(node);
    let failing = literals.candidates(fact).into_iter().find(|value| holds(node, value, None) == Ok(false))?;
    Some(match &failing {
        Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Text(text) => format!("\"{}\"", format::shortened(text, 60)),
        Value::List(items) if items.is_empty() => "an empty list".to_owned(),
        value => format::value(value),
    })
}

/// Does `after` accept more than `before`, or less? Tried on the ends of both, as [`counterexample`] does, with one baseline
/// for both where they need one. Patterns cannot be tried in this way: where they differ the answer is mostly `Other`.
pub(super) fn strictness(before: &Node, after: &Node, fact: FactType) -> Strictness {
    let baseline = baseline_of(fact);
    let mut literals = Literals::default();
    for node in [before, after] {
        literals.collect(node);
        if let Some((base, _)) = baseline.as_ref().and_then(Value::quantity) {
            literals.around_baseline(node, &base);
        }
    }
    let (mut looser, mut stricter) = (false, false);
    for value in literals.candidates(fact) {
        let held = |node| holds(node, &value, baseline.as_ref()) == Ok(true);
        match (held(before), held(after)) {
            (false, true) => looser = true,
            (true, false) => stricter = true,
            _ => {}
        }
    }
    match (looser, stricter) {
        (true, false) => Strictness::Looser,
        (false, true) => Strictness::Stricter,
        _ => Strictness::Other,
    }
}

/// A value of that type that meets both; tried on the ends of both, as [`counterexample`] does.
pub(super) fn overlap(one: &Node, other: &Node, fact: FactType) -> Option<Value> {
    let (literals, fact) = Literals::of(one, other, fact);
    let baseline = baseline_of(fact);
    let held = |node, value: &Value| holds(node, value, baseline.as_ref()) == Ok(true);
    literals.candidates(fact).into_iter().find(|value| held(one, value) && held(other, value))
}

/// A value of that type that meets `other` and not `one`; tried on the ends of both, as [`counterexample`] does.
pub(super) fn uncovered(one: &Node, other: &Node, fact: FactType) -> Option<Value> {
    let (literals, fact) = Literals::of(one, other, fact);
    let baseline = baseline_of(fact);
    let answer = |node, value: &Value| holds(node, value, baseline.as_ref());
    let mut candidates = literals.candidates(fact).into_iter();
    candidates.find(|value| answer(other, value) == Ok(true) && answer(one, value) == Ok(false))
}

/// A baseline of that type to try relative conditions with.
fn baseline_of(fact: FactType) -> Option<Value> {
    let thousand = Number::from(1000);
    match fact {
        FactType::Count => Some(Value::Count(thousand)),
        FactType::Number => Some(Value::Number(thousand)),
        FactType::Ratio => Number::ratio(1, 2).map(Value::Ratio),
        FactType::Duration => Some(Value::Duration(thousand)),
        FactType::Bytes => Some(Value::Bytes(thousand)),
        FactType::Instant | FactType::Text | FactType::Flag | FactType::List | FactType::Table => None,
    }
}

#[derive(Default)]
struct Literals {
    numbers: Vec<Number>,
    units: Vec<Unit>,
    times: Vec<Instant>,
    texts: Vec<String>,
}

impl Literals {
    /// Those of two conditions on one fact, and its type: a number without a unit takes that of what it is held against.
    fn of(one: &Node, other: &Node, fact: FactType) -> (Self, FactType) {
        let mut literals = Self::default();
        for node in [one, other] {
            literals.collect(node);
            if let Some((base, _)) = baseline_of(fact).as_ref().and_then(Value::quantity) {
                literals.around_baseline(node, &base);
            }
        }
        let unit = literals.units.iter().find(|unit| **unit != Unit::One);
        let fact = match (fact, unit) {
            (FactType::Number, Some(Unit::Ratio)) => FactType::Ratio,
            (FactType::Number, Some(Unit::Seconds)) => FactType::Duration,
            (FactType::Number, Some(Unit::Bytes)) => FactType::Bytes,
            _ => fact,
        };
        (literals, fact)
    }

    fn collect(&mut self, node: &Node) {
        match node {
            Node::Compare(_, literal) => self.literal(literal),
            Node::Between(low, high) => {
                self.literal(low);
                self.literal(high);
            }
            Node::OneOf(items) => items.iter().for_each(|item| self.literal(item)),
            Node::Contains(part) => self.texts.push(part.clone()),
            Node::Not(node) => self.collect(node),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| self.collect(node)),
            Node::Matches(_) | Node::Is(_) | Node::Empty | Node::NearBaseline(_) | Node::Baseline(..) => {}
        }
    }

    /// The ends of what a relative condition accepts when the baseline is `base`.
    fn around_baseline(&mut self, node: &Node, base: &Number) {
        match node {
            Node::NearBaseline(share) => {
                let width = &base.abs() * share;
                self.numbers.extend([base - &width, base + &width]);
            }
            Node::Baseline(_, shift) => self.numbers.push(shifted(base, shift)),
            Node::Not(node) => self.around_baseline(node, base),
            Node::All(nodes) | Node::Any(nodes) => nodes.iter().for_each(|node| self.around_baseline(node, base)),
            _ => {}
        }
    }

    fn literal(&mut self, literal: &Literal) {
        self.texts.push(literal.text.clone());
        self.numbers.extend(literal.quantity.iter().map(|(number, _)| number.clone()));
        self.units.extend(literal.quantity.iter().map(|(_, unit)| *unit));
        let moment = |seconds| Instant::from_seconds(seconds);
        if let Some(stamp) = literal.time {
            let (first, last) = (stamp.at.seconds(), stamp.end().seconds());
            self.times.extend([first - 1, first, last, last + 1].into_iter().filter_map(moment));
        }
    }

    fn candidates(self, fact: FactType) -> Vec<Value> {
        match fact {
            FactType::Count => self.whole_numbers().into_iter().map(Value::Count).collect(),
            FactType::Number => self.numbers_around(&Number::one(), true).into_iter().map(Value::Number).collect(),
            FactType::Ratio => {
                let shares = self.numbers_around(&Number::power_of_ten(-2), false).into_iter();
                shares.filter(|share| *share <= Number::one()).map(Value::Ratio).collect()
            }
            FactType::Duration => self.numbers_around(&Number::one(), false).into_iter().map(Value::Duration).collect(),
            FactType::Bytes => self.whole_numbers().into_iter().map(Value::Bytes).collect(),
            FactType::Instant => self.times.into_iter().map(Value::Instant).collect(),
            FactType::Text => self.all_texts().into_iter().map(Value::Text).collect(),
            FactType::Flag => vec![Value::Flag(false), Value::Flag(true)],
            FactType::List => {
                let some = self.texts.iter().map(|text| Value::List(vec![text.clone()]));
                let other = Value::List(vec!["something".to_owned()]);
                std::iter::once(Value::List(Vec::new())).chain(some).chain([other]).collect()
            }
            FactType::Table => vec![table(0), table(1)],
        }
    }

    fn all_texts(&self) -> Vec<String> {
        let given = self.texts.iter().flat_map(|text| [text.clone(), format!("{text}x")]);
        let single = (b' '..=b'~').map(|byte| char::from(byte).to_string());
        std::iter::once("something".to_owned()).chain([String::new()]).chain(given).chain(single).collect()
    }

    /// Values a step away from each named number first, because they read well; then the complete set.
    fn numbers_around(&self, step: &Number, signed: bool) -> Vec<Number> {
        let mut ends = self.numbers.clone();
        ends.push(Number::zero());
        ends.push(Number::one());
        ends.sort();
        ends.dedup();
        let near = self.numbers.iter().flat_map(|end| [end - step, end + step]);
        let between = ends.windows(2).map(|pair| {
            let half = Number::from(5) * Number::power_of_ten(-1);
            &(&pair[0] + &pair[1]) * &half
        });
        let beyond = ends.first().into_iter().chain(ends.last()).flat_map(|end| [end - step, end + step]);
        let all = near.chain(ends.iter().cloned()).chain(between).chain(beyond);
        all.filter(|number| signed || !number.is_negative()).collect()
    }

    fn whole_numbers(&self) -> Vec<Number> {
        let numbers = self.numbers_around(&Number::one(), false);
        numbers.iter().flat_map(|number| [number.floor(), &number.floor() + &Number::one()]).collect()
    }
}

fn table(rows: usize) -> Value {
    Value::Table(Table { columns: Vec::new(), rows: vec![Vec::new(); rows] })
}

//! Can a condition fail at all? One that cannot says nothing, and a reader should know.
//!
//! A condition on numbers holds on intervals that end at the numbers it names. Trying each of these numbers, a point
//! between each two neighbours and one beyond the last therefore finds a failing value whenever there is one.

use std::iter;

use super::holds::{holds, shifted};
use super::sample::matched_by;
use super::{Condition, Literal, Node, Strictness};
use crate::model::fact::{FactType, Table, Unit, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;

/// Values to try on what is to be held against a fact: the numbers, times and texts that it names, and what lies next to
/// them. What a condition says of every value, it says of one of these; one with a pattern may say something else of a text
/// that was not thought of.
#[derive(Debug, Default)]
pub struct Trials(Literals);

impl Trials {
    /// Adds what a condition names; a relative one is held against `baseline`.
    pub fn condition(&mut self, condition: &Condition, baseline: Option<&Value>) {
        self.0.collect(&condition.node);
        if let Some((base, _)) = baseline.and_then(Value::quantity) {
            self.0.around_baseline(&condition.node, &base);
        }
    }

    /// Adds a number.
    pub fn number(&mut self, number: Number, unit: Unit) {
        self.0.numbers.push(number);
        self.0.units.push(unit);
    }

    /// Adds a text.
    pub fn text(&mut self, text: &str) {
        self.0.texts.push(text.to_owned());
    }

    /// Adds a point in time, and those a day before and after it.
    pub fn time(&mut self, at: Instant) {
        let days = [-86_400, 0, 86_400];
        self.0.times.extend(days.into_iter().filter_map(|day| Instant::from_seconds(at.seconds() + day)));
    }

    /// The values, as facts of that type; those that read well come first.
    pub fn values(&self, fact: FactType) -> Box<dyn Iterator<Item = Value>> {
        self.0.candidates(fact)
    }

    /// Baselines of that type to try relative conditions with; none where there can be no baseline.
    pub fn baselines(fact: FactType) -> Vec<Value> {
        let numbers = [1000, 0, 1, 1_000_000_000].map(Number::from);
        let as_value: fn(Number) -> Value = match fact {
            FactType::Count => Value::Count,
            FactType::Number => Value::Number,
            FactType::Duration => Value::Duration,
            FactType::Bytes => Value::Bytes,
            FactType::Ratio => {
                let half = Number::ratio(1, 2).unwrap_or_else(Number::one);
                return [half, Number::zero(), Number::one()].into_iter().map(Value::Ratio).collect();
            }
            FactType::Instant | FactType::Text | FactType::Flag | FactType::List | FactType::Table => {
                return Vec::new();
            }
        };
        numbers.into_iter().map(as_value).collect()
    }
}

/// Is there a value for which it does not hold, whatever the baseline? Of a pattern without a known text nobody can say.
pub(super) fn can_fail(condition: &Condition, fact: FactType) -> bool {
    let baselines: Vec<Option<Value>> = match condition.is_relative() {
        true => Trials::baselines(fact).into_iter().map(Some).collect(),
        false => vec![None],
    };
    has_untried(&condition.node)
        || baselines.iter().any(|baseline| {
            let mut trials = Trials::default();
            trials.condition(condition, baseline.as_ref());
            trials.values(fact).any(|value| holds(&condition.node, &value, baseline.as_ref()) == Ok(false))
        })
}

/// Is there a pattern in it of which no text is known that it matches?
pub(super) fn has_untried(node: &Node) -> bool {
    match node {
        Node::Matches(pattern) => matched_by(pattern).is_none(),
        Node::Not(node) => has_untried(node),
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().any(has_untried),
        _ => false,
    }
}

/// Does it fail of every count that is no smaller? One that needs a baseline never does.
pub(super) fn fails_from(condition: &Condition, least: &Number) -> bool {
    let mut trials = Trials::default();
    trials.condition(condition, None);
    trials.number(least.clone(), Unit::One);
    let counts = trials.values(FactType::Count);
    let mut counts = counts.filter(|count| count.quantity().is_some_and(|(number, _)| number >= *least));
    !condition.is_relative() && counts.all(|count| holds(&condition.node, &count, None) == Ok(false))
}

/// Does `after` accept more than `before`, or less? Tried on the ends of both, as [`counterexample`] does, with one baseline
/// for both where they need one. Of a pattern one text is tried: where two differ the answer is mostly `Other`.
pub(super) fn strictness(before: &Node, after: &Node, fact: FactType) -> Strictness {
    let baseline = Trials::baselines(fact).into_iter().next();
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

/// A value of that type that meets both; tried on the ends of both, with one baseline for both where they need one.
pub(super) fn overlap(one: &Condition, other: &Condition, fact: FactType) -> Option<Value> {
    let (mut tried, baseline) = ends_of(one, other, fact);
    let held = |condition: &Condition, value: &Value| holds(&condition.node, value, baseline.as_ref()) == Ok(true);
    tried.find(|value| held(one, value) && held(other, value))
}

/// A value of that type that meets `other` and not `one`; tried as [`overlap`] does.
pub(super) fn uncovered(one: &Condition, other: &Condition, fact: FactType) -> Option<Value> {
    let (mut tried, baseline) = ends_of(one, other, fact);
    let answer = |condition: &Condition, value: &Value| holds(&condition.node, value, baseline.as_ref());
    tried.find(|value| answer(other, value) == Ok(true) && answer(one, value) == Ok(false))
}

fn ends_of(one: &Condition, other: &Condition, fact: FactType) -> (Box<dyn Iterator<Item = Value>>, Option<Value>) {
    let baseline = Trials::baselines(fact).into_iter().next();
    let mut trials = Trials::default();
    trials.condition(one, baseline.as_ref());
    trials.condition(other, baseline.as_ref());
    (trials.values(fact), baseline)
}

#[derive(Debug, Default)]
struct Literals {
    numbers: Vec<Number>,
    /// The units that they were written in.
    units: Vec<Unit>,
    times: Vec<Instant>,
    texts: Vec<String>,
}

impl Literals {
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
            Node::Matches(pattern) => self.texts.extend(matched_by(pattern)),
            Node::Is(_) | Node::Empty | Node::NearBaseline(_) | Node::Baseline(..) => {}
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

    /// One after the other: mostly one of the first will do.
    fn candidates(&self, fact: FactType) -> Box<dyn Iterator<Item = Value>> {
        match fact {
            FactType::Count => Box::new(self.whole_numbers().map(Value::Count)),
            FactType::Number => self.measured_numbers(),
            FactType::Ratio => {
                let shares = self.numbers_around(Number::power_of_ten(-2), false);
                Box::new(shares.filter(|share| *share <= Number::one()).map(Value::Ratio))
            }
            FactType::Duration => Box::new(self.lengths().map(Value::Duration)),
            FactType::Bytes => Box::new(self.sizes().map(Value::Bytes)),
            FactType::Instant => Box::new(self.times.clone().into_iter().map(Value::Instant)),
            FactType::Text => Box::new(self.all_texts().map(Value::Text)),
            FactType::Flag => Box::new([Value::Flag(false), Value::Flag(true)].into_iter()),
            FactType::List => {
                let some = self.texts.clone().into_iter().map(|text| Value::List(vec![text]));
                let other = Value::List(vec!["something".to_owned()]);
                Box::new(iter::once(Value::List(Vec::new())).chain(some).chain([other]))
            }
            FactType::Table => Box::new([table(0), table(1)].into_iter()),
        }
    }

    fn all_texts(&self) -> impl Iterator<Item = String> + use<> {
        let given = self.texts.clone().into_iter().flat_map(|text| {
            let longer = format!("{text}x");
            [text, longer]
        });
        let single = (b' '..=b'~').map(|byte| char::from(byte).to_string());
        iter::once("something".to_owned()).chain([String::new()]).chain(given).chain(single)
    }

    /// Values a step away from each named number first, because they read well; then the complete set.
    fn numbers_around(&self, step: Number, signed: bool) -> impl Iterator<Item = Number> + use<> {
        let (named, near_step) = (self.numbers.clone(), step.clone());
        let near = self.numbers.clone().into_iter().flat_map(move |end| match (&end - &near_step, &end + &near_step) {
            (less, more) if less.is_negative() => [more, less],
            (less, more) => [less, more],
        });
        let complete = iter::once_with(move || complete(named, &step)).flatten();
        near.chain(complete).filter(move |number| signed || !number.is_negative())
    }

    /// Sizes: half and twice of what is named read better than a byte more or less.
    fn sizes(&self) -> impl Iterator<Item = Number> + use<> {
        let (half, two) = (Number::from(5) * Number::power_of_ten(-1), Number::from(2));
        let far: Vec<Number> = self
            .numbers
            .iter()
            .filter(|size| **size >= Number::from(1024))
            .flat_map(|size| [(size * &half).floor(), size * &two])
            .collect();
        far.into_iter().chain(self.whole_numbers())
    }

    /// Lengths of time: a step is as large as it is shown, so that 24 hours less a second do not read as 24 hours.
    fn lengths(&self) -> impl Iterator<Item = Number> + use<> {
        let shown = |length: &Number| match length {
            long if *long > Number::from(3 * 86_400) => Number::from(3600),
            long if *long > Number::from(3600) => Number::from(60),
            _ => Number::one(),
        };
        let near = |length: &Number| [length - &shown(length), length + &shown(length)];
        let near: Vec<Number> = self.numbers.iter().flat_map(near).filter(|length| !length.is_negative()).collect();
        near.into_iter().chain(self.numbers_around(Number::one(), false))
    }

    /// The unit of such a fact is known only when it is measured: it is taken to be the one that is written, if one is.
    fn measured_numbers(&self) -> Box<dyn Iterator<Item = Value>> {
        let unit = self.units.iter().find(|unit| **unit != Unit::One);
        let bare = self.numbers_around(Number::one(), true).map(Value::Number);
        match unit {
            Some(Unit::Bytes) => Box::new(self.sizes().map(Value::Bytes).chain(bare)),
            Some(Unit::Seconds) => Box::new(self.lengths().map(Value::Duration).chain(bare)),
            Some(Unit::Ratio) => {
                Box::new(self.numbers_around(Number::power_of_ten(-2), true).map(Value::Ratio).chain(bare))
            }
            Some(Unit::One) | None => Box::new(bare),
        }
    }

    fn whole_numbers(&self) -> impl Iterator<Item = Number> + use<> {
        self.numbers_around(Number::one(), false).flat_map(|number| {
            let floor = number.floor();
            let next = &floor + &Number::one();
            [floor, next]
        })
    }
}

/// The numbers that were named, 0 and 1; a point between each two neighbours; and one beyond either end.
fn complete(mut ends: Vec<Number>, step: &Number) -> Vec<Number> {
    ends.push(Number::zero());
    ends.push(Number::one());
    ends.sort();
    ends.dedup();
    let between = ends.windows(2).map(|pair| {
        let half = Number::from(5) * Number::power_of_ten(-1);
        &(&pair[0] + &pair[1]) * &half
    });
    let beyond = ends.first().into_iter().chain(ends.last()).flat_map(|end| [end - step, end + step]);
    ends.iter().cloned().chain(between).chain(beyond).collect()
}

fn table(rows: usize) -> Value {
    Value::Table(Table { columns: Vec::new(), rows: vec![Vec::new(); rows] })
}

//! Holding a value against a condition.

use std::cmp::Ordering;

use super::{Comparison, Literal, Node, Shift};
use crate::model::fact::{Unit, Value};
use crate::model::format::{self, shortened};
use crate::model::instant::Instant;
use crate::model::number::Number;

type Answer = Result<bool, String>;

pub(super) fn holds(node: &Node, value: &Value, baseline: Option<&Value>) -> Answer {
    answer(node, value, baseline, false)
}

/// `negated`: does it hold when this does not?
fn answer(node: &Node, value: &Value, baseline: Option<&Value>, negated: bool) -> Answer {
    match node {
        Node::Compare(comparison, literal) => compare(*comparison, literal, value),
        Node::Between(low, high) => {
            Ok(compare(Comparison::AtLeast, low, value)? && compare(Comparison::AtMost, high, value)?)
        }
        Node::Matches(pattern) => match value {
            Value::Text(text) if negated => Ok(pattern.is_in_a_line(text)),
            Value::Text(text) => Ok(pattern.is_match(text)),
            _ => Err(mismatch(value, "a pattern is for text")),
        },
        Node::OneOf(items) => any(items.iter().map(|item| compare(Comparison::Equal, item, value))),
        Node::Is(expected) => match value {
            Value::Flag(flag) => Ok(flag == expected),
            _ => Err(mismatch(value, "it is neither true nor false")),
        },
        Node::Empty => match value {
            Value::Text(text) => Ok(text.is_empty()),
            Value::List(items) => Ok(items.is_empty()),
            Value::Table(table) => Ok(table.rows.is_empty()),
            _ => Err(mismatch(value, "it can be neither empty nor full")),
        },
        Node::Contains(part) => match value {
            Value::Text(text) => Ok(text.contains(part.as_str())),
            Value::List(items) => Ok(items.contains(part)),
            _ => Err(mismatch(value, "it contains nothing")),
        },
        Node::NearBaseline(share) => {
            let (number, base) = with_baseline(value, baseline)?;
            Ok((&number - &base).abs() <= &base.abs() * share)
        }
        Node::Baseline(comparison, shift) => {
            let (number, base) = with_baseline(value, baseline)?;
            Ok(ordered(*comparison, number.cmp(&shifted(&base, shift))))
        }
        Node::Not(node) => answer(node, value, baseline, !negated).map(|held| !held),
        Node::All(nodes) => all(nodes.iter().map(|node| answer(node, value, baseline, negated))),
        Node::Any(nodes) => any(nodes.iter().map(|node| answer(node, value, baseline, negated))),
    }
}

/// One `no` decides; else one `cannot be said` does.
fn all(answers: impl Iterator<Item = Answer>) -> Answer {
    let mut unknown = None;
    for answer in answers {
        match answer {
            Ok(true) => {}
            Ok(false) => return Ok(false),
            Err(reason) => unknown = unknown.or(Some(reason)),
        }
    }
    unknown.map_or(Ok(true), Err)
}

/// One `yes` decides; else one `cannot be said` does.
fn any(answers: impl Iterator<Item = Answer>) -> Answer {
    all(answers.map(|answer| answer.map(|held| !held))).map(|none| !none)
}

fn mismatch(value: &Value, why: &str) -> String {
    format!("\"{}\" cannot be held against it: {why}", shortened(&format::value(value), 60))
}

fn ordered(comparison: Comparison, ordering: Ordering) -> bool {
    match comparison {
        Comparison::Equal => ordering.is_eq(),
        Comparison::Different => ordering.is_ne(),
        Comparison::Below => ordering.is_lt(),
        Comparison::AtMost => ordering.is_le(),
        Comparison::Above => ordering.is_gt(),
        Comparison::AtLeast => ordering.is_ge(),
    }
}

fn compare(comparison: Comparison, literal: &Literal, value: &Value) -> Answer {
    match value {
        Value::Instant(at) => compare_times(comparison, literal, *at),
        Value::Text(text) if comparison.is_equality() => Ok(ordered(comparison, text.cmp(&literal.text))),
        Value::Flag(flag) if comparison.is_equality() => match literal.text.as_str() {
            "true" => Ok(ordered(comparison, flag.cmp(&true))),
            "false" => Ok(ordered(comparison, flag.cmp(&false))),
            _ => Err(mismatch(value, "it is true or false")),
        },
        _ => {
            let (number, wanted) = on_one_scale(value, literal)?;
            Ok(ordered(comparison, number.cmp(&wanted)))
        }
    }
}

/// A written time stands for all its seconds: `== 2025-10-18` is any time of that day, `>` is after it.
fn compare_times(comparison: Comparison, literal: &Literal, at: Instant) -> Answer {
    let Some(stamp) = literal.time else {
        return Err(mismatch(&Value::Instant(at), "it is a point in time"));
    };
    let place = if at < stamp.at {
        Ordering::Less
    } else if at > stamp.end() {
        Ordering::Greater
    } else {
        Ordering::Equal
    };
    Ok(ordered(comparison, place))
}

/// The value and the literal as numbers of one unit.
fn on_one_scale(value: &Value, literal: &Literal) -> Result<(Number, Number), String> {
    let unlike = || mismatch(value, &format!("`{}` is another kind of value", shortened(&literal.text, 60)));
    let (number, unit) = value.quantity().ok_or_else(unlike)?;
    let (wanted, written) = literal.quantity.clone().ok_or_else(unlike)?;
    let comparable = unit == written
        || (wanted.is_zero() && written == Unit::One)
        || (unit == Unit::Ratio && written == Unit::One && is_share(&wanted))
        || (matches!(value, Value::Number(_)) && (written != Unit::Ratio || is_share(&number)));
    if comparable { Ok((number, wanted)) } else { Err(unlike()) }
}

/// A number without a unit is taken as a share only between 0 and 1: 98 may be a percentage, or not.
pub(super) fn is_share(number: &Number) -> bool {
    !number.is_negative() && *number <= Number::one()
}

fn with_baseline(value: &Value, baseline: Option<&Value>) -> Result<(Number, Number), String> {
    let (number, unit) = value.quantity().ok_or_else(|| mismatch(value, "a baseline is for numbers"))?;
    let (base, other) = baseline.ok_or("no baseline")?.quantity().ok_or("the baseline is not a number")?;
    if unit == other { Ok((number, base)) } else { Err("the baseline has another unit".to_owned()) }
}

pub(super) fn shifted(base: &Number, shift: &Shift) -> Number {
    match shift {
        Shift::None => base.clone(),
        Shift::Relative(share) => base + &(&base.abs() * share),
        Shift::Absolute(size, _) => base + size,
    }
}

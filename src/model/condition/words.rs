//! A condition in words, for the sentence that says what was expected.

use super::{Comparison, Literal, Node, Shift};
use crate::model::fact::{Unit, Value};
use crate::model::format::{self, shortened};

/// Longest part of a condition in a sentence, in characters.
const MOST: usize = 80;

pub(super) fn words(node: &Node, beside: &Value) -> String {
    match node {
        Node::Compare(comparison, literal) => compared(*comparison, literal, beside),
        Node::Between(low, high) => format!("{} to {}", shown(low, beside), shown(high, beside)),
        Node::Matches(pattern) => format!("a text that matches `{}`", shortened(pattern.as_str(), MOST)),
        Node::OneOf(items) => {
            let items: Vec<String> = items.iter().map(|item| shown(item, beside)).collect();
            format!("one of {}", shortened(&items.join(", "), MOST))
        }
        Node::Is(flag) => format::yes_no(*flag).to_owned(),
        Node::Empty => "nothing in it".to_owned(),
        Node::Contains(part) => format!("`{}` in it", shortened(part, MOST)),
        Node::NearBaseline(share) => format!("the baseline give or take {}", format::percent(share)),
        Node::Baseline(comparison, shift) => format!("{} the baseline{}", amount(*comparison), shifted(shift)),
        Node::Not(node) => match &**node {
            Node::Empty => "something in it".to_owned(),
            node => format!("anything but {}", words(node, beside)),
        },
        Node::All(nodes) => joined(nodes, " and ", beside),
        Node::Any(nodes) => joined(nodes, " or ", beside),
    }
}

fn joined(nodes: &[Node], word: &str, beside: &Value) -> String {
    nodes.iter().map(|node| words(node, beside)).collect::<Vec<_>>().join(word)
}

fn compared(comparison: Comparison, literal: &Literal, beside: &Value) -> String {
    let counting = matches!(beside, Value::Count(_));
    let nothing = counting && literal.quantity.as_ref().is_some_and(|(number, _)| number.is_zero());
    match comparison {
        Comparison::Equal if nothing => "none".to_owned(),
        Comparison::Equal if literal.quantity.is_none() => shown(literal, beside),
        _ => format!("{} {}", amount(comparison), shown(literal, beside)),
    }
}

const fn amount(comparison: Comparison) -> &'static str {
    match comparison {
        Comparison::Equal => "exactly",
        Comparison::Different => "anything but",
        Comparison::Below => "less than",
        Comparison::AtMost => "at most",
        Comparison::Above => "more than",
        Comparison::AtLeast => "at least",
    }
}

/// With as many digits as tell it from the value.
fn shown(literal: &Literal, beside: &Value) -> String {
    match (&literal.quantity, literal.time) {
        (_, Some(stamp)) => format::stamp(stamp, "UTC"),
        (Some((number, unit)), _) => {
            let apart = apart(literal, beside).map(|(own, _)| own);
            apart.unwrap_or_else(|| format::quantity(number, *unit))
        }
        _ => shortened(&literal.text, MOST),
    }
}

/// A literal and the value where they would be written alike and are not the same.
fn apart(literal: &Literal, value: &Value) -> Option<(String, String)> {
    let own = match (&literal.quantity, literal.time) {
        (_, Some(stamp)) => Value::Instant(stamp.at),
        (Some((number, Unit::One)), _) => Value::Number(number.clone()),
        (Some((number, Unit::Ratio)), _) => Value::Ratio(number.clone()),
        (Some((number, Unit::Seconds)), _) => Value::Duration(number.clone()),
        (Some((number, Unit::Bytes)), _) => Value::Bytes(number.clone()),
        _ => return None,
    };
    format::values_apart(&own, value)
}

/// The value with as many digits as tell it from a literal of the condition that would be written alike.
pub(super) fn value(node: &Node, beside: &Value) -> Option<String> {
    let of = |literal: &Literal| apart(literal, beside).map(|(_, value)| value);
    match node {
        Node::Compare(_, literal) => of(literal),
        Node::Between(low, high) => of(low).or_else(|| of(high)),
        Node::OneOf(items) => items.iter().find_map(of),
        Node::Not(node) => value(node, beside),
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().find_map(|node| value(node, beside)),
        _ => None,
    }
}

fn shifted(shift: &Shift) -> String {
    let signed = |negative: bool, size: String| format!(" {} {size}", if negative { "minus" } else { "plus" });
    match shift {
        Shift::None => String::new(),
        Shift::Relative(share) => signed(share.is_negative(), format::percent(&share.abs())),
        Shift::Absolute(size, unit) => signed(size.is_negative(), format::quantity(&size.abs(), *unit)),
    }
}

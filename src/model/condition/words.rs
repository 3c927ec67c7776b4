//! A condition in words, for the sentence that says what was expected.

use super::{Comparison, Literal, Node, Shift};
use crate::model::format::{self, shortened};

/// Longest part of a condition in a sentence, in characters.
const MOST: usize = 80;

pub(super) fn words(node: &Node, counting: bool) -> String {
    match node {
        Node::Compare(comparison, literal) => compared(*comparison, literal, counting),
        Node::Between(low, high) => format!("{} to {}", shown(low), shown(high)),
        Node::Matches(pattern) => format!("a text that matches `{}`", shortened(pattern.as_str(), MOST)),
        Node::OneOf(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            format!("one of {}", shortened(&items.join(", "), MOST))
        }
        Node::Is(flag) => format::yes_no(*flag).to_owned(),
        Node::Empty => "nothing in it".to_owned(),
        Node::Contains(part) => format!("`{}` in it", shortened(part, MOST)),
        Node::NearBaseline(share) => format!("the baseline give or take {}", format::percent(share)),
        Node::Baseline(comparison, shift) => format!("{} the baseline{}", amount(*comparison), shifted(shift)),
        Node::Not(node) => match &**node {
            Node::Empty => "something in it".to_owned(),
            node => format!("anything but {}", words(node, counting)),
        },
        Node::All(nodes) => joined(nodes, " and ", counting),
        Node::Any(nodes) => joined(nodes, " or ", counting),
    }
}

fn joined(nodes: &[Node], word: &str, counting: bool) -> String {
    nodes.iter().map(|node| words(node, counting)).collect::<Vec<_>>().join(word)
}

fn compared(comparison: Comparison, literal: &Literal, counting: bool) -> String {
    let nothing = counting && literal.quantity.as_ref().is_some_and(|(number, _)| number.is_zero());
    match comparison {
        Comparison::Equal if nothing => "none".to_owned(),
        Comparison::Equal if literal.quantity.is_none() => shown(literal),
        _ => format!("{} {}", amount(comparison), shown(literal)),
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

fn shown(literal: &Literal) -> String {
    match (&literal.quantity, literal.time) {
        (_, Some(stamp)) => format::stamp(stamp, "UTC"),
        (Some((number, unit)), _) => format::quantity(number, *unit),
        _ => shortened(&literal.text, MOST),
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

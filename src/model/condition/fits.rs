//! Does a condition suit the type of a fact? Asked when the file is loaded, before anything is measured.

use super::holds::is_share;
use super::{Comparison, ConditionProblem, Literal, Node, Shift};
use crate::model::fact::{FactType, Unit};

type Fit = Result<(), ConditionProblem>;

pub(super) fn fits(node: &Node, fact: FactType) -> Fit {
    match node {
        Node::Compare(comparison, literal) => compared(*comparison, literal, fact),
        Node::Between(low, high) => {
            compared(Comparison::AtLeast, low, fact)?;
            compared(Comparison::AtMost, high, fact)
        }
        Node::OneOf(items) => items.iter().try_for_each(|item| compared(Comparison::Equal, item, fact)),
        Node::Matches(pattern) => only(fact == FactType::Text, pattern.as_str(), "a pattern", fact),
        Node::Is(flag) => {
            only(fact == FactType::Flag, if *flag { "true" } else { "false" }, "a condition for flags", fact)
        }
        Node::Empty => {
            let can = matches!(fact, FactType::Text | FactType::List | FactType::Table);
            only(can, "empty", "a condition for texts, lists and tables", fact)
        }
        Node::Contains(part) => {
            only(matches!(fact, FactType::Text | FactType::List), part, "a part of a text or list", fact)
        }
        Node::NearBaseline(_) => only(is_number(fact), "of baseline", "a condition for numbers", fact),
        Node::Baseline(_, shift) => {
            only(is_number(fact), "baseline", "a condition for numbers", fact)?;
            match shift {
                Shift::Absolute(_, unit) if !same_unit(*unit, fact) => Err(ConditionProblem::new(
                    "the distance from \"baseline\" has another unit than the fact",
                    help(fact, "5"),
                )),
                _ => Ok(()),
            }
        }
        Node::Not(node) => fits(node, fact),
        Node::All(nodes) | Node::Any(nodes) => nodes.iter().try_for_each(|node| fits(node, fact)),
    }
}

fn only(fits: bool, part: &str, is: &str, fact: FactType) -> Fit {
    if fits {
        return Ok(());
    }
    Err(ConditionProblem::new(format!("\"{part}\" is {is}, and the fact is {}", named(fact)), help(fact, "5")))
}

fn compared(comparison: Comparison, literal: &Literal, fact: FactType) -> Fit {
    let fits = match fact {
        FactType::Text => comparison.is_equality(),
        FactType::Flag => comparison.is_equality() && matches!(literal.text.as_str(), "true" | "false"),
        FactType::List | FactType::Table => false,
        FactType::Instant => literal.time.is_some(),
        FactType::Number => literal.quantity.is_some(),
        FactType::Ratio => literal.quantity.as_ref().is_some_and(|(number, unit)| match unit {
            Unit::Ratio => true,
            Unit::One => is_share(number),
            _ => false,
        }),
        FactType::Count | FactType::Duration | FactType::Bytes => literal
            .quantity
            .as_ref()
            .is_some_and(|(number, unit)| same_unit(*unit, fact) || (number.is_zero() && *unit == Unit::One)),
    };
    if fits {
        return Ok(());
    }
    let message = format!("\"{} {}\" does not fit a fact that is {}", comparison.sign(), literal.text, named(fact));
    Err(ConditionProblem::new(message, help(fact, &literal.text)))
}

const fn is_number(fact: FactType) -> bool {
    matches!(fact, FactType::Count | FactType::Number | FactType::Ratio | FactType::Duration | FactType::Bytes)
}

const fn same_unit(unit: Unit, fact: FactType) -> bool {
    match fact {
        FactType::Count => matches!(unit, Unit::One),
        FactType::Ratio => matches!(unit, Unit::Ratio),
        FactType::Duration => matches!(unit, Unit::Seconds),
        FactType::Bytes => matches!(unit, Unit::Bytes),
        _ => matches!(fact, FactType::Number),
    }
}

const fn named(fact: FactType) -> &'static str {
    match fact {
        FactType::Count => "a count",
        FactType::Number => "a number",
        FactType::Ratio => "a share",
        FactType::Duration => "a length of time",
        FactType::Bytes => "a size in bytes",
        FactType::Instant => "a point in time",
        FactType::Text => "text",
        FactType::Flag => "true or false",
        FactType::List => "a list",
        FactType::Table => "a table",
    }
}

/// What to write instead, with the number that was written where that helps.
fn help(fact: FactType, written: &str) -> String {
    let plain = written.bytes().all(|b| b.is_ascii_digit() || b == b'.') && !written.is_empty();
    let number = if plain { written } else { "24" };
    let not = if plain { format!(", not {written}") } else { String::new() };
    match fact {
        FactType::Count => "write a number without a unit, such as `>= 13`".to_owned(),
        FactType::Number => "write a number, with a unit if the measurement has one".to_owned(),
        FactType::Ratio => format!("write {}%{not}", if plain { written } else { "95" }),
        FactType::Duration => format!("write {number}h{not}"),
        FactType::Bytes => format!("write {number}MiB{not}"),
        FactType::Instant => "write a time such as `>= 2025-10-18` or `>= 2025-10-18T20:43Z`".to_owned(),
        FactType::Text => "write `== ok`, `matches ^main$`, `one of [main, release]` or `not empty`".to_owned(),
        FactType::Flag => "write `true` or `false`".to_owned(),
        FactType::List => "write `contains prometheus`, `empty` or `not empty`".to_owned(),
        FactType::Table => "write `empty` or `not empty`, or use a fact that counts its rows".to_owned(),
    }
}

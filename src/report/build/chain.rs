//! The rules of the verdict as a drawing: one mark for each in the order in which they were asked.

use super::{Source, outcome, words};
use crate::model::judgement::RuleOutcome;
use crate::report::view::chart::{Chain, Step};

/// From one rule to the next.
const PITCH: usize = 64;

pub(super) fn chain(source: &Source<'_>) -> Option<Chain> {
    let rules = &source.judgement().chain;
    if rules.is_empty() {
        return None;
    }
    let x = |at: usize| (at * PITCH + PITCH / 2).to_string();
    let decided = rules.iter().position(|rule| rule.decided);
    let verdict = outcome::verdict(source).mark.word;
    let steps = rules.iter().enumerate();
    Some(Chain {
        description: rules.iter().enumerate().map(|(at, rule)| told(at, rule)).collect::<Vec<_>>().join(" "),
        width: (rules.len() * PITCH).to_string(),
        steps: steps.map(|(at, rule)| Step { number: (at + 1).to_string(), x: x(at), shape: shape(rule) }).collect(),
        decided_at: decided.map(x),
        sentence: match decided {
            Some(at) => {
                format!("Rule {} of {} is the first that fired, so it decides: {verdict}.", at + 1, rules.len())
            }
            None => format!("None of the {} rules fired: {verdict}.", rules.len()),
        },
    })
}

fn shape(rule: &RuleOutcome) -> String {
    let word = match (rule.fired, rule.decided) {
        (true, true) => "decided",
        (true, false) => "fired",
        (false, _) => "no",
    };
    word.to_owned()
}

fn told(at: usize, rule: &RuleOutcome) -> String {
    let answer = words::fired(rule.fired, rule.decided, rule.rule).word;
    format!("{}. {} {answer}.", at + 1, words::rule(rule.rule))
}

//! `equation`: `135 + 19 + 74 = 228`, written out, or with the result first.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};
use crate::proofread::finding::Level;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::{Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View};
use crate::proofread::words::{self, Words, is_among};

/// Two numbers with a sign between them, and a result.
static EQUATION: Pattern =
    LazyLock::new(|| Regex::new(r"\d.* [-+−–×x*⋅·/÷] \D{0,3}\d.* [=≈] \D{0,3}\d|\d.* = \D{0,3}\d.* \+ \D{0,3}\d").ok());
/// Words before a number that is said to be a sum.
static SUMS: Words = Words::of("total totals sum altogether overall all");

/// What may stand behind the last term and make it another.
const GO_ON: [&str; 15] = ["+", "-", "−", "–", "×", "x ", "*", "·", "/", "÷", "^", "(", "..", "…", "&"];
/// Words that do.
static FURTHER: Words = Words::of("and plus or etc minus less times more others");

/// A sign between two numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Sign {
    Plus,
    Minus,
    Times,
    Over,
    Equals,
}

fn sign(between: &str) -> Option<Sign> {
    match between.trim() {
        "+" => Some(Sign::Plus),
        "-" | "−" | "–" => Some(Sign::Minus),
        "×" | "x" | "*" | "⋅" | "·" => Some(Sign::Times),
        "/" | "÷" => Some(Sign::Over),
        "=" | "≈" => Some(Sign::Equals),
        _ => None,
    }
}

/// Holds sums, differences, products and quotients that are written out with their result.
pub(super) fn equation(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for block in view.prose(&EQUATION) {
        let mentions: Vec<&Mention> = view.mentions(block).collect();
        let text = view.text(block);
        let signs: Vec<Option<Sign>> = mentions.windows(2).map(|pair| between(text, pair[0], pair[1])).collect();
        let mut from = 0;
        for (at, sign) in signs.iter().enumerate() {
            match sign {
                None => from = at + 1,
                Some(Sign::Equals) => {
                    judge(view, block, &mentions[from..=at + 1], &signs[from..at], sink);
                    if from == at {
                        result_first(view, block, &mentions[at..], &signs[at..], sink);
                    }
                    from = at + 1;
                }
                Some(_) => {}
            }
        }
    }
}

/// `Total 15 = 4 + 5 + 6`, of numbers from the result on, and of the signs between them. Fewer than three terms may be what a
/// name stands for (`plan 1 = 2 + 3`), and another sign a range (`level 1 = 10 - 20`).
fn result_first(view: &View<'_>, block: usize, mentions: &[&Mention], signs: &[Option<Sign>], sink: &mut Sink<'_, '_>) {
    let text = view.text(block);
    let length = signs[1..].iter().take_while(|sign| **sign == Some(Sign::Plus)).count();
    let (result, terms) = (mentions[0], &mentions[1..length + 2]);
    let before = text[..result.span.start].rsplit(['.', ';', ',']).next().unwrap_or_default();
    let is_sum = || words::of(before).iter().any(|word| is_among(word, &SUMS));
    let equals = text[result.span.end..terms[0].span.start].contains('=');
    let goes_on = signs.get(length + 1).is_some_and(Option::is_some);
    let last = terms.last().map_or(result.span.end, |last| last.span.end);
    let behind = text[last..].trim_start();
    let behind = terms.last().and_then(|last| behind.strip_prefix(&*last.noun)).unwrap_or(behind).trim_start();
    let word = words::of(behind.split([',', ';', '.']).next().unwrap_or_default()).into_iter().next();
    let open = GO_ON.iter().any(|more| behind.starts_with(more)) || word.is_some_and(|word| is_among(&word, &FURTHER));
    if !equals || goes_on || open || length == 0 || length < 2 && !is_sum() {
        return;
    }
    let ordered: Vec<&Mention> = terms.iter().copied().chain([result]).collect();
    judge_between(view, block, (result.span.start, last), &ordered, &signs[1..=length], sink);
}

/// The sign between two numbers; the noun of the first may stand before it.
fn between(text: &str, first: &Mention, second: &Mention) -> Option<Sign> {
    let between = text.get(first.span.end..second.span.start)?;
    let spaced = between.starts_with(' ') && between.ends_with(' ');
    let bare = between.trim().strip_prefix(&*first.noun).unwrap_or_else(|| between.trim());
    if spaced { sign(bare).or_else(|| sign(between)) } else { None }
}

fn plain(mention: &Mention) -> Option<&Printed> {
    match &mention.stated {
        Stated::Number(printed) if printed.out_of.is_none() && !matches!(mention.kind(), Kind::Rate | Kind::Factor) => {
            matches!(printed.qualifier, Qualifier::Plain | Qualifier::About).then_some(printed)
        }
        _ => None,
    }
}

fn judge(view: &View<'_>, block: usize, mentions: &[&Mention], signs: &[Option<Sign>], sink: &mut Sink<'_, '_>) {
    if let [first, .., last] = mentions {
        judge_between(view, block, (first.span.start, last.span.end), mentions, signs, sink);
    }
}

/// The terms and then the result, which stand between two bytes of a block.
fn judge_between(
    view: &View<'_>,
    block: usize,
    (start, end): (usize, usize),
    mentions: &[&Mention],
    signs: &[Option<Sign>],
    sink: &mut Sink<'_, '_>,
) {
    let Some((result, terms)) = mentions.split_last().filter(|(_, terms)| terms.len() >= 2) else { return };
    let text = view.text(block);
    // What stands around may belong to it: `2 × (3 + 4) = 14`, `x + 3 = 4`, `a = 3 + 4 = 7 + 1`.
    let before = text[..start].trim_end();
    let behind = text[end..].trim_start();
    let open = before.ends_with(['+', '-', '−', '*', '×', '/', '÷', '(', '^', '=', '·', ')'])
        || before.ends_with(" x")
        || behind.starts_with(['+', '*', '×', '/', '÷', '^', '·', '(', '−', '!'])
        || behind.starts_with("- ");
    let bracketed = before.ends_with('(') && behind.starts_with(')');
    if open && !bracketed {
        return;
    }
    let signs: Vec<Sign> = signs.iter().copied().flatten().collect();
    let (Some(claimed), Some(terms)) =
        (plain(result), terms.iter().map(|term| plain(term)).collect::<Option<Vec<_>>>())
    else {
        return;
    };
    let all = |wanted: &[Sign]| signs.iter().all(|sign| wanted.contains(sign));
    let additive = all(&[Sign::Plus, Sign::Minus]);
    let same_units = terms.iter().all(|term| term.unit == claimed.unit);
    if !(additive && same_units || all(&[Sign::Times]) || all(&[Sign::Over])) {
        return;
    }
    let Some(worked) = worked(&terms, &signs) else { return };
    let mut verdicts = vec![worked.against(claimed)];
    let mut nearest = worked.clone();
    if !additive {
        // The unit of a product is that of one side; of a quotient it may be none.
        let united = terms.iter().filter(|term| term.unit != Unit::One).count();
        if united > 1 || united == 0 && !matches!(claimed.unit, Unit::One | Unit::Ratio) {
            return;
        }
        if united == 1 && terms.iter().all(|term| term.unit != claimed.unit) {
            return;
        }
        verdicts.push(worked.times(&Worked::exact(Number::from(100))).against(claimed));
        // `30 days × 24 = 720 hours`: the factor is what one unit has of the other.
        if let Some(converted) = converted(&terms, &signs, claimed) {
            let off = |worked: &Worked| (worked.value() - claimed.value()).abs();
            verdicts.push(converted.of_chosen(claimed));
            nearest = if off(&converted) < off(&nearest) { converted } else { nearest };
        }
    }
    let verdict = best(verdicts);
    sink.judge(verdict, || Draft {
        message: format!("this comes to {}, the text says {}", shown(&nearest, claimed), claimed.text),
        claimed: claimed.text.clone(),
        recomputed: shown(&nearest, claimed),
        readings: &["nearest", "cut off or rounded up"],
        anchors: [result]
            .into_iter()
            .chain(&mentions[..mentions.len() - 1])
            .map(|one| view.anchor(block, one.span.clone()))
            .collect(),
        at_most: Level::Warning,
    });
}

fn shown(worked: &Worked, claimed: &Printed) -> String {
    match claimed.unit {
        Unit::One => worked.value().to_rounded(6),
        unit => crate::model::format::quantity(worked.value(), unit),
    }
}

/// From the digits alone, in the unit of the result; `None` where the one term with a unit has the same unit word, or
/// cannot be converted into it.
fn converted(terms: &[&Printed], signs: &[Sign], claimed: &Printed) -> Option<Worked> {
    if !matches!(claimed.unit, Unit::Seconds | Unit::Bytes) {
        return None;
    }
    let scale = |printed: &Printed| Some(Worked::exact(printed.runs.first()?.scales.first()?.clone()));
    let (own, wanted) = (scale(terms.iter().find(|term| term.unit == claimed.unit)?)?, scale(claimed)?);
    (own != wanted).then(|| worked(terms, signs)?.over(&own).map(|plain| plain.times(&wanted))).flatten()
}

fn worked(terms: &[&Printed], signs: &[Sign]) -> Option<Worked> {
    let mut worked = Worked::of(terms.first()?, 0)?;
    for (term, sign) in terms.iter().skip(1).zip(signs) {
        let next = Worked::of(term, 0)?;
        worked = match sign {
            Sign::Plus => worked + next,
            Sign::Minus => worked - next,
            Sign::Times => worked.times(&next),
            Sign::Over => worked.over(&next)?,
            Sign::Equals => return None,
        };
    }
    Some(worked)
}

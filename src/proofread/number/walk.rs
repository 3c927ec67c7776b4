//! Walks through a text and stops at every number.

use std::ops::Range;

use super::{Kind, Mention, Stated, is_scale, kind_of_unit, opaque};
use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedFraction, PrintedTime, Qualifier, negation};
use crate::proofread::words::Words;

/// How many words behind a number are kept.
const MOST_WORDS: usize = 3;
/// Longer words before a colon are no labels.
const LONGEST_LABEL: usize = 40;
/// Words that end the noun behind a number.
const STOP_WORDS: [&str; 40] = [
    "of", "and", "or", "in", "at", "to", "for", "with", "is", "are", "was", "were", "on", "per", "from", "by", "the",
    "a", "an", "as", "than", "which", "that", "but", "vs", "versus", "out", "so", "if", "while", "when", "where",
    "has", "have", "had", "after", "before", "via", "not", "no",
];
/// Signs that qualify a number and may stand right behind a word: `P95<250ms`.
const SIGNS: [char; 6] = ['<', '>', '≤', '≥', '~', '≈'];
const CURRENCIES: [char; 5] = ['$', '€', '£', '¥', '₹'];
/// Percentage points.
const POINTS: &str = "pp";
/// What may stand right behind the digits and is no unit of ours.
const GLUED: [&str; 4] = ["x", "X", "×", POINTS];
/// What a rate is per.
const PER: [&str; 16] =
    ["s", "sec", "second", "m", "min", "minute", "h", "hr", "hour", "d", "day", "week", "month", "mo", "year", "yr"];

/// Every number that the text states, from left to right; spans do not overlap. Inline markup must be gone already.
pub fn mentions(text: &str) -> Vec<Mention> {
    // Nearly all cells of tables of numbers.
    if let Some(printed) = Printed::bare(text) {
        let (kind, unit) = (kind_of_unit(&printed), unit_as_written(&printed));
        return vec![Mention { span: 0..text.len(), stated: Stated::Number(printed), noun: String::new(), kind, unit }];
    }
    let mut found = Vec::new();
    walk(text, |mention| {
        if found.is_empty() {
            // Cells have one number, and room for four would be most of the memory of a dense document.
            found.reserve_exact(1);
        }
        found.push(mention);
    });
    found
}

/// The first number of a text that stands behind a word such as `not`, from that word on: it says what is not so, and is none of
/// [`mentions`].
pub fn negated(text: &str) -> Option<Range<usize>> {
    let may_be = ["not", "Not", "NOT", "n't", "n’t", "ever", "longer"].iter().any(|word| text.contains(word));
    may_be.then(|| walk(text, drop)).flatten()
}

/// Hands over every number from left to right; gives back the first that is negated, which is not handed over.
fn walk(text: &str, mut on: impl FnMut(Mention)) -> Option<Range<usize>> {
    if is_progress(text) {
        return None;
    }
    let opaque = opaque::spans(text);
    let mut hidden = opaque.iter().peekable();
    let (mut denied, mut at) = (None, 0);
    while let Some(next) = text[at..].chars().next() {
        while hidden.next_if(|span| span.end <= at).is_some() {}
        if let Some(span) = hidden.peek().filter(|span| span.start <= at) {
            at = span.end;
            continue;
        }
        if may_begin(&text[at..], next) && begins(text, at, next) {
            if let Some(mention) = mention_at(text, at) {
                at = mention.span.end;
                match negation(&text[..mention.span.start]) {
                    Some(start) => denied = denied.or(Some(start..mention.span.end)),
                    None => on(mention),
                }
                continue;
            }
            if next.is_ascii_digit() {
                at += token(&text[at..]);
                continue;
            }
        }
        // No number begins inside of a word.
        at += if next.is_alphabetic() { word_length(&text[at..]) } else { next.len_utf8() };
    }
    denied
}

fn word_length(text: &str) -> usize {
    text.find(|c: char| !c.is_alphanumeric()).unwrap_or(text.len())
}

/// As [`mentions`] from a byte on, read apart from what stands before it. Spans are in the whole text.
pub fn mentions_after(text: &str, from: usize) -> Vec<Mention> {
    match text.get(from..) {
        Some(_) if is_progress(text) => Vec::new(),
        // With a letter in front, what begins with a number is no item of a list.
        Some(rest) if from > 0 => mentions(&format!("x{}{rest}", " ".repeat(from - 1))),
        Some(rest) => mentions(rest),
        None => Vec::new(),
    }
}

/// A progress bar shows a moment of a run, and nobody claims it.
fn is_progress(text: &str) -> bool {
    text.contains(['█', '▏', '▌', '░'])
}

/// How far something that is no number goes on.
fn token(text: &str) -> usize {
    text.find(|c: char| !(c.is_alphanumeric() || "_.,:/-–@#=+".contains(c))).unwrap_or(text.len()).max(1)
}

/// Words that a number may begin with: what qualifies it, the names of months and days, what Docker says first, and the
/// letters of a length of time in ISO 8601.
static OPENERS: Words = Words::of(
    "approximately approx roughly around almost nearly about circa ca a no not at more exceeding exceeds over above as up \
     fewer less under below between january february march april may june july august september october november \
     december jan feb mar apr jun jul aug sep oct nov dec monday tuesday wednesday thursday friday saturday sunday mon \
     tue wed thu fri sat sun p pt",
);
/// Can a number begin here, for what stands first in it? To read one costs much more, and text is full of words.
fn may_begin(rest: &str, next: char) -> bool {
    if !next.is_ascii_alphabetic() {
        return next.is_ascii_digit() || matches!(next, '-' | '−') || SIGNS.contains(&next);
    }
    let word = first_word(rest);
    OPENERS.has_in_any_case(word)
}

/// Can a number begin here, for what stands before it?
fn begins(text: &str, at: usize, next: char) -> bool {
    let mut before = text[..at].chars().rev();
    let Some(previous) = before.next() else { return true };
    if next.is_ascii_digit() && text[..at].trim_end_matches(' ').ends_with('±') {
        return false;
    }
    let earlier = before.next();
    if SIGNS.contains(&next) {
        return !matches!(previous, '-' | '=' | '<' | '>');
    }
    match previous {
        _ if previous.is_alphanumeric() => false,
        '_' | '/' | '#' | '@' | '-' | '±' | '\\' | '&' | '^' | '%' | '.' | '−' | '–' | '×' => false,
        '\'' => earlier.is_none_or(|c| c.is_whitespace() || c == '('),
        // The qualifier before it was not understood, unless it is the head of an arrow.
        '<' | '>' | '≤' | '≥' => matches!(earlier, Some('-' | '=' | '–')),
        ',' => !earlier.is_some_and(char::is_numeric),
        '+' => earlier.is_none_or(|c| c.is_whitespace() || c == '('),
        // `Claimed:13`, and not `localhost:9090` or `README.md:58`.
        ':' => {
            let mut word =
                text[..at - 1].chars().rev().take(LONGEST_LABEL).take_while(|c| !c.is_whitespace()).peekable();
            word.peek().is_none() || {
                let word: Vec<char> = word.collect();
                word.len() < LONGEST_LABEL
                    && word.iter().all(|c| c.is_alphabetic())
                    && word.last().is_some_and(|first| first.is_uppercase())
            }
        }
        _ => true,
    }
}

fn mention_at(text: &str, at: usize) -> Option<Mention> {
    let rest = &text[at..];
    if let Some(time) = PrintedTime::prefix(rest).filter(|time| time_ends(&rest[time.span.end..])) {
        let span = at..at + time.span.end;
        let stated = Stated::Time(time.moved(at));
        return Some(Mention { span, stated, noun: String::new(), kind: Kind::Time, unit: String::new() });
    }
    if let Some(fraction) = PrintedFraction::prefix(rest).filter(|fraction| ends(&rest[fraction.span.end..])) {
        return Some(of_fraction(text, fraction.moved(at)));
    }
    let printed = Printed::prefix(rest)?;
    let printed = if follows_from(text, at, &printed) { low_end(rest)? } else { printed };
    let end = printed.span.end;
    let behind = &rest[end..];
    let glued = GLUED.into_iter().find(|word| behind.strip_prefix(word).is_some_and(ends));
    let rate = behind.strip_prefix('/').is_some_and(|after| PER.contains(&first_word(after)));
    if !(glued.is_some() || rate || ends(behind)) {
        return None;
    }
    let money = text[..at].ends_with(CURRENCIES) || behind.trim_start().starts_with(CURRENCIES);
    let kind = match printed.qualifier {
        _ if rate => Kind::Rate,
        _ if glued.is_some_and(|word| word != POINTS) => Kind::Factor,
        _ if money => Kind::Money,
        _ if printed.out_of.is_some() => Kind::Score,
        Qualifier::Range => Kind::Range,
        _ => kind_of_unit(&printed),
    };
    let noun = if glued.is_some() || rate { String::new() } else { noun(behind) };
    let unit = glued.map_or_else(|| unit_as_written(&printed), str::to_owned);
    let span = at..at + end + glued.map_or(0, str::len);
    Some(Mention { span, stated: Stated::Number(printed.moved(at)), noun, kind, unit })
}

fn of_fraction(text: &str, fraction: PrintedFraction) -> Mention {
    let inside = noun(&text[fraction.whole_run.span.end..]);
    let noun = if inside.is_empty() { noun(&text[fraction.span.end..]) } else { inside };
    let score =
        fraction.percent.is_none() && noun.is_empty() && is_scale(&fraction.whole) && fraction.whole != Number::from(5);
    let kind = if score { Kind::Score } else { Kind::Fraction };
    Mention {
        span: fraction.span.clone(),
        stated: Stated::Fraction(Box::new(fraction)),
        noun,
        kind,
        unit: String::new(),
    }
}

/// `from 80 to 95` is a change, not a range.
fn follows_from(text: &str, at: usize, printed: &Printed) -> bool {
    printed.qualifier == Qualifier::Range && printed.text.contains(" to ") && {
        let word: String = text[..at].trim_end().chars().rev().take(4).collect();
        word.eq_ignore_ascii_case("morf")
    }
}

/// The number before the `to`.
fn low_end(rest: &str) -> Option<Printed> {
    Printed::prefix(rest.split(" to ").next()?)
}

/// Can a number end here, for what stands behind it?
fn ends(behind: &str) -> bool {
    let mut characters = behind.chars();
    let Some(next) = characters.next() else { return true };
    let after = characters.next();
    match next {
        _ if next.is_alphanumeric() || behind.trim_start_matches(' ').starts_with('±') => false,
        '_' | '%' | '@' | '#' | '^' | '\\' | '°' | '×' => false,
        '-' | '/' | '\'' | '–' => !after.is_some_and(char::is_alphanumeric),
        '.' => !after.is_some_and(char::is_alphanumeric),
        ',' | ':' => !after.is_some_and(|c| c.is_ascii_digit()),
        _ => true,
    }
}

fn time_ends(behind: &str) -> bool {
    let mut characters = behind.chars();
    match (characters.next(), characters.next()) {
        (Some(next), _) if next.is_alphanumeric() || next == '_' => false,
        (Some(':' | '.' | '/'), Some(after)) => !after.is_alphanumeric(),
        _ => true,
    }
}

fn first_word(text: &str) -> &str {
    &text[..text.find(|c: char| !c.is_alphabetic()).unwrap_or(text.len())]
}

/// The words behind a number, as far as they can be what it counts.
fn noun(behind: &str) -> String {
    let mut words: Vec<&str> = Vec::new();
    let mut rest = behind;
    while words.len() < MOST_WORDS {
        let trimmed = rest.trim_start_matches([' ', '\u{a0}', '-']);
        if trimmed.len() == rest.len() {
            break;
        }
        let end = trimmed.find(|c: char| !(c.is_alphabetic() || "-'’".contains(c))).unwrap_or(trimmed.len());
        let word = trimmed[..end].trim_end_matches(['-', '\'', '’']);
        let lower = word.to_lowercase();
        if !word.starts_with(char::is_alphabetic) || STOP_WORDS.contains(&lower.as_str()) {
            break;
        }
        words.push(word);
        rest = &trimmed[word.len()..];
    }
    words.join(" ")
}

/// The letters right behind the last digits: `hours` in `2+ hours`.
fn unit_as_written(printed: &Printed) -> String {
    let Some(run) = printed.runs.last().filter(|_| printed.unit != Unit::One) else { return String::new() };
    let behind: &str = printed.text.get(run.span.end..).unwrap_or_default();
    let behind = behind.trim_start_matches(|c: char| "+- ".contains(c) || c.is_whitespace());
    let end = behind.find(|c: char| !(c.is_alphabetic() || c == '%')).unwrap_or(behind.len());
    let word = &behind[..end];
    if matches!(word, "or") { String::new() } else { word.to_owned() }
}

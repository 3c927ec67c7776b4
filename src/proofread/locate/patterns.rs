//! Regular expressions that find a number again by the words around it, whatever its digits are then.

use std::collections::BTreeSet;
use std::ops::Range;

use crate::proofread::locator::Pattern;

/// Any digits: a number that ends in one.
const DIGITS: &str = r"[\d.,]*\d";
/// So many words before or behind a number tell it from others, tried in this order.
const WINDOWS: [usize; 4] = [2, 4, 7, 12];
/// Longer pieces of text are no context.
const MAX_CONTEXT: usize = 160;

/// What becomes of the digits around a number.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Around {
    /// They may change.
    Any,
    /// They tell it from others: `Day 3`.
    Kept,
}

/// Expressions for a number in prose: the words before it, then those around it.
pub(super) fn in_prose(text: &str, range: &Range<usize>) -> impl Iterator<Item = Pattern> {
    let mut found = Vec::new();
    for around in [Around::Any, Around::Kept] {
        for words in WINDOWS {
            let before = last_words(&text[..range.start], words);
            if text[before..range.start].chars().any(char::is_alphanumeric) {
                found.push(expression(text, before..range.start, range, range.end..range.end, around));
            }
        }
        for words in WINDOWS {
            let before = last_words(&text[..range.start], words);
            let after = range.end + first_words(&text[range.end..], words);
            found.push(expression(text, before..range.start, range, range.end..after, around));
        }
    }
    compiled(found)
}

/// Expressions for a number in a line of code: all that is before it, then all of the line.
pub(super) fn of_line(text: &str, range: &Range<usize>) -> impl Iterator<Item = Pattern> {
    let mut found = Vec::new();
    for around in [Around::Any, Around::Kept] {
        if text[..range.start].chars().any(char::is_alphanumeric) {
            found.push(expression(text, 0..range.start, range, range.end..range.end, around));
        }
        let whole = expression(text, 0..range.start, range, range.end..text.len(), around);
        found.push(whole.map(|source| format!("{source}$")));
        found.extend(WINDOWS.map(|words| {
            let before = last_words(&text[..range.start], words);
            expression(text, before..range.start, range, range.end..range.end, around)
        }));
    }
    compiled(found)
}

/// Each of them once, compiled when it is asked for.
fn compiled(sources: Vec<Option<String>>) -> impl Iterator<Item = Pattern> {
    let mut seen = BTreeSet::new();
    let sources = sources.into_iter().flatten().filter(move |source| seen.insert(source.clone()));
    sources.filter_map(|source| Pattern::with_value(&source).ok())
}

/// `None` when the words around it are too many characters.
fn expression(
    text: &str,
    before: Range<usize>,
    range: &Range<usize>,
    after: Range<usize>,
    around: Around,
) -> Option<String> {
    if before.len() > MAX_CONTEXT || after.len() > MAX_CONTEXT || range.len() > MAX_CONTEXT {
        return None;
    }
    let start = if before.start == 0 { "^" } else { "" };
    let shown = |part: Range<usize>| match around {
        Around::Any => with_any_digits(&text[part]),
        Around::Kept => literal(&text[part]),
    };
    let value = with_any_digits(&text[range.clone()]);
    Some(format!("{start}{}(?P<value>{value}){}", shown(before), shown(after)))
}

/// The text as an expression in which every run of digits stands for any.
fn with_any_digits(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (run, is_number) = if first.is_ascii_digit() {
            let run = rest.find(|c: char| !(c.is_ascii_digit() || c == '.' || c == ',')).unwrap_or(rest.len());
            (rest[..run].trim_end_matches(['.', ',']).len(), true)
        } else {
            (rest.find(|c: char| c.is_ascii_digit()).unwrap_or(rest.len()), false)
        };
        if is_number {
            out.push_str(DIGITS);
        } else {
            out.push_str(&literal(&rest[..run]));
        }
        rest = &rest[run..];
    }
    out
}

/// What has a meaning in an expression is escaped; the hyphen has one only in brackets.
fn literal(text: &str) -> String {
    regex::escape(text).replace("\\-", "-").replace("\\#", "#").replace("\\&", "&").replace("\\~", "~")
}

/// Where the last so many words of a text begin, its start when it has no more. Looks no further back than context may
/// reach: lines can be long.
fn last_words(text: &str, words: usize) -> usize {
    let (mut start, mut seen, mut inside) = (0, 0, false);
    for (at, c) in text.char_indices().rev() {
        if !c.is_whitespace() && !inside {
            if seen == words {
                return start;
            }
            seen += 1;
        }
        inside = !c.is_whitespace();
        if inside {
            start = at;
        }
        if text.len() - at > 2 * MAX_CONTEXT {
            return start;
        }
    }
    0
}

/// Where the first so many words of a text end.
fn first_words(text: &str, words: usize) -> usize {
    let mut seen = 0;
    let mut inside = false;
    for (at, c) in text.char_indices() {
        if c.is_whitespace() && inside {
            seen += 1;
            if seen > words {
                return at;
            }
        }
        inside = !c.is_whitespace();
    }
    text.len()
}

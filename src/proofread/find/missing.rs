//! What is said when a locator leads to no single place.

use crate::model::near::nearest;
use crate::model::quote::NotThere;
use crate::proofread::document::Document;
use crate::proofread::locator::Matcher;
use crate::proofread::normal::{collapsed, normal};

/// Nothing is there.
pub(super) const NONE: &str = "locator-none";
/// More than one thing is there.
pub(super) const MANY: &str = "locator-many";
/// What is there is of another kind.
pub(super) const KIND: &str = "locator-kind";

/// More than this is not listed.
const MAX_LISTED: usize = 10;
/// Longer texts are cut.
const MAX_SHOWN: usize = 60;

pub(super) fn not_there(code: &str, reason: String, near: Vec<String>, help: impl Into<String>) -> NotThere {
    NotThere { code: code.to_owned(), reason, near, help: help.into() }
}

/// On one line and not too long.
pub(super) fn clipped(text: &str) -> String {
    let text = collapsed(text);
    if text.chars().count() <= MAX_SHOWN {
        return text;
    }
    let start: String = text.chars().take(MAX_SHOWN).collect();
    format!("{}…", start.trim_end())
}

/// A matcher between quotation marks; a regular expression stands between slashes already.
pub(super) fn quoted(matcher: &Matcher) -> String {
    match matcher {
        Matcher::Regex(_) => clipped(&matcher.to_string()),
        Matcher::Text(text) => format!("\"{}\"", clipped(text)),
        Matcher::Contains(text) => format!("\"~{}\"", clipped(text)),
        Matcher::Prefix(text) => format!("\"{}…\"", clipped(text)),
    }
}

/// The first of them, and how many more there are.
pub(super) fn listed(entries: impl Iterator<Item = String>) -> Vec<String> {
    let mut entries = entries;
    let mut all: Vec<String> = entries.by_ref().take(MAX_LISTED).collect();
    // Writing out what is only counted could take long; most lists know how many are left.
    let more = match entries.size_hint() {
        (least, Some(most)) if least == most => least,
        _ => entries.count(),
    };
    if more > 0 {
        all.push(format!("and {more} more"));
    }
    all
}

/// The text that was probably meant.
pub(super) fn nearest_to<'a>(matcher: &Matcher, texts: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    let (Matcher::Text(wanted) | Matcher::Contains(wanted) | Matcher::Prefix(wanted)) = matcher else { return None };
    let wanted = normal(wanted);
    let known: Vec<(&str, String)> = texts.map(|text| (text, normal(text))).collect();
    let meant = nearest(&wanted, known.iter().map(|(_, normal)| normal.as_str()))?;
    known.iter().find(|(_, normal)| normal == meant).map(|(text, _)| *text)
}

/// How to get a locator without writing it.
pub(super) fn ask_locate(doc: &str) -> String {
    format!("`countersign locate {doc}:LINE` prints the locator of what stands in a line.")
}

/// Is there a label that a matcher names?
pub(super) fn is_label(document: &Document, matcher: &Matcher) -> bool {
    let wanted = matcher.prepared();
    document.labelled.iter().any(|it| {
        let text = &document.blocks[it.label_block].shown.text()[it.label.clone()];
        wanted.matches(text, &it.normal)
    })
}

/// `numerator, denominator or percent`
pub(super) fn either(words: &[&str]) -> String {
    match words {
        [] => String::new(),
        [only] => (*only).to_owned(),
        [before @ .., last] => format!("{} or {last}", before.join(", ")),
    }
}

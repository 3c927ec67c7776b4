//! The documents that claims stand in: each place, what is quoted there, and where the document is kept.

use std::collections::BTreeMap;

use super::{Source, evidence, words};
use crate::model::claim::Claim;
use crate::model::evidence::{Answer, Blob};
use crate::model::format;
use crate::model::judgement::ClaimStatus;
use crate::model::quote::{self, NotThere, Spot};
use crate::model::record::{DocumentRead, Record};
use crate::report::stated;
use crate::report::view::place::{Document, Misquote, Missing, Place, Quote};

/// Digits of a digest that are enough to tell documents apart.
const DIGEST: usize = 12;
/// Most near candidates shown for a place that was not found.
const NEAR: usize = 5;

/// The places of a record in the order in which they are listed, and its documents.
pub(super) struct Index<'a> {
    /// Locators by document; within it by line, what was not found last.
    by_document: BTreeMap<String, Vec<&'a str>>,
    anchors: BTreeMap<&'a str, String>,
    documents: BTreeMap<&'a str, &'a DocumentRead>,
}

impl<'a> Index<'a> {
    pub(super) fn new(record: &'a Record) -> Self {
        let mut by_document: BTreeMap<String, Vec<&str>> = BTreeMap::new();
        for document in &record.documents {
            by_document.entry(document.path.clone()).or_default();
        }
        for locator in record.places.keys() {
            by_document.entry(quote::document_of(locator).into_owned()).or_default().push(locator);
        }
        let order = |locator: &str| {
            let spot = record.places.get(locator).and_then(quote::Place::spot);
            (spot.is_none(), spot.map(|spot| (spot.line, spot.column)))
        };
        for locators in by_document.values_mut() {
            locators.sort_by_key(|locator| order(locator));
        }
        let numbered = by_document.values().flatten().enumerate();
        Self {
            anchors: numbered.map(|(at, locator)| (*locator, format!("place-{}", at + 1))).collect(),
            by_document,
            documents: record.documents.iter().map(|document| (document.path.as_str(), document)).collect(),
        }
    }
}

/// What stands where a locator leads to; `None` when nobody looked.
pub(super) fn place(source: &Source<'_>, locator: &str) -> Option<Place> {
    let found = source.record.places.get(locator)?;
    let kept = source.places.documents.get(&*quote::document_of(locator)).and_then(|document| blob(document));
    let (mut note, mut quote, mut missing) = (None, None, None);
    match found {
        quote::Place::Found(found) => quote = Some(quoted(found)),
        quote::Place::Table(table) => {
            note = Some(format!("A table with the columns {}.", format::and_list(&table.columns)));
        }
        quote::Place::Counted { rows, .. } => {
            note = Some(match rows.as_str() {
                "1" => "1 row is counted here.".to_owned(),
                rows => format!("{rows} rows are counted here."),
            });
        }
        quote::Place::NotFound(reason) => missing = Some(self::missing(reason)),
    }
    Some(Place {
        anchor: source.places.anchors.get(locator).cloned().unwrap_or_default(),
        spot: stated::spot(source.record, locator, None),
        locator: locator.to_owned(),
        note,
        quote,
        misquote: None,
        missing,
        file: kept.map(evidence::file),
        digest: kept.map(|blob| blob.sha256.chars().take(DIGEST).collect()),
    })
}

/// The place of a claim with what was concluded about it. `reason` is what is printed beside it: it is not said twice.
pub(super) fn of_claim(source: &Source<'_>, claim: &Claim, status: ClaimStatus, reason: &str) -> Option<Place> {
    let mut place = beside(place(source, claim.at.as_deref()?)?, reason);
    if status == ClaimStatus::Misquoted
        && let (Some(audit), Some(document)) = (&claim.written, claim.said(&source.record.places))
        && !(reason.contains(audit.as_str()) && reason.contains(document))
    {
        place.misquote = Some(Misquote { audit: audit.clone(), document: document.to_owned() });
    }
    Some(place)
}

/// The place beside a reason: what failed, and what to do about it, is not said twice.
pub(super) fn beside(mut place: Place, reason: &str) -> Place {
    let reason = reason.to_lowercase();
    let said = |text: &str| reason.contains(text.trim_end_matches('.').to_lowercase().as_str());
    if let Some(missing) = &mut place.missing {
        for text in [&mut missing.reason, &mut missing.help] {
            if said(text) {
                text.clear();
            }
        }
    }
    place.missing = place
        .missing
        .filter(|missing| !(missing.reason.is_empty() && missing.near.is_empty() && missing.help.is_empty()));
    place
}

/// What a claim says, short enough for a cell: the value, `a table`, or a dash when nothing was found.
pub(super) fn said(source: &Source<'_>, claim: &Claim) -> String {
    let place = claim.at.as_ref().and_then(|at| source.record.places.get(at));
    match (claim.said(&source.record.places), place) {
        (Some(said), _) => said.to_owned(),
        (None, Some(quote::Place::Table(_))) => "a table".to_owned(),
        (None, Some(_)) => words::NOTHING.to_owned(),
        (None, None) => claim.shown(&source.record.places),
    }
}

/// Why a claim stands as it does, a sentence; nothing where the claimed value simply is the actual one beside it.
pub(super) fn why(claim: &Claim, status: ClaimStatus, reason: &str) -> String {
    match status {
        ClaimStatus::Exact if claim.table.is_none() => String::new(),
        _ => words::sentence(reason),
    }
}

/// The documents, by path.
pub(super) fn documents(source: &Source<'_>) -> Vec<Document> {
    let shown = |path: &str, locators: &[&str]| Document {
        path: path.to_owned(),
        exchange: source.places.documents.get(path).map(|document| evidence::shown(&document.exchange)),
        places: locators.iter().filter_map(|locator| place(source, locator)).collect(),
    };
    source.places.by_document.iter().map(|(path, locators)| shown(path, locators)).collect()
}

fn blob(document: &DocumentRead) -> Option<&Blob> {
    match &document.exchange.answer {
        Answer::Content { content, .. } => Some(content),
        _ => None,
    }
}

fn missing(reason: &NotThere) -> Missing {
    let mut near: Vec<String> = reason.near.iter().take(NEAR).cloned().collect();
    if let Some(more) = reason.near.len().checked_sub(NEAR).filter(|more| *more > 0) {
        near.push(format!("{more} more"));
    }
    Missing { reason: words::sentence(&reason.reason), near, help: words::full_stop(&reason.help) }
}

/// The line in three parts. Columns count from the beginning of the line, which was kept without the white space there:
/// the text is looked for from its column to the left. Nothing is marked when it is not found, as in a line that was cut.
fn quoted(quote: &quote::Quote) -> Quote {
    let line: Vec<char> = quote.line_text.chars().collect();
    let part = |from: usize, to: usize| line.get(from..to).unwrap_or_default().iter().collect::<String>();
    match marked(&line, &quote.written, &quote.spot) {
        Some((from, to)) => Quote { before: part(0, from), marked: part(from, to), after: part(to, line.len()) },
        None => Quote { before: String::new(), marked: String::new(), after: quote.line_text.clone() },
    }
}

fn marked(line: &[char], written: &str, spot: &Spot) -> Option<(usize, usize)> {
    let column = usize::try_from(spot.column).ok()?.checked_sub(1)?;
    let width = usize::try_from(spot.end_column.checked_sub(spot.column)?).ok()?;
    let bare = |text: &[char]| text.iter().filter(|c| c.is_alphanumeric()).collect::<String>();
    let wanted: Vec<char> = written.chars().collect();
    let spans = || {
        (0..=column.min(line.len()))
            .rev()
            .map(|from| (from, from + width))
            .filter(|(_, to)| width > 0 && *to <= line.len())
    };
    let exact = spans().find(|(from, to)| line[*from..*to] == wanted[..]);
    exact.or_else(|| spans().find(|(from, to)| !wanted.is_empty() && bare(&line[*from..*to]) == bare(&wanted)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn quote(line: &str, written: &str, column: u32, width: u32) -> [String; 3] {
        let spot = Spot { line: 1, column, end_column: column + width, start: 0, end: 0 };
        let quote = quote::Quote { written: written.to_owned(), unit: None, line_text: line.to_owned(), spot };
        let shown = quoted(&quote);
        [shown.before, shown.marked, shown.after]
    }

    #[test]
    fn the_text_is_marked_where_it_stands() {
        assert_eq!(quote("- Claimed: 13 of 13 rules", "13 rules", 12, 8), ["", "", "- Claimed: 13 of 13 rules"]);
        assert_eq!(quote("- Claimed: 13 of 13", "13", 12, 2), ["- Claimed: ", "13", " of 13"]);
        assert_eq!(quote("- Claimed: 13 of 13", "13", 18, 2), ["- Claimed: 13 of ", "13", ""]);
    }

    #[test]
    fn a_line_that_was_indented_is_marked_all_the_same() {
        assert_eq!(quote("- Claimed: 13 rules", "13 rules", 16, 8), ["- Claimed: ", "13 rules", ""]);
    }

    #[test]
    fn markup_inside_the_text_is_marked_with_it() {
        assert_eq!(quote("| é | **98**.28% |", "98.28%", 7, 10), ["| é | ", "**98**.28%", " |"]);
    }

    #[test]
    fn what_lies_beyond_the_end_of_a_cut_line_is_not_marked() {
        assert_eq!(quote("a line that was cut", "13", 400, 2), ["", "", "a line that was cut"]);
    }
}

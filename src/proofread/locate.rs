//! From a place to its name: the shortest locator that leads there and nowhere else. Every locator that is given out
//! has been followed first, so none is wrong; some numbers have none.

mod names;
mod patterns;
#[cfg(test)]
mod tests;

use std::ops::{Range, RangeInclusive};

use super::document::{Block, Document};
use super::find::{Headings, Hit, quote, seek_under};
use super::locator::{Locator, Matcher, Part};
use super::number::{Mention, Stated};
use crate::model::quote::Quote;

/// A line with more numbers than this is not named as a whole: each of them takes a search of the document.
pub const MAX_NUMBERS: usize = 200;
/// So many bytes are searched with expressions for the numbers of one line; then they are named by their order.
const MAX_SEARCHED: usize = 256 << 20;

/// A line holds more numbers than are named at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TooMany {
    /// How many it holds.
    pub numbers: usize,
}

/// Every number in a line, or at one column of it, with the shortest locator that leads to it. Line and column count
/// from 1, columns in Unicode scalar values. Of a fraction, each part is one. Numbers that no locator leads to are left
/// out. More than [`MAX_NUMBERS`] are an error.
pub fn locators_at(
    document: &Document,
    doc: &str,
    line: u32,
    column: Option<u32>,
) -> Result<Vec<(Locator, Quote)>, TooMany> {
    let byte = match column {
        Some(column) => match document.byte_at(line, column) {
            Some(byte) => Some(byte),
            None => return Ok(Vec::new()),
        },
        None => None,
    };
    let mut wanted = Vec::new();
    for (block, mention) in mentions_in(document, line..=line) {
        let shown = &document.blocks[block].shown;
        for (part, range) in parts(mention) {
            let source = shown.source(range.clone());
            if document.line(source.start) == line && byte.is_none_or(|byte| source.contains(&byte)) {
                wanted.push((block, mention, part, range));
            }
        }
    }
    if wanted.len() > MAX_NUMBERS {
        return Err(TooMany { numbers: wanted.len() });
    }
    let expressions = MAX_SEARCHED / document.text().len().max(1) / wanted.len().max(1);
    let named = |(block, mention, part, range): (usize, &Mention, Option<Part>, Range<usize>)| {
        let place = names::At { document, block, mention, range: range.clone(), part };
        Some((locator_of(&place, doc, expressions)?, quote(document, block, range)))
    };
    let mut found: Vec<(Locator, Quote)> = wanted.into_iter().filter_map(named).collect();
    found.sort_by_key(|(_, quote)| quote.spot.start);
    Ok(found)
}

/// The numbers that begin in these lines, in the order of the document.
pub fn numbers_in(document: &Document, lines: RangeInclusive<u32>) -> impl Iterator<Item = Quote> {
    let inside = mentions_in(document, lines.clone());
    let begins = move |(block, mention): &(usize, &Mention)| {
        let source = document.blocks[*block].shown.source(mention.span.clone());
        lines.contains(&document.line(source.start))
    };
    inside.filter(begins).map(|(block, mention)| quote(document, block, mention.span.clone()))
}

/// The numbers of the blocks that touch these lines.
fn mentions_in(document: &Document, lines: RangeInclusive<u32>) -> impl Iterator<Item = (usize, &Mention)> {
    let touches = move |block: &Block| {
        let source = block.shown.source(0..block.shown.text().len());
        document.line(source.start) <= *lines.end() && document.line(source.end) >= *lines.start()
    };
    let blocks = document.blocks.iter().enumerate().filter(move |(_, block)| touches(block));
    blocks.flat_map(|(at, block)| block.numbers().iter().map(move |mention| (at, mention)))
}

/// What of a number can be meant: the parts of a fraction, all of anything else.
fn parts(mention: &Mention) -> Vec<(Option<Part>, Range<usize>)> {
    match &mention.stated {
        Stated::Fraction(_) => mention
            .parts()
            .into_iter()
            .filter_map(|(part, range)| Some((Some(Part::parse(part.word())?), range)))
            .collect(),
        _ => vec![(None, mention.span.clone())],
    }
}

/// The first name that leads there; at most so many expressions are tried.
fn locator_of(place: &names::At<'_>, doc: &str, expressions: usize) -> Option<Locator> {
    let names::At { document, block, .. } = *place;
    let wanted = Hit::Text { block, range: place.range.clone() };
    let ways = ways(document, document.blocks[block].scope);
    let ways: Vec<(&[Matcher], Headings<'_>)> =
        ways.iter().map(|under| (under.as_slice(), Headings::of(document, under))).collect();
    let leads_there = |locator: &Locator, headings: &Headings<'_>| {
        locator.misfit().is_none() && seek_under(document, locator, headings).as_ref() == Ok(&wanted)
    };
    for naming in place.namings().into_iter().chain(place.expressions().take(expressions)) {
        let matches = naming.matches(document);
        for (under, headings) in &ways {
            let reached = |at: &&usize| headings.reach(document.blocks[**at].scope);
            // Most expressions match at several places: following each of them would take long.
            if matches.as_ref().is_some_and(|matches| matches.iter().filter(reached).count() != 1) {
                continue;
            }
            let locator = naming.locator(doc, under);
            if leads_there(&locator, headings) {
                return Some(locator);
            }
        }
    }
    // By their order: it always leads there, and any number that is added before it breaks it.
    ways.iter().find_map(|(under, headings)| {
        let locator = place.by_order(doc, under, headings)?;
        Some(locator).filter(|locator| leads_there(locator, headings))
    })
}

/// The ways to say under which headings a place stands, the shortest first.
fn ways(document: &Document, scope: Option<usize>) -> Vec<Vec<Matcher>> {
    let path: Vec<Matcher> = document.path(scope).filter_map(|at| names::heading(document, at)).take(8).collect();
    let mut ways = vec![Vec::new()];
    ways.extend(path.iter().map(|heading| vec![heading.clone()]));
    for (inner, heading) in path.iter().enumerate() {
        ways.extend(path[inner + 1..].iter().map(|outer| vec![outer.clone(), heading.clone()]));
    }
    if path.len() > 2 {
        ways.push(path.into_iter().rev().collect());
    }
    ways
}

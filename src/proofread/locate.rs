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

/// Every number in a line, or at one column of it, with the shortest locator that leads to it. Line and column count
/// from 1, columns in Unicode scalar values. Of a fraction, each part is one. Numbers that no locator leads to are left
/// out.
pub fn locators_at(document: &Document, doc: &str, line: u32, column: Option<u32>) -> Vec<(Locator, Quote)> {
    let mut found = Vec::new();
    for (block, mention) in mentions_in(document, line..=line) {
        for (part, range) in parts(mention) {
            let there = quote(document, block, range.clone());
            let at = there.spot.column..there.spot.end_column;
            if there.spot.line != line || column.is_some_and(|column| !at.contains(&column)) {
                continue;
            }
            found.extend(locator_of(document, doc, block, mention, part, range).map(|locator| (locator, there)));
        }
    }
    found.sort_by_key(|(_, quote)| quote.spot.start);
    found
}

/// The numbers that begin in these lines, in the order of the document.
pub fn numbers_in(document: &Document, lines: RangeInclusive<u32>) -> Vec<Quote> {
    let found = mentions_in(document, lines.clone()).into_iter();
    let quotes = found.map(|(block, mention)| quote(document, block, mention.span.clone()));
    quotes.filter(|quote| lines.contains(&quote.spot.line)).collect()
}

/// The numbers of the blocks that touch these lines.
fn mentions_in(document: &Document, lines: RangeInclusive<u32>) -> Vec<(usize, &Mention)> {
    let touches = |block: &Block| {
        let source = block.shown.source(0..block.shown.text().len());
        document.line(source.start) <= *lines.end() && document.line(source.end) >= *lines.start()
    };
    let blocks = document.blocks.iter().enumerate().filter(|(_, block)| touches(block));
    blocks.flat_map(|(at, block)| block.numbers().iter().map(move |mention| (at, mention))).collect()
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

fn locator_of(
    document: &Document,
    doc: &str,
    block: usize,
    mention: &Mention,
    part: Option<Part>,
    range: Range<usize>,
) -> Option<Locator> {
    let wanted = Hit::Text { block, range: range.clone() };
    let ways = ways(document, document.blocks[block].scope);
    let ways: Vec<(&[Matcher], Headings<'_>)> =
        ways.iter().map(|under| (under.as_slice(), Headings::of(document, under))).collect();
    let leads_there = |locator: &Locator, headings: &Headings<'_>| {
        locator.misfit().is_none() && seek_under(document, locator, headings).as_ref() == Ok(&wanted)
    };
    let place = names::At { document, block, mention, range, part };
    for naming in place.namings().into_iter().chain(place.expressions()) {
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
    let path: Vec<Matcher> = document.path(scope).take(8).map(|at| names::heading(document, at)).collect();
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

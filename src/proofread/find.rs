//! From a locator to the one place that it names. Nothing, and more than one, is an error that says what is there
//! instead; it must never guess.

mod commas;
mod cut;
mod headings;
mod missing;
mod pick;
mod tables;
#[cfg(test)]
mod tests;

use std::ops::Range;

use super::document::{BlockKind, Document, Labelled};
use super::locator::{Locator, Matcher, Pattern, Target};
use crate::model::printed::{is_bare, named_unit};
use crate::model::quote::{NotThere, Place, Quote, QuotedCell, QuotedTable};
pub(super) use headings::Headings;
#[cfg(test)]
use missing::KIND;
use missing::{MANY, NONE, clipped, listed, quoted};
use pick::Site;

/// What a locator leads to: exactly one number, text, table or count of rows.
pub fn find(document: &Document, locator: &Locator) -> Place {
    match seek(document, locator) {
        Ok(Hit::Text { block, range }) => Place::Found(quote(document, block, range)),
        Ok(Hit::Table(table)) => Place::Table(quoted_table(document, table)),
        Ok(Hit::Rows { table, rows }) => {
            Place::Counted { rows: rows.to_string(), spot: document.spot(document.tables[table].header_source.clone()) }
        }
        Err(problem) => Place::NotFound(problem),
    }
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Hit {
    /// A part of the text of a block.
    Text { block: usize, range: Range<usize> },
    /// A table.
    Table(usize),
    /// How many rows of a table match.
    Rows { table: usize, rows: usize },
}

/// As [`find`], in terms of the parsed document.
pub(super) fn seek(document: &Document, locator: &Locator) -> Result<Hit, NotThere> {
    seek_under(document, locator, &Headings::of(document, &locator.under))
}

/// As [`seek`], for headings that have been looked up already.
pub(super) fn seek_under(document: &Document, locator: &Locator, headings: &Headings<'_>) -> Result<Hit, NotThere> {
    headings.check(document, locator)?;
    let finder = Finder { document, locator, headings };
    let hit = match &locator.target {
        Target::Section => finder.section(),
        Target::Label(label) => finder.label(label),
        Target::Cell { table, row, column } => finder.cell(table, row, column),
        Target::Regex(pattern) => finder.expression(pattern, "regex", |kind| !matches!(kind, BlockKind::Code(_))),
        Target::Code { language, line } => {
            let wanted = language.as_ref().map(|language| language.to_lowercase());
            let fits = |kind| match kind {
                BlockKind::Code(fence) => wanted.is_none() || document.fences[fence].language == wanted,
                _ => false,
            };
            finder.expression(line, "code line", fits)
        }
        Target::Marker(name) => finder.marker(name),
        Target::Rows { table, matching } => finder.rows(table, matching),
        Target::Table(table) => finder.only_table(table, &[]).map(Hit::Table),
    };
    finder.settled(hit?)
}

/// A part of a block as it is quoted.
pub(super) fn quote(document: &Document, block: usize, range: Range<usize>) -> Quote {
    let shown = &document.blocks[block].shown;
    let spot = document.spot(shown.source(range.clone()));
    let unit = unit_of(document, block, &range);
    Quote { written: shown.text()[range].to_owned(), unit, line_text: document.line_text(spot.line), spot }
}

/// The unit that the header and the row of a cell, or the label before a text, name for a bare number there.
fn unit_of(document: &Document, index: usize, range: &Range<usize>) -> Option<String> {
    let block = &document.blocks[index];
    let around = block.numbers().iter().find(|it| it.span.start <= range.start && range.end <= it.span.end);
    let bare = match around {
        // Behind the first, `3 runs` in `150 over 3 runs` is something else.
        Some(it) => {
            let first = block.numbers().first().is_some_and(|first| first.span == it.span);
            is_bare(&block.shown.text()[it.span.clone()]) && (it.noun.is_empty() || first)
        }
        None => is_bare(&block.shown.text()[range.clone()]),
    };
    if !bare {
        return None;
    }
    let text = |block: usize| document.blocks[block].shown.text();
    if let BlockKind::Cell { table, row: Some(row), column } = block.kind {
        let table = &document.tables[table];
        let header = table.header.get(column).copied().flatten();
        let name = table.rows.get(row).and_then(|row| row.first().copied().flatten()).filter(|_| column > 0);
        return named_unit(header.into_iter().chain(name).map(text));
    }
    let labels = document
        .labelled
        .iter()
        .filter(|it| it.value_block == Some(index) && it.value.start <= range.start && range.end <= it.value.end);
    named_unit(labels.map(|it| &text(it.label_block)[it.label.clone()]))
}

fn quoted_table(document: &Document, table: usize) -> QuotedTable {
    let table = &document.tables[table];
    let cell = |block: &Option<usize>| {
        block.map(|block| {
            let shown = &document.blocks[block].shown;
            let whole = 0..shown.text().len();
            QuotedCell { written: shown.text().to_owned(), spot: document.spot(shown.source(whole)) }
        })
    };
    QuotedTable {
        columns: table.header.iter().map(|block| cell(block).map(|cell| cell.written).unwrap_or_default()).collect(),
        rows: table.rows.iter().map(|row| row.iter().map(cell).collect()).collect(),
        spot: document.spot(table.header_source.clone()),
    }
}

struct Finder<'a> {
    document: &'a Document,
    locator: &'a Locator,
    headings: &'a Headings<'a>,
}

impl Finder<'_> {
    fn section(&self) -> Result<Hit, NotThere> {
        let name = self.headings.name();
        let shown = |(_, block): &(usize, &super::document::Block)| {
            self.headings.reach(block.scope) && !matches!(block.kind, BlockKind::Code(_))
        };
        let blocks = self.document.blocks.iter().enumerate().filter(shown);
        let sites = blocks.map(|(block, it)| Site { block, range: 0..it.shown.text().len(), name: name.clone() });
        self.pick_from(&sites.collect::<Vec<_>>(), &name)
    }

    fn label(&self, label: &Matcher) -> Result<Hit, NotThere> {
        let wanted = label.prepared();
        let text =
            |labelled: &Labelled| &self.document.blocks[labelled.label_block].shown.text()[labelled.label.clone()];
        let here = |labelled: &&Labelled| self.headings.reach(self.document.blocks[labelled.label_block].scope);
        let matching: Vec<&Labelled> = self
            .document
            .labelled
            .iter()
            .filter(here)
            .filter(|labelled| wanted.matches(text(labelled), &labelled.normal))
            .collect();
        if matching.is_empty() {
            return Err(self.no_label(label));
        }
        let name = format!("label {}", quoted(label));
        let sites = matching.iter().map(|labelled| Site {
            block: labelled.value_block.unwrap_or(labelled.label_block),
            range: if labelled.value_block.is_some() { labelled.value.clone() } else { 0..0 },
            name: name.clone(),
        });
        self.pick_one(&sites.collect::<Vec<_>>(), &name)
    }

    fn no_label(&self, label: &Matcher) -> NotThere {
        let document = self.document;
        let text =
            |labelled: &Labelled| document.blocks[labelled.label_block].shown.text()[labelled.label.clone()].trim();
        let scope = |labelled: &Labelled| document.blocks[labelled.label_block].scope;
        let line = |labelled: &Labelled| {
            document.line(document.blocks[labelled.label_block].shown.source(labelled.label.clone()).start)
        };
        let here: Vec<&Labelled> = document.labelled.iter().filter(|it| self.headings.reach(scope(it))).collect();
        let wanted = label.prepared();
        let elsewhere = document.labelled.iter().filter(|it| !self.headings.reach(scope(it)));
        let elsewhere = elsewhere.filter(|it| wanted.matches(text(it), &it.normal));
        let mut near = listed(here.iter().map(|it| format!("label \"{}\" ({})", clipped(text(it)), line(it))));
        near.extend(elsewhere.take(3).map(|it| {
            let under =
                scope(it).map_or_else(String::new, |at| format!(" under \"{}\"", clipped(&document.scopes[at].title)));
            format!("label \"{}\"{under} ({})", clipped(text(it)), line(it))
        }));
        let help = match missing::nearest_to(label, here.iter().map(|it| text(it))) {
            Some(meant) => format!("Did {} become \"{}\"?", quoted(label), clipped(meant)),
            None if document.scopes.iter().any(|scope| wanted.matches(&scope.title, &scope.normal)) => {
                format!("{} is a heading: write `{label}/` for what stands under it.", quoted(label))
            }
            None => missing::ask_locate(&self.locator.doc),
        };
        let reason = format!("{} has no label {}", self.headings.name(), quoted(label));
        missing::not_there(NONE, reason, near, help)
    }

    fn expression(&self, pattern: &Pattern, what: &str, fits: impl Fn(BlockKind) -> bool) -> Result<Hit, NotThere> {
        let name = format!("{what} /{}/", clipped(pattern.as_str()));
        let mut found: Vec<(usize, Range<usize>)> = Vec::new();
        for (block, it) in self.document.blocks.iter().enumerate() {
            if fits(it.kind) && self.headings.reach(it.scope) {
                let values = pattern.regex().captures_iter(it.shown.text());
                let values = values.filter_map(|captures| captures.name("value").map(|value| value.range()));
                found.extend(values.filter(|range| !range.is_empty()).map(|range| (block, range)));
            }
        }
        let at = match (self.locator.number, found.len()) {
            (_, 0) => {
                let help =
                    format!("{} Matched is the text as shown, without markup.", missing::ask_locate(&self.locator.doc));
                let reason = format!("{} has nothing that matches {name}", self.headings.name());
                return Err(missing::not_there(NONE, reason, Vec::new(), help));
            }
            (None, 1) => 0,
            (None, many) => {
                let places = found.iter().map(|(block, range)| self.place(*block, range.clone()));
                let reason = format!("{name} under {} matches {many} places", self.headings.name());
                let help = "Name the heading too (`under`), or make the expression longer, or say `number: 1`.";
                return Err(missing::not_there(MANY, reason, listed(places), help));
            }
            (Some(number), many) => match usize::try_from(number).ok().filter(|number| *number <= many) {
                Some(number) => number - 1,
                None => return Err(self.too_few(&name, number, many)),
            },
        };
        let (block, range) = found.swap_remove(at);
        self.captured(&name, block, range)
    }

    fn marker(&self, name: &str) -> Result<Hit, NotThere> {
        let what = format!("marker \"{name}\"");
        let known = &self.document.markers;
        let scope = |block: usize| self.document.blocks[block].scope;
        let matching: Vec<(usize, usize)> = known
            .iter()
            .filter(|marker| marker.name == name)
            .filter_map(|marker| marker.before)
            .filter(|(block, _)| self.headings.reach(scope(*block)))
            .collect();
        match matching[..] {
            [] => {
                let near = known.iter().map(|it| format!("marker \"{}\" ({})", it.name, self.document.line(it.start)));
                let help = format!("Write `<!--cs:{name}-->` before the number in {}.", self.locator.doc);
                let reason = format!("{} has no {what}", self.headings.name());
                Err(missing::not_there(NONE, reason, listed(near), help))
            }
            [(block, at)] => {
                let range = at..self.document.blocks[block].shown.text().len();
                self.pick_first(&Site { block, range, name: what })
            }
            _ => {
                let places = matching.iter().map(|(block, at)| self.place(*block, *at..*at));
                let reason = format!("{what} stands at {} places", matching.len());
                let help = "Give each marker a name of its own.";
                Err(missing::not_there(MANY, reason, listed(places), help))
            }
        }
    }
}

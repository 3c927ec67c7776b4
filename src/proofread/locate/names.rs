//! What a number may be called: by its marker, label or cell, by the words before it, or by being the only one.

use std::ops::Range;

use super::patterns;
use crate::proofread::document::{BlockKind, Document};
use crate::proofread::find::Headings;
use crate::proofread::locator::{Column, Locator, Matcher, Part, TableChoice, Target};
use crate::proofread::normal::{normal, plain};
use crate::proofread::number::Mention;

/// Names longer than this are cut where nothing else begins like that.
const MAX_NAME: usize = 48;
/// So many markers before a number are tried, the nearest first.
const MAX_MARKERS: usize = 4;

/// A locator but for its document and headings.
pub(super) struct Naming {
    pub(super) target: Target,
    pub(super) number: Option<u32>,
    pub(super) part: Option<Part>,
}

impl Naming {
    /// For an expression: the blocks that it matches in, once for each match, under any heading.
    pub(super) fn matches(&self, document: &Document) -> Option<Vec<usize>> {
        let (pattern, code) = match &self.target {
            Target::Regex(pattern) => (pattern, None),
            Target::Code { language, line } => (line, Some(language)),
            _ => return None,
        };
        let fits = |kind: BlockKind| match (kind, code) {
            (BlockKind::Code(fence), Some(wanted)) => wanted.is_none() || document.fences[fence].language == *wanted,
            (BlockKind::Code(_), None) | (_, Some(_)) => false,
            (_, None) => true,
        };
        let regex = pattern.regex();
        let blocks = document.blocks.iter().enumerate().filter(|(_, it)| fits(it.kind));
        Some(blocks.flat_map(|(at, it)| regex.find_iter(it.shown.text()).map(move |_| at)).collect())
    }

    pub(super) fn locator(&self, doc: &str, under: &[Matcher]) -> Locator {
        Locator {
            doc: doc.to_owned(),
            under: under.to_vec(),
            target: self.target.clone(),
            number: self.number,
            kind: None,
            unit: None,
            part: self.part,
        }
    }
}

/// A number, or a part of one, that needs a name.
pub(super) struct At<'a> {
    pub(super) document: &'a Document,
    pub(super) block: usize,
    pub(super) mention: &'a Mention,
    /// What of it is meant, in the block's text.
    pub(super) range: Range<usize>,
    pub(super) part: Option<Part>,
}

impl At<'_> {
    fn text(&self) -> &str {
        self.document.blocks[self.block].shown.text()
    }

    fn numbers(&self) -> &[Mention] {
        self.document.blocks[self.block].numbers()
    }

    /// What it may be called, the sturdiest first.
    pub(super) fn namings(&self) -> Vec<Naming> {
        let mut found = Vec::new();
        self.by_marker(&mut found);
        self.by_label(&mut found);
        self.by_cell(&mut found);
        found.push(Naming { target: Target::Section, number: None, part: self.part });
        found
    }

    /// Its number among those of a part of its text; `None` when it is the only one.
    fn number_in(&self, range: Range<usize>) -> Option<u32> {
        let inside = |it: &Mention| it.span.start >= range.start && it.span.end <= range.end;
        let all: Vec<&Mention> = self.numbers().iter().filter(|it| inside(it)).collect();
        let at = all.iter().position(|it| it.span == self.mention.span)?;
        (all.len() > 1).then(|| u32::try_from(at + 1).ok()).flatten()
    }

    /// By its number among all those of the section, or for code among all that an expression matches there.
    pub(super) fn by_order(&self, doc: &str, under: &[Matcher], headings: &Headings<'_>) -> Option<Locator> {
        let document = self.document;
        let reached = |block: &usize| headings.reach(document.blocks[*block].scope);
        if let BlockKind::Code(_) = document.blocks[self.block].kind {
            let line = patterns::of_line(self.text(), &self.range).next()?;
            let naming = Naming { target: Target::Code { language: None, line }, number: None, part: None };
            let matches = naming.matches(document)?;
            let before = matches.iter().filter(|block| **block < self.block && reached(block)).count();
            return Some(Locator { number: u32::try_from(before + 1).ok(), ..naming.locator(doc, under) });
        }
        let counts = |block: &usize| !matches!(document.blocks[*block].kind, BlockKind::Code(_)) && reached(block);
        let before: usize = (0..self.block).filter(counts).map(|block| document.blocks[block].numbers().len()).sum();
        let here = self.numbers().iter().position(|it| it.span == self.mention.span)?;
        let naming = Naming { target: Target::Section, number: u32::try_from(before + here + 1).ok(), part: self.part };
        Some(naming.locator(doc, under))
    }

    fn by_marker(&self, found: &mut Vec<Naming>) {
        let before = self.document.markers.iter().rev().filter_map(|marker| Some((marker, marker.before?)));
        let before = before.filter(|(_, (block, at))| *block == self.block && *at <= self.mention.span.start);
        for (marker, (_, at)) in before.take(MAX_MARKERS) {
            let first = self.number_in(at..self.text().len()).filter(|number| *number > 1);
            found.push(Naming { target: Target::Marker(marker.name.clone()), number: first, part: self.part });
        }
    }

    fn by_label(&self, found: &mut Vec<Naming>) {
        let inside =
            |range: &Range<usize>| self.mention.span.start >= range.start && self.mention.span.end <= range.end;
        let document = self.document;
        let text = |block: usize, range: &Range<usize>| document.blocks[block].shown.text()[range.clone()].to_owned();
        for labelled in &document.labelled {
            if labelled.value_block != Some(self.block) || !inside(&labelled.value) {
                continue;
            }
            let others = document.labelled.iter().map(|it| it.normal.as_str());
            let label = shortened(&text(labelled.label_block, &labelled.label), others);
            let number = self.number_in(labelled.value.clone());
            found.extend(label.map(|label| Naming { target: Target::Label(label), number, part: self.part }));
        }
    }

    fn by_cell(&self, found: &mut Vec<Naming>) {
        let document = self.document;
        let BlockKind::Cell { table: index, row: Some(row), column } = document.blocks[self.block].kind else { return };
        let table = &document.tables[index];
        let text = |cell: Option<usize>| cell.map_or("", |block| document.blocks[block].shown.text());
        let normal = |cell: Option<usize>| cell.map_or("", |block| document.blocks[block].normal());
        let firsts = table.rows.iter().map(|row| normal(row.first().copied().flatten()));
        let first = text(table.rows[row].first().copied().flatten());
        let Some(row) = shortened(first, firsts) else { return };
        let headers = table.header.iter().map(|cell| normal(*cell));
        let header = shortened(text(table.header.get(column).copied().flatten()), headers);
        let nth = u32::try_from(column + 1).ok().filter(|nth| *nth < 100).map(Column::Nth);
        let columns = header.clone().map(Column::Header).into_iter().chain(nth);
        let columns: Vec<Column> = columns.collect();
        let number = self.number_in(0..self.text().len());
        // Only tables that have the column are counted, when the cell is named by its header.
        let counts = |other: usize, column: &Column| {
            let other = &document.tables[other];
            let has = |wanted: &Matcher| {
                let wanted = wanted.prepared();
                other.header.iter().any(|cell| wanted.matches(text(*cell), normal(*cell)))
            };
            other.scope == table.scope && !matches!(column, Column::Header(wanted) if !has(wanted))
        };
        let nth = |column: &Column| {
            let nth = (0..index).filter(|other| counts(*other, column)).count() + 1;
            TableChoice { has: Vec::new(), nth: u32::try_from(nth).ok().filter(|nth| *nth < 100) }
        };
        let alone = |_: &Column| TableChoice::default();
        let having = |_: &Column| TableChoice { has: header.iter().cloned().collect(), nth: None };
        let choices: [&dyn Fn(&Column) -> TableChoice; 3] = [&alone, &having, &nth];
        for choice in choices {
            for column in &columns {
                let table = choice(column);
                let target = Target::Cell { table, row: row.clone(), column: column.clone() };
                found.push(Naming { target, number, part: self.part });
            }
        }
    }

    /// The words around it, the fewest first.
    pub(super) fn expressions(&self) -> Box<dyn Iterator<Item = Naming> + '_> {
        let plain = |target| Naming { target, number: None, part: None };
        let BlockKind::Code(fence) = self.document.blocks[self.block].kind else {
            return Box::new(patterns::in_prose(self.text(), &self.range).map(move |it| plain(Target::Regex(it))));
        };
        let language = &self.document.fences[fence].language;
        Box::new(patterns::of_line(self.text(), &self.range).flat_map(move |line| {
            let any = plain(Target::Code { language: None, line: line.clone() });
            let own = language.clone().map(|own| plain(Target::Code { language: Some(own), line }));
            std::iter::once(any).chain(own)
        }))
    }
}

/// A heading's name, cut as far as nothing else in the document begins like that; `None` for a heading without words,
/// which no locator can name.
pub(super) fn heading(document: &Document, scope: usize) -> Option<Matcher> {
    let title = &document.scopes[scope].title;
    let others = document.scopes.iter().map(|scope| scope.normal.as_str());
    shortened(title, others)
}

/// A name without decoration and numbering, cut before a colon or bracket if that is enough to tell it from the others;
/// `None` when no words are in it. The others are in their normal form, and may hold the name itself.
fn shortened<'a>(name: &str, others: impl Iterator<Item = &'a str> + Clone) -> Option<Matcher> {
    let own = normal(name);
    let name = plain(name);
    if own.is_empty() || name.is_empty() {
        return None;
    }
    let cuts = [": ", " (", " - ", " – ", " — ", " → "].into_iter().filter_map(|mark| name.find(mark));
    let mut cut = cuts.min().filter(|cut| *cut > 0);
    if cut.is_none_or(|cut| cut > MAX_NAME) && name.chars().count() > MAX_NAME {
        let end = name.char_indices().nth(MAX_NAME).map_or(name.len(), |(at, _)| at);
        cut = name[..end].rfind(' ').or(Some(end));
    }
    let alone = |matcher: &Matcher| {
        let prepared = matcher.prepared();
        prepared.matches("", &own) && !others.clone().any(|other| other != own && prepared.matches("", other))
    };
    let head = cut.map(|cut| Matcher::Prefix(name[..cut].trim_end().to_owned()));
    let usable = |it: &Matcher| Matcher::parse(&it.to_string()).as_ref() == Ok(it);
    head.filter(|head| usable(head) && alone(head)).or_else(|| Some(Matcher::Text(name)).filter(usable))
}

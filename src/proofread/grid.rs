//! Tables by what their cells hold: numbers, fractions, nothing, or text. What may be added up is decided here.

use super::document::{Block, Document, Table};
use super::number::{Kind, Mention, Stated};
use super::view::only;
use super::words;
use crate::model::printed::{Printed, PrintedFraction, Qualifier};

/// What a cell holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Held<'a> {
    /// Nothing at all.
    Blank,
    /// A dash, `N/A`, `TBD`: something that is not there yet.
    Missing,
    /// One number, perhaps with its noun or a percentage beside it.
    Number(&'a Mention, &'a Printed),
    /// A part of a whole.
    Fraction(&'a Mention, &'a PrintedFraction),
    /// A number that is only a bound, a range or an estimate.
    Rough,
    /// Anything else.
    Text,
}

/// A cell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Cell<'a> {
    /// Its block; `None` for an empty one.
    pub(super) block: Option<usize>,
    /// Its text.
    pub(super) text: &'a str,
    source: Option<&'a Block>,
}

impl<'a> Cell<'a> {
    /// What it holds; looked at when it is asked for, because most tables have nothing to check.
    pub(super) fn held(&self) -> Held<'a> {
        let Some(block) = self.source else { return Held::Blank };
        let digits = self.text.bytes().any(|byte| byte.is_ascii_digit());
        if digits { held(self.text, block.numbers()) } else { without_digits(self.text) }
    }

    /// Does it say one of these, which all have letters?
    pub(super) fn says(&self, any: &[&str]) -> bool {
        let letters = self.text.bytes().any(|byte| byte.is_ascii_alphabetic() || !byte.is_ascii());
        letters && {
            let text = self.text.to_lowercase();
            any.iter().any(|word| text.contains(word))
        }
    }
}

/// A column of a table as its header has it.
#[derive(Debug, Clone, Default)]
pub(super) struct Column {
    /// The header in small letters, as shown.
    pub(super) header: String,
    /// Its words.
    pub(super) words: Vec<String>,
    /// The part of a whole that they name.
    pub(super) part: Option<words::Part>,
}

/// A table.
#[derive(Debug)]
pub(super) struct Grid<'a> {
    /// Which of the document's tables it is.
    pub(super) table: usize,
    /// The columns, left to right.
    pub(super) columns: Vec<Column>,
    /// The rows below the header; each has a cell for each column.
    pub(super) rows: Vec<Vec<Cell<'a>>>,
}

impl<'a> Grid<'a> {
    /// Reads a table. Rows that end early have empty cells.
    pub(super) fn of(document: &'a Document, table: usize) -> Self {
        let Table { header, rows, .. } = &document.tables[table];
        let columns = header.iter().map(|block| {
            let header = block.map_or_else(String::new, |block| document.blocks[block].shown.text().to_lowercase());
            let words = words::of(&header);
            Column { part: words::part(&words), words, header }
        });
        let cells = |row: &'a Vec<Option<usize>>| {
            (0..header.len()).map(|column| cell(document, row.get(column).copied().flatten())).collect()
        };
        Self { table, columns: columns.collect(), rows: rows.iter().map(cells).collect() }
    }

    /// The only column of which something holds.
    pub(super) fn only_column(&self, is: impl Fn(&Column) -> bool) -> Option<usize> {
        only((0..self.columns.len()).filter(|column| is(&self.columns[*column])))
    }

    /// The text that names a row: its first cell, or the second where the first is empty.
    pub(super) fn label(&self, row: usize) -> &'a str {
        let cells = &self.rows[row];
        cells.iter().take(2).map(|cell| cell.text).find(|text| !text.trim().is_empty()).unwrap_or_default()
    }

    /// What a cell is called in a message: its header, else its place.
    pub(super) fn name(&self, document: &Document, column: usize) -> String {
        let header = document.tables[self.table].header.get(column).copied().flatten();
        match header.map(|block| document.blocks[block].shown.text()) {
            Some(text) if !text.trim().is_empty() => format!("column \"{text}\""),
            _ => format!("column {}", column + 1),
        }
    }

    /// Does any cell say so?
    pub(super) fn says(&self, any: &[&str]) -> bool {
        self.rows.iter().flatten().any(|cell| cell.says(any))
    }
}

fn cell(document: &Document, block: Option<usize>) -> Cell<'_> {
    let source = block.map(|index| &document.blocks[index]);
    Cell { block, text: source.map_or("", |block| block.shown.text()), source }
}

fn without_digits(text: &str) -> Held<'static> {
    let bare: String = text.chars().filter(|c| c.is_alphanumeric() || "-–—/?".contains(*c)).collect();
    match bare.to_lowercase().as_str() {
        "" => Held::Blank,
        "-" | "–" | "—" | "--" | "---" | "n/a" | "na" | "tbd" | "?" | "??" | "pending" | "unknown" | "todo"
        | "none" | "nil" | "skipped" => Held::Missing,
        _ => Held::Text,
    }
}

fn held<'a>(text: &str, mentions: &'a [Mention]) -> Held<'a> {
    let Some((first, others)) = mentions.split_first() else { return Held::Text };
    // Only a percentage may stand beside it: `12 (34%)`.
    let beside = |mention: &Mention| mention.kind() == Kind::Percent && first.kind() != Kind::Percent;
    if !others.iter().all(beside) || others.len() > 1 {
        return Held::Text;
    }
    let alone = others.is_empty() && first.span == (0..text.len()) && text.is_ascii();
    let mut from = if alone { text.len() } else { 0 };
    for mention in mentions.iter().filter(|_| !alone) {
        if text[from..mention.span.start].contains(|c: char| c.is_ascii_digit()) {
            return Held::Text;
        }
        from = mention.span.end;
    }
    // `44 × 3`, `12 / day`: more than a number.
    let more =
        || text[from..].contains(|c: char| c.is_ascii_digit() || "/×*→^".contains(c)) || text.contains(['→', '×']);
    if !alone && more() {
        return Held::Text;
    }
    let before = text[..first.span.start].trim_end_matches(['$', '€', '£', '¥', '₹']);
    // `($500)` and `+12`: a loss, a change.
    if before.ends_with(['(', '+', '-', '−', '±']) {
        return Held::Text;
    }
    match &first.stated {
        Stated::Number(printed) if printed.qualifier == Qualifier::Plain && printed.out_of.is_none() => {
            Held::Number(first, printed)
        }
        Stated::Number(printed) if printed.out_of.is_none() => Held::Rough,
        Stated::Fraction(fraction) => Held::Fraction(first, fraction),
        _ => Held::Text,
    }
}

impl Held<'_> {
    /// Does the cell hold a number of any sort?
    pub(super) const fn is_numeric(&self) -> bool {
        matches!(self, Self::Number(..) | Self::Fraction(..) | Self::Rough)
    }
}

//! What stands at the places in documents that claims name. Read from evidence when the audit runs; everything after
//! that sees only these.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::printed::with_unit;

/// What each locator leads to, by its short form.
pub type Places = BTreeMap<String, Place>;

/// Where a text stands in a document.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Spot {
    /// The line, from 1.
    pub line: u32,
    /// The column of its first character, from 1, in Unicode scalar values.
    pub column: u32,
    /// The column after its last character, on the same line.
    pub end_column: u32,
    /// Its first byte in the document.
    pub start: u64,
    /// The byte after its last.
    pub end: u64,
}

/// One number or text of a document, as it stands there.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Quote {
    /// What is claimed there, without markup: `13 rules`, `1,026/1,044 (98.28%)`.
    pub written: String,
    /// The unit of a bare number, where the header above it or the label before it names one: `%` of `Error rate (%)`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The line it stands in, without white space around it; cut after 300 characters.
    pub line_text: String,
    /// Its place.
    pub spot: Spot,
}

impl Quote {
    /// What is claimed there, with the unit that its header or label names.
    pub fn meant(&self) -> Cow<'_, str> {
        meant(&self.written, self.unit.as_deref())
    }
}

/// The document that a locator in its short form leads into. In its name `\\` stands before a `#` that is part of it.
pub fn document_of(locator: &str) -> Cow<'_, str> {
    let end = |text: &str| text.find(['#', '\\']).unwrap_or(text.len());
    let plain = &locator[..end(locator)];
    if !locator[plain.len()..].starts_with('\\') {
        return Cow::Borrowed(plain);
    }
    let mut path = plain.to_owned();
    let mut letters = locator[plain.len()..].chars();
    while let Some(letter) = letters.next() {
        match letter {
            '#' => break,
            '\\' => path.extend(letters.next()),
            letter => path.push(letter),
        }
    }
    Cow::Owned(path)
}

/// What a text says under a label or header that names a unit; the text itself where none is named, or it cannot have it.
pub fn meant<'a>(written: &'a str, unit: Option<&str>) -> Cow<'a, str> {
    unit.and_then(|unit| with_unit(written, unit)).map_or(Cow::Borrowed(written), Cow::Owned)
}

/// A table of a document, cell by cell.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct QuotedTable {
    /// The header cells, without markup.
    pub columns: Vec<String>,
    /// The rows below it: one cell for each column, `None` where the row ends early or the cell is empty.
    pub rows: Vec<Vec<Option<QuotedCell>>>,
    /// The place of the header line.
    pub spot: Spot,
}

impl QuotedTable {
    /// The column with this header.
    pub fn column(&self, header: &str) -> Option<usize> {
        self.columns.iter().position(|column| column.trim().eq_ignore_ascii_case(header.trim()))
    }

    /// The cell of a column in the row that stands in a line of the document.
    pub fn cell(&self, line: u32, column: usize) -> Option<&QuotedCell> {
        let row = self.rows.iter().find(|row| row.iter().flatten().any(|cell| cell.spot.line == line))?;
        row.get(column)?.as_ref()
    }
}

/// One cell of a table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct QuotedCell {
    /// Its text, without markup.
    pub written: String,
    /// Its place.
    pub spot: Spot,
}

/// What a locator leads to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Place {
    /// Exactly one number, or one text.
    Found(Quote),
    /// Exactly one table.
    Table(QuotedTable),
    /// How many rows there are: the number is counted and stands nowhere.
    Counted {
        /// How many rows match, in digits.
        rows: String,
        /// The place of the table's header line.
        spot: Spot,
    },
    /// Nothing, or more than one, or the document could not be read.
    NotFound(NotThere),
}

/// Why a locator leads to no single place.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error, Serialize, Deserialize)]
#[error("{reason}")]
pub struct NotThere {
    /// `locator-none`, `locator-many`, `locator-kind` or `document-unreadable`.
    pub code: String,
    /// The part that failed, a lower-case fragment: `"Alert Rules" has no label "Claimed"`.
    pub reason: String,
    /// What is there instead, with lines, one entry each: `label "Declared" (58)`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub near: Vec<String>,
    /// What to do about it, a sentence.
    pub help: String,
}

impl Place {
    /// Where it stands in its document; `None` for what was not found.
    pub const fn spot(&self) -> Option<&Spot> {
        match self {
            Self::Found(quote) => Some(&quote.spot),
            Self::Table(table) => Some(&table.spot),
            Self::Counted { spot, .. } => Some(spot),
            Self::NotFound(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_locator_leads_into_its_document_whatever_the_name() {
        for (locator, document) in [
            ("reports/a.md#Alert Rules/Claimed", "reports/a.md"),
            (r"C\# notes.md#Rules/~#1", "C# notes.md"),
            (r"a\\b.md#x#y", r"a\b.md"),
            ("a.md", "a.md"),
            (r"a\", "a"),
            ("", ""),
        ] {
            assert_eq!(document_of(locator), document, "{locator}");
        }
    }
}

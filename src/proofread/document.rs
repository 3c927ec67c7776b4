//! A Markdown document as a reader sees it: what stands under which heading, after which label, in which cell. Every
//! character of it knows where it stands in the file.
//!
//! It knows nothing of locators.

mod blocks;
mod commas;
mod html;
mod lines;
mod read;
mod sections;
mod shown;
#[cfg(test)]
mod tests;

use std::io::{self, Read};
use std::ops::Range;
use std::sync::{Arc, OnceLock};

pub use blocks::{Block, BlockKind, Fence, Labelled, Marker, Scope, ScopeKind, Table};
pub use lines::Lines;
pub(super) use sections::Sections;
pub use shown::Shown;

use crate::model::quote::Spot;

/// The line in which a quote stands is cut after so many characters.
const MAX_LINE: usize = 300;

/// A parsed document.
#[derive(Debug, Clone)]
pub struct Document {
    text: Arc<str>,
    lines: OnceLock<Lines>,
    decimal_comma: OnceLock<Option<(String, usize)>>,
    /// What has blocks under it, outer ones before inner ones.
    pub scopes: Vec<Scope>,
    /// What is shown, in the order of the document: one for each heading, paragraph, item, cell and line of code.
    pub blocks: Vec<Block>,
    /// The tables.
    pub tables: Vec<Table>,
    /// The code blocks; the front matter is one too.
    pub fences: Vec<Fence>,
    /// The comments `<!--cs:NAME-->`.
    pub markers: Vec<Marker>,
    /// What stands after a label.
    pub labelled: Vec<Labelled>,
}

/// Larger documents are not read from a disk.
pub const MAX_BYTES: u64 = 64 << 20;

/// Why bytes are no document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("is not UTF-8 text: byte {at} begins no character")]
pub struct NotText {
    /// The first byte that is none.
    pub at: usize,
}

impl NotText {
    /// What to do about it.
    pub const HELP: &str = "Save the document as UTF-8.";
}

/// All bytes of a document, `None` where they are more than `most`. How long it says it is is not asked: it may grow while
/// it is read, and a device has no length.
pub fn at_most(reader: impl Read, most: u64) -> io::Result<Option<Vec<u8>>> {
    let mut bytes = Vec::new();
    reader.take(most.saturating_add(1)).read_to_end(&mut bytes)?;
    Ok((bytes.len() as u64 <= most).then_some(bytes))
}

impl Document {
    /// Reads the bytes of a file, which have to be UTF-8.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, NotText> {
        match String::from_utf8(bytes) {
            Ok(text) => Ok(Self::parse(&text)),
            Err(error) => Err(NotText { at: error.utf8_error().valid_up_to() }),
        }
    }

    /// Reads a document. Every text is one; time and memory grow with its length only.
    pub fn parse(text: &str) -> Self {
        sections::document(text)
    }

    /// A document of which nothing was read.
    fn unread(text: Arc<str>) -> Self {
        Self {
            text,
            lines: OnceLock::new(),
            decimal_comma: OnceLock::new(),
            scopes: Vec::new(),
            blocks: Vec::new(),
            tables: Vec::new(),
            fences: Vec::new(),
            markers: Vec::new(),
            labelled: Vec::new(),
        }
    }

    fn lines(&self) -> &Lines {
        self.lines.get_or_init(|| Lines::of(&self.text))
    }

    /// The text as it was given.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Line and column of a byte, both from 1; columns count Unicode scalar values, a byte order mark is none.
    pub fn line_column(&self, byte: usize) -> (u32, u32) {
        self.lines().line_column(&self.text, byte)
    }

    /// The byte at a line and column, both from 1 and counted as in [`Self::line_column`]; `None` where nothing stands.
    pub fn byte_at(&self, line: u32, column: u32) -> Option<usize> {
        self.lines().byte(&self.text, line, column)
    }

    /// The line of a byte, from 1.
    pub fn line(&self, byte: usize) -> u32 {
        self.lines().line(byte)
    }

    /// How many lines it has.
    pub fn line_count(&self) -> u32 {
        self.lines().count()
    }

    /// The first number whose decimals stand behind a comma, and its line, where the document writes decimals so and thousands
    /// otherwise.
    pub(super) fn decimal_comma(&self) -> Option<(&str, u32)> {
        let found = self.decimal_comma.get_or_init(|| commas::decimal_comma(self)).as_ref();
        found.map(|(written, at)| (written.as_str(), self.line(*at)))
    }

    /// The bytes of a line, counted from 1, without its end; `None` beyond the last.
    pub fn line_range(&self, line: u32) -> Option<Range<usize>> {
        self.lines().range(&self.text, line)
    }

    /// The place of a range of bytes.
    pub fn spot(&self, bytes: Range<usize>) -> Spot {
        let (line, column) = self.line_column(bytes.start);
        let end_of_line = self.line_range(line).map_or(bytes.end, |range| range.end.max(bytes.start));
        let (_, end_column) = self.line_column(bytes.end.min(end_of_line));
        Spot { line, column, end_column, start: bytes.start as u64, end: bytes.end as u64 }
    }

    /// The line without white space around it, cut after 300 characters.
    pub fn line_text(&self, line: u32) -> String {
        let range = self.line_range(line).unwrap_or_default();
        self.text[range].trim_matches(|c: char| c.is_whitespace() || c == '\u{feff}').chars().take(MAX_LINE).collect()
    }

    /// The scopes that a block or scope stands in, innermost first.
    pub fn path(&self, scope: Option<usize>) -> impl Iterator<Item = usize> + '_ {
        std::iter::successors(scope, |at| self.scopes[*at].parent)
    }
}

//! The name of a place in a document, by structure and never by line: under which headings, and which number there.
//!
//! The short form, for the command line and for `at:`
//!
//! ```text
//! audit.md#Task 1…/Alert Rules/Claimed:1
//! ^ document ^ headings        ^ label ^ the first number after it
//! ```
//!
//! Before the `#` stands the document, after it segments separated by `/`. All but the last are headings (or bold lines
//! that serve as headings, or items with items below them), outermost first; any may be left out. The last says what is
//! meant there:
//!
//! | last segment | what it names |
//! |---|---|
//! | `Claimed` | the number after the label `Claimed:` |
//! | *(nothing: the text ends in `/` or `#`)* | the only number of the section |
//! | `[TOTAL\|Tests]` | the cell in the row that begins with `TOTAL`, in the column `Tests` |
//! | `[TOTAL\|2]` | the same row, second column |
//! | `@table` | the whole table |
//! | `@rows(Status=GAP\|Owner=~Ann)` | how many rows of the table have these cells; `@rows` counts them all |
//! | `@table(Suite\|Tests)…` | before a cell or `@rows`, or alone: the table that has these columns |
//! | `@table(2)…` | the second table there; `@table(Suite\|2)` the second with that column; counted are only those that have the columns asked for behind it, too |
//! | `@regex/Confidence: (?P<value>[\d.]+)/` | the group `value`, in the rendered text of the section; of a number it must hold all: digits, sign, unit and what qualifies them |
//! | `@code(bash)/^(?P<value>\d+)$/` | the group `value`, in the lines of a code block; `@code/…/` in any language |
//! | `@marker(uptime)` | the number after `<!--cs:uptime-->` |
//!
//! A heading, label, column or cell is written as it reads (case, numbering, pictures, emphasis and a colon at the end
//! make no difference), or as `text…` for its beginning, `~text` for any part of it, `/re/` for a regular expression.
//!
//! After the last segment narrowings may follow: `:2` the second number there, `:numerator`, `:denominator`, `:percent`,
//! `:low`, `:high` a part of a number, `:text` the whole text, `:unit=rules` and `:kind=percent` numbers of that unit or
//! kind only. So a colon in the last segment is written `\:`, while headings before it keep theirs.
//!
//! `\` takes the meaning from the character behind it: `Pass\/Fail`, `Error rate\: p95`. Needed for `\` itself; in the
//! document `#`; in segments `/`, and `~ [ @` and digits alone where they begin one; in brackets `| ] ) =`.

mod fields;
mod matcher;
mod parse;
mod print;
#[cfg(test)]
mod tests;

use std::fmt;
use std::ops::Range;

pub use fields::{FieldProblem, Fields, TableFields};
pub use matcher::{Matcher, Pattern, Prepared};

use crate::proofread::number;
pub use crate::proofread::number::Kind;

/// The name of one place in one document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Locator {
    /// The document, a path relative to the audit's root.
    pub doc: String,
    /// Headings, outermost first: a subsequence of the real path.
    pub under: Vec<Matcher>,
    /// What is meant there.
    pub target: Target,
    /// Which of the numbers there, from 1.
    pub number: Option<u32>,
    /// Only numbers of this kind.
    pub kind: Option<Kind>,
    /// Only numbers with this unit or noun.
    pub unit: Option<String>,
    /// Which part of the number.
    pub part: Option<Part>,
}

impl Locator {
    /// Is its place told by nothing but an order, that of the numbers of a section or of what an expression matches there?
    /// Then it names another number as soon as somebody writes one before it.
    pub const fn only_counts(&self) -> bool {
        self.number.is_some() && matches!(self.target, Target::Section | Target::Regex(_) | Target::Code { .. })
    }
}

/// What a locator names under its headings.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Target {
    /// The only number of the section.
    Section,
    /// What stands after a label.
    Label(Matcher),
    /// A cell of a table.
    Cell {
        /// Which table.
        table: TableChoice,
        /// The first cell of the row.
        row: Matcher,
        /// The column.
        column: Column,
    },
    /// The group `value` of a regular expression over the rendered text of the section.
    Regex(Pattern),
    /// The group `value` of a regular expression over the lines of code blocks.
    Code {
        /// The language of the block; any when `None`.
        language: Option<String>,
        /// Matched against each line by itself.
        line: Pattern,
    },
    /// What stands after the comment `<!--cs:NAME-->`.
    Marker(String),
    /// How many rows of a table match.
    Rows {
        /// Which table.
        table: TableChoice,
        /// Header and cell, all of which must match; every row when empty.
        matching: Vec<(Matcher, Matcher)>,
    },
    /// A whole table.
    Table(TableChoice),
}

/// Which of the tables of a section.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableChoice {
    /// Columns that it has.
    pub has: Vec<Matcher>,
    /// Which of those that have them, from 1.
    pub nth: Option<u32>,
}

/// A column of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Column {
    /// By its place, from 1 to 99, for headers that repeat or say nothing.
    Nth(u32),
    /// By its header.
    Header(Matcher),
}

/// A part of what stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Part {
    /// `1,026` of `1,026/1,044 (98.28%)`.
    Numerator,
    /// `1,044` of it.
    Denominator,
    /// `98.28%` of it.
    Percent,
    /// The lower end of a range.
    Low,
    /// The upper end of a range.
    High,
    /// The whole text after the label or marker, or of the cell, for facts that are no numbers.
    Text,
}

/// Why a short form names no place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocatorProblem {
    /// A lower-case fragment.
    pub message: String,
    /// What to write instead, a sentence.
    pub help: String,
    /// The bytes of the short form that are meant.
    pub span: Range<usize>,
}

impl fmt::Display for LocatorProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for LocatorProblem {}

impl Locator {
    /// Reads the short form. See the module's documentation.
    pub fn parse(text: &str) -> Result<Self, LocatorProblem> {
        parse::locator(text)
    }

    /// The first narrowing that has no meaning for the target: what it is, and why.
    pub(crate) fn misfit(&self) -> Option<(&'static str, &'static str)> {
        let given = [
            ("number", self.number.is_some()),
            ("kind", self.kind.is_some()),
            ("unit", self.unit.is_some()),
            ("part", self.part.is_some()),
        ];
        let first = |allowed: &[&str]| given.iter().find(|(name, is)| *is && !allowed.contains(name)).map(|it| it.0);
        match &self.target {
            Target::Rows { .. } => first(&[]).map(|name| (name, "rows are counted, no number is looked for")),
            Target::Table(_) => first(&[]).map(|name| (name, "the whole table is meant, no number in it")),
            Target::Regex(_) | Target::Code { .. } => {
                first(&["number"]).map(|name| (name, "the group \"value\" says exactly what is meant"))
            }
            Target::Section if self.part == Some(Part::Text) => {
                Some(("part", "a section has no text that could be held against a fact"))
            }
            _ if self.part == Some(Part::Text) => {
                first(&["part"]).map(|name| (name, "the whole text is meant, no number in it"))
            }
            _ => None,
        }
    }
}

impl Part {
    /// Every part, with the word that names it.
    pub const ALL: &'static [(&'static str, Self)] = &[
        ("numerator", Self::Numerator),
        ("denominator", Self::Denominator),
        ("percent", Self::Percent),
        ("low", Self::Low),
        ("high", Self::High),
        ("text", Self::Text),
    ];

    /// The word that names it.
    pub fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(_, part)| *part == self).map_or("text", |(word, _)| word)
    }

    /// The part of that name.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(name, _)| *name == word).map(|(_, part)| *part)
    }

    /// The part of a number that is meant; `None` for the whole text.
    pub const fn of_number(self) -> Option<number::Part> {
        match self {
            Self::Numerator => Some(number::Part::Numerator),
            Self::Denominator => Some(number::Part::Denominator),
            Self::Percent => Some(number::Part::Percent),
            Self::Low => Some(number::Part::Low),
            Self::High => Some(number::Part::High),
            Self::Text => None,
        }
    }
}

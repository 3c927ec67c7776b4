//! A claim: who claims what, and where it stands. Every key that is not one of the claim's own is a fact of the check.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, Visitor};

use super::Text;
use crate::plan::decode::{At, Named, Several, TextOrKeys, text_or_keys};
use crate::plan::node::Span;

/// A claim as written, under a check or an area.
#[derive(Debug, Default)]
pub(crate) struct ClaimWritten {
    /// Where it begins.
    pub span: Span,
    /// Who claims.
    pub by: Option<Text>,
    /// When it was claimed.
    pub as_of: Option<Text>,
    /// Where it is written.
    pub at: Option<PlaceWritten>,
    /// How far it may be off.
    pub tolerance: Option<Text>,
    /// A phrase that claims several facts at once.
    pub text: Option<ValueWritten>,
    /// A table of a document.
    pub table: Option<At<TableWritten>>,
    /// The facts, in the order of the file.
    pub facts: Vec<(Text, ValueWritten)>,
}

/// What is claimed: a value, or where it is read.
pub(crate) type ValueWritten = At<Written>;

/// Where something stands, and where that is said.
pub(crate) type PlaceWritten = At<LocatorWritten>;

/// A value, or where it is read.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum Written {
    /// As the audit file has it.
    Said(String),
    /// Read from a document.
    Read(Box<ReadWritten>),
    /// Could not be read.
    #[schemars(skip)]
    Blank,
}

/// A value that is read from a document.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReadWritten {
    /// Where it stands: `path#Heading/Label`, or the keys of a locator.
    pub at: PlaceWritten,
}

/// A place in a document: its short form, or its keys.
#[derive(Debug, Clone, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum LocatorWritten {
    /// `path#Heading/Label`.
    Short(String),
    /// One key for each part.
    Keys(Box<LocatorKeys>),
    /// Could not be read.
    #[schemars(skip)]
    Blank,
}

/// A place in a document, by structure and never by line. Texts are written as they read there, or as `text…` for their
/// beginning, `~text` for a part, `/re/` for a regular expression.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct LocatorKeys {
    /// The document: a path relative to the audit's root.
    pub doc: Text,
    /// Headings above it, outermost first; any may be left out.
    #[serde(default)]
    pub under: Several<Text>,
    /// The label it stands behind: the text before a colon, or the first cell of a row of two.
    pub label: Option<Text>,
    /// Which of the numbers there, from 1.
    pub number: Option<At<u32>>,
    /// What kind of number: a word such as count, percent, fraction, score, duration, bytes or time.
    pub kind: Option<Text>,
    /// The unit or noun behind it.
    pub unit: Option<Text>,
    /// Which part of it: numerator, denominator, percent, low, high, or text for all of it.
    pub part: Option<Text>,
    /// Which table, where there are several.
    pub table: Option<At<TableChoiceWritten>>,
    /// The first cell of its row.
    pub row: Option<Text>,
    /// The header of its column, or one or two digits for its place.
    pub col: Option<Text>,
    /// A regular expression with a group `value`, over the text of the section.
    pub regex: Option<Text>,
    /// The language of the code block it stands in; `any` for all.
    pub code: Option<Text>,
    /// A regular expression with a group `value`, for each line of that block.
    pub line: Option<Text>,
    /// The name in a comment `<!--cs:NAME-->` before it.
    pub marker: Option<Text>,
    /// `rows`: how many rows of the table there are.
    pub count: Option<Text>,
    /// Which rows are counted: a text for each header.
    pub r#where: Option<Named<Text>>,
}

/// Which of the tables of a section.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TableChoiceWritten {
    /// Headers that it has.
    #[serde(default)]
    pub has: Several<Text>,
    /// Which of those, from 1.
    pub nth: Option<At<u32>>,
}

/// A table of a document, of which every row is a claim.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct TableWritten {
    /// Where it stands: `path#Heading`, or the keys of a locator.
    pub at: PlaceWritten,
    /// The header of its column that names the rows.
    pub key: Text,
    /// The header of its column, for each column of the measured table that it claims: `{total: Tests}`.
    pub values: At<Named<Text>>,
    /// The column of the measured table that the names are looked for in: `suites.name`.
    pub matches: Text,
    /// What a row is called in the measured table, by its name in the document, where the two differ.
    #[serde(default)]
    pub names: Named<Text>,
}

/// A claim with a name of its own: places in documents that must agree with each other and with what was measured.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ListedClaimWritten {
    /// Its name: lower-case letters, digits and hyphens.
    pub id: Text,
    /// One line; the id in words when it is left out.
    pub title: Option<Text>,
    /// Who claims; the documents speak for themselves when it is left out.
    pub by: Option<Text>,
    /// The fact that the places must agree with: `area.check.fact`.
    pub fact: Option<Text>,
    /// The value that they must agree with, where no check measures it.
    pub value: Option<Text>,
    /// Where it stands: `path#Heading/Label` or the keys of a locator, one or several.
    pub at: Several<PlaceWritten>,
    /// How far the places may be off: in the unit of the fact, or a percentage.
    pub tolerance: Option<Text>,
    /// When it was claimed: a date, or a time with a zone.
    pub as_of: Option<Text>,
}

/// What somebody claims. Every key that is not one of these is a fact: its value is kept as written, or read from where
/// `at` says.
#[derive(JsonSchema)]
#[schemars(rename_all = "kebab-case")]
#[expect(dead_code, reason = "only its schema is used: the keys of a claim are the facts of its kind")]
pub(super) struct ClaimSchema {
    /// Who claims.
    by: String,
    /// When it was claimed: a date, or a time with a zone.
    as_of: Option<String>,
    /// Where it is written: `path#Heading/Label`, or the keys of a locator. The place must say the same.
    at: Option<LocatorWritten>,
    /// How far it may be off: in the unit of the fact, or a percentage.
    tolerance: Option<String>,
    /// A phrase such as `1,026/1,044 (98.28%)`, which claims several facts at once, or where it is read.
    text: Option<Written>,
    /// A table of a document, of which every row is a claim.
    table: Option<TableWritten>,
    #[schemars(flatten)]
    facts: BTreeMap<String, Written>,
}

impl<'de> Deserialize<'de> for ClaimWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Keys;

        impl<'de> Visitor<'de> for Keys {
            type Value = ClaimWritten;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a mapping")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<ClaimWritten, A::Error> {
                let mut claim = ClaimWritten::default();
                while let Some(key) = map.next_key::<Text>()? {
                    if claim.span == Span::NOWHERE {
                        claim.span = key.span;
                    }
                    match key.value.as_str() {
                        "by" => claim.by = Some(map.next_value()?),
                        "as-of" => claim.as_of = Some(map.next_value()?),
                        "at" => claim.at = Some(map.next_value()?),
                        "tolerance" => claim.tolerance = Some(map.next_value()?),
                        "text" => claim.text = Some(map.next_value()?),
                        "table" => claim.table = Some(map.next_value()?),
                        _ => claim.facts.push((key, map.next_value()?)),
                    }
                }
                Ok(claim)
            }
        }

        deserializer.deserialize_map(Keys)
    }
}

impl TextOrKeys for Written {
    type Keys = ReadWritten;
    const EXPECTED: &'static str = "a value, or a mapping with `at`";

    fn text(text: &str) -> Self {
        Self::Said(text.to_owned())
    }

    fn keys(keys: ReadWritten) -> Self {
        Self::Read(Box::new(keys))
    }

    fn blank() -> Self {
        Self::Blank
    }
}

impl TextOrKeys for LocatorWritten {
    type Keys = LocatorKeys;
    const EXPECTED: &'static str = "a locator such as `path#Heading/Label`, or a mapping with `doc`";

    fn text(text: &str) -> Self {
        Self::Short(text.to_owned())
    }

    fn keys(keys: LocatorKeys) -> Self {
        Self::Keys(Box::new(keys))
    }

    fn blank() -> Self {
        Self::Blank
    }
}

impl<'de> Deserialize<'de> for Written {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_keys(deserializer)
    }
}

impl<'de> Deserialize<'de> for LocatorWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_keys(deserializer)
    }
}

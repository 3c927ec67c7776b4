//! Claims: who says what, when, and where it was written. The value stays as it was written; nobody edits it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::fact::{FactType, spaced};
use super::id::{CheckId, Id};
use super::instant::Stamp;
use super::quote::{Place, Places};

/// Somebody's claim about one fact (or, on an area, about its score, with the fact name `score`).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Claim {
    /// Who claims.
    pub by: String,
    /// The fact it is about.
    pub fact: String,
    /// The value as written in the audit file; `None` when it is read from the document that `at` names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub written: Option<String>,
    /// The whole phrase the value was taken from, where a `text:` held several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<String>,
    /// When it was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Stamp>,
    /// Where it was written: a locator in its short form, `path#Heading/Label`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// How far it may be off: in the fact's unit, or a percentage of the actual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<String>,
    /// How the rows of a claimed table are set beside the rows of the measured one; `at` names the table.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub table: Option<TableClaim>,
}

/// How a table of a document is read as claims: one for each row, and one for its total.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableClaim {
    /// Header of the document's column that names the row.
    pub key: String,
    /// Column of the measured table that the key is looked for in.
    pub matches: String,
    /// Header of the document's column, by the column of the measured table that it claims.
    pub values: BTreeMap<String, String>,
    /// How a row is called in the measured table, by its name in the document, where the two differ.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub names: BTreeMap<String, String>,
}

/// A claim with a name of its own: places in documents that must agree with each other and with what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ListedClaim {
    /// Its name.
    pub id: Id,
    /// One line.
    pub title: String,
    /// Who claims; the documents speak for themselves when it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<String>,
    /// What the places must agree with besides each other.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Actual>,
    /// Where it is written: locators in their short form, one at least.
    pub at: Vec<String>,
    /// When it was claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub as_of: Option<Stamp>,
    /// How far it may be off: in the fact's unit, or a percentage of the actual.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tolerance: Option<String>,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    pub declared: (String, u32),
}

/// What stands before the name of a claim of the list. No area is called so: it is the name of no check.
const LISTED: &str = "claims/";

/// How a claim of the list is named among checks, areas, conditions and decisions, which may have its name: `claims/rules`.
pub fn reference(name: &str) -> String {
    format!("{LISTED}{name}")
}

/// The name of a claim of the list; `None` where it is something else that is named.
pub fn referred(reference: &str) -> Option<&str> {
    reference.strip_prefix(LISTED)
}

/// What the places of a listed claim must agree with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Actual {
    /// What a check measured.
    Fact {
        /// The check.
        check: CheckId,
        /// One of its facts.
        fact: String,
    },
    /// A value that the audit file states.
    Stated(String),
}

impl Claim {
    /// The value as its author wrote it: what the document says, else what the audit file says. `None` when the place
    /// could not be found, or holds a table.
    pub fn said<'a>(&'a self, places: &'a Places) -> Option<&'a str> {
        match self.at.as_ref().and_then(|at| places.get(at)) {
            Some(Place::Found(quote)) => Some(&quote.written),
            Some(Place::Counted { rows, .. }) => Some(rows),
            _ => self.written.as_deref(),
        }
    }

    /// The same for a sentence or a cell: "what stands at ..." when it is not known, the whole table when it is one.
    pub fn shown(&self, places: &Places) -> String {
        match (self.said(places), &self.at) {
            (Some(said), _) => said.to_owned(),
            (None, Some(at)) if self.table.is_some() => format!("the table at {at}"),
            (None, Some(at)) => format!("what stands at {at}"),
            (None, None) => "nothing".to_owned(),
        }
    }
}

/// The name of a fact that the title of its check already names.
pub const VALUE: &str = "value";

/// What was claimed, as part of a sentence: `13 rules`, `47 hours as min uptime`, `98.28% as pass rate`. A fact that is
/// called `value`, or that the claimant names, is not named again.
pub fn told(said: &str, fact: &str, fact_type: Option<FactType>) -> String {
    let named = spaced(fact);
    match fact_type {
        _ if fact == VALUE || said.contains(&named) => said.to_owned(),
        Some(FactType::Count) => format!("{said} {named}"),
        _ => format!("{said} as {named}"),
    }
}

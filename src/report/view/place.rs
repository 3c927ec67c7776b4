//! What is shown of the documents that claims stand in, and of claimed tables.

use serde::Serialize;

use super::Mark;
use super::evidence::Exchange;

/// A document, and the places in it that claims name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Document {
    /// Its path.
    pub path: String,
    /// How it was read and where it is kept; `null` when nobody tried.
    pub exchange: Option<Exchange>,
    /// The places, in the order of the document; what was not found comes last.
    pub places: Vec<Place>,
}

/// A place in a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Place {
    /// Anchor of its entry in the list of places.
    pub anchor: String,
    /// `reports/monitoring.md:12:9`; the path alone when nothing was found there.
    pub spot: String,
    /// The locator, as the audit file has it.
    pub locator: String,
    /// What stands there, in words, where it is no quotation: `A table with the columns Suite and Tests.`
    pub note: Option<String>,
    /// The line it stands in.
    pub quote: Option<Quote>,
    /// Both texts, when the audit file says one and the document another, unless the reason beside it has them.
    pub misquote: Option<Misquote>,
    /// Why there is nothing, when there is nothing.
    pub missing: Option<Missing>,
    /// The document in the bundle, `evidence/…`; `null` when it could not be read.
    pub file: Option<String>,
    /// SHA-256 of the document, its first 12 digits; Appendix A has all of them.
    pub digest: Option<String>,
}

/// A line of a document in three parts. Hostile: it is only ever printed as text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Quote {
    /// What stands before the quoted text; empty when the line begins with it.
    pub before: String,
    /// The quoted text; empty when it could not be found in the line as it was kept.
    pub marked: String,
    /// What stands behind it; the whole line when nothing is marked.
    pub after: String,
}

/// What the audit file and the document say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Misquote {
    /// The audit file.
    pub audit: String,
    /// The document.
    pub document: String,
}

/// Why a place was not found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Missing {
    /// The part that failed, a sentence; empty when it stands beside the claim already.
    pub reason: String,
    /// What is there instead: `label "Declared" (58)`.
    pub near: Vec<String>,
    /// What to do about it, a sentence; empty when it stands beside the claim already.
    pub help: String,
}

/// A claimed table beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Joined {
    /// Whose table it is: `Row by row, as Alex claims it`.
    pub title: String,
    /// How many rows were measured and how they came out, a sentence.
    pub summary: String,
    /// Header of the column that names the rows.
    pub key: String,
    /// Headers of the claimed columns, in the order of the document.
    pub columns: Vec<String>,
    /// The rows that are shown, in the order of the document.
    pub rows: Vec<JoinedRow>,
    /// How many rows were left out, a sentence.
    pub more: Option<String>,
    /// The row of totals.
    pub total: Option<JoinedRow>,
    /// What must be said of single rows, a sentence each.
    pub remarks: Vec<Remark>,
    /// Rows that were claimed and not measured, a sentence.
    pub unmeasured: Option<String>,
    /// Rows that were measured and never claimed, a sentence.
    pub unclaimed: Option<String>,
}

/// A claimed row beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinedRow {
    /// Its name in the document.
    pub name: String,
    /// Its line in the document.
    pub line: String,
    /// One for each column of the table, in their order.
    pub cells: Vec<JoinedCell>,
}

/// A claimed cell beside the measured one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct JoinedCell {
    /// What the document says; empty when it says nothing.
    pub claimed: String,
    /// What was measured; `–` when nothing was, empty when nothing was claimed.
    pub actual: String,
    /// The result; `null` when nothing was claimed.
    pub mark: Option<Mark>,
}

/// What must be said of a row that does not hold.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Remark {
    /// The row, with its line: `3. HTDAG Planner (line 119)`.
    pub about: String,
    /// The result.
    pub mark: Mark,
    /// Why, a sentence.
    pub reason: String,
}

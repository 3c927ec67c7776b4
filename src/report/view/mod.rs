//! The view: everything a document shows, already worded, counted and formatted. Templates place it and compute nothing.
//!
//! Frozen and versioned ([`SCHEMA`]): a template written against it keeps working, because fields are added and never
//! renamed or removed. Every field is always there; what does not apply is `null` or an empty list, so that a misspelt
//! name in a template can be told from a missing value. Strings are plain text and are escaped where they are printed;
//! [`Prose`] is Markdown.

use std::borrow::Cow;

use serde::Serialize;

pub mod area;
pub mod brief;
pub mod chart;
pub mod encoded;
pub mod evidence;
pub mod filter;
pub mod ledger;
pub mod many;
pub mod outcome;
pub mod place;
pub mod rollout;
pub mod since;
pub mod todo;
pub mod trend;

use self::encoded::Encoded;
use self::many::Many;

/// Names the shape of the view.
pub const SCHEMA: &str = "urn:countersign:view:v1";

/// Everything a document shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct View {
    /// [`SCHEMA`].
    pub schema: String,
    /// Name and version of what measured, `countersign 0.1.0`.
    pub generator: String,
    /// What stands between the `---` lines at the top of the Markdown.
    pub front: Front,
    /// Were only claims judged? Then there is no score, no coverage and nothing that hangs on them.
    pub claims_only: bool,
    /// The title of the document.
    pub title: String,
    /// The lines under the title: date, auditor, subject.
    pub header: Vec<Field>,
    /// Where the evidence comes from, when that needs saying.
    pub provenance: Option<Prose>,
    /// What a reader must know before reading on (the run was interrupted).
    pub notices: Vec<String>,
    /// The verdict and why.
    pub verdict: outcome::Verdict,
    /// The figures of the whole.
    pub figures: Figures,
    /// What has changed since the baseline; `null` when there is none, or when only claims were judged.
    pub since: Option<since::Since>,
    /// The runs before this one; `null` when the record knows none.
    pub trend: Option<trend::Trend>,
    /// The drawings.
    pub charts: chart::Charts,
    /// By what the checks can be filtered.
    pub filter: filter::Filter,
    /// How many checks have each status; only those that occur.
    pub counts: Vec<Count>,
    /// The auditor's summary.
    pub summary: Option<Prose>,
    /// What speaks for it, a sentence each.
    pub strengths: Vec<Point>,
    /// What speaks against it, a sentence each.
    pub weaknesses: Vec<Point>,
    /// Table of contents.
    pub contents: Vec<Entry>,
    /// The areas.
    pub areas: Vec<area::Area>,
    /// The claims.
    pub ledger: Option<ledger::Ledger>,
    /// Questions put to the auditor.
    pub questions: Vec<todo::Question>,
    /// What somebody must still decide, and what was decided.
    pub decisions: Vec<todo::Decision>,
    /// What may go wrong, most severe first.
    pub risks: Vec<todo::Risk>,
    /// The rollout; `null` when there is none, or when only claims were judged.
    pub rollout: Option<rollout::Rollout>,
    /// The final recommendation.
    pub recommendation: outcome::Recommendation,
    /// Who must sign.
    pub signoff: Option<todo::Signoff>,
    /// What to do next.
    pub next_steps: Vec<todo::Step>,
    /// The pre-go-live checklist.
    pub checklist: Vec<todo::Group>,
    /// The documents that claims stand in, by path.
    pub documents: Vec<place::Document>,
    /// Appendix A.
    pub evidence: Many<evidence::Trail>,
    /// Appendix C.
    pub commands: Vec<Command>,
    /// How to verify the document.
    pub verify: Verify,
    /// A note to the reader.
    pub closing: Option<Prose>,
    /// The record inside the HTML.
    pub embedded: Embedded,
    /// The one-page document.
    pub brief: brief::Brief,
}

/// Markdown text with its names filled in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Prose(pub String);

/// What stands in the front matter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Front {
    /// The title.
    pub title: String,
    /// `Reports`.
    pub category: String,
    /// The verdict in words.
    pub verdict: String,
    /// The raw score, one decimal; `null` when nothing was scored.
    pub score: Option<String>,
    /// The day the measuring ended, `2025-10-20`.
    pub date: String,
}

/// A labelled value.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Field {
    /// The label.
    pub label: String,
    /// The value.
    pub value: String,
    /// Is it an identifier, to be set in a fixed-width face?
    pub code: bool,
}

/// A result: always a symbol and a word together, so that it never depends on colour.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Mark {
    /// `✓`, `✗`, `!` or `–`.
    pub symbol: &'static str,
    /// The word.
    pub word: Cow<'static, str>,
    /// `good`, `warn`, `bad` or `none`.
    pub tone: &'static str,
}

/// A sentence with the place it is drawn from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Point {
    /// What it is about: the title of a check or area.
    pub about: String,
    /// The rest of the sentence.
    pub text: String,
    /// Anchor of the source, when there is one.
    pub anchor: Option<String>,
}

/// A name that may lead to its place in the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Reference {
    /// What to print.
    pub text: String,
    /// Where it leads.
    pub anchor: Option<String>,
}

/// How many checks have a status.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Count {
    /// The status.
    pub mark: Mark,
    /// How many.
    pub number: String,
}

/// A line of the table of contents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Entry {
    /// Where it leads.
    pub anchor: String,
    /// The heading.
    pub title: String,
    /// A figure beside it.
    pub figure: Option<String>,
}

/// Score and coverage: these always stand together.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Figures {
    /// Raw score, `9.8`; `–` when nothing was scored.
    pub score: String,
    /// The score if waived checks had passed; `null` when no waiver changes it.
    pub score_with_waivers: Option<String>,
    /// Share of the declared weight that was measured or attested, `92 %`; `–` of an area where nothing is scored.
    pub coverage: String,
    /// That share in its parts: `80 % measured, 12 % attested, 8 % missing`; `nothing is scored` where there is none.
    pub coverage_parts: String,
    /// The line of arithmetic.
    pub arithmetic: String,
    /// Drawing of the score.
    pub bar: Bar,
    /// Drawing of the coverage.
    pub coverage_bar: Bar,
}

/// A bar of 200 units: its parts from left to right.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Bar {
    /// What it shows, in words.
    pub description: String,
    /// The parts.
    pub parts: Vec<BarPart>,
}

/// A part of a bar, in its units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BarPart {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// `good`, `warn`, `bad`, `waived`, `attested` or `none`.
    pub tone: String,
}

/// A group of commands for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Command {
    /// When to use them.
    pub title: String,
    /// The lines.
    pub run: String,
}

/// How to verify the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verify {
    /// SHA-256 of `record.json`.
    pub record: String,
    /// SHA-256 of the audit as it was planned.
    pub policy: String,
    /// SHA-256 of the record before this one.
    pub previous: Option<String>,
    /// SHA-256 of the record whose evidence was judged again.
    pub replayed_from: Option<String>,
    /// The lines to run, shown and never executed.
    pub run: String,
    /// The lines that check each sign-off with `jq`, `base64` and `ssh-keygen` alone.
    pub signoffs: Vec<Command>,
}

/// The record inside the HTML.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Embedded {
    /// The bytes of `record.json` in base64; `null` when the record is too large.
    pub base64: Option<Encoded>,
    /// The excerpts of evidence that are shown: base64 of a JSON object from file to base64; `null` when there are none or
    /// the record is too large.
    pub excerpts: Option<String>,
    /// The sign-offs in the same form; `null` when there are none or the record is too large.
    pub signoffs: Option<String>,
    /// One sentence about it.
    pub note: String,
}

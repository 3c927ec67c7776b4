//! What is shown of an area and its checks.

use serde::Serialize;

use super::evidence::Excerpt;
use super::many::Many;
use super::place::{Joined, Place};
use super::{Figures, Mark, Prose};

/// An area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Area {
    /// Its name.
    pub id: String,
    /// Its anchor.
    pub anchor: String,
    /// Its heading.
    pub title: String,
    /// Its group in the final breakdown.
    pub category: Option<String>,
    /// How its score is made, a sentence.
    pub method: String,
    /// Score and coverage.
    pub figures: Figures,
    /// How its checks came out: `7 of 8 checks pass`.
    pub tally: String,
    /// What was claimed about its score.
    pub claimed: Vec<ScoreClaim>,
    /// Is anything claimed about its checks? Else the table needs no column for it.
    pub compares: bool,
    /// The table: one row for each check.
    pub rows: Many<Row>,
    /// The checks in detail.
    pub checks: Many<Check>,
    /// What the auditor makes of it.
    pub assessment: Option<Prose>,
    /// Why.
    pub rationale: Vec<Prose>,
    /// What still worries.
    pub concerns: Vec<Prose>,
    /// The auditor's own figure.
    pub confidence: Option<Confidence>,
}

/// A claim about the score of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ScoreClaim {
    /// Who.
    pub by: String,
    /// As written.
    pub written: String,
    /// The result.
    pub mark: Mark,
    /// What our score is, or why it cannot be compared, a sentence.
    pub reason: String,
    /// Where and when it was claimed: `in report.md:12:9, as of 20 October 2025`.
    pub source: Option<String>,
    /// What stands there.
    pub place: Option<Place>,
}

/// The auditor's own figure for an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Confidence {
    /// 0 to 10, one decimal at least.
    pub value: String,
    /// Why.
    pub why: Option<Prose>,
}

/// A check in the table of its area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Row {
    /// Anchor of the check.
    pub anchor: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: Mark,
    /// Its status in the baseline, where that is another.
    pub was: Option<Mark>,
    /// Is a waiver in force for it?
    pub waived: bool,
    /// How many lines it has; one at least.
    pub span: usize,
    /// One line for each fact that is claimed or required.
    pub lines: Vec<Line>,
}

/// A fact in the table of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The fact.
    pub fact: String,
    /// What was claimed, as written, with the claimant; empty when nothing was.
    pub claimed: String,
    /// What was measured; `–` when nothing was.
    pub actual: String,
    /// What was measured in the baseline, where that is something else.
    pub was: Option<String>,
    /// Anchor of the evidence, when there is some.
    pub evidence: Option<String>,
    /// What must hold, as written; empty when nothing must.
    pub required: String,
    /// The results: of the requirement, then of the claim.
    pub marks: Vec<Mark>,
}

/// A check in detail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Check {
    /// `area/check`. On the page it is an anchor, too: `report.html#area/check` leads to the check in every run.
    pub id: String,
    /// Its anchor in every document.
    pub anchor: String,
    /// Its title.
    pub title: String,
    /// Its status.
    pub status: Mark,
    /// The waiver in force for it, a sentence.
    pub waiver: Option<String>,
    /// Its status in the baseline, where that is another.
    pub was: Option<Mark>,
    /// `blocker`, `major` or `minor`.
    pub severity: String,
    /// Did it come out as it should? Then its details may stay closed.
    pub settled: bool,
    /// Severity, weight and cost: `blocker · weight 2 · costs 1.5 points`.
    pub stakes: String,
    /// Why it has its status.
    pub reason: String,
    /// What came of each claim, a sentence each.
    pub claims: Vec<ClaimLine>,
    /// What a sample supports.
    pub sample: Option<String>,
    /// What is asked, as the audit file puts it (the options of its kind as JSON).
    pub asks: String,
    /// What a reader can run to see it again.
    pub repeat: Vec<String>,
    /// How many more there are in Appendix A, a sentence.
    pub repeat_more: Option<String>,
    /// What was measured and does not stand in the table of the area; what is absent comes last.
    pub facts: Vec<Fact>,
    /// How long the measuring took, `0.48 s`; `null` when nothing was asked.
    pub took: Option<String>,
    /// Measured tables.
    pub tables: Vec<Table>,
    /// What came back.
    pub excerpts: Vec<Excerpt>,
    /// How many more answers Appendix A has, a sentence.
    pub excerpts_more: Option<String>,
    /// Anchor in Appendix A, when it asked anything.
    pub evidence: Option<String>,
    /// What the reader should know about the measurement.
    pub explain: Option<Prose>,
    /// Why it is checked.
    pub rationale: Option<Prose>,
    /// Notes of the probe.
    pub notes: Vec<String>,
    /// What to do about it; only when it did not come out as it should.
    pub remediation: Option<Prose>,
    /// Where it is declared, `checks/go-live/monitoring.yaml:12`, and its kind.
    pub declared: String,
}

/// What came of one claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimLine {
    /// Who.
    pub by: String,
    /// What about, and as written: `rules 13`; claims with the same result and reason stand together.
    pub written: String,
    /// The result.
    pub mark: Mark,
    /// Why.
    pub reason: String,
    /// What a wrong claim would have changed.
    pub matters: Option<String>,
    /// Where it stands; several when claims of several places stand together.
    pub places: Vec<Place>,
    /// Row beside row, when a table is claimed.
    pub table: Option<Joined>,
}

/// A measured fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fact {
    /// Its name.
    pub name: String,
    /// Its value, or why it is absent.
    pub value: String,
    /// Is it absent?
    pub absent: bool,
    /// What it is, one sentence.
    pub summary: String,
}

/// A measured table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Table {
    /// Name of the fact.
    pub name: String,
    /// Headings.
    pub columns: Vec<String>,
    /// The rows shown.
    pub rows: Vec<Vec<String>>,
    /// How many rows were left out, a sentence.
    pub more: Option<String>,
}

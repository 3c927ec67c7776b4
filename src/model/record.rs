//! The record: the one truth of a run. Every document is a function of it and of the evidence beside it.

mod asked;
mod skipped;

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

pub use asked::asked;
pub use skipped::SkipReason;

use super::audit::{Area, Audit};
use super::claim::Claim;
use super::evidence::Exchange;
use super::exact;
use super::fact::{Facts, Unmeasurable, Value};
use super::id::{CheckId, Id};
use super::instant::Instant;
use super::judgement::{ClaimantRecord, Judgement, ScoreClaim, Status, Verdict};
use super::number::Number;
use super::quote::Places;

/// Names the shape of `record.json`; changes when the shape does.
pub const SCHEMA: &str = "urn:countersign:record:v1";

/// Stands in place of the verdict of a run of claims alone: whoever read one in it would read a decision that nobody took.
pub const CLAIMS_ALONE: &str = "claims alone";

/// A whole run. Its fields stand in the order of their names: written so, none of the megabytes has to be moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Record {
    /// The audit as planned.
    pub audit: Audit,
    /// The earlier run that relative conditions are held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Baseline>,
    /// The documents that claims stand in, sorted by path.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub documents: Vec<DocumentRead>,
    /// Earlier runs of the same audit, oldest first. Nothing is judged by them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub history: Vec<Earlier>,
    /// What was concluded from all of it.
    pub judgement: Judgement,
    /// One for each check, in the order of the audit.
    pub observations: Vec<Observation>,
    /// The partial runs that it was put together from, by their beginning; empty for a run that is its own.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub parts: Vec<Part>,
    /// What each locator of a claim leads to.
    #[serde(default, skip_serializing_if = "Places::is_empty")]
    pub places: Places,
    /// SHA-256 of the canonical audit: what was decided before anything was measured.
    pub policy_sha256: String,
    /// SHA-256 of the record before this one, when there is one.
    pub previous: Option<String>,
    /// SHA-256 of the record whose evidence was judged again under another audit file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replayed_from: Option<String>,
    /// When, where and by what it was measured.
    pub run: RunContext,
    /// [`SCHEMA`].
    pub schema: String,
}

/// An earlier run of the same audit: as much of it as a trend shows.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Earlier {
    /// SHA-256 of its record.
    pub sha256: String,
    /// Its run id.
    pub run_id: String,
    /// When its last measurement ended.
    pub finished_at: Instant,
    /// The version of the subject, as the audit file had it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its verdict.
    pub verdict: Verdict,
    /// Its raw score, 0 to 10; `None` when nothing was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// The score with waived checks counted as passed; `None` when nothing was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_with_waivers: Option<Number>,
    /// Share of the declared weight that was measured or attested.
    pub coverage: Number,
    /// The raw scores of those of its areas that had one.
    pub areas: BTreeMap<Id, Number>,
    /// How each claimant did, sorted by name.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claimants: Vec<ClaimantRecord>,
    /// Were only claims judged, without a score?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub claims_only: bool,
}

/// A partial run that was merged with others.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Part {
    /// When it began.
    pub started_at: Instant,
    /// When its last measurement ended.
    pub finished_at: Instant,
    /// Its run id.
    pub run_id: String,
    /// SHA-256 of its record.
    pub sha256: String,
    /// Version of countersign that measured.
    pub tool_version: String,
    /// Operating system and architecture, `linux/x86_64`.
    pub platform: String,
}

/// When, where and by what a run was measured. A replay of the same audit keeps it unchanged.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct RunContext {
    /// UUID, also the nonce of the record.
    pub run_id: String,
    /// When it began.
    pub started_at: Instant,
    /// When the last measurement ended: the moment the audit judges by.
    pub finished_at: Instant,
    /// Version of countersign.
    pub tool_version: String,
    /// Operating system and architecture, `linux/x86_64`; several, sorted, where parts of it ran on several.
    pub platform: String,
    /// Was it stopped before the end?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub interrupted: bool,
    /// Were only claims judged, without a score?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub claims_only: bool,
    /// Was the audit file taken for one of strangers, whose questions are bounded by rules? Of a merged run, for any part.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
}

/// A document that claims stand in, read once.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentRead {
    /// Its path, as locators name it.
    pub path: String,
    /// How it was read, and what came back.
    pub exchange: Exchange,
}

/// The earlier run that relative conditions are held against: as much of it as they need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Baseline {
    /// SHA-256 of its record.
    pub sha256: String,
    /// Its run id.
    pub run_id: String,
    /// When its last measurement ended.
    pub finished_at: Instant,
    /// The facts that relative conditions name, by check.
    pub facts: BTreeMap<CheckId, Facts>,
    /// What was concluded then; `None` where the earlier run is of another audit or of claims alone, or the
    /// record older than this field.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub concluded: Option<Concluded>,
}

/// What an earlier run concluded, for a reader to see beside what is concluded now. Nothing is judged by it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Concluded {
    /// Its verdict.
    pub verdict: Verdict,
    /// Its raw score, 0 to 10; `None` when nothing was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// The raw scores of those of its areas that had one.
    pub areas: BTreeMap<Id, Number>,
    /// The status of each of its checks.
    pub statuses: BTreeMap<CheckId, Status>,
    /// What each of its checks [`asked`]; empty in a record older than this field.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub asked: BTreeMap<CheckId, String>,
    /// What was measured of the facts that conditions and claims name, by check and fact. Tables and long texts are left
    /// out.
    pub values: BTreeMap<CheckId, BTreeMap<String, Value>>,
}

/// What one check saw.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Observation {
    /// The check.
    pub check: CheckId,
    /// What came of it.
    pub sight: Sight,
    /// Every question it asked, in the order it asked them.
    #[serde(default, deserialize_with = "exact::deserialize", skip_serializing_if = "Vec::is_empty")]
    pub exchanges: Vec<Exchange>,
}

/// What came of looking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sight {
    /// Facts, present or absent.
    Measured(Facts),
    /// Could not look.
    Unmeasurable(Unmeasurable),
    /// Was not asked to look, and why.
    Skipped(SkipReason),
    /// Does not apply, and why.
    NotApplicable(String),
}

impl Sight {
    /// Was it left out of the run by whoever started it? Then the run is a part of its audit. That no claim needs it where
    /// only claims are judged makes no run a part: nobody asked for it.
    pub fn is_left_out(&self) -> bool {
        matches!(self, Self::Skipped(SkipReason::NotSelected | SkipReason::NotInParts | SkipReason::NotInShard(_)))
    }

    /// Was it to be looked at, and the run ended before?
    pub fn is_unreached(&self) -> bool {
        matches!(self, Self::Skipped(SkipReason::Interrupted | SkipReason::TakenBack))
    }
}

/// In whose name a question is asked: a replay finds the answers again by it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Asker {
    /// Nobody's: a document is read that claims stand in.
    Documents,
    /// That of a check.
    Check(CheckId),
}

impl Record {
    /// Every question that was asked and its answer: for the documents first, then check by check.
    pub fn exchanges(&self) -> impl Iterator<Item = &Exchange> {
        let of_checks = self.observations.iter().flat_map(|observation| &observation.exchanges);
        self.documents.iter().map(|document| &document.exchange).chain(of_checks)
    }

    /// The verdict in words; of claims alone, that there is none.
    pub const fn verdict_words(&self) -> &'static str {
        if self.run.claims_only { CLAIMS_ALONE } else { self.audit.verdict_words(self.judgement.verdict) }
    }

    /// The checks that were left out of the run, in the order of the audit; none where it is a whole one.
    pub fn left_out(&self) -> impl Iterator<Item = &CheckId> {
        let left_out = self.observations.iter().filter(|observation| observation.sight.is_left_out());
        left_out.map(|observation| &observation.check)
    }

    /// Each claim about the score of an area: the area, the claim, what came of it, and the score where there is one.
    pub fn score_claims(&self) -> impl Iterator<Item = (&Area, &Claim, &ScoreClaim, Option<&Number>)> {
        let areas: BTreeMap<&Id, &Area> = self.audit.areas.iter().map(|area| (&area.id, area)).collect();
        let scored = self.judgement.areas.iter().filter_map(|area| Some((&area.area, area.score.as_ref()?)));
        let scores: BTreeMap<&Id, &Number> = scored.collect();
        self.judgement.score_claims.iter().filter_map(move |result| {
            let area = *areas.get(&result.area)?;
            let claim = area.claims.get(usize::try_from(result.claim).ok()?)?;
            Some((area, claim, result, scores.get(&result.area).copied()))
        })
    }

    /// What a check saw.
    pub fn observation(&self, id: &CheckId) -> Option<&Observation> {
        self.observations.iter().find(|observation| observation.check == *id)
    }
}

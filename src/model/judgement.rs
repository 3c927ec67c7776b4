//! What the judge concluded: status of every check, result of every claim, scores, verdict and why.
//!
//! Made only by `judge`; read by everything after it.

mod claims;
mod rollout;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use claims::{
    ClaimResult, ClaimStatus, ClaimantRecord, JoinedCell, JoinedRow, JoinedTable, ListedResult, PlaceResult,
    ScoreClaim, Tally,
};

pub use rollout::{PlanFinding, PlanReview, PlanRule, PlanStanding};

use super::audit::{Check, Level, SampleMethod, Severity};
use super::exact;
use super::fact::Value;
use super::format;
use super::id::{CheckId, Id};
use super::instant::Stamp;
use super::number::Number;

/// Everything that was concluded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Judgement {
    /// One for each check, in the order of the audit.
    pub checks: Vec<CheckResult>,
    /// One for each area, in the order of the audit.
    pub areas: Vec<AreaResult>,
    /// The whole.
    pub overall: Overall,
    /// Claims about scores; claims about facts stand under their check.
    pub score_claims: Vec<ScoreClaim>,
    /// One for each claim of the list, in the order of the audit.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub listed_claims: Vec<ListedResult>,
    /// How each claimant did, sorted by name.
    pub claimants: Vec<ClaimantRecord>,
    /// What is to be said about the rollout, rule by rule; empty where there is none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rollout: Vec<PlanReview>,
    /// The conditions of the file, then drafts from failed checks and from the review of the rollout, then undecided `must`
    /// decisions, then waivers in use.
    pub conditions: Vec<ConditionState>,
    /// One for each waiver, in the order of the audit.
    pub waivers: Vec<WaiverState>,
    /// The verdict.
    pub verdict: Verdict,
    /// The rules in order, fired or not.
    pub chain: Vec<RuleOutcome>,
    /// What would change the verdict; `None` when it is approved.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub what_if: Option<WhatIf>,
}

impl Judgement {
    /// A sentence about the conditions that the reason of the verdict does not count, though they are open: it counts those
    /// that must be met. `None` where it counts none, or all.
    pub fn open_besides(&self) -> Option<String> {
        let decided = self.chain.iter().find(|rule| rule.decided && rule.rule == Rule::OpenPoints)?;
        let mut open = self.conditions.iter().filter(|state| state.progress != ConditionProgress::Closed);
        let counts = open.clone().any(|state| decided.because.contains(&state.id));
        let besides = open.by_ref().filter(|state| state.level != Level::Must).count() as u64;
        let more = || {
            format!(
                "{} open that need not be met.",
                format::plural(besides, "more condition is", "more conditions are")
            )
        };
        (counts && besides > 0).then(more)
    }
}

/// The status of a check.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema, Hash)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// Every condition holds and every claim is upheld.
    Pass,
    /// A softer tier holds, or a claim is wrong without changing any condition.
    Warn,
    /// A condition does not hold, or a claim that matters is refuted.
    Fail,
    /// Looked, but a needed fact is absent.
    NoData,
    /// Could not look.
    Error,
    /// Not asked for in this run.
    Skipped,
    /// Its `when:` is false.
    #[serde(rename = "n/a")]
    NotApplicable,
    /// Has no expectation; only shows facts.
    Info,
}

impl Status {
    /// All of them, in the order in which they are counted and listed.
    pub const ALL: [Self; 8] =
        [Self::Pass, Self::Warn, Self::Fail, Self::NoData, Self::Error, Self::Skipped, Self::NotApplicable, Self::Info];

    /// The word, as the documents print it.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Warn => "warn",
            Self::Fail => "fail",
            Self::NoData => "no data",
            Self::Error => "error",
            Self::Skipped => "skipped",
            Self::NotApplicable => "n/a",
            Self::Info => "info",
        }
    }

    /// The predicate of a sentence about a check: "operations/dry-run fails".
    pub const fn predicate(self) -> &'static str {
        match self {
            Self::Pass => "passes",
            Self::Warn => "warns",
            Self::Fail => "fails",
            Self::NoData => "has no data",
            Self::Error => "could not be looked at",
            Self::Skipped => "was skipped",
            Self::NotApplicable => "does not apply",
            Self::Info => "has no expectation",
        }
    }

    /// Can a check of this status take part in the score? Whether it does, [`CheckResult::is_scored`] says.
    pub const fn is_scored(self) -> bool {
        !matches!(self, Self::NotApplicable | Self::Info)
    }

    /// Is it not known how things stand: nothing was measured of what was needed, or nobody looked?
    pub const fn is_unknown(self) -> bool {
        matches!(self, Self::NoData | Self::Error | Self::Skipped)
    }

    /// Was anything measured?
    pub const fn is_measured(self) -> bool {
        matches!(self, Self::Pass | Self::Warn | Self::Fail | Self::Info)
    }
}

/// What was concluded about one check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CheckResult {
    /// The check.
    pub check: CheckId,
    /// Its status; a waiver does not change it.
    pub status: Status,
    /// Why, one sentence without a full stop ("12 of 13 rules; at least 13 were expected").
    pub reason: String,
    /// Each condition, `expect` first.
    #[serde(default, deserialize_with = "exact::deserialize", skip_serializing_if = "Vec::is_empty")]
    pub expectations: Vec<ExpectationResult>,
    /// Each claim.
    #[serde(default, deserialize_with = "exact::deserialize", skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ClaimResult>,
    /// What the sample supports.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<SampleResult>,
    /// The waiver in force for it, as an index into the audit's waivers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub waived_by: Option<u32>,
    /// Points of its area that it costs, out of 10: exact, before rounding.
    pub cost: Number,
}

impl CheckResult {
    /// Does it take part in the score? Nothing is lost by leaving out what expects nothing and of which nothing is claimed.
    pub fn is_scored(&self, check: &Check) -> bool {
        let only_shows = check.expect.is_empty() && check.claims.is_empty();
        self.status.is_scored() && !(self.status == Status::Skipped && only_shows)
    }

    /// A major check or a blocker that does not pass, and is in the score.
    pub fn is_open_major(&self, check: &Check) -> bool {
        check.severity >= Severity::Major && self.is_scored(check) && self.status != Status::Pass
    }

    /// Was a claim on it refuted, and did the difference matter?
    pub fn has_decisive_claim(&self) -> bool {
        self.claims.iter().any(|claim| claim.matters.is_some())
    }
}

/// Which list of conditions one stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tier {
    /// `expect`.
    Expect,
    /// `warn`.
    Warn,
}

/// One condition held against its fact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpectationResult {
    /// The fact.
    pub fact: String,
    /// The condition as written.
    pub condition: String,
    /// Which list it stands in.
    pub tier: Tier,
    /// What was found; `None` when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// What the earlier run found, where the condition is relative to it and it found something.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub baseline: Option<Value>,
    /// The answer.
    pub outcome: Outcome,
}

/// Does a condition hold?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// Yes.
    Holds,
    /// No.
    Fails,
    /// Cannot be said, and why.
    Unknown(String),
}

/// What a sample supports.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct SampleResult {
    /// How many were measured.
    pub measured: u64,
    /// How many of them passed.
    pub passed: u64,
    /// Out of how many in all.
    pub of: u64,
    /// How it was taken.
    pub method: SampleMethod,
    /// For a random sample: the lower bound at 95 % confidence of the share that passes in the whole.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lower_bound: Option<Number>,
    /// What it supports, one sentence.
    pub supports: String,
}

/// Score and coverage of an area.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct AreaResult {
    /// The area.
    pub area: Id,
    /// Raw score, 0 to 10; `None` when nothing was scored.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// Score if waived checks had passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_with_waivers: Option<Number>,
    /// The score, where a check that does not hold caps it below what was earned.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub capped_at: Option<Number>,
    /// How much of the declared weight was measured.
    pub coverage: Coverage,
    /// The line of arithmetic: `7.5 = 10 - 1.5 (roles assigned) - 1.0 (dry run)`.
    pub arithmetic: String,
}

impl AreaResult {
    /// How much of it was measured or attested; `None` where there is nothing to score, and so nothing to cover.
    pub fn covered(&self) -> Option<Number> {
        self.score.as_ref().map(|_| self.coverage.covered())
    }
}

/// Shares of the declared weight; the three add up to 1 unless nothing is declared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Coverage {
    /// Measured by a probe.
    pub measured: Number,
    /// Stated by a person.
    pub attested: Number,
    /// Neither.
    pub missing: Number,
}

impl Coverage {
    /// Measured and attested together.
    pub fn covered(&self) -> Number {
        &self.measured + &self.attested
    }
}

/// Score and coverage of the whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Overall {
    /// Weighted mean of the areas that have a score.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// The same if waived checks had passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub score_with_waivers: Option<Number>,
    /// How much of the declared weight was measured.
    pub coverage: Coverage,
    /// The line of arithmetic.
    pub arithmetic: String,
    /// Areas that have no score.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub unscored: Vec<Id>,
}

/// The verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// Nothing stands in the way.
    Approved,
    /// Only listed conditions stand in the way.
    ApprovedWithConditions,
    /// It must not go live.
    Rejected,
    /// Evidence is missing for something that decides.
    Undetermined,
}

impl Verdict {
    /// The words, as the documents print them.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Approved => "approved",
            Self::ApprovedWithConditions => "approved with conditions",
            Self::Rejected => "rejected",
            Self::Undetermined => "undetermined",
        }
    }
}

/// The rules of the verdict, in the order in which they are asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// A blocker failed.
    BlockerFailed,
    /// Checks were left out of the run; asked where some were.
    Partial,
    /// A blocker could not be decided.
    BlockerUnknown,
    /// Too little was measured.
    CoverageLow,
    /// A score is below its floor.
    ScoreBelowFloor,
    /// A condition is overdue.
    ConditionOverdue,
    /// Something is open that an approval must name.
    OpenPoints,
    /// A claim could not be held against anything; asked where only claims are judged.
    ClaimUnknown,
    /// A claim is wrong; asked where only claims are judged.
    ClaimRefuted,
    /// Nothing above fired.
    Clear,
}

/// One rule of the verdict, asked. The first that fired decided; those after it are recorded all the same.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleOutcome {
    /// The rule.
    pub rule: Rule,
    /// Did it fire?
    pub fired: bool,
    /// Did it decide the verdict?
    pub decided: bool,
    /// In words, one sentence without a full stop.
    pub reason: String,
    /// What triggered it: ids of checks, areas, conditions, and claims of the list as `claims/NAME`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<String>,
}

/// Where a condition of the result comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionOrigin {
    /// `conditions:` of the audit file.
    File,
    /// Drafted from a check that did not pass.
    Check(CheckId),
    /// An undecided decision.
    Decision(Id),
    /// A waiver in use: it must be gone when it ends.
    Waiver(CheckId),
    /// A rule of the rollout's review that does not hold.
    Rollout(PlanRule),
}

/// State of a condition.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ConditionProgress {
    /// Still to do.
    Open,
    /// Done.
    Closed,
    /// Still to do and too late.
    Overdue,
}

/// A condition and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ConditionState {
    /// Its name.
    pub id: String,
    /// Where it comes from.
    pub origin: ConditionOrigin,
    /// How binding.
    pub level: Level,
    /// What must happen (Markdown).
    pub text: String,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// Where it stands.
    pub progress: ConditionProgress,
    /// Why it stands there ("operations/roles-assigned is no data").
    pub reason: String,
}

/// State of a waiver.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum WaiverProgress {
    /// In force, and its check does not pass.
    InUse,
    /// In force, but its check passes.
    Unused,
    /// Past its end.
    Expired,
    /// Before its start.
    NotYetValid,
}

/// A waiver and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WaiverState {
    /// The check it is about.
    pub check: CheckId,
    /// Where it stands.
    pub progress: WaiverProgress,
}

/// What it would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct WhatIf {
    /// The verdict within reach.
    pub reaches: Verdict,
    /// The fixes, together the smallest set that reaches it.
    pub fixes: Vec<Fix>,
    /// Is the set proved smallest (up to 20 candidates), or found greedily?
    pub exact: bool,
    /// The points each open check costs its area, largest first.
    pub costs: Vec<(CheckId, Number)>,
}

/// One fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Fix {
    /// Make this check pass.
    Check(CheckId),
    /// Close this condition.
    Condition(String),
    /// Decide this.
    Decision(Id),
    /// Correct this claim of the list, or what it is held against.
    Claim(Id),
}

//! The results of a run as one list: what every format for CI is made from. Also the documented shape of `--format json`:
//! a field may be added to it, but one that is there keeps its name and meaning, or [`SCHEMA`] gets another number.
//!
//! Every text in it can be shown: it is in one line, and nothing in it acts on a terminal or on a CI system.

mod decimal;
mod standing;

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::Serialize;

pub use decimal::Decimal;
pub use standing::Standing;

use crate::model::judgement::Status;
use crate::report::notices;

/// Names the shape of the results.
pub const SCHEMA: &str = "urn:countersign:results:v1";

/// The results of a run.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Results {
    /// `urn:countersign:results:v1`.
    pub schema: &'static str,
    /// What wrote them.
    pub tool: Tool,
    /// The audit.
    pub audit: Audit,
    /// When it was measured.
    pub run: Run,
    /// SHA-256 of the record they were made from, 64 lower-case hex digits.
    pub record_sha256: String,
    /// SHA-256 of the audit as planned: what was decided before anything was measured.
    pub policy_sha256: String,
    /// What the audit file says of where its evidence comes from; not there where it says nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub provenance: Option<String>,
    /// What must be known before the rest is believed, a sentence each: the run was interrupted, a part, of strangers.
    pub notices: Vec<String>,
    /// The verdict.
    pub verdict: Verdict,
    /// Score and coverage of the whole.
    pub overall: Figures,
    /// Score and coverage of each area, in the order of the audit.
    pub areas: Vec<Area>,
    /// How many findings have which outcome.
    pub counts: Counts,
    /// Every check, each followed by the claims about it; then claims about scores; then the rules of the verdict that are
    /// not about single checks.
    pub findings: Vec<Finding>,
    /// Every waiver.
    pub waivers: Vec<Waiver>,
    /// What must still happen.
    pub conditions: Vec<Condition>,
}

/// The program that wrote the results.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Tool {
    /// `countersign`.
    pub name: &'static str,
    /// Its version.
    pub version: String,
}

/// What was audited.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Audit {
    /// Name of the audit: lower-case letters, digits and hyphens.
    pub id: String,
    /// The head of its file.
    pub file: Place,
    /// Its title.
    pub title: String,
    /// Name of the subject.
    pub subject: String,
    /// Its version, where the audit names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// Its commit, where the audit names one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
    /// Who audits, where the audit says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub auditor: Option<String>,
}

/// When and where it was measured.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Run {
    /// UUID of the run.
    pub id: String,
    /// When it began, RFC 3339 in UTC.
    pub started_at: String,
    /// When the last measurement ended, RFC 3339 in UTC.
    pub finished_at: String,
    /// The same in seconds since 1970.
    pub finished_seconds: i64,
    /// When it began, in seconds since 1970.
    pub started_seconds: i64,
    /// Operating system and architecture, `linux/x86_64`.
    pub platform: String,
    /// Was it stopped before the end?
    pub interrupted: bool,
    /// Were only claims judged? Then there is neither a score nor coverage.
    pub claims_only: bool,
    /// Were checks left out of the run? Then it says nothing of the whole.
    pub partial: bool,
    /// Was the audit file taken for one of strangers? Left out where it was not.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub untrusted: bool,
}

/// The verdict.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Verdict {
    /// `approved`, `approved-with-conditions`, `rejected` or `undetermined`; `claims-only` where nothing else was judged; of a
    /// gate `proceed`, `hold` or `roll-back`.
    pub id: &'static str,
    /// The same in words; where only claims were judged, how many of them hold.
    pub words: String,
    /// Why, a sentence.
    pub reason: String,
}

/// Score and coverage: these always stand together. Where only claims were judged there is none of them.
#[derive(Debug, Clone, Default, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// 0 to 10, three decimals at most; not there when nothing was scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Decimal>,
    /// The score if waived checks had passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_with_waivers: Option<Decimal>,
    /// Share of the declared weight that was measured or attested, 0 to 1, six decimals at most; not there when only claims
    /// were judged, nor for an area where nothing is scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub coverage: Option<Decimal>,
}

/// An area.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Area {
    /// Its name: lower-case letters, digits and hyphens.
    pub id: String,
    /// Its title.
    pub title: String,
    /// Its score and coverage.
    #[serde(flatten)]
    pub figures: Figures,
}

/// How many findings have which outcome.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Counts {
    /// All findings.
    pub all: usize,
    /// Hold.
    pub passed: usize,
    /// Hold only by the softer limit, or with a claim that is wrong and changes nothing.
    pub warned: usize,
    /// Do not hold.
    pub failed: usize,
    /// Could not be evaluated.
    pub not_evaluated: usize,
    /// Do not hold, and somebody accepted that for a time.
    pub waived: usize,
    /// Wait for a person to state them.
    pub pending: usize,
    /// Were not looked at, or do not apply.
    pub skipped: usize,
}

/// What a finding is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// A check: what must hold.
    Check,
    /// A claim: what somebody wrote.
    Claim,
    /// A rule of the verdict that is not about a single check: coverage, floors of scores, overdue conditions.
    Rule,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Outcome {
    /// It holds. Also a check that only shows what was found.
    Passed,
    /// A softer limit holds, or a claim is wrong and changes nothing.
    Warned,
    /// It does not hold.
    Failed,
    /// It could not be evaluated. Never a pass.
    NotEvaluated,
    /// It does not hold, and somebody accepted that for a time.
    Waived,
    /// It waits for a person to state it.
    Pending,
    /// It was not looked at in this run.
    Skipped,
    /// It does not apply.
    NotApplicable,
}

/// How much a finding matters to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Does not touch the verdict by itself.
    Minor,
    /// Makes an approval conditional.
    Major,
    /// Rejects.
    Blocker,
}

/// How loudly a format that knows three levels says it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Worth knowing.
    Note,
    /// Worth a look.
    Warning,
    /// Wrong.
    Error,
}

/// A check, a claim or a rule, and what came of it.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Its name, which stays the same from run to run and is there once: `monitoring/alert-rules` for a check,
    /// `monitoring/alert-rules#rules@Forge@report.md#Alerting/Rules` for a claim (which fact, who claims it, and where, if
    /// that is not the audit file), `verdict/coverage` for a rule.
    pub id: String,
    /// What it is about.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// Name of its area; `verdict` for a rule.
    pub area: String,
    /// Name of the check that a claim is about, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub check: Option<String>,
    /// What came of it.
    pub outcome: Outcome,
    /// What was concluded, as a value; `status` is its word.
    #[serde(skip)]
    pub standing: Standing,
    /// The word of the report for it: `no data`, `overstated`.
    pub status: String,
    /// How much it matters.
    pub severity: Severity,
    /// How loudly it is said; not there for what asks nothing of anybody.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// What was found, a sentence that can stand alone.
    pub message: String,
    /// The claim, for a finding about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claimed: Option<Claimed>,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<String>,
    /// Where to look: the claim in its document where that is known, else the check in the audit file.
    pub place: Place,
    /// Other places that belong to it.
    pub related: Vec<Related>,
    /// The waiver in force for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub waived: Option<Acceptance>,
    /// What to do about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub help: Option<String>,
    /// Do other findings say it already, each at its own place? A check that only fails by its claims.
    pub repeats: bool,
    /// How long measuring took, in microseconds.
    pub elapsed_us: u64,
    /// What a check captured, in the order in which it asked.
    pub evidence: Vec<Evidence>,
    /// Does a person state it, rather than a probe measure it?
    pub attested: bool,
}

/// A file that was captured, in the bundle.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Evidence {
    /// Relative to the bundle: `evidence/...`.
    pub file: String,
    /// SHA-256 of its bytes, 64 lower-case hex digits.
    pub sha256: String,
    /// How many bytes it has.
    pub bytes: u64,
    /// What was asked, as a line for a shell.
    pub asked: String,
    /// When it was asked, RFC 3339 in UTC.
    pub at: String,
}

/// What somebody claimed.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Claimed {
    /// Who.
    pub by: String,
    /// About which fact.
    pub fact: String,
    /// As written.
    pub written: String,
    /// Where it was written, as the audit file names it: `report.md#Alerting/Rules`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
    /// When it was claimed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub as_of: Option<String>,
}

/// A place in a file of the repository.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Place {
    /// Relative to the root of the repository, with `/` between its parts.
    pub path: String,
    /// The line, from 1.
    pub line: u32,
    /// The column of the first character, from 1; not there when the whole line is meant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<u32>,
    /// The column after the last character, on the same line.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub end_column: Option<u32>,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.path, self.line)?;
        self.column.map_or(Ok(()), |column| write!(f, ":{column}"))
    }
}

/// Another place that belongs to a finding.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Related {
    /// The place.
    pub place: Place,
    /// What stands there, a sentence.
    pub message: String,
}

/// That somebody accepted a failure.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Acceptance {
    /// Who.
    pub by: String,
    /// Why.
    pub reason: String,
    /// Until when, in words.
    pub until: String,
}

/// A waiver.
#[derive(Debug, Clone, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Waiver {
    /// The check.
    pub check: String,
    /// Who accepted the failure.
    pub by: String,
    /// Why.
    pub reason: String,
    /// `in-use`, `unused`, `expired` or `not-yet-valid`.
    pub state: &'static str,
    /// The last moment it holds, RFC 3339 in UTC.
    pub until: String,
    /// The same in words, as it was written: `31 October 2027`.
    pub until_words: String,
    /// The same in seconds since 1970.
    pub until_seconds: i64,
}

/// A condition that is not met.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct Condition {
    /// Its name.
    pub id: String,
    /// `must`, `should` or `could`.
    pub level: &'static str,
    /// `open` or `overdue`.
    pub state: &'static str,
    /// What must happen.
    pub text: String,
    /// Who sees to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<String>,
    /// Why it is not met.
    pub reason: String,
}

impl Outcome {
    /// All of them.
    pub const ALL: [Self; 8] = [
        Self::Passed,
        Self::Warned,
        Self::Failed,
        Self::NotEvaluated,
        Self::Waived,
        Self::Pending,
        Self::Skipped,
        Self::NotApplicable,
    ];

    /// The name, as the JSON has it.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Warned => "warned",
            Self::Failed => "failed",
            Self::NotEvaluated => "not-evaluated",
            Self::Waived => "waived",
            Self::Pending => "pending",
            Self::Skipped => "skipped",
            Self::NotApplicable => "not-applicable",
        }
    }
}

impl Kind {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Check => "check",
            Self::Claim => "claim",
            Self::Rule => "rule",
        }
    }
}

impl Severity {
    /// The word.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Minor => "minor",
            Self::Major => "major",
            Self::Blocker => "blocker",
        }
    }
}

impl Finding {
    /// Does it ask for nothing, and only show what was found?
    pub fn only_shows(&self) -> bool {
        self.standing == Standing::Check(Status::Info)
    }

    /// Does it hold, were it by the softer limit? `None` where nothing could be concluded or nothing is asked. A waiver
    /// changes nothing of that.
    pub fn holds(&self) -> Option<bool> {
        match self.outcome {
            Outcome::Passed | Outcome::Warned | Outcome::Failed | Outcome::Waived => self.standing.holds(),
            Outcome::NotEvaluated | Outcome::Pending | Outcome::Skipped | Outcome::NotApplicable => None,
        }
    }
}

impl Counts {
    /// Of these findings.
    pub fn of(findings: &[Finding]) -> Self {
        let mut counts = Self { all: findings.len(), ..Self::default() };
        for finding in findings {
            *match finding.outcome {
                Outcome::Passed => &mut counts.passed,
                Outcome::Warned => &mut counts.warned,
                Outcome::Failed => &mut counts.failed,
                Outcome::NotEvaluated => &mut counts.not_evaluated,
                Outcome::Waived => &mut counts.waived,
                Outcome::Pending => &mut counts.pending,
                Outcome::Skipped | Outcome::NotApplicable => &mut counts.skipped,
            } += 1;
        }
        counts
    }
}

impl Results {
    /// Provenance and notices in the order in which they are read, sentences.
    pub fn caveats(&self) -> Vec<String> {
        notices::said(self.provenance.as_deref(), &self.notices)
    }

    /// The findings that ask something of somebody, worst first; those that only repeat others are left out.
    pub fn to_look_at(&self) -> Vec<&Finding> {
        let mut found: Vec<&Finding> =
            self.findings.iter().filter(|finding| finding.level.is_some() && !finding.repeats).collect();
        let rank = |finding: &Finding| {
            (finding.level, finding.severity, finding.outcome == Outcome::Failed, finding.outcome != Outcome::Waived)
        };
        // Stable: what is equally bad stays in the order of the audit.
        found.sort_by_key(|finding| std::cmp::Reverse(rank(finding)));
        found
    }
}

impl Results {
    /// The claims about each check.
    pub fn claims_by_check(&self) -> BTreeMap<&str, Vec<&Finding>> {
        let mut claims: BTreeMap<&str, Vec<&Finding>> = BTreeMap::new();
        for claim in &self.findings {
            if let Some(check) = claim.check.as_deref() {
                claims.entry(check).or_default().push(claim);
            }
        }
        claims
    }
}

/// The JSON Schema of the results, draft 2020-12.
pub fn schema() -> serde_json::Value {
    super::contract::<Results>(SCHEMA, "countersign results")
}

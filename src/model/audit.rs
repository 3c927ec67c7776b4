//! The audit as planned: everything that is decided before anything is measured. Part of the record, so that the
//! judgement can be made again from the record alone.

mod signing;
pub mod text;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use signing::{SignoffPolicy, SignoffRole};

use super::claim::{Claim, ListedClaim};
use super::condition::Expectation;
use super::exact;
use super::fact::FactSpec;
use super::id::{CheckId, Id};
use super::instant::Stamp;
use super::judgement::Verdict;
use super::number::Number;
use super::rollout::{Measured, Rollout};

/// How long one answer may take where nobody says, in milliseconds.
pub const USUAL_TIMEOUT_MS: u64 = 10_000;

/// Markdown from the audit file; `{{ name }}` in it reads the record. See [`prose`](super::prose).
pub type Prose = String;

/// A whole audit, validated.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Audit {
    /// Name of the audit.
    pub id: Id,
    /// Title of the document.
    pub title: String,
    /// What is audited.
    pub subject: Subject,
    /// Who audits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub auditor: Option<Person>,
    /// When the subject goes live.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub go_live: Option<Stamp>,
    /// First and last day of the deployment window.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub window: Option<(Stamp, Stamp)>,
    /// Zone in which times are shown, `UTC` or an IANA name.
    pub timezone: String,
    /// A line the header must show about where the evidence comes from (a reconstruction, a rehearsal).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub provenance: Option<Prose>,
    /// Executive summary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub summary: Option<Prose>,
    /// A note to the reader at the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closing: Option<Prose>,
    /// Thresholds of the verdict.
    pub verdict: VerdictPolicy,
    /// What each kind in use says about its facts, by kind name.
    pub kinds: BTreeMap<String, KindSpec>,
    /// The areas, in the order of the file.
    pub areas: Vec<Area>,
    /// Every check of every area, in the order of the file.
    pub checks: Vec<Check>,
    /// Claims that stand in documents and under no check, in the order of the file.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<ListedClaim>,
    /// What must happen before go-live.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<Requirement>,
    /// Failures that somebody accepted for a time.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub waivers: Vec<Waiver>,
    /// What may go wrong.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub risks: Vec<Risk>,
    /// Questions put to the auditor.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub questions: Vec<AskedQuestion>,
    /// What somebody must still decide.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub decisions: Vec<Decision>,
    /// What to do next.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub next_steps: Vec<NextStep>,
    /// The pre-go-live checklist, in groups.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub checklist: Vec<ChecklistGroup>,
    /// Commands for the reader, Appendix C.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub commands: Vec<CommandReference>,
    /// In which stages it reaches everybody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rollout: Option<Rollout>,
    /// Whose gate it is, where it is the gate of a stage and no audit of its own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub gate: Option<Gate>,
    /// Who must sign.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub signoff: Option<SignoffPolicy>,
    /// Values given to `vars`, secrets left as placeholders.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub vars: BTreeMap<String, String>,
}

/// The gate of a stage: may the rollout take its next step?
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Gate {
    /// The audit whose rollout it is.
    pub audit: Id,
    /// The stage that the rollout is in.
    pub stage: Id,
    /// The stage after it; `None` where it is the last one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub next: Option<Id>,
    /// The commands of the way back; shown, never executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_back: Option<String>,
}

/// What is audited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Subject {
    /// Its name.
    pub name: String,
    /// Its version, as people call it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The commit, when the audit names one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub commit: Option<String>,
}

/// A person and their role.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// The name.
    pub name: String,
    /// The role.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
}

/// Thresholds of the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct VerdictPolicy {
    /// Share of the declared weight that must have been measured; default 0.8.
    pub min_coverage: Number,
    /// Lowest overall score that can be approved; default 7.0.
    pub floor_overall: Number,
    /// Lowest area score that can be approved; default 5.0.
    pub floor_area: Number,
}

/// What a kind says about itself, as far as judging and showing need it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KindSpec {
    /// One sentence.
    pub summary: String,
    /// Its facts.
    pub facts: Vec<FactSpec>,
}

/// An area of the audit: a score of its own.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Area {
    /// Its name.
    pub id: Id,
    /// Its heading.
    pub title: String,
    /// Group in the final breakdown (technical, operational, risk).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Weight in the overall score; above zero.
    pub weight: Number,
    /// How its score is made.
    pub method: Method,
    /// Claims about its score.
    #[serde(default, deserialize_with = "exact::deserialize", skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// What the auditor makes of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub assessment: Option<Prose>,
    /// Why, as a list.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub rationale: Vec<Prose>,
    /// What still worries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<Prose>,
    /// The auditor's own figure; stands beside the computed score and is never mixed in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Confidence>,
}

/// A score stated by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Confidence {
    /// 0 to 10.
    pub value: Number,
    /// Required where the value lies outside the range of its parts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub why: Option<Prose>,
}

/// How an area's score is made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Method {
    /// `10 x sum(weight x credit) / sum(weight)`.
    Weighted,
    /// `10 - sum(points of what does not pass)`, not below 0; 0 where nothing was measured or attested.
    Deductions,
}

/// How much a check matters to the verdict.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// Does not touch the verdict by itself.
    Minor,
    /// Makes an approval conditional.
    Major,
    /// Rejects.
    Blocker,
}

/// One check: what must hold, who claims what, and what it costs. What is measured stands in the plan's probe.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Check {
    /// `area/check`.
    pub id: CheckId,
    /// One line.
    pub title: String,
    /// The kind that measures it.
    pub kind: String,
    /// The source the kind reads from (`docker`, `prometheus`, `junit`), where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is asked, as the audit file puts it (the kind's options, compact JSON, secrets as placeholders).
    pub asks: String,
    /// How much it matters.
    pub severity: Severity,
    /// Weight in a weighted area; above zero.
    pub weight: Number,
    /// Points it costs in an area of deductions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deduct: Option<Number>,
    /// When it fails, the area's score is at most this.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub caps_area_at: Option<Number>,
    /// Checks that must have passed before it is measured.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub depends_on: Vec<CheckId>,
    /// `Some(reason)` when its `when:` is false.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub not_applicable: Option<String>,
    /// What must hold.
    #[serde(default, deserialize_with = "exact::deserialize", skip_serializing_if = "Vec::is_empty")]
    pub expect: Vec<Expectation>,
    /// The softer tier: expect fails and this holds makes `warn`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub warn: Vec<Expectation>,
    /// What was claimed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub claims: Vec<Claim>,
    /// What is measured is a sample of what is claimed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sample: Option<Sample>,
    /// Does a person state it, rather than a probe measure it?
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub attested: bool,
    /// How long to wait for one answer, in milliseconds; `None` where that is as long as usual ([`USUAL_TIMEOUT_MS`]).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How often to ask again when there was none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// What the reader should know about the measurement.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub explain: Option<Prose>,
    /// Why it is checked.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rationale: Option<Prose>,
    /// What to do when it fails.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub remediation: Option<Prose>,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    pub declared: (String, u32),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// A sample of a larger whole.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Sample {
    /// How many there are in all.
    pub of: u64,
    /// How the sample was taken.
    pub method: SampleMethod,
}

/// How a sample was taken; only a random one supports a rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SampleMethod {
    /// Each had the same chance.
    Random,
    /// Somebody picked them.
    Chosen,
}

/// How binding a condition is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Level {
    /// Before go-live.
    Must,
    /// Highly recommended.
    Should,
    /// If time permits.
    Could,
}

/// A condition for go-live (`conditions:` in the file): owner, due, and the check that closes it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Requirement {
    /// Its name.
    pub id: Id,
    /// How binding.
    pub level: Level,
    /// What must happen.
    pub text: Prose,
    /// Who sees to it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when; a plain date means the end of that day, UTC.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// The check that closes it by passing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<CheckId>,
    /// Stated to be done, by hand, where no check can see it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub done: bool,
}

/// Somebody accepts a failure for a time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Waiver {
    /// The check.
    pub check: CheckId,
    /// Why; 10 characters at least.
    pub reason: String,
    /// Who.
    pub by: String,
    /// From when.
    pub approved: Stamp,
    /// Until when; required.
    pub until: Stamp,
}

/// Something that may go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Risk {
    /// Its name.
    pub id: Id,
    /// One line.
    pub title: String,
    /// How likely.
    pub likelihood: Rating,
    /// How bad.
    pub impact: Rating,
    /// What it is about.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<Prose>,
    /// What is done about it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub mitigation: Vec<Prose>,
    /// Who watches it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
}

/// Five steps of likelihood or impact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rating {
    /// Low.
    Low,
    /// Between low and medium.
    LowMedium,
    /// Medium.
    Medium,
    /// Between medium and high.
    MediumHigh,
    /// High.
    High,
}

/// A question put to the auditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AskedQuestion {
    /// The question.
    pub ask: String,
    /// The answer, as written (`yes`, `no`, `yes, with conditions`).
    pub answer: String,
    /// 0 to 10, stated by hand.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence: Option<Number>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Prose>,
    /// What still worries.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub concerns: Vec<Prose>,
}

/// What somebody must still decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Its name.
    pub id: Id,
    /// The question.
    pub ask: String,
    /// Key and text of each option, in the order of the file.
    pub options: Vec<(String, Prose)>,
    /// The recommended option's key.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub recommend: Option<String>,
    /// Why.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub because: Vec<Prose>,
    /// Who decides.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// An undecided `must` is an open condition.
    pub level: Level,
    /// The option that was chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub decided: Option<String>,
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NextStep {
    /// One line.
    pub title: String,
    /// How binding.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub level: Option<Level>,
    /// Who.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Until when.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// Details.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
}

/// A group of the pre-go-live checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistGroup {
    /// Its heading.
    pub title: String,
    /// Its items.
    pub items: Vec<ChecklistItem>,
}

/// A line of the checklist: ticked by a check that passes, a condition that is closed, or by hand.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChecklistItem {
    /// The line.
    pub text: Prose,
    /// What ticks it.
    pub ticked: Tick,
}

/// What ticks a line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Tick {
    /// A check that passes.
    Check(CheckId),
    /// A condition that is closed.
    Condition(Id),
    /// A hand.
    Hand(bool),
}

/// Commands for the reader.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CommandReference {
    /// When to use them.
    pub title: String,
    /// The lines; shown, never executed.
    pub run: String,
}

impl Audit {
    /// The check with this id.
    pub fn check(&self, id: &CheckId) -> Option<&Check> {
        self.checks.iter().find(|check| check.id == *id)
    }

    /// Every check by its id: for whoever looks up many.
    pub fn by_id(&self) -> BTreeMap<&CheckId, &Check> {
        self.checks.iter().map(|check| (&check.id, check)).collect()
    }

    /// The checks of one area, in the order of the file.
    pub fn checks_of<'a>(&'a self, area: &'a Id) -> impl Iterator<Item = &'a Check> + 'a {
        self.checks.iter().filter(move |check| check.id.area == *area)
    }

    /// A verdict in words: of a gate, what the rollout may do.
    pub const fn verdict_words(&self, verdict: Verdict) -> &'static str {
        match (&self.gate, verdict) {
            (None, verdict) => verdict.words(),
            (Some(_), Verdict::Approved) => "proceed",
            (Some(_), Verdict::ApprovedWithConditions) => "hold",
            (Some(_), Verdict::Rejected) => "roll back",
            (Some(_), Verdict::Undetermined) => "hold: evidence is missing",
        }
    }

    /// What is known of a fact that a condition of the rollout is about.
    pub fn spec_of(&self, measured: &Measured) -> Option<&FactSpec> {
        let (kind, fact) = match measured {
            Measured::Signal(id) => {
                let signal = self.rollout.as_ref()?.signal(id)?;
                (&signal.kind, &signal.fact)
            }
            Measured::Fact(check, fact) => (&self.check(check)?.kind, fact),
        };
        self.kinds.get(kind)?.facts.iter().find(|spec| spec.name == *fact)
    }

    /// What a check's kind says about one of its facts.
    pub fn spec(&self, check: &Check, fact: &str) -> Option<&FactSpec> {
        self.kinds.get(&check.kind)?.facts.iter().find(|spec| spec.name == fact)
    }
}

//! What changed between two records: statuses, verdict, scores, claims, facts, open points, and what was measured at all.
//!
//! A function of two records and nothing else. It prints nothing; every item carries its sentence and which way it turned.

mod checks;
mod claims;
mod denominator;
mod open;
mod scores;

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::Serialize;

pub use checks::{CheckChange, FactChange, Transition};
pub use claims::{ClaimAbout, ClaimChange, ClaimSide};
pub use denominator::{DenominatorChange, Moved};
pub use open::{ConditionChange, ConditionSide, WaiverChange, WaiverSide};
pub use scores::{Figures, RuleChange, RuleSide, ScoreChange, VerdictChange};

use crate::model::audit::Audit;
use crate::model::instant::Instant;
use crate::model::judgement::Verdict;
use crate::model::record::Record;

/// Names the shape of `countersign diff --format json`; changes when the shape does.
pub const SCHEMA: &str = "urn:countersign:diff:v1";

/// Which way something turned.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Turn {
    /// For the better.
    Better,
    /// Neither, or that cannot be said.
    Other,
    /// For the worse.
    Worse,
}

impl Turn {
    /// Of what grew from `before` to `after`, where less is better.
    fn rising<T: Ord>(before: &T, after: &T) -> Self {
        match after.cmp(before) {
            std::cmp::Ordering::Less => Self::Better,
            std::cmp::Ordering::Equal => Self::Other,
            std::cmp::Ordering::Greater => Self::Worse,
        }
    }
}

/// One of the two records, as far as a reader must know it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Side {
    /// SHA-256 of `record.json`.
    pub sha256: String,
    /// Name of the audit.
    pub audit: String,
    /// Name of what was audited.
    pub subject: String,
    /// Its version, as people call it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The run.
    pub run_id: String,
    /// The moment it was judged by.
    pub finished_at: Instant,
    /// The version of countersign.
    pub tool_version: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Were only claims judged? Then the verdict is one about these, and none about going live.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub claims_only: bool,
    /// The verdict in words, as the documents have it.
    #[serde(skip)]
    pub words: &'static str,
}

impl Side {
    fn of(record: &Record, sha256: &str) -> Self {
        Self {
            sha256: sha256.to_owned(),
            audit: record.audit.id.to_string(),
            subject: record.audit.subject.name.clone(),
            version: record.audit.subject.version.clone(),
            run_id: record.run.run_id.clone(),
            finished_at: record.run.finished_at,
            tool_version: record.run.tool_version.clone(),
            verdict: record.judgement.verdict,
            claims_only: record.run.claims_only,
            words: record.verdict_words(),
        }
    }
}

/// Something that got worse.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Regression {
    /// What kind of thing it is.
    pub kind: RegressionKind,
    /// One sentence without a full stop.
    pub text: String,
}

/// The ways to get worse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum RegressionKind {
    /// A check has a worse status.
    Status,
    /// The verdict is worse.
    Verdict,
    /// Less of the declared weight is covered, in an area or in all.
    Coverage,
    /// Less is measured, or less is asked of it.
    Denominator,
    /// A condition for go-live is open again or overdue, or asks less than before.
    Condition,
    /// A claim that was not refuted is, or one that was upheld no longer is.
    Claim,
}

/// Everything that changed between two records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Comparison {
    /// `urn:countersign:diff:v1`.
    pub schema: &'static str,
    /// The earlier record.
    pub old: Side,
    /// The later one.
    pub new: Side,
    /// Are they the same bytes?
    pub identical: bool,
    /// Did anything but times change?
    pub changed: bool,
    /// Why they are audits of different things, one sentence each; empty when they are not.
    pub apart: Vec<String>,
    /// Did the audit file change in anything at all?
    pub audit_file_changed: bool,
    /// The verdict, when it changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub verdict: Option<VerdictChange>,
    /// Rules of the verdict that fire now and did not, or the other way round, or for other reasons.
    pub rules: Vec<RuleChange>,
    /// The whole.
    pub overall: ScoreChange,
    /// Every area of either record: those of the new one in its order, then those that are gone.
    pub areas: Vec<ScoreChange>,
    /// How many checks went from which status to which, every pair that occurs.
    pub transitions: Vec<Transition>,
    /// Checks whose status changed, that are new, or gone; by id.
    pub checks: Vec<CheckChange>,
    /// What was asked changed: checks, weights, severities, conditions, claims, thresholds, who must sign.
    pub denominator: Vec<DenominatorChange>,
    /// Claims that are new, gone, written differently, measured differently or of another result.
    pub claims: Vec<ClaimChange>,
    /// Facts that moved, for checks measured both times.
    pub facts: Vec<FactChange>,
    /// Waivers that were added, removed, that ended or began.
    pub waivers: Vec<WaiverChange>,
    /// Conditions that were opened, closed, became overdue, or ask for something else.
    pub conditions: Vec<ConditionChange>,
    /// What got worse, most decisive first.
    pub regressions: Vec<Regression>,
}

/// Compares two records; each comes with the SHA-256 of its bytes.
pub fn compare(old: (&Record, &str), new: (&Record, &str)) -> Comparison {
    let ((old, old_sha256), (new, new_sha256)) = (old, new);
    let (transitions, checks) = checks::statuses(old, new);
    let mut comparison = Comparison {
        schema: SCHEMA,
        old: Side::of(old, old_sha256),
        new: Side::of(new, new_sha256),
        identical: old_sha256 == new_sha256,
        changed: false,
        apart: apart(old, new),
        audit_file_changed: without_lines(old) != without_lines(new),
        verdict: scores::verdict(old, new),
        rules: scores::rules(old, new),
        overall: scores::overall(old, new),
        areas: scores::areas(old, new),
        transitions,
        checks,
        denominator: denominator::changes(old, new),
        claims: claims::changes(old, new),
        facts: checks::facts(old, new),
        waivers: open::waivers(old, new),
        conditions: open::conditions(old, new),
        regressions: Vec::new(),
    };
    comparison.changed = comparison.has_changes();
    comparison.regressions = comparison.worsened();
    comparison
}

/// The audit without the lines that its parts are declared in: a comment that moves them changes nothing.
fn without_lines(record: &Record) -> Audit {
    let mut audit = record.audit.clone();
    let checks = audit.checks.iter_mut().map(|check| &mut check.declared);
    checks.chain(audit.claims.iter_mut().map(|claim| &mut claim.declared)).for_each(|declared| declared.1 = 0);
    audit
}

fn apart(old: &Record, new: &Record) -> Vec<String> {
    let mut reasons = Vec::new();
    let mut differ = |what: &str, before: &str, after: &str| {
        if before != after {
            reasons.push(format!("{what} was \"{before}\" and is \"{after}\""));
        }
    };
    differ("the audit", old.audit.id.as_str(), new.audit.id.as_str());
    differ("the subject", &old.audit.subject.name, &new.audit.subject.name);
    let judged = |record: &Record| if record.run.claims_only { "claims alone" } else { "everything" };
    differ("what was judged", judged(old), judged(new));
    reasons
}

impl Comparison {
    /// Was anything scored in one of the two? Runs that judge claims alone score nothing.
    pub fn has_scores(&self) -> bool {
        let mut changes = std::iter::once(&self.overall).chain(&self.areas);
        changes.any(|change| {
            let mut sides = change.old.iter().chain(&change.new);
            sides.any(|figures| figures.score.is_some() || !figures.coverage.is_zero())
        })
    }

    /// The run itself (its id, its times, platform, version of countersign) is no change, and neither are facts that are
    /// times: they move with every run, and where that matters a status moves with them.
    fn has_changes(&self) -> bool {
        let moved = std::iter::once(&self.overall).chain(&self.areas).any(ScoreChange::moved);
        self.audit_file_changed
            || self.verdict.is_some()
            || moved
            || self.facts.iter().any(|fact| !fact.is_time)
            || !(self.apart.is_empty()
                && self.rules.is_empty()
                && self.checks.is_empty()
                && self.denominator.is_empty()
                && self.claims.is_empty()
                && self.waivers.is_empty()
                && self.conditions.is_empty())
    }

    /// Is what is asked the same, though the audit file is not? Where a result moved as well, nothing is said of it.
    pub fn is_asked_alike(&self) -> bool {
        self.audit_file_changed
            && self.denominator.is_empty()
            && self.claims.is_empty()
            && self.waivers.is_empty()
            && self.conditions.is_empty()
    }

    fn worsened(&self) -> Vec<Regression> {
        let worse = |turn: Turn| turn == Turn::Worse;
        let mut list: Vec<(RegressionKind, String)> = Vec::new();
        let verdict = self.verdict.iter().filter(|change| worse(change.turn));
        list.extend(verdict.map(|change| (RegressionKind::Verdict, change.text.clone())));
        let statuses = self.checks.iter().filter(|change| worse(change.turn));
        list.extend(statuses.map(|change| (RegressionKind::Status, change.text.clone())));
        let claims = self.claims.iter().filter(|change| worse(change.turn));
        list.extend(claims.map(|change| (RegressionKind::Claim, change.text.clone())));
        let denominator = self.denominator.iter().filter(|change| worse(change.turn));
        list.extend(denominator.map(|change| (RegressionKind::Denominator, change.text.clone())));
        let conditions = self.conditions.iter().filter(|change| worse(change.turn));
        list.extend(conditions.map(|change| (RegressionKind::Condition, change.text.clone())));
        let less = std::iter::once(&self.overall).chain(&self.areas).filter_map(ScoreChange::covered_less);
        list.extend(less.map(|text| (RegressionKind::Coverage, text)));
        list.into_iter().map(|(kind, text)| Regression { kind, text }).collect()
    }
}

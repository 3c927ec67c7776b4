//! Verdict, its rules, scores and coverage.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::Turn;
use crate::model::format;
use crate::model::id::Id;
use crate::model::judgement::{AreaResult, Overall, Rule, RuleOutcome, Verdict};
use crate::model::number::Number;
use crate::model::record::Record;

/// A verdict that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct VerdictChange {
    /// Before.
    pub old: Verdict,
    /// After.
    pub new: Verdict,
    /// Which way.
    pub turn: Turn,
    /// One sentence without a full stop, with the reason of the rule that decided.
    pub text: String,
}

/// The verdict, when it changed from one to another. Between rejected and undetermined each way is for the worse: one finds a reason to reject,
/// the other loses sight of one.
pub(super) fn verdict(old: &Record, new: &Record) -> Option<VerdictChange> {
    let (before, after) = (old.judgement.verdict, new.judgement.verdict);
    // Claims alone come to none; how they moved is told claim by claim.
    if before == after || old.run.claims_only || new.run.claims_only {
        return None;
    }
    let refused = |verdict| matches!(verdict, Verdict::Rejected | Verdict::Undetermined);
    let turn = if refused(before) && refused(after) { Turn::Worse } else { Turn::rising(&before, &after) };
    let decided = new.judgement.chain.iter().find(|rule| rule.decided);
    let because = decided.map_or_else(String::new, |rule| format!(": {}", rule.reason));
    let text = format!("the verdict was {} and is {}{because}", old.verdict_words(), new.verdict_words());
    Some(VerdictChange { old: before, new: after, turn, text })
}

/// One rule of the verdict, in one of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleSide {
    /// Did it fire?
    pub fired: bool,
    /// Did it decide?
    pub decided: bool,
    /// What triggered it.
    pub because: Vec<String>,
}

/// A rule of the verdict that came out differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct RuleChange {
    /// The rule.
    pub rule: Rule,
    /// Before; not there where the earlier record does not ask it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<RuleSide>,
    /// After; not there where the later record does not ask it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<RuleSide>,
    /// One sentence without a full stop.
    pub text: String,
}

/// Rules that came out differently, in the order in which they are asked.
pub(super) fn rules(old: &Record, new: &Record) -> Vec<RuleChange> {
    const ALL: [Rule; 10] = [
        Rule::BlockerFailed,
        Rule::Partial,
        Rule::BlockerUnknown,
        Rule::CoverageLow,
        Rule::ScoreBelowFloor,
        Rule::ConditionOverdue,
        Rule::OpenPoints,
        Rule::ClaimUnknown,
        Rule::ClaimRefuted,
        Rule::Clear,
    ];
    let outcome = |record: &Record, rule| record.judgement.chain.iter().find(|outcome| outcome.rule == rule).cloned();
    let side = |outcome: &RuleOutcome| {
        let RuleOutcome { fired, decided, because, .. } = outcome.clone();
        RuleSide { fired, decided, because }
    };
    ALL.into_iter()
        .filter_map(|rule| {
            let (before, after) = (outcome(old, rule), outcome(new, rule));
            let (was, is) = (before.as_ref().map(side), after.as_ref().map(side));
            let fired = |side: &Option<RuleSide>| side.as_ref().is_some_and(|side| side.fired);
            // A rule that one of the records does not ask, and that did not fire in the other, says nothing.
            if was == is || (was.is_none() || is.is_none()) && !fired(&was) && !fired(&is) {
                return None;
            }
            let text = rule_sentence(before.as_ref(), after.as_ref());
            Some(RuleChange { rule, old: was, new: is, text })
        })
        .collect()
}

const fn name(rule: Rule) -> &'static str {
    match rule {
        Rule::BlockerFailed => "a failed blocker",
        Rule::Partial => "a part that is missing",
        Rule::BlockerUnknown => "an undecided blocker",
        Rule::CoverageLow => "too little coverage",
        Rule::ScoreBelowFloor => "a score below its floor",
        Rule::ConditionOverdue => "an overdue condition",
        Rule::OpenPoints => "open points",
        Rule::ClaimUnknown => "an unverified claim",
        Rule::ClaimRefuted => "a wrong claim",
        Rule::Clear => "nothing in the way",
    }
}

fn rule_sentence(old: Option<&RuleOutcome>, new: Option<&RuleOutcome>) -> String {
    let fired = |outcome: Option<&RuleOutcome>| outcome.is_some_and(|outcome| outcome.fired);
    let reason = |outcome: Option<&RuleOutcome>| outcome.map_or_else(String::new, |outcome| outcome.reason.clone());
    match (fired(old), fired(new)) {
        (false, true) => format!("now: {}", reason(new)),
        (true, false) => format!("no longer: {}", reason(old)),
        (true, true) => {
            let because =
                |outcome: Option<&RuleOutcome>| outcome.map_or_else(Vec::new, |outcome| outcome.because.clone());
            let (was, is) = (because(old), because(new));
            let less = |list: &[String], other: &[String]| -> Vec<String> {
                list.iter().filter(|id| !other.contains(id)).cloned().collect()
            };
            let parts = [("no longer because of", less(&was, &is)), ("now because of", less(&is, &was))];
            let parts = parts.into_iter().filter(|(_, ids)| !ids.is_empty());
            let parts: Vec<String> = parts.map(|(word, ids)| format!("{word} {}", format::and_list(&ids))).collect();
            let decides = new.is_some_and(|outcome| outcome.decided);
            let decides = if decides { "it decides" } else { "it does not decide" };
            let parts = if parts.is_empty() { reason(new) } else { parts.join(", ") };
            format!("{} as before, {parts}; {decides}", new.map_or("", |outcome| name(outcome.rule)))
        }
        (false, false) => reason(new),
    }
}

/// Score and coverage at one time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Figures {
    /// Raw score, 0 to 10, exact.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score: Option<Number>,
    /// If waived checks had passed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub score_with_waivers: Option<Number>,
    /// Share of the declared weight that was measured or attested.
    pub coverage: Number,
    /// The part of it that a person stated.
    pub attested: Number,
}

/// Score and coverage, before and after.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ScoreChange {
    /// The area; not there for the whole.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub area: Option<Id>,
    /// Before; not there where the area is new, or where only claims were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Figures>,
    /// After; not there where the area is gone, or where only claims were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Figures>,
}

impl ScoreChange {
    /// Did any figure move?
    pub fn moved(&self) -> bool {
        self.old != self.new
    }

    /// By how much the raw score moved, where there is one both times.
    pub fn by(&self) -> Option<Number> {
        let score = |side: &Option<Figures>| side.as_ref().and_then(|figures| figures.score.clone());
        Some(&score(&self.new)? - &score(&self.old)?)
    }

    /// A sentence when less is covered than before.
    pub(super) fn covered_less(&self) -> Option<String> {
        let (old, new) = (self.old.as_ref()?, self.new.as_ref()?);
        let name = self.area.as_ref().map_or_else(|| "all areas together".to_owned(), |area| format!("area {area}"));
        let shown = |figures: &Figures| format::percent(&figures.coverage);
        (new.coverage < old.coverage).then(|| format!("coverage of {name} was {} and is {}", shown(old), shown(new)))
    }
}

fn of_area(result: &AreaResult) -> Figures {
    Figures {
        score: result.score.clone(),
        score_with_waivers: result.score_with_waivers.clone(),
        coverage: result.coverage.covered(),
        attested: result.coverage.attested.clone(),
    }
}

fn of_all(result: &Overall) -> Figures {
    Figures {
        score: result.score.clone(),
        score_with_waivers: result.score_with_waivers.clone(),
        coverage: result.coverage.covered(),
        attested: result.coverage.attested.clone(),
    }
}

pub(super) fn overall(old: &Record, new: &Record) -> ScoreChange {
    let side = |record: &Record| (!record.run.claims_only).then(|| of_all(&record.judgement.overall));
    ScoreChange { area: None, old: side(old), new: side(new) }
}

/// Every area of either record: those of the new one in its order, then those that are gone.
pub(super) fn areas(old: &Record, new: &Record) -> Vec<ScoreChange> {
    let by_area = |record: &'_ Record| -> BTreeMap<Id, Figures> {
        let scored = record.judgement.areas.iter().filter(|_| !record.run.claims_only);
        scored.map(|result| (result.area.clone(), of_area(result))).collect()
    };
    let (mut before, mut after) = (by_area(old), by_area(new));
    let mut named = BTreeSet::new();
    let all = new.judgement.areas.iter().chain(&old.judgement.areas).map(|result| &result.area);
    all.filter(|area| named.insert(*area))
        .map(|area| ScoreChange { area: Some(area.clone()), old: before.remove(area), new: after.remove(area) })
        .collect()
}

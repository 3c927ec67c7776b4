//! The rollout: one sentence that is computed, the stages, what decides about each, and the review of the plan.

use super::{Source, words};
use crate::model::audit::Audit;
use crate::model::format;
use crate::model::judgement::{ConditionOrigin, PlanFinding, PlanReview, PlanRule, PlanStanding};
use crate::model::number::Number;
use crate::model::rollout::{self, Scheduled};
use crate::report::view::Command;
use crate::report::view::rollout::{Columns, Finding, Rollout, Rule, Stage, Step};

mod deciding;
mod flags;
mod timeline;

/// Longest name of a strategy in a sentence, in characters.
const STRATEGY: usize = 60;

/// The plan with what is computed from it once.
struct Plan<'a> {
    source: &'a Source<'a>,
    rollout: &'a rollout::Rollout,
    schedule: Vec<Option<Scheduled>>,
}

/// The section; `None` when there is no rollout.
pub(super) fn rollout(source: &Source<'_>) -> Option<Rollout> {
    let audit: &Audit = source.audit();
    let rollout = audit.rollout.as_ref()?;
    let plan = Plan { source, rollout, schedule: rollout.schedule(audit.go_live) };
    let stages: Vec<Stage> =
        rollout.stages.iter().zip(&plan.schedule).map(|(stage, at)| plan.stage(stage, *at)).collect();
    let reviews = &source.judgement().rollout;
    let run_by = plan.run_by();
    Some(Rollout {
        sentence: plan.sentence(),
        timeline: plan.timeline(),
        columns: Columns {
            dates: plan.schedule.iter().any(Option::is_some),
            flags: stages.iter().any(|stage| !stage.enable.is_empty()),
            owner: run_by.is_none() && rollout.stages.iter().any(|stage| rollout.owner_of(stage).is_some()),
        },
        run_by,
        stages,
        flags: plan.flags(),
        deciding: plan.deciding(),
        signals: plan.signals(),
        reviewed: reviewed(reviews),
        review: reviews.iter().map(|review| rule(source, review)).collect(),
        steps: rollout.stages.iter().filter_map(|stage| plan.step(stage)).collect(),
        way_back: rollout
            .way_back
            .as_ref()
            .map(|run| Command { title: "The way back, at any time".to_owned(), run: run.trim_end().to_owned() }),
    })
}

/// Where a rule of the review stands in the document; `None` where it is not shown.
pub(super) fn rule_anchor(source: &Source<'_>, rule: PlanRule) -> Option<String> {
    let shown = source.audit().rollout.is_some() && source.judgement().rollout.iter().any(|review| review.rule == rule);
    shown.then(|| words::plain_anchor("rollout", rule.id()))
}

/// Neighbouring stages that have the same thing, together: how many they are, how they are called, and what they have.
fn together<T: PartialEq>(stages: &[rollout::Stage], has: impl Iterator<Item = T>) -> Vec<(usize, String, T)> {
    let mut runs: Vec<(&[rollout::Stage], T)> = Vec::new();
    for (at, thing) in has.enumerate() {
        match runs.last_mut() {
            Some((run, same)) if *same == thing => *run = &stages[at - run.len()..=at],
            _ => runs.push((&stages[at..=at], thing)),
        }
    }
    let called = |run: &[rollout::Stage]| match run {
        [] => String::new(),
        [one] => one.title.clone(),
        [one, two] => format!("{}, {}", one.title, two.title),
        [first, .., last] => format!("{} up to {}", first.title, last.title),
    };
    runs.into_iter().map(|(run, thing)| (run.len(), called(run), thing)).collect()
}

/// `36 h`, `6 d 12 h`.
fn length(seconds: u64) -> String {
    format::duration(&Number::from(seconds))
}

impl Plan<'_> {
    /// `Canary rollout in 6 stages, 0 % to 100 %, from ... to ...: 6 d 12 h.`
    fn sentence(&self) -> String {
        let (rollout, audit) = (self.rollout, self.source.audit());
        let named = rollout.strategy.as_deref().map(|strategy| format::shortened(strategy, STRATEGY));
        let what = match named.as_deref().filter(|strategy| !strategy.is_empty()) {
            Some(strategy) if strategy.to_lowercase().ends_with("rollout") => words::sentence_case(strategy),
            Some(strategy) => format!("{} rollout", words::sentence_case(strategy)),
            None => "Rollout".to_owned(),
        };
        let stages = words::counted(rollout.stages.len(), "stage", "stages");
        let ends = rollout.stages.first().zip(rollout.stages.last());
        let share = ends.map_or_else(String::new, |(first, last)| {
            format!(", {} to {}", format::percent(&first.from), format::percent(&last.to))
        });
        let length = length(rollout.length(audit.go_live));
        let first = self.schedule.first().copied().flatten();
        let when = match (first, self.schedule.last().copied().flatten()) {
            (Some(first), Some(last)) => {
                format!(", from {} to {}: {length}", self.source.when(first.starts), self.source.when(last.soaked))
            }
            (Some(first), None) => format!(", from {}, beyond the end of the calendar", self.source.when(first.starts)),
            (None, _) => format!(", {length} in all; no date is known"),
        };
        let silent = rollout.stages.iter().filter(|stage| stage.soak.is_none()).count();
        let silent = match silent {
            0 => String::new(),
            some => format!(", without the soak of {}, which nobody says", words::counted(some, "stage", "stages")),
        };
        format!("{what} in {stages}{share}{when}{silent}.")
    }

    /// Who runs all of them.
    fn run_by(&self) -> Option<String> {
        let first = self.rollout.owner_of(self.rollout.stages.first()?)?;
        let same = self.rollout.stages.iter().all(|stage| self.rollout.owner_of(stage) == Some(first));
        same.then(|| first.to_owned())
    }

    fn stage(&self, stage: &rollout::Stage, at: Option<Scheduled>) -> Stage {
        let nothing = || words::NOTHING.to_owned();
        let when = |at: Option<_>| at.map_or_else(nothing, |at| self.source.when(at));
        Stage {
            name: stage.name.to_string(),
            title: stage.title.clone(),
            titled: stage.title.to_lowercase() != stage.name.as_str().replace('-', " "),
            percent: share(stage),
            reaches: format::percent(&stage.to),
            starts: when(at.map(|at| at.starts)),
            soak: stage.soak.map_or_else(nothing, length),
            ends: when(at.filter(|_| stage.soak.is_some()).map(|at| at.soaked)),
            enable: stage.enable.clone(),
            owner: self.rollout.owner_of(stage).map_or_else(nothing, str::to_owned),
        }
    }

    fn step(&self, stage: &rollout::Stage) -> Option<Step> {
        let text = self.source.some_prose(stage.text.as_ref());
        let run = stage.run.as_deref().map(str::trim_end).unwrap_or_default();
        (text.is_some() || !run.is_empty()).then(|| Step {
            title: format!("{}, {}", stage.title, share(stage)),
            text,
            run: run.to_owned(),
        })
    }
}

/// `5 % to 10 %`, and `100 %` of a stage that only waits.
fn share(stage: &rollout::Stage) -> String {
    match stage.from == stage.to {
        true => format::percent(&stage.to),
        false => format!("{} to {}", format::percent(&stage.from), format::percent(&stage.to)),
    }
}

fn rule(source: &Source<'_>, review: &PlanReview) -> Rule {
    let drafted = |state: &&crate::model::judgement::ConditionState| matches!(state.origin, ConditionOrigin::Rollout(rule) if rule == review.rule);
    let condition = source.judgement().conditions.iter().find(drafted);
    Rule {
        anchor: words::plain_anchor("rollout", review.rule.id()),
        asks: review.rule.asks().to_owned(),
        mark: words::plan_standing(review.standing),
        reason: words::sentence(&review.reason),
        findings: review.findings.iter().map(finding).collect(),
        condition: condition.map(|state| words::plain_anchor("condition", &state.id)),
    }
}

fn finding(finding: &PlanFinding) -> Finding {
    let declared = finding.declared.as_ref();
    Finding {
        says: words::full_stop(&finding.says),
        help: finding.help.clone(),
        declared: declared.map(|(file, line)| format!("{file}:{line}")).unwrap_or_default(),
    }
}

/// `Of 11 rules for rollout plans 6 hold and 5 are broken, with 7 findings.`
fn reviewed(reviews: &[PlanReview]) -> String {
    if reviews.is_empty() {
        return String::new();
    }
    let of = |standing| reviews.iter().filter(|review| review.standing == standing).count();
    let parts: Vec<String> = [
        (of(PlanStanding::Holds), "holds", "hold"),
        (of(PlanStanding::Broken), "is broken", "are broken"),
        (of(PlanStanding::Unknown), "cannot be answered", "cannot be answered"),
        (of(PlanStanding::NotAsked), "has nothing to be asked of", "have nothing to be asked of"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| words::counted(number, one, many))
    .collect();
    let findings: usize = reviews.iter().map(|review| review.findings.len()).sum();
    let findings = match findings {
        0 => String::new(),
        some => format!(", with {}", words::counted(some, "finding", "findings")),
    };
    format!("Of {} rules for rollout plans {}{findings}.", reviews.len(), format::and_list(&parts))
}

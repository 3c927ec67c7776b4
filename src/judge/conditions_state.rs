//! Where each condition for go-live stands: those of the file, drafts from checks and from the review of the rollout,
//! undecided decisions, waivers in use.

use std::collections::{HashMap, HashSet};

use super::compare::MOST;
use super::rollout;
use crate::model::audit::{Audit, Level, Requirement, Severity};
use crate::model::captured;
use crate::model::format::{self, shortened};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, ConditionOrigin, ConditionProgress, ConditionState, PlanReview, Status};

/// All conditions, in the order the document lists them.
pub(super) fn states(
    audit: &Audit,
    checks: &[CheckResult],
    reviews: &[PlanReview],
    now: Instant,
) -> Vec<ConditionState> {
    let results: HashMap<&CheckId, &CheckResult> = checks.iter().map(|result| (&result.check, result)).collect();
    let mut states: Vec<ConditionState> =
        audit.conditions.iter().map(|condition| from_file(condition, &results, now)).collect();
    states.extend(drafts(audit, checks));
    states.extend(audit.rollout.iter().flat_map(|rollout| rollout::conditions(rollout, reviews)));
    states.extend(undecided(audit));
    states.extend(waived(audit, checks));
    told_apart(&mut states);
    states
}

/// Of two conditions with one name, as those of `a/b-c` and `a-b/c`, the later one gets its check's own parts, joined by a
/// full stop, which no name has in it.
fn told_apart(states: &mut [ConditionState]) {
    let mut taken = HashSet::new();
    for state in states {
        if taken.insert(state.id.clone()) {
            continue;
        }
        match &state.origin {
            ConditionOrigin::Check(id) => state.id = format!("{}.{}", id.area, id.check),
            ConditionOrigin::Waiver(id) => state.id = format!("waiver-{}.{}", id.area, id.check),
            ConditionOrigin::File | ConditionOrigin::Decision(_) | ConditionOrigin::Rollout(_) => {}
        }
    }
}

fn from_file(condition: &Requirement, results: &HashMap<&CheckId, &CheckResult>, now: Instant) -> ConditionState {
    let (closed, mut reason) = match &condition.closed_by {
        // Where a check can see it, the check decides: a hand cannot tick it off.
        Some(id) => match results.get(id).map(|result| result.status) {
            Some(status) => (status == Status::Pass, format!("{id} {}", status.predicate())),
            None => (false, format!("{id} is not in this audit")),
        },
        None if condition.done => (true, "stated to be done".to_owned()),
        None => (false, "nobody has stated that it is done".to_owned()),
    };
    let late = condition.due.filter(|due| now > due.end());
    let progress = match (closed, late) {
        (true, _) => ConditionProgress::Closed,
        (false, Some(due)) => {
            reason = format!("{reason}; it was due {}", format::stamp(due, "UTC"));
            ConditionProgress::Overdue
        }
        (false, None) => ConditionProgress::Open,
    };
    ConditionState {
        id: condition.id.to_string(),
        origin: ConditionOrigin::File,
        level: condition.level,
        text: condition.text.clone(),
        owner: condition.owner.clone(),
        due: condition.due,
        progress,
        reason,
    }
}

/// A draft for each check that did not pass and says what to do about it, unless a condition of the file waits for it.
fn drafts<'a>(audit: &'a Audit, checks: &'a [CheckResult]) -> impl Iterator<Item = ConditionState> + 'a {
    let awaited: HashSet<&CheckId> = audit.conditions.iter().filter_map(|c| c.closed_by.as_ref()).collect();
    audit.checks.iter().zip(checks).filter_map(move |(check, result)| {
        let open = matches!(result.status, Status::Fail | Status::NoData | Status::Error);
        let remediation = check.remediation.as_ref()?;
        if !open || result.waived_by.is_some() || awaited.contains(&check.id) {
            return None;
        }
        Some(ConditionState {
            id: check.id.to_string().replace('/', "-"),
            origin: ConditionOrigin::Check(check.id.clone()),
            level: if check.severity == Severity::Minor { Level::Should } else { Level::Must },
            text: remediation.clone(),
            owner: None,
            due: None,
            progress: ConditionProgress::Open,
            reason: format!("{} {}", check.id, result.status.predicate()),
        })
    })
}

fn undecided(audit: &Audit) -> impl Iterator<Item = ConditionState> {
    let open = audit.decisions.iter().filter(|decision| decision.decided.is_none() && decision.level == Level::Must);
    open.map(|decision| ConditionState {
        id: decision.id.to_string(),
        origin: ConditionOrigin::Decision(decision.id.clone()),
        level: Level::Must,
        // The question is plain text, and the text of a condition is Markdown.
        text: captured::markdown(&decision.ask),
        owner: decision.owner.clone(),
        due: None,
        progress: ConditionProgress::Open,
        reason: "it is not decided".to_owned(),
    })
}

fn waived<'a>(audit: &'a Audit, checks: &'a [CheckResult]) -> impl Iterator<Item = ConditionState> + 'a {
    let titles: HashMap<&CheckId, &str> = audit.checks.iter().map(|check| (&check.id, check.title.as_str())).collect();
    let title = move |id: &CheckId| titles.get(id).copied().unwrap_or_default();
    checks.iter().filter_map(move |result| {
        let waiver = audit.waivers.get(result.waived_by? as usize)?;
        Some(ConditionState {
            id: format!("waiver-{}", result.check.to_string().replace('/', "-")),
            origin: ConditionOrigin::Waiver(result.check.clone()),
            level: Level::Must,
            text: format!("Resolve \"{}\" before its waiver ends.", captured::markdown(title(&result.check))),
            owner: Some(waiver.by.clone()),
            due: Some(waiver.until),
            progress: ConditionProgress::Open,
            reason: format!(
                "{} {} and is waived: {}",
                result.check,
                result.status.predicate(),
                shortened(&waiver.reason, MOST)
            ),
        })
    })
}

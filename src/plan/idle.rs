//! What does nothing, though it can be read: checks and claims that cannot fail, waivers without effect, conditions that
//! nothing closes, areas without evidence. Whether a check can fail is handed in: it is the judge who tries.

use std::collections::BTreeMap;

use super::Plan;
use super::node::Span;
use super::problem::{Code, Sink};
use crate::model::audit::{Area, Check, Level, Requirement, Severity, Waiver};
use crate::model::counterexample::{Counterexample, Reach};
use crate::model::format::{self, shortened};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::Status;
use crate::probe::registry::Probe;

/// Where the parts of an audit stand in its files.
#[derive(Debug, Clone, Default)]
pub struct Marks {
    /// The id of each check, in the order of the audit.
    pub(super) checks: Vec<Mark>,
    /// The id of each area, in the order of the audit.
    pub(super) areas: Vec<Mark>,
    /// Each condition, in the order of the audit.
    pub(super) conditions: Vec<ConditionMark>,
    /// Each waiver, in the order of the audit.
    pub(super) waivers: Vec<WaiverMark>,
}

/// A place and the way to it.
#[derive(Debug, Clone)]
pub(super) struct Mark {
    pub(super) span: Span,
    pub(super) path: String,
}

/// Where a condition stands.
#[derive(Debug, Clone)]
pub(super) struct ConditionMark {
    pub(super) id: Mark,
    pub(super) closed_by: Option<Span>,
}

/// Where a waiver stands.
#[derive(Debug, Clone)]
pub(super) struct WaiverMark {
    pub(super) path: String,
    pub(super) check: Span,
    pub(super) until: Span,
}

/// Reports all of it.
pub(super) fn idle(plan: &Plan, reach: &BTreeMap<&CheckId, &Reach>, now: Instant, sink: &Sink) {
    let idle = Idle { plan, reach, now, sink };
    plan.audit.checks.iter().zip(&plan.marks.checks).for_each(|(check, mark)| idle.check(check, mark));
    let waivers: Vec<(&Waiver, &WaiverMark)> = plan.audit.waivers.iter().zip(&plan.marks.waivers).collect();
    for (at, (waiver, mark)) in waivers.iter().enumerate() {
        let earlier = waivers[..at].iter().map(|(other, _)| *other).find(|other| overlap(other, waiver));
        idle.waiver(waiver, earlier, mark);
    }
    plan.audit.conditions.iter().zip(&plan.marks.conditions).for_each(|(one, mark)| idle.condition(one, mark));
    plan.audit.areas.iter().zip(&plan.marks.areas).for_each(|(area, mark)| idle.area(area, mark));
}

struct Idle<'a> {
    plan: &'a Plan,
    reach: &'a BTreeMap<&'a CheckId, &'a Reach>,
    now: Instant,
    sink: &'a Sink,
}

impl Idle<'_> {
    fn example(&self, check: &CheckId) -> Option<&Counterexample> {
        self.reach.get(check).map(|reach| &reach.example)
    }

    /// A check that what it expects cannot fail, and claims of it that nothing refutes.
    fn check(&self, check: &Check, mark: &Mark) {
        let Some(Reach { example, irrefutable }) = self.reach.get(&check.id) else { return };
        let id = &check.id;
        if let Counterexample::Ways { status: Status::Warn, ways } = example
            && ways.iter().any(|way| way.claimed.is_none())
        {
            let message = format!("\"{id}\" cannot fail: whatever does not meet `expect` meets `warn`");
            let help = "Let `warn` accept less, so that some value meets neither.";
            self.sink.warning(mark.span, &mark.path, Code::CannotFail, message, help);
        }
        if matches!(example, Counterexample::NothingExpected) && check.severity == Severity::Blocker {
            let message = format!("\"{id}\" blocks nothing: nothing is expected of it");
            let help = "Add `expect:`; what is measured only to be shown is no blocker.";
            self.sink.warning(mark.span, &mark.path, Code::CannotFail, message, help);
        }
        for claim in irrefutable.iter().filter_map(|at| check.claims.get(*at as usize)) {
            let said = claim.written.as_deref().unwrap_or("what stands there");
            let said = shortened(said, 60);
            let message = format!("the claim \"{said}\" cannot fail: every \"{}\" upholds it", claim.fact);
            let help = "Claim something that a measurement could refute, or remove it.";
            self.sink.warning(mark.span, &format!("{}.claim", mark.path), Code::CannotFail, message, help);
        }
    }

    fn waiver(&self, waiver: &Waiver, earlier: Option<&Waiver>, mark: &WaiverMark) {
        let warn = |span, key: &str, message: String, help: &str| {
            self.sink.warning(span, &format!("{}.{key}", mark.path), Code::DeadWaiver, message, help);
        };
        let check = &waiver.check;
        if self.now > waiver.until.end() {
            let ended = format::stamp(waiver.until, "UTC");
            let help = "Remove it; or let whoever accepts the failure approve it again, until a later day.";
            warn(mark.until, "until", format!("the waiver of \"{check}\" ended on {ended}"), help);
        }
        let nothing = match self.example(check) {
            Some(Counterexample::Never) => Some("the check cannot fail"),
            Some(Counterexample::NothingExpected) => Some("nothing is expected of the check, so it cannot fail"),
            _ => None,
        };
        if let Some(why) = nothing {
            let help = "Remove it, or let the check expect something.";
            warn(mark.check, "check", format!("the waiver of \"{check}\" does nothing: {why}"), help);
        }
        if let Some(earlier) = earlier {
            let by = shortened(&earlier.by, 40);
            let until = format::stamp(earlier.until, "UTC");
            let message = format!("\"{check}\" is waived already, by {by} until {until}");
            warn(mark.check, "check", message, "Keep one of the two, or let this one begin when the other has ended.");
        }
    }

    /// Somebody must come to know whether it was done. What is only nice to have need not be.
    fn condition(&self, condition: &Requirement, mark: &ConditionMark) {
        let id = &condition.id;
        let warn = |span, key: &str, message: String, help: &str| {
            let path = format!("{}{key}", mark.id.path);
            self.sink.warning(span, &path, Code::NeverClosed, message, help);
        };
        let Some(check) = &condition.closed_by else {
            if condition.level != Level::Could && !condition.done && condition.due.is_none() {
                let message =
                    format!("nothing closes \"{id}\": no check, no due time, and nobody says that it is done");
                let help = "Add `closed-by:` with a check, `due:` with a day, or `done: true` once it is done.";
                warn(mark.id.span, "", message, help);
            }
            return;
        };
        let span = mark.closed_by.unwrap_or(mark.id.span);
        match self.example(check) {
            Some(Counterexample::Never) => {
                let message = format!("\"{check}\" closes \"{id}\" whatever is measured: it cannot fail");
                warn(span, ".closed-by", message, "Let the check expect something that can fail, or name another one.");
            }
            Some(Counterexample::NothingExpected) => {
                let message =
                    format!("\"{check}\" never closes \"{id}\": nothing is expected of it, so it does not pass");
                warn(span, ".closed-by", message, "Let the check expect something, or name another one.");
            }
            Some(Counterexample::NotApplicable(why)) => {
                let message =
                    format!("\"{check}\" does not close \"{id}\" here: it does not apply ({})", shortened(why, 80));
                let help = "Name a check that applies where the audit runs, or leave `closed-by:` out and say `done: true` \
                            once it is done.";
                warn(span, ".closed-by", message, help);
            }
            Some(Counterexample::Ways { .. }) | None => {}
        }
    }

    /// What people say is evidence when it names something that can be read.
    fn area(&self, area: &Area, mark: &Mark) {
        let checks: Vec<&Check> = self.plan.audit.checks_of(&area.id).collect();
        let scored = |check: &&Check| !matches!(self.example(&check.id), Some(Counterexample::NothingExpected));
        if !checks.iter().any(scored) {
            let message = format!("\"{}\" has no score: nothing in it can pass or fail", area.id);
            let help = "Add a check that expects something, or remove the area.";
            self.sink.warning(mark.span, &mark.path, Code::NoEvidence, message, help);
            return;
        }
        let only_said = checks.iter().all(|check| match self.plan.probes.get(&check.id).map(AsRef::as_ref) {
            Some(Probe::Attestation(attestation)) => attestation.see.is_none(),
            _ => false,
        });
        if only_said {
            let message =
                format!("nothing of \"{}\" can be looked at: people state it, and none says where it shows", area.id);
            let help = "Add a check that measures, or `see:` with what can be read to an attestation.";
            self.sink.warning(mark.span, &mark.path, Code::NoEvidence, message, help);
        }
    }
}

/// Are both in force at some moment, for one check?
fn overlap(one: &Waiver, other: &Waiver) -> bool {
    one.check == other.check && one.approved.at <= other.until.end() && other.approved.at <= one.until.end()
}

//! Waivers and conditions, before and after.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::Serialize;

use super::Turn;
use crate::model::audit::{Audit, Decision, Level, Requirement, Waiver};
use crate::model::format::{self, shortened};
use crate::model::id::CheckId;
use crate::model::instant::Stamp;
use crate::model::judgement::{ConditionOrigin, ConditionProgress, ConditionState, WaiverProgress};
use crate::model::record::Record;

/// Longest name of a person in a sentence, in characters.
const MOST: usize = 60;

/// A waiver in one of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaiverSide {
    /// Until when.
    pub until: Stamp,
    /// Where it stands.
    pub progress: WaiverProgress,
    /// Why it was given.
    pub reason: String,
}

/// A waiver that was added or removed, that ended, began, or was given for another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct WaiverChange {
    /// The check it is about.
    pub check: CheckId,
    /// Who gave it.
    pub by: String,
    /// From when.
    pub approved: Stamp,
    /// Before; not there where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<WaiverSide>,
    /// After; not there where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<WaiverSide>,
    /// One sentence without a full stop.
    pub text: String,
}

/// What a waiver is known by: its check, who gave it, from when.
type Key<'a> = (&'a CheckId, &'a str, Stamp);

/// Waivers that differ, by check, claimant and day.
pub(super) fn waivers(old: &Record, new: &Record) -> Vec<WaiverChange> {
    let mut keys: BTreeMap<Key<'_>, [Option<WaiverSide>; 2]> = BTreeMap::new();
    for (at, record) in [old, new].into_iter().enumerate() {
        for (waiver, state) in record.audit.waivers.iter().zip(&record.judgement.waivers) {
            let Waiver { check, by, approved, until, reason } = waiver;
            let side = WaiverSide { until: *until, progress: state.progress, reason: reason.clone() };
            keys.entry((check, by, *approved)).or_default()[at].get_or_insert(side);
        }
    }
    let changed = keys.into_iter().filter(|(_, [was, is])| was != is).map(|((check, by, approved), [was, is])| {
        let text = format!("the waiver of {check} by {} {}", shortened(by, MOST), waived(was.as_ref(), is.as_ref()));
        WaiverChange { check: check.clone(), by: by.to_owned(), approved, old: was, new: is, text }
    });
    changed.collect()
}

const fn waiver_word(progress: WaiverProgress) -> &'static str {
    match progress {
        WaiverProgress::InUse => "in use",
        WaiverProgress::Unused => "unused",
        WaiverProgress::Expired => "expired",
        WaiverProgress::NotYetValid => "not yet valid",
    }
}

fn waived(old: Option<&WaiverSide>, new: Option<&WaiverSide>) -> String {
    let until = |side: &WaiverSide| format::stamp(side.until, "UTC");
    match (old, new) {
        (None, Some(new)) => format!("is new, until {}: {}", until(new), waiver_word(new.progress)),
        (Some(old), None) => format!("is gone; it was {}", waiver_word(old.progress)),
        (Some(old), Some(new)) => {
            let mut parts = Vec::new();
            if old.progress != new.progress {
                parts.push(format!("was {} and is {}", waiver_word(old.progress), waiver_word(new.progress)));
            }
            if old.until != new.until {
                parts.push(format!("ended {} and ends {}", until(old), until(new)));
            }
            if old.reason != new.reason {
                parts.push("has another reason".to_owned());
            }
            parts.join(", ")
        }
        (None, None) => String::new(),
    }
}

/// A condition in one of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ConditionSide {
    /// Where it stands.
    pub progress: ConditionProgress,
    /// How binding.
    pub level: Level,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
    /// The check that closes it by passing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closed_by: Option<CheckId>,
    /// What must happen.
    pub text: String,
}

impl ConditionSide {
    /// Less is asked: it binds less, later, or no check decides any more whether it is done.
    fn is_looser_than(&self, old: &Self) -> bool {
        let later = match (old.due, self.due) {
            (Some(old), Some(new)) => new.end() > old.end(),
            (old, new) => old.is_some() && new.is_none(),
        };
        self.level > old.level || later || (old.closed_by.is_some() && self.closed_by.is_none())
    }
}

/// A condition that was opened, closed, became overdue, or asks for something else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ConditionChange {
    /// Its name.
    pub id: String,
    /// Before; not there where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<ConditionSide>,
    /// After; not there where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<ConditionSide>,
    /// Which way.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// A condition, and as much of it as is compared.
type Standing<'a> = (&'a ConditionState, ConditionSide);

fn standing(record: &Record) -> BTreeMap<&str, Standing<'_>> {
    let closers: BTreeMap<&str, &CheckId> = record
        .audit
        .conditions
        .iter()
        .filter_map(|condition| {
            // What can be asked of it stands in its state, besides who closes it.
            let Requirement { id, closed_by, level: _, text: _, owner: _, due: _, done: _ } = condition;
            Some((id.as_str(), closed_by.as_ref()?))
        })
        .collect();
    let states = record.judgement.conditions.iter().map(|state| {
        let closed_by = match &state.origin {
            ConditionOrigin::File => closers.get(state.id.as_str()).copied().cloned(),
            ConditionOrigin::Check(check) | ConditionOrigin::Waiver(check) => Some(check.clone()),
            ConditionOrigin::Decision(_) | ConditionOrigin::Rollout(_) => None,
        };
        let ConditionState { progress, level, due, text, .. } = state.clone();
        (state.id.as_str(), (state, ConditionSide { progress, level, due, closed_by, text }))
    });
    states.collect()
}

/// Conditions that differ: those of the new record in its order, then those that are gone.
pub(super) fn conditions(old: &Record, new: &Record) -> Vec<ConditionChange> {
    let (before, after) = (standing(old), standing(new));
    let gone = old.judgement.conditions.iter().filter(|was| !after.contains_key(was.id.as_str()));
    let changed = new.judgement.conditions.iter().chain(gone).filter_map(|ConditionState { id, .. }| {
        let (was, is) = (before.get(id.as_str()), after.get(id.as_str()));
        let (old, now) = (was.map(|(_, side)| side), is.map(|(_, side)| side));
        if old == now {
            return None;
        }
        let text = format!("condition {} {}", shortened(id, MOST), turned(old, now));
        let turn = condition_turn(was, now, &new.audit);
        Some(ConditionChange { id: id.clone(), old: old.cloned(), new: now.cloned(), turn, text })
    });
    changed.collect()
}

const fn word(progress: ConditionProgress) -> &'static str {
    match progress {
        ConditionProgress::Open => "open",
        ConditionProgress::Closed => "closed",
        ConditionProgress::Overdue => "overdue",
    }
}

fn condition_turn(was: Option<&Standing<'_>>, is: Option<&ConditionSide>, audit: &Audit) -> Turn {
    const fn rank(progress: ConditionProgress) -> u8 {
        match progress {
            ConditionProgress::Closed => 0,
            ConditionProgress::Open => 1,
            ConditionProgress::Overdue => 2,
        }
    }
    match (was, is) {
        (Some((state, old)), Some(new)) => {
            // Of the others the audit file says nothing: the level is that of a check, the day that of a waiver.
            let loosened = state.origin == ConditionOrigin::File && new.is_looser_than(old);
            if loosened { Turn::Worse } else { Turn::rising(&rank(old.progress), &rank(new.progress)) }
        }
        (Some((state, old)), None) => gone(state, old, audit),
        _ => Turn::Other,
    }
}

/// A condition that the audit file does not ask any more improves nothing. One that was closed held nothing back, and neither
/// did one that is only advised and never due.
fn gone(state: &ConditionState, old: &ConditionSide, audit: &Audit) -> Turn {
    let binds = old.progress != ConditionProgress::Closed && (old.level == Level::Must || old.due.is_some());
    match &state.origin {
        ConditionOrigin::File => {
            let is_there = audit.conditions.iter().any(|condition| condition.id.as_str() == state.id);
            if is_there || !binds { Turn::Other } else { Turn::Worse }
        }
        ConditionOrigin::Decision(id) => match audit.decisions.iter().find(|decision| decision.id == *id) {
            Some(Decision { decided: Some(_), .. }) => Turn::Better,
            Some(Decision { level: Level::Must, .. }) => Turn::Other,
            _ => Turn::Worse,
        },
        // That the whole plan is gone is told of the plan.
        ConditionOrigin::Check(_) | ConditionOrigin::Waiver(_) | ConditionOrigin::Rollout(_) => Turn::Other,
    }
}

fn turned(old: Option<&ConditionSide>, new: Option<&ConditionSide>) -> String {
    let due = |side: &ConditionSide| side.due.map_or_else(|| "never".to_owned(), |due| format::stamp(due, "UTC"));
    let level = |side: &ConditionSide| match side.level {
        Level::Must => "must",
        Level::Should => "should",
        Level::Could => "could",
    };
    match (old, new) {
        (None, Some(new)) => format!("is new and {} ({})", word(new.progress), level(new)),
        (Some(old), None) => format!("is gone; it was {} ({})", word(old.progress), level(old)),
        (Some(old), Some(new)) => {
            let mut parts = Vec::new();
            if old.progress != new.progress {
                parts.push(format!("was {} and is {}", word(old.progress), word(new.progress)));
            }
            if old.due != new.due {
                parts.push(format!("was due {} and is due {}", due(old), due(new)));
            }
            if old.level != new.level {
                parts.push(format!("was a \"{}\" and is a \"{}\"", level(old), level(new)));
            }
            if old.closed_by != new.closed_by {
                let who = |side: &ConditionSide| {
                    side.closed_by.as_ref().map_or_else(|| "by hand".to_owned(), |check| format!("by {check}"))
                };
                parts.push(format!("was to be closed {} and is {}", who(old), who(new)));
            }
            if old.text != new.text {
                parts.push("asks for something else".to_owned());
            }
            parts.join(", ")
        }
        (None, None) => String::new(),
    }
}

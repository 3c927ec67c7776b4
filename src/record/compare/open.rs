//! Waivers and conditions, before and after.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Turn;
use crate::model::audit::Level;
use crate::model::format::{self, shortened};
use crate::model::id::CheckId;
use crate::model::instant::Stamp;
use crate::model::judgement::{ConditionProgress, WaiverProgress};
use crate::model::record::Record;

/// Longest name of a person in a sentence, in characters.
const MOST: usize = 60;

/// A waiver in one of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaiverSide {
    /// Until when.
    pub until: Stamp,
    /// Where it stands.
    pub progress: WaiverProgress,
    /// Why it was given.
    pub reason: String,
}

/// A waiver that was added or removed, that ended, began, or was given for another time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WaiverChange {
    /// The check it is about.
    pub check: CheckId,
    /// Who gave it.
    pub by: String,
    /// From when.
    pub approved: Stamp,
    /// Before; `None` where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<WaiverSide>,
    /// After; `None` where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<WaiverSide>,
    /// One sentence without a full stop.
    pub text: String,
}

/// Waivers that differ, by check, claimant and day.
pub(super) fn waivers(old: &Record, new: &Record) -> Vec<WaiverChange> {
    type Key = (CheckId, String, Stamp);
    let sides = |record: &Record| -> Vec<(Key, WaiverSide)> {
        let waivers = record.audit.waivers.iter().zip(&record.judgement.waivers);
        waivers
            .map(|(waiver, state)| {
                let key = (waiver.check.clone(), waiver.by.clone(), waiver.approved);
                (key, WaiverSide { until: waiver.until, progress: state.progress, reason: waiver.reason.clone() })
            })
            .collect()
    };
    let (before, after) = (sides(old), sides(new));
    let keys: BTreeSet<&Key> = before.iter().chain(&after).map(|(key, _)| key).collect();
    let find =
        |list: &[(Key, WaiverSide)], key: &Key| list.iter().find(|(k, _)| k == key).map(|(_, side)| side.clone());
    let changed = keys.into_iter().filter_map(|key| {
        let (was, is) = (find(&before, key), find(&after, key));
        if was == is {
            return None;
        }
        let text =
            format!("the waiver of {} by {} {}", key.0, shortened(&key.1, MOST), waived(was.as_ref(), is.as_ref()));
        Some(WaiverChange { check: key.0.clone(), by: key.1.clone(), approved: key.2, old: was, new: is, text })
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
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionSide {
    /// Where it stands.
    pub progress: ConditionProgress,
    /// How binding.
    pub level: Level,
    /// Until when.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due: Option<Stamp>,
}

/// A condition that was opened, closed, moved, or became overdue.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ConditionChange {
    /// Its name.
    pub id: String,
    /// Before; `None` where it is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<ConditionSide>,
    /// After; `None` where it is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<ConditionSide>,
    /// Which way.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// Conditions that differ: those of the new record in its order, then those that are gone.
pub(super) fn conditions(old: &Record, new: &Record) -> Vec<ConditionChange> {
    let (before, after) = (&old.judgement.conditions, &new.judgement.conditions);
    let gone = before.iter().filter(|was| !after.iter().any(|is| is.id == was.id));
    let side = |record: &Record, id: &str| {
        let state = record.judgement.conditions.iter().find(|state| state.id == id)?;
        Some(ConditionSide { progress: state.progress, level: state.level, due: state.due })
    };
    let changed = after.iter().chain(gone).filter_map(|state| {
        let (was, is) = (side(old, &state.id), side(new, &state.id));
        if was == is {
            return None;
        }
        let text = format!("condition {} {}", shortened(&state.id, MOST), turned(was.as_ref(), is.as_ref()));
        let turn = condition_turn(was.as_ref(), is.as_ref());
        Some(ConditionChange { id: state.id.clone(), old: was, new: is, turn, text })
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

fn condition_turn(old: Option<&ConditionSide>, new: Option<&ConditionSide>) -> Turn {
    const fn rank(progress: ConditionProgress) -> u8 {
        match progress {
            ConditionProgress::Closed => 0,
            ConditionProgress::Open => 1,
            ConditionProgress::Overdue => 2,
        }
    }
    match (old, new) {
        (Some(old), Some(new)) => Turn::rising(&rank(old.progress), &rank(new.progress)),
        _ => Turn::Other,
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
            parts.join(", ")
        }
        (None, None) => String::new(),
    }
}

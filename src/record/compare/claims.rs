//! Claims: what was written, what was measured, and what came of it, before and after.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::Turn;
use super::checks::is_time;
use crate::model::claim::{Actual, ListedClaim};
use crate::model::fact::Value;
use crate::model::format::{self, shortened};
use crate::model::judgement::ClaimStatus;
use crate::model::quote::Place;
use crate::model::record::Record;

/// Longest piece of a claim in a sentence, in characters.
const MOST: usize = 80;

/// What a claim stands under.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ClaimAbout {
    /// A check: the claim is about one of its facts.
    Check,
    /// An area: the claim is about its score.
    Area,
    /// Nothing: the claim has a name of its own.
    List,
}

/// A claim in one of the records.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimSide {
    /// The value as written; of a claim with several places every value that stands there.
    pub written: String,
    /// The result.
    pub status: ClaimStatus,
    /// What was measured.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub actual: Option<Value>,
    /// Where it was written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub at: Option<String>,
}

/// A claim that is new, gone, written differently, measured differently or of another result.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct ClaimChange {
    /// What it stands under.
    pub about: ClaimAbout,
    /// The check, the area, or the name of the claim.
    pub id: String,
    /// Who claims.
    pub by: String,
    /// The fact; `score` for an area; of a claim with a name of its own what it must agree with.
    pub fact: String,
    /// Before; not there where the claim is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<ClaimSide>,
    /// After; not there where the claim is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<ClaimSide>,
    /// Which way.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// What a claim is known by: what it stands under, who claims, which fact, and which of several alike.
type Key = (ClaimAbout, String, String, String, usize);

/// Claims that differ, by what they stand under, claimant and fact.
pub(super) fn changes(old: &Record, new: &Record) -> Vec<ClaimChange> {
    let (mut before, mut after) = (sides(old), sides(new));
    let keys: BTreeSet<Key> = before.keys().chain(after.keys()).cloned().collect();
    let mut changes = Vec::new();
    for key in keys {
        let (was, is) = (before.remove(&key), after.remove(&key));
        if !differ(was.as_ref(), is.as_ref()) {
            continue;
        }
        let (about, id, by, fact, _) = key;
        let turn = turn(was.as_ref(), is.as_ref());
        let head = format!("{}: {} claims {}", id, shortened(&by, MOST), shortened(&fact, MOST));
        let text = sentence(&head, was.as_ref(), is.as_ref());
        changes.push(ClaimChange { about, id, by, fact, old: was, new: is, turn, text });
    }
    changes
}

fn sides(record: &Record) -> BTreeMap<Key, ClaimSide> {
    let mut sides = BTreeMap::new();
    // How many there were so far of what is alike.
    let mut alike: BTreeMap<(ClaimAbout, String, String, String), usize> = BTreeMap::new();
    let mut add = |about, id: String, by: &str, fact: &str, side: ClaimSide| {
        let nth = alike.entry((about, id.clone(), by.to_owned(), fact.to_owned())).or_default();
        sides.insert((about, id, by.to_owned(), fact.to_owned(), *nth), side);
        *nth += 1;
    };
    let at = |index: u32| usize::try_from(index).unwrap_or(usize::MAX);
    let checks = record.audit.by_id();
    for result in &record.judgement.checks {
        let Some(check) = checks.get(&result.check) else { continue };
        for result in &result.claims {
            let Some(claim) = check.claims.get(at(result.claim)) else { continue };
            let (written, place) = (claim.shown(&record.places), claim.at.clone());
            let side = ClaimSide { written, status: result.status, actual: result.actual.clone(), at: place };
            add(ClaimAbout::Check, check.id.to_string(), &claim.by, &claim.fact, side);
        }
    }
    for (_, claim, result, score) in record.score_claims() {
        let actual = score.cloned().map(Value::Number);
        let (written, place) = (claim.shown(&record.places), claim.at.clone());
        let side = ClaimSide { written, status: result.status, actual, at: place };
        add(ClaimAbout::Area, result.area.to_string(), &claim.by, &claim.fact, side);
    }
    for result in &record.judgement.listed_claims {
        let Some(claim) = record.audit.claims.get(at(result.claim)) else { continue };
        let written = written_at(record, claim);
        let side =
            ClaimSide { written, status: result.status, actual: result.actual.clone(), at: Some(claim.at.join(", ")) };
        let by = claim.by.as_deref().unwrap_or("the documents");
        let fact = match &claim.actual {
            Some(Actual::Fact { check, fact }) => format!("{fact} of {check}"),
            Some(Actual::Stated(value)) => format!("agreement with {value}"),
            None => "agreement".to_owned(),
        };
        add(ClaimAbout::List, claim.id.to_string(), by, &fact, side);
    }
    sides
}

/// Every value that the places of a claim hold, each once, in their order.
fn written_at(record: &Record, claim: &ListedClaim) -> String {
    let mut values: Vec<&str> = Vec::new();
    for at in &claim.at {
        let value = match record.places.get(at) {
            Some(Place::Found(quote)) => quote.written.as_str(),
            Some(Place::Counted { rows, .. }) => rows,
            Some(Place::Table(_)) => "a table",
            Some(Place::NotFound(_)) | None => "nothing",
        };
        if !values.contains(&value) {
            values.push(value);
        }
    }
    values.join(" / ")
}

/// A measured time that moved is no change as long as the claim comes out the same.
fn differ(old: Option<&ClaimSide>, new: Option<&ClaimSide>) -> bool {
    let (Some(old), Some(new)) = (old, new) else { return old.is_some() || new.is_some() };
    let times = |side: &ClaimSide| side.actual.as_ref().is_some_and(is_time);
    let measured_alike = old.actual == new.actual || (times(old) && times(new));
    !(old.written == new.written && old.status == new.status && old.at == new.at && measured_alike)
}

/// A claim that is refuted and was not has turned for the worse, and so has one that is no longer upheld. One that was
/// refuted and can no longer be verified has not turned for the better.
fn turn(old: Option<&ClaimSide>, new: Option<&ClaimSide>) -> Turn {
    let (Some(old), Some(new)) = (old, new) else { return Turn::Other };
    let (was, is) = (old.status, new.status);
    if (is.is_refuted() && !was.is_refuted()) || (was.is_upheld() && !is.is_upheld()) {
        Turn::Worse
    } else if is.is_upheld() && !was.is_upheld() {
        Turn::Better
    } else {
        Turn::Other
    }
}

fn sentence(head: &str, old: Option<&ClaimSide>, new: Option<&ClaimSide>) -> String {
    let written = |side: &ClaimSide| format!("\"{}\"", shortened(&side.written, MOST));
    let actual = |side: &ClaimSide| side.actual.as_ref().map_or_else(|| "nothing".to_owned(), format::value);
    match (old, new) {
        (None, Some(new)) => format!("{head} {}: new, {}", written(new), new.status.word()),
        (Some(old), None) => format!("{head} {}: gone, it was {}", written(old), old.status.word()),
        (Some(old), Some(new)) => {
            let mut parts = Vec::new();
            if old.status == new.status {
                parts.push(format!("still {}", new.status.word()));
            } else {
                parts.push(format!("was {} and is {}", old.status.word(), new.status.word()));
            }
            if old.written != new.written {
                parts.push(format!("{} was written", written(old)));
            }
            if old.actual != new.actual {
                parts.push(format!("measured {}, now {}", actual(old), actual(new)));
            }
            if old.at != new.at {
                let place = |side: &ClaimSide| shortened(side.at.as_deref().unwrap_or("no place"), MOST);
                parts.push(format!("at {}, now {}", place(old), place(new)));
            }
            format!("{head} {}: {}", written(new), parts.join("; "))
        }
        (None, None) => head.to_owned(),
    }
}

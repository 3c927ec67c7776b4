//! Statuses and facts, check by check.

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::Turn;
use crate::model::fact::{Direction, FactSpec, FactType, Facts, Table, Value};
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::judgement::{CheckResult, Status};
use crate::model::number::Number;
use crate::model::record::{Record, Sight};

/// How many checks went from one status to another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Transition {
    /// The status before; not there where the check is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Status>,
    /// The status after; not there where the check is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Status>,
    /// The checks, by id.
    pub checks: Vec<CheckId>,
}

/// A check whose status changed, that is new, or gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct CheckChange {
    /// The check.
    pub check: CheckId,
    /// The status before; not there where the check is new.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Status>,
    /// The status after; not there where the check is gone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Status>,
    /// Which way.
    pub turn: Turn,
    /// One sentence without a full stop, with the new reason.
    pub text: String,
}

/// Every pair of statuses that occurs, and every check that has two different ones.
pub(super) fn statuses(old: &Record, new: &Record) -> (Vec<Transition>, Vec<CheckChange>) {
    let (before, after) = (results(old), results(new));
    let ids: BTreeSet<&CheckId> = before.keys().chain(after.keys()).copied().collect();
    let mut pairs: BTreeMap<(Option<Status>, Option<Status>), Vec<CheckId>> = BTreeMap::new();
    let mut changes = Vec::new();
    for id in ids {
        let (was, is) = (before.get(id).copied(), after.get(id).copied());
        let (from, to) = (was.map(|result| result.status), is.map(|result| result.status));
        pairs.entry((from, to)).or_default().push(id.clone());
        if from != to {
            let text = sentence(id, from, is);
            changes.push(CheckChange { check: id.clone(), old: from, new: to, turn: turn(from, to), text });
        }
    }
    let matrix = pairs.into_iter().map(|((old, new), checks)| Transition { old, new, checks }).collect();
    (matrix, changes)
}

fn results(record: &Record) -> BTreeMap<&CheckId, &CheckResult> {
    record.judgement.checks.iter().map(|result| (&result.check, result)).collect()
}

/// A pass is best, a warning next; a failure, and not having looked, are both worse. Between these two each way is for the
/// worse: one finds a failure, the other loses sight of one. What does not take part in the score has no rank.
fn turn(old: Option<Status>, new: Option<Status>) -> Turn {
    const fn rank(status: Status) -> u8 {
        match status {
            Status::Pass => 0,
            Status::Warn => 1,
            _ => 2,
        }
    }
    match (old, new) {
        (Some(old), Some(new)) if old.is_scored() && new.is_scored() => {
            if rank(old) == 2 && rank(new) == 2 {
                let lost_or_found = (old == Status::Fail) != (new == Status::Fail);
                return if lost_or_found { Turn::Worse } else { Turn::Other };
            }
            Turn::rising(&rank(old), &rank(new))
        }
        _ => Turn::Other,
    }
}

fn sentence(id: &CheckId, old: Option<Status>, new: Option<&CheckResult>) -> String {
    match (old, new) {
        (Some(old), Some(new)) => {
            format!("{id} was {} and is {}: {}", old.word(), new.status.word(), new.reason)
        }
        (None, Some(new)) => format!("{id} is new and is {}: {}", new.status.word(), new.reason),
        (Some(old), None) => format!("{id} is gone; it was {}", old.word()),
        (None, None) => id.to_string(),
    }
}

/// A fact that moved.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct FactChange {
    /// The check.
    pub check: CheckId,
    /// The fact.
    pub fact: String,
    /// Its value before; not there where it was absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<Value>,
    /// Its value after; not there where it is absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<Value>,
    /// By how much, in the base unit of the fact; not there for what is no number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub by: Option<Number>,
    /// Is it a point in time, a length of time, or something that grows by itself? Such facts move with every run.
    pub is_time: bool,
    /// Which way, as the kind says what is better.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// Facts that differ, for checks that were measured both times; by check and fact.
pub(super) fn facts(old: &Record, new: &Record) -> Vec<FactChange> {
    let (before, after) = (measured(old), measured(new));
    let (asked, asks) = (old.audit.by_id(), new.audit.by_id());
    let mut changes = Vec::new();
    for (id, was) in &before {
        let (Some(is), Some(check)) = (after.get(id), asks.get(id)) else { continue };
        // Another kind has other facts; that it is another one stands in what is asked.
        if asked.get(id).is_none_or(|before| before.kind != check.kind) {
            continue;
        }
        let names: BTreeSet<&String> = was.facts.keys().chain(is.facts.keys()).collect();
        for name in names {
            let (was_fact, is_fact) = (was.get(name), is.get(name));
            let spec = new.audit.spec(check, name);
            changes.extend(moved(id, name, was_fact, is_fact, spec));
        }
    }
    changes
}

pub(super) fn measured(record: &Record) -> BTreeMap<&CheckId, &Facts> {
    let seen = record.observations.iter();
    seen.filter_map(|observation| match &observation.sight {
        Sight::Measured(facts) => Some((&observation.check, facts)),
        _ => None,
    })
    .collect()
}

fn moved(
    id: &CheckId,
    name: &str,
    old: Option<&Value>,
    new: Option<&Value>,
    spec: Option<&FactSpec>,
) -> Option<FactChange> {
    if old == new {
        return None;
    }
    let is_time = [old, new].into_iter().flatten().any(is_time)
        || spec.is_some_and(|spec| spec.growing || matches!(spec.fact_type, FactType::Duration | FactType::Instant));
    // A table whose rows differ in their times alone has moved as times move.
    let is_time = is_time || matches!((old, new), (Some(old), Some(new)) if timeless(old) == timeless(new));
    let (by, said) = distance(old, new);
    let turn = match (spec.map(|spec| spec.direction), &by) {
        (Some(Direction::Higher), Some(by)) => Turn::rising(by, &Number::zero()),
        (Some(Direction::Lower), Some(by)) => Turn::rising(&Number::zero(), by),
        _ => Turn::Other,
    };
    let shown = |value: Option<&Value>| value.map_or_else(|| "absent".to_owned(), format::value);
    let text = match (old, new) {
        (Some(Value::List(old)), Some(Value::List(new))) => format!("{id}: {name} {}", list(old, new)),
        _ => format!("{id}: {name} was {} and is {}{said}", shown(old), shown(new)),
    };
    Some(FactChange {
        check: id.clone(),
        fact: name.to_owned(),
        old: old.cloned(),
        new: new.cloned(),
        by,
        is_time,
        turn,
        text,
    })
}

pub(super) const fn is_time(value: &Value) -> bool {
    matches!(value, Value::Duration(_) | Value::Instant(_))
}

/// The value without the times in its cells.
fn timeless(value: &Value) -> Value {
    let Value::Table(table) = value else { return value.clone() };
    let rows = table.rows.iter().map(|row| {
        let cells = row.iter().map(|cell| cell.as_ref().filter(|value| !is_time(value)).cloned());
        cells.collect()
    });
    Value::Table(Table { columns: table.columns.clone(), rows: rows.collect() })
}

/// What stands in a list more often than in the other one.
fn without<'a, T: Ord>(list: &'a [T], other: &[T]) -> Vec<&'a T> {
    let mut there: BTreeMap<&T, usize> = BTreeMap::new();
    other.iter().for_each(|item| *there.entry(item).or_default() += 1);
    let is_more = |item: &&T| match there.get_mut(*item) {
        Some(left) if *left > 0 => {
            *left -= 1;
            false
        }
        _ => true,
    };
    list.iter().filter(is_more).collect()
}

/// What a list gained and lost.
fn list(old: &[String], new: &[String]) -> String {
    let (gained, lost) = (without(new, old), without(old, new));
    let strings = |items: Vec<&String>| -> Vec<String> { items.into_iter().cloned().collect() };
    let (gained, lost) = (strings(gained), strings(lost));
    let parts = [("gained", gained), ("lost", lost)].into_iter().filter(|(_, items)| !items.is_empty());
    let parts: Vec<String> =
        parts.map(|(word, items)| format!("{word} {}", format::value(&Value::List(items)))).collect();
    if parts.is_empty() { "is in another order".to_owned() } else { parts.join(" and ") }
}

/// How far apart two values are, as a number where they are numbers, and in words to stand after the new value.
fn distance(old: Option<&Value>, new: Option<&Value>) -> (Option<Number>, String) {
    let nothing = (None, String::new());
    match (old, new) {
        (Some(Value::Table(old)), Some(Value::Table(new))) => {
            let (lost, come) = (without(&old.rows, &new.rows).len(), without(&new.rows, &old.rows).len());
            (None, format!(" ({lost} of the old ones gone or changed, {come} new or changed)"))
        }
        (Some(Value::Instant(old)), Some(Value::Instant(new))) => {
            let by = Number::from(new.seconds_since(*old));
            let said =
                format!(" ({} {})", format::duration(&by.abs()), if by.is_negative() { "earlier" } else { "later" });
            (Some(by), said)
        }
        (Some(old), Some(new)) => {
            let (Some((from, unit)), Some((to, other))) = (old.quantity(), new.quantity()) else { return nothing };
            if unit != other {
                return nothing;
            }
            let by = &to - &from;
            let sign = if by.is_negative() { "-" } else { "+" };
            let share = by.abs().over(&from.abs()).map(|share| format!(", {sign}{}", format::percent(&share)));
            let said = if unit == crate::model::fact::Unit::Ratio {
                format!(" ({sign}{} percentage points)", (by.abs() * Number::from(100)).to_rounded(2))
            } else {
                format!(" ({sign}{}{})", format::quantity(&by.abs(), unit), share.unwrap_or_default())
            };
            (Some(by), said)
        }
        _ => nothing,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_more_often_in_one_list_than_in_the_other_is_left() {
        assert_eq!(without(&["a", "b", "a", "c"], &["a", "c"]), [&"b", &"a"]);
        assert!(without(&["a"], &["a", "a"]).is_empty());
        assert_eq!(list(&["a".into()], &["a".into(), "a".into()]), "gained a");
    }

    #[test]
    fn repeated_rows_of_a_table_are_counted_each() {
        let table = |names: &[&str]| {
            let row = |name: &&str| vec![Some(Value::Text((*name).to_owned()))];
            Value::Table(Table { columns: vec!["name".to_owned()], rows: names.iter().map(row).collect() })
        };
        let told = |old: &[&str], new: &[&str]| distance(Some(&table(old)), Some(&table(new))).1;
        assert_eq!(told(&["a", "a", "b"], &["a", "b"]), " (1 of the old ones gone or changed, 0 new or changed)");
        assert_eq!(told(&["a"], &["b", "a", "a"]), " (0 of the old ones gone or changed, 2 new or changed)");
    }
}

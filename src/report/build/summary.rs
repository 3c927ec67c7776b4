//! What speaks for and against the subject: drawn from the results, and from the risks that the auditor calls severe.

use std::cmp::Reverse;
use std::collections::BTreeSet;

use super::{Source, areas, ledger, outcome, todo, words};
use crate::model::audit::{Check, Rating, Severity};
use crate::model::id::CheckId;
use crate::model::judgement::{CheckResult, ConditionProgress, ConditionState, Status};
use crate::report::prose::plain;
use crate::report::view::{Count, Point};

/// Most points of each sort.
const MOST: usize = 6;

/// How many checks have each status.
pub(super) fn counts(source: &Source<'_>) -> Vec<Count> {
    let number = |status: Status| source.judgement().checks.iter().filter(|result| result.status == status).count();
    Status::ALL
        .into_iter()
        .map(|status| (status, number(status)))
        .filter(|(_, number)| *number > 0)
        .map(|(status, number)| Count { mark: words::status(status), number: number.to_string() })
        .collect()
}

/// What speaks for it: claims that hold, areas without a failure, blockers that pass.
pub(super) fn strengths(source: &Source<'_>) -> Vec<Point> {
    let mut points = Vec::new();
    for area in &source.audit().areas {
        let all = source.checks_of(&area.id).iter();
        let all = all.filter_map(|check| source.results.get(&check.id).filter(|result| result.is_scored(check)));
        let mut results = all.peekable();
        if results.peek().is_some() && results.all(|result| result.status == Status::Pass) {
            let text = format!("{}.", areas::tally(source, &area.id));
            points.push(Point { about: area.title.clone(), text, anchor: source.area(&area.id).anchor });
        }
    }
    let mut passing: Vec<(&Check, &CheckResult)> = with_results(source, |result| result.status == Status::Pass)
        .filter(|(check, _)| check.severity == Severity::Blocker || !check.claims.is_empty())
        .collect();
    passing.sort_by_key(|(check, _)| (Reverse(check.severity), Reverse(check.weight.clone())));
    points.extend(passing.into_iter().map(|(check, result)| point(check, result)));
    let (upheld, all) = (source.counts.upheld, source.counts.all());
    points.truncate(if all > 0 && upheld == all { MOST - 1 } else { MOST });
    if all > 0 && upheld == all {
        points.push(Point {
            about: "Claims".to_owned(),
            text: ledger::summary(source),
            anchor: Some("claims".to_owned()),
        });
    }
    points
}

/// What speaks against it, beyond what the verdict names as its reason: what failed or could not be seen, dearest first,
/// overdue conditions, severe risks, claims that do not hold.
pub(super) fn weaknesses(source: &Source<'_>) -> Vec<Point> {
    let named = outcome::named_by_verdict(source);
    let observations =
        source.observations.values().filter(|seen| seen.sight.is_left_out() || seen.sight.is_unreached());
    // A notice names these together.
    let left_out: BTreeSet<&CheckId> = observations.map(|seen| &seen.check).collect();
    let open = |result: &CheckResult| {
        result.status != Status::Pass
            && !named.contains(result.check.to_string().as_str())
            && !left_out.contains(&result.check)
    };
    let scored = |(check, result): &(&Check, &CheckResult)| result.is_scored(check);
    let mut checks: Vec<(&Check, &CheckResult)> = with_results(source, open).filter(scored).collect();
    checks.sort_by(|(a, x), (b, y)| b.severity.cmp(&a.severity).then_with(|| y.cost.cmp(&x.cost)));
    let more = checks.len().saturating_sub(MOST - 1);
    let mut points: Vec<Point> =
        checks.into_iter().take(MOST - 1).map(|(check, result)| not_passing(check, result)).collect();
    if more > 0 {
        let text = format!("{} not listed here; the tables below have them all.", words::counted(more, "is", "are"));
        points.push(Point { about: "More open checks".to_owned(), text, anchor: None });
    }
    let late = |state: &&ConditionState| state.progress == ConditionProgress::Overdue;
    let overdue = source.judgement().conditions.iter().filter(late).filter(|state| !named.contains(state.id.as_str()));
    points.extend(overdue.take(MOST).map(|state| Point {
        about: "Overdue".to_owned(),
        text: words::full_stop(&plain(&source.prose(&state.text).0)),
        anchor: Some(words::plain_anchor("condition", &state.id)),
    }));
    points.extend(severe(source));
    if source.counts.upheld < source.counts.all() {
        points.push(Point {
            about: "Claims".to_owned(),
            text: ledger::summary(source),
            anchor: Some("claims".to_owned()),
        });
    }
    points
}

/// The risks that are likely and grave together.
fn severe(source: &Source<'_>) -> impl Iterator<Item = Point> {
    let most = words::exposure(Rating::High, Rating::High);
    let exposed = todo::ranked(source).into_iter().map(|risk| (risk, words::exposure(risk.likelihood, risk.impact)));
    exposed.filter(move |(_, mark)| *mark == most).take(MOST).map(|(risk, mark)| Point {
        about: risk.title.clone(),
        text: format!(
            "{} risk, with likelihood {} and impact {}.",
            mark.word,
            words::rating(risk.likelihood),
            words::rating(risk.impact)
        ),
        anchor: Some(todo::risk_anchor(risk)),
    })
}

fn with_results<'a>(
    source: &'a Source<'a>,
    wanted: impl Fn(&CheckResult) -> bool,
) -> impl Iterator<Item = (&'a Check, &'a CheckResult)> {
    let results = source.judgement().checks.iter().filter(move |result| wanted(result));
    results.filter_map(|result| source.checks.get(&result.check).map(|check| (*check, result)))
}

fn point(check: &Check, result: &CheckResult) -> Point {
    Point {
        about: check.title.clone(),
        text: words::full_stop(&words::sentence_case(&result.reason)),
        anchor: Some(words::anchor("c", &check.id)),
    }
}

/// A check that does not pass, with its severity and status before the reason.
fn not_passing(check: &Check, result: &CheckResult) -> Point {
    let mut point = point(check, result);
    let waived = if result.waived_by.is_some() { ", waived" } else { "" };
    point.text = format!("{}, {}{waived}. {}", words::severity(check.severity), result.status.word(), point.text);
    point
}

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

/// What speaks against it, beyond what the verdict names as its reason, in groups.
pub(super) struct Against {
    /// What failed, or could not be seen or was not looked at, dearest first.
    checks: Vec<Point>,
    /// Conditions that are overdue.
    overdue: Vec<Point>,
    /// Severe risks.
    risks: Vec<Point>,
    /// That claims do not hold.
    claims: Option<Point>,
}

impl Against {
    pub(super) fn of(source: &Source<'_>) -> Self {
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
        let late = |state: &&ConditionState| state.progress == ConditionProgress::Overdue;
        let overdue = source.judgement().conditions.iter().filter(late);
        let overdue = overdue.filter(|state| !named.contains(state.id.as_str())).map(|state| Point {
            about: "Overdue".to_owned(),
            text: words::full_stop(&plain(&source.prose(&state.text).0)),
            anchor: Some(words::plain_anchor("condition", &state.id)),
        });
        let claims =
            || Point { about: "Claims".to_owned(), text: ledger::summary(source), anchor: Some("claims".to_owned()) };
        Self {
            checks: checks.into_iter().map(|(check, result)| not_passing(check, result)).collect(),
            overdue: overdue.collect(),
            risks: severe(source).collect(),
            claims: (source.counts.upheld < source.counts.all()).then(claims),
        }
    }

    /// As much of each group as the report begins with; what is left out is said.
    pub(super) fn begun(self) -> Vec<Point> {
        let below = "the tables below have them all";
        let groups = [
            (self.checks, MOST - 1, "More open checks", below),
            (self.overdue, MOST, "More overdue conditions", "the list of conditions has them all"),
            (self.risks, MOST, "More severe risks", "the list of risks has them all"),
        ];
        let mut points = Vec::new();
        for (group, most, about, place) in groups {
            let left_out = group.len().saturating_sub(most);
            points.extend(group.into_iter().take(most));
            if left_out > 0 {
                let text = format!("{} not listed here; {place}.", words::counted(left_out, "is", "are"));
                points.push(Point { about: about.to_owned(), text, anchor: None });
            }
        }
        points.extend(self.claims);
        points
    }

    /// All of it.
    pub(super) fn all(self) -> impl Iterator<Item = Point> {
        self.checks.into_iter().chain(self.overdue).chain(self.risks).chain(self.claims)
    }
}

/// The risks that are likely and grave together.
fn severe(source: &Source<'_>) -> impl Iterator<Item = Point> {
    let most = words::exposure(Rating::High, Rating::High);
    let exposed = todo::ranked(source).into_iter().map(|risk| (risk, words::exposure(risk.likelihood, risk.impact)));
    exposed.filter(move |(_, mark)| *mark == most).map(|(risk, mark)| Point {
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
        text: words::sentence(&result.reason),
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

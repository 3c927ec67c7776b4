//! The verdict and what hangs on it: rules, conditions, waivers, and what it would take.

use std::collections::BTreeSet;

use super::{Source, areas, bars, places, rollout, words};
use crate::model::audit::{Area, Check, Level, Severity};
use crate::model::claim;
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::judgement::{
    CheckResult, ConditionOrigin, ConditionProgress, ConditionState, Fix, Rule, RuleOutcome, WhatIf,
};
use crate::report::stated::{self, About, Stated};
use crate::report::view::{Point, Reference, outcome};

/// Most names listed as reasons, and most costs listed.
const MOST: usize = 20;

pub(super) fn verdict(source: &Source<'_>) -> outcome::Verdict {
    let judgement = source.judgement();
    if source.record.run.claims_only {
        return outcome::Verdict {
            mark: words::verdict_in(judgement.verdict, source.counts.words()),
            sentence: sentence(source, "below"),
            reason: String::new(),
            because: first(claims_that_do_not_hold(source)),
        };
    }
    let deciding = judgement.chain.iter().find(|rule| rule.decided);
    outcome::Verdict {
        mark: words::verdict_in(judgement.verdict, source.audit().verdict_words(judgement.verdict)),
        sentence: sentence(source, "below"),
        reason: deciding.map_or_else(String::new, |rule| why(source, rule)),
        because: first(because_of(source)),
    }
}

fn is_waived(state: &ConditionState) -> bool {
    matches!(state.origin, ConditionOrigin::Waiver(_))
}

/// What is open, as far as the sentence about the verdict tells it.
fn open(source: &Source<'_>, deciding: Option<&RuleOutcome>) -> words::Open {
    let conditions = &source.judgement().conditions;
    let mut open = conditions.iter().filter(|condition| condition.progress != ConditionProgress::Closed);
    let waived: BTreeSet<String> = conditions
        .iter()
        .filter(|state| is_waived(state))
        .filter_map(|state| Some(waits_for(source, state)?.to_string()))
        .collect();
    words::Open {
        conditions: open.any(|state| !is_waived(state)),
        more: deciding.is_some_and(|rule| rule.because.iter().any(|id| !waived.contains(id))),
        waived: !waived.is_empty(),
    }
}

/// What the verdict means, a sentence; `place` is where a reader finds what it hangs on: `below`, `in the report`.
pub(super) fn sentence(source: &Source<'_>, place: &str) -> String {
    let judgement = source.judgement();
    match &source.audit().gate {
        _ if source.record.run.claims_only => {
            "Only claims were judged: this is no score, and no decision about going live.".to_owned()
        }
        Some(gate) => words::gate_sentence(judgement.verdict, gate),
        None => {
            let deciding = judgement.chain.iter().find(|rule| rule.decided);
            let open = open(source, deciding);
            words::verdict_sentence(judgement.verdict, &source.audit().subject.name, open, place)
        }
    }
}

/// Everything that triggered the verdict, or every claim that does not hold where there is none.
pub(super) fn because_of(source: &Source<'_>) -> Vec<Point> {
    if source.record.run.claims_only {
        return claims_that_do_not_hold(source);
    }
    let deciding = source.judgement().chain.iter().find(|rule| rule.decided);
    deciding.into_iter().flat_map(|rule| causes(source, rule)).map(|(_, point)| point).collect()
}

/// The first [`MOST`], and how many are left out.
fn first(mut points: Vec<Point>) -> Vec<Point> {
    let more = points.len().saturating_sub(MOST);
    if more > 0 {
        points.truncate(MOST);
        points.push(Point { about: format!("{more} more"), text: String::new(), anchor: None });
    }
    points
}

/// The ids of the checks and conditions that the verdict lists as its reason.
pub(super) fn named_by_verdict<'a>(source: &Source<'a>) -> BTreeSet<&'a str> {
    let deciding = source.judgement().chain.iter().filter(|rule| rule.decided && !source.record.run.claims_only);
    // Of scores only areas are named.
    let deciding = deciding.filter(|rule| rule.rule != Rule::ScoreBelowFloor);
    deciding.flat_map(|rule| causes(source, rule).into_iter().take(MOST).flat_map(|(ids, _)| ids)).collect()
}

/// Claims that do not hold, worst first, each with what it says where, and in how many places besides.
fn claims_that_do_not_hold(source: &Source<'_>) -> Vec<Point> {
    let mut open: Vec<&Stated<'_>> = source.claims.iter().filter(|claim| !claim.status.is_upheld()).collect();
    open.sort_by_key(|claim| stated::rank(claim.status, claim.matters));
    let point = |claim: &&Stated<'_>| {
        let named = match claim.about {
            About::Check(check) => source.check(check),
            About::Listed(claim) => source.listed(claim),
            About::Score(area) => source.area(area),
        };
        let worst = claim.said.iter().min_by_key(|said| stated::rank(said.status, true));
        let text = worst.map_or_else(String::new, |said| format!("{} {}", said.spot, said.text));
        let besides = match claim.said.iter().filter(|said| !said.status.is_upheld()).count().saturating_sub(1) {
            0 => String::new(),
            more => format!(" And {}.", words::counted(more, "more place", "more places")),
        };
        let text = if besides.is_empty() { text.trim().to_owned() } else { words::full_stop(text.trim()) + &besides };
        Point { about: named.text, text, anchor: named.anchor }
    };
    open.iter().map(point).collect()
}

/// Why a rule fired, in one sentence that names nothing: the names follow. Counted as the record counts, where a check that
/// does not pass and is waived is one of either.
fn why(source: &Source<'_>, rule: &RuleOutcome) -> String {
    let conditions = rule.because.iter().filter(|id| source.conditions.contains_key(id.as_str())).count();
    let listed = rule.because.iter().filter(|id| claim::referred(id).is_some()).count();
    let ids: Vec<CheckId> = rule.because.iter().filter_map(|id| id.parse().ok()).collect();
    let results = || ids.iter().filter_map(|id| Some((*source.checks.get(id)?, *source.results.get(id)?)));
    let counted =
        |wanted: fn(&Check, &CheckResult) -> bool| results().filter(|(check, result)| wanted(check, result)).count();
    let parts: Vec<String> = [
        (conditions, "condition that must be met is open", "conditions that must be met are open"),
        (
            counted(|check, result| is_open(check, result, Severity::Blocker)),
            "blocker does not pass",
            "blockers do not pass",
        ),
        (
            counted(|check, result| is_open(check, result, Severity::Major)),
            "major check does not pass",
            "major checks do not pass",
        ),
        (
            counted(|_, result| result.has_decisive_claim()),
            "check has a refuted claim that matters",
            "checks have a refuted claim that matters",
        ),
        (listed, "claim of the list does not hold", "claims of the list do not hold"),
        (counted(|_, result| result.waived_by.is_some()), "waiver is in use", "waivers are in use"),
    ]
    .into_iter()
    .filter(|(number, ..)| *number > 0)
    .map(|(number, one, many)| words::counted(number, one, many))
    .collect();
    let said = match rule.rule {
        Rule::BlockerFailed => words::counted(rule.because.len(), "blocker failed", "blockers failed"),
        Rule::BlockerUnknown => {
            words::counted(rule.because.len(), "blocker could not be decided", "blockers could not be decided")
        }
        Rule::ConditionOverdue => words::counted(rule.because.len(), "condition is overdue", "conditions are overdue"),
        Rule::OpenPoints => format::and_list(&parts),
        Rule::Partial
        | Rule::CoverageLow
        | Rule::ScoreBelowFloor
        | Rule::ClaimUnknown
        | Rule::ClaimRefuted
        | Rule::Clear => words::sentence_case(&rule.reason),
    };
    words::full_stop(&said)
}

fn is_open(check: &Check, result: &CheckResult, severity: Severity) -> bool {
    check.severity == severity && result.is_open_major(check)
}

/// What triggered a rule: conditions, then checks in the order of the audit, then the rest, each with the ids that it tells
/// of.
fn causes<'a>(source: &Source<'a>, rule: &'a RuleOutcome) -> Vec<(Vec<&'a str>, Point)> {
    // What a score decides names areas alone, and a condition may have the name of one.
    let no_area = rule.rule != Rule::ScoreBelowFloor;
    let because: BTreeSet<&str> = rule.because.iter().map(String::as_str).collect();
    let listed = |id: &str| because.get(id).copied().filter(|_| no_area);
    let open: Vec<(&str, &ConditionState)> =
        source.judgement().conditions.iter().filter_map(|state| Some((listed(&state.id)?, state))).collect();
    // A check that a condition waits for is told with the condition, not a second time below it.
    let awaited: BTreeSet<&CheckId> = open.iter().filter_map(|(_, state)| waits_for(source, state)).collect();
    let conditions = open.iter().map(|(id, state)| {
        let check = waits_for(source, state).and_then(|check| listed(&check.to_string()));
        (std::iter::once(*id).chain(check).collect(), condition_cause(source, state))
    });
    let own = source.audit().checks.iter().filter(|check| !awaited.contains(&check.id));
    let checks = own.filter_map(|check| {
        let id = listed(&check.id.to_string())?;
        let reference = source.check(&check.id);
        let text = standing(source, &check.id)?;
        Some((vec![id], Point { about: reference.text, text, anchor: reference.anchor }))
    });
    let is_condition = |id: &str| no_area && source.conditions.contains_key(id);
    let told = |id: &&str| claim::referred(id).is_none() && (id.contains('/') || is_condition(id));
    let rest = rule.because.iter().map(String::as_str).filter(|id| !told(id));
    let rest = rest.map(|id| {
        let named = source.cause(rule.rule, id);
        (vec![id], Point { about: named.text, text: String::new(), anchor: named.anchor })
    });
    conditions.chain(checks).chain(rest).collect()
}

/// A condition with who must meet it by when, and where the check that closes it stands.
fn condition_cause(source: &Source<'_>, state: &ConditionState) -> Point {
    let due = state.due.map(|due| format!("by {}", source.stamp(due)));
    let owner = state.owner.clone().unwrap_or_else(|| "nobody is named".to_owned());
    let who: Vec<String> = std::iter::once(owner).chain(due).collect();
    let check = waits_for(source, state).and_then(|id| source.results.get(id));
    let check = check.map(|result| format!("its check {}: {}", result.status.predicate(), result.reason));
    let text = std::iter::once(who.join(", ")).chain(check).collect::<Vec<_>>().join("; ");
    Point { about: source.named(&state.id).text, text, anchor: Some(anchor(&state.id)) }
}

/// The check that closes a condition when it passes.
fn waits_for<'a>(source: &Source<'a>, state: &'a ConditionState) -> Option<&'a CheckId> {
    match &state.origin {
        ConditionOrigin::Check(id) | ConditionOrigin::Waiver(id) => Some(id),
        ConditionOrigin::File => {
            let written = source.audit().conditions.iter().find(|condition| *condition.id.as_str() == *state.id);
            written.and_then(|condition| condition.closed_by.as_ref())
        }
        ConditionOrigin::Decision(_) | ConditionOrigin::Rollout(_) => None,
    }
}

/// `fail, waived: 12 rules; at least 13 were expected`.
fn standing(source: &Source<'_>, id: &CheckId) -> Option<String> {
    let result = source.results.get(id)?;
    let waived = if result.waived_by.is_some() { ", waived" } else { "" };
    Some(format!("{}{waived}: {}", result.status.word(), result.reason))
}

fn anchor(condition: &str) -> String {
    words::plain_anchor("condition", condition)
}

pub(super) fn recommendation(source: &Source<'_>) -> outcome::Recommendation {
    let breakdown = breakdown(source);
    let any =
        |wanted: fn(&outcome::CategoryArea) -> bool| breakdown.iter().flat_map(|category| &category.areas).any(wanted);
    let columns = outcome::Columns {
        waivers: any(|area| area.figures.score_with_waivers.is_some()),
        claimed: any(|area| !area.claimed.is_empty()),
        confidence: any(|area| !area.confidence.is_empty()),
    };
    outcome::Recommendation {
        columns,
        breakdown,
        chain: chain(source),
        conditions: conditions(source),
        what_if: source.judgement().what_if.as_ref().map(|what_if| self::what_if(source, what_if)),
        waivers: waivers(source),
    }
}

/// The names behind a reason, the first [`MOST`] of them: ids, as the reason has them.
fn because(source: &Source<'_>, rule: &RuleOutcome) -> Vec<Reference> {
    let ids = &rule.because;
    let by_id = |id: &String| Reference { text: id.clone(), anchor: source.cause(rule.rule, id).anchor };
    let mut named: Vec<Reference> = ids.iter().take(MOST).map(by_id).collect();
    if let Some(more) = ids.len().checked_sub(MOST).filter(|more| *more > 0) {
        named.push(Reference { text: format!("{more} more"), anchor: None });
    }
    named
}

fn chain(source: &Source<'_>) -> Vec<outcome::Rule> {
    let rules = source.judgement().chain.iter().enumerate();
    rules
        .map(|(at, rule)| outcome::Rule {
            number: (at + 1).to_string(),
            question: words::rule(rule.rule).to_owned(),
            mark: words::fired(rule.fired, rule.decided, rule.rule),
            decided: rule.decided,
            reason: if rule.fired { why(source, rule) } else { words::sentence(&rule.reason) },
            because: because(source, rule),
        })
        .collect()
}

fn breakdown(source: &Source<'_>) -> Vec<outcome::Category> {
    let mut categories: Vec<outcome::Category> = Vec::new();
    for area in &source.audit().areas {
        let title = area.category.as_deref().map_or_else(|| "Other areas".to_owned(), words::sentence_case);
        let entry = category_area(source, area);
        match categories.iter_mut().find(|category| category.title == title) {
            Some(category) => category.areas.push(entry),
            None => categories.push(outcome::Category { title, areas: vec![entry] }),
        }
    }
    if let [only] = categories.as_mut_slice()
        && source.audit().areas.iter().all(|area| area.category.is_none())
    {
        "All areas".clone_into(&mut only.title);
    }
    categories
}

fn category_area(source: &Source<'_>, area: &Area) -> outcome::CategoryArea {
    let claimed: Vec<String> =
        area.claims.iter().map(|claim| format!("{} ({})", places::said(source, claim), claim.by)).collect();
    outcome::CategoryArea {
        area: source.area(&area.id),
        weight: area.weight.to_rounded(3),
        figures: source.areas.get(&area.id).map_or_else(bars::unknown, |result| bars::of_area(result)),
        claimed: claimed.join(", "),
        confidence: area.confidence.as_ref().map(|stated| areas::by_hand(&stated.value)).unwrap_or_default(),
        tally: areas::tally(source, &area.id),
    }
}

fn conditions(source: &Source<'_>) -> Vec<outcome::Conditions> {
    let of = |title: &str, wanted: &dyn Fn(&ConditionState) -> bool| {
        let states = source.judgement().conditions.iter().filter(|state| wanted(state));
        let conditions: Vec<_> = states.map(|state| condition(source, state)).collect();
        (!conditions.is_empty()).then(|| outcome::Conditions { title: title.to_owned(), conditions })
    };
    let at = |level: Level| of(words::level_title(level), &|state| state.level == level && !is_waived(state));
    let groups = [at(Level::Must), of(words::WAIVED, &is_waived), at(Level::Should), at(Level::Could)];
    groups.into_iter().flatten().collect()
}

fn condition(source: &Source<'_>, state: &ConditionState) -> outcome::Condition {
    let origin = match &state.origin {
        ConditionOrigin::File => Reference { text: "the audit".to_owned(), anchor: None },
        ConditionOrigin::Check(id) | ConditionOrigin::Waiver(id) => source.check(id),
        ConditionOrigin::Decision(id) => Reference { text: "the decision".to_owned(), ..source.decision(id) },
        ConditionOrigin::Rollout(rule) => {
            Reference { text: "the rollout".to_owned(), anchor: rollout::rule_anchor(source, *rule) }
        }
    };
    outcome::Condition {
        anchor: anchor(&state.id),
        text: source.prose(&words::full_stop(&state.text)),
        origin,
        owner: state.owner.clone().unwrap_or_default(),
        due: state.due.map(|due| source.stamp(due)).unwrap_or_default(),
        mark: words::progress(state.progress),
        reason: words::sentence(&state.reason),
    }
}

fn what_if(source: &Source<'_>, what_if: &WhatIf) -> outcome::WhatIf {
    let words = source.audit().verdict_words(what_if.reaches);
    let sentence = match (what_if.fixes.is_empty(), what_if.exact) {
        (true, _) => format!("No set of fixes was found that reaches \"{words}\"."),
        (false, true) => format!("The smallest set of fixes that reaches \"{words}\":"),
        (false, false) => {
            format!("A set of fixes that reaches \"{words}\". It was found step by step; a smaller one may exist:")
        }
    };
    let fix = |fix: &Fix| match fix {
        Fix::Check(id) => outcome::Fix { action: "Make it pass".to_owned(), target: source.check(id) },
        Fix::Condition(id) => outcome::Fix { action: "Close the condition".to_owned(), target: source.named(id) },
        Fix::Decision(id) => outcome::Fix { action: "Decide".to_owned(), target: source.decision(id) },
        Fix::Claim(id) => outcome::Fix { action: "Let the claim hold".to_owned(), target: source.listed(id) },
    };
    let costs = what_if.costs.iter().filter(|(_, points)| !points.is_zero()).take(MOST);
    outcome::WhatIf {
        sentence,
        fixes: what_if.fixes.iter().map(fix).collect(),
        costs: costs
            .map(|(id, points)| outcome::Cost { check: source.check(id), points: format::points(points) })
            .collect(),
    }
}

fn waivers(source: &Source<'_>) -> Vec<outcome::Waiver> {
    let given = source.audit().waivers.iter().zip(&source.judgement().waivers);
    given
        .filter_map(|(waiver, state)| {
            let status = source.results.get(&waiver.check)?.status;
            Some(outcome::Waiver {
                check: source.check(&waiver.check),
                status: words::status(status),
                mark: words::waiver(state.progress),
                in_use: state.progress == crate::model::judgement::WaiverProgress::InUse,
                reason: words::full_stop(&waiver.reason),
                by: waiver.by.clone(),
                approved: source.stamp(waiver.approved),
                until: source.stamp(waiver.until),
            })
        })
        .collect()
}

//! From evidence to verdict: a pure function of the audit, what was observed, the time and an earlier run.
//!
//! It asks nothing and knows no kind: facts have types and directions, and that is all it sees. Every number is exact.

mod claims;
mod compare;
mod conditions_state;
mod figures;
mod sampling;
mod score;
mod score_claims;
mod verdict;
mod waivers;
mod whatif;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

use crate::model::audit::{Audit, Check};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, Judgement, Status};
use crate::model::number::Number;
use crate::model::quote::Places;
use crate::model::record::{Baseline, Observation, Record, Sight};

/// Everything that was seen, and how it is to be judged.
#[derive(Debug, Clone, Copy)]
pub struct Seen<'a> {
    /// One for each check that was asked for.
    pub observations: &'a [Observation],
    /// What the locators of claims lead to.
    pub places: &'a Places,
    /// The earlier run that relative conditions are held against.
    pub baseline: Option<&'a Baseline>,
    /// The moment the audit judges by.
    pub now: Instant,
    /// Judge claims alone: no scores, and a verdict about nothing else.
    pub claims_only: bool,
}

impl Seen<'_> {
    /// What a record holds.
    pub fn of(record: &Record) -> Seen<'_> {
        Seen {
            observations: &record.observations,
            places: &record.places,
            baseline: record.baseline.as_ref(),
            now: record.run.finished_at,
            claims_only: record.run.claims_only,
        }
    }
}

/// Concludes everything that can be concluded. Linear in the number of checks.
pub fn judge(audit: &Audit, seen: Seen<'_>) -> Judgement {
    let by_check = index(seen.observations);
    let mut checks: Vec<CheckResult> =
        audit.checks.iter().map(|check| judge_check(audit, check, by_check.get(&check.id).copied(), seen)).collect();
    let waivers = waivers::states(audit, &mut checks, seen.now);
    let board = score::Board::new(audit, &checks);
    for (at, check) in checks.iter_mut().enumerate() {
        check.cost = board.cost(at);
    }
    let areas = board.area_results();
    let overall = board.overall();
    let score_claims = score_claims::compare(audit, &areas, seen.places);
    let claimants = score_claims::claimants(audit, &checks, &score_claims);
    let conditions = conditions_state::states(audit, &checks, seen.now);
    let findings =
        verdict::Findings { audit, checks: &checks, areas: &areas, overall: &overall, conditions: &conditions };
    let (verdict, chain) = findings.chain();
    let what_if = whatif::what_if(audit, &checks, &conditions, &board, verdict);
    Judgement {
        checks,
        areas,
        overall,
        score_claims,
        listed_claims: Vec::new(),
        claimants,
        conditions,
        waivers,
        verdict,
        chain,
        what_if,
    }
}

/// May checks that depend on this one be measured? Yes when nothing of it failed and nothing is missing.
pub fn passes(audit: &Audit, check: &Check, observation: &Observation, seen: Seen<'_>) -> bool {
    let status = judge_check(audit, check, Some(observation), seen).status;
    matches!(status, Status::Pass | Status::Warn | Status::Info)
}

/// Lookups only: its order is never seen.
type Index<'a> = HashMap<&'a CheckId, &'a Observation>;

fn index(observations: &[Observation]) -> Index<'_> {
    observations.iter().map(|observation| (&observation.check, observation)).collect()
}

fn judge_check(audit: &Audit, check: &Check, observation: Option<&Observation>, seen: Seen<'_>) -> CheckResult {
    let baseline = seen.baseline.and_then(|baseline| baseline.facts.get(&check.id));
    let bare = |status, reason: &str| compare::unmeasured(check, status, reason);
    if let Some(reason) = &check.not_applicable {
        return bare(Status::NotApplicable, reason);
    }
    match observation.map(|observation| &observation.sight) {
        None => bare(Status::Skipped, "it was not asked for in this run"),
        Some(Sight::NotApplicable(reason)) => bare(Status::NotApplicable, reason),
        Some(Sight::Skipped(reason)) => bare(Status::Skipped, reason),
        Some(Sight::Unmeasurable(problem)) => bare(Status::Error, &format!("could not look: {}", problem.reason)),
        Some(Sight::Measured(facts)) => {
            let expectations = compare::expectations(check, facts, baseline);
            let base = compare::status(check, &expectations);
            let sample = sampling::sample(check, facts);
            let judged = claims::Judged { audit, check, facts, baseline, seen, base, sample: sample.as_ref() };
            let claims: Vec<_> = (0_u32..).zip(&check.claims).map(|(at, claim)| judged.result(at, claim)).collect();
            let (status, reason) = compare::conclude(audit, check, seen.places, base, &expectations, &claims);
            CheckResult {
                check: check.id.clone(),
                status,
                reason,
                expectations,
                claims,
                sample: sample.map(|sample| sample.result),
                waived_by: None,
                cost: Number::zero(),
            }
        }
    }
}

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
use crate::model::fact::Facts;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, Judgement, Status};
use crate::model::number::Number;
use crate::model::record::{Observation, Sight};

/// Concludes everything that can be concluded. `now` is the moment the audit judges by; `baseline` are the observations
/// of the run to compare with, where there is one. Linear in the number of checks.
pub fn judge(audit: &Audit, observations: &[Observation], now: Instant, baseline: Option<&[Observation]>) -> Judgement {
    let seen = index(observations);
    let before = baseline.map(index);
    let mut checks: Vec<CheckResult> = audit
        .checks
        .iter()
        .map(|check| {
            let earlier = before.as_ref().map(|before| facts(before.get(&check.id).copied()));
            judge_check(audit, check, seen.get(&check.id).copied(), now, earlier.flatten())
        })
        .collect();
    let waivers = waivers::states(audit, &mut checks, now);
    let board = score::Board::new(audit, &checks);
    for (at, check) in checks.iter_mut().enumerate() {
        check.cost = board.cost(at);
    }
    let areas = board.area_results();
    let overall = board.overall();
    let score_claims = score_claims::compare(audit, &areas);
    let claimants = score_claims::claimants(audit, &checks, &score_claims);
    let conditions = conditions_state::states(audit, &checks, now);
    let findings =
        verdict::Findings { audit, checks: &checks, areas: &areas, overall: &overall, conditions: &conditions };
    let (verdict, chain) = findings.chain();
    let what_if = whatif::what_if(audit, &checks, &conditions, &board, verdict);
    Judgement { checks, areas, overall, score_claims, claimants, conditions, waivers, verdict, chain, what_if }
}

/// May checks that depend on this one be measured? Yes when nothing of it failed and nothing is missing.
pub fn passes(audit: &Audit, check: &Check, observation: &Observation, now: Instant) -> bool {
    let status = judge_check(audit, check, Some(observation), now, None).status;
    matches!(status, Status::Pass | Status::Warn | Status::Info)
}

/// Lookups only: its order is never seen.
type Index<'a> = HashMap<&'a CheckId, &'a Observation>;

fn index(observations: &[Observation]) -> Index<'_> {
    observations.iter().map(|observation| (&observation.check, observation)).collect()
}

fn facts(observation: Option<&Observation>) -> Option<&Facts> {
    match observation.map(|observation| &observation.sight) {
        Some(Sight::Measured(facts)) => Some(facts),
        _ => None,
    }
}

fn judge_check(
    audit: &Audit,
    check: &Check,
    observation: Option<&Observation>,
    now: Instant,
    baseline: Option<&Facts>,
) -> CheckResult {
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
            let judged = claims::Judged { audit, check, facts, baseline, now, base, sample: sample.as_ref() };
            let claims: Vec<_> = (0_u32..).zip(&check.claims).map(|(at, claim)| judged.result(at, claim)).collect();
            let (status, reason) = compare::conclude(audit, check, base, &expectations, &claims);
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

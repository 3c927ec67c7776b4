//! From evidence to verdict: a pure function of the audit, what was observed, the time and an earlier run.
//!
//! It asks nothing and knows no kind: facts have types and directions, and that is all it sees. Every number is exact.

mod agree;
mod claimants;
mod claims;
mod claims_verdict;
mod compare;
mod conditions_state;
mod counterexample;
mod figures;
mod listed;
mod quoted;
mod rollout;
mod sampling;
mod score;
mod score_claims;
mod table;
mod upheld;
mod values;
mod verdict;
mod waivers;
mod whatif;

#[cfg(test)]
mod tests;

use std::collections::HashMap;

pub use counterexample::reach;

use claims::Judged;

use crate::model::audit::{Audit, Check};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, Judgement, ListedResult, Status, WaiverState};
use crate::model::quote::Places;
use crate::model::record::{Baseline, Observation, Record};

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

/// Concludes everything that can be concluded. Linear in the number of checks and claims.
pub fn judge(audit: &Audit, seen: Seen<'_>) -> Judgement {
    let by_check = index(seen.observations);
    let left_out: Vec<&CheckId> = left_out(audit, &by_check).collect();
    let judged: Vec<Judged<'_>> =
        audit.checks.iter().map(|check| Judged::new(audit, check, by_check.get(&check.id).copied(), seen)).collect();
    let mut checks: Vec<CheckResult> = judged.iter().map(Judged::conclude).collect();
    let listed_claims = listed::results(audit, &judged, seen);
    let waivers = waivers::states(audit, &mut checks, seen.now);
    if seen.claims_only {
        return claims_alone(audit, seen, checks, listed_claims, waivers, &left_out);
    }
    let board = score::Board::new(audit, &checks);
    for (at, check) in checks.iter_mut().enumerate() {
        check.cost = board.cost(at);
    }
    let areas = board.area_results();
    let overall = board.overall();
    let score_claims = score_claims::compare(audit, &areas, seen.places, &left_out);
    let claimants = claimants::records(audit, &checks, &score_claims, &listed_claims);
    let rollout = rollout::review(audit, &checks, &by_check);
    let conditions = conditions_state::states(audit, &checks, &rollout, seen.now);
    let findings = verdict::Findings {
        audit,
        checks: &checks,
        areas: &areas,
        overall: &overall,
        conditions: &conditions,
        listed: &listed_claims,
        left_out: &left_out,
    };
    let (verdict, chain) = findings.chain();
    // What it takes to get further than a part is the rest of the run.
    let what_if = left_out
        .is_empty()
        .then(|| whatif::what_if(audit, &checks, &conditions, &listed_claims, &board, verdict))
        .flatten();
    let concluded = upheld::Concluded {
        audit,
        checks: &checks,
        listed: &listed_claims,
        left_out: &left_out,
        by_check: &by_check,
        board: &board,
        chain: &chain,
        verdict,
        now: seen.now,
    };
    for (check, claim, otherwise) in upheld::verdicts(&concluded, &judged) {
        checks[check].claims[claim].verdict = Some(otherwise);
    }
    Judgement {
        checks,
        areas,
        overall,
        score_claims,
        listed_claims,
        claimants,
        rollout,
        conditions,
        waivers,
        verdict,
        chain,
        what_if,
    }
}

/// Claims judged without scores, conditions and what would change the verdict.
fn claims_alone(
    audit: &Audit,
    seen: Seen<'_>,
    checks: Vec<CheckResult>,
    listed_claims: Vec<ListedResult>,
    waivers: Vec<WaiverState>,
    left_out: &[&CheckId],
) -> Judgement {
    let (verdict, chain) = claims_verdict::chain(audit, seen.places, &checks, &listed_claims, left_out);
    let claimants = claimants::records(audit, &checks, &[], &listed_claims);
    let (areas, overall) = score::none(audit);
    Judgement {
        checks,
        areas,
        overall,
        score_claims: Vec::new(),
        listed_claims,
        claimants,
        rollout: Vec::new(),
        conditions: Vec::new(),
        waivers,
        verdict,
        chain,
        what_if: None,
    }
}

/// May checks that depend on this one be measured? Yes when nothing of it failed and nothing is missing.
pub fn passes(audit: &Audit, check: &Check, observation: &Observation, seen: Seen<'_>) -> bool {
    let status = Judged::new(audit, check, Some(observation), seen).conclude().status;
    matches!(status, Status::Pass | Status::Warn | Status::Info)
}

/// Is it known that the check does not hold?
pub fn fails(audit: &Audit, check: &Check, observation: &Observation, seen: Seen<'_>) -> bool {
    Judged::new(audit, check, Some(observation), seen).conclude().status == Status::Fail
}

/// The checks that were left out of the run, in the order of the audit.
fn left_out<'a>(audit: &'a Audit, by_check: &Index<'_>) -> impl Iterator<Item = &'a CheckId> {
    let is_left_out = |id: &&CheckId| {
        by_check.get(id).is_some_and(|observation| {
            let sight = &observation.sight;
            sight.is_left_out() || sight.is_unreached()
        })
    };
    audit.checks.iter().map(|check| &check.id).filter(is_left_out)
}

/// Lookups only: its order is never seen.
type Index<'a> = HashMap<&'a CheckId, &'a Observation>;

fn index(observations: &[Observation]) -> Index<'_> {
    observations.iter().map(|observation| (&observation.check, observation)).collect()
}

//! What it would take: the smallest set of fixes that reaches a better verdict.
//!
//! A fix that removes something which alone stands in the way (a failed blocker, an overdue condition, a cap below a
//! floor) belongs to every set that reaches the verdict, so all of these are taken first. What is left can only raise
//! scores and coverage; with up to 20 of these the smallest set is found by trying sets of increasing size, and beyond
//! that by taking the largest gain first, which the result says.

use std::collections::{HashMap, HashSet};

use super::score::{Board, Entry, Tally, View, overall_coverage, overall_score};
use super::verdict::{is_open_must, open_listed};
use crate::model::audit::{Audit, Severity, VerdictPolicy};
use crate::model::id::CheckId;
use crate::model::judgement::{
    CheckResult, ConditionOrigin, ConditionProgress, ConditionState, Fix, ListedResult, Status, Verdict, WhatIf,
};
use crate::model::number::Number;

/// Up to so many candidates the smallest set is proved.
const MAX_EXACT: usize = 20;
/// Areas looked at in all the sets tried, before the search gives up proof for speed.
const MAX_LOOKS: usize = 40_000;

/// The fixes that reach a better verdict, with the cost of every open check; `None` when it is approved.
pub(super) fn what_if(
    audit: &Audit,
    checks: &[CheckResult],
    conditions: &[ConditionState],
    listed: &[ListedResult],
    board: &Board<'_>,
    verdict: Verdict,
) -> Option<WhatIf> {
    if verdict == Verdict::Approved {
        return None;
    }
    let mut search = Search { audit, checks, board, tallies: board.tallies.clone(), fixed: HashSet::new(), looks: 0 };
    let decided = verdict == Verdict::ApprovedWithConditions;
    search.take_required(conditions, decided);
    let optional = search.optional();
    let (chosen, exact) = search.smallest(&optional);
    search.take(&chosen);
    if !search.reached(&search.tallies) {
        // Nothing was scored: no fix of what is there reaches anything.
        return None;
    }
    let mut fixes: Vec<Fix> = (0..checks.len())
        .filter(|at| search.fixed.contains(at))
        .map(|at| Fix::Check(checks[at].check.clone()))
        .collect();
    fixes.extend(search.other_fixes(conditions, decided));
    if decided {
        fixes.extend(open_listed(audit, listed).map(|id| Fix::Claim(id.clone())));
    }
    let clear = decided || (search.is_clear(conditions) && open_listed(audit, listed).next().is_none());
    let reaches = if clear { Verdict::Approved } else { Verdict::ApprovedWithConditions };
    Some(WhatIf { reaches, fixes, exact, costs: costs(audit, checks) })
}

fn costs(audit: &Audit, checks: &[CheckResult]) -> Vec<(CheckId, Number)> {
    let all = audit.checks.iter().zip(checks);
    let open = all.filter(|(check, result)| result.is_scored(check) && result.status != Status::Pass);
    let mut costs: Vec<(CheckId, Number)> =
        open.map(|(_, result)| (result.check.clone(), result.cost.clone())).collect();
    costs.sort_by(|one, other| other.1.cmp(&one.1).then_with(|| one.0.cmp(&other.0)));
    costs
}

fn stands_in_the_way(condition: &ConditionState, to_approved: bool) -> bool {
    condition.progress == ConditionProgress::Overdue || (to_approved && is_open_must(condition))
}

struct Search<'a> {
    audit: &'a Audit,
    checks: &'a [CheckResult],
    board: &'a Board<'a>,
    tallies: Vec<Tally>,
    fixed: HashSet<usize>,
    looks: usize,
}

impl Search<'_> {
    fn entry(&self, check: usize) -> Option<&Entry> {
        let entry = self.board.entries.get(check)?.as_ref()?;
        (entry.scored && entry.status != Status::Pass).then_some(entry)
    }

    fn take(&mut self, checks: &[usize]) {
        for check in checks {
            if let Some(entry) = self.entry(*check).cloned()
                && self.fixed.insert(*check)
            {
                self.tallies[entry.area].fix(&entry);
            }
        }
    }

    fn take_required(&mut self, conditions: &[ConditionState], to_approved: bool) {
        let closers: HashSet<&CheckId> = closers(self.audit, conditions, to_approved);
        let policy = &self.audit.verdict;
        let required = |(at, (check, result)): (usize, (&crate::model::audit::Check, &CheckResult))| {
            let blocker = check.severity == Severity::Blocker;
            let failed = blocker && result.status == Status::Fail && result.waived_by.is_none();
            let open = to_approved
                && (result.is_open_major(check) || result.has_decisive_claim() || result.waived_by.is_some());
            let caps =
                result.waived_by.is_none() && check.caps_area_at.as_ref().is_some_and(|cap| *cap < policy.floor_area);
            let capped = caps && (result.status == Status::Fail || result.status.is_unknown());
            let unknown = blocker && result.status.is_unknown();
            (failed || unknown || open || capped || closers.contains(&check.id)).then_some(at)
        };
        let all: Vec<usize> = self.audit.checks.iter().zip(self.checks).enumerate().filter_map(required).collect();
        self.take(&all);
    }

    /// Checks whose fix could still raise a score or coverage, largest cost first. A waived one counts as passed already:
    /// it adds to coverage when it was not measured, and else to nothing.
    fn optional(&self) -> Vec<usize> {
        let adds = |at: &usize| self.entry(*at).is_some_and(|entry| !entry.waived || !entry.status.is_measured());
        let mut open: Vec<usize> = (0..self.checks.len()).filter(|at| !self.fixed.contains(at) && adds(at)).collect();
        open.sort_by(|one, other| {
            let (first, second) = (&self.checks[*one], &self.checks[*other]);
            second.cost.cmp(&first.cost).then_with(|| first.check.cmp(&second.check))
        });
        open
    }

    fn reached(&self, tallies: &[Tally]) -> bool {
        let policy = &self.audit.verdict;
        overall_coverage(tallies).covered() >= policy.min_coverage
            && overall_score(tallies, View::WithWaivers).is_none_or(|score| score >= policy.floor_overall)
            && tallies.iter().all(|tally| !is_low(tally, policy))
    }

    /// The smallest set of the optional fixes, and whether it is proved smallest.
    fn smallest(&mut self, optional: &[usize]) -> (Vec<usize>, bool) {
        if self.reached(&self.tallies) {
            return (Vec::new(), true);
        }
        if optional.len() <= MAX_EXACT {
            for size in (1..=optional.len()).filter(|size| self.could_reach(optional, *size)).collect::<Vec<_>>() {
                let mut chosen = Vec::new();
                let tallies = self.tallies.clone();
                if self.choose(optional, size, &tallies, &mut chosen) {
                    return (chosen, true);
                }
            }
        }
        (self.greedy(optional), false)
    }

    /// Would it be reached if every area had its `size` costliest fixes that gain, its `size` heaviest of what was not measured, and
    /// no caps? If not, no set of that size reaches it.
    fn could_reach(&self, optional: &[usize], size: usize) -> bool {
        // The costliest of its area may be waived, and would then take the place of one that raises the score.
        let gains = |check: &usize| self.entry(*check).is_some_and(|entry| !entry.waived);
        let costliest: Vec<usize> = optional.iter().copied().filter(gains).collect();
        let covers = |check: &usize| self.entry(*check).is_some_and(|entry| !entry.status.is_measured());
        let mut heaviest: Vec<usize> = optional.iter().copied().filter(covers).collect();
        heaviest.sort_by(|one, other| {
            let weight = |check: &usize| self.entry(*check).map(|entry| &entry.weight);
            weight(other).cmp(&weight(one))
        });
        let mut fixed = HashSet::new();
        for order in [costliest, heaviest] {
            let mut taken = vec![0_usize; self.tallies.len()];
            for check in order {
                let Some(entry) = self.entry(check) else { continue };
                // Fixing more than could be fixed keeps this an upper bound.
                taken[entry.area] += 1;
                if taken[entry.area] <= size || entry.cap.is_some() {
                    fixed.insert(check);
                }
            }
        }
        let mut tallies = self.tallies.clone();
        for entry in fixed.iter().filter_map(|check| self.entry(*check)) {
            tallies[entry.area].fix(entry);
        }
        self.reached(&tallies)
    }

    /// Tries every set of `size` among `rest`, on top of `tallies`. Depth is `size`, at most [`MAX_EXACT`].
    fn choose(&mut self, rest: &[usize], size: usize, tallies: &[Tally], chosen: &mut Vec<usize>) -> bool {
        self.looks += tallies.len();
        if size == 0 {
            return self.reached(tallies);
        }
        for at in 0..(rest.len() + 1).saturating_sub(size) {
            if self.looks > MAX_LOOKS {
                return false;
            }
            let Some(entry) = self.entry(rest[at]) else { continue };
            if at > 0 && self.entry(rest[at - 1]) == Some(entry) {
                // The one before it weighs the same and did not do: neither will this.
                continue;
            }
            let mut with = tallies.to_vec();
            with[entry.area].fix(entry);
            chosen.push(rest[at]);
            if self.choose(&rest[at + 1..], size - 1, &with, chosen) {
                return true;
            }
            chosen.pop();
        }
        false
    }

    /// Takes the largest cost first: in areas below their floor, then anywhere until overall and coverage are reached.
    fn greedy(&self, optional: &[usize]) -> Vec<usize> {
        let mut tallies = self.tallies.clone();
        let mut chosen = Vec::new();
        let policy = &self.audit.verdict;
        let mut left = Vec::new();
        for check in optional {
            let Some(entry) = self.entry(*check) else { continue };
            if is_low(&tallies[entry.area], policy) {
                tallies[entry.area].fix(entry);
                chosen.push(*check);
            } else {
                left.push(*check);
            }
        }
        // How many of the rest are needed, by halving; what is known to be too few stays fixed, so that each is fixed
        // about twice and not once for every step.
        let (mut low, mut high) = (0, left.len());
        while low < high {
            let middle = low + (high - low) / 2;
            let mut with = tallies.clone();
            for entry in left[low..middle].iter().filter_map(|check| self.entry(*check)) {
                with[entry.area].fix(entry);
            }
            if self.reached(&with) {
                high = middle;
            } else {
                if let Some(entry) = self.entry(left[middle]) {
                    with[entry.area].fix(entry);
                }
                (low, tallies) = (middle + 1, with);
            }
        }
        chosen.extend(&left[..low.min(left.len())]);
        chosen
    }

    /// The checks that are fixed.
    fn closed(&self) -> HashSet<&CheckId> {
        self.fixed.iter().map(|at| &self.checks[*at].check).collect()
    }

    /// The check that closes each condition of the file that one closes.
    fn closers(&self) -> HashMap<&str, &CheckId> {
        let closed_by = self.audit.conditions.iter().map(|one| Some((one.id.as_str(), one.closed_by.as_ref()?)));
        closed_by.flatten().collect()
    }

    /// Decisions, and conditions that no fix of a check closes: those that wait for none, and those that wait for one which
    /// cannot pass as it is, because it does not apply or nothing is expected of it. To be approved all that must be done is
    /// done; to be approved with conditions, only what is overdue.
    fn other_fixes(&self, conditions: &[ConditionState], to_approved: bool) -> Vec<Fix> {
        let (closed, by) = (self.closed(), self.closers());
        let stands = |condition: &&ConditionState| stands_in_the_way(condition, to_approved);
        let fix = |condition: &ConditionState| match &condition.origin {
            ConditionOrigin::File if by.get(condition.id.as_str()).is_none_or(|check| !closed.contains(check)) => {
                Some(Fix::Condition(condition.id.clone()))
            }
            ConditionOrigin::Decision(id) => Some(Fix::Decision(id.clone())),
            ConditionOrigin::Rollout(_) => Some(Fix::Condition(condition.id.clone())),
            _ => None,
        };
        conditions.iter().filter(stands).filter_map(fix).collect()
    }

    /// Would nothing be left open once the chosen checks are fixed?
    fn is_clear(&self, conditions: &[ConditionState]) -> bool {
        let (closed, by) = (self.closed(), self.closers());
        let resolved = |condition: &ConditionState| match &condition.origin {
            // What is overdue is among the fixes whoever closes it.
            ConditionOrigin::File => {
                condition.progress == ConditionProgress::Overdue
                    || by.get(condition.id.as_str()).is_some_and(|check| closed.contains(check))
            }
            ConditionOrigin::Check(check) | ConditionOrigin::Waiver(check) => closed.contains(check),
            ConditionOrigin::Decision(_) | ConditionOrigin::Rollout(_) => false,
        };
        let settled = |(at, (check, result)): (usize, (&crate::model::audit::Check, &CheckResult))| {
            let open = result.is_open_major(check) || result.has_decisive_claim() || result.waived_by.is_some();
            !open || self.fixed.contains(&at)
        };
        conditions.iter().filter(|condition| is_open_must(condition)).all(resolved)
            && self.audit.checks.iter().zip(self.checks).enumerate().all(settled)
    }
}

/// Checks that close a condition which stands in the way.
fn closers<'a>(audit: &'a Audit, conditions: &[ConditionState], to_approved: bool) -> HashSet<&'a CheckId> {
    let standing: HashSet<&str> = conditions
        .iter()
        .filter(|condition| condition.origin == ConditionOrigin::File && stands_in_the_way(condition, to_approved))
        .map(|condition| condition.id.as_str())
        .collect();
    let waited = audit.conditions.iter().filter(|condition| standing.contains(condition.id.as_str()));
    waited.filter_map(|condition| condition.closed_by.as_ref()).collect()
}

fn is_low(tally: &Tally, policy: &VerdictPolicy) -> bool {
    tally.score(View::WithWaivers).is_some_and(|score| score < policy.floor_area)
}

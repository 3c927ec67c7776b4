//! Which checks are measured at all: all of them, those that are named, those that claims need, or one shard of these.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::str::FromStr;

use super::{AuditProblem, Source};
use crate::model::audit::{Audit, Check};
use crate::model::claim::Actual;
use crate::model::id::CheckId;
use crate::model::record::{Sight, SkipReason};

/// More shards than this are a slip of the pen.
const MOST_SHARDS: usize = 10_000;

/// One of several parts that the checks are split into, so that several machines can measure one audit.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Shard {
    /// Which one, from 1.
    number: usize,
    /// Of how many.
    of: usize,
}

/// Why a text names no shard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is no shard: write K/N, the K-th of N parts, such as 1/3")]
pub struct NotAShard(String);

impl FromStr for Shard {
    type Err = NotAShard;

    fn from_str(text: &str) -> Result<Self, NotAShard> {
        let number = |text: &str| text.parse().ok().filter(|_| text.bytes().all(|byte| byte.is_ascii_digit()));
        let parts = text.split_once('/').and_then(|(shard, of)| Some((number(shard)?, number(of)?)));
        let shard = parts.map(|(number, of)| Self { number, of });
        let fits = |shard: &Self| shard.of <= MOST_SHARDS && (1..=shard.of).contains(&shard.number);
        shard.filter(fits).ok_or_else(|| NotAShard(text.to_owned()))
    }
}

impl fmt::Display for Shard {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.number, self.of)
    }
}

/// What whoever starts a run asks of it.
#[derive(Debug, Clone, Copy)]
pub(super) struct Wanted<'a> {
    /// Areas and checks; empty for all.
    pub(super) only: &'a [String],
    /// What claims need, and nothing else.
    pub(super) claims_only: bool,
    /// One part of what is left of that.
    pub(super) shard: Option<Shard>,
}

/// Which checks are left out, and why. A replay also leaves out what the recorded run left out, for its reasons.
pub(super) fn skips(
    audit: &Audit,
    source: &Source,
    wanted: Wanted<'_>,
) -> Result<BTreeMap<CheckId, SkipReason>, AuditProblem> {
    let mut skips = unasked(audit, wanted)?;
    if let Source::Replay(bundle) = source {
        for observation in &bundle.record.observations {
            let sight = &observation.sight;
            let Sight::Skipped(reason) = sight else { continue };
            if *reason == SkipReason::NotClaimed || sight.is_unreached() || sight.is_left_out() {
                skips.insert(observation.check.clone(), reason.clone());
            }
        }
    }
    Ok(skips)
}

/// Which checks nobody asks for.
pub(super) fn unasked(audit: &Audit, wanted: Wanted<'_>) -> Result<BTreeMap<CheckId, SkipReason>, AuditProblem> {
    let named = named(audit, wanted.only)?;
    let needed = wanted.claims_only.then(|| needed_by_claims(audit));
    let mut skips = BTreeMap::new();
    let mut asked = Vec::new();
    for check in &audit.checks {
        let reason = match (&named, &needed) {
            (Some(named), _) if !named.contains(&check.id) => SkipReason::NotSelected,
            (_, Some(needed)) if !needed.contains(&check.id) => SkipReason::NotClaimed,
            _ => {
                asked.push(check);
                continue;
            }
        };
        skips.insert(check.id.clone(), reason);
    }
    if let Some(shard) = wanted.shard {
        let elsewhere = asked.iter().zip(shards(&asked, shard.of)).filter(|(_, number)| *number != shard.number);
        skips.extend(elsewhere.map(|(check, _)| (check.id.clone(), SkipReason::NotInShard(shard.to_string()))));
    }
    Ok(skips)
}

/// The checks that `--only` names; `None` is all of them.
fn named(audit: &Audit, only: &[String]) -> Result<Option<BTreeSet<CheckId>>, AuditProblem> {
    let mut selected = BTreeSet::new();
    for name in only {
        let before = selected.len();
        let named = audit.checks.iter().map(|check| &check.id);
        selected.extend(named.filter(|id| id.area.as_str() == name || id.to_string() == *name).cloned());
        if selected.len() == before {
            return Err(AuditProblem::OnlyNothing(name.clone()));
        }
    }
    Ok((!only.is_empty()).then_some(selected))
}

/// Checks that carry a claim or that a listed claim names, and what they wait for.
fn needed_by_claims(audit: &Audit) -> BTreeSet<CheckId> {
    let of_list = audit.claims.iter().filter_map(|claim| match &claim.actual {
        Some(Actual::Fact { check, .. }) => Some(check),
        _ => None,
    });
    let by_id: BTreeMap<&CheckId, &Check> = audit.checks.iter().map(|check| (&check.id, check)).collect();
    let with_claims = audit.checks.iter().filter(|check| !check.claims.is_empty()).map(|check| &check.id);
    let mut open: Vec<&CheckId> = with_claims.chain(of_list).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        if needed.insert(id.clone()) {
            open.extend(by_id.get(id).into_iter().flat_map(|check| &check.depends_on));
        }
    }
    needed
}

/// The number of the shard of each check, from 1. It follows from the audit file alone. Checks that wait for one another
/// stay together, or a shard could not say whether one passed that it did not look at: the largest such group goes
/// first, each to the shard with the fewest checks. Nothing else ties one check to another before all are judged: an
/// earlier run is held against check by check, and claims of the list, scores and conditions are judged after merging.
fn shards(checks: &[&Check], of: usize) -> Vec<usize> {
    let groups = groups(checks);
    let mut members: BTreeMap<usize, Vec<usize>> = BTreeMap::new();
    for (at, group) in groups.iter().enumerate() {
        members.entry(*group).or_default().push(at);
    }
    let mut members: Vec<Vec<usize>> = members.into_values().collect();
    // Stable: groups of one size stay in the order of the audit.
    members.sort_by_key(|group| std::cmp::Reverse(group.len()));
    let mut sizes: BTreeSet<(usize, usize)> = (1..=of).map(|number| (0, number)).collect();
    let mut shards = vec![1; checks.len()];
    for group in members {
        let Some((size, number)) = sizes.pop_first() else { break };
        sizes.insert((size + group.len(), number));
        for at in group {
            shards[at] = number;
        }
    }
    shards
}

/// For each check the place of the first one that it hangs together with, directly or through others.
fn groups(checks: &[&Check]) -> Vec<usize> {
    let places: BTreeMap<&CheckId, usize> = checks.iter().enumerate().map(|(at, check)| (&check.id, at)).collect();
    let mut neighbours = vec![Vec::new(); checks.len()];
    for (at, check) in checks.iter().enumerate() {
        for other in check.depends_on.iter().filter_map(|id| places.get(id)) {
            neighbours[at].push(*other);
            neighbours[*other].push(at);
        }
    }
    let mut groups: Vec<Option<usize>> = vec![None; checks.len()];
    for first in 0..checks.len() {
        let mut open = vec![first];
        while let Some(at) = open.pop() {
            if groups[at].is_none() {
                groups[at] = Some(first);
                open.extend(&neighbours[at]);
            }
        }
    }
    groups.into_iter().flatten().collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn check(number: usize, depends_on: &[usize]) -> Check {
        let id = |number: &usize| format!("all/c{number}");
        let json = serde_json::json!({
            "id": id(&number), "title": "", "kind": "command", "asks": "{}", "severity": "major", "weight": "1",
            "dependsOn": depends_on.iter().map(id).collect::<Vec<_>>(), "declared": ["audit.yaml", 1],
        });
        serde_json::from_value(json).unwrap()
    }

    #[test]
    fn a_shard_is_written_as_one_of_several() {
        assert_eq!("2/3".parse::<Shard>().unwrap().to_string(), "2/3");
        for wrong in
            ["", "1", "0/3", "4/3", "1/0", "+1/3", "1/ 3", "1/3/4", "-1/3", "1/10001", "99999999999999999999/1"]
        {
            assert_eq!(wrong.parse::<Shard>(), Err(NotAShard(wrong.to_owned())), "{wrong}");
        }
    }

    #[test]
    fn checks_without_ties_are_dealt_in_turn() {
        let checks: Vec<Check> = (0..5).map(|number| check(number, &[])).collect();
        assert_eq!(shards(&checks.iter().collect::<Vec<_>>(), 2), [1, 2, 1, 2, 1]);
    }

    proptest! {
        #[test]
        fn every_check_is_in_one_shard_with_all_that_it_waits_for(
            ties in prop::collection::vec(prop::collection::vec(any::<prop::sample::Index>(), 0..3), 1..40),
            of in 1_usize..9,
        ) {
            let depends = |at: usize, ties: &[prop::sample::Index]| -> Vec<usize> {
                if at == 0 { Vec::new() } else { ties.iter().map(|tie| tie.index(at)).collect() }
            };
            let all: Vec<Check> = ties.iter().enumerate().map(|(at, ties)| check(at, &depends(at, ties))).collect();
            let checks: Vec<&Check> = all.iter().collect();
            let shards = shards(&checks, of);
            prop_assert_eq!(shards.len(), checks.len());
            prop_assert!(shards.iter().all(|number| (1..=of).contains(number)));
            for (at, ties) in ties.iter().enumerate() {
                for other in depends(at, ties) {
                    prop_assert_eq!(shards[at], shards[other]);
                }
            }
            let size = |wanted: usize| shards.iter().filter(|number| **number == wanted).count();
            let groups = groups(&checks);
            let largest = groups.iter().map(|group| groups.iter().filter(|other| *other == group).count()).max();
            let (least, most) = ((1..=of).map(size).min().unwrap(), (1..=of).map(size).max().unwrap());
            prop_assert!(most - least <= largest.unwrap(), "no shard is larger than another by more than one group");
        }
    }
}

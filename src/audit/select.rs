//! Which checks are measured at all: all of them, those that are named, or those that claims need.

use std::collections::{BTreeMap, BTreeSet};

use super::{AuditProblem, INTERRUPTED, NOT_CLAIMED, NOT_SELECTED, Source};
use crate::model::audit::Audit;
use crate::model::claim::Actual;
use crate::model::id::CheckId;
use crate::model::record::Sight;

/// The checks that are measured and why the others are not; `None` is all of them.
pub(super) fn select(
    audit: &Audit,
    only: &[String],
    claims_only: bool,
) -> Result<Option<(BTreeSet<CheckId>, &'static str)>, AuditProblem> {
    let mut selected = BTreeSet::new();
    for name in only {
        let before = selected.len();
        let named = audit.checks.iter().map(|check| &check.id);
        selected.extend(named.filter(|id| id.area.as_str() == name || id.to_string() == *name).cloned());
        if selected.len() == before {
            return Err(AuditProblem::OnlyNothing(name.clone()));
        }
    }
    if !claims_only {
        return Ok((!only.is_empty()).then_some((selected, NOT_SELECTED)));
    }
    let needed = needed_by_claims(audit);
    Ok(Some(match only {
        [] => (needed, NOT_CLAIMED),
        _ => (selected.intersection(&needed).cloned().collect(), NOT_SELECTED),
    }))
}

/// Checks that carry a claim or that a listed claim names, and what they wait for.
fn needed_by_claims(audit: &Audit) -> BTreeSet<CheckId> {
    let of_list = audit.claims.iter().filter_map(|claim| match &claim.actual {
        Some(Actual::Fact { check, .. }) => Some(check),
        _ => None,
    });
    let with_claims = audit.checks.iter().filter(|check| !check.claims.is_empty()).map(|check| &check.id);
    let mut open: Vec<&CheckId> = with_claims.chain(of_list).collect();
    let mut needed = BTreeSet::new();
    while let Some(id) = open.pop() {
        if needed.insert(id.clone()) {
            open.extend(audit.check(id).into_iter().flat_map(|check| &check.depends_on));
        }
    }
    needed
}

/// Which checks are left out, and why. A replay leaves out what the recorded run left out.
pub(super) fn skips(
    audit: &Audit,
    source: &Source,
    selected: &Option<(BTreeSet<CheckId>, &'static str)>,
) -> BTreeMap<CheckId, &'static str> {
    let mut skips = BTreeMap::new();
    if let Source::Replay(bundle) = source {
        for observation in &bundle.record.observations {
            match &observation.sight {
                Sight::Skipped(reason) if reason == INTERRUPTED => skips.insert(observation.check.clone(), INTERRUPTED),
                Sight::Skipped(reason) if reason == NOT_SELECTED => {
                    skips.insert(observation.check.clone(), NOT_SELECTED)
                }
                Sight::Skipped(reason) if reason == NOT_CLAIMED => skips.insert(observation.check.clone(), NOT_CLAIMED),
                _ => None,
            };
        }
    }
    if let Some((selected, why)) = selected {
        let rest = audit.checks.iter().map(|check| &check.id).filter(|id| !selected.contains(id));
        skips.extend(rest.map(|id| (id.clone(), *why)));
    }
    skips
}

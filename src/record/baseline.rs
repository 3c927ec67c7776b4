//! The earlier run that relative conditions are held against: as much of it as they name, so that a record alone is enough
//! to judge again.

use std::collections::BTreeMap;

use super::bundle::Bundle;
use crate::model::audit::{Audit, Check};
use crate::model::fact::{Fact, Facts};
use crate::model::id::CheckId;
use crate::model::record::{Baseline, Record, Sight};

/// The facts of an earlier bundle that relative conditions of this audit name. One that is not there is absent, with the
/// reason; so are all of them when the bundle is of another audit.
pub fn from_bundle(audit: &Audit, bundle: &Bundle) -> Baseline {
    let earlier = &bundle.record;
    let facts = named(audit, |check, fact| {
        if earlier.audit.id != audit.id {
            return Fact::Absent(format!("the bundle given is of another audit, \"{}\"", earlier.audit.id));
        }
        fact_of(earlier, check, fact)
    });
    Baseline {
        sha256: bundle.sha256.clone(),
        run_id: earlier.run.run_id.clone(),
        finished_at: earlier.run.finished_at,
        facts,
    }
}

/// A recorded baseline for the relative conditions of this audit; under the audit that it was recorded for, the same.
pub fn recorded(audit: &Audit, baseline: &Baseline) -> Baseline {
    let facts = named(audit, |check, fact| {
        let known = baseline.facts.get(&check.id).and_then(|facts| facts.facts.get(fact));
        known.cloned().unwrap_or_else(|| Fact::Absent("it was not kept when the baseline was recorded".to_owned()))
    });
    Baseline { facts, ..baseline.clone() }
}

/// One fact for each relative condition, by check.
fn named(audit: &Audit, find: impl Fn(&Check, &str) -> Fact) -> BTreeMap<CheckId, Facts> {
    let mut by_check = BTreeMap::new();
    for check in &audit.checks {
        for wish in check.expect.iter().chain(&check.warn).filter(|wish| wish.condition.is_relative()) {
            let facts: &mut Facts = by_check.entry(check.id.clone()).or_default();
            facts.facts.insert(wish.fact.clone(), find(check, &wish.fact));
        }
    }
    by_check
}

fn fact_of(record: &Record, check: &Check, fact: &str) -> Fact {
    let absent = |reason: String| Fact::Absent(reason);
    match record.audit.check(&check.id) {
        None => return absent("the earlier run has no such check".to_owned()),
        Some(before) if before.kind != check.kind => {
            return absent(format!("the earlier run measured another kind there, `{}`", before.kind));
        }
        Some(_) => {}
    }
    match record.observation(&check.id).map(|observation| &observation.sight) {
        Some(Sight::Measured(facts)) => match facts.facts.get(fact) {
            Some(Fact::Present(value)) => Fact::Present(value.clone()),
            Some(Fact::Absent(reason)) => absent(format!("absent in the earlier run: {reason}")),
            None => absent("the earlier run has no such fact".to_owned()),
        },
        Some(Sight::Unmeasurable(problem)) => absent(format!("the earlier run could not look: {}", problem.reason)),
        Some(Sight::Skipped(_)) | None => absent("the earlier run skipped it".to_owned()),
        Some(Sight::NotApplicable(_)) => absent("it did not apply in the earlier run".to_owned()),
    }
}

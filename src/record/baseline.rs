//! The earlier run that relative conditions are held against: as much of it as they name, so that a record alone is enough
//! to judge again, and what it concluded, so that a document of the record alone says what has changed.

use std::collections::BTreeMap;

use super::bundle::Bundle;
use crate::model::audit::{Audit, Check};
use crate::model::fact::{Fact, Facts, Value};
use crate::model::id::CheckId;
use crate::model::record::{Baseline, Concluded, Observation, Record, Sight, asked};

/// Longest text that is kept for a reader, in bytes: what a command printed may be long, and nobody compares it by eye.
const LONGEST: usize = 500;

/// The facts of an earlier bundle that relative conditions of this audit name. One that is not there is absent, with the
/// reason; so are all of them when the bundle is of another audit.
pub fn from_bundle(audit: &Audit, bundle: &Bundle) -> Baseline {
    let earlier = &bundle.record;
    let asked = earlier.audit.by_id();
    let seen: BTreeMap<&CheckId, &Observation> = earlier.observations.iter().map(|seen| (&seen.check, seen)).collect();
    let facts = named(audit, |check, fact| {
        if earlier.audit.id != audit.id {
            return Fact::Absent(format!("the bundle given is of another audit, \"{}\"", earlier.audit.id));
        }
        fact_of(asked.get(&check.id).copied(), seen.get(&check.id).copied(), check, fact)
    });
    Baseline {
        sha256: bundle.sha256.clone(),
        run_id: earlier.run.run_id.clone(),
        finished_at: earlier.run.finished_at,
        facts,
        concluded: (earlier.audit.id == audit.id && !earlier.run.claims_only).then(|| concluded(audit, earlier)),
    }
}

/// What the earlier run concluded, and the values that this audit names.
fn concluded(audit: &Audit, earlier: &Record) -> Concluded {
    let (checks, before) = (audit.by_id(), earlier.audit.by_id());
    let judgement = &earlier.judgement;
    let measured = earlier.observations.iter().filter_map(|seen| {
        let check = checks.get(&seen.check)?;
        // The answer to another question is another fact, whatever its name.
        let same = before.get(&seen.check).is_some_and(|before| another_question(before, check).is_none());
        let values = match &seen.sight {
            Sight::Measured(facts) if same => values(check, facts),
            _ => BTreeMap::new(),
        };
        (!values.is_empty()).then(|| (seen.check.clone(), values))
    });
    Concluded {
        verdict: judgement.verdict,
        score: judgement.overall.score.clone(),
        areas: judgement.areas.iter().filter_map(|area| Some((area.area.clone(), area.score.clone()?))).collect(),
        asked: earlier.audit.checks.iter().map(|check| (check.id.clone(), asked(check))).collect(),
        statuses: judgement.checks.iter().map(|result| (result.check.clone(), result.status)).collect(),
        values: measured.collect(),
    }
}

/// What was found of the facts that a check requires or claims something of.
fn values(check: &Check, facts: &Facts) -> BTreeMap<String, Value> {
    let required = check.expect.iter().chain(&check.warn).map(|wish| &wish.fact);
    let named = required.chain(check.claims.iter().map(|claim| &claim.fact));
    let found = named.filter_map(|name| match facts.get(name)? {
        Value::Table(_) => None,
        Value::Text(text) if text.len() > LONGEST => None,
        Value::List(items) if items.iter().map(String::len).sum::<usize>() > LONGEST => None,
        value => Some((name.clone(), value.clone())),
    });
    found.collect()
}

/// A recorded baseline for the relative conditions of this audit; under the audit that it was recorded for, `of`, the same.
pub fn recorded(audit: &Audit, baseline: &Baseline, of: &Audit) -> Baseline {
    let asked = of.by_id();
    let facts = named(audit, |check, fact| {
        if let Some(why) = asked.get(&check.id).and_then(|before| another_question(before, check)) {
            return Fact::Absent(why);
        }
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

/// Why an earlier answer says nothing of what a check asks now; `None` where both ask the same. How long is waited for an
/// answer is no part of a question.
fn another_question(before: &Check, check: &Check) -> Option<String> {
    let what = if before.kind != check.kind {
        return Some(format!("the earlier run measured another kind there, `{}`", before.kind));
    } else if before.source != check.source {
        "read from another source there"
    } else if before.asks != check.asks {
        "asked something else there"
    } else if before.sample != check.sample {
        "took another sample there"
    } else {
        return None;
    };
    Some(format!("the earlier run {what}"))
}

/// What the earlier run found of a fact, by what it asked there and what it saw.
fn fact_of(before: Option<&Check>, seen: Option<&Observation>, check: &Check, fact: &str) -> Fact {
    let absent = |reason: String| Fact::Absent(reason);
    let Some(before) = before else {
        return absent("the earlier run has no such check".to_owned());
    };
    if let Some(why) = another_question(before, check) {
        return absent(why);
    }
    match seen.map(|observation| &observation.sight) {
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

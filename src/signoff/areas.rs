//! Is everything that concerns the areas of a role the same in the record that was signed and in this one?
//!
//! Of two records, what belongs to another area may differ, and when and in which run things were looked at: run ids, the
//! times of the run and of each question, the `date` header of an answer, the name of a file of evidence (not its digest),
//! the digests by which a record names others. So may the line of a file that something is declared in. Overall score, rules of the verdict and claimants' totals are
//! made of all areas and are not held against each other; the verdict is. Everything else must be the same: what stands
//! here is what is left out, never what is looked at, so what is added to a record later is compared until somebody says
//! otherwise. What belongs to no area (title, conditions that no check closes, the policy) belongs to all of them.
//!
//! How long looking took (each check's fact `elapsed`) may differ, too, as long as no condition and no claim asks for it:
//! then it stands in a result, and results are compared. Any other fact that differs from run to run, such as an uptime, an
//! age or a response time, is another fact each time, and what was signed of it is stale. Evidence is compared by its
//! digests: what is the same lies beside the later record, and is checked there.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;
use serde_json::{Map, Value};

use crate::model::audit::{Requirement, SignoffPolicy};
use crate::model::claim::{Actual, ListedClaim};
use crate::model::evidence::Exchange;
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::judgement::{CheckResult, ConditionOrigin, Judgement};
use crate::model::record::{Baseline, Observation, Record};

/// What belongs to no area.
const WHOLE: &str = "the audit";
/// More things of an area than this are counted and not named.
const MOST_NAMED: usize = 4;

/// The areas that a sign-off as this role is about: those that the role names, and those that nobody answers for, because
/// then everybody does. Empty for a role that answers for the whole record.
fn scope(policy: &SignoffPolicy, role: &str, records: [&Record; 2]) -> BTreeSet<Id> {
    let own = policy.roles.get(role).map(|role| role.areas.clone()).unwrap_or_default();
    if own.is_empty() || policy.roles.values().any(|role| role.areas.is_empty()) {
        return own;
    }
    let named: BTreeSet<&Id> = policy.roles.values().flat_map(|role| &role.areas).collect();
    let all = records.into_iter().flat_map(|record| &record.audit.areas).map(|area| &area.id);
    own.iter().chain(all.filter(|area| !named.contains(area))).cloned().collect()
}

/// Does a role answer for some areas alone?
pub(super) fn is_by_area(policy: &SignoffPolicy, role: &str) -> bool {
    policy.roles.get(role).is_some_and(|role| !role.areas.is_empty())
}

/// What changed of what concerns the areas of a role: a fragment such as "monitoring changed (monitoring/alert-rules:
/// result)". `None` when nothing did.
pub(super) fn changed(policy: &SignoffPolicy, role: &str, earlier: &Record, record: &Record) -> Option<String> {
    let scope = scope(policy, role, [earlier, record]);
    let is_there = |area: &Id| [earlier, record].iter().any(|record| record.audit.areas.iter().any(|a| a.id == *area));
    if let Some(area) = scope.iter().find(|area| !is_there(area)) {
        return Some(format!("{area} is an area of neither record"));
    }
    match (Parts::of(earlier, &scope), Parts::of(record, &scope)) {
        (Ok(before), Ok(now)) => before.difference(&now),
        (Err(error), _) | (_, Err(error)) => Some(format!("the two records cannot be compared ({error})")),
    }
}

/// What a part of a record belongs to (an area, or [`WHOLE`]), the thing in it (may be empty), and what of the thing.
type Key = (String, String, String);

/// As much of a record as concerns some areas.
struct Parts<'a> {
    record: &'a Record,
    scope: &'a BTreeSet<Id>,
    /// Locators of the claims among it.
    locators: BTreeSet<&'a str>,
    found: BTreeMap<Key, Vec<Value>>,
}

impl<'a> Parts<'a> {
    fn of(record: &'a Record, scope: &'a BTreeSet<Id>) -> Result<Self, serde_json::Error> {
        let mut parts = Self { record, scope, locators: BTreeSet::new(), found: BTreeMap::new() };
        let Record {
            schema,
            run,
            policy_sha256: _,
            audit: _,
            observations,
            documents: _,
            places: _,
            baseline,
            judgement,
            previous: _,
            replayed_from: _,
            parts: runs,
            // What was before is no part of what was seen now.
            history: _,
        } = record;
        parts.add(WHOLE, "", "schema", schema)?;
        parts.members(WHOLE, "the run", run, &["runId", "startedAt", "finishedAt"])?;
        for run in runs {
            parts.members(WHOLE, "its parts", run, &["runId", "startedAt", "finishedAt", "sha256"])?;
        }
        for seen in observations.iter().filter(|seen| scope.contains(&seen.check.area)) {
            let (area, check) = (seen.check.area.as_str(), seen.check.to_string());
            for exchange in &seen.exchanges {
                parts.add(area, &check, "evidence", &asked(exchange)?)?;
            }
            parts.add(area, &check, "facts", &found(seen)?)?;
        }
        parts.audit()?;
        parts.places()?;
        parts.baseline(baseline.as_ref())?;
        parts.judgement(judgement)?;
        Ok(parts)
    }

    fn add(&mut self, of: &str, thing: &str, what: &str, value: &impl Serialize) -> Result<(), serde_json::Error> {
        let key = (of.to_owned(), thing.to_owned(), what.to_owned());
        self.found.entry(key).or_default().push(serde_json::to_value(value)?);
        Ok(())
    }

    /// Every member of something but these.
    fn members(
        &mut self,
        of: &str,
        thing: &str,
        value: &impl Serialize,
        but: &[&str],
    ) -> Result<(), serde_json::Error> {
        for (name, value) in without(value, but)? {
            self.add(of, thing, &name, &value)?;
        }
        Ok(())
    }

    /// What a thing that hangs on a check, or on none, belongs to; `None` where that is an area of others.
    fn owner(&self, check: Option<&CheckId>) -> Option<String> {
        match check {
            None => Some(WHOLE.to_owned()),
            Some(check) => self.scope.contains(&check.area).then(|| check.area.to_string()),
        }
    }

    fn audit(&mut self) -> Result<(), serde_json::Error> {
        let (audit, scope) = (&self.record.audit, self.scope);
        self.members(WHOLE, "", audit, &["areas", "checks", "kinds", "claims", "conditions", "waivers"])?;
        for area in audit.areas.iter().filter(|area| scope.contains(&area.id)) {
            let checks: Vec<&CheckId> = audit.checks_of(&area.id).map(|check| &check.id).collect();
            self.add(area.id.as_str(), "", "definition", &(area, checks))?;
            self.locators.extend(area.claims.iter().filter_map(|claim| claim.at.as_deref()));
        }
        for check in audit.checks.iter().filter(|check| scope.contains(&check.id.area)) {
            let definition = (without(check, &["declared"])?, audit.kinds.get(&check.kind));
            self.add(check.id.area.as_str(), &check.id.to_string(), "definition", &definition)?;
            self.locators.extend(check.claims.iter().filter_map(|claim| claim.at.as_deref()));
        }
        for claim in &audit.claims {
            let Some(of) = self.owner(held_against(claim)) else { continue };
            self.add(&of, claim.id.as_str(), "definition", &without(claim, &["declared"])?)?;
            self.locators.extend(claim.at.iter().map(String::as_str));
        }
        for condition in &audit.conditions {
            let Some(of) = self.owner(condition.closed_by.as_ref()) else { continue };
            self.add(&of, condition.id.as_str(), "condition", condition)?;
        }
        for waiver in audit.waivers.iter().filter(|waiver| scope.contains(&waiver.check.area)) {
            self.add(waiver.check.area.as_str(), &waiver.check.to_string(), "waiver", waiver)?;
        }
        Ok(())
    }

    /// Where the claims stand, and the documents that they stand in; all of these where one of them cannot be told.
    fn places(&mut self) -> Result<(), serde_json::Error> {
        let record = self.record;
        let locators = std::mem::take(&mut self.locators);
        let wanted: BTreeSet<String> = locators.iter().map(|locator| path(locator)).collect();
        let is_known = |path: &String| record.documents.iter().any(|document| document.path == *path);
        let all = !wanted.iter().all(is_known);
        for document in record.documents.iter().filter(|document| all || wanted.contains(&document.path)) {
            self.add(WHOLE, &document.path, "document", &asked(&document.exchange)?)?;
        }
        for locator in locators {
            self.add(WHOLE, locator, "place", &record.places.get(locator))?;
        }
        Ok(())
    }

    /// What relative conditions are held against, whichever run it comes from.
    fn baseline(&mut self, baseline: Option<&Baseline>) -> Result<(), serde_json::Error> {
        let facts = baseline.into_iter().flat_map(|baseline| &baseline.facts);
        for (check, facts) in facts.filter(|(check, _)| self.scope.contains(&check.area)).collect::<Vec<_>>() {
            self.add(check.area.as_str(), &check.to_string(), "baseline", facts)?;
        }
        Ok(())
    }

    fn judgement(&mut self, judgement: &Judgement) -> Result<(), serde_json::Error> {
        let scope = self.scope;
        let Judgement {
            checks,
            areas,
            overall: _,
            score_claims,
            listed_claims,
            claimants: _,
            rollout: _,
            conditions,
            waivers,
            verdict,
            chain: _,
            what_if: _,
        } = judgement;
        self.add(WHOLE, "", "verdict", verdict)?;
        for result in checks.iter().filter(|result| scope.contains(&result.check.area)) {
            let concluded = (without(result, &["waivedBy"])?, self.waiver(result));
            self.add(result.check.area.as_str(), &result.check.to_string(), "result", &concluded)?;
        }
        for result in areas.iter().filter(|result| scope.contains(&result.area)) {
            self.add(result.area.as_str(), "", "score", result)?;
        }
        for result in score_claims.iter().filter(|result| scope.contains(&result.area)) {
            self.add(result.area.as_str(), "", "claimed score", result)?;
        }
        for result in listed_claims {
            let claim = self.record.audit.claims.get(result.claim as usize);
            let Some(of) = self.owner(claim.and_then(held_against)) else { continue };
            let name = claim.map(|claim| claim.id.to_string()).unwrap_or_default();
            self.add(&of, &name, "result", &without(result, &["claim"])?)?;
        }
        for state in conditions {
            let check = match &state.origin {
                ConditionOrigin::Check(check) | ConditionOrigin::Waiver(check) => Some(check),
                ConditionOrigin::File => self.condition(&state.id).and_then(|condition| condition.closed_by.as_ref()),
                ConditionOrigin::Decision(_) | ConditionOrigin::Rollout(_) => None,
            };
            let Some(of) = self.owner(check) else { continue };
            self.add(&of, &state.id, "state", state)?;
        }
        for state in waivers.iter().filter(|state| scope.contains(&state.check.area)) {
            self.add(state.check.area.as_str(), &state.check.to_string(), "waiver", state)?;
        }
        Ok(())
    }

    /// The waiver in force for a check: its place in the list hangs on those of other areas.
    fn waiver(&self, result: &CheckResult) -> Option<impl Serialize + use<'a>> {
        let record = self.record;
        result.waived_by.map(|index| record.audit.waivers.get(index as usize))
    }

    fn condition(&self, id: &str) -> Option<&'a Requirement> {
        self.record.audit.conditions.iter().find(|condition| condition.id.as_str() == id)
    }

    /// What differs, area by area; `None` when nothing does.
    fn difference(&self, other: &Self) -> Option<String> {
        let keys: BTreeSet<&Key> = self.found.keys().chain(other.found.keys()).collect();
        let mut differs: BTreeMap<&str, BTreeMap<&str, Vec<&str>>> = BTreeMap::new();
        for key in keys.into_iter().filter(|key| self.found.get(*key) != other.found.get(*key)) {
            differs.entry(&key.0).or_default().entry(&key.1).or_default().push(&key.2);
        }
        let areas = differs.into_iter().map(|(area, things)| {
            let more = things.len().saturating_sub(MOST_NAMED);
            let named = things.iter().take(MOST_NAMED).map(|(thing, what)| match *thing {
                "" => what.join(", "),
                thing => format!("{thing}: {}", what.join(", ")),
            });
            let counted = (more > 0).then(|| format!("and {more} more"));
            format!("{area} changed ({})", named.chain(counted).collect::<Vec<_>>().join("; "))
        });
        let areas: Vec<String> = areas.collect();
        (!areas.is_empty()).then(|| format::and_list(&areas))
    }
}

/// The check that a claim of the list is held against.
fn held_against(claim: &ListedClaim) -> Option<&CheckId> {
    match &claim.actual {
        Some(Actual::Fact { check, .. }) => Some(check),
        Some(Actual::Stated(_)) | None => None,
    }
}

/// A question and its answer, whenever it was asked.
fn asked(exchange: &Exchange) -> Result<Map<String, Value>, serde_json::Error> {
    let mut asked = without(exchange, &["askedAt", "elapsedUs"])?;
    let answer = asked.get_mut("answer").and_then(Value::as_object_mut);
    for answer in answer.into_iter().flat_map(Map::values_mut).filter_map(Value::as_object_mut) {
        for (name, member) in answer.iter_mut().filter_map(|(name, value)| Some((name, value.as_object_mut()?))) {
            // When the answer was given, by the other side's clock (RFC 9110, 6.6.1); else what a file of evidence is
            // called, which is named after whoever came first with these bytes.
            member.remove(if name == "headers" { "date" } else { "file" });
        }
    }
    Ok(asked)
}

/// What a check found, however long it looked.
fn found(seen: &Observation) -> Result<Map<String, Value>, serde_json::Error> {
    let mut found = without(seen, &["exchanges"])?;
    if let Some(facts) = found.get_mut("sight").and_then(|sight| sight.pointer_mut("/measured/facts")) {
        facts.as_object_mut().map(|facts| facts.remove("elapsed"));
    }
    Ok(found)
}

/// The members of something, but for these.
fn without(value: &impl Serialize, but: &[&str]) -> Result<Map<String, Value>, serde_json::Error> {
    let mut members: Map<String, Value> = serde_json::from_value(serde_json::to_value(value)?)?;
    members.retain(|name, _| !but.contains(&name.as_str()));
    Ok(members)
}

/// The path of the document that a locator names: what stands before the first `#` that has no backslash before it.
fn path(locator: &str) -> String {
    let mut path = String::new();
    let mut letters = locator.chars();
    while let Some(letter) = letters.next().filter(|letter| *letter != '#') {
        path.extend(if letter == '\\' { letters.next() } else { Some(letter) });
    }
    path
}

#[cfg(test)]
mod tests;

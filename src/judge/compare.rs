//! Conditions held against facts, and the status that follows.

use super::quoted;
use crate::model::audit::{Audit, Check};
use crate::model::claim;
use crate::model::condition::Expectation;
pub(super) use crate::model::fact::spaced;
use crate::model::fact::{Fact, FactType, Facts, Value};
use crate::model::format::{self, shortened};
use crate::model::judgement::{ClaimResult, ExpectationResult, Outcome, Status, Tier};
use crate::model::quote::Places;

/// Longest piece of captured text in a sentence, in characters.
pub(super) const MOST: usize = 200;

/// The conditions of a check that has no facts; none where it takes no part in the score.
pub(super) fn unknown(check: &Check, status: Status) -> Vec<ExpectationResult> {
    let unknown = |(tier, expectation): (Tier, &Expectation)| ExpectationResult {
        fact: expectation.fact.clone(),
        condition: expectation.condition.text.clone(),
        tier,
        actual: None,
        baseline: None,
        outcome: Outcome::Unknown("nothing was measured".to_owned()),
    };
    if status.is_scored() { tiers(check).map(unknown).collect() } else { Vec::new() }
}

fn tiers(check: &Check) -> impl Iterator<Item = (Tier, &Expectation)> {
    let expect = check.expect.iter().map(|expectation| (Tier::Expect, expectation));
    expect.chain(check.warn.iter().map(|expectation| (Tier::Warn, expectation)))
}

/// Each condition held against its fact, `expect` first.
pub(super) fn expectations(check: &Check, facts: &Facts, baseline: Option<&Facts>) -> Vec<ExpectationResult> {
    let held = |(tier, expectation): (Tier, &Expectation)| {
        let fact = &expectation.fact;
        let relative = expectation.condition.is_relative();
        let earlier = baseline.filter(|_| relative).and_then(|facts| facts.facts.get(fact));
        let (actual, outcome) = match facts.facts.get(fact) {
            Some(Fact::Present(value)) => (Some(value.clone()), outcome(expectation, value, earlier)),
            Some(Fact::Absent(reason)) => match facts.least.get(fact) {
                Some(least) if expectation.condition.fails_from(least) => {
                    (Some(Value::Count(least.clone())), Outcome::Fails)
                }
                _ => (None, Outcome::Unknown(format!("absent: {}", shortened(reason, MOST)))),
            },
            None => (None, Outcome::Unknown("absent".to_owned())),
        };
        let baseline = earlier.and_then(present).cloned();
        let condition = expectation.condition.text.clone();
        ExpectationResult { fact: fact.clone(), condition, tier, actual, baseline, outcome }
    };
    tiers(check).map(held).collect()
}

const fn present(fact: &Fact) -> Option<&Value> {
    match fact {
        Fact::Present(value) => Some(value),
        Fact::Absent(_) => None,
    }
}

fn outcome(expectation: &Expectation, value: &Value, baseline: Option<&Fact>) -> Outcome {
    match (expectation.condition.holds(value, baseline.and_then(present)), baseline) {
        (Ok(true), _) => Outcome::Holds,
        (Ok(false), _) => Outcome::Fails,
        (Err(_), Some(Fact::Absent(reason))) => Outcome::Unknown(format!("no baseline: {}", shortened(reason, MOST))),
        (Err(reason), _) => Outcome::Unknown(reason),
    }
}

/// The status that the conditions alone give; [`Status::Info`] where there are none.
pub(super) fn status(check: &Check, results: &[ExpectationResult]) -> Status {
    if check.expect.is_empty() {
        return Status::Info;
    }
    let of = |tier| results.iter().filter(move |result| result.tier == tier).map(|result| &result.outcome);
    let unknown = of(Tier::Expect).any(|outcome| matches!(outcome, Outcome::Unknown(_)));
    if of(Tier::Expect).any(|outcome| *outcome == Outcome::Fails) {
        let softer = !check.warn.is_empty() && of(Tier::Warn).all(|outcome| *outcome == Outcome::Holds);
        return match (softer, unknown) {
            (false, _) => Status::Fail,
            (true, true) => Status::NoData,
            (true, false) => Status::Warn,
        };
    }
    if unknown { Status::NoData } else { Status::Pass }
}

/// The status of the whole check and why: its conditions, then its claims.
pub(super) fn conclude(
    audit: &Audit,
    check: &Check,
    places: &Places,
    base: Status,
    expectations: &[ExpectationResult],
    claims: &[ClaimResult],
) -> (Status, String) {
    let refuted = claims.iter().filter(|claim| claim.status.is_refuted());
    let worst = refuted.max_by_key(|claim| claim.matters.is_some());
    let told = |claim: &ClaimResult| format!("{}: {}", who(audit, check, places, claim), claim.reason);
    match (base, worst) {
        (Status::Info, None) if claims.is_empty() => (Status::Info, "it only shows what was found".to_owned()),
        (Status::Info, None) if !claims.iter().any(ClaimResult::holds_in_part) => {
            let why = claims.first().map_or("", |claim| claim.reason.as_str());
            (Status::NoData, format!("no claim could be verified: {why}"))
        }
        (Status::Pass | Status::Warn | Status::Info, Some(claim)) if claim.matters.is_some() => {
            (Status::Fail, told(claim))
        }
        (Status::Pass | Status::Info, Some(claim)) => {
            (Status::Warn, format!("{}; it changes no condition", told(claim)))
        }
        (Status::Pass | Status::Info, None) if claims.iter().any(|claim| !claim.status.is_upheld()) => {
            let open = claims.iter().find(|claim| !claim.status.is_upheld());
            (Status::Warn, open.map_or_else(String::new, told))
        }
        (Status::Info, None) => (Status::Pass, "every claim is upheld".to_owned()),
        _ => (base, Words { audit, check }.reason(base, expectations)),
    }
}

fn who(audit: &Audit, check: &Check, places: &Places, result: &ClaimResult) -> String {
    let claimed = check.claims.get(result.claim as usize);
    claimed.map_or_else(String::new, |claimed| {
        let (by, written) = (shortened(&claimed.by, 60), shortened(&claimed.shown(places), 60));
        let found = claimed.at.as_ref().is_some_and(|at| places.get(at).is_some_and(|place| place.spot().is_some()));
        let place = quoted::place_of(claimed, places).filter(|_| found && claimed.table.is_none());
        let place = place.map_or_else(String::new, |place| format!(" at {place}"));
        let fact_type = audit.spec(check, &claimed.fact).map(|spec| spec.fact_type);
        format!("{by} claimed {}{place}", claim::told(&written, &claimed.fact, fact_type))
    })
}

/// Puts the facts of one check into words.
struct Words<'a> {
    audit: &'a Audit,
    check: &'a Check,
}

impl Words<'_> {
    fn reason(&self, base: Status, results: &[ExpectationResult]) -> String {
        let wanted = |wanted: fn(&Outcome) -> bool| {
            let expected = self.check.expect.iter().zip(results);
            expected.filter(move |(_, result)| wanted(&result.outcome))
        };
        match base {
            Status::Fail | Status::Warn => {
                let mut failing = wanted(|outcome| *outcome == Outcome::Fails);
                let sentence = failing.next().map_or_else(String::new, |(wish, result)| self.missed(wish, result));
                let more = match failing.count() {
                    0 => String::new(),
                    more => {
                        let more = format::plural(more as u64, "more condition does not", "more conditions do not");
                        format!("; {more} hold")
                    }
                };
                let softer = if base == Status::Warn { "; the softer limit holds" } else { "" };
                format!("{sentence}{more}{softer}")
            }
            Status::NoData => {
                let unknown = wanted(|outcome| matches!(outcome, Outcome::Unknown(_))).next();
                unknown.map_or_else(String::new, |(wish, result)| match &result.outcome {
                    Outcome::Unknown(why) => {
                        let why = why.strip_prefix("absent: ").unwrap_or(why);
                        // "stated: nobody has confirmed it" would say it twice.
                        let flag = self.fact_type(&wish.fact) == Some(FactType::Flag);
                        if flag { why.to_owned() } else { format!("{}: {why}", spaced(&wish.fact)) }
                    }
                    _ => String::new(),
                })
            }
            _ => {
                let shown: Vec<String> = results
                    .iter()
                    .filter(|result| result.tier == Tier::Expect)
                    .take(3)
                    .filter_map(|result| {
                        let value = result.actual.as_ref()?;
                        let found = self.found(&result.fact, value, &format::value(value));
                        let baseline = result.baseline.as_ref().map(format::value);
                        Some(format!("{found}{}", held_against(baseline)))
                    })
                    .collect();
                shown.join(", ")
            }
        }
    }

    fn fact_type(&self, fact: &str) -> Option<FactType> {
        self.audit.spec(self.check, fact).map(|spec| spec.fact_type)
    }

    /// `12 rules`, `not stated`, `min uptime is 47 h 45 min`, of a value that is written so.
    fn found(&self, fact: &str, value: &Value, written: &str) -> String {
        let counts = self.fact_type(fact).is_none_or(|fact_type| fact_type == FactType::Count);
        match value {
            // The title of the check says what the value is.
            Value::Flag(_) if fact == claim::VALUE => written.to_owned(),
            _ if fact == claim::VALUE => shortened(written, MOST),
            Value::Count(_) if counts => format!("{written} {}", spaced(fact)),
            Value::Flag(true) => spaced(fact),
            Value::Flag(false) => match fact.strip_prefix("has-") {
                Some(done) => format!("has not {}", spaced(done)),
                None => format!("not {}", spaced(fact)),
            },
            _ => format!("{} is {}", spaced(fact), shortened(written, MOST)),
        }
    }

    /// `12 rules; at least 13 were expected`.
    fn missed(&self, wish: &Expectation, result: &ExpectationResult) -> String {
        let Some(value) = &result.actual else { return String::new() };
        // What is not the same must not be written alike.
        let apart = result.baseline.as_ref().and_then(|baseline| format::values_apart(value, baseline));
        let (beside, baseline) = apart.unzip();
        let written = wish.condition.value_in_words(value).or(beside).unwrap_or_else(|| format::value(value));
        let found = self.found(&result.fact, value, &written);
        if matches!(value, Value::Flag(_)) {
            return found;
        }
        let words = wish.condition.in_words(value);
        let many = matches!(value, Value::Count(_)) && !words.ends_with(" 1") && words != "none";
        let earlier = held_against(baseline.or_else(|| result.baseline.as_ref().map(format::value)));
        format!("{found}; {words} {} expected{earlier}", if many { "were" } else { "was" })
    }
}

/// ` (baseline: 12)` after what a relative condition was held against; nothing after any other.
fn held_against(baseline: Option<String>) -> String {
    baseline.map_or_else(String::new, |value| format!(" (baseline: {value})"))
}

//! What would make a check fail? Facts are supposed, and judged as if they had been measured: what is found is proved.

use std::collections::BTreeSet;

use super::Seen;
use super::claims::Judged;
use super::compare;
use super::quoted;
use crate::model::audit::{Audit, Check};
use crate::model::claim::Claim;
use crate::model::condition::{Condition, Expectation, Trials};
use crate::model::counterexample::{Counterexample, Reach, Supposed, Way};
use crate::model::fact::{Facts, Unit, Value};
use crate::model::format::shortened;
use crate::model::instant::Instant;
use crate::model::judgement::{ClaimStatus, ExpectationResult, Outcome, Status, Tier};
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedTime, parse_fraction_text};
use crate::model::quote::Places;
use crate::model::record::{Observation, Sight};

/// Facts that would make the check fail; where none can, facts that would make it warn. `places` is what stands in the
/// documents now, and `now` the moment to judge by. Asks nothing, and tries a bounded number of values.
pub fn reach(audit: &Audit, check: &Check, places: &Places, now: Instant) -> Reach {
    let trial = Trial { audit, check, places, now };
    let refutations: Vec<Refutation> =
        (0_u32..).zip(&check.claims).map(|(at, claim)| trial.refuted(at, claim)).collect();
    let irrefutable = (0_u32..).zip(&refutations).filter(|(_, one)| matches!(one, Refutation::None)).map(|(at, _)| at);
    let irrefutable = irrefutable.collect();
    Reach { example: trial.example(refutations), irrefutable }
}

/// One check, and what it is tried with.
struct Trial<'a> {
    audit: &'a Audit,
    check: &'a Check,
    places: &'a Places,
    now: Instant,
}

/// What could refute a claim.
enum Refutation {
    By(Way),
    /// Nothing could.
    None,
    /// It is not known what is claimed, or it hangs on more than one fact.
    Unknown,
}

/// How far a supposed fact gets a check.
enum Turn {
    Fails,
    Warns,
    Neither,
}

impl Trial<'_> {
    fn example(&self, refutations: Vec<Refutation>) -> Counterexample {
        let check = self.check;
        if let Some(why) = &check.not_applicable {
            return Counterexample::NotApplicable(why.clone());
        }
        if check.expect.is_empty() && check.claims.is_empty() {
            return Counterexample::NothingExpected;
        }
        let mut named = BTreeSet::new();
        let facts = check.expect.iter().map(|expectation| expectation.fact.as_str());
        let (mut fails, mut warns) = (Vec::new(), Vec::new());
        for fact in facts.filter(|fact| named.insert(*fact)) {
            match self.by_fact(fact) {
                Some((way, true)) => fails.push(way),
                Some((way, false)) => warns.push(way),
                None => {}
            }
        }
        let (status, ways) = if fails.is_empty() { (Status::Warn, warns) } else { (Status::Fail, fails) };
        if !ways.is_empty() {
            return Counterexample::Ways { status, ways };
        }
        let mut known = !self.expectations().any(|expectation| expectation.condition.has_untried());
        let ways: Vec<Way> = refutations
            .into_iter()
            .filter_map(|refutation| match refutation {
                Refutation::By(way) => Some(way),
                Refutation::None => None,
                Refutation::Unknown => {
                    known = false;
                    None
                }
            })
            .collect();
        if ways.is_empty() && known {
            return Counterexample::Never;
        }
        let what = if check.claims.is_empty() { "a pattern says otherwise" } else { "a claim of it is refuted" };
        let somehow = || vec![Way { facts: Vec::new(), claimed: Some(what.to_owned()) }];
        Counterexample::Ways { status: Status::Warn, ways: if ways.is_empty() { somehow() } else { ways } }
    }

    /// A way to fail by that fact, and whether it is more than a warning.
    fn by_fact(&self, fact: &str) -> Option<(Way, bool)> {
        let mut softer = None;
        for supposed in self.supposed(fact) {
            match self.turn(&[&supposed]) {
                Turn::Fails => return Some((Way { facts: vec![supposed], claimed: None }, true)),
                Turn::Warns if softer.is_none() => softer = Some(supposed),
                Turn::Warns | Turn::Neither => {}
            }
        }
        let first = softer?;
        // The softer tier may still be broken by another fact.
        let others: BTreeSet<&str> =
            self.check.warn.iter().map(|softer| softer.fact.as_str()).filter(|other| *other != fact).collect();
        for second in others.into_iter().flat_map(|other| self.supposed(other)) {
            if matches!(self.turn(&[&first, &second]), Turn::Fails) {
                return Some((Way { facts: vec![first, second], claimed: None }, true));
            }
        }
        Some((Way { facts: vec![first], claimed: None }, false))
    }

    /// Values of a fact to try, those that read well first.
    fn supposed<'s>(&'s self, fact: &'s str) -> impl Iterator<Item = Supposed> + 's {
        let conditions = move || self.expectations().filter(move |one| one.fact == fact).map(|one| &one.condition);
        self.audit.spec(self.check, fact).into_iter().flat_map(move |spec| {
            let baselines: Vec<Option<Value>> = match conditions().any(Condition::is_relative) {
                true => Trials::baselines(spec.fact_type).into_iter().map(Some).collect(),
                false => vec![None],
            };
            baselines.into_iter().flat_map(move |baseline| {
                let mut trials = Trials::default();
                conditions().for_each(|condition| trials.condition(condition, baseline.as_ref()));
                let values = trials.values(spec.fact_type);
                values.map(move |value| Supposed { fact: fact.to_owned(), value, baseline: baseline.clone() })
            })
        })
    }

    fn expectations(&self) -> impl Iterator<Item = &Expectation> {
        self.check.expect.iter().chain(&self.check.warn)
    }

    /// What these facts make of the check, whatever the others are.
    fn turn(&self, supposed: &[&Supposed]) -> Turn {
        let mut facts = Facts::default();
        let mut earlier = Facts::default();
        for one in supposed {
            facts.set(&one.fact, one.value.clone());
            earlier.set_or(&one.fact, one.baseline.clone(), "it is not supposed");
        }
        let results = compare::expectations(self.check, &facts, Some(&earlier));
        let fails = |tier| {
            results.iter().any(|result: &ExpectationResult| result.tier == tier && result.outcome == Outcome::Fails)
        };
        match (fails(Tier::Expect), self.check.warn.is_empty() || fails(Tier::Warn)) {
            (true, true) => Turn::Fails,
            (true, false) => Turn::Warns,
            (false, _) => Turn::Neither,
        }
    }

    /// A value that refutes a claim.
    fn refuted(&self, at: u32, claim: &Claim) -> Refutation {
        if claim.table.is_some() {
            let place = claim.at.as_deref().map_or_else(String::new, |at| format!(" at {}", shortened(at, 60)));
            let claimed = Some(format!("a row is not as {} claims it{place}", shortened(&claim.by, 40)));
            return Refutation::By(Way { facts: Vec::new(), claimed });
        }
        let said = quoted::said(claim, self.places).map(|said| said.written.to_owned());
        let (Ok(said), Some(spec), None) = (said, self.audit.spec(self.check, &claim.fact), &self.check.sample) else {
            return Refutation::Unknown;
        };
        let mut compared = false;
        for value in self.trials(claim, &said).values(spec.fact_type) {
            match self.result(at, claim, &value) {
                status if status.is_refuted() => {
                    let facts = vec![Supposed { fact: claim.fact.clone(), value, baseline: None }];
                    let claimed = Some(format!("{} claims {}", shortened(&claim.by, 40), shortened(&said, 40)));
                    return Refutation::By(Way { facts, claimed });
                }
                status => compared |= status.is_upheld(),
            }
        }
        if compared { Refutation::None } else { Refutation::Unknown }
    }

    /// Values next to what is claimed and far from it.
    fn trials(&self, claim: &Claim, said: &str) -> Trials {
        let mut trials = Trials::default();
        let since =
            claim.as_of.map_or_else(Number::zero, |as_of| Number::from(self.now.seconds_since(as_of.at).max(0)));
        let mut near = |number: &Number, unit| {
            let two = Number::from(2);
            for far in [number.clone(), number * &two, &(number * &two) + &Number::from(1000)] {
                trials.number(&far + &since, unit);
            }
        };
        if let Ok(printed) = Printed::parse(said) {
            printed.readings.iter().for_each(|reading| near(&reading.value, printed.unit));
        }
        let fraction = parse_fraction_text(said).and_then(|fraction| fraction.part.over(&fraction.whole));
        fraction.iter().for_each(|share| near(share, Unit::Ratio));
        let time = PrintedTime::parse(said).ok().and_then(|time| time.stamp.ok());
        time.iter().for_each(|stamp| trials.time(stamp.at));
        trials.text(said);
        trials
    }

    /// What becomes of a claim when that is measured. The other claims of the check are not looked at: there may be many.
    fn result(&self, at: u32, claim: &Claim, value: &Value) -> ClaimStatus {
        let mut facts = Facts::default();
        facts.set(&claim.fact, value.clone());
        let sight = Sight::Measured(facts);
        let observation = Observation { check: self.check.id.clone(), sight, exchanges: Vec::new() };
        let seen = Seen { observations: &[], places: self.places, baseline: None, now: self.now, claims_only: false };
        Judged::new(self.audit, self.check, Some(&observation), seen).result(at, claim).status
    }
}

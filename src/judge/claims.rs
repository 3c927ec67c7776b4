//! Claims set beside what was measured.
//!
//! A refuted claim matters when the conditions of its check, held against the claimed value in place of the measured
//! one, give the check another status. What depended on it was decided when it was measured. What a refuted claim costs
//! by itself, `upheld` says.

use std::borrow::Cow;

use super::Seen;
use super::compare::{self, MOST};
use super::figures::Span;
use super::quoted;
use super::sampling::{self, Measured};
use super::table;
use super::values::{Comparison, Said, figure_told, plain};
use crate::model::audit::{Audit, Check};
use crate::model::claim::Claim;
use crate::model::fact::{Direction, Fact, FactSpec, Facts, Scale, Value};
use crate::model::format::{self, shortened};
use crate::model::instant::{Instant, Stamp};
use crate::model::judgement::{CheckResult, ClaimResult, ClaimStatus, ExpectationResult, Status};
use crate::model::number::Number;
use crate::model::record::{Observation, Sight};

/// A check and what was seen of it, as far as its conditions and claims need it.
pub(super) struct Judged<'a> {
    pub(super) audit: &'a Audit,
    pub(super) check: &'a Check,
    pub(super) seen: Seen<'a>,
    /// What was measured; else why nothing was.
    facts: Result<&'a Facts, String>,
    baseline: Option<&'a Facts>,
    /// When it was looked at: parts of a merged run may be hours apart.
    looked: Instant,
    expectations: Vec<ExpectationResult>,
    /// The status that the conditions alone give.
    base: Status,
    pub(super) sample: Option<Measured>,
}

impl<'a> Judged<'a> {
    /// Holds the conditions of a check against what was seen of it.
    pub(super) fn new(
        audit: &'a Audit,
        check: &'a Check,
        observation: Option<&'a Observation>,
        seen: Seen<'a>,
    ) -> Self {
        let baseline = seen.baseline.and_then(|baseline| baseline.facts.get(&check.id));
        let (facts, expectations, base, sample) = match sight(check, observation) {
            Ok(facts) => {
                let expectations = compare::expectations(check, facts, baseline);
                let base = compare::status(check, &expectations);
                (Ok(facts), expectations, base, sampling::sample(check, facts))
            }
            Err((status, why)) => (Err(why), compare::unknown(check, status), status, None),
        };
        let exchanges = observation.into_iter().flat_map(|observation| &observation.exchanges);
        let looked = exchanges.map(|exchange| exchange.asked_at).max().unwrap_or(seen.now);
        Self { audit, check, seen, facts, baseline, looked, expectations, base, sample }
    }

    /// The status of the check, and the results of its claims.
    pub(super) fn conclude(&self) -> CheckResult {
        let check = self.check;
        let claims: Vec<_> = (0_u32..).zip(&check.claims).map(|(at, claim)| self.result(at, claim)).collect();
        let (status, reason) = match &self.facts {
            Ok(_) => compare::conclude(self.audit, check, self.seen.places, self.base, &self.expectations, &claims),
            Err(why) => (self.base, shortened(why, MOST)),
        };
        CheckResult {
            check: check.id.clone(),
            status,
            reason,
            expectations: self.expectations.clone(),
            claims,
            sample: self.sample.as_ref().map(|sample| sample.result.clone()),
            waived_by: None,
            cost: Number::zero(),
        }
    }

    /// The one claim that keeps the check from passing: refuted, and without a say in its conditions.
    pub(super) fn would_pass_but_for(&self, result: &CheckResult) -> Option<usize> {
        let mut open = result.claims.iter().enumerate().filter(|(_, claim)| !claim.status.is_upheld());
        let (at, claim) = open.next()?;
        let alone = open.next().is_none() && claim.status.is_refuted() && claim.matters.is_none();
        let passes = result.status == Status::Warn && matches!(self.base, Status::Pass | Status::Info);
        (alone && passes).then_some(at)
    }

    /// What was measured of a fact; else why there is nothing to compare with.
    pub(super) fn actual(&self, fact: &str) -> Result<&'a Value, String> {
        let facts = self.facts.as_ref().map_err(|_| "nothing was measured".to_owned())?;
        match facts.facts.get(fact) {
            Some(Fact::Present(value)) => Ok(value),
            Some(Fact::Absent(reason)) => Err(format!("absent: {}", shortened(reason, MOST))),
            None => Err("nothing was measured to compare it with".to_owned()),
        }
    }

    /// The same to stand beside what was said of it: in the base unit where that names a unit, and the source has another.
    pub(super) fn beside(&self, fact: &str, names_a_unit: bool) -> Result<Cow<'a, Value>, String> {
        let actual = self.actual(fact)?;
        Ok(match (actual, self.scale(fact)) {
            (Value::Number(number), Some(scale)) if names_a_unit => Cow::Owned(scale.in_base(number)),
            _ => Cow::Borrowed(actual),
        })
    }

    fn scale(&self, fact: &str) -> Option<&'a Scale> {
        self.facts.as_ref().ok()?.scales.get(fact)
    }

    /// What is declared of a fact.
    pub(super) fn spec(&self, fact: &str) -> Option<&'a FactSpec> {
        self.audit.spec(self.check, fact)
    }

    /// The result of one claim of the check.
    pub(super) fn result(&self, at: u32, claim: &Claim) -> ClaimResult {
        if let Some(columns) = &claim.table {
            return table::result(self, at, claim, columns);
        }
        let (compared, actual) = match quoted::said(claim, self.seen.places) {
            Ok(quoted) => {
                let said = Said { quoted, as_of: claim.as_of, tolerance: claim.tolerance.as_ref() };
                (self.held(said, &claim.fact), self.beside(&claim.fact, said.names_a_unit()))
            }
            Err(nothing) => (nothing, self.beside(&claim.fact, false)),
        };
        let matters = self.matters(&claim.fact, &compared);
        let actual = actual.ok().map(Cow::into_owned);
        let (status, reason) = (compared.status, compared.reason);
        ClaimResult { claim: at, status, actual, reason, matters, verdict: None, table: None }
    }

    /// What was said of a fact beside what was measured of it.
    pub(super) fn held(&self, said: Said<'_>, fact: &str) -> Comparison {
        let actual = match self.beside(fact, said.names_a_unit()) {
            Ok(actual) => actual,
            Err(why) => return Comparison::unverified(why),
        };
        let actual = actual.as_ref();
        if let Some(unclear) = said.without_a_part(actual) {
            return unclear;
        }
        if self.spec(fact).is_some_and(|spec| spec.unitless)
            && let Some(unclear) = said.without_a_unit_measured(actual)
        {
            return unclear;
        }
        let direction = self.spec(fact).map_or(Direction::Neutral, |spec| spec.direction);
        if self.check.sample.is_some() {
            return self.sampled(said, actual, direction);
        }
        match said.as_of {
            Some(as_of) if self.spec(fact).is_some_and(|spec| spec.growing) => {
                self.grown(said, actual, as_of, direction)
            }
            _ => plain(said, actual, direction),
        }
    }

    /// A fact that grows by itself, claimed at a time: the measured value less what has passed since.
    pub(super) fn grown(&self, said: Said<'_>, actual: &Value, as_of: Stamp, direction: Direction) -> Comparison {
        let (Ok(figure), Some((number, _))) = (said.figure(actual), actual.quantity()) else {
            return plain(said, actual, direction);
        };
        let since = |moment: Instant| Number::from(self.looked.seconds_since(moment).max(0));
        let elapsed = Span { low: since(as_of.end()), high: since(as_of.at) };
        let then = Span { low: &number - &elapsed.high, high: &number - &elapsed.low };
        let written = shortened(&said.meant(), 60);
        let (was, is) = (format::instant(as_of.at, "UTC"), format::instant(self.looked, "UTC"));
        if then.high.is_negative() {
            let reason = format!("it began after {was}, so nothing measured speaks of \"{written}\" at that time");
            return Comparison::unverified(reason);
        }
        let status = match figure.against(&then, direction) {
            ClaimStatus::Exact | ClaimStatus::Rounds if !elapsed.high.is_zero() => ClaimStatus::Progressed,
            status => status,
        };
        let measured = format::value(actual);
        let reason = match status {
            ClaimStatus::Progressed => {
                let passed = format::duration(&elapsed.high);
                format!(
                    "{written} at {was} is {measured} at {is}: {passed} passed, and it was {} then",
                    format::duration(&then.low)
                )
            }
            status => {
                let at_the_time = figure.in_place_of(actual, then.low.clone());
                let told = figure_told(&figure, &written, status, &at_the_time, &then);
                format!("{told} at {was}; it is {measured} at {is}")
            }
        };
        let claimed = figure.in_place_of(actual, figure.nearest(&then) + &elapsed.high);
        Comparison::new(status, reason).claiming(claimed)
    }

    /// A claim about a whole of which a sample was measured.
    fn sampled(&self, said: Said<'_>, actual: &Value, direction: Direction) -> Comparison {
        let Some(sample) = &self.sample else {
            return Comparison::unverified("spot check: it is not known how many were run");
        };
        let compared = plain(said, actual, direction);
        let speaks_of_sample = matches!(actual, Value::Count(number) if compared.status.is_upheld() && number.to_u64() == Some(sample.result.measured));
        if sample.is_complete() || speaks_of_sample {
            return compared;
        }
        let possible = match actual {
            Value::Count(number) => Some(sample.possible_count(number)),
            Value::Fraction { .. } | Value::Ratio(_) => sample.possible_share(),
            _ => None,
        };
        let (figure, possible) = match (said.figure_or_share(actual), possible) {
            (Some(figure), Some(possible)) => (figure, possible),
            _ => return Comparison::unverified(format!("{}; {}", sample.told(), sample.method_told(false))),
        };
        let status = figure.against(&possible, direction);
        if status.is_refuted() {
            let reason = format!("{}, which rules out \"{}\"", sample.told(), shortened(&said.meant(), 60));
            return Comparison { status, reason, claimed: compared.claimed };
        }
        let enough = sample.result.lower_bound.as_ref().is_some_and(|bound| {
            let is_share = matches!(actual, Value::Fraction { .. } | Value::Ratio(_)) && direction == Direction::Higher;
            is_share && figure.is_carried_by(bound)
        });
        let status = if enough { ClaimStatus::Rounds } else { ClaimStatus::Unverified };
        Comparison::new(status, format!("{}; {}", sample.told(), sample.method_told(enough)))
    }

    /// What would be different if the claimed value were the measured one; `None` is nothing, or that nothing is refuted.
    pub(super) fn matters(&self, fact: &str, compared: &Comparison) -> Option<String> {
        let claimed = compared.claimed.as_deref().filter(|_| compared.status.is_refuted())?;
        let told = format::value(claimed);
        let mut facts = (*self.facts.as_ref().ok()?).clone();
        // Conditions are held against what the source says.
        let in_its_unit = match (claimed.quantity(), self.scale(fact)) {
            (Some((number, unit)), Some(scale)) if unit == scale.unit => number.over(&scale.size).map(Value::Number),
            _ => None,
        };
        facts.set(fact, in_its_unit.unwrap_or_else(|| claimed.clone()));
        let results = compare::expectations(self.check, &facts, self.baseline);
        let status = compare::status(self.check, &results);
        (status != self.base).then(|| {
            let fact = compare::spaced(fact);
            format!("with {told} for {fact} the check would be {}, and it is {}", status.word(), self.base.word())
        })
    }
}

/// What was measured; else the status that this gives, and why.
fn sight<'a>(check: &Check, observation: Option<&'a Observation>) -> Result<&'a Facts, (Status, String)> {
    let bare = |status, why: &str| Err((status, why.to_owned()));
    if let Some(reason) = &check.not_applicable {
        return bare(Status::NotApplicable, reason);
    }
    match observation.map(|observation| &observation.sight) {
        None => bare(Status::Skipped, "it was not asked for in this run"),
        Some(Sight::NotApplicable(reason)) => bare(Status::NotApplicable, reason),
        Some(Sight::Skipped(reason)) => bare(Status::Skipped, &reason.to_string()),
        Some(Sight::Unmeasurable(problem)) => bare(Status::Error, &format!("could not look: {}", problem.reason)),
        Some(Sight::Measured(facts)) => Ok(facts),
    }
}

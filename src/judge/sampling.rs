//! What a sample supports.
//!
//! A sample that somebody chose supports no rate, only "no failure in these". A random one supports a lower bound: the
//! smallest share of the whole for which at least as many passes as seen had a chance above 5 %. The population is
//! known, so the distribution is hypergeometric and the bound exact: Clopper & Pearson, Biometrika 26 (1934) 404-413,
//! carried over to finite populations by Buonaccorsi, The American Statistician 41 (1987) 215-218; see also Wang,
//! Journal of the American Statistical Association 110 (2015) 1105-1115. One-sided, all in whole numbers.

use num_bigint::BigUint;
use num_traits::{One, Zero};

use super::figures::Span;
use crate::model::audit::{Check, Sample, SampleMethod};
use crate::model::fact::{Facts, Value};
use crate::model::format;
use crate::model::judgement::SampleResult;
use crate::model::number::Number;

/// Beyond this many factors in a binomial coefficient no bound is computed, to keep the cost of one check small.
const MAX_FACTORS: u64 = 2000;

/// A sample as measured.
pub(super) struct Measured {
    pub(super) result: SampleResult,
    pub(super) failed: u64,
}

/// The sample of a check that declares one; `None` where it counted nothing.
pub(super) fn sample(check: &Check, facts: &Facts) -> Option<Measured> {
    let sample = check.sample.as_ref()?;
    let (passed, measured, failed) = counts(facts)?;
    let lower_bound = match sample.method {
        SampleMethod::Random if measured <= sample.of => lower_bound(sample.of, measured, failed),
        _ => None,
    };
    let result = SampleResult {
        measured,
        passed,
        of: sample.of,
        method: sample.method,
        supports: supports(sample, measured, failed, lower_bound.as_ref()),
        lower_bound,
    };
    Some(Measured { result, failed })
}

/// Passed, measured and failed: from the counts of these names, else from the first share that was counted. What was
/// neither passed nor failed (skipped) counts as failed, because nobody saw it pass.
fn counts(facts: &Facts) -> Option<(u64, u64, u64)> {
    let count = |name: &str| match facts.get(name) {
        Some(Value::Count(number)) => number.to_u64(),
        _ => None,
    };
    let counted = count("passed").zip(count("total"));
    let share = || {
        facts.facts.keys().find_map(|name| match facts.get(name) {
            Some(Value::Fraction { part, whole }) => part.to_u64().zip(whole.to_u64()),
            _ => None,
        })
    };
    let (passed, measured) = counted.or_else(share)?;
    Some((passed, measured, measured.checked_sub(passed)?))
}

fn supports(sample: &Sample, measured: u64, failed: u64, bound: Option<&Number>) -> String {
    let count = |number: u64| format::count(&Number::from(number));
    let seen = match failed {
        0 => format!("no failure in these {}", count(measured)),
        failed => format!("{} of these {} did not pass", count(failed), count(measured)),
    };
    if measured == sample.of {
        return format!("{seen}; all there are were measured");
    }
    if measured > sample.of {
        let of = count(sample.of);
        return format!("{seen}; more were measured than the {of} there are said to be, so it supports no rate");
    }
    match (sample.method, bound) {
        (SampleMethod::Chosen, _) => format!("{seen}; chosen by hand, so it supports no rate"),
        (SampleMethod::Random, Some(bound)) => format!(
            "{seen}; taken at random, so at least {} of all {} pass, at 95 % confidence",
            floor_percent(bound),
            count(sample.of)
        ),
        (SampleMethod::Random, None) => format!("{seen}; too large a sample to bound the rate exactly"),
    }
}

/// A lower bound must not be rounded up.
fn floor_percent(share: &Number) -> String {
    let hundredths = (share * &Number::from(10_000)).floor();
    format::percent(&(hundredths * Number::power_of_ten(-4)))
}

impl Measured {
    /// Were all there are measured after all?
    pub(super) fn is_complete(&self) -> bool {
        self.result.measured >= self.result.of
    }

    /// `spot check: 123 of 338 were run, all passed`.
    pub(super) fn told(&self) -> String {
        let outcome = match self.failed {
            0 => "all passed".to_owned(),
            failed => format!("{} did not pass", format::count(&Number::from(failed))),
        };
        let (measured, of) = (Number::from(self.result.measured), Number::from(self.result.of));
        format!("spot check: {} of {} were run, {outcome}", format::count(&measured), format::count(&of))
    }

    /// The shares of the whole that what was seen still allows.
    pub(super) fn possible_share(&self) -> Option<Span> {
        let of = self.result.of;
        let low = Number::ratio(self.result.passed, of)?;
        Some(Span { low, high: Number::ratio(of.saturating_sub(self.failed), of)? })
    }

    /// The counts in the whole that `seen` in the sample still allows: none of the rest, up to all of it.
    pub(super) fn possible_count(&self, seen: &Number) -> Span {
        let rest = Number::from(self.result.of.saturating_sub(self.result.measured));
        Span { low: seen.clone(), high: seen + &rest }
    }

    /// What the method allows to be said of a rate; `enough` is whether the bound carries the claim.
    pub(super) fn method_told(&self, enough: bool) -> String {
        match (self.result.method, &self.result.lower_bound) {
            (SampleMethod::Chosen, _) => "chosen by hand, so this supports no rate".to_owned(),
            (SampleMethod::Random, Some(bound)) => format!(
                "taken at random, so at least {} pass at 95 % confidence, which is {} for the claim",
                floor_percent(bound),
                if enough { "enough" } else { "not enough" }
            ),
            (SampleMethod::Random, None) => "taken at random, but no bound could be computed".to_owned(),
        }
    }
}

/// The exact lower bound of the share that passes in `of`, when `failed` of `measured` taken at random did not pass.
/// `None` where computing it would cost too much.
pub(super) fn lower_bound(of: u64, measured: u64, failed: u64) -> Option<Number> {
    if measured == 0 || measured > of || failed > measured {
        return None;
    }
    // The most failures in the whole under which so few in the sample had a chance above 5 %: the chance falls as
    // failures are added, so gallop to a bound and halve the gap.
    let (mut likely, limit) = (failed, of - (measured - failed));
    let mut step = 1_u64;
    let mut unlikely = limit + 1;
    while likely < limit {
        let next = likely.saturating_add(step).min(limit);
        if is_likely(of, measured, failed, next)? {
            likely = next;
            step = step.saturating_mul(2);
        } else {
            unlikely = next;
            break;
        }
    }
    while unlikely - likely > 1 {
        let middle = likely + (unlikely - likely) / 2;
        if is_likely(of, measured, failed, middle)? {
            likely = middle;
        } else {
            unlikely = middle;
        }
    }
    Number::ratio(of - likely, of)
}

/// With `bad` failures among `of`: is the chance of at most `failed` of them among `measured` above 5 %?
///
/// `sum over j of C(bad, j) C(of - bad, measured - j) / C(of, measured)`, which is the same with `bad` and `measured`
/// exchanged; the smaller of the two makes the shorter products.
fn is_likely(of: u64, measured: u64, failed: u64, bad: u64) -> Option<bool> {
    let (few, many) = (measured.min(bad), measured.max(bad));
    if few > MAX_FACTORS {
        return None;
    }
    let first = (few + many).saturating_sub(of);
    let mut term = choose(many, first) * choose(of - many, few - first);
    let mut sum = BigUint::zero();
    for hits in first..=failed.min(few) {
        sum += &term;
        if hits < few {
            term *= (many - hits) * (few - hits);
            term /= (hits + 1) * (of + hits + 1 - many - few);
        }
    }
    Some(sum * 20_u32 > choose(of, few))
}

fn choose(of: u64, take: u64) -> BigUint {
    let take = take.min(of.saturating_sub(take));
    let mut product = BigUint::one();
    for factor in 0..take {
        product *= of - factor;
        product /= factor + 1;
    }
    product
}

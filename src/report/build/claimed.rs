//! Claimed against actual as drawings: the interval that the printed number stands for, and the measured number, on a
//! scale that holds both. What is no number, or was not measured, is counted and not drawn.

use super::{Source, listed, places, words};
use crate::model::claim::{Actual, Claim};
use crate::model::fact::{Unit, Value};
use crate::model::format;
use crate::model::judgement::ClaimStatus;
use crate::model::number::Number;
use crate::model::printed::{Interval, Printed, Qualifier};
use crate::model::quote::Place;
use crate::report::stated;
use crate::report::view::Reference;
use crate::report::view::chart::{ClaimChart, ClaimsChart};

/// Width of a scale.
const WIDTH: u32 = 200;
/// Most claims that are drawn; those that do not hold come first when there are more.
const MOST: usize = 40;

/// A claim as far as a drawing needs it.
struct Claimed {
    about: Reference,
    fact: String,
    by: String,
    written: String,
    actual: Option<Value>,
    status: ClaimStatus,
    /// Is the actual a score, which is printed with one decimal?
    is_score: bool,
}

pub(super) fn chart(source: &Source<'_>) -> Option<ClaimsChart> {
    let mut claims = of_checks(source);
    claims.extend(of_scores(source));
    claims.extend(of_the_list(source));
    let all = claims.len();
    let mut drawn: Vec<(bool, ClaimChart)> =
        claims.iter().filter_map(|claim| Some((claim.status.is_upheld(), draw(claim)?))).collect();
    if drawn.is_empty() {
        return None;
    }
    let not_numbers = all - drawn.len();
    let too_many = drawn.len().saturating_sub(MOST);
    if too_many > 0 {
        drawn.sort_by_key(|(upheld, _)| *upheld);
        drawn.truncate(MOST);
    }
    Some(ClaimsChart {
        rows: drawn.into_iter().map(|(_, row)| row).collect(),
        left_out: left_out(not_numbers, too_many),
    })
}

fn left_out(not_numbers: usize, too_many: usize) -> Option<String> {
    let claims = |number| words::counted(number, "more claim is", "more claims are");
    let why_not = "in the tables alone: either it is no single number, or nothing was measured";
    let mut said = Vec::new();
    if too_many > 0 {
        said.push(format!("{} not drawn; those that do not hold come first.", claims(too_many)));
    }
    if not_numbers > 0 {
        let why_not = if not_numbers == 1 { why_not } else { &why_not.replace("it is no", "they are no") };
        said.push(format!("{} {why_not}.", claims(not_numbers)));
    }
    (!said.is_empty()).then(|| said.join(" "))
}

fn of_checks(source: &Source<'_>) -> Vec<Claimed> {
    let mut claims = Vec::new();
    for result in &source.judgement().checks {
        let Some(check) = source.checks.get(&result.check).filter(|check| source.shows_check(&check.id)) else {
            continue;
        };
        for compared in &result.claims {
            let claim = usize::try_from(compared.claim).ok().and_then(|at| check.claims.get(at));
            let Some(claim) = claim.filter(|claim| claim.table.is_none()) else { continue };
            claims.push(Claimed {
                about: source.check(&check.id),
                fact: claim.fact.clone(),
                ..of_claim(source, claim, compared.actual.clone(), compared.status)
            });
        }
    }
    claims
}

fn of_claim(source: &Source<'_>, claim: &Claim, actual: Option<Value>, status: ClaimStatus) -> Claimed {
    Claimed {
        about: Reference { text: String::new(), anchor: None },
        fact: String::new(),
        by: claim.by.clone(),
        written: claim.at.as_ref().and_then(|at| meant(source, at)).unwrap_or_else(|| places::said(source, claim)),
        actual,
        status,
        is_score: false,
    }
}

fn of_scores(source: &Source<'_>) -> Vec<Claimed> {
    let mut claims = Vec::new();
    for (_, claim, result, score) in source.record.score_claims() {
        claims.push(Claimed {
            about: source.area(&result.area),
            fact: "score".to_owned(),
            is_score: true,
            ..of_claim(source, claim, score.cloned().map(Value::Number), result.status)
        });
    }
    claims
}

/// Each place of a claim of the list for itself: they need not say the same.
fn of_the_list(source: &Source<'_>) -> Vec<Claimed> {
    let mut claims = Vec::new();
    for result in &source.judgement().listed_claims {
        let Some(claim) = listed::of(source, result) else { continue };
        let about = source.listed(&claim.id);
        let fact = match &claim.actual {
            Some(Actual::Fact { fact, .. }) => fact.clone(),
            _ => String::new(),
        };
        for place in &result.places {
            claims.push(Claimed {
                about: about.clone(),
                fact: fact.clone(),
                by: claim.by.clone().unwrap_or_default(),
                written: meant(source, &place.at)
                    .unwrap_or_else(|| stated::quoted(source.record, &place.at).unwrap_or(words::NOTHING).to_owned()),
                actual: result.actual.clone(),
                status: place.status,
                is_score: false,
            });
        }
    }
    claims
}

/// `None` where there is nothing to draw.
fn draw(claim: &Claimed) -> Option<ClaimChart> {
    let actual = claim.actual.as_ref()?;
    let (number, unit) = actual.quantity()?;
    let printed = read(&claim.written, actual, unit)?;
    // Of a number without a unit, nothing that has one was said.
    if claim.status == ClaimStatus::Unverified && printed.unit != unit && matches!(actual, Value::Number(_)) {
        return None;
    }
    let fitting = printed.readings.iter().find(|reading| reading.interval.contains(&number));
    let interval = &fitting.or_else(|| printed.readings.first())?.interval;
    let scale = Scale::of(interval, &number)?;
    let (from, to) = (scale.place(interval.low.as_ref()), scale.place_high(interval.high.as_ref()));
    let at = scale.units(&number);
    // A number without a unit of its own is told in the unit that it was claimed in.
    let unit = if matches!(actual, Value::Number(_)) { printed.unit } else { unit };
    let told = |number: &Number| if claim.is_score { format::points(number) } else { format::quantity(number, unit) };
    let ends = interval.low.as_ref().zip(interval.high.as_ref()).filter(|(low, high)| low != high);
    let stands_for = match ends {
        // Two ends that differ must not read alike.
        Some((low, high)) if told(low) == told(high) => stands_for(interval, &|number| precisely(number, unit)),
        _ => stands_for(interval, &told),
    };
    let actual = if claim.is_score { format::score(&number) } else { format::value(actual) };
    let apart = if at < from { Some((at.clone(), from.clone())) } else { (at > to).then(|| (to.clone(), at.clone())) };
    let mark = words::claim(claim.status);
    let description = format!("claimed {stands_for}, actual {actual}: {}", mark.word);
    Some(ClaimChart {
        about: claim.about.clone(),
        fact: claim.fact.clone(),
        by: claim.by.clone(),
        claimed: claim.written.clone(),
        stands_for,
        actual,
        shape: shape(claim.status).to_owned(),
        mark,
        width: (&to - &from).to_rounded(1),
        x: from.to_rounded(1),
        open_low: interval.low.is_none(),
        open_high: interval.high.is_none(),
        at: at.to_rounded(1),
        apart: apart.map(|(left, right)| (left.to_rounded(1), (&right - &left).to_rounded(1))),
        description,
    })
}

/// The printed number, where it is one in the unit of what was measured.
fn read(written: &str, actual: &Value, unit: Unit) -> Option<Printed> {
    let printed = Printed::parse(written).ok()?;
    if unit == Unit::Bytes && printed.unit == Unit::One && printed.shortened {
        return Printed::parse(&format!("{}B", printed.text)).ok();
    }
    let is_share = !printed.value().is_negative() && *printed.value() <= Number::one();
    let fits = printed.unit == unit
        || (printed.unit == Unit::One && (printed.value().is_zero() || (unit == Unit::Ratio && is_share)))
        || (matches!(actual, Value::Number(_)) && printed.unit != Unit::Ratio);
    // What a known tool prints by its own rule has no digits that an interval could be read off.
    (fits && printed.qualifier != Qualifier::Tool).then_some(printed)
}

const fn shape(status: ClaimStatus) -> &'static str {
    match status {
        status if status.is_upheld() => "holds",
        status if status.is_refuted() => "wrong",
        _ => "open",
    }
}

/// A number in its base unit, to six decimals; bytes to none.
fn precisely(number: &Number, unit: Unit) -> String {
    match unit {
        Unit::One => number.to_rounded(6),
        Unit::Ratio => format!("{} %", (number * &Number::from(100)).to_rounded(6)),
        Unit::Seconds => format!("{} s", number.to_rounded(6)),
        Unit::Bytes => format!("{} bytes", format::count(&number.floor())),
    }
}

/// `97.5 % to 98.5 %`, `exactly 13`, `80 or more`, `more than 80`.
fn stands_for(interval: &Interval, told: &dyn Fn(&Number) -> String) -> String {
    match (&interval.low, &interval.high) {
        (Some(low), Some(high)) if low == high => format!("exactly {}", told(low)),
        (Some(low), Some(high)) => format!("{} to {}", told(low), told(high)),
        (Some(low), None) if interval.low_closed => format!("{} or more", told(low)),
        (Some(low), None) => format!("more than {}", told(low)),
        (None, Some(high)) if interval.high_closed => format!("{} or less", told(high)),
        (None, Some(high)) => format!("less than {}", told(high)),
        (None, None) => "anything".to_owned(),
    }
}

/// From the lowest to the highest number that is drawn, with room at both ends.
struct Scale {
    low: Number,
    length: Number,
}

impl Scale {
    fn of(interval: &Interval, actual: &Number) -> Option<Self> {
        let numbers = || interval.low.iter().chain(&interval.high).chain([actual]);
        let (low, high) = (numbers().min()?.clone(), numbers().max()?.clone());
        let span = &high - &low;
        // A point alone is drawn in the middle of a scale as wide as itself.
        let room = match span.is_zero() {
            true if low.is_zero() => Number::one(),
            true => low.abs(),
            false => &span * &(Number::from(25) * Number::power_of_ten(-2)),
        };
        let length = &span + &(&room * &Number::from(2));
        Some(Self { low: &low - &room, length })
    }

    fn units(&self, number: &Number) -> Number {
        let share = (number - &self.low).over(&self.length).unwrap_or_else(Number::zero);
        share * Number::from(WIDTH)
    }

    fn place(&self, low: Option<&Number>) -> Number {
        low.map_or_else(Number::zero, |low| self.units(low))
    }

    fn place_high(&self, high: Option<&Number>) -> Number {
        high.map_or_else(|| Number::from(WIDTH), |high| self.units(high))
    }
}

/// What stands at a place, with the unit that its header or label names.
fn meant(source: &Source<'_>, at: &str) -> Option<String> {
    match source.record.places.get(at)? {
        Place::Found(quote) => Some(quote.meant().into_owned()),
        _ => None,
    }
}

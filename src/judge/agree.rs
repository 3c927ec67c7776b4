//! Do several places say what can be true at once? Counts must be equal, rounded numbers need a number that all of them
//! stand for, anything else is the same or not.

use super::quoted::same;
use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Interval, Printed, Qualifier, Reading, parse_fraction_text};

/// How several texts go together.
pub(super) enum Agreement {
    /// All say the same.
    Same,
    /// They are written otherwise, and there is a value that makes all of them true.
    Meet,
    /// There is none.
    Apart {
        /// Two of them that contradict each other.
        pair: (usize, usize),
        /// Those that contradict another, in their order.
        apart: Vec<usize>,
    },
}

/// What a text says.
enum Saying {
    Number(Unit, Vec<Interval>),
    Fraction(Number, Number),
    Text,
}

impl Saying {
    fn of(text: &str) -> Self {
        if let Some(fraction) = parse_fraction_text(text).filter(|fraction| !fraction.whole.is_zero()) {
            return Self::Fraction(fraction.part, fraction.whole);
        }
        let Ok(printed) = Printed::parse(text) else { return Self::Text };
        // "100 %" says all and "0 %" none: nothing is rounded into them.
        let all_or_none = printed.unit == Unit::Ratio
            && printed.qualifier == Qualifier::Plain
            && (printed.value().is_zero() || *printed.value() == Number::one());
        let interval = |reading: Reading| match all_or_none {
            true => Interval::closed(reading.value.clone(), reading.value),
            false => reading.interval,
        };
        Self::Number(printed.unit, printed.readings.into_iter().map(interval).collect())
    }

    /// The unit, where it is a number.
    const fn unit(&self) -> Option<Unit> {
        match self {
            Self::Number(unit, _) => Some(*unit),
            Self::Fraction(..) => Some(Unit::Ratio),
            Self::Text => None,
        }
    }

    fn intervals(&self) -> Vec<Interval> {
        match self {
            Self::Number(_, intervals) => intervals.clone(),
            Self::Fraction(part, whole) => {
                part.over(whole).map(|share| Interval::closed(share.clone(), share)).into_iter().collect()
            }
            Self::Text => Vec::new(),
        }
    }
}

/// How the texts go together; fewer than two are the same. Besides, those that cannot be compared with the others: where
/// one is a number, texts and numbers of another unit.
pub(super) fn agreement(texts: &[&str]) -> (Agreement, Vec<usize>) {
    let sayings: Vec<Saying> = texts.iter().map(|text| Saying::of(text)).collect();
    let unit = sayings.iter().find_map(Saying::unit);
    let (alike, strange): (Vec<usize>, Vec<usize>) = (0..texts.len()).partition(|at| sayings[*at].unit() == unit);
    let all_the_same = alike.iter().all(|at| same(texts[alike[0]], texts[*at]));
    let agreement = match unit {
        _ if all_the_same => Agreement::Same,
        Some(_) => {
            let alike: Vec<(usize, &Saying)> = alike.iter().map(|at| (*at, &sayings[*at])).collect();
            fractions(&alike).or_else(|| numbers(&alike)).unwrap_or(Agreement::Meet)
        }
        None => {
            let other = alike.iter().find(|at| !same(texts[alike[0]], texts[**at])).copied();
            Agreement::Apart { pair: (alike[0], other.unwrap_or_default()), apart: alike }
        }
    };
    (agreement, strange)
}

/// `171/174` and `1,026/1,044` are one share and two claims.
fn fractions(sayings: &[(usize, &Saying)]) -> Option<Agreement> {
    let counted: Vec<(usize, &Number, &Number)> = sayings
        .iter()
        .filter_map(|(at, saying)| match saying {
            Saying::Fraction(part, whole) => Some((*at, part, whole)),
            _ => None,
        })
        .collect();
    let (first, part, whole) = *counted.first()?;
    let (other, ..) = *counted.iter().find(|(_, own, of)| (*own, *of) != (part, whole))?;
    Some(Agreement::Apart { pair: (first, other), apart: counted.into_iter().map(|(at, ..)| at).collect() })
}

/// Narrows down which numbers make all of them true, from the first to the last.
fn numbers(sayings: &[(usize, &Saying)]) -> Option<Agreement> {
    let readings: Vec<Vec<Interval>> = sayings.iter().map(|(_, saying)| saying.intervals()).collect();
    let mut left = readings.first()?.clone();
    for (at, next) in readings.iter().enumerate().skip(1) {
        left = left.iter().flat_map(|one| next.iter().filter_map(|other| common(one, other))).collect();
        left.dedup();
        if !left.is_empty() {
            continue;
        }
        let meet = |one: &[Interval], other: &[Interval]| {
            one.iter().any(|one| other.iter().any(|other| common(one, other).is_some()))
        };
        let against = readings[..at].iter().position(|before| !meet(before, next)).unwrap_or_default();
        // Whoever contradicts anybody contradicts the one that begins last, or the one that ends first.
        let ends = [begins_last(&readings), ends_first(&readings)];
        let contradicts = |own: usize| {
            own == against || own == at || ends.iter().flatten().any(|end| !meet(&readings[own], &readings[*end]))
        };
        let apart = (0..readings.len()).filter(|own| contradicts(*own)).map(|own| sayings[own].0).collect();
        return Some(Agreement::Apart { pair: (sayings[against].0, sayings[at].0), apart });
    }
    None
}

fn begins_last(readings: &[Vec<Interval>]) -> Option<usize> {
    let low = |own: &Vec<Interval>| own.iter().map(|interval| interval.low.clone()).min().flatten();
    let lows = readings.iter().enumerate().filter_map(|(at, own)| Some((low(own)?, at)));
    lows.max().map(|(_, at)| at)
}

fn ends_first(readings: &[Vec<Interval>]) -> Option<usize> {
    let high = |own: &Vec<Interval>| {
        let highs: Option<Vec<Number>> = own.iter().map(|interval| interval.high.clone()).collect();
        highs?.into_iter().max()
    };
    let highs = readings.iter().enumerate().filter_map(|(at, own)| Some((high(own)?, at)));
    highs.min().map(|(_, at)| at)
}

/// What lies in both; `None` when nothing does.
fn common(one: &Interval, other: &Interval) -> Option<Interval> {
    let (low, low_closed) = match (&one.low, &other.low) {
        (None, None) => (None, false),
        (Some(low), None) => (Some(low), one.low_closed),
        (None, Some(low)) => (Some(low), other.low_closed),
        (Some(a), Some(b)) if a == b => (Some(a), one.low_closed && other.low_closed),
        (Some(a), Some(b)) if a > b => (Some(a), one.low_closed),
        (_, low) => (low.as_ref(), other.low_closed),
    };
    let (high, high_closed) = match (&one.high, &other.high) {
        (None, None) => (None, false),
        (Some(high), None) => (Some(high), one.high_closed),
        (None, Some(high)) => (Some(high), other.high_closed),
        (Some(a), Some(b)) if a == b => (Some(a), one.high_closed && other.high_closed),
        (Some(a), Some(b)) if a < b => (Some(a), one.high_closed),
        (_, high) => (high.as_ref(), other.high_closed),
    };
    let empty = match (low, high) {
        (Some(low), Some(high)) => low > high || (low == high && !(low_closed && high_closed)),
        _ => false,
    };
    (!empty).then(|| Interval { low: low.cloned(), high: high.cloned(), low_closed, high_closed })
}

//! Printed numbers set beside measured ones.

use super::compare::MOST;
use crate::model::fact::{Direction, Unit, Value};
use crate::model::format::{self, shortened};
use crate::model::judgement::ClaimStatus;
use crate::model::number::Number;
use crate::model::printed::{Interval, Printed, Qualifier, Reading};

/// A bound says little when the measured number is this many times further.
const STALE: u32 = 2;

/// What a number may have been: one number when both ends are the same.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Span {
    pub(super) low: Number,
    pub(super) high: Number,
}

impl Span {
    pub(super) fn point(number: &Number) -> Self {
        Self { low: number.clone(), high: number.clone() }
    }
}

/// A claim in figures: the printed number in the unit of the fact.
pub(super) struct Figure {
    pub(super) printed: Printed,
    pub(super) unit: Unit,
    /// The declared tolerance, as written.
    pub(super) tolerance: Option<String>,
}

impl Figure {
    /// Reads what was written as a number in the unit of `actual`; else says why it cannot be compared.
    pub(super) fn read(written: &str, actual: &Value, tolerance: Option<&String>) -> Result<Self, String> {
        let (measured, unit) = actual.quantity().ok_or("what was measured is not a number")?;
        let mut printed = Printed::parse(written).map_err(|problem| shortened(&problem.to_string(), MOST))?;
        if unit == Unit::Bytes && printed.unit == Unit::One && printed.shortened {
            // `17K` as file listings print it.
            printed = Printed::parse(&format!("{}B", printed.text))
                .map_err(|problem| shortened(&problem.to_string(), MOST))?;
        }
        let share = |number: &Number| !number.is_negative() && *number <= Number::one();
        let fits = printed.unit == unit
            || (printed.unit == Unit::One && printed.value().is_zero())
            || (unit == Unit::Ratio && printed.unit == Unit::One && share(printed.value()))
            || (matches!(actual, Value::Number(_)) && (printed.unit != Unit::Ratio || share(&measured)));
        if !fits {
            let written = shortened(written, 60);
            return Err(format!("\"{written}\" has another unit than {}", format::value(actual)));
        }
        let measures = matches!(actual, Value::Number(_)) && !measured.is_integer();
        if measures && printed.exact && printed.unit == Unit::One && printed.qualifier == Qualifier::Plain {
            // `46` of 46.3 is no count of things: its digits were rounded.
            let half = Number::power_of_ten(-1) * Number::from(5_u32);
            for Reading { value, interval, .. } in &mut printed.readings {
                *interval = Interval::closed(&*value - &half, &*value + &half);
            }
        }
        Ok(Self { printed, unit, tolerance: tolerance.cloned() })
    }

    /// "100 %" and "0 %" say all and nothing: nothing may be rounded into them.
    fn says_all_or_nothing(&self) -> bool {
        self.unit == Unit::Ratio
            && self.printed.qualifier == Qualifier::Plain
            && (self.printed.value().is_zero() || *self.printed.value() == Number::one())
    }

    /// How it compares with a number between `actual.low` and `actual.high`. Never `Progressed`: time is not known here.
    pub(super) fn against(&self, actual: &Span, direction: Direction) -> ClaimStatus {
        let readings = &self.printed.readings;
        let plain = self.printed.qualifier == Qualifier::Plain;
        let is_point = actual.low == actual.high;
        if plain && is_point && readings.iter().any(|reading| reading.value == actual.low) {
            return ClaimStatus::Exact;
        }
        if !self.says_all_or_nothing() {
            if let Some(reading) = readings.iter().find(|reading| reading.interval.meets(&actual.low, &actual.high)) {
                return if self.is_stale(reading, actual) { ClaimStatus::Stale } else { ClaimStatus::Rounds };
            }
            if self.within_tolerance(actual) {
                return ClaimStatus::WithinTolerance;
            }
            if self.printed.nearly_stands_for(&actual.low, &actual.high) {
                return ClaimStatus::Truncated;
            }
        } else if actual.low <= *self.printed.value() && *self.printed.value() <= actual.high {
            return ClaimStatus::Rounds;
        } else if self.within_tolerance(actual) {
            return ClaimStatus::WithinTolerance;
        }
        refuted(self.says_more_than(actual), direction)
    }

    /// Does it say more than there is? A missed lower bound does, whatever its number; a missed upper bound does not.
    fn says_more_than(&self, actual: &Span) -> bool {
        match self.printed.qualifier {
            Qualifier::AtLeast | Qualifier::Over => true,
            Qualifier::AtMost | Qualifier::Under => false,
            _ => self.nearest(actual) > &actual.high,
        }
    }

    /// Is it borne out where nothing is known but that it is at least `bound`? A lower bound is that is no higher, and a figure
    /// that stands for this very number; what says "at most" never is.
    pub(super) fn is_carried_by(&self, bound: &Number) -> bool {
        if matches!(self.printed.qualifier, Qualifier::AtMost | Qualifier::Under) {
            return false;
        }
        if self.says_all_or_nothing() {
            return *bound == Number::one() && self.printed.value() == bound;
        }
        let reaches = |reading: &Reading| reading.interval.contains(bound);
        self.printed.readings.iter().any(reaches) || self.within_tolerance(&Span::point(bound))
    }

    fn is_stale(&self, reading: &Reading, actual: &Span) -> bool {
        let far = &reading.value * &Number::from(STALE);
        match self.printed.qualifier {
            _ if reading.value.is_zero() || reading.value.is_negative() => false,
            Qualifier::AtLeast | Qualifier::Over => actual.low > far,
            Qualifier::AtMost | Qualifier::Under => &actual.high * &Number::from(STALE) < reading.value,
            _ => false,
        }
    }

    fn within_tolerance(&self, actual: &Span) -> bool {
        let Some((size, unit)) = self.tolerance.as_deref().and_then(Printed::quantity) else { return false };
        let size = if unit == Unit::Ratio && self.unit != Unit::Ratio { &actual.high.abs() * &size } else { size };
        self.distance(actual) <= size
    }

    /// The reading's number that lies nearest.
    pub(super) fn nearest(&self, actual: &Span) -> &Number {
        let values = self.printed.readings.iter().map(|reading| &reading.value);
        values.min_by_key(|value| gap(value, actual)).unwrap_or_else(|| self.printed.value())
    }

    /// How far the claimed number is off.
    pub(super) fn distance(&self, actual: &Span) -> Number {
        gap(self.nearest(actual), actual)
    }

    /// The claimed number as a value, in place of the measured one.
    pub(super) fn in_place_of(&self, actual: &Value, number: Number) -> Value {
        match actual {
            Value::Count(_) => Value::Count(number),
            Value::Fraction { .. } | Value::Ratio(_) => Value::Ratio(number),
            Value::Duration(_) => Value::Duration(number),
            Value::Bytes(_) => Value::Bytes(number),
            _ => Value::Number(number),
        }
    }
}

fn gap(value: &Number, actual: &Span) -> Number {
    if *value < actual.low {
        &actual.low - value
    } else if *value > actual.high {
        value - &actual.high
    } else {
        Number::zero()
    }
}

/// False, and which way it errs: saying more than there is makes things look better where more is better.
pub(super) const fn refuted(claims_more: bool, direction: Direction) -> ClaimStatus {
    match (direction, claims_more) {
        (Direction::Neutral, _) => ClaimStatus::Refuted,
        (Direction::Higher, true) | (Direction::Lower, false) => ClaimStatus::Overstated,
        (Direction::Higher, false) | (Direction::Lower, true) => ClaimStatus::Understated,
    }
}

//! Intervals: which numbers printed digits stand for.

use super::{Qualifier, Reading};
use crate::model::number::Number;

/// An interval of numbers; a missing end is infinite.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Interval {
    /// The lower end.
    pub low: Option<Number>,
    /// The upper end.
    pub high: Option<Number>,
    /// Does the lower end itself belong to it?
    pub low_closed: bool,
    /// Does the upper end itself belong to it?
    pub high_closed: bool,
}

/// How far beyond the nearest reading a claim may be stretched before it is false.
#[derive(Clone, Copy)]
pub(super) enum Reach {
    /// One whole unit of the last digit to either side, ends excluded: cut off, or rounded up.
    OneSided,
    /// Half a unit more than said, ends excluded.
    HalfMore,
}

impl Interval {
    /// From `low` to `high`, both included.
    pub fn closed(low: Number, high: Number) -> Self {
        Self { low: Some(low), high: Some(high), low_closed: true, high_closed: true }
    }

    /// From `low`, included, up to `high`, excluded.
    pub fn half_open(low: Number, high: Number) -> Self {
        Self { high_closed: false, ..Self::closed(low, high) }
    }

    /// What `value` stands for, printed with that qualifier and last digit.
    pub(super) fn of(value: &Number, digit: &Number, exact: bool, qualifier: Qualifier, coarse: &Number) -> Self {
        let above = |closed| Self { low: Some(value.clone()), high: None, low_closed: closed, high_closed: false };
        let below = |closed| Self { low: None, high: Some(value.clone()), low_closed: false, high_closed: closed };
        let around = |radius: &Number| Self::closed(value - radius, value + radius);
        match qualifier {
            Qualifier::AtLeast => above(true),
            Qualifier::Over => above(false),
            Qualifier::AtMost => below(true),
            Qualifier::Under => below(false),
            Qualifier::About => around(&half(coarse).max(&value.abs() * &percent(5))),
            _ if exact => Self::closed(value.clone(), value.clone()),
            _ => around(&half(digit)),
        }
    }

    /// Does the number lie in it?
    pub fn contains(&self, number: &Number) -> bool {
        self.meets(number, number)
    }

    /// Does it share a number with the closed interval from `low` to `high`?
    pub fn meets(&self, low: &Number, high: &Number) -> bool {
        let from_below = self.low.as_ref().is_none_or(|end| if self.low_closed { high >= end } else { high > end });
        let from_above = self.high.as_ref().is_none_or(|end| if self.high_closed { low <= end } else { low < end });
        from_below && from_above
    }

    /// From end to end; `None` when it is infinite.
    pub fn width(&self) -> Option<Number> {
        Some(self.high.as_ref()? - self.low.as_ref()?)
    }

    pub(super) fn reaching(&self, reading: &Reading, reach: Reach) -> Self {
        let half = half(&reading.digit);
        match reach {
            Reach::OneSided => Self {
                low: Some(&reading.value - &reading.digit),
                high: Some(&reading.value + &reading.digit),
                low_closed: false,
                high_closed: false,
            },
            Reach::HalfMore => Self {
                low: self.low.as_ref().map(|low| low - &half),
                high: self.high.as_ref().map(|high| high + &half),
                low_closed: false,
                high_closed: false,
            },
        }
    }
}

fn percent(number: u32) -> Number {
    Number::from(number) * Number::power_of_ten(-2)
}

/// Half of it.
pub(super) fn half(number: &Number) -> Number {
    number * &Number::one_half()
}

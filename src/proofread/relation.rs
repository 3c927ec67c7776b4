//! Exact arithmetic on what printed numbers stand for, and the one question asked of it: is what is claimed among the
//! numbers that the others allow?
//!
//! Never a float, and nothing of Markdown.

use std::ops::{Add, Sub};

use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};

/// How a claim stands to what was worked out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Some ordinary reading makes it true.
    Consistent,
    /// Only digits that were cut off or rounded up make it true.
    Rounding,
    /// Nothing does.
    Inconsistent,
}

impl Verdict {
    /// Of what is true or not, and never a matter of rounding.
    pub(super) const fn of(holds: bool) -> Self {
        if holds { Self::Consistent } else { Self::Inconsistent }
    }
}

/// All numbers from `low` to `high`, both included.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Span {
    low: Number,
    high: Number,
}

/// What a calculation may come to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Worked {
    /// From the digits as they stand.
    value: Number,
    /// If every number in it was rounded to the nearest.
    near: Span,
    /// If they were cut off or rounded up.
    loose: Span,
}

impl Worked {
    /// A number that nobody rounded.
    pub(super) fn exact(value: Number) -> Self {
        let span = Span { low: value.clone(), high: value.clone() };
        Self { value, near: span.clone(), loose: span }
    }

    /// What a printed number stands for in its reading of that index (bytes have two); `None` for a bound, which stands
    /// for no single number.
    pub(super) fn of(printed: &Printed, reading: usize) -> Option<Self> {
        let reading = printed.readings.get(reading).or(printed.readings.first())?;
        let near = Span { low: reading.interval.low.clone()?, high: reading.interval.high.clone()? };
        let rounded = !printed.exact && printed.qualifier == Qualifier::Plain;
        let loose = if rounded {
            Span { low: &reading.value - &reading.digit, high: &reading.value + &reading.digit }
        } else {
            near.clone()
        };
        Some(Self { value: reading.value.clone(), near, loose })
    }

    /// From the digits as they stand.
    pub(super) fn value(&self) -> &Number {
        &self.value
    }

    /// The product.
    pub(super) fn times(&self, other: &Self) -> Self {
        Self {
            value: &self.value * &other.value,
            near: corners(&self.near, &other.near, |a, b| Some(a * b)).unwrap_or_else(|| self.near.clone()),
            loose: corners(&self.loose, &other.loose, |a, b| Some(a * b)).unwrap_or_else(|| self.loose.clone()),
        }
    }

    /// The quotient; `None` when the divisor may be zero.
    pub(super) fn over(&self, other: &Self) -> Option<Self> {
        let zero = Number::zero();
        let may_be_zero = |span: &Span| span.low <= zero && span.high >= zero;
        if may_be_zero(&other.near) {
            return None;
        }
        // `1 ms` may be cut off from anything above 0 ms, which leaves no largest quotient.
        let loose = if may_be_zero(&other.loose) { (&self.near, &other.near) } else { (&self.loose, &other.loose) };
        Some(Self {
            value: self.value.over(&other.value)?,
            near: corners(&self.near, &other.near, Number::over)?,
            loose: corners(loose.0, loose.1, Number::over)?,
        })
    }

    /// The least and the largest of several: from the smallest low end to the largest high end.
    pub(super) fn hull(parts: &[Self]) -> Option<Self> {
        let first = parts.first()?;
        let widen = |of: fn(&Self) -> &Span| {
            let low = parts.iter().map(|part| &of(part).low).min()?.clone();
            Some(Span { low, high: parts.iter().map(|part| &of(part).high).max()?.clone() })
        };
        Some(Self { value: first.value.clone(), near: widen(|part| &part.near)?, loose: widen(|part| &part.loose)? })
    }

    /// Is it certainly below the other, whatever was rounded?
    pub(super) fn is_below(&self, other: &Self) -> bool {
        // The ends of what was cut off or rounded up do not belong to it.
        let open = self.near.high < self.loose.high || other.loose.low < other.near.low;
        self.loose.high < other.loose.low || open && self.loose.high == other.loose.low
    }

    /// How a claim stands to it.
    pub(super) fn against(&self, claimed: &Printed) -> Verdict {
        let meets = |span: &Span| claimed.readings.iter().any(|reading| reading.interval.meets(&span.low, &span.high));
        if meets(&self.near) {
            Verdict::Consistent
        } else if meets(&self.loose) || claimed.nearly_stands_for(&self.loose.low, &self.loose.high) {
            Verdict::Rounding
        } else {
            Verdict::Inconsistent
        }
    }

    /// How a claim stands to what comes of numbers that somebody chose, as in `4 disks of 500 GB`: of them nothing was cut
    /// off or rounded up, only of the claim.
    pub(super) fn of_chosen(&self, claimed: &Printed) -> Verdict {
        match self.against(claimed) {
            Verdict::Consistent => Verdict::Consistent,
            _ => Self::exact(self.value.clone()).against(claimed),
        }
    }

    /// How a claim stands to a number that nobody rounded.
    pub(super) fn exactly(value: &Number, claimed: &Printed) -> Verdict {
        // Nearly all claims are true.
        if claimed.stands_for(value) { Verdict::Consistent } else { Self::exact(value.clone()).against(claimed) }
    }

    /// How a number stands to it that was worked out from other numbers.
    pub(super) fn agrees(&self, other: &Self) -> Verdict {
        let meets = |a: &Span, b: &Span| a.low <= b.high && b.low <= a.high;
        if meets(&self.near, &other.near) {
            Verdict::Consistent
        } else if meets(&self.loose, &other.loose) {
            Verdict::Rounding
        } else {
            Verdict::Inconsistent
        }
    }
}

fn corners(a: &Span, b: &Span, with: fn(&Number, &Number) -> Option<Number>) -> Option<Span> {
    let all = [with(&a.low, &b.low)?, with(&a.low, &b.high)?, with(&a.high, &b.low)?, with(&a.high, &b.high)?];
    Some(Span { low: all.iter().min()?.clone(), high: all.iter().max()?.clone() })
}

impl Add for Worked {
    type Output = Self;

    fn add(self, other: Self) -> Self {
        let sum = |a: Span, b: Span| Span { low: a.low + b.low, high: a.high + b.high };
        Self { value: self.value + other.value, near: sum(self.near, other.near), loose: sum(self.loose, other.loose) }
    }
}

impl Sub for Worked {
    type Output = Self;

    fn sub(self, other: Self) -> Self {
        let difference = |a: Span, b: Span| Span { low: a.low - b.high, high: a.high - b.low };
        Self {
            value: self.value - other.value,
            near: difference(self.near, other.near),
            loose: difference(self.loose, other.loose),
        }
    }
}

impl std::iter::Sum for Worked {
    fn sum<I: Iterator<Item = Self>>(parts: I) -> Self {
        parts.fold(Self::exact(Number::zero()), |total, part| total + part)
    }
}

/// The best of several verdicts: a statement is as true as its most favourable reading.
pub(super) fn best(verdicts: impl IntoIterator<Item = Verdict>) -> Verdict {
    let mut best = Verdict::Inconsistent;
    for verdict in verdicts {
        match verdict {
            Verdict::Consistent => return Verdict::Consistent,
            Verdict::Rounding => best = Verdict::Rounding,
            Verdict::Inconsistent => {}
        }
    }
    best
}

//! Many samples as one number, exactly.

use std::str::FromStr;

use crate::model::number::Number;

/// How samples become one value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Aggregate {
    Average,
    Smallest,
    Largest,
    Sum,
    /// The newest one.
    Last,
    /// Between 0 and 1.
    Quantile(Number),
}

impl FromStr for Aggregate {
    type Err = ();

    fn from_str(text: &str) -> Result<Self, ()> {
        Ok(match text {
            "avg" => Self::Average,
            "min" => Self::Smallest,
            "max" => Self::Largest,
            "sum" => Self::Sum,
            "last" => Self::Last,
            _ => {
                let percent = text.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit()));
                let percent: Number = percent.ok_or(())?.parse().map_err(|_| ())?;
                let quantile = percent.over(&Number::from(100)).ok_or(())?;
                if quantile > Number::one() {
                    return Err(());
                }
                Self::Quantile(quantile)
            }
        })
    }
}

impl Aggregate {
    /// `None` when there is nothing to reduce.
    pub(super) fn of(&self, numbers: &[Number]) -> Option<Number> {
        match self {
            Self::Average => total(numbers).over(&Number::from(numbers.len())),
            Self::Smallest => numbers.iter().min().cloned(),
            Self::Largest => numbers.iter().max().cloned(),
            Self::Last => numbers.last().cloned(),
            Self::Sum => (!numbers.is_empty()).then(|| total(numbers)),
            Self::Quantile(quantile) => of_rank(numbers, quantile),
        }
    }
}

fn total(numbers: &[Number]) -> Number {
    numbers.iter().cloned().sum()
}

/// The quantile as Prometheus computes it, linear between the two samples beside rank `q * (n - 1)` (Hyndman and Fan,
/// "Sample Quantiles in Statistical Packages", 1996, definition 7).
fn of_rank(numbers: &[Number], quantile: &Number) -> Option<Number> {
    let mut sorted = numbers.to_vec();
    sorted.sort();
    let last = sorted.len().checked_sub(1)?;
    let rank = quantile.clone() * Number::from(last);
    let below = (0..=last).take_while(|index| Number::from(*index) <= rank).last()?;
    let low = sorted.get(below)?;
    let high = sorted.get(below + 1).unwrap_or(low);
    let share = rank - Number::from(below);
    Some(low + &((high - low) * share))
}

/// The largest less the smallest.
pub(super) fn spread(numbers: &[Number]) -> Option<Number> {
    Some(numbers.iter().max()? - numbers.iter().min()?)
}

//! Exact numbers. `1,026 / 1,044` is a ratio, not 0.98275862; nothing that decides is ever a float.

use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use serde::{Deserialize, Serialize};

/// An exact rational number of any size. Written in the record as a decimal (`"98.28"`) where one exists, and as a
/// fraction (`"171/174"`) where none does.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Number(BigRational);

/// A text that is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a number")]
pub struct NotANumber(pub String);

/// Exponents beyond this are refused: `1e999999999` would fill the memory.
const MAX_EXPONENT: i32 = 400;
/// More decimals than this are written as a fraction.
const MAX_DECIMALS: usize = 30;

impl Number {
    /// Zero.
    pub fn zero() -> Self {
        Self(BigRational::zero())
    }

    /// One.
    pub fn one() -> Self {
        Self(BigRational::one())
    }

    /// `part / whole`; `None` when `whole` is zero.
    pub fn ratio(part: impl Into<BigInt>, whole: impl Into<BigInt>) -> Option<Self> {
        let whole = whole.into();
        (!whole.is_zero()).then(|| Self(BigRational::new(part.into(), whole)))
    }

    /// Ten to the power of `exponent`, which may be negative.
    pub fn power_of_ten(exponent: i32) -> Self {
        let power = BigRational::from_integer(BigInt::from(10).pow(exponent.unsigned_abs()));
        Self(if exponent < 0 { power.recip() } else { power })
    }

    /// `self / other`; `None` when `other` is zero.
    pub fn over(&self, other: &Self) -> Option<Self> {
        (!other.0.is_zero()).then(|| Self(&self.0 / &other.0))
    }

    /// The distance from zero.
    pub fn abs(&self) -> Self {
        Self(self.0.abs())
    }

    /// The largest whole number that is not above it.
    pub fn floor(&self) -> Self {
        if self.is_integer() { self.clone() } else { Self(self.0.floor()) }
    }

    /// Is it zero?
    pub fn is_zero(&self) -> bool {
        self.0.is_zero()
    }

    /// Is it below zero?
    pub fn is_negative(&self) -> bool {
        self.0.is_negative()
    }

    /// Has it no fractional part?
    pub fn is_integer(&self) -> bool {
        self.0.is_integer()
    }

    /// As an `i64`, when it is a whole number of that size.
    pub fn to_i64(&self) -> Option<i64> {
        self.is_integer().then(|| self.0.to_integer().to_i64()).flatten()
    }

    /// As a `u64`, when it is a whole number of that size.
    pub fn to_u64(&self) -> Option<u64> {
        self.is_integer().then(|| self.0.to_integer().to_u64()).flatten()
    }

    /// Nearest `f64`, for drawing only: never compare or record it.
    pub fn for_drawing(&self) -> f64 {
        self.0.to_f64().unwrap_or(0.0)
    }

    /// Rounded half-even to `places` decimals, always printed with that many: `9.10`.
    pub fn to_fixed(&self, places: u32) -> String {
        if self.is_integer() {
            let zeros = "0".repeat(places as usize);
            return if places == 0 { self.0.numer().to_string() } else { format!("{}.{zeros}", self.0.numer()) };
        }
        if let Some(fixed) = self.to_small_fixed(places) {
            return fixed;
        }
        // Not in lowest terms, which nobody needs here.
        let scaled = self.0.numer() * BigInt::from(10).pow(places);
        let (floor, rest) = scaled.div_mod_floor(self.0.denom());
        let twice: BigInt = rest * 2;
        let up = match twice.cmp(self.0.denom()) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => floor.is_odd(),
            std::cmp::Ordering::Greater => true,
        };
        let whole = if up { floor + 1 } else { floor };
        place_point(&whole, places as usize)
    }

    /// As [`Self::to_fixed`], of a number whose parts the processor can calculate with.
    fn to_small_fixed(&self, places: u32) -> Option<String> {
        let (part, whole) = (i128::from(self.0.numer().to_i64()?), i128::from(self.0.denom().to_i64()?));
        let scaled = part.checked_mul(10_i128.checked_pow(places)?)?;
        let (floor, rest) = (scaled.div_euclid(whole), scaled.rem_euclid(whole));
        let up = match (rest * 2).cmp(&whole) {
            std::cmp::Ordering::Less => false,
            std::cmp::Ordering::Equal => floor % 2 != 0,
            std::cmp::Ordering::Greater => true,
        };
        let rounded = floor + i128::from(up);
        if places == 0 {
            return Some(rounded.to_string());
        }
        let sign = if rounded < 0 { "-" } else { "" };
        let digits = format!("{:0>width$}", rounded.unsigned_abs(), width = places as usize + 1);
        let (head, tail) = digits.split_at(digits.len() - places as usize);
        Some(format!("{sign}{head}.{tail}"))
    }

    /// Rounded half-even to at most `places` decimals, without trailing zeros: `9.1`.
    pub fn to_rounded(&self, places: u32) -> String {
        if self.is_integer() {
            return self.0.numer().to_string();
        }
        let fixed = self.to_fixed(places);
        if !fixed.contains('.') {
            return fixed;
        }
        let short = fixed.trim_end_matches('0').trim_end_matches('.');
        if short == "-0" { "0".to_owned() } else { short.to_owned() }
    }

    /// The number of decimals an exact decimal needs; `None` when no finite decimal is exact.
    fn decimals(&self) -> Option<usize> {
        if self.is_integer() {
            return Some(0);
        }
        let (mut rest, mut twos, mut fives) = (self.0.denom().clone(), 0_usize, 0_usize);
        while rest.is_even() {
            rest /= 2;
            twos += 1;
        }
        while (&rest % 5_u8).is_zero() {
            rest /= 5;
            fives += 1;
        }
        rest.is_one().then_some(twos.max(fives))
    }
}

fn place_point(whole: &BigInt, places: usize) -> String {
    let digits = whole.abs().to_string();
    let sign = if whole.is_negative() { "-" } else { "" };
    if places == 0 {
        return format!("{sign}{digits}");
    }
    let padded = format!("{digits:0>width$}", width = places + 1);
    let (head, tail) = padded.split_at(padded.len() - places);
    format!("{sign}{head}.{tail}")
}

/// Digits and nothing else, as nearly all numbers are written, that fit.
pub(super) fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

impl FromStr for Number {
    type Err = NotANumber;

    /// Reads `12`, `-0.50`, `1.5e3` and `171/174`. No separators, no spaces, no `NaN`.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        let wrong = || NotANumber(text.to_owned());
        if let Some(number) = whole(text) {
            return Ok(Self::from(number));
        }
        if let Some((part, whole)) = text.split_once('/') {
            let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit()) && !t.is_empty();
            if !digits(part.strip_prefix('-').unwrap_or(part)) || !digits(whole) {
                return Err(wrong());
            }
            let part: BigInt = part.parse().map_err(|_| wrong())?;
            return Self::ratio(part, whole.parse::<BigInt>().map_err(|_| wrong())?).ok_or_else(wrong);
        }
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().map_err(|_| wrong())?),
            None => (text, 0),
        };
        let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
        let (head, tail) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
        let pointless = unsigned.ends_with('.') || head.is_empty();
        if pointless || !digits(head) || !digits(tail) || exponent.abs() > MAX_EXPONENT || text.len() > 4096 {
            return Err(wrong());
        }
        let whole: BigInt = format!("{head}{tail}").parse().map_err(|_| wrong())?;
        let scale = exponent - i32::try_from(tail.len()).map_err(|_| wrong())?;
        let value = match scale {
            0 => Self(BigRational::from_integer(whole)),
            1.. => Self(BigRational::from_integer(whole * BigInt::from(10).pow(scale.unsigned_abs()))),
            _ => Self(BigRational::new(whole, BigInt::from(10).pow(scale.unsigned_abs()))),
        };
        Ok(if mantissa.starts_with('-') { -value } else { value })
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimals() {
            Some(places) if places <= MAX_DECIMALS => f.write_str(&self.to_fixed(u32::try_from(places).unwrap_or(0))),
            _ => write!(f, "{}/{}", self.0.numer(), self.0.denom()),
        }
    }
}

impl TryFrom<String> for Number {
    type Error = NotANumber;

    fn try_from(text: String) -> Result<Self, NotANumber> {
        text.parse()
    }
}

impl From<Number> for String {
    fn from(number: Number) -> Self {
        number.to_string()
    }
}

macro_rules! from_integers {
    ($($integer:ty),*) => {$(
        impl From<$integer> for Number {
            fn from(value: $integer) -> Self {
                Self(BigRational::from_integer(BigInt::from(value)))
            }
        }
    )*};
}
from_integers!(i32, i64, u32, u64, usize);

// Of two whole numbers, which most are, the result is whole: looking for a common divisor would cost more than the rest.
macro_rules! arithmetic {
    ($($operation:ident $method:ident $sign:tt),*) => {$(
        impl $operation for Number {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                &self $sign &other
            }
        }

        impl $operation<&Number> for &Number {
            type Output = Number;

            fn $method(self, other: &Number) -> Number {
                if self.is_integer() && other.is_integer() {
                    return Number(BigRational::from_integer(self.0.numer() $sign other.0.numer()));
                }
                Number(&self.0 $sign &other.0)
            }
        }
    )*};
}
arithmetic!(Add add +, Sub sub -, Mul mul *);

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl std::iter::Sum for Number {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::zero(), |total, number| total + number)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn small_numbers_are_rounded_as_large_ones_are(part in any::<i64>(), whole in 1_i64.., places in 0_u32..12) {
            let number = Number::ratio(part, whole).unwrap();
            // The same number, too large for the processor: a multiple of ten to the 30th beside it.
            let far = Number::power_of_ten(30);
            let shifted = if number.is_negative() { &number - &far } else { &number + &far };
            let (fixed, large) = (number.to_fixed(places), shifted.to_fixed(places));
            let back: Number = large.parse().unwrap();
            let back = if number.is_negative() { &back + &far } else { &back - &far };
            prop_assert_eq!(fixed.parse::<Number>().unwrap(), back);
            let decimals = fixed.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            prop_assert_eq!(decimals, places as usize, "{}", fixed);
            prop_assert_eq!(number.to_rounded(places).parse::<Number>().unwrap(), fixed.parse().unwrap());
        }

        #[test]
        fn whole_numbers_and_fractions_calculate_alike(one in any::<i64>(), other in any::<i64>()) {
            let (a, b) = (Number::from(one), Number::from(other));
            let half = Number::ratio(1, 2).unwrap();
            let (x, y) = (&a + &half, &b + &half);
            prop_assert_eq!(&(&a + &b) + &Number::one(), &x + &y);
            prop_assert_eq!(&a - &b, &x - &y);
            prop_assert_eq!(&(&(&a * &b) + &(&(&a + &b) * &half)) + &(&half * &half), &x * &y);
            prop_assert_eq!(a.floor(), x.floor());
            prop_assert_eq!(&a + &b, (i128::from(one) + i128::from(other)).to_string().parse().unwrap());
        }
    }
}

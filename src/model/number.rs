//! Exact numbers. `1,026 / 1,044` is a ratio, not 0.98275862; nothing that decides is ever a float.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt;
use std::ops::{Add, Mul, Neg, Sub};
use std::str::FromStr;

use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// An exact rational number of any size. Written in the record as a decimal (`"98.28"`) where one exists, and as a
/// fraction (`"171/174"`) where none does.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Number(Held);

/// Nearly every number is small, and arithmetic on it needs no memory of its own. Always in lowest terms and small where
/// it fits, so that a number has one form.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Held {
    /// A whole above zero, and a part that can change its sign: never `i64::MIN`.
    Small {
        part: i64,
        whole: i64,
    },
    Large(Box<BigRational>),
}

/// A text that is not a number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("\"{0}\" is not a number")]
pub struct NotANumber(pub String);

/// Exponents beyond this are refused: `1e999999999` would fill the memory.
const MAX_EXPONENT: u32 = 400;
/// Longer texts are refused, zeros that an exponent stands for among them: the time that one takes grows with the square of
/// its length.
const MAX_READ: usize = 1_024;
/// What was calculated of such numbers has more digits: two of the longest, one divided by the other, are written with
/// fewer characters.
const MAX_WRITTEN: usize = 5 * MAX_READ;
/// More decimals than this are written as a fraction.
const MAX_DECIMALS: usize = 30;
/// So many digits fit into an `i64`, whatever they are.
const SMALL_DIGITS: u32 = 18;

impl Number {
    /// Zero.
    pub const fn zero() -> Self {
        Self(Held::Small { part: 0, whole: 1 })
    }

    /// One.
    pub const fn one() -> Self {
        Self(Held::Small { part: 1, whole: 1 })
    }

    /// One half.
    pub const fn one_half() -> Self {
        Self(Held::Small { part: 1, whole: 2 })
    }

    /// `part / whole`; `None` when `whole` is zero.
    pub fn ratio(part: impl Into<BigInt>, whole: impl Into<BigInt>) -> Option<Self> {
        let (part, whole) = (part.into(), whole.into());
        match (part.to_i64(), whole.to_i64()) {
            (_, Some(0)) => None,
            (Some(part), Some(whole)) => Some(Self::small(part.into(), whole.into())),
            _ => Some(Self::large(BigRational::new(part, whole))),
        }
    }

    /// In its one form, of two products or sums of `i64`; `whole` is not zero.
    fn small(part: i128, whole: i128) -> Self {
        if whole != 1 {
            let divisor = match (u64::try_from(part.unsigned_abs()), u64::try_from(whole.unsigned_abs())) {
                (Ok(part), Ok(whole)) => i128::from(part.gcd(&whole)),
                _ => part.gcd(&whole),
            };
            let divisor = if whole < 0 { -divisor } else { divisor };
            return Self::lowest(part / divisor, whole / divisor);
        }
        Self::lowest(part, whole)
    }

    /// As [`Self::small`], of what is in lowest terms already, and `whole` above zero.
    fn lowest(part: i128, whole: i128) -> Self {
        match (i64::try_from(part), i64::try_from(whole)) {
            (Ok(part), Ok(whole)) if part != i64::MIN => Self(Held::Small { part, whole }),
            _ => Self(Held::Large(Box::new(BigRational::new_raw(BigInt::from(part), BigInt::from(whole))))),
        }
    }

    /// In its one form.
    fn large(ratio: BigRational) -> Self {
        match (ratio.numer().to_i64(), ratio.denom().to_i64()) {
            (Some(part), Some(whole)) if part != i64::MIN => Self(Held::Small { part, whole }),
            _ => Self(Held::Large(Box::new(ratio))),
        }
    }

    fn as_large(&self) -> Cow<'_, BigRational> {
        match &self.0 {
            Held::Small { part, whole } => Cow::Owned(BigRational::new_raw(BigInt::from(*part), BigInt::from(*whole))),
            Held::Large(ratio) => Cow::Borrowed(ratio),
        }
    }

    /// `digits` with so many of them behind the point; both must be small: `digits` and ten to the power of `places` fit
    /// into an `i64`.
    pub(super) const fn decimal(digits: i64, places: u32) -> Self {
        if digits == 0 {
            return Self::zero();
        }
        // Ten has no other factors than these.
        let (mut part, mut whole) = (digits, 10_i64.pow(places));
        let mut left = places;
        while left > 0 && part % 5 == 0 {
            (part, whole, left) = (part / 5, whole / 5, left - 1);
        }
        let twos = if part.trailing_zeros() < places { part.trailing_zeros() } else { places };
        Self(Held::Small { part: part >> twos, whole: whole >> twos })
    }

    /// Ten to the power of `exponent`, which may be negative.
    pub fn power_of_ten(exponent: i32) -> Self {
        if exponent.unsigned_abs() <= SMALL_DIGITS {
            let power = 10_i64.pow(exponent.unsigned_abs());
            let (part, whole) = if exponent < 0 { (1, power) } else { (power, 1) };
            return Self(Held::Small { part, whole });
        }
        let power = BigRational::from_integer(BigInt::from(10).pow(exponent.unsigned_abs()));
        Self::large(if exponent < 0 { power.recip() } else { power })
    }

    /// `self / other`; `None` when `other` is zero.
    pub fn over(&self, other: &Self) -> Option<Self> {
        if other.is_zero() {
            return None;
        }
        Some(match (&self.0, &other.0) {
            (Held::Small { part: a, whole: b }, Held::Small { part: c, whole: d }) => {
                Self::small(i128::from(*a) * i128::from(*d), i128::from(*b) * i128::from(*c))
            }
            _ => Self::large(&*self.as_large() / &*other.as_large()),
        })
    }

    /// The distance from zero.
    pub fn abs(&self) -> Self {
        if self.is_negative() { -self.clone() } else { self.clone() }
    }

    /// The largest whole number that is not above it.
    pub fn floor(&self) -> Self {
        match &self.0 {
            Held::Small { part, whole } => Self::from(part.div_euclid(*whole)),
            Held::Large(ratio) => Self::large(ratio.floor()),
        }
    }

    /// Is it zero?
    pub const fn is_zero(&self) -> bool {
        matches!(self.0, Held::Small { part: 0, .. })
    }

    /// Is it below zero?
    pub fn is_negative(&self) -> bool {
        match &self.0 {
            Held::Small { part, .. } => *part < 0,
            Held::Large(ratio) => ratio.is_negative(),
        }
    }

    /// Has it no fractional part?
    pub fn is_integer(&self) -> bool {
        match &self.0 {
            Held::Small { whole, .. } => *whole == 1,
            Held::Large(ratio) => ratio.is_integer(),
        }
    }

    /// As an `i64`, when it is a whole number of that size.
    pub fn to_i64(&self) -> Option<i64> {
        match &self.0 {
            Held::Small { part, whole: 1 } => Some(*part),
            Held::Small { .. } => None,
            Held::Large(ratio) => ratio.is_integer().then(|| ratio.numer().to_i64()).flatten(),
        }
    }

    /// As a `u64`, when it is a whole number of that size.
    pub fn to_u64(&self) -> Option<u64> {
        match &self.0 {
            Held::Small { part, whole: 1 } => u64::try_from(*part).ok(),
            Held::Small { .. } => None,
            Held::Large(ratio) => ratio.is_integer().then(|| ratio.numer().to_u64()).flatten(),
        }
    }

    /// Nearest `f64`, for drawing only: never compare or record it.
    pub fn for_drawing(&self) -> f64 {
        self.as_large().to_f64().unwrap_or(0.0)
    }

    /// Rounded half-even to `places` decimals, always printed with that many: `9.10`.
    pub fn to_fixed(&self, places: u32) -> String {
        // Not in lowest terms, which nobody needs here.
        if let Held::Small { part, whole } = &self.0
            && let Some(power) = 10_i128.checked_pow(places)
            && let Some(scaled) = i128::from(*part).checked_mul(power)
        {
            return place_point(&half_even(&scaled, &i128::from(*whole)), places as usize);
        }
        let ratio = self.as_large();
        place_point(&half_even(&(ratio.numer() * BigInt::from(10).pow(places)), ratio.denom()), places as usize)
    }

    /// Rounded half-even to at most `places` decimals, without trailing zeros: `9.1`.
    pub fn to_rounded(&self, places: u32) -> String {
        if self.is_integer() {
            return self.to_fixed(0);
        }
        let fixed = self.to_fixed(places);
        if !fixed.contains('.') {
            return fixed;
        }
        fixed.trim_end_matches('0').trim_end_matches('.').to_owned()
    }

    /// The number of decimals an exact decimal needs; `None` when no finite decimal is exact.
    fn decimals(&self) -> Option<usize> {
        if self.is_integer() {
            return Some(0);
        }
        let (mut rest, mut twos, mut fives) = (self.as_large().denom().clone(), 0_usize, 0_usize);
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

/// `part / whole`, rounded half-even; `whole` is above zero.
fn half_even<I: Integer + Clone>(part: &I, whole: &I) -> I {
    let (floor, rest) = part.div_mod_floor(whole);
    let up = match (rest.clone() + rest).cmp(whole) {
        Ordering::Less => false,
        Ordering::Equal => floor.is_odd(),
        Ordering::Greater => true,
    };
    if up { floor + I::one() } else { floor }
}

fn place_point<I: Signed + fmt::Display>(whole: &I, places: usize) -> String {
    if places == 0 {
        return whole.to_string();
    }
    let sign = if whole.is_negative() { "-" } else { "" };
    let digits = format!("{:0>width$}", whole.abs().to_string(), width = places + 1);
    let (head, tail) = digits.split_at(digits.len() - places);
    format!("{sign}{head}.{tail}")
}

/// Digits and nothing else, as nearly all numbers are written, that fit.
pub(super) fn whole(text: &str) -> Option<u64> {
    text.bytes().all(|byte| byte.is_ascii_digit()).then(|| text.parse().ok()).flatten()
}

/// A number of at most `most` characters.
fn read(text: &str, most: usize) -> Option<Number> {
    if let Some(number) = whole(text) {
        return Some(Number::from(number));
    }
    if text.len() > most {
        return None;
    }
    let digits = |t: &str| t.bytes().all(|b| b.is_ascii_digit());
    if let Some((part, whole)) = text.split_once('/') {
        let unsigned = part.strip_prefix('-').unwrap_or(part);
        if unsigned.is_empty() || !digits(unsigned) || whole.is_empty() || !digits(whole) {
            return None;
        }
        return Number::ratio(part.parse::<BigInt>().ok()?, whole.parse::<BigInt>().ok()?);
    }
    let (mantissa, exponent) = match text.split_once(['e', 'E']) {
        Some((mantissa, exponent)) => (mantissa, exponent.parse::<i32>().ok()?),
        None => (text, 0),
    };
    let zeros = exponent.unsigned_abs();
    if zeros > MAX_EXPONENT || mantissa.len() + zeros as usize > most {
        return None;
    }
    let unsigned = mantissa.strip_prefix(['-', '+']).unwrap_or(mantissa);
    let (head, tail) = unsigned.split_once('.').unwrap_or((unsigned, ""));
    let pointless = unsigned.ends_with('.') || head.is_empty();
    if pointless || !digits(head) || !digits(tail) {
        return None;
    }
    let whole: BigInt = format!("{head}{tail}").parse().ok()?;
    let scale = exponent - i32::try_from(tail.len()).ok()?;
    let value = Number::large(BigRational::from_integer(whole)) * Number::power_of_ten(scale);
    Some(if mantissa.starts_with('-') { -value } else { value })
}

impl FromStr for Number {
    type Err = NotANumber;

    /// Reads `12`, `-0.50`, `1.5e3` and `171/174`. No separators, no spaces, no `NaN`.
    fn from_str(text: &str) -> Result<Self, NotANumber> {
        read(text, MAX_READ).ok_or_else(|| NotANumber(text.to_owned()))
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.decimals() {
            Some(places) if places <= MAX_DECIMALS => f.write_str(&self.to_fixed(u32::try_from(places).unwrap_or(0))),
            _ => {
                let ratio = self.as_large();
                write!(f, "{}/{}", ratio.numer(), ratio.denom())
            }
        }
    }
}

impl TryFrom<String> for Number {
    type Error = NotANumber;

    /// As it is written in a record.
    fn try_from(text: String) -> Result<Self, NotANumber> {
        read(&text, MAX_WRITTEN).ok_or(NotANumber(text))
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
                Self::lowest(value as i128, 1)
            }
        }
    )*};
}
from_integers!(i32, i64, u32, u64, usize);

macro_rules! arithmetic {
    ($($operation:ident $method:ident $sign:tt $small:ident),*) => {$(
        impl $operation for Number {
            type Output = Self;

            fn $method(self, other: Self) -> Self {
                &self $sign &other
            }
        }

        impl $operation<&Number> for &Number {
            type Output = Number;

            fn $method(self, other: &Number) -> Number {
                match (&self.0, &other.0) {
                    (Held::Small { part: a, whole: b }, Held::Small { part: c, whole: d }) => {
                        $small([a, b, c, d].map(|number| i128::from(*number)))
                    }
                    _ => Number::large(&*self.as_large() $sign &*other.as_large()),
                }
            }
        }
    )*};
}
arithmetic!(Add add + sum, Sub sub - difference, Mul mul * product);

/// `a/b + c/d`. No sum of two products of two `i64` leaves an `i128`: none of these is `i64::MIN`.
fn sum([a, b, c, d]: [i128; 4]) -> Number {
    if b == d { Number::small(a + c, b) } else { Number::small(a * d + c * b, b * d) }
}

fn difference([a, b, c, d]: [i128; 4]) -> Number {
    sum([a, b, -c, d])
}

fn product([a, b, c, d]: [i128; 4]) -> Number {
    Number::small(a * c, b * d)
}

impl Neg for Number {
    type Output = Self;

    fn neg(self) -> Self {
        Self(match self.0 {
            Held::Small { part, whole } => Held::Small { part: -part, whole },
            Held::Large(ratio) => Held::Large(Box::new(-*ratio)),
        })
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (&self.0, &other.0) {
            (Held::Small { part: a, whole: b }, Held::Small { part: c, whole: d }) if b == d => a.cmp(c),
            (Held::Small { part: a, whole: b }, Held::Small { part: c, whole: d }) => {
                (i128::from(*a) * i128::from(*d)).cmp(&(i128::from(*c) * i128::from(*b)))
            }
            _ => compared(self, other),
        }
    }
}

/// Numbers of which one is large. Not inlined: the comparison of ratios is long, and numbers are compared everywhere.
#[inline(never)]
fn compared(one: &Number, other: &Number) -> Ordering {
    one.as_large().cmp(&other.as_large())
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
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

    /// Around the largest that is kept small as well as among ordinary numbers.
    fn parts() -> impl Strategy<Value = i128> {
        let edge = i128::from(i64::MAX);
        prop_oneof![-1_000_i128..1_000, edge - 2..edge + 3, -edge - 3..-edge + 2, -edge * edge..edge * edge]
    }

    fn ratio((part, whole): (i128, i128)) -> (Number, BigRational) {
        let whole = if whole == 0 { 1 } else { whole };
        (Number::ratio(part, whole).unwrap(), BigRational::new(part.into(), whole.into()))
    }

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
        fn numbers_small_and_large_calculate_as_ratios_of_any_size(one in (parts(), parts()), other in (parts(), parts())) {
            let ((a, x), (b, y)) = (ratio(one), ratio(other));
            prop_assert_eq!(&a + &b, Number::large(&x + &y));
            prop_assert_eq!(&a - &b, Number::large(&x - &y));
            prop_assert_eq!(&a * &b, Number::large(&x * &y));
            prop_assert_eq!(a.over(&b), (!y.is_zero()).then(|| Number::large(&x / &y)));
            prop_assert_eq!(a.cmp(&b), x.cmp(&y));
            prop_assert_eq!(a == b, x == y);
            prop_assert_eq!((a.floor(), a.abs(), -a.clone()), (Number::large(x.floor()), Number::large(x.abs()), Number::large(-&x)));
            prop_assert_eq!((a.is_integer(), a.is_negative(), a.is_zero()), (x.is_integer(), x.is_negative(), x.is_zero()));
            prop_assert_eq!(a.to_string().parse(), Ok(a));
        }

        #[test]
        fn any_exponent_is_read_at_once_or_refused(
            mantissa in "-?[0-9]{1,3}(\\.[0-9]{1,3})?",
            exponent in prop_oneof![any::<i32>(), -401..402, Just(i32::MIN), Just(i32::MAX)],
        ) {
            let text = format!("{mantissa}e{exponent}");
            let read = text.parse::<Number>();
            prop_assert_eq!(read.is_ok(), exponent.unsigned_abs() <= MAX_EXPONENT, "{}", text);
            if let Ok(number) = read {
                let plain: Number = mantissa.parse().unwrap();
                prop_assert_eq!(number.over(&Number::power_of_ten(exponent)), Some(plain));
                prop_assert_eq!(Number::try_from(number.to_string()), Ok(number));
            }
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

    #[test]
    fn what_is_too_long_is_refused_in_every_form_and_what_was_calculated_is_read_back() {
        let digits = "7".repeat(MAX_READ + 1);
        for text in [digits.clone(), format!("-{digits}"), format!("{digits}/9"), format!("9/{digits}")] {
            assert!(text.parse::<Number>().is_err());
        }
        assert!(format!("{digits}e1").parse::<Number>().is_err() && format!("1.{digits}").parse::<Number>().is_err());
        let longest = [
            "7".repeat(MAX_READ),
            format!("-{}", "7".repeat(MAX_READ - 1)),
            format!("{}e400", "7".repeat(MAX_READ - 400)),
            format!("0.{}e-400", "7".repeat(MAX_READ - 402)),
            format!("{}/{}", "7".repeat(MAX_READ / 2), "3".repeat(MAX_READ / 2 - 1)),
        ];
        let longest = longest.map(|text| text.parse::<Number>().unwrap());
        for (one, other) in longest.iter().flat_map(|one| longest.iter().map(move |other| (one, other))) {
            for calculated in [one + other, one - other, one * other, one.over(other).unwrap()] {
                assert_eq!(Number::try_from(calculated.to_string()), Ok(calculated));
            }
        }
    }
}

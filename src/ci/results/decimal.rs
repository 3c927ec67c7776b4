//! Numbers as the results carry them: exact digits, never a float.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::model::number::Number;

/// A number in decimal digits, as exact as it was rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    digits: String,
    /// With one decimal more and the point one place to the left.
    tenth: String,
}

impl Decimal {
    /// Rounded half-even to at most `places` decimals.
    pub fn rounded(number: &Number, places: u32) -> Self {
        let digits = number.to_rounded(places);
        let rounded = digits.parse().unwrap_or_else(|_| number.clone());
        Self { tenth: (rounded * Number::power_of_ten(-1)).to_rounded(places + 1), digits }
    }

    /// With one decimal, as the report prints a score: `7.9`.
    pub fn short(&self) -> String {
        self.digits.parse::<Number>().map_or_else(|_| self.digits.clone(), |number| number.to_fixed(1))
    }

    /// A share as a percentage: `98.28`.
    pub fn percent(&self) -> String {
        let share: Number = self.digits.parse().unwrap_or_else(|_| Number::zero());
        (share * Number::from(100)).to_rounded(2)
    }

    /// Digits of a tenth of it: `0.7857`.
    pub fn tenth(&self) -> &str {
        &self.tenth
    }

    /// Its digits: `7.857`.
    pub fn text(&self) -> &str {
        &self.digits
    }
}

impl Serialize for Decimal {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        RawValue::from_string(self.digits.clone()).map_err(serde::ser::Error::custom)?.serialize(serializer)
    }
}

impl JsonSchema for Decimal {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "Decimal".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "number"})
    }
}

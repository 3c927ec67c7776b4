//! Numbers as the results carry them: exact digits, never a float.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

use crate::model::format;
use crate::model::number::Number;

/// Most decimals of a tenth: one more than any of these numbers has.
const MOST_DECIMALS: u32 = 17;

/// A number in decimal digits, as exact as it was rounded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Decimal {
    digits: String,
    /// As the report prints it.
    shown: String,
}

impl Decimal {
    /// A score: at most three decimals, more where they would say 10 of what is less, or nothing of what is more.
    pub fn score(number: &Number) -> Self {
        Self { digits: format::rounded(number, 10, 3), shown: format::score(number) }
    }

    /// A share: at most six decimals, more where they would say all of what is less, or nothing of what is more.
    pub fn share(number: &Number) -> Self {
        Self { digits: format::rounded(number, 1, 6), shown: format::percent(number) }
    }

    /// As the report prints it: a score as `7.9`, a share as `98.28 %`.
    pub fn shown(&self) -> &str {
        &self.shown
    }

    /// Digits of a tenth of it: `0.7857`.
    pub fn tenth(&self) -> String {
        let tenth = self.digits.parse::<Number>().map(|number| number * Number::power_of_ten(-1));
        tenth.map_or_else(|_| self.digits.clone(), |tenth| tenth.to_rounded(MOST_DECIMALS))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_nearly_all_is_not_all_in_any_form() {
        let score = Decimal::score(&Number::ratio(1_000_000, 100_001).unwrap());
        assert_eq!((score.text(), score.shown(), score.tenth().as_str()), ("9.9999", "9.9999", "0.99999"));
        let score = Decimal::score(&Number::ratio(55, 7).unwrap());
        assert_eq!((score.text(), score.shown(), score.tenth().as_str()), ("7.857", "7.9", "0.7857"));
        let share = Decimal::share(&Number::ratio(9_999_999, 10_000_000).unwrap());
        assert_eq!((share.text(), share.shown()), ("0.9999999", "99.99999 %"));
    }
}

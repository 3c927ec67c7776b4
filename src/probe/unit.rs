//! What a number that a source gives without a unit is a number of: only the audit can say it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::condition::Condition;
use crate::model::fact::{FactType, Scale, Unit, Value};
use crate::model::number::Number;

/// What a number is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum NumberUnit {
    /// A share in hundredths: 67 is 67 %.
    Percent,
    /// A share: 1 is 100 %.
    Ratio,
    /// Milliseconds.
    Milliseconds,
    /// Seconds.
    Seconds,
    /// Minutes.
    Minutes,
    /// Hours.
    Hours,
    /// Days of 24 hours.
    Days,
    /// Bytes.
    Bytes,
    /// 1,000 bytes.
    Kilobytes,
    /// 1,000,000 bytes.
    Megabytes,
    /// 1,000,000,000 bytes.
    Gigabytes,
    /// 1,024 bytes.
    Kibibytes,
    /// 1,048,576 bytes.
    Mebibytes,
    /// 1,073,741,824 bytes.
    Gibibytes,
}

impl NumberUnit {
    /// The number as a value in its base unit, exact; a plain number where nothing says what it is a number of.
    pub(super) fn value(unit: Option<Self>, number: Number) -> Value {
        match unit {
            Some(unit) => unit.scale().in_base(&number),
            None => Value::Number(number),
        }
    }

    /// What keeps a condition from being held against a number of that unit. Against a plain number, `<= 24h` would be
    /// held as if that were seconds: 30 hours would pass.
    pub(super) fn unfit(unit: Option<Self>, condition: &Condition) -> Option<(String, String)> {
        match unit {
            Some(unit) => condition.fits(unit.fact_type()).err().map(|problem| (problem.message, problem.help)),
            None => condition.names_a_unit().then(|| {
                (
                    format!(
                        "\"{}\" has a unit, and nothing says what the measured number is a number of",
                        condition.text
                    ),
                    "add `unit:` beside what is measured (`seconds`, `hours`, `percent`, `bytes` or another that \
                     `countersign kinds` lists), or write the condition without a unit"
                        .to_owned(),
                )
            }),
        }
    }

    fn scale(self) -> Scale {
        let (unit, size) = match self {
            Self::Percent => (Unit::Ratio, Number::power_of_ten(-2)),
            Self::Ratio => (Unit::Ratio, Number::one()),
            Self::Milliseconds => (Unit::Seconds, Number::power_of_ten(-3)),
            Self::Seconds => (Unit::Seconds, Number::one()),
            Self::Minutes => (Unit::Seconds, Number::from(60)),
            Self::Hours => (Unit::Seconds, Number::from(3600)),
            Self::Days => (Unit::Seconds, Number::from(86_400)),
            Self::Bytes => (Unit::Bytes, Number::one()),
            Self::Kilobytes => (Unit::Bytes, Number::power_of_ten(3)),
            Self::Megabytes => (Unit::Bytes, Number::power_of_ten(6)),
            Self::Gigabytes => (Unit::Bytes, Number::power_of_ten(9)),
            Self::Kibibytes => (Unit::Bytes, Number::from(1 << 10)),
            Self::Mebibytes => (Unit::Bytes, Number::from(1 << 20)),
            Self::Gibibytes => (Unit::Bytes, Number::from(1 << 30)),
        };
        Scale { unit, size }
    }

    fn fact_type(self) -> FactType {
        match self.scale().unit {
            Unit::One => FactType::Number,
            Unit::Ratio => FactType::Ratio,
            Unit::Seconds => FactType::Duration,
            Unit::Bytes => FactType::Bytes,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn number(digits: &str) -> Number {
        digits.parse().expect(digits)
    }

    #[test]
    fn a_number_with_a_unit_is_held_in_the_base_unit_exactly() {
        for (unit, expected) in [
            (NumberUnit::Percent, Value::Ratio(number("0.463"))),
            (NumberUnit::Ratio, Value::Ratio(number("46.3"))),
            (NumberUnit::Milliseconds, Value::Duration(number("0.0463"))),
            (NumberUnit::Seconds, Value::Duration(number("46.3"))),
            (NumberUnit::Minutes, Value::Duration(number("2778"))),
            (NumberUnit::Hours, Value::Duration(number("166680"))),
            (NumberUnit::Days, Value::Duration(number("4000320"))),
            (NumberUnit::Bytes, Value::Bytes(number("46.3"))),
            (NumberUnit::Kilobytes, Value::Bytes(number("46300"))),
            (NumberUnit::Megabytes, Value::Bytes(number("46300000"))),
            (NumberUnit::Gigabytes, Value::Bytes(number("46300000000"))),
            (NumberUnit::Kibibytes, Value::Bytes(number("47411.2"))),
            (NumberUnit::Mebibytes, Value::Bytes(number("48549068.8"))),
            (NumberUnit::Gibibytes, Value::Bytes(number("49714246451.2"))),
        ] {
            assert_eq!(NumberUnit::value(Some(unit), number("46.3")), expected, "{unit:?}");
        }
        assert_eq!(NumberUnit::value(None, number("46.3")), Value::Number(number("46.3")));
    }

    #[test]
    fn a_condition_has_a_unit_where_the_number_has_one_and_none_where_it_has_none() {
        let unfit = |unit, text: &str| {
            let condition = Condition::parse(text).expect(text);
            NumberUnit::unfit(unit, &condition).map(|(message, help)| format!("{message}; {help}"))
        };
        for text in ["<= 24h", ">= 80%", "in 1MB..2MB", "not > 300s", ">= 1 and < 1s", "<= baseline + 1d"] {
            let told = unfit(None, text).expect(text);
            assert!(told.contains(text) && told.contains("add `unit:`"), "{told}");
        }
        for text in ["<= 24", ">= 0.8", "+-10% of baseline", "<= baseline + 5%"] {
            assert_eq!(unfit(None, text), None, "{text}");
        }
        for (unit, fits, not) in [
            (NumberUnit::Hours, "<= 24h", "<= 24"),
            (NumberUnit::Percent, ">= 80%", ">= 80"),
            (NumberUnit::Gigabytes, "> 90GB", "> 90%"),
        ] {
            assert_eq!(unfit(Some(unit), fits), None, "{fits}");
            assert!(unfit(Some(unit), not).is_some(), "{not}");
        }
    }
}

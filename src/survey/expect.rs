//! From a measured value to a first expectation: what was measured, or better. What grows by itself, or says nothing, is
//! none.

use crate::model::condition::Condition;
use crate::model::fact::{Direction, FactSpec, FactType, Facts, Value};
use crate::model::number::Number;

/// A fact and the condition on it, as text.
pub type Expected = (String, String);

/// The first expectations of the named facts: those that were measured and of which a condition can hold and can fail.
pub fn first(names: &[&str], specs: &[FactSpec], facts: &Facts) -> Vec<Expected> {
    let of = |name: &&str| {
        let spec = specs.iter().find(|spec| spec.name == **name)?;
        Some(((*name).to_owned(), condition(spec, facts.get(name)?)?))
    };
    names.iter().filter_map(of).collect()
}

/// The condition that this value meets and a worse one does not.
fn condition(spec: &FactSpec, value: &Value) -> Option<String> {
    if spec.growing {
        return None;
    }
    let text = match value {
        Value::Flag(flag) if spec.direction != Direction::Neutral && *flag != (spec.direction == Direction::Higher) => {
            return None;
        }
        Value::Flag(flag) => flag.to_string(),
        Value::Count(number) | Value::Number(number) => {
            let zero = number.is_zero() && spec.direction == Direction::Lower;
            let places = if number.is_integer() { 0 } else { 3 };
            let sign = if zero { "==" } else { sign(spec.direction, places > 0)? };
            format!("{sign} {}", decimal(number, places, spec.direction))
        }
        Value::Fraction { .. } | Value::Ratio(_) => {
            let (share, _) = value.quantity()?;
            let percent = &share * &Number::from(100);
            format!("{} {}%", sign(spec.direction, !percent.is_integer())?, decimal(&percent, 2, spec.direction))
        }
        // How long something took, how large it is and what it is called change from run to run.
        _ => return None,
    };
    let condition = Condition::parse(&text).ok()?;
    let fits = condition.fits(spec.fact_type).is_ok() && condition.holds(value, None) == Ok(true);
    let can_fail = spec.fact_type == FactType::Flag || condition.can_fail(spec.fact_type);
    (fits && can_fail).then_some(text)
}

/// A number that is cut off cannot be asked for to the digit.
fn sign(direction: Direction, cut: bool) -> Option<&'static str> {
    match direction {
        Direction::Higher => Some(">="),
        Direction::Lower => Some("<="),
        Direction::Neutral => (!cut).then_some("=="),
    }
}

/// At most so many places, cut off towards what is worse: the value itself must meet it.
fn decimal(number: &Number, places: u32, direction: Direction) -> String {
    let scale = Number::power_of_ten(i32::try_from(places).unwrap_or(0));
    let scaled = number * &scale;
    let cut = match direction {
        Direction::Lower if !scaled.is_integer() => scaled.floor() + Number::one(),
        _ => scaled.floor(),
    };
    cut.over(&scale).unwrap_or(cut).to_rounded(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(spec: FactSpec, value: Value) -> Option<String> {
        condition(&spec, &value)
    }

    const fn spec(fact_type: FactType) -> FactSpec {
        FactSpec::new("fact", fact_type, "")
    }

    #[test]
    fn what_was_measured_or_better_is_expected() {
        let count = |number: u32| Value::count(number);
        assert_eq!(of(spec(FactType::Count).higher(), count(214)).as_deref(), Some(">= 214"));
        assert_eq!(of(spec(FactType::Count).lower(), count(3)).as_deref(), Some("<= 3"));
        assert_eq!(of(spec(FactType::Count).lower(), count(0)).as_deref(), Some("== 0"));
        assert_eq!(of(spec(FactType::Count), count(17)).as_deref(), Some("== 17"));
        assert_eq!(of(spec(FactType::Flag).higher(), Value::Flag(true)).as_deref(), Some("true"));
        let share = Value::fraction(1026, 1044).unwrap();
        assert_eq!(of(spec(FactType::Ratio).higher(), share.clone()).as_deref(), Some(">= 98.27%"));
        assert_eq!(of(spec(FactType::Ratio).lower(), share).as_deref(), Some("<= 98.28%"));
        let all = Value::fraction(7, 7).unwrap();
        assert_eq!(of(spec(FactType::Ratio).higher(), all).as_deref(), Some(">= 100%"));
    }

    #[test]
    fn what_cannot_fail_or_grows_by_itself_is_not_expected() {
        assert_eq!(of(spec(FactType::Count).higher(), Value::count(0_u32)), None);
        assert_eq!(of(spec(FactType::Flag).higher(), Value::Flag(false)), None);
        assert_eq!(of(spec(FactType::Ratio).higher(), Value::fraction(0, 7).unwrap()), None);
        assert_eq!(of(spec(FactType::Count).growing(), Value::count(7_u32)), None);
        assert_eq!(of(spec(FactType::Duration).higher(), Value::seconds(7_u32)), None);
        assert_eq!(of(spec(FactType::Text), Value::Text("main\nor true".to_owned())), None);
        assert_eq!(of(spec(FactType::Ratio), Value::fraction(1, 3).unwrap()), None, "a third has no last digit");
    }
}

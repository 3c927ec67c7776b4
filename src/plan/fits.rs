//! Can what somebody claims be held against the fact at all? A claim that no measurement could ever answer is a mistake
//! of the file, found before anything is measured.

use super::node::clip;
use super::problem::{Code, Sink};
use super::written::Text;
use crate::model::fact::{FactSpec, FactType, Unit};
use crate::model::number::Number;
use crate::model::printed::{Printed, PrintedTime};

/// Reports a claimed value that does not fit its fact.
pub(super) fn claim(sink: &Sink, written: &Text, spec: &FactSpec, path: &str) {
    let Err(example) = fits(written, spec.fact_type) else { return };
    let message = format!("\"{}\" cannot be held against \"{}\", {}", clip(written), spec.name, what(spec.fact_type));
    sink.error(written.span, &format!("{path}.{}", spec.name), Code::InvalidClaim, message, example);
}

/// Reports a claimed score that is no number.
pub(super) fn score(sink: &Sink, written: &Text, path: &str) {
    if !Printed::parse(written).is_ok_and(|printed| printed.unit == Unit::One) {
        let message = format!("\"{}\" is not a score", clip(written));
        sink.error(written.span, path, Code::InvalidClaim, message, "Write a number such as 9.8 or 9.8/10.");
    }
}

/// Reports a tolerance that is no quantity.
pub(super) fn tolerance(sink: &Sink, written: &Text, path: &str) {
    if Printed::quantity(written).is_none_or(|(size, _)| size.is_negative()) {
        let message = format!("\"{}\" is not a tolerance", clip(written));
        sink.error(written.span, path, Code::InvalidClaim, message, "Write 2, 5%, 10m or 1GiB.");
    }
}

/// Does it fit? If not, what to write.
fn fits(written: &str, fact_type: FactType) -> Result<(), &'static str> {
    let printed = Printed::parse(written);
    let number = |good: &dyn Fn(&Printed) -> bool| {
        printed.as_ref().is_ok_and(|printed| good(printed) || (printed.unit == Unit::One && printed.value().is_zero()))
    };
    let share = |number: &Number| !number.is_negative() && *number <= Number::one();
    let (good, example) = match fact_type {
        FactType::Count => (number(&|printed| printed.unit == Unit::One), "Write a number such as 13."),
        FactType::Number => (number(&|_| true), "Write a number such as 13 or 15.2 GB."),
        FactType::Ratio => {
            let good =
                number(&|printed| printed.unit == Unit::Ratio || (printed.unit == Unit::One && share(printed.value())));
            (good, "Write a percentage such as 98.28%.")
        }
        FactType::Duration => (number(&|printed| printed.unit == Unit::Seconds), "Write a length of time such as 47h."),
        FactType::Bytes => {
            (number(&|printed| printed.unit == Unit::Bytes || printed.shortened), "Write a size such as 15.2 GB.")
        }
        FactType::Instant => (PrintedTime::parse(written).is_ok(), "Write a time such as 2025-10-20T19:15Z."),
        FactType::Flag => {
            let word = written.trim().to_ascii_lowercase();
            (matches!(word.as_str(), "true" | "false" | "yes" | "no" | "on" | "off"), "Write true or false.")
        }
        FactType::Text | FactType::List => (true, ""),
        FactType::Table => (false, "Claim the facts that count the table's rows."),
    };
    if good { Ok(()) } else { Err(example) }
}

/// The type in words.
pub(super) fn what(fact_type: FactType) -> &'static str {
    match fact_type {
        FactType::Count => "a count",
        FactType::Number => "a number",
        FactType::Ratio => "a share",
        FactType::Duration => "a length of time",
        FactType::Bytes => "a size",
        FactType::Instant => "a time",
        FactType::Text => "a text",
        FactType::Flag => "true or false",
        FactType::List => "a list",
        FactType::Table => "a table",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_fits_the_facts_that_could_ever_equal_it() {
        for (written, fact_type) in [
            ("13", FactType::Count),
            ("13 rules", FactType::Count),
            ("1,044", FactType::Count),
            ("98.28%", FactType::Ratio),
            ("0.98", FactType::Ratio),
            ("47h", FactType::Duration),
            ("0", FactType::Duration),
            ("15.2 GB", FactType::Bytes),
            ("17K", FactType::Bytes),
            ("15.2 GB", FactType::Number),
            ("2025-10-20", FactType::Instant),
            ("yes", FactType::Flag),
            ("main", FactType::Text),
        ] {
            assert_eq!(fits(written, fact_type), Ok(()), "{written} {fact_type:?}");
        }
    }

    #[test]
    fn a_value_of_another_unit_does_not_fit() {
        for (written, fact_type) in [
            ("47h", FactType::Count),
            ("98%", FactType::Count),
            ("many", FactType::Count),
            ("13", FactType::Duration),
            ("13", FactType::Ratio),
            ("13", FactType::Bytes),
            ("2025-10-20T19:15", FactType::Instant),
            ("maybe", FactType::Flag),
            ("x", FactType::Table),
        ] {
            assert!(fits(written, fact_type).is_err(), "{written} {fact_type:?}");
        }
    }
}

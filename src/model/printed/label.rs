//! The unit that a label or the header of a column names for the bare numbers under it: `Error rate (%)`, `P95 [ms]`,
//! `Latency, ms`, `Size in GB`, `Users (million)`.
//!
//! It must not guess: of other words in brackets (`Tests (passed)`) nothing is said.

use super::units::{large, suffix, unit_word};
use super::{Printed, Qualifier, rewritten};
use crate::model::fact::{Unit, Value};

/// Units that are read without brackets, at the end of a label: words that mean nothing else.
const PLAIN: &[&str] = &["%", "ms", "µs", "μs", "ns", "kB", "KB", "MB", "GB", "TB", "KiB", "MiB", "GiB", "TiB"];

/// The unit that the texts above and before a number name, as it is written behind a number. Where they name several,
/// all of them, which no number has. `None` where they name none.
pub fn named_unit<'a>(labels: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let mut named: Vec<&str> = labels.into_iter().flat_map(units).collect();
    named.sort_unstable();
    named.dedup();
    (!named.is_empty()).then(|| named.join(" or "))
}

/// A bare number as it is meant where its label or header names a unit: `0.5` and `%` give `0.5 %`. `None` when it is no
/// bare number, or cannot have that unit.
pub fn with_unit(text: &str, unit: &str) -> Option<String> {
    let (at, inserted) = insertion(text, unit)?;
    Some(format!("{}{inserted}{}", &text[..at], &text[at..]))
}

/// As [`rewritten`], for a number whose unit stands in its label or header.
pub fn rewritten_with_unit(text: &str, unit: &str, actual: &Value) -> Option<String> {
    let (at, inserted) = insertion(text, unit)?;
    let (before, behind) = text.split_at(at);
    let new = rewritten(&format!("{before}{inserted}{behind}"), actual)?;
    Some(format!("{}{behind}", new.strip_suffix(behind)?.strip_suffix(inserted.as_str())?))
}

/// Is it a number without a unit?
pub fn is_bare(text: &str) -> bool {
    let bare = |printed: Printed| {
        printed.unit == Unit::One
            && !printed.shortened
            && printed.out_of.is_none()
            && printed.qualifier != Qualifier::Tool
            && printed.runs.iter().all(|run| run.scales.iter().all(|scale| *scale == 1_u32.into()))
    };
    Printed::parse(text).is_ok_and(bare)
}

/// Where the unit must stand in the text, and with what around it.
fn insertion(text: &str, unit: &str) -> Option<(usize, String)> {
    if !is_bare(text) || self::unit(unit).is_none() {
        return None;
    }
    let printed = Printed::parse(text).ok()?;
    let digits = printed.runs.last()?.span.end;
    let inserted = if unit.chars().count() == 1 && unit != "%" { unit.to_owned() } else { format!(" {unit}") };
    [digits, text.trim_end().len()].into_iter().find_map(|at| {
        let meant = format!("{}{inserted}{}", &text[..at], &text[at..]);
        let has_it = Printed::parse(&meant).is_ok() && !is_bare(&meant);
        has_it.then(|| (at, inserted.clone()))
    })
}

/// Every unit that a label names.
fn units(label: &str) -> Vec<&str> {
    let mut named: Vec<&str> = bracketed(label).into_iter().flat_map(|inside| inside.split([',', ';'])).collect();
    let label = label.trim().trim_end_matches([':', '：']).trim_end();
    if let Some((_, last)) = label.rsplit_once(',') {
        named.push(last);
    }
    let mut words = label.split_whitespace();
    let first = words.next().unwrap_or_default();
    let last = words.next_back().unwrap_or_default();
    if words.next_back() == Some("in") || (first == "in" && !last.is_empty()) {
        named.push(last);
    }
    named.extend([first, last].into_iter().filter(|word| *word == "%"));
    named.extend(PLAIN.iter().find(|unit| **unit == last));
    named.into_iter().filter_map(unit).collect()
}

/// What stands in brackets. `Test(s)` is a plural.
fn bracketed(label: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut open: Option<usize> = None;
    for (at, letter) in label.char_indices() {
        match letter {
            '(' | '[' => open = Some(at),
            ')' | ']' => {
                let Some(from) = open.take() else { continue };
                let inside = &label[from + 1..at];
                let glued = label[..from].ends_with(char::is_alphabetic);
                if !(glued && inside == "s") {
                    found.push(inside);
                }
            }
            _ => {}
        }
    }
    found
}

/// The unit, in the word that is read behind a number.
fn unit(text: &str) -> Option<&str> {
    let text = text.trim();
    let text = text.strip_prefix("in ").unwrap_or(text).trim_start();
    let letter = |text: &str| {
        let mut letters = text.chars();
        letters.next().filter(|_| letters.next().is_none()).and_then(suffix).is_some()
    };
    match text {
        "thousands" => return Some("thousand"),
        "millions" => return Some("million"),
        "billions" => return Some("billion"),
        "percentage" | "percentages" => return Some("%"),
        _ => {}
    }
    (unit_word(text).is_some() || large(text).is_some() || letter(text)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::number::Number;

    fn unit_of(label: &str) -> Option<String> {
        named_unit([label])
    }

    #[test]
    fn a_label_names_a_unit_in_brackets_behind_a_comma_or_with_in() {
        for (label, unit) in [
            ("Error rate (%)", "%"),
            ("Coverage %", "%"),
            ("% covered", "%"),
            ("P95 (ms)", "ms"),
            ("P95 latency (p95, in ms)", "ms"),
            ("P95, ms", "ms"),
            ("P95 ms", "ms"),
            ("Soak [h]:", "h"),
            ("Size in GB", "GB"),
            ("Time(ms)", "ms"),
            ("Users (millions)", "million"),
            ("Requests (k)", "k"),
        ] {
            assert_eq!(unit_of(label).as_deref(), Some(unit), "{label}");
        }
    }

    #[test]
    fn other_words_are_no_units() {
        for label in [
            "",
            "Tests (passed)",
            "Suite(s)",
            "Score (0-10)",
            "Throughput (req/s)",
            "Cost (USD)",
            "Memory",
            "Login, logout",
            "%d",
        ] {
            assert_eq!(unit_of(label), None, "{label}");
        }
    }

    #[test]
    fn two_units_are_one_that_no_number_has() {
        let both = named_unit(["Share (%)", "P95 (ms)"]).unwrap();
        assert_eq!(both, "% or ms");
        assert_eq!(with_unit("12", &both), None);
        assert_eq!(named_unit(["Before (ms)", "P95 (ms)"]).as_deref(), Some("ms"));
    }

    #[test]
    fn a_bare_number_takes_the_unit_and_others_keep_theirs() {
        for (text, unit, meant) in [
            ("0.5", "%", "0.5 %"),
            ("~80", "ms", "~80 ms"),
            ("4-6", "h", "4-6h"),
            ("at least 80", "ms", "at least 80 ms"),
            ("1,200", "GB", "1,200 GB"),
            ("12", "k", "12k"),
            ("1.2", "million", "1.2 million"),
        ] {
            assert_eq!(with_unit(text, unit).as_deref(), Some(meant), "{text}");
        }
        for (text, unit) in [("80+", "ms"), (">= 80", "%")] {
            let meant = with_unit(text, unit).unwrap_or_else(|| panic!("{text}"));
            assert_ne!(Printed::parse(&meant).unwrap().unit, Unit::One, "{meant}");
        }
        for text in ["150 ms", "98%", "17K", "9/10", "none", ""] {
            assert_eq!(with_unit(text, "%"), None, "{text}");
        }
    }

    #[test]
    fn what_is_written_anew_keeps_its_unit_in_the_label() {
        let share = Value::Ratio(Number::ratio(98, 100).unwrap());
        assert_eq!(rewritten_with_unit("0.9", "%", &share).as_deref(), Some("98.0"));
        assert_eq!(rewritten_with_unit("at least 99", "%", &share).as_deref(), Some("at least 98"));
        let length = Value::Duration(Number::ratio(1, 5).unwrap());
        assert_eq!(rewritten_with_unit("150", "ms", &length).as_deref(), Some("200"));
        assert_eq!(rewritten_with_unit("150", "% or ms", &length), None);
    }
}

//! What lets a stage go on or takes it back: a condition on something that is measured, and for how long it must hold.
//!
//! `error-rate > 0.5% for 5m`, `health >= 1 3 times in a row`, `p95 > 250ms in 3 of 5 samples`, `validation.suite.failed == 0`.

use std::cmp::Ordering;
use std::sync::LazyLock;

use regex::Regex;
use serde::{Deserialize, Serialize};

use crate::model::condition::Condition;
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::number::Number;
use crate::model::printed::parse_duration;

/// A condition over time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Trigger {
    /// As written.
    pub text: String,
    /// What it names: a signal, or a fact of a check as `area.check.fact`.
    pub name: String,
    /// What is measured by that name; `None` where nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub measured: Option<Measured>,
    /// What must hold of it.
    pub condition: Condition,
    /// For how long.
    #[serde(default, skip_serializing_if = "Window::is_now")]
    pub window: Window,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    pub declared: (String, u32),
}

/// What a condition is about.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Measured {
    /// A signal of the rollout.
    Signal(Id),
    /// A fact of one of the audit's checks.
    Fact(CheckId, String),
}

/// For how long something must hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Window {
    /// At the moment of looking.
    #[default]
    Now,
    /// So many seconds without a break, up to the moment of looking.
    For(u64),
    /// So many samples one after another, the newest last.
    InARow(u32),
    /// So many of the newest samples, in any order.
    OutOf {
        /// In how many of them it must hold.
        least: u32,
        /// How many of them are looked at.
        of: u32,
    },
}

/// Why a text is no trigger.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct NotATrigger {
    /// A lower-case fragment naming the offending part in quotes.
    pub message: String,
    /// What to write instead.
    pub help: String,
}

const EXAMPLE: &str = "Write a name, a condition and for how long, such as `error-rate > 0.5% for 5m`, \
    `health >= 1 3 times in a row` or `p95 > 250ms in 3 of 5 samples`.";
/// More samples than this are a length of time.
const MOST: u32 = 1_000;

/// The end of a trigger that says for how long.
static WINDOW: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let row = r"(?P<row>[0-9]+) (?:times|samples) in a row";
    let of = r"in (?P<least>[0-9]+) of (?P<of>[0-9]+)(?: samples)?";
    Regex::new(&format!(r"\s+(?:for (?P<for>\S+)|{row}|{of})$")).ok()
});

/// Name, condition and window of a trigger.
pub(super) type Parts = (String, Condition, Window);

impl Trigger {
    /// Reads name, condition and window.
    pub fn parse(text: &str) -> Result<Parts, NotATrigger> {
        let wrong = |message: String| NotATrigger { message, help: EXAMPLE.to_owned() };
        let text = text.trim();
        let (name, rest) =
            text.split_once(char::is_whitespace).ok_or_else(|| wrong(format!("\"{text}\" names no condition")))?;
        let (condition, window) = Self::parse_condition(rest)?;
        Ok((name.to_owned(), condition, window))
    }

    /// Reads condition and window, without a name: `> 0.5% for 5m`.
    pub fn parse_condition(text: &str) -> Result<(Condition, Window), NotATrigger> {
        let (condition, window) = window(text).map_err(|message| NotATrigger { message, help: EXAMPLE.to_owned() })?;
        let condition = Condition::parse(condition)
            .map_err(|problem| NotATrigger { message: problem.message, help: problem.help })?;
        Ok((condition, window))
    }
}

/// Splits the window off.
fn window(rest: &str) -> Result<(&str, Window), String> {
    let Some(found) = WINDOW.as_ref().and_then(|pattern| pattern.captures(rest)) else {
        return Ok((rest.trim(), Window::Now));
    };
    let condition = rest[..found.get(0).map_or(rest.len(), |all| all.start())].trim();
    let number = |name: &str| found.name(name).map(|text| (text.as_str(), text.as_str().parse().unwrap_or(u32::MAX)));
    let counted = |(text, number): (&str, u32)| match number {
        1..=MOST => Ok(number),
        _ => Err(format!("\"{text}\" samples cannot be waited for: 1 to {MOST} can")),
    };
    if let Some(span) = found.name("for") {
        let seconds = parse_duration(span.as_str()).ok().and_then(|seconds| seconds.to_u64());
        let seconds = seconds.filter(|seconds| *seconds > 0);
        let seconds = seconds.ok_or_else(|| format!("\"{}\" is no length of time in whole seconds", span.as_str()))?;
        return Ok((condition, Window::For(seconds)));
    }
    if let Some(row) = number("row") {
        return Ok((condition, Window::InARow(counted(row)?)));
    }
    let (least, of) = number("least").zip(number("of")).unwrap_or_default();
    let (least, of) = (counted(least)?, counted(of)?);
    if least > of {
        return Err(format!("{least} of {of} samples is never reached"));
    }
    Ok((condition, Window::OutOf { least, of }))
}

impl Window {
    /// Is one look enough?
    pub const fn is_now(&self) -> bool {
        matches!(self, Self::Now)
    }

    /// Does it take longer until something holds in this way than in the other? `None` where that depends.
    pub fn compare(self, other: Self) -> Option<Ordering> {
        match (self.plain(), other.plain()) {
            (Self::Now, Self::Now) => Some(Ordering::Equal),
            (Self::Now, _) => Some(Ordering::Less),
            (_, Self::Now) => Some(Ordering::Greater),
            (Self::For(one), Self::For(two)) => Some(one.cmp(&two)),
            (Self::InARow(one), Self::InARow(two)) => Some(one.cmp(&two)),
            // So many in a row are so many of any that end with them.
            (Self::InARow(row), Self::OutOf { least, .. }) if least <= row => Some(Ordering::Greater),
            (Self::OutOf { least, .. }, Self::InARow(row)) if least <= row => Some(Ordering::Less),
            (Self::OutOf { least, of }, Self::OutOf { least: other, of: whole }) => {
                match (least.cmp(&other), of.cmp(&whole)) {
                    (order, Ordering::Equal) => Some(order),
                    (Ordering::Equal, order) => Some(order.reverse()),
                    _ => None,
                }
            }
            _ => None,
        }
    }

    /// One sample in a row is this moment.
    const fn plain(self) -> Self {
        match self {
            Self::InARow(1) | Self::OutOf { least: 1, of: 1 } => Self::Now,
            Self::OutOf { least, of } if least == of => Self::InARow(least),
            window => window,
        }
    }

    /// In words, to stand behind the condition: `for 5 min`; empty for this moment.
    pub fn in_words(self) -> String {
        match self {
            Self::Now => String::new(),
            Self::For(seconds) => format!("for {}", format::duration(&Number::from(seconds))),
            Self::InARow(times) => format!("{times} times in a row"),
            Self::OutOf { least, of } => format!("in {least} of {of} samples"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> (String, String, Window) {
        let (name, condition, window) = Trigger::parse(text).unwrap_or_else(|problem| panic!("{text}: {problem}"));
        (name, condition.text, window)
    }

    #[test]
    fn a_trigger_is_a_name_a_condition_and_for_how_long() {
        let cases = [
            ("error-rate > 0.5% for 5m", "error-rate", "> 0.5%", Window::For(300)),
            ("critical == 0", "critical", "== 0", Window::Now),
            ("health >= 1 3 times in a row", "health", ">= 1", Window::InARow(3)),
            ("p95 > 250ms in 3 of 5 samples", "p95", "> 250ms", Window::OutOf { least: 3, of: 5 }),
            ("p95 > 250ms in 3 of 5", "p95", "> 250ms", Window::OutOf { least: 3, of: 5 }),
            ("a.b.c  in 4..6  for 1h30m", "a.b.c", "in 4..6", Window::For(5_400)),
            ("load in 4..6", "load", "in 4..6", Window::Now),
        ];
        for (text, name, condition, window) in cases {
            assert_eq!(read(text), (name.to_owned(), condition.to_owned(), window), "{text}");
        }
    }

    #[test]
    fn what_is_no_trigger_is_refused_with_the_part_that_is_wrong() {
        let cases = [
            ("error-rate", "names no condition"),
            ("error-rate > 0.5% for ever", "\"ever\""),
            ("error-rate > 0.5% for 0s", "\"0s\""),
            ("error-rate > 1% 0 times in a row", "\"0\""),
            ("error-rate > 1% in 5 of 3 samples", "5 of 3"),
            ("error-rate > 1% 99999999999 times in a row", "99999999999"),
            ("error-rate for 5m", "\"for 5m\""),
        ];
        for (text, part) in cases {
            let problem = Trigger::parse(text).map(|_| text).unwrap_err();
            assert!(problem.message.contains(part), "{text}: {problem}");
        }
    }

    #[test]
    fn longer_windows_are_more_patient() {
        let of = |text: &str| read(&format!("x > 1 {text}")).2;
        let order = |one: &str, other: &str| of(one).compare(of(other));
        assert_eq!(order("for 5m", "for 10m"), Some(Ordering::Less));
        assert_eq!(order("for 5m", "for 300s"), Some(Ordering::Equal));
        assert_eq!(order("", "2 times in a row"), Some(Ordering::Less));
        assert_eq!(order("1 times in a row", ""), Some(Ordering::Equal));
        assert_eq!(order("in 3 of 3", "3 times in a row"), Some(Ordering::Equal));
        assert_eq!(order("in 3 of 5", "in 2 of 5"), Some(Ordering::Greater));
        assert_eq!(order("in 3 of 5", "in 3 of 9"), Some(Ordering::Greater), "3 of 9 is reached sooner");
        assert_eq!(order("3 times in a row", "in 3 of 5"), Some(Ordering::Greater));
        assert_eq!(order("in 3 of 5", "3 times in a row"), Some(Ordering::Less));
        assert_eq!(order("in 4 of 5", "3 times in a row"), None);
        assert_eq!(order("for 5m", "3 times in a row"), None);
        assert_eq!(order("in 3 of 5", "in 4 of 9"), None);
    }
}

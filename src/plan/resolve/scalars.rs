//! Single values: ids, times, lengths of time, numbers, percentages.

use std::time::Duration;

use super::Resolver;
use crate::model::id::Id;
use crate::model::instant::{NotAnInstant, Stamp};
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::plan::node::clip;
use crate::plan::problem::Code;
use crate::plan::written::Text;

impl Resolver<'_> {
    /// Notes a wrong value.
    pub(super) fn wrong(&self, text: &Text, path: &str, code: Code, message: impl Into<String>, help: &str) {
        self.sink.error(text.span, path, code, message, help);
    }

    pub(super) fn id(&self, text: &Text, path: &str) -> Option<Id> {
        let read = text.parse();
        if read.is_err() {
            let message = format!("\"{}\" is not an id", clip(text));
            let help = "Use lower-case letters, digits and hyphens, starting with a letter or digit.";
            self.wrong(text, path, Code::InvalidId, message, help);
        }
        read.ok()
    }

    pub(super) fn time(&self, text: &Text, path: &str) -> Option<Stamp> {
        match text.parse::<Stamp>() {
            Ok(stamp) => Some(stamp),
            Err(NotAnInstant::NoZone(_)) => {
                let message = format!("\"{}\" has a time but no zone", clip(text));
                let help = "End it in Z (UTC) or an offset such as +02:00.";
                self.wrong(text, path, Code::InvalidTime, message, help);
                None
            }
            Err(NotAnInstant::Unreadable(_)) => {
                let message = format!("\"{}\" is not a time", clip(text));
                self.wrong(text, path, Code::InvalidTime, message, "Write 2025-10-20T19:15Z or 2025-10-20.");
                None
            }
        }
    }

    pub(super) fn maybe_time(&self, text: Option<&Text>, path: &str) -> Option<Stamp> {
        self.time(text?, path)
    }

    /// A length of time in whole milliseconds, above zero.
    pub(super) fn duration(&self, text: &Text, path: &str) -> Option<Duration> {
        let milliseconds = parse_duration(text).ok().map(|seconds| &seconds * &Number::from(1000));
        let milliseconds = milliseconds.filter(|number| !number.is_negative() && !number.is_zero());
        let Some(milliseconds) = milliseconds.and_then(|number| number.to_u64()) else {
            let message = format!("\"{}\" is not a length of time above zero", clip(text));
            self.wrong(text, path, Code::InvalidDuration, message, "Write 10s, 90s, 1h30m or 14d.");
            return None;
        };
        Some(Duration::from_millis(milliseconds))
    }

    /// A number in a range; the help says which.
    fn number(&self, text: &Text, path: &str, range: &str, inside: impl Fn(&Number) -> bool) -> Option<Number> {
        let help = format!("Write a number {range}.");
        let Ok(number) = text.parse::<Number>() else {
            self.wrong(text, path, Code::WrongType, format!("\"{}\" is not a number", clip(text)), &help);
            return None;
        };
        if !inside(&number) {
            self.wrong(text, path, Code::OutOfRange, format!("\"{}\" is out of range", clip(text)), &help);
            return None;
        }
        Some(number)
    }

    /// A number above zero.
    pub(super) fn above_zero(&self, text: &Text, path: &str) -> Option<Number> {
        self.number(text, path, "above 0", |number| !number.is_negative() && !number.is_zero())
    }

    /// A number on the scale of scores.
    pub(super) fn score(&self, text: &Text, path: &str) -> Option<Number> {
        self.number(text, path, "from 0 to 10", |number| !number.is_negative() && *number <= Number::from(10))
    }

    /// A share, `80%` or `0.8`.
    pub(super) fn share(&self, text: &Text, path: &str) -> Option<Number> {
        let (digits, whole) = match text.strip_suffix('%') {
            Some(digits) => (digits.trim_end(), Number::from(100)),
            None => (text.as_str(), Number::one()),
        };
        let share = digits.parse::<Number>().ok().and_then(|number| number.over(&whole));
        let share = share.filter(|share| !share.is_negative() && *share <= Number::one());
        if share.is_none() {
            let message = format!("\"{}\" is not a share", clip(text));
            self.wrong(text, path, Code::OutOfRange, message, "Write a percentage from 0% to 100%.");
        }
        share
    }
}

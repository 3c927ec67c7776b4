//! The counts that a command prints: as lines, as JSON, or as its exit code alone.

use std::sync::LazyLock;

use regex::Regex;

use super::super::command::number;
use super::{Checked, CommandCheck, CommandReads, Outcome, facts, filter_problems};
use crate::model::fact::{Facts, Unmeasurable, Value};
use crate::model::number::Number;
use crate::source::jq::{self, Filter, Json};
use crate::witness::{Command, CommandAnswer, Witness};

/// `Passed: 5`, `Passed: 5 of 7` or `Passed: 71.4 %`, at the start of a line or behind a comma; signs and colours before it
/// do not matter. An emoji may end in a mark that `\w` takes for a letter.
static COUNT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let words = ["passed|passing|failed|failing|degraded|warnings?|total|errors?|errored|skipped", UNREAD].join("|");
    let digits = r"\d(?:[\d,]{0,24}\d)?";
    let share = r"(?:\.\d+)?\s*%";
    let of = format!(r"(?:\s*/\s*|\s+(?:out\s+)?of\s+)({digits})");
    let end = r"(?:[^\w%.,]|,\D|\.\s|[.,]?$)";
    Regex::new(&format!(r"(?im)(?:^|[,;|(])[^A-Za-z0-9_\r\n]*({words})\s*[:=]\s*({digits})(?:({share})|{of})?{end}"))
        .ok()
});
/// Words for what did not go well, and which of passed and failed they belong to nobody can tell.
const UNREAD: &str =
    "unhealthy|unknown|critical|fatal|timeouts?|timed out|aborted|crashed|unreachable|down|broken|blocked";
/// What terminals take for colours.
static COLOUR: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\x1b\[[0-9;]*m").ok());

/// What a command says of its checks; `None` where it says nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Counts {
    passed: Option<u64>,
    failed: Option<u64>,
    degraded: Option<u64>,
    total: Option<u64>,
    errors: Option<u64>,
    skipped: Option<u64>,
    /// The largest count of [`UNREAD`], and how it is written.
    unread: Option<(u64, String)>,
    /// What is said in percent, and not how many.
    shares: Vec<Share>,
}

/// How many of all, in percent.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Share {
    /// What it is a share of, lower-case.
    word: String,
    /// As it is written: `71.4`.
    percent: String,
}

impl CommandCheck {
    pub(super) fn problems(&self) -> Vec<(String, String)> {
        let mut problems = filter_problems([&self.passed, &self.failed, &self.degraded]);
        let mut say = |message: &str, help: &str| problems.push((message.to_owned(), help.to_owned()));
        if self.run.is_empty() {
            say("there is no program to run", "name it in `run:`");
        }
        let filters = [&self.passed, &self.failed, &self.degraded];
        if self.reads != CommandReads::Json && filters.iter().any(|filter| filter.is_some()) {
            say("a filter means nothing without `reads: json`", "add `reads: json`, or leave the filter out");
        }
        problems
    }

    pub(super) async fn look(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let command = Command { argv: self.run.clone(), dir: self.dir.clone(), env: self.env.clone() };
        let answer = witness.run(command).await?;
        if self.reads != CommandReads::Json {
            return self.facts(&answer);
        }
        let filters = [self.passed.as_deref(), self.failed.as_deref(), self.degraded.as_deref()];
        let filters = filters.into_iter().flatten().collect::<Vec<_>>().join(" ");
        let (check, size) = (self.clone(), answer.stdout.len());
        let read = jq::apart(&filters, size, move || check.facts(&answer)).await;
        read.map_err(|problem| Unmeasurable::new(format!("`{}`: {}", self.name(), problem.message), problem.help))?
    }

    fn name(&self) -> String {
        shlex::try_join(self.run.iter().map(String::as_str)).unwrap_or_else(|_| self.run.join(" "))
    }

    pub(super) fn facts(&self, answer: &CommandAnswer) -> Result<Facts, Unmeasurable> {
        let name = self.name();
        let Some(exit) = answer.exit else {
            let signal = answer.signal.map_or_else(String::new, |signal| format!(" {signal}"));
            return Err(Unmeasurable::new(
                format!("`{name}` was ended by signal{signal}"),
                "Run it by hand and look why it does not end by itself.",
            ));
        };
        let counts = match self.reads {
            CommandReads::Exit => {
                let outcome = if exit == 0 { Outcome::Passed } else { Outcome::Failed };
                return Ok(facts(&[Checked { name, outcome, detail: format!("exit code {exit}"), parts: None }]));
            }
            CommandReads::Counts => {
                let mut output = answer.stdout.clone();
                output.push(b'\n');
                output.extend_from_slice(&answer.stderr);
                Counts::of_lines(&String::from_utf8_lossy(&output))
            }
            CommandReads::Json => self.of_json(&answer.stdout),
        };
        let unclear =
            |reason: String| Unmeasurable::new(format!("`{name}` {reason}"), "Run it by hand and look at it.");
        let counts = counts.map_err(unclear)?.completed().map_err(unclear)?;
        match counts.failed {
            Some(1..) => {}
            _ if exit == 0 => {}
            Some(0) => return Err(unclear(format!("ended with exit code {exit} and says that nothing failed"))),
            None => return Err(unclear(format!("ended with exit code {exit} and does not say how many failed"))),
        }
        Ok(counts.facts())
    }

    fn of_json(&self, output: &[u8]) -> Result<Counts, String> {
        let count = |filter: &str| -> Result<Option<u64>, String> {
            let found = Filter::compile(filter).and_then(|filter| filter.first(output));
            match found.map_err(|problem| format!("says what cannot be read: {}", problem.message))? {
                None | Some(Json::Null) => Ok(None),
                Some(Json::Number(number)) => {
                    number.to_u64().map(Some).ok_or_else(|| format!("says {number} at `{filter}`, which is no count"))
                }
                Some(other) => Err(format!("says {} at `{filter}`, which is no count", other.what())),
            }
        };
        Ok(Counts {
            passed: count(self.passed.as_deref().unwrap_or(".passed"))?,
            failed: count(self.failed.as_deref().unwrap_or(".failed"))?,
            degraded: self.degraded.as_deref().map(count).transpose()?.flatten(),
            ..Counts::default()
        })
    }
}

impl Counts {
    fn of_lines(output: &str) -> Result<Self, String> {
        let mut counts = Self::default();
        let (Some(count), Some(colour)) = (&*COUNT, &*COLOUR) else { return Ok(counts) };
        let output = colour.replace_all(output, "");
        for line in output.lines() {
            // Two counts may share the sign between them, so that each search begins at the digits of the last.
            let mut from = 0;
            while let Some(found) = line.get(from..).and_then(|rest| count.captures(rest)) {
                let (Some(word), Some(digits)) = (found.get(1), found.get(2)) else { break };
                let last = [found.get(4), found.get(3), Some(digits)].into_iter().flatten().next();
                from += last.map_or(digits.end(), |last| last.end());
                let word = word.as_str();
                if let Some(share) = found.get(3) {
                    let percent = format!("{}{}", digits.as_str(), share.as_str().trim_end_matches('%').trim_end());
                    counts.shares.push(Share { word: word.to_ascii_lowercase(), percent });
                    continue;
                }
                counts.take(word, digits.as_str())?;
                // Of errors and warnings it may be the number of requests.
                if let (Some(all), "passed" | "passing" | "failed" | "failing") =
                    (found.get(4), word.to_ascii_lowercase().as_str())
                {
                    counts.take("total", all.as_str())?;
                }
            }
        }
        Ok(counts)
    }

    fn take(&mut self, word: &str, digits: &str) -> Result<(), String> {
        let count = number(digits).and_then(|number| number.to_u64());
        let number = count.ok_or_else(|| format!("says \"{word}: {digits}\", which is no count"))?;
        let place = match word.to_ascii_lowercase().as_str() {
            "passed" | "passing" => &mut self.passed,
            "failed" | "failing" => &mut self.failed,
            "total" => &mut self.total,
            "error" | "errors" | "errored" => &mut self.errors,
            "skipped" => &mut self.skipped,
            "degraded" | "warning" | "warnings" => &mut self.degraded,
            _ => {
                if number > self.unread.as_ref().map_or(0, |(most, _)| *most) {
                    self.unread = Some((number, format!("{word}: {digits}")));
                }
                return Ok(());
            }
        };
        match place.replace(number) {
            Some(before) if before != number => {
                Err(format!("says \"{word}\" more than once, with {before} and with {number}"))
            }
            _ => Ok(()),
        }
    }

    /// With the one of passed, failed and total that follows from the other two.
    fn completed(mut self) -> Result<Self, String> {
        if let (Some((_, unread)), None) = (&self.unread, self.total) {
            return Err(format!("says \"{unread}\" and no total: nobody can tell whether those have failed"));
        }
        self.add_errors();
        // Neither passed nor failed, and yet of the whole.
        let besides = self.degraded.unwrap_or(0).saturating_add(self.skipped.unwrap_or(0));
        match (self.passed, self.failed, self.total) {
            (Some(passed), Some(failed), None) => {
                self.total = passed.checked_add(failed).and_then(|n| n.checked_add(besides))
            }
            // Whether those that were skipped are among them, totals differ: then nobody knows how many failed.
            (Some(passed), None, Some(total)) if self.skipped.unwrap_or(0) == 0 => {
                let failed = total.checked_sub(passed).and_then(|rest| rest.checked_sub(besides));
                self.failed = Some(failed.ok_or("says that more passed than there are")?);
            }
            (Some(passed), Some(failed), Some(total)) => {
                let sum = passed.checked_add(failed).and_then(|sum| sum.checked_add(self.degraded.unwrap_or(0)));
                if sum.is_none_or(|sum| sum > total) {
                    return Err(format!("says that {passed} passed and {failed} failed, of {total} in total"));
                }
            }
            (None, None, None) => return Err("says neither how many passed nor how many failed".to_owned()),
            _ => {}
        }
        self.hold_bad_ones()?;
        self.hold_shares()?;
        Ok(self)
    }

    /// What is said in percent must be what the counts come to. Where there are none, nobody knows how many it is, unless it
    /// is all that passed or none of anything else.
    fn hold_shares(&self) -> Result<(), String> {
        for Share { word, percent } in &self.shares {
            let said = format!("\"{word}: {percent}%\"");
            let share = number(percent).ok_or_else(|| format!("says {said}, which is no share"))?;
            let passed = word.starts_with("pass");
            let count = match word.as_str() {
                _ if passed => self.passed,
                "failed" | "failing" => self.failed,
                "degraded" | "warning" | "warnings" => self.degraded,
                "skipped" => self.skipped,
                _ => self.errors.filter(|_| word.starts_with("error")),
            };
            let of_all = count.zip(self.total).and_then(|(count, total)| Number::ratio(count, total));
            let decimals = percent.split_once('.').map_or(0, |(_, decimals)| decimals.len());
            match of_all {
                Some(actual) => {
                    let apart = (actual * Number::from(100) - share).abs();
                    let unit = Number::power_of_ten(-i32::try_from(decimals).unwrap_or(0));
                    if apart >= unit {
                        return Err(format!("says {said}, and its counts come to another share"));
                    }
                }
                None if passed && share == Number::from(100) && self.failed.unwrap_or(0) == 0 => {}
                None if !passed && share.is_zero() => {}
                None => return Err(format!("says {said}, and not how many that is")),
            }
        }
        Ok(())
    }

    /// What did not go well has not passed: beside those that have there must be room for it. What is neither passed nor
    /// failed may be it, and then nobody knows how many failed.
    fn hold_bad_ones(&mut self) -> Result<(), String> {
        let Some(total) = self.total else { return Ok(()) };
        let rest = total.saturating_sub(self.passed.unwrap_or(0));
        let errors = self.errors.map(|errors| (errors, format!("errors: {errors}")));
        for (count, said) in self.unread.iter().chain(&errors) {
            if *count > rest {
                return Err(format!("says \"{said}\" where at most {rest} of {total} have not passed"));
            }
        }
        let known = self.failed.unwrap_or(0).saturating_add(self.degraded.unwrap_or(0));
        if self.unread.is_some() && (self.passed.is_none() || known < rest) {
            self.failed = None;
        }
        Ok(())
    }

    /// What ended in an error has failed, unless that makes more than there are: then it is among the failed already. By
    /// themselves errors do not say how many failed.
    fn add_errors(&mut self) {
        let (Some(failed), Some(errors)) = (self.failed, self.errors) else { return };
        let sum = failed.saturating_add(errors);
        let rest = self.total.map(|total| {
            let others = [self.passed, self.degraded, self.skipped].into_iter().flatten();
            others.fold(total, |rest, count| rest.saturating_sub(count))
        });
        let counted = errors <= failed && rest.is_some_and(|rest| failed <= rest && rest < sum);
        self.failed = Some(if counted { failed } else { sum });
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        facts.absent("checks", "the command counts its checks and does not list them");
        if self.total == Some(0) {
            facts.set("total", Value::count(0));
            for fact in ["passed", "failed", "degraded", "pass-rate"] {
                facts.absent(fact, "the command ran no check");
            }
            return facts;
        }
        let count = |number: Option<u64>| number.map(Value::count);
        facts.set_or("total", count(self.total), "the command does not say how many there are");
        facts.set_or("passed", count(self.passed), "the command does not say how many passed");
        let unknown = match &self.unread {
            Some((_, unread)) => format!("the command says \"{unread}\": nobody can tell whether those have failed"),
            None => "the command does not say how many failed".to_owned(),
        };
        facts.set_or("failed", count(self.failed), &unknown);
        facts.set_or("degraded", count(self.degraded), "the command does not say whether one passed with a warning");
        let share = self.passed.zip(self.total);
        let share = share.and_then(|(passed, total)| Value::fraction(Number::from(passed), Number::from(total)));
        facts.set_or("pass-rate", share, "the command does not say how many passed, of how many");
        if let (Some(passed), Some(failed), Some(total)) = (self.passed, self.failed, self.total) {
            let rest = total - passed - failed - self.degraded.unwrap_or(0);
            if rest > 0 {
                facts.note(format!("{rest} of {total} neither passed nor failed."));
            }
        }
        facts
    }
}

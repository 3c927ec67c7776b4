//! A command of the reader's own: how it ended, what it printed, and a number out of it.
//!
//! Any exit code is a fact, and what was printed after one that stands for a failure is none. A command that is missing or
//! never ends is an error.

mod extract;

use std::collections::BTreeMap;

use regex::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::unit::NumberUnit;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::number::Number;
use crate::source::lines::by_line;
use crate::source::output::text;
use crate::witness::{CommandAnswer, Witness};

/// Longest stdout that is a fact, in bytes; the evidence has all of it. Of a part of it, "does not contain" would hold.
const MAX_STDOUT: usize = 4096;

/// A command of your own: how it ended, what it printed, and a number out of it.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Command {
    /// Program and arguments; no shell is involved.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub run: Vec<String>,
    /// A line for `sh -c`, in place of `run`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shell: Option<String>,
    /// Working directory, relative to the audit's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Variables to set for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// A regular expression whose first group, or whole match, is the number `value`; `^` and `$` are the ends of a line.
    /// A part of a number is none, and where it matches different numbers there is none either. Without it, `value` is
    /// there when all of stdout is a number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub extract: Option<String>,
    /// What the number `value` is a number of. A plain number unless given, which no condition with a unit (`<= 24h`) is
    /// held against.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<NumberUnit>,
    /// The exit codes after which what it printed is an answer, `[0]` unless given: `grep` ends with 1 where it found
    /// nothing.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub exit_codes: Vec<i32>,
}

impl Kind for Command {
    const NAME: &'static str = "command";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("exit", FactType::Number, "The exit code"),
        FactSpec::new("signal", FactType::Number, "The signal that ended it"),
        FactSpec::new(
            "stdout",
            FactType::Text,
            "What it printed, trimmed; no data beyond 4 KiB. `^` is its start, and after `not` that of each line",
        ),
        FactSpec::new("lines", FactType::Count, "Lines that it printed"),
        FactSpec::new("value", FactType::Number, "The number in what it printed").unitless(),
    ];
    const EXAMPLE: &'static str = "{run: [git, rev-list, --count, HEAD]}";

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        match (&self.shell, self.run.is_empty()) {
            (None, true) => say("no command is given".to_owned(), "write `run: [program, argument]`"),
            (Some(_), false) => say("both `run` and `shell` are given".to_owned(), "keep one, if possible `run`"),
            _ => {}
        }
        if let Some(Err(error)) = self.extract.as_deref().map(by_line).as_deref().map(Regex::new) {
            let line = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
            say(
                format!("`extract` is no regular expression: {line}"),
                "put `\\` before a character that stands for itself",
            );
        }
        problems
    }

    fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        (fact == "value").then(|| NumberUnit::unfit(self.unit, condition)).flatten()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let argv = match &self.shell {
            Some(line) => ["sh", "-c", line].map(str::to_owned).to_vec(),
            None => self.run.clone(),
        };
        let command = crate::witness::Command { argv, dir: self.dir.clone(), env: self.env.clone() };
        let answer = witness.run(command).await?;
        Ok(self.facts(&answer))
    }
}

impl Command {
    fn facts(&self, answer: &CommandAnswer) -> Facts {
        let mut facts = Facts::default();
        let printed = text(&answer.stdout);
        let plain = anstream::adapter::strip_str(&printed).to_string();
        let trimmed = plain.trim();
        facts.set_or("exit", answer.exit.map(|code| Value::Number(code.into())), "a signal ended it");
        facts.set_or("signal", answer.signal.map(|signal| Value::Number(signal.into())), "it ended by itself");
        if let Some(reason) = self.failed(answer) {
            ["stdout", "lines", "value"].into_iter().for_each(|fact| facts.absent(fact, reason.clone()));
            return facts;
        }
        let short = (trimmed.len() <= MAX_STDOUT).then(|| Value::Text(trimmed.to_owned()));
        facts.set_or(
            "stdout",
            short,
            "it is longer than 4 KiB; take a number of it with `extract:`, or let `grep` look",
        );
        facts.set("lines", Value::count(if trimmed.is_empty() { 0 } else { trimmed.lines().count() }));
        match self.number(trimmed) {
            Ok(number) => facts.set("value", NumberUnit::value(self.unit, number)),
            Err(reason) => facts.absent("value", reason),
        }
        facts
    }

    /// Why what it printed is no answer. A command that could not look prints nothing, which must not count as none.
    fn failed(&self, answer: &CommandAnswer) -> Option<String> {
        let codes = if self.exit_codes.is_empty() { &[0][..] } else { &self.exit_codes };
        match answer.exit {
            None => Some("a signal ended it".to_owned()),
            Some(code) if codes.contains(&code) => None,
            Some(code) => Some(format!(
                "it ended with exit code {code}: if what it printed then is an answer, write `exit-codes: [{code}]`"
            )),
        }
    }

    fn number(&self, printed: &str) -> Result<Number, String> {
        let Some(pattern) = &self.extract else {
            return number(printed).ok_or_else(|| "what it printed is not a number".to_owned());
        };
        let pattern = Regex::new(&by_line(pattern)).map_err(|_| "`extract` is no regular expression".to_owned())?;
        extract::number_in(printed, &pattern)
    }
}

/// `1026`, `-0.5` and `1,026`: commas only between groups of three digits, as elsewhere they may be a decimal point.
pub(super) fn number(text: &str) -> Option<Number> {
    let mut groups = text.split(',');
    let head = groups.next()?.trim_start_matches('-');
    let rest: Vec<&str> = groups.collect();
    let three = |(at, group): (usize, &&str)| {
        let whole = if at + 1 == rest.len() { group.split('.').next().unwrap_or_default() } else { group };
        whole.len() == 3 && whole.bytes().all(|byte| byte.is_ascii_digit())
    };
    let grouped = rest.is_empty() || ((1..=3).contains(&head.len()) && rest.iter().enumerate().all(three));
    grouped.then(|| text.replace(',', "").parse().ok()).flatten()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::fact::Fact;

    fn facts(yaml: &str, exit: Option<i32>, stdout: &[u8]) -> Facts {
        let command: Command = serde_saphyr::from_str(yaml).expect(yaml);
        let signal = exit.is_none().then_some(9);
        let elapsed = std::time::Duration::ZERO;
        command.facts(&CommandAnswer { exit, signal, stdout: stdout.to_vec(), stderr: Vec::new(), elapsed })
    }

    fn value(facts: &Facts) -> Option<String> {
        facts.get("value").and_then(Value::quantity).map(|(number, _)| number.to_string())
    }

    #[test]
    fn the_ending_and_the_output_are_facts() {
        let facts = facts("{run: [x], exit-codes: [0, 3]}", Some(3), b"\x1b[1mone\x1b[0m\ntwo\xFF\n\n");
        assert_eq!(facts.get("exit"), Some(&Value::Number(3.into())));
        assert!(matches!(facts.facts["signal"], Fact::Absent(_)));
        assert_eq!(facts.get("stdout"), Some(&Value::Text("one\ntwo\u{FFFD}".to_owned())));
        assert_eq!(facts.get("lines"), Some(&Value::count(2)));
        assert_eq!(facts.facts["value"], Fact::Absent("what it printed is not a number".to_owned()));
    }

    #[test]
    fn a_signal_leaves_no_exit_code() {
        let facts = facts("{run: [x]}", None, b"");
        assert!(matches!(facts.facts["exit"], Fact::Absent(_)));
        assert_eq!(facts.get("signal"), Some(&Value::Number(9.into())));
        assert_eq!(facts.facts["lines"], Fact::Absent("a signal ended it".to_owned()));
    }

    #[test]
    fn what_was_printed_after_a_failure_is_no_answer() {
        let told = |yaml: &str| facts(yaml, Some(128), b"");
        let failed = told("{run: [git, status]}");
        for fact in ["stdout", "lines", "value"] {
            let Fact::Absent(reason) = &failed.facts[fact] else { panic!("{fact}: {failed:?}") };
            assert!(reason.contains("exit code 128") && reason.contains("`exit-codes: [128]`"), "{reason}");
        }
        assert_eq!(failed.get("exit"), Some(&Value::Number(128.into())));
        assert_eq!(told("{run: [grep], exit-codes: [0, 128]}").get("lines"), Some(&Value::count(0)));
    }

    #[test]
    fn the_ends_of_a_line_are_ends() {
        let read = |yaml: &str| value(&facts(yaml, Some(0), b"all: 3\r\nbad: 2\r\n"));
        assert_eq!(read(r"{run: [x], extract: '^bad: (\d+)$'}"), Some("2".to_owned()));
        assert_eq!(read(r"{run: [x], extract: '^ad: (\d+)$'}"), None);
    }

    #[test]
    fn a_long_output_is_no_text_in_which_nothing_wrong_stands() {
        let printed = |fill: usize| format!("{}ERROR 7\n", "x\n".repeat(fill));
        let told = |fill| facts("{run: [x], extract: 'ERROR (.)'}", Some(0), printed(fill).as_bytes());
        assert!(matches!(told(2044).get("stdout"), Some(Value::Text(text)) if text.ends_with("ERROR 7")));
        let long = told(2045);
        assert!(matches!(&long.facts["stdout"], Fact::Absent(reason) if reason.contains("`extract:`")), "{long:?}");
        assert_eq!((long.get("lines"), value(&long)), (Some(&Value::count(2046)), Some("7".to_owned())));
    }

    #[test]
    fn a_number_is_read_exactly() {
        assert_eq!(value(&facts("{run: [x]}", Some(0), b" 1,026\n")), Some("1026".to_owned()));
        assert_eq!(value(&facts("{run: [x]}", Some(0), b"1,234,567.50")), Some("1234567.5".to_owned()));
        for text in ["1,5", "1,02,6", "12%", "NaN", "", "1,0260", "0x10"] {
            assert_eq!(value(&facts("{run: [x]}", Some(0), text.as_bytes())), None, "{text}");
        }
        let yaml = r"{run: [x], extract: 'coverage: ([0-9.]+)%'}";
        assert_eq!(value(&facts(yaml, Some(0), b"lines 3\ncoverage: 67.10%\n")), Some("67.1".to_owned()));
        assert_eq!(
            facts(yaml, Some(0), b"none").facts["value"],
            Fact::Absent("`extract` matches nothing that it printed".to_owned())
        );
    }

    #[test]
    fn a_number_is_one_of_what_the_audit_says_and_conditions_are_too() {
        let condition = Condition::parse("<= 24h").expect("a condition");
        let told = facts("{run: [x], unit: hours}", Some(0), b"30");
        assert_eq!(told.get("value"), Some(&Value::Duration(108_000.into())));
        let unfit = |yaml: &str| serde_saphyr::from_str::<Command>(yaml).expect(yaml).unfit("value", &condition);
        assert_eq!(unfit("{run: [x], unit: hours}"), None);
        assert!(unfit("{run: [x]}").is_some_and(|(_, help)| help.contains("add `unit:`")));
        assert!(unfit("{run: [x], unit: percent}").is_some());
    }

    #[test]
    fn a_shell_is_used_only_where_it_is_asked_for() {
        let problems = |yaml: &str| serde_saphyr::from_str::<Command>(yaml).expect(yaml).problems();
        assert_eq!(problems("{}")[0].0, "no command is given");
        assert_eq!(problems("{run: [a], shell: b}")[0].0, "both `run` and `shell` are given");
        assert!(problems("{shell: 'a | b'}").is_empty());
        assert_eq!(problems("{run: [a], extract: '('}").len(), 1);
    }

    proptest! {
        #[test]
        fn no_output_makes_it_panic(stdout in proptest::collection::vec(any::<u8>(), 0..300)) {
            let _ = facts("{run: [x], extract: '.+'}", Some(0), &stdout);
        }
    }
}

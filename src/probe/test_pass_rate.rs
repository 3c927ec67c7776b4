//! How many tests pass: from JUnit XML, from a command that is run now, or from what such a command printed earlier.
//!
//! Nothing that ran is no pass rate: no matching file, a run of zero tests and a run that was cut short are no data.

mod facts;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::facts::{absent, found};
use super::Kind;
use super::newer_than::{self, NewerThan, Oldest};
use super::report_files::{self, Content, Missing};
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable};
use crate::source::output::ending;
use crate::source::shorthand::OneOrMany;
use crate::source::test_results::{Input, Reads};
use crate::source::test_run::{Seen, TestRun};
use crate::witness::{Command, CommandAnswer, Witness};

/// How many tests pass, counted from the results themselves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestPassRate {
    /// JUnit XML files: a glob, or a list of globs, each of which must match a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub junit: Option<OneOrMany<String>>,
    /// A command that runs the tests now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<TestCommand>,
    /// What a test tool wrote or printed earlier, in one file or in many.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<TestFile>,
    /// How fresh a result must be: `24h`, or newer than the commit that it is to prove (`commit` is the one that is checked
    /// out, `{commit: v1.2}` another). An older one is no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_than: Option<NewerThan>,
}

/// A command that runs tests.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestCommand {
    /// Program and arguments.
    pub run: Vec<String>,
    /// How its results are written.
    pub reads: Reads,
    /// The files that it writes: a glob, or a list of globs, each of which must match a file; what it prints unless given.
    /// Files from before the run do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<OneOrMany<String>>,
    /// Working directory, relative to the audit's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Variables to set for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// What a test tool wrote or printed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestFile {
    /// The files: a glob, or a list of globs, each of which must match a file.
    pub path: OneOrMany<String>,
    /// How they are written.
    pub reads: Reads,
}

impl Kind for TestPassRate {
    const NAME: &'static str = "test-pass-rate";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Tests, those that were skipped included"),
        FactSpec::new("passed", FactType::Count, "Tests that passed").higher(),
        FactSpec::new("failed", FactType::Count, "Tests that failed").lower(),
        FactSpec::new("errors", FactType::Count, "Tests around which something broke").lower(),
        FactSpec::new("skipped", FactType::Count, "Tests that did not run, expected failures included").lower(),
        FactSpec::new("flaky", FactType::Count, "Tests that passed only when they were repeated").lower(),
        FactSpec::new("pass-rate", FactType::Ratio, "Share of all tests that passed").higher(),
        FactSpec::new("pass-rate-of-run", FactType::Ratio, "Share of those that ran").higher(),
        FactSpec::new("duration", FactType::Duration, "How long the tests took, added up").lower(),
        FactSpec::new(
            "suites",
            FactType::Table,
            "For each suite: name, total, passed, failed, errors, skipped, pass-rate, duration",
        ),
        FactSpec::new("slowest", FactType::Text, "The test that took longest"),
        FactSpec::new("age", FactType::Duration, "How long ago the oldest result file was written").lower().growing(),
    ];
    const FRACTION: Option<[&'static str; 3]> = Some(["passed", "total", "pass-rate"]);
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("suites", facts::COLUMNS)];
    const EXAMPLE: &'static str = r#"{junit: "target/test-results/**/*.xml", newer-than: 24h}"#;
    const SOURCES: &'static [&'static str] = &["junit", "command", "file"];

    fn source(&self) -> Option<&'static str> {
        match (&self.junit, &self.command, &self.file) {
            (Some(_), _, _) => Some("junit"),
            (_, Some(_), _) => Some("command"),
            (_, _, Some(_)) => Some("file"),
            _ => None,
        }
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        let sources = [self.junit.is_some(), self.command.is_some(), self.file.is_some()];
        match sources.iter().filter(|given| **given).count() {
            0 => say("no source is given".to_owned(), "give one of `junit:`, `command:` and `file:`"),
            1 => {}
            _ => say("several sources are given".to_owned(), "keep one of `junit:`, `command:` and `file:`"),
        }
        if let Some((message, help)) = self.newer_than.as_ref().and_then(newer_than::problem) {
            say(message, &help);
        }
        if self.newer_than.is_some() && self.command.is_some() {
            say("`newer-than:` says nothing about a command, which is run now".to_owned(), "leave it out");
        }
        if self.command.as_ref().is_some_and(|command| command.run.is_empty()) {
            say("the command is empty".to_owned(), "write `run: [program, argument]`");
        }
        problems
    }

    fn overlooks(&self, expected: &[&str]) -> Option<(String, String)> {
        let any = |facts: &[&str]| facts.iter().any(|fact| expected.contains(fact));
        (any(&["failed"]) && !any(&["errors", "pass-rate", "pass-rate-of-run"])).then(|| {
            (
                "\"failed\" does not count what broke before or around its tests, such as a suite that did not compile"
                    .to_owned(),
                "Expect `errors: == 0` beside it, or `pass-rate: == 100%`.".to_owned(),
            )
        })
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        if let Some(command) = &self.command {
            return from_command(command, witness).await;
        }
        let (globs, reads) = match (&self.junit, &self.file) {
            (Some(globs), _) => (globs, Reads::JUNIT),
            (None, Some(file)) => (&file.path, file.reads),
            (None, None) => {
                let help = "Give one of `junit:`, `command:` and `file:`.";
                return Err(Unmeasurable::new("no source is given", help));
            }
        };
        let oldest = Oldest::allowed(self.newer_than.as_ref(), witness).await?;
        from_files(&globs.0, reads, &oldest, witness).await
    }
}

async fn from_files(globs: &[String], reads: Reads, oldest: &Oldest, witness: &Witness) -> Result<Facts, Unmeasurable> {
    let paths = match report_files::matching(globs, witness).await? {
        Ok(paths) => paths,
        Err(Missing(reason)) => return Ok(absent(&reason)),
    };
    let several = paths.len() > 1;
    // What the first file says of itself, such as that its source tells flaky tests, must not be lost.
    let mut run = TestRun { tells_flaky: true, ..TestRun::default() };
    let mut seen = Seen::default();
    let parse = move |name: &str, content: Content| reads.read(Input { name, content, stderr: None });
    let take = |path: &str, mut one: TestRun| {
        if several {
            one.cut_short = one.cut_short.map(|reason| format!("\"{path}\": {reason}"));
        }
        run.take_in(one, &mut seen);
        Ok(())
    };
    Ok(match report_files::each(paths, oldest, witness, parse, take).await? {
        Ok(age) => found(&run, age),
        Err(Missing(reason)) => absent(&reason),
    })
}

async fn from_command(tests: &TestCommand, witness: &Witness) -> Result<Facts, Unmeasurable> {
    let started = witness.now().await?;
    let command = Command { argv: tests.run.clone(), dir: tests.dir.clone(), env: tests.env.clone() };
    let answer = witness.run(command).await?;
    let facts = match &tests.path {
        Some(globs) => from_files(&globs.0, tests.reads, &Oldest::of_command(started), witness).await?,
        None => found(&printed(tests.reads, &answer)?, None),
    };
    disagreement(facts, &answer)
}

fn printed(reads: Reads, answer: &CommandAnswer) -> Result<TestRun, Unmeasurable> {
    let content = Box::new(answer.stdout.as_slice());
    let run = reads.read(Input { name: "stdout", content, stderr: Some(&answer.stderr) });
    run.map_err(|error| match answer.exit {
        Some(0) => error,
        _ => Unmeasurable::new(format!("the tests did not run: {}", ending(answer)), error.help),
    })
}

/// A command that fails although none of its tests did has failed for another reason, such as code that does not
/// compile; its counts would flatter it.
fn disagreement(facts: Facts, answer: &CommandAnswer) -> Result<Facts, Unmeasurable> {
    let broken = |fact| facts.get(fact).and_then(|value| value.quantity()).is_some_and(|(number, _)| !number.is_zero());
    let measured = facts.get("pass-rate").is_some();
    if answer.exit != Some(0) && measured && !broken("failed") && !broken("errors") {
        let reason = format!("no test failed, yet the command did: {}", ending(answer));
        return Err(Unmeasurable::new(reason, "Run the command by hand and look at its whole output."));
    }
    Ok(facts)
}

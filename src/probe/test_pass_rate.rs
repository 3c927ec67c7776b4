//! How many tests pass: from JUnit XML, from a command that is run now, or from what such a command printed earlier.
//!
//! Nothing that ran is no pass rate: no matching file, a run of zero tests and a run that was cut short are no data.

mod facts;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use self::facts::{absent, found};
use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::output::{about, ending, text};
use crate::source::shorthand::OneOrMany;
use crate::source::test_run::TestRun;
use crate::source::{cargo_test, junit, nextest, pytest};
use crate::witness::{Command, CommandAnswer, Witness};

/// How many tests pass, counted from the results themselves.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestPassRate {
    /// JUnit XML files: a glob, or a list of globs.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub junit: Option<OneOrMany<String>>,
    /// A command that runs the tests now.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub command: Option<TestCommand>,
    /// What a test tool printed earlier, kept in a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<TestFile>,
    /// How old a result may be, such as `24h`; an older one is no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_than: Option<String>,
}

/// A command that runs tests.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestCommand {
    /// Program and arguments.
    pub run: Vec<String>,
    /// Where its results are.
    pub reads: Reads,
    /// With `reads: junit`: the files that it writes, a glob or a list of globs. Files from before the run do not count.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub path: Option<OneOrMany<String>>,
    /// Working directory, relative to the audit's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Variables to set for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
}

/// What a test tool printed.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TestFile {
    /// The file.
    pub path: String,
    /// How it is written.
    pub reads: Reads,
}

/// How test results are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Reads {
    /// The last line that pytest prints.
    PytestSummary,
    /// What `cargo test` prints.
    CargoTest,
    /// The summary that `cargo nextest run` prints.
    Nextest,
    /// JUnit XML files.
    Junit,
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
        if let Some(Err(problem)) = self.newer_than.as_deref().map(parse_duration) {
            say(problem.to_string(), "write `newer-than:` as 24h or 7d");
        }
        if let Some(command) = &self.command {
            if command.run.is_empty() {
                say("the command is empty".to_owned(), "write `run: [program, argument]`");
            }
            if (command.reads == Reads::Junit) != command.path.is_some() {
                say("`path:` and `reads: junit` belong together".to_owned(), "give both, or neither");
            }
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        if let Some(globs) = &self.junit {
            let oldest = self.oldest_allowed(witness).await?;
            return from_junit(&globs.0, oldest.as_ref(), witness).await;
        }
        if let Some(command) = &self.command {
            return from_command(command, witness).await;
        }
        match &self.file {
            Some(TestFile { path, reads: Reads::Junit }) => {
                let oldest = self.oldest_allowed(witness).await?;
                from_junit(std::slice::from_ref(path), oldest.as_ref(), witness).await
            }
            Some(file) => {
                let oldest = self.oldest_allowed(witness).await?;
                from_text_file(file, oldest.as_ref(), witness).await
            }
            None => Err(Unmeasurable::new("no source is given", "Give one of `junit:`, `command:` and `file:`.")),
        }
    }
}

/// From when on results count, and the sentence for those that are older.
struct Oldest {
    from: Option<Instant>,
    now: Instant,
    too_old: String,
}

impl TestPassRate {
    async fn oldest_allowed(&self, witness: &Witness) -> Result<Option<Oldest>, Unmeasurable> {
        let now = witness.now().await?;
        let Some(text) = &self.newer_than else {
            return Ok(Some(Oldest { from: None, now, too_old: String::new() }));
        };
        let seconds =
            parse_duration(text).map_err(|problem| Unmeasurable::new(problem.to_string(), "Write 24h or 7d."))?;
        let from = seconds.to_i64().and_then(|seconds| Instant::from_seconds(now.seconds() - seconds));
        Ok(Some(Oldest { from, now, too_old: format!("is older than {text}") }))
    }
}

async fn from_junit(globs: &[String], oldest: Option<&Oldest>, witness: &Witness) -> Result<Facts, Unmeasurable> {
    let mut paths = BTreeSet::new();
    for glob in globs {
        paths.extend(witness.list(glob).await?);
    }
    if paths.is_empty() {
        return Ok(absent(&format!("no file matches {}", quoted(globs))));
    }
    let mut run: Option<TestRun> = None;
    let mut age = None;
    for path in paths {
        let content = witness.read(&path).await?;
        if let Some(reason) = too_old(&path, content.modified, oldest, &mut age) {
            return Ok(absent(&reason));
        }
        let name = path.clone();
        let read = tokio::task::spawn_blocking(move || junit::read(content.reader, &name)).await;
        let read = read.map_err(|error| Unmeasurable::new(format!("reading broke off: {error}"), "Report this."))?;
        let one = read.map_err(|error| about(&path, &error))?;
        match &mut run {
            Some(run) => run.absorb(one),
            none => *none = Some(one),
        }
    }
    Ok(found(&run.unwrap_or_default(), age))
}

/// Why a file does not count, when it does not; `age` grows to that of the oldest.
fn too_old(path: &str, modified: Option<Instant>, oldest: Option<&Oldest>, age: &mut Option<Number>) -> Option<String> {
    let oldest = oldest?;
    let Some(modified) = modified else {
        return oldest.from.map(|_| format!("it is not known when \"{path}\" was written"));
    };
    let seconds = Number::from(oldest.now.seconds_since(modified).max(0));
    if age.as_ref().is_none_or(|age| *age < seconds) {
        *age = Some(seconds);
    }
    let outdated = oldest.from.is_some_and(|from| modified < from);
    outdated.then(|| format!("\"{path}\" was written at {modified}, which {}", oldest.too_old))
}

fn quoted(globs: &[String]) -> String {
    globs.iter().map(|glob| format!("\"{glob}\"")).collect::<Vec<_>>().join(" or ")
}

async fn from_text_file(file: &TestFile, oldest: Option<&Oldest>, witness: &Witness) -> Result<Facts, Unmeasurable> {
    let mut content = witness.read(&file.path).await?;
    let mut age = None;
    if let Some(reason) = too_old(&file.path, content.modified, oldest, &mut age) {
        return Ok(absent(&reason));
    }
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut content.reader, &mut bytes)
        .map_err(|error| Unmeasurable::new(format!("\"{}\" cannot be read: {error}", file.path), "Check the file."))?;
    let text = text(&bytes);
    let run = match file.reads {
        Reads::PytestSummary => pytest::read(&text),
        Reads::CargoTest => cargo_test::read(&text, &text),
        Reads::Nextest => nextest::read(&text),
        Reads::Junit => junit::read(bytes.as_slice(), &file.path),
    };
    Ok(found(&run.map_err(|error| about(&file.path, &error))?, age))
}

async fn from_command(tests: &TestCommand, witness: &Witness) -> Result<Facts, Unmeasurable> {
    let started = witness.now().await?;
    let command = Command { argv: tests.run.clone(), dir: tests.dir.clone(), env: tests.env.clone() };
    let answer = witness.run(command).await?;
    let facts = match (tests.reads, &tests.path) {
        (Reads::Junit, Some(globs)) => {
            let too_old = "is from before the command was run".to_owned();
            let oldest = Oldest { from: Some(started), now: started, too_old };
            from_junit(&globs.0, Some(&oldest), witness).await?
        }
        _ => found(&printed(tests.reads, &answer)?, None),
    };
    disagreement(facts, &answer)
}

fn printed(reads: Reads, answer: &CommandAnswer) -> Result<TestRun, Unmeasurable> {
    let (stdout, stderr) = (text(&answer.stdout), text(&answer.stderr));
    let run = match reads {
        Reads::PytestSummary => pytest::read(&stdout),
        Reads::CargoTest => cargo_test::read(&stdout, &stderr),
        Reads::Nextest => nextest::read(&stderr).or_else(|error| nextest::read(&stdout).map_err(|_| error)),
        Reads::Junit => junit::read(answer.stdout.as_slice(), "stdout"),
    };
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

//! The JSON of Rust's test harness, an event on each line, as `cargo test` and cargo nextest print it.
//!
//! A test may print such lines as well, where its output is not captured. A test counts when it was started before, and
//! the numbers of each test program must add up to what its last line says; otherwise nothing is believed.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::cargo_test::Cargo;
use super::lines::Lines;
use super::repeats::key;
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, nanos, shorten};
use crate::model::fact::Unmeasurable;

/// Test programs beyond which an output is refused.
const MAX_PROGRAMS: usize = 100_000;

/// One line, of which only this is kept.
#[derive(Debug, Deserialize)]
struct Event {
    #[serde(rename = "type")]
    what: String,
    #[serde(default)]
    event: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    test_count: Option<u64>,
    #[serde(default)]
    passed: u64,
    #[serde(default)]
    failed: u64,
    #[serde(default)]
    ignored: u64,
    #[serde(default)]
    measured: u64,
    #[serde(default)]
    filtered_out: u64,
    #[serde(default)]
    exec_time: Option<serde_json::Number>,
    #[serde(default)]
    nextest: Option<Named>,
}

/// Of which test program nextest's line is.
#[derive(Debug, Deserialize)]
struct Named {
    #[serde(rename = "crate")]
    package: String,
    test_binary: String,
}

/// A test program that has begun.
#[derive(Debug, Default)]
struct Program {
    /// As nextest names it; the harness itself does not.
    name: Option<String>,
    announced: u64,
    running: BTreeSet<u64>,
    counts: Counts,
    nanos: Option<u64>,
    ended: bool,
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut lines = Lines::new(input.content);
    let mut all = Programs::default();
    while let Some(line) = lines.next_line()? {
        match serde_json::from_str::<Event>(&line.text) {
            Ok(event) if !line.cut => all.take(&event)?,
            _ if line.text.starts_with('{') && line.cut => {
                return Err(Unmeasurable::new("a line is longer than 4 MiB", "Let the tests print less."));
            }
            Err(error) if let Some(reason) = line.breaks_off(&error) => all.run.stopped(|| reason.to_owned()),
            _ => {}
        }
    }
    let cargo = Cargo::of(input.stderr.unwrap_or_default())?;
    let told = all.all.iter().filter(|program| program.counts.failed > 0).count();
    let mut run = all.finish(&cargo.programs)?;
    if let Some(reason) = cargo.broke(told) {
        run.stopped(|| reason);
    }
    Ok(run)
}

fn forged(what: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{what}, so one of its lines is not the harness's own"),
        "Read the results with cargo nextest and its JUnit file, which tests cannot print into.",
    )
}

#[derive(Default)]
struct Programs {
    all: Vec<Program>,
    /// Those that nextest names: it runs many at once.
    named: BTreeMap<String, usize>,
    last: Option<usize>,
    filtered: u64,
    strangers: u64,
    run: TestRun,
}

impl Programs {
    fn take(&mut self, event: &Event) -> Result<(), Unmeasurable> {
        match (event.what.as_str(), event.event.as_str()) {
            ("suite", "started") => self.start(event)?,
            ("suite", "ok" | "failed") => self.end(event)?,
            ("test", "started") => {
                if let Some(program) = self.of_test(&event.name) {
                    program.running.insert(key(&[plain(&event.name)]));
                }
            }
            ("test", "ok") => self.result(event, Outcome::Passed),
            ("test", "failed") => self.result(event, Outcome::Failed),
            ("test", "ignored") => self.result(event, Outcome::Skipped),
            ("bench", _) => {
                if let Some(program) = self.last.and_then(|at| self.all.get_mut(at)) {
                    program.counts.add(Outcome::Passed, false);
                }
            }
            _ => {}
        }
        Ok(())
    }

    fn start(&mut self, event: &Event) -> Result<(), Unmeasurable> {
        let name = event.nextest.as_ref().map(|named| format!("{}::{}", named.package, named.test_binary));
        let known = name.as_ref().and_then(|name| self.named.get(name)).copied();
        let at = known.unwrap_or(self.all.len());
        if at == self.all.len() {
            if at == MAX_PROGRAMS {
                return Err(Unmeasurable::new("it has too many test programs", "Read it in several parts."));
            }
            self.all.push(Program { name: name.clone(), ..Program::default() });
            self.named.extend(name.map(|name| (name, at)));
        }
        self.begin(at, event.test_count.unwrap_or(0));
        Ok(())
    }

    /// nextest begins a program again whose ignored tests it told before.
    fn begin(&mut self, at: usize, announced: u64) {
        if let Some(program) = self.all.get_mut(at) {
            program.announced = program.announced.max(announced);
            program.ended = false;
            self.last = Some(at);
        }
    }

    /// The program that a test is of. nextest's plain form names it only there.
    fn of_test(&mut self, test: &str) -> Option<&mut Program> {
        let last = self.last?;
        let Some((name, _)) = test.split_once('$') else { return self.all.get_mut(last) };
        let newest = self.all.last().filter(|_| last + 1 == self.all.len());
        let fresh = newest.is_some_and(|program| program.name.is_none() && program.counts.total() == 0);
        match self.named.get(name).copied() {
            Some(at) if fresh => {
                let announced = self.all.pop().map_or(0, |program| program.announced);
                self.begin(at, announced);
                self.all.get_mut(at)
            }
            Some(at) => self.all.get_mut(at),
            None => {
                let program = self.all.get_mut(last)?;
                if program.name.is_none() {
                    program.name = Some(name.to_owned());
                    self.named.insert(name.to_owned(), last);
                }
                Some(program)
            }
        }
    }

    fn result(&mut self, event: &Event, outcome: Outcome) {
        let Some(program) = self.of_test(&event.name) else { return };
        if !program.running.remove(&key(&[plain(&event.name)])) {
            self.strangers += 1;
            return;
        }
        program.counts.add(outcome, attempt(&event.name) > 1);
        if let Some(took) = time(event) {
            self.run.time(took, || shorten(plain(&event.name)));
        }
    }

    fn end(&mut self, event: &Event) -> Result<(), Unmeasurable> {
        let name = event.nextest.as_ref().map(|named| format!("{}::{}", named.package, named.test_binary));
        let at = name.and_then(|name| self.named.get(&name).copied()).or(self.last);
        let Some(program) = at.and_then(|at| self.all.get_mut(at)).filter(|program| !program.ended) else {
            return Err(forged("it has the last line of a test program that never began"));
        };
        if program.name.is_some() {
            // nextest says of ignored tests only how many there are.
            program.counts.skipped = event.ignored;
        }
        let counts = program.counts;
        let said = [event.passed.saturating_add(event.measured), event.failed, event.ignored];
        if [counts.passed, counts.failed, counts.skipped] != said {
            return Err(forged("the last line of a test program does not add up to its tests"));
        }
        program.ended = true;
        program.nanos = time(event);
        self.filtered = self.filtered.saturating_add(event.filtered_out);
        Ok(())
    }

    fn finish(mut self, names: &[String]) -> Result<TestRun, Unmeasurable> {
        if self.all.is_empty() {
            return Err(Unmeasurable::new(
                "there is no line {\"type\":\"suite\"} of Rust's test harness in it",
                "Run `cargo nextest run --message-format libtest-json`, or `cargo test -- -Z unstable-options --format json`.",
            ));
        }
        let as_many = names.len() == self.all.len();
        self.run.tells_flaky = self.all.iter().all(|program| program.name.is_some());
        for (at, program) in self.all.into_iter().enumerate() {
            let counts = program.counts;
            let name = program.name.or_else(|| names.get(at).filter(|_| as_many).cloned()).map(|name| shorten(&name));
            let shown = name.as_deref().map_or_else(|| "a test program".to_owned(), |name| format!("\"{name}\""));
            if !program.ended {
                self.run.stopped(|| format!("{shown} ended before its last line"));
            } else if counts.total() < program.announced {
                let (total, announced) = (counts.total(), program.announced);
                self.run.stopped(|| format!("{total} of {announced} tests of {shown} ran"));
            }
            self.run.counts.absorb(&counts);
            if let Some(nanos) = program.nanos {
                self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(nanos));
            }
            if let Some(name) = name.filter(|_| counts.total() > 0) {
                self.run.list(Suite { name, counts, nanos: program.nanos, print: None });
            }
        }
        if self.filtered > 0 {
            self.run.note(format!("{} tests were filtered out and are not counted.", self.filtered));
        }
        if self.strangers > 0 {
            self.run.note(format!("{} results are of tests that never started, and do not count.", self.strangers));
        }
        Ok(self.run)
    }
}

fn time(event: &Event) -> Option<u64> {
    nanos(&event.exec_time.as_ref()?.to_string())
}

/// The name without the `#2` of a second attempt, which nextest adds.
fn plain(name: &str) -> &str {
    if attempt(name) > 1 { name.rsplit_once('#').map_or(name, |(name, _)| name) } else { name }
}

fn attempt(name: &str) -> u64 {
    let number = name.split_once('$').and_then(|(_, test)| test.rsplit_once('#'));
    number.and_then(|(_, number)| number.parse().ok()).unwrap_or(1)
}

#[cfg(test)]
mod tests;

//! What `go test -json` prints: an event on each line, those of many packages mixed.
//!
//! A test with subtests is not counted itself, unless it failed although none of them did. What a test printed stands in
//! an event of its own and never counts. It must not need more memory than there are packages and running tests.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::lines::Lines;
use super::repeats::{Repeats, key};
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, nanos, shorten};
use crate::model::fact::Unmeasurable;

/// Packages, and tests that run at once, beyond which an output is refused.
const MOST: usize = 100_000;

/// One line. Everything else in it is left unread.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Event {
    action: String,
    #[serde(default)]
    package: String,
    #[serde(default)]
    test: Option<String>,
    #[serde(default)]
    elapsed: Option<serde_json::Number>,
    #[serde(default)]
    output: Option<String>,
    /// What could not be built, in the event that says so.
    #[serde(default)]
    import_path: Option<String>,
}

/// A test that has begun.
#[derive(Debug, Default)]
struct Running {
    subtests: bool,
    subtest_failed: bool,
}

#[derive(Debug, Default)]
struct Package {
    running: BTreeMap<String, Running>,
    counts: Counts,
    nanos: Option<u64>,
    ended: bool,
    panicked: bool,
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut lines = Lines::new(input.content);
    let mut output = Output::default();
    while let Some(line) = lines.next_line()? {
        match serde_json::from_str::<Event>(&line.text) {
            Ok(event) if !line.cut => output.take(event)?,
            _ if line.text.starts_with('{') && line.cut => return Err(too_much("a line is longer than 4 MiB")),
            Err(error) if let Some(reason) = line.breaks_off(&error) => output.run.stopped(|| reason.to_owned()),
            _ => output.plain(&line.text)?,
        }
    }
    output.finish()
}

fn too_much(reason: &str) -> Unmeasurable {
    Unmeasurable::new(reason, "Run the tests in several parts and read each.")
}

#[derive(Default)]
struct Output {
    packages: BTreeMap<String, Package>,
    repeats: Repeats,
    /// What could not be built, until a package fails for it.
    unbuilt: Option<String>,
    strangers: u64,
    noise: u64,
    events: u64,
    run: TestRun,
}

impl Output {
    fn take(&mut self, event: Event) -> Result<(), Unmeasurable> {
        self.events += 1;
        // The output of the compiler belongs to no package.
        if event.package.is_empty() {
            if event.action == "build-fail" {
                self.unbuilt = Some(shorten(&event.import_path.unwrap_or_default()));
            }
            return Ok(());
        }
        if !self.packages.contains_key(&event.package) && self.packages.len() >= MOST {
            return Err(too_much("it has more than 100,000 packages"));
        }
        let package = self.packages.entry(event.package.clone()).or_default();
        if let Some(output) = &event.output {
            let died = ["panic: ", "fatal error: ", "*** Test killed"].iter().any(|start| output.starts_with(start));
            package.panicked |= died;
            return Ok(());
        }
        let outcome = match event.action.as_str() {
            "run" | "start" => None,
            "pass" | "bench" => Some(Outcome::Passed),
            "fail" => Some(Outcome::Failed),
            "skip" => Some(Outcome::Skipped),
            _ => return Ok(()),
        };
        match (event.test, outcome) {
            (Some(test), None) => start(package, test)?,
            (Some(test), Some(outcome)) => {
                let took = event.elapsed.and_then(|seconds| nanos(&seconds.to_string()));
                self.end_test(&event.package, &test, outcome, took);
            }
            (None, Some(outcome)) => self.end_package(&event.package, outcome, event.elapsed.as_ref()),
            // Run again, after its results were told.
            (None, None) => package.ended = false,
        }
        Ok(())
    }

    fn end_test(&mut self, name: &str, test: &str, outcome: Outcome, took: Option<u64>) {
        let Some(package) = self.packages.get_mut(name) else { return };
        // Older versions of Go take a line that a test printed, such as `--- PASS: TestOther`, for the end of a test.
        let Some(ended) = package.running.remove(test) else {
            self.strangers += 1;
            return;
        };
        if outcome == Outcome::Failed
            && let Some(parent) = parent(package, test)
        {
            parent.subtest_failed = true;
        }
        let stands_for_others = ended.subtests && (outcome != Outcome::Failed || ended.subtest_failed);
        if !stands_for_others {
            package.counts.add(outcome, false);
            self.repeats.add(key(&[name, test]), outcome, false);
        }
        if let Some(took) = took.filter(|_| !ended.subtests) {
            self.run.time(took, || shorten(&format!("{name} {test}")));
        }
    }

    fn end_package(&mut self, name: &str, outcome: Outcome, elapsed: Option<&serde_json::Number>) {
        let Some(package) = self.packages.get_mut(name) else { return };
        if package.ended {
            return;
        }
        package.ended = true;
        if outcome == Outcome::Failed {
            self.unbuilt = None;
        }
        package.nanos = elapsed.and_then(|seconds| nanos(&seconds.to_string()));
        let shown = shorten(name);
        let left = std::mem::take(&mut package.running).len();
        if package.panicked && outcome == Outcome::Failed {
            self.run.stopped(|| format!("\"{shown}\" ended with a panic, and tests behind it did not run"));
        } else if left > 0 {
            self.run.stopped(|| format!("\"{shown}\" ended while {left} of its tests were running"));
        }
        if outcome == Outcome::Failed && package.counts.failed == 0 {
            self.broke(name, "failed without a failing test");
        }
    }

    /// A package that cannot be built counts as one test with an error, as nothing in it ran.
    fn broke(&mut self, name: &str, how: &str) {
        let package = self.packages.entry(name.to_owned()).or_default();
        package.ended = true;
        package.counts.add(Outcome::Errored, false);
        self.repeats.add(key(&[name]), Outcome::Errored, false);
        self.run.note(format!("\"{}\" {how}; that counts as one error.", shorten(name)));
    }

    /// A line that is no event: go itself prints some, and before version 1.24 it says only there what cannot be built.
    fn plain(&mut self, line: &str) -> Result<(), Unmeasurable> {
        if line.is_empty() {
            return Ok(());
        }
        self.noise += 1;
        let failed = line.strip_prefix("FAIL\t").and_then(|rest| rest.strip_suffix(']')?.split_once(" ["));
        if let Some((package, why @ ("build failed" | "setup failed"))) = failed
            && self.packages.get(package).is_none_or(|package| !package.ended)
        {
            if self.packages.len() >= MOST {
                return Err(too_much("it has more than 100,000 packages"));
            }
            self.events += 1;
            self.broke(package, &format!("could not be tested ({why})"));
        }
        Ok(())
    }

    fn finish(mut self) -> Result<TestRun, Unmeasurable> {
        if self.events == 0 {
            return Err(Unmeasurable::new("there is no event of `go test -json` in it", "Run `go test -json ./...`."));
        }
        if let Some(what) = &self.unbuilt {
            self.run.stopped(|| format!("\"{what}\" could not be built, and no package failed for it"));
        }
        for (name, package) in &self.packages {
            if !package.ended {
                self.run.stopped(|| format!("there is no result of \"{}\"", shorten(name)));
            }
            self.run.counts.absorb(&package.counts);
            if let Some(nanos) = package.nanos {
                self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(nanos));
            }
            if package.counts.total() > 0 {
                let (counts, nanos) = (package.counts, package.nanos);
                self.run.list(Suite { name: shorten(name), counts, nanos, print: None });
            }
        }
        if let Some(once) = self.repeats.once().filter(|once| once.total() < self.run.counts.total()) {
            let more = self.run.counts.total() - once.total();
            self.run.note(format!("{more} results are of tests that ran more than once; such a test counts once, and has failed when it failed once."));
            self.run.counts = Counts { flaky: 0, ..once };
        }
        if self.strangers > 0 {
            self.run.note(format!("{} results are of tests that never started, and do not count.", self.strangers));
        }
        if self.noise > 0 {
            self.run.note(format!("{} lines are not JSON and do not count.", self.noise));
        }
        Ok(self.run)
    }
}

fn start(package: &mut Package, test: String) -> Result<(), Unmeasurable> {
    if package.running.len() >= MOST {
        return Err(too_much("more than 100,000 tests of a package run at once"));
    }
    package.ended = false;
    if let Some(parent) = parent(package, &test) {
        parent.subtests = true;
    }
    package.running.insert(test, Running::default());
    Ok(())
}

/// The running test that a subtest belongs to: a name may itself hold a `/`.
fn parent<'a>(package: &'a mut Package, test: &str) -> Option<&'a mut Running> {
    let mut name = test;
    loop {
        name = name.rsplit_once('/')?.0;
        if package.running.contains_key(name) {
            return package.running.get_mut(name);
        }
    }
}

#[cfg(test)]
mod tests;

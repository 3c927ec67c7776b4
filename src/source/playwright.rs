//! The JSON of Playwright. It counts the tests of each file, one for each project; a test that never began because the run
//! stopped is told from one that was to be skipped.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json_stream::{self, Fold, Folded, Unread};
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, shorten};
use crate::model::fact::Unmeasurable;

#[derive(Deserialize)]
struct Report {
    suites: Folded<Files>,
    #[serde(default)]
    errors: Folded<Errors>,
    stats: Stats,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default)]
    expected: u64,
    #[serde(default)]
    unexpected: u64,
    #[serde(default)]
    skipped: u64,
    #[serde(default)]
    flaky: u64,
}

#[derive(Default)]
struct Errors(u64);

impl Fold for Errors {
    type Item = IgnoredAny;

    fn take(&mut self, _error: IgnoredAny) {
        self.0 += 1;
    }
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    title: String,
    #[serde(default)]
    specs: Folded<Specs>,
    #[serde(default)]
    suites: Folded<Groups>,
}

#[derive(Deserialize)]
struct Spec {
    title: String,
    tests: Vec<Test>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    status: String,
    #[serde(default)]
    expected_status: String,
    #[serde(default)]
    results: Vec<Attempt>,
}

#[derive(Deserialize)]
struct Attempt {
    #[serde(default)]
    status: String,
    #[serde(default)]
    duration: Option<serde_json::Number>,
}

/// What the tests of one group came to.
#[derive(Default)]
struct Specs {
    counts: Counts,
    nanos: u64,
    untimed: bool,
    slowest: Option<(String, u64)>,
    unstarted: u64,
    interrupted: bool,
    unknown: Option<String>,
}

impl Specs {
    fn absorb(&mut self, other: Self) {
        self.counts.absorb(&other.counts);
        self.nanos = self.nanos.saturating_add(other.nanos);
        self.untimed |= other.untimed;
        let longest = |slowest: &Option<(String, u64)>| slowest.as_ref().map(|(_, nanos)| *nanos);
        if longest(&other.slowest) > longest(&self.slowest) {
            self.slowest = other.slowest;
        }
        self.unstarted += other.unstarted;
        self.interrupted |= other.interrupted;
        self.unknown = self.unknown.take().or(other.unknown);
    }
}

impl Fold for Specs {
    type Item = Spec;

    fn take(&mut self, spec: Spec) {
        for test in spec.tests {
            let outcome = match test.status.as_str() {
                "expected" | "flaky" => Outcome::Passed,
                "unexpected" => Outcome::Failed,
                "skipped" => Outcome::Skipped,
                other => {
                    self.unknown.get_or_insert_with(|| shorten(other));
                    Outcome::Errored
                }
            };
            // Expected to fail, and did: that is what others call an expected failure.
            let outcome = match test.expected_status.as_str() {
                "failed" if test.status == "expected" => Outcome::Skipped,
                _ => outcome,
            };
            self.counts.add(outcome, test.status == "flaky");
            let ran = |attempt: &Attempt| attempt.status != "interrupted";
            let began = test.results.iter().any(|attempt| attempt.status != "skipped");
            self.interrupted |= !test.results.iter().all(ran);
            self.unstarted += u64::from(outcome == Outcome::Skipped && test.expected_status == "passed" && !began);
            let timed = |attempt: &Attempt| attempt.duration.is_some() || attempt.status == "skipped";
            self.untimed |= !test.results.iter().all(timed);
            let took = test.results.iter().filter_map(|attempt| json_stream::milliseconds(attempt.duration.as_ref()?));
            let took = took.fold(0_u64, u64::saturating_add);
            self.nanos = self.nanos.saturating_add(took);
            if self.slowest.as_ref().is_none_or(|(_, longest)| took > *longest) {
                self.slowest = Some((shorten(&spec.title), took));
            }
        }
    }
}

/// Groups inside of a file.
#[derive(Default)]
struct Groups(Specs);

impl Fold for Groups {
    type Item = Group;

    fn take(&mut self, group: Group) {
        self.0.absorb(group.specs.0);
        self.0.absorb(group.suites.0.0);
    }
}

/// The outermost groups: a file each.
#[derive(Default)]
struct Files {
    all: Specs,
    run: TestRun,
}

impl Fold for Files {
    type Item = Group;

    fn take(&mut self, file: Group) {
        let name = shorten(&file.title);
        let mut specs = file.specs.0;
        specs.absorb(file.suites.0.0);
        if specs.counts.total() > 0 {
            self.run.list(Suite { name, counts: specs.counts, nanos: Some(specs.nanos), print: None });
        }
        self.all.absorb(specs);
    }
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let report: Report = match json_stream::read(input.content, "Playwright") {
        Ok(report) => report,
        Err(Unread::Stops) => return Ok(json_stream::stopped()),
        Err(Unread::Other(error)) => return Err(error),
    };
    let Folded(Files { all, mut run }) = report.suites;
    if let Some(status) = all.unknown {
        return Err(Unmeasurable::new(
            format!("a test has the status \"{status}\""),
            "Read Playwright's JUnit file instead: `junit: FILE`.",
        ));
    }
    run.tells_flaky = true;
    run.counts = all.counts;
    run.nanos = (all.counts.total() > 0).then_some(all.nanos);
    run.untimed = all.untimed;
    run.slowest = all.slowest;
    if all.interrupted {
        run.stopped(|| "a test was interrupted".to_owned());
    }
    if all.unstarted > 0 {
        run.stopped(|| format!("{} tests that were to run did not", all.unstarted));
    }
    let stats = report.stats;
    let said =
        stats.expected.saturating_add(stats.unexpected).saturating_add(stats.skipped).saturating_add(stats.flaky);
    let total = run.counts.total();
    run.failures_said("its summary", stats.unexpected, run.counts.failed + run.counts.errors);
    run.tests_said("its summary", said, total);
    let Folded(Errors(errors)) = report.errors;
    if errors > 0 {
        run.note(format!("{errors} errors belong to no test, such as a file that cannot be loaded; each is counted."));
        run.counts.errors += errors;
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::super::test_results::{fixture, numbers};

    #[test]
    fn each_test_counts_once_however_often_it_was_tried() {
        let run = fixture("playwright-json", "playwright.json");
        assert_eq!(numbers(&run), [2, 1, 0, 2, 1]);
        assert_eq!(run.cut_short, None);
        assert_eq!(run.suites.len(), 1);
        assert!(run.notes.is_empty(), "{:?}", run.notes);
    }

    #[test]
    fn a_file_that_cannot_be_loaded_is_an_error() {
        assert_eq!(numbers(&fixture("playwright-json", "playwright-load.json")), [0, 0, 1, 0, 0]);
    }

    #[test]
    fn tests_behind_the_last_failure_that_was_allowed_did_not_run() {
        let run = fixture("playwright-json", "playwright-maxfail.json");
        assert!(run.cut_short.expect("cut short").ends_with("tests that were to run did not"));
        assert_eq!(fixture("playwright-json", "playwright-none.json").counts.total(), 0);
    }
}

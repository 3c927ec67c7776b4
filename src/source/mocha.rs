//! The JSON of mocha. A hook that fails is in its list of failures and not in its list of tests; it counts as one error, and
//! the tests behind it, which never ran, are nowhere.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::json_stream::{self, Fold, Folded, Unread};
use super::test_results::Input;
use super::test_run::{Counts, MAX_SUITES, Outcome, Suite, TestRun, shorten};
use crate::model::fact::Unmeasurable;

#[derive(Deserialize)]
struct Report {
    stats: Stats,
    tests: Folded<Number>,
    pending: Folded<Tests>,
    failures: Folded<Tests>,
    passes: Folded<Tests>,
}

#[derive(Deserialize)]
struct Stats {
    #[serde(default)]
    tests: Option<u64>,
    #[serde(default)]
    failures: u64,
    #[serde(default)]
    end: Option<serde::de::IgnoredAny>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    title: String,
    #[serde(default)]
    full_title: String,
    #[serde(default)]
    file: Option<String>,
    #[serde(default)]
    duration: Option<serde_json::Number>,
    #[serde(default)]
    current_retry: u64,
}

#[derive(Default)]
struct Number(u64);

impl Fold for Number {
    type Item = serde::de::IgnoredAny;

    fn take(&mut self, _item: Self::Item) {
        self.0 += 1;
    }
}

/// The tests of one of the lists, by file.
#[derive(Default)]
struct Tests {
    files: BTreeMap<String, Sum>,
    all: Sum,
    unlisted: u64,
    slowest: Option<(String, u64)>,
}

#[derive(Debug, Clone, Copy, Default)]
struct Sum {
    tests: u64,
    hooks: u64,
    retried: u64,
    nanos: u64,
    /// How many do not say how long they took.
    untimed: u64,
}

impl Sum {
    fn add(&mut self, test: &Test, nanos: Option<u64>) {
        let hook = test.title.starts_with('"') && test.title.contains("\" hook");
        self.tests += u64::from(!hook);
        self.hooks += u64::from(hook);
        self.retried += u64::from(test.current_retry > 0);
        self.nanos = self.nanos.saturating_add(nanos.unwrap_or(0));
        self.untimed += u64::from(nanos.is_none());
    }
}

impl Fold for Tests {
    type Item = Test;

    fn take(&mut self, test: Test) {
        let nanos = test.duration.as_ref().and_then(json_stream::milliseconds);
        self.all.add(&test, nanos);
        if let Some(file) = test.file.as_deref().map(shorten) {
            if self.files.len() < MAX_SUITES || self.files.contains_key(&file) {
                self.files.entry(file).or_default().add(&test, nanos);
            } else {
                self.unlisted += 1;
            }
        }
        if let Some(nanos) = nanos.filter(|nanos| self.slowest.as_ref().is_none_or(|(_, longest)| nanos > longest)) {
            self.slowest = Some((shorten(&test.full_title), nanos));
        }
    }
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let report: Report = match json_stream::read(input.content, "mocha") {
        Ok(report) => report,
        Err(Unread::Stops) => return Ok(json_stream::stopped()),
        Err(Unread::Other(error)) => return Err(error),
    };
    let (Folded(pending), Folded(failures), Folded(passes)) = (report.pending, report.failures, report.passes);
    let mut run = TestRun { tells_flaky: true, ..TestRun::default() };
    let mut files: BTreeMap<String, Suite> = BTreeMap::new();
    for (outcome, tests) in [(Outcome::Passed, passes), (Outcome::Failed, failures), (Outcome::Skipped, pending)] {
        run.counts.absorb(&counts(outcome, tests.all));
        run.nanos = Some(run.nanos.unwrap_or(0).saturating_add(tests.all.nanos));
        run.untimed |= outcome != Outcome::Skipped && tests.all.untimed > 0;
        run.unlisted += tests.unlisted;
        if let Some((name, nanos)) = tests.slowest {
            run.time(nanos, || name);
        }
        for (name, sum) in tests.files {
            let row = files.entry(name).or_default();
            row.counts.absorb(&counts(outcome, sum));
            row.nanos = Some(row.nanos.unwrap_or(0).saturating_add(sum.nanos));
        }
    }
    for (name, suite) in files {
        run.list(Suite { name, ..suite });
    }
    let hooks = run.counts.errors;
    if hooks > 0 {
        run.note(format!("{hooks} hooks failed; each counts as one error, and tests behind it did not run."));
    }
    let (listed, total) = (report.tests.0.0, run.counts.total() - hooks);
    if listed > total {
        run.stopped(|| format!("{} of its tests have no result", listed - total));
    }
    run.failures_said("its summary", report.stats.failures, run.counts.failed + hooks);
    run.tests_said("its summary", report.stats.tests.unwrap_or(total), total);
    if report.stats.end.is_none() {
        run.stopped(|| "its summary has no end".to_owned());
    }
    Ok(run)
}

fn counts(outcome: Outcome, sum: Sum) -> Counts {
    match outcome {
        Outcome::Passed => Counts { passed: sum.tests, errors: sum.hooks, flaky: sum.retried, ..Counts::default() },
        Outcome::Skipped => Counts { skipped: sum.tests + sum.hooks, ..Counts::default() },
        Outcome::Failed | Outcome::Errored => Counts { failed: sum.tests, errors: sum.hooks, ..Counts::default() },
    }
}

#[cfg(test)]
mod tests {
    use super::super::test_results::{fixture, numbers, of};

    #[test]
    fn a_hook_that_failed_is_an_error_and_a_retry_is_flaky() {
        let run = fixture("mocha-json", "mocha.json");
        assert_eq!(numbers(&run), [2, 1, 1, 2, 1]);
        assert_eq!(run.notes.len(), 1, "{:?}", run.notes);
        assert_eq!(run.suites.len(), 1);
        assert_eq!(fixture("mocha-json", "mocha-none.json").counts.total(), 0);
    }

    #[test]
    fn what_a_test_printed_before_the_report_makes_it_unreadable() {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/test-pass-rate/mocha-printing.txt");
        let error = of("mocha-json", &std::fs::read(path).expect(path)).expect_err("refused");
        assert!(error.help.contains("file of its own"), "{error:?}");
    }

    #[test]
    fn a_test_without_a_result_cuts_the_run_short() {
        let run = of(
            "mocha-json",
            br#"{"stats": {"tests": 2, "end": "x"}, "tests": [{"title": "a"}, {"title": "b"}],
            "pending": [], "failures": [], "passes": [{"title": "a"}]}"#,
        )
        .expect("read");
        assert_eq!(run.cut_short.as_deref(), Some("1 of its tests have no result"));
    }
}

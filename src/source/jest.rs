//! The JSON of jest and of vitest, which is the same but for what each leaves out. It counts the tests of each file; a file
//! that could not be loaded is not in the report's own total, and counts as one error.

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::json_stream::{self, Fold, Folded, Unread};
use super::test_results::Input;
use super::test_run::{Counts, Outcome, Suite, TestRun, shorten};
use crate::model::fact::Unmeasurable;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Report {
    num_total_tests: u64,
    #[serde(default)]
    num_failed_tests: u64,
    #[serde(default)]
    was_interrupted: bool,
    /// Snapshots, reporters and thresholds can fail a run as well as tests can.
    #[serde(default)]
    success: Option<bool>,
    test_results: Folded<Files>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct File {
    #[serde(default)]
    name: String,
    status: String,
    assertion_results: Folded<Tests>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    #[serde(default)]
    full_name: String,
    status: String,
    #[serde(default)]
    duration: Option<serde_json::Number>,
    #[serde(default)]
    invocations: Option<u64>,
    /// Of earlier attempts, when the test held in the end.
    #[serde(default)]
    failure_messages: Option<Vec<IgnoredAny>>,
}

/// The tests of one file.
#[derive(Default)]
struct Tests {
    counts: Counts,
    nanos: Option<u64>,
    untimed: bool,
    slowest: Option<(String, u64)>,
    unknown: Option<String>,
}

impl Fold for Tests {
    type Item = Test;

    fn take(&mut self, test: Test) {
        let outcome = match test.status.as_str() {
            "passed" | "focused" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "pending" | "skipped" | "todo" | "disabled" => Outcome::Skipped,
            other => {
                self.unknown.get_or_insert_with(|| shorten(other));
                Outcome::Errored
            }
        };
        let again = test.invocations.is_some_and(|times| times > 1)
            || test.failure_messages.is_some_and(|messages| !messages.is_empty());
        self.counts.add(outcome, again);
        let took = test.duration.as_ref().and_then(json_stream::milliseconds);
        self.untimed |= took.is_none() && outcome != Outcome::Skipped;
        if let Some(nanos) = took {
            self.nanos = Some(self.nanos.unwrap_or(0).saturating_add(nanos));
            if self.slowest.as_ref().is_none_or(|(_, longest)| nanos > *longest) {
                self.slowest = Some((shorten(&test.full_name), nanos));
            }
        }
    }
}

#[derive(Default)]
struct Files {
    run: TestRun,
    unknown: Option<String>,
    broken: u64,
}

impl Fold for Files {
    type Item = File;

    fn take(&mut self, file: File) {
        let Folded(tests) = file.assertion_results;
        let mut counts = tests.counts;
        let name = shorten(&file.name);
        // It could not be loaded, or what belongs to all of its tests broke.
        if file.status == "failed" && counts.failed == 0 {
            counts.add(Outcome::Errored, false);
            self.broken += 1;
            self.run.note(format!("\"{name}\" failed without a failing test; that counts as one error."));
        }
        self.run.counts.absorb(&counts);
        self.run.nanos = match (self.run.nanos, tests.nanos) {
            (Some(all), Some(more)) => Some(all.saturating_add(more)),
            (one, other) => one.or(other),
        };
        self.run.untimed |= tests.untimed;
        if let Some((name, nanos)) = tests.slowest {
            self.run.time(nanos, || name);
        }
        if counts.total() > 0 {
            self.run.list(Suite { name, counts, nanos: tests.nanos, print: None });
        }
        self.unknown = self.unknown.take().or(tests.unknown);
    }
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let report: Report = match json_stream::read(input.content, "jest or vitest") {
        Ok(report) => report,
        Err(Unread::Stops) => return Ok(json_stream::stopped()),
        Err(Unread::Other(error)) => return Err(error),
    };
    let Folded(files) = report.test_results;
    if let Some(status) = files.unknown {
        return Err(Unmeasurable::new(
            format!("a test has the status \"{status}\""),
            "Read the tool's JUnit file instead: `junit: FILE`.",
        ));
    }
    let mut run = TestRun { tells_flaky: true, ..files.run };
    if report.was_interrupted {
        run.stopped(|| "the report says that the run was interrupted".to_owned());
    }
    let tests = run.counts.total() - files.broken;
    run.failures_said("the report", report.num_failed_tests, run.counts.failed);
    run.tests_said("the report", report.num_total_tests, tests);
    if report.success == Some(false) && run.counts.failed + run.counts.errors == 0 {
        run.stopped(|| "the report says that the run did not succeed; no failed test is in it".to_owned());
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::super::test_results::{fixture, numbers, of};

    #[test]
    fn a_file_that_failed_to_load_and_a_hook_that_failed_are_errors() {
        let run = fixture("jest-json", "jest.json");
        assert_eq!(numbers(&run), [4, 1, 2, 2, 1]);
        assert_eq!(run.suites.len(), 4);
        assert_eq!(run.slowest.expect("timed").0, "sums hold");
        assert_eq!(run.notes.len(), 2, "{:?}", run.notes);
    }

    #[test]
    fn vitest_writes_the_same_with_its_own_sign_of_a_retry() {
        let run = fixture("vitest-json", "vitest.json");
        assert_eq!(numbers(&run), [2, 1, 1, 2, 1]);
    }

    #[test]
    fn a_run_that_failed_without_a_failing_test_is_cut_short() {
        let run = |head: &str| {
            let text = format!(
                r#"{{"numTotalTests": 1, {head}, "testResults": [
                {{"name": "a", "status": "passed", "assertionResults": [{{"status": "passed", "fullName": "x"}}]}}]}}"#
            );
            of("jest-json", text.as_bytes()).expect("read").cut_short
        };
        assert_eq!(run(r#""numFailedTests": 0, "success": true"#), None);
        assert!(run(r#""numFailedTests": 1, "success": false"#).expect("said").contains("1 tests failed"));
        assert!(run(r#""success": false"#).expect("said").contains("did not succeed"));
    }

    #[test]
    fn nothing_that_ran_and_a_run_that_was_interrupted_say_so() {
        assert_eq!(fixture("jest-json", "jest-none.json").counts.total(), 0);
        let run = of(
            "jest-json",
            br#"{"numTotalTests": 2, "wasInterrupted": true, "testResults": [
            {"name": "a", "status": "passed", "assertionResults": [{"status": "passed", "fullName": "x"}]}]}"#,
        )
        .expect("read");
        assert_eq!(run.cut_short.as_deref(), Some("the report says that the run was interrupted"));
        assert_eq!(run.notes.len(), 0, "one reason is enough");
        assert!(
            of(
                "jest-json",
                br#"{"numTotalTests": 1, "testResults": [
            {"name": "a", "status": "passed", "assertionResults": [{"status": "levitated", "fullName": "x"}]}]}"#
            )
            .is_err()
        );
    }
}

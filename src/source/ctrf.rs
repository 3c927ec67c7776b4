//! CTRF, the Common Test Report Format. It counts the tests it sees; its summary is compared and never used.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::json_stream::{self, Fold, Folded, Unread};
use super::test_results::Input;
use super::test_run::{Counts, MAX_SUITES, Outcome, Suite, TestRun, shorten};
use crate::model::fact::Unmeasurable;

#[derive(Deserialize)]
struct Report {
    results: Results,
}

#[derive(Deserialize)]
struct Results {
    summary: Summary,
    tests: Folded<Tests>,
}

#[derive(Deserialize)]
struct Summary {
    #[serde(default)]
    tests: Option<u64>,
    #[serde(default)]
    failed: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Test {
    name: String,
    status: String,
    #[serde(default)]
    raw_status: Option<String>,
    #[serde(default)]
    duration: Option<serde_json::Number>,
    #[serde(default)]
    suite: Option<Names>,
    #[serde(default)]
    flaky: bool,
}

/// A text in older versions, a list from the outermost on in newer ones.
#[derive(Deserialize)]
#[serde(untagged)]
enum Names {
    One(String),
    Many(Vec<String>),
}

#[derive(Default)]
struct Tests {
    suites: BTreeMap<String, Suite>,
    others: u64,
    run: TestRun,
}

impl Fold for Tests {
    type Item = Test;

    fn take(&mut self, test: Test) {
        let outcome = match test.status.as_str() {
            "passed" => Outcome::Passed,
            "failed" => Outcome::Failed,
            "skipped" | "pending" => Outcome::Skipped,
            _ => match test.raw_status.as_deref() {
                Some("todo" | "skipped" | "pending" | "disabled" | "ignored") => Outcome::Skipped,
                _ => {
                    self.others += 1;
                    Outcome::Errored
                }
            },
        };
        self.run.counts.add(outcome, test.flaky);
        let nanos = test.duration.as_ref().and_then(json_stream::milliseconds);
        self.run.untimed |= nanos.is_none() && outcome != Outcome::Skipped;
        if let Some(nanos) = nanos {
            self.run.time(nanos, || shorten(&test.name));
            self.run.nanos = Some(self.run.nanos.unwrap_or(0).saturating_add(nanos));
        }
        let suite = match test.suite {
            Some(Names::One(name)) => name,
            Some(Names::Many(names)) => names.join(" > "),
            None => return,
        };
        let suite = shorten(&suite);
        if self.suites.len() < MAX_SUITES || self.suites.contains_key(&suite) {
            let row = self.suites.entry(suite).or_default();
            row.counts.add(outcome, test.flaky);
            row.nanos = nanos.map_or(row.nanos, |nanos| Some(row.nanos.unwrap_or(0).saturating_add(nanos)));
        } else {
            self.run.unlisted += 1;
        }
    }
}

/// Reads it to its end.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let report: Report = match json_stream::read(input.content, "CTRF") {
        Ok(report) => report,
        Err(Unread::Stops) => return Ok(json_stream::stopped()),
        Err(Unread::Other(error)) => return Err(error),
    };
    let Results { summary, tests: Folded(tests) } = report.results;
    let mut run = TestRun { tells_flaky: true, ..tests.run };
    for (name, suite) in tests.suites {
        run.list(Suite { name, ..suite });
    }
    let Counts { failed, .. } = run.counts;
    let total = run.counts.total();
    run.failures_said("its summary", summary.failed, failed);
    run.tests_said("its summary", summary.tests.unwrap_or(total), total);
    if tests.others > 0 {
        run.note(format!(
            "{} tests have a status that is neither passed, failed nor skipped; each is an error.",
            tests.others
        ));
    }
    Ok(run)
}

#[cfg(test)]
mod tests {
    use super::super::test_results::{fixture, numbers, of};

    #[test]
    fn the_tests_are_counted_and_the_summary_is_compared() {
        let run = fixture("ctrf", "ctrf-jest.json");
        assert_eq!(numbers(&run), [4, 1, 0, 2, 1]);
        assert_eq!(run.cut_short, None);
        assert!(!run.suites.is_empty());
        let run = of(
            "ctrf",
            br#"{"results": {"summary": {"tests": 9, "failed": 3}, "tests": [
            {"name": "a", "status": "passed", "duration": 1.5, "suite": ["x", "y"]},
            {"name": "b", "status": "other"}]}}"#,
        )
        .expect("read");
        assert_eq!(numbers(&run), [1, 0, 1, 0, 0]);
        assert_eq!(run.suites[0].name, "x > y");
        assert_eq!((run.nanos, run.untimed, run.notes.len()), (Some(1_500_000), true, 1));
        let reason = "its summary says that 3 tests failed; 0 failed tests are in it";
        assert_eq!(run.cut_short.as_deref(), Some(reason));
    }

    #[test]
    fn a_summary_that_says_more_tests_than_are_listed_cuts_the_run_short() {
        let run = |said: u64| {
            let text = format!(
                r#"{{"results": {{"summary": {{"tests": {said}}}, "tests": [{{"name": "a", "status": "passed"}}, {{"name": "b", "status": "passed"}}]}}}}"#
            );
            of("ctrf", text.as_bytes()).expect("read")
        };
        assert_eq!(run(3).cut_short.as_deref(), Some("its summary says that there are 3 tests; 2 are in it"));
        assert_eq!((run(2).cut_short, run(2).notes.len()), (None, 0));
        let note = "Its summary says that there are 1 tests; 2 are in it, and those count.";
        assert_eq!((run(1).cut_short, run(1).notes), (None, vec![note.to_owned()]));
    }

    #[test]
    fn what_this_program_writes_is_read_again() {
        let text = include_bytes!("../../fixtures/ci/sample/ctrf-report.json");
        let run = of("ctrf", text).expect("read");
        assert!(run.counts.total() > 0, "{run:?}");
    }
}

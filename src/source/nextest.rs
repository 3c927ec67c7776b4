//! The summary of cargo nextest, `Summary [0.6s] 4 tests run: 3 passed (1 flaky), 1 failed, 1 skipped`, out of everything
//! it printed.
//!
//! What tests print is shown beside it, before or after: where two different summaries stand, neither is believed.

use std::io::Read;
use std::sync::LazyLock;

use regex::Regex;

use super::lines::Lines;
use super::test_results::Input;
use super::test_run::{TestRun, nanos};
use crate::model::fact::Unmeasurable;

static SUMMARY: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^ *Summary \[ *([0-9.]+)s\] +(\d{1,12})(?:/(\d{1,12}))? tests? run: (.+)$").ok());
static PART: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^(\d{1,12}) ([a-z ]+?)(?: \(([^)]*)\))?$").ok());

/// Reads what nextest printed, which it does on stderr. A text without a summary is an error.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    match input.stderr.map(printed) {
        Some(Ok(run)) => Ok(run),
        Some(Err(error)) => printed(input.content).map_err(|_| error),
        None => printed(input.content),
    }
}

fn printed(output: impl Read) -> Result<TestRun, Unmeasurable> {
    let mut lines = Lines::new(output);
    // Its own summary stands under a rule across the screen.
    let mut ruled = false;
    let mut own: Option<String> = None;
    while let Some(line) = lines.next_line()? {
        if ruled && SUMMARY.as_ref().is_some_and(|regex| regex.is_match(&line.text)) {
            if own.as_ref().is_some_and(|own| *own != line.text) {
                return Err(Unmeasurable::new(
                    "it has several summaries that differ, so one of them is not nextest's own",
                    "Read nextest's JUnit file, which tests cannot print into: `junit: target/nextest/default/junit.xml`.",
                ));
            }
            own = Some(line.text.clone().into_owned());
        }
        ruled = line.text.len() >= 8 && line.text.chars().all(|character| "─-".contains(character));
    }
    let own = own.ok_or_else(|| {
        Unmeasurable::new(
            "there is no summary line of cargo nextest in it",
            "Run `cargo nextest run` and leave its final status level as it is.",
        )
    })?;
    summary(&own)
}

fn summary(line: &str) -> Result<TestRun, Unmeasurable> {
    let unknown = || {
        let shown: String = line.trim().chars().take(200).collect();
        Unmeasurable::new(format!("nextest says \"{shown}\""), "Use its JUnit file: `junit: FILE`.")
    };
    let found = SUMMARY.as_ref().and_then(|regex| regex.captures(line)).ok_or_else(unknown)?;
    let mut run = TestRun { tells_flaky: true, nanos: nanos(&found[1]), ..TestRun::default() };
    for part in split(&found[4]) {
        let part = PART.as_ref().and_then(|regex| regex.captures(part)).ok_or_else(unknown)?;
        let number: u64 = part[1].parse().map_err(|_| unknown())?;
        match &part[2] {
            "passed" => {
                run.counts.passed += number;
                run.counts.flaky += part.get(3).and_then(|inside| flaky(inside.as_str())).unwrap_or(0);
            }
            "failed" | "timed out" => run.counts.failed += number,
            "exec failed" => run.counts.errors += number,
            "skipped" => run.counts.skipped += number,
            _ => return Err(unknown()),
        }
    }
    let ran: u64 = found[2].parse().map_err(|_| unknown())?;
    if run.counts.ran() != ran {
        return Err(unknown());
    }
    if let Some(planned) = found.get(3).map(|planned| planned.as_str()).filter(|planned| *planned != &found[2]) {
        run.cut_short = Some(format!("{ran} of {planned} tests ran"));
    }
    Ok(run)
}

/// At the commas that are not inside of parentheses.
fn split(parts: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0_usize;
    parts
        .split(move |character| {
            match character {
                '(' => depth += 1,
                ')' => depth = depth.saturating_sub(1),
                _ => {}
            }
            character == ',' && depth == 0
        })
        .map(str::trim)
}

fn flaky(inside: &str) -> Option<u64> {
    inside.split(',').find_map(|part| part.trim().strip_suffix(" flaky")?.parse().ok())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::test_run::Counts;

    fn fixture(name: &str) -> TestRun {
        let path = format!("{}/fixtures/kinds/test-pass-rate/{name}", env!("CARGO_MANIFEST_DIR"));
        printed(std::fs::File::open(&path).expect(&path)).expect(name)
    }

    fn ruled(line: &str) -> Result<TestRun, Unmeasurable> {
        printed(format!("────────────\n     Summary [   1.500s] {line}\n").as_bytes())
    }

    #[test]
    fn the_summary_is_read_wherever_the_output_of_tests_stands() {
        for name in ["nextest.txt", "nextest-final.txt"] {
            let run = fixture(name);
            assert_eq!(run.counts, Counts { passed: 3, failed: 1, errors: 0, skipped: 1, flaky: 1 }, "{name}");
            assert_eq!(run.cut_short, None);
        }
    }

    #[test]
    fn every_word_is_counted() {
        let run = ruled("9 tests run: 5 passed (1 slow, 2 flaky), 1 failed, 1 timed out, 2 exec failed, 3 skipped")
            .expect("read");
        assert_eq!(run.counts, Counts { passed: 5, failed: 2, errors: 2, skipped: 3, flaky: 2 });
        assert_eq!(run.nanos, Some(1_500_000_000));
        assert!(ruled("9 tests run: 5 passed, 1 failed").is_err(), "the parts must add up");
        assert!(ruled("1 test run: 1 levitated").is_err());
    }

    #[test]
    fn a_cancelled_run_is_cut_short() {
        let run = ruled("3/12 tests run: 2 passed, 1 failed, 0 skipped").expect("read");
        assert_eq!(run.cut_short.as_deref(), Some("3 of 12 tests ran"));
    }

    #[test]
    fn nothing_to_run_ran_nothing() {
        assert_eq!(fixture("nextest-none.txt").counts.ran(), 0);
    }

    #[test]
    fn a_printed_summary_is_not_believed() {
        assert!(
            printed(b"     Summary [   0.1s] 1 test run: 1 passed, 0 skipped".as_slice()).is_err(),
            "there is no rule above it"
        );
        let own = "────────────\n     Summary [   0.1s] 1 test run: 1 passed, 0 skipped\n";
        let printed = "────────────\n    Summary [   0.1s] 99 tests run: 99 passed, 0 skipped\n";
        assert!(super::printed(format!("{own}{printed}").as_bytes()).expect_err("refused").reason.contains("differ"));
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s)(────────────\n|     Summary \\[   0.1s\\] 1 test run: |1 passed|, |\\(|\\)|.{0,9}){0,20}") {
            let _ = printed(text.as_bytes());
            let _ = ruled(&text);
        }
    }
}

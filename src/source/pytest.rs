//! The last line of pytest, `44 passed, 1 failed, 2 skipped in 0.52s`, out of everything it printed.
//!
//! Tests may print lines that look the same: only the last one is the run's own. It is framed where the run has a first line,
//! and not framed where it is quiet.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::Lines;
use super::test_results::Input;
use super::test_run::{TestRun, nanos};
use crate::model::fact::Unmeasurable;

/// The whole line, with or without its frame of `=`.
static SUMMARY: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let count = r"\d+ [a-z]+(?: [a-z]+)?";
    let line =
        format!(r"^(?:=+ )?((?:{count})(?:, {count})*|no tests ran) in ([0-9.]+)s(?: \([0-9:a-z, ]+\))?(?: =+)?$");
    Regex::new(&line).ok()
});

/// The first line of a run.
static SESSION: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new("^=+ test session starts =+$").ok());

/// Reads what pytest printed. A text without the line is an error; a run of nothing has zero tests.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut lines = Lines::new(input.content);
    let mut run = TestRun::default();
    let (mut last, mut summaries, mut sessions) = (None, 0, 0);
    // Summaries without a frame, as a quiet run writes them: all, those before the first line of a run, and the last.
    let (mut quiet, mut quiet_before, mut ends_quiet) = (0, 0, false);
    while let Some(line) = lines.next_line()? {
        if let Some(reason) = interruption(&line.text) {
            run.cut_short = Some(reason);
        }
        let text = line.text.trim_end();
        if text.ends_with("==") && SESSION.as_ref().is_some_and(|regex| regex.is_match(text)) {
            sessions += 1;
            quiet_before = quiet_before.max(quiet);
        }
        // Looked at only where it can be one: nearly no line ends like this.
        let framed = text.ends_with(" =") || text.ends_with("==") || text.ends_with('s') || text.ends_with(')');
        if let Some(found) = SUMMARY.as_ref().filter(|_| framed).and_then(|regex| regex.captures(text)) {
            summaries += 1;
            ends_quiet = !text.starts_with('=');
            quiet += usize::from(ends_quiet);
            last = Some((found[1].to_owned(), nanos(&found[2])));
        }
    }
    let Some((parts, took)) = last else {
        return Err(Unmeasurable::new(
            "there is no summary line of pytest in it",
            "Let pytest print its last line: leave out `-qq` and `--no-summary`.",
        ));
    };
    let runs = match sessions {
        0 => quiet,
        _ => sessions + quiet_before + usize::from(ends_quiet),
    };
    if runs > 1 {
        return Err(Unmeasurable::new(
            format!("it holds {runs} runs of pytest"),
            "Keep what each run prints in a file of its own, or read their JUnit files: `junit: FILE`.",
        ));
    }
    count(&parts, &mut run)?;
    run.nanos = took;
    if summaries > 1 {
        run.note(format!("{summaries} lines look like a summary of pytest; the last one is the run's own."));
    }
    Ok(run)
}

/// Adds up the parts of the line, such as `44 passed`. A word that is not known is refused: it may stand for tests.
fn count(parts: &str, run: &mut TestRun) -> Result<(), Unmeasurable> {
    run.tells_flaky = true;
    for part in parts.split(", ").filter(|part| *part != "no tests ran") {
        let unknown = || Unmeasurable::new(format!("pytest says \"{part}\""), "Use its JUnit file: `junit: FILE`.");
        let (number, word) = part.split_once(' ').ok_or_else(unknown)?;
        let number: u64 = number.parse().ok().filter(|number| *number < 1 << 40).ok_or_else(unknown)?;
        match word {
            "passed" | "xpassed" => run.counts.passed += number,
            "failed" => run.counts.failed += number,
            "error" | "errors" => run.counts.errors += number,
            "skipped" | "xfailed" => run.counts.skipped += number,
            "warning" | "warnings" | "subtests passed" | "subtests skipped" | "subtests xfailed" => {}
            "subtests failed" => run.notes.push(format!("{number} subtests failed.")),
            "deselected" => run.notes.push(format!("{number} tests were deselected and are not counted.")),
            "rerun" => {
                run.tells_flaky = false;
                run.notes.push(format!("Tests were repeated {number} times."));
            }
            _ => return Err(unknown()),
        }
    }
    Ok(())
}

/// The lines framed in `!` with which pytest says that it stopped before the end, and the first of what broke in itself.
fn interruption(line: &str) -> Option<String> {
    if line.starts_with("INTERNALERROR> ") {
        return Some("pytest itself broke (INTERNALERROR)".to_owned());
    }
    let inside = line.trim_end().strip_prefix("!!!")?.strip_suffix("!!!")?.trim_matches('!');
    let reason = inside.strip_prefix(' ')?.strip_suffix(' ')?;
    let stops =
        ["Interrupted", "stopping after", "_pytest.outcomes.Exit", "KeyboardInterrupt", "xdist.dsession.Interrupted"];
    stops.iter().any(|stop| reason.starts_with(stop)).then(|| reason.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::test_run::Counts;

    fn read(text: &str) -> Result<TestRun, Unmeasurable> {
        super::read(Input { name: "f", content: Box::new(text.as_bytes()), stderr: None })
    }

    fn fixture(name: &str) -> TestRun {
        let path = format!("{}/fixtures/kinds/test-pass-rate/{name}", env!("CARGO_MANIFEST_DIR"));
        read(&std::fs::read_to_string(&path).expect(&path)).expect(name)
    }

    fn counts(passed: u64, failed: u64, errors: u64, skipped: u64) -> Counts {
        Counts { passed, failed, errors, skipped, flaky: 0 }
    }

    #[test]
    fn the_last_line_counts_and_printed_ones_do_not() {
        for name in ["pytest-mixed.txt", "pytest-quiet.txt", "pytest-printing.txt"] {
            let run = fixture(name);
            assert_eq!(run.counts, counts(4, 4, 3, 2), "{name}");
            let printed = usize::from(name != "pytest-printing.txt");
            assert_eq!(run.notes.len(), printed, "{name}: {:?}", run.notes);
            assert_eq!(run.cut_short, None);
        }
    }

    #[test]
    fn the_line_of_a_small_run_is_read_with_its_time() {
        let run = fixture("pytest-ok.txt");
        assert_eq!((run.counts, run.nanos), (counts(1, 0, 0, 0), Some(20_000_000)));
        assert_eq!(run.notes, ["2 tests were deselected and are not counted."]);
        let run =
            read("\x1b[32m\x1b[1m1026 passed\x1b[0m, 18 skipped\x1b[32m in 524.00s (0:08:44)\x1b[0m").expect("read");
        assert_eq!((run.counts, run.nanos), (counts(1026, 0, 0, 18), Some(524_000_000_000)));
    }

    #[test]
    fn repeated_tests_count_once_and_how_many_are_flaky_is_not_known() {
        let run = fixture("pytest-reruns.txt");
        assert_eq!(run.counts, counts(2, 1, 0, 0));
        assert!(!run.tells_flaky);
    }

    #[test]
    fn a_run_in_which_pytest_broke_and_two_runs_in_one_file_are_no_results() {
        let start = "============ test session starts ============\n";
        let broke = format!("{start}INTERNALERROR> Traceback\n============ 3 passed in 0.02s ============\n");
        assert_eq!(read(&broke).expect("read").cut_short.as_deref(), Some("pytest itself broke (INTERNALERROR)"));
        let two = format!("{start}=== 3 failed in 0.02s ===\n{start}=== 1 passed in 0.02s ===\n");
        let (bad, good) = ("F.    [100%]\n1 failed, 1 passed in 0.03s\n", ".    [100%]\n1 passed in 0.02s\n");
        let headed = format!("{start}=== 1 passed in 0.02s ===\n");
        for two in [two, format!("{bad}{good}"), format!("{bad}{headed}"), format!("{headed}{bad}")] {
            assert_eq!(read(&two).expect_err("refused").reason, "it holds 2 runs of pytest", "{two}");
        }
        let printed = format!("{start}1 passed in 0.02s\n=== 2 passed in 0.02s ===\n");
        assert_eq!(read(&printed).expect("read").counts, counts(2, 0, 0, 0));
    }

    #[test]
    fn a_run_that_stopped_early_says_so() {
        for (name, reason) in [
            ("pytest-exit.txt", "_pytest.outcomes.Exit: enough"),
            ("pytest-firstfail.txt", "stopping after 1 failures"),
            ("pytest-collection.txt", "Interrupted: 1 error during collection"),
        ] {
            assert_eq!(fixture(name).cut_short.as_deref(), Some(reason), "{name}");
        }
    }

    #[test]
    fn a_run_of_nothing_has_no_tests() {
        for name in ["pytest-none.txt", "pytest-nofile.txt"] {
            assert_eq!(fixture(name).counts, Counts::default(), "{name}");
        }
    }

    #[test]
    fn what_has_no_such_line_is_refused() {
        for text in ["", "<html>", "all 44 passed in 1s", "44 passed", "44 passed in 1s and more", "9 levitated in 1s"]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s).{0,200}", number in any::<u64>()) {
            let _ = read(&text);
            let _ = read(&format!("{text}\n{number} passed, {number} failed in {number}.{number}s"));
        }

        #[test]
        fn every_part_is_counted(passed in 0_u64..9999, failed in 0_u64..9999, skipped in 0_u64..9999, noise in "[a-z ]{0,40}") {
            let run = read(&format!("{noise}\n== {failed} failed, {passed} passed, {skipped} skipped in 1.00s ==\n")).expect("read");
            prop_assert_eq!(run.counts, counts(passed, failed, 0, skipped));
        }
    }
}

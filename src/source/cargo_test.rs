//! What `cargo test` prints: for each test program a header `running N tests` and a line `test result: ...`.
//!
//! A test may print both lines as well. A result counts only when its numbers add up to the header that opened the block;
//! a result line that fits nowhere makes the whole output unreadable, as then it cannot be said which line is forged.

use std::sync::LazyLock;

use regex::Regex;

use super::lines::Lines;
use super::test_results::Input;
use super::test_run::{Counts, Suite, TestRun, nanos};
use crate::model::fact::Unmeasurable;

static HEADER: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"^running (\d{1,12}) tests?$").ok());
static RESULT: LazyLock<Option<Regex>> = LazyLock::new(|| {
    let counts =
        r"(\d{1,12}) passed; (\d{1,12}) failed; (\d{1,12}) ignored; (\d{1,12}) measured; (\d{1,12}) filtered out";
    Regex::new(&format!(r"^test result: (ok|FAILED)\. {counts}(?:; finished in ([0-9.]+)s)?$")).ok()
});
static PROGRAM: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"^ *(?:Running (.+) \(.+\)|(Doc-tests) (.+))$").ok());

/// What cargo says of a test program that failed, and at the end of several.
static FAILED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(r"^error: (?:(?:test|doctest|bench) failed, to rerun pass |([0-9]{1,9}) targets? failed:$)").ok()
});

/// A result line.
struct Block {
    counts: Counts,
    filtered: u64,
    nanos: Option<u64>,
}

impl Block {
    fn read(line: &str) -> Option<Self> {
        let found = RESULT.as_ref()?.captures(line)?;
        let number = |at: usize| found.get(at).and_then(|digits| digits.as_str().parse::<u64>().ok());
        let (passed, failed) = (number(2)? + number(5)?, number(3)?);
        if (&found[1] == "ok") != (failed == 0) {
            return None;
        }
        let counts = Counts { passed, failed, skipped: number(4)?, ..Counts::default() };
        let nanos = found.get(7).and_then(|time| nanos(time.as_str()));
        Some(Self { counts, filtered: number(6)?, nanos })
    }
}

/// Where in the output a line stands.
enum Place {
    /// Between two test programs.
    Outside,
    /// After a header that announced so many tests.
    Tests(u64),
    /// In what failing tests printed, which ends with a list of their names.
    Captured(u64),
    /// In that list, so many names long.
    Names(u64, u64),
}

/// Reads what `cargo test` printed. stderr, where there is one, names the test programs and says whether one crashed.
pub fn read(input: Input<'_>) -> Result<TestRun, Unmeasurable> {
    let mut blocks = Vec::new();
    let mut place = Place::Outside;
    let mut headers = 0_usize;
    let mut cargo = Cargo::default();
    // Is the last line so far that of a program that cargo starts? In a stderr of its own, that is an end like any other.
    let mut begins = false;
    let mut lines = Lines::new(input.content);
    while let Some(line) = lines.next_line()? {
        place = step(place, &line.text, &mut blocks)?;
        let opens = matches!(place, Place::Tests(_)) && HEADER.as_ref().is_some_and(|regex| regex.is_match(&line.text));
        headers += usize::from(opens);
        if input.stderr.is_none() {
            cargo.take(&line.text);
            if !line.text.trim().is_empty() {
                begins = PROGRAM.as_ref().is_some_and(|regex| regex.is_match(&line.text));
            }
        }
    }
    if let Some(stderr) = input.stderr {
        cargo = Cargo::of(stderr)?;
    }
    if headers == 0 {
        return Err(Unmeasurable::new(
            "there is no line \"running N tests\" of cargo test in it",
            "Run `cargo test` without `--message-format` and without a custom harness.",
        ));
    }
    let mut run = total(&blocks, &cargo.programs);
    run.cut_short = match place {
        Place::Outside if begins => Some("it ends where a test program begins".to_owned()),
        Place::Outside => cargo.broke(blocks.iter().filter(|block| block.counts.failed > 0).count()),
        _ => Some("a test program ended before its result line".to_owned()),
    };
    Ok(run)
}

fn step(place: Place, line: &str, blocks: &mut Vec<Block>) -> Result<Place, Unmeasurable> {
    let result = || Block::read(line);
    Ok(match place {
        Place::Outside => {
            if result().is_some() {
                return Err(Unmeasurable::new(
                    "it has a result line that belongs to no test program, so one of its lines is not cargo's own",
                    "Read the results with cargo nextest and its JUnit file, which tests cannot print into.",
                ));
            }
            header(line).map_or(Place::Outside, Place::Tests)
        }
        Place::Tests(announced) => match result().filter(|block| block.counts.total() == announced) {
            Some(block) => {
                blocks.push(block);
                Place::Outside
            }
            None if line == "failures:" => Place::Captured(announced),
            None => Place::Tests(announced),
        },
        Place::Captured(announced) if line == "failures:" => Place::Names(announced, 0),
        Place::Captured(announced) => Place::Captured(announced),
        Place::Names(announced, named) => {
            let fits = |block: &Block| block.counts.total() == announced && block.counts.failed == named;
            match result().filter(fits) {
                Some(block) => {
                    blocks.push(block);
                    Place::Outside
                }
                None if line.is_empty() => Place::Names(announced, named),
                None if line.starts_with("    ") => Place::Names(announced, named + 1),
                None if line == "failures:" => Place::Names(announced, 0),
                None => Place::Captured(announced),
            }
        }
    })
}

fn header(line: &str) -> Option<u64> {
    HEADER.as_ref()?.captures(line)?.get(1)?.as_str().parse().ok()
}

fn total(blocks: &[Block], names: &[String]) -> TestRun {
    let mut run = TestRun::default();
    let mut filtered = 0;
    for (index, block) in blocks.iter().enumerate() {
        run.counts.absorb(&block.counts);
        filtered += block.filtered;
        run.nanos = block.nanos.map_or(run.nanos, |nanos| Some(run.nanos.unwrap_or(0).saturating_add(nanos)));
        // Names and results come on two streams: they belong together only when there are as many of each.
        if let Some(name) = names.get(index).filter(|_| names.len() == blocks.len())
            && block.counts.total() > 0
        {
            run.suites.push(Suite { name: name.clone(), counts: block.counts, nanos: block.nanos, print: None });
        }
    }
    if filtered > 0 {
        run.notes.push(format!("{filtered} tests were filtered out and are not counted."));
    }
    run
}

/// What cargo itself says between the test programs.
#[derive(Default)]
pub(super) struct Cargo {
    /// The programs that it started, in that order.
    pub(super) programs: Vec<String>,
    crash: Option<String>,
    /// How many of them failed.
    failed: usize,
}

impl Cargo {
    /// What stands in its stderr.
    pub(super) fn of(stderr: &[u8]) -> Result<Self, Unmeasurable> {
        let mut cargo = Self::default();
        let mut lines = Lines::new(stderr);
        while let Some(line) = lines.next_line()? {
            cargo.take(&line.text);
        }
        Ok(cargo)
    }

    /// Why the results are not all, where `told` test programs say of a test that it failed. One with a harness of its own
    /// says in its own words that it failed; only cargo says it in words that are known.
    pub(super) fn broke(self, told: usize) -> Option<String> {
        let Self { crash, failed, .. } = self;
        let untold = || format!("cargo says that {failed} test programs failed; {told} of them say which tests");
        crash.or_else(|| (failed > told).then(untold))
    }

    fn take(&mut self, line: &str) {
        if let Some(part) = PROGRAM.as_ref().and_then(|regex| regex.captures(line)) {
            self.programs.push(match (part.get(1), part.get(3)) {
                (Some(program), _) => program.as_str().to_owned(),
                (None, Some(krate)) => format!("doc-tests {}", krate.as_str()),
                (None, None) => String::new(),
            });
        }
        if let Some(part) = FAILED.as_ref().and_then(|regex| regex.captures(line)) {
            let all = part.get(1).and_then(|number| number.as_str().parse().ok());
            self.failed = all.unwrap_or(0).max(self.failed + usize::from(all.is_none()));
        }
        if self.crash.is_none()
            && let Some(what) = line.strip_prefix("error: could not compile ")
        {
            let what: String = what.split(" due to").next().unwrap_or_default().chars().take(100).collect();
            self.crash = Some(format!("cargo could not compile {what}"));
        }
        if self.crash.is_none() && line.trim_start().starts_with("process didn't exit successfully") {
            let signal = line.rsplit_once("(signal: ").map(|(_, signal)| signal.trim_end_matches(')'));
            let shown = signal.map(|signal| signal.chars().take(60).collect::<String>());
            self.crash = shown.map(|signal| format!("a test program was ended by signal {signal}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(stdout: &str, stderr: &str) -> Result<TestRun, Unmeasurable> {
        let content = Box::new(stdout.as_bytes());
        super::read(Input { name: "f", content, stderr: Some(stderr.as_bytes()) })
    }

    fn text(name: &str) -> String {
        let path = format!("{}/fixtures/kinds/test-pass-rate/{name}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read_to_string(&path).expect(&path)
    }

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts { passed, failed, skipped, ..Counts::default() }
    }

    #[test]
    fn what_a_failing_test_printed_does_not_count() {
        let run = read(&text("cargo-failing.txt"), &text("cargo-failing.err")).expect("read");
        assert_eq!(run.counts, counts(3, 2, 1));
        assert_eq!(run.cut_short, None);
        let rows: Vec<_> = run.suites.iter().map(|suite| (suite.name.as_str(), suite.counts)).collect();
        assert_eq!(
            rows,
            [
                ("unittests src/lib.rs", counts(1, 0, 1)),
                ("tests/failing.rs", counts(1, 1, 0)),
                ("tests/flaky.rs", counts(0, 1, 0)),
                ("doc-tests sample", counts(1, 0, 0))
            ]
        );
    }

    #[test]
    fn a_test_program_of_which_only_cargo_says_that_it_failed_cuts_the_run_short() {
        let good = "running 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n";
        let own = "error: test failed, to rerun pass `--test cucumber`\n\nCaused by:\n  process didn't exit successfully: `/t/cucumber` (exit status: 1)\n";
        let reason = "cargo says that 1 test programs failed; 0 of them say which tests";
        assert_eq!(read(good, own).expect("read").cut_short.as_deref(), Some(reason));
        let last = "error: 2 targets failed:\n    `-p x --test ui`\n    `-p x --test other`\n";
        assert!(
            read(good, &format!("{own}{last}"))
                .expect("read")
                .cut_short
                .expect("said")
                .starts_with("cargo says that 2")
        );
        assert_eq!(read(&text("cargo-failing.txt"), own).expect("read").cut_short, None, "one of its programs says so");
    }

    #[test]
    fn what_could_not_be_compiled_or_has_only_begun_is_no_whole_run() {
        let good = "     Running unittests src/lib.rs (target/debug/deps/a-1)\n\nrunning 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n";
        let broken = "error: could not compile `b` (lib test) due to 1 previous error\n";
        let logged = |text: &str| {
            let input = Input { name: "f", content: Box::new(text.as_bytes()), stderr: None };
            super::read(input).expect("read").cut_short
        };
        let reason = Some("cargo could not compile `b` (lib test)".to_owned());
        assert_eq!(logged(&format!("{good}{broken}")), reason);
        assert_eq!(logged(&format!("{broken}{good}")), reason);
        assert_eq!(read(good, broken).expect("read").cut_short, reason);
        let begun = "     Running tests/x.rs (target/debug/deps/x-1)\n";
        let reason = Some("it ends where a test program begins".to_owned());
        assert_eq!(logged(&format!("{good}{begun}")), reason);
        assert_eq!(logged(&format!("{good}{begun}\n  \n")), reason);
        assert_eq!(logged(&format!("{good}   Doc-tests a\n")), reason);
        assert_eq!(logged(good), None);
        assert_eq!(read(good, begun).expect("read").cut_short, None, "its results are on the other stream");
    }

    #[test]
    fn uncaptured_output_does_not_count_either() {
        let run = read(&text("cargo-nocapture.txt"), "").expect("read");
        assert_eq!(run.counts, counts(3, 2, 1));
        assert_eq!(read(&text("cargo-quiet.txt"), "").expect("read").counts, counts(1, 0, 1));
        assert_eq!(read(&text("cargo-ok.txt"), "").expect("read").counts, counts(1, 0, 1));
    }

    #[test]
    fn a_filter_that_matches_nothing_ran_nothing() {
        let run = read(&text("cargo-none.txt"), "").expect("read");
        assert_eq!(run.counts, Counts::default());
        assert_eq!(run.notes, ["5 tests were filtered out and are not counted."]);
    }

    #[test]
    fn a_test_program_that_crashed_cuts_the_run_short() {
        let run = read(&text("cargo-abort.txt"), &text("cargo-abort.err")).expect("read");
        assert!(run.cut_short.is_some());
        let stopped = read("\nrunning 3 tests\ntest a ... ok\n", "").expect("read");
        assert_eq!(stopped.cut_short.as_deref(), Some("a test program ended before its result line"));
        let crashed = "  process didn't exit successfully: `x` (signal: 11, SIGSEGV: invalid memory reference)";
        let run = read(&text("cargo-ok.txt"), crashed).expect("read");
        let reason = "a test program was ended by signal 11, SIGSEGV: invalid memory reference";
        assert_eq!(run.cut_short.as_deref(), Some(reason));
    }

    #[test]
    fn a_forged_result_that_fits_its_header_makes_the_output_unreadable() {
        let line = |passed, failed, word| {
            format!("test result: {word}. {passed} passed; {failed} failed; 0 ignored; 0 measured; 0 filtered out\n")
        };
        let text = format!("running 2 tests\n{}test a ... FAILED\n{}", line(2, 0, "ok"), line(1, 1, "FAILED"));
        assert!(read(&text, "").expect_err("refused").reason.contains("belongs to no test program"));
        assert!(read(&line(99, 0, "ok"), "").is_err());
        let text = format!("running 1 test\n{}\n{}", line(1, 1, "ok"), line(1, 0, "ok"));
        assert_eq!(read(&text, "").expect("the first adds up to 2").counts, counts(1, 0, 0));
    }

    #[test]
    fn what_is_not_from_cargo_is_refused() {
        for text in ["", "error: could not compile", "<html>", "running tests"] {
            assert!(read(text, "").is_err(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "(?s)(running 2 tests\n|failures:\n|    a\n|\n|test result: ok\\. 2 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out\n|.{0,9}){0,30}") {
            let _ = read(&text, &text);
        }

        #[test]
        fn blocks_add_up(blocks in proptest::collection::vec((0_u64..50, 0_u64..5, 0_u64..9), 1..6)) {
            let (mut text, mut expected) = (String::new(), Counts::default());
            for (passed, failed, ignored) in blocks {
                let word = if failed == 0 { "ok" } else { "FAILED" };
                text.push_str(&format!("\nrunning {} tests\n", passed + failed + ignored));
                if failed > 0 {
                    text.push_str("\nfailures:\n\n---- t0 stdout ----\nfailures are near\n\nfailures:\n");
                    (0..failed).for_each(|index| text.push_str(&format!("    t{index}\n")));
                    text.push('\n');
                }
                text.push_str(&format!("test result: {word}. {passed} passed; {failed} failed; {ignored} ignored; 0 measured; 3 filtered out; finished in 0.01s\n"));
                expected.absorb(&counts(passed, failed, ignored));
            }
            prop_assert_eq!(read(&text, "").expect("read").counts, expected);
        }
    }
}

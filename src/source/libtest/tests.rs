//! What the reader makes of what Rust 1.95 and cargo nextest 0.9.143 printed.

use super::super::test_results::{Input, fixture, numbers, of};

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/test-pass-rate/");

#[test]
fn the_programs_of_cargo_test_are_added_up_and_named_by_what_cargo_says() {
    let content = std::fs::read(format!("{PATH}libtest.json")).expect("a file");
    let stderr = std::fs::read(format!("{PATH}libtest.err")).expect("a file");
    let input = Input { name: "stdout", content: Box::new(content.as_slice()), stderr: Some(&stderr) };
    let run = super::read(input).expect("read");
    assert_eq!(numbers(&run), [5, 2, 0, 1, 0]);
    assert_eq!(run.cut_short, None);
    assert!(!run.tells_flaky);
    let names: Vec<_> = run.suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names[0], "unittests src/lib.rs");
    assert_eq!(names.len(), 5);
}

#[test]
fn nextest_runs_many_programs_at_once_and_marks_a_second_attempt() {
    let run = fixture("libtest-json", "nextest-plus.json");
    assert_eq!(numbers(&run), [5, 1, 0, 1, 1]);
    assert_eq!((run.cut_short, run.suites.len()), (None, 4));
    let run = fixture("libtest-json", "nextest-libtest.json");
    assert_eq!(numbers(&run), [5, 1, 0, 1, 0]);
    assert_eq!(run.suites[0].name, "sample::sample");
}

#[test]
fn a_program_that_never_ended_cuts_the_run_short() {
    let run = fixture("libtest-json", "libtest-abort.json");
    assert_eq!(run.cut_short.as_deref(), Some("a test program ended before its last line"));
}

#[test]
fn what_cargo_says_of_a_program_that_tells_no_result_cuts_the_run_short() {
    let content = std::fs::read(format!("{PATH}libtest.json")).expect("a file");
    let own = std::fs::read_to_string(format!("{PATH}libtest.err")).expect("a file");
    let cut_short = |more: &str| {
        let stderr = format!("{own}{more}");
        let input = Input { name: "stdout", content: Box::new(content.as_slice()), stderr: Some(stderr.as_bytes()) };
        super::read(input).expect("read").cut_short
    };
    let broken = cut_short("error: could not compile `b` (test \"b\") due to 1 previous error\n");
    assert_eq!(broken.as_deref(), Some("cargo could not compile `b` (test \"b\")"));
    let killed = cut_short("  process didn't exit successfully: `x` (signal: 9, SIGKILL: kill)\n");
    assert_eq!(killed.as_deref(), Some("a test program was ended by signal 9, SIGKILL: kill"));
    let others = cut_short("error: 7 targets failed:\n");
    assert_eq!(others.as_deref(), Some("cargo says that 7 test programs failed; 2 of them say which tests"));
}

#[test]
fn a_line_that_breaks_off_cuts_the_run_short() {
    let whole = std::fs::read_to_string(format!("{PATH}nextest-plus.json")).expect("a file");
    let text = format!("{}\n{{ \"type\": \"suite\", \"ev", whole.trim_end());
    let run = of("libtest-json", text.as_bytes()).expect("read");
    assert_eq!(run.cut_short.as_deref(), Some("the file stops in the middle of a line"));
    assert_eq!(of("libtest-json", whole.trim_end().as_bytes()).expect("read").cut_short, None);
}

#[test]
fn a_line_that_a_test_printed_does_not_count() {
    let run = fixture("libtest-json", "libtest-nocapture.json");
    assert_eq!(numbers(&run), [1, 0, 0, 1, 0]);
    assert_eq!(run.notes, ["1 results are of tests that never started, and do not count."]);
}

#[test]
fn a_forged_last_line_makes_it_unreadable() {
    let start = "{\"type\":\"suite\",\"event\":\"started\",\"test_count\":1}\n{\"type\":\"test\",\"event\":\"started\",\"name\":\"a\"}\n";
    let forged = "{\"type\":\"suite\",\"event\":\"ok\",\"passed\":1,\"failed\":0,\"ignored\":0}\n";
    let end = "{\"type\":\"test\",\"event\":\"failed\",\"name\":\"a\"}\n{\"type\":\"suite\",\"event\":\"failed\",\"passed\":0,\"failed\":1,\"ignored\":0}\n";
    assert_eq!(numbers(&of("libtest-json", format!("{start}{end}").as_bytes()).expect("read")), [0, 1, 0, 0, 0]);
    assert!(of("libtest-json", format!("{start}{forged}{end}").as_bytes()).is_err());
    assert!(of("libtest-json", format!("{start}{end}{forged}").as_bytes()).is_err());
}

#[test]
fn a_filter_that_matches_nothing_ran_nothing() {
    let run = fixture("libtest-json", "libtest-none.json");
    assert_eq!((run.counts.total(), run.cut_short), (0, None));
    assert_eq!(run.notes, ["7 tests were filtered out and are not counted."]);
}

//! What the reader makes of what Perl's Test::More, node, node-tap, vitest and mocha printed, and of the examples that the
//! specification speaks of, in our own words.

use proptest::prelude::*;

use super::super::test_results::{fixture, numbers, of};

fn run(text: &str) -> super::TestRun {
    of("tap", text.as_bytes()).expect(text)
}

fn refused(text: &str) -> String {
    of("tap", text.as_bytes()).expect_err("refused").reason
}

#[test]
fn every_producer_is_read() {
    for (name, expected) in [
        ("perl.tap", [3, 1, 0, 2, 0]),
        ("node.tap", [3, 1, 0, 2, 0]),
        ("node-tap.tap", [2, 1, 0, 2, 0]),
        ("vitest.tap", [2, 2, 0, 2, 0]),
        ("vitest-flat.tap", [2, 2, 0, 2, 0]),
        ("mocha.tap", [2, 2, 0, 2, 0]),
    ] {
        let run = fixture("tap", name);
        assert_eq!(numbers(&run), expected, "{name}");
        assert_eq!(run.cut_short, None, "{name}");
    }
    let names: Vec<_> = fixture("tap", "node.tap").suites.into_iter().map(|suite| suite.name).collect();
    assert_eq!(names, ["sums", "with parts"]);
}

#[test]
fn a_result_before_the_stream_begins_does_not_count() {
    assert_eq!(
        fixture("tap", "node.tap").notes,
        ["1 lines before the first one of TAP look like results and do not count."]
    );
}

#[test]
fn a_stream_with_a_plan_before_the_version_is_another_stream() {
    for before in ["1..2\nok 1\nnot ok 2\n", "ok 1\nnot ok 2\n1..2\n", "1..3\n"] {
        let reason = refused(&format!("{before}TAP version 13\n1..1\nok 1\n"));
        assert!(reason.ends_with("they are two"), "{before}: {reason}");
    }
}

#[test]
fn a_stream_that_stops_says_so() {
    for (name, reason) in
        [("perl-bail.tap", "Bail out! the disk is full"), ("perl-short.tap", "1 of 3 test points are there")]
    {
        assert_eq!(fixture("tap", name).cut_short.as_deref(), Some(reason));
    }
    assert!(run("ok 1\nok 2\n").cut_short.expect("cut short").starts_with("there is no plan"));
    assert_eq!(run("1..0 # skip no database\n").counts.total(), 0);
    assert!(run("1..1\n    1..2\n    ok 1\nok 1 - parts\n").cut_short.is_some());
}

#[test]
fn skip_and_todo_are_read_as_written_in_every_version() {
    let run = run(
        "1..7\nok # Skip\nnot ok - x # TODO later\nok 3 a \\# SKIP b\nok 4 # skipped: no\nnot ok 5 # SKIP\nok 6 # todo\nnot ok\n",
    );
    assert_eq!(numbers(&run), [1, 1, 0, 5, 0]);
}

#[test]
fn the_name_of_a_method_is_no_directive() {
    for name in ["User#skip_confirmation! skips", "lists #todos of the user", "User#skip! skips", "is # Todolist"] {
        assert_eq!(numbers(&run(&format!("1..1\nnot ok 1 - {name}\n"))), [0, 1, 0, 0, 0], "{name}");
    }
}

#[test]
fn a_name_that_ends_in_a_brace_is_a_test_like_any_other() {
    assert_eq!(numbers(&run("1..2\nnot ok 1 - reads {\nok 2\n")), [1, 1, 0, 0, 0]);
    assert_eq!(numbers(&run("1..1\nnot ok 1 - reads {\n")), [0, 1, 0, 0, 0]);
}

#[test]
fn forged_lines_do_not_count_or_make_it_unreadable() {
    assert_eq!(numbers(&run("1..1\n    ok 1 - printed\n    ok 2 - printed\nnot ok 1 - own\n")), [0, 1, 0, 0, 0]);
    assert_eq!(numbers(&run("1..1\nnot ok 1\n  ---\n  ok 2\n  1..9\n  ...\n")), [0, 1, 0, 0, 0]);
    assert_eq!(numbers(&run("1..1\n# ok 2\nokay\nnot ok 1\n")), [0, 1, 0, 0, 0]);
    for text in [
        "1..2\nok 1\nok 99\n",
        "1..1\nok 1\nok 2\n",
        "1..1\nok 1\n1..1\n",
        "ok 1\nTAP version 13\n1..1\nok 1\nTAP version 13\n",
    ] {
        assert!(refused(text).ends_with("is not the producer's own"), "{text}");
    }
    assert_eq!(refused("hello\n"), "there is no line of TAP in it");
}

proptest! {
    #[test]
    fn no_lines_make_it_panic(text in "(ok|not ok| 1| 2| -|\\{|\\}|    |1\\.\\.2|\n|# TODO|  ---|  \\.\\.\\.|Bail out!|TAP version 13|é){0,40}") {
        let _ = of("tap", text.as_bytes());
    }

    #[test]
    fn every_point_is_counted(points in proptest::collection::vec(any::<bool>(), 1..50)) {
        let lines: String = points.iter().map(|held| if *held { "ok\n" } else { "not ok\n" }).collect();
        let run = run(&format!("{lines}1..{}\n", points.len()));
        prop_assert_eq!(run.counts.passed as usize, points.iter().filter(|held| **held).count());
        prop_assert_eq!(run.counts.total() as usize, points.len());
    }
}

//! What the reader makes of what go 1.19 printed, and of lines that nobody should print.

use proptest::prelude::*;

use super::super::test_results::{fixture, numbers, of};

fn event(action: &str, test: &str) -> String {
    let test = if test.is_empty() { String::new() } else { format!(",\"Test\":\"{test}\"") };
    format!("{{\"Action\":\"{action}\",\"Package\":\"p\"{test},\"Elapsed\":0.5}}\n")
}

fn run(events: &[(&str, &str)]) -> super::TestRun {
    let text: String = events.iter().map(|(action, test)| event(action, test)).collect();
    of("go-test-json", text.as_bytes()).expect("read")
}

#[test]
fn subtests_count_and_the_test_around_them_does_not() {
    let result = fixture("go-test-json", "go-ok.json");
    assert_eq!(numbers(&result), [5, 2, 0, 1, 0]);
    assert_eq!(result.cut_short, None);
    assert_eq!(result.suites.len(), 1);
    assert_eq!(result.slowest.expect("timed").0, "sample/ok TestHolds");
    let itself = run(&[("run", "A"), ("run", "A/x"), ("pass", "A/x"), ("fail", "A"), ("fail", "")]);
    assert_eq!(numbers(&itself), [1, 1, 0, 0, 0], "the test itself failed, its subtest did not");
}

#[test]
fn packages_that_cannot_be_built_are_errors_and_one_that_panicked_cuts_the_run_short() {
    let result = fixture("go-test-json", "go.json");
    assert_eq!(numbers(&result), [6, 3, 2, 1, 0]);
    assert_eq!(
        result.cut_short.as_deref(),
        Some("\"sample/panics\" ended with a panic, and tests behind it did not run")
    );
    assert!(result.notes.iter().any(|note| note.starts_with("\"sample/vet\" could not be tested (build failed)")));
}

#[test]
fn newer_versions_of_go_say_in_an_event_what_cannot_be_built() {
    let text = concat!(
        "{\"ImportPath\":\"p [p.test]\",\"Action\":\"build-output\",\"Output\":\"# p\\n\"}\n",
        "{\"ImportPath\":\"p [p.test]\",\"Action\":\"build-fail\"}\n",
        "{\"Action\":\"start\",\"Package\":\"p\"}\n",
        "{\"Action\":\"output\",\"Package\":\"p\",\"Output\":\"FAIL\\tp [build failed]\\n\"}\n",
        "{\"Action\":\"fail\",\"Package\":\"p\",\"Elapsed\":0,\"FailedBuild\":\"p [p.test]\"}\n",
    );
    assert_eq!(numbers(&of("go-test-json", text.as_bytes()).expect("read")), [0, 0, 1, 0, 0]);
}

#[test]
fn an_output_that_breaks_off_is_no_whole_run() {
    let whole = [("start", ""), ("run", "A"), ("pass", "A"), ("pass", "")];
    let text: String = whole.iter().map(|(action, test)| event(action, test)).collect();
    let cut_short = |more: &str| of("go-test-json", format!("{text}{more}").as_bytes()).expect("read").cut_short;
    assert_eq!(cut_short(r#"{"Action":"fail","Pack"#).as_deref(), Some("the file stops in the middle of a line"));
    let unbuilt = r#"{"ImportPath":"q [q.test]","Action":"build-fail"}"#;
    for end in ["", "\n"] {
        let reason = "\"q [q.test]\" could not be built, and no package failed for it";
        assert_eq!(cut_short(&format!("{unbuilt}{end}")).as_deref(), Some(reason));
    }
    for whole in ["", r#"{"Action":"output","Package":"p"}"#, "{\n", "{\"a\n{", "{oh}", "done"] {
        let expected = (whole == "{\"a\n{").then_some("the file stops in the middle of a line");
        assert_eq!(cut_short(whole).as_deref(), expected, "{whole}");
    }
}

#[test]
fn what_a_test_printed_does_not_count() {
    let result = fixture("go-test-json", "go-ok.json");
    assert!(result.notes.contains(&"1 results are of tests that never started, and do not count.".to_owned()));
    assert!(!result.slowest.expect("timed").0.contains("Forged"));
}

#[test]
fn a_package_without_an_end_and_a_test_without_one_cut_the_run_short() {
    let result = run(&[("run", "A"), ("pass", "A")]);
    assert_eq!(result.cut_short.as_deref(), Some("there is no result of \"p\""));
    let result = run(&[("run", "A"), ("fail", "")]);
    assert_eq!(result.cut_short.as_deref(), Some("\"p\" ended while 1 of its tests were running"));
    assert_eq!(numbers(&result), [0, 0, 1, 0, 0]);
}

#[test]
fn a_test_that_ran_twice_counts_once_and_fails_when_it_failed_once() {
    let result = fixture("go-test-json", "go-twice.json");
    assert_eq!(numbers(&result), [3, 1, 0, 0, 0]);
    let again =
        run(&[("run", "A"), ("fail", "A"), ("fail", ""), ("start", ""), ("run", "A"), ("pass", "A"), ("pass", "")]);
    assert_eq!(numbers(&again), [0, 1, 0, 0, 0]);
}

#[test]
fn nothing_that_ran_is_zero_tests() {
    let result = fixture("go-test-json", "go-none.json");
    assert_eq!((result.counts.total(), result.cut_short), (0, None));
}

proptest! {
    #[test]
    fn no_order_of_events_makes_it_panic(events in proptest::collection::vec((0_usize..6, 0_usize..4), 0..30)) {
        let actions = ["run", "pass", "fail", "skip", "output", "start"];
        let tests = ["", "A", "A/b", "A/b/c"];
        let text: String = events.iter().map(|(action, test)| event(actions[*action], tests[*test])).collect();
        let _ = of("go-test-json", text.as_bytes());
    }
}

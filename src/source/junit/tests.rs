//! What the reader makes of files that real tools wrote, and of files that nobody should write.

use proptest::prelude::*;

use super::read;
use crate::source::test_run::{Counts, TestRun};

fn fixture(name: &str) -> TestRun {
    let path = format!("{}/fixtures/kinds/test-pass-rate/{name}", env!("CARGO_MANIFEST_DIR"));
    read(std::fs::File::open(&path).expect(&path), name).expect(name)
}

fn run(text: &str) -> TestRun {
    read(text.as_bytes(), "file.xml").expect(text)
}

fn refused(bytes: &[u8]) -> String {
    read(bytes, "file.xml").expect_err("it is refused").reason
}

fn counts(passed: u64, failed: u64, errors: u64, skipped: u64, flaky: u64) -> Counts {
    Counts { passed, failed, errors, skipped, flaky }
}

/// Captured with pytest 7, cargo nextest 0.9, Maven Surefire 2.22.3, jest 30 with jest-junit 17, vitest 4, Playwright 1.65,
/// mocha 12, gtest 1.12, PHPUnit 9.6, behave 1.3 and Robot Framework 7.5, each on a project of our own.
#[test]
fn every_dialect_is_counted_by_its_leaves() {
    for (name, expected, suites) in [
        ("surefire.xml", counts(3, 1, 1, 1, 2), 1),
        ("jest-junit.xml", counts(5, 2, 0, 1, 0), 3),
        ("jest-junit-errors.xml", counts(5, 3, 1, 1, 0), 4),
        ("vitest.xml", counts(2, 2, 0, 2, 0), 2),
        ("playwright.xml", counts(3, 1, 0, 1, 0), 1),
        ("mocha-xunit.xml", counts(2, 2, 0, 2, 0), 1),
        ("gtest.xml", counts(4, 1, 0, 2, 0), 3),
        ("phpunit.xml", counts(6, 1, 1, 1, 0), 3),
        ("behave.xml", counts(3, 1, 1, 1, 0), 1),
        ("robot.xml", counts(2, 1, 0, 1, 0), 2),
    ] {
        let run = fixture(name);
        assert_eq!(run.counts, expected, "{name}: {:?}", run.notes);
        assert_eq!((run.suites.len(), &run.cut_short), (suites, &None), "{name}");
    }
}

/// Made by hand after what the formatter of that name writes: it is not packaged where the tests run.
#[test]
fn rspec_writes_pending_examples_as_skipped() {
    let run = run(concat!(
        r#"<testsuite name="rspec" tests="3" skipped="1" failures="1" errors="0"><properties><property name="seed" value="1"/>"#,
        r#"</properties><testcase classname="spec.sums" name="Sums hold" file="./spec/sums_spec.rb" time="0.1"></testcase>"#,
        r#"<testcase classname="spec.sums" name="Sums fail" time="0.2"><failure message="no" type="E">x</failure></testcase>"#,
        r#"<testcase classname="spec.sums" name="Sums later" time="0.0"><skipped/></testcase></testsuite>"#,
    ));
    assert_eq!(run.counts, counts(1, 1, 0, 1, 0));
}

#[test]
fn attributes_that_count_every_attempt_are_remarked_on() {
    let notes = fixture("surefire.xml").notes;
    assert_eq!(
        notes,
        [
            "\"SumsTest\" says that it has 12 tests; 6 are in it, and those are counted.",
            "\"SumsTest\" says that 8 tests failed; 2 failed test cases are in it."
        ]
    );
}

#[test]
fn what_a_test_printed_before_the_xml_makes_it_unreadable() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/test-pass-rate/node-junit.xml");
    assert_eq!(refused(&std::fs::read(path).expect(path)), "there is text outside of its outermost element");
}

#[test]
fn a_file_that_stops_in_the_middle_is_cut_short_and_what_failed_in_it_has_failed() {
    let whole = "<testsuites><testsuite name='s'><testcase name='a'/><testcase name='b'><failure/></testcase><testcase name='c'/></testsuite></testsuites>";
    for cut in
        ["</testsuites>", "</testsuite></testsuites>", "/></testsuite></testsuites>", "='c'/></testsuite></testsuites>"]
    {
        let run = run(whole.strip_suffix(cut).expect(cut));
        assert_eq!(
            run.cut_short.as_deref(),
            Some("the file stops in the middle: elements are open at its end"),
            "{cut}"
        );
        assert_eq!(run.counts.failed, 1, "{cut}");
    }
}

#[test]
fn pytest_reruns_are_one_test_each() {
    let run = fixture("pytest-reruns.xml");
    assert_eq!(run.counts, counts(2, 1, 0, 0, 1));
    assert_eq!(run.notes, ["4 test cases of \"pytest\" are repeats of others in it and count once with them."]);
}

#[test]
fn a_test_that_ctest_could_not_run_is_an_error_and_one_that_it_was_to_skip_is_skipped() {
    let of = |status: &str, message: &str| {
        let text = format!(
            r#"<testsuite name="(empty)" tests="2" failures="0" disabled="0" skipped="1"><testcase name="a" classname="a" time="0.1" status="run"/><testcase name="b" classname="b" time="0" status="{status}"><skipped{message}/><system-out></system-out></testcase></testsuite>"#
        );
        let run = read(text.as_bytes(), "f").expect("read");
        (run.counts.errors, run.counts.skipped)
    };
    for message in ["Unable to find executable", "Required Files Missing", "Failed test dependencies"] {
        assert_eq!(of("notrun", &format!(" message=\"{message}\"")), (1, 0), "{message}");
    }
    for message in ["SKIP_RETURN_CODE=77", "SKIP_REGULAR_EXPRESSION_MATCHED", "Disabled", ""] {
        assert_eq!(of("notrun", &format!(" message=\"{message}\"")), (0, 1), "{message}");
    }
    assert_eq!(of("notrun", ""), (0, 1));
    assert_eq!(of("disabled", " message=\"Disabled\""), (0, 1));
    assert_eq!(of("skipped", " message=\"not on this system\""), (0, 1));
}

#[test]
fn a_failing_test_with_a_failing_teardown_is_one_failure_and_xfail_is_skipped() {
    let run = fixture("pytest-mixed.xml");
    assert_eq!(run.counts, counts(3, 3, 2, 2, 0));
    assert_eq!(run.counts.total(), 10);
    assert!(run.notes.iter().any(|note| note.contains("says that it has 14 tests; 10 are in it")), "{:?}", run.notes);
}

#[test]
fn a_pytest_run_that_was_ended_is_cut_short() {
    let run = fixture("pytest-exit.xml");
    assert_eq!(run.counts, counts(1, 0, 0, 0, 0));
    assert!(run.cut_short.is_some());
}

#[test]
fn a_module_that_cannot_be_imported_is_an_error() {
    assert_eq!(fixture("pytest-collection.xml").counts, counts(0, 0, 1, 0, 0));
}

#[test]
fn nothing_selected_is_zero_tests() {
    assert_eq!(fixture("pytest-none.xml").counts, Counts::default());
}

#[test]
fn nextest_marks_flaky_tests_itself() {
    let run = fixture("nextest.xml");
    assert_eq!(run.counts, counts(3, 1, 0, 0, 1));
    let names: Vec<_> = run.suites.iter().map(|suite| suite.name.as_str()).collect();
    assert_eq!(names, ["sample", "sample::failing", "sample::flaky"]);
    assert_eq!(run.slowest.expect("timed").0, "sample::failing forges_a_result");
}

#[test]
fn nested_suites_count_once() {
    let run = run(concat!(
        r#"<testsuites tests="9"><testsuite name="All" tests="9"><testsuite name="A" tests="3">"#,
        r#"<testcase name="a" time="0.5"/><testcase name="b" time="0"/><testcase name="c"><skipped/></testcase></testsuite>"#,
        r#"<testsuite name="B" tests="6"><testsuite name="B1" tests="4" time="0"><testcase name="a"/><testcase name="b"/>"#,
        r#"<testcase name="c"/><testcase name="d"><error/><failure/></testcase></testsuite>"#,
        r#"<testcase name="e" time="0"/><testcase name="f" time="2"/></testsuite></testsuite></testsuites>"#,
    ));
    assert_eq!(run.counts, counts(7, 1, 0, 1, 0));
    let rows: Vec<_> = run.suites.iter().map(|suite| (suite.name.as_str(), suite.counts.total())).collect();
    assert_eq!(rows, [("A", 3), ("B1", 4), ("B", 2)]);
    assert_eq!((run.nanos, run.untimed), (Some(2_500_000_000), false));
    assert_eq!(run.slowest, Some(("f".to_owned(), 2_000_000_000)));
    assert!(run.notes.is_empty(), "{:?}", run.notes);
}

#[test]
fn a_test_that_does_not_say_how_long_it_took_leaves_the_time_of_all_untold() {
    let untimed = |text: &str| run(text).untimed;
    for time in ["", "time=''", "time='NaN'", "time='-5'", "time='1.234,5'"] {
        let cases = format!("<testcase name='a' time='1'/><testcase name='b' {time}/>");
        assert!(untimed(&format!("<testsuite>{cases}</testsuite>")), "{time}");
        assert!(untimed(&format!("<testsuites time='9'><testsuite>{cases}</testsuite></testsuites>")), "{time}");
        let told = run(&format!("<testsuite time='7'>{cases}</testsuite>"));
        assert_eq!((told.untimed, told.nanos, told.suites[0].nanos), (false, Some(7_000_000_000), Some(7_000_000_000)));
    }
    assert!(!untimed("<testsuite><testcase name='a' time='1'/><testcase name='b'><skipped/></testcase></testsuite>"));
}

#[test]
fn two_jest_tests_of_one_name_stay_two() {
    let run =
        run(r#"<testsuites><testsuite name="s" tests="2" failures="1"><testcase name="works"><failure/></testcase>
        <testcase name="works"/></testsuite></testsuites>"#);
    assert_eq!(run.counts, counts(1, 1, 0, 0, 0));
    assert_eq!(run.notes, ["1 test cases of \"s\" have the name of another in it; each is counted."]);
}

#[test]
fn surefire_reruns_are_flaky_when_the_last_held_and_failed_when_it_did_not() {
    let run =
        run(r#"<testsuite name="s" tests="2"><testcase classname="A" name="a"><flakyFailure message="x"/></testcase>
        <testcase classname="A" name="b"><failure/><rerunFailure/></testcase></testsuite>"#);
    assert_eq!(run.counts, counts(1, 1, 0, 0, 1));
}

#[test]
fn gtest_says_in_an_attribute_that_a_test_did_not_run() {
    let run = run(r#"<testsuites><testsuite name="s"><testcase name="DISABLED_a" status="notrun" result="suppressed"/>
        <testcase name="b" status="run" result="completed"/></testsuite></testsuites>"#);
    assert_eq!(run.counts, counts(1, 0, 0, 1, 0));
}

#[test]
fn a_suite_that_failed_as_a_whole_is_an_error() {
    let run =
        run(r#"<testsuites><testsuite name="s" tests="0" errors="1"><error message="no such module"/></testsuite>
        <testsuite name="t"><testcase name="a"/></testsuite></testsuites>"#);
    assert_eq!(run.counts, counts(1, 0, 1, 0, 0));
    assert!(run.notes[0].contains("failed as a whole"), "{:?}", run.notes);
}

#[test]
fn failures_that_are_told_and_not_listed_cut_a_run_short() {
    let run = run(r#"<testsuite name="s" tests="1" failures="0" errors="2"><testcase name="a"/></testsuite>"#);
    assert_eq!(run.counts, counts(1, 0, 0, 0, 0));
    assert_eq!(run.cut_short.as_deref(), Some("\"s\" says that 2 tests failed; 0 failed test cases are in it"));
    let root = r#"<testsuites errors="1"><testsuite name="s"><testcase name="a"/></testsuite></testsuites>"#;
    assert!(self::run(root).cut_short.is_some());
    let listed = r#"<testsuites failures="1" errors="1"><testsuite name="s" failures="1" errors="1">
        <testcase name="a"><failure/><error/></testcase></testsuite></testsuites>"#;
    assert_eq!(self::run(listed).cut_short, None, "both are of one test");
}

#[test]
fn a_test_of_phpunit_that_warned_and_words_for_what_did_not_pass_are_errors() {
    for case in [
        r#"<testcase name="Warning"><warning type="W">The data provider is invalid.</warning></testcase>"#,
        r#"<testcase name="a" status="broken"/>"#,
        r#"<testcase name="a" status="undefined"/>"#,
        r#"<testcase name="a" status="timed out"/>"#,
        r#"<testcase name="a" result="Incomplete"/>"#,
    ] {
        let run = run(&format!(r#"<testsuite name="s">{case}<testcase name="b"/></testsuite>"#));
        assert_eq!(run.counts, counts(1, 0, 1, 0, 0), "{case}");
    }
}

#[test]
fn a_status_that_nobody_knows_is_an_error_and_is_told() {
    let of = |case: &str| {
        let run =
            run(&format!(r#"<testsuite name="s">{case}<testcase name="b" status="PASSED" result=""/></testsuite>"#));
        (run.counts, run.notes)
    };
    let strange = r#"<testcase name="a" status="Somewhat"/><testcase name="c" status="✗"/>"#;
    let note = "2 test cases have a status that is not known, such as \"Somewhat\"; each counts as an error.";
    assert_eq!(of(strange), (counts(1, 0, 2, 0, 0), vec![note.to_owned()]));
    let decided = r#"<testcase name="a" status="Somewhat"><skipped/></testcase>"#;
    assert_eq!(of(decided), (counts(1, 0, 0, 1, 0), Vec::new()), "the element says it");
    for (status, expected) in [
        ("run", counts(2, 0, 0, 0, 0)),
        ("Succeeded", counts(2, 0, 0, 0, 0)),
        ("panicked", counts(1, 0, 1, 0, 0)),
        ("untested", counts(1, 0, 0, 1, 0)),
        ("Not run", counts(1, 0, 0, 1, 0)),
        ("xpass", counts(1, 1, 0, 0, 0)),
    ] {
        assert_eq!(of(&format!(r#"<testcase name="a" status="{status}"/>"#)), (expected, Vec::new()), "{status}");
    }
}

#[test]
fn a_large_report_is_read_as_a_small_one_is() {
    let case = |number: usize| {
        format!(r#"<testcase classname="c" name="test {number}"><!-- {} --></testcase>"#, "x".repeat(40))
    };
    let cases: String = (0..40_000).map(case).collect();
    let suite = |more: &str| format!(r#"<testsuite name="s" tests="40001">{cases}{more}"#);
    let failed = r#"<testcase classname="c" name="last"><failure/></testcase>"#;
    let whole = run(&format!("{}</testsuite>", suite(failed)));
    assert_eq!((whole.counts, whole.cut_short, whole.notes), (counts(40_000, 1, 0, 0, 0), None, Vec::new()));
    let stopped = run(&suite(failed));
    assert_eq!((stopped.counts, stopped.cut_short.is_some()), (counts(40_000, 1, 0, 0, 0), true));
    for (wrong, reason) in [
        ("<testcase name='a'><testcase name='b'/>", "it has a <testcase> inside of a <testcase>"),
        ("&nosuch;", "it uses the entity \"&nosuch;\", which XML does not know"),
        ("</testsuite> more", "there is text outside of its outermost element"),
        ("</other>", "it is not well-formed XML: "),
    ] {
        let behind = cases.clone();
        let found = refused(format!("{}{behind}</testsuite>", suite(wrong)).as_bytes());
        assert!(found.starts_with(reason), "{found}");
    }
}

#[test]
fn what_is_no_junit_file_is_refused() {
    for (text, why) in [
        ("", "it has no XML element"),
        ("44 passed in 0.5s", "there is text outside of its outermost element"),
        ("<!DOCTYPE html><html><body/></html>", "its outermost element is <html>, not <testsuites>"),
        ("<robot><testsuite/></robot>", "its outermost element is <robot>, not <testsuites>"),
        ("<testsuite/><testsuite/>", "its second outermost element is <testsuite>, not <testsuites>"),
        (
            "<testsuite><testcase name='a'>&bomb;</testcase></testsuite>",
            "it uses the entity \"&bomb;\", which XML does not know",
        ),
        (
            "<testsuite><testcase name='a'><testcase name='b'/></testcase></testsuite>",
            "it has a <testcase> inside of a <testcase>",
        ),
        ("<?xml version='1.0' encoding='klingon'?><testsuite/>", "its encoding \"klingon\" is not known"),
    ] {
        assert_eq!(refused(text.as_bytes()), why, "{text}");
    }
    assert!(refused(b"<testsuite><testcase></testsuite>").starts_with("it is not well-formed XML"));
    assert!(refused(b"<testsuite><testcase name='&bomb;'/></testsuite>").starts_with("an attribute cannot be read"));
    let deep = "<testsuite>".repeat(100_000);
    assert_eq!(refused(deep.as_bytes()), "its elements are nested more than 256 deep");
}

#[test]
fn entities_of_a_document_type_are_never_expanded() {
    let bomb = r#"<!DOCTYPE t [<!ENTITY a "aaaa"><!ENTITY x SYSTEM "file:///etc/passwd">]>
        <testsuite><testcase name="a"><failure>&x;</failure></testcase></testsuite>"#;
    assert_eq!(refused(bomb.as_bytes()), "it uses the entity \"&x;\", which XML does not know");
}

#[test]
fn every_usual_encoding_is_read() {
    let text = "<testsuite><testcase name='Gr\u{fc}\u{df}e' time='1'/></testsuite>";
    let utf16 = |big: bool| {
        let bytes = |unit: u16| if big { unit.to_be_bytes() } else { unit.to_le_bytes() };
        std::iter::once(0xFEFF).chain(text.encode_utf16()).flat_map(bytes).collect::<Vec<u8>>()
    };
    let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
    let declared = format!("<?xml version=\"1.0\" encoding='ISO-8859-1' ?>{text}");
    let latin1: Vec<u8> = declared.chars().map(|char| u8::try_from(u32::from(char)).expect("latin 1")).collect();
    for bytes in [marked, utf16(false), utf16(true), utf16(false)[2..].to_vec(), latin1] {
        let run = read(bytes.as_slice(), "f").expect("read");
        assert_eq!(run.slowest, Some(("Gr\u{fc}\u{df}e".to_owned(), 1_000_000_000)));
    }
}

#[test]
fn bytes_that_are_not_utf_8_are_replaced() {
    let text = b"<testsuite name='s\xFF'><testcase name='a'><system-out><![CDATA[\x80\xFE]]></system-out></testcase></testsuite>";
    let run = read(text.as_slice(), "f").expect("read");
    assert_eq!(run.suites[0].name, "s\u{FFFD}");
    assert_eq!(run.counts, counts(1, 0, 0, 0, 0));
}

#[derive(Debug, Clone)]
enum Node {
    Case(u8),
    Suite(Vec<Node>),
}

fn nodes() -> impl Strategy<Value = Vec<Node>> {
    let leaf = (0_u8..5).prop_map(Node::Case);
    let tree = leaf.prop_recursive(4, 64, 8, |inner| proptest::collection::vec(inner, 0..8).prop_map(Node::Suite));
    proptest::collection::vec(tree, 0..8)
}

fn write(nodes: &[Node], text: &mut String, next: &mut u32, expected: &mut Counts) {
    for node in nodes {
        *next += 1;
        match node {
            Node::Suite(inner) => {
                text.push_str("<testsuite tests='999'>");
                write(inner, text, next, expected);
                text.push_str("</testsuite>");
            }
            Node::Case(outcome) => {
                let (inside, add) = [
                    ("", counts(1, 0, 0, 0, 0)),
                    ("<failure/>", counts(0, 1, 0, 0, 0)),
                    ("<system-out>&lt;error/></system-out><error/>", counts(0, 0, 1, 0, 0)),
                    ("<skipped/>", counts(0, 0, 0, 1, 0)),
                    ("<flakyFailure/>", counts(1, 0, 0, 0, 1)),
                ][usize::from(*outcome)];
                text.push_str(&format!("<testcase name='t{next}'>{inside}</testcase>"));
                expected.absorb(&add);
            }
        }
    }
}

proptest! {
    #[test]
    fn no_bytes_make_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..400)) {
        let _ = read(bytes.as_slice(), "f");
    }

    #[test]
    fn no_mangled_file_makes_it_panic(at in 0_usize..2000, byte in any::<u8>(), cut in 0_usize..3000) {
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/test-pass-rate/pytest-mixed.xml");
        let mut bytes = std::fs::read(path).expect(path);
        bytes[at] = byte;
        bytes.truncate(cut.max(at + 1));
        let _ = read(bytes.as_slice(), "f");
    }

    #[test]
    fn every_test_case_is_counted_once_wherever_it_stands(tree in nodes()) {
        let (mut text, mut expected) = ("<testsuites>".to_owned(), Counts::default());
        write(&tree, &mut text, &mut 0, &mut expected);
        text.push_str("</testsuites>");
        let run = run(&text);
        prop_assert_eq!(run.counts, expected);
        let mut rows = Counts::default();
        run.suites.iter().for_each(|suite| rows.absorb(&suite.counts));
        prop_assert_eq!(rows, expected);
    }
}

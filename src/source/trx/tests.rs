//! What the reader makes of what jest-trx-results-processor wrote, and of what Visual Studio writes, made by hand after its
//! schema because it does not run here.

use super::super::test_results::{fixture, numbers, of};

const VISUAL_STUDIO: &str = r#"<?xml version="1.0" encoding="utf-8"?>
<TestRun id="1" xmlns="http://microsoft.com/schemas/VisualStudio/TeamTest/2010"><Results>
<UnitTestResult testId="a" testName="Holds" duration="00:00:01.5000000" outcome="Passed"/>
<UnitTestResult testId="b" testName="Fails" duration="00:01:00" outcome="Failed"><Output><StdOut>&lt;UnitTestResult outcome="Passed"/></StdOut></Output></UnitTestResult>
<UnitTestResult testId="c" testName="Rows" outcome="Failed"><InnerResults>
  <UnitTestResult testId="c" testName="Rows (1)" outcome="Passed"/><UnitTestResult testId="c" testName="Rows (2)" outcome="Timeout"/>
</InnerResults></UnitTestResult>
<UnitTestResult testId="d" testName="LeftOut" outcome="NotExecuted"/>
<UnitTestResult testId="e" testName="Breaks"/>
</Results><TestDefinitions>
<UnitTest id="a"><TestMethod className="N.One" name="Holds"/></UnitTest><UnitTest id="b"><TestMethod className="N.One, N, Version=1.0" name="Fails"/></UnitTest>
<UnitTest id="c"><TestMethod className="N.Two"/></UnitTest><UnitTest id="d"><TestMethod className="N.Two"/></UnitTest><UnitTest id="e"><TestMethod className="N.Two"/></UnitTest>
</TestDefinitions><ResultSummary outcome="Failed"><Counters total="5" passed="1"/></ResultSummary></TestRun>"#;

#[test]
fn rows_of_data_count_and_the_test_around_them_does_not() {
    let run = of("trx", VISUAL_STUDIO.as_bytes()).expect("read");
    assert_eq!(numbers(&run), [2, 2, 1, 1, 0]);
    assert_eq!(run.cut_short, None);
    let rows: Vec<_> = run.suites.iter().map(|suite| (suite.name.as_str(), suite.counts.total())).collect();
    assert_eq!(rows, [("N.One", 2), ("N.Two", 4)]);
    assert_eq!(run.nanos, Some(61_500_000_000));
    assert_eq!(run.notes, ["Its summary says that there are 5 tests; 6 are in it, and those are counted."]);
}

#[test]
fn another_tool_writes_the_definitions_first() {
    let run = fixture("trx", "jest.trx");
    assert_eq!(numbers(&run), [4, 3, 0, 2, 0]);
    assert!(!run.suites.is_empty());
}

#[test]
fn a_run_that_was_aborted_or_has_no_summary_is_cut_short() {
    for (from, to) in [
        (r#"ResultSummary outcome="Failed""#, r#"ResultSummary outcome="Aborted""#),
        (r#"<ResultSummary outcome="Failed"><Counters total="5" passed="1"/></ResultSummary>"#, ""),
        (r#"outcome="NotExecuted""#, r#"outcome="InProgress""#),
        ("</ResultSummary></TestRun>", ""),
    ] {
        let text = VISUAL_STUDIO.replace(from, to);
        assert!(of("trx", text.as_bytes()).expect(to).cut_short.is_some(), "{to}");
    }
}

#[test]
fn a_test_host_that_crashed_cut_the_run_short_whatever_the_counters_say() {
    let passed = r#"<UnitTestResult testId="1" testName="a" outcome="Passed"/>"#;
    let crash =
        r#"<RunInfos><RunInfo outcome="Error"><Text>The active test run was aborted.</Text></RunInfo></RunInfos>"#;
    let run = |outcome: &str, more: &str| {
        let text = format!(
            r#"<TestRun><Results>{passed}</Results><ResultSummary outcome="{outcome}"><Counters total="1"/>{more}</ResultSummary></TestRun>"#
        );
        of("trx", text.as_bytes()).expect("read").cut_short
    };
    let said = run("Completed", crash).expect("cut short");
    assert_eq!(said, "the run itself tells of something with the outcome \"Error\"");
    assert_eq!(run("Failed", "").as_deref(), Some("its summary says \"Failed\"; no failed test is in it"));
    assert_eq!(run("Completed", r#"<RunInfos><RunInfo outcome="Warning"/></RunInfos>"#), None);
}

#[test]
fn a_summary_that_tells_of_more_than_is_listed_or_of_no_whole_run_cuts_it_short() {
    let run = |summary: &str| {
        let text = format!(
            r#"<TestRun><Results><UnitTestResult testId="1" testName="a" outcome="Passed"/></Results><ResultSummary {summary}</ResultSummary></TestRun>"#
        );
        of("trx", text.as_bytes()).expect("read").cut_short
    };
    for outcome in ["Completed", "Passed", "Warning"] {
        assert_eq!(run(&format!(r#"outcome="{outcome}"><Counters total="1" failed="0"/>"#)), None);
    }
    for outcome in ["Timeout", "Error", "Aborted", "NotExecuted", ""] {
        assert_eq!(run(&format!(r#"outcome="{outcome}">"#)), Some(format!("its summary says \"{outcome}\"")));
    }
    let failed = "its summary says that 3 tests failed; 0 failed tests are in it";
    for counters in [r#"failed="3""#, r#"error="1" timeout="1" aborted="1""#] {
        let said = run(&format!(r#"outcome="Completed"><Counters total="1" {counters}/>"#));
        assert_eq!(said.as_deref(), Some(failed), "{counters}");
    }
    let more = run(r#"outcome="Completed"><Counters total="2"/>"#);
    assert_eq!(more.as_deref(), Some("its summary says that there are 2 tests; 1 are in it"));
}

#[test]
fn a_test_that_failed_around_rows_that_held_has_failed_once() {
    let run = |outer: &str, inner: &str, total: u64, failed: u64| {
        let text = format!(
            r#"<TestRun><Results><UnitTestResult testId="1" testName="a" outcome="{outer}"><InnerResults>
            <UnitTestResult testId="1" testName="a (1)" outcome="Passed"/><UnitTestResult testId="1" testName="a (2)" outcome="{inner}"/>
            </InnerResults></UnitTestResult></Results><ResultSummary outcome="Failed"><Counters total="{total}" failed="{failed}"/></ResultSummary></TestRun>"#
        );
        let run = of("trx", text.as_bytes()).expect("read");
        (numbers(&run), run.cut_short)
    };
    assert_eq!(run("Failed", "Passed", 3, 1), ([2, 1, 0, 0, 0], None));
    // The tool counts the outer one as well.
    assert_eq!(run("Failed", "Failed", 3, 2), ([1, 1, 0, 0, 0], None));
    assert_eq!(run("Failed", "Failed", 2, 1), ([1, 1, 0, 0, 0], None));
}

#[test]
fn what_is_no_trx_file_is_refused() {
    for text in ["", "<html/>", "<TestRun/><TestRun/>", "<TestRun><UnitTestResult outcome='Levitated'/></TestRun>"] {
        assert!(of("trx", text.as_bytes()).is_err(), "{text}");
    }
    let deep = format!("<TestRun>{}", "<a>".repeat(100_000));
    assert!(of("trx", deep.as_bytes()).expect_err("refused").reason.contains("nested more than"));
}

//! Test results through the real door: what is known to mislead (a test for each row of our table of facts about test
//! results), files older than what they are to prove, and folders of thousands of files.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant, SystemTime};

use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::probe::Kind as _;
use countersign::probe::test_pass_rate::TestPassRate;
use countersign::witness::PerCheck;

use crate::door::{Door, check};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/test-pass-rate");

/// Measures live, then again from what was seen.
async fn measured(door: &Door, yaml: &str) -> Result<Facts, Unmeasurable> {
    let probe: TestPassRate = serde_saphyr::from_str(yaml).unwrap();
    assert_eq!(probe.problems(), Vec::new(), "{yaml}");
    let witness = door.witness();
    let live = probe.measure(&witness).await;
    let again = tempfile::tempdir().unwrap();
    let session = door.replay(&witness, again.path());
    let replayed = probe.measure(&session.witness(&check("one"), PerCheck::default())).await;
    assert_eq!(replayed, live, "{yaml}");
    live
}

fn put(door: &Door, path: &str, content: impl AsRef<[u8]>) {
    let path = door.root().join(path);
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    std::fs::write(path, content).unwrap();
}

/// A captured file, read as that format.
async fn of(fixture: &str, reads: &str) -> Result<Facts, Unmeasurable> {
    let door = Door::open();
    put(&door, fixture, std::fs::read(Path::new(FIXTURES).join(fixture)).unwrap());
    measured(&door, &format!("{{file: {{path: '{fixture}', reads: {reads}}}}}")).await
}

/// Total, passed, failed, errors, skipped.
fn numbers(facts: &Facts) -> [u64; 5] {
    ["total", "passed", "failed", "errors", "skipped"].map(|fact| match facts.get(fact) {
        Some(Value::Count(number)) => number.to_u64().unwrap(),
        other => panic!("{fact} is {other:?}: {facts:?}"),
    })
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

#[tokio::test]
async fn row_pytest_with_reruns_is_one_test_for_each_name() {
    assert_eq!(numbers(&of("pytest-reruns.xml", "junit").await.unwrap()), [3, 2, 1, 0, 0]);
}

#[tokio::test]
async fn row_failing_teardown_xfail_and_subtests_are_what_the_final_line_says() {
    assert_eq!(numbers(&of("pytest-mixed.xml", "junit").await.unwrap())[0], 10);
    let line = of("pytest-mixed.txt", "pytest-summary").await.unwrap();
    assert_eq!(numbers(&line)[2..], [4, 3, 2]);
}

#[tokio::test]
async fn row_pytest_that_was_aborted_was_cut_short() {
    for (fixture, reads) in [
        ("pytest-exit.xml", "junit"),
        ("pytest-exit.txt", "pytest-summary"),
        ("pytest-firstfail.txt", "pytest-summary"),
    ] {
        let facts = of(fixture, reads).await.unwrap();
        assert!(absent(&facts, "pass-rate").starts_with("the run was cut short"), "{fixture}: {facts:?}");
    }
}

#[tokio::test]
async fn row_pytest_that_was_killed_leaves_an_older_file_which_is_no_data() {
    let door = Door::open();
    put(&door, "a.xml", "<testsuite><testcase name='a'/></testsuite>");
    age(&door, "a.xml", 1_700_000_000);
    let facts = measured(&door, "{command: {run: ['true'], reads: junit, path: a.xml}}").await.unwrap();
    assert!(absent(&facts, "pass-rate").ends_with("is from before the command was run"), "{facts:?}");
}

#[tokio::test]
async fn row_phpunit_nested_suites_count_each_test_once() {
    assert_eq!(numbers(&of("phpunit.xml", "junit").await.unwrap()), [9, 6, 1, 1, 1]);
}

#[tokio::test]
async fn row_gtest_writes_bytes_that_are_no_utf_8() {
    let bytes = std::fs::read(Path::new(FIXTURES).join("gtest.xml")).unwrap();
    assert!(std::str::from_utf8(&bytes).is_err(), "the fixture has lost what it is for");
    assert_eq!(numbers(&of("gtest.xml", "junit").await.unwrap()), [7, 4, 1, 0, 2]);
    let door = Door::open();
    put(
        &door,
        "a.xml",
        "<testsuites><testsuite name='s'><testcase name='a'><failure></testcase></testsuite></testsuites>",
    );
    assert!(measured(&door, "{junit: a.xml}").await.unwrap_err().reason.contains("not well-formed"));
}

#[tokio::test]
async fn row_nextest_leaves_ignored_tests_out_of_its_file_and_marks_flaky_ones() {
    let facts = of("nextest.xml", "junit").await.unwrap();
    assert_eq!(numbers(&facts), [4, 3, 1, 0, 0]);
    assert_eq!(facts.get("flaky"), Some(&Value::count(1)));
    assert_eq!(
        numbers(&of("nextest.txt", "nextest").await.unwrap()),
        [5, 3, 1, 0, 1],
        "its summary has the ignored one"
    );
}

#[tokio::test]
async fn row_a_filter_that_matches_nothing_is_no_data() {
    for (fixture, reads) in [
        ("cargo-none.txt", "cargo-test"),
        ("libtest-none.json", "libtest-json"),
        ("go-none.json", "go-test-json"),
        ("jest-none.json", "jest-json"),
        ("mocha-none.json", "mocha-json"),
        ("playwright-none.json", "playwright-json"),
        ("pytest-none.xml", "junit"),
    ] {
        let facts = of(fixture, reads).await.unwrap();
        for fact in ["total", "failed", "pass-rate", "pass-rate-of-run"] {
            assert_eq!(absent(&facts, fact), "no test ran", "{fixture}");
        }
    }
    // nextest counts those that its filter left out: they exist, and say nothing of what passes.
    let facts = of("nextest-none.txt", "nextest").await.unwrap();
    for fact in ["passed", "failed", "pass-rate", "pass-rate-of-run"] {
        assert_eq!(absent(&facts, fact), "no test ran, 5 were skipped");
    }
}

#[tokio::test]
async fn row_go_packages_fail_without_a_test_and_lines_that_are_not_json_stand_between() {
    let facts = of("go.json", "go-test-json").await.unwrap();
    assert!(absent(&facts, "pass-rate").contains("ended with a panic"), "{facts:?}");
    assert_eq!(facts.get("errors"), Some(&Value::count(2)), "one cannot be built, one does not pass vet");
    assert!(facts.notes.iter().any(|note| note == "2 lines are not JSON and do not count."), "{:?}", facts.notes);
}

#[tokio::test]
async fn row_forged_lines_of_go_cargo_and_jest_tests_do_not_count() {
    for (fixture, reads, expected) in [
        ("go-ok.json", "go-test-json", [8, 5, 2, 0, 1]),
        ("cargo-nocapture.txt", "cargo-test", [6, 3, 2, 0, 1]),
        ("libtest-nocapture.json", "libtest-json", [2, 1, 0, 0, 1]),
        ("jest.json", "jest-json", [9, 4, 1, 2, 2]),
        ("playwright.json", "playwright-json", [5, 2, 1, 0, 2]),
        ("behave.xml", "junit", [6, 3, 1, 1, 1]),
    ] {
        assert_eq!(numbers(&of(fixture, reads).await.unwrap()), expected, "{fixture}");
    }
    assert!(of("mocha-printing.txt", "mocha-json").await.is_err(), "what was printed stands in the report itself");
}

#[tokio::test]
async fn row_jest_leaves_a_suite_that_failed_to_load_out_of_its_total() {
    let facts = of("jest.json", "jest-json").await.unwrap();
    assert_eq!(numbers(&facts), [9, 4, 1, 2, 2], "its own total is 7");
}

#[tokio::test]
async fn row_nested_and_truncated_files_are_counted_or_no_data() {
    let door = Door::open();
    put(
        &door,
        "nested.xml",
        "<testsuites><testsuite><testsuite><testsuite name='s'><testcase name='a'/></testsuite></testsuite></testsuite></testsuites>",
    );
    assert_eq!(numbers(&measured(&door, "{junit: nested.xml}").await.unwrap())[0], 1);
    put(&door, "half.xml", "<testsuites><testsuite name='s'><testcase name='a'/>");
    let facts = measured(&door, "{junit: half.xml}").await.unwrap();
    assert_eq!(
        absent(&facts, "pass-rate"),
        "the run was cut short: the file stops in the middle: elements are open at its end"
    );
    let facts = measured(&door, "{junit: '{half,nested}.xml'}").await.unwrap();
    assert!(absent(&facts, "total").starts_with("the run was cut short: \"half.xml\":"), "{facts:?}");
}

#[tokio::test]
async fn an_aggregate_beside_the_files_that_it_was_made_of_counts_once() {
    let suite = |name: &str| {
        format!(
            "<testsuite name='{name}' timestamp='2026-01-01T00:00:00' tests='2'><testcase classname='{name}' name='a' time='0.5'/><testcase classname='{name}' name='b'><failure/></testcase></testsuite>"
        )
    };
    let door = Door::open();
    put(&door, "r/TEST-A.xml", suite("A"));
    put(&door, "r/TEST-B.xml", suite("B"));
    put(&door, "r/TESTS-TestSuites.xml", format!("<testsuites>{}{}</testsuites>", suite("A"), suite("B")));
    let facts = measured(&door, "{junit: 'r/*.xml'}").await.unwrap();
    assert_eq!(numbers(&facts), [4, 2, 2, 0, 0]);
    assert!(facts.notes.iter().any(|note| note.contains("word for word")), "{:?}", facts.notes);
    put(&door, "r/TEST-C.xml", suite("A").replace("T00:00", "T01:00"));
    assert_eq!(numbers(&measured(&door, "{junit: 'r/*.xml'}").await.unwrap())[0], 6, "another run of A is no copy");
}

#[tokio::test]
async fn two_modules_whose_only_tests_are_alike_have_two() {
    let door = Door::open();
    for module in ["m1", "m2"] {
        put(
            &door,
            &format!("{module}/TEST-AppTest.xml"),
            "<testsuite name='AppTest' tests='1'><testcase classname='AppTest' name='a'/></testsuite>",
        );
    }
    let facts = measured(&door, "{junit: '*/TEST-*.xml'}").await.unwrap();
    assert_eq!(numbers(&facts), [2, 2, 0, 0, 0]);
    assert!(facts.notes.iter().any(|note| note.ends_with("they count again.")), "{:?}", facts.notes);
    for fact in ["duration", "slowest"] {
        assert_eq!(absent(&facts, fact), "the results do not say how long each test took");
    }
}

#[tokio::test]
async fn three_thousand_files_are_read_in_little_time() {
    let door = Door::open();
    for number in 0..3_000 {
        put(
            &door,
            &format!("r/{}/{number}.xml", number % 7),
            format!("<testsuite name='s{number}'><testcase name='a' time='0.001'/></testsuite>"),
        );
    }
    let began = Instant::now();
    let probe: TestPassRate = serde_saphyr::from_str("{file: {path: ['r/**/*.xml', 'r/0/*'], reads: junit}}").unwrap();
    let facts = probe.measure(&door.witness()).await.unwrap();
    assert_eq!(numbers(&facts)[0], 3_000);
    assert!(began.elapsed() < Duration::from_secs(30), "it took {:?}", began.elapsed());
}

fn age(door: &Door, path: &str, seconds: u64) {
    let file = std::fs::File::options().write(true).open(door.root().join(path)).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(seconds)).unwrap();
}

fn git(door: &Door, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.args(["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "commit.gpgsign=false"]).args(arguments);
    command.env("GIT_COMMITTER_DATE", "2026-01-02T03:04:05Z").current_dir(door.root());
    assert!(command.output().unwrap().status.success(), "{arguments:?}");
}

/// The time of the commits that `git` makes above.
const COMMITTED: u64 = 1_767_323_045;

#[tokio::test]
async fn a_result_older_than_the_commit_that_it_is_to_prove_is_no_data() {
    let door = Door::open();
    put(&door, "a.xml", "<testsuite><testcase name='a'/></testsuite>");
    let error = measured(&door, "{junit: a.xml, newer-than: commit}").await.unwrap_err();
    assert_eq!(error.reason, "it is not in a git repository");
    git(&door, &["init", "-q", "-b", "main"]);
    git(&door, &["commit", "-q", "--allow-empty", "-m", "one"]);
    git(&door, &["tag", "v1"]);
    age(&door, "a.xml", COMMITTED - 1);
    for newer in ["commit", "{commit: v1}", "{commit: main, dir: .}"] {
        let facts = measured(&door, &format!("{{junit: a.xml, newer-than: {newer}}}")).await.unwrap();
        let reason = absent(&facts, "pass-rate");
        assert!(
            reason.starts_with(
                "\"a.xml\" was written at 2026-01-02T03:04:04Z, which is before the commit that it is to prove, "
            ),
            "{reason}"
        );
    }
    age(&door, "a.xml", COMMITTED + 1);
    assert_eq!(numbers(&measured(&door, "{junit: a.xml, newer-than: commit}").await.unwrap())[0], 1);
    let error = measured(&door, "{junit: a.xml, newer-than: {commit: no-such}}").await.unwrap_err();
    assert!(error.reason.starts_with("git gave no answer"), "{error:?}");
}

#[test]
fn what_cannot_be_meant_is_said_before_anything_is_asked() {
    for (yaml, message) in [
        ("{junit: a.xml, newer-than: {commit: --help}}", "\"--help\" is not the name of a commit"),
        ("{junit: a.xml, newer-than: {commit: ''}}", "\"\" is not the name of a commit"),
        (
            "{command: {run: ['true'], reads: tap}, newer-than: commit}",
            "`newer-than:` says nothing about a command, which is run now",
        ),
    ] {
        let probe: TestPassRate = serde_saphyr::from_str(yaml).unwrap();
        assert_eq!(probe.problems().first().map(|(said, _)| said.as_str()), Some(message), "{yaml}");
    }
    let ago: TestPassRate = serde_saphyr::from_str("{junit: a.xml, newer-than: soon}").unwrap();
    assert_eq!(ago.problems().len(), 1);
}

#[tokio::test]
async fn what_a_command_prints_is_read_in_every_format() {
    let door = Door::open();
    for (fixture, reads, total) in [
        ("node-tap.tap", "tap", 5),
        ("go-ok.json", "go-test-json", 8),
        ("surefire.xml", "junit", 6),
        ("jest.trx", "trx", 9),
    ] {
        put(&door, fixture, std::fs::read(Path::new(FIXTURES).join(fixture)).unwrap());
        let yaml = format!("{{command: {{run: [sh, -c, 'cat {fixture}; exit 1'], reads: {reads}}}}}");
        assert_eq!(numbers(&measured(&door, &yaml).await.unwrap())[0], total, "{fixture}");
    }
}

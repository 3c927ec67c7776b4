//! Tests of `health_check`.

use std::time::Duration;

use proptest::prelude::*;

use super::*;
use crate::model::fact::Fact;
use crate::witness::{CommandAnswer, HttpAnswer};

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

fn counts(facts: &Facts) -> [Option<u64>; 3] {
    ["total", "passed", "failed"].map(|fact| match facts.get(fact) {
        Some(Value::Count(number)) => number.to_u64(),
        _ => None,
    })
}

fn read(options: &str, status: u16, body: &str) -> Result<Checked, Unmeasurable> {
    let target: HttpTarget =
        serde_json::from_str(&format!(r#"{{"url": "http://h", "name": "api" {options}}}"#)).expect("reads");
    target.read(&HttpAnswer::new(status, body))
}

fn outcome(options: &str, status: u16, body: &str) -> Outcome {
    read(options, status, body).expect("is an answer").outcome
}

#[test]
fn an_answer_passes_by_its_status_alone_unless_more_is_asked() {
    assert_eq!(outcome("", 200, "anything"), Outcome::Passed);
    assert_eq!(outcome("", 204, ""), Outcome::Passed);
    assert_eq!(outcome("", 500, "boom"), Outcome::Failed);
    assert_eq!(outcome("", 404, ""), Outcome::Failed);
    assert_eq!(read("", 500, "boom\nat x").expect("an answer").detail, "500: boom at x");
    assert_eq!(outcome(r#", "passes-when": {"status": "== 503"}"#, 503, ""), Outcome::Passed);
    assert_eq!(outcome(r#", "passes-when": {"status": "== 503"}"#, 200, ""), Outcome::Failed);
}

#[test]
fn a_body_that_says_it_passes_or_fails_is_believed_and_one_that_does_not_say_is_unknown() {
    let asks = r#", "passes-when": {"jq": ".database", "is": "== ok"}"#;
    assert_eq!(outcome(asks, 200, r#"{"database": "ok"}"#), Outcome::Passed);
    assert_eq!(outcome(asks, 200, r#"{"database": "failing"}"#), Outcome::Failed);
    assert_eq!(outcome(asks, 503, r#"{"database": "ok"}"#), Outcome::Failed);
    for silent in ["{}", r#"{"database": null}"#, r#"{"database": {}}"#] {
        assert_eq!(outcome(asks, 200, silent), Outcome::Unknown, "{silent}");
    }
    assert_eq!(outcome(r#", "passes-when": {"jq": "empty", "is": "== ok"}"#, 200, "{}"), Outcome::Unknown);
    assert_eq!(outcome(r#", "passes-when": {"jq": ".n", "is": "> 5"}"#, 200, r#"{"n": "x"}"#), Outcome::Unknown);
}

#[test]
fn without_a_condition_the_filter_must_yield_true_and_every_time() {
    let asks = r#", "passes-when": {"jq": ".[]"}"#;
    assert_eq!(outcome(asks, 200, "[true, true]"), Outcome::Passed);
    assert_eq!(outcome(asks, 200, "[true, false]"), Outcome::Failed);
    assert_eq!(outcome(asks, 200, "[true, \"true\"]"), Outcome::Unknown);
    assert_eq!(outcome(asks, 200, "[]"), Outcome::Unknown);
}

#[test]
fn a_page_in_place_of_json_and_a_closed_door_are_no_answers() {
    let asks = r#", "passes-when": {"jq": ".database", "is": "== ok"}"#;
    let reason = |status, body| read(asks, status, body).expect_err("could not look").reason;
    assert_eq!(reason(200, "<title>Sign in"), "api answered 200 with HTML, beginning with \"<title>Sign in\"");
    assert_eq!(reason(401, "{}"), "api does not let us in: it answered 401");
    assert_eq!(outcome(r#", "passes-when": {"status": "== 401"}"#, 401, ""), Outcome::Passed);
}

#[test]
fn health_json_is_read_by_its_own_words() {
    let asks = r#", "reads": "health-json""#;
    for (status, said, expected) in [
        (200, "pass", Outcome::Passed),
        (200, "UP", Outcome::Passed),
        (207, "warn", Outcome::Degraded),
        (503, "fail", Outcome::Failed),
        (200, "fail", Outcome::Failed),
        (503, "pass", Outcome::Failed),
        (200, "perhaps", Outcome::Unknown),
    ] {
        assert_eq!(outcome(asks, status, &format!(r#"{{"status": "{said}"}}"#)), expected, "{status} {said}");
    }
    let body = include_str!("../../../fixtures/kinds/health-check/health.json");
    assert_eq!(outcome(asks, 200, body), Outcome::Degraded);
    assert_eq!(outcome(asks, 200, "{}"), Outcome::Unknown);
    assert_eq!(outcome(asks, 500, "boom"), Outcome::Failed);
    assert!(read(asks, 200, "<html>").is_err());
}

fn checked(name: &str, outcome: Outcome) -> Checked {
    Checked { name: name.to_owned(), outcome, detail: "why".to_owned(), parts: None }
}

#[test]
fn checks_are_counted_and_those_that_warn_are_in_neither_of_the_two() {
    let all = [Outcome::Passed, Outcome::Passed, Outcome::Failed, Outcome::Degraded];
    let facts = facts(&all.map(|outcome| checked("x", outcome)));
    assert_eq!(counts(&facts), [Some(4), Some(2), Some(1)]);
    assert_eq!(facts.get("degraded"), Some(&Value::count(1)));
    assert_eq!(facts.get("pass-rate"), Value::fraction(2, 4).as_ref());
}

#[test]
fn one_that_does_not_say_leaves_the_counts_absent() {
    let facts = facts(&[checked("a", Outcome::Passed), checked("b", Outcome::Unknown)]);
    for fact in ["passed", "failed", "degraded", "pass-rate"] {
        assert_eq!(absent(&facts, fact), "\"b\" does not say how it is: why");
    }
}

#[test]
fn a_part_of_which_nobody_knows_leaves_the_failed_ones_open_unless_another_is_known_to_be() {
    let components = |options: &str, body: &str| facts(&[read(options, 200, body).expect("an answer")]);
    let (spring, json, kubernetes) =
        (r#", "reads": "spring""#, r#", "reads": "health-json""#, r#", "reads": "kubernetes""#);
    for (options, body, why) in [
        (
            spring,
            r#"{"status": "UP", "components": {"db": {"status": "UP"}, "queue": {"status": "FATAL"}}}"#,
            "\"queue\" of api does not say how it is: FATAL",
        ),
        (
            json,
            r#"{"status": "pass", "checks": {"db": [{"status": "critical"}]}}"#,
            "\"db\" of api does not say how it is: status critical",
        ),
        (
            kubernetes,
            "[+]ping ok\n[+]etcd excluded: ok\nreadyz check passed\n",
            "\"etcd\" of api does not say how it is: excluded: ok",
        ),
    ] {
        assert_eq!(absent(&components(options, body), "failed-components"), why);
    }
    let bad = r#"{"status": "UP", "components": {"db": {"status": "DOWN"}, "queue": {"status": "FATAL"}}}"#;
    assert_eq!(components(spring, bad).get("failed-components"), Some(&Value::count(1)));
    // How long it is up is nothing that could have failed.
    let figure = r#"{"status": "pass", "checks": {"db": [{"status": "pass"}], "uptime": [{"observedValue": 5}]}}"#;
    assert_eq!(components(json, figure).get("failed-components"), Some(&Value::count(0)));
}

#[test]
fn one_that_is_not_well_and_lists_no_part_leaves_the_failed_ones_open() {
    let asks = r#", "reads": "health-json""#;
    let together = |status, second: &str| {
        let first = r#"{"status": "pass", "checks": {"db": [{"status": "pass"}]}}"#;
        facts(&[read(asks, 200, first).expect("an answer"), read(asks, status, second).expect("an answer")])
    };
    let facts = together(503, "<html>Service Unavailable");
    let why = "api does not pass and lists no component: 503: <html>Service Unavailable";
    assert_eq!(absent(&facts, "failed-components"), why);
    assert_eq!(together(200, r#"{"status": "pass"}"#).get("failed-components"), Some(&Value::count(0)));
    let bad = together(503, r#"{"status": "fail", "checks": [{"name": "queue", "status": "DOWN"}]}"#);
    assert_eq!(bad.get("failed-components"), Some(&Value::count(1)));
}

#[test]
fn one_that_cannot_be_reached_is_named_and_nothing_is_counted() {
    let problem = |name: &str| Err(Unmeasurable::new(format!("{name} refused the connection"), "Start it."));
    let error = together(vec![Ok(checked("a", Outcome::Passed)), problem("b"), problem("c")]).expect_err("refused");
    assert_eq!(error.reason, "2 of 3 could not be looked at: b refused the connection; c refused the connection");
    assert_eq!(together(vec![problem("b")]).expect_err("refused").reason, "b refused the connection");
}

fn command(options: &str, exit: Option<i32>, stdout: &str) -> Result<Facts, Unmeasurable> {
    let check: CommandCheck = serde_json::from_str(&format!(r#"{{"run": ["health"] {options}}}"#)).expect("reads");
    let stdout = stdout.as_bytes().to_vec();
    check.facts(&CommandAnswer { exit, signal: None, stdout, stderr: Vec::new(), elapsed: Duration::ZERO })
}

#[test]
fn lines_with_counts_are_read_in_the_ways_people_write_them() {
    let read = |output: &str| counts(&command("", Some(0), output).expect("reads"));
    let five = [Some(5), Some(5), Some(0)];
    assert_eq!(read("Checking...\nPassed: 5\nFailed: 0\n"), five);
    assert_eq!(read("\u{1b}[32m✅ Passed: 5\u{1b}[0m\r\n❌ Failed: 0\r\n"), five);
    assert_eq!(read("passed=5, failed=0"), five);
    assert_eq!(read("(Passed: 5; Failed: 0)"), five);
    assert_eq!(read("Total: 5\nPassed: 5"), five);
    assert_eq!(read("Passed: 5/5\nFailed: 0."), five);
    let printed = include_str!("../../../fixtures/kinds/health-check/health.txt");
    assert_eq!(command("", Some(0), printed).expect("reads").get("degraded"), Some(&Value::count(1)));
    let warned = command("", Some(0), "Passed: 4\nFailed: 0\nWarnings: 1\nTotal: 5").expect("reads");
    assert_eq!((counts(&warned), warned.get("degraded")), ([Some(5), Some(4), Some(0)], Some(&Value::count(1))));
}

#[test]
fn what_is_no_count_is_not_taken_for_one() {
    for output in ["", "All good", "Passed: yes", "Passed: 98%", "Passed: 98.3", "I passed: 5 exams", "Passed 5"] {
        let reason = command("", Some(0), output).expect_err(output).reason;
        assert_eq!(reason, "`health` says neither how many passed nor how many failed", "{output}");
    }
    let facts = command("", Some(0), "Passed: 5").expect("reads");
    assert_eq!(absent(&facts, "failed"), "the command does not say how many failed");
}

#[test]
fn errors_have_failed_and_what_was_skipped_is_of_the_whole() {
    let read = |output: &str| counts(&command("", Some(0), output).expect(output));
    assert_eq!(read("Passed: 5\nFailed: 0\nErrors: 2"), [Some(7), Some(5), Some(2)]);
    assert_eq!(read("Passed: 5, Errors: 0"), [None, Some(5), None]);
    assert_eq!(read("Passed: 5, Errors: 0, Total: 7"), [Some(7), Some(5), Some(2)]);
    assert_eq!(read("Passed: 5\nFailed: 1\nErrors: 1\nTotal: 7"), [Some(7), Some(5), Some(2)]);
    // Here they are among the failed already.
    assert_eq!(read("Passed: 5\nFailed: 2\nErrors: 2\nTotal: 7"), [Some(7), Some(5), Some(2)]);
    assert_eq!(read("Passed: 5\nFailed: 0\nSkipped: 2"), [Some(7), Some(5), Some(0)]);
    assert_eq!(read("Passed: 5\nSkipped: 2\nTotal: 7"), [Some(7), Some(5), None]);
    let skipped = command("", Some(0), "Passed: 5\nFailed: 0\nSkipped: 2").expect("reads");
    assert_eq!(skipped.notes, ["2 of 7 neither passed nor failed."]);
}

#[test]
fn a_bad_count_that_nobody_reads_is_a_doubt_where_there_is_no_total() {
    for word in ["Unhealthy", "CRITICAL", "timed out", "Unknown"] {
        let output = format!("Passed: 5\nFailed: 0\n{word}: 2");
        let reason = command("", Some(0), &output).expect_err(word).reason;
        assert!(reason.contains(&format!("says \"{word}: 2\"")), "{reason}");
    }
    for harmless in ["Unhealthy: 0", "Duration: 12", "Port: 8080", "some are unknown: 2"] {
        let facts = command("", Some(0), &format!("Passed: 5\nFailed: 0\n{harmless}")).expect(harmless);
        assert_eq!(counts(&facts), [Some(5), Some(5), Some(0)], "{harmless}");
    }
}

#[test]
fn a_command_that_contradicts_itself_is_not_believed() {
    let reason = |exit, output: &str| command("", exit, output).expect_err(output).reason;
    assert!(reason(Some(0), "Passed: 5\nFailed: 0\nPassed: 4").contains("more than once, with 5 and with 4"));
    assert!(reason(Some(0), "Passed: 5\nFailed: 3\nTotal: 6").contains("5 passed and 3 failed, of 6 in total"));
    assert!(reason(Some(0), "Passed: 7\nTotal: 6").contains("more passed than there are"));
    assert!(reason(Some(1), "Passed: 5\nFailed: 0").contains("exit code 1 and says that nothing failed"));
    assert!(reason(Some(1), "Passed: 5").contains("exit code 1 and does not say how many failed"));
    assert!(reason(None, "Passed: 5\nFailed: 0").contains("ended by signal"));
    assert_eq!(counts(&command("", Some(1), "Passed: 4\nFailed: 1").expect("reads")), [Some(5), Some(4), Some(1)]);
}

#[test]
fn a_bad_count_beside_a_total_is_a_failure_a_doubt_or_a_contradiction() {
    let read = |output: &str| command("", Some(0), output).expect(output);
    // Who failed is who has not passed.
    assert_eq!(counts(&read("Passed: 5\nUnreachable: 2\nTotal: 7")), [Some(7), Some(5), Some(2)]);
    assert_eq!(counts(&read("Passed: 5\nFailed: 2\nUnreachable: 2\nTotal: 7")), [Some(7), Some(5), Some(2)]);
    for output in ["Passed: 5\nFailed: 0\nUnreachable: 2\nTotal: 7", "Failed: 0\nDown: 1\nUnreachable: 2\nTotal: 7"] {
        let why = "the command says \"Unreachable: 2\": nobody can tell whether those have failed";
        assert_eq!(absent(&read(output), "failed"), why, "{output}");
    }
    for (output, said) in [
        ("Passed: 5\nUnreachable: 2\nTotal: 5", "Unreachable: 2"),
        ("Passed: 5\nErrors: 2\nTotal: 5", "errors: 2"),
        ("Passed: 5\nErrors: 2\nSkipped: 1\nTotal: 6", "errors: 2"),
        ("Passed: 4\nFailed: 1\nUnreachable: 2\nTotal: 5", "Unreachable: 2"),
    ] {
        let reason = command("", Some(0), output).expect_err(output).reason;
        assert!(reason.contains(&format!("says \"{said}\" where at most")), "{reason}");
    }
}

#[test]
fn thousands_are_grouped_by_threes_and_no_part_of_a_number_is_one() {
    let read = |output: &str| command("", Some(0), output);
    assert_eq!(counts(&read("Passed: 1,100\nTotal: 1,234").expect("reads")), [Some(1234), Some(1100), Some(134)]);
    assert_eq!(counts(&read("Passed: 5,Failed: 0,").expect("reads")), [Some(5), Some(5), Some(0)]);
    for output in ["Passed: 1,10", "Passed: 1,1000", "Passed: 5,3"] {
        assert!(read(output).expect_err(output).reason.ends_with("which is no count"), "{output}");
    }
    for output in ["Passed: 1,100%", "Passed: 1,100.5"] {
        assert!(read(output).expect_err(output).reason.contains("says neither"), "{output}");
    }
}

#[test]
fn a_count_of_how_many_says_how_many_there_are() {
    let read = |output: &str| command("", Some(0), output).map(|facts| counts(&facts));
    let seven = [Some(7), Some(5), Some(2)];
    for output in ["Passed: 5 of 7", "Passed: 5/7", "Passed: 5 / 7, Failed: 2/7", "passed: 5 out of 7."] {
        assert_eq!(read(output).expect(output), seven, "{output}");
    }
    let facts = command("", Some(0), "Passed: 5 of 7\nFailed: 0").expect("reads");
    assert_eq!(facts.get("pass-rate"), Value::fraction(5, 7).as_ref());
    assert_eq!(facts.notes, ["2 of 7 neither passed nor failed."]);
    assert!(
        read("Passed: 5 of 7\nTotal: 5").expect_err("two totals").reason.contains("more than once, with 7 and with 5")
    );
    assert_eq!(read("Passed: 5\nFailed: 0\nErrors: 0/1000").expect("requests"), [Some(5), Some(5), Some(0)]);
}

#[test]
fn a_share_is_no_count_and_must_agree_with_those_that_are() {
    let read = |output: &str| command("", Some(0), output).map(|facts| counts(&facts));
    for (output, why) in [
        ("Passed: 71%\nFailed: 0", "says \"passed: 71%\", and not how many that is"),
        ("Passed: 71.4 %, Failed: 0", "says \"passed: 71.4%\", and not how many that is"),
        ("Failed: 3%\nPassed: 5", "says \"failed: 3%\", and not how many that is"),
        ("Passed: 5\nFailed: 0\nUnreachable: 3%", "and not how many that is"),
        ("Passed: 7\nFailed: 0\nPassed: 71%", "and its counts come to another share"),
    ] {
        let reason = read(output).expect_err(output).reason;
        assert!(reason.contains(why), "{output}: {reason}");
    }
    let five = [Some(5), Some(5), Some(0)];
    assert_eq!(read("Passed: 5\nFailed: 0\nPassed: 100%\nErrors: 0%").expect("agrees"), five);
    assert_eq!(read("Passed: 5\nFailed: 2\nPassed: 71.42%").expect("cut off"), [Some(7), Some(5), Some(2)]);
    assert_eq!(read("Passed: 100%\nFailed: 0").expect("nothing else"), [None, None, Some(0)]);
}

#[test]
fn a_body_that_says_it_is_not_well_is_not_passed_over_for_its_status() {
    for (body, way_out) in [
        (r#"{"status":"DOWN"}"#, "add `reads: spring`"),
        (
            r#"{"status":"UP","components":{"db":{"status":"DOWN"}}}"#,
            "its part \"db\" is not well; add `reads: spring`",
        ),
        (r#"{"status":"fail"}"#, "add `reads: health-json`"),
        (r#"{"status":"Unhealthy","results":{}}"#, "add `reads: health-json`"),
        (r#"{"health":"false"}"#, "add `reads: etcd`"),
        ("[+]ping ok\n[-]etcd failed: reason withheld\nreadyz check failed\n", "add `reads: kubernetes`"),
        ("Unhealthy", "200: Unhealthy; ask for an answer that `reads:` knows"),
        ("<html><form><input type=\"Password\" name=p></form>", "200 with a page to sign in"),
    ] {
        let checked = read("", 200, body).expect("an answer");
        assert_eq!(checked.outcome, Outcome::Unknown, "{body}");
        assert!(checked.detail.contains(way_out), "{}", checked.detail);
        assert!(checked.detail.ends_with("`passes-when: {status: == 200}` if its status alone counts"), "{body}");
        assert_eq!(outcome(r#", "passes-when": {"status": "== 200"}"#, 200, body), Outcome::Passed, "{body}");
        assert_eq!(outcome("", 503, body), Outcome::Failed, "{body}");
    }
    for body in [
        r#"{"status":"UP","components":{"db":{"status":"UP"}}}"#,
        r#"{"status":"ok"}"#,
        r#"{"health":"true"}"#,
        r#"{"database":"postgres"}"#,
        "[+]ping ok\nreadyz check passed\n",
        "Healthy",
        "download",
        "<html><p>Welcome</p></html>",
        "[1]",
    ] {
        assert_eq!(outcome("", 200, body), Outcome::Passed, "{body}");
    }
}

#[test]
fn a_command_that_ran_nothing_has_not_passed() {
    let facts = command("", Some(0), "Passed: 0\nFailed: 0").expect("reads");
    assert_eq!(counts(&facts), [Some(0), None, None]);
    assert_eq!(absent(&facts, "failed"), "the command ran no check");
}

#[test]
fn json_and_exit_codes_are_read_when_asked() {
    let json = r#", "reads": "json""#;
    assert_eq!(
        counts(&command(json, Some(0), r#"{"passed": 3, "failed": 1}"#).expect("reads")),
        [Some(4), Some(3), Some(1)]
    );
    let filters = r#", "reads": "json", "passed": "[.[] | select(.ok)] | length", "failed": "[.[] | select(.ok | not)] | length""#;
    assert_eq!(
        counts(&command(filters, Some(0), r#"[{"ok": true}, {"ok": false}]"#).expect("reads")),
        [Some(2), Some(1), Some(1)]
    );
    for wrong in [
        "{}",
        "nonsense",
        r#"{"passed": "3", "failed": 0}"#,
        r#"{"passed": -1, "failed": 0}"#,
        r#"{"passed": 1.5, "failed": 0}"#,
    ] {
        assert!(command(json, Some(0), wrong).is_err(), "{wrong}");
    }
    let reason = command(json, Some(1), r#"{"passed": 3}"#).expect_err("it failed").reason;
    assert!(reason.contains("exit code 1 and does not say how many failed"), "{reason}");
    let exit = r#", "reads": "exit""#;
    assert_eq!(counts(&command(exit, Some(0), "").expect("reads")), [Some(1), Some(1), Some(0)]);
    assert_eq!(counts(&command(exit, Some(3), "").expect("reads")), [Some(1), Some(0), Some(1)]);
}

#[test]
fn one_target_or_a_list_may_be_written_and_each_as_an_address_alone() {
    let kind = |json: &str| serde_json::from_str::<HealthCheck>(json);
    for json in [
        r#"{"http":"http://h"}"#,
        r#"{"http":{"url":"http://h"}}"#,
        r#"{"http":["http://h",{"url":"http://g"}]}"#,
        r#"{"tcp":"h:1"}"#,
    ] {
        assert_eq!(kind(json).expect("reads").problems(), Vec::<(String, String)>::new(), "{json}");
    }
    assert!(kind(r#"{"http": []}"#).expect_err("refused").to_string().contains("the list is empty"));
    assert!(kind(r#"{"http": {"uri": "x"}}"#).expect_err("refused").to_string().contains("unknown field `uri`"));
    let long = r#"{"http":{"url":"http://h","passes-when":{"jq":".a","is":"== 1"}}}"#;
    assert_eq!(serde_json::to_string(&kind(long).expect("reads")).expect("writes"), long);
}

#[test]
fn mistakes_in_the_options_are_found_before_anything_is_asked() {
    let problems = |json: &str| {
        let kind: HealthCheck = serde_json::from_str(json).expect("reads");
        kind.problems().into_iter().map(|(message, _)| message).collect::<Vec<_>>()
    };
    assert_eq!(problems(r#"{"http": "h"}"#).len(), 1);
    assert_eq!(problems(r#"{"http": {"url": "http://h", "passes-when": {}}}"#), ["`passes-when` is empty"]);
    assert_eq!(
        problems(r#"{"http": {"url": "http://h", "passes-when": {"is": "== ok"}}}"#),
        ["`is` has nothing to be held against"]
    );
    assert_eq!(problems(r#"{"http": {"url": "http://h", "passes-when": {"jq": ".["}}}"#).len(), 1);
    assert_eq!(problems(r#"{"http": {"url": "http://h", "passes-when": {"status": "matches x"}}}"#).len(), 1);
    let relative =
        r#"{"http": {"url": "http://h", "passes-when": {"status": "<= baseline", "jq": ".a", "is": "== ok"}}}"#;
    assert_eq!(problems(relative), ["there is no baseline here"]);
    assert_eq!(problems(r#"{"tcp": "h"}"#), ["\"h\" has no port"]);
    assert_eq!(problems(r#"{"command": {"run": []}}"#), ["there is no program to run"]);
    assert_eq!(
        problems(r#"{"command": {"run": ["x"], "passed": ".p"}}"#),
        ["a filter means nothing without `reads: json`"]
    );
}

proptest! {
    #[test]
    fn no_output_makes_it_panic_and_nothing_passes_on_nonsense(
        output in prop_oneof![
            "\\PC{0,80}",
            "((Passed|Failed|Errors|Total|Tests|Skipped|ok|passing|[a-z]{1,6})[:= /]{0,2}[0-9]{0,3}[,;%\n ]{1,2}){0,6}",
        ],
    ) {
        let said = command("", Some(0), &output);
        let tells = ["pass", "fail"].iter().any(|word| output.to_ascii_lowercase().contains(word));
        if let Some(facts) = said.ok().filter(|_| !tells) {
            prop_assert_eq!((facts.get("passed"), facts.get("pass-rate")), (None, None), "{}", output);
        }
    }

    #[test]
    fn counts_come_back_as_they_were_printed(passed in 0..10_000_u64, failed in 1..10_000_u64) {
        let facts = command("", Some(1), &format!("Passed: {passed}\nFailed: {failed}\n")).expect("reads");
        prop_assert_eq!(counts(&facts), [Some(passed + failed), Some(passed), Some(failed)]);
    }

    #[test]
    fn no_answer_makes_it_panic(status in 100_u16..600, body in "\\PC{0,80}") {
        let _either = (read("", status, &body), read(r#", "reads": "health-json""#, status, &body));
        let _either = read(r#", "passes-when": {"jq": ".a", "is": "== 1"}"#, status, &body);
    }
}

//! What the reader makes of logs of SARIF, of those that tell of nothing and of those that tell of too little.

use proptest::prelude::*;

use super::*;

const LOG: &[u8] = include_bytes!("../../../../fixtures/kinds/vulnerability-count/made-up-scan.sarif");

fn run(inside: &str) -> Scan {
    let text = format!(r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}}}, {inside}}}]}}"#);
    read(text.as_bytes()).expect(inside)
}

#[test]
fn results_have_a_level_and_where_the_rule_says_so_a_severity() {
    let scan = read(LOG).expect("reads");
    let stand = |id: &str, place: &str| {
        let finding = &scan.findings[&(id.to_owned(), place.to_owned())];
        (finding.severity.name(), finding.level.expect("a level"), finding.suppressed)
    };
    assert_eq!(stand("js/sql-injection", "src/db.js:12"), ("high", "error", false));
    assert_eq!(stand("js/sql-injection", "src/db.js:40"), ("high", "error", true));
    assert_eq!(stand("js/weak-hash", "src/login.js:7"), ("medium", "warning", false), "its suppression is rejected");
    assert_eq!(stand("style/long-line", "src/a.js:1"), ("unknown", "note", false));
    assert_eq!(scan.findings.len(), 4, "one passed, one is gone, one stands there twice");
}

#[test]
fn a_run_that_did_not_look_is_no_run_that_found_nothing() {
    assert_eq!(run(r#""results": []"#).unscanned, None);
    assert_eq!(run(r#""results": null"#).unscanned.as_deref(), Some("the run of T has no results"));
    assert_eq!(run(r#""invocations": []"#).unscanned.as_deref(), Some("the run of T has no results"));
    let broken = r#""results": [], "invocations": [{"executionSuccessful": true}, {"executionSuccessful": false}]"#;
    assert_eq!(run(broken).unscanned.as_deref(), Some("T says that it did not run to its end"));
    let none = read(&br#"{"version": "2.1.0", "runs": []}"#[..]).expect("reads");
    assert_eq!(none.unscanned.as_deref(), Some("it has no run"));
}

#[test]
fn results_at_one_place_that_say_different_things_are_different() {
    let result = |more: &str| format!(r#"{{"ruleId": "CVE-1", {more}}}"#);
    let place = |more: &str| {
        result(&format!(
            r#""locations": [{{"physicalLocation": {{"artifactLocation": {{"uri": "library/alpine:1"}}}}, {more}}}]"#
        ))
    };
    let (ssl, crypto) = (r#""message": {"text": "libssl3"}"#, r#""message": {"text": "libcrypto3"}"#);
    for (results, count) in [
        ([result(ssl), result(crypto)], 2),
        ([result(ssl), result(ssl)], 1),
        ([place(r#""logicalLocations": [{"name": "a"}]"#), place(r#""logicalLocations": [{"name": "b"}]"#)], 2),
    ] {
        let scan = run(&format!(r#""results": [{}]"#, results.join(", ")));
        assert_eq!(scan.findings.len(), count, "{results:?}");
    }
}

#[test]
fn a_file_that_is_named_by_its_place_in_the_list_is_that_file() {
    let result = |artifact: &str| {
        format!(
            r#"{{"ruleId": "a", "message": {{"text": "m"}}, "locations": [{{"physicalLocation":
            {{"artifactLocation": {artifact}, "region": {{"startLine": 3}}}}}}]}}"#
        )
    };
    let places = |artifacts: &str, one: &str, other: &str| {
        let (one, other) = (result(one), result(other));
        let scan = run(&format!(r#""artifacts": {artifacts}, "results": [{one}, {other}]"#));
        scan.findings.into_keys().map(|(_, place)| place).collect::<Vec<_>>()
    };
    let listed = r#"[{"location": {"uri": "a.c"}}, {"location": {"uri": "b.c"}}, {}]"#;
    let [zero, one, two, none] = [0, 1, 2, -1].map(|index| format!(r#"{{"index": {index}}}"#));
    assert_eq!(places(listed, &zero, &one), ["a.c:3", "b.c:3"]);
    assert_eq!(places(listed, &zero, r#"{"uri": "a.c", "index": 0}"#), ["a.c:3"]);
    assert_eq!(places(listed, &one, &two), [":3", "b.c:3"]);
    assert_eq!(places("null", &zero, &one), [":3", ":3 (2)"], "they are two, whatever they are called");
    assert_eq!(places("null", &none, &none), [":3"]);
    let [src, lib] = ["SRC", "LIB"].map(|base| format!(r#"{{"uri": "a.c", "uriBaseId": "{base}"}}"#));
    assert_eq!(places("null", &src, &lib), ["a.c:3", "a.c:3 (2)"]);
}

#[test]
fn after_an_error_of_the_tool_nobody_knows_all() {
    let with = |level: &str| {
        run(&format!(
            r#""results": [], "invocations": [{{"executionSuccessful": true,
            "toolExecutionNotifications": [{{"level": "{level}", "message": {{"text": "Timeout"}}}}]}}]"#
        ))
    };
    let said = with("error").unscanned.expect("said");
    assert_eq!(said, "T tells of an error, after which its results may be incomplete");
    assert_eq!(with("warning").unscanned, None);
}

#[test]
fn the_rule_is_found_by_its_place_too() {
    let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"rules": [{"id": "a"},
        {"id": "b", "properties": {"security-severity": 9.1}, "defaultConfiguration": {"level": "error"}}]}},
        "results": [{"ruleIndex": 1}, {"rule": {"id": "b/sub"}}, {"ruleIndex": -1, "ruleId": "c"}]}]}"#;
    let scan = read(text.as_bytes()).expect("reads");
    let stand: Vec<_> = scan.findings.values().map(|finding| (finding.severity.name(), finding.level)).collect();
    assert_eq!(stand, [("critical", Some("error")), ("unknown", Some("warning"))]);
}

#[test]
fn a_rule_of_an_extension_is_looked_for_there() {
    let severity = |rule: &str, id: &str| {
        let text = format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "d", "rules": [{{"id": "a", "properties": {{"security-severity": "1.0"}}}}]}},
            "extensions": [{{"name": "e", "rules": []}}, {{"name": "f", "guid": "g", "rules": [{{"id": "a", "properties": {{"security-severity": "9.1"}}}}]}}]}},
            "results": [{{{id} "rule": {rule}}}]}}]}}"#
        );
        read(text.as_bytes()).expect("reads").findings.into_values().next().expect("a finding").severity.name()
    };
    for component in [r#"{"index": 1}"#, r#"{"name": "f"}"#, r#"{"guid": "g"}"#] {
        let rule = |place: &str| format!(r#"{{{place} "toolComponent": {component}}}"#);
        assert_eq!(severity(&rule(r#""index": 0,"#), ""), "critical", "{component}");
        assert_eq!(severity(&rule(r#""index": 0,"#), r#""ruleId": "a","#), "critical", "{component}");
        assert_eq!(severity(&rule(r#""id": "a/1","#), ""), "critical", "{component}");
    }
    assert_eq!(severity(r#"{"index": 0, "toolComponent": {}}"#, ""), "low", "the driver");
    assert_eq!(severity(r#"{"index": 0, "toolComponent": {"name": "d"}}"#, ""), "low", "the driver by its name");
    assert_eq!(severity(r#"{"index": 0, "toolComponent": {"name": "nobody"}}"#, ""), "unknown");
    assert_eq!(severity(r#"{"index": 0, "toolComponent": {"index": 7}}"#, ""), "unknown");
    assert_eq!(severity(r#"{"index": 0}"#, ""), "low");
}

#[test]
fn thousands_of_extensions_are_not_looked_through_for_each_result() {
    let (number, mut extensions, mut results) = (20_000, Vec::new(), Vec::new());
    for nth in 0..number {
        extensions.push(format!(
            r#"{{"name": "e{nth}", "rules": [{{"id": "a", "properties": {{"security-severity": "9.1"}}}}]}}"#
        ));
        results.push(format!(
            r#"{{"message": {{"text": "{nth}"}}, "rule": {{"id": "a", "toolComponent": {{"name": "e{nth}"}}}}}}"#
        ));
    }
    let text = format!(
        r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "d"}}, "extensions": [{}]}}, "results": [{}]}}]}}"#,
        extensions.join(", "),
        results.join(", ")
    );
    let began = std::time::Instant::now();
    let scan = read(text.as_bytes()).expect("reads");
    let took = began.elapsed();
    assert_eq!(scan.findings.len(), number);
    assert!(scan.findings.values().all(|finding| finding.severity == Severity::Critical));
    assert!(took.as_secs() < 5, "it took {took:?}");
}

#[test]
fn what_a_person_has_still_to_decide_is_a_finding_of_which_nobody_knows_how_bad_it_is() {
    let of = |kind: &str| {
        let scan = run(&format!(
            r#""results": [{{"ruleId": "a", "kind": "{kind}", "properties": {{"security-severity": "2.0"}}}}]"#
        ));
        scan.findings.into_values().map(|finding| (finding.severity.name(), finding.level)).collect::<Vec<_>>()
    };
    assert_eq!(of("fail"), [("low", Some("warning"))]);
    for kind in ["review", "open"] {
        assert_eq!(of(kind), [("unknown", Some("none"))], "{kind}");
    }
    for kind in ["pass", "notApplicable", "informational"] {
        assert_eq!(of(kind), [], "{kind}");
    }
}

#[test]
fn results_that_stand_elsewhere_are_not_known() {
    let said = run(r#""results": [], "externalPropertyFileReferences": {"results": [{"itemCount": 3}]}"#).unscanned;
    assert_eq!(said.as_deref(), Some("results of T are in files of their own, which are not read"));
    let rules = r#""results": [], "externalPropertyFileReferences": {"artifacts": [{}], "results": []}"#;
    assert_eq!(run(rules).unscanned, None);
    let log = |inline: &str| {
        let text = format!(
            r#"{{"version": "2.1.0", "inlineExternalProperties": {inline}, "runs": [{{"tool": {{"driver": {{}}}}, "results": []}}]}}"#
        );
        read(text.as_bytes()).expect("reads").unscanned
    };
    assert!(log("[{}]").expect("said").contains("inlineExternalProperties"));
    assert_eq!(log("[]"), None);
}

#[test]
fn what_is_something_else_is_refused() {
    for (text, why) in [
        (r#"{"version": "2.0.0", "runs": []}"#, "it is SARIF 2.0.0, and only 2.1.0 is read"),
        ("{}", "it is no SARIF: missing field `version`"),
        (r#"{"version": "2.1.0"}"#, "it is no SARIF: missing field `runs`"),
        ("plain", "it is no JSON"),
    ] {
        let said = read(text.as_bytes()).expect_err(text);
        assert!(said.starts_with(why), "{text}: {said}");
    }
}

proptest! {
    #[test]
    fn nothing_makes_it_panic(text in "(\\{|\\}|\\[|\\]|:|,|\"version\"|\"2.1.0\"|\"runs\"|\"results\"|[0-9]){0,40}") {
        let _either = read(text.as_bytes());
    }
}

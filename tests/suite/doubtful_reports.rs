//! Reports that say less than they seem to: none of them passes, and what is whole does.

use std::fs;
use std::path::Path;

use crate::support::{audit, record, run};

/// What a check over these files comes to: its status, and why.
fn judged(place: &Path, files: &[(&str, &str)], check: &str) -> (String, String) {
    for (name, content) in files {
        let path = place.join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, content).unwrap();
    }
    audit(place, &format!("      - {{id: one, {check}}}\n"));
    let ran = run(place);
    assert!([0, 2, 3].contains(&ran.code), "{check}: {} {}", ran.code, ran.stderr);
    let record = record(place);
    let result = &record["judgement"]["checks"][0];
    ["status", "reason"].map(|name| result[name].as_str().unwrap_or_default().to_owned()).into()
}

/// Each: the files, the check, what its reason holds, and what makes it whole.
fn holds(files: &[(&str, &str)], check: &str, status: &str, reason: &str) {
    let place = tempfile::tempdir().unwrap();
    let (is, why) = judged(place.path(), files, check);
    assert!(is == status && why.contains(reason), "{check} over {files:?}: {is}, {why}");
}

const UNKNOWN: &str = "no-data";

#[test]
fn coverage_of_two_services_is_not_that_of_one() {
    let cobertura = |source: &str, hits: u32| {
        format!(
            "<coverage><sources><source>{source}</source></sources><packages><package><classes><class filename='main.py'><lines><line number='1' hits='{hits}'/></lines></class></classes></package></packages></coverage>"
        )
    };
    let check = "coverage: {cobertura: '*/c.xml'}, expect: {line-rate: '>= 90%'}";
    let (a, b) = (cobertura("/app/a", 1), cobertura("/app/b", 0));
    holds(&[("a/c.xml", &a), ("b/c.xml", &b)], check, "fail", "50 %");
    holds(&[("a/c.xml", &a), ("b/c.xml", &cobertura("/app/a", 0))], check, "pass", "");
    let jacoco = |name: &str, run: u32| {
        format!(
            "<report name='{name}'><package name='p'><sourcefile name='A.java'><line nr='1' mi='0' ci='{run}' mb='0' cb='0'/></sourcefile></package></report>"
        )
    };
    let check = "coverage: {jacoco: '*/j.xml'}, expect: {line-rate: '>= 90%'}";
    holds(&[("a/j.xml", &jacoco("a", 1)), ("b/j.xml", &jacoco("b", 0))], check, "fail", "50 %");
    let lcov = |run: u32| format!("SF:src/index.ts\nDA:1,{run}\nend_of_record\n");
    let both = [("a/l.info", &*lcov(1)), ("b/l.info", &*lcov(0))];
    let check = "coverage: {lcov: '*/l.info'}, expect: {line-rate: '>= 90%'}";
    holds(&both, check, UNKNOWN, "may mean several files");
    holds(&both, "coverage: {lcov: '*/l.info', same-tree: true}, expect: {line-rate: '>= 90%'}", "pass", "");
    let one_name = "SF:a\nFN:1,run\nFN:9,run\nFNDA:5,run\nFNDA:0,run\nend_of_record\n";
    let check = "coverage: {lcov: l.info}, expect: {function-rate: '>= 90%'}";
    holds(&[("l.info", one_name)], check, "fail", "50 %");
}

#[test]
fn a_scan_that_does_not_say_how_bad_its_findings_are_or_whether_it_was_one_has_no_zero() {
    let sarif = |results: &str, more: &str| {
        format!(
            r#"{{"version": "2.1.0", "runs": [{{"tool": {{"driver": {{"name": "T"}}}}, "results": [{results}]{more}}}]}}"#
        )
    };
    let none = "vulnerability-count: {sarif: s.json}, expect: {critical: == 0, high: == 0}";
    holds(&[("s.json", &sarif("", ""))], none, "pass", "");
    let unsaid = sarif(r#"{"ruleId": "a", "message": {"text": "x"}}"#, "");
    holds(&[("s.json", &unsaid)], none, UNKNOWN, "does not say how bad 1 vulnerability may be");
    let high = r#"{"ruleId": "h", "message": {"text": "x"}, "properties": {"security-severity": "7.5"}}"#;
    let partly = sarif(&format!(r#"{high}, {{"ruleId": "a", "message": {{"text": "x"}}}}"#), "");
    let few = "vulnerability-count: {sarif: s.json}, expect: {high: <= 5}";
    holds(&[("s.json", &partly)], few, UNKNOWN, "there are 1 to 2");
    holds(&[("s.json", &partly)], none, "fail", "1 high");
    let decided = "vulnerability-count: {sarif: s.json, unknown: high}, expect: {high: == 2}";
    holds(&[("s.json", &partly)], decided, "pass", "");
    let undecided = unsaid.replace(r#""ruleId""#, r#""kind": "review", "ruleId""#);
    let total = "vulnerability-count: {sarif: s.json}, expect: {total: == 0}";
    holds(&[("s.json", &undecided)], total, "fail", "1");
    let elsewhere = sarif("", r#", "externalPropertyFileReferences": {"results": [{"location": {"uri": "r"}}]}"#);
    holds(&[("s.json", &elsewhere)], total, UNKNOWN, "in files of their own");
    let empty = [("bom.json", r#"{"bomFormat": "CycloneDX", "vulnerabilities": []}"#)];
    holds(&empty, "vulnerability-count: {cyclonedx: bom.json}, expect: {total: == 0}", UNKNOWN, "`scanned: true`");
    let said = "vulnerability-count: {cyclonedx: bom.json, scanned: true}, expect: {total: == 0}";
    holds(&empty, said, "pass", "");
}

#[test]
fn a_run_of_tests_of_which_a_part_is_missing_has_no_rate() {
    let good = "     Running unittests src/lib.rs (target/debug/deps/a-1)\n\nrunning 1 test\ntest a ... ok\n\ntest result: ok. 1 passed; 0 failed; 0 ignored; 0 measured; 0 filtered out; finished in 0.00s\n\n";
    let broken = format!("{good}error: could not compile `b` (lib test) due to 1 previous error\n");
    let begun = format!("{good}     Running tests/x.rs (target/debug/deps/x-1)\n");
    let go = "{\"Action\":\"run\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\",\"Test\":\"A\"}\n{\"Action\":\"pass\",\"Package\":\"p\"}\n";
    let trx = |outcome: &str, counters: &str| {
        format!(
            "<TestRun><Results><UnitTestResult testId='1' testName='a' outcome='Passed'/></Results><ResultSummary outcome='{outcome}'><Counters {counters}/></ResultSummary></TestRun>"
        )
    };
    let ctrf = |tests: u64| {
        format!(r#"{{"results": {{"summary": {{"tests": {tests}}}, "tests": [{{"name": "a", "status": "passed"}}]}}}}"#)
    };
    let twice = ".F [100%]\n1 failed, 1 passed in 0.03s\n. [100%]\n1 passed in 0.02s\n";
    for (reads, content, status, reason) in [
        ("cargo-test", good, "pass", ""),
        ("cargo-test", &broken, UNKNOWN, "could not compile"),
        ("cargo-test", &begun, UNKNOWN, "it ends where a test program begins"),
        ("go-test-json", go, "pass", ""),
        ("go-test-json", &format!("{go}{{\"Action\":\"fa"), UNKNOWN, "in the middle of a line"),
        ("trx", &trx("Completed", "total='1'"), "pass", ""),
        ("trx", &trx("Timeout", "total='1'"), UNKNOWN, "its summary says \"Timeout\""),
        ("trx", &trx("Completed", "total='1' failed='3'"), UNKNOWN, "3 tests failed"),
        ("ctrf", &ctrf(1), "pass", ""),
        ("ctrf", &ctrf(2), UNKNOWN, "there are 2 tests"),
        ("pytest-summary", ". [100%]\n1 passed in 0.02s\n", "pass", ""),
        ("pytest-summary", twice, "error", "2 runs of pytest"),
    ] {
        let check =
            format!("test-pass-rate: {{file: {{path: results, reads: {reads}}}}}, expect: {{pass-rate: '== 100%'}}");
        holds(&[("results", content)], &check, status, reason);
    }
    let ctest = "<testsuite name='s' tests='2'><testcase name='a' status='run'/><testcase name='b' status='notrun'><skipped message='Unable to find executable'/></testcase></testsuite>";
    holds(&[("r.xml", ctest)], "test-pass-rate: {junit: r.xml}, expect: {errors: == 0}", "fail", "1");
}

#[test]
fn a_table_that_swallows_its_rest_and_a_flag_that_stands_twice_are_no_data() {
    let check =
        "query: {file: t.csv, format: csv, jq: 'map(select(.state == \"bad\")) | length'}, expect: {value: == 0}";
    holds(&[("t.csv", "name,state\na,good\n")], check, "pass", "");
    holds(&[("t.csv", "name,state\n\"a,good\nb,bad\n")], check, "error", "never closed");
    let flag =
        |state: &str| format!(r#""a": {{"state": "{state}", "variants": {{"on": true}}, "defaultVariant": "on"}}"#);
    let flags = format!(r#"{{"flags": {{{}, {}}}}}"#, flag("ENABLED"), flag("DISABLED"));
    let check = "flag-count: {flagd: flags.json}, expect: {enabled: == 0}";
    holds(&[("flags.json", &flags)], check, "error", "stands twice");
}

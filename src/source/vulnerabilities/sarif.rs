//! SARIF 2.1.0: what static analysers and scanners found.
//!
//! Source of the format: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.14 (runs), 3.27 (results) and
//! 3.35 (suppressions). The property `security-severity` is a convention of code scanning services.

use std::collections::BTreeMap;
use std::io::Read;

use serde::Deserialize;

use super::{Finding, Scan, Severity, json, kept};
use crate::model::number::Number;

#[derive(Deserialize)]
struct Log {
    version: String,
    runs: Vec<Run>,
}

#[derive(Deserialize)]
struct Run {
    tool: Tool,
    results: Option<Vec<Result_>>,
    #[serde(default)]
    invocations: Vec<Invocation>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
    #[serde(default)]
    extensions: Vec<Driver>,
}

#[derive(Deserialize)]
struct Driver {
    #[serde(default)]
    name: String,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    default_configuration: Option<Configuration>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Configuration {
    level: Option<String>,
}

#[derive(Deserialize, Default)]
struct Properties {
    /// A text, though some write a number.
    #[serde(rename = "security-severity")]
    severity: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: Option<bool>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Result_ {
    rule_id: Option<String>,
    rule_index: Option<i64>,
    rule: Option<Reference>,
    kind: Option<String>,
    level: Option<String>,
    baseline_state: Option<String>,
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default)]
    suppressions: Option<Vec<Suppression>>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Reference {
    id: Option<String>,
    index: Option<i64>,
}

#[derive(Deserialize)]
struct Suppression {
    status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Location {
    physical_location: Option<Physical>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Physical {
    artifact_location: Option<Artifact>,
    region: Option<Region>,
}

#[derive(Deserialize)]
struct Artifact {
    uri: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<i64>,
}

/// Reads a log to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Scan, String> {
    let log: Log = json(input, "SARIF")?;
    if !log.version.starts_with("2.1") {
        return Err(format!("it is SARIF {}, and only 2.1.0 is read", kept(&log.version)));
    }
    let mut scan = Scan::default();
    if log.runs.is_empty() {
        scan.unscanned = Some("it has no run".to_owned());
    }
    for run in log.runs {
        let tool = kept(&run.tool.driver.name);
        if run.invocations.iter().any(|invocation| invocation.execution_successful == Some(false)) {
            scan.unscanned = Some(format!("{tool} says that it did not run to its end"));
        }
        match run.results {
            // An empty list is a run that found nothing; no list is one that did not look.
            None => scan.unscanned = Some(format!("the run of {tool} has no results")),
            Some(results) => {
                let rules = Rules::of(&run.tool);
                results.iter().try_for_each(|result| take(result, &rules, &mut scan))?;
            }
        }
    }
    Ok(scan)
}

/// The rules of a run, by their ids and by their places.
struct Rules<'a> {
    by_id: BTreeMap<&'a str, &'a Rule>,
    by_place: &'a [Rule],
}

impl<'a> Rules<'a> {
    fn of(tool: &'a Tool) -> Self {
        let all = tool.extensions.iter().chain([&tool.driver]).flat_map(|driver| &driver.rules);
        Self { by_id: all.map(|rule| (rule.id.as_str(), rule)).collect(), by_place: &tool.driver.rules }
    }

    fn find(&self, result: &Result_) -> Option<&'a Rule> {
        let reference = result.rule.as_ref();
        let index = result.rule_index.or_else(|| reference?.index);
        let id = result.rule_id.as_deref().or_else(|| reference?.id.as_deref());
        let by_place = || self.by_place.get(usize::try_from(index?).ok()?);
        // `CA1000/1` is a result of the rule `CA1000`.
        let by_id = || {
            let id = id?;
            self.by_id.get(id).or_else(|| self.by_id.get(id.rsplit_once('/')?.0)).copied()
        };
        by_id().or_else(by_place)
    }
}

fn take(result: &Result_, rules: &Rules<'_>, scan: &mut Scan) -> Result<(), String> {
    // What passed, does not apply, or is open to a person is no finding; nor is what was there and is gone.
    if !matches!(result.kind.as_deref(), None | Some("fail")) || result.baseline_state.as_deref() == Some("absent") {
        return Ok(());
    }
    let rule = rules.find(result);
    let written = result.properties.severity.as_ref().or_else(|| rule?.properties.severity.as_ref());
    let severity = written.and_then(score).map_or(Severity::Unknown, |score| Severity::of_score(&score));
    let default = || rule?.default_configuration.as_ref()?.level.as_deref();
    let level = match result.level.as_deref().or_else(default) {
        Some("error") => "error",
        Some("note") => "note",
        Some("none") => "none",
        _ => "warning",
    };
    // One that somebody still has to look at, or has refused, holds nothing back.
    let undecided = |one: &Suppression| matches!(one.status.as_deref(), Some("underReview" | "rejected"));
    let suppressions = result.suppressions.as_deref().unwrap_or_default();
    let suppressed = !suppressions.is_empty() && !suppressions.iter().any(undecided);
    let id = result.rule_id.as_deref().or_else(|| rule.map(|rule| rule.id.as_str())).unwrap_or("no rule");
    scan.add(id, &place(result), Finding { severity, suppressed, fixable: None, level: Some(level) })
}

/// `src/a.c:12`.
fn place(result: &Result_) -> String {
    let Some(physical) = result.locations.first().and_then(|location| location.physical_location.as_ref()) else {
        return String::new();
    };
    let uri = physical.artifact_location.as_ref().and_then(|artifact| artifact.uri.as_deref()).unwrap_or_default();
    match physical.region.as_ref().and_then(|region| region.start_line) {
        Some(line) => format!("{uri}:{line}"),
        None => uri.to_owned(),
    }
}

fn score(written: &serde_json::Value) -> Option<Number> {
    match written {
        serde_json::Value::String(text) => text.trim().parse().ok(),
        serde_json::Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LOG: &[u8] = include_bytes!("../../../fixtures/kinds/vulnerability-count/made-up-scan.sarif");

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
        assert_eq!(
            stand("js/weak-hash", "src/login.js:7"),
            ("medium", "warning", false),
            "its suppression is rejected"
        );
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
    fn the_rule_is_found_by_its_place_too() {
        let text = r#"{"version": "2.1.0", "runs": [{"tool": {"driver": {"rules": [{"id": "a"},
            {"id": "b", "properties": {"security-severity": 9.1}, "defaultConfiguration": {"level": "error"}}]}},
            "results": [{"ruleIndex": 1}, {"rule": {"id": "b/sub"}}, {"ruleIndex": -1, "ruleId": "c"}]}]}"#;
        let scan = read(text.as_bytes()).expect("reads");
        let stand: Vec<_> = scan.findings.values().map(|finding| (finding.severity.name(), finding.level)).collect();
        assert_eq!(stand, [("critical", Some("error")), ("unknown", Some("warning"))]);
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
}

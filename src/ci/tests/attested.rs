//! What is attested says no more than the results do, and its references lead somewhere.

use std::collections::BTreeSet;

use regex::Regex;
use serde_json::Value;

use super::{all_hold, json_of, of, sample, sample_json, text_of};
use crate::ci::results::{Outcome, Results};

/// Every value under a name, wherever it stands.
fn each<'a>(value: &'a Value, wanted: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(members) => {
            found.extend(members.get(wanted));
            members.values().for_each(|value| each(value, wanted, found));
        }
        Value::Array(items) => items.iter().for_each(|value| each(value, wanted, found)),
        _ => {}
    }
}

fn texts(value: &Value, names: &[&str]) -> Vec<String> {
    let mut found = Vec::new();
    names.iter().for_each(|name| each(value, name, &mut found));
    let lists = found.into_iter().flat_map(|value| value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]));
    lists.filter_map(|value| value.as_str().map(str::to_owned)).collect()
}

pub(super) fn is_in_toto(statement: &Value, results: &Results) {
    let predicate = &statement["predicate"];
    let list = |name: &str| -> BTreeSet<&str> {
        predicate[name].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
    };
    let (passed, warned, failed) = (list("passedTests"), list("warnedTests"), list("failedTests"));
    for finding in &results.findings {
        let holds = finding.outcome == Outcome::Passed && finding.status != "info";
        assert_eq!(passed.contains(finding.id.as_str()), holds, "{}", finding.id);
        let softly = matches!(finding.outcome, Outcome::Warned | Outcome::Waived);
        assert_eq!(warned.contains(finding.id.as_str()), softly, "{}", finding.id);
        let silent = finding.status == "info" || finding.outcome == Outcome::NotApplicable;
        assert_eq!(failed.contains(finding.id.as_str()), !holds && !softly && !silent, "{}", finding.id);
    }
    if predicate["result"] == "PASSED" {
        assert!(failed.is_empty() && warned.is_empty() && results.verdict.id == "approved");
    }
    assert_eq!(statement["subject"][0]["digest"]["sha256"], results.record_sha256.as_str());
    assert_eq!(statement["subject"][0]["annotations"]["audit"], results.audit.title.as_str());
}

pub(super) fn is_cyclonedx(document: &Value, results: &Results) {
    let refs = texts(document, &["bom-ref"]);
    let known: BTreeSet<&String> = refs.iter().collect();
    assert_eq!(known.len(), refs.len(), "references are unique");
    let declarations = &document["declarations"];
    let links = ["requirement", "claims", "counterClaims", "mitigationStrategies", "parent", "assessor", "target"];
    let mut linked = texts(&declarations["attestations"], &links);
    linked.extend(texts(&declarations["claims"], &["target", "evidence", "counterEvidence"]));
    linked.extend(texts(&document["definitions"], &["parent"]));
    linked.extend(texts(&document["definitions"]["standards"][0]["levels"], &["requirements"]));
    for link in &linked {
        assert!(known.contains(link), "{link}");
    }
    assert_eq!(declarations["claims"].as_array().unwrap().len(), results.findings.len());
    for (claim, finding) in declarations["claims"].as_array().unwrap().iter().zip(&results.findings) {
        assert_eq!(
            (&claim["predicate"], &claim["reasoning"]),
            (&finding.title.as_str().into(), &finding.message.as_str().into())
        );
    }
    for attested in declarations["attestations"][0]["map"].as_array().unwrap() {
        let id = attested["requirement"].as_str().unwrap().trim_start_matches("requirement:");
        let finding = results.findings.iter().find(|finding| finding.id == id).unwrap();
        let score = attested["conformance"]["score"].as_f64();
        assert_eq!(score == Some(1.0), finding.outcome == Outcome::Passed && finding.status != "info", "{id}");
        assert_eq!(score.is_none(), finding.holds().is_none(), "{id}");
        let doubted = attested["confidence"]["score"] == 0;
        assert_eq!(doubted, finding.holds().is_none() && finding.status != "info", "{id}");
        if finding.holds().is_none() {
            let own = format!("claim:{id}");
            assert!(!attested["claims"].to_string().contains(&format!("\"{own}\"")), "{id}");
            assert!(!attested["counterClaims"].to_string().contains(&format!("\"{own}\"")), "{id}");
        }
    }
}

pub(super) fn is_oscal(document: &Value, results: &Results) {
    let document = &document["assessment-results"];
    let uuids = texts(document, &["uuid"]);
    assert_eq!(uuids.iter().collect::<BTreeSet<_>>().len(), uuids.len(), "each is there once");
    let pattern = Regex::new(r"^[0-9a-f]{8}-[0-9a-f]{4}-5[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$").unwrap();
    for uuid in texts(document, &["uuid", "observation-uuid", "risk-uuid", "party-uuids"]) {
        assert!(pattern.is_match(&uuid) && uuids.contains(&uuid), "{uuid}");
    }
    let token = Regex::new(r"^[A-Za-z_][A-Za-z0-9._-]*$").unwrap();
    for id in texts(document, &["control-id", "target-id", "class"]) {
        assert!(token.is_match(&id), "{id:?}");
    }
    let line = Regex::new(r"^\S(.*\S)?$").unwrap();
    for text in texts(document, &["value", "title", "version"]) {
        assert!(line.is_match(&text), "{text:?}");
    }
    let result = &document["results"][0];
    let mut of = results.findings.iter().filter(|finding| {
        finding.check.is_none() && finding.outcome != Outcome::NotApplicable && finding.status != "info"
    });
    for found in result["findings"].as_array().unwrap() {
        let finding = of.next().unwrap();
        let satisfied = found["target"]["status"]["state"] == "satisfied";
        assert_eq!(satisfied, finding.outcome == Outcome::Passed, "{}", finding.id);
        assert_eq!(found["related-risks"].is_array(), finding.outcome == Outcome::Waived, "{}", finding.id);
    }
    assert!(of.next().is_none(), "every objective has its finding");
    fn no_empty_list(value: &Value) {
        assert_ne!(*value, Value::Array(Vec::new()));
        value.as_array().into_iter().flatten().for_each(no_empty_list);
        value.as_object().into_iter().flat_map(serde_json::Map::values).for_each(no_empty_list);
    }
    no_empty_list(document);
}

#[test]
fn coverage_and_waivers_show_in_what_is_attested() {
    let results = sample();
    let coverage = results.overall.coverage.as_ref().unwrap().text();
    let waiver = results.waivers.iter().find(|waiver| waiver.state == "in-use").unwrap();
    let annotations = &json_of("in-toto", &results)["subject"][0]["annotations"];
    assert_eq!(
        (&annotations["coverage"], &annotations["waivers"][0]["reason"]),
        (&coverage.into(), &waiver.reason.as_str().into())
    );
    let cyclonedx = json_of("cyclonedx", &results);
    let property = serde_json::json!({"name": "countersign:coverage", "value": coverage});
    assert!(cyclonedx["metadata"]["properties"].as_array().unwrap().contains(&property));
    let attested = cyclonedx["declarations"]["attestations"][0]["map"].as_array().unwrap();
    let waived =
        attested.iter().find(|attested| attested["requirement"] == format!("requirement:{}", waiver.check)).unwrap();
    assert_eq!(
        (&waived["conformance"]["score"], &waived["conformance"]["mitigationStrategies"]),
        (&0.into(), &serde_json::json!(["waiver:0"]))
    );
    let oscal = &json_of("oscal", &results)["assessment-results"]["results"][0];
    let property = serde_json::json!({"name": "coverage", "ns": "urn:countersign:oscal:v1", "value": coverage});
    assert!(oscal["props"].as_array().unwrap().contains(&property));
    assert_eq!(
        (&oscal["risks"][0]["status"], &oscal["risks"][0]["description"]),
        (&"deviation-approved".into(), &waiver.reason.as_str().into())
    );
}

#[test]
fn of_claims_alone_nothing_is_said_to_be_scored_or_covered() {
    let mut value = sample_json();
    value["run"]["claimsOnly"] = true.into();
    let results = of(&serde_json::from_value(value).unwrap());
    all_hold(&results);
    let json = json_of("json", &results);
    assert_eq!(json["overall"], serde_json::json!({}));
    for area in json["areas"].as_array().unwrap() {
        assert_eq!(area.as_object().unwrap().keys().collect::<Vec<_>>(), ["id", "title"]);
    }
    let oscal = &json_of("oscal", &results)["assessment-results"]["results"][0]["props"];
    let cyclonedx = json_of("cyclonedx", &results);
    let mut named = texts(oscal, &["name"]);
    named.extend(texts(&cyclonedx["metadata"]["properties"], &["name"]));
    named.extend(texts(&cyclonedx["definitions"]["standards"][0]["requirements"], &["name"]));
    assert!(!named.iter().any(|name| name.contains("score") || name.contains("coverage")), "{named:?}");
    for bag in [
        &json_of("in-toto", &results)["subject"][0]["annotations"],
        &json_of("sarif", &results)["runs"][0]["properties"],
        &json_of("ctrf", &results)["results"]["summary"]["extra"],
    ] {
        let keys: Vec<&String> = bag.as_object().unwrap().keys().collect();
        assert!(!keys.iter().any(|key| key.starts_with("score") || *key == "coverage"), "{keys:?}");
    }
    let (junit, metrics) = (text_of("junit", &results), text_of("openmetrics", &results));
    assert!(!junit.contains("name=\"score\"") && !junit.contains("name=\"coverage\""), "{junit}");
    assert!(!metrics.contains("_ratio"), "{metrics}");
}

#[test]
fn what_was_left_out_is_attested_as_not_passed() {
    let mut value = sample_json();
    let check = value["observations"][0]["check"].clone();
    value["observations"][0] = serde_json::json!({"check": check, "sight": {"skipped": "not in shard 1/2"}});
    value["judgement"]["checks"][0]["status"] = "skipped".into();
    let results = of(&serde_json::from_value(value).unwrap());
    assert!(results.run.partial);
    all_hold(&results);
    let failed = &json_of("in-toto", &results)["predicate"]["failedTests"];
    assert!(failed.as_array().unwrap().contains(&check), "{failed}");
}

#[test]
fn what_holds_is_a_value_and_stands_in_no_word() {
    for finding in sample().findings {
        let said = (finding.holds(), finding.only_shows());
        for word in ["", "info", "warn", "no data", "unverified"] {
            let called = crate::ci::results::Finding { status: word.to_owned(), ..finding.clone() };
            assert_eq!((called.holds(), called.only_shows()), said, "{} called {word:?}", finding.id);
        }
    }
}

#[test]
fn what_was_waived_without_being_known_is_not_said_to_fail() {
    let mut value = sample_json();
    let at = value["judgement"]["checks"].as_array().unwrap().iter().position(|check| check["waivedBy"] == 0).unwrap();
    value["judgement"]["checks"][at]["status"] = "no-data".into();
    let results = of(&serde_json::from_value(value).unwrap());
    all_hold(&results);
    let waived = results.findings.iter().find(|finding| finding.outcome == Outcome::Waived).unwrap();
    assert_eq!((waived.status.as_str(), waived.holds()), ("no data", None));
    let oscal = &json_of("oscal", &results)["assessment-results"]["results"][0]["findings"];
    let found = oscal.as_array().unwrap().iter().find(|found| !found["related-risks"].is_null()).unwrap();
    assert_eq!(found["target"]["status"], serde_json::json!({"state": "not-satisfied", "reason": "other"}));
}

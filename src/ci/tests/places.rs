//! Findings stand where the wrong number does, under the name that the document has, beside a few of the other places.

use super::{all_hold, finding, json_of, of, sample_json, text_of};
use crate::ci::results::{Finding, Outcome, Results};
use crate::ci::{Base, GITHUB, results};

/// A claim of the list that stands in two documents, wrong in one of them.
fn with_listed_claim() -> Results {
    let mut value = sample_json();
    let spot = |line: u32| serde_json::json!({"line": line, "column": 5, "endColumn": 13, "start": 100, "end": 108});
    let found = |text: &str, line| serde_json::json!({"found": {"written": text, "lineText": format!("- {text}"), "spot": spot(line)}});
    value["audit"]["claims"] = serde_json::json!([{
        "id": "alert-rules", "title": "Alert rules", "at": ["README.md#Alerts/Rules", "docs/status.md#Rules", "docs/old.md#Rules"],
        "actual": {"stated": "11"}, "declared": ["claims.yaml", 4],
    }]);
    value["places"] = serde_json::json!({
        "README.md#Alerts/Rules": found("13 rules", 58),
        "docs/status.md#Rules": found("11 rules", 7),
        "docs/old.md#Rules": {"not-found": {"code": "locator-none", "reason": "there is no heading \"Rules\"", "help": "Correct it."}},
    });
    value["judgement"]["listedClaims"] = serde_json::json!([{
        "claim": 0, "status": "not-found", "reason": "13 was claimed and 11 stated", "actual": {"count": "11"},
        "places": [
            {"at": "README.md#Alerts/Rules", "status": "overstated", "reason": "13 was claimed and 11 stated: 2 too much"},
            {"at": "docs/status.md#Rules", "status": "exact", "reason": "11 was claimed, and 11 stated"},
            {"at": "docs/old.md#Rules", "status": "not-found", "reason": "there is no heading \"Rules\""},
        ],
    }]);
    let base = Base { audit: "checks".to_owned(), file: None, root: "team".to_owned() };
    results(&serde_json::from_value(value).unwrap(), &"0".repeat(64), &base)
}

#[test]
fn a_wrong_number_is_found_at_its_line_and_column() {
    let results = with_listed_claim();
    all_hold(&results);
    let wrong = finding(&results, |finding| finding.id == "claims/alert-rules@README.md#Alerts/Rules");
    assert_eq!(
        wrong.message,
        "README.md says \"13 rules\" for \"Alert rules\", and that is overstated: 13 was claimed and 11 stated: 2 too much."
    );
    let place = &wrong.place;
    assert_eq!(
        (place.path.as_str(), place.line, place.column, place.end_column),
        ("team/README.md", 58, Some(5), Some(13))
    );
    let related: Vec<&str> = wrong.related.iter().map(|related| related.place.path.as_str()).collect();
    assert_eq!(related, ["team/docs/status.md", "checks/claims.yaml"]);
    let annotations = text_of(GITHUB, &results);
    assert!(annotations.contains("file=team/README.md,line=58,endLine=58,col=5,endColumn=13,"), "{annotations}");
    let sarif = json_of("sarif", &results);
    let listed = sarif["runs"][0]["results"].as_array().unwrap();
    let found = listed
        .iter()
        .find(|result| result["properties"]["finding"] == "claims/alert-rules@README.md#Alerts/Rules")
        .unwrap();
    assert_eq!(found["ruleId"], "claim-mismatch");
    let region = &found["locations"][0]["physicalLocation"]["region"];
    assert_eq!(*region, serde_json::json!({"startLine": 58, "startColumn": 5, "endColumn": 13}));
}

#[test]
fn a_claim_whose_place_is_gone_is_an_error_where_it_is_declared() {
    let results = with_listed_claim();
    let gone = finding(&results, |finding| finding.id == "claims/alert-rules@docs/old.md#Rules");
    assert_eq!(gone.outcome, Outcome::NotEvaluated);
    assert_eq!((gone.place.path.as_str(), gone.place.line), ("checks/claims.yaml", 4));
    assert_eq!(
        gone.message,
        "What docs/old.md claims about \"Alert rules\" could not be found: there is no heading \"Rules\"."
    );
}

/// A claim of the list that stands in so many lines of one document, and once where nothing was found.
fn with_places(document: &str, places: u32) -> Results {
    let mut value = sample_json();
    let at = |line: u32| format!("{document}#Rules/:{line}");
    let all: Vec<String> = (1..=places).map(at).chain([format!("{document}#Gone")]).collect();
    let found = |line: u32| {
        let spot = serde_json::json!({"line": line, "column": 5, "endColumn": 13, "start": 100, "end": 108});
        serde_json::json!({"found": {"written": "13 rules", "lineText": "- 13 rules", "spot": spot}})
    };
    value["audit"]["claims"] = serde_json::json!([
        {"id": "rules", "title": "Rules", "at": all, "actual": {"stated": "11"}, "declared": ["claims.yaml", 4]}]);
    let gone =
        serde_json::json!({"not-found": {"code": "locator-none", "reason": "it is gone", "help": "Correct it."}});
    value["places"] =
        (1..=places).map(|line| (at(line), found(line))).chain([(all[all.len() - 1].clone(), gone)]).collect();
    let result = |at: &String| serde_json::json!({"at": at, "status": "overstated", "reason": "2 too much"});
    value["judgement"]["listedClaims"] = serde_json::json!([{
        "claim": 0, "status": "overstated", "reason": "2 too much", "actual": {"count": "11"},
        "places": all.iter().map(result).collect::<Vec<_>>()}]);
    of(&serde_json::from_value(value).unwrap())
}

#[test]
fn a_finding_names_a_few_of_the_places_where_the_same_is_claimed_and_says_how_many_there_are() {
    let lines = |finding: &Finding| -> Vec<u32> { finding.related.iter().map(|related| related.place.line).collect() };
    let claims = |results: &Results| -> Vec<Finding> {
        results.findings.iter().filter(|finding| finding.id.starts_with("claims/rules@")).cloned().collect()
    };
    let few = claims(&with_places("a.md", 21));
    assert_eq!(few.len(), 22);
    // All 20 others, and the line of the audit file.
    assert_eq!(lines(&few[0]), (2..=21).chain([4]).collect::<Vec<u32>>());
    assert_eq!(few[0].related[19].message, "The same is claimed here: \"13 rules\".");
    assert_eq!(few[21].related[19].message, "The same is claimed here: \"13 rules\". It is claimed at 1 more place.");
    let many = claims(&with_places("a.md", 400));
    assert_eq!(lines(&many[2]), [1, 2].into_iter().chain(4..=21).chain([4]).collect::<Vec<u32>>());
    assert!(many.iter().all(|finding| finding.related.len() <= 21), "each place lists the first others only");
    assert!(many[2].related[19].message.ends_with(" It is claimed at 379 more places."), "{:?}", many[2].related[19]);
}

#[test]
fn a_document_with_a_sharp_in_its_name_is_named_as_it_is() {
    let results = with_places(r"C\# n.md", 1);
    let wrong = finding(&results, |finding| finding.id.starts_with("claims/rules@") && finding.place.line == 1);
    assert_eq!(wrong.place.path, "C# n.md");
    assert_eq!(wrong.claimed.as_ref().unwrap().by, "C# n.md");
    let annotations = text_of(GITHUB, &results);
    assert!(annotations.contains("file=C# n.md,line=1,"), "{annotations}");
    assert!(json_of("sarif", &results).to_string().contains("\"uri\":\"C%23%20n.md\""));
}

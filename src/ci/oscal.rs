//! OSCAL assessment results: each check is an objective, satisfied or not, with what was observed.
//!
//! Only what holds without a reservation is satisfied: a warning, a waiver, and what could not be evaluated, was not looked
//! at or waits for a person are not. What OSCAL has no place for (verdict, scores, coverage, claimed and actual) stands in
//! properties under a name space of our own. Every UUID follows from the digest of the record, so the same record gives the
//! same document.

use std::fmt::Write as _;

use percent_encoding::utf8_percent_encode;
use serde_json::{Value, json};

use super::results::{Evidence, Figures, Finding, Kind, Outcome, Results, Waiver};
use super::{PATH_KEPT, Unwritable, pretty, stable_uuid};

/// The version of OSCAL that the document follows.
const VERSION: &str = "1.2.1";
/// Whose properties these are.
const NAMESPACE: &str = "urn:countersign:oscal:v1";

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let uuid = |path: &str| stable_uuid(results, &format!("oscal/{path}"));
    let auditor = results.audit.auditor.as_deref().map(|name| {
        let party = uuid("auditor");
        json!({
            "roles": [{"id": "assessor", "title": "Auditor"}],
            "parties": [{"uuid": party, "type": "person", "name": text(name)}],
            "responsible-parties": [{"role-id": "assessor", "party-uuids": [party]}],
        })
    });
    let record = uuid("record");
    let mut metadata = json!({
        "title": text(&results.audit.title),
        "last-modified": results.run.finished_at,
        "version": text(&results.run.id),
        "oscal-version": VERSION,
        "links": [{"href": format!("#{record}"), "rel": "reference"}],
    });
    if let (Some(metadata), Some(Value::Object(auditor))) = (metadata.as_object_mut(), auditor) {
        metadata.extend(auditor);
    }
    pretty(&json!({"assessment-results": {
        "uuid": uuid("document"),
        "metadata": metadata,
        "import-ap": {"href": format!("#{record}"), "remarks": "The audit as planned stands in the record, as `audit`."},
        "results": [result(results, &uuid)],
        "back-matter": {"resources": [{
            "uuid": record,
            "title": "record.json",
            "description": "The record of the run: the audit as planned, what was observed, and what was concluded.",
            "props": properties([("policy-sha256", Some(results.policy_sha256.as_str()))]),
            "rlinks": [{
                "href": "record.json",
                "media-type": "application/json",
                "hashes": [{"algorithm": "SHA-256", "value": results.record_sha256}],
            }],
        }]},
    }}))
}

/// A text where OSCAL wants one that is there and neither begins nor ends with white space.
fn text(text: &str) -> &str {
    match text.trim() {
        "" => "(empty)",
        text => text,
    }
}

fn properties<'a>(named: impl IntoIterator<Item = (&'a str, Option<&'a str>)>) -> Vec<Value> {
    let there = named.into_iter().filter_map(|(name, value)| Some((name, value?)));
    there.map(|(name, value)| json!({"name": name, "ns": NAMESPACE, "value": text(value)})).collect()
}

fn figures(figures: &Figures) -> [(&'static str, Option<&str>); 3] {
    [
        ("score", figures.score.as_ref().map(|score| score.text())),
        ("score-with-waivers", figures.score_with_waivers.as_ref().map(|score| score.text())),
        ("coverage", figures.coverage.as_ref().map(|coverage| coverage.text())),
    ]
}

/// An id as a token: letters, digits, `.`, `-` and `_`, none of the first three at its beginning. No two ids give the same.
fn token(id: &str) -> String {
    let mut token = "c_".to_owned();
    for character in id.chars() {
        match character {
            'a'..='z' | '0'..='9' | '-' => token.push(character),
            '/' => token.push('.'),
            other => drop(write!(token, "_{:X}_", u32::from(other))),
        }
    }
    token
}

/// A check, a rule, or a claim that stands under no check.
fn is_objective(finding: &&Finding) -> bool {
    finding.check.is_none()
}

fn result(results: &Results, uuid: &impl Fn(&str) -> String) -> Value {
    let objectives = || results.findings.iter().filter(is_objective);
    let judged = || objectives().filter(|finding| finding.outcome != Outcome::NotApplicable && !finding.only_shows());
    let controls = |applies: bool| -> Vec<Value> {
        let wanted = objectives().filter(move |finding| (finding.outcome != Outcome::NotApplicable) == applies);
        wanted.map(|finding| json!({"control-id": token(&finding.id)})).collect()
    };
    let mut selection =
        json!({"description": "Every check of the audit, its rules, and the claims that stand in documents."});
    match controls(true) {
        none if none.is_empty() => selection["include-all"] = json!({}),
        some => selection["include-controls"] = some.into(),
    }
    let areas = results.areas.iter().flat_map(|area| {
        let named = properties(figures(&area.figures));
        named.into_iter().map(|mut property| {
            property["class"] = token(&area.id).into();
            property
        })
    });
    let mut props = properties([
        ("verdict", Some(results.verdict.id)),
        ("reason", Some(results.verdict.reason.as_str())),
        ("subject", Some(results.audit.subject.as_str())),
        ("subject-version", results.audit.version.as_deref()),
        ("commit", results.audit.commit.as_deref()),
        ("tool-version", Some(results.tool.version.as_str())),
        ("partial", Some(if results.run.partial { "true" } else { "false" })),
    ]);
    props.extend(properties(figures(&results.overall)));
    props.extend(areas);
    let mut result = json!({
        "uuid": uuid("result"),
        "title": text(&results.audit.title),
        "description": text(&format!("{}: {}", results.verdict.words, results.verdict.reason)),
        "start": results.run.started_at,
        "end": results.run.finished_at,
        "props": props,
        "reviewed-controls": {"control-selections": [selection]},
    });
    let caveats = results.caveats();
    if !caveats.is_empty() {
        result["remarks"] = text(&caveats.join("\n\n")).into();
    }
    let excluded = controls(false);
    if !excluded.is_empty() {
        result["reviewed-controls"]["control-selections"][0]["exclude-controls"] = excluded.into();
    }
    let observations = results.findings.iter().filter(|finding| is_observed(finding));
    let observations = observations.map(|finding| observation(results, finding, uuid));
    let risks = in_use(results).map(|(at, waiver)| risk(at, waiver, uuid));
    let by_check = results.claims_by_check();
    let claims = |id: &str| by_check.get(id).map_or(&[][..], Vec::as_slice);
    let findings = judged().map(|objective| finding(results, objective, claims(&objective.id), uuid));
    for (name, list) in [
        ("observations", observations.collect::<Vec<Value>>()),
        ("risks", risks.collect()),
        ("findings", findings.collect()),
    ] {
        if !list.is_empty() {
            result[name] = list.into();
        }
    }
    result
}

fn in_use(results: &Results) -> impl Iterator<Item = (usize, &Waiver)> {
    results.waivers.iter().enumerate().filter(|(_, waiver)| waiver.state == "in-use")
}

/// Was there anything to see? Not of what nobody looked at.
fn is_observed(finding: &Finding) -> bool {
    finding.kind != Kind::Rule
        && !matches!(finding.outcome, Outcome::Skipped | Outcome::Pending | Outcome::NotApplicable)
}

fn observation_uuid(finding: &Finding, uuid: &impl Fn(&str) -> String) -> String {
    uuid(&format!("observation/{}", finding.id))
}

fn observation(results: &Results, finding: &Finding, uuid: &impl Fn(&str) -> String) -> Value {
    let claimed = finding.claimed.as_ref();
    let method = match finding.kind {
        Kind::Claim => "EXAMINE",
        _ if finding.attested => "INTERVIEW",
        _ => "TEST",
    };
    let mut observation = json!({
        "uuid": observation_uuid(finding, uuid),
        "title": text(&finding.title),
        "description": text(&finding.message),
        "props": properties([
            ("finding", Some(finding.id.as_str())),
            ("status", Some(finding.status.as_str())),
            ("claimed-by", claimed.map(|claimed| claimed.by.as_str())),
            ("claimed-fact", claimed.map(|claimed| claimed.fact.as_str())),
            ("claimed", claimed.map(|claimed| claimed.written.as_str())),
            ("claimed-at", claimed.and_then(|claimed| claimed.at.as_deref())),
            ("claimed-as-of", claimed.and_then(|claimed| claimed.as_of.as_deref())),
            ("actual", finding.actual.as_deref()),
        ]),
        "methods": [method],
        "types": ["finding"],
        "collected": finding.evidence.iter().map(|evidence| evidence.at.as_str()).max()
            .unwrap_or(&results.run.finished_at),
    });
    let evidence: Vec<Value> = finding.evidence.iter().map(relevant).collect();
    if !evidence.is_empty() {
        observation["relevant-evidence"] = evidence.into();
    }
    observation
}

fn relevant(evidence: &Evidence) -> Value {
    let bytes = evidence.bytes.to_string();
    json!({
        "href": utf8_percent_encode(&evidence.file, PATH_KEPT).to_string(),
        "description": text(&evidence.asked),
        "props": properties([("sha256", Some(evidence.sha256.as_str())), ("bytes", Some(&bytes))]),
    })
}

/// What somebody accepted for a time stays open, and says until when.
fn risk(at: usize, waiver: &Waiver, uuid: &impl Fn(&str) -> String) -> Value {
    json!({
        "uuid": uuid(&format!("risk/{at}")),
        "title": text(&format!("{} does not hold", waiver.check)),
        "description": text(&waiver.reason),
        "statement": text(&format!("{} accepts that {} does not hold.", waiver.by, waiver.check)),
        "props": properties([("waived-by", Some(waiver.by.as_str())), ("waived-until", Some(waiver.until.as_str()))]),
        "status": "deviation-approved",
        "deadline": waiver.until,
    })
}

fn finding(results: &Results, objective: &Finding, claims: &[&Finding], uuid: &impl Fn(&str) -> String) -> Value {
    let (state, reason) = match (objective.outcome, objective.holds()) {
        (Outcome::Passed, _) => ("satisfied", "pass"),
        (_, Some(false)) => ("not-satisfied", "fail"),
        _ => ("not-satisfied", "other"),
    };
    let mut found = json!({
        "uuid": uuid(&format!("finding/{}", objective.id)),
        "title": text(&objective.title),
        "description": text(&objective.message),
        "props": properties([
            ("finding", Some(objective.id.as_str())),
            ("kind", Some(objective.kind.word())),
            ("severity", Some(objective.severity.word())),
            ("status", Some(objective.status.as_str())),
            ("outcome", Some(objective.outcome.id())),
        ]),
        "target": {
            "type": "objective-id",
            "target-id": token(&objective.id),
            "title": text(&objective.title),
            "status": {"state": state, "reason": reason},
        },
    });
    let about = std::iter::once(&objective).chain(claims);
    let observed: Vec<Value> = about
        .filter(|about| is_observed(about))
        .map(|about| json!({"observation-uuid": observation_uuid(about, uuid)}))
        .collect();
    if !observed.is_empty() {
        found["related-observations"] = observed.into();
    }
    let waived = in_use(results).filter(|(_, waiver)| waiver.check == objective.id);
    let waived: Vec<Value> = waived.map(|(at, _)| json!({"risk-uuid": uuid(&format!("risk/{at}"))})).collect();
    if !waived.is_empty() {
        found["related-risks"] = waived.into();
    }
    found
}

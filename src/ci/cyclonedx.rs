//! CycloneDX 1.6 attestations (CDXA): what was claimed, the evidence for and against it, and how far each requirement of
//! the audit is met.
//!
//! The audit is the standard: an area is a requirement, and each check below it; a claim that stands under no check, and a
//! rule of the verdict, is one too. What could not be evaluated has no conformance score and a confidence of zero; what
//! was waived keeps its score and names the waiver as the mitigation.

use std::collections::BTreeSet;

use percent_encoding::utf8_percent_encode;
use serde_json::{Map, Value, json};

use super::results::{Evidence, Figures, Finding, Kind, Outcome, Results, Severity};
use super::{PATH_KEPT, Unwritable, pretty, stable_uuid};

/// References inside the document. What is made of names has a prefix, so that no name is taken for another thing's.
const ASSESSOR: &str = "assessor";
const TARGET: &str = "target";

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut document = json!({
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": format!("urn:uuid:{}", stable_uuid(results, "cyclonedx")),
        "version": 1,
        "metadata": metadata(results),
        "declarations": declarations(results),
        "definitions": {"standards": [standard(results)]},
    });
    drop_empty(&mut document);
    pretty(&document)
}

/// A list with nothing in it says nothing.
fn drop_empty(value: &mut Value) {
    match value {
        Value::Object(members) => {
            members.values_mut().for_each(drop_empty);
            members.retain(|_, value| !value.is_null() && value.as_array().is_none_or(|items| !items.is_empty()));
        }
        Value::Array(items) => items.iter_mut().for_each(drop_empty),
        _ => {}
    }
}

fn property(name: &str, value: &str) -> Value {
    json!({"name": format!("countersign:{name}"), "value": value})
}

fn figures(figures: &Figures) -> Vec<Value> {
    let Figures { score, score_with_waivers, coverage } = figures;
    let all = [("score", score), ("score-with-waivers", score_with_waivers), ("coverage", coverage)];
    all.into_iter().filter_map(|(name, figure)| Some(property(name, figure.as_ref()?.text()))).collect()
}

fn metadata(results: &Results) -> Value {
    let mut properties = vec![
        property("record-sha256", &results.record_sha256),
        property("run", &results.run.id),
        property("verdict", results.verdict.id),
        property("reason", &results.verdict.reason),
        property("partial", if results.run.partial { "true" } else { "false" }),
    ];
    properties.extend(figures(&results.overall));
    properties.extend(results.provenance.as_deref().map(|provenance| property("provenance", provenance)));
    properties.extend(results.notices.iter().map(|notice| property("notice", notice)));
    properties.extend(results.audit.commit.as_deref().map(|commit| property("commit", commit)));
    json!({
        "timestamp": results.run.finished_at,
        "tools": {"components": [
            {"type": "application", "name": results.tool.name, "version": results.tool.version},
        ]},
        "properties": properties,
    })
}

/// Is it a requirement, rather than what somebody claims about a check?
fn is_requirement(finding: &&Finding) -> bool {
    finding.check.is_none()
}

fn requirement_ref(id: &str) -> String {
    format!("requirement:{id}")
}

fn standard(results: &Results) -> Value {
    let areas = results.areas.iter().map(|area| {
        json!({
            "bom-ref": format!("area:{}", area.id),
            "identifier": area.id,
            "title": area.title,
            "properties": figures(&area.figures),
        })
    });
    let known: BTreeSet<&str> = results.areas.iter().map(|area| area.id.as_str()).collect();
    let checks = results.findings.iter().filter(is_requirement).map(|finding| {
        let parent = known.contains(finding.area.as_str()).then(|| format!("area:{}", finding.area));
        json!({
            "bom-ref": requirement_ref(&finding.id),
            "identifier": finding.id,
            "title": finding.title,
            "parent": parent,
            "properties": [
                property("kind", finding.kind.word()),
                property("severity", finding.severity.word()),
                property("status", &finding.status),
                property("outcome", finding.outcome.id()),
            ],
        })
    });
    let levels = [Severity::Blocker, Severity::Major, Severity::Minor].map(|severity| level(results, severity));
    json!({
        "bom-ref": "standard",
        "name": results.audit.title,
        "version": results.policy_sha256,
        "description": format!("The audit \"{}\" as it was planned; its version is the SHA-256 of it.", results.audit.id),
        "requirements": areas.chain(checks).collect::<Vec<Value>>(),
        "levels": levels,
    })
}

fn level(results: &Results, severity: Severity) -> Value {
    let of = results.findings.iter().filter(is_requirement).filter(|finding| finding.severity == severity);
    json!({
        "bom-ref": format!("level:{}", severity.word()),
        "identifier": severity.word(),
        "title": severity.word(),
        "requirements": of.map(|finding| requirement_ref(&finding.id)).collect::<Vec<String>>(),
    })
}

fn declarations(results: &Results) -> Value {
    let assessor = results.audit.auditor.as_deref().unwrap_or(results.tool.name);
    let captured = captured(results);
    let waived = results.waivers.iter().enumerate().map(|(at, waiver)| {
        json!({
            "bom-ref": format!("waiver:{at}"),
            "description": format!("Waiver of {} ({}): {}", waiver.check, waiver.state, waiver.reason),
            "expires": waiver.until,
            "author": {"name": waiver.by},
        })
    });
    json!({
        "assessors": [{"bom-ref": ASSESSOR, "organization": {"name": assessor}}],
        "attestations": [{
            "summary": format!("{}: {}", results.verdict.words, results.verdict.reason),
            "assessor": ASSESSOR,
            "map": map(results),
        }],
        "claims": claims(results),
        "evidence": captured.chain(waived).collect::<Vec<Value>>(),
        "targets": {"components": [{
            "type": "application",
            "bom-ref": TARGET,
            "name": results.audit.subject,
            "version": results.audit.version,
        }]},
        "affirmation": {"statement": format!(
            "Concluded by countersign from the record with the SHA-256 {}. Who signed it stands beside the record, not here.",
            results.record_sha256
        )},
    })
}

fn evidence_ref(evidence: &Evidence) -> String {
    format!("file:{}", evidence.file)
}

/// Every file of evidence, once, by whoever asked for it first.
fn captured(results: &Results) -> impl Iterator<Item = Value> {
    let mut seen = BTreeSet::new();
    let all = results.findings.iter().flat_map(|finding| &finding.evidence);
    all.filter(move |evidence| seen.insert(evidence.file.as_str())).map(|evidence| {
        let url = utf8_percent_encode(&evidence.file, PATH_KEPT).to_string();
        json!({
            "bom-ref": evidence_ref(evidence),
            "description": format!(
                "{} bytes with the SHA-256 {}, in answer to: {}", evidence.bytes, evidence.sha256, evidence.asked
            ),
            "data": [{"name": evidence.file, "contents": {"url": url}}],
            "created": evidence.at,
        })
    })
}

fn claim_ref(finding: &Finding) -> String {
    format!("claim:{}", finding.id)
}

/// What is claimed of the target: that a check holds, and what somebody wrote about it. The evidence of a claim is that of
/// its check; it speaks against what does not hold, and for nothing where nothing could be concluded.
fn claims(results: &Results) -> Vec<Value> {
    let mut evidence: &[Evidence] = &[];
    let mut claims = Vec::new();
    for finding in &results.findings {
        match finding.kind {
            Kind::Check => evidence = &finding.evidence,
            Kind::Claim if finding.check.is_some() => {}
            Kind::Claim | Kind::Rule => evidence = &[],
        }
        let files: BTreeSet<String> = evidence.iter().map(evidence_ref).collect();
        let (supports, contradicts) = match finding.holds() {
            Some(true) => (Some(files), None),
            Some(false) => (None, Some(files)),
            None => (None, None),
        };
        claims.push(json!({
            "bom-ref": claim_ref(finding),
            "target": TARGET,
            "predicate": finding.title,
            "reasoning": finding.message,
            "evidence": supports,
            "counterEvidence": contradicts,
            "externalReferences": written_at(finding).into_iter().collect::<Vec<Value>>(),
        }));
    }
    claims
}

/// Where a claim was written.
fn written_at(finding: &Finding) -> Option<Value> {
    let at = finding.claimed.as_ref()?.at.as_deref()?;
    let path = utf8_percent_encode(&finding.place.path, PATH_KEPT);
    Some(json!({"type": "documentation", "url": format!("{path}#L{}", finding.place.line), "comment": at}))
}

/// How far each requirement is met. What does not apply is not attested to.
fn map(results: &Results) -> Vec<Value> {
    let required = results.findings.iter().filter(is_requirement);
    let applies = required.filter(|finding| finding.outcome != Outcome::NotApplicable);
    let by_check = results.claims_by_check();
    let of = |finding: &Finding, upheld: bool| -> Vec<String> {
        let about = by_check.get(finding.id.as_str()).into_iter().flatten().copied();
        let all = std::iter::once(finding).chain(about);
        all.filter(|claim| claim.holds() == Some(upheld)).map(claim_ref).collect()
    };
    applies
        .map(|finding| {
            let mut conformance = Map::new();
            conformance.extend(score(finding).map(|score| ("score".to_owned(), score)));
            conformance.insert("rationale".to_owned(), finding.message.as_str().into());
            let waivers = results.waivers.iter().enumerate();
            let in_use = waivers.filter(|(_, waiver)| waiver.state == "in-use" && waiver.check == finding.id);
            let mitigations: Vec<String> = in_use.map(|(at, _)| format!("waiver:{at}")).collect();
            conformance.insert("mitigationStrategies".to_owned(), mitigations.into());
            json!({
                "requirement": requirement_ref(&finding.id),
                "claims": of(finding, true),
                "counterClaims": of(finding, false),
                "conformance": conformance,
                "confidence": unknown(finding).map(|why| json!({"score": 0, "rationale": why})),
            })
        })
        .collect()
}

/// The credit of the audit, by which a warning counts half; none where nothing was asked or nothing is known.
fn score(finding: &Finding) -> Option<Value> {
    Some(match (finding.holds()?, finding.outcome) {
        (true, Outcome::Passed) => json!(1),
        (true, _) => json!(0.5),
        (false, _) => json!(0),
    })
}

fn unknown(finding: &Finding) -> Option<&'static str> {
    match finding.outcome {
        Outcome::NotEvaluated => Some("It could not be evaluated."),
        Outcome::Waived if finding.holds().is_none() => Some("It could not be evaluated, and that is waived."),
        Outcome::Pending => Some("It waits for a person to state it."),
        Outcome::Skipped => Some("It was not looked at in this run."),
        _ => None,
    }
}

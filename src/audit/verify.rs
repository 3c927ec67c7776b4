//! A bundle checked from front to back: the record, the evidence, the judgement made again, the documents rendered again.
//!
//! Order and wiring only; what each step compares stands in `record::verify`.

use serde::Serialize;

use super::documents;
use super::since::Since;
use crate::judge::{self, Seen};
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::judgement::Verdict;
use crate::record::bundle::Bundle;
use crate::record::verify::{self, Finding, blobs};
use crate::record::{self, BundleProblem};
use crate::report::Templates;

/// Names the shape of `countersign verify --format json`; changes when the shape does.
pub const SCHEMA: &str = "urn:countersign:verify:v1";

/// What was found out about a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// [`SCHEMA`].
    pub schema: &'static str,
    /// Is everything as it was recorded?
    pub intact: bool,
    /// What the record says of itself; `None` when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Recorded>,
    /// Each step, in order; those after a refused record are not taken.
    pub steps: Vec<Step>,
    /// What is not as it was recorded, in the order of the steps.
    pub findings: Vec<Finding>,
    /// What documents say now of what was claimed; `None` when they were not read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// What a record says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Name of the audit.
    pub audit: String,
    /// The run.
    pub run_id: String,
    /// The moment it was judged by.
    pub finished_at: Instant,
    /// The version of countersign that wrote it.
    pub tool_version: String,
    /// The verdict.
    pub verdict: Verdict,
}

/// One step of checking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// `record`, `evidence`, `audit`, `judgement`, `documents` or `sign-offs`.
    pub name: &'static str,
    /// Was nothing found? `None` where there was nothing to check.
    pub passed: Option<bool>,
    /// What was checked, one sentence without a full stop.
    pub text: String,
}

/// Checks a bundle, as it was opened or refused. An error is a bundle that could not be looked at.
pub fn verify(opened: Result<Bundle, BundleProblem>, templates: &Templates) -> Result<Verified, BundleProblem> {
    let mut verified =
        Verified { schema: SCHEMA, intact: true, record: None, steps: Vec::new(), findings: Vec::new(), since: None };
    let bundle = match opened {
        Ok(bundle) => bundle,
        Err(problem) => {
            let Some(finding) = verify::refused(&problem) else { return Err(problem) };
            verified.step("record", "the record is refused, and nothing else was checked".to_owned(), [finding]);
            return Ok(verified);
        }
    };
    let record = &bundle.record;
    verified.record = Some(Recorded {
        sha256: bundle.sha256.clone(),
        audit: record.audit.id.to_string(),
        run_id: record.run.run_id.clone(),
        finished_at: record.run.finished_at,
        tool_version: record.run.tool_version.clone(),
        verdict: record.judgement.verdict,
    });
    verified.step("record", format!("{}, canonical", record.schema), None);
    let files = format::plural(blobs(record).len() as u64, "file", "files");
    verified.step(
        "evidence",
        format!("{files}, each of its size and digest, and none besides"),
        verify::evidence(&bundle),
    );
    verified.step(
        "audit",
        "the digest of the audit is that of the audit in the record".to_owned(),
        verify::policy(record),
    );
    let again = judge::judge(&record.audit, Seen::of(record));
    // As it would have been written down.
    let again = record::clean(again.clone()).unwrap_or(again);
    let finding = verify::judgement(&record.judgement, &again);
    verified.step("judgement", "made again from the record, and the same".to_owned(), finding);
    verified.documents(&bundle, templates);
    let text = "no sign-offs in this bundle".to_owned();
    verified.steps.push(Step { name: "sign-offs", passed: None, text });
    Ok(verified)
}

impl Verified {
    fn step(&mut self, name: &'static str, text: String, findings: impl IntoIterator<Item = Finding>) {
        let before = self.findings.len();
        self.findings.extend(findings);
        let passed = self.findings.len() == before;
        self.intact &= passed;
        self.steps.push(Step { name, passed: Some(passed), text });
    }

    fn documents(&mut self, bundle: &Bundle, templates: &Templates) {
        let rendered = documents(&bundle.record, &bundle.bytes, &bundle.sha256, &bundle.evidence(), templates);
        let findings = match rendered {
            Ok(documents) => documents.iter().filter_map(|(name, text)| verify::document(bundle, name, text)).collect(),
            Err(problem) => vec![verify::unrendered(&problem.to_string())],
        };
        self.step("documents", "report.md and report.html rendered again, byte for byte the same".to_owned(), findings);
    }
}

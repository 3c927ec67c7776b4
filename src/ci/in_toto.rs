//! An in-toto Statement v1 with the predicate `test-result` v0.1, about `record.json`: what an attestation is made of.
//!
//! It is not signed. The predicate knows tests that passed, warned and failed, and a reader must not take silence for a
//! pass: what could not be evaluated, was not looked at or waits for a person stands among the failed; what somebody
//! accepted, among the warned. What does not apply or asks for nothing is no test.

use serde_json::{Map, Value, json};

use super::results::{Outcome, Results};
use super::{Unwritable, pretty};

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let (passed, warned, failed) =
        (named(results, Sort::Passed), named(results, Sort::Warned), named(results, Sort::Failed));
    let result = match results.verdict.id {
        "rejected" | "undetermined" | "hold" | "roll-back" => "FAILED",
        _ if !failed.is_empty() => "FAILED",
        "approved" | "proceed" if warned.is_empty() => "PASSED",
        _ => "WARNED",
    };
    pretty(&json!({
        "_type": "https://in-toto.io/Statement/v1",
        "subject": subjects(results),
        "predicateType": "https://in-toto.io/attestation/test-result/v0.1",
        "predicate": {
            "result": result,
            "configuration": [{
                "name": results.audit.id,
                "digest": {"sha256": results.policy_sha256},
                "annotations": {"what": "the audit as planned, canonical JSON, `audit` in record.json"},
            }],
            "passedTests": passed,
            "warnedTests": warned,
            "failedTests": failed,
        },
    }))
}

#[derive(PartialEq, Eq)]
enum Sort {
    Passed,
    Warned,
    Failed,
}

fn named(results: &Results, wanted: Sort) -> Vec<&str> {
    let tests = results.findings.iter().filter(|finding| !finding.only_shows());
    let of = tests.filter(|finding| sort(finding.outcome).is_some_and(|sort| sort == wanted));
    of.map(|finding| finding.id.as_str()).collect()
}

const fn sort(outcome: Outcome) -> Option<Sort> {
    match outcome {
        Outcome::Passed => Some(Sort::Passed),
        Outcome::Warned | Outcome::Waived => Some(Sort::Warned),
        Outcome::Failed | Outcome::NotEvaluated | Outcome::Pending | Outcome::Skipped => Some(Sort::Failed),
        Outcome::NotApplicable => None,
    }
}

/// The record, with what it concludes beside it; and the commit that was audited, where the audit names a whole one.
fn subjects(results: &Results) -> Vec<Value> {
    let mut annotations = Map::new();
    let mut note = |name: &str, value: Option<&str>| {
        annotations.extend(value.map(|value| (name.to_owned(), value.into())));
    };
    note("audit", Some(&results.audit.title));
    note("subject", Some(&results.audit.subject));
    note("version", results.audit.version.as_deref());
    note("verdict", Some(results.verdict.id));
    note("reason", Some(&results.verdict.reason));
    note("score", results.overall.score.as_ref().map(|score| score.text()));
    note("scoreWithWaivers", results.overall.score_with_waivers.as_ref().map(|score| score.text()));
    note("coverage", results.overall.coverage.as_ref().map(|coverage| coverage.text()));
    note("run", Some(&results.run.id));
    note("finishedAt", Some(&results.run.finished_at));
    note("provenance", results.provenance.as_deref());
    annotations.insert("notices".to_owned(), results.notices.as_slice().into());
    annotations.insert("waivers".to_owned(), results.waivers.iter().map(waiver).collect());
    let record =
        json!({"name": "record.json", "digest": {"sha256": results.record_sha256}, "annotations": annotations});
    let whole = |commit: &&str| matches!(commit.len(), 40 | 64) && commit.bytes().all(|byte| byte.is_ascii_hexdigit());
    let commit = results
        .audit
        .commit
        .as_deref()
        .filter(whole)
        .map(|commit| json!({"name": results.audit.subject, "digest": {"gitCommit": commit.to_ascii_lowercase()}}));
    std::iter::once(record).chain(commit).collect()
}

fn waiver(waiver: &super::results::Waiver) -> Value {
    json!({
        "check": waiver.check, "by": waiver.by, "reason": waiver.reason, "state": waiver.state, "until": waiver.until,
    })
}

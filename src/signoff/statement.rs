//! What is signed: an in-toto statement (in-toto.io/Statement/v1) about one record, in its canonical bytes. Read only after
//! its signature was checked, and refused unless these bytes are the only way to write it.

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::code::{Code, Refusal, shown};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::Verdict;
use crate::model::signoff::{Decision, Name};
use crate::record::canonical::is_digest;
use crate::record::strict::{self, StrictProblem};
use crate::record::to_bytes;

/// The type of the statement.
pub const STATEMENT_TYPE: &str = "https://in-toto.io/Statement/v1";
/// The type of what it says.
pub const PREDICATE_TYPE: &str = "urn:countersign:attestation:signoff:v1";
/// What its subject is called.
pub const SUBJECT: &str = "record.json";

/// A statement about a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Statement {
    /// [`STATEMENT_TYPE`].
    #[serde(rename = "_type")]
    pub kind: String,
    /// What is said.
    pub predicate: Predicate,
    /// [`PREDICATE_TYPE`].
    pub predicate_type: String,
    /// The record: one subject under one digest.
    pub subject: Vec<Subject>,
}

/// What a statement is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Subject {
    /// Its digest.
    pub digest: Sha256Digest,
    /// [`SUBJECT`].
    pub name: String,
}

/// The one kind of digest that is accepted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sha256Digest {
    /// 64 lower-case hex digits.
    pub sha256: String,
}

/// The audit that the signer was shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PolicyDigest {
    /// The record's digest of the audit as it was planned.
    pub digest: Sha256Digest,
}

/// What the signer says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "camelCase")]
pub struct Predicate {
    /// The checks that the signer accepts as they are, sorted.
    pub acknowledges: Vec<String>,
    /// What must be done; sentences.
    pub conditions: Vec<String>,
    /// What is decided.
    pub decision: Decision,
    /// Until when it holds.
    pub expires_at: Instant,
    /// When it was signed, by the signer's clock.
    pub issued_at: Instant,
    /// The audit that the signer was shown.
    pub policy: PolicyDigest,
    /// The role that is signed for.
    pub role: Name,
    /// The run.
    pub run_id: Name,
    /// Who signs: a principal of the verifier's `allowed_signers`.
    pub signer: Name,
    /// A sentence of the signer's own.
    pub statement: String,
    /// The verdict that the signer was shown.
    pub verdict: Verdict,
}

impl Statement {
    /// The statement of a predicate about the record with this digest.
    pub fn new(predicate: Predicate, record_sha256: &str) -> Self {
        let digest = Sha256Digest { sha256: record_sha256.to_owned() };
        Self {
            kind: STATEMENT_TYPE.to_owned(),
            predicate,
            predicate_type: PREDICATE_TYPE.to_owned(),
            subject: vec![Subject { digest, name: SUBJECT.to_owned() }],
        }
    }

    /// The bytes that are signed. A text in it that is not fit for that (hidden characters, not in normal form) is refused,
    /// because what is shown must be what is signed.
    pub fn payload(&self) -> Result<Vec<u8>, Refusal> {
        let bytes = to_bytes(self).map_err(|problem| Refusal::new(Code::NotCanonical, problem.to_string()))?;
        match Self::parse(&bytes)? {
            same if same == *self => Ok(bytes),
            _ => Err(Refusal::new(
                Code::ControlCharacter,
                "a text has a character that is not seen, or is not in normal form",
            )),
        }
    }

    /// Reads what was signed: strict JSON of exactly this shape, in its canonical bytes.
    pub fn parse(payload: &[u8]) -> Result<Self, Refusal> {
        let value = strict::parse_canonical(payload).map_err(refused)?;
        shape(&value)?;
        let malformed = |why: String| Refusal::new(Code::Malformed, why);
        let statement: Self = serde_json::from_value(value).map_err(|error| malformed(error.to_string()))?;
        // A time may be written in several ways; only one of them is canonical.
        if to_bytes(&statement).ok().as_deref() != Some(payload) {
            return Err(malformed("a time is not of the form 2026-11-23T05:00:00Z".to_owned()));
        }
        if statement.kind != STATEMENT_TYPE || statement.predicate_type != PREDICATE_TYPE {
            let why = format!("it is a statement of type \"{}\" and not a sign-off", shown(&statement.predicate_type));
            return Err(Refusal::new(Code::StatementType, why));
        }
        if statement.subject.len() != 1 {
            let why = format!("it is about {} things and not about one", statement.subject.len());
            return Err(Refusal::new(Code::SubjectCount, why));
        }
        Ok(statement)
    }

    /// Digest of the record that it is about.
    pub fn record(&self) -> &str {
        self.subject.first().map_or("", |subject| &subject.digest.sha256)
    }
}

fn refused(problem: StrictProblem) -> Refusal {
    let code = match problem {
        StrictProblem::DuplicateKey(_) => Code::DuplicateKey,
        StrictProblem::NotNfc(_) => Code::NotNfc,
        StrictProblem::ControlCharacter(_) => Code::ControlCharacter,
        StrictProblem::NotCanonical => Code::NotCanonical,
        StrictProblem::NotJson(_) => Code::Malformed,
    };
    Refusal::new(code, problem.to_string())
}

/// Names, digests and identifiers, before the rest is read: each has its own code.
fn shape(value: &Value) -> Result<(), Refusal> {
    const PREDICATE: &[&str] = &[
        "acknowledges",
        "conditions",
        "decision",
        "expiresAt",
        "issuedAt",
        "policy",
        "role",
        "runId",
        "signer",
        "statement",
        "verdict",
    ];
    let predicate = &value["predicate"];
    only(value, &["_type", "predicate", "predicateType", "subject"])?;
    only(predicate, PREDICATE)?;
    only(&predicate["policy"], &["digest"])?;
    let subjects: Vec<&Value> = value["subject"].as_array().into_iter().flatten().collect();
    for subject in &subjects {
        only(subject, &["digest", "name"])?;
    }
    for digest in subjects.iter().map(|subject| &subject["digest"]).chain([&predicate["policy"]["digest"]]) {
        only(digest, &["sha256"])?;
        let text = digest["sha256"].as_str().unwrap_or_default();
        if !is_digest(text) {
            let why = format!("\"{}\" is no SHA-256 in 64 lower-case hex digits", shown(text));
            return Err(Refusal::new(Code::DigestFormat, why));
        }
    }
    let looks = |text: &str| Refusal::new(Code::IdentifierCharset, format!("\"{}\" is no identifier", shown(text)));
    for name in ["role", "runId", "signer"] {
        let text = predicate[name].as_str().unwrap_or_default();
        text.parse::<Name>().map_err(|_| looks(text))?;
    }
    for check in predicate["acknowledges"].as_array().into_iter().flatten() {
        let text = check.as_str().unwrap_or_default();
        text.parse::<CheckId>().map_err(|_| looks(text))?;
    }
    Ok(())
}

fn only(value: &Value, names: &[&str]) -> Result<(), Refusal> {
    match value.as_object().and_then(|object| object.keys().find(|name| !names.contains(&name.as_str()))) {
        Some(unknown) => Err(Refusal::new(Code::UnknownField, format!("\"{}\" does not belong there", shown(unknown)))),
        None => Ok(()),
    }
}

#[cfg(test)]
mod tests;

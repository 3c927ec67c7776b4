//! What can be said of an envelope by itself and the record beside it: the steps that need no clock, no key files and no
//! other program. Documents show this much.

use std::collections::BTreeSet;

use super::code::{Code, Refusal};
use super::envelope::{Envelope, pae};
use super::sshsig::{self, Key};
use super::statement::{SUBJECT, Statement};
use super::steps::may_count;
use crate::model::audit::Severity;
use crate::model::id::CheckId;
use crate::model::judgement::Status;
use crate::model::record::Record;
use crate::model::signoff::{Said, SignOff, Standing};
use crate::record::sha256;
use crate::record::signoffs::Kept;
use crate::record::verify::Finding;

/// The record that sign-offs are held against.
#[derive(Debug, Clone, Copy)]
pub struct About<'a> {
    /// The record.
    pub record: &'a Record,
    /// SHA-256 of its bytes.
    pub sha256: &'a str,
    /// Digests of earlier records that are known: a sign-off for one of them is stale, not false.
    pub earlier: &'a BTreeSet<String>,
    /// What is wrong with the record or its evidence; then nothing that was signed of it counts.
    pub problem: Option<&'a Finding>,
}

/// An envelope that was read: its signature is good, or of a kind that is left to `ssh-keygen`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Read {
    pub(super) statement: Statement,
    pub(super) key: Key,
    /// What was signed.
    pub(super) message: Vec<u8>,
    /// The armored signature.
    pub(super) armored: Vec<u8>,
}

/// Steps 1 to 5: the envelope, the signature, and only then what it says. `touch` demands a hardware key that was touched.
pub(super) fn read(name: &str, bytes: &[u8], touch: bool) -> Result<Read, Refusal> {
    let opened = Envelope::parse(bytes)?.open()?;
    let signature = sshsig::parse(&opened.armored, touch)?;
    let message = pae(&opened.payload);
    if !signature.key.is_delegated() {
        signature.verify(&message)?;
    }
    let statement = Statement::parse(&opened.payload)?;
    let wanted = file_name(statement.predicate.role.as_str(), &opened.payload);
    if name != wanted {
        return Err(Refusal::new(Code::Envelope, format!("the place of this sign-off is \"{wanted}\"")));
    }
    Ok(Read { statement, key: signature.key, message, armored: opened.armored })
}

/// The name of the file of a sign-off: one statement has one place, so that a copy of it adds nothing.
pub fn file_name(role: &str, payload: &[u8]) -> String {
    format!("{role}.{}.json", &sha256(payload)[..8])
}

/// Steps 5 and 6: is it about this record, as it is?
pub(super) fn about(statement: &Statement, about: &About<'_>) -> Result<(), Refusal> {
    let Statement { predicate, subject, .. } = statement;
    let run = &about.record.run.run_id;
    let verdict = about.record.judgement.verdict;
    if subject.iter().any(|subject| subject.name != SUBJECT) {
        return Err(Refusal::new(Code::SubjectMismatch, format!("it is not about {SUBJECT}")));
    }
    if statement.record() != about.sha256 {
        return Err(if about.earlier.contains(statement.record()) {
            Refusal::new(Code::Stale, format!("it was given for the earlier record {}", statement.record()))
        } else {
            Refusal::new(Code::SubjectMismatch, format!("it was given for another record, {}", statement.record()))
        });
    }
    if let Some(finding) = about.problem {
        return Err(Refusal::new(Code::Record(finding.code), format!("{}: {}", finding.file, finding.text)));
    }
    if predicate.run_id.as_str() != run {
        return Err(Refusal::new(Code::RunMismatch, format!("it names the run {} and not {run}", predicate.run_id)));
    }
    if predicate.verdict != verdict {
        let (said, is) = (predicate.verdict.words(), verdict.words());
        return Err(Refusal::new(Code::VerdictMismatch, format!("the signer was shown \"{said}\" and it is \"{is}\"")));
    }
    if predicate.policy.digest.sha256 != about.record.policy_sha256 {
        return Err(Refusal::new(Code::PolicyMismatch, "the signer was shown another audit"));
    }
    Ok(())
}

/// Every envelope beside a record, as documents show it.
pub fn inspect(envelopes: &[Kept], of: &About<'_>) -> Vec<SignOff> {
    let touch = of.record.audit.signoff.as_ref().is_some_and(|policy| policy.require_touch);
    envelopes.iter().map(|kept| shown(kept, read(&kept.name, &kept.bytes, touch), of)).collect()
}

pub(super) fn shown(kept: &Kept, read: Result<Read, Refusal>, of: &About<'_>) -> SignOff {
    let (file, envelope) = (kept.path(), kept.bytes.clone());
    match read {
        Err(Refusal { code, why }) => {
            SignOff { file, envelope, standing: Standing::Refused { code: code.name(), why }, said: None }
        }
        Ok(read) => {
            let policy = of.record.audit.signoff.as_ref();
            let counts =
                about(&read.statement, of).and_then(|()| may_count(&read.statement.predicate, of.record, policy, None));
            let standing = match counts {
                // That somebody rejects is no fault of the sign-off: it is what it says.
                Ok(()) | Err(Refusal { code: Code::NotAnApproval, .. }) if read.key.is_delegated() => {
                    Standing::Unproved
                }
                Ok(()) | Err(Refusal { code: Code::NotAnApproval, .. }) => Standing::Covers,
                Err(Refusal { code: Code::Stale, .. }) => Standing::Stale,
                Err(Refusal { code, why }) => Standing::Refused { code: code.name(), why },
            };
            SignOff { file, envelope, standing, said: Some(said(&read)) }
        }
    }
}

fn said(read: &Read) -> Said {
    let predicate = read.statement.predicate.clone();
    Said {
        role: predicate.role,
        signer: predicate.signer,
        decision: predicate.decision,
        conditions: predicate.conditions,
        acknowledges: predicate.acknowledges,
        statement: predicate.statement,
        issued_at: predicate.issued_at,
        expires_at: predicate.expires_at,
        record: read.statement.record().to_owned(),
        key_kind: read.key.kind.clone(),
        fingerprint: read.key.fingerprint(),
    }
}

/// The checks that an approval must name, because whoever approves accepts them as they are: those that fail, blockers that
/// could not be decided, and those that somebody waived.
pub fn demanded(record: &Record) -> Vec<CheckId> {
    let results = record.judgement.checks.iter().filter(|result| {
        let blocker = record.audit.check(&result.check).is_some_and(|check| check.severity == Severity::Blocker);
        let undecided = matches!(result.status, Status::NoData | Status::Error | Status::Skipped);
        result.status == Status::Fail || (blocker && undecided) || result.waived_by.is_some()
    });
    let mut checks: Vec<CheckId> = results.map(|result| result.check.clone()).collect();
    checks.sort();
    checks
}

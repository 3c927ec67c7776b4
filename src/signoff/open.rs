//! What can be said of an envelope by itself and the record beside it: the steps that need no clock, no key files and no
//! other program. Documents show this much.

use std::collections::{BTreeMap, BTreeSet};

use super::areas;
use super::code::{Code, Refusal};
use super::envelope::{Envelope, pae};
use super::sshsig::{self, Key};
use super::statement::{SUBJECT, Statement};
use super::steps::may_count;
use crate::model::audit::{Severity, SignoffPolicy};
use crate::model::id::CheckId;
use crate::model::judgement::Status;
use crate::model::record::Record;
use crate::model::signoff::{Reach, Said, SignOff, Standing};
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
    /// Earlier records that are known, by their digest: a sign-off for one of them is stale, not false, and where its role
    /// answers for areas that did not change, it is neither.
    pub earlier: &'a BTreeMap<String, Earlier>,
    /// What is wrong with the record or its evidence; then nothing that was signed of it counts.
    pub problem: Option<&'a Finding>,
}

/// What is known of an earlier record.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Earlier {
    /// Its digest alone.
    Named,
    /// It is kept, and not as a record is written: why, a fragment.
    Refused(String),
    /// It is kept, canonical, and says what judging it again gives.
    Kept(Box<Record>),
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

/// Steps 5 and 6: is it about this record, as it is, or about an earlier one with the same to say of the areas of its role?
/// The record that was signed: what remains to be asked is asked of that.
pub(super) fn about<'a>(
    statement: &Statement,
    about: &About<'a>,
    policy: Option<&SignoffPolicy>,
) -> Result<&'a Record, Refusal> {
    let Statement { predicate, subject, .. } = statement;
    if subject.iter().any(|subject| subject.name != SUBJECT) {
        return Err(Refusal::new(Code::SubjectMismatch, format!("it is not about {SUBJECT}")));
    }
    let record = if statement.record() == about.sha256 { about.record } else { earlier(statement, about, policy)? };
    let (run, verdict) = (&record.run.run_id, record.judgement.verdict);
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
    if predicate.policy.digest.sha256 != record.policy_sha256 {
        return Err(Refusal::new(Code::PolicyMismatch, "the signer was shown another audit"));
    }
    Ok(record)
}

/// The earlier record that was signed, where nothing changed since of what concerns the areas of the role.
fn earlier<'a>(
    statement: &Statement,
    about: &About<'a>,
    policy: Option<&SignoffPolicy>,
) -> Result<&'a Record, Refusal> {
    let (signed, role) = (statement.record(), statement.predicate.role.as_str());
    let Some(earlier) = about.earlier.get(signed) else {
        return Err(Refusal::new(Code::SubjectMismatch, format!("it was given for another record, {signed}")));
    };
    let stale = |why: String| Err(Refusal::new(Code::Stale, why));
    let given = format!("it was given for the earlier record {signed}");
    let Some(policy) = policy.filter(|policy| areas::is_by_area(policy, role)) else { return stale(given) };
    match earlier {
        Earlier::Named => stale(format!("{given}, which is not kept here to compare the areas of {role} with")),
        Earlier::Refused(why) => stale(format!("{given}, and what is kept as that is no record: {why}")),
        Earlier::Kept(record) => match areas::changed(policy, role, record, about.record) {
            Some(changed) => stale(format!("{changed} since the earlier record {signed}")),
            None => Ok(record),
        },
    }
}

/// Every envelope beside a record, as documents show it.
pub fn inspect(envelopes: &[Kept], of: &About<'_>) -> Vec<SignOff> {
    let touch = of.record.audit.signoff.as_ref().is_some_and(|policy| policy.require_touch);
    envelopes.iter().map(|kept| shown(kept, read(&kept.name, &kept.bytes, touch), of)).collect()
}

fn shown(kept: &Kept, read: Result<Read, Refusal>, of: &About<'_>) -> SignOff {
    let (file, envelope) = (kept.path(), kept.bytes.clone());
    match read {
        Err(Refusal { code, why }) => {
            let standing = Standing::Refused { code: code.name(), why };
            SignOff { file, envelope, standing, said: None, earlier: None }
        }
        Ok(read) => {
            let policy = of.record.audit.signoff.as_ref();
            let counts = about(&read.statement, of, policy)
                .and_then(|record| may_count(&read.statement.predicate, record, policy, None));
            let reach = if read.statement.record() == of.sha256 { Reach::Record } else { Reach::Areas };
            let standing = match counts {
                // That somebody rejects is no fault of the sign-off: it is what it says.
                Ok(()) | Err(Refusal { code: Code::NotAnApproval, .. }) if read.key.is_delegated() => {
                    Standing::Unproved(reach)
                }
                Ok(()) | Err(Refusal { code: Code::NotAnApproval, .. }) => Standing::Covers(reach),
                Err(Refusal { code: Code::Stale, why }) => Standing::Stale(why),
                Err(Refusal { code, why }) => Standing::Refused { code: code.name(), why },
            };
            SignOff { file, envelope, standing, said: Some(said(&read)), earlier: None }
        }
    }
}

pub(super) fn said(read: &Read) -> Said {
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

/// Were claims alone judged, of an audit that asks more? Then nothing was decided that an approval could approve.
pub fn left_undecided(record: &Record) -> bool {
    record.run.claims_only && !(record.audit.checks.is_empty() && record.audit.conditions.is_empty())
}

/// The checks that an approval must name, because whoever approves accepts them as they are: those that fail, blockers that
/// could not be decided, and those that somebody waived.
pub fn demanded(record: &Record) -> Vec<CheckId> {
    let blockers = record.audit.checks.iter().filter(|check| check.severity == Severity::Blocker);
    let blockers: BTreeSet<&CheckId> = blockers.map(|check| &check.id).collect();
    let results = record.judgement.checks.iter().filter(|result| {
        let blocker = blockers.contains(&result.check);
        result.status == Status::Fail || (blocker && result.status.is_unknown()) || result.waived_by.is_some()
    });
    let mut checks: Vec<CheckId> = results.map(|result| result.check.clone()).collect();
    checks.sort();
    checks
}

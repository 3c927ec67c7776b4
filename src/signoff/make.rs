//! A sign-off being made: the statement that a signer is shown, and its envelope once `ssh-keygen` has signed it.

use super::code::{Code, Refusal};
use super::envelope::{Envelope, pae};
use super::open::{file_name, read};
use super::statement::{PolicyDigest, Predicate, Sha256Digest, Statement};
use super::steps::may_count;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::record::Record;
use crate::model::signoff::{Decision, Name};
use crate::record::signoffs::Kept;

/// What a signer wants to say.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// The role.
    pub role: Name,
    /// The principal of the key.
    pub signer: Name,
    /// The decision.
    pub decision: Decision,
    /// What must be done.
    pub conditions: Vec<String>,
    /// The checks that are accepted as they are.
    pub acknowledges: Vec<CheckId>,
    /// When it is signed.
    pub issued_at: Instant,
    /// Until when it shall hold.
    pub expires_at: Instant,
    /// A sentence of the signer's own.
    pub statement: String,
}

/// A statement, and the bytes that are signed for it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unsigned {
    role: Name,
    payload: Vec<u8>,
}

/// The statement of a wish about a record; refused where it could not count by the record's own policy, because then it is
/// better not signed. A rejection never counts, and is made all the same.
pub fn prepare(record: &Record, sha256: &str, wish: Wish) -> Result<Unsigned, Refusal> {
    let mut acknowledges: Vec<String> = wish.acknowledges.iter().map(ToString::to_string).collect();
    acknowledges.sort();
    acknowledges.dedup();
    let run = &record.run.run_id;
    let run_id = run.parse().map_err(|_| Refusal::new(Code::IdentifierCharset, format!("\"{run}\" is no run id")))?;
    let predicate = Predicate {
        acknowledges,
        conditions: wish.conditions,
        decision: wish.decision,
        expires_at: wish.expires_at,
        issued_at: wish.issued_at,
        policy: PolicyDigest { digest: Sha256Digest { sha256: record.policy_sha256.clone() } },
        role: wish.role.clone(),
        run_id,
        signer: wish.signer,
        statement: wish.statement,
        verdict: record.judgement.verdict,
    };
    match may_count(&predicate, record, record.audit.signoff.as_ref(), Some(predicate.issued_at)) {
        Ok(()) | Err(Refusal { code: Code::NotAnApproval, .. }) => {}
        Err(refusal) => return Err(refusal),
    }
    let payload = Statement::new(predicate, sha256).payload()?;
    Ok(Unsigned { role: wish.role, payload })
}

impl Unsigned {
    /// The bytes to be signed.
    pub fn message(&self) -> Vec<u8> {
        pae(&self.payload)
    }

    /// The envelope with its signature, held to everything that a verifier holds it to. `touch` as the policy demands it.
    pub fn signed(&self, armored: &str, touch: bool) -> Result<Kept, Refusal> {
        let name = file_name(self.role.as_str(), &self.payload);
        let kept = |fingerprint: &str| Kept {
            name: name.clone(),
            bytes: format!("{}\n", Envelope::new(&self.payload, fingerprint, armored).line()).into_bytes(),
        };
        let read = read(&name, &kept("").bytes, touch)?;
        Ok(kept(&read.key.fingerprint()))
    }
}

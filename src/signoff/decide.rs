//! Does a record have the sign-offs it needs? The steps that need the verifier: whose keys count, who may sign for what,
//! what time it is, how many must sign. Without a verifier nothing is called valid.

use schemars::JsonSchema;
use serde::Serialize;

use super::allowed::{AllowedSigners, Belongs, Revoked};
use super::code::{Code, Refusal};
use super::open::{About, Read, about, read, said};
use super::ssh_keygen::{self, SshProblem};
use super::steps::may_count;
use crate::model::audit::{SignoffPolicy, SignoffRole};
use crate::model::instant::Instant;
use crate::model::signoff::people::{self, Approval, Word};
use crate::model::signoff::{Decision, Name, Said};
use crate::record::signoffs::Kept;

/// What the verifier knows. All of it comes from outside the bundle.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    /// Who must sign; `None` where nobody said.
    pub policy: Option<&'a SignoffPolicy>,
    /// Whose keys count.
    pub signers: &'a AllowedSigners,
    /// Which keys count no longer.
    pub revoked: &'a Revoked,
    /// What time it is.
    pub now: Instant,
}

/// How a sign-off came out.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum State {
    /// It passed every step that could be asked.
    Valid,
    /// It was given for an earlier record.
    Stale,
    /// It does not count.
    Refused,
    /// Nobody said whose keys count.
    NotChecked,
}

/// A sign-off that was checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Its file, relative to the bundle.
    pub file: String,
    /// How it came out.
    pub state: State,
    /// The first step that it does not pass.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
    /// Why it does not count, one sentence without a full stop.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
    /// The role; absent, as all that follows, where it could not be trusted far enough to be read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub role: Option<Name>,
    /// Who signed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signer: Option<Name>,
    /// What was decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<Decision>,
    /// On which conditions it approves; left out where there are none.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditions: Vec<String>,
    /// The signer's own words, where there are some.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statement: Option<String>,
    /// When it was signed, by the signer's clock.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issued_at: Option<Instant>,
    /// Until when it holds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expires_at: Option<Instant>,
    /// SHA-256 of the earlier record that it was given for, where it was not this one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub earlier: Option<String>,
    /// Kind of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key_kind: Option<String>,
    /// Fingerprint of the key.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fingerprint: Option<String>,
}

/// What a role has.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct RoleState {
    /// The role.
    pub role: String,
    /// How many people it needs.
    pub needed: u32,
    /// Who counts.
    pub people: Vec<String>,
    /// Who of them approves on conditions; left out where nobody does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub conditional: Vec<String>,
    /// Who rejects, and has not approved since. That takes away no approval but their own; left out where nobody does.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub rejected: Vec<String>,
    /// `THRESHOLD` where too few do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<Code>,
}

/// The sign-offs of a record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct SignOffs {
    /// Does every role have what it needs? `null` where nobody said who must sign.
    pub accepted: Option<bool>,
    /// Each sign-off, by file.
    pub list: Vec<Checked>,
    /// Each role of the verifier's policy.
    pub roles: Vec<RoleState>,
}

impl Checked {
    /// Does it say less than yes, a rejection or an approval on conditions, and is it to be heard as far as could be asked?
    pub fn is_reserved(&self) -> bool {
        let heard = matches!(self.state, State::Valid | State::NotChecked) || self.code == Some(Code::NotAnApproval);
        heard && self.decision.is_some_and(|decision| decision != Decision::Approve)
    }
}

impl SignOffs {
    /// Is there an envelope that is false whoever signed it?
    pub fn has_forgery(&self) -> bool {
        self.list.iter().any(|checked| checked.code.is_some_and(Code::is_forgery))
    }
}

/// Checks every sign-off beside a record. An error is a program that could not be asked.
pub fn decide(envelopes: &[Kept], of: &About<'_>, verifier: Option<&Verifier<'_>>) -> Result<SignOffs, SshProblem> {
    let policy = verifier.and_then(|verifier| verifier.policy);
    let touch = policy.or(of.record.audit.signoff.as_ref()).is_some_and(|policy| policy.require_touch);
    let mut list = Vec::new();
    // The approvals that passed, by the place of their sign-off in the list; and the rejections that would have.
    let mut passed: Vec<(usize, Read)> = Vec::new();
    let mut rejections: Vec<Read> = Vec::new();
    for kept in envelopes {
        let opened = read(&kept.name, &kept.bytes, touch);
        let outcome = match &opened {
            Err(refusal) => Err(refusal.clone()),
            Ok(read) => steps(read, of, verifier)?,
        };
        let said = opened.as_ref().ok().map(said);
        let checked = checked(kept.path(), said, &outcome, verifier.is_some(), of.sha256);
        match (opened, outcome) {
            (Ok(read), Ok(())) => passed.push((list.len(), read)),
            (Ok(read), Err(refusal)) if refusal.code == Code::NotAnApproval => rejections.push(read),
            _ => {}
        }
        list.push(checked);
    }
    withdraw(&mut passed, &rejections, policy, of.sha256, &mut list);
    let Some(policy) = policy else { return Ok(SignOffs { accepted: None, list, roles: Vec::new() }) };
    // Whoever signed this record and an earlier one counts by what they signed of this one.
    passed.sort_by_key(|(place, read)| {
        (read.statement.record() != of.sha256, read.statement.predicate.issued_at, *place)
    });
    let roles = roles(policy, &passed, &rejections, &mut list);
    Ok(SignOffs { accepted: Some(roles.iter().all(|role| role.code.is_none())), list, roles })
}

/// Steps 5 to 10 for one envelope that was read.
fn steps(read: &Read, of: &About<'_>, verifier: Option<&Verifier<'_>>) -> Result<Result<(), Refusal>, SshProblem> {
    let policy = verifier.and_then(|verifier| verifier.policy);
    let record = match about(&read.statement, of, policy.or(of.record.audit.signoff.as_ref())) {
        Ok(record) => record,
        Err(refusal) => return Ok(Err(refusal)),
    };
    let Some(verifier) = verifier else { return Ok(Ok(())) };
    if let Err(refusal) = whose(read, verifier)? {
        return Ok(Err(refusal));
    }
    Ok(may_count(&read.statement.predicate, record, policy, Some(verifier.now)))
}

/// Step 7: the key is the signer's, for sign-offs, then, and was not revoked.
fn whose(read: &Read, verifier: &Verifier<'_>) -> Result<Result<(), Refusal>, SshProblem> {
    let (key, signer, at) = (&read.key, &read.statement.predicate.signer, read.statement.predicate.issued_at);
    let print = key.fingerprint();
    let refuse = |code, why: String| Ok(Err(Refusal::new(code, why)));
    if key.is_delegated() {
        if !ssh_keygen::is_signature(&read.armored, &read.message)? {
            return refuse(Code::BadSignature, "the signature is not that of its key over this statement".to_owned());
        }
        let (allowed, revoked) = (&verifier.signers.file, &verifier.revoked.file);
        if !ssh_keygen::is_signers(&read.armored, &read.message, signer, at, allowed, revoked)? {
            let why =
                format!("`ssh-keygen` does not take the key {print} for one of {signer}'s, valid then and not revoked");
            return refuse(Code::SignerUnknown, why);
        }
        return Ok(Ok(()));
    }
    let belongs = verifier.signers.belongs(key, signer, at);
    match belongs {
        Belongs::Nobodys => return refuse(Code::SignerUnknown, format!("nobody you allow has the key {print}")),
        Belongs::Anothers => return refuse(Code::SignerKeyMismatch, format!("the key {print} is not {signer}'s")),
        Belongs::Yes | Belongs::AtAnotherTime => {}
    }
    let revoked = match verifier.revoked.has(key) {
        Some(revoked) => revoked,
        None => ssh_keygen::is_revoked(&verifier.revoked.file, key)?,
    };
    if revoked {
        return refuse(Code::KeyRevoked, format!("the key {print} was revoked"));
    }
    if belongs == Belongs::AtAnotherTime {
        return refuse(Code::KeyNotValidAt, format!("the key {print} was not valid at {at}"));
    }
    Ok(Ok(()))
}

fn checked(
    file: String,
    said: Option<Said>,
    outcome: &Result<(), Refusal>,
    by_verifier: bool,
    sha256: &str,
) -> Checked {
    let refusal = outcome.as_ref().err();
    let state = match refusal.map(|refusal| refusal.code) {
        Some(Code::Stale) => State::Stale,
        Some(_) => State::Refused,
        None if by_verifier => State::Valid,
        None => State::NotChecked,
    };
    let of = |get: fn(&Said) -> String| said.as_ref().map(get);
    Checked {
        file,
        state,
        code: refusal.map(|refusal| refusal.code),
        why: refusal.map(|refusal| refusal.why.clone()),
        key_kind: of(|said| said.key_kind.clone()),
        fingerprint: of(|said| said.fingerprint.clone()),
        role: said.as_ref().map(|said| said.role.clone()),
        signer: said.as_ref().map(|said| said.signer.clone()),
        decision: said.as_ref().map(|said| said.decision),
        conditions: said.as_ref().map(|said| said.conditions.clone()).unwrap_or_default(),
        statement: of(|said| said.statement.clone()).filter(|statement| !statement.is_empty()),
        issued_at: said.as_ref().map(|said| said.issued_at),
        expires_at: said.as_ref().map(|said| said.expires_at),
        earlier: said.map(|said| said.record).filter(|signed| signed != sha256),
    }
}

/// Whoever rejected a record in a role after they had approved it there, or an earlier one that still counts, approves it no
/// longer. `sha256` is the record's.
fn withdraw(
    passed: &mut Vec<(usize, Read)>,
    rejections: &[Read],
    policy: Option<&SignoffPolicy>,
    sha256: &str,
    list: &mut [Checked],
) {
    passed.retain(|(place, approval)| {
        let given = word(approval, policy, sha256);
        let since = rejections.iter().find(|rejection| word(rejection, policy, sha256).takes_back(&given));
        let Some(rejection) = since else { return true };
        let no = &rejection.statement.predicate;
        list[*place].state = State::Refused;
        list[*place].code = Some(Code::Withdrawn);
        list[*place].why = Some(format!("{} rejected it at {}", no.signer, no.issued_at));
        false
    });
}

fn word<'a>(read: &'a Read, policy: Option<&'a SignoffPolicy>, sha256: &str) -> Word<'a> {
    let (predicate, record) = (&read.statement.predicate, read.statement.record());
    let signer = predicate.signer.as_str();
    Word {
        role: predicate.role.as_str(),
        person: policy.and_then(|policy| people::person(policy, signer)).unwrap_or(signer),
        at: predicate.issued_at,
        record,
        is_this: record == sha256,
    }
}

/// Step 11, and the part of step 8 that needs to know who else has signed: how many people does each role have?
fn roles(
    policy: &SignoffPolicy,
    passed: &[(usize, Read)],
    rejections: &[Read],
    list: &mut [Checked],
) -> Vec<RoleState> {
    let approvals: Vec<Approval<'_>> = passed
        .iter()
        .map(|(_, read)| {
            let predicate = &read.statement.predicate;
            // Whoever passed step 8 is somebody.
            let person = people::person(policy, predicate.signer.as_str()).unwrap_or_default();
            Approval { role: predicate.role.as_str(), person }
        })
        .collect();
    let counted = people::counted(policy, &approvals);
    let counts = |role: &str, index: usize| counted.get(role).is_some_and(|counted| counted.contains(&index));
    for (index, ((place, _), approval)) in passed.iter().zip(&approvals).enumerate() {
        let elsewhere = counted.iter().find(|(role, counted)| {
            let same = counted.iter().any(|other| *other != index && approvals[*other].person == approval.person);
            let told = match policy.distinct.as_str() {
                people::ACROSS_ROLES => true,
                people::WITHIN_ROLE => role.as_str() == approval.role,
                _ => false,
            };
            same && told
        });
        if let Some((role, _)) = elsewhere.filter(|_| !counts(approval.role, index)) {
            list[*place].state = State::Refused;
            list[*place].code = Some(Code::NotDistinct);
            list[*place].why = Some(format!("{} counts already, as {role}", approval.person));
        }
    }
    let said = people::last_words(passed.iter().map(|(_, read)| read).chain(rejections).map(|read| {
        let predicate = &read.statement.predicate;
        let person = people::person(policy, predicate.signer.as_str()).unwrap_or_default();
        (predicate.role.as_str(), person, predicate.issued_at, predicate.decision)
    }));
    let of_role = |(name, role): (&String, &SignoffRole)| {
        let indices = counted.get(name).map(Vec::as_slice).unwrap_or_default();
        let people: Vec<String> = indices.iter().map(|index| approvals[*index].person.to_owned()).collect();
        let short = (people.len() as u64) < u64::from(role.threshold.max(1));
        let words = said.get(name.as_str());
        let whose = |wanted: Decision| {
            let words = words.into_iter().flatten().filter(move |(_, (_, decision))| *decision == wanted);
            words.map(|(person, _)| (*person).to_owned())
        };
        RoleState {
            role: name.clone(),
            needed: role.threshold,
            conditional: whose(Decision::ApproveWithConditions).filter(|person| people.contains(person)).collect(),
            rejected: whose(Decision::Reject).collect(),
            people,
            code: short.then_some(Code::Threshold),
        }
    };
    policy.roles.iter().map(of_role).collect()
}

#[cfg(test)]
mod tests;

//! What a verifier expects of a record besides that it is whole: its commit, its age, who must sign.

use std::collections::BTreeMap;

use super::Policy;
use crate::model::fact::{Fact, Value};
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::record::{Record, Sight};
use crate::record::bundle::RECORD;
use crate::record::verify::{Code, Finding};
use crate::signoff::decide::State;
use crate::signoff::{Earlier, SignOffs};

/// Every commit that the record names, declared or measured, must be the expected one.
pub(super) fn commit_mismatch(record: &Record, expected: &str) -> Option<Finding> {
    let finding = |text: String| Some(Finding::new(Code::CommitMismatch, RECORD, text));
    let checks = record.audit.by_id();
    let measured = record.observations.iter().filter_map(|seen| {
        let check = checks.get(&seen.check).filter(|check| check.kind == "git")?;
        let Sight::Measured(facts) = &seen.sight else { return None };
        match facts.facts.get("commit") {
            Some(Fact::Present(Value::Text(commit))) => Some((check.id.to_string(), commit.clone())),
            _ => None,
        }
    });
    let declared = record.audit.subject.commit.iter().map(|commit| ("the subject".to_owned(), commit.clone()));
    let mut commits = declared.chain(measured).peekable();
    if commits.peek().is_none() {
        return finding(format!("it names no commit, and {expected} was expected"));
    }
    let other = commits.find(|(_, commit)| commit != expected)?;
    finding(format!("{} is of commit {}, and {expected} was expected", other.0, format::shortened(&other.1, 64)))
}

/// A record may be this many seconds old.
pub(super) fn too_old(record: &Record, most: u64, now: Instant) -> Option<Finding> {
    // What was put together of several runs is as old as the oldest of them.
    let oldest_part = record.parts.iter().map(|part| part.finished_at).min();
    let judged = record.run.finished_at;
    let (seen, what) = match oldest_part.filter(|part| *part < judged) {
        Some(part) => (part, "a part of it was measured until"),
        None => (judged, "it was judged at"),
    };
    let told = || Finding::new(Code::RecordTooOld, RECORD, format!("{what} {seen}, and it is {now}"));
    is_older(seen, most, now).then(told)
}

fn is_older(judged: Instant, most: u64, now: Instant) -> bool {
    now.seconds_since(judged) > i64::try_from(most).unwrap_or(i64::MAX)
}

/// Where nobody signed this very record, the times of its run are in no signed record either: a sign-off for areas says nothing
/// of them. What was seen of these areas is then as old as what was signed, and the oldest decides.
pub(super) fn signed_too_long_ago(
    signed: &SignOffs,
    earlier: &BTreeMap<String, Earlier>,
    most: u64,
    now: Instant,
) -> Option<Finding> {
    let valid = || signed.list.iter().filter(|signoff| signoff.state == State::Valid);
    if valid().any(|signoff| signoff.earlier.is_none()) {
        return None;
    }
    let of_record = |sha256: &String| match earlier.get(sha256) {
        Some(Earlier::Kept(record)) => Some(record.run.finished_at),
        _ => None,
    };
    let oldest = valid().filter_map(|signoff| signoff.earlier.as_ref()).filter_map(of_record).min()?;
    is_older(oldest, most, now).then(|| {
        let text = format!(
            "nobody signed it; of the records that were signed, the oldest was judged at {oldest}, and it is {now}"
        );
        Finding::new(Code::RecordTooOld, RECORD, text)
    })
}

/// The verifier's policy must be the one in the record, and the audit the whole audit where that was given.
pub(super) fn policy_mismatch(record: &Record, policy: &Policy) -> Option<Finding> {
    let differs = |text: &str| Some(Finding::new(Code::PolicyMismatch, RECORD, text));
    if policy.audit_sha256.as_ref().is_some_and(|sha256| *sha256 != record.policy_sha256) {
        return differs("it was made with another audit file than the one that you gave");
    }
    if record.audit.signoff.as_ref() == Some(&policy.signoff) {
        return None;
    }
    differs("who must sign is another in it than in the policy that you gave")
}

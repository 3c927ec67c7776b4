//! May a sign-off count, by what the record and a policy say? The steps after the key is known to be the signer's.

use super::code::{Code, Refusal};
use super::open::{demanded, left_undecided};
use super::statement::Predicate;
use crate::model::audit::SignoffPolicy;
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::record::Record;
use crate::model::signoff::people;

/// Clocks differ by this many seconds at most.
const CLOCK_SKEW: i64 = 5 * 60;

/// Steps 8 to 10. Where nobody said who must sign, roles are not asked; without a clock, neither is the time.
pub(super) fn may_count(
    predicate: &Predicate,
    record: &Record,
    policy: Option<&SignoffPolicy>,
    now: Option<Instant>,
) -> Result<(), Refusal> {
    policy.map_or(Ok(()), |policy| role(predicate, record, policy))?;
    time(predicate, record, policy, now)?;
    accepts(predicate, record)
}

/// Step 8: the person has the role, and does not approve an audit of their own. Anybody may say no to what they wrote.
fn role(predicate: &Predicate, record: &Record, policy: &SignoffPolicy) -> Result<(), Refusal> {
    let (role, signer) = (predicate.role.as_str(), predicate.signer.as_str());
    let person = people::person(policy, signer);
    let member = policy.roles.contains_key(role) && people::principals(policy, role).contains(&signer);
    let Some(person) = person.filter(|_| member) else {
        return Err(Refusal::new(Code::RoleNotAllowed, format!("{signer} may not sign as {role}")));
    };
    if policy.author_may_approve || !predicate.decision.is_approval() {
        return Ok(());
    }
    match &record.audit.auditor {
        Some(auditor) if !people::is_auditor(policy, person, &auditor.name) => Ok(()),
        Some(_) => Err(Refusal::new(Code::AuthorCannotApprove, format!("{signer} is the auditor"))),
        None => {
            let why = format!("the audit names no auditor, so it cannot be said that {signer} did not write it");
            Err(Refusal::new(Code::AuthorCannotApprove, why))
        }
    }
}

/// Step 9: signed after the run, not in the future, not past its time, not for longer than may be.
/// Without a clock, what only a clock can tell is left out.
fn time(
    predicate: &Predicate,
    record: &Record,
    policy: Option<&SignoffPolicy>,
    now: Option<Instant>,
) -> Result<(), Refusal> {
    let (issued, expires, finished) = (predicate.issued_at, predicate.expires_at, record.run.finished_at);
    if issued.seconds_since(finished) < -CLOCK_SKEW {
        let why = format!("it was signed at {issued}, before the run ended at {finished}");
        return Err(Refusal::new(Code::BeforeRun, why));
    }
    if let Some(now) = now.filter(|now| issued.seconds_since(*now) > CLOCK_SKEW) {
        return Err(Refusal::new(Code::IssuedInFuture, format!("it was signed at {issued}, and it is {now}")));
    }
    if now.is_some_and(|now| now > expires) {
        return Err(Refusal::new(Code::Expired, format!("it held until {expires}")));
    }
    let lifetime = expires.seconds_since(issued);
    match policy.and_then(|policy| policy.max_age) {
        Some(most) if lifetime > i64::try_from(most).unwrap_or(i64::MAX) => {
            let days = |seconds: i64| format::duration(&Number::from(seconds));
            let why =
                format!("it holds for {}, and {} is the most", days(lifetime), format::duration(&Number::from(most)));
            Err(Refusal::new(Code::LifetimeTooLong, why))
        }
        _ => Ok(()),
    }
}

/// Step 10: it approves, there is something to approve, and it names what an approval must name.
fn accepts(predicate: &Predicate, record: &Record) -> Result<(), Refusal> {
    if !predicate.decision.is_approval() {
        return Err(Refusal::new(Code::NotAnApproval, format!("{} rejects", predicate.signer)));
    }
    if left_undecided(record) {
        let why = "only claims were judged, and the audit asks more than they say";
        return Err(Refusal::new(Code::ClaimsAlone, why));
    }
    let missing: Vec<String> = demanded(record).iter().map(ToString::to_string).collect();
    let missing: Vec<&String> = missing.iter().filter(|check| !predicate.acknowledges.contains(check)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    Err(Refusal::new(Code::NotAcknowledged, format!("it does not name {}", format::and_list(&missing))))
}

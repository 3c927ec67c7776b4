//! What has lapsed since a record was judged. A record stays what it was; whoever acts by it later acts at another time.

use crate::judge::{self, Seen};
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::judgement::{ConditionOrigin, ConditionProgress, Verdict, WaiverProgress};
use crate::model::record::Record;

/// Waivers in use that have ended by now, and open conditions that are overdue by now and were not: clauses.
pub fn lapsed(record: &Record, now: Instant) -> Vec<String> {
    let judgement = &record.judgement;
    let waivers = record.audit.waivers.iter().zip(&judgement.waivers).filter_map(|(waiver, state)| {
        let ended = state.progress == WaiverProgress::InUse && now > waiver.until.end();
        ended.then(|| format!("the waiver of {} ended, {}", waiver.check, format::stamp(waiver.until, "UTC")))
    });
    let conditions = judgement.conditions.iter().filter_map(|condition| {
        let due = condition.due.filter(|due| now > due.end())?;
        let open = condition.progress == ConditionProgress::Open && condition.origin == ConditionOrigin::File;
        open.then(|| format!("the open condition {} was due, {}", condition.id, format::stamp(due, "UTC")))
    });
    waivers.chain(conditions).collect()
}

/// The verdict of a record for whoever acts by it now: what was recorded, or what the same observations give by the time of
/// now, whichever is worse. A waiver that begins later makes nothing better.
pub fn verdict_at(record: &Record, now: Instant) -> Verdict {
    let recorded = record.judgement.verdict;
    if lapsed(record, now).is_empty() {
        return recorded;
    }
    let again = judge::judge(&record.audit, Seen { now, ..Seen::of(record) }).verdict;
    if worse(again) > worse(recorded) { again } else { recorded }
}

const fn worse(verdict: Verdict) -> u8 {
    match verdict {
        Verdict::Approved => 0,
        Verdict::ApprovedWithConditions => 1,
        Verdict::Undetermined => 2,
        Verdict::Rejected => 3,
    }
}

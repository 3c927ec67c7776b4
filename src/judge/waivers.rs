//! Waivers: which are in force, and for what. A waiver changes no status and no raw score.

use std::collections::HashMap;

use crate::model::audit::{Audit, Check, Waiver};
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, Status, WaiverProgress, WaiverState};

/// The state of each waiver, in the order of the audit; notes on each check the first waiver in use for it.
///
/// A plain date counts from its first second where a waiver begins, and to its last where it ends.
pub(super) fn states(audit: &Audit, checks: &mut [CheckResult], now: Instant) -> Vec<WaiverState> {
    let place: HashMap<_, _> = audit.checks.iter().enumerate().map(|(at, check)| (&check.id, at)).collect();
    let mut states = Vec::with_capacity(audit.waivers.len());
    for (number, waiver) in (0_u32..).zip(&audit.waivers) {
        let known = place.get(&waiver.check).and_then(|at| Some((audit.checks.get(*at)?, checks.get_mut(*at)?)));
        let progress = progress(waiver, known.as_ref().is_some_and(|(check, result)| is_open(check, result)), now);
        if let (WaiverProgress::InUse, Some((_, result))) = (progress, known) {
            result.waived_by.get_or_insert(number);
        }
        states.push(WaiverState { check: waiver.check.clone(), progress });
    }
    states
}

fn is_open(check: &Check, result: &CheckResult) -> bool {
    result.is_scored(check) && result.status != Status::Pass
}

fn progress(waiver: &Waiver, is_open: bool, now: Instant) -> WaiverProgress {
    if now > waiver.until.end() {
        return WaiverProgress::Expired;
    }
    if now < waiver.approved.at {
        return WaiverProgress::NotYetValid;
    }
    if is_open { WaiverProgress::InUse } else { WaiverProgress::Unused }
}

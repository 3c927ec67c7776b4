//! Measuring: every check by its own probe, at once where nothing stands in the way.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::sync::watch;
use tokio::task::{Id, JoinSet};
use tokio_util::sync::CancellationToken;

use super::Progress;
use crate::judge::{self, Seen};
use crate::model::audit::{Audit, Severity};
use crate::model::fact::Unmeasurable;
use crate::model::format;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::quote::Places;
use crate::model::record::{Baseline, Observation, Sight, SkipReason};
use crate::plan::Plan;
use crate::probe::registry::Probe;
use crate::record::{self, RecordProblem};
use crate::witness::{PerCheck, Session};

/// Of a run that is to end, how long a check may go on reading what was answered before. Whoever asks a run to end kills it
/// when it takes too long, and with it all that was measured.
const LAST_LOOK: Duration = Duration::from_secs(1);
/// How much of the record one check may take: an eighth of what is read again.
const MOST_BYTES: usize = record::MAX_BYTES / 8;

/// What is known before anything is measured: enough to say whether a check passed that others wait for.
#[derive(Debug, Clone, Copy)]
pub(super) struct Known<'a> {
    pub(super) now: Instant,
    pub(super) places: &'a Places,
    pub(super) baseline: Option<&'a Baseline>,
    /// Is it a gate that watches its stage, and ends with the first condition that takes the stage back?
    pub(super) watching: bool,
}

/// What was measured.
pub(super) struct Measured {
    /// What every check saw, in the order of the audit, as it will stand in the record.
    pub(super) observations: Vec<Observation>,
    /// The canonical bytes of each of them.
    pub(super) written: Vec<Vec<u8>>,
    /// Did the gate of a stage end it, because one thing that takes the stage back is enough?
    pub(super) decided: bool,
}

/// Measures every check, those that hang on others after them. Results come in the order of the audit.
pub(super) async fn measure(
    plan: &Arc<Plan>,
    session: &Session,
    skips: BTreeMap<CheckId, SkipReason>,
    known: Known<'_>,
    progress: Progress,
) -> Result<Measured, RecordProblem> {
    let watching = known.watching;
    let now = known.now;
    let decided = Arc::new(AtomicBool::new(false));
    let quoted = Arc::new(known.places.clone());
    let baseline = known.baseline.cloned().map(Arc::new);
    let audit = &plan.audit;
    let session = Arc::new(session.clone());
    let needed: BTreeSet<&CheckId> = audit.checks.iter().flat_map(|check| &check.depends_on).collect();
    let passed: Arc<BTreeMap<CheckId, watch::Sender<Option<bool>>>> =
        Arc::new(needed.into_iter().map(|id| (id.clone(), watch::Sender::new(None))).collect());
    let skips: BTreeMap<CheckId, Sight> = skips.into_iter().map(|(check, why)| (check, Sight::Skipped(why))).collect();
    let skips = Arc::new(skips);
    let mut tasks = JoinSet::new();
    let mut places = BTreeMap::new();
    for index in 0..audit.checks.len() {
        let (plan, session, passed) = (Arc::clone(plan), session.clone(), passed.clone());
        let (quoted, baseline) = (quoted.clone(), baseline.clone());
        let (skips, decided) = (Arc::clone(&skips), Arc::clone(&decided));
        let task = tasks.spawn(async move {
            let audit = &plan.audit;
            let check = &audit.checks[index];
            let probe = plan.probes.get(&check.id);
            let patience = plan.per_check.get(&check.id).copied().unwrap_or_default();
            let limits = PerCheck { timeout: patience.timeout, retries: patience.retries };
            let observation = match stands_in_the_way(audit, index, &skips, &passed).await {
                Some(sight) => Observation { check: check.id.clone(), sight, exchanges: Vec::new() },
                None => look(&check.id, probe, &session, limits, &decided).await,
            };
            // Here, because here all cores do it.
            let (observation, written) = recorded(observation, MOST_BYTES)?;
            let baseline = baseline.as_deref();
            let seen = Seen { observations: &[], places: &quoted, baseline, now, claims_only: false };
            if let Some(sender) = passed.get(&check.id) {
                sender.send_replace(Some(judge::passes(audit, check, &observation, seen)));
            }
            let decides = watching && audit.gate.is_some() && check.severity == Severity::Blocker;
            if decides && judge::fails(audit, check, &observation, seen) {
                decided.store(true, Ordering::Relaxed);
                session.cancel_token().cancel();
            }
            Ok((observation, written))
        });
        places.insert(task.id(), index);
    }
    // As a task of its own: whoever waits here would be woken from outside of the runtime for every check.
    match tokio::spawn(collect(tasks, places, Arc::clone(plan), passed, progress)).await {
        Ok(seen) => {
            let (observations, written) = seen?.into_iter().unzip();
            Ok(Measured { observations, written, decided: decided.load(Ordering::Relaxed) })
        }
        Err(error) => std::panic::resume_unwind(error.into_panic()),
    }
}

/// What a check saw, as it will stand in the record, and the canonical bytes of it.
type Seeing = (Observation, Vec<u8>);

/// What a check saw, as it will stand in the record, unless that is so large that nobody could read the record again: all
/// other checks would be lost with it.
fn recorded(observation: Observation, most: usize) -> Result<Seeing, RecordProblem> {
    let (observation, written) = record::clean_with_bytes(observation)?;
    if written.len() <= most {
        return Ok((observation, written));
    }
    let size = |bytes: usize| format::bytes(&Number::from(bytes));
    let reason = format!(
        "what it found takes {} of the record, and more than {} of one check are not kept",
        size(written.len()),
        size(most)
    );
    let too_much = Unmeasurable::new(reason, "Let it find less, such as a count in place of a list.");
    record::clean_with_bytes(Observation { sight: Sight::Unmeasurable(too_much), ..observation })
}

/// Takes in what the checks saw, as they end; in the order of the audit.
async fn collect(
    mut tasks: JoinSet<Result<Seeing, RecordProblem>>,
    places: BTreeMap<Id, usize>,
    plan: Arc<Plan>,
    passed: Arc<BTreeMap<CheckId, watch::Sender<Option<bool>>>>,
    progress: Progress,
) -> Result<Vec<Seeing>, RecordProblem> {
    let total = plan.audit.checks.len();
    let mut seen: Vec<Option<Seeing>> = vec![None; total];
    let mut done = 0;
    while let Some(joined) = tasks.join_next_with_id().await {
        let (index, (observation, bytes)) = match joined {
            Ok((id, seeing)) => (places[&id], seeing?),
            Err(error) => {
                let index = places[&error.id()];
                let check = plan.audit.checks[index].id.clone();
                // Whoever waits for it must not wait for ever.
                if let Some(sender) = passed.get(&check) {
                    sender.send_replace(Some(false));
                }
                let broken =
                    Unmeasurable::new("the probe broke off", "This is a bug in countersign: please report it.");
                let observation = Observation { check, sight: Sight::Unmeasurable(broken), exchanges: Vec::new() };
                (index, record::clean_with_bytes(observation)?)
            }
        };
        done += 1;
        progress(done, total, &observation.check);
        seen[index] = Some((observation, bytes));
    }
    Ok(seen.into_iter().flatten().collect())
}

/// Why a check is not measured, if it is not. Waits for the checks it hangs on.
async fn stands_in_the_way(
    audit: &Audit,
    index: usize,
    skips: &BTreeMap<CheckId, Sight>,
    passed: &BTreeMap<CheckId, watch::Sender<Option<bool>>>,
) -> Option<Sight> {
    let check = &audit.checks[index];
    if let Some(reason) = &check.not_applicable {
        return Some(Sight::NotApplicable(reason.clone()));
    }
    if let Some(skipped) = skips.get(&check.id) {
        return Some(skipped.clone());
    }
    for dependency in &check.depends_on {
        let Some(sender) = passed.get(dependency) else { continue };
        let mut receiver = sender.subscribe();
        let settled = receiver.wait_for(Option::is_some).await.is_ok_and(|state| *state == Some(true));
        if !settled {
            let left_out = skips.get(dependency).is_some_and(Sight::is_left_out);
            let of = dependency.clone();
            let why = if left_out { SkipReason::NotKnown(of) } else { SkipReason::DidNotPass(of) };
            return Some(Sight::Skipped(why));
        }
    }
    None
}

/// The run was to end, and so was whoever still looks.
async fn too_late(token: &CancellationToken) {
    token.cancelled().await;
    tokio::time::sleep(LAST_LOOK).await;
}

async fn look(
    check: &CheckId,
    probe: Option<&Arc<Probe>>,
    session: &Session,
    limits: PerCheck,
    decided: &AtomicBool,
) -> Observation {
    let token = session.cancel_token();
    let ended = || {
        let decided = decided.load(Ordering::Relaxed);
        Sight::Skipped(if decided { SkipReason::TakenBack } else { SkipReason::Interrupted })
    };
    if token.is_cancelled() {
        return Observation { check: check.clone(), sight: ended(), exchanges: Vec::new() };
    }
    let witness = session.witness(check, limits);
    let mut sight = match probe {
        None => Sight::Skipped(SkipReason::NotMeasured),
        // What measures has a state of kilobytes, and each of the layers around it would make room for it twice.
        Some(probe) => tokio::select! {
            biased;
            measured = session.within(Box::pin(probe.measure(&witness))) => match (measured, witness.not_allowed()) {
                (Err(_), _) if token.is_cancelled() => ended(),
                (_, Some(not_allowed)) => Sight::Unmeasurable(not_allowed),
                (Ok(facts), None) => Sight::Measured(facts),
                (Err(unmeasurable), None) => Sight::Unmeasurable(unmeasurable),
            },
            () = too_late(&token) => ended(),
        },
    };
    session.redact(&mut sight);
    let exchanges = if matches!(sight, Sight::Skipped(_)) { Vec::new() } else { witness.into_exchanges() };
    Observation { check: check.clone(), sight, exchanges }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::fact::{Fact, Facts, Value};

    #[test]
    fn what_fills_the_record_alone_is_not_kept() {
        let facts = [("list".to_owned(), Fact::Present(Value::List(vec!["0123456789".to_owned(); 500])))].into();
        let sight = Sight::Measured(Facts { facts, ..Facts::default() });
        let seen = Observation { check: "db/users".parse().unwrap(), sight, exchanges: Vec::new() };
        let (kept, written) = recorded(seen.clone(), 8 << 10).unwrap();
        assert_eq!((&kept, written.len()), (&seen, record::to_bytes(&seen).unwrap().len()));

        let (refused, written) = recorded(seen, 4 << 10).unwrap();
        let Sight::Unmeasurable(why) = &refused.sight else { panic!("{refused:?}") };
        let told = "what it found takes 6.4 KiB of the record, and more than 4 KiB of one check are not kept";
        assert_eq!(why.reason, told);
        assert_eq!(written, record::to_bytes(&refused).unwrap());
    }
}

//! A whole audit on one page: load, measure, judge, record, render.
//!
//! Order and wiring only. What each step does lives in its own layer.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use tokio::sync::watch;
use tokio::task::JoinSet;
use uuid::{NoContext, Timestamp, Uuid};

use crate::judge::{self, Seen};
use crate::model::audit::Audit;
use crate::model::evidence::Blob;
use crate::model::fact::Unmeasurable;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::quote::Places;
use crate::model::record::{Baseline, Observation, Record, RunContext, SCHEMA, Sight};
use crate::plan::problem::Problems;
use crate::plan::{self, Plan};
use crate::probe::registry::Probe;
use crate::record::bundle::{RECORD, read_evidence};
use crate::record::{self, Bundle, BundleProblem, RecordProblem, Staging};
use crate::report::{self, Evidence, ReportProblem, Templates};
use crate::witness::{LiveOptions, PerCheck, ReplayOptions, Session, SessionProblem, clock};

/// The reason of a check that Ctrl-C left unmeasured.
pub const INTERRUPTED: &str = "interrupted";
/// The reason of a check that `--only` left out.
pub const NOT_SELECTED: &str = "not selected by --only";
/// How much of a piece of evidence a document shows.
const EXCERPT: u64 = 4 << 10;
/// How many of them are kept for the next check.
const EXCERPTS: usize = 1_000;

/// Where answers come from.
pub enum Source {
    /// From the systems themselves.
    Live(Box<LiveOptions>),
    /// From the evidence of an earlier bundle.
    Replay(Box<Bundle>),
}

/// What a run needs beside the plan.
pub struct Options {
    /// Where answers come from.
    pub source: Source,
    /// Where the bundle goes; `None` for `audits/<audit>/<run>`.
    pub to: Option<PathBuf>,
    /// Areas (`monitoring`) and checks (`monitoring/services-up`) to measure; empty for all.
    pub only: Vec<String>,
    /// Templates of the documents.
    pub templates: Templates,
    /// SHA-256 of the record before this one.
    pub previous: Option<String>,
    /// The earlier run that relative conditions are held against; a replay takes the recorded one when there is none.
    pub baseline: Option<Box<Bundle>>,
}

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// Where the bundle stands.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// SHA-256 of its bytes.
    pub sha256: String,
}

/// Why an audit could not run.
#[derive(Debug, thiserror::Error)]
pub enum AuditProblem {
    /// The audit file is wrong.
    #[error("the audit file is not valid")]
    Plan(#[from] Problems),
    /// The bundle could not be read or written.
    #[error(transparent)]
    Bundle(#[from] BundleProblem),
    /// The record could not be made.
    #[error(transparent)]
    Record(#[from] RecordProblem),
    /// The door could not be opened.
    #[error(transparent)]
    Session(#[from] SessionProblem),
    /// A document could not be rendered.
    #[error(transparent)]
    Report(#[from] ReportProblem),
    /// `--only` names nothing.
    #[error("--only \"{0}\" names no area and no check of this audit")]
    OnlyNothing(String),
}

/// Told about progress: how many checks are done, of how many, and the one that ended last.
pub type Progress<'a> = &'a (dyn Fn(usize, usize, &CheckId) + Sync);

/// Loads the audit file at `path`.
pub fn load(path: &Path) -> Result<Plan, AuditProblem> {
    Ok(plan::load(path, &|name| plan::environment(name))?)
}

/// Measures, judges, records and renders. `stop` is called with the token that ends the run early.
pub async fn run(
    plan: Plan,
    options: Options,
    progress: Progress<'_>,
    stop: impl FnOnce(tokio_util::sync::CancellationToken),
) -> Result<Finished, AuditProblem> {
    let (audit, bytes): (Audit, _) = record::clean(&plan.audit)?;
    let policy_sha256 = record::sha256(&bytes);
    drop(bytes);
    let selected = select(&audit, &options.only)?;
    let baseline = baseline_of(&audit, &options)?;
    let (mut run, replayed_from) = begin(&options.source, &policy_sha256, baseline.as_ref());
    let target = options.to.unwrap_or_else(|| default_place(&audit, &run));
    let staging = Staging::create(&target)?;

    let skips = skips(&audit, &options.source, &selected);
    let live = matches!(options.source, Source::Live(_));
    let session = open(options.source, staging.evidence())?;
    stop(session.cancel_token());
    let observations = measure(&plan, &audit, &session, skips, run.started_at, baseline.as_ref(), progress).await;
    if live {
        run.finished_at = clock::now();
        run.interrupted = session.cancel_token().is_cancelled();
    }

    let (observations, _): (Vec<Observation>, _) = record::clean(&observations)?;
    let places = Places::new();
    let seen = Seen {
        observations: &observations,
        places: &places,
        baseline: baseline.as_ref(),
        now: run.finished_at,
        claims_only: run.claims_only,
    };
    let judgement = judge::judge(&audit, seen);
    let record = Record {
        schema: SCHEMA.to_owned(),
        run,
        policy_sha256,
        audit,
        observations,
        documents: Vec::new(),
        places,
        baseline,
        judgement,
        previous: options.previous,
        replayed_from,
    };
    let bytes = record::to_bytes(&record)?;
    let sha256 = record::sha256(&bytes);
    let documents = documents(&record, &bytes, &sha256, &staging.evidence(), &options.templates)?;
    let mut files: Vec<(&str, &[u8])> = vec![(RECORD, &bytes)];
    files.extend(documents.iter().map(|(name, text)| (*name, text.as_bytes())));
    let directory = staging.commit(&files)?;
    Ok(Finished { directory, record, sha256 })
}

/// The documents of a record, of its canonical bytes and of their digest: file name and content.
pub fn documents(
    record: &Record,
    bytes: &[u8],
    sha256: &str,
    evidence: &Path,
    templates: &Templates,
) -> Result<Vec<(&'static str, String)>, ReportProblem> {
    let view = report::view_of(record, bytes, sha256, &Excerpts { directory: evidence, read: RefCell::default() });
    // Neither needs the other.
    let (markdown, html) = std::thread::scope(|scope| {
        let markdown = scope.spawn(|| report::markdown(&view, templates));
        let html = report::html(&view, templates);
        (markdown.join(), html)
    });
    let markdown = markdown.unwrap_or_else(|panic| std::panic::resume_unwind(panic))?;
    Ok(vec![("report.md", markdown), ("report.html", html?)])
}

/// The evidence directory of a bundle, as the report sees it.
struct Excerpts<'a> {
    directory: &'a Path,
    /// Many checks read one file: what was read last, under its name.
    read: RefCell<BTreeMap<String, Option<Vec<u8>>>>,
}

impl Evidence for Excerpts<'_> {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        let mut read = self.read.borrow_mut();
        if let Some(known) = read.get(&blob.file) {
            return known.clone();
        }
        if read.len() >= EXCERPTS {
            read.clear();
        }
        let bytes = read_evidence(self.directory, blob, EXCERPT);
        read.insert(blob.file.clone(), bytes.clone());
        bytes
    }
}

/// What would be asked, check by check, without asking it. A question that hangs on an answer is not among them.
pub async fn questions(plan: &Plan) -> Vec<Observation> {
    let session = Session::dry();
    let audit = &plan.audit;
    measure(plan, audit, &session, BTreeMap::new(), clock::now(), None, &|_, _, _| {}).await
}

fn select(audit: &Audit, only: &[String]) -> Result<Option<BTreeSet<CheckId>>, AuditProblem> {
    if only.is_empty() {
        return Ok(None);
    }
    let mut selected = BTreeSet::new();
    for name in only {
        let before = selected.len();
        let named = audit.checks.iter().map(|check| &check.id);
        selected.extend(named.filter(|id| id.area.as_str() == name || id.to_string() == *name).cloned());
        if selected.len() == before {
            return Err(AuditProblem::OnlyNothing(name.clone()));
        }
    }
    Ok(Some(selected))
}

/// The run that was given to compare with, else the one that the replayed record was judged with.
fn baseline_of(audit: &Audit, options: &Options) -> Result<Option<Baseline>, AuditProblem> {
    let baseline = match (&options.baseline, &options.source) {
        (Some(bundle), _) => Some(record::baseline::from_bundle(audit, bundle)),
        (None, Source::Replay(bundle)) => {
            bundle.record.baseline.as_ref().map(|recorded| record::baseline::recorded(audit, recorded))
        }
        (None, Source::Live(_)) => None,
    };
    Ok(baseline.as_ref().map(record::clean).transpose()?.map(|(baseline, _)| baseline))
}

/// A replay under the audit file it was recorded with, against the same earlier run, is the same run; else it is a new one
/// that says so.
fn begin(source: &Source, policy_sha256: &str, baseline: Option<&Baseline>) -> (RunContext, Option<String>) {
    let tool_version = env!("CARGO_PKG_VERSION").to_owned();
    let platform = format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH);
    match source {
        Source::Live(_) => {
            let started_at = clock::now();
            let seconds = u64::try_from(started_at.seconds()).unwrap_or_default();
            let run_id = Uuid::new_v7(Timestamp::from_unix(NoContext, seconds, 0)).to_string();
            let run = RunContext {
                run_id,
                started_at,
                finished_at: started_at,
                tool_version,
                platform,
                interrupted: false,
                claims_only: false,
            };
            (run, None)
        }
        Source::Replay(bundle) => {
            let recorded = &bundle.record;
            if recorded.policy_sha256 == policy_sha256 && recorded.baseline.as_ref() == baseline {
                return (RunContext { tool_version, ..recorded.run.clone() }, recorded.replayed_from.clone());
            }
            let against = baseline.map_or("", |baseline| &baseline.sha256);
            let seed = record::sha256(format!("{}{policy_sha256}{against}", bundle.sha256).as_bytes());
            let half = u128::from_str_radix(&seed[..32], 16).unwrap_or_default();
            let run_id = Uuid::new_v8(half.to_be_bytes()).to_string();
            (RunContext { run_id, tool_version, ..recorded.run.clone() }, Some(bundle.sha256.clone()))
        }
    }
}

/// `audits/<audit>/<day>T<time>-<end of the run id>`.
fn default_place(audit: &Audit, run: &RunContext) -> PathBuf {
    let minute: String = run.started_at.to_string().chars().take(16).filter(|c| *c != ':').collect();
    let short = &run.run_id[run.run_id.len() - 8..];
    ["audits", audit.id.as_str(), &format!("{minute}Z-{short}")].iter().collect()
}

/// Which checks are left out, and why. A replay leaves out what the recorded run left out.
fn skips(audit: &Audit, source: &Source, selected: &Option<BTreeSet<CheckId>>) -> BTreeMap<CheckId, &'static str> {
    let mut skips = BTreeMap::new();
    if let Source::Replay(bundle) = source {
        for observation in &bundle.record.observations {
            match &observation.sight {
                Sight::Skipped(reason) if reason == INTERRUPTED => skips.insert(observation.check.clone(), INTERRUPTED),
                Sight::Skipped(reason) if reason == NOT_SELECTED => {
                    skips.insert(observation.check.clone(), NOT_SELECTED)
                }
                _ => None,
            };
        }
    }
    if let Some(selected) = selected {
        let rest = audit.checks.iter().map(|check| &check.id).filter(|id| !selected.contains(id));
        skips.extend(rest.map(|id| (id.clone(), NOT_SELECTED)));
    }
    skips
}

fn open(source: Source, evidence: PathBuf) -> Result<Session, SessionProblem> {
    match source {
        Source::Live(options) => Session::live(LiveOptions { evidence, ..*options }),
        Source::Replay(bundle) => {
            let exchanges = bundle.exchanges();
            Session::replay(ReplayOptions { exchanges, from: bundle.evidence(), evidence })
        }
    }
}

/// Measures every check, those that hang on others after them. Results come in the order of the audit.
async fn measure(
    plan: &Plan,
    audit: &Audit,
    session: &Session,
    skips: BTreeMap<CheckId, &'static str>,
    now: Instant,
    baseline: Option<&Baseline>,
    progress: Progress<'_>,
) -> Vec<Observation> {
    let total = audit.checks.len();
    let baseline = baseline.cloned().map(Arc::new);
    let audit = Arc::new(audit.clone());
    let session = Arc::new(session.clone());
    let needed: BTreeSet<&CheckId> = audit.checks.iter().flat_map(|check| &check.depends_on).collect();
    let passed: Arc<BTreeMap<CheckId, watch::Sender<Option<bool>>>> =
        Arc::new(needed.into_iter().map(|id| (id.clone(), watch::Sender::new(None))).collect());
    let mut tasks = JoinSet::new();
    let mut places = BTreeMap::new();
    for (index, check) in audit.checks.iter().enumerate() {
        let (audit, session, passed, baseline) = (audit.clone(), session.clone(), passed.clone(), baseline.clone());
        let skip = skips.get(&check.id).copied();
        let probe = plan.probes.get(&check.id).cloned();
        let patience = plan.per_check.get(&check.id).copied().unwrap_or_default();
        let limits = PerCheck { timeout: patience.timeout, retries: patience.retries };
        let task = tasks.spawn(async move {
            let check = &audit.checks[index];
            let observation = match stands_in_the_way(&audit, index, skip, &passed).await {
                Some(sight) => Observation { check: check.id.clone(), sight, exchanges: Vec::new() },
                None => look(&check.id, probe, &session, limits).await,
            };
            if let Some(sender) = passed.get(&check.id) {
                let baseline = baseline.as_deref();
                let seen = Seen { observations: &[], places: &Places::new(), baseline, now, claims_only: false };
                sender.send_replace(Some(judge::passes(&audit, check, &observation, seen)));
            }
            observation
        });
        places.insert(task.id(), index);
    }
    let mut observations: Vec<Option<Observation>> = vec![None; total];
    let mut done = 0;
    while let Some(joined) = tasks.join_next_with_id().await {
        let (index, observation) = match joined {
            Ok((id, observation)) => (places[&id], observation),
            Err(error) => {
                let index = places[&error.id()];
                let check = audit.checks[index].id.clone();
                // Whoever waits for it must not wait for ever.
                if let Some(sender) = passed.get(&check) {
                    sender.send_replace(Some(false));
                }
                let broken =
                    Unmeasurable::new("the probe broke off", "This is a bug in countersign: please report it.");
                (index, Observation { check, sight: Sight::Unmeasurable(broken), exchanges: Vec::new() })
            }
        };
        done += 1;
        progress(done, total, &observation.check);
        observations[index] = Some(observation);
    }
    observations.into_iter().flatten().collect()
}

/// Why a check is not measured, if it is not. Waits for the checks it hangs on.
async fn stands_in_the_way(
    audit: &Audit,
    index: usize,
    skip: Option<&'static str>,
    passed: &BTreeMap<CheckId, watch::Sender<Option<bool>>>,
) -> Option<Sight> {
    let check = &audit.checks[index];
    if let Some(reason) = &check.not_applicable {
        return Some(Sight::NotApplicable(reason.clone()));
    }
    if let Some(reason) = skip {
        return Some(Sight::Skipped(reason.to_owned()));
    }
    for dependency in &check.depends_on {
        let Some(sender) = passed.get(dependency) else { continue };
        let mut receiver = sender.subscribe();
        let settled = receiver.wait_for(Option::is_some).await.is_ok_and(|state| *state == Some(true));
        if !settled {
            return Some(Sight::Skipped(format!("{dependency} did not pass")));
        }
    }
    None
}

async fn look(check: &CheckId, probe: Option<Probe>, session: &Session, limits: PerCheck) -> Observation {
    let token = session.cancel_token();
    let skipped = |reason: &str| Sight::Skipped(reason.to_owned());
    if token.is_cancelled() {
        return Observation { check: check.clone(), sight: skipped(INTERRUPTED), exchanges: Vec::new() };
    }
    let witness = session.witness(check, limits);
    let sight = match probe {
        None => skipped("nothing measures it"),
        Some(probe) => match probe.measure(&witness).await {
            Ok(facts) => Sight::Measured(facts),
            Err(_) if token.is_cancelled() => skipped(INTERRUPTED),
            Err(unmeasurable) => Sight::Unmeasurable(unmeasurable),
        },
    };
    let exchanges = if matches!(sight, Sight::Skipped(_)) { Vec::new() } else { witness.exchanges() };
    Observation { check: check.clone(), sight, exchanges }
}

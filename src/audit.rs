//! A whole audit on one page: load, measure, judge, record, render.
//!
//! Order and wiring only. What each step does lives in its own layer.

mod correct;
pub mod lint;
mod measure;
mod merge;
mod places;
mod select;
pub mod sign;
mod signed;
pub mod since;
pub mod verify;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use uuid::{ContextV7, Timestamp, Uuid};

pub use correct::{Correction, Corrections};
pub use merge::merge;
pub use select::{NotAShard, Shard};
pub use signed::{Contents, list as sign_offs};

use self::measure::{Known, Measured, measure};
use self::places::Written;
use self::select::{Wanted, skips, unasked};

use crate::judge::{self, Seen};
use crate::model::audit::Audit;
use crate::model::evidence::{Blob, EXCERPT, Exchange};
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::record::{Baseline, DocumentRead, Earlier, Observation, Part, Record, RunContext, SCHEMA, Sight};
use crate::model::signoff::Standing;
use crate::plan::problem::Problems;
use crate::plan::{self, Bounds, Plan};
use crate::record::bundle::{RECORD, hold, read_evidence};
use crate::record::merge::MergeProblem;
use crate::record::place::keeps_clear_of;
use crate::record::signoffs::LINES;
use crate::record::{self, Bundle, BundleProblem, Parts, RecordProblem, Staging};
use crate::report::view::View;
use crate::report::{self, Evidence, ReportProblem, Templates};
use crate::witness::helper::Helper;
use crate::witness::{LiveOptions, ReplayOptions, Session, SessionProblem, clock};

/// How many of them are kept for the next check.
const EXCERPTS: usize = 1_000;
/// The documents of a bundle.
const MARKDOWN: &str = "report.md";
const HTML: &str = "report.html";
/// The documents of the short form, where somebody asked for it.
const BRIEF: [&str; 2] = ["brief.md", "brief.html"];

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
    /// Who runs the filters of an audit file that nobody here wrote; `None` where it is trusted.
    pub helper: Option<Helper>,
    /// Where the bundle goes; `None` for `audits/<audit>/<run>`.
    pub to: Option<PathBuf>,
    /// Files that are written when the bundle stands. None may lie in its place.
    pub beside: Vec<PathBuf>,
    /// Areas (`monitoring`) and checks (`monitoring/services-up`) to measure; empty for all.
    pub only: Vec<String>,
    /// Measure one part of them; the rest is measured by other runs, and [`merge()`] puts them together.
    pub shard: Option<Shard>,
    /// Judge claims alone, without a score, and measure only what they need. An audit with nothing else is judged so anyway.
    pub claims_only: bool,
    /// Writes corrections into documents, for a run that puts wrong numbers right: did any document change?
    pub fix: Option<Fix>,
    /// End the gate of a stage with the first condition that takes the stage back, and look at nothing more.
    pub watching: bool,
    /// Templates of the documents.
    pub templates: Templates,
    /// SHA-256 of the record before this one.
    pub previous: Option<String>,
    /// The earlier run that relative conditions are held against; a replay takes the recorded one when there is none.
    pub baseline: Option<Box<Bundle>>,
    /// Earlier runs of the same audit, oldest first; a replay keeps those that were recorded.
    pub history: Vec<Earlier>,
}

impl Options {
    /// A whole run, with the built-in templates and nothing to compare with.
    pub fn new(source: Source) -> Self {
        Self {
            source,
            helper: None,
            to: None,
            beside: Vec::new(),
            only: Vec::new(),
            shard: None,
            claims_only: false,
            fix: None,
            watching: false,
            templates: Templates::builtin(),
            previous: None,
            baseline: None,
            history: Vec::new(),
        }
    }
}

/// What puts corrections into documents.
pub type Fix = Box<dyn Fn(&Corrections) -> bool>;

/// A finished run.
#[derive(Debug)]
pub struct Finished {
    /// Where the bundle stands.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// How many sign-offs were carried along that were given for an earlier record.
    pub stale: usize,
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
    /// A template of the user is wrong. The bundle stands all the same: what was measured may not be there to be measured
    /// again.
    #[error("{problem}")]
    Template {
        /// What is wrong with it.
        problem: ReportProblem,
        /// Where the bundle stands, with documents of the built-in templates.
        kept: PathBuf,
    },
    /// The bundle could not be written where it was to stand.
    #[error("{problem}")]
    Rescued {
        /// Why.
        problem: Box<AuditProblem>,
        /// Where the record and its evidence are instead.
        kept: PathBuf,
    },
    /// Bundles do not fit together.
    #[error(transparent)]
    Merge(#[from] MergeProblem),
    /// `--only` names nothing.
    #[error("--only \"{0}\" names no area and no check of this audit")]
    OnlyNothing(String),
}

/// Told about progress: how many checks are done, of how many, and the one that ended last.
pub type Progress = Arc<dyn Fn(usize, usize, &CheckId) + Send + Sync>;

/// Loads the audit file at `path`.
pub fn load(path: &Path) -> Result<Plan, AuditProblem> {
    Ok(plan::load(path, &|name| plan::environment(name))?)
}

/// As [`load`], also when there is no check in it yet: one is about to be added.
pub fn load_to_add(path: &Path) -> Result<Plan, AuditProblem> {
    Ok(plan::load_to_add(path, &|name| plan::environment(name))?)
}

/// Loads the audit file at `path` that nobody here wrote.
pub fn load_untrusted(path: &Path, bounds: &Bounds) -> Result<Plan, AuditProblem> {
    Ok(plan::load_untrusted(path, bounds)?)
}

/// Measures, judges, records and renders. `stop` is called with the token that ends the run early.
pub async fn run(
    plan: Plan,
    options: Options,
    progress: Progress,
    stop: impl FnOnce(tokio_util::sync::CancellationToken),
) -> Result<Finished, AuditProblem> {
    let (audit, policy) = record::clean_with_bytes(plan.audit)?;
    let policy_sha256 = record::sha256(&policy);
    let plan = Arc::new(Plan { audit, ..plan });
    let audit = &plan.audit;
    let baseline = baseline_of(audit, &options)?;
    let claims_only = options.claims_only || nothing_but_claims(audit);
    let Beginning { mut run, replayed_from, parts } =
        begin(&options.source, &policy_sha256, baseline.as_ref(), claims_only);
    let wanted = Wanted { only: &options.only, claims_only: run.claims_only, shard: options.shard };
    let skips = skips(audit, &options.source, wanted)?;
    let target = options.to.unwrap_or_else(|| default_place(audit, &run));
    keeps_clear_of(&target, &options.beside)?;
    keeps_clear_of(&target, &plan.sources.iter().map(|(path, _)| path.clone()).collect::<Vec<_>>())?;
    let staging = Staging::create(&target)?.hidden_from_git()?;

    let live = matches!(options.source, Source::Live(_));
    let history = match &options.source {
        Source::Live(_) => record::clean(options.history)?,
        Source::Replay(bundle) => bundle.record.history.clone(),
    };
    let watching = options.watching;
    let session = open(options.source, options.helper, staging.evidence())?;
    stop(session.cancel_token());
    let mut written = places::read(audit, &session).await?;
    let known = Known { now: run.started_at, places: &written.places, baseline: baseline.as_ref(), watching };
    let Measured { observations, written: seen, decided } = measure(&plan, &session, skips, known, progress).await?;
    if live {
        run.finished_at = clock::now_after(run.started_at);
        run.interrupted = session.cancel_token().is_cancelled() && !decided;
    }
    let conclude = |written: &Written| {
        judge::judge(
            audit,
            Seen {
                observations: &observations,
                places: &written.places,
                baseline: baseline.as_ref(),
                now: run.finished_at,
                claims_only: run.claims_only,
            },
        )
    };
    let mut judgement = conclude(&written);
    if let Some(fix) = options.fix {
        let corrections = correct::corrections(audit, &judgement, &written);
        if !corrections.list.is_empty() && fix(&corrections) {
            written = places::read(audit, &session).await?;
            judgement = conclude(&written);
            // What documents held before they were put right is named by nobody any more.
            let of_checks = observations.iter().flat_map(|observation| &observation.exchanges);
            let of_documents = written.documents.iter().map(|document| &document.exchange);
            staging.forget_all_but(&named(of_checks.chain(of_documents)));
        }
    }
    // Nobody measures any more.
    let audit = Arc::try_unwrap(plan).map_or_else(|plan| plan.audit.clone(), |plan| plan.audit);
    let record = Record {
        schema: SCHEMA.to_owned(),
        run,
        policy_sha256,
        audit,
        observations,
        documents: written.documents,
        places: written.places,
        baseline,
        judgement,
        previous: options.previous,
        replayed_from,
        parts,
        history,
    };
    // Its connections are open files, of which the bundle needs some.
    drop(session);
    let bytes = record::record_bytes_of(&record, &Parts { audit: policy, observations: seen })?;
    finish(record, &bytes, &staging, &options.templates).map_err(|problem| match problem {
        AuditProblem::Template { .. } => problem,
        // What was measured may not be there to be measured again.
        problem if live => match staging.rescue(&bytes) {
            Ok(kept) => AuditProblem::Rescued { problem: Box::new(problem), kept },
            Err(_) => problem,
        },
        problem => problem,
    })
}

/// Writes the record, of which these are the bytes, and its documents beside the evidence, and the bundle takes its place.
fn finish(record: Record, bytes: &[u8], staging: &Staging, templates: &Templates) -> Result<Finished, AuditProblem> {
    let sha256 = record::sha256(bytes);
    let held = hold(staging.place())?;
    let (signoffs, carried) = signed::carried(staging.place(), &record, &sha256)?;
    let contents = Contents { record: &record, bytes, sha256: &sha256, signoffs: &signoffs };
    let signed = signed::list(&contents);
    let view = contents.view(&signed, &Excerpts::of(&staging.evidence()));
    let wrong = match write_documents(&view, staging, templates) {
        Ok(()) => None,
        Err(AuditProblem::Report(problem)) => {
            write_documents(&view, staging, &Templates::builtin())?;
            Some(problem)
        }
        Err(other) => return Err(other),
    };
    // Its texts are given back one by one. Meanwhile the disk is waited for.
    let _dropping = std::thread::Builder::new().spawn(move || drop(view));
    // A check that was stopped between two questions had answers to some, which the record does not name.
    if record.observations.iter().any(|observation| observation.sight.is_unreached()) {
        staging.forget_all_but(&named(record.exchanges()));
    }
    let mut files: Vec<(&str, &[u8])> = vec![(RECORD, bytes)];
    let lines = signed::lines(&signed);
    files.extend(lines.iter().map(|lines| (LINES, lines.as_bytes())));
    files.extend(carried.iter().map(|(name, bytes)| (name.as_str(), bytes.as_slice())));
    let directory = staging.commit(&held, &files)?;
    if let Some(problem) = wrong {
        return Err(AuditProblem::Template { problem, kept: directory });
    }
    let stale = signed.iter().filter(|signoff| matches!(signoff.standing, Standing::Stale(_))).count();
    Ok(Finished { directory, record, sha256, stale })
}

/// Writes both documents while they are made: of ten thousand checks they are as large as the record.
fn write_documents(view: &View, staging: &Staging, templates: &Templates) -> Result<(), AuditProblem> {
    let (mut markdown, mut html) = (staging.begin(MARKDOWN)?, staging.begin(HTML)?);
    let written = report::write_both(view, templates, &mut markdown, &mut html);
    // What the disk said is said first: for the document it is one of many things that went wrong.
    markdown.end()?;
    html.end()?;
    Ok(written?)
}

/// Without a check there is no score to give, and without a condition nothing else that a decision could wait for.
fn nothing_but_claims(audit: &Audit) -> bool {
    audit.checks.is_empty() && audit.conditions.is_empty()
}

/// The files of evidence that exchanges name.
fn named<'a>(exchanges: impl Iterator<Item = &'a Exchange>) -> BTreeSet<&'a str> {
    exchanges.flat_map(|exchange| exchange.answer.blobs()).map(|blob| blob.file.as_str()).collect()
}

/// The documents of a bundle, and its sign-offs in one file where there are any: file name and content.
pub fn documents(
    contents: &Contents<'_>,
    evidence: &dyn Evidence,
    templates: &Templates,
) -> Result<Vec<(&'static str, String)>, ReportProblem> {
    let signed = signed::list(contents);
    let (markdown, html) = report::both(&contents.view(&signed, evidence), templates)?;
    let mut documents = vec![(MARKDOWN, markdown), (HTML, html)];
    documents.extend(signed::lines(&signed).map(|lines| (LINES, lines)));
    Ok(documents)
}

/// The documents of a bundle, and those of the short form that stand in its directory.
fn all_documents(
    bundle: &Bundle,
    contents: &Contents<'_>,
    templates: &Templates,
) -> Result<Vec<(&'static str, String)>, ReportProblem> {
    let evidence = Excerpts::of(&bundle.evidence());
    let mut all = documents(contents, &evidence, templates)?;
    let stands = |name: &str| bundle.directory.join(name).symlink_metadata().is_ok();
    if BRIEF.iter().any(|name| stands(name)) {
        all.extend(brief(contents, &evidence, templates)?.into_iter().filter(|(name, _)| stands(name)));
    }
    Ok(all)
}

/// The one-page documents of a bundle: file name and content. Where they stand in its directory, they are checked and
/// rendered again like the others.
pub fn brief(
    contents: &Contents<'_>,
    evidence: &dyn Evidence,
    templates: &Templates,
) -> Result<Vec<(&'static str, String)>, ReportProblem> {
    let (markdown, html) = report::brief(&contents.view(&signed::list(contents), evidence), templates)?;
    Ok(BRIEF.into_iter().zip([markdown, html]).collect())
}

/// The evidence directory of a bundle, as the report sees it.
#[derive(Debug)]
pub struct Excerpts {
    directory: PathBuf,
    /// Many checks read one file: what was read last, under its name.
    read: Mutex<BTreeMap<String, Option<Vec<u8>>>>,
}

impl Excerpts {
    /// Those of an evidence directory.
    pub fn of(directory: &Path) -> Self {
        Self { directory: directory.to_owned(), read: Mutex::default() }
    }
}

impl Evidence for Excerpts {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        let mut read = self.read.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(known) = read.get(&blob.file) {
            return known.clone();
        }
        if read.len() >= EXCERPTS {
            read.clear();
        }
        let bytes = read_evidence(&self.directory, blob, EXCERPT as u64);
        read.insert(blob.file.clone(), bytes.clone());
        bytes
    }
}

/// What would be asked by a run of these areas and checks, or of claims alone, without asking it: which documents would be
/// read, then check by check. A question that hangs on an answer is not among them; a check that waits for others is, as
/// if they passed.
pub async fn questions(
    mut plan: Plan,
    only: &[String],
    claims_only: bool,
) -> Result<(Vec<DocumentRead>, Vec<Observation>), AuditProblem> {
    let claims_only = claims_only || nothing_but_claims(&plan.audit);
    let skips = unasked(&plan.audit, Wanted { only, claims_only, shard: None })?;
    plan.audit.checks.iter_mut().for_each(|check| check.depends_on.clear());
    let (plan, session) = (Arc::new(plan), Session::dry());
    let audit = &plan.audit;
    let written = places::read(audit, &session).await?;
    let known = Known { now: clock::now(), places: &written.places, baseline: None, watching: false };
    let mut seen = measure(&plan, &session, skips, known, Arc::new(|_, _, _| {})).await?.observations;
    seen.retain(|observation| !matches!(observation.sight, Sight::Skipped(_)));
    Ok((written.documents, seen))
}

/// The run that was given to compare with, else the one that the replayed record was judged with.
fn baseline_of(audit: &Audit, options: &Options) -> Result<Option<Baseline>, AuditProblem> {
    let baseline = match (&options.baseline, &options.source) {
        (Some(bundle), _) => Some(record::baseline::from_bundle(audit, bundle)),
        (None, Source::Replay(bundle)) => bundle
            .record
            .baseline
            .as_ref()
            .map(|recorded| record::baseline::recorded(audit, recorded, &bundle.record.audit)),
        (None, Source::Live(_)) => None,
    };
    Ok(baseline.map(record::clean).transpose()?)
}

/// What is known of a run before anything is measured.
struct Beginning {
    run: RunContext,
    replayed_from: Option<String>,
    parts: Vec<Part>,
}

/// A replay under the audit file it was recorded with, against the same earlier run, is the same run; else it is a new one
/// that says so.
fn begin(source: &Source, policy_sha256: &str, baseline: Option<&Baseline>, claims_only: bool) -> Beginning {
    let tool_version = env!("CARGO_PKG_VERSION").to_owned();
    let platform = format!("{}/{}", std::env::consts::OS, std::env::consts::ARCH);
    match source {
        Source::Live(options) => {
            let (started_at, nanos) = clock::now_within_the_second();
            let run = RunContext {
                run_id: run_id(started_at, nanos),
                started_at,
                finished_at: started_at,
                tool_version,
                platform,
                interrupted: false,
                claims_only,
                untrusted: options.untrusted.is_some(),
            };
            Beginning { run, replayed_from: None, parts: Vec::new() }
        }
        Source::Replay(bundle) => {
            let recorded = &bundle.record;
            let claims_only = claims_only || recorded.run.claims_only;
            let same = recorded.baseline.as_ref() == baseline && recorded.run.claims_only == claims_only;
            if recorded.policy_sha256 == policy_sha256 && same {
                let run = RunContext { tool_version, ..recorded.run.clone() };
                let (replayed_from, parts) = (recorded.replayed_from.clone(), recorded.parts.clone());
                return Beginning { run, replayed_from, parts };
            }
            let against = baseline.map_or("", |baseline| &baseline.sha256);
            let run_id = derived_run_id(&format!("{}{policy_sha256}{against}", bundle.sha256));
            let run = RunContext { run_id, tool_version, claims_only, ..recorded.run.clone() };
            // The parts stand in the record that this one names.
            Beginning { run, replayed_from: Some(bundle.sha256.clone()), parts: Vec::new() }
        }
    }
}

/// The id of a run that began so many nanoseconds into a second. Later runs have greater ids: a list of those that ended in
/// the same second is sorted by them.
fn run_id(started_at: Instant, nanos: u32) -> String {
    let seconds = u64::try_from(started_at.seconds()).unwrap_or_default();
    // A quarter of a microsecond fits into the bits behind the millisecond.
    let precise = ContextV7::new().with_additional_precision();
    Uuid::new_v7(Timestamp::from_unix(precise, seconds, nanos)).to_string()
}

/// The id of a run that follows from others: the same whenever it is made again.
fn derived_run_id(from: &str) -> String {
    let digest = record::sha256(from.as_bytes());
    let half = u128::from_str_radix(&digest[..32], 16).unwrap_or_default();
    Uuid::new_v8(half.to_be_bytes()).to_string()
}

/// `audits/<audit>/<day>T<time>-<end of the run id>`.
fn default_place(audit: &Audit, run: &RunContext) -> PathBuf {
    let minute: String = run.started_at.to_string().chars().take(16).filter(|c| *c != ':').collect();
    // The id of a record that another program wrote may be shorter.
    let short = run.run_id.get(run.run_id.len().saturating_sub(8)..).unwrap_or(&run.run_id);
    ["audits", audit.id.as_str(), &format!("{minute}Z-{short}")].iter().collect()
}

fn open(source: Source, helper: Option<Helper>, evidence: PathBuf) -> Result<Session, SessionProblem> {
    match source {
        Source::Live(options) => Session::live(LiveOptions { evidence, helper, ..*options }),
        Source::Replay(bundle) => {
            let from = bundle.evidence();
            Session::replay(ReplayOptions { exchanges: bundle.into_exchanges(), from, evidence, helper })
        }
    }
}

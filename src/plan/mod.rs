//! From an audit file to a plan: everything that is decided before anything is measured. Whatever is wrong with the file
//! is found here, all of it at once. Nothing here looks at the systems that are audited.

mod bounds;
pub mod gate;
pub mod problem;
pub mod schema;

mod collect;
mod decode;
mod documents;
mod files;
mod fits;
mod idle;
mod node;
mod places;
mod render;
mod resolve;
mod rules;
mod vars;
mod written;
mod yaml;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use self::bounds::Held;
pub use self::bounds::{Bounds, MOST_CHECKS};
use self::collect::Collector;
pub use self::documents::ClaimedPlace;
use self::files::Files;
pub(crate) use self::files::normal;
pub use self::idle::Marks;
use self::problem::{Problem, Problems, Sink, Source};
use self::vars::{Environment, Vars};
use crate::model::audit::{Audit, SignoffPolicy, USUAL_TIMEOUT_MS};
use crate::model::counterexample::Reach;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::quote::Places;
use crate::probe::registry::Probe;

/// The file that is read when a directory is given.
pub const DEFAULT_NAME: &str = "audit.yaml";

/// An audit that is ready to be measured.
#[derive(Debug, Clone)]
pub struct Plan {
    /// The audit: part of the record.
    pub audit: Audit,
    /// What each check measures.
    pub probes: BTreeMap<CheckId, Arc<Probe>>,
    /// How long each check waits for an answer, and how often it asks again.
    pub per_check: BTreeMap<CheckId, Patience>,
    /// The directory that paths in checks are relative to.
    pub root: PathBuf,
    /// Every place in a document that something is claimed at.
    pub places: Vec<ClaimedPlace>,
    /// Where its parts stand in the files.
    pub marks: Marks,
    /// The files that were read.
    pub sources: Vec<Source>,
    /// What should be looked at, though the audit can run. The documents have not been opened for it: see
    /// [`Findings`].
    pub warnings: Vec<Problem>,
}

/// How long a check waits for an answer, and how often it asks again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Patience {
    /// How long to wait for one answer; `None` where the file does not say.
    pub timeout: Option<Duration>,
    /// How often to ask again when there was none.
    pub retries: u32,
}

impl Patience {
    /// As it was recorded.
    fn of(timeout_ms: Option<u64>, retries: u32) -> Self {
        Self { timeout: timeout_ms.map(Duration::from_millis), retries }
    }

    fn timeout_ms(&self) -> Option<u64> {
        self.timeout.and_then(|timeout| u64::try_from(timeout.as_millis()).ok())
    }

    /// As a check records it.
    fn unusual_timeout_ms(&self) -> Option<u64> {
        self.timeout_ms().filter(|timeout| *timeout != USUAL_TIMEOUT_MS)
    }
}

impl Plan {
    /// The names in `${secret:NAME}`, wherever a probe's options hold one.
    pub fn secrets(&self) -> BTreeSet<String> {
        let mentions = self.audit.checks.iter().flat_map(|check| check.asks.split("${secret:").skip(1));
        mentions.filter_map(|rest| rest.split_once('}')).map(|(name, _)| name.to_owned()).collect()
    }
}

/// Reads an audit: a file, or a directory with an [`audit.yaml`](DEFAULT_NAME). `environment` answers `${env:NAME}`.
pub fn load(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Plan, Problems> {
    load_as(path, None, environment)
}

/// Reads an audit that nobody here wrote: it may be so large, name nothing outside of its bounds, and knows no environment.
pub fn load_untrusted(path: &Path, bounds: &Bounds) -> Result<Plan, Problems> {
    let path = audit_file(path);
    let sink = Sink::default();
    let mut files = Files::bounded(&sink, Held::of(bounds, &path));
    let plan = read(&path, Environment::Closed, &sink, &mut files);
    says_something(plan.as_ref(), &sink);
    let sources = files.into_sources();
    finished(plan, sources, sink)
}

/// The file that is meant by a path.
fn audit_file(path: &Path) -> PathBuf {
    if path.is_dir() { path.join(DEFAULT_NAME) } else { path.to_owned() }
}

/// As [`load`], as if `text` stood in a file already: what is about to be written is looked at before it is.
pub fn load_as(
    path: &Path,
    text: Option<(&Path, &str)>,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Plan, Problems> {
    let sink = Sink::default();
    let mut files = Files::new(&sink);
    if let Some((file, text)) = text {
        files.give(file, text.to_owned());
    }
    let plan = read(&audit_file(path), Environment::Open(environment), &sink, &mut files);
    says_something(plan.as_ref(), &sink);
    let sources = files.into_sources();
    finished(plan, sources, sink)
}

/// As [`load`], also when there is no check in it yet: one is about to be added.
pub fn load_to_add(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<Plan, Problems> {
    let sink = Sink::default();
    let mut files = Files::new(&sink);
    let plan = read(&audit_file(path), Environment::Open(environment), &sink, &mut files);
    let sources = files.into_sources();
    finished(plan, sources, sink)
}

/// Notes that there is nothing to measure and nothing to hold true, where no other problem could be the reason.
fn says_something(plan: Option<&Plan>, sink: &Sink) {
    let empty = plan.is_some_and(|plan| plan.audit.checks.is_empty() && plan.audit.claims.is_empty());
    if empty && !sink.has_errors() {
        let help = "Add an area with checks, or `include:` a file that has them; `countersign add` measures one.";
        sink.error(node::Span::start_of(0), "", problem::Code::Empty, "the audit has no checks", help);
    }
}

/// The plan with what should be looked at, or all that is wrong with it.
fn finished(plan: Option<Plan>, sources: Vec<Source>, sink: Sink) -> Result<Plan, Problems> {
    let failed = sink.has_errors();
    let problems = sink.finish(sources);
    match plan {
        Some(plan) if !failed => Ok(Plan { sources: problems.sources, warnings: problems.list, ..plan }),
        _ => Err(problems),
    }
}

/// Who must sign, by the verifier's own file: an audit file, or one with nothing but `signoff:`.
#[derive(Debug, Clone)]
pub struct SignoffFile {
    /// The rules.
    pub policy: SignoffPolicy,
    /// The whole audit, where the file is one.
    pub audit: Option<Audit>,
}

/// Reads who must sign. `environment` answers `${env:NAME}`.
pub fn load_signoff(path: &Path, environment: &dyn Fn(&str) -> Option<String>) -> Result<SignoffFile, Problems> {
    let path = audit_file(path);
    let sink = Sink::default();
    let mut files = Files::new(&sink);
    let read = files.read(&path, None);
    let is_audit = read.as_ref().is_some_and(|read| read.root.entries().iter().any(|entry| entry.name() == "audit"));
    let audit = is_audit.then(|| load(&path, environment)).transpose()?.map(|plan| plan.audit);
    let policy = match (&audit, read) {
        (Some(audit), _) => audit.signoff.clone(),
        (None, None) => None,
        (None, Some(read)) => {
            let mut vars = Vars::new(None, Environment::Open(environment), &sink);
            let mut collector = Collector { sink: &sink, vars: &mut vars, areas: Vec::new(), sections: Vec::new() };
            collector.file(read.root, true);
            let sections = collector.sections;
            resolve::signoff(sections, &files, &sink)
        }
    };
    if policy.is_none() && !sink.has_errors() {
        let help = "Add `signoff:` with its roles.";
        sink.error(node::Span::start_of(0), "", problem::Code::Empty, "nobody has to sign", help);
    }
    let failed = sink.has_errors();
    let sources = files.into_sources();
    let problems = sink.finish(sources);
    match policy {
        Some(policy) if !failed => Ok(SignoffFile { policy, audit }),
        _ => Err(problems),
    }
}

/// Everything that should be looked at in an audit that can run: its [warnings](Plan::warnings), claims whose place is not
/// in the document now, and what does nothing.
#[derive(Debug)]
pub struct Findings {
    /// What stands at the claimed places, as far as it could be read.
    pub places: Places,
    sink: Sink,
}

impl Findings {
    /// Reads each document that claims stand in, once.
    pub fn read(plan: &Plan) -> Self {
        let sink = Sink::default();
        let places = documents::missing(&plan.places, &plan.root, &sink);
        Self { places, sink }
    }

    /// All of it, given whether each check can fail. Waivers end by `now`.
    pub fn list(self, plan: Plan, reach: &BTreeMap<&CheckId, &Reach>, now: Instant) -> Problems {
        idle::idle(&plan, reach, now, &self.sink);
        let mut problems = self.sink.finish(plan.sources);
        problems.list.extend(plan.warnings);
        problems.list.sort_by_key(|problem| problem.span);
        problems
    }
}

/// A variable of this process, for [`load`]; one that is not UTF-8 is as good as missing.
#[expect(clippy::disallowed_methods, reason = "this is where an audit file reads the environment")]
pub fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn read(path: &Path, environment: Environment<'_>, sink: &Sink, files: &mut Files<'_>) -> Option<Plan> {
    let mut top = files.read(path, None)?;
    let vars_node = top.root.take(|key| key == "vars").pop();
    let mut vars = Vars::new(vars_node.as_ref().map(|entry| &entry.value), environment, sink);
    let included = files.include(&mut top, &mut vars, &[]);
    let mut collector = Collector { sink, vars: &mut vars, areas: Vec::new(), sections: Vec::new() };
    collector.file(top.root, true);
    for read in included {
        collector.file(read.root, false);
    }
    let Collector { areas, sections, .. } = collector;
    let values = vars.finish(sink);
    resolve::plan(areas, sections, values, path, files, sink)
}

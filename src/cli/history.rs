//! `countersign history`: which runs there are of each audit below a directory, and how they went.

mod human;
mod json;
mod markdown;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

pub(crate) use json::schema;

use super::arguments::{History, HistoryFormat};
use super::run::doubt;
use super::{Exit, Failure, terminal};
use crate::audit::{self, Contents};
use crate::model::captured;
use crate::model::format;
use crate::model::judgement::Tally;
use crate::model::number::Number;
use crate::model::record::Earlier;
use crate::record::history::{self as shelf, Damaged};
use crate::record::{Bundle, signoffs};
use crate::report::{self, Signed, view::Mark};

/// Where bundles lie when nobody says where.
const USUAL: &str = "audits";

/// Everything that lies below a directory.
struct Found {
    /// By the audit's id.
    audits: Vec<Runs>,
    /// What could not be read.
    damaged: Vec<Damaged>,
}

/// The runs of one audit.
struct Runs {
    id: String,
    /// The title in its newest run. Captured.
    title: String,
    /// Newest first.
    runs: Vec<Run>,
    claimants: Vec<Claimant>,
}

/// One run.
struct Run {
    directory: PathBuf,
    earlier: Earlier,
    verdict: Mark,
    /// The score of the run before that had one.
    before: Option<Number>,
    /// How the needed signatures stand; `None` where nobody must sign and nobody rejects.
    signed: Option<Signed>,
    /// Is it a run of a part of the audit?
    part: bool,
    /// The ids of the runs that it was merged from.
    merged: Vec<String>,
}

/// How a claimant did over all runs.
struct Claimant {
    by: String,
    tally: Tally,
}

/// Prints the runs.
pub(crate) fn history(arguments: &History) -> Result<Exit, Failure> {
    let directory = arguments.directory.as_deref().unwrap_or(Path::new(USUAL));
    // Before the first run there is none, which only a directory that somebody names must not be.
    if let Some(named) = arguments.directory.as_deref().filter(|named| !named.exists()) {
        let told = format!("could not read \"{}\": there is no such directory", named.display());
        return Err(Failure::new(
            told,
            "name a directory that bundles lie below; `countersign run --to DIR/NAME` writes one",
        ));
    }
    let found = read(directory)?;
    if found.audits.is_empty() && found.damaged.is_empty() && arguments.format == HistoryFormat::Human {
        terminal::message(&format!(
            "there is no bundle below \"{}\"; `countersign run` writes one\n",
            terminal::visible(&directory.display().to_string())
        ));
    }
    match arguments.format {
        HistoryFormat::Human => terminal::data(&human::human(&found))?,
        HistoryFormat::Markdown => terminal::data(&markdown::markdown(&found))?,
        HistoryFormat::Json => terminal::exact(&json::json(&found)?)?,
    }
    for Damaged { why, .. } in &found.damaged {
        terminal::message(&format!("left out: {}\n", terminal::visible(why)));
    }
    Ok(if found.damaged.is_empty() { Exit::Clean } else { Exit::Conditional })
}

fn read(directory: &Path) -> Result<Found, Failure> {
    let mut by_audit: BTreeMap<String, Vec<(String, Run)>> = BTreeMap::new();
    let mut unsigned = Vec::new();
    let damaged = shelf::each(directory, |bundle| {
        let title = captured::line(&bundle.record.audit.title).into_owned();
        match run(&bundle) {
            Ok(run) => by_audit.entry(bundle.record.audit.id.to_string()).or_default().push((title, run)),
            Err(why) => unsigned.push(Damaged { directory: bundle.directory.clone(), why }),
        }
    });
    let mut damaged = damaged.map_err(|error| {
        Failure::new(format!("could not read \"{}\": {error}", directory.display()), "make it readable")
    })?;
    damaged.append(&mut unsigned);
    Ok(Found { audits: by_audit.into_iter().map(|(id, runs)| of_audit(id, runs)).collect(), damaged })
}

fn run(bundle: &Bundle) -> Result<Run, String> {
    if let Some(why) = doubt(bundle) {
        return Err(why);
    }
    let stored = signoffs::read(&bundle.directory)
        .map_err(|error| format!("the sign-offs of \"{}\" cannot be read: {error}", bundle.directory.display()))?;
    let signed = audit::sign_offs(&Contents::of(bundle, &stored));
    let headline = report::headline(&bundle.record, &signed);
    Ok(Run {
        directory: bundle.directory.clone(),
        earlier: shelf::earlier(&bundle.record, &bundle.sha256),
        verdict: headline.verdict,
        before: None,
        signed: headline.signed,
        part: bundle.record.left_out().next().is_some(),
        merged: bundle.record.parts.iter().map(|part| part.run_id.clone()).collect(),
    })
}

/// Sorts the runs, and says how each moved. Parts of the audit and runs of claims alone move nothing.
fn of_audit(id: String, mut runs: Vec<(String, Run)>) -> Runs {
    runs.sort_by_cached_key(|(_, run)| (run.earlier.finished_at, run.earlier.run_id.clone(), run.directory.clone()));
    let title = runs.last().map(|(title, _)| title.clone()).unwrap_or_default();
    let mut runs: Vec<Run> = runs.into_iter().map(|(_, run)| run).collect();
    let mut before = None;
    for run in runs.iter_mut().filter(|run| !run.part && !run.earlier.claims_only) {
        let Some(score) = run.earlier.score.clone() else { continue };
        run.before = before.replace(score);
    }
    runs.reverse();
    Runs { id, title, claimants: claimants(&runs), runs }
}

/// Each run counts once, wherever a copy of it lies. A part does not: what it was not asked to measure is held against nobody,
/// and what it did counts in the run that was merged from it.
fn claimants(runs: &[Run]) -> Vec<Claimant> {
    let mut known: BTreeSet<&String> = runs.iter().flat_map(|run| &run.merged).collect();
    let mut by_name: BTreeMap<&str, Tally> = BTreeMap::new();
    for run in runs.iter().filter(|run| !run.part && known.insert(&run.earlier.run_id)) {
        for record in &run.earlier.claimants {
            by_name.entry(&record.by).or_default().add(record);
        }
    }
    by_name.into_iter().map(|(by, tally)| Claimant { by: by.to_owned(), tally }).collect()
}

impl Run {
    /// How all claims of the run did.
    fn claims(&self) -> Tally {
        self.earlier.claimants.iter().collect()
    }

    /// The score; `None` where there is none.
    fn score(&self) -> Option<&Number> {
        self.earlier.score.as_ref().filter(|_| !self.earlier.claims_only)
    }

    /// How the score moved since the run before that had one: `+0.3`.
    fn change(&self) -> Option<String> {
        Some(format::score_change(self.before.as_ref()?, self.score()?))
    }

    /// How much was looked at; `None` where only claims were judged.
    fn coverage(&self) -> Option<&Number> {
        Some(&self.earlier.coverage).filter(|_| !self.earlier.claims_only)
    }

    /// The beginning of the record's digest.
    fn digest(&self) -> &str {
        self.earlier.sha256.get(..12).unwrap_or(&self.earlier.sha256)
    }
}

//! Earlier runs, read from the bundles below a directory: as much of each as a trend shows.
//!
//! Only records are read. One that is damaged is told and left out, never taken for what it was.

use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::bundle::{Bundle, RECORD};
use crate::model::audit::Audit;
use crate::model::instant::Instant;
use crate::model::record::{Earlier, Record};

/// Runs that a record keeps at most, the newest.
pub const MOST: usize = 50;
/// Folders deeper than this are not looked into.
const DEEPEST: usize = 6;
/// Folders that are looked into at most.
const MOST_FOLDERS: usize = 20_000;

/// A bundle that could not be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Damaged {
    /// Where it stands.
    pub directory: PathBuf,
    /// What is wrong, a lower-case fragment.
    pub why: String,
}

/// Hands over every bundle below a directory, by path, one at a time; gives back those that are damaged. A directory that is
/// not there holds none. Links are not followed, and nothing is looked for inside a bundle.
pub fn each(directory: &Path, mut on: impl FnMut(Bundle)) -> io::Result<Vec<Damaged>> {
    let mut damaged = Vec::new();
    let mut waiting = vec![(directory.to_owned(), 0)];
    let mut seen = 0;
    while let Some((folder, depth)) = waiting.pop() {
        seen += 1;
        if folder.join(RECORD).is_file() {
            match Bundle::open(&folder) {
                Ok(bundle) => on(bundle),
                Err(problem) => damaged.push(Damaged { directory: folder, why: problem.to_string() }),
            }
            continue;
        }
        if depth == DEEPEST || seen + waiting.len() >= MOST_FOLDERS {
            continue;
        }
        let mut below = folders(&folder, depth == 0)?;
        // The last one waits on top.
        below.sort_by(|one, other| other.cmp(one));
        waiting.extend(below.into_iter().map(|folder| (folder, depth + 1)));
    }
    Ok(damaged)
}

/// The folders in a folder that are not hidden. Only the first must be readable.
fn folders(folder: &Path, must: bool) -> io::Result<Vec<PathBuf>> {
    let entries = match fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if must && error.kind() != io::ErrorKind::NotFound => return Err(error),
        Err(_) => return Ok(Vec::new()),
    };
    let is_folder = |entry: &fs::DirEntry| {
        // Of a link this is the link itself.
        let folder = entry.file_type().is_ok_and(|kind| kind.is_dir());
        folder && !entry.file_name().to_string_lossy().starts_with('.')
    };
    Ok(entries.filter_map(Result::ok).filter(is_folder).map(|entry| entry.path()).collect())
}

/// What a trend shows of a run.
pub fn earlier(record: &Record, sha256: &str) -> Earlier {
    let judgement = &record.judgement;
    Earlier {
        sha256: sha256.to_owned(),
        run_id: record.run.run_id.clone(),
        finished_at: record.run.finished_at,
        version: record.audit.subject.version.clone(),
        verdict: judgement.verdict,
        score: judgement.overall.score.clone(),
        score_with_waivers: judgement.overall.score_with_waivers.clone(),
        coverage: judgement.overall.coverage.covered(),
        areas: judgement.areas.iter().filter_map(|area| Some((area.area.clone(), area.score.clone()?))).collect(),
        claimants: judgement.claimants.clone(),
        claims_only: record.run.claims_only,
    }
}

/// The newest of the runs of an audit that ended by `now`, oldest first, each once. Runs of a part of the audit are left out:
/// the score of a part is no score of the whole. So are those of which `doubt` says what is wrong with them; they are told.
pub fn of_audit(
    directory: &Path,
    audit: &Audit,
    now: Instant,
    doubt: impl Fn(&Bundle) -> Option<String>,
) -> io::Result<(Vec<Earlier>, Vec<Damaged>)> {
    let (mut found, mut doubtful) = (Vec::new(), Vec::new());
    let mut damaged = each(directory, |bundle| {
        let record = &bundle.record;
        let counts = record.audit.id == audit.id && record.run.finished_at <= now;
        if !counts || record.left_out().next().is_some() {
            return;
        }
        match doubt(&bundle) {
            Some(why) => doubtful.push(Damaged { directory: bundle.directory.clone(), why }),
            None => found.push(earlier(record, &bundle.sha256)),
        }
    })?;
    damaged.append(&mut doubtful);
    Ok((newest(found), damaged))
}

/// Oldest first, each run once, at most [`MOST`] of them, the newest.
pub fn newest(mut runs: Vec<Earlier>) -> Vec<Earlier> {
    runs.sort_by(|one, other| {
        let of = |run: &Earlier| (run.finished_at, run.run_id.clone(), run.sha256.clone());
        of(one).cmp(&of(other))
    });
    let mut known = BTreeSet::new();
    runs.retain(|run| known.insert(run.run_id.clone()));
    runs.split_off(runs.len().saturating_sub(MOST))
}

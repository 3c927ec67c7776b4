//! One record from the bundles of several partial runs: what each of them looked at, side by side.
//!
//! It compares and joins, and judges nothing. Bundles that say two things about one check, or stand on different audit
//! files, are refused with names: which of them to believe is not ours to decide.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use super::bundle::Bundle;
use super::history;
use super::verify;
use crate::model::audit::{Audit, Check};
use crate::model::evidence::{Answer, Blob};
use crate::model::format::and_list;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::quote::Places;
use crate::model::record::{Baseline, DocumentRead, Earlier, Observation, Part, Record, RunContext, Sight, SkipReason};

/// More names than this are counted.
const MOST_NAMES: usize = 10;

/// Why bundles do not fit together.
#[derive(Debug, thiserror::Error)]
pub enum MergeProblem {
    /// A bundle is not as it was recorded.
    #[error("\"{}\" is not as it was recorded: {code} {file}: {text}", path.display())]
    NotIntact {
        /// The bundle.
        path: PathBuf,
        /// What `verify` calls it.
        code: &'static str,
        /// The file it is about.
        file: String,
        /// What is wrong with it.
        text: String,
        /// What to do about it.
        help: String,
    },
    /// Two bundles differ in what all parts of one run have in common.
    #[error("\"{}\" and \"{}\" are no parts of one audit: they differ in {what}", one.display(), other.display())]
    Apart {
        /// In what.
        what: &'static str,
        /// What to do about it.
        help: &'static str,
        /// A bundle.
        one: PathBuf,
        /// Another.
        other: PathBuf,
    },
    /// Checks that more than one bundle looked at, with these bundles.
    #[error("{}", overlapping(.0))]
    Overlap(Vec<(CheckId, Vec<PathBuf>)>),
    /// What somebody stated had expired when the last of the parts was done: nobody states it of the whole.
    #[error("what {check} states in \"{}\" had expired at {finished_at}, when the last part was done", path.display())]
    Expired {
        /// The check.
        check: CheckId,
        /// The bundle that looked at it.
        path: PathBuf,
        /// When the last of the parts was done.
        finished_at: Instant,
    },
    /// A document that claims stand in is not the same for two bundles.
    #[error("the document \"{document}\" is not the same in \"{}\" and in \"{}\"", one.display(), other.display())]
    Document {
        /// Its path.
        document: String,
        /// A bundle.
        one: PathBuf,
        /// Another.
        other: PathBuf,
    },
    /// Two bundles have a file of evidence of one name and different content.
    #[error("the evidence \"{file}\" is not the same in \"{}\" and in \"{}\"", one.display(), other.display())]
    Evidence {
        /// Its name.
        file: String,
        /// A bundle.
        one: PathBuf,
        /// Another.
        other: PathBuf,
    },
}

impl MergeProblem {
    /// What to do about it.
    pub fn help(&self) -> &str {
        match self {
            Self::NotIntact { help, .. } => help,
            Self::Apart { help, .. } => help,
            Self::Overlap(_) => "leave one of the bundles out, or split the checks with `run --shard` or `run --only`",
            Self::Expired { .. } => "let somebody state it again, and run the parts with that audit file",
            Self::Document { .. } => "run every part on the same commit of the documents",
            Self::Evidence { .. } => "take the bundles from where they were written",
        }
    }
}

fn overlapping(checks: &[(CheckId, Vec<PathBuf>)]) -> String {
    let told = |(check, bundles): &(CheckId, Vec<PathBuf>)| {
        let bundles: Vec<String> = bundles.iter().map(|path| format!("\"{}\"", path.display())).collect();
        format!("{check} in {}", and_list(&bundles))
    };
    let listed: Vec<String> = checks.iter().take(MOST_NAMES).map(told).collect();
    let more = checks.len().saturating_sub(MOST_NAMES);
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("more than one bundle looked at the same check: {}{more}", listed.join("; "))
}

/// What bundles say together; everything of a record that is not concluded from the rest.
#[derive(Debug)]
pub struct Union {
    /// The run they are parts of. Where they are several runs it still wants an id and a version of its own.
    pub run: RunContext,
    /// The runs that it is put together from; empty where all are parts of one.
    pub parts: Vec<Part>,
    /// One for each check, in the order of the audit.
    pub observations: Vec<Observation>,
    /// The documents that claims stand in, sorted by path.
    pub documents: Vec<DocumentRead>,
    /// What each locator of a claim leads to.
    pub places: Places,
    /// The earlier run that relative conditions are held against.
    pub baseline: Option<Baseline>,
    /// SHA-256 of the record before.
    pub previous: Option<String>,
    /// SHA-256 of the record whose evidence was judged again.
    pub replayed_from: Option<String>,
    /// Earlier runs that any of them knows, oldest first.
    pub history: Vec<Earlier>,
}

/// Joins bundles of the same audit; there is at least one. What comes out does not depend on their order.
pub fn union(bundles: &[Bundle]) -> Result<Union, MergeProblem> {
    let mut sorted: Vec<&Bundle> = bundles.iter().collect();
    sorted.sort_by_key(|bundle| (bundle.record.run.started_at, &bundle.record.run.run_id, &bundle.sha256));
    let first = sorted[0];
    for other in &sorted[1..] {
        agree(first, other)?;
    }
    let previous = previous(&sorted)?;
    let observations = observations(&first.record.audit, bundles)?;
    let (run, parts) = run(&sorted, &observations);
    Ok(Union {
        run,
        parts,
        observations,
        documents: documents(&sorted),
        places: first.record.places.clone(),
        baseline: first.record.baseline.clone(),
        previous,
        replayed_from: first.record.replayed_from.clone(),
        history: history::newest(sorted.iter().flat_map(|bundle| bundle.record.history.clone()).collect()),
    })
}

/// The bundle that has each of these files of evidence.
pub fn evidence<'a>(
    named: &BTreeMap<&str, &'a Blob>,
    bundles: &'a [Bundle],
) -> Result<Vec<(&'a Bundle, &'a Blob)>, MergeProblem> {
    let mut found: BTreeMap<&str, (&Bundle, &Blob)> = BTreeMap::new();
    for bundle in bundles {
        for (file, blob) in verify::blobs(&bundle.record) {
            match found.get(file) {
                Some((one, known)) if known.sha256 != blob.sha256 => {
                    let (one, other) = (one.directory.clone(), bundle.directory.clone());
                    return Err(MergeProblem::Evidence { file: file.to_owned(), one, other });
                }
                Some(_) => {}
                None => drop(found.insert(file, (bundle, blob))),
            }
        }
    }
    Ok(named.keys().filter_map(|file| found.get(file).copied()).collect())
}

/// Have two bundles in common what all parts of one run have in common?
fn agree(one: &Bundle, other: &Bundle) -> Result<(), MergeProblem> {
    let (ours, theirs) = (&one.record, &other.record);
    let places = || (one.directory.clone(), other.directory.clone());
    let rows = [
        (
            ours.policy_sha256 != theirs.policy_sha256,
            "the audit file",
            "run every part with the same audit file and the same variables",
        ),
        (
            ours.run.claims_only != theirs.run.claims_only,
            "whether claims alone are judged",
            "run every part with --claims-only, or none",
        ),
        (
            ours.baseline != theirs.baseline,
            "the earlier run that relative conditions are held against",
            "run every part with the same --baseline",
        ),
        (
            ours.replayed_from != theirs.replayed_from,
            "the record that they were replayed from",
            "merge the parts as they were recorded, then replay the merged bundle",
        ),
    ];
    if let Some((_, what, help)) = rows.into_iter().find(|(differs, ..)| *differs) {
        let (one, other) = places();
        return Err(MergeProblem::Apart { what, help, one, other });
    }
    if let Some(document) = differing_document(ours, theirs) {
        let (one, other) = places();
        return Err(MergeProblem::Document { document, one, other });
    }
    if ours.places != theirs.places {
        let (one, other) = places();
        let help = "run every part with the same version of countersign";
        return Err(MergeProblem::Apart { what: "what stands at the places of claims", help, one, other });
    }
    Ok(())
}

/// The record before them: a part may name none, and those that name one must name the same.
fn previous(sorted: &[&Bundle]) -> Result<Option<String>, MergeProblem> {
    let mut naming = sorted.iter().filter(|bundle| bundle.record.previous.is_some());
    let Some(first) = naming.next() else { return Ok(None) };
    match naming.find(|other| other.record.previous != first.record.previous) {
        None => Ok(first.record.previous.clone()),
        Some(other) => {
            let (one, other) = (first.directory.clone(), other.directory.clone());
            let help = "run every part with the same --previous";
            Err(MergeProblem::Apart { what: "the record before them", help, one, other })
        }
    }
}

/// The first document that two records read differently. When it was read, and when it was last changed, is no difference:
/// each part may have a checkout of its own.
fn differing_document(ours: &Record, theirs: &Record) -> Option<String> {
    let (ours, theirs) = (read(ours), read(theirs));
    let names: BTreeSet<&str> = ours.keys().chain(theirs.keys()).copied().collect();
    names.into_iter().find(|name| ours.get(name) != theirs.get(name)).map(str::to_owned)
}

/// How each document was read, by whoever read it first.
fn documents(sorted: &[&Bundle]) -> Vec<DocumentRead> {
    let mut first: BTreeMap<&str, &DocumentRead> = BTreeMap::new();
    for document in sorted.iter().flat_map(|bundle| &bundle.record.documents) {
        let known = first.entry(&document.path).or_insert(document);
        let moment = |document: &DocumentRead| (document.exchange.asked_at, document.exchange.elapsed_us);
        if moment(document) < moment(known) {
            *known = document;
        }
    }
    first.into_values().cloned().collect()
}

/// Each document by its path: the digest of what was read, else the answer that took its place.
fn read(record: &Record) -> BTreeMap<&str, Result<&str, &Answer>> {
    let mut read = BTreeMap::new();
    for DocumentRead { path, exchange } in &record.documents {
        let content = match &exchange.answer {
            Answer::Content { content, .. } => Ok(content.sha256.as_str()),
            other => Err(other),
        };
        read.insert(path.as_str(), content);
    }
    read
}

/// What was seen of every check, by the one bundle that looked at it.
fn observations(audit: &Audit, bundles: &[Bundle]) -> Result<Vec<Observation>, MergeProblem> {
    let parts: Vec<BTreeMap<&CheckId, Seen<'_>>> = bundles.iter().map(|bundle| seen(&bundle.record)).collect();
    let mut observations = Vec::with_capacity(audit.checks.len());
    let mut overlaps = Vec::new();
    for check in &audit.checks {
        let of_parts: Vec<(&Bundle, Seen<'_>)> =
            bundles.iter().zip(&parts).filter_map(|(bundle, part)| Some((bundle, *part.get(&check.id)?))).collect();
        let looked: Vec<(&Bundle, &Observation)> =
            of_parts.iter().filter(|(_, seen)| seen.looked).map(|(bundle, seen)| (*bundle, seen.observation)).collect();
        match looked.as_slice() {
            [] => observations.extend(left_out(&of_parts)),
            [(_, only)] => observations.push((*only).clone()),
            // What the audit file decides is the same for all.
            [(_, first), rest @ ..] if check.not_applicable.is_some() && rest.iter().all(|(_, one)| one == first) => {
                observations.push((*first).clone());
            }
            several => {
                let bundles = several.iter().map(|(bundle, _)| bundle.directory.clone()).collect();
                overlaps.push((check.id.clone(), bundles));
            }
        }
    }
    if overlaps.is_empty() { Ok(observations) } else { Err(MergeProblem::Overlap(overlaps)) }
}

/// A check in one bundle.
#[derive(Clone, Copy)]
struct Seen<'a> {
    observation: &'a Observation,
    /// Did the run look at it? Not when it was left out, was not reached, or waited for a check of which that is true.
    looked: bool,
}

fn seen(record: &Record) -> BTreeMap<&CheckId, Seen<'_>> {
    // That no claim needs it is the same in every part.
    let unseen = |sight: &Sight| {
        sight.is_left_out() || matches!(sight, Sight::Skipped(SkipReason::Interrupted | SkipReason::NotClaimed))
    };
    let looked = |observation| Seen { observation, looked: !unseen(&observation.sight) };
    let mut seen: BTreeMap<&CheckId, Seen<'_>> =
        record.observations.iter().map(|observation| (&observation.check, looked(observation))).collect();
    // A chain of checks that wait for one another may stand in any order.
    loop {
        let waits = |check: &&Check| {
            let Some(Seen { observation, looked: true }) = seen.get(&check.id) else { return false };
            let Sight::Skipped(SkipReason::DidNotPass(on) | SkipReason::NotKnown(on)) = &observation.sight else {
                return false;
            };
            check.depends_on.contains(on) && seen.get(on).is_some_and(|seen| !seen.looked)
        };
        let waiting: Vec<&CheckId> = record.audit.checks.iter().filter(waits).map(|check| &check.id).collect();
        if waiting.is_empty() {
            return seen;
        }
        for id in waiting {
            seen.entry(id).and_modify(|seen| seen.looked = false);
        }
    }
}

/// A check that no bundle looked at: for the reason that all of them give; for that of a run that was to look at it and
/// was stopped; else because each left it out.
fn left_out(of_parts: &[(&Bundle, Seen<'_>)]) -> Option<Observation> {
    let all: Vec<&Observation> = of_parts.iter().map(|(_, seen)| seen.observation).collect();
    let first = *all.first()?;
    let interrupted = |one: &&&Observation| one.sight == Sight::Skipped(SkipReason::Interrupted);
    if all.iter().all(|one| one.sight == first.sight) {
        return Some(first.clone());
    }
    let sight = match all.iter().find(interrupted) {
        Some(one) => one.sight.clone(),
        None => Sight::Skipped(SkipReason::NotInParts),
    };
    Some(Observation { check: first.check.clone(), sight, exchanges: Vec::new() })
}

/// The run that the bundles, by their beginning, are parts of. Parts of one run, replayed one by one, are that run.
fn run(sorted: &[&Bundle], observations: &[Observation]) -> (RunContext, Vec<Part>) {
    let (first, rest) = (&sorted[0].record, &sorted[1..]);
    if rest.iter().all(|bundle| bundle.record.run == first.run && bundle.record.parts == first.parts) {
        return (first.run.clone(), first.parts.clone());
    }
    let runs = || sorted.iter().map(|bundle| &bundle.record.run);
    let platforms: BTreeSet<&str> = runs().flat_map(|run| run.platform.split(", ")).collect();
    let interrupted =
        observations.iter().any(|observation| observation.sight == Sight::Skipped(SkipReason::Interrupted));
    let run = RunContext {
        started_at: first.run.started_at,
        finished_at: runs().map(|run| run.finished_at).max().unwrap_or(first.run.finished_at),
        platform: platforms.into_iter().collect::<Vec<_>>().join(", "),
        interrupted,
        untrusted: runs().any(|run| run.untrusted),
        ..first.run.clone()
    };
    // What was merged before is named by the runs that it came from.
    let parts: BTreeSet<Part> = sorted
        .iter()
        .flat_map(|bundle| match bundle.record.parts.as_slice() {
            [] => vec![part(bundle)],
            parts => parts.to_vec(),
        })
        .collect();
    (run, parts.into_iter().collect())
}

fn part(bundle: &Bundle) -> Part {
    let run = &bundle.record.run;
    Part {
        started_at: run.started_at,
        finished_at: run.finished_at,
        run_id: run.run_id.clone(),
        sha256: bundle.sha256.clone(),
        tool_version: run.tool_version.clone(),
        platform: run.platform.clone(),
    }
}

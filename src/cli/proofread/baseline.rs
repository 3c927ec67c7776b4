//! Findings that were there before: a file with a fingerprint of each, so that only new ones count.
//!
//! A fingerprint is of the rule, the file, the headings above and the words that a finding rests on, numbers included, and
//! never of a line: what moves stays known, and what says another number is new.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::super::{Failure, terminal};
use super::files::{Finding, Read};
use crate::model::digest;
use crate::model::format::plural;
use crate::proofread::Level;
use crate::proofread::document::{MAX_BYTES, at_most};

/// Names the shape of the file.
const SCHEMA: &str = "urn:countersign:proofread-baseline:v1";
/// What stands as the reason of a finding that is in the baseline.
const KNOWN: &str = "it is in the baseline";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Baseline {
    schema: String,
    findings: Vec<Entry>,
}

#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    fingerprint: String,
    count: u64,
    /// For people who read the file; nothing depends on these.
    rule: String,
    path: String,
    message: String,
}

/// What stays the same while a finding is about the same words: 64 lower-case hex digits.
pub(super) fn fingerprint(path: &str, finding: &Finding) -> String {
    let mut hash = Sha256::new();
    let quoted = finding.spots.iter().map(|spot| spot.text.split_whitespace().collect::<Vec<_>>().join(" "));
    let parts =
        [finding.rule.to_owned(), path.to_owned()].into_iter().chain(finding.under.iter().cloned()).chain(quoted);
    for part in parts {
        hash.update(part.as_bytes());
        hash.update([0]);
    }
    digest::finish(hash)
}

/// Writes every finding that would count or be shown; says how many.
pub(super) fn write(path: &Path, read: &Read, gate: Level) -> Result<String, Failure> {
    let mut entries: BTreeMap<(String, String), Entry> = BTreeMap::new();
    for (file, finding) in read.shown(gate) {
        let fingerprint = fingerprint(file, finding);
        let entry = entries.entry((file.to_owned(), fingerprint.clone())).or_insert_with(|| Entry {
            fingerprint,
            count: 0,
            rule: finding.rule.to_owned(),
            path: file.to_owned(),
            message: finding.message.clone(),
        });
        entry.count += 1;
    }
    let count = entries.values().map(|entry| entry.count).sum();
    save(path, entries.into_values().collect())?;
    Ok(plural(count, "finding written", "findings written"))
}

/// Marks what is in the baseline; returns how many entries are of nothing that is found, and takes them out if asked.
pub(super) fn apply(path: &Path, read: &mut Read, prune: bool) -> Result<u64, Failure> {
    let entries = load(path)?;
    let mut left: BTreeMap<String, u64> = BTreeMap::new();
    for entry in &entries {
        *left.entry(entry.fingerprint.clone()).or_default() += entry.count;
    }
    for file in &mut read.files {
        for finding in file.findings.iter_mut().filter(|finding| finding.allowed.is_none()) {
            if let Some(count) = left.get_mut(&fingerprint(&file.path, finding)).filter(|count| **count > 0) {
                *count -= 1;
                finding.allowed = Some(KNOWN.to_owned());
            }
        }
    }
    // An entry of a file that was not read now is not stale.
    let seen: BTreeSet<&str> = read.files.iter().filter(|file| file.read).map(|file| file.path.as_str()).collect();
    let was_read = |entry: &Entry| seen.contains(entry.path.as_str());
    let mut stale = 0;
    let mut kept = Vec::new();
    for mut entry in entries {
        if let Some(count) = left.get_mut(&entry.fingerprint).filter(|_| was_read(&entry)) {
            let gone = entry.count.min(*count);
            stale += gone;
            *count -= gone;
            entry.count -= gone;
        }
        if entry.count > 0 {
            kept.push(entry);
        }
    }
    if prune && stale > 0 {
        save(path, kept)?;
    }
    Ok(stale)
}

fn load(path: &Path) -> Result<Vec<Entry>, Failure> {
    let shown = terminal::visible(&path.to_string_lossy());
    let help = "write one with --baseline FILE --write-baseline";
    let bytes = fs::File::open(path)
        .and_then(|file| at_most(file, MAX_BYTES))
        .map_err(|error| Failure::new(format!("could not read the baseline {shown}: {error}"), help))?
        .ok_or_else(|| {
            let message = format!("could not read the baseline {shown}: it is larger than {} MiB", MAX_BYTES >> 20);
            Failure::new(message, help)
        })?;
    let baseline: Baseline = serde_json::from_slice(&bytes)
        .map_err(|error| Failure::new(format!("could not read the baseline {shown}: {error}"), help))?;
    if baseline.schema != SCHEMA {
        return Err(Failure::new(format!("{shown} is no baseline of this version: its schema is not {SCHEMA}"), help));
    }
    Ok(baseline.findings)
}

fn save(path: &Path, findings: Vec<Entry>) -> Result<(), Failure> {
    let failed = |error: &dyn std::fmt::Display| {
        let shown = terminal::visible(&path.to_string_lossy());
        Failure::new(format!("could not write the baseline {shown}: {error}"), "choose another place for --baseline")
    };
    let baseline = Baseline { schema: SCHEMA.to_owned(), findings };
    let text = serde_json::to_string_pretty(&baseline).map_err(|error| failed(&error))?;
    fs::write(path, text + "\n").map_err(|error| failed(&error))
}

//! The sign-offs of a bundle on their way into its documents, and from an earlier bundle into the next.

use std::collections::BTreeSet;
use std::io;
use std::path::Path;

use crate::model::record::Record;
use crate::model::signoff::{SignOff, Standing};
use crate::record::signoffs::{self, Stored};
use crate::record::{Bundle, BundleProblem, sha256};
use crate::signoff::{About, Envelope, inspect};

/// What the documents of a bundle are made of, besides the evidence.
#[derive(Debug, Clone, Copy)]
pub struct Parts<'a> {
    /// The record.
    pub record: &'a Record,
    /// Its canonical bytes.
    pub bytes: &'a [u8],
    /// Their SHA-256.
    pub sha256: &'a str,
    /// The sign-offs.
    pub signoffs: &'a Stored,
}

impl<'a> Parts<'a> {
    /// Those of a bundle that was read.
    pub fn of(bundle: &'a Bundle, signoffs: &'a Stored) -> Self {
        Self { record: &bundle.record, bytes: &bundle.bytes, sha256: &bundle.sha256, signoffs }
    }
}

/// The sign-offs as documents show them. What the evidence is like now is not asked: a document is a function of the record
/// and what was signed.
pub(super) fn list(parts: &Parts<'_>) -> Vec<SignOff> {
    shown(parts.record, parts.sha256, parts.signoffs)
}

fn shown(record: &Record, sha256: &str, stored: &Stored) -> Vec<SignOff> {
    inspect(&stored.envelopes, &About { record, sha256, earlier: &known(record, stored), problem: None })
}

/// Digests of the earlier records that are known: those the record itself names, and those kept beside it.
pub(super) fn known(record: &Record, stored: &Stored) -> BTreeSet<String> {
    let named = record.previous.iter().chain(&record.replayed_from).cloned();
    named.chain(stored.earlier.iter().cloned()).collect()
}

/// The envelopes of this very record, one a line; `None` where there is none.
pub(super) fn lines(signed: &[SignOff]) -> Option<String> {
    let ours = signed.iter().filter(|signoff| matches!(signoff.standing, Standing::Covers | Standing::Unproved));
    let lines: String = ours
        .filter_map(|signoff| Envelope::parse(&signoff.envelope).ok())
        .map(|envelope| format!("{}\n", envelope.line()))
        .collect();
    (!lines.is_empty()).then_some(lines)
}

/// Files to write into a bundle, with their names in it.
type Files = Vec<(String, Vec<u8>)>;

/// The sign-offs of the bundle that stands at a place and is about to be replaced by this record. They are carried along,
/// with the records that they were given for, so that what is stale is shown as stale and not lost.
pub(super) fn carried(target: &Path, record: &Record, sha: &str) -> Result<(Stored, Files), BundleProblem> {
    let unreadable = |source: io::Error| BundleProblem::Unwritable { path: target.to_owned(), source };
    let mut stored = signoffs::read(target).map_err(unreadable)?;
    stored.strange.clear();
    if stored.envelopes.is_empty() {
        return Ok((Stored::default(), Files::new()));
    }
    let before = signoffs::current(target).map_err(unreadable)?;
    let before_sha = sha256(&before);
    stored.earlier.insert(before_sha.clone());
    let signed: BTreeSet<String> =
        shown(record, sha, &stored).into_iter().filter_map(|signoff| Some(signoff.said?.record)).collect();
    stored.earlier.retain(|digest| digest != sha && signed.contains(digest));
    let mut files: Files = stored.envelopes.iter().map(|kept| (kept.path(), kept.bytes.clone())).collect();
    for digest in &stored.earlier {
        let bytes = if *digest == before_sha { Ok(before.clone()) } else { signoffs::earlier(target, digest) };
        files.push((signoffs::earlier_path(digest), bytes.map_err(unreadable)?));
    }
    Ok((stored, files))
}

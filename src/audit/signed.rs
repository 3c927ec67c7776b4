//! The sign-offs of a bundle on their way into its documents, and from an earlier bundle into the next.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;

use crate::judge::{self, Seen};
use crate::model::audit::SignoffRole;
use crate::model::record::Record;
use crate::model::signoff::{Reach, Said, SignOff, Standing};
use crate::record::signoffs::{self, Stored};
use crate::record::verify::{self, Finding};
use crate::record::{self, Bundle, BundleProblem, sha256};
use crate::report::view::View;
use crate::report::{self, Evidence};
use crate::signoff::{About, Earlier, Envelope, inspect};

/// What the documents of a bundle are made of, besides the evidence.
#[derive(Debug, Clone, Copy)]
pub struct Contents<'a> {
    /// The record.
    pub record: &'a Record,
    /// Its canonical bytes.
    pub bytes: &'a [u8],
    /// Their SHA-256.
    pub sha256: &'a str,
    /// The sign-offs.
    pub signoffs: &'a Stored,
}

impl<'a> Contents<'a> {
    /// Those of a bundle that was read.
    pub fn of(bundle: &'a Bundle, signoffs: &'a Stored) -> Self {
        Self { record: &bundle.record, bytes: &bundle.bytes, sha256: &bundle.sha256, signoffs }
    }

    /// What documents show of them; `signed` are the sign-offs as [`list`] gives them.
    pub fn view(&self, signed: &[SignOff], evidence: &dyn Evidence) -> View {
        report::view(self.record, self.bytes, self.sha256, signed, evidence)
    }
}

/// The sign-offs as documents show them. What the evidence is like now is not asked: a document is a function of the record
/// and what was signed.
pub fn list(contents: &Contents<'_>) -> Vec<SignOff> {
    shown(contents.record, contents.sha256, contents.signoffs)
}

fn shown(record: &Record, sha256: &str, stored: &Stored) -> Vec<SignOff> {
    let about = About { record, sha256, earlier: &known(record, stored), problem: None };
    let mut shown = inspect(&stored.envelopes, &about);
    for signoff in &mut shown {
        let by_area = |said: &&Said| by_area(record).any(|(role, _)| role == said.role.as_str());
        let said = signoff.said.as_ref().filter(by_area);
        signoff.earlier = said.and_then(|said| stored.earlier.get(&said.record).cloned().flatten());
    }
    shown
}

/// The roles that answer for some areas alone.
fn by_area(record: &Record) -> impl Iterator<Item = (&String, &SignoffRole)> {
    let roles = record.audit.signoff.iter().flat_map(|policy| &policy.roles);
    roles.filter(|(_, role)| !role.areas.is_empty())
}

/// The earlier records that are known: those the record itself names, and those kept beside it. What they say is only looked
/// at where a role answers for areas.
pub(super) fn known(record: &Record, stored: &Stored) -> BTreeMap<String, Earlier> {
    let compared = by_area(record).next().is_some();
    let named = record.previous.iter().chain(&record.replayed_from).map(|digest| (digest.clone(), Earlier::Named));
    let kept = stored.earlier.iter().map(|(digest, bytes)| {
        let earlier = bytes.as_ref().filter(|_| compared).map_or(Earlier::Named, |bytes| earlier(bytes));
        (digest.clone(), earlier)
    });
    named.chain(kept).collect()
}

/// An earlier record from its bytes, held to what a verifier holds any record to. The evidence of that run is not kept; what
/// of it counts is compared by its digests with that of this one.
fn earlier(bytes: &[u8]) -> Earlier {
    let record = match record::from_bytes(bytes) {
        Ok(record) => record,
        Err(problem) => return Earlier::Refused(problem.to_string()),
    };
    match verify::policy(&record).or_else(|| judged_otherwise(&record)) {
        Some(finding) => Earlier::Refused(finding.text),
        None => Earlier::Kept(Box::new(record)),
    }
}

/// The finding of a record that does not say what judging it again gives.
pub(super) fn judged_otherwise(record: &Record) -> Option<Finding> {
    let again = judge::judge(&record.audit, Seen::of(record));
    // As it would have been written down.
    let again = record::clean(again.clone()).unwrap_or(again);
    verify::judgement(&record.judgement, &again)
}

/// The envelopes of this very record, one a line; `None` where there is none.
pub(super) fn lines(signed: &[SignOff]) -> Option<String> {
    let is_ours =
        |standing: &Standing| matches!(standing, Standing::Covers(Reach::Record) | Standing::Unproved(Reach::Record));
    let ours = signed.iter().filter(|signoff| is_ours(&signoff.standing));
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
    stored.earlier.insert(sha256(&before), Some(before.into()));
    let signed: BTreeSet<String> =
        shown(record, sha, &stored).into_iter().filter_map(|signoff| Some(signoff.said?.record)).collect();
    stored.earlier.retain(|digest, _| digest != sha && signed.contains(digest));
    let mut files: Files = stored.envelopes.iter().map(|kept| (kept.path(), kept.bytes.clone())).collect();
    for (digest, bytes) in &stored.earlier {
        let bytes = bytes.as_ref().map_or_else(|| signoffs::earlier(target, digest), |bytes| Ok(bytes.to_vec()));
        files.push((signoffs::earlier_path(digest), bytes.map_err(unreadable)?));
    }
    Ok((stored, files))
}

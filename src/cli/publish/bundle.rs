//! One bundle on its way into a site: checked, then its record, sign-offs, evidence and page.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use super::shelf::Shelf;
use super::writing::{Writing, shown};
use super::{Failure, HowMuch};
use crate::audit::{self, Contents, Excerpts};
use crate::model::evidence::Blob;
use crate::model::format;
use crate::publish::{Entry, Place, Published, RECORD, published_name};
use crate::record::bundle::EVIDENCE;
use crate::record::signoffs::{self, Stored};
use crate::record::verify::{self, Finding};
use crate::record::{Bundle, BundleProblem, sha256};
use crate::report::{self, Evidence, Templates};
use crate::signoff::Envelope;

/// A bundle that is as it was recorded.
pub(super) struct Opened {
    bundle: Bundle,
    stored: Stored,
}

/// Opens a bundle and checks its record, sign-offs and evidence; the inner error is one that is damaged.
pub(super) fn open(directory: &Path) -> Result<Result<Opened, Failure>, Failure> {
    let bundle = match Bundle::open(directory) {
        Ok(bundle) => bundle,
        Err(problem) => {
            let failure = Failure::new(problem.to_string(), problem.help());
            let damaged = matches!(problem, BundleProblem::Record { .. });
            return if damaged { Ok(Err(failure)) } else { Err(failure) };
        }
    };
    let stored = read_signoffs(directory)?;
    let mut findings = verify::evidence(&bundle);
    findings.extend(audit::verify::doubtful_of_ours(&bundle.record));
    findings.extend(stored.strange.iter().cloned());
    for kept in &stored.envelopes {
        if let Some(why) = not_an_envelope(&kept.name, &kept.bytes) {
            findings.push(Finding::new(verify::Code::SignoffUnknown, kept.path(), why));
        }
    }
    if findings.is_empty() {
        return Ok(Ok(Opened { bundle, stored }));
    }
    let details: String =
        findings.iter().map(|found| format!("  {} {}: {}\n", found.code.name(), found.file, found.text)).collect();
    Ok(Err(Failure {
        details: Some(details),
        message: format!("\"{}\" is not as it was recorded", shown(directory)),
        help: "`countersign verify` says more; publish a bundle that it finds intact. Nothing was written".to_owned(),
    }))
}

/// Why a file among the sign-offs may not be given to a site: only what is an envelope, under a name that is no more than one.
fn not_an_envelope(name: &str, bytes: &[u8]) -> Option<&'static str> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
    if !name.chars().all(plain) || name.starts_with(['.', '_', '-']) {
        return Some("its name is not that of a sign-off");
    }
    Envelope::parse(bytes).is_err().then_some("it is no sign-off")
}

fn read_signoffs(directory: &Path) -> Result<Stored, Failure> {
    signoffs::read(directory).map_err(|error| {
        Failure::new(format!("the sign-offs of \"{}\" cannot be read: {error}", shown(directory)), "make them readable")
    })
}

/// Adds a bundle to what is written; what is worth saying about it.
pub(super) fn add(
    place: &Place<'_>,
    opened: &Opened,
    how_much: HowMuch,
    shelf: &mut Shelf,
    writing: &mut Writing<'_>,
) -> Result<Option<String>, Failure> {
    let bundle = &opened.bundle;
    let bare = Entry::of(&bundle.record, &bundle.sha256, &[]);
    let folder = writing.ground().files.join(bare.folder(place.site));
    let page = writing.ground().pages.join(bare.page(place.site));
    let there = fs::read(folder.join(RECORD)).ok();
    if let Some(found) = there.as_ref().filter(|found| **found != bundle.bytes) {
        return Err(Failure::new(
            format!("\"{}\" is the page of another record, with the sha256 {}", shown(&page), sha256(found)),
            "a published page is of one record for ever; publish to another folder with --to DIR. Nothing was written",
        ));
    }
    let published_before = if there.is_some() { read_signoffs(&folder)? } else { Stored::default() };
    let stored = joined(&opened.stored, &published_before);
    let contents = Contents { record: &bundle.record, bytes: &bundle.bytes, sha256: &bundle.sha256, signoffs: &stored };
    let signed = audit::sign_offs(&contents);
    let entry = Entry::of(&bundle.record, &bundle.sha256, &signed);

    let published = evidence(place, bundle, how_much, &folder, writing)?;
    for (file, bytes) in signoff_files(bundle, &folder, &stored)? {
        writing.constant(folder.join(&file), bytes)?;
    }
    writing.constant(folder.join(RECORD), bundle.bytes.clone())?;
    let mut links = published;
    links.extend(signed.iter().map(|signoff| (signoff.file.clone(), signoff.file.clone())));
    let excerpts: &dyn Evidence = match how_much {
        HowMuch::None => &Withheld,
        _ => &Excerpts::of(&bundle.evidence()),
    };
    let view = contents.view(&signed, excerpts);
    let text = place
        .run_page(&entry, &view, &links, &Templates::builtin())
        .map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
    // Without its record nobody can say what a page is of, unless it is the very same page.
    if there.is_none() && fs::read(&page).is_ok_and(|found| found != text.as_bytes()) {
        return Err(Failure::new(
            format!("\"{}\" is there, and the record that it would be of is not beside it", shown(&page)),
            "move it away, or publish to another folder with --to DIR; nothing was written",
        ));
    }
    let more = stored.envelopes.len().saturating_sub(published_before.envelopes.len());
    let said = (there.is_some() && page.exists() && more > 0).then(|| {
        let more = format::plural(more as u64, "more sign-off", "more sign-offs");
        format!("{}: {more}; signed: {}", entry.name, entry.signed_words())
    });
    writing.sealed(page, text)?;
    shelf.add(entry)?;
    Ok(said)
}

/// Nothing of the evidence.
struct Withheld;

impl Evidence for Withheld {
    fn excerpt(&self, _: &Blob) -> Option<Vec<u8>> {
        None
    }
}

/// The sign-offs of a bundle and those that were published before: none is ever taken back.
fn joined(ours: &Stored, before: &Stored) -> Stored {
    let mut joined = ours.clone();
    joined.strange.clear();
    for kept in &before.envelopes {
        if joined.envelopes.iter().all(|known| known.name != kept.name) {
            joined.envelopes.push(kept.clone());
        }
    }
    joined.envelopes.sort_by(|one, other| one.name.cmp(&other.name));
    let more: BTreeMap<_, _> =
        before.earlier.clone().into_iter().filter(|(digest, _)| !ours.earlier.contains_key(digest)).collect();
    joined.earlier.extend(more);
    joined
}

/// The files of the sign-offs, relative to the folder of the run.
fn signoff_files(bundle: &Bundle, folder: &Path, stored: &Stored) -> Result<Vec<(String, Vec<u8>)>, Failure> {
    let mut files: Vec<(String, Vec<u8>)> =
        stored.envelopes.iter().map(|kept| (kept.path(), kept.bytes.clone())).collect();
    for digest in stored.earlier.keys() {
        let bytes = signoffs::earlier(&bundle.directory, digest).or_else(|_| signoffs::earlier(folder, digest));
        let bytes = bytes.map_err(|error| {
            Failure::new(format!("the earlier record {digest} cannot be read: {error}"), "make it readable")
        })?;
        files.push((signoffs::earlier_path(digest), bytes));
    }
    Ok(files)
}

/// The files of the evidence; by the name that the report gives each, the one that it has in the folder of the run.
fn evidence(
    place: &Place<'_>,
    bundle: &Bundle,
    how_much: HowMuch,
    folder: &Path,
    writing: &mut Writing<'_>,
) -> Result<Published, Failure> {
    let mut published = Published::new();
    for blob in verify::blobs(&bundle.record).into_values() {
        let unreadable = |error: std::io::Error| {
            Failure::new(format!("\"{}\" cannot be read: {error}", shown(Path::new(&blob.file))), "make it readable")
        };
        let bytes = fs::read(bundle.evidence().join(&blob.file)).map_err(unreadable)?;
        let (name, encoded) = published_name(place.site, blob, &bytes);
        let file = format!("{EVIDENCE}/{name}");
        if how_much == HowMuch::Files {
            writing.constant(folder.join(&file), encoded.unwrap_or(bytes))?;
            published.insert(report::evidence_file(blob), file);
        } else {
            writing.gone(folder.join(&file));
        }
    }
    Ok(published)
}

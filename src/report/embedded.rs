//! What stands inside the HTML besides the document: the record, the excerpts of evidence that the document shows, and the
//! sign-offs. With them the page can be rendered again from itself alone, and compared.
//!
//! Reading it back trusts nothing: whoever reads renders the page again and compares every byte.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::Evidence;
use super::view::Embedded;
use super::view::encoded::Encoded;
use crate::model::evidence::Blob;
use crate::model::format;
use crate::model::number::Number;
use crate::model::signoff::{SignOff, Standing, earlier_path};

/// Largest record that stands inside the HTML, in bytes.
const MOST: usize = 2 * 1024 * 1024;
/// The ids of the elements.
const RECORD: &str = "countersign-record";
const EXCERPTS: &str = "countersign-excerpts";
const SIGNOFFS: &str = "countersign-signoffs";

/// Evidence that remembers what was asked of it, where that goes into the page.
pub(super) struct Noted<'a> {
    inner: &'a dyn Evidence,
    embeds: bool,
    seen: Mutex<BTreeMap<String, Vec<u8>>>,
}

impl<'a> Noted<'a> {
    pub(super) fn new(inner: &'a dyn Evidence, embeds: bool) -> Self {
        Self { inner, embeds, seen: Mutex::default() }
    }

    /// What was shown, by the file of the evidence.
    pub(super) fn into_excerpts(self) -> BTreeMap<String, Vec<u8>> {
        self.seen.into_inner().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Evidence for Noted<'_> {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        let bytes = self.inner.excerpt(blob)?;
        if self.embeds {
            let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
            seen.insert(blob.file.clone(), bytes.clone());
        }
        Some(bytes)
    }
}

/// Does a record stand inside its page, with the earlier ones that its sign-offs hang on?
pub(super) fn fits(canonical: &[u8], signoffs: &[SignOff]) -> bool {
    let sizes =
        signoffs.iter().filter_map(|signoff| Some((&signoff.said.as_ref()?.record, signoff.earlier.as_ref()?.len())));
    let earlier: BTreeMap<&String, usize> = sizes.collect();
    earlier.values().fold(canonical.len(), |all, size| all.saturating_add(*size)) <= MOST
}

/// What the page holds, as far as it fits.
pub(super) fn embed(canonical: &[u8], signoffs: &[SignOff], excerpts: &BTreeMap<String, Vec<u8>>) -> Embedded {
    let size = format::bytes(&Number::from(canonical.len()));
    if !fits(canonical, signoffs) {
        let what = if fits(canonical, &[]) { " with the earlier ones that were signed" } else { "" };
        let note = format!(
            "The record ({size}){what} is too large to stand inside this page; it lies beside it as record.json."
        );
        return Embedded { base64: None, excerpts: None, signoffs: None, note };
    }
    let note = format!("The record ({size}) stands inside this page.");
    let mut files: BTreeMap<String, Vec<u8>> =
        signoffs.iter().map(|signoff| (signoff.file.clone(), signoff.envelope.clone())).collect();
    // Where nothing hangs on what an earlier record says, its name alone says that it was one.
    for signoff in signoffs {
        let is_stale = matches!(signoff.standing, Standing::Stale(_));
        let Some(said) = signoff.said.as_ref().filter(|_| is_stale || signoff.earlier.is_some()) else { continue };
        let bytes = files.entry(earlier_path(&said.record)).or_default();
        if let Some(earlier) = &signoff.earlier {
            *bytes = earlier.to_vec();
        }
    }
    Embedded { base64: Some(Encoded::of(canonical)), excerpts: packed(excerpts), signoffs: packed(&files), note }
}

/// Files by name, as base64 of a JSON object of base64; `None` when there are none.
fn packed(files: &BTreeMap<String, Vec<u8>>) -> Option<String> {
    let files: BTreeMap<&String, String> = files.iter().map(|(name, bytes)| (name, STANDARD.encode(bytes))).collect();
    let json = serde_json::to_vec(&files).ok().filter(|_| !files.is_empty())?;
    Some(STANDARD.encode(json))
}

/// What a page holds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Unpacked {
    /// The bytes of `record.json`.
    pub record: Vec<u8>,
    /// Excerpts, by the file of the evidence.
    pub excerpts: BTreeMap<String, Vec<u8>>,
    /// What the page has of the directory of sign-offs, by file: the envelopes, and of earlier records the name.
    pub signoffs: BTreeMap<String, Vec<u8>>,
}

/// Reads what a page holds; `None` when it holds no record.
pub fn unpack(page: &str) -> Option<Unpacked> {
    let files = |id: &str| {
        let Some(text) = element(page, id) else { return Some(BTreeMap::new()) };
        let files: BTreeMap<String, String> = serde_json::from_slice(&STANDARD.decode(text).ok()?).ok()?;
        files.into_iter().map(|(name, text)| Some((name, STANDARD.decode(text).ok()?))).collect()
    };
    Some(Unpacked {
        record: STANDARD.decode(element(page, RECORD)?).ok()?,
        excerpts: files(EXCERPTS)?,
        signoffs: files(SIGNOFFS)?,
    })
}

/// The base64 in the last element of that id: a page ends with them.
fn element<'a>(page: &'a str, id: &str) -> Option<&'a str> {
    let start = format!("<script type=\"application/json\" id=\"{id}\">\"");
    let (_, rest) = page.rsplit_once(&start)?;
    rest.split_once("\"</script>").map(|(text, _)| text)
}

impl Evidence for Unpacked {
    fn excerpt(&self, blob: &Blob) -> Option<Vec<u8>> {
        self.excerpts.get(&blob.file).cloned()
    }
}

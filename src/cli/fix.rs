//! `run --fix`: writes corrections into the documents, and nothing else. A document that is not what the audit read is
//! left as it is, and so is a number that may be another one than was claimed.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::fs;
use std::io;
use std::path::Path;
use std::rc::Rc;

use similar::{ChangeTag, TextDiff};

use super::lock::Lock;
use super::terminal::{self, BAD, GOOD, STRONG, visible};
use super::whole;
use crate::audit::{Correction, Corrections, Fix};
use crate::model::captured;
use crate::model::format::plural;
use crate::record;

/// Lines shown around a change.
const AROUND: usize = 1;

/// What came of it, told when the run has ended.
#[derive(Debug, Default)]
pub(crate) struct Told {
    /// The diffs of the documents that were written.
    pub(crate) diff: String,
    /// What was left as it is, and why.
    pub(crate) left: String,
    /// How many places were written.
    pub(crate) written: u64,
    /// The locators of those.
    pub(crate) at: BTreeSet<String>,
}

impl Told {
    /// One line that says how much was put right; empty when nothing was.
    pub(crate) fn summary(&self) -> String {
        match self.written {
            0 => String::new(),
            written => format!("{} put right, as shown above\n", plural(written, "number was", "numbers were")),
        }
    }
}

/// What writes corrections below `root`, and where it tells what it did.
pub(crate) fn fixer(root: &Path, allow_outside: bool, lock: &Lock) -> (Fix, Rc<RefCell<Told>>) {
    let told = Rc::new(RefCell::new(Told::default()));
    let (root, lock, tell) = (root.to_owned(), lock.clone(), Rc::clone(&told));
    let fix = move |corrections: &Corrections| {
        let mut changed = false;
        for of_document in corrections.list.chunk_by(|one, other| one.document == other.document) {
            changed |= document(&root, allow_outside, &lock, corrections, of_document, &mut tell.borrow_mut());
        }
        changed
    };
    (Box::new(fix), told)
}

/// Corrects one document; says what it did. Was anything written?
fn document(
    root: &Path,
    allow_outside: bool,
    lock: &Lock,
    corrections: &Corrections,
    of_document: &[Correction],
    told: &mut Told,
) -> bool {
    let mut possible = Vec::new();
    for correction in of_document {
        let doubt = correction.led.iter().find_map(|(at, quote)| lock.doubt(at, quote));
        let why = match (&correction.new, doubt) {
            (Some(new), None) => {
                possible.push((correction, new.as_str()));
                continue;
            }
            (None, _) => "it cannot be said in the same words".to_owned(),
            (Some(_), Some(doubt)) => doubt,
        };
        let (place, old) = (place(correction), visible(&correction.old));
        told.left.push_str(&format!("{place}: \"{old}\" is left: {}\n", visible(&why)));
    }
    let Some((first, _)) = possible.first() else { return false };
    let path = &first.document;
    let read = corrections.read.get(path).and_then(Option::as_deref);
    match rewrite(root, allow_outside, path, read, &possible) {
        Ok((before, after)) => {
            told.diff.push_str(&diff(path, &before, &after));
            told.written += possible.len() as u64;
            told.at.extend(possible.iter().flat_map(|(correction, _)| correction.led.keys().cloned()));
            true
        }
        Err(why) => {
            told.left.push_str(&format!("{}: left as it is: {}\n", visible(path), visible(&why)));
            false
        }
    }
}

fn place(correction: &Correction) -> String {
    format!("{}:{}:{}", visible(&correction.document), correction.spot.line, correction.spot.column)
}

/// Puts the texts in their places; what stood there before, and what stands there now.
fn rewrite(
    root: &Path,
    allow_outside: bool,
    path: &str,
    read: Option<&str>,
    corrections: &[(&Correction, &str)],
) -> Result<(String, String), String> {
    let told = |error: io::Error| error.to_string();
    let root = root.canonicalize().map_err(told)?;
    let place = root.join(path).canonicalize().map_err(told)?;
    if !allow_outside && !place.starts_with(&root) {
        return Err("it is outside the audit's root".to_owned());
    }
    let read = read.ok_or("a secret in it was blacked out, so it is not known byte for byte")?;
    let bytes = fs::read(&place).map_err(told)?;
    if record::sha256(&bytes) != read {
        return Err("it changed after the audit read it".to_owned());
    }
    let before = String::from_utf8(bytes).map_err(|_| "it is not UTF-8 text")?;
    let mut after = before.clone();
    for (correction, new) in corrections.iter().rev() {
        let start = usize::try_from(correction.spot.start).map_err(|error| error.to_string())?;
        let end = usize::try_from(correction.spot.end).map_err(|error| error.to_string())?;
        if before.get(start..end) != Some(correction.old.as_str()) {
            return Err("it does not hold what the audit read".to_owned());
        }
        after.replace_range(start..end, new);
    }
    // Permissions stay as they were.
    let permissions = fs::metadata(&place).map_err(told)?.permissions();
    whole::write(&place, &after, Some(permissions)).map_err(told)?;
    Ok((before, after))
}

/// A unified diff, made safe for a terminal.
fn diff(path: &str, before: &str, after: &str) -> String {
    let diff = TextDiff::from_lines(before, after);
    let path = visible(path);
    let mut text = format!("{STRONG}--- a/{path}\n+++ b/{path}{STRONG:#}\n");
    for hunk in diff.unified_diff().context_radius(AROUND).iter_hunks() {
        text.push_str(&format!("{}\n", hunk.header()));
        for change in hunk.iter_changes() {
            // With the spaces before it, which say where in a list it stands.
            let line = captured::block(change.value().trim_end_matches(['\n', '\r']));
            text.push_str(&match change.tag() {
                ChangeTag::Delete => format!("{BAD}-{line}{BAD:#}\n"),
                ChangeTag::Insert => format!("{GOOD}+{line}{GOOD:#}\n"),
                ChangeTag::Equal => format!(" {line}\n"),
            });
        }
    }
    text
}

/// Prints what was written and what was left.
pub(crate) fn tell(told: &Told) {
    terminal::message(&told.diff);
    terminal::message(&told.left);
    terminal::message(&told.summary());
}

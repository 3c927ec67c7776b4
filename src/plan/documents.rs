//! Are the places there that the claims of an audit name? Only whoever lints asks: a run reads the documents through the
//! witness. Opens nothing but regular files below the audit's root, and nothing of a document is taken for more than text.

use std::collections::BTreeMap;
use std::path::{Component, Path};

use super::files::normal;
use super::node::{Span, clip};
use super::problem::{Code, Sink};
use crate::model::quote::{NotThere, Place, Places};
use crate::proofread::document::{Document, NotText, at_most};
use crate::proofread::find;
use crate::proofread::locator::Locator;

/// Documents larger than this are left to the run: of those it says itself whether they are more than evidence may be.
const MAX_BYTES: u64 = 16 << 20;

/// A place in a document that something is claimed at, and where the audit file says so.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedPlace {
    /// The place.
    pub(super) locator: Locator,
    /// Where the audit file names it.
    pub(super) span: Span,
    /// Where the audit file names its document.
    pub(super) document: Span,
    /// The way there, `areas[0].checks[2].claim.up`.
    pub(super) path: String,
}

/// Notes every place that is not there, and hands out what stands at the others.
pub(super) fn missing(places: &[ClaimedPlace], root: &Path, sink: &Sink) -> Places {
    let mut found = Places::new();
    let mut read: BTreeMap<&str, Opened> = BTreeMap::new();
    for place in places {
        let opened = read.entry(&place.locator.doc).or_insert_with(|| open(root, &place.locator.doc));
        match opened {
            Opened::Elsewhere => {}
            Opened::Unreadable(message, help) => {
                sink.warning(place.document, &place.path, Code::NoPlace, message.as_str(), *help);
            }
            Opened::Read(document) => match find(document, &place.locator) {
                Place::NotFound(problem) => {
                    let (message, help) = in_words(&problem);
                    sink.warning(place.span, &place.path, Code::NoPlace, message, help);
                }
                there => {
                    found.insert(place.locator.to_string(), there);
                }
            },
        }
    }
    found
}

/// A document as far as linting looks at it.
enum Opened {
    Read(Box<Document>),
    /// Outside the root, or too large: the run decides what may be read.
    Elsewhere,
    /// Why it cannot be read, and what to do.
    Unreadable(String, &'static str),
}

fn open(root: &Path, doc: &str) -> Opened {
    let below = normal(Path::new(doc));
    if !below.components().all(|part| matches!(part, Component::Normal(_))) {
        return Opened::Elsewhere;
    }
    let path = root.join(below);
    // A link may lead out of the root.
    match (path.canonicalize(), root.canonicalize()) {
        (Ok(path), Ok(root)) if !path.starts_with(&root) => return Opened::Elsewhere,
        _ => {}
    }
    let Ok(about) = path.metadata() else {
        let help = "Check the path: it is relative to the root of the audit.";
        return Opened::Unreadable(format!("there is no document \"{}\"", clip(doc)), help);
    };
    if !about.is_file() {
        return Opened::Unreadable(format!("\"{}\" is not a file", clip(doc)), "Name a Markdown file.");
    }
    if about.len() > MAX_BYTES {
        return Opened::Elsewhere;
    }
    let bytes = match std::fs::File::open(&path).and_then(|file| at_most(file, MAX_BYTES)) {
        Ok(Some(bytes)) => bytes,
        // It has grown since.
        Ok(None) => return Opened::Elsewhere,
        Err(_) => {
            let help = "Check who may read it.";
            return Opened::Unreadable(format!("\"{}\" cannot be read", clip(doc)), help);
        }
    };
    match Document::from_bytes(bytes) {
        Ok(document) => Opened::Read(Box::new(document)),
        Err(problem) => Opened::Unreadable(format!("\"{}\" {problem}", clip(doc)), NotText::HELP),
    }
}

/// What is wrong, and what to do: what is there instead comes last.
fn in_words(problem: &NotThere) -> (String, String) {
    let one_line = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    let near: Vec<String> = problem.near.iter().map(|near| one_line(near)).collect();
    let help = match near.is_empty() {
        true => one_line(&problem.help),
        false => format!("{} There: {}.", one_line(&problem.help), near.join(", ")),
    };
    (one_line(&problem.reason), help)
}

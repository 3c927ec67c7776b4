//! What an audit file that nobody here wrote may be: how large, and what it may include. It looks at no environment.

use std::path::{Path, PathBuf};

use super::files::normal;
use super::node::{Node, Value};
use crate::model::windows;

/// Bytes of all its files together.
const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Files that it is made of.
pub(super) const MOST_FILES: usize = 100;
/// Bytes of the texts that aliases stand for, in each of its files.
pub(super) const MOST_WRITTEN_OUT: usize = 2 * 1024 * 1024;
/// Bytes of the texts of all its files together, aliases written out.
const MOST_TEXT: usize = 8 * 1024 * 1024;
/// Values of all its files together, aliases written out.
const MOST_VALUES: usize = 100_000;
/// Conditions with a pattern: each takes up to 1 MiB and a moment to read.
pub(super) const MOST_PATTERNS: usize = 200;
/// The word that they begin with.
const PATTERN: &str = "matches";

/// How many patterns a text may hold.
pub(super) fn patterns(text: &str) -> usize {
    text.matches(PATTERN).count()
}

/// How many patterns stand below a node.
fn patterns_below(node: &Node) -> usize {
    match &node.value {
        Value::Scalar { text, .. } => patterns(text),
        Value::List(items) => items.iter().map(patterns_below).sum(),
        Value::Mapping(entries) => entries.iter().map(|entry| patterns_below(&entry.value)).sum(),
    }
}

/// Checks, unless somebody allows more.
pub const MOST_CHECKS: usize = 1_000;

/// The bounds of an audit file that nobody here wrote.
#[derive(Debug, Clone)]
pub struct Bounds {
    /// The directory that it and everything it names must lie in; the one that it lies in unless given.
    pub within: Option<PathBuf>,
    /// How many checks it may have.
    pub checks: usize,
}

impl Default for Bounds {
    fn default() -> Self {
        Self { within: None, checks: MOST_CHECKS }
    }
}

/// The bounds as they are held: with the directory found.
#[derive(Debug, Clone)]
pub(super) struct Held {
    /// Canonical.
    within: PathBuf,
    pub(super) checks: usize,
    /// Bytes and values of its files so far, and patterns in them, those of variables left out.
    bytes: usize,
    text: usize,
    values: usize,
    patterns: usize,
}

impl Held {
    /// For an audit file; a directory that is not there holds nothing.
    pub(super) fn of(bounds: &Bounds, file: &Path) -> Self {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let within = bounds.within.as_deref().unwrap_or(parent);
        let within = within.canonicalize().unwrap_or_else(|_| within.to_owned());
        Self { within, checks: bounds.checks, bytes: 0, text: 0, values: 0, patterns: 0 }
    }

    /// Counts the bytes of another file; what there may be at most, when it is too many.
    pub(super) fn take_bytes(&mut self, bytes: usize) -> Option<String> {
        self.bytes += bytes;
        (self.bytes > MOST_BYTES).then(|| format!("{MOST_BYTES} bytes"))
    }

    /// Counts the values of another file and the patterns among them; what there may be at most, when it is too many.
    pub(super) fn take_values(&mut self, root: &Node) -> Option<String> {
        self.text += root.bytes();
        if self.text > MOST_TEXT {
            return Some(format!("{MOST_TEXT} bytes of text, with aliases written out,"));
        }
        self.values += root.size();
        if self.values > MOST_VALUES {
            return Some(format!("{MOST_VALUES} values"));
        }
        self.patterns += patterns_below(root);
        (self.patterns > MOST_PATTERNS).then(|| format!("{MOST_PATTERNS} patterns (`matches`)"))
    }

    /// Does a path lead out of it, with every link followed as far as it exists?
    pub(super) fn leaves(&self, path: &Path) -> bool {
        // To ask Windows about a path of another computer is to greet it.
        if cfg!(windows) && path.to_str().is_none_or(|path| windows::strange(path).is_some()) {
            return true;
        }
        let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
        let Ok(path) = std::path::absolute(path) else { return true };
        let path = normal(&path);
        let place = path.ancestors().find_map(|above| {
            let real = above.canonicalize().ok()?;
            Some(real.join(path.strip_prefix(above).ok()?))
        });
        place.is_none_or(|place| !place.starts_with(&self.within))
    }

    /// Why a path is refused, and the way out.
    pub(super) fn refusal(&self, path: &str) -> (String, String) {
        let message =
            format!("\"{path}\" is outside \"{}\", which an untrusted audit may not leave", self.within.display());
        (message, "Name a directory above both with --within, if the audit may read all of it.".to_owned())
    }
}

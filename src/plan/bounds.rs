//! What an audit file that nobody here wrote may be: how large, and what it may include. It looks at no environment.

use std::path::{Path, PathBuf};

use super::files::normal;
use crate::model::windows;

/// Bytes of all its files together.
pub(super) const MOST_BYTES: usize = 2 * 1024 * 1024;
/// Files that it is made of.
pub(super) const MOST_FILES: usize = 100;
/// Values of all its files together, aliases written out.
pub(super) const MOST_VALUES: usize = 100_000;
/// Conditions with a pattern: each takes up to 1 MiB and a moment to read.
pub(super) const MOST_PATTERNS: usize = 200;
/// The word that they begin with.
const PATTERN: &str = "matches";

/// How many patterns a text may hold.
pub(super) fn patterns(text: &str) -> usize {
    text.matches(PATTERN).count()
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
}

impl Held {
    /// For an audit file; a directory that is not there holds nothing.
    pub(super) fn of(bounds: &Bounds, file: &Path) -> Self {
        let parent = file.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let within = bounds.within.as_deref().unwrap_or(parent);
        Self { within: within.canonicalize().unwrap_or_else(|_| within.to_owned()), checks: bounds.checks }
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

//! Folders that nobody keeps, and live sessions whose evidence nobody does: for measuring before there is an audit.

use std::path::Path;

use super::Failure;
use crate::record::scratch::Folder;
use crate::witness::{LiveOptions, Session};

/// A folder for temporary files.
pub(super) fn folder() -> Result<Folder, Failure> {
    Folder::new().map_err(|error| {
        Failure::new(format!("could not make a temporary folder: {error}"), "set TMPDIR to a folder you may write to")
    })
}

/// A session, and the folder that its evidence is in as long as it lives.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) session: Session,
    _evidence: Folder,
}

impl Scratch {
    /// Opens a session on `root`; `set` says what it may do.
    pub(super) fn open(root: &Path, set: impl FnOnce(&mut LiveOptions)) -> Result<Self, Failure> {
        let folder = folder()?;
        let mut options = LiveOptions::new(root, folder.path());
        set(&mut options);
        let session = Session::live(options).map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
        Ok(Self { session, _evidence: folder })
    }
}

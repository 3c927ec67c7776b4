//! Folders that nobody keeps, and live sessions whose evidence nobody does: for measuring before there is an audit.

use std::fs::{self, DirBuilder};
use std::path::{Path, PathBuf};

use uuid::{NoContext, Timestamp, Uuid};

use super::Failure;
use crate::witness::{LiveOptions, Session};

/// A folder that only this user may look into and whose name cannot be guessed; it goes when this is dropped.
#[derive(Debug)]
pub(super) struct Folder(PathBuf);

impl Folder {
    pub(super) fn new() -> Result<Self, Failure> {
        let name = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).simple().to_string();
        let folder = std::env::temp_dir().join(format!("countersign-{name}"));
        #[cfg_attr(not(unix), expect(unused_mut, reason = "only Unix has a mode to set"))]
        let mut builder = DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
        builder.create(&folder).map_err(|error| {
            Failure::new(
                format!("could not make a temporary folder: {error}"),
                "set TMPDIR to a folder you may write to",
            )
        })?;
        Ok(Self(folder))
    }

    pub(super) fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // Nobody can do anything about what is left in a temporary folder.
        let _ = fs::remove_dir_all(&self.0);
    }
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
        let folder = Folder::new()?;
        let mut options = LiveOptions::new(root, folder.path());
        set(&mut options);
        let session = Session::live(options).map_err(|problem| Failure::new(problem.to_string(), problem.help()))?;
        Ok(Self { session, _evidence: folder })
    }
}

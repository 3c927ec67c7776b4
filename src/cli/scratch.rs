//! A live session whose evidence nobody keeps: for measuring before there is an audit.

use std::fs::{self, DirBuilder};
use std::io;
use std::path::{Path, PathBuf};

use uuid::{NoContext, Timestamp, Uuid};

use super::Failure;
use crate::witness::{LiveOptions, Session};

/// A session, and the folder that its evidence is in as long as it lives.
#[derive(Debug)]
pub(super) struct Scratch {
    pub(super) session: Session,
    folder: PathBuf,
}

impl Scratch {
    /// Opens a session on `root`; `set` says what it may do.
    pub(super) fn open(root: &Path, set: impl FnOnce(&mut LiveOptions)) -> Result<Self, Failure> {
        let folder = folder().map_err(|error| {
            Failure::new(
                format!("could not make a temporary folder: {error}"),
                "set TMPDIR to a folder you may write to",
            )
        })?;
        let mut options = LiveOptions::new(root, &folder);
        set(&mut options);
        match Session::live(options) {
            Ok(session) => Ok(Self { session, folder }),
            Err(problem) => {
                remove(&folder);
                Err(Failure::new(problem.to_string(), problem.help()))
            }
        }
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        remove(&self.folder);
    }
}

fn remove(folder: &Path) {
    // Nobody can do anything about what is left in a temporary folder.
    let _ = fs::remove_dir_all(folder);
}

/// A new folder that only this user may look into; its name cannot be guessed.
fn folder() -> io::Result<PathBuf> {
    let name = Uuid::new_v7(Timestamp::from_unix(NoContext, 0, 0)).simple().to_string();
    let folder = std::env::temp_dir().join(format!("countersign-{name}"));
    let mut builder = DirBuilder::new();
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(&folder)?;
    Ok(folder)
}

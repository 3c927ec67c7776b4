//! What is to be written: compared with what lies there first, all of it, and then written file by file. A file takes its
//! name when it is whole; one that is right already is not touched.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::ground::Ground;
use super::{Failure, terminal};
use crate::cli::whole;
use crate::publish::{is_ours, with_part};

/// What happened to a file.
#[derive(Debug)]
pub(super) struct Change {
    /// `new`, `changed` or `removed`.
    pub(super) what: &'static str,
    pub(super) path: PathBuf,
}

/// Files to write, in the order in which they are written: files before the pages that lead to them.
#[derive(Debug)]
pub(super) struct Writing<'a> {
    ground: &'a Ground,
    files: Vec<(PathBuf, Vec<u8>)>,
    /// Where each file is in the list.
    known: BTreeMap<PathBuf, usize>,
    removed: Vec<PathBuf>,
}

impl<'a> Writing<'a> {
    pub(super) fn new(ground: &'a Ground) -> Self {
        Self { ground, files: Vec::new(), known: BTreeMap::new(), removed: Vec::new() }
    }

    pub(super) fn ground(&self) -> &Ground {
        self.ground
    }

    fn put(&mut self, path: PathBuf, bytes: Vec<u8>) {
        match self.known.get(&path).and_then(|at| self.files.get_mut(*at)) {
            Some(file) => file.1 = bytes,
            None => {
                self.known.insert(path.clone(), self.files.len());
                self.files.push((path, bytes));
            }
        }
    }

    /// A file that is never another: what lies there under its name must be the same.
    pub(super) fn constant(&mut self, path: PathBuf, bytes: Vec<u8>) -> Result<(), Failure> {
        let pending = self.known.get(&path).and_then(|at| self.files.get(*at));
        if pending.is_some_and(|(_, pending)| *pending != bytes) {
            return Err(Failure::new(
                format!("two of these bundles would be published as \"{}\", and they are not the same", shown(&path)),
                "publish the one that is as it was recorded; nothing was written",
            ));
        }
        match before(&path)? {
            Some(found) if found != bytes => Err(Failure::new(
                format!("\"{}\" is there and is not what would be published under this name", shown(&path)),
                "move it away; nothing was written",
            )),
            _ => {
                self.put(path, bytes);
                Ok(())
            }
        }
    }

    /// A file that only we write: what lies there must end in our seal.
    pub(super) fn sealed(&mut self, path: PathBuf, text: String) -> Result<(), Failure> {
        match before(&path)? {
            Some(found) if found != text.as_bytes() && !std::str::from_utf8(&found).is_ok_and(is_ours) => {
                Err(Failure::new(
                    format!("\"{}\" is there, and was not written by countersign or was changed since", shown(&path)),
                    "move it away, or publish to another folder with --to DIR; nothing was written",
                ))
            }
            _ => {
                self.put(path, text.into_bytes());
                Ok(())
            }
        }
    }

    /// The list of all runs: a page of its own, or the part between the marks of a page that is there.
    pub(super) fn listed(&mut self, path: PathBuf, page: String, part: &str) -> Result<(), Failure> {
        let text = match before(&path)? {
            None => page,
            Some(found) => {
                let found = String::from_utf8(found).ok();
                found.and_then(|found| with_part(&found, part, true)).ok_or_else(|| {
                    Failure::new(
                        format!("\"{}\" is there, and has no place for the list of audits", shown(&path)),
                        "put the lines `<!-- countersign:begin -->` and `<!-- countersign:end -->` where it shall stand, or \
                         move the file away; nothing was written",
                    )
                })?
            }
        };
        self.put(path, text.into_bytes());
        Ok(())
    }

    /// A file of others in which we wrote between our marks.
    pub(super) fn part(&mut self, path: PathBuf, text: String) {
        self.put(path, text.into_bytes());
    }

    /// A file that only we write and that is made no longer. One that others wrote or changed stays.
    pub(super) fn unmade(&mut self, path: PathBuf) {
        if fs::read_to_string(&path).is_ok_and(|found| is_ours(&found)) {
            self.removed.push(path);
        }
    }

    /// A file of ours that shall be there no longer.
    pub(super) fn gone(&mut self, path: PathBuf) {
        if path.is_file() {
            self.removed.push(path);
        }
    }

    /// Writes what differs from what lies there; nothing on a dry run.
    pub(super) fn finish(self, dry: bool) -> Result<Vec<Change>, Failure> {
        let mut changes = Vec::new();
        for (path, bytes) in self.files {
            let what = match before(&path)? {
                Some(found) if found == bytes => continue,
                Some(_) => "changed",
                None => "new",
            };
            if !dry {
                write(&path, &bytes).map_err(|error| unwritable(&path, &error))?;
            }
            changes.push(Change { what, path });
        }
        for path in self.removed {
            if !dry {
                fs::remove_file(&path).map_err(|error| unwritable(&path, &error))?;
                // The folder goes with its last file; one that is not empty stays, and so does the one that was chosen.
                let chosen = [self.ground.pages.as_path(), self.ground.files.as_path()];
                let _ = path.parent().filter(|folder| !chosen.contains(folder)).map(fs::remove_dir);
            }
            changes.push(Change { what: "removed", path });
        }
        Ok(changes)
    }
}

fn write(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let parent = path.parent().ok_or_else(|| io::Error::other("it has no folder"))?;
    fs::create_dir_all(parent)?;
    whole::write(path, bytes, None)
}

/// What lies there; `None` where nothing does.
fn before(path: &Path) -> Result<Option<Vec<u8>>, Failure> {
    match fs::read(path) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::new(
            format!("\"{}\" cannot be read: {error}", shown(path)),
            "make it a readable file, or move it away",
        )),
    }
}

pub(super) fn unwritable(path: &Path, error: &io::Error) -> Failure {
    Failure::new(format!("cannot write to \"{}\": {error}", shown(path)), "choose another place with --to DIR")
}

pub(super) fn shown(path: &Path) -> String {
    terminal::visible(&path.display().to_string())
}

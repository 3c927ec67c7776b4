//! The runs that are published already, read from the records that lie in the site.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::PathBuf;

use super::{Failure, ground::Ground};
use crate::audit::{self, Contents};
use crate::publish::{Entry, RECORD, Site};
use crate::record::{Bundle, signoffs};

/// What is published, by the name of the run.
pub(super) struct Shelf {
    entries: BTreeMap<String, Entry>,
    to: PathBuf,
}

impl Shelf {
    /// Reads what lies there. A run without its page is one that was not published to its end, and does not count.
    pub(super) fn read(site: &Site, ground: &Ground) -> Result<Self, Failure> {
        let mut shelf = Self { entries: BTreeMap::new(), to: ground.pages.clone() };
        for folder in folders(site, ground)? {
            if !folder.join(RECORD).is_file() {
                continue;
            }
            let bundle = Bundle::open(&folder).map_err(|problem| {
                Failure::new(problem.to_string(), "restore it, or take the folder away with its page")
            })?;
            let stored = signoffs::read(&folder).map_err(|error| {
                Failure::new(format!("\"{}\" cannot be read: {error}", folder.display()), "make it readable")
            })?;
            let contents = Contents::of(&bundle, &stored);
            let entry = Entry::of(&bundle.record, &bundle.sha256, &audit::sign_offs(&contents));
            let at_home = ground.files.join(entry.folder(site)) == folder;
            if at_home && ground.pages.join(entry.page(site)).is_file() {
                shelf.add(entry)?;
            }
        }
        Ok(shelf)
    }

    /// Puts a run among them, in the place of what was known of it. All are of one audit.
    pub(super) fn add(&mut self, entry: Entry) -> Result<(), Failure> {
        if let Some(other) = self.entries.values().find(|known| known.audit != entry.audit) {
            return Err(Failure::new(
                format!(
                    "\"{}\" holds the runs of audit \"{}\", and {} is one of audit \"{}\"",
                    self.to.display(),
                    other.audit,
                    entry.name,
                    entry.audit
                ),
                "give each audit a folder of its own with --to DIR",
            ));
        }
        self.entries.insert(entry.name.clone(), entry);
        Ok(())
    }

    /// All of them, newest first.
    pub(super) fn sorted(self) -> Result<Vec<Entry>, Failure> {
        let mut entries: Vec<Entry> = self.entries.into_values().collect();
        entries.sort_by(|one, other| (other.finished, &other.run).cmp(&(one.finished, &one.run)));
        Ok(entries)
    }
}

/// The folders that could be those of runs, by name.
fn folders(site: &Site, ground: &Ground) -> Result<Vec<PathBuf>, Failure> {
    let unreadable = |path: &PathBuf, error: &io::Error| {
        Failure::new(format!("\"{}\" cannot be read: {error}", path.display()), "make it readable")
    };
    let entries = |path: &PathBuf| -> Result<Vec<PathBuf>, Failure> {
        match fs::read_dir(path) {
            Ok(found) => {
                found.map(|entry| entry.map(|entry| entry.path()).map_err(|error| unreadable(path, &error))).collect()
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                Ok(Vec::new())
            }
            Err(error) => Err(unreadable(path, &error)),
        }
    };
    let mut found = vec![ground.files.clone()];
    // As deep as the pattern is: `{run}`, or `audits-{audit}/{run}`.
    for _ in site.folder.split('/') {
        let mut deeper = Vec::new();
        for path in &found {
            deeper.extend(entries(path)?);
        }
        found = deeper;
    }
    found.sort();
    Ok(found)
}

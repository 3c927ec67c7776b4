//! The files of an audit, looked at for changes: a bounded number of them, by their time and size, twice a second. That needs
//! no library and no handles, and works on every file system.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use crate::model::evidence::Question;
use crate::model::record::Record;
use crate::plan::problem::Problems;

/// More files than these are not looked at: the interval finds what changes in them.
const MOST: usize = 2_000;

/// What a file was when it was looked at; `None` where it was not there.
type Seen = Option<(SystemTime, u64)>;

/// Files, and what they were.
#[derive(Debug, Clone, Default)]
pub(super) struct Files(BTreeMap<PathBuf, Seen>);

impl Files {
    /// These files as they are now.
    pub(super) fn now(paths: impl IntoIterator<Item = PathBuf>) -> Self {
        Self(paths.into_iter().take(MOST).map(|path| (path.clone(), seen(&path))).collect())
    }

    /// Adds others, as they were seen.
    pub(super) fn join(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// The same files; those that were looked at before, as they were then: nobody knows which of the two was read.
    pub(super) fn seen_before(mut self, earlier: &Self) -> Self {
        for (path, seen) in &mut self.0 {
            if let Some(before) = earlier.0.get(path) {
                seen.clone_from(before);
            }
        }
        self
    }

    /// Their paths.
    pub(super) fn paths(&self) -> impl Iterator<Item = PathBuf> {
        self.0.keys().cloned()
    }

    /// The first of them that is not as it was.
    pub(super) fn changed(&self) -> Option<&Path> {
        self.0.iter().find(|(path, was)| seen(path) != **was).map(|(path, _)| path.as_path())
    }
}

fn seen(path: &Path) -> Seen {
    let about = fs::metadata(path).ok()?;
    Some((about.modified().ok()?, about.len()))
}

/// The files that a run has read: documents that claims stand in, and what its checks read themselves. What a command reads
/// is not known, and neither are files that only now match a glob.
pub(super) fn read_by(record: &Record, root: &Path) -> Vec<PathBuf> {
    let path = |question: &Question| match question {
        Question::Read { path } | Question::Stat { path } => Some(root.join(path)),
        _ => None,
    };
    record.exchanges().filter_map(|exchange| path(&exchange.question)).collect()
}

/// The files of an audit that is not valid, and the folder of each: what it includes may still have to be written.
pub(super) fn of_broken(audit: &Path, problems: &Problems) -> Vec<PathBuf> {
    let named = problems.sources.iter().map(|(path, _)| path.clone()).chain([audit.to_owned()]);
    let folder = |path: &PathBuf| path.parent().filter(|parent| !parent.as_os_str().is_empty()).map(Path::to_owned);
    named.flat_map(|path| [folder(&path).unwrap_or_else(|| ".".into()), path]).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_written_removed_or_made_has_changed() {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (place.path().join("one"), place.path().join("two"));
        fs::write(&one, "a").unwrap();
        let files = || Files::now([one.clone(), two.clone()]);
        let before = files();
        assert_eq!(before.changed(), None);
        fs::write(&one, "ab").unwrap();
        assert_eq!(before.changed(), Some(one.as_path()));
        let before = files();
        fs::write(&two, "").unwrap();
        assert_eq!(before.changed(), Some(two.as_path()));
        let before = files();
        fs::remove_file(&two).unwrap();
        assert_eq!(before.changed(), Some(two.as_path()));
    }

    #[test]
    fn what_changes_while_it_is_read_has_changed() {
        let place = tempfile::tempdir().unwrap();
        let (one, two) = (place.path().join("one"), place.path().join("two"));
        fs::write(&one, "a").unwrap();
        let before = Files::now([one.clone()]);
        fs::write(&one, "ab").unwrap();
        let after = Files::now([one.clone(), two]);
        assert_eq!(after.changed(), None);
        assert_eq!(after.seen_before(&before).changed(), Some(one.as_path()));
    }

    #[test]
    fn no_more_files_are_looked_at_than_there_is_time_for() {
        let files = Files::now((0..MOST + 5).map(|number| PathBuf::from(format!("/nowhere/{number}"))));
        assert_eq!(files.0.len(), MOST);
    }
}

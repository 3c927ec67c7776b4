//! A bundle is a directory: `record.json`, `evidence/`, `report.md`, `report.html`. It is built beside its place and
//! moved there in one step, so that a reader sees the old bundle or the new one and never half of one.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::io::{self, BufWriter, Read as _, Write as _};
use std::path::{Path, PathBuf};

use super::canonical::{MAX_BYTES, RecordProblem, from_bytes};
use super::place::resolved;
use super::scratch::Folder;
use super::signoffs::SIGNOFFS;
use crate::model::digest::sha256;
use crate::model::evidence::{Blob, Exchange};
use crate::model::open_files;
use crate::model::record::{Asker, Record};

/// The name of the record in a bundle.
pub const RECORD: &str = "record.json";
/// The name of the evidence directory in a bundle.
pub const EVIDENCE: &str = "evidence";
/// How many bytes of a file are gathered before they are written.
const PIECE: usize = 64 << 10;

/// Why a bundle could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum BundleProblem {
    /// The record is missing or unreadable as a file.
    #[error("\"{}\" is not a bundle: {source}", path.display())]
    NotABundle {
        /// The directory.
        path: PathBuf,
        /// Why its record could not be read.
        source: io::Error,
    },
    /// The record is there and wrong.
    #[error("the record in \"{}\" is refused: {source}", path.display())]
    Record {
        /// The directory.
        path: PathBuf,
        /// Why.
        source: RecordProblem,
    },
    /// The output place cannot be written.
    #[error("cannot write to \"{}\": {source}", path.display())]
    Unwritable {
        /// The place.
        path: PathBuf,
        /// Why.
        source: io::Error,
    },
    /// Something else than a bundle stands where the bundle should go.
    #[error("\"{}\" exists and is not a bundle: it is left alone", .0.display())]
    Occupied(PathBuf),
    /// A file lies, or will be written, where the bundle goes.
    #[error("\"{}\" lies in \"{}\", which the bundle takes as a whole", file.display(), target.display())]
    Within {
        /// The file.
        file: PathBuf,
        /// Where the bundle goes.
        target: PathBuf,
    },
    /// The bundle goes below what is to be a file.
    #[error("\"{}\" cannot be a file and lead to the bundle \"{}\"", file.display(), target.display())]
    Below {
        /// The file.
        file: PathBuf,
        /// Where the bundle goes.
        target: PathBuf,
    },
}

impl BundleProblem {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NotABundle { .. } => "name a directory that `countersign run` wrote".to_owned(),
            Self::Record { source, .. } => source.help().to_owned(),
            Self::Unwritable { source, .. } if is_full(source) => {
                "make room there, or choose another place with --to DIR".to_owned()
            }
            Self::Unwritable { source, .. } if open_files::too_many(source) => {
                "allow more open files (`ulimit -n`), or ask less at once with --in-flight".to_owned()
            }
            Self::Unwritable { .. } => "choose another place with --to DIR".to_owned(),
            Self::Occupied(_) => "choose another place with --to DIR, or move what is there away".to_owned(),
            Self::Within { .. } | Self::Below { .. } => {
                "choose a place beside it: with --to DIR for the bundle, or after the `=` of --format for a result"
                    .to_owned()
            }
        }
    }
}

fn is_full(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded)
}

/// A bundle being built, beside the place where it will stand. Dropped before [`Staging::commit`], it leaves nothing.
#[derive(Debug)]
pub struct Staging {
    /// As it was given, to speak of it; with its whole name where whoever gave it stands inside: that folder is replaced.
    target: PathBuf,
    /// Where that leads.
    place: PathBuf,
    directory: PathBuf,
    is_hidden: bool,
}

/// The file by which git leaves out a directory, itself included.
const GITIGNORE: &str = ".gitignore";

impl Staging {
    /// Makes sure that `target` can be written and is free or an earlier bundle, before anything is measured.
    pub fn create(target: &Path) -> Result<Self, BundleProblem> {
        let unwritable = |source| BundleProblem::Unwritable { path: target.to_owned(), source };
        let place = resolved(target);
        let (Some(parent), Some(name)) = (place.parent(), place.file_name()) else {
            return Err(BundleProblem::Occupied(target.to_owned()));
        };
        let free = is_empty_directory(&place) || !(place.exists() || place.is_symlink());
        if !free && !place.join(RECORD).is_file() {
            return Err(BundleProblem::Occupied(target.to_owned()));
        }
        // There, the system says no more than that a file exists.
        if let Some(file) = parent.ancestors().find(|above| above.is_file()) {
            return Err(BundleProblem::Occupied(file.to_owned()));
        }
        fs::create_dir_all(parent).map_err(unwritable)?;
        let directory = parent.join(format!(".{}.partial-{}", name.to_string_lossy(), std::process::id()));
        if directory.exists() {
            fs::remove_dir_all(&directory).map_err(unwritable)?;
        }
        fs::create_dir_all(directory.join(EVIDENCE)).map_err(unwritable)?;
        let stands_inside = std::env::current_dir().is_ok_and(|here| here.starts_with(&place));
        let target = if stands_inside { place.clone() } else { target.to_owned() };
        Ok(Self { target, place, directory, is_hidden: false })
    }

    /// So that git does not see it while an audit measures: that would call a checkout changed, because somebody looks.
    pub fn hidden_from_git(mut self) -> Result<Self, BundleProblem> {
        let written = fs::write(self.directory.join(GITIGNORE), "*\n");
        written.map_err(|source| BundleProblem::Unwritable { path: self.target.clone(), source })?;
        self.is_hidden = true;
        Ok(self)
    }

    /// Where the witness puts evidence.
    pub fn evidence(&self) -> PathBuf {
        self.directory.join(EVIDENCE)
    }

    /// Where the bundle will stand, without links.
    pub fn place(&self) -> &Path {
        &self.place
    }

    /// Takes every file of the bundle that stands there now, but for those that are written anew or shall go.
    fn keep(&self, anew: &[(&str, &[u8])], gone: &[&str]) -> io::Result<()> {
        let named: Vec<&Path> = anew.iter().map(|(name, _)| *name).chain(gone.iter().copied()).map(Path::new).collect();
        for entry in walkdir::WalkDir::new(&self.place).min_depth(1) {
            let entry = entry?;
            let name = entry.path().strip_prefix(&self.place).map_err(io::Error::other)?;
            let to = self.directory.join(name);
            let kind = entry.file_type();
            if named.contains(&name) {
                continue;
            }
            if kind.is_dir() {
                fs::create_dir_all(&to)?;
            } else if kind.is_file() {
                // The same file under both names until the old bundle goes; some file systems know no such thing.
                fs::hard_link(entry.path(), &to).or_else(|_| fs::copy(entry.path(), &to).map(drop))?;
            } else {
                let message = format!("\"{}\" in it is neither a file nor a folder", name.display());
                return Err(io::Error::other(message));
            }
        }
        fs::set_permissions(&self.directory, fs::metadata(&self.place)?.permissions())
    }

    /// Takes back all evidence but what the record names after all.
    pub fn forget_all_but(&self, named: &BTreeSet<&str>) {
        let Ok(entries) = fs::read_dir(self.evidence()) else { return };
        for entry in entries.flatten() {
            if !entry.file_name().to_str().is_some_and(|name| named.contains(name)) {
                // What cannot be removed is only one file too many.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Takes a piece of evidence over from another bundle, under its name; the caller made sure that it is what it was.
    pub fn carry(&self, from: &Bundle, blob: &Blob) -> Result<(), BundleProblem> {
        let unwritable = |source| BundleProblem::Unwritable { path: self.target.clone(), source };
        fs::copy(from.evidence().join(&blob.file), self.evidence().join(&blob.file)).map(drop).map_err(unwritable)
    }

    /// Puts what was measured, the record and its evidence, where temporary files go, because there is no writing it here.
    /// It can be replayed from there, and is nobody's but this user's.
    pub fn rescue(&self, record: &[u8]) -> io::Result<PathBuf> {
        let folder = Folder::new()?;
        folder.file(RECORD, record)?;
        let evidence = folder.path().join(EVIDENCE);
        fs::create_dir(&evidence)?;
        for entry in fs::read_dir(self.evidence())? {
            let entry = entry?;
            fs::copy(entry.path(), evidence.join(entry.file_name()))?;
        }
        Ok(folder.keep())
    }

    /// Begins a file of the bundle that is written piece by piece.
    pub fn begin(&self, name: &str) -> Result<Begun, BundleProblem> {
        let unwritable = |source| BundleProblem::Unwritable { path: self.target.clone(), source };
        let file = fs::File::create(self.directory.join(name)).map_err(unwritable)?;
        Ok(Begun { file: BufWriter::with_capacity(PIECE, file), target: self.target.clone(), failed: None })
    }

    /// Writes the files of the bundle and moves it to its place in one step. Whoever does that [holds](hold) the place.
    pub fn commit(&self, _held: &Held, files: &[(&str, &[u8])]) -> Result<PathBuf, BundleProblem> {
        let unwritable = |source| BundleProblem::Unwritable { path: self.target.clone(), source };
        for (name, bytes) in files {
            let path = self.directory.join(name);
            fs::create_dir_all(path.parent().unwrap_or(&self.directory)).map_err(unwritable)?;
            fs::write(&path, bytes).map_err(unwritable)?;
        }
        if self.is_hidden {
            fs::remove_file(self.directory.join(GITIGNORE)).map_err(unwritable)?;
        }
        sync(&self.directory).map_err(unwritable)?;
        move_into_place(&self.directory, &self.place).map_err(unwritable)?;
        Ok(self.target.clone())
    }
}

/// A file of a bundle that is being written. Whoever writes it is told that something failed, and [`Begun::end`] says what.
#[derive(Debug)]
pub struct Begun {
    file: BufWriter<fs::File>,
    target: PathBuf,
    failed: Option<io::Error>,
}

impl Begun {
    /// Writes what is left, and says what failed before.
    pub fn end(mut self) -> Result<(), BundleProblem> {
        let written = self.failed.take().map_or_else(|| self.file.flush(), Err);
        written.map_err(|source| BundleProblem::Unwritable { path: self.target, source })
    }

    fn noted<T>(&mut self, written: io::Result<T>) -> io::Result<T> {
        written.map_err(|error| {
            let told = io::Error::from(error.kind());
            // Whoever was only interrupted tries again.
            if told.kind() != io::ErrorKind::Interrupted {
                self.failed.get_or_insert(error);
            }
            told
        })
    }
}

impl io::Write for Begun {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let written = self.file.write(bytes);
        self.noted(written)
    }

    fn flush(&mut self) -> io::Result<()> {
        let flushed = self.file.flush();
        self.noted(flushed)
    }
}

impl Drop for Staging {
    fn drop(&mut self) {
        // After the move, what is left at the staging place is the bundle that stood there before, or nothing.
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// The place of a bundle, held so that no two processes exchange it at the same time: who writes last would take away what
/// the other has just written. Freed when dropped, or when the process ends in any way.
#[derive(Debug)]
pub struct Held(#[expect(dead_code, reason = "an open file holds its lock")] Option<fs::File>);

/// Waits until nobody else holds a bundle in that folder. A folder that cannot be locked, because its file system knows no
/// locks or it may not be listed, is written all the same.
pub fn hold(target: &Path) -> Result<Held, BundleProblem> {
    let parent = target.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let no_locks = |error: &io::Error| {
        matches!(error.kind(), io::ErrorKind::Unsupported | io::ErrorKind::PermissionDenied) || has_no_locks(error)
    };
    match fs::File::open(parent).and_then(|folder| folder.lock().map(|()| folder)) {
        Ok(folder) => Ok(Held(Some(folder))),
        Err(error) if no_locks(&error) => Ok(Held(None)),
        Err(source) => Err(BundleProblem::Unwritable { path: target.to_owned(), source }),
    }
}

#[cfg(unix)]
fn has_no_locks(error: &io::Error) -> bool {
    error.raw_os_error() == Some(nix::errno::Errno::ENOLCK as i32)
}

/// Windows opens no folder as a file; that it may not be is said with another kind of error.
#[cfg(not(unix))]
fn has_no_locks(_: &io::Error) -> bool {
    false
}

/// A bundle of which some files are written anew while the rest stays, in one step.
#[derive(Debug)]
pub struct Amending {
    staging: Staging,
    held: Held,
}

impl Amending {
    /// Holds a bundle and reads it as it is now.
    pub fn begin(directory: &Path) -> Result<(Self, Bundle), BundleProblem> {
        // By its own name, whatever link or `.` led there.
        let path = directory
            .canonicalize()
            .map_err(|source| BundleProblem::NotABundle { path: directory.to_owned(), source })?;
        let held = hold(&path)?;
        let bundle = Bundle::open(&path)?;
        Ok((Self { staging: Staging::create(&path)?, held }, bundle))
    }

    /// Puts the bundle with these files, and without those that are `gone`, in the place of the one that stands there.
    pub fn commit(self, files: &[(&str, &[u8])], gone: &[&str]) -> Result<PathBuf, BundleProblem> {
        let target = self.staging.target.clone();
        self.staging.keep(files, gone).map_err(|source| BundleProblem::Unwritable { path: target, source })?;
        self.staging.commit(&self.held, files)
    }
}

fn is_empty_directory(path: &Path) -> bool {
    fs::read_dir(path).is_ok_and(|mut entries| entries.next().is_none())
}

/// The record and what was signed of it must be on disk before the directory gets its name; evidence is checked by digest
/// when it is read.
fn sync(directory: &Path) -> io::Result<()> {
    fs::File::open(directory.join(RECORD))?.sync_all()?;
    if let Ok(signoffs) = fs::read_dir(directory.join(SIGNOFFS)) {
        for entry in signoffs {
            fs::File::open(entry?.path())?.sync_all()?;
        }
    }
    sync_folder(directory)
}

#[cfg(unix)]
fn sync_folder(directory: &Path) -> io::Result<()> {
    fs::File::open(directory)?.sync_all()
}

/// Elsewhere a folder is no file that could be synced; the system sees to its entries.
#[cfg(not(unix))]
fn sync_folder(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(target_os = "linux")]
fn move_into_place(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    if !to.exists() {
        return fs::rename(from, to);
    }
    match renameat_with(CWD, from, CWD, to, RenameFlags::EXCHANGE) {
        Ok(()) => Ok(()),
        // Some file systems cannot swap; two renames are the next best.
        Err(Errno::INVAL | Errno::NOSYS) => move_aside(from, to),
        Err(errno) => Err(errno.into()),
    }
}

#[cfg(not(target_os = "linux"))]
fn move_into_place(from: &Path, to: &Path) -> io::Result<()> {
    if to.exists() { move_aside(from, to) } else { fs::rename(from, to) }
}

fn move_aside(from: &Path, to: &Path) -> io::Result<()> {
    let aside = from.with_extension("old");
    fs::rename(to, &aside)?;
    fs::rename(from, to)?;
    fs::remove_dir_all(aside)
}

/// A bundle read back.
#[derive(Debug, Clone)]
pub struct Bundle {
    /// Where it stands.
    pub directory: PathBuf,
    /// Its record.
    pub record: Record,
    /// The bytes of `record.json`.
    pub bytes: Vec<u8>,
    /// Their SHA-256.
    pub sha256: String,
}

impl Bundle {
    /// Reads and checks the record; the evidence is checked as it is read.
    pub fn open(directory: &Path) -> Result<Self, BundleProblem> {
        let mut bytes = Vec::new();
        // One byte more than a record may have is enough to refuse it.
        fs::File::open(directory.join(RECORD))
            .and_then(|file| file.take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes))
            .map_err(|source| BundleProblem::NotABundle { path: directory.to_owned(), source })?;
        let record =
            from_bytes(&bytes).map_err(|source| BundleProblem::Record { path: directory.to_owned(), source })?;
        Ok(Self { directory: directory.to_owned(), record, sha256: sha256(&bytes), bytes })
    }

    /// The directory with the evidence.
    pub fn evidence(&self) -> PathBuf {
        self.directory.join(EVIDENCE)
    }

    /// What every check asked and was answered, and how the documents were read.
    pub fn into_exchanges(self) -> BTreeMap<Asker, Vec<Exchange>> {
        let documents = self.record.documents.into_iter().map(|document| document.exchange).collect();
        let observations = self.record.observations.into_iter();
        let of_checks = observations.map(|observation| (Asker::Check(observation.check), observation.exchanges));
        of_checks.chain([(Asker::Documents, documents)]).collect()
    }
}

/// The first `cap` bytes of a blob in an evidence directory; `None` when its file is missing or its name is no plain
/// file name.
pub fn read_evidence(directory: &Path, blob: &Blob, cap: u64) -> Option<Vec<u8>> {
    let path = directory.join(blob.plain_name()?);
    if !path.symlink_metadata().ok()?.is_file() {
        return None;
    }
    let mut bytes = Vec::new();
    fs::File::open(path).ok()?.take(cap).read_to_end(&mut bytes).ok()?;
    Some(bytes)
}

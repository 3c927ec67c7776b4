//! Files, live: confined to the audit's root, never blocked by a pipe, and honest about a file that changes under the
//! reader. It must not interpret content. Everything here blocks and belongs on a blocking thread.

mod listing;
mod nearest;

use std::fs::{File, Metadata, OpenOptions};
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use super::clock;
use super::limits::Limits;
use super::permit;
use super::store::plain;
use super::words::{mebibytes, too_many_open};
use crate::model::evidence::{FileKind, Stat};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::windows;

/// The way out that a file of strangers does not have.
const ALLOW_OUTSIDE: &str = "allow it with --allow-outside.";

/// The part of the file system that an audit may look at.
#[derive(Debug, Clone)]
pub(super) struct Files {
    /// Canonical.
    root: PathBuf,
    allow_outside: bool,
    /// Did nobody here write the audit file?
    untrusted: bool,
}

/// A file that was opened and read, or its beginning when it is too long to be kept.
pub(super) struct Opened {
    pub(super) modified: Option<Instant>,
    /// Bytes of the whole file.
    pub(super) size: u64,
    pub(super) head: Vec<u8>,
    /// All of it as a stream, when it is longer than `head`.
    pub(super) stream: Option<Unchanging>,
}

impl Files {
    pub(super) fn new(root: &Path, allow_outside: bool, untrusted: bool) -> io::Result<Self> {
        Ok(Self { root: root.canonicalize()?, allow_outside: allow_outside && !untrusted, untrusted })
    }

    /// The audit's root, canonical.
    pub(super) fn root(&self) -> &Path {
        &self.root
    }

    /// Opens a regular file and reads it, or its head.
    pub(super) fn read(&self, path: &str, limits: &Limits) -> Result<Opened, Unmeasurable> {
        let place = self.existing(path)?;
        // Looked at before it is opened: opening a device can already do something.
        let before = std::fs::metadata(&place).map_err(|error| self.unreadable(path, &error))?;
        regular(path, &before)?;
        let mut file = open(&place).map_err(|error| self.unreadable(path, &error))?;
        let opened = file.metadata().map_err(|error| self.unreadable(path, &error))?;
        regular(path, &opened)?;
        if opened.len() > limits.file {
            return Err(permit::refusal(
                format!("\"{path}\" is not read: it is larger than {}", mebibytes(limits.file)),
                "Name a smaller file, or run the audit without --untrusted, if you trust whoever wrote it.",
            ));
        }
        let expected = limits.kept_of(opened.len());
        let most = if expected < opened.len() { expected } else { limits.evidence.saturating_add(1) };
        // As large as it will be: growing would ask for twice of it.
        let mut head = Vec::with_capacity(usize::try_from(opened.len().min(most)).unwrap_or(0));
        Read::take(&mut file, most).read_to_end(&mut head).map_err(|error| self.unreadable(path, &error))?;
        let modified = opened.modified().ok().and_then(clock::instant);
        if head.len() as u64 == most {
            head.truncate(usize::try_from(limits.kept_of(most)).unwrap_or(usize::MAX));
            let file = open(&place).map_err(|error| self.unreadable(path, &error))?;
            let stream = Unchanging { file, expected: opened.len(), read: 0 };
            return Ok(Opened { modified, size: opened.len(), head, stream: Some(stream) });
        }
        let after = file.metadata().map_err(|error| self.unreadable(path, &error))?;
        // Files of /proc say that they hold 0 bytes whatever they hold.
        let changed = opened.len() != after.len() || (opened.len() != 0 && opened.len() != head.len() as u64);
        if changed || opened.modified().ok() != after.modified().ok() || !place.exists() {
            return Err(Unmeasurable::new(
                format!("\"{path}\" changed while it was read"),
                "Audit a file that is finished, or a copy of it.",
            ));
        }
        Ok(Opened { modified, size: head.len() as u64, head, stream: None })
    }

    /// What stands at a path.
    pub(super) fn stat(&self, path: &str) -> Result<Stat, Unmeasurable> {
        let place = self.confined(path)?;
        let missing = Stat { kind: FileKind::Missing, size: 0, mode: 0, modified: None };
        let found = match std::fs::metadata(&place) {
            Ok(found) => found,
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                return Ok(missing);
            }
            Err(error) => return Err(self.unreadable(path, &error)),
        };
        let kind = match found.file_type() {
            kind if kind.is_file() => FileKind::File,
            kind if kind.is_dir() => FileKind::Directory,
            _ => FileKind::Other,
        };
        let modified = found.modified().ok().and_then(clock::instant);
        Ok(Stat { kind, size: found.len(), mode: mode(&found), modified })
    }

    /// The regular files below the root that match, sorted.
    pub(super) fn list(&self, glob: &str, limits: &Limits) -> Result<Vec<String>, Unmeasurable> {
        self.ordinary(glob)?;
        listing::list(&self.root, glob, self.allow_outside, limits.listing).map_err(|why| self.by_rule(why))
    }

    /// The directory that a command runs in.
    pub(super) fn directory(&self, path: Option<&str>) -> Result<PathBuf, Unmeasurable> {
        let Some(path) = path else { return Ok(self.root.clone()) };
        let place = self.existing(path)?;
        if place.is_dir() {
            return Ok(place);
        }
        Err(Unmeasurable::new(format!("\"{path}\" is not a directory"), "Name a directory to run the command in."))
    }

    /// The canonical place of what exists.
    pub(super) fn existing(&self, path: &str) -> Result<PathBuf, Unmeasurable> {
        let place = self.confined(path)?;
        if place.symlink_metadata().is_err() || !place.exists() {
            let help = nearest::to(&place).map_or_else(
                || format!("Paths are relative to \"{}\".", self.root.display()),
                |near| format!("Did you mean \"{near}\"?"),
            );
            return Err(Unmeasurable::new(format!("\"{path}\" does not exist"), help));
        }
        Ok(place)
    }

    /// Where a path leads with every link followed, as far as it exists; refused when that is outside the root.
    fn confined(&self, path: &str) -> Result<PathBuf, Unmeasurable> {
        if path.is_empty() || path.contains('\0') {
            return Err(Unmeasurable::new(format!("\"{}\" is not a path", path.replace('\0', "\\0")), "Name a file."));
        }
        self.ordinary(path)?;
        let place = resolved(&self.root.join(path)).map_err(|error| self.unreadable(path, &error))?;
        if self.allow_outside || place.starts_with(&self.root) {
            return Ok(place);
        }
        Err(self.by_rule(outside(path, &self.root)))
    }

    /// Looked at before the system is asked, which would open a device or greet another computer.
    fn ordinary(&self, path: &str) -> Result<(), Unmeasurable> {
        match windows::strange(path).filter(|_| cfg!(windows) && !self.allow_outside) {
            Some(what) => Err(self.by_rule(Unmeasurable::new(
                format!("\"{path}\" {what}"),
                format!("Name a file below the audit's root, or {ALLOW_OUTSIDE}"),
            ))),
            None => Ok(()),
        }
    }

    /// As the rules for a file of strangers say it, where they are what refuses.
    fn by_rule(&self, why: Unmeasurable) -> Unmeasurable {
        if !self.untrusted || !why.help.ends_with(ALLOW_OUTSIDE) {
            return why;
        }
        permit::refusal(why.reason, "Run the audit without --untrusted, if you trust whoever wrote it.")
    }

    fn unreadable(&self, path: &str, error: &io::Error) -> Unmeasurable {
        if let Some(trouble) = too_many_open(&format!("\"{path}\" cannot be read"), error) {
            return trouble;
        }
        let help = match error.kind() {
            io::ErrorKind::PermissionDenied => "Run the audit as a user who may read it.".to_owned(),
            io::ErrorKind::NotFound => "It vanished while it was looked at; audit a file that stays.".to_owned(),
            _ => format!("Paths are relative to \"{}\".", self.root.display()),
        };
        Unmeasurable::new(format!("\"{path}\" cannot be read: {}", plain(error)), help)
    }
}

fn outside(what: &str, root: &Path) -> Unmeasurable {
    Unmeasurable::new(
        format!("\"{what}\" is outside the audit's root \"{}\"", root.display()),
        format!("Move the audit file up, or {ALLOW_OUTSIDE}"),
    )
}

/// As `canonicalize`, but of a path whose end does not exist.
fn resolved(path: &Path) -> io::Result<PathBuf> {
    let mut end: Vec<std::ffi::OsString> = Vec::new();
    let mut start = path.to_owned();
    loop {
        match start.canonicalize() {
            Ok(mut place) => {
                for part in end.iter().rev() {
                    match Path::new(part).components().next() {
                        Some(Component::ParentDir) => drop(place.pop()),
                        _ => place.push(part),
                    }
                }
                return Ok(place);
            }
            Err(error) if matches!(error.kind(), io::ErrorKind::NotFound | io::ErrorKind::NotADirectory) => {
                // A link that leads nowhere: it could lead anywhere by the time it is opened.
                if let Ok(target) = start.read_link() {
                    return resolved(&start.parent().unwrap_or(Path::new("/")).join(target));
                }
                let Some(last) = start.components().next_back() else { return Err(error) };
                end.push(last.as_os_str().to_owned());
                start = match start.parent() {
                    Some(parent) => parent.to_owned(),
                    None => return Err(error),
                };
            }
            Err(error) => return Err(error),
        }
    }
}

fn regular(path: &str, found: &Metadata) -> Result<(), Unmeasurable> {
    if found.is_file() {
        return Ok(());
    }
    let what = if found.is_dir() { "a directory" } else { "a device, a pipe or a socket" };
    Err(Unmeasurable::new(format!("\"{path}\" is {what}, not a file"), "Name a regular file."))
}

#[cfg(unix)]
fn open(place: &Path) -> io::Result<File> {
    use std::os::unix::fs::OpenOptionsExt as _;
    // Should it have become a pipe or a link since it was looked at, opening must neither wait nor follow.
    OpenOptions::new().read(true).custom_flags(nix::libc::O_NONBLOCK | nix::libc::O_NOFOLLOW).open(place)
}

#[cfg(not(unix))]
fn open(place: &Path) -> io::Result<File> {
    OpenOptions::new().read(true).open(place)
}

#[cfg(unix)]
fn mode(found: &Metadata) -> u32 {
    std::os::unix::fs::PermissionsExt::mode(&found.permissions()) & 0o7777
}

#[cfg(not(unix))]
fn mode(_found: &Metadata) -> u32 {
    0
}

/// A file as a stream that fails when it ends earlier or later than it should.
#[derive(Debug)]
pub(super) struct Unchanging {
    file: File,
    expected: u64,
    read: u64,
}

impl Read for Unchanging {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(into)?;
        self.read += read as u64;
        let ended = read == 0 && !into.is_empty();
        if self.read > self.expected || (ended && self.read != self.expected) {
            return Err(io::Error::other("the file changed while it was read"));
        }
        Ok(read)
    }
}

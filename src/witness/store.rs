//! The evidence: content-addressed files in one directory. It must not redact (that came before) and must not know whether
//! the bundle around it will be kept.

use std::collections::HashMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use super::permit;
use super::words::{mebibytes, too_many_open};
use crate::model::digest;
use crate::model::evidence::{Blob, EXCERPT};
use crate::model::fact::Unmeasurable;

/// Readable names are not longer than this many characters.
const LONGEST_NAME: usize = 60;

/// Writes blobs into one directory; the same bytes once.
#[derive(Debug)]
pub(super) struct Store {
    directory: PathBuf,
    written: Mutex<HashMap<String, String>>,
    temporary: AtomicU64,
    /// Bytes that were kept so far, and that may be kept at most.
    kept: AtomicU64,
    most: u64,
}

/// What is to be kept of some captured bytes.
pub(super) struct Kept<'a> {
    /// Redacted, and cut when `cut`.
    pub(super) bytes: &'a [u8],
    /// How many bytes came back.
    pub(super) whole: u64,
    pub(super) cut: bool,
    pub(super) redactions: u32,
}

impl Store {
    /// Makes the directory and tries whether it can be written to.
    pub(super) fn open(directory: &Path, most: u64) -> io::Result<Self> {
        fs::create_dir_all(directory)?;
        let probe = directory.join(".writable");
        fs::write(&probe, b"")?;
        fs::remove_file(&probe)?;
        Ok(Self {
            directory: directory.to_owned(),
            written: Mutex::default(),
            temporary: AtomicU64::new(0),
            kept: AtomicU64::new(0),
            most,
        })
    }

    /// Keeps bytes under a name made of their digest and `name`.
    pub(super) fn keep(&self, kept: &Kept<'_>, name: &str) -> Result<Blob, Unmeasurable> {
        let sha256 = digest::sha256(kept.bytes);
        let proposed = format!("{}-{}", &sha256[..16], file_name(name, kept.bytes, kept.cut));
        let file = self.write(&sha256, &proposed, kept.bytes)?;
        let head = kept.bytes.get(..EXCERPT).filter(|head| head.len() < kept.bytes.len());
        Ok(Blob {
            file,
            sha256,
            head: head.map(digest::sha256),
            bytes: kept.whole,
            kept: kept.bytes.len() as u64,
            cut: kept.cut,
            redactions: kept.redactions,
            binary: !is_text(kept.bytes, kept.cut),
        })
    }

    /// Keeps bytes of an earlier bundle under the name they have there.
    pub(super) fn copy(&self, blob: &Blob, bytes: &[u8]) -> Result<(), Unmeasurable> {
        self.write(&format!("{}/{}", blob.sha256, blob.file), &blob.file, bytes).map(drop)
    }

    /// The name under which the bytes are kept: `proposed`, unless they were kept before.
    fn write(&self, key: &str, proposed: &str, bytes: &[u8]) -> Result<String, Unmeasurable> {
        if let Some(name) = self.written.lock().unwrap_or_else(PoisonError::into_inner).get(key) {
            return Ok(name.clone());
        }
        let size = bytes.len() as u64;
        if self.kept.fetch_add(size, Ordering::Relaxed).saturating_add(size) > self.most {
            self.kept.fetch_sub(size, Ordering::Relaxed);
            return Err(permit::refusal(
                format!("no more is kept: all answers together may have {}", mebibytes(self.most)),
                "Measure less, or run the audit without --untrusted, if you trust whoever wrote it.",
            ));
        }
        let number = self.temporary.fetch_add(1, Ordering::Relaxed);
        let temporary = self.directory.join(format!(".writing-{number}"));
        let placed = fs::write(&temporary, bytes).and_then(|()| {
            let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(name) = written.get(key) {
                fs::remove_file(&temporary)?;
                return Ok(name.clone());
            }
            fs::rename(&temporary, self.directory.join(proposed))?;
            written.insert(key.to_owned(), proposed.to_owned());
            Ok(proposed.to_owned())
        });
        placed.map_err(|error| {
            // What was begun takes the room that the next one needs.
            let _ = fs::remove_file(&temporary);
            let what = format!("the evidence could not be written to \"{}\"", self.directory.display());
            too_many_open(&what, &error).unwrap_or_else(|| {
                let help = "Make room on the disk, or choose another output directory.";
                Unmeasurable::new(format!("{what}: {}", plain(&error)), help)
            })
        })
    }
}

/// An I/O error without the "(os error 2)".
pub(super) fn plain(error: &io::Error) -> String {
    let text = error.to_string();
    let text = text.split(" (os error").next().unwrap_or_default();
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect())
}

/// `name` with nothing but `[a-z0-9.-]`, and the extension that fits the bytes.
fn file_name(name: &str, bytes: &[u8], cut: bool) -> String {
    if bytes.is_empty() {
        return "empty.txt".to_owned();
    }
    let extension = extension(name, bytes, cut);
    let stem = name
        .rsplit_once('.')
        .filter(|(_, tail)| matches!(*tail, "json" | "txt" | "xml"))
        .map_or(name, |(stem, _)| stem);
    let mut readable = String::new();
    for character in stem.chars().map(|character| character.to_ascii_lowercase()) {
        let fits = character.is_ascii_lowercase() || character.is_ascii_digit() || character == '.';
        match character {
            _ if readable.len() >= LONGEST_NAME => break,
            '.' if readable.ends_with(['.', '-']) || readable.is_empty() => {}
            _ if fits => readable.push(character),
            _ if readable.ends_with(['.', '-']) || readable.is_empty() => {}
            _ => readable.push('-'),
        }
    }
    let readable = readable.trim_end_matches(['.', '-']);
    format!("{}.{extension}", if readable.is_empty() { "answer" } else { readable })
}

/// Is it UTF-8? What was cut may have been cut inside of its last character.
fn is_text(bytes: &[u8], cut: bool) -> bool {
    std::str::from_utf8(bytes).map_or_else(|error| cut && error.error_len().is_none(), |_| true)
}

fn extension(name: &str, bytes: &[u8], cut: bool) -> &'static str {
    if !is_text(bytes, cut) {
        return "bin";
    }
    let text = bytes.trim_ascii();
    let looks_like_json = matches!((text.first(), text.last()), (Some(b'{'), Some(b'}')) | (Some(b'['), Some(b']')));
    if text.starts_with(b"<?xml") || (name.ends_with(".xml") && text.starts_with(b"<")) {
        "xml"
    } else if looks_like_json {
        "json"
    } else {
        "txt"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_of_evidence_means_something_else_on_windows() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), u64::MAX).unwrap();
        for (number, name) in
            ["NUL", "con", "C:\\x\\aux.txt", "a:b", "..\\x", "\\\\host\\share", "x. "].into_iter().enumerate()
        {
            let bytes = [u8::try_from(number).unwrap() + b'a'];
            let blob = store.keep(&kept(&bytes), name).unwrap();
            assert_eq!(crate::model::windows::strange(&blob.file), None, "{name}: {}", blob.file);
            assert!(!blob.file.contains(['\\', '/', ':']), "{}", blob.file);
        }
    }

    fn kept(bytes: &[u8]) -> Kept<'_> {
        Kept { bytes, whole: bytes.len() as u64, cut: false, redactions: 0 }
    }

    #[test]
    fn the_same_bytes_are_written_once() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), u64::MAX).unwrap();
        let first = store.keep(&kept(b"{\"up\": 1}"), "127.0.0.1-api").unwrap();
        let second = store.keep(&kept(b"{\"up\": 1}"), "other").unwrap();
        assert_eq!(first, second);
        assert_eq!(first.file, format!("{}-127.0.0.1-api.json", &first.sha256[..16]));
        let names: Vec<_> = fs::read_dir(directory.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, [first.file.as_str()]);
    }

    #[test]
    fn what_documents_show_of_a_long_answer_has_a_digest_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), u64::MAX).unwrap();
        assert_eq!(store.keep(&kept(&[b'x'; EXCERPT]), "a").unwrap().head, None);
        let head = store.keep(&kept(&[b'x'; EXCERPT + 1]), "a").unwrap().head;
        assert_eq!(head, Some(digest::sha256(&[b'x'; EXCERPT])));
    }

    #[test]
    fn a_text_that_was_cut_inside_of_a_character_is_a_text() {
        let directory = tempfile::tempdir().unwrap();
        let store = Store::open(directory.path(), u64::MAX).unwrap();
        let half = &"Straße".as_bytes()[..5];
        for (cut, binary, ending) in [(true, false, ".txt"), (false, true, ".bin")] {
            let kept = Kept { bytes: half, whole: 7, cut, redactions: 0 };
            let blob = Store::open(&directory.path().join(ending), u64::MAX).unwrap().keep(&kept, "x").unwrap();
            assert_eq!((blob.binary, blob.file.ends_with(ending)), (binary, true), "{}", blob.file);
        }
        let kept = Kept { bytes: b"\xff\xfeab", whole: 9, cut: true, redactions: 0 };
        assert!(store.keep(&kept, "x").unwrap().binary);
    }

    #[test]
    fn no_bytes_are_a_file_too() {
        let directory = tempfile::tempdir().unwrap();
        let blob = Store::open(directory.path(), u64::MAX).unwrap().keep(&kept(b""), "x").unwrap();
        assert_eq!(blob.file, "e3b0c44298fc1c14-empty.txt");
        assert_eq!(fs::metadata(directory.path().join(&blob.file)).unwrap().len(), 0);
    }

    #[test]
    fn names_are_readable_and_tame() {
        assert_eq!(file_name("../../etc/Pass wd", b"x", false), "etc-pass-wd.txt");
        assert_eq!(file_name("junit.xml", b"<testsuite/>", false), "junit.xml");
        assert_eq!(file_name("...", b"\xff", true), "answer.bin");
        assert_eq!(file_name("häßlich", b"[1]", false), "h-lich.json");
        assert!(file_name(&"a".repeat(300), b"x", false).len() <= LONGEST_NAME + 5);
    }
}

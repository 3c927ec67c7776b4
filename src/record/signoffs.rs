//! The sign-offs in a bundle, as files: `signoffs/ROLE.DIGEST.json`, the earlier records that some of them were given for,
//! and all of this record's in one file. It reads and writes bytes; what they are worth is asked elsewhere.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read as _};
use std::path::Path;
use std::sync::Arc;

use super::bundle::RECORD;
use super::canonical::MAX_BYTES;
use super::verify::{Code, Finding, measured};
use crate::model::digest::sha256;
use crate::model::signoff::MAX_ENVELOPE;
pub use crate::model::signoff::{EARLIER, SIGNOFFS, earlier_path};

/// All envelopes of this record, one a line: the name that in-toto gives to such a file.
pub const LINES: &str = "record.json.intoto.jsonl";
/// More files, or more bytes in all of them, are no sign-offs.
const MOST_FILES: usize = 1_000;
const MOST_IN_ALL: usize = 64 << 20;

/// Of earlier records no more bytes than this are held at once; of what is beyond, the digests are known.
const MOST_OF_EARLIER: u64 = 256 << 20;

/// An envelope as it stands in a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Kept {
    /// The name of its file.
    pub name: String,
    /// The bytes of its file.
    pub bytes: Vec<u8>,
}

impl Kept {
    /// Its file, relative to the bundle.
    pub fn path(&self) -> String {
        format!("{SIGNOFFS}/{}", self.name)
    }
}

/// What lies in the directory of sign-offs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Stored {
    /// The envelopes, by name.
    pub envelopes: Vec<Kept>,
    /// The bytes of the earlier records that are kept, by their digest; `None` where that is all that is known of one.
    pub earlier: BTreeMap<String, Option<Arc<[u8]>>>,
    /// What does not belong there.
    pub strange: Vec<Finding>,
}

/// Reads the sign-offs of a bundle. One without any has no such directory.
pub fn read(bundle: &Path) -> io::Result<Stored> {
    let mut stored = Stored::default();
    let mut in_all = 0;
    let directory = bundle.join(SIGNOFFS);
    if directory.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
        stored.strange.push(Finding::new(Code::SignoffUnknown, SIGNOFFS, "what stands there is no directory"));
        return Ok(stored);
    }
    for (name, is_file) in entries(&directory)? {
        let path = directory.join(&name);
        let strange = |why: &str| Finding::new(Code::SignoffUnknown, format!("{SIGNOFFS}/{name}"), why);
        if name == EARLIER && path.symlink_metadata()?.is_dir() {
            read_earlier(&path, &mut stored)?;
        } else if !is_file {
            stored.strange.push(strange("what stands there is no regular file"));
        } else if !name.ends_with(".json") {
            stored.strange.push(strange("it is no sign-off"));
        } else if stored.envelopes.len() >= MOST_FILES || in_all >= MOST_IN_ALL {
            stored.strange.push(strange("there are too many sign-offs to read this one"));
        } else {
            let mut bytes = Vec::new();
            // One byte more, so that whoever judges it sees that it is too large.
            in_all += fs::File::open(&path)?.take(MAX_ENVELOPE as u64 + 1).read_to_end(&mut bytes)?;
            stored.envelopes.push(Kept { name, bytes });
        }
    }
    Ok(stored)
}

/// The bytes of an earlier record that a bundle keeps.
pub fn earlier(bundle: &Path, sha256: &str) -> io::Result<Vec<u8>> {
    whole(&bundle.join(earlier_path(sha256)))
}

/// The bytes of the record of a bundle, whatever they are.
pub fn current(bundle: &Path) -> io::Result<Vec<u8>> {
    whole(&bundle.join(RECORD))
}

/// The bytes of a record. Larger ones are none.
fn whole(path: &Path) -> io::Result<Vec<u8>> {
    let (mut bytes, most) = (Vec::new(), MAX_BYTES as u64);
    fs::File::open(path)?.take(most + 1).read_to_end(&mut bytes)?;
    if bytes.len() as u64 > most {
        return Err(io::Error::other(format!("it is larger than {} MiB", most >> 20)));
    }
    Ok(bytes)
}

fn read_earlier(directory: &Path, stored: &mut Stored) -> io::Result<()> {
    let mut left = MOST_OF_EARLIER;
    for (name, is_file) in entries(directory)? {
        let digest = name.strip_suffix(".json").unwrap_or_default();
        if is_file && measured(&directory.join(&name))?.sha256 == digest {
            let bytes = earlier_bytes(&directory.join(&name), digest, left)?;
            left -= bytes.as_ref().map_or(0, |bytes| bytes.len() as u64);
            stored.earlier.insert(digest.to_owned(), bytes);
        } else {
            let file = format!("{SIGNOFFS}/{EARLIER}/{name}");
            stored.strange.push(Finding::new(Code::SignoffUnknown, file, "it is not the record that its name says"));
        }
    }
    Ok(())
}

/// The bytes of a file with this digest; `None` where they are more than may be held.
fn earlier_bytes(path: &Path, digest: &str, most: u64) -> io::Result<Option<Arc<[u8]>>> {
    let mut bytes = Vec::new();
    fs::File::open(path)?.take(most).read_to_end(&mut bytes)?;
    Ok((sha256(&bytes) == digest).then(|| bytes.into()))
}

/// Names in a directory in their order, and whether each is a regular file; none where there is no directory.
fn entries(directory: &Path) -> io::Result<BTreeMap<String, bool>> {
    let found = match fs::read_dir(directory) {
        Ok(found) => found,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(BTreeMap::new()),
        Err(error) => return Err(error),
    };
    found
        .map(|entry| {
            let entry = entry?;
            Ok((entry.file_name().to_string_lossy().into_owned(), entry.file_type()?.is_file()))
        })
        .collect()
}

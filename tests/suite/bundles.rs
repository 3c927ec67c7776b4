//! Copies of the committed bundles, changed as a test needs them.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use countersign::model::evidence::EXCERPT;
use sha2::{Digest, Sha256};

use crate::support::{countersign, ran, repository};

/// The committed bundle of that name.
pub(crate) fn committed(name: &str) -> PathBuf {
    repository().join("fixtures/bundles").join(name)
}

/// Copies every file below `from` to `to`.
pub(crate) fn copy(from: &Path, to: &Path) -> PathBuf {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry.unwrap();
        let target = to.join(entry.path().strip_prefix(from).unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir_all(&target).unwrap();
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
    }
    to.to_owned()
}

/// Every file below a folder, by its path in it.
pub(crate) fn files(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut files = BTreeMap::new();
    for entry in walkdir::WalkDir::new(folder) {
        let entry = entry.expect("readable");
        if entry.file_type().is_file() {
            let name = entry.path().strip_prefix(folder).expect("below").to_string_lossy().into_owned();
            files.insert(name, fs::read(entry.path()).expect("readable"));
        }
    }
    files
}

/// Replaces text in a file; the text must be there.
pub(crate) fn replace(path: &Path, from: &str, to: &str) {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.contains(from), "{} holds no {from:?}", path.display());
    fs::write(path, text.replace(from, to)).unwrap();
}

/// Changes a piece of evidence of a bundle as if that had been captured: file, name, digest and size. What the bundle
/// concluded from it stays, so it is good for a replay only.
pub(crate) fn captured_instead(bundle: &Path, ends: &str, from: &str, to: &str) {
    let evidence = bundle.join("evidence");
    let names = fs::read_dir(&evidence).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let name = names.into_iter().find(|name| name.ends_with(ends)).expect("such a piece of evidence");
    let path = evidence.join(&name);
    let before = fs::read(&path).unwrap();
    replace(&path, from, to);
    let after = fs::read(&path).unwrap();
    assert_eq!(before.len(), after.len(), "the record names the size");
    let digest = |bytes: &[u8]| -> String { Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect() };
    let (old, new) = (digest(&before), digest(&after));
    fs::rename(&path, evidence.join(name.replace(&old[..16], &new[..16]))).unwrap();
    replace(&bundle.join("record.json"), &old, &new);
    if before.len() > EXCERPT {
        replace(&bundle.join("record.json"), &digest(&before[..EXCERPT]), &digest(&after[..EXCERPT]));
    }
    replace(&bundle.join("record.json"), &old[..16], &new[..16]);
}

/// Replays a bundle under an audit file.
pub(crate) fn replayed(audit: &Path, bundle: &Path, to: &Path) -> PathBuf {
    let run = ran(countersign().arg("run").arg(audit).arg("--replay").arg(bundle).arg("--to").arg(to));
    assert!(run.code < 4, "{}", run.stderr);
    to.to_owned()
}

/// Digests, times of machines and ids that change with every version, taken out of a golden text.
pub(crate) fn without_digests(text: &str) -> String {
    let mut shown = String::new();
    let mut word = String::new();
    for character in text.chars().chain(['\n']) {
        if character.is_ascii_alphanumeric() || (character == '-' && word.len() >= 8) {
            word.push(character);
            continue;
        }
        let hex = word.len() >= 16 && word.chars().all(|c| c.is_ascii_hexdigit() || c == '-');
        shown.push_str(if hex { "(hex)" } else { &word });
        word.clear();
        shown.push(character);
    }
    shown.pop();
    shown
}

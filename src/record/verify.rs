//! Is a bundle as it was written? What can be seen in its files: the record's bytes, the evidence, the documents.
//!
//! It compares what it is given and judges nothing itself. Whatever cannot be checked is a finding, never a pass.

use std::collections::BTreeMap;
use std::fs;
use std::io::{self, Read};
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;
use sha2::{Digest, Sha256};

use super::bundle::{Bundle, BundleProblem, EVIDENCE};
use super::canonical::{RecordProblem, to_bytes};
use super::signoffs::{LINES, SIGNOFFS};
use crate::model::digest::{self, sha256};
use crate::model::evidence::{Blob, EXCERPT};
use crate::model::format::{self, shortened};
use crate::model::judgement::Judgement;
use crate::model::record::Record;

/// What is wrong with a bundle: stable names, for programs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub enum Code {
    /// The record is not JSON of the shape of a record.
    RecordUnreadable,
    /// The record has a schema that this version does not know.
    RecordSchemaUnknown,
    /// The record is not in its one canonical form: somebody edited it.
    RecordNotCanonical,
    /// A file of evidence that the record names is not there.
    EvidenceMissing,
    /// A file of evidence has another size or digest than the record says.
    EvidenceMismatch,
    /// A file lies among the evidence that the record does not name.
    EvidenceUnknown,
    /// The digest of the audit is not that of the audit in the record.
    PolicyMismatch,
    /// Judging again from the record gives something else.
    VerdictRecompute,
    /// A document is not what the record renders to.
    DocumentMismatch,
    /// A file lies among the sign-offs that is none.
    SignoffUnknown,
    /// The record is of another commit than the one that was expected.
    CommitMismatch,
    /// The record is older than it may be.
    RecordTooOld,
}

impl Code {
    /// The name, as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecordUnreadable => "RECORD_UNREADABLE",
            Self::RecordSchemaUnknown => "RECORD_SCHEMA_UNKNOWN",
            Self::RecordNotCanonical => "RECORD_NOT_CANONICAL",
            Self::EvidenceMissing => "EVIDENCE_MISSING",
            Self::EvidenceMismatch => "EVIDENCE_MISMATCH",
            Self::EvidenceUnknown => "EVIDENCE_UNKNOWN",
            Self::PolicyMismatch => "POLICY_MISMATCH",
            Self::VerdictRecompute => "VERDICT_RECOMPUTE",
            Self::DocumentMismatch => "DOCUMENT_MISMATCH",
            Self::SignoffUnknown => "SIGNOFF_UNKNOWN",
            Self::CommitMismatch => "COMMIT_MISMATCH",
            Self::RecordTooOld => "RECORD_TOO_OLD",
        }
    }
}

impl Code {
    /// Is it the record itself, or the evidence that it names? Then nothing that was signed of it counts.
    pub const fn is_of_the_record(self) -> bool {
        !matches!(self, Self::DocumentMismatch | Self::SignoffUnknown | Self::CommitMismatch | Self::RecordTooOld)
    }
}

/// Of what is a link, a directory or a device. Links are not followed: what they lead to is no part of the bundle.
const NO_FILE: &str = "what stands there is no regular file";

/// Something that is not as it was recorded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Finding {
    /// What kind of thing it is.
    pub code: Code,
    /// The file it is about, relative to the bundle.
    pub file: String,
    /// One sentence without a full stop.
    pub text: String,
}

impl Finding {
    /// A finding about a file of the bundle.
    pub fn new(code: Code, file: impl Into<String>, text: impl Into<String>) -> Self {
        Self { code, file: file.into(), text: text.into() }
    }
}

/// The finding of a record that was refused when it was read; `None` where there is no record at all.
pub fn refused(problem: &BundleProblem) -> Option<Finding> {
    let BundleProblem::Record { source, .. } = problem else { return None };
    Some(refused_record(super::bundle::RECORD, source))
}

/// The finding of a record that was refused, wherever it stood.
pub fn refused_record(file: &str, problem: &RecordProblem) -> Finding {
    let code = match problem {
        RecordProblem::UnknownSchema(_) => Code::RecordSchemaUnknown,
        RecordProblem::NotCanonical(_) => Code::RecordNotCanonical,
        RecordProblem::TooLarge(_)
        | RecordProblem::WouldBeTooLarge { .. }
        | RecordProblem::Unreadable(_)
        | RecordProblem::NotAnIdentifier(_)
        | RecordProblem::InexactNumber(_) => Code::RecordUnreadable,
    };
    Finding::new(code, file, problem.to_string())
}

/// The finding of a record that does not itself stand in its bundle: a link may lead to another one at the next look.
pub fn linked(bundle: &Bundle) -> Option<Finding> {
    let stands = bundle.directory.join(super::bundle::RECORD).symlink_metadata().is_ok_and(|found| !found.is_file());
    stands.then(|| Finding::new(Code::RecordUnreadable, super::bundle::RECORD, NO_FILE))
}

/// Every file of evidence that a record names.
pub fn blobs(record: &Record) -> BTreeMap<&str, &Blob> {
    let blobs = record.exchanges().flat_map(|exchange| exchange.answer.blobs());
    blobs.map(|blob| (blob.file.as_str(), blob)).collect()
}

/// Is every file of evidence there as it was captured, and none besides?
pub fn evidence(bundle: &Bundle) -> Vec<Finding> {
    let directory = bundle.evidence();
    let named = blobs(&bundle.record);
    if directory.symlink_metadata().is_ok_and(|found| !found.is_dir()) {
        return vec![Finding::new(Code::EvidenceMissing, EVIDENCE, "what stands there is no directory")];
    }
    let mut findings: Vec<Finding> = named.values().filter_map(|blob| one(&directory, blob)).collect();
    findings.extend(contradicted(&bundle.record, &named));
    findings.extend(alike(named.keys().copied()).into_iter().map(|name| {
        let file = format!("{EVIDENCE}/{name}");
        Finding::new(Code::EvidenceMismatch, file, "on some file systems another file has the same name")
    }));
    match fs::read_dir(&directory) {
        Ok(entries) => {
            let names = entries.map(|entry| entry.map(|entry| entry.file_name().to_string_lossy().into_owned()));
            let mut besides: Vec<String> =
                names.filter_map(|name| name.ok().filter(|name| !named.contains_key(name.as_str()))).collect();
            besides.sort();
            let unknown = |name: String| {
                Finding::new(Code::EvidenceUnknown, format!("{EVIDENCE}/{name}"), "the record names no such file")
            };
            findings.extend(besides.into_iter().map(unknown));
        }
        Err(error) if error.kind() == io::ErrorKind::NotFound && named.is_empty() => {}
        Err(error) => {
            findings.push(Finding::new(Code::EvidenceMissing, EVIDENCE, format!("cannot be listed: {error}")))
        }
    }
    findings
}

/// What lies in the directory of a bundle and is no part of it, by name: not the record, its evidence, its sign-offs, or one
/// of these documents.
pub fn besides(bundle: &Bundle, documents: &[&str]) -> io::Result<Vec<String>> {
    let names = fs::read_dir(&bundle.directory)?.map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()));
    let names = names.collect::<io::Result<Vec<String>>>()?;
    let ours =
        |name: &str| [super::bundle::RECORD, EVIDENCE, SIGNOFFS, LINES].contains(&name) || documents.contains(&name);
    let mut besides: Vec<String> = names.into_iter().filter(|name| !ours(name)).collect();
    besides.sort();
    Ok(besides)
}

/// Files of which the record says one thing here and another there: held against one of them, the other would be believed.
fn contradicted(record: &Record, named: &BTreeMap<&str, &Blob>) -> Vec<Finding> {
    let all = record.exchanges().flat_map(|exchange| exchange.answer.blobs());
    let others = all.filter(|blob| named.get(blob.file.as_str()).is_some_and(|one| one.sha256 != blob.sha256));
    let files: std::collections::BTreeSet<&str> = others.map(|blob| blob.file.as_str()).collect();
    let finding = |file: &str| {
        Finding::new(Code::EvidenceMismatch, format!("{EVIDENCE}/{file}"), "the record gives it more than one sha256")
    };
    files.into_iter().map(finding).collect()
}

/// Names that differ from an earlier one in the case of letters alone.
fn alike<'a>(names: impl Iterator<Item = &'a str>) -> Vec<&'a str> {
    let mut seen = std::collections::BTreeSet::new();
    names.filter(|name| !seen.insert(name.to_lowercase())).collect()
}

fn one(directory: &Path, blob: &Blob) -> Option<Finding> {
    let file = format!("{EVIDENCE}/{}", blob.file);
    let missing = |why: String| Some(Finding::new(Code::EvidenceMissing, &file, why));
    let Some(name) = blob.plain_name() else {
        return missing("the record names it in a way that is no plain file name".to_owned());
    };
    let path = directory.join(name);
    match path.symlink_metadata() {
        Ok(found) if found.is_file() => {}
        Ok(_) => return missing(NO_FILE.to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => return missing("it is not there".to_owned()),
        Err(error) => return missing(format!("cannot be read: {error}")),
    }
    let Measured { size, head, sha256 } = match measured(&path) {
        Ok(measured) => measured,
        Err(error) => return missing(format!("cannot be read: {error}")),
    };
    let mismatch = |why: String| Some(Finding::new(Code::EvidenceMismatch, &file, why));
    if size != blob.kept {
        let bytes = |size: u64| format::plural(size, "byte", "bytes");
        return mismatch(format!("it has {} and {} were captured", bytes(size), bytes(blob.kept)));
    }
    if sha256 != blob.sha256 {
        return mismatch(format!("its sha256 is {sha256} and not {}", shortened(&blob.sha256, 64)));
    }
    if blob.head.as_ref().is_some_and(|recorded| *recorded != head) {
        return mismatch(format!("its beginning has the sha256 {head}, and the record says another"));
    }
    None
}

/// A file as it is.
pub(super) struct Measured {
    size: u64,
    /// SHA-256 of what documents show of it.
    head: String,
    /// SHA-256 of the whole.
    pub(super) sha256: String,
}

/// Reads a file piece by piece: it may be larger than memory.
pub(super) fn measured(path: &Path) -> io::Result<Measured> {
    let mut file = fs::File::open(path)?;
    let mut head = Vec::new();
    file.by_ref().take(EXCERPT as u64).read_to_end(&mut head)?;
    let mut hash = Sha256::new_with_prefix(&head);
    let mut buffer = vec![0; 1 << 16];
    let mut size = head.len() as u64;
    loop {
        match file.read(&mut buffer)? {
            0 => break,
            read => {
                hash.update(&buffer[..read]);
                size += read as u64;
            }
        }
    }
    Ok(Measured { size, head: sha256(&head), sha256: digest::finish(hash) })
}

/// Is the digest of the audit that of the audit in the record?
pub fn policy(record: &Record) -> Option<Finding> {
    let found = to_bytes(&record.audit).map(|bytes| sha256(&bytes));
    let finding = |text: String| Some(Finding::new(Code::PolicyMismatch, super::bundle::RECORD, text));
    match found {
        Ok(found) if found == record.policy_sha256 => None,
        Ok(found) => finding(format!("the audit in it has the sha256 {found} and not {}", record.policy_sha256)),
        Err(problem) => finding(problem.to_string()),
    }
}

/// Is the recorded judgement the one that the record leads to? `again` was made from the same record.
pub fn judgement(stored: &Judgement, again: &Judgement) -> Option<Finding> {
    let finding = |text: String| Some(Finding::new(Code::VerdictRecompute, super::bundle::RECORD, text));
    let (stored, again) = match (serde_json::to_value(stored), serde_json::to_value(again)) {
        (Ok(stored), Ok(again)) => (stored, again),
        (Err(error), _) | (_, Err(error)) => return finding(format!("the judgement cannot be compared: {error}")),
    };
    let mut at = "judgement".to_owned();
    let (stored, again) = first_difference(&stored, &again, &mut at)?;
    finding(format!("{at} says {} and judging again gives {}", shortened(&stored, 120), shortened(&again, 120)))
}

/// The first place where two JSON values part, as a path, and what stands there in each.
fn first_difference(one: &serde_json::Value, two: &serde_json::Value, at: &mut String) -> Option<(String, String)> {
    use serde_json::Value;
    const NOTHING: Value = Value::Null;
    if one == two {
        return None;
    }
    let before = at.len();
    match (one, two) {
        (Value::Object(ours), Value::Object(theirs)) => {
            let names: std::collections::BTreeSet<&String> = ours.keys().chain(theirs.keys()).collect();
            for name in names {
                at.push_str(&format!(".{name}"));
                let (one, two) = (ours.get(name).unwrap_or(&NOTHING), theirs.get(name).unwrap_or(&NOTHING));
                if let Some(found) = first_difference(one, two, at) {
                    return Some(found);
                }
                at.truncate(before);
            }
            None
        }
        (Value::Array(ours), Value::Array(theirs)) => {
            for index in 0..ours.len().max(theirs.len()) {
                at.push_str(&format!("[{index}]"));
                let (one, two) = (ours.get(index).unwrap_or(&NOTHING), theirs.get(index).unwrap_or(&NOTHING));
                if let Some(found) = first_difference(one, two, at) {
                    return Some(found);
                }
                at.truncate(before);
            }
            None
        }
        _ => Some((one.to_string(), two.to_string())),
    }
}

/// So many bytes behind the end of a document are looked at, to say what stands there.
const MOST_BEYOND: u64 = 1 << 10;

/// Is a document of the bundle the one that the record renders to?
pub fn document(bundle: &Bundle, name: &str, again: &str) -> Option<Finding> {
    let finding = |text: String| Some(Finding::new(Code::DocumentMismatch, name, text));
    let path = bundle.directory.join(name);
    if path.symlink_metadata().is_ok_and(|found| !found.is_file()) {
        return finding(NO_FILE.to_owned());
    }
    // What is longer than it may be by more than a line is not read to its end.
    let most = again.len() as u64 + MOST_BEYOND;
    let mut bytes = Vec::new();
    match fs::File::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)) {
        Ok(_) => {}
        Err(error) if error.kind() == io::ErrorKind::NotFound => return finding("it is not there".to_owned()),
        Err(error) => return finding(format!("cannot be read: {error}")),
    };
    same_document(name, &bytes, again)
}

/// Are these the bytes of a document rendered again?
pub fn same_document(name: &str, bytes: &[u8], again: &str) -> Option<Finding> {
    let finding = |text: String| Some(Finding::new(Code::DocumentMismatch, name, text));
    if bytes == again.as_bytes() {
        return None;
    }
    let same = bytes.iter().zip(again.as_bytes()).take_while(|(found, wanted)| found == wanted).count();
    // Two characters may share their first bytes.
    let same = again.floor_char_boundary(same);
    let line = 1 + again.as_bytes()[..same].iter().filter(|byte| **byte == b'\n').count();
    let begins = again.as_bytes()[..same].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1);
    let column = 1 + String::from_utf8_lossy(&bytes[begins..same]).chars().count();
    let rest = |bytes: &[u8]| {
        let rest = String::from_utf8_lossy(&bytes[same.min(bytes.len())..]).into_owned();
        let line = rest.lines().next().unwrap_or_default().to_owned();
        if line.is_empty() { "the line ends".to_owned() } else { format!("\"{}\"", shortened(&line, 60)) }
    };
    let (found, wanted) = (rest(bytes), rest(again.as_bytes()));
    finding(format!(
        "it differs from line {line}, column {column}: {found} stands there, and the record gives {wanted}"
    ))
}

/// The list of all sign-offs of a record that has none.
pub fn unsigned_list(bundle: &Bundle) -> Option<Finding> {
    let finding = |text: String| Some(Finding::new(Code::DocumentMismatch, LINES, text));
    match bundle.directory.join(LINES).symlink_metadata() {
        Ok(_) => finding("there is no sign-off of this record that it could hold".to_owned()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => finding(format!("cannot be read: {error}")),
    }
}

/// The finding of documents that could not be rendered again.
pub fn unrendered(why: &str) -> Finding {
    Finding::new(Code::DocumentMismatch, super::bundle::RECORD, format!("it renders to no documents: {why}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_difference_is_named_by_its_path() {
        let (one, two) = (serde_json::json!({"a": [1, {"b": 2}]}), serde_json::json!({"a": [1, {"b": 3}]}));
        let mut at = "x".to_owned();
        assert_eq!(first_difference(&one, &two, &mut at), Some(("2".to_owned(), "3".to_owned())));
        assert_eq!(at, "x.a[1].b");
    }

    #[test]
    fn documents_differ_from_a_character_on_and_never_from_within_one() {
        let said = same_document("report.md", "✗ signed\n".as_bytes(), "a\n✓ signed\n").map(|finding| finding.text);
        assert_eq!(said.as_deref().map(|said| said.contains("\"✗ signed\" stands there")), Some(true), "{said:?}");
        let said = same_document("report.md", "a ✗ signed\n".as_bytes(), "a ✓ signed\n").map(|finding| finding.text);
        let expected = "it differs from line 1, column 3: \"✗ signed\" stands there, and the record gives \"✓ signed\"";
        assert_eq!(said.as_deref(), Some(expected));
    }

    #[test]
    fn names_that_some_file_systems_take_for_one_are_found() {
        assert_eq!(alike(["1-A.txt", "1-b.txt", "1-a.txt"].into_iter()), ["1-a.txt"]);
        assert!(alike(["1-a.txt", "2-a.txt"].into_iter()).is_empty());
    }

    #[test]
    fn what_stands_on_one_side_only_differs_from_nothing() {
        let (one, two) = (serde_json::json!({"a": []}), serde_json::json!({"a": [true]}));
        let mut at = String::new();
        assert_eq!(first_difference(&one, &two, &mut at), Some(("null".to_owned(), "true".to_owned())));
        assert_eq!(at, ".a[0]");
    }
}

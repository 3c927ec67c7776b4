//! A bundle checked from front to back: the record, the evidence, the judgement made again, the documents rendered again,
//! the sign-offs. A page is checked in the same way, from what it holds.
//!
//! Order and wiring only; what each step compares stands in `record::verify` and `signoff`.

mod expected;
mod lapsed;

use std::io;

use schemars::JsonSchema;
use serde::Serialize;

use self::expected::{commit_mismatch, policy_mismatch, signed_too_long_ago, too_old};

pub use self::lapsed::{lapsed, verdict_at};

use super::since::Since;
use super::{BRIEF, Contents, HTML, MARKDOWN, all_documents, documents, signed};
use crate::model::audit::SignoffPolicy;
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::judgement::Verdict;
use crate::model::record::Record;
use crate::record::bundle::Bundle;
use crate::record::signoffs::{self, EARLIER, Kept, LINES, SIGNOFFS, Stored};
use crate::record::verify::{self, Finding, blobs};
use crate::record::{self, BundleProblem};
use crate::report::embedded::{self, Unpacked};
use crate::report::stated::{Counts, stated};
use crate::report::{ReportProblem, Templates};
use crate::signoff::decide::State;
use crate::signoff::{self, About, SignOffs, Verifier};

/// Names the shape of `countersign verify --format json`; changes when the shape does.
pub const SCHEMA: &str = "urn:countersign:verify:v1";

/// Most names that are told of what is no part of a bundle.
const MOST_BESIDES: usize = 5;

/// What was found out about a bundle.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Verified {
    /// `urn:countersign:verify:v1`.
    pub schema: &'static str,
    /// Is everything as it was recorded?
    pub intact: bool,
    /// What the record says of itself; not there when it was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub record: Option<Recorded>,
    /// Each step, in order; those after a refused record are not taken.
    pub steps: Vec<Step>,
    /// What is not as it was recorded, in the order of the steps.
    pub findings: Vec<Finding>,
    /// The sign-offs; not there when the record was refused.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sign_offs: Option<SignOffs>,
    /// What documents say now of what was claimed; not there when they were not read again.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<Since>,
}

/// What a record says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Recorded {
    /// SHA-256 of its bytes.
    pub sha256: String,
    /// Name of the audit.
    pub audit: String,
    /// The run.
    pub run_id: String,
    /// The moment it was judged by.
    pub finished_at: Instant,
    /// The version of countersign that wrote it.
    pub tool_version: String,
    /// The verdict.
    pub verdict: Verdict,
    /// Were only claims judged? Then the verdict is one about these, and none about going live.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub claims_only: bool,
    /// The verdict in words, as the documents have it: of the gate of a stage, what the rollout may do.
    #[serde(skip)]
    pub words: String,
}

/// One step of checking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Step {
    /// `record`, `evidence`, `audit`, `judgement`, `documents`, `besides`, `expected`, `lapsed`, `policy`, `decision` or
    /// `sign-offs`.
    pub name: &'static str,
    /// Was nothing found? `null` where there was nothing to check.
    pub passed: Option<bool>,
    /// What was checked, one sentence without a full stop.
    pub text: String,
}

/// What the verifier brings along.
#[derive(Debug, Clone)]
pub struct Expected<'a> {
    /// The templates that the documents were written with.
    pub templates: &'a Templates,
    /// The commit that the record must be of.
    pub commit: Option<&'a str>,
    /// The most seconds that the record may be old; where no valid sign-off is of this very record, that those may be which
    /// were signed.
    pub max_age: Option<u64>,
    /// What time it is.
    pub now: Instant,
    /// Who must sign.
    pub policy: Option<&'a Policy>,
    /// Whose keys count, and which no longer.
    pub keys: Option<(&'a signoff::AllowedSigners, &'a signoff::Revoked)>,
}

/// Who must sign, by the verifier's own file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Policy {
    /// The rules.
    pub signoff: SignoffPolicy,
    /// SHA-256 of the whole audit as it was planned, where the file is an audit file.
    pub audit_sha256: Option<String>,
}

/// Checks a bundle, as it was opened or refused, and a document that stands in it under another name. An error is a bundle
/// that could not be looked at.
pub fn verify(
    opened: Result<Bundle, BundleProblem>,
    copy: Option<(&str, &[u8])>,
    expected: &Expected<'_>,
) -> Result<Verified, VerifyProblem> {
    let mut verified = Verified::new();
    let bundle = match opened {
        Ok(bundle) => bundle,
        Err(problem) => {
            let Some(finding) = verify::refused(&problem) else { return Err(problem.into()) };
            verified.refused(finding);
            return Ok(verified);
        }
    };
    if let Some(finding) = verify::linked(&bundle) {
        verified.refused(finding);
        return Ok(verified);
    }
    let stored = signoffs::read(&bundle.directory).map_err(VerifyProblem::SignOffs)?;
    verified.record(&bundle.record, &bundle.sha256);
    let files = format::plural(blobs(&bundle.record).len() as u64, "file", "files");
    verified.step(
        "evidence",
        format!("{files}, each of its size and digest, and none besides"),
        verify::evidence(&bundle),
    );
    verified.judgement(&bundle.record);
    let contents = Contents::of(&bundle, &stored);
    verified.documents(all_documents(&bundle, &contents, expected.templates), |documents| {
        let named = documents.iter().filter_map(|(name, text)| verify::document(&bundle, name, text));
        let other = copy.filter(|(name, _)| documents.iter().all(|(document, _)| document != name));
        let copied = other.and_then(|(name, bytes)| {
            let ending = |name: &str| name.rsplit_once('.').map(|(_, ending)| ending.to_owned());
            let (_, text) = documents.iter().find(|(document, _)| ending(document) == ending(name))?;
            verify::same_document(name, bytes, text)
        });
        let stray = documents.iter().all(|(name, _)| *name != LINES).then(|| verify::unsigned_list(&bundle)).flatten();
        named.chain(copied).chain(stray).collect()
    });
    verified.besides(&bundle, copy.map(|(name, _)| name));
    verified.expected(&bundle.record, expected);
    verified.sign_offs(&contents, expected)?;
    Ok(verified)
}

/// What is wrong first with a record that is taken for what it says: its audit, or what it concludes.
pub fn doubtful(record: &Record) -> Option<Finding> {
    verify::policy(record).or_else(|| signed::judged_otherwise(record))
}

/// As [`doubtful`], for whoever only shows what records say: another version may have judged by other rules, and what it
/// wrote is no less of that day.
pub fn doubtful_of_ours(record: &Record) -> Option<Finding> {
    let ours = record.run.tool_version == env!("CARGO_PKG_VERSION");
    verify::policy(record).or_else(|| ours.then(|| signed::judged_otherwise(record)).flatten())
}

/// As [`doubtful`], of a bundle, with its evidence.
pub fn doubtful_bundle(bundle: &Bundle) -> Option<Finding> {
    let evidence = || verify::evidence(bundle).into_iter().next();
    verify::linked(bundle).or_else(evidence).or_else(|| doubtful(&bundle.record))
}

/// What to do about a bundle that is not as it was recorded.
pub fn way_out(record: &Record) -> String {
    let version = &record.run.tool_version;
    if version == env!("CARGO_PKG_VERSION") {
        "take the bundle from where it was written; `countersign verify` says all that is wrong with it".to_owned()
    } else {
        format!("version {version} wrote it: judge it again with `countersign run AUDIT --replay BUNDLE --to DIR`")
    }
}

/// Checks a page by itself: the record, the excerpts and the sign-offs that it holds, and every byte of the rest.
pub fn verify_page(name: &str, page: &str, expected: &Expected<'_>) -> Result<Verified, VerifyProblem> {
    let mut verified = Verified::new();
    let Some(unpacked) = embedded::unpack(page) else {
        let text = "it holds no record: it was changed, or its record was too large to stand inside";
        verified.refused(Finding::new(verify::Code::DocumentMismatch, name, text));
        return Ok(verified);
    };
    let record = match record::from_bytes(&unpacked.record) {
        Ok(record) => record,
        Err(problem) => {
            verified.refused(verify::refused_record(name, &problem));
            return Ok(verified);
        }
    };
    let sha256 = record::sha256(&unpacked.record);
    verified.record(&record, &sha256);
    verified.excerpts(&record, &unpacked);
    verified.judgement(&record);
    let stored = stored(&unpacked);
    let contents = Contents { record: &record, bytes: &unpacked.record, sha256: &sha256, signoffs: &stored };
    verified.documents(documents(&contents, &unpacked, expected.templates), |documents| {
        let html = documents.iter().find(|(document, _)| document.ends_with(".html"));
        html.and_then(|(_, text)| verify::same_document(name, page.as_bytes(), text)).into_iter().collect()
    });
    verified.expected(&record, expected);
    verified.sign_offs(&contents, expected)?;
    Ok(verified)
}

/// Why a bundle could not be checked.
#[derive(Debug, thiserror::Error)]
pub enum VerifyProblem {
    /// It could not be read.
    #[error(transparent)]
    Bundle(#[from] BundleProblem),
    /// Its sign-offs could not be read.
    #[error("the sign-offs cannot be read: {0}")]
    SignOffs(io::Error),
    /// A program that checks signatures could not be asked.
    #[error(transparent)]
    Ssh(#[from] signoff::ssh_keygen::SshProblem),
}

impl VerifyProblem {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Bundle(problem) => problem.help(),
            Self::SignOffs(_) => "make the folder `signoffs` of the bundle readable".to_owned(),
            Self::Ssh(problem) => problem.help().to_owned(),
        }
    }
}

/// The sign-offs in a page, as a bundle would have them.
fn stored(unpacked: &Unpacked) -> Stored {
    let mut stored = Stored::default();
    for (file, bytes) in &unpacked.signoffs {
        let name = file.strip_prefix(SIGNOFFS).and_then(|name| name.strip_prefix('/')).unwrap_or(file);
        match name.strip_prefix(EARLIER).and_then(|name| name.strip_prefix('/')?.strip_suffix(".json")) {
            // Of a record that nothing hangs on, a page has the name alone.
            Some(digest) if bytes.is_empty() => drop(stored.earlier.insert(digest.to_owned(), None)),
            Some(digest) if record::sha256(bytes) == digest => {
                stored.earlier.insert(digest.to_owned(), Some(bytes.as_slice().into()));
            }
            Some(_) => {
                let text = "it is not the record that its name says";
                stored.strange.push(Finding::new(verify::Code::SignoffUnknown, file, text));
            }
            None => stored.envelopes.push(Kept { name: name.to_owned(), bytes: bytes.clone() }),
        }
    }
    stored
}

impl Verified {
    fn new() -> Self {
        Self {
            schema: SCHEMA,
            intact: true,
            record: None,
            steps: Vec::new(),
            findings: Vec::new(),
            sign_offs: None,
            since: None,
        }
    }

    fn step(&mut self, name: &'static str, text: String, findings: impl IntoIterator<Item = Finding>) {
        let before = self.findings.len();
        self.findings.extend(findings);
        let passed = self.findings.len() == before;
        self.intact &= passed;
        self.steps.push(Step { name, passed: Some(passed), text });
    }

    fn refused(&mut self, finding: Finding) {
        self.step("record", "the record is refused, and nothing else was checked".to_owned(), [finding]);
    }

    fn record(&mut self, record: &Record, sha256: &str) {
        self.record = Some(Recorded {
            sha256: sha256.to_owned(),
            audit: record.audit.id.to_string(),
            run_id: record.run.run_id.clone(),
            finished_at: record.run.finished_at,
            tool_version: record.run.tool_version.clone(),
            verdict: record.judgement.verdict,
            claims_only: record.run.claims_only,
            words: if record.run.claims_only {
                Counts::of(&stated(record)).words()
            } else {
                record.audit.verdict_words(record.judgement.verdict).to_owned()
            },
        });
        self.step("record", format!("{}, canonical", record.schema), None);
    }

    /// A page shows the beginning of files: held against the digest of the whole, or of as much as is shown.
    fn excerpts(&mut self, record: &Record, unpacked: &Unpacked) {
        let blobs = blobs(record);
        let finding = |code, file: &String, text: &str| Some(Finding::new(code, file, text));
        let check = |(file, bytes): (&String, &Vec<u8>)| {
            let Some(blob) = blobs.get(file.as_str()) else {
                return finding(verify::Code::EvidenceUnknown, file, "the record names no such file");
            };
            let whole = blob.kept == bytes.len() as u64;
            match if whole { Some(&blob.sha256) } else { blob.head.as_ref() } {
                Some(digest) if *digest == record::sha256(bytes) => None,
                Some(_) => finding(verify::Code::EvidenceMismatch, file, "the page shows another content"),
                None => {
                    let text = "the page shows its beginning, and the record has no digest of that: verify the bundle";
                    finding(verify::Code::EvidenceMissing, file, text)
                }
            }
        };
        let findings: Vec<Finding> = unpacked.excerpts.iter().filter_map(check).collect();
        let shown = format::plural(unpacked.excerpts.len() as u64, "excerpt", "excerpts");
        self.step("evidence", format!("not in the page; {shown} of it held against the record"), findings);
        if let Some(step) = self.steps.last_mut() {
            step.passed = step.passed.filter(|passed| !passed);
        }
    }

    fn judgement(&mut self, record: &Record) {
        self.step(
            "audit",
            "the digest of the audit is that of the audit in the record".to_owned(),
            verify::policy(record),
        );
        let finding = signed::judged_otherwise(record);
        self.step("judgement", "made again from the record, and the same".to_owned(), finding);
    }

    fn documents(
        &mut self,
        rendered: Result<Vec<(&'static str, String)>, ReportProblem>,
        compare: impl Fn(&[(&'static str, String)]) -> Vec<Finding>,
    ) {
        let (findings, names) = match rendered {
            Ok(documents) => {
                let names: Vec<&str> = documents.iter().map(|(name, _)| *name).collect();
                (compare(&documents), format::and_list(&names))
            }
            Err(problem) => (vec![verify::unrendered(&problem.to_string())], String::new()),
        };
        self.step("documents", format!("{names} rendered again, byte for byte the same"), findings);
    }

    /// Whoever is given a bundle may take all that lies in it for part of it.
    fn besides(&mut self, bundle: &Bundle, copy: Option<&str>) {
        let documents: Vec<&str> = [MARKDOWN, HTML].into_iter().chain(BRIEF).chain(copy).collect();
        let text = match verify::besides(bundle, &documents) {
            Ok(names) if names.is_empty() => return,
            Ok(names) => {
                let more = names.len().saturating_sub(MOST_BESIDES);
                let shown = names.iter().take(MOST_BESIDES).map(|name| format::shortened(name, 60));
                let more = (more > 0).then(|| format!("{more} more"));
                let shown: Vec<String> = shown.chain(more).collect();
                let shown: Vec<&str> = shown.iter().map(String::as_str).collect();
                let are = if names.len() == 1 {
                    "is no part of the bundle, and was"
                } else {
                    "are no part of the bundle, and were"
                };
                format!("{} {are} not looked at", format::and_list(&shown))
            }
            Err(error) => format!("what else lies in the directory cannot be listed: {error}"),
        };
        self.steps.push(Step { name: "besides", passed: None, text });
    }

    /// What the verifier expects of the record itself.
    fn expected(&mut self, record: &Record, expected: &Expected<'_>) {
        let commit = expected.commit.map(|commit| (format!("commit {commit}"), commit_mismatch(record, commit)));
        let age = expected.max_age.map(|most| ("young enough".to_owned(), too_old(record, most, expected.now)));
        let (held, findings): (Vec<String>, Vec<Option<Finding>>) = commit.into_iter().chain(age).unzip();
        if !held.is_empty() {
            self.step("expected", held.join(", "), findings.into_iter().flatten());
        }
        let lapsed = lapsed(record, expected.now);
        if !lapsed.is_empty() {
            let text = format!("since it was judged, {}", format::and_list(&lapsed));
            self.steps.push(Step { name: "lapsed", passed: None, text });
        }
        if let Some(policy) = expected.policy {
            let text = match policy.audit_sha256 {
                Some(_) => "the audit and its sign-off policy are those that you gave",
                None => "the sign-off policy is the one that you gave",
            };
            self.step("policy", text.to_owned(), policy_mismatch(record, policy));
            if record.run.claims_only {
                let text = "only claims were judged: nothing was decided about going live".to_owned();
                self.steps.push(Step { name: "decision", passed: None, text });
            }
        }
    }

    fn sign_offs(&mut self, contents: &Contents<'_>, expected: &Expected<'_>) -> Result<(), VerifyProblem> {
        let verifier = expected.keys.map(|(signers, revoked)| Verifier {
            policy: expected.policy.map(|policy| &policy.signoff),
            signers,
            revoked,
            now: expected.now,
        });
        let earlier = signed::known(contents.record, contents.signoffs);
        let problem = self.findings.iter().find(|finding| finding.code.is_of_the_record());
        let about = About { record: contents.record, sha256: contents.sha256, earlier: &earlier, problem };
        let decided = signoff::decide(&contents.signoffs.envelopes, &about, verifier.as_ref())?;
        let (passed, text) = summed_up(&decided, verifier.is_some());
        let age = expected.max_age.and_then(|most| signed_too_long_ago(&decided, &earlier, most, expected.now));
        let findings: Vec<Finding> = contents.signoffs.strange.iter().cloned().chain(age).collect();
        self.intact &= findings.is_empty();
        let passed = if findings.is_empty() { passed } else { Some(false) };
        self.findings.extend(findings);
        self.steps.push(Step { name: "sign-offs", passed, text });
        self.sign_offs = Some(decided);
        Ok(())
    }

    /// Is there everything that was demanded of the sign-offs, and nothing false among them?
    pub fn is_signed_as_demanded(&self) -> bool {
        let holds = |signed: &SignOffs| signed.accepted != Some(false) && !signed.has_forgery();
        self.sign_offs.as_ref().is_none_or(holds)
    }
}

fn summed_up(signed: &SignOffs, checked: bool) -> (Option<bool>, String) {
    let count = |state: State| signed.list.iter().filter(|signoff| signoff.state == state).count() as u64;
    // Whoever rejects has signed as well as anybody.
    let reject = signed.list.iter().filter(|signoff| signoff.code == Some(signoff::Code::NotAnApproval)).count() as u64;
    let (valid, stale, refused) = (count(State::Valid), count(State::Stale), count(State::Refused) - reject);
    let found = format::plural(signed.list.len() as u64, "sign-off", "sign-offs");
    let rejections = match reject {
        0 => String::new(),
        some => format!(", {}", format::plural(some, "rejects", "reject")),
    };
    let figures = format!("{valid} valid, {stale} stale, {refused} refused{rejections}");
    match signed.accepted {
        Some(true) => (Some(!signed.has_forgery()), format!("{found}, {figures}; every role has what it needs")),
        Some(false) => (Some(false), format!("{found}, {figures}; not every role has what it needs")),
        None if signed.list.is_empty() => (None, "no sign-offs in this bundle".to_owned()),
        None => {
            let text = if checked {
                format!("{figures}; nobody said who must sign: --policy FILE")
            } else {
                format!("{found}, not checked: nobody said whose keys count; --allowed-signers FILE")
            };
            (signed.has_forgery().then_some(false), text)
        }
    }
}

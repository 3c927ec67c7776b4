//! What `countersign verify` is given: the thing to verify, and the verifier's own files.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use crate::audit::verify::Policy;
use crate::cli::Failure;
use crate::cli::arguments::Keys;
use crate::cli::terminal::{stderr_has_colour, visible};
use crate::plan;
use crate::record;
use crate::record::bundle::RECORD;
use crate::report::embedded;
use crate::signoff::allowed::MAX_BYTES;
use crate::signoff::{AllowedSigners, KeyFileProblem, Revoked};

/// A page larger than this is none of ours: its record is 2 MiB at most.
const MAX_PAGE: u64 = 256 << 20;

/// What a bundle calls its page.
const PAGE: &str = "report.html";

/// What is verified.
pub(super) enum Target {
    /// A bundle, and a document in it that may have another name than its own.
    Bundle { directory: PathBuf, copy: Option<(String, Vec<u8>)> },
    /// A page by itself.
    Page { name: String, page: String },
}

impl Target {
    /// A directory is a bundle. A page stands beside its record, or is all there is. Markdown has no record in it.
    pub(super) fn find(path: &Path) -> Result<Self, Failure> {
        if !path.is_file() {
            return Ok(Self::Bundle { directory: path.to_owned(), copy: None });
        }
        let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let bundle = |copy| Self::Bundle { directory: parent.to_owned(), copy };
        if name == RECORD {
            return Ok(bundle(None));
        }
        let bytes = self::bytes(path, MAX_PAGE)?;
        let beside = self::bytes(&parent.join(RECORD), MAX_PAGE).ok();
        match path.extension().and_then(|ending| ending.to_str()) {
            Some("html") => {
                let page = String::from_utf8_lossy(&bytes).into_owned();
                let record = embedded::unpack(&page).map(|unpacked| unpacked.record);
                // Under the name that a bundle gives it, a page is that bundle's or wrong.
                let its_own = beside.is_some() && (name == PAGE || record.is_none() || record == beside);
                Ok(if its_own { bundle(Some((name, bytes))) } else { Self::Page { name, page } })
            }
            Some("md") if beside.is_some() => Ok(bundle(Some((name, bytes)))),
            Some("md") => Err(Failure::new(
                format!(
                    "nothing of \"{}\" can be checked: Markdown holds no record, and none stands beside it",
                    path.display()
                ),
                "put it back beside its record.json, or verify the report.html, which holds the record",
            )),
            _ => Err(Failure::new(
                format!("\"{}\" is neither a bundle nor a report", path.display()),
                "name a directory that `countersign run` wrote, its report.html or its report.md",
            )),
        }
    }
}

/// The verifier's own files, read.
pub(in crate::cli) struct Given {
    pub(in crate::cli) policy: Option<Policy>,
    pub(in crate::cli) keys: Option<(AllowedSigners, Revoked)>,
}

impl Given {
    pub(in crate::cli) fn read(arguments: &Keys) -> Result<Self, Failure> {
        let policy = arguments.policy.as_deref().map(policy).transpose()?;
        let keys = match (&arguments.allowed_signers, &arguments.revoked) {
            (Some(allowed), Some(revoked)) => {
                let text = String::from_utf8(bytes(allowed, MAX_BYTES)?).map_err(|_| {
                    Failure::new(format!("\"{}\" is not UTF-8", allowed.display()), "write principals in ASCII")
                })?;
                let signers = AllowedSigners::parse(allowed.clone(), &text).map_err(|problems| unusable(&problems))?;
                let revoked = Revoked::parse(revoked.clone(), &bytes(revoked, MAX_BYTES)?);
                Some((signers, revoked.map_err(|problems| unusable(&problems))?))
            }
            _ => None,
        };
        Ok(Self { policy, keys })
    }
}

fn policy(path: &Path) -> Result<Policy, Failure> {
    let read = plan::load_signoff(path, &|name| plan::environment(name)).map_err(|problems| Failure {
        details: Some(problems.render(stderr_has_colour())),
        message: "the sign-off policy is not valid".to_owned(),
        help: "give an audit file with `signoff`, or a file with nothing else".to_owned(),
    })?;
    let unfit = |problem: record::RecordProblem| Failure::new(problem.to_string(), problem.help());
    let audit_sha256 = match &read.audit {
        Some(audit) => Some(record::sha256(&record::to_bytes(audit).map_err(unfit)?)),
        None => None,
    };
    Ok(Policy { signoff: record::clean(read.policy).map_err(unfit)?, audit_sha256 })
}

/// Everything that is wrong with a file of keys, because a part of it would be trusted otherwise.
fn unusable(problems: &[KeyFileProblem]) -> Failure {
    let lines: String = problems
        .iter()
        .map(|problem| format!("{}\n  help: {}\n", visible(&problem.to_string()), problem.help))
        .collect();
    Failure {
        details: Some(lines),
        message: "a file of keys is not used as long as a line of it cannot be".to_owned(),
        help: "put the lines above right; `man ssh-keygen` describes the file under ALLOWED SIGNERS".to_owned(),
    }
}

fn bytes(path: &Path, most: u64) -> Result<Vec<u8>, Failure> {
    let unreadable =
        |why: String| Failure::new(format!("could not read \"{}\": {why}", path.display()), "check the path");
    let mut bytes = Vec::new();
    let file = fs::File::open(path).map_err(|error| unreadable(error.to_string()))?;
    file.take(most + 1).read_to_end(&mut bytes).map_err(|error| unreadable(error.to_string()))?;
    if bytes.len() as u64 > most { Err(unreadable(format!("it has more than {most} bytes"))) } else { Ok(bytes) }
}

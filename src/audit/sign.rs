//! A sign-off put into its bundle, and the documents with it, in one step.

use std::path::{Path, PathBuf};

use super::{Contents, all_documents};
use crate::record::bundle::Amending;
use crate::record::signoffs::{self, Kept, LINES};
use crate::record::{Bundle, BundleProblem};
use crate::report::{ReportProblem, Templates};

/// Why a bundle could not be written anew.
#[derive(Debug, thiserror::Error)]
pub enum AmendProblem {
    /// It could not be read or written.
    #[error(transparent)]
    Bundle(#[from] BundleProblem),
    /// Its sign-offs could not be read.
    #[error("the sign-offs cannot be read: {0}")]
    SignOffs(std::io::Error),
    /// A document could not be rendered.
    #[error(transparent)]
    Report(#[from] ReportProblem),
    /// The record is no longer the one that was shown and signed.
    #[error("record.json changed while it was being signed: it had the sha256 {signed} and has {found}")]
    Changed {
        /// As it was shown.
        signed: String,
        /// As it is.
        found: String,
    },
}

impl AmendProblem {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::Bundle(problem) => problem.help(),
            Self::SignOffs(_) => "make the folder `signoffs` of the bundle readable".to_owned(),
            Self::Report(problem) => problem.help().to_owned(),
            Self::Changed { .. } => {
                "nothing was written; look at the record again, and sign it if it is right".to_owned()
            }
        }
    }
}

/// Adds a sign-off of the record with this digest to a bundle; its file.
pub fn add(directory: &Path, sha256: &str, signed: Kept, templates: &Templates) -> Result<PathBuf, AmendProblem> {
    let (amending, bundle) = Amending::begin(directory)?;
    if bundle.sha256 != sha256 {
        return Err(AmendProblem::Changed { signed: sha256.to_owned(), found: bundle.sha256 });
    }
    let file = signed.path();
    rewrite(amending, &bundle, Some(signed), templates)?;
    Ok(directory.join(file))
}

/// Renders the documents of a bundle again; their files.
pub fn render(directory: &Path, templates: &Templates) -> Result<Vec<PathBuf>, AmendProblem> {
    let (amending, bundle) = Amending::begin(directory)?;
    let names = rewrite(amending, &bundle, None, templates)?;
    Ok(names.into_iter().map(|name| directory.join(name)).collect())
}

fn rewrite(
    amending: Amending,
    bundle: &Bundle,
    signed: Option<Kept>,
    templates: &Templates,
) -> Result<Vec<&'static str>, AmendProblem> {
    let mut stored = signoffs::read(&bundle.directory).map_err(AmendProblem::SignOffs)?;
    let path = signed.as_ref().map(Kept::path);
    let bytes = signed.as_ref().map(|signed| signed.bytes.clone()).unwrap_or_default();
    if let Some(signed) = signed {
        stored.envelopes.retain(|kept| kept.name != signed.name);
        stored.envelopes.push(signed);
        stored.envelopes.sort_by(|one, other| one.name.cmp(&other.name));
    }
    let documents = all_documents(bundle, &Contents::of(bundle, &stored), templates)?;
    let mut files: Vec<(&str, &[u8])> = documents.iter().map(|(name, text)| (*name, text.as_bytes())).collect();
    files.extend(path.as_ref().map(|path| (path.as_str(), bytes.as_slice())));
    // Without a sign-off of this record there is no list of them, and none of an earlier one may stay.
    let gone: &[&str] = if documents.iter().any(|(name, _)| *name == LINES) { &[] } else { &[LINES] };
    amending.commit(&files, gone)?;
    Ok(documents.iter().map(|(name, _)| *name).collect())
}

//! The audit file that a command is about, and where it is when nobody says.

use std::path::{Path, PathBuf};

use clap::Args;

use crate::plan::DEFAULT_NAME;

/// Which audit a command is about.
#[derive(Debug, Clone, Args)]
pub struct Audited {
    /// The audit file, or a directory with an `audit.yaml` [default: here, else checks]
    #[arg(value_name = "AUDIT")]
    audit: Option<PathBuf>,
}

impl Audited {
    /// The audit file or its directory.
    pub(crate) fn path(&self) -> PathBuf {
        self.audit.clone().unwrap_or_else(usual_audit)
    }
}

/// The directory of the audit when none is named: the current one where it has one, else where `countersign init` writes it.
pub(crate) fn usual_audit() -> PathBuf {
    let has_one = |folder: &&Path| folder.join(DEFAULT_NAME).is_file();
    let here = Path::new(".");
    [here, Path::new("checks")].into_iter().find(has_one).unwrap_or(here).to_owned()
}

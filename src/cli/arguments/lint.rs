//! The arguments of `countersign lint`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

use super::{Untrusted, Within, usual_audit};

/// `countersign lint`
#[derive(Debug, Args)]
pub struct Lint {
    /// The audit files, or directories with an `audit.yaml` [default: here, else checks]
    #[arg(value_name = "AUDIT")]
    pub audits: Vec<PathBuf>,
    /// How to print it; `json` has the schema that `countersign schema lint` prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub format: LintFormat,
    /// That nobody here wrote the audit file
    #[command(flatten)]
    pub stranger: Untrusted,
    /// Where an untrusted audit may look
    #[command(flatten)]
    pub within: Within,
}

impl Lint {
    /// The audits that are looked at.
    pub(crate) fn paths(&self) -> Vec<PathBuf> {
        if self.audits.is_empty() { vec![usual_audit()] } else { self.audits.clone() }
    }
}

/// How the findings in audit files are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum LintFormat {
    /// For a terminal
    Human,
    /// For a program
    Json,
}

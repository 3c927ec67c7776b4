//! The arguments of `countersign proofread`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `countersign proofread`
#[derive(Debug, Args)]
pub struct Proofread {
    /// Markdown files, directories, or `-` for standard input
    #[arg(value_name = "FILE", required_unless_present = "explain")]
    pub files: Vec<PathBuf>,
    /// How to print it; `json` has the schema that `countersign schema proofread` prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub format: ProofreadFormat,
    /// The least level that ends with exit code 1; `info` also shows what only a second look makes true
    #[arg(long, value_enum, value_name = "LEVEL", default_value = "error")]
    pub level: GateLevel,
    /// Make a rule an error; `all` for every rule that is not off
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub deny: Vec<String>,
    /// Make a rule a warning
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub warn: Vec<String>,
    /// Leave a rule out
    #[arg(long, value_name = "RULE", value_delimiter = ',')]
    pub off: Vec<String>,
    /// Leave out findings that stand in this file, as often as they stand there
    #[arg(long, value_name = "FILE")]
    pub baseline: Option<PathBuf>,
    /// Write what is found now into the baseline, and end with 0
    #[arg(long, requires = "baseline")]
    pub write_baseline: bool,
    /// Take out of the baseline what is no longer found; ends with 1 when there is any
    #[arg(long, requires = "baseline", conflicts_with = "write_baseline")]
    pub prune: bool,
    /// Say what a rule looks at and what it accepts; without a name, list all rules
    #[arg(long, value_name = "RULE", num_args = 0..=1, default_missing_value = "")]
    pub explain: Option<String>,
}

/// How findings in documents are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ProofreadFormat {
    /// For a terminal
    Human,
    /// For a program
    Json,
    /// For code scanning
    Sarif,
    /// Annotations of GitHub Actions
    Github,
}

/// Levels of findings in documents.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum GateLevel {
    /// Errors alone
    Error,
    /// Errors and warnings
    Warning,
    /// Everything
    Info,
}

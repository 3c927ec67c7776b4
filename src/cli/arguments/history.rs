//! The arguments of `countersign history`.

use std::path::PathBuf;

use clap::{Args, ValueEnum};

/// `countersign history`
#[derive(Debug, Args)]
pub struct History {
    /// The directory that the bundles lie below [default: audits]
    #[arg(value_name = "DIR")]
    pub directory: Option<PathBuf>,
    /// How to print it; `json` has the schema that `countersign schema history` prints
    #[arg(long, value_enum, value_name = "FORMAT", default_value = "human")]
    pub format: HistoryFormat,
}

/// How the runs are printed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum HistoryFormat {
    /// For a terminal
    Human,
    /// For a page
    Markdown,
    /// For a program
    Json,
}

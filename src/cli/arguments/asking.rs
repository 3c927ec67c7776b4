//! How the outside is asked: what every command that measures takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::duration;

/// How the outside is asked.
#[derive(Debug, Clone, Args)]
pub struct Asking {
    /// Refuse to run any command the audit file names
    #[arg(long)]
    pub no_commands: bool,
    /// Let the audit read files outside its root
    #[arg(long)]
    pub allow_outside: bool,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How long a single question may take where the audit file does not say [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
}

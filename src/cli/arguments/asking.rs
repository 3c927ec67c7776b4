//! How the outside is asked: what every command that measures takes.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Untrusted, duration};
use crate::witness::Network;

/// How the outside is asked.
#[derive(Debug, Clone, Args)]
pub struct Asking {
    /// Refuse to run any command the audit file names
    #[arg(long)]
    pub no_commands: bool,
    /// Let the audit read files outside its root
    #[arg(long, conflicts_with = "untrusted")]
    pub allow_outside: bool,
    /// Trust the certificates in this PEM file besides the system's
    #[arg(long, value_name = "FILE")]
    pub ca_file: Option<PathBuf>,
    /// How long a single question may take where the audit file does not say [default: 10s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub timeout: Option<Duration>,
    /// How long the whole run may take; what is not measured by then is an error, never a pass [default: no bound; 10m if --untrusted]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub max_time: Option<Duration>,
    /// Let an untrusted audit reach these addresses, too: a range, an address or a host, with a port or any; may be repeated
    #[arg(long, value_name = "CIDR|HOST[:PORT]", requires = "untrusted")]
    pub allow_network: Vec<Network>,
    /// That nobody here wrote the audit file
    #[command(flatten)]
    pub stranger: Untrusted,
}

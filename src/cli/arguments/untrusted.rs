//! What every command that reads an audit file takes about a file that nobody here wrote.

use std::path::PathBuf;

use clap::Args;

/// That nobody here wrote the audit file.
#[derive(Debug, Clone, Args)]
pub struct Untrusted {
    /// Nobody here wrote the audit file: no command, no private network, no environment, no file outside its root
    ///
    /// Nothing is run, also not what a kind runs by itself (git, systemctl, kubectl). No address is reached but those of the
    /// public internet and of --allow-network, whatever names or redirects lead to it; no socket, and no proxy of the
    /// environment. No file outside of its root is read, no variable of the environment, no secret. Its size, the number of
    /// its checks and questions, what is kept of the answers, and the time are bounded, and so are the memory and the time
    /// of its jq filters. A check that asks for more is an error, never a pass. SECURITY.md has all of it.
    #[arg(long)]
    pub untrusted: bool,
    /// How many checks an untrusted audit may have [default: 1000]
    #[arg(long, value_name = "N", requires = "untrusted")]
    pub max_checks: Option<usize>,
}

/// Where such a file may look.
#[derive(Debug, Clone, Args)]
pub struct Within {
    /// The directory that an untrusted audit, its root and its includes may not leave [default: that of the audit file]
    #[arg(long, value_name = "DIR", requires = "untrusted")]
    pub within: Option<PathBuf>,
}

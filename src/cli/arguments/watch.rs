//! The arguments of `countersign watch`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Accept, Asking, Audited, Within, duration};

/// `countersign watch`
#[derive(Debug, Args)]
pub struct Watch {
    /// The audit
    #[command(flatten)]
    pub audited: Audited,
    /// How long to wait after a run before the next one; `never` runs on changes alone
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = every)]
    pub every: Every,
    /// Keep the bundles of the runs in this directory [default: none is kept]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// How many of them are kept, the newest; only what this process wrote is ever removed
    #[arg(long, value_name = "N", default_value_t = 10, requires = "to", value_parser = clap::value_parser!(u16).range(1..))]
    pub keep: u16,
    /// Show the latest report, `/metrics` and `/record.json` at this address; port 0 takes one that is free
    ///
    /// It is plain HTTP, without a password: others are turned away unless --serve-others is given, and so is a request for
    /// another host than an IP address or localhost.
    #[arg(long, value_name = "ADDRESS:PORT")]
    pub serve: Option<SocketAddr>,
    /// Serve at an address that others can reach, too: everybody who does can read the reports, without TLS or a password
    #[arg(long, requires = "serve")]
    pub serve_others: bool,
    /// Measure only this area (`monitoring`) or check (`monitoring/services-up`); may be repeated
    #[arg(long, value_name = "NAME")]
    pub only: Vec<String>,
    /// Judge claims alone, without a score, and measure only what they need
    #[arg(long)]
    pub claims_only: bool,
    /// Which verdicts besides `approved` end with exit code 0
    ///
    /// Where only claims are judged it changes nothing: a wrong claim is no condition that somebody took on.
    #[arg(long, value_enum, value_name = "VERDICT")]
    pub accept: Option<Accept>,
    /// How the outside is asked
    #[command(flatten)]
    pub asking: Asking,
    /// Where an untrusted audit may look
    #[command(flatten)]
    pub within: Within,
}

/// How long to wait between two runs; `None` for ever.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Every(pub Option<Duration>);

fn every(text: &str) -> Result<Every, String> {
    if text == "never" { Ok(Every(None)) } else { duration(text).map(|time| Every(Some(time))) }
}

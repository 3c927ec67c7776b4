//! `countersign gate`.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Asking, Keys, duration};
use crate::cli::outputs;
use crate::model::instant::Instant;

/// `countersign gate`
#[derive(Debug, Clone, Args)]
pub struct Gate {
    /// The bundle of the audit
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The stage that the rollout is in
    #[arg(long, value_name = "NAME", required_unless_present = "serve")]
    pub stage: Option<String>,
    /// When the stage was entered [default: by the schedule of the rollout]
    #[arg(long, value_name = "TIME")]
    pub since: Option<Instant>,
    /// Go on looking for so long, such as `5m` or `12h`
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub watch: Option<Duration>,
    /// How long to wait between two looks [default: 15s]
    #[arg(long, value_name = "TIME", value_parser = duration)]
    pub every: Option<Duration>,
    /// Who must sign, and whose keys count; the record itself says who must where --policy is left out
    #[command(flatten)]
    pub keys: Keys,
    /// Answer at this address until stopped, each stage at its own path; port 0 takes one that is free
    ///
    /// `GET /STAGE` gives the decision as JSON. `POST /STAGE` is answered with 200 when the rollout may go on, `POST
    /// /STAGE/roll-back` with 200 when it is taken back, and with 403 otherwise; 503 says that nothing could be measured.
    /// Each answer is a look of its own, with a bundle of its own.
    ///
    /// It is plain HTTP, without a password: others are turned away unless --serve-others is given, and so is a request for
    /// another host than an IP address, localhost or one of --host.
    #[arg(long, value_name = "ADDRESS:PORT", conflicts_with_all = ["stage", "since", "watch", "json", "format"])]
    pub serve: Option<SocketAddr>,
    /// Serve at an address that others can reach, too: without TLS or a password, which is for what stands before it
    #[arg(long, requires = "serve")]
    pub serve_others: bool,
    /// A name that may be asked for, besides IP addresses and localhost, such as that of a service; may be repeated
    #[arg(long, value_name = "NAME", requires = "serve")]
    pub host: Vec<String>,
    /// Where the bundle of the gate goes, with --serve below it by stage [default: audits/AUDIT-ID-gate-STAGE/RUN]
    #[arg(long, value_name = "DIR")]
    pub to: Option<PathBuf>,
    /// The directory that paths of the audit are relative to
    #[arg(long, value_name = "DIR", default_value = ".")]
    pub root: PathBuf,
    /// Print the decision as JSON, with the schema that `countersign schema gate` prints; a `--format` needs a path then
    #[arg(long)]
    pub json: bool,
    /// Write the results in a format for CI, or a document; `countersign formats` lists them
    #[arg(long, value_name = "NAME[=PATH]", value_delimiter = ',', long_help = outputs::long_help())]
    pub format: Vec<String>,
    /// How the outside is asked
    #[command(flatten)]
    pub asking: Asking,
}

//! `countersign gate`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::{Keys, duration};
use crate::cli::outputs;
use crate::model::instant::Instant;

/// `countersign gate`
#[derive(Debug, Args)]
pub struct Gate {
    /// The bundle of the audit
    #[arg(value_name = "BUNDLE")]
    pub bundle: PathBuf,
    /// The stage that the rollout is in
    #[arg(long, value_name = "NAME")]
    pub stage: String,
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
    /// Where the bundle of the gate goes [default: audits/AUDIT-ID-gate-STAGE/RUN]
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
    /// Refuse to run any command the audit names
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

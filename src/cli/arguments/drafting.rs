//! What `init` and `add` take.

use std::path::PathBuf;

use clap::Args;

/// What `countersign init --help` says at its end.
pub(super) const INIT: &str = "\
It reads files, and asks the servers of this machine that it knows: Prometheus, Alertmanager and Grafana at their usual \
ports, at those a Compose file publishes, or where PROMETHEUS_URL, ALERTMANAGER_URL and GRAFANA_URL say; the Docker Engine; \
health endpoints on loopback that documents name. It runs no command unless --run-commands allows it, so that a checkout of \
strangers is safe to look at.

What was measured becomes what is expected, with the direction of each fact: `>= 214` tests pass, `== 0` fail. Numbers of \
the README that a check measures become claims, whatever they say. What could not be measured is a remark with the reason.

Exit codes: 0 written; 4 nothing was written, because there is an audit already or one cannot be written there.";

/// What `countersign add --help` says at its end.
pub(super) const ADD: &str = "\
With options the check is what they say: `countersign add test-pass-rate junit='build/**/*.xml' newer-than=24h`. A point \
leads inside (`docker.compose-project=shop`), a key that is given twice is a list, and JSON is read as such. Without options \
it is what `countersign init` would find; where there are several, `--id` names one.

The file keeps everything else, byte for byte. It is loaded with the check in it before it is written.

Exit codes: 0 added; 4 nothing was written.";

/// `countersign init`
#[derive(Debug, Args)]
pub struct Init {
    /// The directory to look at
    #[arg(default_value = ".", value_name = "DIR")]
    pub directory: PathBuf,
    /// Where the audit file goes, relative to DIR
    #[arg(long, value_name = "DIR", default_value = "checks")]
    pub to: PathBuf,
    /// Print what would be written, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Write over an audit file that is there; other files beside it are left alone
    #[arg(long, conflicts_with = "dry_run")]
    pub force: bool,
    /// Run commands, too: the project's own tests, `systemctl` and `kubectl`
    #[arg(long)]
    pub run_commands: bool,
    /// Ask no server and no engine: look at files alone
    #[arg(long)]
    pub offline: bool,
}

/// `countersign add`
#[derive(Debug, Args)]
pub struct Add {
    /// What is measured; `countersign kinds` lists it
    #[arg(value_name = "KIND")]
    pub kind: String,
    /// The options of the kind; without any, what `countersign init` would find
    #[arg(value_name = "KEY=VALUE")]
    pub options: Vec<String>,
    /// The area it goes to [default: the usual one of the kind]
    #[arg(long, value_name = "ID")]
    pub area: Option<String>,
    /// The name of the check, or of the one to take of several that were found
    #[arg(long, value_name = "ID")]
    pub id: Option<String>,
    /// Its title
    #[arg(long, value_name = "TEXT")]
    pub title: Option<String>,
    /// The points that it costs when it fails, in an area whose score is made of deductions
    #[arg(long, value_name = "POINTS")]
    pub deduct: Option<String>,
    /// What to expect, as `failed: == 0`, in place of what is measured; may be repeated
    #[arg(long, value_name = "FACT: CONDITION")]
    pub expect: Vec<String>,
    /// The audit file, or a directory with an `audit.yaml` [default: here, else checks]
    #[arg(long, value_name = "FILE")]
    pub to: Option<PathBuf>,
    /// Write it although it cannot be measured now, with what --expect says or with nothing
    #[arg(long)]
    pub unmeasured: bool,
    /// Print the check, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Without options: run commands to find what can be measured, too, the project's own tests among them
    #[arg(long, conflicts_with = "no_commands")]
    pub run_commands: bool,
    /// With options: refuse to run any command that they name
    #[arg(long)]
    pub no_commands: bool,
}

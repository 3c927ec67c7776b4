//! The arguments of `countersign schema`.

use clap::ValueEnum;

/// What `countersign schema` takes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SchemaOf {
    /// The audit file
    Audit,
    /// What `--format json` of `run` and `render` writes
    Results,
    /// What `--format json` of `proofread` writes
    Proofread,
    /// What `gate --json` writes
    Gate,
    /// What `--format json` of `lint` writes
    Lint,
    /// What `--format json` of `history` writes
    History,
    /// What `--format json` of `diff` writes
    Diff,
    /// What `--format json` of `verify` writes
    Verify,
}

//! `--format json` of `history`: a contract. A field may be added; one that is there keeps its name and meaning.

use schemars::JsonSchema;
use serde::Serialize;

use super::{Failure, Found};
use crate::ci::results::Decimal;
use crate::ci::{CLAIMS_ONLY, contract, inert};
use crate::cli::terminal::json as printed;
use crate::model::format;

/// Names the shape.
const SCHEMA: &str = "urn:countersign:history:v1";

/// The runs of each audit.
#[derive(Serialize, JsonSchema)]
struct History {
    /// `urn:countersign:history:v1`.
    schema: &'static str,
    /// One for each audit, by its id.
    audits: Vec<Audit>,
    /// Bundles that could not be read.
    damaged: Vec<Damaged>,
}

/// An audit and its runs.
#[derive(Serialize, JsonSchema)]
struct Audit {
    /// Its id.
    id: String,
    /// Its title in the newest run.
    title: String,
    /// Its runs, newest first.
    runs: Vec<Run>,
    /// How each claimant did over all runs, by name.
    claimants: Vec<Claimant>,
}

/// A run.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Run {
    /// Where its bundle stands.
    bundle: String,
    /// SHA-256 of its record.
    sha256: String,
    /// Its run id.
    run_id: String,
    /// When its last measurement ended, RFC 3339, UTC.
    finished_at: String,
    /// The version of the subject.
    #[serde(skip_serializing_if = "Option::is_none")]
    version: Option<String>,
    /// `approved`, `approved-with-conditions`, `rejected`, `undetermined`; `claims-only` where only claims
    /// were judged.
    verdict: serde_json::Value,
    /// Its raw score, rounded to one decimal; not there when nothing was scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    score: Option<Decimal>,
    /// How that moved since the run before.
    #[serde(skip_serializing_if = "Option::is_none")]
    change: Option<Decimal>,
    /// How much was looked at, a share from 0 to 1; not there when only claims were judged.
    #[serde(skip_serializing_if = "Option::is_none")]
    coverage: Option<Decimal>,
    /// Were only claims judged?
    claims_only: bool,
    /// Is it a run of a part of the audit? Then it moves no score.
    part: bool,
    /// How many claims were upheld.
    upheld: u64,
    /// Of how many.
    claims: u64,
    /// How many of the needed signatures are there; not there where nobody must sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed: Option<usize>,
    /// How many are needed.
    #[serde(skip_serializing_if = "Option::is_none")]
    needed: Option<usize>,
    /// How many of those who signed did so on conditions; not there where nobody must sign.
    #[serde(skip_serializing_if = "Option::is_none")]
    conditional: Option<usize>,
    /// How many reject; not there where nobody must sign and nobody does.
    #[serde(skip_serializing_if = "Option::is_none")]
    rejected: Option<usize>,
}

/// How a claimant did over all runs.
#[derive(Serialize, JsonSchema)]
struct Claimant {
    /// Who.
    by: String,
    /// How many claims were upheld.
    upheld: u64,
    /// How many were refuted.
    refuted: u64,
    /// How many there were.
    claims: u64,
    /// In how many runs.
    runs: u64,
}

/// A bundle that could not be read.
#[derive(Serialize, JsonSchema)]
struct Damaged {
    /// Where it stands.
    bundle: String,
    /// What is wrong.
    why: String,
}

/// Every text is made inert: a runner reads commands out of any line that a step prints.
pub(super) fn json(found: &Found) -> Result<String, Failure> {
    let audits = found.audits.iter().map(|audit| Audit {
        id: audit.id.clone(),
        title: inert(&audit.title),
        runs: audit.runs.iter().map(run).collect(),
        claimants: audit
            .claimants
            .iter()
            .map(|one| Claimant {
                by: inert(&one.by),
                upheld: one.tally.upheld,
                refuted: one.tally.refuted,
                claims: one.tally.claims,
                runs: one.tally.records,
            })
            .collect(),
    });
    let damaged = found
        .damaged
        .iter()
        .map(|damaged| Damaged { bundle: inert(&damaged.directory.display().to_string()), why: inert(&damaged.why) });
    let history = History { schema: SCHEMA, audits: audits.collect(), damaged: damaged.collect() };
    printed(&history)
}

fn run(run: &super::Run) -> Run {
    let tally = run.claims();
    let demanded = run.signed.filter(|signed| signed.needed > 0);
    Run {
        bundle: inert(&run.directory.display().to_string()),
        sha256: run.earlier.sha256.clone(),
        run_id: run.earlier.run_id.clone(),
        finished_at: run.earlier.finished_at.to_string(),
        version: run.earlier.version.as_deref().map(inert),
        verdict: if run.earlier.claims_only {
            CLAIMS_ONLY.into()
        } else {
            serde_json::to_value(run.earlier.verdict).unwrap_or_default()
        },
        score: run.score().map(Decimal::score),
        change: run.before.as_ref().zip(run.score()).map(|(was, now)| Decimal::score(&format::score_moved(was, now))),
        coverage: run.coverage().map(Decimal::share),
        claims_only: run.earlier.claims_only,
        part: run.part,
        upheld: tally.upheld,
        claims: tally.claims,
        signed: demanded.map(|signed| signed.signed),
        needed: demanded.map(|signed| signed.needed),
        conditional: demanded.map(|signed| signed.conditional),
        rejected: run.signed.map(|signed| signed.rejected),
    }
}

/// The JSON Schema of it, draft 2020-12.
pub(crate) fn schema() -> serde_json::Value {
    contract::<History>(SCHEMA, "countersign history")
}

//! Several partial bundles become one: joined, judged anew, recorded and rendered like a run of its own.

use std::path::PathBuf;

use super::{AuditProblem, Finished, default_place, derived_run_id, finish, verify};
use crate::judge::{self, Seen};
use crate::model::fact::Value;
use crate::model::instant::Instant;
use crate::model::judgement::Judgement;
use crate::model::record::{Record, RunContext, SCHEMA, Sight};
use crate::probe::attestation::Attestation;
use crate::record::merge::{self, MergeProblem, Union};
use crate::record::place::keeps_clear_of;
use crate::record::verify::{Finding, blobs};
use crate::record::{self, Bundle, Staging};
use crate::report::Templates;

/// Puts the bundles of partial runs of one audit together, at `to` or where a run would go. There is at least one bundle.
/// None of the files that are written `beside` it may lie in its place.
pub fn merge(
    bundles: &[Bundle],
    to: Option<PathBuf>,
    beside: &[PathBuf],
    templates: &Templates,
) -> Result<Finished, AuditProblem> {
    bundles.iter().try_for_each(intact)?;
    let Union { run, parts, observations, documents, places, baseline, previous, replayed_from, history } =
        merge::union(bundles)?;
    if !parts.is_empty() {
        hold_still(bundles, run.finished_at)?;
    }
    let digests: String = parts.iter().map(|part| part.sha256.as_str()).collect();
    let run_id = if parts.is_empty() { run.run_id } else { derived_run_id(&digests) };
    let run = RunContext { run_id, tool_version: env!("CARGO_PKG_VERSION").to_owned(), ..run };
    let Record { policy_sha256, audit, .. } = &bundles[0].record;
    let seen = Seen {
        observations: &observations,
        places: &places,
        baseline: baseline.as_ref(),
        now: run.finished_at,
        claims_only: run.claims_only,
    };
    let judgement: Judgement = record::clean(judge::judge(audit, seen))?;
    let record = Record {
        schema: SCHEMA.to_owned(),
        run,
        policy_sha256: policy_sha256.clone(),
        audit: audit.clone(),
        observations,
        documents,
        places,
        baseline,
        judgement,
        previous,
        replayed_from,
        parts,
        history,
    };
    let target = to.unwrap_or_else(|| default_place(&record.audit, &record.run));
    keeps_clear_of(&target, beside)?;
    let staging = Staging::create(&target)?;
    for (bundle, blob) in merge::evidence(&blobs(&record), bundles)? {
        staging.carry(bundle, blob)?;
    }
    let bytes = record::record_bytes(&record)?;
    finish(record, &bytes, &staging, templates)
}

/// Is each as it was recorded? What it concludes is concluded anew, but the merged record names it as one of its parts.
fn intact(bundle: &Bundle) -> Result<(), MergeProblem> {
    let Some(Finding { code, file, text }) = verify::doubtful_bundle(bundle) else { return Ok(()) };
    let (path, help) = (bundle.directory.clone(), verify::way_out(&bundle.record));
    Err(MergeProblem::NotIntact { path, code: code.name(), file, text, help })
}

/// A statement counts by the time at which its own part was run. Of the whole it must hold when the last part is done, which
/// may be days later.
fn hold_still(bundles: &[Bundle], finished_at: Instant) -> Result<(), MergeProblem> {
    for bundle in bundles {
        let checks = bundle.record.audit.by_id();
        let confirmed = bundle.record.observations.iter().filter(|seen| {
            let Sight::Measured(facts) = &seen.sight else { return false };
            facts.get("confirmed") == Some(&Value::Flag(true))
        });
        for check in confirmed.filter_map(|seen| checks.get(&seen.check)).filter(|check| check.attested) {
            // What cannot be read is not known to hold.
            let stated: Option<Attestation> = serde_json::from_str(&check.asks).ok();
            if stated.is_none_or(|stated| stated.has_expired(finished_at)) {
                let (check, path) = (check.id.clone(), bundle.directory.clone());
                return Err(MergeProblem::Expired { check, path, finished_at });
            }
        }
    }
    Ok(())
}

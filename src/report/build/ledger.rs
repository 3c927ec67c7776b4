//! The claims ledger: every claim beside what was measured, and how each claimant did.

use super::{Source, checks, listed, places, words};
use crate::model::claim::Claim;
use crate::model::format;
use crate::model::judgement::ClaimStatus;
use crate::report::view::{Reference, ledger};

pub(super) fn ledger(source: &Source<'_>) -> Option<ledger::Ledger> {
    let mut claims = fact_claims(source);
    claims.extend(score_claims(source));
    let listed = listed::claims(source);
    if claims.is_empty() && listed.is_empty() {
        return None;
    }
    let number = |number: u32| number.to_string();
    let claimants = source.judgement().claimants.iter().map(|record| ledger::Claimant {
        by: record.by.clone(),
        claims: record.claims().to_string(),
        upheld: number(record.upheld),
        refuted: number(record.refuted),
        unverified: number(record.unverified),
    });
    Some(ledger::Ledger { summary: summary(source), claimants: claimants.collect(), listed, claims })
}

fn entry(source: &Source<'_>, claim: &Claim, about: Reference, status: ClaimStatus, reason: &str) -> ledger::Claim {
    ledger::Claim {
        by: claim.by.clone(),
        about,
        fact: claim.fact.clone(),
        written: places::said(source, claim),
        as_of: claim.as_of.map(|stamp| source.stamp(stamp)).unwrap_or_default(),
        at: claim.at.clone().unwrap_or_default(),
        place: places::of_claim(source, claim, status, reason),
        actual: words::NOTHING.to_owned(),
        mark: words::claim(status),
        reason: places::why(claim, status, reason),
        matters: None,
    }
}

fn fact_claims(source: &Source<'_>) -> Vec<ledger::Claim> {
    let mut claims = Vec::new();
    for result in &source.judgement().checks {
        let Some(check) = source.checks.get(&result.check) else { continue };
        for compared in &result.claims {
            let index = usize::try_from(compared.claim).unwrap_or(usize::MAX);
            let Some(claim) = check.claims.get(index) else { continue };
            let mut entry = entry(source, claim, source.check(&check.id), compared.status, &compared.reason);
            if let Some(actual) = &compared.actual {
                entry.actual = format::value(actual);
            }
            entry.matters = checks::matters(source, compared);
            claims.push(entry);
        }
    }
    claims
}

fn score_claims(source: &Source<'_>) -> Vec<ledger::Claim> {
    let mut claims = Vec::new();
    for (_, claim, result, score) in source.record.score_claims() {
        let mut entry = entry(source, claim, source.area(&result.area), result.status, &result.reason);
        if let Some(score) = score {
            entry.actual = format::score(score);
        }
        claims.push(entry);
    }
    claims
}

/// `14 claims: 12 upheld, 1 refuted and 1 not verified.`, `5 claims, all upheld.`
pub(super) fn summary(source: &Source<'_>) -> String {
    let counts = source.counts;
    let all = counts.all();
    let parts = [
        (counts.upheld, "upheld"),
        (counts.refuted, "refuted"),
        (counts.misquoted, "misquoted"),
        (counts.not_found, "not found"),
        (counts.unverified, "not verified"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    let claims = words::counted(all, "claim", "claims");
    match parts.iter().find(|(count, _)| *count == all) {
        Some((1, word)) => format!("{claims}, {word}."),
        Some((_, word)) => format!("{claims}, all {word}."),
        None => format!("{claims}: {}.", format::and_list(&said)),
    }
}

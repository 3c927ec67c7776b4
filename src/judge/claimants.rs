//! Every claim of an audit, one by one, and how each claimant did.

use std::collections::BTreeMap;

use super::quoted;
use crate::model::audit::{Area, Audit, Check};
use crate::model::claim::{self, Claim};
use crate::model::format::shortened;
use crate::model::judgement::{
    CheckResult, ClaimResult, ClaimStatus, ClaimantRecord, ListedResult, PlaceResult, ScoreClaim, Status,
};
use crate::model::quote::{Place, Places, document_of};

/// One claim and its result. A claimed table is one for each row and one for its total; a claim of the list is one for each
/// of its places.
pub(super) struct Told<'a> {
    /// Who claims; the path of the document where nobody is named.
    pub(super) by: String,
    /// The check it is under, or its name in the list.
    pub(super) id: String,
    pub(super) status: ClaimStatus,
    what: What<'a>,
}

#[derive(Clone, Copy)]
enum What<'a> {
    Fact(&'a Claim),
    Row(&'a Claim, &'a str, u32),
    Place(&'a str),
}

impl Told<'_> {
    /// Its check, or itself in the list: `claims/rules`.
    pub(super) fn reference(&self) -> String {
        match self.what {
            What::Place(_) => claim::reference(&self.id),
            What::Fact(_) | What::Row(..) => self.id.clone(),
        }
    }

    /// `monitoring/alert-rules (rules at README.md:3:5)`.
    pub(super) fn name(&self, places: &Places) -> String {
        let place = |at: &str| places.get(at).and_then(Place::spot).map(|spot| quoted::named(at, spot));
        let id = &self.id;
        match self.what {
            What::Fact(claim) => match quoted::place_of(claim, places) {
                Some(place) => format!("{id} ({} at {place})", claim.fact),
                None => format!("{id} ({})", claim.fact),
            },
            What::Row(claim, name, line) => {
                let path = document_of(claim.at.as_deref().unwrap_or_default());
                format!("{id} (\"{}\" at {}:{line})", shortened(name, 40), shortened(&path, 160))
            }
            What::Place(at) => format!("{id} (at {})", place(at).unwrap_or_else(|| shortened(at, 160))),
        }
    }
}

/// Claims under checks. Those of checks that do not apply are left out where `applying` is asked for.
pub(super) fn under_checks<'a>(
    audit: &'a Audit,
    checks: &'a [CheckResult],
    applying: bool,
) -> impl Iterator<Item = Told<'a>> {
    let wanted = move |(_, result): &(&Check, &CheckResult)| !applying || result.status != Status::NotApplicable;
    audit
        .checks
        .iter()
        .zip(checks)
        .filter(wanted)
        .flat_map(|(check, result)| result.claims.iter().flat_map(|claim| one(check, claim)))
}

fn one<'a>(check: &'a Check, result: &'a ClaimResult) -> Vec<Told<'a>> {
    let Some(claim) = check.claims.get(result.claim as usize) else { return Vec::new() };
    let told = |status, what| Told { by: claim.by.clone(), id: check.id.to_string(), status, what };
    match &result.table {
        None => vec![told(result.status, What::Fact(claim))],
        Some(_) => result.rows().map(|row| told(row.status, What::Row(claim, &row.name, row.line))).collect(),
    }
}

/// Claims of the list.
pub(super) fn listed<'a>(audit: &'a Audit, listed: &'a [ListedResult]) -> impl Iterator<Item = Told<'a>> {
    audit.claims.iter().zip(listed).flat_map(|(claim, result)| {
        result.places.iter().map(|PlaceResult { at, status, .. }| Told {
            by: claim.by.clone().unwrap_or_else(|| document_of(at).into_owned()),
            id: claim.id.to_string(),
            status: *status,
            what: What::Place(at),
        })
    })
}

/// How many claims of each claimant were upheld, refuted, unverified; by name.
pub(super) fn records(
    audit: &Audit,
    checks: &[CheckResult],
    scores: &[ScoreClaim],
    results: &[ListedResult],
) -> Vec<ClaimantRecord> {
    let mut records: BTreeMap<String, ClaimantRecord> = BTreeMap::new();
    let mut add = |by: String, status: ClaimStatus| {
        let new = || ClaimantRecord { by: by.clone(), upheld: 0, refuted: 0, unverified: 0 };
        let record = records.entry(by.clone()).or_insert_with(new);
        if status.is_upheld() {
            record.upheld += 1;
        } else if status.is_refuted() {
            record.refuted += 1;
        } else {
            record.unverified += 1;
        }
    };
    under_checks(audit, checks, false).for_each(|told| add(told.by, told.status));
    let areas: BTreeMap<_, &Area> = audit.areas.iter().map(|area| (&area.id, area)).collect();
    for score in scores {
        if let Some(claim) = areas.get(&score.area).and_then(|area| area.claims.get(score.claim as usize)) {
            add(claim.by.clone(), score.status);
        }
    }
    listed(audit, results).for_each(|told| add(told.by, told.status));
    records.into_values().collect()
}

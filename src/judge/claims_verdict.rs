//! The verdict where only claims are judged: three rules, asked in order. Claims about scores are left out, for there is no
//! score.

use super::claimants::{self, Told};
use super::verdict::{decided, names, outcome, partial};
use crate::model::audit::Audit;
use crate::model::id::CheckId;
use crate::model::judgement::{CheckResult, ClaimStatus, ListedResult, Rule, RuleOutcome, Verdict};
use crate::model::quote::Places;

/// The verdict, and every rule with whether it fired and why.
pub(super) fn chain(
    audit: &Audit,
    places: &Places,
    checks: &[CheckResult],
    listed: &[ListedResult],
    left_out: &[&CheckId],
) -> (Verdict, Vec<RuleOutcome>) {
    let all: Vec<Told<'_>> =
        claimants::under_checks(audit, checks, true).chain(claimants::listed(audit, listed)).collect();
    let open = Found::of(&all, places, |status| !status.is_upheld() && !status.is_refuted());
    let wrong = Found::of(&all, places, ClaimStatus::is_refuted);
    let unknown = match (all.len(), open.names.len()) {
        (0, _) => "there are no claims to judge".to_owned(),
        (_, 0) => "every claim could be held against something".to_owned(),
        (_, 1) => format!("a claim could not be verified: {}", names(&open.names)),
        (_, number) => format!("{number} claims could not be verified: {}", names(&open.names)),
    };
    let refuted = match wrong.names.len() {
        0 => "no claim is wrong".to_owned(),
        1 => format!("a claim is wrong: {}", names(&wrong.names)),
        number => format!("{number} claims are wrong: {}", names(&wrong.names)),
    };
    let is_unknown = all.is_empty() || !open.names.is_empty();
    let rules = [
        partial(checks.len(), left_out),
        Some(outcome(Rule::ClaimUnknown, is_unknown, unknown, open.ids)),
        Some(outcome(Rule::ClaimRefuted, !wrong.names.is_empty(), refuted, wrong.ids)),
    ];
    decided(rules.into_iter().flatten().collect())
}

struct Found {
    /// With their places, in the order of the audit.
    names: Vec<String>,
    /// Of their checks, or of the list; sorted, each once.
    ids: Vec<String>,
}

impl Found {
    fn of(all: &[Told<'_>], places: &Places, wanted: impl Fn(ClaimStatus) -> bool) -> Self {
        let found = || all.iter().filter(|told| wanted(told.status));
        let mut ids: Vec<String> = found().map(Told::reference).collect();
        ids.sort();
        ids.dedup();
        Self { names: found().map(|told| told.name(places)).collect(), ids }
    }
}

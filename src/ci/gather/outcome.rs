//! What came of a check or a claim in the words of the results, and how loudly it is said.

use crate::ci::results::{Finding, Kind, Level, Outcome, Place, Severity, Standing};
use crate::model::audit::{self, Check};
use crate::model::judgement::{CheckResult, ClaimStatus, Status};

impl Finding {
    /// What every finding has; its texts, and what only some have, are still to come.
    pub(super) fn new(standing: Standing, id: String, outcome: Outcome, severity: Severity, place: Place) -> Self {
        let kind = standing.kind();
        Self {
            id,
            kind,
            title: String::new(),
            area: String::new(),
            check: None,
            outcome,
            standing,
            status: standing.word().to_owned(),
            severity,
            level: level_of(kind, outcome, severity),
            message: String::new(),
            claimed: None,
            actual: None,
            place,
            related: Vec::new(),
            waived: None,
            help: None,
            repeats: false,
            elapsed_us: 0,
            evidence: Vec::new(),
            attested: false,
        }
    }
}

pub(super) fn outcome_of(check: &Check, result: &CheckResult, waived: bool) -> Outcome {
    match result.status {
        Status::Pass | Status::Info => Outcome::Passed,
        Status::NotApplicable => Outcome::NotApplicable,
        _ if waived => Outcome::Waived,
        Status::Warn => Outcome::Warned,
        Status::Fail => Outcome::Failed,
        Status::NoData if check.attested => Outcome::Pending,
        Status::NoData | Status::Error => Outcome::NotEvaluated,
        Status::Skipped => Outcome::Skipped,
    }
}

pub(super) fn claim_outcome(status: ClaimStatus) -> Outcome {
    match status {
        status if status.is_upheld() => Outcome::Passed,
        ClaimStatus::Unverified | ClaimStatus::NotFound => Outcome::NotEvaluated,
        _ => Outcome::Failed,
    }
}

/// A claim shares the fate of its check where that was not looked at, or where somebody accepted its failure.
pub(super) fn under(check: Outcome, claim: Outcome, waived: bool) -> Outcome {
    match (check, claim) {
        (_, Outcome::Passed) => Outcome::Passed,
        (Outcome::Skipped | Outcome::NotApplicable | Outcome::Pending, Outcome::NotEvaluated) => check,
        _ if waived => Outcome::Waived,
        _ => claim,
    }
}

pub(super) const fn severity_of(severity: audit::Severity) -> Severity {
    match severity {
        audit::Severity::Minor => Severity::Minor,
        audit::Severity::Major => Severity::Major,
        audit::Severity::Blocker => Severity::Blocker,
    }
}

/// What nobody could look at is an error whatever it would have been; a claim that stays unverified is as loud as it
/// matters.
pub(super) const fn level_of(kind: Kind, outcome: Outcome, severity: Severity) -> Option<Level> {
    let by_severity = match severity {
        Severity::Blocker => Level::Error,
        Severity::Major => Level::Warning,
        Severity::Minor => Level::Note,
    };
    match (outcome, kind) {
        (Outcome::Failed, _) | (Outcome::NotEvaluated, Kind::Claim) => Some(by_severity),
        (Outcome::NotEvaluated, _) => Some(Level::Error),
        (Outcome::Warned | Outcome::Pending, _) => match severity {
            Severity::Minor => Some(Level::Note),
            _ => Some(Level::Warning),
        },
        (Outcome::Waived, _) => Some(Level::Note),
        (Outcome::Passed | Outcome::Skipped | Outcome::NotApplicable, _) => None,
    }
}

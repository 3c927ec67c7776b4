//! What is shown of the changes since the baseline.

use serde::Serialize;

use super::{Mark, Reference};

/// What has changed since the earlier run that the record names.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Since {
    /// Which run that was: `the run of 19 October 2025, 20:30 UTC`.
    pub run: String,
    /// The score of the whole before; `–` when nothing was scored.
    pub score: String,
    /// How much has changed, a sentence.
    pub sentence: String,
    /// The verdict before; `null` when it is the same.
    pub verdict: Option<Mark>,
    /// Scores that changed: of the whole first, then of the areas.
    pub scores: Vec<Moved>,
    /// Checks whose status changed: for the worse first, then for the better, then the rest.
    pub checks: Vec<Turned>,
    /// How many more such checks there are, a sentence.
    pub more: Option<String>,
}

/// A score that changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Moved {
    /// Whose.
    pub of: Reference,
    /// Before; `–` when nothing was scored.
    pub was: String,
    /// Now.
    pub now: String,
    /// `+0.3`; empty when one of both is missing.
    pub by: String,
}

/// A check whose status changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Turned {
    /// The check.
    pub check: Reference,
    /// Its status before; `null` when it is new.
    pub was: Option<Mark>,
    /// Its status now; `null` when it is gone.
    pub now: Option<Mark>,
    /// `worse`, `better`, `asked differently`, `new`, `gone` or `changed`.
    pub turn: String,
}

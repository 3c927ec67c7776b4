//! What is shown of the claims.

use serde::Serialize;

use super::{Mark, Reference};

/// Every claim, and how each claimant did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// One sentence: how many claims were made, upheld, refuted and not verified.
    pub summary: String,
    /// The claims.
    pub claims: Vec<Claim>,
    /// The claimants.
    pub claimants: Vec<Claimant>,
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claim {
    /// Who.
    pub by: String,
    /// What about.
    pub about: Reference,
    /// The fact.
    pub fact: String,
    /// The value as written.
    pub written: String,
    /// When it was claimed; empty when nobody said.
    pub as_of: String,
    /// Where it was written; empty when nobody said.
    pub at: String,
    /// What was measured.
    pub actual: String,
    /// The result.
    pub mark: Mark,
    /// Why.
    pub reason: String,
    /// For a refuted claim: what it would have changed, or that it changes nothing.
    pub matters: Option<String>,
}

/// How a claimant did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claimant {
    /// Who.
    pub by: String,
    /// How many claims.
    pub claims: String,
    /// Of these upheld.
    pub upheld: String,
    /// Refuted.
    pub refuted: String,
    /// Not verified.
    pub unverified: String,
}

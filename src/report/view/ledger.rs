//! What is shown of the claims.

use serde::Serialize;

use super::place::Place;
use super::{Mark, Reference};

/// Every claim, and how each claimant did.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Ledger {
    /// One sentence: how many claims were made, upheld, refuted and not verified.
    pub summary: String,
    /// Claims with a name of their own, each with all its places.
    pub listed: Vec<Listed>,
    /// Claims about checks and scores.
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
    /// Where it was written: the locator; empty when nobody said.
    pub at: String,
    /// What stands there; `null` when nobody looked.
    pub place: Option<Place>,
    /// What was measured.
    pub actual: String,
    /// The result.
    pub mark: Mark,
    /// Why.
    pub reason: String,
    /// For a refuted claim: what it would have changed, or that it changes nothing.
    pub matters: Option<String>,
}

/// A claim that stands in several places, which must agree with each other and with the actual.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Listed {
    /// Its anchor.
    pub anchor: String,
    /// One line.
    pub title: String,
    /// Who; empty when the documents speak for themselves.
    pub by: String,
    /// When it was claimed; empty when nobody said.
    pub as_of: String,
    /// What was measured or stated; `–` when there is nothing.
    pub actual: String,
    /// Where that comes from: a check and its fact, or the audit file.
    pub source: Option<Reference>,
    /// The result: that of its worst place.
    pub mark: Mark,
    /// Why, a sentence.
    pub reason: String,
    /// What the places say when they do not say the same, a sentence.
    pub disagreement: Option<String>,
    /// How many places it has; one at least.
    pub span: usize,
    /// Its places, in the order of the audit.
    pub places: Vec<ListedPlace>,
}

/// One place of a listed claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ListedPlace {
    /// The place.
    pub place: Place,
    /// What it says; `–` when nothing was found.
    pub says: String,
    /// The result.
    pub mark: Mark,
    /// Why, a sentence.
    pub reason: String,
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

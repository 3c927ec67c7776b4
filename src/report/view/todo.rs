//! What is shown of questions, decisions, risks, sign-offs and things to do.

use serde::Serialize;

use super::{Mark, Point, Prose, Reference};

/// A question put to the auditor.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Question {
    /// The question.
    pub ask: String,
    /// The answer.
    pub answer: String,
    /// 0 to 10, stated by hand.
    pub confidence: Option<String>,
    /// Why.
    pub because: Vec<Prose>,
    /// What still worries.
    pub concerns: Vec<Prose>,
}

/// What somebody must still decide.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Decision {
    /// Its anchor.
    pub anchor: String,
    /// The question.
    pub ask: String,
    /// Decided or not.
    pub mark: Mark,
    /// Who decides or decided, and how binding it is, a sentence; empty where it is decided and nobody is named.
    pub owner: String,
    /// The options.
    pub options: Vec<DecisionOption>,
    /// Why one is recommended.
    pub because: Vec<Prose>,
}

/// An option of a decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecisionOption {
    /// Its key.
    pub key: String,
    /// What it is.
    pub text: Prose,
    /// `chosen`, `recommended`, both, or empty.
    pub note: String,
}

/// What may go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Risk {
    /// Its anchor.
    pub anchor: String,
    /// Its place in the list, from 1.
    pub number: String,
    /// One line.
    pub title: String,
    /// How likely, in words.
    pub likelihood: String,
    /// How bad, in words.
    pub impact: String,
    /// Likelihood and impact together, as symbol, word and tone.
    pub mark: Mark,
    /// What it is about.
    pub description: Option<Prose>,
    /// What is done about it.
    pub mitigation: Vec<Prose>,
    /// Who watches it; empty when nobody is named.
    pub owner: String,
}

/// Who must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signoff {
    /// The rules of signing, a sentence each.
    pub rules: Vec<String>,
    /// The roles.
    pub roles: Vec<Role>,
    /// The sign-offs, by file.
    pub signed: Vec<Signed>,
    /// Who rejects or approves on conditions, rejections first: who, and their words or the conditions.
    pub reservations: Vec<Point>,
}

/// A sign-off. What could not be trusted far enough to be read is empty.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signed {
    /// Its file, relative to the document.
    pub file: String,
    /// The role that is signed for.
    pub role: String,
    /// Who signs.
    pub signer: String,
    /// `Signed ..., holds until ...`.
    pub when: String,
    /// Fingerprint of the key.
    pub key: String,
    /// Kind of the key.
    pub key_kind: String,
    /// The signer's own words.
    pub statement: String,
    /// What must be done, where the approval is conditional.
    pub conditions: Vec<String>,
    /// The checks that the signer accepts as they are.
    pub accepts: Vec<Reference>,
    /// What was decided, or that it does not count.
    pub mark: Mark,
    /// Why it does not count, or what is to be known about it; may be empty.
    pub note: String,
}

/// A role that must sign.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// How many must sign, in words.
    pub needed: String,
    /// Who may.
    pub members: String,
    /// Where it stands.
    pub mark: Mark,
}

/// Something to do next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// One line.
    pub title: String,
    /// How binding, who, until when: `must · User · by 22 October 2025`; may be empty.
    pub note: String,
    /// Details.
    pub text: Option<Prose>,
}

/// A group of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Group {
    /// Its heading.
    pub title: String,
    /// Its lines.
    pub items: Vec<Item>,
}

/// A line of the checklist.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Item {
    /// The line.
    pub text: Prose,
    /// Is it ticked?
    pub ticked: bool,
    /// What ticks it, or keeps it from being ticked.
    pub why: String,
    /// Where that stands, when it stands in this document.
    pub anchor: Option<String>,
}

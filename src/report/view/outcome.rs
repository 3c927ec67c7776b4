//! What is shown of the verdict and what hangs on it.

use serde::Serialize;

use super::{Figures, Mark, Point, Prose, Reference};

/// The verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Verdict {
    /// Symbol, words and tone.
    pub mark: Mark,
    /// What it means for the subject, a sentence.
    pub sentence: String,
    /// Why, one short sentence.
    pub reason: String,
    /// What triggered it: conditions by their text, checks by their title.
    pub because: Vec<Point>,
}

/// The final recommendation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Recommendation {
    /// Areas by category.
    pub breakdown: Vec<Category>,
    /// Which columns of the breakdown have anything in them.
    pub columns: Columns,
    /// The rules of the verdict, in the order they were asked.
    pub chain: Vec<Rule>,
    /// Conditions by level.
    pub conditions: Vec<Conditions>,
    /// What it would take.
    pub what_if: Option<WhatIf>,
    /// Waivers.
    pub waivers: Vec<Waiver>,
}

/// Columns of the breakdown that may be empty from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// Does a waiver change any score?
    pub waivers: bool,
    /// Was any score claimed?
    pub claimed: bool,
    /// Did the auditor state a figure of their own?
    pub confidence: bool,
}

/// The areas of one category.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Category {
    /// Its name, capitalised.
    pub title: String,
    /// Its areas.
    pub areas: Vec<CategoryArea>,
}

/// An area in the breakdown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct CategoryArea {
    /// The area.
    pub area: Reference,
    /// Its weight in the whole.
    pub weight: String,
    /// Score and coverage.
    pub figures: Figures,
    /// The claimed scores, `9.8 (Forge)`.
    pub claimed: String,
    /// The auditor's own figure, or empty.
    pub confidence: String,
    /// How its checks came out.
    pub tally: String,
}

/// A rule of the verdict.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its place in the order, from 1.
    pub number: String,
    /// What it asks.
    pub question: String,
    /// Fired or not.
    pub mark: Mark,
    /// Did it decide?
    pub decided: bool,
    /// Why.
    pub reason: String,
    /// What triggered it.
    pub because: Vec<Reference>,
}

/// The conditions of one level.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Conditions {
    /// `Must, before go-live`.
    pub title: String,
    /// The conditions.
    pub conditions: Vec<Condition>,
}

/// A condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Condition {
    /// Its anchor.
    pub anchor: String,
    /// What must happen.
    pub text: Prose,
    /// Where it comes from.
    pub origin: Reference,
    /// Who; empty when nobody is named.
    pub owner: String,
    /// Until when; empty when it has no date.
    pub due: String,
    /// Where it stands.
    pub mark: Mark,
    /// Why it stands there.
    pub reason: String,
}

/// What it would take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct WhatIf {
    /// One sentence: the verdict within reach, and how sure the set is.
    pub sentence: String,
    /// The fixes.
    pub fixes: Vec<Fix>,
    /// What open checks cost, largest first.
    pub costs: Vec<Cost>,
}

/// A fix.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fix {
    /// `Make it pass:`, `Close the condition:`, `Decide:`.
    pub action: String,
    /// What.
    pub target: Reference,
}

/// What an open check costs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cost {
    /// The check.
    pub check: Reference,
    /// Points of its area, `1.5`.
    pub points: String,
}

/// A waiver.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Waiver {
    /// The check.
    pub check: Reference,
    /// The status the check keeps.
    pub status: Mark,
    /// Where the waiver stands.
    pub mark: Mark,
    /// Is it in use?
    pub in_use: bool,
    /// Why it was given.
    pub reason: String,
    /// By whom.
    pub by: String,
    /// From when.
    pub approved: String,
    /// Until when.
    pub until: String,
}

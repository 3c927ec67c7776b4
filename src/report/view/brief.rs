//! What one printed page shows: the whole audit for somebody with a minute.

use serde::Serialize;

use super::{Field, Figures, Mark, Point, Reference};

/// The page. Its lists are cut so that they fit, and say what they leave out.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Brief {
    /// The title of the audit.
    pub title: String,
    /// The subject, the date and the people: what the header of the report has, without identifiers.
    pub header: Vec<Field>,
    /// What a reader must know before believing the rest: where the evidence comes from, and the notices of the report.
    pub caveats: Cut<String>,
    /// What the verdict means and why, in sentences.
    pub verdict: String,
    /// What decided: open conditions and checks, or claims that do not hold.
    pub because: Cut<Point>,
    /// What speaks for it.
    pub strengths: Cut<Point>,
    /// What else speaks against it.
    pub weaknesses: Cut<Point>,
    /// The areas, in the order of the audit.
    pub areas: Cut<Area>,
    /// The rollout and what its review found, in sentences; `null` when there is none.
    pub rollout: Option<String>,
    /// What it would take to reach the next verdict, a sentence that ends in a colon before what it lists, or in a full
    /// stop.
    pub what_if: Option<String>,
    /// The checks, conditions and decisions that it would take.
    pub fixes: Cut<Reference>,
    /// The roles that must sign.
    pub roles: Cut<Role>,
    /// Who rejects or approves on conditions: who, and their words or the conditions.
    pub reservations: Cut<Point>,
}

/// The beginning of a list.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Cut<T> {
    /// What is shown.
    pub shown: Vec<T>,
    /// How much is not: `3 more in the report`.
    pub more: Option<String>,
}

/// An area on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Area {
    /// Its heading.
    pub title: String,
    /// Score and coverage.
    pub figures: Figures,
    /// How its checks came out.
    pub tally: String,
}

/// A role that must sign, on one line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// Where it stands.
    pub mark: Mark,
}

impl<T> Default for Cut<T> {
    fn default() -> Self {
        Self { shown: Vec::new(), more: None }
    }
}

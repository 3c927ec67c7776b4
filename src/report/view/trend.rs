//! What is shown of the runs before this one: the same numbers as a drawing and as tables.

use serde::Serialize;

use super::{Mark, Reference};

/// The runs that the record knows, this one last.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Trend {
    /// How it went, a sentence.
    pub sentence: String,
    /// Newest first, this one before all others.
    pub runs: Vec<Run>,
    /// Scores and coverage over the runs; `null` when fewer than two have a score.
    pub chart: Option<Chart>,
    /// Areas that had a score in more than one run, in the order of the audit.
    pub areas: Vec<Line>,
    /// How each claimant did, by name.
    pub claimants: Vec<Claimant>,
}

/// A run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Run {
    /// When its last measurement ended.
    pub when: String,
    /// Is it this one?
    pub this: bool,
    /// The version of the subject; empty where none is named. Captured.
    pub version: String,
    /// Its verdict.
    pub verdict: Mark,
    /// Its raw score; `–` when nothing was scored.
    pub score: String,
    /// How that moved since the run before, `+0.3`; empty when one of both is missing.
    pub by: String,
    /// How much was looked at; `–` when only claims were judged.
    pub coverage: String,
    /// Claims upheld, `9 of 11`; `–` when nothing was claimed.
    pub claims: String,
    /// The beginning of its record's digest; empty for this one, which stands at the top of the document.
    pub record: String,
}

/// The scores of the whole, and the coverage, over the runs: oldest left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chart {
    /// What is drawn, in words.
    pub description: String,
    /// Width of the drawing.
    pub width: String,
    /// Its height.
    pub height: String,
    /// The lines of 0, 5 and 10 points: how high, and what is written there.
    pub grid: Vec<(String, String)>,
    /// Left end of these lines.
    pub left: String,
    /// Their right end.
    pub right: String,
    /// The way through the scores.
    pub scores: String,
    /// The way through the coverage: all of it is as high as 10 points.
    pub coverage: String,
    /// The runs that have a score.
    pub dots: Vec<Dot>,
    /// The days of the oldest and of the newest run.
    pub days: (String, String),
}

/// A run in the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Dot {
    /// Its middle.
    pub x: String,
    /// Its height.
    pub y: String,
    /// How high the score is written; `null` where there are too many to write each.
    pub label_y: Option<String>,
    /// The score.
    pub score: String,
    /// `good` where it was approved, a full circle; `warn` with conditions, a square; `bad` where it was rejected, a cross;
    /// `none` where it was undetermined, an empty circle. So it can be told without colour.
    pub shape: String,
}

/// The score of one area over the runs, on a small drawing of 200 by 40 units.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Line {
    /// The area.
    pub area: Reference,
    /// The way through its scores.
    pub way: String,
    /// Where the last one stands.
    pub last: (String, String),
    /// The scores, oldest first: `7.1 → 8.0 → 8.8`.
    pub scores: String,
    /// What is drawn, in words.
    pub description: String,
}

/// The claims of one claimant over the runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Claimant {
    /// Who. Captured.
    pub by: String,
    /// Claims upheld in each run with claims of theirs, oldest first: `9 of 11 → 10 of 11`.
    pub runs: String,
    /// All runs together: `27 of 33 upheld, 2 refuted, in 3 runs`.
    pub all: String,
}

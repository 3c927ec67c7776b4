//! What is drawn: places and lengths in units of the drawing, with the numbers that they stand for beside them, so that
//! nothing can be read off a drawing alone.

use serde::Serialize;

use super::{Mark, Reference};

/// Everything that is drawn beside single bars.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Charts {
    /// Score and coverage, one for each area; empty where only claims were judged.
    pub areas: Vec<AreaChart>,
    /// Claimed against actual; `null` when no claim can be drawn.
    pub claims: Option<ClaimsChart>,
    /// The rules of the verdict; `null` where only claims were judged.
    pub chain: Option<Chain>,
}

/// The score of an area and what was lost of it, on 200 units that stand for 10 points.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AreaChart {
    /// The area.
    pub area: Reference,
    /// What is drawn, in words.
    pub description: String,
    /// What was earned: width from the left, and its tone.
    pub earned: Segment,
    /// What was lost, dearest first; what a cap or many small losses take comes last.
    pub lost: Vec<Loss>,
    /// Where the score of the baseline stands; `null` when there is none.
    pub was_at: Option<String>,
    /// The score of the baseline, `8.7`; `null` when there is none.
    pub was: Option<String>,
}

/// A piece of a bar.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Segment {
    /// Left edge.
    pub x: String,
    /// Width.
    pub width: String,
    /// `good`, `warn`, `bad`, `waived` or `none`.
    pub tone: String,
}

/// Points that an area lost.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Loss {
    /// To what: a check, a cap, or several small losses together.
    pub to: Reference,
    /// The status of the check; `null` for what is no check.
    pub mark: Option<Mark>,
    /// Is a waiver in force for the check?
    pub waived: bool,
    /// `1.5`, of 10 points.
    pub points: String,
    /// Where it is drawn.
    pub segment: Segment,
}

/// Claimed against actual, claim by claim.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimsChart {
    /// The claims that are drawn.
    pub rows: Vec<ClaimChart>,
    /// What is not drawn and why, a sentence.
    pub left_out: Option<String>,
}

/// A claim on a scale of its own of 200 units, which holds what was claimed and what was measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ClaimChart {
    /// What it is about.
    pub about: Reference,
    /// The fact; empty where the claim has a name of its own.
    pub fact: String,
    /// Who claims; empty when the documents speak for themselves.
    pub by: String,
    /// The value as written. Captured.
    pub claimed: String,
    /// Which numbers that stands for: `97.5 % to 98.5 %`, `exactly 13`, `80 or more`.
    pub stands_for: String,
    /// What was measured.
    pub actual: String,
    /// The result.
    pub mark: Mark,
    /// `holds`, `wrong`, or `open` where it can neither be upheld nor refuted: the shape of the actual, so that it can be told
    /// without colour.
    pub shape: String,
    /// Left edge of what is claimed.
    pub x: String,
    /// Its width.
    pub width: String,
    /// Does it go on beyond the left edge?
    pub open_low: bool,
    /// Does it go on beyond the right edge?
    pub open_high: bool,
    /// Where the actual stands.
    pub at: String,
    /// The way from the claimed to the actual, where it lies outside: left edge and width.
    pub apart: Option<(String, String)>,
    /// What is drawn, in words.
    pub description: String,
}

/// The rules of the verdict in the order in which they are asked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Chain {
    /// What is drawn, in words.
    pub description: String,
    /// Width of the drawing.
    pub width: String,
    /// The rules.
    pub steps: Vec<Step>,
    /// Where the rule stands that decided; `null` when none did.
    pub decided_at: Option<String>,
    /// What it says, a sentence: which rule decided, of how many.
    pub sentence: String,
}

/// A rule in the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// Its place in the order, from 1.
    pub number: String,
    /// Its middle.
    pub x: String,
    /// `no`: it did not fire. `decided`: it fired first. `fired`: it fired after another had decided.
    pub shape: String,
}

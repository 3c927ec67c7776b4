//! What is shown of the rollout: its stages over time, what decides about each, and what the review of the plan found.

use serde::Serialize;

use super::{Command, Field, Mark, Prose, Reference};

/// The rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rollout {
    /// One sentence: strategy, stages, share, dates and length, all of them computed.
    pub sentence: String,
    /// The stages over time; `null` when no date is known.
    pub timeline: Option<Timeline>,
    /// The stages, in their order.
    pub stages: Vec<Stage>,
    /// Who runs every stage; `null` where nobody is named or they differ.
    pub run_by: Option<String>,
    /// Which columns of the table of stages have anything in them.
    pub columns: Columns,
    /// The flags that are named, and what becomes of them in each stage.
    pub flags: Vec<Flag>,
    /// What decides about the stages: one entry for each thing that is measured.
    pub deciding: Vec<Deciding>,
    /// How each of these is measured, and what is measured without deciding anything.
    pub signals: Vec<Signal>,
    /// How many rules of the plan review hold and how many do not, a sentence; empty when it was not reviewed.
    pub reviewed: String,
    /// The rules of the plan review, in the order in which they were asked.
    pub review: Vec<Rule>,
    /// Notes and commands of each stage that has any.
    pub steps: Vec<Step>,
    /// The commands of the way back.
    pub way_back: Option<Command>,
}

/// Columns of the table of stages that may be empty from top to bottom.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Columns {
    /// Has any stage a date?
    pub dates: bool,
    /// Does any stage switch a flag on?
    pub flags: bool,
    /// Has any stage an owner, and not all the same?
    pub owner: bool,
}

/// A stage in the table.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Stage {
    /// What conditions and findings call it.
    pub name: String,
    /// One line.
    pub title: String,
    /// Does the title say more than the name, so that the name needs saying?
    pub titled: bool,
    /// The share that was reached before and the one that it reaches: `5 % to 10 %`.
    pub percent: String,
    /// The share that it reaches.
    pub reaches: String,
    /// When it starts; `–` when no date is known.
    pub starts: String,
    /// How long it is watched; `–` when nobody said.
    pub soak: String,
    /// When it has soaked; `–` when no date is known.
    pub ends: String,
    /// Flags that are switched on at its start.
    pub enable: Vec<String>,
    /// Who runs it; `–` when nobody is named.
    pub owner: String,
}

/// The stages over time. Places across are hundredths of the width of the drawing, so that it fits any page; heights are
/// pixels, so that its text stays readable.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Timeline {
    /// What is drawn, in words.
    pub description: String,
    /// Height of the drawing.
    pub height: String,
    /// Where the lines of the dates end.
    pub floor: String,
    /// Height at which nobody is reached.
    pub base: String,
    /// Dates along the top.
    pub ticks: Vec<Tick>,
    /// The stages.
    pub spans: Vec<Span>,
    /// Edges of the deployment window that lie inside the drawing.
    pub edges: Vec<Edge>,
    /// An edge of the window that lies outside, a sentence.
    pub outside: Option<String>,
}

/// A date in the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Tick {
    /// Where.
    pub x: String,
    /// `23 Oct`, `12:00`.
    pub label: String,
}

/// A stage in the drawing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Span {
    /// Its start.
    pub x: String,
    /// How long it soaks; `0` when nobody said.
    pub width: String,
    /// Upper edge of its bar.
    pub y: String,
    /// Its title, shortened.
    pub label: String,
    /// `after` the bar, `before` it, or `inside`: where there is room for the label.
    pub place: String,
    /// Where the label begins, or ends when it stands before the bar.
    pub label_x: String,
    /// Where the share that it reaches lasts until.
    pub until: String,
    /// How far that is; `0` where the next stage starts no later.
    pub lasts: String,
    /// Height of the share before.
    pub from_y: String,
    /// Height of the share that it reaches.
    pub to_y: String,
    /// From there down to the base.
    pub tall: String,
    /// The share that it reaches; `null` where that stands beside it already or has no room.
    pub reaches: Option<Edge>,
}

/// A line of text in the drawing with its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Edge {
    /// Where.
    pub x: String,
    /// `start` or `end`: on which side of that place the text stands.
    pub anchor: String,
    /// The text.
    pub label: String,
}

/// A flag, stage by stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flag {
    /// Its name. Captured.
    pub name: String,
    /// What becomes of it: one mark for each stage.
    pub stages: Vec<Mark>,
    /// The same, where neighbouring stages with the same mark stand together.
    pub cells: Vec<FlagCell>,
}

/// A flag in neighbouring stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct FlagCell {
    /// How many stages.
    pub span: usize,
    /// The stages: `Canary`, `Canary, Half`, `Canary up to All`.
    pub stages: String,
    /// `on from here`, `on`, `not yet`, `stays off`, or that it is on though it must stay off.
    pub mark: Mark,
}

/// One thing that decides about stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Deciding {
    /// What it is, leading to how it is measured.
    pub about: Reference,
    /// What conditions call it. Captured.
    pub name: String,
    /// Does nothing measure it?
    pub unmeasured: bool,
    /// What lets stages go on, then what takes them back; a row that is empty is left out.
    pub rows: Vec<DecidingRow>,
}

/// What one thing decides in one direction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidingRow {
    /// `goes on` or `rolls back`.
    pub word: String,
    /// Neighbouring stages with the same conditions stand together.
    pub cells: Vec<DecidingCell>,
}

/// The conditions of neighbouring stages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DecidingCell {
    /// How many stages.
    pub span: usize,
    /// The stages: `Canary`, `Canary, Half`, `Canary up to All`.
    pub stages: String,
    /// The conditions without the name: `> 0.5% for 5 min`; none where nothing is asked.
    pub conditions: Vec<String>,
}

/// How something is measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Signal {
    /// Its anchor.
    pub anchor: String,
    /// What conditions call it. Captured.
    pub name: String,
    /// One line.
    pub title: String,
    /// `metric, fact value`; that it is a fact of a check; or that nothing measures it.
    pub how: String,
    /// The check whose fact it is; `null` for a signal.
    pub check: Option<Reference>,
    /// Does nothing measure it?
    pub unmeasured: bool,
    /// Is no stage decided by it?
    pub idle: bool,
    /// What is asked, option by option.
    pub asks: Vec<Field>,
    /// Where it is declared, `rollout.yaml:12`; empty where the check is.
    pub declared: String,
}

/// A rule of the plan review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Rule {
    /// Its anchor.
    pub anchor: String,
    /// What it asks for, a sentence without a full stop.
    pub asks: String,
    /// Where it stands.
    pub mark: Mark,
    /// What was looked at, a sentence.
    pub reason: String,
    /// What is wrong, or cannot be said.
    pub findings: Vec<Finding>,
    /// Anchor of the condition that it makes; `null` when it makes none.
    pub condition: Option<String>,
}

/// A finding of the plan review.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Finding {
    /// What is wrong, a sentence. Captured.
    pub says: String,
    /// What to do about it, a sentence. Captured.
    pub help: String,
    /// Where it is declared, `rollout.yaml:12`; empty where it is about the whole.
    pub declared: String,
}

/// What there is to do in a stage.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Step {
    /// The stage and what it reaches: `Canary, 0 % to 5 %`.
    pub title: String,
    /// What else there is to say.
    pub text: Option<Prose>,
    /// The lines, shown and never executed; empty when there are none.
    pub run: String,
}

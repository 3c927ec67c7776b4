//! What the review of a rollout plan found, rule by rule.

use serde::{Deserialize, Serialize};

use crate::model::audit::Level;
use crate::model::id::Id;

/// A rule for rollout plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanRule {
    /// Percentages rise without a gap, from 0 % to 100 %.
    Percentages,
    /// Every stage lies in the deployment window.
    Window,
    /// Every stage soaks, and none starts before the one before it has soaked.
    Soak,
    /// Every flag that is named is known to the source of flags.
    KnownFlags,
    /// No stage switches on what must stay off.
    ForbiddenFlags,
    /// Every stage says what takes it back, and every one but the last what lets it go on.
    Decided,
    /// Everything that decides is measured by something.
    Measured,
    /// A smaller stage is taken back at least as readily as a larger one.
    RollBackOrder,
    /// Nothing lets a stage go on that takes it back.
    Contradiction,
    /// The way back is written down and was rehearsed.
    Rehearsed,
    /// Somebody runs every stage.
    Owned,
}

impl PlanRule {
    /// All of them, in the order in which they are asked.
    pub const ALL: [Self; 11] = [
        Self::Percentages,
        Self::Window,
        Self::Soak,
        Self::KnownFlags,
        Self::ForbiddenFlags,
        Self::Decided,
        Self::Measured,
        Self::RollBackOrder,
        Self::Contradiction,
        Self::Rehearsed,
        Self::Owned,
    ];

    /// Its name, as in the record.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Percentages => "percentages",
            Self::Window => "window",
            Self::Soak => "soak",
            Self::KnownFlags => "known-flags",
            Self::ForbiddenFlags => "forbidden-flags",
            Self::Decided => "decided",
            Self::Measured => "measured",
            Self::RollBackOrder => "roll-back-order",
            Self::Contradiction => "contradiction",
            Self::Rehearsed => "rehearsed",
            Self::Owned => "owned",
        }
    }

    /// The id of the condition that it drafts where it does not hold.
    pub fn condition(self) -> String {
        format!("rollout-{}", self.id())
    }

    /// What it asks for, a sentence without a full stop.
    pub const fn asks(self) -> &'static str {
        match self {
            Self::Percentages => "Percentages rise without a gap from 0 % to 100 %",
            Self::Window => "Every stage lies in the deployment window",
            Self::Soak => "Every stage soaks before the next one starts",
            Self::KnownFlags => "Every flag that is named exists",
            Self::ForbiddenFlags => "No stage switches on what must stay off",
            Self::Decided => "Every stage says when it goes on and when it is taken back",
            Self::Measured => "Everything that decides is measured",
            Self::RollBackOrder => "A smaller stage is taken back at least as readily as a larger one",
            Self::Contradiction => "Nothing lets a stage go on that takes it back",
            Self::Rehearsed => "The way back is written down and was rehearsed",
            Self::Owned => "Somebody runs every stage",
        }
    }

    /// How binding it is that it holds. A first rehearsal may be the first stage; a threshold that nothing measures is none.
    pub const fn level(self) -> Level {
        match self {
            Self::Rehearsed | Self::Owned => Level::Should,
            _ => Level::Must,
        }
    }
}

/// Where a rule stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PlanStanding {
    /// It holds.
    Holds,
    /// It does not.
    Broken,
    /// That cannot be said.
    Unknown,
    /// There is nothing to ask it of.
    NotAsked,
}

/// What one rule found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanReview {
    /// The rule.
    pub rule: PlanRule,
    /// Where it stands.
    pub standing: PlanStanding,
    /// What was looked at, a sentence without a full stop ("5 stages, 0 % to 100 %"); plain text.
    pub reason: String,
    /// What is wrong; empty where it holds.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub findings: Vec<PlanFinding>,
}

/// One thing that is wrong with the plan, or that cannot be said of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PlanFinding {
    /// The stage it is about; `None` where it is about the whole plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stage: Option<Id>,
    /// What is wrong, a sentence without a full stop; plain text.
    pub says: String,
    /// What to do about it, a sentence with a full stop; plain text.
    pub help: String,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub declared: Option<(String, u32)>,
}

//! The audit file as written: its keys, and what the schema says about them. Nothing is checked here but names and
//! shapes; every value keeps its spelling and its place.

mod area;
mod check;
mod claim;
mod file;
mod rollout;
mod sections;

pub(super) use area::{AreaWritten, ConfidenceWritten};
pub(super) use check::{CheckWritten, SampleWritten, WhenWritten};
pub(super) use claim::{
    ClaimWritten, ListedClaimWritten, LocatorKeys, LocatorWritten, PlaceWritten, TableWritten, ValueWritten, Written,
};
pub(super) use file::{AuditWritten, DefaultsWritten, FileWritten, PersonWritten, SubjectWritten, VerdictWritten};
pub(super) use rollout::{RolloutWritten, SignalWritten, StageWritten};
pub(super) use sections::{
    ConditionWritten, DecisionWritten, Distinct, GroupWritten, ItemWritten, LineWritten, NextStepWritten,
    QuestionWritten, ReferencesWritten, RiskWritten, RoleWritten, SignoffWritten, WaiverWritten,
};

use super::decode::At;

/// A text at its place.
pub(super) type Text = At<String>;

//! The rollout: in which stages the subject reaches everybody, what lets it go on, and what takes it back.
//!
//! Dates are never written down twice: the schedule follows from the first start and from how long each stage soaks.

pub mod held;
mod trigger;

use serde::{Deserialize, Serialize};

pub use trigger::{Measured, NotATrigger, Trigger, Window};

use super::audit::Prose;
use super::id::{CheckId, Id};
use super::instant::{Instant, Stamp};
use super::number::Number;

/// A rollout plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Rollout {
    /// What people call it: `canary`, `blue-green`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub strategy: Option<String>,
    /// When the first stage starts; the audit's go-live where it is left out.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Stamp>,
    /// Who runs every stage that names nobody.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// Where every flag is known.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<FlagSource>,
    /// Flags that no stage may switch on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_stay_off: Vec<String>,
    /// The check that passes when the way back was rehearsed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rehearsed: Option<CheckId>,
    /// The commands of the way back; shown, never executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub way_back: Option<String>,
    /// What can be measured while it runs, besides the facts of the audit's checks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub signals: Vec<Signal>,
    /// The stages, in the order of the file; one at least.
    pub stages: Vec<Stage>,
}

/// The check that knows every flag, and its facts that list them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct FlagSource {
    /// The check.
    pub check: CheckId,
    /// Its facts that are lists of names; together they are all flags.
    pub lists: Vec<String>,
}

/// Something that is measured while the rollout runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Signal {
    /// The name that conditions use.
    pub id: Id,
    /// One line.
    pub title: String,
    /// The kind that measures it.
    pub kind: String,
    /// The source the kind reads from, where it has several.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<String>,
    /// What is asked: the kind's options, compact JSON, secrets as placeholders.
    pub asks: String,
    /// The fact of the kind that is meant.
    pub fact: String,
    /// How long to wait for one answer, in milliseconds; `None` where the file does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub timeout_ms: Option<u64>,
    /// How often to ask again when there was none.
    #[serde(default, skip_serializing_if = "is_zero")]
    pub retries: u32,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    pub declared: (String, u32),
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde hands out references")]
const fn is_zero(number: &u32) -> bool {
    *number == 0
}

/// One step of the rollout.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Stage {
    /// Its name.
    pub name: Id,
    /// One line; the name in words when the file has none.
    pub title: String,
    /// The share that was reached before, 0 to 1.
    pub from: Number,
    /// The share that it reaches, 0 to 1.
    pub to: Number,
    /// When it starts, where that was written down.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub starts: Option<Stamp>,
    /// How long it is watched before the next one, in seconds; `None` where nobody said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub soak: Option<u64>,
    /// Flags that are switched on at its start.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub enable: Vec<String>,
    /// Flags that stay off in it, besides those of the whole rollout.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_stay_off: Vec<String>,
    /// All of these must hold before the next stage.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub proceed_when: Vec<Trigger>,
    /// One of these takes it back.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roll_back_when: Vec<Trigger>,
    /// Its commands; shown, never executed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<String>,
    /// Who runs it, where it is not the owner of the rollout.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub owner: Option<String>,
    /// What else there is to say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub text: Option<Prose>,
    /// Where it is declared: path relative to the directory of the top audit file, then line, from 1.
    pub declared: (String, u32),
}

/// When a stage runs.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheduled {
    /// Its start.
    pub starts: Instant,
    /// When it has soaked: the earliest start of the next one.
    pub soaked: Instant,
}

impl Rollout {
    /// When each stage runs, in their order: from the first start on, each as soon as the one before has soaked, unless it
    /// names a start of its own. `None` for all where no start is known, and from the first moment on that no calendar has.
    pub fn schedule(&self, go_live: Option<Stamp>) -> Vec<Option<Scheduled>> {
        let mut next = self.starts.or(go_live).map(|stamp| stamp.at);
        let stages = self.stages.iter().map(|stage| {
            let starts = stage.starts.map(|stamp| stamp.at).or(next);
            let soak = i64::try_from(stage.soak.unwrap_or_default()).unwrap_or(i64::MAX);
            let scheduled = starts.and_then(|starts| {
                let soaked = Instant::from_seconds(starts.seconds().checked_add(soak)?)?;
                Some(Scheduled { starts, soaked })
            });
            next = scheduled.map(|scheduled| scheduled.soaked);
            scheduled
        });
        stages.collect()
    }

    /// How long it all takes, in seconds: from the first start to when the last stage has soaked; the sum of the soaks
    /// where no start is known.
    pub fn length(&self, go_live: Option<Stamp>) -> u64 {
        let schedule = self.schedule(go_live);
        let ends = schedule.first().copied().flatten().zip(schedule.last().copied().flatten());
        match ends {
            Some((first, last)) => u64::try_from(last.soaked.seconds_since(first.starts)).unwrap_or_default(),
            None => self.stages.iter().filter_map(|stage| stage.soak).fold(0, u64::saturating_add),
        }
    }

    /// The stage of that name.
    pub fn stage(&self, name: &str) -> Option<&Stage> {
        self.stages.iter().find(|stage| stage.name.as_str() == name)
    }

    /// The signal of that name.
    pub fn signal(&self, name: &Id) -> Option<&Signal> {
        self.signals.iter().find(|signal| signal.id == *name)
    }

    /// Who runs a stage.
    pub fn owner_of<'a>(&'a self, stage: &'a Stage) -> Option<&'a str> {
        stage.owner.as_deref().or(self.owner.as_deref())
    }
}

impl Stage {
    /// What it is decided by: what lets it go on first.
    pub fn triggers(&self) -> impl Iterator<Item = &Trigger> {
        self.proceed_when.iter().chain(&self.roll_back_when)
    }
}

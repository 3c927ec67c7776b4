//! The rollout: signals that are measured while it runs, stages, and what decides about them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::Text;
use crate::plan::decode::{At, Several};

/// In which stages the subject reaches everybody, what lets it go on, and what takes it back.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RolloutWritten {
    /// What people call it: `canary`, `blue-green`.
    pub strategy: Option<Text>,
    /// When the first stage starts: a date, or a time with a zone; `audit.go-live` by default.
    pub starts: Option<Text>,
    /// Who runs every stage that names nobody.
    pub owner: Option<Text>,
    /// The check that knows every flag: `area/check`, of a kind that lists their names.
    pub flags: Option<Text>,
    /// Flags that no stage may switch on.
    #[serde(default)]
    pub must_stay_off: Several<Text>,
    /// The check that passes when the way back was rehearsed: `area/check`.
    pub rehearsed: Option<Text>,
    /// The commands of the way back; shown, never executed.
    pub way_back: Option<Text>,
    /// What can be measured while it runs, besides the facts of the audit's checks. Measured by `gate` alone.
    #[serde(default)]
    #[expect(dead_code, reason = "for names and schema: signals are decoded one by one")]
    pub signals: Vec<At<SignalWritten>>,
    /// The stages, in their order.
    pub stages: At<Vec<At<StageWritten>>>,
}

/// Something that is measured while the rollout runs: one key that says what, as in a check, and which of its facts is meant.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignalWritten {
    /// The name that conditions use: lower-case letters, digits and hyphens.
    pub id: Text,
    /// One line; the id in words when it is left out.
    pub title: Option<Text>,
    /// The fact that is meant; `value` where the kind has one, when it is left out.
    pub fact: Option<Text>,
    /// How long to wait for an answer, such as `10s`.
    pub timeout: Option<Text>,
    /// How often to ask again when there was no answer.
    pub retries: Option<At<u32>>,
}

/// One step of the rollout.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct StageWritten {
    /// Its name: lower-case letters, digits and hyphens.
    pub name: Text,
    /// One line; the name in words when it is left out.
    pub title: Option<Text>,
    /// The share that was reached before, such as `5%`; what the stage before reaches by default, 0 % for the first.
    pub from: Option<Text>,
    /// The share that it reaches, such as `10%`.
    pub to: Text,
    /// When it starts, where it does not start as soon as the stage before has soaked.
    pub starts: Option<Text>,
    /// How long it is watched before the next one, such as `12h`.
    pub soak: Option<Text>,
    /// Flags that are switched on at its start.
    #[serde(default)]
    pub enable: Several<Text>,
    /// Flags that stay off in it, besides those of the whole rollout.
    #[serde(default)]
    pub must_stay_off: Several<Text>,
    /// All of these must hold before the next stage: `error-rate < 0.1% for 1h`. The name is that of a signal, or
    /// `area.check.fact`; behind the condition may stand `for 5m`, `3 times in a row` or `in 3 of 5 samples`.
    #[serde(default)]
    pub proceed_when: Several<Text>,
    /// One of these takes it back, written in the same way.
    #[serde(default)]
    pub roll_back_when: Several<Text>,
    /// Its commands; shown, never executed.
    pub run: Option<Text>,
    /// Who runs it, where it is not the owner of the rollout.
    pub owner: Option<Text>,
    /// What else there is to say; Markdown.
    pub text: Option<Text>,
}

//! A check, without the key of its kind: those come from the registry.

use schemars::JsonSchema;
use serde::Deserialize;

use super::claim::ClaimSchema;
use super::{ClaimWritten, Text};
use crate::model::audit::{SampleMethod, Severity};
use crate::plan::decode::{At, Choice, Named, Several};

/// A check: one key that says what is measured, what must hold of it, and what was claimed.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CheckWritten {
    /// Name of the check in its area: lower-case letters, digits and hyphens.
    pub id: Text,
    /// One line; the id in words when it is left out.
    pub title: Option<Text>,
    /// How much it matters to the verdict; `major` by default.
    pub severity: Option<Choice<Severity>>,
    /// Weight in the score of a weighted area; 1 by default.
    #[schemars(with = "Option<f64>")]
    pub weight: Option<Text>,
    /// Points that it costs when it fails, in an area of deductions.
    #[schemars(with = "Option<f64>")]
    pub deduct: Option<Text>,
    /// When it fails, the score of its area is at most this.
    #[schemars(with = "Option<f64>")]
    pub caps_area_at: Option<Text>,
    /// Checks that must have passed before this one is measured: `check` of the same area, or `area/check`.
    #[serde(default)]
    pub depends_on: Several<Text>,
    /// Does the check apply at all?
    pub when: Option<WhenWritten>,
    /// What must hold: a condition for each fact, such as `{up: == 4, min-uptime: ">= 24h"}`.
    pub expect: Option<At<Named<Text>>>,
    /// The softer tier: `expect` fails and this holds makes a warning.
    pub warn: Option<At<Named<Text>>>,
    /// What somebody claims: who, and a value for each fact. One mapping or several.
    #[schemars(with = "Option<Several<ClaimSchema>>")]
    pub claim: Option<Several<ClaimWritten>>,
    /// What is measured is a sample of what is claimed.
    pub sample: Option<SampleWritten>,
    /// What the reader should know about the measurement; Markdown.
    pub explain: Option<Text>,
    /// Why it is checked; Markdown.
    pub rationale: Option<Text>,
    /// What to do when it fails; Markdown.
    pub remediation: Option<Text>,
    /// How long to wait for an answer, such as `10s`.
    pub timeout: Option<Text>,
    /// How often to ask again when there was no answer.
    pub retries: Option<At<u32>>,
}

/// Does the check apply at all?
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WhenWritten {
    /// A text, usually `${NAME}`.
    pub value: Text,
    /// The condition on it: `== production`.
    pub is: Text,
    /// Why the check does not apply otherwise.
    pub reason: Option<Text>,
}

/// A sample of a larger whole.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SampleWritten {
    /// How many there are in all.
    pub of: At<u64>,
    /// How it was taken: only a random one supports a rate.
    pub method: Choice<SampleMethod>,
}

//! An area: the keys of a file that begins with `area:`, and of an item of `areas:`.

use schemars::JsonSchema;
use serde::Deserialize;

use super::claim::ClaimSchema;
use super::{CheckWritten, ClaimWritten, Text};
use crate::model::audit::Method;
use crate::plan::decode::{At, Choice, Several};

/// An area of the audit: checks that share a score.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AreaWritten {
    /// Name of the area: lower-case letters, digits and hyphens.
    pub area: Text,
    /// Its heading; the id in words when it is left out.
    pub title: Option<Text>,
    /// Groups areas in the final breakdown: technical, operational, risk.
    pub category: Option<Text>,
    /// Weight in the overall score; 1 by default.
    #[schemars(with = "Option<f64>")]
    pub weight: Option<Text>,
    /// How its score is made: the weighted share of what passes (the default), or ten less the points of what does not
    /// pass (0 where nothing was measured).
    pub method: Option<Choice<Method>>,
    /// What somebody claims its score to be: `{by: Forge, score: 9.8}`.
    #[schemars(with = "Option<Several<ClaimSchema>>")]
    pub claim: Option<Several<ClaimWritten>>,
    /// What the auditor makes of it; Markdown.
    pub assessment: Option<Text>,
    /// Why; Markdown, one or several.
    #[serde(default)]
    pub rationale: Several<Text>,
    /// What still worries; Markdown, one or several.
    #[serde(default)]
    pub concerns: Several<Text>,
    /// The auditor's own figure, beside the computed score.
    pub confidence: Option<ConfidenceWritten>,
    /// The checks.
    #[serde(default)]
    #[expect(dead_code, reason = "for names and schema: checks are decoded one by one")]
    pub checks: Vec<At<CheckWritten>>,
}

/// A score stated by hand.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConfidenceWritten {
    /// 0 to 10.
    #[schemars(with = "f64")]
    pub value: Text,
    /// Why it lies where it lies.
    pub why: Option<Text>,
}

//! An audit file, top level.

use schemars::JsonSchema;
use serde::Deserialize;

use super::{
    AreaWritten, ConditionWritten, DecisionWritten, GroupWritten, ListedClaimWritten, NextStepWritten, QuestionWritten,
    ReferencesWritten, RiskWritten, RolloutWritten, SignoffWritten, Text, WaiverWritten,
};
use crate::plan::decode::{At, Named, Several};

/// An audit file: `audit:` in the one that is run, `area:` in the ones it includes.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub(crate) struct FileWritten {
    /// What is audited, by whom, for when. Only in the file that is run.
    pub audit: Option<At<AuditWritten>>,
    /// Texts that stand for `${NAME}` anywhere below. A value may read the environment with `${env:NAME}` or
    /// `${env:NAME:-default}`, and a secret, which is never recorded, with `${secret:NAME}`.
    pub vars: Option<Named<Text>>,
    /// Files to read as well, relative to this one; `*` and `**` are understood.
    pub include: Option<Several<Text>>,
    /// What holds for every check that does not say otherwise.
    pub defaults: Option<DefaultsWritten>,
    /// Thresholds of the verdict.
    pub verdict: Option<VerdictWritten>,
    /// Areas, written here instead of in files of their own.
    pub areas: Option<Vec<AreaWritten>>,
    /// Claims that stand in documents, each with a name of its own: every place must agree with the others and with what
    /// was measured.
    pub claims: Option<Vec<ListedClaimWritten>>,
    /// What must happen before go-live.
    pub conditions: Option<Vec<ConditionWritten>>,
    /// Failures that somebody accepts for a time.
    pub waivers: Option<Vec<WaiverWritten>>,
    /// What may go wrong.
    pub risks: Option<Vec<RiskWritten>>,
    /// Questions put to the auditor, with the answers.
    pub questions: Option<Vec<QuestionWritten>>,
    /// What somebody must still decide.
    pub decisions: Option<Vec<DecisionWritten>>,
    /// What to do next.
    pub next_steps: Option<Vec<NextStepWritten>>,
    /// The pre-go-live checklist, in groups.
    pub checklist: Option<Vec<GroupWritten>>,
    /// What the reader may want at hand.
    pub references: Option<ReferencesWritten>,
    /// In which stages it reaches everybody, what lets it go on, and what takes it back.
    pub rollout: Option<At<RolloutWritten>>,
    /// Who must sign.
    pub signoff: Option<At<SignoffWritten>>,
    /// A note to the reader at the end; Markdown.
    pub closing: Option<Text>,
}

/// What is audited, by whom, for when.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct AuditWritten {
    /// Name of the audit: lower-case letters, digits and hyphens.
    pub id: Text,
    /// Title of the document; the id in words when it is left out.
    pub title: Option<Text>,
    /// What is audited.
    pub subject: SubjectWritten,
    /// Who audits.
    pub auditor: Option<PersonWritten>,
    /// When the subject goes live: a date, or a time with a zone.
    pub go_live: Option<Text>,
    /// First and last day of the deployment window: `2025-10-23..2025-10-30`.
    pub window: Option<Text>,
    /// Zone in which times are shown: `UTC` (the default) or a name such as `Europe/Paris`.
    pub timezone: Option<Text>,
    /// A line for the header about where the evidence comes from: a rehearsal, a reconstruction.
    pub provenance: Option<Text>,
    /// Executive summary; Markdown. `{{ area.check.fact }}` stands for what was measured.
    pub summary: Option<Text>,
    /// A note to the reader at the end; Markdown.
    pub closing: Option<Text>,
    /// The directory that paths in checks are relative to, relative to this file; its own directory by default.
    pub root: Option<Text>,
}

/// What is audited.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SubjectWritten {
    /// Its name.
    pub name: Text,
    /// Its version, as people call it.
    pub version: Option<Text>,
    /// The commit.
    pub commit: Option<Text>,
}

/// A person and their role.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct PersonWritten {
    /// The name.
    pub name: Text,
    /// The role.
    pub role: Option<Text>,
}

/// What holds for every check that does not say otherwise.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DefaultsWritten {
    /// How long to wait for an answer, such as `10s`.
    pub timeout: Option<Text>,
    /// How often to ask again when there was no answer.
    pub retries: Option<At<u32>>,
}

/// Thresholds of the verdict.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct VerdictWritten {
    /// Share of the declared weight that must have been measured; `80%` by default.
    pub min_coverage: Option<Text>,
    /// Lowest scores that can be approved.
    pub floor: Option<FloorWritten>,
}

/// Lowest scores that can be approved.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct FloorWritten {
    /// Of the whole; 7.0 by default.
    #[schemars(with = "Option<f64>")]
    pub overall: Option<Text>,
    /// Of each area; 5.0 by default.
    #[schemars(with = "Option<f64>")]
    pub area: Option<Text>,
}

//! The lists beside the areas: conditions, waivers, risks, questions, decisions, steps, checklist, sign-off.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::Deserializer;

use super::Text;
use crate::model::audit::{Level, Rating};
use crate::plan::decode::{At, Choice, Named, Several, TextOrKeys, text_or_keys};

/// What must happen before go-live.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ConditionWritten {
    /// Its name: lower-case letters, digits and hyphens.
    pub id: Text,
    /// How binding: `must` before go-live, `should` is highly recommended, `could` if time permits.
    pub level: Choice<Level>,
    /// What must happen; Markdown.
    pub text: Text,
    /// Who sees to it.
    pub owner: Option<Text>,
    /// Until when: a date (its end, in UTC), or a time with a zone.
    pub due: Option<Text>,
    /// The check that closes it by passing: `area/check`.
    pub closed_by: Option<Text>,
    /// Done, stated by hand where no check can see it.
    #[serde(default)]
    pub done: bool,
}

/// Somebody accepts a failure for a time.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct WaiverWritten {
    /// The check: `area/check`.
    pub check: Text,
    /// Why; 10 characters at least.
    pub reason: Text,
    /// Who.
    pub by: Text,
    /// From when: a date, or a time with a zone.
    pub approved: Text,
    /// Until when; one year later at most.
    pub until: Text,
}

/// Something that may go wrong.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RiskWritten {
    /// Its name: lower-case letters, digits and hyphens.
    pub id: Text,
    /// One line; the id in words when it is left out.
    pub title: Option<Text>,
    /// How likely.
    pub likelihood: Choice<Rating>,
    /// How bad.
    pub impact: Choice<Rating>,
    /// What it is about; Markdown.
    pub description: Option<Text>,
    /// What is done about it; Markdown, one or several.
    #[serde(default)]
    pub mitigation: Several<Text>,
    /// Who watches it.
    pub owner: Option<Text>,
}

/// A question put to the auditor.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct QuestionWritten {
    /// The question.
    pub ask: Text,
    /// The answer, as written.
    pub answer: Text,
    /// 0 to 10, stated by hand.
    #[schemars(with = "Option<f64>")]
    pub confidence: Option<Text>,
    /// Why; Markdown, one or several.
    #[serde(default)]
    pub because: Several<Text>,
    /// What still worries; Markdown, one or several.
    #[serde(default)]
    pub concerns: Several<Text>,
}

/// What somebody must still decide.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct DecisionWritten {
    /// Its name: lower-case letters, digits and hyphens.
    pub id: Text,
    /// The question.
    pub ask: Text,
    /// The options: a key and a text each.
    pub options: At<Named<Text>>,
    /// Key of the option that is recommended.
    pub recommend: Option<Text>,
    /// Why; Markdown, one or several.
    #[serde(default)]
    pub because: Several<Text>,
    /// Who decides.
    pub owner: Option<Text>,
    /// How binding; an undecided `must` (the default) is an open condition.
    pub level: Option<Choice<Level>>,
    /// Key of the option that was chosen; `null` until then.
    pub decided: Option<Text>,
}

/// What to do next.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct NextStepWritten {
    /// One line.
    pub title: Text,
    /// How binding.
    pub level: Option<Choice<Level>>,
    /// Who.
    pub owner: Option<Text>,
    /// Until when: a date (its end, in UTC), or a time with a zone.
    pub due: Option<Text>,
    /// Details; Markdown.
    pub text: Option<Text>,
}

/// A group of the checklist.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct GroupWritten {
    /// Its heading.
    pub title: Text,
    /// Its lines.
    pub items: Vec<At<LineWritten>>,
}

/// A line of the checklist: a text to tick by hand, or what ticks it.
#[derive(Debug, JsonSchema)]
#[schemars(untagged)]
pub(crate) enum LineWritten {
    /// To tick by hand.
    Text(String),
    /// With what ticks it.
    Item(ItemWritten),
}

/// A line of the checklist and what ticks it: a check that passes, a condition that is closed, or `done: true`.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ItemWritten {
    /// The line; Markdown.
    pub text: Text,
    /// The check that ticks it: `area/check`.
    pub check: Option<Text>,
    /// The condition that ticks it.
    pub condition: Option<Text>,
    /// Ticked by hand.
    pub done: Option<bool>,
}

impl TextOrKeys for LineWritten {
    type Keys = ItemWritten;
    const EXPECTED: &'static str = "a text, or a mapping with `text`";

    fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    fn keys(keys: ItemWritten) -> Self {
        Self::Item(keys)
    }

    fn blank() -> Self {
        Self::Text(String::new())
    }
}

impl<'de> Deserialize<'de> for LineWritten {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_keys(deserializer)
    }
}

/// What the reader may want at hand.
#[derive(Debug, Default, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct ReferencesWritten {
    /// Commands for the reader; shown, never executed.
    #[serde(default)]
    pub commands: Vec<CommandWritten>,
}

/// A command for the reader.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct CommandWritten {
    /// When to use it.
    pub title: Text,
    /// The lines; shown, never executed.
    pub run: Text,
}

/// Who must sign.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct SignoffWritten {
    /// People, by name, with the principals of their keys; without it every member is a person.
    #[serde(default)]
    pub people: Named<Several<Text>>,
    /// The roles that must sign.
    pub roles: At<Named<RoleWritten>>,
    /// Must the signers be different people? `across-roles` by default.
    pub distinct: Option<Distinct>,
    /// May the auditor sign? No, by default.
    #[serde(default)]
    pub author_may_approve: bool,
    /// How long a sign-off holds, such as `30d`.
    pub max_age: Option<Text>,
    /// Must a hardware key have been touched? No, by default.
    #[serde(default)]
    pub require_touch: bool,
}

/// Must the signers be different people?
#[derive(Debug, Clone, Copy, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(crate) enum Distinct {
    /// One person may sign everywhere.
    None,
    /// No one counts twice for one role.
    WithinRole,
    /// No one counts twice at all.
    AcrossRoles,
}

/// A role that must sign.
#[derive(Debug, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub(crate) struct RoleWritten {
    /// Who may sign for it.
    pub members: At<Several<Text>>,
    /// How many of them must; 1 by default.
    pub threshold: Option<At<u32>>,
    /// The areas that it answers for; the whole record where it is left out. A sign-off for areas outlives a run that leaves
    /// everything about them as it was.
    pub areas: Option<Several<Text>>,
}

//! What `/api/v1/rules` says: groups of alerting and recording rules, and the alerts that each of them has now.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{foreign, open};
use crate::model::fact::Unmeasurable;
use crate::witness::HttpAnswer;

/// Every rule of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The groups, in the order of the server.
    pub groups: Vec<Group>,
    /// What the server warns of.
    pub warnings: Vec<String>,
}

/// A group of rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// The rules, in order.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

/// A rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Rule {
    /// Alerting or recording.
    #[serde(rename = "type")]
    pub kind: RuleKind,
    /// The name of the alert, or of the recorded series.
    pub name: String,
    /// The state of the worst of its alerts; recording rules have none.
    #[serde(default)]
    pub state: Option<AlertState>,
    /// Could it be evaluated?
    #[serde(default)]
    pub health: Health,
    /// Why it could not.
    #[serde(default, rename = "lastError")]
    pub last_error: String,
    /// Labels that it gives to its alerts; a value may be a template.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Its alerts that are pending or firing.
    #[serde(default)]
    pub alerts: Vec<Alert>,
}

/// What a rule is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RuleKind {
    /// It raises alerts.
    Alerting,
    /// It records a series.
    Recording,
    /// Something this version does not know.
    #[serde(other)]
    Other,
}

/// State of a rule or of an alert.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum AlertState {
    /// Its condition does not hold.
    Inactive,
    /// Its condition holds, and not long enough yet.
    Pending,
    /// It fires.
    Firing,
    /// Something this version does not know.
    #[serde(other)]
    Other,
}

/// Could a rule be evaluated?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Yes.
    Ok,
    /// No: its state says nothing.
    Err,
    /// It has not been evaluated yet, or the server does not say.
    #[default]
    #[serde(other)]
    Unknown,
}

/// One alert of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Alert {
    /// All of its labels.
    #[serde(default)]
    pub labels: BTreeMap<String, String>,
    /// Pending or firing.
    pub state: AlertState,
    /// Since when its condition holds, RFC 3339.
    #[serde(default, rename = "activeAt")]
    pub active_at: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Page {
    groups: Vec<Group>,
    #[serde(default)]
    group_next_token: String,
}

/// Adds a page to `all`; the token of the next page, when there is one.
pub(super) fn read(answer: &HttpAnswer, server: &str, all: &mut Rules) -> Result<Option<String>, Unmeasurable> {
    let (data, warnings) = open(answer, server, " to list its rules")?;
    let page: Page = serde_json::from_value(data).map_err(|_| foreign(answer, server))?;
    all.groups.extend(page.groups);
    all.warnings.extend(warnings);
    Ok((!page.group_next_token.is_empty()).then_some(page.group_next_token))
}

impl Rules {
    /// Every rule that raises alerts.
    pub fn alerting(&self) -> impl Iterator<Item = &Rule> {
        self.all().filter(|rule| rule.kind == RuleKind::Alerting)
    }

    /// Every rule.
    pub fn all(&self) -> impl Iterator<Item = &Rule> {
        self.groups.iter().flat_map(|group| &group.rules)
    }
}

//! What `/api/v1/rules` says: groups of alerting and recording rules, and the alerts that each of them has now. Grafana
//! says it in the same shape and in more words.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{Opened, foreign, open};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::witness::{HttpAnswer, Witness};

/// Every rule of a server.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// The groups, in the order of the server.
    pub groups: Vec<Group>,
    /// What the server remarks on.
    pub infos: Vec<String>,
    /// What the server warns of: there may be rules that it could not hear of.
    pub warnings: Vec<String>,
}

/// A group of rules.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Group {
    /// Its name.
    pub name: String,
    /// How far apart its evaluations are, in seconds.
    #[serde(default)]
    pub interval: Option<serde_json::Number>,
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
    /// Its alerts that are pending or firing; in Grafana, also those that are neither.
    #[serde(default)]
    pub alerts: Vec<Alert>,
    /// Grafana: somebody has stopped it, so that it is not evaluated.
    #[serde(default, rename = "isPaused")]
    pub paused: bool,
    /// When it was evaluated last, RFC 3339; the year 1 when it never was.
    #[serde(default, rename = "lastEvaluation")]
    pub last_evaluation: Option<String>,
    /// Was it evaluated too long ago for its group, when the server answered?
    #[serde(skip)]
    pub stale: bool,
}

/// An evaluation that is so many intervals old is no evaluation of now.
const MOST_INTERVALS: u32 = 5;
/// Nor is one that is so many seconds old, where the intervals are shorter.
const LEAST_AGE: u32 = 300;
/// Nor, where nobody says how far apart they should be, is one of the day before.
const MOST_AGE: u32 = 86_400;

impl Group {
    /// Marks the rules whose last evaluation is too old for an answer of `now`.
    fn mark_stale(&mut self, now: Instant) {
        let interval: Option<Number> = self.interval.as_ref().and_then(|interval| interval.to_string().parse().ok());
        let most = interval.map(|interval| (interval * Number::from(MOST_INTERVALS)).max(Number::from(LEAST_AGE)));
        let most = most.unwrap_or_else(|| Number::from(MOST_AGE));
        for rule in &mut self.rules {
            let last = rule.last_evaluation.as_deref().and_then(|time| time.parse::<Instant>().ok());
            rule.stale = last.is_some_and(|last| Number::from(now.seconds_since(last)) > most);
        }
    }
}

impl Rule {
    fn never_evaluated(&self) -> bool {
        self.last_evaluation.as_deref().is_some_and(|time| time.starts_with("0001-"))
    }

    /// Why nobody knows whether it can be evaluated now, though it is not said that it cannot; none where that is known,
    /// and of a rule that somebody has paused.
    pub fn health_unknown(&self) -> Option<&'static str> {
        match self.health {
            Health::Err | Health::NoData => None,
            _ if self.paused => None,
            _ if self.never_evaluated() => Some("was never evaluated"),
            Health::Ok if self.stale => Some("has not been evaluated for more than a few of its intervals"),
            Health::Ok => None,
            Health::Unknown => Some("is of unknown health"),
        }
    }

    /// Does its state say anything? Not when it could not be evaluated, was not yet, or is no longer; nor when it is in
    /// no state that this version knows. Grafana calls a rule healthy that it has never evaluated, or that is paused.
    pub fn is_evaluated(&self) -> bool {
        // One alert of which nobody knows the state does not matter where another one fires.
        let unsure =
            self.state != Some(AlertState::Firing) && self.alerts.iter().any(|alert| alert.state == AlertState::Other);
        self.health == Health::Ok
            && !self.paused
            && !self.never_evaluated()
            && !self.stale
            && !unsure
            && !matches!(self.state, None | Some(AlertState::Other))
    }
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
#[serde(from = "String")]
pub enum AlertState {
    /// Its condition does not hold.
    Inactive,
    /// Its condition holds, and not long enough yet.
    Pending,
    /// It fires.
    Firing,
    /// Nobody knows: there was no data, or an error, or it is something that this version does not know.
    Other,
}

impl From<String> for AlertState {
    /// The words of Prometheus, and those of Grafana, which adds a reason: `Alerting (NoData)`.
    fn from(written: String) -> Self {
        let (word, reason) = written.split_once(" (").unwrap_or((written.as_str(), ""));
        let blind = reason.starts_with("NoData") || reason.starts_with("Error");
        match word.to_ascii_lowercase().as_str() {
            // Its condition holds no more, and it has not been taken back yet.
            "firing" | "alerting" | "recovering" => Self::Firing,
            "pending" => Self::Pending,
            // Told to call it normal when there is no data, Grafana does so.
            "inactive" | "normal" if !blind => Self::Inactive,
            _ => Self::Other,
        }
    }
}

/// Could a rule be evaluated?
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Health {
    /// Yes.
    Ok,
    /// No: its state says nothing.
    #[serde(alias = "error")]
    Err,
    /// Grafana: it could be, and there was nothing to evaluate.
    NoData,
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

/// Where the next page is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextPage {
    /// What the server calls it.
    pub token: String,
    /// How many groups this page had. A server wants a limit beside every token.
    pub groups: usize,
}

/// What time it was when a server answered: by its own clock, which wrote the times of the evaluations too, or else by ours.
pub async fn time_of(answer: &HttpAnswer, witness: &Witness) -> Result<Instant, Unmeasurable> {
    match answer.headers.get("date").and_then(|date| Instant::from_http_date(date)) {
        Some(now) => Ok(now),
        None => witness.now().await,
    }
}

/// Adds a page of `now` to `all`; the next page, when there is one.
pub fn read(
    answer: &HttpAnswer,
    now: Instant,
    server: &str,
    all: &mut Rules,
) -> Result<Option<NextPage>, Unmeasurable> {
    let Opened { data, warnings, infos } = open(answer, server, " to list its rules")?;
    let mut page: Page = serde_json::from_value(data).map_err(|_| foreign(answer, server))?;
    page.groups.iter_mut().for_each(|group| group.mark_stale(now));
    let next = NextPage { token: page.group_next_token, groups: page.groups.len().max(1) };
    all.groups.extend(page.groups);
    all.warnings.extend(warnings);
    all.infos.extend(infos);
    Ok((!next.token.is_empty()).then_some(next))
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

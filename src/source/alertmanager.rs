//! A client of the Alertmanager API, version 2: the alerts it holds, silenced and inhibited ones included.
//!
//! It knows alerts and no rules: what is not there may be inactive, or nobody may have told it yet.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::endpoint::{Endpoint, json};
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpAnswer, Witness};

/// One alert.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct HeldAlert {
    /// Its labels; its name is `alertname`.
    pub labels: BTreeMap<String, String>,
    /// Where it stands.
    pub status: Status,
    /// Since when, RFC 3339.
    #[serde(default, rename = "startsAt")]
    pub starts_at: Option<String>,
}

/// Where an alert stands.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Status {
    /// Does it reach somebody?
    pub state: State,
    /// The silences that hold it back.
    #[serde(default)]
    pub silenced_by: Vec<String>,
    /// The alerts that hold it back.
    #[serde(default)]
    pub inhibited_by: Vec<String>,
    /// The times in which nobody is told that hold it back; from 0.28 on.
    #[serde(default)]
    pub muted_by: Vec<String>,
}

impl Status {
    /// Is it held back, and nothing is named that does so?
    pub const fn is_held_back_by_nothing(&self) -> bool {
        matches!(self.state, State::Suppressed)
            && self.silenced_by.is_empty()
            && self.inhibited_by.is_empty()
            && self.muted_by.is_empty()
    }
}

/// Does an alert reach somebody?
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum State {
    /// Yes.
    Active,
    /// It is held back.
    Suppressed,
    /// Not decided yet.
    #[serde(other)]
    Unprocessed,
}

/// Every alert of an Alertmanager.
pub async fn alerts(endpoint: &Endpoint, witness: &Witness) -> Result<Vec<HeldAlert>, Unmeasurable> {
    let path = "/api/v2/alerts?active=true&silenced=true&inhibited=true&unprocessed=true";
    let answer = witness.http(endpoint.get(path)).await?;
    read(&answer, &format!("Alertmanager at {}", endpoint.url))
}

fn read(answer: &HttpAnswer, server: &str) -> Result<Vec<HeldAlert>, Unmeasurable> {
    if answer.status != 200 {
        let reason = json::<String>(answer, server).map_or_else(
            |problem| problem.reason,
            |message| format!("{server} answered {}: {}", answer.status, message.chars().take(200).collect::<String>()),
        );
        return Err(Unmeasurable::new(
            reason,
            "Look whether the address is that of an Alertmanager of version 0.16 or newer.",
        ));
    }
    json(answer, server)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer::new(status, body)
    }

    #[test]
    fn silenced_and_inhibited_alerts_are_told_apart_from_active_ones() {
        let body = include_str!("../../fixtures/kinds/alert-count/alertmanager.json");
        let alerts = read(&answer(200, body), "Alertmanager").expect("reads");
        let stand = |name: &str| {
            let alert = alerts.iter().find(|alert| alert.labels["alertname"] == name).expect("is there");
            (alert.status.state, alert.status.silenced_by.len(), alert.status.inhibited_by.len())
        };
        assert_eq!(stand("TargetDown"), (State::Active, 0, 0));
        assert_eq!(stand("Silenced"), (State::Suppressed, 1, 0));
        assert_eq!(stand("AlwaysOn"), (State::Suppressed, 0, 1));
    }

    #[test]
    fn a_refusal_is_no_empty_list() {
        let reason = |status, body| read(&answer(status, body), "Alertmanager").expect_err("refused").reason;
        assert_eq!(reason(400, "\"bad filter\""), "Alertmanager answered 400: bad filter");
        assert!(reason(404, "404 page not found").contains("not JSON"));
        assert!(reason(500, "[]").contains("JSON of another shape"));
        assert!(reason(200, "{\"status\":\"success\"}").contains("JSON of another shape"));
    }
}

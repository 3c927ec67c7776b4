//! A client of the Alertmanager API, version 2: the alerts it holds, silenced and inhibited ones included.
//!
//! It knows alerts and no rules: what is not there may be inactive, or nobody may have told it yet.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::endpoint::{Endpoint, json};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
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
    /// The times in which nobody is told that hold it back. Alertmanager itself tells them of groups alone, and lists such an
    /// alert as active here; others that speak this API may tell them.
    #[serde(default)]
    pub muted_by: Vec<String>,
}

impl Status {
    /// Does a silence or another alert hold it back?
    pub const fn is_silenced_or_inhibited(&self) -> bool {
        matches!(self.state, State::Suppressed) && !(self.silenced_by.is_empty() && self.inhibited_by.is_empty())
    }

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

/// Since when an Alertmanager runs, and its own clock where it tells.
pub async fn started(endpoint: &Endpoint, witness: &Witness) -> Result<(Instant, Option<Instant>), Unmeasurable> {
    let answer = witness.http(endpoint.get("/api/v2/status")).await?;
    started_in(&answer, &format!("Alertmanager at {}", endpoint.url))
}

/// What it calls its uptime is the moment it was started.
#[derive(Deserialize)]
struct Running {
    #[serde(default)]
    uptime: String,
}

fn started_in(answer: &HttpAnswer, server: &str) -> Result<(Instant, Option<Instant>), Unmeasurable> {
    let running: Running = read(answer, server)?;
    let started = running.uptime.parse().map_err(|_| {
        Unmeasurable::new(
            format!("{server} does not say since when it runs"),
            "Leave `min-uptime:` out where it is another server that speaks its API.",
        )
    })?;
    Ok((started, answer.headers.get("date").and_then(|date| Instant::from_http_date(date))))
}

fn read<T: DeserializeOwned>(answer: &HttpAnswer, server: &str) -> Result<T, Unmeasurable> {
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
        let alerts: Vec<HeldAlert> = read(&answer(200, body), "Alertmanager").expect("reads");
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
        let reason =
            |status, body| read::<Vec<HeldAlert>>(&answer(status, body), "Alertmanager").expect_err("refused").reason;
        assert_eq!(reason(400, "\"bad filter\""), "Alertmanager answered 400: bad filter");
        assert!(reason(404, "404 page not found").contains("not JSON"));
        assert!(reason(500, "[]").contains("JSON of another shape"));
        assert!(reason(200, "{\"status\":\"success\"}").contains("JSON of another shape"));
    }

    #[test]
    fn its_uptime_is_the_moment_it_was_started() {
        let started = |body| started_in(&answer(200, body), "Alertmanager");
        let body = r#"{"cluster": {"status": "disabled"}, "uptime": "2026-11-29T04:03:02.456Z", "versionInfo": {}}"#;
        let (at, clock) = started(body).expect("reads");
        assert_eq!((at.to_string().as_str(), clock), ("2026-11-29T04:03:02Z", None));
        for silent in ["{}", r#"{"uptime": "3h"}"#] {
            let reason = started(silent).expect_err("it does not say").reason;
            assert_eq!(reason, "Alertmanager does not say since when it runs");
        }
    }
}

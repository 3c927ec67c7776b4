//! A client of Grafana's alerting: the rules that Grafana evaluates itself, with their states, and those that it was
//! told to have.
//!
//! Source of the shapes: <https://grafana.com/docs/grafana/latest/developers/http_api/alerting_provisioning/>, and for
//! states and health <https://grafana.com/docs/grafana/latest/alerting/fundamentals/alert-rule-evaluation/state-and-health/>.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::endpoint::{Endpoint, beginning, json};
use super::prometheus::{Rules, rules};
use super::rule_files::{DeclaredAlert, DeclaredRules};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{HttpAnswer, Witness};

/// A rule as `provisioning` lists it.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Provisioned {
    title: String,
    #[serde(default)]
    rule_group: String,
    #[serde(default, rename = "folderUID")]
    folder: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    is_paused: bool,
    #[serde(default)]
    record: Option<serde::de::IgnoredAny>,
}

/// The rules that Grafana evaluates, with their states.
pub async fn rules(endpoint: &Endpoint, witness: &Witness) -> Result<Rules, Unmeasurable> {
    let answer = witness.http(endpoint.get("/api/prometheus/grafana/api/v1/rules")).await?;
    read(&answer, rules::time_of(&answer, witness).await?, &name(endpoint))
}

/// The rules that Grafana was told to have; how many of them are paused, as a sentence, beside them.
pub async fn provisioned(
    endpoint: &Endpoint,
    witness: &Witness,
) -> Result<(DeclaredRules, Option<String>), Unmeasurable> {
    let answer = witness.http(endpoint.get("/api/v1/provisioning/alert-rules")).await?;
    read_provisioned(&answer, &name(endpoint))
}

fn name(endpoint: &Endpoint) -> String {
    format!("Grafana at {}", endpoint.url)
}

fn read(answer: &HttpAnswer, now: Instant, server: &str) -> Result<Rules, Unmeasurable> {
    let mut all = Rules::default();
    let next = rules::read(answer, now, server, &mut all)?;
    if next.is_some() {
        return Err(Unmeasurable::new(
            format!("{server} answers a part of its rules only"),
            "Ask Grafana itself, without a limit on groups in between.",
        ));
    }
    Ok(all)
}

fn read_provisioned(answer: &HttpAnswer, server: &str) -> Result<(DeclaredRules, Option<String>), Unmeasurable> {
    if answer.status != 200 {
        let told = json::<BTreeMap<String, serde_json::Value>>(answer, server);
        let said = |known: BTreeMap<String, serde_json::Value>| {
            known.get("message").and_then(|text| text.as_str()).unwrap_or("it does not say why").to_owned()
        };
        return Err(Unmeasurable::new(
            match told {
                Ok(known) => format!("{server} answered {}: {}", answer.status, beginning(said(known).as_bytes())),
                Err(problem) => problem.reason,
            },
            "Look whether the address is right, and whether the token may read alert rules.",
        ));
    }
    let all: Vec<Provisioned> = json(answer, server)?;
    let groups: BTreeSet<(&str, &str)> =
        all.iter().map(|rule| (rule.folder.as_str(), rule.rule_group.as_str())).collect();
    let (groups, paused) = (groups.len(), all.iter().filter(|rule| rule.is_paused).count());
    let recording = all.iter().filter(|rule| rule.record.is_some()).count();
    let alerting = all
        .into_iter()
        .filter(|rule| rule.record.is_none())
        .map(|rule| DeclaredAlert { name: rule.title, labels: rule.labels.unwrap_or_default() })
        .collect();
    let note = (paused > 0).then(|| format!("{paused} rules are paused: they are counted, and are not evaluated."));
    Ok((DeclaredRules { groups, alerting, recording }, note))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::source::prometheus::{AlertState, Health};

    const STATES: &str = include_str!("../../fixtures/kinds/alert-count/made-up-grafana-rules.json");
    const PROVISIONED: &str = include_str!("../../fixtures/kinds/alert-count/made-up-grafana-provisioning.json");

    fn answer(status: u16, body: &str) -> HttpAnswer {
        HttpAnswer::new(status, body)
    }

    fn now() -> Instant {
        "2026-11-27T13:00:20Z".parse().expect("a time")
    }

    #[test]
    fn a_rule_without_data_with_an_error_paused_or_never_evaluated_is_in_no_state() {
        let rules = read(&answer(200, STATES), now(), "Grafana").expect("reads");
        let stand = |name: &str| {
            let rule = rules.all().find(|rule| rule.name == name).expect(name);
            (rule.state, rule.health, rule.is_evaluated())
        };
        assert_eq!(stand("HighLatency"), (Some(AlertState::Firing), Health::Ok, true));
        assert_eq!(stand("QueueGrows"), (Some(AlertState::Pending), Health::Ok, true));
        assert_eq!(stand("DiskFills"), (Some(AlertState::Inactive), Health::Ok, true));
        assert_eq!(stand("NoData"), (Some(AlertState::Inactive), Health::NoData, false));
        assert_eq!(stand("BadQuery"), (Some(AlertState::Inactive), Health::Err, false));
        // Grafana calls these three healthy.
        assert_eq!(stand("NoDataIsNormal"), (Some(AlertState::Inactive), Health::Ok, false));
        assert_eq!(stand("Paused"), (Some(AlertState::Inactive), Health::Ok, false));
        assert_eq!(stand("New"), (Some(AlertState::Inactive), Health::Ok, false));
    }

    #[test]
    fn its_words_for_states_are_read_with_their_reasons() {
        let state = |text: &str| AlertState::from(text.to_owned());
        for firing in ["firing", "Alerting", "Alerting (NoData)", "Alerting (Error)", "Recovering"] {
            assert_eq!(state(firing), AlertState::Firing, "{firing}");
        }
        for quiet in ["inactive", "Normal", "Normal (MissingSeries)"] {
            assert_eq!(state(quiet), AlertState::Inactive, "{quiet}");
        }
        for unknown in ["NoData", "Error", "Normal (NoData)", "Normal (Error, KeepLast)", "new", ""] {
            assert_eq!(state(unknown), AlertState::Other, "{unknown}");
        }
    }

    #[test]
    fn provisioned_rules_are_counted_and_have_no_states() {
        let (rules, note) = read_provisioned(&answer(200, PROVISIONED), "Grafana").expect("reads");
        assert_eq!((rules.groups, rules.alerting.len(), rules.recording), (2, 2, 1));
        assert_eq!(rules.alerting[0].labels["severity"], "critical");
        assert_eq!(note.as_deref(), Some("1 rules are paused: they are counted, and are not evaluated."));
    }

    #[test]
    fn a_refusal_is_no_empty_list() {
        let unauthorized =
            r#"{"message":"Unauthorized","messageId":"auth.unauthorized","statusCode":401,"traceID":""}"#;
        let reason = |status, body| read(&answer(status, body), now(), "Grafana").expect_err("refused").reason;
        assert_eq!(reason(401, unauthorized), "Grafana does not let us in: it answered 401");
        assert!(reason(404, r#"{"message":"Not found"}"#).contains("JSON of another shape"));
        let reason = |status, body| read_provisioned(&answer(status, body), "Grafana").expect_err("refused").reason;
        assert_eq!(reason(403, r#"{"message":"no permission"}"#), "Grafana answered 403: no permission");
        assert!(reason(404, "404 page not found").contains("not JSON"));
        assert!(reason(200, "{}").contains("JSON of another shape"));
    }

    proptest! {
        #[test]
        fn no_body_makes_it_panic(body in "[\\[\\]{}\",:a-z0-9 ]{0,80}", status in 100_u16..600) {
            let _either = read(&answer(status, &body), now(), "Grafana");
            let _either = read_provisioned(&answer(status, &body), "Grafana");
        }
    }
}

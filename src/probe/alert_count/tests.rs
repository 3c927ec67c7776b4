//! Tests of `alert_count`.

use proptest::prelude::*;

use super::*;
use crate::model::fact::Fact;
use crate::source::prometheus::Group;

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

fn count(facts: &Facts, fact: &str) -> u64 {
    match facts.get(fact) {
        Some(Value::Count(number)) => number.to_u64().expect("a count"),
        other => panic!("{fact} is {other:?}: {:?}", facts.facts.get(fact)),
    }
}

fn rows(facts: &Facts) -> Vec<Vec<Option<Value>>> {
    match facts.get("alerts") {
        Some(Value::Table(table)) => table.rows.clone(),
        other => panic!("alerts is {other:?}"),
    }
}

/// The groups of a captured answer.
fn captured() -> Rules {
    let answer: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/kinds/alert-count/prometheus-rules.json")).expect("JSON");
    let groups = serde_json::from_value(answer["data"]["groups"].clone()).expect("groups");
    Rules { groups, infos: Vec::new(), warnings: Vec::new() }
}

fn without_the_broken_rule() -> Rules {
    let mut rules = captured();
    for group in &mut rules.groups {
        group.rules.retain(|rule| rule.health == Health::Ok);
    }
    rules
}

#[test]
fn rules_are_counted_by_state_and_recording_rules_apart() {
    let facts = of_rules(&without_the_broken_rule(), "severity", "Prometheus");
    let counts =
        ["groups", "rules", "recording-rules", "unhealthy", "firing", "pending", "inactive", "firing-critical"];
    assert_eq!(counts.map(|fact| count(&facts, fact)), [2, 5, 1, 0, 3, 1, 1, 1]);
    assert_eq!(rows(&facts).len(), 4);
    assert_eq!(
        rows(&facts)[0][..4],
        [
            Some(Value::Text("TargetDown".to_owned())),
            Some(Value::Text("firing".to_owned())),
            Some(Value::Text("critical".to_owned())),
            Some(Value::Text("instance=\"127.0.0.1:29199\", job=\"gone\"".to_owned())),
        ]
    );
}

#[test]
fn a_rule_that_cannot_be_evaluated_is_no_silent_green() {
    let facts = of_rules(&captured(), "severity", "Prometheus");
    assert_eq!((count(&facts, "rules"), count(&facts, "unhealthy")), (6, 1));
    for (fact, known) in [("firing", 3), ("pending", 1), ("inactive", 1), ("firing-critical", 1)] {
        let unknown = "the rule \"CannotBeEvaluated\" is not evaluated, so nobody knows its state";
        assert_eq!(absent(&facts, fact), format!("{unknown}; {known} of the others are {fact}"));
    }
    assert!(facts.notes[0].starts_with("The rule \"CannotBeEvaluated\" cannot be evaluated: found duplicate series"));
}

#[test]
fn a_rule_that_was_not_evaluated_yet_has_no_state() {
    let rule = |extra: &str| -> Rule {
        serde_json::from_str(&format!(r#"{{"type": "alerting", "name": "A" {extra}}}"#)).expect("a rule")
    };
    for extra in [
        r#", "state": "inactive", "health": "unknown""#,
        r#", "state": "inactive""#,
        r#", "health": "ok""#,
        r#", "state": "new", "health": "ok""#,
    ] {
        let group = Group { name: "g".to_owned(), interval: None, rules: vec![rule(extra), rule(extra)] };
        let facts =
            of_rules(&Rules { groups: vec![group], infos: Vec::new(), warnings: Vec::new() }, "severity", "Prometheus");
        assert!(absent(&facts, "firing").starts_with("the rule \"A\" and 1 more"), "{extra}");
        match extra.contains(r#""ok""#) {
            true => assert_eq!(count(&facts, "unhealthy"), 0, "{extra}"),
            false => assert_eq!(
                absent(&facts, "unhealthy"),
                "the rule \"A\" is of unknown health, and 1 more are not known either",
                "{extra}"
            ),
        }
    }
}

#[test]
fn the_severity_may_have_another_name_and_may_stand_in_the_alert_alone() {
    let mut rules = without_the_broken_rule();
    let facts = of_rules(&rules, "priority", "Prometheus");
    assert_eq!(absent(&facts, "firing-critical"), "the alert \"TargetDown\" fires and has no label \"priority\"");
    for rule in rules.groups.iter_mut().flat_map(|group| &mut group.rules) {
        rule.labels.clear();
    }
    assert_eq!(count(&of_rules(&rules, "severity", "Prometheus"), "firing-critical"), 1);
}

#[test]
fn where_there_are_no_rules_nothing_is_known_to_be_quiet() {
    let facts = of_rules(&Rules::default(), "severity", "Prometheus");
    assert_eq!(count(&facts, "rules"), 0);
    assert_eq!(absent(&facts, "firing"), "there is no alerting rule that could fire");
}

#[test]
fn alertmanager_tells_active_from_silenced_and_inhibited_alerts_and_knows_no_rules() {
    let alerts: Vec<HeldAlert> =
        serde_json::from_str(include_str!("../../../fixtures/kinds/alert-count/alertmanager.json")).expect("alerts");
    let facts = of_alerts(&alerts, "severity");
    let counts = ["firing", "firing-critical", "silenced", "inhibited"];
    assert_eq!(counts.map(|fact| count(&facts, fact)), [1, 1, 1, 1]);
    assert_eq!(absent(&facts, "rules"), "Alertmanager knows alerts and no rules; ask Prometheus");
    let mut states: Vec<_> = rows(&facts).into_iter().map(|row| row[1].clone()).collect();
    states.sort_by_key(|state| format!("{state:?}"));
    assert_eq!(states, ["firing", "inhibited", "silenced"].map(|state| Some(Value::Text(state.to_owned()))));
}

#[test]
fn an_alert_that_fires_without_a_severity_may_be_a_critical_one() {
    let rules = |rules: &str| -> Rules {
        let group = format!(r#"{{"name": "g", "rules": [{rules}]}}"#);
        Rules { groups: vec![serde_json::from_str(&group).expect("a group")], ..Rules::default() }
    };
    let down = r#"{"type": "alerting", "name": "Down", "state": "firing", "health": "ok",
        "alerts": [{"labels": {"alertname": "Down"}, "state": "firing"}]}"#;
    let severe = r#"{"type": "alerting", "name": "Full", "state": "firing", "health": "ok", "labels": {"severity": "critical"}}"#;
    let mild = severe.replace("critical", "info");
    let template = severe.replace("critical", "{{ $labels.level }}");
    let of = |written: &str| of_rules(&rules(written), "severity", "Prometheus");
    let unknown = "the alert \"Down\" fires and has no label \"severity\"";
    assert_eq!(absent(&of(down), "firing-critical"), unknown);
    let known = format!("{unknown}; 1 of the others are firing-critical");
    assert_eq!(absent(&of(&format!("{severe}, {down}")), "firing-critical"), known);
    assert_eq!(count(&of(&mild), "firing-critical"), 0);
    assert_eq!(count(&of(severe), "firing-critical"), 1);
    absent(&of(&template), "firing-critical");
    let alert: HeldAlert =
        serde_json::from_str(r#"{"labels": {"alertname": "Down"}, "status": {"state": "active"}}"#).expect("an alert");
    assert_eq!(absent(&of_alerts(&[alert], "severity"), "firing-critical"), unknown);
}

#[test]
fn what_holds_an_alert_back_is_told_as_alertmanager_says_it() {
    let held = |more: &str| -> Facts {
        let alert = format!(
            r#"{{"labels": {{"alertname": "A", "severity": "critical"}}, "status": {{"state": "suppressed" {more}}}}}"#
        );
        of_alerts(&[serde_json::from_str(&alert).expect("an alert")], "severity")
    };
    let muted = held(r#", "mutedBy": ["weekend"]"#);
    assert_eq!((count(&muted, "silenced"), count(&muted, "inhibited"), count(&muted, "firing")), (0, 0, 1));
    assert!(muted.notes[0].starts_with("1 alert is muted"), "{:?}", muted.notes);
    assert_eq!(rows(&muted)[0][1], Some(Value::Text("muted".to_owned())));
    let unsaid = held("");
    for fact in ["silenced", "inhibited"] {
        assert_eq!(absent(&unsaid, fact), "the alert \"A\" is held back, and nothing says by what");
    }
    assert_eq!(rows(&unsaid)[0][1], Some(Value::Text("suppressed".to_owned())));
}

#[test]
fn what_grafana_could_not_look_at_leaves_the_number_of_firing_rules_unknown() {
    let answer: serde_json::Value =
        serde_json::from_str(include_str!("../../../fixtures/kinds/alert-count/made-up-grafana-rules.json"))
            .expect("JSON");
    let groups = serde_json::from_value(answer["data"]["groups"].clone()).expect("groups");
    let mut rules = Rules { groups, infos: Vec::new(), warnings: Vec::new() };
    let facts = of_rules(&rules, "severity", "Grafana");
    assert_eq!(["groups", "rules"].map(|fact| count(&facts, fact)), [2, 8]);
    let unsure = "the rule \"New\" was never evaluated; 2 of the others could not be evaluated";
    assert_eq!(absent(&facts, "unhealthy"), unsure);
    let unknown = "the rule \"NoData\" and 4 more are not evaluated, so nobody knows their states";
    assert_eq!(absent(&facts, "firing"), format!("{unknown}; 1 of the others are firing"));
    assert_eq!(facts.notes[0], "The rule \"NoData\" cannot be evaluated: there is no data");
    assert_eq!(facts.notes[1], "The rule \"BadQuery\" cannot be evaluated: data source not found");
    for group in &mut rules.groups {
        group.rules.retain(Rule::is_evaluated);
    }
    let facts = of_rules(&rules, "severity", "Grafana");
    let counts = ["rules", "unhealthy", "firing", "pending", "inactive", "firing-critical"];
    assert_eq!(counts.map(|fact| count(&facts, fact)), [3, 0, 1, 1, 1, 1]);
    // A series that is normal is no alert.
    let names: Vec<_> = rows(&facts).into_iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, ["HighLatency", "QueueGrows"].map(|name| Some(Value::Text(name.to_owned()))));
}

#[test]
fn files_declare_rules_and_nothing_fires_in_them() {
    let mut rules = DeclaredRules::default();
    rule_files::read(include_str!("../../../fixtures/kinds/alert-count/rules.yml"), &mut rules).expect("reads");
    let facts = of_declared(&rules, "severity", "a file says");
    assert_eq!(["groups", "rules", "recording-rules"].map(|fact| count(&facts, fact)), [2, 2, 1]);
    assert_eq!(absent(&facts, "firing"), "a file says which rules there are, and not what becomes of them");
    assert_eq!(rows(&facts)[0][2], Some(Value::Text("critical".to_owned())));
}

#[test]
fn a_server_is_an_address_or_a_mapping() {
    let short: AlertCount = serde_json::from_str(r#"{"prometheus": "http://h:1"}"#).expect("reads");
    let long: AlertCount =
        serde_json::from_str(r#"{"prometheus": {"url": "http://h:1", "severity-label": "level"}}"#).expect("reads");
    assert_eq!(serde_json::to_string(&short).expect("writes"), r#"{"prometheus":{"url":"http://h:1"}}"#);
    assert!(matches!(&long, AlertCount::Prometheus(TextOr(server)) if server.severity_label() == "level"));
    let wrong = |json: &str| serde_json::from_str::<AlertCount>(json).expect_err("refused").to_string();
    assert!(
        wrong(r#"{"graphana": "http://h"}"#).contains("expected one of `prometheus`, `alertmanager`, `rule-files`")
    );
    assert!(wrong(r#"{"prometheus": {"uri": "http://h"}}"#).contains("unknown field `uri`"));
    assert_eq!(serde_json::from_str::<AlertCount>(r#"{"prometheus": "h"}"#).expect("reads").problems().len(), 1);
}

proptest! {
    #[test]
    fn the_states_add_up_to_the_rules_or_are_absent(states in proptest::collection::vec(0..5_usize, 0..12)) {
        let written = [
            r#""state": "firing", "health": "ok""#, r#""state": "pending", "health": "ok""#,
            r#""state": "inactive", "health": "ok""#, r#""state": "inactive", "health": "err""#, r#""health": "ok""#,
        ];
        let rules: Vec<Rule> = states.iter().map(|state| {
            serde_json::from_str(&format!(r#"{{"type": "alerting", "name": "A", {}}}"#, written[*state])).expect("a rule")
        }).collect();
        let facts = of_rules(&Rules { groups: vec![Group { name: "g".to_owned(), interval: None, rules }], infos: Vec::new(), warnings: Vec::new() }, "severity", "Prometheus");
        if !states.is_empty() && states.iter().all(|state| *state < 3) {
            let sum: u64 = ["firing", "pending", "inactive"].iter().map(|fact| count(&facts, fact)).sum();
            prop_assert_eq!(sum, count(&facts, "rules"));
        } else {
            prop_assert_eq!(facts.get("firing"), None);
        }
        let names: Vec<_> = facts.facts.keys().map(String::as_str).collect();
        let mut declared: Vec<_> = AlertCount::FACTS.iter().map(|spec| spec.name.as_ref()).collect();
        declared.sort_unstable();
        prop_assert_eq!(names, declared);
    }
}

#[test]
fn an_alertmanager_that_was_just_started_has_no_zero_and_keeps_what_it_was_told() {
    let alerts: Vec<HeldAlert> =
        serde_json::from_str(include_str!("../../../fixtures/kinds/alert-count/alertmanager.json")).expect("alerts");
    let mut facts = of_alerts(&alerts, "severity");
    told_too_little(&mut facts, 40);
    let reason = "Alertmanager was started 40 s ago, and may not have been told yet of all that fires";
    for fact in ["firing", "firing-critical", "silenced", "inhibited", "alerts"] {
        assert_eq!(absent(&facts, fact), reason);
    }
    assert_eq!(facts.least["firing"], 1.into());
    let mut none = of_alerts(&[], "severity");
    told_too_little(&mut none, 40);
    assert_eq!((absent(&none, "firing"), none.least.len()), (reason, 0));
    let wrong: AlertCount =
        serde_json::from_str(r#"{"alertmanager": {"url": "http://h", "min-uptime": "soon"}}"#).expect("reads");
    assert!(wrong.problems()[0].0.starts_with("\"soon\""), "{:?}", wrong.problems());
}

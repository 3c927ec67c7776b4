//! Tests of `service_uptime`.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::look::{container_service, process_services, speaker_service, target_services};
use super::*;
use crate::model::fact::Fact;
use crate::source::docker::{Container, ContainerState};
use crate::source::process::Process;
use crate::source::prometheus::{Point, Samples, Series, Shape};
use crate::witness::HttpAnswer;

fn at(text: &str) -> Instant {
    text.parse().expect("a time")
}

fn now() -> Instant {
    at("2026-11-23T10:00:00Z")
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

fn docker(containers: &[(&str, Option<(ContainerState, &str)>)]) -> Facts {
    let mut seen = Seen { tells_health: true, tells_restarts: true, ..Seen::default() };
    for (name, container) in containers {
        let container = container.map(|(state, started)| Container {
            state,
            started: started.parse().ok(),
            exit_code: 0,
            restarts: 0,
        });
        seen.services.push(container_service(name, container.as_ref(), now(), &mut seen.notes));
    }
    facts(seen)
}

#[test]
fn the_youngest_of_those_that_run_says_how_long_all_have_been_up() {
    let facts = docker(&[
        ("web", Some((ContainerState::Running, "2026-11-23T08:00:00Z"))),
        ("db", Some((ContainerState::Healthy, "2026-11-23T09:00:00Z"))),
    ]);
    assert_eq!(facts.get("up"), Some(&Value::count(2)));
    assert_eq!(facts.get("min-uptime"), Some(&Value::seconds(3600)));
    assert_eq!(facts.get("max-uptime"), Some(&Value::seconds(7200)));
    assert_eq!(facts.get("started"), Some(&Value::Instant(at("2026-11-23T09:00:00Z"))));
}

#[test]
fn every_container_is_counted_exactly_once() {
    use ContainerState::{Created, Exited, Healthy, Paused, Restarting, Running, Starting, Unhealthy};
    let start = "2026-11-23T08:00:00Z";
    let states = [Running, Healthy, Starting, Unhealthy, Restarting, Created, Paused, Exited];
    let mut all: Vec<_> = states.iter().map(|state| ("x", Some((*state, start)))).collect();
    all.push(("gone", None));
    let facts = docker(&all);
    for (fact, count) in [("total", 9), ("up", 3), ("unhealthy", 1), ("restarting", 1), ("down", 4)] {
        assert_eq!(facts.get(fact), Some(&Value::count(count)), "{fact}");
    }
}

#[test]
fn one_that_is_down_leaves_the_shortest_uptime_absent_and_is_named() {
    let facts = docker(&[("web", Some((ContainerState::Running, "2026-11-23T08:00:00Z"))), ("gone", None)]);
    assert_eq!(absent(&facts, "min-uptime"), "not up: gone");
    assert_eq!(absent(&facts, "started"), "not up: gone");
    assert_eq!(facts.get("down"), Some(&Value::count(1)));
    assert_eq!(facts.notes, ["There is no container named \"gone\"; it counts as down."]);
}

#[test]
fn a_start_in_the_future_is_no_uptime() {
    let facts = docker(&[("web", Some((ContainerState::Running, "2026-11-23T10:00:01Z")))]);
    assert_eq!(absent(&facts, "min-uptime"), "nothing says how long these have been up: web");
    assert!(facts.notes[0].contains("the clocks differ"));
}

fn vector(series: &[(&str, &str, &str)]) -> Samples {
    let one = |(job, instance, value): &(&str, &str, &str)| Series {
        labels: [("job".to_owned(), (*job).to_owned()), ("instance".to_owned(), (*instance).to_owned())].into(),
        points: vec![Point::new(Number::zero(), (*value).to_owned())],
    };
    Samples { shape: Shape::Vector, series: series.iter().map(one).collect(), warnings: Vec::new() }
}

fn targets(names: &[&str], up: &[(&str, &str, &str)], starts: &[(&str, &str, &str)]) -> Facts {
    let names: Vec<_> = names.iter().map(|&name| name.to_owned()).collect();
    facts(target_services(&names, &vector(up), &vector(starts), now()))
}

#[test]
fn a_target_that_prometheus_has_not_scraped_is_no_data_and_not_down() {
    for names in [&["web"][..], &[]] {
        let facts = targets(names, &[], &[]);
        for fact in ["up", "down", "min-uptime", "max-uptime", "started"] {
            absent(&facts, fact);
        }
    }
    let facts = targets(&["web", "db"], &[("web", "h:1", "1")], &[]);
    assert_eq!(absent(&facts, "down"), "there is no data for db");
    assert_eq!(facts.get("total"), Some(&Value::count(2)));
}

#[test]
fn a_job_is_up_when_all_of_its_instances_are_and_as_young_as_the_youngest() {
    let up = [("web", "h:1", "1"), ("web", "h:2", "1"), ("db", "h:3", "0")];
    let starts = [("web", "h:1", "1795424400.61"), ("web", "h:2", "1795426200")];
    let facts = targets(&["web"], &up, &starts);
    assert_eq!(facts.get("up"), Some(&Value::count(1)));
    assert_eq!(facts.get("min-uptime"), Some(&Value::seconds(now().seconds() - 1_795_426_200)));
    let facts = targets(&["web", "h:3"], &up, &starts);
    assert_eq!(facts.get("down"), Some(&Value::count(1)));
    assert_eq!(absent(&facts, "unhealthy"), "this source does not tell");
}

#[test]
fn without_names_every_target_counts() {
    let facts = targets(&[], &[("web", "h:1", "1"), ("db", "h:3", "0")], &[("web", "h:1", "1795424400")]);
    assert_eq!(facts.get("total"), Some(&Value::count(2)));
    assert_eq!(absent(&facts, "min-uptime"), "not up: db h:3");
}

#[test]
fn a_job_whose_youngest_instance_may_be_one_that_does_not_say_has_no_uptime() {
    let up = [("web", "h:1", "1"), ("web", "h:2", "1")];
    let facts = targets(&["web"], &up, &[("web", "h:1", "1795424400")]);
    assert_eq!(absent(&facts, "min-uptime"), "nothing says how long these have been up: web");
}

#[test]
fn a_zombie_is_not_up_and_the_oldest_process_of_a_program_counts() {
    let process = |pid, zombie, age, program: &str| Process { pid, zombie, age, program: program.to_owned() };
    let all = [process(1, false, 500, "nginx"), process(2, false, 50, "nginx"), process(3, true, 9, "worker")];
    let asked = |names: &[&str], pids: &[u32]| Processes {
        names: names.iter().map(|&name| name.to_owned()).collect(),
        pids: pids.to_vec(),
    };
    let facts_of = |asked: &Processes| facts(process_services(asked, &all, now()));
    let healthy = facts_of(&asked(&["nginx"], &[2]));
    assert_eq!(healthy.get("up"), Some(&Value::count(2)));
    assert_eq!(healthy.get("max-uptime"), Some(&Value::seconds(500)));
    assert_eq!(healthy.get("min-uptime"), Some(&Value::seconds(50)));
    let broken = facts_of(&asked(&["worker", "postgres"], &[]));
    assert_eq!(broken.get("down"), Some(&Value::count(2)));
    assert_eq!(absent(&broken, "min-uptime"), "not up: worker, postgres");
}

fn speaker(started: Option<&str>, uptime: Option<&str>) -> Speaker {
    Speaker {
        name: "api".to_owned(),
        url: "http://h".to_owned(),
        started: started.map(str::to_owned),
        uptime: uptime.map(str::to_owned),
        ..Speaker::default()
    }
}

fn said(speaker: &Speaker, status: u16, body: &str) -> Result<(Facts, Service), Unmeasurable> {
    let body = body.as_bytes().to_vec();
    let answer = HttpAnswer { status, headers: BTreeMap::new(), body, elapsed: std::time::Duration::ZERO };
    let mut seen = Seen { tells_health: true, ..Seen::default() };
    let service = speaker_service(speaker, &answer, now(), &mut seen.notes)?;
    seen.services.push(service.clone());
    Ok((facts(seen), service))
}

#[test]
fn a_service_may_say_when_it_was_started_or_how_long_it_runs() {
    let hour = Some(&Value::seconds(3600)).cloned();
    let uptime = |speaker: &Speaker, body: &str| said(speaker, 200, body).expect("reads").0.get("min-uptime").cloned();
    assert_eq!(uptime(&speaker(Some(".at"), None), r#"{"at": "2026-11-23T09:00:00Z"}"#), hour);
    assert_eq!(uptime(&speaker(Some(".at"), None), r#"{"at": 1795424400}"#), hour);
    assert_eq!(uptime(&speaker(None, Some(".up")), r#"{"up": 3600}"#), hour);
    assert_eq!(uptime(&speaker(None, Some(".up")), r#"{"up": "1h"}"#), hour);
    let (_, service) = said(&speaker(None, Some(".up")), 200, r#"{"up": 3600.5}"#).expect("reads");
    assert_eq!(service.started, Some(at("2026-11-23T08:59:59Z")));
}

#[test]
fn a_service_that_answers_something_else_is_up_without_an_uptime_or_unhealthy_or_not_looked_at() {
    let (facts, _) = said(&speaker(Some(".at"), None), 200, "{}").expect("reads");
    assert_eq!(facts.get("up"), Some(&Value::count(1)));
    assert_eq!(absent(&facts, "min-uptime"), "nothing says how long these have been up: api");
    let (facts, _) = said(&speaker(Some(".at"), None), 503, "busy").expect("reads");
    assert_eq!(facts.get("unhealthy"), Some(&Value::count(1)));
    absent(&facts, "min-uptime");
    assert!(said(&speaker(Some(".at"), None), 200, "<html>").is_err());
    assert!(said(&speaker(Some(".at"), None), 401, "").is_err());
}

#[test]
fn mistakes_in_the_options_are_found_before_anything_is_asked() {
    let problems = |json: &str| {
        let kind: ServiceUptime = serde_json::from_str(json).expect("reads");
        kind.problems().into_iter().map(|(message, _)| message).collect::<Vec<_>>()
    };
    assert_eq!(problems(r#"{"docker": {"containers": []}}"#), ["no container is named"]);
    assert_eq!(problems(r#"{"process": {}}"#), ["no process is named"]);
    assert_eq!(
        problems(r#"{"http": {"services": [{"name": "a", "url": "h"}]}}"#),
        ["\"h\" is not an address: relative URL without a base", "\"a\" has neither `started` nor `uptime`"]
    );
    assert_eq!(problems(r#"{"docker": {"containers": ["a"], "socket": "/s", "host": "http://h:1"}}"#).len(), 1);
    assert!(serde_json::from_str::<ServiceUptime>(r#"{"docker": {"container": ["a"]}}"#).is_err());
    assert!(serde_json::from_str::<ServiceUptime>(r#"{"systemd": {}}"#).is_err());
}

proptest! {
    #[test]
    fn the_shortest_uptime_is_there_only_when_every_service_runs(stands in proptest::collection::vec((0..5_usize, 0..1000_u32), 0..8)) {
        let kinds = [Stand::Up, Stand::Unhealthy, Stand::Restarting, Stand::Down, Stand::NoData];
        let services: Vec<_> = stands.iter().map(|(stand, uptime)| Service {
            name: "x".to_owned(), stand: kinds[*stand], word: String::new(), started: None, uptime: Some(Number::from(*uptime)),
        }).collect();
        let all_run = !services.is_empty() && services.iter().all(Service::runs);
        let facts = facts(Seen { services, tells_health: true, tells_restarts: true, notes: Vec::new() });
        prop_assert_eq!(facts.get("min-uptime").is_some(), all_run);
        let names: Vec<_> = facts.facts.keys().map(String::as_str).collect();
        let mut declared: Vec<_> = ServiceUptime::FACTS.iter().map(|spec| spec.name.as_ref()).collect();
        declared.sort_unstable();
        prop_assert_eq!(names, declared);
    }
}

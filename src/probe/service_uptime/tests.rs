//! Tests of `service_uptime`.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::cluster::{pod_services, workload_service};
use super::look::{clock, process_services, speaker_service, target_services, without_stale};
use super::*;
use crate::model::fact::Fact;
use crate::source::docker::{Container, ContainerState};
use crate::source::kubernetes::{Pod, PodState};
use crate::source::process::Process;
use crate::source::prometheus::{Point, Samples, Series, Shape};
use crate::source::supervisord::{ProcessState, Program};
use crate::source::systemd::Unit;
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
            id: (*name).to_owned(),
            state,
            started: started.parse().ok(),
            exit_code: 0,
            restarts: 0,
            clock: None,
        });
        seen.services.push(containers::service(name, container.as_ref(), now(), &mut seen.notes));
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
fn a_start_in_the_future_is_no_uptime_and_both_times_are_named() {
    let facts = docker(&[("web", Some((ContainerState::Running, "2026-11-23T10:07:00Z")))]);
    let reason = "the clocks differ: web was started at 2026-11-23T10:07:00Z, and it is 2026-11-23T10:00:00Z here";
    for fact in ["min-uptime", "started"] {
        assert_eq!(absent(&facts, fact), reason, "{fact}");
    }
    absent(&facts, "max-uptime");
    assert_eq!(facts.get("up"), Some(&Value::count(1)));
}

#[test]
fn clocks_that_differ_by_a_little_leave_an_uptime_of_zero_and_a_note() {
    let facts = docker(&[("web", Some((ContainerState::Running, "2026-11-23T10:00:02Z")))]);
    assert_eq!(facts.get("min-uptime"), Some(&Value::seconds(0)));
    assert_eq!(
        facts.notes,
        [
            "\"web\" was started at 2026-11-23T10:00:02Z, 2 s after the 2026-11-23T10:00:00Z it is here; its uptime counts as 0."
        ]
    );
}

#[test]
fn the_clock_of_the_server_counts_where_it_differs_by_more_than_a_little() {
    let mut notes = Vec::new();
    let server = |text| clock(Some(at(text)), now(), "The engine", &mut Vec::new());
    assert_eq!(server("2026-11-23T10:00:05Z"), now());
    assert_eq!(clock(None, now(), "The engine", &mut notes), now());
    assert_eq!(notes, Vec::<String>::new());
    assert_eq!(clock(Some(at("2026-11-23T10:09:00Z")), now(), "The engine", &mut notes), at("2026-11-23T10:09:00Z"));
    assert_eq!(
        notes,
        [
            "The engine has 2026-11-23T10:09:00Z where it is 2026-11-23T10:00:00Z here; uptimes are counted by the former."
        ]
    );
}

fn unit(active: &str, sub: &str, starts_as: &str, restarts: u64) -> Unit {
    Unit {
        load: "loaded".to_owned(),
        active: active.to_owned(),
        sub: sub.to_owned(),
        starts_as: starts_as.to_owned(),
        result: "success".to_owned(),
        restarts: Some(restarts),
        started: Some(at("2026-11-23T09:00:00Z")),
        ..Unit::default()
    }
}

#[test]
fn a_unit_is_up_when_it_is_active_and_something_of_it_is_there() {
    use Stand::{Down, NoData, Restarting, Up};
    let stand = |unit: &Unit| units::service("x", unit, now(), &mut Vec::new()).stand;
    for (active, sub, starts_as, restarts, expected) in [
        ("active", "running", "simple", 0, Up),
        ("reloading", "reload", "notify", 0, Up),
        ("active", "listening", "", 0, Up),
        ("active", "exited", "oneshot", 0, Up),
        // A unit with RemainAfterExit= whose process ended, and an old init script whose daemon died.
        ("active", "exited", "simple", 0, Down),
        ("active", "exited", "forking", 0, Down),
        ("inactive", "dead", "oneshot", 0, Down),
        ("inactive", "dead", "simple", 0, Down),
        ("failed", "failed", "simple", 5, Down),
        ("activating", "start", "notify", 0, Down),
        ("activating", "auto-restart", "simple", 0, Restarting),
        ("activating", "start-pre", "simple", 3, Restarting),
        ("deactivating", "stop-sigterm", "simple", 0, Down),
        ("something-new", "x", "simple", 0, NoData),
    ] {
        assert_eq!(stand(&unit(active, sub, starts_as, restarts)), expected, "{active} {sub} {starts_as}");
    }
    // `Result=success` also where nothing is.
    let missing = Unit { load: "not-found".to_owned(), ..unit("inactive", "dead", "", 0) };
    assert_eq!(stand(&missing), Down);
    let mut notes = Vec::new();
    let masked = Unit { load: "masked".to_owned(), ..unit("active", "running", "simple", 0) };
    assert_eq!(units::service("x", &masked, now(), &mut notes).stand, Up, "it runs from before");
    assert_eq!(notes, ["The unit \"x\" is masked: systemd could not start it now."]);
}

#[test]
fn a_unit_whose_start_cannot_be_read_has_no_uptime() {
    let written = Some("Mon 2026-11-23 10:00:00 CET".to_owned());
    let one = Unit { started: None, unreadable: written, ..unit("active", "running", "simple", 0) };
    let services = vec![units::service("web", &one, now(), &mut Vec::new())];
    let facts = facts(Seen { services, tells_restarts: true, ..Seen::default() });
    assert_eq!(
        absent(&facts, "min-uptime"),
        "systemd says that web was started at \"Mon 2026-11-23 10:00:00 CET\", and not in UTC as it was asked to"
    );
    assert_eq!(absent(&facts, "unhealthy"), "this source does not tell");
}

fn program(group: &str, name: &str, state: ProcessState, started: &str) -> Program {
    Program {
        group: group.to_owned(),
        name: name.to_owned(),
        state,
        started: started.parse().ok(),
        ended: false,
        now: now(),
        exit_status: 0,
        error: String::new(),
    }
}

#[test]
fn a_group_is_as_well_as_its_worst_process_and_as_young_as_its_youngest() {
    use ProcessState::{Backoff, Fatal, Running, Unknown};
    let of = |states: [ProcessState; 2]| {
        let all = [
            program("web", "web_00", states[0], "2026-11-23T08:00:00Z"),
            program("web", "web_01", states[1], "2026-11-23T09:00:00Z"),
            program("db", "db", Running, "2026-11-23T07:00:00Z"),
        ];
        programs::services(&["web".to_owned(), "db".to_owned()], &all)
    };
    let facts_of = |states| facts(of(states));
    let well = facts_of([Running, Running]);
    assert_eq!((well.get("up"), well.get("min-uptime")), (Some(&Value::count(2)), Some(&Value::seconds(3600))));
    assert_eq!(well.get("max-uptime"), Some(&Value::seconds(3 * 3600)));
    let half = facts_of([Running, Fatal]);
    assert_eq!((half.get("up"), half.get("down")), (Some(&Value::count(1)), Some(&Value::count(1))));
    assert_eq!(absent(&half, "min-uptime"), "not up: web");
    assert_eq!(facts_of([Running, Backoff]).get("restarting"), Some(&Value::count(1)));
    assert_eq!(absent(&facts_of([Running, Unknown]), "up"), "there is no data for web");
    assert_eq!(of([Running, Fatal]).services[0].word, "1 of 2 running");
}

#[test]
fn a_program_that_supervisord_does_not_know_is_down_and_none_at_all_is_nothing_to_look_at() {
    let facts_of = |names: &[String], all: &[Program]| facts(programs::services(names, all));
    let missing = facts_of(&["nosuch".to_owned()], &[]);
    assert_eq!((missing.get("down"), absent(&missing, "min-uptime")), (Some(&Value::count(1)), "not up: nosuch"));
    let nothing = facts_of(&[], &[]);
    assert_eq!(absent(&nothing, "up"), "there is no service to look at");
    // Its clock was set back since the program was started.
    let ahead = [program("web", "web", ProcessState::Running, "2026-11-23T11:00:00Z")];
    assert!(absent(&facts_of(&[], &ahead), "min-uptime").starts_with("the clocks differ: web was started at "));
}

fn pod(state: PodState, started: Option<&str>, reason: Option<&str>) -> Pod {
    Pod {
        name: "one".to_owned(),
        labels: BTreeMap::new(),
        state,
        reason: reason.map(str::to_owned),
        started: started.map(at),
        restarts: 0,
    }
}

#[test]
fn every_pod_is_counted_once_but_for_those_that_are_done() {
    use PodState::{Ended, Failed, NotReady, Pending, Ready, Restarting, Succeeded, Terminating};
    let started = Some("2026-11-23T09:00:00Z");
    let states = [Ready, NotReady, Restarting, Pending, Ended, Succeeded, Failed, Terminating];
    let pods: Vec<_> = states.iter().map(|state| pod(*state, started, None)).collect();
    let found = facts(pod_services(&pods, now()));
    for (fact, count) in [("total", 7), ("up", 1), ("unhealthy", 1), ("restarting", 1), ("down", 4)] {
        assert_eq!(found.get(fact), Some(&Value::count(count)), "{fact}");
    }
    assert!(found.notes.iter().any(|note| note.starts_with("1 pod(s) did their work")), "{:?}", found.notes);
    let lost = facts(pod_services(&[pod(PodState::Unknown, started, Some("NodeLost"))], now()));
    assert_eq!(absent(&lost, "up"), "there is no data for one");
    let none = facts(pod_services(&[], now()));
    assert_eq!(absent(&none, "down"), "there is no service to look at");
    let done = facts(pod_services(&[pod(Succeeded, None, None)], now()));
    assert_eq!(absent(&done, "min-uptime"), "there is no service to look at");
}

#[test]
fn a_workload_that_does_not_exist_is_down() {
    let mut notes = Vec::new();
    let service = workload_service("deployment/nosuch", None, &[], now(), &mut notes);
    assert_eq!((service.stand, service.word.as_str()), (Stand::Down, "missing"));
    assert_eq!(notes, ["There is no deployment/nosuch; it counts as down."]);
}

fn vector(series: &[(&str, &str, &str)]) -> Samples {
    let one = |(job, instance, value): &(&str, &str, &str)| Series {
        labels: [("job".to_owned(), (*job).to_owned()), ("instance".to_owned(), (*instance).to_owned())].into(),
        points: vec![Point::new(Number::zero(), (*value).to_owned())],
    };
    Samples { shape: Shape::Vector, series: series.iter().map(one).collect(), infos: Vec::new(), warnings: Vec::new() }
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
fn of_several_processes_behind_one_target_the_youngest_counts_whatever_their_order() {
    let up = [("web", "h:1", "1")];
    for starts in [
        [("web", "h:1", "1795424400"), ("web", "h:1", "1795426200")],
        [("web", "h:1", "1795426200"), ("web", "h:1", "1795424400")],
    ] {
        let facts = targets(&["web"], &up, &starts);
        assert_eq!(facts.get("min-uptime"), Some(&Value::seconds(now().seconds() - 1_795_426_200)));
    }
}

#[test]
fn a_process_that_starts_in_the_future_of_prometheus_has_no_uptime() {
    let facts = targets(&["web"], &[("web", "h:1", "1")], &[("web", "h:1", "1795429000")]);
    assert!(absent(&facts, "min-uptime").starts_with("the clocks differ: web was started at 2026-11-23T"));
}

#[test]
fn a_target_whose_newest_sample_is_old_is_no_data() {
    let mut up = vector(&[("web", "h:1", "1"), ("db", "h:2", "1"), ("mq", "h:3", "1")]);
    for series in &mut up.series {
        series.points[0].at = Number::from(now().seconds());
    }
    let times = vector(&[("web", "h:1", "1795427990"), ("db", "h:2", "1795427700.5")]);
    let notes = without_stale(&mut up, &times, &Number::from(120));
    assert_eq!(
        notes,
        [
            "The newest sample of db h:2 is 300 s old: no data.",
            "The newest sample of mq h:3 is of no known age: no data."
        ]
    );
    let names = ["web", "db", "mq"].map(str::to_owned);
    let facts = facts(target_services(&names, &up, &vector(&[]), now()));
    assert_eq!(absent(&facts, "up"), "there is no data for db, mq");
}

/// Two targets of one job and instance, in two clusters.
fn twins(values: [&str; 2]) -> Samples {
    let mut twins = vector(&values.map(|value| ("node", "h:1", value)));
    for (series, cluster) in twins.series.iter_mut().zip(["a", "b"]) {
        series.labels.insert("cluster".to_owned(), cluster.to_owned());
        series.points[0].at = Number::from(now().seconds());
    }
    twins
}

#[test]
fn the_twin_of_a_target_in_another_cluster_does_not_speak_for_it() {
    let mut up = twins(["1", "1"]);
    let notes = without_stale(&mut up, &twins(["1795427700", "1795427990"]), &Number::from(60));
    assert_eq!(notes, ["The newest sample of node h:1 is 300 s old: no data."]);
    let names = ["node".to_owned()];
    let uptime = |starts: &Samples| facts(target_services(&names, &twins(["1", "1"]), starts, now()));
    let starts = twins(["1795424400", "1795420800"]);
    assert_eq!(uptime(&starts).get("min-uptime"), Some(&Value::seconds(3600)));
    for one in &starts.series {
        let half = Samples { series: vec![one.clone(), one.clone()], ..starts.clone() };
        assert_eq!(absent(&uptime(&half), "min-uptime"), "nothing says how long these have been up: node");
    }
}

#[test]
fn an_uptime_and_a_start_that_cannot_both_be_true_are_no_uptime() {
    let both = speaker(Some(".at"), Some(".up"));
    let uptime = |body: &str| said(&both, 200, body).expect("reads").0;
    let wrong = uptime(r#"{"at": 1795427940, "up": 999999}"#);
    assert_eq!(
        absent(&wrong, "min-uptime"),
        "uptime and start contradict each other: api says that it has been up for 999999 s, and that it was started at \
         2026-11-23T09:59:00Z"
    );
    absent(&uptime(r#"{"at": 1795427940, "up": "2 d"}"#), "min-uptime");
    absent(&uptime(r#"{"at": 1795429000, "up": 3600}"#), "min-uptime");
    assert_eq!(uptime(r#"{"at": 1795424400, "up": 3604}"#).get("min-uptime"), Some(&Value::seconds(3604)));
    assert_eq!(uptime(r#"{"at": 1795422600, "up": "1h"}"#).get("min-uptime"), Some(&Value::seconds(3600)));
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
    let answer = HttpAnswer::new(status, body);
    let mut seen = Seen { tells_health: true, ..Seen::default() };
    let service = speaker_service(speaker, &answer, now(), &mut seen.notes)?;
    seen.services.push(service.clone());
    Ok((facts(seen), service))
}

#[test]
fn how_long_another_place_runs_is_not_asked() {
    let speaker = speaker(None, Some(".up"));
    let at =
        |location: &str| HttpAnswer { location: Some(location.to_owned()), ..HttpAnswer::new(200, r#"{"up": 3600}"#) };
    let problem = speaker_service(&speaker, &at("http://portal/login"), now(), &mut Vec::new()).unwrap_err();
    assert_eq!(problem.reason, "\"api\" does not say since when it runs: sent on to http://portal/login");
    assert!(speaker_service(&speaker, &at("http://h/"), now(), &mut Vec::new()).is_ok(), "the same place");
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
fn a_start_that_stands_for_none_is_no_start() {
    let at = speaker(Some(".at"), None);
    for none in [r#""0001-01-01T00:00:00Z""#, "0", r#""1970-01-01T00:00:10Z""#] {
        let (facts, service) = said(&at, 200, &format!("{{\"at\": {none}}}")).expect("reads");
        for fact in ["min-uptime", "started"] {
            assert!(absent(&facts, fact).ends_with("which stands for no start at all"), "{none}: {facts:?}");
        }
        absent(&facts, "max-uptime");
        assert_eq!((service.started, service.uptime), (None, None), "{none}");
    }
    let up = speaker(None, Some(".up"));
    for epoch in ["1795428193", "1795428193000", "-3"] {
        let (facts, _) = said(&up, 200, &format!("{{\"up\": {epoch}}}")).expect("reads");
        assert_eq!(absent(&facts, "min-uptime"), format!("\"api\" says that it has been up for {epoch} s"));
    }
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
    assert_eq!(
        problems(r#"{"docker": {"containers": ["a"], "compose-project": "shop"}}"#),
        ["containers are given by name and by label"]
    );
    assert_eq!(problems(r#"{"docker": {"compose-project": "shop", "labels": ["tier=front"]}}"#), Vec::<String>::new());
    assert_eq!(problems(r#"{"systemd": {"units": []}}"#), ["no unit is named"]);
    assert_eq!(
        problems(r#"{"systemd": {"units": ["nginx", "ngin*", "--all", "${UNIT}"]}}"#),
        ["\"ngin*\" is not the name of a unit", "\"--all\" is not the name of a unit"]
    );
    let backslash = r#"{"systemd": {"units": ["a\\x2db.mount"], "through": ["THROUGH", "h"]}}"#;
    assert_eq!(problems(&backslash.replace("THROUGH", "/usr/bin/ssh")).len(), 1);
    assert_eq!(problems(&backslash.replace("THROUGH", "machine-shell")), Vec::<String>::new());
    assert_eq!(problems(r#"{"supervisord": {"socket": "/s", "host": "http://h:1"}}"#).len(), 1);
    assert_eq!(problems(r#"{"supervisord": {}}"#), Vec::<String>::new());
    assert_eq!(
        problems(r#"{"kubernetes": {"workloads": ["web", "pod/x", "deployment/", "sts/db"], "selector": "app=web"}}"#),
        [
            "\"web\" is not a workload",
            "\"pod/x\" is not a workload",
            "\"deployment/\" is not a workload",
            "both `workloads` and `selector` are given"
        ]
    );
    assert_eq!(
        problems(r#"{"prometheus": {"url": "http://h", "max-age": "soon"}}"#),
        ["\"soon\" is not a length of time: write 90s, 47h, 1h30m or 14d"]
    );
    let both =
        serde_json::from_str::<ServiceUptime>(r#"{"docker": {"containers": ["a"]}, "systemd": {"units": ["a"]}}"#);
    assert!(both.is_err(), "one source at a time");
}

proptest! {
    #[test]
    fn the_shortest_uptime_is_there_only_when_every_service_runs(stands in proptest::collection::vec((0..5_usize, 0..1000_u32), 0..8)) {
        let kinds = [Stand::Up, Stand::Unhealthy, Stand::Restarting, Stand::Down, Stand::NoData];
        let services: Vec<_> = stands.iter().map(|(stand, uptime)| Service {
            uptime: Some(Number::from(*uptime)), ..Service::new("x", kinds[*stand], "")
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

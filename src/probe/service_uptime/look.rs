//! What each source says of its services.

use std::collections::BTreeMap;

use super::{Containers, Processes, Seen, Service, Speaker, Speakers, Stand, Targets};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::docker::{Container, ContainerState, Engine};
use crate::source::endpoint::{beginning, not_let_in};
use crate::source::jq::{Filter, Json};
use crate::source::process::{Process, processes};
use crate::source::prometheus::{Prometheus, Samples, Series};
use crate::witness::{HttpAnswer, Witness};

const DOCKER_SOCKET: &str = "/var/run/docker.sock";

/// How long ago `started` was; a start that is still to come says that two clocks differ, and so it says nothing.
fn age(started: Option<Instant>, now: Instant) -> Option<Number> {
    started.map(|started| now.seconds_since(started)).filter(|age| *age >= 0).map(Number::from)
}

/// A number of seconds since 1970, to the second below.
fn instant(seconds: &Number) -> Option<Instant> {
    // Exact: 1795421278.61 is 179542127861/100.
    let text = seconds.to_string();
    let whole = text.split_once('.').map_or(text.as_str(), |(whole, _)| whole);
    whole.parse().ok().and_then(Instant::from_seconds).filter(|_| !seconds.is_negative())
}

pub(super) async fn at_containers(asked: &Containers, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let engine = match (&asked.host, &asked.socket) {
        (Some(host), _) => Engine::Host(host),
        (None, socket) => Engine::Socket(socket.as_deref().unwrap_or(DOCKER_SOCKET)),
    };
    let mut containers = Vec::new();
    for name in &asked.containers {
        containers.push((name, engine.container(name, witness).await?));
    }
    // Asked last, so that nothing seems to have been started in the future.
    let now = witness.now().await?;
    let mut seen = Seen { tells_health: true, tells_restarts: true, ..Seen::default() };
    for (name, container) in containers {
        seen.services.push(container_service(name, container.as_ref(), now, &mut seen.notes));
    }
    Ok(seen)
}

pub(super) fn container_service(
    name: &str,
    container: Option<&Container>,
    now: Instant,
    notes: &mut Vec<String>,
) -> Service {
    let Some(container) = container else {
        notes.push(format!("There is no container named \"{name}\"; it counts as down."));
        return Service {
            name: name.to_owned(),
            stand: Stand::Down,
            word: "missing".into(),
            started: None,
            uptime: None,
        };
    };
    let (stand, word) = match container.state {
        ContainerState::Running => (Stand::Up, "running"),
        ContainerState::Healthy => (Stand::Up, "healthy"),
        ContainerState::Starting => (Stand::Up, "starting"),
        ContainerState::Unhealthy => (Stand::Unhealthy, "unhealthy"),
        ContainerState::Restarting => (Stand::Restarting, "restarting"),
        ContainerState::Created => (Stand::Down, "created"),
        ContainerState::Paused => (Stand::Down, "paused"),
        ContainerState::Exited => (Stand::Down, "exited"),
        ContainerState::Dead => (Stand::Down, "dead"),
    };
    match container.state {
        ContainerState::Starting => notes.push(format!("\"{name}\" runs, and has not passed its health check yet.")),
        ContainerState::Exited | ContainerState::Restarting => {
            notes.push(format!("\"{name}\" ended with exit code {}.", container.exit_code));
        }
        _ => {}
    }
    if container.restarts > 0 {
        notes.push(format!("The engine has restarted \"{name}\" {} time(s).", container.restarts));
    }
    let started = container.started;
    let uptime = age(started, now);
    if started.is_some() && uptime.is_none() {
        notes.push(format!("\"{name}\" was started in what is the future here: the clocks differ."));
    }
    Service { name: name.to_owned(), stand, word: word.to_owned(), started, uptime }
}

pub(super) async fn at_targets(asked: &Targets, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let endpoint = asked.endpoint();
    let server = Prometheus { endpoint: &endpoint, witness };
    let up = server.query("up").await?;
    let starts = server.query("process_start_time_seconds").await?;
    Ok(target_services(&asked.services, &up, &starts, witness.now().await?))
}

/// What tells a target from the others.
fn target(series: &Series) -> (&str, &str) {
    let label = |name| series.labels.get(name).map_or("", String::as_str);
    (label("job"), label("instance"))
}

pub(super) fn target_services(names: &[String], up: &Samples, starts: &Samples, now: Instant) -> Seen {
    let started: BTreeMap<_, _> = starts
        .series
        .iter()
        .filter_map(|series| Some((target(series), instant(series.points.last()?.value.as_ref()?)?)))
        .collect();
    let mut notes: Vec<_> =
        up.warnings.iter().chain(&starts.warnings).map(|warning| format!("Prometheus warns: {warning}")).collect();
    let service = |name: &str, targets: &[&Series]| {
        let values: Vec<_> =
            targets.iter().map(|series| series.points.last().and_then(|point| point.value.clone())).collect();
        let alive = values.iter().filter(|value| **value == Some(Number::one())).count();
        let (stand, word) = match values.len() {
            0 => (Stand::NoData, "no data".to_owned()),
            _ if values.iter().any(Option::is_none) => (Stand::NoData, "no data".to_owned()),
            all if alive == all => (Stand::Up, "up".to_owned()),
            1 => (Stand::Down, "down".to_owned()),
            all => (Stand::Down, format!("{alive} of {all} up")),
        };
        // All of its targets must say it, or the youngest might be one that does not.
        let starts: Option<Vec<_>> = targets.iter().map(|series| started.get(&target(series)).copied()).collect();
        let started = starts.and_then(|starts| starts.into_iter().max());
        Service { name: name.to_owned(), stand, word, started, uptime: age(started, now) }
    };
    let services = if names.is_empty() {
        notes.extend(up.series.is_empty().then(|| "Prometheus has not scraped any target yet.".to_owned()));
        up.series.iter().map(|series| service(&full_name(series), &[series])).collect()
    } else {
        let of = |name: &str| -> Vec<_> {
            up.series.iter().filter(|series| target(series).0 == name || target(series).1 == name).collect()
        };
        names.iter().map(|name| service(name, &of(name))).collect()
    };
    Seen { services, notes, ..Seen::default() }
}

fn full_name(series: &Series) -> String {
    let (job, instance) = target(series);
    format!("{job} {instance}").trim().to_owned()
}

pub(super) async fn at_processes(asked: &Processes, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let all = processes(witness).await?;
    Ok(process_services(asked, &all, witness.now().await?))
}

pub(super) fn process_services(asked: &Processes, all: &[Process], now: Instant) -> Seen {
    let mut notes = Vec::new();
    let mut service = |name: String, matching: Vec<&Process>| {
        let oldest = matching.iter().filter(|process| !process.zombie).map(|process| process.age).max();
        let zombies = matching.iter().filter(|process| process.zombie).count();
        if zombies > 0 {
            notes.push(format!("{zombies} process(es) of \"{name}\" ended and were not cleared away."));
        }
        let started = oldest.and_then(|age| Instant::from_seconds(now.seconds() - i64::try_from(age).ok()?));
        let (stand, word) = match (oldest, zombies) {
            (Some(_), _) => (Stand::Up, "running"),
            (None, 0) => (Stand::Down, "missing"),
            (None, _) => (Stand::Down, "zombie"),
        };
        Service { name, stand, word: word.to_owned(), started, uptime: oldest.map(Number::from) }
    };
    let mut services = Vec::new();
    for name in &asked.names {
        services.push(service(name.clone(), all.iter().filter(|process| process.runs(name)).collect()));
    }
    for pid in &asked.pids {
        services.push(service(format!("process {pid}"), all.iter().filter(|process| process.pid == *pid).collect()));
    }
    Seen { services, notes, ..Seen::default() }
}

pub(super) async fn at_speakers(asked: &Speakers, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let mut seen = Seen { tells_health: true, ..Seen::default() };
    for speaker in &asked.services {
        let answer = witness
            .http(speaker.endpoint().get_itself())
            .await
            .map_err(|problem| Unmeasurable::new(format!("{}: {}", speaker.name, problem.reason), problem.help))?;
        let now = witness.now().await?;
        seen.services.push(speaker_service(speaker, &answer, now, &mut seen.notes)?);
    }
    Ok(seen)
}

pub(super) fn speaker_service(
    speaker: &Speaker,
    answer: &HttpAnswer,
    now: Instant,
    notes: &mut Vec<String>,
) -> Result<Service, Unmeasurable> {
    let name = speaker.name.clone();
    if let Some(refused) = not_let_in(answer, &name) {
        return Err(refused);
    }
    if !(200..300).contains(&answer.status) {
        notes.push(format!("\"{name}\" answered {}: {}", answer.status, beginning(&answer.body)));
        let word = format!("answers {}", answer.status);
        return Ok(Service { name, stand: Stand::Unhealthy, word, started: None, uptime: None });
    }
    let ask = |filter: &Option<String>| -> Result<Option<Json>, Unmeasurable> {
        let Some(filter) = filter else { return Ok(None) };
        let found = Filter::compile(filter).and_then(|filter| filter.first(&answer.body));
        found.map_err(|problem| Unmeasurable::new(format!("{name}: {}", problem.message), problem.help))
    };
    let started = ask(&speaker.started)?.and_then(|json| match json {
        Json::Number(seconds) => instant(&seconds),
        Json::Text(text) => text.parse().ok(),
        _ => None,
    });
    let said = ask(&speaker.uptime)?.and_then(|json| match json {
        Json::Number(seconds) => Some(seconds),
        Json::Text(text) => text.parse().ok().or_else(|| parse_duration(&text).ok()),
        _ => None,
    });
    let uptime = said.filter(|seconds| !seconds.is_negative()).or_else(|| age(started, now));
    let started = started.or_else(|| instant(&(Number::from(now.seconds()) - uptime.clone()?)));
    if uptime.is_none() {
        notes.push(format!("The answer of \"{name}\" does not say since when it runs."));
    }
    Ok(Service { name, stand: Stand::Up, word: "answers".to_owned(), started, uptime })
}

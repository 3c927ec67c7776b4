//! A client of the Docker Engine API (also Podman's), as far as containers and their states go.
//!
//! It asks without a version in the path, so that the engine answers in its own: a version it does not know is refused.
//! Source of the shapes: <https://docs.docker.com/reference/api/engine/>, `ContainerInspect`.

use serde::Deserialize;

use super::endpoint::{Endpoint, json};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{HttpAnswer, HttpRequest, Witness};

/// Where the engine listens.
#[derive(Debug, Clone, Copy)]
pub enum Engine<'a> {
    /// On a unix socket.
    Socket(&'a str),
    /// Over HTTP.
    Host(&'a Endpoint),
}

/// State of a container.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ContainerState {
    /// Runs; it has no health check.
    Running,
    /// Runs, and its health check passes.
    Healthy,
    /// Runs, and its health check fails.
    Unhealthy,
    /// Runs, and its health check has not decided yet.
    Starting,
    /// Ended, and is about to be started again.
    Restarting,
    /// Was never started.
    Created,
    /// Is frozen.
    Paused,
    /// Ended.
    Exited,
    /// Is being removed, or could not be.
    Dead,
}

/// A container as the engine sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// Its state.
    pub state: ContainerState,
    /// When it was last started; `None` when it never was.
    pub started: Option<Instant>,
    /// How it ended; of use where it does not run.
    pub exit_code: i64,
    /// How often the engine restarted it.
    pub restarts: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Inspected {
    id: String,
    name: String,
    #[serde(default)]
    restart_count: u64,
    state: InspectedState,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedState {
    status: String,
    #[serde(default)]
    exit_code: i64,
    #[serde(default)]
    started_at: String,
    #[serde(default)]
    health: Option<InspectedHealth>,
}

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct InspectedHealth {
    #[serde(default)]
    status: String,
}

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Engine<'_> {
    /// A container by name or id; `None` when there is none of that name.
    pub async fn container(&self, name: &str, witness: &Witness) -> Result<Option<Container>, Unmeasurable> {
        let path = format!("/containers/{}/json", percent_encoded(name));
        let request = match self {
            // The host of the address only fills the `Host` header.
            Self::Socket(socket) => {
                HttpRequest { socket: Some((*socket).to_owned()), ..HttpRequest::get(format!("http://docker{path}")) }
            }
            Self::Host(endpoint) => endpoint.get(&path),
        };
        read(&witness.http(request).await?, name, &self.name())
    }

    fn name(&self) -> String {
        match self {
            Self::Socket(socket) => format!("the Docker Engine at {socket}"),
            Self::Host(endpoint) => format!("the Docker Engine at {}", endpoint.url),
        }
    }
}

/// A container's name in a path.
fn percent_encoded(name: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    name.bytes().map(|byte| if plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") }).collect()
}

fn read(answer: &HttpAnswer, name: &str, engine: &str) -> Result<Option<Container>, Unmeasurable> {
    if answer.status != 200 {
        let Refusal { message } = json(answer, engine)?;
        // Docker says "No such container: x", Podman "no container with name or ID \"x\" found: no such container".
        if answer.status == 404 && message.to_lowercase().contains("no such container") {
            return Ok(None);
        }
        return Err(Unmeasurable::new(
            format!("{engine} answered {}: {}", answer.status, message.chars().take(200).collect::<String>()),
            "Ask the engine by hand with `docker inspect`.",
        ));
    }
    let container: Inspected = json(answer, engine)?;
    // The engine also takes the first digits of an id; a name that only looks like one is not what was meant.
    if container.name.trim_start_matches('/') != name && !container.id.starts_with(name) {
        return Ok(None);
    }
    let state = state_of(&container.state).ok_or_else(|| {
        Unmeasurable::new(
            format!("{engine} says that \"{name}\" is \"{}\", a state that is not known here", container.state.status),
            "Report it, with the engine's version.",
        )
    })?;
    Ok(Some(Container {
        state,
        // 0001-01-01T00:00:00Z stands for never.
        started: container.state.started_at.parse().ok().filter(|at: &Instant| at.seconds() > 0),
        exit_code: container.state.exit_code,
        restarts: container.restart_count,
    }))
}

fn state_of(state: &InspectedState) -> Option<ContainerState> {
    let health = state.health.as_ref().map_or("", |health| health.status.as_str());
    Some(match (state.status.as_str(), health) {
        // Podman writes an empty health status where there is no health check, Docker no key or "none".
        ("running", "" | "none") => ContainerState::Running,
        ("running", "healthy") => ContainerState::Healthy,
        ("running", "unhealthy") => ContainerState::Unhealthy,
        ("running", "starting") => ContainerState::Starting,
        ("restarting", _) => ContainerState::Restarting,
        ("created" | "configured" | "initialized", _) => ContainerState::Created,
        ("paused", _) => ContainerState::Paused,
        ("exited" | "stopped", _) => ContainerState::Exited,
        ("dead" | "removing" | "stopping", _) => ContainerState::Dead,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &[u8]) -> HttpAnswer {
        HttpAnswer { status, headers: BTreeMap::new(), body: body.to_vec(), elapsed: std::time::Duration::ZERO }
    }

    fn inspected(name: &str) -> Container {
        let path = format!("{}/fixtures/kinds/service-uptime/docker-{name}.json", env!("CARGO_MANIFEST_DIR"));
        let body = std::fs::read(path).expect("the capture is there");
        read(&answer(200, &body), name, "Docker").expect("reads").expect("is there")
    }

    #[test]
    fn every_state_of_a_real_engine_is_read() {
        use ContainerState::{Created, Exited, Healthy, Paused, Restarting, Running, Starting, Unhealthy};
        let expected = [
            ("running", Running),
            ("healthy", Healthy),
            ("unhealthy", Unhealthy),
            ("starting", Starting),
            ("restarting", Restarting),
            ("exited", Exited),
            ("created", Created),
            ("paused", Paused),
        ];
        for (name, state) in expected {
            assert_eq!(inspected(name).state, state, "{name}");
        }
        assert_eq!(inspected("exited").exit_code, 3);
        assert!(inspected("restarting").restarts > 0);
    }

    #[test]
    fn the_start_is_to_the_second_and_absent_when_it_never_was() {
        assert_eq!(inspected("running").started.map(|at| at.to_string()), Some("2026-11-23T08:08:03Z".to_owned()));
        assert_eq!(inspected("created").started, None);
    }

    #[test]
    fn a_container_that_does_not_exist_is_an_answer_and_any_other_refusal_is_not() {
        let missing = include_bytes!("../../fixtures/kinds/service-uptime/docker-nosuch.json");
        assert_eq!(read(&answer(404, missing), "nosuch", "Docker"), Ok(None));
        let podman = br#"{"cause":"no such container","message":"no container with name or ID \"x\" found: no such container","response":404}"#;
        assert_eq!(read(&answer(404, podman), "x", "Docker"), Ok(None));
        assert!(read(&answer(404, br#"{"message":"page not found"}"#), "x", "Docker").is_err());
        assert!(read(&answer(400, br#"{"message":"client version 1.99 is too new"}"#), "x", "Docker").is_err());
        assert!(read(&answer(200, b"<html>"), "x", "Docker").is_err());
    }

    #[test]
    fn a_name_that_only_begins_an_id_of_another_is_found_and_another_name_is_not() {
        let body = br#"{"Id":"abc1","Name":"/web","State":{"Status":"running","StartedAt":"2026-11-23T08:08:03Z"}}"#;
        assert!(read(&answer(200, body), "abc", "Docker").expect("reads").is_some());
        assert!(read(&answer(200, body), "web", "Docker").expect("reads").is_some());
        assert!(read(&answer(200, body), "we", "Docker").expect("reads").is_none());
    }

    #[test]
    fn podman_writes_an_empty_health_where_there_is_no_health_check() {
        let body = br#"{"Id":"1","Name":"web","State":{"Status":"running","Health":{"Status":""}}}"#;
        let container = read(&answer(200, body), "web", "Podman").expect("reads").expect("is there");
        assert_eq!(container.state, ContainerState::Running);
    }

    #[test]
    fn a_name_cannot_leave_its_place_in_the_path() {
        assert_eq!(percent_encoded("../x?y=1/é"), "..%2Fx%3Fy%3D1%2F%C3%A9");
        assert_eq!(percent_encoded("node-exporter_1.2"), "node-exporter_1.2");
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), status in 100_u16..600) {
            let _either = read(&answer(status, &body), "x", "Docker");
        }

        #[test]
        fn no_state_makes_it_panic(status in ".{0,20}", health in ".{0,20}", at in ".{0,30}") {
            let state = serde_json::json!({"Id": "1", "Name": "x", "State": {"Status": status, "StartedAt": at, "Health": {"Status": health}}});
            let _either = read(&answer(200, state.to_string().as_bytes()), "x", "Docker");
        }
    }
}

//! A client of the Docker Engine API (also Podman's), as far as containers and their states go.
//!
//! It asks without a version in the path, so that the engine answers in its own: a version it does not know is refused.
//! Source of the shapes: <https://docs.docker.com/reference/api/engine/>, `ContainerInspect`.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::endpoint::{Endpoint, json};
use super::output::printable;
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
    /// Its id: the same by whatever name it was asked for.
    pub id: String,
    /// Its state.
    pub state: ContainerState,
    /// When it was last started; `None` when it never was.
    pub started: Option<Instant>,
    /// How it ended; of use where it does not run.
    pub exit_code: i64,
    /// How often the engine restarted it.
    pub restarts: u64,
    /// The time on the engine's clock, where it says so.
    pub clock: Option<Instant>,
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

/// A row of the list of containers.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    #[serde(default)]
    names: Vec<String>,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
}

impl Listed {
    /// Its own name: the others are those by which a linked container knows it (`/web/db`).
    fn name(self) -> Option<String> {
        let mut names = self.names.into_iter().map(|name| name.trim_start_matches('/').to_owned());
        names.find(|name| !name.is_empty() && !name.contains('/'))
    }
}

/// Digits of an id that `docker ps` prints; who writes fewer writes a name.
const SHORT_ID: usize = 12;

/// The label of containers that `docker compose run` started.
const ONE_OFF: &str = "com.docker.compose.oneoff";

#[derive(Deserialize)]
struct Refusal {
    #[serde(default)]
    message: String,
}

impl Engine<'_> {
    /// The names of the containers that have all of these labels, each `key` or `key=value`, sorted; what `docker compose
    /// run` left behind is left out.
    pub async fn labelled(&self, labels: &[String], witness: &Witness) -> Result<Vec<String>, Unmeasurable> {
        let filters = serde_json::json!({ "label": labels }).to_string();
        let path = format!("/containers/json?all=true&filters={}", percent_encoded(&filters));
        let engine = self.name();
        let answer = witness.http(self.request(&path)).await?;
        if answer.status != 200 {
            return Err(refused(&answer, &engine)?);
        }
        let listed: Vec<Listed> = json(&answer, &engine)?;
        let services = listed.into_iter().filter(|one| {
            let labels = one.labels.as_ref();
            labels.and_then(|labels| labels.get(ONE_OFF)).is_none_or(|said| !said.eq_ignore_ascii_case("true"))
        });
        let mut names = services.map(Listed::name).collect::<Option<Vec<_>>>().ok_or_else(|| {
            Unmeasurable::new(format!("{engine} lists a container without a name"), "Ask the engine with `docker ps`.")
        })?;
        names.sort_unstable();
        Ok(names)
    }

    /// A container by name or id; `None` when there is none of that name.
    pub async fn container(&self, name: &str, witness: &Witness) -> Result<Option<Container>, Unmeasurable> {
        let path = format!("/containers/{}/json", percent_encoded(name));
        read(&witness.http(self.request(&path)).await?, name, &self.name())
    }

    fn request(&self, path: &str) -> HttpRequest {
        match self {
            // The host of the address only fills the `Host` header.
            Self::Socket(socket) => {
                HttpRequest { socket: Some((*socket).to_owned()), ..HttpRequest::get(format!("http://docker{path}")) }
            }
            Self::Host(endpoint) => endpoint.get(path),
        }
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

/// Why the engine refuses; an error of its own when it does not even say that in its own way.
fn refused(answer: &HttpAnswer, engine: &str) -> Result<Unmeasurable, Unmeasurable> {
    let plain = answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/plain"));
    let message = match serde_json::from_slice(&answer.body) {
        Ok(Refusal { message }) => message,
        // To clients that are too old the engine speaks in plain text.
        Err(_) if plain => String::from_utf8_lossy(&answer.body).into_owned(),
        Err(_) => json::<Refusal>(answer, engine)?.message,
    };
    let message = printable(&message, 200);
    // "client version 1.99 is too new. Maximum supported API version is 1.41", "... is too old. Minimum supported ...".
    let help = if message.contains("is too new") || message.contains("is too old") {
        "Take the version out of the address: the engine then answers in its own."
    } else {
        "Ask the engine by hand with `docker ps` or `docker inspect`."
    };
    Ok(Unmeasurable::new(format!("{engine} answered {}: {message}", answer.status), help))
}

fn read(answer: &HttpAnswer, name: &str, engine: &str) -> Result<Option<Container>, Unmeasurable> {
    if answer.status != 200 {
        // Docker says "No such container: x", Podman "no container with name or ID \"x\" found: no such container".
        let why = refused(answer, engine)?;
        if answer.status == 404 && why.reason.to_lowercase().contains("no such container") {
            return Ok(None);
        }
        return Err(why);
    }
    let container: Inspected = json(answer, engine)?;
    // The engine also takes the first digits of an id: where no container is called `cafe`, it answers with any other one
    // whose id begins so.
    if container.name.trim_start_matches('/') != name && !(name.len() >= SHORT_ID && container.id.starts_with(name)) {
        return Ok(None);
    }
    let state = state_of(&container.state, container.restart_count).ok_or_else(|| {
        Unmeasurable::new(
            format!("{engine} says that \"{name}\" is \"{}\", a state that is not known here", container.state.status),
            "Report it, with the engine's version.",
        )
    })?;
    Ok(Some(Container {
        id: container.id,
        state,
        // 0001-01-01T00:00:00Z stands for never.
        started: container.state.started_at.parse().ok().filter(|at: &Instant| at.seconds() > 0),
        exit_code: container.state.exit_code,
        restarts: container.restart_count,
        clock: answer.headers.get("date").and_then(|date| Instant::from_http_date(date)),
    }))
}

fn state_of(state: &InspectedState, restarts: u64) -> Option<ContainerState> {
    let health = state.health.as_ref().map_or("", |health| health.status.as_str());
    Some(match (state.status.as_str(), health) {
        // Podman writes an empty health status where there is no health check, Docker no key or "none".
        ("running", "" | "none") => ContainerState::Running,
        ("running", "healthy") => ContainerState::Healthy,
        ("running", "unhealthy") => ContainerState::Unhealthy,
        ("running", "starting") => ContainerState::Starting,
        ("restarting", _) => ContainerState::Restarting,
        // Podman's word between the end of the process and what follows; where it restarted the container before, it
        // will again.
        ("stopped", _) if restarts > 0 => ContainerState::Restarting,
        ("created" | "configured" | "initialized", _) => ContainerState::Created,
        ("paused", _) => ContainerState::Paused,
        ("exited" | "stopped", _) => ContainerState::Exited,
        ("dead" | "removing" | "stopping", _) => ContainerState::Dead,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn answer(status: u16, body: &[u8]) -> HttpAnswer {
        HttpAnswer::new(status, body)
    }

    fn captured(file: &str) -> Vec<u8> {
        let path = format!("{}/fixtures/kinds/service-uptime/{file}", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("the capture is there")
    }

    fn inspected(name: &str) -> Container {
        let body = captured(&format!("docker-{name}.json"));
        read(&answer(200, &body), name, "Docker").expect("reads").expect("is there")
    }

    fn of_podman(name: &str) -> Container {
        let body = captured(&format!("podman-{name}.json"));
        read(&answer(200, &body), name, "Podman").expect("reads").expect("is there")
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
        assert_eq!((inspected("killed").state, inspected("killed").exit_code), (Exited, 137));
    }

    #[test]
    fn every_state_of_a_real_podman_is_read() {
        use ContainerState::{Created, Exited, Paused, Restarting, Running, Starting};
        let expected = [
            ("running", Running),
            // Where no systemd is, Podman never runs the health check.
            ("starting", Starting),
            ("restarting", Restarting),
            ("exited", Exited),
            ("killed", Exited),
            ("created", Created),
            ("paused", Paused),
        ];
        for (name, state) in expected {
            assert_eq!(of_podman(name).state, state, "{name}");
        }
        assert_eq!(of_podman("killed").exit_code, 137);
        assert_eq!(of_podman("created").started, None);
        assert_eq!(read(&answer(404, &captured("podman-nosuch.json")), "nosuch", "Podman"), Ok(None));
    }

    #[test]
    fn a_version_that_the_engine_does_not_speak_is_said_to_be_that() {
        let refusal = |file: &str, kind: &str| {
            let mut answer = answer(400, &captured(file));
            answer.headers.insert("content-type".to_owned(), kind.to_owned());
            read(&answer, "running", "the engine").expect_err("refused")
        };
        let problem = refusal("docker-too-new.json", "application/json");
        assert_eq!(
            problem.reason,
            "the engine answered 400: client version 1.99 is too new. Maximum supported API version is 1.41"
        );
        assert!(problem.help.starts_with("Take the version out of the address"));
        let problem = refusal("docker-too-old.txt", "text/plain; charset=utf-8");
        assert!(
            problem.reason.starts_with(
                "the engine answered 400: client version 1.9 is too old. Minimum supported API version is 1.12"
            ),
            "{}",
            problem.reason
        );
        assert!(problem.help.starts_with("Take the version out of the address"));
    }

    #[test]
    fn the_time_of_the_engine_is_known_when_it_says_so() {
        let mut answer = answer(200, &captured("docker-running.json"));
        assert_eq!(read(&answer, "running", "Docker").expect("reads").and_then(|one| one.clock), None);
        for (date, clock) in [("Mon, 23 Nov 2026 10:03:42 GMT", Some("2026-11-23T10:03:42Z")), ("yesterday", None)] {
            answer.headers.insert("date".to_owned(), date.to_owned());
            let read = read(&answer, "running", "Docker").expect("reads").expect("is there");
            assert_eq!(read.clock.map(|at| at.to_string()).as_deref(), clock, "{date}");
        }
    }

    #[test]
    fn a_container_is_listed_by_its_own_name() {
        let listed: Vec<Listed> = serde_json::from_slice(&captured("docker-list.json")).expect("reads");
        let names: Vec<_> = listed.into_iter().filter_map(Listed::name).collect();
        assert_eq!(names, ["migration", "healthy", "running"]);
        let linked = Listed { names: vec!["/web/db".to_owned(), "/shop_db_1".to_owned()], labels: None };
        assert_eq!(linked.name().as_deref(), Some("shop_db_1"));
        assert_eq!(Listed { names: Vec::new(), labels: None }.name(), None);
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
    fn an_id_is_found_as_it_is_printed_and_a_name_that_only_begins_one_is_not() {
        let body = br#"{"Id":"cafe0123456789ab","Name":"/web","State":{"Status":"running"}}"#;
        for (name, found) in [
            ("web", true),
            ("we", false),
            ("cafe", false),
            ("cafe0123456", false),
            ("cafe01234567", true),
            ("cafe0123456789ab", true),
        ] {
            assert_eq!(read(&answer(200, body), name, "Docker").expect("reads").is_some(), found, "{name}");
        }
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

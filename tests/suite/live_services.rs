//! Service managers, live: a Docker Engine, Podman, systemd and supervisord that `fixtures/services/services up DIR`
//! started, each with services in every state.
#![expect(clippy::disallowed_methods, reason = "a test reads what its caller asks of it")]

use std::io::Write as _;

use countersign::model::fact::{Facts, Table, Value};
use countersign::model::instant::Instant;
use countersign::model::number::Number;
use countersign::model::printed::Printed;
use serde_json::{Value as Json, json};

use crate::door::Door;
use crate::probe_servers::{absent, count, measure};

/// Where `services env DIR` says they are.
struct Services {
    docker: String,
    docker_host: String,
    docker_certificates: String,
    podman: String,
    supervisord: String,
    supervisord_socket: String,
}

/// Without them there is nothing to ask: said aloud, and a failure where the caller wants it to be one.
fn services() -> Option<Services> {
    let of = |name: &str| {
        let name = format!("COUNTERSIGN_SERVICES_{name}");
        let value = std::env::var(&name).ok();
        if value.is_none() {
            assert!(std::env::var_os("COUNTERSIGN_REQUIRE_SERVERS").is_none(), "{name} is not set");
            let said =
                format!("SKIPPED: {name} is not set; run `fixtures/services/services up DIR` and `eval` its `env`\n");
            std::io::stderr().write_all(said.as_bytes()).expect("stderr");
        }
        value
    };
    Some(Services {
        docker: of("DOCKER")?,
        docker_host: of("DOCKER_HOST")?,
        docker_certificates: of("DOCKER_CERTIFICATES")?,
        podman: of("PODMAN")?,
        supervisord: of("SUPERVISORD")?,
        supervisord_socket: of("SUPERVISORD_SOCKET")?,
    })
}

const CONTAINERS: [&str; 11] = [
    "running",
    "healthy",
    "unhealthy",
    "starting",
    "restarting",
    "exited",
    "killed",
    "created",
    "paused",
    "on-host",
    "nosuch",
];

fn table(facts: &Facts) -> &Table {
    match facts.get("services") {
        Some(Value::Table(table)) => table,
        other => panic!("{other:?}"),
    }
}

/// The state of a service in the table.
fn state<'a>(facts: &'a Facts, name: &str) -> &'a str {
    let row = table(facts).rows.iter().find(|row| row[0] == Some(Value::Text(name.to_owned())));
    match row.and_then(|row| row[1].as_ref()) {
        Some(Value::Text(state)) => state,
        other => panic!("{name}: {other:?}"),
    }
}

fn counts(facts: &Facts, names: [&str; 4]) -> [u64; 4] {
    names.map(|fact| count(facts, fact))
}

fn started(facts: &Facts) -> Instant {
    match facts.get("started") {
        Some(Value::Instant(at)) => *at,
        other => panic!("{other:?}: {:?}", facts.facts.get("started")),
    }
}

#[tokio::test]
async fn docker_has_containers_in_every_state() {
    let Some(services) = services() else { return };
    let options = json!({"docker": {"socket": services.docker, "containers": CONTAINERS}});
    let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
    let expected = [
        "running",
        "healthy",
        "unhealthy",
        "starting",
        "restarting",
        "exited",
        "exited",
        "created",
        "paused",
        "running",
        "missing",
    ];
    // The restarting one runs for a second every now and then.
    let found: Vec<_> = CONTAINERS.iter().map(|name| state(&facts, name)).collect();
    let as_expected =
        |(found, expected): (&&str, &str)| *found == expected || (expected == "restarting" && *found == "running");
    assert!(found.iter().zip(expected).all(as_expected), "{found:?}");
    assert_eq!(count(&facts, "up") + count(&facts, "restarting"), 5, "{:?}", facts.facts);
    assert_eq!((count(&facts, "total"), count(&facts, "unhealthy"), count(&facts, "down")), (11, 1, 5));
    assert!(absent(&facts, "min-uptime").starts_with("not up: "));
    for note in [
        "\"killed\" ended with exit code 137.",
        "\"exited\" ended with exit code 0.",
        "\"starting\" runs, and has not passed its health check yet.",
        "There is no container named \"nosuch\"; it counts as down.",
    ] {
        assert!(facts.notes.iter().any(|found| found == note), "{note}: {:?}", facts.notes);
    }
    assert!(
        facts.notes.iter().any(|note| note.starts_with("The engine has restarted \"restarting\" ")),
        "{:?}",
        facts.notes
    );
}

#[tokio::test]
async fn podman_speaks_the_same_language_in_its_own_way() {
    let Some(services) = services() else { return };
    let options = json!({"docker": {"socket": services.podman, "containers": CONTAINERS}});
    let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
    for (name, expected) in [
        ("running", "running"),
        ("exited", "exited"),
        ("killed", "exited"),
        ("created", "created"),
        ("paused", "paused"),
        ("on-host", "running"),
        ("nosuch", "missing"),
    ] {
        assert_eq!(state(&facts, name), expected, "{name}");
    }
    // Podman starts it again at once, by way of each of these states, and checks no health where no systemd is.
    assert!(
        ["running", "restarting", "exited", "created"].contains(&state(&facts, "restarting")),
        "{}",
        state(&facts, "restarting")
    );
    for name in ["healthy", "starting"] {
        assert!(["healthy", "starting"].contains(&state(&facts, name)), "{name}: {}", state(&facts, name));
    }
    // In the moment in which Podman starts one again it has no start, and that is said first.
    let reason = absent(&facts, "min-uptime");
    assert!(reason.contains("nosuch") || reason.contains("restarting"), "{reason}");
}

#[tokio::test]
async fn containers_that_run_have_an_uptime_that_agrees_with_what_docker_prints() {
    let Some(services) = services() else { return };
    let printed = || {
        let mut docker = std::process::Command::new("docker");
        docker.args([
            "-H",
            &format!("unix://{}", services.docker),
            "ps",
            "--filter",
            "name=^running$",
            "--format",
            "{{.Status}}",
        ]);
        let output = docker.output().expect("docker runs");
        let status = String::from_utf8(output.stdout).expect("text");
        Printed::parse(status.trim()).expect("a status of Docker is read")
    };
    for socket in [&services.docker, &services.podman] {
        let before = printed();
        let options = json!({"docker": {"socket": socket, "containers": ["running", "on-host"]}});
        let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
        assert_eq!(counts(&facts, ["total", "up", "down", "unhealthy"]), [2, 2, 0, 0]);
        let (longest, _) = facts.get("max-uptime").and_then(Value::quantity).expect("an uptime");
        if socket == &services.docker {
            // A difference of two whole seconds, so the true age, which Docker rounds, lies within one second of it.
            let ages = [-1, 0, 1].map(|second| longest.clone() + Number::from(second));
            let printed = [before, printed()];
            assert!(printed.iter().any(|printed| ages.iter().any(|age| printed.stands_for(age))), "{longest}");
        }
    }
}

#[tokio::test]
async fn the_containers_of_a_compose_project_are_found_by_their_label() {
    let Some(services) = services() else { return };
    for socket in [&services.docker, &services.podman] {
        let of = |options: Json| {
            let mut options = options;
            options["socket"] = json!(socket);
            json!({ "docker": options })
        };
        let facts = measure(&Door::open(), "service-uptime", of(json!({"compose-project": "shop"}))).await.unwrap();
        assert_eq!((count(&facts, "total"), count(&facts, "up")), (2, 2), "what `run` left behind is no service");
        let front = of(json!({"compose-project": "shop", "labels": ["tier=front"]}));
        assert_eq!(count(&measure(&Door::open(), "service-uptime", front).await.unwrap(), "total"), 1);
        let nothing = measure(&Door::open(), "service-uptime", of(json!({"compose-project": "nosuch"}))).await.unwrap();
        assert_eq!(absent(&nothing, "up"), "there is no service to look at");
    }
}

#[tokio::test]
async fn docker_over_the_network_lets_in_who_shows_a_certificate() {
    let Some(services) = services() else { return };
    let door = Door::with(|live| live.root = services.docker_certificates.clone().into());
    let options = |cert: &str, key: &str| {
        let host = json!({"url": services.docker_host, "ca-file": "ca.pem", "client-cert": cert, "client-key": key});
        json!({"docker": {"host": host, "containers": ["running", "exited"]}})
    };
    let facts = measure(&door, "service-uptime", options("client.pem", "client-key.pem")).await.unwrap();
    assert_eq!(counts(&facts, ["total", "up", "down", "unhealthy"]), [2, 1, 1, 0]);
    // A key that belongs to another certificate opens nothing.
    let problem = measure(&door, "service-uptime", options("client.pem", "server-key.pem")).await.unwrap_err();
    assert!(problem.reason.contains("client-key") || problem.reason.contains("server-key"), "{}", problem.reason);
}

#[tokio::test]
async fn docker_over_the_network_turns_away_who_shows_no_certificate() {
    let Some(services) = services() else { return };
    let options = json!({"docker": {"host": services.docker_host, "containers": ["running"]}});
    let problem = measure(&Door::open(), "service-uptime", options.clone()).await.unwrap_err();
    assert!(problem.reason.contains("nobody this machine trusts has signed it"), "{}", problem.reason);
    let plain = json!({"docker": {"host": services.docker_host.replace("https", "http"), "containers": ["running"]}});
    let problem = measure(&Door::open(), "service-uptime", plain).await.unwrap_err();
    assert!(problem.reason.contains("answered 400"), "{}", problem.reason);
}

/// The words that lead to a container of the engine.
fn through(services: &Services, container: &str) -> Json {
    json!(["docker", "-H", format!("unix://{}", services.docker), "exec", container])
}

#[tokio::test]
async fn systemd_has_units_in_every_state() {
    let Some(services) = services() else { return };
    let units = [
        "steady",
        "solid.service",
        "prepared",
        "dbus.socket",
        "failed",
        "flapping",
        "once",
        "hollow",
        "slow",
        "stopped",
        "broken",
        "masked",
        "nosuch",
    ];
    let options = json!({"systemd": {"units": units, "through": through(&services, "systemd")}});
    let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
    for (name, expected) in [
        ("steady", "active (running)"),
        ("solid.service", "active (running)"),
        ("prepared", "active (exited)"),
        ("dbus.socket", "active (running)"),
        ("failed", "failed (failed)"),
        ("once", "inactive (dead)"),
        ("hollow", "active (exited)"),
        ("slow", "activating (start)"),
        ("stopped", "inactive (dead)"),
        ("broken", "inactive (dead)"),
        ("masked", "inactive (dead)"),
        ("nosuch", "missing"),
    ] {
        assert_eq!(state(&facts, name), expected, "{name}");
    }
    // The flapping one is up for a moment every now and then.
    assert_eq!(
        (count(&facts, "total"), count(&facts, "up") + count(&facts, "restarting"), count(&facts, "down")),
        (13, 5, 8)
    );
    for note in [
        "There is no unit \"nosuch\"; it counts as down.",
        "\"failed\" ended: exit-code, 3.",
        "systemd calls \"hollow\" active, and none of its processes runs; it counts as down.",
        "The unit \"broken\" is bad-setting: systemd could not start it now.",
        "\"once\" does its work and ends; nothing of it is up.",
    ] {
        assert!(facts.notes.iter().any(|found| found == note), "{note}: {:?}", facts.notes);
    }
    assert!(
        facts.notes.iter().any(|note| note.starts_with("systemd has restarted \"flapping\" ")),
        "{:?}",
        facts.notes
    );
}

#[tokio::test]
async fn a_unit_is_as_old_as_it_is_in_whatever_zone_its_machine_lives() {
    let Some(services) = services() else { return };
    // The container lives in the zone of Berlin, an hour or two ahead.
    let units = json!({"systemd": {"units": ["steady", "prepared"], "through": through(&services, "systemd")}});
    let units = measure(&Door::open(), "service-uptime", units).await.unwrap();
    let container = json!({"docker": {"socket": services.docker, "containers": ["systemd"]}});
    let container = measure(&Door::open(), "service-uptime", container).await.unwrap();
    let later = started(&units).seconds_since(started(&container));
    assert!((0..300).contains(&later), "the units were started {later} s after their machine");
    assert!(units.get("min-uptime").is_some(), "{:?}", units.facts);
}

#[tokio::test]
async fn where_no_systemd_answers_nothing_is_concluded() {
    let Some(services) = services() else { return };
    for (container, reason) in [
        ("offline", "System has not been booted with systemd as init system (PID 1). Can't operate."),
        ("running", "No such file or directory"),
        ("nosuch", "No such container"),
    ] {
        let options = json!({"systemd": {"units": ["steady"], "through": through(&services, container)}});
        let problem = measure(&Door::open(), "service-uptime", options).await.unwrap_err();
        assert!(problem.reason.contains(reason), "{container}: {}", problem.reason);
    }
    let user = json!({"systemd": {"units": ["steady"], "user": true, "through": through(&services, "systemd")}});
    let problem = measure(&Door::open(), "service-uptime", user).await.unwrap_err();
    assert!(problem.reason.contains("Failed to connect to bus"), "{}", problem.reason);
}

#[tokio::test]
async fn supervisord_has_programs_in_every_state() {
    let Some(services) = services() else { return };
    let options = json!({"supervisord": {"socket": services.supervisord_socket}});
    let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
    for (name, expected) in [
        ("running", "running"),
        ("web:web_00", "running"),
        ("web:web_01", "running"),
        ("exited", "exited"),
        ("failing", "exited"),
        ("fatal", "fatal"),
        ("stopped", "stopped"),
        ("starting", "starting"),
    ] {
        assert_eq!(state(&facts, name), expected, "{name}");
    }
    assert!(["backoff", "starting"].contains(&state(&facts, "flapping")));
    assert_eq!(counts(&facts, ["total", "up", "restarting", "down"]), [9, 3, 1, 5]);
    assert!(facts.notes.iter().any(|note| note == "\"failing\" ended with exit code 3."), "{:?}", facts.notes);
    let options =
        json!({"supervisord": {"socket": services.supervisord_socket, "programs": ["running", "web", "web:web_00"]}});
    let facts = measure(&Door::open(), "service-uptime", options).await.unwrap();
    assert_eq!((count(&facts, "up"), state(&facts, "web")), (3, "2 of 2 running"));
    assert!(facts.get("min-uptime").is_some(), "{:?}", facts.facts);
}

#[tokio::test]
async fn supervisord_lets_in_over_http_who_has_the_password() {
    let Some(services) = services() else { return };
    let with = |headers: Json| json!({"supervisord": {"host": {"url": services.supervisord, "headers": headers}, "programs": ["running"]}});
    // "auditor:secret of the fixture".
    let right = with(json!({"Authorization": "Basic YXVkaXRvcjpzZWNyZXQgb2YgdGhlIGZpeHR1cmU="}));
    assert_eq!(count(&measure(&Door::open(), "service-uptime", right).await.unwrap(), "up"), 1);
    for wrong in [json!({}), json!({"Authorization": "Basic YXVkaXRvcjp3cm9uZw=="})] {
        let problem = measure(&Door::open(), "service-uptime", with(wrong)).await.unwrap_err();
        assert!(problem.reason.ends_with("does not let us in: it answered 401"), "{}", problem.reason);
    }
}

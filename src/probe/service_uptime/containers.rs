//! What the Docker Engine, or Podman, says of its containers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::look::clock;
use super::{Containers, Seen, Service, Stand};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::source::docker::{Container, ContainerState, Engine};
use crate::witness::Witness;

const SOCKET: &str = "/var/run/docker.sock";

/// The label by which Compose knows the containers of a project.
const PROJECT: &str = "com.docker.compose.project";

pub(super) async fn look(asked: &Containers, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let engine = match (&asked.host, &asked.socket) {
        (Some(host), _) => Engine::Host(host),
        (None, socket) => Engine::Socket(socket.as_deref().unwrap_or(SOCKET)),
    };
    let mut names = asked.containers.clone();
    if names.is_empty() {
        let project = asked.compose_project.iter().map(|project| format!("{PROJECT}={project}"));
        let labels: Vec<_> = project.chain(asked.labels.iter().cloned()).collect();
        names = engine.labelled(&labels, witness).await?;
    }
    let mut containers = Vec::new();
    for name in names {
        let container = engine.container(&name, witness).await?;
        containers.push((name, container));
    }
    // Asked last, so that nothing seems to have been started in the future.
    let now = witness.now().await?;
    let mut seen = Seen { tells_health: true, tells_restarts: true, ..Seen::default() };
    let engines = containers.iter().filter_map(|(_, container)| container.as_ref()?.clock).max();
    let now = clock(engines, now, "The engine", &mut seen.notes);
    let mut known: BTreeMap<String, String> = BTreeMap::new();
    for (name, container) in containers {
        if let Some(container) = container.as_ref().filter(|container| !container.id.is_empty()) {
            match known.entry(container.id.clone()) {
                Entry::Occupied(first) => {
                    seen.notes.push(format!("\"{name}\" is the container \"{}\"; it counts once.", first.get()));
                    continue;
                }
                Entry::Vacant(free) => {
                    free.insert(name.clone());
                }
            }
        }
        seen.services.push(service(&name, container.as_ref(), now, &mut seen.notes));
    }
    Ok(seen)
}

pub(super) fn service(name: &str, container: Option<&Container>, now: Instant, notes: &mut Vec<String>) -> Service {
    let Some(container) = container else {
        notes.push(format!("There is no container named \"{name}\"; it counts as down."));
        return Service::new(name, Stand::Down, "missing");
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
    Service::new(name, stand, word).up_since(container.started, now, notes)
}

//! What supervisord says of its programs.

use super::{Programs, Seen, Service, Stand};
use crate::model::fact::Unmeasurable;
use crate::source::output::printable;
use crate::source::supervisord::{ProcessState, Program, Supervisord};
use crate::witness::Witness;

const SOCKET: &str = "/var/run/supervisor.sock";

pub(super) async fn look(asked: &Programs, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let server = match (&asked.host, &asked.socket) {
        (Some(host), _) => Supervisord::Host(host),
        (None, socket) => Supervisord::Socket(socket.as_deref().unwrap_or(SOCKET)),
    };
    Ok(services(&asked.programs, &server.programs(witness).await?))
}

pub(super) fn services(names: &[String], all: &[Program]) -> Seen {
    let mut seen = Seen { tells_restarts: true, ..Seen::default() };
    if names.is_empty() {
        seen.notes.extend(all.is_empty().then(|| "supervisord has no program.".to_owned()));
        seen.services = all.iter().map(|program| process(program, &mut seen.notes)).collect();
        return seen;
    }
    for name in names {
        let of_it: Vec<_> = all.iter().filter(|program| program.is_called(name)).collect();
        let processes: Vec<_> = of_it.into_iter().map(|program| process(program, &mut seen.notes)).collect();
        seen.services.push(together(name, processes, &mut seen.notes));
    }
    seen
}

/// Several processes as one service: as well as the worst of them, and as young as the youngest.
fn together(name: &str, mut processes: Vec<Service>, notes: &mut Vec<String>) -> Service {
    match processes.len() {
        0 => {
            notes.push(format!("supervisord has no program \"{name}\"; it counts as down."));
            Service::new(name, Stand::Down, "missing")
        }
        1 => Service { name: name.to_owned(), ..processes.remove(0) },
        all => {
            let up = processes.iter().filter(|process| process.runs()).count();
            let has = |stand| processes.iter().any(|process| process.stand == stand);
            let worst =
                [Stand::NoData, Stand::Down, Stand::Restarting, Stand::Up].into_iter().find(|stand| has(*stand));
            let youngest =
                processes.iter().filter(|process| process.runs()).min_by_key(|process| process.uptime.clone());
            // `None` sorts before every number: one that does not say leaves all of them without an age.
            let (started, uptime) =
                youngest.map_or((None, None), |youngest| (youngest.started, youngest.uptime.clone()));
            let ageless = youngest.and_then(|youngest| youngest.ageless.clone());
            let new = Service::new(name, worst.unwrap_or(Stand::NoData), format!("{up} of {all} running"));
            Service { started, uptime, ageless, ..new }
        }
    }
}

fn process(program: &Program, notes: &mut Vec<String>) -> Service {
    let name = program.full_name();
    let (stand, word) = match program.state {
        ProcessState::Running => (Stand::Up, "running"),
        ProcessState::Starting if program.ended => (Stand::Restarting, "starting"),
        ProcessState::Starting => (Stand::Down, "starting"),
        ProcessState::Backoff => (Stand::Restarting, "backoff"),
        ProcessState::Stopping => (Stand::Down, "stopping"),
        ProcessState::Stopped => (Stand::Down, "stopped"),
        ProcessState::Exited => (Stand::Down, "exited"),
        ProcessState::Fatal => (Stand::Down, "fatal"),
        ProcessState::Unknown => (Stand::NoData, "unknown"),
    };
    match program.state {
        ProcessState::Starting if !program.ended => {
            notes.push(format!("\"{name}\" was started, and has not run for its `startsecs` yet."));
        }
        ProcessState::Exited => notes.push(format!("\"{name}\" ended with exit code {}.", program.exit_status)),
        ProcessState::Fatal | ProcessState::Backoff if !program.error.is_empty() => {
            notes.push(format!("\"{name}\" could not be started: {}.", printable(&program.error, 200)));
        }
        _ => {}
    }
    let service = Service::new(name, stand, word);
    // Both times are of one clock, which may have been set since: then nothing is known.
    if service.runs() { service.up_since(program.started, program.now, notes) } else { service }
}

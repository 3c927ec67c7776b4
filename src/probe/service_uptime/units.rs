//! What systemd says of its units.

use super::look::clock;
use super::{Seen, Service, Stand, Units};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::source::systemd::{Systemd, Unit};
use crate::witness::Witness;

pub(super) async fn look(asked: &Units, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let systemd = Systemd { through: &asked.through, user: asked.user, witness };
    let (units, there) = systemd.units(&asked.units).await?;
    let now = witness.now().await?;
    let mut seen = Seen { tells_restarts: true, ..Seen::default() };
    let now = clock(there, now, "The machine of systemd", &mut seen.notes);
    for (name, unit) in asked.units.iter().zip(&units) {
        seen.services.push(service(name, unit, now, &mut seen.notes));
    }
    Ok(seen)
}

pub(super) fn service(name: &str, unit: &Unit, now: Instant, notes: &mut Vec<String>) -> Service {
    // A unit that does not exist has `Result=success` like one that is well: what is loaded is asked first.
    match unit.load.as_str() {
        "not-found" => {
            notes.push(format!("There is no unit \"{name}\"; it counts as down."));
            return Service::new(name, Stand::Down, "missing");
        }
        // What is masked, or broken on disk, may still run from before.
        "loaded" | "merged" => {}
        other => notes.push(format!("The unit \"{name}\" is {other}: systemd could not start it now.")),
    }
    let restarted = unit.restarts.unwrap_or(0);
    if restarted > 0 {
        notes.push(format!("systemd has restarted \"{name}\" {restarted} time(s)."));
    }
    let stand = stand(name, unit, notes);
    let word = format!("{} ({})", unit.active, unit.sub);
    let mut service = Service::new(name, stand, word);
    if !service.runs() {
        return service;
    }
    if let Some(written) = &unit.unreadable {
        let why = format!("systemd says that {name} was started at \"{written}\", and not in UTC as it was asked to");
        service.ageless = Some(why);
    }
    service.up_since(unit.started, now, notes)
}

fn stand(name: &str, unit: &Unit, notes: &mut Vec<String>) -> Stand {
    let ended = || match unit.exit_status.as_str() {
        "" | "0" => format!("\"{name}\" ended: {}.", unit.result),
        status => format!("\"{name}\" ended: {}, {status}.", unit.result),
    };
    match (unit.active.as_str(), unit.sub.as_str()) {
        ("active", "exited") if unit.starts_as == "oneshot" => Stand::Up,
        ("active", "exited") => {
            notes.push(format!("systemd calls \"{name}\" active, and none of its processes runs; it counts as down."));
            Stand::Down
        }
        ("active" | "reloading" | "refreshing", _) => Stand::Up,
        ("activating", "auto-restart" | "auto-restart-queued") => {
            notes.push(ended());
            Stand::Restarting
        }
        ("activating", _) if unit.restarts.unwrap_or(0) > 0 => Stand::Restarting,
        ("failed", _) => {
            notes.push(ended());
            Stand::Down
        }
        ("inactive", _) if unit.starts_as == "oneshot" && unit.result == "success" => {
            notes.push(format!("\"{name}\" does its work and ends; nothing of it is up."));
            Stand::Down
        }
        ("inactive" | "activating" | "deactivating" | "maintenance", _) => Stand::Down,
        _ => Stand::NoData,
    }
}

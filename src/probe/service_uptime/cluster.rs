//! What Kubernetes says of its workloads and pods.

use std::collections::BTreeMap;

use super::options::workload_name;
use super::{Cluster, Seen, Service, Stand};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::source::kubernetes::{Kubectl, Pod, PodState, Workload, WorkloadKind};
use crate::witness::Witness;

pub(super) async fn look(asked: &Cluster, witness: &Witness) -> Result<Seen, Unmeasurable> {
    let usual = ["kubectl".to_owned()];
    let kubectl = Kubectl {
        program: if asked.kubectl.is_empty() { &usual } else { &asked.kubectl },
        namespace: asked.namespace.as_deref(),
        context: asked.context.as_deref(),
        witness,
    };
    if asked.workloads.is_empty() {
        let pods = kubectl.pods(asked.selector.as_deref()).await?;
        return Ok(pod_services(&pods, witness.now().await?));
    }
    let named: Vec<_> = asked.workloads.iter().filter_map(|written| Some((written, workload_name(written)?))).collect();
    let mut workloads = BTreeMap::new();
    for (_, (kind, _)) in &named {
        if !workloads.contains_key(kind) {
            workloads.insert(*kind, kubectl.workloads(*kind).await?);
        }
    }
    let pods = kubectl.pods(None).await?;
    let now = witness.now().await?;
    let mut seen = Seen { tells_health: true, tells_restarts: true, ..Seen::default() };
    for (written, (kind, name)) in named {
        let workload = find(&workloads, kind, name);
        seen.services.push(workload_service(written, workload, &pods, now, &mut seen.notes));
    }
    Ok(seen)
}

fn find<'a>(all: &'a BTreeMap<WorkloadKind, Vec<Workload>>, kind: WorkloadKind, name: &str) -> Option<&'a Workload> {
    all.get(&kind)?.iter().find(|workload| workload.name == name)
}

pub(super) fn pod_services(pods: &[Pod], now: Instant) -> Seen {
    let mut seen = Seen { tells_health: true, tells_restarts: true, ..Seen::default() };
    let done = pods.iter().filter(|pod| pod.state == PodState::Succeeded).count();
    if done > 0 {
        seen.notes.push(format!("{done} pod(s) did their work and ended; they are no services and are not counted."));
    }
    if pods.is_empty() {
        seen.notes.push("There is no pod.".to_owned());
    }
    for pod in pods.iter().filter(|pod| pod.state != PodState::Succeeded) {
        let (stand, word) = pod_stand(pod.state);
        let word = pod.reason.clone().unwrap_or_else(|| word.to_owned());
        note_restarts(pod, &mut seen.notes);
        let service = Service::new(&pod.name, stand, word);
        let service = if service.runs() { service.up_since(pod.started, now, &mut seen.notes) } else { service };
        seen.services.push(service);
    }
    seen
}

fn pod_stand(state: PodState) -> (Stand, &'static str) {
    match state {
        PodState::Ready => (Stand::Up, "ready"),
        PodState::NotReady => (Stand::Unhealthy, "not ready"),
        PodState::Restarting => (Stand::Restarting, "restarting"),
        PodState::Pending => (Stand::Down, "pending"),
        PodState::Ended => (Stand::Down, "ended"),
        PodState::Succeeded => (Stand::Down, "succeeded"),
        PodState::Failed => (Stand::Down, "failed"),
        PodState::Terminating => (Stand::Down, "terminating"),
        PodState::Unknown => (Stand::NoData, "unknown"),
    }
}

fn note_restarts(pod: &Pod, notes: &mut Vec<String>) {
    if pod.restarts > 0 {
        notes.push(format!("The containers of \"{}\" were restarted {} time(s).", pod.name, pod.restarts));
    }
}

pub(super) fn workload_service(
    written: &str,
    workload: Option<&Workload>,
    pods: &[Pod],
    now: Instant,
    notes: &mut Vec<String>,
) -> Service {
    let Some(workload) = workload else {
        notes.push(format!("There is no {written}; it counts as down."));
        return Service::new(written, Stand::Down, "missing");
    };
    let mine: Vec<_> = pods.iter().filter(|pod| workload.selects(pod)).collect();
    mine.iter().for_each(|pod| note_restarts(pod, notes));
    let Workload { wanted, ready, .. } = workload;
    let word = format!("{ready} of {wanted} ready");
    let has = |state| mine.iter().any(|pod| pod.state == state);
    let stand = match () {
        // Its numbers are about an earlier version of what is wanted.
        () if !workload.observed => {
            notes.push(format!("The newest change to {written} has not been taken up yet."));
            Stand::NoData
        }
        () if *wanted == 0 => {
            notes.push(format!("{written} wants no pod at all; it counts as down."));
            Stand::Down
        }
        () if ready >= wanted => Stand::Up,
        () if has(PodState::Restarting) => Stand::Restarting,
        () if has(PodState::NotReady) => Stand::Unhealthy,
        () => Stand::Down,
    };
    if workload.updated < *wanted && *wanted > 0 {
        notes.push(format!("{} of {wanted} pods of {written} are of its newest version.", workload.updated));
    }
    let service = Service::new(written, stand, word);
    if stand != Stand::Up {
        return service;
    }
    // As young as the youngest that is needed. All of the ready ones must say it, or the youngest might be one that does not.
    let starts: Option<Vec<_>> =
        mine.iter().filter(|pod| pod.state == PodState::Ready).map(|pod| pod.started).collect();
    let starts = starts.filter(|starts| starts.len() as u64 >= *wanted);
    service.up_since(starts.and_then(|starts| starts.into_iter().max()), now, notes)
}

//! How long services have been up: from the Docker Engine, systemd, supervisord, Kubernetes, Prometheus or `ps`, or from
//! what they say over HTTP.
//!
//! A service is up when it runs and is not known to be unhealthy. One that is expected and not up leaves the shortest
//! uptime absent: nothing else would be true of all of them.

mod cluster;
mod containers;
mod look;
mod options;
mod programs;
#[cfg(test)]
mod tests;
mod units;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::source::shorthand::TextOr;
use crate::witness::Witness;

pub use options::{Cluster, Containers, Processes, Programs, Speaker, Speakers, Targets, Units};

/// Whether services are up, and how long each of them has been.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceUptime {
    /// Containers, from the Docker Engine (or Podman).
    Docker(Containers),
    /// Units, from systemd: `systemctl show`, here or elsewhere.
    Systemd(Units),
    /// Programs, from supervisord.
    Supervisord(Programs),
    /// Pods and workloads, from Kubernetes: `kubectl get`.
    Kubernetes(Cluster),
    /// Scrape targets, from Prometheus: `up` and `process_start_time_seconds`.
    Prometheus(TextOr<Targets>),
    /// Processes of this machine, from `ps`.
    Process(Processes),
    /// Services that say over HTTP since when they run.
    Http(Speakers),
}

/// Where a service stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stand {
    Up,
    Unhealthy,
    Restarting,
    Down,
    /// The source says nothing of it.
    NoData,
}

/// A service as its source sees it.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Service {
    name: String,
    stand: Stand,
    /// The source's own word for it.
    word: String,
    started: Option<Instant>,
    uptime: Option<Number>,
    /// Why nothing is known of its uptime, where the source gives cause to say.
    ageless: Option<String>,
}

/// Everything a source says.
#[derive(Debug, Default)]
struct Seen {
    services: Vec<Service>,
    /// Does the source tell unhealthy and restarting services from the others?
    tells_health: bool,
    tells_restarts: bool,
    notes: Vec<String>,
}

/// The columns of `services`.
const COLUMNS: &[&str] = &["name", "state", "uptime", "started"];

impl Kind for ServiceUptime {
    const NAME: &'static str = "service-uptime";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Services that are expected"),
        FactSpec::new("up", FactType::Count, "Services that run and are not known to be unhealthy").higher(),
        FactSpec::new("down", FactType::Count, "Services that do not run, or do not exist").lower(),
        FactSpec::new("unhealthy", FactType::Count, "Services that run and fail their own health check").lower(),
        FactSpec::new("restarting", FactType::Count, "Services that ended and are being started again").lower(),
        FactSpec::new("min-uptime", FactType::Duration, "How long all of them have been up: the shortest uptime")
            .higher()
            .growing(),
        FactSpec::new("max-uptime", FactType::Duration, "The longest uptime of one that runs").higher().growing(),
        FactSpec::new("started", FactType::Instant, "When the youngest of them was started"),
        FactSpec::new("services", FactType::Table, "Each service: name, state, uptime, started"),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("services", COLUMNS)];
    const EXAMPLE: &'static str = "{docker: {containers: [prometheus, grafana, alertmanager, node-exporter]}}";

    fn source(&self) -> Option<&'static str> {
        Some(match self {
            Self::Docker(_) => "docker",
            Self::Systemd(_) => "systemd",
            Self::Supervisord(_) => "supervisord",
            Self::Kubernetes(_) => "kubernetes",
            Self::Prometheus(_) => "prometheus",
            Self::Process(_) => "process",
            Self::Http(_) => "http",
        })
    }

    fn problems(&self) -> Vec<(String, String)> {
        match self {
            Self::Docker(docker) => docker.problems(),
            Self::Systemd(units) => units.problems(),
            Self::Supervisord(programs) => programs.problems(),
            Self::Kubernetes(cluster) => cluster.problems(),
            Self::Prometheus(TextOr(targets)) => targets.problems(),
            Self::Process(processes) => processes.problems(),
            Self::Http(http) => http.problems(),
        }
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let seen = match self {
            Self::Docker(containers) => containers::look(containers, witness).await?,
            Self::Systemd(units) => units::look(units, witness).await?,
            Self::Supervisord(programs) => programs::look(programs, witness).await?,
            Self::Kubernetes(cluster) => cluster::look(cluster, witness).await?,
            Self::Prometheus(TextOr(targets)) => look::at_targets(targets, witness).await?,
            Self::Process(processes) => look::at_processes(processes, witness).await?,
            Self::Http(speakers) => look::at_speakers(speakers, witness).await?,
        };
        Ok(facts(seen))
    }
}

impl Service {
    fn new(name: impl Into<String>, stand: Stand, word: impl Into<String>) -> Self {
        Self { name: name.into(), stand, word: word.into(), started: None, uptime: None, ageless: None }
    }

    fn runs(&self) -> bool {
        matches!(self.stand, Stand::Up | Stand::Unhealthy)
    }

    fn row(&self) -> Vec<Option<Value>> {
        vec![
            Some(Value::Text(self.name.clone())),
            Some(Value::Text(self.word.clone())),
            self.uptime.clone().filter(|_| self.runs()).map(Value::Duration),
            self.started.map(Value::Instant),
        ]
    }
}

fn facts(seen: Seen) -> Facts {
    let Seen { services, tells_health, tells_restarts, notes } = seen;
    let mut facts = Facts { notes, ..Facts::default() };
    let count = |stand| Value::count(services.iter().filter(|service| service.stand == stand).count());
    let unknown = named(&services, |service| service.stand == Stand::NoData);
    facts.set("total", Value::count(services.len()));
    for (fact, stand, told) in [
        ("up", Stand::Up, true),
        ("down", Stand::Down, true),
        ("unhealthy", Stand::Unhealthy, tells_health),
        ("restarting", Stand::Restarting, tells_restarts),
    ] {
        match &unknown {
            _ if services.is_empty() => facts.absent(fact, "there is no service to look at"),
            _ if !told => facts.absent(fact, "this source does not tell"),
            Some(names) => facts.absent(fact, format!("there is no data for {names}")),
            None => facts.set(fact, count(stand)),
        }
    }
    set_uptimes(&mut facts, &services);
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    facts.set("services", Value::Table(Table { columns, rows: services.iter().map(Service::row).collect() }));
    facts
}

fn set_uptimes(facts: &mut Facts, services: &[Service]) {
    let running = || services.iter().filter(|service| service.runs());
    let longest = running().filter_map(|service| service.uptime.clone()).max().map(Value::Duration);
    facts.set_or("max-uptime", longest, "no service says how long it has been up");

    let not_running = named(services, |service| !service.runs());
    let not_saying = named(services, |service| service.runs() && service.uptime.is_none());
    let ageless = services.iter().filter(|service| service.runs()).find_map(|service| service.ageless.clone());
    let missing = match (not_running, not_saying) {
        _ if services.is_empty() => Some("there is no service to look at".to_owned()),
        (Some(names), _) => Some(format!("not up: {names}")),
        (None, Some(_)) if ageless.is_some() => ageless,
        (None, Some(names)) => Some(format!("nothing says how long these have been up: {names}")),
        (None, None) => None,
    };
    if let Some(reason) = missing {
        facts.absent("min-uptime", reason.clone());
        facts.absent("started", reason);
        return;
    }
    let shortest = running().filter_map(|service| service.uptime.clone()).min().map(Value::Duration);
    facts.set_or("min-uptime", shortest, "no service says how long it has been up");
    let youngest = running().filter_map(|service| service.started).max().map(Value::Instant);
    facts.set_or("started", youngest, "no service says when it was started");
}

/// The names of those that `which` picks, the first five of them; `None` when there are none.
fn named(services: &[Service], which: impl Fn(&Service) -> bool) -> Option<String> {
    let names: Vec<_> = services.iter().filter(|service| which(service)).map(|service| service.name.as_str()).collect();
    match names.len() {
        0 => None,
        1..=5 => Some(names.join(", ")),
        many => Some(format!("{} and {} more", names[..5].join(", "), many - 5)),
    }
}

//! How long services have been up: from the Docker Engine, from Prometheus, from `ps`, or from what they say over HTTP.
//!
//! A service is up when it runs and is not known to be unhealthy. One that is expected and not up leaves the shortest
//! uptime absent: nothing else would be true of all of them.

mod look;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::source::endpoint::{Endpoint, with_endpoint};
use crate::source::jq::Filter;
use crate::source::shorthand::{FromText, TextOr};
use crate::witness::Witness;

/// Whether services are up, and how long each of them has been.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ServiceUptime {
    /// Containers, from the Docker Engine (or Podman).
    Docker(Containers),
    /// Scrape targets, from Prometheus: `up` and `process_start_time_seconds`.
    Prometheus(TextOr<Targets>),
    /// Processes of this machine, from `ps`.
    Process(Processes),
    /// Services that say over HTTP since when they run.
    Http(Speakers),
}

/// Containers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Containers {
    /// Names (or ids) of the containers that are expected to be up.
    pub containers: Vec<String>,
    /// The engine's unix socket; `/var/run/docker.sock` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// The engine's address, such as `http://build-host:2375`, in place of a socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Endpoint>,
}

with_endpoint! {
    /// Scrape targets.
    pub struct Targets {
        /// Names of jobs or of instances; a job is up when all of its instances are. Without it, every target counts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub services: Vec<String>,
    }
}

/// Processes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Processes {
    /// Names of programs; where several processes of a program run, the oldest counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Process numbers.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pids: Vec<u32>,
}

/// Services that speak HTTP.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Speakers {
    /// The services.
    pub services: Vec<Speaker>,
}

with_endpoint! {
    /// A service that says since when it runs.
    pub struct Speaker {
        /// Its name.
        pub name: String,
        /// A jq filter for the time it was started: `2025-10-20T19:15Z`, or seconds since 1970.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub started: Option<String>,
        /// A jq filter for how long it has run: `47h`, or seconds.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub uptime: Option<String>,
    }
}

impl FromText for Targets {
    const EXPECTED: &'static str = "the address of Prometheus, or a mapping with `url`";

    fn from_text(url: String) -> Self {
        Self { url, ..Self::default() }
    }
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
            Self::Prometheus(_) => "prometheus",
            Self::Process(_) => "process",
            Self::Http(_) => "http",
        })
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut say = |message: &str, help: &str| problems.push((message.to_owned(), help.to_owned()));
        match self {
            Self::Docker(docker) => {
                if docker.containers.is_empty() {
                    say("no container is named", "name at least one in `containers:`");
                }
                if docker.socket.is_some() && docker.host.is_some() {
                    say("both `socket` and `host` are given", "keep the one that the engine listens on");
                }
                problems.extend(docker.host.iter().flat_map(Endpoint::problems));
            }
            Self::Prometheus(TextOr(targets)) => problems.extend(targets.endpoint().problems()),
            Self::Process(processes) => {
                if processes.names.is_empty() && processes.pids.is_empty() {
                    say("no process is named", "name at least one in `names:` or `pids:`");
                }
            }
            Self::Http(http) => {
                if http.services.is_empty() {
                    say("no service is named", "name at least one in `services:`");
                }
                problems.extend(http.services.iter().flat_map(Speaker::problems));
            }
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let seen = match self {
            Self::Docker(containers) => look::at_containers(containers, witness).await?,
            Self::Prometheus(TextOr(targets)) => look::at_targets(targets, witness).await?,
            Self::Process(processes) => look::at_processes(processes, witness).await?,
            Self::Http(speakers) => look::at_speakers(speakers, witness).await?,
        };
        Ok(facts(seen))
    }
}

impl Speaker {
    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = self.endpoint().problems();
        let filters = [&self.started, &self.uptime];
        if filters.iter().all(|filter| filter.is_none()) {
            let message = format!("\"{}\" has neither `started` nor `uptime`", self.name);
            problems.push((message, "say with a jq filter where the answer has it".to_owned()));
        }
        for filter in filters.into_iter().flatten() {
            if let Err(problem) = Filter::compile(filter) {
                problems.push((problem.message, problem.help));
            }
        }
        problems
    }
}

impl Service {
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
    let missing = match (not_running, not_saying) {
        _ if services.is_empty() => Some("there is no service to look at".to_owned()),
        (Some(names), _) => Some(format!("not up: {names}")),
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

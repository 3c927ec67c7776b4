//! The options of `service-uptime`, source by source, and what can be wrong with them.

use std::collections::BTreeMap;
use std::convert::identity;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::model::printed::parse_duration;
use crate::source::endpoint::{Endpoint, with_endpoint};
use crate::source::jq::Filter;
use crate::source::kubernetes::WorkloadKind;
use crate::source::shorthand::FromText;
use crate::source::systemd::{full_name, is_name};

/// A message and a way out, each.
type Problems = Vec<(String, String)>;

/// Containers.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Containers {
    /// Names (or ids) of the containers that are expected to be up, each once. One that is given by its name and by its id
    /// counts once.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub containers: Vec<String>,
    /// In place of names: every container of that Compose project, what `run` left behind aside. One that was removed is
    /// not missed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub compose_project: Option<String>,
    /// In place of names: every container that has these labels, each `key` or `key=value`. One that was removed is not
    /// missed.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub labels: Vec<String>,
    /// The engine's unix socket; `/var/run/docker.sock` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// The engine's address, such as `http://build-host:2375`, in place of a socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Endpoint>,
}

/// Units of systemd.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Units {
    /// Names of the units that are expected to be up, each once; one without a type is a service: `nginx` is
    /// `nginx.service`. A `oneshot` that stays active (`RemainAfterExit=yes`) counts as up; one that ran and ended does not.
    pub units: Vec<String>,
    /// Ask the manager of the user in place of the system's.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub user: bool,
    /// Where systemd runs, when not here: the words before the command, such as `[ssh, web-1]`, `[docker, exec, app]`
    /// or `[sudo]`.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub through: Vec<String>,
}

/// Programs of supervisord.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Programs {
    /// Names of programs, of groups (all of their processes must be up) or `group:process`, each once. Without it, every
    /// process counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub programs: Vec<String>,
    /// The unix socket of supervisord; `/var/run/supervisor.sock` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub socket: Option<String>,
    /// The address of supervisord's HTTP server, such as `http://localhost:9001`, in place of a socket.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub host: Option<Endpoint>,
}

/// Pods and workloads of Kubernetes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Cluster {
    /// Workloads that are expected to be up, each once: `deployment/web`, `statefulset/db`, `daemonset/agent`. One is up
    /// when as many of its pods are ready as are wanted. Without it, every pod counts, but for those that are done.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub workloads: Vec<String>,
    /// The namespace; the one of the context unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub namespace: Option<String>,
    /// Which pods: a label selector, such as `app=web`. Not with `workloads`, which have their own.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub selector: Option<String>,
    /// The context of the kubeconfig; the current one unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub context: Option<String>,
    /// How kubectl is called, such as `[k3s, kubectl]`; `[kubectl]` unless given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub kubectl: Vec<String>,
}

with_endpoint! {
    /// Scrape targets.
    pub struct Targets {
        /// Take a target for one without data when its newest sample is older than that, such as `2m`. Prometheus itself
        /// answers with samples of up to five minutes ago.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub max_age: Option<String>,
        /// Names of jobs or of instances, each once; a job is up when all of its instances are. Without it, every target
        /// counts.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        pub services: Vec<String>,
    }
}

/// Processes.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Processes {
    /// Names of programs, each once; where several processes of a program run, the oldest counts.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
    /// Process numbers, each once.
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

/// One problem.
fn problem(message: &str, help: &str) -> (String, String) {
    (message.to_owned(), help.to_owned())
}

/// What is named more than once, `whole` being its whole name: each time would count, and another one may be missing for it.
fn named_twice<T: ToString>(option: &str, named: &[T], whole: impl Fn(String) -> String) -> Problems {
    let mut times: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for name in named {
        let (times, last) = times.entry(whole(name.to_string())).or_default();
        *times += 1;
        *last = name.to_string();
    }
    let often = times.into_values().filter(|(times, _)| *times > 1);
    often
        .map(|(times, name)| {
            let often = if times == 2 { "twice".to_owned() } else { format!("{times} times") };
            (format!("\"{name}\" is named {often} in `{option}:`"), "name each one once".to_owned())
        })
        .collect()
}

/// Both ways to reach a server are given.
fn two_ways(socket: Option<&String>, host: Option<&Endpoint>, who: &str) -> Problems {
    let both = (socket.is_some() && host.is_some())
        .then(|| problem("both `socket` and `host` are given", &format!("keep the one that {who} listens on")));
    both.into_iter().chain(host.into_iter().flat_map(Endpoint::problems)).collect()
}

impl Containers {
    pub(super) fn problems(&self) -> Problems {
        let mut problems = two_ways(self.socket.as_ref(), self.host.as_ref(), "the engine");
        let by_label = self.compose_project.is_some() || !self.labels.is_empty();
        match (self.containers.is_empty(), by_label) {
            (true, false) => problems.push(problem("no container is named", "name at least one in `containers:`")),
            (false, true) => problems.push(problem(
                "containers are given by name and by label",
                "keep `containers:`, or `compose-project:` and `labels:`",
            )),
            _ => {}
        }
        problems.extend(named_twice("containers", &self.containers, identity));
        problems
    }
}

impl Units {
    pub(super) fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        if self.units.is_empty() {
            problems.push(problem("no unit is named", "name at least one in `units:`"));
        }
        for unit in self.units.iter().filter(|unit| !unit.contains("${") && !is_name(unit)) {
            problems.push((
                format!("\"{unit}\" is not the name of a unit"),
                "write a whole name such as nginx.service; patterns are not taken".to_owned(),
            ));
        }
        if self.through.first().is_some_and(String::is_empty) {
            problems.push(problem("`through` begins with an empty word", "begin it with a program, such as ssh"));
        }
        problems.extend(named_twice("units", &self.units, |unit| full_name(&unit)));
        // ssh hands the words to a shell, which would take the backslash for its own.
        let ssh = self.through.iter().any(|word| word.rsplit('/').next() == Some("ssh"));
        for unit in self.units.iter().filter(|unit| ssh && unit.contains('\\')) {
            problems.push((
                format!("\"{unit}\" cannot be asked for through ssh: the shell there takes the backslash away"),
                "run the audit on that machine".to_owned(),
            ));
        }
        problems
    }
}

impl Programs {
    pub(super) fn problems(&self) -> Problems {
        let mut problems = two_ways(self.socket.as_ref(), self.host.as_ref(), "supervisord");
        if self.programs.iter().any(String::is_empty) {
            problems.push(problem("a program without a name is given", "name it as supervisorctl does"));
        }
        problems.extend(named_twice("programs", &self.programs, identity));
        problems
    }
}

impl Cluster {
    pub(super) fn problems(&self) -> Problems {
        let mut problems = Problems::new();
        for workload in self.workloads.iter().filter(|workload| !workload.contains("${")) {
            if workload_name(workload).is_none() {
                problems.push((
                    format!("\"{workload}\" is not a workload"),
                    "write deployment/NAME, statefulset/NAME or daemonset/NAME".to_owned(),
                ));
            }
        }
        if !self.workloads.is_empty() && self.selector.is_some() {
            problems
                .push(problem("both `workloads` and `selector` are given", "keep one: a workload knows its own pods"));
        }
        // `deploy/web` is `deployment/web`.
        let whole = |written: String| {
            workload_name(&written).map_or(written.clone(), |(kind, name)| format!("{kind:?}/{name}"))
        };
        problems.extend(named_twice("workloads", &self.workloads, whole));
        if self.kubectl.first().is_some_and(String::is_empty) {
            problems.push(problem("`kubectl` begins with an empty word", "begin it with a program, such as k3s"));
        }
        problems
    }
}

/// Kind and name of `deployment/web`.
pub(super) fn workload_name(written: &str) -> Option<(WorkloadKind, &str)> {
    let (kind, name) = written.split_once('/')?;
    WorkloadKind::from_word(kind).map(|kind| (kind, name)).filter(|(_, name)| !name.is_empty() && !name.contains('/'))
}

impl Targets {
    pub(super) fn problems(&self) -> Problems {
        let age = self.max_age.as_ref().filter(|age| !age.contains("${"));
        let age = age.and_then(|age| parse_duration(age).err());
        let age = age.map(|error| (error.to_string(), "write `max-age` as a length of time, such as 2m".to_owned()));
        let twice = named_twice("services", &self.services, identity);
        self.endpoint().problems().into_iter().chain(age).chain(twice).collect()
    }
}

impl Processes {
    pub(super) fn problems(&self) -> Problems {
        let none = self.names.is_empty() && self.pids.is_empty();
        let none = none.then(|| problem("no process is named", "name at least one in `names:` or `pids:`"));
        let twice = [named_twice("names", &self.names, identity), named_twice("pids", &self.pids, identity)];
        none.into_iter().chain(twice.into_iter().flatten()).collect()
    }
}

impl Speakers {
    pub(super) fn problems(&self) -> Problems {
        let none = self.services.is_empty();
        let none = none.then(|| problem("no service is named", "name at least one in `services:`"));
        none.into_iter().chain(self.services.iter().flat_map(Speaker::problems)).collect()
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

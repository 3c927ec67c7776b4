//! Pods and workloads of Kubernetes, as `kubectl get --output json` lists them.
//!
//! kubectl brings the credentials, the proxies and the paging; nothing of these is needed here.
//! Source of the shapes: <https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/>.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::output::printable;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{Command, Witness};

/// How the cluster is asked.
#[derive(Debug, Clone, Copy)]
pub struct Kubectl<'a> {
    /// The program and what always stands behind it, such as `k3s kubectl`.
    pub program: &'a [String],
    /// The namespace; the one of the context where none is given.
    pub namespace: Option<&'a str>,
    /// The context; the current one where none is given.
    pub context: Option<&'a str>,
    /// Who asks.
    pub witness: &'a Witness,
}

/// A pod.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pod {
    /// Its name.
    pub name: String,
    /// Its labels.
    pub labels: BTreeMap<String, String>,
    /// Its state.
    pub state: PodState,
    /// Kubernetes' own word for what is wrong: `CrashLoopBackOff`, `ImagePullBackOff`, `Unschedulable`, `Evicted`.
    pub reason: Option<String>,
    /// When the youngest of its containers was started; `None` when one of them does not run.
    pub started: Option<Instant>,
    /// How often its containers were started again.
    pub restarts: u64,
}

/// State of a pod.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PodState {
    /// Every container runs and is ready.
    Ready,
    /// Every container runs, and the pod is not ready.
    NotReady,
    /// A container ended, and waits to be started again.
    Restarting,
    /// Not every container was started yet.
    Pending,
    /// A container ended, and none is started in its place.
    Ended,
    /// Every container ended with success: a job that is done.
    Succeeded,
    /// Ended, and not with success.
    Failed,
    /// Is being deleted.
    Terminating,
    /// Its node does not answer.
    Unknown,
}

/// What keeps pods running: a deployment, a stateful set, a daemon set.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Workload {
    /// Its name.
    pub name: String,
    /// Pods that are wanted.
    pub wanted: u64,
    /// Pods that are ready.
    pub ready: u64,
    /// Ready pods of the newest version; fewer while a change is being rolled out.
    pub updated: u64,
    /// Has the controller seen the newest version of what is wanted?
    pub observed: bool,
    selector: Selector,
}

impl Workload {
    /// Is it one of its pods?
    pub fn selects(&self, pod: &Pod) -> bool {
        let Selector { labels, expressions } = &self.selector;
        // An empty selector would take all of them, which nobody means here.
        (!labels.is_empty() || !expressions.is_empty())
            && labels.iter().all(|(key, value)| pod.labels.get(key) == Some(value))
            && expressions.iter().all(|expression| expression.holds(&pod.labels))
    }
}

/// The kinds of workloads that are known here, as `kubectl get` takes them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum WorkloadKind {
    /// `deployment`.
    Deployment,
    /// `statefulset`.
    StatefulSet,
    /// `daemonset`.
    DaemonSet,
}

impl WorkloadKind {
    /// From its name or its usual short name: `deployment`, `deploy`, `statefulset`, `sts`, `daemonset`, `ds`.
    pub fn from_word(word: &str) -> Option<Self> {
        match word.to_ascii_lowercase().as_str() {
            "deployment" | "deployments" | "deploy" => Some(Self::Deployment),
            "statefulset" | "statefulsets" | "sts" => Some(Self::StatefulSet),
            "daemonset" | "daemonsets" | "ds" => Some(Self::DaemonSet),
            _ => None,
        }
    }

    const fn resource(self) -> &'static str {
        match self {
            Self::Deployment => "deployments",
            Self::StatefulSet => "statefulsets",
            Self::DaemonSet => "daemonsets",
        }
    }
}

#[derive(Deserialize)]
struct List<T> {
    kind: String,
    items: Vec<T>,
}

#[derive(Deserialize)]
struct Metadata {
    name: String,
    #[serde(default)]
    labels: Option<BTreeMap<String, String>>,
    #[serde(default)]
    generation: u64,
    #[serde(default, rename = "deletionTimestamp")]
    deletion: Option<String>,
}

#[derive(Deserialize)]
struct WrittenPod {
    metadata: Metadata,
    #[serde(default)]
    status: PodStatus,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct PodStatus {
    #[serde(default)]
    phase: String,
    #[serde(default)]
    reason: Option<String>,
    #[serde(default)]
    conditions: Vec<PodCondition>,
    #[serde(default)]
    init_container_statuses: Vec<ContainerStatus>,
    #[serde(default)]
    container_statuses: Vec<ContainerStatus>,
}

#[derive(Deserialize)]
struct PodCondition {
    #[serde(rename = "type")]
    kind: String,
    status: String,
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ContainerStatus {
    #[serde(default)]
    restart_count: u64,
    #[serde(default)]
    state: ContainerState,
}

#[derive(Deserialize, Default)]
struct ContainerState {
    #[serde(default)]
    running: Option<Running>,
    #[serde(default)]
    waiting: Option<Stopped>,
    #[serde(default)]
    terminated: Option<Stopped>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Running {
    #[serde(default)]
    started_at: Option<String>,
}

#[derive(Deserialize)]
struct Stopped {
    #[serde(default)]
    reason: Option<String>,
}

#[derive(Deserialize)]
struct WrittenWorkload {
    metadata: Metadata,
    spec: WorkloadSpec,
    #[serde(default)]
    status: WorkloadStatus,
}

#[derive(Deserialize)]
struct WorkloadSpec {
    /// Deployments and stateful sets; 1 where it is left out.
    #[serde(default)]
    replicas: Option<u64>,
    #[serde(default)]
    selector: Selector,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct WorkloadStatus {
    #[serde(default)]
    observed_generation: Option<u64>,
    #[serde(default)]
    ready_replicas: u64,
    #[serde(default)]
    updated_replicas: u64,
    #[serde(default)]
    desired_number_scheduled: Option<u64>,
    #[serde(default)]
    number_ready: u64,
    #[serde(default)]
    updated_number_scheduled: u64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
struct Selector {
    #[serde(default, rename = "matchLabels")]
    labels: BTreeMap<String, String>,
    #[serde(default, rename = "matchExpressions")]
    expressions: Vec<Expression>,
}

#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
struct Expression {
    key: String,
    operator: String,
    #[serde(default)]
    values: Vec<String>,
}

impl Expression {
    fn holds(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = labels.get(&self.key);
        match self.operator.as_str() {
            "In" => value.is_some_and(|value| self.values.contains(value)),
            "NotIn" => value.is_none_or(|value| !self.values.contains(value)),
            "Exists" => value.is_some(),
            "DoesNotExist" => value.is_none(),
            _ => false,
        }
    }
}

impl Kubectl<'_> {
    /// The pods that a selector picks; all of them where none is given.
    pub async fn pods(&self, selector: Option<&str>) -> Result<Vec<Pod>, Unmeasurable> {
        let pods: Vec<WrittenPod> = self.get("pods", selector).await?;
        Ok(pods.into_iter().map(pod).collect())
    }

    /// The workloads of a kind, all of them.
    pub async fn workloads(&self, kind: WorkloadKind) -> Result<Vec<Workload>, Unmeasurable> {
        let workloads: Vec<WrittenWorkload> = self.get(kind.resource(), None).await?;
        Ok(workloads.into_iter().map(|written| workload(written, kind)).collect())
    }

    async fn get<T: DeserializeOwned>(&self, what: &str, selector: Option<&str>) -> Result<Vec<T>, Unmeasurable> {
        let mut argv = self.program.to_vec();
        argv.extend(["get", what, "--output=json"].map(str::to_owned));
        for (option, value) in [("context", self.context), ("namespace", self.namespace), ("selector", selector)] {
            argv.extend(value.map(|value| format!("--{option}={value}")));
        }
        let answer = self.witness.run(Command { argv, ..Command::default() }).await?;
        if answer.exit != Some(0) {
            return Err(refused(what, answer.exit, &String::from_utf8_lossy(&answer.stderr)));
        }
        read(&answer.stdout, what)
    }
}

fn refused(what: &str, exit: Option<i32>, stderr: &str) -> Unmeasurable {
    let clean = |line: &str| printable(line, 200);
    // What went wrong stands last, behind warnings and attempts.
    let said = stderr.lines().rev().map(clean).find(|line| !line.trim().is_empty());
    let how = exit.map_or_else(|| "was ended by a signal".to_owned(), |code| format!("ended with {code}"));
    let help = match stderr {
        text if text.contains("(Forbidden)") => "Let the audit's account list them: verbs get and list.",
        text if text.contains("provide credentials") || text.contains("(Unauthorized)") => {
            "Sign in to the cluster, or name another `context:`."
        }
        text if text.contains("refused") || text.contains("no such host") || text.contains("timeout") => {
            "Look whether the cluster can be reached from here, and whether `context:` names the right one."
        }
        _ => "Try the command by hand.",
    };
    let said = said.unwrap_or_else(|| "it said nothing".to_owned());
    Unmeasurable::new(format!("`kubectl get {what}` {how}: {said}"), help)
}

fn read<T: DeserializeOwned>(stdout: &[u8], what: &str) -> Result<Vec<T>, Unmeasurable> {
    let help = "Look at it by hand with `kubectl get --output json`, and at the version of kubectl.";
    let list: List<T> = serde_json::from_slice(stdout).map_err(|error| {
        let why = if error.is_eof() { "JSON that breaks off".to_owned() } else { format!("no list of them: {error}") };
        Unmeasurable::new(format!("`kubectl get {what}` printed {why}"), help)
    })?;
    if !list.kind.ends_with("List") {
        let kind = printable(&list.kind, 60);
        return Err(Unmeasurable::new(format!("`kubectl get {what}` printed a \"{kind}\", and no list"), help));
    }
    Ok(list.items)
}

fn pod(written: WrittenPod) -> Pod {
    let WrittenPod { metadata, status } = written;
    let condition = |kind: &str| status.conditions.iter().find(|condition| condition.kind == kind);
    let is = |kind, value| condition(kind).is_some_and(|condition| condition.status == value);
    let containers = || status.init_container_statuses.iter().chain(&status.container_statuses);
    let waiting = containers().find_map(|container| container.state.waiting.as_ref());
    let ended = status.container_statuses.iter().find_map(|container| container.state.terminated.as_ref());
    let waits_for = waiting.and_then(|waiting| waiting.reason.clone());
    let crashed = containers().any(|container| container.state.waiting.is_some() && container.restart_count > 0);
    let all_run = !status.container_statuses.is_empty()
        && status.container_statuses.iter().all(|container| container.state.running.is_some());
    let unscheduled = condition("PodScheduled").filter(|condition| condition.status == "False");
    let state = match status.phase.as_str() {
        "Succeeded" => PodState::Succeeded,
        "Failed" => PodState::Failed,
        _ if metadata.deletion.is_some() => PodState::Terminating,
        "Pending" | "Running" if crashed || waits_for.as_deref() == Some("CrashLoopBackOff") => PodState::Restarting,
        "Pending" => PodState::Pending,
        // A node that is lost leaves the phase as it was, and makes the condition unknown.
        "Running" if is("Ready", "Unknown") => PodState::Unknown,
        "Running" if all_run && is("Ready", "True") => PodState::Ready,
        "Running" if all_run => PodState::NotReady,
        "Running" if waiting.is_some() => PodState::Pending,
        "Running" if ended.is_some() => PodState::Ended,
        _ => PodState::Unknown,
    };
    let starts: Option<Vec<Instant>> = status
        .container_statuses
        .iter()
        .map(|container| container.state.running.as_ref()?.started_at.as_ref()?.parse().ok())
        .collect();
    let reason = (status.reason.clone().or(waits_for))
        .or_else(|| ended.and_then(|ended| ended.reason.clone()))
        .or_else(|| unscheduled.and_then(|condition| condition.reason.clone()));
    Pod {
        name: metadata.name,
        labels: metadata.labels.unwrap_or_default(),
        state,
        reason: reason.map(|reason| printable(&reason, 60)),
        started: starts.and_then(|starts| starts.into_iter().max()),
        restarts: containers().fold(0, |all, container| all.saturating_add(container.restart_count)),
    }
}

fn workload(written: WrittenWorkload, kind: WorkloadKind) -> Workload {
    let WrittenWorkload { metadata, spec, status } = written;
    let (wanted, ready, updated) = match kind {
        WorkloadKind::DaemonSet => {
            // Without it the controller has not counted the nodes yet: nothing is known to be wanted, and 0 of 0 is not up.
            (status.desired_number_scheduled.unwrap_or(0), status.number_ready, status.updated_number_scheduled)
        }
        _ => (spec.replicas.unwrap_or(1), status.ready_replicas, status.updated_replicas),
    };
    Workload {
        name: metadata.name,
        wanted,
        ready,
        updated,
        observed: status.observed_generation.is_none_or(|seen| seen >= metadata.generation),
        selector: spec.selector,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn captured(name: &str) -> Vec<u8> {
        let path = format!("{}/fixtures/kinds/service-uptime/kubectl-{name}.json", env!("CARGO_MANIFEST_DIR"));
        std::fs::read(path).expect("it is there")
    }

    fn pods() -> Vec<Pod> {
        read::<WrittenPod>(&captured("pods"), "pods").expect("reads").into_iter().map(pod).collect()
    }

    #[test]
    fn a_pod_is_ready_only_when_all_of_it_runs_and_says_so() {
        use PodState::{Failed, NotReady, Pending, Ready, Restarting, Succeeded, Terminating, Unknown};
        let expected = [
            ("web-5d9c7b6f4-aaaaa", Ready, None),
            ("web-5d9c7b6f4-bbbbb", Ready, None),
            ("api-7f6d5c4b3-ccccc", NotReady, None),
            ("worker-6b5a4c3d2-ddddd", Restarting, Some("CrashLoopBackOff")),
            ("cache-0", Pending, Some("ImagePullBackOff")),
            ("report-eeeee", Pending, Some("Unschedulable")),
            ("migrate-fffff", Succeeded, Some("Completed")),
            ("web-5d9c7b6f4-ggggg", Failed, Some("Evicted")),
            ("old-hhhhh", Terminating, None),
            ("lost-iiiii", Unknown, Some("NodeLost")),
            ("broken-jjjjj", Restarting, Some("CrashLoopBackOff")),
        ];
        let pods = pods();
        let found: Vec<_> = pods.iter().map(|pod| (pod.name.as_str(), pod.state, pod.reason.as_deref())).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn a_pod_is_as_young_as_its_youngest_container() {
        let pods = pods();
        assert_eq!(pods[0].started.map(|at| at.to_string()).as_deref(), Some("2026-11-25T08:00:05Z"));
        assert_eq!((pods[1].restarts, pods[3].restarts), (2, 41));
        assert_eq!(pods[3].started, None);
    }

    #[test]
    fn a_workload_knows_its_pods_and_how_many_it_wants() {
        let all = read::<WrittenWorkload>(&captured("deployments"), "deployments").expect("reads");
        let all: Vec<_> = all.into_iter().map(|one| workload(one, WorkloadKind::Deployment)).collect();
        let counts: Vec<_> = all.iter().map(|one| (one.name.as_str(), one.wanted, one.ready, one.observed)).collect();
        assert_eq!(
            counts,
            [
                ("web", 2, 2, true),
                ("api", 2, 0, true),
                ("off", 0, 0, true),
                ("rolling", 3, 3, false),
                ("bare", 1, 0, true)
            ]
        );
        let mine: Vec<_> = pods().into_iter().filter(|pod| all[0].selects(pod)).map(|pod| pod.name).collect();
        assert_eq!(mine, ["web-5d9c7b6f4-aaaaa", "web-5d9c7b6f4-bbbbb", "web-5d9c7b6f4-ggggg"]);
        assert!(!pods().iter().any(|pod| all[4].selects(pod)), "one without a selector has no pods");
    }

    #[test]
    fn what_is_no_list_is_no_answer() {
        for wrong in [
            "",
            "{",
            "[]",
            r#"{"kind": "Pod", "items": []}"#,
            r#"{"kind": "List"}"#,
            r#"{"kind": "List", "items": [{}]}"#,
        ] {
            assert!(read::<WrittenPod>(wrong.as_bytes(), "pods").is_err(), "{wrong}");
        }
        let problem = refused("pods", Some(1), "W1127 memcache.go\nError from server (Forbidden): pods is forbidden\n");
        assert_eq!(problem.reason, "`kubectl get pods` ended with 1: Error from server (Forbidden): pods is forbidden");
        assert!(problem.help.contains("verbs get and list"));
    }

    proptest! {
        #[test]
        fn no_answer_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
            let _either = read::<WrittenPod>(&bytes, "pods");
            let _either = read::<WrittenWorkload>(&bytes, "deployments");
        }

        #[test]
        fn no_state_makes_it_panic(phase in "(Running|Pending|Succeeded|.{0,9})", ready in "(True|False|.{0,9})", restarts in any::<u64>(), at in "\\PC{0,20}") {
            let container = serde_json::json!({"restartCount": restarts, "state": {"running": {"startedAt": at}}});
            let one = serde_json::json!({"metadata": {"name": "x"}, "status": {"phase": phase,
                "conditions": [{"type": "Ready", "status": ready}], "containerStatuses": [container]}});
            let list = serde_json::json!({"kind": "List", "items": [one]}).to_string();
            let _all: Vec<_> = read::<WrittenPod>(list.as_bytes(), "pods").expect("reads").into_iter().map(pod).collect();
        }
    }
}

//! Service managers whose answers were captured, or made by hand: through a live door, and again from what was recorded.

use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use countersign::model::fact::{Facts, Value};
use serde_json::{Value as Json, json};

use crate::canned_server::Canned;
use crate::door::Door;
use crate::probe_servers::{absent, count, measure};
use crate::support::{audit, countersign, ran};

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/service-uptime");

/// A program that prints captured output. It stands for the command alone: what is read is what a real one printed, or
/// what the folder of fixtures says of it.
fn program(folder: &Path, name: &str, script: &str) -> PathBuf {
    let path = folder.join(name);
    std::fs::write(&path, format!("#!/bin/sh\nfixtures='{FIXTURES}'\n{script}\n")).unwrap();
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path
}

const KUBECTL: &str = r#"
test "$1" = get || exit 9
what=$2; shift 2
for word in "$@"; do
  case $word in
    --namespace=empty) cat "$fixtures/kubectl-none.json"; echo "No resources found in empty namespace." >&2; exit 0;;
    --namespace=forbidden) cat "$fixtures/kubectl-none.json"; echo "Error from server (Forbidden): $what is forbidden: User \"ci\" cannot list resource" >&2; exit 1;;
    --namespace=half) head -c 300 "$fixtures/kubectl-$what.json"; exit 0;;
    --selector=app=web|--context=*|--namespace=shop|--output=json) ;;
    *) echo "error: unknown flag: $word" >&2; exit 1;;
  esac
done
cat "$fixtures/kubectl-$what.json"
"#;

fn kubernetes(kubectl: &Path, options: Json) -> Json {
    let mut options = options;
    options["kubectl"] = json!([kubectl]);
    json!({ "kubernetes": options })
}

fn all_counts(facts: &Facts) -> [u64; 5] {
    ["total", "up", "unhealthy", "restarting", "down"].map(|fact| count(facts, fact))
}

#[tokio::test]
async fn workloads_are_up_when_as_many_pods_are_ready_as_are_wanted() {
    let door = Door::open();
    let kubectl = program(door.scratch.path(), "kubectl", KUBECTL);
    let workloads = ["deployment/web", "deploy/api", "deployment/off", "deployment/nosuch", "daemonset/agent"];
    let options = kubernetes(&kubectl, json!({"workloads": workloads, "namespace": "shop", "context": "prod"}));
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    assert_eq!(all_counts(&facts), [5, 1, 1, 0, 3]);
    assert_eq!(absent(&facts, "min-uptime"), "not up: deployment/off, deployment/nosuch, daemonset/agent");

    let options = kubernetes(&kubectl, json!({"workloads": ["deployment/web"]}));
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    // The evicted pod beside them does not count, nor the older container.
    assert_eq!(facts.get("started"), Some(&Value::Instant("2026-11-26T09:30:00Z".parse().unwrap())));

    let options = kubernetes(&kubectl, json!({"workloads": ["deployment/rolling"]}));
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    assert_eq!(absent(&facts, "up"), "there is no data for deployment/rolling");
}

#[tokio::test]
async fn pods_are_counted_by_state_and_a_cluster_that_refuses_is_no_answer() {
    let door = Door::open();
    let kubectl = program(door.scratch.path(), "kubectl", KUBECTL);
    let facts = measure(&door, "service-uptime", kubernetes(&kubectl, json!({"selector": "app=web"}))).await.unwrap();
    // The node of one of them is lost, so that nothing is known of all of them together.
    assert_eq!(absent(&facts, "up"), "there is no data for lost-iiiii");
    assert_eq!(count(&facts, "total"), 10, "the job that is done is no service");
    let empty = measure(&door, "service-uptime", kubernetes(&kubectl, json!({"namespace": "empty"}))).await.unwrap();
    assert_eq!(absent(&empty, "up"), "there is no service to look at");
    for (namespace, reason) in [
        (
            "forbidden",
            "`kubectl get pods` ended with 1: Error from server (Forbidden): pods is forbidden: User \"ci\" cannot list resource",
        ),
        ("half", "`kubectl get pods` printed JSON that breaks off"),
        ("x y", "`kubectl get pods` ended with 1: error: unknown flag: --namespace=x y"),
    ] {
        let options = kubernetes(&kubectl, json!({"namespace": namespace}));
        assert_eq!(measure(&door, "service-uptime", options).await.unwrap_err().reason, reason);
    }
    let missing = kubernetes(Path::new("/nonexistent/kubectl"), json!({}));
    assert!(measure(&door, "service-uptime", missing).await.is_err());
}

#[test]
fn the_binary_asks_the_kubectl_on_its_path() {
    let place = tempfile::tempdir().expect("a scratch folder");
    program(place.path(), "kubectl", KUBECTL);
    let check = |expect: &str| {
        format!(
            "      - id: web\n        service-uptime: {{kubernetes: {{workloads: [deployment/web]}}}}\n        expect: {{{expect}}}\n"
        )
    };
    for (expect, code) in [("up: == 1", 0), ("up: == 2", 2)] {
        let audit = audit(&place.path().join(format!("audit-{code}")), &check(expect));
        let path = format!("{}:/usr/bin:/bin", place.path().display());
        let ran = ran(countersign().env("PATH", path).arg("run").arg(&audit).arg("--to").arg(audit.join("bundle")));
        assert_eq!(ran.code, code, "{}{}", ran.stdout, ran.stderr);
    }
}

#[tokio::test]
async fn supervisord_answers_over_a_unix_socket_and_over_http() {
    let door = Door::open();
    let canned = Canned::default().captured("/RPC2", 200, "service-uptime/supervisord-all.xml");
    let socket = door.scratch.path().join("supervisor.sock");
    canned.clone().serve_at(&socket);
    let facts = measure(&door, "service-uptime", json!({"supervisord": {"socket": socket}})).await.unwrap();
    assert_eq!(["total", "up", "restarting", "down"].map(|fact| count(&facts, fact)), [9, 3, 1, 5]);
    let host = canned.serve().await;
    let options = json!({"supervisord": {"host": host, "programs": ["running", "web"]}});
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    // By its own clock, whatever ours says: it was asked 898 s after the first of them was started.
    let uptimes = ["max-uptime", "min-uptime"].map(|fact| facts.get(fact).and_then(Value::quantity).unwrap().0);
    let [longest, shortest] = uptimes.map(|uptime| uptime.to_i64().unwrap());
    assert_eq!(longest - shortest, 1);
    assert!((600..7200).contains(&longest), "{longest}");

    let fault = Canned::default().captured("/RPC2", 200, "service-uptime/supervisord-fault.xml").serve().await;
    let problem = measure(&door, "service-uptime", json!({"supervisord": {"host": fault}})).await.unwrap_err();
    assert!(
        problem.reason.ends_with("refuses to tell of its processes: UNKNOWN_METHOD (fault 1)"),
        "{}",
        problem.reason
    );
}

#[tokio::test]
async fn containers_are_found_by_label_and_then_looked_at_one_by_one() {
    let door = Door::open();
    let list = "/containers/json?all=true&filters=%7B%22label%22%3A%5B%22com.docker.compose.project%3Dshop%22%5D%7D";
    let host = Canned::default()
        .captured(list, 200, "service-uptime/docker-list.json")
        .captured("/containers/running/json", 200, "service-uptime/docker-running.json")
        .captured("/containers/healthy/json", 200, "service-uptime/docker-healthy.json")
        .serve()
        .await;
    let options = json!({"docker": {"host": host, "compose-project": "shop"}});
    assert_eq!(all_counts(&measure(&door, "service-uptime", options).await.unwrap()), [2, 2, 0, 0, 0]);
    let other = json!({"docker": {"host": host, "labels": ["tier=front"]}});
    assert!(measure(&door, "service-uptime", other).await.is_err(), "the engine refuses");
}

#[tokio::test]
async fn a_version_that_the_engine_does_not_speak_is_no_answer() {
    let door = Door::open();
    let url = Canned::default().captured("/v1.99", 400, "service-uptime/docker-too-new.json").serve().await;
    let options = json!({"docker": {"host": format!("{url}/v1.99"), "containers": ["running"]}});
    let problem = measure(&door, "service-uptime", options).await.unwrap_err();
    assert!(
        problem.reason.ends_with("answered 400: client version 1.99 is too new. Maximum supported API version is 1.41"),
        "{}",
        problem.reason
    );
}

#[tokio::test]
async fn systemd_is_asked_through_whatever_leads_to_it() {
    let door = Door::open();
    // Stands for `ssh HOST`: it hands the words on, and the machine there is two hours ahead.
    let script = r#"
test "$1 $2 $3 $4" = "env LC_ALL=C TZ=UTC SYSTEMD_COLORS=0" || exit 9
case $5 in
  date) echo 1795794668;;
  systemctl) cat "$fixtures/systemd-show.txt";;
esac
"#;
    let lead = program(door.scratch.path(), "lead", script);
    let names = [
        "steady",
        "solid",
        "failed",
        "flapping",
        "prepared",
        "once",
        "hollow",
        "slow",
        "stopped",
        "broken",
        "masked",
        "nosuch",
        "dbus.socket",
    ];
    let options = |names: &[&str]| json!({"systemd": {"units": names, "through": [lead]}});
    let facts = measure(&door, "service-uptime", options(&names)).await.unwrap();
    assert_eq!(["total", "up", "restarting", "down"].map(|fact| count(&facts, fact)), [13, 4, 1, 8]);
    // Started at 13:51:07, and it is 15:51:08 there.
    assert_eq!(facts.get("max-uptime"), Some(&Value::seconds(7201)));
    let problem = measure(&door, "service-uptime", options(&["steady"])).await.unwrap_err();
    assert_eq!(problem.reason, "`systemctl show` told of 13 units where 1 were asked for");
}

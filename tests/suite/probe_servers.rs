//! Kinds that ask servers and the machine: through a live door, and again from what was recorded.

use countersign::model::evidence::Answer;
use countersign::model::fact::{Fact, Facts, Unmeasurable, Value};
use countersign::model::repeat::repeat_exchange;
use countersign::probe::registry::Probe;
use countersign::witness::{HttpRequest, PerCheck};
use serde_json::{Value as Json, json};

use crate::canned_server::Canned;
use crate::door::{Door, check};
use crate::fault_server::{FaultServer, closed_port};

/// Measures, then replays what was recorded; both must say the same.
pub(crate) async fn measure(door: &Door, kind: &str, options: Json) -> Result<Facts, Unmeasurable> {
    let probe = Probe::decode(kind, options).unwrap();
    assert_eq!(probe.problems(), [], "the options are right");
    let live = door.witness();
    let seen = probe.measure(&live).await;
    let again = tempfile::tempdir().unwrap();
    let replayed = door.replay(&live, again.path()).witness(&check("one"), PerCheck::default());
    assert_eq!(probe.measure(&replayed).await, seen, "a replay says the same");
    assert_eq!(replayed.exchanges(), live.exchanges());
    // What a probe was asked can be written down and read again.
    assert_eq!(Probe::decode(kind, probe.options().unwrap()).unwrap().options().unwrap(), probe.options().unwrap());
    seen
}

pub(crate) fn count(facts: &Facts, fact: &str) -> u64 {
    match facts.get(fact) {
        Some(Value::Count(number)) => number.to_u64().unwrap(),
        other => panic!("{fact} is {other:?}: {:?}", facts.facts.get(fact)),
    }
}

pub(crate) fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match facts.facts.get(fact) {
        Some(Fact::Absent(reason)) => reason,
        other => panic!("{fact} is {other:?}"),
    }
}

fn engine() -> Canned {
    let containers = ["running", "healthy", "unhealthy", "starting", "restarting", "exited", "created", "paused"];
    let known = containers.iter().fold(Canned::default(), |canned, name| {
        canned.captured(&format!("/containers/{name}/json"), 200, &format!("service-uptime/docker-{name}.json"))
    });
    known.captured("/containers/nosuch/json", 404, "service-uptime/docker-nosuch.json")
}

#[tokio::test]
async fn containers_are_counted_by_state_over_a_unix_socket() {
    let door = Door::open();
    let socket = door.scratch.path().join("docker.sock");
    engine().serve_at(&socket);
    let all = ["running", "healthy", "unhealthy", "starting", "restarting", "exited", "created", "paused", "nosuch"];
    let options = json!({"docker": {"socket": socket, "containers": all}});
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    let counts = ["total", "up", "unhealthy", "restarting", "down"].map(|fact| count(&facts, fact));
    assert_eq!(counts, [9, 3, 1, 1, 4]);
    assert_eq!(absent(&facts, "min-uptime"), "not up: restarting, exited, created, paused, nosuch");
}

#[tokio::test]
async fn a_container_that_is_given_by_its_name_and_by_its_id_counts_once() {
    let door = Door::open();
    let id = "facb11b8a79b";
    let url =
        engine().captured(&format!("/containers/{id}/json"), 200, "service-uptime/docker-running.json").serve().await;
    let options = json!({"docker": {"host": url, "containers": ["running", "healthy", id]}});
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    assert_eq!(["total", "up"].map(|fact| count(&facts, fact)), [2, 2]);
    let said = format!("\"{id}\" is the container \"running\"; it counts once.");
    assert!(facts.notes.contains(&said), "{:?}", facts.notes);
}

#[tokio::test]
async fn containers_that_all_run_have_a_shortest_uptime_and_an_engine_that_is_gone_is_no_answer() {
    let door = Door::open();
    let url = engine().serve().await;
    let options = |host: &str| json!({"docker": {"host": host, "containers": ["running", "healthy"]}});
    let facts = measure(&door, "service-uptime", options(&url)).await.unwrap();
    // The captured starts are the truth; how long ago they are depends on the clock of the machine.
    assert_eq!(facts.get("started"), Some(&Value::Instant("2026-11-23T08:08:04Z".parse().unwrap())));
    let gone = format!("http://127.0.0.1:{}", closed_port().await);
    assert!(measure(&door, "service-uptime", options(&gone)).await.is_err());
    let foreign = Canned::default().with("/", 200, "<html>a page").serve().await;
    let problem = measure(&door, "service-uptime", options(&foreign)).await.unwrap_err();
    assert!(problem.reason.ends_with("answered 200 with HTML, beginning with \"<html>a page\""), "{}", problem.reason);
}

#[tokio::test]
async fn targets_that_prometheus_has_not_scraped_yet_are_no_data() {
    let door = Door::open();
    let url = Canned::default()
        .captured("/api/v1/query", 200, "service-uptime/prometheus-up-right-after-start.json")
        .serve()
        .await;
    let facts = measure(&door, "service-uptime", json!({"prometheus": url})).await.unwrap();
    assert_eq!(absent(&facts, "up"), "there is no service to look at");
    let named = json!({"prometheus": {"url": url, "services": ["node"]}});
    let facts = measure(&door, "service-uptime", named).await.unwrap();
    assert_eq!(absent(&facts, "down"), "there is no data for node");
}

#[tokio::test]
async fn targets_are_up_or_down_as_prometheus_saw_them() {
    let door = Door::open();
    let url = Canned::default()
        .captured("/api/v1/query?query=up", 200, "service-uptime/prometheus-up.json")
        .captured("/api/v1/query?query=process", 200, "service-uptime/prometheus-process_start_time_seconds.json")
        .serve()
        .await;
    let facts = measure(&door, "service-uptime", json!({"prometheus": url})).await.unwrap();
    assert_eq!(["total", "up", "down"].map(|fact| count(&facts, fact)), [3, 2, 1]);
    assert_eq!(absent(&facts, "min-uptime"), "not up: gone 127.0.0.1:29199");
}

#[tokio::test]
async fn this_very_process_is_up_and_one_that_does_not_exist_is_down() {
    let door = Door::open();
    let options = json!({"process": {"pids": [std::process::id()]}});
    let facts = measure(&door, "service-uptime", options).await.unwrap();
    assert_eq!((count(&facts, "up"), facts.get("min-uptime").is_some()), (1, true));
    let options = json!({"process": {"names": ["no-such-program-here"]}});
    assert_eq!(count(&measure(&door, "service-uptime", options).await.unwrap(), "down"), 1);
}

#[tokio::test]
async fn what_prometheus_itself_warns_of_is_no_data() {
    let door = Door::open();
    let why = "connection to one store refused";
    let samples = |shape: &str, result: Json| {
        json!({"status": "success", "data": {"resultType": shape, "result": result}, "warnings": [why],
            "infos": ["x might not be a counter"]})
        .to_string()
    };
    let zero = samples("vector", json!([{"metric": {"job": "a", "instance": "b"}, "value": [1, "0"]}]));
    let whole = json!({"status": "success", "data": {"resultType": "scalar", "result": [1_795_000_000, "1795000000"]}});
    let rules = json!({"status": "success", "data": {"groups": []}, "warnings": [why]}).to_string();
    let url = Canned::default()
        .with("/api/v1/query", 200, &zero)
        .with("/api/v1/query?query=time", 200, &whole.to_string())
        .with("/api/v1/query_range", 200, &samples("matrix", json!([{"metric": {}, "values": [[1_795_000_000, "0"]]}])))
        .with("/api/v1/rules", 200, &rules)
        .serve()
        .await;
    let doubt = format!("the server warns that its answer may be incomplete or wrong: {why}");
    let partial = json!({"prometheus": url, "query": "count(up == 0) or vector(0)"});
    let facts = measure(&door, "metric", partial.clone()).await.unwrap();
    for fact in ["value", "series", "samples", "spread", "age"] {
        assert_eq!(absent(&facts, fact), doubt, "{fact}");
    }
    assert_eq!(facts.notes, ["Prometheus remarks: x might not be a counter"]);
    let held = json!({"prometheus": url, "query": "up", "for": "30s"});
    assert_eq!(absent(&measure(&door, "metric", held).await.unwrap(), "max"), doubt);
    let sampled = json!({"of": {"metric": partial}, "fact": "value", "when": "== 0 for 30s"});
    assert_eq!(measure(&door, "sampled", sampled).await.unwrap_err().reason, doubt);
    let facts = measure(&door, "alert-count", json!({"prometheus": url})).await.unwrap();
    for fact in ["groups", "rules", "unhealthy", "firing", "alerts"] {
        assert_eq!(absent(&facts, fact), doubt, "{fact}");
    }
    assert_eq!(measure(&door, "service-uptime", json!({"prometheus": url})).await.unwrap_err().reason, doubt);
}

#[tokio::test]
async fn rules_are_read_page_after_page() {
    let door = Door::open();
    let page = |name: &str, token: &str| {
        json!({"status": "success", "data": {"groups": [{"name": name, "rules": [
            {"type": "alerting", "name": name, "state": "inactive", "health": "ok"}]}], "groupNextToken": token}})
        .to_string()
    };
    let url = Canned::default()
        .with("/api/v1/rules", 200, &page("a", "t 2"))
        // From 3.0 on, Prometheus refuses a token without a limit.
        .with("/api/v1/rules?group_limit=1&group_next_token=t+2", 200, &page("b", ""))
        .with(
            "/api/v1/rules?group_next_token",
            400,
            &json!({"status": "error", "errorType": "bad_data", "error": "no limit"}).to_string(),
        )
        .serve()
        .await;
    let facts = measure(&door, "alert-count", json!({"prometheus": url})).await.unwrap();
    assert_eq!(["groups", "rules", "firing", "inactive"].map(|fact| count(&facts, fact)), [2, 2, 0, 2]);
    let endless = Canned::default().with("/api/v1/rules", 200, &page("a", "t")).serve().await;
    let problem = measure(&door, "alert-count", json!({"prometheus": endless})).await.unwrap_err();
    assert!(problem.reason.ends_with("in pages that never end"), "{}", problem.reason);
}

#[tokio::test]
async fn a_rule_that_cannot_be_evaluated_leaves_the_number_of_firing_ones_unknown() {
    let door = Door::open();
    let canned = Canned::default().captured("/api/v1/rules", 200, "alert-count/prometheus-rules.json").captured(
        "/api/v2/alerts",
        200,
        "alert-count/alertmanager.json",
    );
    let url = canned.clone().at("Mon, 23 Nov 2026 08:15:00 GMT").serve().await;
    let facts = measure(&door, "alert-count", json!({"prometheus": url})).await.unwrap();
    assert_eq!(["rules", "recording-rules", "unhealthy"].map(|fact| count(&facts, fact)), [6, 1, 1]);
    absent(&facts, "firing");
    // Of a server that does not say what time it is there, what it said long ago is not of now either.
    let timeless = measure(&door, "alert-count", json!({"prometheus": canned.serve().await})).await.unwrap();
    assert!(absent(&timeless, "unhealthy").contains("has not been evaluated for more than"), "{timeless:?}");
    let facts = measure(&door, "alert-count", json!({"alertmanager": url})).await.unwrap();
    assert_eq!(["firing", "silenced", "inhibited"].map(|fact| count(&facts, fact)), [1, 1, 1]);
}

#[tokio::test]
async fn an_alertmanager_that_was_just_started_has_not_been_told_of_everything_that_fires() {
    let door = Door::open();
    for (started, known) in [("2020-01-01T00:00:00.000Z", true), ("2999-01-01T00:00:00.000Z", false)] {
        let url = Canned::default()
            .with("/api/v2/alerts", 200, "[]")
            .with("/api/v2/status", 200, &format!(r#"{{"uptime": "{started}"}}"#))
            .serve()
            .await;
        let options = json!({"alertmanager": {"url": url, "min-uptime": "5m"}});
        let facts = measure(&door, "alert-count", options).await.unwrap();
        match known {
            true => assert_eq!(count(&facts, "firing"), 0),
            false => assert!(absent(&facts, "firing").contains("may not have been told yet"), "{facts:?}"),
        }
    }
    let silent = Canned::default().with("/api/v2/alerts", 200, "[]").with("/api/v2/status", 200, "{}").serve().await;
    let options = json!({"alertmanager": {"url": silent, "min-uptime": "5m"}});
    let problem = measure(&door, "alert-count", options).await.unwrap_err();
    assert!(problem.reason.ends_with("does not say since when it runs"), "{}", problem.reason);
}

#[tokio::test]
async fn grafana_says_which_rules_it_evaluates_and_which_it_was_told_to_have() {
    let door = Door::open();
    let url = Canned::default()
        .captured("/api/prometheus/grafana/api/v1/rules", 200, "alert-count/made-up-grafana-rules.json")
        .captured("/api/v1/provisioning/alert-rules", 200, "alert-count/made-up-grafana-provisioning.json")
        .at("Fri, 27 Nov 2026 13:00:20 GMT")
        .serve()
        .await;
    let facts = measure(&door, "alert-count", json!({"grafana": url})).await.unwrap();
    assert_eq!(["groups", "rules"].map(|fact| count(&facts, fact)), [2, 8]);
    assert!(absent(&facts, "unhealthy").starts_with("the rule \"New\" was never evaluated"));
    absent(&facts, "firing");
    let facts = measure(&door, "alert-count", json!({"grafana-provisioning": url})).await.unwrap();
    assert_eq!(["groups", "rules", "recording-rules"].map(|fact| count(&facts, fact)), [2, 2, 1]);
    assert_eq!(absent(&facts, "firing"), "Grafana says here which rules there are, and not what becomes of them");
}

#[tokio::test]
async fn rules_in_files_are_counted_and_a_missing_or_broken_file_is_no_answer() {
    let door = Door::open();
    let rules = std::fs::read(concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/kinds/alert-count/rules.yml")).unwrap();
    std::fs::write(door.root().join("rules.yml"), rules).unwrap();
    let options = |paths: &[&str]| json!({"rule-files": {"paths": paths}});
    let facts = measure(&door, "alert-count", options(&["*.yml", "rules.*"])).await.unwrap();
    assert_eq!(["groups", "rules", "recording-rules"].map(|fact| count(&facts, fact)), [2, 2, 1]);
    absent(&facts, "firing");
    let problem = measure(&door, "alert-count", options(&["*.yaml"])).await.unwrap_err();
    assert_eq!(problem.reason, "no file matches \"*.yaml\"");
    std::fs::write(door.root().join("bad.yml"), "groups: {}").unwrap();
    let problem = measure(&door, "alert-count", options(&["bad.yml"])).await.unwrap_err();
    assert_eq!(problem.reason, "\"bad.yml\" has no list `groups`");
}

#[tokio::test]
async fn an_unwell_answer_has_failed_and_one_that_never_came_is_not_counted() {
    let door = Door::open();
    let url = Canned::default()
        .with("/well", 200, r#"{"database": "ok"}"#)
        .with("/unwell", 500, "boom")
        .with("/silent", 200, "{}")
        .serve()
        .await;
    let target = |path: &str| json!({"url": format!("{url}{path}"), "passes-when": {"jq": ".database", "is": "== ok"}});
    let options = json!({"http": [target("/well"), target("/unwell")]});
    let facts = measure(&door, "health-check", options).await.unwrap();
    assert_eq!(["total", "passed", "failed"].map(|fact| count(&facts, fact)), [2, 1, 1]);

    let options = json!({"http": [target("/well"), target("/silent")]});
    absent(&measure(&door, "health-check", options).await.unwrap(), "failed");

    let port = closed_port().await;
    let options = json!({"http": [target("/well"), format!("http://127.0.0.1:{port}/")]});
    let problem = measure(&door, "health-check", options).await.unwrap_err();
    assert!(problem.reason.starts_with("1 of 2 could not be looked at: "), "{}", problem.reason);
    assert!(problem.reason.contains(&port.to_string()), "{}", problem.reason);
}

#[tokio::test]
async fn a_port_takes_a_connection_or_refuses_it() {
    let door = Door::open();
    let url = Canned::default().serve().await;
    let open = url.trim_start_matches("http://");
    let closed = format!("127.0.0.1:{}", closed_port().await);
    let facts = measure(&door, "tcp", json!({"address": open})).await.unwrap();
    assert_eq!(facts.get("reachable"), Some(&Value::Flag(true)));
    assert!(facts.get("response-time").is_some());
    let facts = measure(&door, "tcp", json!({"address": closed})).await.unwrap();
    assert_eq!(facts.get("reachable"), Some(&Value::Flag(false)));
    absent(&facts, "response-time");
    let facts = measure(&door, "health-check", json!({"tcp": [open, closed]})).await.unwrap();
    assert_eq!(["total", "passed", "failed"].map(|fact| count(&facts, fact)), [2, 1, 1]);
}

#[tokio::test]
async fn a_command_counts_its_own_checks() {
    let door = Door::open();
    let options = |script: &str| json!({"command": {"run": ["sh", "-c", script]}});
    let facts = measure(&door, "health-check", options("echo Passed: 5; echo Failed: 0")).await.unwrap();
    assert_eq!(["total", "passed", "failed"].map(|fact| count(&facts, fact)), [5, 5, 0]);
    let facts = measure(&door, "health-check", options("echo Passed: 4; echo Failed: 1 >&2; exit 1")).await.unwrap();
    assert_eq!(["total", "passed", "failed"].map(|fact| count(&facts, fact)), [5, 4, 1]);
    assert!(measure(&door, "health-check", options("echo done")).await.is_err());
    assert!(measure(&door, "health-check", json!({"command": {"run": ["no-such-program-here"]}})).await.is_err());
}

fn scalar(number: &str) -> String {
    json!({"status": "success", "data": {"resultType": "scalar", "result": [1, number]}}).to_string()
}

#[tokio::test]
async fn a_metric_is_one_number_or_a_number_of_series() {
    let door = Door::open();
    let url = Canned::default()
        .captured("/api/v1/query?query=node_memory", 200, "metric/vector-one.json")
        .captured("/api/v1/query?query=node_cpu", 200, "metric/vector-many.json")
        .captured("/api/v1/query?query=timestamp", 200, "metric/vector-empty.json")
        .captured("/api/v1/query?query=nosuch", 200, "metric/vector-empty.json")
        .captured("/api/v1/query?query=up+%2B", 400, "metric/refused.json")
        .with("/api/v1/query?query=time", 200, &scalar("1795421700.9"))
        .captured("/api/v1/query_range", 200, "metric/matrix.json")
        .serve()
        .await;
    let options = |query: &str| json!({"prometheus": url, "query": query});
    let facts = measure(&door, "metric", options("node_memory_MemTotal_bytes")).await.unwrap();
    assert_eq!(facts.get("value"), Some(&Value::Bytes(25_274_793_984_u64.into())));
    let facts = measure(&door, "metric", options("node_cpu_seconds_total")).await.unwrap();
    assert!(count(&facts, "series") > 1);
    assert!(absent(&facts, "value").contains("series; reduce them in the query"));
    let facts = measure(&door, "metric", options("nosuch_metric")).await.unwrap();
    assert_eq!((count(&facts, "series"), absent(&facts, "value")), (0, "the query yields no sample"));
    let problem = measure(&door, "metric", options("up +")).await.unwrap_err();
    assert!(problem.reason.contains("refuses the query \"up +\": invalid parameter"), "{}", problem.reason);
    // Six samples for each of three series, from the clock of the server and not from ours.
    let lasting = json!({"prometheus": url, "query": "up", "for": "10s", "step": "2s"});
    let facts = measure(&door, "metric", lasting).await.unwrap();
    let number = |text: &str| Some(Value::Number(text.parse().unwrap()));
    assert_eq!((facts.get("min").cloned(), facts.get("max").cloned()), (number("0"), number("1")));
    let longer = json!({"prometheus": url, "query": "up", "for": "20s", "step": "2s"});
    let facts = measure(&door, "metric", longer).await.unwrap();
    assert_eq!(absent(&facts, "max"), "not every series is there for the whole 20s: one has 6 of 11 samples");
    let noisy =
        json!({"prometheus": url, "query": "node_cpu_seconds_total", "samples": 2, "every": "1s", "aggregate": "max"});
    let facts = measure(&door, "metric", noisy).await.unwrap();
    assert_eq!(count(&facts, "samples"), 2 * count(&facts, "series"));
    let over = json!({"prometheus": url, "query": "up", "over": "10s", "step": "2s", "aggregate": "avg"});
    let facts = measure(&door, "metric", over).await.unwrap();
    assert_eq!((facts.get("value"), count(&facts, "samples")), (Some(&Value::Number("2/3".parse().unwrap())), 18));
}

#[tokio::test]
async fn an_http_answer_has_facts_whatever_its_status() {
    let door = Door::open();
    let url = Canned::default().with("/x", 418, r#"{"n": 7}"#).serve().await;
    let facts =
        measure(&door, "http", json!({"url": format!("{url}/x"), "extract": ".n", "statuses": [418]})).await.unwrap();
    assert_eq!(facts.get("status"), Some(&Value::Number(418.into())));
    assert_eq!(facts.get("value"), Some(&Value::Number(7.into())));
    let gone = format!("http://127.0.0.1:{}/", closed_port().await);
    assert!(measure(&door, "http", json!({"url": gone})).await.is_err());
}

#[tokio::test]
async fn many_targets_are_asked_at_once_and_recorded_in_the_order_of_the_plan() {
    use std::time::{Duration, Instant};
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

    // The first answers last: each waits as long as its path says.
    let listener = tokio::net::TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
    let url = format!("http://{}", listener.local_addr().unwrap());
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            tokio::spawn(async move {
                let mut head = vec![0; 4096];
                let read = stream.read(&mut head).await.unwrap();
                let head = String::from_utf8_lossy(&head[..read]).into_owned();
                let number: u64 = head.split(['/', ' ']).nth(2).unwrap().parse().unwrap();
                tokio::time::sleep(Duration::from_millis(600 - 5 * number)).await;
                let answer = "HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok";
                let _gone = stream.write_all(answer.as_bytes()).await;
            });
        }
    });
    let door = Door::open();
    let targets: Vec<_> = (0..100).map(|number| format!("{url}/{number}")).collect();
    let start = Instant::now();
    let witness = door.witness();
    let probe = Probe::decode("health-check", json!({"http": targets})).unwrap();
    let facts = probe.measure(&witness).await.unwrap();
    // One after another they would need 35 s.
    assert!(start.elapsed() < Duration::from_secs(15), "{:?}", start.elapsed());
    assert_eq!(["total", "passed"].map(|fact| count(&facts, fact)), [100, 100]);
    let Some(Value::Table(table)) = facts.get("checks") else { panic!("no table") };
    let names: Vec<_> = table.rows.iter().map(|row| row[0].clone()).collect();
    assert_eq!(names, targets.iter().map(|target| Some(Value::Text(target.clone()))).collect::<Vec<_>>());
    let asked: Vec<_> = witness.exchanges().iter().map(|one| serde_json::to_value(&one.question).unwrap()).collect();
    assert_eq!(asked.iter().map(|one| one["http"]["url"].clone()).collect::<Vec<_>>(), targets);
}

#[tokio::test]
async fn a_name_resolves_or_has_no_address_which_is_an_answer() {
    let door = Door::open();
    let facts = measure(&door, "dns", json!({"host": "localhost"})).await.unwrap();
    assert_eq!(facts.get("resolves"), Some(&Value::Flag(true)));
    let Some(Value::List(addresses)) = facts.get("addresses") else { panic!("no list") };
    assert!(addresses.contains(&"127.0.0.1".to_owned()), "{addresses:?}");
    let facts = measure(&door, "dns", json!({"host": "127.0.0.1"})).await.unwrap();
    assert_eq!(facts.get("addresses"), Some(&Value::List(vec!["127.0.0.1".to_owned()])));
    let targets = json!({"dns": ["localhost", {"host": "localhost", "name": "with", "addresses": ["127.0.0.1"]},
        {"host": "localhost", "name": "without", "addresses": ["192.0.2.1"]}]});
    let facts = measure(&door, "health-check", targets).await.unwrap();
    assert_eq!(["total", "passed", "failed"].map(|fact| count(&facts, fact)), [3, 2, 1]);
}

#[tokio::test]
async fn an_answer_of_another_place_is_no_health_and_is_said_of_every_other() {
    let door = Door::open();
    let server = FaultServer::start().await;
    let (asked, there) = (server.url("/hop"), server.url("/json"));
    for more in [json!({}), json!({"passes-when": {"jq": ".status", "is": "== ok"}}), json!({"reads": "health-json"})] {
        let mut target = json!({"url": asked, "name": "shop"});
        target.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let facts = measure(&door, "health-check", json!({"http": target})).await.unwrap();
        let why = format!("\"shop\" does not say how it is: sent on to {there}; if that is what is meant, ask there");
        assert_eq!(["passed", "failed", "pass-rate"].map(|fact| absent(&facts, fact)), [why.as_str(); 3], "{more}");
    }
    let facts = measure(&door, "http", json!({"url": asked})).await.unwrap();
    assert_eq!(facts.notes, [format!("It was sent on; the answer is that of {there}.")]);
    let query = measure(&door, "query", json!({"url": asked, "jq": ".status"})).await.unwrap();
    assert_eq!(query.notes, facts.notes, "whatever is asked");
    let straight = measure(&door, "http", json!({"url": there})).await.unwrap();
    assert_eq!((straight.notes.as_slice(), count_of_passed(&door, &there).await), ([].as_slice(), 1));
    let witness = door.witness();
    witness.http(HttpRequest::get(format!("{asked}?token=abc"))).await.unwrap();
    let exchange = &witness.exchanges()[0];
    let Answer::Http { location, .. } = &exchange.answer else { panic!("{exchange:?}") };
    assert_eq!(location.as_deref(), Some(there.as_str()));
    assert_eq!(repeat_exchange(exchange), format!("curl -sS -L '{asked}?token=abc'"));
}

async fn count_of_passed(door: &Door, url: &str) -> u64 {
    count(&measure(door, "health-check", json!({"http": url})).await.unwrap(), "passed")
}

#[tokio::test]
async fn what_stands_in_the_body_of_an_error_is_not_what_was_asked_for() {
    let door = Door::open();
    let url = Canned::default().with("/queue", 500, r#"{"queue": 0}"#).serve().await;
    let facts = measure(&door, "http", json!({"url": format!("{url}/queue"), "extract": ".queue"})).await.unwrap();
    let why = "it answered 500: if that is an answer too, write `statuses: [500]`";
    assert_eq!(["value", "text"].map(|fact| absent(&facts, fact)), [why; 2]);
    let told = json!({"url": format!("{url}/queue"), "extract": ".queue", "statuses": [500]});
    let facts = measure(&door, "http", told).await.unwrap();
    assert_eq!(facts.get("value"), Some(&Value::Number(0.into())));
}

#[tokio::test]
async fn health_that_lists_its_parts_has_a_table_of_them() {
    let door = Door::open();
    let url = Canned::default()
        .captured("/actuator/health", 503, "health-check/spring-down.json")
        .captured("/readyz", 500, "health-check/kubernetes-readyz-failed.txt")
        .with("/quiet", 200, r#"{"status": "UP"}"#)
        .serve()
        .await;
    let targets = json!({"http": [{"url": format!("{url}/actuator/health"), "reads": "spring", "name": "shop"},
        {"url": format!("{url}/readyz?verbose"), "reads": "kubernetes", "name": "api"}]});
    let facts = measure(&door, "health-check", targets).await.unwrap();
    let counts = ["total", "passed", "failed", "failed-components"].map(|fact| count(&facts, fact));
    assert_eq!(counts, [2, 0, 2, 2]);
    let Some(Value::Table(table)) = facts.get("components") else { panic!("no table") };
    assert_eq!((table.columns.len(), table.rows.len()), (4, 11));
    let quiet = json!({"http": {"url": format!("{url}/quiet"), "reads": "spring"}});
    let facts = measure(&door, "health-check", quiet).await.unwrap();
    assert_eq!(absent(&facts, "components"), "no check lists its components");
}

//! A world that does not answer: no fault loses what was measured, none passes, each says what happened.

use std::fmt::Write;
use std::time::{Duration, Instant};

use crate::fault_server::{FaultServer, closed_port};
use crate::support::{countersign, golden, ran, record, repository};

#[tokio::test(flavor = "multi_thread")]
async fn no_fault_passes_and_none_loses_what_was_measured() {
    let server = FaultServer::start().await;
    let closed = closed_port().await;
    let (port, closed) = (server.port().to_string(), closed.to_string());
    let place = tempfile::tempdir().unwrap();
    let mut command = countersign();
    command.arg("run").arg(repository().join("fixtures/bad-input")).arg("--to").arg(place.path().join("bundle"));
    command.env("FAULT_PORT", &port).env("CLOSED_PORT", &closed);
    let began = Instant::now();
    let ran = tokio::task::spawn_blocking(move || ran(&mut command)).await.unwrap();
    assert!(began.elapsed() < Duration::from_secs(40), "a fault held the run up for {:?}", began.elapsed());
    assert_eq!(ran.stderr, "");
    assert!([2, 3].contains(&ran.code), "{}", ran.stdout);

    let record = record(place.path());
    let root = repository().display().to_string();
    let mut told = String::new();
    for result in record["judgement"]["checks"].as_array().unwrap() {
        let check = result["check"].as_str().unwrap();
        let status = result["status"].as_str().unwrap();
        let measured = ["before/measured-first", "after/measured-last"].contains(&check);
        assert_eq!(status == "pass", measured, "{check} is {status}");
        let reason = result["reason"].as_str().unwrap().replace(&port, "PORT").replace(&closed, "CLOSED");
        let reason = reason.replace(&root, "REPOSITORY");
        writeln!(told, "{check}\n  {status}: {reason}").unwrap();
    }
    golden(&repository().join("fixtures/bad-input/expected.txt"), &told);
}

//! A gate before a real Prometheus, which scrapes a figure that the test moves.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

use serde_json::Value;

use crate::support::{countersign, ran, skipped};

/// The figure, and the server that remembers it.
struct Watched {
    place: tempfile::TempDir,
    figure: Arc<AtomicU32>,
    server: Child,
    url: String,
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ = self.server.kill();
        let _ = self.server.wait();
    }
}

impl Watched {
    /// `None`, said loudly, where there is no Prometheus.
    fn start(figure: u32) -> Option<Self> {
        let figure = Arc::new(AtomicU32::new(figure));
        let exporter = exporter(Arc::clone(&figure));
        let place = tempfile::tempdir().unwrap();
        let config = format!(
            "global: {{scrape_interval: 1s}}\nscrape_configs: [{{job_name: app, static_configs: [{{targets: ['{exporter}']}}]}}]\n"
        );
        fs::write(place.path().join("prometheus.yml"), config).unwrap();
        let address = free_address();
        let mut command = Command::new("prometheus");
        command.args(["--config.file=prometheus.yml", "--storage.tsdb.path=data"]);
        command.arg(format!("--web.listen-address={address}")).current_dir(place.path());
        let Ok(server) = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn() else {
            skipped("there is no prometheus to start");
            return None;
        };
        let watched = Self { place, figure, server, url: format!("http://{address}") };
        watched.write_audit();
        Some(watched)
    }

    fn write_audit(&self) {
        let audit = format!(
            "audit: {{id: trial, subject: {{name: Thing}}, go-live: 2025-01-01T00:00Z}}
areas:
  - area: ops
    checks: [{{id: ok, command: {{run: [\"true\"]}}, expect: {{exit: == 0}}}}]
rollout:
  owner: Cora
  signals: [{{id: errors, metric: {{prometheus: '{}', query: errors_percent}}}}]
  stages:
    - {{name: canary, to: 100%, soak: 1h, proceed-when: [errors < 1 for 4s], roll-back-when: [errors > 5 for 4s]}}
",
            self.url
        );
        fs::write(self.place.path().join("audit.yaml"), audit).unwrap();
        let made = ran(countersign().current_dir(self.path()).args(["run", ".", "--to", "bundle"]));
        assert!(made.code < 2, "{}", made.stderr);
    }

    fn path(&self) -> &Path {
        self.place.path()
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = countersign();
        command
            .current_dir(self.path())
            .args(["gate", "bundle", "--stage", "canary", "--to", "gate", "--every", "1s", "--json"]);
        command.args(more);
        command
    }

    /// Asks until the gate decides this; the last answer when it never does.
    fn until(&self, decision: &str) -> Value {
        let began = Instant::now();
        loop {
            let asked = ran(&mut self.command(&[]));
            let json: Value = serde_json::from_str(&asked.stdout).unwrap_or_else(|_| panic!("{}", asked.stderr));
            if json["decision"] == decision || began.elapsed() > Duration::from_secs(90) {
                return json;
            }
            std::thread::sleep(Duration::from_secs(1));
        }
    }
}

/// Serves the figure as a metric, on loopback, until the test ends.
fn exporter(figure: Arc<AtomicU32>) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    std::thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let _ = answer(stream, figure.load(Ordering::Relaxed));
        }
    });
    address
}

fn answer(mut stream: TcpStream, figure: u32) -> std::io::Result<()> {
    stream.set_read_timeout(Some(Duration::from_secs(5)))?;
    let _ = stream.read(&mut [0; 4096])?;
    let body = format!("# TYPE errors_percent gauge\nerrors_percent {figure}\n");
    let head = "HTTP/1.1 200 OK\r\ncontent-type: text/plain; version=0.0.4\r\nconnection: close";
    write!(stream, "{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len())
}

fn free_address() -> String {
    TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().to_string()
}

fn condition<'a>(json: &'a Value, check: &str) -> &'a Value {
    json["conditions"].as_array().unwrap().iter().find(|condition| condition["check"] == check).unwrap()
}

#[test]
fn what_prometheus_remembers_decides_without_waiting() {
    let Some(watched) = Watched::start(0) else { return };
    let json = watched.until("proceed");
    assert_eq!(json["decision"], "proceed", "{json}");
    assert_eq!(condition(&json, "proceed/errors")["met"], true, "{json}");
    watched.figure.store(9, Ordering::Relaxed);
    let json = watched.until("roll-back");
    assert_eq!(json["decision"], "roll-back", "{json}");
    assert_eq!(json["because"], "errors > 5 for 4s is met");
    assert_eq!(condition(&json, "roll-back/errors")["latest"], "9");
}

#[test]
fn a_figure_that_crosses_the_threshold_during_the_watch_takes_the_stage_back() {
    let Some(watched) = Watched::start(0) else { return };
    assert_eq!(watched.until("proceed")["decision"], "proceed");
    let mut gate = watched.command(&["--watch", "300s"]).stdout(Stdio::piped()).spawn().unwrap();
    std::thread::sleep(Duration::from_secs(4));
    assert!(gate.try_wait().unwrap().is_none(), "it goes on watching while nothing happens");
    watched.figure.store(9, Ordering::Relaxed);
    let began = Instant::now();
    let output = gate.wait_with_output().unwrap();
    assert!(began.elapsed() < Duration::from_secs(200), "it does not wait for the end of the watch");
    let json: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!((output.status.code(), &json["decision"]), (Some(2), &Value::from("roll-back")), "{json}");
    let record: Value = serde_json::from_slice(&fs::read(watched.path().join("gate/record.json")).unwrap()).unwrap();
    let seen =
        record["observations"].as_array().unwrap().iter().find(|seen| seen["check"] == "roll-back/errors").unwrap();
    let readings = seen["sight"]["measured"]["facts"]["readings"].to_string();
    assert!(readings.contains("false") && readings.contains("true"), "the samples show the crossing: {readings}");
    let verified = ran(countersign().current_dir(watched.path()).args(["verify", "gate"]));
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

//! The gate as controllers of rollouts ask it: Argo Rollouts by a web metric, Flagger by webhooks. What is documented for
//! them is what is asked here.

use std::fs;
use std::io::{BufRead as _, BufReader, Lines, Read as _, Write as _};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Child, ChildStderr, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::support::{countersign, ran, repository};

const AUDIT: &str = r"
audit: {id: trial, subject: {name: Thing}, go-live: 2025-01-01T00:00Z}
areas:
  - area: ops
    checks: [{id: ok, command: {run: [cat, ok]}, expect: {exit: == 0}}]
rollout:
  owner: Cora
  signals: [{id: errors, command: {run: [cat, errors], extract: '(?P<value>[0-9.]+)'}, fact: value}]
  stages:
    - {name: canary, to: 100%, soak: 1h, proceed-when: [errors < 1], roll-back-when: [errors > 5]}
";

struct Served {
    place: tempfile::TempDir,
    child: Child,
    address: String,
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn place() -> tempfile::TempDir {
    let place = tempfile::tempdir().unwrap();
    for (name, text) in [("audit.yaml", AUDIT), ("ok", "fine"), ("errors", "0.5")] {
        fs::write(place.path().join(name), text).unwrap();
    }
    let made =
        ran(countersign().current_dir(place.path()).args(["run", ".", "--to", "bundle", "--accept", "conditional"]));
    assert!(made.code < 2, "{}", made.stderr);
    place
}

impl Served {
    fn start() -> Self {
        let (mut child, place, mut lines) = Self::at("127.0.0.1:0", &["--host", "countersign-gate.rollout"]);
        let first = lines.next().unwrap().unwrap();
        // Whoever writes must be read, or it stops.
        std::thread::spawn(move || lines.for_each(drop));
        let address = first.strip_prefix("asked at http://").map(|address| address.trim_end_matches('/').to_owned());
        let address = address.unwrap_or_else(|| {
            let _ = child.kill();
            panic!("{first}")
        });
        Self { place, child, address }
    }

    /// A gate that is served at an address, and what it says.
    fn at(address: &str, more: &[&str]) -> (Child, tempfile::TempDir, Lines<BufReader<ChildStderr>>) {
        let place = place();
        let mut command = countersign();
        command.current_dir(place.path()).args(["gate", "bundle", "--serve", address, "--to", "gates"]).args(more);
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = BufReader::new(child.stderr.take().unwrap()).lines();
        (child, place, lines)
    }

    fn errors(&self, figure: &str) {
        fs::write(self.place.path().join("errors"), figure).unwrap();
        // Who asks again within a second is given the same decision.
        std::thread::sleep(Duration::from_millis(1100));
    }

    fn ask(&self, method: &str, path: &str, host: Option<&str>, body: &str) -> (u16, String) {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let host = host.unwrap_or(&self.address);
        let length = body.len();
        write!(
            stream,
            "{method} {path} HTTP/1.1\r\nhost: {host}\r\ncontent-length: {length}\r\nconnection: close\r\n\r\n{body}"
        )
        .unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        let status = answer.split(' ').nth(1).unwrap_or_else(|| panic!("{answer}")).parse().unwrap();
        (status, answer.split_once("\r\n\r\n").map(|(_, body)| body.to_owned()).unwrap_or_default())
    }

    fn get(&self, path: &str) -> (u16, Value) {
        let (status, body) = self.ask("GET", path, None, "");
        (status, serde_json::from_str(&body).unwrap_or(Value::String(body)))
    }
}

fn documented(name: &str) -> Value {
    let text = fs::read_to_string(repository().join("fixtures/gate").join(name)).unwrap();
    serde_saphyr::from_str(&text).unwrap()
}

/// Host and path of an address, without its port.
fn parts(url: &str) -> (String, String) {
    let rest = url.strip_prefix("http://").unwrap();
    let (host, path) = rest.split_once('/').unwrap();
    (host.split(':').next().unwrap().to_owned(), format!("/{path}"))
}

#[test]
fn argo_rollouts_reads_the_decision() {
    let served = Served::start();
    let template = documented("argo-rollouts.yaml");
    let metric = &template["spec"]["metrics"][0];
    let web = &metric["provider"]["web"];
    let (host, path) = parts(web["url"].as_str().unwrap());
    let path = path.replace("{{args.stage}}", "canary");
    // `{$.decision}` and `result == "proceed"`.
    let field = web["jsonPath"].as_str().unwrap().trim_start_matches("{$.").trim_end_matches('}').to_owned();
    let wanted = |condition: &str| {
        let text = metric[condition].as_str().unwrap();
        text.strip_prefix("result == ").map(|value| serde_json::from_str::<Value>(value).unwrap()).unwrap()
    };
    let measure = || {
        let (status, body) = served.ask("GET", &path, Some(&host), "");
        assert_eq!(status, 200, "{body}");
        let result = serde_json::from_str::<Value>(&body).unwrap()[&field].clone();
        match (result == wanted("successCondition"), result == wanted("failureCondition")) {
            (true, false) => "successful",
            (false, true) => "failed",
            _ => "inconclusive",
        }
    };
    assert_eq!(measure(), "successful");
    served.errors("3");
    assert_eq!(measure(), "inconclusive");
    served.errors("9");
    assert_eq!(measure(), "failed");
    fs::remove_file(served.place.path().join("errors")).unwrap();
    std::thread::sleep(Duration::from_millis(1100));
    assert_eq!(measure(), "inconclusive", "what could not be seen is no success");
}

#[test]
fn flagger_goes_by_the_status() {
    let served = Served::start();
    let canary = documented("flagger.yaml");
    let hooks = canary["analysis"]["webhooks"].as_array().unwrap();
    let payload = json!({"name": "shop", "namespace": "test", "phase": "Progressing", "metadata": {}}).to_string();
    let calls = || -> Vec<(String, bool)> {
        let call = |hook: &Value| {
            let (host, path) = parts(hook["url"].as_str().unwrap());
            let (status, body) = served.ask("POST", &path, Some(&host), &payload);
            assert!(matches!(status, 200 | 403), "{status} {body}");
            (hook["type"].as_str().unwrap().to_owned(), status == 200)
        };
        hooks.iter().map(call).collect()
    };
    let said =
        |promote: bool, back: bool| vec![("confirm-promotion".to_owned(), promote), ("rollback".to_owned(), back)];
    assert_eq!(calls(), said(true, false));
    served.errors("3");
    assert_eq!(calls(), said(false, false));
    served.errors("9");
    assert_eq!(calls(), said(false, true));
}

#[test]
fn the_readme_shows_what_is_asked_here() {
    let readme = fs::read_to_string(repository().join("README.md")).unwrap();
    for name in ["argo-rollouts.yaml", "flagger.yaml"] {
        let text = fs::read_to_string(repository().join("fixtures/gate").join(name)).unwrap();
        assert!(readme.contains(text.trim_end()), "{name}");
    }
}

#[test]
fn each_answer_has_a_bundle_that_stands() {
    let served = Served::start();
    let (status, decision) = served.get("/canary");
    assert_eq!((status, &decision["decision"]), (200, &json!("proceed")), "{decision}");
    let verified = ran(countersign().current_dir(served.place.path()).args(["verify", "gates/canary"]));
    assert_eq!(verified.code, 0, "{}{}", verified.stdout, verified.stderr);
}

#[test]
fn what_is_not_asked_for_is_refused() {
    let served = Served::start();
    assert_eq!(served.get("/").0, 404);
    assert_eq!(served.get("/canary/../../etc/passwd").0, 404);
    assert_eq!(served.ask("PUT", "/canary", None, "").0, 405);
    assert_eq!(served.ask("GET", "/canary/roll-back", None, "").0, 405);
    assert_eq!(served.ask("GET", "/canary", Some("evil.example"), "").0, 421);
    assert_eq!(served.ask("GET", "/canary", Some("countersign-gate.rollout:8473"), "").0, 200);
}

#[test]
fn an_audit_that_was_changed_is_no_answer() {
    let served = Served::start();
    let path = served.place.path().join("bundle/record.json");
    let text = fs::read_to_string(&path).unwrap();
    fs::write(&path, text.replacen("errors > 5", "errors > 9", 1)).unwrap();
    let (status, said) = served.get("/canary");
    assert_eq!(
        (status, said.as_str().unwrap().trim()),
        (503, "nothing was measured: a rollout begins with a signed audit")
    );
    assert_eq!(served.ask("POST", "/canary/roll-back", None, "").0, 503);
}

#[cfg(unix)]
#[test]
fn it_answers_until_it_is_told_to_end() {
    use nix::sys::signal::{Signal, kill};
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut served = Served::start();
        assert_eq!(served.get("/canary").0, 200);
        kill(nix::unistd::Pid::from_raw(served.child.id().try_into().unwrap()), signal).unwrap();
        assert_eq!(served.child.wait().unwrap().code(), Some(0), "{signal}");
    }
}

#[test]
fn others_are_served_only_when_that_is_meant() {
    let place = place();
    let gate = |more: &[&str]| ran(countersign().current_dir(place.path()).args(["gate", "bundle"]).args(more));
    let open = gate(&["--serve", "0.0.0.0:0"]);
    assert_eq!(open.code, 4);
    assert!(open.stderr.contains("others could reach \"0.0.0.0:0\""), "{}", open.stderr);
    assert_eq!(gate(&["--serve", "127.0.0.1:0", "--stage", "canary"]).code, 4);
    assert_eq!(gate(&[]).code, 4, "a stage or an address");
    assert!(Path::new(&place.path().join("bundle")).exists());

    let (child, place, mut lines) = Served::at("0.0.0.0:0", &["--serve-others"]);
    let served = Served { place, child, address: String::new() };
    let (warning, then) = (lines.next().unwrap().unwrap(), lines.next().unwrap().unwrap());
    assert!(warning.starts_with("warning: everybody who can reach 0.0.0.0:"), "{warning}");
    assert!(warning.ends_with(": there is no password, and nothing is encrypted"), "{warning}");
    assert!(then.starts_with("asked at http://0.0.0.0:"), "{then}");
    drop(served);
}

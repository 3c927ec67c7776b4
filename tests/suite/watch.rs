//! `countersign watch`: the same audit again and again, by the real binary.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::Receiver;
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;

use crate::support::{audit, countersign, lines, ran};

const CHECK: &str = "      - {id: size, query: {file: n.json, jq: .n}, expect: {value: \"> 3\"}}\n";
/// Long enough for a machine with much else to do.
const PATIENCE: Duration = Duration::from_secs(60);

/// An audit of a number in a file.
fn of_number(place: &Path, number: u32) -> PathBuf {
    let directory = audit(&place.join("checks"), CHECK);
    say(&directory, number);
    directory
}

fn say(directory: &Path, number: u32) {
    fs::write(directory.join("n.json"), format!("{{\"n\": {number}, \"pad\": \"{}\"}}", "x".repeat(number as usize)))
        .unwrap();
}

/// A watch under way; it is killed when a test fails.
pub(crate) struct Watched {
    child: Child,
    stdout: Receiver<String>,
    stderr: Receiver<String>,
}

impl Watched {
    fn start(directory: &Path, arguments: &[&str]) -> Self {
        let mut command: Command = countersign();
        command.arg("watch").arg(directory).args(arguments).stdout(Stdio::piped()).stderr(Stdio::piped());
        command.env("TMPDIR", directory.parent().unwrap());
        let mut child = command.spawn().unwrap();
        let stdout = lines(child.stdout.take().unwrap());
        let stderr = lines(child.stderr.take().unwrap());
        Self { child, stdout, stderr }
    }

    /// The next line of what it prints.
    fn line(&self) -> String {
        self.stdout.recv_timeout(PATIENCE).expect("another line")
    }

    /// The next line on stderr that holds this.
    fn message(&self, part: &str) -> String {
        let began = Instant::now();
        while began.elapsed() < PATIENCE {
            match self.stderr.recv_timeout(PATIENCE) {
                Ok(line) if line.contains(part) => return line,
                Ok(_) => {}
                Err(_) => break,
            }
        }
        panic!("no message with {part:?}");
    }

    /// Ends it, and says with which code.
    fn end(mut self, signal: Signal) -> i32 {
        kill(Pid::from_raw(self.child.id().try_into().unwrap()), signal).unwrap();
        let began = Instant::now();
        loop {
            if let Some(status) = self.child.try_wait().unwrap() {
                return status.code().expect("it ends by itself");
            }
            assert!(began.elapsed() < Duration::from_secs(20), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

impl Drop for Watched {
    fn drop(&mut self) {
        let _ended = self.child.kill();
        let _ended = self.child.wait();
    }
}

#[test]
fn it_runs_again_after_each_wait_and_leaves_nothing_behind() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let watch = Watched::start(&directory, &["--every", "300ms"]);
    for _ in 0..3 {
        let line = watch.line();
        assert!(line.contains("Z  approved  10.0  100 % covered"), "{line}");
    }
    assert_eq!(watch.end(Signal::SIGINT), 0);
    let left: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left, ["checks"], "the bundles in the temporary folder are gone");
    assert_eq!(fs::read_dir(&directory).unwrap().count(), 2, "and no lock file was written");
}

#[test]
fn a_file_that_a_check_reads_starts_a_run_and_the_code_is_that_of_the_last_verdict() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let watch = Watched::start(&directory, &["--every", "never"]);
    assert!(watch.line().contains("approved"));
    say(&directory, 2);
    let line = watch.line();
    assert!(line.contains("  rejected  0.0  ") && line.ends_with("all/size: pass → fail"), "{line}");
    assert_eq!(watch.end(Signal::SIGTERM), 2);
}

#[test]
fn a_broken_audit_file_is_told_and_watched_until_it_is_right() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let right = fs::read_to_string(directory.join("audit.yaml")).unwrap();
    let watch = Watched::start(&directory, &["--every", "never"]);
    assert!(watch.line().contains("approved"));
    fs::write(directory.join("audit.yaml"), right.replace("query:", "qery:")).unwrap();
    assert!(watch.line().contains("could not run: the audit file is not valid"));
    watch.message("the key \"qery\" is not known here");
    fs::write(directory.join("audit.yaml"), right.replace("> 3", "> 4")).unwrap();
    assert!(watch.line().contains("  approved  "));
    assert_eq!(watch.end(Signal::SIGINT), 0);
}

#[test]
fn of_the_bundles_the_newest_are_kept_and_each_knows_those_before() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let (kept, mine) = (place.path().join("kept"), place.path().join("kept/mine"));
    fs::create_dir_all(&mine).unwrap();
    let to = kept.to_str().unwrap().to_owned();
    let watch = Watched::start(&directory, &["--every", "200ms", "--to", &to, "--keep", "2"]);
    (0..4).for_each(|_| drop(watch.line()));
    assert_eq!(watch.end(Signal::SIGINT), 0);
    assert!(mine.is_dir(), "what it did not write stays");
    let bundles: Vec<PathBuf> = fs::read_dir(&kept).unwrap().map(|entry| entry.unwrap().path()).collect();
    let bundles: Vec<&PathBuf> = bundles.iter().filter(|path| path.join("record.json").is_file()).collect();
    assert!(bundles.len() == 2 || bundles.len() == 3, "{bundles:?}");
    let history = |bundle: &PathBuf| {
        let record: serde_json::Value = serde_json::from_slice(&fs::read(bundle.join("record.json")).unwrap()).unwrap();
        record["history"].as_array().map_or(0, Vec::len)
    };
    assert!(bundles.iter().map(|bundle| history(bundle)).max().unwrap() >= 2);
    for bundle in bundles {
        assert_eq!(ran(countersign().arg("verify").arg(bundle)).code, 0);
    }
}

#[test]
fn ctrl_c_stops_a_run_with_its_commands() {
    let place = tempfile::tempdir().unwrap();
    let mark = place.path().join("pid");
    let check = format!(
        "      - {{id: slow, command: {{shell: \"echo $$ > {0}.part; mv {0}.part {0}; sleep 300\"}}, timeout: 400s, expect: \
         {{exit: == 0}}}}\n",
        mark.display()
    );
    let directory = audit(&place.path().join("checks"), &check);
    let watch = Watched::start(&directory, &[]);
    let began = Instant::now();
    while !mark.exists() {
        assert!(began.elapsed() < PATIENCE, "the command does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let child: i32 = fs::read_to_string(&mark).unwrap().trim().parse().unwrap();
    assert_eq!(watch.end(Signal::SIGINT), 3, "nothing was measured");
    let gone = Instant::now();
    while kill(Pid::from_raw(child), None).is_ok() {
        assert!(gone.elapsed() < Duration::from_secs(5), "the command still runs");
        std::thread::sleep(Duration::from_millis(20));
    }
}

#[test]
fn a_run_that_is_stopped_says_nothing_after_a_whole_one() {
    let place = tempfile::tempdir().unwrap();
    let slow = format!(
        "{CHECK}      - {{id: slow, command: {{shell: \"test ! -e slow || {{ touch started; sleep 300; }}\"}}, timeout: 400s, expect: {{exit: == 0}}}}\n"
    );
    let directory = audit(&place.path().join("checks"), &slow);
    say(&directory, 5);
    let watch = Watched::start(&directory, &["--every", "never"]);
    assert!(watch.line().contains("approved"));
    fs::write(directory.join("slow"), "").unwrap();
    say(&directory, 6);
    let began = Instant::now();
    while !directory.join("started").exists() {
        assert!(began.elapsed() < PATIENCE, "the second run does not start");
        std::thread::sleep(Duration::from_millis(20));
    }
    let lines = watch.stdout.try_iter().count();
    assert_eq!((watch.end(Signal::SIGINT), lines), (0, 0));
}

/// An answer: the status line, the headers, the body.
struct Answer {
    status: u16,
    head: String,
    body: String,
}

fn ask(address: &str, method: &str, path: &str, host: &str) -> Answer {
    let mut stream = TcpStream::connect(address).unwrap();
    stream.set_read_timeout(Some(PATIENCE)).unwrap();
    write!(stream, "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n").unwrap();
    let mut whole = String::new();
    stream.read_to_string(&mut whole).unwrap();
    let (head, body) = whole.split_once("\r\n\r\n").unwrap_or((&whole, ""));
    let status = head.split(' ').nth(1).and_then(|code| code.parse().ok()).unwrap_or_default();
    Answer { status, head: head.to_ascii_lowercase(), body: body.to_owned() }
}

/// A watch that serves and runs on changes alone, its address, and the file whose number it audits: 5 is approved.
pub(crate) fn served(place: &Path) -> (Watched, String, PathBuf) {
    let directory = of_number(place, 5);
    let watch = Watched::start(&directory, &["--every", "never", "--serve", "127.0.0.1:0"]);
    let address = address(&watch);
    (watch, address, directory.join("n.json"))
}

/// The address that the line on stderr names.
fn address(watch: &Watched) -> String {
    let line = watch.message("shown at http://");
    line.rsplit("http://").next().unwrap().trim_end_matches('/').to_owned()
}

#[test]
fn the_latest_report_is_served_to_this_machine_and_to_nobody_else() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let watch = Watched::start(&directory, &["--every", "never", "--serve", "127.0.0.1:0"]);
    let address = address(&watch);
    watch.line();
    let get = |path: &str| ask(&address, "GET", path, &address);

    let page = get("/");
    assert_eq!(page.status, 200);
    assert!(
        page.body.contains("sandbox=\"allow-scripts\"") && page.head.contains("frame-ancestors 'none'"),
        "{}",
        page.head
    );
    let report = get("/report");
    assert_eq!(report.status, 200);
    assert!(report.body.contains("<!doctype html>") && report.body.contains("Trial"));
    let metrics = get("/metrics");
    assert!(metrics.head.contains("application/openmetrics-text"), "{}", metrics.head);
    assert!(metrics.body.contains("countersign_verdict{audit=\"trial\",verdict=\"approved\"} 1"), "{}", metrics.body);
    assert!(metrics.body.ends_with("# EOF\n"));
    let record: serde_json::Value = serde_json::from_str(&get("/record.json").body).unwrap();
    assert_eq!(record["judgement"]["verdict"], "approved");
    let state: serde_json::Value = serde_json::from_str(&get("/state").body).unwrap();
    let result = state["result"].clone();
    assert!(
        result.is_string()
            && state["problem"].is_null()
            && state["record"].as_str().is_some_and(|digest| digest.len() == 64),
        "{state}"
    );
    for answer in [page, report, metrics] {
        for header in ["x-content-type-options: nosniff", "cache-control: no-store", "content-security-policy: "] {
            assert!(answer.head.contains(header), "{header} is missing: {}", answer.head);
        }
    }

    for path in [
        "/nothing",
        "/../../etc/passwd",
        "/report/../record.json",
        "/%2e%2e/record.json",
        "//record.json",
        "/evidence/x",
    ] {
        assert_eq!(get(path).status, 404, "{path}");
    }
    for method in ["POST", "PUT", "DELETE", "OPTIONS"] {
        let refused = ask(&address, method, "/report", &address);
        assert!(refused.status == 405 && refused.head.contains("allow: get, head"), "{method}: {}", refused.head);
    }
    let head = ask(&address, "HEAD", "/report", &address);
    assert!(head.status == 200 && head.body.is_empty());
    for host in ["evil.example", "localhost.evil.example", "", "127.0.0.1.evil.example:80"] {
        let refused = ask(&address, "GET", "/record.json", host);
        assert!(refused.status == 421 && !refused.body.contains("judgement"), "{host}: {}", refused.head);
    }
    assert_eq!(ask(&address, "GET", "/state", "localhost").status, 200);

    say(&directory, 2);
    watch.line();
    let record: serde_json::Value = serde_json::from_str(&get("/record.json").body).unwrap();
    assert_eq!(record["judgement"]["verdict"], "rejected");
    let state: serde_json::Value = serde_json::from_str(&get("/state").body).unwrap();
    assert_ne!(state["result"], result, "the page reloads the report");
    fs::write(directory.join("audit.yaml"), "audit: [").unwrap();
    watch.line();
    let state: serde_json::Value = serde_json::from_str(&get("/state").body).unwrap();
    assert!(state["problem"].as_str().is_some_and(|told| told.contains("the audit file is not valid")), "{state}");
    assert_eq!(get("/report").status, 200, "the last report is still there");
    let metrics = get("/metrics");
    assert!(metrics.status == 503 && !metrics.body.contains("verdict"), "{}", metrics.body);

    // Somebody who says nothing does not keep it from ending.
    let _silent = TcpStream::connect(&address).unwrap();
    assert_eq!(watch.end(Signal::SIGINT), 2);
    assert!(TcpStream::connect(&address).is_err(), "nobody listens any more");
}

#[test]
fn many_silent_connections_are_waited_for_no_longer_than_their_time() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let watch = Watched::start(&directory, &["--every", "never", "--serve", "127.0.0.1:0"]);
    let address = address(&watch);
    watch.line();
    let silent: Vec<TcpStream> = (0..40).map(|_| TcpStream::connect(&address).unwrap()).collect();
    let answer = ask(&address, "GET", "/state", &address);
    assert_eq!(answer.status, 200, "there is room again");
    drop(silent);
    assert_eq!(watch.end(Signal::SIGINT), 0);
}

#[test]
fn an_address_that_others_can_reach_must_be_asked_for() {
    let place = tempfile::tempdir().unwrap();
    let directory = of_number(place.path(), 5);
    let refused = ran(countersign().arg("watch").arg(&directory).args(["--serve", "0.0.0.0:0"]));
    assert_eq!(refused.code, 4);
    assert!(
        refused.stderr.contains("others could reach") && refused.stderr.contains("--serve-others"),
        "{}",
        refused.stderr
    );
    let watch = Watched::start(&directory, &["--every", "never", "--serve", "0.0.0.0:0", "--serve-others"]);
    let warning = watch.message("warning: everybody who can reach 0.0.0.0:");
    assert!(warning.ends_with(" can read the reports: there is no password, and nothing is encrypted"), "{warning}");
    watch.line();
    assert_eq!(watch.end(Signal::SIGINT), 0);
}

//! Thousands of checks of which three in ten meet a fault, in a process that may not open many files.

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::Duration;

use super::{Chance, MARK, Server, left_behind, mark, statuses, verifies};
use crate::support::{audit, record};

/// Measuring, judging, writing and verifying 10,000 takes a build without optimisation 40 s on two cores that have nothing
/// else to do, and twice that beside the other tests: only CI waits for so many.
const CHECKS: u64 = if option_env!("CI").is_some() { 10_000 } else { 3_000 };
/// Of each hundred.
const FAULTS: u64 = 30;
/// What a process needs that asks nobody.
const FEW: usize = 24;
/// `ulimit -n`, for all of it.
const OPEN_FILES: usize = 256;

/// A check without its id, and the status that is its due.
struct Sort {
    what: String,
    due: &'static str,
}

fn sorts(server: &Server) -> (Vec<Sort>, Vec<Sort>) {
    let sort = |due, what: String| Sort { what, due };
    let http = |path: &str| format!("http: {{url: \"{}\"}}, expect: {{status: == 200}}", server.url(path));
    let healthy = vec![
        sort("pass", http("/json")),
        sort("pass", http("/html")),
        sort("pass", format!("query: {{url: \"{}\", jq: .status}}, expect: {{text: == ok}}", server.url("/json"))),
        sort("pass", "file: {paths: [audit.yaml]}, expect: {missing: == 0}".to_owned()),
        sort("pass", "query: {file: n.json, jq: .n}, expect: {value: == 7}".to_owned()),
        sort("pass", "command: {run: [echo, \"7\"]}, expect: {value: == 7}".to_owned()),
    ];
    let faulty = vec![
        sort("error", "http: {url: \"http://127.0.0.1:1/\"}, expect: {status: == 200}".to_owned()),
        sort("fail", http("/500")),
        sort("error", http("/half")),
        sort("error", http("/close")),
        sort("error", http("/garbage")),
        sort("error", format!("query: {{url: \"{}\", jq: .status}}, expect: {{text: == ok}}", server.url("/html"))),
        sort("fail", "file: {paths: [no-such-file]}, expect: {missing: == 0}".to_owned()),
        sort("error", "query: {file: no-such-file.json, jq: .n}, expect: {value: == 7}".to_owned()),
        sort("no-data", "query: {file: n.json, jq: .m}, expect: {value: == 7}".to_owned()),
        sort("fail", "command: {run: [sh, -c, \"exit 3\"]}, expect: {exit: == 0}".to_owned()),
        sort("error", "command: {run: [no-such-program]}, expect: {exit: == 0}".to_owned()),
    ];
    (healthy, faulty)
}

/// Runs it, and says how many files were open at each moment that was looked at.
fn run_counting(directory: &std::path::Path) -> (Option<i32>, Vec<usize>) {
    let mut command = Command::new("sh");
    command.args(["-c", &format!("ulimit -n {OPEN_FILES}; exec \"$@\""), "sh", env!("CARGO_BIN_EXE_countersign")]);
    command.arg("run").arg(directory).arg("--to").arg(directory.join("bundle"));
    let mut child = command.env(MARK, mark(directory)).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let mut open = Vec::new();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return (status.code(), open);
        }
        open.extend(fs::read_dir(format!("/proc/{}/fd", child.id())).map(Iterator::count));
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn each_of_thousands_of_checks_gets_its_due_and_nothing_is_left_open() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    let (healthy, faulty) = sorts(&server);
    let mut chance = Chance(2026);
    let (mut checks, mut due) = (String::new(), BTreeMap::new());
    for number in 0..CHECKS {
        let sorts = if chance.below(100) < FAULTS { &faulty } else { &healthy };
        let sort = &sorts[usize::try_from(chance.below(sorts.len() as u64)).unwrap()];
        checks.push_str(&format!("      - {{id: c{number}, {}}}\n", sort.what));
        due.insert(format!("all/c{number}"), sort.due);
    }
    audit(place.path(), &checks);
    fs::write(place.path().join("n.json"), "{\"n\": 7}").unwrap();

    let (code, open) = run_counting(place.path());
    let record = record(place.path());
    let got = statuses(&record);
    assert_eq!(got.len() as u64, CHECKS);
    let wrong: Vec<_> = got.iter().filter(|(check, status, _)| due[*check] != *status).take(10).collect();
    assert!(wrong.is_empty(), "{wrong:#?}");
    let faults = due.values().filter(|due| **due != "pass").count() as u64;
    assert!((CHECKS * 28 / 100..CHECKS * 32 / 100).contains(&faults), "{faults}");
    assert_eq!(code, Some(3), "too much could not be seen");
    assert!(verifies(place.path()));
    assert_eq!(left_behind(&mark(place.path())), Vec::<String>::new());

    let most = |counts: &[usize]| counts.iter().copied().max().unwrap_or_default();
    assert!(open.len() > 20 && most(&open) > FEW && most(&open) < OPEN_FILES, "{open:?}");
    // While the documents are written nobody is asked any more.
    let late = &open[open.len() - open.len() / 10..];
    assert!(most(late) <= FEW, "of {} files {} are still open", most(&open), most(late));
}

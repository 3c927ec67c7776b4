//! One audit of everything that a server, a file or a command can do wrong and that `fixtures/bad-input` has not: each check
//! gets its due, and says what happened; those between them are measured as ever.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use super::{Server, left_behind, mark, run_of, statuses, verifies};
use crate::support::{audit, ran, record};

/// What it is called, what is asked, the status that is its due, and what its reason must say, or one of several.
type Fault = (&'static str, String, &'static str, &'static str);

/// What is said of those that never answer; only these are waited for so short a time, so that a busy machine makes nobody late.
const LATE_ANSWER: &str = "did not answer in full within 2 s";
const LATE_END: &str = "did not end within 2 s";

fn of_servers(server: &Server) -> Vec<Fault> {
    let ok = |url: String| format!("query: {{url: \"{url}\", jq: .status}}, expect: {{text: == ok}}");
    let at = |path: &str| ok(server.url(path));
    let late = LATE_ANSWER;
    let tls = server.url("/json").replace("http:", "https:");
    let grpc = server.url("/json").trim_end_matches("/json").to_owned();
    vec![
        ("reset", at("/reset"), "error", "sent only a part of the body"),
        ("stalls-in-the-status", at("/hang-in-status"), "error", late),
        ("stalls-in-the-headers", at("/hang-in-headers"), "error", late),
        ("stalls-in-a-chunk", at("/hang-in-chunk"), "error", late),
        ("stalls-in-the-handshake", ok(tls), "error", late),
        ("drips", at("/drip"), "error", late),
        ("chunk-that-lies", at("/chunk-that-lies"), "error", "sent only a part of the body"),
        ("chunk-that-is-none", at("/chunk-that-is-none"), "error", "Invalid chunk size"),
        ("shorter-than-it-is", at("/shorter-than-it-is"), "error", "not JSON: EOF while parsing a string"),
        ("two-lengths", at("/two-lengths"), "error", "invalid content-length"),
        ("negative-length", at("/negative-length"), "error", "invalid content-length"),
        ("endless-headers", at("/endless-headers"), "error", "head is too large"),
        ("says-gzip", at("/not-gzip"), "error", "could not be unpacked"),
        ("gzip-bomb", at("/bomb"), "error", "larger than 64 MiB"),
        ("deep-json", at("/deep"), "error", "nested deeper than 128"),
        ("no-content", at("/nothing"), "error", "it is empty"),
        ("redirects-without-end", at("/endless"), "error", "redirects in a circle"),
        ("redirects-elsewhere", at("/to-ftp"), "error", "which is not a web address"),
        ("closes", at("/close"), "error", "closed the connection before it had answered"),
        ("another-protocol", at("/garbage"), "error", "invalid HTTP version"),
        (
            "no-grpc",
            format!("health-check: {{grpc: \"{grpc}\"}}, expect: {{failed: == 0}}"),
            "error",
            // Whether its bytes or its end is seen first is for the two sides to race out.
            "does not speak HTTP/2|connection closed",
        ),
    ]
}

fn of_files() -> Vec<Fault> {
    let junit = |name: &str| format!("test-pass-rate: {{junit: {name}}}, expect: {{failed: == 0}}");
    let query = |name: &str| format!("query: {{file: {name}, jq: .n}}, expect: {{value: == 7}}");
    vec![
        ("billion-laughs", junit("laughs.xml"), "error", "unrecognized entity"),
        ("outside-entity", junit("entity.xml"), "error", "unrecognized entity"),
        ("deep-xml", junit("deep.xml"), "error", "nested more than"),
        ("deep-json-file", query("deep.json"), "error", "nested deeper than 128"),
        ("aliases", query("laughs.yaml"), "error", "alias replay limit exceeded"),
        ("not-utf-8", query("bytes.json"), "error", "invalid utf-8"),
        ("pipe", query("pipe.json"), "error", "a device, a pipe or a socket"),
        ("circle-of-links", query("circle.json"), "error", "too many levels of symbolic links"),
    ]
}

fn of_commands() -> Vec<Fault> {
    let line = |line: &str| format!("command: {{shell: \"{line}\"}}, expect: {{exit: == 0, value: == 7}}");
    let late = LATE_END;
    vec![
        ("exits-with-3", line("echo 7; exit 3"), "fail", "exit is 3"),
        ("segfaults", line("echo 7; kill -SEGV $$"), "no-data", "a signal ended it"),
        ("stalls-after-its-answer", line("echo 7; exec >&- 2>&-; sleep 300"), "error", late),
        ("ignores-term", line("trap '' TERM INT HUP; echo 7; while :; do sleep 300; done"), "error", late),
        ("stops-itself", line("echo 7; kill -STOP $$"), "error", late),
        ("floods-stderr", line("yes >&2"), "error", "wrote more than 16 MiB"),
        ("not-utf-8", line("printf '7\\\\377'"), "no-data", "not a number"),
        ("leaves-a-family", line("(sleep 300; echo) & (sleep 300 & sleep 300) & exit 1"), "fail", "exit is 1"),
    ]
}

const HEALTHY: [(&str, &str); 3] = [
    ("command", "command: {run: [echo, \"7\"]}, expect: {value: == 7}"),
    ("file", "query: {file: n.json, jq: .n}, expect: {value: == 7}"),
    ("family", "command: {shell: \"sleep 300 & echo 7\"}, expect: {value: == 7}"),
];

fn files(place: &Path) {
    fs::create_dir_all(place).unwrap();
    let write = |name: &str, bytes: &[u8]| fs::write(place.join(name), bytes).unwrap();
    write("n.json", b"{\"n\": 7}");
    let mut entities = "<!ENTITY e0 \"laugh\">".to_owned();
    for level in 1..12 {
        write!(entities, "<!ENTITY e{level} \"{}\">", format!("&e{};", level - 1).repeat(10)).unwrap();
    }
    let laughs = format!(
        "<!DOCTYPE t [{entities}]><testsuite name=\"s\" tests=\"1\"><testcase name=\"&e11;\"/><system-out>&e11;</system-out></testsuite>"
    );
    write("laughs.xml", laughs.as_bytes());
    let entity = "<!DOCTYPE t [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><testsuite name=\"s\" tests=\"1\"><testcase name=\"&e;\"/></testsuite>";
    write("entity.xml", entity.as_bytes());
    write("deep.xml", "<testsuite>".repeat(100_000).as_bytes());
    write("deep.json", "{\"n\":".repeat(100_000).as_bytes());
    let aliases = (1..30).fold("a0: &a0 [x, x]\n".to_owned(), |text, level| {
        text + &format!("a{level}: &a{level} [{}]\n", [format!("*a{}", level - 1).as_str(); 9].join(", "))
    });
    write("laughs.yaml", format!("{aliases}n: 7\n").as_bytes());
    write("bytes.json", b"{\"n\": \"\xff\xfe\"}");
    assert!(Command::new("mkfifo").arg(place.join("pipe.json")).status().unwrap().success());
    std::os::unix::fs::symlink("circle.json", place.join("circle.json")).unwrap();
}

#[test]
fn every_fault_gets_its_due_and_its_neighbours_are_measured() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    let faults: Vec<Vec<Fault>> = vec![of_servers(&server), of_files(), of_commands()];
    let (mut checks, mut due) = (String::new(), Vec::new());
    for (group, faults) in ["server", "file", "command"].into_iter().zip(faults) {
        for (name, what) in HEALTHY {
            let id = format!("healthy-{name}-beside-{group}");
            writeln!(checks, "      - {{id: {id}, {what}}}").unwrap();
            due.push((id, "pass", "7"));
        }
        for (name, what, status, says) in faults {
            let id = format!("{group}-{name}");
            let timeout = if [LATE_ANSWER, LATE_END].contains(&says) { "2s" } else { "60s" };
            writeln!(checks, "      - {{id: {id}, timeout: {timeout}, {what}}}").unwrap();
            due.push((id, status, says));
        }
    }
    audit(place.path(), &checks);
    files(place.path());

    let began = Instant::now();
    let ran = ran(&mut run_of(place.path()));
    assert!(began.elapsed() < Duration::from_secs(120), "a fault held the run up for {:?}", began.elapsed());
    assert_eq!((ran.code, ran.stderr.as_str()), (3, ""), "{}", ran.stdout);
    let record = record(place.path());
    let mut wrong = Vec::new();
    for ((id, due, says), (check, status, reason)) in due.iter().zip(statuses(&record)) {
        assert_eq!(check, format!("all/{id}"));
        if status != *due || !says.split('|').any(|says| reason.contains(says)) {
            wrong.push(format!("{id} should be {due} ({says}), and is {status}: {reason}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!(left_behind(&mark(place.path())), Vec::<String>::new());
    assert!(verifies(place.path()));
}

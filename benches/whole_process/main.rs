//! Whole-process figures of the real binary: what a user waits for. Medians of several runs after one to warm up.
//!
//! `cargo bench` prints a table; `cargo bench -- smoke` runs everything small, to see that it still works, and
//! `cargo bench -- scaling` draws how the cost grows with the number of checks.
//! Peers are measured beside us where they are installed (`xmllint`, `jaq`, `hurl`, `oha`), because only a ratio within one run
//! means anything on another machine.

#![expect(clippy::print_stdout, reason = "the table is what a benchmark is for")]

mod scaling;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufWriter, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

const BINARY: &str = env!("CARGO_BIN_EXE_countersign");

struct Size {
    http: usize,
    commands: usize,
    junit_megabytes: usize,
    json_megabytes: usize,
    go_megabytes: usize,
    replay: usize,
    markdown_megabytes: usize,
    documents: usize,
    runs: usize,
}

fn main() {
    let is_asked = |word: &str| std::env::args().any(|argument| argument == word);
    if is_asked("scaling") {
        return scaling::plot();
    }
    let smoke = is_asked("smoke");
    let size = if smoke {
        Size {
            http: 50,
            commands: 20,
            junit_megabytes: 2,
            json_megabytes: 2,
            go_megabytes: 2,
            replay: 200,
            markdown_megabytes: 1,
            documents: 100,
            runs: 1,
        }
    } else {
        Size {
            http: 1_000,
            commands: 500,
            junit_megabytes: 100,
            json_megabytes: 50,
            go_megabytes: 1_000,
            replay: 10_000,
            markdown_megabytes: 20,
            documents: 10_000,
            runs: 5,
        }
    };
    let scratch = tempfile::tempdir().expect("a scratch folder");
    println!("| work | median | min | max | peak memory |");
    println!("|---|---|---|---|---|");
    cold_start(&size);
    http(scratch.path(), &size);
    slow_endpoints(scratch.path(), &size);
    commands(scratch.path(), &size);
    junit(scratch.path(), &size);
    json(scratch.path(), &size);
    go_test(scratch.path(), &size);
    replay(scratch.path(), &size);
    proofread(scratch.path(), &size);
}

/// One finished process: wall time and peak resident memory in kilobytes, as `/proc` or `wait4` would say it.
fn timed(command: &mut Command, accepted: &[i32]) -> (Duration, u64) {
    let began = Instant::now();
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("the program starts");
    let peak = watch_memory(child.id());
    let mut complaint = String::new();
    child.stderr.take().expect("piped").read_to_string(&mut complaint).expect("text");
    let status = child.wait().expect("the program ends");
    let took = began.elapsed();
    let code = status.code().unwrap_or(-1);
    assert!(accepted.contains(&code), "exit {code}: {complaint}");
    (took, peak.join().expect("the watcher ends"))
}

/// Polls the high-water mark of a process until it is gone.
fn watch_memory(pid: u32) -> thread::JoinHandle<u64> {
    thread::spawn(move || {
        let mut peak = 0;
        while let Ok(status) = fs::read_to_string(format!("/proc/{pid}/status")) {
            let line = status.lines().find(|line| line.starts_with("VmHWM:"));
            let Some(kilobytes) = line.and_then(|line| line.split_whitespace().nth(1)) else { break };
            peak = peak.max(kilobytes.parse().unwrap_or(0));
            thread::sleep(Duration::from_millis(2));
        }
        peak
    })
}

fn row(work: &str, runs: usize, mut once: impl FnMut() -> (Duration, u64)) {
    once();
    let mut times = Vec::new();
    let mut peak = 0;
    for _ in 0..runs {
        let (took, memory) = once();
        times.push(took);
        peak = peak.max(memory);
    }
    times.sort();
    let milliseconds = |time: Duration| format!("{:.1} ms", time.as_secs_f64() * 1_000.0);
    println!(
        "| {work} | {} | {} | {} | {:.1} MB |",
        milliseconds(times[times.len() / 2]),
        milliseconds(times[0]),
        milliseconds(times[times.len() - 1]),
        peak as f64 / 1024.0
    );
}

fn has(program: &str) -> bool {
    Command::new(program).arg("--version").stdout(Stdio::null()).stderr(Stdio::null()).status().is_ok()
}

fn cold_start(size: &Size) {
    row("`--version`", size.runs * 3, || timed(Command::new(BINARY).arg("--version"), &[0]));
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("checks/go-live");
    row("`lint` of the example audit", size.runs * 3, || {
        timed(Command::new(BINARY).arg("lint").arg(&example), &[0, 1])
    });
}

/// A loopback server that answers every request with the same JSON, after `delay`.
fn serve(delay: Duration) -> u16 {
    serve_body(delay, br#"{"status":"ok"}"#.to_vec())
}

fn serve_body(delay: Duration, body: Vec<u8>) -> u16 {
    let head = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n", body.len());
    let answer = Arc::new([head.into_bytes(), body].concat());
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    // With the 128 of the standard library, who comes with 200 connections at once would be timed waiting for a second try.
    #[cfg(unix)]
    nix::sys::socket::listen(&listener, nix::sys::socket::Backlog::MAXALLOWABLE).expect("room for all");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let text = Arc::clone(&answer);
            thread::spawn(move || give(stream, delay, &text));
        }
    });
    port
}

fn give(mut stream: TcpStream, delay: Duration, answer: &[u8]) {
    let _ = stream.set_nodelay(true);
    let mut buffer = [0; 4096];
    let mut pending = Vec::new();
    loop {
        match stream.read(&mut buffer) {
            Ok(0) | Err(_) => return,
            Ok(read) => pending.extend_from_slice(&buffer[..read]),
        }
        while let Some(end) = pending.windows(4).position(|bytes| bytes == b"\r\n\r\n") {
            pending.drain(..end + 4);
            thread::sleep(delay);
            if stream.write_all(answer).is_err() {
                return;
            }
        }
    }
}

/// Many checks are a file for each ten thousand, and an area: one file may not be larger.
fn audit(directory: &Path, checks: impl Fn(usize) -> String, count: usize) {
    const IN_A_FILE: usize = 10_000;
    fs::create_dir_all(directory).expect("a folder");
    let head = "audit: {id: bench, title: Bench, subject: {name: Bench}}\n";
    let area = |file: usize| {
        let mut text = format!("areas:\n  - area: all-{file}\n    checks:\n");
        for number in file * IN_A_FILE..count.min((file + 1) * IN_A_FILE) {
            let _ = writeln!(text, "      - id: check-{number}\n        {}", checks(number));
        }
        text
    };
    let more = count.div_ceil(IN_A_FILE);
    for file in 1..more {
        fs::write(directory.join(format!("part-{file}.yaml")), area(file)).expect("a part");
    }
    let include = if more > 1 { "include: [part-*.yaml]\n" } else { "" };
    fs::write(directory.join("audit.yaml"), format!("{head}{include}{}", area(0))).expect("an audit file");
}

fn run(directory: &Path) -> Command {
    let mut command = Command::new(BINARY);
    command.arg("run").arg(directory).arg("--to").arg(directory.join("bundle"));
    command
}

fn http(scratch: &Path, size: &Size) {
    let port = serve(Duration::ZERO);
    let directory = scratch.join("http");
    let check = |number| {
        format!(
            "health-check: {{http: {{url: \"http://127.0.0.1:{port}/{number}\", passes-when: {{jq: .status, is: == ok}}}}}}\n        expect: {{failed: == 0}}"
        )
    };
    audit(&directory, check, size.http);
    row(&format!("{} HTTP checks, evidence and both documents included", size.http), size.runs, || {
        timed(&mut run(&directory), &[0])
    });
    if has("hurl") {
        let files: Vec<_> = (0..size.http).map(|number| hurl_file(&directory, port, number)).collect();
        row(
            &format!("peer: hurl --jobs 50, the same {} questions and conditions, no evidence", size.http),
            size.runs,
            || timed(Command::new("hurl").args(["--test", "--jobs", "50"]).args(&files), &[0]),
        );
    }
    if has("oha") {
        let url = format!("http://127.0.0.1:{port}/");
        row(&format!("peer: oha, {} requests, 50 at a time, no evidence", size.http), size.runs, || {
            timed(Command::new("oha").args(["-n", &size.http.to_string(), "-c", "50", "--no-tui", &url]), &[0])
        });
    }
}

fn hurl_file(directory: &Path, port: u16, number: usize) -> PathBuf {
    let path = directory.join(format!("{number}.hurl"));
    let text = format!("GET http://127.0.0.1:{port}/{number}\nHTTP 200\n[Asserts]\njsonpath \"$.status\" == \"ok\"\n");
    fs::write(&path, text).expect("a file");
    path
}

fn slow_endpoints(scratch: &Path, size: &Size) {
    let port = serve(Duration::from_millis(100));
    let count = size.http.min(200);
    let directory = scratch.join("slow");
    let check =
        |number| format!("http: {{url: \"http://127.0.0.1:{port}/{number}\"}}\n        expect: {{status: == 200}}");
    audit(&directory, check, count);
    row(&format!("{count} endpoints of 100 ms each, one host, --per-host {count}"), size.runs, || {
        timed(run(&directory).args(["--per-host", &count.to_string()]), &[0])
    });
}

fn commands(scratch: &Path, size: &Size) {
    let directory = scratch.join("commands");
    audit(&directory, |_| "command: {run: [/bin/true]}\n        expect: {exit: == 0}".to_owned(), size.commands);
    row(&format!("{} commands (`/bin/true`), evidence included", size.commands), size.runs, || {
        timed(&mut run(&directory), &[0])
    });
    row(&format!("floor: {} bare spawns, two at a time", size.commands), size.runs, || {
        let began = Instant::now();
        thread::scope(|scope| {
            for _ in 0..2 {
                scope.spawn(|| {
                    for _ in 0..size.commands / 2 {
                        Command::new("/bin/true").status().expect("true");
                    }
                });
            }
        });
        (began.elapsed(), 0)
    });
}

fn junit(scratch: &Path, size: &Size) {
    let directory = scratch.join("junit");
    audit(&directory, |_| "test-pass-rate: {junit: results.xml}\n        expect: {failed: == 0}".to_owned(), 1);
    let path = directory.join("results.xml");
    let mut file = BufWriter::new(fs::File::create(&path).expect("a file"));
    let _ = write!(file, "<?xml version=\"1.0\"?>\n<testsuites>\n");
    let mut written = 0;
    let mut suite = 0;
    while written < size.junit_megabytes << 20 {
        let mut text = format!("<testsuite name=\"suite-{suite}\" tests=\"1000\">\n");
        for case in 0..1_000 {
            let _ = writeln!(
                text,
                "  <testcase classname=\"bench.module_{suite}.TestCase\" name=\"test_the_thing_number_{case}_does_what_it_says\" time=\"0.001\"/>"
            );
        }
        text.push_str("</testsuite>\n");
        file.write_all(text.as_bytes()).expect("room");
        written += text.len();
        suite += 1;
    }
    file.write_all(b"</testsuites>\n").expect("room");
    file.flush().expect("room");
    drop(file);
    let megabytes = size.junit_megabytes;
    row(&format!("{megabytes} MB of JUnit XML, {} cases", suite * 1_000), size.runs, || {
        timed(&mut run(&directory), &[0])
    });
    if has("xmllint") {
        row(&format!("peer: `xmllint --stream --noout`, the same {megabytes} MB"), size.runs, || {
            timed(Command::new("xmllint").args(["--stream", "--noout"]).arg(&path), &[0])
        });
    }
}

/// An answer of Prometheus as large as that, through a filter that looks at each of its series.
fn json(scratch: &Path, size: &Size) {
    let directory = scratch.join("json");
    let filter = r#"[.data.result[] | select(.metric.job == "api" and (.value[1] | tonumber) > 0.5)] | length"#;
    let mut body = String::from(r#"{"status":"success","data":{"resultType":"vector","result":["#);
    let mut series = 0;
    while body.len() < size.json_megabytes << 20 {
        let comma = if series == 0 { "" } else { "," };
        let job = if series % 2 == 0 { "api" } else { "worker" };
        let _ = write!(
            body,
            r#"{comma}{{"metric":{{"__name__":"requests_total","job":"{job}","instance":"10.0.{}.{}:9100","path":"/v1/things/{series}"}},"value":[1761000000.123,"0.{:03}"]}}"#,
            series / 250 % 250,
            series % 250,
            series % 1000
        );
        series += 1;
    }
    body.push_str("]}}");
    let file = scratch.join("answer.json");
    fs::write(&file, &body).expect("room");
    let port = serve_body(Duration::ZERO, body.into_bytes());
    let check =
        |_| format!("query: {{url: \"http://127.0.0.1:{port}/\", jq: '{filter}'}}\n        expect: {{value: \"> 0\"}}");
    audit(&directory, check, 1);
    let megabytes = size.json_megabytes;
    row(&format!("{megabytes} MB of a Prometheus answer through jq, {series} series"), size.runs, || {
        timed(&mut run(&directory), &[0])
    });
    if has("jaq") {
        row(&format!("peer: `jaq`, the same filter and {megabytes} MB"), size.runs, || {
            timed(Command::new("jaq").arg(filter).arg(&file), &[0])
        });
    }
}

/// The events of `go test -json`, whose memory must not grow with the file.
fn go_test(scratch: &Path, size: &Size) {
    let directory = scratch.join("go");
    audit(
        &directory,
        |_| {
            "test-pass-rate: {file: {path: events.json, reads: go-test-json}}\n        expect: {failed: == 0}"
                .to_owned()
        },
        1,
    );
    let path = directory.join("events.json");
    let mut file = BufWriter::new(fs::File::create(&path).expect("a file"));
    let (mut written, mut package) = (0, 0);
    while written < size.go_megabytes << 20 {
        let name = format!("example.org/shop/part{package}");
        let mut text = format!("{{\"Action\":\"start\",\"Package\":\"{name}\"}}\n");
        for test in 0..1_000 {
            for (action, rest) in [
                ("run", String::new()),
                ("output", format!(",\"Output\":\"=== RUN   TestThing{test}\\n\"")),
                ("output", ",\"Output\":\"a line that the test printed while it ran\\n\"".to_owned()),
                ("pass", ",\"Elapsed\":0.01".to_owned()),
            ] {
                let _ = writeln!(
                    text,
                    "{{\"Time\":\"2026-11-27T10:00:00.123456789Z\",\"Action\":\"{action}\",\"Package\":\"{name}\",\"Test\":\"TestThing{test}\"{rest}}}"
                );
            }
        }
        let _ = writeln!(text, "{{\"Action\":\"pass\",\"Package\":\"{name}\",\"Elapsed\":1.5}}");
        file.write_all(text.as_bytes()).expect("room");
        written += text.len();
        package += 1;
    }
    file.flush().expect("room");
    drop(file);
    row(&format!("{} MB of `go test -json`, {} tests", size.go_megabytes, package * 1_000), 1, || {
        timed(&mut run(&directory), &[0])
    });
    // The folder is gone at the end of the run; this is too much to keep until then.
    fs::remove_file(&path).expect("the file was there");
}

fn replay(scratch: &Path, size: &Size) {
    let (directory, recorded) = recorded(&scratch.join("replay"), size.replay);
    row(&format!("{} checks: replay, judge, record, both documents", size.replay), size.runs, || {
        timed(run(&directory).arg("--replay").arg(&recorded), &[0])
    });
}

/// An audit of so many checks, and its bundle: every check looks at one file through a filter of its own.
fn recorded(directory: &Path, checks: usize) -> (PathBuf, PathBuf) {
    fs::create_dir_all(directory).expect("a folder");
    fs::write(directory.join("facts.json"), r#"{"value": 7}"#).expect("a file");
    let check =
        |number| format!("query: {{file: facts.json, jq: \".value + {number}\"}}\n        expect: {{value: \">= 7\"}}");
    audit(directory, check, checks);
    timed(&mut run(directory), &[0]);
    let recorded = directory.join("recorded");
    fs::rename(directory.join("bundle"), &recorded).expect("a bundle");
    (directory.to_owned(), recorded)
}

/// One large report is read on one core; many are read on all of them. What they say is true, as in most reports.
fn proofread(scratch: &Path, size: &Size) {
    let section = "## Results\n\nThe suite ran on every commit of the week, and nobody had to look at it twice. Of the tests, 242/244 \
                   (99.18%) pass, which is what the team had planned for.\n\n| Suite | Tests | Passed | Failed |\n|---|---|---|---|\n\
                   | router | 44 | 44 | 0 |\n| planner | 31 | 29 | 2 |\n| **Total** | 75 | 73 | 2 |\n\nThe parser took most of the \
                   time; its authors know why, and say so in the notes below, which are long.\n\n- Started with the nightly build\n\
                   - Ended before the morning\n\n";
    let large = scratch.join("large.md");
    fs::write(&large, section.repeat(size.markdown_megabytes * 1_000_000 / section.len())).expect("a report");
    row(&format!("proofread {} MB of Markdown, one file", size.markdown_megabytes), size.runs, || {
        timed(Command::new(BINARY).arg("proofread").arg(&large), &[0])
    });
    let dense = scratch.join("dense.md");
    let table = dense_table();
    fs::write(&dense, table.repeat(size.markdown_megabytes * 1_000_000 / table.len())).expect("a report");
    row(
        &format!("proofread {} MB of tables of numbers, all of them checked", size.markdown_megabytes),
        size.runs,
        || timed(Command::new(BINARY).arg("proofread").arg(&dense), &[0]),
    );
    let many = scratch.join("many");
    fs::create_dir_all(&many).expect("a folder");
    for index in 0..size.documents {
        fs::write(many.join(format!("{index}.md")), section.repeat(6)).expect("a report");
    }
    row(&format!("proofread {} files", size.documents), size.runs, || {
        timed(Command::new(BINARY).arg("proofread").arg(&many), &[0])
    });
}

/// A table whose cells are nearly all numbers that some rule checks.
fn dense_table() -> String {
    let mut text = String::from("## Suites\n\n| Suite | Tests | Passed | Failed | Rate |\n|---|---|---|---|---|\n");
    let (mut tests, mut failures) = (0, 0);
    let rate = |tests: u32, failed: u32| f64::from(tests - failed) * 100.0 / f64::from(tests);
    for suite in 0..20 {
        let (all, failed) = (100 + suite * 41 % 900, suite % 7);
        let _ = writeln!(text, "| s{suite} | {all} | {} | {failed} | {:.2}% |", all - failed, rate(all, failed));
        (tests, failures) = (tests + all, failures + failed);
    }
    let _ =
        writeln!(text, "| **Total** | {tests} | {} | {failures} | {:.2}% |\n", tests - failures, rate(tests, failures));
    text
}

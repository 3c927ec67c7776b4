//! A run that is told to end, or is killed, at whatever moment.

use std::fs;
use std::os::unix::process::ExitStatusExt as _;
use std::path::Path;
use std::process::Stdio;
use std::time::Duration;

use nix::sys::signal::Signal;

use super::{Chance, MARK, Server, ended, left_behind, mark, run_of, send, statuses, verifies};
use crate::support::{audit, countersign, ran, record};

/// Of each signal that asks.
const MOMENTS: u64 = 12;
/// Of the one that does not.
const KILLS: u64 = 8;
/// The moments are spread over this long: what can end of the audit has ended by then.
const SPAN: u64 = 1_500;

/// Quick checks first, then some that take a while, and some that never end: each in another way. What ends says so in
/// `done`.
fn endless(directory: &Path, server: &Server) {
    let mut checks = String::new();
    let mut check = |id: &str, what: &str| {
        checks.push_str(&format!("      - {{id: {id}, timeout: 10m, {what}}}\n"));
    };
    let command = |line: &str| format!("command: {{shell: \"{line}\"}}, expect: {{exit: == 0}}");
    check("answer", &format!("http: {{url: \"{}\"}}, expect: {{status: == 200}}", server.url("/json")));
    check("hang", &format!("http: {{url: \"{}\"}}, expect: {{status: == 200}}", server.url("/hang")));
    check("drip", &format!("http: {{url: \"{}\"}}, expect: {{status: == 200}}", server.url("/drip")));
    // Answered in part: what was answered is no evidence of anything.
    let healths = format!("[\"{}\", \"{}\"]", server.url("/html"), server.url("/hang-in-body"));
    check("healths", &format!("health-check: {{http: {healths}}}, expect: {{failed: == 0}}"));
    for number in 0..10 {
        let id = format!("quick-{number}");
        check(&id, &command(&format!("echo all/{id} >> done")));
    }
    for number in 0..6 {
        let id = format!("slow-{number}");
        check(&id, &command(&format!("sleep 0.15; echo all/{id} >> done")));
    }
    check("deaf", &command("trap '' TERM INT HUP; while :; do sleep 300; done"));
    check("parent", &command("sleep 300 & sleep 300 & wait"));
    audit(directory, &checks);
}

fn scenario(place: &Path, server: &Server, signal: Signal, number: u64) -> std::path::PathBuf {
    let directory = place.join(format!("{signal}-{number}"));
    endless(&directory, server);
    directory
}

/// Runs an audit without an end, sends the signal after so many milliseconds, and says whether a bundle was written.
fn told_to_end(directory: &Path, signal: Signal, after: u64) -> bool {
    let told = format!("{signal} after {after} ms");
    let mut child = run_of(directory).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(Duration::from_millis(after));
    send(&child, signal);
    let status = ended(&mut child);
    assert_eq!(left_behind(&mark(directory)), Vec::<String>::new(), "{told}");
    if status.signal() == Some(signal as i32) {
        assert!(!directory.join("bundle").exists(), "{told}: before anything was asked, and yet there is a bundle");
        return false;
    }
    assert_eq!(status.code(), Some(3), "{told}: a part is neither approved nor rejected");
    assert!(verifies(directory), "{told}: the bundle does not verify");
    let record = record(directory);
    assert_eq!(record["run"]["interrupted"], true, "{told}");
    let done = fs::read_to_string(directory.join("done")).unwrap_or_default();
    let mut lost = 0;
    for (check, status, reason) in statuses(&record) {
        assert!(
            status == "pass" || (status, reason) == ("skipped", "interrupted"),
            "{told}: {check} {status} {reason}"
        );
        lost += usize::from(status != "pass" && done.lines().any(|line| line == check));
    }
    // What has said that it is done has not ended yet.
    let at_once = std::thread::available_parallelism().unwrap().get();
    assert!(lost <= at_once, "{told}: {lost} that were done are not in the bundle");
    true
}

#[test]
fn whoever_is_told_to_end_writes_what_was_measured_and_leaves_nobody_behind() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let mut chance = Chance(signal as u64);
        let mut written = 0;
        let mut measured = 0;
        for number in 0..MOMENTS {
            let after = number * SPAN / MOMENTS + chance.below(SPAN / MOMENTS);
            let directory = scenario(place.path(), &server, signal, number);
            if told_to_end(&directory, signal, after) {
                written += 1;
                measured += statuses(&record(&directory)).iter().filter(|(_, status, _)| *status == "pass").count();
            }
        }
        assert!(written >= MOMENTS / 2 && measured > 20, "{signal}: {written} bundles with {measured} measured checks");
    }
}

#[test]
fn whoever_is_killed_leaves_no_half_bundle_and_is_in_nobodys_way() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    let mut chance = Chance(9);
    for number in 0..KILLS {
        let after = number * SPAN / KILLS + chance.below(SPAN / KILLS);
        let directory = scenario(place.path(), &server, Signal::SIGKILL, number);
        let mut child = run_of(&directory).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        std::thread::sleep(Duration::from_millis(after));
        send(&child, Signal::SIGKILL);
        assert_eq!(ended(&mut child).signal(), Some(9));
        assert_eq!(left_behind(&mark(&directory)), Vec::<String>::new(), "killed after {after} ms");
        assert!(!directory.join("bundle").exists(), "killed after {after} ms");
        let next = ran(run_of(&directory).args(["--only", "all/answer", "--only", "all/quick-1"]));
        assert_eq!(next.code, 3, "{}", next.stderr);
        assert!(verifies(&directory), "the run after one that was killed after {after} ms");
    }
}

/// A filter that counts for as long as it may, which nothing but its own limit ends.
const BUSY: &str = "      - {id: busy, timeout: 10m, query: {file: audit.yaml, format: yaml, jq: \"[range(1e12) | select(. < 0)] | length\"}, expect: {value: == 0}}\n      - {id: quick, command: {shell: \"echo all/quick >> done\"}, expect: {exit: == 0}}\n";

fn busy(place: &Path) -> std::process::Child {
    audit(place, BUSY);
    let child = run_of(place).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !place.join("done").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(300));
    child
}

#[test]
fn a_check_that_is_busy_does_not_hold_up_whoever_is_told_to_end() {
    let place = tempfile::tempdir().unwrap();
    let mut child = busy(place.path());
    let began = std::time::Instant::now();
    send(&child, Signal::SIGTERM);
    assert_eq!(ended(&mut child).code(), Some(3));
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}: it is killed by then", began.elapsed());
    assert!(verifies(place.path()));
    let record = record(place.path());
    let told = [("all/busy", "skipped", "interrupted"), ("all/quick", "pass", "exit is 0")];
    assert_eq!(statuses(&record), told);
}

#[test]
fn a_terminal_that_closes_and_a_quit_end_a_run_in_order_too() {
    for signal in [Signal::SIGQUIT, Signal::SIGHUP] {
        let place = tempfile::tempdir().unwrap();
        let mut child = busy(place.path());
        send(&child, signal);
        let code = ended(&mut child).code();
        if signal == Signal::SIGHUP && !cfg!(target_os = "linux") {
            continue;
        }
        assert_eq!(code, Some(3), "{signal}");
        assert!(verifies(place.path()), "{signal}");
        let left = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name());
        let left: Vec<_> = left.filter(|name| name.to_string_lossy().contains(".partial-")).collect();
        assert_eq!(left, [] as [&str; 0], "{signal}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn whoever_is_not_to_hear_of_hangups_goes_on() {
    let place = tempfile::tempdir().unwrap();
    audit(
        place.path(),
        "      - {id: slow, command: {shell: \"echo begun >> done; sleep 2\"}, expect: {exit: == 0}}\n",
    );
    let run = run_of(place.path());
    let mut nohup = std::process::Command::new("sh");
    nohup.args(["-c", "trap '' HUP; exec \"$0\" \"$@\""]).arg(run.get_program()).args(run.get_args());
    for (name, value) in run.get_envs() {
        nohup.env(name, value.unwrap_or_default());
    }
    nohup.current_dir(run.get_current_dir().unwrap_or(place.path()));
    let mut child = nohup.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    while !place.path().join("done").exists() {
        std::thread::sleep(Duration::from_millis(10));
    }
    send(&child, Signal::SIGHUP);
    ended(&mut child);
    assert_eq!(statuses(&record(place.path())), [("all/slow", "pass", "exit is 0")]);
}

#[test]
fn whoever_is_told_twice_ends_at_once_and_says_by_which_signal() {
    for (signal, code) in [(Signal::SIGINT, 130), (Signal::SIGTERM, 143)] {
        let place = tempfile::tempdir().unwrap();
        let mut child = busy(place.path());
        send(&child, Signal::SIGTERM);
        std::thread::sleep(Duration::from_millis(200));
        send(&child, signal);
        assert_eq!(ended(&mut child).code(), Some(code));
        assert!(!place.path().join("bundle").exists(), "nothing is written any more");
        assert_eq!(left_behind(&mark(place.path())), Vec::<String>::new());
    }
}

#[test]
fn a_survey_that_is_told_to_end_writes_nothing_and_leaves_nobody_behind() {
    for signal in [Signal::SIGINT, Signal::SIGTERM] {
        let place = tempfile::tempdir().unwrap();
        let directory = place.path().join("checks");
        audit(&directory, "      - {id: one, command: {run: [\"true\"]}, expect: {exit: == 0}}\n");
        let before = fs::read(directory.join("audit.yaml")).unwrap();
        let mut add = countersign();
        let line = "touch started; sleep 300 & sleep 300";
        add.args(["add", "command", &format!("run=[\"sh\", \"-c\", \"{line}\"]"), "--area", "all"]);
        add.args(["--id", "two", "--to"]).arg(directory.join("audit.yaml"));
        add.env(MARK, mark(&directory)).env("TMPDIR", place.path());
        let mut child = add.current_dir(&directory).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let began = std::time::Instant::now();
        while !directory.join("started").exists() {
            assert!(began.elapsed() < Duration::from_secs(20), "the command does not start");
            std::thread::sleep(Duration::from_millis(10));
        }
        send(&child, signal);
        assert_eq!(ended(&mut child).code(), Some(4));
        assert_eq!(left_behind(&mark(&directory)), Vec::<String>::new(), "{signal}");
        assert_eq!(fs::read(directory.join("audit.yaml")).unwrap(), before, "nothing was added");
        let names: Vec<_> = fs::read_dir(place.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        assert_eq!(names, ["checks"], "its temporary folder is gone");
    }
}

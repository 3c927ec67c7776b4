//! The real binary among faults: signals at any moment, files and disks that are full, too few open files, thousands of
//! checks of which many cannot be answered. Afterwards nothing measured is lost, and nobody that was started is left.

mod many;
mod room;
mod signals;
mod zoo;

use std::fs;
use std::path::Path;
use std::process::{Child, Command, ExitStatus};
use std::time::{Duration, Instant};

use nix::sys::signal::{Signal, kill};
use nix::unistd::Pid;
use serde_json::Value;
use tokio::runtime::Runtime;

use crate::fault_server::FaultServer;
use crate::support::{countersign, ran};

/// In the environment of everything that a run starts; its value tells the runs apart.
const MARK: &str = "COUNTERSIGN_TEST_MARK";

/// A fault server for tests that wait for a process.
struct Server {
    server: FaultServer,
    _runtime: Runtime,
}

impl Server {
    fn start() -> Self {
        let runtime = Runtime::new().unwrap();
        let server = runtime.block_on(FaultServer::start());
        Self { server, _runtime: runtime }
    }

    fn url(&self, path: &str) -> String {
        self.server.url(path)
    }
}

/// Numbers that look like chance and are the same each time (SplitMix64).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % most
    }
}

/// A mark that no other run has.
fn mark(place: &Path) -> String {
    place.display().to_string()
}

/// `run` of the audit in `directory` into `directory/bundle`, marked as [`mark`] says.
fn run_of(directory: &Path) -> Command {
    let mut command = countersign();
    command.arg("run").arg(directory).arg("--to").arg(directory.join("bundle"));
    command.env(MARK, mark(directory));
    command
}

/// The processes that have the mark in their environment.
fn living(mark: &str) -> Vec<i32> {
    let wanted = format!("{MARK}={mark}\0");
    let has = |pid: &i32| {
        let environment = fs::read(format!("/proc/{pid}/environ")).unwrap_or_default();
        environment.windows(wanted.len()).any(|window| window == wanted.as_bytes())
    };
    let entries = fs::read_dir("/proc").unwrap().filter_map(|entry| entry.unwrap().file_name().to_str()?.parse().ok());
    entries.filter(has).collect()
}

/// Waits a while for all of them to be gone; those that are not.
fn left_behind(mark: &str) -> Vec<String> {
    let began = Instant::now();
    loop {
        let living = living(mark);
        if living.is_empty() || began.elapsed() > Duration::from_secs(3) {
            let name = |pid: &i32| fs::read_to_string(format!("/proc/{pid}/cmdline")).unwrap_or_default();
            return living.iter().map(name).collect();
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Waits for the end of a process that is to end.
fn ended(child: &mut Child) -> ExitStatus {
    let began = Instant::now();
    loop {
        if let Some(status) = child.try_wait().unwrap() {
            return status;
        }
        if began.elapsed() > Duration::from_secs(40) {
            child.kill().unwrap();
            panic!("it does not end");
        }
        std::thread::sleep(Duration::from_millis(5));
    }
}

fn send(child: &Child, signal: Signal) {
    kill(Pid::from_raw(child.id().try_into().unwrap()), signal).unwrap();
}

/// Does the bundle in `directory/bundle` verify?
fn verifies(directory: &Path) -> bool {
    ran(countersign().arg("verify").arg(directory.join("bundle"))).code == 0
}

/// The status of each check in a record, with its reason.
fn statuses(record: &Value) -> Vec<(&str, &str, &str)> {
    let checks = record["judgement"]["checks"].as_array().unwrap();
    let told = |result| {
        let [check, status, reason] = ["check", "status", "reason"].map(|name| text(result, name));
        (check, status, reason)
    };
    checks.iter().map(told).collect()
}

fn text<'a>(value: &'a Value, name: &str) -> &'a str {
    value[name].as_str().unwrap_or_default()
}

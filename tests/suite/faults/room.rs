//! No room: disks that are full or read-only, files that may not grow, too few files that may be open.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::{Server, mark, statuses, verifies};
use crate::fault_server::FaultServer;
use crate::support::{Ran, audit, countersign, ran, record, skipped};

const QUICK: &str = "      - {id: quick, command: {run: [echo, quick]}, expect: {exit: == 0}}\n";

/// A file system of its own in memory; gone when it is dropped.
struct Disk(PathBuf);

impl Disk {
    /// `options` as mount(8) has them; `None`, said loudly, where this user may mount nothing.
    fn mounted(place: &Path, options: &str) -> Option<Self> {
        fs::create_dir_all(place).unwrap();
        let mounted = Command::new("mount").args(["-t", "tmpfs", "-o", options, "tmpfs"]).arg(place).output();
        if mounted.is_ok_and(|output| output.status.success()) {
            return Some(Self(place.to_owned()));
        }
        skipped("a small disk needs a user who may mount one");
        None
    }

    fn names(&self) -> Vec<String> {
        let entries = fs::read_dir(&self.0).unwrap();
        entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect()
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _unmounted = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

fn run_to(directory: &Path, to: &Path) -> Ran {
    ran(countersign().arg("run").arg(directory).arg("--to").arg(to))
}

/// Runs under limits that `ulimit` sets.
fn limited(directory: &Path, ulimit: &str) -> Ran {
    let mut command = Command::new("sh");
    command.arg("-c").arg(format!("ulimit {ulimit}; exec \"$@\"")).arg("sh").arg(env!("CARGO_BIN_EXE_countersign"));
    command.arg("run").arg(directory).arg("--to").arg(directory.join("bundle"));
    ran(command.env("NO_COLOR", "1").env(super::MARK, mark(directory)))
}

/// Where a run says that it kept what it measured.
fn kept(stderr: &str) -> PathBuf {
    let said = stderr.split_once("what was measured is kept in \"").and_then(|(_, rest)| rest.split_once('"'));
    said.map_or_else(|| panic!("{stderr}"), |(place, _)| place.into())
}

#[test]
fn a_full_disk_is_named_and_neither_half_a_bundle_nor_the_loss_of_the_one_before() {
    let place = tempfile::tempdir().unwrap();
    let checks = audit(&place.path().join("checks"), QUICK);
    let Some(disk) = Disk::mounted(&place.path().join("disk"), "size=1m") else { return };
    let to = disk.0.join("bundle");
    assert_eq!(run_to(&checks, &to).code, 0);
    let before = fs::read(to.join("record.json")).unwrap();
    let free = fs::File::create(disk.0.join("filler")).unwrap();
    // Until hardly more than the evidence fits.
    let mut free = std::io::BufWriter::new(free);
    while std::io::Write::write_all(&mut free, &[0; 4096]).is_ok() {}
    drop(free);
    let full = fs::metadata(disk.0.join("filler")).unwrap().len();
    fs::File::options().write(true).open(disk.0.join("filler")).unwrap().set_len(full - 8192).unwrap();

    for to in [&to, &disk.0.join("another")] {
        let failed = run_to(&checks, to);
        assert_eq!((failed.code, failed.stdout.as_str()), (4, ""), "{}", failed.stderr);
        assert!(
            failed.stderr.contains(&format!("cannot write to \"{}\": No space left", to.display())),
            "{}",
            failed.stderr
        );
        assert!(
            failed.stderr.contains("help: make room there, or choose another place with --to DIR"),
            "{}",
            failed.stderr
        );
        let kept = kept(&failed.stderr);
        let replayed = place.path().join("replayed");
        let replay = ran(countersign().arg("run").arg(&checks).arg("--replay").arg(&kept).arg("--to").arg(&replayed));
        fs::remove_dir_all(&kept).unwrap();
        assert_eq!(replay.code, 0, "what was measured was kept: {}", replay.stderr);
        assert_eq!(ran(countersign().arg("verify").arg(&replayed)).code, 0);
    }
    let mut names = disk.names();
    names.sort();
    assert_eq!(names, ["bundle", "filler"], "nothing is left of what could not be written");
    assert_eq!(fs::read(to.join("record.json")).unwrap(), before);
    assert_eq!(ran(countersign().arg("verify").arg(&to)).code, 0, "the bundle before it still stands");
}

#[test]
fn evidence_for_which_there_is_no_room_is_no_answer_and_the_rest_is_kept() {
    let place = tempfile::tempdir().unwrap();
    let large =
        "      - {id: large, command: {shell: \"head -c 6000000 /dev/urandom | base64\"}, expect: {exit: == 0}}\n";
    let checks = audit(&place.path().join("checks"), &format!("{large}{QUICK}"));
    let Some(disk) = Disk::mounted(&place.path().join("disk"), "size=2m") else { return };
    let to = disk.0.join("bundle");
    let ran_out = run_to(&checks, &to);
    assert_eq!(ran_out.code, 3, "{}{}", ran_out.stdout, ran_out.stderr);
    let record: serde_json::Value = serde_json::from_slice(&fs::read(to.join("record.json")).unwrap()).unwrap();
    let [(_, "error", reason), ("all/quick", "pass", _)] = statuses(&record)[..] else { panic!("{record}") };
    let named = reason.contains(&disk.0.display().to_string()) && reason.ends_with("no space left on device");
    assert!(reason.starts_with("could not look: the evidence could not be written to") && named, "{reason}");
    assert_eq!(ran(countersign().arg("verify").arg(&to)).code, 0, "what did not fit left nothing behind");
}

#[test]
fn a_file_that_may_not_grow_is_an_error_and_not_the_end_of_the_process() {
    let place = tempfile::tempdir().unwrap();
    let checks = audit(place.path(), QUICK);
    let ran = limited(&checks, "-f 8");
    assert_eq!(ran.code, 4, "{}", ran.stderr);
    let to = checks.join("bundle");
    assert!(ran.stderr.contains(&format!("cannot write to \"{}\": File too large", to.display())), "{}", ran.stderr);
    let names: Vec<_> = fs::read_dir(&checks).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["audit.yaml"]);
}

#[test]
fn a_place_that_cannot_be_written_to_is_named_before_anything_is_asked() {
    let place = tempfile::tempdir().unwrap();
    let touch = "      - {id: touch, command: {run: [touch, asked]}, expect: {exit: == 0}}\n";
    let checks = audit(&place.path().join("checks"), touch);
    let file = place.path().join("file");
    fs::write(&file, "mine").unwrap();
    let disk = Disk::mounted(&place.path().join("disk"), "size=1m,ro");
    let occupied = format!("\"{}\" exists and is not a bundle", file.display());
    let mut cases = vec![(file.clone(), occupied.clone()), (file.join("bundle"), occupied)];
    if let Some(disk) = &disk {
        let to = disk.0.join("bundle");
        cases.push((to.clone(), format!("cannot write to \"{}\": Read-only file system", to.display())));
    }
    for (to, message) in cases {
        let ran = run_to(&checks, &to);
        assert_eq!((ran.code, ran.stdout.as_str()), (4, ""), "{}", ran.stderr);
        assert!(ran.stderr.contains(&message) && ran.stderr.contains("--to DIR"), "{message}: {}", ran.stderr);
        assert!(!checks.join("asked").exists(), "a check was asked");
    }
    assert_eq!(fs::read_to_string(&file).unwrap(), "mine");
}

/// Questions of every sort that takes open files, all at once.
fn many(directory: &Path, server: &Server) {
    let mut checks = String::new();
    for number in 0..25 {
        checks.push_str(&format!(
            "      - {{id: http-{number}, http: {{url: \"{}\"}}, expect: {{status: == 200}}}}\n      - {{id: command-{number}, \
             command: {{run: [echo, \"{number}\"]}}, expect: {{value: == {number}}}}}\n      - {{id: file-{number}, file: \
             {{paths: [audit.yaml], contains: \"file-{number}\"}}, expect: {{matching: == 1}}}}\n",
            server.url("/json"),
        ));
    }
    audit(directory, &checks);
}

#[test]
fn where_few_files_may_be_open_less_is_asked_at_once_and_all_is_answered() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    many(place.path(), &server);
    let ran = limited(place.path(), "-n 32");
    let record = record(place.path());
    let bad: Vec<_> = statuses(&record).into_iter().filter(|(_, status, _)| *status != "pass").collect();
    assert_eq!((ran.code, bad), (0, Vec::new()));
    assert!(verifies(place.path()));
}

#[test]
fn where_hardly_any_file_may_be_open_that_is_what_is_said() {
    let (place, server) = (tempfile::tempdir().unwrap(), Server::start());
    many(place.path(), &server);
    let ran = limited(place.path(), "-n 5");
    assert_eq!(ran.code, 4);
    assert!(ran.stderr.contains("Too many open files") && ran.stderr.contains("help: "), "{}", ran.stderr);
    assert!(!place.path().join("bundle").exists());

    // Enough to start, and too few for a command.
    let ran = limited(place.path(), "-n 14");
    assert_eq!(ran.code, 3, "{}{}", ran.stdout, ran.stderr);
    let record = record(place.path());
    let mut told = 0;
    for (check, status, reason) in statuses(&record) {
        let said = status == "error" && reason.ends_with("countersign has too many files open");
        told += usize::from(said);
        assert!(said || status == "pass", "{check} {status}: {reason}");
    }
    assert!(told > 0 && verifies(place.path()));
    assert!(record.to_string().contains("Allow more (`ulimit -n`)"), "the record says what to do");
}

#[test]
fn a_fleet_of_more_hosts_than_files_that_may_be_open_is_answered() {
    let (place, runtime) = (tempfile::tempdir().unwrap(), tokio::runtime::Runtime::new().unwrap());
    let fleet: Vec<FaultServer> = (0..80).map(|_| runtime.block_on(FaultServer::start())).collect();
    let check = |(number, server): (usize, &FaultServer)| {
        format!("      - {{id: h{number}, http: {{url: \"{}\"}}, expect: {{status: == 200}}}}\n", server.url("/json"))
    };
    audit(place.path(), &fleet.iter().enumerate().map(check).collect::<String>());
    let ran = limited(place.path(), "-n 48");
    let record = record(place.path());
    let bad: Vec<_> = statuses(&record).into_iter().filter(|(_, status, _)| *status != "pass").collect();
    assert_eq!((ran.code, bad), (0, Vec::new()), "a connection that is kept is an open file");
}

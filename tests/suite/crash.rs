//! A process that is killed, at whatever moment, leaves the bundle that was there or the one that was to come.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bundles::{committed, copy, replayed};
use crate::support::{countersign, ran, repository};

/// A bundle that may stand there, told by its record and by the templates that its documents are made with.
struct Whole<'a> {
    record: Vec<u8>,
    template: Option<&'a Path>,
}

impl Whole<'_> {
    fn stands_at(&self, place: &Path) -> bool {
        let mut verify = countersign();
        verify.arg("verify").arg(place);
        if let Some(template) = self.template {
            verify.arg("--template").arg(template);
        }
        fs::read(place.join("record.json")).is_ok_and(|record| record == self.record) && ran(&mut verify).code == 0
    }
}

/// Kills what `command` starts at moments spread over the time that it takes, half of them near its end, where it changes
/// places. Each begins with a copy of `old` at `place`.
fn killed(
    kills: u32,
    old: &Path,
    place: &Path,
    old_whole: &Whole<'_>,
    new_whole: &Whole<'_>,
    command: &dyn Fn() -> Command,
) {
    let begin = || {
        if place.exists() {
            fs::remove_dir_all(place).unwrap();
        }
        copy(old, place);
        let mut command = command();
        command.stdout(Stdio::null()).stderr(Stdio::null());
        command.spawn().unwrap()
    };
    let started = Instant::now();
    begin().wait().unwrap();
    let takes = started.elapsed();
    assert!(new_whole.stands_at(place), "unhindered it puts the new one in its place");
    let mut hit = 0;
    for kill in 0..kills {
        let share = f64::from(kill / 2 + 1) / f64::from(kills / 2 + 1);
        let share = if kill % 2 == 0 { share } else { 0.8 + share * 0.2 };
        let mut child = begin();
        std::thread::sleep(takes.mul_f64(share).min(Duration::from_secs(5)));
        child.kill().unwrap();
        hit += u32::from(child.wait().unwrap().code().is_none());
        let (old_stands, new_stands) = (old_whole.stands_at(place), new_whole.stands_at(place));
        assert!(old_stands || new_stands, "killed after {share:.2} of {takes:?}, neither stands there whole");
    }
    assert!(hit > 0, "nothing was killed before its end");
}

fn whole(bundle: &Path) -> Whole<'static> {
    Whole { record: fs::read(bundle.join("record.json")).unwrap(), template: None }
}

fn shard(number: usize, place: &Path) -> PathBuf {
    let to = place.join(format!("shard-{number}"));
    let mut command = countersign();
    command.arg("run").arg(repository().join("checks/stack")).args(["--shard", &format!("{number}/2")]);
    assert!(ran(command.arg("--replay").arg(committed("stack")).arg("--to").arg(&to)).code < 4);
    to
}

#[test]
fn a_run_that_is_killed_leaves_a_whole_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let (old, place) = (shard(1, folder.path()), folder.path().join("bundle"));
    let audit = repository().join("checks/stack");
    killed(8, &old, &place, &whole(&old), &whole(&committed("stack")), &|| {
        let mut command = countersign();
        command.arg("run").arg(&audit).arg("--replay").arg(committed("stack")).arg("--to").arg(&place);
        command
    });
    // What a killed process left beside it is in nobody's way.
    replayed(&audit, &committed("stack"), &place);
}

#[test]
fn a_merge_that_is_killed_leaves_a_whole_bundle() {
    let folder = tempfile::tempdir().unwrap();
    let parts = [shard(1, folder.path()), shard(2, folder.path())];
    let place = folder.path().join("bundle");
    killed(6, &parts[0], &place, &whole(&parts[0]), &whole(&committed("stack")), &|| {
        let mut command = countersign();
        command.arg("merge").args(&parts).arg("--to").arg(&place);
        command
    });
}

#[test]
fn a_rendering_that_is_killed_leaves_both_documents_of_one_kind() {
    let folder = tempfile::tempdir().unwrap();
    let templates = folder.path().join("templates");
    fs::create_dir_all(&templates).unwrap();
    for name in ["report.md.j2", "report.html.j2"] {
        fs::write(templates.join(name), "another document\n").unwrap();
    }
    let (old, place) = (copy(&committed("stack"), &folder.path().join("old")), folder.path().join("bundle"));
    assert_eq!(ran(countersign().arg("render").arg(&old).arg("--template").arg(&templates)).code, 0);
    let new = whole(&old);
    let before = Whole { record: new.record.clone(), template: Some(&templates) };
    killed(6, &old, &place, &before, &new, &|| {
        let mut command = countersign();
        command.arg("render").arg(&place);
        command
    });
}

//! Ends the commands of a run that is killed, when nobody is left to end them: a process of our own that is told which ones
//! run, and sees the end of its input when the run ends, however it ended.

use std::collections::BTreeSet;
use std::io::{self, BufReader, Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Mutex, OnceLock, PoisonError};

use super::group::kill;
use crate::witness::helper::{is_started_as, itself};

/// What the program is started with to be a guard. No command of a user is called so.
const WORD: &str = "--guard-of-countersign";

/// The guard of a run, started before its first command.
#[derive(Debug, Default)]
pub(in crate::witness) struct Guard {
    started: OnceLock<Option<Mutex<Child>>>,
}

impl Guard {
    /// A command is about to begin: it must not run while its guard is still being started.
    pub(super) fn begin(&self) {
        let _started = self.process();
    }

    /// A group has begun: it is killed when this process ends before it.
    pub(super) fn watch(&self, leader: i32) {
        self.tell(leader);
    }

    /// The group has ended; its number may soon be another's.
    pub(super) fn forget(&self, leader: i32) {
        self.tell(-leader);
    }

    /// Where it cannot be started or has ended, a run is as good without it until it is killed.
    fn tell(&self, leader: i32) {
        let Some(started) = self.process() else { return };
        if let Some(to) = &mut started.lock().unwrap_or_else(PoisonError::into_inner).stdin {
            let _told = to.write_all(&leader.to_le_bytes());
        }
    }

    fn process(&self) -> Option<&Mutex<Child>> {
        self.started.get_or_init(|| start().ok().map(Mutex::new)).as_ref()
    }
}

fn start() -> io::Result<Child> {
    let mut command = itself(WORD)?;
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    // What a terminal sends to the run is not for it.
    #[cfg(unix)]
    std::os::unix::process::CommandExt::process_group(&mut command, 0);
    command.spawn()
}

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(Some(started)) = self.started.get_mut() {
            // That closes its input, on which it ends at once, and nothing is left of it.
            let _status = started.get_mut().unwrap_or_else(PoisonError::into_inner).wait();
        }
    }
}

/// Is this process a guard? Then it waits for the end of the run, and ends what that left behind.
pub fn serve() -> bool {
    if !is_started_as(WORD) {
        return false;
    }
    left(io::stdin(), doze).into_iter().for_each(kill);
    true
}

/// Sleeps until the run has ended, or has told much: who woke for every command would take their time from them.
#[cfg(unix)]
fn doze() {
    use nix::poll::{PollFd, PollFlags, poll};
    use std::os::fd::AsFd as _;
    // A pipe holds what 8,000 commands tell, and no machine runs as many in that time.
    const NAP: u16 = 1_000;
    // That the other end has been closed is told to who asks for nothing, too.
    let _woken = poll(&mut [PollFd::new(io::stdin().as_fd(), PollFlags::empty())], NAP);
}

/// There are no groups here to tell of.
#[cfg(not(unix))]
fn doze() {}

/// The groups that began and did not end. `doze` waits while there need not be anything to read.
fn left(from: impl Read, doze: impl Fn()) -> BTreeSet<i32> {
    let mut from = BufReader::new(from);
    let (mut left, mut message) = (BTreeSet::new(), [0; 4]);
    loop {
        if from.buffer().is_empty() {
            doze();
        }
        if from.read_exact(&mut message).is_err() {
            return left;
        }
        match i32::from_le_bytes(message) {
            begun if begun > 0 => left.insert(begun),
            ended => left.remove(&ended.saturating_neg()),
        };
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_began_and_did_not_end_is_left() {
        let told: Vec<u8> = [7, 9, -7, 11, 7, -9].into_iter().flat_map(i32::to_le_bytes).collect();
        assert_eq!(left(told.as_slice(), || ()), BTreeSet::from([7, 11]));
        assert_eq!(left(&told[..6], || ()), BTreeSet::from([7]), "half a message is none");
        assert_eq!(left([0; 8].as_slice(), || ()), BTreeSet::new(), "the group of the guard itself is none");
    }

    #[test]
    fn it_wakes_for_many_commands_at_once() {
        let told: Vec<u8> = (1..=3_000_i32).flat_map(|leader| [leader, -leader]).flat_map(i32::to_le_bytes).collect();
        let naps = std::cell::Cell::new(0);
        assert_eq!(left(told.as_slice(), || naps.set(naps.get() + 1)), BTreeSet::new());
        assert!(naps.get() <= 4, "{} naps", naps.get());
    }
}

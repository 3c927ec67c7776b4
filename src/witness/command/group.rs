//! The process group of a command, so that what it started ends with it. A process that makes a group of its own (setsid)
//! escapes; only the operating system's containers could hold it.

use std::process::ExitStatus;

use tokio::process::Child;

use super::guard::Guard;

/// Kills the group when it is dropped, so that an interrupted run leaves nothing behind. Without process groups only the
/// command itself is ended, when its handle is dropped.
pub(super) struct Group<'g> {
    leader: Option<i32>,
    guard: Option<&'g Guard>,
}

/// How a group is ended.
#[derive(Clone, Copy)]
enum End {
    /// It is asked to.
    Asked,
    /// It is not asked.
    Killed,
}

impl<'g> Group<'g> {
    pub(super) fn of(child: &Child, guard: Option<&'g Guard>) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).filter(|_| cfg!(unix));
        if let (Some(leader), Some(guard)) = (leader, guard) {
            guard.watch(leader);
        }
        Self { leader, guard }
    }

    /// Asks all of it to end.
    pub(super) fn terminate(&self) {
        self.leader.into_iter().for_each(|leader| end(leader, End::Asked));
    }

    /// Ends all of it.
    pub(super) fn kill(&self) {
        self.leader.into_iter().for_each(kill);
    }
}

impl Drop for Group<'_> {
    fn drop(&mut self) {
        self.kill();
        if let (Some(leader), Some(guard)) = (self.leader, self.guard) {
            guard.forget(leader);
        }
    }
}

/// Ends all of the group of a leader.
pub(super) fn kill(leader: i32) {
    end(leader, End::Killed);
}

#[cfg(unix)]
fn end(leader: i32, how: End) {
    use nix::sys::signal::{Signal, killpg};
    let signal = match how {
        End::Asked => Signal::SIGTERM,
        End::Killed => Signal::SIGKILL,
    };
    // It fails where nobody is left, which is what is wanted.
    let _sent = killpg(nix::unistd::Pid::from_raw(leader), signal);
}

/// There are no groups here.
#[cfg(not(unix))]
fn end(_leader: i32, _how: End) {}

/// The signal that ended it.
#[cfg(unix)]
pub(super) fn signal(status: ExitStatus) -> Option<i32> {
    std::os::unix::process::ExitStatusExt::signal(&status)
}

/// There are no signals here.
#[cfg(not(unix))]
pub(super) fn signal(_status: ExitStatus) -> Option<i32> {
    None
}

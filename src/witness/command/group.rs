//! The process group of a command, so that what it started ends with it. A process that makes a group of its own (setsid)
//! escapes; only the operating system's containers could hold it.

use std::process::ExitStatus;

use tokio::process::Child;

/// Kills the group when it is dropped, so that an interrupted run leaves nothing behind.
pub(super) struct Group {
    #[cfg(unix)]
    leader: Option<nix::unistd::Pid>,
}

#[cfg(unix)]
impl Group {
    pub(super) fn of(child: &Child) -> Self {
        let leader = child.id().and_then(|id| i32::try_from(id).ok()).map(nix::unistd::Pid::from_raw);
        Self { leader }
    }

    /// Asks all of it to end.
    pub(super) fn terminate(&self) {
        self.send(nix::sys::signal::Signal::SIGTERM);
    }

    /// Ends all of it.
    pub(super) fn kill(&self) {
        self.send(nix::sys::signal::Signal::SIGKILL);
    }

    fn send(&self, signal: nix::sys::signal::Signal) {
        if let Some(leader) = self.leader {
            // It fails where nobody is left, which is what is wanted.
            let _ = nix::sys::signal::killpg(leader, signal);
        }
    }
}

#[cfg(not(unix))]
impl Group {
    pub(super) fn of(_child: &Child) -> Self {
        Self {}
    }

    /// Without process groups only the command itself is ended, when its handle is dropped.
    pub(super) fn terminate(&self) {}

    pub(super) fn kill(&self) {}
}

impl Drop for Group {
    fn drop(&mut self) {
        self.kill();
    }
}

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

//! Ctrl-C and requests to end (SIGTERM, SIGQUIT, and SIGHUP when a terminal or a connection closes), for every command that
//! looks at the outside. The first lets it end in order, the second ends the process at once.

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;
use tokio_util::task::AbortOnDropHandle;

use super::{Failure, terminal};

/// What a process is taken to have ended with that a signal ended: this, and the number of the signal.
const BY_SIGNAL: i32 = 128;

/// Listens for them from the moment it is made; until then a signal ends the process.
pub(super) struct Signals {
    #[cfg(unix)]
    heard: Vec<(i32, tokio::signal::unix::Signal)>,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen, on the runtime that it is called from.
    pub(super) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate(), SignalKind::quit(), SignalKind::hangup()];
        // `nohup` lets a process ignore that its terminal is gone, and listening would undo it.
        let wanted = kinds.into_iter().filter(|kind| *kind != SignalKind::hangup() || !ignores_hangups());
        Self { heard: wanted.filter_map(|kind| Some((kind.as_raw_value(), signal(kind).ok()?))).collect() }
    }

    /// Waits for the next one; its number. What cannot be listened for ends the process.
    pub(super) async fn next(&mut self) -> i32 {
        std::future::poll_fn(|context| {
            let mut heard = self.heard.iter_mut();
            let came = heard.find_map(|(number, signal)| signal.poll_recv(context).is_ready().then_some(*number));
            came.map_or(std::task::Poll::Pending, std::task::Poll::Ready)
        })
        .await
    }
}

/// Was the process started so that it does not hear of hangups? Where the system does not say, it may have been.
#[cfg(unix)]
fn ignores_hangups() -> bool {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    // Once it is listened for, it is not ignored: this holds for the second time as well.
    ignored(&status).is_none_or(|ignored| ignored & (1 << (nix::libc::SIGHUP - 1)) != 0)
}

/// The signals that a process ignores, the first of them in the lowest bit, out of `/proc/PID/status`.
#[cfg(unix)]
fn ignored(status: &str) -> Option<u64> {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"))?;
    u64::from_str_radix(mask.trim(), 16).ok()
}

#[cfg(not(unix))]
impl Signals {
    pub(super) fn listen() -> Self {
        Self {}
    }

    pub(super) async fn next(&mut self) -> i32 {
        const INTERRUPT: i32 = 2;
        if tokio::signal::ctrl_c().await.is_err() {
            std::future::pending::<()>().await;
        }
        INTERRUPT
    }
}

/// Where files may only grow so large (`ulimit -f`), writing beyond is an error with a place, and not the end of the process.
#[cfg(unix)]
pub(super) fn lets_large_files_fail(runtime: &Runtime) {
    use tokio::signal::unix::{SignalKind, signal};
    let _entered = runtime.enter();
    // Heard once is enough: the system no longer ends the process. Where that cannot be had, it does.
    drop(signal(SignalKind::from_raw(nix::libc::SIGXFSZ)));
}

#[cfg(not(unix))]
pub(super) fn lets_large_files_fail(_runtime: &Runtime) {}

/// The first signal cancels `token`, so that what was measured is written; the second ends the process.
pub(super) fn lets_write(token: CancellationToken) {
    at_signals(move || {
        terminal::message("\nstopping: what was measured is being written\n");
        token.cancel();
    });
}

/// The first signal cancels `token` and says nothing; the second ends the process.
pub(super) fn cancels(token: CancellationToken) {
    at_signals(move || token.cancel());
}

/// Cancels `token` as soon as `quit` is, and no longer than what it gives back lives.
pub(super) fn hands_on(quit: CancellationToken, token: CancellationToken) -> AbortOnDropHandle<()> {
    AbortOnDropHandle::new(tokio::spawn(async move {
        quit.cancelled().await;
        token.cancel();
    }))
}

#[expect(clippy::exit, reason = "whoever asks twice does not want to wait for what is still under way")]
fn at_signals(first: impl FnOnce() + Send + 'static) {
    let mut signals = Signals::listen();
    tokio::spawn(async move {
        signals.next().await;
        first();
        std::process::exit(BY_SIGNAL + signals.next().await);
    });
}

/// What `looking` comes to. A signal drops it, and with it every command that it runs.
pub(super) async fn unless_stopped<T>(looking: impl Future<Output = T>) -> Result<T, Failure> {
    let mut signals = Signals::listen();
    tokio::select! {
        biased;
        _ = signals.next() => {
            Err(Failure::new("stopped before it was done: nothing was written", "run it again and let it end"))
        }
        looked = looking => Ok(looked),
    }
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[tokio::test]
    async fn of_a_run_that_has_ended_nothing_waits_for_the_end_of_the_next() {
        let alive = || tokio::runtime::Handle::current().metrics().num_alive_tasks();
        let (quit, before) = (CancellationToken::new(), alive());
        for _ in 0..10 {
            let token = CancellationToken::new();
            let handing = hands_on(quit.clone(), token.clone());
            assert_eq!((alive(), token.is_cancelled()), (before + 1, false));
            drop(handing);
            for _ in 0..100 {
                tokio::task::yield_now().await;
            }
            assert_eq!(alive(), before);
        }
        let token = CancellationToken::new();
        let _handing = hands_on(quit.clone(), token.clone());
        quit.cancel();
        token.cancelled().await;
    }

    #[test]
    fn what_is_ignored_is_read_as_linux_tells_it() {
        let status = "Name:\tx\nSigBlk:\t0000000000000000\nSigIgn:\t0000000000001001\nSigCgt:\t0000000000000002\n";
        assert_eq!(super::ignored(status), Some(0x1001));
        assert_eq!(super::ignored("Name:\tx\n"), None);
        assert_eq!(super::ignored("SigIgn:\tmany\n"), None);
    }
}

//! Ctrl-C and requests to end (SIGTERM), for every command that looks at the outside. The first lets it end in order, the
//! second ends the process at once.

use tokio::runtime::Runtime;
use tokio_util::sync::CancellationToken;

use super::{Failure, terminal};

/// What a process is taken to have ended with that a signal ended: this, and the number of the signal.
const BY_SIGNAL: i32 = 128;

/// Listens for both from the moment it is made; until then a signal ends the process.
pub(super) struct Signals {
    #[cfg(unix)]
    heard: Option<[(i32, tokio::signal::unix::Signal); 2]>,
}

#[cfg(unix)]
impl Signals {
    /// Begins to listen, on the runtime that it is called from.
    pub(super) fn listen() -> Self {
        use tokio::signal::unix::{SignalKind, signal};
        let kinds = [SignalKind::interrupt(), SignalKind::terminate()];
        let [interrupt, terminate] = kinds.map(|kind| signal(kind).ok().map(|heard| (kind.as_raw_value(), heard)));
        Self { heard: interrupt.zip(terminate).map(|(interrupt, terminate)| [interrupt, terminate]) }
    }

    /// Waits for the next one; its number.
    pub(super) async fn next(&mut self) -> i32 {
        // Where none can be listened for, each of them ends the process.
        let Some([(interrupt, interrupted), (terminate, terminated)]) = &mut self.heard else {
            return std::future::pending().await;
        };
        tokio::select! {
            _ = interrupted.recv() => *interrupt,
            _ = terminated.recv() => *terminate,
        }
    }
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

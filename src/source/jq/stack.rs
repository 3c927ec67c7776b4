//! Threads with a large stack for jq, kept for the next filter: to make one costs more than most filters do.

use std::cell::Cell;
use std::io;
use std::sync::mpsc::{SendError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::thread::{Builder, Scope, ScopedJoinHandle};

/// Virtual memory, of which only what is used becomes real.
const STACK: usize = 256 << 20;
/// Threads that wait for work; more than these end. Twice as many as work at once in a busy run: one that has just answered
/// does not wait yet when the next filter is there.
const KEPT: usize = 2 * super::AT_ONCE;

type Work = Box<dyn FnOnce() + Send>;

static WAITING: Mutex<Vec<Sender<Work>>> = Mutex::new(Vec::new());

thread_local! {
    static IS_LARGE: Cell<bool> = const { Cell::new(false) };
}

/// Whether this thread is one of those with a large stack.
pub(super) fn is_large() -> bool {
    IS_LARGE.get()
}

/// Runs `work` on a thread with a large stack, which may be this one; `None` when it panicked or could not be started.
pub(super) fn on_big_stack<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Option<T> {
    if is_large() {
        return Some(work());
    }
    let (sender, receiver) = channel();
    start(move || {
        // Whoever waits for it has the receiver.
        let _sent = sender.send(work());
    })
    .ok()?;
    receiver.recv().ok()
}

/// Starts `work` on a thread with a large stack. A thread whose work panics ends with it and takes nothing along.
pub(super) fn start(work: impl FnOnce() + Send + 'static) -> io::Result<()> {
    let mut work: Work = Box::new(work);
    while let Some(thread) = waiting().pop() {
        match thread.send(work) {
            Ok(()) => return Ok(()),
            Err(SendError(back)) => work = back,
        }
    }
    Builder::new().stack_size(STACK).spawn(move || serve(work)).map(drop)
}

/// A thread with a large stack that ends before what it borrows.
pub(super) fn scoped<'scope, T: Send + 'scope>(
    scope: &'scope Scope<'scope, '_>,
    work: impl FnOnce() -> T + Send + 'scope,
) -> io::Result<ScopedJoinHandle<'scope, T>> {
    Builder::new().stack_size(STACK).spawn_scoped(scope, work)
}

fn serve(first: Work) {
    IS_LARGE.set(true);
    first();
    let (sender, receiver) = channel::<Work>();
    loop {
        {
            let mut waiting = waiting();
            if waiting.len() >= KEPT {
                return;
            }
            waiting.push(sender.clone());
        }
        match receiver.recv() {
            Ok(work) => work(),
            Err(_) => return,
        }
    }
}

fn waiting() -> std::sync::MutexGuard<'static, Vec<Sender<Work>>> {
    WAITING.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn work_that_panics_takes_nothing_along() {
        assert_eq!(on_big_stack(|| panic!("on purpose")), None::<()>);
        assert_eq!(on_big_stack(|| 7), Some(7));
        assert_eq!(on_big_stack(|| 8), Some(8));
    }
}

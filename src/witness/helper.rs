//! A process of our own for work on what a stranger wrote: it can be ended at any moment, and the memory that it wastes is
//! its own and bounded. It gets one request, gives one answer, and sees nothing else: no environment, no file, no secret.

use std::io::{self, Read, Write};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::thread;
use std::time::Duration;

tokio::task_local! {
    static GIVEN: Option<Helper>;
}

/// What the program is started with to be a helper. No command of a user is called so.
const WORD: &str = "--helper-of-countersign";
/// Longer answers are not read.
const LONGEST: u64 = 64 << 20;

static IS_ONE: AtomicBool = AtomicBool::new(false);

/// Starts helpers: the program that runs now, once more.
#[derive(Debug, Clone, Copy)]
pub struct Helper;

/// Why there is no answer.
#[derive(Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// It could not be started.
    NotStarted(String),
    /// It was not ready in time, and was ended.
    Late,
    /// It ended without one: it took too much memory, or crashed.
    BrokeOff,
}

impl Helper {
    /// Starts a helper, and waits so long for its answer to a request. An answer may end anywhere when it broke off.
    pub fn ask(self, request: &[u8], patience: Duration) -> Result<Vec<u8>, NoAnswer> {
        let start = || itself(WORD)?.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let mut child = start().map_err(|error: io::Error| NoAnswer::NotStarted(error.to_string()))?;
        let (Some(mut to), Some(from)) = (child.stdin.take(), child.stdout.take()) else {
            return Err(NoAnswer::BrokeOff);
        };
        let (sender, receiver) = sync_channel(1);
        let answer = thread::scope(|scope| {
            let talk = move || -> io::Result<Vec<u8>> {
                to.write_all(&(request.len() as u64).to_le_bytes())?;
                // It reads all of it before it says anything.
                to.write_all(request)?;
                let mut answer = Vec::new();
                from.take(LONGEST).read_to_end(&mut answer)?;
                // Until here: a helper ends when nobody holds the other end any more, however this process ended.
                drop(to);
                Ok(answer)
            };
            // Nobody waits any longer for an answer that is late.
            scope.spawn(move || sender.send(talk()).is_ok());
            let answer = receiver.recv_timeout(patience);
            // It has ended, or is to end; either ends the talk.
            let _ended = child.kill();
            answer
        });
        // Nothing is left of it.
        let _status = child.wait();
        match answer {
            Err(RecvTimeoutError::Timeout) => Err(NoAnswer::Late),
            Ok(Ok(answer)) => Ok(answer),
            _ => Err(NoAnswer::BrokeOff),
        }
    }
}

/// This program once more, started with that word and without an environment.
pub(super) fn itself(word: &str) -> io::Result<Command> {
    // By its name there may stand another version by now.
    let program = if cfg!(target_os = "linux") { "/proc/self/exe".into() } else { std::env::current_exe()? };
    let mut command = Command::new(program);
    #[cfg(unix)]
    std::os::unix::process::CommandExt::arg0(&mut command, "countersign");
    command.arg(word).env_clear();
    Ok(command)
}

/// Was this process started with that word?
pub(super) fn is_started_as(word: &str) -> bool {
    std::env::args_os().nth(1).is_some_and(|given| given == word)
}

/// What `work` asks a helper for by [`helper`] is done by this one.
pub(super) async fn with<F: Future>(helper: Option<Helper>, work: F) -> F::Output {
    GIVEN.scope(helper, work).await
}

/// Who does what a stranger wrote; `None` where the audit file is trusted.
pub fn helper() -> Option<Helper> {
    GIVEN.try_with(|helper| *helper).ok().flatten()
}

/// Is this process a helper? Then it answers the one request that it gets.
pub fn serve(answer: impl FnOnce(Vec<u8>) -> Vec<u8>) -> bool {
    if !is_started_as(WORD) {
        return false;
    }
    IS_ONE.store(true, Ordering::Relaxed);
    bound_itself();
    if let Ok(request) = request(&mut io::stdin().lock()) {
        thread::spawn(|| {
            // Nothing more comes: this is the end of the process that asked.
            let _end = io::stdin().lock().read(&mut [0]);
            std::process::abort();
        });
        // Where nobody reads the answer, nobody wants it.
        let _read = io::stdout().lock().write_all(&answer(request));
    }
    true
}

fn request(from: &mut impl Read) -> io::Result<Vec<u8>> {
    let mut length = [0; 8];
    from.read_exact(&mut length)?;
    let mut request = Vec::new();
    from.take(u64::from_le_bytes(length)).read_to_end(&mut request)?;
    Ok(request)
}

/// Is this process one, which has little memory?
pub fn is_helper() -> bool {
    IS_ONE.load(Ordering::Relaxed)
}

/// Where the system does not bound it, its parent still ends it in time.
#[cfg(unix)]
fn bound_itself() {
    use nix::sys::resource::{Resource, setrlimit};
    // Its stacks and its program are included, and what the allocator reserves in advance, which is half.
    const MEMORY: u64 = 2 << 30;
    // If everything else fails that ends it.
    const SECONDS: u64 = 60;
    let _bounds = [
        setrlimit(Resource::RLIMIT_AS, MEMORY, MEMORY),
        setrlimit(Resource::RLIMIT_CPU, SECONDS, SECONDS),
        setrlimit(Resource::RLIMIT_CORE, 0, 0),
    ];
}

#[cfg(not(unix))]
fn bound_itself() {}

//! Running a command, live: its own process group, a deadline, capped output. Any exit code is an answer. It must not read
//! the output, and leaves no process of the command behind.

mod group;
pub(super) mod guard;

use std::collections::BTreeMap;
use std::io;
use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Child;

use self::group::Group;
use self::guard::Guard;
use super::limits::Limits;
use super::redact::Redactor;
use super::store::plain;
use super::words::{mebibytes, seconds, too_many_open};
use crate::model::fact::Unmeasurable;

/// How long to wait for the rest of the output once the command itself has ended.
const DRAIN: Duration = Duration::from_millis(200);

/// How a command ended.
pub(super) struct Ended {
    pub(super) exit: Option<i32>,
    pub(super) signal: Option<i32>,
    pub(super) stdout: Vec<u8>,
    pub(super) stderr: Vec<u8>,
}

/// Runs `argv` in `dir` with `env` on top of the inherited environment, for `timeout` at most. What is told of its output
/// passes the redactor. A guard ends it should this process be killed.
pub(super) async fn run(
    argv: &[String],
    dir: &Path,
    env: &BTreeMap<String, String>,
    limits: &Limits,
    timeout: Duration,
    redactor: &Redactor,
    guard: Option<&Guard>,
) -> Result<Ended, Unmeasurable> {
    guard.into_iter().for_each(Guard::begin);
    let mut child = spawn(argv, dir, env)?;
    let group = Group::of(&child, guard);
    let (Some(stdout), Some(stderr)) = (child.stdout.take(), child.stderr.take()) else {
        return Err(Unmeasurable::new("the command's output could not be read", "Try it again."));
    };
    let mut output = [Vec::new(), Vec::new()];
    let result = {
        let [out, err] = &mut output;
        let drained = async { tokio::try_join!(drain(stdout, out, limits), drain(stderr, err, limits)).map(drop) };
        supervise(&mut child, &group, drained, limits, timeout).await
    };
    group.kill();
    let [stdout, stderr] = output;
    match result {
        Ok(status) => Ok(Ended { exit: status.code(), signal: group::signal(status), stdout, stderr }),
        Err(stop) => {
            // Reaps it; what was killed ends at once.
            drop(tokio::time::timeout(limits.grace, child.wait()).await);
            let last = || last_line(&stderr, redactor).or_else(|| last_line(&stdout, redactor));
            Err(stop.explain(&argv[0], limits, timeout, last))
        }
    }
}

fn spawn(argv: &[String], dir: &Path, env: &BTreeMap<String, String>) -> Result<Child, Unmeasurable> {
    let Some((program, arguments)) = argv.split_first().filter(|(program, _)| !program.is_empty()) else {
        return Err(Unmeasurable::new("the command is empty", "Name a program."));
    };
    // A relative path is below the working directory, whatever the system would make of it.
    let located = if program.contains('/') { dir.join(program) } else { program.into() };
    let mut command = tokio::process::Command::new(&located);
    command.args(arguments).current_dir(dir).envs(env);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    #[cfg(unix)]
    command.process_group(0);
    command.spawn().map_err(|error| cannot_start(program, &located, &error))
}

fn cannot_start(program: &str, located: &Path, error: &io::Error) -> Unmeasurable {
    const NOT_A_PROGRAM: i32 = 8;
    if let Some(trouble) = too_many_open(&format!("the program \"{program}\" cannot be started"), error) {
        return trouble;
    }
    match error.kind() {
        io::ErrorKind::NotFound if !program.contains('/') => Unmeasurable::new(
            format!("the program \"{program}\" was not found"),
            "Install it, or add its directory to PATH.",
        ),
        io::ErrorKind::NotFound if located.exists() => Unmeasurable::new(
            format!("the program \"{program}\" cannot be started: what its first line (#!) names does not exist"),
            "Look at the first line of the script.",
        ),
        io::ErrorKind::NotFound => Unmeasurable::new(
            format!("the program \"{program}\" does not exist"),
            "A relative path is below the audit's root, or below the command's own directory.",
        ),
        io::ErrorKind::PermissionDenied => Unmeasurable::new(
            format!("the program \"{program}\" may not be executed"),
            format!("Make it executable: chmod +x {program}"),
        ),
        _ if error.raw_os_error() == Some(NOT_A_PROGRAM) => Unmeasurable::new(
            format!("\"{program}\" is not a program that this machine can run"),
            "A script needs a first line such as #!/bin/sh.",
        ),
        _ => Unmeasurable::new(
            format!("the program \"{program}\" cannot be started: {}", plain(error)),
            "Try it by hand in a shell.",
        ),
    }
}

/// Why a command was stopped.
enum Stop {
    Late,
    Flood,
    Broken(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Broken(error)
    }
}

impl Stop {
    fn explain(
        self,
        program: &str,
        limits: &Limits,
        timeout: Duration,
        last: impl FnOnce() -> Option<String>,
    ) -> Unmeasurable {
        match self {
            Self::Late => {
                let last = last().map_or_else(String::new, |line| format!("; the last it wrote was \"{line}\""));
                Unmeasurable::new(
                    format!("\"{program}\" did not end within {}{last}", seconds(timeout)),
                    "Give the check a longer timeout, or run it by hand to see what it waits for.",
                )
            }
            Self::Flood => Unmeasurable::new(
                format!("\"{program}\" wrote more than {} and was stopped", mebibytes(limits.command_output)),
                "Have it write less: filter or count inside the command.",
            ),
            Self::Broken(error) => Unmeasurable::new(
                format!("\"{program}\" could not be followed to its end: {}", plain(&error)),
                "Try it again.",
            ),
        }
    }
}

/// The end of what it wrote. Blacked out before it is cut: half a secret is one that nobody knows any more.
fn last_line(bytes: &[u8], redactor: &Redactor) -> Option<String> {
    const NEAR: usize = 64 * 1024;
    let (near, _) = redactor.bytes(bytes[bytes.len().saturating_sub(NEAR)..].to_vec());
    let text = String::from_utf8_lossy(&near[near.len().saturating_sub(400)..]).into_owned();
    let line = text.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(line.chars().filter(|character| !character.is_control()).take(160).collect())
}

/// Waits for the end of the command and of its output.
async fn supervise(
    child: &mut Child,
    group: &Group<'_>,
    drained: impl Future<Output = Result<(), Stop>>,
    limits: &Limits,
    timeout: Duration,
) -> Result<ExitStatus, Stop> {
    tokio::pin!(drained);
    let deadline = tokio::time::sleep(timeout);
    tokio::pin!(deadline);
    let mut all_read = false;
    let status = loop {
        tokio::select! {
            read = &mut drained, if !all_read => match read {
                Ok(()) => all_read = true,
                Err(stop) => return Err(stop),
            },
            status = child.wait() => break status?,
            () = &mut deadline => {
                group.terminate();
                let ended = tokio::time::timeout(limits.grace, async {
                    tokio::select! {
                        ended = child.wait() => ended.map(drop),
                        // What it writes while it ends is still read, or it could not end.
                        _ = &mut drained, if !all_read => child.wait().await.map(drop),
                    }
                });
                drop(ended.await);
                return Err(Stop::Late);
            }
        }
    };
    if !all_read && tokio::time::timeout(DRAIN, &mut drained).await.map_or(Ok(false), |read| read.map(|()| true))? {
        return Ok(status);
    }
    if !all_read {
        // A grandchild holds the pipe open: without it the rest of the output is there at once.
        group.kill();
        if let Ok(Err(stop)) = tokio::time::timeout(DRAIN, &mut drained).await {
            return Err(stop);
        }
    }
    Ok(status)
}

async fn drain(mut pipe: impl AsyncRead + Unpin, into: &mut Vec<u8>, limits: &Limits) -> Result<(), Stop> {
    let cap = usize::try_from(limits.command_output).unwrap_or(usize::MAX);
    loop {
        if pipe.read_buf(into).await? == 0 {
            return Ok(());
        }
        if into.len() > cap {
            return Err(Stop::Flood);
        }
        if into.capacity() == into.len() {
            into.reserve(into.len().clamp(8 * 1024, 1024 * 1024));
        }
    }
}

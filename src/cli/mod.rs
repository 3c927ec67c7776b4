//! The command line: arguments in, exit code out. One file for each subcommand; nothing is measured or judged here.

mod add;
mod arguments;
mod diff;
mod exit;
mod fix;
mod gate;
mod generate;
mod history;
mod http_server;
mod init;
mod kinds;
mod lint;
mod locate;
mod lock;
mod merge;
mod outputs;
mod progress;
mod proofread;
mod publish;
mod render;
mod run;
mod scratch;
mod sign;
mod stop;
mod summary;
mod terminal;
mod verify;
mod watch;
mod whole;

use std::ops::Deref;
use std::time::Duration;

use clap::Parser;

pub use arguments::{Arguments, Command};
pub use exit::Exit;

/// Parses the arguments, runs the subcommand, and says how it ended.
pub fn main() -> Exit {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return terminal::usage(&error),
    };
    let outcome = match arguments.command {
        Command::Init(init) => init::init(&init, arguments.quiet),
        Command::Add(add) => add::add(add, arguments.quiet),
        Command::Run(run) => run::run(run, arguments.quiet),
        Command::Watch(watch) => watch::watch(&watch, arguments.quiet),
        Command::Lint(lint) => lint::lint(&lint, arguments.quiet),
        Command::Render(render) => render::render(&render),
        Command::Publish(publish) => publish::publish(&publish, arguments.quiet),
        Command::Merge(merge) => merge::merge(&merge, arguments.quiet),
        Command::Diff(diff) => diff::diff(&diff),
        Command::History(history) => history::history(&history),
        Command::Verify(verify) => verify::verify(&verify),
        Command::Sign(sign) => sign::sign(&sign),
        Command::Gate(gate) => gate::gate(&gate, arguments.quiet),
        Command::Proofread(arguments) => proofread::proofread(&arguments),
        Command::Locate(locate) => locate::locate(&locate),
        Command::Kinds(kinds) => kinds::kinds(&kinds),
        Command::Formats(formats) => {
            let text = if formats.markdown { outputs::markdown_table() } else { outputs::list() };
            terminal::exact(&text).map(|()| Exit::Clean)
        }
        Command::Schema { of } => generate::schema(of),
        Command::Completions { shell } => generate::completions(shell),
        Command::Man => generate::man(),
    };
    outcome.unwrap_or_else(|failure| {
        terminal::failure(&failure);
        Exit::CouldNotRun
    })
}

/// What asks the outside runs on it. Whatever is still being read when it goes (from a file system that does not answer) is
/// of no use to anybody, and not waited for.
struct Runtime(Option<tokio::runtime::Runtime>);

impl Runtime {
    /// Waits for all of it.
    fn wait(mut self) {
        drop(self.0.take());
    }

    /// Lets it go on for so long.
    fn shutdown_timeout(mut self, patience: Duration) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_timeout(patience);
        }
    }
}

impl Deref for Runtime {
    type Target = tokio::runtime::Runtime;

    fn deref(&self) -> &Self::Target {
        self.0.as_ref().unwrap_or_else(|| unreachable!())
    }
}

impl Drop for Runtime {
    fn drop(&mut self) {
        if let Some(runtime) = self.0.take() {
            runtime.shutdown_background();
        }
    }
}

/// What asks the outside runs on it.
fn runtime() -> Result<Runtime, Failure> {
    let runtime = tokio::runtime::Runtime::new()
        .map_err(|error| Failure::new(format!("could not start: {error}"), "free some memory or file handles"))?;
    stop::lets_large_files_fail(&runtime);
    Ok(Runtime(Some(runtime)))
}

/// Why a subcommand could not do its work, ready to be printed.
#[derive(Debug)]
pub(crate) struct Failure {
    /// What is printed as it is (diagnostics with source lines), before the message.
    pub(crate) details: Option<String>,
    /// Completes "could not ...", the cause last.
    pub(crate) message: String,
    /// What to do about it.
    pub(crate) help: String,
}

impl Failure {
    fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { details: None, message: message.into(), help: help.into() }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc::channel;
    use std::time::{Duration, Instant};

    #[test]
    fn nobody_waits_for_what_still_blocks_when_a_command_ends() {
        let (release, blocked) = channel::<()>();
        let runtime = super::runtime().unwrap();
        let (started, starts) = channel();
        runtime.spawn_blocking(move || {
            started.send(()).unwrap();
            let _ = blocked.recv_timeout(Duration::from_secs(20));
        });
        starts.recv().unwrap();
        let began = Instant::now();
        drop(runtime);
        assert!(began.elapsed() < Duration::from_secs(10));
        drop(release);
    }
}

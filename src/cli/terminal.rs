//! Writing to the terminal. Captured text is shown, never run: control characters are made visible.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Exit, Failure};
use crate::ci::{inert_json, inert_lines};
use crate::model::captured;

/// For what went well.
pub(crate) const GOOD: Style = AnsiColor::Green.on_default();
/// For what needs a look.
pub(crate) const CAUTION: Style = AnsiColor::Yellow.on_default();
/// For what is wrong.
pub(crate) const BAD: Style = AnsiColor::Red.on_default();
/// For what stands beside.
pub(crate) const DIM: Style = Style::new().dimmed();
/// For what carries the line.
pub(crate) const STRONG: Style = Style::new().bold();

/// Writes data to stdout, no line of which a CI system takes for a command. A reader that went away (`| head`) is no
/// error.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    exact(&inert_lines(text))
}

/// As JSON for programs, and a line end.
pub(crate) fn json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value).map(|text| inert_json(captured::json(text)) + "\n").map_err(|error| {
        Failure::new(format!("could not write JSON: {error}"), "this is a bug in countersign: please report it")
    })
}

/// Writes to stdout to the letter: what is made here alone, and formats that see to their own safety.
pub(crate) fn exact(text: &str) -> Result<(), Failure> {
    tolerant(anstream::stdout().lock().write_all(text.as_bytes()))
}

/// Clears the screen and writes data on it. The escapes that clear it are wanted whether or not colour is.
pub(crate) fn screen(text: &str) -> Result<(), Failure> {
    tolerant(io::stdout().lock().write_all(b"\x1b[H\x1b[2J"))?;
    data(text)
}

/// Writes one line over the line that the cursor is in.
pub(crate) fn over(line: &str) -> Result<(), Failure> {
    let written = io::stdout().lock().write_all(format!("\r\x1b[2K  {}", visible(line)).as_bytes());
    tolerant(written.and_then(|()| io::stdout().lock().flush()))
}

/// Writes anything else to stderr, no line of which a CI system takes for a command.
pub(crate) fn message(text: &str) {
    // When even stderr is gone there is nobody left to tell.
    let _ = anstream::stderr().lock().write_all(inert_lines(text).as_bytes());
}

/// Will colour reach a reader of stdout?
pub(crate) fn stdout_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stdout()) != anstream::ColorChoice::Never
}

/// Will colour reach a reader of stderr?
pub(crate) fn stderr_has_colour() -> bool {
    anstream::AutoStream::choice(&io::stderr()) != anstream::ColorChoice::Never
}

/// Prints why a command could not do its work.
pub(crate) fn failure(failure: &Failure) {
    if let Some(details) = &failure.details {
        message(details);
    }
    message(&format!("{BAD}{STRONG}error{STRONG:#}{BAD:#}: {}\n", failure.message));
    message(&format!("{STRONG}help{STRONG:#}: {}\n", failure.help));
}

/// Prints clap's own messages; its exit code 2 would read as "rejected".
pub(crate) fn usage(error: &clap::Error) -> Exit {
    let rendered = error.render().ansi().to_string();
    if error.use_stderr() {
        message(&rendered);
        return Exit::CouldNotRun;
    }
    match data(&rendered) {
        Ok(()) => Exit::Clean,
        Err(_) => Exit::CouldNotRun,
    }
}

/// Text from outside, made safe for a terminal: one line, nothing hidden in it (`\u{1b}` for an escape).
pub(crate) fn visible(text: &str) -> String {
    captured::line(text).into_owned()
}

fn tolerant(written: io::Result<()>) -> Result<(), Failure> {
    match written {
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("could not write to stdout: {error}"), "check where the output goes"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_title_in_two_lines_becomes_one() {
        assert_eq!(visible("a\n::error::b"), "a⏎::error::b");
    }

    #[test]
    fn escapes_of_captured_text_are_shown_and_not_run() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
    }
}

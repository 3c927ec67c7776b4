//! Writing to the terminal. Captured text is shown, never run: control characters are made visible.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};

use super::{Exit, Failure};

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

/// Writes data to stdout. A reader that went away (`| head`) is no error.
pub(crate) fn data(text: &str) -> Result<(), Failure> {
    tolerant(anstream::stdout().lock().write_all(text.as_bytes()))
}

/// Writes anything else to stderr.
pub(crate) fn message(text: &str) {
    // When even stderr is gone there is nobody left to tell.
    let _ = anstream::stderr().lock().write_all(text.as_bytes());
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

/// Text from outside, made safe for a terminal: one line, controls and bidi marks as `\u{1b}`.
pub(crate) fn visible(text: &str) -> String {
    let hidden = |c: char| {
        c.is_control() || matches!(c, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().flat_map(|c| if hidden(c) { c.escape_unicode().collect() } else { vec![c] }).collect()
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
    fn escapes_of_captured_text_are_shown_and_not_run() {
        assert_eq!(visible("a\u{1b}[2Jb\u{202e}"), "a\\u{1b}[2Jb\\u{202e}");
    }
}

//! What a command printed, as far as it is shown to people.

use crate::model::fact::Unmeasurable;
use crate::witness::CommandAnswer;

/// Longest line that is quoted, in characters.
const MAX_LINE: usize = 200;

/// As text; what is not UTF-8 becomes U+FFFD.
pub fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}

/// What somebody else wrote, without control characters, and of a long text the beginning alone, with `…` behind it.
pub fn printable(text: &str, most: usize) -> String {
    let mut shown = text.chars().filter(|character| !character.is_control());
    let mut kept: String = shown.by_ref().take(most).collect();
    if shown.next().is_some() {
        kept.push('…');
    }
    kept
}

/// How it ended and the last thing it said on stderr: `it ended with 2: no such file`.
pub fn ending(answer: &CommandAnswer) -> String {
    let how = match (answer.exit, answer.signal) {
        (Some(code), _) => format!("it ended with {code}"),
        (None, Some(signal)) => format!("signal {signal} ended it"),
        (None, None) => "it did not end by itself".to_owned(),
    };
    match last_line(&answer.stderr) {
        Some(line) => format!("{how}: {line}"),
        None => how,
    }
}

/// The last line that is not blank, without colours, shortened.
pub fn last_line(bytes: &[u8]) -> Option<String> {
    let text = text(bytes);
    let plain = anstream::adapter::strip_str(&text).to_string();
    let line = plain.lines().rev().map(str::trim).find(|line| !line.is_empty())?;
    Some(printable(line, MAX_LINE))
}

/// An error about one file: its name stands before the reason.
pub fn about(path: &str, error: &Unmeasurable) -> Unmeasurable {
    Unmeasurable::new(format!("\"{path}\": {}", error.reason), error.help.clone())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_cut_off_shows() {
        assert_eq!(printable("a\u{1b}bc", 3), "abc");
        assert_eq!(printable("abcd", 3), "abc…");
        assert_eq!(printable("", 0), "");
    }

    #[test]
    fn the_last_line_that_says_something_is_quoted() {
        assert_eq!(last_line(b"a\n\x1b[31merror: no\x1b[0m\x07 file\n\n"), Some("error: no file".to_owned()));
        assert_eq!(last_line(b" \n"), None);
        let answer = CommandAnswer {
            exit: None,
            signal: Some(9),
            stdout: Vec::new(),
            stderr: b"\xFFx".to_vec(),
            elapsed: std::time::Duration::ZERO,
        };
        assert_eq!(ending(&answer), "signal 9 ended it: \u{FFFD}x");
    }
}

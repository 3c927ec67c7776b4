//! What a program printed, line by line: a line of any length and an output of any size take little memory.
//!
//! It knows no format. UTF-16 is read by its byte order mark, as PowerShell writes it; what is not UTF-8 becomes U+FFFD.

use std::borrow::Cow;
use std::io::{BufRead as _, BufReader, Read};

use encoding_rs_io::{DecodeReaderBytes, DecodeReaderBytesBuilder};

use crate::model::fact::Unmeasurable;

/// A pattern in which `^` and `$` are the beginning and the end of a line, as in `grep`.
pub fn by_line(pattern: &str) -> String {
    format!("(?mR){pattern}")
}

/// The most that is kept of one line, in bytes: a test tool may put all that a test printed into one.
const MAX_LINE: usize = 4 << 20;

/// One line, without its end and without colours.
#[derive(Debug)]
pub struct Line<'a> {
    /// Its text, or its beginning.
    pub text: Cow<'a, str>,
    /// Was it too long to keep all of it?
    pub cut: bool,
    /// Is it the last one, without a line break behind it?
    pub unended: bool,
}

impl Line<'_> {
    /// Why the lines are not all, where this one is JSON that breaks off. A fragment.
    pub fn breaks_off(&self, error: &serde_json::Error) -> Option<&'static str> {
        (self.unended && error.is_eof() && self.text.starts_with('{'))
            .then_some("the file stops in the middle of a line")
    }
}

/// The lines of an input, one at a time.
pub struct Lines<R: Read> {
    input: BufReader<DecodeReaderBytes<R, Vec<u8>>>,
    line: Vec<u8>,
    most: usize,
}

impl<R: Read> Lines<R> {
    /// Reads from an input.
    pub fn new(input: R) -> Self {
        Self::of_at_most(input, MAX_LINE)
    }

    fn of_at_most(input: R, most: usize) -> Self {
        let decoded = DecodeReaderBytesBuilder::new().strip_bom(true).build(input);
        Self { input: BufReader::with_capacity(64 * 1024, decoded), line: Vec::new(), most }
    }

    /// The next line; `None` at the end.
    pub fn next_line(&mut self) -> Result<Option<Line<'_>>, Unmeasurable> {
        let broken =
            |error: std::io::Error| Unmeasurable::new(format!("it cannot be read: {error}"), "Check the file.");
        self.line.clear();
        let most = u64::try_from(self.most).unwrap_or(u64::MAX);
        let read = self.input.by_ref().take(most).read_until(b'\n', &mut self.line).map_err(broken)?;
        if read == 0 {
            return Ok(None);
        }
        let cut = read == self.most && self.line.last() != Some(&b'\n');
        if cut {
            self.input.skip_until(b'\n').map_err(broken)?;
        }
        let unended = !cut && self.line.last() != Some(&b'\n');
        let text = self.line.strip_suffix(b"\n").unwrap_or(&self.line);
        let text = String::from_utf8_lossy(text.strip_suffix(b"\r").unwrap_or(text));
        let colourful = text.contains('\x1b');
        let text = if colourful { anstream::adapter::strip_str(&text).to_string().into() } else { text };
        Ok(Some(Line { text, cut, unended }))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(input: &[u8], most: usize) -> Vec<(String, bool)> {
        let mut lines = Lines::of_at_most(input, most);
        let mut all = Vec::new();
        while let Some(line) = lines.next_line().expect("read") {
            all.push((line.text.into_owned(), line.cut));
        }
        all
    }

    #[test]
    fn every_kind_of_line_end_and_colour_is_taken_off() {
        let lines = all(b"a\r\n\x1b[31mb\x1b[0m\n\nc\xFF", 100);
        let lines: Vec<_> = lines.iter().map(|(text, _)| text.as_str()).collect();
        assert_eq!(lines, ["a", "b", "", "c\u{FFFD}"]);
    }

    #[test]
    fn of_a_long_line_the_beginning_is_kept() {
        let line = |text: &str, cut| (text.to_owned(), cut);
        assert_eq!(all(b"abcdefgh\nxy\n", 4), [line("abcd", true), line("xy", false)]);
        assert_eq!(all(b"abc\nxy", 4), [line("abc", false), line("xy", false)]);
    }

    #[test]
    fn utf_16_is_read_as_powershell_writes_it() {
        let bytes: Vec<u8> = "\u{FEFF}grün\r\nrot\r\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(all(&bytes, 100), [("grün".to_owned(), false), ("rot".to_owned(), false)]);
    }

    proptest! {
        #[test]
        fn no_line_is_longer_than_it_may_be(bytes in proptest::collection::vec(any::<u8>(), 0..200), most in 1_usize..20) {
            for (text, _) in all(&bytes, most) {
                prop_assert!(text.chars().count() <= most);
            }
        }
    }
}

//! What is written, and at its end one line feed instead of whatever white space stands there.

use std::io::{self, Write};

/// How much is collected before it is passed on: documents come in pieces of a few letters.
const PIECE: usize = 64 * 1024;

/// Passes on what is written to it, but keeps white space until something follows.
pub(super) struct Ended<W> {
    inner: W,
    held: Vec<u8>,
}

impl<W: Write> Ended<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, held: Vec::with_capacity(2 * PIECE) }
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.pass_on()?;
        self.inner.write_all(b"\n")?;
        self.inner.flush()
    }

    /// Passes on all but the white space at its end.
    fn pass_on(&mut self) -> io::Result<()> {
        let shown = self.held.trim_ascii_end().len();
        self.inner.write_all(&self.held[..shown])?;
        self.held.drain(..shown);
        Ok(())
    }
}

impl<W: Write> Write for Ended<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.held.extend_from_slice(bytes);
        // White space alone would be looked through again with each piece of it.
        if self.held.len() > PIECE && !bytes.trim_ascii_end().is_empty() {
            self.pass_on()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.inner.flush()
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn it_ends_in_one_line_feed(parts in prop::collection::vec("[ab \n\t]{0,4}", 0..8)) {
            let mut out = Vec::new();
            let mut ended = Ended::new(&mut out);
            for part in &parts {
                ended.write_all(part.as_bytes()).unwrap();
            }
            ended.finish().unwrap();
            let expected = format!("{}\n", parts.concat().trim_end());
            prop_assert_eq!(String::from_utf8(out).unwrap(), expected);
        }
    }
}

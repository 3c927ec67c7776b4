//! What is written, and at its end one line feed instead of whatever white space stands there.

use std::io::{self, Write};

/// Passes on what is written to it, but keeps white space until something follows.
pub(super) struct Ended<W> {
    inner: W,
    held: Vec<u8>,
}

impl<W: Write> Ended<W> {
    pub(super) fn new(inner: W) -> Self {
        Self { inner, held: Vec::new() }
    }

    /// Writes the end.
    pub(super) fn finish(mut self) -> io::Result<()> {
        self.inner.write_all(b"\n")?;
        self.inner.flush()
    }
}

impl<W: Write> Write for Ended<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let shown = bytes.trim_ascii_end().len();
        if shown > 0 {
            self.inner.write_all(&self.held)?;
            self.held.clear();
            self.inner.write_all(&bytes[..shown])?;
        }
        self.held.extend_from_slice(&bytes[shown..]);
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

//! Lines and columns of bytes.

use std::ops::Range;

/// Characters are counted once for each so many bytes: a line may be as long as the text, and be asked about all along it.
const BLOCK: usize = 4096;
/// No character of a line: it may stand before a text, and is not seen elsewhere.
const BYTE_ORDER_MARK: char = '\u{feff}';

/// Where the lines of a text begin, and how many characters come before each part of it.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
    /// How many characters begin before each [`BLOCK`].
    begun: Vec<usize>,
    /// Where the byte order marks stand.
    marks: Vec<usize>,
}

impl Lines {
    /// Finds the lines of a text. The empty text has one.
    pub fn of(text: &str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1).filter(|start| *start < text.len());
        let mut before = 0;
        let blocks = text.as_bytes().chunks(BLOCK).map(|block| {
            before += beginnings(block);
            before
        });
        Self {
            starts: std::iter::once(0).chain(after).collect(),
            begun: std::iter::once(0).chain(blocks).collect(),
            marks: text.match_indices(BYTE_ORDER_MARK).map(|(at, _)| at).collect(),
        }
    }

    /// The line of a byte, from 1.
    pub fn line(&self, byte: usize) -> u32 {
        u32::try_from(self.starts.partition_point(|start| *start <= byte)).unwrap_or(u32::MAX)
    }

    /// Line and column of a byte, both from 1; a byte inside a character counts as its first.
    pub fn line_column(&self, text: &str, byte: usize) -> (u32, u32) {
        let line = self.line(byte);
        let start = self.starts.get(line as usize - 1).copied().unwrap_or_default();
        let end = (start..=byte.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(start);
        let before = self.between(text, start, end);
        (line, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// How many characters begin from one byte up to another.
    fn between(&self, text: &str, start: usize, end: usize) -> usize {
        // Nearly every line is short: counting it alone is less than counting up to both of its ends.
        if end - start > BLOCK {
            return self.characters(text, end) - self.characters(text, start);
        }
        let marks = |byte| self.marks.partition_point(|mark| *mark < byte);
        beginnings(&text.as_bytes()[start..end]) - (marks(end) - marks(start))
    }

    /// How many characters begin before a byte.
    fn characters(&self, text: &str, byte: usize) -> usize {
        let block = byte / BLOCK;
        let begun = self.begun[block] + beginnings(&text.as_bytes()[block * BLOCK..byte]);
        begun - self.marks.partition_point(|mark| *mark < byte)
    }

    /// The first byte of the character at a line and column, both from 1; `None` behind the end of the line.
    pub fn byte(&self, text: &str, line: u32, column: u32) -> Option<usize> {
        let range = self.range(text, line)?;
        let before = usize::try_from(column).ok()?.checked_sub(1)?;
        let mut characters = text[range.clone()].char_indices().filter(|(_, c)| *c != BYTE_ORDER_MARK);
        characters.nth(before).map(|(at, _)| range.start + at)
    }

    /// How many there are.
    pub fn count(&self) -> u32 {
        u32::try_from(self.starts.len()).unwrap_or(u32::MAX)
    }

    /// The bytes of a line, counted from 1, without its end.
    pub fn range(&self, text: &str, line: u32) -> Option<Range<usize>> {
        let index = usize::try_from(line).ok()?.checked_sub(1)?;
        let start = *self.starts.get(index)?;
        let end = self.starts.get(index + 1).copied().unwrap_or(text.len());
        Some(start..start + text[start..end].trim_end_matches(['\n', '\r']).len())
    }
}

/// How many characters begin in these bytes of a text.
fn beginnings(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0b1100_0000 != 0b1000_0000).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_column_is_what_counting_from_the_start_of_the_line_gives(
            unit in "[a\u{e9}\u{feff}\u{1f600}\r\n]{1,40}", times in 1_usize..400, at in any::<proptest::sample::Index>(),
        ) {
            let text = unit.repeat(times);
            let byte = at.index(text.len() + 1);
            let first = (0..=byte).rev().find(|at| text.is_char_boundary(*at)).unwrap();
            let start = text[..first].rfind('\n').map_or(0, |end| end + 1);
            let before = text[start..first].chars().filter(|c| *c != '\u{feff}').count();
            let (line, column) = Lines::of(&text).line_column(&text, byte);
            // Behind a line break at the very end nothing stands: what ends there ends in the line before it.
            if start < text.len() {
                prop_assert_eq!(line as usize, text[..first].matches('\n').count() + 1);
                prop_assert_eq!(column as usize, before + 1);
            }
        }
    }
}

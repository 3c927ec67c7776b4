//! Lines and columns of bytes.

use std::ops::Range;

/// Where the lines of a text begin.
#[derive(Debug, Clone)]
pub struct Lines {
    starts: Vec<usize>,
}

impl Lines {
    /// Finds the lines of a text. The empty text has one.
    pub fn of(text: &str) -> Self {
        let after = text.match_indices('\n').map(|(at, _)| at + 1).filter(|start| *start < text.len());
        Self { starts: std::iter::once(0).chain(after).collect() }
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
        let before = text[start..end].chars().filter(|c| *c != '\u{feff}').count();
        (line, u32::try_from(before).unwrap_or(u32::MAX).saturating_add(1))
    }

    /// The first byte of the character at a line and column, both from 1; `None` behind the end of the line.
    pub fn byte(&self, text: &str, line: u32, column: u32) -> Option<usize> {
        let range = self.range(text, line)?;
        let before = usize::try_from(column).ok()?.checked_sub(1)?;
        let mut characters = text[range.clone()].char_indices().filter(|(_, c)| *c != '\u{feff}');
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

//! A text as it is shown, without markup, and where each of its bytes comes from.

use std::ops::Range;

/// A run of bytes that come from one place.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Piece {
    /// Where it begins in the shown text.
    at: usize,
    /// Where it stands in the source.
    source: Range<usize>,
    /// Byte for byte as in the source; otherwise all of it stands for all of the source.
    verbatim: bool,
}

/// A shown text.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Shown {
    text: String,
    pieces: Vec<Piece>,
    bold: Vec<Range<usize>>,
    code: Vec<Range<usize>>,
}

impl Shown {
    /// The text.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The bytes of the source that a range of the text comes from.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = self
            .source_of(range.start)
            .map_or(0, |(piece, into)| if piece.verbatim { piece.source.start + into } else { piece.source.start });
        if range.is_empty() {
            return start..start;
        }
        let end = self.source_of(range.end - 1).map_or(start, |(piece, into)| {
            if piece.verbatim { piece.source.start + into + 1 } else { piece.source.end }
        });
        start..end.max(start)
    }

    /// The piece that a byte stands in, and how far into it. The byte after the last belongs to the last.
    fn source_of(&self, byte: usize) -> Option<(&Piece, usize)> {
        let index = self.pieces.partition_point(|piece| piece.at <= byte).checked_sub(1)?;
        let piece = &self.pieces[index];
        Some((piece, (byte - piece.at).min(piece.source.len())))
    }

    /// Is the character at this byte bold?
    pub fn is_bold(&self, byte: usize) -> bool {
        inside(&self.bold, byte)
    }

    /// Does it stand in inline code?
    pub fn is_code(&self, byte: usize) -> bool {
        inside(&self.code, byte)
    }

    /// Adds a text that comes from these bytes; `source` is the whole document.
    pub(super) fn push(&mut self, text: &str, from: Range<usize>, source: &str) {
        if text.is_empty() {
            return;
        }
        let verbatim = source.get(from.clone()) == Some(text);
        let follows = |last: &&mut Piece| verbatim && last.verbatim && last.source.end == from.start;
        match self.pieces.last_mut().filter(follows) {
            Some(last) => last.source.end = from.end,
            None => {
                if self.pieces.is_empty() {
                    // A cell is of one piece.
                    self.pieces.reserve_exact(1);
                }
                self.pieces.push(Piece { at: self.text.len(), source: from, verbatim });
            }
        }
        self.text.push_str(text);
    }

    /// Adds inline code, whose range has its backticks in it.
    pub(super) fn push_code(&mut self, text: &str, from: Range<usize>, source: &str) {
        let start = self.text.len();
        let outer = source.get(from.clone()).unwrap_or_default();
        match outer.find(text) {
            Some(into) => self.push(text, from.start + into..from.start + into + text.len(), source),
            None => self.push(text, from, source),
        }
        self.code.push(start..self.text.len());
    }

    /// What was added since `start` is bold.
    pub(super) fn embolden(&mut self, start: usize) {
        let end = self.text.len();
        match self.bold.last_mut() {
            // An inner one ends before the one around it.
            Some(last) if last.start >= start => *last = start..end,
            Some(last) if last.end == start => last.end = end,
            _ => self.bold.push(start..end),
        }
        while let [.., before, last] = &mut self.bold[..]
            && before.end >= last.start
        {
            before.start = before.start.min(last.start);
            before.end = before.end.max(last.end);
            self.bold.pop();
        }
    }

    /// All of it, as [`Self::part`] has it.
    pub(super) fn whole(self) -> Self {
        let ready = self.text.trim().len() == self.text.len() && !self.text.contains('\n');
        if ready { self } else { self.part(0..self.text.len()) }
    }

    /// A part of it without white space around it; breaks between lines become spaces.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let inner = &self.text[range.clone()];
        let start = range.start + (inner.len() - inner.trim_start().len());
        let end = start + inner.trim().len();
        let clipped = |from: &[Range<usize>]| -> Vec<Range<usize>> {
            let first = from.partition_point(|it| it.end <= start);
            let within = from[first..].iter().take_while(|it| it.start < end);
            within.map(|it| it.start.max(start) - start..it.end.min(end) - start).collect()
        };
        let first = self.pieces.partition_point(|piece| piece.at <= start).saturating_sub(1);
        let pieces = self.pieces[first..].iter().take_while(|piece| piece.at < end).map(|piece| {
            let skipped = if piece.verbatim { start.saturating_sub(piece.at) } else { 0 };
            let source = piece.source.start + skipped..piece.source.end;
            Piece { at: piece.at.max(start) - start, source, verbatim: piece.verbatim }
        });
        Self {
            pieces: if start < end { pieces.collect() } else { Vec::new() },
            text: self.text[start..end].replace('\n', " "),
            bold: clipped(&self.bold),
            code: clipped(&self.code),
        }
    }
}

fn inside(ranges: &[Range<usize>], byte: usize) -> bool {
    let index = ranges.partition_point(|range| range.end <= byte);
    ranges.get(index).is_some_and(|range| range.start <= byte)
}

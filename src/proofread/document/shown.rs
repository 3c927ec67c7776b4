//! A text as it is shown, without markup, and where each of its bytes comes from.

use std::ops::Range;
use std::sync::Arc;

/// A run of bytes that come from one place.
#[derive(Debug, Clone)]
struct Piece {
    /// Where it begins in the shown text.
    at: usize,
    /// Where it stands in the source.
    source: Range<usize>,
    /// Byte for byte as in the source; otherwise all of it stands for all of the source.
    verbatim: bool,
}

/// A shown text. Nearly all are a part of the document as it stands, and have no memory of their own.
#[derive(Debug, Clone)]
pub struct Shown {
    /// The whole document.
    source: Arc<str>,
    /// The bytes of it that are shown, or the place of a text that is not as it stands there.
    span: Range<usize>,
    /// What is not as it stands there.
    own: Option<Box<Own>>,
}

/// A text with markup in it.
#[derive(Debug, Clone, Default)]
struct Own {
    text: String,
    pieces: Vec<Piece>,
    bold: Vec<Range<usize>>,
    code: Vec<Range<usize>>,
}

impl Shown {
    /// A part of the document as it stands.
    pub(super) fn of(source: &Arc<str>, span: Range<usize>) -> Self {
        Self { source: Arc::clone(source), span, own: None }
    }

    /// The text.
    pub fn text(&self) -> &str {
        match &self.own {
            Some(own) => &own.text,
            None => &self.source[self.span.clone()],
        }
    }

    /// The bytes of the source that a range of the text comes from.
    pub fn source(&self, range: Range<usize>) -> Range<usize> {
        let start = self
            .source_of(range.start)
            .map_or(self.span.start, |(from, into, verbatim)| if verbatim { from.start + into } else { from.start });
        if range.is_empty() {
            return start..start;
        }
        let end = self
            .source_of(range.end - 1)
            .map_or(start, |(from, into, verbatim)| if verbatim { from.start + into + 1 } else { from.end });
        start..end.max(start)
    }

    /// Where the piece comes from that a byte stands in, how far into it, and whether it is as it stands there. The byte
    /// after the last belongs to the last.
    fn source_of(&self, byte: usize) -> Option<(&Range<usize>, usize, bool)> {
        let Some(own) = &self.own else { return Some((&self.span, byte.min(self.span.len()), true)) };
        let index = own.pieces.partition_point(|piece| piece.at <= byte).checked_sub(1)?;
        let piece = &own.pieces[index];
        Some((&piece.source, (byte - piece.at).min(piece.source.len()), piece.verbatim))
    }

    /// The first byte of it in the source.
    pub fn start(&self) -> usize {
        self.source(0..0).start
    }

    /// Is the character at this byte bold?
    pub fn is_bold(&self, byte: usize) -> bool {
        self.own.as_ref().is_some_and(|own| inside(&own.bold, byte))
    }

    /// Is any of it bold?
    pub(super) fn has_bold(&self) -> bool {
        self.own.as_ref().is_some_and(|own| !own.bold.is_empty())
    }

    /// Does it stand in inline code?
    pub fn is_code(&self, byte: usize) -> bool {
        self.own.as_ref().is_some_and(|own| inside(&own.code, byte))
    }

    /// All of it, as [`Self::part`] has it.
    pub(super) fn whole(self) -> Self {
        let text = self.text();
        let ready = text.trim().len() == text.len() && !text.as_bytes().contains(&b'\n');
        if ready { self } else { self.part(0..self.text().len()) }
    }

    /// A part of it without white space around it; breaks between lines become spaces.
    pub(super) fn part(&self, range: Range<usize>) -> Self {
        let inner = &self.text()[range.clone()];
        let start = range.start + (inner.len() - inner.trim_start().len());
        let end = start + inner.trim().len();
        let one_line = !self.text().as_bytes()[start..end].contains(&b'\n');
        let Some(own) = &self.own else {
            let span = self.span.start + start..self.span.start + end;
            let own = || Own {
                text: self.source[span.clone()].replace('\n', " "),
                pieces: vec![Piece { at: 0, source: span.clone(), verbatim: true }],
                ..Own::default()
            };
            let own = (!one_line).then(|| Box::new(own()));
            return Self { source: Arc::clone(&self.source), span, own };
        };
        let clipped = |from: &[Range<usize>]| -> Vec<Range<usize>> {
            let first = from.partition_point(|it| it.end <= start);
            let within = from[first..].iter().take_while(|it| it.start < end);
            within.map(|it| it.start.max(start) - start..it.end.min(end) - start).collect()
        };
        let (bold, code) = (clipped(&own.bold), clipped(&own.code));
        let first = own.pieces.partition_point(|piece| piece.at <= start).saturating_sub(1);
        let pieces = own.pieces[first..].iter().take_while(|piece| piece.at < end).map(|piece| {
            let skipped = if piece.verbatim { start.saturating_sub(piece.at) } else { 0 };
            let source = piece.source.start + skipped..piece.source.end;
            Piece { at: piece.at.max(start) - start, source, verbatim: piece.verbatim }
        });
        let pieces: Vec<Piece> = if start < end { pieces.collect() } else { Vec::new() };
        let source = Arc::clone(&self.source);
        let first = pieces.first().map_or(self.span.start, |piece| piece.source.start);
        let text = &own.text[start..end];
        let plain = first..first + text.len();
        let is_plain = bold.is_empty() && code.is_empty() && source.get(plain.clone()) == Some(text);
        if is_plain && pieces.len() <= 1 && one_line {
            return Self { source, span: plain, own: None };
        }
        let text = text.replace('\n', " ");
        Self { source, span: first..first, own: Some(Box::new(Own { text, pieces, bold, code })) }
    }
}

/// A shown text that is being put together.
#[derive(Default)]
pub(super) struct Growing {
    /// What is shown so far, while that is one part of the document as it stands; `own` has no text then.
    plain: Range<usize>,
    own: Own,
}

impl Growing {
    /// Nothing so far, at this byte of the document.
    pub(super) fn at(byte: usize) -> Self {
        Self::of(byte..byte)
    }

    /// These bytes of the document so far, as they stand there.
    pub(super) fn of(plain: Range<usize>) -> Self {
        Self { plain, own: Own::default() }
    }

    /// How many bytes are shown so far.
    pub(super) fn len(&self) -> usize {
        self.plain.len() + self.own.text.len()
    }

    /// Adds a text that comes from these bytes; `source` is the whole document.
    pub(super) fn push(&mut self, text: &str, from: Range<usize>, source: &str) {
        if text.is_empty() {
            return;
        }
        let verbatim = source.get(from.clone()) == Some(text);
        if self.own.text.is_empty() && verbatim && (self.plain.is_empty() || self.plain.end == from.start) {
            let start = if self.plain.is_empty() { from.start } else { self.plain.start };
            self.plain = start..from.end;
            return;
        }
        self.spill(source);
        let Own { text: own, pieces, .. } = &mut self.own;
        let follows = |last: &&mut Piece| verbatim && last.verbatim && last.source.end == from.start;
        match pieces.last_mut().filter(follows) {
            Some(last) => last.source.end = from.end,
            None => pieces.push(Piece { at: own.len(), source: from, verbatim }),
        }
        own.push_str(text);
    }

    /// Gives it a text of its own.
    fn spill(&mut self, source: &str) {
        if self.plain.is_empty() {
            return;
        }
        self.own.text.push_str(&source[self.plain.clone()]);
        self.own.pieces.push(Piece { at: 0, source: self.plain.clone(), verbatim: true });
        self.plain = self.plain.start..self.plain.start;
    }

    /// Adds inline code, whose range has its backticks in it.
    pub(super) fn push_code(&mut self, text: &str, from: Range<usize>, source: &str) {
        let start = self.len();
        let outer = source.get(from.clone()).unwrap_or_default();
        match outer.find(text) {
            Some(into) => self.push(text, from.start + into..from.start + into + text.len(), source),
            None => self.push(text, from, source),
        }
        self.own.code.push(start..self.len());
    }

    /// What was added since `start` is bold.
    pub(super) fn embolden(&mut self, start: usize) {
        let end = self.len();
        let bold = &mut self.own.bold;
        match bold.last_mut() {
            // An inner one ends before the one around it.
            Some(last) if last.start >= start => *last = start..end,
            Some(last) if last.end == start => last.end = end,
            _ => bold.push(start..end),
        }
        while let [.., before, last] = &mut bold[..]
            && before.end >= last.start
        {
            before.start = before.start.min(last.start);
            before.end = before.end.max(last.end);
            bold.pop();
        }
    }

    /// As it is shown; `source` is the whole document.
    pub(super) fn shown(mut self, source: &Arc<str>) -> Shown {
        let marked = !self.own.bold.is_empty() || !self.own.code.is_empty();
        let span = self.plain.clone();
        if marked {
            self.spill(source);
        }
        let own = (marked || !self.own.text.is_empty()).then(|| Box::new(self.own));
        Shown { source: Arc::clone(source), span, own }
    }
}

fn inside(ranges: &[Range<usize>], byte: usize) -> bool {
    let index = ranges.partition_point(|range| range.end <= byte);
    ranges.get(index).is_some_and(|range| range.start <= byte)
}

//! What a document is made of, and how a paragraph falls into what it states: bold lines that serve as headings, and
//! labels with what stands after them.

use std::ops::Range;
use std::sync::OnceLock;

use super::shown::Shown;
use crate::proofread::normal::normal;
use crate::proofread::number::{Mention, mentions, mentions_after};

/// Longer texts before a colon are no labels.
const MAX_LABEL: usize = 120;
/// In a paragraph all of whose lines begin with a label no longer than this, each line stands for itself.
const MAX_LINE_LABEL: usize = 40;
/// Longer bold texts are no headings.
const MAX_BOLD: usize = 200;

/// A heading, a bold line that serves as one, or an item with something below it.
#[derive(Debug, Clone)]
pub struct Scope {
    /// The scope around it.
    pub parent: Option<usize>,
    /// What it is.
    pub kind: ScopeKind,
    /// Its text as shown.
    pub title: String,
    /// Its text in the form in which texts are compared.
    pub(crate) normal: String,
    /// The first byte of its text in the document.
    pub start: usize,
}

/// What has blocks under it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ScopeKind {
    /// A heading of this level.
    Heading(u8),
    /// A bold line.
    Bold,
    /// A list item with a list, a paragraph or code below it.
    Item,
}

/// What is shown at one place.
#[derive(Debug, Clone)]
pub struct Block {
    /// What it is.
    pub kind: BlockKind,
    /// The innermost scope that it stands in. A heading stands in its own.
    pub scope: Option<usize>,
    /// Its text.
    pub shown: Shown,
    normal: OnceLock<String>,
    numbers: OnceLock<Vec<Mention>>,
}

impl Block {
    pub(super) const fn new(kind: BlockKind, scope: Option<usize>, shown: Shown) -> Self {
        Self { kind, scope, shown, normal: OnceLock::new(), numbers: OnceLock::new() }
    }

    /// Its text in the form in which texts are compared; made when it is first asked for.
    pub(crate) fn normal(&self) -> &str {
        self.normal.get_or_init(|| normal(self.shown.text()))
    }

    /// The numbers in its text; looked for when they are first asked for. What follows a label is read apart from it
    /// where both together read as a name: in `Release: 10` somebody may claim the 10.
    pub fn numbers(&self) -> &[Mention] {
        self.numbers.get_or_init(|| {
            let text = self.shown.text();
            let mut found = mentions(text);
            let may_label = matches!(self.kind, BlockKind::Paragraph | BlockKind::Item);
            if may_label
                && let Some((_, after)) = label_of(&self.shown)
                && found.last().is_none_or(|last| last.span.end <= after)
            {
                found.extend(mentions_after(text, after));
            }
            found
        })
    }
}

/// What a block is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BlockKind {
    /// A heading.
    Heading,
    /// A paragraph, or a line of one that stands for itself.
    Paragraph,
    /// The text of a list item.
    Item,
    /// A cell of a table; the row `None` is the header.
    Cell {
        /// Index into the tables.
        table: usize,
        /// The row, from 0.
        row: Option<usize>,
        /// The column, from 0.
        column: usize,
    },
    /// A line of a code block: an index into the fences.
    Code(usize),
}

/// A table. Cells are indices into the blocks, `None` where nothing stands.
#[derive(Debug, Clone)]
pub struct Table {
    /// The scope that it stands in.
    pub scope: Option<usize>,
    /// The header.
    pub header: Vec<Option<usize>>,
    /// The rows below it.
    pub rows: Vec<Vec<Option<usize>>>,
    /// The bytes of the header line.
    pub header_source: Range<usize>,
}

/// A code block.
#[derive(Debug, Clone)]
pub struct Fence {
    /// The first word behind the fence, in small letters; `front-matter` for the front matter.
    pub language: Option<String>,
}

/// A comment `<!--cs:NAME-->`.
#[derive(Debug, Clone)]
pub struct Marker {
    /// Its name.
    pub name: String,
    /// Its first byte in the document.
    pub start: usize,
    /// The block that it stands in, or before, and where in its text; `None` at the end of the document.
    pub before: Option<(usize, usize)>,
}

/// A label and what stands after it: after its colon, or in the second of two cells.
#[derive(Debug, Clone)]
pub struct Labelled {
    /// The block with the label.
    pub label_block: usize,
    /// The label in that block's text.
    pub label: Range<usize>,
    /// The label in the form in which texts are compared.
    pub(crate) normal: String,
    /// The block with the value; `None` for an empty cell.
    pub value_block: Option<usize>,
    /// The value in that block's text.
    pub value: Range<usize>,
}

/// The label that a text begins with, and where what it labels begins.
pub(super) fn label_of(shown: &Shown) -> Option<(Range<usize>, usize)> {
    let text = shown.text();
    // Most texts have no colon at all.
    let near = &text[..text.floor_char_boundary((MAX_LABEL + 1) * 4)];
    if !near.contains(':') && (near.is_ascii() || !near.contains('：')) {
        return None;
    }
    for (count, (at, c)) in text.char_indices().enumerate() {
        if count > MAX_LABEL {
            return None;
        }
        if !matches!(c, ':' | '：') || shown.is_code(at) {
            continue;
        }
        let after = at + c.len_utf8();
        let ends = text[after..].chars().next().is_none_or(char::is_whitespace);
        let bold_ends = at > 0 && shown.is_bold(at) && !shown.is_bold(after);
        if !ends && !bold_ends && c == ':' {
            continue;
        }
        return (!normal(&text[..at]).is_empty()).then_some((0..at, after));
    }
    None
}

/// What a paragraph falls into.
pub(super) struct Statement {
    pub(super) range: Range<usize>,
    /// Does it serve as a heading?
    pub(super) is_heading: bool,
}

/// Takes a paragraph apart. `hard` are the breaks that its author asked for; other breaks may move when it is wrapped
/// anew, so they only matter before and behind what is bold, or where every line has a label.
pub(super) fn statements(shown: &Shown, hard: &[usize]) -> Vec<Statement> {
    if hard.is_empty() && !shown.has_bold() {
        return unmarked(shown);
    }
    let mut lines: Vec<Range<usize>> = Vec::new();
    let mut start = 0;
    for (at, _) in shown.text().match_indices('\n') {
        // Bold text that goes on in the next line is one text.
        if !shown.is_bold(at) {
            lines.push(start..at);
            start = at + 1;
        }
    }
    lines.push(start..shown.text().len());
    let parts: Vec<Shown> = lines.iter().map(|line| shown.part(line.clone())).collect();
    let bold: Vec<bool> = parts.iter().map(is_bold).collect();
    let labels: Vec<Option<Range<usize>>> = parts.iter().map(|part| label_of(part).map(|(label, _)| label)).collect();
    let short = |label: &Option<Range<usize>>| label.as_ref().is_some_and(|label| label.len() <= MAX_LINE_LABEL);
    let all_labelled = lines.len() > 1 && labels.iter().all(short);
    let all_bold = bold.iter().all(|bold| *bold);
    let mut found: Vec<Statement> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let bold_label = || labels[index].as_ref().is_some_and(|label| is_bold(&parts[index].part(label.clone())));
        let begins = index == 0
            || hard.binary_search(&(line.start - 1)).is_ok()
            || all_labelled
            || bold[index]
            || bold[index - 1]
            || bold_label();
        match found.last_mut() {
            Some(last) if !begins => last.range.end = line.end,
            _ => {
                let heads = bold[index] && line.len() <= MAX_BOLD;
                let colon = parts[index].text().ends_with([':', '：']);
                found.push(Statement { range: line.clone(), is_heading: heads && (colon || index == 0 || all_bold) });
            }
        }
    }
    found
}

/// Without bold text and breaks that were asked for, a paragraph only falls apart where every line has a label.
fn unmarked(shown: &Shown) -> Vec<Statement> {
    let text = shown.text();
    let mut lines = Vec::new();
    let mut start = 0;
    for end in text.match_indices('\n').map(|(at, _)| at).chain([text.len()]) {
        lines.push(Statement { range: start..end, is_heading: false });
        start = end + 1;
        if lines.len() == 1 && end == text.len() {
            return lines;
        }
        let labelled = lines.last().is_some_and(|line| {
            label_of(&shown.part(line.range.clone())).is_some_and(|(label, _)| label.len() <= MAX_LINE_LABEL)
        });
        if !labelled {
            return vec![Statement { range: 0..text.len(), is_heading: false }];
        }
    }
    lines
}

/// Is everything but decoration and a colon at the end bold?
fn is_bold(shown: &Shown) -> bool {
    let text = shown.text().trim_end_matches([':', '：']);
    let mut words = false;
    for (at, c) in text.char_indices() {
        let bold = shown.is_bold(at);
        words |= bold && c.is_alphanumeric();
        if !bold && (c.is_ascii() && !c.is_whitespace() || c.is_alphanumeric()) {
            return false;
        }
    }
    words
}

//! A document as the rules see it: its blocks, tables and lists, each made when first asked for, and the places of what
//! they hold.

use std::cell::OnceCell;
use std::ops::Range;
use std::sync::LazyLock;

use regex::Regex;

use super::document::{Block, BlockKind, Document, Labelled};
use super::finding::Anchor;
use super::grid::Grid;
use super::lists::{List, lists};
use super::number::{Mention, is_bare};
use super::words;

/// What a rule looks for before it looks at numbers.
pub(super) type Pattern = LazyLock<Option<Regex>>;

/// Does a text match? A pattern that is none matches nothing; a test holds that there is no such pattern.
pub(super) fn matches(pattern: &Pattern, text: &str) -> bool {
    pattern.as_ref().is_some_and(|pattern| pattern.is_match(text))
}

/// The only one of several that there is.
pub(super) fn only<T>(found: impl IntoIterator<Item = T>) -> Option<T> {
    let mut found = found.into_iter();
    let first = found.next()?;
    found.next().is_none().then_some(first)
}

/// The longest quote of a place.
const MOST_QUOTED: usize = 120;

/// A document that is being proofread.
pub(super) struct View<'a> {
    /// The document.
    pub(super) document: &'a Document,
    /// The lines of code that have digits: the others hold nothing to check.
    code: Vec<usize>,
    /// The other blocks that have digits and something around them that a pattern could match.
    prose: Vec<usize>,
    grids: OnceCell<Vec<Grid<'a>>>,
    lists: OnceCell<Vec<List>>,
    labels: OnceCell<Vec<Option<&'a Labelled>>>,
}

impl<'a> View<'a> {
    /// Of a document.
    pub(super) fn of(document: &'a Document) -> Self {
        let (mut code, mut prose) = (Vec::new(), Vec::new());
        for (index, block) in document.blocks.iter().enumerate() {
            let text = block.shown.text();
            let digits = || text.bytes().any(|byte| byte.is_ascii_digit());
            match block.kind {
                BlockKind::Code(_) if digits() => code.push(index),
                BlockKind::Code(_) => {}
                _ if !is_bare(text) && digits() => prose.push(index),
                _ => {}
            }
        }
        Self { document, code, prose, grids: OnceCell::new(), lists: OnceCell::new(), labels: OnceCell::new() }
    }

    /// The tables.
    pub(super) fn grids(&self) -> &[Grid<'a>] {
        self.grids.get_or_init(|| (0..self.document.tables.len()).map(|table| Grid::of(self.document, table)).collect())
    }

    /// The lists.
    pub(super) fn lists(&self) -> &[List] {
        self.lists.get_or_init(|| lists(self.document))
    }

    /// The label that a block begins with.
    pub(super) fn label(&self, block: usize) -> Option<&'a Labelled> {
        let all = || {
            let mut all = vec![None; self.document.blocks.len()];
            for labelled in &self.document.labelled {
                all[labelled.label_block] = Some(labelled);
            }
            all
        };
        self.labels.get_or_init(all)[block]
    }

    /// The blocks of prose that have digits and match a pattern, which must ask for more than a bare number: no code,
    /// cells included. To look for numbers costs more than any pattern, and most blocks have none that are related.
    pub(super) fn prose(&self, pattern: &'static Pattern) -> impl Iterator<Item = usize> + '_ {
        self.prose.iter().copied().filter(move |index| matches(pattern, self.text(*index)))
    }

    /// The lines of code that have digits.
    pub(super) fn code(&self) -> impl Iterator<Item = usize> + '_ {
        self.code.iter().copied()
    }

    /// A block.
    pub(super) fn block(&self, index: usize) -> &'a Block {
        &self.document.blocks[index]
    }

    /// The text of a block.
    pub(super) fn text(&self, index: usize) -> &'a str {
        self.document.blocks[index].shown.text()
    }

    /// The numbers that a block states outside of inline code.
    pub(super) fn mentions(&self, index: usize) -> impl Iterator<Item = &'a Mention> + use<'a> {
        let block = &self.document.blocks[index];
        block.numbers().iter().filter(|mention| !block.shown.is_code(mention.span.start))
    }

    /// The words of a label.
    pub(super) fn label_words(&self, labelled: &Labelled) -> Vec<String> {
        words::of(&self.text(labelled.label_block)[labelled.label.clone()])
    }

    /// The numbers that a block states behind its label.
    pub(super) fn behind(&self, block: usize, labelled: &Labelled) -> impl Iterator<Item = &'a Mention> + use<'a> {
        let from = labelled.value.start;
        self.mentions(block).filter(move |mention| mention.span.start >= from)
    }

    /// The place of a part of a block's text.
    pub(super) fn anchor(&self, index: usize, range: Range<usize>) -> Anchor {
        let shown = &self.document.blocks[index].shown;
        let text: String = shown.text().get(range.clone()).unwrap_or_default().chars().take(MOST_QUOTED).collect();
        Anchor { bytes: shown.source(range), text }
    }

    /// The place of a whole block.
    pub(super) fn whole(&self, index: usize) -> Anchor {
        self.anchor(index, 0..self.text(index).len())
    }

    /// The titles of the headings above a byte of the document, outermost first.
    pub(super) fn under(&self, byte: usize) -> Vec<String> {
        let blocks = &self.document.blocks;
        let after = blocks.partition_point(|block| block.shown.start() <= byte);
        let scope = after.checked_sub(1).and_then(|index| blocks[index].scope);
        let mut titles: Vec<String> =
            self.document.path(scope).map(|scope| self.document.scopes[scope].title.clone()).collect();
        titles.reverse();
        titles
    }
}

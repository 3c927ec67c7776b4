//! A document as the rules see it: its blocks, tables and lists, each made when first asked for, and the places of what
//! they hold.

use std::cell::OnceCell;
use std::collections::BTreeMap;
use std::ops::Range;

use super::document::{Block, BlockKind, Document, Labelled};
use super::finding::Anchor;
use super::grid::Grid;
use super::lists::{List, lists};
use super::number::Mention;

/// The longest quote of a place.
const MOST_QUOTED: usize = 120;

/// A document that is being proofread.
pub(super) struct View<'a> {
    /// The document.
    pub(super) document: &'a Document,
    /// Which blocks have digits: the others hold nothing to check.
    with_digits: Vec<usize>,
    grids: OnceCell<Vec<Grid<'a>>>,
    lists: OnceCell<Vec<List>>,
    labels: OnceCell<BTreeMap<usize, &'a Labelled>>,
}

impl<'a> View<'a> {
    /// Of a document.
    pub(super) fn of(document: &'a Document) -> Self {
        let digits = |block: &Block| block.shown.text().bytes().any(|byte| byte.is_ascii_digit());
        let with_digits = document.blocks.iter().enumerate().filter(|(_, block)| digits(block));
        Self {
            document,
            with_digits: with_digits.map(|(index, _)| index).collect(),
            grids: OnceCell::new(),
            lists: OnceCell::new(),
            labels: OnceCell::new(),
        }
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
        let all = || self.document.labelled.iter().map(|labelled| (labelled.label_block, labelled)).collect();
        self.labels.get_or_init(all).get(&block).copied()
    }

    /// The blocks of prose that have digits and any of these in them: no code, cells included.
    pub(super) fn prose(&self, signs: &'a [&'a str]) -> impl Iterator<Item = usize> + '_ {
        self.with_digits.iter().copied().filter(move |index| {
            let block = &self.document.blocks[*index];
            let text = block.shown.text();
            !matches!(block.kind, BlockKind::Code(_))
                && (signs.is_empty() || signs.iter().any(|sign| text.contains(sign)))
        })
    }

    /// The lines of code that have digits.
    pub(super) fn code(&self) -> impl Iterator<Item = usize> + '_ {
        let is_code = |index: &usize| matches!(self.document.blocks[*index].kind, BlockKind::Code(_));
        self.with_digits.iter().copied().filter(is_code)
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
        let after = blocks.partition_point(|block| block.shown.source(0..0).start <= byte);
        let scope = after.checked_sub(1).and_then(|index| blocks[index].scope);
        let mut titles: Vec<String> =
            self.document.path(scope).map(|scope| self.document.scopes[scope].title.clone()).collect();
        titles.reverse();
        titles
    }
}

//! From the events of the Markdown parser to blocks under headings. No recursion: nesting costs nothing but its length.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, HeadingLevel, Tag, TagEnd};

use super::Document;
use super::blocks::{Block, BlockKind, Fence, Labelled, Marker, Scope, ScopeKind, Table, label_of, statements};
use super::html::{self, Inside};
use super::shown::{Growing, Shown};
use crate::proofread::normal::{collapsed, normal};

/// Items deeper than this are no scopes of their own.
const MAX_ITEMS: usize = 32;
/// The language under which the front matter can be named.
const FRONT_MATTER: &str = "front-matter";

/// A text that is being put together.
struct Leaf {
    kind: LeafKind,
    shown: Growing,
    /// Where breaks stand that the author asked for.
    hard: Vec<usize>,
    /// Where bold texts that have not ended began.
    bold: Vec<usize>,
    /// Markers: name, first byte in the document, place in the text.
    markers: Vec<(String, usize, usize)>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum LeafKind {
    Heading(u8),
    Text,
    Html,
    Cell,
}

/// A list item that has not ended.
#[derive(Default)]
struct Item {
    /// Its first text: what it is called, and where that begins.
    lead: Option<(String, usize)>,
    scope: Option<usize>,
}

/// Takes events and makes blocks of them.
pub(super) struct Reader {
    pub(super) document: Document,
    source: Arc<str>,
    /// Level and scope of the headings around, outermost first.
    headings: Vec<(u8, usize)>,
    /// The bold line that serves as heading.
    bold: Option<usize>,
    items: Vec<Item>,
    leaf: Option<Leaf>,
    /// What stands in a cell so far, while that is a part of the document as it stands: nearly all cells are no more.
    plain_cell: Option<Range<usize>>,
    /// The table that has not ended, and its next cell.
    table: Option<(usize, Option<usize>, usize)>,
    fence: Option<(usize, Growing)>,
    html: Inside,
    /// Markers behind which nothing has come yet.
    waiting: Vec<(String, usize)>,
}

/// Where reading stands between two blocks on the outermost level, to go back to.
pub(super) struct Mark {
    lengths: [usize; 6],
    headings: Vec<(u8, usize)>,
    bold: Option<usize>,
    waiting: Vec<(String, usize)>,
}

impl Reader {
    /// Before the first event of a document.
    pub(super) fn new(source: Arc<str>) -> Self {
        Self {
            document: Document::unread(Arc::clone(&source)),
            source,
            headings: Vec::new(),
            bold: None,
            items: Vec::new(),
            leaf: None,
            plain_cell: None,
            table: None,
            fence: None,
            html: Inside::Text,
            waiting: Vec::new(),
        }
    }

    /// Where it stands now, between two blocks.
    pub(super) fn mark(&self) -> Mark {
        let Document { scopes, blocks, tables, fences, markers, labelled, .. } = &self.document;
        Mark {
            lengths: [scopes.len(), blocks.len(), tables.len(), fences.len(), markers.len(), labelled.len()],
            headings: self.headings.clone(),
            bold: self.bold,
            waiting: self.waiting.clone(),
        }
    }

    /// Forgets what was read since.
    pub(super) fn back_to(&mut self, mark: &Mark) {
        let Document { scopes, blocks, tables, fences, markers, labelled, .. } = &mut self.document;
        let [scope, block, table, fence, marker, label] = mark.lengths;
        scopes.truncate(scope);
        blocks.truncate(block);
        tables.truncate(table);
        fences.truncate(fence);
        markers.truncate(marker);
        labelled.truncate(label);
        self.headings.clone_from(&mark.headings);
        self.bold = mark.bold;
        self.waiting.clone_from(&mark.waiting);
        (self.leaf, self.table, self.fence, self.html) = (None, None, None, Inside::Text);
        self.plain_cell = None;
        self.items.clear();
    }

    /// Hands out what was read before a heading on the outermost level. What follows stands under the same headings.
    pub(super) fn section(&mut self) -> Document {
        let mut next = Document::unread(Arc::clone(&self.source));
        // It will be of the same sort.
        next.blocks.reserve(self.document.blocks.len());
        for (_, scope) in &mut self.headings {
            let above = self.document.scopes[*scope].clone();
            *scope = next.scopes.len();
            next.scopes.push(Scope { parent: scope.checked_sub(1), ..above });
        }
        // The heading that comes ends what a bold line began.
        self.bold = None;
        std::mem::replace(&mut self.document, next)
    }

    /// Hands out the rest, after the last event.
    pub(super) fn finish(&mut self) -> Document {
        self.close();
        for (name, start) in std::mem::take(&mut self.waiting) {
            self.document.markers.push(Marker { name, start, before: None });
        }
        self.section()
    }

    /// Takes the next event, which stands there in the document.
    pub(super) fn event(&mut self, event: Event<'_>, range: Range<usize>) {
        if let Some(plain) = &mut self.plain_cell {
            match &event {
                Event::Text(text) if plain.start == plain.end && self.source.get(range.clone()) == Some(text) => {
                    *plain = range;
                    return;
                }
                Event::End(TagEnd::TableCell) => {
                    let shown = Shown::of(&self.source, plain.clone()).whole();
                    self.plain_cell = None;
                    self.cell(shown);
                    return;
                }
                _ => {
                    self.leaf =
                        Some(Leaf { shown: Growing::of(plain.clone()), ..Leaf::new(LeafKind::Cell, plain.start) });
                    self.plain_cell = None;
                }
            }
        }
        match event {
            Event::Start(tag) => self.start(tag, range),
            Event::End(tag) => self.ended(tag, range.end),
            Event::Text(text) => self.text(&text, range),
            Event::Code(text) => {
                leaf(&mut self.leaf, range.start).shown.push_code(&text, range, &self.source);
            }
            Event::SoftBreak => self.line_break(range, false),
            Event::HardBreak => self.line_break(range, true),
            Event::Html(html) => self.html(&html, range),
            Event::InlineHtml(html) => self.inline_html(&html, range),
            Event::InlineMath(text) | Event::DisplayMath(text) => self.text(&text, range),
            Event::Rule => self.close(),
            Event::FootnoteReference(_) | Event::TaskListMarker(_) => {}
        }
    }

    fn start(&mut self, tag: Tag<'_>, range: Range<usize>) {
        match tag {
            Tag::Heading { level, .. } => self.open(LeafKind::Heading(depth(level)), range.start),
            Tag::Paragraph | Tag::FootnoteDefinition(_) => self.open(LeafKind::Text, range.start),
            Tag::HtmlBlock => {
                self.open(LeafKind::Html, range.start);
                self.html = Inside::Text;
            }
            Tag::BlockQuote(_) | Tag::List(_) => {
                self.close();
                self.item_scope();
            }
            Tag::Item => {
                self.close();
                self.items.push(Item::default());
            }
            Tag::CodeBlock(kind) => {
                let info = match &kind {
                    CodeBlockKind::Fenced(info) => info.split([' ', ',', '\t', '{']).next().unwrap_or_default(),
                    CodeBlockKind::Indented => "",
                };
                self.start_fence(Some(info.to_lowercase()).filter(|info| !info.is_empty()));
            }
            Tag::MetadataBlock(_) => self.start_fence(Some(FRONT_MATTER.to_owned())),
            Tag::Table(_) => {
                self.close();
                self.item_scope();
                let scope = self.scope();
                let index = self.document.tables.len();
                let table = Table { scope, header: Vec::new(), rows: Vec::new(), header_source: range };
                self.document.tables.push(table);
                self.table = Some((index, None, 0));
            }
            Tag::TableHead => {
                if let Some(table) = self.document.tables.last_mut() {
                    table.header_source = range;
                }
            }
            Tag::TableRow => {
                if let (Some(at), Some(table)) = (&mut self.table, self.document.tables.last_mut()) {
                    *at = (at.0, Some(table.rows.len()), 0);
                    table.rows.push(Vec::with_capacity(table.header.len()));
                }
            }
            Tag::TableCell => {
                self.close();
                self.plain_cell = Some(range.start..range.start);
            }
            Tag::Strong => {
                let leaf = leaf(&mut self.leaf, range.start);
                leaf.bold.push(leaf.shown.len());
            }
            _ => {}
        }
    }

    fn ended(&mut self, tag: TagEnd, end: usize) {
        match tag {
            TagEnd::Strong => {
                let leaf = leaf(&mut self.leaf, end);
                if let Some(start) = leaf.bold.pop() {
                    leaf.shown.embolden(start);
                }
            }
            TagEnd::Heading(_)
            | TagEnd::Paragraph
            | TagEnd::HtmlBlock
            | TagEnd::TableCell
            | TagEnd::List(_)
            | TagEnd::BlockQuote(_)
            | TagEnd::FootnoteDefinition => self.close(),
            TagEnd::Item => {
                self.close();
                self.items.pop();
            }
            TagEnd::CodeBlock | TagEnd::MetadataBlock(_) => {
                self.end_code_line();
                self.fence = None;
            }
            TagEnd::Table => {
                if let Some((table, ..)) = self.table.take() {
                    self.label_rows(table);
                }
            }
            _ => {}
        }
    }

    fn text(&mut self, text: &str, range: Range<usize>) {
        if self.fence.is_none() {
            leaf(&mut self.leaf, range.start).shown.push(text, range, &self.source);
            return;
        }
        let source = Arc::clone(&self.source);
        let verbatim = source.get(range.clone()) == Some(text);
        let mut from = 0;
        for line in text.split_inclusive('\n') {
            let shown = line.trim_end_matches(['\n', '\r']);
            let place = if verbatim { range.start + from..range.start + from + shown.len() } else { range.clone() };
            if let Some((_, code)) = &mut self.fence {
                code.push(shown, place, &source);
            }
            from += line.len();
            if line.ends_with('\n') {
                self.end_code_line();
            }
        }
    }

    fn line_break(&mut self, range: Range<usize>, hard: bool) {
        let leaf = leaf(&mut self.leaf, range.start);
        if hard {
            leaf.hard.push(leaf.shown.len());
        }
        leaf.shown.push("\n", range, &self.source);
    }

    fn inline_html(&mut self, html: &str, range: Range<usize>) {
        if let Some(name) = html::marker(html) {
            let leaf = leaf(&mut self.leaf, range.start);
            let at = leaf.shown.len();
            leaf.markers.push((html[name].to_owned(), range.start, at));
        } else if html.get(..3).is_some_and(|tag| tag.eq_ignore_ascii_case("<br")) {
            self.line_break(range, true);
        }
    }

    fn html(&mut self, text: &str, range: Range<usize>) {
        let source = Arc::clone(&self.source);
        let mut inside = self.html;
        for part in html::parts(text, &mut inside) {
            let place = |part: &Range<usize>| range.start + part.start..range.start + part.end;
            let leaf = leaf(&mut self.leaf, range.start);
            match part {
                html::Part::Text(part) => {
                    for line in text[part.clone()].split_inclusive('\n') {
                        let start = part.start + (line.as_ptr() as usize - text[part.clone()].as_ptr() as usize);
                        leaf.shown.push(line, place(&(start..start + line.len())), &source);
                        if line.ends_with('\n') {
                            leaf.hard.push(leaf.shown.len() - 1);
                        }
                    }
                }
                html::Part::Gap(part) => leaf.shown.push(" ", place(&part), &source),
                html::Part::Marker(name) => {
                    let at = leaf.shown.len();
                    leaf.markers.push((text[name.clone()].to_owned(), place(&name).start, at));
                }
            }
        }
        self.html = inside;
    }

    fn open(&mut self, kind: LeafKind, at: usize) {
        self.close();
        if !matches!(kind, LeafKind::Cell) {
            self.item_scope();
        }
        self.leaf = Some(Leaf::new(kind, at));
    }

    fn start_fence(&mut self, language: Option<String>) {
        self.close();
        self.item_scope();
        self.document.fences.push(Fence { language });
        self.fence = Some((self.document.fences.len() - 1, Growing::default()));
    }

    fn end_code_line(&mut self) {
        let Some((fence, line)) = &mut self.fence else { return };
        let (fence, line) = (*fence, std::mem::take(line).shown(&self.source));
        if !line.text().trim().is_empty() {
            self.add(BlockKind::Code(fence), line);
        }
    }

    /// The innermost scope.
    fn scope(&self) -> Option<usize> {
        let item = self.items.iter().rev().find_map(|item| item.scope);
        item.or(self.bold).or(self.headings.last().map(|(_, scope)| *scope))
    }

    fn add_scope(&mut self, kind: ScopeKind, parent: Option<usize>, title: &str, start: usize) -> usize {
        let title = collapsed(title);
        self.document.scopes.push(Scope { parent, kind, normal: normal(&title), title, start });
        self.document.scopes.len() - 1
    }

    /// Something begins inside an item that has had its text: the item is its heading.
    fn item_scope(&mut self) {
        if self.items.len() > MAX_ITEMS {
            return;
        }
        let parent = self.scope();
        let Some(item) = self.items.last().filter(|item| item.scope.is_none()) else { return };
        let Some((title, start)) = item.lead.clone() else { return };
        let scope = self.add_scope(ScopeKind::Item, parent, &title, start);
        if let Some(item) = self.items.last_mut() {
            item.scope = Some(scope);
        }
    }

    /// Ends the text that is being put together.
    fn close(&mut self) {
        let Some(Leaf { kind, shown, hard, markers, .. }) = self.leaf.take() else { return };
        let first = self.document.blocks.len();
        let shown = shown.shown(&self.source);
        // Only markers need it again.
        let again = (!markers.is_empty()).then(|| shown.clone());
        let places = match kind {
            LeafKind::Heading(_) | LeafKind::Cell => {
                let whole = 0..shown.text().len();
                match kind {
                    LeafKind::Heading(level) => self.heading(level, shown.whole()),
                    _ => self.cell(shown.whole()),
                }
                again.is_some().then_some(whole).into_iter().collect()
            }
            LeafKind::Text | LeafKind::Html => self.paragraph(kind, &shown, &hard),
        };
        if let Some(shown) = again {
            self.place_markers(markers, &shown, first, &places);
        }
    }

    fn heading(&mut self, level: u8, shown: Shown) {
        while self.headings.last().is_some_and(|(above, _)| *above >= level) {
            self.headings.pop();
        }
        self.bold = None;
        if self.items.is_empty() {
            let parent = self.headings.last().map(|(_, scope)| *scope);
            let start = shown.start();
            let scope = self.add_scope(ScopeKind::Heading(level), parent, shown.text(), start);
            self.headings.push((level, scope));
        }
        self.add(BlockKind::Heading, shown);
    }

    /// The cell is there even when nothing stands in it: the columns are counted.
    fn cell(&mut self, shown: Shown) {
        let Some((table, row, column)) = self.table else { return };
        self.table = Some((table, row, column + 1));
        let block = (!shown.text().is_empty()).then(|| self.add(BlockKind::Cell { table, row, column }, shown));
        let Some(table) = self.document.tables.get_mut(table) else { return };
        match row {
            None => table.header.push(block),
            Some(row) => table.rows[row].push(block),
        }
    }

    /// Where in the leaf the blocks stand that it falls into.
    fn paragraph(&mut self, kind: LeafKind, shown: &Shown, hard: &[usize]) -> Vec<Range<usize>> {
        let mut places = Vec::new();
        for statement in statements(shown, hard) {
            let shown = shown.part(statement.range.clone());
            if shown.text().is_empty() {
                continue;
            }
            places.push(statement.range);
            let start = shown.start();
            if let Some(item) = self.items.last_mut() {
                let is_lead = item.lead.is_none();
                if is_lead {
                    let label = label_of(&shown).map_or(shown.text(), |(label, _)| &shown.text()[label]);
                    item.lead = Some((label.to_owned(), start));
                }
                self.add(if is_lead { BlockKind::Item } else { BlockKind::Paragraph }, shown);
                continue;
            }
            if statement.is_heading && kind == LeafKind::Text {
                let parent = self.headings.last().map(|(_, scope)| *scope);
                self.bold = Some(self.add_scope(ScopeKind::Bold, parent, shown.text(), start));
            }
            self.add(BlockKind::Paragraph, shown);
        }
        places
    }

    fn add(&mut self, kind: BlockKind, shown: Shown) -> usize {
        let block = self.document.blocks.len();
        for (name, start) in self.waiting.drain(..) {
            self.document.markers.push(Marker { name, start, before: Some((block, 0)) });
        }
        if !matches!(kind, BlockKind::Code(_) | BlockKind::Cell { .. })
            && let Some((label, value)) = label_of(&shown)
            && !shown.text()[value..].trim().is_empty()
        {
            self.document.labelled.push(Labelled {
                label_block: block,
                normal: normal(&shown.text()[label.clone()]),
                label,
                value_block: Some(block),
                value: value..shown.text().len(),
            });
        }
        self.document.blocks.push(Block::new(kind, self.scope(), shown));
        block
    }

    /// Markers belong to what stands behind them, be it in the next block.
    fn place_markers(
        &mut self,
        markers: Vec<(String, usize, usize)>,
        shown: &Shown,
        first: usize,
        places: &[Range<usize>],
    ) {
        for (name, start, at) in markers {
            let found = places.iter().position(|place| at < place.end);
            let Some(index) = found.filter(|index| first + index < self.document.blocks.len()) else {
                self.waiting.push((name, start));
                continue;
            };
            let place = &places[index];
            let text = &shown.text()[place.clone()];
            let trimmed = text.len() - text.trim_start().len();
            // White space at the end, in which a marker may stand, is not shown.
            let into = at.saturating_sub(place.start + trimmed).min(text.trim().len());
            self.document.markers.push(Marker { name, start, before: Some((first + index, into)) });
        }
    }

    /// The rows of a table of two columns are labels with their values.
    fn label_rows(&mut self, table: usize) {
        let Some(table) = self.document.tables.get(table).filter(|table| table.header.len() == 2) else { return };
        for row in &table.rows {
            let &[Some(label_block), value_block] = row.as_slice() else { continue };
            let text = |block: usize| self.document.blocks[block].shown.text();
            let label = 0..text(label_block).len();
            let normal = normal(text(label_block));
            let value = 0..value_block.map_or(0, |block| text(block).len());
            if !normal.is_empty() {
                self.document.labelled.push(Labelled { label_block, label, normal, value_block, value });
            }
        }
    }
}

impl Leaf {
    fn new(kind: LeafKind, at: usize) -> Self {
        Self { kind, shown: Growing::at(at), hard: Vec::new(), bold: Vec::new(), markers: Vec::new() }
    }
}

/// The text that is being put together; begins one where a list item has its text without a paragraph around it.
fn leaf(leaf: &mut Option<Leaf>, at: usize) -> &mut Leaf {
    leaf.get_or_insert_with(|| Leaf::new(LeafKind::Text, at))
}

fn depth(level: HeadingLevel) -> u8 {
    match level {
        HeadingLevel::H1 => 1,
        HeadingLevel::H2 => 2,
        HeadingLevel::H3 => 3,
        HeadingLevel::H4 => 4,
        HeadingLevel::H5 => 5,
        HeadingLevel::H6 => 6,
    }
}

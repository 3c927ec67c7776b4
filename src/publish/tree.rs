//! A document as a tree: read from the Markdown of the report, written again for each kind of site.
//!
//! The report's Markdown is known to read as what it says under CommonMark with tables. Sites read other Markdown, so none of
//! its text reaches them: it is read here, and each writer writes the tree in what its site is known to read.

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag, TagEnd};

/// A block.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Block {
    /// A heading of a level from 1 to 6.
    Heading(usize, Vec<Inline>),
    /// A paragraph.
    Paragraph(Vec<Inline>),
    /// A list, numbered from `start` or not at all. Items of a tight one are not paragraphs of their own.
    List { start: Option<u64>, tight: bool, items: Vec<Vec<Block>> },
    /// A quotation.
    Quote(Vec<Block>),
    /// Lines as they are, and what language they are in.
    Code { language: String, text: String },
    /// A table: its head, and rows of as many cells.
    Table { head: Vec<Vec<Inline>>, rows: Vec<Vec<Vec<Inline>>> },
    /// A line across.
    Rule,
}

/// What stands in a line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Inline {
    /// Words.
    Text(String),
    /// Words in a fixed-width face.
    Code(String),
    /// A place that links lead to.
    Anchor(String),
    /// A link: where it leads, as the report writes it, and what it shows.
    Link(String, Vec<Inline>),
    /// A picture: its file, and what it shows in words.
    Image(String, String),
    /// Important.
    Strong(Vec<Inline>),
    /// Stressed.
    Emphasis(Vec<Inline>),
    /// Struck out.
    Struck(Vec<Inline>),
    /// The end of a line.
    Break,
}

impl Inline {
    /// Words.
    pub(crate) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// A link that shows words.
    pub(crate) fn link(to: impl Into<String>, text: impl Into<String>) -> Self {
        Self::Link(to.into(), vec![Self::text(text)])
    }
}

/// Reads the Markdown of a report, without its front matter. Raw HTML that is no anchor is text.
pub(crate) fn read(markdown: &str) -> Vec<Block> {
    let options = Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS;
    let mut reader = Reader { events: shallow(Parser::new_ext(markdown, options)).peekable() };
    reader.blocks(None)
}

/// The same without links in headings, each in a line below instead: many sites make a link of every heading, and none may
/// stand inside another.
pub(crate) fn without_links_in_headings(blocks: Vec<Block>) -> Vec<Block> {
    let mut flat = Vec::with_capacity(blocks.len());
    for block in blocks {
        let Block::Heading(level, line) = block else {
            flat.push(block);
            continue;
        };
        let (mut words, mut links) = (Vec::new(), Vec::new());
        for inline in line {
            match inline {
                Inline::Link(to, inside) => {
                    words.extend(inside);
                    links.push(Inline::link(to, TO_WHAT_IT_IS_OF));
                }
                other => words.push(other),
            }
        }
        flat.push(Block::Heading(level, words));
        flat.extend((!links.is_empty()).then_some(Block::Paragraph(links)));
    }
    flat
}

/// What the link below a heading of evidence says.
const TO_WHAT_IT_IS_OF: &str = "To the check";

/// How deep quotations, lists and emphasis stand in each other.
const MAX_DEPTH: usize = 64;

/// Without what is nested deeper than [`MAX_DEPTH`]: its words stay. The tree is read and written by recursion, and nobody
/// reads what is deeper.
fn shallow<'a>(events: impl Iterator<Item = Event<'a>>) -> impl Iterator<Item = Event<'a>> {
    let nests = |end: TagEnd| {
        use TagEnd::{BlockQuote, Emphasis, Image, Link, List, Strikethrough, Strong};
        matches!(end, BlockQuote(_) | List(_) | Emphasis | Strong | Strikethrough | Link | Image)
    };
    let mut depth = 0_usize;
    events.filter(move |event| match event {
        // An item goes where its list goes.
        Event::Start(Tag::Item) | Event::End(TagEnd::Item) => depth <= MAX_DEPTH,
        Event::Start(tag) if nests(tag.to_end()) => {
            depth += 1;
            depth <= MAX_DEPTH
        }
        Event::End(end) if nests(*end) => {
            depth -= 1;
            depth < MAX_DEPTH
        }
        _ => true,
    })
}

struct Reader<I: Iterator> {
    events: std::iter::Peekable<I>,
}

impl<'a, I: Iterator<Item = Event<'a>>> Reader<I> {
    /// Blocks up to the end of what encloses them.
    fn blocks(&mut self, end: Option<TagEnd>) -> Vec<Block> {
        let mut blocks = Vec::new();
        while let Some(event) = self.events.peek() {
            if let Event::End(found) = event
                && Some(*found) == end
            {
                self.events.next();
                break;
            }
            if is_inline(event) {
                // In an item of a tight list words stand without a paragraph around them.
                blocks.push(Block::Paragraph(self.inlines(None)));
                continue;
            }
            match self.events.next() {
                Some(Event::Start(tag)) => blocks.extend(self.block(tag)),
                Some(Event::Rule) => blocks.push(Block::Rule),
                Some(_) => {}
                None => break,
            }
        }
        blocks
    }

    fn block(&mut self, tag: Tag<'_>) -> Option<Block> {
        let end = tag.to_end();
        Some(match tag {
            Tag::Heading { level, .. } => Block::Heading(level as usize, self.inlines(Some(end))),
            Tag::Paragraph => Block::Paragraph(self.inlines(Some(end))),
            Tag::HtmlBlock => {
                let inside = self.inlines(Some(end));
                return (!inside.is_empty()).then_some(Block::Paragraph(inside));
            }
            Tag::BlockQuote(_) => Block::Quote(self.blocks(Some(end))),
            Tag::CodeBlock(kind) => {
                let language = match kind {
                    CodeBlockKind::Fenced(language) => language.to_string(),
                    CodeBlockKind::Indented => String::new(),
                };
                Block::Code { language, text: self.verbatim(end) }
            }
            Tag::List(start) => self.list(start, end),
            Tag::Table(_) => self.table(end),
            _ => return None,
        })
    }

    fn list(&mut self, start: Option<u64>, end: TagEnd) -> Block {
        let (mut items, mut tight) = (Vec::new(), true);
        while let Some(event) = self.events.next() {
            match event {
                Event::End(found) if found == end => break,
                Event::Start(Tag::Item) => {
                    tight &= !matches!(self.events.peek(), Some(Event::Start(Tag::Paragraph)));
                    items.push(self.blocks(Some(TagEnd::Item)));
                }
                _ => {}
            }
        }
        Block::List { start, tight, items }
    }

    fn table(&mut self, end: TagEnd) -> Block {
        let (mut head, mut rows) = (Vec::new(), Vec::new());
        let mut row = Vec::new();
        while let Some(event) = self.events.next() {
            match event {
                Event::End(found) if found == end => break,
                Event::Start(Tag::TableCell) => row.push(self.inlines(Some(TagEnd::TableCell))),
                Event::End(TagEnd::TableHead) => head = std::mem::take(&mut row),
                Event::End(TagEnd::TableRow) => rows.push(std::mem::take(&mut row)),
                _ => {}
            }
        }
        Block::Table { head, rows }
    }

    fn verbatim(&mut self, end: TagEnd) -> String {
        let mut text = String::new();
        for event in self.events.by_ref() {
            match event {
                Event::End(found) if found == end => break,
                Event::Text(part) => text.push_str(&part),
                _ => {}
            }
        }
        text.truncate(text.trim_end_matches('\n').len());
        text
    }

    /// What stands in a line up to the end of what encloses it; without an end, up to the next block.
    fn inlines(&mut self, end: Option<TagEnd>) -> Vec<Inline> {
        let mut line = Vec::new();
        while let Some(event) = self.events.peek() {
            if end.is_none() && !is_inline(event) {
                break;
            }
            let Some(event) = self.events.next() else { break };
            match event {
                Event::End(found) if Some(found) == end => break,
                Event::Text(text) => push_text(&mut line, &text),
                Event::SoftBreak => push_text(&mut line, " "),
                Event::TaskListMarker(done) => push_text(&mut line, if done { "☑ " } else { "☐ " }),
                Event::HardBreak => line.push(Inline::Break),
                Event::Code(text) => line.push(Inline::Code(text.to_string())),
                Event::InlineHtml(html) | Event::Html(html) => push_html(&mut line, &html),
                Event::Start(tag) => {
                    let inside = self.inlines(Some(tag.to_end()));
                    match tag {
                        Tag::Strong => line.push(Inline::Strong(inside)),
                        Tag::Emphasis => line.push(Inline::Emphasis(inside)),
                        Tag::Strikethrough => line.push(Inline::Struck(inside)),
                        // A page asks nothing of others: a picture elsewhere is a link to it.
                        Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. } => {
                            line.push(Inline::Link(dest_url.to_string(), inside));
                        }
                        _ => line.extend(inside),
                    }
                }
                _ => {}
            }
        }
        trim(&mut line);
        line
    }
}

fn is_inline(event: &Event<'_>) -> bool {
    match event {
        Event::Text(_) | Event::Code(_) | Event::InlineHtml(_) | Event::SoftBreak | Event::HardBreak => true,
        Event::TaskListMarker(_) => true,
        Event::Start(tag) => {
            matches!(tag, Tag::Strong | Tag::Emphasis | Tag::Strikethrough | Tag::Link { .. } | Tag::Image { .. })
        }
        _ => false,
    }
}

/// Words beside words are one text: what is written between two characters hangs on both.
fn push_text(line: &mut Vec<Inline>, text: &str) {
    match line.last_mut() {
        Some(Inline::Text(before)) => before.push_str(text),
        _ => line.push(Inline::text(text)),
    }
}

/// The templates write anchors; anything else is nobody's markup, and is shown.
fn push_html(line: &mut Vec<Inline>, html: &str) {
    if html.trim() == "</a>" {
        return;
    }
    let rest = html.trim();
    let id = rest.strip_prefix("<a id=\"").and_then(|rest| rest.split_once("\">"));
    match id {
        Some((id, "" | "</a>")) if is_anchor(id) => line.push(Inline::Anchor(id.to_owned())),
        _ => push_text(line, rest),
    }
}

/// Is it made of what every site takes in an id?
pub(crate) fn is_anchor(id: &str) -> bool {
    !id.is_empty() && id.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

/// White space at the ends of a line is nothing that a site shows.
fn trim(line: &mut Vec<Inline>) {
    if let Some(Inline::Text(first)) = line.first_mut() {
        *first = first.trim_start().to_owned();
    }
    if let Some(Inline::Text(last)) = line.last_mut() {
        *last = last.trim_end().to_owned();
    }
    line.retain(|inline| !matches!(inline, Inline::Text(text) if text.is_empty()));
}

/// The words of a line.
#[cfg(test)]
pub(crate) fn words(line: &[Inline]) -> String {
    line.iter()
        .map(|inline| match inline {
            Inline::Text(text) | Inline::Code(text) => text.clone(),
            Inline::Link(_, inside) | Inline::Strong(inside) | Inline::Emphasis(inside) | Inline::Struck(inside) => {
                words(inside)
            }
            Inline::Break => "\n".to_owned(),
            Inline::Anchor(_) | Inline::Image(..) => String::new(),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_templates_write_is_read_back() {
        let blocks = read(
            "<a id=\"c-1\"></a>\n\n## A \\| b\n\n- one\n- two\n\n  > said **so**\n\n| a | b |\n| --- | --- |\n| <a id=\"x\"></a>`1` | [t](#c-1) |\n\n```sh\nls\n\n-l\n```\n\n1. a\\\n   b\n\n---\n",
        );
        let text = |text: &str| vec![Inline::text(text)];
        assert_eq!(blocks[0], Block::Paragraph(vec![Inline::Anchor("c-1".to_owned())]));
        assert_eq!(blocks[1], Block::Heading(2, text("A | b")));
        let Block::List { start: None, tight: false, items } = &blocks[2] else { panic!("{:?}", blocks[2]) };
        assert_eq!(items[0], [Block::Paragraph(text("one"))]);
        assert_eq!(
            items[1][1],
            Block::Quote(vec![Block::Paragraph(vec![Inline::text("said "), Inline::Strong(text("so"))])])
        );
        let Block::Table { head, rows } = &blocks[3] else { panic!("{:?}", blocks[3]) };
        assert_eq!((head.len(), rows.len()), (2, 1));
        assert_eq!(rows[0][0], [Inline::Anchor("x".to_owned()), Inline::Code("1".to_owned())]);
        assert_eq!(rows[0][1], [Inline::link("#c-1", "t")]);
        assert_eq!(blocks[4], Block::Code { language: "sh".to_owned(), text: "ls\n\n-l".to_owned() });
        let Block::List { start: Some(1), tight: true, items } = &blocks[5] else { panic!("{:?}", blocks[5]) };
        assert_eq!(items[0], [Block::Paragraph(vec![Inline::text("a"), Inline::Break, Inline::text("b")])]);
        assert_eq!(blocks[6..], [Block::Rule]);
    }

    #[test]
    fn a_link_in_a_heading_goes_below_it() {
        let blocks = without_links_in_headings(read("### [A `b`](#c-1)\n\n## C\n"));
        let heading = vec![Inline::text("A "), Inline::Code("b".to_owned())];
        assert_eq!(blocks[0], Block::Heading(3, heading));
        assert_eq!(blocks[1], Block::Paragraph(vec![Inline::link("#c-1", TO_WHAT_IT_IS_OF)]));
        assert_eq!(blocks[2..], [Block::Heading(2, vec![Inline::text("C")])]);
    }

    #[test]
    fn what_is_nested_without_end_keeps_its_words() {
        let deep = 20_000;
        let (quote, list) = ("> ".repeat(deep) + "quoted", "- ".repeat(deep) + "listed");
        let emphasis = format!("{}stressed{}", "*a ".repeat(deep), " a*".repeat(deep));
        for (markdown, word) in [(quote, "quoted"), (list, "listed"), (emphasis, "stressed")] {
            let blocks = read(&format!("{markdown}\n\n# After\n"));
            assert_eq!(blocks.last(), Some(&Block::Heading(1, vec![Inline::text("After")])), "{word}");
            assert!(format!("{blocks:?}").contains(word), "{word}");
        }
    }

    #[test]
    fn html_that_is_no_anchor_is_shown() {
        let Block::Paragraph(line) = &read("x <b onclick=y>z</b> <a id=\"a b\"></a>")[0] else { panic!("a paragraph") };
        assert_eq!(words(line), "x <b onclick=y>z</b> <a id=\"a b\">");
        let Block::Paragraph(line) = &read("<div>\n\nx")[0] else { panic!("a paragraph") };
        assert_eq!(words(line), "<div>");
    }
}

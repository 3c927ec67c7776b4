//! A document in sections, which are read one after the other: the Markdown parser is several times as fast on short texts
//! that stay in the cache, and who needs no more than a section at a time needs no memory for the rest.
//!
//! A text is only cut before a heading that no block around it could swallow. Whether one could is not guessed: the text
//! before the cut is parsed, and when that leaves something open the cut is taken back and made further down.

use std::ops::Range;
use std::sync::Arc;

use pulldown_cmark::{CodeBlockKind, Event, Options, Parser, Tag};

use super::Document;
use super::read::{Mark, Reader};

/// A section has so many bytes at least, where there are more. In tests, texts are short.
const LEAST: usize = if cfg!(test) { 64 } else { 8 << 10 };

/// Reads a whole document.
pub(super) fn document(text: &str) -> Document {
    let mut sections = Sections::of(text.into());
    while sections.read_on() {}
    sections.reader.finish()
}

/// The sections of a document, each with the headings that it stands under. Places are in the whole document.
pub(crate) struct Sections {
    text: Arc<str>,
    reader: Reader,
    /// Where the next section begins.
    at: usize,
    /// May it be cut at all?
    whole: bool,
    ended: bool,
}

impl Sections {
    /// Of a text.
    pub(crate) fn of(text: Arc<str>) -> Self {
        // The parser would take a byte order mark for a letter.
        let at = if text.starts_with('\u{feff}') { '\u{feff}'.len_utf8() } else { 0 };
        Self {
            reader: Reader::new(Arc::clone(&text)),
            // A link anywhere may be defined anywhere else.
            whole: may_define(&text[at..]),
            at,
            ended: false,
            text,
        }
    }

    /// Reads until the next cut; `false` at the end of the text.
    fn read_on(&mut self) -> bool {
        let mark = self.reader.mark();
        let mut least = LEAST;
        while self.at < self.text.len() {
            let cut = if self.whole { None } else { next_cut(&self.text, self.at.saturating_add(least)) };
            let end = cut.unwrap_or(self.text.len());
            if self.read(self.at..end, &mark) || cut.is_none() {
                self.at = end;
                return true;
            }
            least *= 2;
        }
        false
    }

    /// Reads a part of the text; `false` when what follows might belong to a block of it, and then nothing was read.
    fn read(&mut self, part: Range<usize>, mark: &Mark) -> bool {
        let text = Arc::clone(&self.text);
        let last = part.end == text.len();
        let mut ending = Ending::default();
        for (event, range) in Parser::new_ext(&text[part.clone()], options()).into_offset_iter() {
            let range = range.start + part.start..range.end + part.start;
            if !last {
                ending.see(&event, &range, &text);
            }
            self.reader.event(event, range);
        }
        if !last && ending.is_open() {
            self.reader.back_to(mark);
            return false;
        }
        true
    }
}

impl Iterator for Sections {
    type Item = Document;

    fn next(&mut self) -> Option<Document> {
        if self.ended {
            return None;
        }
        self.read_on();
        self.ended = self.at >= self.text.len();
        Some(if self.ended { self.reader.finish() } else { self.reader.section() })
    }
}

/// A label has fewer bytes, and fewer brackets that stand for themselves.
const LONGEST_LABEL: usize = 4_000;
const MOST_ESCAPES: usize = 8;

/// May a link or a footnote be defined in it: does a `]:` end a bracket that opens where a paragraph may begin?
fn may_define(text: &str) -> bool {
    text.match_indices("]:").any(|(end, _)| {
        let mut label = &text[text.floor_char_boundary(end.saturating_sub(LONGEST_LABEL))..end];
        for _ in 0..MOST_ESCAPES {
            let Some(bracket) = label.rfind(['[', ']']) else { return false };
            let before = &label[..bracket];
            if !before.ends_with('\\') {
                let line = before.rsplit(['\n', '\r']).next().unwrap_or_default();
                let container = |c: char| c.is_whitespace() || c.is_ascii_digit() || ">-*+.)".contains(c);
                // Behind the box of an item there may be a definition too.
                let outside = line.trim_end().strip_suffix(']').and_then(|line| line.strip_suffix(['x', 'X', ' ']));
                let outside = outside.and_then(|line| line.strip_suffix('[')).unwrap_or(line);
                return label[bracket..].starts_with('[') && outside.chars().all(container);
            }
            label = before;
        }
        true
    })
}

fn options() -> Options {
    Options::ENABLE_TABLES
        | Options::ENABLE_FOOTNOTES
        | Options::ENABLE_STRIKETHROUGH
        | Options::ENABLE_TASKLISTS
        | Options::ENABLE_YAML_STYLE_METADATA_BLOCKS
        | Options::ENABLE_PLUSES_DELIMITED_METADATA_BLOCKS
}

/// What a text ends in: a block that goes on past a blank line and a heading, as code does whose fence is not closed?
#[derive(Default)]
struct Ending {
    depth: usize,
    /// Is the last block on the outermost level of such a sort?
    swallows: bool,
    /// Is there a line that would begin metadata if another like it followed?
    may_be_metadata: bool,
}

impl Ending {
    fn see(&mut self, event: &Event<'_>, range: &Range<usize>, text: &str) {
        match event {
            Event::Start(tag) => {
                if self.depth == 0 {
                    self.swallows = match tag {
                        Tag::CodeBlock(CodeBlockKind::Fenced(_)) => !is_closed(&text[range.clone()]),
                        Tag::HtmlBlock => !is_closed_html(&text[range.clone()]),
                        Tag::MetadataBlock(_) | Tag::FootnoteDefinition(_) => true,
                        _ => false,
                    };
                }
                self.depth += 1;
            }
            Event::End(_) => self.depth = self.depth.saturating_sub(1),
            Event::Rule => {
                self.swallows &= self.depth > 0;
                let sign = text[range.clone()].trim_end();
                self.may_be_metadata |= sign == "---" && !is_blank(behind_line(text, range.start));
            }
            Event::Text(shown) => self.may_be_metadata |= shown.starts_with("+++"),
            _ => {}
        }
    }

    fn is_open(&self) -> bool {
        self.swallows || self.may_be_metadata
    }
}

/// Does a block of code end in the fence that closes it?
fn is_closed(block: &str) -> bool {
    let mut lines = block.trim_end_matches([' ', '\t', '\r', '\n']).lines();
    let opening = lines.next().unwrap_or_default().trim_start();
    let Some(last) = lines.next_back() else { return false };
    // Further in, it is a line of the code.
    let closing = last.trim_start_matches(' ');
    let sign = if opening.starts_with('~') { '~' } else { '`' };
    let length = |line: &str| line.len() - line.trim_start_matches(sign).len();
    last.len() - closing.len() <= 3 && length(closing) == closing.len() && length(closing) >= length(opening)
}

/// HTML that a blank line does not end: how it begins, and what ends it.
const HTML: [(&str, &str); 8] = [
    ("<!--", "-->"),
    ("<![cdata[", "]]>"),
    ("<!", ">"),
    ("<?", "?>"),
    ("<script", "</script>"),
    ("<pre", "</pre>"),
    ("<style", "</style>"),
    ("<textarea", "</textarea>"),
];

/// Has a block of HTML ended, be it at the blank line behind it?
fn is_closed_html(block: &str) -> bool {
    let block = block.trim_start().to_ascii_lowercase();
    let long = HTML.iter().find_map(|(begin, end)| Some((block.strip_prefix(begin)?, *end)));
    long.is_none_or(|(inside, end)| inside.contains(end))
}

/// What stands behind the line of a byte.
fn behind_line(text: &str, at: usize) -> &str {
    text[at..].split_once('\n').map_or("", |(_, behind)| behind)
}

fn is_blank(text: &str) -> bool {
    text.lines().next().is_none_or(|line| line.trim().is_empty())
}

/// The first heading with a word in it that stands at the very start of a line behind a blank one, from a byte on.
fn next_cut(text: &str, from: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut from = text.ceil_char_boundary(from);
    while let Some(found) = text.get(from..)?.find("\n#") {
        let at = from + found + 1;
        let before = &bytes[..at];
        let heading = text[at..].trim_start_matches('#');
        let level = text.len() - at - heading.len();
        let worded = heading.strip_prefix(' ').is_some_and(|title| title.starts_with(char::is_alphanumeric));
        if level <= 6 && worded && (before.ends_with(b"\n\n") || before.ends_with(b"\n\r\n")) {
            return Some(at);
        }
        from = at;
    }
    None
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::proofread::document::tests::markdown;

    /// What stands where, whichever document it is in.
    fn shown(documents: &[Document]) -> Vec<(String, Range<usize>, Vec<String>, String)> {
        let of = |document: &Document| {
            let block = |block: &super::super::Block| {
                let text = block.shown.text();
                let titles = document.path(block.scope).map(|scope| document.scopes[scope].title.clone());
                let kind = format!("{:?}", block.kind);
                // Tables and fences are counted anew in each section.
                let kind = kind.split([' ', '(']).next().unwrap_or_default().to_owned();
                (text.to_owned(), block.shown.source(0..text.len()), titles.collect(), kind)
            };
            document.blocks.iter().map(block).collect::<Vec<_>>()
        };
        documents.iter().flat_map(of).collect()
    }

    fn uncut(text: &str) -> Vec<Document> {
        Sections { whole: true, ..Sections::of(text.into()) }.collect()
    }

    fn cut(text: &str) -> Vec<Document> {
        Sections::of(text.into()).collect()
    }

    /// Long enough for a cut behind it.
    fn filler() -> String {
        format!("## Filler\n\n{}\n\n", "word ".repeat(LEAST / 4))
    }

    #[test]
    fn a_text_is_cut_before_headings() {
        let filler = filler();
        for between in [
            "Text.\n",
            "- item\n",
            "<div>\n",
            "<!-- a -->\n",
            "| a |\n|---|\n| 1 |\n",
            "```\ncode\n```\n",
            "> quote\n",
            "---\n",
        ] {
            let text = format!("# Title\n\n{filler}{between}\n## Next\n\n13 rules\n");
            assert_eq!(cut(&text).len(), 2, "{between}");
            assert_eq!(shown(&cut(&text)), shown(&uncut(&text)), "{between}");
            assert_eq!(shown(&cut(&text)), shown(&[Document::parse(&text)]), "{between}");
        }
    }

    #[test]
    fn what_could_swallow_a_heading_is_never_cut() {
        let filler = filler();
        for open in [
            "```\n",
            "~~~\n```\n",
            "```\n    ```\n",
            "```\n```\u{a0}\n",
            "<!--\n",
            "<!-->\n",
            "<?php\n",
            "<script>\n",
            "<PRE>\n",
            "<div>\n",
            "---\nx\n",
            "+++\nx\n",
            "[a]: b\n",
        ] {
            for close in
                ["", "```\n", "~~~\n", "-->\n", "?>\n", "</script>\n", "</pre>\n", "---\n", "+++\n", "[b]: c\n"]
            {
                let text =
                    format!("# Title\n\n{filler}{open}\n## Next\n\n[a] and [b]\n\n{filler}{close}\n# End\n\n1\n");
                assert_eq!(shown(&cut(&text)), shown(&uncut(&text)), "{open}{close}");
            }
        }
    }

    #[test]
    fn a_byte_order_mark_hides_no_definition() {
        let text = format!("\u{feff}[a]: b\n\n{}# End\n\n[a]\n", filler());
        assert_eq!(shown(&cut(&text)), shown(&uncut(&text)));
    }

    #[test]
    fn a_link_that_may_be_defined_anywhere_keeps_a_text_whole() {
        for text in ["[a]: b", "x\n\n[a\nb]: c", "- [^1]: d", "> 1. [a]: b", "- [x] [a]: b", "[a\\]b]: c", "[a\\[b]: c"]
        {
            assert!(may_define(text), "{text}");
        }
        for text in ["", "a[1]: b", "x [a]: b", "| [a]: b |", "[a] [b]: c", "[a]b]: c", "let a: [u8]: x", "]:]:]:"] {
            assert!(!may_define(text), "{text}");
        }
    }

    proptest! {
        #[test]
        fn cuts_change_nothing(parts in prop::collection::vec((markdown(), any::<bool>()), 1..6)) {
            let part = |(part, long): &(String, bool)| format!("{part}\n\n# H\n\n{}", if *long { filler() } else { String::new() });
            let text: String = parts.iter().map(part).collect();
            prop_assert_eq!(shown(&cut(&text)), shown(&uncut(&text)), "{:?}", text);
        }
    }
}

//! Prose as Markdown and as HTML. Prose comes from the audit file; it may carry emphasis, lists, tables, code and links,
//! and nothing that acts: raw HTML becomes text, links lead to `http`, `https`, `mailto` or a relative place, images
//! become links (the document makes no request), headings go below the heading they stand under.

use std::borrow::Cow;
use std::ops::Range;

use pulldown_cmark::{Alignment, CodeBlockKind, CowStr, Event, HeadingLevel, LinkType, Options, Parser, Tag, TagEnd};

use crate::model::captured;

/// What prose may use. Listed one by one: heading attributes would let `# Title {onclick=...}` through.
fn options() -> Options {
    let mut options = Options::empty();
    options.insert(Options::ENABLE_TABLES);
    options.insert(Options::ENABLE_STRIKETHROUGH);
    options.insert(Options::ENABLE_TASKLISTS);
    options
}

/// As HTML, its headings starting at `level` (2 to 6).
pub(super) fn html(text: &str, level: usize) -> String {
    let mut html = String::with_capacity(text.len() + text.len() / 4);
    let events = Parser::new_ext(text, options()).flat_map(|event| framed(harmless(event, level)));
    pulldown_cmark::html::push_html(&mut html, events);
    html
}

/// The words alone, in one line: what a link is called.
pub fn plain(text: &str) -> String {
    let mut words = String::with_capacity(text.len());
    for event in Parser::new_ext(text, options()) {
        match event {
            Event::Text(text) | Event::Code(text) | Event::Html(text) | Event::InlineHtml(text) => {
                words.push_str(&text)
            }
            Event::SoftBreak | Event::HardBreak | Event::End(_) if !words.ends_with(' ') => {
                if matches!(event, Event::SoftBreak | Event::HardBreak | Event::End(TagEnd::Paragraph | TagEnd::Item)) {
                    words.push(' ');
                }
            }
            _ => {}
        }
    }
    captured::line(&words).into_owned()
}

/// As HTML to stand inside a line: a single paragraph loses its frame.
pub(super) fn inline_html(text: &str) -> String {
    let html = html(text, 6);
    let inner = html.trim_end().strip_prefix("<p>").and_then(|rest| rest.strip_suffix("</p>"));
    match inner {
        Some(inner) if !inner.contains("<p>") => inner.to_owned(),
        _ => html,
    }
}

/// A table in a frame of its own, so that a wide one scrolls, by keyboard too, and the page does not.
fn framed(event: Event<'_>) -> impl Iterator<Item = Event<'_>> {
    let html = |text| Some(Event::Html(CowStr::Borrowed(text)));
    let (before, after) = match &event {
        Event::Start(Tag::Table(_)) => (html("<div class=\"scroll\" tabindex=\"0\">\n"), None),
        Event::End(TagEnd::Table) => (None, html("</div>\n")),
        _ => (None, None),
    };
    before.into_iter().chain([event]).chain(after)
}

fn harmless(event: Event<'_>, level: usize) -> Event<'_> {
    match event {
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(visible(text)),
        Event::Text(text) => Event::Text(visible(text)),
        Event::Code(text) => Event::Code(visible(text)),
        Event::Start(Tag::HtmlBlock) => Event::Start(Tag::Paragraph),
        Event::End(TagEnd::HtmlBlock) => Event::End(TagEnd::Paragraph),
        Event::Start(Tag::Heading { level: written, .. }) => {
            Event::Start(Tag::Heading { level: below(written, level), id: None, classes: vec![], attrs: vec![] })
        }
        Event::End(TagEnd::Heading(written)) => Event::End(TagEnd::Heading(below(written, level))),
        Event::Start(Tag::Link { link_type, dest_url, title, id }) => {
            Event::Start(Tag::Link { link_type, dest_url: safe_target(dest_url), title, id })
        }
        Event::Start(Tag::Image { dest_url, title, id, .. }) => {
            Event::Start(Tag::Link { link_type: LinkType::Inline, dest_url: safe_target(dest_url), title, id })
        }
        Event::End(TagEnd::Image) => Event::End(TagEnd::Link),
        // Column alignment would be written as an inline style, which the page's policy forbids.
        Event::Start(Tag::Table(columns)) => Event::Start(Tag::Table(vec![Alignment::None; columns.len()])),
        Event::Start(Tag::CodeBlock(_)) => Event::Start(Tag::CodeBlock(CodeBlockKind::Indented)),
        Event::TaskListMarker(done) => Event::Text(CowStr::Borrowed(if done { "☑ " } else { "☐ " })),
        other => other,
    }
}

fn visible(text: CowStr<'_>) -> CowStr<'_> {
    let shown = match captured::block(&text) {
        Cow::Borrowed(_) => None,
        Cow::Owned(shown) => Some(shown),
    };
    shown.map_or(text, CowStr::from)
}

/// The heading as deep as it was written, counted from `level`.
fn below(written: HeadingLevel, level: usize) -> HeadingLevel {
    HeadingLevel::try_from((written as usize + level - 1).min(6)).unwrap_or(HeadingLevel::H6)
}

fn safe_target(target: CowStr<'_>) -> CowStr<'_> {
    if is_safe_target(&target) { target } else { CowStr::Borrowed("") }
}

/// Has the address a scheme that only leads somewhere? White space and controls inside a scheme are ignored, as browsers
/// do.
fn is_safe_target(target: &str) -> bool {
    let plain: String = target.chars().filter(|c| !c.is_control() && !c.is_whitespace()).collect();
    let head = plain.split(['/', '?', '#']).next().unwrap_or_default();
    match head.split_once(':') {
        Some((scheme, _)) => ["http", "https", "mailto"].iter().any(|safe| scheme.eq_ignore_ascii_case(safe)),
        None => true,
    }
}

/// As Markdown that stands in another document: headings start at `level`, raw HTML and unsafe links are text, images are
/// links, and a code block that was left open is closed, so that it cannot swallow what follows.
pub(super) fn markdown(text: &str, level: usize) -> String {
    settled(&inline_links(captured::block(text.trim())), level)
}

/// The same, of a text that defines nothing.
fn settled(text: &str, level: usize) -> String {
    let mut changed = String::with_capacity(text.len() + 16);
    let mut done = 0;
    for (event, range) in Parser::new_ext(text, options()).into_offset_iter() {
        let Some(original) = text.get(range.clone()) else { continue };
        let new = match event {
            Event::Html(_) | Event::InlineHtml(_) => escaped_lines(original),
            Event::Start(Tag::Heading { level: written, .. }) => heading(original, below(written, level)),
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) if !is_safe_target(&dest_url) => {
                captured::markdown(original)
            }
            // Only the mark goes: what stands inside is looked at on its own.
            Event::Start(Tag::Image { .. }) => {
                let before = text.get(done..range.start).unwrap_or_default();
                let marked = before.ends_with('!') || (before.is_empty() && changed.ends_with('!'));
                let new = if marked { "\\!" } else { "" };
                replace(text, &mut changed, &mut done, range.start..range.start + 1, new);
                continue;
            }
            _ => continue,
        };
        replace(text, &mut changed, &mut done, range, &new);
    }
    changed.push_str(text.get(done..).unwrap_or_default());
    close_fence(&mut changed);
    changed
}

/// The text with the address of each link in the link itself. A definition (`[x]: https://...`) would hold in the whole
/// document, for the `[x]` of other texts too.
fn inline_links(text: Cow<'_, str>) -> Cow<'_, str> {
    if !text.contains("]:") {
        return text;
    }
    let definitions = |text: &str| -> Vec<Range<usize>> {
        let parser = Parser::new_ext(text, options());
        parser.reference_definitions().iter().map(|(_, definition)| definition.span.clone()).collect()
    };
    let links = Parser::new_ext(&text, options()).into_offset_iter().filter_map(|(event, range)| match event {
        Event::Start(Tag::Link { link_type, dest_url, .. } | Tag::Image { link_type, dest_url, .. }) => {
            let label = match link_type {
                LinkType::Shortcut => range.end..range.end,
                // The empty brackets are not of the range.
                LinkType::Collapsed if text.get(range.end..)?.starts_with("[]") => range.end..range.end + 2,
                LinkType::Collapsed => range.end..range.end,
                LinkType::Reference => range.start + text.get(range.clone())?.rfind("][")? + 1..range.end,
                _ => return None,
            };
            Some((label, format!("({})", address(&dest_url))))
        }
        _ => None,
    });
    let gone = definitions(&text).into_iter().map(|span| (span, String::new()));
    let inline = edited(&text, links.chain(gone).collect());
    // What is defined twice is defined still.
    Cow::Owned(if definitions(&inline).is_empty() { inline } else { inline.replace("]:", "]\\:") })
}

fn edited(text: &str, mut edits: Vec<(Range<usize>, String)>) -> String {
    edits.sort_by_key(|(range, _)| (range.start, range.end));
    let (mut changed, mut done) = (String::with_capacity(text.len()), 0);
    for (range, new) in edits {
        replace(text, &mut changed, &mut done, range, &new);
    }
    changed.push_str(text.get(done..).unwrap_or_default());
    changed
}

/// An address as it may stand in a link, in a cell of a table too.
fn address(target: &str) -> String {
    let mut written = String::with_capacity(target.len());
    for c in target.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '(' | ')' | '<' | '>' | '\\' | '|' | '`' => written.push_str(&format!("%{:02X}", u32::from(c))),
            c if c.is_ascii() && (c.is_ascii_control() || c == ' ') => {
                written.push_str(&format!("%{:02X}", u32::from(c)))
            }
            c => written.push(c),
        }
    }
    written
}

/// Copies the text up to `range`, then `new` in its place. What lies inside a range replaced before is left alone.
fn replace(text: &str, changed: &mut String, done: &mut usize, range: Range<usize>, new: &str) {
    if range.start >= *done {
        changed.push_str(text.get(*done..range.start).unwrap_or_default());
        changed.push_str(new);
        *done = range.end;
    }
}

fn escaped_lines(text: &str) -> String {
    text.split('\n').map(captured::markdown).collect::<Vec<_>>().join("\n")
}

fn heading(original: &str, level: HeadingLevel) -> String {
    let ending = if original.ends_with('\n') { "\n" } else { "" };
    let mut title = original.trim();
    if title.starts_with('#') {
        title = title.trim_start_matches('#').trim();
    } else if let Some((written, _underline)) = title.rsplit_once('\n') {
        title = written.trim();
    }
    let title = settled(&title.replace('\n', " "), level as usize);
    format!("{} {title}{ending}", "#".repeat(level as usize))
}

fn close_fence(text: &mut String) {
    const PROBE: &str = "countersignprobe";
    let probed = format!("{text}\n\n{PROBE}");
    let mut opening = None;
    let mut unclosed = None;
    for (event, range) in Parser::new_ext(&probed, options()).into_offset_iter() {
        match event {
            Event::Start(Tag::CodeBlock(_)) => opening = probed.get(range.start..),
            Event::End(TagEnd::CodeBlock) => opening = None,
            Event::Text(text) if text.contains(PROBE) => unclosed = opening,
            _ => {}
        }
    }
    let Some(opening) = unclosed else { return };
    // Only the mark it begins with: the other one may follow as the name of a language.
    let mark = opening.chars().next().filter(|mark| matches!(mark, '`' | '~')).unwrap_or('`');
    let fence: String = opening.chars().take_while(|c| *c == mark).collect();
    text.push('\n');
    text.push_str(&fence);
}

/// As Markdown in one line, for a cell of a table.
pub(super) fn inline_markdown(text: &str) -> String {
    let flat = markdown(text, 6).split_whitespace().collect::<Vec<_>>().join(" ");
    let mut cell = String::with_capacity(flat.len());
    let mut escaped = false;
    for c in flat.chars() {
        if c == '|' && !escaped {
            cell.push('\\');
        }
        escaped = c == '\\' && !escaped;
        cell.push(c);
    }
    cell
}

/// As Markdown inside an item of a list: every line after the first is indented, as far as the item's mark is wide.
pub(super) fn item_markdown(text: &str, indent: usize) -> String {
    markdown(text, 6).lines().collect::<Vec<_>>().join(&format!("\n{:indent$}", ""))
}

/// Markdown behind other words of its line. What does not begin with a paragraph (a list, a block of code) is no such thing
/// there, and stands below them, `indent` deep.
pub(super) fn behind(markdown: &str, indent: usize) -> String {
    let (begins, _) = ends(markdown);
    if begins { format!(" {markdown}") } else { format!("\n\n{:indent$}{markdown}", "") }
}

/// Markdown between other words of its line. As [`behind`], and those that follow stand below what does not end with a
/// paragraph.
pub(super) fn between(markdown: &str, indent: usize) -> String {
    let (_, closes) = ends(markdown);
    let after = if closes { " ".to_owned() } else { format!("\n\n{:indent$}", "") };
    behind(markdown, indent) + &after
}

/// Does it begin with a paragraph, and does it end with one?
fn ends(markdown: &str) -> (bool, bool) {
    let (mut depth, mut first, mut last) = (0_usize, None, true);
    for event in Parser::new_ext(markdown, options()) {
        let is = match &event {
            Event::End(_) => {
                depth -= 1;
                continue;
            }
            Event::Start(tag) => {
                depth += 1;
                matches!(tag, Tag::Paragraph)
            }
            _ => false,
        };
        let begins = depth == usize::from(matches!(event, Event::Start(_)));
        if begins {
            first.get_or_insert(is);
            last = is;
        }
    }
    (first.unwrap_or(true), last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_prose_can_act() {
        let html = html(
            "# H {onclick=alert(1)}\n\n<script>alert(1)</script>\n\n[a](javascript:alert(1)) [b](JAVA\tSCRIPT:x) \
             <javascript:alert(1)> ![i](https://x.example/p.png) [ok](https://x.example) [rel](a/b:c) <b onclick=x>",
            4,
        );
        assert!(!html.contains("<script") && !html.contains("<b ") && !html.contains("<img"), "{html}");
        assert!(!html.to_lowercase().contains("href=\"java"), "{html}");
        assert!(html.contains("<h4>H {onclick=alert(1)}</h4>"), "{html}");
        assert!(html.contains("href=\"https://x.example\"") && html.contains("href=\"a/b:c\""), "{html}");
    }

    #[test]
    fn tables_carry_no_inline_style_and_tasks_no_controls() {
        let html = html("| a |\n| -: |\n| 1 |\n\n- [x] done\n- [ ] open\n", 4);
        assert!(!html.contains("style") && !html.contains("<input"), "{html}");
        assert!(html.contains("☑ done") && html.contains("☐ open"), "{html}");
    }

    #[test]
    fn headings_go_below_their_section() {
        assert_eq!(
            markdown("# One\n\ntext\n\nTwo\n---\n\n##### Five", 4),
            "#### One\n\ntext\n\n##### Two\n\n###### Five"
        );
    }

    #[test]
    fn markdown_keeps_its_words_and_loses_its_markup() {
        assert_eq!(markdown("a <b>x</b> *y*", 4), "a &lt;b&gt;x&lt;/b&gt; *y*");
        assert_eq!(markdown("[x](javascript:y)", 4), "\\[x\\](javascript\\:y)");
        assert_eq!(markdown("[x](https://y.example)", 4), "[x](https://y.example)");
    }

    #[test]
    fn an_image_is_a_link_in_markdown_too() {
        for (written, expected) in [
            ("a ![pix](https://t.example/p.png) b", "a [pix](https://t.example/p.png) b"),
            ("!![a](u)![b](v)", "!\\![a](u)[b](v)"),
            ("![![a](u)](v)", "[[a](u)](v)"),
            ("![a [b](javascript:x)](u)", "[a \\[b\\](javascript\\:x)](u)"),
            ("![a][x] ![X][] ![x]\n\n[x]: u", "[a](u) [X](u) [x](u)"),
        ] {
            assert_eq!(markdown(written, 4).trim_end(), expected, "{written}");
        }
    }

    #[test]
    fn no_definition_holds_in_the_document() {
        for (written, expected) in [
            (
                "See [the log][x], [x] and [X][].\n\n[x]: https://y.example 'title'",
                "See [the log](https://y.example), [x](https://y.example) and [X](https://y.example).",
            ),
            ("[x]: javascript:alert(1)\n\nno link", "no link"),
            ("[x]\n\n[x]: javascript:alert", "\\[x\\](javascript\\:alert)"),
            ("# On [x]\n\n[x]: <a (b)|c>", "#### On [x](a%20%28b%29%7Cc)"),
            ("> [a]: u\n\n- [a]", "> \n\n- [a](u)"),
            ("[a]: u\n[a]: v\n[a]: w", "[a]\\: v\n[a]\\: w"),
            ("a [b]: c", "a [b]: c"),
            ("# [b]: c", "#### [b]: c"),
        ] {
            assert_eq!(markdown(written, 4).trim(), expected, "{written}");
        }
    }

    #[test]
    fn what_is_no_paragraph_stands_below_its_label() {
        for (text, amid) in [
            ("Because *so*.", "X: Because *so*. Y"),
            ("one\n\n- two", "X: one\n\n- two\n\n  Y"),
            ("```sh\nrm", "X:\n\n  ```sh\nrm\n```\n\n  Y"),
            ("# Title\n\ntext", "X:\n\n  #### Title\n\ntext Y"),
            ("| a |\n| - |", "X:\n\n  | a |\n| - |\n\n  Y"),
            ("---", "X:\n\n  ---\n\n  Y"),
            ("", "X:  Y"),
        ] {
            assert_eq!(format!("X:{}Y", between(&markdown(text, 4), 2)), amid);
        }
        assert_eq!(behind(&item_markdown("- a\n- b", 3), 3), "\n\n   - a\n   - b");
    }

    #[test]
    fn an_open_code_block_is_closed() {
        assert_eq!(markdown("a\n\n```sh\nrm", 4), "a\n\n```sh\nrm\n```");
        assert_eq!(markdown("~~~~\nx", 4), "~~~~\nx\n~~~~");
        assert_eq!(markdown("```\n~~~", 4), "```\n~~~\n```");
        assert_eq!(markdown("~~~`\nx", 4), "~~~`\nx\n~~~");
        assert_eq!(markdown("```\nx\n```", 4), "```\nx\n```");
        assert_eq!(markdown("- ```\n  x", 4), "- ```\n  x");
    }

    #[test]
    fn a_cell_is_one_line_and_keeps_its_pipes() {
        assert_eq!(inline_markdown("a | b\nc \\| d"), "a \\| b c \\| d");
        assert_eq!(inline_html("one *two*"), "one <em>two</em>");
        assert!(inline_html("one\n\ntwo").contains("</p>"));
    }

    proptest::proptest! {
        #[test]
        fn prose_never_swallows_what_follows(text in "[a`~<>!\\-\\[\\]()#*|\\n ]{0,60}") {
            let document = format!("{}\n\nAFTERWARDS\n", markdown(&text, 4));
            let mut depth = Vec::new();
            let mut alone = false;
            for event in Parser::new_ext(&document, options()) {
                match event {
                    Event::Start(tag) => depth.push(tag.to_end()),
                    Event::End(_) => { depth.pop(); }
                    Event::Text(text) if &*text == "AFTERWARDS" => alone = depth == [TagEnd::Paragraph],
                    _ => {}
                }
            }
            proptest::prop_assert!(alone, "{document:?}");
        }

        #[test]
        fn prose_swallows_neither_its_label_nor_what_follows_in_its_line(text in "[a1`~<>!.\\-\\[\\]()#*|\\n :]{0,60}") {
            let document = format!("1. LABEL:{}BEHIND", between(&item_markdown(&text, 3), 3));
            let (mut depth, mut seen) = (Vec::new(), Vec::new());
            for event in Parser::new_ext(&document, options()) {
                match event {
                    Event::Start(tag) => depth.push(tag.to_end()),
                    Event::End(_) => { depth.pop(); }
                    Event::Text(text) | Event::Code(text) => {
                        for word in ["LABEL:", "BEHIND"] {
                            let plain = !depth.iter().any(|tag| matches!(tag, TagEnd::CodeBlock | TagEnd::HtmlBlock));
                            if text.contains(word) && plain { seen.push(word) }
                        }
                    }
                    _ => {}
                }
            }
            proptest::prop_assert_eq!(seen, ["LABEL:", "BEHIND"], "{:?}", document);
        }

        #[test]
        fn prose_has_neither_images_nor_definitions(text in "[ax!\\\\\\[\\]():<>`\\n ]{0,40}") {
            let shown = markdown(&text, 4);
            let parser = Parser::new_ext(&shown, options());
            proptest::prop_assert_eq!(parser.reference_definitions().iter().count(), 0, "{:?}", &shown);
            let image = parser.into_iter().any(|event| matches!(event, Event::Start(Tag::Image { .. })));
            proptest::prop_assert!(!image, "{:?}", &shown);
        }

        #[test]
        fn prose_has_no_element_but_those_of_markdown(text in "[ab<>!/\\-\\[\\]()\"'=: #*|\\n`]{0,60}") {
            let html = html(&text, 4);
            let known = regex::Regex::new(
                r#"^</?(a( href="[^"<>]*")?( title="[^"<>]*")?|p|em|strong|code|pre|h[4-6]|hr|br|ul|ol|li|blockquote|div( class="scroll" tabindex="0")?|table|thead|tbody|tr|t[hd])( start="\d+")?( /)?>"#,
            ).unwrap();
            for (at, _) in html.match_indices('<') {
                proptest::prop_assert!(known.is_match(&html[at..]), "{html}");
            }
        }
    }
}

//! Text that stays text on every site: in Markdown of any dialect, under any template language, after any plugin.
//!
//! Where it comes from: of twelve generators each was given hostile text, and the built page compared with the text. What
//! stands here came through all of them unchanged.

use std::fmt::Write as _;

/// What is put between two characters that together would mean something to a plugin which reads the finished page. It
/// shows nothing.
const SPLIT: &str = "<span></span>";

/// Words in a line, or lines of code in one physical line: gardens look for links and tags in code, too. Every ASCII
/// character but letters, digits, space and comma is written as a decimal character reference.
pub(crate) fn text(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 2);
    let mut rest = text.chars().peekable();
    let mut before = String::new();
    while let Some(c) = rest.next() {
        if c == '.' && before == "www" {
            // `www.` alone makes a link of what follows it.
            written.push_str(SPLIT);
        }
        push(&mut written, c);
        if let Some(next) = rest.peek().copied().filter(|next| !next.is_whitespace()) {
            let splits = match c {
                '[' | ']' => next == c,
                // Mathematics is set in the reader's browser, in text that is one piece.
                ':' | '#' | '@' | '$' | '\\' => true,
                _ => false,
            };
            if splits {
                written.push_str(SPLIT);
            }
        }
        before.push(c.to_ascii_lowercase());
        if before.chars().count() > 3 {
            before.remove(0);
        }
    }
    written
}

/// Text in a quoted attribute of HTML, in one physical line.
pub(crate) fn lines(text: &str) -> String {
    let mut written = String::with_capacity(text.len() * 3);
    for c in text.chars() {
        push(&mut written, c);
    }
    written
}

fn push(written: &mut String, c: char) {
    if c.is_ascii_alphanumeric() || c == ' ' || c == ',' {
        written.push(c);
    } else if c.is_ascii() {
        // A control character has no reference that HTML takes.
        let code = if c.is_ascii_control() && c != '\n' && c != '\t' { 0xfffd } else { u32::from(c) };
        // Writing to a string cannot fail.
        let _ = write!(written, "&#{code};");
    } else {
        written.push(c);
    }
}

/// Text in XML, in an element or a quoted attribute. What XML cannot hold becomes U+FFFD.
pub(crate) fn xml(text: &str) -> String {
    let mut written = String::with_capacity(text.len() + text.len() / 8);
    for c in text.chars() {
        match c {
            '&' => written.push_str("&amp;"),
            '<' => written.push_str("&lt;"),
            '>' => written.push_str("&gt;"),
            '"' => written.push_str("&quot;"),
            '\'' => written.push_str("&#39;"),
            c => written.push(in_xml(c)),
        }
    }
    written
}

/// Text in a CDATA section of XML.
pub(crate) fn cdata(text: &str) -> String {
    let text: String = text.chars().map(in_xml).collect();
    format!("<![CDATA[{}]]>", text.replace("]]>", "]]]]><![CDATA[>"))
}

fn in_xml(c: char) -> char {
    match c {
        '\t' | '\n' => c,
        '\0'..='\u{1f}' | '\u{fffe}' | '\u{ffff}' => '\u{fffd}',
        c => c,
    }
}

/// A title that no generator takes for anything else, wherever it puts it: letters of any script, digits and
/// `.,:()_+/-`; a space in place of all others, and of a colon inside a word or before one, which may name a small picture.
/// Some generators write a title into the page as it is.
pub(crate) fn title(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || ".,:()_+/-".contains(c);
    let spaced: String = text.chars().map(|c| if plain(c) { c } else { ' ' }).collect();
    let ends = |word: &str| word.trim_end_matches(':').replace(':', " ") + if word.ends_with(':') { ":" } else { "" };
    let words: Vec<String> = spaced.split_whitespace().map(ends).collect();
    words.join(" ").split_whitespace().filter(|word| *word != ":").collect::<Vec<_>>().join(" ")
}

/// An address of the web that only leads somewhere, fit for a quoted attribute under any template language; `None` for any
/// other.
pub(crate) fn address(url: &str) -> Option<String> {
    let lower = url.to_ascii_lowercase();
    if !["https://", "http://", "mailto:"].iter().any(|scheme| lower.starts_with(scheme)) {
        return None;
    }
    let mut encoded = String::with_capacity(url.len());
    for byte in url.bytes() {
        if byte.is_ascii_alphanumeric() || b"-._~:/?#@!&'()*+,;=%".contains(&byte) {
            encoded.push(char::from(byte));
        } else {
            let _ = write!(encoded, "%{byte:02X}");
        }
    }
    Some(encoded)
}

/// Backticks around code: as many as it takes.
pub(crate) fn backticks(text: &str, least: usize) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

    use super::*;

    /// What a page shows, and that nothing else is in it.
    fn shown(markdown: &str) -> Result<String, String> {
        let mut shown = String::new();
        for event in Parser::new_ext(markdown, Options::all()) {
            match event {
                Event::Text(text) => shown.push_str(&text),
                Event::InlineHtml(html) if matches!(&*html, "<span>" | "</span>") => {}
                Event::Start(Tag::Paragraph) | Event::End(TagEnd::Paragraph) => {}
                other => return Err(format!("{other:?} in {markdown:?}")),
            }
        }
        Ok(shown)
    }

    /// The strings that broke builds, leaked files or ran in a browser.
    const HOSTILE: &str = include_str!("../../fixtures/hostile.txt");

    #[test]
    fn what_breaks_sites_is_text() {
        for hostile in HOSTILE.lines() {
            assert_eq!(shown(&text(hostile)).unwrap(), hostile);
            assert_eq!(shown(&format!("x {}", text(hostile))).unwrap(), format!("x {hostile}"));
            let plain =
                |written: &str| !written.contains(['{', '}', '[', ']', '`', '|', '$', '%', '@', '!', ':', '"', '\'']);
            assert!(plain(&text(hostile)) && plain(&lines(hostile)), "{hostile}");
        }
    }

    #[test]
    fn plugins_that_read_the_finished_page_find_nothing() {
        let signs = regex::Regex::new(r"(?i)\[\[|\]\]|\w:\S|(^|\s)[#@]\w|www\.|://|[$\\]\S").unwrap();
        for hostile in HOSTILE.lines() {
            for node in text(hostile).split(SPLIT) {
                assert!(!signs.is_match(&shown(&format!("x{node}")).unwrap()[1..]), "{hostile}: {node}");
            }
        }
    }

    #[test]
    fn a_title_holds_nothing_that_acts() {
        assert_eq!(title("</title><img onerror=x> \"Größe\": {{ 7 }} #1\u{202e}"), "/title img onerror x Größe 7 1");
        assert_eq!(title("a: b:c :smile: :+1: ::: d"), "a: b c smile: +1: d");
        assert_eq!(title("Go-live (v2.0), 日本"), "Go-live (v2.0), 日本");
    }

    #[test]
    fn an_address_leads_somewhere_or_is_none() {
        assert_eq!(
            address("https://x.example/a?b=1&c={{ 7 }}\"|<>").as_deref(),
            Some("https://x.example/a?b=1&c=%7B%7B%207%20%7D%7D%22%7C%3C%3E")
        );
        for none in ["javascript:alert(1)", "JAVA\tSCRIPT:x", "docs/a.md", "//x.example", "data:text/html,x", ""] {
            assert_eq!(address(none), None, "{none}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_text_in_a_line_reads_as_itself(any in "[ -~éß·日\u{a0}…]{0,60}") {
            let shown = shown(&format!("x{}x", text(&any)));
            proptest::prop_assert_eq!(shown, Ok(format!("x{any}x")));
        }

        #[test]
        fn any_text_alone_is_a_paragraph(any in "[!-~][ -~]{0,40}[!-~]") {
            proptest::prop_assert_eq!(shown(&text(&any)), Ok(any));
        }

        #[test]
        fn any_lines_are_one_line_and_read_as_themselves(any in "[ -~\n\té]{0,80}") {
            let written = lines(&any);
            proptest::prop_assert!(!written.contains('\n'));
            let back: String = shown(&format!("x{written}x")).unwrap();
            proptest::prop_assert_eq!(back, format!("x{any}x"));
        }

        #[test]
        fn any_text_comes_back_from_xml(any in "\\PC{0,60}") {
            let document = format!("<a b=\"{}\">{}</a>", xml(&any), cdata(&any));
            let mut reader = quick_xml::Reader::from_str(&document);
            let (mut found, mut attribute) = (String::new(), String::new());
            loop {
                match reader.read_event().unwrap() {
                    quick_xml::events::Event::Start(start) => {
                        let value = start.attributes().next().unwrap().unwrap();
                        attribute = quick_xml::escape::unescape(&value.value).unwrap().into_owned();
                    }
                    quick_xml::events::Event::CData(data) => found.push_str(&data),
                    quick_xml::events::Event::Eof => break,
                    _ => {}
                }
            }
            let wanted: String = any.chars().map(in_xml).collect();
            proptest::prop_assert_eq!(&found, &wanted);
            proptest::prop_assert_eq!(&attribute, &wanted);
        }
    }
}

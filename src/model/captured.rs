//! Captured text made fit to be shown: nothing in it may act on a terminal, reorder a line or become markup.
//!
//! Every layer that shows what came from outside (a value, a header, a line of output) shows it through here. What is
//! changed stays visible: an escape character is printed as `\u{1b}`, it does not disappear.

use std::borrow::Cow;
use std::fmt::Write as _;

/// Text in several lines with everything invisible spelled out (`\u{202e}`). Line feeds and tabs stay; a carriage
/// return before a line feed goes.
pub fn block(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|byte| matches!(byte, b' '..=b'~' | b'\n' | b'\t')) {
        // Nearly every text: nothing to look up.
        return Cow::Borrowed(text);
    }
    if !text.chars().any(|c| c != '\n' && is_hidden(c)) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    let mut rest = text.chars().peekable();
    while let Some(c) = rest.next() {
        match c {
            '\n' => shown.push('\n'),
            '\r' if rest.peek() == Some(&'\n') => {}
            c => push_visible(&mut shown, c),
        }
    }
    Cow::Owned(shown)
}

/// Text in one line: [`block`] with line feeds as `⏎` and without the white space at its ends.
pub fn line(text: &str) -> Cow<'_, str> {
    let trimmed = text.trim();
    if trimmed.bytes().all(|byte| matches!(byte, b' '..=b'~')) {
        return Cow::Borrowed(trimmed);
    }
    if !trimmed.chars().any(|c| c == '\t' || is_hidden(c)) {
        return Cow::Borrowed(trimmed);
    }
    let shown = block(trimmed);
    Cow::Owned(
        shown.chars().map(|c| if c == '\n' { '⏎' } else { c }).map(|c| if c == '\t' { ' ' } else { c }).collect(),
    )
}

/// Is each byte of a text one of those? All of it is looked at, whatever is found: for the short texts of a report that is
/// quicker than deciding at each letter whether to go on.
pub fn is_all(text: &str, one: impl Fn(u8) -> bool) -> bool {
    text.bytes().fold(true, |all, byte| all & one(byte))
}

/// Is there nothing to be seen in it? Such a name is nobody's, and such a sentence says nothing.
pub fn is_blank(text: &str) -> bool {
    text.chars().all(|c| c.is_whitespace() || is_hidden(c))
}

/// [`line`] cut to at most `most` characters with `…` at the end. What is spelled out counts as the one character it was.
pub fn shortened(text: &str, most: usize) -> String {
    let text = text.trim();
    if text.chars().nth(most).is_none() {
        return line(text).into_owned();
    }
    let kept: String = text.chars().take(most.saturating_sub(1)).collect();
    format!("{}…", line(&kept))
}

/// Control and direction characters become one visible character each, so that columns stay true.
pub fn in_place(text: &str) -> String {
    text.chars()
        .map(|character| match character {
            '\t' | '\n' => character,
            c @ '\0'..='\u{1f}' => char::from_u32(0x2400 + u32::from(c)).unwrap_or('\u{fffd}'),
            '\u{7f}'..='\u{9f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' => {
                '\u{fffd}'
            }
            '\u{61c}' | '\u{feff}' => '\u{fffd}',
            other => other,
        })
        .collect()
}

/// JSON whose strings hold nothing that acts on a terminal or moves what is seen: the same values, spelled out.
pub fn json(text: String) -> String {
    let acts = |c: char| !matches!(c, '\0'..='~') && is_hidden(c);
    if !text.contains(acts) {
        return text;
    }
    let mut spelled = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if acts(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                // Writing to a string cannot fail.
                let _ = write!(spelled, "\\u{unit:04x}");
            }
        } else {
            spelled.push(c);
        }
    }
    spelled
}

/// [`line`] as Markdown text that renders to exactly these characters: in a paragraph, a list item, a heading or a cell
/// of a table, under CommonMark, GFM and the usual extensions (wiki links, tags, emoji names, mathematics, templates).
pub fn markdown(text: &str) -> String {
    let shown = line(text);
    let mut escaped = String::with_capacity(shown.len() + 16);
    let mut before: Option<char> = None;
    let mut rest = shown.chars().peekable();
    let mut leading_digits = true;
    while let Some(c) = rest.next() {
        let next = rest.peek().copied();
        match c {
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            '&' => escaped.push_str("&amp;"),
            '{' => escaped.push_str("&#123;"),
            '}' => escaped.push_str("&#125;"),
            '@' => escaped.push_str("&#64;"),
            '.' if ends_in_www(&escaped) => escaped.push_str("&#46;"),
            c => {
                if needs_backslash(c, before, next, leading_digits) {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
        leading_digits &= c.is_ascii_digit();
        before = Some(c);
    }
    escaped
}

/// Would GFM make a link of what a dot follows here?
fn ends_in_www(escaped: &str) -> bool {
    escaped.len().checked_sub(3).and_then(|at| escaped.get(at..)).is_some_and(|end| end.eq_ignore_ascii_case("www"))
}

fn needs_backslash(c: char, before: Option<char>, next: Option<char>, leading_digits: bool) -> bool {
    let word = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    match c {
        '\\' | '`' | '*' | '[' | ']' | '#' | '|' | '~' | '$' | '^' => true,
        '_' => !(word(before) && word(next)),
        ':' => next.is_some_and(|next| !next.is_whitespace() && !next.is_ascii_digit()),
        '=' | '%' => before == Some(c) || next == Some(c) || before.is_none(),
        '+' | '-' => before.is_none(),
        '.' | ')' => leading_digits && before.is_some() && next.is_none_or(char::is_whitespace),
        _ => false,
    }
}

fn push_visible(shown: &mut String, c: char) {
    if is_hidden(c) {
        // Writing to a string cannot fail.
        let _ = write!(shown, "\\u{{{:x}}}", u32::from(c));
    } else {
        shown.push(c);
    }
}

/// Characters that are not seen, or that move what is seen: controls, bidirectional controls, zero-width characters,
/// line separators, soft hyphens, tags and interlinear marks. A tab is not among them.
fn is_hidden(c: char) -> bool {
    (c.is_control() && c != '\t')
        || matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}')
        || matches!(c, '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escape_sequences_and_direction_marks_are_spelled_out() {
        assert_eq!(block("a\u{1b}[31mred\u{202e}\r\nb\tc\0"), "a\\u{1b}[31mred\\u{202e}\nb\tc\\u{0}");
        assert_eq!(line("  one\ntwo\rthree\tfour "), "one⏎two\\u{d}three four");
    }

    #[test]
    fn json_says_the_same_and_nothing_in_it_acts() {
        let hostile = "a\u{9b}31m\u{202e}\u{e0041}\u{7f}\tß";
        let plain = serde_json::to_string(hostile).unwrap();
        let spelled = json(plain);
        assert_eq!(spelled, r#""a\u009b31m\u202e\udb40\udc41\u007f\tß""#);
        assert_eq!(serde_json::from_str::<String>(&spelled).unwrap(), hostile);
    }

    #[test]
    fn shortened_text_says_that_it_goes_on() {
        assert_eq!(shortened("abcdef", 4), "abc…");
        assert_eq!(shortened("abcd", 4), "abcd");
        assert_eq!(shortened("a\u{1b}bcdef", 4), "a\\u{1b}b…");
        assert_eq!(shortened("", 4), "");
    }

    #[test]
    fn plain_words_and_figures_stay_as_they_are() {
        for text in ["1,026 of 1,044 (98.28 %)", "47.8 hours", "feature_flags", "20 October 2025, 20:28 UTC", "a-b"] {
            assert_eq!(markdown(text), text);
        }
    }

    #[test]
    fn what_begins_like_an_address_becomes_no_link() {
        assert_eq!(markdown("www.evil.example, WWW.a"), "www&#46;evil.example, WWW&#46;a");
    }

    #[test]
    fn what_would_be_markup_is_escaped() {
        assert_eq!(markdown("a|b"), "a\\|b");
        assert_eq!(markdown("1. not a list"), "1\\. not a list");
        assert_eq!(markdown("- not a list"), "\\- not a list");
        assert_eq!(markdown("{{ 7*7 }}"), "&#123;&#123; 7\\*7 &#125;&#125;");
        assert_eq!(markdown("[x](javascript:alert(1))"), "\\[x\\](javascript\\:alert(1))");
        assert_eq!(markdown("<script>"), "&lt;script&gt;");
        assert_eq!(markdown("_a_ snake_case"), "\\_a\\_ snake_case");
    }

    proptest::proptest! {
        #[test]
        fn escaped_text_renders_to_the_very_same_characters(text in "[ -~éß·\n]{0,40}") {
            let markdown = format!("x {}", markdown(&text));
            let mut options = pulldown_cmark::Options::empty();
            options.insert(pulldown_cmark::Options::ENABLE_TABLES | pulldown_cmark::Options::ENABLE_STRIKETHROUGH);
            let mut shown = String::new();
            for event in pulldown_cmark::Parser::new_ext(&markdown, options) {
                match event {
                    pulldown_cmark::Event::Text(text) => shown.push_str(&text),
                    pulldown_cmark::Event::Start(pulldown_cmark::Tag::Paragraph)
                    | pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Paragraph) => {}
                    other => proptest::prop_assert!(false, "{other:?} in {markdown:?}"),
                }
            }
            let wanted = format!("x {}", line(&text));
            proptest::prop_assert_eq!(shown, wanted.trim_end());
        }

        #[test]
        fn escaped_text_at_the_start_of_a_line_is_a_paragraph(text in "[ -~]{1,30}") {
            let markdown = markdown(&text);
            for event in pulldown_cmark::Parser::new(&markdown) {
                let plain = matches!(
                    event,
                    pulldown_cmark::Event::Text(_)
                        | pulldown_cmark::Event::Start(pulldown_cmark::Tag::Paragraph)
                        | pulldown_cmark::Event::End(pulldown_cmark::TagEnd::Paragraph)
                );
                proptest::prop_assert!(plain, "{event:?} in {markdown:?}");
            }
        }
    }
}

//! What templates may do to a text: set prose, code, links, and the values of front matter. Each knows from the template
//! it is used in whether it writes Markdown or HTML.

use std::borrow::Cow;

use minijinja::{AutoEscape, Environment, Error, ErrorKind, State, Value};

use super::prose;
use crate::model::captured;

pub(super) fn add(environment: &mut Environment<'static>) {
    environment.add_filter("prose", |state: &State<'_, '_>, text: &str, level: usize| {
        markup(if is_html(state) { prose::html(text, level.clamp(2, 6)) } else { prose::markdown(text, level) })
    });
    environment.add_filter("inline", |state: &State<'_, '_>, text: &str| {
        markup(if is_html(state) { prose::inline_html(text) } else { prose::inline_markdown(text) })
    });
    environment.add_filter("item", |state: &State<'_, '_>, text: &str, indent: Option<usize>| {
        let indent = indent.unwrap_or(2);
        markup(if is_html(state) { prose::inline_html(text) } else { prose::item_markdown(text, indent) })
    });
    environment.add_filter("behind", |text: &str, indent: usize| markup(prose::behind(text, indent)));
    environment.add_filter("between", |text: &str, indent: usize| markup(prose::between(text, indent)));
    // What ends a sentence whose last words are those of somebody: nothing where they end one already.
    environment.add_filter("stop", |text: &str| if ends_a_sentence(text) { "" } else { "." });
    environment.add_filter("colon", |text: &str| if ends_a_sentence(text) { "" } else { ":" });
    environment.add_filter("code", |state: &State<'_, '_>, text: &str| {
        markup(if is_html(state) { format!("<code>{}</code>", html_text(text)) } else { code_span(text) })
    });
    environment.add_filter("cell_code", |state: &State<'_, '_>, text: &str| {
        markup(if is_html(state) {
            format!("<code>{}</code>", html_text(text))
        } else {
            code_span(text).replace('|', "\\|")
        })
    });
    environment.add_filter("marked", |state: &State<'_, '_>, text: &str, before: &str, after: &str| {
        markup(if is_html(state) {
            let inside = if text.is_empty() { String::new() } else { format!("<mark>{}</mark>", html_text(text)) };
            format!("{}{inside}{}", html_text(before), html_text(after))
        } else {
            marked(text, before, after)
        })
    });
    environment.add_filter("fence", |text: &str, language: Option<&str>| markup(fence(text, language.unwrap_or(""))));
    environment.add_filter("json", |text: &str| {
        markup(serde_json::to_string(&*captured::line(text)).unwrap_or_else(|_| "\"\"".to_owned()))
    });
    // Made here of letters, digits, `-` and `_`; an escape of Markdown has no meaning inside a tag.
    environment.add_filter("anchor", |text: &str| markup(html_text(text).into_owned()));
    environment.add_filter("mark", |state: &State<'_, '_>, mark: &Value| {
        let part = |name: &str| {
            let value = mark.get_attr(name)?;
            let text = value.as_str().map(|text| shown(state, text).into_owned());
            text.ok_or_else(|| {
                Error::new(ErrorKind::InvalidOperation, format!("there is no `{name}` in what is marked"))
            })
        };
        let (symbol, word) = (part("symbol")?, part("word")?);
        if !is_html(state) {
            return markup(format!("{symbol} {word}"));
        }
        let tone = part("tone")?;
        markup(format!(r#"<span class="mark {tone}"><span aria-hidden="true">{symbol}</span> {word}</span>"#))
    });
    environment.add_filter("to", |state: &State<'_, '_>, text: &str, anchor: Option<&str>| {
        let html = is_html(state);
        let text = shown(state, text);
        markup(match anchor.filter(|anchor| !anchor.is_empty()) {
            Some(anchor) if html => format!("<a href=\"#{}\">{text}</a>", html_text(anchor)),
            Some(anchor) => format!("[{text}](#{anchor})"),
            None => text.into_owned(),
        })
    });
}

fn ends_a_sentence(text: &str) -> bool {
    text.trim_end().ends_with(['.', '!', '?', '…'])
}

/// `text` between what stands before and behind it in its line, with emphasis.
fn marked(text: &str, before: &str, after: &str) -> String {
    let inside = captured::markdown(text);
    let (before, after) = (spaced(before), spaced(after));
    // Emphasis that begins or ends with a sign takes effect only beside white space or another sign.
    let sign = |c: Option<char>| c.is_none_or(|c| c.is_ascii_whitespace() || c.is_ascii_punctuation());
    let letter = |c: Option<char>| c.is_some_and(char::is_alphanumeric);
    let opens = letter(inside.chars().next()) || sign(before.chars().next_back());
    let closes = letter(inside.chars().next_back()) || sign(after.chars().next());
    let emphasis = if !inside.is_empty() && opens && closes { "**" } else { "" };
    format!("{before}{emphasis}{inside}{emphasis}{after}").trim().to_owned()
}

/// As [`captured::markdown`], with one space where there was white space at an end.
fn spaced(text: &str) -> String {
    let space = |is: bool| if is { " " } else { "" };
    if text.trim().is_empty() {
        return space(!text.is_empty()).to_owned();
    }
    let (before, after) = (text.starts_with(char::is_whitespace), text.ends_with(char::is_whitespace));
    format!("{}{}{}", space(before), captured::markdown(text), space(after))
}

fn markup(text: String) -> Result<Value, Error> {
    Ok(Value::from_safe_string(text))
}

fn is_html(state: &State<'_, '_>) -> bool {
    matches!(state.auto_escape(), AutoEscape::Html)
}

/// A text, escaped for the document it stands in.
fn shown<'a>(state: &State<'_, '_>, text: &'a str) -> Cow<'a, str> {
    if is_html(state) { html_text(text) } else { markdown_text(text) }
}

/// [`captured::markdown`], which has nothing to do for letters, digits and spaces between them: they mean the same
/// everywhere.
pub(super) fn markdown_text(text: &str) -> Cow<'_, str> {
    let is_letter = |byte: u8| (byte | 0x20).wrapping_sub(b'a') < 26;
    let is_plain = |byte: u8| is_letter(byte) | (byte.wrapping_sub(b'0') < 10) | (byte == b' ');
    if captured::is_all(text, is_plain) && !text.starts_with(' ') && !text.ends_with(' ') {
        return Cow::Borrowed(text);
    }
    Cow::Owned(captured::markdown(text))
}

/// Text in HTML: in an element or in a quoted attribute.
pub(super) fn html_text(text: &str) -> Cow<'_, str> {
    // Nearly every text: visible, and without a sign of HTML.
    let is_plain = |byte: u8| {
        let is_visible = byte.wrapping_sub(b' ') <= b'~' - b' ' || byte == b'\n' || byte == b'\t';
        let is_sign = byte == b'&' || byte == b'<' || byte == b'>' || byte == b'"' || byte == b'\'';
        is_visible & !is_sign
    };
    if captured::is_all(text, is_plain) {
        return Cow::Borrowed(text);
    }
    let shown = captured::block(text);
    let mut escaped = String::with_capacity(shown.len() + shown.len() / 8);
    let mut rest = &*shown;
    while let Some(at) = rest.find(['&', '<', '>', '"', '\'']) {
        escaped.push_str(&rest[..at]);
        escaped.push_str(match rest.as_bytes()[at] {
            b'&' => "&amp;",
            b'<' => "&lt;",
            b'>' => "&gt;",
            b'"' => "&quot;",
            _ => "&#39;",
        });
        rest = &rest[at + 1..];
    }
    escaped.push_str(rest);
    Cow::Owned(escaped)
}

/// A run of backticks longer than any in the text.
fn backticks(text: &str, least: usize) -> String {
    // Most texts have none, which is seen at once.
    let inside = if text.contains('`') { text } else { "" };
    let longest = inside.split(|c| c != '`').map(str::len).max().unwrap_or(0);
    "`".repeat(least.max(longest + 1))
}

fn code_span(text: &str) -> String {
    let text = captured::line(text);
    if text.is_empty() {
        return String::new();
    }
    let ticks = backticks(&text, 1);
    let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
    format!("{ticks}{space}{text}{space}{ticks}")
}

fn fence(text: &str, language: &str) -> String {
    let text = captured::block(text.trim_end_matches('\n'));
    let ticks = backticks(&text, 3);
    format!("{ticks}{language}\n{text}\n{ticks}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn code_holds_any_backticks() {
        assert_eq!(code_span("a"), "`a`");
        assert_eq!(code_span("`a``b"), "``` `a``b ```");
        assert_eq!(fence("x\n````\n", "sh"), "`````sh\nx\n````\n`````");
    }

    #[test]
    fn a_text_is_marked_inside_its_line() {
        assert_eq!(marked("13 rules", "- Claimed: ", " (all)"), "\\- Claimed: **13 rules** (all)");
        assert_eq!(marked("98.28%", "", "x"), "98.28%x");
        assert_eq!(marked("", "", "| a | b |"), "\\| a \\| b \\|");
    }

    proptest::proptest! {
        #[test]
        fn a_marked_line_reads_as_the_line(line in proptest::collection::vec("[ -~é·]{0,8}", 3)) {
            let [before, text, after] = [0, 1, 2].map(|part| line[part].as_str());
            let text = text.trim();
            let document = format!("> x {}", marked(text, before, after));
            let shown: String = pulldown_cmark::Parser::new(&document).filter_map(|event| match event {
                pulldown_cmark::Event::Text(text) => Some(text.into_string()),
                _ => None,
            }).collect();
            let words = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
            proptest::prop_assert_eq!(words(&shown), words(&format!("x {before}{text}{after}")));
        }
    }

    #[test]
    fn text_in_html_is_text() {
        assert_eq!(html_text("</pre><a b='c\"'>&\u{1b}"), "&lt;/pre&gt;&lt;a b=&#39;c&quot;&#39;&gt;&amp;\\u{1b}");
    }
}

//! What a browser would show of a piece of HTML in Markdown, and the markers in its comments.

use std::ops::Range;

/// A part of a piece of HTML.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Part {
    /// Shown text.
    Text(Range<usize>),
    /// A tag that keeps the words around it apart.
    Gap(Range<usize>),
    /// A comment `<!--cs:NAME-->`: the name.
    Marker(Range<usize>),
}

/// What is going on where one piece ends and the next begins: a block of HTML comes line by line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum Inside {
    /// Nothing.
    #[default]
    Text,
    /// A comment.
    Comment,
    /// A tag.
    Tag,
    /// `<script>` or `<style>`, until the end tag.
    Hidden,
}

/// Takes a piece apart.
pub(super) fn parts(html: &str, inside: &mut Inside) -> Vec<Part> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < html.len() {
        let rest = &html[at..];
        match *inside {
            Inside::Text => {
                let next = next_tag(rest).unwrap_or(rest.len());
                if next > 0 {
                    found.push(Part::Text(at..at + next));
                }
                at += next;
                if rest[next..].starts_with("<!--") {
                    *inside = Inside::Comment;
                    found.extend(marker(&html[at..]).map(|name| Part::Marker(at + name.start..at + name.end)));
                    at += "<!--".len();
                } else if next < rest.len() {
                    *inside = if is(&html[at..], "script") || is(&html[at..], "style") {
                        Inside::Hidden
                    } else {
                        Inside::Tag
                    };
                    if !is_inline(&html[at..]) {
                        found.push(Part::Gap(at..at + 1));
                    }
                    at += 1;
                }
            }
            Inside::Comment => at = past(html, at, "-->", inside),
            Inside::Tag => at = past(html, at, ">", inside),
            Inside::Hidden => {
                let end = rest.match_indices("</").find(|(at, _)| {
                    let name = &rest[at + 2..];
                    ["script", "style"].iter().any(|tag| starts_with(name, tag))
                });
                at = match end {
                    Some((end, _)) => past(html, at + end, ">", inside),
                    None => html.len(),
                };
            }
        }
    }
    found
}

/// The byte after `end`, or the end of the text.
fn past(html: &str, at: usize, end: &str, inside: &mut Inside) -> usize {
    match html[at..].find(end) {
        Some(found) => {
            *inside = Inside::Text;
            at + found + end.len()
        }
        None => html.len(),
    }
}

/// Where the next tag or comment begins: a `<` before a letter, `/`, `!` or `?`.
fn next_tag(text: &str) -> Option<usize> {
    let opens = |after: char| after.is_ascii_alphabetic() || matches!(after, '/' | '!' | '?');
    text.match_indices('<').map(|(at, _)| at).find(|at| text[at + 1..].starts_with(opens))
}

/// The name in a comment `<!-- cs:NAME -->` at the beginning of a text.
pub(super) fn marker(comment: &str) -> Option<Range<usize>> {
    let inner = comment.strip_prefix("<!--")?;
    let inner = &inner[..inner.find("-->")?];
    let name = inner.trim().strip_prefix("cs:")?.trim();
    // Inside `comment` by construction: `name` is a part of it.
    let start = comment.find("cs:")? + "cs:".len();
    let start = start + comment[start..].find(name)?;
    (!name.is_empty()).then(|| start..start + name.len())
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len()).is_some_and(|start| start.eq_ignore_ascii_case(word))
}

/// Is it a tag of that name?
fn is(tag: &str, name: &str) -> bool {
    starts_with(&tag[1..], name) && !tag[1 + name.len()..].starts_with(|c: char| c.is_ascii_alphanumeric())
}

fn is_inline(tag: &str) -> bool {
    let inline = ["b", "i", "em", "strong", "span", "a", "code", "sup", "sub", "u", "s", "mark", "small"];
    let name = tag.trim_start_matches('<').strip_prefix('/').unwrap_or(&tag[1..]);
    let name: String = name.chars().take_while(char::is_ascii_alphanumeric).take(10).collect();
    inline.iter().any(|known| name.eq_ignore_ascii_case(known))
}

//! Blocks as each dialect writes them.

use super::escape;
use super::inline::Lines;
use super::site::Dialect;
use super::tree::{Block, Inline};

/// Spaces before what belongs to an item of a list. Python's Markdown takes no fewer, CommonMark takes these as well.
const INDENT: &str = "    ";

/// Blocks, with a line feed at the end.
pub(crate) fn blocks(blocks: &[Block], lines: &Lines<'_>) -> String {
    let mut text = match lines.dialect {
        Dialect::Universal | Dialect::Docusaurus => markdown(blocks, lines),
        Dialect::Html | Dialect::Storage => html(blocks, lines),
    };
    text.truncate(text.trim_end().len());
    text.push('\n');
    text
}

fn markdown(blocks: &[Block], lines: &Lines<'_>) -> String {
    let written: Vec<String> = blocks.iter().map(|block| markdown_block(block, lines)).collect();
    written.iter().filter(|block| !block.is_empty()).map(|block| format!("{block}\n")).collect::<Vec<_>>().join("\n")
}

/// One block, without a line feed at its end.
fn markdown_block(block: &Block, lines: &Lines<'_>) -> String {
    match block {
        Block::Heading(level, line) => format!("{} {}", "#".repeat(*level), lines.line(line, false)),
        Block::Paragraph(line) => lines.line(line, false),
        Block::List { start, tight, items } => list(*start, *tight, items, lines),
        Block::Quote(inside) => prefixed(&markdown(inside, lines), "> ", "> "),
        Block::Code { text, .. } if lines.dialect == Dialect::Docusaurus => fence(text),
        Block::Code { text, .. } => format!("<pre><code>{}</code></pre>", escape::text(text)),
        Block::Table { head, rows } => table(head, rows, lines),
        Block::Rule => "***".to_owned(),
    }
}

fn list(start: Option<u64>, tight: bool, items: &[Vec<Block>], lines: &Lines<'_>) -> String {
    let mut number = start.filter(|start| *start < 90).unwrap_or(1);
    let mut written = Vec::new();
    for item in items {
        let mark = match start {
            Some(_) => format!("{:<4}", format!("{number}.")),
            None => "-   ".to_owned(),
        };
        // Numbers go on by themselves, and none is wider than its room.
        number = (number + 1).min(99);
        let inside = if tight { tight_item(item, lines) } else { markdown(item, lines) };
        // A mark alone is a line or a heading to some.
        if inside.trim().is_empty() {
            continue;
        }
        written.push(prefixed(&inside, &mark, INDENT));
    }
    written.join(if tight { "\n" } else { "\n\n" })
}

/// The blocks of an item without empty lines between them, but before a block that needs one.
fn tight_item(item: &[Block], lines: &Lines<'_>) -> String {
    let mut text = String::new();
    for block in item {
        let written = markdown_block(block, lines);
        if !text.is_empty() && !written.is_empty() {
            text.push_str(if matches!(block, Block::List { .. }) { "\n" } else { "\n\n" });
        }
        text.push_str(&written);
    }
    text
}

/// Each line with something before it: `first` before the first one, `rest` before all others that are not empty.
fn prefixed(text: &str, first: &str, rest: &str) -> String {
    let lines = text.trim_end().lines().enumerate().map(|(at, line)| match (at, line) {
        (0, line) => format!("{first}{line}"),
        (_, "") => rest.trim_end().to_owned(),
        (_, line) => format!("{rest}{line}"),
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// Without a language: in any that is named, Docusaurus takes lines like `# highlight-next-line` away.
fn fence(text: &str) -> String {
    let ticks = escape::backticks(text, 3);
    format!("{ticks}\n{text}\n{ticks}")
}

fn table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>], lines: &Lines<'_>) -> String {
    let row = |cells: &[Vec<Inline>]| {
        let cells: Vec<String> = cells.iter().map(|cell| lines.line(cell, true)).collect();
        format!("| {} |", cells.join(" | "))
    };
    let mut text = format!("{}\n|{}", row(head), " --- |".repeat(head.len()));
    for cells in rows {
        text.push('\n');
        text.push_str(&row(cells));
    }
    text
}

fn html(blocks: &[Block], lines: &Lines<'_>) -> String {
    blocks.iter().map(|block| html_block(block, lines)).collect()
}

fn html_block(block: &Block, lines: &Lines<'_>) -> String {
    match block {
        Block::Heading(level, line) => format!("<h{level}>{}</h{level}>\n", lines.line(line, false)),
        Block::Paragraph(line) => format!("<p>{}</p>\n", lines.line(line, false)),
        Block::List { start, tight, items } => html_list(*start, *tight, items, lines),
        Block::Quote(inside) => format!("<blockquote>\n{}</blockquote>\n", html(inside, lines)),
        Block::Code { language, text } if lines.dialect == Dialect::Storage => format!(
            "<ac:structured-macro ac:name=\"code\"><ac:parameter ac:name=\"language\">{}</ac:parameter>\
             <ac:plain-text-body>{}</ac:plain-text-body></ac:structured-macro>\n",
            if language == "sh" { "bash" } else { "none" },
            escape::cdata(text)
        ),
        Block::Code { text, .. } => format!("<pre><code>{}</code></pre>\n", escape::text(text)),
        Block::Table { head, rows } => html_table(head, rows, lines),
        Block::Rule => "<hr />\n".to_owned(),
    }
}

fn html_list(start: Option<u64>, tight: bool, items: &[Vec<Block>], lines: &Lines<'_>) -> String {
    let (name, from) = match start {
        None => ("ul", String::new()),
        Some(1) => ("ol", String::new()),
        Some(start) => ("ol", format!(" start=\"{start}\"")),
    };
    let item = |blocks: &Vec<Block>| {
        let inside: String = blocks
            .iter()
            .map(|block| match block {
                Block::Paragraph(line) if tight => lines.line(line, false),
                block => html_block(block, lines),
            })
            .collect();
        format!("<li>{inside}</li>\n")
    };
    format!("<{name}{from}>\n{}</{name}>\n", items.iter().map(item).collect::<String>())
}

fn html_table(head: &[Vec<Inline>], rows: &[Vec<Vec<Inline>>], lines: &Lines<'_>) -> String {
    let row = |cells: &[Vec<Inline>], name: &str| {
        let cells: String = cells.iter().map(|cell| format!("<{name}>{}</{name}>", lines.line(cell, true))).collect();
        format!("<tr>{cells}</tr>\n")
    };
    let body: String = rows.iter().map(|cells| row(cells, "td")).collect();
    match lines.dialect {
        // Confluence knows no other part of a table than its body.
        Dialect::Storage => format!("<table><tbody>\n{}{body}</tbody></table>\n", row(head, "th")),
        _ => format!("<table>\n<thead>\n{}</thead>\n<tbody>\n{body}</tbody>\n</table>\n", row(head, "th")),
    }
}

#[cfg(test)]
mod tests {
    use pulldown_cmark::{Event, Options, Parser};

    use super::super::inline::{Lines, Target};
    use super::super::tree::{read, words};
    use super::*;

    fn written(dialect: Dialect, markdown: &str) -> String {
        let nowhere = |_: &str| Target::Nothing;
        blocks(&read(markdown), &Lines { dialect, resolve: &nowhere, picture: &nowhere })
    }

    fn all_words(blocks: &[Block]) -> String {
        let text = |block: &Block| match block {
            Block::Heading(_, line) | Block::Paragraph(line) => words(line),
            Block::List { items, .. } => items.iter().map(|item| all_words(item)).collect(),
            Block::Quote(inside) => all_words(inside),
            Block::Code { text, .. } => text.clone(),
            Block::Table { head, rows } => head.iter().chain(rows.iter().flatten()).map(|cell| words(cell)).collect(),
            Block::Rule => String::new(),
        };
        blocks.iter().map(text).collect::<String>().split_whitespace().collect()
    }

    #[test]
    fn a_list_is_indented_as_every_dialect_takes_it() {
        let list = "- a\n  - b\n\n    > c\n- d\n\n9. x\n10. y\n";
        assert_eq!(written(Dialect::Universal, list), "-   a\n    -   b\n\n        > c\n-   d\n\n9.  x\n10. y\n");
        assert_eq!(written(Dialect::Html, "2. a\n3. b\n"), "<ol start=\"2\">\n<li>a</li>\n<li>b</li>\n</ol>\n");
    }

    #[test]
    fn evidence_is_one_line_between_fences_or_in_a_macro() {
        let code = "```mermaid\na --> b\n\n]]> {{ x }}\n```\n";
        assert_eq!(
            written(Dialect::Universal, code),
            "<pre><code>a &#45;&#45;&#62; b&#10;&#10;&#93;<span></span>&#93;&#62; &#123;&#123; x &#125;&#125;</code></pre>\n"
        );
        assert_eq!(written(Dialect::Docusaurus, code), "```\na --> b\n\n]]> {{ x }}\n```\n");
        assert!(written(Dialect::Storage, code).contains("<![CDATA[a --> b\n\n]]]]><![CDATA[> {{ x }}]]>"));
    }

    proptest::proptest! {
        #[test]
        fn any_document_keeps_its_words_and_gains_no_markup(
            markdown in proptest::collection::vec("([-*>#|`~ ]|1\\.|- |  |> ){0,3}[ab<>{}\\[\\]()!:_*`|\\\\&;1.-]{0,12}", 0..8)
        ) {
            let markdown = markdown.join("\n");
            let blocks = read(&markdown);
            for dialect in [Dialect::Universal, Dialect::Docusaurus] {
                let written = written(dialect, &markdown);
                let mut shown = String::new();
                for event in Parser::new_ext(&written, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH) {
                    match event {
                        Event::Text(text) | Event::Code(text) => shown.push_str(&text),
                        Event::InlineHtml(html) => {
                            let known = ["strong", "em", "del", "code", "span", "pre"];
                            let name = html.trim_matches(['<', '>', '/', ' ']);
                            proptest::prop_assert!(known.contains(&name) || name == "br", "{html} in {written}");
                        }
                        Event::Html(html) => {
                            let inside = html.trim_end().strip_prefix("<pre><code>").and_then(|rest| rest.strip_suffix("</code></pre>"));
                            let inside = inside.unwrap_or_else(|| panic!("{html} in {written}"));
                            for event in Parser::new(&format!("x{}", inside.replace("<span></span>", ""))) {
                                if let Event::Text(text) = event { shown.push_str(&text); }
                            }
                            proptest::prop_assert!(shown.contains('x'));
                            shown = shown.replace('x', "");
                        }
                        _ => {}
                    }
                }
                let shown: String = shown.split_whitespace().collect();
                proptest::prop_assert_eq!(shown, all_words(&blocks), "{:?} {:?}", dialect, written);
            }
        }
    }
}

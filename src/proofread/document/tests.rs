//! What a reader sees, and that every byte of it is found in the source.

use proptest::prelude::*;

use super::*;

/// Every block: its headings, `>`, its text.
fn shown(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let line = |block: &Block| {
        let mut path: Vec<&str> = document.path(block.scope).map(|at| document.scopes[at].title.as_str()).collect();
        path.reverse();
        format!("{}> {}", path.iter().map(|title| format!("{title} ")).collect::<String>(), block.shown.text())
    };
    document.blocks.iter().map(line).collect()
}

/// Label and value of everything that has a label.
fn labelled(text: &str) -> Vec<String> {
    let document = Document::parse(text);
    let each = document.labelled.iter().map(|labelled| {
        let text = |block: usize| document.blocks[block].shown.text();
        let value = labelled.value_block.map_or("", |block| &text(block)[labelled.value.clone()]);
        format!("{} = {}", &text(labelled.label_block)[labelled.label.clone()], value.trim())
    });
    each.collect()
}

#[test]
fn headings_nest_and_bold_lines_serve_as_headings() {
    let text =
        "# A\n\n## B\n\n**Rules:**\n- Claimed: 13\n\n**Flags**:\n\ntext\n\nSetext\n======\n\n**Only bold**\n\nx\n";
    assert_eq!(
        shown(text),
        [
            "A > A",
            "A B > B",
            "A B Rules: > Rules:",
            "A B Rules: > Claimed: 13",
            "A B Flags: > Flags:",
            "A B Flags: > text",
            "Setext > Setext",
            "Setext Only bold > Only bold",
            "Setext Only bold > x",
        ]
    );
}

#[test]
fn a_bold_line_heads_the_lines_below_it_in_the_same_paragraph() {
    assert_eq!(
        shown("**Points (all):**\nPer the report, 11 of\nthem hold.\n"),
        ["Points (all): > Points (all):", "Points (all): > Per the report, 11 of them hold."]
    );
    assert_eq!(shown("**Why:**\n**Readiness (9/10):**\n- x\n").last().unwrap(), "Readiness (9/10): > x");
    assert_eq!(shown("**two\nlines**\n\nx\n"), ["two lines > two lines", "two lines > x"]);
    assert_eq!(shown("Not **bold** alone\n\nx"), ["> Not bold alone", "> x"]);
    assert_eq!(shown("**Answer:** yes\n\nx"), ["> Answer: yes", "> x"]);
}

#[test]
fn labels_stand_before_a_colon() {
    assert_eq!(
        labelled(
            "**Date:** today\n**By:** Ann,\nnot Bob\n\n- ✅ Rate: 98 %\n- at 20:43 UTC\n- `a: b`\n\nPassed: 5\nFailed: 0\n"
        ),
        ["Date = today", "By = Ann, not Bob", "✅ Rate = 98 %", "Passed = 5", "Failed = 0"]
    );
    assert_eq!(labelled("| Metric | Value |\n|--|--|\n| **Tests** | 13 |\n| Rate | |\n"), ["Tests = 13", "Rate = "]);
    assert_eq!(labelled("| a | b | c |\n|--|--|--|\n| 1 | 2 | 3 |\n"), [""; 0]);
    assert_eq!(
        labelled("see http://x.y: it\n\nA sentence that goes on\nand on: 5\n"),
        ["see http://x.y = it", "A sentence that goes on and on = 5"]
    );
}

#[test]
fn an_item_is_a_heading_for_what_is_below_it() {
    assert_eq!(
        shown("- Uptime: all\n  - api: 2 days\n  - web: 3 days\n\n    | a | b |\n    |--|--|\n    | 1 | 2 |\n- next\n"),
        [
            "> Uptime: all",
            "Uptime > api: 2 days",
            "Uptime > web: 3 days",
            "Uptime web > a",
            "Uptime web > b",
            "Uptime web > 1",
            "Uptime web > 2",
            "> next"
        ]
    );
}

#[test]
fn code_comes_line_by_line_with_its_language() {
    let document = Document::parse("```Bash title\n$ x\n\n13\n```\r\n\n- a\n\n      indented\n\n---\n");
    let lines: Vec<(Option<&str>, &str)> = document
        .blocks
        .iter()
        .filter_map(|block| match block.kind {
            BlockKind::Code(fence) => Some((document.fences[fence].language.as_deref(), block.shown.text())),
            _ => None,
        })
        .collect();
    assert_eq!(lines, [(Some("bash"), "$ x"), (Some("bash"), "13"), (None, "indented")]);
    let front = Document::parse("\u{feff}---\ntitle: x\n---\n# A\n");
    assert_eq!(front.fences[0].language.as_deref(), Some("front-matter"));
    assert_eq!(front.scopes[0].title, "A");
}

#[test]
fn a_table_knows_its_cells() {
    let document = Document::parse("| a | b |\n|---|---|\n| 1 `x\\|y` |\n| | 2<br>3 |\n");
    let table = &document.tables[0];
    let texts = |row: &[Option<usize>]| -> Vec<Option<String>> {
        row.iter().map(|cell| cell.map(|block| document.blocks[block].shown.text().to_owned())).collect()
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(texts(&table.header), [some("a"), some("b")]);
    assert_eq!(texts(&table.rows[0]), [some("1 x|y"), None]);
    assert_eq!(texts(&table.rows[1]), [None, some("2 3")]);
    assert_eq!(document.text()[table.header_source.clone()].trim(), "| a | b |");
}

#[test]
fn markers_belong_to_what_stands_behind_them() {
    for text in
        ["up <!--cs:up-->47 hours", "<!-- cs:up -->47 hours", "<!--cs:up-->\n\n47 hours", "- <!--cs:up--> 47 hours"]
    {
        let document = Document::parse(text);
        let (block, at) = document.markers[0].before.expect(text);
        assert_eq!(document.blocks[block].shown.text()[at..].trim(), "47 hours", "{text}");
        assert_eq!(document.markers[0].name, "up");
    }
    assert_eq!(Document::parse("x\n\n<!--cs:end-->\n").markers[0].before, None);
    assert_eq!(shown("<p>Passed: <b>5</b><td>6</p>\n<!-- 7 --><script>\n8\n</script>9\n"), ["> Passed: 5 6", "> 9"]);
}

#[test]
fn every_shown_byte_comes_from_its_source() {
    let text = "\u{feff}# Für **1&nbsp;000** &amp; [4\\.5](http://x) `67`\r\n\r\n> - ~~a~~ *8*\r\n>   9\r\n";
    let document = Document::parse(text);
    let found = |needle: &str| {
        let block = document.blocks.iter().find(|block| block.shown.text().contains(needle)).expect(needle);
        let at = block.shown.text().find(needle).expect(needle);
        &text[block.shown.source(at..at + needle.len())]
    };
    assert_eq!(found("1\u{a0}000"), "1&nbsp;000");
    assert_eq!(found("&"), "&amp;");
    assert_eq!(found("4.5"), "4\\.5");
    assert_eq!(found("67"), "67");
    assert_eq!(found("8 9"), "8*\r\n>   9");
    assert_eq!(document.line_column(text.find("67").expect("it is there")), (1, 46));
    assert_eq!(document.line_column(text.find('9').expect("it is there")), (4, 5));
    assert_eq!(document.spot(text.find('8').unwrap()..text.len()).end_column, 14);
}

#[test]
fn lines_are_counted_as_editors_do() {
    let document = Document::parse("a\r\nbé\tc\n\nd");
    assert_eq!(document.line_count(), 4);
    assert_eq!(
        (1..=5).map(|line| document.line_range(line).map(|range| &document.text()[range])).collect::<Vec<_>>(),
        [Some("a"), Some("bé\tc"), Some(""), Some("d"), None]
    );
    assert_eq!(document.line_column(6), (2, 3));
    assert_eq!(Document::parse("").line_count(), 1);
}

#[test]
fn nesting_costs_no_more_than_its_length() {
    for deep in ["- ".repeat(5_000), "> ".repeat(5_000), "**a".repeat(5_000), "[".repeat(5_000), "<!--".repeat(5_000)] {
        let document = Document::parse(&format!("{deep}x"));
        assert!(document.blocks.len() < 10, "{}", document.blocks.len());
    }
}

/// Texts made of what Markdown is made of.
pub(super) fn markdown() -> impl Strategy<Value = String> {
    let pieces = [
        "# ",
        "## ",
        "\n",
        "\n\n",
        "- ",
        "  ",
        "    ",
        "> ",
        "1. ",
        "**",
        "*",
        "`",
        "```\n",
        "| ",
        "|",
        "|--|--|\n",
        "x",
        "13 rules",
        ": ",
        "é",
        "&amp;",
        "\\",
        "<b>",
        "<!--cs:a-->",
        "<br>",
        "[a](b)",
        "~~",
        "---\n",
        "\r\n",
        "\t",
        "[^1]",
        "$",
        "<",
        "-->",
        "[x] ",
        "\u{feff}",
        "===\n",
        "![a](b)",
        "<script>",
        "</",
        "+++\n",
        "[a]: b\n",
        "]: ",
        "[a]",
    ];
    prop::collection::vec(prop::sample::select(pieces.to_vec()), 0..40).prop_map(|pieces| pieces.concat())
}

#[test]
fn a_marker_behind_the_last_word_stands_at_its_end() {
    let document = Document::parse("<!--cs:a-->- <!--cs:b--><br>");
    let places: Vec<_> = document.markers.iter().map(|marker| marker.before).collect();
    assert_eq!(places, [Some((0, 0)), Some((0, 1))]);
}

proptest! {
    #[test]
    fn any_markdown_is_read_and_its_places_are_places(text in prop_oneof![markdown(), ".*"]) {
        let document = Document::parse(&text);
        for block in &document.blocks {
            let shown = block.shown.text();
            for (at, c) in shown.char_indices() {
                let source = block.shown.source(at..at + c.len_utf8());
                prop_assert!(text.get(source.clone()).is_some(), "{:?} of {:?}", source, shown);
                if c.is_ascii_digit() {
                    prop_assert!(text[source.clone()].contains(c), "{:?} of {:?}", source, shown);
                }
                let spot = document.spot(source);
                prop_assert!(spot.line >= 1 && spot.line <= document.line_count() && spot.column <= spot.end_column);
            }
        }
        for labelled in &document.labelled {
            prop_assert!(document.blocks[labelled.label_block].shown.text().get(labelled.label.clone()).is_some());
        }
        for marker in &document.markers {
            let inside = |(block, at): (usize, usize)| document.blocks[block].shown.text().get(at..).is_some();
            prop_assert!(marker.before.is_none_or(inside));
        }
    }
}

//! What was captured stays text: it cannot act in the HTML, and cannot become structure in the Markdown.

use base64::Engine as _;
use countersign::report::{self, Templates};
use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;
use sha2::{Digest as _, Sha256};

use countersign::model::claim::TableClaim;
use countersign::model::quote::{Place, Spot};
use countersign::model::record::{Part, Record};
use countersign::model::signoff::SignOff;

use crate::report::{claims_only, sample, sign_offs, signed_view_of, view_of};

fn html() -> String {
    report::html(&view_of(&sample()), &Templates::builtin()).unwrap()
}

/// Every tag of a page in which all text is escaped: name and attributes. The style sheet and the script are left out.
pub(crate) fn tags(page: &str) -> Vec<(String, String)> {
    let ours = Regex::new("(?s)<style>.*?</style>|<script>.*?</script>").unwrap();
    let page = ours.replace_all(page, "");
    let tag = Regex::new(r#"<(/?[A-Za-z!][A-Za-z0-9]*)((?:[^<>"]|"[^"]*")*)>"#).unwrap();
    let found: Vec<_> = tag.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    assert_eq!(found.len(), page.matches('<').count(), "every < begins a tag");
    found
}

#[test]
fn no_element_of_the_page_can_act() {
    for record in [sample(), claims_only()] {
        nothing_acts(&report::html(&view_of(&record), &Templates::builtin()).unwrap());
        nothing_acts(&report::html(&signed_view_of(&record, &sign_offs()), &Templates::builtin()).unwrap());
    }
}

#[test]
fn the_words_of_a_signer_add_nothing_to_the_structure_of_a_document() {
    let plain = |mut sign_offs: Vec<SignOff>| {
        for said in sign_offs.iter_mut().filter_map(|sign_off| sign_off.said.as_mut()) {
            let texts = said.conditions.iter_mut().chain([&mut said.statement]);
            texts.filter(|text| text.contains('<')).for_each(|text| *text = "plain".to_owned());
        }
        sign_offs
    };
    let names = |sign_offs: &[SignOff]| -> Vec<String> {
        let page = report::html(&signed_view_of(&sample(), sign_offs), &Templates::builtin()).unwrap();
        tags(&page).into_iter().map(|(name, _)| name).collect()
    };
    assert_eq!(names(&sign_offs()), names(&plain(sign_offs())));
    let events = |sign_offs: &[SignOff]| {
        let markdown = report::markdown(&signed_view_of(&sample(), sign_offs), &Templates::builtin()).unwrap();
        Parser::new(&markdown).filter(|event| matches!(event, Event::Start(_) | Event::Html(_))).count()
    };
    assert_eq!(events(&sign_offs()), events(&plain(sign_offs())));
}

pub(crate) fn nothing_acts(page: &str) {
    let handler = Regex::new(r"(?i)\s(on\w+|style|srcset|formaction)\s*=").unwrap();
    let quoted = Regex::new(r#""[^"]*""#).unwrap();
    let data = Regex::new(r#"^ type="application/json" id="countersign-[a-z]+"$"#).unwrap();
    for (name, attributes) in tags(page) {
        assert!(!matches!(&*name, "iframe" | "object" | "embed" | "link" | "img" | "form" | "base"), "{name}");
        let bare = quoted.replace_all(&attributes, "\"\"").into_owned();
        assert!(!handler.is_match(&bare), "<{name}{attributes}>");
        assert!(!attributes.to_lowercase().contains("\"javascript:"), "<{name}{attributes}>");
        assert!(name != "script" || data.is_match(&attributes), "<{name}{attributes}>");
    }
    let script = include_str!("../../templates/report.js");
    assert_eq!(page.matches("<script>").count(), 1, "one script");
    assert!(page.ends_with(&format!("<script>{script}</script>\n</body>\n</html>\n")), "and it is ours, at the end");
    let content = Regex::new(r#"(?s)<script [^>]*>(.*?)</script>"#).unwrap();
    for script in content.captures_iter(page) {
        let inside = script[1].strip_prefix('"').and_then(|text| text.strip_suffix('"')).unwrap();
        assert!(inside.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte)), "{inside}");
    }
    assert!(page.contains(r#"<script type="application/json" id="countersign-record">"#));
    for url in Regex::new(r#"(?:src|href)="([^"]*)""#).unwrap().captures_iter(page) {
        assert!(
            url[1].starts_with('#')
                || url[1].starts_with("evidence/")
                || url[1].starts_with("signoffs/")
                || url[1].is_empty(),
            "{}",
            &url[1]
        );
    }
}

#[test]
fn the_policy_of_the_page_names_its_style_sheet_and_its_script_and_comes_first() {
    let page = html();
    let digest = |element: &str| {
        let inside = Regex::new(&format!("(?s)<{element}>(.*?)</{element}>")).unwrap().captures(&page).unwrap();
        base64::engine::general_purpose::STANDARD.encode(Sha256::digest(&inside[1]))
    };
    let (style, script) = (digest("style"), digest("script"));
    assert!(page.contains(&format!(
        "default-src 'none'; style-src 'sha256-{style}'; script-src 'sha256-{script}'; img-src data:"
    )));
    assert!(page.find("Content-Security-Policy").unwrap() < page.find("<style>").unwrap());
}

#[test]
fn hostile_evidence_is_shown_as_it_was() {
    let page = html();
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;\n{{ 7*7 }} {% include &quot;secret&quot; %}"));
    assert!(page.contains("\\u{1b}[31mred\\u{1b}[0m \\u{202e}gnp.exe"));
    let markdown = report::markdown(&view_of(&sample()), &Templates::builtin()).unwrap();
    for text in [&page, &markdown] {
        assert!(!text.chars().any(|c| (c.is_control() && c != '\n') || c == '\u{202e}'));
        assert!(text.contains("Logs {{ 7*7 }}") || text.contains(r"Logs &#123;&#123; 7\*7 &#125;&#125;"));
        assert!(!text.contains("Logs 49"), "nothing captured is computed");
    }
}

#[test]
fn captured_text_adds_nothing_to_the_structure_of_the_markdown() {
    for record in [sample(), claims_only()] {
        let shown = only_text_is_captured(&record);
        assert!(shown.contains("Coverage stands at <script>alert(1)</script> {{ 7*7 }} [x](javascript:alert(1))"));
        assert!(shown.contains("Deploy <b>smoke</b> and Rollback | drill"), "names of rows are there, as text");
        if !record.run.claims_only {
            assert!(shown.contains("</details></script></style>"), "evidence is there, as text");
            assert!(shown.contains("Logs {{ 7*7 }} [x](javascript:alert(1)) @team #1"), "titles are there, as text");
        }
    }
}

/// The words of the Markdown, after a look at everything else in it.
fn only_text_is_captured(record: &Record) -> String {
    let markdown = report::markdown(&view_of(record), &Templates::builtin()).unwrap();
    let body = markdown.splitn(3, "---\n").nth(2).unwrap();
    let mut options = Options::empty();
    options.insert(Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS);
    let anchor = Regex::new(r#"^(<a id="[a-zA-Z0-9_-]+">|</a>|<a id="[a-zA-Z0-9_-]+"></a>\n?)$"#).unwrap();
    let (mut shown, mut level_two) = (String::new(), 0);
    for event in Parser::new_ext(body, options) {
        match event {
            Event::Html(html) | Event::InlineHtml(html) => assert!(anchor.is_match(&html), "{html}"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(dest_url.starts_with('#') || dest_url.starts_with("evidence/"), "{dest_url}");
            }
            Event::Start(Tag::Image { .. }) => panic!("there are no images"),
            Event::Start(Tag::Heading { level, .. }) => level_two += usize::from(level as usize == 2),
            Event::Text(text) | Event::Code(text) => shown.push_str(&text),
            _ => {}
        }
    }
    let sections = view_of(record).contents.len();
    assert_eq!(level_two, sections, "one heading for each section and no other");
    shown
}

/// The sample with this text in all its documents: lines, values, cells, names of rows, paths, locators and reasons.
pub(crate) fn said_everywhere(text: &str) -> Record {
    let mut record = sample();
    let mut numbered = (1_u32..).map(|number| format!("{text}{number}"));
    let spot =
        |line| Spot { line, column: 1, end_column: 1 + u32::try_from(text.chars().count()).unwrap(), start: 0, end: 0 };
    let path = |path: &str| format!("{text}{}", path.len());
    record.documents.iter_mut().for_each(|document| document.path = path(&document.path));
    let renamed =
        |at: &str| at.split_once('#').map(|(document, rest)| format!("{}#{text}{rest}", path(document))).unwrap();
    for place in record.places.values_mut() {
        match place {
            Place::Found(quote) => {
                (quote.written, quote.line_text) = (text.to_owned(), text.to_owned());
                quote.spot = spot(quote.spot.line);
            }
            Place::Table(table) => table.columns.iter_mut().for_each(|column| *column = numbered.next().unwrap()),
            Place::Counted { rows, .. } => text.clone_into(rows),
            Place::NotFound(reason) => {
                (reason.reason, reason.help) = (text.to_owned(), text.to_owned());
                reason.near.iter_mut().for_each(|near| text.clone_into(near));
            }
        }
    }
    record.places.retain(|at, _| !at.contains('\\'));
    record.places = record.places.iter().map(|(at, place)| (renamed(at), place.clone())).collect();
    for claim in record.audit.checks.iter_mut().flat_map(|check| &mut check.claims) {
        claim.at = claim.at.as_deref().map(renamed);
        if let Some(TableClaim { key, values, .. }) = &mut claim.table {
            text.clone_into(key);
            values.values_mut().for_each(|header| *header = numbered.next().unwrap());
        }
    }
    for place in record.judgement.listed_claims.iter_mut().flat_map(|claim| &mut claim.places) {
        place.at = renamed(&place.at);
        text.clone_into(&mut place.reason);
    }
    for table in
        record.judgement.checks.iter_mut().flat_map(|check| &mut check.claims).filter_map(|claim| claim.table.as_mut())
    {
        table.unclaimed.iter_mut().for_each(|name| text.clone_into(name));
        for row in table.rows.iter_mut().chain(&mut table.total) {
            (row.name, row.reason) = (text.to_owned(), text.to_owned());
            row.cells.iter_mut().for_each(|cell| text.clone_into(&mut cell.claimed));
        }
    }
    record
}

#[test]
fn a_document_that_claims_stand_in_cannot_change_the_structure_of_a_report() {
    let structure = |text: &str| {
        let view = view_of(&said_everywhere(text));
        let page = report::html(&view, &Templates::builtin()).unwrap();
        nothing_acts(&page);
        let elements: Vec<String> = tags(&page).into_iter().map(|(name, _)| name).collect();
        let markdown = report::markdown(&view, &Templates::builtin()).unwrap();
        let mut options = Options::empty();
        options.insert(Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS);
        let blocks: Vec<String> = Parser::new_ext(&markdown, options)
            .filter_map(|event| match event {
                Event::Start(Tag::Strong) => None,
                Event::Start(tag) => Some(format!("{tag:?}").split(['(', ' ', '{']).next().unwrap().to_owned()),
                Event::Html(_) | Event::InlineHtml(_) => Some("html".to_owned()),
                _ => None,
            })
            .collect();
        (elements, blocks)
    };
    let plain = structure("plain");
    for hostile in [
        "</mark></blockquote><script>alert(1)</script>",
        "\"><img src=x onerror=alert(1)>",
        "| a | b |\n| - | - |\n| 1 | 2 |",
        "`` ` ``` ~~~",
        "\n\nA heading\n===\n\n1. an item\n\n    code",
        "**bold** _x_ ~~y~~ [l](javascript:alert(1)) ![i](x) <http://x.example>",
        "{{ 7*7 }}{% include \"x\" %} ::error:: \u{1b}[2J \u{202e}",
        "--- === - [ ] +",
    ] {
        let (elements, blocks) = structure(hostile);
        assert!(elements == plain.0, "{hostile}");
        assert!(blocks == plain.1, "{hostile}");
    }
}

#[test]
fn the_runs_that_a_record_was_put_together_from_are_text() {
    let mut record = sample();
    let hostile = "](javascript:x) <b>|\n# x\n\n<script>".to_owned();
    let (started_at, finished_at) = (record.run.started_at, record.run.finished_at);
    let (run_id, sha256, tool_version, platform) = (hostile.clone(), hostile.clone(), hostile.clone(), hostile);
    record.parts = vec![Part { started_at, finished_at, run_id, sha256, tool_version, platform }];
    assert!(only_text_is_captured(&record).contains("Put together from 1 run: run ](javascript:x)"));
    nothing_acts(&report::html(&view_of(&record), &Templates::builtin()).unwrap());
}

#[test]
fn the_record_inside_the_page_is_the_record() {
    let page = html();
    let inside = Regex::new(r#"id="countersign-record">"([^"]*)"<"#).unwrap().captures(&page).unwrap()[1].to_owned();
    let bytes = base64::engine::general_purpose::STANDARD.decode(inside).unwrap();
    assert_eq!(bytes, serde_json_canonicalizer::to_vec(&sample()).unwrap());
}

#[test]
fn every_anchor_leads_somewhere_and_none_is_there_twice() {
    for record in [sample(), claims_only()] {
        anchors_meet(&report::html(&view_of(&record), &Templates::builtin()).unwrap());
    }
}

/// Every anchor of a page is there once, and every link in it leads to one.
pub(crate) fn anchors_meet(page: &str) {
    let ids: Vec<String> =
        Regex::new(r#" id="([^"]*)""#).unwrap().captures_iter(page).map(|id| id[1].to_owned()).collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    for link in Regex::new(r##"href="#([^"]*)""##).unwrap().captures_iter(page) {
        assert!(unique.binary_search(&link[1].to_owned()).is_ok(), "#{} leads nowhere", &link[1]);
    }
}

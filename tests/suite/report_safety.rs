//! What was captured stays text: it cannot act in the HTML, and cannot become structure in the Markdown.

use base64::Engine as _;
use countersign::report::{self, Templates};
use pulldown_cmark::{Event, Options, Parser, Tag};
use regex::Regex;
use sha2::{Digest as _, Sha256};

use crate::report::{sample, view_of};

fn html() -> String {
    report::html(&view_of(&sample()), &Templates::builtin()).unwrap()
}

/// Every tag of a page in which all text is escaped: name and attributes. The style sheet is left out.
fn tags(page: &str) -> Vec<(String, String)> {
    let style = Regex::new("(?s)<style>.*?</style>").unwrap();
    let page = style.replace(page, "");
    let tag = Regex::new(r#"<(/?[A-Za-z!][A-Za-z0-9]*)((?:[^<>"]|"[^"]*")*)>"#).unwrap();
    let found: Vec<_> = tag.captures_iter(&page).map(|found| (found[1].to_owned(), found[2].to_owned())).collect();
    assert_eq!(found.len(), page.matches('<').count(), "every < begins a tag");
    found
}

#[test]
fn no_element_of_the_page_can_act() {
    let page = html();
    let handler = Regex::new(r"(?i)\s(on\w+|style|srcset|formaction)\s*=").unwrap();
    let quoted = Regex::new(r#""[^"]*""#).unwrap();
    let mut scripts = 0;
    for (name, attributes) in tags(&page) {
        assert!(!matches!(&*name, "iframe" | "object" | "embed" | "link" | "img" | "form" | "base"), "{name}");
        let bare = quoted.replace_all(&attributes, "\"\"").into_owned();
        assert!(!handler.is_match(&bare), "<{name}{attributes}>");
        assert!(!attributes.to_lowercase().contains("\"javascript:"), "<{name}{attributes}>");
        scripts += usize::from(name == "script");
    }
    assert_eq!(scripts, 1);
    assert!(page.contains(r#"<script type="application/json" id="countersign-record">"#));
    for url in Regex::new(r#"(?:src|href)="([^"]*)""#).unwrap().captures_iter(&page) {
        assert!(url[1].starts_with('#') || url[1].starts_with("evidence/") || url[1].is_empty(), "{}", &url[1]);
    }
}

#[test]
fn the_policy_of_the_page_names_its_style_sheet_and_comes_first() {
    let page = html();
    let style = Regex::new("(?s)<style>(.*?)</style>").unwrap().captures(&page).unwrap()[1].to_owned();
    let digest = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(style));
    assert!(page.contains(&format!("default-src 'none'; style-src 'sha256-{digest}'; img-src data:")));
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
    let record = sample();
    let markdown = report::markdown(&view_of(&record), &Templates::builtin()).unwrap();
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
    let sections = view_of(&record).contents.len();
    assert_eq!(level_two, sections, "one heading for each section and no other");
    assert!(shown.contains("</details></script></style>"), "evidence is there, as text");
    assert!(shown.contains("Logs {{ 7*7 }} [x](javascript:alert(1)) @team #1"), "titles are there, as text");
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
    let page = html();
    let ids: Vec<String> =
        Regex::new(r#" id="([^"]*)""#).unwrap().captures_iter(&page).map(|id| id[1].to_owned()).collect();
    let mut unique = ids.clone();
    unique.sort();
    unique.dedup();
    assert_eq!(unique.len(), ids.len());
    for link in Regex::new(r##"href="#([^"]*)""##).unwrap().captures_iter(&page) {
        assert!(unique.binary_search(&link[1].to_owned()).is_ok(), "#{} leads nowhere", &link[1]);
    }
}

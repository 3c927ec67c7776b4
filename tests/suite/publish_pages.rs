//! The pages themselves, from a record with hostile text in every field: each reads as the report does, and nothing in it
//! acts.

use countersign::model::record::Record;
use countersign::publish::site::Dialect;
use countersign::publish::{Entry, Place, Published, SITES, Site, badge, is_ours, trend};
use countersign::report::{self, Templates, view::View};
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};
use regex::Regex;

use crate::report::{claims_only, fixture, sample, sign_offs, signed_view_of};
use crate::report_safety::said_everywhere;
use crate::support::golden;

/// The strings that broke builds, leaked files of the site or ran in a browser when they were published as they are.
const HOSTILE: &str = include_str!("../../fixtures/hostile.txt");

/// A kind of site for each dialect.
fn of_each_dialect() -> Vec<&'static Site> {
    let named = ["mkdocs", "docusaurus", "hugo", "confluence"];
    let sites: Vec<&Site> = SITES.iter().filter(|site| named.contains(&site.name)).collect();
    for site in SITES {
        assert!(sites.iter().any(|known| known.dialect == site.dialect), "{}: name one of its dialect here", site.name);
    }
    sites
}

fn page(site: &Site, record: &Record) -> String {
    let view = signed_view_of(record, &sign_offs());
    let entry = Entry::of(record, &view.verify.record, &sign_offs());
    let evidence = view.areas.iter().flat_map(|area| &area.checks).flat_map(|check| &check.excerpts);
    let files = evidence.filter_map(|excerpt| excerpt.file.clone());
    let published: Published = files.map(|file| (file.clone(), format!("{}.txt", file.replace(".txt", "")))).collect();
    Place { site, section: "audits" }.run_page(&entry, &view, &published, &Templates::builtin()).unwrap()
}

/// The page without its front matter.
fn body(page: &str) -> &str {
    page.strip_prefix("---\n").map_or(page, |rest| rest.split_once("\n---\n").unwrap().1)
}

fn options() -> Options {
    Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_TASKLISTS
}

/// What a reader sees, without white space.
fn dense(text: &str) -> String {
    text.chars().filter(|c| !c.is_whitespace()).collect()
}

/// The words of Markdown. Only these elements may stand in it.
fn words_of_markdown(markdown: &str) -> String {
    let known = Regex::new(
        r#"^(<a id="[a-zA-Z0-9_-]+">|</?(a|strong|em|del|code|span|pre)>|<br />|<a href="(#[a-zA-Z0-9_-]+|https?&#58;[^<>"]*|[a-zA-Z0-9./_-]+)">|<img src="[a-zA-Z0-9./_-]+" alt="[^<>"]*" />|<!-- countersign: written by it, sha256 [0-9a-f]{64} -->\n?)$"#,
    )
    .unwrap();
    let block = Regex::new(r"^<pre><code>([^<>\n]|<span></span>)*</code></pre>\n?$").unwrap();
    let harmless = Regex::new(r"^(pathname://)?[a-zA-Z0-9./_-]+$").unwrap();
    let mut words = String::new();
    for event in Parser::new_ext(markdown, options()) {
        match event {
            Event::Html(html) if block.is_match(&html) => words.push_str(&unescaped(&html)),
            Event::Html(html) | Event::InlineHtml(html) => assert!(known.is_match(&html), "{html}"),
            Event::Text(text) | Event::Code(text) => words.push_str(&text),
            Event::Start(Tag::Image { .. }) => panic!("a page of a run has no picture"),
            Event::Start(Tag::Link { dest_url, .. }) => {
                assert!(harmless.is_match(&dest_url), "{dest_url}");
            }
            _ => {}
        }
    }
    words
}

/// The words of HTML or XML: tags away, references read.
fn unescaped(html: &str) -> String {
    let sections = Regex::new(r"(?s)<!\[CDATA\[(.*?)\]\]>").unwrap();
    let html = sections.replace_all(html, |found: &regex::Captures<'_>| {
        found[1].replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    });
    let hidden = Regex::new(r#"<ac:parameter[^>]*>[^<]*</ac:parameter>|<!--.*?-->"#).unwrap();
    let html = hidden.replace_all(&html, "");
    let bare = Regex::new("<[^<>]*>").unwrap().replace_all(&html, "").into_owned();
    assert!(!bare.contains(['<', '>']), "{bare}");
    quick_xml_unescape(&bare)
}

fn quick_xml_unescape(text: &str) -> String {
    let reference = Regex::new(r"&(#\d+|[a-z]+);").unwrap();
    let read = reference.replace_all(text, |found: &regex::Captures<'_>| match &found[1] {
        "amp" => "&".to_owned(),
        "lt" => "<".to_owned(),
        "gt" => ">".to_owned(),
        "quot" => "\"".to_owned(),
        number => char::from_u32(number.trim_start_matches('#').parse().unwrap()).unwrap().to_string(),
    });
    read.into_owned()
}

fn words(site: &Site, page: &str) -> String {
    match site.dialect {
        Dialect::Universal | Dialect::Docusaurus => words_of_markdown(body(page)),
        Dialect::Html | Dialect::Storage => unescaped(body(page)),
    }
}

/// The words of the report that the page is made of.
fn words_of_report(view: &View) -> String {
    let markdown = report::markdown(view, &Templates::builtin()).unwrap();
    let mut shown = String::new();
    for event in Parser::new_ext(body(&markdown), options()) {
        match event {
            Event::Text(text) | Event::Code(text) => shown.push_str(&text),
            Event::TaskListMarker(done) => shown.push(if done { '☑' } else { '☐' }),
            Event::End(TagEnd::Heading(pulldown_cmark::HeadingLevel::H1)) => shown.push('\u{1}'),
            _ => {}
        }
    }
    shown
}

/// The words after the title and before how to verify, which a page says in its own way.
fn common(words: &str) -> String {
    let words = dense(words);
    let from = words.find("Subject:").unwrap();
    let to = words.find("Howtoverifythisdocument").unwrap();
    // A page says where evidence belongs below its heading, where the report makes the heading lead there.
    words[from..to].replace("Tothecheck", "")
}

#[test]
fn a_page_reads_as_the_report_does_whatever_is_in_it() {
    for hostile in std::iter::once("plain words").chain(HOSTILE.lines()) {
        let mut record = said_everywhere(hostile);
        record.audit.title = hostile.to_owned();
        record.audit.checks.iter_mut().for_each(|check| check.title = format!("{hostile} {}", check.id.check));
        let report = common(&words_of_report(&signed_view_of(&record, &sign_offs())));
        assert!(report.contains(&dense(hostile)), "{hostile}");
        let plain = hostile == "plain words";
        for site in if plain { SITES.iter().collect() } else { of_each_dialect() } {
            let page = page(site, &record);
            assert_eq!(common(&words(site, &page)), report, "{}: {hostile}", site.name);
        }
    }
}

#[test]
fn nothing_that_a_generator_acts_on_stands_in_a_page() {
    let pages = of_each_dialect().into_iter().map(|site| (site, page(site, &sample())));
    // Between fences and in CDATA a text stands as it is; that it stays there is what the other tests see.
    let quoted = Regex::new(r"(?ms)^(`{3,}).*?^`{3,}$|`+[^\n]*`|<!\[CDATA\[.*?\]\]>").unwrap();
    let handler = Regex::new(r"<[^<>]* (on\w+|style)=").unwrap();
    for (site, page) in pages {
        let body = body(&page);
        let (text, seal) = body.trim_end().rsplit_once('\n').unwrap();
        assert!(seal.starts_with("<!-- countersign: written by it") && is_ours(&page), "{seal}");
        let text = match site.dialect {
            Dialect::Docusaurus | Dialect::Storage => quoted.replace_all(text, "").into_owned(),
            Dialect::Universal | Dialect::Html => text.to_owned(),
        };
        assert!(!handler.is_match(&text), "{}", site.name);
        let mut signs = vec!["<script", "<img", "<iframe", "<!--"];
        if site.dialect != Dialect::Storage {
            signs.extend(["{", "}", "`", "$", "[[", "]]", "::", "--8", "<<", "www.", "@", "%", "~"]);
        }
        for sign in signs {
            assert!(!text.contains(sign), "{}: {sign}", site.name);
        }
    }
}

#[test]
fn claims_alone_make_pages_without_a_score() {
    let record = claims_only();
    let entry = Entry::of(&record, &"0".repeat(64), &[]);
    assert_eq!((entry.score.as_ref(), trend(&[entry.clone(), entry.clone()])), (None, None));
    for site in SITES {
        let page = page(site, &record);
        assert!(words(site, &page).contains("Only claims were judged"), "{}", site.name);
        let place = Place { site, section: "audits" };
        let latest = place.latest_page(&entry);
        assert!(!latest.contains("Score") && latest.contains(&badge_words(&entry)), "{}: {latest}", site.name);
        assert!(place.index_page(std::slice::from_ref(&entry)).unwrap().contains("–"), "{}", site.name);
    }
}

#[test]
fn what_must_be_known_first_stands_on_the_page_of_the_latest_run_too() {
    let mut record = sample();
    record.run.untrusted = true;
    let entry = Entry::of(&record, &"0".repeat(64), &[]);
    for site in SITES {
        let latest = Place { site, section: "audits" }.latest_page(&entry);
        for said in ["Where the evidence comes from", "nothing was measured", "taken for one of strangers"] {
            assert!(latest.contains(said), "{}: {latest}", site.name);
        }
    }
}

/// The words of the verdict, as they stand in a title.
fn badge_words(entry: &Entry) -> String {
    entry.verdict.word.split(|c: char| !c.is_alphanumeric() && c != ' ').next().unwrap().to_owned()
}

#[test]
fn storage_format_is_well_formed_and_its_code_is_the_code() {
    let site = SITES.iter().find(|site| site.dialect == Dialect::Storage).unwrap();
    for hostile in HOSTILE.lines() {
        let page = page(site, &said_everywhere(hostile));
        let whole = format!("<p xmlns:ac=\"ac\" xmlns:ri=\"ri\">{page}</p>");
        let mut reader = quick_xml::Reader::from_str(&whole);
        reader.config_mut().check_end_names = true;
        let (mut depth, mut events) = (0, 0);
        loop {
            match reader.read_event().unwrap_or_else(|error| panic!("{hostile}: {error}")) {
                quick_xml::events::Event::Start(_) => depth += 1,
                quick_xml::events::Event::End(_) => depth -= 1,
                quick_xml::events::Event::Eof => break,
                _ => {}
            }
            events += 1;
        }
        assert!(depth == 0 && events > 100);
    }
}

#[test]
fn no_link_stands_in_a_heading_or_in_another_link() {
    let heading = Regex::new(r"(?m)^(#{1,6} .*|<h[1-6]>.*)$").unwrap();
    let nested = Regex::new(r"<a href[^>]*>(?:[^<]|<[^/a]|</[^a])*<a href").unwrap();
    for site in of_each_dialect() {
        let page = page(site, &sample());
        let headings: Vec<&str> = heading.find_iter(body(&page)).map(|found| found.as_str()).collect();
        assert!(headings.len() > 20, "{}", site.name);
        for heading in headings {
            let links = if site.dialect == Dialect::Storage { "<ac:link" } else { "](" };
            assert!(!heading.contains("<a ") && !heading.contains(links), "{}: {heading}", site.name);
        }
        assert!(!nested.is_match(&page), "{}", site.name);
    }
}

#[test]
fn each_link_into_the_page_meets_its_place() {
    for site in of_each_dialect() {
        let page = page(site, &sample());
        let (ids, links) = match site.dialect {
            Dialect::Storage => (r#"ac:name="">(cs-[^<]*)<"#, r#"ac:anchor="([^"]*)""#),
            _ => (r#" id="([^"]*)""#, r##"href="#([^"]*)""##),
        };
        let found = |pattern: &str| -> Vec<String> {
            Regex::new(pattern).unwrap().captures_iter(&page).map(|found| found[1].to_owned()).collect()
        };
        let ids = found(ids);
        let links = found(links);
        assert!(ids.len() > 20 && links.len() > 20, "{}: {} {}", site.name, ids.len(), links.len());
        for id in &ids {
            assert_eq!(ids.iter().filter(|other| *other == id).count(), 1, "{}: {id}", site.name);
        }
        for link in links {
            assert!(ids.contains(&link), "{}: #{link} leads nowhere", site.name);
        }
    }
}

#[test]
fn the_pages_of_the_sample_are_those_in_the_repository() {
    for site in of_each_dialect() {
        let ending = site.run.rsplit_once('.').unwrap().1;
        let path = fixture(&format!("published/pages/{}.{ending}", site.name));
        golden(&path, &page(site, &sample()));
    }
}

#[test]
fn the_badge_and_the_line_of_scores_are_those_in_the_repository() {
    let entry = |day: u32, score: &str| {
        let mut record = sample();
        record.run.finished_at = format!("2026-11-{day:02}T12:00:00Z").parse().unwrap();
        record.judgement.overall.score = Some(score.parse().unwrap());
        Entry::of(&record, &"0".repeat(64), &[])
    };
    let entries: Vec<Entry> =
        [(28, "9.4"), (21, "8.8"), (14, "6.25"), (7, "7")].map(|(day, score)| entry(day, score)).into();
    golden(&fixture("published/pages/badge.svg"), &badge(&entries[0]));
    golden(&fixture("published/pages/trend.svg"), &trend(&entries).unwrap());
    assert_eq!(trend(&entries[..1]), None, "one run makes no line");
    for picture in [badge(&entries[0]), trend(&entries).unwrap()] {
        let mut reader = quick_xml::Reader::from_str(&picture);
        while !matches!(reader.read_event().unwrap(), quick_xml::events::Event::Eof) {}
        assert!(!picture.contains("<script") && !picture.contains("href") && picture.contains("<title>"));
    }
}

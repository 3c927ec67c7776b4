//! The pages of a site: one for each run, one that says which is the latest, and the list of all of them.

use std::collections::BTreeMap;

use super::entry::{Entry, PageSaid, index_title};
use super::escape;
use super::evidence::IN_BASE64;
use super::inline::{Lines, Target};
use super::links::{FILE, From, PAGE, address, in_a_link, stem};
use super::seal::{marked, sealed};
use super::site::{On, Serves, Site};
use super::tree::{Block, Inline, read, without_links_in_headings};
use super::write;
use crate::report::view::View;
use crate::report::{self, ReportProblem, Templates};

/// The badge of the latest run.
pub const BADGE: &str = "badge.svg";
/// The line of scores.
pub const TREND: &str = "trend.svg";
/// The record of a run, in its folder.
pub const RECORD: &str = "record.json";

/// What lies beside the page of a run: the file of each piece of evidence as the report names it, and as it is published.
/// What is not in it is named on the page and leads nowhere.
pub type Published = BTreeMap<String, String>;

/// A site, and where in it the audits stand.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// The kind of site.
    pub site: &'a Site,
    /// Where the folder of the audits stands in the addresses of the site; empty for its top.
    pub section: &'a str,
}

impl Place<'_> {
    /// The page of a run. `view` is that of its record, its sign-offs and as much evidence as may be shown.
    pub fn run_page(
        &self,
        entry: &Entry,
        view: &View,
        published: &Published,
        templates: &Templates,
    ) -> Result<String, ReportProblem> {
        let mut view = view.clone();
        view.verify.run = how_to_verify(self.site, published, &entry.folder(self.site));
        let markdown = report::markdown(&view, templates)?;
        let mut blocks = without_links_in_headings(read(without_front_matter(&markdown)));
        let title = match blocks.first() {
            Some(Block::Heading(1, title)) => title.clone(),
            _ => vec![Inline::text(&*view.title)],
        };
        blocks.retain(|block| !matches!(block, Block::Heading(1, _)));
        blocks.insert(0, self.around(entry));
        let source = entry.page(self.site);
        let folder = entry.folder(self.site);
        let resolve = |link: &str| match published.get(link) {
            Some(file) => self.from(&source).to(&format!("{FILE}{folder}/{file}")),
            None if link == RECORD => self.from(&source).to(&format!("{FILE}{folder}/{RECORD}")),
            None => self.from(&source).to(link),
        };
        let said = PageSaid {
            title: &entry.page_title(),
            name: stem_of(&source, &entry.name),
            permalink: &self.permalink(&source),
            order: None,
            description: None,
        };
        let head = entry.said(said, |said| self.site.front_matter(On::Runs, said));
        let body = self.titled(title, blocks, &entry.page_title());
        Ok(sealed(&format!("{head}{}", self.write(&body, &source, &resolve))))
    }

    /// The page that says which run is the latest.
    pub fn latest_page(&self, entry: &Entry) -> String {
        let source = entry.fill(self.site.latest);
        let title = format!("Latest audit of {}", entry.subject);
        let plain = escape::title(&title);
        let field = |label: &str, value: Inline| {
            let label = vec![Inline::text(format!("{label}:"))];
            vec![Block::Paragraph(vec![Inline::Strong(label), Inline::text(" "), value])]
        };
        let run = self.page_link(&entry.page(self.site), &entry.page_title(), &entry.title);
        let mut items = vec![
            field("Audit", run),
            field("Verdict", Inline::text(format!("{} {}", entry.verdict.symbol, entry.verdict.word))),
        ];
        items.extend(entry.version.as_ref().map(|version| field("Version", Inline::text(version))));
        items.extend(entry.score_words().map(|score| field("Score", Inline::text(format!("{score} of 10")))));
        items.push(field("Date", Inline::text(crate::model::format::instant(entry.finished, "UTC"))));
        items.extend(entry.signed.map(|_| field("Signed", Inline::text(entry.signed_words()))));
        items.push(field("Record", self.record_link(entry, format!("sha256:{}", entry.sha256))));
        let all = self.page_link(&entry.fill(self.site.index), &index_title(&entry.subject), "All audits");
        let mut blocks = vec![Block::Paragraph(vec![self.badge(entry)])];
        blocks
            .extend(entry.caveats.iter().map(|said| Block::Paragraph(vec![Inline::Strong(vec![Inline::text(said)])])));
        blocks.extend([Block::List { start: None, tight: true, items }, Block::Paragraph(vec![all])]);
        let said = PageSaid {
            title: &plain,
            name: stem_of(&source, "latest"),
            permalink: &self.permalink(&source),
            order: Some(2),
            description: None,
        };
        let head = entry.said(said, |said| self.site.front_matter(On::Runs, said));
        let body = self.titled(vec![Inline::text(title)], blocks, &plain);
        let resolve = |link: &str| self.from(&source).to(link);
        sealed(&format!("{head}{}", self.write(&body, &source, &resolve)))
    }

    /// The list of all runs, newest first, as a page of its own; `entries` is sorted.
    pub fn index_page(&self, entries: &[Entry]) -> Option<String> {
        let newest = entries.first()?;
        let source = newest.fill(self.site.index);
        let plain = index_title(&newest.subject);
        let said = PageSaid {
            title: &plain,
            name: stem_of(&source, "index"),
            permalink: &self.permalink(&source),
            order: Some(1),
            // The list changes, and what stands above its marks does not.
            description: Some("Every audit that was published here, newest first"),
        };
        let head = newest.said(said, |said| self.site.front_matter(On::Index, said));
        let resolve = |link: &str| self.from(&source).to(link);
        let title = self.titled(vec![Inline::text(format!("Audits of {}", newest.subject))], Vec::new(), &plain);
        let title = self.write(&title, &source, &resolve);
        let title = if title.trim().is_empty() { String::new() } else { format!("{title}\n") };
        Some(format!("{head}{title}{}", marked(&self.index_part(entries)?)))
    }

    /// What stands between the marks of the list of all runs.
    pub fn index_part(&self, entries: &[Entry]) -> Option<String> {
        let newest = entries.first()?;
        let source = newest.fill(self.site.index);
        let text = |text: &str| vec![Inline::text(text)];
        let head = ["Run", "Version", "Verdict", "Score", "Signed", "Record"].map(text).to_vec();
        let row = |entry: &Entry| {
            let digest: String = entry.sha256.chars().take(16).collect();
            vec![
                // Two runs of one day are told apart.
                vec![self.page_link(&entry.page(self.site), &entry.page_title(), &entry.name)],
                text(entry.version.as_deref().unwrap_or("–")),
                text(&format!("{} {}", entry.verdict.symbol, entry.verdict.word)),
                text(&entry.score_words().unwrap_or_else(|| "–".to_owned())),
                text(&entry.signed_words()),
                vec![self.record_link(entry, format!("{digest}…"))],
            ]
        };
        let latest = self.page_link(&newest.fill(self.site.latest), &latest_title(newest), "The latest audit");
        let mut blocks = vec![
            Block::Paragraph(vec![self.badge(newest)]),
            Block::Paragraph(vec![
                latest,
                Inline::text(format!(
                    ": {}. Newest first; scores are of 10, records are named by their SHA-256.",
                    newest.sentence()
                )),
            ]),
            Block::Table { head, rows: entries.iter().map(row).collect() },
        ];
        if let Some(described) = super::trend::described(entries) {
            blocks.push(Block::Paragraph(vec![Inline::Image(self.picture(newest, TREND), described)]));
        }
        let resolve = |link: &str| self.from(&source).to(link);
        Some(self.write(&blocks, &source, &resolve))
    }

    /// What stands between the marks of the list where no run is left; `source` is its file.
    pub fn index_of_none(&self, source: &str) -> String {
        let none = Block::Paragraph(vec![Inline::text("No audit is published here.")]);
        self.write(&[none], source, &|_| Target::Nothing)
    }

    /// The lines that lead to all pages, for a list of pages that stands `below` folders above: `audits/`. The list of all
    /// runs is in the file `index`.
    pub fn list_part(&self, index: &str, entries: &[Entry], below: &str) -> String {
        let link = |source: &str, text: &str| match self.from("").to(&format!("{PAGE}{source}")) {
            Target::Markdown(path) => format!("[{text}]({below}{path})"),
            _ => text.to_owned(),
        };
        let mut lines = format!("- {}\n", link(index, "Audits"));
        if let Some(newest) = entries.first() {
            lines.push_str(&format!("  - {}\n", link(&newest.fill(self.site.latest), "Latest audit")));
        }
        for entry in entries {
            lines.push_str(&format!("  - {}\n", link(&entry.page(self.site), &entry.name)));
        }
        lines
    }

    /// What has to be added to the configuration of the site, for people. `folder` is the folder of the audits in it, `top` the
    /// same in the repository.
    pub fn hint(&self, newest: &Entry, folder: &str, top: &str) -> String {
        let below = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        let index = format!("{below}{}", newest.fill(self.site.index));
        let text = self.site.hint.replace("{folder}", folder).replace("{folder link}", &in_a_link(folder));
        let text = text.replace("{index}", &index).replace("{index link}", &in_a_link(&index));
        let text = text.replace("{top link}", &in_a_link(top));
        let text = text.replace("{latest}", &format!("{below}{}", newest.fill(self.site.latest)));
        let text = text.replace("{run}", &format!("{below}{}", newest.page(self.site)));
        let text = text.replace(
            "{titles}",
            &format!("{}, {}, {}", newest.page_title(), latest_title(newest), index_title(&newest.subject)),
        );
        text.replace("{below docs}", folder.strip_prefix("docs/").unwrap_or(folder))
    }

    /// The way to the other pages and to the record.
    fn around(&self, entry: &Entry) -> Block {
        let apart = || Inline::text(" · ");
        Block::Paragraph(vec![
            self.page_link(&entry.fill(self.site.index), &index_title(&entry.subject), "All audits"),
            apart(),
            self.page_link(&entry.fill(self.site.latest), &latest_title(entry), "The latest one"),
            apart(),
            self.record_link(entry, RECORD.to_owned()),
        ])
    }

    /// The exact title above the blocks, unless the site shows it there already.
    fn titled(&self, title: Vec<Inline>, mut blocks: Vec<Block>, shown: &str) -> Vec<Block> {
        if !self.site.shows_title {
            blocks.insert(0, Block::Heading(1, title));
        } else if !matches!(title.as_slice(), [Inline::Text(text)] if shown == text || shown.starts_with(&format!("{text} ")))
        {
            // Two titles of the first level would be one too many.
            blocks.insert(0, Block::Paragraph(vec![Inline::Strong(title)]));
        }
        blocks
    }

    fn page_link(&self, source: &str, title: &str, text: &str) -> Inline {
        Inline::link(format!("{PAGE}{source}|{title}"), text)
    }

    fn record_link(&self, entry: &Entry, text: String) -> Inline {
        Inline::Link(format!("{FILE}{}/{RECORD}", entry.folder(self.site)), vec![Inline::Code(text)])
    }

    fn badge(&self, entry: &Entry) -> Inline {
        Inline::Image(self.picture(entry, BADGE), super::badge::described(entry))
    }

    /// The file of a picture, relative to the folder of the audits.
    pub fn picture(&self, entry: &Entry, name: &str) -> String {
        format!("{}{name}", entry.fill(self.site.pictures))
    }

    fn from<'a>(&'a self, source: &'a str) -> From<'a> {
        From { site: self.site, section: self.section, source }
    }

    fn write(&self, blocks: &[Block], source: &str, resolve: &dyn Fn(&str) -> Target) -> String {
        let picture = |file: &str| self.from(source).picture(file);
        write::blocks(blocks, &Lines { dialect: self.site.dialect, resolve, picture: &picture })
    }

    fn permalink(&self, source: &str) -> String {
        let section = if self.section.is_empty() { String::new() } else { format!("{}/", self.section) };
        format!("/{section}{}", address(source))
    }
}

fn latest_title(entry: &Entry) -> String {
    escape::title(&format!("Latest audit of {}", entry.subject))
}

/// The name of a page's file; of one that is called `index` in a folder of its own, another.
fn stem_of<'a>(source: &'a str, else_name: &'a str) -> &'a str {
    match stem(source) {
        "index" | "_index" => else_name,
        name => name,
    }
}

fn without_front_matter(markdown: &str) -> &str {
    let rest = markdown.strip_prefix("---\n").and_then(|rest| rest.split_once("\n---\n"));
    rest.map_or(markdown, |(_, body)| body)
}

/// The lines that check the files of a run as they are published, in its folder.
fn how_to_verify(site: &Site, published: &Published, folder: &str) -> String {
    let place = match site.serves {
        Serves::Nothing => "which this site does not give out",
        Serves::Beside | Serves::Static(_) => "which this page leads to",
    };
    let mut lines =
        format!("# in the folder {folder}, {place}\n# the record: must print the digest above\nsha256sum {RECORD}");
    let evidence = || published.values().filter(|file| file.starts_with("evidence/"));
    if evidence().next().is_some() {
        lines.push_str(
            "\n# the evidence: each name begins with the digest of the file; prints what has changed\n\
             (cd evidence && sha256sum -- * | awk '$2 !~ /-base64.txt$/ && index($1, substr($2, 1, 16)) != 1 {print $2 \
             \" has changed\"}')",
        );
    }
    if evidence().any(|file| file.ends_with(IN_BASE64)) {
        lines.push_str(
            "\n# the same for what is given in base64\n\
             (cd evidence && for f in *-base64.txt; do case $(base64 -d \"$f\" | sha256sum) in ${f%%-*}*) ;; *) echo \"$f has \
             changed\" ;; esac; done)",
        );
    }
    lines
}

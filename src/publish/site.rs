//! What differs from one kind of site to another. A kind is data; what is done with it is the same for all.

use serde_json::{Value, json};

/// A kind of site that audits are published to.
#[derive(Debug)]
pub struct Site {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What it is for, a sentence.
    pub summary: &'static str,
    /// What its pages are written in.
    pub dialect: Dialect,
    /// The keys between the `---` lines at the top of a page, in order; none where the site knows no front matter. Nothing
    /// but these is ever written there.
    pub front: &'static [Key],
    /// How those stand in the file.
    pub front_form: FrontForm,
    /// Whether the site itself shows the title of a page above it.
    pub shows_title: bool,
    /// Where the page of a run goes, relative to the folder of the audits: `{run}.md`.
    pub run: &'static str,
    /// Where the page goes that says which run is the latest.
    pub latest: &'static str,
    /// Where the list of all runs goes.
    pub index: &'static str,
    /// The folder of a run's record, sign-offs and evidence: `{run}`.
    pub folder: &'static str,
    /// What stands before the names of the badge and the line of scores: empty, or a folder with a slash.
    pub pictures: &'static str,
    /// Where those files must lie so that readers can get them.
    pub serves: Serves,
    /// How pages lead to each other.
    pub to_pages: Reach,
    /// How pages lead to files.
    pub to_files: Reach,
    /// How pages show pictures.
    pub to_pictures: Reach,
    /// Is a file that begins with `---` run as a template, whatever its name?
    pub runs_front_matter: bool,
    /// What has to be added to the configuration of the site, which is never edited: lines for people, with `{index}`,
    /// `{latest}`, `{run}`, `{folder}` and its like filled in; `{folder link}` and `{index link}` as a Markdown link has them.
    /// `{top link}` is the folder as it is called in the repository.
    pub hint: &'static str,
    /// Lists of pages that are kept up to date where somebody put our marks into them.
    pub lists: Option<Lists>,
}

/// What pages are written in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Markdown with every sign as a character reference, code as HTML, evidence in one physical line: reads the same in every
    /// dialect and under every template language.
    Universal,
    /// Markdown for MDX's `md` mode: code between backticks and fences, because it changes text in raw HTML.
    Docusaurus,
    /// HTML, for a site that drops HTML from Markdown.
    Html,
    /// The storage format of Confluence: XHTML with its macros.
    Storage,
}

/// How front matter stands in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FrontForm {
    /// A line for each key, its value as JSON, which is YAML.
    Lines,
    /// All of it as one line of JSON.
    Object,
}

/// Where files must lie so that readers can get them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// Beside the pages.
    Beside,
    /// In a folder of its own, whose content is served as it is.
    Static(Static),
    /// Nowhere: they are kept beside the pages, for the list and for whoever has the folder, and nothing leads to them.
    Nothing,
}

/// A folder whose content is served as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Static {
    /// What stands in the root of such a site, any of these.
    pub marks: &'static [&'static str],
    /// The folder of the pages in it; what is below makes the address. Empty for the root itself.
    pub pages: &'static str,
    /// The folder of the files, relative to the root.
    pub folder: &'static str,
}

/// How a page leads to something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// By the path of its file, as a Markdown link: the site makes an address of it.
    Source,
    /// By its address, relative to that of the page, which ends in a slash.
    Address,
    /// By its address from the top of the site, after this.
    Rooted(&'static str),
    /// By its name between double brackets.
    Wiki,
    /// By its name, as a Markdown link.
    Name,
    /// By its title, which is unique.
    Title,
    /// Not at all: its name is shown.
    Nothing,
}

/// Lists of pages that others write, into which ours are put between marks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lists {
    /// Names of their files.
    pub files: &'static [&'static str],
    /// Where they stand: in the folder of the audits or the next one above that has one.
    pub above: bool,
}

/// A key of front matter.
#[derive(Debug, Clone, Copy)]
pub struct Key {
    /// Its name.
    pub name: &'static str,
    /// What stands behind it.
    pub value: Front,
    /// On which pages.
    pub on: On,
}

impl Key {
    /// A key that every page has.
    pub const fn all(name: &'static str, value: Front) -> Self {
        Self { name, value, on: On::All }
    }

    /// A key that only pages of runs have, and the latest.
    pub const fn run(name: &'static str, value: Front) -> Self {
        Self { name, value, on: On::Runs }
    }

    /// A key that only the list has.
    pub const fn index(name: &'static str, value: Front) -> Self {
        Self { name, value, on: On::Index }
    }
}

/// Which pages have a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum On {
    /// All of them.
    All,
    /// Those of runs, and the latest.
    Runs,
    /// The list.
    Index,
}

/// What stands behind a key of front matter. Nothing in it was captured but what is left of titles.
#[derive(Debug, Clone, Copy)]
pub enum Front {
    /// The title of the page, made of harmless characters, unique among the pages of an audit.
    Title,
    /// The title of the list.
    IndexTitle,
    /// Verdict, score and day, in words.
    Description,
    /// The day of the run, `2025-10-20`.
    Day,
    /// The moment of the run, RFC 3339.
    Moment,
    /// The name of the page's file, without an ending.
    Name,
    /// A number that is smaller the newer the run is.
    Order,
    /// The same number, under this key.
    OrderBelow(&'static str),
    /// The address of the page from the top of the site.
    Permalink,
    /// Yes or no.
    Is(bool),
    /// Always the same text.
    Text(&'static str),
    /// Always the same words.
    Words(&'static [&'static str]),
    /// Always the same key and text below it.
    Below(&'static str, &'static str),
    /// Always the same numbers.
    Numbers(&'static [u32]),
}

/// What a page says of itself in its front matter.
#[derive(Debug, Clone)]
pub(crate) struct Said<'a> {
    pub(crate) title: &'a str,
    pub(crate) index_title: &'a str,
    pub(crate) description: &'a str,
    pub(crate) day: &'a str,
    pub(crate) moment: &'a str,
    pub(crate) name: &'a str,
    pub(crate) order: i64,
    pub(crate) permalink: &'a str,
}

impl Front {
    /// As JSON.
    pub(crate) fn value(self, said: &Said<'_>) -> Value {
        match self {
            Self::Title => json!(said.title),
            Self::IndexTitle => json!(said.index_title),
            Self::Description => json!(said.description),
            Self::Day => json!(said.day),
            Self::Moment => json!(said.moment),
            Self::Name => json!(said.name),
            Self::Order => json!(said.order),
            Self::OrderBelow(key) => json!({ key: said.order }),
            Self::Permalink => json!(said.permalink),
            Self::Is(yes) => json!(yes),
            Self::Text(text) => json!(text),
            Self::Words(words) => json!(words),
            Self::Below(key, text) => json!({ key: text }),
            Self::Numbers(numbers) => json!(numbers),
        }
    }
}

impl Site {
    /// The front matter of a page, with the lines around it.
    pub(crate) fn front_matter(&self, page: On, said: &Said<'_>) -> String {
        let keys = self.front.iter().filter(|key| key.on == On::All || key.on == page);
        let values = keys.map(|key| (key.name, key.value.value(said)));
        if self.front.is_empty() {
            return String::new();
        }
        let inside = match self.front_form {
            FrontForm::Lines => values.map(|(name, value)| format!("{name}: {value}\n")).collect(),
            FrontForm::Object => {
                let object: serde_json::Map<String, Value> =
                    values.map(|(name, value)| (name.to_owned(), value)).collect();
                format!("{}\n", Value::Object(object))
            }
        };
        format!("---\n{inside}---\n\n")
    }
}

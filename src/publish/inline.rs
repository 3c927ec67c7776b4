//! What stands in a line, as each dialect writes it.

use super::escape;
use super::site::Dialect;
use super::tree::{Inline, is_anchor};

/// Before every id: headings get ids of their own from the sites, and no two may be the same.
const OURS: &str = "cs-";

/// Where a link leads on the site.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Target {
    /// A Markdown link: a path or an address of harmless characters.
    Markdown(String),
    /// An address, in HTML.
    Address(String),
    /// A note's name between double brackets.
    Wiki(String),
    /// The title of a page.
    Title(String),
    /// Nowhere.
    Nothing,
}

/// Says where a link of the report leads on the site.
pub(crate) type Resolve<'a> = &'a dyn Fn(&str) -> Target;

/// How a line is written.
pub(crate) struct Lines<'a> {
    pub(crate) dialect: Dialect,
    pub(crate) resolve: Resolve<'a>,
    /// Says where a picture is.
    pub(crate) picture: Resolve<'a>,
}

impl Lines<'_> {
    /// A line. In a cell of a table a code span escapes what would end the cell.
    pub(crate) fn line(&self, line: &[Inline], in_cell: bool) -> String {
        line.iter().map(|inline| self.inline(inline, in_cell)).collect()
    }

    /// Words.
    pub(crate) fn words(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Storage => escape::xml(text),
            _ => escape::text(text),
        }
    }

    fn inline(&self, inline: &Inline, in_cell: bool) -> String {
        let within = |name: &str, inside: &[Inline]| format!("<{name}>{}</{name}>", self.line(inside, in_cell));
        match inline {
            Inline::Text(text) => self.words(text),
            Inline::Code(text) => self.code(text, in_cell),
            Inline::Anchor(id) => self.anchor(id),
            Inline::Strong(inside) => within("strong", inside),
            Inline::Emphasis(inside) => within("em", inside),
            Inline::Struck(inside) => within("del", inside),
            Inline::Break => "<br />".to_owned(),
            Inline::Link(to, inside) => self.link(to, inside, in_cell),
            Inline::Image(file, shows) => self.image(file, shows),
        }
    }

    fn code(&self, text: &str, in_cell: bool) -> String {
        match self.dialect {
            Dialect::Docusaurus => {
                let ticks = escape::backticks(text, 1);
                let space = if text.starts_with('`') || text.ends_with('`') { " " } else { "" };
                let text = if in_cell { text.replace('|', "\\|") } else { text.to_owned() };
                format!("{ticks}{space}{text}{space}{ticks}")
            }
            _ => format!("<code>{}</code>", self.words(text)),
        }
    }

    fn anchor(&self, id: &str) -> String {
        match self.dialect {
            Dialect::Storage => format!(
                "<ac:structured-macro ac:name=\"anchor\"><ac:parameter ac:name=\"\">{OURS}{id}</ac:parameter>\
                 </ac:structured-macro>"
            ),
            _ => format!("<a id=\"{OURS}{id}\"></a>"),
        }
    }

    fn link(&self, to: &str, inside: &[Inline], in_cell: bool) -> String {
        let shown = self.line(inside, in_cell);
        if let Some(id) = to.strip_prefix('#').filter(|id| is_anchor(id)) {
            return match self.dialect {
                Dialect::Storage => {
                    format!("<ac:link ac:anchor=\"{OURS}{id}\"><ac:link-body>{shown}</ac:link-body></ac:link>")
                }
                _ => format!("<a href=\"#{OURS}{id}\">{shown}</a>"),
            };
        }
        if let Some(address) = escape::address(to) {
            return format!("<a href=\"{}\">{shown}</a>", self.attribute(&address));
        }
        match (self.resolve)(to) {
            Target::Markdown(path) => format!("[{shown}]({path})"),
            Target::Address(address) => format!("<a href=\"{}\">{shown}</a>", escape::xml(&address)),
            Target::Wiki(name) => format!("[[{name}]]"),
            Target::Title(title) => format!(
                "<ac:link><ri:page ri:content-title=\"{}\" /><ac:link-body>{shown}</ac:link-body></ac:link>",
                escape::xml(&title)
            ),
            // A relative link of the audit file leads nowhere on a site, and some sites do not build with one.
            Target::Nothing => shown,
        }
    }

    fn attribute(&self, text: &str) -> String {
        match self.dialect {
            Dialect::Storage => escape::xml(text),
            _ => escape::lines(text),
        }
    }

    fn image(&self, file: &str, shows: &str) -> String {
        match (self.picture)(file) {
            // Some Markdown loses character references here. What pictures show is said in our own words, which need none.
            Target::Markdown(path) => format!("![{}]({path})", escape::title(shows)),
            Target::Address(address) => {
                format!("<img src=\"{}\" alt=\"{}\" />", escape::xml(&address), self.attribute(shows))
            }
            _ => self.words(shows),
        }
    }
}

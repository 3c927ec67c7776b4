//! Where a link of a page leads on its site.

use super::inline::Target;
use super::site::{Reach, Site};

/// What a page may lead to, besides places in itself and the web. No link of an audit file can be one of these: their scheme
/// is none that prose may use.
pub(crate) const PAGE: &str = "page:";
/// A file in the folder of the audits, by its path there.
pub(crate) const FILE: &str = "file:";

/// A page that is being written.
pub(crate) struct From<'a> {
    pub(crate) site: &'a Site,
    /// Where the folder of the audits stands in the addresses of its site: `docs/audits`, empty for the top.
    pub(crate) section: &'a str,
    /// Its file, relative to the folder of the audits.
    pub(crate) source: &'a str,
}

impl From<'_> {
    /// Where a link to a page or a file leads.
    pub(crate) fn to(&self, link: &str) -> Target {
        if let Some(source) = link.strip_prefix(PAGE) {
            let (source, title) = source.split_once('|').unwrap_or((source, ""));
            return self.reach(self.site.to_pages, source, &address(source), title);
        }
        match link.strip_prefix(FILE) {
            Some(path) => self.reach(self.site.to_files, path, path, ""),
            None => Target::Nothing,
        }
    }

    /// Where a picture is.
    pub(crate) fn picture(&self, file: &str) -> Target {
        self.reach(self.site.to_pictures, file, file, "")
    }

    fn reach(&self, reach: Reach, source: &str, address_of: &str, title: &str) -> Target {
        match reach {
            Reach::Source => Target::Markdown(relative(parent(self.source), source)),
            Reach::Address => Target::Address(relative(&address(self.source), address_of)),
            Reach::Rooted(before) => {
                let section = if self.section.is_empty() { String::new() } else { format!("{}/", self.section) };
                Target::Markdown(format!("{before}{section}{address_of}"))
            }
            Reach::Wiki => Target::Wiki(stem(source).to_owned()),
            Reach::Name => Target::Markdown(stem(source).to_owned()),
            Reach::Title => Target::Title(title.to_owned()),
            Reach::Nothing => Target::Nothing,
        }
    }
}

/// The address that a page gets from its file, relative to that of the folder: `x.md` and `x/index.md` are `x/`.
pub(crate) fn address(source: &str) -> String {
    let path = source.rsplit_once('.').map_or(source, |(path, _)| path);
    match path.rsplit_once('/') {
        Some((folder, "index" | "_index")) => format!("{folder}/"),
        None if matches!(path, "index" | "_index") => String::new(),
        _ => format!("{path}/"),
    }
}

/// The name of a file without folder and ending.
pub(crate) fn stem(source: &str) -> &str {
    let name = source.rsplit_once('/').map_or(source, |(_, name)| name);
    name.rsplit_once('.').map_or(name, |(stem, _)| stem)
}

fn parent(source: &str) -> &str {
    source.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// The way from one folder to a path, both relative to the same place.
pub fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').filter(|part| !part.is_empty()).collect();
    let parts: Vec<&str> = to.split('/').filter(|part| !part.is_empty()).collect();
    let common = from.iter().zip(&parts).take_while(|(one, other)| one == other).count();
    let up = std::iter::repeat_n("..", from.len() - common);
    let mut way: Vec<&str> = up.chain(parts[common..].iter().copied()).collect();
    if way.is_empty() {
        way.push(".");
    }
    let slash = if to.is_empty() || to.ends_with('/') { "/" } else { "" };
    format!("{}{slash}", way.join("/"))
}

/// What a Markdown link does not take as it is.
const UNSAFE: &percent_encoding::AsciiSet =
    &percent_encoding::NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// A path as a Markdown link has it: `a b/x.md` is `a%20b/x.md`.
pub fn in_a_link(path: &str) -> String {
    percent_encoding::utf8_percent_encode(path, UNSAFE).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_follow_from_files() {
        assert_eq!(address("2025-10-20-a.md"), "2025-10-20-a/");
        assert_eq!(address("2025-10-20-a/index.html"), "2025-10-20-a/");
        assert_eq!(address("index.md"), "");
        assert_eq!(address("_index.html"), "");
    }

    #[test]
    fn ways_are_as_short_as_they_can_be() {
        assert_eq!(relative("", "a/b.txt"), "a/b.txt");
        assert_eq!(relative("a", "a/b.txt"), "b.txt");
        assert_eq!(relative("a/", "b/"), "../b/");
        assert_eq!(relative("a/", ""), "../");
        assert_eq!(relative("", ""), "./");
        assert_eq!(relative("latest/", "badge.svg"), "../badge.svg");
    }
}

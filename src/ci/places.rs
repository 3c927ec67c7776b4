//! Where findings stand in the repository. The record knows paths as the audit file has them; CI systems want them from
//! the root of the repository. A place outside the repository is none.

use std::borrow::Cow;

use super::commands::inert;
use super::results;
use crate::model::quote::{Place, Places, document_of};
use crate::model::record::Record;

/// Where the audit stands in its repository. Directories are relative to the repository's root, with `/` between their
/// parts; empty is the root itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Base {
    /// The directory of the top audit file; declared places are relative to it.
    pub audit: String,
    /// Name of the top audit file, where it is known.
    pub file: Option<String>,
    /// The audit's root; documents are relative to it.
    pub root: String,
}

/// Finds places for one record.
pub(super) struct Located<'a> {
    base: &'a Base,
    places: &'a Places,
    record: &'a Record,
}

impl<'a> Located<'a> {
    pub(super) fn new(record: &'a Record, base: &'a Base) -> Self {
        Self { base, places: &record.places, record }
    }

    /// Where something is declared in the audit file. A file outside the repository is called by its name alone: every
    /// finding needs a place.
    pub(super) fn declared(&self, (path, line): &(String, u32)) -> results::Place {
        let name =
            || path.rsplit('/').find(|part| !matches!(part.trim(), "" | "." | "..")).unwrap_or("audit.yaml").to_owned();
        whole_line(joined(&self.base.audit, path).unwrap_or_else(name), *line)
    }

    /// The head of the audit file; of the first file that declares a check, where its name is not known.
    pub(super) fn audit_file(&self) -> results::Place {
        let first = || self.record.audit.checks.first().map(|check| check.declared.0.clone());
        self.declared(&(self.base.file.clone().or_else(first).unwrap_or_default(), 1))
    }

    /// Where a locator leads to.
    pub(super) fn quoted(&self, at: &str) -> Option<results::Place> {
        let spot = self.places.get(at)?.spot()?;
        let path = joined(&self.base.root, &self.file(Some(at))?)?;
        let columns = spot.column >= 1 && spot.end_column > spot.column;
        Some(results::Place {
            path: inert(&path),
            line: spot.line.max(1),
            column: columns.then_some(spot.column),
            end_column: columns.then_some(spot.end_column),
        })
    }

    /// A line of the document that a locator leads into.
    pub(super) fn line(&self, at: &str, line: u32) -> Option<results::Place> {
        Some(whole_line(joined(&self.base.root, &self.file(Some(at))?)?, line))
    }

    /// What stands where a locator leads to.
    pub(super) fn written(&self, at: &str) -> Option<String> {
        match self.places.get(at)? {
            Place::Found(quote) => Some(inert(&quote.written)),
            Place::Counted { rows, .. } => Some(inert(rows)),
            Place::Table(_) | Place::NotFound(_) => None,
        }
    }

    /// The document that a locator leads into.
    pub(super) fn file<'b>(&self, at: Option<&'b str>) -> Option<Cow<'b, str>> {
        at.map(document_of).filter(|path| !inert(path).is_empty())
    }
}

fn whole_line(path: String, line: u32) -> results::Place {
    results::Place { path: inert(&path), line: line.max(1), column: None, end_column: None }
}

/// `path` in `directory`, without `.` and `..`; `None` when it leads out of the repository.
fn joined(directory: &str, path: &str) -> Option<String> {
    if path.starts_with('/') || path.is_empty() {
        return None;
    }
    let mut parts: Vec<&str> = Vec::new();
    for part in directory.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop()?;
            }
            part => parts.push(part),
        }
    }
    Some(parts.join("/")).filter(|path| !inert(path).is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_is_told_from_the_root_of_the_repository() {
        assert_eq!(joined("checks/go-live", "monitoring.yaml").as_deref(), Some("checks/go-live/monitoring.yaml"));
        assert_eq!(joined("checks/go-live", "../library/./a.yaml").as_deref(), Some("checks/library/a.yaml"));
        assert_eq!(joined("", "README.md").as_deref(), Some("README.md"));
    }

    #[test]
    fn a_place_outside_the_repository_is_none() {
        assert_eq!(joined("checks", "../../etc/passwd"), None);
        assert_eq!(joined("checks", "/etc/passwd"), None);
        assert_eq!(joined("checks", ".."), None);
        assert_eq!(joined("", " \n"), None);
    }
}

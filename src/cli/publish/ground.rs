//! Where the pages go, where the files must lie so that readers get them, and what their addresses begin with.

use std::path::{Component, Path, PathBuf};

use super::{Failure, way};
use crate::publish::Site;
use crate::publish::site::{Reach, Serves, Static};

/// Folders in which sites keep their pages: what is below one of them is what their configuration names.
const ROOTS: &[&str] = &["docs", "src", "content"];

/// Where everything goes.
#[derive(Debug)]
pub(super) struct Ground {
    /// The folder of the pages, absolute.
    pub(super) pages: PathBuf,
    /// The folder of the files, absolute.
    pub(super) files: PathBuf,
    /// Where the pages stand in the addresses of the site.
    pub(super) section: String,
    /// The folder of the pages, as the configuration of the site would name it.
    pub(super) folder: String,
}

impl Ground {
    pub(super) fn find(site: &Site, to: &Path, given: Option<&Path>) -> Result<Self, Failure> {
        let pages = absolute(to)?;
        match (site.serves, given) {
            (Serves::Static(of), given) => served(site, of, pages, given),
            (_, Some(given)) => Err(Failure::new(
                format!(
                    "a site of kind \"{}\" has no folder of its own for files like \"{}\"",
                    site.name,
                    given.display()
                ),
                "leave --static out: files go beside the pages",
            )),
            (_, None) => {
                let folder = below_known(&pages);
                Ok(Self { files: pages.clone(), pages, section: folder.clone(), folder })
            }
        }
    }

    /// The folder of the pages as the repository names it, or whoever runs this from the top of one.
    pub(super) fn in_repository(&self) -> String {
        let repository = self.pages.ancestors().find(|folder| folder.join(".git").exists()).map(Path::to_owned);
        let top = repository.or_else(|| std::env::current_dir().ok());
        let below = top.as_deref().and_then(|top| self.pages.strip_prefix(top).ok());
        below.map_or_else(|| self.folder.clone(), slashed)
    }

    /// The way from a folder above to the pages, with a slash at the end; empty for the folder itself.
    pub(super) fn below(&self, folder: &Path) -> String {
        way(folder, &self.pages)
    }
}

fn served(site: &Site, of: Static, pages: PathBuf, given: Option<&Path>) -> Result<Ground, Failure> {
    let root = pages.ancestors().find(|folder| of.marks.iter().any(|mark| folder.join(mark).exists()));
    let section = match root {
        Some(root) => {
            let top = root.join(of.pages);
            let below = pages.strip_prefix(&top).map_err(|_| {
                Failure::new(
                    format!(
                        "\"{}\" is not below \"{}\", where this site has its pages",
                        pages.display(),
                        top.display()
                    ),
                    "choose a folder below it with --to DIR",
                )
            })?;
            slashed(below)
        }
        None if given.is_some() => below_known(&pages),
        None => {
            return Err(Failure::new(
                format!(
                    "no folder above \"{}\" has {}, so it is not known where files of this site lie",
                    pages.display(),
                    of.marks.join(" or ")
                ),
                format!(
                    "choose a folder in the site with --to DIR, or say where its `{}` is with --static DIR",
                    of.folder
                ),
            ));
        }
    };
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_./".contains(c);
    if !section.chars().all(plain) {
        return Err(Failure::new(
            format!("\"{section}\" becomes a part of addresses on a site of kind \"{}\"", site.name),
            "choose a folder whose name has letters, digits, - _ and . alone",
        ));
    }
    if section.is_empty() && matches!(site.to_pages, Reach::Rooted(_)) {
        return Err(Failure::new(
            format!("in \"{}\" the list of audits would take the address of the site's first page", pages.display()),
            "choose a folder below it with --to DIR",
        ));
    }
    let files = match (given, root) {
        (Some(given), _) => absolute(given)?,
        (None, Some(root)) => root.join(of.folder),
        (None, None) => pages.clone(),
    };
    let files = files.join(&section);
    Ok(Ground { pages, files, folder: section.clone(), section })
}

fn absolute(path: &Path) -> Result<PathBuf, Failure> {
    let full = std::path::absolute(path).map_err(|error| {
        Failure::new(format!("\"{}\" names no folder: {error}", path.display()), "choose another with --to DIR")
    })?;
    let goes_up = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    if !goes_up(&full) {
        return Ok(full);
    }
    // `a/../b` is `b` only where `a` is no link, so whoever knows is asked.
    let (there, missing) = full
        .ancestors()
        .find_map(|folder| Some((folder.canonicalize().ok()?, full.strip_prefix(folder).ok()?)))
        .unwrap_or_else(|| (PathBuf::from("/"), &full));
    if goes_up(missing) {
        return Err(Failure::new(
            format!("\"{}\" leads up from a folder that is not there", path.display()),
            "choose another with --to DIR",
        ));
    }
    Ok(there.join(missing))
}

/// What of a path is below the last folder that sites keep pages in; its last part where there is none.
fn below_known(path: &Path) -> String {
    let parts: Vec<String> = path.iter().map(|part| part.to_string_lossy().into_owned()).collect();
    let from = parts.iter().rposition(|part| ROOTS.contains(&part.as_str())).map_or(parts.len() - 1, |at| at + 1);
    parts.get(from..).unwrap_or_default().join("/")
}

fn slashed(path: &Path) -> String {
    path.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/")
}

//! Where a bundle stands, whatever links and `..` lead there, and what may not lie in that place: it is exchanged as a
//! whole, with all that is in it.

use std::fs;
use std::path::{Component, Path, PathBuf};

use super::bundle::BundleProblem;

/// As many links as the system follows before it calls them a loop.
const MOST_LINKS: usize = 40;

/// A path without links and `..`, also where nothing stands there yet: a link that leads nowhere stands for the place that
/// it names.
pub(super) fn resolved(path: &Path) -> PathBuf {
    let mut path = path.to_owned();
    for _ in 0..MOST_LINKS {
        if let Ok(real) = path.canonicalize() {
            return real;
        }
        let Ok(leads_to) = fs::read_link(&path) else { break };
        // An absolute path takes the place of the whole.
        path = folder_of(&path).join(leads_to);
    }
    match path.components().next_back() {
        Some(Component::Normal(name)) => resolved(folder_of(&path)).join(name),
        Some(Component::ParentDir) => {
            let mut above = resolved(folder_of(&path));
            above.pop();
            above
        }
        // Not even the current folder can be read.
        _ => path,
    }
}

/// The folder that a path is in.
fn folder_of(path: &Path) -> &Path {
    match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    }
}

/// Refuses a place in which one of these files lies or will be written, and one that lies below such a file.
pub fn keeps_clear_of(target: &Path, files: &[PathBuf]) -> Result<(), BundleProblem> {
    let place = resolved(target);
    for file in files {
        // A file that is renamed to its place replaces a link there; one that is opened follows it.
        let named = file.file_name().map_or_else(|| resolved(file), |name| resolved(folder_of(file)).join(name));
        let (file, target) = (file.clone(), target.to_owned());
        if named.starts_with(&place) || resolved(&file).starts_with(&place) {
            return Err(BundleProblem::Within { file, target });
        }
        if place.starts_with(&named) {
            return Err(BundleProblem::Below { file, target });
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(unix)]
    #[test]
    fn links_lead_to_where_they_lead_also_when_nothing_is_there_yet() {
        let scratch = tempfile::tempdir().unwrap();
        let top = scratch.path().canonicalize().unwrap();
        fs::create_dir(top.join("real")).unwrap();
        for (link, to) in [("link", "real"), ("dangling", "real/new"), ("twice", "dangling"), ("loop", "loop")] {
            std::os::unix::fs::symlink(to, top.join(link)).unwrap();
        }
        for (path, expected) in [
            ("real", "real"),
            ("link", "real"),
            ("link/a/b", "real/a/b"),
            ("link/../x", "x"),
            ("new/../x", "x"),
            ("new/..", ""),
            ("dangling", "real/new"),
            ("twice/in", "real/new/in"),
            ("loop", "loop"),
        ] {
            assert_eq!(resolved(&top.join(path)), top.join(expected), "{path}");
        }
    }
}

//! Which files match a glob. It follows no link out of the root, and its order is the order of the names.

use std::path::{Component, Path, PathBuf};

use globset::{GlobBuilder, GlobMatcher};
use walkdir::WalkDir;

use super::plain;
use crate::model::fact::Unmeasurable;
use crate::model::glob::depth;

/// The regular files below `root` that match, relative to it (absolute where they are outside), with `/`, sorted.
pub(super) fn list(root: &Path, glob: &str, allow_outside: bool, most: usize) -> Result<Vec<String>, Unmeasurable> {
    let (base, pattern) = split(root, glob, allow_outside)?;
    let matcher = matcher(glob, &pattern)?;
    let mut found = Vec::new();
    for entry in WalkDir::new(&base).max_depth(depth(&pattern)).follow_links(false).sort_by_file_name() {
        let entry = match entry {
            Ok(entry) => entry,
            Err(error) if error.depth() == 0 && error.io_error().is_some_and(is_missing) => break,
            Err(error) => return Err(unlistable(glob, &error)),
        };
        let below = entry.path().strip_prefix(&base).unwrap_or(entry.path());
        if !matcher.is_match(if below.as_os_str().is_empty() {
            entry.path().file_name().map_or(below, Path::new)
        } else {
            below
        }) || !is_file(root, &entry, allow_outside)
        {
            continue;
        }
        if found.len() == most {
            return Err(Unmeasurable::new(format!("\"{glob}\" matches more than {most} files"), "Narrow the pattern."));
        }
        let shown = entry.path().strip_prefix(root).unwrap_or(entry.path());
        found.push(shown.to_string_lossy().replace(std::path::MAIN_SEPARATOR, "/"));
    }
    found.sort();
    Ok(found)
}

fn is_missing(error: &std::io::Error) -> bool {
    matches!(error.kind(), std::io::ErrorKind::NotFound | std::io::ErrorKind::NotADirectory)
}

/// A regular file, or a link to one that stays inside.
fn is_file(root: &Path, entry: &walkdir::DirEntry, allow_outside: bool) -> bool {
    if !entry.path_is_symlink() {
        return entry.file_type().is_file();
    }
    let target = entry.path().canonicalize();
    target.is_ok_and(|target| target.is_file() && (allow_outside || target.starts_with(root)))
}

/// The directory to start from, and the pattern below it: a walk from the root would visit everything.
fn split(root: &Path, glob: &str, allow_outside: bool) -> Result<(PathBuf, String), Unmeasurable> {
    let parts: Vec<&str> = glob.split('/').filter(|part| !part.is_empty() && *part != ".").collect();
    let plain_parts = parts.iter().take_while(|part| !part.contains(['*', '?', '[', '{', '\\'])).count();
    // The last part is always a pattern, so that a plain name is matched and not walked into.
    let fixed = plain_parts.min(parts.len().saturating_sub(1));
    let start = if glob.starts_with('/') { PathBuf::from("/") } else { root.to_owned() };
    let base = start.join(parts[..fixed].iter().collect::<PathBuf>());
    let climbs = |path: &Path| path.components().any(|part| part == Component::ParentDir);
    let inside = base.starts_with(root)
        && !climbs(Path::new(glob))
        && base.canonicalize().map_or(true, |base| base.starts_with(root));
    if !inside && !allow_outside {
        return Err(super::outside(glob, root));
    }
    Ok((base, parts[fixed..].join("/")))
}

fn matcher(glob: &str, pattern: &str) -> Result<GlobMatcher, Unmeasurable> {
    let built = GlobBuilder::new(pattern).literal_separator(true).build();
    built.map(|glob| glob.compile_matcher()).map_err(|error| {
        Unmeasurable::new(
            format!("\"{glob}\" is not a pattern: {}", error.kind()),
            "Write ** for any directories, * for any name, {a,b} for either.",
        )
    })
}

/// A directory that cannot be looked into may hold a match: a shorter list would be a wrong one.
fn unlistable(glob: &str, error: &walkdir::Error) -> Unmeasurable {
    let why = error.io_error().map_or_else(|| "its links form a circle".to_owned(), plain);
    let at = error.path().map_or_else(String::new, |path| format!(" at \"{}\"", path.display()));
    Unmeasurable::new(
        format!("\"{glob}\" could not be listed in full{at}: {why}"),
        "Run the audit as a user who may read that directory, or narrow the pattern.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tree() -> tempfile::TempDir {
        let root = tempfile::tempdir().unwrap();
        for name in ["b/x.rs", "a/y.rs", "a/deep/z.rs", "top.rs", "a/note.md"] {
            let path = root.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "").unwrap();
        }
        root
    }

    fn listed(root: &tempfile::TempDir, glob: &str) -> Vec<String> {
        list(&root.path().canonicalize().unwrap(), glob, false, 10).unwrap()
    }

    #[test]
    fn matches_are_sorted_and_relative_to_the_root() {
        let root = tree();
        assert_eq!(listed(&root, "**/*.rs"), ["a/deep/z.rs", "a/y.rs", "b/x.rs", "top.rs"]);
        assert_eq!(listed(&root, "a/*.rs"), ["a/y.rs"]);
        assert_eq!(listed(&root, "./{a,b}/*.rs"), ["a/y.rs", "b/x.rs"]);
        assert_eq!(listed(&root, "top.rs"), ["top.rs"]);
        assert_eq!(listed(&root, "nowhere/**"), [] as [&str; 0]);
    }

    #[test]
    fn nothing_outside_is_listed() {
        let root = tree();
        let canonical = root.path().canonicalize().unwrap();
        for glob in ["/etc/*", "../*", "a/../../*"] {
            let error = list(&canonical, glob, false, 10).unwrap_err();
            assert!(error.reason.contains("outside the audit's root"), "{}", error.reason);
        }
        let error = list(&canonical, "**", false, 2).unwrap_err();
        assert_eq!(error.reason, "\"**\" matches more than 2 files");
    }

    #[test]
    fn a_pattern_reaches_as_deep_as_it_says() {
        let root = tree();
        assert_eq!(listed(&root, "*.rs"), ["top.rs"]);
        assert_eq!(listed(&root, "*/*.rs"), ["a/y.rs", "b/x.rs"]);
        assert_eq!(listed(&root, "[ab]/deep/?.rs"), ["a/deep/z.rs"]);
        assert_eq!(listed(&root, "{a/deep,b}/*.rs"), ["a/deep/z.rs", "b/x.rs"]);
    }

    #[cfg(unix)]
    #[test]
    fn a_link_is_followed_to_a_file_inside_and_not_out() {
        let root = tree();
        std::os::unix::fs::symlink("/etc/passwd", root.path().join("out.rs")).unwrap();
        std::os::unix::fs::symlink("a/y.rs", root.path().join("in.rs")).unwrap();
        std::os::unix::fs::symlink("/etc", root.path().join("etc")).unwrap();
        assert_eq!(listed(&root, "*.rs"), ["in.rs", "top.rs"]);
        assert!(list(&root.path().canonicalize().unwrap(), "etc/*", false, 10).is_err());
    }
}

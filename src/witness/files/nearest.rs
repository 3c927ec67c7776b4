//! The name that was probably meant. It must not look outside the directory in question.

use std::path::Path;

/// Directories with more entries than this are not searched.
const ENTRIES: usize = 2_000;

/// The nearest existing name to a path that does not exist, when one is near.
pub(super) fn to(missing: &Path) -> Option<String> {
    let wanted = missing.file_name()?.to_str()?;
    let mut names: Vec<String> = std::fs::read_dir(missing.parent()?)
        .ok()?
        .take(ENTRIES)
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .collect();
    names.sort();
    let near = wanted.chars().count() / 3 + 1;
    let scored = names.into_iter().map(|name| (distance(wanted, &name), name));
    scored.filter(|(far, _)| *far <= near).min().map(|(_, name)| name)
}

/// Levenshtein's distance.
fn distance(from: &str, to: &str) -> usize {
    let to: Vec<char> = to.chars().collect();
    let mut row: Vec<usize> = (0..=to.len()).collect();
    for (i, a) in from.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, b) in to.iter().enumerate() {
            let replaced = diagonal + usize::from(a != *b);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(diagonal + 1);
        }
    }
    row[to.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_found_and_a_far_one_is_not() {
        let directory = tempfile::tempdir().unwrap();
        std::fs::write(directory.path().join("junit.xml"), "").unwrap();
        assert_eq!(to(&directory.path().join("junt.xml")).as_deref(), Some("junit.xml"));
        assert_eq!(to(&directory.path().join("Cargo.toml")), None);
        assert_eq!(distance("kitten", "sitting"), 3);
    }
}

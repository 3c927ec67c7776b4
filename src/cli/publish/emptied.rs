//! A folder of audits from which the last run was taken away: the pages about all runs, which were made of them, go as well.

use std::fs;
use std::path::{Path, PathBuf};

use super::ground::Ground;
use super::writing::{Writing, shown};
use super::{Failure, keep_lists};
use crate::publish::{BADGE, Place, TREND, is_ours, with_part};

/// Takes away what is left of no run, and empties the lists. What others wrote or changed stays, and so does the page of a
/// run: whoever takes away a record says so by taking away its page, too.
pub(super) fn emptied(place: &Place<'_>, ground: &Ground, writing: &mut Writing<'_>) -> Result<(), Failure> {
    let site = place.site;
    let latest = named(&ground.pages, site.latest);
    let runs = named(&ground.pages, site.run).into_iter().filter(|path| !latest.contains(path));
    if let Some(page) = runs.into_iter().find(|path| fs::read_to_string(path).is_ok_and(|text| is_ours(&text))) {
        return Err(Failure::new(
            format!(
                "\"{}\" is there, and the record that it is of is not in \"{}\"",
                shown(&page),
                shown(&ground.files)
            ),
            "put the folder of the run back, or take its page away as well; where files are served from is said with \
             --static DIR. Nothing was written",
        ));
    }
    let pictures = [BADGE, TREND].map(|name| named(&ground.files, &format!("{}{name}", site.pictures)));
    for path in latest.into_iter().chain(pictures.into_iter().flatten()) {
        writing.unmade(path);
    }
    for path in named(&ground.pages, site.index) {
        let Ok(text) = fs::read_to_string(&path) else { continue };
        let source = path.strip_prefix(&ground.pages).unwrap_or(&path).to_string_lossy().into_owned();
        if let Some(text) = with_part(&text, &place.index_of_none(&source), true) {
            writing.part(path, text);
            keep_lists(place, ground, &source, &[], writing);
        }
    }
    Ok(())
}

/// The files in a folder that a pattern of a site can name, whatever the audit and the run are called.
fn named(folder: &Path, pattern: &str) -> Vec<PathBuf> {
    let mut found = vec![folder.to_owned()];
    for part in pattern.split('/') {
        let open = part.replace("{audit}", "*").replace("{run}", "*");
        let (Some((before, _)), Some((_, after))) = (open.split_once('*'), open.rsplit_once('*')) else {
            found.iter_mut().for_each(|path| path.push(part));
            continue;
        };
        let fits =
            |name: &str| name.len() >= before.len() + after.len() && name.starts_with(before) && name.ends_with(after);
        let entries = found.iter().filter_map(|path| fs::read_dir(path).ok()).flatten().flatten();
        found =
            entries.filter(|entry| entry.file_name().to_str().is_some_and(fits)).map(|entry| entry.path()).collect();
    }
    found.retain(|path| path.is_file());
    found.sort();
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_names_files_whatever_the_audit_is_called() {
        let folder = tempfile::tempdir().unwrap();
        for name in
            ["Audit-a-latest.md", "Audit-b-c-latest.md", "Audit-latest.md", "audits-a/badge.svg", "audits-a/x.svg"]
        {
            let path = folder.path().join(name);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            fs::write(path, "").unwrap();
        }
        let names = |pattern: &str| {
            let found = named(folder.path(), pattern);
            found.iter().map(|path| path.strip_prefix(folder.path()).unwrap().display().to_string()).collect::<Vec<_>>()
        };
        assert_eq!(names("Audit-{audit}-latest.md"), ["Audit-a-latest.md", "Audit-b-c-latest.md"]);
        assert_eq!(names("audits-{audit}/badge.svg"), ["audits-a/badge.svg"]);
        assert_eq!(names("Audit-latest.md"), ["Audit-latest.md"]);
        assert!(names("latest/index.md").is_empty());
    }
}

//! What detectors look at: the files, what stands in them, and what the survey may do.

use std::io::Read as _;
use std::time::Duration;

use super::Options;
use crate::model::format::plural;
use crate::witness::{Tree, TreeBounds, TreeFile, Witness};

/// Longer files are not read to find out what they are.
const MAX_TEXT: u64 = 1 << 20;
/// A report may be longer: only its beginning says what it is. One that is longer than this is no report of a project.
const MAX_REPORT: u64 = 256 << 20;
/// So much of a report is looked at.
const HEAD: u64 = 8 << 10;

/// Others wrote what is in these, or it is the state of a tool.
const NEVER: &[&str] = &[
    ".git",
    ".hg",
    ".svn",
    "node_modules",
    "bower_components",
    "vendor",
    "third_party",
    "site-packages",
    "__pycache__",
    ".venv",
    "venv",
    ".tox",
    ".nox",
    ".mypy_cache",
    ".ruff_cache",
    ".pytest_cache",
    ".cache",
    ".direnv",
    ".terraform",
    ".gradle",
    ".idea",
    ".vscode",
    ".yarn",
    ".pnpm-store",
    "deps",
    "incremental",
    ".fingerprint",
    "fixtures",
    "__fixtures__",
    "fixture",
    "testdata",
    "test-data",
    "test_data",
    "__snapshots__",
    "examples",
    "samples",
    "tests",
    "test",
    "spec",
    "__tests__",
    "corpus",
];
/// What is in these was built, whether git ignores them or not.
const BUILT: &[&str] = &["target", "build", "dist", "out"];

/// How far a survey walks.
pub fn bounds() -> TreeBounds {
    TreeBounds {
        depth: 12,
        entries: 50_000,
        built_depth: 5,
        built_entries: 20_000,
        time: Duration::from_secs(20),
        never: NEVER,
        built: BUILT,
    }
}

/// What detectors look at.
#[derive(Debug)]
pub struct Ground<'a> {
    /// The files.
    pub tree: &'a Tree,
    /// Looks into them.
    pub witness: &'a Witness,
    /// What may be done.
    pub options: Options<'a>,
    /// What the directory is called.
    pub name: &'a str,
}

impl std::fmt::Debug for Options<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Options").field("run_commands", &self.run_commands).field("offline", &self.offline).finish()
    }
}

impl<'a> Ground<'a> {
    /// The files that git keeps and that fit; at most `most`.
    pub fn sources(&self, most: usize, fits: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'a TreeFile> {
        self.tree.files.iter().filter(move |file| !file.built && fits(&file.path)).take(most)
    }

    /// All files that fit, those that were built too; at most `most`.
    pub fn all(&self, most: usize, fits: impl Fn(&str) -> bool + 'a) -> impl Iterator<Item = &'a TreeFile> {
        self.tree.files.iter().filter(move |file| fits(&file.path)).take(most)
    }

    /// Is there a file at this path that git keeps?
    pub fn has(&self, path: &str) -> bool {
        self.tree.files.iter().any(|file| !file.built && file.path == path)
    }

    /// The whole text of a file; `None` when it is long, not UTF-8, or cannot be read.
    pub async fn text(&self, path: &str) -> Option<String> {
        self.tree.files.iter().find(|file| file.path == path && file.size <= MAX_TEXT)?;
        let mut bytes = Vec::new();
        self.witness.read(path).await.ok()?.reader.take(MAX_TEXT).read_to_end(&mut bytes).ok()?;
        String::from_utf8(bytes).ok()
    }

    /// A file as JSON, whichever of YAML, JSON and TOML it is written in; `None` for anything else. Several documents of
    /// one YAML file are a list.
    pub async fn data(&self, path: &str) -> Option<serde_json::Value> {
        let text = self.text(path).await?;
        match extension(path) {
            "toml" => toml::from_str(&text).ok(),
            "json" => serde_json::from_str(&text).ok(),
            _ => {
                let mut documents: Vec<serde_json::Value> = serde_saphyr::from_multiple(&text).ok()?;
                if documents.len() == 1 { documents.pop() } else { Some(serde_json::Value::Array(documents)) }
            }
        }
    }

    /// The beginning of a report, or of anything else that may be long; `None` of what countersign wrote itself: an audit is
    /// no evidence for the next one.
    pub async fn head(&self, path: &str) -> Option<String> {
        self.tree.files.iter().find(|file| file.path == path && file.size <= MAX_REPORT)?;
        let mut bytes = Vec::new();
        self.witness.read(path).await.ok()?.reader.take(HEAD).read_to_end(&mut bytes).ok()?;
        Some(String::from_utf8_lossy(&bytes).into_owned()).filter(|head| !is_own(name(path), head))
    }
}

/// Is it an export of an audit, by the name that it has when nobody gives it another, or by what it says of itself?
fn is_own(name: &str, head: &str) -> bool {
    const SAID: [&str; 4] = [
        "<property name=\"coverage\" value=",
        "\"generatedBy\": \"countersign ",
        "\"name\": \"countersign:record-sha256\"",
        "\"driver\": {\n          \"name\": \"countersign\"",
    ];
    name.starts_with("countersign.") || SAID.iter().any(|said| head.contains(said))
}

/// The part of a name behind its last point; empty when there is none.
pub(super) fn extension(path: &str) -> &str {
    name(path).rsplit_once('.').map_or("", |(_, extension)| extension)
}

/// The last part of a path.
pub(super) fn name(path: &str) -> &str {
    path.rsplit_once('/').map_or(path, |(_, name)| name)
}

/// The folder of a path; empty for the root.
pub(super) fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

/// A path as a glob that matches it alone.
pub(super) fn only(path: &str) -> String {
    // A backslash is what `globset` leaves as it is, and what takes the meaning from the next character.
    globset::escape(path).replace('\\', "[\\]")
}

/// The name of the root element of XML; `None` when it does not begin like XML.
pub(super) fn root_element(head: &str) -> Option<&str> {
    let mut rest = head.trim_start_matches('\u{feff}').trim_start();
    loop {
        rest = rest.strip_prefix('<')?;
        if !rest.starts_with(['?', '!']) {
            return rest.split(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).next();
        }
        let end = if rest.starts_with("!--") { "-->" } else { ">" };
        rest = rest.split_once(end)?.1.trim_start();
    }
}

/// The files whose paths can stand in an audit file: `${` in one would be a variable there, or worse, a secret.
pub(super) fn writable(mut tree: Tree) -> Tree {
    let before = tree.files.len();
    tree.files.retain(|file| !file.path.contains("${"));
    tree.unnamed += before - tree.files.len();
    tree
}

/// What a reader should know of the walk, a sentence each.
pub(super) fn notes(tree: &Tree) -> Vec<String> {
    let mut notes = Vec::new();
    if tree.cut {
        notes.push(
            "There are more files than were looked at: some of what could be measured may be missing.".to_owned(),
        );
    }
    if tree.unnamed > 0 {
        let files = plural(tree.unnamed as u64, "file has a name", "files have names");
        notes.push(format!("{files} that cannot be written down here: left out."));
    }
    notes
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_export_of_an_audit_is_known_under_any_name() {
        let sample = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/ci/sample");
        for name in ["countersign.junit.xml", "countersign.sarif", "countersign.cdx.json", "ctrf-report.json"] {
            let text = std::fs::read_to_string(sample.join(name)).unwrap();
            let head: String = text.chars().take(8 << 10).collect();
            assert!(is_own("results.xml", &head), "{name}");
        }
        assert!(is_own("countersign.tap", "TAP version 14\n1..2\n"));
        assert!(!is_own(
            "junit.xml",
            "<testsuites name=\"countersign\"><testsuite name=\"countersign\"/></testsuites>"
        ));
    }

    #[test]
    fn xml_says_what_it_is_by_its_root() {
        assert_eq!(root_element("<?xml version=\"1.0\"?>\n<!-- a > b -->\n<testsuites name='x'>"), Some("testsuites"));
        assert_eq!(root_element("\u{feff}<!DOCTYPE coverage SYSTEM 'x'><coverage>"), Some("coverage"));
        assert_eq!(root_element("<a/>"), Some("a"));
        assert_eq!(root_element("{}"), None);
        assert_eq!(root_element("<!-- never ends"), None);
    }
}

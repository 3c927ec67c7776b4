//! The layers hold: who may import whom, how large a file may be, and where the outside may be touched.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// A row imports only what it names. The order is the way of the data.
const LAYERS: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("witness", &["model"]),
    ("source", &["model", "witness"]),
    ("probe", &["model", "witness", "source"]),
    ("proofread", &["model"]),
    ("plan", &["model", "probe", "proofread"]),
    ("survey", &["model", "witness", "source", "probe", "proofread"]),
    ("judge", &["model"]),
    ("record", &["model"]),
    ("report", &["model"]),
    ("signoff", &["model", "record"]),
    ("ci", &["model", "report"]),
    ("publish", &["model", "report"]),
    ("audit", &["model", "witness", "probe", "proofread", "plan", "judge", "record", "report", "signoff", "ci"]),
    (
        "cli",
        &[
            "model",
            "witness",
            "probe",
            "proofread",
            "plan",
            "judge",
            "record",
            "report",
            "signoff",
            "ci",
            "publish",
            "survey",
            "audit",
        ],
    ),
];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn rust_files(directory: &Path) -> Vec<PathBuf> {
    let mut files: Vec<PathBuf> = walkdir::WalkDir::new(directory)
        .into_iter()
        .map(|entry| entry.expect("the tree can be walked").into_path())
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .collect();
    files.sort();
    files
}

fn layer_of(path: &Path) -> String {
    let inside = path.strip_prefix(root().join("src")).expect("a source file");
    let first = inside.components().next().expect("a name").as_os_str().to_string_lossy();
    first.trim_end_matches(".rs").to_owned()
}

/// Every `crate::NAME` in a file, comments left out, with its line.
fn imports(text: &str) -> Vec<(usize, String)> {
    let mut found = Vec::new();
    for (number, line) in text.lines().enumerate() {
        let code = line.split("//").next().unwrap_or_default();
        for (at, _) in code.match_indices("crate::") {
            let name: String = code[at + 7..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect();
            if !name.is_empty() {
                found.push((number + 1, name));
            }
        }
        // `use crate::{a, b}` would hide names from this test.
        assert!(!code.contains("crate::{"), "line {}: write one `use crate::` for each layer", number + 1);
    }
    found
}

#[test]
fn every_layer_imports_only_the_layers_above_it() {
    let allowed: BTreeMap<&str, &[&str]> = LAYERS.iter().copied().collect();
    let mut wrong = Vec::new();
    for path in rust_files(&root().join("src")) {
        let layer = layer_of(&path);
        if layer == "lib" || layer == "main" {
            continue;
        }
        let may = allowed.get(layer.as_str()).unwrap_or_else(|| panic!("src/{layer} is no layer of this list"));
        let text = fs::read_to_string(&path).expect("a readable file");
        for (line, name) in imports(&text) {
            if name != layer && allowed.contains_key(name.as_str()) && !may.contains(&name.as_str()) {
                wrong.push(format!("{}:{line}: {layer} imports {name}", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_import_reader_sees_what_it_must() {
    let text = "use crate::model::id::Id;\nlet x = crate::probe::find(); // crate::cli\n";
    assert_eq!(imports(text), [(1, "model".to_owned()), (2, "probe".to_owned())]);
}

#[test]
fn no_file_outgrows_its_room() {
    let mut long = Vec::new();
    for path in rust_files(&root().join("src")) {
        let lines = fs::read_to_string(&path).expect("a readable file").lines().count();
        if lines > 560 {
            long.push(format!("{}: {lines} lines", path.display()));
        }
    }
    assert!(long.is_empty(), "split these:\n{}", long.join("\n"));
}

#[test]
fn every_file_says_what_it_is_for() {
    for path in rust_files(&root().join("src")) {
        let text = fs::read_to_string(&path).expect("a readable file");
        assert!(text.starts_with("//!"), "{} does not begin with what it is for", path.display());
    }
}

/// All I/O goes through the witness; the record writes bundles, the plan reads audit files, the command line the rest.
#[test]
fn only_the_door_touches_the_outside() {
    let doors = ["witness", "record", "plan", "cli"];
    let signs =
        ["std::fs", "tokio::fs", "std::net", "tokio::net", "tokio::process", "std::process::Command", "reqwest"];
    let is_test =
        |path: &PathBuf| path.components().any(|part| part.as_os_str().to_string_lossy().starts_with("tests"));
    for path in rust_files(&root().join("src")).into_iter().filter(|path| !is_test(path)) {
        let layer = layer_of(&path);
        let text = fs::read_to_string(&path).expect("a readable file");
        let text = text.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
        for sign in signs {
            let touches = code.contains(sign) && !doors.contains(&layer.as_str());
            // The report reads a user's templates, and nothing else.
            let templates = path.ends_with("report/templates.rs") && sign == "std::fs";
            // A signature is no evidence: the signer's own program makes it, and it is never recorded or replayed.
            let signing =
                path.ends_with("signoff/ssh_keygen.rs") && ["std::fs", "std::process::Command"].contains(&sign);
            assert!(!touches || templates || signing, "{} uses {sign}: ask through the witness", path.display());
        }
    }
}

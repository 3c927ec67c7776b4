//! What a user and a contributor look for at the top of a repository.

use serde_json::json;

use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, only};

/// What these files are called, without their ending.
const NAMES: [&str; 9] =
    ["readme", "license", "licence", "copying", "changelog", "contributing", "security", "code_of_conduct", "notice"];
/// What pins the dependencies.
const LOCKS: [&str; 9] = [
    "Cargo.lock", "package-lock.json", "pnpm-lock.yaml", "yarn.lock", "poetry.lock", "uv.lock", "Pipfile.lock", "go.sum",
    "Gemfile.lock",
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let files: Vec<&str> = ground.sources(30, is_one).map(|file| file.path.as_str()).collect();
    if files.is_empty() {
        return Vec::new();
    }
    vec![Draft {
        area: "repository",
        id: "files".to_owned(),
        title: "What people look for first is there".to_owned(),
        kind: "file",
        options: json!({"paths": files.iter().map(|path| only(path)).collect::<Vec<_>>()}),
        facts: &["missing"],
        says: &[],
        from: "the top of the directory".to_owned(),
        address: None,
        manner: Manner::Look,
    }]
}

fn is_one(path: &str) -> bool {
    let stem = path.split(['.', '-']).next().unwrap_or_default().to_ascii_lowercase();
    !path.contains('/') && (NAMES.contains(&stem.as_str()) || LOCKS.contains(&path))
}

//! What tells a CI system what to do.

use serde_json::json;

use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, extension, folder, only};

/// Those at the top of a repository.
const TOP: [&str; 7] = [
    ".gitlab-ci.yml", "Jenkinsfile", "azure-pipelines.yml", ".travis.yml", ".drone.yml", ".woodpecker.yml", "bitbucket-pipelines.yml",
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let files: Vec<&str> = ground.sources(30, is_one).map(|file| file.path.as_str()).collect();
    if files.is_empty() {
        return Vec::new();
    }
    vec![Draft {
        area: "repository",
        id: "ci".to_owned(),
        title: "CI is configured".to_owned(),
        kind: "file",
        options: json!({"paths": files.iter().map(|path| only(path)).collect::<Vec<_>>()}),
        facts: &["missing"],
        says: &[],
        from: files.join(", "),
        address: None,
        manner: Manner::Look,
    }]
}

fn is_one(path: &str) -> bool {
    let of_folder = matches!(folder(path), ".github/workflows" | ".circleci" | ".buildkite" | ".woodpecker");
    TOP.contains(&path) || (of_folder && matches!(extension(path), "yml" | "yaml"))
}

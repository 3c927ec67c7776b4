//! What would run the tests: proposed, and run only when that is allowed.

use serde_json::{Value as Json, json};

use super::test_reports::SAYS;
use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::Ground;

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if ground.has("Cargo.toml") {
        drafts.push(draft("cargo", json!({"run": ["cargo", "test"], "reads": "cargo-test"}), "Cargo.toml"));
    }
    let python = ["pytest.ini", "pyproject.toml", "tox.ini", "setup.cfg", "setup.py", "conftest.py"];
    if let Some(from) = python.into_iter().find(|path| ground.has(path)) {
        drafts.push(draft("pytest", json!({"run": ["pytest", "-q"], "reads": "pytest-summary"}), from));
    }
    if ground.has("go.mod") {
        drafts.push(draft("go", json!({"run": ["go", "test", "-json", "./..."], "reads": "go-test-json"}), "go.mod"));
    }
    if let Some(package) = ground.data("package.json").await {
        let script = package.pointer("/scripts/test").and_then(Json::as_str).unwrap_or_default();
        drafts.extend(node(script).map(|command| draft("node", command, "package.json")));
    }
    drafts
}

/// How the tool that a script of package.json calls writes results that can be read.
fn node(script: &str) -> Option<Json> {
    let calls = |tool: &str| script.split(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).any(|word| word == tool);
    if calls("vitest") {
        return Some(json!({"run": ["npx", "vitest", "run", "--reporter=json"], "reads": "vitest-json"}));
    }
    if calls("jest") {
        return Some(json!({"run": ["npx", "jest", "--json"], "reads": "jest-json"}));
    }
    if calls("mocha") {
        return Some(json!({"run": ["npx", "mocha", "--reporter", "json"], "reads": "mocha-json"}));
    }
    let own = calls("node") && calls("--test");
    own.then(|| json!({"run": ["node", "--test", "--test-reporter=tap"], "reads": "tap"}))
}

fn draft(id: &str, command: Json, from: &str) -> Draft {
    Draft {
        area: "tests",
        id: id.to_owned(),
        title: "Test results of a run".to_owned(),
        kind: "test-pass-rate",
        options: json!({ "command": command }),
        facts: &["passed", "failed", "errors"],
        says: SAYS,
        from: from.to_owned(),
        address: None,
        manner: Manner::Run("it runs the tests of the project"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_tool_behind_npm_test_is_asked_for_results_that_can_be_read() {
        let reads = |script: &str| node(script).map(|command| command["reads"].as_str().unwrap().to_owned());
        assert_eq!(reads("vitest run").as_deref(), Some("vitest-json"));
        assert_eq!(reads("tsc && jest --ci").as_deref(), Some("jest-json"));
        assert_eq!(reads("node --test").as_deref(), Some("tap"));
        assert_eq!(reads("echo jester"), None);
    }
}

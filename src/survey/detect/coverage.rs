//! Coverage reports: lcov, Cobertura, JaCoCo, coverage.py, istanbul. Of those in one folder, which say the same, one.

use std::collections::BTreeMap;

use serde_json::json;

use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, folder, name, only, root_element};

/// So many files are looked into.
const MOST: usize = 400;
/// More folders with reports than this are not one project's.
const MOST_CHECKS: usize = 5;

const COVERAGE: &[&str] = &["coverage", "covered"];

const SAYS: &[Saying] = &[
    Saying { fact: "line-rate", words: &[COVERAGE], never: &["branch", "branches", "function", "functions"], share: true },
    Saying { fact: "branch-rate", words: &[COVERAGE, &["branch", "branches"]], never: &[], share: true },
    Saying { fact: "function-rate", words: &[COVERAGE, &["function", "functions"]], never: &[], share: true },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    // The best of each folder: what says which lines were run before what only counts them.
    let mut best: BTreeMap<&str, (usize, &'static str, &str)> = BTreeMap::new();
    for file in ground.all(MOST, is_named_so) {
        let Some((rank, source)) = source(ground, &file.path).await else { continue };
        let known = best.entry(folder(&file.path)).or_insert((rank, source, &file.path));
        if rank < known.0 {
            *known = (rank, source, &file.path);
        }
    }
    let drafts = best.into_values().take(MOST_CHECKS).map(|(_, source, path)| Draft {
        area: "tests",
        id: "coverage".to_owned(),
        title: "Test coverage".to_owned(),
        kind: "coverage",
        options: json!({ source: only(path) }),
        facts: &["line-rate", "branch-rate"],
        says: SAYS,
        from: path.to_owned(),
        address: None,
        manner: Manner::Look,
    });
    drafts.collect()
}

fn is_named_so(path: &str) -> bool {
    let lower = name(path).to_ascii_lowercase();
    match extension(&lower) {
        "info" | "lcov" => true,
        "xml" | "json" => ["cov", "jacoco", "cobertura"].iter().any(|word| lower.contains(word)),
        _ => false,
    }
}

async fn source(ground: &Ground<'_>, path: &str) -> Option<(usize, &'static str)> {
    let head = ground.head(path).await?;
    match extension(path) {
        "json" if name(path) == "coverage-summary.json" => Some((4, "istanbul")),
        "json" if head.contains("\"meta\"") && head.contains("\"show_contexts\"") => Some((3, "coverage-py")),
        "json" => head.contains("\"data\":[{\"files\"").then_some((5, "llvm-cov")),
        "xml" => match root_element(&head)? {
            "coverage" => Some((1, "cobertura")),
            "report" if head.contains("JACOCO") => Some((2, "jacoco")),
            _ => None,
        },
        _ => head.lines().next().is_some_and(|line| line.starts_with("TN:") || line.starts_with("SF:")).then_some((0, "lcov")),
    }
}

//! Files that declare alert rules: Prometheus's own, and the `PrometheusRule` resources of Kubernetes.

use serde_json::json;

use crate::source::rule_files::{self, DeclaredRules};
use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, only};

/// So many files are looked into.
const MOST: usize = 500;

/// Words by which documents speak of alert rules.
pub(super) const SAYS: &[Saying] = &[
    Saying { fact: "rules", words: &[&["alert", "alerting", "alarm"], &["rule", "rules"]], never: &["recording"], share: false },
    Saying { fact: "recording-rules", words: &[&["recording"], &["rule", "rules"]], never: &["alert"], share: false },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut paths = Vec::new();
    for file in ground.sources(MOST, |path| matches!(extension(path), "yml" | "yaml")) {
        let Some(text) = ground.text(&file.path).await else { continue };
        let mut declared = DeclaredRules::default();
        let has_rules = text.contains("groups:")
            && text.contains("alert:")
            && rule_files::read(&text, &mut declared).is_ok()
            && !declared.alerting.is_empty();
        if has_rules {
            paths.push(file.path.as_str());
        }
    }
    if paths.is_empty() {
        return Vec::new();
    }
    vec![Draft {
        area: "monitoring",
        id: "alert-rules".to_owned(),
        title: "Alert rules".to_owned(),
        kind: "alert-count",
        options: json!({"rule-files": {"paths": paths.iter().map(|path| only(path)).collect::<Vec<_>>()}}),
        facts: &["rules"],
        says: SAYS,
        from: paths.join(", "),
        address: None,
        manner: Manner::Look,
    }]
}

//! Files with feature flags, in YAML, JSON or TOML; flagd's definitions among them.

use serde_json::{Value as Json, json};

use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, name};

/// So many files are looked into.
const MOST: usize = 50;

const FLAGS: &[&str] = &["flag", "flags", "toggle", "toggles"];

const SAYS: &[Saying] = &[
    Saying { fact: "total", words: &[FLAGS], never: &["on", "enabled", "off", "disabled", "staged", "stale"], share: false },
    Saying { fact: "enabled", words: &[FLAGS, &["on", "enabled", "active"]], never: &["off", "disabled"], share: false },
    Saying { fact: "disabled", words: &[FLAGS, &["off", "disabled"]], never: &["on", "enabled"], share: false },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for file in ground.sources(MOST, is_named_so) {
        let Some(data) = ground.data(&file.path).await else { continue };
        let source = if is_flagd(&data) { "flagd" } else { "file" };
        drafts.push(Draft {
            area: "operations",
            id: "flags".to_owned(),
            title: "Feature flags".to_owned(),
            kind: "flag-count",
            options: json!({ source: file.path }),
            facts: &["total", "enabled"],
            says: SAYS,
            from: file.path.clone(),
            address: None,
            manner: Manner::Look,
        });
    }
    drafts
}

fn is_named_so(path: &str) -> bool {
    let lower = name(path).to_ascii_lowercase();
    let called = ["flag", "toggle"].iter().any(|word| lower.contains(word));
    called && matches!(extension(&lower), "yaml" | "yml" | "json" | "toml")
}

fn is_flagd(data: &Json) -> bool {
    let flags = data.get("flags").and_then(Json::as_object);
    flags.is_some_and(|flags| {
        !flags.is_empty() && flags.values().all(|flag| flag.get("state").is_some() && flag.get("variants").is_some())
    })
}

//! What scanners wrote: CycloneDX, SARIF, OSV.

use serde_json::json;

use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::{Ground, extension, name, only};

/// So many files are looked into.
const MOST: usize = 100;

const SAYS: &[Saying] = &[
    Saying {
        fact: "total",
        words: &[&["vulnerability", "vulnerabilities", "cve", "cves"]],
        never: &["critical", "high", "medium", "low"],
        share: false,
    },
    Saying { fact: "critical", words: &[&["vulnerability", "vulnerabilities", "cve", "cves"], &["critical"]], never: &[], share: false },
    Saying { fact: "high", words: &[&["vulnerability", "vulnerabilities", "cve", "cves"], &["high"]], never: &[], share: false },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut drafts = Vec::new();
    for file in ground.all(MOST, is_named_so) {
        let Some(head) = ground.head(&file.path).await else { continue };
        let source = match extension(&file.path) {
            "sarif" => "sarif",
            _ if head.contains("\"CycloneDX\"") => "cyclonedx",
            _ if head.contains("\"results\"") && name(&file.path).to_ascii_lowercase().contains("osv") => "osv",
            _ => continue,
        };
        drafts.push(Draft {
            area: "security",
            id: "vulnerabilities".to_owned(),
            title: "Known vulnerabilities".to_owned(),
            kind: "vulnerability-count",
            options: json!({ source: only(&file.path) }),
            facts: &["total", "critical", "high"],
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
    let called = ["bom", "cdx", "cyclonedx", "osv", "vuln", "scan"];
    match extension(&lower) {
        "sarif" => true,
        "json" => called.iter().any(|word| lower.contains(word)),
        _ => false,
    }
}

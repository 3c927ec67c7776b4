//! CycloneDX in JSON: a bill of materials, with or without the vulnerabilities that were found in it.
//!
//! Source of the format: <https://cyclonedx.org/docs/1.6/json/>.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use serde::Deserialize;

use super::{Finding, MAX_ITEMS, Scan, Severity, json, kept};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Bom {
    bom_format: String,
    #[serde(default)]
    components: Vec<Component>,
    vulnerabilities: Option<Vec<Vulnerability>>,
}

#[derive(Deserialize)]
struct Component {
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    purl: Option<String>,
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    components: Vec<Component>,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: Option<String>,
    #[serde(rename = "bom-ref")]
    reference: Option<String>,
    #[serde(default)]
    ratings: Vec<Rating>,
    #[serde(default)]
    affects: Vec<Affected>,
    analysis: Option<Analysis>,
}

#[derive(Deserialize)]
struct Rating {
    score: Option<serde_json::Number>,
    severity: Option<String>,
    #[serde(default)]
    method: String,
}

#[derive(Deserialize)]
struct Affected {
    #[serde(rename = "ref")]
    reference: String,
}

#[derive(Deserialize)]
struct Analysis {
    state: Option<String>,
}

/// Reads a bill of materials to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Scan, String> {
    taken(input, false)
}

/// Reads one that is known to come from a scan: an empty list of vulnerabilities says that there are none.
pub fn read_scanned(input: impl Read) -> Result<Scan, String> {
    taken(input, true)
}

fn taken(input: impl Read, scanned: bool) -> Result<Scan, String> {
    let bom: Bom = json(input, "CycloneDX")?;
    if bom.bom_format != "CycloneDX" {
        return Err(format!("it is no CycloneDX: its format is \"{}\"", kept(&bom.bom_format)));
    }
    let mut scan = Scan::default();
    let mut names = BTreeMap::new();
    let mut components = BTreeSet::new();
    collect(&bom.components, &mut names, &mut components)?;
    scan.components = Some(components);
    let Some(vulnerabilities) = bom.vulnerabilities else {
        scan.unscanned =
            Some("it lists components and has no `vulnerabilities`: nothing says that it was scanned".to_owned());
        return Ok(scan);
    };
    if vulnerabilities.is_empty() && !scanned {
        scan.unscanned = Some(
            "its list of vulnerabilities is empty, as some tools write it without a scan: `scanned: true` says that there was one"
                .to_owned(),
        );
    }
    for (index, vulnerability) in vulnerabilities.iter().enumerate() {
        // The id may be left out; then it is at least one of its own.
        let unnamed = || format!("unnamed {}", index + 1);
        let id = vulnerability.id.clone().or_else(|| vulnerability.reference.clone()).unwrap_or_else(unnamed);
        let severity = vulnerability.ratings.iter().map(severity).max().unwrap_or(Severity::Unknown);
        let state = vulnerability.analysis.as_ref().and_then(|analysis| analysis.state.as_deref());
        let suppressed =
            matches!(state, Some("resolved" | "resolved_with_pedigree" | "false_positive" | "not_affected"));
        let finding = || Finding { severity, suppressed, fixable: None, level: None };
        if vulnerability.affects.is_empty() {
            scan.add(&id, "", finding())?;
        }
        for affected in &vulnerability.affects {
            // A reference may lead into another bill of materials: `urn:cdx:SERIAL/VERSION#REF`.
            let reference = affected.reference.as_str();
            let own = reference
                .strip_prefix("urn:cdx:")
                .and_then(|urn| urn.split_once('#'))
                .map_or(reference, |(_, own)| own);
            let component = names.get(own).map_or(reference, String::as_str);
            scan.add(&id, component, finding())?;
        }
    }
    Ok(scan)
}

fn collect(
    components: &[Component],
    names: &mut BTreeMap<String, String>,
    all: &mut BTreeSet<String>,
) -> Result<(), String> {
    for component in components {
        if all.len() >= MAX_ITEMS {
            return Err(format!("it has more than {MAX_ITEMS} components"));
        }
        let named = || match component.version.as_str() {
            "" => component.name.clone(),
            version => format!("{}@{version}", component.name),
        };
        let name = kept(&component.purl.clone().unwrap_or_else(named));
        if let Some(reference) = &component.reference {
            names.insert(reference.clone(), name.clone());
        }
        // Two components may bear one name; what sets them apart is their reference.
        all.insert(component.reference.clone().unwrap_or(name));
        collect(&component.components, names, all)?;
    }
    Ok(())
}

/// The word, where there is one, else the score.
fn severity(rating: &Rating) -> Severity {
    let word = rating.severity.as_deref().map_or(Severity::Unknown, Severity::of_word);
    if word != Severity::Unknown {
        return word;
    }
    let Some(score) = rating.score.as_ref().and_then(|score| score.to_string().parse().ok()) else { return word };
    match (rating.method.as_str(), Severity::of_score(&score)) {
        // Its scale ends at high: CVSS 2 knows no critical.
        ("CVSSv2", Severity::Critical) => Severity::High,
        ("CVSSv2" | "CVSSv3" | "CVSSv31" | "CVSSv4", severity) => severity,
        // Other methods have scores of other lengths.
        _ => Severity::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const SCANNED: &[u8] = include_bytes!("../../../fixtures/kinds/vulnerability-count/made-up-cyclonedx.json");

    fn read_text(text: &str) -> Result<Scan, String> {
        read(text.as_bytes())
    }

    #[test]
    fn each_vulnerability_counts_for_each_component_that_it_is_in() {
        let scan = read(SCANNED).expect("reads");
        let stand = |id: &str, component: &str| {
            let finding = &scan.findings[&(id.to_owned(), component.to_owned())];
            (finding.severity.name(), finding.suppressed)
        };
        assert_eq!(stand("CVE-2026-0001", "pkg:npm/left@1.2.0"), ("critical", false));
        assert_eq!(stand("CVE-2026-0001", "pkg:npm/right@3.0.0"), ("critical", false));
        assert_eq!(stand("CVE-2026-0002", "pkg:npm/left@1.2.0"), ("high", false), "by its score");
        assert_eq!(stand("CVE-2026-0003", "pkg:npm/nested@0.1.0"), ("medium", true), "somebody said not_affected");
        assert_eq!(stand("CVE-2026-0004", "pkg:npm/right@3.0.0"), ("high", false), "CVSS 2 has no critical");
        assert_eq!(stand("CVE-2026-0005", ""), ("unknown", false));
        assert_eq!(scan.findings.len(), 6, "one stands in the file twice");
        assert_eq!(scan.components.expect("listed").len(), 3);
    }

    #[test]
    fn a_list_of_components_is_no_scan() {
        let scan = read_text(r#"{"bomFormat": "CycloneDX", "components": [{"name": "a"}]}"#).expect("reads");
        assert!(scan.unscanned.expect("said").contains("nothing says that it was scanned"));
        assert_eq!(scan.components.expect("listed").len(), 1);
        let scan = read_text(r#"{"bomFormat": "CycloneDX", "vulnerabilities": null}"#).expect("reads");
        assert!(scan.unscanned.is_some());
        let empty = r#"{"bomFormat": "CycloneDX", "vulnerabilities": []}"#;
        assert!(read_text(empty).expect("reads").unscanned.expect("said").contains("is empty"));
        assert_eq!(read_scanned(empty.as_bytes()).expect("reads").unscanned, None);
        let none = read_scanned(&br#"{"bomFormat": "CycloneDX"}"#[..]).expect("reads");
        assert!(none.unscanned.is_some(), "a list that is not there is none that is empty");
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for (text, why) in [
            ("<bom xmlns='x'/>", "it is XML; only the JSON form of CycloneDX is read"),
            ("{}", "it is no CycloneDX: missing field `bomFormat`"),
            (r#"{"bomFormat": "SPDX"}"#, "it is no CycloneDX: its format is \"SPDX\""),
            (r#"{"bomFormat": "CycloneDX", "vulnerabilities": [{"#, "it is JSON that breaks off"),
            ("", "it is JSON that breaks off"),
        ] {
            let said = read_text(text).expect_err(text);
            assert!(said.starts_with(why), "{text}: {said}");
        }
        let deep = r#"{"components":["#.repeat(100_000);
        assert!(read_text(&deep).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(\\{|\\}|\\[|\\]|:|,|\"bomFormat\"|\"CycloneDX\"|\"components\"|\"vulnerabilities\"|[0-9]){0,40}") {
            let _either = read_text(&text);
        }
    }
}

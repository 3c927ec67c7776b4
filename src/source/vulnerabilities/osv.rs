//! The JSON of OSV-Scanner, versions 1 and 2.
//!
//! It groups the names that one vulnerability has in several databases; a group counts once. Packages without any are not
//! listed unless it was asked to (`--all-packages`), so that the file does not tell how many it looked at.
//! Source of the format: <https://google.github.io/osv-scanner/output/> and <https://ossf.github.io/osv-schema/>.

use std::io::Read;

use serde::Deserialize;

use super::{Finding, Scan, Severity, json};

#[derive(Deserialize)]
struct Report {
    results: Option<Vec<Source>>,
}

#[derive(Deserialize)]
struct Source {
    packages: Option<Vec<Package>>,
}

#[derive(Deserialize)]
struct Package {
    package: Named,
    vulnerabilities: Option<Vec<Vulnerability>>,
    groups: Option<Vec<Group>>,
}

#[derive(Deserialize)]
struct Named {
    #[serde(default)]
    name: String,
    #[serde(default)]
    version: String,
    #[serde(default)]
    ecosystem: String,
}

#[derive(Deserialize)]
struct Vulnerability {
    id: String,
    affected: Option<Vec<Affected>>,
    database_specific: Option<Specific>,
}

#[derive(Deserialize, Default)]
struct Specific {
    severity: Option<serde_json::Value>,
}

#[derive(Deserialize)]
struct Affected {
    package: Option<Named>,
    ranges: Option<Vec<Range>>,
}

#[derive(Deserialize)]
struct Range {
    #[serde(default)]
    events: Vec<Event>,
}

#[derive(Deserialize)]
struct Event {
    fixed: Option<String>,
}

#[derive(Deserialize)]
struct Group {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    max_severity: String,
}

/// Reads a report to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Scan, String> {
    let report: Report = json(input, "report of OSV-Scanner")?;
    let mut scan = Scan::default();
    let results = report.results.ok_or("it has no `results`: it is no report of OSV-Scanner")?;
    for package in results.into_iter().flat_map(|source| source.packages.unwrap_or_default()) {
        take(&package, &mut scan)?;
    }
    if scan.findings.is_empty() {
        scan.notes.push(
            "OSV-Scanner lists nothing. It does not say how much it looked at: see that it found the packages."
                .to_owned(),
        );
    }
    Ok(scan)
}

fn take(package: &Package, scan: &mut Scan) -> Result<(), String> {
    let Named { name, version, ecosystem } = &package.package;
    let component = format!("{ecosystem}/{name}@{version}");
    let vulnerabilities = package.vulnerabilities.as_deref().unwrap_or_default();
    let groups = package.groups.as_deref().unwrap_or_default();
    for group in groups {
        let Some(id) = group.ids.first() else { continue };
        let of_group: Vec<_> = vulnerabilities.iter().filter(|one| group.ids.contains(&one.id)).collect();
        let score = group.max_severity.parse().map(|score| Severity::of_score(&score));
        let word = of_group.iter().map(|one| one.word()).max().unwrap_or(Severity::Unknown);
        let severity = score.unwrap_or(word);
        let fixable = of_group.iter().map(|one| one.is_fixed(name)).max();
        scan.add(id, &component, Finding { severity, suppressed: false, fixable, level: None })?;
    }
    for one in vulnerabilities.iter().filter(|one| !groups.iter().any(|group| group.ids.contains(&one.id))) {
        let fixable = Some(one.is_fixed(name));
        scan.add(&one.id, &component, Finding { severity: one.word(), suppressed: false, fixable, level: None })?;
    }
    Ok(())
}

impl Vulnerability {
    /// What the database of its origin calls it.
    fn word(&self) -> Severity {
        let severity = self.database_specific.as_ref().and_then(|specific| specific.severity.as_ref()?.as_str());
        severity.map_or(Severity::Unknown, Severity::of_word)
    }

    /// Is there a version of the package without it?
    fn is_fixed(&self, package: &str) -> bool {
        let of_package = |one: &&Affected| one.package.as_ref().is_none_or(|named| named.name == package);
        let affected = self.affected.iter().flatten().filter(of_package);
        let mut events = affected.flat_map(|one| one.ranges.iter().flatten()).flat_map(|range| &range.events);
        events.any(|event| event.fixed.is_some())
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const REPORT: &[u8] = include_bytes!("../../../fixtures/kinds/vulnerability-count/made-up-osv.json");

    #[test]
    fn a_vulnerability_with_several_names_counts_once() {
        let scan = read(REPORT).expect("reads");
        let stand: Vec<_> = scan
            .findings
            .iter()
            .map(|((id, component), finding)| {
                (id.as_str(), component.as_str(), finding.severity.name(), finding.fixable)
            })
            .collect();
        assert_eq!(
            stand,
            [
                ("GHSA-aaaa-bbbb-cccc", "npm/left@1.2.0", "high", Some(true)),
                ("OSV-2026-7", "npm/left@1.2.0", "unknown", Some(false)),
                ("RUSTSEC-2026-0001", "crates.io/right@3.0.0", "medium", Some(true)),
            ]
        );
        assert_eq!(scan.components, None);
    }

    #[test]
    fn what_is_something_else_is_refused() {
        for (text, why) in [
            ("{}", "it has no `results`: it is no report of OSV-Scanner"),
            (r#"{"results": {}}"#, "it is no report of OSV-Scanner: "),
            (r#"{"results": ["#, "it is JSON that breaks off: "),
        ] {
            let said = read(text.as_bytes()).expect_err(text);
            assert!(said.starts_with(why), "{text}: {said}");
        }
        let empty = read(&br#"{"results": []}"#[..]).expect("reads");
        assert_eq!((empty.findings.len(), empty.notes.len()), (0, 1));
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "(\\{|\\}|\\[|\\]|:|,|\"results\"|\"packages\"|\"groups\"|[0-9]){0,40}") {
            let _either = read(text.as_bytes());
        }
    }
}

//! What is usual for a kind, where no detector says more: its area, its name, and the facts to expect something of.

/// What is usual for one kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Usual {
    /// The kind.
    pub kind: &'static str,
    /// The area it goes to.
    pub area: &'static str,
    /// What the check is called.
    pub id: &'static str,
    /// The facts to expect something of.
    pub facts: &'static [&'static str],
}

const fn usual(kind: &'static str, area: &'static str, id: &'static str, facts: &'static [&'static str]) -> Usual {
    Usual { kind, area, id, facts }
}

/// A row for every kind.
pub const USUAL: &[Usual] = &[
    usual("service-uptime", "operations", "services", &["up", "down"]),
    usual("alert-count", "monitoring", "alert-rules", &["rules", "unhealthy", "firing"]),
    usual("health-check", "operations", "health", &["passed", "failed"]),
    usual("test-pass-rate", "tests", "suite", &["passed", "failed", "errors", "pass-rate"]),
    usual("coverage", "tests", "coverage", &["line-rate", "branch-rate"]),
    usual("vulnerability-count", "security", "vulnerabilities", &["total", "critical", "high"]),
    usual("flag-count", "operations", "flags", &["total", "enabled"]),
    usual("metric", "monitoring", "metric", &["series"]),
    usual("query", "operations", "query", &["value"]),
    usual("http", "operations", "http", &["status"]),
    usual("tcp", "operations", "port", &["reachable"]),
    usual("dns", "operations", "name", &["resolves"]),
    usual("certificate", "security", "certificate", &["valid"]),
    usual("command", "operations", "command", &["exit"]),
    usual("file", "repository", "files", &["missing"]),
    usual("git", "repository", "working-tree", &["clean", "behind"]),
    usual("sampled", "operations", "held", &["met"]),
    // What it finds is another with every second: only a person knows what to expect.
    usual("clock", "operations", "moment", &[]),
    usual("attestation", "operations", "stated", &["confirmed"]),
];

/// The row of a kind.
pub fn of(kind: &str) -> Option<&'static Usual> {
    USUAL.iter().find(|row| row.kind == kind)
}

/// The heading of an area.
pub fn title(area: &str) -> Option<&'static str> {
    Some(match area {
        "tests" => "Tests",
        "security" => "Security",
        "monitoring" => "Monitoring",
        "operations" => "Operations",
        "repository" => "Repository",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::registry::KINDS;

    #[test]
    fn every_kind_has_a_row_whose_facts_it_finds() {
        for kind in KINDS {
            let row = of(kind.name).unwrap_or_else(|| panic!("USUAL has no row for {}", kind.name));
            let known = (kind.facts)();
            for fact in row.facts {
                assert!(known.iter().any(|spec| spec.name == *fact), "{} does not find {fact}", kind.name);
            }
            assert!(title(row.area).is_some(), "{} has no heading", row.area);
        }
        assert_eq!(USUAL.len(), KINDS.len());
    }
}

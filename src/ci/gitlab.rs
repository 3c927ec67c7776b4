//! GitLab code quality: a JSON array, one entry for each finding that somebody should look at. GitLab reads
//! `description`, `check_name`, `fingerprint`, `severity` and `location` (documentation, "Code Quality report format").

use serde::Serialize;

use super::results::{Finding, Kind, Outcome, Results, Severity};
use super::{Unwritable, fingerprint, pretty};

#[derive(Serialize)]
struct Entry<'a> {
    description: &'a str,
    check_name: &'a str,
    fingerprint: String,
    severity: &'static str,
    location: Location<'a>,
}

#[derive(Serialize)]
struct Location<'a> {
    path: &'a str,
    lines: Lines,
}

#[derive(Serialize)]
struct Lines {
    begin: u32,
}

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let entries: Vec<Entry<'_>> = results
        .to_look_at()
        .into_iter()
        .filter_map(|finding| {
            Some(Entry {
                description: &finding.message,
                check_name: &finding.id,
                fingerprint: fingerprint(results, &finding.id),
                severity: severity(finding)?,
                location: Location { path: &finding.place.path, lines: Lines { begin: finding.place.line } },
            })
        })
        .collect();
    pretty(&entries)
}

/// `None` for what GitLab is not told: it passes, or waits for a person.
const fn severity(finding: &Finding) -> Option<&'static str> {
    match (finding.outcome, finding.kind, finding.severity) {
        (Outcome::NotEvaluated, Kind::Check | Kind::Rule, _) => Some("critical"),
        (Outcome::Failed | Outcome::NotEvaluated, _, Severity::Blocker) => Some("blocker"),
        (Outcome::Failed | Outcome::NotEvaluated, _, Severity::Major) => Some("major"),
        (Outcome::Failed | Outcome::NotEvaluated, _, Severity::Minor)
        | (Outcome::Warned, _, Severity::Major | Severity::Blocker) => Some("minor"),
        (Outcome::Warned, _, Severity::Minor) | (Outcome::Waived, _, _) => Some("info"),
        (Outcome::Passed | Outcome::Pending | Outcome::Skipped | Outcome::NotApplicable, _, _) => None,
    }
}

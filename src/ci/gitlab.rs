//! GitLab code quality: a JSON array, one entry for each finding that somebody should look at. GitLab reads
//! `description`, `check_name`, `fingerprint`, `severity` and `location` (documentation, "Code Quality report format").
//! It has no place for what concerns the whole: provenance and notices are entries at the head of the audit file.

use std::borrow::Cow;

use serde::Serialize;

use super::results::{Finding, Kind, Outcome, Place, Results, Severity};
use super::{Unwritable, fingerprint, pretty};

#[derive(Serialize)]
struct Entry<'a> {
    description: Cow<'a, str>,
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
    let caveats = results.caveats().into_iter().map(|caveat| Entry {
        fingerprint: fingerprint(results, &format!("notice {caveat}")),
        description: caveat.into(),
        check_name: "notice",
        severity: "info",
        location: at(&results.audit.file),
    });
    let findings = results.to_look_at().into_iter().filter_map(|finding| {
        Some(Entry {
            description: finding.message.as_str().into(),
            check_name: &finding.id,
            fingerprint: fingerprint(results, &finding.id),
            severity: severity(finding)?,
            location: at(&finding.place),
        })
    });
    pretty(&caveats.chain(findings).collect::<Vec<Entry<'_>>>())
}

fn at(place: &Place) -> Location<'_> {
    Location { path: &place.path, lines: Lines { begin: place.line } }
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

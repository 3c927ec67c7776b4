//! Findings as CI formats take them: every text made inert, because it comes from documents.

use super::super::Failure;
use super::baseline::fingerprint;
use super::files::{Finding, Read, Spot};
use super::human;
use crate::ci::notice::{Notice, NoticeRule};
use crate::ci::results::{self, Place, Related};
use crate::ci::{github_of_notices, inert, sarif_of_notices};
use crate::proofread::Level;
use crate::proofread::rules::{ALLOW, RULES};

/// SARIF 2.1.0; what was allowed is there and suppressed.
pub(super) fn sarif(read: &Read, gate: Level) -> Result<String, Failure> {
    let rules = RULES.iter().map(|rule| NoticeRule { id: rule.id, summary: rule.summary, explain: rule.explain });
    let allow = NoticeRule { id: ALLOW.0, summary: ALLOW.1, explain: ALLOW.2 };
    let rules: Vec<NoticeRule> = rules.chain([allow]).collect();
    sarif_of_notices(&rules, &notices(read, gate))
        .map_err(|problem| Failure::new(problem.to_string(), "this is a bug in countersign: please report it"))
}

/// Annotations of GitHub Actions.
pub(super) fn github(read: &Read, gate: Level) -> String {
    github_of_notices(&notices(read, gate), &inert(human::summary(read, gate).trim_end()))
}

fn notices(read: &Read, gate: Level) -> Vec<Notice> {
    read.listed(gate).map(|(path, finding)| notice(path, finding)).collect()
}

fn notice(path: &str, finding: &Finding) -> Notice {
    let place = |spot: &Spot| Place {
        path: inert(path),
        line: spot.line,
        column: Some(spot.column),
        end_column: (spot.end_line == spot.line).then_some(spot.end_column),
    };
    let related = finding.spots.iter().skip(1);
    Notice {
        rule: finding.rule,
        level: match finding.level {
            Level::Error => results::Level::Error,
            Level::Warning => results::Level::Warning,
            Level::Info | Level::Off => results::Level::Note,
        },
        message: inert(&finding.message),
        place: finding
            .spots
            .first()
            .map_or(Place { path: inert(path), line: 1, column: None, end_column: None }, place),
        related: related.map(|spot| Related { place: place(spot), message: inert(&spot.text) }).collect(),
        fingerprint: fingerprint(path, finding),
        allowed: finding.allowed.as_deref().map(inert),
    }
}

//! Findings as CI formats take them: every text made inert, because it comes from documents.

use std::collections::BTreeMap;

use super::super::Failure;
use super::super::outputs::in_repository;
use super::baseline::fingerprint;
use super::files::{Finding, Read, Spot};
use super::human;
use crate::ci::notice::{Notice, NoticeRule};
use crate::ci::results::{self, Place, Related};
use crate::ci::{github_of_notices, inert, sarif_of_notices};
use crate::proofread::Level;
use crate::proofread::rules::{ALLOW, RULES};

/// Of a file that was not read, or not as it stands: whoever sees no finding in it must know why.
const NOT_READ: NoticeRule = NoticeRule {
    id: "not-read",
    summary: "A file is read as it stands, or it is said that it was not.",
    explain: "Looks at nothing in the file: it is too large, cannot be read, or is no UTF-8 text.",
};

/// SARIF 2.1.0; what was allowed is there and suppressed.
pub(super) fn sarif(read: &Read, gate: Level) -> Result<String, Failure> {
    let rules = RULES.iter().map(|rule| NoticeRule { id: rule.id, summary: rule.summary, explain: rule.explain });
    let allow = NoticeRule { id: ALLOW.0, summary: ALLOW.1, explain: ALLOW.2 };
    let rules: Vec<NoticeRule> = rules.chain([allow, NOT_READ]).collect();
    sarif_of_notices(&rules, &told_apart(notices(read, gate)))
        .map_err(|problem| Failure::new(problem.to_string(), "this is a bug in countersign: please report it"))
}

/// Annotations of GitHub Actions.
pub(super) fn github(read: &Read, gate: Level) -> String {
    github_of_notices(&notices(read, gate), &inert(human::summary(read, gate).trim_end()))
}

/// With the paths that the repository has for them, whatever directory they were named from: an annotation at another path
/// is shown nowhere.
fn notices(read: &Read, gate: Level) -> Vec<Notice> {
    let mut known: BTreeMap<&str, String> = BTreeMap::new();
    let mut notices = Vec::new();
    let of_repository = |path: &str| in_repository(path.as_ref()).unwrap_or_else(|| path.to_owned());
    for (path, finding) in read.listed(gate) {
        notices.push(notice(known.entry(path).or_insert_with(|| of_repository(path)), finding));
    }
    let unread = read.files.iter().filter_map(|file| Some((&file.path, file.note?)));
    notices.extend(unread.map(|(path, why)| not_read(&of_repository(path), why)));
    notices
}

/// The same words twice in a file are two findings: code scanning would make one alert of one fingerprint.
fn told_apart(mut notices: Vec<Notice>) -> Vec<Notice> {
    let mut seen: BTreeMap<String, u32> = BTreeMap::new();
    for notice in &mut notices {
        let times = seen.entry(notice.fingerprint.clone()).or_default();
        *times += 1;
        if *times > 1 {
            notice.fingerprint = format!("{}:{times}", notice.fingerprint);
        }
    }
    notices
}

fn not_read(path: &str, why: &str) -> Notice {
    Notice {
        rule: NOT_READ.id,
        level: results::Level::Warning,
        message: inert(why),
        place: Place { path: inert(path), line: 1, column: None, end_column: None },
        related: Vec::new(),
        fingerprint: format!("{}:{path}", NOT_READ.id),
        allowed: None,
    }
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

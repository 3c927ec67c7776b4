//! What documents say now of what was claimed when they were audited. A document that changed elsewhere changed nothing.

use std::collections::BTreeSet;
use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::{AuditProblem, places};
use crate::model::audit::Audit;
use crate::model::quote::{Place, Spot};
use crate::model::record::{DocumentRead, Record};
use crate::proofread::locator::Locator;
use crate::witness::{LiveOptions, Session};

/// The documents of an audit, read again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct Since {
    /// How many documents were read again.
    pub documents: usize,
    /// Claims that no longer say what they said, by place.
    pub changed: Vec<ChangedSince>,
    /// Documents with other bytes in which every claim still stands as it was.
    pub elsewhere: Vec<String>,
}

/// A claim whose place no longer says what it said.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub struct ChangedSince {
    /// Whose claim: a check and fact, an area, or the name of the claim.
    pub claim: String,
    /// The locator.
    pub at: String,
    /// `path:line:column`; where it stands now, or where it stood when it is gone.
    pub place: String,
    /// What it said at the audit.
    pub old: String,
    /// What it says now; not there when it is gone, with the reason beside it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Why there is nothing now.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gone: Option<String>,
}

/// Reads every document that claims were read from again, below `root`, and holds each place against what was recorded.
/// `scratch` is a directory for what is read; nobody needs it afterwards.
pub async fn since(record: &Record, root: &Path, scratch: &Path) -> Result<Since, AuditProblem> {
    let session = Session::live(LiveOptions::new(root, scratch))?;
    let now = places::read(&record.audit, &session).await?;
    let digests = |documents: &[DocumentRead], path: &str| {
        let found = documents.iter().find(|document| document.path == path);
        let blobs = found.map(|document| document.exchange.answer.blobs());
        blobs.and_then(|blobs| blobs.first().map(|blob| blob.sha256.clone()))
    };
    let mut since = Since { documents: record.documents.len(), ..Since::default() };
    let mut touched: BTreeSet<String> = BTreeSet::new();
    for (claim, at) in claims(&record.audit) {
        let (Some(old), Some(new)) = (record.places.get(at), now.places.get(at)) else { continue };
        let (was, is) = (said(old), said(new));
        if was == is {
            continue;
        }
        let Ok(Locator { doc, .. }) = Locator::parse(at) else { continue };
        let place = match new.spot().or_else(|| old.spot()) {
            Some(Spot { line, column, .. }) => format!("{doc}:{line}:{column}"),
            None => doc.clone(),
        };
        let gone = match new {
            Place::NotFound(problem) => Some(problem.reason.clone()),
            _ => None,
        };
        let old = was.unwrap_or_else(|| "nothing".to_owned());
        since.changed.push(ChangedSince { claim, at: at.to_owned(), place, old, new: is, gone });
        touched.insert(doc);
    }
    for document in &record.documents {
        let path = document.path.as_str();
        if !touched.contains(path) && digests(&record.documents, path) != digests(&now.documents, path) {
            since.elsewhere.push(path.to_owned());
        }
    }
    Ok(since)
}

/// What stands at a place, wherever it stands; nothing where it was not found.
fn said(place: &Place) -> Option<String> {
    match place {
        Place::Found(quote) => Some(quote.written.clone()),
        Place::Counted { rows, .. } => Some(rows.clone()),
        Place::Table(table) => {
            let row = |cells: Vec<&str>| format!("| {} |", cells.join(" | "));
            let head = row(table.columns.iter().map(String::as_str).collect());
            let rows = table.rows.iter().map(|cells| {
                row(cells.iter().map(|cell| cell.as_ref().map_or("", |cell| cell.written.as_str())).collect())
            });
            Some(std::iter::once(head).chain(rows).collect::<Vec<_>>().join("\n"))
        }
        Place::NotFound(_) => None,
    }
}

/// Every claim that stands in a document, by a name for people, with its locator.
fn claims(audit: &Audit) -> Vec<(String, &str)> {
    let of_areas = audit.areas.iter().flat_map(|area| {
        let claims = area.claims.iter().filter_map(|claim| Some((claim, claim.at.as_deref()?)));
        claims.map(|(claim, at)| (format!("{} of {} by {}", claim.fact, area.id, claim.by), at))
    });
    let of_checks = audit.checks.iter().flat_map(|check| {
        let claims = check.claims.iter().filter_map(|claim| Some((claim, claim.at.as_deref()?)));
        claims.map(|(claim, at)| (format!("{} of {} by {}", claim.fact, check.id, claim.by), at))
    });
    let listed = audit.claims.iter().flat_map(|claim| claim.at.iter().map(|at| (claim.id.to_string(), at.as_str())));
    of_areas.chain(of_checks).chain(listed).collect()
}

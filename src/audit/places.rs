//! The documents that claims stand in, and what their locators lead to. Each document is read once, through the witness,
//! before anything is measured.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read as _;

use crate::model::audit::Audit;
use crate::model::fact::Unmeasurable;
use crate::model::quote::{NotThere, Place, Places};
use crate::model::record::DocumentRead;
use crate::proofread::document::{Document, NotText};
use crate::proofread::find;
use crate::proofread::locator::Locator;
use crate::record::{self, RecordProblem};
use crate::witness::{Session, Witness};

/// What was written, and where.
#[derive(Debug, Default)]
pub(super) struct Written {
    /// How each document was read, sorted by path.
    pub(super) documents: Vec<DocumentRead>,
    /// What each locator leads to.
    pub(super) places: Places,
    /// The text of each document that could be read, by path.
    pub(super) texts: BTreeMap<String, String>,
}

/// Every locator that the claims of an audit name.
fn locators(audit: &Audit) -> BTreeSet<&str> {
    let of_areas = audit.areas.iter().flat_map(|area| &area.claims);
    let of_checks = audit.checks.iter().flat_map(|check| &check.claims);
    let listed = audit.claims.iter().flat_map(|claim| claim.at.iter().map(String::as_str));
    of_areas.chain(of_checks).filter_map(|claim| claim.at.as_deref()).chain(listed).collect()
}

/// Reads every document that a claim names and looks up its places there.
pub(super) async fn read(audit: &Audit, session: &Session) -> Result<Written, RecordProblem> {
    let mut by_document: BTreeMap<String, Vec<(&str, Locator)>> = BTreeMap::new();
    let mut written = Written::default();
    for text in locators(audit) {
        match Locator::parse(text) {
            Ok(locator) => by_document.entry(locator.doc.clone()).or_default().push((text, locator)),
            Err(problem) => {
                let not_there = NotThere {
                    code: "locator-none".to_owned(),
                    reason: problem.message,
                    near: Vec::new(),
                    help: problem.help,
                };
                written.places.insert(text.to_owned(), Place::NotFound(not_there));
            }
        }
    }
    for (path, locators) in by_document {
        let witness = session.witness_of_documents();
        let document = whole(&witness, &path).await;
        written
            .documents
            .extend(witness.into_exchanges().pop().map(|exchange| DocumentRead { path: path.clone(), exchange }));
        for (name, locator) in locators {
            let place = match &document {
                Ok(document) => find(document, &locator),
                Err(problem) => Place::NotFound(unreadable(problem)),
            };
            written.places.insert(name.to_owned(), place);
        }
        written.texts.extend(document.ok().map(|document| (path, document.text().to_owned())));
    }
    session.redact_places(&mut written.places);
    // As they will stand in the record, so that judging again from there gives the same.
    written.places = record::clean(written.places)?;
    Ok(written)
}

/// A document; one that is larger than the evidence may be has no quotes that could be shown.
async fn whole(witness: &Witness, path: &str) -> Result<Document, Unmeasurable> {
    let mut content = witness.read(path).await?;
    let kept = witness.exchanges().iter().all(|exchange| exchange.answer.blobs().iter().all(|blob| !blob.cut));
    if !kept {
        let help = "Name a smaller document, or split this one.";
        return Err(Unmeasurable::new(format!("\"{path}\" is larger than evidence may be"), help));
    }
    let mut bytes = Vec::new();
    content
        .reader
        .read_to_end(&mut bytes)
        .map_err(|error| Unmeasurable::new(format!("\"{path}\" cannot be read: {error}"), "Name a regular file."))?;
    Document::from_bytes(bytes).map_err(|problem| Unmeasurable::new(format!("\"{path}\" {problem}"), NotText::HELP))
}

fn unreadable(problem: &Unmeasurable) -> NotThere {
    NotThere {
        code: "document-unreadable".to_owned(),
        reason: problem.reason.clone(),
        near: Vec::new(),
        help: problem.help.clone(),
    }
}

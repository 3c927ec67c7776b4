//! What `--fix` would write: for each number that a claim names and a measurement refutes, the same text with the digits
//! that are true. It writes nothing itself.

use std::collections::BTreeMap;

use super::places::Written;
use crate::model::audit::Audit;
use crate::model::claim::{Actual, Claim, TableClaim};
use crate::model::fact::Value;
use crate::model::judgement::{ClaimResult, JoinedRow, Judgement};
use crate::model::printed::{is_bare, named_unit, rewritten, rewritten_with_unit};
use crate::model::quote::{Place, Quote, QuotedTable, Spot};
use crate::model::record::DocumentRead;
use crate::proofread::locator::Locator;

/// One text to be put in the place of another.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Correction {
    /// The document, relative to the audit's root.
    pub document: String,
    /// Where the wrong text stands.
    pub spot: Spot,
    /// The bytes that stand there.
    pub old: String,
    /// What must stand there; `None` when it cannot be said in the same words.
    pub new: Option<String>,
    /// What was claimed and measured, for the reader.
    pub because: String,
    /// Which locators led there, each with what it led to; none where a table is claimed, whose cells have names.
    pub led: BTreeMap<String, Quote>,
}

/// What must be written where.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Corrections {
    /// Sorted by document and place; none overlaps another.
    pub list: Vec<Correction>,
    /// SHA-256 of each document as it was read, by path; `None` when it was not kept as it was (a secret in it was
    /// blacked out), so that its bytes are not known.
    pub read: BTreeMap<String, Option<String>>,
}

/// The corrections that a judgement asks for. A claim whose value the audit file states itself, one about a time gone by
/// and one about a sample are left to their authors.
pub(super) fn corrections(audit: &Audit, judgement: &Judgement, written: &Written) -> Corrections {
    let found = Finder { written, list: Vec::new() };
    let list = found.all(audit, judgement);
    let read = written.documents.iter().map(|document| (document.path.clone(), digest(document))).collect();
    Corrections { list, read }
}

fn digest(document: &DocumentRead) -> Option<String> {
    let blobs = document.exchange.answer.blobs();
    let blob = blobs.first().filter(|blob| blob.redactions == 0 && !blob.cut)?;
    Some(blob.sha256.clone())
}

struct Finder<'a> {
    written: &'a Written,
    list: Vec<Correction>,
}

impl Finder<'_> {
    fn all(mut self, audit: &Audit, judgement: &Judgement) -> Vec<Correction> {
        for (check, result) in audit.checks.iter().zip(&judgement.checks) {
            for compared in &result.claims {
                let claim = usize::try_from(compared.claim).ok().and_then(|at| check.claims.get(at));
                if let Some(claim) = claim.filter(|claim| is_open(claim) && check.sample.is_none()) {
                    self.claim(claim, compared);
                }
            }
        }
        let checks = audit.by_id();
        for compared in &judgement.listed_claims {
            let claim = usize::try_from(compared.claim).ok().and_then(|at| audit.claims.get(at));
            let Some(claim) = claim.filter(|claim| claim.as_of.is_none()) else { continue };
            if let Some(Actual::Fact { check, .. }) = &claim.actual
                && checks.get(check).is_some_and(|check| check.sample.is_some())
            {
                continue;
            }
            for place in compared.places.iter().filter(|place| place.status.is_refuted()) {
                self.at(&place.at, compared.actual.as_ref(), &place.reason);
            }
        }
        self.list.sort();
        // Two claims may name one place. Where they ask for different texts, neither is written.
        let mut settled: Vec<Correction> = Vec::new();
        for correction in self.list {
            match settled.last_mut() {
                Some(last) if last.document == correction.document && correction.spot.start < last.spot.end => {
                    if (&last.spot, &last.new) != (&correction.spot, &correction.new) {
                        last.new = None;
                    }
                    last.led.extend(correction.led);
                }
                _ => settled.push(correction),
            }
        }
        settled
    }

    fn claim(&mut self, claim: &Claim, compared: &ClaimResult) {
        let Some(at) = &claim.at else { return };
        if let (Some(joined), Some(table), Some(Place::Table(quoted))) =
            (&compared.table, &claim.table, self.written.places.get(at))
        {
            for row in &joined.rows {
                self.row(at, table, quoted, row);
            }
        } else if compared.status.is_refuted() {
            self.at(at, compared.actual.as_ref(), &compared.reason);
        }
    }

    fn row(&mut self, at: &str, table: &TableClaim, quoted: &QuotedTable, row: &JoinedRow) {
        for cell in row.cells.iter().filter(|cell| cell.status.is_refuted()) {
            let column = table.values.get(&cell.column).and_then(|header| quoted.column(header));
            let header = column.and_then(|column| quoted.columns.get(column)).map(String::as_str);
            let unit = named_unit(header.into_iter().chain([row.name.as_str()]));
            let spot = column.and_then(|column| quoted.cell(row.line, column)).map(|cell| cell.spot.clone());
            if let Some(spot) = spot {
                self.correct(at, spot, unit.as_deref(), cell.actual.as_ref(), &row.reason, None);
            }
        }
    }

    fn at(&mut self, at: &str, actual: Option<&Value>, because: &str) {
        if let Some(Place::Found(quote)) = self.written.places.get(at) {
            self.correct(at, quote.spot.clone(), quote.unit.as_deref(), actual, because, Some(quote));
        }
    }

    fn correct(
        &mut self,
        at: &str,
        spot: Spot,
        unit: Option<&str>,
        actual: Option<&Value>,
        because: &str,
        quote: Option<&Quote>,
    ) {
        let Ok(document) = Locator::parse(at).map(|locator| locator.doc) else { return };
        let Some(old) = self.written.texts.get(&document).and_then(|text| slice(text, &spot)) else { return };
        let new = actual.and_then(|actual| match unit.filter(|_| is_bare(old)) {
            Some(unit) => rewritten_with_unit(old, unit, actual),
            None => rewritten(old, actual),
        });
        let new = new.filter(|new| new != old);
        let old = old.to_owned();
        let led = quote.map(|quote| (at.to_owned(), quote.clone())).into_iter().collect();
        self.list.push(Correction { document, spot, old, new, because: because.to_owned(), led });
    }
}

/// Is the document the only place that states the value, at a time that is now?
fn is_open(claim: &Claim) -> bool {
    claim.written.is_none() && claim.as_of.is_none()
}

fn slice<'a>(text: &'a str, spot: &Spot) -> Option<&'a str> {
    text.get(usize::try_from(spot.start).ok()?..usize::try_from(spot.end).ok()?)
}

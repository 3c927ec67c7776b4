//! Every claim of a record at every place where it was made, with what it says there and what is true. For whoever lists
//! claims without the documents around them.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use crate::model::audit::Check;
use crate::model::claim::{Actual, Claim};
use crate::model::fact::Value;
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::judgement::{CheckResult, ClaimStatus, JoinedRow, JoinedTable, Status};
use crate::model::quote::{Place, document_of};
use crate::model::record::Record;

/// What a claim is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum About<'a> {
    /// A fact of a check.
    Check(&'a CheckId),
    /// A claim of the list, by its name.
    Listed(&'a Id),
    /// The score of an area.
    Score(&'a Id),
}

/// A claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stated<'a> {
    /// What it is about.
    pub about: About<'a>,
    /// The result.
    pub status: ClaimStatus,
    /// Would a verdict or a status be different if it were true?
    pub matters: bool,
    /// One for each place, or for each row of a claimed table; one at least.
    pub said: Vec<Said>,
}

/// What a claim says in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The result.
    pub status: ClaimStatus,
    /// Where it stands, `README.md:12:9`; where the audit file declares it, when it stands in no document. Captured.
    pub spot: String,
    /// What is wrong there, without the place: `says 13 rules, actual 11`. Captured.
    pub text: String,
    /// What the actual comes from: a check, else the name of the claim or the area.
    pub source: String,
}

/// Every claim: about facts in the order of the audit, then the list, then about scores.
pub fn stated(record: &Record) -> Vec<Stated<'_>> {
    let mut claims = about_facts(record);
    claims.extend(listed(record));
    claims.extend(about_scores(record));
    claims
}

/// How many claims hold, are wrong, and could not be held against anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Counts {
    /// True under some admissible reading.
    pub upheld: usize,
    /// False under every one.
    pub refuted: usize,
    /// The audit file says one thing and the document another.
    pub misquoted: usize,
    /// The place they were said to stand at was not found.
    pub not_found: usize,
    /// Nothing to compare with.
    pub unverified: usize,
}

impl Counts {
    /// Counts them: each place of a claim of the list is one, and each row of a claimed table.
    pub fn of(claims: &[Stated<'_>]) -> Self {
        let mut counts = Self::default();
        for said in claims.iter().flat_map(|claim| &claim.said) {
            *match said.status {
                ClaimStatus::Unverified => &mut counts.unverified,
                ClaimStatus::NotFound => &mut counts.not_found,
                ClaimStatus::Misquoted => &mut counts.misquoted,
                status if status.is_refuted() => &mut counts.refuted,
                _ => &mut counts.upheld,
            } += 1;
        }
        counts
    }

    /// All of them.
    pub const fn all(self) -> usize {
        self.upheld + self.refuted + self.unknown()
    }

    /// Misquoted, not found or not verified.
    pub const fn unknown(self) -> usize {
        self.misquoted + self.not_found + self.unverified
    }

    /// The verdict on claims alone: `every claim holds`, `2 of 9 claims are wrong`.
    pub fn words(self) -> String {
        let plural =
            |number: usize, one: &str, many: &str| format::plural(u64::try_from(number).unwrap_or(u64::MAX), one, many);
        let unknown = || {
            let held = "could not be held against anything";
            match self.all() {
                1 => format!("the claim {held}"),
                _ => format!("{} {held}", plural(self.unknown(), "claim", "claims")),
            }
        };
        match (self.all(), self.refuted, self.unknown()) {
            (0, ..) => "nothing is claimed".to_owned(),
            (1, 0, 0) => "the claim holds".to_owned(),
            (_, 0, 0) => "every claim holds".to_owned(),
            (1, 1, _) => "the claim is wrong".to_owned(),
            (all, wrong, 0) if wrong == all => format!("all {all} claims are wrong"),
            (all, wrong, 0) => format!("{wrong} of {all} claims {}", are(wrong)),
            (_, 0, _) => unknown(),
            (all, wrong, _) => format!(
                "{wrong} of {all} claims {} and {} could not be held against anything",
                are(wrong),
                self.unknown()
            ),
        }
    }
}

const fn are(number: usize) -> &'static str {
    if number == 1 { "is wrong" } else { "are wrong" }
}

/// How bad a result is; 0 is the worst.
pub fn rank(status: ClaimStatus, matters: bool) -> u8 {
    match status {
        status if status.is_refuted() => u8::from(!matters),
        ClaimStatus::Misquoted => 2,
        ClaimStatus::NotFound => 3,
        ClaimStatus::Unverified => 4,
        _ => 5,
    }
}

/// `README.md:12:9`; the path alone when nothing was found there. `line` is another line of the same document.
pub fn spot(record: &Record, locator: &str, line: Option<u32>) -> String {
    let mut spot = document_of(locator).into_owned();
    match (line, record.places.get(locator).and_then(Place::spot)) {
        // Writing to a string cannot fail.
        (Some(line), _) => drop(write!(spot, ":{line}")),
        (None, Some(found)) => drop(write!(spot, ":{}:{}", found.line, found.column)),
        (None, None) => {}
    }
    spot
}

/// What stands at a place, as a value; `None` when it is a table or nothing.
pub fn quoted<'a>(record: &'a Record, locator: &str) -> Option<&'a str> {
    match record.places.get(locator)? {
        Place::Found(quote) => Some(&quote.written),
        Place::Counted { rows, .. } => Some(rows),
        Place::Table(_) | Place::NotFound(_) => None,
    }
}

fn at<T>(items: &[T], index: u32) -> Option<&T> {
    items.get(usize::try_from(index).ok()?)
}

fn about_facts(record: &Record) -> Vec<Stated<'_>> {
    let checks: BTreeMap<&CheckId, &Check> = record.audit.checks.iter().map(|check| (&check.id, check)).collect();
    let mut claims = Vec::new();
    // Where only claims are judged, those about what does not apply are left out.
    let applies = |result: &&CheckResult| !record.run.claims_only || result.status != Status::NotApplicable;
    for result in record.judgement.checks.iter().filter(applies) {
        let Some(check) = checks.get(&result.check) else { continue };
        for compared in &result.claims {
            let Some(claim) = at(&check.claims, compared.claim) else { continue };
            let source = check.id.to_string();
            let spot = place_of(record, claim, &check.declared);
            let said = match (&compared.table, &claim.at) {
                (Some(table), Some(at)) if !table.rows.is_empty() => rows(record, table, at, &source),
                _ => {
                    let text = text(record, claim, compared.status, compared.actual.as_ref(), &compared.reason);
                    vec![Said { status: compared.status, spot, text, source }]
                }
            };
            claims.push(Stated {
                about: About::Check(&check.id),
                status: compared.status,
                matters: compared.matters.is_some(),
                said,
            });
        }
    }
    claims
}

fn about_scores(record: &Record) -> Vec<Stated<'_>> {
    let mut claims = Vec::new();
    for (_, claim, result, score) in record.score_claims() {
        let text = match score {
            Some(score) if result.status.is_refuted() => {
                format!("{}, actual {}", says(record, claim), format::score(score))
            }
            _ => text(record, claim, result.status, None, &result.reason),
        };
        let spot = claim.at.as_deref().map_or_else(String::new, |at| spot(record, at, None));
        claims.push(Stated {
            about: About::Score(&result.area),
            status: result.status,
            matters: false,
            said: vec![Said { status: result.status, spot, text, source: format!("score of {}", result.area) }],
        });
    }
    claims
}

fn listed(record: &Record) -> Vec<Stated<'_>> {
    let mut claims = Vec::new();
    for result in &record.judgement.listed_claims {
        let Some(claim) = at(&record.audit.claims, result.claim) else { continue };
        let source = match &claim.actual {
            Some(Actual::Fact { check, .. }) => check.to_string(),
            Some(Actual::Stated(_)) | None => claim.id.to_string(),
        };
        let said = result.places.iter().map(|place| {
            let says = quoted(record, &place.at).map(|says| format!("says {says}"));
            let text = match (says, &result.actual) {
                (Some(says), Some(actual)) if place.status.is_refuted() => {
                    format!("{says}, actual {}", format::value(actual))
                }
                (Some(says), _) => format!("{says}: {}", place.reason),
                (None, _) if place.status == ClaimStatus::NotFound => not_found(record, Some(&place.at), &place.reason),
                (None, _) => format!("{}: {}", place.status.word(), place.reason),
            };
            Said { status: place.status, spot: spot(record, &place.at, None), text, source: source.clone() }
        });
        claims.push(Stated {
            about: About::Listed(&claim.id),
            status: result.status,
            matters: false,
            said: said.collect(),
        });
    }
    claims
}

fn place_of(record: &Record, claim: &Claim, (file, line): &(String, u32)) -> String {
    claim.at.as_deref().map_or_else(|| format!("{file}:{line}"), |at| spot(record, at, None))
}

/// `says 13 rules` of a document, `Forge says 13 rules` where the claim stands in none.
fn says(record: &Record, claim: &Claim) -> String {
    let said = claim.said(&record.places).unwrap_or("nothing");
    if claim.at.is_some() { format!("says {said}") } else { format!("{} says {said}", claim.by) }
}

fn text(record: &Record, claim: &Claim, status: ClaimStatus, actual: Option<&Value>, reason: &str) -> String {
    match (status, actual, &claim.written) {
        (ClaimStatus::NotFound, ..) => not_found(record, claim.at.as_deref(), reason),
        (ClaimStatus::Misquoted, _, Some(written)) => {
            format!("{}, the audit file says {written}", says(record, claim))
        }
        (status, Some(actual), _) if status.is_refuted() && claim.table.is_none() => {
            format!("{}, actual {}", says(record, claim), format::value(actual))
        }
        _ if claim.table.is_some() => format!("{}: {reason}", status.word()),
        _ => format!("{}, {}: {reason}", says(record, claim), status.word()),
    }
}

/// `not found: "Alert Rules" has no label "Claimed"`: the place stands before it already.
fn not_found(record: &Record, at: Option<&str>, reason: &str) -> String {
    match at.and_then(|at| record.places.get(at)) {
        Some(Place::NotFound(missing)) => format!("not found: {}", missing.reason),
        _ => format!("not found: {reason}"),
    }
}

/// One for each row of a claimed table, and one for its total.
fn rows(record: &Record, table: &JoinedTable, at: &str, source: &str) -> Vec<Said> {
    let said = |row: &JoinedRow| Said {
        status: row.status,
        spot: spot(record, at, Some(row.line)),
        text: row_text(row),
        source: source.to_owned(),
    };
    table.rows.iter().chain(&table.total).map(said).collect()
}

/// `says 44 for total of TrajectoryPool, actual 43`.
fn row_text(row: &JoinedRow) -> String {
    let wrong = row.cells.iter().filter(|cell| cell.status.is_refuted());
    let told: Vec<String> = wrong
        .filter_map(|cell| {
            let actual = format::value(cell.actual.as_ref()?);
            Some(format!("says {} for {} of {}, actual {actual}", cell.claimed, cell.column, row.name))
        })
        .collect();
    if told.is_empty() { format!("{}, {}: {}", row.name, row.status.word(), row.reason) } else { told.join("; ") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn claims_are_told_in_whole_sentences() {
        let words = |upheld, refuted, unverified| Counts { upheld, refuted, unverified, ..Counts::default() }.words();
        assert_eq!(words(0, 0, 0), "nothing is claimed");
        assert_eq!(words(1, 0, 0), "the claim holds");
        assert_eq!(words(9, 0, 0), "every claim holds");
        assert_eq!(words(0, 1, 0), "the claim is wrong");
        assert_eq!(words(8, 1, 0), "1 of 9 claims is wrong");
        assert_eq!(words(7, 2, 0), "2 of 9 claims are wrong");
        assert_eq!(words(0, 2, 0), "all 2 claims are wrong");
        assert_eq!(words(0, 0, 1), "the claim could not be held against anything");
        assert_eq!(words(8, 0, 1), "1 claim could not be held against anything");
        assert_eq!(words(6, 2, 1), "2 of 9 claims are wrong and 1 could not be held against anything");
    }
}

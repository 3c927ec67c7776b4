//! Claims with a name of their own: one row each, with every place they stand in.

use super::{Source, places, words};
use crate::model::claim::{Actual, ListedClaim};
use crate::model::format;
use crate::model::judgement::{ListedResult, PlaceResult};
use crate::model::printed::Printed;
use crate::report::stated;
use crate::report::view::place::Place;
use crate::report::view::{Reference, ledger};

pub(super) fn claims(source: &Source<'_>) -> Vec<ledger::Listed> {
    let results = source.judgement().listed_claims.iter();
    results.filter_map(|result| Some(claim(source, of(source, result)?, result))).collect()
}

/// The claim of the list that a result is about.
pub(super) fn of<'a>(source: &Source<'a>, result: &ListedResult) -> Option<&'a ListedClaim> {
    source.audit().claims.get(usize::try_from(result.claim).ok()?)
}

fn claim(source: &Source<'_>, claim: &ListedClaim, result: &ListedResult) -> ledger::Listed {
    ledger::Listed {
        anchor: words::plain_anchor("claim", claim.id.as_str()),
        title: claim.title.clone(),
        by: claim.by.clone().unwrap_or_default(),
        as_of: claim.as_of.map(|stamp| source.stamp(stamp)).unwrap_or_default(),
        actual: result.actual.as_ref().map_or_else(|| words::NOTHING.to_owned(), format::value),
        source: claim.actual.as_ref().map(|actual| origin(source, actual)),
        mark: words::claim(result.status),
        reason: words::sentence(&result.reason),
        disagreement: disagreement(source, result),
        span: result.places.len().max(1),
        places: result.places.iter().map(|place| at(source, place)).collect(),
    }
}

fn origin(source: &Source<'_>, actual: &Actual) -> Reference {
    match actual {
        Actual::Fact { check, fact } => {
            let check = source.check(check);
            Reference { text: format!("{}: {fact}", check.text), ..check }
        }
        Actual::Stated(_) => Reference { text: "stated in the audit file".to_owned(), anchor: None },
    }
}

fn at(source: &Source<'_>, result: &PlaceResult) -> ledger::ListedPlace {
    let place = places::place(source, &result.at).unwrap_or_else(|| unread(source, &result.at));
    let says = stated::quoted(source.record, &result.at).unwrap_or(words::NOTHING);
    ledger::ListedPlace {
        place: places::beside(place, &result.reason),
        says: says.to_owned(),
        mark: words::claim(result.status),
        reason: words::sentence(&result.reason),
    }
}

/// A place that nobody looked for.
fn unread(source: &Source<'_>, locator: &str) -> Place {
    Place {
        anchor: String::new(),
        spot: stated::spot(source.record, locator, None),
        locator: locator.to_owned(),
        note: None,
        quote: None,
        misquote: None,
        missing: None,
        file: None,
        digest: None,
    }
}

/// What the places say, when not all of them hold and they do not say the same.
fn disagreement(source: &Source<'_>, result: &ListedResult) -> Option<String> {
    if result.places.iter().all(|place| place.status.is_upheld()) {
        return None;
    }
    let mut said: Vec<(&str, Vec<String>)> = Vec::new();
    for place in &result.places {
        let Some(text) = stated::quoted(source.record, &place.at) else { continue };
        let spot = stated::spot(source.record, &place.at, None);
        match said.iter_mut().find(|(other, _)| same(other, text)) {
            Some((_, spots)) => spots.push(spot),
            None => said.push((text, vec![spot])),
        }
    }
    let told: Vec<String> = said
        .iter()
        .map(|(text, spots)| {
            let say = if spots.len() == 1 { "says" } else { "say" };
            format!("{} {say} {text}", format::and_list(spots))
        })
        .collect();
    (told.len() > 1).then(|| format!("{}.", told.join("; ")))
}

/// Do two printed values agree, as far as their digits go?
fn same(one: &str, other: &str) -> bool {
    match (Printed::parse(one), Printed::parse(other)) {
        (Ok(one), Ok(other)) => {
            one.unit == other.unit && (one.stands_for(other.value()) || other.stands_for(one.value()))
        }
        _ => one.trim() == other.trim(),
    }
}

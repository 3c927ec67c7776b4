//! What a claim says: in the audit file, at its place in a document, or in both, which must then say the same.

use std::borrow::Cow;

use super::values::Comparison;
use crate::model::claim::Claim;
use crate::model::format::shortened;
use crate::model::judgement::ClaimStatus;
use crate::model::printed::{Printed, parse_fraction_text};
use crate::model::quote::{self, NotThere, Place, Places, Spot};

/// Longest piece of a document in a sentence, in characters.
pub(super) const MOST_QUOTED: usize = 60;
/// Longest path or locator in a sentence, in characters.
const MOST_PLACE: usize = 160;

/// What is claimed, as it stands there.
#[derive(Clone, Copy)]
pub(super) struct Quoted<'a> {
    pub(super) written: &'a str,
    /// The unit that its header or label names.
    pub(super) unit: Option<&'a str>,
    /// Its locator and its place, where it was read from a document.
    pub(super) place: Option<(&'a str, &'a Spot)>,
}

impl<'a> Quoted<'a> {
    /// With the unit that its header or label names.
    pub(super) fn meant(&self) -> Cow<'a, str> {
        quote::meant(self.written, self.unit)
    }

    /// `reports/monitoring.md:12:9`; `None` for what stands in the audit file alone.
    pub(super) fn place_name(&self) -> Option<String> {
        self.place.map(|(at, spot)| named(at, spot))
    }
}

/// `reports/monitoring.md:12:9`.
pub(super) fn named(at: &str, spot: &Spot) -> String {
    format!("{}:{}:{}", shortened(&quote::document_of(at), MOST_PLACE), spot.line, spot.column)
}

/// Where a claim stands, as far as it is known: its place, else its locator; `None` where it has none.
pub(super) fn place_of(claim: &Claim, places: &Places) -> Option<String> {
    let at = claim.at.as_ref()?;
    let spot = places.get(at).and_then(Place::spot);
    Some(spot.map_or_else(|| shortened(at, MOST_PLACE), |spot| named(at, spot)))
}

/// What is to be held against the measured value; else why there is nothing.
pub(super) fn said<'a>(claim: &'a Claim, places: &'a Places) -> Result<Quoted<'a>, Comparison> {
    let Some(at) = claim.at.as_deref() else {
        let alone = claim.written.as_deref().map(|written| Quoted { written, unit: None, place: None });
        return alone.ok_or_else(|| not_found("it is not written what is claimed".to_owned()));
    };
    let quoted = at_place(at, places)?;
    let (Some(written), text) = (claim.written.as_deref(), claim.text.as_deref()) else { return Ok(quoted) };
    if same(written, quoted.written) || same(written, &quoted.meant()) || is_percentage_of(written, quoted.written) {
        return Ok(quoted);
    }
    match text {
        Some(text) if same(text, quoted.written) => Ok(Quoted { written, ..quoted }),
        _ => Err(misquoted(written, quoted)),
    }
}

/// What stands at a place, when that is one value.
pub(super) fn at_place<'a>(at: &'a str, places: &'a Places) -> Result<Quoted<'a>, Comparison> {
    match places.get(at) {
        Some(Place::Found(quote)) => {
            Ok(Quoted { written: &quote.written, unit: quote.unit.as_deref(), place: Some((at, &quote.spot)) })
        }
        Some(Place::Counted { rows, spot }) => Ok(Quoted { written: rows, unit: None, place: Some((at, spot)) }),
        Some(Place::Table(table)) => {
            let place = named(at, &table.spot);
            Err(not_found(format!("a whole table stands at {place}: say which row and which column is meant")))
        }
        Some(Place::NotFound(problem)) => Err(missing(at, problem)),
        None => Err(not_found(format!("nobody looked at {}", shortened(at, MOST_PLACE)))),
    }
}

/// What a locator that leads nowhere gives.
pub(super) fn missing(at: &str, problem: &NotThere) -> Comparison {
    let (at, reason) = (shortened(at, MOST_PLACE), shortened(&problem.reason, 200));
    let help = shortened(problem.help.trim().trim_end_matches('.'), 120);
    let help = if help.is_empty() { help } else { format!(" ({help})") };
    not_found(format!("{at}: {reason}{help}"))
}

/// The claim leads to no value.
pub(super) fn not_found(reason: String) -> Comparison {
    Comparison::new(ClaimStatus::NotFound, reason)
}

fn misquoted(written: &str, quoted: Quoted<'_>) -> Comparison {
    let place = quoted.place_name().unwrap_or_default();
    let (written, said) = (shortened(written, MOST_QUOTED), shortened(quoted.written, MOST_QUOTED));
    let reason = format!("the audit file says \"{written}\", {place} says \"{said}\"");
    Comparison::new(ClaimStatus::Misquoted, reason)
}

/// Do both say the same: word for word, or as numbers with the same readings?
pub(super) fn same(one: &str, other: &str) -> bool {
    if one.split_whitespace().eq(other.split_whitespace()) {
        return true;
    }
    match (parse_fraction_text(one), parse_fraction_text(other)) {
        (Some(one), Some(other)) => {
            let percents = one.percent.as_ref().zip(other.percent.as_ref());
            one.part == other.part && one.whole == other.whole && percents.is_none_or(|(one, other)| alike(one, other))
        }
        (None, None) => match (Printed::parse(one), Printed::parse(other)) {
            (Ok(one), Ok(other)) => alike(&one, &other),
            _ => false,
        },
        _ => false,
    }
}

fn alike(one: &Printed, other: &Printed) -> bool {
    let of = |printed: &Printed| (printed.unit, printed.qualifier, printed.out_of.clone());
    of(one) == of(other) && one.readings == other.readings
}

/// Is it `98.28%` where the document says `1,026/1,044 (98.28%)`? A percentage cannot be mistaken for another part of it.
fn is_percentage_of(written: &str, quoted: &str) -> bool {
    let percent = parse_fraction_text(quoted).and_then(|fraction| fraction.percent);
    percent.is_some_and(|percent| Printed::parse(written).is_ok_and(|written| alike(&written, &percent)))
}

//! Claims of the list: what each of their places says, beside what was measured and beside each other.

use std::borrow::Cow;
use std::collections::HashMap;

use super::Seen;
use super::agree::{Agreement, agreement};
use super::claims::Judged;
use super::figures::{Figure, Span};
use super::quoted::{MOST_QUOTED, Quoted, at_place, same};
use super::values::{Comparison, Said, names_a_unit, own_percentage};
use crate::model::audit::Audit;
use crate::model::claim::{Actual, ListedClaim};
use crate::model::fact::{Direction, Unit, Value};
use crate::model::format::{self, shortened};
use crate::model::id::CheckId;
use crate::model::judgement::{ClaimStatus, ListedResult, PlaceResult};
use crate::model::printed::{Printed, parse_fraction_text};
use crate::model::quote::document_of;

/// One for each claim of the list, in the order of the audit. Linear in the number of their places.
pub(super) fn results(audit: &Audit, judged: &[Judged<'_>], seen: Seen<'_>) -> Vec<ListedResult> {
    if audit.claims.is_empty() {
        return Vec::new();
    }
    let by_check: HashMap<&CheckId, &Judged<'_>> = judged.iter().map(|judged| (&judged.check.id, judged)).collect();
    let result = |(at, claim): (u32, &ListedClaim)| Listed { claim, by_check: &by_check, seen }.result(at);
    (0_u32..).zip(&audit.claims).map(result).collect()
}

struct Listed<'a> {
    claim: &'a ListedClaim,
    by_check: &'a HashMap<&'a CheckId, &'a Judged<'a>>,
    seen: Seen<'a>,
}

impl Listed<'_> {
    fn result(&self, at: u32) -> ListedResult {
        let quotes: Vec<Result<Quoted<'_>, Comparison>> =
            self.claim.at.iter().map(|at| at_place(at, self.seen.places)).collect();
        let read: Vec<(usize, Quoted<'_>)> =
            quotes.iter().enumerate().filter_map(|(at, quote)| Some((at, *quote.as_ref().ok()?))).collect();
        let mut compared: Vec<Comparison> = quotes
            .into_iter()
            .map(|quote| match quote {
                Ok(quote) => self.beside_actual(quote),
                Err(nothing) => nothing,
            })
            .collect();
        let apart = self.beside_each_other(&read, &mut compared);
        let worst = compared.iter().enumerate().rev().max_by_key(|(_, compared)| compared.status.weight());
        let (status, reason) = match worst {
            None => (ClaimStatus::Unverified, "it names no place".to_owned()),
            Some((at, worst)) => (worst.status, self.told(at, &compared, apart.as_deref())),
        };
        let matters = compared.iter().find_map(|compared| self.matters(compared));
        let places = self.claim.at.iter().zip(compared).map(|(at, compared)| PlaceResult {
            at: at.clone(),
            status: compared.status,
            reason: compared.reason,
        });
        let actual = self.actual(read.iter().any(|(_, quoted)| names_a_unit(&quoted.meant())));
        ListedResult { claim: at, status, actual, reason, matters, places: places.collect() }
    }

    fn judged(&self, check: &CheckId) -> Result<&Judged<'_>, String> {
        self.by_check.get(check).copied().ok_or_else(|| format!("{check} is not in this audit"))
    }

    fn actual(&self, names_a_unit: bool) -> Option<Value> {
        match self.claim.actual.as_ref()? {
            Actual::Fact { check, fact } => {
                self.judged(check).ok()?.beside(fact, names_a_unit).ok().map(Cow::into_owned)
            }
            Actual::Stated(text) => Some(stated_value(text)),
        }
    }

    fn matters(&self, compared: &Comparison) -> Option<String> {
        match self.claim.actual.as_ref()? {
            Actual::Fact { check, fact } => self.judged(check).ok()?.matters(fact, compared),
            Actual::Stated(_) => None,
        }
    }

    fn beside_actual(&self, quoted: Quoted<'_>) -> Comparison {
        let said = Said { quoted, as_of: self.claim.as_of, tolerance: self.claim.tolerance.as_ref() };
        match &self.claim.actual {
            Some(Actual::Fact { check, fact }) => match self.judged(check) {
                Ok(judged) => judged.held(said, fact),
                Err(why) => Comparison::unverified(why),
            },
            Some(Actual::Stated(text)) => beside_stated(said, text),
            None => {
                let own = parse_fraction_text(said.written()).as_ref().and_then(own_percentage);
                match own {
                    Some(reason) => Comparison::new(ClaimStatus::Refuted, reason),
                    None => Comparison::unverified("there is nothing to compare it with"),
                }
            }
        }
    }

    /// Lets places that contradict each other fall, as far as nothing measured has decided them. Gives two of these.
    fn beside_each_other(&self, read: &[(usize, Quoted<'_>)], compared: &mut [Comparison]) -> Option<String> {
        let meant: Vec<Cow<'_, str>> = read.iter().map(|(_, quoted)| quoted.meant()).collect();
        let mut texts: Vec<&str> = meant.iter().map(AsRef::as_ref).collect();
        // Where one place leaves the unit to its reader, the same digits are still the same.
        if read.iter().all(|(_, quoted)| same(quoted.written, read[0].1.written)) {
            texts = read.iter().map(|(_, quoted)| quoted.written).collect();
        }
        let (agreement, strange) = agreement(&texts);
        let says = |at: usize| {
            let quoted = read[at].1;
            let place = quoted.place_name().unwrap_or_default();
            format!("{place} says \"{}\"", shortened(quoted.written, MOST_QUOTED))
        };
        let (status, reason) = match agreement {
            Agreement::Apart { pair: (one, other), apart } => {
                let told = format!("{} and {}", says(one), says(other));
                for at in apart {
                    let compared = &mut compared[read[at].0];
                    if compared.status == ClaimStatus::Unverified {
                        *compared = Comparison::new(ClaimStatus::Refuted, told.clone());
                    }
                }
                return Some(told);
            }
            _ if self.claim.actual.is_some() || texts.len() - strange.len() < 2 => return None,
            Agreement::Same => (ClaimStatus::Exact, "the places say the same".to_owned()),
            Agreement::Meet => (ClaimStatus::Rounds, "there is a value for which all places are true".to_owned()),
        };
        for at in (0..read.len()).filter(|at| !strange.contains(at)) {
            let compared = &mut compared[read[at].0];
            if compared.status == ClaimStatus::Unverified {
                *compared = Comparison::new(status, reason.clone());
            }
        }
        for at in strange {
            let reason = format!("{}, which cannot be compared with what the others say", says(at));
            compared[read[at].0] = Comparison::unverified(reason);
        }
        None
    }

    /// `README.md:3:5 says "13 rules": 13 rules was claimed and 12 measured: 1 too much; docs/a.md:9:1 says "12"`.
    fn told(&self, worst: usize, compared: &[Comparison], apart: Option<&str>) -> String {
        let says = |at: usize| {
            let quoted = at_place(&self.claim.at[at], self.seen.places).ok()?;
            Some(format!("{} says \"{}\"", quoted.place_name()?, shortened(quoted.written, MOST_QUOTED)))
        };
        let first = &compared[worst];
        let same = compared.iter().filter(|other| other.status == first.status).count();
        if first.status.is_upheld() {
            return match compared.len() {
                1 => first.reason.clone(),
                places => format!("all {places} places hold: {}", first.reason),
            };
        }
        if let Some(apart) = apart.filter(|apart| first.reason == *apart) {
            return apart.to_owned();
        }
        let named = document_of(&self.claim.at[worst]);
        // What was not found or not read names its place itself.
        let reason = match (says(worst), first.status) {
            (Some(says), ClaimStatus::Unverified) if !first.reason.starts_with(named.as_ref()) => {
                format!("{says}: {}", first.reason)
            }
            (Some(says), _) if first.status.is_refuted() => format!("{says}: {}", first.reason),
            _ => first.reason.clone(),
        };
        let more = match compared.len() {
            1 => String::new(),
            places => format!("{same} of {places} places: "),
        };
        let other = (0..compared.len())
            .filter(|at| first.status.is_refuted() && compared[*at].status.is_upheld())
            .find_map(says)
            .map_or_else(String::new, |says| format!("; {says}"));
        format!("{more}{reason}{other}")
    }
}

/// What a place says beside a value that the audit file states.
fn beside_stated(said: Said<'_>, stated: &str) -> Comparison {
    let (written, told) = (shortened(&said.meant(), MOST_QUOTED), shortened(stated, MOST_QUOTED));
    let new = |status, reason: String| Comparison::new(status, reason);
    if let Some(reason) = parse_fraction_text(said.written()).as_ref().and_then(own_percentage) {
        return new(ClaimStatus::Refuted, reason);
    }
    if same(said.written(), stated) || same(&said.meant(), stated) {
        return new(ClaimStatus::Exact, format!("{written} was claimed, and the audit file states {told}"));
    }
    let (agreement, strange) = agreement(&[stated, said.meant().as_ref()]);
    if !strange.is_empty() {
        let reason = format!("\"{written}\" cannot be compared with \"{told}\", which the audit file states");
        return Comparison::unverified(reason);
    }
    if matches!(agreement, Agreement::Meet) {
        return new(ClaimStatus::Rounds, format!("{written} was claimed, and the audit file states {told}"));
    }
    let value = stated_value(stated);
    let near = said.figure(&value).ok().zip(value.quantity());
    let status =
        near.map(|(figure, (number, _)): (Figure, _)| figure.against(&Span::point(&number), Direction::Neutral));
    let status = status.filter(|status| status.is_upheld()).unwrap_or(ClaimStatus::Refuted);
    new(status, format!("{written} was claimed and the audit file states {told}"))
}

/// A stated value, as a value.
fn stated_value(text: &str) -> Value {
    if let Some(fraction) = parse_fraction_text(text)
        && let Some(value) = Value::fraction(fraction.part, fraction.whole)
    {
        return value;
    }
    match Printed::quantity(text) {
        Some((number, Unit::One)) if number.is_integer() => Value::Count(number),
        Some((number, Unit::One)) => Value::Number(number),
        Some((number, Unit::Ratio)) => Value::Ratio(number),
        Some((number, Unit::Seconds)) => Value::Duration(number),
        Some((number, Unit::Bytes)) => Value::Bytes(number),
        None => Value::Text(format::value(&Value::Text(text.trim().to_owned()))),
    }
}

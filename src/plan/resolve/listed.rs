//! `claims:`, each with a name of its own: places in documents that must agree with each other and with what was
//! measured. A claim that could not fail is refused.

use std::collections::BTreeSet;

use super::{Resolver, in_words};
use crate::model::audit::Audit;
use crate::model::claim::{Actual, ListedClaim};
use crate::model::fact::{FactSpec, FactType, Unit};
use crate::model::near::nearest;
use crate::model::printed::Printed;
use crate::plan::collect::given;
use crate::plan::fits;
use crate::plan::node::clip;
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{ListedClaimWritten, PlaceWritten, Text};
use crate::proofread::locator::Locator;

impl Resolver<'_> {
    /// A claim of the list.
    pub(super) fn listed(&mut self, written: ListedClaimWritten, path: &str, audit: &Audit) -> Option<ListedClaim> {
        let at = |key: &str| format!("{path}.{key}");
        let id = self.id(&written.id, &at("id"));
        if let Some(tolerance) = &written.tolerance {
            fits::tolerance(self.sink, tolerance, &at("tolerance"));
        }
        let places = self.distinct_places(&written.at.0, &at("at"));
        let count = written.at.0.len();
        let actual = match (&written.fact, &written.value) {
            (Some(fact), Some(value)) => {
                let later = if fact.span < value.span { value } else { fact };
                let message = "the places cannot agree with a fact and with a value as well";
                self.wrong(later, path, Code::InvalidClaim, message, "Keep one of `fact` and `value`.");
                None
            }
            (Some(fact), None) => self.listed_fact(fact, &places, &at("fact"), audit),
            (None, Some(value)) => Some(self.stated(value, &places, path)),
            (None, None) => {
                if count == 1 {
                    let message = format!("\"{}\" cannot fail: one place has nothing to agree with", clip(&written.id));
                    let help = "Add `fact:` with what is measured, `value:`, or a second place.";
                    self.wrong(&written.id, path, Code::CannotFail, message, help);
                }
                None
            }
        };
        let at = places.iter().map(|(locator, place)| self.noted(locator, place, &at("at"))).collect();
        Some(ListedClaim {
            title: given(written.title.as_ref()).unwrap_or_else(|| in_words(&written.id)),
            by: given(written.by.as_ref()),
            actual,
            at,
            as_of: self.maybe_time(written.as_of.as_ref(), &format!("{path}.as-of")),
            tolerance: given(written.tolerance.as_ref()),
            declared: self.declared(written.id.span),
            id: id?,
        })
    }

    /// The places that can be read; reports one that is there twice.
    fn distinct_places<'w>(&self, written: &'w [PlaceWritten], path: &str) -> Vec<(Locator, &'w PlaceWritten)> {
        let mut seen = BTreeSet::new();
        let mut found = Vec::new();
        for (index, place) in written.iter().enumerate() {
            let at = if written.len() == 1 { path.to_owned() } else { format!("{path}[{index}]") };
            let Some(locator) = self.place(place, &at) else { continue };
            let short = locator.to_string();
            if seen.contains(&short) {
                let message = format!("\"{}\" is named twice", clip(&short));
                let help = "A place agrees with itself: name another one, or remove this.";
                self.sink.error(place.span, &at, Code::InvalidClaim, message, help);
            }
            seen.insert(short);
            found.push((locator, place));
        }
        found
    }

    /// A value that the audit file states.
    fn stated(&self, value: &Text, places: &[(Locator, &PlaceWritten)], path: &str) -> Actual {
        if value.trim().is_empty() {
            let help = "Write the value, or name the fact that measures it with `fact:`.";
            self.wrong(value, &format!("{path}.value"), Code::InvalidClaim, "the value is empty", help);
        }
        let fact_type = Printed::parse(value).map_or(FactType::Text, |printed| match printed.unit {
            Unit::One if printed.exact => FactType::Count,
            Unit::One => FactType::Number,
            Unit::Ratio => FactType::Ratio,
            Unit::Seconds => FactType::Duration,
            Unit::Bytes => FactType::Bytes,
        });
        for (locator, place) in places {
            self.place_fits_type(locator, place, &format!("{path}.at"), (clip(value).as_str(), fact_type, false));
        }
        Actual::Stated(value.value.clone())
    }

    /// `area.check.fact`, and whether the places can agree with it.
    fn listed_fact(
        &self,
        text: &Text,
        places: &[(Locator, &PlaceWritten)],
        path: &str,
        audit: &Audit,
    ) -> Option<Actual> {
        let parts: Vec<&str> = text.split('.').collect();
        let [area, check, fact] = parts[..] else {
            let message = format!("\"{}\" is not a fact of a check", clip(text));
            self.wrong(text, path, Code::UnknownFact, message, "Write `area.check.fact`.");
            return None;
        };
        self.known_part(text, path, area, self.areas.keys().map(String::as_str), "there is no area")?;
        let prefix = format!("{area}/");
        let checks = self.checks.keys().filter_map(|id| id.strip_prefix(&prefix));
        self.known_part(text, path, check, checks, &format!("area \"{area}\" has no check"))?;
        // A check that could not be read has been reported.
        let declared = audit.checks.iter().find(|known| known.id.to_string() == format!("{area}/{check}"))?;
        let facts: &[FactSpec] = audit.kinds.get(&declared.kind).map(|kind| kind.facts.as_slice()).unwrap_or_default();
        let name = Text { value: fact.to_owned(), span: text.span };
        let spec = rules::known_fact(self.sink, &name, path, &declared.kind, facts)?;
        if spec.fact_type == FactType::Table {
            let message = format!("\"{fact}\" is a table, and no number can agree with it");
            let help = "Name a fact that counts its rows, or claim the table under its check with `table:`.";
            self.wrong(text, path, Code::InvalidClaim, message, help);
            return None;
        }
        for (locator, place) in places {
            self.place_fits(locator, place, path, spec);
        }
        Some(Actual::Fact { check: declared.id.clone(), fact: fact.to_owned() })
    }

    fn known_part<'k>(
        &self,
        text: &Text,
        path: &str,
        part: &str,
        known: impl Iterator<Item = &'k str> + Clone,
        message: &str,
    ) -> Option<()> {
        if known.clone().any(|other| other == part) {
            return Some(());
        }
        let help = match nearest(part, known.clone()) {
            Some(near) => format!("Did you mean `{near}`?"),
            None => format!("Known: {}.", known.take(12).collect::<Vec<_>>().join(", ")),
        };
        let help = if help == "Known: ." { "Add a check that measures it.".to_owned() } else { help };
        self.wrong(text, path, Code::UnknownId, format!("{message} \"{}\"", clip(part)), &help);
        None
    }
}

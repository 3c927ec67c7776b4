//! Places in documents: locators as they are written become locators that can be followed.

use super::Resolver;
use crate::model::fact::{FactSpec, FactType};
use crate::plan::decode::At;
use crate::plan::documents::ClaimedPlace;
use crate::plan::fits::what;
use crate::plan::node::Span;
use crate::plan::places::{Misfit, inside, misfit};
use crate::plan::problem::Code;
use crate::plan::written::{LocatorKeys, LocatorWritten, PlaceWritten, Text};
use crate::proofread::locator::{Fields, Locator, Matcher, TableFields};

impl Resolver<'_> {
    /// The locator that is written; reports what cannot be read, where it stands.
    pub(super) fn place(&self, written: &PlaceWritten, path: &str) -> Option<Locator> {
        let found = match &written.value {
            LocatorWritten::Short(text) => Locator::parse(text).map_err(|problem| {
                let place = inside(self.files.text(written.span), text, problem.span, written.span);
                (place, problem.message, problem.help)
            }),
            LocatorWritten::Keys(keys) => Locator::from_fields(keys.fields()).map_err(|problem| {
                let place = keys.span(problem.key).unwrap_or(written.span);
                (place, problem.message, problem.help)
            }),
            LocatorWritten::Blank => return None,
        };
        match found {
            Ok(locator) => Some(locator),
            Err((place, message, help)) => {
                self.sink.error(place, path, Code::InvalidLocator, message, help);
                None
            }
        }
    }

    /// The short form of a place that something is claimed at; whoever lints the audit looks it up in the document.
    pub(super) fn noted(&mut self, locator: &Locator, written: &PlaceWritten, path: &str) -> String {
        let document = match &written.value {
            LocatorWritten::Short(text) if text.starts_with(&locator.doc) => {
                inside(self.files.text(written.span), text, 0..locator.doc.len(), written.span)
            }
            LocatorWritten::Keys(keys) => keys.doc.span,
            _ => written.span,
        };
        let path = path.to_owned();
        self.places.push(ClaimedPlace { locator: locator.clone(), span: written.span, document, path });
        locator.to_string()
    }

    /// Reports a place that cannot hold the fact.
    pub(super) fn place_fits(&self, locator: &Locator, written: &PlaceWritten, path: &str, spec: &FactSpec) {
        self.place_fits_type(locator, written, path, (&spec.name, spec.fact_type, false));
    }

    /// Reports a place that cannot hold a score.
    pub(super) fn place_fits_score(&self, locator: &Locator, written: &PlaceWritten, path: &str) {
        self.place_fits_type(locator, written, path, ("score", FactType::Number, true));
    }

    /// Reports a place that cannot hold a value of that name and type; the last says whether it is a score.
    pub(super) fn place_fits_type(
        &self,
        locator: &Locator,
        written: &PlaceWritten,
        path: &str,
        (name, fact_type, score): (&str, FactType, bool),
    ) {
        let Some(Misfit { key, short, message, help }) = misfit(locator, name, fact_type, score) else { return };
        let span = self.part_of(written, key, &short);
        let is_short = matches!(written.value, LocatorWritten::Short(_));
        let help = help.unwrap_or_else(|| {
            let against = if score { "a score" } else { what(fact_type) };
            format!("Name a place that holds {against}, or leave out `{}`.", if is_short { &short } else { key })
        });
        self.sink.error(span, path, Code::InvalidClaim, message, help);
    }

    /// Where a part of a locator stands in the audit file: under its key, or as its short form has it.
    pub(super) fn part_of(&self, written: &PlaceWritten, key: &str, short: &str) -> Span {
        match &written.value {
            LocatorWritten::Keys(keys) => keys.span(key).unwrap_or(written.span),
            LocatorWritten::Short(text) => match text.rfind(short).filter(|_| !short.is_empty()) {
                Some(at) => inside(self.files.text(written.span), text, at..at + short.len(), written.span),
                None => written.span,
            },
            LocatorWritten::Blank => written.span,
        }
    }
}

impl LocatorKeys {
    /// The same for the reader of locators, without places.
    fn fields(&self) -> Fields {
        let text = |text: &Option<Text>| text.as_ref().map(|text| text.value.clone());
        let texts = |texts: &[Text]| texts.iter().map(|text| text.value.clone()).collect();
        let number = |number: &Option<At<u32>>| number.as_ref().map(|number| number.value);
        let conditions = self.r#where.iter().flat_map(|conditions| &conditions.0);
        Fields {
            doc: Some(self.doc.value.clone()),
            under: texts(&self.under.0),
            label: text(&self.label),
            number: number(&self.number),
            kind: text(&self.kind),
            unit: text(&self.unit),
            part: text(&self.part),
            table: self.table.as_ref().map(|table| TableFields { has: texts(&table.has.0), nth: number(&table.nth) }),
            row: text(&self.row),
            col: text(&self.col),
            regex: text(&self.regex),
            code: text(&self.code),
            line: text(&self.line),
            marker: text(&self.marker),
            count: text(&self.count),
            matching: conditions.map(|(header, cell)| (header.value.clone(), cell.value.clone())).collect(),
        }
    }

    /// Where the value of a key stands: of several, the first that cannot be read.
    fn span(&self, key: &str) -> Option<Span> {
        let of = |text: &Option<Text>| text.as_ref().map(|text| text.span);
        let worst = |texts: Vec<&Text>| {
            let wrong = texts.iter().find(|text| Matcher::parse(text).is_err()).or(texts.first());
            wrong.map(|text| text.span)
        };
        match key {
            "doc" => Some(self.doc.span),
            "under" => worst(self.under.0.iter().collect()),
            "label" => of(&self.label),
            "number" => self.number.as_ref().map(|number| number.span),
            "kind" => of(&self.kind),
            "unit" => of(&self.unit),
            "part" => of(&self.part),
            "table" => self.table.as_ref().map(|table| table.span),
            "row" => of(&self.row),
            "col" => of(&self.col),
            "regex" => of(&self.regex),
            "code" => of(&self.code).or_else(|| of(&self.line)),
            "line" => of(&self.line).or_else(|| of(&self.code)),
            "marker" => of(&self.marker),
            "count" => of(&self.count),
            "where" => {
                let conditions = self.r#where.iter().flat_map(|conditions| &conditions.0);
                worst(conditions.flat_map(|(header, cell)| [header, cell]).collect())
            }
            _ => None,
        }
    }
}

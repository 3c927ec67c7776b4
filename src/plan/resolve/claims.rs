//! Claims under checks and areas: who, what, when, where written. Values are kept as written; they are never edited.

use super::Resolver;
use crate::model::captured::is_blank;
use crate::model::claim::Claim;
use crate::model::fact::{FactSpec, FactType};
use crate::model::instant::Stamp;
use crate::model::printed::{Printed, parse_fraction_text};
use crate::plan::collect::given;
use crate::plan::decode::Several;
use crate::plan::fits;
use crate::plan::node::{Span, clip};
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{ClaimWritten, PlaceWritten, Text, ValueWritten, Written};
use crate::probe::registry::KindRow;
use crate::proofread::locator::{Kind, Locator, Part};

/// Everything of a claim but the fact, its value and its place.
pub(super) struct ClaimHead {
    by: String,
    as_of: Option<Stamp>,
    tolerance: Option<String>,
    /// Where all that is claimed is written.
    at: Option<(Locator, PlaceWritten)>,
}

impl ClaimHead {
    /// A claim about a fact, without value and place.
    pub(super) fn claim(&self, fact: &str) -> Claim {
        Claim {
            by: self.by.clone(),
            fact: fact.to_owned(),
            written: None,
            text: None,
            as_of: self.as_of,
            at: None,
            tolerance: self.tolerance.clone(),
            table: None,
        }
    }
}

impl Resolver<'_> {
    /// Reads what all facts of a claim share.
    pub(super) fn claim_head(&mut self, claim: &ClaimWritten, path: &str) -> ClaimHead {
        if claim.by.as_ref().is_none_or(|by| is_blank(by)) {
            let span = claim.by.as_ref().map_or(claim.span, |by| by.span);
            let help = "Add `by:` with the name of whoever claims it.";
            self.sink.error(span, path, Code::InvalidClaim, "the claim does not say who makes it", help);
        }
        if claim.facts.is_empty() && claim.text.is_none() && claim.table.is_none() {
            let help = "Add a fact and its value, such as `up: 4`, or a `text:`.";
            self.sink.error(claim.span, path, Code::InvalidClaim, "nothing is claimed", help);
        }
        if let Some(tolerance) = &claim.tolerance {
            fits::tolerance(self.sink, tolerance, &format!("{path}.tolerance"));
        }
        self.one_place_each(claim, path);
        let at = claim.at.clone().and_then(|at| Some((self.place(&at, &format!("{path}.at"))?, at)));
        ClaimHead {
            by: given(claim.by.as_ref()).unwrap_or_default(),
            as_of: self.maybe_time(claim.as_of.as_ref(), &format!("{path}.as-of")),
            tolerance: given(claim.tolerance.as_ref()),
            at,
        }
    }

    /// A value with a place of its own has no second one; and one place does not say two things.
    fn one_place_each(&self, claim: &ClaimWritten, path: &str) {
        let Some(at) = &claim.at else { return };
        let values = claim.facts.iter().map(|(_, value)| value).chain(&claim.text);
        let own = values.filter_map(|value| match &value.value {
            Written::Read(read) => Some(read.at.span),
            _ => None,
        });
        for own in own.chain(claim.table.iter().map(|table| table.at.span)) {
            let help = "Keep one of the two, or write a claim for each place.";
            self.sink.error(own, path, Code::InvalidClaim, "`at` is given twice: here and for the whole claim", help);
        }
        let mut said = claim.facts.iter().filter_map(|(_, value)| match &value.value {
            Written::Said(text) => Some((text, value.span)),
            _ => None,
        });
        let Some((first, _)) = said.next() else { return };
        for (other, _) in said.filter(|(other, _)| !same_number(first, other)) {
            let message = format!("one place cannot say both \"{}\" and \"{}\"", clip(first), clip(other));
            let help = "Write a claim for each fact, every one with its own `at`.";
            self.sink.warning(at.span, &format!("{path}.at"), Code::InvalidClaim, message, help);
        }
    }

    /// The claims on a check.
    pub(super) fn claims(
        &mut self,
        claims: Several<ClaimWritten>,
        row: &KindRow,
        facts: &[FactSpec],
        path: &str,
    ) -> Vec<Claim> {
        let mut found = Vec::new();
        for claim in claims.0 {
            let head = self.claim_head(&claim, path);
            for (key, value) in &claim.facts {
                if let Some(spec) = rules::known_fact(self.sink, key, path, row.name, facts) {
                    found.extend(self.fact_claim(&head, spec, value, &format!("{path}.{}", key.value)));
                }
            }
            if let Some(text) = &claim.text {
                found.extend(self.fraction_claims(text, &head, row, &format!("{path}.text")));
            }
            if let Some(table) = &claim.table {
                found.extend(self.table_claim(table, &head, row, facts, &format!("{path}.table")));
            }
        }
        found
    }

    fn fact_claim(&mut self, head: &ClaimHead, spec: &FactSpec, value: &ValueWritten, path: &str) -> Option<Claim> {
        let claim = head.claim(&spec.name);
        match &value.value {
            Written::Said(text) => {
                let text = Text { value: text.clone(), span: value.span };
                fits::claim(self.sink, &text, spec, path);
                let at = head.at.as_ref().map(|(locator, written)| {
                    self.place_fits(locator, written, path, spec);
                    self.noted(locator, written, path)
                });
                Some(Claim { written: Some(text.value), at, ..claim })
            }
            Written::Read(read) if spec.fact_type == FactType::Table => {
                let message = format!("\"{}\" is a table", spec.name);
                let help = "Claim it with `table:`, which says which columns are meant.";
                self.sink.error(read.at.span, path, Code::InvalidClaim, message, help);
                None
            }
            Written::Read(read) => {
                let locator = self.place(&read.at, path)?;
                self.place_fits(&locator, &read.at, path, spec);
                Some(Claim { at: Some(self.noted(&locator, &read.at, path)), ..claim })
            }
            Written::Blank => None,
        }
    }

    /// Claims about the score of an area.
    pub(super) fn score_claims(&mut self, claims: Several<ClaimWritten>, path: &str) -> Vec<Claim> {
        let mut found = Vec::new();
        for claim in claims.0 {
            let head = self.claim_head(&claim, path);
            for (key, value) in &claim.facts {
                if key.value == "score" {
                    found.extend(self.score_claim(&head, value, &format!("{path}.score")));
                } else {
                    let message = format!("an area has no \"{}\" to claim", clip(key));
                    let help = "Claim `score` of an area; claim facts of its checks.";
                    self.wrong(key, path, Code::UnknownFact, message, help);
                }
            }
            let strange =
                [("fraction", claim.text.map(|text| text.span)), ("table", claim.table.map(|table| table.span))];
            for (what, span) in strange {
                let message = format!("an area has no {what} to claim");
                let span = span.unwrap_or(Span::NOWHERE);
                self.sink.error(span, path, Code::InvalidClaim, message, "Claim `score` instead.");
            }
        }
        found
    }

    fn score_claim(&mut self, head: &ClaimHead, value: &ValueWritten, path: &str) -> Option<Claim> {
        let (locator, place) = match &value.value {
            Written::Said(text) => {
                let text = Text { value: text.clone(), span: value.span };
                fits::score(self.sink, &text, path);
                let claim = Claim { written: Some(text.value), ..head.claim("score") };
                let Some((locator, place)) = &head.at else { return Some(claim) };
                self.place_fits_score(locator, place, path);
                return Some(Claim { at: Some(self.noted(locator, place, path)), ..claim });
            }
            Written::Read(read) => (self.place(&read.at, path)?, &read.at),
            Written::Blank => return None,
        };
        self.place_fits_score(&locator, place, path);
        Some(Claim { at: Some(self.noted(&locator, place, path)), ..head.claim("score") })
    }

    /// `1,026/1,044 (98.28%)` claims the part, the whole and the share.
    fn fraction_claims(&mut self, text: &ValueWritten, head: &ClaimHead, row: &KindRow, path: &str) -> Vec<Claim> {
        let Some([part, whole, share]) = row.fraction else {
            let message = format!("a phrase cannot claim facts of \"{}\"", row.name);
            self.sink.error(text.span, path, Code::InvalidClaim, message, "Claim each fact by its name.");
            return Vec::new();
        };
        let sides = [(part, Part::Numerator), (whole, Part::Denominator)];
        match &text.value {
            Written::Said(phrase) => {
                let Some(printed) = parse_fraction_text(phrase) else {
                    let message = format!("\"{}\" is not a phrase such as \"1,026/1,044 (98.28%)\"", clip(phrase));
                    let help = "Write part/whole, then the percentage in parentheses.";
                    self.sink.error(text.span, path, Code::InvalidClaim, message, help);
                    return Vec::new();
                };
                let percent = printed.percent.map(|percent| ((share, Part::Percent), percent.text));
                let said = sides.into_iter().zip([printed.part_text, printed.whole_text]).chain(percent);
                let mut found = Vec::new();
                for ((fact, side), written) in said {
                    let at = head.at.as_ref().map(|(at, place)| self.narrowed(at, place, Some(side), path));
                    let Some(at) = at.map_or(Some(None), |at| at.map(Some)) else { return Vec::new() };
                    found.push(Claim { written: Some(written), text: Some(phrase.clone()), at, ..head.claim(fact) });
                }
                found
            }
            Written::Read(read) => {
                let Some(at) = self.place(&read.at, path) else { return Vec::new() };
                let sides = sides.map(|(fact, side)| (fact, Some(side))).into_iter().chain([(share, None)]);
                let claims = sides.map(|(fact, side)| {
                    Some(Claim { at: Some(self.narrowed(&at, &read.at, side, path)?), ..head.claim(fact) })
                });
                claims.collect::<Option<_>>().unwrap_or_default()
            }
            Written::Blank => Vec::new(),
        }
    }

    /// A place where a phrase stands, narrowed to one of its parts; all of it for the share where that is read there. The
    /// phrase is the one fraction there, whatever other numbers stand beside it.
    fn narrowed(&mut self, at: &Locator, written: &PlaceWritten, part: Option<Part>, path: &str) -> Option<String> {
        if let Some(own) = at.part {
            let span = self.part_of(written, "part", &format!(":{}", own.as_str()));
            let message = "a phrase is read with all its parts";
            let help = format!("Leave out \"{}\", or claim a fact instead of the phrase.", own.as_str());
            self.sink.error(span, path, Code::InvalidClaim, message, help);
            return None;
        }
        let kind = Some(at.kind.unwrap_or(Kind::Fraction));
        let locator = Locator { part, kind, ..at.clone() };
        if (Locator { part: Some(Part::Numerator), ..at.clone() }).misfit().is_some() {
            let help = "Name a label, a cell or a section where part and whole stand together.";
            let message = "a phrase such as \"1,026/1,044 (98.28%)\" cannot stand there";
            self.sink.error(written.span, path, Code::InvalidClaim, message, help);
            return None;
        }
        Some(self.noted(&locator, written, path))
    }
}

/// May both be printed at one place? Texts that are no numbers must be the same.
fn same_number(one: &str, other: &str) -> bool {
    let number = |text: &str| Printed::parse(text).ok().map(|printed| (printed.value().clone(), printed.unit));
    one == other || number(one).is_some_and(|one| number(other) == Some(one))
}

//! Claims: who, what, when, where written. Values are kept as written; they are never edited.

use super::Resolver;
use crate::model::claim::Claim;
use crate::model::fact::FactSpec;
use crate::model::instant::Stamp;
use crate::model::printed::parse_fraction_text;
use crate::plan::collect::given;
use crate::plan::decode::{Named, Several};
use crate::plan::fits;
use crate::plan::node::{Span, clip};
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::Text;
use crate::probe::registry::KindRow;

/// Everything of a claim but the fact and its value.
pub(super) struct ClaimHead {
    by: String,
    as_of: Option<Stamp>,
    at: Option<String>,
    tolerance: Option<String>,
    /// A phrase that claims several facts at once.
    pub(super) text: Option<Text>,
}

impl ClaimHead {
    pub(super) fn claim(&self, fact: &str, written: &str) -> Claim {
        Claim {
            by: self.by.clone(),
            fact: fact.to_owned(),
            written: Some(written.to_owned()),
            text: None,
            as_of: self.as_of,
            at: self.at.clone(),
            tolerance: self.tolerance.clone(),
            table: None,
        }
    }
}

impl Resolver<'_> {
    /// Separates the facts of a claim from the rest.
    pub(super) fn claim_head(&self, entries: Vec<(Text, Text)>, path: &str) -> (Vec<(Text, Text)>, ClaimHead) {
        let first = entries.first().map_or(Span::NOWHERE, |(key, _)| key.span);
        let (mut by, mut as_of, mut at, mut tolerance, mut text) = (None, None, None, None, None);
        let mut facts = Vec::new();
        for (key, value) in entries {
            match key.value.as_str() {
                "by" => by = Some(value),
                "as-of" => as_of = self.time(&value, &format!("{path}.as-of")),
                "at" => at = Some(value),
                "tolerance" => tolerance = Some(value),
                "text" => text = Some(value),
                _ => facts.push((key, value)),
            }
        }
        if by.as_ref().is_none_or(|by| by.trim().is_empty()) {
            let span = by.as_ref().map_or(first, |by| by.span);
            let help = "Add `by:` with the name of whoever claims it.";
            self.sink.error(span, path, Code::InvalidClaim, "the claim does not say who makes it", help);
        }
        if facts.is_empty() && text.is_none() {
            let help = "Add a fact and its value, such as `up: 4`, or a `text:`.";
            self.sink.error(first, path, Code::InvalidClaim, "nothing is claimed", help);
        }
        if let Some(tolerance) = &tolerance {
            fits::tolerance(self.sink, tolerance, &format!("{path}.tolerance"));
        }
        let by = by.map(|by| by.value).unwrap_or_default();
        let head = ClaimHead { by, as_of, at: given(at.as_ref()), tolerance: given(tolerance.as_ref()), text };
        (facts, head)
    }

    /// The claims on a check.
    pub(super) fn claims(
        &self,
        claims: Several<Named<Text>>,
        row: &KindRow,
        facts: &[FactSpec],
        path: &str,
    ) -> Vec<Claim> {
        let mut found = Vec::new();
        for Named(entries) in claims.0 {
            let (named, head) = self.claim_head(entries, path);
            for (key, value) in named {
                if let Some(spec) = rules::known_fact(self.sink, &key, path, row.name, facts) {
                    fits::claim(self.sink, &value, spec, path);
                    found.push(head.claim(&key.value, &value.value));
                }
            }
            if let Some(text) = &head.text {
                found.extend(self.fraction_claims(text, &head, row, path));
            }
        }
        found
    }

    /// `1,026/1,044 (98.28%)` claims the part, the whole and the share.
    fn fraction_claims(&self, text: &Text, head: &ClaimHead, row: &KindRow, path: &str) -> Vec<Claim> {
        let path = format!("{path}.text");
        let Some([part, whole, share]) = row.fraction else {
            let message = format!("a phrase cannot claim facts of \"{}\"", row.name);
            self.wrong(text, &path, Code::InvalidClaim, message, "Claim each fact by its name.");
            return Vec::new();
        };
        let Some(printed) = parse_fraction_text(text) else {
            let message = format!("\"{}\" is not a phrase such as \"1,026/1,044 (98.28%)\"", clip(text));
            let help = "Write part/whole, then the percentage in parentheses.";
            self.wrong(text, &path, Code::InvalidClaim, message, help);
            return Vec::new();
        };
        let percent = printed.percent.map(|percent| percent.text);
        let written = [(part, Some(printed.part_text)), (whole, Some(printed.whole_text)), (share, percent)];
        let given = written.into_iter().filter_map(|(fact, value)| value.map(|value| (fact, value)));
        given.map(|(fact, value)| Claim { text: Some(text.value.clone()), ..head.claim(fact, &value) }).collect()
    }
}

//! From the record to the view. A pure function: no clock, no environment, nothing but the record and its evidence.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use crate::model::audit::{Area, Audit, Check};
use crate::model::claim::{self, Actual};
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::instant::{Instant, Stamp};
use crate::model::judgement::{AreaResult, CheckResult, Judgement, Rule};
use crate::model::prose;
use crate::model::record::{Observation, Record};
use crate::model::signoff::SignOff;
use crate::report::Evidence;
use crate::report::prose::plain;
use crate::report::stated::{self, About, Counts, Stated};
use crate::report::view::{Prose, Reference, View};

mod areas;
mod bars;
mod brief;
mod chain;
mod checks;
mod claimed;
mod document;
mod evidence;
mod filter;
mod headline;
mod joined;
mod ledger;
mod listed;
mod outcome;
mod places;
mod rollout;
mod scores;
mod signoff;
mod since;
mod spread;
mod summary;
mod todo;
mod trend;
mod words;

pub(super) use evidence::file as evidence_file;
pub(super) use headline::headline;

/// Builds the view, without what is embedded in it. Linear in the size of the record.
pub(super) fn view(
    record: &Record,
    record_sha256: &str,
    signoffs: &[SignOff],
    embeds: bool,
    evidence: &dyn Evidence,
) -> View {
    document::view(&Source::new(record, signoffs, evidence), record_sha256, embeds)
}

/// The record with an index of its parts, so that nothing is searched for twice.
struct Source<'a> {
    record: &'a Record,
    signoffs: &'a [SignOff],
    evidence: &'a dyn Evidence,
    checks: HashMap<&'a CheckId, &'a Check>,
    results: HashMap<&'a CheckId, &'a CheckResult>,
    observations: HashMap<&'a CheckId, &'a Observation>,
    areas: BTreeMap<&'a Id, &'a AreaResult>,
    by_area: BTreeMap<&'a Id, Vec<&'a Check>>,
    /// Text of each condition.
    conditions: BTreeMap<&'a str, &'a str>,
    places: places::Index<'a>,
    claims: Vec<Stated<'a>>,
    counts: Counts,
    /// The checks and areas that are shown; all of them unless only claims were judged.
    shown: Option<(BTreeSet<&'a CheckId>, BTreeSet<&'a Id>)>,
}

/// Stands for the score of the whole among the reasons of a rule.
const OVERALL: &str = "overall";

impl<'a> Source<'a> {
    fn new(record: &'a Record, signoffs: &'a [SignOff], evidence: &'a dyn Evidence) -> Self {
        let mut by_area: BTreeMap<&Id, Vec<&Check>> = BTreeMap::new();
        let claims = stated::stated(record);
        let shown = record.run.claims_only.then(|| claimed(record, &claims));
        let is_shown = |check: &&Check| shown.as_ref().is_none_or(|(checks, _)| checks.contains(&check.id));
        for check in record.audit.checks.iter().filter(is_shown) {
            by_area.entry(&check.id.area).or_default().push(check);
        }
        Self {
            record,
            signoffs,
            evidence,
            checks: record.audit.checks.iter().map(|check| (&check.id, check)).collect(),
            results: record.judgement.checks.iter().map(|result| (&result.check, result)).collect(),
            observations: record.observations.iter().map(|seen| (&seen.check, seen)).collect(),
            areas: record.judgement.areas.iter().map(|result| (&result.area, result)).collect(),
            by_area,
            conditions: record
                .judgement
                .conditions
                .iter()
                .map(|state| (state.id.as_str(), state.text.as_str()))
                .collect(),
            places: places::Index::new(record),
            counts: Counts::of(&claims),
            claims,
            shown,
        }
    }

    fn audit(&self) -> &'a Audit {
        &self.record.audit
    }

    fn judgement(&self) -> &'a Judgement {
        &self.record.judgement
    }

    /// The areas that are shown.
    fn shown_areas(&self) -> impl Iterator<Item = &'a Area> {
        self.audit().areas.iter().filter(|area| self.shows_area(&area.id))
    }

    fn shows_area(&self, area: &Id) -> bool {
        self.shown.as_ref().is_none_or(|(_, areas)| areas.contains(area))
    }

    fn shows_check(&self, check: &CheckId) -> bool {
        self.shown.as_ref().is_none_or(|(checks, _)| checks.contains(check))
    }

    fn checks_of(&self, area: &Id) -> &[&'a Check] {
        self.by_area.get(area).map(Vec::as_slice).unwrap_or_default()
    }

    /// Has this check anything in Appendix A?
    fn has_evidence(&self, id: &CheckId) -> bool {
        self.shows_check(id) && self.observations.get(id).is_some_and(|seen| !seen.exchanges.is_empty())
    }

    fn evidence_anchor(&self, id: &CheckId) -> Option<String> {
        self.has_evidence(id).then(|| words::anchor("e", id))
    }

    /// A check by its title, leading to its place.
    fn check(&self, id: &CheckId) -> Reference {
        match self.checks.get(id) {
            Some(check) => {
                let anchor = self.shows_check(id).then(|| words::anchor("c", id));
                Reference { text: check.title.clone(), anchor }
            }
            None => Reference { text: id.to_string(), anchor: None },
        }
    }

    fn area(&self, id: &Id) -> Reference {
        let title = self.audit().areas.iter().find(|area| area.id == *id).map(|area| area.title.clone());
        let anchor = (title.is_some() && self.shows_area(id)).then(|| words::plain_anchor("area", id.as_str()));
        Reference { text: title.unwrap_or_else(|| id.to_string()), anchor }
    }

    fn decision(&self, id: &Id) -> Reference {
        let known = self.audit().decisions.iter().find(|decision| decision.id == *id);
        let anchor = known.map(|_| words::plain_anchor("decision", id.as_str()));
        Reference { text: known.map_or_else(|| id.to_string(), |decision| decision.ask.clone()), anchor }
    }

    /// What triggered a rule.
    fn cause(&self, rule: Rule, id: &str) -> Reference {
        match id.parse::<Id>() {
            // A condition may have the name of an area.
            Ok(area) if rule == Rule::ScoreBelowFloor && self.areas.contains_key(&area) => self.area(&area),
            _ => self.named(id),
        }
    }

    /// What an id in a rule's reasons stands for: a claim of the list, a check, a condition, an area or a decision.
    fn named(&self, id: &str) -> Reference {
        if let Some(claim) = claim::referred(id).and_then(|name| name.parse::<Id>().ok()) {
            return self.listed(&claim);
        }
        if let Ok(check) = id.parse::<CheckId>() {
            return self.check(&check);
        }
        if let Some(text) = self.conditions.get(id) {
            let text = plain(&self.prose(text).0);
            return Reference { text, anchor: Some(words::plain_anchor("condition", id)) };
        }
        match id.parse::<Id>() {
            Ok(name) if self.areas.contains_key(&name) => self.area(&name),
            Ok(name) if self.audit().decisions.iter().any(|decision| decision.id == name) => self.decision(&name),
            Ok(name) if name.as_str() == OVERALL => {
                Reference { text: "The whole".to_owned(), anchor: Some("summary".to_owned()) }
            }
            Ok(name) => self.listed(&name),
            Err(_) => Reference { text: id.to_owned(), anchor: None },
        }
    }

    /// A claim of the list by its title.
    fn listed(&self, id: &Id) -> Reference {
        let known = self.audit().claims.iter().find(|claim| claim.id == *id);
        let anchor = known.map(|_| words::plain_anchor("claim", id.as_str()));
        Reference { text: known.map_or_else(|| id.to_string(), |claim| claim.title.clone()), anchor }
    }

    fn prose(&self, text: &str) -> Prose {
        Prose(prose::fill(text, self.record))
    }

    fn some_prose(&self, text: Option<&String>) -> Option<Prose> {
        text.filter(|text| !text.trim().is_empty()).map(|text| self.prose(text))
    }

    fn all_prose(&self, texts: &[String]) -> Vec<Prose> {
        texts.iter().map(|text| self.prose(text)).collect()
    }

    fn when(&self, at: Instant) -> String {
        format::instant(at, &self.audit().timezone)
    }

    fn stamp(&self, stamp: Stamp) -> String {
        format::stamp(stamp, &self.audit().timezone)
    }
}

/// The checks that claims are about, and the areas with such a check or a claimed score.
fn claimed<'a>(record: &'a Record, claims: &[Stated<'a>]) -> (BTreeSet<&'a CheckId>, BTreeSet<&'a Id>) {
    let sources = record.audit.claims.iter().filter_map(|claim| match &claim.actual {
        Some(Actual::Fact { check, .. }) => Some(check),
        _ => None,
    });
    let mut checks: BTreeSet<&CheckId> = sources.collect();
    let mut areas = BTreeSet::new();
    for claim in claims {
        match claim.about {
            About::Check(check) => drop(checks.insert(check)),
            About::Score(area) => drop(areas.insert(area)),
            About::Listed(_) => {}
        }
    }
    areas.extend(checks.iter().map(|check| &check.area));
    (checks, areas)
}

//! What is asked at all: checks, weights, severities, conditions, thresholds. A result that improves because less is asked
//! shows here.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Turn;
use crate::model::audit::{Area, Audit, Check, Method, Severity, VerdictPolicy};
use crate::model::claim::ListedClaim;
use crate::model::condition::{Expectation, Strictness};
use crate::model::format::{self, shortened};
use crate::model::number::Number;
use crate::model::record::Record;

/// Longest condition in a sentence, in characters.
const MOST: usize = 80;

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Moved {
    /// An area is new.
    AreaAdded,
    /// An area is gone.
    AreaRemoved,
    /// An area's weight in the whole.
    AreaWeight,
    /// How an area's score is made.
    AreaMethod,
    /// A check is new.
    CheckAdded,
    /// A check is gone.
    CheckRemoved,
    /// A check takes part in the score, or no longer does.
    Scored,
    /// A check's weight.
    Weight,
    /// The points a check costs, or the cap it sets.
    Points,
    /// A check's severity.
    Severity,
    /// A condition of a check, or its softer tier.
    Expectation,
    /// A claim is gone, or may be further off.
    Claim,
    /// A sample of the whole is measured, or how it is taken.
    Sample,
    /// A probe measures it, or a person states it.
    Attested,
    /// What a check asks, and of what.
    Asks,
    /// A threshold of the verdict.
    Threshold,
}

/// Something that is asked differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DenominatorChange {
    /// What moved.
    pub moved: Moved,
    /// The check, the area, or the name of the threshold.
    pub of: String,
    /// Before, as in the audit file; `None` where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// After, as in the audit file; `None` where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Less is asked: worse. More: better.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// Everything that is asked differently: thresholds, areas, checks.
pub(super) fn changes(old: &Record, new: &Record) -> Vec<DenominatorChange> {
    let mut list = List(Vec::new());
    list.thresholds(&old.audit.verdict, &new.audit.verdict);
    list.areas(&old.audit, &new.audit);
    let ids: BTreeSet<_> = old.audit.checks.iter().chain(&new.audit.checks).map(|check| &check.id).collect();
    for id in ids {
        match (old.audit.check(id), new.audit.check(id)) {
            (Some(was), Some(is)) => {
                list.scored(old, new, is);
                list.check(was, is, &new.audit);
            }
            (Some(was), None) => {
                list.push(Moved::CheckRemoved, &id.to_string(), Some(weighs(was)), None, Turn::Worse);
            }
            (None, Some(is)) => list.push(Moved::CheckAdded, &id.to_string(), None, Some(weighs(is)), Turn::Better),
            (None, None) => {}
        }
    }
    list.listed_claims(&old.audit, &new.audit);
    list.0
}

fn weighs(check: &Check) -> String {
    format!("{}, weight {}", severity(check.severity), check.weight)
}

const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Major => "major",
        Severity::Blocker => "blocker",
    }
}

struct List(Vec<DenominatorChange>);

impl List {
    fn push(&mut self, moved: Moved, of: &str, old: Option<String>, new: Option<String>, turn: Turn) {
        let name = match moved {
            Moved::AreaAdded | Moved::AreaRemoved => "area",
            Moved::AreaWeight => "weight of the area",
            Moved::AreaMethod => "method of the area",
            Moved::CheckAdded | Moved::CheckRemoved => "check",
            Moved::Scored => "part in the score",
            Moved::Weight => "weight",
            Moved::Points => "points",
            Moved::Severity => "severity",
            Moved::Expectation => "expectation",
            Moved::Claim => "claim",
            Moved::Sample => "sample",
            Moved::Attested => "measured by",
            Moved::Asks => "what is asked",
            Moved::Threshold => "threshold",
        };
        let short = |text: &String| shortened(text, MOST);
        let change = match (&old, &new) {
            (Some(old), Some(new)) => {
                let (old, new) = from_difference(old, new);
                format!("was {} and is {}", short(&old), short(&new))
            }
            (Some(old), None) => format!("is gone: {}", short(old)),
            (None, Some(new)) => format!("is new: {}", short(new)),
            (None, None) => String::new(),
        };
        let verdict = match (moved, turn) {
            (Moved::Expectation, Turn::Worse) => ", which accepts more",
            (Moved::Expectation, Turn::Better) => ", which accepts less",
            _ => "",
        };
        let text = format!("{of}: {name} {change}{verdict}");
        self.0.push(DenominatorChange { moved, of: of.to_owned(), old, new, turn, text });
    }

    fn changed(&mut self, moved: Moved, of: &str, old: Option<String>, new: Option<String>, turn: Turn) {
        if old != new {
            self.push(moved, of, old, new, turn);
        }
    }

    /// A number of which less asks less.
    fn number(&mut self, moved: Moved, of: &str, old: &Number, new: &Number) {
        self.changed(moved, of, Some(old.to_string()), Some(new.to_string()), Turn::rising(new, old));
    }

    fn thresholds(&mut self, old: &VerdictPolicy, new: &VerdictPolicy) {
        let mut lowered = |of: &str, old: &Number, new: &Number, shown: fn(&Number) -> String| {
            self.changed(Moved::Threshold, of, Some(shown(old)), Some(shown(new)), Turn::rising(new, old));
        };
        lowered("min-coverage", &old.min_coverage, &new.min_coverage, format::percent);
        lowered("floor-overall", &old.floor_overall, &new.floor_overall, Number::to_string);
        lowered("floor-area", &old.floor_area, &new.floor_area, Number::to_string);
    }

    fn areas(&mut self, old: &Audit, new: &Audit) {
        let find = |audit: &Audit, wanted: &Area| audit.areas.iter().find(|area| area.id == wanted.id).cloned();
        for area in &old.areas {
            let of = area.id.as_str();
            match find(new, area) {
                None => self.push(Moved::AreaRemoved, of, Some(format!("weight {}", area.weight)), None, Turn::Worse),
                Some(now) => {
                    self.number(Moved::AreaWeight, of, &area.weight, &now.weight);
                    let method = |area: &Area| match area.method {
                        Method::Weighted => "weighted".to_owned(),
                        Method::Deductions => "deductions".to_owned(),
                    };
                    self.changed(Moved::AreaMethod, of, Some(method(area)), Some(method(&now)), Turn::Other);
                }
            }
        }
        for area in new.areas.iter().filter(|area| find(old, area).is_none()) {
            let weight = format!("weight {}", area.weight);
            self.push(Moved::AreaAdded, area.id.as_str(), None, Some(weight), Turn::Better);
        }
    }

    /// A check that no longer applies, or of which nothing is expected any more, has left the score.
    fn scored(&mut self, old: &Record, new: &Record, check: &Check) {
        let status = |record: &Record| {
            let result = record.judgement.checks.iter().find(|result| result.check == check.id);
            result.map(|result| result.status)
        };
        let (Some(was), Some(is)) = (status(old), status(new)) else { return };
        if was.is_scored() != is.is_scored() {
            let turn = if was.is_scored() { Turn::Worse } else { Turn::Better };
            let word = |scored: bool, word: &str| format!("{} ({word})", if scored { "scored" } else { "outside" });
            let (old, new) = (word(was.is_scored(), was.word()), word(is.is_scored(), is.word()));
            self.push(Moved::Scored, &check.id.to_string(), Some(old), Some(new), turn);
        }
    }

    fn check(&mut self, old: &Check, new: &Check, audit: &Audit) {
        let id = new.id.to_string();
        let of = id.as_str();
        let turn = Turn::rising(&new.severity, &old.severity);
        let shown = |check: &Check| Some(severity(check.severity).to_owned());
        self.changed(Moved::Severity, of, shown(old), shown(new), turn);
        self.number(Moved::Weight, of, &old.weight, &new.weight);
        let points = |check: &Check| check.deduct.as_ref().map(|points| format!("{points} off"));
        let less = Turn::rising(&new.deduct, &old.deduct);
        self.changed(Moved::Points, of, points(old), points(new), less);
        let cap = |check: &Check| check.caps_area_at.as_ref().map(|cap| format!("the area is at most {cap}"));
        // No cap is the loosest.
        let less = Turn::rising(&cap_rank(old), &cap_rank(new));
        self.changed(Moved::Points, of, cap(old), cap(new), less);
        self.expectations(old, new, audit);
        self.claims(old, new);
        let sample = |check: &Check| {
            let sample = check.sample.as_ref()?;
            Some(format!("of {}, {:?}", sample.of, sample.method).to_lowercase())
        };
        self.changed(Moved::Sample, of, sample(old), sample(new), Turn::Other);
        let who = |check: &Check| Some(if check.attested { "a person" } else { "a probe" }.to_owned());
        let turn = if new.attested { Turn::Worse } else { Turn::Better };
        self.changed(Moved::Attested, of, who(old), who(new), turn);
        let asks = |check: &Check| {
            let source = check.source.as_deref().map_or_else(String::new, |source| format!(" {source}"));
            Some(format!("{}{source} {}", check.kind, check.asks))
        };
        self.changed(Moved::Asks, of, asks(old), asks(new), Turn::Other);
    }

    /// Conditions are matched by tier and fact; several on one fact are taken together.
    fn expectations(&mut self, old: &Check, new: &Check, audit: &Audit) {
        let of = new.id.to_string();
        type Tier = fn(&Check) -> &Vec<Expectation>;
        let tiers: [(&str, Tier); 2] = [("", |check| &check.expect), ("warn ", |check| &check.warn)];
        for (tier, list) in tiers {
            let (before, after) = (list(old), list(new));
            let facts: BTreeSet<&String> = before.iter().chain(after).map(|wish| &wish.fact).collect();
            for fact in facts {
                let texts = |list: &[Expectation]| {
                    let of_fact = list.iter().filter(|wish| wish.fact == *fact);
                    let texts: Vec<&str> = of_fact.map(|wish| wish.condition.text.as_str()).collect();
                    (!texts.is_empty()).then(|| format!("{tier}{fact} {}", texts.join(", ")))
                };
                let (was, is) = (texts(before), texts(after));
                let single = |list: &[Expectation]| {
                    let mut of_fact = list.iter().filter(|wish| wish.fact == *fact);
                    of_fact.next().filter(|_| of_fact.next().is_none()).map(|wish| wish.condition.clone())
                };
                let spec = audit.spec(new, fact).map(|spec| spec.fact_type);
                let turn = match (&was, &is) {
                    // A softer tier turns a failure into a warning.
                    (None, _) => {
                        if tier.is_empty() {
                            Turn::Better
                        } else {
                            Turn::Worse
                        }
                    }
                    (_, None) => {
                        if tier.is_empty() {
                            Turn::Worse
                        } else {
                            Turn::Better
                        }
                    }
                    _ => match (single(before), single(after), spec) {
                        (Some(before), Some(after), Some(fact_type)) => match before.strictness(&after, fact_type) {
                            Strictness::Looser => Turn::Worse,
                            Strictness::Stricter => Turn::Better,
                            Strictness::Other => Turn::Other,
                        },
                        _ => Turn::Other,
                    },
                };
                self.changed(Moved::Expectation, &of, was, is, turn);
            }
        }
    }

    /// A claim with a name of its own that is gone, or is looked for in fewer places.
    fn listed_claims(&mut self, old: &Audit, new: &Audit) {
        for claim in &old.claims {
            let places = |claim: &ListedClaim| Some(format::plural(claim.at.len() as u64, "place", "places"));
            let now = new.claims.iter().find(|other| other.id == claim.id);
            let fewer = now.is_none_or(|now| now.at.len() < claim.at.len());
            let turn = if fewer { Turn::Worse } else { Turn::Better };
            self.changed(Moved::Claim, claim.id.as_str(), places(claim), now.and_then(places), turn);
        }
    }

    /// A claim that nobody makes any more cannot be refuted. What was written stands among the claims.
    fn claims(&mut self, old: &Check, new: &Check) {
        let of = new.id.to_string();
        let keys: BTreeSet<(&str, &str)> =
            old.claims.iter().chain(&new.claims).map(|claim| (claim.by.as_str(), claim.fact.as_str())).collect();
        for (by, fact) in keys {
            let of_key = |check: &Check| -> Vec<Option<String>> {
                let alike = check.claims.iter().filter(|claim| claim.by == by && claim.fact == fact);
                alike.map(|claim| claim.tolerance.clone()).collect()
            };
            let (was, is) = (of_key(old), of_key(new));
            let name = format!("{fact} by {by}");
            let tolerances = |list: &[Option<String>]| {
                let shown = list.iter().map(|tolerance| tolerance.as_deref().unwrap_or("none"));
                Some(format!("{name}, tolerance {}", shown.collect::<Vec<_>>().join(", ")))
            };
            let counted = |list: &[Option<String>]| match list.len() {
                0 => None,
                1 => Some(name.clone()),
                many => Some(format!("{name} ({many} times)")),
            };
            if was.len() != is.len() {
                let turn = Turn::rising(&is.len(), &was.len());
                self.changed(Moved::Claim, &of, counted(&was), counted(&is), turn);
            } else {
                let turn = if is.iter().all(Option::is_none) { Turn::Better } else { Turn::Worse };
                self.changed(Moved::Claim, &of, tolerances(&was), tolerances(&is), turn);
            }
        }
    }
}

/// Two long texts from shortly before the point where they part: their beginnings say nothing about it.
fn from_difference(old: &str, new: &str) -> (String, String) {
    const BEFORE: usize = 20;
    let same = old.chars().zip(new.chars()).take_while(|(old, new)| old == new).count();
    if same <= BEFORE || old.chars().count().max(new.chars().count()) <= MOST {
        return (old.to_owned(), new.to_owned());
    }
    let cut = |text: &str| format!("…{}", text.chars().skip(same - BEFORE).collect::<String>());
    (cut(old), cut(new))
}

/// Higher caps cut less; no cap cuts nothing.
fn cap_rank(check: &Check) -> (bool, Option<Number>) {
    (check.caps_area_at.is_none(), check.caps_area_at.clone())
}

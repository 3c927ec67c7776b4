//! What is asked at all: checks, weights, severities, conditions, claims, thresholds, who must sign. A result that improves
//! because less is asked shows here.
//!
//! Structs are taken apart without `..`: whoever adds a field says whether it is asked.

mod claimed;
mod rollout;
mod signoff;

use std::collections::{BTreeMap, BTreeSet};

use schemars::JsonSchema;
use serde::Serialize;

use super::{Turn, checks};
use crate::model::audit::{Area, Audit, Check, Method, Person, Severity, SignoffPolicy, VerdictPolicy};
use crate::model::claim::ListedClaim;
use crate::model::condition::{Condition, Expectation, Strictness};
use crate::model::fact::{FactType, Facts, Value};
use crate::model::format::{self, and_list, shortened};
use crate::model::id::CheckId;
use crate::model::judgement::Status;
use crate::model::number::Number;
use crate::model::record::Record;
use crate::model::rollout::Rollout;

/// Longest condition in a sentence, in characters.
const MOST: usize = 80;

/// What moved.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
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
    /// A claim is gone, may be further off, or is held against less.
    Claim,
    /// A sample of the whole is measured, or how it is taken.
    Sample,
    /// A probe measures it, or a person states it.
    Attested,
    /// What a check asks, and of what.
    Asks,
    /// The checks that a check waits for.
    DependsOn,
    /// A threshold of the verdict.
    Threshold,
    /// Who must sign.
    Signoff,
    /// What lets the rollout go on, and what takes it back.
    Rollout,
}

/// Something that is asked differently.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct DenominatorChange {
    /// What moved.
    pub moved: Moved,
    /// The check, the area, or the name of the threshold.
    pub of: String,
    /// Before, as in the audit file; not there where there was nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub old: Option<String>,
    /// After, as in the audit file; not there where there is nothing.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub new: Option<String>,
    /// Less is asked: worse. More: better.
    pub turn: Turn,
    /// One sentence without a full stop.
    pub text: String,
}

/// What an audit asks, without what it only says.
struct Asked<'a> {
    auditor: Option<&'a Person>,
    verdict: &'a VerdictPolicy,
    areas: &'a [Area],
    checks: BTreeMap<&'a CheckId, &'a Check>,
    claims: &'a [ListedClaim],
    rollout: Option<&'a Rollout>,
    signoff: Option<&'a SignoffPolicy>,
}

impl<'a> Asked<'a> {
    fn of(audit: &'a Audit) -> Self {
        let Audit {
            auditor,
            verdict,
            areas,
            checks,
            claims,
            rollout,
            signoff,
            // Set side by side with what came of them.
            conditions: _,
            decisions: _,
            waivers: _,
            // Audits that differ in these are audits of different things; every stage has a gate of another name.
            id: _,
            subject: _,
            gate: _,
            // It stands in what checks ask.
            vars: _,
            // What the program says of its kinds.
            kinds: _,
            // Texts, and days that nothing hangs on.
            title: _,
            go_live: _,
            window: _,
            timezone: _,
            provenance: _,
            summary: _,
            closing: _,
            risks: _,
            questions: _,
            next_steps: _,
            checklist: _,
            commands: _,
        } = audit;
        Self {
            auditor: auditor.as_ref(),
            verdict,
            areas,
            checks: checks.iter().map(|check| (&check.id, check)).collect(),
            claims,
            rollout: rollout.as_ref(),
            signoff: signoff.as_ref(),
        }
    }
}

/// Everything that is asked differently: thresholds, who must sign, areas, checks, claims, the rollout.
pub(super) fn changes(old: &Record, new: &Record) -> Vec<DenominatorChange> {
    let mut list = List(Vec::new());
    let (was, is) = (Asked::of(&old.audit), Asked::of(&new.audit));
    list.thresholds(was.verdict, is.verdict);
    list.signoff((was.signoff, was.auditor), (is.signoff, is.auditor));
    list.areas(was.areas, is.areas);
    let (before, after) = (statuses(old), statuses(new));
    let seen = checks::measured(new);
    let ids: BTreeSet<&CheckId> = was.checks.keys().chain(is.checks.keys()).copied().collect();
    for id in ids {
        match (was.checks.get(id), is.checks.get(id)) {
            (Some(was), Some(is)) => {
                list.scored(id, before.get(id), after.get(id));
                list.check(was, is, &new.audit, seen.get(id).copied());
            }
            (Some(was), None) => {
                list.push(Moved::CheckRemoved, &id.to_string(), Some(weighs(was)), None, Turn::Worse);
            }
            (None, Some(is)) => list.push(Moved::CheckAdded, &id.to_string(), None, Some(weighs(is)), Turn::Better),
            (None, None) => {}
        }
    }
    list.listed_claims(was.claims, is.claims);
    list.rollout(was.rollout, is.rollout);
    list.0
}

/// The status of each check, and whether it takes part in the score.
fn statuses(record: &Record) -> BTreeMap<&CheckId, (Status, bool)> {
    let all = record.audit.checks.iter().zip(&record.judgement.checks);
    all.map(|(check, result)| (&result.check, (result.status, result.is_scored(check)))).collect()
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
            Moved::DependsOn => "what it waits for",
            Moved::Threshold => "threshold",
            Moved::Signoff => "who must sign",
            Moved::Rollout => "rollout",
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
            (Moved::Expectation, Turn::Other) => ", and neither is known to accept more",
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
        let VerdictPolicy { min_coverage, floor_overall, floor_area } = new;
        let mut lowered = |of: &str, old: &Number, new: &Number, shown: fn(&Number) -> String| {
            self.changed(Moved::Threshold, of, Some(shown(old)), Some(shown(new)), Turn::rising(new, old));
        };
        lowered("min-coverage", &old.min_coverage, min_coverage, format::percent);
        lowered("floor-overall", &old.floor_overall, floor_overall, Number::to_string);
        lowered("floor-area", &old.floor_area, floor_area, Number::to_string);
    }

    fn areas(&mut self, old: &[Area], new: &[Area]) {
        let find = |areas: &'_ [Area], wanted: &Area| areas.iter().find(|area| area.id == wanted.id).cloned();
        for area in old {
            let of = area.id.as_str();
            let Some(now) = find(new, area) else {
                self.push(Moved::AreaRemoved, of, Some(format!("weight {}", area.weight)), None, Turn::Worse);
                continue;
            };
            let Area {
                id: _,
                weight,
                method,
                claims,
                // Texts, and a figure that is mixed into nothing.
                title: _,
                category: _,
                assessment: _,
                rationale: _,
                concerns: _,
                confidence: _,
            } = &now;
            self.number(Moved::AreaWeight, of, &area.weight, weight);
            let called = |method: Method| match method {
                Method::Weighted => "weighted".to_owned(),
                Method::Deductions => "deductions".to_owned(),
            };
            self.changed(Moved::AreaMethod, of, Some(called(area.method)), Some(called(*method)), Turn::Other);
            self.claims(of, &area.claims, claims);
        }
        for area in new.iter().filter(|area| find(old, area).is_none()) {
            let weight = format!("weight {}", area.weight);
            self.push(Moved::AreaAdded, area.id.as_str(), None, Some(weight), Turn::Better);
        }
    }

    /// A check that no longer applies, or of which nothing is expected any more, has left the score.
    fn scored(&mut self, check: &CheckId, was: Option<&(Status, bool)>, is: Option<&(Status, bool)>) {
        let (Some((was, was_scored)), Some((is, is_scored))) = (was, is) else { return };
        if was_scored != is_scored {
            let turn = if *was_scored { Turn::Worse } else { Turn::Better };
            let word = |scored: bool, word: &str| format!("{} ({word})", if scored { "scored" } else { "outside" });
            let (old, new) = (word(*was_scored, was.word()), word(*is_scored, is.word()));
            self.push(Moved::Scored, &check.to_string(), Some(old), Some(new), turn);
        }
    }

    fn check(&mut self, old: &Check, new: &Check, audit: &Audit, seen: Option<&Facts>) {
        let Check {
            id,
            severity: is_severe,
            weight,
            deduct,
            caps_area_at: _,
            expect: _,
            warn: _,
            claims,
            sample: _,
            attested,
            kind: _,
            source: _,
            asks: _,
            depends_on: _,
            // It has left the score, or come into it.
            not_applicable: _,
            // How long it is waited for: the same is asked.
            timeout_ms: _,
            retries: _,
            // Texts.
            title: _,
            explain: _,
            rationale: _,
            remediation: _,
            declared: _,
        } = new;
        let id = id.to_string();
        let of = id.as_str();
        let turn = Turn::rising(is_severe, &old.severity);
        let shown = |check: &Check| Some(severity(check.severity).to_owned());
        self.changed(Moved::Severity, of, shown(old), shown(new), turn);
        self.number(Moved::Weight, of, &old.weight, weight);
        let points = |check: &Check| check.deduct.as_ref().map(|points| format!("{points} off"));
        let less = Turn::rising(deduct, &old.deduct);
        self.changed(Moved::Points, of, points(old), points(new), less);
        let cap = |check: &Check| check.caps_area_at.as_ref().map(|cap| format!("the area is at most {cap}"));
        // No cap is the loosest.
        let less = Turn::rising(&cap_rank(old), &cap_rank(new));
        self.changed(Moved::Points, of, cap(old), cap(new), less);
        self.expectations(old, new, audit, seen);
        self.claims(of, &old.claims, claims);
        let sample = |check: &Check| {
            let sample = check.sample.as_ref()?;
            Some(format!("of {}, {:?}", sample.of, sample.method).to_lowercase())
        };
        self.changed(Moved::Sample, of, sample(old), sample(new), Turn::Other);
        let who = |check: &Check| Some(if check.attested { "a person" } else { "a probe" }.to_owned());
        let turn = if *attested { Turn::Worse } else { Turn::Better };
        self.changed(Moved::Attested, of, who(old), who(new), turn);
        let asks = |check: &Check| {
            let source = check.source.as_deref().map_or_else(String::new, |source| format!(" {source}"));
            Some(format!("{}{source} {}", check.kind, check.asks))
        };
        self.changed(Moved::Asks, of, asks(old), asks(new), Turn::Other);
        let waits = |check: &Check| {
            let ids: Vec<String> = check.depends_on.iter().map(ToString::to_string).collect();
            (!ids.is_empty()).then(|| and_list(&ids))
        };
        self.changed(Moved::DependsOn, of, waits(old), waits(new), Turn::Other);
    }

    /// Conditions are matched by tier and fact; several on one fact are taken together.
    fn expectations(&mut self, old: &Check, new: &Check, audit: &Audit, seen: Option<&Facts>) {
        let of = new.id.to_string();
        type Tier = fn(&Check) -> &Vec<Expectation>;
        let tiers: [(&str, Tier); 2] = [("", |check| &check.expect), ("warn ", |check| &check.warn)];
        for (tier, list) in tiers {
            let (before, after) = (list(old), list(new));
            let facts: BTreeSet<&String> = before.iter().chain(after).map(|wish| &wish.fact).collect();
            for fact in facts {
                let on_fact = |list: &'_ [Expectation]| -> Vec<Condition> {
                    let of_fact = list.iter().filter(|wish| wish.fact == *fact);
                    of_fact.map(|Expectation { fact: _, condition }| condition.clone()).collect()
                };
                let texts = |conditions: &[Condition]| {
                    let texts: Vec<&str> = conditions.iter().map(|condition| condition.text.as_str()).collect();
                    (!texts.is_empty()).then(|| format!("{tier}{fact} {}", texts.join(", ")))
                };
                let (was, is) = (on_fact(before), on_fact(after));
                // A softer tier turns a failure into a warning.
                let (come, gone) =
                    if tier.is_empty() { (Turn::Better, Turn::Worse) } else { (Turn::Worse, Turn::Better) };
                let turn = match (was.is_empty(), is.is_empty()) {
                    (true, _) => come,
                    (_, true) => gone,
                    _ => {
                        let fact_type = audit.spec(new, fact).map(|spec| spec.fact_type);
                        accepted(&was, &is, fact_type, seen.and_then(|facts| facts.get(fact)))
                    }
                };
                self.changed(Moved::Expectation, &of, texts(&was), texts(&is), turn);
            }
        }
    }
}

/// Do other conditions on a fact accept more of it? Where that cannot be told of them alone, as of two patterns, it can of what
/// was measured: they do when they let it pass and those before did not.
fn accepted(old: &[Condition], new: &[Condition], fact_type: Option<FactType>, seen: Option<&Value>) -> Turn {
    if let ([old], [new], Some(fact_type)) = (old, new, fact_type) {
        match old.strictness(new, fact_type) {
            Strictness::Looser => return Turn::Worse,
            Strictness::Stricter => return Turn::Better,
            Strictness::Other => {}
        }
    }
    let Some(value) = seen else { return Turn::Other };
    let passes = new.iter().all(|condition| condition.holds(value, None) == Ok(true));
    let failed = old.iter().any(|condition| condition.holds(value, None) == Ok(false));
    if passes && failed { Turn::Worse } else { Turn::Other }
}

/// A length of time to the second: what is rounded would hide a change.
fn length(seconds: u64) -> String {
    let units = [(86_400, "d"), (3_600, "h"), (60, "min")].into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    units.map_or_else(|| format!("{seconds} s"), |(unit, sign)| format!("{} {sign}", seconds / unit))
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

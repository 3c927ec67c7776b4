//! Small audits, built by hand, judged.

mod agreement;
mod claims;
mod claims_only;
mod listed;
mod properties;
mod quoted;
mod scores;
mod statuses;
mod tables;
mod upheld;
mod verdicts;

use std::collections::BTreeMap;

use super::{Seen, judge};
use crate::model::audit::{
    Area, Audit, Check, KindSpec, Level, Method, Requirement, Sample, SampleMethod, Severity, Subject, VerdictPolicy,
    Waiver,
};
use crate::model::claim::Claim;
use crate::model::condition::{Condition, Expectation};
use crate::model::fact::{Direction, FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::instant::{Instant, Stamp};
use crate::model::judgement::{CheckResult, ClaimResult, ClaimStatus, Judgement, Rule, Status, Verdict};
use crate::model::number::Number;
use crate::model::quote::{NotThere, Place, Places, Quote, Spot};
use crate::model::record::{Baseline, Observation, Sight, SkipReason};

fn n(text: &str) -> Number {
    text.parse().unwrap()
}

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn stamp(text: &str) -> Stamp {
    text.parse().unwrap()
}

const NOW: &str = "2025-10-20T20:28Z";

fn spec(name: &'static str, fact_type: FactType, direction: Direction, growing: bool) -> FactSpec {
    FactSpec { direction, growing, ..FactSpec::new(name, fact_type, "") }
}

fn kinds() -> BTreeMap<String, KindSpec> {
    let facts = vec![
        spec("rules", FactType::Count, Direction::Higher, false),
        spec("firing", FactType::Count, Direction::Lower, false),
        spec("total", FactType::Count, Direction::Neutral, false),
        spec("passed", FactType::Count, Direction::Higher, false),
        spec("failed", FactType::Count, Direction::Lower, false),
        spec("pass-rate", FactType::Ratio, Direction::Higher, false),
        spec("min-uptime", FactType::Duration, Direction::Higher, true),
        spec("latency", FactType::Duration, Direction::Lower, false),
        spec("memory", FactType::Bytes, Direction::Higher, false),
        spec("value", FactType::Number, Direction::Higher, false),
        FactSpec { unitless: true, ..spec("answer", FactType::Number, Direction::Neutral, false) },
        spec("branch", FactType::Text, Direction::Neutral, false),
        spec("on", FactType::List, Direction::Neutral, false),
        spec("started", FactType::Instant, Direction::Neutral, false),
        spec("stated", FactType::Flag, Direction::Higher, false),
        spec("suites", FactType::Table, Direction::Neutral, false),
    ];
    BTreeMap::from([("probe".to_owned(), KindSpec { summary: String::new(), facts })])
}

fn area(id: &str, method: Method) -> Area {
    Area {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        category: None,
        weight: Number::one(),
        method,
        claims: Vec::new(),
        assessment: None,
        rationale: Vec::new(),
        concerns: Vec::new(),
        confidence: None,
    }
}

fn expectation(fact: &str, condition: &str) -> Expectation {
    Expectation { fact: fact.to_owned(), condition: Condition::parse(condition).unwrap() }
}

fn claim(fact: &str, written: &str) -> Claim {
    Claim {
        by: "Forge".to_owned(),
        fact: fact.to_owned(),
        written: Some(written.to_owned()),
        text: None,
        as_of: None,
        at: None,
        tolerance: None,
        table: None,
    }
}

/// What is judged by most of these tests, at [`NOW`].
fn all<'a>(observations: &'a [Observation], places: &'a Places, baseline: Option<&'a Baseline>) -> Seen<'a> {
    Seen { observations, places, baseline, now: at(NOW), claims_only: false }
}

fn spot(line: u32, column: u32, written: &str) -> Spot {
    let length = u32::try_from(written.chars().count()).unwrap();
    Spot { line, column, end_column: column + length, start: 0, end: u64::from(length) }
}

/// One number, in the fifth column of a line.
fn found(line: u32, written: &str) -> Place {
    under(line, written, None)
}

/// One number whose header or label names its unit.
fn under(line: u32, written: &str, unit: Option<&str>) -> Place {
    let unit = unit.map(str::to_owned);
    Place::Found(Quote {
        written: written.to_owned(),
        unit,
        line_text: written.to_owned(),
        spot: spot(line, 5, written),
    })
}

fn nowhere(reason: &str) -> Place {
    let help = "Look again.".to_owned();
    Place::NotFound(NotThere { code: "locator-none".to_owned(), reason: reason.to_owned(), near: Vec::new(), help })
}

fn places<const N: usize>(places: [(&str, Place); N]) -> Places {
    places.into_iter().map(|(at, place)| (at.to_owned(), place)).collect()
}

fn check(id: &str) -> Check {
    Check {
        id: id.parse().unwrap(),
        title: id.to_owned(),
        kind: "probe".to_owned(),
        source: None,
        asks: String::new(),
        severity: Severity::Major,
        weight: Number::one(),
        deduct: None,
        caps_area_at: None,
        depends_on: Vec::new(),
        not_applicable: None,
        expect: Vec::new(),
        warn: Vec::new(),
        claims: Vec::new(),
        sample: None,
        attested: false,
        timeout_ms: None,
        retries: 0,
        explain: None,
        rationale: None,
        remediation: None,
        declared: ("audit.yaml".to_owned(), 1),
    }
}

fn expecting(id: &str, fact: &str, condition: &str) -> Check {
    Check { expect: vec![expectation(fact, condition)], ..check(id) }
}

/// A check that passes when its observation counts 13 rules.
fn thirteen(id: &str, severity: Severity) -> Check {
    Check { severity, ..expecting(id, "rules", "== 13") }
}

fn audit(areas: Vec<Area>, checks: Vec<Check>) -> Audit {
    Audit {
        id: "go-live".parse().unwrap(),
        title: String::new(),
        subject: Subject { name: "Genesis".to_owned(), version: None, commit: None },
        auditor: None,
        go_live: None,
        window: None,
        timezone: "UTC".to_owned(),
        provenance: None,
        summary: None,
        closing: None,
        verdict: VerdictPolicy { min_coverage: n("0.8"), floor_overall: n("7.0"), floor_area: n("5.0") },
        kinds: kinds(),
        areas,
        checks,
        claims: Vec::new(),
        conditions: Vec::new(),
        waivers: Vec::new(),
        risks: Vec::new(),
        questions: Vec::new(),
        decisions: Vec::new(),
        next_steps: Vec::new(),
        checklist: Vec::new(),
        commands: Vec::new(),
        rollout: None,
        gate: None,
        signoff: None,
        vars: BTreeMap::new(),
    }
}

fn measured(check: &str, facts: &[(&str, Value)]) -> Observation {
    let mut found = Facts::default();
    for (name, value) in facts {
        found.set(name, value.clone());
    }
    seen(check, Sight::Measured(found))
}

fn seen(check: &str, sight: Sight) -> Observation {
    Observation { check: check.parse().unwrap(), sight, exchanges: Vec::new() }
}

fn rules(check: &str, number: u32) -> Observation {
    measured(check, &[("rules", Value::count(number))])
}

fn unreachable(check: &str) -> Observation {
    seen(check, Sight::Unmeasurable(Unmeasurable::new("connection refused", "Start it.")))
}

fn judged(audit: &Audit, observations: &[Observation]) -> Judgement {
    judge(audit, all(observations, &Places::new(), None))
}

/// One check in one area, judged.
fn result(check: Check, facts: &[(&str, Value)]) -> CheckResult {
    let id = check.id.to_string();
    let audit = audit(vec![area("a", Method::Weighted)], vec![check]);
    judged(&audit, &[measured(&id, facts)]).checks.remove(0)
}

/// One claim about one fact, compared.
fn compared(claim: Claim, value: Value) -> ClaimResult {
    let fact = claim.fact.clone();
    result(Check { claims: vec![claim], ..check("a/one") }, &[(fact.as_str(), value)]).claims.remove(0)
}

fn rule(judgement: &Judgement, rule: Rule) -> &crate::model::judgement::RuleOutcome {
    judgement.chain.iter().find(|outcome| outcome.rule == rule).unwrap()
}

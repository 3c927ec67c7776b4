//! A check: its row in the table of its area, and its details.

use super::{Source, evidence, joined, places, since, words};
use crate::model::audit::{Area, Check, Method};
use crate::model::claim::{self, Claim};
use crate::model::evidence::Question;
use crate::model::exact::exact;
use crate::model::fact::{Fact, FactType, Facts, Table, Value};
use crate::model::format;
use crate::model::judgement::{CheckResult, ClaimResult, ExpectationResult, Outcome, Status, Tier};
use crate::model::record::Sight;
use crate::report::view::area;
use crate::report::view::evidence::Excerpt;
use crate::report::view::place::Place;

/// Most rows of a measured table that are shown.
const TABLE_ROWS: usize = 50;
/// The fact that says how long the measuring took.
const ELAPSED: &str = "elapsed";
/// Facts shown in the table of an area for a check that neither requires nor claims anything.
const INFO_FACTS: usize = 3;

/// The row of a check in the table of its area, and its details. `told` is what came back, as
/// [`excerpts`](evidence::excerpts) gives it.
pub(super) fn shown(
    source: &Source<'_>,
    area: &Area,
    check: &Check,
    told: (Vec<Excerpt>, Option<String>),
) -> (area::Row, area::Check) {
    let result = source.results.get(&check.id).copied();
    let lines = lines(source, check, result);
    let details = details(source, area, check, &lines, told);
    (row(source, check, lines), details)
}

fn row(source: &Source<'_>, check: &Check, lines: Vec<area::Line>) -> area::Row {
    let result = source.results.get(&check.id).copied();
    area::Row {
        anchor: words::anchor("c", &check.id),
        title: check.title.clone(),
        status: words::status(status(result)),
        was: since::status(source, &check.id, status(result)),
        waived: result.is_some_and(|result| result.waived_by.is_some()),
        span: lines.len(),
        lines,
    }
}

fn details(
    source: &Source<'_>,
    area: &Area,
    check: &Check,
    lines: &[area::Line],
    (excerpts, excerpts_more): (Vec<Excerpt>, Option<String>),
) -> area::Check {
    let result = source.results.get(&check.id).copied();
    let status = status(result);
    let settled = matches!(status, Status::Pass | Status::Info | Status::NotApplicable);
    let (repeat, repeat_more) = evidence::repeat(source, &check.id);
    let (facts, tables) = facts(source, check, lines);
    area::Check {
        id: check.id.to_string(),
        anchor: words::anchor("c", &check.id),
        title: check.title.clone(),
        status: words::status(status),
        was: since::status(source, &check.id, status),
        severity: words::severity(check.severity).to_owned(),
        waiver: result.and_then(|result| waiver(source, result)),
        settled,
        stakes: if source.record.run.claims_only {
            words::severity(check.severity).to_owned()
        } else {
            stakes(area, check, result)
        },
        reason: result.map_or_else(String::new, |result| words::sentence(&result.reason)),
        claims: result.map(|result| claim_lines(source, check, result)).unwrap_or_default(),
        sample: result.and_then(|result| result.sample.as_ref()).map(|sample| words::sentence(&sample.supports)),
        asks: asks(&check.asks),
        repeat,
        repeat_more,
        facts,
        tables,
        took: took(source, check),
        excerpts,
        excerpts_more,
        evidence: source.evidence_anchor(&check.id),
        explain: source.some_prose(check.explain.as_ref()),
        rationale: source.some_prose(check.rationale.as_ref()),
        notes: measured(source, check).map(|facts| facts.notes.clone()).unwrap_or_default(),
        remediation: source.some_prose(check.remediation.as_ref()).filter(|_| !settled),
        declared: declared(check),
    }
}

/// A check the judge said nothing about was not looked at.
fn status(result: Option<&CheckResult>) -> Status {
    result.map_or(Status::Skipped, |result| result.status)
}

fn measured<'a>(source: &Source<'a>, check: &Check) -> Option<&'a Facts> {
    match &source.observations.get(&check.id)?.sight {
        Sight::Measured(facts) => Some(facts),
        _ => None,
    }
}

fn lines(source: &Source<'_>, check: &Check, result: Option<&CheckResult>) -> Vec<area::Line> {
    let evidence = source.evidence_anchor(&check.id);
    let (expectations, claims): (&[ExpectationResult], &[ClaimResult]) =
        result.map(|result| (&*result.expectations, &*result.claims)).unwrap_or_default();
    let mut names: Vec<&str> = Vec::new();
    let claimed = claims.iter().filter_map(|result| claim_of(check, result)).map(|claim| claim.fact.as_str());
    for name in expectations.iter().map(|result| result.fact.as_str()).chain(claimed) {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let mut lines: Vec<area::Line> = Vec::new();
    for name in names {
        let required: Vec<&ExpectationResult> = expectations.iter().filter(|result| result.fact == name).collect();
        let about: Vec<(&ClaimResult, &Claim)> = claims
            .iter()
            .filter_map(|result| claim_of(check, result).map(|claim| (result, claim)))
            .filter(|(_, claim)| claim.fact == name)
            .collect();
        let is_flag = source.audit().spec(check, name).is_some_and(|spec| spec.fact_type == FactType::Flag);
        let required: Vec<(&ExpectationResult, &str)> =
            required.into_iter().map(|result| (result, wanted(result, is_flag))).collect();
        push_fact(&mut lines, source, name, &required, &about, evidence.as_ref());
    }
    if lines.is_empty() {
        lines = shown_only(source, check, evidence.as_ref());
    }
    for line in &mut lines {
        line.was = since::value(source, &check.id, &line.fact).filter(|was| *was != line.actual);
    }
    exact(lines)
}

/// One line for a fact with its requirements, and one more for each claim after the first.
fn push_fact(
    lines: &mut Vec<area::Line>,
    source: &Source<'_>,
    name: &str,
    required: &[(&ExpectationResult, &str)],
    about: &[(&ClaimResult, &Claim)],
    evidence: Option<&String>,
) {
    let actual = required.iter().find_map(|(result, _)| result.actual.as_ref());
    let expect = |tier| move |(result, _): &&(&ExpectationResult, &str)| result.tier == tier;
    let strict: Vec<&str> = required.iter().filter(expect(Tier::Expect)).map(|(_, wanted)| *wanted).collect();
    let softer: Vec<&str> = required.iter().filter(expect(Tier::Warn)).map(|(_, wanted)| *wanted).collect();
    let mut said = strict.join(" and ");
    if !softer.is_empty() {
        let warn = format!("warn: {}", softer.join(" and "));
        said = if said.is_empty() { warn } else { format!("{said} ({warn})") };
    }
    let marks = required.iter().filter(expect(Tier::Expect)).map(|(result, _)| words::requirement(&result.outcome));
    let mut marks = exact(marks);
    for (result, _) in required.iter().filter(expect(Tier::Warn)) {
        if marks.is_empty() || !matches!(result.outcome, Outcome::Holds) {
            marks.push(words::wish(&result.outcome));
        }
    }
    let mut line = area::Line {
        fact: name.to_owned(),
        claimed: String::new(),
        actual: printed(actual),
        was: None,
        evidence: evidence.cloned(),
        required: said,
        marks,
    };
    for (at, (result, claim)) in about.iter().enumerate() {
        if at > 0 {
            lines.push(line.clone());
            line.required = String::new();
            line.marks = Vec::new();
        }
        line.claimed = format!("{} ({})", places::said(source, claim), claim.by);
        line.actual = printed(result.actual.as_ref().or(actual));
        line.marks.push(words::claim(result.status));
    }
    lines.push(line);
}

/// A condition as it was written; `yes` and `no` where the actual value beside it says these, or would if there were one.
fn wanted(result: &ExpectationResult, is_flag: bool) -> &str {
    let is_flag = result.actual.as_ref().map_or(is_flag, |value| matches!(value, Value::Flag(_)));
    match (is_flag, &*result.condition) {
        (true, "true") => format::yes_no(true),
        (true, "false") => format::yes_no(false),
        (_, condition) => condition,
    }
}

/// The first facts of a check that only shows them; one empty line when there are none.
fn shown_only(source: &Source<'_>, check: &Check, evidence: Option<&String>) -> Vec<area::Line> {
    let line = |fact: &str, actual: Option<&Value>| area::Line {
        fact: fact.to_owned(),
        claimed: String::new(),
        actual: printed(actual),
        was: None,
        evidence: evidence.cloned(),
        required: String::new(),
        marks: Vec::new(),
    };
    let facts = measured(source, check);
    let lines: Vec<area::Line> = facts
        .into_iter()
        .flat_map(|facts| &facts.facts)
        .filter_map(|(name, fact)| match fact {
            Fact::Present(Value::Table(_)) | Fact::Absent(_) => None,
            Fact::Present(value) => (name != ELAPSED).then(|| line(name, Some(value))),
        })
        .take(INFO_FACTS)
        .collect();
    if lines.is_empty() { vec![line("", None)] } else { lines }
}

fn printed(value: Option<&Value>) -> String {
    value.map_or_else(|| words::NOTHING.to_owned(), format::value)
}

fn claim_of<'a>(check: &'a Check, result: &ClaimResult) -> Option<&'a Claim> {
    check.claims.get(usize::try_from(result.claim).ok()?)
}

fn claim_lines(source: &Source<'_>, check: &Check, result: &CheckResult) -> Vec<area::ClaimLine> {
    let line = |result: &ClaimResult| {
        let claim = claim_of(check, result)?;
        Some(area::ClaimLine {
            by: claim.by.clone(),
            written: about(source, check, claim),
            mark: words::claim(result.status),
            reason: places::why(claim, result.status, &result.reason),
            matters: matters(source, result),
            places: places::of_claim(source, claim, result.status, &result.reason).into_iter().collect(),
            table: joined::table(source, claim, result),
        })
    };
    let mut lines: Vec<area::ClaimLine> = Vec::new();
    for line in result.claims.iter().filter_map(line) {
        let alike = |other: &&mut area::ClaimLine| {
            (&other.by, &other.mark, &other.reason, &other.matters, &other.table)
                == (&line.by, &line.mark, &line.reason, &line.matters, &line.table)
        };
        match lines.iter_mut().find(alike) {
            Some(other) => {
                other.written = format!("{}, {}", other.written, line.written);
                let known = |place: &Place| other.places.iter().any(|other| other == place);
                let new: Vec<Place> = line.places.into_iter().filter(|place| !known(place)).collect();
                other.places.extend(new);
            }
            None => lines.push(line),
        }
    }
    lines
}

/// `47h as min uptime`, `13 rules`, `a table of suites`; the fact alone when nothing was found.
fn about(source: &Source<'_>, check: &Check, claim: &Claim) -> String {
    match places::said(source, claim) {
        said if said == words::NOTHING => claim.fact.clone(),
        _ if claim.table.is_some() => format!("a table of {}", claim.fact),
        said => {
            let fact_type = source.audit().spec(check, &claim.fact).map(|spec| spec.fact_type);
            claim::told(&said, &claim.fact, fact_type)
        }
    }
}

/// What a refuted claim would have changed.
pub(super) fn matters(source: &Source<'_>, result: &ClaimResult) -> Option<String> {
    let said = |verdict| source.audit().verdict_words(verdict);
    match (&result.matters, result.verdict) {
        (Some(matters), _) => Some(format!("It matters: {}", words::full_stop(matters))),
        (None, Some(verdict)) => {
            let (other, is) = (said(verdict), said(source.judgement().verdict));
            Some(format!(
                "It matters: no condition would be different, but were it true, the verdict would be {other}, and it is {is}."
            ))
        }
        (None, None) if result.status.is_refuted() && !source.record.run.claims_only => {
            Some("Harmless: with the claimed value, no condition and no verdict would be different.".to_owned())
        }
        (None, None) => None,
    }
}

fn waiver(source: &Source<'_>, result: &CheckResult) -> Option<String> {
    let waiver = source.audit().waivers.get(usize::try_from(result.waived_by?).ok()?)?;
    let until = source.stamp(waiver.until);
    Some(format!("Waived by {} until {until}: {}", waiver.by, words::full_stop(&waiver.reason)))
}

fn stakes(area: &Area, check: &Check, result: Option<&CheckResult>) -> String {
    let mut parts = vec![words::severity(check.severity).to_owned()];
    match (area.method, &check.deduct) {
        (Method::Deductions, Some(deduct)) => parts.push(format!("deducts {}", format::points(deduct))),
        (Method::Deductions, None) => {}
        (Method::Weighted, _) => parts.push(format!("weight {}", check.weight.to_rounded(3))),
    }
    if let Some(cap) = &check.caps_area_at {
        parts.push(format!("caps its area at {} when it fails", format::points(cap)));
    }
    if check.attested {
        parts.push("stated by a person".to_owned());
    }
    if let Some(cost) = result.map(|result| &result.cost).filter(|cost| !cost.is_zero()) {
        parts.push(format!("costs {} of 10 points", format::points(cost)));
    }
    parts.join(" · ")
}

fn declared(check: &Check) -> String {
    let (file, line) = &check.declared;
    let from = check.source.as_ref().map(|source| format!(" from {source}")).unwrap_or_default();
    format!("{}{from}, declared in {file}:{line}", check.kind)
}

/// What is asked where nothing can be repeated: the options that say something, without the punctuation of JSON.
fn asks(options: &str) -> String {
    let Ok(serde_json::Value::Object(options)) = serde_json::from_str(options) else { return options.to_owned() };
    let said = options.iter().filter_map(|(name, value)| match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => None,
        serde_json::Value::Bool(true) => Some(name.clone()),
        serde_json::Value::String(text) => Some(format!("{name}: {text}")),
        other => Some(format!("{name}: {other}")),
    });
    said.collect::<Vec<_>>().join("; ")
}

/// How long the measuring took. What only a person stated took no time worth telling.
fn took(source: &Source<'_>, check: &Check) -> Option<String> {
    let asked = source.observations.get(&check.id)?.exchanges.iter();
    asked.clone().find(|exchange| exchange.question != Question::Clock)?;
    match measured(source, check)?.facts.get(ELAPSED)? {
        Fact::Present(value) => Some(format::value(value)),
        Fact::Absent(_) => None,
    }
}

/// What was measured beside the lines of the table of the area, and the measured tables.
fn facts(source: &Source<'_>, check: &Check, lines: &[area::Line]) -> (Vec<area::Fact>, Vec<area::Table>) {
    let said = |name: &str| name == ELAPSED || lines.iter().any(|line| line.fact == name);
    let same = |value: &str| lines.iter().any(|line| line.actual == value);
    let zone = &source.audit().timezone;
    let (mut facts, mut tables) = (Vec::new(), Vec::new());
    for (name, fact) in measured(source, check).into_iter().flat_map(|facts| &facts.facts) {
        let (value, absent) = match fact {
            Fact::Present(Value::Table(table)) if !table.rows.is_empty() => {
                tables.push(self::table(name, table));
                continue;
            }
            _ if said(name) => continue,
            Fact::Present(value @ (Value::Text(_) | Value::List(_))) if same(&format::value(value)) => continue,
            Fact::Present(value @ (Value::Text(_) | Value::List(_))) => (format::value(value), false),
            Fact::Present(value) => (format::value_long(value, zone), false),
            Fact::Absent(reason) => (reason.to_string(), true),
        };
        let summary = source.audit().spec(check, name).map_or_else(String::new, |spec| spec.summary.to_string());
        facts.push(area::Fact { name: name.clone(), value, absent, summary });
    }
    facts.sort_by_key(|fact| fact.absent);
    (together(facts), tables)
}

/// Facts that are absent for the same reason, which is then said once.
fn together(facts: Vec<area::Fact>) -> Vec<area::Fact> {
    let mut told: Vec<area::Fact> = Vec::new();
    for fact in facts {
        match told.iter_mut().find(|other| other.absent && fact.absent && other.value == fact.value) {
            Some(other) => {
                other.name = format!("{}, {}", other.name, fact.name);
                other.summary = format!("{}; {}", other.summary, fact.summary);
            }
            None => told.push(fact),
        }
    }
    exact(told)
}

fn table(name: &str, table: &Table) -> area::Table {
    let cell = |cell: &Option<Value>| cell.as_ref().map_or_else(|| words::NOTHING.to_owned(), format::value);
    let left_out = table.rows.len().saturating_sub(TABLE_ROWS);
    area::Table {
        name: name.to_owned(),
        columns: table.columns.clone(),
        rows: table.rows.iter().take(TABLE_ROWS).map(|row| row.iter().map(cell).collect()).collect(),
        more: (left_out > 0).then(|| format!("{} in the record.", words::counted(left_out, "more row", "more rows"))),
    }
}

//! Drafts are measured with the probes that will measure the checks; what comes of it becomes the first expectations.

use std::time::Duration;

use super::Options;
use super::detect::Found;
use super::draft::{Draft, Manner, asking, slug};
use super::expect::{Expected, first};
use crate::model::fact::{Fact, FactSpec, Facts, Unmeasurable, Value};
use crate::probe::registry::{self, Probe};
use crate::witness::{PerCheck, Session};

/// A server of this machine answers at once, or not at all.
const SOON: Duration = Duration::from_secs(3);
/// What a file says, however long it is.
const LOOKING: Duration = Duration::from_secs(20);
/// A test suite takes its time.
const RUNNING: Duration = Duration::from_mins(10);

/// A draft that was measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Measured {
    /// The draft, its id distinct in its area.
    pub draft: Draft,
    /// What was found.
    pub facts: Facts,
    /// The first expectations; never empty.
    pub expected: Vec<Expected>,
}

/// A draft that was not measured.
#[derive(Debug, Clone, PartialEq)]
pub struct Unmeasured {
    /// The draft, its id distinct in its area.
    pub draft: Draft,
    /// Why, a lower-case fragment.
    pub reason: String,
}

/// What became of all drafts.
#[derive(Debug, Default)]
pub(super) struct All {
    /// Those that were measured, the checks of an area together, in the order in which areas were met first.
    pub(super) checks: Vec<Measured>,
    /// Those that were not.
    pub(super) unmeasured: Vec<Unmeasured>,
    /// What was looked for and not found.
    pub(super) not_found: Vec<&'static str>,
}

/// Measures all of them, one after the other: there are few, and servers are asked politely.
pub(super) async fn all(session: &Session, found: Vec<Found>, options: Options<'_>) -> All {
    let mut all = All::default();
    for Found { looks_for, drafts, nothing } in found {
        let before = all.checks.len();
        for mut draft in drafts {
            draft.id = distinct(&draft, &all);
            match measured(session, &draft, options).await {
                Ok(Some(measured)) => all.checks.push(measured),
                Ok(None) => {}
                Err(reason) => all.unmeasured.push(Unmeasured { draft, reason }),
            }
        }
        if nothing && all.checks.len() == before {
            all.not_found.push(looks_for);
        }
    }
    let mut areas: Vec<&str> = Vec::new();
    for check in &all.checks {
        if !areas.contains(&check.draft.area) {
            areas.push(check.draft.area);
        }
    }
    all.checks.sort_by_key(|check| areas.iter().position(|area| *area == check.draft.area));
    all
}

/// Its id, and a number where another of its area is called so.
fn distinct(draft: &Draft, all: &All) -> String {
    let wanted = match slug(&draft.id) {
        empty if empty.is_empty() => draft.kind.to_owned(),
        slug => slug,
    };
    let drafts = || all.checks.iter().map(|check| &check.draft).chain(all.unmeasured.iter().map(|left| &left.draft));
    let free = |id: &String| !drafts().any(|other| other.area == draft.area && other.id == *id);
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.clone()).chain(numbered).find(free).unwrap_or_default()
}

/// Measures one draft; the error says why it was not. `None` when nobody answered, and nobody had to.
async fn measured(session: &Session, draft: &Draft, options: Options<'_>) -> Result<Option<Measured>, String> {
    if draft.options.to_string().contains("${") {
        return Err("it holds `${`, which is a variable in an audit file".to_owned());
    }
    let timeout = match draft.manner {
        Manner::Never(reason) => return Err(reason.to_owned()),
        Manner::Run(what) if !options.run_commands => return Err(format!("{what}; `--run-commands` allows it")),
        Manner::Ask if options.offline => return Ok(None),
        Manner::Named if options.offline => return Err("no server was asked: --offline".to_owned()),
        Manner::Run(_) => RUNNING,
        Manner::Ask | Manner::Named => SOON,
        Manner::Look => LOOKING,
    };
    match look(session, draft, timeout).await {
        Ok((facts, specs)) => match first(draft.facts, &specs, &facts) {
            none if none.is_empty() && draft.manner == Manner::Ask => Ok(None),
            none if none.is_empty() => Err(absence(draft, &facts)),
            expected => Ok(Some(Measured { draft: draft.clone(), facts, expected })),
        },
        Err(_) if draft.manner == Manner::Ask => Ok(None),
        Err(trouble) => Err(trouble.reason),
    }
}

/// Measures a draft with a probe that an audit file made of it; what comes of it may leave nothing to expect.
pub async fn measured_by(session: &Session, draft: &Draft, probe: &Probe) -> Result<Measured, Unmeasurable> {
    let specs = registry::find(draft.kind).map(|row| (row.facts)()).unwrap_or_default();
    let witness = session.witness(&asking(&draft.id)?, PerCheck { timeout: Some(RUNNING), retries: 0 });
    let facts = probe.measure(&witness).await?;
    let expected = first(draft.facts, &specs, &facts);
    Ok(Measured { draft: draft.clone(), facts, expected })
}

async fn look(session: &Session, draft: &Draft, timeout: Duration) -> Result<(Facts, Vec<FactSpec>), Unmeasurable> {
    let wrong = |reason: String| Unmeasurable::new(reason, "Correct the options.");
    let row = registry::find(draft.kind).ok_or_else(|| wrong(format!("there is no kind \"{}\"", draft.kind)))?;
    let probe = Probe::decode(draft.kind, draft.options.clone()).map_err(|error| wrong(error.to_string()))?;
    if let Some((problem, _)) = probe.problems().into_iter().next() {
        return Err(wrong(problem));
    }
    let witness = session.witness(&asking(&draft.id)?, PerCheck { timeout: Some(timeout), retries: 0 });
    Ok((probe.measure(&witness).await?, (row.facts)()))
}

/// What a health check answered that does not pass.
fn unwell(facts: &Facts) -> Option<String> {
    let Fact::Present(Value::Table(checks)) = facts.facts.get("checks")? else { return None };
    let detail = checks.columns.iter().position(|column| column == "detail")?;
    match checks.rows.first()?.get(detail)? {
        Some(Value::Text(said)) => Some(format!("it does not answer that it is well: {said}")),
        _ => None,
    }
}

/// Why there is nothing to expect: a fact that would be expected is absent.
pub fn absence(draft: &Draft, facts: &Facts) -> String {
    let reason = draft.facts.iter().find_map(|name| match facts.facts.get(*name) {
        Some(Fact::Absent(reason)) => Some(reason.clone()),
        _ => None,
    });
    reason.or_else(|| unwell(facts)).unwrap_or_else(|| "what was measured leaves nothing to expect".to_owned())
}

//! Drafts are measured with the probes that will measure the checks; what comes of it becomes the first expectations.

use std::time::Duration;

use super::Options;
use super::draft::{Draft, Manner, asking, slug};
use super::expect::{Expected, first};
use crate::model::fact::{Fact, FactSpec, Facts, Unmeasurable};
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

/// Measures all of them, one after the other: there are few, and servers are asked politely.
pub(super) async fn all(
    session: &Session,
    drafts: Vec<Draft>,
    options: Options<'_>,
) -> (Vec<Measured>, Vec<Unmeasured>) {
    let (mut checks, mut unmeasured): (Vec<Measured>, Vec<Unmeasured>) = (Vec::new(), Vec::new());
    for mut draft in drafts {
        let taken = |area: &str, id: &str| {
            checks
                .iter()
                .map(|check| &check.draft)
                .chain(unmeasured.iter().map(|left| &left.draft))
                .any(|other| other.area == area && other.id == id)
        };
        draft.id = distinct(&draft, &taken);
        match measured(session, &draft, options).await {
            Ok(Some(measured)) => checks.push(measured),
            Ok(None) => {}
            Err(reason) => unmeasured.push(Unmeasured { draft, reason }),
        }
    }
    // The checks of an area stand together, in the order in which areas were met first.
    let areas: Vec<&str> = checks.iter().map(|check| check.draft.area).collect();
    let place = |area: &str| areas.iter().position(|other| *other == area);
    let places: Vec<Option<usize>> = checks.iter().map(|check| place(check.draft.area)).collect();
    let mut together: Vec<(Option<usize>, Measured)> = places.into_iter().zip(checks).collect();
    together.sort_by_key(|(place, _)| *place);
    (together.into_iter().map(|(_, check)| check).collect(), unmeasured)
}

fn distinct(draft: &Draft, taken: &dyn Fn(&str, &str) -> bool) -> String {
    let wanted = match slug(&draft.id) {
        empty if empty.is_empty() => draft.kind.to_owned(),
        slug => slug,
    };
    let numbered = (2..).map(|number| format!("{wanted}-{number}"));
    std::iter::once(wanted.clone()).chain(numbered).find(|id| !taken(draft.area, id)).unwrap_or_default()
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
        Manner::Run(_) => RUNNING,
        Manner::Ask => SOON,
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

/// Why there is nothing to expect: a fact that would be expected is absent.
pub fn absence(draft: &Draft, facts: &Facts) -> String {
    let reason = draft.facts.iter().find_map(|name| match facts.facts.get(*name) {
        Some(Fact::Absent(reason)) => Some(reason.clone()),
        _ => None,
    });
    reason.unwrap_or_else(|| "what was measured leaves nothing to expect".to_owned())
}

//! `countersign diff`: what changed between two bundles, on a terminal, in Markdown or as JSON.

mod markdown;
mod screen;

use super::arguments::{Diff, DiffFormat};
use super::run;
use super::{Exit, Failure, terminal};
use crate::audit::verify;
use crate::model::format;
use crate::model::judgement::Status;
use crate::model::number::Number;
use crate::record::compare::{Comparison, FactChange, Figures, ScoreChange, Transition, compare};

/// Compares two bundles.
pub(crate) fn diff(arguments: &Diff) -> Result<Exit, Failure> {
    let (old, new) = (run::open(&arguments.old)?, run::open(&arguments.new)?);
    for (directory, bundle) in [(&arguments.old, &old), (&arguments.new, &new)] {
        if let Some(finding) = verify::doubtful(&bundle.record) {
            let doubt = run::not_as_recorded(directory, &finding);
            terminal::message(&format!("{doubt}; it is compared as it stands\n"));
        }
    }
    let comparison = compare((&old.record, &old.sha256), (&new.record, &new.sha256));
    let text = match arguments.format {
        DiffFormat::Human => screen::screen(&comparison),
        DiffFormat::Markdown => markdown::markdown(&comparison),
        DiffFormat::Json => terminal::json(&comparison)?,
    };
    terminal::data(&text)?;
    let worse = arguments.fail_on_regression && !comparison.regressions.is_empty();
    let changed = arguments.fail_on_change && comparison.changed;
    Ok(if worse || changed { Exit::Conditional } else { Exit::Clean })
}

/// The one sentence about all of it.
fn conclusion(comparison: &Comparison) -> String {
    let worse = comparison.regressions.len() as u64;
    if comparison.identical {
        "identical: both bundles hold the same record".to_owned()
    } else if !comparison.changed {
        "nothing but times changed".to_owned()
    } else if worse == 0 {
        "nothing got worse".to_owned()
    } else {
        format!("{} worse", format::plural(worse, "thing got", "things got"))
    }
}

/// What there is to say of the verdict where it is no other than before.
fn no_other_verdict(comparison: &Comparison) -> String {
    match (comparison.old.claims_only, comparison.new.claims_only) {
        (true, true) => "only claims were judged: there is no verdict".to_owned(),
        (false, false) => format!("the verdict is {}, as it was", comparison.new.words),
        _ => "only claims were judged in one of the two, which has no verdict".to_owned(),
    }
}

/// The status of either side of a transition.
fn status(status: Option<Status>, none: &'static str) -> &'static str {
    status.map_or(none, Status::word)
}

/// Transitions where something changed.
fn moved(transition: &&Transition) -> bool {
    transition.old != transition.new
}

/// How many checks have the status they had.
fn unmoved(comparison: &Comparison) -> u64 {
    let same = comparison.transitions.iter().filter(|transition| !moved(transition));
    same.map(|transition| transition.checks.len() as u64).sum()
}

/// `7.5`, or `7.5 (9.0 with waivers)` where these differ; `-` where there is none.
fn score(figures: Option<&Figures>) -> String {
    let Some(figures) = figures else { return "-".to_owned() };
    let shown = format::score_or_dash(figures.score.as_ref());
    match &figures.score_with_waivers {
        Some(with) if Some(with) != figures.score.as_ref() => format!("{shown} ({} with waivers)", format::score(with)),
        _ => shown,
    }
}

/// `93.8 %`; `-` where there is none, as where nothing is scored.
fn coverage(figures: Option<&Figures>) -> String {
    figures
        .filter(|figures| figures.score.is_some())
        .map_or_else(|| "-".to_owned(), |figures| format::percent(&figures.coverage))
}

/// `+0.4`, `-1.0`; empty where the score stayed or is not there both times.
fn score_moved(change: &ScoreChange) -> String {
    match change.by() {
        Some(by) if !by.is_zero() => signed(&by),
        _ => String::new(),
    }
}

/// One decimal, or as many as it takes to say more than zero.
fn signed(by: &Number) -> String {
    let sign = if by.is_negative() { "-" } else { "+" };
    format!("{sign}{}", format::score(&by.abs()))
}

/// Facts that moved and are no times, and how many are.
fn facts(comparison: &Comparison) -> (Vec<&FactChange>, u64) {
    let (times, facts): (Vec<_>, Vec<_>) = comparison.facts.iter().partition(|fact| fact.is_time);
    (facts, times.len() as u64)
}

/// A sentence where the audit file changed and nothing of what is asked did.
fn only_texts(comparison: &Comparison) -> Option<&'static str> {
    comparison.is_asked_alike().then_some("the audit file changed, though not in what is asked")
}

//! An area: its figures, what was claimed of them, its checks and what the auditor makes of them.

use super::spread::spread;
use super::{Source, bars, checks, evidence, places, words};
use crate::model::audit::{Area, Method};
use crate::model::claim::Claim;
use crate::model::format;
use crate::model::id::Id;
use crate::model::judgement::{ScoreClaim, Status};
use crate::model::number::Number;
use crate::report::stated;
use crate::report::view::{Figures, area};

pub(super) fn areas(source: &Source<'_>) -> Vec<area::Area> {
    let mut claims = score_claims(source);
    let mut shown = evidence::Shown::default();
    let areas = source.shown_areas();
    areas.map(|area| self::area(source, area, claims.remove(&area.id).unwrap_or_default(), &mut shown)).collect()
}

fn area<'a>(
    source: &Source<'a>,
    area: &Area,
    claimed: Vec<area::ScoreClaim>,
    shown: &mut evidence::Shown<'a>,
) -> area::Area {
    let checks = source.checks_of(&area.id);
    // What stands under one check hangs on what stood under those before it.
    let told = checks.iter().map(|check| (*check, evidence::excerpts(source, &check.id, shown))).collect();
    let (rows, details): (Vec<_>, Vec<_>) =
        spread(told, |(check, told)| checks::shown(source, area, check, told)).unzip();
    area::Area {
        id: area.id.to_string(),
        anchor: words::plain_anchor("area", area.id.as_str()),
        title: area.title.clone(),
        category: area.category.clone(),
        method: method(area.method).to_owned(),
        figures: figures(source, &area.id),
        tally: tally(source, &area.id),
        claimed,
        compares: checks.iter().any(|check| !check.claims.is_empty()),
        rows: rows.into(),
        checks: details.into(),
        assessment: source.some_prose(area.assessment.as_ref()),
        rationale: source.all_prose(&area.rationale),
        concerns: source.all_prose(&area.concerns),
        confidence: area.confidence.as_ref().map(|confidence| area::Confidence {
            value: by_hand(&confidence.value),
            why: source.some_prose(confidence.why.as_ref()),
        }),
    }
}

pub(super) fn figures(source: &Source<'_>, area: &Id) -> Figures {
    source.areas.get(area).map_or_else(bars::unknown, |result| bars::of_area(result))
}

/// A figure stated by hand: as many decimals as it was given, one at least.
pub(super) fn by_hand(figure: &Number) -> String {
    format::points(figure)
}

/// `3 of 4 checks pass; 1 without data`.
pub(super) fn tally(source: &Source<'_>, area: &Id) -> String {
    let results = source.checks_of(area).iter().filter_map(|check| Some((*check, *source.results.get(&check.id)?)));
    let mut counts = [0_usize; Status::ALL.len()];
    // Of what expects nothing nothing is missed.
    let mut unmissed = 0_usize;
    for (check, result) in results {
        if result.status.is_scored() && !result.is_scored(check) {
            unmissed += 1;
            continue;
        }
        if let Some(at) = Status::ALL.iter().position(|status| *status == result.status) {
            counts[at] += 1;
        }
    }
    let of = |wanted: Status| Status::ALL.iter().zip(counts).find(|(s, _)| **s == wanted).map_or(0, |(_, count)| count);
    let scored: usize = Status::ALL.iter().zip(counts).filter(|(status, _)| status.is_scored()).map(|(_, n)| n).sum();
    let passing = of(Status::Pass);
    let checks = words::counted(scored, "check", "checks");
    let mut said = if scored == 0 {
        "no check is scored".to_owned()
    } else if passing == scored {
        format!("{checks}, all passing").replace("1 check, all passing", "1 check, passing")
    } else {
        format!("{passing} of {checks} passing")
    };
    for status in [Status::Warn, Status::Fail, Status::NoData, Status::Error, Status::Skipped] {
        if of(status) > 0 {
            said.push_str(&format!(", {} {}", of(status), status.word()));
        }
    }
    let besides = [
        (of(Status::NotApplicable), Status::NotApplicable),
        (of(Status::Info), Status::Info),
        (unmissed, Status::Skipped),
    ];
    for (number, status) in besides.into_iter().filter(|(number, _)| *number > 0) {
        said.push_str(&format!("; {number} {} besides", status.word()));
    }
    said
}

fn method(method: Method) -> &'static str {
    match method {
        Method::Weighted => "weighted mean of its checks",
        Method::Deductions => "10 less the points of what does not pass",
    }
}

fn score_claims<'a>(source: &Source<'a>) -> std::collections::BTreeMap<&'a Id, Vec<area::ScoreClaim>> {
    let mut by_area: std::collections::BTreeMap<&Id, Vec<area::ScoreClaim>> = std::collections::BTreeMap::new();
    for (_, claim, result, _) in source.record.score_claims() {
        by_area.entry(&result.area).or_default().push(area::ScoreClaim {
            by: claim.by.clone(),
            written: places::said(source, claim),
            mark: words::claim(result.status),
            reason: ours(source, result),
            source: claim_source(source, claim),
            place: places::of_claim(source, claim, result.status, &result.reason),
        });
    }
    by_area
}

/// Our own score, plainly; why it cannot be compared when it cannot.
fn ours(source: &Source<'_>, result: &ScoreClaim) -> String {
    let score = source.areas.get(&result.area).and_then(|area| area.score.as_ref());
    match score {
        Some(score) if result.status.is_upheld() || result.status.is_refuted() => {
            format!("Our score is {}.", format::score(score))
        }
        _ => words::sentence(&result.reason),
    }
}

/// Where and when something was claimed.
fn claim_source(source: &Source<'_>, claim: &Claim) -> Option<String> {
    let at = claim.at.as_deref().map(|at| match source.record.places.get(at) {
        Some(place) if place.spot().is_some() => format!("in {}", stated::spot(source.record, at, None)),
        _ => format!("in {at}"),
    });
    let as_of = claim.as_of.map(|stamp| format!("as of {}", source.stamp(stamp)));
    let parts: Vec<String> = at.into_iter().chain(as_of).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

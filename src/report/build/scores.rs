//! Scores as drawings: what each area earned, and which check cost it how much.

use super::{Source, bars, words};
use crate::model::audit::Area;
use crate::model::format;
use crate::model::judgement::AreaResult;
use crate::model::number::Number;
use crate::report::view::Reference;
use crate::report::view::chart::{AreaChart, Loss, Segment};

/// Units that stand for 10 points.
const WIDTH: u32 = 200;
/// Tone of what a waived check costs.
const WAIVED: &str = "waived";
/// Most losses that are drawn each for itself.
const MOST: usize = 12;

pub(super) fn charts(source: &Source<'_>) -> Vec<AreaChart> {
    source.shown_areas().map(|area| chart(source, area)).collect()
}

fn chart(source: &Source<'_>, area: &Area) -> AreaChart {
    let result = source.areas.get(&area.id).copied();
    let score = result.and_then(|result| result.score.as_ref());
    let was = source.concluded().and_then(|then| then.areas.get(&area.id));
    let lost = match (result, score) {
        (Some(result), Some(score)) => losses(source, area, result, score),
        _ => Vec::new(),
    };
    AreaChart {
        area: source.area(&area.id),
        description: description(score, &lost, was),
        earned: segment(&Number::zero(), score.unwrap_or(&Number::zero()), score.map_or("none", bars::tone)),
        lost,
        was_at: was.map(|was| units(was).to_rounded(1)),
        was: was.map(format::score),
    }
}

/// What lies between the score and 10 points, dearest first. The record has the cost of every check before caps and floor,
/// so what is missing then is a cap or that nothing was measured, and nothing is drawn beyond 10.
fn losses(source: &Source<'_>, area: &Area, result: &AreaResult, score: &Number) -> Vec<Loss> {
    let results = source.checks_of(&area.id).iter().filter_map(|check| source.results.get(&check.id).copied());
    let mut costly: Vec<_> = results.filter(|result| !result.cost.is_zero()).collect();
    costly.sort_by(|a, b| b.cost.cmp(&a.cost));
    let small = costly.split_off(costly.len().min(MOST));
    let mut drawn = Drawn { at: score.clone(), lost: Vec::new() };
    for result in costly {
        let mark = words::status(result.status);
        let tone = if result.waived_by.is_some() { WAIVED } else { mark.tone };
        drawn.add(source.check(&result.check), Some(mark), &result.cost, tone);
    }
    if !small.is_empty() {
        let text = words::counted(small.len(), "more check", "more checks");
        let points: Number = small.iter().map(|result| result.cost.clone()).sum();
        drawn.add(Reference { text, anchor: None }, None, &points, "none");
    }
    let rest = Number::from(10) - drawn.at.clone();
    let why = match () {
        () if result.capped_at.is_some() => Some("cap"),
        // An area of deductions that nobody looked at earns nothing, whatever its checks deduct.
        () if result.coverage.covered().is_zero() => Some("nothing measured"),
        () => None,
    };
    if let Some(why) = why.filter(|_| !rest.is_zero() && !rest.is_negative()) {
        drawn.add(Reference { text: why.to_owned(), anchor: None }, None, &rest, "none");
    }
    drawn.lost
}

/// Losses laid end to end.
struct Drawn {
    at: Number,
    lost: Vec<Loss>,
}

impl Drawn {
    fn add(&mut self, to: Reference, mark: Option<crate::report::view::Mark>, points: &Number, tone: &str) {
        let end = (&self.at + points).min(Number::from(10));
        let segment = segment(&self.at, &end, tone);
        self.at = end;
        let waived = tone == WAIVED;
        self.lost.push(Loss { to, mark, waived, points: format::points(points), segment });
    }
}

/// From one number of points to another.
fn segment(from: &Number, to: &Number, tone: &str) -> Segment {
    Segment { x: units(from).to_rounded(1), width: units(&(to - from)).to_rounded(1), tone: tone.to_owned() }
}

fn units(points: &Number) -> Number {
    points * &(Number::from(WIDTH) * Number::power_of_ten(-1))
}

/// `6.4 of 10; lost: 1.4 to Integration points, 0.7 to Flags; 7.1 in the baseline`.
fn description(score: Option<&Number>, lost: &[Loss], was: Option<&Number>) -> String {
    let mut said = score.map_or_else(|| "no score".to_owned(), |score| format!("{} of 10", format::score(score)));
    if !lost.is_empty() {
        let each: Vec<String> = lost.iter().map(|loss| format!("{} to {}", loss.points, loss.to.text)).collect();
        said.push_str(&format!("; lost: {}", each.join(", ")));
    }
    if let Some(was) = was {
        said.push_str(&format!("; {} in the baseline", format::score(was)));
    }
    said
}

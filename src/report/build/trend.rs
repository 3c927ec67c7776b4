//! The runs that the record knows, this one last: scores, coverage and claims over time.

use std::collections::BTreeMap;

use super::{Source, outcome, words};
use crate::model::format;
use crate::model::id::Id;
use crate::model::instant::Instant;
use crate::model::judgement::{ClaimantRecord, Tally, Verdict};
use crate::model::number::Number;
use crate::model::record::Earlier;
use crate::report::line::{self, Frame};
use crate::report::view::trend::{Chart, Claimant, Dot, Line, Run, Trend};
use crate::report::view::{Mark, Reference};

/// The drawing of the whole, and that of an area.
const WHOLE: Frame = Frame { width: 640, height: 190, left: 38, right: 30, top: 26, bottom: 28 };
const AREA: Frame = Frame { width: 200, height: 40, left: 6, right: 6, top: 6, bottom: 6 };
/// Runs up to which each score is written beside its point.
const MOST_WRITTEN: usize = 16;
/// Values that are written one after the other; of more, the newest.
const MOST_IN_A_ROW: usize = 8;

/// A run as it is drawn.
struct Point<'a> {
    finished: Instant,
    version: Option<&'a str>,
    verdict: Mark,
    shape: &'static str,
    score: Option<&'a Number>,
    coverage: Option<Number>,
    areas: BTreeMap<&'a Id, &'a Number>,
    claimants: &'a [ClaimantRecord],
    record: &'a str,
}

pub(super) fn trend(source: &Source<'_>) -> Option<Trend> {
    if source.record.history.is_empty() {
        return None;
    }
    let points = points(source);
    Some(Trend {
        sentence: sentence(source, &points),
        runs: runs(source, &points),
        chart: chart(source, &points),
        areas: areas(source, &points),
        claimants: claimants(&points),
    })
}

/// All runs, oldest first.
fn points<'a>(source: &'a Source<'_>) -> Vec<Point<'a>> {
    let mut points: Vec<Point<'a>> = source.record.history.iter().map(earlier).collect();
    let (record, judgement) = (source.record, source.judgement());
    let whole = !record.run.claims_only;
    points.push(Point {
        finished: record.run.finished_at,
        version: record.audit.subject.version.as_deref(),
        verdict: outcome::verdict(source).mark,
        shape: shape(judgement.verdict),
        score: judgement.overall.score.as_ref().filter(|_| whole),
        coverage: whole.then(|| judgement.overall.coverage.covered()),
        areas: judgement.areas.iter().filter_map(|area| Some((&area.area, area.score.as_ref()?))).collect(),
        claimants: &judgement.claimants,
        record: "",
    });
    points
}

fn earlier(run: &Earlier) -> Point<'_> {
    let whole = !run.claims_only;
    Point {
        finished: run.finished_at,
        version: run.version.as_deref(),
        verdict: if whole { words::verdict(run.verdict) } else { words::claims_alone() },
        shape: if whole { shape(run.verdict) } else { shape(Verdict::Undetermined) },
        score: run.score.as_ref().filter(|_| whole),
        coverage: whole.then(|| run.coverage.clone()),
        areas: run.areas.iter().collect(),
        claimants: &run.claimants,
        record: run.sha256.get(..12).unwrap_or_default(),
    }
}

const fn shape(verdict: Verdict) -> &'static str {
    match verdict {
        Verdict::Approved => "good",
        Verdict::ApprovedWithConditions => "warn",
        Verdict::Rejected => "bad",
        Verdict::Undetermined => "none",
    }
}

/// `3 runs since 1 October 2025, 20:00 UTC, this one included: the score went from 7.1 to 8.8, and coverage from 80 % to 97.5 %.`
fn sentence(source: &Source<'_>, points: &[Point<'_>]) -> String {
    let runs = words::counted(points.len(), "run", "runs");
    let since = points.first().map_or_else(String::new, |first| source.when(first.finished));
    let mut scores = points.iter().filter_map(|point| point.score);
    let moved = match (scores.next(), scores.next_back()) {
        (Some(first), Some(last)) => format!("the score went from {} to {}", format::score(first), format::score(last)),
        _ => "there is no score to compare".to_owned(),
    };
    let mut shares = points.iter().filter_map(|point| point.coverage.as_ref());
    let covered = match (shares.next(), shares.next_back()) {
        (Some(first), Some(last)) if first != last => {
            format!(", and coverage from {} to {}", format::percent(first), format::percent(last))
        }
        _ => String::new(),
    };
    format!("{runs} since {since}, this one included: {moved}{covered}.")
}

/// Newest first.
fn runs(source: &Source<'_>, points: &[Point<'_>]) -> Vec<Run> {
    let mut before: Option<&Number> = None;
    let mut runs: Vec<Run> = points
        .iter()
        .map(|point| {
            let by = before.zip(point.score).map(|(was, now)| format::score_change(was, now)).unwrap_or_default();
            before = point.score.or(before);
            let dash = |text: Option<String>| text.unwrap_or_else(|| words::NOTHING.to_owned());
            Run {
                when: source.when(point.finished),
                this: point.record.is_empty(),
                version: point.version.unwrap_or_default().to_owned(),
                verdict: point.verdict.clone(),
                score: dash(point.score.map(format::score)),
                by,
                coverage: dash(point.coverage.as_ref().map(format::percent)),
                claims: dash(point.claimants.iter().collect::<Tally>().of_all()),
                record: point.record.to_owned(),
            }
        })
        .collect();
    runs.reverse();
    runs
}

fn chart(source: &Source<'_>, points: &[Point<'_>]) -> Option<Chart> {
    let scored: Vec<&Point<'_>> = points.iter().filter(|point| point.score.is_some()).collect();
    let (first, last) = (scored.first()?, scored.last()?);
    if scored.len() < 2 {
        return None;
    }
    let drawn = |value: Option<usize>, at: usize| Some((WHOLE.x(at, points.len()), WHOLE.y(value?)));
    let scores = points.iter().enumerate().map(|(at, point)| drawn(point.score.map(line::of_score), at));
    let shares = points.iter().enumerate().map(|(at, point)| drawn(point.coverage.as_ref().map(line::of_share), at));
    let dot = |(at, point): (usize, &Point<'_>)| {
        let score = point.score?;
        let (x, y) = drawn(Some(line::of_score(score)), at)?;
        let written = scored.len() <= MOST_WRITTEN || at + 1 == points.len();
        Some(Dot {
            x: x.to_string(),
            y: y.to_string(),
            label_y: written.then(|| (y - 11).to_string()),
            score: format::score(score),
            shape: point.shape.to_owned(),
        })
    };
    let worded = |point: &Point<'_>| {
        let score = point.score.map(format::score).unwrap_or_default();
        format!("{score} of 10 on {}, {}", format::day(point.finished), point.verdict.word)
    };
    Some(Chart {
        description: format!("Scores of {} runs: first {}; last {}", scored.len(), worded(first), worded(last)),
        width: WHOLE.width.to_string(),
        height: WHOLE.height.to_string(),
        grid: [0, 5, 10].map(|score| (WHOLE.y(score * 10).to_string(), score.to_string())).to_vec(),
        left: WHOLE.left.to_string(),
        right: WHOLE.end().to_string(),
        scores: line::way(scores),
        coverage: line::way(shares),
        dots: points.iter().enumerate().filter_map(dot).collect(),
        days: (
            points.first().map(|point| format::day(point.finished)).unwrap_or_default(),
            format::day(source.record.run.finished_at),
        ),
    })
}

/// Areas of this audit that had a score in more than one run.
fn areas(source: &Source<'_>, points: &[Point<'_>]) -> Vec<Line> {
    if source.record.run.claims_only {
        return Vec::new();
    }
    let line = |area: &Id| {
        let scores: Vec<Option<&Number>> = points.iter().map(|point| point.areas.get(area).copied()).collect();
        let known: Vec<String> = scores.iter().flatten().map(|score| format::score(score)).collect();
        let drawn = |(at, score): (usize, &Option<&Number>)| {
            score.map(|score| (AREA.x(at, points.len()), AREA.y(line::of_score(score))))
        };
        let last = scores.iter().enumerate().rev().find_map(drawn)?;
        let title = source.area(area);
        (known.len() > 1).then(|| Line {
            way: line::way(scores.iter().enumerate().map(drawn)),
            last: (last.0.to_string(), last.1.to_string()),
            description: format!("from {} to {} of 10", known[0], known[known.len() - 1]),
            scores: in_a_row(&known),
            area: Reference { text: title.text, anchor: title.anchor },
        })
    };
    source.audit().areas.iter().filter_map(|area| line(&area.id)).collect()
}

/// How each claimant did, over all runs.
fn claimants(points: &[Point<'_>]) -> Vec<Claimant> {
    let mut by_name: BTreeMap<&str, Vec<&ClaimantRecord>> = BTreeMap::new();
    for record in points.iter().flat_map(|point| point.claimants) {
        by_name.entry(&record.by).or_default().push(record);
    }
    let one = |(by, records): (&str, Vec<&ClaimantRecord>)| {
        let each: Vec<String> =
            records.iter().map(|record| format!("{} of {}", record.upheld, record.claims())).collect();
        let tally: Tally = records.into_iter().collect();
        Claimant { by: by.to_owned(), runs: in_a_row(&each), all: tally.over_runs() }
    };
    by_name.into_iter().map(one).collect()
}

/// `7.1 → 8.0 → 8.8`; of many, the newest.
fn in_a_row(values: &[String]) -> String {
    let more = values.len().saturating_sub(MOST_IN_A_ROW);
    format!("{}{}", if more > 0 { "… → " } else { "" }, values[more..].join(" → "))
}

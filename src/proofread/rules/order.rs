//! `order`: quantiles rise, and a mean lies between the least and the largest.

use crate::model::printed::Printed;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::Held;
use crate::proofread::number::{Kind, Mention};
use crate::proofread::relation::{Verdict, Worked};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::View;
use crate::proofread::words;

/// Names of what is ordered, least first, in tenths of a percent; means lie anywhere between the ends.
const RANKS: &[(&str, u32)] = &[
    ("min", 0),
    ("minimum", 0),
    ("p1", 10),
    ("p5", 50),
    ("p10", 100),
    ("p25", 250),
    ("p50", 500),
    ("median", 500),
    ("p75", 750),
    ("p90", 900),
    ("p95", 950),
    ("p99", 990),
    ("p999", 999),
    ("max", 1000),
    ("maximum", 1000),
];
const MEANS: &[&str] = &["mean", "avg", "average"];
/// What may stand with such a name.
const BESIDE: &[&str] = &["latency", "time", "response", "ms", "s", "us", "µs", "ns", "duration", "sec", "seconds"];

/// One statistic.
struct Point {
    name: String,
    rank: Option<u32>,
    worked: Worked,
    anchor: Anchor,
    unit: (crate::model::fact::Unit, String),
}

/// What a label names, and where it stands in the order; `None` inside for a mean.
fn named(label: &[String]) -> Option<(String, Option<u32>)> {
    let mut found = label.iter().filter(|word| !BESIDE.contains(&word.as_str()));
    let name = found.next()?;
    if found.next().is_some() {
        return None;
    }
    match RANKS.iter().find(|(known, _)| known == name) {
        Some((_, rank)) => Some((name.clone(), Some(*rank))),
        None => MEANS.contains(&name.as_str()).then(|| (name.clone(), None)),
    }
}

/// As [`named`], of the label of a row. Nearly no label has any of these words.
fn of_label(label: &str) -> Option<(String, Option<u32>)> {
    let is_name = |word: &str| {
        let known = RANKS.iter().map(|(known, _)| known).chain(MEANS);
        known.into_iter().any(|known| known.eq_ignore_ascii_case(word))
    };
    let may = !label.is_ascii() || label.split(|c: char| !c.is_ascii_alphanumeric()).any(is_name);
    if may { named(&words::of(label)) } else { None }
}

/// Holds the statistics of a row, of a column and of a list against each other.
pub(super) fn order(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let heads: Vec<_> = grid.columns.iter().map(|column| named(&column.words)).collect();
        if heads.iter().flatten().count() >= 2 {
            for row in &grid.rows {
                let cells = heads.iter().zip(row).filter_map(|(head, cell)| match (head, cell.held()) {
                    (Some(name), Held::Number(mention, printed)) => point(view, name, cell.block?, mention, printed),
                    _ => None,
                });
                judge(&cells.collect::<Vec<_>>(), sink);
            }
            continue;
        }
        let labels: Vec<_> = (0..grid.rows.len()).map(|row| of_label(grid.label(row))).collect();
        if labels.iter().flatten().count() < 2 {
            continue;
        }
        for column in 1..grid.columns.len() {
            let cells = labels.iter().zip(&grid.rows).filter_map(|(label, row)| match (label, row[column].held()) {
                (Some(name), Held::Number(mention, printed)) => point(view, name, row[column].block?, mention, printed),
                _ => None,
            });
            judge(&cells.collect::<Vec<_>>(), sink);
        }
    }
    for list in view.lists().iter().filter(|list| !list.in_code && list.items.len() >= 2) {
        let points = list.items.iter().filter_map(|item| {
            let labelled = view.label(*item)?;
            let name = named(&view.label_words(labelled))?;
            let mention = view.behind(*item, labelled).next()?;
            point(view, &name, *item, mention, mention.plain()?)
        });
        judge(&points.collect::<Vec<_>>(), sink);
    }
}

fn point(
    view: &View<'_>,
    (name, rank): &(String, Option<u32>),
    block: usize,
    mention: &Mention,
    printed: &Printed,
) -> Option<Point> {
    // Of factors (`166x faster`) and rates the least may be the worst.
    if matches!(mention.kind(), Kind::Factor | Kind::Rate) {
        return None;
    }
    let unit = if printed.unit == crate::model::fact::Unit::One { mention.unit().to_owned() } else { String::new() };
    Some(Point {
        name: name.clone(),
        rank: *rank,
        worked: Worked::of(printed, 0)?,
        anchor: view.anchor(block, mention.span.clone()),
        unit: (printed.unit, unit),
    })
}

fn judge(points: &[Point], sink: &mut Sink<'_, '_>) {
    let same = points.windows(2).all(|pair| pair[0].unit == pair[1].unit);
    let mut names: Vec<&str> = points.iter().map(|point| point.name.as_str()).collect();
    names.sort_unstable();
    if points.len() < 2 || !same || names.windows(2).any(|pair| pair[0] == pair[1]) {
        return;
    }
    let wrong = points.iter().enumerate().find_map(|(at, low)| {
        points.iter().skip(at + 1).chain(&points[..at]).find_map(|high| is_wrong(low, high).then_some((low, high)))
    });
    let verdict = Verdict::of(wrong.is_none());
    sink.judge(verdict, || {
        let (low, high) = wrong.unwrap_or((&points[0], &points[1]));
        Draft {
            message: format!("{} of {} is above {} of {}", low.name, low.anchor.text, high.name, high.anchor.text),
            claimed: low.anchor.text.clone(),
            recomputed: format!("at most {}", high.anchor.text),
            readings: &["nearest", "cut off or rounded up"],
            anchors: vec![low.anchor.clone(), high.anchor.clone()],
            at_most: Level::Error,
        }
    });
}

/// Is what must be the lower one certainly above?
fn is_wrong(low: &Point, high: &Point) -> bool {
    let must = match (low.rank, high.rank) {
        (Some(a), Some(b)) => a < b,
        (Some(a), None) => a == 0,
        (None, Some(b)) => b == 1000,
        (None, None) => false,
    };
    must && high.worked.is_below(&low.worked)
}

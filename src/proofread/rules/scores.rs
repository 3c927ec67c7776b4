//! `deduction` and `mean`: a score against the points taken off it, and against the scores that it sums up.

use std::sync::LazyLock;

use regex::Regex;

use crate::model::fact::Unit;
use crate::model::number::Number;
use crate::model::printed::{Printed, Qualifier};
use crate::model::totals::is_total;
use crate::proofread::document::BlockKind;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Grid, Held};
use crate::proofread::lists::List;
use crate::proofread::number::{Kind, Mention, Stated};
use crate::proofread::relation::{Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{Pattern, View, only};
use crate::proofread::words;

/// `(-1.5 points)`, `(−0.5)`, `(+5 points)` at the end of an item.
static POINTS: Pattern =
    LazyLock::new(|| Regex::new(r"\((?P<sign>[-−–+])(?P<number>\d+(?:\.\d+)?)\s?(?P<noun>points?|pts?\.?)?\)").ok());

/// A score out of something: `7.5/10`. Whole ones are read as fractions.
struct Score {
    got: Worked,
    printed: String,
    out_of: Number,
    anchor: Anchor,
}

fn score(view: &View<'_>, block: usize, mention: &Mention) -> Option<Score> {
    let anchor = view.anchor(block, mention.span.clone());
    let printed = view.text(block)[mention.span.clone()].to_owned();
    match &mention.stated {
        Stated::Number(number) if number.qualifier == Qualifier::Plain => {
            Some(Score { got: Worked::of(number, 0)?, printed, out_of: number.out_of.clone()?, anchor })
        }
        Stated::Fraction(fraction) if mention.is_kind(Kind::Score) => {
            let got = Worked::exact(fraction.part.clone());
            Some(Score { got, printed, out_of: fraction.whole.clone(), anchor })
        }
        _ => None,
    }
}

/// The only score of a block.
fn only_score(view: &View<'_>, block: usize) -> Option<Score> {
    only(view.mentions(block).filter_map(|mention| score(view, block, mention)))
}

/// Points that an item takes off or gives.
struct Points {
    item: usize,
    number: Number,
    given: bool,
    span: std::ops::Range<usize>,
    /// Are they called points?
    named: bool,
}

/// Holds a score against the points that its own items take off and give.
pub(super) fn deduction(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for list in view.lists().iter().filter(|list| !list.in_code) {
        let found: Vec<Points> = list.items.iter().flat_map(|item| points(view, *item)).collect();
        let (given, taken): (Vec<Points>, Vec<Points>) = found.into_iter().partition(|points| points.given);
        if taken.is_empty() || !taken.iter().any(|points| points.named) && taken.len() < 2 {
            continue;
        }
        let Some(score) = score_above(view, list) else {
            sink.skip("points taken off no score that stands right above");
            continue;
        };
        let sum = |points: &[Points]| points.iter().map(|points| points.number.clone()).sum::<Number>();
        let (less, more) = (sum(&taken), sum(&given));
        let left = &score.out_of - &less;
        // More than the full score is not to be had, and points that could be had may be named beside those that are.
        let with = (&left + &more).min(score.out_of.clone());
        let verdict = best([&with, &left].map(|left| Worked::exact(left.clone()).agrees(&score.got)));
        let anchors = taken.iter().chain(&given).map(|points| view.anchor(points.item, points.span.clone()));
        let bonus = if given.is_empty() { String::new() } else { format!(" and plus {}", more.to_rounded(3)) };
        sink.judge(verdict, || Draft {
            message: format!(
                "{} less {}{bonus} is {}, the score says {}",
                score.out_of.to_rounded(3),
                less.to_rounded(3),
                with.to_rounded(3),
                score.printed
            ),
            claimed: score.printed.clone(),
            recomputed: with.to_rounded(3),
            readings: &["all points of its own items"],
            anchors: std::iter::once(score.anchor.clone()).chain(anchors).collect(),
            at_most: Level::Error,
        });
    }
}

fn points(view: &View<'_>, item: usize) -> Vec<Points> {
    let text = view.text(item);
    let Some(pattern) = POINTS.as_ref().filter(|_| ["(-", "(−", "(–", "(+"].iter().any(|open| text.contains(open)))
    else {
        return Vec::new();
    };
    let found = pattern.captures_iter(text).filter_map(|found| {
        let number = found["number"].parse::<Number>().ok()?;
        Some(Points {
            item,
            number,
            given: &found["sign"] == "+",
            span: found.get(0)?.range(),
            named: found.name("noun").is_some(),
        })
    });
    found.collect()
}

/// The score in the line right above a list, or in the heading that it stands under.
fn score_above(view: &View<'_>, list: &List) -> Option<Score> {
    let lead = list.lead?;
    only_score(view, lead).or_else(|| {
        let scope = view.block(*list.items.first()?).scope?;
        let start = view.document.scopes[scope].start;
        let heading = view.document.blocks.partition_point(|block| block.shown.start() < start);
        // A line between them may say of what the items are.
        (heading == lead).then(|| only_score(view, heading)).flatten()
    })
}

/// Holds an overall score against the scores that it sums up.
pub(super) fn mean(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        in_table(view, grid, sink);
    }
    for list in view.lists().iter().filter(|list| !list.in_code) {
        in_list(view, list, sink);
    }
}

/// What a row of scores holds.
struct Scored {
    label: String,
    score: Worked,
    anchor: Anchor,
    weight: Option<Worked>,
    weighted: Option<Weighted>,
}

struct Weighted {
    printed: Printed,
    anchor: Anchor,
}

fn in_table(view: &View<'_>, grid: &Grid<'_>, sink: &mut Sink<'_, '_>) {
    let column = |wanted: fn(&[String]) -> bool| grid.only_column(|column| wanted(&column.words));
    let score_at =
        column(|words| words.iter().any(|word| word == "score") && !words.iter().any(|word| word == "weighted"));
    let Some(score_at) = score_at else { return };
    let weight_at = column(|words| words.iter().any(|word| word == "weight" || word == "weighting"));
    let weighted_at = column(|words| words.iter().any(|word| word == "weighted" || word == "contribution"));
    let rows: Vec<Option<Scored>> = (0..grid.rows.len())
        .map(|row| scored(view, grid, &grid.rows[row], row, (score_at, weight_at, weighted_at)))
        .collect();
    let Some(rows) = rows.into_iter().collect::<Option<Vec<Scored>>>() else { return };
    for row in &rows {
        product(row, sink);
    }
    let Some((total, parts)) = rows.split_last().filter(|(total, parts)| is_total(&total.label) && parts.len() >= 2)
    else {
        return;
    };
    let weighted = || {
        let pairs: Option<Vec<(&Worked, &Worked)>> =
            parts.iter().map(|part| Some((&part.score, part.weight.as_ref()?))).collect();
        let pairs = pairs?;
        let sum: Worked = pairs.iter().map(|(score, weight)| score.times(weight)).sum();
        let weights: Worked = pairs.iter().map(|(_, weight)| (*weight).clone()).sum();
        sum.over(&weights)
    };
    overall(total, parts, weighted(), sink);
}

fn scored(
    view: &View<'_>,
    grid: &Grid<'_>,
    cells: &[Cell<'_>],
    row: usize,
    (score_at, weight_at, weighted_at): (usize, Option<usize>, Option<usize>),
) -> Option<Scored> {
    let number = |column: usize| match cells[column].held() {
        Held::Number(mention, printed) => Some((mention, printed)),
        _ => None,
    };
    let block = cells[score_at].block?;
    let (score, anchor) = match only_score(view, block) {
        Some(score) => (score.got, score.anchor),
        None => {
            let (mention, printed) = number(score_at)?;
            (Worked::of(printed, 0)?, view.anchor(block, mention.span.clone()))
        }
    };
    // Weights are set and not measured: nobody rounds them.
    let weight = weight_at.and_then(number).map(|(_, printed)| Worked::exact(printed.value().clone()));
    let weighted = weighted_at.and_then(|column| {
        let (mention, printed) = number(column)?;
        Some(Weighted { printed: printed.clone(), anchor: view.anchor(cells[column].block?, mention.span.clone()) })
    });
    Some(Scored { label: grid.label(row).to_owned(), score, anchor, weight, weighted })
}

/// Score times weight is what the weighted column says: as a share of the score, or in points of a hundred.
fn product(row: &Scored, sink: &mut Sink<'_, '_>) {
    let (Some(weight), Some(weighted)) = (&row.weight, &row.weighted) else { return };
    if is_total(&row.label) || weighted.printed.unit != Unit::One {
        return;
    }
    let product = row.score.times(weight);
    let scales = [-2, -1, 0, 1, 2].map(|power| product.times(&Worked::exact(Number::power_of_ten(power))));
    let verdict = best(scales.iter().map(|scaled| scaled.against(&weighted.printed)));
    sink.judge(verdict, || Draft {
        message: format!(
            "row \"{}\": score times weight is {}, the weighted score says {}",
            row.label,
            product.value().to_rounded(4),
            weighted.printed.text
        ),
        claimed: weighted.printed.text.clone(),
        recomputed: product.value().to_rounded(4),
        readings: &["in any power of ten"],
        anchors: vec![weighted.anchor.clone(), row.anchor.clone()],
        at_most: Level::Error,
    });
}

/// With weights the overall score is their mean; without, it lies between the least and the largest.
fn overall(total: &Scored, parts: &[Scored], weighted: Option<Worked>, sink: &mut Sink<'_, '_>) {
    let scores: Vec<Worked> = parts.iter().map(|part| part.score.clone()).collect();
    let Some(range) = Worked::hull(&scores) else { return };
    let sum: Worked = scores.iter().cloned().sum();
    let mean = sum.over(&Worked::exact(Number::from(scores.len())));
    let candidates = std::iter::once(&sum).chain(&weighted).chain(weighted.is_none().then_some(&range)).chain(&mean);
    let verdict = best(candidates.map(|worked| worked.agrees(&total.score)));
    let (word, shown) = match &weighted {
        Some(weighted) => ("the weighted mean of its rows is", weighted.value().to_rounded(3)),
        None => {
            let values = || scores.iter().map(Worked::value);
            let ends = (values().min(), values().max());
            let shown = |end: Option<&Number>| end.map_or_else(String::new, |end| end.to_rounded(3));
            ("its parts go from", format!("{} to {}", shown(ends.0), shown(ends.1)))
        }
    };
    sink.judge(verdict, || Draft {
        message: format!("{word} {shown}, \"{}\" says {}", total.label.trim(), total.anchor.text),
        claimed: total.anchor.text.clone(),
        recomputed: shown,
        readings: &["weighted mean", "mean", "sum", "between least and largest"],
        anchors: std::iter::once(&total.anchor).chain(parts.iter().map(|part| &part.anchor)).cloned().collect(),
        at_most: if weighted.is_some() { Level::Error } else { Level::Warning },
    });
}

/// Items with a score each, the last of them overall.
fn in_list(view: &View<'_>, list: &List, sink: &mut Sink<'_, '_>) {
    let is_overall = |item: &usize| {
        let label = view.label(*item).map(|labelled| view.label_words(labelled));
        label.and_then(|label| Some(matches!(label.first()?.as_str(), "overall" | "total"))).unwrap_or_default()
    };
    if ![list.items.first(), list.items.last()].into_iter().flatten().any(is_overall) {
        return;
    }
    let of = |item: usize| {
        let labelled = view.label(item)?;
        let score = only_score(view, item)?;
        let label = view.text(item)[labelled.label.clone()].to_owned();
        let scored = Scored { label, score: score.got, anchor: score.anchor, weight: None, weighted: None };
        (matches!(view.block(item).kind, BlockKind::Item)).then_some((scored, score.out_of))
    };
    let Some(items) = list.items.iter().map(|item| of(*item)).collect::<Option<Vec<_>>>() else { return };
    let same = items.windows(2).all(|pair| pair[0].1 == pair[1].1);
    let mut scored: Vec<Scored> = items.into_iter().map(|(scored, _)| scored).collect();
    if scored.len() < 3 || !same {
        return;
    }
    let is =
        |scored: &Scored| words::of(&scored.label).first().is_some_and(|word| word == "overall" || word == "total");
    if is(&scored[0]) && !scored.iter().skip(1).any(is) {
        scored.rotate_left(1);
    }
    if let Some((total, parts)) = scored.split_last().filter(|(total, parts)| is(total) && !parts.iter().any(is)) {
        overall(total, parts, None, sink);
    }
}

//! `row-parts` and `row-rate`: a row of results whose parts must make its total, and whose rate must be theirs.

use crate::model::format::{count, percent};
use crate::model::number::Number;
use crate::model::printed::Printed;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Grid, Held};
use crate::proofread::number::{Kind, Mention};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::View;
use crate::proofread::words::{self, Part};

/// More columns of other outcomes than this would make too many partitions.
const MOST_OTHERS: usize = 8;

/// The columns of a table of results, by what they count.
struct Columns {
    total: Option<usize>,
    passed: Option<usize>,
    failed: Option<usize>,
    others: Vec<usize>,
    rate: Option<usize>,
}

impl Columns {
    /// `None` when the table is none of results, or a part has two columns.
    fn of(grid: &Grid<'_>) -> Option<Self> {
        let mut found = Self { total: None, passed: None, failed: None, others: Vec::new(), rate: None };
        for (index, column) in grid.columns.iter().enumerate() {
            let place = match words::part(&column.words) {
                Some(Part::Total) => &mut found.total,
                Some(Part::Passed) => &mut found.passed,
                Some(Part::Failed) => &mut found.failed,
                Some(Part::Rate) => &mut found.rate,
                Some(Part::Other) => {
                    found.others.push(index);
                    continue;
                }
                None => match column.header.trim() {
                    "✅" | "✓" | "✔" | "✔️" => &mut found.passed,
                    "❌" | "✗" | "✘" => &mut found.failed,
                    "%" => &mut found.rate,
                    _ => continue,
                },
            };
            if place.replace(index).is_some() {
                return None;
            }
        }
        (found.others.len() <= MOST_OTHERS).then_some(found)
    }
}

/// A count in a cell; what is no exact count is none.
fn counted<'a>(cells: &[Cell<'a>], column: Option<usize>) -> Option<(&'a Mention, Number)> {
    match cells.get(column?)?.held() {
        Held::Number(mention, printed) if mention.kind() == Kind::Count && printed.exact => {
            Some((mention, printed.value().clone()))
        }
        _ => None,
    }
}

fn place(view: &View<'_>, cell: &Cell<'_>, mention: &Mention) -> Option<Anchor> {
    cell.block.map(|block| view.anchor(block, mention.span.clone()))
}

/// Holds total = passed + failed, with any of the other outcomes counted or not.
pub(super) fn row_parts(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(columns) = Columns::of(grid) else { continue };
        let (Some(total_at), Some(passed_at), Some(failed_at)) = (columns.total, columns.passed, columns.failed) else {
            continue;
        };
        for (row, cells) in grid.rows.iter().enumerate() {
            let parts =
                (counted(cells, Some(total_at)), counted(cells, Some(passed_at)), counted(cells, Some(failed_at)));
            let (Some((total_mention, total)), Some((passed_mention, passed)), Some((failed_mention, failed))) = parts
            else {
                if cells[total_at].held().is_numeric() {
                    sink.skip("a row of results without counts");
                }
                continue;
            };
            let others: Vec<Number> =
                columns.others.iter().filter_map(|column| Some(counted(cells, Some(*column))?.1)).collect();
            let sum = &passed + &failed;
            let mut verdict =
                if some_partition(&sum, &others, &total) { Verdict::Consistent } else { Verdict::Inconsistent };
            if verdict == Verdict::Inconsistent {
                if grid.says(words::LEFT_OUT) || others.len() < columns.others.len() {
                    sink.skip("a table of results that says something was left out");
                    continue;
                }
                // A total that is smaller than its parts counts something else when each part fits into it.
                if total.is_zero() {
                    verdict = Verdict::Consistent;
                }
            }
            sink.judge(verdict, || {
                let all = others.iter().fold(sum.clone(), |sum, other| &sum + other);
                let anchors = [(total_at, total_mention), (passed_at, passed_mention), (failed_at, failed_mention)];
                Draft {
                    message: format!(
                        "row \"{}\": {} passed and {} failed{} make {}, the total says {}",
                        grid.label(row),
                        count(&passed),
                        count(&failed),
                        if others.is_empty() { "" } else { " with the other outcomes" },
                        count(&all),
                        count(&total)
                    ),
                    claimed: count(&total),
                    recomputed: count(&all),
                    readings: &["with and without each other outcome"],
                    anchors: anchors
                        .into_iter()
                        .filter_map(|(column, mention)| place(view, &cells[column], mention))
                        .collect(),
                    at_most: Level::Error,
                }
            });
        }
    }
}

/// Is the total the sum, with some of the others?
fn some_partition(sum: &Number, others: &[Number], total: &Number) -> bool {
    (0..1_u32 << others.len()).any(|chosen| {
        let with = others.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
        with.fold(sum.clone(), |sum, (_, other)| &sum + other) == *total
    })
}

/// Holds the rate of a row against its counts or its fraction.
pub(super) fn row_rate(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(columns) = Columns::of(grid) else { continue };
        let Some(rate_at) = columns.rate else { continue };
        for (row, cells) in grid.rows.iter().enumerate() {
            let Held::Number(mention, claimed) = cells[rate_at].held() else { continue };
            if mention.kind() != Kind::Percent {
                continue;
            }
            let Some((anchors, passed, wholes)) = shares(view, grid, &columns, cells) else { continue };
            let worked: Vec<Number> = wholes.iter().filter_map(|whole| passed.over(whole)).collect();
            let Some(first) = worked.first() else { continue };
            let straight = best(worked.iter().map(|share| Worked::exact(share.clone()).against(claimed)));
            let of_failed =
                grid.columns[rate_at].words.iter().any(|word| words::COMPLEMENT.iter().any(|no| word.contains(no)));
            if straight == Verdict::Inconsistent && (of_failed || grid.says(words::LEFT_OUT)) {
                sink.skip("a table of results that says something was left out");
                continue;
            }
            let Some(claim) = place(view, &cells[rate_at], mention) else { continue };
            sink.judge(straight, || draft(grid.label(row), claim, anchors, claimed, first));
        }
    }
}

fn draft(label: &str, claim: Anchor, parts: Vec<Anchor>, claimed: &Printed, share: &Number) -> Draft {
    Draft {
        message: format!("row \"{label}\": its counts make {}, the rate says {}", percent(share), claimed.text),
        claimed: claimed.text.clone(),
        recomputed: percent(share),
        readings: &["of all", "of those that passed or failed", "of all but the skipped"],
        anchors: std::iter::once(claim).chain(parts).collect(),
        at_most: Level::Error,
    }
}

/// Where the counts of a row stand, how many passed, and of how many that may be.
fn shares(
    view: &View<'_>,
    grid: &Grid<'_>,
    columns: &Columns,
    cells: &[Cell<'_>],
) -> Option<(Vec<Anchor>, Number, Vec<Number>)> {
    let total = counted(cells, columns.total);
    let passed = counted(cells, columns.passed);
    let failed = counted(cells, columns.failed);
    let anchored = |found: &[(Option<usize>, &Option<(&Mention, Number)>)]| -> Vec<Anchor> {
        let places = found.iter().filter_map(|(column, counted)| place(view, &cells[(*column)?], counted.as_ref()?.0));
        places.collect()
    };
    let value = |counted: &Option<(&Mention, Number)>| counted.as_ref().map(|(_, number)| number.clone());
    match (value(&total), value(&passed), value(&failed)) {
        (total_count, Some(passed_count), failed_count) if total_count.is_some() || failed_count.is_some() => {
            let mut wholes: Vec<Number> = total_count.iter().cloned().collect();
            if let Some(failed) = &failed_count {
                wholes.push(&passed_count + failed);
            }
            let others: Vec<Number> =
                columns.others.iter().filter_map(|column| Some(counted(cells, Some(*column))?.1)).collect();
            for chosen in 1..1_u32 << others.len() {
                let with = others.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, other)| other);
                let left = with.fold(Number::zero(), |sum, other| &sum + other);
                wholes.extend(total_count.iter().map(|total| total - &left));
            }
            let places = [(columns.total, &total), (columns.passed, &passed), (columns.failed, &failed)];
            Some((anchored(&places), passed_count, wholes))
        }
        // Without a column of those that passed: all but the failed.
        (Some(total_count), None, Some(failed_count)) if columns.passed.is_none() && columns.others.is_empty() => {
            let places = [(columns.total, &total), (columns.failed, &failed)];
            Some((anchored(&places), &total_count - &failed_count, vec![total_count]))
        }
        _ => fraction_beside(view, grid, cells),
    }
}

/// The only fraction of a row, when it has no percentage of its own.
fn fraction_beside(view: &View<'_>, grid: &Grid<'_>, cells: &[Cell<'_>]) -> Option<(Vec<Anchor>, Number, Vec<Number>)> {
    let mut fractions = cells.iter().filter_map(|cell| match cell.held() {
        Held::Fraction(mention, fraction) if fraction.percent.is_none() => Some((cell, mention, fraction)),
        _ => None,
    });
    let (cell, mention, fraction) = fractions.next()?;
    let lone = fractions.next().is_none()
        && grid.columns.iter().filter(|column| words::part(&column.words) == Some(Part::Rate)).count() == 1;
    let places = vec![place(view, cell, mention)?];
    (lone && !fraction.whole.is_zero()).then(|| (places, fraction.part.clone(), vec![fraction.whole.clone()]))
}

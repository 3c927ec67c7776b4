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

/// So many rows must add up where another says that something was left out.
const ENOUGH_RIGHT: usize = 5;
const LEFT_OUT: &str = "a table of results that says something was left out";

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
fn counted<'a>(cells: &[Cell<'a>], column: Option<usize>) -> Option<Count<'a>> {
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

fn anchors(view: &View<'_>, cells: &[Cell<'_>], places: &[(usize, &Mention)]) -> Vec<Anchor> {
    places.iter().filter_map(|(column, mention)| place(view, &cells[*column], mention)).collect()
}

/// A count in a cell: where it stands there, and its value.
type Count<'a> = (&'a Mention, Number);

/// The counts of one row.
struct Counts<'g, 'a> {
    row: usize,
    cells: &'g [Cell<'a>],
    /// Where the total, the passed and the failed stand.
    places: [(usize, &'a Mention); 3],
    total: Number,
    sum: Number,
    all: Number,
    parts: (Number, Number),
    foots: bool,
    /// Has another outcome no count?
    open: bool,
}

/// Holds total = passed + failed, with any of the other outcomes counted or not.
pub(super) fn row_parts(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(columns) = Columns::of(grid) else { continue };
        if columns.total.is_none() || columns.passed.is_none() || columns.failed.is_none() {
            continue;
        }
        let mut rows = Vec::new();
        for (row, cells) in grid.rows.iter().enumerate() {
            match counts(&columns, row, cells) {
                Some(counts) => rows.push(counts),
                None if columns.total.is_some_and(|total| cells[total].held().is_numeric()) => {
                    sink.skip("a row of results without counts");
                }
                None => {}
            }
        }
        judge_rows(view, grid, rows, sink);
    }
}

fn counts<'g, 'a>(columns: &Columns, row: usize, cells: &'g [Cell<'a>]) -> Option<Counts<'g, 'a>> {
    let total = counted(cells, columns.total)?;
    let passed = counted(cells, columns.passed)?;
    let failed = counted(cells, columns.failed)?;
    let others: Vec<Number> =
        columns.others.iter().filter_map(|column| Some(counted(cells, Some(*column))?.1)).collect();
    let places = [(columns.total?, total.0), (columns.passed?, passed.0), (columns.failed?, failed.0)];
    let sum = &passed.1 + &failed.1;
    Some(Counts {
        row,
        cells,
        foots: total.1.is_zero() || some_partition(&sum, &others, &total.1),
        all: others.iter().fold(sum.clone(), |sum, other| &sum + other),
        open: others.len() < columns.others.len(),
        total: total.1,
        sum,
        places,
        parts: (passed.1, failed.1),
    })
}

fn judge_rows(view: &View<'_>, grid: &Grid<'_>, rows: Vec<Counts<'_, '_>>, sink: &mut Sink<'_, '_>) {
    let right = rows.iter().filter(|row| row.foots).count();
    // Where another row says that something was left out, most rows must show that this is not so here.
    let sibling_says = grid.says(words::LEFT_OUT);
    let shown = right >= ENOUGH_RIGHT && right * 4 >= rows.len() * 3;
    for counts in rows {
        let says = || counts.cells.iter().any(|cell| cell.says(words::LEFT_OUT));
        if !counts.foots && (counts.open || says() || sibling_says && !shown) {
            sink.skip(LEFT_OUT);
            continue;
        }
        let verdict = if counts.foots { Verdict::Consistent } else { Verdict::Inconsistent };
        sink.judge(verdict, || Draft {
            message: format!(
                "row \"{}\": {} passed and {} failed{} make {}, the total says {}",
                grid.label(counts.row),
                count(&counts.parts.0),
                count(&counts.parts.1),
                if counts.all == counts.sum { "" } else { " with the other outcomes" },
                count(&counts.all),
                count(&counts.total)
            ),
            claimed: count(&counts.total),
            recomputed: count(&counts.all),
            readings: &["with and without each other outcome"],
            anchors: anchors(view, counts.cells, &counts.places),
            at_most: if sibling_says { Level::Warning } else { Level::Error },
        });
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
        let left_out = grid.says(words::LEFT_OUT);
        for (row, cells) in grid.rows.iter().enumerate() {
            let Held::Number(mention, claimed) = cells[rate_at].held() else { continue };
            if mention.kind() != Kind::Percent {
                continue;
            }
            let Some((places, passed, wholes)) = shares(grid, &columns, cells) else { continue };
            let worked: Vec<Number> = wholes.iter().filter_map(|whole| passed.over(whole)).collect();
            let Some(first) = worked.first() else { continue };
            let straight = best(worked.iter().map(|share| Worked::exact(share.clone()).against(claimed)));
            let of_failed =
                grid.columns[rate_at].words.iter().any(|word| words::COMPLEMENT.split(' ').any(|no| word.contains(no)));
            if straight == Verdict::Inconsistent && (of_failed || left_out) {
                sink.skip(LEFT_OUT);
                continue;
            }
            let claim = || place(view, &cells[rate_at], mention);
            sink.judge(straight, || draft(grid.label(row), claim(), anchors(view, cells, &places), claimed, first));
        }
    }
}

fn draft(label: &str, claim: Option<Anchor>, parts: Vec<Anchor>, claimed: &Printed, share: &Number) -> Draft {
    Draft {
        message: format!("row \"{label}\": its counts make {}, the rate says {}", percent(share), claimed.text),
        claimed: claimed.text.clone(),
        recomputed: percent(share),
        readings: &["of all", "of those that passed or failed", "of all but the skipped"],
        anchors: claim.into_iter().chain(parts).collect(),
        at_most: Level::Error,
    }
}

/// Where the counts of a row stand, how many passed, and of how many that may be.
type Shares<'a> = (Vec<(usize, &'a Mention)>, Number, Vec<Number>);

fn shares<'a>(grid: &Grid<'_>, columns: &Columns, cells: &[Cell<'a>]) -> Option<Shares<'a>> {
    let total = counted(cells, columns.total);
    let passed = counted(cells, columns.passed);
    let failed = counted(cells, columns.failed);
    let placed = |found: &[(Option<usize>, &Option<Count<'a>>)]| -> Vec<(usize, &'a Mention)> {
        found.iter().filter_map(|(column, counted)| Some(((*column)?, counted.as_ref()?.0))).collect()
    };
    let value = |counted: &Option<Count<'_>>| counted.as_ref().map(|(_, number)| number.clone());
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
            Some((placed(&places), passed_count, wholes))
        }
        // Without a column of those that passed: all but the failed.
        (Some(total_count), None, Some(failed_count)) if columns.passed.is_none() && columns.others.is_empty() => {
            let places = [(columns.total, &total), (columns.failed, &failed)];
            Some((placed(&places), &total_count - &failed_count, vec![total_count]))
        }
        _ => fraction_beside(grid, cells),
    }
}

/// The only fraction of a row, when it has no percentage of its own.
fn fraction_beside<'a>(grid: &Grid<'_>, cells: &[Cell<'a>]) -> Option<Shares<'a>> {
    let mut fractions = cells.iter().enumerate().filter_map(|(column, cell)| match cell.held() {
        Held::Fraction(mention, fraction) if fraction.percent.is_none() => Some((column, mention, fraction)),
        _ => None,
    });
    let (column, mention, fraction) = fractions.next()?;
    let lone = fractions.next().is_none()
        && grid.columns.iter().filter(|column| words::part(&column.words) == Some(Part::Rate)).count() == 1;
    (lone && !fraction.whole.is_zero())
        .then(|| (vec![(column, mention)], fraction.part.clone(), vec![fraction.whole.clone()]))
}

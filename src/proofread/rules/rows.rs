//! `row-parts` and `row-rate`: a row of results whose parts must make its total, and whose rate must be theirs.

use std::cell::LazyCell;

use smallvec::SmallVec;

use crate::model::format::{count, percent};
use crate::model::number::Number;
use crate::model::printed::Printed;
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Grid, Held};
use crate::proofread::number::{Kind, Mention};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::{View, only};
use crate::proofread::words::{self, Part, Words, is_among};

/// More columns of other outcomes than this would make too many partitions.
const MOST_OTHERS: usize = 8;

/// So many rows must add up where another says that something was left out.
const ENOUGH_RIGHT: u64 = 5;
const LEFT_OUT: &str = "a table of results that says something was left out";

/// The columns of a table of results, by what they count.
struct Columns {
    total: Option<usize>,
    passed: Option<usize>,
    failed: Option<usize>,
    others: Vec<usize>,
    rate: Option<usize>,
}

/// Headers of what is no outcome, whatever number stands below.
static NO_OUTCOMES: Words = Words::of(
    "id nr no duration time seconds secs minutes hours ms s min coverage lines loc files priority version year week day \
     phase weight",
);

impl Columns {
    /// `None` when the table is none of results, or a part has two columns.
    fn of(grid: &Grid<'_>) -> Option<Self> {
        let mut found = Self { total: None, passed: None, failed: None, others: Vec::new(), rate: None };
        for (index, column) in grid.columns.iter().enumerate() {
            let place = match column.part {
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

/// A count in a cell: where it stands there, and its value.
type Count<'a> = (&'a Mention, &'a Number);

/// A count in a cell; what is no exact count is none.
fn counted<'a>(cells: &[Cell<'a>], column: Option<usize>) -> Option<Count<'a>> {
    match cells.get(column?)?.held() {
        Held::Number(mention, printed) if mention.kind() == Kind::Count && printed.exact => {
            Some((mention, printed.value()))
        }
        _ => None,
    }
}

fn place(view: &View<'_>, cell: &Cell<'_>, mention: &Mention) -> Option<Anchor> {
    cell.block.map(|block| view.anchor(block, mention.span.clone()))
}

/// The places of those cells that hold counts.
fn anchors(view: &View<'_>, cells: &[Cell<'_>], columns: &[Option<usize>]) -> Vec<Anchor> {
    let of = |column: &Option<usize>| place(view, &cells[(*column)?], counted(cells, *column)?.0);
    columns.iter().filter_map(of).collect()
}

/// The counts of one row that do not make its total.
struct Counts<'a> {
    row: usize,
    passed: &'a Number,
    failed: &'a Number,
    total: &'a Number,
    sum: Number,
    all: Number,
    /// Has another outcome no count?
    open: bool,
}

/// How the counts of a row stand to its total.
enum Footing<'a> {
    Right,
    Wrong(Counts<'a>),
    /// Not every one of them is there.
    Unknown,
}

/// Holds total = passed + failed, with any of the other outcomes counted or not.
pub(super) fn row_parts(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(columns) = Columns::of(grid) else { continue };
        if columns.total.is_none() || columns.passed.is_none() || columns.failed.is_none() {
            continue;
        }
        let possible = LazyCell::new(|| possible_outcomes(grid, &columns));
        let (mut right, mut wrong) = (0, Vec::new());
        for (row, cells) in grid.rows.iter().enumerate() {
            let footing = match footing(&columns, row, cells) {
                Footing::Wrong(counts) => with_possible(&columns, &possible, cells, counts),
                other => other,
            };
            match footing {
                Footing::Right => right += 1,
                Footing::Wrong(counts) => wrong.push(counts),
                Footing::Unknown if columns.total.is_some_and(|total| cells[total].held().is_numeric()) => {
                    sink.skip("a row of results without counts");
                }
                Footing::Unknown => {}
            }
        }
        sink.found.checked += right;
        if !wrong.is_empty() {
            judge_rows(view, (grid, &columns), right, wrong, sink);
        }
    }
}

fn footing<'a>(columns: &Columns, row: usize, cells: &[Cell<'a>]) -> Footing<'a> {
    let count = |column: Option<usize>| Some(counted(cells, column)?.1);
    let (Some(total), Some(passed), Some(failed)) =
        (count(columns.total), count(columns.passed), count(columns.failed))
    else {
        return Footing::Unknown;
    };
    let sum = passed + failed;
    if total.is_zero() || sum == *total {
        return Footing::Right;
    }
    let others: Vec<&Number> = columns.others.iter().filter_map(|column| count(Some(*column))).collect();
    if some_partition(&sum, &others, total) {
        return Footing::Right;
    }
    let all = others.iter().fold(sum.clone(), |sum, other| &sum + *other);
    let open = others.len() < columns.others.len();
    Footing::Wrong(Counts { row, passed, failed, total, sum, all, open })
}

/// The columns whose names we do not know and that may hold outcomes: with counts below (`Quarantined`), or a header that
/// says that something was left out (`Not run`). The first column names the rows.
fn possible_outcomes(grid: &Grid<'_>, columns: &Columns) -> Vec<usize> {
    let known = [columns.total, columns.passed, columns.failed, columns.rate];
    let may = |at: &usize| {
        let column = &grid.columns[*at];
        let named = known.contains(&Some(*at)) || columns.others.contains(at);
        let no_outcome = column.header.trim() == "#" || column.words.iter().any(|word| is_among(word, &NO_OUTCOMES));
        let says = || words::LEFT_OUT.iter().any(|word| column.header.contains(word));
        let counts = || grid.rows.iter().any(|cells| counted(cells, Some(*at)).is_some());
        !named && !no_outcome && (says() || counts())
    };
    (1..grid.columns.len()).filter(may).collect()
}

/// How a row that does not foot stands with outcomes of other names.
fn with_possible<'a>(columns: &Columns, possible: &[usize], cells: &[Cell<'_>], wrong: Counts<'a>) -> Footing<'a> {
    let counts = columns.others.iter().chain(possible).filter_map(|column| Some(counted(cells, Some(*column))?.1));
    let counts: Vec<&Number> = counts.take(MOST_OTHERS).collect();
    if some_partition(&wrong.sum, &counts, wrong.total) {
        return Footing::Right;
    }
    let without = |column: &usize| matches!(cells[*column].held(), Held::Blank | Held::Missing | Held::Rough);
    let open = wrong.open || possible.iter().any(without);
    Footing::Wrong(Counts { open, ..wrong })
}

fn judge_rows(
    view: &View<'_>,
    (grid, columns): (&Grid<'_>, &Columns),
    right: u64,
    wrong: Vec<Counts<'_>>,
    sink: &mut Sink<'_, '_>,
) {
    let rows = right + wrong.len() as u64;
    // Where another row says that something was left out, most rows must show that this is not so here.
    let sibling_says = grid.says(words::LEFT_OUT);
    let shown = right >= ENOUGH_RIGHT && right * 4 >= rows * 3;
    for counts in wrong {
        let cells = &grid.rows[counts.row];
        let says = || cells.iter().any(|cell| cell.says(words::LEFT_OUT));
        if counts.open || says() || sibling_says && !shown {
            sink.skip(LEFT_OUT);
            continue;
        }
        sink.judge(Verdict::Inconsistent, || Draft {
            message: format!(
                "row \"{}\": {} passed and {} failed{} make {}, the total says {}",
                grid.label(counts.row),
                count(counts.passed),
                count(counts.failed),
                if counts.all == counts.sum { "" } else { " with the other outcomes" },
                count(&counts.all),
                count(counts.total)
            ),
            claimed: count(counts.total),
            recomputed: count(&counts.all),
            readings: &["with and without each other outcome"],
            anchors: anchors(view, cells, &[columns.total, columns.passed, columns.failed]),
            at_most: if sibling_says { Level::Warning } else { Level::Error },
        });
    }
}

/// Is the total the sum, with some of the others?
pub(super) fn some_partition(sum: &Number, others: &[&Number], total: &Number) -> bool {
    (0..1_u32 << others.len()).any(|chosen| {
        let with = others.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1);
        with.fold(sum.clone(), |sum, (_, other)| &sum + *other) == *total
    })
}

/// Holds the rate of a row against its counts or its fraction.
pub(super) fn row_rate(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(columns) = Columns::of(grid) else { continue };
        let Some(rate_at) = columns.rate else { continue };
        let left_out = LazyCell::new(|| grid.says(words::LEFT_OUT));
        for (row, cells) in grid.rows.iter().enumerate() {
            let Held::Number(mention, claimed) = cells[rate_at].held() else { continue };
            if mention.kind() != Kind::Percent {
                continue;
            }
            let Some(Shares { places, passed, wholes }) = shares(grid, &columns, cells) else { continue };
            let mut worked = wholes.iter().filter_map(|whole| passed.over(whole)).peekable();
            let Some(first) = worked.peek().cloned() else { continue };
            let straight = best(worked.map(|share| Worked::exactly(&share, claimed)));
            let of_failed = || {
                grid.columns[rate_at].words.iter().any(|word| words::COMPLEMENT.split(' ').any(|no| word.contains(no)))
            };
            if straight == Verdict::Inconsistent && (of_failed() || *left_out) {
                sink.skip(LEFT_OUT);
                continue;
            }
            sink.judge(straight, || {
                let claim = place(view, &cells[rate_at], mention);
                let parts = match places {
                    Places::Counts(columns) => anchors(view, cells, &columns),
                    Places::Fraction(column, mention) => place(view, &cells[column], mention).into_iter().collect(),
                };
                draft(grid.label(row), claim, parts, claimed, &first)
            });
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

/// How many of a row passed, and of how many that may be.
struct Shares<'a> {
    places: Places<'a>,
    passed: Number,
    wholes: SmallVec<[Number; 2]>,
}

/// Where that stands.
enum Places<'a> {
    /// The counts in these columns.
    Counts([Option<usize>; 3]),
    /// A fraction in this column.
    Fraction(usize, &'a Mention),
}

fn shares<'a>(grid: &Grid<'_>, columns: &Columns, cells: &[Cell<'a>]) -> Option<Shares<'a>> {
    let count = |column: Option<usize>| Some(counted(cells, column)?.1);
    match (count(columns.total), count(columns.passed), count(columns.failed)) {
        (total, Some(passed), failed) if total.is_some() || failed.is_some() => {
            let mut wholes: SmallVec<[Number; 2]> = total.into_iter().cloned().collect();
            wholes.extend(failed.map(|failed| passed + failed));
            // Nearly always both are the same.
            wholes.dedup();
            let others: Vec<&Number> = columns.others.iter().filter_map(|column| count(Some(*column))).collect();
            for chosen in 1..1_u32 << others.len() {
                let with = others.iter().enumerate().filter(|(at, _)| chosen >> at & 1 == 1).map(|(_, other)| other);
                let left = with.fold(Number::zero(), |sum, other| &sum + *other);
                wholes.extend(total.map(|total| total - &left));
            }
            let places = Places::Counts([columns.total, columns.passed, columns.failed]);
            Some(Shares { places, passed: passed.clone(), wholes })
        }
        // Without a column of those that passed: all but the failed.
        (Some(total), None, Some(failed)) if columns.passed.is_none() && columns.others.is_empty() => {
            let places = Places::Counts([columns.total, columns.failed, None]);
            Some(Shares { places, passed: total - failed, wholes: std::iter::once(total.clone()).collect() })
        }
        _ => fraction_beside(grid, cells),
    }
}

/// The only fraction of a row, when it has no percentage of its own.
fn fraction_beside<'a>(grid: &Grid<'_>, cells: &[Cell<'a>]) -> Option<Shares<'a>> {
    let fractions = cells.iter().enumerate().filter_map(|(column, cell)| match cell.held() {
        Held::Fraction(mention, fraction) if fraction.percent.is_none() => Some((column, mention, fraction)),
        _ => None,
    });
    let (column, mention, fraction) = only(fractions)?;
    let lone = grid.only_column(|column| column.part == Some(Part::Rate)).is_some();
    (lone && !fraction.whole.is_zero()).then(|| Shares {
        places: Places::Fraction(column, mention),
        passed: fraction.part.clone(),
        wholes: std::iter::once(fraction.whole.clone()).collect(),
    })
}

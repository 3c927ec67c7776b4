//! `table-total`: the row of a table that says what the others add up to.

use crate::model::fact::Unit;
use crate::model::format::{count, quantity};
use crate::model::number::Number;
use crate::model::printed::Printed;
use crate::model::totals::{is_indented, is_total, is_within};
use crate::proofread::finding::{Anchor, Level};
use crate::proofread::grid::{Cell, Column, Grid, Held};
use crate::proofread::number::{Kind, Mention};
use crate::proofread::relation::{Verdict, Worked, best};
use crate::proofread::sink::{Draft, Sink};
use crate::proofread::view::View;
use crate::proofread::words::{self, Part, Words, is_among};

/// Headers of what is never added up.
static NEVER: Words = Words::of(
    "per avg average mean median rate ratio roi latency score min max minimum maximum peak version year rank \
     before after target baseline previous change delta diff difference speedup factor throughput temperature \
     port priority confidence grade unique distinct cumulative running index id level cagr growth price \
     velocity age efficiency utilization p50 p75 p90 p95 p99 qps rps tps fps line date day elapsed speed std \
     stddev variance gain improvement accuracy precision recall f1 best worst median goal expected limit threshold \
     ops impact rating",
);
/// Words in a cell of what is no sum.
static SUMMARIES: Words = Words::of("avg average mean median max min unique distinct est estimated");
/// Headers under which decimals without a unit are amounts.
static AMOUNTS: Words = Words::of(
    "cost costs amount hours hrs days time duration size weight weighted share effort budget revenue seconds \
     secs minutes min ms s h kb mb gb usd eur points tokens sum total",
);
/// Headers of percentages that make a whole.
static WHOLE: Words = Words::of("weight weights share allocation distribution proportion");

/// Headers of percentages that are none.
static CHANGES: Words = Words::of("change growth");
/// Under this header scores and ranks are amounts.
static WEIGHTED: Words = Words::of("weighted");

/// Headers of things that several rows may have in common.
static SHARED: Words = Words::of(
    "regions countries users people headcount staff engineers developers participants teams customers visitors \
     contributors authors reviewers languages",
);
/// Labels of rows that count what other rows count too.
static OVERLAPS: Words = Words::of(
    "available shared cached cache flaky retried retries quarantined thereof including duplicate duplicates overlap \
     overlapping known reopened reserved",
);
/// Labels of rows that are taken off.
static TAKEN_OFF: Words = Words::of(
    "removed deleted deletions removals less minus refund refunds refunded returns returned discount discounts \
     deductions withdrawn withdrawals credits",
);
/// More overlapping rows than this would make too many sums.
const MOST_OVERLAPS: usize = 6;

/// One column of a total.
enum Summed<'a> {
    /// Cells and total are numbers of one sort.
    Numbers { mention: &'a Mention, total: &'a Printed, parts: Vec<&'a Printed> },
    /// The column cannot be added up, and why.
    Not(&'static str),
    /// The column has no number in its total, or nobody would add it up.
    None,
}

/// A sum held against what the total says.
struct Outcome {
    column: usize,
    verdict: Verdict,
    sum: Number,
    total: Number,
    shown: (String, String),
    anchor: Anchor,
    /// May it be a table of which rows are missing?
    far: bool,
    /// Is the total less than its largest row, which no sum of such rows is?
    below: bool,
}

/// Holds the total row of each table against the other rows.
pub(super) fn table_total(view: &View<'_>, sink: &mut Sink<'_, '_>) {
    for grid in view.grids() {
        let Some(total_row) = total_row(grid) else { continue };
        let overall = grid.label(total_row).to_lowercase().contains("overall");
        let rows: Vec<usize> = (0..grid.rows.len()).filter(|row| *row != total_row).collect();
        if let Some(reason) = not_flat(view, grid, &rows, total_row) {
            sink.skip(reason);
            continue;
        }
        let mut outcomes = Vec::new();
        for column in 0..grid.columns.len() {
            match summed(grid, column, total_row, &rows) {
                Summed::Numbers { mention, total, parts } => {
                    outcomes.extend(outcome(view, grid, (total_row, column), mention, total, &parts));
                }
                Summed::Not(reason) => sink.skip(reason),
                Summed::None => {}
            }
            outcomes.extend(fractions(view, grid, (total_row, column), &rows));
        }
        // Nothing but zeros adds up to zero whatever is missing.
        let foots = |outcome: &Outcome| outcome.verdict == Verdict::Consistent && !outcome.sum.is_zero();
        let some_foots = outcomes.iter().any(foots);
        for outcome in outcomes {
            // An overall row may count what several rows share, or be no sum at all.
            if overall && outcome.verdict == Verdict::Inconsistent && !some_foots {
                sink.skip("an \"overall\" row that may be no sum");
                continue;
            }
            report(view, grid, &rows, outcome, some_foots, sink);
        }
    }
}

fn report(
    view: &View<'_>,
    grid: &Grid<'_>,
    rows: &[usize],
    outcome: Outcome,
    some_foots: bool,
    sink: &mut Sink<'_, '_>,
) {
    let Outcome { column, verdict, sum, total, shown, anchor, far, below } = outcome;
    sink.judge(verdict, || {
        let missing = far && (!some_foots || below);
        let off = (&sum - &total).abs();
        let ends = [rows.first(), rows.last()].into_iter().flatten();
        let parts = ends.filter_map(|row| grid.rows[*row][column].block.map(|block| view.whole(block)));
        Draft {
            message: format!(
                "{}: {} rows add to {}, the total says {} (off by {}{})",
                grid.name(view.document, column),
                rows.len(),
                shown.0,
                shown.1,
                if off.is_integer() { count(&off) } else { off.to_rounded(6) },
                match (missing, below) {
                    (true, true) => "; it may be no sum",
                    (true, false) => "; rows may be missing",
                    (false, _) => "",
                }
            ),
            claimed: shown.1,
            recomputed: shown.0,
            readings: &["nearest", "cut off or rounded up"],
            anchors: std::iter::once(anchor).chain(parts).collect(),
            at_most: if missing { Level::Warning } else { Level::Error },
        }
    });
}

/// The row that is a total: the last that says so, else the first.
fn total_row(grid: &Grid<'_>) -> Option<usize> {
    let last = grid.rows.len().checked_sub(1)?;
    let is = |row: usize| is_total(grid.label(row));
    // Above the others "sum" may be one of several things that are listed.
    let leads = || is(0) && grid.label(0).to_lowercase().contains("total");
    let found = if is(last) { last } else { 0 };
    if grid.rows.len() < 3 || found == 0 && !leads() {
        return None;
    }
    // With two total rows nobody knows what either is of.
    ((0..grid.rows.len()).filter(|row| is(*row)).count() == 1).then_some(found)
}

/// Why the rows are no plain list of parts; `None` when they are one.
fn not_flat(view: &View<'_>, grid: &Grid<'_>, rows: &[usize], total_row: usize) -> Option<&'static str> {
    let shown =
        |row: usize| grid.rows[row].iter().take(2).find_map(|cell| cell.block.map(|block| &view.block(block).shown));
    let total_bold = shown(total_row).is_some_and(|shown| shown.is_bold(0));
    let bold = rows.iter().filter(|row| shown(**row).is_some_and(|shown| shown.is_bold(0))).count();
    // Bold rows among others sum up what follows them.
    if bold > 0 && bold < rows.len() && total_bold {
        return Some("a table with group rows");
    }
    let nested = |row: &usize| {
        let label = grid.label(*row);
        // In a shorter label none of the words has room.
        is_indented(label) || label.len() >= "total".len() && is_within(label)
    };
    rows.iter().any(nested).then_some("a table with rows inside rows")
}

fn is_additive(column: &Column, kind: Kind) -> bool {
    let has = |list: &Words| column.words.iter().any(|word| is_among(word, list));
    if kind == Kind::Percent {
        return (has(&WHOLE) || column.header.contains("% of")) && !has(&CHANGES);
    }
    if has(&NEVER) && !has(&WEIGHTED) || column.header.contains('/') {
        return false;
    }
    match kind {
        Kind::Count | Kind::Money | Kind::Bytes | Kind::Duration => true,
        Kind::Number => has(&AMOUNTS) || column.header.contains(['$', '€', '£']),
        _ => false,
    }
}

fn summed<'a>(grid: &Grid<'a>, column: usize, total_row: usize, rows: &[usize]) -> Summed<'a> {
    let cell = grid.rows[total_row][column];
    let Held::Number(mention, total) = cell.held() else { return Summed::None };
    // `525.8 ms avg` under a plain header.
    if words::of(cell.text).iter().any(|word| is_among(word, &SUMMARIES)) {
        return Summed::None;
    }
    let mut parts = Vec::with_capacity(rows.len());
    let mut kinds = vec![mention.kind()];
    for row in rows {
        match grid.rows[*row][column].held() {
            Held::Number(part, printed) => {
                if kinds.last() != Some(&part.kind()) {
                    kinds.push(part.kind());
                }
                parts.push(printed);
            }
            Held::Blank | Held::Missing => return Summed::Not("a column with empty or '-' cells above its total"),
            Held::Rough => return Summed::Not("a column with estimates or bounds above its total"),
            Held::Fraction(..) => return Summed::None,
            Held::Text => return Summed::Not("a column with cells that are no single number above its total"),
        }
    }
    kinds.sort_unstable_by_key(|kind| kind.word());
    kinds.dedup();
    let kind = match kinds.as_slice() {
        [kind] => *kind,
        [Kind::Count, Kind::Number] => Kind::Number,
        _ => return Summed::Not("a column of several units above its total"),
    };
    if is_additive(&grid.columns[column], kind) { Summed::Numbers { mention, total, parts } } else { Summed::None }
}

fn outcome(
    view: &View<'_>,
    grid: &Grid<'_>,
    (row, column): (usize, usize),
    mention: &Mention,
    total: &Printed,
    parts: &[&Printed],
) -> Option<Outcome> {
    let block = grid.rows[row][column].block?;
    let readings = total.readings.len();
    let sums: Vec<Worked> = if parts.iter().all(|part| part.exact && part.readings.len() == 1) {
        // Counts, whose sum nobody rounds.
        vec![Worked::exact(parts.iter().fold(Number::zero(), |sum, part| &sum + part.value()))]
    } else {
        let sum = |reading| parts.iter().map(|part| Worked::of(part, reading)).sum::<Option<Worked>>();
        (0..readings).filter_map(sum).collect()
    };
    let sum = sums.first()?.value().clone();
    let said = total.value().clone();
    let mut verdict = best(sums.iter().map(|sum| sum.against(total)));
    if verdict == Verdict::Inconsistent {
        let labels: Vec<&str> = (0..grid.rows.len()).filter(|own| *own != row).map(|own| grid.label(own)).collect();
        verdict = best(other_sums(&labels, parts).iter().map(|sum| sum.against(total)));
    }
    if verdict == Verdict::Inconsistent
        && (is_other_summary(grid.label(row), total, parts)
            || is_rescaled(&sum, &said)
            || may_be_distinct(&grid.columns[column], &said, parts))
    {
        return None;
    }
    let shown = |number: &Number| match total.unit {
        Unit::One if number.is_integer() => count(number),
        Unit::One => number.to_rounded(total.runs.first().map_or(3, |run| run.places.max(2))),
        unit => quantity(number, unit),
    };
    Some(Outcome {
        column,
        verdict,
        shown: (shown(&sum), mention_text(view, block, mention)),
        far: is_far(&sum, &said),
        below: parts.iter().any(|part| *part.value() > said),
        sum,
        total: said,
        anchor: view.anchor(block, mention.span.clone()),
    })
}

fn mention_text(view: &View<'_>, block: usize, mention: &Mention) -> String {
    view.text(block)[mention.span.clone()].to_owned()
}

/// Is the difference more than half of the larger?
fn is_far(sum: &Number, total: &Number) -> bool {
    let off = (sum - total).abs();
    &off + &off > sum.abs().max(total.abs())
}

/// May it be the mean, the largest or the last of the rows, or may they be steps of a running sum?
fn is_other_summary(label: &str, total: &Printed, parts: &[&Printed]) -> bool {
    let said = total.value();
    let overall = label.to_lowercase().contains("overall");
    let lengths = parts.iter().all(|part| part.unit == Unit::Seconds);
    let rising = parts.windows(2).all(|pair| pair[0].value() <= pair[1].value());
    let last = parts.last().is_some_and(|last| last.value() == said);
    let largest = parts.iter().map(|part| part.value()).max() == Some(said);
    let sum: Number = parts.iter().map(|part| part.value().clone()).sum();
    let Some(mean) = sum.over(&Number::from(parts.len())) else { return false };
    let near_mean = (&mean - said).abs() < Number::one();
    let is_mean = if total.exact { near_mean } else { Worked::exact(mean).against(total) != Verdict::Inconsistent };
    // Whoever leaves out a quarter of the sum or more did hardly forget it.
    let apart = (&sum - said).abs() * Number::from(4) >= sum;
    rising && last && parts.len() > 2
        || largest && (lengths || overall)
        || near_mean && overall
        || apart && (last || largest || is_mean)
}

/// May the total count once what several rows share: 7 regions of which one row names 4 and another 5?
fn may_be_distinct(column: &Column, said: &Number, parts: &[&Printed]) -> bool {
    let shared = column.words.iter().any(|word| is_among(word, &SHARED));
    shared
        && parts.iter().all(|part| part.value() <= said)
        && *said < parts.iter().map(|part| part.value().clone()).sum::<Number>()
}

/// What the rows come to where some of them overlap the others (`Available`, `Flaky`), or are taken off (`Removed`).
fn other_sums(labels: &[&str], parts: &[&Printed]) -> Vec<Worked> {
    let words: Vec<Vec<String>> = labels.iter().map(|label| words::of(label)).collect();
    let is = |label: &[String], list: &Words| label.iter().any(|word| is_among(word, list));
    let outcomes = words.iter().any(|label| words::part(label) == Some(Part::Passed));
    let overlaps = |label: &[String]| is(label, &OVERLAPS) || outcomes && words::part(label) == Some(Part::Other);
    let optional: Vec<usize> = (0..words.len()).filter(|at| overlaps(&words[*at])).take(MOST_OVERLAPS).collect();
    let taken: Vec<usize> = (0..words.len()).filter(|at| is(&words[*at], &TAKEN_OFF)).collect();
    // One row alone, or rows that are all taken off, are no sum.
    let enough = labels.len().saturating_sub(optional.len() + taken.len()) >= if taken.is_empty() { 2 } else { 1 };
    if !enough || optional.is_empty() && taken.is_empty() {
        return Vec::new();
    }
    let sum = |without: u32, less: bool| {
        parts.iter().enumerate().try_fold(Worked::exact(Number::zero()), |sum, (at, part)| {
            let left_out = optional.iter().position(|own| *own == at).is_some_and(|bit| without >> bit & 1 == 1);
            let part = Worked::of(part, 0)?;
            Some(match left_out {
                true => sum,
                false if less && taken.contains(&at) => sum - part,
                false => sum + part,
            })
        })
    };
    let ways = (0..1_u32 << optional.len()).flat_map(|without| [(without, false), (without, true)]);
    ways.filter_map(|(without, less)| sum(without, less)).collect()
}

/// Do they differ by a power of ten: rows in thousands, the total in ones?
fn is_rescaled(sum: &Number, total: &Number) -> bool {
    (1..=9).flat_map(|power| [power, -power]).any(|power| &(sum * &Number::power_of_ten(power)) == total)
}

/// The numerators of a column of fractions, where their denominators add up.
fn fractions(view: &View<'_>, grid: &Grid<'_>, (total_row, column): (usize, usize), rows: &[usize]) -> Option<Outcome> {
    let cell: Cell<'_> = grid.rows[total_row][column];
    let (Some(block), Held::Fraction(_, total)) = (cell.block, cell.held()) else { return None };
    let mut sums = (Number::zero(), Number::zero());
    for row in rows {
        let Held::Fraction(_, part) = grid.rows[*row][column].held() else { return None };
        sums = (&sums.0 + &part.part, &sums.1 + &part.whole);
    }
    if sums.1 != total.whole {
        return None;
    }
    let verdict = Verdict::of(sums.0 == total.part);
    Some(Outcome {
        column,
        verdict,
        shown: (format!("{}/{}", count(&sums.0), count(&sums.1)), format!("{}/{}", total.part_text, total.whole_text)),
        far: false,
        below: false,
        sum: sums.0,
        total: total.part.clone(),
        anchor: view.anchor(block, total.part_run.span.start..total.whole_run.span.end),
    })
}

//! A claimed table beside the measured one, row by row.

use super::{Source, words};
use crate::model::claim::{Claim, TableClaim};
use crate::model::format;
use crate::model::judgement::{ClaimResult, JoinedRow, JoinedTable};
use crate::model::quote;
use crate::report::stated;
use crate::report::view::place;

/// Most rows shown; those that do not hold come first when there are more.
const ROWS: usize = 100;
/// Most names in a sentence, and most remarks.
const NAMES: usize = 20;

/// The joined table of a claim, when a table is claimed and the judge could read it.
pub(super) fn table(source: &Source<'_>, claim: &Claim, result: &ClaimResult) -> Option<place::Joined> {
    let (joined, asked) = (result.table.as_ref()?, claim.table.as_ref()?);
    let columns = columns(source, claim, asked);
    let (shown, left_out) = shown(&joined.rows);
    let cells = |row: &JoinedRow| self::row(row, &columns);
    Some(place::Joined {
        title: format!("Row by row, as {} claims it", claim.by),
        summary: summary(joined),
        key: asked.key.clone(),
        columns: columns.iter().map(|(_, header)| (*header).to_owned()).collect(),
        rows: shown.into_iter().map(cells).collect(),
        more: (left_out > 0).then(|| {
            let rows = words::counted(left_out, "more row", "more rows");
            format!("{rows} in the record; rows that do not hold come first.")
        }),
        total: joined.total.as_ref().map(cells),
        remarks: remarks(joined),
        unmeasured: sentence("Claimed and not measured", joined.rows.iter().filter(|row| !is_measured(row)).map(name)),
        unclaimed: sentence("Measured and never claimed", joined.unclaimed.iter().map(String::as_str)),
    })
}

/// Measured column and header in the document, in the order in which the document has the headers.
fn columns<'a>(source: &Source<'_>, claim: &Claim, asked: &'a TableClaim) -> Vec<(&'a str, &'a str)> {
    let place = claim.at.as_ref().and_then(|at| source.record.places.get(at));
    let order = |header: &str| match place {
        Some(quote::Place::Table(table)) => table.columns.iter().position(|column| column == header),
        _ => None,
    };
    let mut columns: Vec<(&str, &str)> = asked.values.iter().map(|(column, header)| (&**column, &**header)).collect();
    columns.sort_by_key(|(_, header)| order(header).unwrap_or(usize::MAX));
    columns
}

fn name(row: &JoinedRow) -> &str {
    &row.name
}

fn is_measured(row: &JoinedRow) -> bool {
    row.cells.iter().any(|cell| cell.actual.is_some())
}

/// The rows to show, in the order of the document, and how many are left out.
fn shown(rows: &[JoinedRow]) -> (Vec<&JoinedRow>, usize) {
    let mut shown: Vec<&JoinedRow> = rows.iter().collect();
    if rows.len() > ROWS {
        shown.sort_by_key(|row| stated::rank(row.status, true));
        shown.truncate(ROWS);
    }
    let left_out = rows.len() - shown.len();
    (shown, left_out)
}

fn row(row: &JoinedRow, columns: &[(&str, &str)]) -> place::JoinedRow {
    let cell = |(column, _): &(&str, &str)| match row.cells.iter().find(|cell| cell.column == *column) {
        Some(cell) => place::JoinedCell {
            claimed: cell.claimed.clone(),
            actual: cell.actual.as_ref().map_or_else(|| words::NOTHING.to_owned(), format::value),
            mark: Some(words::claim(cell.status)),
        },
        None => place::JoinedCell { claimed: String::new(), actual: String::new(), mark: None },
    };
    place::JoinedRow { name: row.name.clone(), line: row.line.to_string(), cells: columns.iter().map(cell).collect() }
}

/// `3 of 11 rows were measured: all 3 hold.`
fn summary(joined: &JoinedTable) -> String {
    let rows = joined.rows.len();
    let measured: Vec<&JoinedRow> = joined.rows.iter().filter(|row| is_measured(row)).collect();
    let upheld = measured.iter().filter(|row| row.status.is_upheld()).count();
    let counted = match (rows, measured.len()) {
        (0, _) => return "The table has no rows.".to_owned(),
        (1, 0) => return "The only row was not measured.".to_owned(),
        (rows, 0) => return format!("None of the {rows} rows was measured."),
        (1, 1) => "The only row was measured".to_owned(),
        (rows, all) if rows == all => format!("All {rows} rows were measured"),
        (rows, 1) => format!("1 of {rows} rows was measured"),
        (rows, some) => format!("{some} of {rows} rows were measured"),
    };
    let came_out = match (measured.len(), upheld) {
        (1, 1) => "it holds".to_owned(),
        (1, _) => "it does not hold".to_owned(),
        (all, upheld) if all == upheld => format!("all {all} hold"),
        (_, 0) => "none of them holds".to_owned(),
        (all, upheld) => {
            let do_not = if all - upheld == 1 { "does not" } else { "do not" };
            format!("{} and {} {do_not}", words::counted(upheld, "holds", "hold"), all - upheld)
        }
    };
    format!("{counted}: {came_out}.")
}

/// What is wrong with a row, and what is said of the total whatever came of it.
fn remarks(joined: &JoinedTable) -> Vec<place::Remark> {
    let wrong = |row: &&JoinedRow| !row.status.is_upheld() && is_measured(row);
    let rows = joined.rows.iter().filter(wrong).take(NAMES).chain(&joined.total);
    rows.map(|row| place::Remark {
        about: format!("{} (line {})", row.name, row.line),
        mark: words::claim(row.status),
        reason: words::sentence(&row.reason),
    })
    .collect()
}

fn sentence<'a>(start: &str, names: impl Iterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = names.collect();
    let more = names.len().saturating_sub(NAMES);
    let mut said: Vec<String> = names.iter().take(NAMES).map(|name| (*name).to_owned()).collect();
    if more > 0 {
        said.push(format!("{more} more"));
    }
    (!said.is_empty()).then(|| format!("{start}: {}.", format::and_list(&said)))
}

//! A claimed table beside the measured one: each row is a claim, and so is the total.
//!
//! Rows are matched by name and never by their order. What could not be matched is unverified, and says so.

mod cells;
mod names;
mod total;

use cells::Column;
use names::{Names, is_total, normal};

use super::claims::Judged;
use super::quoted::{self, MOST_QUOTED, missing, not_found};
use super::values::Comparison;
use crate::model::claim::{Claim, TableClaim};
use crate::model::fact::Value;
use crate::model::format::{and_list, shortened};
use crate::model::judgement::{ClaimResult, ClaimStatus, JoinedCell, JoinedRow, JoinedTable};
use crate::model::quote::{Place, QuotedCell, QuotedTable};
use crate::model::totals::{is_indented, is_within};

/// Most headers in a sentence.
const MOST_HEADERS: usize = 8;

/// A row of the document: its name, and a cell for each claimed column.
struct Claimed<'a> {
    name: &'a str,
    line: u32,
    cells: Vec<Option<&'a QuotedCell>>,
}

/// What a row of the document was set beside.
enum Match {
    /// A row of the measured table.
    Row(usize),
    /// Nothing of that name was measured.
    Unmeasured(String),
    /// It cannot be said which.
    Unclear(String),
}

/// How the rows came out.
#[derive(Default)]
struct Count {
    hold: usize,
    unmeasured: usize,
    unclear: usize,
}

/// A claimed table and what it is held against.
struct Join<'a> {
    judged: &'a Judged<'a>,
    claim: &'a Claim,
    columns: Vec<Column<'a>>,
    /// The measured rows; else why there are none.
    measured: Result<Names<'a>, String>,
}

/// The result of a claim that is a table.
pub(super) fn result(judged: &Judged<'_>, at: u32, claim: &Claim, spec: &TableClaim) -> ClaimResult {
    let actual = judged.actual(&claim.fact).ok().cloned();
    let bare = |compared: Comparison| ClaimResult {
        claim: at,
        status: compared.status,
        actual: actual.clone(),
        reason: compared.reason,
        matters: None,
        verdict: None,
        table: None,
    };
    let table = match quoted_table(judged, claim) {
        Ok(table) => table,
        Err(nothing) => return bare(nothing),
    };
    let (key, headers) = match headers(claim, spec, table) {
        Ok(found) => found,
        Err(nothing) => return bare(nothing),
    };
    let measured = match judged.actual(&claim.fact) {
        Ok(Value::Table(table)) => Ok(Names::new(table, &spec.matches)),
        Ok(_) => Err("what was measured is not a table".to_owned()),
        Err(why) => Err(why),
    };
    let columns = headers.into_iter().map(|(name, header, at)| {
        let measured = measured.as_ref().ok().map(|names| names.table);
        Column::new(judged, name, header, at, measured)
    });
    let join = Join { judged, claim, columns: columns.collect(), measured };
    let (status, reason, table) = join.joined(table, key, spec);
    ClaimResult { table: Some(table), status, reason, ..bare(not_found(String::new())) }
}

fn quoted_table<'a>(judged: &Judged<'a>, claim: &'a Claim) -> Result<&'a QuotedTable, Comparison> {
    let at = claim.at.as_deref().unwrap_or_default();
    match judged.seen.places.get(at) {
        Some(Place::Table(table)) => Ok(table),
        Some(Place::NotFound(problem)) => Err(missing(at, problem)),
        Some(place) => {
            let place = place.spot().map_or_else(|| at.to_owned(), |spot| quoted::named(at, spot));
            Err(not_found(format!("one value stands at {place}, and a table is claimed")))
        }
        None => Err(not_found(format!("nobody looked at {}", shortened(at, 160)))),
    }
}

/// A claimed column: its name in the measured table, its header in the document, and where that stands.
type Headed<'a> = (&'a str, &'a str, usize);

/// The column that names the rows, and the claimed ones.
fn headers<'a>(
    claim: &Claim,
    spec: &'a TableClaim,
    table: &QuotedTable,
) -> Result<(usize, Vec<Headed<'a>>), Comparison> {
    let find = |header: &str| {
        let wanted = normal(header);
        let mut found = table.columns.iter().enumerate().filter(|(_, column)| normal(column) == wanted);
        let place = quoted::named(claim.at.as_deref().unwrap_or_default(), &table.spot);
        let header = shortened(header, MOST_QUOTED);
        match (found.next(), found.next()) {
            (Some((at, _)), None) => Ok(at),
            (Some(_), Some(_)) => Err(not_found(format!("the table at {place} has two columns \"{header}\""))),
            (None, _) => {
                let there: Vec<String> =
                    table.columns.iter().take(MOST_HEADERS).map(|column| shortened(column, 40)).collect();
                Err(not_found(format!("the table at {place} has no column \"{header}\", only {}", and_list(&there))))
            }
        }
    };
    let key = find(&spec.key)?;
    let values = spec.values.iter().map(|(column, header)| Ok((column.as_str(), header.as_str(), find(header)?)));
    let mut values: Vec<Headed<'_>> = values.collect::<Result<_, _>>()?;
    // In the order of the document.
    values.sort_by_key(|(.., at)| *at);
    Ok((key, values))
}

impl Join<'_> {
    fn joined(&self, table: &QuotedTable, key: usize, spec: &TableClaim) -> (ClaimStatus, String, JoinedTable) {
        let mut rows = self.claimed(table, key);
        let total = take_total(&mut rows, spec);
        let matches = self.matches(&rows, spec);
        let mut count = Count::default();
        let joined: Vec<JoinedRow> =
            rows.iter().zip(&matches).map(|(row, found)| self.row(row, found, &mut count)).collect();
        let within = within(&rows, &matches, spec);
        let total = total.map(|total| self.total(&rows, &matches, &total, within));
        let unclaimed = self.measured.as_ref().map_or_else(
            |_| Vec::new(),
            |names| {
                let mut claimed = vec![false; names.table.rows.len()];
                rows.iter().flat_map(|row| self.meant(row, spec)).for_each(|row| claimed[row] = true);
                names.others(&claimed)
            },
        );
        let table = JoinedTable { rows: joined, total, unclaimed };
        let worst = table.rows.iter().chain(&table.total).map(|row| row.status).max_by_key(|status| status.weight());
        let reason = self.reason(&table, &count);
        (worst.unwrap_or(ClaimStatus::Unverified), reason, table)
    }

    /// The rows of the document that claim something.
    fn claimed<'t>(&self, table: &'t QuotedTable, key: usize) -> Vec<Claimed<'t>> {
        let cell = |row: &'t [Option<QuotedCell>], at: usize| row.get(at).and_then(Option::as_ref);
        let claimed = |row: &'t Vec<Option<QuotedCell>>| {
            let named = cell(row, key);
            let cells: Vec<_> = self.columns.iter().map(|column| cell(row, column.at)).collect();
            let first = named.or_else(|| cells.iter().flatten().next().copied())?;
            let name = named.map_or("", |cell| cell.written.as_str());
            Some(Claimed { name, line: first.spot.line, cells })
        };
        table.rows.iter().filter_map(claimed).collect()
    }

    /// The measured rows that a row of the document may mean.
    fn meant(&self, row: &Claimed<'_>, spec: &TableClaim) -> Vec<usize> {
        self.measured.as_ref().map_or_else(|_| Vec::new(), |names| names.find(renamed(row.name, spec)))
    }

    /// One for each row of the document.
    fn matches(&self, rows: &[Claimed<'_>], spec: &TableClaim) -> Vec<Match> {
        let names = match &self.measured {
            Ok(names) => names,
            Err(why) => return rows.iter().map(|_| Match::Unmeasured(why.clone())).collect(),
        };
        let mut times = vec![0_usize; names.table.rows.len()];
        let meant: Vec<Vec<usize>> = rows.iter().map(|row| self.meant(row, spec)).collect();
        meant.iter().filter(|found| found.len() == 1).for_each(|found| times[found[0]] += 1);
        let matched = |(row, found): (&Claimed<'_>, &Vec<usize>)| match found[..] {
            _ if row.name.trim().is_empty() => Match::Unclear("the row has no name".to_owned()),
            [] => {
                let name = shortened(renamed(row.name, spec), MOST_QUOTED);
                Match::Unmeasured(format!("nothing measured is called \"{name}\""))
            }
            [one] if times[one] > 1 => Match::Unclear(format!(
                "it stands {} times in the table, so it is not clear what is claimed",
                times[one]
            )),
            [one] => Match::Row(one),
            ref several => {
                let alike: Vec<String> = several
                    .iter()
                    .take(3)
                    .filter_map(|row| names.name(*row))
                    .map(|name| format!("\"{}\"", shortened(name, 40)))
                    .collect();
                Match::Unclear(format!("{} measured rows may be meant: {}", several.len(), and_list(&alike)))
            }
        };
        rows.iter().zip(&meant).map(matched).collect()
    }

    fn row(&self, row: &Claimed<'_>, found: &Match, count: &mut Count) -> JoinedRow {
        let compared = self.columns.iter().zip(&row.cells).filter_map(|(column, cell)| {
            let actual = match found {
                Match::Row(at) => self.measured.as_ref().ok().and_then(|names| column.value(names.table, *at)),
                _ => None,
            };
            let written = (*cell)?.written.as_str();
            let compared = match found {
                Match::Row(_) => column.compare(self.judged, self.claim, (row.name, written), actual),
                Match::Unmeasured(why) | Match::Unclear(why) => Comparison::unverified(why.clone()),
            };
            Some((column, written, actual, compared))
        });
        let row = joined_row(row, compared.collect());
        match (found, row.status) {
            (_, status) if status.is_upheld() => count.hold += 1,
            (Match::Unmeasured(_), _) => count.unmeasured += 1,
            (_, status) if !status.is_refuted() => count.unclear += 1,
            _ => {}
        }
        row
    }

    /// `3 of 11 rows were measured and hold; 8 were not measured`.
    fn reason(&self, table: &JoinedTable, count: &Count) -> String {
        let rows = table.rows.len();
        let mut told = Vec::new();
        let wrong: Vec<&JoinedRow> = table.rows.iter().filter(|row| row.status.is_refuted()).collect();
        if let Some(first) = wrong.first() {
            let name = shortened(&first.name, MOST_QUOTED);
            let verb = if wrong.len() == 1 { "is" } else { "are" };
            told.push(format!(
                "{} of {rows} rows {verb} wrong (\"{name}\" in line {}: {})",
                wrong.len(),
                first.line,
                first.reason
            ));
        }
        let total = table.total.as_ref();
        if let Some(total) = total.filter(|total| total.status.is_refuted()) {
            told.push(format!("the total in line {} is wrong ({})", total.line, total.reason));
        }
        match (count.hold, &self.measured) {
            _ if rows == 0 => told.push("the table has no rows".to_owned()),
            (0, Err(why)) => told.push(why.clone()),
            (0, Ok(_)) if wrong.is_empty() => told.push(format!("none of {rows} rows could be verified")),
            (0, Ok(_)) => {}
            (hold, _) if hold == rows => told.push(match rows {
                1 => "the only row was measured and holds".to_owned(),
                rows => format!("all {rows} rows were measured and hold"),
            }),
            (1, _) => told.push(format!("1 of {rows} rows was measured and holds")),
            (hold, _) => told.push(format!("{hold} of {rows} rows were measured and hold")),
        }
        if count.unmeasured > 0 && self.measured.is_ok() {
            told.push(format!("{} not measured", numbered(count.unmeasured)));
        }
        if count.unclear > 0 {
            let first = table.rows.iter().find(|row| row.status == ClaimStatus::Unverified && !row.reason.is_empty());
            let why = first.map_or("", |row| row.reason.as_str());
            told.push(match count.unmeasured {
                0 => format!("{} not comparable ({why})", numbered(count.unclear)),
                _ => format!("{} not comparable", numbered(count.unclear)),
            });
        }
        if let Some(total) = total.filter(|total| count.hold == rows && total.status == ClaimStatus::Unverified) {
            told.push(format!("the total in line {} is unverified ({})", total.line, total.reason));
        }
        told.join("; ")
    }
}

fn numbered(number: usize) -> String {
    format!("{number} {}", if number == 1 { "was" } else { "were" })
}

/// What a row is called in the measured table.
fn renamed<'a>(name: &'a str, spec: &'a TableClaim) -> &'a str {
    if let Some(other) = spec.names.get(name.trim()) {
        return other;
    }
    let wanted = normal(name);
    spec.names.iter().find(|(known, _)| normal(known) == wanted).map_or(name, |(_, other)| other)
}

/// Takes the total out of the rows: the last of them, or the first.
fn take_total<'t>(rows: &mut Vec<Claimed<'t>>, spec: &TableClaim) -> Option<Claimed<'t>> {
    let total = |row: &Claimed<'_>| is_total(row.name) && renamed(row.name, spec) == row.name;
    if rows.last().is_some_and(total) {
        return rows.pop();
    }
    rows.first().is_some_and(total).then(|| rows.remove(0))
}

/// The first row that may be part of others, or made of them, so that nobody can tell what adds up. What is measured under
/// its name is a row as any other, unless a sign sets it below the one before it.
fn within<'t>(rows: &[Claimed<'t>], matches: &[Match], spec: &TableClaim) -> Option<&'t str> {
    let flat = rows.iter().all(|row| is_indented(row.name));
    let says_so = |(row, found): &(&Claimed<'_>, &Match)| {
        let named = (is_within(row.name) || is_total(row.name)) && !matches!(found, Match::Row(_));
        renamed(row.name, spec) == row.name && (named || !flat && is_indented(row.name))
    };
    rows.iter().zip(matches).find(says_so).map(|(row, _)| row.name)
}

/// A row of results, from those of its cells.
fn joined_row(row: &Claimed<'_>, compared: Vec<(&Column<'_>, &str, Option<&Value>, Comparison)>) -> JoinedRow {
    let several = compared.len() > 1;
    let worst = compared.iter().rev().max_by_key(|(.., compared)| compared.status.weight());
    let (status, reason) = match worst {
        None => (ClaimStatus::Unverified, "nothing is claimed in it".to_owned()),
        Some((.., worst)) if worst.status == ClaimStatus::Exact && several => {
            (ClaimStatus::Exact, "every cell is what was measured".to_owned())
        }
        Some((column, .., worst)) if several && worst.claimed.is_some() => {
            (worst.status, format!("{}: {}", shortened(column.header, 40), worst.reason))
        }
        Some((.., worst)) => (worst.status, worst.reason.clone()),
    };
    let cells = compared.into_iter().map(|(column, written, actual, compared)| JoinedCell {
        column: column.name.to_owned(),
        claimed: written.to_owned(),
        actual: actual.cloned(),
        status: compared.status,
    });
    JoinedRow { name: row.name.to_owned(), line: row.line, status, reason, cells: cells.collect() }
}

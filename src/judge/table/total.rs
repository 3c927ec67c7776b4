//! The row of totals: added again from the claimed rows, and held against the measured ones where all were measured.
//!
//! Counts, lengths of time, sizes and fractions add up; percentages and scores do not.

use super::cells::{Column, bare};
use super::{Claimed, Join, Match, joined_row};
use crate::judge::figures::refuted;
use crate::judge::quoted::MOST_QUOTED;
use crate::judge::values::{Comparison, own_percentage};
use crate::model::fact::{Unit, Value};
use crate::model::format::{self, shortened};
use crate::model::judgement::{ClaimStatus, JoinedRow};
use crate::model::number::Number;
use crate::model::printed::{Interval, Printed, PrintedFraction, Qualifier, Reading, parse_fraction_text};
use crate::model::quote;

/// Most terms in a sum that is written out.
const MOST_TERMS: usize = 12;

/// What the cells of a column add up to.
enum Sum {
    /// Parts and wholes, each by itself.
    Fraction(Number, Number),
    /// A number: what its printed parts stand for, in each way of reading bytes.
    Number { unit: Unit, value: Number, readings: Vec<Interval> },
}

impl Join<'_> {
    /// The result of the row of totals; `within` is a row that may be part of others, so that no sum of rows is the total.
    pub(super) fn total(
        &self,
        rows: &[Claimed<'_>],
        matches: &[Match],
        total: &Claimed<'_>,
        within: Option<&str>,
    ) -> JoinedRow {
        let measured = self.measured_rows(matches).filter(|_| within.is_none());
        let sums: Vec<Option<Value>> = self
            .columns
            .iter()
            .map(|column| measured.as_ref().and_then(|measured| self.measured_sum(column, measured)))
            .collect();
        let checked = matches.iter().filter(|found| matches!(found, Match::Row(_))).count();
        let (mut compared, mut notes) = (Vec::new(), Vec::new());
        for (at, ((column, cell), actual)) in self.columns.iter().zip(&total.cells).zip(&sums).enumerate() {
            let Some(cell) = cell else { continue };
            let cells: Vec<Option<&str>> =
                rows.iter().map(|row| row.cells[at].map(|cell| cell.written.as_str())).collect();
            let added = added(column, &cells, &cell.written, within.is_none());
            let beside = |actual| column.compare(self.judged, self.claim, (total.name, &cell.written), Some(actual));
            let result = match (added, actual) {
                (Err(wrong), None) => wrong,
                // One wrong row makes no wrong total where that is what was measured.
                (Err(wrong), Some(actual)) => match beside(actual) {
                    right if right.status.is_upheld() => {
                        notes.push(format!("the claimed rows do not add up to it: {}", wrong.reason));
                        right
                    }
                    _ => wrong,
                },
                (Ok(_), Some(actual)) => beside(actual),
                (Ok(Some(adds_up)), None) if checked < rows.len() => {
                    Comparison::unverified(format!("{adds_up}; {checked} of {} rows were measured", rows.len()))
                }
                (Ok(Some(adds_up)), None) => Comparison::unverified(format!("{adds_up}; no total was measured")),
                (Ok(None), None) => Comparison::unverified(within.map_or_else(
                    || "it could not be added again from the rows".to_owned(),
                    |row| {
                        format!("what adds up to it is not clear: \"{}\" may be part of other rows", shortened(row, 60))
                    },
                )),
            };
            compared.push((column, cell.written.as_str(), actual.as_ref(), result));
        }
        let mut row = joined_row(total, compared);
        if !row.status.is_refuted() {
            row.reason = std::iter::once(row.reason).chain(notes).collect::<Vec<_>>().join("; ");
        }
        row
    }

    /// The measured rows, when every row of the document has one.
    fn measured_rows(&self, matches: &[Match]) -> Option<Vec<usize>> {
        let row = |found: &Match| match found {
            Match::Row(row) => Some(*row),
            _ => None,
        };
        let rows: Vec<usize> = matches.iter().map(row).collect::<Option<_>>()?;
        (!rows.is_empty()).then_some(rows)
    }

    /// What was measured in these rows, added up; `None` where it does not add up, or some of it is missing.
    fn measured_sum(&self, column: &Column<'_>, rows: &[usize]) -> Option<Value> {
        let table = self.measured.as_ref().ok()?.table;
        let mut values = rows.iter().map(|row| column.value(table, *row));
        let mut sum = values.next()??.clone();
        for value in values {
            sum = match (sum, value?) {
                (Value::Count(one), Value::Count(other)) => Value::Count(&one + other),
                (Value::Duration(one), Value::Duration(other)) => Value::Duration(&one + other),
                (Value::Bytes(one), Value::Bytes(other)) => Value::Bytes(&one + other),
                (Value::Fraction { part, whole }, Value::Fraction { part: more, whole: of }) => {
                    Value::Fraction { part: &part + more, whole: &whole + of }
                }
                _ => return None,
            };
        }
        matches!(sum, Value::Count(_) | Value::Duration(_) | Value::Bytes(_) | Value::Fraction { .. }).then_some(sum)
    }
}

/// Do the cells add up to what the total says? Yes and how, `None` where that cannot be said, or how they do not. Where
/// the rows are not `flat`, only what the total says of itself is looked at.
fn added(column: &Column<'_>, cells: &[Option<&str>], total: &str, flat: bool) -> Result<Option<String>, Comparison> {
    let unit = column.unit("");
    let said = |cell| quote::meant(bare(cell), unit.as_deref());
    let Some(cells) = cells.iter().map(|cell| cell.map(said)).collect::<Option<Vec<_>>>() else { return Ok(None) };
    let cells: Vec<&str> = cells.iter().map(AsRef::as_ref).collect();
    let Some(sum) = sum(&cells) else { return Ok(None) };
    let said = &said(total);
    let fraction = parse_fraction_text(said);
    if let Some(reason) = fraction.as_ref().and_then(own_percentage) {
        return Err(Comparison::new(ClaimStatus::Refuted, reason));
    }
    if !flat {
        return Ok(None);
    }
    let Some((holds, more)) = holds(column, &sum, said, fraction.as_ref()) else { return Ok(None) };
    let told = arithmetic(&cells, &sum);
    if holds {
        return Ok(Some(told));
    }
    let status = more.map_or(ClaimStatus::Refuted, |more| refuted(more, column.direction));
    Err(Comparison::new(status, format!("{told}, and the total says {}", shortened(said, MOST_QUOTED))))
}

/// Does the total stand for the sum, and if not, does it say more? `None` where the two cannot be compared.
fn holds(
    column: &Column<'_>,
    sum: &Sum,
    said: &str,
    fraction: Option<&PrintedFraction>,
) -> Option<(bool, Option<bool>)> {
    match (sum, fraction) {
        (Sum::Fraction(part, whole), Some(said)) => {
            let (ours, theirs) = (part.over(whole)?, said.part.over(&said.whole)?);
            let equal = *part == said.part && *whole == said.whole;
            Some((equal, (ours != theirs).then(|| theirs > ours)))
        }
        (Sum::Fraction(part, whole), None) => {
            let (printed, share) = (Printed::parse(said).ok()?, part.over(whole)?);
            match printed.unit {
                Unit::Ratio => {
                    let all_or_none = printed.qualifier == Qualifier::Plain
                        && (printed.value().is_zero() || *printed.value() == Number::one());
                    let stands = if all_or_none { *printed.value() == share } else { printed.stands_for(&share) };
                    Some((stands, Some(*printed.value() > share)))
                }
                Unit::One if part == whole => Some((printed.stands_for(part), Some(printed.value() > part))),
                _ => None,
            }
        }
        (Sum::Number { unit, value, readings }, _) => {
            let said = column.counted(said).ok().filter(|_| *unit == Unit::One).unwrap_or_else(|| said.to_owned());
            let printed = Printed::parse(&said).ok().filter(|printed| printed.unit == *unit)?;
            let own = [printed.readings.first()?, printed.readings.last()?];
            let meets = |(sum, own): (&Interval, &Reading)| match (&sum.low, &sum.high) {
                (Some(low), Some(high)) => own.interval.meets(low, high),
                _ => false,
            };
            Some((readings.iter().zip(own).any(meets), Some(printed.value() > value)))
        }
    }
}

/// What the cells add up to; `None` where they do not all say something that adds up.
fn sum(cells: &[&str]) -> Option<Sum> {
    if cells.is_empty() {
        return None;
    }
    let fractions: Option<Vec<PrintedFraction>> = cells.iter().map(|cell| parse_fraction_text(cell)).collect();
    if let Some(fractions) = fractions {
        let part = fractions.iter().map(|fraction| fraction.part.clone()).sum();
        return Some(Sum::Fraction(part, fractions.into_iter().map(|fraction| fraction.whole).sum()));
    }
    let printed: Vec<Printed> = cells.iter().map(|cell| Printed::parse(cell).ok()).collect::<Option<_>>()?;
    let unit = printed.first()?.unit;
    let adds = |number: &Printed| {
        let counts = number.unit != Unit::One || number.exact || number.shortened;
        let closed = matches!(number.qualifier, Qualifier::Plain | Qualifier::About);
        number.unit == unit && unit != Unit::Ratio && number.out_of.is_none() && counts && closed
    };
    if !printed.iter().all(adds) {
        return None;
    }
    // Of bytes, all with 1000 to the kilobyte, or all with 1024.
    let first: Option<Vec<&Interval>> = printed.iter().map(|p| p.readings.first().map(|r| &r.interval)).collect();
    let last: Option<Vec<&Interval>> = printed.iter().map(|p| p.readings.last().map(|r| &r.interval)).collect();
    let readings = [first?, last?].map(|intervals| added_intervals(&intervals));
    let value = printed.iter().map(|number| number.value().clone()).sum();
    Some(Sum::Number { unit, value, readings: readings.into_iter().collect::<Option<_>>()? })
}

fn added_intervals(parts: &[&Interval]) -> Option<Interval> {
    let ends = |end: fn(&Interval) -> Option<&Number>| -> Option<Number> {
        parts.iter().map(|part| end(part).cloned()).sum::<Option<Number>>()
    };
    Some(Interval::closed(ends(|part| part.low.as_ref())?, ends(|part| part.high.as_ref())?))
}

/// `44 + 42 = 86`, or `the 40 rows add up to 338`.
fn arithmetic(cells: &[&str], sum: &Sum) -> String {
    let total = match sum {
        Sum::Fraction(part, whole) => format!("{}/{}", format::count(part), format::count(whole)),
        Sum::Number { unit, value, .. } => format::quantity(value, *unit),
    };
    let term = |cell: &&str| match parse_fraction_text(cell) {
        Some(fraction) => format!("{}/{}", fraction.part_text, fraction.whole_text),
        None => shortened(cell, 20),
    };
    if cells.len() > MOST_TERMS {
        return format!("the {} rows add up to {total}", cells.len());
    }
    let terms: Vec<String> = cells.iter().map(term).collect();
    format!("{} = {total}", terms.join(" + "))
}

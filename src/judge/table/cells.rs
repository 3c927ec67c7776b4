//! One cell of a claimed table beside the measured one.

use crate::judge::claims::Judged;
use crate::judge::figures::Span;
use crate::judge::quoted::{MOST_QUOTED, Quoted};
use crate::judge::values::{Comparison, Said, own_percentage, plain};
use crate::model::claim::Claim;
use crate::model::fact::{Direction, Table, Unit, Value};
use crate::model::format::shortened;
use crate::model::judgement::ClaimStatus;
use crate::model::printed::{Printed, PrintedFraction, named_unit, parse_fraction_text};

/// Which number of `43/44` a column of counts holds.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Part,
    Whole,
}

/// A claimed column.
pub(super) struct Column<'a> {
    /// Its name in the measured table.
    pub(super) name: &'a str,
    /// Its header in the document.
    pub(super) header: &'a str,
    /// Where it stands in the document's table.
    pub(super) at: usize,
    /// Where it stands in the measured table.
    measured: Option<usize>,
    /// Where the kind has a fact of the same name, what it says of it.
    pub(super) direction: Direction,
    growing: bool,
    side: Option<Side>,
}

impl<'a> Column<'a> {
    pub(super) fn new(judged: &Judged<'_>, name: &'a str, header: &'a str, at: usize, table: Option<&Table>) -> Self {
        let spec = judged.spec(name);
        let measured = table.and_then(|table| table.columns.iter().position(|column| column == name));
        Self {
            name,
            header,
            at,
            measured,
            direction: spec.map_or(Direction::Neutral, |spec| spec.direction),
            growing: spec.is_some_and(|spec| spec.growing),
            side: table.zip(measured).and_then(|(table, measured)| side(table, measured)),
        }
    }

    /// What was measured in a row.
    pub(super) fn value<'t>(&self, table: &'t Table, row: usize) -> Option<&'t Value> {
        table.rows.get(row)?.get(self.measured?)?.as_ref()
    }

    /// The unit that its header names for bare numbers, or the name of the row does.
    pub(super) fn unit(&self, row: &str) -> Option<String> {
        named_unit([self.header, row])
    }

    /// What a cell says beside what was measured.
    pub(super) fn compare(
        &self,
        judged: &Judged<'_>,
        claim: &Claim,
        (row, written): (&str, &str),
        actual: Option<&Value>,
    ) -> Comparison {
        let Some(actual) = actual else {
            return Comparison::unverified(match self.measured {
                Some(_) => format!("{} was not measured in this row", self.name),
                None => format!("{} was not measured", self.name),
            });
        };
        let written = match actual {
            Value::Count(_) | Value::Number(_) => match self.counted(written) {
                Ok(written) => written,
                Err(unclear) => return unclear,
            },
            _ => bare(written).to_owned(),
        };
        let tolerance = claim.tolerance.as_ref().filter(|tolerance| fits(tolerance, actual));
        let unit = self.unit(row);
        let quoted = Quoted { written: &written, unit: unit.as_deref(), place: None };
        let said = Said { quoted, as_of: claim.as_of, tolerance };
        if judged.check.sample.is_some() {
            return self.sampled(judged, said, actual);
        }
        match said.as_of {
            Some(as_of) if self.growing => judged.grown(said, actual, as_of, self.direction),
            _ => plain(said, actual, self.direction),
        }
    }

    /// The one number that a cell claims where things are counted: of `44/44 (100%)` the one that this column holds.
    pub(super) fn counted(&self, written: &str) -> Result<String, Comparison> {
        let Some(fraction) = parse_fraction_text(bare(written)) else { return Ok(bare(written).to_owned()) };
        if let Some(reason) = own_percentage(&fraction) {
            return Err(Comparison::new(ClaimStatus::Refuted, reason));
        }
        let PrintedFraction { part, part_text, whole, whole_text, .. } = fraction;
        match self.side {
            Some(Side::Part) => Ok(part_text),
            Some(Side::Whole) => Ok(whole_text),
            None if part == whole => Ok(whole_text),
            None => {
                let written = shortened(written, MOST_QUOTED);
                let name = self.name;
                Err(Comparison::unverified(format!("\"{written}\" does not say which of its two numbers is {name}")))
            }
        }
    }

    /// Only a sample was measured: what was not run may still be what is claimed.
    fn sampled(&self, judged: &Judged<'_>, said: Said<'_>, actual: &Value) -> Comparison {
        let Some(sample) = &judged.sample else {
            return Comparison::unverified("spot check: it is not known how many were run");
        };
        let compared = plain(said, actual, self.direction);
        let counted = matches!(actual, Value::Count(_)) || parse_fraction_text(said.written()).is_some();
        if sample.is_complete() || (compared.status.is_upheld() && counted) {
            return compared;
        }
        let possible = match actual {
            Value::Count(number) => Some(sample.possible_count(number)),
            Value::Fraction { part, whole } => {
                let whole = sample.possible_count(whole).high;
                let most = sample.possible_count(part).high;
                part.over(&whole).zip(most.over(&whole)).map(|(low, high)| Span { low, high })
            }
            _ => None,
        };
        let ruled_out = said
            .figure_or_share(actual)
            .zip(possible)
            .is_some_and(|(figure, possible)| figure.against(&possible, self.direction).is_refuted());
        if ruled_out { compared } else { Comparison::unverified(sample.told()) }
    }
}

/// Where every row holds a count and a share that was counted: is it the part of the share, or the whole?
fn side(table: &Table, column: usize) -> Option<Side> {
    let (mut part, mut whole) = (true, true);
    for row in &table.rows {
        let Some(Some(Value::Count(count))) = row.get(column) else { continue };
        let share = row.iter().flatten().find_map(|value| match value {
            Value::Fraction { part, whole } => Some((part, whole)),
            _ => None,
        });
        if let Some((of, all)) = share {
            part &= count == of;
            whole &= count == all;
        }
    }
    match (part, whole) {
        (true, false) => Some(Side::Part),
        (false, true) => Some(Side::Whole),
        _ => None,
    }
}

/// A cell without the marks beside it: `✅ 44/44`.
pub(super) fn bare(written: &str) -> &str {
    let mark = |c: char| !c.is_alphanumeric() && !c.is_ascii();
    written.trim_matches(|c: char| c.is_whitespace() || (mark(c) && !"≤≥≈−µ".contains(c)))
}

/// May this tolerance be held against such a value? A share of it always, else only in its own unit.
fn fits(tolerance: &str, actual: &Value) -> bool {
    let unit = actual.quantity().map(|(_, unit)| unit);
    Printed::quantity(tolerance).is_some_and(|(_, own)| own == Unit::Ratio || Some(own) == unit)
}

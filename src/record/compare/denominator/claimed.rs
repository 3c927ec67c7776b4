//! Claims: one that nobody makes any more cannot be refuted. What was written, and where, is compared with the results.

use std::collections::{BTreeMap, BTreeSet};

use super::{List, Moved, Turn};
use crate::model::claim::{Actual, Claim, ListedClaim, TableClaim};
use crate::model::format::{self, and_list};
use crate::model::instant::Stamp;
use crate::model::number::Number;
use crate::model::printed::Printed;

impl List {
    /// Claims about one check, or about the score of one area.
    pub(super) fn claims(&mut self, of: &str, old: &[Claim], new: &[Claim]) {
        let (mut before, mut after) = (alike(old), alike(new));
        let keys: BTreeSet<(&str, &str)> = before.keys().chain(after.keys()).copied().collect();
        for key in keys {
            let (was, is) = (before.remove(&key).unwrap_or_default(), after.remove(&key).unwrap_or_default());
            let (by, fact) = key;
            let name = format!("{fact} by {by}");
            let counted = |list: &[&Claim]| match list.len() {
                0 => None,
                1 => Some(name.clone()),
                many => Some(format!("{name} ({many} times)")),
            };
            if was.len() != is.len() {
                let turn = Turn::rising(&is.len(), &was.len());
                self.changed(Moved::Claim, of, counted(&was), counted(&is), turn);
                continue;
            }
            for (was, is) in was.iter().zip(&is) {
                let Claim { by: _, fact: _, written: _, text: _, at: _, as_of, tolerance, table } = is;
                self.tolerance(of, &name, was.tolerance.as_deref(), tolerance.as_deref());
                self.as_of(of, &name, was.as_of, *as_of);
                let shown = |table: &Option<TableClaim>| table.as_ref().map(|table| format!("{name}, {}", rows(table)));
                let turn = columns(was.table.as_ref(), table.as_ref());
                self.changed(Moved::Claim, of, shown(&was.table), shown(table), turn);
            }
        }
    }

    /// Claims with a name of their own.
    pub(super) fn listed_claims(&mut self, old: &[ListedClaim], new: &[ListedClaim]) {
        let by_name = |claims: &'_ [ListedClaim]| -> BTreeMap<String, ListedClaim> {
            claims.iter().map(|claim| (claim.id.to_string(), claim.clone())).collect()
        };
        let (before, after) = (by_name(old), by_name(new));
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        for of in names {
            let (was, is) = (before.get(of), after.get(of));
            let places = |claim: Option<&ListedClaim>| claim.map_or(0, |claim| claim.at.len());
            let shown = |claim: &ListedClaim| format::plural(claim.at.len() as u64, "place", "places");
            let turn = Turn::rising(&places(is), &places(was));
            self.changed(Moved::Claim, of, was.map(shown), is.map(shown), turn);
            let (Some(was), Some(is)) = (was, is) else { continue };
            let ListedClaim { id: _, title: _, by: _, at: _, declared: _, actual, as_of, tolerance } = is;
            let (old, new) = (Some(beside(was.actual.as_ref())), Some(beside(actual.as_ref())));
            let turn = Turn::rising(&weight(actual.as_ref()), &weight(was.actual.as_ref()));
            self.changed(Moved::Claim, of, old, new, turn);
            self.tolerance(of, "it", was.tolerance.as_deref(), tolerance.as_deref());
            self.as_of(of, "it", was.as_of, *as_of);
        }
    }

    /// More of it accepts more. Of two that are of different units neither is called the looser.
    fn tolerance(&mut self, of: &str, name: &str, old: Option<&str>, new: Option<&str>) {
        let none = || Some((Number::zero(), None));
        let size = |tolerance: Option<&str>| match tolerance {
            None => none(),
            Some(text) => Printed::quantity(text).map(|(size, unit)| (size, Some(unit))),
        };
        let turn = match (size(old), size(new)) {
            (Some((was, one)), Some((is, other))) if one == other || was.is_zero() || is.is_zero() => {
                Turn::rising(&was, &is)
            }
            _ => Turn::Other,
        };
        let shown = |tolerance: Option<&str>| Some(format!("{name}, tolerance {}", tolerance.unwrap_or("none")));
        self.changed(Moved::Claim, of, shown(old), shown(new), turn);
    }

    /// What time explains is counted from here.
    fn as_of(&mut self, of: &str, name: &str, old: Option<Stamp>, new: Option<Stamp>) {
        let shown = |stamp: Option<Stamp>| {
            let when = stamp.map_or_else(|| "no time".to_owned(), |stamp| format::stamp(stamp, "UTC"));
            Some(format!("{name}, as of {when}"))
        };
        self.changed(Moved::Claim, of, shown(old), shown(new), Turn::Other);
    }
}

/// Claims by claimant and fact.
fn alike(claims: &[Claim]) -> BTreeMap<(&str, &str), Vec<&Claim>> {
    let mut alike: BTreeMap<_, Vec<&Claim>> = BTreeMap::new();
    for claim in claims {
        alike.entry((claim.by.as_str(), claim.fact.as_str())).or_default().push(claim);
    }
    alike
}

/// How a claimed table is read.
fn rows(table: &TableClaim) -> String {
    let TableClaim { key, matches, values, names } = table;
    let columns: Vec<String> = values.iter().map(|(column, header)| format!("{column} from \"{header}\"")).collect();
    let names: String = names.iter().map(|(name, measured)| format!(", \"{name}\" is \"{measured}\"")).collect();
    format!("{} by \"{key}\" as {matches}{names}", and_list(&columns))
}

/// A column that is no longer claimed cannot be refuted.
fn columns(old: Option<&TableClaim>, new: Option<&TableClaim>) -> Turn {
    let columns = |table: Option<&TableClaim>| -> BTreeSet<String> {
        table.map(|table| table.values.keys().cloned().collect()).unwrap_or_default()
    };
    let (was, is) = (columns(old), columns(new));
    match (was.is_subset(&is), is.is_subset(&was)) {
        (true, false) => Turn::Better,
        (false, true) => Turn::Worse,
        _ => Turn::Other,
    }
}

fn beside(actual: Option<&Actual>) -> String {
    match actual {
        Some(Actual::Fact { check, fact }) => format!("held against {fact} of {check}"),
        Some(Actual::Stated(value)) => format!("held against \"{value}\", as the audit file has it"),
        None => "held against its other places alone".to_owned(),
    }
}

/// What is measured says more than what is stated, and that more than places that agree.
const fn weight(actual: Option<&Actual>) -> u8 {
    match actual {
        Some(Actual::Fact { .. }) => 2,
        Some(Actual::Stated(_)) => 1,
        None => 0,
    }
}

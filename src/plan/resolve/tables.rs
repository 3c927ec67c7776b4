//! Claimed tables: a table of a document, every row of which is held against a row of a measured table.

use std::collections::BTreeMap;

use super::Resolver;
use super::claims::ClaimHead;
use crate::model::claim::{Claim, TableClaim};
use crate::model::fact::{FactSpec, FactType};
use crate::model::near::nearest;
use crate::plan::decode::{At, Named};
use crate::plan::node::clip;
use crate::plan::problem::Code;
use crate::plan::written::{TableWritten, Text};
use crate::probe::registry::{KINDS, KindRow};
use crate::proofread::locator::{Locator, Matcher, TableChoice, Target};

impl Resolver<'_> {
    /// The claim of a whole table.
    pub(super) fn table_claim(
        &mut self,
        written: &At<TableWritten>,
        head: &ClaimHead,
        row: &KindRow,
        facts: &[FactSpec],
        path: &str,
    ) -> Option<Claim> {
        let TableWritten { at, key, values, matches, names } = &written.value;
        let measured = self.measured_table(matches, row, facts, &format!("{path}.matches"));
        let pairs = &values.value.0;
        if pairs.is_empty() {
            let help = "Add a column of the measured table and a header of the document: `{total: Tests}`.";
            let at = format!("{path}.values");
            self.sink.error(values.span, &at, Code::Empty, "no column of the table is claimed", help);
        }
        if let Some((table, _, columns)) = &measured {
            for (column, _) in pairs.iter().filter(|(column, _)| !columns.contains(&column.value.as_str())) {
                self.no_column(column, table, columns, &format!("{path}.values"));
            }
        }
        let headers = std::iter::once(key).chain(pairs.iter().map(|(_, header)| header));
        for (header, at) in headers.clone().zip(["key"].into_iter().chain(std::iter::repeat("values"))) {
            if header.trim().is_empty() {
                let help = "Write the header as it reads in the document.";
                self.wrong(header, &format!("{path}.{at}"), Code::InvalidClaim, "a header is empty", help);
            }
        }
        let locator = self.place(at, &format!("{path}.at")).and_then(|found| {
            let table = whole_table(&found, headers);
            if table.is_none() {
                let message = "the place is not a table";
                let help = "Name the heading above it, `path#Heading`, or the table itself, `path#Heading/@table`.";
                self.sink.error(at.span, &format!("{path}.at"), Code::InvalidClaim, message, help);
            }
            table
        });
        let (table, column, _) = measured?;
        let place = self.noted(&locator?, at, &format!("{path}.at"));
        let pairs = |Named(pairs): &Named<Text>| -> BTreeMap<String, String> {
            pairs.iter().map(|(one, other)| (one.value.clone(), other.value.clone())).collect()
        };
        let table_claim = TableClaim {
            key: key.value.clone(),
            matches: column.to_owned(),
            values: pairs(&values.value),
            names: pairs(names),
        };
        Some(Claim { at: Some(place), table: Some(table_claim), ..head.claim(table) })
    }

    /// `suites.name`: a table that the kind finds, one of its columns, and all of them.
    fn measured_table(
        &self,
        matches: &Text,
        row: &KindRow,
        facts: &[FactSpec],
        path: &str,
    ) -> Option<(&'static str, &'static str, &'static [&'static str])> {
        let tables: Vec<&str> = row.tables.iter().map(|(name, _)| *name).collect();
        if tables.is_empty() {
            let kinds = KINDS.iter().filter(|row| !row.tables.is_empty()).map(|row| format!("`{}`", row.name));
            let help = format!("These kinds find one: {}.", kinds.collect::<Vec<_>>().join(", "));
            let message = format!("\"{}\" finds no table", row.name);
            self.wrong(matches, path, Code::InvalidClaim, message, &help);
            return None;
        }
        let example = row.tables.iter().filter_map(|(name, columns)| Some(format!("`{name}.{}`", columns.first()?)));
        let example = example.collect::<Vec<_>>().join(" or ");
        let Some((name, wanted)) = matches.split_once('.') else {
            let message = format!("\"{}\" is not a column of a table", clip(matches));
            self.wrong(matches, path, Code::InvalidClaim, message, &format!("Write {example}."));
            return None;
        };
        let Some((table, columns)) = row.tables.iter().find(|(table, _)| *table == name) else {
            let is_fact = facts.iter().any(|spec| spec.name == name && spec.fact_type != FactType::Table);
            let message = match is_fact {
                true => format!("\"{}\" is not a table", clip(name)),
                false => format!("\"{}\" does not find \"{}\"", row.name, clip(name)),
            };
            let near = nearest(name, tables.iter().copied()).map(|near| format!("Did you mean `{near}.{wanted}`? "));
            let help = format!("{}Write {example}.", near.unwrap_or_default());
            self.wrong(matches, path, Code::UnknownFact, message, &help);
            return None;
        };
        let Some(column) = columns.iter().find(|column| **column == wanted) else {
            let wanted = Text { value: wanted.to_owned(), span: matches.span };
            self.no_column(&wanted, table, columns, path);
            return None;
        };
        Some((table, column, columns))
    }

    fn no_column(&self, column: &Text, table: &str, columns: &[&str], path: &str) {
        let near = nearest(column, columns.iter().copied()).map(|near| format!("Did you mean `{near}`? "));
        let help = format!("{}The columns of `{table}` are: {}.", near.unwrap_or_default(), columns.join(", "));
        let message = format!("\"{table}\" has no column \"{}\"", clip(column));
        self.wrong(column, path, Code::UnknownFact, message, &help);
    }
}

/// The locator of a whole table: a section and what reads as a label stand for the table under that heading which has
/// the headers. `None` where it names something else.
fn whole_table<'a>(found: &Locator, headers: impl Iterator<Item = &'a Text>) -> Option<Locator> {
    let plain = found.number.is_none() && found.kind.is_none() && found.unit.is_none() && found.part.is_none();
    let mut table = found.clone();
    match found.target.clone() {
        Target::Table(choice) if choice != TableChoice::default() => return Some(table),
        Target::Table(_) => {}
        Target::Section if plain => {}
        Target::Label(heading) if plain => table.under.push(heading),
        _ => return None,
    }
    let has = headers.map(|header| Matcher::Text(header.trim().to_owned()));
    table.target = Target::Table(TableChoice { has: has.collect(), nth: None });
    Some(table)
}

//! Names of rows and columns: which of them mean the same.

use std::collections::HashMap;

use crate::model::fact::{Table, Value};
use crate::model::format;
use crate::model::totals;

/// A name without numbering, case, spaces and punctuation: `1. Trajectory Pool` and `trajectory_pool` are the same.
pub(super) fn normal(name: &str) -> String {
    let letters =
        |text: &str| -> String { text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect() };
    let bare = letters(without_numbering(name));
    // "%" and "#" are headers too.
    if bare.is_empty() { name.trim().to_owned() } else { bare }
}

/// `1. Name`, `(1) Name` and `1) Name` are called `Name`.
fn without_numbering(name: &str) -> &str {
    let name = name.trim_start_matches(|c: char| !c.is_alphanumeric());
    let behind = name.trim_start_matches(|c: char| c.is_ascii_digit());
    let numbered = behind.len() < name.len();
    match behind.strip_prefix(['.', ')']) {
        Some(rest) if numbered && rest.starts_with(char::is_whitespace) && !rest.trim().is_empty() => rest.trim_start(),
        _ => name,
    }
}

/// Is it the name of a row of totals? What stands in parentheses behind it says of what.
pub(super) fn is_total(name: &str) -> bool {
    let name = name.split('(').next().unwrap_or(name);
    totals::is_total(without_numbering(name))
}

/// The rows of a measured table, by name.
pub(super) struct Names<'a> {
    names: Vec<Option<String>>,
    by_normal: HashMap<String, Vec<usize>>,
    pub(super) table: &'a Table,
}

impl<'a> Names<'a> {
    pub(super) fn new(table: &'a Table, column: &str) -> Self {
        let at = table.columns.iter().position(|name| name == column);
        let name = |row: &Vec<Option<Value>>| match row.get(at?)?.as_ref()? {
            Value::Text(text) => Some(text.clone()),
            value => Some(format::value(value)),
        };
        let names: Vec<Option<String>> = table.rows.iter().map(name).collect();
        let mut by_normal: HashMap<String, Vec<usize>> = HashMap::new();
        for (row, name) in names.iter().enumerate() {
            if let Some(name) = name {
                by_normal.entry(normal(name)).or_default().push(row);
            }
        }
        Self { names, by_normal, table }
    }

    /// The rows that may be meant; those of exactly this name before those that only read alike.
    pub(super) fn find(&self, name: &str) -> Vec<usize> {
        let alike = self.by_normal.get(&normal(name)).map(Vec::as_slice).unwrap_or_default();
        let exact: Vec<usize> = alike
            .iter()
            .copied()
            .filter(|row| self.name(*row).is_some_and(|known| known.trim() == name.trim()))
            .collect();
        if exact.len() == 1 { exact } else { alike.to_vec() }
    }

    pub(super) fn name(&self, row: usize) -> Option<&str> {
        self.names.get(row)?.as_deref()
    }

    /// The names of all rows that are not among `claimed`.
    pub(super) fn others(&self, claimed: &[bool]) -> Vec<String> {
        let left = self.names.iter().zip(claimed).filter(|(_, claimed)| !**claimed);
        left.filter_map(|(name, _)| name.clone()).collect()
    }
}

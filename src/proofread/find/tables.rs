//! Tables, their rows and their cells.

use super::missing::{self, MANY, NONE, clipped, listed, nearest_to, quoted};
use super::pick::Site;
use super::{Finder, Hit};
use crate::model::quote::NotThere;
use crate::proofread::document::Table;
use crate::proofread::locator::{Column, Matcher, TableChoice};

impl Finder<'_> {
    /// The text of a cell; empty where nothing stands.
    fn text(&self, cell: Option<usize>) -> &str {
        cell.map_or("", |block| self.document.blocks[block].shown.text())
    }

    /// The same in the form in which texts are compared.
    fn normal(&self, cell: Option<usize>) -> &str {
        cell.map_or("", |block| self.document.blocks[block].normal())
    }

    fn columns_like(&self, table: &Table, header: &Matcher) -> Vec<usize> {
        let wanted = header.prepared();
        let matches = |cell: Option<usize>| wanted.matches(self.text(cell), self.normal(cell));
        (0..table.header.len()).filter(|column| matches(table.header[*column])).collect()
    }

    fn row_name<'a>(&'a self, row: &[Option<usize>]) -> &'a str {
        self.text(row.first().copied().flatten())
    }

    /// The tables that the choice and these headers leave, by their index.
    fn tables(&self, choice: &TableChoice, headers: &[&Matcher]) -> Result<Vec<usize>, NotThere> {
        let tables = &self.document.tables;
        let here: Vec<usize> = (0..tables.len()).filter(|at| self.headings.reach(tables[*at].scope)).collect();
        if here.is_empty() {
            let lines = tables.iter().map(|table| self.describe(table));
            let reason = format!("{} has no table", self.headings.name());
            let help = "Name the heading that the table stands under, or none.";
            return Err(missing::not_there(NONE, reason, listed(lines), help));
        }
        let has = |at: &usize, header: &Matcher| !self.columns_like(&tables[*at], header).is_empty();
        let wanted = || choice.has.iter().chain(headers.iter().copied());
        let fitting: Vec<usize> = here.iter().copied().filter(|at| wanted().all(|header| has(at, header))).collect();
        if fitting.is_empty() {
            let missing = wanted().find(|header| !here.iter().any(|at| has(at, header))).or_else(|| wanted().next());
            return Err(self.no_column(&here, missing));
        }
        let Some(nth) = choice.nth else { return Ok(fitting) };
        match usize::try_from(nth).ok().and_then(|nth| fitting.get(nth.checked_sub(1)?)) {
            Some(table) => Ok(vec![*table]),
            None => {
                let lines = fitting.iter().map(|at| self.describe(&tables[*at]));
                let reason =
                    format!("{} has {} such tables, and table {nth} is asked for", self.headings.name(), fitting.len());
                Err(missing::not_there(NONE, reason, listed(lines), "Say a smaller `nth`, or leave it out."))
            }
        }
    }

    fn describe(&self, table: &Table) -> String {
        let columns: Vec<String> = table.header.iter().map(|cell| clipped(self.text(*cell))).collect();
        let line = self.document.line(table.header_source.start);
        clipped_wide(&format!("table with columns {}", columns.join(", "))) + &format!(" ({line})")
    }

    fn no_column(&self, tables: &[usize], header: Option<&Matcher>) -> NotThere {
        let tables = tables.iter().map(|at| &self.document.tables[*at]);
        let lines = listed(tables.clone().map(|table| self.describe(table)));
        let Some(header) = header else {
            let reason = format!("{} has no such table", self.headings.name());
            return missing::not_there(NONE, reason, lines, "Leave out `has`.");
        };
        let headers = tables.flat_map(|table| table.header.iter().map(|cell| self.text(*cell)));
        let help = match nearest_to(header, headers) {
            Some(meant) => format!("Did {} become \"{}\"?", quoted(header), clipped(meant)),
            None => "Name a column by its header, or by its number counted from 1.".to_owned(),
        };
        let reason = format!("no table under {} has a column {}", self.headings.name(), quoted(header));
        missing::not_there(NONE, reason, lines, help)
    }

    /// The one table that is left.
    pub(super) fn only_table(&self, choice: &TableChoice, headers: &[&Matcher]) -> Result<usize, NotThere> {
        match self.tables(choice, headers)?[..] {
            [only] => Ok(only),
            ref many => {
                let lines = many.iter().map(|at| self.describe(&self.document.tables[*at]));
                let reason = format!("{} has {} such tables", self.headings.name(), many.len());
                let help = "Say which one: `has:` names columns that it has, `nth: 1` is the first.";
                Err(missing::not_there(MANY, reason, listed(lines), help))
            }
        }
    }

    pub(super) fn rows(&self, choice: &TableChoice, matching: &[(Matcher, Matcher)]) -> Result<Hit, NotThere> {
        let headers: Vec<&Matcher> = matching.iter().map(|(header, _)| header).collect();
        let index = self.only_table(choice, &headers)?;
        let table = &self.document.tables[index];
        let mut conditions = Vec::new();
        for (header, cell) in matching {
            match self.columns_like(table, header)[..] {
                [column] => conditions.push((column, cell.prepared())),
                _ => return Err(self.many_columns(table, header)),
            }
        }
        let counted = table.rows.iter().filter(|row| {
            conditions.iter().all(|(column, wanted)| {
                let cell = row.get(*column).copied().flatten();
                wanted.matches(self.text(cell), self.normal(cell))
            })
        });
        Ok(Hit::Rows { table: index, rows: counted.count() })
    }

    fn many_columns(&self, table: &Table, header: &Matcher) -> NotThere {
        let reason = format!("several columns are called {}", quoted(header));
        let help = "Name the column by its number: `col: 2` is the second.";
        missing::not_there(MANY, reason, vec![self.describe(table)], help)
    }

    pub(super) fn cell(&self, choice: &TableChoice, row: &Matcher, column: &Column) -> Result<Hit, NotThere> {
        let header: Vec<&Matcher> = match column {
            Column::Header(header) => vec![header],
            Column::Nth(_) => Vec::new(),
        };
        let tables = self.tables(choice, &header)?;
        let wanted = row.prepared();
        let mut cells = Vec::new();
        for index in &tables {
            let table = &self.document.tables[*index];
            let is_meant = |it: &&Vec<Option<usize>>| {
                let first = it.first().copied().flatten();
                wanted.matches(self.text(first), self.normal(first))
            };
            let rows: Vec<&Vec<Option<usize>>> = table.rows.iter().filter(is_meant).collect();
            if rows.is_empty() {
                continue;
            }
            let at = self.column(table, column)?;
            cells.extend(rows.iter().filter_map(|row| row.get(at).copied()));
        }
        let name = format!("cell [{} | {}]", clipped(&row.to_string()), clipped(&column.to_string()));
        if cells.is_empty() {
            return Err(self.no_row(&tables, row));
        }
        if let [None] = cells[..] {
            let help = "Name another cell.";
            return Err(missing::not_there(NONE, format!("{name} is empty"), Vec::new(), help));
        }
        let site = |block: usize| Site { block, range: 0..self.text(Some(block)).len(), name: name.clone() };
        let sites: Vec<Site> = cells.iter().flatten().map(|block| site(*block)).collect();
        if sites.len() < cells.len() {
            let places = sites.iter().map(|site| self.place(site.block, site.range.clone()));
            let help = "Some of them are empty; name the table (`has`, `nth`) or the heading.";
            return Err(missing::not_there(
                MANY,
                format!("{name} matches {} cells", cells.len()),
                listed(places),
                help,
            ));
        }
        self.pick_one(&sites, &name)
    }

    /// The place of a column, from 0.
    fn column(&self, table: &Table, column: &Column) -> Result<usize, NotThere> {
        match column {
            Column::Header(header) => match self.columns_like(table, header)[..] {
                [only] => Ok(only),
                _ => Err(self.many_columns(table, header)),
            },
            Column::Nth(nth) => {
                let at = usize::try_from(*nth).ok().and_then(|nth| nth.checked_sub(1));
                at.filter(|at| *at < table.header.len()).ok_or_else(|| {
                    let reason = format!("the table has {} columns, and column {nth} is asked for", table.header.len());
                    let help = format!("Write `\\{nth}` for a column that is called \"{nth}\".");
                    missing::not_there(NONE, reason, vec![self.describe(table)], help)
                })
            }
        }
    }

    fn no_row(&self, tables: &[usize], row: &Matcher) -> NotThere {
        let rows = || tables.iter().flat_map(|at| self.document.tables[*at].rows.iter());
        let line = |row: &[Option<usize>]| {
            let block = row.first().copied().flatten().map(|block| &self.document.blocks[block].shown);
            block.map_or(0, |shown| self.document.line(shown.start()))
        };
        let named = rows().filter(|row| !self.row_name(row).is_empty());
        let near = listed(named.map(|row| format!("row \"{}\" ({})", clipped(self.row_name(row)), line(row))));
        let help = match nearest_to(row, rows().map(|row| self.row_name(row))) {
            Some(meant) => format!("Did {} become \"{}\"?", quoted(row), clipped(meant)),
            None => "Name a row by its first cell.".to_owned(),
        };
        missing::not_there(
            NONE,
            format!("no table under {} has a row {}", self.headings.name(), quoted(row)),
            near,
            help,
        )
    }
}

/// As [`clipped`], for a line with several texts in it.
fn clipped_wide(text: &str) -> String {
    if text.chars().count() <= 160 { text.to_owned() } else { text.chars().take(160).chain(['…']).collect() }
}

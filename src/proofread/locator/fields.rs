//! A locator as the audit file may also write it: a mapping with one key for each part. The reading of YAML is elsewhere;
//! this says what the keys mean together.

use super::parse::{column_alone, is_marker};
use super::{Kind, Locator, Matcher, Part, Pattern, TableChoice, Target};
use crate::model::near::nearest;

/// The keys of a locator, as written.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Fields {
    /// `doc`: the document.
    pub doc: Option<String>,
    /// `under`: headings, outermost first.
    pub under: Vec<String>,
    /// `label`.
    pub label: Option<String>,
    /// `number`: which one, from 1.
    pub number: Option<u32>,
    /// `kind`: a word of [`Kind::ALL`].
    pub kind: Option<String>,
    /// `unit`.
    pub unit: Option<String>,
    /// `part`: a word of [`Part::ALL`].
    pub part: Option<String>,
    /// `table`: which one, or that one is meant.
    pub table: Option<TableFields>,
    /// `row`: the first cell.
    pub row: Option<String>,
    /// `col`: a header; one or two digits are the column's place.
    pub col: Option<String>,
    /// `regex`, with a group `value`.
    pub regex: Option<String>,
    /// `code`: the language of a code block; `any` for all.
    pub code: Option<String>,
    /// `line`: a regular expression with a group `value`, for lines of that block.
    pub line: Option<String>,
    /// `marker`.
    pub marker: Option<String>,
    /// `count`: only `rows` can be counted.
    pub count: Option<String>,
    /// `where`: header and cell of the rows to count.
    pub matching: Vec<(String, String)>,
}

/// The keys of `table`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct TableFields {
    /// `has`: columns that it has.
    pub has: Vec<String>,
    /// `nth`: which of those, from 1.
    pub nth: Option<u32>,
}

/// What is wrong with the keys of a locator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FieldProblem {
    /// The key: `doc`, `row`, `where` ...
    pub key: &'static str,
    /// A lower-case fragment.
    pub message: String,
    /// What to write instead, a sentence.
    pub help: String,
}

fn wrong<T>(key: &'static str, message: impl Into<String>, help: impl Into<String>) -> Result<T, FieldProblem> {
    Err(FieldProblem { key, message: message.into(), help: help.into() })
}

impl Locator {
    /// Makes a locator of its keys.
    pub fn from_fields(fields: Fields) -> Result<Self, FieldProblem> {
        let Some(doc) = fields.doc.clone().filter(|doc| !doc.trim().is_empty()) else {
            return wrong("doc", "the locator names no document", "Add `doc:` with the path of the document.");
        };
        if doc.chars().any(char::is_control) {
            return wrong("doc", "a control character stands in the path", "Write the path of the document.");
        }
        let under = fields.under.iter().map(|heading| matcher("under", heading)).collect::<Result<_, _>>()?;
        let locator = Self {
            doc: doc.trim().to_owned(),
            under,
            target: fields.target()?,
            number: fields.number,
            kind: word("kind", fields.kind.as_deref(), &Kind::ALL.map(|kind| (kind.word(), kind)))?,
            unit: unit(fields.unit)?,
            part: word("part", fields.part.as_deref(), Part::ALL)?,
        };
        if locator.number == Some(0) {
            return wrong("number", "numbers are counted from 1", "Write `number: 1` for the first.");
        }
        match locator.misfit() {
            Some((key, why)) => {
                wrong(key, format!("`{key}` has no meaning here: {why}"), format!("Leave out `{key}:`."))
            }
            None => Ok(locator),
        }
    }

    /// The keys that make this locator again.
    pub fn to_fields(&self) -> Fields {
        let mut fields = Fields {
            doc: Some(self.doc.clone()),
            under: self.under.iter().map(ToString::to_string).collect(),
            number: self.number,
            kind: self.kind.map(|kind| kind.word().to_owned()),
            unit: self.unit.clone(),
            part: self.part.map(|part| part.as_str().to_owned()),
            ..Fields::default()
        };
        let table = |table: &TableChoice| TableFields {
            has: table.has.iter().map(ToString::to_string).collect(),
            nth: table.nth,
        };
        let chosen = |choice: &TableChoice| (*choice != TableChoice::default()).then(|| table(choice));
        match &self.target {
            Target::Section => {}
            Target::Label(label) => fields.label = Some(label.to_string()),
            Target::Cell { table, row, column } => {
                fields.table = chosen(table);
                fields.row = Some(row.to_string());
                fields.col = Some(column.to_string());
            }
            Target::Regex(regex) => fields.regex = Some(regex.as_str().to_owned()),
            Target::Code { language, line } => {
                fields.code = Some(language.clone().unwrap_or_else(|| ANY.to_owned()));
                fields.line = Some(line.as_str().to_owned());
            }
            Target::Marker(name) => fields.marker = Some(name.clone()),
            Target::Rows { table, matching } => {
                fields.table = chosen(table);
                fields.count = Some("rows".to_owned());
                fields.matching =
                    matching.iter().map(|(header, cell)| (header.to_string(), cell.to_string())).collect();
            }
            Target::Table(choice) => fields.table = Some(table(choice)),
        }
        fields
    }
}

/// The word for code blocks of any language.
const ANY: &str = "any";

impl Fields {
    /// The one target that the keys name.
    fn target(&self) -> Result<Target, FieldProblem> {
        self.fits_together()?;
        let choice = || self.choice();
        if let Some(label) = &self.label {
            return matcher("label", label).map(Target::Label);
        }
        if let Some(row) = &self.row {
            let col = self.col.as_deref().unwrap_or_default();
            let column = column_alone(col)
                .or_else(|message| wrong("col", message, "Write the header, or the column's number counted from 1."))?;
            return Ok(Target::Cell { table: choice()?, row: matcher("row", row)?, column });
        }
        if let Some(regex) = &self.regex {
            return value("regex", regex).map(Target::Regex);
        }
        if let Some(code) = &self.code {
            let language = Some(code.trim().to_owned()).filter(|code| code != ANY && !code.is_empty());
            return Ok(Target::Code { language, line: value("line", self.line.as_deref().unwrap_or_default())? });
        }
        if let Some(name) = &self.marker {
            if is_marker(name) {
                return Ok(Target::Marker(name.clone()));
            }
            let help = "A marker's name has letters, digits, `-`, `_` and `.` only.";
            return wrong("marker", format!("\"{name}\" is no name of a marker"), help);
        }
        if self.count.is_some() {
            let matching = self.matching.iter();
            let matching = matching.map(|(header, cell)| Ok((matcher("where", header)?, matcher("where", cell)?)));
            return Ok(Target::Rows { table: choice()?, matching: matching.collect::<Result<_, _>>()? });
        }
        Ok(if self.table.is_some() { Target::Table(choice()?) } else { Target::Section })
    }

    /// One target only, and every key that belongs to it.
    fn fits_together(&self) -> Result<(), FieldProblem> {
        let targets = [
            ("label", self.label.is_some()),
            ("row", self.row.is_some() || self.col.is_some()),
            ("regex", self.regex.is_some()),
            ("code", self.code.is_some() || self.line.is_some()),
            ("marker", self.marker.is_some()),
            ("count", self.count.is_some() || !self.matching.is_empty()),
        ];
        let given: Vec<&'static str> = targets.iter().filter(|(_, is)| *is).map(|(name, _)| *name).collect();
        if let [first, second, ..] = given[..] {
            let help = format!("A locator names one place: leave out `{second}:`.");
            return wrong(second, format!("`{first}` and `{second}` name different places"), help);
        }
        if let (true, Some(first)) =
            (self.table.is_some(), given.first().filter(|name| !["row", "count"].contains(name)))
        {
            let help = format!("Say `row:` and `col:` with the table, or leave out `table:` beside `{first}:`.");
            return wrong("table", format!("`{first}` does not stand in a table"), help);
        }
        match (&self.row, &self.col) {
            (Some(_), None) => return wrong("row", "the row has no column", "Add `col:` with the column's header."),
            (None, Some(_)) => return wrong("col", "the column has no row", "Add `row:` with the row's first cell."),
            _ => {}
        }
        match (&self.code, &self.line) {
            (Some(_), None) => wrong("code", "no line is named", "Add `line:`, such as `'^(?P<value>\\d+)$'`."),
            (None, Some(_)) => {
                wrong("line", "no code block is named", "Add `code:` with its language, or `code: any`.")
            }
            _ => self.counts_rows(),
        }
    }

    fn counts_rows(&self) -> Result<(), FieldProblem> {
        match self.count.as_deref() {
            None if !self.matching.is_empty() => wrong("where", "nothing is counted", "Add `count: rows`."),
            Some(other) if other != "rows" => {
                wrong("count", format!("\"{other}\" cannot be counted"), "Write `count: rows`.")
            }
            _ => Ok(()),
        }
    }

    fn choice(&self) -> Result<TableChoice, FieldProblem> {
        let Some(table) = &self.table else { return Ok(TableChoice::default()) };
        if table.nth.is_some_and(|nth| !(1..=99).contains(&nth)) {
            return wrong("table", "tables are counted from 1 to 99", "Write `nth: 1` for the first.");
        }
        let has = table.has.iter().map(|header| matcher("table", header)).collect::<Result<_, _>>()?;
        Ok(TableChoice { has, nth: table.nth })
    }
}

fn matcher(key: &'static str, text: &str) -> Result<Matcher, FieldProblem> {
    let help = "Write the words as they read in the document, `text…` for their beginning, `~text` for a part, `/re/` for a \
                regular expression.";
    Matcher::parse(text).or_else(|message| wrong(key, message, help))
}

fn value(key: &'static str, source: &str) -> Result<Pattern, FieldProblem> {
    Pattern::with_value(source).or_else(|message| {
        wrong(key, message, "Write a regular expression such as `'Confidence: (?P<value>[\\d.]+)'`.")
    })
}

fn unit(unit: Option<String>) -> Result<Option<String>, FieldProblem> {
    match unit.map(|unit| unit.trim().to_owned()) {
        Some(unit) if unit.is_empty() || unit.chars().any(char::is_control) => {
            wrong("unit", "the unit is empty", "Write the unit or noun as it stands behind the number.")
        }
        unit => Ok(unit),
    }
}

fn word<T: Copy>(key: &'static str, given: Option<&str>, known: &[(&str, T)]) -> Result<Option<T>, FieldProblem> {
    let Some(given) = given else { return Ok(None) };
    if let Some((_, value)) = known.iter().find(|(name, _)| *name == given) {
        return Ok(Some(*value));
    }
    let names: Vec<&str> = known.iter().map(|(name, _)| *name).collect();
    let help = match nearest(given, names.iter().copied()) {
        Some(near) => format!("Did you mean \"{near}\"?"),
        None => format!("Write one of {}.", names.join(", ")),
    };
    wrong(key, format!("there is no {key} \"{given}\""), help)
}

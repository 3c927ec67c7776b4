//! `countersign locate`: what a number in a document is called in an audit file, and what such a name leads to.

use std::fmt::Write as _;
use std::path::Path;
use std::{fs, io};

use super::arguments::Locate;
use super::{Exit, Failure, terminal};
use crate::model::printed::odd_comma;
use crate::model::quote::{NotThere, Place, Quote};
use crate::proofread::document::{Document, MAX_BYTES, at_most};
use crate::proofread::locator::{Fields, Locator, LocatorProblem};
use crate::proofread::{MAX_NUMBERS, TooMany, find, locators_at, numbers_in};

/// How many lines above and below are looked at for numbers that may have been meant.
const NEAR: u32 = 3;

/// Prints locators, or follows one.
pub(crate) fn locate(arguments: &Locate) -> Result<Exit, Failure> {
    match (&arguments.find, &arguments.place) {
        (Some(locator), _) => follow(locator, arguments),
        (None, Some(place)) => name(place, arguments),
        (None, None) => Err(Failure::new("nothing is named", "write FILE:LINE, or --find LOCATOR")),
    }
}

fn name(place: &str, arguments: &Locate) -> Result<Exit, Failure> {
    let Spot { file, line, column } = spot(place, &arguments.root)?;
    let document = read(&arguments.root, file)?;
    let shown = terminal::visible(file);
    if line == 0 || line > document.line_count() {
        let lines = document.line_count();
        return Err(Failure::new(format!("{shown} has no line {line}"), format!("name a line from 1 to {lines}")));
    }
    let doc = file.strip_prefix("./").unwrap_or(file);
    let found = locators_at(&document, doc, line, column).map_err(|TooMany { numbers }| {
        let message =
            format!("line {line} of {shown} holds {numbers} numbers; no more than {MAX_NUMBERS} are named at once");
        Failure::new(message, format!("name one of them by its column: {shown}:{line}:COLUMN"))
    })?;
    if found.is_empty() {
        return Err(no_number(&document, &shown, line, column));
    }
    let mut text = String::new();
    for (locator, quote) in &found {
        let written = terminal::visible(&quote.written);
        if arguments.yaml {
            let _ = writeln!(text, "# {written}, column {}\n{}", quote.spot.column, flow(locator.to_fields()));
        } else if found.len() == 1 {
            let _ = writeln!(text, "{}", scalar(&locator.to_string()));
        } else {
            let _ = writeln!(text, "{}  # {written}, column {}", scalar(&locator.to_string()), quote.spot.column);
        }
    }
    terminal::data(&text)?;
    if let Some((locator, _)) = found.iter().find(|(locator, _)| locator.only_counts()) {
        let locator = terminal::visible(&locator.to_string());
        terminal::message(&format!(
            "note: `{locator}` only counts the numbers before it, and names another one when that changes; with \
             `<!--cs:NAME-->` before the number it is `{}#@marker(NAME)`\n",
            terminal::visible(doc)
        ));
    }
    Ok(Exit::Clean)
}

fn no_number(document: &Document, file: &str, line: u32, column: Option<u32>) -> Failure {
    let mut here = numbers_in(document, line..=line).peekable();
    let none_here = here.peek().is_none();
    let near = numbers_in(document, line.saturating_sub(NEAR).max(1)..=line.saturating_add(NEAR));
    let message = match column {
        Some(column) => format!("no number stands at {file}:{line}:{column}"),
        None if none_here => format!("no number stands in line {line} of {file}"),
        None => format!("no locator leads to a number in line {line} of {file}"),
    };
    let listed: Vec<Quote> = if none_here { near.take(8).collect() } else { here.take(8).collect() };
    let listed = listed
        .iter()
        .map(|quote| format!("{}:{} {}", quote.spot.line, quote.spot.column, terminal::visible(&quote.written)));
    let listed: Vec<String> = listed.collect();
    let text = document.line_text(line);
    let help = if let Some(odd) = odd_comma(&text).filter(|_| column.is_none()) {
        let odd = &text[odd];
        format!("the comma of {odd} parts no thousands: write decimals with a point, {}", odd.replace(',', "."))
    } else if listed.is_empty() {
        "write `<!--cs:NAME-->` before what is claimed, and name it `FILE.md#@marker(NAME)`".to_owned()
    } else {
        format!("near it stand {}", listed.join("; "))
    };
    Failure::new(message, help)
}

fn follow(text: &str, arguments: &Locate) -> Result<Exit, Failure> {
    let locator = Locator::parse(text).map_err(|problem| not_a_locator(text, &problem))?;
    let document = read(&arguments.root, &locator.doc)?;
    let doc = terminal::visible(&locator.doc);
    let found = match find(&document, &locator) {
        Place::Found(Quote { written, line_text, spot, .. }) => {
            let line = terminal::visible(&line_text);
            format!("{doc}:{}:{}: {}\n  {line}\n", spot.line, spot.column, terminal::visible(&written))
        }
        Place::Table(table) => {
            let columns = terminal::visible(&table.columns.join(" | "));
            format!("{doc}:{}: table of {} rows\n  {columns}\n", table.spot.line, table.rows.len())
        }
        Place::Counted { rows, spot } => format!("{doc}:{}: {rows} rows\n", spot.line),
        Place::NotFound(problem) => {
            terminal::message(&explained(&doc, &problem));
            return Ok(Exit::Conditional);
        }
    };
    terminal::data(&found)?;
    Ok(Exit::Clean)
}

fn explained(doc: &str, problem: &NotThere) -> String {
    let (bad, strong) = (terminal::BAD, terminal::STRONG);
    let reason = terminal::visible(&problem.reason);
    let mut text = format!("{doc}: {bad}{strong}error{strong:#}{bad:#}[{}]: {reason}\n", problem.code);
    for near in &problem.near {
        let _ = writeln!(text, "  {}", terminal::visible(near));
    }
    let _ = writeln!(text, "{strong}help{strong:#}: {}", terminal::visible(&problem.help));
    text
}

fn not_a_locator(text: &str, problem: &LocatorProblem) -> Failure {
    let before = terminal::visible(text.get(..problem.span.start).unwrap_or_default()).chars().count();
    let marked = terminal::visible(text.get(problem.span.clone()).unwrap_or_default()).chars().count().max(1);
    let shown = format!("  {}\n  {}{}\n", terminal::visible(text), " ".repeat(before), "^".repeat(marked));
    let message = format!("could not read the locator: {}", terminal::visible(&problem.message));
    Failure { details: Some(shown), message, help: terminal::visible(&problem.help) }
}

/// A place on the command line.
#[derive(Debug, PartialEq, Eq)]
struct Spot<'a> {
    file: &'a str,
    line: u32,
    column: Option<u32>,
}

/// Takes `FILE:LINE[:COL]` apart. A file may have colons in its name: what exists counts.
fn spot<'a>(place: &'a str, root: &Path) -> Result<Spot<'a>, Failure> {
    let split = |text: &'a str| {
        let (before, digits) = text.rsplit_once(':')?;
        Some((before, digits.parse::<u32>().ok()?)).filter(|(before, _)| !before.is_empty())
    };
    let wrong = || {
        let message = format!("\"{}\" names no line", terminal::visible(place));
        Failure::new(message, "write FILE:LINE or FILE:LINE:COLUMN, such as audit.md:58:12")
    };
    let (outer, last) = split(place).ok_or_else(wrong)?;
    match split(outer) {
        Some((file, line)) if root.join(file).exists() || !root.join(outer).exists() => {
            Ok(Spot { file, line, column: Some(last) })
        }
        _ => Ok(Spot { file: outer, line: last, column: None }),
    }
}

fn read(root: &Path, file: &str) -> Result<Document, Failure> {
    let path = root.join(file);
    let shown = terminal::visible(&path.display().to_string());
    let failed = |error: &io::Error| {
        let help = "name a Markdown file by its path; --root says where locators begin";
        Failure::new(format!("could not read {shown}: {error}"), help)
    };
    let read = fs::File::open(&path).and_then(|file| at_most(file, MAX_BYTES)).map_err(|error| failed(&error))?;
    let bytes = read.ok_or_else(|| {
        let message = format!("could not read {shown}: it is larger than {} MiB", MAX_BYTES >> 20);
        Failure::new(message, "name a smaller document")
    })?;
    Document::from_bytes(bytes)
        .map_err(|problem| Failure::new(format!("could not read {shown}: it {problem}"), "save it as UTF-8"))
}

/// A text as a YAML scalar, in quotes where YAML would read something else.
fn scalar(text: &str) -> String {
    let plain_start = |c: char| c.is_alphanumeric() || matches!(c, '/' | '.' | '_' | '~' | '(' | '^');
    let plain = text.starts_with(plain_start)
        && !text.contains(": ")
        && !text.contains(" #")
        && !text.ends_with([':', ' '])
        && !text.starts_with("~ ")
        && text != "~";
    if plain { text.to_owned() } else { format!("'{}'", text.replace('\'', "''")) }
}

/// As [`scalar`], inside braces and brackets.
fn inner(text: &str) -> String {
    let special = |c: char| !(c.is_alphanumeric() || matches!(c, ' ' | '.' | '/' | '_' | '-' | '…'));
    let number = text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '.' | '-' | ' ')) || text.ends_with(' ');
    let word = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"].contains(&text.to_lowercase().as_str());
    if text.contains(special) || number || word || text.is_empty() {
        format!("'{}'", text.replace('\'', "''"))
    } else {
        text.to_owned()
    }
}

/// The keys of a locator as a YAML flow mapping, in the order in which people write them.
fn flow(fields: Fields) -> String {
    let list = |items: &[String]| format!("[{}]", items.iter().map(|item| inner(item)).collect::<Vec<_>>().join(", "));
    let mut keys: Vec<(&str, String)> = Vec::new();
    keys.extend(fields.doc.map(|doc| ("doc", inner(&doc))));
    if !fields.under.is_empty() {
        keys.push(("under", list(&fields.under)));
    }
    let table = fields.table.map(|table| {
        let has = (!table.has.is_empty()).then(|| format!("has: {}", list(&table.has)));
        let nth = table.nth.map(|nth| format!("nth: {nth}"));
        format!("{{{}}}", has.into_iter().chain(nth).collect::<Vec<_>>().join(", "))
    });
    keys.extend(table.map(|table| ("table", table)));
    let texts = [
        ("label", fields.label),
        ("row", fields.row),
        ("col", fields.col),
        ("regex", fields.regex),
        ("code", fields.code),
        ("line", fields.line),
        ("marker", fields.marker),
    ];
    keys.extend(texts.into_iter().filter_map(|(key, text)| Some((key, inner(&text?)))));
    keys.extend(fields.number.map(|number| ("number", number.to_string())));
    let narrowings = [("kind", fields.kind), ("unit", fields.unit), ("part", fields.part)];
    keys.extend(narrowings.into_iter().filter_map(|(key, text)| Some((key, inner(&text?)))));
    let keys: Vec<String> = keys.into_iter().map(|(key, value)| format!("{key}: {value}")).collect();
    format!("{{{}}}", keys.join(", "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_place_is_taken_apart_from_its_end() {
        let root = Path::new("/nowhere");
        let of = |place| spot(place, root).map(|Spot { file, line, column }| (file, line, column)).ok();
        assert_eq!(of("a.md:58:12"), Some(("a.md", 58, Some(12))));
        assert_eq!(of("a:b.md:58"), Some(("a:b.md", 58, None)));
        for wrong in ["a.md", "a.md:", "a.md:x", ":5", "a.md:99999999999"] {
            assert_eq!(of(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn what_is_printed_can_be_pasted_into_yaml() {
        for text in ["a.md#Task 1…/Claimed:1", "a.md#x: y/z", "a.md# #x", "a.md#it's: x", "'x", "a.md#x:", "{a}"] {
            let read: String = serde_saphyr::from_str(&format!("at: {}", scalar(text)))
                .map(|read: std::collections::BTreeMap<String, String>| read["at"].clone())
                .expect("YAML");
            assert_eq!(read, text);
            let read: std::collections::BTreeMap<String, Vec<String>> =
                serde_saphyr::from_str(&format!("at: [{}]", inner(text))).expect("YAML");
            assert_eq!(read["at"], [text]);
        }
    }
}

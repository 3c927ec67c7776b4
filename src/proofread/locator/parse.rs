//! Reading the short form, character by character, so that every problem names its part. The grammar stands in the
//! documentation of the module above.

use std::ops::Range;

use super::{Column, Kind, Locator, LocatorProblem, Matcher, Part, Pattern, TableChoice, Target};
use crate::model::near::nearest;
use crate::proofread::normal::normal;

/// Longer short forms are refused.
const MAX_TEXT: usize = 4_000;
/// More headings than this are refused.
const MAX_UNDER: usize = 64;

type Parsed<T> = Result<T, LocatorProblem>;

/// Reads a short form.
pub(super) fn locator(text: &str) -> Parsed<Locator> {
    let mut reader = Reader { text, at: 0 };
    if text.len() > MAX_TEXT {
        return reader.wrong(
            0..0,
            "the locator is too long",
            "Name fewer headings, or only their beginnings (`Task 1…`).",
        );
    }
    if let Some((at, c)) = text.char_indices().find(|(_, c)| c.is_control()) {
        let help = "Write the locator on one line, without tabs.";
        return reader.wrong(at..at + c.len_utf8(), "a control character stands in the locator", help);
    }
    let doc = reader.word(&['#'])?;
    let name = doc.text();
    if name.is_empty() {
        return reader.wrong(0..0, "the locator names no document", "Write `FILE.md#Heading/Label`.");
    }
    if !reader.eat("#") {
        let help = format!("Write `{name}#Heading/Label`; `countersign locate {name}:LINE` prints it.");
        return reader.wrong(0..text.len(), &format!("\"{name}\" names a document and no place in it"), &help);
    }
    let mut found = Locator {
        doc: name,
        under: Vec::new(),
        target: Target::Section,
        number: None,
        kind: None,
        unit: None,
        part: None,
    };
    found.target = reader.path(&mut found.under)?;
    reader.narrowings(&mut found)?;
    if let Some((name, why)) = found.misfit() {
        let help = format!("Leave out the {name}.");
        return reader.wrong(0..text.len(), &format!("the locator narrows by {name}, but {why}"), &help);
    }
    Ok(found)
}

/// Reads a matcher that is all of a text.
pub(super) fn matcher_alone(text: &str) -> Result<Matcher, String> {
    if text.chars().any(char::is_control) {
        return Err("a control character stands in it".to_owned());
    }
    let mut reader = Reader { text, at: 0 };
    let read = reader.matcher(&[]).and_then(|matcher| {
        if reader.rest().is_empty() {
            return Ok(matcher);
        }
        let help = "Write `\\/` for a slash that belongs to it.";
        reader.wrong(reader.at..text.len(), "something follows the end of the regular expression", help)
    });
    read.map_err(|problem| problem.message)
}

/// Reads a column that is all of a text: one or two digits are its place.
pub(super) fn column_alone(text: &str) -> Result<Column, String> {
    match position(text) {
        Some(0) => Err("columns are counted from 1".to_owned()),
        Some(nth) => Ok(Column::Nth(nth)),
        None => matcher_alone(text).map(Column::Header),
    }
}

/// Would this text be read as a place among columns or tables?
pub(super) fn is_position(text: &str) -> bool {
    position(text).is_some()
}

fn position(text: &str) -> Option<u32> {
    let digits = (1..=2).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| text.parse().ok()).flatten()
}

/// Characters, each with where it stands and whether a `\` stands before it.
struct Word {
    chars: Vec<(char, bool)>,
    span: Range<usize>,
}

impl Word {
    fn text(&self) -> String {
        self.chars.iter().map(|(c, _)| c).collect()
    }

    fn ends_with(&self, mark: &str) -> bool {
        let wanted = mark.chars().count();
        let from = self.chars.len().saturating_sub(wanted);
        self.chars.len() >= wanted && self.chars[from..].iter().copied().eq(mark.chars().map(|c| (c, false)))
    }

    fn starts_with(&self, mark: char) -> bool {
        self.chars.first() == Some(&(mark, false))
    }

    /// The place among columns or tables, unless a digit is escaped.
    fn position(&self) -> Option<u32> {
        let bare = self.chars.iter().all(|(_, escaped)| !escaped);
        bare.then(|| position(&self.text())).flatten()
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Reader<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn eat(&mut self, mark: &str) -> bool {
        let is = self.rest().starts_with(mark);
        self.at += if is { mark.len() } else { 0 };
        is
    }

    fn wrong<T>(&self, span: Range<usize>, message: &str, help: &str) -> Parsed<T> {
        Err(LocatorProblem { message: message.to_owned(), help: help.to_owned(), span })
    }

    /// Everything up to an unescaped mark or the end, without the white space around it.
    fn word(&mut self, marks: &[char]) -> Parsed<Word> {
        let start = self.at;
        let mut chars = Vec::new();
        let mut rest = self.rest().char_indices();
        let mut end = self.text.len();
        while let Some((at, c)) = rest.next() {
            if marks.contains(&c) {
                end = start + at;
                break;
            }
            if c != '\\' {
                chars.push((c, false));
                continue;
            }
            let Some((_, next)) = rest.next() else {
                let help = "Write `\\\\` for a backslash.";
                return self.wrong(start + at..self.text.len(), "a single \\ stands at the end", help);
            };
            chars.push((next, true));
        }
        self.at = end;
        let space = |(c, escaped): &(char, bool)| c.is_whitespace() && !escaped;
        let trailing = chars.iter().rev().take_while(|c| space(c)).count();
        chars.truncate(chars.len() - trailing);
        let leading = chars.iter().take_while(|c| space(c)).count();
        chars.drain(..leading);
        Ok(Word { chars, span: start..end })
    }

    /// A regular expression between slashes, the first of which is the next character.
    fn pattern(&mut self, needs_value: bool) -> Parsed<Pattern> {
        let start = self.at;
        let inner = &self.rest()[1..];
        let mut escaped = false;
        let end = inner.char_indices().find(|(_, c)| {
            let ends = *c == '/' && !escaped;
            escaped = *c == '\\' && !escaped;
            ends
        });
        let Some((end, _)) = end else {
            let help = "End it with `/`; a slash inside is written `\\/`.";
            return self.wrong(start..self.text.len(), "the regular expression has no end", help);
        };
        self.at = start + 1 + end + 1;
        let source = &inner[..end];
        let made = if needs_value { Pattern::with_value(source) } else { Pattern::new(source) };
        made.or_else(|message| {
            let help = if needs_value {
                "Write for example `/Confidence: (?P<value>[\\d.]+)/`."
            } else {
                "Write for example `/^Task \\d+/`."
            };
            self.wrong(start..self.at, &message, help)
        })
    }

    /// A matcher up to a mark or the end.
    fn matcher(&mut self, marks: &[char]) -> Parsed<Matcher> {
        if self.rest().starts_with('/') {
            return self.pattern(false).map(Matcher::Regex);
        }
        let word = self.word(marks)?;
        self.matcher_of(word)
    }

    fn matcher_of(&self, mut word: Word) -> Parsed<Matcher> {
        let contains = word.starts_with('~');
        let cut = ["…", "..."].into_iter().find(|mark| !contains && word.ends_with(mark));
        if contains {
            word.chars.remove(0);
            let leading = word.chars.iter().take_while(|(c, escaped)| c.is_whitespace() && !escaped).count();
            word.chars.drain(..leading);
        }
        if let Some(mark) = cut {
            word.chars.truncate(word.chars.len() - mark.chars().count());
            let space = |(c, escaped): &&(char, bool)| c.is_whitespace() && !escaped;
            let trailing = word.chars.iter().rev().take_while(space).count();
            word.chars.truncate(word.chars.len() - trailing);
        }
        let text = word.text();
        if normal(&text).is_empty() {
            let help = "Write the words as they read in the document; pictures alone are not compared.";
            let message = if text.is_empty() {
                "a part of the locator is empty".to_owned()
            } else {
                format!("\"{text}\" has no words")
            };
            return self.wrong(word.span, &message, help);
        }
        Ok(match (contains, cut) {
            (true, _) => Matcher::Contains(text),
            (_, Some(_)) => Matcher::Prefix(text),
            _ => Matcher::Text(text),
        })
    }

    /// The headings, and what is named under them; stops at the first narrowing.
    fn path(&mut self, under: &mut Vec<Matcher>) -> Parsed<Target> {
        loop {
            if under.len() > MAX_UNDER {
                return self.wrong(
                    0..self.at,
                    "the locator names too many headings",
                    "Name only those that are needed.",
                );
            }
            let rest = self.rest().trim_start();
            self.at = self.text.len() - rest.len();
            match rest.chars().next() {
                None | Some(':') if !self.has_more_segments() => return Ok(Target::Section),
                Some('[' | '@') => return self.marked(),
                Some('/') => {
                    let pattern = Matcher::Regex(self.pattern(false)?);
                    if !self.eat("/") {
                        return Ok(Target::Label(pattern));
                    }
                    under.push(pattern);
                }
                _ => {
                    let start = self.at;
                    let word = self.word(&['/'])?;
                    if self.eat("/") {
                        under.push(self.matcher_of(word)?);
                        continue;
                    }
                    // The last one: a colon in it begins a narrowing.
                    self.at = start;
                    let word = self.word(&[':'])?;
                    return self.matcher_of(word).map(Target::Label);
                }
            }
        }
    }

    /// Does an unescaped slash follow?
    fn has_more_segments(&self) -> bool {
        let mut escaped = false;
        self.rest().chars().any(|c| {
            let slash = c == '/' && !escaped;
            escaped = c == '\\' && !escaped;
            slash
        })
    }

    /// What begins with `[` or `@`.
    fn marked(&mut self) -> Parsed<Target> {
        let start = self.at;
        if self.rest().starts_with('[') {
            return self.cell(TableChoice::default());
        }
        self.at += 1;
        let name: String = self.rest().chars().take_while(char::is_ascii_alphabetic).collect();
        self.at += name.len();
        match name.as_str() {
            "table" => {
                let table = self.choice()?;
                if self.rest().starts_with('[') {
                    self.cell(table)
                } else if self.eat("@rows") {
                    self.rows(table)
                } else {
                    Ok(Target::Table(table))
                }
            }
            "rows" => self.rows(TableChoice::default()),
            "regex" => Ok(Target::Regex(self.value_pattern("regex")?)),
            "code" => {
                let language = if self.eat("(") { Some(self.inside(')', "language")?) } else { None };
                Ok(Target::Code { language, line: self.value_pattern("code")? })
            }
            "marker" => {
                if !self.eat("(") {
                    let help = "Write `@marker(NAME)` for `<!--cs:NAME-->`.";
                    return self.wrong(start..self.at, "the marker has no name", help);
                }
                let from = self.at;
                let name = self.inside(')', "marker")?;
                if !is_marker(&name) {
                    let help = "A marker's name has letters, digits, `-`, `_` and `.` only.";
                    return self.wrong(from..self.at, &format!("\"{name}\" is no name of a marker"), help);
                }
                Ok(Target::Marker(name))
            }
            _ => {
                let known = ["table", "rows", "regex", "code", "marker"];
                let help = match nearest(&name, known) {
                    Some(known) => format!("Did you mean `@{known}`? Write `\\@` for an @ that belongs to a label."),
                    None => "After @ may stand table, rows, regex, code or marker; write `\\@` for an @ that belongs to a label.".to_owned(),
                };
                self.wrong(start..self.at, &format!("\"@{name}\" is not known"), &help)
            }
        }
    }

    /// A text up to `end`, which is eaten.
    fn inside(&mut self, end: char, what: &str) -> Parsed<String> {
        let word = self.word(&[end])?;
        self.close(end, word.span.start)?;
        let text = word.text();
        if text.is_empty() {
            return self.wrong(word.span, &format!("the {what} is empty"), "Leave out the brackets, or name it.");
        }
        Ok(text)
    }

    fn close(&mut self, end: char, from: usize) -> Parsed<()> {
        if self.eat(end.encode_utf8(&mut [0; 4])) {
            return Ok(());
        }
        let span = from.min(self.text.len())..self.text.len();
        self.wrong(
            span,
            &format!("a `{end}` is missing"),
            "Write `\\[` or `\\@` where it is not meant to begin something.",
        )
    }

    fn value_pattern(&mut self, word: &str) -> Parsed<Pattern> {
        if self.rest().starts_with('/') {
            return self.pattern(true);
        }
        let help = format!("Write `@{word}/Confidence: (?P<value>[\\d.]+)/`.");
        self.wrong(self.at..self.text.len(), &format!("`@{word}` has no regular expression"), &help)
    }

    fn cell(&mut self, table: TableChoice) -> Parsed<Target> {
        let start = self.at;
        self.at += 1;
        let row = self.matcher(&['|', ']'])?;
        if !self.eat("|") {
            let help = "Write `[ROW|COLUMN]`; write `\\[` for a bracket that belongs to a heading or label.";
            return self.wrong(start..self.at, "the cell has no column", help);
        }
        let column = self.column(&[']', '|'])?;
        self.close(']', start)?;
        Ok(Target::Cell { table, row, column })
    }

    fn column(&mut self, marks: &[char]) -> Parsed<Column> {
        if self.rest().starts_with('/') {
            return self.matcher(marks).map(Column::Header);
        }
        let word = self.word(marks)?;
        match word.position() {
            Some(0) => self.wrong(word.span, "columns and tables are counted from 1", "Write a number from 1 to 99."),
            Some(nth) => Ok(Column::Nth(nth)),
            None => self.matcher_of(word).map(Column::Header),
        }
    }

    /// What stands in brackets after `@table`.
    fn choice(&mut self) -> Parsed<TableChoice> {
        let mut table = TableChoice::default();
        let start = self.at;
        if !self.eat("(") {
            return Ok(table);
        }
        loop {
            match self.column(&['|', ')'])? {
                Column::Header(header) => table.has.push(header),
                Column::Nth(nth) => {
                    table.nth = Some(nth);
                    self.close(')', start)?;
                    return Ok(table);
                }
            }
            if !self.eat("|") {
                self.close(')', start)?;
                return Ok(table);
            }
        }
    }

    /// What stands in brackets after `@rows`.
    fn rows(&mut self, table: TableChoice) -> Parsed<Target> {
        let mut matching = Vec::new();
        let start = self.at;
        if self.eat("(") {
            loop {
                let header = self.matcher(&['=', '|', ')'])?;
                if !self.eat("=") {
                    let help = "Write `@rows(HEADER=CELL)`.";
                    return self.wrong(start..self.at, "a condition on rows has no `=`", help);
                }
                matching.push((header, self.matcher(&['|', ')'])?));
                if !self.eat("|") {
                    self.close(')', start)?;
                    break;
                }
            }
        }
        Ok(Target::Rows { table, matching })
    }

    /// `:2:numerator:unit=rules`, up to the end.
    fn narrowings(&mut self, found: &mut Locator) -> Parsed<()> {
        while !self.rest().is_empty() {
            let start = self.at;
            if !self.eat(":") {
                let help =
                    "A heading that begins with `[` or `@` is written with `\\` before it; narrowings begin with `:`.";
                return self.wrong(start..self.text.len(), "something follows the end of the locator", help);
            }
            let word = self.word(&[':'])?;
            let (text, span) = (word.text(), start..self.at);
            let twice = match text.split_once('=') {
                // `Claimed:`, as it stands in the document.
                None if text.is_empty() && self.rest().is_empty() => false,
                Some(("kind", name)) => found.kind.replace(self.kind(name, &span)?).is_some(),
                Some(("unit", unit)) if !unit.trim().is_empty() => found.unit.replace(unit.to_owned()).is_some(),
                _ => match (text.parse(), Part::parse(&text)) {
                    (Ok(number @ 1..), _) => found.number.replace(number).is_some(),
                    (_, Some(part)) => found.part.replace(part).is_some(),
                    _ => return self.unknown(&text, span),
                },
            };
            if twice {
                return self.wrong(span, &format!("\"{text}\" narrows again what is narrowed already"), "Say it once.");
            }
        }
        Ok(())
    }

    fn kind(&self, name: &str, span: &Range<usize>) -> Parsed<Kind> {
        let known = || Kind::ALL.into_iter().map(Kind::word);
        Kind::named(name).map_or_else(
            || {
                let help = match nearest(name, known()) {
                    Some(near) => format!("Did you mean \"{near}\"?"),
                    None => format!("The kinds are {}.", known().collect::<Vec<_>>().join(", ")),
                };
                self.wrong(span.clone(), &format!("there is no kind of number \"{name}\""), &help)
            },
            Ok,
        )
    }

    fn unknown<T>(&self, text: &str, span: Range<usize>) -> Parsed<T> {
        let parts = Part::ALL.iter().map(|(name, _)| *name);
        let help = match nearest(text, parts.chain(["unit=", "kind="])) {
            Some(near) => format!("Did you mean `:{near}`? A colon that belongs to the label is written `\\:`."),
            None => "A colon that belongs to the label is written `\\:`; narrowings are `:2`, `:numerator`, `:denominator`, \
                     `:percent`, `:low`, `:high`, `:text`, `:unit=WORD` and `:kind=WORD`."
                .to_owned(),
        };
        self.wrong(span, &format!("\"{text}\" is no narrowing"), &help)
    }
}

/// Is it the name of a marker?
pub(super) fn is_marker(name: &str) -> bool {
    !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '.'))
}

//! The canonical short form: what [`Locator::parse`] reads back as the same locator.

use std::fmt;
use std::fmt::Write as _;

use super::{Column, Locator, Matcher, Pattern, TableChoice, Target};

impl fmt::Display for Locator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        escaped(f, &self.doc, &['#'])?;
        f.write_char('#')?;
        for heading in &self.under {
            matcher(f, heading, &['/'], &['[', '@'])?;
            f.write_char('/')?;
        }
        target(f, &self.target)?;
        if let Some(number) = self.number {
            write!(f, ":{number}")?;
        }
        if let Some(part) = self.part {
            write!(f, ":{}", part.as_str())?;
        }
        if let Some(kind) = self.kind {
            write!(f, ":kind={}", kind.word())?;
        }
        if let Some(unit) = &self.unit {
            f.write_str(":unit=")?;
            escaped(f, unit, &['/', ':'])?;
        }
        Ok(())
    }
}

impl fmt::Display for Matcher {
    /// As it stands alone, in a key of the audit file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        matcher(f, self, &[], &[])
    }
}

impl fmt::Display for Column {
    /// As it stands alone, in a key of the audit file.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        column(f, self, &[])
    }
}

fn target(f: &mut fmt::Formatter<'_>, target: &Target) -> fmt::Result {
    match target {
        Target::Section => Ok(()),
        Target::Label(label) => matcher(f, label, &['/', ':'], &['[', '@']),
        Target::Cell { table, row, column: at } => {
            if *table != TableChoice::default() {
                choice(f, table)?;
            }
            f.write_char('[')?;
            matcher(f, row, &['|', ']'], &[])?;
            f.write_char('|')?;
            column(f, at, &[']', '|'])?;
            f.write_char(']')
        }
        Target::Regex(expression) => {
            f.write_str("@regex")?;
            pattern(f, expression)
        }
        Target::Code { language, line } => {
            f.write_str("@code")?;
            if let Some(language) = language {
                f.write_char('(')?;
                escaped(f, language, &[')'])?;
                f.write_char(')')?;
            }
            pattern(f, line)
        }
        Target::Marker(name) => write!(f, "@marker({name})"),
        Target::Table(table) => choice(f, table),
        Target::Rows { table, matching } => {
            if *table != TableChoice::default() {
                choice(f, table)?;
            }
            f.write_str("@rows")?;
            for (index, (header, cell)) in matching.iter().enumerate() {
                f.write_char(if index == 0 { '(' } else { '|' })?;
                matcher(f, header, &['=', '|', ')'], &[])?;
                f.write_char('=')?;
                matcher(f, cell, &['|', ')'], &[])?;
            }
            f.write_str(if matching.is_empty() { "" } else { ")" })
        }
    }
}

fn choice(f: &mut fmt::Formatter<'_>, table: &TableChoice) -> fmt::Result {
    f.write_str("@table")?;
    if *table == TableChoice::default() {
        return Ok(());
    }
    for (index, header) in table.has.iter().enumerate() {
        f.write_char(if index == 0 { '(' } else { '|' })?;
        position_or(f, header, &['|', ')'])?;
    }
    if let Some(nth) = table.nth {
        write!(f, "{}{nth}", if table.has.is_empty() { '(' } else { '|' })?;
    }
    f.write_char(')')
}

fn column(f: &mut fmt::Formatter<'_>, column: &Column, marks: &[char]) -> fmt::Result {
    match column {
        Column::Nth(nth) => write!(f, "{nth}"),
        Column::Header(header) => position_or(f, header, marks),
    }
}

/// A header where one or two digits alone would be a position.
fn position_or(f: &mut fmt::Formatter<'_>, header: &Matcher, marks: &[char]) -> fmt::Result {
    if matches!(header, Matcher::Text(text) if super::parse::is_position(text)) {
        f.write_char('\\')?;
    }
    matcher(f, header, marks, &[])
}

/// A matcher; `marks` end it where it stands, `first` would mean something at its beginning.
fn matcher(f: &mut fmt::Formatter<'_>, matcher: &Matcher, marks: &[char], first: &[char]) -> fmt::Result {
    match matcher {
        Matcher::Regex(expression) => pattern(f, expression),
        Matcher::Contains(text) => {
            f.write_char('~')?;
            escaped(f, text, marks)
        }
        Matcher::Text(text) | Matcher::Prefix(text) => {
            if text.starts_with(|c| c == '~' || c == '/' && !marks.contains(&'/') || first.contains(&c)) {
                f.write_char('\\')?;
            }
            if matches!(matcher, Matcher::Prefix(_)) {
                escaped(f, text, marks)?;
                return f.write_char('…');
            }
            match (text.strip_suffix('…'), text.strip_suffix("...")) {
                (Some(before), _) => {
                    escaped(f, before, marks)?;
                    f.write_str("\\…")
                }
                (_, Some(before)) => {
                    escaped(f, before, marks)?;
                    f.write_str("..\\.")
                }
                _ => escaped(f, text, marks),
            }
        }
    }
}

fn pattern(f: &mut fmt::Formatter<'_>, pattern: &Pattern) -> fmt::Result {
    f.write_char('/')?;
    let mut chars = pattern.as_str().chars();
    while let Some(c) = chars.next() {
        match c {
            '\\' => {
                f.write_char(c)?;
                f.write_str(chars.next().map(String::from).unwrap_or_default().as_str())?;
            }
            '/' => f.write_str("\\/")?,
            _ => f.write_char(c)?,
        }
    }
    f.write_char('/')
}

fn escaped(f: &mut fmt::Formatter<'_>, text: &str, marks: &[char]) -> fmt::Result {
    let last = text.char_indices().next_back().map_or(0, |(at, _)| at);
    for (at, c) in text.char_indices() {
        // White space at the ends would be taken away.
        if c == '\\' || marks.contains(&c) || ((at == 0 || at == last) && c.is_whitespace()) {
            f.write_char('\\')?;
        }
        f.write_char(c)?;
    }
    Ok(())
}

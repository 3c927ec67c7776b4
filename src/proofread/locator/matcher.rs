//! How a heading, a label, a header or a cell is recognised. Only the comparing; the short form's escapes are read and
//! written in `parse` and `print`.

use std::fmt;

use regex::{Regex, RegexBuilder};

use crate::proofread::normal::{collapsed, normal};

/// Compiled expressions larger than this are refused: an audit file may come from anybody.
const MAX_COMPILED: usize = 1 << 20;

/// A way to recognise a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Matcher {
    /// The whole text, both in their normal form.
    Text(String),
    /// A part of it, both in their normal form.
    Contains(String),
    /// Its beginning, both in their normal form. A number is never cut in two: `Task 1…` is not `Task 12`.
    Prefix(String),
    /// A regular expression that matches somewhere in the rendered text.
    Regex(Pattern),
}

/// A regular expression that is known to be one.
#[derive(Clone)]
pub struct Pattern {
    source: String,
    regex: Regex,
}

impl Pattern {
    /// Compiles an expression. The error says what is wrong, a lower-case fragment.
    pub fn new(source: &str) -> Result<Self, String> {
        if source.chars().any(char::is_control) {
            return Err("a control character stands in the regular expression".to_owned());
        }
        let source = without_escaped_slashes(source);
        if source.is_empty() {
            return Err("the regular expression is empty".to_owned());
        }
        let built = RegexBuilder::new(&source).size_limit(MAX_COMPILED).build();
        match built {
            Ok(regex) => Ok(Self { source, regex }),
            Err(regex::Error::CompiledTooBig(_)) => Err("the regular expression is too large".to_owned()),
            Err(error) => {
                // The library draws the expression over several lines; the last says what is wrong.
                let text = error.to_string();
                let last = text.lines().last().unwrap_or_default().trim_start_matches("error: ");
                Err(format!("\"{source}\" is no regular expression: {last}"))
            }
        }
    }

    /// As [`Self::new`]; it must have a group named `value`, which is what is quoted.
    pub fn with_value(source: &str) -> Result<Self, String> {
        let pattern = Self::new(source)?;
        if pattern.regex.capture_names().flatten().any(|name| name == "value") {
            Ok(pattern)
        } else {
            Err(format!("\"{source}\" has no group named \"value\""))
        }
    }

    /// The expression as written.
    pub fn as_str(&self) -> &str {
        &self.source
    }

    /// The compiled expression.
    pub fn regex(&self) -> &Regex {
        &self.regex
    }
}

impl PartialEq for Pattern {
    fn eq(&self, other: &Self) -> bool {
        self.source == other.source
    }
}

impl Eq for Pattern {}

impl fmt::Debug for Pattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "/{}/", self.source)
    }
}

/// `\/` and `/` mean the same; only one of them is kept, so that equal expressions are equal.
fn without_escaped_slashes(source: &str) -> String {
    let mut out = String::with_capacity(source.len());
    let mut chars = source.chars();
    while let Some(c) = chars.next() {
        match (c, c == '\\') {
            (_, true) => match chars.next() {
                Some('/') => out.push('/'),
                Some(next) => out.extend(['\\', next]),
                None => out.push('\\'),
            },
            (c, false) => out.push(c),
        }
    }
    out
}

impl Matcher {
    /// Reads a matcher as it stands alone, in a key of the audit file: `text`, `text…`, `~text` or `/re/`. The error is
    /// a lower-case fragment.
    pub fn parse(text: &str) -> Result<Self, String> {
        super::parse::matcher_alone(text)
    }

    /// Does it recognise a rendered text? For many texts, prepare it once.
    pub fn matches(&self, rendered: &str) -> bool {
        self.prepared().matches(rendered, &normal(rendered))
    }

    /// Makes it ready to be compared with many texts.
    pub fn prepared(&self) -> Prepared<'_> {
        Prepared(match self {
            Self::Text(text) => Form::Text(normal(text)),
            Self::Contains(text) => Form::Contains(normal(text)),
            Self::Prefix(text) => Form::Prefix(normal(text)),
            Self::Regex(pattern) => Form::Regex(&pattern.regex),
        })
    }
}

/// A matcher whose own text is in its normal form.
pub struct Prepared<'a>(Form<'a>);

enum Form<'a> {
    Text(String),
    Contains(String),
    Prefix(String),
    Regex(&'a Regex),
}

impl Prepared<'_> {
    /// Does it recognise a text, given as rendered and in its normal form?
    pub fn matches(&self, rendered: &str, normal: &str) -> bool {
        match &self.0 {
            Form::Text(text) => text == normal,
            Form::Contains(text) => normal.contains(text.as_str()),
            Form::Prefix(text) => normal.strip_prefix(text.as_str()).is_some_and(|rest| {
                let cut =
                    text.ends_with(|c: char| c.is_ascii_digit()) && rest.starts_with(|c: char| c.is_ascii_digit());
                !cut
            }),
            Form::Regex(regex) => regex.is_match(&collapsed(rendered)),
        }
    }
}

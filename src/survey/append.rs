//! Adds a check to an audit file as text: everything that stands there stays, byte for byte. Where the list ends is told by
//! the YAML parser; whether the result means what it should is for the caller to load and see.

use granit_parser::{Event, Parser, Span, StrInput};

use super::flow::{Placeholders, scalar};
use super::usual;
use super::written::CheckText;
use crate::model::audit::text::{MAX_BYTES, MAX_DEPTH};

/// Why a check cannot be added.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AppendProblem {
    /// It is not YAML.
    #[error("it cannot be read as YAML: {0}")]
    NotYaml(String),
    /// The list is an alias, or comes out of a merge: a check added to it would be added elsewhere, too.
    #[error("the checks of \"{0}\" stand elsewhere in the file")]
    Elsewhere(String),
}

impl AppendProblem {
    /// What to do about it.
    pub const fn help(&self) -> &'static str {
        match self {
            Self::NotYaml(_) => "`countersign lint` says what is wrong with it",
            Self::Elsewhere(_) => "add the check by hand, or name another area with `--area`",
        }
    }
}

/// A value and its place.
#[derive(Debug)]
struct Node {
    start: usize,
    /// The byte after its last; of a block collection, after what stands last in it.
    end: usize,
    /// Is it a collection between brackets?
    flow: bool,
    what: What,
}

#[derive(Debug)]
enum What {
    Scalar(String),
    List(Vec<Node>),
    Mapping(Vec<(Node, Node)>),
    Other,
}

impl Node {
    fn get(&self, wanted: &str) -> Option<&Self> {
        let What::Mapping(entries) = &self.what else { return None };
        entries.iter().find(|(key, _)| key.text() == Some(wanted)).map(|(_, value)| value)
    }

    fn text(&self) -> Option<&str> {
        match &self.what {
            What::Scalar(text) => Some(text),
            _ => None,
        }
    }

    fn items(&self) -> Option<&[Self]> {
        match &self.what {
            What::List(items) => Some(items),
            _ => None,
        }
    }
}

/// Does the file declare this area?
pub fn declares(text: &str, area: &str) -> bool {
    parse(text).is_ok_and(|root| root.is_some_and(|root| find(&root, area).is_some()))
}

/// The file with one more check in the area. An area that it does not have is added behind the others.
pub fn append(text: &str, area: &str, check: &CheckText, placeholders: Placeholders) -> Result<String, AppendProblem> {
    let root = parse(text)?;
    let elsewhere = || AppendProblem::Elsewhere(area.to_owned());
    let known = root.as_ref().and_then(|root| find(root, area));
    if let Some(known) = known {
        let Some(checks) = known.get("checks") else {
            // An area of which only the heading stands there.
            let What::Mapping(entries) = &known.what else { return Err(elsewhere()) };
            let (first, last) = entries.first().zip(entries.last()).ok_or_else(elsewhere)?;
            if known.flow {
                let addition = format!(", checks: [{}]", check.line(placeholders));
                return Ok(spliced(text, last.1.end, &addition));
            }
            let column = column(text, first.0.start);
            let mut lines = vec![format!("{:column$}checks:", "")];
            lines.extend(indented(&check.block(placeholders), column + 2));
            return Ok(after_line(text, last.1.end, column, &lines));
        };
        let items = checks.items().filter(|items| !items.is_empty()).ok_or_else(elsewhere)?;
        return Ok(after_item(text, checks, items, &check.block(placeholders), &check.line(placeholders)));
    }
    let item = area_item(area, check, placeholders);
    let line = format!("{{area: {area}, checks: [{}]}}", check.line(placeholders));
    let areas = root.as_ref().and_then(|root| root.get("areas"));
    match areas.map(|areas| (areas, areas.items())) {
        Some((areas, Some(items))) if !items.is_empty() => Ok(after_item(text, areas, items, &item, &line)),
        Some(_) => Err(elsewhere()),
        None if root.as_ref().is_some_and(|root| root.flow) => Err(elsewhere()),
        None => {
            let mut lines = vec![String::new(), "areas:".to_owned()];
            lines.extend(indented(&item, 2));
            Ok(spliced(text, text.len(), &lines_of(text, text.len(), &lines)))
        }
    }
}

fn area_item(area: &str, check: &CheckText, placeholders: Placeholders) -> Vec<String> {
    let mut lines = vec![format!("- area: {area}")];
    lines.extend(usual::title(area).map(|title| format!("  title: {}", scalar(title, Placeholders::Literal))));
    lines.push("  checks:".to_owned());
    lines.extend(indented(&check.block(placeholders), 4));
    lines
}

fn find<'a>(root: &'a Node, area: &str) -> Option<&'a Node> {
    let is = |node: &Node| node.get("area").and_then(Node::text) == Some(area);
    if is(root) {
        return Some(root);
    }
    root.get("areas")?.items()?.iter().find(|item| is(item))
}

/// Behind the last item of a list: a line of its own, or between the brackets.
fn after_item(text: &str, list: &Node, items: &[Node], block: &[String], line: &str) -> String {
    let last = items.last().map_or(list.end, |item| item.end);
    if list.flow {
        return spliced(text, last, &format!(", {line}"));
    }
    // The dash stands before the first item, on its line or on one above it.
    let before = text.get(..items[0].start).unwrap_or_default();
    let dash = before.rfind('-').map_or(0, |dash| column(text, dash));
    // An empty line between items where there was one before.
    let gap = items.windows(2).any(|pair| text.get(pair[0].end..pair[1].start).is_some_and(has_empty_line));
    let mut lines: Vec<String> = if gap { vec![String::new()] } else { Vec::new() };
    lines.extend(indented(block, dash));
    after_line(text, last, dash, &lines)
}

fn has_empty_line(between: &str) -> bool {
    between.lines().skip(1).any(|line| line.trim().is_empty()) && between.matches('\n').count() > 1
}

/// Behind the line in which something ends, and behind the remarks below it that are indented deeper than `column`.
fn after_line(text: &str, end: usize, column: usize, lines: &[String]) -> String {
    let content = text.get(..end).unwrap_or(text).trim_end().len();
    let mut at = text[content..].find('\n').map_or(text.len(), |newline| content + newline + 1);
    while let Some(line) = text.get(at..).and_then(|rest| rest.split_inclusive('\n').next()) {
        let indent = line.len() - line.trim_start_matches(' ').len();
        if !line.trim_start().starts_with('#') || indent <= column {
            break;
        }
        at += line.len();
    }
    spliced(text, at, &lines_of(text, at, lines))
}

/// The lines with the line ends of the file; begun on a line of their own.
fn lines_of(text: &str, at: usize, lines: &[String]) -> String {
    let newline = if text.contains("\r\n") { "\r\n" } else { "\n" };
    let begun = at > 0 && !text[..at].ends_with('\n');
    let mut addition = if begun { newline.to_owned() } else { String::new() };
    for line in lines {
        addition.push_str(line);
        addition.push_str(newline);
    }
    addition
}

fn spliced(text: &str, at: usize, addition: &str) -> String {
    format!("{}{addition}{}", &text[..at], &text[at..])
}

fn indented(lines: &[String], by: usize) -> impl Iterator<Item = String> {
    lines.iter().map(move |line| if line.is_empty() { String::new() } else { format!("{:by$}{line}", "") })
}

/// In characters, from 0: YAML indents with spaces, which are one byte each.
fn column(text: &str, at: usize) -> usize {
    text[..at].rsplit('\n').next().map_or(0, |line| line.chars().count())
}

fn parse(text: &str) -> Result<Option<Node>, AppendProblem> {
    if text.len() > MAX_BYTES {
        return Err(AppendProblem::NotYaml("it is too long".to_owned()));
    }
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let mut reader = Reader { text, events: Parser::new_from_str_with_options(text, options) };
    let mut root = None;
    loop {
        match reader.next()? {
            (Event::StreamEnd, _) => return Ok(root),
            (Event::StreamStart | Event::DocumentStart(..) | Event::DocumentEnd, _) => {}
            (event, span) => root = Some(reader.node(event, &span)?),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    events: Parser<'a, StrInput<'a>>,
}

impl<'a> Reader<'a> {
    fn next(&mut self) -> Result<(Event<'a>, Span), AppendProblem> {
        match self.events.next() {
            Some(Ok(event)) => Ok(event),
            Some(Err(error)) => Err(AppendProblem::NotYaml(error.info().to_owned())),
            None => Ok((Event::StreamEnd, Span::default())),
        }
    }

    /// As deep as the parser lets a document be.
    fn node(&mut self, event: Event<'a>, span: &Span) -> Result<Node, AppendProblem> {
        let (start, own_end) = self.place(span);
        let (what, end, flow) = match event {
            Event::Scalar(text, ..) => (What::Scalar(text.into_owned()), own_end, false),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        (event, span) => items.push(self.node(event, &span)?),
                    }
                };
                let flow = self.text[start..].starts_with('[');
                let last = items.last().map_or(own_end, |item| item.end);
                (What::List(items), if flow { self.place(&end).1 } else { last }, flow)
            }
            Event::MappingStart(..) => {
                let mut entries: Vec<(Node, Node)> = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::MappingEnd, end) => break end,
                        (event, span) => {
                            let key = self.node(event, &span)?;
                            let (event, span) = self.next()?;
                            let value = self.node(event, &span)?;
                            entries.push((key, value));
                        }
                    }
                };
                let flow = self.text[start..].starts_with('{');
                let last = entries.last().map_or(own_end, |(key, value)| value.end.max(key.end));
                (What::Mapping(entries), if flow { self.place(&end).1 } else { last }, flow)
            }
            _ => (What::Other, own_end, false),
        };
        Ok(Node { start, end, flow, what })
    }

    fn place(&self, span: &Span) -> (usize, usize) {
        let most = self.text.len();
        let start = span.start.byte_offset().unwrap_or(0).min(most);
        (start, span.end.byte_offset().unwrap_or(start).clamp(start, most))
    }
}

#[cfg(test)]
mod tests;

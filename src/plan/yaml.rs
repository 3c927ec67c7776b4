//! YAML text to a tree of [`Node`]s. The only module of the plan that knows the YAML library.
//!
//! Size, depth, nodes and the expansion of aliases are bounded. Values stay as written.

mod syntax;

use std::collections::BTreeMap;

use granit_parser::{Event, Parser, ScalarStyle, ScanError, Span as YamlSpan, StrInput};

use self::syntax::Mistake;
use super::node::{Entry, Node, Span, Value};
use super::problem::{Code, Sink, position};
use crate::model::audit::text::{MAX_BYTES, MAX_DEPTH};

/// Keys, values, lists and mappings, with aliases written out.
const MAX_NODES: usize = 500_000;
/// Bytes of the texts that aliases stand for, each as often as it is written out.
const MAX_WRITTEN_OUT: usize = 32 * 1024 * 1024;

/// The problem has been noted already.
struct Noted;

/// Reads one document. `None` when there is nothing to go on with; the sink then knows why.
pub(super) fn parse(file: u32, text: &str, sink: &Sink) -> Option<Node> {
    parse_within(file, text, MAX_WRITTEN_OUT, sink)
}

/// As [`parse`], with the most bytes that aliases may stand for.
pub(super) fn parse_within(file: u32, text: &str, written_out: usize, sink: &Sink) -> Option<Node> {
    if text.len() > MAX_BYTES {
        let message = format!("the file has {} bytes, more than the {MAX_BYTES} that are read", text.len());
        sink.error(Span::start_of(file), "", Code::TooLarge, message, "Split it into files and `include` them.");
        return None;
    }
    let mut options = granit_parser::Options::default();
    options.set_emit_comments(false);
    options.flow_nesting_limit = MAX_DEPTH;
    options.block_nesting_limit = MAX_DEPTH;
    let events = Parser::new_from_str_with_options(text, options);
    let most = written_out;
    let reader = Reader { file, text, sink, events, anchors: BTreeMap::new(), nodes: 0, written_out: 0, most };
    reader.document().ok().flatten()
}

struct Reader<'a> {
    file: u32,
    text: &'a str,
    sink: &'a Sink,
    events: Parser<'a, StrInput<'a>>,
    anchors: BTreeMap<usize, Node>,
    nodes: usize,
    /// Bytes that aliases stood for so far, and how many there may be.
    written_out: usize,
    most: usize,
}

impl<'a> Reader<'a> {
    fn document(mut self) -> Result<Option<Node>, Noted> {
        let mut root = None;
        loop {
            let (event, place) = self.next()?;
            match event {
                Event::StreamEnd => break,
                Event::StreamStart | Event::DocumentEnd => {}
                Event::DocumentStart(..) if root.is_some() => {
                    let message = "a second document begins here";
                    let help = "Keep one document in each file; remove the `---`.";
                    return Err(self.refuse(place, Code::YamlSyntax, message, help));
                }
                Event::DocumentStart(..) => {}
                event => root = Some(self.node(event, place, 0)?),
            }
        }
        let root = root.filter(|root| !root.is_null());
        if root.is_none() {
            let help = "Begin with `audit:` (or with `area:` in an included file).";
            self.sink.error(Span::start_of(self.file), "", Code::Empty, "the file is empty", help);
        }
        Ok(root)
    }

    /// The next event, and its place in the file: the parser's own has many times the size.
    fn next(&mut self) -> Result<(Event<'a>, Span), Noted> {
        match self.events.next() {
            Some(Ok((event, span))) => Ok((event, self.place(&span))),
            Some(Err(error)) => Err(self.syntax(&error)),
            None => Ok((Event::StreamEnd, self.range(0, 0))),
        }
    }

    fn node(&mut self, event: Event<'a>, place: Span, depth: usize) -> Result<Node, Noted> {
        self.count(1, place)?;
        if depth > MAX_DEPTH {
            let help = "Write it flatter.";
            return Err(self.refuse(place, Code::TooLarge, format!("nested deeper than {MAX_DEPTH}"), help));
        }
        match event {
            Event::Alias(id) => self.alias(id, place, depth),
            Event::Scalar(text, style, anchor, tag) => {
                let foreign = tag.is_some_and(|tag| !tag.is_yaml_core_schema());
                let plain = style == ScalarStyle::Plain;
                let text = match foreign.then(|| self.unequal(place)).flatten() {
                    Some(tag) => self.refuse_unequal(tag, &text),
                    None => {
                        self.refuse_tag(foreign, place);
                        text.into_owned()
                    }
                };
                let node = Node { span: place, value: Value::Scalar { text, plain } };
                Ok(self.remember(anchor, node))
            }
            Event::SequenceStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some_and(|tag| !tag.is_yaml_core_schema()), place);
                let mut items = Vec::new();
                let end = loop {
                    match self.next()? {
                        (Event::SequenceEnd, end) => break end,
                        (event, at) => items.push(self.node(event, at, depth + 1)?),
                    }
                };
                let span = collection_place(place, end, items.first());
                Ok(self.remember(anchor, Node { span, value: Value::List(items) }))
            }
            Event::MappingStart(_, anchor, tag) => {
                self.refuse_tag(tag.is_some_and(|tag| !tag.is_yaml_core_schema()), place);
                let (entries, end) = self.entries(depth)?;
                let span = collection_place(place, end, entries.first().map(|entry| &entry.key));
                Ok(self.remember(anchor, Node { span, value: Value::Mapping(entries) }))
            }
            _ => Err(self.refuse(place, Code::YamlSyntax, "a value is missing here", "Write one, or remove the key.")),
        }
    }

    fn entries(&mut self, depth: usize) -> Result<(Vec<Entry>, Span), Noted> {
        let (mut entries, mut merged) = (Entries::default(), Vec::new());
        let end = loop {
            let (event, at) = self.next()?;
            if matches!(event, Event::MappingEnd) {
                break at;
            }
            let key = self.node(event, at, depth + 1)?;
            let (event, value_at) = self.next()?;
            let value = self.node(event, value_at, depth + 1)?;
            match key.text() {
                None => {
                    let help = "Put quotes around a value that begins with `{` or `[`.";
                    self.sink.error(key.span, "", Code::YamlSyntax, "a key must be a text", help);
                }
                Some("<<") => merged.push(value),
                Some(name) => match entries.place_of(name) {
                    None => entries.push(Entry { key, value }),
                    Some(first) => {
                        let message = format!("the key \"{name}\" stands here twice");
                        let (line, _) = position(self.text, first.start as usize);
                        let help = format!("Keep one of the two; the other stands in line {line}.");
                        self.sink.error(key.span, "", Code::DuplicateKey, message, help);
                    }
                },
            }
        };
        for source in merged {
            self.merge(&mut entries, source);
        }
        Ok((entries.list, end))
    }

    /// `<<: *base`: the keys of `base` that are not written here.
    fn merge(&self, entries: &mut Entries, source: Node) {
        match source.value {
            Value::Mapping(others) => {
                for other in others {
                    if entries.place_of(other.name()).is_none() {
                        entries.push(other);
                    }
                }
            }
            Value::List(sources) => sources.into_iter().for_each(|source| self.merge(entries, source)),
            Value::Scalar { .. } => {
                let help = "Write `<<: *name` with the name of an anchored mapping.";
                self.sink.error(source.span, "", Code::YamlSyntax, "only mappings can be merged", help);
            }
        }
    }

    fn alias(&mut self, id: usize, place: Span, depth: usize) -> Result<Node, Noted> {
        let Some(node) = self.anchors.get(&id) else {
            let help = "An alias cannot stand inside what it names.";
            return Err(self.refuse(place, Code::YamlSyntax, "this alias names nothing that is complete", help));
        };
        let (size, depth, bytes) = (node.size(), depth + node.depth(), node.bytes());
        self.count(size, place)?;
        if depth > MAX_DEPTH {
            let help = "Write it flatter.";
            return Err(self.refuse(place, Code::TooLarge, format!("nested deeper than {MAX_DEPTH}"), help));
        }
        self.written_out = self.written_out.saturating_add(bytes);
        if self.written_out > self.most {
            let message = format!("aliases stand for more than {} bytes of text", self.most);
            return Err(self.refuse(place, Code::TooLarge, message, "Write fewer aliases, or a shorter text."));
        }
        // Copied only now that it may be.
        self.anchors.get(&id).cloned().ok_or(Noted)
    }

    fn remember(&mut self, anchor: usize, node: Node) -> Node {
        if anchor != 0 {
            self.anchors.insert(anchor, node.clone());
        }
        node
    }

    fn count(&mut self, more: usize, place: Span) -> Result<(), Noted> {
        self.nodes += more;
        if self.nodes > MAX_NODES {
            let help = "Split the file and `include` the parts; write fewer aliases.";
            return Err(self.refuse(place, Code::TooLarge, format!("more than {MAX_NODES} values"), help));
        }
        Ok(())
    }

    /// The `!=` before a value that stands there without quotes.
    fn unequal(&self, value: Span) -> Option<Span> {
        let before = self.text.get(..value.start as usize)?.trim_end();
        let start = before.rfind(|c: char| c.is_ascii_whitespace() || "{[,:".contains(c)).map_or(0, |at| at + 1);
        before[start..].starts_with("!=").then(|| self.range(start, before.len()))
    }

    /// To YAML it is a tag; what was meant is clear, and goes on as if it stood in quotes.
    fn refuse_unequal(&self, tag: Span, text: &str) -> String {
        let written = &self.text[tag.start as usize..tag.end as usize];
        let meant = if text.is_empty() { written.to_owned() } else { format!("{written} {text}") };
        let help = format!("Put it in quotes: `\"{meant}\"`.");
        self.sink.error(tag, "", Code::YamlSyntax, "YAML takes a `!` without quotes for a tag", help);
        meant
    }

    fn refuse_tag(&self, foreign: bool, place: Span) {
        if foreign {
            let help = "Remove the `!tag`: values are read as written.";
            self.sink.error(place, "", Code::YamlSyntax, "tags have no meaning here", help);
        }
    }

    fn syntax(&self, error: &ScanError) -> Noted {
        let at = self.text.floor_char_boundary(error.marker().byte_offset().unwrap_or(0));
        let Mistake { place, code, message, help } = syntax::explain(self.text, at, error.kind(), &error.info());
        self.sink.error(self.range(place.start, place.end), "", code, message, help);
        Noted
    }

    fn refuse(&self, place: Span, code: Code, message: impl Into<String>, help: &str) -> Noted {
        self.sink.error(place, "", code, message, help);
        Noted
    }

    fn place(&self, span: &YamlSpan) -> Span {
        let start = span.start.byte_offset().unwrap_or(0);
        self.range(start, span.end.byte_offset().unwrap_or(start))
    }

    fn range(&self, start: usize, end: usize) -> Span {
        let most = self.text.len();
        let byte = |at: usize| u32::try_from(at.min(most)).unwrap_or(u32::MAX);
        Span { file: self.file, start: byte(start), end: byte(end.max(start)) }
    }
}

/// From bracket to bracket. Block collections have none: what stands first in them is shown.
fn collection_place(own: Span, end: Span, first: Option<&Node>) -> Span {
    match first {
        Some(first) if own.start == own.end => first.span,
        _ => Span { end: end.end.max(own.end), ..own },
    }
}

/// The entries of one mapping, no key twice.
#[derive(Default)]
struct Entries {
    list: Vec<Entry>,
    /// Where each key stands, once there are more than a few.
    places: BTreeMap<String, Span>,
}

impl Entries {
    /// So many are compared one by one, which takes no memory; that is as many as nearly every mapping has.
    const FEW: usize = 16;

    fn place_of(&self, name: &str) -> Option<Span> {
        if self.list.len() > Self::FEW {
            return self.places.get(name).copied();
        }
        self.list.iter().find(|entry| entry.name() == name).map(|entry| entry.key.span)
    }

    fn push(&mut self, entry: Entry) {
        self.list.push(entry);
        let new = match self.list.len() {
            few if few <= Self::FEW => 0,
            // The first that are too many: those before it are not known yet.
            length if length == Self::FEW + 1 => length,
            _ => 1,
        };
        let new = self.list.iter().rev().take(new);
        self.places.extend(new.map(|entry| (entry.name().to_owned(), entry.key.span)));
    }
}

#[cfg(test)]
mod tests;

//! `${NAME}`, `${env:NAME}` and `${secret:NAME}` in the texts of an audit file. The environment is asked here and, for
//! secrets, in the witness; nowhere else.

use std::collections::{BTreeMap, BTreeSet};

use super::bounds;
use super::node::{Node, Span, Value, clip};
use super::problem::{Code, Sink};
use crate::model::near::nearest;

/// What stands between the ordinary pieces of a text.
enum Piece<'a> {
    Text(&'a str),
    Var(&'a str),
    Env(&'a str, Option<&'a str>),
    Secret(&'a str),
    /// Not a placeholder, though it begins like one.
    Broken(&'a str),
}

/// How a secret begins. What looks so in an option, the witness fills in.
const SECRET: &str = "${secret:";

/// The texts of an audit in which something was filled in may have so many bytes together: variables of variables double
/// with each line.
const MAX_FILLED: usize = 32 * 1024 * 1024;

/// What `${env:NAME}` is answered from.
#[derive(Clone, Copy)]
pub(super) enum Environment<'a> {
    /// What it says.
    Open(&'a dyn Fn(&str) -> Option<String>),
    /// Nothing: nobody here wrote the audit file.
    Closed,
}

impl Environment<'_> {
    fn get(self, name: &str) -> Option<String> {
        match self {
            Self::Open(ask) => ask(name),
            Self::Closed => None,
        }
    }
}

/// The variables of an audit, and which of them were used.
pub(super) struct Vars<'a> {
    written: BTreeMap<String, (String, Span, Span)>,
    values: BTreeMap<String, String>,
    used: BTreeSet<String>,
    environment: Environment<'a>,
    /// Bytes of all texts in which something was filled in.
    filled: usize,
    /// Patterns in them.
    patterns: usize,
}

impl<'a> Vars<'a> {
    /// Reads the mapping under `vars:`.
    pub(super) fn new(node: Option<&Node>, environment: Environment<'a>, sink: &Sink) -> Self {
        let mut written = BTreeMap::new();
        if let Some(node) = node.filter(|node| !matches!(node.value, Value::Mapping(_))) {
            let help = "Write it as `vars: {NAME: value}`.";
            let message = format!("expected a mapping, found {}", node.describe());
            sink.error(node.span, "vars", Code::WrongType, message, help);
        }
        for entry in node.map(Node::entries).unwrap_or_default() {
            let path = format!("vars.{}", entry.name());
            if !is_name(entry.name()) {
                let help = "Use letters, digits and underscores, starting with a letter.";
                let message = format!("\"{}\" is not the name of a variable", clip(entry.name()));
                sink.error(entry.key.span, &path, Code::InvalidPlaceholder, message, help);
            } else if let (Some(text), false) = (entry.value.text(), entry.value.is_null()) {
                written.insert(entry.name().to_owned(), (text.to_owned(), entry.key.span, entry.value.span));
            } else {
                let message = format!("expected a text, found {}", entry.value.describe());
                sink.error(entry.value.span, &path, Code::WrongType, message, "Write a text.");
                written.insert(entry.name().to_owned(), (String::new(), entry.key.span, entry.value.span));
            }
        }
        let mut vars =
            Self { written, values: BTreeMap::new(), used: BTreeSet::new(), environment, filled: 0, patterns: 0 };
        for name in vars.written.keys().cloned().collect::<Vec<_>>() {
            vars.resolve(&name, &mut Vec::new(), sink);
        }
        vars.used.clear();
        vars
    }

    fn resolve(&mut self, name: &str, ring: &mut Vec<String>, sink: &Sink) -> String {
        if let Some(value) = self.values.get(name) {
            return value.clone();
        }
        let Some((text, _, place)) = self.written.get(name).cloned() else { return String::new() };
        if let Some(start) = ring.iter().position(|other| other == name) {
            let mut shown: Vec<&str> = ring.iter().skip(start).map(String::as_str).collect();
            shown.push(name);
            let message = format!("these variables stand for each other: {}", shown.join(" -> "));
            sink.error(place, &format!("vars.{name}"), Code::VarCycle, message, "Give one of them a value of its own.");
            self.values.insert(name.to_owned(), String::new());
            return String::new();
        }
        ring.push(name.to_owned());
        let path = format!("vars.{name}");
        let value = self.fill(&text, place, &path, true, sink, ring);
        ring.pop();
        self.values.entry(name.to_owned()).or_insert(value).clone()
    }

    fn fill(
        &mut self,
        text: &str,
        place: Span,
        path: &str,
        secrets: bool,
        sink: &Sink,
        ring: &mut Vec<String>,
    ) -> String {
        let mut filled = String::with_capacity(text.len());
        // How many secrets somebody asks for; more than these must not come of it.
        let mut meant = 0;
        for piece in pieces(text) {
            if self.filled + filled.len() > MAX_FILLED {
                self.too_much(place, path, sink);
                return String::new();
            }
            match piece {
                Piece::Text(text) => filled.push_str(text),
                Piece::Var(name) if self.written.contains_key(name) => {
                    self.used.insert(name.to_owned());
                    let value = self.resolve(name, ring, sink);
                    meant += value.matches(SECRET).count();
                    filled.push_str(&value);
                }
                Piece::Var(name) => self.unknown(name, place, path, sink),
                Piece::Env(name, default) => match self.environment.get(name).or(default.map(str::to_owned)) {
                    Some(value) => filled.push_str(&value),
                    None => {
                        let default = format!("give a default: `${{env:{name}:-default}}`.");
                        let (message, help) = match self.environment {
                            Environment::Open(_) => {
                                (format!("the environment has no \"{name}\""), format!("Set {name}, or {default}"))
                            }
                            Environment::Closed => (
                                format!("\"{name}\" of the environment is not read (--untrusted)"),
                                format!("Run it without --untrusted, if you trust whoever wrote it, or {default}"),
                            ),
                        };
                        sink.error_in(place, &format!("${{env:{name}"), path, Code::MissingEnv, message, help);
                    }
                },
                Piece::Secret(name) => {
                    meant += 1;
                    filled.push_str(SECRET);
                    filled.push_str(name);
                    filled.push('}');
                }
                Piece::Broken(text) => {
                    let message = format!("\"{}\" is not a placeholder", clip(text));
                    let help = "Write `${NAME}`, `${env:NAME}`, `${env:NAME:-default}` or `${secret:NAME}`; `$${` stands for `${` itself.";
                    sink.error_in(place, text, path, Code::InvalidPlaceholder, message, help);
                }
            }
        }
        self.filled += filled.len();
        if matches!(self.environment, Environment::Closed) {
            self.patterns += bounds::patterns(&filled);
            if self.patterns > bounds::MOST_PATTERNS {
                let message =
                    format!("variables make more than {} patterns (`matches`) (--untrusted)", bounds::MOST_PATTERNS);
                sink.error(place, path, Code::TooLarge, message, "Write fewer of them.");
                return String::new();
            }
        }
        if secrets && filled.matches(SECRET).count() > meant {
            let message = "a secret would be filled in here that nobody asks for";
            let help = "Write `${secret:NAME}` itself where its value is meant. `$${`, the environment, or two variables \
                        together must not make one.";
            sink.error(place, path, Code::MisplacedSecret, message, help);
        }
        if !secrets && meant > 0 {
            let message = "a secret would be written into the record here";
            let help = "Use `${secret:NAME}` only in `vars` and in the options of a kind, where it is never recorded.";
            sink.error(place, path, Code::MisplacedSecret, message, help);
        }
        filled
    }

    /// Told once.
    fn too_much(&mut self, place: Span, path: &str, sink: &Sink) {
        if self.filled <= MAX_FILLED {
            self.filled = MAX_FILLED + 1;
            let message = format!("with its variables filled in, the audit has more than {MAX_FILLED} bytes");
            sink.error(place, path, Code::TooLarge, message, "Write shorter variables, or use them less often.");
        }
    }

    fn unknown(&self, name: &str, place: Span, path: &str, sink: &Sink) {
        let near = nearest(name, self.written.keys().map(String::as_str));
        let help = match near {
            Some(near) => format!("Did you mean `${{{near}}}`?"),
            None => format!(
                "Define it under `vars:`, read the environment with `${{env:{name}}}`, or write `$${{{name}}}` for the text itself."
            ),
        };
        let written = format!("${{{name}}}");
        sink.error_in(place, &written, path, Code::UnknownVar, format!("there is no variable \"{name}\""), help);
    }

    /// Fills in every text below a node. Keys are left as they are.
    pub(super) fn expand(&mut self, node: &mut Node, path: &str, secrets: bool, sink: &Sink) {
        // Most parts of a file have nothing to fill in, and then the way to each text need not be spelled out.
        if !has_placeholder(node) {
            return;
        }
        let place = node.span;
        match &mut node.value {
            Value::Scalar { text, .. } => {
                if text.contains("${") {
                    *text = self.fill(text, place, path, secrets, sink, &mut Vec::new());
                }
            }
            Value::List(items) => {
                for (index, item) in items.iter_mut().enumerate() {
                    self.expand(item, &format!("{path}[{index}]"), secrets, sink);
                }
            }
            Value::Mapping(entries) => {
                for entry in entries {
                    let path = super::decode::join(path, entry.key.text().unwrap_or_default());
                    self.expand(&mut entry.value, &path, secrets, sink);
                }
            }
        }
    }

    /// Reports what nothing used, and hands out the values: what the record keeps.
    pub(super) fn finish(mut self, sink: &Sink) -> BTreeMap<String, String> {
        let mut waiting: Vec<String> = self.used.iter().cloned().collect();
        while let Some(name) = waiting.pop() {
            let text = self.written.get(&name).map(|(text, _, _)| text.clone()).unwrap_or_default();
            for piece in pieces(&text) {
                if let Piece::Var(other) = piece
                    && self.used.insert(other.to_owned())
                {
                    waiting.push(other.to_owned());
                }
            }
        }
        for (name, (_, place, _)) in &self.written {
            if !self.used.contains(name) {
                let help = format!("Use it as `${{{name}}}`, or remove it.");
                let message = format!("nothing uses the variable \"{name}\"");
                sink.warning(*place, &format!("vars.{name}"), Code::UnusedVar, message, help);
            }
        }
        self.values
    }
}

fn has_placeholder(node: &Node) -> bool {
    match &node.value {
        Value::Scalar { text, .. } => text.contains("${"),
        Value::List(items) => items.iter().any(has_placeholder),
        Value::Mapping(entries) => entries.iter().any(|entry| has_placeholder(&entry.value)),
    }
}

fn is_name(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut found = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find("${") {
        let (before, from) = rest.split_at(at);
        if let Some(before) = before.strip_suffix('$') {
            found.push(Piece::Text(before));
            found.push(Piece::Text("${"));
            rest = from.get(2..).unwrap_or_default();
            continue;
        }
        found.push(Piece::Text(before));
        let Some(end) = from.find('}') else {
            found.push(Piece::Broken(from));
            return found;
        };
        let (whole, after) = from.split_at(end + 1);
        found.push(placeholder(whole));
        rest = after;
    }
    found.push(Piece::Text(rest));
    found
}

fn placeholder(whole: &str) -> Piece<'_> {
    let inner = whole.strip_prefix("${").and_then(|text| text.strip_suffix('}')).unwrap_or_default();
    if let Some(name) = inner.strip_prefix("secret:") {
        return if is_name(name) { Piece::Secret(name) } else { Piece::Broken(whole) };
    }
    if let Some(text) = inner.strip_prefix("env:") {
        let (name, default) = text.split_once(":-").map_or((text, None), |(name, default)| (name, Some(default)));
        return if is_name(name) { Piece::Env(name, default) } else { Piece::Broken(whole) };
    }
    if is_name(inner) { Piece::Var(inner) } else { Piece::Broken(whole) }
}

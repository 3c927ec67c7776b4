//! From trees to the file as written: every file is split into its sections, its areas and their checks, and each part
//! is decoded by itself, so that one mistake hides no other.

use serde::de::DeserializeOwned;

use super::decode::{At, Way, decode, fields_of, glued, join, unknown_key};
use super::node::{Entry, Node, Span, Value};
use super::problem::{Code, Sink};
use super::rules;
use super::vars::Vars;
use super::written::{AreaWritten, CheckWritten, FileWritten, SignalWritten, Text};
use crate::model::near::nearest;
use crate::probe::registry::{self, KindRow, Probe};

/// One file's own sections, without its areas.
pub(super) struct Sections {
    /// What it says.
    pub written: FileWritten,
    /// Is it the file that is run?
    pub top: bool,
    /// The signals of its rollout.
    pub signals: Vec<SignalRead>,
}

/// An area and its checks.
pub(super) struct AreaRead {
    /// The area, its checks left out.
    pub written: AreaWritten,
    /// The way to it.
    pub path: String,
    /// Its checks.
    pub checks: Vec<CheckRead>,
}

/// A check and its kind.
pub(super) type CheckRead = Measured<CheckWritten>;

/// A signal and its kind.
pub(super) type SignalRead = Measured<SignalWritten>;

/// Something that is measured, and its kind.
pub(super) struct Measured<T> {
    /// What stands beside the kind.
    pub written: T,
    /// Where it begins.
    pub span: Span,
    /// The way to it.
    pub path: String,
    /// Its kind, when it has one.
    pub kind: Option<KindRead>,
}

/// What a check measures.
pub(super) struct KindRead {
    /// The kind's row.
    pub row: &'static KindRow,
    /// Its options, when they could be read.
    pub probe: Option<Probe>,
}

/// Reads one file's tree.
pub(super) struct Collector<'a, 'e> {
    /// Where problems go.
    pub sink: &'a Sink,
    /// The audit's variables.
    pub vars: &'a mut Vars<'e>,
    /// The areas so far.
    pub areas: Vec<AreaRead>,
    /// The files' sections so far.
    pub sections: Vec<Sections>,
}

/// Keys that only the file that is run may have.
const TOP_ONLY: [&str; 4] = ["audit", "vars", "defaults", "verdict"];

impl Collector<'_, '_> {
    /// Splits a file into its areas and its sections, and decodes both.
    pub(super) fn file(&mut self, mut root: Node, top: bool) {
        let file_keys = fields_of::<FileWritten>();
        let area_keys = fields_of::<AreaWritten>();
        if !top {
            for entry in root.take(|key| TOP_ONLY.contains(&key)) {
                let message =
                    format!("\"{}\" belongs in the file that is run, not in one that is included", entry.name());
                let help = format!("Move `{}:` into the audit file.", entry.name());
                self.sink.error(entry.key.span, entry.name(), Code::UnknownKey, message, help);
            }
        }
        for entry in root.take(|key| !file_keys.contains(&key) && !area_keys.contains(&key)) {
            let known: Vec<&str> = file_keys.iter().chain(area_keys).copied().collect();
            unknown_key(self.sink, entry.key.span, entry.name(), entry.name(), &known);
        }
        let span = root.span;
        for entry in root.take(|key| key == "areas") {
            self.inline_areas(entry);
        }
        let own = root.take(|key| area_keys.contains(&key));
        if let Some(first) = own.first() {
            let span = first.key.span;
            self.area(Node { span, value: Value::Mapping(own) }, "");
        }
        root.span = span;
        let signals = self.signals(&mut root);
        self.vars.expand(&mut root, "", false, self.sink);
        if let Some(written) = decode(&root, "", self.sink, |decoder| serde::Deserialize::deserialize(decoder)) {
            self.sections.push(Sections { written, top, signals });
        }
    }

    /// The signals of a rollout, taken out of it.
    fn signals(&mut self, root: &mut Node) -> Vec<SignalRead> {
        let rollout = root.entries_mut().iter_mut().find(|entry| entry.name() == "rollout");
        let taken = rollout.map(|entry| entry.value.take(|key| key == "signals")).unwrap_or_default();
        let mut signals = Vec::new();
        for entry in taken {
            signals.extend(self.list_of(entry, "rollout.signals", "signal"));
        }
        signals
    }

    fn inline_areas(&mut self, entry: Entry) {
        match entry.value.value {
            Value::List(items) if !items.is_empty() => {
                for (index, item) in items.into_iter().enumerate() {
                    self.area(item, &format!("areas[{index}]"));
                }
            }
            Value::List(_) => {
                let help = "Give it an item, or remove the key.";
                self.sink.error(entry.value.span, "areas", Code::Empty, "the list is empty", help);
            }
            value => {
                let node = Node { span: entry.value.span, value };
                let message = format!("expected a list, found {}", node.describe());
                self.sink.error(node.span, "areas", Code::WrongType, message, "Write one `- area: ...` for each.");
            }
        }
    }

    fn area(&mut self, mut node: Node, path: &str) {
        let own = node.take(|key| key == "checks").pop();
        let checks = own.map(|entry| self.list_of(entry, &join(path, "checks"), "check")).unwrap_or_default();
        self.vars.expand(&mut node, path, false, self.sink);
        if let Some(written) = decode(&node, path, self.sink, |decoder| serde::Deserialize::deserialize(decoder)) {
            self.areas.push(AreaRead { written, path: path.to_owned(), checks });
        }
    }

    /// A list of what is measured. `what` is the word for one of them.
    fn list_of<T: DeserializeOwned>(&mut self, entry: Entry, path: &str, what: &str) -> Vec<Measured<T>> {
        let span = entry.value.span;
        let items = match entry.value.value {
            Value::List(items) if items.is_empty() => {
                let help = "Give it an item, or remove the key.";
                self.sink.error(span, path, Code::Empty, "the list is empty", help);
                Vec::new()
            }
            Value::List(items) => items,
            value => {
                let node = Node { span, value };
                let message = format!("expected a list, found {}", node.describe());
                let help = format!("Write one `- id: ...` for each {what}.");
                self.sink.error(span, path, Code::WrongType, message, help);
                Vec::new()
            }
        };
        let mut measured = Vec::with_capacity(items.len());
        for (index, item) in items.into_iter().enumerate() {
            measured.extend(self.measured(item, &format!("{path}[{index}]"), what));
        }
        measured
    }

    fn measured<T: DeserializeOwned>(&mut self, mut node: Node, path: &str, what: &str) -> Option<Measured<T>> {
        let span = node.span;
        let known = fields_of::<T>();
        let mut kinds = node.take(|key| registry::find(key).is_some());
        let mut strange = node.take(|key| !known.contains(&key));
        for entry in &mut strange {
            // It will not be read; but what it uses is used.
            let at = join(path, entry.name());
            self.vars.expand(&mut entry.value, &at, true, self.sink);
        }
        if matches!(node.value, Value::Mapping(_)) {
            self.count_kinds(span, path, (&kinds, &strange), (what, known));
        }
        for second in kinds.iter_mut().skip(1) {
            let at = join(path, second.name());
            self.vars.expand(&mut second.value, &at, true, self.sink);
        }
        let kind = kinds.into_iter().next().map(|entry| self.kind(entry, path));
        self.vars.expand(&mut node, path, false, self.sink);
        let written = decode(&node, path, self.sink, |decoder| serde::Deserialize::deserialize(decoder))?;
        Some(Measured { written, span, path: path.to_owned(), kind })
    }

    /// A check measures one thing. A key that is not known may be the kind, mistyped.
    fn count_kinds(
        &self,
        span: Span,
        path: &str,
        (kinds, strange): (&[Entry], &[Entry]),
        (what, fields): (&str, &[&str]),
    ) {
        if kinds.len() == 1 && strange.is_empty() {
            return;
        }
        let names = || registry::KINDS.iter().map(|row| row.name);
        let all = names().collect::<Vec<_>>().join(", ");
        for entry in strange {
            let at = join(path, entry.name());
            let message = format!("the key \"{}\" is not known here", super::node::clip(entry.name()));
            let known: Vec<&str> = names().chain(fields.iter().copied()).collect();
            let near = nearest(entry.name(), known.iter().copied());
            let help = glued(entry.name(), &known).unwrap_or_else(|| match near {
                Some(near) => {
                    format!("Did you mean `{near}`? The kinds are: {all}. Known besides: {}.", fields.join(", "))
                }
                None => format!("The kinds are: {all}. Known besides: {}.", fields.join(", ")),
            });
            self.sink.error(entry.key.span, &at, Code::UnknownKey, message, help);
        }
        if let Some(second) = kinds.get(1) {
            let first = kinds.first().map(Entry::name).unwrap_or_default();
            let message = format!("a {what} measures one thing: \"{first}\" or \"{}\"", second.name());
            let help = format!("Make two {what}s of it.");
            self.sink.error(second.key.span, path, Code::KindCount, message, help);
        }
        if kinds.is_empty() && strange.is_empty() {
            let help = format!("Add one of: {all}.");
            let message = format!("the {what} does not say what is measured");
            self.sink.error(span, path, Code::KindCount, message, help);
        }
    }

    fn kind(&mut self, entry: Entry, path: &str) -> KindRead {
        let Entry { key, value: mut options } = entry;
        let name = key.text().unwrap_or_default();
        let path = join(path, name);
        self.vars.expand(&mut options, &path, true, self.sink);
        rules::literal_secrets(self.sink, &options, Way::Start(&path));
        // The registry was asked before: a key is only taken as a kind when it has a row.
        let row = registry::find(name).unwrap_or(&registry::KINDS[0]);
        let before = self.sink.count();
        let probe = decode(&options, &path, self.sink, |decoder| Probe::decode(name, decoder));
        let probe = probe.filter(|_| self.sink.count() == before);
        for (message, help) in probe.iter().flat_map(Probe::problems) {
            self.sink.error(options.span, &path, Code::InvalidOption, message, help);
        }
        KindRead { row, probe }
    }
}

/// A text that was given, or nothing.
pub(super) fn given(text: Option<&Text>) -> Option<String> {
    text.map(|At { value, .. }| value.clone())
}

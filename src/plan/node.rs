//! A YAML document as written: a tree in which every key and every value knows its place.
//!
//! Nothing is interpreted: `1.10`, `0644` and `yes` are their source text. What a value means is decided by whoever asks.

/// A place in one of the files that were read: a file and a range of bytes in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Span {
    /// Which file, an index into the plan's sources.
    pub file: u32,
    /// First byte.
    pub start: u32,
    /// The byte after the last.
    pub end: u32,
}

impl Default for Span {
    fn default() -> Self {
        Self::NOWHERE
    }
}

impl Span {
    /// The place of something that was made up so that reading could go on after a problem. Problems there are dropped:
    /// their cause has been reported already.
    pub const NOWHERE: Self = Self { file: u32::MAX, start: 0, end: 0 };

    /// The start of a file.
    pub fn start_of(file: u32) -> Self {
        Self { file, start: 0, end: 0 }
    }
}

/// A value and its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Node {
    /// Where it stands. For a block collection: its first key or item.
    pub span: Span,
    /// What stands there.
    pub value: Value,
}

/// What stands at a place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Value {
    /// A text as written, and whether it stands without quotes.
    Scalar {
        /// The text; for a quoted one, what the quotes mean.
        text: String,
        /// Without quotes: only then can it be `null`.
        plain: bool,
    },
    /// A list.
    List(Vec<Node>),
    /// Keys and values, in the order of the file, no key twice.
    Mapping(Vec<Entry>),
}

/// A key with its value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Entry {
    /// The key: always a scalar.
    pub key: Node,
    /// Its value.
    pub value: Node,
}

impl Entry {
    /// The key's text.
    pub(super) fn name(&self) -> &str {
        self.key.text().unwrap_or_default()
    }
}

impl Node {
    /// The text of a scalar.
    pub(super) fn text(&self) -> Option<&str> {
        match &self.value {
            Value::Scalar { text, .. } => Some(text),
            _ => None,
        }
    }

    /// Nothing was written, or `null` or `~` without quotes.
    pub(super) fn is_null(&self) -> bool {
        matches!(&self.value, Value::Scalar { text, plain: true } if matches!(text.as_str(), "" | "~" | "null" | "Null" | "NULL"))
    }

    /// The entries of a mapping.
    pub(super) fn entries(&self) -> &[Entry] {
        match &self.value {
            Value::Mapping(entries) => entries,
            _ => &[],
        }
    }

    /// The entries of a mapping, to take something out of one.
    pub(super) fn entries_mut(&mut self) -> &mut [Entry] {
        match &mut self.value {
            Value::Mapping(entries) => entries,
            _ => &mut [],
        }
    }

    /// Takes the entries out whose key is wanted; the others stay.
    pub(super) fn take(&mut self, wanted: impl Fn(&str) -> bool) -> Vec<Entry> {
        match &mut self.value {
            Value::Mapping(entries) => {
                let (taken, kept) = std::mem::take(entries).into_iter().partition(|entry| wanted(entry.name()));
                *entries = kept;
                taken
            }
            _ => Vec::new(),
        }
    }

    /// What it is, for a message: `"text"` in quotes, `a list`, `a mapping`, `nothing`.
    pub(super) fn describe(&self) -> String {
        match &self.value {
            _ if self.is_null() => "nothing".to_owned(),
            Value::Scalar { text, .. } => format!("\"{}\"", clip(text)),
            Value::List(_) => "a list".to_owned(),
            Value::Mapping(_) => "a mapping".to_owned(),
        }
    }

    /// How deep it is: 1 for a scalar.
    pub(super) fn depth(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(items) => 1 + items.iter().map(Self::depth).max().unwrap_or(0),
            Value::Mapping(entries) => 1 + entries.iter().map(|entry| entry.value.depth()).max().unwrap_or(0),
        }
    }

    /// How many bytes its texts have, keys included.
    pub(super) fn bytes(&self) -> usize {
        match &self.value {
            Value::Scalar { text, .. } => text.len(),
            Value::List(items) => items.iter().map(Self::bytes).sum(),
            Value::Mapping(entries) => entries.iter().map(|entry| entry.key.bytes() + entry.value.bytes()).sum(),
        }
    }

    /// How many nodes it has, keys included.
    pub(super) fn size(&self) -> usize {
        match &self.value {
            Value::Scalar { .. } => 1,
            Value::List(items) => 1 + items.iter().map(Self::size).sum::<usize>(),
            Value::Mapping(entries) => 1 + entries.iter().map(|entry| 1 + entry.value.size()).sum::<usize>(),
        }
    }
}

/// A long text shortened for a message.
pub(super) fn clip(text: &str) -> String {
    const MOST: usize = 60;
    let line = text.lines().next().unwrap_or_default();
    if line.chars().count() > MOST || line.len() < text.trim_end().len() {
        return line.chars().take(MOST).chain("...".chars()).collect();
    }
    line.to_owned()
}

//! What proofreading a document comes to: findings with their places, and what was looked at at all.
//!
//! Data only; nothing is judged or printed here.

use std::collections::BTreeMap;
use std::fmt;
use std::ops::Range;

/// How much a finding counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Not looked for.
    Off,
    /// Worth knowing; shown when asked for.
    Info,
    /// Very likely wrong.
    Warning,
    /// No admissible reading makes it true.
    Error,
}

impl Level {
    /// The word for it in every output.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Off => "off",
            Self::Info => "info",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A place that a finding rests on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Anchor {
    /// Where it stands, in bytes of the document.
    pub bytes: Range<usize>,
    /// What stands there, without markup.
    pub text: String,
}

/// A statement that no admissible reading makes true, or that only a second look does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The rule that found it.
    pub rule: &'static str,
    /// How much it counts.
    pub level: Level,
    /// What is wrong, a lower-case fragment.
    pub message: String,
    /// What the document says, as written.
    pub claimed: String,
    /// What its own numbers come to.
    pub recomputed: String,
    /// The readings that were tried, none of which makes it true; for `info`, the one that does.
    pub readings: Vec<&'static str>,
    /// What it rests on, two places or more; the first is what is claimed.
    pub anchors: Vec<Anchor>,
    /// The titles of the headings above it, outermost first.
    pub under: Vec<String>,
    /// Why somebody allowed it, where somebody did.
    pub allowed: Option<String>,
}

impl Finding {
    /// The first byte of what is claimed.
    pub fn start(&self) -> usize {
        self.anchors.first().map_or(0, |anchor| anchor.bytes.start)
    }
}

/// What was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Coverage {
    /// How many relations each rule held against the numbers.
    pub checked: BTreeMap<&'static str, u64>,
    /// How many relations were seen and could not be held against anything, by rule and reason.
    pub not_checked: BTreeMap<(&'static str, &'static str), u64>,
}

impl Coverage {
    /// How many relations were checked.
    pub fn relations(&self) -> u64 {
        self.checked.values().sum()
    }

    /// How many were not.
    pub fn left(&self) -> u64 {
        self.not_checked.values().sum()
    }

    /// Adds what was looked at elsewhere.
    pub fn add(&mut self, other: &Self) {
        for (rule, count) in &other.checked {
            *self.checked.entry(rule).or_default() += count;
        }
        for (reason, count) in &other.not_checked {
            *self.not_checked.entry(*reason).or_default() += count;
        }
    }
}

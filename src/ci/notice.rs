//! What is found in documents rather than in a run, as CI formats take it. Every text in it must be made inert before.

use super::results::{Level, Place, Related};

/// A rule that findings in documents are of.
#[derive(Debug, Clone)]
pub struct NoticeRule {
    /// Its stable name.
    pub id: &'static str,
    /// What it holds, a sentence.
    pub summary: &'static str,
    /// What it looks at, sentences.
    pub explain: &'static str,
}

/// A finding in a document.
#[derive(Debug, Clone)]
pub struct Notice {
    /// The name of its rule.
    pub rule: &'static str,
    /// How much it counts.
    pub level: Level,
    /// What is wrong, a sentence.
    pub message: String,
    /// Where.
    pub place: Place,
    /// What it rests on.
    pub related: Vec<Related>,
    /// The same from run to run while it is about the same thing: 64 lower-case hex digits.
    pub fingerprint: String,
    /// Why somebody allowed it, where somebody did.
    pub allowed: Option<String>,
}

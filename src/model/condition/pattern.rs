//! A pattern of a condition: `^` and `$` are the ends of the text, and what must not be found is looked for in each line, too.

use regex::{Regex, RegexBuilder};

/// A compiled pattern may take this much memory, in bytes.
const MAX_PATTERN: usize = 1 << 20;

/// A pattern as it was written.
#[derive(Debug, Clone)]
pub(super) struct Pattern {
    whole: Regex,
    /// The same with `^` and `$` as the ends of a line, where it has one of them.
    line: Option<Regex>,
}

impl Pattern {
    pub(super) fn new(written: &str) -> Result<Self, regex::Error> {
        let build = |pattern: &str| RegexBuilder::new(pattern).size_limit(MAX_PATTERN).build();
        let has_ends = written.contains(['^', '$']);
        let line = has_ends.then(|| build(&format!("(?mR){written}"))).transpose()?;
        Ok(Self { whole: build(written)?, line })
    }

    /// As it was written.
    pub(super) fn as_str(&self) -> &str {
        self.whole.as_str()
    }

    /// Is it found in the text?
    pub(super) fn is_match(&self, text: &str) -> bool {
        self.whole.is_match(text)
    }

    /// Is it found in the text or in a line of it? `not matches ^ERROR` is meant of every line, as in `grep`.
    pub(super) fn is_in_a_line(&self, text: &str) -> bool {
        self.is_match(text) || self.line.as_ref().is_some_and(|line| line.is_match(text))
    }
}

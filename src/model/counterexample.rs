//! What would make a check fail: facts that, if they were measured, would. Found by trying, so each one is a proof.

use super::fact::{Value, spaced};
use super::format::{self, shortened};
use super::judgement::Status;

/// Can a check fail, and by what?
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reach {
    /// The answer.
    pub example: Counterexample,
    /// Claims of the check that no value can refute, as indices into its claims.
    pub irrefutable: Vec<u32>,
}

/// Facts that make a check fail, or why there are none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Counterexample {
    /// Each of these ways suffices alone.
    Ways {
        /// What the check comes to: `fail`, or `warn` where nothing worse can happen.
        status: Status,
        /// One for each fact that can do it, one at least.
        ways: Vec<Way>,
    },
    /// No value does: whatever is measured meets what is expected.
    Never,
    /// Nothing is expected and nothing claimed of it.
    NothingExpected,
    /// It does not apply, and why.
    NotApplicable(String),
}

/// Facts that together make a check fail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// The facts; none where a whole table is claimed.
    pub facts: Vec<Supposed>,
    /// What they contradict, where that is a claim: `Forge claims 13`.
    pub claimed: Option<String>,
}

/// A fact as it might be measured.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supposed {
    /// Its name.
    pub fact: String,
    /// Its value.
    pub value: Value,
    /// The earlier value it is held against, where the condition is relative.
    pub baseline: Option<Value>,
}

impl Counterexample {
    /// Can anything make the check fail or warn?
    pub const fn is_there(&self) -> bool {
        matches!(self, Self::Ways { .. })
    }

    /// The predicate of a sentence about the check: `fails when up is 3`. At most `most` ways are told.
    pub fn told(&self, most: usize) -> String {
        match self {
            Self::Ways { status, ways } => {
                let told: Vec<String> = ways.iter().take(most).map(Way::told).collect();
                let more = match ways.len().saturating_sub(most) {
                    0 => String::new(),
                    more => format!(", or in {}", format::plural(more as u64, "other way", "other ways")),
                };
                format!("{} when {}{more}", status.predicate(), told.join(" or "))
            }
            Self::Never => "cannot fail: whatever is measured meets it".to_owned(),
            Self::NothingExpected => "cannot fail: nothing is expected of it".to_owned(),
            Self::NotApplicable(why) => format!("does not apply: {}", shortened(why, 120)),
        }
    }
}

impl Way {
    /// `up is 3`, `rules is 14 (Forge claims 13)`.
    pub fn told(&self) -> String {
        let facts: Vec<String> = self.facts.iter().map(Supposed::told).collect();
        let claimed = self.claimed.as_deref();
        match (facts.is_empty(), claimed) {
            (true, claimed) => claimed.unwrap_or_default().to_owned(),
            (false, None) => facts.join(" and "),
            (false, Some(claimed)) => format!("{} ({claimed})", facts.join(" and ")),
        }
    }
}

impl Supposed {
    /// `min uptime is 23 h 59 min`, `value is 1,051 after 1,000`.
    fn told(&self) -> String {
        let after = self.baseline.as_ref().map_or_else(String::new, |base| format!(" after {}", told(base)));
        format!("{} is {}{after}", spaced(&self.fact), told(&self.value))
    }
}

/// A value in a sentence: texts in quotes, what is empty in words.
pub fn told(value: &Value) -> String {
    match value {
        Value::Text(text) if text.is_empty() => "an empty text".to_owned(),
        Value::Text(text) => format!("\"{}\"", shortened(text, 60)),
        Value::List(items) if items.is_empty() => "an empty list".to_owned(),
        Value::Table(table) if table.rows.is_empty() => "an empty table".to_owned(),
        value => format::value(value),
    }
}

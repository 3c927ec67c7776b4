//! By what the checks of a page can be filtered.

use serde::Serialize;

/// The values that occur, so that no choice leads to nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Filter {
    /// How many checks there are.
    pub all: usize,
    /// Areas by their anchor, in the order of the document.
    pub areas: Vec<Choice>,
    /// Severities, the gravest first.
    pub severities: Vec<Choice>,
    /// Statuses, in the order in which they are counted.
    pub statuses: Vec<Choice>,
}

/// A value to filter by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Choice {
    /// The value as the page has it.
    pub value: String,
    /// What to print.
    pub label: String,
    /// How many checks have it.
    pub number: usize,
}

//! What programs say of their own health, each in its own words: IETF health+json, Spring Boot, Grafana, etcd, and the
//! text of Kubernetes' API servers.
//!
//! An answer that is no such answer at all is "could not look". One that is, and leaves out how it is, is silent: that is
//! neither well nor unwell.

mod json;
mod kubernetes;
#[cfg(test)]
mod tests;
mod unasked;

pub use json::{etcd, grafana, ietf, spring};
pub use kubernetes::kubernetes;
pub use unasked::unasked;

use super::endpoint::beginning;
use super::output::printable;
use crate::witness::HttpAnswer;

/// How something says that it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// Well.
    Well,
    /// Well, with a warning.
    Degraded,
    /// Not well.
    Unwell,
    /// It does not say.
    Silent,
    /// It is a figure, such as how long it is up, and has no state that could be good or bad.
    Figure,
}

/// What an answer says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Health {
    /// How all of it is.
    pub said: Said,
    /// In its own words, on one line.
    pub detail: String,
    /// The parts that it lists.
    pub parts: Vec<Part>,
}

/// A part that an answer lists.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its name; of one inside another, both with a slash between them.
    pub name: String,
    /// How it is.
    pub said: Said,
    /// In its own words, on one line.
    pub detail: String,
}

impl Health {
    fn new(said: Said, detail: impl Into<String>) -> Self {
        Self { said, detail: detail.into(), parts: Vec::new() }
    }

    /// A status that no healthy server answers with, and nothing that could be read.
    fn unwell(answer: &HttpAnswer) -> Self {
        Self::new(Said::Unwell, shown(answer))
    }
}

/// From 200 to 399, which is what a server answers with when it is well.
fn well(answer: &HttpAnswer) -> bool {
    (200..400).contains(&answer.status)
}

/// The status, with the beginning of the body where there is one.
pub fn shown(answer: &HttpAnswer) -> String {
    let start = beginning(&answer.body);
    if start.is_empty() { answer.status.to_string() } else { format!("{}: {start}", answer.status) }
}

/// Text of others on one line, not too long.
fn line(text: &str) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    printable(&text, 200)
}

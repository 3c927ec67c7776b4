//! A check that somebody could write: what a detector hands on, before anything is measured.

use serde_json::Value as Json;

use crate::model::fact::Unmeasurable;
use crate::model::id::CheckId;

/// A check that could be written.
#[derive(Debug, Clone, PartialEq)]
pub struct Draft {
    /// The area it belongs to.
    pub area: &'static str,
    /// Its name; made distinct when it is written.
    pub id: String,
    /// One line.
    pub title: String,
    /// The kind.
    pub kind: &'static str,
    /// The options under the kind's key.
    pub options: Json,
    /// The facts that become expectations, where they are measured.
    pub facts: &'static [&'static str],
    /// Words by which documents speak of its facts.
    pub says: &'static [Saying],
    /// Where it comes from: a path, an address. May hold anything.
    pub from: String,
    /// The address in its options that a variable of the environment may change, and that variable.
    pub address: Option<(String, &'static str)>,
    /// May it be measured, and what if it is not there?
    pub manner: Manner,
}

/// May a draft be measured, and what if it is not there?
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// It stands in a file, or in the engine of this machine: measured.
    Look,
    /// It asks a server: measured unless the survey is offline; nothing is said when nobody answers.
    Ask,
    /// It asks a server that a file names: measured unless the survey is offline; when it does not answer well, that is said.
    Named,
    /// It runs a command: measured only when that is allowed. Says what would be run, a fragment: `it runs the tests`.
    Run(&'static str),
    /// It is not measured at all, for this reason.
    Never(&'static str),
}

/// Words by which a document speaks of a fact.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Saying {
    /// The fact.
    pub fact: &'static str,
    /// Of each of these groups, a word must be there.
    pub words: &'static [&'static [&'static str]],
    /// None of these may be there.
    pub never: &'static [&'static str],
    /// Is it a percentage? Else it is a count.
    pub share: bool,
}

/// An id made of any text: `target/nextest/ci` becomes `target-nextest-ci`; empty when nothing is left.
pub fn slug(text: &str) -> String {
    let mut slug = String::new();
    for c in text.chars() {
        match c.to_ascii_lowercase() {
            c if c.is_ascii_alphanumeric() => slug.push(c),
            _ if slug.ends_with('-') || slug.is_empty() => {}
            _ => slug.push('-'),
        }
        if slug.len() >= 60 {
            break;
        }
    }
    slug.trim_end_matches('-').to_owned()
}

/// Whose questions a survey asks.
pub(super) fn asking(name: &str) -> Result<CheckId, Unmeasurable> {
    let check = format!("survey/{name}");
    check.parse().map_err(|_| Unmeasurable::new(format!("\"{name}\" is not an id"), "Report this."))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_text_becomes_an_id_or_nothing() {
        assert_eq!(slug("target/nextest/ci"), "target-nextest-ci");
        assert_eq!(slug("  My: App!! 2 "), "my-app-2");
        assert_eq!(slug("日本"), "");
        let long = slug(&"a b".repeat(100));
        assert!(long.len() <= 60 && !long.ends_with('-'), "{long}");
    }
}

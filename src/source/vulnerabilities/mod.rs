//! What every reader of scan reports says in the end: which vulnerabilities were found in what, and how bad they are.
//!
//! A report of something that was not scanned is no report of nothing found.

pub mod cyclonedx;
pub mod osv;
pub mod sarif;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{BufReader, Read};

use serde::de::DeserializeOwned;

use super::output::printable;
use super::xml::quoted;
use crate::model::number::Number;

/// Findings and components together beyond which a report is refused.
const MAX_ITEMS: usize = 1_000_000;
/// Longest text that is kept, in characters.
const MAX_TEXT: usize = 200;

/// How bad a vulnerability is: the qualitative scale of CVSS, and what no scale was put to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The report does not say.
    Unknown,
    /// Rated as none, or as mere information.
    Informational,
    /// Low.
    Low,
    /// Medium, also called moderate.
    Medium,
    /// High.
    High,
    /// Critical.
    Critical,
}

impl Severity {
    /// Every one, worst first; `Unknown` last.
    pub const ALL: [Self; 6] =
        [Self::Critical, Self::High, Self::Medium, Self::Low, Self::Informational, Self::Unknown];

    /// Its name, in kebab-case.
    pub fn name(self) -> &'static str {
        match self {
            Self::Critical => "critical",
            Self::High => "high",
            Self::Medium => "medium",
            Self::Low => "low",
            Self::Informational => "informational",
            Self::Unknown => "unknown",
        }
    }

    /// By one of the words that reports use.
    pub fn of_word(word: &str) -> Self {
        match word.to_ascii_lowercase().as_str() {
            "critical" => Self::Critical,
            "high" | "important" => Self::High,
            "medium" | "moderate" => Self::Medium,
            "low" => Self::Low,
            "none" | "info" | "informational" => Self::Informational,
            _ => Self::Unknown,
        }
    }

    /// By a score of CVSS 3 or 4 between 0 and 10: the qualitative severity rating scale of the CVSS v3.1 specification,
    /// section 5, and of v4.0, section 6.
    pub fn of_score(score: &Number) -> Self {
        let tenths = score.clone() * Number::from(10);
        let at_least = |bound: u32| tenths >= Number::from(bound);
        if tenths.is_negative() || tenths > Number::from(100) {
            Self::Unknown
        } else if at_least(90) {
            Self::Critical
        } else if at_least(70) {
            Self::High
        } else if at_least(40) {
            Self::Medium
        } else if tenths.is_zero() {
            Self::Informational
        } else {
            Self::Low
        }
    }
}

/// One vulnerability in one component.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Has somebody said that it does not count here?
    pub suppressed: bool,
    /// Is there a version without it? `None` where the report does not say.
    pub fixable: Option<bool>,
    /// SARIF: `error`, `warning`, `note` or `none`.
    pub level: Option<&'static str>,
}

impl Finding {
    /// What two reports say of the same one: the worse counts, and it is suppressed where both say so.
    fn merge(&mut self, other: Self) {
        self.severity = self.severity.max(other.severity);
        self.suppressed &= other.suppressed;
        self.fixable = match (self.fixable, other.fixable) {
            (Some(one), Some(another)) => Some(one || another),
            (one, another) => one.or(another),
        };
        self.level = self.level.or(other.level);
    }
}

/// What reports say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Scan {
    /// By id and component, each once.
    pub findings: BTreeMap<(String, String), Finding>,
    /// The components looked at; `None` where a report does not list them.
    pub components: Option<BTreeSet<String>>,
    /// Has a finding a level in this format, so that without a finding there is none of any?
    pub leveled: bool,
    /// Why the findings are not what a scan found, a fragment, when they are not.
    pub unscanned: Option<String>,
    /// What a reader should know besides, one sentence each.
    pub notes: Vec<String>,
}

impl Scan {
    /// Adds a finding; one of the same id in the same component is the same one.
    pub fn add(&mut self, id: &str, component: &str, finding: Finding) -> Result<(), String> {
        if self.findings.len() >= MAX_ITEMS {
            return Err(format!("it has more than {MAX_ITEMS} findings"));
        }
        match self.findings.entry((kept(id), kept(component))) {
            std::collections::btree_map::Entry::Vacant(free) => {
                free.insert(finding);
            }
            std::collections::btree_map::Entry::Occupied(mut known) => known.get_mut().merge(finding),
        }
        Ok(())
    }

    /// Takes in another report.
    pub fn absorb(&mut self, other: Self) -> Result<(), String> {
        for ((id, component), finding) in other.findings {
            self.add(&id, &component, finding)?;
        }
        self.components = match (self.components.take(), other.components) {
            (Some(mut one), Some(another)) => {
                one.extend(another);
                Some(one)
            }
            // Of several reports of which one does not list them, nobody knows all.
            _ => None,
        };
        self.leveled &= other.leveled;
        self.unscanned = self.unscanned.take().or(other.unscanned);
        self.notes.extend(other.notes);
        Ok(())
    }
}

/// One line, short enough to keep.
fn kept(text: &str) -> String {
    printable(text, MAX_TEXT)
}

fn json<T: DeserializeOwned>(input: impl Read, what: &str) -> Result<T, String> {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    let first = std::io::BufRead::fill_buf(&mut input).map_err(|error| format!("it cannot be read: {error}"))?;
    if first.starts_with(b"\xEF\xBB\xBF") {
        std::io::BufRead::consume(&mut input, 3);
    } else if first.trim_ascii_start().starts_with(b"<") {
        return Err(format!("it is XML; only the JSON form of {what} is read"));
    }
    serde_json::from_reader(input).map_err(|error| {
        let kind = match error.classify() {
            serde_json::error::Category::Eof => "JSON that breaks off".to_owned(),
            serde_json::error::Category::Data => format!("no {what}"),
            _ => "no JSON".to_owned(),
        };
        format!("it is {kind}: {}", quoted(&error.to_string()))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_score_stands_for_the_word_that_its_scale_gives_it() {
        let of = |score: &str| Severity::of_score(&score.parse().expect("a number")).name();
        for (score, word) in [
            ("0.0", "informational"),
            ("0.1", "low"),
            ("3.9", "low"),
            ("4.0", "medium"),
            ("6.9", "medium"),
            ("7.0", "high"),
            ("8.9", "high"),
            ("9.0", "critical"),
            ("10.0", "critical"),
            ("10.1", "unknown"),
            ("-1", "unknown"),
        ] {
            assert_eq!(of(score), word, "{score}");
        }
    }

    #[test]
    fn the_same_vulnerability_in_the_same_component_counts_once_and_as_the_worse() {
        let finding = |severity, suppressed| Finding { severity, suppressed, fixable: None, level: None };
        let mut scan = Scan::default();
        scan.add("CVE-1", "a@1", finding(Severity::Low, true)).expect("added");
        scan.add("CVE-1", "a@2", finding(Severity::Low, true)).expect("added");
        scan.add("CVE-1", "a@1", finding(Severity::High, false)).expect("added");
        assert_eq!(scan.findings.len(), 2);
        assert_eq!(scan.findings[&("CVE-1".to_owned(), "a@1".to_owned())], finding(Severity::High, false));
    }
}

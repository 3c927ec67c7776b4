//! One document through all rules.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::allow;
use super::document::Document;
use super::finding::{Coverage, Finding, Level};
use super::rules::RULES;
use super::sink::Sink;
use super::view::View;

/// How the rules are set.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Levels that somebody asked for, by rule.
    pub levels: BTreeMap<&'static str, Level>,
    /// The day on which an allowance must still hold; without it none expires.
    pub today: Option<Date>,
}

impl Settings {
    /// The level of a rule; one that is not known is off.
    pub fn level(&self, rule: &str) -> Level {
        let own = || RULES.iter().find(|known| known.id == rule).map_or(Level::Off, |known| known.level);
        self.levels.get(rule).copied().unwrap_or_else(own)
    }
}

/// What proofreading one document came to.
#[derive(Debug, Clone, Default)]
pub struct Proofread {
    /// The findings, in the order of the document.
    pub findings: Vec<Finding>,
    /// What was looked at.
    pub coverage: Coverage,
}

/// Proofreads a document.
pub fn proofread(document: &Document, settings: &Settings) -> Proofread {
    let view = View::of(document);
    let mut done = Proofread::default();
    for rule in RULES {
        let level = settings.level(rule.id);
        if level == Level::Off {
            continue;
        }
        let mut sink = Sink::new(&view, rule.id, level, settings.levels.contains_key(rule.id));
        (rule.check)(&view, &mut sink);
        done.findings.append(&mut sink.findings);
        done.coverage.add(&sink.coverage);
    }
    done.findings.sort_by_key(Finding::start);
    let mut problems = allow::apply(document, settings, &mut done.findings);
    done.findings.append(&mut problems);
    done.findings.sort_by_key(Finding::start);
    done
}

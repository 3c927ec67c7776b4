//! One document through all rules.

use std::collections::BTreeMap;

use jiff::civil::Date;

use super::allow;
use super::document::Sections;
use super::finding::{Coverage, Finding, Level};
use super::rules::{Check, Gather, RULES};
use super::sink::{Found, Sink};
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

/// A rule that looks at a document.
struct Looking {
    id: &'static str,
    level: Level,
    /// Was the level asked for by somebody?
    fixed: bool,
    how: How,
    found: Found,
}

enum How {
    Section(fn(&View<'_>, &mut Sink<'_, '_>)),
    Document(Box<dyn Gather>),
}

impl Looking {
    /// At a section, or for the last time at all of them.
    fn look(&mut self, view: Option<&View<'_>>) {
        let mut sink = Sink::new(view, self.id, self.level, self.fixed, std::mem::take(&mut self.found));
        match (&mut self.how, view) {
            (How::Section(check), Some(view)) => check(view, &mut sink),
            (How::Section(_), None) => {}
            (How::Document(gather), Some(view)) => gather.section(view, &mut sink),
            (How::Document(gather), None) => gather.end(&mut sink),
        }
        self.found = sink.found;
    }
}

/// Proofreads a document. Section by section: time grows with its length, and memory with that of its longest section.
pub fn proofread(text: &str, settings: &Settings) -> Proofread {
    let looking = RULES.iter().map(|rule| Looking {
        id: rule.id,
        level: settings.level(rule.id),
        fixed: settings.levels.contains_key(rule.id),
        how: match rule.check {
            Check::Section(check) => How::Section(check),
            Check::Document(begin) => How::Document(begin()),
        },
        found: Found::default(),
    });
    let mut looking: Vec<Looking> = looking.filter(|rule| rule.level > Level::Off).collect();
    for section in Sections::of(text.into()) {
        let view = View::of(&section);
        for rule in &mut looking {
            rule.look(Some(&view));
        }
    }
    let mut done = Proofread::default();
    for mut rule in looking {
        rule.look(None);
        let Found { mut findings, checked, not_checked } = rule.found;
        done.findings.append(&mut findings);
        if checked > 0 {
            done.coverage.checked.insert(rule.id, checked);
        }
        done.coverage.not_checked.extend(not_checked.into_iter().map(|(reason, count)| ((rule.id, reason), count)));
    }
    done.findings.sort_by_key(Finding::start);
    let mut problems = allow::apply(text, settings, &mut done.findings);
    done.findings.append(&mut problems);
    done.findings.sort_by_key(Finding::start);
    done
}

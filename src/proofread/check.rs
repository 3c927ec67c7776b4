//! One document through all rules.

use std::collections::BTreeMap;

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
        let asked = settings.levels.get(rule.id).copied();
        let level = asked.unwrap_or(rule.level);
        if level == Level::Off {
            continue;
        }
        let mut sink = Sink::new(&view, rule.id, level, asked.is_some());
        (rule.check)(&view, &mut sink);
        done.findings.append(&mut sink.findings);
        done.coverage.add(&sink.coverage);
    }
    let place = |finding: &Finding| finding.anchors.first().map_or(0, |anchor| anchor.bytes.start);
    done.findings.sort_by_key(place);
    done
}

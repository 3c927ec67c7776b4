//! Where rules put what they looked at. Levels are settled here, so that no rule knows how it is configured.

use std::collections::BTreeMap;

use super::finding::{Anchor, Finding, Level};
use super::relation::Verdict;
use super::view::View;

/// What a rule says of a relation that is not plainly true.
pub(super) struct Draft {
    /// What is wrong, a lower-case fragment.
    pub(super) message: String,
    /// As written.
    pub(super) claimed: String,
    /// What the numbers come to.
    pub(super) recomputed: String,
    /// The readings that were tried.
    pub(super) readings: &'static [&'static str],
    /// Two or more; the first is the claim.
    pub(super) anchors: Vec<Anchor>,
    /// Not more than this, for a case that is less certain than its rule.
    pub(super) at_most: Level,
}

/// What one rule came to so far.
#[derive(Default)]
pub(super) struct Found {
    /// The findings, in the order in which they were made.
    pub(super) findings: Vec<Finding>,
    /// How many relations were held against their numbers.
    pub(super) checked: u64,
    /// How many were not, by reason.
    pub(super) not_checked: BTreeMap<&'static str, u64>,
}

/// Collects what one rule finds in one document.
pub(super) struct Sink<'v, 'a> {
    /// What is looked at; nothing any more at the end of the document.
    view: Option<&'v View<'a>>,
    rule: &'static str,
    level: Level,
    /// Was the level asked for by somebody?
    fixed: bool,
    pub(super) found: Found,
}

impl<'v, 'a> Sink<'v, 'a> {
    /// For a rule at its level.
    pub(super) fn new(view: Option<&'v View<'a>>, rule: &'static str, level: Level, fixed: bool, found: Found) -> Self {
        Self { view, rule, level, fixed, found }
    }

    /// Takes a relation that was held against its numbers; `draft` is asked for when there is something to say.
    pub(super) fn judge(&mut self, verdict: Verdict, draft: impl FnOnce() -> Draft) {
        self.judge_under(verdict, None, draft);
    }

    /// As [`Self::judge`], of a claim that may stand in another section, under these headings.
    pub(super) fn judge_under(&mut self, verdict: Verdict, under: Option<Vec<String>>, draft: impl FnOnce() -> Draft) {
        self.found.checked += 1;
        let (level, readings) = match verdict {
            Verdict::Consistent => return,
            Verdict::Rounding => (Some(Level::Info), Some(&["cut off or rounded up"][..])),
            Verdict::Inconsistent => (None, None),
        };
        let Draft { message, claimed, recomputed, readings: tried, anchors, at_most } = draft();
        let own = if self.fixed { self.level } else { self.level.min(at_most) };
        let here = || Some(self.view?.under(anchors.first()?.bytes.start));
        let under = under.or_else(here).unwrap_or_default();
        self.found.findings.push(Finding {
            rule: self.rule,
            level: level.unwrap_or(own).min(own),
            message,
            claimed,
            recomputed,
            readings: readings.unwrap_or(tried).to_vec(),
            anchors,
            under,
            allowed: None,
        });
    }

    /// Takes a relation that is plainly not to be held against anything, and why.
    pub(super) fn skip(&mut self, reason: &'static str) {
        *self.found.not_checked.entry(reason).or_default() += 1;
    }
}

//! Where rules put what they looked at. Levels are settled here, so that no rule knows how it is configured.

use super::finding::{Anchor, Coverage, Finding, Level};
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

/// Collects what one rule finds in one document.
pub(super) struct Sink<'v, 'a> {
    view: &'v View<'a>,
    rule: &'static str,
    level: Level,
    /// Was the level asked for by somebody?
    fixed: bool,
    pub(super) findings: Vec<Finding>,
    pub(super) coverage: Coverage,
}

impl<'v, 'a> Sink<'v, 'a> {
    /// For a rule at its level.
    pub(super) fn new(view: &'v View<'a>, rule: &'static str, level: Level, fixed: bool) -> Self {
        Self { view, rule, level, fixed, findings: Vec::new(), coverage: Coverage::default() }
    }

    /// Takes a relation that was held against its numbers; `draft` is asked for when there is something to say.
    pub(super) fn judge(&mut self, verdict: Verdict, draft: impl FnOnce() -> Draft) {
        *self.coverage.checked.entry(self.rule).or_default() += 1;
        let (level, readings) = match verdict {
            Verdict::Consistent => return,
            Verdict::Rounding => (Some(Level::Info), Some(&["cut off or rounded up"][..])),
            Verdict::Inconsistent => (None, None),
        };
        let Draft { message, claimed, recomputed, readings: tried, anchors, at_most } = draft();
        let own = if self.fixed { self.level } else { self.level.min(at_most) };
        let under = anchors.first().map_or_else(Vec::new, |anchor| self.view.under(anchor.bytes.start));
        self.findings.push(Finding {
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
        *self.coverage.not_checked.entry((self.rule, reason)).or_default() += 1;
    }
}

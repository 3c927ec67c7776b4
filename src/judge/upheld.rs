//! What the verdict would be if a refuted claim were true, where no condition would come out differently: then the check
//! would pass and not warn, which may raise a score over its floor or close what is open.
//!
//! It judges again only where the rule that decided may be moved by that one check.

use std::collections::{BTreeSet, HashMap};

use super::claims::Judged;
use super::score::{Board, Entry, View, overall_score};
use super::verdict::Findings;
use super::{Index, conditions_state, rollout};
use crate::model::audit::Audit;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::model::judgement::{CheckResult, ListedResult, Rule, RuleOutcome, Status, Verdict};

/// What was concluded, as far as the verdict hangs on it.
pub(super) struct Concluded<'a> {
    pub(super) audit: &'a Audit,
    pub(super) checks: &'a [CheckResult],
    pub(super) listed: &'a [ListedResult],
    pub(super) left_out: &'a [&'a CheckId],
    pub(super) by_check: &'a Index<'a>,
    pub(super) board: &'a Board<'a>,
    pub(super) chain: &'a [RuleOutcome],
    pub(super) verdict: Verdict,
    pub(super) now: Instant,
}

/// The verdict with one claim upheld, by the index of its check and its own: only where it would be another.
pub(super) fn verdicts(concluded: &Concluded<'_>, judged: &[Judged<'_>]) -> Vec<(usize, usize, Verdict)> {
    let Some(decided) = concluded.chain.iter().find(|outcome| outcome.decided) else { return Vec::new() };
    if !matches!(decided.rule, Rule::ScoreBelowFloor | Rule::ConditionOverdue | Rule::OpenPoints) {
        return Vec::new();
    }
    let alone = judged.iter().zip(concluded.checks).enumerate().filter_map(|(at, (judged, result))| {
        let claim = judged.would_pass_but_for(result)?;
        Some((at, claim))
    });
    let mut again = Again {
        concluded,
        decided,
        special: concluded.special(),
        names: concluded.checks.iter().map(|result| result.check.to_string()).collect(),
        raised: HashMap::new(),
        alike: HashMap::new(),
    };
    alone.filter_map(|(check, claim)| Some((check, claim, again.verdict(check)?))).collect()
}

impl Concluded<'_> {
    /// Checks on which more hangs than their own score.
    fn special(&self) -> BTreeSet<&CheckId> {
        let closers = self.audit.conditions.iter().filter_map(|condition| condition.closed_by.as_ref());
        let rehearsed = self.audit.rollout.iter().filter_map(|rollout| rollout.rehearsed.as_ref());
        let waived = self.checks.iter().filter(|result| result.waived_by.is_some()).map(|result| &result.check);
        closers.chain(rehearsed).chain(waived).collect()
    }

    /// The verdict if a check passed.
    fn passing(&self, at: usize) -> Verdict {
        let mut checks = self.checks.to_vec();
        checks[at].status = Status::Pass;
        checks[at].waived_by = None;
        let board = Board::new(self.audit, &checks);
        let reviews = rollout::review(self.audit, &checks, self.by_check);
        let findings = Findings {
            audit: self.audit,
            checks: &checks,
            areas: &board.area_results(),
            overall: &board.overall(),
            conditions: &conditions_state::states(self.audit, &checks, &reviews, self.now),
            listed: self.listed,
            left_out: self.left_out,
        };
        findings.chain().0
    }
}

struct Again<'a> {
    concluded: &'a Concluded<'a>,
    decided: &'a RuleOutcome,
    special: BTreeSet<&'a CheckId>,
    /// The names of all checks; every other name is that of a condition.
    names: BTreeSet<String>,
    /// Does a check with this entry, when it passes, lift everything above its floor?
    raised: HashMap<Entry, bool>,
    /// The verdict with a check upheld on which nothing else hangs: by whether it is all that is open.
    alike: HashMap<bool, Verdict>,
}

impl Again<'_> {
    /// The verdict if this check passed; `None` where it would be the same.
    fn verdict(&mut self, at: usize) -> Option<Verdict> {
        let concluded = self.concluded;
        let id = &concluded.checks[at].check;
        let special = self.special.contains(id);
        let may_move = match self.decided.rule {
            Rule::ScoreBelowFloor => self.raises(at),
            _ => self.is_all(self.decided, id, special),
        };
        if !may_move {
            return None;
        }
        let verdict = if special {
            concluded.passing(at)
        } else {
            let open = concluded.chain.iter().find(|outcome| outcome.rule == Rule::OpenPoints);
            let only = open.is_some_and(|open| self.is_all(open, id, false));
            *self.alike.entry(only).or_insert_with(|| concluded.passing(at))
        };
        (verdict != concluded.verdict).then_some(verdict)
    }

    /// Does nothing trigger the rule but this check, and what hangs on it?
    fn is_all(&self, rule: &RuleOutcome, id: &CheckId, special: bool) -> bool {
        let own = id.to_string();
        let hangs = |name: &String| *name == own || (special && !self.names.contains(name));
        rule.because.iter().all(hangs)
    }

    /// Would no score be below its floor?
    fn raises(&mut self, at: usize) -> bool {
        let board = self.concluded.board;
        let Some(entry) = board.entries.get(at).and_then(Option::as_ref) else { return false };
        if let Some(known) = self.raised.get(entry) {
            return *known;
        }
        let policy = &self.concluded.audit.verdict;
        let mut tallies = board.tallies.clone();
        tallies[entry.area].fix(entry);
        let areas =
            tallies.iter().all(|tally| tally.score(View::WithWaivers).is_none_or(|it| it >= policy.floor_area.clone()));
        let overall =
            overall_score(&tallies, View::WithWaivers).is_none_or(|score| score >= policy.floor_overall.clone());
        self.raised.insert(entry.clone(), areas && overall);
        areas && overall
    }
}

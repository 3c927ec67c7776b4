//! The verdict: seven rules, and one more for a part of a run, asked in order, each with its reason. The first that fires
//! decides; all are recorded.

use crate::model::audit::{Audit, Check, Level, Severity};
use crate::model::claim;
use crate::model::format::{self, and_list};
use crate::model::id::{CheckId, Id};
use crate::model::judgement::{
    AreaResult, CheckResult, ConditionOrigin, ConditionProgress, ConditionState, ListedResult, Overall, Rule,
    RuleOutcome, Status, Verdict,
};
use crate::model::number::Number;

/// Most names in a sentence; all of them stand in `because`.
const MOST_NAMES: usize = 5;
/// Longest title in a sentence, in characters.
const MOST_TITLE: usize = 60;
/// Most decimals that tell two numbers apart.
const MOST_DECIMALS: u32 = 30;

/// Everything the rules look at.
pub(super) struct Findings<'a> {
    pub(super) audit: &'a Audit,
    pub(super) checks: &'a [CheckResult],
    pub(super) areas: &'a [AreaResult],
    pub(super) overall: &'a Overall,
    pub(super) conditions: &'a [ConditionState],
    pub(super) listed: &'a [ListedResult],
    pub(super) left_out: &'a [&'a CheckId],
}

/// A condition that an approval must name.
pub(super) fn is_open_must(condition: &ConditionState) -> bool {
    condition.level == Level::Must && condition.progress != ConditionProgress::Closed
}

impl Findings<'_> {
    /// The verdict, and every rule with whether it fired and why.
    pub(super) fn chain(&self) -> (Verdict, Vec<RuleOutcome>) {
        let rules = [
            Some(self.blockers_failed()),
            partial(self.checks.len(), self.left_out),
            Some(self.blockers_unknown()),
            Some(self.coverage()),
            Some(self.floors()),
            Some(self.overdue()),
            Some(self.open_points()),
        ];
        decided(rules.into_iter().flatten().collect())
    }

    fn checks(&self) -> impl Iterator<Item = (&Check, &CheckResult)> {
        self.audit.checks.iter().zip(self.checks)
    }

    fn blockers_failed(&self) -> RuleOutcome {
        let failed = |waived: bool| {
            let of = self.checks().filter(move |(check, result)| {
                let is = check.severity == Severity::Blocker && result.status == Status::Fail;
                is && result.waived_by.is_some() == waived
            });
            of.map(|(check, _)| check.id.to_string()).collect::<Vec<_>>()
        };
        let (open, waived) = (failed(false), failed(true));
        let reason = match (open.len(), waived.len()) {
            (0, 0) => "no blocker failed".to_owned(),
            (0, _) => format!("no blocker failed but {}, which {} waived", names(&waived), are(waived.len())),
            (1, _) => format!("a blocker failed: {}", names(&open)),
            (number, _) => format!("{number} blockers failed: {}", names(&open)),
        };
        outcome(Rule::BlockerFailed, !open.is_empty(), reason, open)
    }

    fn blockers_unknown(&self) -> RuleOutcome {
        let unknown = self.checks().filter(|(check, result)| {
            check.severity == Severity::Blocker && result.status.is_unknown() && result.is_scored(check)
        });
        let told: Vec<(String, Status)> =
            unknown.map(|(check, result)| (check.id.to_string(), result.status)).collect();
        let shown: Vec<String> = told.iter().map(|(id, status)| format!("{id} ({})", status.word())).collect();
        let reason = match told.len() {
            0 => "every blocker could be decided".to_owned(),
            1 => format!("a blocker could not be decided: {}", names(&shown)),
            number => format!("{number} blockers could not be decided: {}", names(&shown)),
        };
        outcome(Rule::BlockerUnknown, !told.is_empty(), reason, told.into_iter().map(|(id, _)| id).collect())
    }

    fn coverage(&self) -> RuleOutcome {
        let (covered, least) = (self.overall.coverage.covered(), &self.audit.verdict.min_coverage);
        let low = covered < *least;
        let word = if low { "below" } else { "not below" };
        let (is, required) = match (format::percent(&covered), format::percent(least)) {
            (is, required) if low && is == required => {
                let hundredfold = |share: &Number| share * &Number::from(100);
                let (is, required) = told_apart(&hundredfold(&covered), &hundredfold(least));
                (format!("{is} %"), format!("{required} %"))
            }
            told => told,
        };
        let reason = format!("coverage is {is}, {word} the {required} required");
        let missing =
            self.checks().filter(|(check, result)| low && result.status.is_unknown() && result.is_scored(check));
        outcome(Rule::CoverageLow, low, reason, missing.map(|(check, _)| check.id.to_string()).collect())
    }

    /// Floors are held against the scores with waivers: a failure that somebody accepted for a time is listed as a
    /// condition, and must not come back as a rejection.
    fn floors(&self) -> RuleOutcome {
        let policy = &self.audit.verdict;
        let mut low = Vec::new();
        let mut told = Vec::new();
        if let Some(score) = self.overall.score_with_waivers.as_ref().filter(|score| **score < policy.floor_overall) {
            low.push("overall".to_owned());
            let (score, floor) = scores_apart(score, &policy.floor_overall);
            told.push(format!("overall {score} is below {floor}"));
        }
        for area in self.areas {
            if let Some(score) = area.score_with_waivers.as_ref().filter(|score| **score < policy.floor_area) {
                low.push(area.area.to_string());
                let (score, floor) = scores_apart(score, &policy.floor_area);
                let unseen = if area.coverage.covered().is_zero() { ", as nothing of it was measured" } else { "" };
                told.push(format!("{} {score} is below {floor}{unseen}", self.titled(&area.area)));
            }
        }
        let scored = self.overall.score.is_some();
        let reason = match (low.is_empty(), scored) {
            (false, _) => names(&told),
            (true, true) => "no score is below its floor".to_owned(),
            (true, false) => "nothing was scored".to_owned(),
        };
        outcome(Rule::ScoreBelowFloor, !low.is_empty(), reason, low)
    }

    /// An area by its title, as text of the audit file in quotation marks.
    fn titled(&self, area: &Id) -> String {
        let known = self.audit.areas.iter().find(|known| known.id == *area);
        known.map_or_else(|| area.to_string(), |known| format!("\"{}\"", format::shortened(&known.title, MOST_TITLE)))
    }

    fn overdue(&self) -> RuleOutcome {
        let late = self.conditions.iter().filter(|condition| condition.progress == ConditionProgress::Overdue);
        let late: Vec<String> = late.map(|condition| condition.id.clone()).collect();
        let reason = match late.len() {
            0 => "no condition is overdue".to_owned(),
            1 => format!("a condition is overdue: {}", names(&late)),
            number => format!("{number} conditions are overdue: {}", names(&late)),
        };
        outcome(Rule::ConditionOverdue, !late.is_empty(), reason, late)
    }

    fn open_points(&self) -> RuleOutcome {
        let mut told = Vec::new();
        let mut because: Vec<String> = Vec::new();
        let mut add = |ids: Vec<String>, one: &str, many: &str, reference: fn(&str) -> String| {
            if !ids.is_empty() {
                told.push(format!("{}: {}", format::plural(ids.len() as u64, one, many), names(&ids)));
                because.extend(ids.iter().map(|id| reference(id)));
            }
        };
        let plain = str::to_owned;
        let must = self
            .conditions
            .iter()
            .filter(|condition| is_open_must(condition) && !matches!(condition.origin, ConditionOrigin::Waiver(_)));
        add(must.map(|condition| condition.id.clone()).collect(), "open condition", "open conditions", plain);
        let open = |wanted: &dyn Fn(&Check, &CheckResult) -> bool| {
            let found = self.checks().filter(|(check, result)| wanted(check, result));
            found.map(|(check, _)| check.id.to_string()).collect::<Vec<_>>()
        };
        let of = |severity| open(&|check, result| check.severity == severity && result.is_open_major(check));
        add(of(Severity::Blocker), "blocker does not pass", "blockers do not pass", plain);
        add(of(Severity::Major), "major check does not pass", "major checks do not pass", plain);
        let decisive = open(&|_, result| result.has_decisive_claim());
        add(decisive, "refuted claim that matters", "refuted claims that matter", plain);
        let listed = open_listed(self.audit, self.listed).map(ToString::to_string).collect();
        add(listed, "claim of the list does not hold", "claims of the list do not hold", claim::reference);
        add(open(&|_, result| result.waived_by.is_some()), "waiver in use", "waivers in use", plain);
        because.sort();
        because.dedup();
        let fired = !because.is_empty();
        let reason = if fired { told.join("; ") } else { "nothing is left open".to_owned() };
        outcome(Rule::OpenPoints, fired, reason, because)
    }
}

/// A score and the floor that it is below, so that the two do not read alike: as scores are printed, where that does.
fn scores_apart(score: &Number, floor: &Number) -> (String, String) {
    let (short, shown) = (format::score(score), format::score(floor));
    let exact = shown.parse::<Number>().is_ok_and(|said| said == *floor);
    if exact && short != shown {
        return (short, shown);
    }
    let (score, told) = told_apart(score, floor);
    (score, if exact { shown } else { told })
}

/// Two numbers, with as many decimals as tell them apart: three at least.
fn told_apart(one: &Number, other: &Number) -> (String, String) {
    let told = |places| (one.to_rounded(places), other.to_rounded(places));
    (3..=MOST_DECIMALS).map(told).find(|(one, other)| one != other).unwrap_or_else(|| told(MOST_DECIMALS))
}

/// A part says nothing of the whole: however little was left out, nobody looked at it. Not asked of a whole run.
pub(super) fn partial(checks: usize, left_out: &[&CheckId]) -> Option<RuleOutcome> {
    let left_out: Vec<String> = left_out.iter().map(ToString::to_string).collect();
    let verb = if left_out.len() == 1 { "was" } else { "were" };
    let all = format::plural(checks as u64, "check", "checks");
    let reason = format!("{} of {all} {verb} left out of this run: {}", left_out.len(), names(&left_out));
    (!left_out.is_empty()).then(|| outcome(Rule::Partial, true, reason, left_out))
}

/// Claims of the list that are not upheld, whatever the reason.
pub(super) fn open_listed<'a>(audit: &'a Audit, listed: &'a [ListedResult]) -> impl Iterator<Item = &'a Id> {
    let open = audit.claims.iter().zip(listed).filter(|(_, result)| !result.status.is_upheld());
    open.map(|(claim, _)| &claim.id)
}

const fn decides(rule: Rule) -> Verdict {
    match rule {
        Rule::BlockerFailed | Rule::ScoreBelowFloor | Rule::ConditionOverdue => Verdict::Rejected,
        Rule::Partial | Rule::BlockerUnknown | Rule::CoverageLow | Rule::ClaimUnknown => Verdict::Undetermined,
        Rule::OpenPoints | Rule::ClaimRefuted => Verdict::ApprovedWithConditions,
        Rule::Clear => Verdict::Approved,
    }
}

/// Adds the last rule, and lets the first that fired decide.
pub(super) fn decided(mut chain: Vec<RuleOutcome>) -> (Verdict, Vec<RuleOutcome>) {
    let clear = chain.iter().all(|outcome| !outcome.fired);
    let reason = if clear { "nothing stands in the way" } else { "a rule above fired" };
    chain.push(outcome(Rule::Clear, clear, reason.to_owned(), Vec::new()));
    let mut verdict = Verdict::Approved;
    if let Some(first) = chain.iter_mut().find(|outcome| outcome.fired) {
        first.decided = true;
        verdict = decides(first.rule);
    }
    (verdict, chain)
}

pub(super) fn outcome(rule: Rule, fired: bool, reason: String, because: Vec<String>) -> RuleOutcome {
    RuleOutcome { rule, fired, decided: false, reason, because }
}

const fn are(number: usize) -> &'static str {
    if number == 1 { "is" } else { "are" }
}

pub(super) fn names(ids: &[String]) -> String {
    let more = ids.len().saturating_sub(MOST_NAMES);
    if more == 0 {
        return and_list(ids);
    }
    format!("{} and {more} more", ids[..MOST_NAMES].join(", "))
}

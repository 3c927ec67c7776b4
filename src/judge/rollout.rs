//! The review of a rollout plan: what its authors would rather hear before the first stage than during it.
//!
//! Each rule looks at the plan as it is declared and at what the audit saw. What cannot be said is `unknown`, and a rule
//! that has nothing to be asked of says so: neither holds.

mod flags;
mod stages;
mod triggers;

use super::Index;
use crate::model::audit::Audit;
use crate::model::format::{and_list, plural};
use crate::model::id::CheckId;
use crate::model::instant::Stamp;
use crate::model::judgement::{
    CheckResult, ConditionOrigin, ConditionProgress, ConditionState, PlanFinding, PlanReview, PlanRule, PlanStanding,
    Status,
};
use crate::model::rollout::{Rollout, Stage};

/// Everything that the rules look at.
struct Plan<'a> {
    audit: &'a Audit,
    rollout: &'a Rollout,
    checks: &'a [CheckResult],
    seen: &'a Index<'a>,
}

/// Every rule, in its order; none where the audit has no rollout.
pub(super) fn review(audit: &Audit, checks: &[CheckResult], seen: &Index<'_>) -> Vec<PlanReview> {
    let Some(rollout) = &audit.rollout else { return Vec::new() };
    let plan = Plan { audit, rollout, checks, seen };
    let ask = |rule| match rule {
        PlanRule::Percentages => plan.percentages(),
        PlanRule::Window => plan.window(),
        PlanRule::Soak => plan.soak(),
        PlanRule::KnownFlags => plan.known_flags(),
        PlanRule::ForbiddenFlags => plan.forbidden_flags(),
        PlanRule::Decided => plan.decided(),
        PlanRule::Measured => plan.measured(),
        PlanRule::RollBackOrder => plan.roll_back_order(),
        PlanRule::Contradiction => plan.contradiction(),
        PlanRule::Rehearsed => plan.rehearsed(),
        PlanRule::Owned => plan.owned(),
    };
    let reviews = PlanRule::ALL.into_iter().map(|rule| {
        let Answer { unknown, asked, reason, findings } = ask(rule);
        let standing = match (asked, findings.is_empty(), unknown) {
            (false, ..) => PlanStanding::NotAsked,
            (true, true, false) => PlanStanding::Holds,
            (true, _, true) => PlanStanding::Unknown,
            (true, false, false) => PlanStanding::Broken,
        };
        PlanReview { rule, standing, reason, findings }
    });
    reviews.collect()
}

/// A condition for each rule that does not hold.
pub(super) fn conditions<'a>(
    rollout: &'a Rollout,
    reviews: &'a [PlanReview],
) -> impl Iterator<Item = ConditionState> + 'a {
    let open = reviews.iter().filter(|review| !review.findings.is_empty());
    open.map(|review| ConditionState {
        id: review.rule.condition(),
        origin: ConditionOrigin::Rollout(review.rule),
        level: review.rule.level(),
        text: text(review),
        owner: rollout.owner.clone(),
        due: None,
        progress: ConditionProgress::Open,
        reason: found(&review.findings),
    })
}

/// What has to hold, Markdown. What is wrong is said by the review, which the condition comes from.
fn text(review: &PlanReview) -> String {
    let asks = review.rule.asks();
    let mut letters = asks.chars();
    let asks = letters.next().map_or_else(String::new, |first| first.to_lowercase().chain(letters).collect::<String>());
    match review.standing {
        PlanStanding::Unknown => format!("Show of the rollout plan: {asks}."),
        _ => format!("Put the rollout plan right: {asks}."),
    }
}

/// How much the review found, and about which stages.
fn found(findings: &[PlanFinding]) -> String {
    let mut stages: Vec<&str> = Vec::new();
    for stage in findings.iter().filter_map(|finding| finding.stage.as_ref()) {
        if !stages.contains(&stage.as_str()) {
            stages.push(stage.as_str());
        }
    }
    let count = plural(findings.len() as u64, "finding", "findings");
    let about = if stages.is_empty() { String::new() } else { format!(" about {}", and_list(&stages)) };
    format!("the plan review has {count}{about}")
}

/// What a rule found.
struct Answer {
    /// Is there anything to ask it of?
    asked: bool,
    /// Is what it found that it cannot be said?
    unknown: bool,
    reason: String,
    findings: Vec<PlanFinding>,
}

impl Answer {
    /// It holds where nothing was found.
    fn of(reason: impl Into<String>, findings: Vec<PlanFinding>) -> Self {
        Self { asked: true, unknown: false, reason: reason.into(), findings }
    }

    /// It cannot be said.
    fn unknown(reason: impl Into<String>, finding: PlanFinding) -> Self {
        Self { asked: true, unknown: true, reason: reason.into(), findings: vec![finding] }
    }

    fn not_asked(reason: impl Into<String>) -> Self {
        Self { asked: false, unknown: false, reason: reason.into(), findings: Vec::new() }
    }
}

/// A finding about a stage.
fn about(stage: &Stage, says: impl Into<String>, help: impl Into<String>) -> PlanFinding {
    let declared = Some(stage.declared.clone());
    PlanFinding { stage: Some(stage.name.clone()), says: says.into(), help: help.into(), declared }
}

/// A finding about the whole plan.
fn overall(says: impl Into<String>, help: impl Into<String>) -> PlanFinding {
    PlanFinding { stage: None, says: says.into(), help: help.into(), declared: None }
}

impl Plan<'_> {
    fn starts(&self) -> Option<Stamp> {
        self.rollout.starts.or(self.audit.go_live)
    }

    fn status(&self, check: &CheckId) -> Option<Status> {
        self.checks.iter().find(|result| result.check == *check).map(|result| result.status)
    }

    /// Pairs of a stage and the one after it.
    fn steps(&self) -> impl Iterator<Item = (&Stage, &Stage)> {
        self.rollout.stages.windows(2).filter_map(|pair| Some((pair.first()?, pair.get(1)?)))
    }

    fn rehearsed(&self) -> Answer {
        let mut findings = Vec::new();
        if self.rollout.way_back.is_none() {
            findings.push(overall(
                "No command of the way back is written down",
                "Add `rollout.way-back` with the lines to paste.",
            ));
        }
        let Some(check) = &self.rollout.rehearsed else {
            let help = "Name the check that shows it in `rollout.rehearsed`, such as an attestation.";
            findings.push(overall("Nobody says whether the way back was rehearsed", help));
            return Answer::of("no check is named that would show a rehearsal", findings);
        };
        let status = self.status(check).unwrap_or(Status::Skipped);
        let reason = format!("{check} {}", status.predicate());
        if status != Status::Pass {
            let help = format!("Rehearse it, so that {check} passes.");
            findings.push(overall(format!("The way back was not shown to be rehearsed: {reason}"), help));
        }
        Answer { unknown: !status.is_measured(), ..Answer::of(reason, findings) }
    }
}

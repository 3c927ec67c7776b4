//! The words and symbols of the documents: one place, so that the same thing is always called the same.

use std::borrow::Cow;

use crate::model::audit::{Gate, Level, Rating, Severity};
use crate::model::format;
pub(super) use crate::model::format::{full_stop, sentence, sentence_case};
use crate::model::id::CheckId;
use crate::model::judgement::{
    ClaimStatus, ConditionProgress, Outcome, PlanStanding, Rule, Status, Verdict, WaiverProgress,
};
use crate::model::record::CLAIMS_ALONE;
use crate::model::signoff::Decision;
use crate::report::Signed;
use crate::report::view::Mark;

pub(super) const NOTHING: &str = "–";

fn mark(symbol: &'static str, word: impl Into<Cow<'static, str>>, tone: &'static str) -> Mark {
    Mark { symbol, word: word.into(), tone }
}

pub(super) fn status(status: Status) -> Mark {
    let (symbol, tone) = match status {
        Status::Pass => ("✓", "good"),
        Status::Warn => ("!", "warn"),
        Status::Fail => ("✗", "bad"),
        Status::Error => ("!", "bad"),
        Status::NoData => (NOTHING, "warn"),
        Status::Skipped | Status::NotApplicable | Status::Info => (NOTHING, "none"),
    };
    mark(symbol, status.word(), tone)
}

pub(super) fn claim(status: ClaimStatus) -> Mark {
    let (symbol, tone) = match status {
        ClaimStatus::Exact | ClaimStatus::Rounds | ClaimStatus::Progressed | ClaimStatus::WithinTolerance => {
            ("✓", "good")
        }
        ClaimStatus::Truncated | ClaimStatus::Stale => ("✓", "warn"),
        ClaimStatus::Overstated | ClaimStatus::Understated | ClaimStatus::Refuted => ("✗", "bad"),
        ClaimStatus::Unverified => (NOTHING, "warn"),
        ClaimStatus::NotFound | ClaimStatus::Misquoted => ("!", "bad"),
    };
    mark(symbol, status.word(), tone)
}

pub(super) fn requirement(outcome: &Outcome) -> Mark {
    match outcome {
        Outcome::Holds => mark("✓", "met", "good"),
        Outcome::Fails => mark("✗", "not met", "bad"),
        Outcome::Unknown(_) => mark(NOTHING, "unknown", "warn"),
    }
}

pub(super) fn verdict(verdict: Verdict) -> Mark {
    verdict_in(verdict, verdict.words())
}

/// A verdict said in other words than its own.
pub(super) fn verdict_in(verdict: Verdict, words: impl Into<Cow<'static, str>>) -> Mark {
    let (symbol, tone) = match verdict {
        Verdict::Approved => ("✓", "good"),
        Verdict::ApprovedWithConditions => ("!", "warn"),
        Verdict::Rejected => ("✗", "bad"),
        Verdict::Undetermined => (NOTHING, "warn"),
    };
    mark(symbol, words, tone)
}

/// Of a run that came to no verdict, because only claims were judged.
pub(super) fn claims_alone() -> Mark {
    mark(NOTHING, CLAIMS_ALONE, "none")
}

/// A wish that is only warned about when it does not hold.
pub(super) fn wish(outcome: &Outcome) -> Mark {
    match outcome {
        Outcome::Fails => mark("!", "warned", "warn"),
        other => requirement(other),
    }
}

/// What a verdict means for a stage of a rollout, a sentence.
pub(super) fn gate_sentence(verdict: Verdict, gate: &Gate) -> String {
    let stage = &gate.stage;
    match (verdict, &gate.next) {
        (Verdict::Approved, Some(next)) => format!("The rollout may go on from {stage} to {next}."),
        (Verdict::Approved, None) => format!("{stage} was the last stage: the rollout is complete."),
        (Verdict::ApprovedWithConditions, _) => format!("The rollout stays in {stage}: not everything holds yet."),
        (Verdict::Rejected, _) => format!("The rollout is taken back from {stage}."),
        (Verdict::Undetermined, _) => format!("The rollout stays in {stage}: what decides could not be seen."),
    }
}

/// What is open where something is approved with conditions.
#[derive(Debug, Clone, Copy)]
pub(super) struct Open {
    /// Conditions that no waiver makes.
    pub(super) conditions: bool,
    /// What was waived.
    pub(super) waived: bool,
    /// More than what was waived.
    pub(super) more: bool,
}

/// What a verdict means for a subject, a sentence; `place` is where what it hangs on is listed: `below`.
pub(super) fn verdict_sentence(verdict: Verdict, subject: &str, open: Open, place: &str) -> String {
    let sentence = match verdict {
        Verdict::Approved => format!("Nothing that was measured stands in the way of {subject} going live."),
        Verdict::ApprovedWithConditions if open.waived && !open.more => format!("{subject} may go live."),
        Verdict::ApprovedWithConditions if open.conditions => {
            format!("{subject} may go live once the conditions listed {place} are met.")
        }
        Verdict::ApprovedWithConditions => format!("{subject} may go live once what is listed {place} is put right."),
        Verdict::Rejected => format!("{subject} must not go live as it stands."),
        Verdict::Undetermined => {
            format!("Whether {subject} may go live cannot be said: evidence is missing for something that decides.")
        }
    };
    if verdict == Verdict::ApprovedWithConditions && open.waived {
        return format!("{sentence} What is waived must be resolved before its waiver ends.");
    }
    sentence
}

pub(super) fn progress(progress: ConditionProgress) -> Mark {
    match progress {
        ConditionProgress::Open => mark("!", "open", "warn"),
        ConditionProgress::Closed => mark("✓", "closed", "good"),
        ConditionProgress::Overdue => mark("✗", "overdue", "bad"),
    }
}

pub(super) fn waiver(progress: WaiverProgress) -> Mark {
    match progress {
        WaiverProgress::InUse => mark("!", "in use", "warn"),
        WaiverProgress::Unused => mark(NOTHING, "unused, its check passes", "none"),
        WaiverProgress::Expired => mark("✗", "expired, without effect", "bad"),
        WaiverProgress::NotYetValid => mark(NOTHING, "not yet valid, without effect", "none"),
    }
}

pub(super) fn fired(fired: bool, decided: bool, rule: Rule) -> Mark {
    match (fired, decided) {
        (true, true) if rule == Rule::Clear => mark("✓", "yes, decided", "good"),
        (true, true) => mark("!", "yes, decided", "warn"),
        (true, false) => mark("!", "yes", "warn"),
        (false, _) => mark(NOTHING, "no", "none"),
    }
}

/// What a rule of the verdict asks.
pub(super) const fn rule(rule: Rule) -> &'static str {
    match rule {
        Rule::BlockerFailed => "Did a blocker fail?",
        Rule::Partial => "Is this a part of a run?",
        Rule::BlockerUnknown => "Could a blocker not be decided?",
        Rule::CoverageLow => "Was too little measured?",
        Rule::ScoreBelowFloor => "Is a score below its floor?",
        Rule::ConditionOverdue => "Is a condition overdue?",
        Rule::OpenPoints => "Is anything open that an approval must name?",
        Rule::ClaimUnknown => "Could every claim be held against something?",
        Rule::ClaimRefuted => "Is a claim wrong?",
        Rule::Clear => "Is the way clear?",
    }
}

pub(super) const fn severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Minor => "minor",
        Severity::Major => "major",
        Severity::Blocker => "blocker",
    }
}

pub(super) const fn level(level: Level) -> &'static str {
    match level {
        Level::Must => "must",
        Level::Should => "should",
        Level::Could => "could",
    }
}

/// Heading of the conditions that waivers make: they are due when these end, which may be long after go-live.
pub(super) const WAIVED: &str = "Before a waiver ends";

/// Heading of the conditions of a level.
pub(super) const fn level_title(level: Level) -> &'static str {
    match level {
        Level::Must => "Must: before go-live",
        Level::Should => "Should: strongly advised",
        Level::Could => "Could: if time permits",
    }
}

pub(super) const fn rating(rating: Rating) -> &'static str {
    match rating {
        Rating::Low => "low",
        Rating::LowMedium => "low to medium",
        Rating::Medium => "medium",
        Rating::MediumHigh => "medium to high",
        Rating::High => "high",
    }
}

/// Likelihood and impact together. The product of the two steps (1 to 5 each): from 15 severe, from 8 serious.
pub(super) fn exposure(likelihood: Rating, impact: Rating) -> Mark {
    match (likelihood as u8 + 1) * (impact as u8 + 1) {
        15.. => mark("✗", "severe", "bad"),
        8..=14 => mark("!", "serious", "warn"),
        _ => mark(NOTHING, "moderate", "none"),
    }
}

/// Where a rule for rollout plans stands.
pub(super) fn plan_standing(standing: PlanStanding) -> Mark {
    match standing {
        PlanStanding::Holds => mark("✓", "holds", "good"),
        PlanStanding::Broken => mark("✗", "broken", "bad"),
        PlanStanding::Unknown => mark("!", "cannot be said", "warn"),
        PlanStanding::NotAsked => mark(NOTHING, "not asked", "none"),
    }
}

/// A flag in the stage that switches it on.
pub(super) fn flag_on_from_here() -> Mark {
    mark("▸", "on from here", "good")
}

/// A flag that an earlier stage switched on.
pub(super) fn flag_on() -> Mark {
    mark("✓", "on", "good")
}

/// A flag that a later stage switches on.
pub(super) fn flag_not_yet() -> Mark {
    mark(NOTHING, "not yet", "none")
}

/// A flag that must stay off and does.
pub(super) fn flag_stays_off() -> Mark {
    mark("○", "stays off", "none")
}

/// A flag that is on where it must stay off.
pub(super) fn flag_forbidden() -> Mark {
    mark("✗", "on, and must stay off", "bad")
}

/// How a role stands: that somebody rejects stands before how many have signed.
pub(super) fn signed(role: Signed) -> Mark {
    let Signed { signed, needed, conditional, rejected, stale } = role;
    let with = if conditional > 0 { ", with conditions" } else { "" };
    match (rejected, signed) {
        (0, 0) if stale > 0 => mark("!", "stale", "warn"),
        (0, 0) => mark(NOTHING, "not signed yet", "warn"),
        (0, signed) if signed < needed => mark("!", format!("{signed} of {needed} signed{with}"), "warn"),
        (0, _) if conditional > 0 => mark("!", "signed with conditions", "warn"),
        (0, _) => mark("✓", "signed", "good"),
        (rejected, 0) => mark("✗", format!("rejected by {rejected}"), "bad"),
        (rejected, signed) => mark("✗", format!("rejected by {rejected}, {signed} of {needed} signed{with}"), "bad"),
    }
}

/// What a signer decided.
pub(super) fn decision(decision: Decision) -> Mark {
    match decision {
        Decision::Approve => mark("✓", decision.words(), "good"),
        Decision::ApproveWithConditions => mark("!", decision.words(), "warn"),
        Decision::Reject => mark("✗", decision.words(), "bad"),
    }
}

/// A decision whose signature is not checked here.
pub(super) fn unproved(decision: Decision) -> Mark {
    mark("!", format!("{}, not proved here", decision.words()), "warn")
}

/// A sign-off of an earlier record.
pub(super) fn stale() -> Mark {
    mark("!", "stale", "warn")
}

/// A sign-off that proves nothing.
pub(super) fn does_not_count() -> Mark {
    mark("✗", "does not count", "bad")
}

pub(super) fn decided(decided: bool) -> Mark {
    if decided { mark("✓", "decided", "good") } else { mark("!", "to be decided", "warn") }
}

/// Anchor of a check. Two hyphens part area and check, so runs of hyphens inside a name are broken up: no two checks
/// share an anchor.
pub(super) fn anchor(prefix: &str, id: &CheckId) -> String {
    format!("{prefix}-{}--{}", broken(id.area.as_str()), broken(id.check.as_str()))
}

/// Anchor of something with a plain name.
pub(super) fn plain_anchor(prefix: &str, name: &str) -> String {
    let safe = |c: char| if c.is_ascii_alphanumeric() || c == '-' { c } else { '_' };
    format!("{prefix}-{}", name.chars().map(safe).collect::<String>())
}

fn broken(name: &str) -> Cow<'_, str> {
    if name.as_bytes().windows(2).any(|pair| pair == b"--") {
        return Cow::Owned(name.replace("--", "-_-").replace("--", "-_-"));
    }
    Cow::Borrowed(name)
}

/// `1 check passes`, `2 checks pass`.
pub(super) fn counted(number: usize, one: &str, many: &str) -> String {
    format::plural(u64::try_from(number).unwrap_or(u64::MAX), one, many)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_two_checks_share_an_anchor() {
        let ids = ["a/b", "a--b/c", "a/b--c", "a-/b", "a/b-c", "a-b/c", "a---b/c", "a/b---c", "a-_/c"];
        let anchors: Vec<String> = ids.iter().filter_map(|id| id.parse().ok()).map(|id| anchor("c", &id)).collect();
        let mut unique = anchors.clone();
        unique.sort();
        unique.dedup();
        assert_eq!(unique.len(), 8);
        assert_eq!(anchors[0], "c-a--b");
    }
}

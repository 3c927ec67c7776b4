//! The decision of a gate for a program: what the rollout may do, and what each condition says.

use std::fmt::Write;

use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use crate::audit::Finished;
use crate::ci::{contract, inert};
use crate::cli::terminal::{self, BAD, CAUTION, DIM, GOOD, visible};
use crate::cli::{Exit, Failure};
use crate::model::audit::Check;
use crate::model::format;
use crate::model::judgement::{CheckResult, Status, Verdict};
use crate::model::record::{Observation, Record, Sight};
use crate::plan::gate::{PROCEED, ROLL_BACK, STAGE, UNMET};
use crate::signoff::SignOffs;
use crate::signoff::decide::Checked;

/// Names the shape; changes when the shape does.
const SCHEMA: &str = "urn:countersign:gate:v1";

/// What the rollout may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub(super) enum May {
    /// Take the next step.
    Proceed,
    /// Stay in the stage: something does not hold yet, or could not be seen.
    Hold,
    /// Go back.
    RollBack,
}

/// The decision of a gate.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Decision {
    /// Names this shape.
    schema: &'static str,
    /// What the rollout may do.
    decision: May,
    /// Is evidence missing for something that decides? Then it is held.
    evidence_missing: bool,
    /// The exit code: 0 proceed, 1 hold, 2 roll back, 3 hold because evidence is missing.
    exit: u8,
    /// Why, one sentence without a full stop.
    because: String,
    /// The audit.
    audit: String,
    /// The stage that the rollout is in.
    stage: String,
    /// The stage after it; `null` where it is the last one.
    next: Option<String>,
    /// When it was decided.
    decided_at: String,
    /// SHA-256 of the record of this decision.
    record: String,
    /// SHA-256 of the record of the audit.
    previous: Option<String>,
    /// Where the bundle with the evidence stands.
    bundle: String,
    /// Every condition, in the order of the rollout.
    conditions: Vec<Condition>,
    /// What was said against the audit by those who signed it: approvals on conditions, and rejections. Left out where
    /// nothing was, and over HTTP.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    reserved: Vec<Checked>,
}

/// One condition.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Condition {
    /// The check that asked it: `proceed/error-rate`.
    check: String,
    /// As written.
    text: String,
    /// What it decides: `stage` (it has soaked), `proceed` or `roll-back`.
    decides: String,
    /// Is it met? One of `roll-back` that is met takes the stage back. `null` where that is not known.
    met: Option<bool>,
    /// The newest sample, as a reader would write it; `null` where there is none.
    latest: Option<String>,
    /// Why it is decided so, one sentence without a full stop.
    reason: String,
}

/// The schema of what `--json` prints.
pub(crate) fn schema() -> Json {
    contract::<Decision>(SCHEMA, "countersign gate")
}

/// What a finished gate decided. Every text is made inert: a runner reads commands out of any line that a step prints.
pub(crate) fn decision(finished: &Finished, signed: Option<&SignOffs>) -> Decision {
    let record = &finished.record;
    let verdict = record.judgement.verdict;
    let gate = record.audit.gate.as_ref();
    let conditions = conditions(finished);
    Decision {
        schema: SCHEMA,
        decision: match verdict {
            Verdict::Approved => May::Proceed,
            Verdict::ApprovedWithConditions | Verdict::Undetermined => May::Hold,
            Verdict::Rejected => May::RollBack,
        },
        evidence_missing: verdict == Verdict::Undetermined,
        exit: Exit::of(verdict, false).code(),
        because: because(verdict, &conditions),
        audit: gate.map(|gate| gate.audit.to_string()).unwrap_or_default(),
        stage: gate.map(|gate| gate.stage.to_string()).unwrap_or_default(),
        next: gate.and_then(|gate| gate.next.as_ref()).map(ToString::to_string),
        decided_at: record.run.finished_at.to_string(),
        record: finished.sha256.clone(),
        previous: record.previous.clone(),
        bundle: inert(&finished.directory.display().to_string()),
        conditions,
        reserved: signed.map(reserved).unwrap_or_default(),
    }
}

fn reserved(signed: &SignOffs) -> Vec<Checked> {
    let reserved = signed.list.iter().filter(|checked| checked.is_reserved()).cloned();
    reserved
        .map(|checked| Checked {
            conditions: checked.conditions.iter().map(|condition| inert(condition)).collect(),
            statement: checked.statement.as_deref().map(inert),
            ..checked
        })
        .collect()
}

/// `errors > 5 for 1m is met`, `not met yet: queue < 100; not seen: p95 < 200ms for 1h`.
fn because(verdict: Verdict, conditions: &[Condition]) -> String {
    let named = |wanted: &dyn Fn(&Condition) -> bool| {
        let named = conditions.iter().filter(|condition| wanted(condition)).map(|condition| condition.text.as_str());
        named.collect::<Vec<_>>().join(", ")
    };
    let back = |condition: &Condition| condition.decides == ROLL_BACK;
    if verdict == Verdict::Rejected {
        return format!("{} is met", named(&|condition| back(condition) && condition.met == Some(true)));
    }
    let open = named(&|condition| !back(condition) && condition.met == Some(false));
    let unseen = named(&|condition| condition.met.is_none());
    let parts = [("not met yet", open), ("not seen", unseen)].into_iter().filter(|(_, named)| !named.is_empty());
    let told: Vec<String> = parts.map(|(what, named)| format!("{what}: {named}")).collect();
    if told.is_empty() {
        "everything that lets it go on is met, and nothing that takes it back".to_owned()
    } else {
        told.join("; ")
    }
}

impl Decision {
    /// What the rollout may do.
    pub(super) const fn may(&self) -> May {
        self.decision
    }

    /// On one line.
    pub(super) fn line(&self) -> String {
        let word = match self.decision {
            May::Proceed => "proceed",
            May::Hold => "hold",
            May::RollBack => "roll back",
        };
        format!("{word}: {}", visible(&self.because))
    }

    /// As JSON, and a line end.
    pub(super) fn json(&self) -> Result<String, Failure> {
        terminal::json(self)
    }

    /// For a terminal, with colour codes.
    pub(super) fn screen(&self, record: &Record) -> String {
        let (style, words) = match self.decision {
            May::Proceed => (GOOD, "PROCEED"),
            May::Hold if self.evidence_missing => (CAUTION, "HOLD: EVIDENCE IS MISSING"),
            May::Hold => (CAUTION, "HOLD"),
            May::RollBack => (BAD, "ROLL BACK"),
        };
        let style = style.bold();
        let mut text = format!("\n  {style}{words}{style:#}  {}\n", visible(&record.audit.title));
        let _ = writeln!(text, "  because {}\n", visible(&self.because));
        let width = self.conditions.iter().map(|condition| condition.text.chars().count() + 5).max().unwrap_or(0);
        for (area, heading) in [(STAGE, "the stage"), (PROCEED, "to go on"), (ROLL_BACK, "to roll back")] {
            let of_area: Vec<&Condition> =
                self.conditions.iter().filter(|condition| condition.decides == area).collect();
            if !of_area.is_empty() {
                let _ = writeln!(text, "  {DIM}{heading}{DIM:#}");
            }
            for condition in of_area {
                let (style, symbol) = match condition.met {
                    Some(met) if met != (area == ROLL_BACK) => (GOOD, "✓"),
                    Some(_) => (BAD, "✗"),
                    None => (CAUTION, "?"),
                };
                let latest = condition.latest.as_deref().map(visible).unwrap_or_default();
                // What stands beside the mark is what the mark says yes or no to.
                let not = if area == ROLL_BACK && condition.met == Some(false) { "not: " } else { "" };
                let told = format!("{not}{}", visible(&condition.text));
                let _ = writeln!(text, "  {style}{symbol}{style:#} {told:width$}  {latest}");
                if condition.met.is_none() {
                    let _ = writeln!(text, "    {}", visible(&condition.reason));
                }
            }
        }
        let _ = writeln!(text, "\n  report  {}/report.html", visible(&self.bundle));
        let _ = writeln!(text, "  {DIM}record  sha256 {}{DIM:#}", self.record);
        text
    }
}

fn conditions(finished: &Finished) -> Vec<Condition> {
    let record = &finished.record;
    let judged = record.audit.checks.iter().zip(&record.judgement.checks);
    judged.zip(&record.observations).map(|((check, result), seen)| condition(check, result, seen)).collect()
}

fn condition(check: &Check, result: &CheckResult, seen: &Observation) -> Condition {
    let area = check.id.area.as_str();
    let latest = match &seen.sight {
        Sight::Measured(facts) => {
            facts.get(if area == STAGE { "since" } else { "latest" }).map(|value| inert(&format::value(value)))
        }
        _ => None,
    };
    let passes = match result.status {
        Status::Pass => Some(true),
        Status::Fail => Some(false),
        _ => None,
    };
    Condition {
        check: check.id.to_string(),
        text: inert(check.title.strip_prefix(UNMET).unwrap_or(&check.title)),
        decides: area.to_owned(),
        met: passes.map(|passes| passes != (area == ROLL_BACK)),
        latest,
        reason: inert(&result.reason),
    }
}

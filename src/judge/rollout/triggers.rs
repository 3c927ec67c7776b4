//! Rules on what decides: it is measured, a small stage is not more patient than a large one, and nothing lets a stage go
//! on that takes it back.

use std::cmp::Ordering;
use std::collections::BTreeSet;

use super::{Answer, Plan, about};
use crate::model::format::{self, plural};
use crate::model::judgement::PlanFinding;
use crate::model::near::nearest;
use crate::model::rollout::{Stage, Trigger};

impl Plan<'_> {
    pub(super) fn measured(&self) -> Answer {
        let signals: Vec<&str> = self.rollout.signals.iter().map(|signal| signal.id.as_str()).collect();
        let mut told: BTreeSet<&str> = BTreeSet::new();
        let mut findings = Vec::new();
        let (mut asked, mut measured) = (0_u64, 0_u64);
        for stage in &self.rollout.stages {
            for trigger in stage.triggers() {
                asked += 1;
                measured += u64::from(trigger.measured.is_some());
                if trigger.measured.is_none() && told.insert(&trigger.name) {
                    let help = match nearest(&trigger.name, signals.iter().copied()) {
                        Some(near) => format!("Did you mean \"{near}\"?"),
                        None => "Declare it under `rollout.signals`, or name a fact of a check as area.check.fact."
                            .to_owned(),
                    };
                    let says = format!("Nothing measures \"{}\", which {} is decided by", trigger.name, stage.name);
                    findings.push(about(stage, says, help));
                }
            }
        }
        if asked == 0 {
            return Answer::not_asked("no stage has a condition");
        }
        Answer::of(format!("{measured} of {} are measured", plural(asked, "condition", "conditions")), findings)
    }

    pub(super) fn roll_back_order(&self) -> Answer {
        let mut findings = Vec::new();
        let mut compared = 0_u64;
        for (smaller, larger) in self.steps() {
            for later in larger.roll_back_when.iter().filter(|trigger| trigger.measured.is_some()) {
                compared += 1;
                let same: Vec<&Trigger> =
                    smaller.roll_back_when.iter().filter(|trigger| trigger.measured == later.measured).collect();
                if !same.iter().any(|earlier| self.as_ready(earlier, later)) {
                    findings.push(more_patient((smaller, &same), (larger, later)));
                }
            }
        }
        if compared == 0 {
            return Answer::not_asked("no two stages can be compared");
        }
        let reason = format!("{} held against the stage before", plural(compared, "condition", "conditions"));
        Answer::of(reason, findings)
    }

    /// Is the one taken back whenever the other would be, and no later?
    fn as_ready(&self, one: &Trigger, other: &Trigger) -> bool {
        let Some(spec) = one.measured.as_ref().and_then(|measured| self.audit.spec_of(measured)) else { return false };
        let soon = one.window.compare(other.window).is_some_and(Ordering::is_le);
        soon && one.condition.uncovered(&other.condition, spec.fact_type).is_none()
    }

    pub(super) fn contradiction(&self) -> Answer {
        let mut findings = Vec::new();
        let mut compared = 0_u64;
        for stage in &self.rollout.stages {
            for go_on in &stage.proceed_when {
                let Some(spec) = go_on.measured.as_ref().and_then(|measured| self.audit.spec_of(measured)) else {
                    continue;
                };
                let same = stage.roll_back_when.iter().filter(|back| back.measured == go_on.measured);
                for back in same {
                    compared += 1;
                    let Some(value) = go_on.condition.overlap(&back.condition, spec.fact_type) else { continue };
                    let says = format!(
                        "At {} {} both may go on (`{}`) and is taken back (`{}`)",
                        format::value(&value),
                        stage.name,
                        go_on.text,
                        back.text
                    );
                    findings.push(about(
                        stage,
                        says,
                        "Tighten the condition to go on, or loosen the one that takes it back.",
                    ));
                }
            }
        }
        if compared == 0 {
            return Answer::not_asked("no stage is both let go on and taken back by the same signal");
        }
        Answer::of(format!("{} compared", plural(compared, "pair of conditions", "pairs of conditions")), findings)
    }
}

fn more_patient((smaller, same): (&Stage, &[&Trigger]), (larger, later): (&Stage, &Trigger)) -> PlanFinding {
    let reach = |stage: &Stage| format!("{} ({})", stage.name, format::percent(&stage.to));
    let (few, many) = (reach(smaller), reach(larger));
    let says = match same {
        [] => format!("{many} is taken back when `{}`; {few}, which reaches fewer, does not look at it", later.text),
        [earlier, ..] => {
            format!("{few} waits for `{}`, and {many} is taken back when `{}` already", earlier.text, later.text)
        }
    };
    about(smaller, says, "Give the smaller stage a threshold that is as tight, and as short a time.")
}

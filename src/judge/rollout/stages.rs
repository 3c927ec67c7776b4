//! Rules on the stages themselves: percentages, dates, soaking, who runs them, and that something decides about them.

use super::{Answer, Plan, about, overall};
use crate::model::format::{self, plural};
use crate::model::judgement::PlanFinding;
use crate::model::number::Number;
use crate::model::rollout::{Scheduled, Stage, Trigger, Window};

impl Plan<'_> {
    pub(super) fn percentages(&self) -> Answer {
        let stages = &self.rollout.stages;
        let (Some(first), Some(last)) = (stages.first(), stages.last()) else { return Answer::not_asked("no stages") };
        let percent = |share: &Number| format::percent(share);
        let mut findings = Vec::new();
        if !first.from.is_zero() {
            let says = format!("{} starts from {}, and no stage gets there", first.name, percent(&first.from));
            findings.push(about(first, says, "Begin the first stage at 0 %, or add the one before it."));
        }
        for (before, stage) in self.steps().filter(|(before, stage)| before.to != stage.from) {
            let (reached, from) = (percent(&before.to), percent(&stage.from));
            let says = format!("{} starts from {from}, and {} reaches {reached}", stage.name, before.name);
            findings.push(about(stage, says, "Leave `from` out: it is what the stage before reaches."));
        }
        for stage in stages.iter().filter(|stage| stage.to < stage.from) {
            let says = format!("{} goes back from {} to {}", stage.name, percent(&stage.from), percent(&stage.to));
            findings.push(about(stage, says, "A stage reaches as many as the one before, or more."));
        }
        if last.to != Number::one() {
            let says = format!("{} reaches {}, and no stage reaches everybody", last.name, percent(&last.to));
            findings.push(about(last, says, "Add the stages up to 100 %."));
        }
        let count = plural(stages.len() as u64, "stage", "stages");
        Answer::of(format!("{count}, {} to {}", percent(&first.from), percent(&last.to)), findings)
    }

    pub(super) fn window(&self) -> Answer {
        let Some((opens, closes)) = self.audit.window else {
            return Answer::not_asked("the audit declares no deployment window");
        };
        if self.starts().is_none() {
            let help = "Add `audit.go-live`, or `rollout.starts`.";
            return Answer::unknown("no start is known", overall("Nobody says when the rollout starts", help));
        }
        let zone = &self.audit.timezone;
        let mut findings = Vec::new();
        let mut last = None;
        for (stage, scheduled) in self.scheduled() {
            if scheduled.starts < opens.at {
                let says = format!(
                    "{} starts {}, before the window opens",
                    stage.name,
                    format::instant(scheduled.starts, zone)
                );
                findings.push(about(stage, says, "Start later, or open the window earlier."));
            }
            if scheduled.starts > closes.end() {
                let says = format!(
                    "{} starts {}, after the window closes",
                    stage.name,
                    format::instant(scheduled.starts, zone)
                );
                findings.push(about(
                    stage,
                    says,
                    "Start earlier, let earlier stages soak shorter, or close the window later.",
                ));
            // Soaked at midnight is soaked within the day before.
            } else if scheduled.soaked.seconds_since(closes.end()) > 1 {
                let says = format!(
                    "{} soaks until {}, after the window closes",
                    stage.name,
                    format::instant(scheduled.soaked, zone)
                );
                findings.push(about(stage, says, "Start earlier, let it soak shorter, or close the window later."));
            }
            last = Some(scheduled.soaked);
        }
        let reason = match last {
            Some(last) => format!(
                "{} to {}, and it ends {}",
                format::stamp(opens, zone),
                format::stamp(closes, zone),
                format::instant(last, zone)
            ),
            None => "no stage has a date".to_owned(),
        };
        Answer::of(reason, findings)
    }

    pub(super) fn soak(&self) -> Answer {
        let duration = |seconds: u64| format::duration(&Number::from(seconds));
        let mut findings: Vec<PlanFinding> = Vec::new();
        for stage in self.rollout.stages.iter().filter(|stage| stage.soak.is_none()) {
            let says = format!("Nobody says how long {} is watched", stage.name);
            findings.push(about(stage, says, "Add `soak`, such as `soak: 24h`."));
        }
        for stage in &self.rollout.stages {
            let Some(soak) = stage.soak else { continue };
            let too_long = |trigger: &&Trigger| matches!(trigger.window, Window::For(seconds) if seconds > soak);
            for trigger in stage.triggers().filter(too_long) {
                let says =
                    format!("`{}` cannot be seen in {}, which soaks for {}", trigger.text, stage.name, duration(soak));
                findings.push(about(stage, says, "Let the stage soak longer, or ask for a shorter time."));
            }
        }
        let scheduled: Vec<(&Stage, Scheduled)> = self.scheduled().collect();
        for pair in scheduled.windows(2) {
            let [(before, earlier), (stage, later)] = pair else { continue };
            if later.starts < earlier.soaked {
                let between = later.starts.seconds_since(earlier.starts);
                let soaks = duration(before.soak.unwrap_or_default());
                let says = match u64::try_from(between) {
                    Ok(between) => format!(
                        "{} starts {} after {}, which soaks for {soaks}",
                        stage.name,
                        duration(between),
                        before.name
                    ),
                    Err(_) => format!("{} starts before {}", stage.name, before.name),
                };
                findings.push(about(
                    stage,
                    says,
                    "Start it later, or leave `starts` out: it then starts when the stage before has soaked.",
                ));
            }
        }
        let length = self.rollout.length(self.audit.go_live);
        Answer::of(format!("the rollout takes {}", duration(length)), findings)
    }

    pub(super) fn owned(&self) -> Answer {
        let nobody = self.rollout.stages.iter().filter(|stage| self.rollout.owner_of(stage).is_none());
        let findings: Vec<PlanFinding> = nobody
            .map(|stage| {
                about(
                    stage,
                    format!("Nobody is named who runs {}", stage.name),
                    "Add `owner` to it, or to the rollout.",
                )
            })
            .collect();
        let reason = match findings.len() as u64 {
            0 => "every stage has an owner".to_owned(),
            open => format!("{} without an owner", plural(open, "stage", "stages")),
        };
        Answer::of(reason, findings)
    }

    pub(super) fn decided(&self) -> Answer {
        let mut findings = Vec::new();
        let last = self.rollout.stages.len().saturating_sub(1);
        for (at, stage) in self.rollout.stages.iter().enumerate() {
            if stage.roll_back_when.is_empty() {
                let says = format!("Nothing takes {} back", stage.name);
                findings.push(about(stage, says, "Add `roll-back-when` with at least one condition."));
            }
            if stage.proceed_when.is_empty() && at != last {
                let says = format!("Nothing says when {} may go on", stage.name);
                findings.push(about(stage, says, "Add `proceed-when` with at least one condition."));
            }
        }
        let go_on = self.rollout.stages.iter().map(|stage| stage.proceed_when.len() as u64).sum();
        let back = self.rollout.stages.iter().map(|stage| stage.roll_back_when.len() as u64).sum();
        let reason = format!(
            "{} to go on and {} to roll back",
            plural(go_on, "condition", "conditions"),
            plural(back, "condition", "conditions")
        );
        Answer::of(reason, findings)
    }

    /// The stages that have a date.
    fn scheduled(&self) -> impl Iterator<Item = (&Stage, Scheduled)> {
        let schedule = self.rollout.schedule(self.audit.go_live);
        self.rollout.stages.iter().zip(schedule).filter_map(|(stage, scheduled)| Some((stage, scheduled?)))
    }
}

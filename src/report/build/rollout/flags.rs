//! Flags by stages: from where on each is on, and which stay off.

use super::{Plan, together};
use crate::model::rollout::Stage;
use crate::report::build::words;
use crate::report::view::Mark;
use crate::report::view::rollout::{Flag, FlagCell};

impl Plan<'_> {
    /// The flags that a stage switches on, in that order, then those that stay off.
    pub(super) fn flags(&self) -> Vec<Flag> {
        let stages = &self.rollout.stages;
        let on = stages.iter().flat_map(|stage| &stage.enable);
        let off = self.rollout.must_stay_off.iter().chain(stages.iter().flat_map(|stage| &stage.must_stay_off));
        let mut names: Vec<&str> = Vec::new();
        for name in on.chain(off).map(String::as_str) {
            if !names.contains(&name) {
                names.push(name);
            }
        }
        names.into_iter().map(|name| self.flag(name)).collect()
    }

    fn flag(&self, name: &str) -> Flag {
        let stages: Vec<Mark> = self.becomes(name);
        let cells = together(&self.rollout.stages, stages.iter().cloned());
        let cell = |(span, stages, mark)| FlagCell { span, stages, mark };
        Flag { name: name.to_owned(), cells: cells.into_iter().map(cell).collect(), stages }
    }

    /// What becomes of a flag in each stage. What one switches on is on in those that follow.
    fn becomes(&self, name: &str) -> Vec<Mark> {
        let holds = |names: &[String]| names.iter().any(|other| other == name);
        let everywhere = holds(&self.rollout.must_stay_off);
        let mut on = false;
        let mark = |stage: &Stage| {
            let before = on;
            on |= holds(&stage.enable);
            match (before, on, everywhere || holds(&stage.must_stay_off)) {
                (_, true, true) => words::flag_forbidden(),
                (true, true, false) => words::flag_on(),
                (_, true, false) => words::flag_on_from_here(),
                (_, false, true) => words::flag_stays_off(),
                (_, false, false) => words::flag_not_yet(),
            }
        };
        self.rollout.stages.iter().map(mark).collect()
    }
}

//! What lets the rollout go on, what takes it back, and what must stay off meanwhile.

use std::collections::BTreeSet;

use super::{List, Moved, Turn, length};
use crate::model::format::{self, and_list};
use crate::model::rollout::{FlagSource, Rollout, Signal, Stage, Trigger};

const WHOLE: &str = "the rollout";

impl List {
    pub(super) fn rollout(&mut self, old: Option<&Rollout>, new: Option<&Rollout>) {
        let (Some(was), Some(is)) = (old, new) else {
            let stages = |rollout: &Rollout| format::plural(rollout.stages.len() as u64, "stage", "stages");
            let turn = if new.is_none() { Turn::Worse } else { Turn::Better };
            return self.changed(Moved::Rollout, WHOLE, old.map(stages), new.map(stages), turn);
        };
        let Rollout {
            flags,
            must_stay_off,
            rehearsed,
            signals,
            stages,
            // Texts and days.
            strategy: _,
            starts: _,
            owner: _,
            way_back: _,
        } = is;
        let known = |flags: &Option<FlagSource>| {
            let FlagSource { check, lists } = flags.as_ref()?;
            Some(format!("flags are {} of {check}", and_list(lists)))
        };
        self.one(WHOLE, known(&was.flags), known(flags));
        let rehearsal = |check: &Option<_>| check.as_ref().map(|check| format!("rehearsed by {check}"));
        self.one(WHOLE, rehearsal(&was.rehearsed), rehearsal(rehearsed));
        self.all(WHOLE, "stays off: ", &was.must_stay_off, must_stay_off);
        let asks = |signals: &[Signal]| -> Vec<String> {
            let told = |signal: &Signal| {
                let Signal { id, kind, asks, fact, source, title: _, timeout_ms: _, retries: _, declared: _ } = signal;
                let source = source.as_deref().map_or_else(String::new, |source| format!(" {source}"));
                format!("{id} is {fact} of {kind}{source} {asks}")
            };
            signals.iter().map(told).collect()
        };
        self.all(WHOLE, "", &asks(&was.signals), &asks(signals));
        let names: BTreeSet<&str> = was.stages.iter().chain(stages).map(|stage| stage.name.as_str()).collect();
        for name in names {
            self.stage(name, was.stage(name), is.stage(name));
        }
    }

    fn stage(&mut self, of: &str, old: Option<&Stage>, new: Option<&Stage>) {
        let share = |stage: &Stage| format!("from {} to {}", format::percent(&stage.from), format::percent(&stage.to));
        let (Some(was), Some(is)) = (old, new) else {
            return self.one(of, old.map(share), new.map(share));
        };
        let Stage {
            soak,
            must_stay_off,
            proceed_when,
            roll_back_when,
            enable,
            from: _,
            to: _,
            // Texts and days.
            name: _,
            title: _,
            starts: _,
            run: _,
            owner: _,
            text: _,
            declared: _,
        } = is;
        self.one(of, Some(share(was)), Some(share(is)));
        let soaks = |soak: Option<u64>| soak.map(|soak| format!("soaks {}", length(soak)));
        let turn = Turn::rising(soak, &was.soak);
        self.changed(Moved::Rollout, of, soaks(was.soak), soaks(*soak), turn);
        let told =
            |triggers: &[Trigger]| -> Vec<String> { triggers.iter().map(|trigger| trigger.text.clone()).collect() };
        self.all(of, "goes on when ", &told(&was.proceed_when), &told(proceed_when));
        self.all(of, "is taken back when ", &told(&was.roll_back_when), &told(roll_back_when));
        self.all(of, "stays off: ", &was.must_stay_off, must_stay_off);
        let flags = |flags: &[String]| (!flags.is_empty()).then(|| format!("switches on {}", and_list(flags)));
        self.changed(Moved::Rollout, of, flags(&was.enable), flags(enable), Turn::Other);
    }

    /// Something that may be asked or not.
    fn one(&mut self, of: &str, old: Option<String>, new: Option<String>) {
        let turn = match (&old, &new) {
            (Some(_), None) => Turn::Worse,
            (None, Some(_)) => Turn::Better,
            _ => Turn::Other,
        };
        self.changed(Moved::Rollout, of, old, new, turn);
    }

    /// Things of which each is asked. Where some went and others came, nobody can say which asks more.
    fn all(&mut self, of: &str, what: &str, old: &[String], new: &[String]) {
        let without = |list: &[String], other: &[String]| -> Option<String> {
            let left: Vec<&String> = list.iter().filter(|one| !other.contains(one)).collect();
            (!left.is_empty()).then(|| format!("{what}{}", and_list(&left)))
        };
        self.one(of, without(old, new), without(new, old));
    }
}

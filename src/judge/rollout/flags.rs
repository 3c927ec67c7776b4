//! Rules on flags: those that are named exist, and those that must stay off do.

use std::collections::BTreeSet;

use super::{Answer, Plan, about, overall};
use crate::model::fact::Value;
use crate::model::format::plural;
use crate::model::near::nearest;
use crate::model::record::Sight;

impl Plan<'_> {
    pub(super) fn known_flags(&self) -> Answer {
        let named: BTreeSet<&str> = self.named_flags().collect();
        if named.is_empty() {
            return Answer::not_asked("no flag is named");
        }
        let count = plural(named.len() as u64, "flag", "flags");
        let Some(source) = &self.rollout.flags else {
            let says = format!("Nothing knows whether the {count} of the plan exist");
            let finding = overall(says, "Name the check that knows every flag in `rollout.flags`.");
            return Answer::unknown("no source of flags is named", finding);
        };
        let Some(known) = self.known(&source.lists) else {
            let says = format!("Whether the {count} of the plan exist is not known: {} listed none", source.check);
            let finding = overall(says, format!("See to it that {} can be measured.", source.check));
            return Answer::unknown(format!("{} lists no flags", source.check), finding);
        };
        let mut findings = Vec::new();
        for flag in named.iter().filter(|flag| !known.contains(**flag)) {
            let help = match nearest(flag, known.iter().copied()) {
                Some(near) => format!("Did you mean \"{near}\"?"),
                None => "Add it to the flags, or take it out of the plan.".to_owned(),
            };
            let says = format!("{} knows no flag \"{flag}\"", source.check);
            let stage = self
                .rollout
                .stages
                .iter()
                .find(|stage| stage.enable.iter().chain(&stage.must_stay_off).any(|name| name == flag));
            findings.push(
                stage.map_or_else(
                    || overall(says.clone(), help.clone()),
                    |stage| about(stage, says.clone(), help.clone()),
                ),
            );
        }
        Answer::of(format!("{count} looked up among the {} of {}", known.len(), source.check), findings)
    }

    pub(super) fn forbidden_flags(&self) -> Answer {
        let everywhere = &self.rollout.must_stay_off;
        let mut on: BTreeSet<&str> = BTreeSet::new();
        let mut findings = Vec::new();
        let mut forbidden: BTreeSet<&str> = everywhere.iter().map(String::as_str).collect();
        for stage in &self.rollout.stages {
            for flag in stage.enable.iter().filter(|flag| everywhere.contains(flag)) {
                let says = format!("{} switches \"{flag}\" on, which must stay off", stage.name);
                findings.push(about(stage, says, "Take it out of `enable`, or out of `must-stay-off`."));
            }
            on.extend(stage.enable.iter().map(String::as_str));
            forbidden.extend(stage.must_stay_off.iter().map(String::as_str));
            // What an earlier stage switched on is still on.
            for flag in
                stage.must_stay_off.iter().filter(|flag| on.contains(flag.as_str()) && !everywhere.contains(flag))
            {
                let says = format!("\"{flag}\" must stay off in {}, and is switched on by then", stage.name);
                findings.push(about(stage, says, "Switch it on in a later stage, or take it out of `must-stay-off`."));
            }
        }
        if forbidden.is_empty() {
            return Answer::not_asked("no flag has to stay off");
        }
        Answer::of(format!("{} must stay off", plural(forbidden.len() as u64, "flag", "flags")), findings)
    }

    fn named_flags(&self) -> impl Iterator<Item = &str> {
        let of_stages = self.rollout.stages.iter().flat_map(|stage| stage.enable.iter().chain(&stage.must_stay_off));
        self.rollout.must_stay_off.iter().chain(of_stages).map(String::as_str)
    }

    /// Every name in those lists; `None` where one of them was not measured.
    fn known(&self, lists: &[String]) -> Option<BTreeSet<&str>> {
        let check = &self.rollout.flags.as_ref()?.check;
        let Sight::Measured(facts) = &self.seen.get(check)?.sight else { return None };
        let mut known = BTreeSet::new();
        for list in lists {
            let Value::List(names) = facts.get(list)? else { return None };
            known.extend(names.iter().map(String::as_str));
        }
        Some(known)
    }
}

//! What is counted of flags, and the policy that some must be on and some off.

use std::collections::BTreeSet;

use super::FlagCount;
use crate::model::fact::{Facts, Table, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::probe::Kind as _;
use crate::probe::newer_than::CLOSE;
use crate::source::feature_flag::{Flag, Flags, Switch, listed, named};

/// The columns of `flags`.
pub(super) const COLUMNS: &[&str] = &["name", "state", "rollout", "stale", "type", "changed"];

/// The facts; `now` is asked for `stale-after` alone.
pub(super) fn facts(options: &FlagCount, found: &Flags, now: Option<Instant>) -> Facts {
    let flags = found.flags.as_slice();
    let mut facts = Facts::default();
    for note in &found.notes {
        facts.note(note.clone());
    }
    facts.set("total", Value::count(flags.len()));
    switches(&mut facts, flags);
    staged(&mut facts, options, flags);
    let stale: Vec<Option<bool>> = flags.iter().map(|flag| is_stale(options, flag, now)).collect();
    set_stale(&mut facts, options, flags, &stale);
    let mut names = BTreeSet::new();
    if let Some(twice) = flags.iter().find(|flag| !names.insert(&flag.name)) {
        facts.note(format!("{} is there more than once; each is counted.", named(&twice.name)));
    }
    held(&mut facts, &FORBIDDEN, &options.must_be_off, flags);
    held(&mut facts, &REQUIRED, &options.must_be_on, flags);
    facts.set("flags", table(flags, &stale));
    facts
}

/// How many are on and off, and which. One of which nobody knows leaves all of it absent, and so does a source without any:
/// the wrong place looks the same. What hands out a value that is neither is left out, and said.
fn switches(facts: &mut Facts, flags: &[Flag]) {
    let settings = flags.iter().filter(|flag| matches!(flag.switch, Switch::Setting(_)));
    if settings.clone().next().is_some() {
        let each = listed(settings.clone().map(|flag| flag.name.as_str()));
        facts.note(format!("No switches, and counted neither as on nor as off: {each}."));
    }
    let here = flags.iter().filter(|flag| flag.switch == Switch::On && flag.withheld.is_none());
    if here.clone().next().is_some() {
        let each = listed(here.map(|flag| flag.name.as_str()));
        facts.note(format!("On in the context that was asked for, and perhaps off in another: {each}."));
    }
    let unknown: Vec<&String> = flags
        .iter()
        .filter_map(|flag| match &flag.switch {
            Switch::Unknown(why) => Some(why),
            _ => None,
        })
        .collect();
    let reason = match unknown.as_slice() {
        [] if flags.is_empty() => Some("there is no flag".to_owned()),
        [] if settings.count() == flags.len() => Some("none of the flags is a switch".to_owned()),
        [] => None,
        [why] => Some((*why).clone()),
        [why, rest @ ..] => Some(format!("{why}; the same or alike of {} more", rest.len())),
    };
    let names = |switch: Switch| -> Vec<String> {
        flags.iter().filter(|flag| flag.switch == switch).map(|flag| flag.name.clone()).collect()
    };
    let (on, off) = (names(Switch::On), names(Switch::Off));
    for (fact, value) in [
        ("enabled", Value::count(on.len())),
        ("disabled", Value::count(off.len())),
        ("on", Value::List(on)),
        ("off", Value::List(off)),
    ] {
        match &reason {
            Some(reason) => facts.absent(fact, reason.clone()),
            None => facts.set(fact, value),
        }
    }
}

fn staged(facts: &mut Facts, options: &FlagCount, flags: &[Flag]) {
    let never = match options.source() {
        Some("file" | "url") if options.staged.is_none() => Some("no `staged:` filter says which flags are"),
        Some("ofrep") => Some("an evaluation for one context does not say what others get"),
        Some("env") => Some("a variable does not say it"),
        _ => None,
    };
    let mut unknown = flags.iter().filter(|flag| flag.staged.is_none()).peekable();
    match never {
        Some(reason) => facts.absent("staged", reason),
        None if flags.is_empty() => facts.absent("staged", "there is no flag"),
        None if unknown.peek().is_some() => {
            facts.absent("staged", format!("it is not known of {}", listed(unknown.map(|flag| flag.name.as_str()))));
        }
        None => facts.set("staged", Value::count(flags.iter().filter(|flag| flag.staged == Some(true)).count())),
    }
}

/// Marked by the source, or not changed for too long. Where it is asked how long, an age that is not known, or a change that
/// is still to come, leaves it open; what the source does not mark, the age alone tells.
fn is_stale(options: &FlagCount, flag: &Flag, now: Option<Instant>) -> Option<bool> {
    let after = options.stale_after.as_deref().and_then(|after| parse_duration(after).ok());
    let old = after.and_then(|after| {
        let age = now?.seconds_since(flag.changed?);
        (age >= -CLOSE).then(|| Number::from(age) > after)
    });
    match (flag.stale, old) {
        (Some(true), _) | (_, Some(true)) => Some(true),
        (_, Some(false)) => Some(false),
        (marked, None) => marked.filter(|_| options.stale_after.is_none()),
    }
}

fn set_stale(facts: &mut Facts, options: &FlagCount, flags: &[Flag], stale: &[Option<bool>]) {
    if stale.iter().all(Option::is_none) {
        return match (options.source(), &options.stale_after) {
            (_, Some(_)) if flags.iter().any(|flag| flag.changed.is_some()) => {
                facts.absent("stale", "every flag that says when it was changed names a time that is still to come");
            }
            (_, Some(_)) => facts.absent("stale", "it is not said when any flag was changed"),
            (Some("file" | "url"), None) if options.stale.is_none() => {
                facts.absent("stale", "neither `stale:` nor `stale-after:` says which flags are");
            }
            (Some("growthbook" | "launchdarkly"), None) => {
                facts.absent("stale", "no flag is marked as stale, and no `stale-after:` is given");
            }
            _ if flags.is_empty() => facts.absent("stale", "there is no flag"),
            _ => facts.absent("stale", "the source marks no flag as stale or not"),
        };
    }
    let unknown: Vec<&str> =
        flags.iter().zip(stale).filter(|(_, stale)| stale.is_none()).map(|(flag, _)| flag.name.as_str()).collect();
    if unknown.is_empty() {
        facts.set("stale", Value::count(stale.iter().filter(|stale| **stale == Some(true)).count()));
    } else {
        facts.absent("stale", format!("it is not known of {}", listed(unknown.into_iter())));
    }
}

/// One side of the policy.
struct Policy {
    fact: &'static str,
    option: &'static str,
    /// Is the flag as it must not be? `None` when nobody knows.
    wrong: fn(&Flag) -> Option<bool>,
}

const FORBIDDEN: Policy = Policy { fact: "forbidden-on", option: "must-be-off", wrong: |flag| flag.reachable };
const REQUIRED: Policy = Policy { fact: "required-off", option: "must-be-on", wrong: |flag| flag.withheld };

/// How many of the listed flags are wrong. One that the source does not have, or does not know enough of, leaves the count
/// absent, unless another is known to be wrong, which is bad enough.
fn held(facts: &mut Facts, policy: &Policy, list: &[String], flags: &[Flag]) {
    let Policy { fact, option, wrong } = policy;
    if list.is_empty() {
        return facts.absent(fact, format!("no `{option}:` is given"));
    }
    let (mut missing, mut broken, mut open) = (Vec::new(), Vec::new(), Vec::new());
    for name in list {
        let same: Vec<&Flag> = flags.iter().filter(|flag| flag.name == *name).collect();
        if same.is_empty() {
            missing.push(name.as_str());
        } else if same.iter().any(|flag| wrong(flag) == Some(true)) {
            broken.push(name.as_str());
        } else {
            open.extend(same.into_iter().find(|flag| wrong(flag).is_none()));
        }
    }
    if !missing.is_empty() {
        facts.note(format!("`{option}` names {}, which is not there.", listed(missing.iter().copied())));
    }
    if !broken.is_empty() {
        facts.note(format!("Of `{option}`, not so: {}.", listed(broken.iter().copied())));
    }
    match (missing.as_slice(), open.first()) {
        _ if !broken.is_empty() => facts.set(fact, Value::count(broken.len())),
        ([], None) => facts.set(fact, Value::count(0_u64)),
        ([], Some(flag)) => facts.absent(fact, not_known(flag)),
        (missing, _) => facts.absent(fact, format!("there is no flag {}", listed(missing.iter().copied()))),
    }
}

fn not_known(flag: &Flag) -> String {
    match &flag.switch {
        Switch::Unknown(why) => why.clone(),
        Switch::Setting(what) => format!("{} hands out {what} and is no switch", named(&flag.name)),
        Switch::On => {
            format!("{} is on in the context that was asked for, and it may be off in another", named(&flag.name))
        }
        Switch::Off => {
            format!("{} is off in the context that was asked for, and it may be on in another", named(&flag.name))
        }
    }
}

fn state(flag: &Flag) -> &'static str {
    match &flag.switch {
        Switch::Unknown(_) => "unknown",
        Switch::Setting(_) => "setting",
        _ if flag.staged == Some(true) => "staged",
        Switch::On => "on",
        // By rules that are no rollout: some get it.
        Switch::Off if flag.reachable == Some(true) => "targeted",
        Switch::Off => "off",
    }
}

fn table(flags: &[Flag], stale: &[Option<bool>]) -> Value {
    let cells = |(flag, stale): (&Flag, &Option<bool>)| {
        vec![
            Some(Value::Text(flag.name.clone())),
            Some(Value::Text(state(flag).to_owned())),
            flag.rollout.clone().map(Value::Ratio),
            stale.map(Value::Flag),
            flag.kind.clone().map(Value::Text),
            flag.changed.map(Value::Instant),
        ]
    };
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    Value::Table(Table { columns, rows: flags.iter().zip(stale).map(cells).collect() })
}

//! What decides about the stages, signal by signal, so that a reader sees how thresholds change from stage to stage; and
//! how each of these is measured.

use super::{Plan, together};
use crate::model::id::{CheckId, Id};
use crate::model::rollout::{self, Measured, Stage, Trigger, Window};
use crate::report::build::words;
use crate::report::view::rollout::{Deciding, DecidingCell, DecidingRow, Signal};
use crate::report::view::{Field, Reference};

/// The triggers of a stage in one direction.
type Side = fn(&Stage) -> &[Trigger];

/// What something is called when the plan names it: the same signal may be named in one way only, a fact too.
fn key(trigger: &Trigger) -> (Option<&Measured>, &str) {
    let name = trigger.measured.as_ref().map_or(trigger.name.as_str(), |_| "");
    (trigger.measured.as_ref(), name)
}

impl Plan<'_> {
    /// One trigger for each thing that decides: signals in the order of their declaration, then facts of checks, then what
    /// nothing measures, both in the order in which the stages name them.
    fn things(&self) -> Vec<&Trigger> {
        let mut things: Vec<&Trigger> = Vec::new();
        for trigger in self.rollout.stages.iter().flat_map(Stage::triggers) {
            if !things.iter().any(|other| key(other) == key(trigger)) {
                things.push(trigger);
            }
        }
        let declared = |id: &Id| self.rollout.signals.iter().position(|signal| signal.id == *id);
        things.sort_by_key(|trigger| match &trigger.measured {
            Some(Measured::Signal(id)) => (0, declared(id).unwrap_or_default()),
            Some(Measured::Fact(..)) => (1, 0),
            None => (2, 0),
        });
        things
    }

    pub(super) fn deciding(&self) -> Vec<Deciding> {
        let sides: [(&str, Side); 2] =
            [("goes on", |stage| &stage.proceed_when), ("rolls back", |stage| &stage.roll_back_when)];
        let thing = |(at, trigger): (usize, &Trigger)| Deciding {
            about: Reference { text: self.title(trigger), anchor: Some(anchor(at, trigger)) },
            name: trigger.name.clone(),
            unmeasured: trigger.measured.is_none(),
            rows: sides.into_iter().filter_map(|(word, side)| self.row(trigger, word, side)).collect(),
        };
        self.things().into_iter().enumerate().map(thing).collect()
    }

    fn row(&self, thing: &Trigger, word: &str, side: Side) -> Option<DecidingRow> {
        let conditions = |stage: &Stage| -> Vec<String> {
            side(stage).iter().filter(|trigger| key(trigger) == key(thing)).map(condition).collect()
        };
        let cells = together(&self.rollout.stages, self.rollout.stages.iter().map(conditions));
        let any = cells.iter().any(|(_, _, conditions)| !conditions.is_empty());
        let cell = |(span, stages, conditions)| DecidingCell { span, stages, conditions };
        any.then(|| DecidingRow { word: word.to_owned(), cells: cells.into_iter().map(cell).collect() })
    }

    fn title(&self, trigger: &Trigger) -> String {
        match &trigger.measured {
            Some(Measured::Signal(id)) => {
                self.rollout.signal(id).map_or_else(|| trigger.name.clone(), |signal| signal.title.clone())
            }
            Some(Measured::Fact(check, fact)) => format!("{}: {fact}", self.source.check(check).text),
            None => trigger.name.clone(),
        }
    }

    pub(super) fn signals(&self) -> Vec<Signal> {
        let things = self.things();
        let used = |signal: &rollout::Signal| {
            things.iter().any(|thing| matches!(&thing.measured, Some(Measured::Signal(id)) if *id == signal.id))
        };
        let declared = self.rollout.signals.iter().map(|signal| declared(signal, !used(signal)));
        let others = things.iter().enumerate().filter_map(|(at, thing)| match &thing.measured {
            Some(Measured::Signal(_)) => None,
            Some(Measured::Fact(check, fact)) => Some(self.fact(at, thing, check, fact)),
            None => Some(Signal {
                how: "nothing measures it".to_owned(),
                unmeasured: true,
                ..signal(anchor(at, thing), &thing.name)
            }),
        });
        declared.chain(others).collect()
    }

    fn fact(&self, at: usize, thing: &Trigger, check: &CheckId, fact: &str) -> Signal {
        Signal {
            title: self.title(thing),
            how: format!("the fact {fact} of the check"),
            check: Some(self.source.check(check)),
            ..signal(anchor(at, thing), &thing.name)
        }
    }
}

fn signal(anchor: String, name: &str) -> Signal {
    Signal {
        anchor,
        name: name.to_owned(),
        title: name.to_owned(),
        how: String::new(),
        check: None,
        unmeasured: false,
        idle: false,
        asks: Vec::new(),
        declared: String::new(),
    }
}

fn declared(declared: &rollout::Signal, idle: bool) -> Signal {
    let from = declared.source.as_ref().map(|source| format!(" from {source}")).unwrap_or_default();
    let (file, line) = &declared.declared;
    Signal {
        title: declared.title.clone(),
        how: format!("{} of {}{from}", declared.fact, declared.kind),
        asks: asks(&declared.asks),
        declared: format!("{file}:{line}"),
        idle,
        ..signal(words::plain_anchor("signal", declared.id.as_str()), declared.id.as_str())
    }
}

/// The options that say something, one by one.
fn asks(options: &str) -> Vec<Field> {
    let field = |label: &str, value: String| Field { label: label.to_owned(), value, code: true };
    let Ok(serde_json::Value::Object(options)) = serde_json::from_str(options) else {
        return vec![field("options", options.to_owned())];
    };
    let said = options.iter().filter_map(|(name, value)| match value {
        serde_json::Value::Null | serde_json::Value::Bool(false) => None,
        serde_json::Value::String(text) => Some(field(name, text.clone())),
        other => Some(field(name, other.to_string())),
    });
    said.collect()
}

/// `> 0.5% for 5 min`, `> 0, 3 times in a row`.
fn condition(trigger: &Trigger) -> String {
    let (condition, window) = (trigger.condition.text.trim(), trigger.window.in_words());
    match trigger.window {
        Window::Now => condition.to_owned(),
        Window::For(_) => format!("{condition} {window}"),
        Window::InARow(_) | Window::OutOf { .. } => format!("{condition}, {window}"),
    }
}

/// Where it stands in the list of what measures: a signal by its name, anything else by its place, because what nothing
/// measures may be called anything.
fn anchor(at: usize, thing: &Trigger) -> String {
    match &thing.measured {
        Some(Measured::Signal(id)) => words::plain_anchor("signal", id.as_str()),
        _ => words::plain_anchor("deciding", &(at + 1).to_string()),
    }
}

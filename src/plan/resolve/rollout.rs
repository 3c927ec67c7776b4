//! The rollout: signals, stages, and the conditions that decide about them.
//!
//! What cannot be read is an error here. What can be read and is no good plan (a threshold that is too loose, a condition
//! that nothing measures) is left to the review of the plan, so that the report shows it.

use std::collections::BTreeMap;

use super::{Resolver, first, in_words};
use crate::model::audit::Audit;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType};
use crate::model::id::CheckId;
use crate::model::judgement::PlanRule;
use crate::model::number::Number;
use crate::model::rollout::{FlagSource, Measured, Rollout, Signal, Stage, Trigger};
use crate::plan::Patience;
use crate::plan::collect::{KindRead, SignalRead, given};
use crate::plan::decode::At;
use crate::plan::node::{Span, clip};
use crate::plan::problem::Code;
use crate::plan::rules;
use crate::plan::written::{RolloutWritten, SignalWritten, StageWritten, Text};
use crate::probe::Kind;
use crate::probe::registry::Probe;
use crate::probe::sampled::Sampled;

/// The fact that a signal means when it names none.
const DEFAULT_FACT: &str = "value";

impl Resolver<'_> {
    /// Adds the rollout to the audit.
    pub(super) fn rollout(
        &mut self,
        written: Vec<At<RolloutWritten>>,
        signals: Vec<SignalRead>,
        patience: Patience,
        audit: &mut Audit,
    ) {
        for second in written.iter().skip(1) {
            self.once(true, second.span, "rollout");
        }
        let Some(At { value: written, .. }) = written.into_iter().next() else { return };
        self.names_of_reviews();
        let RolloutWritten {
            strategy, starts, owner, flags, must_stay_off, rehearsed, way_back, stages: declared, ..
        } = written;
        let mut known: BTreeMap<String, Span> = BTreeMap::new();
        let mut found: Vec<Signal> = Vec::new();
        for signal in signals {
            let id = &signal.written.id;
            first(self.sink, &mut known, id.value.clone(), id.span, &signal.path, "signal");
            found.extend(self.signal(signal, patience, audit));
        }
        let rehearsed = rehearsed.and_then(|text| self.reference(&text, None, "rollout.rehearsed"));
        let flags = flags.and_then(|text| self.flag_source(&text, audit));
        if declared.value.is_empty() {
            let help = "Add a stage: `- {name: canary, to: 5%, soak: 12h}`.";
            self.sink.error(declared.span, "rollout.stages", Code::Empty, "the rollout has no stages", help);
        }
        let names = Names { signals: &found, audit };
        let mut seen = BTreeMap::new();
        let mut stages: Vec<Stage> = Vec::new();
        for (index, stage) in declared.value.into_iter().enumerate() {
            let path = format!("rollout.stages[{index}]");
            let name = &stage.value.name;
            first(self.sink, &mut seen, name.value.clone(), name.span, &format!("{path}.name"), "stage");
            let before = stages.last().map_or_else(Number::zero, |stage| stage.to.clone());
            stages.extend(self.stage(stage, before, &names, &path));
        }
        audit.rollout = Some(Rollout {
            strategy: given(strategy.as_ref()),
            starts: self.maybe_time(starts.as_ref(), "rollout.starts"),
            owner: given(owner.as_ref()),
            flags,
            must_stay_off: texts(must_stay_off.0),
            rehearsed,
            way_back: given(way_back.as_ref()),
            signals: found,
            stages,
        });
    }

    /// The review of the plan drafts conditions: their names are taken.
    fn names_of_reviews(&self) {
        for rule in PlanRule::ALL {
            let id = rule.condition();
            if let Some(span) = self.conditions.get(&id) {
                let message = format!("\"{id}\" is what the review of the rollout is called");
                self.sink.error(*span, "conditions", Code::DuplicateId, message, "Give the condition another id.");
            }
        }
    }

    fn signal(&mut self, read: SignalRead, patience: Patience, audit: &mut Audit) -> Option<Signal> {
        let SignalRead { written, span, path, kind } = read;
        let SignalWritten { id, title, fact, timeout, retries } = written;
        let own = self.id(&id, &format!("{path}.id"));
        let patience = self.patience_of(timeout.as_ref(), retries.as_ref(), patience, &path);
        let KindRead { row, probe } = kind?;
        let facts = (row.facts)();
        let fact = match fact {
            Some(fact) => rules::known_fact(self.sink, &fact, &path, row.name, &facts)?.name.to_string(),
            None if facts.iter().any(|spec| spec.name == DEFAULT_FACT) => DEFAULT_FACT.to_owned(),
            None => {
                let all: Vec<&str> = facts.iter().map(|spec| spec.name.as_ref()).collect();
                let help = format!("Add `fact:` with one of: {}.", all.join(", "));
                let message = format!("the signal \"{}\" does not say which fact it is", clip(&id));
                self.sink.error(id.span, &path, Code::MissingKey, message, help);
                return None;
            }
        };
        let probe = probe?;
        audit.kinds.entry(row.name.to_owned()).or_insert_with(|| row.spec());
        let asks = probe.asks().unwrap_or_default();
        Some(Signal {
            title: given(title.as_ref()).unwrap_or_else(|| in_words(&id)),
            id: own?,
            kind: row.name.to_owned(),
            source: probe.source().map(str::to_owned),
            asks,
            fact,
            timeout_ms: patience.timeout_ms(),
            retries: patience.retries,
            declared: self.declared(span),
        })
    }

    /// The check that knows every flag: one whose kind finds lists of names.
    fn flag_source(&self, text: &Text, audit: &Audit) -> Option<FlagSource> {
        let path = "rollout.flags";
        let check = self.reference(text, None, path)?;
        let kind = &audit.check(&check)?.kind;
        let facts = audit.kinds.get(kind).map(|spec| spec.facts.as_slice()).unwrap_or_default();
        let lists: Vec<String> =
            facts.iter().filter(|spec| spec.fact_type == FactType::List).map(|spec| spec.name.to_string()).collect();
        if lists.is_empty() {
            let message = format!("\"{}\" is of the kind \"{kind}\", which lists no names", clip(text));
            self.wrong(text, path, Code::InvalidOption, message, "Name a check of the kind `flag-count`.");
            return None;
        }
        Some(FlagSource { check, lists })
    }

    fn stage(&mut self, stage: At<StageWritten>, before: Number, names: &Names<'_>, path: &str) -> Option<Stage> {
        let At { value: written, span } = stage;
        let at = |key: &str| format!("{path}.{key}");
        let StageWritten { name, title, from, to, starts, soak, enable, must_stay_off, run, owner, text, .. } = written;
        let from = from.map_or(Some(before), |from| self.share(&from, &at("from")));
        let to = self.share(&to, &at("to"));
        let soak = soak.and_then(|soak| self.duration(&soak, &at("soak"))).map(|soak| soak.as_secs());
        let starts = self.maybe_time(starts.as_ref(), &at("starts"));
        let proceed_when = self.triggers(written.proceed_when.0, names, &at("proceed-when"));
        let roll_back_when = self.triggers(written.roll_back_when.0, names, &at("roll-back-when"));
        let text = self.prose(text, &at("text"));
        Some(Stage {
            title: given(title.as_ref()).unwrap_or_else(|| in_words(&name)),
            name: self.id(&name, &at("name"))?,
            from: from?,
            to: to?,
            starts,
            soak,
            enable: texts(enable.0),
            must_stay_off: texts(must_stay_off.0),
            proceed_when,
            roll_back_when,
            run: given(run.as_ref()),
            owner: given(owner.as_ref()),
            text,
            declared: self.declared(span),
        })
    }

    fn triggers(&mut self, written: Vec<Text>, names: &Names<'_>, path: &str) -> Vec<Trigger> {
        let numbered = written.into_iter().enumerate();
        numbered.filter_map(|(index, text)| self.trigger(&text, names, &format!("{path}[{index}]"))).collect()
    }

    fn trigger(&mut self, text: &Text, names: &Names<'_>, path: &str) -> Option<Trigger> {
        let (name, condition, window) = match Trigger::parse(text) {
            Ok(parts) => parts,
            Err(problem) => {
                self.wrong(text, path, Code::InvalidCondition, problem.message, &problem.help);
                return None;
            }
        };
        let found = names.find(&name);
        if let Some((measured, spec)) = &found {
            self.fits(text, &condition, spec, path)?;
            if let Some((message, help)) = names.unfit(measured, &condition) {
                self.wrong(text, path, Code::InvalidCondition, message, &help);
                return None;
            }
        }
        Some(Trigger {
            text: text.trim().to_owned(),
            measured: found.map(|(measured, _)| measured),
            name,
            condition,
            window,
            declared: self.declared(text.span),
        })
    }

    fn fits(&self, text: &Text, condition: &Condition, spec: &FactSpec, path: &str) -> Option<()> {
        if let Err(problem) = condition.fits(spec.fact_type) {
            self.wrong(text, path, Code::InvalidCondition, problem.message, &problem.help);
            return None;
        }
        rules::can_fail(self.sink, condition, spec, text, path);
        Some(())
    }
}

/// What a trigger may name.
struct Names<'a> {
    signals: &'a [Signal],
    audit: &'a Audit,
}

impl<'a> Names<'a> {
    /// A signal, or `area.check.fact`.
    fn find(&self, name: &str) -> Option<(Measured, &'a FactSpec)> {
        if let Some(signal) = self.signals.iter().find(|signal| signal.id.as_str() == name) {
            return Some((Measured::Signal(signal.id.clone()), self.spec(&signal.kind, &signal.fact)?));
        }
        let mut parts = name.split('.');
        let (area, check, fact) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() {
            return None;
        }
        let id = CheckId { area: area.parse().ok()?, check: check.parse().ok()? };
        let spec = self.spec(&self.audit.check(&id)?.kind, fact)?;
        Some((Measured::Fact(id, fact.to_owned()), spec))
    }

    /// What keeps the condition from being held against what the options of the probe find.
    fn unfit(&self, measured: &Measured, condition: &Condition) -> Option<(String, String)> {
        let (kind, asks, fact) = match measured {
            Measured::Signal(id) => {
                let signal = self.signals.iter().find(|signal| signal.id == *id)?;
                (&signal.kind, &signal.asks, &signal.fact)
            }
            Measured::Fact(id, fact) => {
                let check = self.audit.check(id)?;
                (&check.kind, &check.asks, fact)
            }
        };
        if kind == <Sampled as Kind>::NAME {
            let help = "Name what is sampled, and how long it must hold: `errors > 1% for 5m`.".to_owned();
            return Some((
                "samples cannot be taken of samples, and a condition of the rollout takes them".to_owned(),
                help,
            ));
        }
        let probe = Probe::decode(kind, &mut serde_json::Deserializer::from_str(asks)).ok()?;
        probe.unfit(fact, condition)
    }

    fn spec(&self, kind: &str, fact: &str) -> Option<&'a FactSpec> {
        self.audit.kinds.get(kind)?.facts.iter().find(|spec| spec.name == fact)
    }
}

fn texts(written: Vec<Text>) -> Vec<String> {
    written.into_iter().map(|text| text.value).collect()
}

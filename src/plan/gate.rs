//! From a signed audit to the gate of one of its stages: an audit of its own, whose checks are what lets the stage go on
//! and what takes it back.
//!
//! It is made from the record and not from the audit file: what is asked, and what must hold, is what was signed.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::Arc;

use serde_json::{Value, json};

use super::resolve::empty;
use super::{Patience, Plan};
use crate::model::audit::{Area, Audit, Check, Gate, Method, Severity};
use crate::model::condition::{Condition, Expectation};
use crate::model::format;
use crate::model::id::{CheckId, Id};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::rollout::{Measured, Rollout, Stage, Trigger, Window};
use crate::probe::Kind;
use crate::probe::clock::Clock;
use crate::probe::registry::{self, Probe};
use crate::probe::sampled::Sampled;

/// The area of what the stage itself asks for.
pub const STAGE: &str = "stage";
/// The area of what lets it go on.
pub const PROCEED: &str = "proceed";
/// The area of what takes it back.
pub const ROLL_BACK: &str = "roll-back";

/// Begins the title of a check that holds as long as a condition to roll back is not met.
pub const UNMET: &str = "Does not hold: ";

/// Samples that a condition counts are waited for up to so many seconds, without being told to.
const PATIENT: u64 = 120;

/// How a stage is looked at.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked {
    /// When the stage was entered; by the schedule unless given.
    pub entered: Option<Instant>,
    /// How long to go on looking, in seconds; a single look, and what sources remember, unless given.
    pub watch: Option<u64>,
    /// Seconds between two looks.
    pub every: Option<u64>,
}

/// Why there is no gate.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GateProblem {
    /// The audit has no rollout.
    #[error("the audit \"{0}\" has no rollout")]
    NoRollout(Id),
    /// The rollout has no stage of that name.
    #[error("the rollout has no stage \"{name}\"")]
    NoStage {
        /// The name.
        name: String,
        /// The stages there are.
        known: Vec<String>,
    },
    /// Nobody says when the stage was entered.
    #[error("nobody says when \"{0}\" was entered, and it soaks")]
    NoStart(Id),
    /// Nothing decides about the stage.
    #[error("\"{0}\" has no condition to go on and none to roll back")]
    NothingDecides(Id),
    /// The recorded options of a probe cannot be read.
    #[error("what \"{name}\" asks cannot be read: {why}")]
    Unreadable {
        /// What the condition names.
        name: String,
        /// Why.
        why: String,
    },
}

impl GateProblem {
    /// What to do about it.
    pub fn help(&self) -> String {
        match self {
            Self::NoRollout(_) => {
                "add `rollout:` with its stages to the audit file, and run and sign it again".to_owned()
            }
            Self::NoStage { known, .. } => format!("name one of {}", known.join(", ")),
            Self::NoStart(_) => "give --since with the time at which it was entered".to_owned(),
            Self::NothingDecides(_) => {
                "add `proceed-when` or `roll-back-when` to it, and run and sign the audit again".to_owned()
            }
            Self::Unreadable { .. } => "use the version of countersign that wrote the bundle".to_owned(),
        }
    }
}

/// The gate of a stage. Paths of its probes are relative to `root`.
pub fn gate(audit: &Audit, stage: &str, asked: Asked, root: PathBuf) -> Result<Plan, GateProblem> {
    let rollout = audit.rollout.as_ref().ok_or_else(|| GateProblem::NoRollout(audit.id.clone()))?;
    let at = rollout.stages.iter().position(|known| known.name.as_str() == stage).ok_or_else(|| {
        let known = rollout.stages.iter().map(|stage| stage.name.to_string()).collect();
        GateProblem::NoStage { name: stage.to_owned(), known }
    })?;
    let stage = &rollout.stages[at];
    if stage.triggers().next().is_none() {
        return Err(GateProblem::NothingDecides(stage.name.clone()));
    }
    let mut making = Making { audit, rollout, stage, asked, plan: frame(audit, rollout, at, root) };
    making.soaked(at)?;
    for trigger in &stage.proceed_when {
        making.trigger(trigger, PROCEED)?;
    }
    for trigger in &stage.roll_back_when {
        making.trigger(trigger, ROLL_BACK)?;
    }
    let Making { mut plan, .. } = making;
    let used = |area: &Area| plan.audit.checks.iter().any(|check| check.id.area == area.id);
    let areas = std::mem::take(&mut plan.audit.areas);
    plan.audit.areas = areas.into_iter().filter(used).collect();
    Ok(plan)
}

/// The audit without its checks. Nothing is approved for a score: what is missing holds the stage, and what does not hold
/// does as well.
fn frame(audit: &Audit, rollout: &Rollout, at: usize, root: PathBuf) -> Plan {
    let stage = &rollout.stages[at];
    let id = format!("{}-gate-{}", audit.id, stage.name).parse().unwrap_or_else(|_| audit.id.clone());
    let title = format!("{}: {} of {}", stage.title, percents(stage), audit.title);
    let mut gate = empty(id, title, audit.subject.clone());
    gate.timezone.clone_from(&audit.timezone);
    gate.provenance.clone_from(&audit.provenance);
    gate.verdict.min_coverage = Number::one();
    gate.verdict.floor_overall = Number::zero();
    gate.verdict.floor_area = Number::zero();
    gate.gate = Some(Gate {
        audit: audit.id.clone(),
        stage: stage.name.clone(),
        next: rollout.stages.get(at + 1).map(|next| next.name.clone()),
        way_back: rollout.way_back.clone(),
    });
    let area = |id: &str, title: &str| {
        let id: Option<Id> = id.parse().ok();
        id.map(|id| Area {
            id,
            title: title.to_owned(),
            category: None,
            weight: Number::one(),
            method: Method::Weighted,
            claims: Vec::new(),
            assessment: None,
            rationale: Vec::new(),
            concerns: Vec::new(),
            confidence: None,
        })
    };
    let areas =
        [area(STAGE, "The stage"), area(PROCEED, "What lets it go on"), area(ROLL_BACK, "Nothing takes it back")];
    gate.areas = areas.into_iter().flatten().collect();
    Plan {
        audit: gate,
        probes: BTreeMap::new(),
        per_check: BTreeMap::new(),
        root,
        places: Vec::new(),
        sources: Vec::new(),
        warnings: Vec::new(),
        marks: super::Marks::default(),
    }
}

/// A length of time as one would write it: `12h`, `90m`, `45s`.
fn written(seconds: u64) -> String {
    let units = [(3600, 'h'), (60, 'm')].into_iter().find(|(unit, _)| seconds.is_multiple_of(*unit));
    units.map_or_else(|| format!("{seconds}s"), |(unit, sign)| format!("{}{sign}", seconds / unit))
}

fn percents(stage: &Stage) -> String {
    if stage.from == stage.to {
        return format!("at {}", format::percent(&stage.to));
    }
    format!("{} to {}", format::percent(&stage.from), format::percent(&stage.to))
}

struct Making<'a> {
    audit: &'a Audit,
    rollout: &'a Rollout,
    stage: &'a Stage,
    asked: Asked,
    plan: Plan,
}

/// What a check of the gate is made of.
struct Parts {
    id: CheckId,
    title: String,
    severity: Severity,
    /// The fact, and the condition on it.
    expect: (&'static str, String),
    declared: (String, u32),
    explain: Option<String>,
    patience: Patience,
}

impl Making<'_> {
    /// The check that the stage has soaked.
    fn soaked(&mut self, at: usize) -> Result<(), GateProblem> {
        let Some(soak) = self.stage.soak else { return Ok(()) };
        let schedule = self.rollout.schedule(self.audit.go_live);
        let scheduled = schedule.get(at).copied().flatten().map(|scheduled| scheduled.starts);
        let entered = self.asked.entered.or(scheduled).ok_or_else(|| GateProblem::NoStart(self.stage.name.clone()))?;
        let options = json!({"moment": entered.to_string()});
        let said = if self.asked.entered.is_some() { "as it was given" } else { "by the schedule" };
        let parts = Parts {
            id: self.id(STAGE, "soaked"),
            title: format!("It has soaked for {}", format::duration(&Number::from(soak))),
            severity: Severity::Major,
            expect: ("since", format!(">= {}", written(soak))),
            declared: self.stage.declared.clone(),
            explain: Some(format!("Entered {}, {said}.", format::instant(entered, &self.audit.timezone))),
            patience: Patience::default(),
        };
        self.check(<Clock as Kind>::NAME, options, parts)?;
        // A stage that is entered later has not soaked, which is known: there is no evidence that is missing.
        if let (Some(check), Ok(condition)) = (self.plan.audit.checks.last_mut(), Condition::parse("true")) {
            check.expect.insert(0, Expectation { fact: "has-come".to_owned(), condition });
        }
        Ok(())
    }

    /// The check of a condition. One that nothing measures is there without a probe: it is skipped, and holds the stage.
    fn trigger(&mut self, trigger: &Trigger, area: &str) -> Result<(), GateProblem> {
        let back = area == ROLL_BACK;
        let parts = Parts {
            id: self.id(area, &trigger.name.replace('.', "-")),
            title: if back { format!("{UNMET}{}", trigger.text) } else { trigger.text.clone() },
            severity: if back { Severity::Blocker } else { Severity::Major },
            expect: ("met", (!back).to_string()),
            declared: trigger.declared.clone(),
            explain: None,
            patience: Patience::default(),
        };
        let Some((kind, asks, fact, patience)) = self.measured(trigger) else {
            return self.unmeasured(trigger, parts);
        };
        let unreadable = |why: String| GateProblem::Unreadable { name: trigger.name.clone(), why };
        let asks: Value = serde_json::from_str(&asks).map_err(|error| unreadable(error.to_string()))?;
        let when = trigger.text.strip_prefix(trigger.name.as_str()).unwrap_or(&trigger.text).trim();
        let mut options = json!({"of": {kind: asks}, "fact": fact, "when": when});
        if let Some(options) = options.as_object_mut() {
            let every = self.asked.every.map(|every| format!("{every}s"));
            options.extend(every.map(|every| ("every".to_owned(), json!(every))));
            options.extend(
                self.lasting(trigger.window).map(|lasting| ("lasting".to_owned(), json!(format!("{lasting}s")))),
            );
            if back {
                options.insert("until-met".to_owned(), json!(true));
            }
        }
        self.check(<Sampled as Kind>::NAME, options, Parts { patience, ..parts })
    }

    /// How long to go on looking; `None` where the condition says so itself.
    fn lasting(&self, window: Window) -> Option<u64> {
        let looks = match window {
            Window::Now | Window::For(_) => return Some(self.asked.watch.unwrap_or(0)),
            Window::InARow(looks) | Window::OutOf { of: looks, .. } => u64::from(looks.saturating_sub(1)),
        };
        let needed = looks.saturating_mul(self.asked.every.unwrap_or(15));
        match self.asked.watch {
            Some(watch) => Some(watch),
            None if needed <= PATIENT => None,
            None => Some(0),
        }
    }

    /// Kind, options, fact and patience of what a condition is about.
    fn measured(&self, trigger: &Trigger) -> Option<(String, String, String, Patience)> {
        match trigger.measured.as_ref()? {
            Measured::Signal(id) => {
                let signal = self.rollout.signal(id)?;
                let patience = Patience::of(signal.timeout_ms, signal.retries);
                Some((signal.kind.clone(), signal.asks.clone(), signal.fact.clone(), patience))
            }
            Measured::Fact(check, fact) => {
                let check = self.audit.check(check)?;
                let patience = Patience::of(check.timeout_ms, check.retries);
                Some((check.kind.clone(), check.asks.clone(), fact.clone(), patience))
            }
        }
    }

    /// A name that no other check of the area has.
    fn id(&self, area: &str, wanted: &str) -> CheckId {
        let taken = |id: &CheckId| self.plan.audit.checks.iter().any(|check| check.id == *id);
        let named = |name: String| -> Option<CheckId> { format!("{area}/{name}").parse().ok() };
        let numbered = (2_u32..)
            .map(|number| named(format!("{wanted}-{number}")).or_else(|| named(format!("condition-{number}"))));
        std::iter::once(named(wanted.to_owned()))
            .chain(numbered)
            .flatten()
            .find(|id| !taken(id))
            .unwrap_or_else(|| unreachable!())
    }

    fn unmeasured(&mut self, trigger: &Trigger, parts: Parts) -> Result<(), GateProblem> {
        let explain = Some(format!("Nothing measures `{}`.", trigger.name));
        self.add(<Sampled as Kind>::NAME, None, String::new(), Parts { explain, ..parts })
    }

    fn check(&mut self, kind: &str, options: Value, parts: Parts) -> Result<(), GateProblem> {
        let asks = options.to_string();
        let unreadable = |why: String| GateProblem::Unreadable { name: parts.title.clone(), why };
        let probe = Probe::decode(kind, options).map_err(|error| unreadable(error.to_string()))?;
        if let Some((message, help)) = probe.problems().into_iter().next() {
            return Err(unreadable(format!("{message}: {help}")));
        }
        self.plan.per_check.insert(parts.id.clone(), parts.patience);
        self.add(kind, Some(probe), asks, parts)
    }

    fn add(&mut self, kind: &str, probe: Option<Probe>, asks: String, parts: Parts) -> Result<(), GateProblem> {
        let (fact, condition) = parts.expect;
        let condition = Condition::parse(&condition)
            .map_err(|problem| GateProblem::Unreadable { name: parts.title.clone(), why: problem.to_string() })?;
        if let Some(row) = registry::find(kind) {
            self.plan.audit.kinds.entry(kind.to_owned()).or_insert_with(|| row.spec());
        }
        if let Some(probe) = probe {
            self.plan.probes.insert(parts.id.clone(), Arc::new(probe));
        }
        self.plan.audit.checks.push(Check {
            id: parts.id,
            title: parts.title,
            kind: kind.to_owned(),
            source: None,
            asks,
            severity: parts.severity,
            weight: Number::one(),
            deduct: None,
            caps_area_at: None,
            depends_on: Vec::new(),
            not_applicable: None,
            expect: vec![Expectation { fact: fact.to_owned(), condition }],
            warn: Vec::new(),
            claims: Vec::new(),
            sample: None,
            attested: false,
            timeout_ms: parts.patience.unusual_timeout_ms(),
            retries: parts.patience.retries,
            explain: parts.explain,
            rationale: None,
            remediation: None,
            declared: parts.declared,
        });
        Ok(())
    }
}

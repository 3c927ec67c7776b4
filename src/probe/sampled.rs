//! Whether a condition has held for long enough, of what another kind finds when it is asked again and again.
//!
//! Where the source remembers (a metric), its past is asked for; else it is looked at until enough was seen. What was not
//! seen for long enough is no data: neither that it held, nor that it did not.

mod nested;

use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

pub use self::nested::Nested;

use super::{Kind, Past};
use crate::model::condition::Condition;
use crate::model::fact::{Fact, FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::model::format;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::model::rollout::held::{self, Look, Run};
use crate::model::rollout::{Trigger, Window};
use crate::witness::Witness;

/// Whether a condition has held for long enough, of what another kind finds when it is asked again and again.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Sampled {
    /// What is looked at: a kind and its options, as in a check.
    pub of: Nested,
    /// The fact that is meant.
    pub fact: String,
    /// The condition, and for how long it must hold: `> 0.5% for 5m`, `>= 1 3 times in a row`, `> 250ms in 3 of 5 samples`.
    pub when: String,
    /// How long to wait between two looks; `15s` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// How long to go on looking, such as `12h`; as long as the condition needs unless given. `0s` is one look, and what
    /// the source remembers.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lasting: Option<String>,
    /// Stop as soon as it is met: for what must be noticed at once.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub until_met: bool,
}

const DEFAULT_EVERY: u64 = 15;
/// More looks than this are not taken.
const MOST_LOOKS: u64 = 20_000;
/// So many of the newest are listed.
const MOST_READINGS: usize = 100;

impl Kind for Sampled {
    const NAME: &'static str = "sampled";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("met", FactType::Flag, "Has the condition held for long enough, up to the newest sample?"),
        FactSpec::new("held", FactType::Duration, "For how long it has held without a break, at least"),
        FactSpec::new("in-a-row", FactType::Count, "In how many samples it has held without a break"),
        FactSpec::new("samples", FactType::Count, "How many samples were taken"),
        FactSpec::new("missing", FactType::Count, "How many could not be taken").lower(),
        FactSpec::new("latest", FactType::Number, "The newest sample, where it is a number"),
        FactSpec::new("lowest", FactType::Number, "The smallest sample, where they are numbers"),
        FactSpec::new("highest", FactType::Number, "The largest sample, where they are numbers"),
        FactSpec::new("readings", FactType::Table, "The newest samples, 100 at most: at, value, met"),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("readings", &["at", "value", "met"])];
    const EXAMPLE: &'static str = r#"{of: {metric: {prometheus: "http://localhost:9090", query: job:errors:ratio}}, fact: value, when: "> 0.5% for 5m"}"#;

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = self.of.problems();
        if let Some(spec) = self.of.facts().into_iter().find(|spec| spec.name == self.fact) {
            match self.condition_for(spec.fact_type) {
                Ok((condition, _)) => problems.extend(self.of.0.unfit(&self.fact, &condition)),
                Err(problem) => problems.push(problem),
            }
        } else {
            let all: Vec<String> = self.of.facts().iter().map(|spec| spec.name.to_string()).collect();
            let message = format!("\"{}\" does not find \"{}\"", self.of.kind(), self.fact);
            problems.push((message, format!("write `fact:` as one of {}", all.join(", "))));
        }
        for (name, written) in [("every", &self.every), ("lasting", &self.lasting)] {
            let seconds = written.as_deref().map(whole_seconds);
            if seconds.is_some_and(|seconds| seconds.is_none_or(|seconds| seconds == 0 && name == "every")) {
                let written = written.as_deref().unwrap_or_default();
                let help = "write whole seconds or more, such as 15s or 5m".to_owned();
                problems.push((format!("\"{written}\" cannot be the `{name}` of samples"), help));
            }
        }
        if self.lasting() / self.every() > MOST_LOOKS {
            let help = "make `every` longer, or the time shorter".to_owned();
            problems.push((format!("that is more than {MOST_LOOKS} samples"), help));
        }
        problems
    }

    fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        let sampled = ["latest", "lowest", "highest"].contains(&fact);
        sampled.then(|| self.of.0.unfit(&self.fact, condition)).flatten()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let spec = self.of.facts().into_iter().find(|spec| spec.name == self.fact);
        let fact_type = spec.map_or(FactType::Number, |spec| spec.fact_type);
        let (condition, window) =
            self.condition_for(fact_type).map_err(|(reason, help)| Unmeasurable::new(reason, help))?;
        let mut samples = Samples { condition, window, taken: Vec::new(), stopped: None };
        self.take(&mut samples, witness).await?;
        Ok(samples.facts())
    }
}

impl Sampled {
    fn condition_for(&self, fact_type: FactType) -> Result<(Condition, Window), (String, String)> {
        let (condition, window) =
            Trigger::parse_condition(&self.when).map_err(|problem| (problem.message, problem.help))?;
        condition.fits(fact_type).map_err(|problem| (problem.message, problem.help))?;
        if condition.is_relative() {
            let help = "hold it against a value, such as `> 0.5%`".to_owned();
            return Err(("samples are not held against a baseline".to_owned(), help));
        }
        Ok((condition, window))
    }

    /// Seconds between two looks.
    fn every(&self) -> u64 {
        self.every.as_deref().and_then(whole_seconds).unwrap_or(DEFAULT_EVERY).max(1)
    }

    /// How long to go on looking, in seconds, where the source remembers nothing.
    fn lasting(&self) -> u64 {
        self.lasting.as_deref().and_then(whole_seconds).unwrap_or_else(|| match self.window() {
            Window::Now => 0,
            Window::For(seconds) => seconds,
            Window::InARow(looks) | Window::OutOf { of: looks, .. } => {
                u64::from(looks.saturating_sub(1)) * self.every()
            }
        })
    }

    /// Seconds until the next look, after so many looks in so many seconds; none once the condition can be told.
    ///
    /// A condition that counts looks gets as many as it counts, however long each of them takes, unless a time is given.
    fn until_next(&self, window: Window, looks: usize, passed: u64) -> Option<u64> {
        match (&self.lasting, window) {
            (None, Window::InARow(wanted) | Window::OutOf { of: wanted, .. }) => {
                (looks < wanted as usize).then(|| self.every())
            }
            _ => match self.lasting().saturating_sub(passed) {
                0 => None,
                left => Some(self.every().min(left)),
            },
        }
    }

    fn window(&self) -> Window {
        Trigger::parse_condition(&self.when).map_or(Window::Now, |(_, window)| window)
    }

    async fn take(&self, samples: &mut Samples, witness: &Witness) -> Result<(), Unmeasurable> {
        let past = self.past(samples.window, witness).await?;
        if let Some(past) = past {
            samples.taken =
                past.into_iter().map(|(at, value)| samples.sample(at, value.ok_or("no sample there"))).collect();
            if self.lasting.as_deref().and_then(whole_seconds).unwrap_or_default() == 0 {
                return Ok(());
            }
        }
        let mut first = None;
        let mut seen = 0;
        loop {
            let looked = self.of.0.measure(witness).await;
            let at = match witness.now().await {
                Ok(at) => at,
                // Stopped: what was seen until then is told, and what it would have come to is not known.
                Err(_) if first.is_some() => {
                    samples.stopped = Some(format!("it was looked at for {} of {}", told(seen), told(self.lasting())));
                    return Ok(());
                }
                Err(problem) => return Err(problem),
            };
            let begun = *first.get_or_insert(at);
            // A clock that is behind the source's own must not put the past behind the present.
            if begun == at {
                samples.taken.retain(|sample| sample.look.at < at);
            }
            let value = match &looked {
                Ok(facts) => match facts.facts.get(&self.fact) {
                    Some(Fact::Present(value)) => Ok(value.clone()),
                    Some(Fact::Absent(reason)) => Err(reason.as_str()),
                    None => Err("it was not found"),
                },
                Err(problem) => Err(problem.reason.as_str()),
            };
            let sample = samples.sample(at, value);
            samples.taken.push(sample);
            let passed = u64::try_from(at.seconds_since(begun)).unwrap_or_default();
            seen = passed;
            let next = self.until_next(samples.window, samples.taken.len(), passed);
            match next.filter(|_| !self.until_met || samples.held() != Ok(true)) {
                Some(seconds) => witness.pause(Duration::from_secs(seconds)).await,
                // One look that could not be taken is an error of its kind, as without the sampling.
                None => {
                    return match (looked, samples.taken.len()) {
                        (Err(problem), 1) => Err(problem),
                        _ => Ok(()),
                    };
                }
            }
        }
    }

    /// What the source remembers of the time that the condition asks for.
    async fn past(&self, window: Window, witness: &Witness) -> Result<Option<Past>, Unmeasurable> {
        let Window::For(span) = window else { return Ok(None) };
        if self.lasting.as_deref().and_then(whole_seconds).is_some_and(|lasting| lasting >= span) {
            return Ok(None);
        }
        let step = self.every().min(span).max(span.div_ceil(MOST_LOOKS / 2));
        self.of.0.look_back(&self.fact, span, step, witness).await
    }
}

/// Everything that was seen.
struct Samples {
    condition: Condition,
    window: Window,
    taken: Vec<Sample>,
    /// Why the last samples are missing, where somebody ended it.
    stopped: Option<String>,
}

/// One of them.
struct Sample {
    look: Look,
    value: Option<Value>,
    /// Why there is no value, or why it cannot be held against the condition.
    missing: Option<String>,
}

impl Samples {
    fn sample(&self, at: Instant, value: Result<Value, &str>) -> Sample {
        let held =
            value.as_ref().map_err(|reason| (*reason).to_owned()).and_then(|value| self.condition.holds(value, None));
        let look = Look { at, holds: held.as_ref().ok().copied() };
        Sample { look, value: value.ok(), missing: held.err() }
    }

    fn looks(&self) -> Vec<Look> {
        self.taken.iter().map(|sample| sample.look).collect()
    }

    fn held(&self) -> Result<bool, String> {
        held::held(self.window, &self.looks())
    }

    fn facts(&self) -> Facts {
        let mut facts = Facts::default();
        match self.stopped.clone().map_or_else(|| self.held(), Err) {
            Ok(held) => facts.set("met", Value::Flag(held)),
            Err(reason) => facts.absent("met", self.why(reason)),
        }
        match self.run() {
            Ok(run) => {
                facts.set("held", Value::seconds(Number::from(run.seconds)));
                facts.set("in-a-row", Value::count(run.looks));
            }
            Err(reason) => ["held", "in-a-row"].iter().for_each(|fact| facts.absent(fact, reason.clone())),
        }
        facts.set("samples", Value::count(self.taken.len()));
        facts.set("missing", Value::count(self.taken.iter().filter(|sample| sample.missing.is_some()).count()));
        let numbers = || {
            self.taken.iter().filter_map(|sample| Some((sample.value.as_ref()?, sample.value.as_ref()?.quantity()?.0)))
        };
        let none = "no sample is a number";
        let newest =
            self.taken.last().and_then(|sample| sample.value.as_ref()).filter(|value| value.quantity().is_some());
        facts.set_or("latest", newest.cloned(), "the newest sample is no number");
        let lowest = numbers().min_by(|(_, one), (_, other)| one.cmp(other));
        facts.set_or("lowest", lowest.map(|(value, _)| value.clone()), none);
        let highest = numbers().max_by(|(_, one), (_, other)| one.cmp(other));
        facts.set_or("highest", highest.map(|(value, _)| value.clone()), none);
        facts.set("readings", self.readings());
        facts
    }

    /// For how long it has held. Of a newest sample that is missing nobody knows whether it ended the run.
    fn run(&self) -> Result<Run, String> {
        match self.taken.last() {
            None => Err("nothing was seen".to_owned()),
            Some(Sample { look: Look { holds: None, .. }, .. }) => {
                Err(self.why("the newest sample could not be taken".to_owned()))
            }
            Some(_) => Ok(held::run(&self.looks())),
        }
    }

    /// Why it is not known whether it held: what kept the newest sample from being taken says more.
    fn why(&self, reason: String) -> String {
        let missing = self.taken.last().and_then(|sample| sample.missing.as_ref());
        missing.map_or(reason.clone(), |missing| format!("{reason}: {missing}"))
    }

    fn readings(&self) -> Value {
        let columns = ["at", "value", "met"].map(str::to_owned).to_vec();
        let newest = self.taken.iter().skip(self.taken.len().saturating_sub(MOST_READINGS));
        let rows = newest.map(|sample| {
            let scalar = sample.value.clone().filter(|value| !matches!(value, Value::Table(_) | Value::List(_)));
            // As text: samples are seconds apart, and documents show times to the minute.
            vec![Some(Value::Text(sample.look.at.to_string())), scalar, sample.look.holds.map(Value::Flag)]
        });
        Value::Table(Table { columns, rows: rows.collect() })
    }
}

fn told(seconds: u64) -> String {
    format::value(&Value::seconds(Number::from(seconds)))
}

fn whole_seconds(written: &str) -> Option<u64> {
    parse_duration(written).ok()?.to_u64()
}

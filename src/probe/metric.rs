//! What a PromQL query yields, at one moment or over a span of time.
//!
//! Several series are not one value: unless they are reduced, there is none. An empty answer, `NaN` and infinity are none
//! either.

mod reduce;
#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::endpoint::Endpoint;
use crate::source::prometheus::{Point, Prometheus, Samples, Shape};
use crate::witness::Witness;
use reduce::Aggregate;

/// A number out of Prometheus, by a PromQL query.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Metric {
    /// Where Prometheus is: an address, or a mapping with `url` and what lets us in.
    pub prometheus: Endpoint,
    /// The query, PromQL.
    pub query: String,
    /// What the value is a number of. Without it, a bare metric named `..._bytes`, `..._seconds` or `..._ratio` is read
    /// as what its name says, and anything else as a plain number.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<MetricUnit>,
    /// Ask about the last such span, such as `5m`, and not about this moment; needs `aggregate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// How far the samples of `over` are apart; `15s` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// How all samples of all series become one value: `avg`, `min`, `max`, `sum`, `p50`, `p95`, `p99.9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(avg|min|max|sum|p(100|\d{1,2}(\.\d{1,6})?))$"))]
    pub aggregate: Option<String>,
}

/// What a metric's value is a number of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum MetricUnit {
    /// Bytes.
    Bytes,
    /// Seconds.
    Seconds,
    /// A share: 1 is 100 %.
    Ratio,
    /// Whole things.
    Count,
}

/// More points than this for one series are refused by Prometheus itself.
const MAX_POINTS: u64 = 11_000;
const DEFAULT_STEP: u64 = 15;

impl Kind for Metric {
    const NAME: &'static str = "metric";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("value", FactType::Number, "The value, where the query yields one, or all are reduced to one"),
        FactSpec::new("series", FactType::Count, "How many series the query yields"),
        FactSpec::new("samples", FactType::Count, "How many samples they have together"),
        FactSpec::new("spread", FactType::Number, "The largest sample less the smallest").lower(),
        FactSpec::new("age", FactType::Duration, "How old the newest sample is, where the query names a metric alone")
            .lower(),
    ];
    const EXAMPLE: &'static str = "{prometheus: \"http://localhost:9090\", query: node_memory_MemTotal_bytes}";

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = self.prometheus.problems();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        if self.query.trim().is_empty() {
            say("the query is empty".to_owned(), "write a PromQL query");
        }
        if let Some(written) = &self.aggregate
            && written.parse::<Aggregate>().is_err()
        {
            say(
                format!("\"{written}\" is no way to reduce samples"),
                "write avg, min, max, sum, or a quantile such as p95",
            );
        }
        if self.over.is_some() && self.aggregate.is_none() {
            say("`over` yields many samples and nothing reduces them".to_owned(), "add `aggregate:`");
        }
        if self.step.is_some() && self.over.is_none() {
            say("`step` means nothing without `over`".to_owned(), "add `over:` or leave `step:` out");
        }
        for (name, written) in [("over", &self.over), ("step", &self.step)] {
            if let Some(written) = written
                && whole_seconds(written).is_none()
            {
                say(
                    format!("\"{written}\" cannot be the `{name}` of a query"),
                    "write whole seconds or more, such as 15s or 5m",
                );
            }
        }
        if let (Some(over), step) = (self.span(), self.step_seconds())
            && over / step > MAX_POINTS
        {
            say(format!("`over` has more than {MAX_POINTS} steps"), "make `step:` longer or `over:` shorter");
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let server = Prometheus { endpoint: &self.prometheus, witness };
        let samples = match self.span() {
            None => server.query(&self.query).await?,
            Some(span) => {
                let now = witness.now().await?;
                let start = i64::try_from(span).ok().and_then(|span| Instant::from_seconds(now.seconds() - span));
                let start = start.ok_or_else(|| Unmeasurable::new("`over` is too long", "Make it shorter."))?;
                server.query_range(&self.query, (start, now), self.step_seconds()).await?
            }
        };
        let mut facts = self.facts(&samples);
        if selects_alone(&self.query) && samples.shape != Shape::Scalar && !samples.series.is_empty() {
            // A sample's own time is not in the answer to an instant query: that has the time of the query.
            let times = server.query(&format!("timestamp({})", self.query)).await?;
            facts.set_or("age", age(&times, witness.now().await?), "no sample says when it was taken");
        } else {
            facts.absent("age", if samples.series.is_empty() { "no series" } else { "the query computes its samples" });
        }
        Ok(facts)
    }
}

impl Metric {
    fn span(&self) -> Option<u64> {
        self.over.as_deref().and_then(whole_seconds)
    }

    fn step_seconds(&self) -> u64 {
        self.step.as_deref().and_then(whole_seconds).unwrap_or(DEFAULT_STEP)
    }

    fn facts(&self, samples: &Samples) -> Facts {
        let mut facts = Facts::default();
        for warning in &samples.warnings {
            facts.note(format!("Prometheus warns: {warning}"));
        }
        if samples.shape == Shape::String {
            for fact in ["value", "series", "samples", "spread"] {
                facts.absent(fact, "the query yields a text and no number");
            }
            return facts;
        }
        let points: Vec<_> = samples.series.iter().flat_map(|series| &series.points).collect();
        facts.set("series", Value::count(samples.series.len()));
        facts.set("samples", Value::count(points.len()));
        let numbers = finite(&points);
        match numbers.as_ref().map_err(Clone::clone).and_then(|numbers| self.value(samples, numbers)) {
            Ok(value) => facts.set("value", self.with_unit(value)),
            Err(reason) => facts.absent("value", reason),
        }
        let spread = numbers.and_then(|numbers| reduce::spread(&numbers).ok_or_else(no_samples));
        match spread {
            Ok(spread) => facts.set("spread", self.with_unit(spread)),
            Err(reason) => facts.absent("spread", reason),
        }
        self.note_gaps(&mut facts, samples);
        facts
    }

    /// The one value, or why there is none.
    fn value(&self, samples: &Samples, numbers: &[Number]) -> Result<Number, String> {
        let aggregate = self.aggregate.as_deref().and_then(|written| written.parse::<Aggregate>().ok());
        match (aggregate, numbers) {
            (_, []) => Err(no_samples()),
            (Some(aggregate), numbers) => aggregate.of(numbers).ok_or_else(no_samples),
            (None, [one]) => Ok(one.clone()),
            (None, many) if samples.series.len() > 1 => {
                Err(format!("{} series; reduce them in the query, or with `aggregate:`", many.len()))
            }
            (None, many) => Err(format!("{} samples; reduce them with `aggregate:`", many.len())),
        }
    }

    fn with_unit(&self, number: Number) -> Value {
        match self.unit.or_else(|| unit_of_name(&self.query)) {
            Some(MetricUnit::Bytes) => Value::Bytes(number),
            Some(MetricUnit::Seconds) => Value::Duration(number),
            Some(MetricUnit::Ratio) => Value::Ratio(number),
            Some(MetricUnit::Count) if number.is_integer() => Value::Count(number),
            Some(MetricUnit::Count) | None => Value::Number(number),
        }
    }

    fn note_gaps(&self, facts: &mut Facts, samples: &Samples) {
        let Some(span) = self.span() else { return };
        let full = span / self.step_seconds() + 1;
        let short = samples.series.iter().filter(|series| (series.points.len() as u64) < full).count();
        if short > 0 {
            facts.note(format!(
                "{short} of {} series have fewer than {full} samples: there are gaps.",
                samples.series.len()
            ));
        }
    }
}

fn no_samples() -> String {
    "the query yields no sample".to_owned()
}

/// Every sample as a number; or what else there is among them.
fn finite(points: &[&Point]) -> Result<Vec<Number>, String> {
    let others: Vec<_> = points.iter().filter(|point| point.value.is_none()).collect();
    match others.first() {
        Some(first) if points.len() == 1 => Err(format!("the sample is {}", first.written)),
        Some(first) => {
            Err(format!("{} of {} samples are no numbers, such as {}", others.len(), points.len(), first.written))
        }
        None => Ok(points.iter().filter_map(|point| point.value.clone()).collect()),
    }
}

fn age(times: &Samples, now: Instant) -> Option<Value> {
    let newest = times.series.iter().flat_map(|series| &series.points).filter_map(|point| point.value.clone()).max()?;
    let age = Number::from(now.seconds()) - newest;
    // Our clock has whole seconds and the sample's has not, so that it may seem to come from the future.
    Some(Value::Duration(if age.is_negative() { Number::zero() } else { age }))
}

/// A length of time in whole seconds, one at least.
fn whole_seconds(written: &str) -> Option<u64> {
    parse_duration(written).ok()?.to_u64().filter(|seconds| *seconds > 0)
}

/// Does the query name a metric, with labels or without, and compute nothing?
fn selects_alone(query: &str) -> bool {
    let query = query.trim();
    let name = query.split('{').next().unwrap_or_default().trim_end();
    let rest = query.get(name.len()..).unwrap_or_default().trim();
    let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
        && !name.starts_with(|first: char| first.is_ascii_digit());
    // A brace inside a quoted label value would end the selector early: such a query is taken for a computed one.
    named && !query.is_empty() && (rest.is_empty() || (rest.ends_with('}') && rest.matches(['{', '}']).count() == 2))
}

/// The unit that a bare metric's name says, by the naming rules of Prometheus.
fn unit_of_name(query: &str) -> Option<MetricUnit> {
    let name = query.split('{').next().unwrap_or_default().trim();
    // `..._time_seconds` and `..._timestamp_seconds` are moments and not lengths of time.
    if !selects_alone(query) || name.ends_with("_time_seconds") || name.ends_with("_timestamp_seconds") {
        return None;
    }
    let units = [("_bytes", MetricUnit::Bytes), ("_seconds", MetricUnit::Seconds), ("_ratio", MetricUnit::Ratio)];
    units.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, unit)| unit)
}

//! What a PromQL query yields: at one moment, at several, or over a span of time.
//!
//! Several series are not one value: unless they are reduced, there is none. An empty answer, `NaN` and infinity are none
//! either. What must hold for a while is held against every sample of it, and a sample that is missing is no silence.

mod age;
mod found;
mod measured;
mod reduce;
#[cfg(test)]
mod tests;
mod unit;

use std::collections::BTreeMap;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Kind, Past};
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::endpoint::Endpoint;
use crate::source::prometheus::{Point, Prometheus, Samples};
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
    /// as what its name says, and anything else as a plain number. A number of another unit by its name
    /// (`..._milliseconds`, `..._percent`), or a point in time (`..._timestamp_seconds`), is held against conditions
    /// without a unit only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<MetricUnit>,
    /// Ask about the last such span, such as `15m`, and not about this moment; needs `aggregate`. Gaps in it are told.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// What is expected must have held for the last such span, such as `5m`. Every sample of it counts, so hold `max` or
    /// `min` against the condition (`expect: {max: "< 0.5"}`); `value` needs `aggregate`. A series that was not there for
    /// the whole span has none of them. Prometheus itself bridges a gap that is shorter than its look-back, 5 minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#for: Option<String>,
    /// How far the samples of `over` and `for` are apart; `15s` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub step: Option<String>,
    /// Ask so many times, now, and take every answer for a sample: for a figure that is noisy. Needs `aggregate`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub samples: Option<u32>,
    /// How long to wait between them; `2s` unless given. Less than the interval at which the target is scraped asks for
    /// one sample twice.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<String>,
    /// How all samples of all series become one value: `avg`, `min`, `max`, `sum`, `last`, `p50`, `p95`, `p99.9`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(regex(pattern = r"^(avg|min|max|sum|last|p(100|\d{1,2}(\.\d{1,6})?))$"))]
    pub aggregate: Option<String>,
    /// How old the newest sample of each series may be, such as `1m`; an older one is no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<String>,
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
/// Most answers that are waited for.
const MAX_SAMPLES: u32 = 1_000;
/// Longest that is waited for them, in seconds.
const MAX_WAIT: u64 = 3_600;
const DEFAULT_EVERY: u64 = 2;

impl Kind for Metric {
    const NAME: &'static str = "metric";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("value", FactType::Number, "The value, where the query yields one, or all are reduced to one"),
        FactSpec::new("min", FactType::Number, "The smallest of all samples of all series"),
        FactSpec::new("max", FactType::Number, "The largest of all samples of all series"),
        FactSpec::new("avg", FactType::Number, "The mean of all samples of all series"),
        FactSpec::new("last", FactType::Number, "The newest sample, where there is one series"),
        FactSpec::new("series", FactType::Count, "How many series the query yields"),
        FactSpec::new("samples", FactType::Count, "How many samples they have together"),
        FactSpec::new("spread", FactType::Number, "The largest sample less the smallest").lower(),
        FactSpec::new("age", FactType::Duration, "How old the newest sample is, where the query names a metric alone")
            .lower(),
        FactSpec::new("readings", FactType::Table, "Each sample, where there are 2 to 100: series, at, value"),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("readings", found::COLUMNS)];
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
                "write avg, min, max, sum, last, or a quantile such as p95",
            );
        }
        for (name, written) in
            [("over", &self.over), ("for", &self.r#for), ("step", &self.step), ("every", &self.every)]
        {
            if let Some(written) = written
                && some_seconds(written).is_none()
            {
                say(
                    format!("\"{written}\" cannot be the `{name}` of a query"),
                    "write whole seconds or more, such as 15s or 5m",
                );
            }
        }
        self.contradictions(&mut say);
        problems
    }

    fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        self.in_another_unit(fact, condition)
    }

    async fn look_back(
        &self,
        fact: &str,
        span: u64,
        step: u64,
        witness: &Witness,
    ) -> Result<Option<Past>, Unmeasurable> {
        if fact != "value" || self.span().is_some() || self.samples.is_some() {
            return Ok(None);
        }
        let server = Prometheus { endpoint: &self.prometheus, witness };
        let (end, found) = self.over_a_span(server, span, step).await?;
        let found = found.whole()?;
        self.alone(&found)?;
        let points = found.series.first().map(|series| series.points.as_slice()).unwrap_or_default();
        let by_moment: BTreeMap<&Number, &Point> = points.iter().map(|point| (&point.at, point)).collect();
        let value = |moment: Instant| {
            let point = by_moment.get(&Number::from(moment.seconds()))?;
            point.value.clone().map(|number| self.with_unit(number))
        };
        let back = |steps: u64| {
            i64::try_from(steps.saturating_mul(step)).ok().and_then(|back| end.seconds().checked_sub(back))
        };
        let moments = (0..=span.div_ceil(step)).rev().filter_map(|steps| Instant::from_seconds(back(steps)?));
        Ok(Some(moments.map(|moment| (moment, value(moment))).collect()))
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let server = Prometheus { endpoint: &self.prometheus, witness };
        let samples = match (self.span(), self.samples) {
            (Some(span), _) => self.over_a_span(server, span, self.step_seconds()).await?.1,
            (None, Some(count)) => self.one_after_another(server, count).await?,
            (None, None) => server.query(&self.query).await?,
        };
        let mut facts = self.found(&samples);
        self.set_age(&mut facts, &samples, server).await?;
        Ok(facts)
    }
}

impl Metric {
    /// Several series are not one value, and none is not one either.
    fn alone(&self, found: &Samples) -> Result<(), Unmeasurable> {
        let help = "Write a query that yields one series, such as `sum(...)` or `max(...)`.";
        match found.series.len() {
            1 => Ok(()),
            0 => Err(Unmeasurable::new(format!("the query \"{}\" yields nothing", self.query), help)),
            many => Err(Unmeasurable::new(format!("the query \"{}\" yields {many} series", self.query), help)),
        }
    }

    /// What the options say that cannot be meant together.
    fn contradictions(&self, say: &mut impl FnMut(String, &str)) {
        let ways = [("over", self.over.is_some()), ("for", self.r#for.is_some()), ("samples", self.samples.is_some())];
        let given: Vec<_> = ways.iter().filter(|(_, given)| *given).map(|(name, _)| *name).collect();
        if let [one, other, ..] = given.as_slice() {
            say(format!("`{one}` and `{other}` are two ways to get samples"), "keep one of them");
        }
        for name in given.iter().filter(|name| **name != "for" && self.aggregate.is_none()) {
            say(format!("`{name}` yields many samples and nothing reduces them"), "add `aggregate:`");
        }
        if self.step.is_some() && self.over.is_none() && self.r#for.is_none() {
            say("`step` means nothing without `over` or `for`".to_owned(), "add one of them or leave `step:` out");
        }
        if self.every.is_some() && self.samples.is_none() {
            say("`every` means nothing without `samples`".to_owned(), "add `samples:` or leave `every:` out");
        }
        if let Some(span) = self.span() {
            let name = if self.over.is_some() { "over" } else { "for" };
            if span.div_ceil(self.step_seconds()) > MAX_POINTS {
                say(format!("`{name}` has more than {MAX_POINTS} steps"), "make `step:` longer or the span shorter");
            }
            if self.step_seconds() > span {
                say(format!("`step` is longer than `{name}`"), "make `step:` shorter or the span longer");
            }
        }
        if let Some(count) = self.samples {
            let waited = u64::from(count).saturating_mul(self.every_seconds());
            if !(2..=MAX_SAMPLES).contains(&count) || waited > MAX_WAIT {
                say(
                    format!("`samples: {count}`, one every {} s, cannot be waited for", self.every_seconds()),
                    "ask for 2 to 1,000 of them, in an hour at most",
                );
            }
        }
        if let Some(Err(problem)) = self.max_age.as_deref().map(parse_duration) {
            say(problem.to_string(), "write `max-age:` as 30s or 5m");
        }
        if self.max_age.is_some() && !age::selects_alone(&self.query) {
            say(
                "`max-age` means nothing where the query computes: nobody knows how old its samples are".to_owned(),
                "ask for a metric by its name alone, or leave `max-age:` out",
            );
        }
    }

    /// The span that is asked about, of `over` or of `for`.
    fn span(&self) -> Option<u64> {
        self.over.as_deref().or(self.r#for.as_deref()).and_then(some_seconds)
    }

    fn step_seconds(&self) -> u64 {
        let default = || self.span().map_or(DEFAULT_STEP, |span| span.min(DEFAULT_STEP));
        self.step.as_deref().and_then(some_seconds).unwrap_or_else(default)
    }

    fn every_seconds(&self) -> u64 {
        self.every.as_deref().and_then(some_seconds).unwrap_or(DEFAULT_EVERY)
    }

    /// The clock of Prometheus says when the span ends: by ours, it might end before its samples do, or after.
    async fn over_a_span(
        &self,
        server: Prometheus<'_>,
        span: u64,
        step: u64,
    ) -> Result<(Instant, Samples), Unmeasurable> {
        let end = server.now().await?;
        let whole = i64::try_from(span.div_ceil(step).saturating_mul(step)).ok();
        let start = whole.and_then(|whole| Instant::from_seconds(end.seconds().checked_sub(whole)?));
        let start = start.ok_or_else(|| Unmeasurable::new("the span is too long", "Make it shorter."))?;
        Ok((end, server.query_range(&self.query, (start, end), step).await?))
    }

    async fn one_after_another(&self, server: Prometheus<'_>, count: u32) -> Result<Samples, Unmeasurable> {
        let mut all: Option<Samples> = None;
        for nth in 1..=count {
            if nth > 1 {
                server.witness.pause(Duration::from_secs(self.every_seconds())).await;
            }
            let one = server.query(&self.query).await.map_err(|problem| {
                Unmeasurable::new(format!("sample {nth} of {count}: {}", problem.reason), problem.help)
            })?;
            match &mut all {
                Some(all) => all.absorb(one),
                none => *none = Some(one),
            }
        }
        all.ok_or_else(|| Unmeasurable::new("no sample was asked for", "Ask for two at least."))
    }
}

/// A length of time in whole seconds, one at least.
fn some_seconds(written: &str) -> Option<u64> {
    parse_duration(written).ok()?.to_u64().filter(|seconds| *seconds > 0)
}

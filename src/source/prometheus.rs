//! A client of the Prometheus HTTP API (also Thanos, Mimir, VictoriaMetrics): queries and rules.
//!
//! A server that refuses, or that is none, is "could not look". What it does not say is left out and never made up: an
//! empty answer has no series, and `NaN` is no number.
//! Source of the shapes: <https://prometheus.io/docs/prometheus/latest/querying/api/>.

pub mod rules;
#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;
use url::form_urlencoded::Serializer;

use super::endpoint::{Endpoint, json};
use super::output::printable;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::witness::{HttpAnswer, Witness};

pub use rules::{Alert, AlertState, Group, Health, Rule, RuleKind, Rules};

/// Pages of rules beyond which a server is taken for one that never ends.
const MAX_PAGES: usize = 1_000;
/// Remarks kept of one answer.
const MAX_WARNINGS: usize = 10;

/// A Prometheus server.
#[derive(Debug, Clone, Copy)]
pub struct Prometheus<'a> {
    /// Where it is.
    pub endpoint: &'a Endpoint,
    /// Who asks.
    pub witness: &'a Witness,
}

/// What a query yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Samples {
    /// What it is.
    pub shape: Shape,
    /// The series, in the order of the answer; a scalar is one series without labels.
    pub series: Vec<Series>,
    /// What the server remarks on, such as that a rate is taken of what may be no counter.
    pub infos: Vec<String>,
    /// What the server warns of: it could not ask everybody, so that what it says is not the whole of it.
    pub warnings: Vec<String>,
}

/// The shape of an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Shape {
    /// One sample for each series.
    Vector,
    /// Several samples for each series.
    Matrix,
    /// A number.
    Scalar,
    /// A text; it has no samples.
    String,
}

/// One series.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Series {
    /// Its labels; the metric's name is `__name__`.
    pub labels: BTreeMap<String, String>,
    /// Its samples, oldest first.
    pub points: Vec<Point>,
}

/// One sample.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Point {
    /// Seconds since the epoch.
    pub at: Number,
    /// The value; `None` for `NaN`, `+Inf`, `-Inf` and native histograms.
    pub value: Option<Number>,
    /// The value as the server wrote it.
    pub written: String,
    /// Is it a native histogram, which is no number?
    pub is_histogram: bool,
}

impl Point {
    /// A sample as the server writes it.
    pub fn new(at: Number, written: String) -> Self {
        Self { at, value: written.parse().ok(), written, is_histogram: false }
    }
}

impl Samples {
    /// Takes in the answer to the same query, asked later.
    pub fn absorb(&mut self, later: Self) {
        if self.shape == Shape::Vector || self.series.is_empty() {
            self.shape = later.shape;
        }
        let known: BTreeMap<_, _> =
            self.series.iter().enumerate().map(|(at, series)| (series.labels.clone(), at)).collect();
        for one in later.series {
            match known.get(&one.labels) {
                Some(at) => self.series[*at].points.extend(one.points),
                None => self.series.push(one),
            }
        }
        for (all, later) in [(&mut self.warnings, later.warnings), (&mut self.infos, later.infos)] {
            for said in later {
                if !all.contains(&said) {
                    all.push(said);
                }
            }
        }
    }

    /// Why nothing in the answer is to be relied on: the server itself says that a part may be missing.
    pub fn doubt(&self) -> Option<String> {
        doubt(&self.warnings)
    }

    /// Is it whole? Where it is not, nothing may be counted on.
    pub fn whole(self) -> Result<Self, Unmeasurable> {
        match self.doubt() {
            None => Ok(self),
            Some(why) => Err(Unmeasurable::new(why, PARTIAL_HELP)),
        }
    }
}

/// What to do about an answer that its server warns of.
const PARTIAL_HELP: &str = "Look why the server could not ask all it asks, or correct the query that it warns of.";

/// A sentence's end that says what the server warns of; none where it does not.
pub fn doubt(warnings: &[String]) -> Option<String> {
    let first = warnings.first()?;
    let more = warnings.len() - 1;
    let more = if more == 0 { String::new() } else { format!(" (and {more} more)") };
    Some(format!("the server warns that its answer may be incomplete or wrong: {first}{more}"))
}

#[derive(Deserialize)]
struct Envelope {
    status: String,
    #[serde(default)]
    data: Option<serde_json::Value>,
    #[serde(default, rename = "errorType")]
    error_type: String,
    #[serde(default)]
    error: String,
    #[serde(default)]
    warnings: Vec<String>,
    /// Remarks of servers from 3.0 on, such as that a rate is taken of what may be no counter.
    #[serde(default)]
    infos: Vec<String>,
    /// A cluster of VictoriaMetrics could not ask all of its storage, and warns of it in no other way.
    #[serde(default, rename = "isPartial")]
    is_partial: bool,
}

#[derive(Deserialize)]
struct QueryData {
    #[serde(rename = "resultType")]
    shape: Shape,
    result: serde_json::Value,
}

/// `[seconds, "value"]`.
#[derive(Deserialize)]
struct WrittenPoint(serde_json::Number, String);

#[derive(Deserialize)]
struct WrittenSeries {
    #[serde(default)]
    metric: BTreeMap<String, String>,
    #[serde(default)]
    value: Option<WrittenPoint>,
    #[serde(default)]
    values: Vec<WrittenPoint>,
    #[serde(default)]
    histogram: Option<serde::de::IgnoredAny>,
    #[serde(default)]
    histograms: Option<serde::de::IgnoredAny>,
}

impl Prometheus<'_> {
    /// An instant query; the server's own time is the moment.
    pub async fn query(&self, query: &str) -> Result<Samples, Unmeasurable> {
        let parameters = Serializer::new(String::new()).append_pair("query", query).finish();
        let answer = self.witness.http(self.endpoint.get(&format!("/api/v1/query?{parameters}"))).await?;
        read_samples(&answer, &self.name(), &format!(" the query \"{query}\""))
    }

    /// A range query: one point every `step` seconds from `start` to `end`.
    pub async fn query_range(
        &self,
        query: &str,
        (start, end): (Instant, Instant),
        step: u64,
    ) -> Result<Samples, Unmeasurable> {
        let parameters = Serializer::new(String::new())
            .append_pair("query", query)
            .append_pair("start", &start.seconds().to_string())
            .append_pair("end", &end.seconds().to_string())
            .append_pair("step", &step.to_string())
            .finish();
        let answer = self.witness.http(self.endpoint.get(&format!("/api/v1/query_range?{parameters}"))).await?;
        read_samples(&answer, &self.name(), &format!(" the query \"{query}\""))
    }

    /// What time it is there.
    pub async fn now(&self) -> Result<Instant, Unmeasurable> {
        let samples = self.query("time()").await?.whole()?;
        let seconds = samples.series.first().and_then(|series| series.points.first()?.value.as_ref()?.floor().to_i64());
        seconds.and_then(Instant::from_seconds).ok_or_else(|| {
            Unmeasurable::new(
                format!("{} does not say what time it is", self.name()),
                "Look whether the query `time()` yields a number there.",
            )
        })
    }

    /// Every rule, page after page where the server answers in pages (3.0 and newer, when something asks it to).
    pub async fn rules(&self) -> Result<Rules, Unmeasurable> {
        let mut all = Rules::default();
        let mut seen = BTreeSet::new();
        let mut path = "/api/v1/rules".to_owned();
        loop {
            let answer = self.witness.http(self.endpoint.get(&path)).await?;
            let Some(next) =
                rules::read(&answer, rules::time_of(&answer, self.witness).await?, &self.name(), &mut all)?
            else {
                return Ok(all);
            };
            let parameters = Serializer::new(String::new())
                .append_pair("group_limit", &next.groups.to_string())
                .append_pair("group_next_token", &next.token)
                .finish();
            path = format!("/api/v1/rules?{parameters}");
            if seen.len() >= MAX_PAGES || !seen.insert(next.token) {
                return Err(Unmeasurable::new(
                    format!("{} answers its rules in pages that never end", self.name()),
                    "Report it to whoever runs the server.",
                ));
            }
        }
    }

    fn name(&self) -> String {
        format!("Prometheus at {}", self.endpoint.url)
    }
}

/// An envelope that was opened.
struct Opened {
    data: serde_json::Value,
    warnings: Vec<String>,
    infos: Vec<String>,
}

/// Opens the envelope `{status, data, error}`; `asked` completes "refuses".
fn open(answer: &HttpAnswer, server: &str, asked: &str) -> Result<Opened, Unmeasurable> {
    let envelope: Envelope = json(answer, server)?;
    match (envelope.status.as_str(), envelope.data) {
        ("success", Some(data)) => {
            let kept = |said: Vec<String>| said.iter().take(MAX_WARNINGS).map(|text| shortened(text)).collect();
            let partial = envelope.is_partial.then(|| "it calls it a part (`isPartial`)".to_owned());
            let warnings = partial.into_iter().chain(envelope.warnings).collect();
            Ok(Opened { data, warnings: kept(warnings), infos: kept(envelope.infos) })
        }
        ("error", _) => Err(Unmeasurable::new(
            format!("{server} refuses{asked}: {}", shortened(&envelope.error)),
            match envelope.error_type.as_str() {
                "bad_data" => "Try the query in Prometheus's own page first.",
                "timeout" | "canceled" => "Ask for less, or give Prometheus more time.",
                _ => "Look into the log of Prometheus.",
            },
        )),
        _ => Err(foreign(answer, server)),
    }
}

fn foreign(answer: &HttpAnswer, server: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("{server} answered {} with JSON that is not of the Prometheus API", answer.status),
        "Look whether the address is that of a Prometheus server; it may need a path in front.",
    )
}

fn shortened(text: &str) -> String {
    printable(text, 300)
}

fn read_samples(answer: &HttpAnswer, server: &str, asked: &str) -> Result<Samples, Unmeasurable> {
    let Opened { data, warnings, infos } = open(answer, server, asked)?;
    let not_ours = |_| foreign(answer, server);
    let data: QueryData = serde_json::from_value(data).map_err(not_ours)?;
    let series = match data.shape {
        Shape::Vector | Shape::Matrix => serde_json::from_value::<Vec<WrittenSeries>>(data.result)
            .map_err(not_ours)?
            .into_iter()
            .map(series_of)
            .collect(),
        Shape::Scalar => {
            let point: WrittenPoint = serde_json::from_value(data.result).map_err(not_ours)?;
            vec![Series { labels: BTreeMap::new(), points: vec![point_of(point)] }]
        }
        Shape::String => Vec::new(),
    };
    Ok(Samples { shape: data.shape, series, infos, warnings })
}

fn series_of(written: WrittenSeries) -> Series {
    let mut points: Vec<Point> = written.value.into_iter().chain(written.values).map(point_of).collect();
    // A series may change over from numbers to histograms; the numbers before alone would not be the whole of it.
    if written.histogram.is_some() || written.histograms.is_some() {
        let written = "a native histogram".to_owned();
        points.push(Point { at: Number::zero(), value: None, written, is_histogram: true });
    }
    Series { labels: written.metric, points }
}

fn point_of(WrittenPoint(at, written): WrittenPoint) -> Point {
    // The shortest text that reads back as the same float is what the server wrote: milliseconds.
    let at = at.to_string().parse().unwrap_or_else(|_| Number::zero());
    Point::new(at, written)
}

//! What samples say: one value where they are one or are reduced to one, and how far they lie apart.

use std::collections::BTreeMap;

use super::reduce::{self, Aggregate};
use super::unit::unit_of_name;
use super::{Metric, MetricUnit};
use crate::model::fact::{Facts, Table, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::source::prometheus::{Point, Samples, Series, Shape};

/// The columns of `readings`.
pub(super) const COLUMNS: &[&str] = &["series", "at", "value"];
/// More samples than this are not listed.
const MAX_READINGS: usize = 100;
/// The facts that are numbers in the unit of the metric.
pub(super) const FIGURES: [&str; 6] = ["value", "min", "max", "avg", "last", "spread"];

impl Metric {
    pub(super) fn found(&self, samples: &Samples) -> Facts {
        let mut facts = Facts::default();
        for info in &samples.infos {
            facts.note(format!("Prometheus remarks: {info}"));
        }
        if let Some(doubt) = samples.doubt() {
            for fact in FIGURES.into_iter().chain(["series", "samples", "readings"]) {
                facts.absent(fact, doubt.clone());
            }
            return facts;
        }
        if samples.shape == Shape::String {
            for fact in FIGURES.into_iter().chain(["series", "samples", "readings"]) {
                facts.absent(fact, "the query yields a text and no number");
            }
            return facts;
        }
        let points: Vec<_> = samples.series.iter().flat_map(|series| &series.points).collect();
        facts.set("series", Value::count(samples.series.len()));
        facts.set("samples", Value::count(points.len()));
        match self.whole(samples).and_then(|()| finite(&points)) {
            Ok(numbers) => self.set_figures(&mut facts, samples, &numbers),
            Err(reason) => FIGURES.into_iter().for_each(|fact| facts.absent(fact, reason.clone())),
        }
        match points.len() {
            // The value says it all; the same once more under other names would only be longer.
            0 | 1 => {}
            count if count > MAX_READINGS => {
                facts.absent("readings", format!("{count} samples are too many to list"));
            }
            _ => facts.set("readings", self.readings(samples)),
        }
        self.note_gaps(&mut facts, samples);
        if let Some(scale) = self.scale() {
            let figures = FIGURES.into_iter().filter(|figure| facts.get(figure).is_some());
            facts.scales = figures.map(|figure| (figure.to_owned(), scale.clone())).collect();
        }
        facts
    }

    fn set_figures(&self, facts: &mut Facts, samples: &Samples, numbers: &[Number]) {
        let mut set = |fact: &str, number: Result<Number, String>| match number {
            Ok(number) => facts.set(fact, self.with_unit(number)),
            Err(reason) => facts.absent(fact, reason),
        };
        set("value", self.value(samples, numbers));
        set("spread", reduce::spread(numbers).ok_or_else(no_samples));
        if numbers.len() == 1 && self.span().is_none() && self.samples.is_none() {
            return;
        }
        for (fact, aggregate) in
            [("min", Aggregate::Smallest), ("max", Aggregate::Largest), ("avg", Aggregate::Average)]
        {
            set(fact, aggregate.of(numbers).ok_or_else(no_samples));
        }
        set("last", last(samples));
    }

    /// The one value, or why there is none.
    fn value(&self, samples: &Samples, numbers: &[Number]) -> Result<Number, String> {
        let aggregate = self.aggregate.as_deref().and_then(|written| written.parse::<Aggregate>().ok());
        match (aggregate, numbers) {
            (_, []) => Err(no_samples()),
            (Some(Aggregate::Last), _) => last(samples),
            (Some(aggregate), numbers) => aggregate.of(numbers).ok_or_else(no_samples),
            (None, _) if self.r#for.is_some() => {
                Err("with `for:` every sample counts; expect something of `max` or `min`".to_owned())
            }
            (None, [one]) => Ok(one.clone()),
            (None, many) if samples.series.len() > 1 => {
                Err(format!("{} series; reduce them in the query, or with `aggregate:`", many.len()))
            }
            (None, many) => Err(format!("{} samples; reduce them with `aggregate:`", many.len())),
        }
    }

    /// Is every series there every time? What must have held for a while, or is judged over so many samples, is not
    /// judged over fewer.
    fn whole(&self, samples: &Samples) -> Result<(), String> {
        let full = match (&self.r#for, self.samples) {
            (Some(_), _) => self.full_count(),
            (None, Some(count)) => Some(u64::from(count)),
            _ => None,
        };
        let Some(full) = full else { return Ok(()) };
        let least = samples.series.iter().map(|series| series.points.len() as u64).min().unwrap_or(0);
        match (&self.r#for, samples.series.len()) {
            _ if least >= full => Ok(()),
            (_, 0) => Err(no_samples()),
            (Some(span), 1) => Err(format!("the series is not there for the whole {span}: {least} of {full} samples")),
            (Some(span), _) => {
                Err(format!("not every series is there for the whole {span}: one has {least} of {full} samples"))
            }
            (None, 1) => Err(format!("the series is there in {least} of {full} answers")),
            (None, _) => Err(format!("not every series is there in all {full} answers: one is in {least}")),
        }
    }

    /// How many samples a series has that is there for the whole span.
    fn full_count(&self) -> Option<u64> {
        Some(self.span()?.div_ceil(self.step_seconds()) + 1)
    }

    pub(super) fn with_unit(&self, number: Number) -> Value {
        match self.unit.or_else(|| unit_of_name(&self.query)) {
            Some(MetricUnit::Bytes) => Value::Bytes(number),
            Some(MetricUnit::Seconds) => Value::Duration(number),
            Some(MetricUnit::Ratio) => Value::Ratio(number),
            Some(MetricUnit::Count) if number.is_integer() => Value::Count(number),
            Some(MetricUnit::Count) | None => Value::Number(number),
        }
    }

    fn readings(&self, samples: &Samples) -> Value {
        let row = |series: &Series, point: &Point| {
            vec![
                Some(labels(&series.labels)).filter(|text| !text.is_empty()).map(Value::Text),
                point.at.floor().to_i64().and_then(Instant::from_seconds).map(Value::Instant),
                Some(
                    point
                        .value
                        .clone()
                        .map_or_else(|| Value::Text(point.written.clone()), |value| self.with_unit(value)),
                ),
            ]
        };
        let rows = samples.series.iter().flat_map(|series| series.points.iter().map(move |point| row(series, point)));
        Value::Table(Table { columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(), rows: rows.collect() })
    }

    fn note_gaps(&self, facts: &mut Facts, samples: &Samples) {
        let Some(full) = self.full_count() else { return };
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

/// The newest sample of the one series there is.
fn last(samples: &Samples) -> Result<Number, String> {
    match samples.series.as_slice() {
        [one] => one.points.last().and_then(|point| point.value.clone()).ok_or_else(no_samples),
        [] => Err(no_samples()),
        many => Err(format!("{} series have a last sample each; reduce them in the query", many.len())),
    }
}

/// Every sample as a number; or what else there is among them.
fn finite(points: &[&Point]) -> Result<Vec<Number>, String> {
    let others: Vec<_> = points.iter().filter(|point| point.value.is_none()).collect();
    let Some(first) = others.first() else {
        return if points.is_empty() { Err(no_samples()) } else { Ok(numbers(points)) };
    };
    let way_out = if first.is_histogram { "; take a number of it, as histogram_quantile() does" } else { "" };
    Err(match points.len() {
        1 => format!("the sample is {}{way_out}", first.written),
        all => format!("{} of {all} samples are no numbers, such as {}{way_out}", others.len(), first.written),
    })
}

fn numbers(points: &[&Point]) -> Vec<Number> {
    points.iter().filter_map(|point| point.value.clone()).collect()
}

/// `up{job="node"}`, as PromQL writes it.
fn labels(labels: &BTreeMap<String, String>) -> String {
    let name = labels.get("__name__").map_or("", String::as_str);
    let others: Vec<_> = labels
        .iter()
        .filter(|(label, _)| *label != "__name__")
        .map(|(label, value)| format!("{label}=\"{value}\""))
        .collect();
    if others.is_empty() { name.to_owned() } else { format!("{name}{{{}}}", others.join(", ")) }
}

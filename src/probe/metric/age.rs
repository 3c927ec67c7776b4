//! How old samples are, and whether the clocks agree that say so.

use super::Metric;
use crate::model::fact::{Fact, Facts, Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::prometheus::{Point, Prometheus, Samples, Shape};

/// Clocks further apart than this, in seconds, are told, and only that of Prometheus counts.
const MAX_SKEW: u32 = 5;

impl Metric {
    pub(super) async fn set_age(
        &self,
        facts: &mut Facts,
        samples: &Samples,
        server: Prometheus<'_>,
    ) -> Result<(), Unmeasurable> {
        if let Some(doubt) = samples.doubt() {
            facts.absent("age", doubt);
            return Ok(());
        }
        if !selects_alone(&self.query) || samples.shape == Shape::Scalar || samples.series.is_empty() {
            let why = if samples.series.is_empty() { "no series" } else { "the query computes its samples" };
            facts.absent("age", why);
            return Ok(());
        }
        // A sample's own time is not in the answer to an instant query: that has the time of the query.
        let times = server.query(&format!("timestamp({})", self.query)).await?;
        if let Some(doubt) = times.doubt() {
            self.refuse_old(facts, &[]);
            facts.absent("age", doubt);
            return Ok(());
        }
        let now = server.witness.now().await?;
        let (now, apart) = agreed(&times, now);
        if let Some(apart) = apart {
            facts.note(apart);
        }
        let ages = ages(&times, &now);
        self.refuse_old(facts, &ages);
        facts.set_or("age", ages.into_iter().min().map(Value::Duration), "no sample says when it was taken");
        Ok(())
    }

    /// With `max-age`, one series that has gone stale takes the figures away from all.
    fn refuse_old(&self, facts: &mut Facts, ages: &[Number]) {
        let Some((written, limit)) = self.max_age.as_deref().and_then(|text| Some((text, parse_duration(text).ok()?)))
        else {
            return;
        };
        let reason = match ages.iter().max() {
            Some(oldest) if *oldest <= limit => return,
            Some(oldest) => {
                format!("a series has had no sample for {} s, and `max-age` is {written}", oldest.to_rounded(0))
            }
            None => "no sample says when it was taken, and `max-age` is given".to_owned(),
        };
        for fact in ["value", "min", "max", "avg", "last", "spread"] {
            if matches!(facts.facts.get(fact), Some(Fact::Present(_))) {
                facts.absent(fact, reason.clone());
            }
        }
    }
}

fn points(samples: &Samples) -> impl Iterator<Item = &Point> {
    samples.series.iter().flat_map(|series| &series.points)
}

/// The time by our clock, or by that of Prometheus where the two are apart; and the sentence that says so.
fn agreed(times: &Samples, now: Instant) -> (Number, Option<String>) {
    let ours = Number::from(now.seconds());
    let Some(theirs) = points(times).map(|point| point.at.clone()).max() else { return (ours, None) };
    let apart = (&theirs - &ours).floor();
    if apart.abs() <= Number::from(MAX_SKEW) {
        return (ours, None);
    }
    let side = if apart.is_negative() { "behind" } else { "ahead of" };
    (theirs, Some(format!("The clock of Prometheus is {} s {side} ours; ages are by its clock.", apart.abs())))
}

/// How old the newest sample of each series is.
fn ages(times: &Samples, now: &Number) -> Vec<Number> {
    let age = |taken: Number| {
        let age = now - &taken;
        // Our clock has whole seconds and the sample's has not, so that it may seem to come from the future.
        if age.is_negative() { Number::zero() } else { age }
    };
    points(times).filter_map(|point| point.value.clone()).map(age).collect()
}

/// Does the query name a metric, with labels or without, and compute nothing?
pub(super) fn selects_alone(query: &str) -> bool {
    let query = query.trim();
    let name = query.split('{').next().unwrap_or_default().trim_end();
    let rest = query.get(name.len()..).unwrap_or_default().trim();
    let named = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b':'))
        && !name.starts_with(|first: char| first.is_ascii_digit());
    // A brace inside a quoted label value would end the selector early: such a query is taken for a computed one.
    named && !query.is_empty() && (rest.is_empty() || (rest.ends_with('}') && rest.matches(['{', '}']).count() == 2))
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::source::prometheus::Series;

    fn number(text: &str) -> Number {
        text.parse().expect("a number")
    }

    /// `timestamp(x)`, asked at a time, of series whose newest samples were taken at others.
    fn asked(at: &str, taken: &[&str]) -> Samples {
        let series = taken.iter().map(|value| {
            let point = Point::new(number(at), (*value).to_owned());
            Series { labels: BTreeMap::new(), points: vec![point] }
        });
        Samples { shape: Shape::Vector, series: series.collect(), infos: Vec::new(), warnings: Vec::new() }
    }

    fn instant(seconds: i64) -> Instant {
        Instant::from_seconds(seconds).expect("a time")
    }

    #[test]
    fn a_sample_is_as_old_as_our_clock_says_where_the_clocks_agree() {
        let times = asked("1000.9", &["990.5", "1000.5"]);
        let (now, apart) = agreed(&times, instant(1000));
        assert_eq!(apart, None);
        assert_eq!(ages(&times, &now), [number("9.5"), Number::zero()]);
        assert_eq!(agreed(&asked("1", &[]), instant(1000)), (number("1000"), None));
    }

    #[test]
    fn where_the_clocks_are_apart_only_that_of_prometheus_counts() {
        for (ours, sentence) in [(2000, "1000 s behind ours"), (400, "600 s ahead of ours")] {
            let times = asked("1000", &["997.5"]);
            let (now, apart) = agreed(&times, instant(ours));
            assert_eq!(ages(&times, &now), [number("2.5")]);
            assert!(apart.expect("told").contains(sentence), "{sentence}");
        }
    }

    #[test]
    fn one_stale_series_takes_the_figures_from_all() {
        let metric: Metric =
            serde_json::from_str(r#"{"prometheus": "http://h:1", "query": "up", "max-age": "1m"}"#).expect("reads");
        let mut facts = Facts::default();
        facts.set("value", Value::count(1));
        facts.absent("last", "2 series");
        metric.refuse_old(&mut facts, &[number("60"), number("3")]);
        assert!(facts.get("value").is_some());
        metric.refuse_old(&mut facts, &[number("60.5"), number("3")]);
        let reason = "a series has had no sample for 60 s, and `max-age` is 1m";
        assert_eq!(facts.facts["value"], Fact::Absent(reason.to_owned()));
        assert_eq!(facts.facts["last"], Fact::Absent("2 series".to_owned()));
    }

    #[test]
    fn a_query_that_computes_is_told_from_one_that_only_selects() {
        for alone in ["up", " up ", "up{job=\"a\"}", "{__name__=\"up\"}", "job:up:sum", "up {job=\"a\"}"] {
            assert!(selects_alone(alone), "{alone}");
        }
        for computed in
            ["", "up == 1", "sum(up)", "up[5m]", "1", "up offset 5m", "a{x=\"1\"} / b{x=\"2\"}", "up{a=\"}\"} + 1"]
        {
            assert!(!selects_alone(computed), "{computed}");
        }
    }
}

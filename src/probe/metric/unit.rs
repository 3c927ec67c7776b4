//! What a metric's name says that its value is a number of, by the naming rules of Prometheus.

use super::age::selects_alone;
use super::found::FIGURES;
use super::measured::{metric_of, stands_alone};
use super::{Metric, MetricUnit};
use crate::model::condition::Condition;
use crate::model::fact::{Scale, Unit};
use crate::model::number::Number;

/// The unit that a bare metric's name says.
pub(super) fn unit_of_name(query: &str) -> Option<MetricUnit> {
    let name = name_in(query);
    if !selects_alone(query) || Other::of(name).is_some() {
        return None;
    }
    let units = [("_bytes", MetricUnit::Bytes), ("_seconds", MetricUnit::Seconds), ("_ratio", MetricUnit::Ratio)];
    units.into_iter().find(|(ending, _)| name.ends_with(ending)).map(|(_, unit)| unit)
}

/// What a name says that is no base unit: a number of it cannot be held against a number of seconds, bytes or a share.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Other {
    /// A point in time.
    Moment,
    /// As the base unit, and so many times as large or small.
    Unit {
        /// In words.
        name: &'static str,
        /// What makes the base unit of it, in PromQL.
        to_base: &'static str,
    },
}

/// The last words of names, and what they say.
const OTHERS: &[(&[&str], Other)] = &[
    (&["timestamp_seconds", "time_seconds", "timestamp", "timestamp_ms", "expiry", "epoch", "created"], Other::Moment),
    (&["completion_time", "success_time", "failure_time", "schedule_time", "start_time", "end_time"], Other::Moment),
    (&["nanoseconds", "nanos", "ns"], Other::Unit { name: "nanoseconds", to_base: "/ 1e9" }),
    (&["microseconds", "micros", "us"], Other::Unit { name: "microseconds", to_base: "/ 1e6" }),
    (&["milliseconds", "millis", "msec", "ms"], Other::Unit { name: "milliseconds", to_base: "/ 1e3" }),
    (&["minutes", "mins"], Other::Unit { name: "minutes", to_base: "* 60" }),
    (&["hours"], Other::Unit { name: "hours", to_base: "* 3600" }),
    (&["days"], Other::Unit { name: "days", to_base: "* 86400" }),
    (&["weeks"], Other::Unit { name: "weeks", to_base: "* 604800" }),
    (&["percent", "percentage", "pct"], Other::Unit { name: "percent", to_base: "/ 100" }),
    (&["bits"], Other::Unit { name: "bits", to_base: "/ 8" }),
    (&["kilobytes", "kb"], Other::Unit { name: "kilobytes", to_base: "* 1e3" }),
    (&["megabytes", "mb"], Other::Unit { name: "megabytes", to_base: "* 1e6" }),
    (&["gigabytes", "gb"], Other::Unit { name: "gigabytes", to_base: "* 1e9" }),
    (&["terabytes", "tb"], Other::Unit { name: "terabytes", to_base: "* 1e12" }),
    (&["kibibytes", "kib"], Other::Unit { name: "kibibytes", to_base: "* 1024" }),
    (&["mebibytes", "mib"], Other::Unit { name: "mebibytes", to_base: "* 1048576" }),
    (&["gibibytes", "gib"], Other::Unit { name: "gibibytes", to_base: "* 1073741824" }),
];

/// What may stand behind the unit in a name.
const BEHIND: [&str; 6] = ["total", "sum", "min", "max", "avg", "mean"];
/// What stands between the words of a name; names in quotes have points, too.
const BETWEEN: [char; 2] = ['_', '.'];

impl Other {
    /// What a name says; a recorded one has several parts, of which each may say it: `job:latency_ms:p95`.
    fn of(name: &str) -> Option<Self> {
        name.split(':').find_map(|part| {
            let part = part.to_ascii_lowercase();
            let behind = BEHIND.iter().find_map(|word| part.strip_suffix(word)?.strip_suffix(BETWEEN));
            let part = behind.unwrap_or(&part);
            let says = |word: &&str| part.strip_suffix(word).is_some_and(|before| before.ends_with(BETWEEN));
            OTHERS.iter().find(|(words, _)| words.iter().any(&says)).map(|(_, other)| *other)
        })
    }
}

impl Other {
    /// How large the unit is.
    fn scale(self) -> Option<Scale> {
        let Self::Unit { name, to_base } = self else { return None };
        let (sign, number) = to_base.split_once(' ')?;
        let number: Number = number.parse().ok()?;
        let size = if sign == "/" { Number::one().over(&number)? } else { number };
        let unit = match name {
            "percent" => Unit::Ratio,
            name if name.ends_with("bytes") || name == "bits" => Unit::Bytes,
            _ => Unit::Seconds,
        };
        Some(Scale { unit, size })
    }
}

impl Metric {
    /// The unit that the figures of the metric have by its name, where that is no base unit.
    pub(super) fn scale(&self) -> Option<Scale> {
        if self.unit.is_some() { None } else { self.other()?.1.scale() }
    }

    /// The metric whose unit the value has, and what its name says that is no base unit.
    fn other(&self) -> Option<(&str, Other)> {
        let name = metric_of(&self.query)?;
        Other::of(name).map(|other| (name, other))
    }

    /// A condition with a unit, such as `>= 24h`, is held against a plain number as against one in base units. That is
    /// wrong of a number that is in another unit by its name.
    pub(super) fn in_another_unit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
        if self.unit.is_some() || !FIGURES.contains(&fact) || !condition.names_a_unit() {
            return None;
        }
        let (name, other) = self.other()?;
        let query = self.query.trim();
        let query = if stands_alone(query) { query.to_owned() } else { format!("({query})") };
        let text = &condition.text;
        Some(match other {
            Other::Moment => (
                format!("\"{text}\" has a unit, and \"{name}\" is a point in time by its name"),
                format!(
                    "query what is left or has passed, as in `{query} - time()` or `time() - {query}`; add `unit: \
                     seconds` if it is a length of time all the same"
                ),
            ),
            Other::Unit { name: unit, to_base } => (
                format!("\"{text}\" has a unit, and \"{name}\" is a number of {unit} by its name"),
                format!(
                    "query `{query} {to_base}`, write the number of {unit} without a unit, or add `unit:` if the name \
                     is wrong"
                ),
            ),
        })
    }
}

fn name_in(query: &str) -> &str {
    query.split('{').next().unwrap_or_default().trim()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unfit(options: &str, fact: &str, condition: &str) -> Option<String> {
        let metric: Metric =
            serde_json::from_str(&format!(r#"{{"prometheus": "http://h:1", {options}}}"#)).expect("reads");
        let condition = Condition::parse(condition).expect("a condition");
        metric.in_another_unit(fact, &condition).map(|(message, help)| format!("{message}; {help}"))
    }

    #[test]
    fn a_number_that_is_in_another_unit_by_its_name_is_held_against_no_unit() {
        for (query, condition, says) in [
            ("cert_expiration_timestamp_seconds", ">= 14d", "is a point in time by its name; query what is left"),
            ("probe_ssl_earliest_cert_expiry", ">= 14d", "is a point in time by its name"),
            ("min(probe_ssl_earliest_cert_expiry)", ">= 14d", "is a point in time by its name"),
            ("process_start_time_seconds", "> 1h", "is a point in time by its name"),
            ("jvm_uptime_milliseconds", ">= 24h", "milliseconds by its name; query `jvm_uptime_milliseconds / 1e3`"),
            ("max by (job) (uptime_ms{job=\\\"a\\\"})", ">= 24h", "\"uptime_ms\" is a number of milliseconds"),
            ("max_over_time(latency_ms_max[5m])", "< 1s", "\"latency_ms_max\" is a number of milliseconds"),
            ("job:latency_ms:p95", "not > 1s", "is a number of milliseconds"),
            ("backup_age_hours", "<= 24h", "is a number of hours by its name; query `backup_age_hours * 3600`"),
            ("disk_free_percent", ">= 10%", "is a number of percent by its name; query `disk_free_percent / 100`"),
            ("heap_used_megabytes", "in 1MB..8GiB", "is a number of megabytes by its name"),
            ("heap_used_kib", ">= 1 and < 8GiB", "is a number of kibibytes by its name"),
            ("backup_age_days", "<= baseline + 1d", "is a number of days by its name"),
            ("backup_age_hours or vector(0)", "<= 24h", "query `(backup_age_hours or vector(0)) * 3600`"),
            ("{__name__=\\\"backup_age_hours\\\"}", "<= 24h", "\"backup_age_hours\" is a number of hours"),
            ("{\\\"backup.age.hours\\\"}", "<= 24h", "\"backup.age.hours\" is a number of hours"),
            (
                "histogram_quantile(0.99, sum(rate(x_milliseconds_bucket[5m])) by (le))",
                "<= 300s",
                "\"x_milliseconds\" is a number of milliseconds",
            ),
            (
                "rate(lat_milliseconds_sum[5m])/rate(lat_milliseconds_count[5m])",
                "<= 300s",
                "\"lat_milliseconds\" is a number of milliseconds",
            ),
            ("kube_job_status_completion_time", ">= 24h", "is a point in time by its name"),
            ("backup_last_success_time", ">= 24h", "is a point in time by its name"),
            ("kube_pod_created", ">= 24h", "query what is left or has passed, as in `kube_pod_created - time()`"),
        ] {
            let told = unfit(&format!("\"query\": \"{query}\""), "value", condition).expect(query);
            assert!(told.contains(says), "{told}");
        }
    }

    #[test]
    fn what_is_in_base_units_or_computed_is_held_against_any() {
        for query in [
            "node_memory_MemTotal_bytes",
            "request_seconds",
            "request_seconds_max",
            "hit_ratio",
            "items",
            "time() - backup_timestamp_seconds",
            "jvm_uptime_milliseconds / 1000",
            "histogram_quantile(0.99, rate(request_milliseconds_bucket[5m])) / 1000",
            "histogram_quantile(0.99, rate(request_seconds_bucket[5m]))",
            "response_time",
            "count(backup_age_hours)",
            "sum(a_ms) / sum(b_ms)",
            "errors:ratio_rate5m",
            "rooms",
        ] {
            assert_eq!(unfit(&format!("\"query\": \"{query}\""), "value", ">= 24h"), None, "{query}");
        }
        let hours = "\"query\": \"backup_age_hours\"";
        assert_eq!(unfit(hours, "value", "<= 24"), None);
        assert_eq!(unfit(hours, "value", "<= baseline + 5%"), None);
        assert_eq!(unfit(hours, "age", "<= 1m"), None, "the age is ours");
        assert_eq!(unfit(&format!("{hours}, \"unit\": \"seconds\""), "value", "<= 24h"), None);
    }

    #[test]
    fn a_number_knows_the_unit_that_its_name_says() {
        let scale = |options: &str| {
            let options = format!(r#"{{"prometheus": "http://h:1", {options}}}"#);
            serde_json::from_str::<Metric>(&options)
                .expect("reads")
                .scale()
                .map(|scale| (scale.unit, scale.size.to_string()))
        };
        for (query, unit, size) in [
            ("cpu_usage_percent", Unit::Ratio, "0.01"),
            ("max(cpu_usage_percent)", Unit::Ratio, "0.01"),
            ("latency_ms", Unit::Seconds, "0.001"),
            ("backup_age_hours", Unit::Seconds, "3600"),
            ("heap_used_kib", Unit::Bytes, "1024"),
            ("rate_bits", Unit::Bytes, "0.125"),
            ("histogram_quantile(0.9, rate(lat_ms_bucket[5m]))", Unit::Seconds, "0.001"),
            ("backup_age_hours or vector(0)", Unit::Seconds, "3600"),
        ] {
            assert_eq!(scale(&format!("\"query\": \"{query}\"")), Some((unit, size.to_owned())), "{query}");
        }
        for query in ["hit_ratio", "cert_expiry_timestamp_seconds", "sum(a_ms) / sum(b_ms)", "items"] {
            assert_eq!(scale(&format!("\"query\": \"{query}\"")), None, "{query}");
        }
        assert_eq!(scale("\"query\": \"cpu_percent\", \"unit\": \"count\""), None);
    }
}

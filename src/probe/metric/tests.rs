//! Tests of `metric`.

use proptest::prelude::*;

use super::age::selects_alone;
use super::unit::unit_of_name;
use super::*;
use crate::model::fact::{Fact, Value};
use crate::model::number::Number;
use crate::source::prometheus::{Point, Series, Shape};

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}

fn series(values: &[&str]) -> Series {
    let point = |value: &&str| Point::new(Number::zero(), (*value).to_owned());
    Series { labels: [].into(), points: values.iter().map(point).collect() }
}

fn samples(all: &[&[&str]]) -> Samples {
    let shape = if all.iter().any(|values| values.len() > 1) { Shape::Matrix } else { Shape::Vector };
    Samples {
        shape,
        series: all.iter().map(|values| series(values)).collect(),
        infos: Vec::new(),
        warnings: Vec::new(),
    }
}

fn metric(options: &str) -> Metric {
    serde_json::from_str(&format!(r#"{{"prometheus": "http://h:1", {options}}}"#)).expect("reads")
}

fn absent<'a>(facts: &'a Facts, fact: &str) -> &'a str {
    match &facts.facts[fact] {
        Fact::Absent(reason) => reason,
        Fact::Present(value) => panic!("{fact} is {value:?}"),
    }
}

#[test]
fn one_series_has_one_value_in_the_unit_that_its_name_says() {
    let value = |options: &str| metric(options).found(&samples(&[&["42"]])).get("value").cloned().expect("a value");
    let n = || number("42");
    assert_eq!(value(r#""query": "node_memory_MemTotal_bytes""#), Value::Bytes(n()));
    assert_eq!(value(r#""query": "request_seconds{job=\"a\"}""#), Value::Duration(n()));
    assert_eq!(value(r#""query": "hit_ratio""#), Value::Ratio(n()));
    assert_eq!(value(r#""query": "process_start_time_seconds""#), Value::Number(n()));
    assert_eq!(value(r#""query": "rate(x_bytes[5m])""#), Value::Number(n()));
    assert_eq!(value(r#""query": "x_bytes / y_bytes""#), Value::Number(n()));
    assert_eq!(value(r#""query": "sum(up)", "unit": "count""#), Value::Count(n()));
    assert_eq!(value(r#""query": "sum(x)", "unit": "bytes""#), Value::Bytes(n()));
}

#[test]
fn several_series_are_counted_and_are_not_one_value() {
    let facts = metric(r#""query": "node_cpu_seconds_total""#).found(&samples(&[&["1"], &["2"], &["4"]]));
    assert_eq!(absent(&facts, "value"), "3 series; reduce them in the query, or with `aggregate:`");
    assert_eq!(facts.get("series"), Some(&Value::count(3)));
    assert_eq!(facts.get("spread"), Some(&Value::Number(number("3"))));
    let facts = metric(r#""query": "x", "aggregate": "max""#).found(&samples(&[&["1"], &["2"], &["4"]]));
    assert_eq!(facts.get("value"), Some(&Value::Number(number("4"))));
}

#[test]
fn no_series_is_no_value_and_no_zero() {
    for options in [r#""query": "x""#, r#""query": "x", "aggregate": "sum""#] {
        let facts = metric(options).found(&samples(&[]));
        assert_eq!(absent(&facts, "value"), "the query yields no sample");
        assert_eq!(facts.get("series"), Some(&Value::count(0)));
        absent(&facts, "spread");
    }
}

#[test]
fn nan_among_the_samples_leaves_no_value_whatever_the_others_are() {
    let facts = metric(r#""query": "x""#).found(&samples(&[&["NaN"]]));
    assert_eq!(absent(&facts, "value"), "the sample is NaN");
    for aggregate in ["avg", "min", "max", "sum", "p95"] {
        let options = format!(r#""query": "x", "aggregate": "{aggregate}""#);
        let facts = metric(&options).found(&samples(&[&["1"], &["+Inf"], &["NaN"]]));
        assert_eq!(absent(&facts, "value"), "2 of 3 samples are no numbers, such as +Inf");
        absent(&facts, "spread");
    }
}

#[test]
fn a_text_is_no_number() {
    let text = Samples { shape: Shape::String, series: Vec::new(), infos: Vec::new(), warnings: Vec::new() };
    let facts = metric(r#""query": "\"hello\"""#).found(&text);
    assert_eq!(absent(&facts, "value"), "the query yields a text and no number");
    absent(&facts, "series");
}

#[test]
fn samples_are_reduced_exactly() {
    let of = |aggregate: &str, values: &[&str]| {
        let numbers: Vec<_> = values.iter().map(|value| number(value)).collect();
        aggregate.parse::<Aggregate>().expect("an aggregate").of(&numbers)
    };
    assert_eq!(of("avg", &["1", "1", "2"]), Some(number("4/3")));
    assert_eq!(of("sum", &["0.1", "0.2"]), Some(number("0.3")));
    assert_eq!(of("p50", &["4", "1", "3", "2"]), Some(number("2.5")));
    assert_eq!(of("p95", &["0", "10"]), Some(number("9.5")));
    assert_eq!((of("p0", &["3", "1"]), of("p100", &["3", "1"])), (Some(number("1")), Some(number("3"))));
    assert_eq!((of("min", &[]), of("avg", &[]), of("p50", &[]), of("sum", &[])), (None, None, None, None));
    for wrong in ["p101", "p-1", "p", "median", "", "p+5", "p1/2x"] {
        assert!(wrong.parse::<Aggregate>().is_err(), "{wrong}");
    }
}

#[test]
fn gaps_are_told() {
    let facts = metric(r#""query": "x", "over": "30s", "step": "15s", "aggregate": "avg""#)
        .found(&samples(&[&["1", "2", "3"], &["1", "2"]]));
    assert_eq!(facts.notes, ["1 of 2 series have fewer than 3 samples: there are gaps."]);
}

fn present(facts: &Facts, names: &[&str]) -> Vec<String> {
    let text = |name: &&str| facts.get(name).and_then(Value::quantity).map_or("-".to_owned(), |(n, _)| n.to_string());
    names.iter().map(text).collect()
}

const FIGURES: [&str; 6] = ["value", "min", "max", "avg", "last", "spread"];

#[test]
fn what_must_hold_for_a_while_is_held_against_every_sample_of_it() {
    let lasting = metric(r#""query": "x", "for": "30s", "step": "15s""#);
    let facts = lasting.found(&samples(&[&["1", "4", "2"]]));
    assert_eq!(present(&facts, &FIGURES), ["-", "1", "4", "7/3", "2", "3"]);
    assert_eq!(absent(&facts, "value"), "with `for:` every sample counts; expect something of `max` or `min`");
    let facts = metric(r#""query": "x", "for": "30s", "aggregate": "p50""#).found(&samples(&[&["1", "4", "2"]]));
    assert_eq!(present(&facts, &["value"]), ["2"]);
}

#[test]
fn a_series_that_was_not_there_for_the_whole_span_has_no_figure() {
    let lasting = metric(r#""query": "x", "for": "30s", "step": "15s""#);
    let facts = lasting.found(&samples(&[&["1", "4"]]));
    for fact in FIGURES {
        assert_eq!(absent(&facts, fact), "the series is not there for the whole 30s: 2 of 3 samples", "{fact}");
    }
    assert_eq!(facts.get("samples"), Some(&Value::count(2)));
    let facts = lasting.found(&samples(&[&["1", "4", "2"], &["1"]]));
    assert_eq!(absent(&facts, "max"), "not every series is there for the whole 30s: one has 1 of 3 samples");
    assert_eq!(absent(&lasting.found(&samples(&[])), "max"), "the query yields no sample");
    // A span that the step does not divide is asked about a little longer, never shorter.
    let facts = metric(r#""query": "x", "for": "40s", "step": "15s""#).found(&samples(&[&["1", "4", "2"]]));
    assert_eq!(absent(&facts, "max"), "the series is not there for the whole 40s: 3 of 4 samples");
    // A span shorter than the usual step still has a beginning and an end.
    let facts = metric(r#""query": "x", "for": "10s""#).found(&samples(&[&["1"]]));
    assert_eq!(absent(&facts, "max"), "the series is not there for the whole 10s: 1 of 2 samples");
}

#[test]
fn a_noisy_figure_is_judged_over_all_its_samples_or_not_at_all() {
    let noisy = metric(r#""query": "x", "samples": 3, "aggregate": "p50""#);
    let facts = noisy.found(&samples(&[&["1", "9", "2"]]));
    assert_eq!(present(&facts, &FIGURES), ["2", "1", "9", "4", "2", "8"]);
    assert_eq!(absent(&noisy.found(&samples(&[&["1", "9"]])), "value"), "the series is there in 2 of 3 answers");
    let facts = noisy.found(&samples(&[&["1", "9", "2"], &["1"]]));
    assert_eq!(absent(&facts, "value"), "not every series is there in all 3 answers: one is in 1");
}

#[test]
fn a_few_samples_are_listed_with_their_series_and_times() {
    let mut two = samples(&[&["1", "NaN"]]);
    two.series[0].labels = [("__name__", "up"), ("job", "a")].map(|(n, v)| (n.to_owned(), v.to_owned())).into();
    let facts = metric(r#""query": "up", "over": "15s", "aggregate": "max""#).found(&two);
    let Some(Value::Table(table)) = facts.get("readings") else { panic!("{facts:?}") };
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    assert_eq!(table.rows[0][0], text("up{job=\"a\"}"));
    assert_eq!(table.rows[0][2], Some(Value::Number(Number::one())));
    assert_eq!(table.rows[1][2], text("NaN"));
    let one = metric(r#""query": "up""#).found(&samples(&[&["1"]]));
    assert_eq!(
        (one.get("value"), one.facts.get("max"), one.facts.get("readings")),
        (Some(&Value::Number(Number::one())), None, None)
    );
    let many = vec!["1"; 101];
    let facts = metric(r#""query": "up", "over": "15s", "aggregate": "max""#).found(&samples(&[&many]));
    assert_eq!(absent(&facts, "readings"), "101 samples are too many to list");
}

#[test]
fn the_last_sample_is_that_of_one_series() {
    let facts = metric(r#""query": "x", "over": "15s", "aggregate": "last""#).found(&samples(&[&["5", "1"]]));
    assert_eq!(present(&facts, &["value", "last"]), ["1", "1"]);
    let facts = metric(r#""query": "x", "aggregate": "last""#).found(&samples(&[&["5"], &["1"]]));
    assert_eq!(absent(&facts, "value"), "2 series have a last sample each; reduce them in the query");
}

#[test]
fn a_native_histogram_is_refused_with_a_way_out() {
    let mut one = samples(&[&["1"]]);
    let written = "a native histogram".to_owned();
    one.series[0].points[0] = Point { at: Number::zero(), value: None, written, is_histogram: true };
    let facts = metric(r#""query": "x""#).found(&one);
    let reason = "the sample is a native histogram; take a number of it, as histogram_quantile() does";
    assert_eq!(absent(&facts, "value"), reason);
}

#[test]
fn mistakes_in_the_options_are_found_before_anything_is_asked() {
    let problems =
        |options: &str| metric(options).problems().into_iter().map(|(message, _)| message).collect::<Vec<_>>();
    assert_eq!(problems(r#""query": """#), ["the query is empty"]);
    assert_eq!(problems(r#""query": "x", "over": "5m""#), ["`over` yields many samples and nothing reduces them"]);
    assert_eq!(problems(r#""query": "x", "step": "5s""#), ["`step` means nothing without `over` or `for`"]);
    assert_eq!(problems(r#""query": "x", "every": "5s""#), ["`every` means nothing without `samples`"]);
    assert_eq!(
        problems(r#""query": "x", "over": "5m", "for": "5m", "aggregate": "avg""#),
        ["`over` and `for` are two ways to get samples"]
    );
    assert_eq!(problems(r#""query": "x", "samples": 5"#), ["`samples` yields many samples and nothing reduces them"]);
    assert_eq!(
        problems(r#""query": "x", "samples": 1, "aggregate": "avg""#),
        ["`samples: 1`, one every 2 s, cannot be waited for"]
    );
    assert_eq!(
        problems(r#""query": "x", "samples": 100, "every": "1m", "aggregate": "avg""#),
        ["`samples: 100`, one every 60 s, cannot be waited for"]
    );
    assert_eq!(problems(r#""query": "x", "for": "10s", "step": "1m""#), ["`step` is longer than `for`"]);
    assert_eq!(problems(r#""query": "x", "for": "soon""#), ["\"soon\" cannot be the `for` of a query"]);
    assert_eq!(problems(r#""query": "x", "for": "5m""#), Vec::<String>::new());
    assert_eq!(problems(r#""query": "up", "max-age": "1m""#), Vec::<String>::new());
    assert_eq!(
        problems(r#""query": "sum(up)", "max-age": "1m""#),
        ["`max-age` means nothing where the query computes: nobody knows how old its samples are"]
    );
    assert_eq!(problems(r#""query": "x", "aggregate": "median""#), ["\"median\" is no way to reduce samples"]);
    assert_eq!(
        problems(r#""query": "x", "aggregate": "avg", "over": "0s""#),
        ["\"0s\" cannot be the `over` of a query"]
    );
    assert_eq!(problems(r#""query": "x", "aggregate": "avg", "over": "30d""#), ["`over` has more than 11000 steps"]);
    assert_eq!(problems(r#""query": "x", "aggregate": "p99.9", "over": "5m", "step": "15s""#), Vec::<String>::new());
}

proptest! {
    #[test]
    fn a_quantile_lies_between_the_smallest_and_the_largest(values in proptest::collection::vec(-1000..1000_i64, 1..20), percent in 0..=100_u32) {
        let numbers: Vec<_> = values.iter().map(|value| Number::from(*value)).collect();
        let quantile = format!("p{percent}").parse::<Aggregate>().expect("an aggregate").of(&numbers).expect("a number");
        prop_assert!(&quantile >= numbers.iter().min().expect("one") && &quantile <= numbers.iter().max().expect("one"));
    }

    #[test]
    fn no_query_makes_it_panic(query in "\\PC{0,40}") {
        let _either = (selects_alone(&query), unit_of_name(&query));
    }
}

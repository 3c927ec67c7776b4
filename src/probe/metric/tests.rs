//! Tests of `metric`.

use proptest::prelude::*;

use super::*;
use crate::model::fact::Fact;
use crate::source::prometheus::Series;

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}

fn series(values: &[&str]) -> Series {
    let point = |value: &&str| Point { at: Number::zero(), value: value.parse().ok(), written: (*value).to_owned() };
    Series { labels: [].into(), points: values.iter().map(point).collect() }
}

fn samples(all: &[&[&str]]) -> Samples {
    let shape = if all.iter().any(|values| values.len() > 1) { Shape::Matrix } else { Shape::Vector };
    Samples { shape, series: all.iter().map(|values| series(values)).collect(), warnings: Vec::new() }
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
    let value = |options: &str| metric(options).facts(&samples(&[&["42"]])).get("value").cloned().expect("a value");
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
    let facts = metric(r#""query": "node_cpu_seconds_total""#).facts(&samples(&[&["1"], &["2"], &["4"]]));
    assert_eq!(absent(&facts, "value"), "3 series; reduce them in the query, or with `aggregate:`");
    assert_eq!(facts.get("series"), Some(&Value::count(3)));
    assert_eq!(facts.get("spread"), Some(&Value::Number(number("3"))));
    let facts = metric(r#""query": "x", "aggregate": "max""#).facts(&samples(&[&["1"], &["2"], &["4"]]));
    assert_eq!(facts.get("value"), Some(&Value::Number(number("4"))));
}

#[test]
fn no_series_is_no_value_and_no_zero() {
    for options in [r#""query": "x""#, r#""query": "x", "aggregate": "sum""#] {
        let facts = metric(options).facts(&samples(&[]));
        assert_eq!(absent(&facts, "value"), "the query yields no sample");
        assert_eq!(facts.get("series"), Some(&Value::count(0)));
        absent(&facts, "spread");
    }
}

#[test]
fn nan_among_the_samples_leaves_no_value_whatever_the_others_are() {
    let facts = metric(r#""query": "x""#).facts(&samples(&[&["NaN"]]));
    assert_eq!(absent(&facts, "value"), "the sample is NaN");
    for aggregate in ["avg", "min", "max", "sum", "p95"] {
        let options = format!(r#""query": "x", "aggregate": "{aggregate}""#);
        let facts = metric(&options).facts(&samples(&[&["1"], &["+Inf"], &["NaN"]]));
        assert_eq!(absent(&facts, "value"), "2 of 3 samples are no numbers, such as +Inf");
        absent(&facts, "spread");
    }
}

#[test]
fn a_text_is_no_number() {
    let text = Samples { shape: Shape::String, series: Vec::new(), warnings: Vec::new() };
    let facts = metric(r#""query": "\"hello\"""#).facts(&text);
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
        .facts(&samples(&[&["1", "2", "3"], &["1", "2"]]));
    assert_eq!(facts.notes, ["1 of 2 series have fewer than 3 samples: there are gaps."]);
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

#[test]
fn the_newest_sample_says_how_old_they_are() {
    let now = Instant::from_seconds(1000).expect("a time");
    assert_eq!(age(&samples(&[&["990.5"], &["900"]]), now), Some(Value::Duration(number("9.5"))));
    assert_eq!(age(&samples(&[&["1000.5"]]), now), Some(Value::Duration(Number::zero())));
    assert_eq!(age(&samples(&[]), now), None);
}

#[test]
fn mistakes_in_the_options_are_found_before_anything_is_asked() {
    let problems =
        |options: &str| metric(options).problems().into_iter().map(|(message, _)| message).collect::<Vec<_>>();
    assert_eq!(problems(r#""query": """#), ["the query is empty"]);
    assert_eq!(problems(r#""query": "x", "over": "5m""#), ["`over` yields many samples and nothing reduces them"]);
    assert_eq!(problems(r#""query": "x", "step": "5s""#), ["`step` means nothing without `over`"]);
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

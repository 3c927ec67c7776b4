//! Tests of `prometheus`.

use proptest::prelude::*;

use super::*;

fn answer(status: u16, body: &[u8]) -> HttpAnswer {
    HttpAnswer::new(status, body)
}

fn samples(body: &str) -> Result<Samples, Unmeasurable> {
    read_samples(&answer(200, body.as_bytes()), "Prometheus", " the query \"q\"")
}

fn now() -> Instant {
    "2026-11-23T08:15:00Z".parse().expect("a time")
}

fn number(text: &str) -> Number {
    text.parse().expect("a number")
}

macro_rules! captured {
    ($name:literal) => {
        include_str!(concat!("../../../fixtures/kinds/", $name))
    };
}

#[test]
fn a_vector_has_one_sample_for_each_series() {
    let all = samples(captured!("service-uptime/prometheus-up.json")).expect("reads");
    assert_eq!((all.shape, all.series.len()), (Shape::Vector, 3));
    let gone = all.series.iter().find(|series| series.labels["job"] == "gone").expect("is there");
    assert_eq!(gone.points[0].value, Some(Number::zero()));
    let memory = samples(captured!("metric/vector-one.json")).expect("reads");
    assert_eq!(memory.series[0].points, [Point::new(number("1795421698.947"), "25274793984".to_owned())]);
}

#[test]
fn a_matrix_has_many_samples_for_each_series() {
    let all = samples(captured!("metric/matrix.json")).expect("reads");
    assert_eq!((all.shape, all.series.len()), (Shape::Matrix, 3));
    assert!(all.series.iter().all(|series| series.points.len() == 6));
}

#[test]
fn an_empty_answer_has_no_series_and_is_no_zero() {
    assert_eq!(samples(captured!("metric/vector-empty.json")).expect("reads").series, []);
}

#[test]
fn nan_and_infinity_are_no_numbers() {
    let nan = samples(captured!("metric/scalar-nan.json")).expect("reads");
    assert_eq!((nan.shape, &nan.series[0].points[0].value), (Shape::Scalar, &None));
    for written in ["NaN", "+Inf", "-Inf", ""] {
        let body = format!(
            r#"{{"status":"success","data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1,"{written}"]}}]}}}}"#
        );
        let point = &samples(&body).expect("reads").series[0].points[0];
        assert_eq!((&point.value, point.written.as_str()), (&None, written));
    }
}

#[test]
fn a_value_is_read_exactly_whatever_its_notation() {
    let body =
        r#"{"status":"success","data":{"resultType":"vector","result":[{"metric":{},"value":[1.5,"4.8e+01"]}]}}"#;
    let point = &samples(body).expect("reads").series[0].points[0];
    assert_eq!((point.value.clone(), point.at.clone()), (Some(number("48")), number("1.5")));
}

#[test]
fn a_text_has_no_samples() {
    let text = samples(captured!("metric/string.json")).expect("reads");
    assert_eq!((text.shape, text.series.len()), (Shape::String, 0));
}

#[test]
fn a_native_histogram_is_a_sample_without_a_number() {
    let body = r#"{"status":"success","warnings":["w"],"data":{"resultType":"vector","result":[{"metric":{},"histogram":[1,{"count":"1"}]}]}}"#;
    let all = samples(body).expect("reads");
    assert_eq!((&all.series[0].points[0].value, all.series[0].points[0].is_histogram), (&None, true));
    assert_eq!(all.warnings, ["w"]);
    // Also where the series had numbers before: they alone are not the whole of it.
    let all = samples(captured!("metric/made-up-3.x-histogram.json")).expect("reads");
    assert_eq!(all.series[0].points.len(), 3);
    assert!(all.series[0].points[2].is_histogram);
    assert_eq!((all.warnings.len(), all.infos.len()), (1, 1), "infos of 3.x are no warnings: {all:?}");
}

#[test]
fn a_part_of_an_answer_is_doubted_like_one_that_is_warned_of() {
    let body = |more: &str| {
        format!(
            r#"{{"status":"success",{more}"data":{{"resultType":"vector","result":[{{"metric":{{}},"value":[1,"0"]}}]}}}}"#
        )
    };
    let partial = samples(&body(r#""isPartial":true,"#)).expect("reads");
    assert!(partial.doubt().expect("a doubt").ends_with("it calls it a part (`isPartial`)"), "{partial:?}");
    assert_eq!(samples(&body(r#""isPartial":false,"#)).expect("reads").doubt(), None);
    let mut all = Rules::default();
    let rules = br#"{"status":"success","isPartial":true,"data":{"groups":[]}}"#;
    rules::read(&answer(200, rules), now(), "Prometheus", &mut all).expect("reads");
    assert_eq!(all.warnings.len(), 1);
}

#[test]
fn answers_to_one_query_become_the_samples_of_its_series() {
    let mut all = samples(captured!("service-uptime/prometheus-up.json")).expect("reads");
    all.absorb(samples(captured!("service-uptime/prometheus-up.json")).expect("reads"));
    assert_eq!(all.series.iter().map(|series| series.points.len()).collect::<Vec<_>>(), [2, 2, 2]);
    all.absorb(samples(captured!("metric/vector-empty.json")).expect("reads"));
    all.absorb(samples(captured!("metric/vector-one.json")).expect("reads"));
    assert_eq!(all.series.iter().map(|series| series.points.len()).collect::<Vec<_>>(), [2, 2, 2, 1]);
}

#[test]
fn a_number_beyond_what_a_float_holds_is_read_exactly() {
    let body = r#"{"status":"success","data":{"resultType":"scalar","result":[1,"9007199254740993"]}}"#;
    assert_eq!(samples(body).expect("reads").series[0].points[0].value, Some(number("9007199254740993")));
}

#[test]
fn a_refused_query_says_what_the_server_said() {
    let body = captured!("metric/refused.json").as_bytes();
    let problem = read_samples(&answer(400, body), "Prometheus", " the query \"up +\"").expect_err("refused");
    assert_eq!(
        problem.reason,
        "Prometheus refuses the query \"up +\": invalid parameter \"query\": 1:5: parse error: unexpected end of input"
    );
}

#[test]
fn what_is_not_prometheus_is_named_so() {
    let reason = |status, body: &str| {
        read_samples(&answer(status, body.as_bytes()), "Prometheus", "").expect_err("refused").reason
    };
    assert!(reason(200, "<html>").contains("HTML"));
    assert!(reason(200, r#"{"status":"success"}"#).contains("not of the Prometheus API"));
    assert!(reason(200, r#"{"status":"ok","data":[]}"#).contains("not of the Prometheus API"));
    assert!(reason(200, r#"{"status":"success","data":{"resultType":"vector","result":5}}"#).contains("not of"));
    assert!(reason(200, r#"{"status":"success","data":{"resultType":"new","result":[]}}"#).contains("not of"));
    assert!(reason(404, r#"{"code":404}"#).contains("JSON of another shape"));
    assert!(reason(503, "Service Unavailable").contains("answered 503"));
}

#[test]
fn a_rule_that_cannot_be_evaluated_is_inactive_and_unhealthy() {
    let mut rules = Rules::default();
    let body = captured!("alert-count/prometheus-rules.json").as_bytes();
    assert_eq!(rules::read(&answer(200, body), now(), "Prometheus", &mut rules).expect("reads"), None);
    assert_eq!((rules.groups.len(), rules.all().count(), rules.alerting().count()), (2, 7, 6));
    let broken = rules.alerting().find(|rule| rule.name == "CannotBeEvaluated").expect("is there");
    assert_eq!((broken.state, broken.health), (Some(AlertState::Inactive), Health::Err));
    assert!(broken.last_error.contains("many-to-many"));
    let recording = rules.all().find(|rule| rule.kind == RuleKind::Recording).expect("is there");
    assert_eq!((recording.state, recording.health), (None, Health::Ok));
}

#[test]
fn a_rule_that_was_evaluated_long_before_the_answer_is_in_no_state() {
    let stand = |interval: &str, last: &str| {
        let body = format!(
            r#"{{"status": "success", "data": {{"groups": [{{"name": "g", {interval} "rules": [{{"type": "alerting",
            "name": "A", "state": "inactive", "health": "ok", "lastEvaluation": "{last}"}}]}}]}}}}"#
        );
        let now = "2025-10-20T20:28:00Z".parse().expect("a time");
        let mut all = Rules::default();
        rules::read(&answer(200, body.as_bytes()), now, "Prometheus", &mut all).expect("reads");
        let rule = all.all().next().expect("is there");
        (rule.is_evaluated(), rule.health_unknown().is_none())
    };
    assert_eq!(stand(r#""interval": 30,"#, "2025-10-20T20:27:31.5Z"), (true, true));
    assert_eq!(stand(r#""interval": 30,"#, "2025-10-20T20:23:00Z"), (true, true));
    assert_eq!(stand(r#""interval": 30,"#, "2025-10-20T20:22:59Z"), (false, false));
    assert_eq!(stand(r#""interval": 3600.5,"#, "2025-10-20T16:28:00Z"), (true, true));
    assert_eq!(stand(r#""interval": 3600,"#, "2025-10-20T15:27:59Z"), (false, false));
    assert_eq!(stand("", "2025-10-20T14:28:00Z"), (true, true), "nobody knows how often it should be");
    assert_eq!(stand("", "2025-10-19T20:27:59Z"), (false, false), "and yet not for more than a day");
    assert_eq!(stand("", "0001-01-01T00:00:00Z"), (false, false));
}

#[test]
fn a_page_of_rules_names_the_next_one() {
    let mut rules = Rules::default();
    let page = br#"{"status":"success","data":{"groups":[{"name":"a"}],"groupNextToken":"t2"}}"#;
    assert_eq!(
        rules::read(&answer(200, page), now(), "Prometheus", &mut rules)
            .expect("reads")
            .map(|next| (next.token, next.groups)),
        Some(("t2".to_owned(), 1))
    );
    let last = br#"{"status":"success","data":{"groups":[{"name":"b"}]}}"#;
    assert_eq!(rules::read(&answer(200, last), now(), "Prometheus", &mut rules).expect("reads"), None);
    assert_eq!(rules.groups.len(), 2);
}

proptest! {
    #[test]
    fn no_body_makes_it_panic(body in proptest::collection::vec(any::<u8>(), 0..300), status in 100_u16..600) {
        let _either = read_samples(&answer(status, &body), "Prometheus", "");
        let _either = rules::read(&answer(status, &body), now(), "Prometheus", &mut Rules::default());
    }

    #[test]
    fn no_result_makes_it_panic(result in "[\\[\\]{}\",:0-9a-zNIf]{0,60}", shape in "vector|matrix|scalar|string") {
        let _either = samples(&format!(r#"{{"status":"success","data":{{"resultType":"{shape}","result":{result}}}}}"#));
    }
}

//! Tests of `health`.

use proptest::prelude::*;

use super::*;
use crate::model::fact::Unmeasurable;

type Reader = fn(&HttpAnswer, &str) -> Result<Health, Unmeasurable>;

fn answer(status: u16, body: &[u8]) -> HttpAnswer {
    HttpAnswer::new(status, body)
}

fn read(reader: Reader, status: u16, body: &str) -> Health {
    reader(&answer(status, body.as_bytes()), "api").expect("an answer")
}

fn rows(health: &Health) -> Vec<(&str, Said, &str)> {
    health.parts.iter().map(|part| (part.name.as_str(), part.said, part.detail.as_str())).collect()
}

#[test]
fn health_json_lists_its_checks_with_what_they_observed() {
    let body = r#"{"status": "warn", "version": "1", "output": "slow", "checks": {
        "cassandra:responseTime": [
            {"componentId": "node-1", "observedValue": 250, "observedUnit": "ms", "status": "pass"},
            {"componentId": "node-2", "observedValue": 9007199254740993.5, "observedUnit": "ms", "status": "fail",
             "output": "timed\nout"}],
        "uptime": [{"observedValue": 1209600.245, "observedUnit": "s"}],
        "quorum": {"status": "critical", "observedValue": 2, "observedUnit": "nodes"},
        "memory:utilization": {"status": "warn", "observedValue": 85}}}"#;
    let health = read(ietf, 207, body);
    assert_eq!((health.said, health.detail.as_str()), (Said::Degraded, "207, status warn: slow"));
    assert_eq!(
        rows(&health),
        [
            ("cassandra:responseTime/node-1", Said::Well, "250 ms"),
            ("cassandra:responseTime/node-2", Said::Unwell, "9007199254740993.5 ms: timed out"),
            ("uptime", Said::Figure, "1209600.245 s"),
            ("quorum", Said::Silent, "status critical: 2 nodes"),
            ("memory:utilization", Said::Degraded, "85"),
        ]
    );
}

#[test]
fn health_json_may_list_its_checks_in_other_ways_and_none_is_passed_over() {
    let listed = r#"{"status": "UP", "checks": [{"name": "db", "status": "UP", "data": {"n": 1}},
        {"name": "queue", "status": "DOWN"}, {"status": "UP"}, "cache"]}"#;
    let expected = [
        ("db", Said::Well, ""),
        ("queue", Said::Unwell, ""),
        ("checks", Said::Well, ""),
        ("checks", Said::Silent, "status cache"),
    ];
    assert_eq!(rows(&read(ietf, 200, listed)), expected);
    let words = r#"{"status": "ok", "checks": {"db": "fail", "cache": "ok", "mail": false, "disk": 5, "dns": null}}"#;
    assert_eq!(
        rows(&read(ietf, 200, words)),
        [
            ("db", Said::Unwell, ""),
            ("cache", Said::Well, ""),
            ("mail", Said::Silent, "status false"),
            ("disk", Said::Figure, ""),
            ("dns", Said::Silent, "status null"),
        ]
    );
    for (checks, detail) in [("\"all bad\"", "status all bad"), ("true", "status true")] {
        let body = format!(r#"{{"status": "ok", "checks": {checks}}}"#);
        assert_eq!(rows(&read(ietf, 200, &body)), [("checks", Said::Silent, detail)], "{checks}");
    }
    assert_eq!(rows(&read(ietf, 200, r#"{"status": "ok", "checks": null}"#)), []);
}

#[test]
fn spring_tells_its_tree_of_components_and_a_503_is_an_answer() {
    let body = include_str!("../../../fixtures/kinds/health-check/spring-down.json");
    let health = read(spring, 503, body);
    assert_eq!((health.said, health.detail.as_str()), (Said::Unwell, "503, status DOWN"));
    assert_eq!(
        rows(&health),
        [
            ("db", Said::Unwell, "DOWN: org.postgresql.util.PSQLException: Connection refused"),
            ("diskSpace", Said::Well, "UP"),
            ("discovery", Said::Silent, "UNKNOWN"),
            ("discovery/eureka", Said::Silent, "UNKNOWN"),
            ("discovery/composite", Said::Well, "UP"),
            ("ping", Said::Well, "UP"),
        ]
    );
    for (status, word, said) in [
        (200, "UP", Said::Well),
        (503, "OUT_OF_SERVICE", Said::Unwell),
        (200, "UNKNOWN", Said::Silent),
        (200, "FATAL", Said::Silent),
        (503, "UP", Said::Unwell),
    ] {
        assert_eq!(read(spring, status, &format!(r#"{{"status": "{word}"}}"#)).said, said, "{status} {word}");
    }
    let older = r#"{"status": "UP", "details": {"db": {"status": "UP", "details": {"database": "H2"}}}}"#;
    assert_eq!(rows(&read(spring, 200, older)), [("db", Said::Well, "UP")]);
}

#[test]
fn grafana_says_how_its_database_is_and_its_version() {
    let body = include_str!("../../../fixtures/kinds/health-check/grafana.json");
    let health = read(grafana, 200, body);
    assert_eq!((health.said, health.detail.as_str()), (Said::Well, "database ok, version 11.2.0"));
    assert_eq!(read(grafana, 503, r#"{"database": "failing"}"#).said, Said::Unwell);
    assert_eq!(read(grafana, 200, "{}").said, Said::Silent);
}

#[test]
fn etcd_says_true_as_a_text() {
    assert_eq!(read(etcd, 200, r#"{"health":"true"}"#).said, Said::Well);
    assert_eq!(read(etcd, 200, r#"{"health":"true","reason":""}"#).said, Said::Well);
    let sick = read(etcd, 503, r#"{"health":"false","reason":"RAFT NO LEADER"}"#);
    assert_eq!((sick.said, sick.detail.as_str()), (Said::Unwell, "503: RAFT NO LEADER"));
    assert_eq!(read(etcd, 200, r#"{"health":"perhaps"}"#).said, Said::Silent);
}

#[test]
fn kubernetes_lists_each_check_on_a_line() {
    let body = include_str!("../../../fixtures/kinds/health-check/kubernetes-readyz-failed.txt");
    let health = read(kubernetes, 500, body);
    assert_eq!((health.said, health.detail.as_str()), (Said::Unwell, "500, readyz check failed"));
    assert_eq!(health.parts.len(), 5);
    assert_eq!(rows(&health)[2], ("etcd", Said::Unwell, "failed: reason withheld"));
    assert_eq!(rows(&health)[3], ("informer-sync", Said::Silent, "excluded: ok"));
    let passed = read(kubernetes, 200, "[+]ping ok\n[+]poststarthook/crd-informer-synced ok\nhealthz check passed\n");
    assert_eq!((passed.said, passed.parts.len()), (Said::Well, 2));
    assert_eq!(read(kubernetes, 200, "ok").said, Said::Well);
    assert_eq!(read(kubernetes, 500, "boom").said, Said::Unwell);
}

#[test]
fn kubernetes_that_contradicts_itself_or_breaks_off_has_not_passed() {
    assert_eq!(read(kubernetes, 200, "[-]etcd failed: x\nlivez check passed").said, Said::Unwell);
    assert_eq!(read(kubernetes, 500, "[+]ping ok\nlivez check passed").said, Said::Unwell);
    assert_eq!(read(kubernetes, 200, "[+]ping ok\n[+]lo").said, Said::Silent);
    let page = kubernetes(&answer(200, b"<html>Sign in"), "api").expect_err("no such answer");
    assert_eq!(page.reason, "api answered 200: <html>Sign in with no health check of Kubernetes");
}

#[test]
fn a_page_or_half_an_answer_is_not_an_answer_and_with_a_bad_status_it_is_unwell() {
    for reader in [ietf as Reader, spring, grafana, etcd] {
        for body in ["<html>Sign in", "{\"status\": \"UP\"", "", "\u{0}"] {
            assert!(reader(&answer(200, body.as_bytes()), "api").is_err(), "{body}");
            assert_eq!(read(reader, 503, body).said, Said::Unwell, "{body}");
        }
        assert!(
            reader(&answer(200, b"{\"status\": \"\xff\xfeUP\"}"), "api").map_or(true, |said| said.said != Said::Well)
        );
        let deep = format!("{}1{}", "[".repeat(1_000_000), "]".repeat(1_000_000));
        assert!(reader(&answer(200, deep.as_bytes()), "api").is_err());
    }
}

proptest! {
    #[test]
    fn no_answer_makes_a_reader_panic(status in 100_u16..600, body in "\\PC{0,80}") {
        for reader in [ietf as Reader, spring, grafana, etcd, kubernetes] {
            let _either = reader(&answer(status, body.as_bytes()), "api");
        }
    }
}

//! Tests of `flag_count`.

use proptest::prelude::*;

use super::*;
use crate::model::fact::{Fact, Value};
use crate::source::feature_flag::Switch;
use crate::source::structured::{Format, to_json};

fn options(yaml: &str) -> FlagCount {
    serde_saphyr::from_str(yaml).expect(yaml)
}

fn fixture(name: &str) -> Vec<u8> {
    let path = format!("{}/fixtures/kinds/flag-count/{name}", env!("CARGO_MANIFEST_DIR"));
    to_json(&std::fs::read(&path).expect(&path), Format::of(name).expect("a format")).expect(name)
}

fn all(options: &FlagCount, json: &[u8]) -> Result<Flags, Unmeasurable> {
    filtered::flags(options, &filtered::filter(options), json)
}

fn measured(yaml: &str, json: &[u8]) -> Facts {
    let options = options(yaml);
    let flags = if options.flagd.is_some() { flagd::flags(json) } else { all(&options, json) };
    facts::facts(&options, &flags.expect(yaml), Some("2026-11-27T12:00Z".parse().expect("a time")))
}

fn counts(facts: &Facts, names: &[&str]) -> Vec<Option<u64>> {
    names.iter().map(|name| facts.get(name)?.quantity()?.0.to_u64()).collect()
}

#[test]
fn flags_are_counted_by_what_the_filters_say() {
    let yaml = "{file: f.yaml, flags: .flags, enabled: .value.enabled, staged: .value.staged, \
                must-be-off: [maintenance_mode, emergency_shutdown], must-be-on: [otel_enabled]}";
    let facts = measured(yaml, &fixture("flags.yaml"));
    let names = ["total", "enabled", "disabled", "staged", "forbidden-on", "required-off"];
    assert_eq!(counts(&facts, &names), [Some(5), Some(2), Some(3), Some(1), Some(0), Some(0)]);
    let on = vec!["otel_enabled".to_owned(), "error_handling_enabled".to_owned()];
    assert_eq!(facts.get("on"), Some(&Value::List(on)));
    let implied = options(yaml).implied();
    assert_eq!(implied.iter().map(|one| one.fact.as_str()).collect::<Vec<_>>(), ["forbidden-on", "required-off"]);
}

#[test]
fn without_filters_the_usual_shapes_are_known() {
    for json in [
        r#"{"a": true, "b": false}"#,
        r#"{"flags": {"a": {"enabled": true}, "b": {"enabled": false}}}"#,
        r#"{"flags": {"a": {"on": true}, "b": {"state": "DISABLED"}}}"#,
        r#"[{"name": "a", "active": true}, {"key": "b", "state": "off"}]"#,
    ] {
        let facts = measured("{file: f.json}", json.as_bytes());
        assert_eq!(counts(&facts, &["total", "enabled", "disabled"]), [Some(2), Some(1), Some(1)], "{json}");
        assert!(matches!(facts.facts["staged"], Fact::Absent(_)));
        assert!(matches!(facts.facts["forbidden-on"], Fact::Absent(_)));
    }
}

#[test]
fn a_flag_of_which_it_cannot_be_told_is_an_error_and_not_off() {
    for (json, why) in [
        (r#"{"a": "yes"}"#, "it cannot be told whether \"a\" is enabled: the filter yields null"),
        (r#"{"a": {"enabled": "true"}}"#, "it cannot be told whether \"a\" is enabled: the filter yields null"),
        (r#"[{"enabled": true}]"#, "a flag has no name"),
        ("7", "it has no flags where they were looked for: "),
    ] {
        let reason = all(&options("{file: f.json}"), json.as_bytes()).expect_err(json).reason;
        assert!(reason.starts_with(why), "{reason}");
    }
    let reason = all(&options("{file: f.json, flags: .x}"), b"{}").expect_err("null").reason;
    assert!(reason.contains("flags: null"), "{reason}");
    let each = options("{file: f.json, enabled: '.value[]'}");
    let several = all(&each, br#"{"a": [true, true]}"#).expect_err("two").reason;
    assert!(several.ends_with("the filter yields 2 values"), "{several}");
}

#[test]
fn a_flag_that_may_be_on_for_some_only_is_not_on_for_everybody() {
    let read = |yaml: &str, flag: &str| all(&options(yaml), format!("{{\"a\": {flag}}}").as_bytes());
    for (flag, why) in [
        (r#"{"enabled": true, "rollout": 50}"#, "by its `rollout` it may be on for some only"),
        (r#"{"enabled": true, "percentage": 0}"#, "by its `percentage` it may be on for some only"),
        (r#"{"state": "on", "rollout_percentage": "50%"}"#, "by its `rollout_percentage` it may be on for some only"),
        (r#"{"active": true, "rules": [{"country": "PT"}]}"#, "by its `rules` it may be on for some only"),
        (r#"{"state": "ENABLED", "enabled": false}"#, "its keys contradict each other"),
        (r#"{"enabled": true, "active": false}"#, "its keys contradict each other"),
    ] {
        let error = read("{file: f.json}", flag).expect_err(flag);
        let expected = format!("it cannot be told whether \"a\" is enabled for everybody: {why}");
        assert_eq!(error.reason, expected, "{flag}");
        assert!(error.help.contains("`enabled:`") && error.help.contains("`staged:`"), "{}", error.help);
    }
    for flag in [
        r#"{"enabled": true, "rollout": 100}"#,
        r#"{"enabled": true, "rollout": null, "rules": []}"#,
        r#"{"enabled": true, "active": true, "state": "draft"}"#,
    ] {
        assert_eq!(read("{file: f.json}", flag).expect(flag).flags[0].switch, Switch::On, "{flag}");
    }
    assert_eq!(read("{file: f.json}", r#"{"on": false, "rollout": 50}"#).expect("off").flags[0].switch, Switch::Off);
    let told = |yaml: &str| measured(yaml, br#"{"a": {"enabled": true, "rollout": 50}}"#).get("required-off").cloned();
    assert_eq!(told("{file: f.json, staged: .value.rollout < 100, must-be-on: [a]}"), Some(Value::count(1)));
    assert_eq!(told("{file: f.json, enabled: .value.enabled, must-be-on: [a]}"), Some(Value::count(0)), "as asked");
}

#[test]
fn a_flag_that_must_be_off_and_is_not_there_is_no_data() {
    let facts =
        measured("{file: f.json, must-be-off: [a, gone], must-be-on: [b, gone]}", br#"{"a": false, "b": false}"#);
    assert_eq!(facts.facts["forbidden-on"], Fact::Absent("there is no flag \"gone\"".to_owned()));
    assert_eq!(facts.get("required-off"), Some(&Value::count(1)), "b is off, whatever else is missing");
}

#[test]
fn a_flag_of_flagd_is_on_where_nobody_can_be_given_another_variant() {
    let file = |targeting: &str, variants: &str| {
        format!(
            r#"{{"flags": {{"pay": {{"state": "ENABLED", "variants": {variants}, "defaultVariant": "on",
            "targeting": {targeting}}}}}, "$evaluators": {{"roll": {{"fractional": [["on", 10], ["off", 90]]}}}}}}"#
        )
    };
    let both = r#"{"on": true, "off": false}"#;
    for (targeting, variants, required_off, staged) in [
        (r#"{"fractional": [["on", 10], ["off", 90]]}"#, both, 1, 1),
        (r#"{"$ref": "roll"}"#, both, 1, 1),
        (r#"{"if": [{"==": [{"var": "a"}, 1]}, "off"]}"#, both, 1, 0),
        (r#"{"if": [{"==": [{"var": "a"}, 1]}, "other"]}"#, r#"{"on": true, "other": true}"#, 0, 0),
        ("{}", both, 0, 0),
    ] {
        let facts = measured("{flagd: f.json, must-be-on: [pay]}", file(targeting, variants).as_bytes());
        let told = (facts.get("required-off"), facts.get("staged"));
        assert_eq!(told, (Some(&Value::count(required_off)), Some(&Value::count(staged))), "{targeting}");
    }
}

#[test]
fn where_there_is_no_flag_none_is_on_or_off() {
    for (yaml, json) in
        [("{file: f.json, flags: .flags, staged: .s}", r#"{"flags": []}"#), ("{flagd: f.json}", r#"{"flags": {}}"#)]
    {
        let facts = measured(yaml, json.as_bytes());
        assert_eq!(counts(&facts, &["total"]), [Some(0)]);
        for fact in ["enabled", "disabled", "on", "off", "staged"] {
            assert_eq!(facts.facts[fact], Fact::Absent("there is no flag".to_owned()), "{fact} of {yaml}");
        }
    }
}

#[test]
fn a_flag_of_flagd_with_other_values_than_true_and_false_is_a_setting() {
    for (variants, what) in
        [(r#"{"on": "off"}"#, "a string"), (r#"{"on": 0}"#, "a number"), (r#"{"on": null}"#, "null")]
    {
        let file = |state: &str| {
            format!(r#"{{"flags": {{"pay": {{"state": "{state}", "variants": {variants}, "defaultVariant": "on"}}}}}}"#)
        };
        let read = |state: &str| flagd::flags(file(state).as_bytes()).expect(variants).flags.remove(0).switch;
        assert_eq!((read("ENABLED"), read("DISABLED")), (Switch::Setting(what), Switch::Off), "{variants}");
    }
}

#[test]
fn flagd_definitions_are_read_by_state_default_and_targeting() {
    let facts = measured("{flagd: f.json, must-be-off: [dark, partly, targeted]}", &fixture("flagd.json"));
    assert_eq!(counts(&facts, &["total", "enabled", "disabled", "staged"]), [Some(6), Some(1), Some(4), Some(1)]);
    assert_eq!(facts.get("on"), Some(&Value::List(vec!["plain".to_owned()])));
    assert_eq!(facts.notes[0], "No switches, and counted neither as on nor as off: \"colour\".");
    assert_eq!(facts.get("forbidden-on"), Some(&Value::count(2)), "a rollout to some is not off");
    for broken in [
        r#"{"flags": []}"#,
        r#"{"flags": {"a": {}}}"#,
        r#"{"flags": {"a": {"state": "ENABLED", "defaultVariant": "x"}}}"#,
    ] {
        assert!(flagd::flags(broken.as_bytes()).is_err(), "{broken}");
    }
}

#[test]
fn options_that_contradict_each_other_are_problems() {
    for (yaml, why) in [
        ("{}", "no source is given"),
        ("{file: a.yaml, flagd: b.json}", "both `file` and `flagd` are given"),
        ("{file: flags.txt}", "\"flags.txt\" is neither YAML nor JSON nor TOML by its name"),
        ("{file: a.yaml, flagd: b.json, ofrep: 'http://h'}", "3 sources are given"),
        ("{flagd: a.json, staged: .x}", "`staged` belongs to `file` and `url`"),
        ("{ofrep: 'http://h', stale: .x}", "`stale` belongs to `file` and `url`"),
        ("{ofrep: 'http://h', environment: x}", "`environment` belongs to `unleash`, `growthbook` and `launchdarkly`"),
        ("{unleash: 'http://h', context: {a: 1}}", "`context` belongs to `ofrep`"),
        ("{growthbook: a.json, project: x}", "`project` belongs to `unleash`"),
        ("{unleash: 'http://h', api: admin}", "`api: admin` knows all environments, and none is given"),
        ("{unleash: 'h:1'}", "\"h:1\" is not an HTTP address"),
        ("{launchdarkly: 'http://'}", "\"http://\" is not an address: empty host"),
        ("{growthbook: ''}", "the name of the file is empty"),
        ("{env: {}}", "no variable is named"),
        ("{env: {prefix: ''}}", "\"\" is not the name of a variable"),
        ("{env: {names: ['A B']}}", "\"A B\" is not the name of a variable"),
        (
            "{unleash: 'http://h', stale-after: 90d}",
            "`stale-after` needs to know when a flag was changed, and `unleash` does not say",
        ),
        ("{growthbook: a.json, stale-after: soon}", "\"soon\" is no length of time"),
        ("{growthbook: a.json, stale-after: 0d}", "\"0d\" is no length of time"),
        ("{file: a.json, must-be-on: [x], must-be-off: [x]}", "\"x\" must be on and off"),
    ] {
        assert_eq!(options(yaml).problems()[0].0, why);
    }
    assert_eq!(options("{file: a.json, enabled: '.value | nosuch'}").problems().len(), 1);
}

proptest! {
    #[test]
    fn every_flag_is_either_on_or_off(flags in proptest::collection::btree_map("[a-z]{1,8}", any::<bool>(), 1..20)) {
        let json = serde_json::to_vec(&flags).expect("JSON");
        let facts = measured("{file: f.json, flags: .}", &json);
        let on = flags.values().filter(|on| **on).count() as u64;
        let total = flags.len() as u64;
        prop_assert_eq!(counts(&facts, &["total", "enabled", "disabled"]), [Some(total), Some(on), Some(total - on)]);
    }
}

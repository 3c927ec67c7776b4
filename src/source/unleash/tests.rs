//! Tests of `unleash`. What needs a server is in `tests/suite`.

use proptest::prelude::*;

use super::*;

fn flag(feature: &str) -> Flag {
    in_environment(serde_json::from_str(feature).expect(feature))
}

fn with(strategies: &str) -> Flag {
    flag(&format!(r#"{{"name": "a", "enabled": true, "stale": false, "strategies": {strategies}}}"#))
}

#[test]
fn one_strategy_that_gives_it_to_everybody_is_enough() {
    let all = r#"{"name": "flexibleRollout", "parameters": {"rollout": "100"}, "constraints": [], "segments": []}"#;
    let quarter = r#"{"name": "flexibleRollout", "parameters": {"rollout": "25"}}"#;
    let none = r#"{"name": "flexibleRollout", "parameters": {"rollout": 0}}"#;
    let sticky = |by: &str| all.replace(r#""100""#, &format!(r#""100", "stickiness": "{by}""#));
    let sticky = |by: &str| format!("[{}]", sticky(by));
    for (strategies, switch, staged, reachable) in [
        ("[]".to_owned(), Switch::On, false, true),
        (r#"[{"name": "default"}]"#.to_owned(), Switch::On, false, true),
        (r#"[{"name": "default", "constraints": [{}]}]"#.to_owned(), Switch::Off, true, true),
        (r#"[{"name": "default", "segments": [1]}]"#.to_owned(), Switch::Off, true, true),
        (r#"[{"name": "userWithId", "parameters": {"userIds": "7"}}]"#.to_owned(), Switch::Off, true, true),
        (
            r#"[{"name": "gradualRolloutRandom", "parameters": {"percentage": "100"}}]"#.to_owned(),
            Switch::On,
            false,
            true,
        ),
        (
            r#"[{"name": "gradualRolloutUserId", "parameters": {"percentage": "100"}}]"#.to_owned(),
            Switch::Off,
            true,
            true,
        ),
        (format!("[{all}]"), Switch::On, false, true),
        (sticky("default"), Switch::On, false, true),
        (sticky("random"), Switch::On, false, true),
        (sticky("userId"), Switch::Off, true, true),
        (sticky("tenant"), Switch::Off, true, true),
        (format!("[{quarter}]"), Switch::Off, true, true),
        (format!("[{quarter}, {all}]"), Switch::On, false, true),
        (format!("[{none}]"), Switch::Off, true, false),
        (format!("[{none}, {quarter}]"), Switch::Off, true, true),
        (r#"[{"name": "flexibleRollout", "parameters": {"rollout": "most"}}]"#.to_owned(), Switch::Off, true, true),
        (
            r#"[{"name": "flexibleRollout", "parameters": {"rollout": "1e999999999"}}]"#.to_owned(),
            Switch::Off,
            true,
            true,
        ),
        (format!(r#"[{quarter}, {{"name": "default", "disabled": true}}]"#), Switch::Off, true, true),
    ] {
        let flag = with(&strategies);
        assert_eq!((flag.switch, flag.staged, flag.reachable), (switch, Some(staged), Some(reachable)), "{strategies}");
    }
    assert_eq!(with(&format!("[{quarter}]")).rollout, Number::ratio(1, 4));
}

#[test]
fn what_is_left_out_is_unknown() {
    for feature in [
        r#"{"name": "a"}"#,
        r#"{"name": "a", "enabled": true}"#,
        r#"{"name": "a", "enabled": null, "strategies": []}"#,
        r#"{"name": "a", "enabled": true, "strategies": [{"name": "default", "disabled": true}]}"#,
    ] {
        let flag = flag(feature);
        assert!(matches!(flag.switch, Switch::Unknown(_)), "{feature}");
        assert_eq!((flag.staged, flag.reachable, flag.stale), (None, None, None), "{feature}");
    }
}

#[test]
fn a_child_is_on_for_those_at_most_who_have_the_parent() {
    let child = flag(r#"{"name": "a", "enabled": true, "strategies": [], "dependencies": [{"feature": "b"}]}"#);
    assert_eq!((child.switch, child.staged, child.reachable), (Switch::Off, Some(true), Some(true)));
}

proptest! {
    #[test]
    fn no_strategy_is_too_odd(name in ".{0,20}", value in "[\\[\\]{}:,\"a-z0-9.e-]{0,30}", rollout in any::<f64>()) {
        let strategy = serde_json::json!({"name": name, "parameters": {"rollout": rollout, "percentage": value}});
        let _ = with(&serde_json::json!([strategy]).to_string());
        let known = serde_json::json!([{"name": "flexibleRollout", "parameters": {"rollout": value}}]);
        prop_assert!(with(&known.to_string()).rollout.is_none_or(|share| !share.is_negative() && share <= Number::one()));
        let _ = serde_json::from_str::<ClientAnswer>(&format!("{{\"features\": [{value}]}}"));
        let _ = serde_json::from_str::<Page>(&format!("{{\"features\": {value}}}"));
    }
}

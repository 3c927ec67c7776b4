//! OpenFeature's remote evaluation protocol, version 1: all flags of a server, evaluated for one context.
//!
//! The answer has values and not the rules they come from. So neither true nor false says anything about other contexts,
//! unless the reason with it does (`STATIC`, `DISABLED`).

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::value::RawValue;

use super::endpoint::Endpoint;
use super::feature_flag::{Flag, Flags, Served, Switch, answered, named, served};
use crate::model::captured::shortened;
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpRequest, Witness};

/// What the server is called in messages.
const SERVER: &str = "the OFREP server";

/// Who asks, when nobody says for whom: rollouts by fraction need a key.
const TARGETING_KEY: (&str, &str) = ("targetingKey", "countersign");

#[derive(Deserialize)]
struct Answer {
    flags: Vec<Evaluation>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Evaluation {
    key: String,
    value: Option<Box<RawValue>>,
    reason: Option<String>,
    error_code: Option<String>,
    error_details: Option<String>,
}

/// Every flag that the server evaluates for `context`.
pub async fn flags(
    endpoint: &Endpoint,
    context: &BTreeMap<String, serde_json::Value>,
    witness: &Witness,
) -> Result<Flags, Unmeasurable> {
    let mut context = context.clone();
    let key = context.entry(TARGETING_KEY.0.to_owned()).or_insert_with(|| TARGETING_KEY.1.into());
    // To the protocol it is a text, whatever it looks like.
    if key.is_number() {
        *key = key.to_string().into();
    }
    let mut request = HttpRequest {
        method: "POST".to_owned(),
        body: Some(serde_json::json!({ "context": context }).to_string()),
        ..endpoint.get("/ofrep/v1/evaluate/flags")
    };
    request.headers.insert("Content-Type".to_owned(), "application/json".to_owned());
    let answer: Answer = answered(&witness.http(request).await?, SERVER)?;
    Flags { flags: answer.flags.into_iter().map(flag).collect(), ..Flags::default() }.checked()
}

fn flag(evaluation: Evaluation) -> Flag {
    let Evaluation { key, value, reason, error_code, error_details } = evaluation;
    let reason = reason.unwrap_or_default();
    if let Some(code) = error_code {
        let details = error_details.filter(|details| !details.trim().is_empty());
        let details = details.map(|details| format!(": {}", shortened(&details, 100))).unwrap_or_default();
        let why = format!("{} could not be evaluated ({}{details})", named(&key), shortened(&code, 40));
        return Flag::new(key, Switch::Unknown(why));
    }
    if matches!(reason.as_str(), "ERROR" | "STALE") {
        let why = format!("{} comes with the reason {reason}: nobody knows what it is now", named(&key));
        return Flag::new(key, Switch::Unknown(why));
    }
    let value = match (value.as_deref().map(served), reason.as_str()) {
        // Whatever comes with it: a disabled flag hands out nothing, and the program takes its own default.
        (_, "DISABLED") => return Flag::new(key, Switch::Off),
        (Some(value), _) => value,
        (None, _) => {
            let why = format!("{} has no value; the program takes its own default", named(&key));
            return Flag::new(key, Switch::Unknown(why));
        }
    };
    match value {
        Served::Flag(true) if reason == "STATIC" => Flag::new(key, Switch::On),
        // On in this context; in another one it may be off.
        Served::Flag(true) => Flag { withheld: None, ..Flag::new(key, Switch::On) },
        Served::Flag(false) if reason == "STATIC" => Flag::new(key, Switch::Off),
        // Off in this context; in another one it may be on.
        Served::Flag(false) => Flag { reachable: None, ..Flag::new(key, Switch::Off) },
        Served::Other(what) => Flag::new(key, Switch::Setting(what)),
        Served::Nothing => Flag::new(key, Switch::Setting("null, 0 or an empty string")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn read(json: &str) -> Flag {
        flag(serde_json::from_str(json).expect(json))
    }

    #[test]
    fn only_true_and_false_are_on_and_off() {
        let (yes, no) = (Some(true), Some(false));
        for (json, switch, reachable, withheld) in [
            (r#"{"key": "a", "value": true, "reason": "STATIC"}"#, Switch::On, yes, no),
            (r#"{"key": "a", "value": true, "reason": "SPLIT"}"#, Switch::On, yes, None),
            (r#"{"key": "a", "value": true, "reason": "TARGETING_MATCH"}"#, Switch::On, yes, None),
            (r#"{"key": "a", "value": true}"#, Switch::On, yes, None),
            (r#"{"key": "a", "value": false, "reason": "STATIC"}"#, Switch::Off, no, yes),
            (r#"{"key": "a", "value": false, "reason": "TARGETING_MATCH"}"#, Switch::Off, None, yes),
            (r#"{"key": "a", "value": false}"#, Switch::Off, None, yes),
            (r#"{"key": "a", "reason": "DISABLED"}"#, Switch::Off, no, yes),
            (r#"{"key": "a", "value": true, "reason": "DISABLED"}"#, Switch::Off, no, yes),
            (r#"{"key": "a", "value": "false"}"#, Switch::Setting("a string"), None, None),
            (r#"{"key": "a", "value": 9007199254740993}"#, Switch::Setting("a number"), None, None),
        ] {
            let flag = read(json);
            assert_eq!((flag.switch, flag.reachable, flag.withheld), (switch, reachable, withheld), "{json}");
        }
    }

    #[test]
    fn an_error_and_a_missing_value_are_unknown_and_not_off() {
        let error = read(r#"{"key": "a", "errorCode": "GENERAL", "errorDetails": "boom\u001b[31m"}"#);
        let Switch::Unknown(why) = error.switch else { panic!("{error:?}") };
        assert_eq!(why, "\"a\" could not be evaluated (GENERAL: boom\\u{1b}[31m)");
        let missing = read(r#"{"key": "a", "reason": "DEFAULT", "value": null}"#);
        assert!(matches!(missing.switch, Switch::Unknown(_)), "{missing:?}");
        for reason in ["ERROR", "STALE"] {
            let old = read(&format!(r#"{{"key": "a", "value": false, "reason": "{reason}"}}"#));
            let Switch::Unknown(why) = old.switch else { panic!("{old:?}") };
            assert_eq!(why, format!("\"a\" comes with the reason {reason}: nobody knows what it is now"));
        }
    }

    proptest! {
        #[test]
        fn no_answer_is_too_odd(key in ".{0,40}", value in "[\\[\\]{}:,\"a-z0-9.e-]{0,40}", reason in "[A-Z]{0,9}") {
            let _ = serde_json::from_str::<Answer>(&format!("{{\"flags\": {value}}}"));
            let json = serde_json::json!({"key": key, "value": value, "reason": reason}).to_string();
            let flag = read(&json);
            prop_assert_eq!(flag.switch == Switch::Off, reason == "DISABLED", "a text is never off");
        }
    }
}

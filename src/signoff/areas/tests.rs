//! Each change of the sample record, looked at by a role that answers for its monitoring.

use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::model::audit::SignoffRole;

/// The role that answers for areas.
const ROLE: &str = "monitoring-lead";

fn sample() -> Value {
    let mut record: Value = serde_json::from_str(include_str!("../../../fixtures/records/sample/record.json")).unwrap();
    record["audit"]["signoff"] = serde_json::to_value(policy(&["monitoring"])).unwrap();
    // What the sample has none of.
    record["baseline"] = json!({
        "sha256": "0".repeat(64), "runId": "earlier", "finishedAt": "2025-10-19T20:28:23Z",
        "facts": {"monitoring/alert-rules": {"facts": {"rules": {"present": {"number": "12"}}}}},
    });
    record
}

/// One role for these areas, and one for the rest.
fn policy(areas: &[&str]) -> SignoffPolicy {
    let role = |areas: &[&str]| SignoffRole {
        members: vec!["alice@example.com".to_owned()],
        threshold: 1,
        areas: areas.iter().map(|area| area.parse().unwrap()).collect(),
    };
    SignoffPolicy {
        people: BTreeMap::new(),
        roles: BTreeMap::from([
            (ROLE.to_owned(), role(areas)),
            ("others".to_owned(), role(&["validation", "operations", "hostile"])),
        ]),
        distinct: "none".to_owned(),
        author_may_approve: false,
        max_age: None,
        require_touch: false,
    }
}

fn read(record: &Value) -> Record {
    serde_json::from_value(record.clone()).unwrap()
}

fn changed_from_sample(change: impl FnOnce(&mut Value)) -> Option<String> {
    let mut after = sample();
    change(&mut after);
    changed(&policy(&["monitoring"]), ROLE, &read(&sample()), &read(&after))
}

/// The entry of a list with this name, under the key that names it.
fn entry<'a>(list: &'a mut Value, key: &str, name: &str) -> &'a mut Value {
    list.as_array_mut().unwrap().iter_mut().find(|entry| entry[key] == name).unwrap()
}

/// What is changed, and what is told of it.
type Change = (fn(&mut Value), Option<&'static str>);

#[test]
fn what_changed_is_named() {
    const RULES: &str = "monitoring/alert-rules";
    let changes: &[Change] = &[
        (|_| {}, None),
        (
            |r| entry(&mut r["judgement"]["checks"], "check", RULES)["status"] = json!("error"),
            Some("monitoring changed (monitoring/alert-rules: result)"),
        ),
        (
            |r| entry(&mut r["observations"], "check", RULES)["sight"] = json!({"skipped": "interrupted"}),
            Some("monitoring changed (monitoring/alert-rules: facts)"),
        ),
        (
            |r| entry(&mut r["observations"], "check", RULES)["exchanges"][0]["attempts"] = json!(3),
            Some("monitoring changed (monitoring/alert-rules: evidence)"),
        ),
        (
            |r| entry(&mut r["audit"]["waivers"], "check", RULES)["reason"] = json!("Nobody minds that"),
            Some("monitoring changed (monitoring/alert-rules: waiver)"),
        ),
        (
            |r| entry(&mut r["audit"]["checks"], "id", RULES)["title"] = json!("Another"),
            Some("monitoring changed (monitoring/alert-rules: definition)"),
        ),
        (
            |r| entry(&mut r["audit"]["areas"], "id", "monitoring")["weight"] = json!("7"),
            Some("monitoring changed (definition)"),
        ),
        (
            |r| entry(&mut r["judgement"]["areas"], "area", "monitoring")["score"] = json!("1"),
            Some("monitoring changed (score)"),
        ),
        (|r| r["judgement"]["verdict"] = json!("rejected"), Some("the audit changed (verdict)")),
        (|r| r["audit"]["subject"]["version"] = json!("9"), Some("the audit changed (subject)")),
        (|r| r["audit"]["signoff"]["distinct"] = json!("across-roles"), Some("the audit changed (signoff)")),
        (|r| r["run"]["toolVersion"] = json!("9"), Some("the audit changed (the run: toolVersion)")),
        (
            |r| r["baseline"]["facts"][RULES]["facts"]["rules"] = json!({"present": {"number": "13"}}),
            Some("monitoring changed (monitoring/alert-rules: baseline)"),
        ),
        (
            |r| {
                let results = &mut r["judgement"]["checks"];
                let asked = json!({"fact": "elapsed", "condition": "< 1s", "tier": "expect", "outcome": "holds",
                    "actual": {"duration": "0.5"}});
                entry(results, "check", RULES)["expectations"].as_array_mut().unwrap().push(asked);
            },
            Some("monitoring changed (monitoring/alert-rules: result)"),
        ),
        (
            |r| {
                let facts = &mut entry(&mut r["observations"], "check", RULES)["sight"]["measured"]["facts"];
                facts["elapsed"] = json!({"present": {"duration": "0.5"}});
            },
            None,
        ),
        // Of other areas, and of the run.
        (|r| r["run"]["runId"] = json!("019a033c-2f40-7000-8000-000000000002"), None),
        (|r| r["run"]["finishedAt"] = json!("2025-10-21T20:28:23Z"), None),
        (|r| r["previous"] = json!("0".repeat(64)), None),
        (
            |r| {
                entry(&mut r["observations"], "check", RULES)["exchanges"][0]["askedAt"] = json!("2025-10-21T20:28:23Z")
            },
            None,
        ),
        (|r| entry(&mut r["observations"], "check", RULES)["exchanges"][0]["elapsedUs"] = json!(1), None),
        (|r| entry(&mut r["audit"]["checks"], "id", RULES)["declared"] = json!(["audit.yaml", 999]), None),
        (|r| entry(&mut r["judgement"]["checks"], "check", "operations/dry-run")["status"] = json!("error"), None),
        (|r| entry(&mut r["audit"]["areas"], "id", "operations")["weight"] = json!("7"), None),
        (
            |r| entry(&mut r["audit"]["waivers"], "check", "validation/coverage")["reason"] = json!("Another reason"),
            None,
        ),
        (|r| r["judgement"]["overall"]["score"] = json!("1"), None),
    ];
    for (index, (change, told)) in changes.iter().enumerate() {
        assert_eq!(changed_from_sample(change).as_deref(), *told, "the change {index}, from 0");
    }
}

#[test]
fn a_waiver_of_another_area_moves_no_waiver_of_this_one() {
    let mut before = sample();
    let waived_by = |record: &mut Value, index: u32| {
        entry(&mut record["judgement"]["checks"], "check", "monitoring/alert-rules")["waivedBy"] = json!(index);
    };
    waived_by(&mut before, 1);
    let mut after = before.clone();
    waived_by(&mut after, 0);
    let told = |after: &Value| changed(&policy(&["monitoring"]), ROLE, &read(&before), &read(after));
    assert_eq!(told(&after).as_deref(), Some("monitoring changed (monitoring/alert-rules: result)"), "another waiver");
    for waivers in ["/audit/waivers", "/judgement/waivers"] {
        after.pointer_mut(waivers).unwrap().as_array_mut().unwrap().remove(0);
    }
    assert_eq!(told(&after), None, "the same waiver, in another place");
}

#[test]
fn the_date_of_an_answer_is_no_part_of_it_and_each_other_header_is() {
    let with = |name: &str, value: &str| {
        let mut record = sample();
        let seen = entry(&mut record["observations"], "check", "monitoring/services-up");
        let body = json!({"file": "0", "sha256": "0".repeat(64), "bytes": 0, "kept": 0});
        seen["exchanges"][0]["answer"] = json!({"http": {"status": 200, "headers": {name: value}, "body": body}});
        read(&record)
    };
    let told = |name| changed(&policy(&["monitoring"]), ROLE, &with(name, "1"), &with(name, "2"));
    assert_eq!(told("date"), None);
    assert!(told("file").is_some(), "a header of that name");
    assert_eq!(told("etag").as_deref(), Some("monitoring changed (monitoring/services-up: evidence)"));
}

#[test]
fn an_area_that_nobody_answers_for_is_everybodys() {
    let (before, after) = (read(&sample()), {
        let mut record = sample();
        let mut area = entry(&mut record["audit"]["areas"], "id", "operations").clone();
        area["id"] = json!("new");
        record["audit"]["areas"].as_array_mut().unwrap().push(area);
        read(&record)
    });
    let mut policy = policy(&["monitoring"]);
    assert_eq!(changed(&policy, ROLE, &before, &after).as_deref(), Some("new changed (definition)"));
    policy.roles.get_mut("others").unwrap().areas.insert("new".parse().unwrap());
    assert_eq!(changed(&policy, ROLE, &before, &after), None);
    policy.roles.get_mut("others").unwrap().areas = BTreeSet::new();
    assert_eq!(changed(&policy, ROLE, &before, &after), None, "who answers for everything answers for it");
}

#[test]
fn an_area_that_is_nowhere_is_not_the_same() {
    let told = changed(&policy(&["monitoring", "gone"]), ROLE, &read(&sample()), &read(&sample()));
    assert_eq!(told.as_deref(), Some("gone is an area of neither record"));
}

#[test]
fn a_long_list_is_cut() {
    let told = changed_from_sample(|record| {
        for name in ["title", "timezone", "summary", "closing", "provenance"] {
            record["audit"][name] = json!("UTC+1");
        }
    });
    assert_eq!(told.as_deref(), Some("the audit changed (closing, provenance, summary, timezone, title)"));
    let told = changed_from_sample(|record| {
        for check in record["audit"]["checks"].as_array_mut().unwrap() {
            check["title"] = json!("Another");
        }
        record["judgement"]["verdict"] = json!("rejected");
    });
    let monitoring = "monitoring/alert-rules: definition; monitoring/metrics-flowing: definition; \
                      monitoring/services-up: definition";
    assert_eq!(told, Some(format!("monitoring changed ({monitoring}) and the audit changed (verdict)")));
}

/// Every place in a value that holds no other, as a JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<String>) {
    let escaped = |name: &str| name.replace('~', "~0").replace('/', "~1");
    match value {
        Value::Object(members) if !members.is_empty() => {
            members.iter().for_each(|(name, value)| leaves(value, &format!("{at}/{}", escaped(name)), found));
        }
        Value::Array(items) if !items.is_empty() => {
            items.iter().enumerate().for_each(|(index, value)| leaves(value, &format!("{at}/{index}"), found));
        }
        _ => found.push(at.to_owned()),
    }
}

/// Other values that could stand in place of one.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(is) => vec![json!(!is)],
        Value::Number(number) => vec![json!(number.as_u64().unwrap_or_default() + 1)],
        Value::String(text) => {
            let words = [
                "2",
                "0.5",
                "error",
                "fails",
                "blocker",
                "major",
                "refuted",
                "exact",
                "measured",
                "weighted",
                "must",
                "unused",
                "open",
                "random",
                "expect",
                "text",
                "2024-01-02T03:04:05Z",
                "count",
            ];
            [format!("{text}x"), format!("{text}1")]
                .iter()
                .map(|text| json!(text))
                .chain(words.map(|word| json!(word)))
                .collect()
        }
        _ => Vec::new(),
    }
}

/// Another record, with something else in this place; `None` when nothing else can stand there.
fn other(record: &Value, at: &str) -> Option<Record> {
    let same = read(record);
    others(record.pointer(at)?).into_iter().find_map(|value| {
        let mut changed = record.clone();
        *changed.pointer_mut(at)? = value;
        serde_json::from_value::<Record>(changed).ok().filter(|changed| *changed != same)
    })
}

/// Where the things of monitoring stand in a record.
fn of_monitoring(record: &Value) -> Vec<String> {
    let mut found = Vec::new();
    for (list, key) in [
        ("/audit/areas", "id"),
        ("/audit/checks", "id"),
        ("/audit/waivers", "check"),
        ("/observations", "check"),
        ("/judgement/checks", "check"),
        ("/judgement/areas", "area"),
        ("/judgement/waivers", "check"),
        ("/judgement/scoreClaims", "area"),
    ] {
        for (index, entry) in record.pointer(list).unwrap().as_array().unwrap().iter().enumerate() {
            if entry[key].as_str().unwrap().split('/').next() == Some("monitoring") {
                leaves(entry, &format!("{list}/{index}"), &mut found);
            }
        }
    }
    found
}

/// May this differ, though it stands among the things of an area?
fn may_differ(at: &str) -> bool {
    let name = at.rsplit('/').next().unwrap_or_default();
    matches!(name, "askedAt" | "elapsedUs")
        || at.contains("/declared/")
        || at.contains("/facts/elapsed/")
        || at.ends_with("/headers/date")
        || (at.contains("/answer/") && name == "file")
}

/// The lists of an audit whose entries belong to areas.
const OF_AREAS: [&str; 6] = ["areas", "checks", "kinds", "claims", "conditions", "waivers"];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(200))]

    /// Whatever member of a check of the area has another value, it is no longer what was signed.
    #[test]
    fn any_member_of_a_check_makes_it_stale(at in any::<prop::sample::Index>()) {
        let before = sample();
        let places = of_monitoring(&before);
        prop_assert!(places.len() > 100);
        let at = &places[at.index(places.len())];
        let Some(after) = other(&before, at) else { return Ok(()) };
        let told = changed(&policy(&["monitoring"]), ROLE, &read(&before), &after);
        prop_assert_eq!(told.is_some(), !may_differ(at), "{}: {:?}", at, told);
    }

    /// Whatever belongs to no area belongs to this one, too.
    #[test]
    fn any_member_of_the_audit_as_a_whole_makes_it_stale(at in any::<prop::sample::Index>()) {
        let before = sample();
        let mut places = Vec::new();
        leaves(&before["audit"], "/audit", &mut places);
        places.retain(|at| OF_AREAS.iter().all(|list| !at.starts_with(&format!("/audit/{list}/"))));
        let at = &places[at.index(places.len())];
        let Some(after) = other(&before, at) else { return Ok(()) };
        prop_assert!(changed(&policy(&["monitoring"]), ROLE, &read(&before), &after).is_some(), "{}", at);
    }
}

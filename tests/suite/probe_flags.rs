//! Feature flags from servers, addresses and the environment: through a live door, and again from what was recorded.

use std::collections::BTreeMap;

use countersign::model::fact::{Facts, Table, Value};
use countersign::witness::Secrets;
use serde_json::{Value as Json, json};

use crate::canned_server::Canned;
use crate::door::Door;
use crate::probe_servers::{absent, count, measure};
use crate::support;

const KIND: &str = "flag-count";

fn counts(facts: &Facts) -> [u64; 4] {
    ["total", "enabled", "disabled", "staged"].map(|fact| count(facts, fact))
}

fn list<'a>(facts: &'a Facts, fact: &str) -> &'a [String] {
    match facts.get(fact) {
        Some(Value::List(list)) => list,
        other => panic!("{fact} is {other:?}: {:?}", facts.facts.get(fact)),
    }
}

/// The row of a flag in the table, without its name.
fn row(facts: &Facts, name: &str) -> Vec<Option<Value>> {
    let Some(Value::Table(Table { rows, .. })) = facts.get("flags") else { panic!("{facts:?}") };
    let named = Some(Value::Text(name.to_owned()));
    rows.iter().find(|row| row[0] == named).unwrap_or_else(|| panic!("no {name}"))[1..].to_vec()
}

fn text(text: &str) -> Option<Value> {
    Some(Value::Text(text.to_owned()))
}

fn fixture(name: &str) -> String {
    let path = support::repository().join("fixtures/kinds/flag-count").join(name);
    std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Unleash as it was recorded.
fn unleash() -> Canned {
    let search: Json = serde_json::from_str(&fixture("unleash-search.json")).unwrap();
    let names = search["features"].as_array().unwrap().iter().map(|feature| feature["name"].as_str().unwrap());
    let known = names.fold(Canned::default(), |canned, name| {
        let file = format!("flag-count/unleash-feature-{name}.json");
        let there = support::repository().join("fixtures/kinds").join(&file).exists();
        let path = format!("/api/admin/projects/default/features/{}", name.replace('-', "%2D"));
        if there { canned.captured(&path, 200, &file) } else { canned }
    });
    known
        .captured("/api/client/features", 200, "flag-count/unleash-client.json")
        .captured("/mixed/api/client/features", 200, "flag-count/unleash-client-mixed.json")
        .captured("/locked/api/client/features", 401, "flag-count/unleash-401.json")
        .captured("/api/admin/search/features", 200, "flag-count/unleash-search.json")
        .captured("/api/admin/projects/default/features", 200, "flag-count/unleash-project.json")
}

#[tokio::test]
async fn unleash_says_the_same_over_both_of_its_apis() {
    let url = unleash().serve().await;
    let policy = json!(["maintenance-mode", "off-everywhere", "nobody-yet"]);
    for options in [
        json!({"unleash": url, "environment": "production", "must-be-off": policy, "must-be-on": ["colours", "quarter"]}),
        json!({"unleash": url, "api": "admin", "environment": "production", "must-be-off": policy,
               "must-be-on": ["colours", "quarter"]}),
    ] {
        let facts = measure(&Door::open(), KIND, options).await.unwrap();
        assert_eq!(counts(&facts), [12, 4, 8, 6]);
        assert_eq!(count(&facts, "stale"), 1);
        let mut on = list(&facts, "on").to_vec();
        on.sort();
        assert_eq!(on, ["colours", "old", "on-everywhere", "on-in-production-only"]);
        assert_eq!(count(&facts, "forbidden-on"), 0, "a rollout to 0 % is on for nobody");
        assert_eq!(count(&facts, "required-off"), 1, "a quarter is not on for everybody");
        let share = Some(Value::Ratio("0.25".parse().unwrap()));
        assert_eq!(row(&facts, "quarter")[..4], [text("staged"), share, Some(Value::Flag(false)), text("release")]);
        assert_eq!(row(&facts, "emergency-stop")[3], text("kill-switch"));
        for name in ["constrained", "segmented", "dependent", "nobody-yet"] {
            assert_eq!(row(&facts, name)[0], text("staged"), "{name}");
        }
    }
}

#[tokio::test]
async fn a_flag_of_unleash_is_on_per_environment_and_an_archived_one_is_not_there() {
    let url = unleash().serve().await;
    let options = json!({"unleash": url, "api": "admin", "project": "default", "environment": "development",
                         "must-be-off": ["archived"], "must-be-on": ["on-in-production-only"]});
    let facts = measure(&Door::open(), KIND, options).await.unwrap();
    assert_eq!(list(&facts, "on"), ["on-everywhere"]);
    assert_eq!(absent(&facts, "forbidden-on"), "there is no flag \"archived\"");
    assert_eq!(count(&facts, "required-off"), 1);
    let staging = json!({"unleash": url, "api": "admin", "environment": "staging"});
    let reason = measure(&Door::open(), KIND, staging).await.unwrap_err().reason;
    assert_eq!(reason, "no flag has the environment \"staging\"; there are \"development\", \"production\"");
}

#[tokio::test]
async fn a_flag_without_a_setting_for_the_environment_is_not_off() {
    let page = json!({"total": 2, "features": [
        {"name": "a", "environments": [{"name": "production", "enabled": false}]},
        {"name": "b", "environments": [{"name": "development", "enabled": false}]}]});
    let url = Canned::default().with("/api/admin/search", 200, &page.to_string()).serve().await;
    let options = json!({"unleash": url, "api": "admin", "environment": "production", "must-be-off": ["a"],
                         "must-be-on": ["b"]});
    let facts = measure(&Door::open(), KIND, options).await.unwrap();
    assert_eq!((count(&facts, "total"), count(&facts, "forbidden-on")), (2, 0));
    let why = "\"b\" has no setting for the environment \"production\"";
    for fact in ["enabled", "disabled", "on", "off", "required-off"] {
        assert_eq!(absent(&facts, fact), why);
    }
    assert_eq!(row(&facts, "b")[0], text("unknown"));
}

#[tokio::test]
async fn a_token_for_all_environments_or_none_or_another_project_is_no_answer() {
    let url = unleash().serve().await;
    for (path, environment, why) in [
        ("/mixed", "production", "Unleash answers for no one environment: the token is for all of them"),
        ("", "staging", "Unleash answers for the environment \"production\", not for \"staging\""),
        ("/locked", "production", "Unleash does not let us in: it answered 401"),
    ] {
        let options = json!({"unleash": format!("{url}{path}"), "environment": environment});
        assert_eq!(measure(&Door::open(), KIND, options).await.unwrap_err().reason, why);
    }
    // A token that is bound to a project answers for it whatever it is asked for.
    let options = json!({"unleash": url, "project": "nope"});
    let reason = measure(&Door::open(), KIND, options).await.unwrap_err().reason;
    assert!(reason.starts_with("Unleash lists no flag of the project \"nope\""), "{reason}");
}

#[tokio::test]
async fn another_version_of_unleash_is_read_or_said_to_be_one() {
    // No search in it, but a list of each project.
    let url = Canned::default()
        .with("/api/admin/search", 404, "{\"name\": \"NotFoundError\"}")
        .with("/api/admin/projects/default/features", 200, &fixture("unleash-project.json"))
        .serve()
        .await;
    let options = json!({"unleash": url, "api": "admin", "project": "default", "environment": "development"});
    let problem = measure(&Door::open(), KIND, options).await;
    // The list itself is read; the one flag that is on is looked at next, and here that is the list again.
    assert!(problem.unwrap_err().reason.contains("JSON of another shape"));
    // Fields that a version does not have are not read as "off".
    let url = Canned::default()
        .with("/api/client/features", 200, r#"{"features": [{"name": "a", "enabled": true}, {"name": "b"}]}"#)
        .serve()
        .await;
    let facts = measure(&Door::open(), KIND, json!({"unleash": url})).await.unwrap();
    assert_eq!(absent(&facts, "enabled"), "Unleash does not say whom it gives \"a\"; the same or alike of 1 more");
    assert_eq!(absent(&facts, "staged"), "it is not known of \"a\", \"b\"");
    assert!(facts.notes[0].contains("does not say which environment"), "{:?}", facts.notes);
}

#[tokio::test]
async fn pages_that_never_end_or_end_too_soon_are_no_answer() {
    let names = |from: usize, to: usize| -> Json {
        let name = |number| json!({"name": format!("f{number}"), "environments": [{"name": "p", "enabled": false}]});
        (from..to).map(name).collect()
    };
    let page = |features: Json, total: u64| json!({"features": features, "total": total}).to_string();
    let paged = Canned::default().with("/api/admin/search/features?offset=0", 200, &page(names(0, 100), 150)).with(
        "/api/admin/search/features?offset=100",
        200,
        &page(names(100, 150), 150),
    );
    let options = |url: &str| json!({"unleash": url, "api": "admin", "environment": "p"});
    let facts = measure(&Door::open(), KIND, options(&paged.serve().await)).await.unwrap();
    assert_eq!(counts(&facts), [150, 0, 150, 0]);
    for (first, rest, why) in [
        (page(names(0, 100), 150), page(names(0, 100), 150), "pages that never end"),
        (page(names(0, 100), 150), page(names(0, 0), 150), "it says 150 flags and lists 100"),
        (page(names(0, 100), u64::MAX), page(names(0, 100), 150), "pages that never end"),
    ] {
        let canned = Canned::default().with("/api/admin/search/features?offset=0", 200, &first);
        let url = canned.with("/api/admin/search/features?offset=100", 200, &rest).serve().await;
        let reason = measure(&Door::open(), KIND, options(&url)).await.unwrap_err().reason;
        assert!(reason.ends_with(why), "{reason}");
    }
}

#[tokio::test]
async fn an_evaluation_counts_switches_for_the_one_context() {
    let url = Canned::default()
        .captured("/ofrep/v1/evaluate/flags", 200, "flag-count/ofrep.json")
        .captured("/older/ofrep/v1/evaluate/flags", 200, "flag-count/ofrep-older.json")
        .captured("/broken/ofrep/v1/evaluate/flags", 200, "flag-count/ofrep-broken.json")
        .serve()
        .await;
    let options = |path: &str, off: &[&str]| json!({"ofrep": format!("{url}{path}"), "must-be-off": off});
    let facts = measure(&Door::open(), KIND, options("", &["dark", "disabled"])).await.unwrap();
    assert_eq!(["total", "enabled", "disabled", "forbidden-on"].map(|fact| count(&facts, fact)), [7, 1, 4, 0]);
    assert_eq!(facts.notes, ["No switches, and counted neither as on nor as off: \"colour\", \"limit\"."]);
    assert_eq!(row(&facts, "colour")[0], text("setting"));
    assert!(absent(&facts, "staged").contains("one context"));
    for (flag, why) in [
        ("quarter", "\"quarter\" is off in the context that was asked for, and it may be on in another"),
        ("staff", "\"staff\" is off in the context that was asked for, and it may be on in another"),
        ("colour", "\"colour\" hands out a string and is no switch"),
        ("nosuch", "there is no flag \"nosuch\""),
    ] {
        let facts = measure(&Door::open(), KIND, options("", &["dark", flag])).await.unwrap();
        assert_eq!(absent(&facts, "forbidden-on"), why);
    }
    let older = measure(&Door::open(), KIND, options("/older", &["dark"])).await.unwrap();
    assert_eq!(count(&older, "total"), 6, "the disabled one was left out");
    let broken = measure(&Door::open(), KIND, options("/broken", &["dark"])).await.unwrap();
    assert!(absent(&broken, "enabled").starts_with("\"broken\" could not be evaluated (PARSE_ERROR"));
    assert_eq!(count(&broken, "forbidden-on"), 0, "what is known of the others still holds");
}

#[tokio::test]
async fn what_is_on_in_one_context_is_not_on_for_everybody() {
    let flags = json!({"flags": [{"key": "all", "value": true, "reason": "STATIC"},
        {"key": "split", "value": true, "reason": "SPLIT"}, {"key": "old", "value": true, "reason": "STALE"}]});
    let url = Canned::default().with("/ofrep", 200, &flags.to_string()).serve().await;
    let all = measure(&Door::open(), KIND, json!({"ofrep": url, "must-be-on": ["all"]})).await.unwrap();
    assert_eq!(count(&all, "required-off"), 0);
    for (flag, why) in [
        ("split", "\"split\" is on in the context that was asked for, and it may be off in another"),
        ("old", "\"old\" comes with the reason STALE: nobody knows what it is now"),
    ] {
        let facts = measure(&Door::open(), KIND, json!({"ofrep": url, "must-be-on": ["all", flag]})).await.unwrap();
        assert_eq!(absent(&facts, "required-off"), why);
        assert_eq!(facts.notes, ["On in the context that was asked for, and perhaps off in another: \"split\"."]);
    }
}

#[tokio::test]
async fn what_is_no_evaluation_is_no_answer() {
    let deep = format!("{{\"flags\": [{{\"key\": \"a\", \"value\": {}1{}}}]}}", "[".repeat(50_000), "]".repeat(50_000));
    let long = json!({"flags": [{"key": "x".repeat(1_000_000), "value": true}]}).to_string();
    for (status, body, why) in [
        (200, "<!doctype html><title>Sign in</title>", "the OFREP server answered 200 with HTML"),
        (401, "{}", "the OFREP server does not let us in: it answered 401"),
        (403, "", "the OFREP server does not let us in: it answered 403"),
        (429, "", "the OFREP server answered 429: it was asked too often"),
        (500, "boom", "the OFREP server answered 500 with something that is not JSON"),
        (200, "{\"flags\": [{\"key\": \"a\"", "the OFREP server answered 200 with JSON that breaks off"),
        (200, "[]", "the OFREP server answered 200 with JSON of another shape"),
        (200, long.as_str(), "the name of the flag \"xxxx"),
    ] {
        let url = Canned::default().with("/ofrep", status, body).serve().await;
        let reason = measure(&Door::open(), KIND, json!({"ofrep": url})).await.unwrap_err().reason;
        assert!(reason.starts_with(why) && reason.len() < 300, "{reason}");
    }
    // However deep a value is, only how it begins matters.
    let url = Canned::default().with("/ofrep", 200, &deep).serve().await;
    let facts = measure(&Door::open(), KIND, json!({"ofrep": url})).await.unwrap();
    assert_eq!(absent(&facts, "enabled"), "none of the flags is a switch");
}

#[tokio::test]
async fn hostile_names_and_the_same_name_twice_change_no_count() {
    let body = json!({"flags": [
        {"key": "\u{1b}[2Jevil\n", "value": true}, {"key": "a", "value": false, "reason": "STATIC"},
        {"key": "a", "value": true, "reason": "STATIC"}]});
    let url = Canned::default().with("/ofrep", 200, &body.to_string()).serve().await;
    let facts = measure(&Door::open(), KIND, json!({"ofrep": url, "must-be-off": ["a"]})).await.unwrap();
    assert_eq!(["total", "enabled", "disabled"].map(|fact| count(&facts, fact)), [3, 2, 1]);
    assert_eq!(count(&facts, "forbidden-on"), 1, "one of the two is on, which is bad enough");
    assert!(facts.notes.iter().any(|note| note == "\"a\" is there more than once; each is counted."));
    assert!(facts.notes.iter().all(|note| !note.contains(char::is_control)), "{:?}", facts.notes);
}

#[tokio::test]
async fn growthbook_is_read_from_its_payload_and_from_its_list() {
    let door = Door::open();
    for name in ["growthbook-payload.json", "growthbook-list.json"] {
        std::fs::write(door.root().join(name), fixture(name)).unwrap();
    }
    let payload = measure(&door, KIND, json!({"growthbook": "growthbook-payload.json", "must-be-off": ["dark-mode"]}));
    let facts = payload.await.unwrap();
    assert_eq!(counts(&facts), [9, 4, 5, 3]);
    assert_eq!(list(&facts, "on"), ["new-checkout", "banner", "launched", "limit"]);
    assert_eq!(row(&facts, "quarter")[1], Some(Value::Ratio("0.25".parse().unwrap())));
    assert_eq!(count(&facts, "forbidden-on"), 0);
    absent(&facts, "stale");

    let list_of = |environment: &str| {
        json!({"growthbook": "growthbook-list.json", "environment": environment, "stale-after": "100d",
               "must-be-off": ["staff"]})
    };
    let door = Door::open();
    std::fs::write(door.root().join("growthbook-list.json"), fixture("growthbook-list.json")).unwrap();
    let facts = measure(&door, KIND, list_of("production")).await.unwrap();
    assert_eq!(counts(&facts), [4, 1, 3, 2]);
    assert_eq!(count(&facts, "forbidden-on"), 1, "some have it");
    assert_eq!(facts.notes[0], "Archived features are left out: \"gone\".");
    assert!(count(&facts, "stale") >= 1, "`quarter` was changed in February 2026");
    assert_eq!(row(&facts, "staff")[3], text("string"));
    let door = Door::open();
    std::fs::write(door.root().join("growthbook-list.json"), fixture("growthbook-list.json")).unwrap();
    let reason = measure(&door, KIND, json!({"growthbook": "growthbook-list.json"})).await.unwrap_err().reason;
    assert!(reason.ends_with("it has several environments: \"production\", \"staging\""), "{reason}");
}

#[tokio::test]
async fn growthbook_is_read_page_after_page() {
    let feature = |id: &str| json!({"id": id, "valueType": "boolean", "defaultValue": "true", "environments": {"p": {"enabled": true}}});
    let first = json!({"features": [feature("a")], "hasMore": true, "nextOffset": 1}).to_string();
    let last = json!({"features": [feature("b")], "hasMore": false}).to_string();
    let canned = Canned::default().with("/api/v1/features?limit=1", 200, &first);
    let url = canned.with("/api/v1/features?limit=1&offset=1", 200, &last).serve().await;
    let address = format!("{url}/api/v1/features?limit=1");
    let facts = measure(&Door::open(), KIND, json!({"growthbook": address})).await.unwrap();
    assert_eq!(list(&facts, "on"), ["a", "b"]);
    let url = Canned::default().with("/", 200, &first).serve().await;
    let reason = measure(&Door::open(), KIND, json!({"growthbook": url})).await.unwrap_err().reason;
    assert!(reason.ends_with("pages that never end"), "{reason}");
    let door = Door::open();
    std::fs::write(door.root().join("page.json"), &first).unwrap();
    let reason = measure(&door, KIND, json!({"growthbook": "page.json"})).await.unwrap_err().reason;
    assert_eq!(reason, "\"page.json\": it is one page of several");
}

#[tokio::test]
async fn launchdarkly_is_read_from_its_list_and_from_what_its_sdks_get() {
    let door = Door::open();
    for name in ["launchdarkly-list.json", "launchdarkly-sdk.json"] {
        std::fs::write(door.root().join(name), fixture(name)).unwrap();
    }
    let options = json!({"launchdarkly": "launchdarkly-list.json", "environment": "production",
                         "must-be-off": ["maintenance", "inverted"]});
    let facts = measure(&door, KIND, options).await.unwrap();
    assert_eq!(counts(&facts), [5, 2, 3, 2]);
    assert_eq!(list(&facts, "on"), ["new-checkout", "inverted"]);
    assert_eq!(count(&facts, "forbidden-on"), 1, "switched off, and it hands out true");
    assert_eq!((count(&facts, "stale"), facts.notes[0].as_str()), (1, "Archived flags are left out: \"gone\"."));
    let changed = Some(Value::Instant("2026-11-18T11:06:40Z".parse().unwrap()));
    let share = Some(Value::Ratio("0.25".parse().unwrap()));
    assert_eq!(row(&facts, "quarter"), [text("staged"), share, Some(Value::Flag(false)), text("boolean"), changed]);
    let facts = measure(&door, KIND, json!({"launchdarkly": "launchdarkly-sdk.json", "must-be-off": ["targeted"]}));
    let facts = facts.await.unwrap();
    assert_eq!(counts(&facts), [3, 1, 2, 1]);
    assert_eq!(count(&facts, "forbidden-on"), 1, "one user has it");
}

/// Of one flag on the first page and another on the second, each with a setting for one environment only.
async fn environments_of_two_pages(source: &str, path: &str, page: impl Fn(&str, &str, bool) -> String) {
    let canned = Canned::default().with(path, 200, &page("a", "dev", true));
    let url = canned.with("/list?offset=1", 200, &page("b", "production", false)).serve().await;
    let mut options = json!({source: format!("{url}{path}")});
    let reason = measure(&Door::open(), KIND, options.clone()).await.unwrap_err().reason;
    assert!(reason.ends_with("it has several environments: \"dev\", \"production\""), "{reason}");
    options["environment"] = json!("production");
    let facts = measure(&Door::open(), KIND, options.clone()).await.unwrap();
    assert_eq!(count(&facts, "total"), 2);
    assert_eq!(absent(&facts, "enabled"), "\"a\" has no setting for the environment \"production\"");
    options["environment"] = json!("prodction");
    let reason = measure(&Door::open(), KIND, options).await.unwrap_err().reason;
    assert!(reason.ends_with("it has no environment \"prodction\"; there are \"dev\", \"production\""), "{reason}");
}

#[tokio::test]
async fn which_environments_there_are_is_known_with_the_last_page() {
    environments_of_two_pages("growthbook", "/list", |id, environment, more| {
        json!({"features": [{"id": id, "valueType": "boolean", "defaultValue": "true",
                             "environments": {environment: {"enabled": true}}}],
               "hasMore": more, "nextOffset": 1})
        .to_string()
    })
    .await;
    environments_of_two_pages("launchdarkly", "/list", |key, environment, more| {
        let next = if more { json!({"next": {"href": "/list?offset=1"}}) } else { json!({}) };
        json!({"items": [{"key": key, "variations": [{"value": true}], "environments": {environment: {
                   "on": true, "rules": [], "fallthrough": {"variation": 0}}}}],
               "totalCount": 2, "_links": next})
        .to_string()
    })
    .await;
}

#[tokio::test]
async fn flags_without_an_environment_have_none_that_could_be_asked_for() {
    let features = json!({"features": [{"id": "a", "defaultValue": "true", "environments": {}}]}).to_string();
    let url = Canned::default().with("/list", 200, &features).serve().await;
    for environment in [json!("prodction"), Json::Null] {
        let options = json!({"growthbook": format!("{url}/list"), "environment": environment});
        let reason = measure(&Door::open(), KIND, options).await.unwrap_err().reason;
        assert!(reason.ends_with("it has no setting for any environment"), "{reason}");
    }
}

#[tokio::test]
async fn launchdarkly_is_read_page_after_page_and_its_token_goes_to_no_other_server() {
    let flag = |key: &str| {
        json!({"key": key, "variations": [{"value": true}], "environments": {"p": {
            "on": true, "rules": [], "fallthrough": {"variation": 0}}}})
    };
    let page = |keys: &[&str], next: Option<&str>| {
        let items: Vec<Json> = keys.iter().map(|key| flag(key)).collect();
        let links = next.map_or(json!({}), |href| json!({"next": {"href": href}}));
        json!({"items": items, "totalCount": 2, "_links": links}).to_string()
    };
    let canned = Canned::default().with("/api/v2/flags/x", 200, &page(&["a"], Some("/api/v2/flags/x?offset=1")));
    let url = canned.with("/api/v2/flags/x?offset=1", 200, &page(&["b"], None)).serve().await;
    let facts = measure(&Door::open(), KIND, json!({"launchdarkly": format!("{url}/api/v2/flags/x")})).await.unwrap();
    assert_eq!(list(&facts, "on"), ["a", "b"]);
    for (next, why) in [
        (Some("/loop"), "it lists its flags in pages that never end"),
        (Some("http://127.0.0.1:1/steal"), "its next page is on another server"),
        (None, "it has 1 of 2 flags"),
    ] {
        let url = Canned::default().with("/", 200, &page(&["a"], next)).serve().await;
        let secrets = BTreeMap::from([("LD".to_owned(), "api-token-of-a-test".to_owned())]);
        let door = Door::with(|options| options.secrets = Secrets::given(secrets));
        let options = json!({"launchdarkly": {"url": url, "headers": {"Authorization": "${secret:LD}"}}});
        let reason = measure(&door, KIND, options).await.unwrap_err().reason;
        assert!(reason.ends_with(why), "{reason}");
    }
}

#[tokio::test]
async fn a_file_of_flags_may_stand_behind_an_address() {
    let url = Canned::default()
        .with("/flags.yaml", 200, &fixture("flags.yaml"))
        .with("/flagd.json", 200, &fixture("flagd.json"))
        .with("/login", 200, "<html>")
        .serve()
        .await;
    let options =
        json!({"url": format!("{url}/flags.yaml"), "staged": ".value.staged", "stale": ".value.enabled | not"});
    let facts = measure(&Door::open(), KIND, options).await.unwrap();
    assert_eq!(counts(&facts), [5, 2, 3, 1]);
    assert_eq!(count(&facts, "stale"), 3);
    let facts = measure(&Door::open(), KIND, json!({"flagd": {"url": format!("{url}/flagd.json")}})).await.unwrap();
    assert_eq!(counts(&facts), [6, 1, 4, 1]);
    assert_eq!(row(&facts, "colour")[0], text("setting"));
    assert_eq!(row(&facts, "targeted")[0], text("targeted"));
    for (path, why) in [("/login", "it answered 200 with HTML, beginning with \"<html>\""), ("/x", "status 404")] {
        let reason = measure(&Door::open(), KIND, json!({"url": format!("{url}{path}")})).await.unwrap_err().reason;
        assert!(reason.ends_with(why), "{reason}");
    }
}

#[tokio::test]
async fn flags_that_nobody_changed_for_long_are_stale() {
    let door = Door::open();
    let now = Door::open().witness().now().await.unwrap().seconds();
    let flags = json!({"old": {"on": true, "at": "2020-01-01"}, "new": {"on": true, "at": now},
                       "undated": {"on": true}});
    std::fs::write(door.root().join("f.json"), flags.to_string()).unwrap();
    let options = |flags: &str| json!({"file": "f.json", "flags": flags, "changed": ".value.at", "stale-after": "90d"});
    let facts = measure(&door, KIND, options("del(.undated)")).await.unwrap();
    assert_eq!(count(&facts, "stale"), 1);
    assert_eq!(row(&facts, "old")[2], Some(Value::Flag(true)));
    let door = Door::open();
    std::fs::write(door.root().join("f.json"), flags.to_string()).unwrap();
    let facts = measure(&door, KIND, options(".")).await.unwrap();
    assert_eq!(absent(&facts, "stale"), "it is not known of \"undated\"");
    // What is changed only in a thousand years was not changed of late.
    let later = json!({"old": {"on": true, "at": "2020-01-01"}, "later": {"on": true, "at": 32_503_680_000_u64}});
    for (flags, why) in [
        (".", "it is not known of \"later\""),
        ("del(.old)", "every flag that says when it was changed names a time that is still to come"),
    ] {
        let door = Door::open();
        std::fs::write(door.root().join("f.json"), later.to_string()).unwrap();
        assert_eq!(absent(&measure(&door, KIND, options(flags)).await.unwrap(), "stale"), why);
    }
}

#[tokio::test]
async fn a_variable_that_is_no_switch_is_neither_on_nor_off_and_its_value_is_kept_out() {
    let door = Door::open();
    let name = "CARGO_MANIFEST_DIR";
    let options = json!({"env": {"names": [name, "NO_SUCH_FLAG_ANYWHERE"]}, "must-be-off": [name]});
    let facts = measure(&door, KIND, options).await.unwrap();
    let why = "the value of \"CARGO_MANIFEST_DIR\" is neither true nor false; the same or alike of 1 more";
    assert_eq!((count(&facts, "total"), absent(&facts, "enabled")), (2, why));
    assert_eq!(absent(&facts, "forbidden-on"), "the value of \"CARGO_MANIFEST_DIR\" is neither true nor false");
    let options = json!({"env": {"prefix": "NO_SUCH_FLAG_ANYWHERE"}});
    let reason = measure(&Door::open(), KIND, options).await.unwrap_err().reason;
    assert_eq!(reason, "no variable that begins with \"NO_SUCH_FLAG_ANYWHERE\" is set");
}

#[test]
fn switches_in_the_environment_are_counted_and_nothing_else_of_it_is_recorded() {
    let folder = tempfile::tempdir().expect("a scratch folder");
    let checks = "      - id: flags\n        flag-count: {env: {prefix: FEATURE_}, must-be-off: [FEATURE_DARK]}\n        \
                  expect: {total: == 3, enabled: == 2}\n";
    let audit = support::audit(folder.path(), checks);
    let bundle = folder.path().join("bundle");
    let run = |value: &str| {
        let mut command = support::countersign();
        command.arg("run").arg(&audit).arg("--to").arg(&bundle);
        command.env("FEATURE_A", "TRUE").env("FEATURE_B", "1").env("FEATURE_DARK", value).env("OTHER", "hunter2-other");
        support::ran(&mut command)
    };
    let well = run("off");
    assert_eq!(well.code, 0, "{}", well.stderr);
    let replay = folder.path().join("replay");
    let mut command = support::countersign();
    command.arg("run").arg(&audit).arg("--replay").arg(&bundle).arg("--to").arg(&replay);
    assert_eq!(support::ran(&mut command).code, 0, "a replay asks no environment");
    assert_eq!(run("hunter2-dark").code, 3, "neither true nor false is undetermined");
    let record = std::fs::read_to_string(bundle.join("record.json")).expect("a record");
    assert!(record.contains("[WITHHELD]") && record.contains("FEATURE_DARK"));
    for secret in ["hunter2", "OTHER"] {
        assert!(!record.contains(secret), "{secret}");
    }
}

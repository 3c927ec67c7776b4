//! GrowthBook's features: the payload for SDKs (`/api/features/KEY`: one environment, its disabled features left out) and
//! the list of the REST API (`/v1/features` and `/v2/features`: every environment, page after page).
//!
//! A feature is on where the value it hands out is truthy, which is how GrowthBook itself says it.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::feature_flag::{
    Flag, Flags, Members, Reach, Served, Switch, listed, named, not_too_many, served, the_environment,
};
use super::output::printable;
use super::place::{Place, page};
use crate::model::fact::Unmeasurable;
use crate::model::number::Number;
use crate::witness::Witness;

/// More pages than anybody has: 100 features on each, at most.
const MAX_PAGES: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    features: Option<Box<RawValue>>,
    encrypted_features: Option<IgnoredAny>,
    has_more: Option<bool>,
    next_offset: Option<u64>,
}

/// A feature in the payload for SDKs.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Payload {
    default_value: Option<Box<RawValue>>,
    #[serde(default)]
    rules: Option<Vec<PayloadRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PayloadRule {
    force: Option<Box<RawValue>>,
    variations: Option<Vec<Box<RawValue>>>,
    coverage: Option<Box<RawValue>>,
    condition: Option<Members<IgnoredAny>>,
    parent_conditions: Option<Vec<IgnoredAny>>,
    filters: Option<Vec<IgnoredAny>>,
    range: Option<IgnoredAny>,
    namespace: Option<IgnoredAny>,
}

/// A feature of the REST API.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    id: String,
    #[serde(default)]
    archived: Option<bool>,
    value_type: Option<String>,
    default_value: Option<String>,
    date_updated: Option<String>,
    /// Other features that must be on for whoever is to get this one.
    #[serde(default)]
    prerequisites: Option<Vec<IgnoredAny>>,
    environments: Option<Members<Environment>>,
    /// Version 2 has one list for all environments.
    #[serde(default)]
    rules: Option<Vec<ListedRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Environment {
    enabled: Option<bool>,
    default_value: Option<String>,
    #[serde(default)]
    rules: Option<Vec<ListedRule>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ListedRule {
    #[serde(rename = "type", default)]
    kind: String,
    value: Option<String>,
    enabled: Option<bool>,
    coverage: Option<Box<RawValue>>,
    condition: Option<String>,
    saved_group_targeting: Option<Vec<IgnoredAny>>,
    prerequisites: Option<Vec<IgnoredAny>>,
    schedule_rules: Option<Vec<IgnoredAny>>,
    all_environments: Option<bool>,
    environments: Option<Vec<String>>,
}

/// A rule, whichever way it was written: whom it concerns, and what they get.
struct Rule {
    /// Only those who meet a condition.
    conditional: bool,
    /// The share of those; all of them unless given, and `None` where what is given is no share.
    coverage: Option<Number>,
    on: bool,
    off: bool,
}

/// Every feature that is not archived.
pub async fn flags(place: &Place, environment: Option<&str>, witness: &Witness) -> Result<Flags, Unmeasurable> {
    let mut pages = Pages::default();
    let mut content = place.json(witness).await?;
    for _ in 0..MAX_PAGES {
        let next = pages.read(&content)?;
        let Some(offset) = next else { return pages.flags(environment) };
        let Place::Web(endpoint) = place else {
            let help = "Export all of them (`limit`, `offset`), or give the address in place of the file.";
            return Err(Unmeasurable::new("it is one page of several", help));
        };
        if endpoint.url.contains("offset=") {
            let help = "Leave `offset` out of the address: it is asked page after page.";
            return Err(Unmeasurable::new("it is one page of several", help));
        }
        let mark = if endpoint.url.contains('?') { '&' } else { '?' };
        let mut request = endpoint.get_itself();
        request.url = format!("{}{mark}offset={offset}", request.url);
        let before = content;
        content = page(&witness.http(request).await?, place.name())?;
        if content == before {
            return Err(endless());
        }
    }
    Err(endless())
}

fn endless() -> Unmeasurable {
    Unmeasurable::new("it lists its features in pages that never end", "Look at the answers in the evidence.")
}

/// What the pages have. Which environment is meant is known with the last of them only: one page may have another than
/// the next.
#[derive(Default)]
struct Pages {
    listed: Vec<Listed>,
    payload: Option<Members<Payload>>,
}

impl Pages {
    /// Adds what one answer has; where the next page begins, if there is one.
    fn read(&mut self, content: &[u8]) -> Result<Option<u64>, Unmeasurable> {
        let answer: Answer = serde_json::from_slice(content).map_err(|error| wrong(&error))?;
        if answer.encrypted_features.is_some() {
            let help = "Give the address of a connection that is not encrypted, or an export.";
            return Err(Unmeasurable::new("its features are encrypted", help));
        }
        let features = answer.features.ok_or_else(|| Unmeasurable::new("it has no `features`", HELP))?;
        if !features.get().starts_with('[') {
            self.payload = Some(serde_json::from_str(features.get()).map_err(|error| wrong(&error))?);
            return Ok(None);
        }
        let all: Vec<Listed> = serde_json::from_str(features.get()).map_err(|error| wrong(&error))?;
        self.listed.extend(all);
        not_too_many(self.listed.len())?;
        match (answer.has_more, answer.next_offset) {
            (Some(true), Some(offset)) => Ok(Some(offset)),
            (Some(true), None) => Err(Unmeasurable::new("it has more pages and does not say where", HELP)),
            _ => Ok(None),
        }
    }

    /// The flags of all pages.
    fn flags(self, asked: Option<&str>) -> Result<Flags, Unmeasurable> {
        let mut flags = Flags::default();
        if !self.listed.is_empty() {
            let each = self.listed.iter().flat_map(|feature| feature.environments.iter().flat_map(|all| &all.0));
            let environment = the_environment(each.map(|(name, _)| name.as_str()), asked, (CORRECT, HELP))?;
            let archived = |feature: &&Listed| feature.archived == Some(true);
            let kept = self.listed.iter().filter(|feature| !archived(feature));
            flags.flags.extend(kept.map(|feature| from_list(feature, &environment)));
            let left_out: Vec<&str> = self.listed.iter().filter(archived).map(|feature| feature.id.as_str()).collect();
            if !left_out.is_empty() {
                flags.notes.push(format!("Archived features are left out: {}.", listed(left_out.into_iter())));
            }
        }
        if let Some(payload) = self.payload {
            if asked.is_some() {
                let note =
                    "GrowthBook's payload does not say which environment it is for; the key in its address does.";
                flags.notes.push(note.to_owned());
            }
            flags.flags.extend(payload.0.iter().map(|(name, feature)| from_payload(name, feature)));
        }
        flags.checked()
    }
}

const CORRECT: &str = "Correct `environment:`.";
const HELP: &str = "Give GrowthBook's answer to `/api/features/KEY` or `/api/v1/features`.";

fn wrong(error: &serde_json::Error) -> Unmeasurable {
    let what = printable(&error.to_string(), 200);
    Unmeasurable::new(format!("it is not what GrowthBook writes: {what}"), HELP)
}

fn from_payload(name: &str, feature: &Payload) -> Flag {
    let Some(default) = &feature.default_value else {
        // `null` and nothing at all are the same to GrowthBook, and no value is on.
        return decided(name, false, &rules(feature));
    };
    decided(name, truthy(default), &rules(feature))
}

fn rules(feature: &Payload) -> Vec<Rule> {
    let some = |list: &Option<Vec<IgnoredAny>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let rule = |rule: &PayloadRule| {
        let values: Vec<bool> = match (&rule.force, &rule.variations) {
            (Some(value), _) => vec![truthy(value)],
            (None, Some(values)) => values.iter().map(|value| truthy(value)).collect(),
            // A rule of prerequisites alone: it may send anybody away.
            (None, None) => vec![false],
        };
        Rule {
            conditional: rule.condition.as_ref().is_some_and(|condition| !condition.0.is_empty())
                || some(&rule.parent_conditions)
                || some(&rule.filters)
                || rule.range.is_some()
                || rule.namespace.is_some(),
            coverage: coverage(rule.coverage.as_deref()),
            on: values.contains(&true),
            off: values.contains(&false),
        }
    };
    feature.rules.iter().flatten().map(rule).collect()
}

fn from_list(feature: &Listed, environment: &str) -> Flag {
    let name = feature.id.as_str();
    let setting = feature.environments.iter().flat_map(|all| &all.0).find(|(one, _)| one == environment);
    let flag = match setting.map(|(_, setting)| (setting, setting.enabled)) {
        None => {
            let why = format!("{} has no setting for the environment {}", named(name), named(environment));
            Flag::new(name, Switch::Unknown(why))
        }
        Some((_, None)) => {
            Flag::new(name, Switch::Unknown(format!("it is not said whether {} is enabled", named(name))))
        }
        // It is left out of what the programs get.
        Some((_, Some(false))) => Flag::reaching(name, Reach::Nobody),
        Some((setting, Some(true))) => {
            let kind = feature.value_type.as_deref().unwrap_or("boolean");
            let here = |rule: &&ListedRule| {
                rule.enabled != Some(false)
                    && (rule.all_environments != Some(false)
                        || rule.environments.iter().flatten().any(|one| one == environment))
            };
            let rules = setting.rules.iter().flatten().chain(feature.rules.iter().flatten().filter(here));
            // Who misses a prerequisite gets nothing, whatever the rules say.
            let gate = Rule { conditional: true, coverage: Some(Number::one()), on: false, off: true };
            let gated = feature.prerequisites.as_ref().is_some_and(|parents| !parents.is_empty());
            let rules = rules.filter(|rule| rule.enabled != Some(false)).map(|rule| of(rule, kind));
            let rules: Vec<Rule> = gated.then_some(gate).into_iter().chain(rules).collect();
            let default = setting.default_value.as_deref().or(feature.default_value.as_deref());
            decided(name, default.is_some_and(|value| truthy_text(value, kind)), &rules)
        }
    };
    let changed = feature.date_updated.as_deref().and_then(|date| date.parse().ok());
    Flag { kind: feature.value_type.clone(), changed, ..flag }
}

fn of(rule: &ListedRule, kind: &str) -> Rule {
    let some = |list: &Option<Vec<IgnoredAny>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let condition = rule.condition.as_deref().map(str::trim).unwrap_or_default();
    let value = rule.value.as_deref().map(|value| truthy_text(value, kind));
    let given = matches!(rule.kind.as_str(), "force" | "rollout");
    Rule {
        conditional: !matches!(condition, "" | "{}")
            || some(&rule.saved_group_targeting)
            || some(&rule.prerequisites)
            || some(&rule.schedule_rules),
        coverage: if rule.kind == "force" { Some(Number::one()) } else { coverage(rule.coverage.as_deref()) },
        // An experiment hands out several values; which of them are on, other parts of the answer say.
        on: !given || value == Some(true),
        off: !given || value != Some(true),
    }
}

/// Rule after rule, as the SDKs go through them: who is met by one gets its value, the rest goes on to the next.
fn decided(name: &str, default: bool, rules: &[Rule]) -> Flag {
    let (mut on, mut off, mut rest) = (false, false, true);
    for rule in rules {
        let Some(coverage) = &rule.coverage else {
            let why = format!("the share of those who get {} cannot be read", named(name));
            return Flag::new(name, Switch::Unknown(why));
        };
        if coverage.is_zero() {
            continue;
        }
        on |= rule.on;
        off |= rule.off;
        if !rule.conditional && *coverage >= Number::one() {
            rest = false;
            break;
        }
    }
    if rest {
        on |= default;
        off |= !default;
    }
    let rollout = match rules {
        [one] if !one.conditional && one.on && !one.off && !default => {
            one.coverage.clone().filter(|coverage| *coverage < Number::one())
        }
        _ => None,
    };
    let reach = match (on, off) {
        (true, false) => Reach::All,
        (true, true) => Reach::Some,
        (false, _) => Reach::Nobody,
    };
    let flag = Flag::reaching(name, reach);
    // A rollout that has come to 0 % is on for nobody, and yet not the end of it.
    Flag { staged: flag.staged.map(|staged| staged || rollout.is_some()), rollout, ..flag }
}

fn coverage(value: Option<&RawValue>) -> Option<Number> {
    let Some(value) = value else { return Some(Number::one()) };
    value.get().trim().parse::<Number>().ok().filter(|share| !share.is_negative())
}

fn truthy(value: &RawValue) -> bool {
    matches!(served(value), Served::Flag(true) | Served::Other(_))
}

/// The REST API writes every value as text.
fn truthy_text(value: &str, kind: &str) -> bool {
    match kind {
        "boolean" => value == "true",
        "string" => !value.is_empty(),
        _ => serde_json::from_str::<Box<RawValue>>(value).is_ok_and(|value| truthy(&value)),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(json: &str, environment: Option<&str>) -> Result<Flags, Unmeasurable> {
        let mut pages = Pages::default();
        pages.read(json.as_bytes()).and_then(|_| pages.flags(environment))
    }

    fn reach(rules: &str, default: &str) -> Reach {
        let json = format!(r#"{{"features": {{"a": {{"defaultValue": {default}, "rules": {rules}}}}}}}"#);
        let flag = all(&json, None).expect(&json).flags.remove(0);
        match (flag.switch, flag.reachable) {
            (Switch::On, _) => Reach::All,
            (_, Some(true)) => Reach::Some,
            _ => Reach::Nobody,
        }
    }

    #[test]
    fn rules_are_gone_through_as_the_sdks_do() {
        for (rules, default, expected) in [
            ("[]", "true", Reach::All),
            ("[]", "false", Reach::Nobody),
            ("[]", "\"red\"", Reach::All),
            ("[]", "null", Reach::Nobody),
            (r#"[{"force": true, "coverage": 0.25}]"#, "false", Reach::Some),
            (r#"[{"force": true, "coverage": 0}]"#, "false", Reach::Nobody),
            (r#"[{"force": true, "coverage": 1}]"#, "false", Reach::All),
            (r#"[{"force": true}]"#, "false", Reach::All),
            (r#"[{"force": false}, {"force": true}]"#, "true", Reach::Nobody),
            (r#"[{"force": true, "condition": {"id": "7"}}]"#, "false", Reach::Some),
            (r#"[{"force": false, "condition": {"id": "7"}}]"#, "true", Reach::Some),
            (r#"[{"force": true, "condition": {}}]"#, "false", Reach::All),
            (r#"[{"variations": [true, false], "weights": [0.5, 0.5]}]"#, "false", Reach::Some),
            (r#"[{"variations": [true, true]}]"#, "false", Reach::All),
        ] {
            assert_eq!(reach(rules, default), expected, "{rules} {default}");
        }
    }

    #[test]
    fn a_share_that_cannot_be_read_is_not_everybody() {
        let switch = |rules: &str| {
            let json = format!(r#"{{"features": {{"a": {{"defaultValue": false, "rules": {rules}}}}}}}"#);
            all(&json, None).expect(&json).flags.remove(0).switch
        };
        for share in [r#""0.1""#, "-0.5", "true", "{}"] {
            let unknown = switch(&format!(r#"[{{"force": true, "coverage": {share}}}]"#));
            assert_eq!(
                unknown,
                Switch::Unknown("the share of those who get \"a\" cannot be read".to_owned()),
                "{share}"
            );
        }
        assert_eq!(switch(r#"[{"force": true, "coverage": null}]"#), Switch::On);
        let unreached = r#"[{"force": true}, {"force": false, "coverage": "0.1"}]"#;
        assert_eq!(switch(unreached), Switch::On, "nobody gets as far as that rule");
    }

    #[test]
    fn a_feature_of_the_list_is_on_for_those_at_most_who_have_its_parents() {
        let listed = |prerequisites: &str| {
            let json = format!(
                r#"{{"features": [{{"id": "a", "defaultValue": "true", {prerequisites}
                    "environments": {{"production": {{"enabled": true, "rules": []}}}}}}]}}"#
            );
            let flag = all(&json, None).expect(&json).flags.remove(0);
            (flag.switch, flag.reachable)
        };
        for none in ["", r#""prerequisites": [],"#, r#""prerequisites": null,"#] {
            assert_eq!(listed(none), (Switch::On, Some(true)), "{none}");
        }
        for some in [r#""prerequisites": ["parent"],"#, r#""prerequisites": [{"id": "parent"}],"#] {
            assert_eq!(listed(some), (Switch::Off, Some(true)), "{some}");
        }
    }

    #[test]
    fn an_encrypted_payload_and_another_shape_are_no_answer() {
        let reason = |json: &str| all(json, None).expect_err(json).reason;
        assert_eq!(reason(r#"{"features": {}, "encryptedFeatures": "x"}"#), "its features are encrypted");
        assert_eq!(reason("{}"), "it has no `features`");
        assert!(reason("[1]").starts_with("it is not what GrowthBook writes"), "{}", reason("[1]"));
        assert!(reason("{\"features\": {").contains("EOF"), "{}", reason("{\"features\": {"));
        let deep = format!(r#"{{"features": {}1{}}}"#, "[".repeat(100_000), "]".repeat(100_000));
        assert!(all(&deep, None).is_err());
    }

    proptest! {
        #[test]
        fn no_input_is_too_odd(json in "[\\[\\]{}:,\"a-z0-9. ]{0,60}", text in ".{0,40}") {
            let _ = all(&json, None);
            let _ = all(&format!("{{\"features\": {{\"a\": {{\"defaultValue\": {json}}}}}}}"), Some(&text));
        }
    }
}

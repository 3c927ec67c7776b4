//! LaunchDarkly's flags: the list of the REST API (`/api/v2/flags/PROJECT`: a setting for each environment, page after
//! page) and what its server-side SDKs and the relay get (`/sdk/latest-all`: one environment, flags by key).
//!
//! A boolean flag is on for those who get true. Any other flag is on for those who get another variation than the one
//! it hands out when it is switched off.

use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::feature_flag::{
    Flag, Flags, Members, Reach, Served, Switch, listed, milliseconds, named, not_too_many, served, the_environment,
};
use super::output::printable;
use super::place::{Place, page};
use crate::model::fact::Unmeasurable;
use crate::model::number::Number;
use crate::witness::Witness;

/// More pages than anybody has: 100 flags on each.
const MAX_PAGES: usize = 1_000;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Answer {
    items: Option<Vec<Listed>>,
    flags: Option<Members<Config>>,
    total_count: Option<u64>,
    #[serde(rename = "_links")]
    links: Option<Links>,
}

#[derive(Deserialize)]
struct Links {
    next: Option<Link>,
}

#[derive(Deserialize)]
struct Link {
    href: String,
}

/// A flag of the REST API.
#[derive(Deserialize)]
struct Listed {
    key: String,
    kind: Option<String>,
    #[serde(default)]
    archived: Option<bool>,
    deprecated: Option<bool>,
    #[serde(default)]
    variations: Vec<Variation>,
    environments: Option<Members<Config>>,
}

#[derive(Deserialize)]
struct Variation {
    value: Box<RawValue>,
}

/// A flag in one environment.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Config {
    on: Option<bool>,
    #[serde(default)]
    deleted: Option<bool>,
    fallthrough: Option<Outcome>,
    off_variation: Option<usize>,
    rules: Option<Vec<Outcome>>,
    targets: Option<Vec<Target>>,
    context_targets: Option<Vec<Target>>,
    prerequisites: Option<Vec<IgnoredAny>>,
    last_modified: Option<u64>,
    /// What the SDKs get has the values here.
    variations: Option<Vec<Box<RawValue>>>,
    /// What the REST API says in place of rules and targets, unless asked with `summary=0`.
    #[serde(rename = "_summary")]
    summary: Option<Summary>,
}

#[derive(Deserialize, Clone)]
struct Outcome {
    variation: Option<usize>,
    rollout: Option<Rollout>,
}

#[derive(Deserialize, Clone)]
struct Rollout {
    variations: Vec<Weight>,
}

#[derive(Deserialize, Clone)]
struct Weight {
    variation: usize,
    weight: u64,
}

#[derive(Deserialize)]
struct Target {
    variation: usize,
    #[serde(default)]
    values: Vec<IgnoredAny>,
}

#[derive(Deserialize)]
struct Summary {
    variations: Members<VariationSummary>,
    #[serde(default)]
    prerequisites: u64,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct VariationSummary {
    #[serde(default)]
    rules: u64,
    #[serde(default)]
    targets: u64,
    #[serde(default)]
    context_targets: u64,
    #[serde(default)]
    is_fallthrough: bool,
    #[serde(default)]
    is_off: bool,
    rollout: Option<u64>,
}

/// Every flag that is not archived.
pub async fn flags(place: &Place, environment: Option<&str>, witness: &Witness) -> Result<Flags, Unmeasurable> {
    let mut pages = Pages::default();
    let mut content = place.json(witness).await?;
    let mut asked = Vec::new();
    loop {
        let answer: Answer = serde_json::from_slice(&content).map_err(|error| wrong(&error))?;
        let (total, next) = (answer.total_count, answer.links.and_then(|links| links.next));
        pages.read(answer.items, answer.flags)?;
        let seen = pages.listed.len() as u64;
        let Some(Link { href }) = next else {
            if total.is_some_and(|total| total > seen) {
                let total = total.unwrap_or_default();
                return Err(Unmeasurable::new(format!("it has {seen} of {total} flags"), "Export all of them."));
            }
            return pages.flags(environment);
        };
        let Place::Web(endpoint) = place else {
            return Err(Unmeasurable::new(
                format!("it is one page of several, with {seen} flags"),
                "Export all of them (`limit`, `offset`), or give the address in place of the file.",
            ));
        };
        if asked.len() >= MAX_PAGES || asked.contains(&href) {
            let help = "Look at the answers in the evidence.";
            return Err(Unmeasurable::new("it lists its flags in pages that never end", help));
        }
        let mut request = endpoint.get_itself();
        request.url = beside(&endpoint.url, &href)?;
        content = page(&witness.http(request).await?, place.name())?;
        asked.push(href);
    }
}

/// The next page's address. It names a path and no other server, which would get our token.
fn beside(url: &str, href: &str) -> Result<String, Unmeasurable> {
    let elsewhere = || Unmeasurable::new("its next page is on another server", "Look at the answer in the evidence.");
    let start = url.find("://").map(|at| at + 3).ok_or_else(elsewhere)?;
    let end = url.get(start..).and_then(|rest| rest.find(['/', '?', '#'])).map_or(url.len(), |at| at + start);
    // Where the server itself is given by a placeholder, it would be filled in twice.
    let ours = href.starts_with('/') && !href.starts_with("//") && !href.contains(['\\', '$']);
    if ours { Ok(format!("{}{href}", url.get(..end).unwrap_or(url))) } else { Err(elsewhere()) }
}

/// What the pages have. Which environment is meant is known with the last of them only: one page may have another than
/// the next.
#[derive(Default)]
struct Pages {
    /// Archived ones included.
    listed: Vec<Listed>,
    by_key: Vec<(String, Config)>,
}

impl Pages {
    /// Adds what one answer has.
    fn read(&mut self, items: Option<Vec<Listed>>, by_key: Option<Members<Config>>) -> Result<(), Unmeasurable> {
        match (items, by_key) {
            (Some(items), _) => self.listed.extend(items),
            (None, Some(by_key)) => self.by_key.extend(by_key.0),
            (None, None) => return Err(Unmeasurable::new("it has neither `items` nor `flags`", HELP)),
        }
        not_too_many(self.listed.len().max(self.by_key.len()))
    }

    /// The flags of all pages.
    fn flags(self, asked: Option<&str>) -> Result<Flags, Unmeasurable> {
        let mut flags = Flags::default();
        if !self.listed.is_empty() {
            let each = self.listed.iter().flat_map(|flag| flag.environments.iter().flat_map(|all| &all.0));
            let environment = the_environment(each.map(|(name, _)| name.as_str()), asked, (CORRECT, HELP))?;
            let (archived, kept): (Vec<Listed>, Vec<Listed>) =
                self.listed.into_iter().partition(|one| one.archived == Some(true));
            flags.flags.extend(kept.into_iter().map(|flag| from_list(flag, &environment)));
            if !archived.is_empty() {
                let names = listed(archived.iter().map(|flag| flag.key.as_str()));
                flags.notes.push(format!("Archived flags are left out: {names}."));
            }
        }
        for (name, config) in self.by_key.iter().filter(|(_, config)| config.deleted != Some(true)) {
            let values: Vec<Served> = config.variations.iter().flatten().map(|value| served(value)).collect();
            flags.flags.push(decided(name, config, &values));
        }
        flags.checked()
    }
}

const CORRECT: &str = "Correct `environment:`, or the `env` in the address.";
const HELP: &str = "Give LaunchDarkly's answer to `/api/v2/flags/PROJECT?env=ENVIRONMENT&summary=0`.";

fn wrong(error: &serde_json::Error) -> Unmeasurable {
    let what = printable(&error.to_string(), 200);
    Unmeasurable::new(format!("it is not what LaunchDarkly writes: {what}"), HELP)
}

fn from_list(flag: Listed, environment: &str) -> Flag {
    let name = flag.key;
    let values: Vec<Served> = flag.variations.iter().map(|variation| served(&variation.value)).collect();
    let settings = flag.environments.map(|all| all.0).unwrap_or_default();
    let setting = settings.iter().find(|(one, _)| one == environment);
    let changed = setting.and_then(|(_, config)| config.last_modified).and_then(milliseconds);
    let decided = match setting {
        Some((_, config)) => decided(&name, config, &values),
        None => {
            let why = format!("{} has no setting for the environment {}", named(&name), named(environment));
            Flag::new(name, Switch::Unknown(why))
        }
    };
    Flag { kind: flag.kind, stale: Some(flag.deprecated == Some(true)), changed, ..decided }
}

/// Whom a flag gives something that is on, and whom not.
#[derive(Default)]
struct Given {
    on: bool,
    off: bool,
}

fn decided(name: &str, config: &Config, values: &[Served]) -> Flag {
    let unknown = |why: &str| Flag::new(name, Switch::Unknown(format!("it is not said {why} {}", named(name))));
    let own_default = || {
        let why = format!("{} has no variation for when it is off: the program takes its own default", named(name));
        Flag::new(name, Switch::Unknown(why))
    };
    let off_variation = config.off_variation.or_else(|| config.summary.as_ref().and_then(Summary::off));
    let boolean = !values.is_empty() && values.iter().all(|value| matches!(value, Served::Flag(_)));
    let gives = |variation: usize| match values.get(variation) {
        Some(Served::Flag(flag)) if boolean => *flag,
        _ => Some(variation) != off_variation,
    };
    match config.on {
        None => return unknown("whether there is targeting for"),
        // Switched off it still hands out a value, and that may be true.
        Some(false) if boolean && off_variation.is_none() => return own_default(),
        Some(false) => {
            let all = boolean && off_variation.is_some_and(gives);
            return Flag::reaching(name, if all { Reach::All } else { Reach::Nobody });
        }
        Some(true) => {}
    }
    let Some(fallthrough) =
        config.fallthrough.clone().or_else(|| config.summary.as_ref().and_then(Summary::fallthrough))
    else {
        return unknown("what everybody gets of");
    };
    let mut given = Given::default();
    let share = given.add(&fallthrough, &gives);
    let Some(share) = share else { return unknown("what everybody gets of") };
    match (&config.rules, &config.summary) {
        (Some(rules), _) => rules.iter().for_each(|rule| drop(given.add(rule, &gives))),
        (None, Some(_)) => {}
        (None, None) => return unknown("which rules there are for"),
    }
    let targets = config.targets.iter().chain(&config.context_targets).flatten();
    for target in targets.filter(|target| !target.values.is_empty()) {
        given.one(target.variation, &gives);
    }
    let mut conditional = config.prerequisites.as_ref().is_some_and(|all| !all.is_empty());
    if let Some(summary) = &config.summary {
        conditional |= summary.prerequisites > 0;
        for (variation, used) in &summary.variations.0 {
            let any = used.rules > 0 || used.targets > 0 || used.context_targets > 0;
            if let (true, Ok(variation)) = (any, variation.parse()) {
                given.one(variation, &gives);
            }
        }
    }
    // Who does not meet a prerequisite gets what everybody gets when the flag is off, and that may be true.
    match off_variation {
        Some(variation) if conditional => given.one(variation, &gives),
        None if conditional => given.off = true,
        _ => {}
    }
    let reach = match (given.on, given.off) {
        (true, false) => Reach::All,
        (true, true) => Reach::Some,
        (false, _) if boolean && conditional && off_variation.is_none() => return own_default(),
        (false, _) => Reach::Nobody,
    };
    let partial = fallthrough.rollout.is_some() && reach == Reach::Some;
    Flag { rollout: Some(share).filter(|_| partial), ..Flag::reaching(name, reach) }
}

impl Given {
    fn one(&mut self, variation: usize, gives: &dyn Fn(usize) -> bool) {
        if gives(variation) {
            self.on = true;
        } else {
            self.off = true;
        }
    }

    /// Adds what one outcome hands out; the share of those who get something that is on.
    fn add(&mut self, outcome: &Outcome, gives: &dyn Fn(usize) -> bool) -> Option<Number> {
        if let Some(variation) = outcome.variation {
            self.one(variation, gives);
            return Some(if gives(variation) { Number::one() } else { Number::zero() });
        }
        let weights = &outcome.rollout.as_ref()?.variations;
        let sum = |which: &dyn Fn(usize) -> bool| -> Number {
            weights.iter().filter(|one| which(one.variation)).map(|one| Number::from(one.weight)).sum()
        };
        for weight in weights.iter().filter(|one| one.weight > 0) {
            self.one(weight.variation, gives);
        }
        sum(gives).over(&sum(&|_| true))
    }
}

impl Summary {
    /// What everybody gets when the flag is off.
    fn off(&self) -> Option<usize> {
        self.variations.0.iter().find(|(_, used)| used.is_off).and_then(|(name, _)| name.parse().ok())
    }

    fn fallthrough(&self) -> Option<Outcome> {
        let each = self.variations.0.iter().filter_map(|(name, used)| Some((name.parse::<usize>().ok()?, used)));
        let found: Vec<(usize, &VariationSummary)> = each.filter(|(_, used)| used.is_fallthrough).collect();
        match found.as_slice() {
            [] => None,
            [(variation, used)] if used.rollout.is_none() => {
                Some(Outcome { variation: Some(*variation), rollout: None })
            }
            all => {
                let weight = |(variation, used): &(usize, &VariationSummary)| {
                    Some(Weight { variation: *variation, weight: used.rollout? })
                };
                let variations: Option<Vec<Weight>> = all.iter().map(weight).collect();
                Some(Outcome { variation: None, rollout: Some(Rollout { variations: variations? }) })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn all(json: &str, environment: Option<&str>) -> Result<Flags, Unmeasurable> {
        let answer: Answer = serde_json::from_str(json).map_err(|error| wrong(&error))?;
        let mut pages = Pages::default();
        pages.read(answer.items, answer.flags).and_then(|()| pages.flags(environment))
    }

    fn flag(config: &str, values: &str) -> Flag {
        let json = format!(r#"{{"flags": {{"a": {{"variations": {values}, {config}}}}}}}"#);
        all(&json, None).expect(&json).flags.remove(0)
    }

    #[test]
    fn a_flag_is_on_for_those_who_get_true() {
        let bools = "[true, false]";
        for (config, values, expected) in [
            (r#""on": true, "rules": [], "fallthrough": {"variation": 0}, "offVariation": 1"#, bools, Reach::All),
            (r#""on": true, "rules": [], "fallthrough": {"variation": 1}, "offVariation": 1"#, bools, Reach::Nobody),
            (r#""on": false, "rules": [], "fallthrough": {"variation": 0}, "offVariation": 1"#, bools, Reach::Nobody),
            // The trap: switched off, and everybody gets true.
            (r#""on": false, "rules": [], "fallthrough": {"variation": 1}, "offVariation": 0"#, bools, Reach::All),
            (
                r#""on": true, "rules": [], "fallthrough": {"variation": 1},
                   "targets": [{"variation": 0, "values": ["u"]}]"#,
                bools,
                Reach::Some,
            ),
            (
                r#""on": true, "rules": [], "fallthrough": {"variation": 1}, "targets": [{"variation": 0, "values": []}]"#,
                bools,
                Reach::Nobody,
            ),
            (r#""on": true, "rules": [{"variation": 0}], "fallthrough": {"variation": 1}"#, bools, Reach::Some),
            (
                r#""on": true, "rules": [], "prerequisites": [{"key": "b"}], "fallthrough": {"variation": 0}"#,
                bools,
                Reach::Some,
            ),
            // The trap: whoever misses the prerequisite gets true.
            (
                r#""on": true, "rules": [], "prerequisites": [{"key": "b"}], "fallthrough": {"variation": 1},
                   "offVariation": 0"#,
                bools,
                Reach::Some,
            ),
            (
                r#""on": true, "rules": [], "prerequisites": [{"key": "b"}], "fallthrough": {"variation": 0},
                   "offVariation": 0"#,
                bools,
                Reach::All,
            ),
            // The same where a summary stands in place of the rules.
            (
                r#""on": true, "_summary": {"prerequisites": 1, "variations": {"0": {"isOff": true},
                   "1": {"isFallthrough": true}}}"#,
                bools,
                Reach::Some,
            ),
            (r#""on": false, "_summary": {"variations": {"0": {"isOff": true}}}"#, bools, Reach::All),
            (
                r#""on": true, "rules": [], "fallthrough": {"variation": 2}, "offVariation": 0"#,
                r#"["red", "green", 9007199254740993]"#,
                Reach::All,
            ),
        ] {
            let flag = flag(config, values);
            let reach = match (flag.switch, flag.reachable) {
                (Switch::On, _) => Reach::All,
                (_, Some(true)) => Reach::Some,
                _ => Reach::Nobody,
            };
            assert_eq!(reach, expected, "{config}");
        }
    }

    #[test]
    fn a_rollout_has_its_exact_share() {
        let config = r#""on": true, "rules": [], "fallthrough": {"rollout": {"variations": [
            {"variation": 0, "weight": 33333}, {"variation": 1, "weight": 66667}]}}"#;
        let flag = flag(config, "[true, false]");
        assert_eq!(flag.rollout, Number::ratio(33_333, 100_000));
        assert_eq!((flag.switch, flag.staged), (Switch::Off, Some(true)));
    }

    #[test]
    fn what_the_answer_leaves_out_is_unknown() {
        for config in [
            r#""rules": []"#,
            r#""on": true, "rules": []"#,
            r#""on": true, "fallthrough": {"variation": 0}"#,
            r#""on": true, "rules": [], "fallthrough": {}"#,
            // Off, and without a variation for that: the program's own default, which may be true.
            r#""on": false, "rules": [], "fallthrough": {"variation": 1}, "offVariation": null"#,
            r#""on": false, "_summary": {"variations": {"0": {"isFallthrough": true}}}"#,
            r#""on": true, "rules": [], "prerequisites": [{"key": "b"}], "fallthrough": {"variation": 1}"#,
        ] {
            let flag = flag(config, "[true, false]");
            assert!(matches!(flag.switch, Switch::Unknown(_)), "{config}: {flag:?}");
        }
    }

    #[test]
    fn the_next_page_is_never_on_another_server() {
        let url = "https://h.example.com/api/v2/flags/p?env=e";
        assert_eq!(beside(url, "/api?offset=20").expect("ours"), "https://h.example.com/api?offset=20");
        for href in ["https://evil.example.com/", "//evil.example.com/", "api", "/\\evil", "/${secret:X}"] {
            assert!(beside(url, href).is_err(), "{href}");
        }
    }

    proptest! {
        #[test]
        fn no_input_is_too_odd(json in "[\\[\\]{}:,\"a-z0-9. ]{0,60}", weight in any::<u64>()) {
            let _ = all(&json, None);
            let _ = all(&format!("{{\"flags\": {{\"a\": {json}}}}}"), Some("e"));
            let rollout = format!(
                r#""on": true, "rules": [], "fallthrough": {{"rollout": {{"variations": [
                    {{"variation": 0, "weight": {weight}}}, {{"variation": {weight}, "weight": {weight}}}]}}}}"#
            );
            let _ = flag(&rollout, "[true, false]");
        }
    }
}

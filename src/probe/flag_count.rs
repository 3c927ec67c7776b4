//! Feature flags in a file: how many there are, which are on, and whether those that must be on or off are.
//!
//! A flag of which it cannot be told whether it is on is an error, and a flag that must be off and is not in the file is
//! no data: neither is "off".

mod flagd;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::condition::{Condition, Expectation};
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::source::jq::{Filter, JqProblem, Json};
use crate::source::output::about;
use crate::source::structured::{Format, to_json};
use crate::witness::Witness;

/// Feature flags: how many there are, which are on, and whether those that must be on or off are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FlagCount {
    /// A YAML, JSON or TOML file with flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// A file with flagd definitions.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flagd: Option<String>,
    /// With `file`: a jq filter that yields the flags, an object by name or a list of objects with a `name`, `key` or
    /// `id`. Without it, `.flags` where there is one, else the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<String>,
    /// With `file`: a jq filter that yields true for a flag that is on; it gets `{key, value}`. Without it, the value
    /// itself or its `enabled`, `on`, `active` or `state`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<String>,
    /// With `file`: a jq filter that yields true for a flag that is staged for later; it gets `{key, value}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged: Option<String>,
    /// Flags that must be on.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_be_on: Vec<String>,
    /// Flags that must be off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_be_off: Vec<String>,
}

/// One flag.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Flag {
    name: String,
    enabled: bool,
    staged: bool,
    /// Can it be on for anybody? A rollout to some is not off.
    reachable: bool,
}

/// What `enabled` is when it is not given.
const DEFAULT_ENABLED: &str = r#".value | if type == "boolean" then .
    elif type == "object" then
        if (.enabled | type) == "boolean" then .enabled
        elif (.on | type) == "boolean" then .on
        elif (.active | type) == "boolean" then .active
        elif (.state | type) == "string" then
            (.state | ascii_downcase | if . == "enabled" or . == "on" then true
                elif . == "disabled" or . == "off" then false else null end)
        else null end
    else null end"#;
/// What `flags` is when it is not given.
const DEFAULT_FLAGS: &str = r#"if type == "object" and (.flags | type) == "object" then .flags
    elif type == "object" and (.flags | type) == "array" then .flags else . end"#;

impl Kind for FlagCount {
    const NAME: &'static str = "flag-count";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Flags"),
        FactSpec::new("enabled", FactType::Count, "Flags that are on"),
        FactSpec::new("disabled", FactType::Count, "Flags that are off"),
        FactSpec::new("staged", FactType::Count, "Flags that are staged: rolled out in part, or planned"),
        FactSpec::new("on", FactType::List, "Names of the flags that are on"),
        FactSpec::new("off", FactType::List, "Names of the flags that are off"),
        FactSpec::new("forbidden-on", FactType::Count, "Flags of `must-be-off` that are on for anybody").lower(),
        FactSpec::new("required-off", FactType::Count, "Flags of `must-be-on` that are off").lower(),
    ];
    const EXAMPLE: &'static str = "{file: config/feature_flags.yaml, flags: .flags, enabled: .value.enabled, \
                                   must-be-off: [maintenance_mode]}";
    const SOURCES: &'static [&'static str] = &["file", "flagd"];

    fn source(&self) -> Option<&'static str> {
        if self.flagd.is_some() { Some("flagd") } else { self.file.as_ref().map(|_| "file") }
    }

    fn implied(&self) -> Vec<Expectation> {
        let lists = [("forbidden-on", &self.must_be_off), ("required-off", &self.must_be_on)];
        let given = lists.into_iter().filter(|(_, list)| !list.is_empty());
        given
            .filter_map(|(fact, _)| {
                Condition::parse("== 0").ok().map(|condition| Expectation { fact: fact.to_owned(), condition })
            })
            .collect()
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        match (&self.file, &self.flagd) {
            (None, None) => say("no source is given".to_owned(), "give `file:` or `flagd:`"),
            (Some(_), Some(_)) => say("both `file` and `flagd` are given".to_owned(), "keep one"),
            (Some(file), None) if Format::of(file).is_none() => {
                say(
                    format!("\"{file}\" is neither YAML nor JSON nor TOML by its name"),
                    "name a .yaml, .json or .toml file",
                );
            }
            _ => {}
        }
        let filters = [&self.flags, &self.enabled, &self.staged];
        if self.flagd.is_some() && filters.iter().any(|filter| filter.is_some()) {
            say("`flags`, `enabled` and `staged` belong to `file`".to_owned(), "leave them out: flagd says it itself");
        }
        let both: Vec<_> = self.must_be_on.iter().filter(|name| self.must_be_off.contains(name)).collect();
        if let Some(name) = both.first() {
            say(format!("\"{name}\" must be on and off"), "keep it in one of `must-be-on` and `must-be-off`");
        }
        for filter in filters.into_iter().flatten() {
            if let Err(problem) = Filter::compile(filter) {
                problems.push((problem.message, problem.help));
            }
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let nothing = || Unmeasurable::new("no source is given", "Give `file:` or `flagd:`.");
        let path = self.file.as_ref().or(self.flagd.as_ref()).ok_or_else(nothing)?;
        let mut content = witness.read(path).await?;
        let mut bytes = Vec::new();
        std::io::Read::read_to_end(&mut content.reader, &mut bytes)
            .map_err(|error| Unmeasurable::new(format!("it cannot be read: {error}"), "Check the file."))
            .and_then(|_| to_json(&bytes, Format::of(path).unwrap_or(Format::Json)))
            .and_then(|json| if self.flagd.is_some() { flagd::flags(&json) } else { self.flags(&json) })
            .map(|flags| self.facts(&flags))
            .map_err(|error| about(path, &error))
    }
}

impl FlagCount {
    fn flags(&self, json: &[u8]) -> Result<Vec<Flag>, Unmeasurable> {
        let default = |filter: &Option<String>, default: &str| filter.clone().unwrap_or_else(|| default.to_owned());
        let (flags, enabled) = (default(&self.flags, DEFAULT_FLAGS), default(&self.enabled, DEFAULT_ENABLED));
        let staged = default(&self.staged, "false");
        // A line break ends a comment that a filter may end in.
        let filter = format!(
            "({flags}\n) | if type == \"object\" then to_entries elif type == \"array\" then \
             map({{key: (if type == \"object\" then (.name // .key // .id) else . end), value: .}}) \
             else error(\"flags: \" + type) end \
             | .[] | {{key, enabled: [{enabled}\n], staged: [{staged}\n]}}"
        );
        let run = Filter::compile(&filter).and_then(|filter| filter.run(json, usize::MAX));
        run.map_err(no_flags)?.iter().map(flag).collect()
    }

    fn facts(&self, flags: &[Flag]) -> Facts {
        let mut facts = Facts::default();
        let names = |on: bool| flags.iter().filter(|flag| flag.enabled == on).map(|flag| flag.name.clone()).collect();
        let (on, off): (Vec<String>, Vec<String>) = (names(true), names(false));
        facts.set("total", Value::count(flags.len()));
        facts.set("enabled", Value::count(on.len()));
        facts.set("disabled", Value::count(off.len()));
        if self.staged.is_some() || self.flagd.is_some() {
            facts.set("staged", Value::count(flags.iter().filter(|flag| flag.staged).count()));
        } else {
            facts.absent("staged", "no `staged:` filter says which flags are");
        }
        facts.set("on", Value::List(on));
        facts.set("off", Value::List(off));
        let mut names = BTreeSet::new();
        if let Some(twice) = flags.iter().find(|flag| !names.insert(&flag.name)) {
            facts.note(format!("\"{}\" is in the file more than once; each is counted.", twice.name));
        }
        held(&mut facts, "forbidden-on", "must-be-off", &self.must_be_off, flags, |flag| flag.reachable);
        held(&mut facts, "required-off", "must-be-on", &self.must_be_on, flags, |flag| !flag.enabled);
        facts
    }
}

/// How many of the listed flags are wrong. One that the file does not have leaves the count absent, unless another is
/// known to be wrong, which is bad enough.
fn held(facts: &mut Facts, fact: &str, option: &str, list: &[String], flags: &[Flag], wrong: fn(&Flag) -> bool) {
    if list.is_empty() {
        return facts.absent(fact, format!("no `{option}:` is given"));
    }
    let known = |name: &&String| flags.iter().any(|flag| flag.name == **name);
    let unknown: Vec<String> = list.iter().filter(|name| !known(name)).map(|name| format!("\"{name}\"")).collect();
    let is_wrong = |name: &&String| flags.iter().any(|flag| flag.name == **name && wrong(flag));
    let broken: Vec<String> = list.iter().filter(is_wrong).map(|name| format!("\"{name}\"")).collect();
    if !unknown.is_empty() {
        facts.note(format!("`{option}` names {}, which the file does not have.", unknown.join(", ")));
    }
    if !broken.is_empty() {
        facts.note(format!("Of `{option}`, not so: {}.", broken.join(", ")));
    }
    if broken.is_empty() && !unknown.is_empty() {
        facts.absent(fact, format!("there is no flag {}", unknown.join(", ")));
    } else {
        facts.set(fact, Value::count(broken.len()));
    }
}

fn no_flags(problem: JqProblem) -> Unmeasurable {
    Unmeasurable::new(format!("it has no flags where they were looked for: {}", problem.message), problem.help)
}

fn flag(entry: &Json) -> Result<Flag, Unmeasurable> {
    let name = entry.get("key").and_then(Json::to_text);
    let help = "Let `flags:` yield an object by name, or objects with a `name`.";
    let name = name.ok_or_else(|| Unmeasurable::new("a flag has no name", help))?;
    let enabled = decided(entry.get("enabled"), &name, "enabled")?;
    let staged = decided(entry.get("staged"), &name, "staged")?;
    Ok(Flag { reachable: enabled, name, enabled, staged })
}

/// Exactly one true or false. A missing `staged` is false: most files mark only those that are.
fn decided(yielded: Option<&Json>, name: &str, option: &str) -> Result<bool, Unmeasurable> {
    match yielded {
        Some(Json::List(values)) => match values.as_slice() {
            [Json::Flag(flag)] => Ok(*flag),
            [Json::Null] | [] if option == "staged" => Ok(false),
            [other] => Err(undecided(name, option, other.what())),
            values => Err(undecided(name, option, &format!("{} values", values.len()))),
        },
        _ => Err(undecided(name, option, "nothing")),
    }
}

fn undecided(name: &str, option: &str, what: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("it cannot be told whether \"{name}\" is {option}: the filter yields {what}"),
        format!("Give `{option}:` a jq filter that yields true or false, such as `.value.{option} == true`."),
    )
}

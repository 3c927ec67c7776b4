//! flagd's flag definitions (https://flagd.dev/reference/flag-definitions/): state, variants, default variant, targeting.

use super::feature_flag::{Flag, Flags, Switch, named};
use super::jq::{Filter, Json};
use crate::model::fact::Unmeasurable;

/// What a rule can refer to is not looked for deeper than this.
const MAX_DEPTH: usize = 32;

/// Where such a file has what is read.
pub const FILTER: &str = r#"[.flags, ."$evaluators"]"#;

/// Each flag of the file: on when its state is `ENABLED`, its default variant is not `false`, and its targeting, if it has
/// any, cannot hand out a variant that is; staged when its targeting hands out variants by fraction. Where a variant is
/// neither true nor false, nobody can tell which of them is "off": that is a setting.
pub fn flags(json: &[u8]) -> Result<Flags, Unmeasurable> {
    let found = Filter::compile(FILTER).and_then(|filter| filter.first(json));
    let found = match found.map_err(|problem| Unmeasurable::new(problem.message, problem.help))? {
        Some(Json::List(found)) => found,
        _ => Vec::new(),
    };
    let (Some(Json::Object(flags)), Some(shared)) = (found.first(), found.get(1)) else {
        return Err(wrong("it has no object `flags`"));
    };
    let flags: Result<Vec<Flag>, Unmeasurable> =
        flags.iter().map(|(name, definition)| flag(name, definition, shared)).collect();
    Flags { flags: flags?, ..Flags::default() }.checked()
}

fn flag(name: &str, definition: &Json, shared: &Json) -> Result<Flag, Unmeasurable> {
    let live = match definition.get("state") {
        Some(Json::Text(state)) if state == "ENABLED" => true,
        Some(Json::Text(state)) if state == "DISABLED" => false,
        _ => return Err(wrong(format!("the state of {} is neither ENABLED nor DISABLED", named(name)))),
    };
    let default = match definition.get("defaultVariant") {
        None | Some(Json::Null) => None,
        Some(Json::Text(variant)) => Some(variant),
        Some(other) => return Err(wrong(format!("the defaultVariant of {} is {}", named(name), other.what()))),
    };
    let value = match default {
        None => None,
        Some(variant) => {
            let value = definition.get("variants").and_then(|variants| variants.get(variant));
            Some(
                value
                    .ok_or_else(|| wrong(format!("{} has no variant {}, its default", named(name), named(variant))))?,
            )
        }
    };
    let targeting = definition.get("targeting").filter(|rules| !matches!(rules, Json::Null | Json::Flag(false)));
    let targeted = targeting.is_some_and(|rules| !matches!(rules, Json::Object(members) if members.is_empty()));
    let variants = match definition.get("variants") {
        Some(Json::Object(variants)) => Some(variants),
        _ => None,
    };
    let staged = Some(live && targeting.is_some_and(|rules| fractional(rules, shared, 0)));
    let mut values = variants.into_iter().flat_map(|variants| variants.iter().map(|(_, value)| value));
    if let Some(odd) = values.clone().find(|value| !matches!(value, Json::Flag(_))).filter(|_| live) {
        return Ok(Flag { staged, ..Flag::new(name, Switch::Setting(odd.what())) });
    }
    let default = live && value.is_some_and(|value| *value != Json::Flag(false));
    let can_be_off = variants.is_none() || values.any(|value| *value == Json::Flag(false));
    // Without a default variant the program decides, and nobody can tell from here.
    let reachable = live && (default || targeted || value.is_none());
    let switch = if default && !(targeted && can_be_off) { Switch::On } else { Switch::Off };
    Ok(Flag { staged, reachable: Some(reachable), ..Flag::new(name, switch) })
}

/// Does a rule hand out variants by fraction, itself or through a rule that several flags share?
fn fractional(rules: &Json, shared: &Json, depth: usize) -> bool {
    let within = |inside: &Json| depth < MAX_DEPTH && fractional(inside, shared, depth + 1);
    match rules {
        Json::Object(members) => members.iter().any(|(operation, inside)| match (operation.as_str(), inside) {
            ("fractional", _) => true,
            ("$ref", Json::Text(name)) => shared.get(name).is_some_and(within),
            _ => within(inside),
        }),
        Json::List(items) => items.iter().any(within),
        _ => false,
    }
}

fn wrong(reason: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(reason, "Name a file with flagd flag definitions.")
}

//! flagd's flag definitions (https://flagd.dev/reference/flag-definitions/): state, variants, default variant, targeting.

use super::feature_flag::{Flag, Flags, Switch, named};
use super::jq::{Filter, Json};
use crate::model::fact::Unmeasurable;

/// Each flag of the file: on when its state is `ENABLED` and its default variant is not `false`, staged when its
/// targeting hands out variants by fraction.
pub fn flags(json: &[u8]) -> Result<Flags, Unmeasurable> {
    let found = Filter::compile(".flags").and_then(|filter| filter.first(json));
    let flags = match found.map_err(|problem| Unmeasurable::new(problem.message, problem.help))? {
        Some(Json::Object(flags)) => flags,
        _ => return Err(wrong("it has no object `flags`")),
    };
    let flags: Result<Vec<Flag>, Unmeasurable> =
        flags.iter().map(|(name, definition)| flag(name, definition)).collect();
    Flags { flags: flags?, ..Flags::default() }.checked()
}

fn flag(name: &str, definition: &Json) -> Result<Flag, Unmeasurable> {
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
    let enabled = live && value.is_some_and(|value| *value != Json::Flag(false));
    // Without a default variant the program decides, and nobody can tell from here.
    let reachable = live && (enabled || targeted || value.is_none());
    let switch = if enabled { Switch::On } else { Switch::Off };
    let staged = Some(live && targeting.is_some_and(fractional));
    Ok(Flag { staged, reachable: Some(reachable), ..Flag::new(name, switch) })
}

fn fractional(rules: &Json) -> bool {
    match rules {
        Json::Object(members) => {
            members.iter().any(|(operation, inside)| operation == "fractional" || fractional(inside))
        }
        Json::List(items) => items.iter().any(fractional),
        _ => false,
    }
}

fn wrong(reason: impl Into<String>) -> Unmeasurable {
    Unmeasurable::new(reason, "Name a file with flagd flag definitions.")
}

//! flagd's flag definitions (https://flagd.dev/reference/flag-definitions/): state, variants, default variant, targeting.

use super::Flag;
use crate::model::fact::Unmeasurable;
use crate::source::jq::{Filter, Json};

/// Each flag of the file: on when its state is `ENABLED` and its default variant is not `false`, staged when its
/// targeting hands out variants by fraction.
pub(super) fn flags(json: &[u8]) -> Result<Vec<Flag>, Unmeasurable> {
    let found = Filter::compile(".flags").and_then(|filter| filter.first(json));
    match found.map_err(|problem| Unmeasurable::new(problem.message, problem.help))? {
        Some(Json::Object(flags)) => flags.iter().map(|(name, definition)| flag(name, definition)).collect(),
        _ => Err(wrong("it has no object `flags`")),
    }
}

fn flag(name: &str, definition: &Json) -> Result<Flag, Unmeasurable> {
    let live = match definition.get("state") {
        Some(Json::Text(state)) if state == "ENABLED" => true,
        Some(Json::Text(state)) if state == "DISABLED" => false,
        _ => return Err(wrong(format!("the state of \"{name}\" is neither ENABLED nor DISABLED"))),
    };
    let default = match definition.get("defaultVariant") {
        None | Some(Json::Null) => None,
        Some(Json::Text(variant)) => Some(variant),
        Some(other) => return Err(wrong(format!("the defaultVariant of \"{name}\" is {}", other.what()))),
    };
    let value = match default {
        None => None,
        Some(variant) => {
            let value = definition.get("variants").and_then(|variants| variants.get(variant));
            Some(value.ok_or_else(|| wrong(format!("\"{name}\" has no variant \"{variant}\", its default")))?)
        }
    };
    let targeting = definition.get("targeting").filter(|rules| !matches!(rules, Json::Null | Json::Flag(false)));
    let targeted = targeting.is_some_and(|rules| !matches!(rules, Json::Object(members) if members.is_empty()));
    let enabled = live && value.is_some_and(|value| *value != Json::Flag(false));
    // Without a default variant the program decides, and nobody can tell from here.
    let reachable = live && (enabled || targeted || value.is_none());
    Ok(Flag { name: name.to_owned(), enabled, staged: live && targeting.is_some_and(fractional), reachable })
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

//! Flags in a file of any shape: jq filters say where they are and what they are.

use super::FlagCount;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::source::feature_flag::{Flag, Flags, Switch, named};
use crate::source::jq::{Filter, JqProblem, Json};

/// What `enabled` is when it is not given. A text says why it cannot be told: keys that contradict each other, or one that
/// may keep the flag from some, for which nobody gave `staged`.
const DEFAULT_ENABLED: &str = r#".value | if type == "boolean" then .
    elif type == "object" then . as $flag
        | [(.enabled, .on, .active | select(type == "boolean")),
            (.state | select(type == "string") | ascii_downcase | if . == "enabled" or . == "on" then true
                elif . == "disabled" or . == "off" then false else empty end)]
        | unique
        | if length > 1 then "its keys contradict each other"
            elif . == [true] and $ask then [$flag | to_entries[] | .key as $key
                | select(["rollout", "rollout_percentage", "rollout-percentage", "rolloutPercentage",
                    "rollout_percent", "rollout-percent", "rolloutPercent", "percentage", "percent", "strategies",
                    "rules", "targeting", "segments", "conditions", "constraints"] | any(. == $key))
                | select(.value | . != null and . != false and . != [] and . != {} and . != "" and . != 100
                    and . != "100%" and . != "100") | .key]
                | if length == 0 then true else "by its `" + .[0] + "` it may be on for some only" end
            else .[0] end
    else null end"#;
/// What `flags` is when it is not given.
const DEFAULT_FLAGS: &str = r#"if type == "object" and (.flags | type) == "object" then .flags
    elif type == "object" and (.flags | type) == "array" then .flags else . end"#;

/// The filters as one.
pub(super) fn filter(options: &FlagCount) -> String {
    let or = |filter: &Option<String>, default: &str| filter.clone().unwrap_or_else(|| default.to_owned());
    let (flags, enabled) = (or(&options.flags, DEFAULT_FLAGS), or(&options.enabled, DEFAULT_ENABLED));
    let (staged, stale) = (or(&options.staged, "false"), or(&options.stale, "false"));
    let changed = or(&options.changed, "null");
    let ask = options.staged.is_none();
    // A line break ends a comment that a filter may end in.
    format!(
        "{ask} as $ask | ({flags}\n) | if type == \"object\" then to_entries elif type == \"array\" then \
         map({{key: (if type == \"object\" then (.name // .key // .id) else . end), value: .}}) \
         else error(\"flags: \" + type) end \
         | .[] | {{key, enabled: [{enabled}\n], staged: [{staged}\n], stale: [{stale}\n], changed: [{changed}\n]}}"
    )
}

/// Every flag that the filters yield.
pub(super) fn flags(options: &FlagCount, filter: &str, json: &[u8]) -> Result<Flags, Unmeasurable> {
    let run = Filter::compile(filter).and_then(|filter| filter.run(json, usize::MAX));
    let flags: Result<Vec<Flag>, Unmeasurable> =
        run.map_err(no_flags)?.iter().map(|entry| flag(options, entry)).collect();
    Flags { flags: flags?, ..Flags::default() }.checked()
}

fn no_flags(problem: JqProblem) -> Unmeasurable {
    Unmeasurable::new(format!("it has no flags where they were looked for: {}", problem.message), problem.help)
}

fn flag(options: &FlagCount, entry: &Json) -> Result<Flag, Unmeasurable> {
    let name = entry.get("key").and_then(Json::to_text);
    let help = "Let `flags:` yield an object by name, or objects with a `name`.";
    let name = name.ok_or_else(|| Unmeasurable::new("a flag has no name", help))?;
    let enabled = match entry.get("enabled") {
        Some(Json::List(values)) if options.enabled.is_none() => match values.as_slice() {
            [Json::Text(why)] => return Err(untold(&name, why)),
            _ => decided(entry.get("enabled"), &name, "enabled")?,
        },
        yielded => decided(yielded, &name, "enabled")?,
    };
    let staged = decided(entry.get("staged"), &name, "staged")?;
    let stale = decided(entry.get("stale"), &name, "stale")?;
    let changed = changed(entry.get("changed"), &name)?;
    let switch = if enabled { Switch::On } else { Switch::Off };
    Ok(Flag {
        staged: options.staged.as_ref().map(|_| staged),
        stale: options.stale.as_ref().map(|_| stale),
        changed,
        // Rolled out in part, it is on for some only.
        withheld: Some(!enabled || (staged && options.staged.is_some())),
        ..Flag::new(name, switch)
    })
}

fn untold(name: &str, why: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("it cannot be told whether {} is enabled for everybody: {why}", named(name)),
        "Give `enabled:` a jq filter that yields true for a flag that everybody gets, such as `.value.enabled and \
         .value.rollout == 100`, or `staged:` one for those that are rolled out in part.",
    )
}

/// Exactly one true or false. A missing `staged` or `stale` is false: most files mark only those that are.
fn decided(yielded: Option<&Json>, name: &str, option: &str) -> Result<bool, Unmeasurable> {
    match yielded {
        Some(Json::List(values)) => match values.as_slice() {
            [Json::Flag(flag)] => Ok(*flag),
            [Json::Null] | [] if option != "enabled" => Ok(false),
            [other] => Err(undecided(name, option, other.what())),
            values => Err(undecided(name, option, &format!("{} values", values.len()))),
        },
        _ => Err(undecided(name, option, "nothing")),
    }
}

fn undecided(name: &str, option: &str, what: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("it cannot be told whether {} is {option}: the filter yields {what}", named(name)),
        format!("Give `{option}:` a jq filter that yields true or false, such as `.value.{option} == true`."),
    )
}

/// One time, or none.
fn changed(yielded: Option<&Json>, name: &str) -> Result<Option<Instant>, Unmeasurable> {
    let wrong = |what: &str| {
        Unmeasurable::new(
            format!("it cannot be told when {} was changed: the filter yields {what}", named(name)),
            "Give `changed:` a jq filter that yields a date, a time with its zone, or seconds since 1970.",
        )
    };
    let Some(Json::List(values)) = yielded else { return Ok(None) };
    match values.as_slice() {
        [] | [Json::Null] => Ok(None),
        [Json::Text(text)] => text.parse().map(Some).map_err(|_| wrong(&format!("{} and no time", named(text)))),
        [Json::Number(seconds)] => {
            let instant = seconds.floor().to_i64().and_then(Instant::from_seconds);
            instant.map(Some).ok_or_else(|| wrong("a number and no time"))
        }
        [other] => Err(wrong(other.what())),
        values => Err(wrong(&format!("{} values", values.len()))),
    }
}

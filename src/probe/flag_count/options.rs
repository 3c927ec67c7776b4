//! What is wrong with the options of `flag-count` that their types cannot say.

use super::{FlagCount, UnleashApi};
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::jq::Filter;
use crate::source::structured::Format;

/// The way out when there is no source.
pub(super) const SOURCE_HELP: &str =
    "give one of `file:`, `url:`, `flagd:`, `unleash:`, `ofrep:`, `growthbook:`, `launchdarkly:` and `env:`";

/// A lower-case fragment and a way out, each.
pub(super) fn problems(options: &FlagCount) -> Vec<(String, String)> {
    let mut problems = Vec::new();
    let sources = options.sources();
    match sources.as_slice() {
        [] => problems.push(("no source is given".to_owned(), SOURCE_HELP.to_owned())),
        [source] => misplaced(options, source, &mut problems),
        [first, .., last] if sources.len() == 2 => {
            problems.push((format!("both `{first}` and `{last}` are given"), "keep one".to_owned()));
        }
        many => problems.push((format!("{} sources are given", many.len()), "keep one".to_owned())),
    }
    if let Some(file) = options.file.as_ref().filter(|file| Format::of(file).is_none()) {
        problems.push((
            format!("\"{file}\" is neither YAML nor JSON nor TOML by its name"),
            "name a .yaml, .json or .toml file".to_owned(),
        ));
    }
    let endpoints = [&options.url, &options.unleash, &options.ofrep];
    problems.extend(endpoints.into_iter().flatten().flat_map(|endpoint| endpoint.problems()));
    let places = [&options.flagd, &options.growthbook, &options.launchdarkly];
    problems.extend(places.into_iter().flatten().flat_map(|place| place.problems()));
    variables(options, &mut problems);
    values(options, &mut problems);
    problems
}

/// Options that stand beside a source they do not belong to.
fn misplaced(options: &FlagCount, source: &str, problems: &mut Vec<(String, String)>) {
    const FILES: &[&str] = &["file", "url"];
    const ENVIRONMENTS: &[&str] = &["unleash", "growthbook", "launchdarkly"];
    for (name, given, homes) in [
        ("flags", options.flags.is_some(), FILES),
        ("enabled", options.enabled.is_some(), FILES),
        ("staged", options.staged.is_some(), FILES),
        ("stale", options.stale.is_some(), FILES),
        ("changed", options.changed.is_some(), FILES),
        ("api", options.api.is_some(), &["unleash"]),
        ("project", options.project.is_some(), &["unleash"]),
        ("environment", options.environment.is_some(), ENVIRONMENTS),
        ("context", !options.context.is_empty(), &["ofrep"]),
    ] {
        if given && !homes.contains(&source) {
            let homes: Vec<String> = homes.iter().map(|home| format!("`{home}`")).collect();
            let listed = match homes.as_slice() {
                [rest @ .., last] if !rest.is_empty() => format!("{} and {last}", rest.join(", ")),
                homes => homes.concat(),
            };
            problems.push((format!("`{name}` belongs to {listed}"), format!("leave it out beside `{source}`")));
        }
    }
    if options.api == Some(UnleashApi::Admin) && options.unleash.is_some() && options.environment.is_none() {
        let help = "add `environment: production`, or whichever is meant";
        problems.push(("`api: admin` knows all environments, and none is given".to_owned(), help.to_owned()));
    }
    let dated = matches!(source, "growthbook" | "launchdarkly") || options.changed.is_some();
    if options.stale_after.is_some() && !dated {
        let help = match source {
            "file" | "url" => "add a jq filter `changed:`",
            _ => "leave it out",
        };
        let message = format!("`stale-after` needs to know when a flag was changed, and `{source}` does not say");
        problems.push((message, help.to_owned()));
    }
}

fn variables(options: &FlagCount, problems: &mut Vec<(String, String)>) {
    let Some(variables) = &options.env else { return };
    if variables.prefix.is_none() && variables.names.is_empty() {
        let help = "write `env: {prefix: FEATURE_}` or `env: {names: [FEATURE_X]}`";
        problems.push(("no variable is named".to_owned(), help.to_owned()));
    }
    for name in variables.prefix.iter().chain(&variables.names) {
        let fits = !name.is_empty() && name.chars().all(|one| one.is_ascii_alphanumeric() || one == '_');
        if !fits {
            let help = "use letters, digits and underscores";
            problems.push((format!("\"{name}\" is not the name of a variable"), help.to_owned()));
        }
    }
}

fn values(options: &FlagCount, problems: &mut Vec<(String, String)>) {
    if let Some(after) = &options.stale_after {
        match parse_duration(after) {
            Ok(length) if length > Number::zero() => {}
            _ => problems.push((format!("\"{after}\" is no length of time"), "write `stale-after: 90d`".to_owned())),
        }
    }
    if let Some(name) = options.must_be_on.iter().find(|name| options.must_be_off.contains(name)) {
        problems.push((
            format!("\"{name}\" must be on and off"),
            "keep it in one of `must-be-on` and `must-be-off`".to_owned(),
        ));
    }
    let filters = [&options.flags, &options.enabled, &options.staged, &options.stale, &options.changed];
    for filter in filters.into_iter().flatten() {
        if let Err(problem) = Filter::compile(filter) {
            problems.push((problem.message, problem.help));
        }
    }
}

//! Unleash, over its client API (one look, with the strategies) and its admin API (page after page, and each flag that
//! is on once more, because the lists have no strategies).
//!
//! A flag is enabled per environment. The client API answers for the environment of the token; with a token for all of
//! them it answers 200 and mixes them, which is no answer.

use percent_encoding::{NON_ALPHANUMERIC, utf8_percent_encode};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;

use super::endpoint::Endpoint;
use super::feature_flag::{Flag, Flags, MAX_FLAGS, Members, Reach, Switch, answered, listed, named};
use crate::model::fact::Unmeasurable;
use crate::model::number::Number;
use crate::witness::{HttpAnswer, Witness};

/// Flags on a page of the admin API; more than 100 some versions refuse.
const PAGE: usize = 100;

/// Where Unleash is, and what is asked of it.
#[derive(Debug, Clone, Copy)]
pub struct Unleash<'a> {
    /// The server.
    pub endpoint: &'a Endpoint,
    /// Flags of this project alone.
    pub project: Option<&'a str>,
    /// The environment that is meant.
    pub environment: Option<&'a str>,
    /// Whom it is asked through.
    pub witness: &'a Witness,
}

#[derive(Deserialize)]
struct ClientAnswer {
    features: Vec<Feature>,
    query: Option<Query>,
}

#[derive(Deserialize)]
struct Query {
    environment: Option<String>,
}

/// A flag in one environment, as the client API has it.
#[derive(Deserialize)]
struct Feature {
    name: String,
    project: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    enabled: Option<bool>,
    stale: Option<bool>,
    strategies: Option<Vec<Strategy>>,
    #[serde(default)]
    dependencies: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Strategy {
    #[serde(default)]
    name: String,
    #[serde(default)]
    disabled: Option<bool>,
    #[serde(default)]
    parameters: Option<Members<Box<RawValue>>>,
    #[serde(default)]
    constraints: Option<Vec<IgnoredAny>>,
    #[serde(default)]
    segments: Option<Vec<IgnoredAny>>,
}

/// A page of the admin API; the older list of a project has no `total`.
#[derive(Deserialize)]
struct Page {
    features: Vec<Listed>,
    total: Option<u64>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Listed {
    name: String,
    project: Option<String>,
    #[serde(rename = "type")]
    kind: Option<String>,
    stale: Option<bool>,
    archived_at: Option<String>,
    environments: Option<Vec<Setting>>,
    #[serde(default)]
    dependencies: Option<Vec<IgnoredAny>>,
}

/// A flag in one environment, as the admin API has it.
#[derive(Deserialize)]
struct Setting {
    name: String,
    enabled: Option<bool>,
    strategies: Option<Vec<Strategy>>,
}

impl Unleash<'_> {
    /// What the client API says; the token decides for which environment.
    pub async fn client(&self) -> Result<Flags, Unmeasurable> {
        let project = self.project.map(|project| format!("?project={}", encoded(project))).unwrap_or_default();
        let answer = self.witness.http(self.endpoint.get(&format!("/api/client/features{project}"))).await?;
        let answer: ClientAnswer = read(&answer, "`api: client` needs a backend token of the environment.")?;
        let mut notes = Vec::new();
        self.same_environment(answer.query, &mut notes)?;
        // A token that is bound to a project ignores the question for another one.
        let asked = |feature: &Feature| match (self.project, &feature.project) {
            (Some(asked), Some(project)) => asked == project,
            _ => true,
        };
        let flags: Vec<Flag> = answer.features.into_iter().filter(asked).map(in_environment).collect();
        self.some(Flags { flags, notes })
    }

    fn same_environment(&self, query: Option<Query>, notes: &mut Vec<String>) -> Result<(), Unmeasurable> {
        let help = "Give it a backend token of the one environment, or ask with `api: admin`.";
        let Some(query) = query else {
            // Before version 4 there were no environments, and the answer did not say what was asked.
            notes.push("Unleash does not say which environment it answers for.".to_owned());
            return Ok(());
        };
        match (query.environment.as_deref(), self.environment) {
            (None | Some("*"), _) => {
                Err(Unmeasurable::new("Unleash answers for no one environment: the token is for all of them", help))
            }
            (Some(answered), Some(asked)) if answered != asked => Err(Unmeasurable::new(
                format!("Unleash answers for the environment {}, not for {}", named(answered), named(asked)),
                help,
            )),
            _ => Ok(()),
        }
    }

    /// What the admin API says of `environment`, which has to be given.
    pub async fn admin(&self) -> Result<Flags, Unmeasurable> {
        let nothing = || Unmeasurable::new("no environment is given", "Give `environment:`.");
        let environment = self.environment.ok_or_else(nothing)?;
        let mut listed = self.listed().await?;
        listed.retain(|feature| feature.archived_at.is_none());
        let lacks = |feature: &Listed| match &feature.environments {
            Some(settings) => !settings.iter().any(|setting| setting.name == environment),
            None => false,
        };
        if !listed.is_empty() && listed.iter().all(lacks) {
            return Err(no_environment(environment, &listed));
        }
        let mut flags = Vec::with_capacity(listed.len());
        for feature in listed {
            flags.push(self.looked_at(feature, environment).await?);
        }
        self.some(Flags { flags, notes: Vec::new() })
    }

    /// All flags, page after page.
    async fn listed(&self) -> Result<Vec<Listed>, Unmeasurable> {
        let project = self.project.map(|project| format!("&project=IS%3A{}", encoded(project))).unwrap_or_default();
        let mut all: Vec<Listed> = Vec::new();
        loop {
            let path = format!("/api/admin/search/features?offset={}&limit={PAGE}{project}", all.len());
            let answer = self.witness.http(self.endpoint.get(&path)).await?;
            if let (404, Some(project), true) = (answer.status, self.project, all.is_empty()) {
                return self.listed_at_once(project).await;
            }
            let page: Page = read_as_admin(&answer)?;
            let total = page.total.and_then(|total| usize::try_from(total).ok());
            let total = total.ok_or_else(|| another_version("a page of flags has no `total`"))?;
            if page.features.is_empty() && all.len() < total {
                return Err(another_version(&format!("it says {total} flags and lists {}", all.len())));
            }
            let known = |feature: &Listed| all.iter().rev().take(PAGE).any(|before| before.name == feature.name);
            if total > MAX_FLAGS || !page.features.is_empty() && page.features.iter().all(known) {
                return Err(another_version("it lists its flags in pages that never end"));
            }
            all.extend(page.features);
            if all.len() >= total {
                return Ok(all);
            }
        }
    }

    /// Before version 5.9 there was no search; a project's list is one page.
    async fn listed_at_once(&self, project: &str) -> Result<Vec<Listed>, Unmeasurable> {
        let path = format!("/api/admin/projects/{}/features", encoded(project));
        let page: Page = read_as_admin(&self.witness.http(self.endpoint.get(&path)).await?)?;
        Ok(page.features)
    }

    async fn looked_at(&self, feature: Listed, environment: &str) -> Result<Flag, Unmeasurable> {
        let Listed { name, project, kind, stale, environments, .. } = feature;
        let setting = environments.and_then(|settings| settings.into_iter().find(|one| one.name == environment));
        let Some(setting) = setting else {
            let why = format!("{} has no setting for the environment {}", named(&name), named(environment));
            return Ok(Flag { stale, kind, ..Flag::new(name, Switch::Unknown(why)) });
        };
        if setting.enabled != Some(true) {
            let (enabled, strategies) = (setting.enabled, setting.strategies.or(Some(Vec::new())));
            let feature = Feature { name, project, kind, enabled, stale, strategies, dependencies: None };
            return Ok(in_environment(feature));
        }
        let project = project.as_deref().or(self.project).unwrap_or("default").to_owned();
        let path = format!("/api/admin/projects/{}/features/{}", encoded(&project), encoded(&name));
        let full: Listed = read_as_admin(&self.witness.http(self.endpoint.get(&path)).await?)?;
        let settings = full.environments.unwrap_or_default();
        let setting = settings.into_iter().find(|one| one.name == environment);
        let (enabled, strategies) = setting.map_or((None, None), |setting| (setting.enabled, setting.strategies));
        let dependencies = full.dependencies;
        Ok(in_environment(Feature { name, project: Some(project), kind, enabled, stale, strategies, dependencies }))
    }

    /// A project that does not exist has no flags either, and answers 200.
    fn some(&self, flags: Flags) -> Result<Flags, Unmeasurable> {
        if flags.flags.is_empty() {
            let of = self.project.map(|project| format!(" of the project {}", named(project))).unwrap_or_default();
            return Err(Unmeasurable::new(
                format!("Unleash lists no flag{of}; a project that does not exist looks the same"),
                "Look whether `project:` is right and the token may see it.",
            ));
        }
        flags.checked()
    }
}

fn in_environment(feature: Feature) -> Flag {
    let Feature { name, kind, enabled, stale, strategies, dependencies, .. } = feature;
    let unknown = |why: &str| Switch::Unknown(format!("Unleash does not say {why} {}", named(&name)));
    let flag = match (enabled, strategies) {
        (None, _) => Flag::new(name.clone(), unknown("whether it enables")),
        (Some(false), _) => Flag::reaching(name.clone(), Reach::Nobody),
        (Some(true), None) => Flag::new(name.clone(), unknown("whom it gives")),
        (Some(true), Some(all)) if !all.is_empty() && all.iter().all(|one| one.disabled == Some(true)) => {
            Flag::new(name.clone(), unknown("what becomes of all the disabled strategies of"))
        }
        (Some(true), Some(strategies)) => {
            let strategies: Vec<Strategy> =
                strategies.into_iter().filter(|strategy| strategy.disabled != Some(true)).collect();
            // Unleash takes a flag without strategies as on, and several as "any of them".
            let mut reach = strategies.iter().map(reach).max().unwrap_or(Reach::All);
            if dependencies.is_some_and(|parents| !parents.is_empty()) {
                reach = reach.min(Reach::Some);
            }
            let rollout = match strategies.as_slice() {
                [one] if reach != Reach::All => rollout(one),
                _ => None,
            };
            // Rolled out to 0 % it is on for nobody, and yet not switched off.
            let staged = Some(reach != Reach::All);
            Flag { rollout, staged, ..Flag::reaching(name.clone(), reach) }
        }
    };
    Flag { kind, stale, ..flag }
}

fn reach(strategy: &Strategy) -> Reach {
    let share = rollout(strategy);
    if share.as_ref().is_some_and(Number::is_zero) {
        return Reach::Nobody;
    }
    let some = |list: &Option<Vec<IgnoredAny>>| list.as_ref().is_some_and(|list| !list.is_empty());
    let everybody = strategy.name == "default" || (share == Some(Number::one()) && !sticks_to_an_id(strategy));
    if everybody && !some(&strategy.constraints) && !some(&strategy.segments) { Reach::All } else { Reach::Some }
}

/// Does a gradual rollout go by an id in the context? Who has none is not reached, not even by 100 %.
fn sticks_to_an_id(strategy: &Strategy) -> bool {
    if strategy.name != "flexibleRollout" {
        return strategy.name != "gradualRolloutRandom";
    }
    let parameters = strategy.parameters.iter().flat_map(|all| &all.0);
    let mut by = parameters.filter(|(name, _)| name == "stickiness").map(|(_, value)| value.get().trim_matches('"'));
    by.any(|by| !matches!(by, "default" | "random" | "" | "null"))
}

/// The share that a strategy of gradual rollout gives; the number comes as text.
fn rollout(strategy: &Strategy) -> Option<Number> {
    let parameter = match strategy.name.as_str() {
        "flexibleRollout" => "rollout",
        name if name.starts_with("gradualRollout") => "percentage",
        _ => return None,
    };
    let parameters = &strategy.parameters.as_ref()?.0;
    let (_, value) = parameters.iter().find(|(name, _)| name == parameter)?;
    let percent: Number = value.get().trim_matches('"').parse().ok()?;
    Some(percent * Number::power_of_ten(-2)).filter(|share| !share.is_negative() && *share <= Number::one())
}

fn read_as_admin<T: serde::de::DeserializeOwned>(answer: &HttpAnswer) -> Result<T, Unmeasurable> {
    read(answer, "`api: admin` needs an admin token or a personal one; a backend token is for `api: client`.")
}

fn read<T: serde::de::DeserializeOwned>(answer: &HttpAnswer, help: &str) -> Result<T, Unmeasurable> {
    answered(answer, "Unleash").map_err(|problem| match answer.status {
        401 | 403 => Unmeasurable::new(problem.reason, help),
        _ => problem,
    })
}

fn another_version(reason: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("Unleash answers otherwise than it should: {reason}"),
        "Look at the answer in the evidence; this version of Unleash may be another one.",
    )
}

fn no_environment(environment: &str, features: &[Listed]) -> Unmeasurable {
    let mut known: Vec<&str> = features
        .iter()
        .flat_map(|feature| feature.environments.iter().flatten())
        .map(|one| one.name.as_str())
        .collect();
    known.sort_unstable();
    known.dedup();
    Unmeasurable::new(
        format!("no flag has the environment {}; there are {}", named(environment), listed(known.into_iter())),
        "Correct `environment:`.",
    )
}

fn encoded(text: &str) -> String {
    utf8_percent_encode(text, NON_ALPHANUMERIC).to_string()
}

#[cfg(test)]
mod tests;

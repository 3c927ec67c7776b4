//! Feature flags: how many there are, which are on, and whether those that must be on or off are. From a file or an
//! address, from the server that the programs ask, or from the environment.
//!
//! A flag of which it cannot be told whether it is on is not off: the counts are absent then. So is the policy when a flag
//! that must be off is not there, or may be on for others than those who were asked for.

mod facts;
mod filtered;
mod options;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::typed::typed;
use crate::model::condition::{Condition, Expectation};
use crate::model::evidence::{WITHHELD, switched_on};
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable};
use crate::source::endpoint::Endpoint;
use crate::source::feature_flag::{Flag, Flags, Switch, named};
use crate::source::jq;
use crate::source::output::about;
use crate::source::place::Place;
use crate::source::unleash::Unleash;
use crate::source::{flagd, growthbook, launchdarkly, ofrep};
use crate::witness::Witness;

/// Feature flags: how many there are, which are on, and whether those that must be on or off are.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct FlagCount {
    /// A YAML, JSON or TOML file with flags.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// In place of `file`, an address that answers with such a file; JSON unless its name ends otherwise.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<Endpoint>,
    /// A file with flagd definitions, or its address. A flag is on when the variant that everybody gets is not `false`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flagd: Option<Place>,
    /// An Unleash server. A flag is on when it is enabled in the environment and one of its strategies gives it to
    /// everybody; with a smaller rollout or constraints it is staged. Archived flags are not there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unleash: Option<Endpoint>,
    /// A server that speaks OFREP (OpenFeature's remote evaluation); all its flags are evaluated for one context. Flags
    /// with another value than true or false are in `total` only, and a note names them. Servers may leave disabled flags
    /// out, so this count and that of a file of definitions may differ.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ofrep: Option<Endpoint>,
    /// GrowthBook's SDK payload (`/api/features/KEY`, which leaves out features that are disabled in its environment) or
    /// the list of its REST API (`/api/v1/features`): a file, or its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub growthbook: Option<Place>,
    /// LaunchDarkly's list of flags (`/api/v2/flags/PROJECT?env=ENVIRONMENT&summary=0`, with its token in `headers:` as
    /// `Authorization`) or what its SDKs get (`/sdk/latest-all`): a file, or its address.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub launchdarkly: Option<Place>,
    /// Variables of the environment in which the audit runs, such as `FEATURE_X=true`. true, 1, on and yes are on; false,
    /// 0, off and no are off; any other value is neither, and is not recorded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub env: Option<EnvVariables>,
    /// With `unleash`: which of its APIs is asked; `client` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub api: Option<UnleashApi>,
    /// With `unleash`: flags of this project alone.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<String>,
    /// With `unleash`, `growthbook` and `launchdarkly`: the environment that is meant. A flag that has no setting for it is
    /// neither on nor off: it is unknown, and `enabled` and `disabled` are then absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// With `ofrep`: for whom the flags are evaluated, such as `{targetingKey: user-7, country: PT}`. The targeting key is
    /// `countersign` unless given. Numbers, `true` and `false` are sent as such unless they stand in quotes.
    #[serde(default, deserialize_with = "typed", skip_serializing_if = "BTreeMap::is_empty")]
    pub context: BTreeMap<String, serde_json::Value>,
    /// With `file` or `url`: a jq filter that yields the flags, an object by name or a list of objects with a `name`, `key`
    /// or `id`. Without it, `.flags` where there is one, else the whole file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub flags: Option<String>,
    /// With `file` or `url`: a jq filter that yields true for a flag that is on; it gets `{key, value}`. Without it, the
    /// value itself or its `enabled`, `on`, `active` or `state`; where these contradict each other, or a `rollout`, `rules` or
    /// the like may keep it from some, it cannot be told, unless `staged:` says which are rolled out in part.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub enabled: Option<String>,
    /// With `file` or `url`: a jq filter that yields true for a flag that is staged for later; it gets `{key, value}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub staged: Option<String>,
    /// With `file` or `url`: a jq filter that yields true for a flag that is stale; it gets `{key, value}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale: Option<String>,
    /// With `file` or `url`: a jq filter that yields when a flag was last changed, as a date, a time with its zone, or
    /// seconds since 1970; it gets `{key, value}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub changed: Option<String>,
    /// A flag that was not changed for longer than this is stale too. It needs a source that knows when: `growthbook` and
    /// `launchdarkly` (the lists of their REST APIs), or `changed:`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stale_after: Option<String>,
    /// Flags that must be on, for everybody.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_be_on: Vec<String>,
    /// Flags that must be off, for everybody: a rollout to some is not off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub must_be_off: Vec<String>,
}

/// Which variables of the environment are flags.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct EnvVariables {
    /// Every variable whose name begins so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<String>,
    /// Variables by name; one that is not set is neither on nor off.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub names: Vec<String>,
}

/// An API of Unleash.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum UnleashApi {
    /// What programs ask, with a backend token: one request; the token decides for which environment.
    #[default]
    Client,
    /// What people ask, with an admin token or a personal one: page after page, and one more request for each flag that
    /// is on. It needs `environment:`.
    Admin,
}

impl Kind for FlagCount {
    const NAME: &'static str = "flag-count";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Flags"),
        FactSpec::new("enabled", FactType::Count, "Flags that are on"),
        FactSpec::new("disabled", FactType::Count, "Flags that are off, or on for some only"),
        FactSpec::new("staged", FactType::Count, "Flags that are staged: rolled out in part, or planned"),
        FactSpec::new(
            "stale",
            FactType::Count,
            "Flags that the source marks as stale, or that nobody changed for longer than `stale-after`",
        )
        .lower(),
        FactSpec::new("on", FactType::List, "Names of the flags that are on"),
        FactSpec::new("off", FactType::List, "Names of the flags that are off, or on for some only"),
        FactSpec::new("forbidden-on", FactType::Count, "Flags of `must-be-off` that are on for anybody").lower(),
        FactSpec::new("required-off", FactType::Count, "Flags of `must-be-on` that are off").lower(),
        FactSpec::new("flags", FactType::Table, "Each flag: name, state, rollout, stale, type, changed"),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("flags", facts::COLUMNS)];
    const EXAMPLE: &'static str = "{file: config/feature_flags.yaml, flags: .flags, enabled: .value.enabled, \
                                   must-be-off: [maintenance_mode]}";
    const SOURCES: &'static [&'static str] =
        &["file", "url", "flagd", "unleash", "ofrep", "growthbook", "launchdarkly", "env"];

    fn source(&self) -> Option<&'static str> {
        self.sources().first().copied()
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
        options::problems(self)
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let flags = self.look(witness).await?;
        let now = match self.stale_after {
            Some(_) => Some(witness.now().await?),
            None => None,
        };
        Ok(facts::facts(self, &flags, now))
    }
}

impl FlagCount {
    /// The sources that are given; one, when the options are right.
    fn sources(&self) -> Vec<&'static str> {
        let given = [
            self.file.is_some(),
            self.url.is_some(),
            self.flagd.is_some(),
            self.unleash.is_some(),
            self.ofrep.is_some(),
            self.growthbook.is_some(),
            self.launchdarkly.is_some(),
            self.env.is_some(),
        ];
        Self::SOURCES.iter().zip(given).filter(|(_, given)| *given).map(|(source, _)| *source).collect()
    }

    /// A file with flags, or its address, where filters say what is what in it.
    fn filtered(&self) -> Option<Place> {
        self.file.clone().map(Place::File).or_else(|| self.url.clone().map(Place::Web))
    }

    async fn look(&self, witness: &Witness) -> Result<Flags, Unmeasurable> {
        let environment = self.environment.as_deref();
        if let Some(endpoint) = &self.unleash {
            let unleash = Unleash { endpoint, project: self.project.as_deref(), environment, witness };
            return match self.api.unwrap_or_default() {
                UnleashApi::Client => unleash.client().await,
                UnleashApi::Admin => unleash.admin().await,
            };
        }
        if let Some(endpoint) = &self.ofrep {
            return ofrep::flags(endpoint, &self.context, witness).await;
        }
        if let Some(variables) = &self.env {
            return variables.look(witness).await;
        }
        if let Some(place) = self.filtered() {
            let filter = filtered::filter(self);
            let options = self.clone();
            let read = move |filter: &str, json: &[u8]| filtered::flags(&options, filter, json);
            return read_apart(&place, filter, read, witness).await;
        }
        if let Some(place) = &self.flagd {
            return read_apart(place, flagd::FILTER.to_owned(), |_, json| flagd::flags(json), witness).await;
        }
        if let Some(place) = &self.growthbook {
            return growthbook::flags(place, environment, witness).await.map_err(|error| said_of(place, error));
        }
        if let Some(place) = &self.launchdarkly {
            return launchdarkly::flags(place, environment, witness).await.map_err(|error| said_of(place, error));
        }
        Err(Unmeasurable::new("no source is given", options::SOURCE_HELP))
    }
}

/// What a filter finds in a file or at an address; it runs where it keeps nobody waiting.
async fn read_apart(
    place: &Place,
    filter: String,
    read: impl FnOnce(&str, &[u8]) -> Result<Flags, Unmeasurable> + Send + 'static,
    witness: &Witness,
) -> Result<Flags, Unmeasurable> {
    let json = place.json(witness).await.map_err(|error| said_of(place, error))?;
    let (text, size) = (filter.clone(), json.len());
    let read = jq::apart(&text, size, move || read(&filter, &json)).await;
    let read = read.map_err(|problem| Unmeasurable::new(problem.message, problem.help)).flatten();
    read.map_err(|error| said_of(place, error))
}

/// What could not be looked at is named already; everything else is said of the file or the address.
fn said_of(place: &Place, error: Unmeasurable) -> Unmeasurable {
    if error.reason.contains(&format!("\"{}\"", place.name())) { error } else { about(place.name(), &error) }
}

impl EnvVariables {
    async fn look(&self, witness: &Witness) -> Result<Flags, Unmeasurable> {
        let found = witness.environment(&self.names, self.prefix.as_deref()).await?;
        if found.is_empty() {
            let begins = self.prefix.as_deref().map(|prefix| format!(" that begins with {}", named(prefix)));
            return Err(Unmeasurable::new(
                format!("no variable{} is set", begins.unwrap_or_else(|| " of these".to_owned())),
                "Run the audit where they are set.",
            ));
        }
        let unset = self.names.iter().filter(|name| !found.contains_key(*name)).map(|name| {
            let why = format!("the variable {} is not set", named(name));
            Flag::new(name, Switch::Unknown(why))
        });
        let set = found.iter().map(|(name, word)| {
            let switch = match switched_on(word) {
                Some(true) => Switch::On,
                Some(false) => Switch::Off,
                None if word == WITHHELD => {
                    Switch::Unknown(format!("the value of {} is neither true nor false", named(name)))
                }
                None => Switch::Unknown(format!("the recorded value of {} is no switch", named(name))),
            };
            Flag::new(name, switch)
        });
        Flags { flags: set.chain(unset).collect(), ..Flags::default() }.checked()
    }
}

//! The registry: one row for each kind. Everything that lists kinds (schema, docs, dispatch, lint) reads this.

use futures_util::future::BoxFuture;
use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::Deserializer;
use serde::de::Deserialize;

use super::{Kind, Past};
use crate::model::audit::KindSpec;
use crate::model::condition::{Condition, Expectation};
use crate::model::fact::{FactSpec, Facts, Unmeasurable};
use crate::witness::Witness;

/// A row of the registry.
pub struct KindRow {
    /// The YAML key.
    pub name: &'static str,
    /// What it can find, `elapsed` included.
    pub facts: fn() -> Vec<FactSpec>,
    /// Part, whole and share, for claims such as `1,026/1,044 (98.28%)`.
    pub fraction: Option<[&'static str; 3]>,
    /// Its facts that are tables, each with its columns.
    pub tables: &'static [(&'static str, &'static [&'static str])],
    /// A small example: the YAML under the kind's key.
    pub example: &'static str,
    /// The sources it can read from, where they are options beside others.
    pub sources: &'static [&'static str],
    /// The JSON Schema of its options; its description is the kind's doc comment.
    pub schema: fn(&mut SchemaGenerator) -> Schema,
}

impl KindRow {
    /// The kind's doc comment, as the schema has it.
    pub fn summary(&self) -> String {
        let schema = (self.schema)(&mut SchemaGenerator::default());
        schema.get("description").and_then(|text| text.as_str()).unwrap_or_default().replace('\n', " ")
    }

    /// What judging and showing need to know of it.
    pub fn spec(&self) -> KindSpec {
        KindSpec { summary: self.summary(), facts: (self.facts)() }
    }
}

/// The row of a kind.
pub fn find(name: &str) -> Option<&'static KindRow> {
    KINDS.iter().find(|row| row.name == name)
}

/// How long a check took is a fact of every kind.
fn with_elapsed(facts: &'static [FactSpec]) -> Vec<FactSpec> {
    let mut all = facts.to_vec();
    all.push(super::ELAPSED);
    all
}

macro_rules! kinds {
    ($($module:ident :: $kind:ident),* $(,)?) => {
        /// One configured probe.
        #[derive(Debug, Clone)]
        pub enum Probe {
            $(
                #[doc = concat!("See [`", stringify!($kind), "`](super::", stringify!($module), "::", stringify!($kind), ").")]
                $kind(Box<super::$module::$kind>),
            )*
        }

        /// Every kind there is, in the order in which they are documented.
        pub static KINDS: &[KindRow] = &[$(
            KindRow {
                name: <super::$module::$kind as Kind>::NAME,
                facts: || with_elapsed(<super::$module::$kind as Kind>::FACTS),
                fraction: <super::$module::$kind as Kind>::FRACTION,
                tables: <super::$module::$kind as Kind>::TABLES,
                example: <super::$module::$kind as Kind>::EXAMPLE,
                sources: <super::$module::$kind as Kind>::SOURCES,
                schema: <super::$module::$kind as JsonSchema>::json_schema,
            },
        )*];

        impl Probe {
            /// Reads the options under a kind's key. The caller has looked the name up before.
            pub fn decode<'de, D: Deserializer<'de>>(kind: &str, options: D) -> Result<Self, D::Error> {
                match kind {
                    $(<super::$module::$kind as Kind>::NAME => {
                        super::$module::$kind::deserialize(options).map(|probe| Self::$kind(Box::new(probe)))
                    })*
                    _ => Err(serde::de::Error::custom(format_args!("unknown kind \"{kind}\""))),
                }
            }

            /// The YAML key of its kind.
            pub fn kind(&self) -> &'static str {
                match self { $(Self::$kind(_) => <super::$module::$kind as Kind>::NAME,)* }
            }

            /// Its options as JSON, secrets as placeholders.
            pub fn options(&self) -> Result<serde_json::Value, serde_json::Error> {
                match self { $(Self::$kind(probe) => serde_json::to_value(probe),)* }
            }

            /// Its options as the text of this JSON.
            pub fn asks(&self) -> Result<String, serde_json::Error> {
                match self { $(Self::$kind(probe) => serde_json::to_string(probe),)* }
            }

            /// The source it reads from, where its kind has several.
            pub fn source(&self) -> Option<&'static str> {
                match self { $(Self::$kind(probe) => probe.source(),)* }
            }

            /// Conditions that its options imply.
            pub fn implied(&self) -> Vec<Expectation> {
                match self { $(Self::$kind(probe) => probe.implied(),)* }
            }

            /// When there is no data though whatever is asked about stays as it is: the end of a sentence.
            pub fn lapse(&self) -> Option<String> {
                match self { $(Self::$kind(probe) => probe.lapse(),)* }
            }

            /// What is wrong with its options that their types cannot say: fragment and way out, each.
            pub fn problems(&self) -> Vec<(String, String)> {
                match self { $(Self::$kind(probe) => probe.problems(),)* }
            }

            /// What the expectations of these facts pass over: fragment and way out.
            pub fn overlooks(&self, expected: &[&str]) -> Option<(String, String)> {
                match self { $(Self::$kind(probe) => probe.overlooks(expected),)* }
            }

            /// What keeps a condition from being held against one of its facts: fragment and way out.
            pub fn unfit(&self, fact: &str, condition: &Condition) -> Option<(String, String)> {
                match self { $(Self::$kind(probe) => probe.unfit(fact, condition),)* }
            }

            /// What one of its facts was at moments of the last `span` seconds, where its source remembers.
            pub fn look_back<'a>(
                &'a self,
                fact: &'a str,
                span: u64,
                step: u64,
                witness: &'a Witness,
            ) -> BoxFuture<'a, Result<Option<Past>, Unmeasurable>> {
                match self { $(Self::$kind(probe) => Box::pin(probe.look_back(fact, span, step, witness)),)* }
            }

            /// Looks, and says what it found; `elapsed` is added to every kind's facts. In a box, because one kind measures
            /// others, and because the compiler would write all of this anew for everybody who waits for it.
            pub fn measure<'a>(&'a self, witness: &'a Witness) -> BoxFuture<'a, Result<Facts, Unmeasurable>> {
                let looking: BoxFuture<'a, Result<Facts, Unmeasurable>> =
                    match self { $(Self::$kind(probe) => Box::pin(probe.measure(witness)),)* };
                Box::pin(async move {
                    let mut facts = looking.await?;
                    super::set_elapsed(&mut facts, witness);
                    super::note_other_places(&mut facts, witness);
                    Ok(facts.bounded())
                })
            }
        }
    };
}

kinds! {
    service_uptime::ServiceUptime,
    alert_count::AlertCount,
    health_check::HealthCheck,
    test_pass_rate::TestPassRate,
    coverage::Coverage,
    vulnerability_count::VulnerabilityCount,
    flag_count::FlagCount,
    metric::Metric,
    query::Query,
    http::Http,
    tcp::Tcp,
    dns::Dns,
    certificate::Certificate,
    command::Command,
    file::File,
    git::Git,
    sampled::Sampled,
    clock::Clock,
    attestation::Attestation,
}

//! A kind inside another: one key that names it, and its options.

use std::borrow::Cow;
use std::fmt;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{DeserializeSeed, Deserializer, Error, MapAccess, Visitor};
use serde::ser::{Error as _, SerializeMap, Serializer};
use serde::{Deserialize, Serialize};

use super::Sampled;
use crate::model::fact::FactSpec;
use crate::probe::Kind;
use crate::probe::registry::{self, Probe};

/// A probe under the key of its kind.
#[derive(Debug, Clone)]
pub struct Nested(pub Probe);

impl Nested {
    /// The YAML key of its kind.
    pub fn kind(&self) -> &'static str {
        self.0.kind()
    }

    /// What it finds.
    pub fn facts(&self) -> Vec<FactSpec> {
        registry::find(self.kind()).map(|row| (row.facts)()).unwrap_or_default()
    }

    /// What is wrong with it.
    pub(super) fn problems(&self) -> Vec<(String, String)> {
        if self.kind() == <Sampled as Kind>::NAME {
            let help = "name what is looked at".to_owned();
            return vec![("samples cannot be taken of samples".to_owned(), help)];
        }
        self.0.problems()
    }
}

impl Serialize for Nested {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(1))?;
        map.serialize_entry(self.kind(), &self.0.options().map_err(S::Error::custom)?)?;
        map.end()
    }
}

impl<'de> Deserialize<'de> for Nested {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(OneKind)
    }
}

struct OneKind;

impl<'de> Visitor<'de> for OneKind {
    type Value = Nested;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a kind and its options")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Nested, A::Error> {
        let all = || registry::KINDS.iter().map(|row| row.name).collect::<Vec<_>>().join(", ");
        let Some(kind) = entries.next_key::<String>()? else {
            return Err(A::Error::custom(format_args!("no kind is named: write one of {}", all())));
        };
        let Some(row) = registry::find(&kind) else {
            return Err(A::Error::custom(format_args!("\"{kind}\" is not a kind: write one of {}", all())));
        };
        let probe = entries.next_value_seed(OptionsOf(row.name))?;
        match entries.next_key::<String>()? {
            None => Ok(Nested(probe)),
            Some(second) => Err(A::Error::custom(format_args!("one thing is looked at: \"{kind}\" or \"{second}\""))),
        }
    }
}

/// The options of a kind.
struct OptionsOf(&'static str);

impl<'de> DeserializeSeed<'de> for OptionsOf {
    type Value = Probe;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Probe, D::Error> {
        Probe::decode(self.0, deserializer)
    }
}

impl JsonSchema for Nested {
    fn inline_schema() -> bool {
        true
    }

    fn schema_name() -> Cow<'static, str> {
        "Nested".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "object", "minProperties": 1, "maxProperties": 1})
    }
}

//! Short ways to write options: a text where a mapping could stand, one thing where a list could stand.
//!
//! Written by hand rather than as untagged enums, so that a mistake inside keeps its own message and its own place.

use std::borrow::Cow;
use std::fmt;
use std::marker::PhantomData;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::value::{MapAccessDeserializer, SeqAccessDeserializer, StrDeserializer};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde::{Serialize, Serializer};

/// Reads a `T` from a mapping of the shape `W`, or makes one of a text.
pub fn text_or_mapping<'de, W, T, D>(
    deserializer: D,
    make: fn(String) -> T,
    expected: &'static str,
) -> Result<T, D::Error>
where
    W: Deserialize<'de>,
    T: From<W>,
    D: Deserializer<'de>,
{
    struct TextOrMapping<W, T> {
        make: fn(String) -> T,
        expected: &'static str,
        mapping: PhantomData<W>,
    }

    impl<'de, W: Deserialize<'de>, T: From<W>> Visitor<'de> for TextOrMapping<W, T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(self.expected)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Ok((self.make)(text.to_owned()))
        }

        fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<T, A::Error> {
            W::deserialize(MapAccessDeserializer::new(mapping)).map(T::from)
        }
    }

    deserializer.deserialize_any(TextOrMapping { make, expected, mapping: PhantomData })
}

/// What a text alone can stand for.
pub trait FromText {
    /// What is expected, for a message: `an address, or a mapping with \`url\``.
    const EXPECTED: &'static str;

    /// What the text stands for.
    fn from_text(text: String) -> Self;
}

/// A `T`, written as a mapping or as a text.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TextOr<T>(pub T);

impl<T> From<T> for TextOr<T> {
    fn from(long: T) -> Self {
        Self(long)
    }
}

impl<'de, T: FromText + Deserialize<'de>> Deserialize<'de> for TextOr<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping::<T, Self, D>(deserializer, |text| Self(T::from_text(text)), T::EXPECTED)
    }
}

impl<T: JsonSchema> JsonSchema for TextOr<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("TextOr_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mapping = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [{ "type": "string" }, mapping] })
    }
}

/// One `T`, or a list of them; never an empty list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOrMany<T>(pub Vec<T>);

impl<T: Serialize> Serialize for OneOrMany<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0.as_slice() {
            [one] => one.serialize(serializer),
            many => many.serialize(serializer),
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for OneOrMany<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Items<T>(PhantomData<T>);

        impl<'de, T: Deserialize<'de>> Visitor<'de> for Items<T> {
            type Value = OneOrMany<T>;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("one of them, or a list")
            }

            fn visit_str<E: Error>(self, text: &str) -> Result<Self::Value, E> {
                T::deserialize(StrDeserializer::new(text)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_map<A: MapAccess<'de>>(self, mapping: A) -> Result<Self::Value, A::Error> {
                T::deserialize(MapAccessDeserializer::new(mapping)).map(|one| OneOrMany(vec![one]))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Self::Value, A::Error> {
                let items = Vec::deserialize(SeqAccessDeserializer::new(items))?;
                if items.is_empty() {
                    return Err(A::Error::custom("the list is empty"));
                }
                Ok(OneOrMany(items))
            }
        }

        deserializer.deserialize_any(Items(PhantomData))
    }
}

impl<T: JsonSchema> JsonSchema for OneOrMany<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("OneOrMany_{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let one = generator.subschema_for::<T>();
        json_schema!({ "anyOf": [one, { "type": "array", "items": one, "minItems": 1 }] })
    }
}

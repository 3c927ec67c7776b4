//! A text where a mapping may stand as well: a short form, and the keys that it is short for.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Error, Visitor};

use super::{Decoder, Failed};
use crate::plan::node::Value;

/// How [`text_or_keys`] tells the decoder that a text will do.
pub(super) const EITHER: &str = "$Either";

/// Written as a text or as a mapping.
pub(crate) trait TextOrKeys: Sized {
    /// The mapping.
    type Keys: for<'de> Deserialize<'de>;
    /// What it is, for a message: `a text, or a mapping with ...`.
    const EXPECTED: &'static str;

    /// Made of the text.
    fn text(text: &str) -> Self;

    /// Made of the mapping.
    fn keys(keys: Self::Keys) -> Self;

    /// What stands in place of one that could not be read; its problems have been reported.
    fn blank() -> Self;
}

/// Reads whichever of them is written.
pub(crate) fn text_or_keys<'de, T: TextOrKeys, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Either<T>(PhantomData<T>);

    impl<'de, T: TextOrKeys> Visitor<'de> for Either<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str(T::EXPECTED)
        }

        fn visit_str<E: Error>(self, text: &str) -> Result<T, E> {
            Ok(T::text(text))
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, keys: D) -> Result<T, D::Error> {
            T::Keys::deserialize(keys).map(T::keys)
        }

        fn visit_unit<E: Error>(self) -> Result<T, E> {
            Ok(T::blank())
        }
    }

    deserializer.deserialize_newtype_struct(EITHER, Either(PhantomData))
}

/// The decoder's side of it.
pub(super) fn either<'de, V: Visitor<'de>>(decoder: Decoder<'_>, visitor: V) -> Result<V::Value, Failed> {
    let Some(node) = decoder.real()? else { return visitor.visit_unit() };
    match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => visitor.visit_str(text),
        Value::Mapping(_) => visitor.visit_newtype_struct(decoder),
        _ => {
            let expected = (&visitor as &dyn serde::de::Expected).to_string();
            Err(Failed::wrong(format!("expected {expected}, found {}", node.describe()), format!("Write {expected}.")))
        }
    }
}

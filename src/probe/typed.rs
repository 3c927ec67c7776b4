//! Options that keep the types of YAML: everything else in an audit file is the text that was written.

use std::fmt;
use std::marker::PhantomData;

use serde::de::{Deserialize, Deserializer, Visitor};

/// How [`typed`] asks the decoder of audit files for types; other formats have their own.
pub const TYPED: &str = "$Typed";

/// Reads numbers, `true` and `false` that stand without quotes as what they are.
pub(super) fn typed<'de, T: Deserialize<'de>, D: Deserializer<'de>>(deserializer: D) -> Result<T, D::Error> {
    struct Typed<T>(PhantomData<T>);

    impl<'de, T: Deserialize<'de>> Visitor<'de> for Typed<T> {
        type Value = T;

        fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            f.write_str("a value")
        }

        fn visit_newtype_struct<D: Deserializer<'de>>(self, value: D) -> Result<T, D::Error> {
            T::deserialize(value)
        }
    }

    deserializer.deserialize_newtype_struct(TYPED, Typed(PhantomData))
}

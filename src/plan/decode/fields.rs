//! The keys of a struct and the variants of an enum, asked of the type itself, so that no second list has to agree.

use std::cell::Cell;

use serde::de::value::Error;
use serde::de::{Deserialize, Deserializer, Error as _, Visitor};
use serde::forward_to_deserialize_any;

/// The keys a struct is read from.
pub(crate) fn fields_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    names::<T>()
}

/// The variants an enum is read from.
pub(crate) fn variants_of<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    names::<T>()
}

fn names<'de, T: Deserialize<'de>>() -> &'static [&'static str] {
    let names = Cell::new(&[] as &'static [&'static str]);
    // Always an error: only what the type asks for on its way there is wanted.
    let _ = T::deserialize(Asker(&names));
    names.get()
}

struct Asker<'a>(&'a Cell<&'static [&'static str]>);

impl<'de> Deserializer<'de> for Asker<'_> {
    type Error = Error;

    fn deserialize_any<V: Visitor<'de>>(self, _: V) -> Result<V::Value, Error> {
        Err(Error::custom("only asked"))
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(fields);
        self.deserialize_any(visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Error> {
        self.0.set(variants);
        self.deserialize_any(visitor)
    }

    forward_to_deserialize_any! {
        bool i8 i16 i32 i64 i128 u8 u16 u32 u64 u128 f32 f64 char str string bytes byte_buf option unit unit_struct
        newtype_struct seq tuple tuple_struct map identifier ignored_any
    }
}

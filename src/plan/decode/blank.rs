//! Blanks: what stands in for a value that was wrong, so that the rest can be read.

use serde::de::value::BorrowedStrDeserializer;
use serde::de::{DeserializeSeed, MapAccess, SeqAccess, Visitor};

use super::{Decoder, Failed};

/// A list of nothing.
pub(super) struct Nothing;

impl<'de> SeqAccess<'de> for Nothing {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, _: S) -> Result<Option<S::Value>, Failed> {
        Ok(None)
    }
}

/// So many blanks.
pub(super) fn tuple<'de, V: Visitor<'de>>(
    decoder: &Decoder<'_>,
    length: usize,
    visitor: V,
) -> Result<V::Value, Failed> {
    visitor.visit_seq(Blanks { decoder, fields: &[], left: length }).map_err(|_| Failed::Blank)
}

/// A mapping with a blank under each key.
pub(super) fn mapping<'de, V: Visitor<'de>>(
    decoder: &Decoder<'_>,
    fields: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Failed> {
    visitor.visit_map(Blanks { decoder, fields, left: 0 }).map_err(|_| Failed::Blank)
}

struct Blanks<'d, 'a> {
    decoder: &'d Decoder<'a>,
    fields: &'static [&'static str],
    left: usize,
}

impl<'de> SeqAccess<'de> for Blanks<'_, '_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        let Some(left) = self.left.checked_sub(1) else { return Ok(None) };
        self.left = left;
        seed.deserialize(self.decoder.blank()).map(Some)
    }
}

impl<'de> MapAccess<'de> for Blanks<'_, '_> {
    type Error = Failed;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        let Some((field, rest)) = self.fields.split_first() else { return Ok(None) };
        self.fields = rest;
        seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        seed.deserialize(self.decoder.blank())
    }
}

//! Lists, mappings and variants for the decoder. Whatever fails inside is settled here, where the node is at hand.

use std::collections::BTreeSet;

use serde::de::value::{BorrowedStrDeserializer, StrDeserializer};
use serde::de::{DeserializeSeed, EnumAccess, IntoDeserializer, MapAccess, SeqAccess, VariantAccess, Visitor};

use super::{Decoder, Failed, Node, Value, Way, blank, key_of, unknown_key};
use crate::model::near::nearest;
use crate::plan::node::{Entry, Span, clip};
use crate::plan::problem::Code;

impl Decoder<'_> {
    /// Reads a child; what fails in it is noted at it.
    fn read<'de, S: DeserializeSeed<'de>>(&self, seed: S, node: &Node, way: Way<'_>) -> Result<S::Value, Failed> {
        seed.deserialize(self.child(node, way)).map_err(|failed| self.session.settle(node, way, failed))
    }
}

pub(super) fn list<'de, V: Visitor<'de>>(decoder: Decoder<'_>, visitor: V) -> Result<V::Value, Failed> {
    let Some(node) = decoder.real()? else { return visitor.visit_seq(blank::Nothing) };
    match &node.value {
        Value::List(items) if items.is_empty() => Err(Failed::Wrong {
            code: Code::Empty,
            message: "the list is empty".to_owned(),
            help: "Give it an item, or remove the key.".to_owned(),
        }),
        Value::List(items) => visitor.visit_seq(Items { decoder: &decoder, items, at: 0 }),
        _ => Err(Failed::wrong(
            format!("expected a list, found {}", node.describe()),
            "Write it as a list: `[a, b]`, or one `- item` on each line.",
        )),
    }
}

/// A list, or the one thing that would be in it.
pub(super) fn several<'de, V: Visitor<'de>>(decoder: Decoder<'_>, visitor: V) -> Result<V::Value, Failed> {
    match decoder.real()? {
        Some(node) if !matches!(node.value, Value::List(_)) => {
            visitor.visit_seq(Items { decoder: &decoder, items: std::slice::from_ref(node), at: 0 })
        }
        _ => list(decoder, visitor),
    }
}

struct Items<'d, 'a> {
    decoder: &'d Decoder<'a>,
    items: &'a [Node],
    at: usize,
}

impl<'de> SeqAccess<'de> for Items<'_, '_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        let Some(node) = self.items.get(self.at) else { return Ok(None) };
        let way = Way::Item(&self.decoder.way, self.at);
        self.at += 1;
        self.decoder.read(seed, node, way).map(Some)
    }

    fn size_hint(&self) -> Option<usize> {
        Some(self.items.len() - self.at)
    }
}

pub(super) fn mapping<'de, V: Visitor<'de>>(
    decoder: Decoder<'_>,
    fields: Option<&'static [&'static str]>,
    visitor: V,
) -> Result<V::Value, Failed> {
    let Some(node) = decoder.real()? else { return blank::mapping(&decoder, fields.unwrap_or_default(), visitor) };
    let Value::Mapping(entries) = &node.value else {
        let help = match fields {
            Some(fields) => format!("Write it as a mapping with these keys: {}.", fields.join(", ")),
            None => "Write it as a mapping: `{key: value}`.".to_owned(),
        };
        return Err(Failed::wrong(format!("expected a mapping, found {}", node.describe()), help));
    };
    // A key that was reported in an earlier round is no key, and not the empty one either.
    let reported = |entry: &Entry| decoder.session.blanks.borrow().contains(&key_of(&entry.key));
    let mut known = Vec::with_capacity(entries.len());
    for entry in entries {
        match fields {
            Some(fields) if !fields.contains(&entry.name()) => {
                let path = Way::Key(&decoder.way, entry.name()).to_string();
                unknown_key(decoder.session.sink, entry.key.span, &path, entry.name(), fields);
            }
            _ if reported(entry) => {}
            _ => known.push(entry),
        }
    }
    let fills = decoder.session.fills.borrow().get(&key_of(node)).cloned().unwrap_or_default();
    visitor.visit_map(Keys { decoder: &decoder, entries: known, at: 0, fills, value: Next::None })
}

enum Next<'a> {
    None,
    Entry(&'a Entry),
    Blank,
}

struct Keys<'d, 'a> {
    decoder: &'d Decoder<'a>,
    entries: Vec<&'a Entry>,
    at: usize,
    fills: BTreeSet<&'static str>,
    value: Next<'a>,
}

impl<'de> MapAccess<'de> for Keys<'_, '_> {
    type Error = Failed;

    fn next_key_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        if let Some(entry) = self.entries.get(self.at).copied() {
            self.at += 1;
            self.value = Next::Entry(entry);
            let way = Way::Key(&self.decoder.way, entry.name());
            return self.decoder.read(seed, &entry.key, way).map(Some);
        }
        let Some(field) = self.fills.pop_first() else { return Ok(None) };
        self.value = Next::Blank;
        seed.deserialize(BorrowedStrDeserializer::new(field)).map(Some)
    }

    fn next_value_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<S::Value, Failed> {
        match std::mem::replace(&mut self.value, Next::None) {
            Next::Entry(entry) => {
                let way = Way::Key(&self.decoder.way, entry.name());
                self.decoder.read(seed, &entry.value, way)
            }
            Next::Blank | Next::None => seed.deserialize(self.decoder.blank()).map_err(|_| Failed::Blank),
        }
    }
}

pub(super) fn variant<'de, V: Visitor<'de>>(
    decoder: Decoder<'_>,
    variants: &'static [&'static str],
    visitor: V,
) -> Result<V::Value, Failed> {
    let Some(node) = decoder.real()? else {
        let name = variants.first().copied().unwrap_or_default();
        return visitor.visit_enum(Variant { decoder: &decoder, name, content: None, blank: true });
    };
    let (name, content) = match &node.value {
        Value::Scalar { text, .. } if !node.is_null() => (text.as_str(), None),
        Value::Mapping(entries) if entries.len() == 1 => match entries.first() {
            Some(entry) => (entry.name(), Some(entry)),
            None => return Err(Failed::Blank),
        },
        _ => {
            let help = format!("Write exactly one of: {}.", variants.join(", "));
            return Err(Failed::wrong(format!("expected one of them, found {}", node.describe()), help));
        }
    };
    if !variants.contains(&name) {
        let near = nearest(name, variants.iter().copied()).map(|near| format!("Did you mean `{near}`? "));
        return Err(Failed::Wrong {
            code: if content.is_some() { Code::UnknownKey } else { Code::UnknownValue },
            message: format!("\"{}\" is not known here", clip(name)),
            help: format!("{}Write one of: {}.", near.unwrap_or_default(), variants.join(", ")),
        });
    }
    visitor.visit_enum(Variant { decoder: &decoder, name, content, blank: false })
}

struct Variant<'d, 'a> {
    decoder: &'d Decoder<'a>,
    name: &'a str,
    content: Option<&'a Entry>,
    blank: bool,
}

impl<'de, 'd, 'a> EnumAccess<'de> for Variant<'d, 'a> {
    type Error = Failed;
    type Variant = Self;

    fn variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<(S::Value, Self), Failed> {
        let name: StrDeserializer<'_, Failed> = self.name.into_deserializer();
        Ok((seed.deserialize(name)?, self))
    }
}

impl<'a> Variant<'_, 'a> {
    fn content(&self) -> Result<&'a Entry, Failed> {
        self.content.ok_or_else(|| {
            let help = format!("Write it as `{}: ...`.", self.name);
            Failed::wrong(format!("\"{}\" needs a value", clip(self.name)), help)
        })
    }
}

impl<'de> VariantAccess<'de> for Variant<'_, '_> {
    type Error = Failed;

    fn unit_variant(self) -> Result<(), Failed> {
        match self.content {
            Some(entry) if !entry.value.is_null() => {
                let help = format!("Write only `{}`.", self.name);
                Err(Failed::wrong(format!("\"{}\" takes no value", clip(self.name)), help))
            }
            _ => Ok(()),
        }
    }

    fn newtype_variant_seed<S: DeserializeSeed<'de>>(self, seed: S) -> Result<S::Value, Failed> {
        if self.blank {
            return seed.deserialize(self.decoder.blank());
        }
        let entry = self.content()?;
        self.decoder.read(seed, &entry.value, Way::Key(&self.decoder.way, entry.name()))
    }

    fn tuple_variant<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Failed> {
        if self.blank {
            return blank::tuple(self.decoder, length, visitor);
        }
        let entry = self.content()?;
        list(self.decoder.child(&entry.value, Way::Key(&self.decoder.way, entry.name())), visitor)
    }

    fn struct_variant<V: Visitor<'de>>(self, fields: &'static [&'static str], visitor: V) -> Result<V::Value, Failed> {
        if self.blank {
            return blank::mapping(self.decoder, fields, visitor);
        }
        let entry = self.content()?;
        let way = Way::Key(&self.decoder.way, entry.name());
        let child = self.decoder.child(&entry.value, way);
        mapping(child, Some(fields), visitor).map_err(|failed| self.decoder.session.settle(&entry.value, way, failed))
    }
}

/// A value with its place: file, start, end, value.
pub(super) fn at<'de, V: Visitor<'de>>(decoder: Decoder<'_>, visitor: V) -> Result<V::Value, Failed> {
    let span = decoder.real()?.map_or(Span::NOWHERE, |node| node.span);
    visitor.visit_seq(Placed { decoder: Some(decoder), span, step: 0 })
}

struct Placed<'a> {
    decoder: Option<Decoder<'a>>,
    span: Span,
    step: usize,
}

impl<'de> SeqAccess<'de> for Placed<'_> {
    type Error = Failed;

    fn next_element_seed<S: DeserializeSeed<'de>>(&mut self, seed: S) -> Result<Option<S::Value>, Failed> {
        self.step += 1;
        let number = match self.step {
            1 => self.span.file,
            2 => self.span.start,
            3 => self.span.end,
            _ => return self.decoder.take().map(|decoder| seed.deserialize(decoder)).transpose(),
        };
        seed.deserialize(number.into_deserializer()).map(Some)
    }
}

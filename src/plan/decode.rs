//! A `serde` deserializer over [`Node`]s that knows where it is, so that what is wrong can be shown, all of it at once.
//!
//! A typed decoder gives up at its first error. This one notes it, puts a blank in the place of the value, and decodes
//! again, until nothing new is wrong. A blank has no place ([`Span::NOWHERE`]), so that no problem follows from it.

mod access;
mod at;
mod blank;
mod either;
mod failed;
mod fields;
mod way;

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};

use serde::de::{Deserializer, Visitor};

pub(super) use at::{At, Choice, Named, Several};
pub(super) use either::{TextOrKeys, text_or_keys};
pub(super) use failed::Failed;
pub(super) use fields::{fields_of, variants_of};
pub(super) use way::{Way, join};

use super::node::{Node, Span, Value, clip};
use super::problem::{Code, Sink};
use crate::model::near::nearest;
use crate::probe::typed::TYPED;

/// Every round finds one more thing that is wrong; after so many the reader has enough to do.
const MAX_ROUNDS: usize = 200;

/// Decodes a node, noting everything that is wrong with it. What comes back may hold blanks when something was wrong;
/// `None` when not even that was possible.
pub(super) fn decode<T>(
    node: &Node,
    path: &str,
    sink: &Sink,
    read: impl Fn(Decoder<'_>) -> Result<T, Failed>,
) -> Option<T> {
    let session = Session { sink, blanks: RefCell::default(), fills: RefCell::default() };
    let way = Way::Start(path);
    for _ in 0..MAX_ROUNDS {
        let decoder = Decoder { node: Some(node), way, session: &session, depth: 0, typed: false };
        match read(decoder) {
            Ok(value) => return Some(value),
            Err(_) if session.blanks.borrow().contains(&key_of(node)) => return None,
            Err(failed) => {
                session.settle(node, way, failed);
            }
        }
    }
    None
}

struct Session<'a> {
    sink: &'a Sink,
    /// Nodes that are read as blanks, by address: the tree stays where it is while it is decoded.
    blanks: RefCell<BTreeSet<usize>>,
    /// Keys that a mapping lacks and that are read as blanks.
    fills: RefCell<BTreeMap<usize, BTreeSet<&'static str>>>,
}

fn key_of(node: &Node) -> usize {
    std::ptr::from_ref(node) as usize
}

impl Session<'_> {
    /// Notes what failed at this node, and sees to it that the next round gets further.
    fn settle(&self, node: &Node, way: Way<'_>, failed: Failed) -> Failed {
        match failed {
            Failed::Noted => {}
            Failed::Blank => {
                self.blanks.borrow_mut().insert(key_of(node));
            }
            Failed::Missing(field) => {
                let fresh = self.fills.borrow_mut().entry(key_of(node)).or_default().insert(field);
                // A mistyped key has been reported; it is the one that is missing here.
                let mistyped = node.entries().iter().any(|entry| nearest(entry.name(), [field]).is_some());
                if fresh && !mistyped {
                    let help = format!("Add `{field}:`.");
                    self.sink.error(
                        node.span,
                        &way.to_string(),
                        Code::MissingKey,
                        format!("\"{field}\" is missing"),
                        help,
                    );
                }
                if !fresh {
                    self.blanks.borrow_mut().insert(key_of(node));
                }
            }
            Failed::UnknownKey(key, known) => {
                let span = node.entries().iter().find(|entry| entry.name() == key).map_or(node.span, |e| e.key.span);
                unknown_key(self.sink, span, &way.to_string(), &key, known);
                self.blanks.borrow_mut().insert(key_of(node));
            }
            Failed::Wrong { code, message, help } => {
                let message = if message.is_empty() { node.describe() } else { message };
                self.sink.error(node.span, &way.to_string(), code, message, help);
                self.blanks.borrow_mut().insert(key_of(node));
            }
        }
        Failed::Noted
    }
}

/// Reports a key that is not known, with the nearest one that is.
pub(super) fn unknown_key(sink: &Sink, span: Span, path: &str, key: &str, known: &[&str]) {
    let listed = known.join(", ");
    let help = glued(key, known).unwrap_or_else(|| match nearest(key, known.iter().copied()) {
        Some(near) => format!("Did you mean `{near}`? Known here: {listed}."),
        None if known.is_empty() => "Nothing can be set here.".to_owned(),
        None => format!("Known here: {listed}."),
    });
    sink.error(span, path, Code::UnknownKey, format!("the key \"{}\" is not known here", clip(key)), help);
}

/// What to do about a key and its value that YAML takes for one key, `{id:a}`; `None` where it is another mistake.
pub(super) fn glued(key: &str, known: &[&str]) -> Option<String> {
    let (name, value) = key.split_once(':').filter(|(name, _)| known.contains(name))?;
    Some(format!("Write a space behind the colon: `{name}: {}`.", clip(value)))
}

/// Reads one node as what the type asks for.
pub(super) struct Decoder<'a> {
    /// `None` stands for a blank.
    node: Option<&'a Node>,
    way: Way<'a>,
    session: &'a Session<'a>,
    depth: usize,
    /// Does YAML's type of a scalar count? Else it is the text that was written.
    typed: bool,
}

impl<'a> Decoder<'a> {
    fn child<'c>(&self, node: &'c Node, way: Way<'c>) -> Decoder<'c>
    where
        'a: 'c,
    {
        Decoder { node: Some(node), way, session: self.session, depth: self.depth + 1, typed: self.typed }
    }

    fn blank(&self) -> Self {
        Self { node: None, way: Way::Start(""), session: self.session, depth: self.depth + 1, typed: self.typed }
    }

    /// The node, unless it is to be read as a blank.
    fn real(&self) -> Result<Option<&'a Node>, Failed> {
        match self.node {
            Some(node) if !self.session.blanks.borrow().contains(&key_of(node)) => Ok(Some(node)),
            _ if self.depth > 100 => Err(Failed::Blank),
            _ => Ok(None),
        }
    }

    fn scalar(&self, expected: &str, help: &str) -> Result<Option<&'a str>, Failed> {
        let Some(node) = self.real()? else { return Ok(None) };
        match &node.value {
            Value::Scalar { text, .. } if !node.is_null() => Ok(Some(text)),
            _ => Err(Failed::wrong(format!("expected {expected}, found {}", node.describe()), help)),
        }
    }

    fn integer<T: std::str::FromStr + Default>(&self) -> Result<T, Failed> {
        let help = "Write digits only, such as 3.";
        let Some(text) = self.scalar("a whole number", help)? else { return Ok(T::default()) };
        let digits = text.strip_prefix(['-', '+']).unwrap_or(text);
        if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return Err(Failed::wrong(format!("\"{}\" is not a whole number", clip(text)), help));
        }
        text.parse().map_err(|_| Failed::Wrong {
            code: Code::OutOfRange,
            message: format!("\"{}\" is out of range", clip(text)),
            help: "Write a number of a reasonable size.".to_owned(),
        })
    }

    fn float(&self) -> Result<f64, Failed> {
        let help = "Write a number, such as 0.5.";
        let Some(text) = self.scalar("a number", help)? else { return Ok(0.0) };
        let number = text.parse::<f64>().ok().filter(|number| number.is_finite());
        number.ok_or_else(|| Failed::wrong(format!("\"{}\" is not a number", clip(text)), help))
    }
}

macro_rules! integers {
    ($($method:ident $visit:ident,)*) => {$(
        fn $method<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
            visitor.$visit(self.integer()?)
        }
    )*};
}

/// A text without quotes as the number or the truth value that JSON has in these letters; `007` and `1.10.2` stay texts, and
/// so does a whole number that is too long to be kept exactly.
fn plain<'de, V: Visitor<'de>>(text: &str, visitor: V) -> Result<V::Value, Failed> {
    let number = |number: serde_json::Number| number.as_f64().filter(|_| text.contains(['.', 'e', 'E']));
    match serde_json::from_str::<serde_json::Value>(text) {
        Ok(serde_json::Value::Bool(flag)) => visitor.visit_bool(flag),
        Ok(serde_json::Value::Number(found)) => match (found.as_u64(), found.as_i64(), number(found)) {
            (Some(number), ..) => visitor.visit_u64(number),
            (_, Some(number), _) => visitor.visit_i64(number),
            (.., Some(number)) => visitor.visit_f64(number),
            _ => visitor.visit_str(text),
        },
        _ => visitor.visit_str(text),
    }
}

impl<'de> Deserializer<'de> for Decoder<'_> {
    type Error = Failed;

    integers! {
        deserialize_i8 visit_i8, deserialize_i16 visit_i16, deserialize_i32 visit_i32, deserialize_i64 visit_i64,
        deserialize_i128 visit_i128, deserialize_u8 visit_u8, deserialize_u16 visit_u16, deserialize_u32 visit_u32,
        deserialize_u64 visit_u64, deserialize_u128 visit_u128,
    }

    fn deserialize_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let Some(node) = self.real()? else { return visitor.visit_unit() };
        match &node.value {
            Value::Scalar { .. } if node.is_null() => visitor.visit_unit(),
            Value::Scalar { text, plain: true } if self.typed => plain(text, visitor),
            Value::Scalar { text, .. } => visitor.visit_str(text),
            Value::List(_) => self.deserialize_seq(visitor),
            Value::Mapping(_) => self.deserialize_map(visitor),
        }
    }

    fn deserialize_bool<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        let help = "Write true or false.";
        match self.scalar("true or false", help)? {
            None | Some("false") => visitor.visit_bool(false),
            Some("true") => visitor.visit_bool(true),
            Some(other) => Err(Failed::wrong(format!("\"{}\" is not true or false", clip(other)), help)),
        }
    }

    fn deserialize_f32<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_f64<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_f64(self.float()?)
    }

    fn deserialize_char<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_str<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_str(
            self.scalar("a text", "Write a text; put quotes around it where YAML needs them.")?.unwrap_or_default(),
        )
    }

    fn deserialize_string<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_bytes<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_byte_buf<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_identifier<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_str(visitor)
    }

    fn deserialize_option<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.real()? {
            Some(node) if !node.is_null() => visitor.visit_some(self),
            _ => visitor.visit_none(),
        }
    }

    fn deserialize_unit<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        match self.real()? {
            Some(node) if !node.is_null() => {
                Err(Failed::wrong(format!("expected nothing, found {}", node.describe()), "Remove the value."))
            }
            _ => visitor.visit_unit(),
        }
    }

    fn deserialize_unit_struct<V: Visitor<'de>>(self, _: &'static str, visitor: V) -> Result<V::Value, Failed> {
        self.deserialize_unit(visitor)
    }

    fn deserialize_newtype_struct<V: Visitor<'de>>(self, name: &'static str, visitor: V) -> Result<V::Value, Failed> {
        if name == at::SEVERAL {
            return access::several(self, visitor);
        }
        if name == either::EITHER {
            return either::either(self, visitor);
        }
        if name == TYPED {
            return visitor.visit_newtype_struct(Self { typed: true, ..self });
        }
        visitor.visit_newtype_struct(self)
    }

    fn deserialize_seq<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        access::list(self, visitor)
    }

    fn deserialize_tuple<V: Visitor<'de>>(self, length: usize, visitor: V) -> Result<V::Value, Failed> {
        match self.real()? {
            None => blank::tuple(&self, length, visitor),
            Some(_) => access::list(self, visitor),
        }
    }

    fn deserialize_tuple_struct<V: Visitor<'de>>(
        self,
        name: &'static str,
        length: usize,
        visitor: V,
    ) -> Result<V::Value, Failed> {
        if name == at::AT {
            return access::at(self, visitor);
        }
        self.deserialize_tuple(length, visitor)
    }

    fn deserialize_map<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        access::mapping(self, None, visitor)
    }

    fn deserialize_struct<V: Visitor<'de>>(
        self,
        _: &'static str,
        fields: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        access::mapping(self, Some(fields), visitor)
    }

    fn deserialize_enum<V: Visitor<'de>>(
        self,
        _: &'static str,
        variants: &'static [&'static str],
        visitor: V,
    ) -> Result<V::Value, Failed> {
        access::variant(self, variants, visitor)
    }

    fn deserialize_ignored_any<V: Visitor<'de>>(self, visitor: V) -> Result<V::Value, Failed> {
        visitor.visit_unit()
    }
}

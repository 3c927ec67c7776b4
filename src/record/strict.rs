//! JSON read so that nothing in it can be read in two ways: what is signed is parsed here and nowhere else.
//!
//! Held to I-JSON (RFC 7493) and to the profile of the record: no name twice (after `\u0061` is read as `a`), no floats, no
//! integer beyond 2^53 - 1, at most [`MAX_DEPTH`] levels, every string NFC and free of hidden characters. It changes
//! nothing: what is not so is refused, with the first reason.

use std::fmt;

use serde::de::{self, DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Value};
use unicode_normalization::is_nfc;

use super::canonical::{is_exact, is_hidden, to_bytes};

/// Deeper nesting than this is refused.
pub const MAX_DEPTH: usize = 64;

/// Why bytes are not strict JSON.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StrictProblem {
    /// Not JSON at all, or nested too deeply.
    #[error("it is not JSON: {0}")]
    NotJson(String),
    /// A name that stands twice in one object.
    #[error("the name \"{0}\" stands twice in one object")]
    DuplicateKey(String),
    /// A string that is not in Unicode normalization form C.
    #[error("the text \"{0}\" is not in Unicode normalization form C")]
    NotNfc(String),
    /// A control, bidirectional or zero-width character.
    #[error("the text \"{0}\" has a character that is not seen")]
    ControlCharacter(String),
    /// Not the one canonical way (RFC 8785) to write it.
    #[error("it is not in canonical form")]
    NotCanonical,
}

/// Reads strict JSON, written in any way.
pub fn parse(bytes: &[u8]) -> Result<Value, StrictProblem> {
    let mut deserializer = serde_json::Deserializer::from_slice(bytes);
    let mut found = None;
    let read = Strict { depth: 0, found: &mut found }.deserialize(&mut deserializer);
    let read = read.and_then(|value| deserializer.end().map(|()| value));
    read.map_err(|error| found.unwrap_or_else(|| StrictProblem::NotJson(error.to_string())))
}

/// Reads strict JSON in its canonical form.
pub fn parse_canonical(bytes: &[u8]) -> Result<Value, StrictProblem> {
    let value = parse(bytes)?;
    match to_bytes(&value) {
        Ok(canonical) if canonical == bytes => Ok(value),
        _ => Err(StrictProblem::NotCanonical),
    }
}

/// Reads one value; the first thing found wrong is kept beside serde's own error, which knows only texts.
struct Strict<'a> {
    depth: usize,
    found: &'a mut Option<StrictProblem>,
}

impl Strict<'_> {
    fn refuse<E: de::Error>(&mut self, problem: StrictProblem) -> E {
        let error = E::custom(&problem);
        self.found.get_or_insert(problem);
        error
    }

    fn text<E: de::Error>(&mut self, text: &str) -> Result<String, E> {
        if text.chars().any(is_hidden) {
            return Err(self.refuse(StrictProblem::ControlCharacter(shown(text))));
        }
        if !is_nfc(text) {
            return Err(self.refuse(StrictProblem::NotNfc(shown(text))));
        }
        Ok(text.to_owned())
    }

    fn number<E: de::Error>(&mut self, number: serde_json::Number) -> Result<Value, E> {
        if is_exact(&number) { Ok(Value::Number(number)) } else { Err(self.refuse(StrictProblem::NotCanonical)) }
    }

    fn inside(&mut self) -> Strict<'_> {
        Strict { depth: self.depth + 1, found: self.found }
    }

    fn deeper<E: de::Error>(&self) -> Result<(), E> {
        let fits = self.depth < MAX_DEPTH;
        if fits { Ok(()) } else { Err(E::custom(format!("it is nested more than {MAX_DEPTH} levels deep"))) }
    }
}

/// As much of a text as a message shows, with what is hidden in it spelled out.
fn shown(text: &str) -> String {
    crate::model::captured::shortened(text, 60)
}

impl<'de> DeserializeSeed<'de> for Strict<'_> {
    type Value = Value;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Value, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Strict<'_> {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("JSON")
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_u64<E: de::Error>(mut self, value: u64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_i64<E: de::Error>(mut self, value: i64) -> Result<Value, E> {
        self.number(value.into())
    }

    fn visit_f64<E: de::Error>(mut self, _: f64) -> Result<Value, E> {
        Err(self.refuse(StrictProblem::NotCanonical))
    }

    fn visit_str<E: de::Error>(mut self, text: &str) -> Result<Value, E> {
        self.text(text).map(Value::String)
    }

    fn visit_seq<A: SeqAccess<'de>>(mut self, mut items: A) -> Result<Value, A::Error> {
        self.deeper()?;
        let mut list = Vec::new();
        while let Some(item) = items.next_element_seed(self.inside())? {
            list.push(item);
        }
        Ok(Value::Array(list))
    }

    fn visit_map<A: MapAccess<'de>>(mut self, mut members: A) -> Result<Value, A::Error> {
        self.deeper()?;
        let mut object = Map::new();
        while let Some(name) = members.next_key::<String>()? {
            let name = self.text(&name)?;
            if object.contains_key(&name) {
                return Err(self.refuse(StrictProblem::DuplicateKey(shown(&name))));
            }
            let value = members.next_value_seed(self.inside())?;
            object.insert(name, value);
        }
        Ok(Value::Object(object))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn refused(json: &str) -> StrictProblem {
        parse_canonical(json.as_bytes()).unwrap_err()
    }

    #[test]
    fn a_name_given_twice_is_refused_however_it_is_spelled() {
        assert_eq!(refused(r#"{"a":1,"a":1}"#), StrictProblem::DuplicateKey("a".to_owned()));
        assert_eq!(refused(r#"{"a":1,"\u0061":2}"#), StrictProblem::DuplicateKey("a".to_owned()));
        assert_eq!(refused(r#"[{"b":{"x":0,"x":0}}]"#), StrictProblem::DuplicateKey("x".to_owned()));
        assert!(parse_canonical(br#"[{"a":1},{"a":1}]"#).is_ok());
    }

    #[test]
    fn other_spellings_of_the_same_value_are_not_canonical() {
        for json in
            [r#"{"\u0061":1}"#, r#"{"b":1,"a":2}"#, "1.0", "1e2", "9007199254740992", "-0", " 1", "1\n", "[1, 2]"]
        {
            assert_eq!(refused(json), StrictProblem::NotCanonical, "{json}");
        }
        for json in ["1", "-1", "9007199254740991", r#"{"a":2,"b":1}"#, "[1,2]", "null", "true"] {
            assert!(parse_canonical(json.as_bytes()).is_ok(), "{json}");
        }
    }

    #[test]
    fn decomposed_and_hidden_characters_are_refused_in_values_and_in_names() {
        assert!(matches!(refused("\"e\u{301}\""), StrictProblem::NotNfc(_)));
        assert!(matches!(refused("{\"e\u{301}\":1}"), StrictProblem::NotNfc(_)));
        assert!(matches!(refused("\"a\u{202e}b\""), StrictProblem::ControlCharacter(_)));
        assert!(matches!(refused(r#""a\u001bb""#), StrictProblem::ControlCharacter(_)));
        assert!(matches!(refused("{\"a\u{200b}\":1}"), StrictProblem::ControlCharacter(_)));
        assert!(parse_canonical("\"\u{e9} \\n\"".as_bytes()).is_ok());
    }

    #[test]
    fn depth_has_a_limit() {
        let nested = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
        assert!(parse_canonical(nested(MAX_DEPTH).as_bytes()).is_ok());
        assert!(matches!(refused(&nested(MAX_DEPTH + 1)), StrictProblem::NotJson(_)));
        assert!(matches!(refused(&nested(100_000)), StrictProblem::NotJson(_)));
    }

    #[test]
    fn what_is_no_json_or_goes_on_is_refused() {
        for json in ["", "{", "[1,]", "1 2", "{}x", "\"\\ud800\"", "NaN", "\u{feff}1"] {
            assert!(matches!(refused(json), StrictProblem::NotJson(_)), "{json:?}");
        }
        assert!(matches!(parse(b"\"\xff\"").unwrap_err(), StrictProblem::NotJson(_)));
    }

    proptest! {
        #[test]
        fn bytes_never_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..64)) {
            let _ = parse_canonical(&bytes);
        }

        #[test]
        fn what_is_accepted_is_what_the_canonicalizer_writes(text in r#"[\[\]{}":,a0-9\\u. ]{0,24}"#) {
            if let Ok(value) = parse_canonical(text.as_bytes()) {
                prop_assert_eq!(serde_json_canonicalizer::to_vec(&value).unwrap(), text.as_bytes());
            }
        }
    }
}

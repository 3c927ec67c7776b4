//! Names that stand twice in one object of a JSON file.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, MapAccess, SeqAccess, Visitor};

use super::{Format, to_json};
use crate::model::fact::Unmeasurable;

/// As [`to_json`], for a file that switches something: a name that stands twice in one object is refused in JSON as it is in
/// YAML, because programs do not agree on which of both counts.
pub fn to_json_once(content: &[u8], format: Format) -> Result<Vec<u8>, Unmeasurable> {
    let json = to_json(content, format)?;
    let mut twice = None;
    // What else is wrong in it, its reader says.
    let _read = Once(&mut twice).deserialize(&mut serde_json::Deserializer::from_slice(&json));
    match twice {
        None => Ok(json),
        Some(name) => {
            let shown: String = name.chars().filter(|character| !character.is_control()).take(100).collect();
            Err(Unmeasurable::new(format!("\"{shown}\" stands twice in one object"), "Take one of both out."))
        }
    }
}

/// Looks for a name that stands twice in one object, and keeps it.
struct Once<'a>(&'a mut Option<String>);

impl<'de> DeserializeSeed<'de> for Once<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Once<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_bool<E>(self, _flag: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _number: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _number: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _number: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _text: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<(), A::Error> {
        while items.next_element_seed(Once(&mut *self.0))?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<(), A::Error> {
        let mut names = HashSet::new();
        while let Some(name) = entries.next_key::<String>()? {
            if names.contains(&name) {
                self.0.get_or_insert(name);
                return Err(serde::de::Error::custom("a name stands twice"));
            }
            names.insert(name);
            entries.next_value_seed(Once(&mut *self.0))?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_refused_where_something_is_switched() {
        let once = |text: &str| to_json_once(text.as_bytes(), Format::Json).map_err(|error| error.reason);
        for fine in [r#"{"a": {"a": 1.50, "b": [{"a": null}, {"a": -1}]}, "b": true}"#, "[1e999999]", "{\"a\": 1, \"a"]
        {
            assert_eq!(once(fine), Ok(fine.as_bytes().to_vec()));
        }
        for twice in [r#"{"a": 1, "a": 1}"#, r#"[{"b": {"a": 1, "c": 2, "\u0061": 3}}]"#] {
            assert_eq!(once(twice), Err("\"a\" stands twice in one object".to_owned()), "{twice}");
        }
    }
}

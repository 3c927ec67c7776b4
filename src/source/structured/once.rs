//! Names that stand twice in one object of a file that switches something.

use super::{Format, MAX_DEPTH, to_json};
use crate::model::fact::Unmeasurable;
use crate::source::names::{Fault, fault};

/// As [`to_json`], for a file that switches something: a name that stands twice in one object is refused in JSON as it is in
/// YAML, because programs do not agree on which of both counts.
pub fn to_json_once(content: &[u8], format: Format) -> Result<Vec<u8>, Unmeasurable> {
    let json = to_json(content, format)?;
    match fault(&json, MAX_DEPTH) {
        Some(Fault::Twice(twice)) => {
            let reason = format!("\"{}\" stands twice in one object", twice.name);
            Err(Unmeasurable::new(reason, "Take one of both out."))
        }
        // What is nested too deeply, its reader refuses.
        Some(Fault::TooDeep) | None => Ok(json),
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

//! The bytes of `record.json`: RFC 8785 (JCS) in the strict profile of I-JSON (RFC 7493): no floats, no integer beyond
//! 2^53 - 1, no duplicate names, every string NFC and free of characters that hide or reorder text.
//!
//! Without floats, what RFC 8785 asks beyond plain compact JSON is the order of names alone. So the JSON library writes and
//! names are sorted; a property test holds the bytes against those of a canonicalizer that does it all.

mod formatter;
mod parts;

use std::fmt::Debug;

use serde::Serialize;
use serde::de::DeserializeOwned;

use self::formatter::written;
pub(super) use self::formatter::{is_exact, is_hidden};
pub use self::parts::Parts;

use crate::model::captured::shortened;
use crate::model::record::{Observation, Record, SCHEMA};
use crate::model::signoff::Name;

/// Larger records are refused before they are parsed.
pub(crate) const MAX_BYTES: usize = 256 << 20;

/// What a check saw is mostly no longer.
const LIKELY: usize = 1 << 10;

/// Why bytes are not a record, or a value cannot become one.
#[derive(Debug, thiserror::Error)]
pub enum RecordProblem {
    /// Over [`MAX_BYTES`].
    #[error("the record is {0} bytes; more than {MAX_BYTES} are not read")]
    TooLarge(usize),
    /// It would be over [`MAX_BYTES`], and nobody could read it again: how large it would be, and the check that found most.
    #[error("the record would be {bytes} bytes, and more than {most} are not read again{largest}")]
    WouldBeTooLarge {
        /// How large it would be.
        bytes: usize,
        /// How large it may be.
        most: usize,
        /// `; 61234123 of them are what ops/users found`; empty where there is no check.
        largest: String,
    },
    /// Not JSON, or not of the shape of a record.
    #[error("the record cannot be read: {0}")]
    Unreadable(#[from] serde_json::Error),
    /// Readable, but not the canonical bytes: somebody edited it, or another program wrote it.
    #[error("the record is not in canonical form: its first {0} bytes are, the rest is not")]
    NotCanonical(usize),
    /// Of a shape this version does not know.
    #[error("the record has the schema \"{0}\"; this version reads \"{SCHEMA}\"")]
    UnknownSchema(String),
    /// A digest that is not 64 lower-case hex digits, or a run id that is no identifier.
    #[error("the record has \"{0}\" where a digest or an identifier stands")]
    NotAnIdentifier(String),
    /// A number that other JSON readers would change.
    #[error("the number {0} has no exact place in a record")]
    InexactNumber(String),
}

impl RecordProblem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::TooLarge(_) => "name a record that countersign wrote: it writes none that is as large",
            Self::WouldBeTooLarge { .. } => {
                "let the check find less, such as a count in place of a list; or split the audit into several"
            }
            Self::Unreadable(_) | Self::UnknownSchema(_) => {
                "name a directory that `countersign run` of this version wrote"
            }
            Self::NotCanonical(_) | Self::NotAnIdentifier(_) => {
                "restore record.json from where it was written; it is never edited by hand"
            }
            Self::InexactNumber(_) => "this is a bug in countersign: please report it with the audit file",
        }
    }
}

/// Canonical bytes of anything that belongs in a record, without a trailing newline.
pub fn to_bytes<T: Serialize>(value: &T) -> Result<Vec<u8>, RecordProblem> {
    Ok(written(value, 0)?.0)
}

/// Canonical bytes of a record, as long as it can be read again.
pub fn record_bytes(record: &Record) -> Result<Vec<u8>, RecordProblem> {
    bounded(record, to_bytes(record)?, MAX_BYTES)
}

/// As [`record_bytes`], of a record whose parts were written before.
pub fn record_bytes_of(record: &Record, parts: &Parts) -> Result<Vec<u8>, RecordProblem> {
    let bytes = parts.joined(record)?;
    debug_assert!(to_bytes(record).is_ok_and(|whole| whole == bytes), "the parts are those of this record");
    bounded(record, bytes, MAX_BYTES)
}

fn bounded(record: &Record, bytes: Vec<u8>, most: usize) -> Result<Vec<u8>, RecordProblem> {
    if bytes.len() <= most {
        return Ok(bytes);
    }
    let size = |seen: &Observation| to_bytes(seen).map_or(0, |bytes| bytes.len());
    let largest = record.observations.iter().map(|seen| (size(seen), &seen.check)).max();
    let largest = largest.map_or_else(String::new, |(size, check)| format!("; {size} of them are what {check} found"));
    Err(RecordProblem::WouldBeTooLarge { bytes: bytes.len(), most, largest })
}

/// The value as it will stand in the record: what is judged and shown is what is written.
pub fn clean<T: Serialize + DeserializeOwned + PartialEq + Debug>(value: T) -> Result<T, RecordProblem> {
    Ok(clean_with_bytes(value)?.0)
}

/// As [`clean`], with the canonical bytes beside it.
pub fn clean_with_bytes<T: Serialize + DeserializeOwned + PartialEq + Debug>(
    value: T,
) -> Result<(T, Vec<u8>), RecordProblem> {
    let (bytes, changed) = written(&value, LIKELY)?;
    if changed {
        return Ok((serde_json::from_slice(&bytes)?, bytes));
    }
    // Nearly always: reading it again would give what is there already.
    debug_assert_eq!(serde_json::from_slice::<T>(&bytes).ok().as_ref(), Some(&value), "it reads as it is written");
    Ok((value, bytes))
}

/// Reads a record and makes sure that these bytes are the only way to write it.
pub fn from_bytes(bytes: &[u8]) -> Result<Record, RecordProblem> {
    if bytes.len() > MAX_BYTES {
        return Err(RecordProblem::TooLarge(bytes.len()));
    }
    let record: Record = match serde_json::from_slice(bytes) {
        Ok(record) => record,
        Err(problem) => return Err(of_another_schema(bytes).unwrap_or(RecordProblem::Unreadable(problem))),
    };
    if record.schema != SCHEMA {
        return Err(RecordProblem::UnknownSchema(record.schema));
    }
    let (canonical, _) = written(&record, bytes.len())?;
    if canonical != bytes {
        let same = canonical.iter().zip(bytes).take_while(|(ours, theirs)| ours == theirs).count();
        return Err(RecordProblem::NotCanonical(same));
    }
    match unfit_identifier(&record) {
        Some(text) => Err(RecordProblem::NotAnIdentifier(shortened(text, 80))),
        None => Ok(record),
    }
}

/// Two spellings of one digest would be two names of one thing.
fn unfit_identifier(record: &Record) -> Option<&str> {
    let named = [Some(&record.policy_sha256), record.previous.as_ref(), record.replayed_from.as_ref()];
    let baseline = record.baseline.as_ref().map(|baseline| &baseline.sha256);
    let blobs = record.exchanges().flat_map(|exchange| exchange.answer.blobs());
    let kept = blobs.flat_map(|blob| [Some(&blob.sha256), blob.head.as_ref()]);
    let runs = record.history.iter().map(|run| Some(&run.sha256));
    let mut digests = named.into_iter().chain([baseline]).chain(runs).chain(kept).flatten();
    let unfit = digests.find(|digest| !is_digest(digest)).map(String::as_str);
    unfit.or_else(|| Some(record.run.run_id.as_str()).filter(|run| run.parse::<Name>().is_err()))
}

/// 64 lower-case hex digits?
pub fn is_digest(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
}

/// A record of another shape says so before anything else is wrong with it.
fn of_another_schema(bytes: &[u8]) -> Option<RecordProblem> {
    #[derive(serde::Deserialize)]
    struct Head {
        schema: String,
    }
    let Head { schema } = serde_json::from_slice(bytes).ok()?;
    (schema != SCHEMA).then_some(RecordProblem::UnknownSchema(schema))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;

    #[test]
    fn names_are_sorted_and_floats_are_refused() {
        assert_eq!(to_bytes(&serde_json::json!({"b": 1, "a": "x"})).unwrap(), br#"{"a":"x","b":1}"#);
        assert!(matches!(to_bytes(&serde_json::json!({"a": 1.5})), Err(RecordProblem::InexactNumber(_))));
        assert!(matches!(to_bytes(&9_007_199_254_740_992_u64), Err(RecordProblem::InexactNumber(_))));
    }

    #[test]
    fn a_record_has_one_spelling() {
        const RECORD: &str = include_str!("../../fixtures/bundles/stack/record.json");
        assert!(from_bytes(RECORD.as_bytes()).is_ok());
        let digest = RECORD.split("\"policySha256\":\"").nth(1).unwrap()[..64].to_owned();
        let upper = digest.to_uppercase();
        for (from, to) in [
            ("{\"audit\"", "\u{feff}{\"audit\""),
            ("{\"audit\"", "{\"\\u0061udit\""),
            ("{\"audit\"", "{\"a\":0,\"audit\""),
            ("The monitoring stack", "The monitoring sta\u{301}ck"),
            ("The monitoring stack", "The monitoring \u{202e}stack"),
            ("The monitoring stack", "The monitoring \\u001bstack"),
            ("\"previous\":null", "\"previous\": null"),
            ("\"previous\":null", "\"previous\":\"\""),
            ("\"previous\":null", "\"previous\":null,\"previous\":null"),
            (digest.as_str(), upper.as_str()),
            ("\"bytes\":", "\"bytes\":1.0,\"x\":"),
            ("Z\",\"", "+00:00\",\""),
        ] {
            assert!(RECORD.contains(from), "{from}");
            let changed = RECORD.replacen(from, to, 1);
            assert!(from_bytes(changed.as_bytes()).is_err(), "{from} -> {to}");
        }
        for changed in [format!("{RECORD}\n"), format!(" {RECORD}"), format!("{RECORD}{RECORD}")] {
            assert!(from_bytes(changed.as_bytes()).is_err());
        }
        let deep = format!("{{\"a\":{}{},{}", "[".repeat(100_000), "]".repeat(100_000), &RECORD[1..]);
        assert!(from_bytes(deep.as_bytes()).is_err());
    }

    #[test]
    fn a_record_that_nobody_could_read_again_is_not_written() {
        let bytes = include_bytes!("../../fixtures/bundles/stack/record.json");
        let record = from_bytes(bytes).unwrap();
        assert_eq!(bounded(&record, to_bytes(&record).unwrap(), bytes.len()).unwrap(), bytes);
        let refused = bounded(&record, to_bytes(&record).unwrap(), bytes.len() - 1).unwrap_err();
        let sizes = record.observations.iter().map(|seen| (to_bytes(seen).unwrap().len(), seen.check.to_string()));
        let (size, check) = sizes.max().unwrap();
        let told =
            format!("the record would be {} bytes, and more than {} are not read again", bytes.len(), bytes.len() - 1);
        assert_eq!(refused.to_string(), format!("{told}; {size} of them are what {check} found"));
    }

    #[test]
    fn hidden_characters_are_made_visible() {
        assert_eq!(to_bytes(&"a\u{202e}b\u{1b}[2J").unwrap(), br#""a\\u{202e}b\\u{1b}[2J""#);
        assert_eq!(clean("a\r\n\u{8}\u{7f}\t\"\\".to_owned()).unwrap(), "a\\u{d}\n\\u{8}\\u{7f}\t\"\\");
    }

    #[test]
    fn of_two_names_that_become_one_the_later_stays() {
        let json = serde_json::json!({"e\u{301}": 1, "a": 2, "\u{e9}": 3});
        assert_eq!(to_bytes(&json).unwrap(), "{\"a\":2,\"\u{e9}\":3}".as_bytes());
    }

    #[test]
    fn decomposed_text_becomes_composed() {
        assert_eq!(to_bytes(&"e\u{301}").unwrap(), "\"\u{e9}\"".as_bytes());
    }

    #[test]
    fn names_are_sorted_by_utf_16_code_units() {
        // U+1F600 is two code units, the first of them below U+FF21.
        let json = serde_json::json!({"\u{ff21}": 1, "\u{1f600}": 2, "a": 3});
        assert_eq!(to_bytes(&json).unwrap(), "{\"a\":3,\"\u{1f600}\":2,\"\u{ff21}\":1}".as_bytes());
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i32>().prop_map(Value::from),
            any::<String>().prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 64, 8, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..8).prop_map(Value::from),
                prop::collection::vec((any::<String>(), inner), 0..8)
                    .prop_map(|members| Value::Object(members.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn a_canonicalizer_writes_the_same_bytes(json in any_json()) {
            let bytes = to_bytes(&json).unwrap();
            let again: Value = serde_json::from_slice(&bytes).unwrap();
            prop_assert_eq!(serde_json_canonicalizer::to_vec(&again).unwrap(), bytes);
        }

        #[test]
        fn cleaning_twice_is_cleaning_once(text in any::<String>()) {
            let once = clean(text).unwrap();
            prop_assert_eq!(clean(once.clone()).unwrap(), once);
        }
    }
}

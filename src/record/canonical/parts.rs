//! A record of which most is written already: its audit before anything was asked, each observation by whoever made it.
//! Only the rest is walked through again.

use serde::{Serialize, Serializer};

use super::RecordProblem;
use super::formatter::written;
use crate::model::judgement::Judgement;
use crate::model::quote::Places;
use crate::model::record::{Baseline, DocumentRead, Earlier, Part, Record, RunContext};

/// The canonical bytes of parts of a record, as [`clean_with_bytes`](super::clean_with_bytes) gives them.
#[derive(Debug)]
pub struct Parts {
    /// Of the audit.
    pub audit: Vec<u8>,
    /// Of each observation, in the order of the audit.
    pub observations: Vec<Vec<u8>>,
}

impl Parts {
    /// The bytes of the record that they are the parts of.
    pub(super) fn joined(&self, record: &Record) -> Result<Vec<u8>, RecordProblem> {
        let Record {
            audit: _,
            baseline,
            documents,
            history,
            judgement,
            observations: _,
            parts,
            places,
            policy_sha256,
            previous,
            replayed_from,
            run,
            schema,
        } = record;
        // What is not written yet is less than half of the rest.
        let ready = self.audit.len() + self.observations.iter().map(Vec::len).sum::<usize>();
        let joined = Joined {
            audit: Written(&self.audit),
            baseline: baseline.as_ref(),
            documents: some(documents),
            history: some(history),
            judgement,
            observations: self.observations.iter().map(|bytes| Written(bytes)).collect(),
            parts: some(parts),
            places: Some(places).filter(|places| !places.is_empty()),
            policy_sha256,
            previous: previous.as_deref(),
            replayed_from: replayed_from.as_deref(),
            run,
            schema,
        };
        Ok(written(&joined, ready + ready / 2)?.0)
    }
}

fn some<T>(list: &[T]) -> Option<&[T]> {
    Some(list).filter(|list| !list.is_empty())
}

/// A [`Record`], field by field.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Joined<'a> {
    audit: Written<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<&'a Baseline>,
    #[serde(skip_serializing_if = "Option::is_none")]
    documents: Option<&'a [DocumentRead]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    history: Option<&'a [Earlier]>,
    judgement: &'a Judgement,
    observations: Vec<Written<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<&'a [Part]>,
    #[serde(skip_serializing_if = "Option::is_none")]
    places: Option<&'a Places>,
    policy_sha256: &'a str,
    previous: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    replayed_from: Option<&'a str>,
    run: &'a RunContext,
    schema: &'a str,
}

/// What is written already. Nothing else in a record is a sequence of bytes: see `write_byte_array` of the formatter.
struct Written<'a>(&'a [u8]);

impl Serialize for Written<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_bytes(self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::canonical::{from_bytes, to_bytes};

    #[test]
    fn parts_make_the_whole() {
        for bytes in [
            include_bytes!("../../../fixtures/bundles/stack/record.json").as_slice(),
            include_bytes!("../../../fixtures/bundles/go-live/record.json"),
        ] {
            let record = from_bytes(bytes).unwrap();
            let observations = record.observations.iter().map(|seen| to_bytes(seen).unwrap()).collect();
            let parts = Parts { audit: to_bytes(&record.audit).unwrap(), observations };
            assert!(parts.joined(&record).unwrap() == bytes);
        }
    }
}

//! Why a check was not looked at: in a record a sentence for whoever reads it, and here what it means.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::model::id::CheckId;

const INTERRUPTED: &str = "interrupted";
const TAKEN_BACK: &str = "not looked at any more: the stage is taken back already";
const NOT_SELECTED: &str = "not selected by --only";
const NOT_CLAIMED: &str = "no claim needs it, and only claims were asked for";
const NOT_IN_SHARD: &str = "not in shard ";
const NOT_IN_PARTS: &str = "none of the merged runs looked at it";
const NOT_MEASURED: &str = "nothing measures it";
const DID_NOT_PASS: &str = " did not pass";
const NOT_KNOWN: (&str, &str) = ("whether ", " passes is not known: it was left out of this run");

/// Why a check was not asked to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub enum SkipReason {
    /// Ctrl-C, or a request to end, came before.
    Interrupted,
    /// A watch did not look at the condition any more, because another takes the stage back.
    TakenBack,
    /// `--only` left it out.
    NotSelected,
    /// No claim needs it, and only claims are judged.
    NotClaimed,
    /// Another shard measures it; the shard that did not, `2/3`.
    NotInShard(String),
    /// Each of several merged runs left it out, for reasons of its own.
    NotInParts,
    /// Nothing measures it.
    NotMeasured,
    /// It waits for this check, which was looked at or could not be.
    DidNotPass(CheckId),
    /// It waits for this check, which was left out of the run.
    NotKnown(CheckId),
    /// What this version does not say.
    Other(String),
}

impl fmt::Display for SkipReason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Interrupted => f.write_str(INTERRUPTED),
            Self::TakenBack => f.write_str(TAKEN_BACK),
            Self::NotSelected => f.write_str(NOT_SELECTED),
            Self::NotClaimed => f.write_str(NOT_CLAIMED),
            Self::NotInShard(shard) => write!(f, "{NOT_IN_SHARD}{shard}"),
            Self::NotInParts => f.write_str(NOT_IN_PARTS),
            Self::NotMeasured => f.write_str(NOT_MEASURED),
            Self::DidNotPass(check) => write!(f, "{check}{DID_NOT_PASS}"),
            Self::NotKnown(check) => write!(f, "{}{check}{}", NOT_KNOWN.0, NOT_KNOWN.1),
            Self::Other(text) => f.write_str(text),
        }
    }
}

impl From<SkipReason> for String {
    fn from(reason: SkipReason) -> Self {
        reason.to_string()
    }
}

impl From<String> for SkipReason {
    fn from(text: String) -> Self {
        let check = |text: Option<&str>| text.and_then(|text| text.parse::<CheckId>().ok());
        match text.as_str() {
            INTERRUPTED => Self::Interrupted,
            TAKEN_BACK => Self::TakenBack,
            NOT_SELECTED => Self::NotSelected,
            NOT_CLAIMED => Self::NotClaimed,
            NOT_IN_PARTS => Self::NotInParts,
            NOT_MEASURED => Self::NotMeasured,
            other => {
                let unknown = other.strip_prefix(NOT_KNOWN.0).and_then(|rest| rest.strip_suffix(NOT_KNOWN.1));
                if let Some(shard) = other.strip_prefix(NOT_IN_SHARD) {
                    Self::NotInShard(shard.to_owned())
                } else if let Some(check) = check(other.strip_suffix(DID_NOT_PASS)) {
                    Self::DidNotPass(check)
                } else if let Some(check) = check(unknown) {
                    Self::NotKnown(check)
                } else {
                    Self::Other(text)
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn every_reason_is_read_back_from_its_sentence() {
        let check = || "monitoring/services-up".parse::<CheckId>().unwrap();
        for (reason, sentence) in [
            (SkipReason::Interrupted, "interrupted"),
            (SkipReason::TakenBack, "not looked at any more: the stage is taken back already"),
            (SkipReason::NotSelected, "not selected by --only"),
            (SkipReason::NotClaimed, "no claim needs it, and only claims were asked for"),
            (SkipReason::NotInShard("2/3".to_owned()), "not in shard 2/3"),
            (SkipReason::NotInParts, "none of the merged runs looked at it"),
            (SkipReason::NotMeasured, "nothing measures it"),
            (SkipReason::DidNotPass(check()), "monitoring/services-up did not pass"),
            (
                SkipReason::NotKnown(check()),
                "whether monitoring/services-up passes is not known: it was left out of this run",
            ),
            (SkipReason::Other("it rained".to_owned()), "it rained"),
            (SkipReason::Other("It Rained did not pass".to_owned()), "It Rained did not pass"),
        ] {
            let json = serde_json::to_string(&reason).unwrap();
            assert_eq!(json, format!("\"{sentence}\""));
            assert_eq!(serde_json::from_str::<SkipReason>(&json).unwrap(), reason);
        }
    }

    proptest! {
        #[test]
        fn whatever_a_record_says_it_says_when_it_is_written_again(
            text in "(not in shard |whether |)[a-z/ 0-9]{0,12}( did not pass| passes is not known: it was left out of this run|)",
        ) {
            prop_assert_eq!(SkipReason::from(text.clone()).to_string(), text);
        }
    }
}

//! Why a node could not be decoded: something for its owner to note, or noted already.

use std::fmt;

use serde::de::{Error, Expected, Unexpected};

use crate::plan::node::clip;
use crate::plan::problem::Code;

/// Why decoding stopped. Whoever holds the node notes it there.
#[derive(Debug)]
pub(crate) enum Failed {
    /// The sink knows it.
    Noted,
    /// A blank was not accepted; the cause is known already.
    Blank,
    /// A key is missing in this mapping.
    Missing(&'static str),
    /// A key is not known in this mapping.
    UnknownKey(String, &'static [&'static str]),
    /// The value is wrong.
    Wrong {
        /// What kind of problem.
        code: Code,
        /// A fragment.
        message: String,
        /// A sentence.
        help: String,
    },
}

impl Failed {
    /// A value of the wrong type.
    pub(crate) fn wrong(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self::Wrong { code: Code::WrongType, message: message.into(), help: help.into() }
    }
}

impl fmt::Display for Failed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Noted | Self::Blank => f.write_str("noted"),
            Self::Missing(key) => write!(f, "\"{key}\" is missing"),
            Self::UnknownKey(key, _) => write!(f, "the key \"{key}\" is not known here"),
            Self::Wrong { message, .. } => f.write_str(message),
        }
    }
}

impl std::error::Error for Failed {}

impl Error for Failed {
    fn custom<T: fmt::Display>(message: T) -> Self {
        let help = "Write it as the description of this key says.".to_owned();
        Self::Wrong { code: Code::InvalidOption, message: message.to_string(), help }
    }

    fn invalid_type(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::wrong(format!("expected {expected}, found {}", described(found)), format!("Write {expected}."))
    }

    fn invalid_value(found: Unexpected<'_>, expected: &dyn Expected) -> Self {
        Self::Wrong {
            code: Code::OutOfRange,
            message: format!("{} is not {expected}", described(found)),
            help: format!("Write {expected}."),
        }
    }

    fn invalid_length(length: usize, expected: &dyn Expected) -> Self {
        Self::wrong(format!("expected {expected}, found {length}"), format!("Write {expected}."))
    }

    fn unknown_variant(variant: &str, known: &'static [&'static str]) -> Self {
        Self::Wrong {
            code: Code::UnknownValue,
            message: format!("\"{}\" is not known here", clip(variant)),
            help: format!("Write one of: {}.", known.join(", ")),
        }
    }

    fn unknown_field(field: &str, known: &'static [&'static str]) -> Self {
        Self::UnknownKey(field.to_owned(), known)
    }

    fn missing_field(field: &'static str) -> Self {
        Self::Missing(field)
    }

    fn duplicate_field(field: &'static str) -> Self {
        Self::Wrong {
            code: Code::DuplicateKey,
            message: format!("\"{field}\" is given twice"),
            help: "Keep one of the two.".to_owned(),
        }
    }
}

/// A value as the message shows it.
fn described(found: Unexpected<'_>) -> String {
    match found {
        Unexpected::Str(text) => format!("\"{}\"", clip(text)),
        Unexpected::Unsigned(number) => format!("\"{number}\""),
        Unexpected::Signed(number) => format!("\"{number}\""),
        Unexpected::Bool(value) => format!("\"{value}\""),
        Unexpected::Unit | Unexpected::Option => "nothing".to_owned(),
        Unexpected::Seq => "a list".to_owned(),
        Unexpected::Map => "a mapping".to_owned(),
        other => other.to_string(),
    }
}

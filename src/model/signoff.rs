//! Sign-offs as they are shown: what each envelope beside a record says, and how far it can be taken at its word without
//! knowing whose keys count. A function of the record and the envelopes, so that documents stay one too.

pub mod people;

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::instant::Instant;

/// The directory of the envelopes in a bundle.
pub const SIGNOFFS: &str = "signoffs";
/// The directory in it with the earlier records that some of them were given for, each under its digest.
pub const EARLIER: &str = "earlier";

/// Envelopes of more bytes are not read.
pub const MAX_ENVELOPE: usize = 1 << 20;

/// Where a bundle keeps an earlier record.
pub fn earlier_path(sha256: &str) -> String {
    format!("{SIGNOFFS}/{EARLIER}/{sha256}.json")
}

/// What a signer decided; what says less is greater.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Decision {
    /// Go.
    Approve,
    /// Go, once what is named is done.
    ApproveWithConditions,
    /// No.
    Reject,
}

impl Decision {
    /// The words, as the documents print them.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Approve => "approves",
            Self::ApproveWithConditions => "approves with conditions",
            Self::Reject => "rejects",
        }
    }

    /// Can it count towards what a role must give? An approval on conditions is one: whether they are met, the record and
    /// those who read it say.
    pub const fn is_approval(self) -> bool {
        !matches!(self, Self::Reject)
    }
}

/// A name in what is signed (role, signer): `[A-Za-z0-9][A-Za-z0-9._@+-]*`, at most 128 characters, ASCII, so that no two
/// look alike.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema)]
#[serde(try_from = "String", into = "String")]
pub struct Name(String);

/// Why a text is not a name in what is signed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "\"{0}\" is not a name that can be signed: use ASCII letters, digits and . _ @ + -, beginning with a letter or digit"
)]
pub struct NotAName(pub String);

impl Name {
    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromStr for Name {
    type Err = NotAName;

    fn from_str(text: &str) -> Result<Self, NotAName> {
        let allowed = |c: char| c.is_ascii_alphanumeric() || "._@+-".contains(c);
        let ok =
            text.starts_with(|c: char| c.is_ascii_alphanumeric()) && text.chars().all(allowed) && text.len() <= 128;
        if ok { Ok(Self(text.to_owned())) } else { Err(NotAName(text.to_owned())) }
    }
}

impl TryFrom<String> for Name {
    type Error = NotAName;

    fn try_from(text: String) -> Result<Self, NotAName> {
        text.parse()
    }
}

impl From<Name> for String {
    fn from(name: Name) -> Self {
        name.0
    }
}

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One envelope beside a record, as it is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignOff {
    /// Its file, relative to the bundle: `signoffs/security.1a2b3c4d.json`.
    pub file: String,
    /// The bytes of that file.
    pub envelope: Vec<u8>,
    /// What can be said of it without knowing whose keys count.
    pub standing: Standing,
    /// What it says; `None` where it could not be trusted far enough to be read.
    pub said: Option<Said>,
    /// The bytes of the earlier record that it was given for, where its standing hangs on what they say.
    pub earlier: Option<Arc<[u8]>>,
}

/// How much of a record a sign-off covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// All of it: it was given for this very record.
    Record,
    /// The areas of its role: it was given for an earlier record, in which everything about them was the same.
    Areas,
}

/// What can be said of an envelope without knowing whose keys count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing {
    /// The signature is that of its key, it covers this record or the areas of its role in it, and the record's own policy
    /// lets it count.
    Covers(Reach),
    /// It would; its signature is of a kind that only `ssh-keygen` can check.
    Unproved(Reach),
    /// It was given for an earlier record: that, or what changed since, a sentence without a full stop.
    Stale(String),
    /// It proves nothing: the code and the reason, a sentence without a full stop.
    Refused {
        /// A stable name, such as `BAD_SIGNATURE`.
        code: &'static str,
        /// Why.
        why: String,
    },
}

/// What an envelope says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Said {
    /// The role that is signed for.
    pub role: Name,
    /// Who signs: a principal of the verifier's `allowed_signers`.
    pub signer: Name,
    /// What is decided.
    pub decision: Decision,
    /// What must be done, where the approval is conditional.
    pub conditions: Vec<String>,
    /// The checks that the signer accepts as they are.
    pub acknowledges: Vec<String>,
    /// A sentence of the signer's own.
    pub statement: String,
    /// When it was signed, by the signer's clock.
    pub issued_at: Instant,
    /// Until when it holds.
    pub expires_at: Instant,
    /// SHA-256 of the record that was signed.
    pub record: String,
    /// Kind of the key, as SSH names it.
    pub key_kind: String,
    /// Fingerprint of the key, `SHA256:...`.
    pub fingerprint: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_ascii_and_begin_with_a_letter_or_digit() {
        for good in ["security", "alice@example.com", "7-up", "A_b.c+d"] {
            assert!(good.parse::<Name>().is_ok(), "{good}");
        }
        for bad in
            ["", "-a", ".a", "@a", "a b", "аlice@example.com", "a\u{202e}b", "a/b", "a,b", "a\n", &"a".repeat(129)]
        {
            assert!(bad.parse::<Name>().is_err(), "{bad:?}");
        }
    }
}

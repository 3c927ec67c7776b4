//! Why a sign-off does not count: stable names, in the order in which they are asked.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Serialize, Serializer};

use crate::model::captured::shortened;
use crate::record::verify;

/// What is wrong with a sign-off. The order is that of the steps: the first that applies is the one that is told.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Code {
    /// The file is no DSSE envelope, or not one in the place of its name.
    Envelope,
    /// What is signed is not said to be an in-toto statement.
    PayloadType,
    /// Not exactly one signature.
    SignatureCount,
    /// The signature is not armored the one way.
    Armor,
    /// Another version of the signature format.
    SshsigVersion,
    /// The field that must be empty is not.
    Reserved,
    /// Signed for another purpose.
    Namespace,
    /// Signed over another hash than SHA-512.
    Hash,
    /// A kind of key that is not accepted.
    Algorithm,
    /// A key that is too short.
    WeakKey,
    /// Nobody touched a hardware key, where that is demanded.
    NoUserPresence,
    /// The signature is not that of this key over this statement.
    BadSignature,
    /// A name stands twice.
    DuplicateKey,
    /// Another spelling of the same JSON.
    NotCanonical,
    /// Text that is not in Unicode normalization form C.
    NotNfc,
    /// A character that is not seen.
    ControlCharacter,
    /// A name that does not belong there.
    UnknownField,
    /// A digest that is not 64 lower-case hex digits.
    DigestFormat,
    /// A name with characters that could look like others.
    IdentifierCharset,
    /// A field is missing, of another type, or a time in another form.
    Malformed,
    /// A statement about something else.
    StatementType,
    /// Not exactly one subject.
    SubjectCount,
    /// Of another record.
    SubjectMismatch,
    /// Of an earlier record.
    Stale,
    /// The record itself is not as it was recorded.
    Record(verify::Code),
    /// Of another run.
    RunMismatch,
    /// The signer was shown another verdict.
    VerdictMismatch,
    /// The signer was shown another audit.
    PolicyMismatch,
    /// Nobody the verifier knows has this key.
    SignerUnknown,
    /// The key is somebody else's.
    SignerKeyMismatch,
    /// The key was revoked.
    KeyRevoked,
    /// The key was not valid when it was signed.
    KeyNotValidAt,
    /// The signer has not this role.
    RoleNotAllowed,
    /// The signer counts already.
    NotDistinct,
    /// The signer wrote the audit.
    AuthorCannotApprove,
    /// Signed before the run ended.
    BeforeRun,
    /// Signed in the future.
    IssuedInFuture,
    /// Past its time.
    Expired,
    /// Given for longer than may be.
    LifetimeTooLong,
    /// Only claims were judged, of an audit that asks more.
    ClaimsAlone,
    /// A check that must be named is not.
    NotAcknowledged,
    /// It rejects.
    NotAnApproval,
    /// The signer has rejected since.
    Withdrawn,
    /// Too few people have signed for a role.
    Threshold,
}

impl Code {
    /// The name, as it is printed.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Envelope => "ENVELOPE",
            Self::PayloadType => "PAYLOAD_TYPE",
            Self::SignatureCount => "SIGNATURE_COUNT",
            Self::Armor => "ARMOR",
            Self::SshsigVersion => "SSHSIG_VERSION",
            Self::Reserved => "RESERVED",
            Self::Namespace => "NAMESPACE",
            Self::Hash => "HASH",
            Self::Algorithm => "ALGORITHM",
            Self::WeakKey => "WEAK_KEY",
            Self::NoUserPresence => "NO_USER_PRESENCE",
            Self::BadSignature => "BAD_SIGNATURE",
            Self::DuplicateKey => "DUPLICATE_KEY",
            Self::NotCanonical => "NOT_CANONICAL",
            Self::NotNfc => "NOT_NFC",
            Self::ControlCharacter => "CONTROL_CHARACTER",
            Self::UnknownField => "UNKNOWN_FIELD",
            Self::DigestFormat => "DIGEST_FORMAT",
            Self::IdentifierCharset => "IDENTIFIER_CHARSET",
            Self::Malformed => "MALFORMED",
            Self::StatementType => "STATEMENT_TYPE",
            Self::SubjectCount => "SUBJECT_COUNT",
            Self::SubjectMismatch => "SUBJECT_MISMATCH",
            Self::Stale => "STALE",
            Self::Record(code) => code.name(),
            Self::RunMismatch => "RUN_MISMATCH",
            Self::VerdictMismatch => "VERDICT_MISMATCH",
            Self::PolicyMismatch => "POLICY_MISMATCH",
            Self::SignerUnknown => "SIGNER_UNKNOWN",
            Self::SignerKeyMismatch => "SIGNER_KEY_MISMATCH",
            Self::KeyRevoked => "KEY_REVOKED",
            Self::KeyNotValidAt => "KEY_NOT_VALID_AT",
            Self::RoleNotAllowed => "ROLE_NOT_ALLOWED",
            Self::NotDistinct => "NOT_DISTINCT",
            Self::AuthorCannotApprove => "AUTHOR_CANNOT_APPROVE",
            Self::BeforeRun => "BEFORE_RUN",
            Self::IssuedInFuture => "ISSUED_IN_FUTURE",
            Self::Expired => "EXPIRED",
            Self::LifetimeTooLong => "LIFETIME_TOO_LONG",
            Self::ClaimsAlone => "CLAIMS_ALONE",
            Self::NotAcknowledged => "NOT_ACKNOWLEDGED",
            Self::NotAnApproval => "NOT_AN_APPROVAL",
            Self::Withdrawn => "WITHDRAWN",
            Self::Threshold => "THRESHOLD",
        }
    }

    /// Is the envelope itself false, whoever signed it? Such a file has no honest origin in a bundle.
    pub fn is_forgery(self) -> bool {
        self <= Self::PolicyMismatch && self != Self::Stale
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// The name, whatever it is: a later version may ask for more.
impl JsonSchema for Code {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "SignoffCode".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": "string", "description": "The first step that is not passed: a stable name such as `BAD_SIGNATURE`."})
    }
}

/// Why a sign-off does not count.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Refusal {
    /// The first step that it does not pass.
    pub code: Code,
    /// Why, one sentence without a full stop.
    pub why: String,
}

impl Refusal {
    pub(super) fn new(code: Code, why: impl Into<String>) -> Self {
        Self { code, why: why.into() }
    }
}

/// As much of a text that nobody vouches for as a reason shows.
pub(super) fn shown(text: &str) -> String {
    shortened(text, 60)
}

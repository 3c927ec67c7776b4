//! What was concluded about a finding, as a value: what it is called may change, and formats must not read it out of words.

use super::Kind;
use crate::model::judgement::{ClaimStatus, Status};

/// The conclusion of the judge about what a finding is about. A waiver changes nothing of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// The status of a check.
    Check(Status),
    /// The result of a claim.
    Claim(ClaimStatus),
    /// A rule of the verdict.
    Rule {
        /// Did it fire?
        fired: bool,
    },
}

impl Standing {
    /// What it is a standing of.
    pub const fn kind(self) -> Kind {
        match self {
            Self::Check(_) => Kind::Check,
            Self::Claim(_) => Kind::Claim,
            Self::Rule { .. } => Kind::Rule,
        }
    }

    /// The word of the report for it: `no data`, `overstated`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Check(status) => status.word(),
            Self::Claim(status) => status.word(),
            Self::Rule { fired: true } => "fired",
            Self::Rule { fired: false } => "clear",
        }
    }

    /// Does it hold, were it by the softer limit? `None` where nothing could be concluded or nothing is asked.
    pub(super) const fn holds(self) -> Option<bool> {
        match self {
            Self::Check(Status::Pass | Status::Warn) => Some(true),
            Self::Check(Status::Fail) => Some(false),
            Self::Check(Status::NoData | Status::Error | Status::Skipped | Status::NotApplicable | Status::Info)
            | Self::Claim(ClaimStatus::Unverified | ClaimStatus::NotFound) => None,
            Self::Claim(status) => Some(status.is_upheld()),
            Self::Rule { fired } => Some(!fired),
        }
    }
}

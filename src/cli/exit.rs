//! The exit codes: a contract, the same for every output format.

use std::process::{ExitCode, Termination};

use crate::model::judgement::Verdict;
use crate::model::record::Record;

/// How a command ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// 0: approved, or nothing to report.
    Clean,
    /// 1: approved with conditions, or findings.
    Conditional,
    /// 2: rejected.
    Rejected,
    /// 3: undetermined; no flag lowers this one.
    Undetermined,
    /// 4: could not run.
    CouldNotRun,
    /// 5: a bundle is not as it was recorded, or a sign-off is missing, stale or invalid.
    NotIntact,
}

impl Exit {
    /// The number.
    pub const fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Conditional => 1,
            Self::Rejected => 2,
            Self::Undetermined => 3,
            Self::CouldNotRun => 4,
            Self::NotIntact => 5,
        }
    }

    /// The exit of a run. Of claims alone nothing is accepted: a wrong one is no condition that somebody took on.
    pub const fn of_run(record: &Record, accept_conditional: bool) -> Self {
        Self::of(record.judgement.verdict, accept_conditional && !record.run.claims_only)
    }

    /// The exit of a verdict; `accept_conditional` turns conditions into 0 and nothing else.
    pub const fn of(verdict: Verdict, accept_conditional: bool) -> Self {
        match verdict {
            Verdict::Approved => Self::Clean,
            Verdict::ApprovedWithConditions if accept_conditional => Self::Clean,
            Verdict::ApprovedWithConditions => Self::Conditional,
            Verdict::Rejected => Self::Rejected,
            Verdict::Undetermined => Self::Undetermined,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn accepting_conditions_lowers_only_conditions() {
        assert_eq!(Exit::of(Verdict::ApprovedWithConditions, true), Exit::Clean);
        assert_eq!(Exit::of(Verdict::ApprovedWithConditions, false), Exit::Conditional);
        assert_eq!(Exit::of(Verdict::Undetermined, true), Exit::Undetermined);
        assert_eq!(Exit::of(Verdict::Rejected, true), Exit::Rejected);
    }
}

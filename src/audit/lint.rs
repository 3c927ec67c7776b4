//! An audit file looked at before it is run: what is wrong with it, and for each check what would make it fail. Nothing is
//! asked of the audited systems.

use std::collections::BTreeMap;

use crate::judge;
use crate::model::counterexample::Reach;
use crate::model::id::CheckId;
use crate::model::instant::Instant;
use crate::plan::problem::Problems;
use crate::plan::{Findings, Plan};

/// What linting found.
#[derive(Debug)]
pub struct Linted {
    /// What should be looked at.
    pub findings: Problems,
    /// Each check, in the order of the audit.
    pub checks: Vec<Proof>,
}

/// That a check can fail, or why it cannot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Proof {
    /// The check.
    pub check: CheckId,
    /// What would make it fail.
    pub reach: Reach,
    /// When there is no data though whatever is asked about stays as it is: `until somebody states it`.
    pub lapse: Option<String>,
}

/// Reads the documents that claims stand in, and tries every check. `now` is the moment by which waivers end.
pub fn lint(plan: Plan, now: Instant) -> Linted {
    let findings = Findings::read(&plan);
    let audit = &plan.audit;
    let proofs = audit.checks.iter().map(|check| Proof {
        check: check.id.clone(),
        reach: judge::reach(audit, check, &findings.places, now),
        lapse: plan.probes.get(&check.id).and_then(|probe| probe.lapse()),
    });
    let checks: Vec<Proof> = proofs.collect();
    let reach: BTreeMap<_, _> = checks.iter().map(|proof| (&proof.check, &proof.reach)).collect();
    let findings = findings.list(plan, &reach, now);
    Linted { findings, checks }
}

impl Proof {
    /// The predicate of a sentence about the check: `fails when up is 3`.
    pub fn told(&self) -> String {
        const MOST: usize = 3;
        let lapse = self.lapse.as_deref().map_or_else(String::new, |lapse| format!("; no data {lapse}"));
        self.reach.example.told(MOST) + &lapse
    }
}

//! `countersign lint`: is the audit file valid, and can every check fail?

use super::arguments::Lint;
use super::run::not_valid;
use super::{Exit, Failure, terminal};
use crate::audit;
use crate::model::audit::Audit;
use crate::model::format::plural;
use crate::plan;

/// Loads each audit file, looks its claims up in their documents, and prints every problem and every finding.
pub(crate) fn lint(arguments: &Lint) -> Result<Exit, Failure> {
    let mut findings = 0;
    for path in &arguments.audits {
        let plan = audit::load(path).map_err(|problem| not_valid(&problem))?;
        let holds = what_it_holds(&plan.audit);
        let found = plan::findings(plan);
        findings += found.list.len();
        if found.list.is_empty() {
            terminal::data(&format!("{}: valid, {holds}\n", path.display()))?;
        } else {
            terminal::data(&found.render(terminal::stdout_has_colour()))?;
        }
    }
    Ok(if findings == 0 { Exit::Clean } else { Exit::Conditional })
}

/// `12 checks in 3 areas and 4 claims`: what there is of either; the claims are those of the audit, not of its checks.
fn what_it_holds(audit: &Audit) -> String {
    let checks = plural(audit.checks.len() as u64, "check", "checks");
    let areas = plural(audit.areas.len() as u64, "area", "areas");
    let claims = plural(audit.claims.len() as u64, "claim", "claims");
    match (audit.checks.is_empty(), audit.claims.is_empty()) {
        (true, false) => claims,
        (false, false) => format!("{checks} in {areas} and {claims}"),
        (_, true) => format!("{checks} in {areas}"),
    }
}

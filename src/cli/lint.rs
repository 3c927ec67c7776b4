//! `countersign lint`: is the audit file valid, and can every check fail?

use super::arguments::Lint;
use super::run::not_valid;
use super::{Exit, Failure, terminal};
use crate::audit;
use crate::model::format::plural;
use crate::plan::problem::Problems;

/// Loads each audit file and prints every problem and every finding.
pub(crate) fn lint(arguments: &Lint) -> Result<Exit, Failure> {
    let mut findings = 0;
    for path in &arguments.audits {
        let plan = audit::load(path).map_err(|problem| not_valid(&problem))?;
        findings += plan.warnings.len();
        if plan.warnings.is_empty() {
            let checks = plural(plan.audit.checks.len() as u64, "check", "checks");
            let areas = plural(plan.audit.areas.len() as u64, "area", "areas");
            terminal::data(&format!("{}: valid, {checks} in {areas}\n", path.display()))?;
        } else {
            let warnings = Problems { list: plan.warnings, sources: plan.sources };
            terminal::data(&warnings.render(terminal::stdout_has_colour()))?;
        }
    }
    Ok(if findings == 0 { Exit::Clean } else { Exit::Conditional })
}

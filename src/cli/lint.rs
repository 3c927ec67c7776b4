//! `countersign lint`: is the audit file valid, and can every check fail?

mod json;

use super::arguments::{Lint, LintFormat};
use super::run::{self, not_valid};
use super::terminal::{self, DIM, visible};
use super::{Exit, Failure};
use crate::audit::lint::{Linted, lint as proved};
use crate::audit::{self, AuditProblem};
use crate::model::audit::Audit;
use crate::model::format::plural;
use crate::witness::clock;

pub(crate) use json::schema;

/// Loads each audit file, looks its claims up in their documents, and prints every problem and every finding; then, for
/// each check, what would make it fail.
pub(crate) fn lint(arguments: &Lint, quiet: bool) -> Result<Exit, Failure> {
    match arguments.format {
        LintFormat::Human => for_people(arguments, quiet),
        LintFormat::Json => for_programs(arguments),
    }
}

fn for_people(arguments: &Lint, quiet: bool) -> Result<Exit, Failure> {
    let mut findings = 0;
    for path in &arguments.paths() {
        let plan = run::load(path, &arguments.stranger, &arguments.within).map_err(|problem| not_valid(&problem))?;
        let holds = what_it_holds(&plan.audit);
        let linted = proved(plan, clock::now());
        let found = linted.findings.list.len();
        findings += found;
        terminal::data(&linted.findings.render(terminal::stdout_has_colour()))?;
        if !quiet || found == 0 {
            let found = if found == 0 { "valid".to_owned() } else { plural(found as u64, "finding", "findings") };
            terminal::data(&format!("{}: {found}, {holds}\n", visible(&path.display().to_string())))?;
        }
        if !quiet {
            terminal::data(&proofs(&linted))?;
        }
    }
    Ok(if findings == 0 { Exit::Clean } else { Exit::Conditional })
}

/// An audit file that is not valid has its problems in the output, too; then the exit code is 4.
fn for_programs(arguments: &Lint) -> Result<Exit, Failure> {
    let mut report = json::Report::new();
    let mut exit = Exit::Clean;
    for path in &arguments.paths() {
        match run::load(path, &arguments.stranger, &arguments.within) {
            Ok(plan) => {
                let linted = proved(plan, clock::now());
                if !linted.findings.list.is_empty() && exit == Exit::Clean {
                    exit = Exit::Conditional;
                }
                report.audit(path, &linted.findings, &linted.checks);
            }
            Err(AuditProblem::Plan(problems)) => {
                exit = Exit::CouldNotRun;
                report.audit(path, &problems, &[]);
            }
            Err(problem) => return Err(not_valid(&problem)),
        }
    }
    terminal::exact(&report.print()?)?;
    Ok(exit)
}

/// One line for each check: its name, and what would make it fail.
fn proofs(linted: &Linted) -> String {
    let names: Vec<String> = linted.checks.iter().map(|proof| proof.check.to_string()).collect();
    let width = names.iter().map(String::len).max().unwrap_or_default();
    let line = |(name, proof): (&String, &audit::lint::Proof)| {
        format!("  {name:width$}  {DIM}{}{DIM:#}\n", visible(&proof.told()))
    };
    names.iter().zip(&linted.checks).map(line).collect()
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

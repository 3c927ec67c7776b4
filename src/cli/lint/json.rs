//! `--format json` of `lint`: a contract. A field may be added; one that is there keeps its name and meaning.

use std::path::Path;

use schemars::JsonSchema;
use serde::Serialize;

use super::Failure;
use crate::audit::lint::Proof;
use crate::ci::{contract, inert};
use crate::cli::terminal;
use crate::model::counterexample::{Counterexample, Way, told};
use crate::plan::problem::{Level, Problem, Problems};

/// Names the shape.
const SCHEMA: &str = "urn:countersign:lint:v1";

/// What linting found.
#[derive(Serialize, JsonSchema)]
pub(super) struct Report {
    /// `urn:countersign:lint:v1`.
    schema: &'static str,
    /// One for each audit file, in the order of the arguments.
    audits: Vec<Audit>,
}

/// One audit file.
#[derive(Serialize, JsonSchema)]
struct Audit {
    /// The file or directory, as it was named.
    path: String,
    /// Everything that is wrong, by file, line and column.
    findings: Vec<Finding>,
    /// Each check, in the order of the file, and what would make it fail; empty where the file is not valid.
    checks: Vec<Check>,
}

/// Something that is wrong.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Finding {
    /// Its stable name, such as `cannot-fail`.
    code: &'static str,
    /// `error` where the audit cannot run, else `warning`.
    level: &'static str,
    /// The file it stands in.
    file: String,
    /// The line, from 1; 0 where the file as a whole is meant.
    line: u32,
    /// The column, from 1, in Unicode scalar values; 0 where the file as a whole is meant.
    column: u32,
    /// The line in which it ends.
    end_line: u32,
    /// The column after its last character.
    end_column: u32,
    /// The way to the value, such as `checks[2].expect.up`; may be empty.
    path: String,
    /// What is wrong.
    message: String,
    /// What to do.
    help: String,
}

/// A check, and what would make it fail.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Check {
    /// `area/check`.
    check: String,
    /// Can it fail, or warn?
    can_fail: bool,
    /// What it comes to then, `fail` or `warn`; not there where it cannot.
    #[serde(skip_serializing_if = "Option::is_none")]
    becomes: Option<&'static str>,
    /// Each of these ways suffices alone.
    when: Vec<When>,
    /// The sentence for people, without its subject: `fails when up is 3`.
    told: String,
}

/// Facts that together make a check fail.
#[derive(Serialize, JsonSchema)]
struct When {
    /// The facts; none where a whole table is claimed, or where it is not known what is claimed.
    facts: Vec<Supposed>,
    /// What they contradict, where that is a claim.
    #[serde(skip_serializing_if = "Option::is_none")]
    claim: Option<String>,
}

/// A fact as it might be measured.
#[derive(Serialize, JsonSchema)]
struct Supposed {
    /// Its name.
    fact: String,
    /// Its value, as the documents print it.
    value: String,
    /// The value of the run before, where the condition is relative to it.
    #[serde(skip_serializing_if = "Option::is_none")]
    baseline: Option<String>,
}

impl Report {
    pub(super) const fn new() -> Self {
        Self { schema: SCHEMA, audits: Vec::new() }
    }

    /// Adds an audit file. Every text is made inert: a runner reads commands out of any line that a step prints.
    pub(super) fn audit(&mut self, path: &Path, findings: &Problems, checks: &[Proof]) {
        self.audits.push(Audit {
            path: inert(&path.display().to_string()),
            findings: findings.list.iter().map(finding).collect(),
            checks: checks.iter().map(check).collect(),
        });
    }

    pub(super) fn print(&self) -> Result<String, Failure> {
        terminal::json(self)
    }
}

fn finding(problem: &Problem) -> Finding {
    Finding {
        code: problem.code.as_str(),
        level: match problem.level {
            Level::Error => "error",
            Level::Warning => "warning",
        },
        file: inert(&problem.file.display().to_string()),
        line: problem.line,
        column: problem.column,
        end_line: problem.end.0,
        end_column: problem.end.1,
        path: inert(&problem.path),
        message: inert(&problem.message),
        help: inert(&problem.help),
    }
}

fn check(proof: &Proof) -> Check {
    let example = &proof.reach.example;
    let (becomes, ways) = match example {
        Counterexample::Ways { status, ways } => (Some(status.word()), ways.as_slice()),
        _ => (None, [].as_slice()),
    };
    Check {
        check: proof.check.to_string(),
        can_fail: example.is_there(),
        becomes,
        when: ways.iter().map(when).collect(),
        told: inert(&proof.told()),
    }
}

fn when(way: &Way) -> When {
    let facts = way.facts.iter().map(|one| Supposed {
        fact: one.fact.clone(),
        value: inert(&told(&one.value)),
        baseline: one.baseline.as_ref().map(|base| inert(&told(base))),
    });
    When { facts: facts.collect(), claim: way.claimed.as_deref().map(inert) }
}

/// The JSON Schema of it, draft 2020-12.
pub(crate) fn schema() -> serde_json::Value {
    contract::<Report>(SCHEMA, "countersign lint")
}

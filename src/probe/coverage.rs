//! How much of the code the tests run, counted from the coverage reports themselves.
//!
//! Nothing that could be run is no rate: no matching file, a report without a line, and reports that cannot be put
//! together are no data.

#[cfg(test)]
mod tests;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use super::report_files::{Content, Reports, age_problem, source_problem};
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::source::coverage::{Coverage as Report, Part, SourceFile, Tally, cobertura, jacoco, lcov, summaries};
use crate::source::output::printable;
use crate::source::shorthand::OneOrMany;
use crate::witness::Witness;

/// How much of the code the tests run, counted from coverage reports.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Coverage {
    /// lcov tracefiles: a glob, or a list of globs, each of which must match a file. Several reports are put together line by
    /// line; a relative name that stands in several needs `same-tree: true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub lcov: Option<OneOrMany<String>>,
    /// Cobertura XML files: a glob, or a list of globs, each of which must match a file. Several reports are put together line
    /// by line, where their `<source>` is the same path and they list the same lines of a file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cobertura: Option<OneOrMany<String>>,
    /// JaCoCo XML files: a glob, or a list of globs, each of which must match a file. Several reports are put together line by
    /// line, where they bear the same name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jacoco: Option<OneOrMany<String>>,
    /// What `llvm-cov export` writes, JSON: a glob, or a list of globs, each of which must match a file. It says how many lines
    /// were run and not which, so that two reports about the same source file cannot be put together.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub llvm_cov: Option<OneOrMany<String>>,
    /// What `coverage json` of coverage.py writes: a glob, or a list of globs, each of which must match a file. As with
    /// `llvm-cov`, two reports about one source file do not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub coverage_py: Option<OneOrMany<String>>,
    /// `coverage-summary.json` of istanbul, nyc, c8, jest and vitest: a glob, or a list of globs, each of which must match a
    /// file. As with `llvm-cov`, two about one file do not fit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub istanbul: Option<OneOrMany<String>>,
    /// Are all reports of one tree of sources, such as those of two runs of its tests? Then a relative name means the same
    /// file in each; without it, reports of two services may both have a `src/main.py`, and two containers both an `/app`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub same_tree: bool,
    /// How old a report may be, such as `24h`; an older one is no data.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub newer_than: Option<String>,
}

/// The columns of `by-file`.
const COLUMNS: &[&str] =
    &["name", "lines", "lines-covered", "line-rate", "branches", "branches-covered", "branch-rate"];
/// Source files beyond which the table has no more rows.
const MAX_ROWS: usize = 2_000;
/// The three sorts of parts, and the facts of each: all, covered, rate.
const PARTS: [(&str, [&str; 3]); 3] = [
    ("lines", ["lines", "lines-covered", "line-rate"]),
    ("branches", ["branches", "branches-covered", "branch-rate"]),
    ("functions", ["functions", "functions-covered", "function-rate"]),
];

type Parse = fn(Content) -> Result<Report, String>;

impl Kind for Coverage {
    const NAME: &'static str = "coverage";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("lines", FactType::Count, "Lines that hold something to run"),
        FactSpec::new("lines-covered", FactType::Count, "Those that were run").higher(),
        FactSpec::new("line-rate", FactType::Ratio, "Share of the lines that were run").higher(),
        FactSpec::new("branches", FactType::Count, "Ways out of decisions"),
        FactSpec::new("branches-covered", FactType::Count, "Those that were taken").higher(),
        FactSpec::new("branch-rate", FactType::Ratio, "Share of the ways that were taken").higher(),
        FactSpec::new("functions", FactType::Count, "Functions and methods"),
        FactSpec::new("functions-covered", FactType::Count, "Those that were run").higher(),
        FactSpec::new("function-rate", FactType::Ratio, "Share of the functions that were run").higher(),
        FactSpec::new("files", FactType::Count, "Source files that the reports name"),
        FactSpec::new(
            "by-file",
            FactType::Table,
            "For each source file: name, lines, lines-covered, line-rate, branches, branches-covered, branch-rate",
        ),
        FactSpec::new("age", FactType::Duration, "How long ago the oldest report was written").lower().growing(),
    ];
    const FRACTION: Option<[&'static str; 3]> = Some(["lines-covered", "lines", "line-rate"]);
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("by-file", COLUMNS)];
    const EXAMPLE: &'static str = r#"{lcov: "target/coverage/*.info", newer-than: 24h}"#;
    const SOURCES: &'static [&'static str] = &["lcov", "cobertura", "jacoco", "llvm-cov", "coverage-py", "istanbul"];

    fn source(&self) -> Option<&'static str> {
        self.sources().into_iter().find(|(_, globs, _)| globs.is_some()).map(|(name, ..)| name)
    }

    fn problems(&self) -> Vec<(String, String)> {
        let given: Vec<_> = self.sources().iter().map(|(name, globs, _)| (*name, globs.is_some())).collect();
        source_problem(&given).into_iter().chain(age_problem(self.newer_than.as_deref())).collect()
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let given = self.sources().into_iter().find_map(|(_, globs, parse)| Some((globs?, parse)));
        let (globs, parse) =
            given.ok_or_else(|| Unmeasurable::new("no source is given", "Give `lcov:`, `cobertura:` or another."))?;
        let reports = Reports {
            globs: &globs.0,
            newer_than: self.newer_than.as_deref(),
            parse,
            absorb: if self.same_tree { Report::absorb } else { Report::absorb_another },
            help: "Name a report that the tool wrote to its end.",
        };
        reports.facts(Self::FACTS, witness, found).await
    }
}

impl Coverage {
    fn sources(&self) -> [(&'static str, Option<&OneOrMany<String>>, Parse); 6] {
        [
            ("lcov", self.lcov.as_ref(), |input| lcov::read(input)),
            ("cobertura", self.cobertura.as_ref(), |input| cobertura::read(input)),
            ("jacoco", self.jacoco.as_ref(), |input| jacoco::read(input)),
            ("llvm-cov", self.llvm_cov.as_ref(), |input| summaries::llvm_cov(input)),
            ("coverage-py", self.coverage_py.as_ref(), |input| summaries::coverage_py(input)),
            ("istanbul", self.istanbul.as_ref(), |input| summaries::istanbul(input)),
        ]
    }
}

fn found(report: &Report) -> Facts {
    let mut facts = Facts::default();
    facts.notes.clone_from(&report.notes);
    if report.left_out() > 0 {
        facts.note(format!("{} more remarks of that sort are left out.", report.left_out()));
    }
    facts.set("files", Value::count(report.files.len()));
    let parts: [fn(&SourceFile) -> &Part; 3] = [|file| &file.lines, |file| &file.branches, |file| &file.functions];
    for ((what, [all, covered, rate]), part) in PARTS.into_iter().zip(parts) {
        match sum(report, what, part) {
            Ok(tally) => {
                facts.set(all, Value::count(tally.total));
                facts.set(covered, Value::count(tally.covered));
                facts.set_or(rate, Value::fraction(tally.covered, tally.total), "there is none");
            }
            Err(reason) => [all, covered, rate].into_iter().for_each(|fact| facts.absent(fact, reason.clone())),
        }
    }
    match report.unlisted("lines").or_else(|| report.unlisted("branches")) {
        Some(reason) => facts.absent("by-file", reason),
        None => facts.set("by-file", Value::Table(table(report))),
    }
    if report.files.len() > MAX_ROWS {
        facts.note(format!("{} more source files are counted and not listed.", report.files.len() - MAX_ROWS));
    }
    facts
}

/// All of one sort together; or why there is no such sum.
fn sum(report: &Report, what: &str, part: fn(&SourceFile) -> &Part) -> Result<Tally, String> {
    if let Some(reason) = report.unlisted(what) {
        return Err(reason.to_owned());
    }
    let mut all: Option<Tally> = None;
    for (name, file) in &report.files {
        if file.doubtful {
            let name: String = name.chars().take(100).collect();
            return Err(format!(
                "several reports tell of \"{name}\" and may mean several files: `same-tree: true` says that it is one"
            ));
        }
        match part(file) {
            Part::Conflict => {
                let name: String = name.chars().take(100).collect();
                return Err(format!("several reports tell of the {what} of \"{name}\" and cannot be put together"));
            }
            known => {
                if let Some(tally) = known.tally() {
                    all.get_or_insert_default().add(tally);
                }
            }
        }
    }
    match all {
        None => Err(format!("the report tells of no {what}")),
        Some(Tally { total: 0, .. }) => Err(format!("the report has no {what} that could be run")),
        Some(tally) => Ok(tally),
    }
}

/// Those of which least is covered come first: they are what a reader looks for.
fn table(report: &Report) -> Table {
    let mut rows: Vec<_> = report.files.iter().collect();
    let missed = |file: &SourceFile| file.lines.tally().map_or(0, |tally| tally.total - tally.covered.min(tally.total));
    rows.sort_by_key(|(_, file)| std::cmp::Reverse(missed(file)));
    let cells = |part: &Part| {
        let tally = part.tally();
        let count = |number: u64| Value::count(number);
        [
            tally.map(|tally| count(tally.total)),
            tally.map(|tally| count(tally.covered)),
            tally.and_then(|tally| Value::fraction(tally.covered, tally.total)),
        ]
    };
    let row = |(name, file): (&String, &SourceFile)| {
        let name = printable(name, 300);
        std::iter::once(Some(Value::Text(name))).chain(cells(&file.lines)).chain(cells(&file.branches)).collect()
    };
    Table {
        columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(),
        rows: rows.into_iter().take(MAX_ROWS).map(row).collect(),
    }
}

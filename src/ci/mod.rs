//! Results for CI systems: one list made from the record, and a file for each format that is made from the list.
//!
//! A format is a pure function of [`Results`]: it asks nothing, and what it writes depends on nothing else. A new one is a
//! file here and a row in [`FORMATS`]; the command line, its help and the README follow.

mod commands;
mod ctrf;
mod cyclonedx;
mod gather;
mod github;
mod gitlab;
mod in_toto;
mod json;
mod junit;
pub mod notice;
mod openmetrics;
mod oscal;
mod places;
pub mod results;
mod sarif;
mod sentences;
mod tap;

#[cfg(test)]
mod tests;

pub use commands::{inert, inert_json, inert_lines};
pub use gather::{CLAIMS_ONLY, results};
pub use github::{MOST_SUMMARY, of_notices as github_of_notices, summary as github_summary};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC};
pub use places::Base;
use results::Results;
pub use sarif::of_notices as sarif_of_notices;
use uuid::Uuid;

use crate::model::digest::sha256;

/// A format for CI.
pub struct Format {
    /// What it is called on the command line.
    pub name: &'static str,
    /// What reads it, a sentence.
    pub summary: &'static str,
    /// Name of its file where only a directory is given.
    pub file: &'static str,
    /// Its text, with a line feed at the end.
    pub render: fn(&Results) -> Result<String, Unwritable>,
}

/// Why a format could not be written: a bug of ours, because any record has every format.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the results cannot be written: {0}")]
pub struct Unwritable(String);

impl Unwritable {
    fn because(error: &impl ToString) -> Self {
        Self(error.to_string())
    }
}

/// Every format, in the order in which they are listed.
pub const FORMATS: &[Format] = &[
    Format {
        name: "junit",
        summary: "JUnit XML: GitLab, Jenkins and most CI systems list its tests.",
        file: "countersign.junit.xml",
        render: junit::render,
    },
    Format {
        name: "sarif",
        summary: "SARIF 2.1.0: GitHub code scanning and editors show findings at their lines.",
        file: "countersign.sarif",
        render: sarif::render,
    },
    Format {
        name: GITHUB,
        summary: "GitHub Actions: annotations on standard output, and the job summary.",
        file: "countersign-summary.md",
        render: github::render,
    },
    Format {
        name: "gitlab",
        summary: "GitLab code quality: a merge request shows findings beside its changes.",
        file: "gl-code-quality-report.json",
        render: gitlab::render,
    },
    Format {
        name: "ctrf",
        summary: "CTRF, the Common Test Report Format: one JSON shape that many test dashboards read.",
        file: "ctrf-report.json",
        render: ctrf::render,
    },
    Format {
        name: "tap",
        summary: "TAP 14, the Test Anything Protocol: one line for each result, for `prove` and its kin.",
        file: "countersign.tap",
        render: tap::render,
    },
    Format {
        name: "openmetrics",
        summary: "OpenMetrics gauges: node_exporter's textfile collector, GitLab's metrics report.",
        file: "countersign.prom",
        render: openmetrics::render,
    },
    Format {
        name: "in-toto",
        summary: "in-toto Statement v1 with a test-result predicate, unsigned: what `cosign` and its kin attest.",
        file: "countersign.intoto.json",
        render: in_toto::render,
    },
    Format {
        name: "cyclonedx",
        summary: "CycloneDX 1.6 attestations: claims, evidence for and against, conformance to each check.",
        file: "countersign.cdx.json",
        render: cyclonedx::render,
    },
    Format {
        name: "oscal",
        summary: "OSCAL assessment results: a finding for each check, for compliance programs.",
        file: "oscal-assessment-results.json",
        render: oscal::render,
    },
    Format {
        name: "json",
        summary: "The results as JSON, for scripts; `countersign schema results` prints its JSON Schema.",
        file: "countersign-results.json",
        render: json::render,
    },
];

/// The format whose text is commands for the runner and must go to standard output; its path is that of the summary.
pub const GITHUB: &str = "github";

/// Text of a finding that stays the same from run to run, as long as it is about the same thing: 64 lower-case hex digits.
fn fingerprint(results: &Results, id: &str) -> String {
    let text = format!("{id}\n{}\n{}", results.audit.id, results.audit.subject);
    sha256(text.as_bytes())
}

/// A UUID (RFC 9562, version 5) that follows from the record and a path inside a format's document.
fn stable_uuid(results: &Results, path: &str) -> String {
    let ours = Uuid::new_v5(&Uuid::NAMESPACE_URL, b"urn:countersign:results");
    let of_record = Uuid::new_v5(&ours, results.record_sha256.as_bytes());
    Uuid::new_v5(&of_record, path.as_bytes()).to_string()
}

/// What stands in a path of a URI as it is (RFC 3986, `pchar` without what could be taken for something else).
const PATH_KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'/').remove(b'-').remove(b'.').remove(b'_').remove(b'~');

/// The JSON Schema of something that is printed for programs, draft 2020-12, under its name and title.
pub fn contract<T: schemars::JsonSchema>(id: &str, title: &str) -> serde_json::Value {
    let settings = schemars::generate::SchemaSettings::draft2020_12().for_serialize();
    let mut schema = settings.into_generator().into_root_schema_for::<T>();
    schema.insert("$id".to_owned(), id.into());
    schema.insert("title".to_owned(), title.into());
    schema.to_value()
}

fn pretty(value: &impl serde::Serialize) -> Result<String, Unwritable> {
    serde_json::to_string_pretty(value).map(|text| text + "\n").map_err(|error| Unwritable::because(&error))
}

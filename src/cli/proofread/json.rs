//! `--format json`: a contract. A field may be added; one that is there keeps its name and meaning.

use schemars::JsonSchema;
use serde::Serialize;

use super::super::Failure;
use super::files::{Finding, Read};
use crate::ci::contract;
use crate::ci::inert;
use crate::cli::terminal;
use crate::proofread::Level;

/// Names the shape.
const SCHEMA: &str = "urn:countersign:proofread:v1";

/// One array: every finding in the order of files and places, and one trailer at the end.
#[derive(Serialize, JsonSchema)]
struct Findings<'a>(Vec<Entry<'a>>);

/// A finding, or the trailer, which is the last entry.
#[derive(Serialize, JsonSchema)]
#[serde(untagged)]
enum Entry<'a> {
    Finding(Found<'a>),
    Trailer(Trailer<'a>),
}

/// A statement that no admissible reading makes true; at level `info`, one that only a second look does.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Found<'a> {
    /// Name of the rule, as `countersign proofread --explain` lists it.
    rule: &'a str,
    /// `error`, `warning` or `info`.
    level: &'static str,
    /// The file as named, with `/`.
    path: String,
    /// The line of the claim, from 1.
    line: u32,
    /// Its column, from 1, in Unicode scalar values.
    column: u32,
    /// The line in which it ends.
    end_line: u32,
    /// The column after its last character.
    end_column: u32,
    /// What is wrong.
    message: String,
    /// What the document says, as written.
    claimed: String,
    /// What its own numbers come to.
    recomputed: String,
    /// The readings that were tried; at level `info`, the one that makes it true.
    readings: &'a [&'static str],
    /// What it rests on, two places or more, the claim first.
    anchors: Vec<Anchor>,
    /// Why somebody allowed it; not there when nobody did.
    #[serde(skip_serializing_if = "Option::is_none")]
    allowed: Option<String>,
}

/// A place.
#[derive(Serialize, JsonSchema)]
struct Anchor {
    /// The file.
    path: String,
    /// The line, from 1.
    line: u32,
    /// The column, from 1.
    column: u32,
    /// What stands there, without markup.
    text: String,
}

/// What was looked at.
#[derive(Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Trailer<'a> {
    /// `urn:countersign:proofread:v1`.
    schema: &'static str,
    /// How many files were read.
    files: usize,
    /// How many relations were held against their numbers.
    checked: u64,
    /// How many were seen and could not be.
    not_checked: u64,
    /// Why not.
    reasons: Vec<Reason<'a>>,
    /// How many relations each rule checked.
    rules: Vec<Checked<'a>>,
    /// Files that were not read, or not as they stand.
    notes: Vec<Note<'a>>,
}

/// Why relations were not checked.
#[derive(Serialize, JsonSchema)]
struct Reason<'a> {
    /// The rule.
    rule: &'a str,
    /// Why.
    reason: &'a str,
    /// How many.
    count: u64,
}

/// How many relations a rule checked.
#[derive(Serialize, JsonSchema)]
struct Checked<'a> {
    /// The rule.
    rule: &'a str,
    /// How many.
    checked: u64,
}

/// A file that was not read as it stands.
#[derive(Serialize, JsonSchema)]
struct Note<'a> {
    /// The file.
    path: String,
    /// Why.
    reason: &'a str,
}

/// The findings as JSON; infos only where the gate asks for them.
pub(super) fn render(read: &Read, gate: Level) -> Result<String, Failure> {
    let shown = read.listed(gate);
    let mut entries: Vec<Entry<'_>> = shown.map(|(path, finding)| Entry::Finding(found(path, finding))).collect();
    let coverage = read.coverage();
    let reasons = coverage.not_checked.iter();
    entries.push(Entry::Trailer(Trailer {
        schema: SCHEMA,
        files: read.files.iter().filter(|file| file.read).count(),
        checked: coverage.relations(),
        not_checked: coverage.left(),
        reasons: reasons.map(|((rule, reason), count)| Reason { rule, reason, count: *count }).collect(),
        rules: coverage.checked.iter().map(|(rule, checked)| Checked { rule, checked: *checked }).collect(),
        notes: read
            .files
            .iter()
            .filter_map(|file| Some(Note { path: inert(&file.path), reason: file.note? }))
            .collect(),
    }));
    terminal::json(&Findings(entries))
}

/// Every text made inert: a runner reads commands out of any line that a step prints.
fn found<'a>(path: &str, finding: &'a Finding) -> Found<'a> {
    let (line, column, end_line, end_column) =
        finding.spots.first().map_or((1, 1, 1, 1), |spot| (spot.line, spot.column, spot.end_line, spot.end_column));
    let path = inert(path);
    let anchors = finding.spots.iter().map(|spot| Anchor {
        path: path.clone(),
        line: spot.line,
        column: spot.column,
        text: inert(&spot.text),
    });
    Found {
        rule: finding.rule,
        level: finding.level.word(),
        line,
        column,
        end_line,
        end_column,
        message: inert(&finding.message),
        claimed: inert(&finding.claimed),
        recomputed: inert(&finding.recomputed),
        readings: &finding.readings,
        anchors: anchors.collect(),
        path,
        allowed: finding.allowed.as_deref().map(inert),
    }
}

/// The JSON Schema of it, draft 2020-12.
pub(super) fn schema_of_findings() -> serde_json::Value {
    contract::<Findings<'_>>(SCHEMA, "countersign proofread")
}

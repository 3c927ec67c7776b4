//! SARIF 2.1.0 as GitHub code scanning wants it: every rule with its texts, every result with a place and a fingerprint.
//!
//! GitHub makes an open alert of every result, whatever its `kind` says. So what passes, was skipped or does not apply is
//! left out; what is waived stays, as a note with its suppression.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use percent_encoding::utf8_percent_encode;
use regex::Regex;
use serde::Serialize;
use serde_json::{Value, json};

use super::notice::{Notice, NoticeRule};
use super::results::{Figures, Finding, Kind, Level, Outcome, Place, Related, Results};
use super::{PATH_KEPT, Unwritable, fingerprint, pretty};
use crate::model::format::plural;

/// GitHub cuts longer texts of rules.
const MOST_TEXT: usize = 1_000;
/// GitHub takes no more results from one run.
const MOST_RESULTS: usize = 25_000;

#[derive(Serialize)]
struct Log<'a> {
    #[serde(rename = "$schema")]
    schema: &'static str,
    version: &'static str,
    runs: [Run<'a>; 1],
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Run<'a> {
    tool: Value,
    automation_details: Value,
    invocations: Value,
    column_kind: &'static str,
    results: Vec<SarifResult<'a>>,
    properties: Value,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct SarifResult<'a> {
    rule_id: String,
    rule_index: usize,
    kind: &'static str,
    level: &'static str,
    message: Text<'a>,
    locations: [Location<'a>; 1],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    related_locations: Vec<Location<'a>>,
    partial_fingerprints: BTreeMap<&'static str, String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    suppressions: Vec<Suppression>,
    properties: BTreeMap<&'static str, &'a str>,
}

#[derive(Serialize)]
struct Text<'a> {
    text: Cow<'a, str>,
}

impl<'a> Text<'a> {
    fn of(text: &'a str) -> Self {
        Self { text: literal(text) }
    }
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Location<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    id: Option<usize>,
    physical_location: PhysicalLocation,
    #[serde(skip_serializing_if = "Option::is_none")]
    message: Option<Text<'a>>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct PhysicalLocation {
    artifact_location: ArtifactLocation,
    region: Region,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct ArtifactLocation {
    uri: String,
    uri_base_id: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: u32,
    start_column: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    end_column: Option<u32>,
}

#[derive(Serialize)]
struct Suppression {
    kind: &'static str,
    status: &'static str,
    justification: String,
}

pub(super) fn render(results: &Results) -> Result<String, Unwritable> {
    let mut rules = Rules::default();
    let shown = results.to_look_at();
    let all = shown.len();
    let listed = shown.into_iter().take(MOST_RESULTS).map(|finding| result(results, finding, &mut rules)).collect();
    let driver = json!({
        "name": results.tool.name,
        "version": results.tool.version,
        "semanticVersion": results.tool.version,
        "rules": rules.list,
    });
    pretty(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": driver}),
            // GitHub takes what stands before the last `/` as the category of the alerts.
            automation_details: json!({"id": format!("countersign/{}/{}", results.audit.id, results.run.id)}),
            invocations: json!([{
                "executionSuccessful": !results.run.interrupted,
                "startTimeUtc": results.run.started_at,
                "endTimeUtc": results.run.finished_at,
                "toolExecutionNotifications": notifications(results, all),
            }]),
            column_kind: "unicodeCodePoints",
            results: listed,
            properties: properties(results),
        }],
    })
}

/// What the run as a whole came to.
fn properties(results: &Results) -> Value {
    let mut properties = json!({
        "verdict": results.verdict.id,
        "reason": results.verdict.reason,
        "recordSha256": results.record_sha256,
        "provenance": results.provenance,
        "notices": results.notices,
    });
    let Figures { score, coverage, .. } = &results.overall;
    for (name, figure) in [("score", score), ("coverage", coverage)] {
        if let Some(figure) = figure {
            properties[name] = json!(figure);
        }
    }
    properties
}

/// Findings in documents, with the texts of every rule they may be of; what was allowed is suppressed and stays.
pub fn of_notices(rules: &[NoticeRule], notices: &[Notice]) -> Result<String, Unwritable> {
    let listed: Vec<Value> = rules
        .iter()
        .map(|rule| {
            let (summary, explain) = (cut(&sentence(rule.summary)), cut(&sentence(rule.explain)));
            json!({
                "id": rule.id,
                "shortDescription": Text::of(&summary),
                "fullDescription": Text::of(&explain),
                "help": Text::of(&explain),
            })
        })
        .collect();
    let driver = json!({
        "name": "countersign",
        "version": env!("CARGO_PKG_VERSION"),
        "semanticVersion": env!("CARGO_PKG_VERSION"),
        "rules": listed,
    });
    let index = |id: &str| rules.iter().position(|rule| rule.id == id).unwrap_or_default();
    let results = notices.iter().take(MOST_RESULTS).map(|notice| {
        let related = (1_usize..).zip(&notice.related).map(|(number, Related { place, message })| Location {
            id: Some(number),
            physical_location: physical(place),
            message: Some(Text::of(message)),
        });
        let allowed = notice.allowed.iter();
        SarifResult {
            rule_id: notice.rule.to_owned(),
            rule_index: index(notice.rule),
            kind: "fail",
            level: level_word(Some(notice.level)),
            message: Text::of(&notice.message),
            locations: [Location { id: None, physical_location: physical(&notice.place), message: None }],
            related_locations: related.collect(),
            partial_fingerprints: BTreeMap::from([("primaryLocationLineHash", notice.fingerprint.clone())]),
            suppressions: allowed
                .map(|reason| Suppression { kind: "inSource", status: "accepted", justification: reason.clone() })
                .collect(),
            properties: BTreeMap::new(),
        }
    });
    pretty(&Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: json!({"driver": driver}),
            automation_details: json!({"id": "countersign/proofread/"}),
            invocations: json!([{"executionSuccessful": true, "toolExecutionNotifications": left_out(notices.len())}]),
            column_kind: "unicodeCodePoints",
            results: results.collect(),
            properties: json!({}),
        }],
    })
}

/// What concerns the run as a whole, and that more results were found than are listed.
fn notifications(results: &Results, found: usize) -> Vec<Value> {
    let caveats = results.caveats().into_iter();
    let told = caveats.map(|caveat| json!({"level": "note", "message": {"text": literal(&caveat)}}));
    told.chain(left_out(found)).collect()
}

/// That more results were found than are listed.
fn left_out(found: usize) -> Vec<Value> {
    let more = found.saturating_sub(MOST_RESULTS);
    let text = || format!("{} not listed here.", plural(more as u64, "more result is", "more results are"));
    (more > 0).then(|| json!({"level": "warning", "message": {"text": text()}})).into_iter().collect()
}

/// The rules that the results name, in the order in which they are first named.
#[derive(Default)]
struct Rules {
    list: Vec<Value>,
    index: BTreeMap<String, usize>,
}

impl Rules {
    fn index_of(&mut self, id: &str, make: impl FnOnce() -> Value) -> usize {
        if let Some(known) = self.index.get(id) {
            return *known;
        }
        self.list.push(make());
        self.index.insert(id.to_owned(), self.list.len() - 1);
        self.list.len() - 1
    }
}

/// A check is a rule of its own; a claim that is wrong, and what could not be evaluated, are the same rule everywhere. A
/// `/` would make a rule of a rule (section 3.49.3), which has no texts.
fn rule_of(finding: &Finding) -> (String, &'static str) {
    let own = || finding.id.replace('/', ".");
    match (finding.kind, finding.outcome) {
        (Kind::Claim, Outcome::NotEvaluated) => ("claim-unverified".to_owned(), "ClaimUnverified"),
        (Kind::Claim, _) => ("claim-mismatch".to_owned(), "ClaimMismatch"),
        (Kind::Check, Outcome::NotEvaluated) => ("evidence-error".to_owned(), "EvidenceError"),
        (Kind::Rule, _) => (own(), "VerdictRule"),
        (Kind::Check, _) => (own(), "CheckFailed"),
    }
}

fn rule(id: &str, name: &str, finding: &Finding) -> Value {
    let (short, full, help) = match id {
        "claim-mismatch" => (
            "A claim differs from what was measured.".to_owned(),
            "A number or text that somebody wrote is not what was measured.".to_owned(),
            "Correct what is written, or bring the system to where the claim says it is.".to_owned(),
        ),
        "claim-unverified" => (
            "A claim could not be verified.".to_owned(),
            "There is nothing that a claim could be compared with, or its place in the document was not found."
                .to_owned(),
            "Let the audit measure what is claimed, or correct the locator of the claim.".to_owned(),
        ),
        "evidence-error" => (
            "A check could not be evaluated.".to_owned(),
            "What a check needs could not be measured, or was not there. Missing data never passes.".to_owned(),
            "See the message for what could not be read, and repair that or the check.".to_owned(),
        ),
        _ => (
            cut(&sentence(&finding.title)),
            cut(&sentence(&finding.title)),
            cut(finding.help.as_deref().unwrap_or("See the message for what was found and what was expected.")),
        ),
    };
    json!({
        "id": id,
        "name": name,
        "shortDescription": Text::of(&short),
        "fullDescription": Text::of(&full),
        "help": Text::of(&help),
        "defaultConfiguration": {"level": level(finding)},
        "properties": {"problem": {"severity": problem(finding)}},
    })
}

fn result<'a>(results: &'a Results, finding: &'a Finding, rules: &mut Rules) -> SarifResult<'a> {
    let (id, name) = rule_of(finding);
    let rule_index = rules.index_of(&id, || rule(&id, name, finding));
    let open = finding.outcome == Outcome::Pending;
    let related = (1_usize..).zip(&finding.related).map(|(number, Related { place, message })| Location {
        id: Some(number),
        physical_location: physical(place),
        message: Some(Text::of(message)),
    });
    let waived = finding.waived.iter().map(|waived| Suppression {
        kind: "external",
        status: "accepted",
        justification: format!("waived by {} until {}: {}", waived.by, waived.until, waived.reason),
    });
    let mut properties = BTreeMap::from([("finding", finding.id.as_str()), ("status", finding.status.as_str())]);
    if let Some(claimed) = &finding.claimed {
        properties.insert("claimed", &claimed.written);
        properties.insert("claimedBy", &claimed.by);
    }
    if let Some(actual) = &finding.actual {
        properties.insert("actual", actual);
    }
    SarifResult {
        rule_id: id,
        rule_index,
        kind: if open { "open" } else { "fail" },
        // The standard forbids any other level to what is no failure.
        level: if open { "none" } else { level(finding) },
        message: Text::of(&finding.message),
        locations: [Location { id: None, physical_location: physical(&finding.place), message: None }],
        related_locations: related.collect(),
        partial_fingerprints: BTreeMap::from([("primaryLocationLineHash", fingerprint(results, &finding.id))]),
        suppressions: waived.collect(),
        properties,
    }
}

fn physical(place: &Place) -> PhysicalLocation {
    PhysicalLocation {
        artifact_location: ArtifactLocation {
            uri: utf8_percent_encode(&place.path, PATH_KEPT).to_string(),
            uri_base_id: "%SRCROOT%",
        },
        region: Region {
            start_line: place.line,
            start_column: place.column.unwrap_or(1),
            end_column: place.end_column,
        },
    }
}

const fn level(finding: &Finding) -> &'static str {
    level_word(finding.level)
}

const fn level_word(level: Option<Level>) -> &'static str {
    match level {
        Some(Level::Error) => "error",
        Some(Level::Warning) => "warning",
        Some(Level::Note) | None => "note",
    }
}

const fn problem(finding: &Finding) -> &'static str {
    match finding.level {
        Some(Level::Error) => "error",
        Some(Level::Warning) => "warning",
        Some(Level::Note) | None => "recommendation",
    }
}

/// A text that a viewer shows as it is: no link (section 3.11.6) and no place for an argument (section 3.11.5) was meant by
/// what a system printed.
fn literal(text: &str) -> Cow<'_, str> {
    static ARGUMENT: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"\{([0-9]+)\}").ok());
    let unlinked = if text.contains("](") { Cow::Owned(text.replace("](", r"\](")) } else { Cow::Borrowed(text) };
    match ARGUMENT.as_ref() {
        Some(argument) if argument.is_match(&unlinked) => {
            Cow::Owned(argument.replace_all(&unlinked, "{{$1}}").into_owned())
        }
        _ => unlinked,
    }
}

fn sentence(text: &str) -> String {
    super::sentences::sentence(text)
}

fn cut(text: &str) -> String {
    crate::model::captured::shortened(text, MOST_TEXT)
}

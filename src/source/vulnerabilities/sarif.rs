//! SARIF 2.1.0: what static analysers and scanners found.
//!
//! Source of the format: OASIS, Static Analysis Results Interchange Format 2.1.0, sections 3.14 (runs), 3.27 (results) and
//! 3.35 (suppressions). The property `security-severity` is a convention of code scanning services.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::io::Read;

use serde::Deserialize;
use serde::de::IgnoredAny;

use super::{Finding, Scan, Severity, json, kept};
use crate::model::number::Number;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Log {
    version: String,
    runs: Vec<Run>,
    inline_external_properties: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Run {
    tool: Tool,
    results: Option<Vec<Result_>>,
    #[serde(default)]
    artifacts: Option<Vec<Listed>>,
    #[serde(default)]
    external_property_file_references: Elsewhere,
    #[serde(default)]
    invocations: Vec<Invocation>,
}

/// Section 3.14.2: files of its own in which parts of a run stand.
#[derive(Deserialize, Default)]
struct Elsewhere {
    results: Option<Vec<IgnoredAny>>,
}

#[derive(Deserialize)]
struct Tool {
    driver: Driver,
    #[serde(default)]
    extensions: Vec<Driver>,
}

impl Tool {
    /// The driver and its extensions.
    fn drivers(&self) -> impl Iterator<Item = &Driver> {
        [&self.driver].into_iter().chain(&self.extensions)
    }
}

#[derive(Deserialize)]
struct Driver {
    #[serde(default)]
    name: String,
    guid: Option<String>,
    #[serde(default)]
    rules: Vec<Rule>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Rule {
    id: String,
    default_configuration: Option<Configuration>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize)]
struct Configuration {
    level: Option<String>,
}

#[derive(Deserialize, Default)]
struct Properties {
    /// A text, though some write a number.
    #[serde(rename = "security-severity")]
    severity: Option<serde_json::Value>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Invocation {
    execution_successful: Option<bool>,
    #[serde(default)]
    tool_execution_notifications: Vec<Notification>,
    #[serde(default)]
    tool_configuration_notifications: Vec<Notification>,
}

impl Invocation {
    /// Section 3.58.6: after an error the results may be incomplete, even where the tool came to its end.
    fn tells_of_an_error(&self) -> bool {
        let all = self.tool_execution_notifications.iter().chain(&self.tool_configuration_notifications);
        all.into_iter().any(|notification| notification.level.as_deref() == Some("error"))
    }
}

#[derive(Deserialize)]
struct Notification {
    level: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Result_ {
    rule_id: Option<String>,
    rule_index: Option<i64>,
    rule: Option<Reference>,
    kind: Option<String>,
    level: Option<String>,
    baseline_state: Option<String>,
    #[serde(default)]
    message: Message,
    #[serde(default)]
    locations: Vec<Location>,
    #[serde(default)]
    suppressions: Option<Vec<Suppression>>,
    #[serde(default)]
    properties: Properties,
}

#[derive(Deserialize, Default, Hash)]
#[serde(default)]
struct Message {
    text: Option<String>,
    id: Option<String>,
    arguments: Vec<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Reference {
    id: Option<String>,
    index: Option<i64>,
    tool_component: Option<Component>,
}

/// Section 3.54: the extension that has the rule; without an index it is the driver, unless it is named.
#[derive(Deserialize)]
struct Component {
    index: Option<i64>,
    name: Option<String>,
    guid: Option<String>,
}

#[derive(Deserialize)]
struct Suppression {
    status: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Location {
    physical_location: Option<Physical>,
    logical_locations: Vec<Logical>,
}

#[derive(Deserialize, Default, Hash)]
#[serde(rename_all = "camelCase", default)]
struct Logical {
    name: Option<String>,
    fully_qualified_name: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Physical {
    artifact_location: Option<Artifact>,
    region: Option<Region>,
}

/// Section 3.4: a file by its address, or by its place among the artifacts of the run.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Artifact {
    uri: Option<String>,
    uri_base_id: Option<String>,
    index: Option<i64>,
}

/// An artifact of a run.
#[derive(Deserialize)]
struct Listed {
    location: Option<Artifact>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Region {
    start_line: Option<i64>,
    start_column: Option<i64>,
}

/// Reads a log to its end. The error says what is wrong with it, as a lower-case fragment.
pub fn read(input: impl Read) -> Result<Scan, String> {
    let log: Log = json(input, "SARIF")?;
    if !log.version.starts_with("2.1") {
        return Err(format!("it is SARIF {}, and only 2.1.0 is read", kept(&log.version)));
    }
    let mut scan = Scan { leveled: true, ..Scan::default() };
    if log.runs.is_empty() {
        scan.unscanned = Some("it has no run".to_owned());
    }
    if log.inline_external_properties.is_some_and(|all| !all.is_empty()) {
        scan.unscanned = Some("it holds parts of its runs as inlineExternalProperties, which are not read".to_owned());
    }
    for run in log.runs {
        let tool = kept(&run.tool.driver.name);
        if run.invocations.iter().any(|invocation| invocation.execution_successful == Some(false)) {
            scan.unscanned = Some(format!("{tool} says that it did not run to its end"));
        } else if run.invocations.iter().any(Invocation::tells_of_an_error) {
            scan.unscanned = Some(format!("{tool} tells of an error, after which its results may be incomplete"));
        }
        if run.external_property_file_references.results.is_some_and(|files| !files.is_empty()) {
            scan.unscanned = Some(format!("results of {tool} are in files of their own, which are not read"));
        }
        match run.results {
            // An empty list is a run that found nothing; no list is one that did not look.
            None => scan.unscanned = Some(format!("the run of {tool} has no results")),
            Some(results) => {
                let (rules, mut places) = (Rules::of(&run.tool), Places::default());
                let artifacts = run.artifacts.unwrap_or_default();
                results.iter().try_for_each(|result| take(result, &rules, &artifacts, &mut places, &mut scan))?;
            }
        }
    }
    Ok(scan)
}

/// The rules of a run, by their ids and by their places.
struct Rules<'a> {
    by_id: BTreeMap<&'a str, &'a Rule>,
    /// The driver and its extensions, each with its rules by their ids.
    drivers: Vec<(&'a Driver, BTreeMap<&'a str, &'a Rule>)>,
    /// Where among these one stands, by its guid and by its name; of two alike, the first.
    by_guid: BTreeMap<&'a str, usize>,
    by_name: BTreeMap<&'a str, usize>,
}

impl<'a> Rules<'a> {
    fn of(tool: &'a Tool) -> Self {
        fn by_id(driver: &Driver) -> impl DoubleEndedIterator<Item = (&str, &Rule)> {
            driver.rules.iter().map(|rule| (rule.id.as_str(), rule))
        }
        let all = tool.extensions.iter().chain([&tool.driver]).flat_map(by_id);
        // Of two with one id, the first.
        let drivers = tool.drivers().map(|driver| (driver, by_id(driver).rev().collect()));
        let (mut by_guid, mut by_name) = (BTreeMap::new(), BTreeMap::new());
        for (place, driver) in tool.drivers().enumerate() {
            by_name.entry(driver.name.as_str()).or_insert(place);
            if let Some(guid) = &driver.guid {
                by_guid.entry(guid.as_str()).or_insert(place);
            }
        }
        Self { by_id: all.collect(), drivers: drivers.collect(), by_guid, by_name }
    }

    /// The driver or extension that a reference names.
    fn driver(&self, named: &Component) -> Option<(&'a Driver, &BTreeMap<&'a str, &'a Rule>)> {
        let place = match (named.index.and_then(|index| usize::try_from(index).ok()), &named.guid, &named.name) {
            (Some(index), ..) => index.checked_add(1)?,
            (None, Some(guid), _) => *self.by_guid.get(guid.as_str())?,
            (None, None, Some(name)) => *self.by_name.get(name.as_str())?,
            (None, None, None) => 0,
        };
        self.drivers.get(place).map(|(driver, rules)| (*driver, rules))
    }

    fn find(&self, result: &Result_) -> Option<&'a Rule> {
        let reference = result.rule.as_ref();
        let index = result.rule_index.or_else(|| reference?.index);
        let id = result.rule_id.as_deref().or_else(|| reference?.id.as_deref());
        let at = |driver: &'a Driver| driver.rules.get(usize::try_from(index?).ok()?);
        // `CA1000/1` is a result of the rule `CA1000`.
        let by_id = || {
            let id = id?;
            self.by_id.get(id).or_else(|| self.by_id.get(id.rsplit_once('/')?.0)).copied()
        };
        // Two extensions may give one id to rules of their own.
        if let Some(component) = reference.and_then(|reference| reference.tool_component.as_ref()) {
            let of_id = |rules: &BTreeMap<&'a str, &'a Rule>| {
                let mut id = id?;
                loop {
                    match rules.get(id) {
                        Some(rule) => return Some(*rule),
                        None => id = id.rsplit_once('/')?.0,
                    }
                }
            };
            let own = self.driver(component).and_then(|(driver, rules)| at(driver).or_else(|| of_id(rules)));
            return own.or_else(by_id);
        }
        by_id().or_else(|| at(self.drivers.first()?.0))
    }
}

/// Which results of a rule there are at a place, in that order.
type Places = BTreeMap<(String, String), BTreeMap<u64, usize>>;

fn take(
    result: &Result_,
    rules: &Rules<'_>,
    artifacts: &[Listed],
    places: &mut Places,
    scan: &mut Scan,
) -> Result<(), String> {
    // What passed or does not apply is no finding; nor is what was there and is gone.
    let decided = match result.kind.as_deref() {
        None | Some("fail") => true,
        // Nobody knows yet: section 3.27.9.
        Some("review" | "open") => false,
        Some(_) => return Ok(()),
    };
    if result.baseline_state.as_deref() == Some("absent") {
        return Ok(());
    }
    let rule = rules.find(result);
    let written = result.properties.severity.as_ref().or_else(|| rule?.properties.severity.as_ref());
    let severity =
        written.filter(|_| decided).and_then(score).map_or(Severity::Unknown, |score| Severity::of_score(&score));
    let default = || rule?.default_configuration.as_ref()?.level.as_deref();
    let default = || if decided { default() } else { Some("none") };
    let level = match result.level.as_deref().or_else(default) {
        Some("error") => "error",
        Some("note") => "note",
        Some("none") => "none",
        _ => "warning",
    };
    // One that somebody still has to look at, or has refused, holds nothing back.
    let undecided = |one: &Suppression| matches!(one.status.as_deref(), Some("underReview" | "rejected"));
    let suppressions = result.suppressions.as_deref().unwrap_or_default();
    let suppressed = !suppressions.is_empty() && !suppressions.iter().any(undecided);
    let id = result.rule_id.as_deref().or_else(|| rule.map(|rule| rule.id.as_str())).unwrap_or("no rule");
    let file = file(result, artifacts);
    let place = place(result, file);
    let there = places.entry((id.to_owned(), place.clone())).or_default();
    let next = there.len();
    let nth = *there.entry(print(result, file)).or_insert(next);
    // Trivy names an image and no line for every package of it.
    let place = if nth == 0 { place } else { format!("{place} ({})", nth + 1).trim_start().to_owned() };
    scan.add(id, &place, Finding { severity, suppressed, fixable: None, level: Some(level) })
}

/// The file that a result is in. Many tools write its address once, among the artifacts.
fn file<'a>(result: &'a Result_, artifacts: &'a [Listed]) -> Option<&'a Artifact> {
    let file = result.locations.first()?.physical_location.as_ref()?.artifact_location.as_ref()?;
    let listed = || artifacts.get(usize::try_from(file.index?).ok()?)?.location.as_ref();
    if file.uri.is_some() { Some(file) } else { listed().filter(|listed| listed.uri.is_some()).or(Some(file)) }
}

/// What tells a result from another of the same rule in the same line.
fn print(result: &Result_, file: Option<&Artifact>) -> u64 {
    let mut hasher = DefaultHasher::new();
    // An address says nothing without what it begins at; where none is known, two places in the list are two files.
    file.map(|file| (&file.uri_base_id, file.index.filter(|_| file.uri.is_none()))).hash(&mut hasher);
    let location = result.locations.first();
    let region = location.and_then(|location| location.physical_location.as_ref()?.region.as_ref());
    region.and_then(|region| region.start_column).hash(&mut hasher);
    location.map(|location| &location.logical_locations).hash(&mut hasher);
    result.message.hash(&mut hasher);
    hasher.finish()
}

/// `src/a.c:12`.
fn place(result: &Result_, file: Option<&Artifact>) -> String {
    let Some(physical) = result.locations.first().and_then(|location| location.physical_location.as_ref()) else {
        return String::new();
    };
    let uri = file.and_then(|file| file.uri.as_deref()).unwrap_or_default();
    match physical.region.as_ref().and_then(|region| region.start_line) {
        Some(line) => format!("{uri}:{line}"),
        None => uri.to_owned(),
    }
}

fn score(written: &serde_json::Value) -> Option<Number> {
    match written {
        serde_json::Value::String(text) => text.trim().parse().ok(),
        serde_json::Value::Number(number) => number.to_string().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

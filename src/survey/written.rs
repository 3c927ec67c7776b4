//! The text of a first audit file. The layout is a template; every text in it is a value that is written as YAML, or a
//! remark in which nothing can act.

use minijinja::syntax::SyntaxConfig;
use minijinja::{AutoEscape, Environment, UndefinedBehavior, context};
use serde_json::{Map, Value as Json, json};

use super::draft::{Draft, slug};
use super::expect::Expected;
use super::flow::{Placeholders, flow, is_printed, scalar};
use super::ground::only;
use super::measure::{Measured, Unmeasured};
use super::{Claim, Survey, usual};
use crate::model::captured::shortened;
use crate::model::fact::{Facts, spaced};
use crate::model::format::{self, and_list};
use crate::model::instant::Instant;

/// The most characters of a remark.
const MOST_REMARK: usize = 160;
/// Where the lines of a remark end.
const WIDTH: usize = 108;
/// Most places that are named in a remark.
const MOST_PLACES: usize = 5;

/// Where the file will stand, and how the commands in it name it.
#[derive(Debug, Clone, Copy)]
pub struct Layout<'a> {
    /// What `countersign run` is given: `checks`.
    pub here: &'a str,
    /// The directory that was surveyed, as seen from the folder of the file: `..`; `None` where that is the same.
    pub root: Option<&'a str>,
    /// The file, as seen from that directory: `checks/audit.yaml`; `None` when it is outside.
    pub file: Option<&'a str>,
}

/// A text, and what it holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// The audit file.
    pub text: String,
    /// How many checks.
    pub checks: usize,
    /// In how many areas.
    pub areas: usize,
    /// How many claims.
    pub claims: usize,
}

/// A check as text: its keys in order, and what a reader should know of it.
#[derive(Debug, Clone, PartialEq)]
pub struct CheckText {
    /// One line each, fit for a comment.
    pub remarks: Vec<String>,
    /// The keys and values.
    pub keys: Map<String, Json>,
}

impl CheckText {
    /// A block of YAML: the remarks, then an item of a list, without indentation.
    pub fn block(&self, placeholders: Placeholders) -> Vec<String> {
        let remarks = self.remarks.iter().map(|remark| format!("# {remark}"));
        let keys = self.keys.iter().enumerate().map(|(at, (key, value))| {
            format!("{} {key}: {}", if at == 0 { "-" } else { " " }, flow(value, placeholders))
        });
        remarks.chain(keys).collect()
    }

    /// An item of a list in one line.
    pub fn line(&self, placeholders: Placeholders) -> String {
        flow(&Json::Object(self.keys.clone()), placeholders)
    }
}

/// A check that was measured.
pub fn check(measured: &Measured, at: Instant) -> CheckText {
    let Measured { draft, facts, expected } = measured;
    let found = found(expected, facts);
    let from = format!("From {}, measured {at}: {found}.", shortened(&draft.from, MOST_REMARK));
    CheckText { remarks: wrapped(&from), keys: keys(draft, expected) }
}

/// A check that was not measured, with the reason where there is one.
pub fn unmeasured_check(draft: &Draft, expected: &[Expected], reason: Option<&str>) -> CheckText {
    let remarks = reason.map(|reason| wrapped(&format!("Not measured when it was added: {reason}.")));
    CheckText { remarks: remarks.unwrap_or_default(), keys: keys(draft, expected) }
}

/// `passed 214, failed 0`.
pub fn found(expected: &[Expected], facts: &Facts) -> String {
    let said = expected
        .iter()
        .filter_map(|(fact, _)| Some(format!("{} {}", spaced(fact), format::value_long(facts.get(fact)?, "UTC"))));
    said.collect::<Vec<_>>().join(", ")
}

/// The keys of a check.
pub(super) fn keys(draft: &Draft, expected: &[Expected]) -> Map<String, Json> {
    let mut keys = Map::new();
    keys.insert("id".to_owned(), json!(draft.id));
    if !draft.title.is_empty() {
        keys.insert("title".to_owned(), json!(draft.title));
    }
    keys.insert(draft.kind.to_owned(), draft.options.clone());
    if !expected.is_empty() {
        let expected = expected.iter().map(|(fact, condition)| (fact.clone(), json!(condition)));
        keys.insert("expect".to_owned(), Json::Object(expected.collect()));
    }
    keys
}

/// A remark in lines that fit a page.
fn wrapped(text: &str) -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for word in remark(text).split(' ') {
        match lines.last_mut().filter(|line| line.chars().count() + word.chars().count() < WIDTH) {
            Some(line) => {
                line.push(' ');
                line.push_str(word);
            }
            None => lines.push(word.to_owned()),
        }
    }
    lines
}

/// Text fit for a comment: one line, everything visible, nothing that YAML does not print.
pub(super) fn remark(text: &str) -> String {
    let shown = shortened(text, MOST_REMARK * 4);
    shown.chars().map(|c| if is_printed(c) { c } else { '\u{fffd}' }).collect()
}

/// The whole file. An error is a mistake of the template.
pub fn written(survey: &Survey, layout: Layout<'_>) -> Result<Written, minijinja::Error> {
    let literal = |text: &str| scalar(text, Placeholders::Literal);
    let mut areas: Vec<(&str, Vec<Vec<String>>)> = Vec::new();
    let vars = vars(survey);
    for measured in &survey.checks {
        let block = named(measured, survey.at, &vars);
        match areas.last_mut().filter(|(area, _)| *area == measured.draft.area) {
            Some((_, checks)) => checks.push(block),
            None => areas.push((measured.draft.area, vec![block])),
        }
    }
    let nothing = areas.is_empty();
    if let (true, Some(file)) = (nothing, layout.file) {
        areas.push(("repository", vec![itself(file)]));
    }
    let shown: Vec<_> = areas
        .iter()
        .map(|(area, checks)| context! { id => *area, title => usual::title(area).unwrap_or(area), checks => checks })
        .collect();
    let mut text = environment()?.get_template("audit.yaml.j2")?.render(context! {
        name => remark(&survey.subject),
        at => survey.at.to_string(),
        here => remark(layout.here),
        id => match slug(&survey.subject) { none if none.is_empty() => "audit".to_owned(), id => id },
        title => literal(&format!("First audit of {}", survey.subject)),
        subject => literal(&survey.subject),
        root => layout.root.map(literal),
        vars => vars.iter().map(Var::line).collect::<Vec<_>>(),
        nothing,
        areas => shown,
        claims => survey.claims.iter().map(claim).collect::<Vec<_>>(),
        unclaimed => survey.unclaimed.iter().map(|line| remark(line)).collect::<Vec<_>>(),
        unclaimed_more => survey.unclaimed_more,
        unmeasured => survey.unmeasured.iter().map(unmeasured).collect::<Vec<_>>(),
        not_found => match survey.not_found.as_slice() {
            [] => Vec::new(),
            names => wrapped(&format!("Looked for, and not found: {}.", and_list(names))),
        },
        notes => survey.notes.iter().flat_map(|note| wrapped(note)).collect::<Vec<_>>(),
    })?;
    text.truncate(text.trim_end().len());
    text.push('\n');
    let checks = areas.iter().map(|(_, checks)| checks.len()).sum();
    Ok(Written { text, checks, areas: areas.len(), claims: survey.claims.len() })
}

/// A server that has a name in the file, so that another machine may have it elsewhere.
struct Var {
    name: String,
    url: String,
    variable: &'static str,
}

impl Var {
    fn line(&self) -> String {
        let value = format!("${{env:{}:-{}}}", self.variable, self.url);
        format!("{}: {}", self.name, scalar(&value, Placeholders::Meant))
    }
}

/// The first server of each sort that a check asks.
fn vars(survey: &Survey) -> Vec<Var> {
    let mut vars: Vec<Var> = Vec::new();
    for (url, variable) in survey.checks.iter().filter_map(|check| check.draft.address.as_ref()) {
        let name = variable.strip_suffix("_URL").unwrap_or(variable);
        let fits = !url.contains(['$', '{', '}']);
        if fits && vars.iter().all(|var| var.name != name) {
            vars.push(Var { name: name.to_owned(), url: url.clone(), variable });
        }
    }
    vars
}

/// A check, with the name of its server in place of the address.
fn named(measured: &Measured, at: Instant, vars: &[Var]) -> Vec<String> {
    let mut text = check(measured, at);
    let address = measured.draft.address.as_ref().map(|(url, _)| url);
    let var = address.and_then(|url| vars.iter().find(|var| var.url == *url));
    let (Some(var), Some(options)) = (var, text.keys.get_mut(measured.draft.kind)) else {
        return text.block(Placeholders::Literal);
    };
    name_in(options, var);
    // All of it was written here: there is no other `${` in it.
    text.block(Placeholders::Meant)
}

fn name_in(value: &mut Json, var: &Var) {
    match value {
        Json::Object(entries) => entries.values_mut().for_each(|value| name_in(value, var)),
        Json::Array(items) => items.iter_mut().for_each(|item| name_in(item, var)),
        Json::String(text) => {
            if let Some(rest) = text.strip_prefix(var.url.as_str()) {
                *text = format!("${{{}}}{rest}", var.name);
            }
        }
        _ => {}
    }
}

/// Where nothing can be measured yet, there is still the file itself.
fn itself(file: &str) -> Vec<String> {
    let keys = Map::from_iter([
        ("id".to_owned(), json!("audit-file")),
        ("title".to_owned(), json!("The audit file is there and not everybody may change it")),
        ("file".to_owned(), json!({"paths": [only(file)]})),
        ("expect".to_owned(), json!({"missing": "== 0", "world-writable": "== 0"})),
    ]);
    let remarks = vec!["Nothing else could be measured here yet: a check to begin with.".to_owned()];
    CheckText { remarks, keys }.block(Placeholders::Literal)
}

fn claim(claim: &Claim) -> minijinja::Value {
    let literal = |text: &str| scalar(text, Placeholders::Literal);
    let said = claim.places.iter().take(MOST_PLACES).map(|place| format!("{} says {}", place.line, place.written));
    context! {
        id => claim.id.as_str(),
        title => literal(&claim.title),
        fact => claim.fact.as_str(),
        places => claim.places.iter().map(|place| literal(&place.locator)).collect::<Vec<_>>(),
        said => wrapped(&said.collect::<Vec<_>>().join(", ")),
    }
}

fn unmeasured(left: &Unmeasured) -> minijinja::Value {
    let Unmeasured { draft, reason } = left;
    context! {
        why => wrapped(&format!("{}/{}, from {}: {reason}", draft.area, draft.id, draft.from)),
        line => remark_of_check(draft),
    }
}

/// The check in one line, as somebody would write it; cut off nowhere, because it is meant to be copied.
fn remark_of_check(draft: &Draft) -> String {
    CheckText { remarks: Vec::new(), keys: keys(draft, &[]) }.line(Placeholders::Literal)
}

fn environment() -> Result<Environment<'static>, minijinja::Error> {
    let mut environment = Environment::new();
    if let Ok(syntax) = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.add_template("audit.yaml.j2", include_str!("../../templates/init/audit.yaml.j2"))?;
    Ok(environment)
}

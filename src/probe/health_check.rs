//! Whether things say that they are well: over HTTP or gRPC, on a TCP port, by their name, or as a command counts them.
//!
//! What cannot be reached has neither passed nor failed: then the whole check could not look. What answers that it is
//! unwell has failed. What answers and does not say is unknown, and leaves the counts absent.

mod counts;
mod remote;
mod target;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use futures_util::future::join_all;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::condition::Condition;
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::source::endpoint::with_endpoint;
use crate::source::health::{Part, Said};
use crate::source::jq::Filter;
use crate::source::shorthand::{FromText, OneOrMany, TextOr};
use crate::witness::Witness;

/// Health checks: how many there are, and how many pass.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HealthCheck {
    /// Addresses that answer how they are: one, or a list.
    Http(OneOrMany<TextOr<HttpTarget>>),
    /// Ports that take a connection: one, or a list. A refused connection is a failure.
    Tcp(OneOrMany<TextOr<TcpTarget>>),
    /// gRPC servers with the standard health service (`grpc.health.v1.Health`): one, or a list.
    Grpc(OneOrMany<TextOr<GrpcTarget>>),
    /// Names that resolve: one, or a list.
    Dns(OneOrMany<TextOr<DnsTarget>>),
    /// A command that runs health checks of its own.
    Command(CommandCheck),
}

with_endpoint! {
    /// An address that answers how it is.
    pub struct HttpTarget {
        /// What to call it; the address unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub name: Option<String>,
        /// The method; `GET` unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub method: Option<String>,
        /// A body to send.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub body: Option<String>,
        /// When it passes. Without it, any status from 200 to 299 does, unless the body says that it is not well. An answer of
        /// another host or path, or with more in its query, after a redirect, is no answer.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub passes_when: Option<PassesWhen>,
        /// How the answer is read: by its status unless given.
        #[serde(default, skip_serializing_if = "HttpReads::is_default")]
        pub reads: HttpReads,
    }
}

/// When an answer passes: all that is given here must hold.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PassesWhen {
    /// A condition on the status, such as `== 204`; from 200 to 299 unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub status: Option<Condition>,
    /// A jq filter on the body; without `is` it must yield `true`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub jq: Option<String>,
    /// A condition on what the filter yields, such as `== ok`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schemars(with = "Option<String>")]
    pub is: Option<Condition>,
}

/// How an HTTP answer is read.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum HttpReads {
    /// By its status, and by `passes-when`.
    #[default]
    Status,
    /// As `application/health+json`, by the `status` in its body: `pass`, `ok`, `up`, `healthy`; `warn`, `degraded`; `fail`,
    /// `error`, `down`, `unhealthy`.
    HealthJson,
    /// As Spring Boot Actuator's `/actuator/health`: `UP`, `DOWN`, `OUT_OF_SERVICE`, with its components.
    Spring,
    /// As Grafana's `/api/health`.
    Grafana,
    /// As etcd's `/health`.
    Etcd,
    /// As the text of Kubernetes' `/livez?verbose`, `/readyz?verbose` and `/healthz?verbose`.
    Kubernetes,
}

impl HttpReads {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

/// A port that takes a connection.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct TcpTarget {
    /// `host:port`.
    pub address: String,
    /// What to call it; the address unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
}

/// A command that runs health checks of its own.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct CommandCheck {
    /// Program and arguments; no shell reads them.
    pub run: Vec<String>,
    /// Where to run it, below the audit's root.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Variables to set for it.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub env: BTreeMap<String, String>,
    /// What it says: lines such as `Passed: 5` and `Failed: 0`, JSON, or only its exit code.
    #[serde(default, skip_serializing_if = "CommandReads::is_default")]
    pub reads: CommandReads,
    /// With `reads: json`, a jq filter for how many passed; `.passed` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<String>,
    /// With `reads: json`, a jq filter for how many failed; `.failed` unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub failed: Option<String>,
    /// With `reads: json`, a jq filter for how many passed with a warning.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub degraded: Option<String>,
}

/// What a command says.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CommandReads {
    /// Lines such as `Passed: 5` and `Failed: 0`.
    #[default]
    Counts,
    /// JSON, with the counts where the filters say.
    Json,
    /// One check: it passes when the exit code is 0.
    Exit,
}

impl CommandReads {
    fn is_default(&self) -> bool {
        *self == Self::default()
    }
}

pub use remote::{DnsTarget, GrpcTarget};

impl FromText for HttpTarget {
    const EXPECTED: &'static str = "an address such as http://localhost:8080/health, or a mapping with `url`";

    fn from_text(url: String) -> Self {
        Self { url, ..Self::default() }
    }
}

impl FromText for TcpTarget {
    const EXPECTED: &'static str = "a `host:port`, or a mapping with `address`";

    fn from_text(address: String) -> Self {
        Self { address, name: None }
    }
}

/// What came of one check.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Outcome {
    Passed,
    Degraded,
    Failed,
    /// It answered, and does not say.
    #[default]
    Unknown,
}

impl From<Said> for Outcome {
    fn from(said: Said) -> Self {
        match said {
            Said::Well => Self::Passed,
            Said::Degraded => Self::Degraded,
            Said::Unwell => Self::Failed,
            Said::Silent | Said::Figure => Self::Unknown,
        }
    }
}

impl Outcome {
    fn word(&self) -> &'static str {
        match self {
            Self::Passed => "passed",
            Self::Degraded => "degraded",
            Self::Failed => "failed",
            Self::Unknown => "unknown",
        }
    }
}

/// One check, looked at.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Checked {
    name: String,
    outcome: Outcome,
    detail: String,
    /// The parts that it lists, where its answer is of a sort that may.
    parts: Option<Vec<Part>>,
}

/// The columns of `checks`.
const COLUMNS: &[&str] = &["name", "result", "detail"];
/// The columns of `components`.
const PART_COLUMNS: &[&str] = &["check", "name", "result", "detail"];

impl Kind for HealthCheck {
    const NAME: &'static str = "health-check";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Health checks"),
        FactSpec::new("passed", FactType::Count, "Those that pass").higher(),
        FactSpec::new("failed", FactType::Count, "Those that answer that they are not well").lower(),
        FactSpec::new("degraded", FactType::Count, "Those that pass with a warning; they are in neither of the two")
            .lower(),
        FactSpec::new("pass-rate", FactType::Ratio, "The share of all that pass").higher(),
        FactSpec::new("checks", FactType::Table, "Each check: name, result, detail"),
        FactSpec::new("failed-components", FactType::Count, "Parts that a check lists and that are not well").lower(),
        FactSpec::new("components", FactType::Table, "Each part that a check lists: check, name, result, detail"),
    ];
    const FRACTION: Option<[&'static str; 3]> = Some(["passed", "total", "pass-rate"]);
    const TABLES: &'static [(&'static str, &'static [&'static str])] =
        &[("checks", COLUMNS), ("components", PART_COLUMNS)];
    const EXAMPLE: &'static str =
        r#"{http: {url: "http://localhost:3000/api/health", passes-when: {jq: .database, is: == ok}}}"#;

    fn source(&self) -> Option<&'static str> {
        Some(match self {
            Self::Http(_) => "http",
            Self::Tcp(_) => "tcp",
            Self::Grpc(_) => "grpc",
            Self::Dns(_) => "dns",
            Self::Command(_) => "command",
        })
    }

    fn problems(&self) -> Vec<(String, String)> {
        match self {
            Self::Http(targets) => targets.0.iter().flat_map(|TextOr(target)| target.problems()).collect(),
            Self::Tcp(targets) => {
                targets.0.iter().filter_map(|TextOr(target)| super::tcp::address(&target.address).err()).collect()
            }
            Self::Grpc(targets) => targets.0.iter().flat_map(|TextOr(target)| target.endpoint().problems()).collect(),
            Self::Dns(targets) => targets.0.iter().flat_map(|TextOr(target)| target.problems()).collect(),
            Self::Command(command) => command.problems(),
        }
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        // All at once, and in the order of the plan whichever answers first; the door bounds how many are under way.
        let looks = match self {
            Self::Http(targets) => join_all(targets.0.iter().map(|TextOr(target)| target.look(witness))).await,
            Self::Tcp(targets) => join_all(targets.0.iter().map(|TextOr(target)| target.look(witness))).await,
            Self::Grpc(targets) => join_all(targets.0.iter().map(|TextOr(target)| target.look(witness))).await,
            Self::Dns(targets) => join_all(targets.0.iter().map(|TextOr(target)| target.look(witness))).await,
            Self::Command(command) => return command.look(witness).await,
        };
        together(looks).map(|checks| facts(&checks))
    }
}

fn filter_problems<'a>(filters: impl IntoIterator<Item = &'a Option<String>>) -> Vec<(String, String)> {
    let compiled = filters.into_iter().flatten().map(|filter| Filter::compile(filter));
    compiled.filter_map(Result::err).map(|problem| (problem.message, problem.help)).collect()
}

impl HttpTarget {
    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = self.endpoint().problems();
        let Some(when) = &self.passes_when else { return problems };
        problems.extend(filter_problems([&when.jq]));
        let mut say = |message: &str, help: &str| problems.push((message.to_owned(), help.to_owned()));
        if when.is.is_some() && when.jq.is_none() {
            say("`is` has nothing to be held against", "add `jq:` to say what of the answer it is about");
        }
        if when.is.is_none() && when.jq.is_none() && when.status.is_none() {
            say("`passes-when` is empty", "say when it passes, with `status:` or `jq:`");
        }
        if self.reads != HttpReads::Status {
            say("`passes-when` means nothing beside `reads`", "keep one of the two");
        }
        let mut fits = |condition: &Option<Condition>, fact_type| {
            if let Some(Err(problem)) = condition.as_ref().map(|condition| condition.fits(fact_type)) {
                problems.push((problem.message, problem.help));
            }
        };
        fits(&when.status, FactType::Count);
        if [&when.is, &when.status].into_iter().flatten().any(Condition::is_relative) {
            problems.push(("there is no baseline here".to_owned(), "hold it against a fixed value".to_owned()));
        }
        problems
    }
}

/// Every check; or, when one could not be looked at, which and why.
fn together(looks: Vec<Result<Checked, Unmeasurable>>) -> Result<Vec<Checked>, Unmeasurable> {
    let all = looks.len();
    let (mut checks, mut problems) = (Vec::new(), Vec::new());
    for look in looks {
        match look {
            Ok(checked) => checks.push(checked),
            Err(problem) => problems.push(problem),
        }
    }
    let Some(first) = problems.first() else { return Ok(checks) };
    let mut reasons: Vec<_> = problems.iter().take(3).map(|problem| problem.reason.clone()).collect();
    if problems.len() > 3 {
        reasons.push(format!("and {} more", problems.len() - 3));
    }
    let share = if all > 1 { format!("{} of {all} could not be looked at: ", problems.len()) } else { String::new() };
    Err(Unmeasurable::new(format!("{share}{}", reasons.join("; ")), first.help.clone()))
}

fn facts(checks: &[Checked]) -> Facts {
    let mut facts = Facts::default();
    let count = |outcome: Outcome| checks.iter().filter(|checked| checked.outcome == outcome).count();
    facts.set("total", Value::count(checks.len()));
    let unknown = checks.iter().find(|checked| checked.outcome == Outcome::Unknown);
    if let Some(Checked { name, detail, .. }) = unknown {
        for fact in ["passed", "failed", "degraded", "pass-rate"] {
            facts.absent(fact, format!("\"{name}\" does not say how it is: {detail}"));
        }
    } else {
        for (fact, outcome) in
            [("passed", Outcome::Passed), ("failed", Outcome::Failed), ("degraded", Outcome::Degraded)]
        {
            facts.set(fact, Value::count(count(outcome)));
        }
        let share = Value::fraction(count(Outcome::Passed), checks.len());
        facts.set_or("pass-rate", share, "there is no check");
    }
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let row = |checked: &Checked| vec![text(&checked.name), text(checked.outcome.word()), text(&checked.detail)];
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    facts.set("checks", Value::Table(Table { columns, rows: checks.iter().map(row).collect() }));
    set_parts(&mut facts, checks);
    facts
}

fn set_parts(facts: &mut Facts, checks: &[Checked]) {
    let lists: Vec<_> = checks.iter().filter_map(|checked| Some((checked, checked.parts.as_ref()?))).collect();
    let parts: Vec<_> = lists.iter().flat_map(|(of, parts)| parts.iter().map(move |part| (*of, part))).collect();
    if parts.is_empty() {
        // Where no answer is of a sort that lists parts, there is nothing to say about them.
        if !lists.is_empty() {
            facts.absent("failed-components", "no check lists its components");
            facts.absent("components", "no check lists its components");
        }
        return;
    }
    let text = |text: &str| Some(Value::Text(text.to_owned()));
    let row = |(of, part): &(&Checked, &Part)| {
        vec![text(&of.name), text(&part.name), text(Outcome::from(part.said).word()), text(&part.detail)]
    };
    let columns = PART_COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    let unwell = parts.iter().filter(|(_, part)| part.said == Said::Unwell).count();
    // One that is not well is bad enough; without any, one of which nobody knows may be the first.
    let silent = parts.iter().find(|(_, part)| part.said == Said::Silent);
    let untold = lists.iter().find(|(of, parts)| of.outcome != Outcome::Passed && parts.is_empty());
    match (silent, untold) {
        (Some((of, part)), _) if unwell == 0 => facts.absent(
            "failed-components",
            format!("\"{}\" of {} does not say how it is: {}", part.name, of.name, part.detail),
        ),
        (None, Some((of, _))) if unwell == 0 => facts
            .absent("failed-components", format!("{} does not pass and lists no component: {}", of.name, of.detail)),
        _ => facts.set("failed-components", Value::count(unwell)),
    }
    facts.set("components", Value::Table(Table { columns, rows: parts.iter().map(row).collect() }));
    for (of, parts) in lists.iter().filter(|(of, _)| of.outcome == Outcome::Passed) {
        if let Some(part) = parts.iter().find(|part| part.said == Said::Unwell) {
            facts
                .notes
                .push(format!("\"{}\" says that it is well, and that its part \"{}\" is not.", of.name, part.name));
        }
    }
}

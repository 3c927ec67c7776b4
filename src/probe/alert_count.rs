//! How many alerting rules there are, and how many of them fire: from Prometheus, Alertmanager, Grafana, or rule files.
//!
//! A rule that cannot be evaluated never fires. So the counts by state are there only when there are rules
//! and every one of them could be.

#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::model::format::plural;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::alertmanager::{self, HeldAlert, State};
use crate::source::endpoint::with_endpoint;
use crate::source::grafana;
use crate::source::output::about;
use crate::source::place::MOST;
use crate::source::prometheus::{Alert, AlertState, Health, Prometheus, Rule, RuleKind, Rules, doubt};
use crate::source::rule_files::{self, DeclaredRules};
use crate::source::shorthand::{FromText, TextOr};
use crate::witness::Witness;

/// How many alerting rules there are, and how many of them fire.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum AlertCount {
    /// The rules of a Prometheus server, with their states.
    Prometheus(TextOr<AlertServer>),
    /// The alerts that an Alertmanager holds; it knows no rules.
    Alertmanager(TextOr<AlertHolder>),
    /// The rules that files declare (Prometheus's YAML, Kubernetes' PrometheusRule); they have no states.
    RuleFiles(RuleFiles),
    /// The rules that Grafana evaluates itself, with their states.
    Grafana(TextOr<AlertServer>),
    /// The rules that Grafana was told to have (its provisioning API); they have no states.
    GrafanaProvisioning(TextOr<AlertServer>),
}

with_endpoint! {
    /// A server that knows alerts.
    pub struct AlertServer {
        /// The label that says how bad an alert is; `severity` unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub severity_label: Option<String>,
    }
}

with_endpoint! {
    /// An Alertmanager.
    pub struct AlertHolder {
        /// The label that says how bad an alert is; `severity` unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub severity_label: Option<String>,
        /// How long it must have been up, such as `5m`, or nothing is known of what does not fire: one that was just started
        /// holds no alert until it is told of it, which takes a minute or two. It is not asked unless given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        pub min_uptime: Option<String>,
    }
}

/// Files with rules.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct RuleFiles {
    /// Globs below the audit's root; each must match a file.
    pub paths: Vec<String>,
}

impl FromText for AlertServer {
    const EXPECTED: &'static str = "the address of a server, or a mapping with `url`";

    fn from_text(url: String) -> Self {
        Self { url, ..Self::default() }
    }
}

impl FromText for AlertHolder {
    const EXPECTED: &'static str = AlertServer::EXPECTED;

    fn from_text(url: String) -> Self {
        Self { url, ..Self::default() }
    }
}

/// The label that says how bad an alert is, unless another is given.
const SEVERITY: &str = "severity";

impl AlertServer {
    fn severity_label(&self) -> &str {
        self.severity_label.as_deref().unwrap_or(SEVERITY)
    }
}

impl AlertHolder {
    fn problems(&self) -> Vec<(String, String)> {
        let span = self.min_uptime.as_ref().filter(|span| !span.contains("${")).map(|span| parse_duration(span));
        let wrong = span.and_then(Result::err).map(|error| (error.to_string(), "write `min-uptime:` as 5m".to_owned()));
        self.endpoint().problems().into_iter().chain(wrong).collect()
    }

    async fn facts(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let endpoint = self.endpoint();
        let alerts = alertmanager::alerts(&endpoint, witness).await?;
        let mut facts = of_alerts(&alerts, self.severity_label.as_deref().unwrap_or(SEVERITY));
        if let Some(least) = self.min_uptime.as_deref().and_then(|span| parse_duration(span).ok()) {
            let (started, clock) = alertmanager::started(&endpoint, witness).await?;
            let now = match clock {
                Some(its_own) => its_own,
                None => witness.now().await?,
            };
            let up = now.seconds_since(started);
            if Number::from(up) < least {
                told_too_little(&mut facts, up);
            }
        }
        Ok(facts)
    }
}

/// What it holds it was told of, and there may be more.
fn told_too_little(facts: &mut Facts, up: i64) {
    let reason = format!("Alertmanager was started {up} s ago, and may not have been told yet of all that fires");
    for fact in ["firing", "firing-critical", "silenced", "inhibited"] {
        let known = facts.get(fact).and_then(Value::quantity).map(|(number, _)| number);
        if let Some(known) = known {
            facts.at_least(fact, known, reason.clone());
        }
    }
    facts.absent("alerts", reason);
}

/// Rules that cannot be evaluated and are told by name.
const MAX_NOTES: usize = 10;
/// What is known of rules alone.
const OF_RULES: &[&str] =
    &["groups", "rules", "recording-rules", "unhealthy", "firing", "pending", "inactive", "firing-critical", "alerts"];
/// The columns of `alerts`.
const COLUMNS: &[&str] = &["name", "state", "severity", "labels", "since"];

impl Kind for AlertCount {
    const NAME: &'static str = "alert-count";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("groups", FactType::Count, "Groups of rules"),
        FactSpec::new("rules", FactType::Count, "Alerting rules; recording rules are counted apart").higher(),
        FactSpec::new("recording-rules", FactType::Count, "Recording rules"),
        FactSpec::new("unhealthy", FactType::Count, "Rules of both sorts that could not be evaluated").lower(),
        FactSpec::new(
            "firing",
            FactType::Count,
            "Alerting rules that fire; with Alertmanager, alerts that are active: for about a minute after a start of \
             either, it may not have been told yet what Prometheus knows",
        )
        .lower(),
        FactSpec::new("pending", FactType::Count, "Alerting rules whose condition holds, and not long enough yet")
            .lower(),
        FactSpec::new("inactive", FactType::Count, "Alerting rules whose condition does not hold"),
        FactSpec::new("firing-critical", FactType::Count, "Those of `firing` whose severity is `critical`").lower(),
        FactSpec::new("silenced", FactType::Count, "Alerts that a silence holds back").lower(),
        FactSpec::new("inhibited", FactType::Count, "Alerts that another alert holds back").lower(),
        FactSpec::new(
            "alerts",
            FactType::Table,
            "Each alert, or each declared rule: name, state, severity, labels, since",
        ),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("alerts", COLUMNS)];
    const EXAMPLE: &'static str = "{prometheus: \"http://localhost:9090\"}";

    fn source(&self) -> Option<&'static str> {
        Some(match self {
            Self::Prometheus(_) => "prometheus",
            Self::Alertmanager(_) => "alertmanager",
            Self::RuleFiles(_) => "rule-files",
            Self::Grafana(_) => "grafana",
            Self::GrafanaProvisioning(_) => "grafana-provisioning",
        })
    }

    fn problems(&self) -> Vec<(String, String)> {
        match self {
            Self::Prometheus(TextOr(server))
            | Self::Grafana(TextOr(server))
            | Self::GrafanaProvisioning(TextOr(server)) => server.endpoint().problems(),
            Self::Alertmanager(TextOr(server)) => server.problems(),
            Self::RuleFiles(files) if files.paths.is_empty() => {
                vec![("no file is named".to_owned(), "name at least one in `paths:`".to_owned())]
            }
            Self::RuleFiles(_) => Vec::new(),
        }
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        match self {
            Self::Prometheus(TextOr(server)) => {
                let rules = Prometheus { endpoint: &server.endpoint(), witness }.rules().await?;
                Ok(of_rules(&rules, server.severity_label(), "Prometheus"))
            }
            Self::Grafana(TextOr(server)) => {
                let rules = grafana::rules(&server.endpoint(), witness).await?;
                Ok(of_rules(&rules, server.severity_label(), "Grafana"))
            }
            Self::GrafanaProvisioning(TextOr(server)) => {
                let (rules, note) = grafana::provisioned(&server.endpoint(), witness).await?;
                let mut facts = of_declared(&rules, server.severity_label(), "Grafana says here");
                facts.notes.extend(note);
                Ok(facts)
            }
            Self::Alertmanager(TextOr(server)) => server.facts(witness).await,
            Self::RuleFiles(files) => Ok(of_declared(&declared(files, witness).await?, SEVERITY, "a file says")),
        }
    }
}

async fn declared(files: &RuleFiles, witness: &Witness) -> Result<DeclaredRules, Unmeasurable> {
    let mut paths = Vec::new();
    for glob in &files.paths {
        let found = witness.list(glob).await?;
        if found.is_empty() {
            return Err(Unmeasurable::new(format!("no file matches \"{glob}\""), "Correct the path in `paths:`."));
        }
        paths.extend(found);
    }
    // A file that two globs match is one file.
    paths.sort();
    paths.dedup();
    let mut all = DeclaredRules::default();
    for path in paths {
        let content = witness.read(&path).await?.whole(MOST).await.map_err(|error| about(&path, &error))?;
        let problem = |what: String| Unmeasurable::new(format!("\"{path}\" {what}"), "Correct the file, or `paths:`.");
        let content = String::from_utf8(content).map_err(|_| problem("is not UTF-8 text".to_owned()))?;
        rule_files::read(&content, &mut all).map_err(problem)?;
    }
    Ok(all)
}

/// A row of the table of alerts.
struct Row<'a> {
    name: &'a str,
    state: Option<&'static str>,
    severity: Option<&'a str>,
    labels: String,
    since: Option<&'a str>,
}

fn table(rows: Vec<Row<'_>>) -> Value {
    let columns = COLUMNS.iter().map(|name| (*name).to_owned()).collect();
    let text = |text: &str| Value::Text(text.to_owned());
    let cells = |row: Row<'_>| {
        vec![
            Some(text(row.name)),
            row.state.map(text),
            row.severity.map(text),
            Some(row.labels).filter(|labels| !labels.is_empty()).map(Value::Text),
            row.since.and_then(|since| since.parse::<Instant>().ok()).map(Value::Instant),
        ]
    };
    Value::Table(Table { columns, rows: rows.into_iter().map(cells).collect() })
}

/// `instance="h:1", job="web"`, without the name and the severity, which have columns of their own.
fn other_labels(labels: &BTreeMap<String, String>, severity_label: &str) -> String {
    let shown = labels.iter().filter(|(name, _)| *name != "alertname" && *name != severity_label);
    shown.map(|(name, value)| format!("{name}=\"{value}\"")).collect::<Vec<_>>().join(", ")
}

fn is_critical(labels: &BTreeMap<String, String>, severity_label: &str) -> bool {
    labels.get(severity_label).is_some_and(|severity| severity.eq_ignore_ascii_case("critical"))
}

fn of_rules(rules: &Rules, severity_label: &str, server: &str) -> Facts {
    let mut facts = Facts::default();
    for info in &rules.infos {
        facts.note(format!("{server} remarks: {info}"));
    }
    for fact in ["silenced", "inhibited"] {
        facts.absent(fact, format!("{server} does not know it; ask Alertmanager"));
    }
    if let Some(doubt) = doubt(&rules.warnings) {
        for fact in OF_RULES {
            facts.absent(fact, doubt.clone());
        }
        return facts;
    }
    let recording = rules.all().filter(|rule| rule.kind == RuleKind::Recording).count();
    facts.set("groups", Value::count(rules.groups.len()));
    facts.set("rules", Value::count(rules.alerting().count()));
    facts.set("recording-rules", Value::count(recording));
    let unhealthy = || rules.all().filter(|rule| matches!(rule.health, Health::Err | Health::NoData));
    let mut unsure = rules.all().filter_map(|rule| Some((rule.name.as_str(), rule.health_unknown()?)));
    match (unsure.next(), unsure.count()) {
        (None, _) => facts.set("unhealthy", Value::count(unhealthy().count())),
        (Some((name, why)), more) => {
            let more = if more == 0 { String::new() } else { format!(", and {more} more are not known either") };
            let known = match unhealthy().count() {
                0 => String::new(),
                count => format!("; {count} of the others could not be evaluated"),
            };
            facts.at_least("unhealthy", unhealthy().count(), format!("the rule \"{name}\" {why}{more}{known}"));
        }
    }
    for rule in unhealthy().take(MAX_NOTES) {
        let why = match rule.health {
            Health::NoData if rule.last_error.is_empty() => "there is no data".to_owned(),
            _ => first_line(&rule.last_error),
        };
        facts.note(format!("The rule \"{}\" cannot be evaluated: {why}", rule.name));
    }
    if let Some(more) = unhealthy().count().checked_sub(MAX_NOTES).filter(|more| *more > 0) {
        facts.note(format!("{more} more rules cannot be evaluated."));
    }
    set_states(&mut facts, rules, severity_label);
    // Grafana lists every series that a rule looks at, also where nothing is wrong.
    let alerts = rules.alerting().flat_map(|rule| rule.alerts.iter().map(move |alert| (rule.name.as_str(), alert)));
    let alerts = alerts.filter(|(_, alert)| alert.state != AlertState::Inactive);
    facts.set("alerts", table(alerts.map(|(name, alert)| alert_row(name, alert, severity_label)).collect()));
    facts
}

fn alert_row<'a>(name: &'a str, alert: &'a Alert, severity_label: &str) -> Row<'a> {
    Row {
        name,
        state: match alert.state {
            AlertState::Firing => Some("firing"),
            AlertState::Pending => Some("pending"),
            AlertState::Inactive => Some("inactive"),
            AlertState::Other => None,
        },
        severity: alert.labels.get(severity_label).map(String::as_str),
        labels: other_labels(&alert.labels, severity_label),
        since: alert.active_at.as_deref(),
    }
}

/// The counts by state; absent while a rule is in no state that means something.
fn set_states(facts: &mut Facts, rules: &Rules, severity_label: &str) {
    let unsure: Vec<_> = rules.alerting().filter(|rule| !rule.is_evaluated()).map(|rule| rule.name.as_str()).collect();
    let in_state = |state| rules.alerting().filter(move |rule| rule.is_evaluated() && rule.state == Some(state));
    let critical = |rule: &&Rule| is_critical_rule(rule, severity_label);
    for (fact, count) in [
        ("firing", in_state(AlertState::Firing).count()),
        ("pending", in_state(AlertState::Pending).count()),
        ("inactive", in_state(AlertState::Inactive).count()),
        ("firing-critical", in_state(AlertState::Firing).filter(critical).count()),
    ] {
        let known = if count == 0 { String::new() } else { format!("; {count} of the others are {fact}") };
        match unsure.as_slice() {
            [] if rules.alerting().next().is_none() => facts.absent(fact, "there is no alerting rule that could fire"),
            [] if fact == "firing-critical" => {
                let unlabelled = in_state(AlertState::Firing).find(|rule| lacks_severity(rule, severity_label));
                let unlabelled = unlabelled.map(|rule| rule.name.as_str());
                set_critical(facts, count, unlabelled, severity_label);
            }
            [] => facts.set(fact, Value::count(count)),
            [one] => facts.at_least(
                fact,
                count,
                format!("the rule \"{one}\" is not evaluated, so nobody knows its state{known}"),
            ),
            [first, rest @ ..] => facts.at_least(
                fact,
                count,
                format!(
                    "the rule \"{first}\" and {} more are not evaluated, so nobody knows their states{known}",
                    rest.len()
                ),
            ),
        }
    }
}

fn is_critical_rule(rule: &Rule, severity_label: &str) -> bool {
    is_critical(&rule.labels, severity_label)
        // The rule's own label may be a template; its alerts have it filled in.
        || rule.alerts.iter().any(|alert| {
            alert.state == AlertState::Firing && is_critical(&alert.labels, severity_label)
        })
}

/// Does a rule fire of which nobody says how bad that is? An empty label is none.
fn lacks_severity(rule: &Rule, severity_label: &str) -> bool {
    let firing = || rule.alerts.iter().filter(|alert| alert.state == AlertState::Firing);
    if is_critical_rule(rule, severity_label) {
        return false;
    }
    match firing().next() {
        Some(_) => firing().any(|alert| has_no(&alert.labels, severity_label)),
        None => rule.labels.get(severity_label).is_none_or(|label| label.is_empty() || label.contains("{{")),
    }
}

fn has_no(labels: &BTreeMap<String, String>, severity_label: &str) -> bool {
    labels.get(severity_label).is_none_or(String::is_empty)
}

/// What fires and does not say how bad it is may be critical.
fn set_critical(facts: &mut Facts, count: usize, unlabelled: Option<&str>, severity_label: &str) {
    let Some(name) = unlabelled else { return facts.set("firing-critical", Value::count(count)) };
    let known = if count == 0 { String::new() } else { format!("; {count} of the others are firing-critical") };
    let reason = format!("the alert \"{name}\" fires and has no label \"{severity_label}\"{known}");
    facts.at_least("firing-critical", count, reason);
}

fn of_alerts(alerts: &[HeldAlert], severity_label: &str) -> Facts {
    let mut facts = Facts::default();
    for fact in ["groups", "rules", "recording-rules", "unhealthy", "pending", "inactive"] {
        facts.absent(fact, "Alertmanager knows alerts and no rules; ask Prometheus");
    }
    let count = |which: &dyn Fn(&HeldAlert) -> bool| Value::count(alerts.iter().filter(|alert| which(alert)).count());
    // What is not decided yet may turn out to reach somebody, and what a time interval mutes fires all the same: Alertmanager
    // itself lists it as active here.
    let fires = |alert: &HeldAlert| !alert.status.is_silenced_or_inhibited();
    facts.set("firing", count(&fires));
    let critical = alerts.iter().filter(|alert| fires(alert) && is_critical(&alert.labels, severity_label)).count();
    let unlabelled = alerts.iter().find(|alert| fires(alert) && has_no(&alert.labels, severity_label)).map(alert_name);
    set_critical(&mut facts, critical, unlabelled, severity_label);
    let silenced = alerts.iter().filter(|alert| !alert.status.silenced_by.is_empty()).count();
    let inhibited = alerts.iter().filter(|alert| !alert.status.inhibited_by.is_empty()).count();
    let unexplained = alerts.iter().find(|alert| alert.status.is_held_back_by_nothing()).map(alert_name);
    for (fact, known) in [("silenced", silenced), ("inhibited", inhibited)] {
        match unexplained {
            None => facts.set(fact, Value::count(known)),
            Some(name) => {
                facts.at_least(fact, known, format!("the alert \"{name}\" is held back, and nothing says by what"));
            }
        }
    }
    let muted = alerts.iter().filter(|alert| !alert.status.muted_by.is_empty()).count();
    if muted > 0 {
        facts.note(format!(
            "{} by a time interval; what is neither silenced nor inhibited counts as firing.",
            plural(muted as u64, "alert is muted", "alerts are muted")
        ));
    }
    let rows = alerts.iter().map(|alert| Row {
        name: alert_name(alert),
        state: Some(match alert.status.state {
            State::Suppressed if !alert.status.silenced_by.is_empty() => "silenced",
            State::Suppressed if !alert.status.inhibited_by.is_empty() => "inhibited",
            State::Suppressed if !alert.status.muted_by.is_empty() => "muted",
            State::Suppressed => "suppressed",
            State::Active => "firing",
            State::Unprocessed => "unprocessed",
        }),
        severity: alert.labels.get(severity_label).map(String::as_str),
        labels: other_labels(&alert.labels, severity_label),
        since: alert.starts_at.as_deref(),
    });
    facts.set("alerts", table(rows.collect()));
    facts
}

fn alert_name(alert: &HeldAlert) -> &str {
    alert.labels.get("alertname").map_or("", String::as_str)
}

/// `teller` completes "... which rules there are".
fn of_declared(rules: &DeclaredRules, severity_label: &str, teller: &str) -> Facts {
    let mut facts = Facts::default();
    facts.set("groups", Value::count(rules.groups));
    facts.set("rules", Value::count(rules.alerting.len()));
    facts.set("recording-rules", Value::count(rules.recording));
    for fact in ["unhealthy", "firing", "pending", "inactive", "firing-critical", "silenced", "inhibited"] {
        facts.absent(fact, format!("{teller} which rules there are, and not what becomes of them"));
    }
    let rows = rules.alerting.iter().map(|alert| Row {
        name: &alert.name,
        state: None,
        severity: alert.labels.get(severity_label).map(String::as_str),
        labels: other_labels(&alert.labels, severity_label),
        since: None,
    });
    facts.set("alerts", table(rows.collect()));
    facts
}

fn first_line(text: &str) -> String {
    let line: String = text.lines().next().unwrap_or_default().chars().take(200).collect();
    if line.is_empty() { "it does not say why".to_owned() } else { line }
}

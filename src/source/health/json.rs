//! The answers that are JSON. Numbers in them are exact.

use super::{Health, Part, Said, line, shown, well};
use crate::model::fact::Unmeasurable;
use crate::source::endpoint;
use crate::source::jq::{Filter, Json};
use crate::witness::HttpAnswer;

/// More parts than this are listed by no program for people to look at.
const MOST_PARTS: usize = 10_000;

/// The body; `None` where a server that is not well answers with something else.
fn body(answer: &HttpAnswer, server: &str) -> Result<Option<Json>, Unmeasurable> {
    if let Err(problem) = endpoint::json::<serde::de::IgnoredAny>(answer, server) {
        return if well(answer) { Err(problem) } else { Ok(None) };
    }
    let read = Filter::compile(".").and_then(|filter| filter.first(&answer.body));
    read.map_err(|problem| Unmeasurable::new(format!("{server}: {}", problem.message), problem.help))
}

fn text<'a>(json: &'a Json, key: &str) -> Option<&'a str> {
    match json.get(key) {
        Some(Json::Text(text)) => Some(text),
        _ => None,
    }
}

/// The words of the draft, those that it allows in their place, and those of .NET.
fn ietf_word(word: &str) -> Said {
    match word.to_ascii_lowercase().as_str() {
        "pass" | "ok" | "up" | "healthy" => Said::Well,
        "warn" | "degraded" => Said::Degraded,
        "fail" | "error" | "down" | "unhealthy" => Said::Unwell,
        _ => Said::Silent,
    }
}

fn spring_word(word: &str) -> Said {
    match word.to_ascii_uppercase().as_str() {
        "UP" => Said::Well,
        "DOWN" | "OUT_OF_SERVICE" => Said::Unwell,
        // UNKNOWN, and the words that a program adds to these.
        _ => Said::Silent,
    }
}

/// The status of all, held against the HTTP status: a server that says "pass" and answers 503 is not well.
fn overall(answer: &HttpAnswer, json: &Json, word: fn(&str) -> Said) -> Health {
    let Some(said) = text(json, "status") else {
        return Health::new(Said::Silent, format!("{} without a `status` in it", answer.status));
    };
    let detail = format!("{}, status {}", answer.status, line(said));
    let said = if well(answer) { word(said) } else { Said::Unwell };
    Health::new(said, detail)
}

/// `application/health+json` (draft-inadarei-api-health-check-06), and the words of Spring Boot beside those of the draft.
pub fn ietf(answer: &HttpAnswer, server: &str) -> Result<Health, Unmeasurable> {
    let Some(json) = body(answer, server)? else { return Ok(Health::unwell(answer)) };
    let any_word = |word: &str| match ietf_word(word) {
        Said::Silent => spring_word(word),
        said => said,
    };
    let mut health = overall(answer, &json, any_word);
    if let Some(output) = text(&json, "output").filter(|output| !output.is_empty()) {
        health.detail = format!("{}: {}", health.detail, line(output));
    }
    // MicroProfile Health has one list, in which each says its name.
    let checks: Vec<(&str, &Json)> = match json.get("checks") {
        None | Some(Json::Null) => return Ok(health),
        Some(Json::Object(checks)) => checks.iter().map(|(name, checked)| (name.as_str(), checked)).collect(),
        Some(Json::List(items)) => items.iter().map(|item| (text(item, "name").unwrap_or("checks"), item)).collect(),
        Some(other) => vec![("checks", other)],
    };
    for (name, checked) in checks {
        // The draft has a list for each; a single object is seen as well.
        let items = match checked {
            Json::List(items) => items.as_slice(),
            one => std::slice::from_ref(one),
        };
        for item in items {
            let id = text(item, "componentId").filter(|_| items.len() > 1);
            let name = id.map_or_else(|| line(name), |id| format!("{}/{}", line(name), line(id)));
            let observed = item.get("observedValue").and_then(Json::to_text).map(|value| {
                text(item, "observedUnit").map_or_else(|| line(&value), |unit| line(&format!("{value} {unit}")))
            });
            let output = text(item, "output").filter(|output| !output.is_empty()).map(line);
            // `"db": "ok"` is the word alone, and `"uptime": 5` a figure.
            let (said, word) = match (item, item.get("status")) {
                (Json::Text(word), _) | (_, Some(Json::Text(word))) => (any_word(word), Some(line(word))),
                (Json::Object(_), None | Some(Json::Null)) | (Json::Number(_), _) => (Said::Figure, None),
                (Json::Object(_), Some(other)) | (other, _) => {
                    (Said::Silent, Some(other.to_text().unwrap_or_else(|| other.what().to_owned())))
                }
            };
            // A word that nobody knows is what there is to be said.
            let word = word.filter(|_| said == Said::Silent).map(|word| format!("status {word}"));
            let detail = [word, observed, output].into_iter().flatten().collect::<Vec<_>>().join(": ");
            health.parts.push(Part { name, said, detail });
        }
    }
    enough(health, server)
}

/// Spring Boot Actuator's `/actuator/health`: `components` since 2.2, `details` before.
pub fn spring(answer: &HttpAnswer, server: &str) -> Result<Health, Unmeasurable> {
    let Some(json) = body(answer, server)? else { return Ok(Health::unwell(answer)) };
    let mut health = overall(answer, &json, spring_word);
    // With the names of those above it; the parser has bounded how deep it goes.
    let mut open: Vec<(String, &Json)> = Vec::new();
    members(&json, "", &mut open);
    while let Some((name, node)) = open.pop() {
        let Some(status) = text(node, "status") else { continue };
        let error = node.get("details").and_then(|details| text(details, "error"));
        let detail = error.map_or_else(|| line(status), |error| format!("{}: {}", line(status), line(error)));
        health.parts.push(Part { name: name.clone(), said: spring_word(status), detail });
        members(node, &name, &mut open);
    }
    enough(health, server)
}

/// Puts the components of a node on the pile, the first on top.
fn members<'a>(node: &'a Json, above: &str, open: &mut Vec<(String, &'a Json)>) {
    let Some(Json::Object(members)) = node.get("components").or_else(|| node.get("details")) else { return };
    for (name, member) in members.iter().rev().filter(|(_, member)| text(member, "status").is_some()) {
        let name = if above.is_empty() { line(name) } else { format!("{above}/{}", line(name)) };
        open.push((name, member));
    }
}

/// Grafana's `/api/health`: `database` is `ok`, or `failing` with a status of 503.
pub fn grafana(answer: &HttpAnswer, server: &str) -> Result<Health, Unmeasurable> {
    let Some(json) = body(answer, server)? else { return Ok(Health::unwell(answer)) };
    let version = text(&json, "version").map_or_else(String::new, |version| format!(", version {}", line(version)));
    Ok(match text(&json, "database") {
        Some("ok") if well(answer) => Health::new(Said::Well, format!("database ok{version}")),
        Some(database) => Health::new(Said::Unwell, format!("{}, database {}{version}", answer.status, line(database))),
        None if well(answer) => Health::new(Said::Silent, format!("{} without a `database` in it", answer.status)),
        None => Health::unwell(answer),
    })
}

/// etcd's `/health`: `health` is the string `"true"`.
pub fn etcd(answer: &HttpAnswer, server: &str) -> Result<Health, Unmeasurable> {
    let Some(json) = body(answer, server)? else { return Ok(Health::unwell(answer)) };
    let healthy = match json.get("health") {
        Some(Json::Text(text)) => text.parse().ok(),
        Some(Json::Flag(flag)) => Some(*flag),
        _ => None,
    };
    let reason = text(&json, "reason").filter(|reason| !reason.is_empty());
    let detail = reason.map_or_else(|| shown(answer), |reason| format!("{}: {}", answer.status, line(reason)));
    Ok(match healthy {
        Some(true) if well(answer) => Health::new(Said::Well, "healthy"),
        None if well(answer) => Health::new(Said::Silent, format!("{} without a `health` in it", answer.status)),
        _ => Health::new(Said::Unwell, detail),
    })
}

fn enough(health: Health, server: &str) -> Result<Health, Unmeasurable> {
    if health.parts.len() <= MOST_PARTS {
        return Ok(health);
    }
    Err(Unmeasurable::new(
        format!("{server} lists more than {MOST_PARTS} parts"),
        "Look whether the address is that of a health check.",
    ))
}

//! Health endpoints on this machine: those that documents name, and those that the health checks of a Compose file ask.
//! Only well-known paths of loopback are asked: a document could name an address at which asking does harm.

use std::sync::LazyLock;

use regex::Regex;
use serde_json::{Value as Json, json};

use crate::survey::compose;
use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, extension, name};

/// So many documents are looked into.
const MOST: usize = 50;
/// So many addresses are asked.
const MOST_ADDRESSES: usize = 20;
/// What health endpoints are called.
const PATHS: [&str; 14] = [
    "/health", "/healthz", "/health/live", "/health/ready", "/healthcheck", "/ready", "/readyz", "/live", "/livez",
    "/-/healthy", "/-/ready", "/api/health", "/actuator/health", "/status",
];

#[expect(clippy::expect_used, reason = "the pattern is a constant, and a test compiles it")]
static ADDRESS: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r"http://(?:localhost|127\.0\.0\.1|\[::1\])(:[0-9]{1,5})?(/[A-Za-z/-]*)").expect("a pattern")
});

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut found: Vec<(String, String)> = Vec::new();
    let is_document = |path: &str| extension(path) == "md" && (!path.contains('/') || path.starts_with("docs/"));
    for file in ground.sources(MOST, is_document) {
        let Some(text) = ground.text(&file.path).await else { continue };
        found.extend(addresses(&text).into_iter().map(|(port, path)| (local(port, path), file.path.clone())));
    }
    for file in compose::files(ground).await {
        for (service, definition) in &file.services {
            let asked = definition.get("healthcheck").and_then(|check| check.get("test")).map(words).unwrap_or_default();
            for (inside, path) in addresses(&asked) {
                let port = compose::published(definition, inside);
                found.extend(port.map(|port| (local(port, path), format!("service {service} of {}", file.path))));
            }
        }
    }
    let mut seen = Vec::new();
    found.retain(|(url, _)| !seen.contains(url) && { seen.push(url.clone()); true });
    found.into_iter().take(MOST_ADDRESSES).map(|(url, from)| draft(url, from)).collect()
}

fn draft(url: String, from: String) -> Draft {
    Draft {
        area: "operations",
        id: name(&url).to_owned(),
        title: format!("{url} answers that it is well"),
        kind: "health-check",
        options: json!({ "http": url }),
        facts: &["passed"],
        // Each is one endpoint: how many there are, none of them measures.
        says: &[],
        from,
        address: None,
        manner: Manner::Named,
    }
}

fn local(port: u16, path: &str) -> String {
    format!("http://localhost:{port}{path}")
}

/// A command, as one text.
fn words(test: &Json) -> String {
    match test {
        Json::Array(words) => words.iter().filter_map(Json::as_str).collect::<Vec<_>>().join(" "),
        other => other.as_str().unwrap_or_default().to_owned(),
    }
}

/// Ports and paths of the health endpoints of loopback that a text names.
fn addresses(text: &str) -> Vec<(u16, &'static str)> {
    let of = |found: regex::Captures<'_>| {
        let port = match found.get(1) {
            Some(port) => port.as_str().trim_start_matches(':').parse().ok()?,
            None => 80,
        };
        let written = found.get(2)?.as_str().trim_end_matches('/');
        Some((port, PATHS.into_iter().find(|path| *path == written)?))
    };
    ADDRESS.captures_iter(text).filter_map(of).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_health_endpoints_of_this_machine_are_asked() {
        let text = "curl http://localhost:8080/health, http://127.0.0.1:9000/-/ready. http://[::1]/healthz \
                    http://localhost:8080/admin/delete http://10.0.0.1/health http://localhost:8080/health/../drop \
                    http://localhost:99999/health";
        assert_eq!(addresses(text), [(8080, "/health"), (9000, "/-/ready"), (80, "/healthz"), (8080, "/health")]);
    }
}

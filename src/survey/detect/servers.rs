//! Monitoring servers that this machine reaches: at their usual ports, at those a Compose file publishes, and where a
//! variable of the environment says.

use std::collections::BTreeSet;

use serde_json::{Value as Json, json};

use super::rule_files;
use crate::survey::compose;
use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::Ground;

const SERVICES: &[&str] = &["target", "targets"];
const OF_TARGETS: &[Saying] = &[Saying { fact: "total", words: &[SERVICES], never: &[], share: false }];

/// A server: what it is called, its port, its image, the variable that names it.
struct Server {
    name: &'static str,
    port: u16,
    image: &'static str,
    variable: &'static str,
}

const SERVERS: [Server; 3] = [
    Server { name: "prometheus", port: 9090, image: "prometheus", variable: "PROMETHEUS_URL" },
    Server { name: "alertmanager", port: 9093, image: "alertmanager", variable: "ALERTMANAGER_URL" },
    Server { name: "grafana", port: 3000, image: "grafana", variable: "GRAFANA_URL" },
];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let compose = compose::files(ground).await;
    let mut drafts = Vec::new();
    for server in &SERVERS {
        let mut found = Vec::new();
        let named = ground.options.environment.and_then(|environment| environment(server.variable));
        if let Some(url) = named.as_deref().and_then(address) {
            found.push((url, format!("{} of the environment", server.variable)));
        }
        for file in &compose {
            for (name, service) in &file.services {
                let image = service.get("image").and_then(Json::as_str).unwrap_or_default();
                let image = image.split([':', '@']).next().unwrap_or_default();
                let is = image.rsplit('/').next().is_some_and(|last| last == server.image);
                let port = if is { compose::published(service, server.port) } else { None };
                found.extend(port.map(|port| (local(port), format!("service {name} of {}", file.path))));
            }
        }
        let usual = local(server.port);
        found.push((usual.clone(), format!("{usual}, its usual port")));
        let mut seen = BTreeSet::new();
        found.retain(|(url, _)| seen.insert(url.clone()));
        drafts.extend(found.iter().flat_map(|(url, from)| of(server, url, from)));
    }
    drafts
}

fn local(port: u16) -> String {
    format!("http://localhost:{port}")
}

/// An address that may be written down: without a password in it, and no more than where the server is.
fn address(text: &str) -> Option<String> {
    let url = url::Url::parse(text).ok()?;
    let plain = url.username().is_empty() && url.password().is_none() && url.query().is_none();
    let fits = matches!(url.scheme(), "http" | "https") && url.host_str().is_some() && plain;
    fits.then(|| url.as_str().trim_end_matches('/').to_owned())
}

fn of(server: &Server, url: &str, from: &str) -> Vec<Draft> {
    let draft = |id: &str, title: &str, kind, options, facts, says| Draft {
        area: "monitoring",
        id: id.to_owned(),
        title: title.to_owned(),
        kind,
        options,
        facts,
        says,
        from: from.to_owned(),
        address: Some((url.to_owned(), server.variable)),
        manner: Manner::Ask,
    };
    match server.name {
        "prometheus" => vec![
            draft(
                "loaded-rules",
                "Prometheus evaluates every rule",
                "alert-count",
                json!({ "prometheus": url }),
                &["rules", "unhealthy", "firing"],
                rule_files::SAYS,
            ),
            draft(
                "scraped",
                "Prometheus reaches its targets",
                "service-uptime",
                json!({ "prometheus": url }),
                &["up", "down"],
                OF_TARGETS,
            ),
        ],
        "alertmanager" => vec![draft(
            "held-alerts",
            "Alertmanager holds no more alerts",
            "alert-count",
            json!({ "alertmanager": url }),
            &["firing"],
            &[],
        )],
        _ => vec![draft(
            "grafana",
            "Grafana is healthy",
            "health-check",
            json!({"http": {"url": format!("{url}/api/health"), "passes-when": {"jq": ".database", "is": "== ok"}}}),
            &["passed"],
            &[],
        )],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_with_a_password_is_not_written_down() {
        assert_eq!(address("http://prom:9090/").as_deref(), Some("http://prom:9090"));
        assert_eq!(address("https://a:b@prom"), None);
        assert_eq!(address("http://prom?token=1"), None);
        assert_eq!(address("file:///etc/passwd"), None);
    }
}

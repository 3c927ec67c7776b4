//! Compose files: their services, which of their ports reach which port of this machine, and what their health checks ask.

use serde_json::Value as Json;

use super::ground::{Ground, folder, name};

/// The names that Compose looks for, the first that is there before the others.
const NAMES: [&str; 4] = ["compose.yaml", "compose.yml", "docker-compose.yaml", "docker-compose.yml"];
/// More files than this are not looked into.
const MOST: usize = 20;

/// A Compose file.
pub(super) struct Compose {
    /// Its path.
    pub(super) path: String,
    /// Its services: name and definition.
    pub(super) services: Vec<(String, Json)>,
    /// What Compose calls the project.
    pub(super) project: String,
}

/// The Compose files of a directory.
pub(super) async fn files(ground: &Ground<'_>) -> Vec<Compose> {
    let mut found: Vec<Compose> = Vec::new();
    for file in ground.sources(MOST, |path| NAMES.contains(&name(path))) {
        let Some(data) = ground.data(&file.path).await else { continue };
        let Some(services) = data.get("services").and_then(Json::as_object) else { continue };
        let own = match folder(&file.path) {
            "" => ground.name,
            folder => name(folder),
        };
        let project = data.get("name").and_then(Json::as_str).map_or_else(|| project_of(own), str::to_owned);
        let services = services.iter().map(|(name, service)| (name.clone(), service.clone())).collect();
        found.push(Compose { path: file.path.clone(), services, project });
    }
    found
}

/// A folder's name as Compose makes a project's name of it.
fn project_of(folder: &str) -> String {
    let kept = folder.to_lowercase();
    let kept = kept.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'));
    kept.collect::<String>().trim_start_matches(['-', '_']).to_owned()
}

/// The port of this machine that leads to a port of the container; `None` when there is none, or it is not fixed.
pub(super) fn published(service: &Json, inside: u16) -> Option<u16> {
    service.get("ports")?.as_array()?.iter().find_map(|port| match port {
        Json::Object(port) => {
            let number = |key: &str| match port.get(key)? {
                Json::String(text) => text.parse::<u16>().ok(),
                other => other.as_u64().and_then(|number| u16::try_from(number).ok()),
            };
            (number("target")? == inside).then(|| number("published"))?
        }
        Json::String(text) => {
            let text = text.strip_suffix("/tcp").unwrap_or(text);
            let (before, target) = text.rsplit_once(':')?;
            let host = before.rsplit_once(':').map_or(before, |(_, port)| port);
            (target.parse::<u16>().ok()? == inside).then(|| host.parse().ok())?
        }
        _ => None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_is_where_this_machine_reaches_it() {
        let service = serde_json::json!({"ports": ["127.0.0.1:8081:80/tcp", "9090", "3001:3000",
            {"target": 9093, "published": "19093"}, "${PORT}:5000"]});
        assert_eq!(published(&service, 80), Some(8081));
        assert_eq!(published(&service, 3000), Some(3001));
        assert_eq!(published(&service, 9093), Some(19093));
        assert_eq!(published(&service, 9090), None);
        assert_eq!(published(&service, 5000), None);
    }

    #[test]
    fn a_project_is_called_as_its_folder() {
        assert_eq!(project_of("My.App 2"), "myapp2");
        assert_eq!(project_of("-_x"), "x");
    }
}

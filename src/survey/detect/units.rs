//! systemd units that the repository brings along.

use serde_json::json;

use super::containers::SAYS;
use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, extension, name};

/// More units than this are not one project's.
const MOST: usize = 50;

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let files: Vec<&str> = ground.sources(MOST, is_unit).map(|file| file.path.as_str()).collect();
    if files.is_empty() {
        return Vec::new();
    }
    let units: Vec<&str> = files.iter().map(|path| name(path)).collect();
    vec![Draft {
        area: "operations",
        id: "units".to_owned(),
        title: "The units are up".to_owned(),
        kind: "service-uptime",
        options: json!({"systemd": { "units": units }}),
        facts: &["up", "down"],
        says: SAYS,
        from: files.join(", "),
        address: None,
        manner: Manner::Run("it asks `systemctl`"),
    }]
}

/// A service that is one: `name@.service` is a pattern for many.
fn is_unit(path: &str) -> bool {
    let name = name(path);
    let fits = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.' | '@' | ':');
    extension(name) == "service" && !name.contains("@.") && name.chars().all(fits) && !name.starts_with('-')
}

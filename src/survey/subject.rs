//! What is audited is called: as its manifest says.

use serde_json::Value as Json;

use super::ground::{self, Ground};

/// The longest name that is taken over.
const MOST: usize = 80;

/// The name in a manifest; `None` when there is none that says one.
pub(super) async fn name(ground: &Ground<'_>) -> Option<String> {
    let places = [
        ("Cargo.toml", "/package/name"),
        ("pyproject.toml", "/project/name"),
        ("pyproject.toml", "/tool/poetry/name"),
        ("package.json", "/name"),
        ("composer.json", "/name"),
    ];
    for (path, pointer) in places {
        if !ground.has(path) {
            continue;
        }
        let data = ground.data(path).await;
        let found = data.as_ref().and_then(|data| data.pointer(pointer)).and_then(Json::as_str);
        if let Some(found) = found.map(str::trim).filter(|found| !found.is_empty() && found.chars().count() <= MOST) {
            return Some(found.to_owned());
        }
    }
    let module = ground.text("go.mod").await?;
    let path = module.lines().find_map(|line| line.strip_prefix("module "))?.trim();
    Some(self::last(path).to_owned()).filter(|last| !last.is_empty() && last.chars().count() <= MOST)
}

/// The last part of a module's path that is no version.
fn last(path: &str) -> &str {
    let is_version = |part: &str| part.strip_prefix('v').is_some_and(|rest| rest.bytes().all(|b| b.is_ascii_digit()));
    match path.rsplit_once('/') {
        Some((before, part)) if is_version(part) => ground::name(before),
        _ => ground::name(path),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_module_is_called_as_its_last_part() {
        assert_eq!(last("example.com/team/pelican/v2"), "pelican");
        assert_eq!(last("pelican"), "pelican");
    }
}

//! Scripts that a deployment needs, and that somebody made executable.

use serde_json::json;

use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, name, only};
use crate::witness::TreeFile;

/// More than this are no list that anybody keeps.
const MOST: usize = 30;
/// What they are called.
const NAMES: [&str; 6] = ["deploy", "rollback", "roll-back", "roll_back", "migrate", "restore"];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let fits = |file: &&TreeFile| file.executable && !file.built && is_named_so(&file.path);
    let files: Vec<&str> = ground.tree.files.iter().filter(fits).take(MOST).map(|file| file.path.as_str()).collect();
    if files.is_empty() {
        return Vec::new();
    }
    vec![Draft {
        area: "operations",
        id: "scripts".to_owned(),
        title: "What deploys and rolls back can be run".to_owned(),
        kind: "file",
        options: json!({"paths": files.iter().map(|path| only(path)).collect::<Vec<_>>()}),
        facts: &["missing", "not-executable"],
        says: &[],
        from: files.join(", "),
        address: None,
        manner: Manner::Look,
    }]
}

fn is_named_so(path: &str) -> bool {
    let lower = name(path).to_ascii_lowercase();
    NAMES.iter().any(|known| lower.contains(known))
}

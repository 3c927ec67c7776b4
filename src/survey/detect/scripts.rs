//! Scripts that a deployment needs: those that somebody made executable, and those that nobody did.

use serde_json::json;

use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, extension, name, only};
use crate::witness::TreeFile;

/// More than this are no list that anybody keeps.
const MOST: usize = 30;
/// What they are called.
const NAMES: [&str; 6] = ["deploy", "rollback", "roll-back", "roll_back", "migrate", "restore"];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let named = |executable: bool| {
        // Of what is not executable, a name alone makes no script.
        let fits = move |file: &&TreeFile| {
            let script = if executable { file.executable } else { !file.executable && is_for_a_shell(&file.path) };
            script && !file.built && is_named_so(&file.path)
        };
        ground.tree.files.iter().filter(fits).take(MOST).map(|file| file.path.as_str()).collect::<Vec<_>>()
    };
    let not_executable = Manner::Never("nobody may execute it: `chmod +x` allows it");
    let drafts = [(named(true), Manner::Look), (named(false), not_executable)];
    drafts.into_iter().filter(|(files, _)| !files.is_empty()).map(|(files, manner)| draft(&files, manner)).collect()
}

fn draft(files: &[&str], manner: Manner) -> Draft {
    Draft {
        area: "operations",
        id: "scripts".to_owned(),
        title: "What deploys and rolls back can be run".to_owned(),
        kind: "file",
        options: json!({"paths": files.iter().map(|path| only(path)).collect::<Vec<_>>()}),
        facts: &["missing", "not-executable"],
        says: &[],
        from: files.join(", "),
        address: None,
        manner,
    }
}

fn is_for_a_shell(path: &str) -> bool {
    ["sh", "bash", "zsh", "ksh"].contains(&extension(path))
}

fn is_named_so(path: &str) -> bool {
    let lower = name(path).to_ascii_lowercase();
    NAMES.iter().any(|known| lower.contains(known))
}

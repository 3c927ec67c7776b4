//! A git working tree. It is not asked: what is written now changes it, and what a repository configures can be programs
//! that `git` runs.

use serde_json::json;

use crate::model::evidence::FileKind;
use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::Ground;

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let there = ground.witness.stat(".git").await.is_ok_and(|stat| stat.kind != FileKind::Missing);
    if !there {
        return Vec::new();
    }
    vec![Draft {
        area: "repository",
        id: "working-tree".to_owned(),
        title: "Nothing is left uncommitted".to_owned(),
        kind: "git",
        options: json!({}),
        facts: &["clean", "behind"],
        says: &[],
        from: ".git".to_owned(),
        address: None,
        manner: Manner::Never("this file itself is a change until it is committed"),
    }]
}

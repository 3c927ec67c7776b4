//! The containers of a Compose project, as the engine of this machine knows them.

use serde_json::json;

use crate::survey::compose;
use crate::survey::draft::{Draft, Manner, Saying};
use crate::survey::ground::Ground;

const SERVICES: &[&str] = &["service", "services", "container", "containers"];

/// Words by which documents speak of services.
pub(super) const SAYS: &[Saying] = &[Saying { fact: "total", words: &[SERVICES], never: &["healthy"], share: false }];

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let offline = ground.options.offline;
    let drafts = compose::files(ground).await.into_iter().map(|file| Draft {
        area: "operations",
        id: "containers".to_owned(),
        title: "The containers of the project run".to_owned(),
        kind: "service-uptime",
        options: json!({"docker": {"compose-project": file.project}}),
        facts: &["up", "down"],
        says: SAYS,
        from: file.path,
        address: None,
        manner: if offline { Manner::Never("no engine was asked: --offline") } else { Manner::Look },
    });
    drafts.collect()
}

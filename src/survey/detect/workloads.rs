//! Workloads that Kubernetes manifests declare. The cluster is asked through `kubectl`, which only the user may allow: it
//! goes wherever the current context points.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json, json};

use super::containers::SAYS;
use crate::survey::draft::{Draft, Manner};
use crate::survey::ground::{Ground, extension};

/// So many files are looked into.
const MOST: usize = 500;
/// So many workloads make one check.
const MOST_WORKLOADS: usize = 50;

pub(super) async fn detect(ground: &Ground<'_>) -> Vec<Draft> {
    let mut found: BTreeMap<Option<String>, (Vec<String>, String)> = BTreeMap::new();
    for file in ground.sources(MOST, |path| matches!(extension(path), "yml" | "yaml")) {
        let Some(text) = ground.text(&file.path).await else { continue };
        // Reading every YAML file as one would take long.
        if !text.contains("apiVersion:") {
            continue;
        }
        let Some(data) = ground.data(&file.path).await else { continue };
        let documents = match data {
            Json::Array(documents) => documents,
            one => vec![one],
        };
        for (namespace, workload) in documents.iter().filter_map(workload) {
            let (workloads, _) = found.entry(namespace).or_insert_with(|| (Vec::new(), file.path.clone()));
            if workloads.len() < MOST_WORKLOADS && !workloads.contains(&workload) {
                workloads.push(workload);
            }
        }
    }
    let drafts = found.into_iter().map(|(namespace, (workloads, from))| {
        let mut options = Map::from_iter([("workloads".to_owned(), json!(workloads))]);
        options.extend(namespace.map(|namespace| ("namespace".to_owned(), json!(namespace))));
        Draft {
            area: "operations",
            id: "workloads".to_owned(),
            title: "The workloads run".to_owned(),
            kind: "service-uptime",
            options: json!({ "kubernetes": options }),
            facts: &["up", "down"],
            says: SAYS,
            from,
            address: None,
            manner: Manner::Run("it asks the cluster that `kubectl` points to"),
        }
    });
    drafts.collect()
}

/// Namespace and `deployment/web`.
fn workload(document: &Json) -> Option<(Option<String>, String)> {
    let kind = document.get("kind")?.as_str()?;
    if !["Deployment", "StatefulSet", "DaemonSet"].contains(&kind) {
        return None;
    }
    let metadata = document.get("metadata")?;
    let text = |key: &str| metadata.get(key).and_then(Json::as_str).filter(|text| is_name(text)).map(str::to_owned);
    Some((text("namespace"), format!("{}/{}", kind.to_lowercase(), text("name")?)))
}

/// A name as Kubernetes has them: a template's `{{ .Release.Name }}` is none, and an option of `kubectl` is none either.
fn is_name(text: &str) -> bool {
    let fits = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '-' | '.');
    !text.is_empty() && text.chars().all(fits) && !text.starts_with('-')
}

//! The schema and the decoder must agree: what one accepts, the other accepts.

use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::{Value, json};

use super::*;
use crate::plan::node::{self, Node};
use crate::plan::problem::{Code, Sink};
use crate::plan::{load, yaml};

/// A file as an editor reads it: YAML 1.2, where `13` is a number and `true` a boolean.
fn as_an_editor_reads(node: &Node) -> Value {
    match &node.value {
        _ if node.is_null() => Value::Null,
        node::Value::Scalar { text, plain: true } if text == "true" || text == "false" => json!(text == "true"),
        node::Value::Scalar { text, plain: true } => {
            let number = text.parse::<serde_json::Number>().ok().map(Value::Number);
            number.unwrap_or_else(|| json!(text))
        }
        node::Value::Scalar { text, .. } => json!(text),
        node::Value::List(items) => items.iter().map(as_an_editor_reads).collect(),
        node::Value::Mapping(entries) => Value::Object(
            entries.iter().map(|entry| (entry.name().to_owned(), as_an_editor_reads(&entry.value))).collect(),
        ),
    }
}

fn read(text: &str) -> Value {
    let node = yaml::parse(0, text, &Sink::default());
    node.map_or(Value::Null, |node| as_an_editor_reads(&node))
}

fn complaints(text: &str) -> Vec<String> {
    static VALIDATOR: LazyLock<jsonschema::Validator> =
        LazyLock::new(|| jsonschema::validator_for(&schema()).expect("a valid schema"));
    let instance = read(text);
    VALIDATOR.iter_errors(&instance).map(|error| format!("{}: {error}", error.instance_path())).collect()
}

fn yaml_files(folder: &Path) -> Vec<PathBuf> {
    let walk = walkdir::WalkDir::new(folder).into_iter().filter_map(Result::ok).map(walkdir::DirEntry::into_path);
    let mut found: Vec<PathBuf> = walk.filter(|path| path.extension().is_some_and(|end| end == "yaml")).collect();
    found.sort();
    found
}

#[test]
fn every_audit_of_ours_that_loads_follows_the_schema() {
    let mut seen = 0;
    for folder in [
        "checks/go-live",
        "checks/stack",
        "checks/countersign",
        "fixtures/plans/one-file",
        "fixtures/plans/files",
        "fixtures/plans/claims",
    ] {
        if load(Path::new(folder), &|_| Some("x".to_owned())).is_err() {
            continue;
        }
        for file in yaml_files(Path::new(folder)) {
            let text = std::fs::read_to_string(&file).expect("a readable file");
            assert_eq!(complaints(&text), Vec::<String>::new(), "{}", file.display());
            seen += 1;
        }
    }
    assert!(seen >= 2, "nothing was compared");
}

fn with_kind(name: &str, options: &str) -> String {
    let mut check = String::from("area: ops\nchecks:\n  - id: one\n    ");
    check.push_str(&format!("{name}:\n"));
    options.trim().lines().for_each(|line| check.push_str(&format!("      {line}\n")));
    check
}

#[test]
fn the_example_of_every_kind_follows_the_schema_and_decodes() {
    for row in KINDS {
        let text = with_kind(row.name, row.example);
        assert_eq!(complaints(&text), Vec::<String>::new(), "{}", row.name);
        let audit = format!("audit: {{id: a, subject: {{name: b}}}}\n{text}");
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("audit.yaml");
        std::fs::write(&file, audit).expect("a file");
        if let Err(problems) = load(&file, &|_| Some("x".to_owned())) {
            panic!("{}: {problems}", row.name);
        }
    }
}

#[test]
fn a_key_that_no_kind_knows_is_refused_by_both() {
    for row in KINDS {
        let mut options = read(row.example);
        let Some(object) = options.as_object_mut() else { continue };
        object.insert("no-such-option".to_owned(), json!(1));
        let text = with_kind(row.name, &options.to_string());
        assert!(!complaints(&text).is_empty(), "{}: the schema lets it pass", row.name);
        let codes = codes(&format!("audit: {{id: a, subject: {{name: b}}}}\n{text}"));
        assert!(!codes.is_empty(), "{}: the decoder lets it pass", row.name);
    }
}

fn codes(text: &str) -> Vec<Code> {
    let folder = tempfile::tempdir().expect("a folder");
    let file = folder.path().join("audit.yaml");
    std::fs::write(&file, text).expect("a file");
    load(&file, &|_| None)
        .err()
        .map(|problems| problems.list.iter().map(|problem| problem.code).collect())
        .unwrap_or_default()
}

/// What both must say about an audit with one key more, or another value.
#[test]
fn schema_and_decoder_agree_on_keys_and_types() {
    let audit = |area: &str, check: &str, rest: &str| {
        format!(
            "audit: {{id: a, subject: {{name: b, version: 1.10}}}}\nareas:\n  - area: ops\n{area}    checks:\n      \
             - id: one\n        attestation: {{statement: x, by: null}}\n{check}{rest}"
        )
    };
    let cases = [
        (true, audit("", "", "")),
        (true, audit("    weight: 3\n", "        retries: 2\n", "")),
        (true, audit("    weight: 3.5\n", "        depends-on: [one-more]\n", "")),
        (false, audit("    weight: heavy\n", "", "")),
        (false, audit("    colour: blue\n", "", "")),
        (false, audit("", "        colour: blue\n", "")),
        (false, audit("", "        retries: often\n", "")),
        (false, audit("", "        severity: bad\n", "")),
        (false, audit("", "        attestation: {statement: x, colour: blue}\n", "")),
        (false, audit("", "        attestation: [x]\n", "")),
        (false, audit("", "        sample: {of: many, method: chosen}\n", "")),
        (false, audit("", "        claim: {age: 3d}\n", "")),
        (true, audit("", "        claim: {by: Cora, age: 3d}\n", "")),
        (true, audit("", "        claim: [{by: Cora, age: 3d}, {by: Alex, age: 4d}]\n", "")),
        (true, audit("", "        claim: {by: Cora, age: {at: a.md#Rehearsal/Age}}\n", "")),
        (true, audit("", "        claim: {by: Cora, age: {at: {doc: a.md, under: b, label: c, number: 1}}}\n", "")),
        (true, audit("", "        claim: {by: Cora, age: 3d, at: {doc: a.md, row: b, col: 2, table: {has: c}}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: {}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: {at: []}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: {at: {label: c}}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: {at: {doc: a.md, lable: c}}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: {at: {doc: a.md, label: c, number: first}}}\n", "")),
        (false, audit("", "        claim: {by: Cora, age: [3d]}\n", "")),
        (false, audit("", "        claim: {by: Cora, table: a.md#b}\n", "")),
        (true, audit("", "", "claims: [{id: c, value: 13, at: a.md#b/c}]\n")),
        (true, audit("", "", "claims: [{id: c, at: [a.md#b/c, {doc: d.md, marker: c}], by: e, tolerance: 1%}]\n")),
        (false, audit("", "", "claims: [{id: c, value: 13}]\n")),
        (false, audit("", "", "claims: [{id: c, value: 13, at: []}]\n")),
        (false, audit("", "", "claims: [{id: c, value: [13], at: a.md#b/c}]\n")),
        (false, audit("", "", "claims: {id: c, value: 13, at: a.md#b/c}\n")),
        (false, audit("", "", "conditions: none\n")),
        (false, audit("", "", "conditions: []\n")),
        (false, audit("", "", "conditions: [{id: c, level: must}]\n")),
        (true, audit("", "", "conditions: [{id: c, level: must, text: d, due: 2025-10-20}]\n")),
        (true, audit("", "", "checklist: [{title: c, items: [plain, {text: d, done: true}]}]\n")),
        (false, audit("", "", "checklist: [{title: c, items: [{done: true}]}]\n")),
        (false, audit("", "", "rollout: {strategy: canary}\n")),
        (false, audit("", "", "signoff: {distinct: none}\n")),
        (true, audit("", "", "signoff: {roles: {lead: {members: cora}}, distinct: none}\n")),
    ];
    for (good, text) in cases {
        let (schema, decoder) = (complaints(&text), codes(&text));
        let shape = [
            Code::UnknownKey,
            Code::MissingKey,
            Code::WrongType,
            Code::UnknownValue,
            Code::Empty,
            Code::DuplicateKey,
            Code::InvalidClaim,
        ];
        let refused = decoder.iter().any(|code| shape.contains(code));
        assert_eq!(refused, !good, "decoder: {decoder:?}\n{text}");
        if !decoder.contains(&Code::DuplicateKey) {
            assert_eq!(schema.is_empty(), good, "schema: {schema:?}\n{text}");
        }
    }
}

#[test]
fn every_key_is_described() {
    fn walk(value: &Value, path: &str, bare: &mut Vec<String>) {
        if let Some(properties) = value.get("properties").and_then(Value::as_object) {
            for (name, property) in properties {
                if property.get("description").is_none() && property.get("$ref").is_none() {
                    bare.push(format!("{path}.{name}"));
                }
            }
        }
        match value {
            Value::Object(object) => object.iter().for_each(|(key, value)| walk(value, &format!("{path}/{key}"), bare)),
            Value::Array(items) => items.iter().for_each(|item| walk(item, path, bare)),
            _ => {}
        }
    }
    let mut bare = Vec::new();
    walk(&schema(), "", &mut bare);
    assert_eq!(bare, Vec::<String>::new());
}

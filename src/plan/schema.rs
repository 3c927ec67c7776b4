//! The JSON Schema of the audit file, for editors: generated from the types the file is decoded into and from the
//! registry of kinds, so that no second description has to agree with the first.

#[cfg(test)]
mod tests;

use schemars::generate::SchemaSettings;
use schemars::{JsonSchema, SchemaGenerator};
use serde_json::{Map, Value, json};

use super::written::{AreaWritten, FileWritten};
use crate::probe::registry::KINDS;

/// Names the shape of the audit file.
pub const ID: &str = "urn:countersign:audit:v1";

/// The line that tells the YAML language server which schema a file follows.
pub fn hint(location: &str) -> String {
    format!("# yaml-language-server: $schema={location}")
}

/// The schema of an audit file and of the files it includes, draft 2020-12.
pub fn schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let mut file = object::<FileWritten>(&mut generator);
    let area = object::<AreaWritten>(&mut generator);
    let kinds: Vec<(&str, Value)> =
        KINDS.iter().map(|row| (row.name, (row.schema)(&mut generator).to_value())).collect();
    let mut definitions = generator.take_definitions(true);
    for measured in ["CheckWritten", "SignalWritten"] {
        if let Some(Value::Object(measured)) = definitions.get_mut(measured) {
            add_kinds(measured, &kinds);
        }
    }
    let own = file.get_mut("properties").and_then(Value::as_object_mut);
    if let (Some(own), Some(Value::Object(more))) = (own, area.get("properties")) {
        own.extend(more.clone());
    }
    let mut root = Map::new();
    root.insert("$schema".to_owned(), json!("https://json-schema.org/draft/2020-12/schema"));
    root.insert("$id".to_owned(), json!(ID));
    root.insert("title".to_owned(), json!("countersign audit file"));
    root.extend(file.into_iter().filter(|(key, _)| key != "title"));
    root.insert("dependentRequired".to_owned(), json!({"checks": ["area"]}));
    root.insert("$defs".to_owned(), Value::Object(definitions));
    let mut root = Value::Object(root);
    as_written(&mut root);
    root
}

fn object<T: JsonSchema>(generator: &mut SchemaGenerator) -> Map<String, Value> {
    match T::json_schema(generator).to_value() {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

/// Every kind is a key of a check and of a signal, and each has exactly one of them.
fn add_kinds(check: &mut Map<String, Value>, kinds: &[(&str, Value)]) {
    let one_of: Vec<Value> = kinds.iter().map(|(name, _)| json!({"required": [name]})).collect();
    if let Some(Value::Object(properties)) = check.get_mut("properties") {
        properties.extend(kinds.iter().map(|(name, schema)| ((*name).to_owned(), schema.clone())));
    }
    check.insert("oneOf".to_owned(), Value::Array(one_of));
}

/// A placeholder may stand wherever a value may.
const PLACEHOLDER: &str = r"\$\{";

/// Says what the decoder accepts: values are read as written, so that `1.10` is a text as well as a number; a number may
/// be a placeholder; a list that is given is not empty.
fn as_written(schema: &mut Value) {
    match schema {
        Value::Array(items) => items.iter_mut().for_each(as_written),
        Value::Object(object) => {
            if !object.contains_key("enum") && !object.contains_key("const") {
                widen(object);
            }
            object.values_mut().for_each(as_written);
        }
        _ => {}
    }
}

fn widen(schema: &mut Map<String, Value>) {
    let mut types: Vec<String> = match schema.get("type") {
        Some(Value::String(one)) => vec![one.clone()],
        Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).map(str::to_owned).collect(),
        _ => return,
    };
    let has = |types: &[String], name: &str| types.iter().any(|other| other == name);
    let pattern = if has(&types, "string") {
        ["number", "boolean"].iter().for_each(|name| types.push((*name).to_owned()));
        None
    } else if has(&types, "integer") {
        Some(r"^[+-]?[0-9]+$")
    } else if has(&types, "number") {
        Some(r"^[+-]?[0-9.]+([eE][+-]?[0-9]+)?$")
    } else if has(&types, "boolean") {
        Some("^(true|false)$")
    } else {
        None
    };
    if let Some(pattern) = pattern {
        types.push("string".to_owned());
        schema.insert("pattern".to_owned(), json!(format!("{PLACEHOLDER}|{pattern}")));
        schema.remove("format");
    }
    if has(&types, "array") && !schema.contains_key("minItems") {
        schema.insert("minItems".to_owned(), json!(1));
    }
    schema.insert("type".to_owned(), if types.len() == 1 { json!(types[0]) } else { json!(types) });
}

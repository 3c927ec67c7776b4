//! What `countersign kinds` and the README say about kinds: written from the registry and the schema, so that it cannot
//! differ from the code.

use std::fmt::Write as _;

use schemars::{Schema, SchemaGenerator};
use serde_json::{Map, Value};

use super::registry::{KINDS, KindRow};
use crate::model::fact::{Direction, FactSpec, FactType};

/// Options inside of options beyond which only the type is told.
const MAX_DEPTH: usize = 4;
/// Unions and lists inside of each other around one mapping.
const UNIONS: usize = 4;

/// Every kind on a line of its own, with what it measures.
pub fn list() -> String {
    let width = KINDS.iter().map(|row| row.name.len()).max().unwrap_or(0);
    let mut text = String::new();
    for row in KINDS {
        let _ = writeln!(text, "{:width$}  {}", row.name, row.summary());
    }
    text
}

/// The table of the README: kind, what it measures, sources, facts.
pub fn markdown_table() -> String {
    let mut text = "| kind | measures | sources | facts |\n| --- | --- | --- | --- |\n".to_owned();
    for row in KINDS {
        let facts: Vec<String> = own_facts(row).iter().map(|fact| format!("`{}`", fact.name)).collect();
        let sources: Vec<String> = sources(row).iter().map(|source| format!("`{source}`")).collect();
        let cells = [format!("`{}`", row.name), row.summary(), sources.join(", "), facts.join(", ")];
        let cells = cells.map(|cell| cell.replace('|', "\\|"));
        let _ = writeln!(text, "| {} |", cells.join(" | "));
    }
    text
}

/// Everything about one kind: an example, its sources, its options and its facts.
pub fn kind(row: &KindRow) -> String {
    let mut text = format!("{}: {}\n\nExample\n  {}: {}\n", row.name, row.summary(), row.name, row.example);
    let sources = sources(row);
    if !sources.is_empty() {
        let _ = writeln!(text, "\nSources\n  {}", sources.join(", "));
    }
    let options = Options::of(row);
    text.push_str("\nOptions\n");
    options.write(&options.root, 1, &mut text);
    text.push_str("\nFacts\n");
    facts(&(row.facts)(), &mut text);
    if let Some([part, whole, share]) = row.fraction {
        let _ = writeln!(text, "\nA claim such as 1,026/1,044 (98.28%) speaks of {part}, {whole} and {share}.");
    }
    text
}

/// Without `elapsed`, which every kind has.
fn own_facts(row: &KindRow) -> Vec<FactSpec> {
    let mut facts = (row.facts)();
    facts.retain(|fact| fact.name != "elapsed");
    facts
}

fn sources(row: &KindRow) -> Vec<String> {
    if !row.sources.is_empty() {
        return row.sources.iter().map(|source| (*source).to_owned()).collect();
    }
    let options = Options::of(row);
    variants(&options.root).iter().filter_map(|variant| only_property(variant)).map(|(name, _)| name.clone()).collect()
}

fn facts(specs: &[FactSpec], text: &mut String) {
    let width = specs.iter().map(|fact| fact.name.len()).max().unwrap_or(0);
    for fact in specs {
        let mut remarks = vec![type_of(fact.fact_type)];
        match fact.direction {
            Direction::Higher => remarks.push("higher is better"),
            Direction::Lower => remarks.push("lower is better"),
            Direction::Neutral => {}
        }
        if fact.growing {
            remarks.push("grows by itself");
        }
        let _ = writeln!(text, "  {:width$}  {} ({})", fact.name, fact.summary, remarks.join(", "));
    }
}

fn type_of(fact_type: FactType) -> &'static str {
    match fact_type {
        FactType::Count => "count",
        FactType::Number => "number",
        FactType::Ratio => "ratio, in %",
        FactType::Duration => "duration, in seconds",
        FactType::Bytes => "size, in bytes",
        FactType::Instant => "time",
        FactType::Text => "text",
        FactType::Flag => "true or false",
        FactType::List => "list",
        FactType::Table => "table",
    }
}

/// A kind's schema, and what it refers to.
struct Options {
    root: Value,
    definitions: Map<String, Value>,
}

impl Options {
    fn of(row: &KindRow) -> Self {
        let mut generator = SchemaGenerator::default();
        let root: Schema = (row.schema)(&mut generator);
        let root = root.to_value();
        Self { root, definitions: generator.definitions().clone() }
    }

    /// Follows a reference, and the other side of "this or null".
    fn resolve<'a>(&'a self, schema: &'a Value) -> &'a Value {
        let mut schema = schema;
        for _ in 0..8 {
            let reference = schema.get("$ref").and_then(Value::as_str);
            let target = reference.and_then(|name| self.definitions.get(name.rsplit('/').next()?));
            let choices = schema.get("anyOf").and_then(Value::as_array);
            let given = choices.map(|choices| choices.iter().filter(|choice| !is_null(choice)).collect::<Vec<_>>());
            schema = match (target, given.as_deref()) {
                (Some(target), _) => target,
                (None, Some([only])) => only,
                _ => return schema,
            };
        }
        schema
    }

    fn write(&self, schema: &Value, depth: usize, text: &mut String) {
        for variant in variants(schema) {
            if let Some((name, inside)) = only_property(variant) {
                self.option(name, inside, variant.get("description"), false, depth, text);
            }
        }
        let Some(properties) = schema.get("properties").and_then(Value::as_object) else { return };
        let required: Vec<&str> = strings(schema.get("required"));
        if depth == 1 && properties.is_empty() {
            text.push_str("  none\n");
        }
        for (name, property) in properties {
            let is_required = required.contains(&name.as_str());
            self.option(name, property, property.get("description"), is_required, depth, text);
        }
    }

    fn option(
        &self,
        name: &str,
        schema: &Value,
        about: Option<&Value>,
        required: bool,
        depth: usize,
        text: &mut String,
    ) {
        let resolved = self.resolve(schema);
        let mut remarks = vec![self.type_name(schema)];
        if required {
            remarks.push("required".to_owned());
        }
        if let Some(default) = schema.get("default").filter(|default| says_something(default)) {
            remarks.push(format!("default {}", default.as_str().map_or_else(|| default.to_string(), str::to_owned)));
        }
        let indent = "  ".repeat(depth);
        let _ = writeln!(text, "{indent}{name}  ({})", remarks.join(", "));
        if let Some(about) = about.or_else(|| resolved.get("description")).and_then(Value::as_str) {
            let _ = writeln!(text, "{indent}    {}", about.replace('\n', " "));
        }
        if depth < MAX_DEPTH
            && let Some(members) = self.members(resolved, UNIONS)
        {
            self.write(members, depth + 1, text);
        }
    }

    /// Where the options of a mapping are listed: in itself, in the mapping of "a text or a mapping", in a list's items, in
    /// those of "one or many"; each inside of others, `unions` deep.
    fn members<'a>(&'a self, schema: &'a Value, unions: usize) -> Option<&'a Value> {
        let schema = self.resolve(schema);
        let is_mapping =
            schema.get("properties").is_some() || variants(schema).iter().any(|one| only_property(one).is_some());
        if is_mapping || unions == 0 {
            return is_mapping.then_some(schema);
        }
        let choices = schema.get("anyOf").and_then(Value::as_array).into_iter().flatten();
        choices.chain(schema.get("items")).find_map(|inside| self.members(inside, unions - 1))
    }

    fn type_name(&self, schema: &Value) -> String {
        let schema = self.resolve(schema);
        let words = words(schema);
        if !words.is_empty() {
            return format!("one of {}", words.join(", "));
        }
        if let Some(choices) = schema.get("anyOf").and_then(Value::as_array) {
            let mut names: Vec<String> = Vec::new();
            for name in choices.iter().filter(|choice| !is_null(choice)).map(|choice| self.type_name(choice)) {
                if !names.contains(&name) {
                    names.push(name);
                }
            }
            return names.join(" or ");
        }
        let types = match schema.get("type") {
            Some(Value::String(one)) => vec![one.as_str()],
            types => strings(types),
        };
        match types.into_iter().find(|name| *name != "null") {
            Some("string") => "text".to_owned(),
            Some("boolean") => "true or false".to_owned(),
            Some("integer") => "whole number".to_owned(),
            Some("array") => match schema.get("items") {
                Some(items) => format!("list: {}", self.type_name(items)),
                None => "list".to_owned(),
            },
            Some("object") | None => "mapping".to_owned(),
            Some(other) => other.to_owned(),
        }
    }
}

fn variants(schema: &Value) -> &[Value] {
    schema.get("oneOf").and_then(Value::as_array).map_or(&[], Vec::as_slice)
}

/// The key and the content of an externally tagged variant.
fn only_property(variant: &Value) -> Option<(&String, &Value)> {
    let properties = variant.get("properties")?.as_object()?;
    properties.iter().next().filter(|_| properties.len() == 1)
}

fn strings(value: Option<&Value>) -> Vec<&str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str).collect()
}

/// The words of an enumeration.
fn words(schema: &Value) -> Vec<&str> {
    let constants = variants(schema).iter().filter_map(|variant| variant.get("const")?.as_str());
    strings(schema.get("enum")).into_iter().chain(constants).collect()
}

fn is_null(schema: &Value) -> bool {
    schema.get("type").and_then(Value::as_str) == Some("null")
}

fn says_something(default: &Value) -> bool {
    match default {
        Value::Null => false,
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        Value::String(text) => !text.is_empty(),
        Value::Bool(_) | Value::Number(_) => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::probe::registry::{Probe, find};

    fn row(name: &str) -> &'static KindRow {
        find(name).expect(name)
    }

    #[test]
    fn every_example_decodes_and_has_no_problem() {
        for row in KINDS {
            let decoded: Example = serde_saphyr::from_str(&format!("{}: {}", row.name, row.example)).expect(row.name);
            assert_eq!(decoded.0.kind(), row.name);
            assert_eq!(decoded.0.problems(), Vec::new(), "{}", row.name);
            let options = decoded.0.options().expect(row.name);
            assert_eq!(decoded.0.asks().expect(row.name), options.to_string(), "{}", row.name);
        }
    }

    /// One kind under its key.
    struct Example(Probe);

    impl<'de> serde::Deserialize<'de> for Example {
        fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
            struct OneKey;
            impl<'de> serde::de::Visitor<'de> for OneKey {
                type Value = Example;

                fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                    f.write_str("a kind")
                }

                fn visit_map<A: serde::de::MapAccess<'de>>(self, mut map: A) -> Result<Example, A::Error> {
                    struct Seed(String);
                    impl<'de> serde::de::DeserializeSeed<'de> for Seed {
                        type Value = Probe;

                        fn deserialize<D: serde::Deserializer<'de>>(self, options: D) -> Result<Probe, D::Error> {
                            Probe::decode(&self.0, options)
                        }
                    }
                    let kind: String = map.next_key()?.expect("a key");
                    map.next_value_seed(Seed(kind)).map(Example)
                }
            }
            deserializer.deserialize_map(OneKey)
        }
    }

    #[test]
    fn what_stands_in_one_or_many_of_a_text_or_a_mapping_is_told() {
        let text = kind(row("health-check"));
        for option in ["passes-when  (", "reads  (", "name  (text", "tcp  (", "grpc  (", "dns  ("] {
            assert!(text.contains(option), "{option}: {text}");
        }
    }

    #[test]
    fn every_kind_is_listed_with_a_sentence() {
        assert_eq!(list().lines().count(), KINDS.len());
        assert_eq!(markdown_table().lines().count(), KINDS.len() + 2);
        for row in KINDS {
            assert!(row.summary().ends_with('.'), "{}: {}", row.name, row.summary());
            assert!(!own_facts(row).is_empty(), "{}", row.name);
        }
    }

    #[test]
    fn every_option_and_every_fact_is_described() {
        for row in KINDS {
            let text = kind(row);
            let (_, options) = text.split_once("\nOptions\n").expect("options");
            let (options, facts) = options.split_once("\nFacts\n").expect("facts");
            for line in options.lines().filter(|line| line.contains("  (") && line.ends_with(')')) {
                let next = options.lines().skip_while(|other| *other != line).nth(1).unwrap_or_default();
                let indent = |line: &str| line.len() - line.trim_start().len();
                assert_eq!(indent(next), indent(line) + 4, "{}: {line} is not described", row.name);
            }
            for fact in (row.facts)() {
                assert!(facts.contains(&format!("  {}", fact.name)), "{}: {}", row.name, fact.name);
            }
        }
    }

    #[test]
    fn the_view_of_a_kind_says_what_its_code_says() {
        let text = kind(row("test-pass-rate"));
        for line in [
            "test-pass-rate: How many tests pass, counted from the results themselves.",
            "Sources\n  junit, command, file",
            "  junit  (text or list: text)",
            "    reads  (one of junit, pytest-summary, cargo-test, nextest, libtest-json, go-test-json, tap, trx, ctrf, \
             jest-json, vitest-json, mocha-json, playwright-json, required)",
            "(count, higher is better)",
            "(ratio, in %, higher is better)",
            "speaks of passed, total and pass-rate.",
        ] {
            assert!(text.contains(line), "{line}\n{text}");
        }
        let text = kind(row("service-uptime"));
        assert!(
            text.contains("Sources\n  docker, systemd, supervisord, kubernetes, prometheus, process, http\n"),
            "{text}"
        );
        assert!(text.contains("    units  (list: text, required)"), "{text}");
    }
}

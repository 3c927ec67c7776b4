//! YAML, TOML, CSV and JSON lines as JSON text, so that one filter language reads them all.
//!
//! Numbers keep their spelling: `98.60` stays `98.60`, and no digit of a long one is lost. Nothing is interpreted.

mod once;

use std::collections::HashSet;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{Deserialize, Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;
use toml::de::{DeTable, DeValue};

pub use self::once::to_json_once;
use crate::model::fact::Unmeasurable;

/// Lists and objects inside each other beyond which a YAML file is refused.
const MAX_DEPTH: usize = 128;
/// Longest JSON that is made of CSV, in bytes.
const MAX_CSV: usize = 256 << 20;

/// How a file is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Format {
    /// JSON.
    Json,
    /// YAML 1.2, one document.
    Yaml,
    /// TOML.
    Toml,
    /// Comma-separated values with a header line; each row becomes an object of texts.
    Csv,
    /// One JSON value on each line; the whole becomes a list.
    Ndjson,
}

impl Format {
    /// By the file's extension.
    pub fn of(path: &str) -> Option<Self> {
        let (_, extension) = path.rsplit(['/', '\\']).next()?.rsplit_once('.')?;
        match extension.to_ascii_lowercase().as_str() {
            "json" => Some(Self::Json),
            "yaml" | "yml" => Some(Self::Yaml),
            "toml" => Some(Self::Toml),
            "csv" => Some(Self::Csv),
            "ndjson" | "jsonl" => Some(Self::Ndjson),
            _ => None,
        }
    }

    fn word(self) -> &'static str {
        match self {
            Self::Json => "JSON",
            Self::Yaml => "YAML",
            Self::Toml => "TOML",
            Self::Csv => "CSV",
            Self::Ndjson => "JSON lines",
        }
    }
}

/// The content of a file as JSON text. JSON itself is passed on as it is: who runs the filter finds what is wrong in it.
pub fn to_json(content: &[u8], format: Format) -> Result<Vec<u8>, Unmeasurable> {
    let wrong = |reason: String| {
        let reason: String = reason.lines().next().unwrap_or_default().chars().take(200).collect();
        Unmeasurable::new(format!("it is not {}: {reason}", format.word()), "Check the file, or name its `format:`.")
    };
    let content = content.strip_prefix(b"\xEF\xBB\xBF").unwrap_or(content);
    let text = std::str::from_utf8(content).map_err(|error| wrong(error.to_string()))?;
    if text.trim().is_empty() && !matches!(format, Format::Ndjson | Format::Toml) {
        return Err(wrong("it is empty".to_owned()));
    }
    match format {
        Format::Json => Ok(content.to_vec()),
        Format::Yaml => yaml(text).map_err(wrong),
        Format::Toml => toml(text).map_err(wrong),
        Format::Csv => csv(content, MAX_CSV).map_err(wrong),
        Format::Ndjson => lines(text).map_err(wrong),
    }
}

/// A value whose numbers are still text.
#[derive(Debug, Clone)]
enum Node {
    Null,
    Flag(bool),
    /// JSON text of a whole number.
    Whole(String),
    /// A number with a point or an exponent; its spelling is looked up in the source.
    Float(f64),
    Text(String),
    List(Vec<Spanned<Node>>),
    Object(Vec<(Spanned<Node>, Spanned<Node>)>),
}

struct NodeVisitor;

impl<'de> Visitor<'de> for NodeVisitor {
    type Value = Node;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a value")
    }

    fn visit_unit<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_none<E>(self) -> Result<Node, E> {
        Ok(Node::Null)
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<Node, D::Error> {
        deserializer.deserialize_any(self)
    }

    fn visit_bool<E>(self, flag: bool) -> Result<Node, E> {
        Ok(Node::Flag(flag))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Node, E> {
        Ok(Node::Whole(number.to_string()))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Node, E> {
        Ok(Node::Whole(number.to_string()))
    }

    fn visit_i128<E>(self, number: i128) -> Result<Node, E> {
        Ok(Node::Whole(number.to_string()))
    }

    fn visit_u128<E>(self, number: u128) -> Result<Node, E> {
        Ok(Node::Whole(number.to_string()))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Node, E> {
        Ok(Node::Float(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Node, E> {
        Ok(Node::Text(text.to_owned()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Node, A::Error> {
        let mut list = Vec::new();
        while let Some(item) = items.next_element()? {
            list.push(item);
        }
        Ok(Node::List(list))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Node, A::Error> {
        let mut object = Vec::new();
        while let Some(entry) = entries.next_entry()? {
            object.push(entry);
        }
        Ok(Node::Object(object))
    }
}

impl<'de> Deserialize<'de> for Node {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(NodeVisitor)
    }
}

fn yaml(text: &str) -> Result<Vec<u8>, String> {
    let options = serde_saphyr::options! {
        strict_booleans: true,
        leading_zero_numbers_as_strings: true,
        underscored_numbers_as_strings: true,
        with_snippet: false,
        alias_limits: serde_saphyr::alias_limits! { max_total_replayed_events: 100_000 },
        budget: serde_saphyr::budget! { max_depth: MAX_DEPTH, max_nodes: 1_000_000, max_events: 2_000_000 },
    };
    let root: Spanned<Node> = serde_saphyr::from_str_with_options(text, options).map_err(|error| error.to_string())?;
    let mut json = String::with_capacity(text.len() * 2);
    write_node(&root, text, &mut json)?;
    Ok(json.into_bytes())
}

fn write_node(node: &Spanned<Node>, source: &str, json: &mut String) -> Result<(), String> {
    match &node.value {
        Node::Null => json.push_str("null"),
        Node::Flag(flag) => json.push_str(if *flag { "true" } else { "false" }),
        Node::Whole(digits) => json.push_str(digits),
        Node::Float(number) => json.push_str(&float(*number, spelling(node, source))),
        Node::Text(text) => write_text(text, json)?,
        Node::List(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                write_node(item, source, json)?;
            }
            json.push(']');
        }
        Node::Object(entries) => {
            json.push('{');
            for (index, (key, value)) in entries.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                write_text(&key_text(key, source)?, json)?;
                json.push(':');
                write_node(value, source, json)?;
            }
            json.push('}');
        }
    }
    Ok(())
}

fn key_text(key: &Spanned<Node>, source: &str) -> Result<String, String> {
    match &key.value {
        Node::Null => Ok("null".to_owned()),
        Node::Flag(flag) => Ok(flag.to_string()),
        Node::Whole(text) | Node::Text(text) => Ok(text.clone()),
        Node::Float(number) => Ok(spelling(key, source).map_or_else(|| number.to_string(), str::to_owned)),
        Node::List(_) | Node::Object(_) => Err("a key is a list or an object".to_owned()),
    }
}

fn spelling<'a>(node: &Spanned<Node>, source: &'a str) -> Option<&'a str> {
    let span = node.defined.span();
    let start = usize::try_from(span.byte_offset()?).ok()?;
    let length = usize::try_from(span.byte_len()?).ok()?;
    source.get(start..start.checked_add(length)?).map(str::trim)
}

/// A number as JSON: as spelled where JSON knows the spelling. Infinity and NaN, which it does not know, become texts.
fn float(number: f64, spelled: Option<&str>) -> String {
    if let Some(spelled) = spelled.map(|text| text.replace('_', ""))
        && serde_json::from_str::<&serde_json::value::RawValue>(&spelled).is_ok()
        && spelled.starts_with(|first: char| first == '-' || first.is_ascii_digit())
    {
        return spelled;
    }
    if number.is_finite() { number.to_string() } else { format!("\"{number}\"") }
}

fn write_text(text: &str, json: &mut String) -> Result<(), String> {
    json.push_str(&serde_json::to_string(text).map_err(|error| error.to_string())?);
    Ok(())
}

fn toml(text: &str) -> Result<Vec<u8>, String> {
    let table = DeTable::parse(text).map_err(|error| error.message().to_owned())?;
    let mut json = String::with_capacity(text.len() * 2);
    write_table(table.get_ref(), &mut json)?;
    Ok(json.into_bytes())
}

fn write_table(table: &DeTable<'_>, json: &mut String) -> Result<(), String> {
    json.push('{');
    let mut entries: Vec<_> = table.iter().collect();
    entries.sort_by_key(|(key, _)| key.span().start);
    for (index, (key, value)) in entries.into_iter().enumerate() {
        if index > 0 {
            json.push(',');
        }
        write_text(key.get_ref(), json)?;
        json.push(':');
        write_value(value.get_ref(), json)?;
    }
    json.push('}');
    Ok(())
}

fn write_value(value: &DeValue<'_>, json: &mut String) -> Result<(), String> {
    match value {
        DeValue::String(text) => write_text(text, json)?,
        DeValue::Boolean(flag) => json.push_str(if *flag { "true" } else { "false" }),
        DeValue::Datetime(time) => write_text(&time.to_string(), json)?,
        DeValue::Integer(whole) => {
            let number = i64::from_str_radix(whole.as_str(), whole.radix()).map_err(|error| error.to_string())?;
            json.push_str(&number.to_string());
        }
        DeValue::Float(spelled) => {
            let number: f64 = spelled.as_str().parse().map_err(|_| "a number cannot be read".to_owned())?;
            json.push_str(&float(number, Some(spelled.as_str())));
        }
        DeValue::Array(items) => {
            json.push('[');
            for (index, item) in items.iter().enumerate() {
                if index > 0 {
                    json.push(',');
                }
                write_value(item.get_ref(), json)?;
            }
            json.push(']');
        }
        DeValue::Table(table) => write_table(table, json)?,
    }
    Ok(())
}

/// Does it end inside of quotes? Then all that stands behind the last of them was read as one cell.
fn ends_quoted(content: &[u8]) -> bool {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Start,
        Plain,
        Quoted,
        /// Behind a quote in quotes: a second one stands for itself.
        Closed,
    }
    let end = content.iter().fold(At::Start, |at, byte| match (at, byte) {
        (At::Start, b'"') | (At::Closed, b'"') => At::Quoted,
        (At::Quoted, b'"') => At::Closed,
        (At::Quoted, _) => At::Quoted,
        (_, b',' | b'\n' | b'\r') => At::Start,
        _ => At::Plain,
    });
    end == At::Quoted
}

/// `most` is how many bytes the JSON may have.
fn csv(content: &[u8], most: usize) -> Result<Vec<u8>, String> {
    if ends_quoted(content) {
        return Err("a quote is opened and never closed".to_owned());
    }
    let mut reader = csv::Reader::from_reader(content);
    let columns = reader.headers().map_err(|error| error.to_string())?.clone();
    let mut names = HashSet::new();
    if let Some(twice) = columns.iter().find(|name| !names.insert(*name)) {
        return Err(format!("two columns have the name \"{twice}\""));
    }
    let mut json = "[".to_owned();
    for (index, row) in reader.records().enumerate() {
        let row = row.map_err(|error| error.to_string())?;
        json.push_str(if index > 0 { ",{" } else { "{" });
        for (at, (column, cell)) in columns.iter().zip(row.iter()).enumerate() {
            if at > 0 {
                json.push(',');
            }
            write_text(column, &mut json)?;
            json.push(':');
            write_text(cell, &mut json)?;
        }
        json.push('}');
        // Every row repeats the names of all columns.
        if json.len() > most {
            return Err(format!("its rows with the names of their columns are more than {most} bytes"));
        }
    }
    json.push(']');
    Ok(json.into_bytes())
}

/// Each line is checked by itself: half a value on one line must not be completed by the next.
fn lines(text: &str) -> Result<Vec<u8>, String> {
    let mut json = "[".to_owned();
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        serde_json::from_str::<&serde_json::value::RawValue>(line)
            .map_err(|error| format!("line {}: {error}", index + 1))?;
        if json.len() > 1 {
            json.push(',');
        }
        json.push_str(line);
    }
    json.push(']');
    Ok(json.into_bytes())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn json(text: &str, format: Format) -> String {
        String::from_utf8(to_json(text.as_bytes(), format).expect(text)).expect("UTF-8")
    }

    #[test]
    fn the_extension_tells_the_format() {
        assert_eq!(Format::of("a.b/flags.YML"), Some(Format::Yaml));
        assert_eq!(Format::of("x.jsonl"), Some(Format::Ndjson));
        assert_eq!(Format::of("a.json/flags"), None);
        assert_eq!(Format::of("Makefile"), None);
    }

    #[test]
    fn yaml_numbers_keep_every_digit_and_words_stay_words() {
        let yaml = "rate: 98.60\nbig: 12345678901234567890123456789012345678901234567890\nmode: 0644\nansw: yes\non: true\n\
                    none: ~\nbase: &b {a: 1.10}\nmore: *b\nsep: 1_000\nexp: 1e3\nneg: -0.50\n1.50: key\n";
        assert_eq!(
            json(yaml, Format::Yaml),
            concat!(
                r#"{"rate":98.60,"big":12345678901234567890123456789012345678901234567890,"mode":"0644","answ":"yes","#,
                r#""on":true,"none":null,"base":{"a":1.10},"more":{"a":1.10},"sep":"1_000","exp":1e3,"neg":-0.50,"#,
                r#""1.50":"key"}"#
            )
        );
    }

    #[test]
    fn long_names_of_columns_repeated_in_every_row_do_not_fill_the_memory() {
        let table = |rows: usize| format!("{}\n{}", "x".repeat(100), "1\n".repeat(rows)).into_bytes();
        assert!(csv(&table(5), 1_000).is_ok());
        let refused = csv(&table(20), 1_000).expect_err("too much");
        assert_eq!(refused, "its rows with the names of their columns are more than 1000 bytes");
        assert_eq!(csv(b"a,b,a\n", 1_000).expect_err("twice"), "two columns have the name \"a\"");
    }

    #[test]
    fn a_quote_that_is_never_closed_swallows_nothing() {
        for whole in ["a,b\n1,2\n", "a\n\"1\n2\"\n", "a\n\"x\"\"y\"", "a\n5\" tube\n", "a\n\"x\"y\"\n", "a\n\"\"\n"] {
            assert!(csv(whole.as_bytes(), 1_000).is_ok(), "{whole}");
        }
        for open in ["a\n1\n\"2\n3\n", "a\n\"", "a\n\"x\"\"\n", "\"a\n1\n", "a,b\n1,\"2\n"] {
            assert_eq!(csv(open.as_bytes(), 1_000).expect_err(open), "a quote is opened and never closed");
        }
    }

    #[test]
    fn toml_and_csv_and_lines_become_json() {
        let toml = "n = 0x1F\nf = 98.60\nt = 2025-10-20\n[flags.a]\nenabled = true\n[[l]]\nx = [1, 'a']\n";
        assert_eq!(
            json(toml, Format::Toml),
            r#"{"n":31,"f":98.60,"t":"2025-10-20","flags":{"a":{"enabled":true}},"l":[{"x":[1,"a"]}]}"#
        );
        assert_eq!(json("a,b\n1.50,\"x,\"\"y\"\n", Format::Csv), r#"[{"a":"1.50","b":"x,\"y"}]"#);
        assert_eq!(json("{\"a\":1.0}\n\n2\n", Format::Ndjson), r#"[{"a":1.0},2]"#);
        assert_eq!(json("\u{feff}{}", Format::Json), "{}");
    }

    #[test]
    fn what_is_something_else_is_refused_with_the_reason() {
        for (text, format, why) in [
            ("a: 1\na: 2\n", Format::Yaml, "it is not YAML: "),
            ("a: [", Format::Yaml, "it is not YAML: "),
            ("a: .inf", Format::Yaml, "it is not YAML: "),
            ("", Format::Yaml, "it is not YAML: it is empty"),
            ("? [a]\n: 1\n", Format::Yaml, "it is not YAML: a key is a list or an object"),
            ("a = ", Format::Toml, "it is not TOML: "),
            ("a,b\n1\n", Format::Csv, "it is not CSV: "),
            ("a,a\n1,2\n", Format::Csv, "it is not CSV: two columns have the name \"a\""),
            ("[1,\n2]\n", Format::Ndjson, "it is not JSON lines: line 1"),
        ] {
            let reason = to_json(text.as_bytes(), format).expect_err(text).reason;
            assert!(reason.starts_with(why), "{text}: {reason}");
        }
        assert!(to_json(b"\xFF", Format::Json).is_err());
        let deep = "[".repeat(20_000);
        assert!(to_json(deep.as_bytes(), Format::Yaml).is_err());
        let laughs = (1..12).fold("a0: &a0 [x,x,x,x,x,x,x,x,x]\n".to_owned(), |text, level| {
            let alias = format!("*a{}", level - 1);
            text + &format!("a{level}: &a{level} [{}]\n", [alias.as_str(); 9].join(","))
        });
        assert!(to_json(laughs.as_bytes(), Format::Yaml).is_err());
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(bytes in proptest::collection::vec(any::<u8>(), 0..200), text in "[-a-z0-9:{}\\[\\], .\n&*!'\"=]{0,80}") {
            for format in [Format::Json, Format::Yaml, Format::Toml, Format::Csv, Format::Ndjson] {
                let _ = to_json(&bytes, format);
                let _ = to_json(text.as_bytes(), format);
            }
        }

        #[test]
        fn a_number_in_yaml_and_toml_is_the_number_in_json(whole in any::<u32>(), fraction in "[0-9]{1,30}") {
            let number = format!("{whole}.{fraction}");
            let expected = format!("{{\"a\":{number}}}");
            prop_assert_eq!(json(&format!("a: {number}\n"), Format::Yaml), expected.clone());
            prop_assert_eq!(json(&format!("a = {number}\n"), Format::Toml), expected);
        }

        #[test]
        fn any_text_survives(text in "\\PC{0,40}") {
            let quoted = serde_json::to_string(&text).expect("a string");
            let expected = format!("{{\"a\":{quoted}}}");
            prop_assert_eq!(json(&format!("{{a: {quoted}}}\n"), Format::Yaml), expected);
        }
    }
}

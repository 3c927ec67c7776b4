//! Answers of XML-RPC: one value, or a fault. What it cannot hold exactly (a double, a date) is kept as it was written.
//!
//! Source of the shapes: <http://xmlrpc.com/spec.md>.

use std::collections::BTreeMap;

use quick_xml::Reader;
use quick_xml::events::Event;

use super::endpoint::{beginning, not_let_in};
use super::output::printable;
use crate::model::fact::Unmeasurable;
use crate::witness::HttpAnswer;

/// Values inside each other beyond which an answer is refused.
const MAX_DEPTH: usize = 32;
/// Longest text kept of one value, in characters.
const MAX_TEXT: usize = 10_000;

/// What a call yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reply {
    /// Its value.
    Value(Value),
    /// The server refuses.
    Fault {
        /// The server's own number.
        code: i64,
        /// Its words, one line.
        text: String,
    },
}

/// A value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// `int`, `i4`, `i8`.
    Integer(i64),
    /// A text; also a double, a date and base64, as they were written.
    Text(String),
    /// True or false.
    Flag(bool),
    /// Nothing.
    Nil,
    /// A list.
    Array(Vec<Value>),
    /// Named values.
    Struct(BTreeMap<String, Value>),
}

/// A member of a struct that is a text.
pub fn text(members: &BTreeMap<String, Value>, key: &str) -> Option<String> {
    match members.get(key) {
        Some(Value::Text(text)) => Some(text.clone()),
        _ => None,
    }
}

/// Reads an answer of `server`.
pub fn read(answer: &HttpAnswer, server: &str) -> Result<Reply, Unmeasurable> {
    let status = answer.status;
    if let Some(refused) = not_let_in(answer, server) {
        return Err(refused);
    }
    if status != 200 {
        return Err(Unmeasurable::new(
            format!("{server} answered {status}: {}", beginning(&answer.body)),
            "Look whether the address is right; nothing stands behind its host and port, unless a proxy adds a path.",
        ));
    }
    parse(&String::from_utf8_lossy(&answer.body)).map_err(|what| {
        Unmeasurable::new(
            format!(
                "{server} answered with what is no XML-RPC: {what}, beginning with \"{}\"",
                beginning(&answer.body)
            ),
            "Look whether the address is that of the server itself, not of a page or proxy before it.",
        )
    })
}

/// An element that is open.
struct Open {
    name: String,
    /// The values of the elements in it.
    inner: Vec<Value>,
    /// Of a `<member>`, its `<name>`.
    key: Option<String>,
    text: String,
}

fn parse(xml: &str) -> Result<Reply, String> {
    let mut reader = Reader::from_str(xml);
    reader.config_mut().expand_empty_elements = true;
    let mut open: Vec<Open> = Vec::new();
    let mut result = None;
    loop {
        match reader.read_event().map_err(|error| first_line(&error.to_string()))? {
            Event::Start(element) => {
                if open.len() >= MAX_DEPTH * 4 {
                    return Err(format!("its values are nested more than {MAX_DEPTH} deep"));
                }
                let name = element.local_name().as_ref().to_owned();
                if open.is_empty() && (name != "methodResponse" || result.is_some()) {
                    return Err("its outermost element is not <methodResponse>".to_owned());
                }
                open.push(Open { name, inner: Vec::new(), key: None, text: String::new() });
            }
            Event::Text(text) => add(&mut open, &text),
            Event::CData(text) => add(&mut open, &text),
            Event::GeneralRef(entity) => {
                let character = match &*entity {
                    "lt" => Some('<'),
                    "gt" => Some('>'),
                    "amp" => Some('&'),
                    "apos" => Some('\''),
                    "quot" => Some('"'),
                    _ => entity.resolve_char_ref().ok().flatten(),
                };
                let character = character.ok_or("it uses an entity that XML does not know")?;
                add(&mut open, character.encode_utf8(&mut [0; 4]));
            }
            Event::End(_) => {
                let Some(closed) = open.pop() else { continue };
                if closed.name == "methodResponse" && open.is_empty() {
                    result = closed.inner.into_iter().next();
                } else {
                    close(closed, open.last_mut())?;
                }
            }
            Event::DocType(_) => return Err("it has a document type of its own".to_owned()),
            Event::Eof => break,
            _ => {}
        }
    }
    if !open.is_empty() {
        return Err("it breaks off".to_owned());
    }
    match result {
        // `close` marks a fault so: a list with one struct stands for <fault>.
        Some(Value::Struct(mut members)) if members.contains_key(FAULT) => match members.remove(FAULT) {
            Some(Value::Struct(fault)) => Ok(Reply::Fault {
                code: match fault.get("faultCode") {
                    Some(Value::Integer(code)) => *code,
                    _ => 0,
                },
                text: first_line(&text(&fault, "faultString").unwrap_or_default()),
            }),
            _ => Err("its fault says nothing".to_owned()),
        },
        Some(value) => Ok(Reply::Value(value)),
        None => Err("it has no value".to_owned()),
    }
}

/// No member can be called so: it is no text that XML could hold.
const FAULT: &str = "\0fault";

fn add(open: &mut [Open], text: &str) {
    if let Some(element) = open.last_mut() {
        let room = MAX_TEXT.saturating_sub(element.text.chars().count());
        element.text.extend(text.chars().take(room));
    }
}

/// Hands what a closed element says to the one around it.
fn close(closed: Open, parent: Option<&mut Open>) -> Result<(), String> {
    let Some(parent) = parent else { return Ok(()) };
    let Open { name, mut inner, key, text } = closed;
    let value = match name.as_str() {
        "int" | "i4" | "i8" => {
            Value::Integer(text.trim().parse().map_err(|_| format!("\"{}\" is no number", first_line(&text)))?)
        }
        "boolean" => Value::Flag(match text.trim() {
            "1" => true,
            "0" => false,
            _ => return Err(format!("\"{}\" is neither true nor false", first_line(&text))),
        }),
        "nil" => Value::Nil,
        "string" | "double" | "dateTime.iso8601" | "base64" => Value::Text(text),
        // A value without a type is a text.
        "value" => inner.pop().unwrap_or(Value::Text(text)),
        "array" => Value::Array(inner),
        "struct" => {
            let members = inner.into_iter().filter_map(|member| match member {
                Value::Struct(member) => Some(member),
                _ => None,
            });
            Value::Struct(members.flatten().collect())
        }
        "name" => {
            parent.key = Some(text);
            return Ok(());
        }
        "member" => {
            let value = inner.pop().ok_or("a member has no value")?;
            Value::Struct([(key.ok_or("a member has no name")?, value)].into())
        }
        "fault" => Value::Struct([(FAULT.to_owned(), inner.pop().ok_or("its fault says nothing")?)].into()),
        // <params>, <param>, <data>: what is in them belongs to what is around them.
        _ => {
            parent.inner.append(&mut inner);
            return Ok(());
        }
    };
    parent.inner.push(value);
    Ok(())
}

fn first_line(text: &str) -> String {
    let line = text.lines().next().unwrap_or_default();
    printable(line, 200)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn value(inner: &str) -> Result<Reply, String> {
        parse(&format!(
            "<?xml version='1.0'?>\n<methodResponse>\n<params>\n<param>\n{inner}</param>\n</params>\n</methodResponse>\n"
        ))
    }

    #[test]
    fn every_type_of_value_is_read() {
        let of = |inner: &str| match value(inner) {
            Ok(Reply::Value(value)) => value,
            other => panic!("{inner}: {other:?}"),
        };
        assert_eq!(of("<value><int>-7</int></value>"), Value::Integer(-7));
        assert_eq!(of("<value><i4>7</i4></value>"), Value::Integer(7));
        assert_eq!(of("<value><boolean>1</boolean></value>"), Value::Flag(true));
        assert_eq!(of("<value><nil/></value>"), Value::Nil);
        assert_eq!(of("<value>plain</value>"), Value::Text("plain".to_owned()));
        assert_eq!(of("<value><string></string></value>"), Value::Text(String::new()));
        assert_eq!(of("<value><string/></value>"), Value::Text(String::new()));
        assert_eq!(
            of("<value><string>a &lt;b&gt; &amp;&#65;<![CDATA[<c>]]></string></value>"),
            Value::Text("a <b> &A<c>".to_owned())
        );
        assert_eq!(of("<value><array><data/></array></value>"), Value::Array(Vec::new()));
        assert_eq!(
            of("<value><array><data>\n<value><int>1</int></value>\n<value><int>2</int></value></data></array></value>"),
            Value::Array(vec![Value::Integer(1), Value::Integer(2)])
        );
        assert_eq!(
            of("<value><struct><member>\n<name>a</name>\n<value><int>1</int></value></member></struct></value>"),
            Value::Struct([("a".to_owned(), Value::Integer(1))].into())
        );
    }

    #[test]
    fn a_refusal_is_read_as_one() {
        let xml = "<methodResponse><fault><value><struct><member><name>faultCode</name><value><int>1</int></value></member>\
            <member><name>faultString</name><value><string>UNKNOWN_METHOD</string></value></member></struct></value></fault></methodResponse>";
        assert_eq!(parse(xml), Ok(Reply::Fault { code: 1, text: "UNKNOWN_METHOD".to_owned() }));
    }

    #[test]
    fn what_is_half_or_foreign_or_hostile_is_no_answer() {
        let deep = format!("{}{}", "<value><array><data>".repeat(1000), "</data></array></value>".repeat(1000));
        assert!(value(&deep).is_err());
        let bomb = "<!DOCTYPE x [<!ENTITY a \"aaaa\">]><methodResponse><params><param><value>&a;</value></param></params></methodResponse>";
        assert!(parse(bomb).is_err());
        for wrong in [
            "",
            "<html></html>",
            "<methodResponse>",
            "<methodResponse></methodResponse>",
            "plain",
            "<methodResponse><params><param><value><int>x</int></value></param></params></methodResponse>",
            "<methodResponse><params><param><value>&unknown;</value></param></params></methodResponse>",
        ] {
            assert!(parse(wrong).is_err(), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn no_text_makes_it_panic(text in "\\PC{0,200}") {
            let _either = parse(&text);
        }

        #[test]
        fn no_nesting_makes_it_panic(tags in proptest::collection::vec(0..14_usize, 0..40)) {
            let known = ["<value>", "</value>", "<int>", "</int>", "<struct>", "</struct>", "<member>", "</member>", "<name>", "</name>", "<fault>", "</fault>", "7", "<nil/>"];
            let text: String = tags.iter().map(|tag| known[*tag]).collect();
            let _either = value(&text);
        }
    }
}

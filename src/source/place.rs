//! A file below the audit's root, or an address that answers with the same content.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, Deserializer};
use serde::{Serialize, Serializer};

use super::endpoint::{Endpoint, beginning};
use super::shorthand::text_or_mapping;
use super::structured::{Format, to_json_once};
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpAnswer, Witness};

/// The largest file that is read as a whole, in bytes: as much as an answer over HTTP may have.
pub const MOST: u64 = 64 * 1024 * 1024;

/// A file, or an address.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// A file.
    File(String),
    /// An address, with what is needed to get in.
    Web(Endpoint),
}

impl From<Endpoint> for Place {
    fn from(endpoint: Endpoint) -> Self {
        Self::Web(endpoint)
    }
}

impl<'de> Deserialize<'de> for Place {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let expected = "a file, an address such as http://localhost:9090, or a mapping with `url`";
        text_or_mapping::<Endpoint, _, _>(deserializer, Self::named, expected)
    }
}

impl Serialize for Place {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::File(path) => serializer.serialize_str(path),
            Self::Web(endpoint) => endpoint.serialize(serializer),
        }
    }
}

impl JsonSchema for Place {
    fn schema_name() -> Cow<'static, str> {
        "Place".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let web = generator.subschema_for::<Endpoint>();
        json_schema!({
            "description": "A file, or an address with what is needed to get in.",
            "anyOf": [{ "type": "string" }, web],
        })
    }
}

impl Place {
    /// An address when it is written as one, else a file.
    pub fn named(text: String) -> Self {
        let web = ["http://", "https://"].iter().any(|scheme| text.to_ascii_lowercase().starts_with(scheme));
        if web { Self::Web(Endpoint::at(text)) } else { Self::File(text) }
    }

    /// What is wrong with it that its type cannot say: fragments and ways out.
    pub fn problems(&self) -> Vec<(String, String)> {
        match self {
            Self::File(path) if path.trim().is_empty() => {
                vec![("the name of the file is empty".to_owned(), "name a file, or an address".to_owned())]
            }
            Self::File(_) => Vec::new(),
            Self::Web(endpoint) => endpoint.problems(),
        }
    }

    /// How it is called in a message: the file, or the address without what may be secret in it.
    pub fn name(&self) -> &str {
        match self {
            Self::File(path) => path,
            Self::Web(endpoint) => endpoint.url.split(['?', '#']).next().unwrap_or_default(),
        }
    }

    /// Its content as JSON; YAML and TOML are told by the name.
    pub async fn json(&self, witness: &Witness) -> Result<Vec<u8>, Unmeasurable> {
        match self {
            Self::File(path) => file(path, witness).await,
            Self::Web(endpoint) => page(&witness.http(endpoint.get_itself()).await?, self.name()),
        }
    }
}

async fn file(path: &str, witness: &Witness) -> Result<Vec<u8>, Unmeasurable> {
    let bytes = witness.read(path).await?.whole(MOST).await?;
    to_json_once(&bytes, Format::of(path).unwrap_or(Format::Json))
}

/// What a page says, when it is an answer at all.
pub fn page(answer: &HttpAnswer, address: &str) -> Result<Vec<u8>, Unmeasurable> {
    let status = answer.status;
    let help = match status {
        401 | 403 => "Give it a token: `{url: ..., bearer: \"${secret:NAME}\"}`.",
        429 => "Run the audit again later; it was asked too often.",
        _ => "Check the address; only a status of 2xx is an answer.",
    };
    if !(200..300).contains(&status) {
        return Err(Unmeasurable::new(format!("it answered with status {status}"), help));
    }
    let html = answer.headers.get("content-type").is_some_and(|kind| kind.starts_with("text/html"));
    let start = beginning(&answer.body);
    if html || start.starts_with('<') {
        return Err(Unmeasurable::new(
            format!("it answered {status} with HTML, beginning with \"{start}\""),
            "Look whether the address is that of the data itself, not of a page or proxy before it.",
        ));
    }
    to_json_once(&answer.body, Format::of(address).unwrap_or(Format::Json))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_is_an_address_when_it_is_written_as_one() {
        let read = |json: &str| serde_json::from_str::<Place>(json).expect(json);
        assert_eq!(read("\"flags.json\""), Place::File("flags.json".to_owned()));
        assert_eq!(read("\"HTTPS://h/x\""), Place::Web(Endpoint::at("HTTPS://h/x".to_owned())));
        assert_eq!(read(r#"{"url": "http://h/x?key=1"}"#).name(), "http://h/x");
        assert!(serde_json::from_str::<Place>("{\"uri\": \"x\"}").is_err());
        assert_eq!(Place::File(" ".to_owned()).problems().len(), 1);
    }

    #[test]
    fn a_login_page_is_not_data() {
        let answer = |status, kind: &str, body: &str| HttpAnswer::new(status, body).with_header("content-type", kind);
        let reason = page(&answer(200, "text/html", "<!doctype html>"), "http://h").expect_err("HTML").reason;
        assert_eq!(reason, "it answered 200 with HTML, beginning with \"<!doctype html>\"");
        assert_eq!(page(&answer(401, "", "{}"), "http://h").expect_err("401").reason, "it answered with status 401");
        assert_eq!(page(&answer(200, "", "{}"), "http://h").expect("JSON"), b"{}");
        assert_eq!(page(&answer(200, "", "a: 1"), "http://h/f.yaml").expect("YAML"), br#"{"a":1}"#);
    }
}

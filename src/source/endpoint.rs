//! Where an HTTP source is and how it lets us in: the options that every such source shares, and the reading of its JSON.

use std::borrow::Cow;
use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::{Serialize, Serializer};

use super::shorthand::text_or_mapping;
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpAnswer, HttpRequest};

/// An address, or a mapping with `url:` and what is needed to get in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The base address; a path in it is kept.
    pub url: String,
    /// Headers to send.
    pub headers: BTreeMap<String, String>,
    /// A token, sent as `Authorization: Bearer`.
    pub bearer: Option<String>,
}

/// The long form of an [`Endpoint`].
#[derive(Serialize, serde::Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
struct Written {
    /// The base address, such as `http://localhost:9090`; a path in it is kept.
    url: String,
    /// Headers to send. Write secrets as `${secret:NAME}`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    headers: BTreeMap<String, String>,
    /// A token to send as `Authorization: Bearer`, written as `${secret:NAME}`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    bearer: Option<String>,
}

impl From<Written> for Endpoint {
    fn from(written: Written) -> Self {
        Self { url: written.url, headers: written.headers, bearer: written.bearer }
    }
}

impl<'de> Deserialize<'de> for Endpoint {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_mapping::<Written, _, _>(
            deserializer,
            Self::at,
            "an address such as http://localhost:9090, or a mapping with `url`",
        )
    }
}

impl Serialize for Endpoint {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if self.headers.is_empty() && self.bearer.is_none() {
            return serializer.serialize_str(&self.url);
        }
        Written { url: self.url.clone(), headers: self.headers.clone(), bearer: self.bearer.clone() }
            .serialize(serializer)
    }
}

impl JsonSchema for Endpoint {
    fn schema_name() -> Cow<'static, str> {
        "Endpoint".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let long = generator.subschema_for::<Written>();
        json_schema!({
            "description": "An address, or a mapping with `url:` and what is needed to get in.",
            "anyOf": [{ "type": "string" }, long],
        })
    }
}

impl Endpoint {
    /// An address that needs nothing to get in.
    pub fn at(url: String) -> Self {
        Self { url, ..Self::default() }
    }

    /// A GET of `path`, which starts with a slash, below the base address.
    pub fn get(&self, path: &str) -> HttpRequest {
        let url = format!("{}{path}", self.url.trim_end_matches('/'));
        HttpRequest { headers: self.sent_headers(), ..HttpRequest::get(url) }
    }

    /// A GET of the base address itself.
    pub fn get_itself(&self) -> HttpRequest {
        HttpRequest { headers: self.sent_headers(), ..HttpRequest::get(self.url.clone()) }
    }

    fn sent_headers(&self) -> BTreeMap<String, String> {
        with_bearer(&self.headers, self.bearer.as_deref())
    }

    /// What is wrong with it that its type cannot say: fragment and way out.
    pub fn problem(&self) -> Option<(String, String)> {
        url_problem(&self.url)
    }
}

/// Headers with `Authorization: Bearer` added where there is a token.
pub fn with_bearer(headers: &BTreeMap<String, String>, bearer: Option<&str>) -> BTreeMap<String, String> {
    let mut headers = headers.clone();
    if let Some(token) = bearer {
        headers.insert("Authorization".to_owned(), format!("Bearer {token}"));
    }
    headers
}

/// What is wrong with an address: fragment and way out. One that still holds a placeholder is taken as it is.
pub fn url_problem(text: &str) -> Option<(String, String)> {
    if text.contains("${") {
        return None;
    }
    let help = || "write an address such as http://localhost:9090".to_owned();
    match url::Url::parse(text) {
        Err(error) => Some((format!("\"{text}\" is not an address: {error}"), help())),
        Ok(url) if !matches!(url.scheme(), "http" | "https") => {
            Some((format!("\"{text}\" is not an HTTP address"), help()))
        }
        Ok(url) if url.host_str().is_none_or(str::is_empty) => Some((format!("\"{text}\" names no host"), help())),
        Ok(_) => None,
    }
}

/// Reads an answer of `server` as JSON of the shape `T`, whatever its status; says what it got when that is impossible.
pub fn json<T: DeserializeOwned>(answer: &HttpAnswer, server: &str) -> Result<T, Unmeasurable> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        let status = answer.status;
        let content_type = answer.headers.get("content-type").map_or("", String::as_str);
        let start = beginning(&answer.body);
        let what = if matches!(status, 401 | 403) {
            format!("{server} does not let us in: it answered {status}")
        } else if start.is_empty() {
            format!("{server} answered {status} with an empty body")
        } else if content_type.starts_with("text/html") || start.starts_with('<') {
            format!("{server} answered {status} with HTML, beginning with \"{start}\"")
        } else if serde_json::from_slice::<serde::de::IgnoredAny>(&answer.body).is_ok() {
            format!("{server} answered {status} with JSON of another shape, beginning with \"{start}\"")
        } else if error.is_eof() {
            format!("{server} answered {status} with JSON that breaks off after {} bytes", answer.body.len())
        } else {
            format!("{server} answered {status} with something that is not JSON, beginning with \"{start}\"")
        };
        let help = match status {
            401 | 403 => "Give it a token: `{url: ..., bearer: \"${secret:NAME}\"}`.",
            404 => "Look whether the address is right; it may need a path in front.",
            _ => "Look whether the address is that of the server itself, not of a page or proxy before it.",
        };
        Unmeasurable::new(what, help)
    })
}

/// The beginning of a body, one line, fit for a message.
pub fn beginning(body: &[u8]) -> String {
    let head = body.get(..200).unwrap_or(body);
    let text: String = String::from_utf8_lossy(head).split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().filter(|character| !character.is_control()).take(60).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Endpoint, serde_json::Error> {
        serde_json::from_str(json)
    }

    fn answer(status: u16, content_type: &str, body: &str) -> HttpAnswer {
        HttpAnswer {
            status,
            headers: BTreeMap::from([("content-type".to_owned(), content_type.to_owned())]),
            body: body.as_bytes().to_vec(),
            elapsed: std::time::Duration::ZERO,
        }
    }

    #[test]
    fn an_address_alone_and_a_mapping_with_it_are_the_same() {
        let short = read("\"http://h:1/base/\"").expect("reads");
        assert_eq!(short, read(r#"{"url": "http://h:1/base/"}"#).expect("reads"));
        assert_eq!(short.get("/api").url, "http://h:1/base/api");
        assert_eq!(serde_json::to_string(&short).expect("writes"), "\"http://h:1/base/\"");
    }

    #[test]
    fn a_token_is_sent_as_bearer_and_written_back_as_it_was() {
        let json = r#"{"url":"http://h","headers":{"X-Org":"1"},"bearer":"${secret:T}"}"#;
        let endpoint = read(json).expect("reads");
        let headers = endpoint.get_itself().headers;
        assert_eq!(headers.get("Authorization").map(String::as_str), Some("Bearer ${secret:T}"));
        assert_eq!(headers.get("X-Org").map(String::as_str), Some("1"));
        assert_eq!(serde_json::to_string(&endpoint).expect("writes"), json);
    }

    #[test]
    fn a_wrong_shape_says_what_is_expected() {
        let message = |json| read(json).expect_err("refused").to_string();
        assert!(message(r#"{"uri": "http://h"}"#).contains("unknown field `uri`, expected one of `url`"));
        assert!(message("{}").contains("missing field `url`"));
        assert!(message("[]").contains("expected an address such as http://localhost:9090"), "{}", message("[]"));
    }

    #[test]
    fn an_address_without_scheme_or_host_is_refused() {
        for wrong in ["localhost:9090", "ftp://h", "http://", "", "/api"] {
            assert!(url_problem(wrong).is_some(), "{wrong}");
        }
        for right in ["http://localhost:9090", "https://h/x?y=1", "${PROM}"] {
            assert_eq!(url_problem(right), None, "{right}");
        }
    }

    #[test]
    fn what_is_not_json_is_named_for_what_it_is() {
        let reason = |status, kind, body| {
            json::<BTreeMap<String, String>>(&answer(status, kind, body), "Prometheus").expect_err("refused").reason
        };
        assert_eq!(
            reason(200, "text/html", "<!DOCTYPE html>\n<title>Sign\u{7} in</title>"),
            "Prometheus answered 200 with HTML, beginning with \"<!DOCTYPE html> <title>Sign in</title>\""
        );
        assert_eq!(reason(401, "text/plain", "no"), "Prometheus does not let us in: it answered 401");
        assert_eq!(reason(502, "text/plain", ""), "Prometheus answered 502 with an empty body");
        assert!(reason(200, "application/json", "{\"a\": ").ends_with("breaks off after 6 bytes"));
        assert!(reason(404, "text/plain", "404 page").ends_with("not JSON, beginning with \"404 page\""));
        assert!(reason(200, "application/json", "[1]").contains("JSON of another shape"));
    }
}

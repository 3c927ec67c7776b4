//! Where an HTTP source is and how it lets us in: the options that every such source shares, and the reading of its JSON.

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::de::{Deserialize, DeserializeOwned, Deserializer};
use serde::{Serialize, Serializer};

use super::shorthand::text_or_mapping;
use crate::model::captured::shortened;
use crate::model::evidence::{Access, Answer, Basic, Exchange, Question, TlsFiles};
use crate::model::fact::Unmeasurable;
use crate::witness::{HttpAnswer, HttpRequest};

/// Declares options with everything that reaches a server over HTTP, and their own fields behind it. Serde can read no
/// mapping in two parts and refuse unknown keys at once; so the shared part is written here, once for all.
macro_rules! with_endpoint {
    ($(#[$about:meta])* pub struct $name:ident { $($(#[$field_about:meta])* pub $field:ident: $type:ty,)* }) => {
        $(#[$about])*
        #[derive(Debug, Clone, Default, serde::Serialize, serde::Deserialize, schemars::JsonSchema)]
        #[serde(deny_unknown_fields, rename_all = "kebab-case")]
        pub struct $name {
            /// The address, such as `http://localhost:9090`.
            pub url: String,
            /// Headers to send. Write secrets as `${secret:NAME}`.
            #[serde(default, skip_serializing_if = "std::collections::BTreeMap::is_empty")]
            pub headers: std::collections::BTreeMap<String, String>,
            /// A token to send as `Authorization: Bearer`, written as `${secret:NAME}`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub bearer: Option<String>,
            /// A user and a password to send as `Authorization: Basic`: `{user: auditor, password: "${secret:NAME}"}`.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub basic: Option<$crate::model::evidence::Basic>,
            /// A file with certificates of authorities to trust besides those of the machine, PEM.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub ca_file: Option<String>,
            /// A file with our own certificate, for servers that ask for one (mutual TLS), PEM.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub client_cert: Option<String>,
            /// A file with the key of `client-cert`, PEM; without it, the key is in the same file. It is never recorded.
            #[serde(default, skip_serializing_if = "Option::is_none")]
            pub client_key: Option<String>,
            $($(#[$field_about])* pub $field: $type,)*
        }

        impl $name {
            /// Where the server is, and what lets us in.
            pub fn endpoint(&self) -> $crate::source::endpoint::Endpoint {
                $crate::source::endpoint::Endpoint {
                    url: self.url.clone(),
                    headers: self.headers.clone(),
                    bearer: self.bearer.clone(),
                    basic: self.basic.clone(),
                    tls: $crate::model::evidence::TlsFiles {
                        ca_file: self.ca_file.clone(),
                        client_cert: self.client_cert.clone(),
                        client_key: self.client_key.clone(),
                    },
                }
            }
        }
    };
}
pub(crate) use with_endpoint;

/// An address, or a mapping with `url:` and what is needed to get in.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Endpoint {
    /// The base address; a path in it is kept.
    pub url: String,
    /// Headers to send.
    pub headers: BTreeMap<String, String>,
    /// A token, sent as `Authorization: Bearer`.
    pub bearer: Option<String>,
    /// A user and a password, sent as `Authorization: Basic`.
    pub basic: Option<Basic>,
    /// Whom to trust, and who we are.
    pub tls: TlsFiles,
}

with_endpoint! {
    /// The long form of an [`Endpoint`].
    pub struct Written {}
}

impl From<Written> for Endpoint {
    fn from(written: Written) -> Self {
        written.endpoint()
    }
}

impl From<Endpoint> for Written {
    fn from(Endpoint { url, headers, bearer, basic, tls }: Endpoint) -> Self {
        let TlsFiles { ca_file, client_cert, client_key } = tls;
        Self { url, headers, bearer, basic, ca_file, client_cert, client_key }
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
        if *self == Self::at(self.url.clone()) {
            return serializer.serialize_str(&self.url);
        }
        Written::from(self.clone()).serialize(serializer)
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
        self.get_at(format!("{}{path}", self.url.trim_end_matches('/')))
    }

    /// A GET of the base address itself.
    pub fn get_itself(&self) -> HttpRequest {
        self.get_at(self.url.clone())
    }

    fn get_at(&self, url: String) -> HttpRequest {
        let mut headers = self.headers.clone();
        if let Some(token) = &self.bearer {
            headers.insert("Authorization".to_owned(), format!("Bearer {token}"));
        }
        HttpRequest { headers, access: self.access(), ..HttpRequest::get(url) }
    }

    /// What lets us in, besides the headers.
    pub fn access(&self) -> Access {
        Access { basic: self.basic.clone(), tls: self.tls.clone() }
    }

    /// What is wrong with it that its types cannot say: fragments and ways out.
    pub fn problems(&self) -> Vec<(String, String)> {
        let mut problems: Vec<_> = url_problem(&self.url).into_iter().collect();
        let mut say = |message: &str, help: &str| problems.push((message.to_owned(), help.to_owned()));
        let authorization = self.headers.keys().any(|name| name.eq_ignore_ascii_case("authorization"));
        if [self.bearer.is_some(), self.basic.is_some(), authorization].iter().filter(|given| **given).count() > 1 {
            say("it is let in twice", "keep one of `bearer:`, `basic:` and the header `Authorization`");
        }
        if self.basic.as_ref().is_some_and(|basic| basic.user.contains(':')) {
            say("a colon ends the user's name", "the password goes into `password:`");
        }
        if self.tls.client_key.is_some() && self.tls.client_cert.is_none() {
            say("`client-key` has no certificate to belong to", "add `client-cert:`");
        }
        if !self.tls.is_none() && self.url.starts_with("http:") {
            say(
                "certificates mean nothing without TLS",
                "write https:// in the address, or leave the certificates out",
            );
        }
        problems
    }
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

/// Where the answer came from, when that is another place than was asked: a login page answers 200 for whatever is behind
/// it. The same host and path over TLS is no other place, nor is one with a slash at its end or without what was asked in the
/// query; one with more there is. Cut to be shown.
pub fn sent_on(answer: &HttpAnswer, asked: &str) -> Option<String> {
    another_place(answer.location.as_deref()?, asked)
}

/// Each other place that answers came from than was asked, once.
pub fn other_places<'e>(exchanges: impl IntoIterator<Item = &'e Exchange>) -> BTreeSet<String> {
    let place = |exchange: &Exchange| match (&exchange.question, &exchange.answer) {
        (Question::Http { url, .. }, Answer::Http { location: Some(location), .. }) => another_place(location, url),
        _ => None,
    };
    exchanges.into_iter().filter_map(place).collect()
}

fn another_place(location: &str, asked: &str) -> Option<String> {
    const MOST: usize = 200;
    // What is blacked out of the one stands as the names of secrets in the other.
    let parsed = |text: &str| url::Url::parse(&without_secrets(text)).ok();
    let same = parsed(asked).zip(parsed(location)).is_some_and(|(from, to)| {
        let port = (from.scheme(), from.port_or_known_default()) == (to.scheme(), to.port_or_known_default())
            || (from.scheme(), to.scheme()) == ("http", "https");
        let query = |address: &url::Url| -> BTreeSet<(String, String)> { address.query_pairs().into_owned().collect() };
        port && query(&to).is_subset(&query(&from))
            && from.host() == to.host()
            && from.path().trim_end_matches('/') == to.path().trim_end_matches('/')
    });
    (!same).then(|| shortened(location, MOST))
}

fn without_secrets(address: &str) -> String {
    let mut all = address.replace("[REDACTED]", "secret");
    while let Some(start) = all.find("${secret:") {
        let Some(end) = all.get(start..).and_then(|rest| rest.find('}')) else { break };
        all.replace_range(start..=start + end, "secret");
    }
    all
}

/// Does the answer say that we may not come in? Then what to give `server` so that we may.
pub fn not_let_in(answer: &HttpAnswer, server: &str) -> Option<Unmeasurable> {
    let status = answer.status;
    let says = |text: &str| beginning_of(&answer.body, 400).contains(text);
    // nginx lets a client without a certificate in, and tells it so in a page.
    if status == 400 && says("No required SSL certificate was sent") {
        return Some(Unmeasurable::new(
            format!("{server} asks for a client certificate"),
            "Give it one with `client-cert:` and `client-key:`.",
        ));
    }
    if status == 400 && says("The SSL certificate error") {
        return Some(Unmeasurable::new(
            format!("{server} refuses our client certificate"),
            "Give it one that it knows, with `client-cert:` and `client-key:`.",
        ));
    }
    let challenge = answer.headers.get("www-authenticate").map_or("", String::as_str).to_ascii_lowercase();
    let help = match status {
        401 if challenge.starts_with("basic") => {
            "Give it a user and a password that it knows: `basic: {user: ..., password: \"${secret:NAME}\"}`."
        }
        401 => "Give it a token that it knows: `bearer: \"${secret:NAME}\"`; or `basic:`, or a header.",
        403 => "Give it credentials of somebody who may read this.",
        407 => "The proxy asks for credentials: put them into the address in the proxy variable.",
        _ => return None,
    };
    Some(Unmeasurable::new(format!("{server} does not let us in: it answered {status}"), help))
}

/// Reads an answer of `server` as JSON of the shape `T`, whatever its status; says what it got when that is impossible.
pub fn json<T: DeserializeOwned>(answer: &HttpAnswer, server: &str) -> Result<T, Unmeasurable> {
    serde_json::from_slice(&answer.body).map_err(|error| {
        if let Some(refused) = not_let_in(answer, server) {
            return refused;
        }
        let status = answer.status;
        let content_type = answer.headers.get("content-type").map_or("", String::as_str);
        let start = beginning(&answer.body);
        let what = if start.is_empty() {
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
            404 => "Look whether the address is right; it may need a path in front.",
            _ => "Look whether the address is that of the server itself, not of a page or proxy before it.",
        };
        Unmeasurable::new(what, help)
    })
}

/// The beginning of a body, one line, fit for a message.
pub fn beginning(body: &[u8]) -> String {
    beginning_of(body, 200).chars().take(60).collect()
}

fn beginning_of(body: &[u8], bytes: usize) -> String {
    let head = body.get(..bytes).unwrap_or(body);
    let text: String = String::from_utf8_lossy(head).split_whitespace().collect::<Vec<_>>().join(" ");
    text.chars().filter(|character| !character.is_control()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(json: &str) -> Result<Endpoint, serde_json::Error> {
        serde_json::from_str(json)
    }

    #[test]
    fn another_host_port_path_or_query_is_another_place_and_tls_or_a_slash_is_none() {
        for (asked, location, same) in [
            ("http://h/health", "http://h/health/", true),
            ("http://H:80/health?deep=1", "http://h/health", true),
            ("http://h:8080/health", "https://h/health", true),
            ("http://h", "http://h/", true),
            ("http://h/${secret:TENANT}/health", "http://h/[REDACTED]/health/", true),
            ("http://h/health?a=1&b=2", "https://h/health?b=2&a=1", true),
            ("http://h/health", "http://h/health?login=1", false),
            ("http://h/health?deep=1", "http://h/health?deep=0", false),
            ("http://h/health", "http://h/login", false),
            ("https://h/health", "http://h/health", false),
            ("http://h:1/health", "http://h:2/health", false),
            ("http://h/health", "http://other/health", false),
            ("http://h/", "no address", false),
        ] {
            let answer = HttpAnswer { location: Some(location.to_owned()), ..answer(200, "text/html", "<html>") };
            assert_eq!(sent_on(&answer, asked).as_deref(), Some(location).filter(|_| !same), "{asked} {location}");
        }
        assert_eq!(sent_on(&answer(200, "text/html", ""), "http://h/health"), None);
    }

    fn answer(status: u16, content_type: &str, body: &str) -> HttpAnswer {
        HttpAnswer::new(status, body).with_header("content-type", content_type)
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

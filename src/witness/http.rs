//! Asking over HTTP, live: clients, redirects, the cap on the body. Any status is an answer. It must not read the answer.

mod client;
mod grpc;
mod proxy;
mod trouble;
mod trust;
mod vet;

use std::collections::BTreeMap;
use std::time::Duration;

use reqwest::Method;
use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Position, Url};

pub(super) use client::{Clients, armoured, is_loopback};
pub(super) use grpc::{Call, call};
pub(super) use trouble::{causes, refusal};

use self::trouble::Way;
use super::limits::Limits;
use super::secrets::{Private, basic_token};
use crate::model::evidence::Access;
use crate::model::fact::Unmeasurable;

/// More redirects than this are a loop.
const REDIRECTS: usize = 10;

/// Headers that are for the first host alone, as are those that hold a secret, and those whose name says that they do.
const PRIVATE: [&str; 4] = ["authorization", "cookie", "proxy-authorization", "x-api-key"];
const PRIVATE_WORDS: [&str; 5] = ["token", "secret", "password", "key", "auth"];

/// A request with its secrets filled in.
pub(super) struct Request<'a> {
    pub(super) method: &'a str,
    pub(super) url: &'a str,
    /// What `url` is, where it is an address.
    pub(super) address: Option<&'a Url>,
    pub(super) socket: Option<&'a str>,
    pub(super) headers: &'a BTreeMap<String, String>,
    pub(super) body: Option<&'a str>,
    pub(super) access: &'a Access,
    pub(super) private: Private,
}

/// A response with all of its body.
pub(super) struct Response {
    pub(super) status: u16,
    pub(super) headers: BTreeMap<String, String>,
    pub(super) body: Vec<u8>,
    /// Where redirects led, when there were any.
    pub(super) location: Option<String>,
}

/// Asks, follows redirects and reads the body, all within `timeout`.
pub(super) async fn ask(
    clients: &Clients,
    limits: &Limits,
    request: &Request<'_>,
    timeout: Duration,
) -> Result<Response, Unmeasurable> {
    match tokio::time::timeout(timeout, follow(clients, limits, request)).await {
        Ok(response) => response,
        Err(_) => Err(trouble::timed_out(request.url, timeout)),
    }
}

/// Redirects are followed here because the next hop may need another client, and because a loop deserves its own words.
async fn follow(clients: &Clients, limits: &Limits, request: &Request<'_>) -> Result<Response, Unmeasurable> {
    let mut url = parsed(request.url, request.address)?;
    let mut method = method(request.method)?;
    let mut headers = header_map(request.headers)?;
    add_basic(&mut headers, request.access)?;
    let mut tls = request.access.tls.clone();
    let mut body = request.body;
    let first = url.clone();
    let mut seen = vec![(method.clone(), url.clone())];
    loop {
        let client = clients.get(&url, request.socket, &tls, false).await?;
        let mut hop = client.request(method.clone(), url.clone()).headers(headers.clone());
        if let Some(body) = body {
            hop = hop.body(body.to_owned());
        }
        // Which proxy it was is asked when something went wrong, not for every answer.
        let proxy = || clients.proxy(&url, request.socket);
        let explain = |error: &reqwest::Error| {
            let (proxy, known) = (proxy(), tls.client_cert.is_some());
            trouble::explain(&Way { url: &url, socket: request.socket, known, proxy: proxy.as_deref() }, error)
        };
        let mut response = hop.send().await.map_err(|error| explain(&error))?;
        if response.status().as_u16() == 407
            && let Some(proxy) = proxy()
        {
            return Err(proxy::asks_for_password(&proxy));
        }
        let Some(next) = redirect(&url, &response)? else {
            let response = finish(&url, limits, &mut response, &explain).await?;
            return Ok(Response { location: (seen.len() > 1).then(|| bare(&url)), ..response });
        };
        let status = response.status().as_u16();
        if (status == 303 && method != Method::HEAD) || (matches!(status, 301 | 302) && method == Method::POST) {
            (method, body) = (Method::GET, None);
        }
        // The page that a POST is sent back to may be the same one, to GET.
        let hop = (method.clone(), next.clone());
        if seen.contains(&hop) || seen.len() > REDIRECTS {
            return Err(trouble::redirect_loop(&first, &next, seen.len()));
        }
        if next.origin() != url.origin() {
            if body.is_some() && request.private.body {
                return Err(trouble::secret_elsewhere(&url, &next));
            }
            request.private.headers.iter().for_each(|name| drop(headers.remove(name.as_str())));
            let private: Vec<_> = headers.keys().filter(|name| is_private(name)).cloned().collect();
            private.iter().for_each(|name| drop(headers.remove(name)));
            tls = tls.authorities();
        }
        seen.push(hop);
        url = next;
    }
}

fn is_private(name: &HeaderName) -> bool {
    PRIVATE.contains(&name.as_str()) || name.as_str().split('-').any(|word| PRIVATE_WORDS.contains(&word))
}

/// What can be asked over HTTP. `address` is what `text` is, where it is one.
fn parsed(text: &str, address: Option<&Url>) -> Result<Url, Unmeasurable> {
    let unusable = |why: String| {
        Unmeasurable::new(
            format!("\"{text}\" is not an address: {why}"),
            "Write a whole URL, such as http://127.0.0.1:9090/-/ready.",
        )
    };
    let url = address.map_or_else(|| Url::parse(text), |address| Ok(address.clone()));
    let url = url.map_err(|error| unusable(error.to_string()))?;
    match url.scheme() {
        "http" | "https" => Ok(url),
        other => Err(unusable(format!("\"{other}\" is neither http nor https"))),
    }
}

fn method(text: &str) -> Result<Method, Unmeasurable> {
    if text.is_empty() {
        return Ok(Method::GET);
    }
    Method::from_bytes(text.as_bytes())
        .map_err(|_| Unmeasurable::new(format!("\"{text}\" is not an HTTP method"), "Write GET, POST, PUT or HEAD."))
}

fn header_map(headers: &BTreeMap<String, String>) -> Result<HeaderMap, Unmeasurable> {
    let mut map = HeaderMap::with_capacity(headers.len());
    for (name, value) in headers {
        let key = HeaderName::from_bytes(name.as_bytes()).map_err(|_| unsendable("name", name))?;
        map.append(key, HeaderValue::from_str(value).map_err(|_| unsendable("value", name))?);
    }
    Ok(map)
}

fn add_basic(headers: &mut HeaderMap, access: &Access) -> Result<(), Unmeasurable> {
    if let Some(basic) = &access.basic {
        let value = HeaderValue::from_str(&format!("Basic {}", basic_token(basic)));
        let mut value = value.map_err(|_| unsendable("value", "authorization"))?;
        value.set_sensitive(true);
        headers.insert(reqwest::header::AUTHORIZATION, value);
    }
    Ok(())
}

fn unsendable(what: &str, header: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the {what} of the header \"{header}\" cannot be sent"),
        "Header names are letters, digits and hyphens; values are one line of text.",
    )
}

/// Where the response sends us, when it does.
fn redirect(from: &Url, response: &reqwest::Response) -> Result<Option<Url>, Unmeasurable> {
    if !matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308) {
        return Ok(None);
    }
    let Some(location) = response.headers().get("location") else { return Ok(None) };
    let location = String::from_utf8_lossy(location.as_bytes());
    match from.join(&location) {
        Ok(next) if matches!(next.scheme(), "http" | "https") => Ok(Some(next)),
        _ => Err(trouble::bad_redirect(from, &location)),
    }
}

/// The place alone: a user, a query and a fragment may let somebody in.
fn bare(url: &Url) -> String {
    format!("{}://{}", url.scheme(), &url[Position::BeforeHost..Position::AfterPath])
}

/// Adds headers; one that is there already gets the new value behind a comma.
fn join(headers: &mut BTreeMap<String, String>, more: &HeaderMap) {
    for (name, value) in more {
        let value = String::from_utf8_lossy(value.as_bytes());
        headers
            .entry(name.as_str().to_owned())
            .and_modify(|all| {
                all.push_str(", ");
                all.push_str(&value);
            })
            .or_insert_with(|| value.into_owned());
    }
}

async fn finish(
    url: &Url,
    limits: &Limits,
    response: &mut reqwest::Response,
    explain: &(dyn Fn(&reqwest::Error) -> Unmeasurable + Sync),
) -> Result<Response, Unmeasurable> {
    let status = response.status().as_u16();
    let mut headers = BTreeMap::new();
    join(&mut headers, response.headers());
    let cap = usize::try_from(limits.http_body).unwrap_or(usize::MAX);
    if response.content_length().is_some_and(|length| length > limits.http_body) {
        return Err(trouble::too_large(url, limits.http_body));
    }
    let mut body = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| explain(&error))? {
        if chunk.len() > cap - body.len() {
            return Err(trouble::too_large(url, limits.http_body));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(Response { status, headers, body, location: None })
}

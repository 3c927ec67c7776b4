//! One call of gRPC, live: a message in its frame over HTTP/2, and an answer whose end says how it went. It must not read
//! the message that comes back. Source: <https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md>.

use std::collections::BTreeMap;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use http_body_util::BodyExt as _;
use reqwest::header::{CONTENT_TYPE, HeaderValue, TE};
use url::Url;

use super::trouble::Way;
use super::{Clients, Response, add_basic, header_map, join, parsed, proxy, trouble};
use crate::model::evidence::Access;
use crate::model::fact::Unmeasurable;
use crate::witness::limits::Limits;

/// A call with its secrets filled in.
pub(in crate::witness) struct Call<'a> {
    pub(in crate::witness) url: &'a str,
    /// What `url` is, where it is an address.
    pub(in crate::witness) address: Option<&'a Url>,
    pub(in crate::witness) headers: &'a BTreeMap<String, String>,
    /// In base64.
    pub(in crate::witness) message: &'a str,
    pub(in crate::witness) access: &'a Access,
}

/// Calls, and reads the answer with its trailers, all within `timeout`. A redirect is an answer like another.
pub(in crate::witness) async fn call(
    clients: &Clients,
    limits: &Limits,
    call: &Call<'_>,
    timeout: Duration,
) -> Result<Response, Unmeasurable> {
    match tokio::time::timeout(timeout, once(clients, limits, call)).await {
        Ok(response) => response,
        Err(_) => Err(trouble::timed_out(call.url, timeout)),
    }
}

async fn once(clients: &Clients, limits: &Limits, call: &Call<'_>) -> Result<Response, Unmeasurable> {
    let url = parsed(call.url, call.address)?;
    let mut sent = header_map(call.headers)?;
    add_basic(&mut sent, call.access)?;
    sent.insert(CONTENT_TYPE, HeaderValue::from_static("application/grpc"));
    sent.insert(TE, HeaderValue::from_static("trailers"));
    let tls = &call.access.tls;
    let client = clients.get(&url, None, tls, true).await?;
    let framed = framed(call.message)?;
    let proxy = clients.proxy(&url, None);
    if let Some(proxy) = proxy.as_deref().filter(|_| url.scheme() == "http") {
        return Err(proxy::carries_no_http2(proxy));
    }
    let way = Way { url: &url, socket: None, known: tls.client_cert.is_some(), proxy: proxy.as_deref() };
    let explain =
        |error: reqwest::Error| trouble::no_http2(&url, &error).unwrap_or_else(|| trouble::explain(&way, &error));
    let response = client.post(url.clone()).headers(sent).body(framed).send().await.map_err(explain)?;
    let status = response.status().as_u16();
    let mut headers = BTreeMap::new();
    join(&mut headers, response.headers());
    let cap = usize::try_from(limits.http_body).unwrap_or(usize::MAX);
    let mut frames = reqwest::Body::from(response);
    let mut body = Vec::new();
    while let Some(frame) = frames.frame().await {
        match frame.map_err(explain)?.into_data() {
            Ok(data) if data.len() > cap - body.len() => return Err(trouble::too_large(&url, limits.http_body)),
            Ok(data) => body.extend_from_slice(&data),
            Err(other) => {
                if let Ok(trailers) = other.into_trailers() {
                    join(&mut headers, &trailers);
                }
            }
        }
    }
    Ok(Response { status, headers, body, location: None })
}

/// A byte that says that it is not compressed, four of length, and the message.
fn framed(message: &str) -> Result<Vec<u8>, Unmeasurable> {
    let unsendable = || Unmeasurable::new("the message of the call cannot be sent", "Report this.");
    let message = STANDARD.decode(message).map_err(|_| unsendable())?;
    let mut framed = vec![0];
    framed.extend(u32::try_from(message.len()).map_err(|_| unsendable())?.to_be_bytes());
    framed.extend(message);
    Ok(framed)
}

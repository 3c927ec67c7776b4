//! What every server of countersign has in common: bounded connections, a host that is ours, answers that nobody keeps.
//!
//! A page of any site may make a browser send requests here. It cannot read the answers, because nothing here allows it; and a
//! name that such a site lets point to this machine (DNS rebinding) is refused, because only IP addresses, `localhost` and the
//! names that were given are accepted as the host.

use std::convert::Infallible;
use std::io;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::uri::Authority;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

use super::{Failure, terminal};

/// Connections at once; more wait.
const MOST_CONNECTIONS: usize = 32;
/// How long the head of a request may take to come.
const HEAD: Duration = Duration::from_secs(5);
/// Bytes of a request's head.
const LARGEST_HEAD: usize = 16 * 1024;

/// What is answered.
pub(crate) type Answer = Response<Full<Bytes>>;

/// Listens at an address; one that others can reach only when that is meant. `else_` says what to give for that.
pub(crate) async fn bind(address: SocketAddr, others: bool, else_: &str) -> Result<TcpListener, Failure> {
    if !address.ip().is_loopback() && !others {
        return Err(Failure::new(format!("others could reach \"{address}\""), format!("use 127.0.0.1, or {else_}")));
    }
    TcpListener::bind(address).await.map_err(|error| unusable(address, &error))
}

/// Says what it means that others can reach a server, where they can: what they `may` do.
pub(crate) fn warn(at: SocketAddr, may: &str) {
    if !at.ip().is_loopback() {
        terminal::message(&format!(
            "warning: everybody who can reach {at} can {may}: there is no password, and nothing is encrypted\n"
        ));
    }
}

/// Why an address cannot be listened at.
pub(crate) fn unusable(address: SocketAddr, error: &io::Error) -> Failure {
    Failure::new(format!("could not listen at \"{address}\": {error}"), "choose another port; 0 takes a free one")
}

/// Answers until the runtime ends; a connection lasts no longer than `longest`.
pub(crate) async fn serve<H, F>(listener: TcpListener, longest: Duration, handler: H)
where
    H: Fn(Request<Incoming>) -> F + Clone + Send + 'static,
    F: Future<Output = Answer> + Send + 'static,
{
    let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
        let Ok((stream, _)) = listener.accept().await else {
            // Out of file handles: others are needed first.
            tokio::time::sleep(Duration::from_millis(100)).await;
            continue;
        };
        let handler = handler.clone();
        tokio::spawn(async move {
            let service = service_fn(move |request: Request<Incoming>| {
                let answer = handler(request);
                async move { Ok::<_, Infallible>(answer.await) }
            });
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEAD)
                .max_buf_size(LARGEST_HEAD)
                .serve_connection(TokioIo::new(stream), service);
            // Whatever goes wrong on a connection ends that connection.
            let _ = timeout(longest, connection).await;
            drop(permit);
        });
    }
}

/// Is the host of the request an IP address, `localhost`, or one of those names?
pub(crate) fn asks_for_us(request: &Request<Incoming>, names: &[String]) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    let of_target = request.uri().authority();
    named.is_some_and(|host| is_ours(&host, names)) && of_target.is_none_or(|target| is_ours(target, names))
}

fn is_ours(authority: &Authority, names: &[String]) -> bool {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let named = || names.iter().any(|name| host.eq_ignore_ascii_case(name));
    let ours = host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok() || named();
    ours && !authority.as_str().contains('@')
}

/// A line of text.
pub(crate) fn plain(status: StatusCode, text: impl Into<Bytes>) -> Answer {
    let mut answer = content("text/plain; charset=utf-8", text.into());
    *answer.status_mut() = status;
    answer
}

/// An answer that nobody keeps, guesses the kind of, frames, or reads from another site.
pub(crate) fn content(kind: &'static str, bytes: Bytes) -> Answer {
    let mut answer = Response::new(Full::new(bytes));
    let headers = answer.headers_mut();
    for (name, value) in [
        (header::CONTENT_TYPE, kind),
        (header::CACHE_CONTROL, "no-store"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::CONTENT_SECURITY_POLICY, "default-src 'none'; frame-ancestors 'none'"),
    ] {
        headers.insert(name, HeaderValue::from_static(value));
    }
    headers.insert("cross-origin-resource-policy", HeaderValue::from_static("same-origin"));
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_localhost_and_given_names_are_ours() {
        let ours = |text: &str| {
            text.parse::<Authority>().is_ok_and(|authority| is_ours(&authority, &["gate.test".to_owned()]))
        };
        for host in [
            "127.0.0.1",
            "127.0.0.1:8080",
            "[::1]:8080",
            "localhost",
            "LOCALHOST:1",
            "192.0.2.7:80",
            "gate.test",
            "Gate.Test:80",
        ] {
            assert!(ours(host), "{host}");
        }
        for host in
            ["example.com", "localhost.example.com", "127.0.0.1.example.com:8080", "a@127.0.0.1", "127.1.example"]
        {
            assert!(!ours(host), "{host}");
        }
    }
}

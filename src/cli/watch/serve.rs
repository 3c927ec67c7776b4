//! The latest report over HTTP, to look at: read-only, a fixed list of routes, for whoever is on this machine.
//!
//! A page of any site may make a browser send requests here. It cannot read the answers, because nothing here allows it; and a
//! name that such a site lets point to this machine (DNS rebinding) is refused, because only IP addresses and `localhost` are
//! accepted as the host.

use std::convert::Infallible;
use std::net::{IpAddr, SocketAddr};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use http_body_util::Full;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::http::uri::Authority;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio::time::timeout;

/// Connections at once; more wait.
const MOST_CONNECTIONS: usize = 32;
/// How long the head of a request may take to come.
const HEAD: Duration = Duration::from_secs(5);
/// How long a connection may last in all: the page asks again by itself.
const LONGEST: Duration = Duration::from_secs(60);
/// Bytes of a request's head.
const LARGEST_HEAD: usize = 16 * 1024;

/// What is shown.
#[derive(Default)]
pub(super) struct Shown {
    /// The last run that ended.
    pub(super) run: Option<Run>,
    /// Why there is no later one: the audit file as it is now cannot be run.
    pub(super) problem: Option<String>,
}

/// A run, as it is shown.
pub(super) struct Run {
    /// One line about it.
    pub(super) told: String,
    /// SHA-256 of its record.
    pub(super) sha256: String,
    /// Stands for what was concluded, times left out.
    pub(super) result: String,
    /// The report, HTML.
    pub(super) report: Bytes,
    /// OpenMetrics text.
    pub(super) metrics: Bytes,
    /// `record.json`.
    pub(super) record: Bytes,
}

/// What the page asks for again and again.
#[derive(Serialize)]
struct State<'a> {
    record: Option<&'a str>,
    result: Option<&'a str>,
    told: Option<&'a str>,
    problem: Option<&'a str>,
}

/// A server, and what it shows.
pub(super) struct Server {
    listener: TcpListener,
    shown: Arc<RwLock<Shown>>,
    page: Arc<Page>,
}

/// The page around the report, and its policy.
struct Page {
    text: Bytes,
    policy: HeaderValue,
}

impl Page {
    fn new() -> Self {
        let (style, script) = (include_str!("page.css"), include_str!("page.js"));
        let text = include_str!("page.html").replace("@STYLE@", style).replace("@SCRIPT@", script);
        let hash = |text: &str| base64::engine::general_purpose::STANDARD.encode(Sha256::digest(text.as_bytes()));
        let policy = format!(
            "default-src 'none'; style-src 'sha256-{}'; script-src 'sha256-{}'; frame-src 'self'; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
            hash(style),
            hash(script)
        );
        let policy = HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
        Self { text: Bytes::from(text), policy }
    }
}

impl Server {
    /// Listens at an address.
    pub(super) async fn bind(address: SocketAddr) -> std::io::Result<Self> {
        let listener = TcpListener::bind(address).await?;
        Ok(Self { listener, shown: Arc::default(), page: Arc::new(Page::new()) })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// What it shows, to be changed.
    pub(super) fn shown(&self) -> Arc<RwLock<Shown>> {
        Arc::clone(&self.shown)
    }

    /// Answers until the runtime ends.
    pub(super) async fn run(self) {
        let room = Arc::new(Semaphore::new(MOST_CONNECTIONS));
        loop {
            let Ok(permit) = Arc::clone(&room).acquire_owned().await else { return };
            let Ok((stream, _)) = self.listener.accept().await else {
                // Out of file handles: others are needed first.
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            };
            let (shown, page) = (Arc::clone(&self.shown), Arc::clone(&self.page));
            tokio::spawn(async move {
                let service = service_fn(move |request: Request<Incoming>| {
                    let answer = answer(&request, &shown, &page);
                    async move { Ok::<_, Infallible>(answer) }
                });
                let connection = hyper::server::conn::http1::Builder::new()
                    .timer(TokioTimer::new())
                    .header_read_timeout(HEAD)
                    .max_buf_size(LARGEST_HEAD)
                    .serve_connection(TokioIo::new(stream), service);
                // Whatever goes wrong on a connection ends that connection.
                let _ = timeout(LONGEST, connection).await;
                drop(permit);
            });
        }
    }
}

type Answer = Response<Full<Bytes>>;

fn answer(request: &Request<Incoming>, shown: &RwLock<Shown>, page: &Page) -> Answer {
    if !asks_for_us(request) {
        return plain(StatusCode::MISDIRECTED_REQUEST, "ask for an IP address or for localhost\n");
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        let mut refused = plain(StatusCode::METHOD_NOT_ALLOWED, "this is to be read, and nothing else\n");
        refused.headers_mut().insert(header::ALLOW, HeaderValue::from_static("GET, HEAD"));
        return refused;
    }
    let shown = shown.read().unwrap_or_else(PoisonError::into_inner);
    let of_run = |kind: &'static str, pick: fn(&Run) -> &Bytes| match &shown.run {
        Some(run) => content(kind, pick(run).clone()),
        None => plain(StatusCode::SERVICE_UNAVAILABLE, "the first run has not ended\n"),
    };
    match request.uri().path() {
        "/" => {
            let mut whole = content("text/html; charset=utf-8", page.text.clone());
            whole.headers_mut().insert(header::CONTENT_SECURITY_POLICY, page.policy.clone());
            whole
        }
        // The report brings the rest of its policy along.
        "/report" => {
            let mut report = of_run("text/html; charset=utf-8", |run| &run.report);
            let policy = HeaderValue::from_static("frame-ancestors 'self'");
            report.headers_mut().insert(header::CONTENT_SECURITY_POLICY, policy);
            report
        }
        "/metrics" => of_run("application/openmetrics-text; version=1.0.0; charset=utf-8", |run| &run.metrics),
        "/record.json" => of_run("application/json", |run| &run.record),
        "/state" => {
            let state = State {
                record: shown.run.as_ref().map(|run| run.sha256.as_str()),
                result: shown.run.as_ref().map(|run| run.result.as_str()),
                told: shown.run.as_ref().map(|run| run.told.as_str()),
                problem: shown.problem.as_deref(),
            };
            content("application/json", Bytes::from(serde_json::to_vec(&state).unwrap_or_default()))
        }
        _ => plain(StatusCode::NOT_FOUND, "there is /, /report, /metrics and /record.json\n"),
    }
}

/// Is the host of the request an IP address, or `localhost`?
fn asks_for_us(request: &Request<Incoming>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let (Some(host), None) = (hosts.next(), hosts.next()) else { return false };
    let named = host.to_str().ok().and_then(|host| host.parse::<Authority>().ok());
    let of_target = request.uri().authority();
    named.is_some_and(|host| is_ours(&host)) && of_target.is_none_or(is_ours)
}

fn is_ours(authority: &Authority) -> bool {
    let host = authority.host();
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    !authority.as_str().contains('@') && (host.eq_ignore_ascii_case("localhost") || bare.parse::<IpAddr>().is_ok())
}

fn plain(status: StatusCode, text: &'static str) -> Answer {
    let mut answer = content("text/plain; charset=utf-8", Bytes::from_static(text.as_bytes()));
    *answer.status_mut() = status;
    answer
}

/// An answer that nobody keeps, guesses the kind of, frames, or reads from another site.
fn content(kind: &'static str, bytes: Bytes) -> Answer {
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
    fn only_addresses_and_localhost_are_ours() {
        let ours = |text: &str| text.parse::<Authority>().is_ok_and(|authority| is_ours(&authority));
        for host in ["127.0.0.1", "127.0.0.1:8080", "[::1]:8080", "localhost", "LOCALHOST:1", "192.0.2.7:80"] {
            assert!(ours(host), "{host}");
        }
        for host in
            ["example.com", "localhost.example.com", "127.0.0.1.example.com:8080", "a@127.0.0.1", "127.1.example"]
        {
            assert!(!ours(host), "{host}");
        }
    }

    #[test]
    fn the_page_allows_its_own_script_and_style_and_no_other() {
        let page = Page::new();
        let (text, policy) = (String::from_utf8(page.text.to_vec()).unwrap(), page.policy.to_str().unwrap().to_owned());
        assert!(!text.contains('@') && policy.starts_with("default-src 'none'"), "{policy}");
        for tag in ["style", "script"] {
            let inside = text.split(&format!("<{tag}>")).nth(1).unwrap().split(&format!("</{tag}>")).next().unwrap();
            let hash = base64::engine::general_purpose::STANDARD.encode(Sha256::digest(inside.as_bytes()));
            assert!(policy.contains(&format!("{tag}-src 'sha256-{hash}'")), "{tag}");
        }
    }
}

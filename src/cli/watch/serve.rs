//! The latest report over HTTP, to look at: read-only, a fixed list of routes, for whoever is on this machine.

use std::net::SocketAddr;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Duration;

use base64::Engine as _;
use hyper::body::{Bytes, Incoming};
use hyper::header::{self, HeaderValue};
use hyper::{Method, Request, StatusCode};
use serde::Serialize;
use sha2::{Digest as _, Sha256};
use tokio::net::TcpListener;

use crate::cli::http_server::{self, Answer, asks_for_us, content, plain};

/// How long a connection may last in all: the page asks again by itself.
const LONGEST: Duration = Duration::from_secs(60);

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
    /// On a socket that listens.
    pub(super) fn new(listener: TcpListener) -> Self {
        Self { listener, shown: Arc::default(), page: Arc::new(Page::new()) }
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
        let Self { listener, shown, page } = self;
        http_server::serve(listener, LONGEST, move |request| std::future::ready(answer(&request, &shown, &page))).await;
    }
}

fn answer(request: &Request<Incoming>, shown: &RwLock<Shown>, page: &Page) -> Answer {
    if !asks_for_us(request, &[]) {
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
        // Who alerts on what they say must not read for ever that all was well when it could still be looked at.
        "/metrics" if shown.problem.is_some() => {
            plain(StatusCode::SERVICE_UNAVAILABLE, "the last run could not be made; /state says why\n")
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

#[cfg(test)]
mod tests {
    use super::*;

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

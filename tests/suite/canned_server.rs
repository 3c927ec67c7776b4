//! A small server that gives the same answer to the same path, over loopback or a unix socket.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt as _, AsyncWrite, AsyncWriteExt as _};
use tokio::net::{TcpListener, UnixListener};

/// Answers by the beginning of path and query; the longest that fits wins, and 404 when none does.
#[derive(Clone, Default)]
pub(crate) struct Canned(BTreeMap<String, (u16, String)>, Option<&'static str>);

impl Canned {
    pub(crate) fn with(mut self, path: &str, status: u16, body: &str) -> Self {
        self.0.insert(path.to_owned(), (status, body.to_owned()));
        self
    }

    /// A captured answer of a real server.
    pub(crate) fn captured(self, path: &str, status: u16, fixture: &str) -> Self {
        let body = std::fs::read_to_string(format!("{}/fixtures/kinds/{fixture}", env!("CARGO_MANIFEST_DIR"))).unwrap();
        self.with(path, status, &body)
    }

    /// The time by its clock, as HTTP writes it; it says none without.
    pub(crate) fn at(mut self, date: &'static str) -> Self {
        self.1 = Some(date);
        self
    }

    /// Serves over loopback until the runtime of the test ends; the address.
    pub(crate) async fn serve(self) -> String {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let answers = Arc::new(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&answers).speak(stream));
            }
        });
        url
    }

    /// Serves over a unix socket.
    pub(crate) fn serve_at(self, socket: &Path) {
        let listener = UnixListener::bind(socket).unwrap();
        let answers = Arc::new(self);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(Arc::clone(&answers).speak(stream));
            }
        });
    }

    async fn speak<S: AsyncRead + AsyncWrite + Unpin>(self: Arc<Self>, mut stream: S) {
        let mut head = Vec::new();
        while !is_whole(&head) {
            if stream.read_buf(&mut head).await.unwrap_or(0) == 0 {
                return;
            }
        }
        let head = String::from_utf8(head).unwrap();
        let path = head.split(' ').nth(1).unwrap();
        let fitting = self.0.iter().filter(|(start, _)| path.starts_with(start.as_str()));
        let missing = (404, "404 page not found".to_owned());
        let (status, body) = fitting.max_by_key(|(start, _)| start.len()).map_or(&missing, |(_, answer)| answer);
        let kind = if body.starts_with('<') { "text/html" } else { "application/json" };
        let length = body.len();
        let date = self.1.map(|date| format!("Date: {date}\r\n")).unwrap_or_default();
        let answer = format!(
            "HTTP/1.1 {status} X\r\nContent-Type: {kind}\r\nContent-Length: {length}\r\n{date}Connection: close\r\n\r\n{body}"
        );
        let _gone = stream.write_all(answer.as_bytes()).await;
    }
}

/// Is all of a request there, its body included?
fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request).to_ascii_lowercase();
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    body.len() >= length.map_or(0, |length| length.trim().parse().unwrap())
}

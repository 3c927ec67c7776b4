//! A small server on loopback that answers wrongly in every way a server can. Each path is one fault.

use std::io::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Ends with the runtime of the test that started it.
pub(crate) struct FaultServer {
    port: u16,
    hits: Arc<AtomicUsize>,
}

impl FaultServer {
    pub(crate) async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let hits = Arc::new(AtomicUsize::new(0));
        let counter = Arc::clone(&hits);
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(serve(stream, Arc::clone(&counter)));
            }
        });
        Self { port, hits }
    }

    pub(crate) fn url(&self, path: &str) -> String {
        format!("http://127.0.0.1:{}{path}", self.port)
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// How many requests came in.
    pub(crate) fn hits(&self) -> usize {
        self.hits.load(Ordering::SeqCst)
    }
}

/// A port on which nobody listens.
pub(crate) async fn closed_port() -> u16 {
    TcpListener::bind(("127.0.0.1", 0)).await.unwrap().local_addr().unwrap().port()
}

async fn serve(mut stream: TcpStream, hits: Arc<AtomicUsize>) {
    stream.set_nodelay(true).unwrap();
    while let Some(head) = request(&mut stream).await {
        let hit = hits.fetch_add(1, Ordering::SeqCst);
        if answer(&mut stream, &head, hit).await.is_none() {
            return;
        }
    }
}

/// The head of a request with its body behind it.
async fn request(stream: &mut TcpStream) -> Option<String> {
    let mut seen = Vec::new();
    loop {
        if stream.read_buf(&mut seen).await.ok()? == 0 {
            return None;
        }
        let text = String::from_utf8_lossy(&seen);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head
                .lines()
                .find_map(|line| line.to_ascii_lowercase().strip_prefix("content-length: ").map(str::to_owned));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return Some(text.into_owned());
            }
        }
    }
}

/// `None` when the connection is to be closed.
async fn answer(stream: &mut TcpStream, head: &str, hit: usize) -> Option<()> {
    let path = head.split(' ').nth(1)?.to_owned();
    match path.split('?').next()? {
        "/json" => full(stream, "200 OK", "application/json", br#"{"status":"ok"}"#).await,
        "/500" => full(stream, "500 Internal Server Error", "text/plain", b"it broke").await,
        "/html" => full(stream, "200 OK", "text/html", b"<html><body>Sign in</body></html>").await,
        "/echo" => full(stream, "200 OK", "text/plain", head.as_bytes()).await,
        within if within.starts_with("/echo/") => full(stream, "200 OK", "text/plain", head.as_bytes()).await,
        "/echo-500" => full(stream, "500 Internal Server Error", "text/plain", head.as_bytes()).await,
        "/echo-json" => {
            let said = serde_json::json!({"said": head}).to_string();
            full(stream, "200 OK", "application/json", said.as_bytes()).await
        }
        "/header-named" => {
            let named = format!("HTTP/1.1 200 OK\r\n{}: 1\r\ncontent-length: 2\r\n\r\nok", path.split('?').nth(1)?);
            send(stream, named.as_bytes()).await
        }
        "/redirect-to-nowhere" => redirect(stream, &format!("ftp://{}/", path.split('?').nth(1)?)).await,
        "/loop-with" => redirect(stream, &path).await,
        "/flaky" if hit < 2 => None,
        "/flaky" => full(stream, "200 OK", "text/plain", b"at last").await,
        "/cookie" => {
            send(stream, b"HTTP/1.1 200 OK\r\nset-cookie: id=s3cr3t-session\r\ncontent-length: 2\r\n\r\nok").await
        }
        "/hang" => hang().await,
        "/hang-in-body" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await?;
            hang().await
        }
        "/half" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nonly half").await?;
            None
        }
        "/close" => None,
        "/garbage" => {
            send(stream, b"SSH-2.0-OpenSSH_9.2\r\n").await?;
            None
        }
        "/loop" => redirect(stream, "/loop-back").await,
        "/loop-back" => redirect(stream, "/loop").await,
        "/endless" => redirect(stream, &format!("/endless?n={hit}")).await,
        "/hop" => redirect(stream, "/json").await,
        "/redirect-to-port" => {
            let port = path.split('?').nth(1)?;
            redirect(stream, &format!("http://127.0.0.1:{port}/echo")).await
        }
        "/redirect-307-to-port" => {
            let port = path.split('?').nth(1)?;
            let head = format!("HTTP/1.1 307 X\r\nlocation: http://127.0.0.1:{port}/echo\r\ncontent-length: 0\r\n\r\n");
            send(stream, head.as_bytes()).await
        }
        // Lets in whoever sends what the address says.
        "/basic" if authorization(head).is_some_and(|sent| Some(sent) == path.split('?').nth(1)) => {
            full(stream, "200 OK", "text/plain", b"welcome").await
        }
        "/basic" => {
            send(stream, b"HTTP/1.1 401 X\r\nwww-authenticate: Basic realm=\"api\"\r\ncontent-length: 0\r\n\r\n").await
        }
        "/echo-base64" => {
            let said = format!("you sent {}, did you not", authorization(head)?);
            full(stream, "200 OK", "text/plain", said.as_bytes()).await
        }
        // A form that sends whoever filled it in back to itself.
        "/form" if !head.starts_with("GET ") => {
            send(stream, b"HTTP/1.1 303 X\r\nlocation: /form\r\ncontent-length: 0\r\n\r\n").await
        }
        "/form" => full(stream, "200 OK", "text/plain", b"thanks").await,
        "/see-head" if head.starts_with("HEAD ") => {
            send(stream, b"HTTP/1.1 303 X\r\nlocation: /head-only\r\n\r\n").await
        }
        "/head-only" if head.starts_with("HEAD ") => send(stream, b"HTTP/1.1 204 X\r\n\r\n").await,
        "/to-ftp" => redirect(stream, "ftp://127.0.0.1/x").await,
        "/announced-2gb" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 2147483648\r\n\r\n").await?;
            pour(stream).await
        }
        "/streamed-2gb" => {
            send(stream, b"HTTP/1.1 200 OK\r\nconnection: close\r\n\r\n").await?;
            pour(stream).await
        }
        "/bomb" => bomb(stream).await,
        "/reset" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf").await?;
            stream.set_zero_linger().ok()?;
            None
        }
        "/hang-in-status" => {
            send(stream, b"HTTP/1.1 2").await?;
            hang().await
        }
        "/hang-in-headers" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-ty").await?;
            hang().await
        }
        "/hang-in-chunk" => {
            send(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhal").await?;
            hang().await
        }
        "/chunk-that-lies" => {
            send(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nffffffff\r\n{}\r\n0\r\n\r\n").await?;
            None
        }
        "/chunk-that-is-none" => {
            send(stream, b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nsoon\r\n{}\r\n").await?;
            None
        }
        "/shorter-than-it-is" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\n{\"status\":\"ok\"}").await?;
            None
        }
        "/two-lengths" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 15\r\ncontent-length: 2\r\n\r\n{\"status\":\"ok\"}")
                .await?;
            None
        }
        "/negative-length" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: -1\r\n\r\n{\"status\":\"ok\"}").await?;
            None
        }
        "/endless-headers" => {
            send(stream, b"HTTP/1.1 200 OK\r\n").await?;
            for number in 0..1_000_000 {
                send(stream, format!("x-{number}: {number}\r\n").as_bytes()).await?;
            }
            None
        }
        "/not-gzip" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 15\r\n\r\n{\"status\":\"ok\"}")
                .await
        }
        "/nothing" => send(stream, b"HTTP/1.1 204 No Content\r\n\r\n").await,
        "/deep" => full(stream, "200 OK", "application/json", "[".repeat(100_000).as_bytes()).await,
        "/drip" => {
            send(stream, b"HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n").await?;
            for _ in 0..1000 {
                send(stream, b".").await?;
                tokio::time::sleep(Duration::from_millis(50)).await;
            }
            Some(())
        }
        _ => full(stream, "404 Not Found", "text/plain", b"no such fault").await,
    }
}

/// What was sent as `Authorization: Basic`.
fn authorization(head: &str) -> Option<&str> {
    head.lines().find_map(|line| line.strip_prefix("authorization: Basic "))
}

async fn hang() -> Option<()> {
    tokio::time::sleep(Duration::from_secs(600)).await;
    None
}

async fn send(stream: &mut TcpStream, bytes: &[u8]) -> Option<()> {
    stream.write_all(bytes).await.ok()
}

async fn full(stream: &mut TcpStream, status: &str, media: &str, body: &[u8]) -> Option<()> {
    let mut all = Vec::new();
    write!(all, "HTTP/1.1 {status}\r\ncontent-type: {media}\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
    all.extend_from_slice(body);
    send(stream, &all).await
}

async fn redirect(stream: &mut TcpStream, to: &str) -> Option<()> {
    send(stream, format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n").as_bytes()).await
}

/// 2 GB of zeros, as long as somebody reads.
async fn pour(stream: &mut TcpStream) -> Option<()> {
    let block = vec![0_u8; 1 << 20];
    for _ in 0..2048 {
        send(stream, &block).await?;
    }
    None
}

/// 64 MB in 64 kB: stored blocks cannot do that, so the gzip stream is made of one repeated deflate block.
async fn bomb(stream: &mut TcpStream) -> Option<()> {
    send(stream, b"HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\nconnection: close\r\n\r\n").await?;
    send(stream, &[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]).await?;
    let block = zeros_block();
    for _ in 0..100_000 {
        send(stream, &block).await?;
    }
    None
}

/// Byte-aligned deflate: one fixed-code block of eight groups of zeros, written bit by bit (RFC 1951, section 3.2.6).
fn zeros_block() -> Vec<u8> {
    let mut bits: Vec<bool> = Vec::new();
    // Not final, fixed codes.
    bits.extend([false, true, false]);
    // The literal 0: code 00110000, most significant bit first.
    bits.extend([false, false, true, true, false, false, false, false]);
    for _ in 0..4096 {
        // Length 258: code 11000101; distance 1: code 00000.
        bits.extend([true, true, false, false, false, true, false, true]);
        bits.extend([false; 5]);
    }
    // End of block: 0000000; then an empty stored block to come back to a byte boundary.
    bits.extend([false; 7]);
    bits.extend([false, false, false]);
    bits.resize(bits.len().next_multiple_of(8), false);
    let mut bytes: Vec<u8> =
        bits.chunks(8).map(|byte| byte.iter().rev().fold(0, |sum, bit| sum * 2 + u8::from(*bit))).collect();
    bytes.extend([0, 0, 0xff, 0xff]);
    bytes
}

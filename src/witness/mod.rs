//! The one door: every look at the outside goes through a [`Witness`].
//!
//! Time-outs, retries, limits, process-group kills, redaction, hashing and recording live here and nowhere else, so that
//! a probe is a pure reading of exchanges. It must not know any kind or source.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::model::evidence::{Exchange, Stat};
use crate::model::fact::Unmeasurable;
use crate::model::id::CheckId;
use crate::model::instant::Instant;

/// An HTTP request. Strings may hold `${secret:NAME}`; it is filled in at the last moment and never recorded.
#[derive(Debug, Clone, Default)]
pub struct HttpRequest {
    /// `GET` when empty.
    pub method: String,
    /// The address.
    pub url: String,
    /// A unix socket to speak over.
    pub socket: Option<String>,
    /// Request headers.
    pub headers: BTreeMap<String, String>,
    /// The body.
    pub body: Option<String>,
}

impl HttpRequest {
    /// A plain GET.
    pub fn get(url: impl Into<String>) -> Self {
        Self { method: "GET".to_owned(), url: url.into(), ..Self::default() }
    }
}

/// An HTTP answer; any status is one.
#[derive(Debug, Clone)]
pub struct HttpAnswer {
    /// The status code.
    pub status: u16,
    /// Lower-case names.
    pub headers: BTreeMap<String, String>,
    /// The body, redacted: the probe sees what the record keeps.
    pub body: Vec<u8>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A command to run: an argument vector.
#[derive(Debug, Clone, Default)]
pub struct Command {
    /// Program and arguments.
    pub argv: Vec<String>,
    /// Working directory, relative to the audit's root.
    pub dir: Option<String>,
    /// Variables set for it on top of the inherited ones.
    pub env: BTreeMap<String, String>,
}

/// How a command ended.
#[derive(Debug, Clone)]
pub struct CommandAnswer {
    /// The exit code; `None` when a signal ended it.
    pub exit: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Redacted.
    pub stdout: Vec<u8>,
    /// Redacted.
    pub stderr: Vec<u8>,
    /// How long it took.
    pub elapsed: Duration,
}

/// A file's content, in memory or streamed when it is large.
pub struct FileContent {
    /// When it was last changed.
    pub modified: Option<Instant>,
    /// The bytes; read it on a blocking thread when it may be large.
    pub reader: Box<dyn std::io::Read + Send>,
}

/// Looks at the outside on behalf of one check, and remembers every exchange.
#[derive(Debug)]
pub struct Witness {}

#[expect(clippy::unused_async, reason = "the shape of the door; its inside follows")]
impl Witness {
    /// Asks over HTTP. Any status is an answer; no connection, a time-out, too large or half a body is not.
    pub async fn http(&self, _request: HttpRequest) -> Result<HttpAnswer, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// Runs a command to its end. Any exit code is an answer; missing, timed out, or flooding output is not.
    pub async fn run(&self, _command: Command) -> Result<CommandAnswer, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// Reads a file below the audit's root.
    pub async fn read(&self, _path: &str) -> Result<FileContent, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// What stands at a path; a missing file is an answer.
    pub async fn stat(&self, _path: &str) -> Result<Stat, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// Files below the audit's root that match a glob, sorted; none is an answer.
    pub async fn list(&self, _glob: &str) -> Result<Vec<String>, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// Makes a TCP connection and closes it: how long it took, or `None` when it was refused.
    pub async fn connect(&self, _host: &str, _port: u16) -> Result<Option<Duration>, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// The time, from the one clock.
    pub async fn now(&self) -> Result<Instant, Unmeasurable> {
        Err(Unmeasurable::new("", ""))
    }

    /// Whose witness it is.
    pub fn check(&self) -> Option<&CheckId> {
        None
    }

    /// Everything that was asked so far, in order.
    pub fn exchanges(&self) -> Vec<Exchange> {
        Vec::new()
    }
}

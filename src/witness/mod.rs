//! The one door: every look at the outside goes through a [`Witness`].
//!
//! Time-outs, retries, limits, process-group kills, redaction, hashing and recording live here and nowhere else, so that
//! a probe is a pure reading of exchanges. It must not know any kind or source.

mod certificate;
pub mod clock;
mod command;
mod connect;
mod deadline;
mod environment;
mod files;
pub mod helper;
mod http;
mod limits;
mod live;
mod permit;
mod redact;
mod replay;
mod resolve;
mod secrets;
mod session;
mod store;
mod tree;
mod words;

use std::collections::BTreeMap;
use std::io::{Cursor, Read as _};
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::future::BoxFuture;

pub use command::guard::serve as serve_as_guard;
pub use deadline::patience;
pub use limits::Limits;
pub use permit::{Network, Untrusted};
pub use secrets::Secrets;
pub use session::{LiveOptions, PerCheck, ReplayOptions, Session, SessionProblem};
pub use tree::{Tree, TreeBounds, TreeFile};

use self::live::Body;
use self::session::{Inner, Mode};
use crate::model::evidence::{Access, Answer, Exchange, Question, Stat, TlsFiles};
use crate::model::exact::exact;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::record::Asker;

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
    /// What else lets us in.
    pub access: Access,
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
    /// The address that it came from in the end, where redirects led away from the one asked.
    pub location: Option<String>,
}

impl HttpAnswer {
    /// A status and a body, without headers and of no duration: what readers of answers are tried with.
    pub fn new(status: u16, body: impl Into<Vec<u8>>) -> Self {
        let (headers, body) = (BTreeMap::new(), body.into());
        Self { status, headers, body, elapsed: Duration::ZERO, location: None }
    }

    /// The same with one more header, for trying out what reads answers.
    #[cfg(test)]
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Self {
        self.headers.insert(name.to_owned(), value.to_owned());
        self
    }
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

impl FileContent {
    /// All of it, read where it keeps nobody waiting; more than `most` bytes are refused.
    pub async fn whole(self, most: u64) -> Result<Vec<u8>, Unmeasurable> {
        let reading = tokio::task::spawn_blocking(move || {
            let mut bytes = Vec::new();
            self.reader.take(most.saturating_add(1)).read_to_end(&mut bytes).map(|_| bytes)
        });
        let read = reading.await.map_err(|_| Unmeasurable::new("reading it broke off", "Try it again."))?;
        let bytes =
            read.map_err(|error| Unmeasurable::new(format!("it cannot be read: {error}"), "Check the file."))?;
        if bytes.len() as u64 > most {
            let reason = format!("it has more than {}", words::mebibytes(most));
            return Err(Unmeasurable::new(reason, "Look whether it is the right file."));
        }
        Ok(bytes)
    }
}

impl std::fmt::Debug for FileContent {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("FileContent").field("modified", &self.modified).finish_non_exhaustive()
    }
}

/// What a TLS server showed.
#[derive(Debug, Clone)]
pub struct ShownCertificate {
    /// Its certificate and those that it sent with it, in PEM form.
    pub chain: Vec<u8>,
    /// Why it is not to be trusted, a fragment; `None` when it is.
    pub refused: Option<String>,
}

/// An answer, what came with it, and how long it took.
type Answered = Result<(Answer, Vec<Body>, Duration), Unmeasurable>;

/// Looks at the outside on behalf of one check or of the documents, and remembers every exchange.
#[derive(Debug)]
pub struct Witness {
    inner: Arc<Inner>,
    asker: Asker,
    per_check: PerCheck,
    /// A place is taken when a question is asked, so that the order does not depend on which answer comes first.
    log: Mutex<Vec<Option<Exchange>>>,
    /// A dry run lists what is asked before the first wait: what comes after it asks the same again.
    over: AtomicBool,
}

impl Witness {
    fn new(inner: Arc<Inner>, asker: Asker, per_check: PerCheck) -> Self {
        Self { inner, asker, per_check, log: Mutex::default(), over: AtomicBool::default() }
    }

    /// Asks over HTTP. Any status is an answer; no connection, a time-out, too large or half a body is not.
    pub async fn http(&self, request: HttpRequest) -> Result<HttpAnswer, Unmeasurable> {
        let HttpRequest { method, url, socket, headers, body, access } = request;
        let method = if method.is_empty() { "GET".to_owned() } else { method };
        let (answer, bodies, elapsed) = self.ask(Question::Http { method, url, socket, headers, body, access }).await?;
        let Answer::Http { status, headers, location, .. } = answer else { return Err(misfit()) };
        let [body] = whole(bodies)?;
        Ok(HttpAnswer { status, headers, body, elapsed, location })
    }

    /// Runs a command to its end. Any exit code is an answer; missing, timed out, or flooding output is not.
    pub async fn run(&self, command: Command) -> Result<CommandAnswer, Unmeasurable> {
        let Command { argv, dir, env } = command;
        let (answer, bodies, elapsed) = self.ask(Question::Command { argv, dir, env }).await?;
        let Answer::Command { exit, signal, .. } = answer else { return Err(misfit()) };
        let [stdout, stderr] = whole(bodies)?;
        Ok(CommandAnswer { exit, signal, stdout, stderr, elapsed })
    }

    /// Reads a file below the audit's root. What is larger than the evidence cap comes as a stream, which is not redacted
    /// and fails when the file changes under it.
    pub async fn read(&self, path: &str) -> Result<FileContent, Unmeasurable> {
        let (answer, bodies, _) = self.ask(Question::Read { path: path.to_owned() }).await?;
        let Answer::Content { modified, .. } = answer else { return Err(misfit()) };
        let reader: Box<dyn std::io::Read + Send> = match bodies.into_iter().next() {
            Some(Body::Whole(bytes)) => Box::new(Cursor::new(bytes)),
            Some(Body::Stream(stream)) => stream,
            None => return Err(misfit()),
        };
        Ok(FileContent { modified, reader })
    }

    /// What stands at a path; a missing file is an answer.
    pub async fn stat(&self, path: &str) -> Result<Stat, Unmeasurable> {
        match self.ask(Question::Stat { path: path.to_owned() }).await? {
            (Answer::Stat(stat), ..) => Ok(stat),
            _ => Err(misfit()),
        }
    }

    /// Files below the audit's root that match a glob, sorted; none is an answer.
    pub async fn list(&self, glob: &str) -> Result<Vec<String>, Unmeasurable> {
        match self.ask(Question::List { glob: glob.to_owned() }).await? {
            (Answer::Listing(found), ..) => Ok(found),
            _ => Err(misfit()),
        }
    }

    /// Makes a TCP connection and closes it: how long it took, or `None` when it was refused.
    pub async fn connect(&self, host: &str, port: u16) -> Result<Option<Duration>, Unmeasurable> {
        let bare_ipv6 = host.contains(':') && !host.starts_with('[');
        let address = if bare_ipv6 { format!("[{host}]:{port}") } else { format!("{host}:{port}") };
        match self.ask(Question::Connect { address }).await? {
            (Answer::Connected, _, elapsed) => Ok(Some(elapsed)),
            (Answer::Refused, ..) => Ok(None),
            _ => Err(misfit()),
        }
    }

    /// The variables of the environment that are named or begin with the prefix, and are set: each with its word for "on"
    /// or "off", or that it has none.
    pub async fn environment(
        &self,
        names: &[String],
        prefix: Option<&str>,
    ) -> Result<BTreeMap<String, String>, Unmeasurable> {
        let question = Question::Environment { names: names.to_vec(), prefix: prefix.map(str::to_owned) };
        match self.ask(question).await? {
            (Answer::Environment(found), ..) => Ok(found),
            _ => Err(misfit()),
        }
    }

    /// Calls a method of gRPC with one message: the request's address has its path, and its body is not used. Trailers are
    /// among the headers of the answer, and its body is the message with the frame before it.
    pub async fn grpc(&self, request: HttpRequest, message: &[u8]) -> Result<HttpAnswer, Unmeasurable> {
        let HttpRequest { url, headers, access, .. } = request;
        let message = STANDARD.encode(message);
        let (answer, bodies, elapsed) = self.ask(Question::Grpc { url, headers, message, access }).await?;
        let Answer::Http { status, headers, location, .. } = answer else { return Err(misfit()) };
        let [body] = whole(bodies)?;
        Ok(HttpAnswer { status, headers, body, elapsed, location })
    }

    /// The addresses of a host, as this machine resolves its name: sorted, IPv4 first; none is an answer.
    pub async fn resolve(&self, host: &str) -> Result<Vec<IpAddr>, Unmeasurable> {
        match self.ask(Question::Resolve { host: host.to_owned() }).await? {
            (Answer::Addresses(found), ..) => Ok(found),
            _ => Err(misfit()),
        }
    }

    /// The certificate that the server at `host:port` shows when it is asked for `name`, trusted or not.
    pub async fn certificate(
        &self,
        address: &str,
        name: &str,
        tls: TlsFiles,
    ) -> Result<ShownCertificate, Unmeasurable> {
        let question = Question::Certificate { address: address.to_owned(), name: name.to_owned(), tls };
        let (answer, bodies, _) = self.ask(question).await?;
        let Answer::Certificate { refused, .. } = answer else { return Err(misfit()) };
        let [chain] = whole(bodies)?;
        Ok(ShownCertificate { chain, refused })
    }

    /// The time, from the one clock.
    pub async fn now(&self) -> Result<Instant, Unmeasurable> {
        match self.ask(Question::Clock).await? {
            (Answer::Clock(now), ..) => Ok(now),
            _ => Err(misfit()),
        }
    }

    /// Waits between two questions. Nothing is looked at, so nothing is recorded, and only a live run waits.
    pub async fn pause(&self, length: Duration) {
        match &self.inner.mode {
            Mode::Live(live) => tokio::select! {
                biased;
                () = self.inner.cancel.cancelled() => {}
                () = live.until() => {}
                () = tokio::time::sleep(length) => {}
            },
            Mode::Dry(_) => self.over.store(true, Ordering::Relaxed),
            Mode::Replay(_) => {}
        }
    }

    /// Everything that was asked so far and answered, in the order it was asked.
    pub fn exchanges(&self) -> Vec<Exchange> {
        self.with_exchanges(|exchanges| exact(exchanges.cloned()))
    }

    /// As [`Self::exchanges`], to look at them alone. Nobody can ask meanwhile.
    pub fn with_exchanges<T>(&self, look: impl FnOnce(&mut dyn Iterator<Item = &Exchange>) -> T) -> T {
        look(&mut self.log.lock().unwrap_or_else(PoisonError::into_inner).iter().flatten())
    }

    /// As [`Self::exchanges`], when nothing more is asked.
    pub fn into_exchanges(self) -> Vec<Exchange> {
        exact(self.log.into_inner().unwrap_or_else(PoisonError::into_inner).into_iter().flatten())
    }

    /// The first question that a rule of the run did not allow. What a probe made of it is no measurement: it may count what
    /// it could not look at as down, and nothing may pass because nobody looked.
    pub fn not_allowed(&self) -> Option<Unmeasurable> {
        let log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.iter().flatten().find_map(|exchange| match &exchange.answer {
            Answer::NotAllowed { reason, help } => Some(Unmeasurable::new(reason.clone(), help.clone())),
            _ => None,
        })
    }

    /// In a box: the compiler would write it anew for each of those who ask.
    fn ask(&self, question: Question) -> BoxFuture<'_, Answered> {
        Box::pin(async move {
            if self.over.load(Ordering::Relaxed) {
                return Err(not_now());
            }
            let place = self.take_place();
            let (exchange, bodies) = match &self.inner.mode {
                Mode::Live(live) => live.ask(question, self.per_check, &self.inner.cancel).await,
                _ if self.inner.cancel.is_cancelled() => (unanswered(question, interrupted()), Vec::new()),
                Mode::Replay(replay) => replay.ask(&self.asker, question, clock::now()).await,
                Mode::Dry(asked) => {
                    let line = (self.asker.clone(), question.clone());
                    asked.lock().unwrap_or_else(PoisonError::into_inner).push(line);
                    let mut exchange = unanswered(question, not_now());
                    // What time it is is known without asking anybody, and a probe that knows it goes on.
                    if matches!(exchange.question, Question::Clock) {
                        exchange.answer = Answer::Clock(exchange.asked_at);
                    }
                    (exchange, Vec::new())
                }
            };
            let elapsed = Duration::from_micros(exchange.elapsed_us);
            let result = match &exchange.answer {
                Answer::Failed { reason, help } | Answer::NotAllowed { reason, help } => {
                    Err(Unmeasurable::new(reason.clone(), help.clone()))
                }
                answer => Ok((answer.clone(), bodies, elapsed)),
            };
            self.log.lock().unwrap_or_else(PoisonError::into_inner)[place] = Some(exchange);
            result
        })
    }

    fn take_place(&self) -> usize {
        let mut log = self.log.lock().unwrap_or_else(PoisonError::into_inner);
        log.push(None);
        log.len() - 1
    }
}

/// Exactly as many bodies as the answer has, each in memory.
fn whole<const N: usize>(bodies: Vec<Body>) -> Result<[Vec<u8>; N], Unmeasurable> {
    let bytes = bodies.into_iter().filter_map(|body| match body {
        Body::Whole(bytes) => Some(bytes),
        Body::Stream(_) => None,
    });
    bytes.collect::<Vec<_>>().try_into().map_err(|_| misfit())
}

fn unanswered(question: Question, why: Unmeasurable) -> Exchange {
    let answer = Answer::Failed { reason: why.reason, help: why.help };
    Exchange { question, answer, asked_at: clock::now(), elapsed_us: 0, attempts: 1 }
}

fn interrupted() -> Unmeasurable {
    Unmeasurable::new("interrupted", "Run the audit again and let it end.")
}

fn not_now() -> Unmeasurable {
    Unmeasurable::new("not asked: dry run", "Run the audit without --plan.")
}

/// A bundle that was written by hand may answer a question with what is no answer to it.
fn misfit() -> Unmeasurable {
    Unmeasurable::new(
        "the recorded answer does not fit the question",
        "The bundle was changed or made by hand; run the audit live.",
    )
}

//! The live door: lets a question in, fills its secrets, asks it as often as the check allows, and keeps what comes back.

use std::io::Read;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio_util::sync::CancellationToken;
use url::Url;

use super::clock::Steady;
use super::command::guard::Guard;
use super::files::{Files, Opened};
use super::http::{Call, Clients, Request};
use super::limits::{Gate, Limits, address_of};
use super::permit::{self, Deed, Untrusted};
use super::redact::Redactor;
use super::secrets::{self, Secrets};
use super::session::{LiveOptions, PerCheck, SessionProblem};
use super::store::{Kept, Store};
use super::words::seconds;
use super::{certificate, clock, command, connect, environment, http, interrupted, redact, resolve};
use crate::model::evidence::{Answer, Blob, Exchange, Question};
use crate::model::fact::Unmeasurable;

/// The first wait before a question is asked again; it doubles each time.
const FIRST_WAIT: Duration = Duration::from_millis(100);
const LONGEST_WAIT: Duration = Duration::from_secs(2);

/// From this size on, bytes are redacted and hashed on a thread of their own.
const LARGE: usize = 256 * 1024;

/// The bytes of an answer, as the probe gets them.
pub(super) enum Body {
    /// In memory, redacted.
    Whole(Vec<u8>),
    /// Too large to keep.
    Stream(Box<dyn Read + Send>),
}

/// Everything that asking needs.
#[derive(Debug)]
pub(super) struct Live {
    clock: Steady,
    limits: Limits,
    gate: Gate,
    clients: Clients,
    files: Files,
    store: Arc<Store>,
    secrets: Secrets,
    no_commands: bool,
    guard: Option<Guard>,
    rules: Option<Arc<Untrusted>>,
    /// How many questions were asked.
    asked: AtomicUsize,
    /// When nothing is asked any more.
    until: Option<tokio::time::Instant>,
}

/// How often a question was asked, and when last: how long the answer took is said of that one alone.
struct Attempts {
    made: u32,
    last: Instant,
}

/// What came back, before redaction.
enum Raw {
    Http(http::Response),
    Command(command::Ended),
    File(Opened),
    Certificate(certificate::Shown),
    Other(Answer),
}

impl Live {
    pub(super) fn new(options: LiveOptions) -> Result<Self, SessionProblem> {
        let files = Files::new(&options.root, options.allow_outside, options.untrusted.is_some())
            .map_err(|source| SessionProblem::Root { path: options.root.clone(), source })?;
        let store = Store::open(&options.evidence, options.limits.all_evidence)
            .map_err(|source| SessionProblem::Evidence { path: options.evidence.clone(), source })?;
        // Meanwhile the first question is under way. Whoever comes too early waits for it, and does it where that failed.
        let _preparing = std::thread::Builder::new().spawn(redact::prepare);
        let rules = options.untrusted.map(Arc::new);
        Ok(Self {
            clock: Steady::start(),
            gate: Gate::new(&options.limits),
            clients: Clients::new(options.ca_file, files.clone(), rules.clone(), options.limits.in_flight),
            asked: AtomicUsize::new(0),
            until: options.limits.total.map(|total| tokio::time::Instant::now() + total),
            limits: options.limits,
            files,
            store: Arc::new(store),
            secrets: if rules.is_some() { Secrets::withheld() } else { options.secrets },
            no_commands: options.no_commands,
            guard: options.guarded.then(Guard::default),
            rules,
        })
    }

    /// Asks, and again after a failure, until there is an answer, the retries are used up, or the run is interrupted.
    pub(super) async fn ask(
        &self,
        question: Question,
        per: PerCheck,
        cancel: &CancellationToken,
    ) -> (Exchange, Vec<Body>) {
        let filled = self.secrets.fill(&question);
        let address = address_of(filled.as_ref().unwrap_or(&question));
        let address = address.as_ref();
        let admission = tokio::select! {
            biased;
            () = cancel.cancelled() => None,
            () = self.until() => None,
            admission = self.gate.admit(&question, address) => Some(admission),
        };
        let asked_at = clock::now();
        let mut attempts = Attempts { made: 0, last: Instant::now() };
        let looked = tokio::select! {
            biased;
            () = cancel.cancelled() => Err(interrupted()),
            () = self.until() => Err(self.too_late()),
            looked = self.look_again(&question, &filled, address, per, &mut attempts) => looked,
        };
        let elapsed_us = u64::try_from(attempts.last.elapsed().as_micros()).unwrap_or(u64::MAX);
        // The connection has to be taken back before the next question is let in, or that one opens another.
        if matches!(looked, Ok(Raw::Http(_))) {
            tokio::task::yield_now().await;
        }
        drop(admission);
        let kept = match looked {
            Ok(raw) => self.keep(&question, raw, address).await,
            Err(trouble) => Err(trouble),
        };
        let (answer, bodies) = kept.unwrap_or_else(|trouble| (self.unanswered(&trouble), Vec::new()));
        (Exchange { question, answer, asked_at, elapsed_us, attempts: attempts.made.max(1) }, bodies)
    }

    pub(super) fn root(&self) -> &Path {
        self.files.root()
    }

    pub(super) fn redactor(&self) -> Arc<Redactor> {
        self.secrets.redactor()
    }

    fn unanswered(&self, trouble: &Unmeasurable) -> Answer {
        let redactor = self.secrets.redactor();
        let (reason, help) = (shortened(redactor.text(&trouble.reason)), redactor.text(&trouble.help));
        // Where there are no rules, nobody but the other side can have written words like theirs.
        let has_rules = self.rules.is_some() || self.until.is_some();
        if has_rules && permit::is_refusal(trouble) {
            Answer::NotAllowed { reason, help }
        } else {
            Answer::Failed { reason, help }
        }
    }

    /// When nothing may be asked any more.
    pub(super) fn ends_at(&self) -> Option<tokio::time::Instant> {
        self.until
    }

    /// Ends then.
    pub(super) async fn until(&self) {
        match self.until {
            Some(until) => tokio::time::sleep_until(until).await,
            None => std::future::pending().await,
        }
    }

    fn too_late(&self) -> Unmeasurable {
        let total = seconds(self.limits.total.unwrap_or_default());
        permit::out_of_time(&total)
    }

    /// One more question, if there may be one.
    fn count(&self) -> Result<(), Unmeasurable> {
        if self.asked.fetch_add(1, Ordering::Relaxed) < self.limits.questions {
            return Ok(());
        }
        Err(permit::refusal(
            format!("no more than {} questions are asked", self.limits.questions),
            "Measure less, or run the audit without --untrusted, if you trust whoever wrote it.",
        ))
    }

    fn permits(&self, deed: Deed<'_>) -> Result<(), Unmeasurable> {
        self.rules.as_ref().map_or(Ok(()), |rules| rules.permits(deed))
    }

    async fn look_again(
        &self,
        question: &Question,
        filled: &Result<Question, Unmeasurable>,
        address: Option<&Url>,
        per: PerCheck,
        attempts: &mut Attempts,
    ) -> Result<Raw, Unmeasurable> {
        self.count()?;
        let filled = filled.as_ref().map_err(Unmeasurable::clone)?;
        let timeout = per.timeout.unwrap_or(self.limits.timeout);
        let mut wait = FIRST_WAIT;
        loop {
            *attempts = Attempts { made: attempts.made + 1, last: Instant::now() };
            match self.look(question, filled, address, timeout).await {
                Err(why) if attempts.made <= per.retries && !permit::is_refusal(&why) => {
                    tokio::time::sleep(wait).await;
                }
                looked => return looked,
            }
            wait = (wait * 2).min(LONGEST_WAIT);
        }
    }

    /// Looks once: `filled` is what was `asked`, with its secrets, and goes to `address`.
    async fn look(
        &self,
        asked: &Question,
        filled: &Question,
        address: Option<&Url>,
        timeout: Duration,
    ) -> Result<Raw, Unmeasurable> {
        match filled {
            Question::Http { method, url, socket, headers, body, access } => {
                let (socket, body) = (socket.as_deref(), body.as_deref());
                let private = secrets::with_secret(asked);
                let request = Request { method, url, address, socket, headers, body, access, private };
                http::ask(&self.clients, &self.limits, &request, timeout).await.map(Raw::Http)
            }
            Question::Command { argv, dir, env } => {
                self.permits(Deed::Run(argv.first().map_or("", String::as_str)))?;
                if self.no_commands {
                    return Err(Unmeasurable::new(
                        "commands are switched off (--no-commands)",
                        "Run the audit without --no-commands, if you trust its commands.",
                    ));
                }
                let dir = self.files.directory(dir.as_deref())?;
                let redactor = self.secrets.redactor();
                let guard = self.guard.as_ref();
                command::run(argv, &dir, env, &self.limits, timeout, &redactor, guard).await.map(Raw::Command)
            }
            Question::Read { path } => {
                let (path, limits) = (path.clone(), self.limits.clone());
                self.blocking(timeout, move |files| files.read(&path, &limits)).await.map(Raw::File)
            }
            Question::Stat { path } => {
                let path = path.clone();
                self.blocking(timeout, move |files| files.stat(&path)).await.map(|stat| Raw::Other(Answer::Stat(stat)))
            }
            Question::List { glob } => {
                let (glob, limits) = (glob.clone(), self.limits.clone());
                let found = self.blocking(timeout, move |files| files.list(&glob, &limits)).await?;
                Ok(Raw::Other(Answer::Listing(found)))
            }
            Question::Connect { address } => {
                let made = connect::connect(address, self.rules.as_deref(), timeout).await?;
                Ok(Raw::Other(if made { Answer::Connected } else { Answer::Refused }))
            }
            Question::Environment { names, prefix } => {
                self.permits(Deed::Environment)?;
                Ok(Raw::Other(Answer::Environment(environment::look(names, prefix.as_deref())?)))
            }
            Question::Resolve { host } => {
                let found = resolve::resolve(host, self.rules.as_deref(), timeout).await;
                found.map(|found| Raw::Other(Answer::Addresses(found)))
            }
            Question::Certificate { address, name, tls } => {
                certificate::look(&self.clients, address, name, tls, timeout).await.map(Raw::Certificate)
            }
            Question::Grpc { url, headers, message, access } => {
                let call = Call { url, address, headers, message, access };
                http::call(&self.clients, &self.limits, &call, timeout).await.map(Raw::Http)
            }
            Question::Clock => Ok(Raw::Other(Answer::Clock(self.clock.now()))),
        }
    }

    async fn blocking<T: Send + 'static>(
        &self,
        timeout: Duration,
        look: impl FnOnce(&Files) -> Result<T, Unmeasurable> + Send + 'static,
    ) -> Result<T, Unmeasurable> {
        let files = self.files.clone();
        let looking = tokio::task::spawn_blocking(move || look(&files));
        match tokio::time::timeout(timeout, looking).await {
            Ok(Ok(looked)) => looked,
            Ok(Err(_)) => Err(Unmeasurable::new("the file system could not be read", "Try it again.")),
            Err(_) => Err(Unmeasurable::new(
                format!("the file system did not answer within {}", seconds(timeout)),
                "Look whether a network file system hangs, or give the check a longer timeout.",
            )),
        }
    }

    async fn keep(
        &self,
        question: &Question,
        raw: Raw,
        address: Option<&Url>,
    ) -> Result<(Answer, Vec<Body>), Unmeasurable> {
        let redactor = self.secrets.redactor();
        let name = evidence_name(question, address);
        match raw {
            Raw::Http(http::Response { status, headers, body, location }) => {
                let redacted = |(key, value): (String, String)| {
                    let value = redactor.header(&key, &value);
                    (redactor.name(&key), value)
                };
                let headers = headers.into_iter().map(redacted).collect();
                let location = location.map(|place| redactor.text(&place));
                let (body, bytes) = self.keep_bytes(&redactor, body, &name).await?;
                Ok((Answer::Http { status, headers, body, location }, vec![Body::Whole(bytes)]))
            }
            Raw::Command(command::Ended { exit, signal, stdout, stderr }) => {
                let (stdout, out) = self.keep_bytes(&redactor, stdout, &name).await?;
                let (stderr, err) = self.keep_bytes(&redactor, stderr, &format!("{name}-stderr")).await?;
                Ok((Answer::Command { exit, signal, stdout, stderr }, vec![Body::Whole(out), Body::Whole(err)]))
            }
            Raw::File(Opened { modified, size, head, stream }) => {
                let (mut content, bytes) = self.keep_bytes(&redactor, head, &name).await?;
                content.bytes = size;
                content.cut |= stream.is_some();
                let body = match stream {
                    Some(stream) => Body::Stream(Box::new(stream)),
                    None => Body::Whole(bytes),
                };
                Ok((Answer::Content { modified, content }, vec![body]))
            }
            Raw::Certificate(certificate::Shown { chain, refused }) => {
                let (chain, bytes) = self.keep_bytes(&redactor, chain, &name).await?;
                let refused = refused.map(|why| redactor.text(&why));
                Ok((Answer::Certificate { chain, refused }, vec![Body::Whole(bytes)]))
            }
            Raw::Other(Answer::Listing(found)) => {
                let found = found.iter().map(|path| redactor.text(path)).collect();
                Ok((Answer::Listing(found), Vec::new()))
            }
            Raw::Other(Answer::Environment(found)) => {
                let found = found.into_iter().map(|(name, value)| (redactor.text(&name), value)).collect();
                Ok((Answer::Environment(found), Vec::new()))
            }
            Raw::Other(answer) => Ok((answer, Vec::new())),
        }
    }

    /// Redacts, keeps as much as may be kept, and hands back all of it.
    async fn keep_bytes(
        &self,
        redactor: &Arc<Redactor>,
        bytes: Vec<u8>,
        name: &str,
    ) -> Result<(Blob, Vec<u8>), Unmeasurable> {
        let store = Arc::clone(&self.store);
        if bytes.len() < LARGE {
            return redact_and_keep(&store, redactor, &self.limits, bytes, name);
        }
        let (redactor, limits, name) = (Arc::clone(redactor), self.limits.clone(), name.to_owned());
        let keeping = tokio::task::spawn_blocking(move || redact_and_keep(&store, &redactor, &limits, bytes, &name));
        keeping.await.unwrap_or_else(|_| Err(Unmeasurable::new("the evidence could not be kept", "Try it again.")))
    }
}

/// A reason that quotes what came back is no longer than this many characters. Cut behind the redactor: half a secret is one
/// that nobody knows any more. What a source cuts before was redacted when it came in.
const LONGEST_REASON: usize = 1_000;

fn shortened(mut reason: String) -> String {
    if let Some((end, _)) = reason.char_indices().nth(LONGEST_REASON) {
        reason.truncate(end);
        reason.push('…');
    }
    reason
}

fn redact_and_keep(
    store: &Store,
    redactor: &Redactor,
    limits: &Limits,
    bytes: Vec<u8>,
    name: &str,
) -> Result<(Blob, Vec<u8>), Unmeasurable> {
    let whole = bytes.len() as u64;
    let (bytes, redactions) = redactor.bytes(bytes);
    let kept = usize::try_from(limits.kept_of(bytes.len() as u64)).unwrap_or(usize::MAX);
    let cut = kept < bytes.len();
    let kept = Kept { bytes: &bytes[..kept.min(bytes.len())], whole, cut, redactions };
    let blob = store.keep(&kept, name)?;
    Ok((blob, bytes))
}

/// What a reader recognises the evidence by: host and path, the program, the file's name. The question has no secrets, and
/// went to `address` with them.
fn evidence_name(question: &Question, address: Option<&Url>) -> String {
    let last = |path: &str| path.rsplit(['/', '\\']).next().unwrap_or_default().to_owned();
    match question {
        // The path alone: what stands after "?" may hold a secret, and user:password stands before the host.
        Question::Grpc { url, .. } => url.rsplit('/').next().unwrap_or_default().to_owned() + "-grpc",
        Question::Http { url, socket, .. } => {
            let without = url.contains("secret:").then(|| Url::parse(url).ok());
            let Some(url) = without.as_ref().map_or(address, Option::as_ref) else { return "answer".to_owned() };
            let port = url.port().map_or_else(String::new, |port| format!("-{port}"));
            let host = socket.as_deref().map_or_else(|| url.host_str().unwrap_or_default().to_owned(), last);
            let path = if url.path().contains("secret:") { "" } else { url.path() };
            format!("{host}{port}{path}")
        }
        Question::Command { argv, .. } => argv.first().map_or_else(String::new, |program| last(program)),
        Question::Read { path } => last(path),
        Question::Certificate { address, .. } => format!("{address}-certificates"),
        _ => String::new(),
    }
}

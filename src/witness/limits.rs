//! How much may be asked at once, and how much may come back. It must not know what is asked.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::http::is_loopback;
use crate::model::evidence::Question;

const MIB: u64 = 1024 * 1024;

/// The bounds of a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Questions in flight at once, commands apart. 256: above it a fleet is not faster, and the usual 1,024 open files
    /// of a process are not reached.
    pub in_flight: usize,
    /// Of them to one host and port. 64: enough to keep a fast endpoint busy, while one that everything stands behind is
    /// not flooded. This machine itself is no stranger: on loopback and unix sockets only `in_flight` counts.
    pub per_host: usize,
    /// Commands running at once: the number of cores, because most commands are bound by them.
    pub commands: usize,
    /// The largest body of an HTTP answer, after decompression; above it there is no answer. 64 MiB.
    pub http_body: u64,
    /// The most a command may write to stdout, and to stderr; above it the command is killed. 16 MiB.
    pub command_output: u64,
    /// The longest answer that is kept whole. 16 MiB.
    pub evidence: u64,
    /// What is kept of a longer one: its beginning, to look at. Nothing can be measured again from a part, so there is no
    /// use in a large one. 1 MiB.
    pub excerpt: u64,
    /// How many files a glob may match. 100,000.
    pub listing: usize,
    /// How long an answer may take when the check does not say. 10 s.
    pub timeout: Duration,
    /// How long a command has to end after TERM before it gets KILL. 500 ms.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            in_flight: 256,
            per_host: 64,
            commands: std::thread::available_parallelism().map_or(2, usize::from),
            http_body: 64 * MIB,
            command_output: 16 * MIB,
            evidence: 16 * MIB,
            excerpt: MIB,
            listing: 100_000,
            timeout: Duration::from_secs(10),
            grace: Duration::from_millis(500),
        }
    }
}

impl Limits {
    /// How many bytes are kept of an answer of that many.
    pub(super) fn kept_of(&self, length: u64) -> u64 {
        if length > self.evidence { self.excerpt.min(self.evidence) } else { length }
    }
}

/// Lets questions in, as many at once as the limits say.
#[derive(Debug)]
pub(super) struct Gate {
    in_flight: Arc<Semaphore>,
    commands: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Held while a question is in flight.
pub(super) struct Admission {
    _permits: [Option<OwnedSemaphorePermit>; 2],
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            in_flight: Arc::new(Semaphore::new(limits.in_flight.max(1))),
            commands: Arc::new(Semaphore::new(limits.commands.max(1))),
            per_host: limits.per_host.max(1),
            hosts: Mutex::default(),
        }
    }

    /// Waits for its turn. The host comes first, so that those who queue for a slow host do not keep others out.
    pub(super) async fn admit(&self, question: &Question) -> Admission {
        if matches!(question, Question::Command { .. }) {
            return Admission { _permits: [Arc::clone(&self.commands).acquire_owned().await.ok(), None] };
        }
        let host = match host_of(question).map(|host| self.host(host)) {
            Some(host) => host.acquire_owned().await.ok(),
            None => None,
        };
        Admission { _permits: [host, Arc::clone(&self.in_flight).acquire_owned().await.ok()] }
    }

    fn host(&self, host: String) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(self.per_host))))
    }
}

fn host_of(question: &Question) -> Option<String> {
    match question {
        Question::Http { socket: None, url, .. } | Question::Grpc { url, .. } => {
            let url = url::Url::parse(url).ok().filter(|url| !is_loopback(url))?;
            Some(format!("{}:{}", url.host_str()?, url.port_or_known_default()?))
        }
        Question::Connect { address } | Question::Certificate { address, .. } => Some(address.clone()),
        _ => None,
    }
}

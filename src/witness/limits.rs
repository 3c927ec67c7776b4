//! How much may be asked at once, and how much may come back. It must not know what is asked.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::{Mutex as Turn, OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout};
use url::Url;

use super::http::is_loopback;
use crate::model::audit::USUAL_TIMEOUT_MS;
use crate::model::evidence::Question;

const MIB: u64 = 1024 * 1024;

/// The bounds of a run.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Questions in flight at once, commands apart. 256: above it a fleet is not faster, and the usual 1,024 open files
    /// of a process are not reached; where fewer files may be open (`ulimit -n`), fewer. They begin with 48, and are all of them when no answer comes for 10 ms or one waits
    /// for 100 ms: where answers come quickly, more at once would only be more connections to open.
    pub in_flight: usize,
    /// Of them to one host and port. 64: enough to keep a fast endpoint busy, while one that everything stands behind is
    /// not flooded. This machine itself is no stranger: on loopback and unix sockets only `in_flight` counts.
    pub per_host: usize,
    /// Commands running at once: the number of cores, because most commands are bound by them; fewer where fewer files may
    /// be open.
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
    /// The largest file that is read; larger ones are refused. No bound.
    pub file: u64,
    /// What may be kept of all answers together; above it there are no more answers. No bound.
    pub all_evidence: u64,
    /// How many questions may be asked in all. No bound.
    pub questions: usize,
    /// How long everything may take together; after it nothing is asked. No bound.
    pub total: Option<Duration>,
    /// How long an answer may take when the check does not say. 10 s.
    pub timeout: Duration,
    /// How long a command has to end after TERM before it gets KILL. 500 ms.
    pub grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        let (in_flight, commands) = at_once(open_files(), std::thread::available_parallelism().map_or(2, usize::from));
        Self {
            in_flight,
            per_host: 64,
            commands,
            http_body: 64 * MIB,
            command_output: 16 * MIB,
            evidence: 16 * MIB,
            excerpt: MIB,
            listing: 100_000,
            file: u64::MAX,
            all_evidence: u64::MAX,
            questions: usize::MAX,
            total: None,
            timeout: Duration::from_millis(USUAL_TIMEOUT_MS),
            grace: Duration::from_millis(500),
        }
    }
}

impl Limits {
    /// For an audit file that nobody here wrote: what fits the memory and the disk of a small machine, and floods no server.
    pub fn untrusted() -> Self {
        Self {
            in_flight: 16,
            per_host: 4,
            http_body: 16 * MIB,
            listing: 10_000,
            file: 64 * MIB,
            all_evidence: 256 * MIB,
            questions: 10_000,
            total: Some(Duration::from_secs(600)),
            ..Self::default()
        }
    }

    /// How many bytes are kept of an answer of that many.
    pub(super) fn kept_of(&self, length: u64) -> u64 {
        if length > self.evidence { self.excerpt.min(self.evidence) } else { length }
    }
}

/// Questions in flight, and commands, of a process that may have so many files open. It has some open itself; a command takes
/// its pipes and a handle on the process, a question its connection, and twice as many wait idle for the next.
fn at_once(files: usize, cores: usize) -> (usize, usize) {
    const MOST: usize = 256;
    const OWN: usize = 24;
    const OF_A_COMMAND: usize = 4;
    let commands = cores.min(files / (4 * OF_A_COMMAND)).max(1);
    let left = files.saturating_sub(OWN + commands * OF_A_COMMAND);
    ((left / 3).clamp(1, MOST), commands)
}

/// How many files this process may have open.
#[cfg(unix)]
fn open_files() -> usize {
    use nix::sys::resource::{Resource, getrlimit};
    getrlimit(Resource::RLIMIT_NOFILE).map_or(usize::MAX, |(most, _)| usize::try_from(most).unwrap_or(usize::MAX))
}

/// No limit that anybody meets.
#[cfg(not(unix))]
fn open_files() -> usize {
    usize::MAX
}

/// Questions that are let in before anybody knows how quickly answers come.
const AT_FIRST: usize = 48;
/// No answer for that long, or one that waited so long for its turn: more questions at once would save time.
const STALL: Duration = Duration::from_millis(10);
const TURN: Duration = Duration::from_millis(100);

/// Lets questions in, as many at once as the limits say.
#[derive(Debug)]
pub(super) struct Gate {
    in_flight: Flow,
    commands: Arc<Semaphore>,
    per_host: usize,
    hosts: Mutex<HashMap<String, Arc<Semaphore>>>,
}

/// Held while a question is in flight.
pub(super) struct Admission {
    _permits: [Option<OwnedSemaphorePermit>; 2],
    /// When the last answer came, of those that this one is counted with.
    last: Option<Arc<Mutex<Instant>>>,
}

impl Drop for Admission {
    fn drop(&mut self) {
        if let Some(last) = &self.last {
            *last.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
        }
    }
}

/// A number of places, some of which are held back until answers are slow to come.
#[derive(Debug)]
struct Flow {
    places: Arc<Semaphore>,
    held_back: AtomicUsize,
    last: Arc<Mutex<Instant>>,
    /// Whose turn is next: of all that wait it alone looks at the clock, because hundreds that wake every few milliseconds
    /// to see that it is not yet their turn take the time of those that work.
    first: Turn<()>,
}

impl Flow {
    fn new(most: usize) -> Self {
        let first = most.min(AT_FIRST);
        Self {
            places: Arc::new(Semaphore::new(first)),
            held_back: AtomicUsize::new(most - first),
            last: Arc::new(Mutex::new(Instant::now())),
            first: Turn::new(()),
        }
    }

    async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if self.held_back.load(Ordering::Relaxed) > 0
            && let Some(place) = self.place_of_few().await
        {
            return Some(place);
        }
        Arc::clone(&self.places).acquire_owned().await.ok()
    }

    /// A place, while some are held back; `None` when they no longer are.
    async fn place_of_few(&self) -> Option<OwnedSemaphorePermit> {
        let began = Instant::now();
        let _first = self.first.lock().await;
        while self.held_back.load(Ordering::Relaxed) > 0 {
            let mut late = began.elapsed() >= TURN;
            if !late {
                if let Ok(place) = timeout(STALL, Arc::clone(&self.places).acquire_owned()).await {
                    return place.ok();
                }
                let last = *self.last.lock().unwrap_or_else(PoisonError::into_inner);
                late = last.elapsed() >= STALL;
            }
            if late {
                self.places.add_permits(self.held_back.swap(0, Ordering::Relaxed));
            }
        }
        None
    }
}

impl Gate {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            in_flight: Flow::new(limits.in_flight.max(1)),
            commands: Arc::new(Semaphore::new(limits.commands.max(1))),
            per_host: limits.per_host.max(1),
            hosts: Mutex::default(),
        }
    }

    /// Waits for its turn. The host comes first, so that those who queue for a slow host do not keep others out.
    pub(super) async fn admit(&self, question: &Question, address: Option<&Url>) -> Admission {
        if matches!(question, Question::Command { .. }) {
            let place = Arc::clone(&self.commands).acquire_owned().await.ok();
            return Admission { _permits: [place, None], last: None };
        }
        let host = match address.and_then(|address| host_of(question, address)).map(|host| self.host(host)) {
            Some(host) => host.acquire_owned().await.ok(),
            None => None,
        };
        Admission { _permits: [host, self.in_flight.place().await], last: Some(Arc::clone(&self.in_flight.last)) }
    }

    fn host(&self, host: String) -> Arc<Semaphore> {
        let mut hosts = self.hosts.lock().unwrap_or_else(PoisonError::into_inner);
        Arc::clone(hosts.entry(host).or_insert_with(|| Arc::new(Semaphore::new(self.per_host))))
    }
}

/// The address that a question with its secrets goes to, if it is one.
pub(super) fn address_of(question: &Question) -> Option<Url> {
    match question {
        Question::Http { url, .. } | Question::Grpc { url, .. } => Url::parse(url).ok(),
        Question::Connect { address } | Question::Certificate { address, .. } => {
            Url::parse(&format!("http://{address}")).ok()
        }
        _ => None,
    }
}

/// Its host and port; `None` for this machine itself.
fn host_of(question: &Question, address: &Url) -> Option<String> {
    if matches!(question, Question::Http { socket: Some(_), .. }) || is_loopback(address) {
        return None;
    }
    Some(format!("{}:{}", address.host_str()?, address.port_or_known_default()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Asks 200 questions, of which one in `slow` takes a second and each other so long; how many were under way at most,
    /// and how long it took.
    async fn asked(answer: Duration, slow: usize) -> (usize, Duration) {
        let limits = Limits { in_flight: 150, ..Limits::default() };
        let gate = Arc::new(Gate::new(&limits));
        let (under_way, most) = (Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
        let began = Instant::now();
        let mut tasks = tokio::task::JoinSet::new();
        for number in 1..=200 {
            let answer = if number % slow == 0 { Duration::from_secs(1) } else { answer };
            let (gate, under_way, most) = (Arc::clone(&gate), Arc::clone(&under_way), Arc::clone(&most));
            tasks.spawn(async move {
                let admission = gate.admit(&Question::Clock, None).await;
                most.fetch_max(under_way.fetch_add(1, Ordering::SeqCst) + 1, Ordering::SeqCst);
                tokio::time::sleep(answer).await;
                under_way.fetch_sub(1, Ordering::SeqCst);
                drop(admission);
            });
        }
        tasks.join_all().await;
        (most.load(Ordering::SeqCst), began.elapsed())
    }

    #[test]
    fn the_limit_of_a_host_is_that_of_every_way_to_ask_it_and_this_machine_has_none() {
        let host_of = |question: Question| super::host_of(&question, &address_of(&question)?);
        let http = |url: &str| {
            host_of(Question::Http {
                method: "GET".to_owned(),
                url: url.to_owned(),
                socket: None,
                headers: std::collections::BTreeMap::new(),
                body: None,
                access: crate::model::evidence::Access::default(),
            })
        };
        let connect = |address: &str| host_of(Question::Connect { address: address.to_owned() });
        assert_eq!(http("https://shop.example/health").as_deref(), Some("shop.example:443"));
        assert_eq!(connect("shop.example:443"), http("https://shop.example/health"));
        assert_eq!(connect("[2001:db8::1]:80").as_deref(), Some("[2001:db8::1]:80"));
        for here in ["127.0.0.1:80", "localhost:5432", "[::1]:80", "db.localhost:1"] {
            assert_eq!((connect(here), http(&format!("http://{here}/"))), (None, None), "{here}");
        }
    }

    #[test]
    fn fewer_questions_are_asked_at_once_where_fewer_files_may_be_open() {
        assert_eq!(at_once(usize::MAX, 8), (256, 8));
        assert_eq!(at_once(1024, 8), (256, 8));
        assert_eq!(at_once(1024, 64), (248, 64));
        assert_eq!(at_once(256, 2), (74, 2));
        assert_eq!(at_once(256, 64), (56, 16));
        assert_eq!(at_once(32, 2), (1, 2));
        assert_eq!(at_once(0, 2), (1, 1));
    }

    #[tokio::test(start_paused = true)]
    async fn more_questions_are_asked_at_once_where_answers_are_slow() {
        assert_eq!(asked(Duration::from_millis(2), 1_000).await.0, AT_FIRST);
        let (most, took) = asked(Duration::from_millis(100), 1_000).await;
        assert_eq!(most, 150);
        // The first 48, those that were held back, and the 50 for which there was no place.
        assert!(took <= Duration::from_millis(220), "{took:?}");
        // Some that hang do not leave the others to queue for the places between them.
        let (most, took) = asked(Duration::from_millis(40), 5).await;
        assert!(most > AT_FIRST && took <= Duration::from_millis(1_250), "{most} {took:?}");
    }
}

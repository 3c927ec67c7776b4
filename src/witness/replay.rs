//! The replayed door: answers from the exchanges and the evidence of an earlier bundle. It never looks at the outside, and
//! an answer whose evidence is not what it was is no answer.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use super::live::Body;
use super::session::{ReplayOptions, SessionProblem};
use super::store::{Store, plain};
use super::words::mebibytes;
use crate::model::digest::sha256;
use crate::model::evidence::{Answer, Blob, Exchange, Question};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::record::Asker;
use crate::model::repeat::repeat_line;

/// From this size on, evidence is read on a thread of its own.
const LARGE: u64 = 256 * 1024;
/// Bytes of small evidence that are kept in memory.
const MOST_KEPT: usize = 16 * 1024 * 1024;

/// The recorded answers.
#[derive(Debug)]
pub(super) struct Replay {
    exchanges: BTreeMap<Asker, Vec<Arc<Exchange>>>,
    /// The same by question, for a check that was renamed since; made when the first such asks.
    anywhere: OnceLock<HashMap<Question, Vec<Arc<Exchange>>>>,
    /// How often each of them has asked each question by now.
    asked: Mutex<HashMap<Asker, BTreeMap<Question, usize>>>,
    from: PathBuf,
    store: Arc<Store>,
    /// Many checks read one file: small evidence that was verified and copied, by name and digest.
    verified: Mutex<Verified>,
}

#[derive(Debug, Default)]
struct Verified {
    bytes: HashMap<(String, String), Vec<u8>>,
    size: usize,
}

impl Replay {
    pub(super) fn new(options: ReplayOptions) -> Result<Self, SessionProblem> {
        let ReplayOptions { exchanges, from, evidence, .. } = options;
        let store =
            Store::open(&evidence, u64::MAX).map_err(|source| SessionProblem::Evidence { path: evidence, source })?;
        let exchanges: BTreeMap<Asker, Vec<Arc<Exchange>>> =
            exchanges.into_iter().map(|(asker, all)| (asker, all.into_iter().map(Arc::new).collect())).collect();
        Ok(Self {
            exchanges,
            anywhere: OnceLock::new(),
            asked: Mutex::default(),
            from,
            store: Arc::new(store),
            verified: Mutex::default(),
        })
    }

    /// The recorded answer to the question that is asked for the n-th time in this name.
    pub(super) async fn ask(&self, asker: &Asker, question: Question, unasked_at: Instant) -> (Exchange, Vec<Body>) {
        let nth = self.count(asker, &question);
        let Some(found) = self.find(asker, &question, nth) else {
            return (refused(question, unasked_at, &not_asked), Vec::new());
        };
        match self.bodies(&found.answer).await {
            Ok(bodies) => (Exchange::clone(found), bodies),
            Err(trouble) => {
                let answer = Answer::Failed { reason: trouble.reason, help: trouble.help };
                (Exchange { answer, ..Exchange::clone(found) }, Vec::new())
            }
        }
    }

    fn count(&self, asker: &Asker, question: &Question) -> usize {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let nth = asked.entry(asker.clone()).or_default().entry(question.clone()).or_default();
        *nth += 1;
        *nth - 1
    }

    /// Counted for each check apart, so that what one check gets does not depend on when another asks.
    fn find(&self, asker: &Asker, question: &Question, nth: usize) -> Option<&Arc<Exchange>> {
        let own = self.exchanges.get(asker).into_iter().flatten();
        let mut own = own.filter(|exchange| exchange.question == *question);
        own.nth(nth).or_else(|| self.anywhere().get(question)?.get(nth))
    }

    fn anywhere(&self) -> &HashMap<Question, Vec<Arc<Exchange>>> {
        self.anywhere.get_or_init(|| {
            let mut anywhere: HashMap<Question, Vec<Arc<Exchange>>> = HashMap::new();
            for exchange in self.exchanges.values().flatten() {
                anywhere.entry(exchange.question.clone()).or_default().push(Arc::clone(exchange));
            }
            anywhere
        })
    }

    async fn bodies(&self, answer: &Answer) -> Result<Vec<Body>, Unmeasurable> {
        let blobs = answer.blobs();
        let mut bodies = Vec::with_capacity(blobs.len());
        for blob in blobs {
            bodies.push(Body::Whole(self.bytes(blob).await?));
        }
        Ok(bodies)
    }

    async fn bytes(&self, blob: &Blob) -> Result<Vec<u8>, Unmeasurable> {
        if blob.cut {
            return Err(Unmeasurable::new(
                format!(
                    "the evidence was cut at {} when it was recorded; it cannot be measured again",
                    mebibytes(blob.kept)
                ),
                "Run the audit live to measure it.",
            ));
        }
        if blob.kept < LARGE {
            return self.small(blob);
        }
        let (from, store, blob) = (self.from.clone(), Arc::clone(&self.store), blob.clone());
        let reading = tokio::task::spawn_blocking(move || verified(&from, &store, &blob));
        reading.await.unwrap_or_else(|_| Err(Unmeasurable::new("the evidence could not be read", "Try it again.")))
    }
}

impl Replay {
    fn small(&self, blob: &Blob) -> Result<Vec<u8>, Unmeasurable> {
        let kept = || self.verified.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (blob.file.clone(), blob.sha256.clone());
        if let Some(bytes) = kept().bytes.get(&key).filter(|bytes| bytes.len() as u64 == blob.kept) {
            return Ok(bytes.clone());
        }
        let bytes = verified(&self.from, &self.store, blob)?;
        let mut kept = kept();
        if kept.size + bytes.len() <= MOST_KEPT && kept.bytes.insert(key, bytes.clone()).is_none() {
            kept.size += bytes.len();
        }
        Ok(bytes)
    }
}

/// The recorded bytes, when they are still what was recorded.
fn verified(from: &Path, store: &Store, blob: &Blob) -> Result<Vec<u8>, Unmeasurable> {
    let file = blob.file.as_str();
    let unusable = |why: String| {
        Unmeasurable::new(
            format!("the evidence \"{file}\" {why}"),
            "Take the bundle from where it was kept first; this copy is not what was recorded.",
        )
    };
    let Some(name) = blob.plain_name() else {
        return Err(unusable("is not the name of a file in the bundle".to_owned()));
    };
    let path = from.join(name);
    match fs::symlink_metadata(&path) {
        Ok(found) if !found.is_file() => return Err(unusable("is not a regular file".to_owned())),
        Ok(found) if found.len() != blob.kept => {
            return Err(unusable(format!("has {} bytes where {} were recorded", found.len(), blob.kept)));
        }
        Ok(_) => {}
        Err(error) => return Err(unusable(format!("is missing: {}", plain(&error)))),
    }
    let bytes = fs::read(&path).map_err(|error| unusable(format!("cannot be read: {}", plain(&error))))?;
    if sha256(&bytes) != blob.sha256 {
        return Err(unusable("does not have the digest that was recorded".to_owned()));
    }
    store.copy(blob, &bytes)?;
    Ok(bytes)
}

fn refused(question: Question, asked_at: Instant, why: &dyn Fn(&Question) -> Unmeasurable) -> Exchange {
    let Unmeasurable { reason, help } = why(&question);
    Exchange { question, answer: Answer::Failed { reason, help }, asked_at, elapsed_us: 0, attempts: 1 }
}

fn not_asked(question: &Question) -> Unmeasurable {
    Unmeasurable::new(
        format!("this question was not asked when the bundle was recorded: {}", repeat_line(question)),
        "Run the audit live, or replay it with the audit file it was recorded with.",
    )
}

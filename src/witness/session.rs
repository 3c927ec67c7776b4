//! The state of a run behind the door: live, replay or dry. It must not know what is asked through it.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio_util::sync::CancellationToken;

use super::Witness;
use super::deadline;
use super::helper::{self, Helper};
use super::limits::Limits;
use super::live::Live;
use super::permit::Untrusted;
use super::replay::Replay;
use super::secrets::Secrets;
use super::store::plain;
use crate::model::evidence::{Exchange, Question};
use crate::model::id::CheckId;
use crate::model::quote::Places;
use crate::model::record::{Asker, Sight};

/// How a live run looks at the outside.
#[derive(Debug)]
pub struct LiveOptions {
    /// The audit's root: what files are relative to, and what they may not leave.
    pub root: PathBuf,
    /// The directory that evidence is written to; made when it is not there.
    pub evidence: PathBuf,
    /// The bounds of the run.
    pub limits: Limits,
    /// Refuse to run commands.
    pub no_commands: bool,
    /// Have commands ended by a process of its own, should this one be killed. This one must be countersign itself.
    pub guarded: bool,
    /// Let files be read outside the root.
    pub allow_outside: bool,
    /// The rules for an audit file that nobody here wrote; `None` where it is trusted. They forbid commands, too.
    pub untrusted: Option<Untrusted>,
    /// Who runs the filters of such a file; `None` runs them in this process.
    pub helper: Option<Helper>,
    /// Certificates of authorities to trust besides those of the machine, in PEM form.
    pub ca_file: Option<PathBuf>,
    /// Where `${secret:NAME}` comes from.
    pub secrets: Secrets,
}

impl LiveOptions {
    /// With the usual limits, secrets from the environment, commands allowed, and no look outside the root.
    pub fn new(root: impl Into<PathBuf>, evidence: impl Into<PathBuf>) -> Self {
        Self {
            root: root.into(),
            evidence: evidence.into(),
            limits: Limits::default(),
            no_commands: false,
            guarded: false,
            allow_outside: false,
            untrusted: None,
            helper: None,
            ca_file: None,
            secrets: Secrets::default(),
        }
    }
}

/// What a replay answers from.
#[derive(Debug)]
pub struct ReplayOptions {
    /// The recorded exchanges of each check and those of the documents, in the order they were asked.
    pub exchanges: BTreeMap<Asker, Vec<Exchange>>,
    /// The directory with the recorded evidence.
    pub from: PathBuf,
    /// The directory that used evidence is copied to; may be the same.
    pub evidence: PathBuf,
    /// Who runs the filters of an audit file that nobody here wrote; `None` runs them in this process.
    pub helper: Option<Helper>,
}

/// What a check may ask of the door.
#[derive(Debug, Clone, Copy, Default)]
pub struct PerCheck {
    /// How long one answer may take; the limits' default when there is none.
    pub timeout: Option<Duration>,
    /// How often a question that got no answer is asked again.
    pub retries: u32,
}

/// Why a run could not begin.
#[derive(Debug, thiserror::Error)]
pub enum SessionProblem {
    /// The root of the audit is not there.
    #[error("the audit's root \"{path}\" cannot be used: {}", plain(source), path = path.display())]
    Root {
        /// The root.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
    /// Evidence could not be kept.
    #[error("evidence cannot be written to \"{path}\": {}", plain(source), path = path.display())]
    Evidence {
        /// The directory.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

impl SessionProblem {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            Self::Root { .. } => "Name a directory that exists and that this user may read.",
            Self::Evidence { .. } => "Choose an output directory that this user may write to.",
        }
    }
}

/// One run's way to the outside. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Session {
    pub(super) inner: Arc<Inner>,
}

#[derive(Debug)]
pub(super) struct Inner {
    pub(super) mode: Mode,
    pub(super) cancel: CancellationToken,
    helper: Option<Helper>,
}

#[derive(Debug)]
pub(super) enum Mode {
    Live(Box<Live>),
    Replay(Replay),
    Dry(Mutex<Vec<(Asker, Question)>>),
}

impl Session {
    /// Asks the outside. The root must exist and the evidence directory be writable, which is tried at once.
    pub fn live(options: LiveOptions) -> Result<Self, SessionProblem> {
        let helper = options.helper;
        Ok(Self::new(Mode::Live(Box::new(Live::new(options)?)), helper))
    }

    /// Answers from an earlier bundle, and never asks the outside.
    pub fn replay(options: ReplayOptions) -> Result<Self, SessionProblem> {
        let helper = options.helper;
        Ok(Self::new(Mode::Replay(Replay::new(options)?), helper))
    }

    /// Answers nothing and lists what would be asked.
    pub fn dry() -> Self {
        Self::new(Mode::Dry(Mutex::default()), None)
    }

    fn new(mode: Mode, helper: Option<Helper>) -> Self {
        Self { inner: Arc::new(Inner { mode, cancel: CancellationToken::new(), helper }) }
    }

    /// The witness of one check.
    pub fn witness(&self, check: &CheckId, per_check: PerCheck) -> Witness {
        Witness::new(Arc::clone(&self.inner), Asker::Check(check.clone()), per_check)
    }

    /// The witness of the documents that claims stand in.
    pub fn witness_of_documents(&self) -> Witness {
        Witness::new(Arc::clone(&self.inner), Asker::Documents, PerCheck::default())
    }

    /// Measures, with as much patience for what asks nothing as the run has time left, and with the helper for it.
    pub async fn within<F: Future>(&self, measuring: F) -> F::Output {
        let until = match &self.inner.mode {
            Mode::Live(live) => live.ends_at(),
            _ => None,
        };
        helper::with(self.inner.helper, deadline::within(until, measuring)).await
    }

    /// Cancelling it ends every question in flight, and the commands that run.
    pub fn cancel_token(&self) -> CancellationToken {
        self.inner.cancel.clone()
    }

    /// Blacks out secrets in what a check made of answers: decoded there, they are in the clear. Only a live run knows any.
    pub fn redact(&self, sight: &mut Sight) {
        if let Mode::Live(live) = &self.inner.mode {
            live.redactor().sight(sight);
        }
    }

    /// As [`Self::redact`], for what stands in documents.
    pub fn redact_places(&self, places: &mut Places) {
        if let Mode::Live(live) = &self.inner.mode {
            live.redactor().places(places);
        }
    }

    /// What a dry run would have asked, in the order of who asks and of their questions; empty in the other modes.
    pub fn asked(&self) -> Vec<(Asker, Question)> {
        let Mode::Dry(asked) = &self.inner.mode else { return Vec::new() };
        let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner).clone();
        asked.sort_by(|(one, _), (other, _)| one.cmp(other));
        asked
    }
}

impl ReplayOptions {
    /// Answers from `exchanges` and the evidence in `from`, copying what is used to `evidence`.
    pub fn new(exchanges: BTreeMap<Asker, Vec<Exchange>>, from: impl AsRef<Path>, evidence: impl AsRef<Path>) -> Self {
        Self { exchanges, from: from.as_ref().to_owned(), evidence: evidence.as_ref().to_owned(), helper: None }
    }
}

//! A live session on a scratch directory, and the replay of what it saw.

use std::collections::BTreeMap;
use std::path::Path;

use countersign::model::evidence::Exchange;
use countersign::model::id::CheckId;
use countersign::model::record::Asker;
use countersign::witness::{Limits, LiveOptions, PerCheck, ReplayOptions, Secrets, Session, Witness};

/// A root with evidence beside it, both gone at the end of the test.
pub(crate) struct Door {
    pub(crate) scratch: tempfile::TempDir,
    pub(crate) session: Session,
}

pub(crate) fn check(name: &str) -> CheckId {
    format!("area/{name}").parse().unwrap()
}

impl Door {
    pub(crate) fn open() -> Self {
        Self::with(|_| {})
    }

    pub(crate) fn limited(limits: Limits) -> Self {
        Self::with(|options| options.limits = limits)
    }

    pub(crate) fn with(change: impl FnOnce(&mut LiveOptions)) -> Self {
        let scratch = tempfile::tempdir().unwrap();
        std::fs::create_dir(scratch.path().join("root")).unwrap();
        let mut options = LiveOptions::new(scratch.path().join("root"), scratch.path().join("evidence"));
        options.secrets = Secrets::given(BTreeMap::new());
        change(&mut options);
        let session = Session::live(options).unwrap();
        Self { scratch, session }
    }

    pub(crate) fn root(&self) -> std::path::PathBuf {
        self.scratch.path().join("root")
    }

    pub(crate) fn evidence(&self) -> std::path::PathBuf {
        self.scratch.path().join("evidence")
    }

    pub(crate) fn witness(&self) -> Witness {
        self.session.witness(&check("one"), PerCheck::default())
    }

    pub(crate) fn patient(&self, milliseconds: u64) -> Witness {
        let timeout = Some(std::time::Duration::from_millis(milliseconds));
        self.session.witness(&check("one"), PerCheck { timeout, retries: 0 })
    }

    /// A session that answers from what `witness` saw, with its evidence in `again`.
    pub(crate) fn replay(&self, witness: &Witness, again: &Path) -> Session {
        replay(BTreeMap::from([(check("one"), witness.exchanges())]), &self.evidence(), again)
    }
}

pub(crate) fn replay(exchanges: BTreeMap<CheckId, Vec<Exchange>>, from: &Path, evidence: &Path) -> Session {
    let exchanges = exchanges.into_iter().map(|(check, all)| (Asker::Check(check), all)).collect();
    Session::replay(ReplayOptions::new(exchanges, from, evidence)).unwrap()
}

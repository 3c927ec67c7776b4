//! A first audit, drafted from what stands in a directory and runs on this machine: detectors say what could be measured,
//! the probes measure it, and what they found becomes the first expectations.
//!
//! It judges nothing, runs nothing that the directory brings along unless it is told to, and looks at the outside through
//! the witness alone.

pub mod append;
mod compose;
pub mod detect;
pub mod draft;
pub mod expect;
pub mod flow;
mod ground;
mod measure;
mod numbers;
mod subject;
pub mod usual;
mod written;

#[cfg(test)]
mod tests;

pub use draft::{Draft, Manner};
pub use ground::{Ground, bounds};
pub use measure::{Measured, Unmeasured, absence, measured_by};
pub use written::{CheckText, Layout, Written, check, found, unmeasured_check, written};

use self::measure::All;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{PerCheck, Session};

/// Answers what a variable of the environment says.
pub type Environment<'a> = &'a (dyn Fn(&str) -> Option<String> + Sync);

/// What a survey may do.
#[derive(Clone, Copy, Default)]
pub struct Options<'a> {
    /// Run commands: the project's tests, `git`, `systemctl`, `kubectl`.
    pub run_commands: bool,
    /// Ask no server, on this machine or elsewhere.
    pub offline: bool,
    /// Says where servers are.
    pub environment: Option<Environment<'a>>,
}

/// What a survey found.
#[derive(Debug)]
pub struct Survey {
    /// What is audited: its name.
    pub subject: String,
    /// When it was measured.
    pub at: Instant,
    /// What was measured, in the order of the file; every area with its checks together, ids distinct.
    pub checks: Vec<Measured>,
    /// What could be measured and was not, with the reason.
    pub unmeasured: Vec<Unmeasured>,
    /// What was looked for and not found.
    pub not_found: Vec<&'static str>,
    /// Numbers of the README that a check measures.
    pub claims: Vec<Claim>,
    /// Numbers of the README that nothing measures, with their places: `README.md:12: 13 rules`.
    pub unclaimed: Vec<String>,
    /// How many more of these there are.
    pub unclaimed_more: usize,
    /// What a reader should know of the survey itself, a sentence each.
    pub notes: Vec<String>,
}

/// A fact that a document states, and where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    /// Its name.
    pub id: String,
    /// One line.
    pub title: String,
    /// `area.check.fact`.
    pub fact: String,
    /// Where it stands: each place with its short name, what stands there, and its line.
    pub places: Vec<ClaimedAt>,
}

/// A place in a document that states a fact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClaimedAt {
    /// The locator in its short form.
    pub locator: String,
    /// What stands there.
    pub written: String,
    /// `README.md:12`.
    pub line: String,
}

/// What can be measured of one kind, and what of it could not be.
pub async fn of_kind(
    session: &Session,
    name: &str,
    options: Options<'_>,
    kind: &str,
) -> Result<(Vec<Measured>, Vec<Unmeasured>), Unmeasurable> {
    let tree = ground::writable(session.tree(bounds()).await?);
    let witness = session.witness(&draft::asking("survey")?, PerCheck::default());
    let ground = Ground { tree: &tree, witness: &witness, options, name };
    let mut found = detect::all(&ground).await;
    found.iter_mut().for_each(|found| found.drafts.retain(|draft| draft.kind == kind));
    let all = measure::all(session, found, options).await;
    Ok((all.checks, all.unmeasured))
}

/// Looks around, measures what can be measured, and reads the README.
pub async fn survey(session: &Session, name: &str, options: Options<'_>) -> Result<Survey, Unmeasurable> {
    let tree = ground::writable(session.tree(bounds()).await?);
    let witness = session.witness(&draft::asking("survey")?, PerCheck::default());
    let at = witness.now().await?;
    let ground = Ground { tree: &tree, witness: &witness, options, name };
    let found = detect::all(&ground).await;
    let All { checks, unmeasured, not_found } = measure::all(session, found, options).await;
    let read = numbers::read(&ground, &checks).await;
    Ok(Survey {
        subject: subject::name(&ground).await.unwrap_or_else(|| name.to_owned()),
        at,
        checks,
        unmeasured,
        not_found,
        claims: read.claims,
        unclaimed: read.unclaimed,
        unclaimed_more: read.more,
        notes: ground::notes(&tree),
    })
}

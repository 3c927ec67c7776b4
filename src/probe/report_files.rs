//! Report files that a tool has written: found by globs, none of them too old, each read on a thread of its own.

use std::collections::BTreeSet;
use std::io::Read;

use crate::model::fact::{Unmeasurable, Value};
use crate::model::instant::Instant;
use crate::model::printed::parse_duration;
use crate::source::output::about;
use crate::witness::Witness;

/// What reports say together, or why they say nothing that counts.
pub(super) enum Reports<T> {
    /// They were read.
    Read {
        /// Each of them, in the order of their names.
        all: Vec<T>,
        /// How long ago the oldest was written.
        age: Option<Value>,
    },
    /// There is none, or one is too old; a fragment.
    Missing(String),
}

/// Reads every file that a glob matches; `parse` says what is wrong with one as a lower-case fragment.
pub(super) async fn read<T: Send + 'static>(
    globs: &[String],
    newer_than: Option<&str>,
    help: &str,
    witness: &Witness,
    parse: fn(Box<dyn Read + Send>) -> Result<T, String>,
) -> Result<Reports<T>, Unmeasurable> {
    let now = witness.now().await?;
    let mut paths = BTreeSet::new();
    for glob in globs {
        paths.extend(witness.list(glob).await?);
    }
    if paths.is_empty() {
        let globs = globs.iter().map(|glob| format!("\"{glob}\"")).collect::<Vec<_>>().join(" or ");
        return Ok(Reports::Missing(format!("no file matches {globs}")));
    }
    let (mut all, mut oldest) = (Vec::new(), None::<i64>);
    for path in paths {
        let content = witness.read(&path).await?;
        if let Some(reason) = too_old(&path, content.modified, newer_than, now) {
            return Ok(Reports::Missing(reason));
        }
        let age = content.modified.map(|modified| now.seconds_since(modified).max(0));
        oldest = oldest.max(age);
        let reader = content.reader;
        let read = tokio::task::spawn_blocking(move || parse(reader)).await;
        let read = read.map_err(|error| Unmeasurable::new(format!("reading broke off: {error}"), "Report this."))?;
        all.push(read.map_err(|reason| about(&path, &Unmeasurable::new(reason, help)))?);
    }
    Ok(Reports::Read { all, age: oldest.map(Value::seconds) })
}

/// Why a file does not count, when it does not.
fn too_old(path: &str, modified: Option<Instant>, newer_than: Option<&str>, now: Instant) -> Option<String> {
    let limit = newer_than?;
    let seconds = parse_duration(limit).ok()?.floor().to_i64()?;
    let Some(modified) = modified else { return Some(format!("it is not known when \"{path}\" was written")) };
    let outdated = now.seconds_since(modified) > seconds;
    outdated.then(|| format!("\"{path}\" was written at {modified}, which is older than {limit}"))
}

/// What is wrong with `newer-than`: fragment and way out.
pub(super) fn age_problem(newer_than: Option<&str>) -> Option<(String, String)> {
    let problem = parse_duration(newer_than?).err()?;
    Some((problem.to_string(), "write `newer-than:` as 24h or 7d".to_owned()))
}

/// What is wrong when not exactly one of the sources is given: fragment and way out.
pub(super) fn source_problem(given: &[(&str, bool)]) -> Option<(String, String)> {
    let names = || given.iter().map(|(name, _)| format!("`{name}:`")).collect::<Vec<_>>().join(", ");
    match given.iter().filter(|(_, given)| *given).count() {
        0 => Some(("no source is given".to_owned(), format!("give one of {}", names()))),
        1 => None,
        _ => Some(("several sources are given".to_owned(), format!("keep one of {}", names()))),
    }
}

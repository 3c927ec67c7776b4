//! Report files that a tool has written: found by globs, none of them too old, each read on a thread of its own.

use std::collections::BTreeSet;
use std::io::Read;

use super::newer_than::{NewerThan, Oldest};
use crate::model::fact::{FactSpec, Facts, Unmeasurable, Value};
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::output::about;
use crate::witness::Witness;

/// What a file holds, as it is read.
pub(super) type Content = Box<dyn Read + Send>;

/// Why files say nothing that counts: there is none, or one is too old. A fragment.
pub(super) struct Missing(pub(super) String);

/// The files that the globs match; each once. What a glob without a file would have told is not in the others.
pub(super) async fn matching(
    globs: &[String],
    witness: &Witness,
) -> Result<Result<BTreeSet<String>, Missing>, Unmeasurable> {
    let (mut paths, mut unmatched) = (BTreeSet::new(), Vec::new());
    for glob in globs {
        let found = witness.list(glob).await?;
        if found.is_empty() {
            unmatched.push(format!("\"{glob}\""));
        }
        paths.extend(found);
    }
    if unmatched.is_empty() {
        Ok(Ok(paths))
    } else {
        Ok(Err(Missing(format!("no file matches {}", unmatched.join(" or ")))))
    }
}

/// Reads every file, in the order of their names, and hands each on with its name. How long ago the oldest was written, in
/// seconds, where that is known.
pub(super) async fn each<T: Send + 'static>(
    paths: BTreeSet<String>,
    oldest: &Oldest,
    witness: &Witness,
    parse: impl Fn(&str, Content) -> Result<T, Unmeasurable> + Clone + Send + 'static,
    mut take: impl FnMut(&str, T) -> Result<(), Unmeasurable> + Send,
) -> Result<Result<Option<Number>, Missing>, Unmeasurable> {
    let mut age = None;
    for path in paths {
        let content = witness.read(&path).await?;
        if let Some(reason) = oldest.refuses(&path, content.modified, &mut age) {
            return Ok(Err(Missing(reason)));
        }
        let (parse, name) = (parse.clone(), path.clone());
        let read = tokio::task::spawn_blocking(move || parse(&name, content.reader)).await;
        let read = read.map_err(|error| Unmeasurable::new(format!("reading broke off: {error}"), "Report this."))?;
        take(&path, read.map_err(|error| about(&path, &error))?)?;
    }
    Ok(Ok(age))
}

/// Reports that are put together to one.
pub(super) struct Reports<'a, T> {
    /// Their files.
    pub(super) globs: &'a [String],
    /// How old one may be.
    pub(super) newer_than: Option<&'a str>,
    /// Says what is wrong with one, a lower-case fragment.
    pub(super) parse: fn(Content) -> Result<T, String>,
    /// Takes another one in, or says why they do not fit together, a lower-case fragment.
    pub(super) absorb: fn(&mut T, T) -> Result<(), String>,
    /// What to do about either, a sentence.
    pub(super) help: &'static str,
}

impl<T: Default + Send + 'static> Reports<'_, T> {
    /// What they say together, and how old they are; every fact of `specs` is absent where there is none that counts.
    pub(super) async fn facts(
        &self,
        specs: &[FactSpec],
        witness: &Witness,
        found: impl FnOnce(&T) -> Facts + Send,
    ) -> Result<Facts, Unmeasurable> {
        let (parse, help) = (self.parse, self.help);
        let newer = self.newer_than.map(|text| NewerThan::Ago(text.to_owned()));
        let oldest = Oldest::allowed(newer.as_ref(), witness).await?;
        let mut whole: Option<T> = None;
        let take = |_: &str, report| match &mut whole {
            Some(whole) => {
                (self.absorb)(whole, report).map_err(|reason| Unmeasurable::new(format!("together, {reason}"), help))
            }
            none => {
                *none = Some(report);
                Ok(())
            }
        };
        let parse = move |_: &str, input| parse(input).map_err(|reason| Unmeasurable::new(reason, help));
        let age = match matching(self.globs, witness).await? {
            Ok(paths) => each(paths, &oldest, witness, parse, take).await?,
            Err(missing) => Err(missing),
        };
        let age = match age {
            Ok(age) => age,
            Err(Missing(reason)) => return Ok(Facts::all_absent(specs, &reason)),
        };
        let mut facts = found(&whole.unwrap_or_default());
        facts.set_or("age", age.map(Value::Duration), "it is not known when they were written");
        Ok(facts)
    }
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

//! How fresh a file must be: an age, or a commit that it is meant to prove. It reads no files.

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::git;
use crate::source::shorthand::text_or_mapping;
use crate::witness::Witness;

/// The word that stands for the commit that is checked out.
const WORD: &str = "commit";

/// What a result must be newer than.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NewerThan {
    /// So long ago, such as `24h`.
    Ago(String),
    /// A commit.
    Commit(OfCommit),
}

/// A commit that the results are meant to prove.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct OfCommit {
    /// Its name, as git takes it: a hash, a tag, a branch.
    pub commit: String,
    /// A directory in the working tree; the audit's root unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
}

impl From<OfCommit> for NewerThan {
    fn from(commit: OfCommit) -> Self {
        Self::Commit(commit)
    }
}

impl<'de> Deserialize<'de> for NewerThan {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let make = |text: String| match text.as_str() {
            WORD => Self::Commit(OfCommit { commit: "HEAD".to_owned(), dir: None }),
            _ => Self::Ago(text),
        };
        let expected = "a length of time such as 24h, the word `commit`, or a mapping with `commit`";
        text_or_mapping::<OfCommit, Self, D>(deserializer, make, expected)
    }
}

impl Serialize for NewerThan {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Ago(text) => serializer.serialize_str(text),
            Self::Commit(OfCommit { commit, dir: None }) if commit == "HEAD" => serializer.serialize_str(WORD),
            Self::Commit(commit) => commit.serialize(serializer),
        }
    }
}

impl JsonSchema for NewerThan {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "NewerThan".into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mapping = generator.subschema_for::<OfCommit>();
        json_schema!({ "anyOf": [{ "type": "string" }, mapping] })
    }
}

/// Clocks that differ by no more than that many seconds are taken for one.
pub(super) const CLOSE: i64 = 5;

/// From when on results count, and the sentence for those that are older.
pub(super) struct Oldest {
    from: Option<Instant>,
    now: Instant,
    /// Written after this, by a clock that is not ours or was set back since: nobody knows when.
    until: Option<Instant>,
    too_old: String,
}

impl Oldest {
    /// Results from before a command was run are not its own.
    pub(super) fn of_command(started: Instant) -> Self {
        Self {
            from: Some(started),
            now: started,
            until: None,
            too_old: "is from before the command was run".to_owned(),
        }
    }

    /// What `newer-than:` asks for, if anything.
    pub(super) async fn allowed(newer: Option<&NewerThan>, witness: &Witness) -> Result<Self, Unmeasurable> {
        let now = witness.now().await?;
        let (from, too_old) = match newer {
            None => (None, String::new()),
            Some(NewerThan::Ago(text)) => {
                let seconds = parse_duration(text)
                    .map_err(|problem| Unmeasurable::new(problem.to_string(), "Write 24h or 7d."))?;
                let seconds = seconds.floor().to_i64();
                let from = seconds.and_then(|seconds| Instant::from_seconds(now.seconds() - seconds));
                (from, format!("is older than {text}"))
            }
            Some(NewerThan::Commit(OfCommit { commit, dir })) => {
                let (hash, made) = git::commit(witness, dir.as_deref(), commit).await?;
                let short: String = hash.chars().take(10).collect();
                (Some(made), format!("is before the commit that it is to prove, {short} of {made}"))
            }
        };
        let until = Instant::from_seconds(now.seconds().saturating_add(CLOSE));
        Ok(Self { from, now, until, too_old })
    }

    /// Why a file does not count, when it does not; `age` grows to that of the oldest.
    pub(super) fn refuses(&self, path: &str, modified: Option<Instant>, age: &mut Option<Number>) -> Option<String> {
        let Some(modified) = modified else {
            return self.from.map(|_| format!("it is not known when \"{path}\" was written"));
        };
        if self.until.is_some_and(|until| until < modified) {
            let ahead = still_to_come(path, modified, self.now);
            return self.from.map(|_| ahead);
        }
        let seconds = Number::from(self.now.seconds_since(modified).max(0));
        if age.as_ref().is_none_or(|age| *age < seconds) {
            *age = Some(seconds);
        }
        let outdated = self.from.is_some_and(|from| modified < from);
        outdated.then(|| format!("\"{path}\" was written at {modified}, which {}", self.too_old))
    }
}

/// That a file is dated later than it can be, a fragment.
pub(super) fn still_to_come(path: &str, modified: Instant, now: Instant) -> String {
    format!("\"{path}\" was written at {modified}, which is still to come: it is {now} here")
}

/// What is wrong with it that its type cannot say.
pub(super) fn problem(newer: &NewerThan) -> Option<(String, String)> {
    match newer {
        NewerThan::Ago(text) => {
            let problem = parse_duration(text).err()?;
            Some((problem.to_string(), "write `newer-than:` as 24h, 7d or commit".to_owned()))
        }
        NewerThan::Commit(OfCommit { commit, .. }) => {
            let name = !commit.is_empty() && !commit.starts_with('-') && !commit.contains(char::is_whitespace);
            let message = format!("\"{}\" is not the name of a commit", commit.escape_debug());
            (!name).then(|| (message, "name a hash, a tag or a branch".to_owned()))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_result_that_is_dated_later_than_now_proves_nothing_of_now() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let now = at("2026-11-23T10:00:00Z");
        let oldest = |from: Option<&str>| Oldest {
            from: from.map(at),
            now,
            until: Instant::from_seconds(now.seconds() + CLOSE),
            too_old: "is older than 24h".to_owned(),
        };
        let mut age = None;
        let refused =
            |oldest: &Oldest, when: &str, age: &mut Option<Number>| oldest.refuses("a.xml", Some(at(when)), age);
        let asked = oldest(Some("2026-11-22T10:00:00Z"));
        assert_eq!(refused(&asked, "2026-11-23T10:00:05Z", &mut age), None, "two clocks, taken for one");
        assert_eq!(age.take(), Some(Number::from(0_u64)));
        let why = refused(&asked, "2026-11-23T11:00:00Z", &mut age).unwrap();
        assert!(why.contains("still to come"), "{why}");
        assert_eq!(refused(&oldest(None), "2026-11-23T11:00:00Z", &mut age), None, "nobody asked");
        assert_eq!(age, None, "and yet its age is not known");
        let own = Oldest::of_command(now);
        assert_eq!(refused(&own, "2026-11-23T11:00:00Z", &mut age), None, "a command writes after it was started");
    }
}

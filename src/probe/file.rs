//! Files: whether they are there, may be executed, are fresh, and hold what they should.
//!
//! Content is read only when an option asks about it.

#[cfg(test)]
mod tests;

use std::collections::BTreeSet;
use std::io::Read;

use regex::bytes::Regex;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::Kind;
use super::newer_than::{CLOSE, still_to_come};
use crate::model::condition::{Condition, Expectation};
use crate::model::digest;
use crate::model::evidence::{FileKind, Stat};
use crate::model::fact::{FactSpec, FactType, Facts, Table, Unmeasurable, Value};
use crate::model::glob::is_glob;
use crate::model::instant::Instant;
use crate::model::number::Number;
use crate::model::printed::parse_duration;
use crate::source::lines::by_line;
use crate::source::shorthand::OneOrMany;
use crate::witness::{FileContent, Witness};

/// How much is read at once.
const CHUNK: usize = 64 * 1024;
/// Largest file whose content is searched.
const MAX_CONTENT: u64 = 64 * 1024 * 1024;

/// Whether files are there, may be executed, are fresh, and hold what they should.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct File {
    /// Paths relative to the audit's root, or globs; a glob that matches nothing counts as a missing file.
    pub paths: OneOrMany<String>,
    /// A regular expression; `matching` counts the files in which it is found. `^` and `$` are the ends of a line.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contains: Option<String>,
    /// The SHA-256 that every file must have, 64 hex digits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sha256: Option<String>,
    /// The permissions that every file must have, octal, such as `"0644"`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<String>,
    /// How old a file may be, such as `7d`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_age: Option<String>,
}

/// What is known of one path.
struct Seen {
    path: String,
    stat: Stat,
    matches: bool,
    /// Its SHA-256, where somebody wants to know.
    digest: Option<String>,
}

/// The columns of `files`.
const COLUMNS: &[&str] = &["path", "state", "size", "mode", "modified"];

impl Kind for File {
    const NAME: &'static str = "file";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("total", FactType::Count, "Files asked about"),
        FactSpec::new("present", FactType::Count, "Files that are there").higher(),
        FactSpec::new("missing", FactType::Count, "Files that are not there").lower(),
        FactSpec::new("executable", FactType::Count, "Files that may be executed"),
        FactSpec::new("not-executable", FactType::Count, "Files that may not be executed"),
        FactSpec::new("size", FactType::Bytes, "Their size, added up"),
        FactSpec::new("oldest-age", FactType::Duration, "How long ago the oldest was changed").lower().growing(),
        FactSpec::new("newest-age", FactType::Duration, "How long ago the newest was changed").lower().growing(),
        FactSpec::new("matching", FactType::Count, "Files in which `contains` is found"),
        FactSpec::new("digest-differs", FactType::Count, "Files with another SHA-256 than `sha256`").lower(),
        FactSpec::new("mode-differs", FactType::Count, "Files with other permissions than `mode`").lower(),
        FactSpec::new("mode", FactType::Text, "The permissions, where all have the same, such as 0644"),
        FactSpec::new("world-writable", FactType::Count, "Files that everybody may change").lower(),
        FactSpec::new("too-old", FactType::Count, "Files older than `max-age`").lower(),
        FactSpec::new("files", FactType::Table, "For each file: path, state, size, mode, modified"),
    ];
    const TABLES: &'static [(&'static str, &'static [&'static str])] = &[("files", COLUMNS)];
    const EXAMPLE: &'static str = "{paths: [scripts/deploy.py, scripts/rollback.sh]}";

    fn implied(&self) -> Vec<Expectation> {
        let given = [
            ("digest-differs", self.sha256.is_some()),
            ("mode-differs", self.mode.is_some()),
            ("too-old", self.max_age.is_some()),
        ];
        let zero = |fact: &str| {
            Condition::parse("== 0").ok().map(|condition| Expectation { fact: fact.to_owned(), condition })
        };
        given.into_iter().filter(|(_, given)| *given).filter_map(|(fact, _)| zero(fact)).collect()
    }

    fn problems(&self) -> Vec<(String, String)> {
        let mut problems = Vec::new();
        let mut say = |message: String, help: &str| problems.push((message, help.to_owned()));
        if let Some(Err(error)) = self.contains.as_deref().map(by_line).as_deref().map(Regex::new) {
            let line = error.to_string().lines().last().unwrap_or_default().trim().to_owned();
            say(
                format!("`contains` is no regular expression: {line}"),
                "put `\\` before a character that stands for itself",
            );
        }
        let in_marks = |text: &&str| {
            text.len() > 2 && ['/', '\''].iter().any(|mark| text.starts_with(*mark) && text.ends_with(*mark))
        };
        if let Some(text) = self.contains.as_deref().filter(in_marks) {
            say(
                format!("`contains` is \"{text}\", and its first and last character would be looked for, too"),
                "leave them out; where they are meant, put them into brackets, as in `[/]etc[/]`",
            );
        }
        if let Some(Err(problem)) = self.max_age.as_deref().map(parse_duration) {
            say(problem.to_string(), "write `max-age:` as 24h or 7d");
        }
        let is_digest = |text: &str| text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if let Some(wrong) = self.sha256.as_deref().filter(|text| !is_digest(text)) {
            say(format!("\"{wrong}\" is no SHA-256"), "write 64 hex digits, as `sha256sum FILE` prints them");
        }
        if let Some(wrong) = self.mode.as_deref().filter(|text| octal(text).is_none()) {
            say(format!("\"{wrong}\" is no mode"), "write four octal digits in quotes, such as \"0644\"");
        }
        problems
    }

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let now = witness.now().await?;
        let (mut paths, mut globs) = (BTreeSet::new(), BTreeSet::new());
        let mut seen = Vec::new();
        for path in &self.paths.0 {
            let found = if is_glob(path) { witness.list(path).await? } else { vec![path.clone()] };
            // A file may be called as a glob that does not match it.
            if found.is_empty() && globs.insert(path) {
                seen.push(Seen::nothing(path));
            }
            for path in found {
                if paths.insert(path.clone()) {
                    seen.push(self.look(path, witness).await?);
                }
            }
        }
        Ok(self.facts(&seen, now))
    }
}

/// Permissions as `chmod` takes them.
fn octal(text: &str) -> Option<u32> {
    let fits = matches!(text.len(), 3 | 4) && text.bytes().all(|byte| (b'0'..=b'7').contains(&byte));
    fits.then(|| u32::from_str_radix(text, 8).ok()).flatten()
}

impl Seen {
    /// What is known of a glob that matches nothing, which is no path that could be looked at.
    fn nothing(glob: &str) -> Self {
        let stat = Stat { kind: FileKind::Missing, size: 0, mode: 0, modified: None };
        Self { path: glob.to_owned(), stat, matches: false, digest: None }
    }
}

impl File {
    async fn look(&self, path: String, witness: &Witness) -> Result<Seen, Unmeasurable> {
        let stat = witness.stat(&path).await?;
        let mut seen = Seen { path, stat, matches: false, digest: None };
        if seen.stat.kind == FileKind::File && (self.contains.is_some() || self.sha256.is_some()) {
            let content = witness.read(&seen.path).await?;
            (seen.matches, seen.digest) = self.read(&seen.path, content)?;
        }
        Ok(seen)
    }

    /// Is `contains` found in it, and what is its digest? A file is held in memory only to be searched.
    fn read(&self, path: &str, mut content: FileContent) -> Result<(bool, Option<String>), Unmeasurable> {
        let broken = |reason: String| Unmeasurable::new(format!("\"{path}\" {reason}"), "Check the file.");
        let mut hash = Sha256::new();
        let mut bytes = Vec::new();
        let mut chunk = vec![0; CHUNK];
        loop {
            let length = match content.reader.read(&mut chunk) {
                Ok(0) => break,
                Ok(length) => length,
                Err(error) if error.kind() == std::io::ErrorKind::Interrupted => continue,
                Err(error) => return Err(broken(format!("cannot be read: {error}"))),
            };
            let read = chunk.get(..length).unwrap_or_default();
            hash.update(read);
            if self.contains.is_some() {
                bytes.extend_from_slice(read);
                if bytes.len() as u64 > MAX_CONTENT {
                    return Err(broken(format!("has more than the {MAX_CONTENT} bytes that are searched")));
                }
            }
        }
        let pattern = self.contains.as_deref().map(by_line).as_deref().map(Regex::new).transpose();
        let pattern = pattern.map_err(|error| broken(format!("cannot be searched: {error}")))?;
        Ok((pattern.is_some_and(|pattern| pattern.is_match(&bytes)), Some(digest::finish(hash))))
    }

    fn facts(&self, seen: &[Seen], now: Instant) -> Facts {
        let mut facts = Facts::default();
        let there: Vec<&Seen> = seen.iter().filter(|one| one.stat.kind != FileKind::Missing).collect();
        let missing = seen.len() - there.len();
        facts.set("total", Value::count(seen.len()));
        facts.set("present", Value::count(there.len()));
        facts.set("missing", Value::count(missing));
        let files = || there.iter().filter(|one| one.stat.kind == FileKind::File);
        let executable = files().filter(|one| one.stat.mode & 0o111 != 0).count();
        let mut of_all = |fact: &str, number: usize| of_all(&mut facts, fact, number, missing, seen.len());
        of_all("not-executable", files().count() - executable);
        if let Some(expected) = &self.sha256 {
            // A directory has no digest, and so not this one.
            let same = |one: &&Seen| one.digest.as_ref().is_some_and(|digest| digest.eq_ignore_ascii_case(expected));
            of_all("digest-differs", there.iter().filter(|one| !same(one)).count());
        }
        if let Some(expected) = self.mode.as_deref().and_then(octal) {
            of_all("mode-differs", there.iter().filter(|one| one.stat.mode & 0o7777 != expected).count());
        }
        of_all("world-writable", files().filter(|one| one.stat.mode & 0o002 != 0).count());
        let age = |one: &&&Seen| Some(now.seconds_since(one.stat.modified?));
        let limit = self.max_age.as_deref().and_then(|text| parse_duration(text).ok());
        // By a clock that is not ours, or was set back since: how old it is, nobody knows.
        let ahead = there.iter().find(|one| age(one).is_some_and(|age| age < -CLOSE));
        let ahead = ahead.and_then(|one| Some(still_to_come(&one.path, one.stat.modified?, now)));
        if let Some(limit) = limit.as_ref().filter(|_| ahead.is_none()) {
            let outdated = |one: &&&Seen| age(one).is_none_or(|age| Number::from(age) > *limit);
            of_all("too-old", there.iter().filter(outdated).count());
        }
        if let (Some(ahead), Some(_)) = (&ahead, &limit) {
            facts.absent("too-old", ahead.clone());
        }
        facts.set("executable", Value::count(executable));
        let size: u64 = files().map(|one| one.stat.size).sum();
        let gone = format!("{missing} of {} files are missing", seen.len());
        let nothing = if there.is_empty() { "no such file is there" } else { gone.as_str() };
        facts.set_or("size", (missing == 0).then(|| Value::Bytes(size.into())), nothing);
        let ages = || there.iter().filter_map(|one| age(&one)).map(|age| Value::seconds(age.max(0)));
        let by_age = |one: &Value, other: &Value| one.quantity().map(|(n, _)| n).cmp(&other.quantity().map(|(n, _)| n));
        let unknown = ahead.as_deref().or((missing > 0).then_some(nothing));
        for (fact, age) in [("oldest-age", ages().max_by(by_age)), ("newest-age", ages().min_by(by_age))] {
            facts.set_or(fact, age.filter(|_| unknown.is_none()), unknown.unwrap_or(nothing));
        }
        let (matching, unsearched) = (files().filter(|one| one.matches).count(), seen.len() - files().count());
        match (&self.contains, matching, unsearched) {
            (None, ..) => facts.absent("matching", "`contains:` is not given"),
            // What is not there, and what is in no file, was not searched.
            (Some(_), 0, 1..) => {
                facts.absent("matching", format!("{unsearched} of {} are missing or no files", seen.len()));
            }
            (Some(_), matching, _) => facts.set("matching", Value::count(matching)),
        }
        let mut modes: Vec<_> = there.iter().map(|one| one.stat.mode & 0o7777).collect();
        modes.dedup();
        match (modes.as_slice(), missing) {
            ([mode], 0) => facts.set("mode", Value::Text(format!("{mode:04o}"))),
            ([], _) => facts.absent("mode", nothing),
            (_, 0) => facts.absent("mode", "not all have the same; the table has those of each"),
            _ => facts.absent("mode", gone),
        }
        for (fact, option) in [("digest-differs", "sha256"), ("mode-differs", "mode"), ("too-old", "max-age")] {
            if !facts.facts.contains_key(fact) {
                facts.absent(fact, format!("`{option}:` is not given"));
            }
        }
        facts.set("files", Value::Table(table(seen)));
        facts
    }
}

/// How many files are wrong in some way. Nothing is known of a missing file: with one, "none is wrong" cannot be said.
fn of_all(facts: &mut Facts, fact: &str, wrong: usize, missing: usize, total: usize) {
    if missing > 0 && wrong == 0 {
        facts.absent(fact, format!("{missing} of {total} files are missing"));
    } else {
        facts.set(fact, Value::count(wrong));
    }
}

fn table(seen: &[Seen]) -> Table {
    let state = |kind| match kind {
        FileKind::Missing => "missing",
        FileKind::File => "file",
        FileKind::Directory => "directory",
        FileKind::Other => "other",
    };
    let row = |one: &Seen| {
        let there = one.stat.kind != FileKind::Missing;
        vec![
            Some(Value::Text(one.path.clone())),
            Some(Value::Text(state(one.stat.kind).to_owned())),
            (one.stat.kind == FileKind::File).then(|| Value::Bytes(one.stat.size.into())),
            there.then(|| Value::Text(format!("{:04o}", one.stat.mode & 0o7777))),
            one.stat.modified.map(Value::Instant),
        ]
    };
    Table { columns: COLUMNS.iter().map(|name| (*name).to_owned()).collect(), rows: seen.iter().map(row).collect() }
}

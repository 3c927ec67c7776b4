//! The state of a git working tree, as the `git` command tells it. It never changes anything: optional locks are off.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::model::format::{and_list, shortened};
use crate::source::git;
use crate::witness::Witness;

/// The state of a git working tree: branch, commit, whether anything is changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Git {
    /// A directory in the working tree; the audit's root unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
    /// Ask about the commit itself too: its age, its signature, the nearest tag, and whether the history is cut off. Git
    /// may run GnuPG or `ssh-keygen` to check a signature.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub history: bool,
}

/// So many changed files are named.
const MOST_NAMED: usize = 5;
/// Longer paths are cut, in characters.
const MOST_PATH: usize = 80;
/// What a run leaves where nobody says otherwise: the memory of where claims stand, and the bundles.
const LEFT_BY_RUNS: [&str; 2] = ["audit.lock.json", "audits/"];

/// The facts that only `history` asks about.
const OF_HISTORY: [&str; 5] = ["commit-age", "describe", "signed", "signature", "shallow"];

impl Kind for Git {
    const NAME: &'static str = "git";
    const FACTS: &'static [FactSpec] = &[
        FactSpec::new("branch", FactType::Text, "The branch that is checked out"),
        FactSpec::new("commit", FactType::Text, "The commit, 40 or 64 hex digits"),
        FactSpec::new("clean", FactType::Flag, "True when nothing is changed, new files included").higher(),
        FactSpec::new("changed", FactType::Count, "Files that are changed or new").lower(),
        FactSpec::new("tag", FactType::Text, "The tag at this commit; the highest version of several"),
        FactSpec::new("ahead", FactType::Count, "Commits that the upstream branch does not have").lower(),
        FactSpec::new("behind", FactType::Count, "Commits of the upstream branch that are not here").lower(),
        FactSpec::new("commit-age", FactType::Duration, "How long ago the commit was made, as it says itself")
            .lower()
            .growing(),
        FactSpec::new(
            "describe",
            FactType::Text,
            "The nearest tag before it, and how many commits ago: v1.2-3-gabcdef0",
        ),
        FactSpec::new("signed", FactType::Flag, "True when the commit bears a good signature").higher(),
        FactSpec::new(
            "signature",
            FactType::Text,
            "What git says of it: good, good-untrusted, good-expired, good-expired-key, good-revoked-key, bad, none",
        ),
        FactSpec::new("shallow", FactType::Flag, "True when the history is cut off, as a clone with a depth has it")
            .lower(),
    ];
    const EXAMPLE: &'static str = "{dir: .}";

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let status = self.ask(witness, &["status", "--porcelain=v2", "--branch", "--untracked-files=normal"]).await?;
        let tags = self.ask(witness, &["tag", "--points-at", "HEAD", "--sort=version:refname"]).await;
        let mut facts = facts(&status, tags.as_deref());
        if self.history {
            self.look_at_commit(&mut facts, witness).await;
        } else {
            OF_HISTORY.into_iter().for_each(|fact| facts.absent(fact, "`history: true` is not given"));
        }
        Ok(facts)
    }
}

impl Git {
    /// What is asked about the commit itself. One answer that does not come takes its own facts away and no others.
    async fn look_at_commit(&self, facts: &mut Facts, witness: &Witness) {
        if facts.get("commit").is_none() {
            OF_HISTORY.into_iter().for_each(|fact| facts.absent(fact, "there is no commit yet"));
        } else {
            let made = self.ask(witness, &["log", "-1", "--format=%ct"]).await;
            let now = witness.now().await;
            match made.and_then(|made| Ok((made, now?))) {
                Ok((made, now)) => match made.trim().parse::<i64>().map(|made| now.seconds().saturating_sub(made)) {
                    Ok(age) if age < 0 => facts.absent("commit-age", "the commit says that it is from the future"),
                    Ok(age) => facts.set("commit-age", Value::seconds(age)),
                    Err(_) => facts.absent("commit-age", "git does not say when it was made"),
                },
                Err(error) => facts.absent("commit-age", error.reason),
            }
            match self.ask(witness, &["describe", "--tags", "HEAD"]).await {
                Ok(text) => facts.set("describe", Value::Text(text.trim().to_owned())),
                Err(error) if error.reason.contains("No names found") || error.reason.contains("No tags can") => {
                    facts.absent("describe", "there is no tag before it");
                }
                Err(error) => facts.absent("describe", error.reason),
            }
            let state = self.ask(witness, &["log", "-1", "--format=%G?"]).await;
            let raw = self.ask(witness, &["cat-file", "commit", "HEAD"]).await;
            signature(facts, state.as_deref(), raw.as_deref());
        }
        let shallow = self.ask(witness, &["rev-parse", "--is-shallow-repository"]).await;
        set_shallow(facts, shallow.as_deref().map(str::trim));
    }

    async fn ask(&self, witness: &Witness, arguments: &[&str]) -> Result<String, Unmeasurable> {
        git::ask(witness, self.dir.as_deref(), arguments).await
    }
}

fn facts(status: &str, tags: Result<&str, &Unmeasurable>) -> Facts {
    let mut facts = Facts::default();
    let headers: BTreeMap<&str, &str> =
        status.lines().filter_map(|line| line.strip_prefix("# branch.")?.split_once(' ')).collect();
    let header = |name: &str| headers.get(name).copied();
    let named = |value: &str| Value::Text(value.to_owned());
    let branch = header("head").filter(|head| *head != "(detached)").map(named);
    facts.set_or("branch", branch, "no branch is checked out (detached HEAD)");
    let commit = header("oid").filter(|oid| *oid != "(initial)").map(named);
    facts.set_or("commit", commit, "there is no commit yet");
    let changed: Vec<&str> = status.lines().filter_map(changed).collect();
    facts.set("changed", Value::count(changed.len()));
    facts.set("clean", Value::Flag(changed.is_empty()));
    if !changed.is_empty() {
        facts.note(format!("Changed or new: {}.", named_files(&changed)));
    }
    // Why the second run finds what the first did not.
    let is_left = |path: &&&str| LEFT_BY_RUNS.iter().any(|left| is_last_part(path, left));
    let left: Vec<&str> = changed.iter().filter(is_left).copied().collect();
    if !left.is_empty() {
        let left = named_files(&left);
        facts.note(format!("A run leaves {left}: commit it or let git ignore it; `--locked` leaves no lock file."));
    }
    let count = |sign: char| {
        let part = header("ab")?.split(' ').find_map(|part| part.strip_prefix(sign))?;
        part.parse::<u64>().ok().map(Value::count)
    };
    facts.set_or("ahead", count('+'), "the branch has no upstream branch here");
    facts.set_or("behind", count('-'), "the branch has no upstream branch here");
    match tags {
        Ok(tags) => {
            facts.set_or("tag", highest(tags).map(named), "no tag is at this commit");
            if tags.lines().count() > 1 {
                facts.note(format!("{} tags are at this commit.", tags.lines().count()));
            }
        }
        Err(error) => facts.absent("tag", error.reason.clone()),
    }
    facts
}

/// The path of a line that tells of a changed or new file. Git quotes one with unusual characters.
fn changed(line: &str) -> Option<&str> {
    let (sort, rest) = line.split_once(' ')?;
    // So many words stand before the path.
    let words = match sort {
        "1" => 7,
        "2" => 8,
        "u" => 9,
        "?" => 0,
        _ => return None,
    };
    let path = rest.splitn(words + 1, ' ').nth(words).unwrap_or(rest);
    // A renamed file was called otherwise before.
    Some(path.split('\t').next().unwrap_or(path))
}

/// `checks/audits/` is `audits/` at its end, and `my-audits/` is not.
fn is_last_part(path: &str, name: &str) -> bool {
    path.strip_suffix(name).is_some_and(|before| before.is_empty() || before.ends_with('/'))
}

fn named_files(paths: &[&str]) -> String {
    let first: Vec<String> = paths.iter().take(MOST_NAMED).map(|path| shortened(path, MOST_PATH)).collect();
    match paths.len() - first.len() {
        0 => and_list(&first),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// The highest version of tags that git has sorted. It puts `v1.10-rc1` behind `v1.10`, of which it is a candidate.
fn highest(tags: &str) -> Option<&str> {
    let mut highest = tags.lines().rfind(|tag| !tag.is_empty())?;
    let is_candidate_of = |tag: &str, release: &str| {
        let behind = tag.strip_prefix(release).and_then(|behind| behind.strip_prefix('-'));
        behind.is_some_and(|behind| behind.starts_with(|first: char| first.is_ascii_alphabetic()))
    };
    while let Some(release) = tags.lines().find(|tag| !tag.is_empty() && is_candidate_of(highest, tag)) {
        highest = release;
    }
    Some(highest)
}

/// `state` is one letter, as `git log --format=%G?` has it. Without a list of allowed signers, git calls a commit unsigned
/// that bears a signature of SSH: the commit itself says better.
fn signature(facts: &mut Facts, state: Result<&str, &Unmeasurable>, raw: Result<&str, &Unmeasurable>) {
    let bears_one = || {
        let headers = raw.ok()?.split("\n\n").next()?;
        Some(headers.lines().any(|line| line.starts_with("gpgsig ") || line.starts_with("gpgsig-sha256 ")))
    };
    let unchecked =
        "it bears a signature, and git cannot check it: the key, or the list of allowed signers, is missing";
    let found = match state.map(str::trim) {
        Ok("G") => Ok((true, "good")),
        // Of a key that nobody vouches for: with SSH any key in the world, one that is among no allowed signers.
        Ok("U") => Ok((false, "good-untrusted")),
        Ok("X") => Ok((false, "good-expired")),
        Ok("Y") => Ok((false, "good-expired-key")),
        Ok("R") => Ok((false, "good-revoked-key")),
        Ok("B") => Ok((false, "bad")),
        Ok("N") => match bears_one() {
            Some(false) => Ok((false, "none")),
            Some(true) => Err(unchecked.to_owned()),
            None => Err("git does not show the commit".to_owned()),
        },
        Ok("E") => Err(unchecked.to_owned()),
        Ok(_) => Err("git says nothing of its signature".to_owned()),
        Err(error) => Err(error.reason.clone()),
    };
    match found {
        Ok((signed, word)) => {
            facts.set("signed", Value::Flag(signed));
            facts.set("signature", Value::Text(word.to_owned()));
            if word == "good-untrusted" {
                facts.note("The signature is good, of a key that is not trusted in GnuPG, or is no allowed signer.");
            }
        }
        Err(reason) => {
            facts.absent("signed", reason.clone());
            facts.absent("signature", reason);
        }
    }
}

/// Where the history is cut off, nobody can count along it: a tag may lie beyond the cut, and so may the point where two
/// branches part.
fn set_shallow(facts: &mut Facts, answer: Result<&str, &Unmeasurable>) {
    match answer {
        Ok(answer @ ("true" | "false")) => facts.set("shallow", Value::Flag(answer == "true")),
        Ok(_) => facts.absent("shallow", "git does not say"),
        Err(error) => facts.absent("shallow", error.reason.clone()),
    }
    if facts.get("shallow") == Some(&Value::Flag(true)) {
        for fact in ["ahead", "behind", "describe"] {
            if facts.get(fact).is_some() || fact == "describe" {
                facts.absent(fact, "the clone is shallow: its history is cut off");
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::model::fact::Fact;

    const STATUS: &str = include_str!("../../fixtures/kinds/git/status.txt");

    #[test]
    fn the_status_is_read_line_by_line() {
        let facts = facts(STATUS, Ok("v1.9\nv1.10\n"));
        assert_eq!(facts.get("branch"), Some(&Value::Text("main".to_owned())));
        assert_eq!(facts.get("changed"), Some(&Value::count(4)));
        assert_eq!(facts.get("clean"), Some(&Value::Flag(false)));
        assert_eq!(facts.get("ahead"), Some(&Value::count(1)));
        assert_eq!(facts.get("behind"), Some(&Value::count(2)));
        assert_eq!(facts.get("tag"), Some(&Value::Text("v1.10".to_owned())));
        assert_eq!(facts.notes[0], "Changed or new: README.md, new.md, both.md and notes.txt.");
    }

    #[test]
    fn what_is_changed_is_named_and_what_a_run_leaves_is_explained() {
        let many: String = (1..=7).map(|number| format!("? a file {number}.txt\n")).collect();
        let told = |status: &str| facts(status, Ok("")).notes;
        assert_eq!(told(""), [] as [&str; 0]);
        assert_eq!(
            told(&many),
            ["Changed or new: a file 1.txt, a file 2.txt, a file 3.txt, a file 4.txt, a file 5.txt and 2 more."]
        );
        assert_eq!(
            told("? checks/audit.lock.json\n? audits/\n? my-audits/\n"),
            [
                "Changed or new: checks/audit.lock.json, audits/ and my-audits/.",
                "A run leaves checks/audit.lock.json and audits/: commit it or let git ignore it; `--locked` leaves no lock file.",
            ]
        );
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let facts = facts("# branch.oid (initial)\n# branch.head (detached)\n", Ok(""));
        for fact in ["branch", "commit", "ahead", "behind", "tag"] {
            assert!(matches!(facts.facts[fact], Fact::Absent(_)), "{fact}");
        }
        assert_eq!(facts.get("clean"), Some(&Value::Flag(true)));
    }

    fn signed(state: &str, raw: &str) -> (Option<Value>, Option<Value>) {
        let mut facts = Facts::default();
        signature(&mut facts, Ok(state), Ok(raw));
        (facts.get("signed").cloned(), facts.get("signature").cloned())
    }

    #[test]
    fn a_signature_that_nobody_could_check_is_neither_good_nor_missing() {
        let (plain, bearing) = ("tree 1\nauthor a\n\ngpgsig in the text", "tree 1\ngpgsig -----BEGIN SSH\n\nwords");
        let text = |word: &str| Some(Value::Text(word.to_owned()));
        assert_eq!(signed("G\n", bearing), (Some(Value::Flag(true)), text("good")));
        assert_eq!(signed("N", plain), (Some(Value::Flag(false)), text("none")));
        for (letter, word) in [
            ("U", "good-untrusted"),
            ("B", "bad"),
            ("X", "good-expired"),
            ("Y", "good-expired-key"),
            ("R", "good-revoked-key"),
        ] {
            assert_eq!(signed(letter, bearing), (Some(Value::Flag(false)), text(word)), "{letter}");
        }
        for letter in ["N", "E", "", "?"] {
            assert_eq!(signed(letter, bearing), (None, None), "{letter}");
        }
    }

    #[test]
    fn a_release_is_higher_than_its_candidates() {
        for (tags, highest) in [
            ("v1.9\nv1.10\nv1.10-rc1\nv1.10-rc2\n", "v1.10"),
            ("v1.9\nv1.10-rc1\n", "v1.10-rc1"),
            ("v1.10\nv1.10-1\n", "v1.10-1"),
            ("v2\nv2-beta\nv2-beta-x\n", "v2"),
        ] {
            assert_eq!(facts(STATUS, Ok(tags)).get("tag"), Some(&Value::Text(highest.to_owned())), "{tags}");
        }
    }

    #[test]
    fn in_a_shallow_clone_nothing_is_counted_along_the_history() {
        let mut cut = facts(STATUS, Ok("v1.9"));
        set_shallow(&mut cut, Ok("true"));
        for fact in ["ahead", "behind", "describe"] {
            assert_eq!(
                cut.facts[fact],
                Fact::Absent("the clone is shallow: its history is cut off".to_owned()),
                "{fact}"
            );
        }
        assert_eq!(cut.get("tag"), Some(&Value::Text("v1.9".to_owned())));
        let mut whole = facts(STATUS, Ok(""));
        set_shallow(&mut whole, Ok("false"));
        assert_eq!(whole.get("ahead"), Some(&Value::count(1)));
    }

    proptest! {
        #[test]
        fn no_status_makes_it_panic(status in "(?s)(# branch\\.|head |ab |\\+1 |-|1 |\\? |\n|.{0,5}){0,20}", tags in "(?s).{0,20}") {
            let _ = facts(&status, Ok(&tags));
        }
    }
}

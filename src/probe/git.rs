//! The state of a git working tree, as the `git` command tells it. It never changes anything: optional locks are off.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::Kind;
use crate::model::fact::{FactSpec, FactType, Facts, Unmeasurable, Value};
use crate::source::output::{ending, text};
use crate::witness::{Command, CommandAnswer, Witness};

/// The state of a git working tree: branch, commit, whether anything is changed.
#[derive(Debug, Clone, Default, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Git {
    /// A directory in the working tree; the audit's root unless given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dir: Option<String>,
}

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
    ];
    const EXAMPLE: &'static str = "{dir: .}";

    async fn measure(&self, witness: &Witness) -> Result<Facts, Unmeasurable> {
        let status = self.ask(witness, &["status", "--porcelain=v2", "--branch", "--untracked-files=normal"]).await?;
        let tags = self.ask(witness, &["tag", "--points-at", "HEAD", "--sort=version:refname"]).await;
        Ok(facts(&status, tags.as_deref()))
    }
}

impl Git {
    async fn ask(&self, witness: &Witness, arguments: &[&str]) -> Result<String, Unmeasurable> {
        let argv = std::iter::once("git").chain(arguments.iter().copied()).map(str::to_owned).collect();
        let env = [("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C")];
        let env: BTreeMap<_, _> = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        let answer = witness.run(Command { argv, dir: self.dir.clone(), env }).await?;
        if answer.exit == Some(0) { Ok(text(&answer.stdout)) } else { Err(refusal(&answer)) }
    }
}

fn refusal(answer: &CommandAnswer) -> Unmeasurable {
    let said = text(&answer.stderr);
    if said.contains("not a git repository") {
        return Unmeasurable::new("it is not in a git repository", "Point `dir:` at a working tree.");
    }
    if said.contains("dubious ownership") {
        return Unmeasurable::new(
            "git refuses the working tree because somebody else owns it",
            "Run `git config --global --add safe.directory DIR` for the user who runs the audit.",
        );
    }
    Unmeasurable::new(format!("git gave no answer: {}", ending(answer)), "Run `git status` there by hand.")
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
    let changed = status.lines().filter(|line| matches!(line.split(' ').next(), Some("1" | "2" | "u" | "?"))).count();
    facts.set("changed", Value::count(changed));
    facts.set("clean", Value::Flag(changed == 0));
    let count = |sign: char| {
        let part = header("ab")?.split(' ').find_map(|part| part.strip_prefix(sign))?;
        part.parse::<u64>().ok().map(Value::count)
    };
    facts.set_or("ahead", count('+'), "the branch has no upstream branch here");
    facts.set_or("behind", count('-'), "the branch has no upstream branch here");
    match tags {
        Ok(tags) => {
            facts.set_or("tag", tags.lines().rfind(|tag| !tag.is_empty()).map(named), "no tag is at this commit");
            if tags.lines().count() > 1 {
                facts.note(format!("{} tags are at this commit.", tags.lines().count()));
            }
        }
        Err(error) => facts.absent("tag", error.reason.clone()),
    }
    facts
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
    }

    #[test]
    fn what_is_not_there_is_absent() {
        let facts = facts("# branch.oid (initial)\n# branch.head (detached)\n", Ok(""));
        for fact in ["branch", "commit", "ahead", "behind", "tag"] {
            assert!(matches!(facts.facts[fact], Fact::Absent(_)), "{fact}");
        }
        assert_eq!(facts.get("clean"), Some(&Value::Flag(true)));
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let answer = |stderr: &str| CommandAnswer {
            exit: Some(128),
            signal: None,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
            elapsed: std::time::Duration::ZERO,
        };
        let of = |stderr| refusal(&answer(stderr)).reason;
        assert_eq!(
            of("fatal: not a git repository (or any of the parent directories): .git"),
            "it is not in a git repository"
        );
        assert!(
            refusal(&answer("fatal: detected dubious ownership in repository at '/x'")).help.contains("safe.directory")
        );
        assert_eq!(of("fatal: bad object HEAD"), "git gave no answer: it ended with 128: fatal: bad object HEAD");
    }

    proptest! {
        #[test]
        fn no_status_makes_it_panic(status in "(?s)(# branch\\.|head |ab |\\+1 |-|1 |\\? |\n|.{0,5}){0,20}", tags in "(?s).{0,20}") {
            let _ = facts(&status, Ok(&tags));
        }
    }
}

//! What `git` says about a repository. It never changes anything: optional locks are off. It knows no kind.

use std::collections::BTreeMap;

use super::output::{ending, text};
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;
use crate::witness::{Command, CommandAnswer, Witness};

/// Asks `git` in a directory, the audit's root unless given, and returns what it printed.
pub async fn ask(witness: &Witness, dir: Option<&str>, arguments: &[&str]) -> Result<String, Unmeasurable> {
    let argv = std::iter::once("git").chain(arguments.iter().copied()).map(str::to_owned).collect();
    let env = [("GIT_OPTIONAL_LOCKS", "0"), ("LC_ALL", "C")];
    let env: BTreeMap<_, _> = env.into_iter().map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
    let answer = witness.run(Command { argv, dir: dir.map(str::to_owned), env }).await?;
    if answer.exit == Some(0) {
        return Ok(text(&answer.stdout));
    }
    Err(refusal(&answer, arguments))
}

fn refusal(answer: &CommandAnswer, arguments: &[&str]) -> Unmeasurable {
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
    let help = format!("Run `git {}` there by hand.", arguments.join(" "));
    Unmeasurable::new(format!("git gave no answer: {}", ending(answer)), help)
}

/// When a commit was made, its hash and time: that of its committer, who may have made it long after its author wrote it.
pub async fn commit(witness: &Witness, dir: Option<&str>, name: &str) -> Result<(String, Instant), Unmeasurable> {
    // A name that looks like an option stays a name.
    let arguments = ["show", "--no-patch", "--format=%H %ct", "--end-of-options", &format!("{name}^{{commit}}")];
    let said = ask(witness, dir, &arguments).await?;
    let unreadable = || Unmeasurable::new("git gave no time of the commit", "Run `git show` there by hand.");
    let (hash, seconds) = said.trim().split_once(' ').ok_or_else(unreadable)?;
    let hash_like = hash.len() >= 40 && hash.bytes().all(|byte| byte.is_ascii_hexdigit());
    let time = seconds.parse().ok().and_then(Instant::from_seconds).filter(|_| hash_like).ok_or_else(unreadable)?;
    Ok((hash.to_owned(), time))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_says_what_to_do() {
        let answer = |stderr: &str| CommandAnswer {
            exit: Some(128),
            signal: None,
            stdout: Vec::new(),
            stderr: stderr.as_bytes().to_vec(),
            elapsed: std::time::Duration::ZERO,
        };
        let of = |stderr| refusal(&answer(stderr), &["status"]).reason;
        assert_eq!(
            of("fatal: not a git repository (or any of the parent directories): .git"),
            "it is not in a git repository"
        );
        assert!(
            refusal(&answer("fatal: detected dubious ownership in repository at '/x'"), &["status"])
                .help
                .contains("safe.directory")
        );
        assert_eq!(of("fatal: bad object HEAD"), "git gave no answer: it ended with 128: fatal: bad object HEAD");
    }
}

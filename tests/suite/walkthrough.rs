//! The README's way from nothing to a signed audit, line by line as it is written there.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use crate::support::{countersign, ran, repository, skipped};

/// The shell blocks of the section, in order.
fn blocks() -> Vec<String> {
    let readme = fs::read_to_string(repository().join("README.md")).expect("a README");
    let section = readme.split("## From nothing to a signed audit\n").nth(1).expect("the section");
    let section = section.split("\n## ").next().expect("its end");
    let blocks = section.split("```sh\n").skip(1);
    blocks.map(|rest| rest.split("```").next().expect("its end").to_owned()).collect()
}

/// The block as `bash -e` runs it: a line that says its exit code must end with that one, every other with 0.
fn script(block: &str) -> String {
    let mut script = String::new();
    for line in block.lines() {
        let stated = line.split_once("# exit code ").map(|(command, rest)| {
            let digits: String = rest.chars().take_while(char::is_ascii_digit).collect();
            (command, digits.parse::<u8>().expect("a number"))
        });
        match stated {
            Some((command, code)) => {
                let _ = writeln!(
                    script,
                    "code=0; {command} || code=$?; [ $code -eq {code} ] || {{ echo \"exit code $code: {command}\"; exit 99; }}"
                );
            }
            None => {
                let _ = writeln!(script, "{line}");
            }
        }
    }
    script
}

#[test]
fn the_way_from_nothing_to_a_signed_audit_can_be_walked() {
    let blocks = blocks();
    assert!(blocks.len() >= 6, "{blocks:?}");
    let stated = blocks.iter().map(|block| block.matches("# exit code ").count()).sum::<usize>();
    assert!(stated >= 2, "the section says how a run with a wrong number ends");
    if Command::new("ssh-keygen").arg("-?").stdout(Stdio::null()).stderr(Stdio::null()).status().is_err() {
        return skipped("there is no ssh-keygen to sign with");
    }
    let place = tempfile::tempdir().expect("a scratch folder");
    let binary = Path::new(env!("CARGO_BIN_EXE_countersign")).parent().expect("a folder");
    let mut all = format!("set -e\nexport HOME=\"$PWD\" PATH=\"{}:$PATH\"\n", binary.display());
    all.extend(blocks.iter().map(|block| script(block)));
    fs::write(place.path().join("lines.sh"), all).expect("a script");
    let path =
        countersign().get_envs().find(|(name, _)| *name == "PATH").and_then(|(_, value)| Some(value?.to_owned()));
    let mut bash = Command::new("bash");
    bash.arg("lines.sh").current_dir(place.path()).env_clear().env("NO_COLOR", "1").stdin(Stdio::null());
    bash.env("PATH", path.expect("a PATH"));
    let walked = ran(&mut bash);
    assert_eq!(walked.code, 0, "{}{}", walked.stdout, walked.stderr);
    // What the text says in words.
    assert!(walked.stdout.contains("README.md:3:14  says 3, actual 2 (tests/suite)"), "{}", walked.stdout);
    assert!(
        walked.stdout.contains("1 sign-off, 1 valid") && walked.stdout.contains("every role has what it needs"),
        "{}",
        walked.stdout
    );
    let pelican = place.path().join("pelican");
    assert!(pelican.join("audits/first/report.html").is_file());
    assert!(pelican.join("results/countersign.junit.xml").is_file());
}

#[test]
fn a_line_that_ends_otherwise_than_it_says_is_noticed() {
    let place = tempfile::tempdir().expect("a scratch folder");
    for (block, code) in
        [("true\n", 0), ("false\n", 1), ("false # exit code 1: so\n", 0), ("true  # exit code 1\n", 99)]
    {
        let text = format!("set -e\n{}", script(block));
        let status = Command::new("bash").arg("-c").arg(text).current_dir(place.path()).stdout(Stdio::null()).status();
        assert_eq!(status.expect("bash").code(), Some(code), "{block}");
    }
}

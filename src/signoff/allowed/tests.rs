//! Files of keys, as OpenSSH reads them and as it should.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::fs;
use std::process::{Command, Stdio};

use proptest::prelude::*;

use super::*;
use crate::signoff::scenario::{ALICE, BOB, armored, public};

fn parsed(text: &str) -> Result<AllowedSigners, Vec<String>> {
    AllowedSigners::parse(PathBuf::from("allowed"), text)
        .map_err(|problems| problems.iter().map(|problem| format!("{problem} ({})", problem.help)).collect())
}

fn key_of(number: u8) -> Key {
    key(&mut public(number).split_ascii_whitespace()).ok().unwrap()
}

#[test]
fn lines_with_options_comments_and_other_line_ends_are_read() {
    let text = format!(
        "# people\r\n\r\nalice@example.com,alice@old.example  namespaces=\"git,{NAMESPACE}\",valid-after=\"20260101Z\" {} a \
         comment\r\n\"bob@example.com\" valid-before=202612312359Z {}\n",
        public(ALICE),
        public(BOB)
    );
    let signers = parsed(&text).unwrap();
    let at = |text: &str| text.parse::<Instant>().unwrap();
    let name = |text: &str| text.parse::<Name>().unwrap();
    let belongs = |number, who: &str, when: &str| signers.belongs(&key_of(number), &name(who), at(when));
    assert_eq!(belongs(ALICE, "alice@old.example", "2026-01-01T00:00:00Z"), Belongs::Yes);
    assert_eq!(belongs(ALICE, "alice@example.com", "2025-12-31T23:59:59Z"), Belongs::AtAnotherTime);
    assert_eq!(belongs(ALICE, "bob@example.com", "2026-01-01T00:00:00Z"), Belongs::Anothers);
    assert_eq!(belongs(BOB, "bob@example.com", "2026-12-31T23:59:00Z"), Belongs::Yes);
    assert_eq!(belongs(BOB, "bob@example.com", "2026-12-31T23:59:01Z"), Belongs::AtAnotherTime);
    assert_eq!(belongs(9, "bob@example.com", "2026-06-01T00:00:00Z"), Belongs::Nobodys);
}

#[test]
fn a_line_that_openssh_would_skip_or_read_in_its_own_way_is_a_problem() {
    let good = public(ALICE);
    let weak = "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAAAgQC7";
    for (line, why) in [
        (format!("* {good}"), "is a pattern"),
        (format!("*@example.com {good}"), "is a pattern"),
        (format!("alice@example.com,!mallory {good}"), "is a pattern"),
        (format!("\u{430}lice@example.com {good}"), "is no principal"),
        (format!("alice valid-after=20260101 {good}"), "by the clock of the machine"),
        (format!("alice valid-before=\"20261301Z\" {good}"), "is no time"),
        (format!("alice valid-before=\"2026Z\" {good}"), "is no time"),
        (format!("alice namespaces=\"*\" {good}"), "is a pattern"),
        (format!("alice valid-before=\"20260101Z\",valid-before=\"20990101Z\" {good}"), "valid-before is given twice"),
        (format!("alice valid-after=20260101Z,Valid-After=20200101Z {good}"), "Valid-After is given twice"),
        (format!("alice namespaces=\"git\",namespaces=\"{NAMESPACE}\" {good}"), "namespaces is given twice"),
        (format!("alice no-such-option {good}"), "is no option"),
        (format!("alice namespaces=\"git {good}"), "is not closed"),
        ("alice".to_owned(), "has no key"),
        ("alice ssh-ed25519".to_owned(), "has no key"),
        (format!("alice {}", good.replace("AAAA", "AAA")), "base64"),
        (format!("alice {}", good.replace("ssh-ed25519 ", "ssh-rsa ")), "holds no key of kind"),
        (format!("alice {weak}"), ""),
    ] {
        let problems = parsed(&format!("bob {good}\n{line}\n")).unwrap_err();
        assert!(
            problems.len() == 1 && problems[0].starts_with("\"allowed\", line 2: ") && problems[0].contains(why),
            "{problems:?}"
        );
    }
}

#[test]
fn all_problems_are_told_at_once() {
    assert_eq!(parsed("* a\n\nalice b c\n").unwrap_err().len(), 2);
}

#[test]
fn a_list_of_revoked_keys_is_read_and_a_bad_line_is_a_problem() {
    let parse = |text: &str| Revoked::parse(PathBuf::from("revoked"), text.as_bytes());
    let revoked = parse(&format!("# lost in June\n{} alice\n", public(ALICE))).unwrap();
    assert_eq!((revoked.has(&key_of(ALICE)), revoked.has(&key_of(BOB))), (Some(true), Some(false)));
    assert_eq!(parse("").unwrap().has(&key_of(ALICE)), Some(false));
    assert!(parse("alice\n").is_err() && parse("SHA256:abc\n").is_err());
    assert_eq!(parse("SSHKRL\n\0x").unwrap().has(&key_of(ALICE)), None, "ssh-keygen reads a KRL");
}

#[test]
fn the_first_and_the_last_second_of_a_key_are_those_of_ssh_keygen() {
    let folder = tempfile::tempdir().unwrap();
    fs::write(folder.path().join("signature"), armored(ALICE, NAMESPACE, b"message")).unwrap();
    fs::write(folder.path().join("message"), "message").unwrap();
    let bounds = "valid-after=\"20260601120000Z\",valid-before=\"20260602Z\"";
    let text = format!("alice@example.com namespaces=\"{NAMESPACE}\",{bounds} {}\n", public(ALICE));
    fs::write(folder.path().join("allowed"), &text).unwrap();
    let signers = parsed(&text).unwrap();
    for (time, digits) in [
        ("2026-06-01T11:59:59Z", "20260601115959Z"),
        ("2026-06-01T12:00:00Z", "20260601120000Z"),
        ("2026-06-02T00:00:00Z", "20260602000000Z"),
        ("2026-06-02T00:00:01Z", "20260602000001Z"),
    ] {
        let ours = signers.belongs(&key_of(ALICE), &"alice@example.com".parse().unwrap(), time.parse().unwrap());
        let verified = Command::new("ssh-keygen")
            .args(["-Y", "verify", "-f", "allowed", "-I", "alice@example.com", "-n", NAMESPACE, "-s", "signature"])
            .args(["-O", &format!("verify-time={digits}")])
            .current_dir(folder.path())
            .env("TZ", "America/Los_Angeles")
            .stdin(fs::File::open(folder.path().join("message")).unwrap())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        let Ok(theirs) = verified else {
            eprintln!("SKIPPED: ssh-keygen is not there to compare with");
            return;
        };
        assert_eq!(ours == Belongs::Yes, theirs.success(), "{time}");
    }
}

proptest! {
    #[test]
    fn texts_never_make_it_panic(text in "(\\PC{0,40}\n){0,3}", bytes in prop::collection::vec(any::<u8>(), 0..80)) {
        let _ = parsed(&text);
        let _ = Revoked::parse(PathBuf::new(), &bytes);
    }
}

//! `countersign sign` and `countersign verify`, as people use them: keys of `ssh-keygen`, an agent, a certificate.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::signers::{COMMIT, NAMED, Signers, at_a_terminal};
use crate::support::{countersign, ran};

const ACCEPTED: (i32, Vec<String>, Vec<String>) = (0, Vec::new(), Vec::new());

/// The only sign-off's code, with exit code 5 and nothing else found.
fn refused(code: &str) -> (i32, Vec<String>, Vec<String>) {
    (5, Vec::new(), vec![code.to_owned()])
}

#[test]
fn what_two_people_have_signed_is_accepted_by_policy_file_and_by_audit_file() {
    let Some(signers) = Signers::new() else { return };
    assert_eq!(signers.found(&signers.bundle(), &[]), (5, vec![], vec![]), "nobody has signed");
    signers.approve("security", "alice@example.com", "alice");
    assert_eq!(signers.found(&signers.bundle(), &[]).0, 5, "one has signed");
    signers.approve("engineering", "bob@example.com", "bob");
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
    let by_audit = signers.verify(&signers.bundle(), &["--policy", "checks"]);
    assert_eq!(by_audit.code, 0, "{}", by_audit.stdout);
    assert!(
        by_audit.stdout.contains("the audit and its sign-off policy are those that you gave"),
        "{}",
        by_audit.stdout
    );
    let html = signers.bundle().join("report.html");
    assert_eq!(signers.found(&html, &[]), ACCEPTED);
    fs::copy(html, signers.path("alone.html")).unwrap();
    assert_eq!(signers.found(&signers.path("alone.html"), &[]), ACCEPTED, "the page alone");
    assert_eq!(signers.found(&signers.bundle().join("report.md"), &[]), ACCEPTED);
}

#[test]
fn without_keys_nothing_is_called_valid_and_without_a_policy_nothing_is_demanded() {
    let Some(signers) = Signers::signed() else { return };
    let plain = ran(countersign().arg("verify").arg(signers.bundle()));
    assert_eq!(plain.code, 0, "{}", plain.stdout);
    assert!(plain.stdout.contains("2 sign-offs, not checked: nobody said whose keys count"), "{}", plain.stdout);
    assert!(!plain.stdout.contains("valid"), "{}", plain.stdout);
    let with_keys = signers.verify(&signers.bundle(), &[]);
    assert_eq!(with_keys.code, 0);
    assert!(
        with_keys.stdout.contains("2 valid, 0 stale, 0 refused; nobody said who must sign"),
        "{}",
        with_keys.stdout
    );
}

#[test]
fn a_verifier_without_a_list_of_revoked_keys_is_told_to_bring_one() {
    let Some(signers) = Signers::signed() else { return };
    let bundle = signers.bundle();
    let without =
        ran(countersign().arg("verify").arg(&bundle).arg("--allowed-signers").arg(signers.path("allowed_signers")));
    assert!(without.code == 4 && without.stderr.contains("--revoked"), "{}", without.stderr);
    fs::remove_file(signers.path("revoked_keys")).unwrap();
    let missing = signers.verify(&bundle, &["--policy", "policy.yaml"]);
    assert!(missing.code == 4 && missing.stderr.contains("revoked_keys"), "{}", missing.stderr);
    fs::write(signers.path("revoked_keys"), "not a key\n").unwrap();
    let unreadable = signers.verify(&bundle, &["--policy", "policy.yaml"]);
    assert!(unreadable.code == 4 && unreadable.stderr.contains("\"revoked_keys\", line 1"), "{}", unreadable.stderr);
}

#[test]
fn a_policy_that_says_nothing_or_cannot_be_read_is_no_policy() {
    let Some(signers) = Signers::signed() else { return };
    for (text, said) in [
        ("audit: {id: x, subject: {name: X}}\n", "the audit has no checks"),
        ("closing: Bye\n", "nobody has to sign"),
        (
            "audit: {id: x, subject: {name: X}}\nareas: [{area: a, checks: [{id: c, command: {run: [ls]}}]}]\n",
            "nobody has to sign",
        ),
        ("signoff: {roles: {security: {members: [alice], threshold: 2}}}\n", "\"2\" of 1 cannot sign"),
        ("signoff: {rolls: {}}\n", "\"rolls\""),
        ("", ""),
    ] {
        fs::write(signers.path("policy.yaml"), text).unwrap();
        let ran = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]);
        assert!(ran.code == 4 && ran.stderr.contains(said) && ran.stdout.is_empty(), "{text}: {}", ran.stderr);
        assert!(ran.stderr.contains("the sign-off policy is not valid"), "{}", ran.stderr);
    }
    let alone = ran(countersign().arg("verify").arg(signers.bundle()).args(["--policy", "policy.yaml"]));
    assert!(alone.code == 4 && alone.stderr.contains("--allowed-signers"), "{}", alone.stderr);
}

#[test]
fn a_revoked_key_signs_nothing_more_by_list_and_by_krl() {
    let Some(signers) = Signers::signed() else { return };
    signers.files("engineering").iter().for_each(|file| fs::remove_file(file).unwrap());
    ran(countersign().arg("render").arg(signers.bundle()));
    fs::copy(signers.path("alice.pub"), signers.path("revoked_keys")).unwrap();
    assert_eq!(signers.found(&signers.bundle(), &[]), refused("KEY_REVOKED"));
    let krl = |keys: &str| {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-k", "-f", "revoked_keys", keys])
            .current_dir(signers.path(""))
            .status();
        assert!(made.unwrap().success());
    };
    krl("alice.pub");
    assert_eq!(signers.found(&signers.bundle(), &[]), refused("KEY_REVOKED"));
    krl("bob.pub");
    assert_eq!(signers.found(&signers.bundle(), &[]), (5, vec![], vec![]), "only engineering is missing");
}

#[test]
fn a_commit_and_an_age_can_be_expected() {
    let Some(signers) = Signers::signed() else { return };
    let bundle = signers.bundle();
    assert_eq!(signers.found(&bundle, &["--expect-commit", COMMIT, "--max-age", "1d"]), ACCEPTED);
    let other = signers.found(&bundle, &["--expect-commit", "fedcba9876543210fedcba9876543210fedcba98"]);
    assert_eq!(other, (5, vec!["COMMIT_MISMATCH".to_owned()], vec![]));
    let late = signers.found(&bundle, &["--max-record-age", "1h", "--now", "2099-01-01T00:00Z"]);
    assert_eq!((late.0, late.1), (5, vec!["RECORD_TOO_OLD".to_owned()]));
    assert_eq!(late.2, ["EXPIRED", "EXPIRED"]);
    assert_eq!(signers.found(&bundle, &["--now", "2000-01-01T00:00Z"]).2, ["ISSUED_IN_FUTURE", "ISSUED_IN_FUTURE"]);
}

#[test]
fn what_must_be_accepted_is_named_or_nothing_is_signed() {
    let Some(signers) = Signers::new() else { return };
    let alice = ["--role", "security", "--signer", "alice@example.com", "--key", "alice"];
    let none = signers.sign(&alice);
    assert_eq!(none.code, 4);
    assert!(none.stderr.contains("help: --acknowledge all/bad all/waived, or --reject"), "{}", none.stderr);
    assert!(none.stderr.contains("accepts all/bad and all/waived as they are, and must name them"), "{}", none.stderr);
    let one = signers.sign(&[&alice[..], &["--acknowledge", "all/bad"]].concat());
    assert!(one.code == 4 && one.stderr.contains("accepts all/waived as it is, and must name it"), "{}", one.stderr);
    let unknown = signers.sign(&[&alice[..], &["--acknowledge", "all/other"]].concat());
    assert!(unknown.code == 4 && unknown.stderr.contains("no check \"all/other\""), "{}", unknown.stderr);
    let unasked = ran(countersign().arg("sign").arg(signers.bundle()).args(alice).args([
        "--acknowledge",
        "all/bad",
        "all/waived",
    ]));
    assert!(unasked.code == 4 && unasked.stderr.contains("standard input is not a terminal"), "{}", unasked.stderr);
    assert!(signers.files("security").is_empty());
}

#[test]
fn what_would_not_count_is_not_signed() {
    let Some(signers) = Signers::new() else { return };
    let named = ["--acknowledge", "all/bad", "all/waived"];
    let sign = |flags: &[&str]| signers.sign(&[flags, &named].concat());
    for (flags, said) in [
        (&["--role", "security", "--key", "bob", "--signer", "bob@example.com"][..], "ROLE_NOT_ALLOWED"),
        (&["--role", "legal", "--key", "bob"], "nobody has to sign as \"legal\""),
        (&["--role", "security", "--key", "alice"], "say which of them you are with --signer"),
        (&["--role", "engineering", "--key", "bob", "--expires", "31d"], "LIFETIME_TOO_LONG"),
        (&["--role", "engineering", "--key", "bob", "--expires", "2020-01-01"], "is no time to come"),
        (&["--role", "engineering", "--key", "bob", "--statement", "a\u{202e}b"], "CONTROL_CHARACTER"),
        (&["--role", "engineering", "--key", "nobody"], "made no signature"),
    ] {
        let ran = sign(flags);
        assert!(ran.code == 4 && ran.stderr.contains(said), "{flags:?}: {}", ran.stderr);
        assert!(ran.stdout.is_empty());
    }
    assert!(!signers.bundle().join("signoffs").exists());
}

#[test]
fn a_tampered_bundle_is_not_signed() {
    let Some(signers) = Signers::new() else { return };
    crate::bundles::replace(
        &signers.bundle().join("record.json"),
        "\"verdict\":\"approved-with-conditions\"",
        "\"verdict\":\"approved\"",
    );
    let ran = signers.sign(&["--role", "engineering", "--key", "bob", "--acknowledge", "all/bad", "all/waived"]);
    assert!(ran.code == 4 && ran.stderr.contains("VERDICT_RECOMPUTE"), "{}", ran.stderr);
}

#[test]
fn what_is_shown_before_signing_runs_nothing_in_the_terminal() {
    let Some(signers) = Signers::new() else { return };
    let flags = ["--role", "engineering", "--key", "bob", "--approve-with-conditions", "Fix it", "--acknowledge"];
    let ran = signers.sign(&[&flags[..], &NAMED].concat());
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert!(!ran.stderr.chars().any(|c| c.is_control() && c != '\n'), "{:?}", ran.stderr);
    for shown in [
        "\\u{1b}[2J",
        "APPROVED WITH CONDITIONS",
        "all/bad",
        "waived by Erin: It is removed \\u{1b}[5m next week",
        "covered",
        "on condition: Fix it",
        "bob@example.com signs as engineering and approves with conditions",
    ] {
        assert!(ran.stderr.contains(shown), "{shown}: {}", ran.stderr);
    }
}

#[test]
fn a_record_that_changes_while_it_is_signed_is_not_signed() {
    let Some(signers) = Signers::new() else { return };
    let real =
        String::from_utf8(Command::new("sh").args(["-c", "command -v ssh-keygen"]).output().unwrap().stdout).unwrap();
    let tools = signers.path("tools");
    fs::create_dir(&tools).unwrap();
    let record = signers.bundle().join("record.json");
    let script = format!(
        "#!/bin/sh\nsed -i 's/\"runId\":\"./\"runId\":\"f/' '{}'\nexec {} \"$@\"\n",
        record.display(),
        real.trim()
    );
    fs::write(tools.join("ssh-keygen"), script).unwrap();
    fs::set_permissions(tools.join("ssh-keygen"), fs::Permissions::from_mode(0o755)).unwrap();
    let mut command = countersign();
    let flags = ["--role", "engineering", "--key", "bob", "--yes", "--acknowledge", "all/bad", "all/waived"];
    command.arg("sign").arg(signers.bundle()).args(flags).current_dir(signers.path(""));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", tools.display());
    let ran = ran(command.env("PATH", path));
    assert!(ran.code == 4 && ran.stderr.contains("record.json changed while it was being signed"), "{}", ran.stderr);
    assert!(!signers.bundle().join("signoffs").exists());
}

#[test]
fn a_rejection_is_shown_and_never_counts() {
    let Some(signers) = Signers::signed() else { return };
    let ran = signers.sign(&[
        "--role",
        "security",
        "--signer",
        "carol@example.com",
        "--key",
        "carol",
        "--reject",
        "--statement",
        "Not on a Friday.",
    ]);
    assert_eq!(ran.code, 0, "{}", ran.stderr);
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec!["NOT_AN_APPROVAL".to_owned()]));
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("carol&#64;example.com: ✗ rejects") && report.contains("Not on a Friday."), "{report}");
    // Alice's approval goes, and only the rejection is left.
    let of = |file: &Path| {
        let bundle = signers.bundle();
        let json = ran_json(ran_verify(&signers, &bundle));
        let list = json["signOffs"]["list"].as_array().unwrap().clone();
        list.iter().find(|item| file.ends_with(item["file"].as_str().unwrap())).unwrap()["signer"].clone()
    };
    let files = signers.files("security");
    let of_alice = files.iter().find(|file| of(file) == "alice@example.com").unwrap();
    fs::remove_file(of_alice).unwrap();
    crate::support::ran(countersign().arg("render").arg(signers.bundle()));
    assert_eq!(signers.found(&signers.bundle(), &[]), refused("NOT_AN_APPROVAL"));
}

/// What `history` says of the only run, for people.
fn listed(signers: &Signers) -> String {
    let listed = ran(countersign().arg("history").arg(signers.bundle()));
    assert_eq!(listed.code, 0, "{}", listed.stderr);
    listed.stdout
}

fn brief(signers: &Signers) -> String {
    assert_eq!(ran(countersign().arg("render").arg(signers.bundle()).arg("--brief")).code, 0);
    fs::read_to_string(signers.bundle().join("brief.md")).unwrap()
}

#[test]
fn an_approval_on_conditions_counts_and_its_conditions_are_told_wherever_it_does() {
    let Some(signers) = Signers::new() else { return };
    signers.approve("security", "alice@example.com", "alice");
    let flags = ["--role", "engineering", "--key", "bob", "--approve-with-conditions", "Fix ##[error]it"];
    assert_eq!(signers.sign(&[&flags[..], &["--acknowledge"], &NAMED].concat()).code, 0);
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
    let verified = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]).stdout;
    let said = "bob@example.com as engineering approves with conditions, ";
    assert!(verified.contains(said) && verified.contains("    on condition: Fix "), "{verified}");
    assert!(verified.contains("! engineering 1/1: bob on conditions\n"), "{verified}");
    assert!(verified.contains("✓ security 1/1: alice\n"), "{verified}");
    let json = ran_json(signers.verify(&signers.bundle(), &["--policy", "policy.yaml", "--format", "json"]).stdout);
    assert_eq!(json["signOffs"]["roles"][0]["conditional"], serde_json::json!(["bob"]));
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("| Engineering | 1 signature | bob | ! signed with conditions |"), "{report}");
    assert!(report.contains("| ✓ signed |"), "{report}");
    let brief = brief(&signers);
    assert!(brief.contains("Engineering ! signed with conditions; Security ✓ signed."), "{brief}");
    assert!(brief.contains("- bob&#64;example.com (Engineering) approves with conditions: Fix "), "{brief}");
    assert!(listed(&signers).contains("signed 2 of 2 on conditions"), "{}", listed(&signers));
}

#[test]
fn a_rejection_is_told_wherever_its_role_is_summed_up() {
    let Some(signers) = Signers::new() else { return };
    let no = |role: &str, who: &str, key: &str| {
        let flags = ["--role", role, "--signer", who, "--key", key, "--reject", "--statement", "The disk is broken"];
        let signed = signers.sign(&flags);
        assert_eq!(signed.code, 0, "{}", signed.stderr);
    };
    no("engineering", "bob@example.com", "bob");
    let only = brief(&signers);
    assert!(only.contains("Engineering ✗ rejected by 1; Security – not signed yet."), "{only}");
    signers.approve("security", "alice@example.com", "alice");
    no("security", "carol@example.com", "carol");
    let brief = brief(&signers);
    assert!(brief.contains("Security ✗ rejected by 1, 1 of 1 signed."), "{brief}");
    assert!(brief.contains("- bob&#64;example.com (Engineering) rejects: The disk is broken"), "{brief}");
    assert!(listed(&signers).contains("signed 1 of 2, rejected by 2"), "{}", listed(&signers));
    let verified = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]).stdout;
    assert!(verified.contains("! security 1/1: alice; rejected by carol\n"), "{verified}");
    assert!(verified.contains("✗ engineering 0/1: nobody; rejected by bob THRESHOLD"), "{verified}");
    assert!(verified.contains("1 valid, 0 stale, 0 refused, 2 reject;"), "{verified}");
    assert!(verified.contains("    in these words: The disk is broken"), "{verified}");
    no("security", "alice@example.com", "alice");
    let withdrawn = self::brief(&signers);
    assert!(withdrawn.contains("Engineering ✗ rejected by 1; Security ✗ rejected by 2."), "{withdrawn}");
    assert!(withdrawn.contains("1 more in the report") || withdrawn.matches("rejects:").count() == 3, "{withdrawn}");
    let verified = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]).stdout;
    assert!(verified.contains("✗ security 0/1: nobody; rejected by alice and carol THRESHOLD"), "{verified}");
    let page = ran(countersign().args(["history", "--format", "json"]).arg(signers.bundle())).stdout;
    assert_eq!(ran_json(page)["audits"][0]["runs"][0]["rejected"], 3);
}

#[test]
fn who_wrote_the_audit_may_say_no_to_it_and_never_yes() {
    let audit = "audit: {id: own, title: Own, subject: {name: Thing}, auditor: {name: Alice}}\nareas:\n  - area: all\n    checks:\n      \
                 - {id: ok, command: {run: [echo, fine]}, expect: {exit: == 0}}\n";
    let policy = "signoff: {people: {alice: [alice@example.com]}, roles: {lead: {members: [alice], threshold: 1}}}\n";
    for auditor in [", auditor: {name: Alice}", ""] {
        let audit = audit.replace(", auditor: {name: Alice}", auditor);
        let Some(signers) = Signers::of(&audit, policy) else { return };
        signers.run();
        let flags = ["--role", "lead", "--key", "alice"];
        let yes = signers.sign(&flags);
        assert!(yes.code == 4 && yes.stderr.contains("AUTHOR_CANNOT_APPROVE"), "{}", yes.stderr);
        let no = signers.sign(&[&flags[..], &["--reject"]].concat());
        assert_eq!(no.code, 0, "{}", no.stderr);
        assert_eq!(signers.found(&signers.bundle(), &[]), refused("NOT_AN_APPROVAL"));
        let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
        assert!(report.contains("| ✗ rejected by 1 |"), "{report}");
    }
}

fn ran_verify(signers: &Signers, what: &Path) -> String {
    signers.verify(what, &["--format", "json"]).stdout
}

fn ran_json(text: String) -> Value {
    serde_json::from_str(&text).unwrap()
}

#[test]
fn a_run_over_a_signed_bundle_carries_its_sign_offs_along_as_stale() {
    let Some(signers) = Signers::signed() else { return };
    let again = |change: bool| {
        if change {
            let audit = signers.path("checks/audit.yaml");
            crate::bundles::replace(&audit, "[echo, fine]", "[echo, better]");
        }
        let ran = ran(countersign().arg("run").arg(signers.path("checks")).arg("--to").arg(signers.bundle()));
        assert_eq!(ran.code, 1, "{}", ran.stderr);
        assert!(ran.stdout.contains("given for an earlier record"), "{}", ran.stdout);
    };
    again(true);
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("| Engineering | 1 signature | bob | ! stale |"), "{report}");
    let verified = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]);
    assert_eq!(verified.code, 5, "{}", verified.stdout);
    assert_eq!(verified.stdout.matches("STALE").count(), 2, "{}", verified.stdout);
    assert!(verified.stdout.contains("2 sign-offs, 0 valid, 2 stale, 0 refused"), "{}", verified.stdout);
    let plain = ran(countersign().arg("verify").arg(signers.bundle()));
    assert_eq!(plain.code, 0, "stale is no forgery: {}", plain.stdout);
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("! stale.") && report.contains("It was given for the earlier record"), "{report}");
    fs::copy(signers.bundle().join("report.html"), signers.path("alone.html")).unwrap();
    assert_eq!(ran_json(ran_verify(&signers, &signers.path("alone.html")))["intact"], true);
    // Signed anew, beside the stale ones; and stale once more, with both earlier records kept.
    signers.approve("security", "alice@example.com", "alice");
    signers.approve("engineering", "bob@example.com", "bob");
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec!["STALE".to_owned(), "STALE".to_owned()]));
    again(false);
    assert_eq!(signers.found(&signers.bundle(), &[]), (5, vec![], vec!["STALE".to_owned(); 4]));
    let earlier = fs::read_dir(signers.bundle().join("signoffs/earlier")).unwrap().count();
    assert_eq!(earlier, 2);
}

#[test]
fn sign_offs_of_the_record_before_are_stale_wherever_they_are_put() {
    let Some(signers) = Signers::signed() else { return };
    let next = signers.path("next");
    let run = |flags: &[&std::ffi::OsStr]| {
        assert_eq!(
            ran(countersign().arg("run").arg(signers.path("checks")).arg("--to").arg(&next).args(flags)).code,
            1
        );
        crate::bundles::copy(&signers.bundle().join("signoffs"), &next.join("signoffs"));
        ran(countersign().arg("render").arg(&next));
        signers.found(&next, &[]).2
    };
    assert_eq!(run(&["--previous".as_ref(), signers.bundle().as_os_str()]), ["STALE", "STALE"]);
    fs::remove_dir_all(&next).unwrap();
    assert_eq!(run(&[]), ["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"], "a record that names no earlier one");
}

#[test]
fn the_list_of_all_sign_offs_goes_with_the_last_of_them() {
    let Some(signers) = Signers::signed() else { return };
    let list = signers.bundle().join("record.json.intoto.jsonl");
    assert!(list.exists());
    fs::remove_dir_all(signers.bundle().join("signoffs")).unwrap();
    assert_eq!(ran(countersign().arg("render").arg(signers.bundle())).code, 0);
    assert!(!list.exists());
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("not signed yet") && !report.contains("Who has signed"), "{report}");
}

#[test]
fn a_bundle_is_signed_from_inside_it_and_through_a_link() {
    let Some(signers) = Signers::new() else { return };
    let flags = ["--role", "engineering", "--yes", "--acknowledge", "all/bad", "all/waived", "--key"];
    let key = signers.path("bob");
    let inside = ran(countersign().arg("sign").arg(".").args(flags).arg(&key).current_dir(signers.bundle()));
    assert_eq!(inside.code, 0, "{}", inside.stderr);
    assert!(inside.stderr.contains("the folder you are in was replaced"), "{}", inside.stderr);
    std::os::unix::fs::symlink(signers.bundle(), signers.path("link")).unwrap();
    let linked = ran(countersign().arg("render").arg(signers.path("link")));
    assert_eq!(linked.code, 0, "{}", linked.stderr);
    assert!(fs::symlink_metadata(signers.path("link")).unwrap().is_symlink());
    signers.approve("security", "alice@example.com", "alice");
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
}

#[test]
fn a_replay_that_changes_nothing_leaves_the_sign_offs_valid() {
    let Some(signers) = Signers::signed() else { return };
    let mut command = countersign();
    command
        .arg("run")
        .arg(signers.path("checks"))
        .arg("--replay")
        .arg(signers.bundle())
        .arg("--to")
        .arg(signers.bundle());
    assert_eq!(ran(&mut command).code, 1);
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
}

#[test]
fn a_key_of_the_agent_signs() {
    let Some(signers) = Signers::new() else { return };
    let script = format!(
        "ssh-add -q '{}' && exec '{}' sign '{}' --role engineering --yes --acknowledge all/bad all/waived",
        signers.path("bob").display(),
        env!("CARGO_BIN_EXE_countersign"),
        signers.bundle().display()
    );
    let mut command = Command::new("ssh-agent");
    let out = command.args(["sh", "-c", &script]).stdin(Stdio::null()).output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    signers.approve("security", "alice@example.com", "alice");
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
    let none = signers.sign(&["--role", "engineering", "--acknowledge", "all/bad", "all/waived"]);
    assert!(none.code == 4 && none.stderr.contains("the agent has 0 keys"), "{}", none.stderr);
}

#[test]
fn a_key_with_a_passphrase_is_not_asked_for_where_nobody_can_answer() {
    let Some(signers) = Signers::new() else { return };
    assert!(signers.key("locked", &["-t", "ed25519", "-N", "secret"]));
    let ran = signers.sign(&["--role", "engineering", "--key", "locked", "--acknowledge", "all/bad", "all/waived"]);
    assert!(ran.code == 4 && ran.stderr.contains("passphrase"), "{}", ran.stderr);
    assert!(!signers.bundle().join("signoffs").exists());
}

#[test]
fn a_certificate_is_checked_by_ssh_keygen() {
    let Some(signers) = Signers::new() else { return };
    assert!(signers.key("authority", &["-t", "ed25519", "-N", ""]));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-s", "authority", "-I", "bob", "-n", "bob@example.com", "bob.pub"])
        .current_dir(signers.path(""))
        .status();
    assert!(made.unwrap().success());
    signers.approve("engineering", "bob@example.com", "bob-cert.pub");
    signers.approve("security", "alice@example.com", "alice");
    let report = fs::read_to_string(signers.bundle().join("report.md")).unwrap();
    assert!(report.contains("Its signature is of a kind that only ssh-keygen can check."), "{report}");
    assert_eq!(signers.found(&signers.bundle(), &[]), refused("SIGNER_UNKNOWN"), "nobody allows the authority");
    let line = signers.allowed_line("bob@example.com", "authority").replace("namespaces", "cert-authority,namespaces");
    let before = fs::read_to_string(signers.path("allowed_signers")).unwrap();
    fs::write(signers.path("allowed_signers"), format!("{before}{line}")).unwrap();
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
    fs::copy(signers.path("authority.pub"), signers.path("revoked_keys")).unwrap();
    assert_eq!(signers.found(&signers.bundle(), &[]), refused("SIGNER_UNKNOWN"), "the authority is revoked");
}

#[test]
fn two_who_sign_at_the_same_time_are_both_there() {
    let Some(signers) = Signers::new() else { return };
    std::thread::scope(|scope| {
        scope.spawn(|| signers.approve("security", "alice@example.com", "alice"));
        scope.spawn(|| signers.approve("engineering", "bob@example.com", "bob"));
    });
    assert_eq!(signers.found(&signers.bundle(), &[]), ACCEPTED);
}

#[test]
fn a_person_at_a_terminal_is_asked() {
    let Some(signers) = Signers::new() else { return };
    let binary = env!("CARGO_BIN_EXE_countersign");
    let line = format!("'{binary}' sign bundle --role engineering --key bob");
    let asked = |answers: &str| at_a_terminal(&signers.path(""), &line, answers);
    let Some((signed, text)) = asked("all/bad\nall/waived\nno\n") else { return };
    assert!(!signed && text.contains("it was not confirmed"), "{text}");
    let Some((signed, text)) = asked("all/bad\nyes\n") else { return };
    assert!(!signed && text.contains("all/waived is not accepted"), "{text}");
    assert!(signers.files("engineering").is_empty());
    let Some((signed, text)) = asked("all/bad\nall/waived\nyes\n") else { return };
    assert!(signed && text.contains("signoffs/engineering."), "{text}");
    assert_eq!(signers.files("engineering").len(), 1);
}

//! Attacks on a signed bundle, file by file: each is found, with its code, by a verifier who has everything, and the same
//! bundle is accepted without it. Attacks on what is signed are in src/signoff/decide/tests.rs.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::bundles::{copy, replace};
use crate::signers::{NAMED, Signers};
use crate::support::{countersign, ran};

type Attack = fn(&Signers);

fn evidence(signers: &Signers) -> PathBuf {
    let entries = fs::read_dir(signers.bundle().join("evidence")).unwrap().map(|entry| entry.unwrap().path());
    let mut files: Vec<PathBuf> = entries.filter(|path| path.metadata().unwrap().len() > 0).collect();
    files.sort();
    files.remove(0)
}

fn flip(path: &Path, at: usize) {
    let mut bytes = fs::read(path).unwrap();
    let at = at % bytes.len();
    bytes[at] ^= 1;
    fs::write(path, bytes).unwrap();
}

/// What is done, the codes of what is found in the bundle, each once, and those of the sign-offs that do not count.
const ATTACKS: &[(&str, Attack, &[&str], &[&str])] = &[
    (
        "a fact in the record is changed",
        |s| {
            replace(
                &s.bundle().join("record.json"),
                "\"exit\":{\"present\":{\"number\":\"1\"}}",
                "\"exit\":{\"present\":{\"number\":\"0\"}}",
            );
        },
        &["VERDICT_RECOMPUTE", "DOCUMENT_MISMATCH"],
        &["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"],
    ),
    (
        "the record has a space",
        |s| {
            replace(&s.bundle().join("record.json"), "{\"audit\":", "{ \"audit\":");
        },
        &["RECORD_NOT_CANONICAL"],
        &[],
    ),
    (
        "evidence is changed",
        |s| flip(&evidence(s), 0),
        &["EVIDENCE_MISMATCH", "DOCUMENT_MISMATCH"],
        &["EVIDENCE_MISMATCH", "EVIDENCE_MISMATCH"],
    ),
    (
        "evidence is gone",
        |s| fs::remove_file(evidence(s)).unwrap(),
        &["EVIDENCE_MISSING", "DOCUMENT_MISMATCH"],
        &["EVIDENCE_MISSING", "EVIDENCE_MISSING"],
    ),
    (
        "evidence is added",
        |s| {
            fs::write(s.bundle().join("evidence/0000000000000000-more.txt"), "more").unwrap();
        },
        &["EVIDENCE_UNKNOWN"],
        &["EVIDENCE_UNKNOWN", "EVIDENCE_UNKNOWN"],
    ),
    (
        "evidence is a link",
        |s| {
            let file = evidence(s);
            fs::rename(&file, s.path("aside")).unwrap();
            symlink(s.path("aside"), &file).unwrap();
        },
        &["EVIDENCE_MISSING", "DOCUMENT_MISMATCH"],
        &["EVIDENCE_MISSING", "EVIDENCE_MISSING"],
    ),
    ("a sign-off is gone", |s| fs::remove_file(&s.files("security")[0]).unwrap(), &["DOCUMENT_MISMATCH"], &[]),
    (
        "a sign-off lies under a second name",
        |s| {
            fs::copy(&s.files("security")[0], s.bundle().join("signoffs/engineering.00000000.json")).unwrap();
            ran(countersign().arg("render").arg(s.bundle()));
        },
        &[],
        &["ENVELOPE"],
    ),
    (
        "a sign-off is a link",
        |s| {
            let file = &s.files("security")[0];
            fs::rename(file, s.path("aside")).unwrap();
            symlink(s.path("aside"), file).unwrap();
        },
        &["DOCUMENT_MISMATCH", "SIGNOFF_UNKNOWN"],
        &[],
    ),
    (
        "a folder lies among the sign-offs",
        |s| fs::create_dir(s.bundle().join("signoffs/x.json")).unwrap(),
        &["SIGNOFF_UNKNOWN"],
        &[],
    ),
    (
        "a pipe lies among the sign-offs",
        |s| {
            let made = Command::new("mkfifo").arg(s.bundle().join("signoffs/security.11111111.json")).status();
            assert!(made.unwrap().success());
        },
        &["SIGNOFF_UNKNOWN"],
        &[],
    ),
    (
        "an earlier record is not what its name says",
        |s| {
            fs::create_dir(s.bundle().join("signoffs/earlier")).unwrap();
            fs::write(s.bundle().join("signoffs/earlier").join(format!("{}.json", "0".repeat(64))), "{}").unwrap();
        },
        &["SIGNOFF_UNKNOWN"],
        &[],
    ),
    (
        "a sign-off is enormous",
        |s| {
            let file = &s.files("security")[0];
            fs::write(file, vec![b' '; 64 << 20]).unwrap();
            ran(countersign().arg("render").arg(s.bundle()));
        },
        &[],
        &["ENVELOPE"],
    ),
    (
        "a sign-off of another run is put in",
        |s| {
            let mut command = countersign();
            ran(command.arg("run").arg(s.path("checks")).arg("--to").arg(s.path("other")));
            copy(&s.bundle().join("signoffs"), &s.path("other/signoffs"));
            fs::remove_dir_all(s.bundle()).unwrap();
            fs::rename(s.path("other"), s.bundle()).unwrap();
            ran(countersign().arg("render").arg(s.bundle()));
        },
        &[],
        &["SUBJECT_MISMATCH", "SUBJECT_MISMATCH"],
    ),
    (
        "the list of all sign-offs is changed",
        |s| flip(&s.bundle().join("record.json.intoto.jsonl"), 20),
        &["DOCUMENT_MISMATCH"],
        &[],
    ),
    (
        "a list of sign-offs stands where nobody signed",
        |s| {
            let list = s.bundle().join("record.json.intoto.jsonl");
            let lines = fs::read(&list).unwrap();
            fs::remove_dir_all(s.bundle().join("signoffs")).unwrap();
            ran(countersign().arg("render").arg(s.bundle()));
            fs::write(list, lines).unwrap();
        },
        &["DOCUMENT_MISMATCH"],
        &[],
    ),
    (
        "the bundle brings its own keys and policy",
        |s| {
            fs::remove_file(&s.files("security")[0]).unwrap();
            s.approve("security", "alice@example.com", "mallory");
            fs::write(s.bundle().join("allowed_signers"), s.allowed_line("alice@example.com", "mallory")).unwrap();
            fs::write(s.bundle().join("revoked_keys"), "").unwrap();
            fs::copy(s.path("policy.yaml"), s.bundle().join("policy.yaml")).unwrap();
        },
        &[],
        &["SIGNER_UNKNOWN"],
    ),
    (
        "the policy was another when the audit was made",
        |s| {
            replace(
                &s.path("policy.yaml"),
                "security: {members: [alice, carol], threshold: 1}",
                "security: {members: [alice, carol], threshold: 2}",
            );
        },
        &["POLICY_MISMATCH"],
        &["POLICY_MISMATCH", "POLICY_MISMATCH"],
    ),
];

#[test]
fn each_attack_on_a_signed_bundle_is_found_with_its_codes() {
    let Some(signers) = Signers::signed() else { return };
    assert_eq!(signers.found(&signers.bundle(), &[]), (0, vec![], vec![]), "without an attack it is accepted");
    let kept = copy(&signers.bundle(), &signers.path("kept"));
    let policy = fs::read(signers.path("policy.yaml")).unwrap();
    for (name, attack, found, refused) in ATTACKS {
        fs::remove_dir_all(signers.bundle()).unwrap();
        copy(&kept, &signers.bundle());
        fs::write(signers.path("policy.yaml"), &policy).unwrap();
        attack(&signers);
        let (code, mut findings, sign_offs) = signers.found(&signers.bundle(), &[]);
        findings.dedup();
        assert_eq!(
            (code, findings.as_slice(), sign_offs.as_slice()),
            (5, &own(found)[..], &own(refused)[..]),
            "{name}"
        );
    }
}

fn own(codes: &[&str]) -> Vec<String> {
    codes.iter().map(|code| (*code).to_owned()).collect()
}

#[test]
fn a_name_of_evidence_that_leads_out_is_no_file() {
    let Some(signers) = Signers::signed() else { return };
    let name = evidence(&signers).file_name().unwrap().to_string_lossy().into_owned();
    fs::copy(evidence(&signers), signers.bundle().join(&name)).unwrap();
    replace(&signers.bundle().join("record.json"), &format!("\"{name}\""), &format!("\"../{name}\""));
    let (code, findings, _) = signers.found(&signers.bundle(), &[]);
    assert!(code == 5 && findings.contains(&"EVIDENCE_MISSING".to_owned()), "{findings:?}");
}

/// Positions that are spread over a file, the same in every run.
fn spread(length: usize, count: usize) -> impl Iterator<Item = usize> {
    (0..count).map(move |number| (number * 2_654_435_761 + 12_345) % length)
}

#[test]
fn no_flipped_bit_of_record_evidence_or_sign_off_is_accepted() {
    let Some(signers) = Signers::signed() else { return };
    let record = signers.bundle().join("record.json");
    let files =
        [record, evidence(&signers), signers.files("security")[0].clone(), signers.bundle().join("report.html")];
    for file in files {
        let before = fs::read(&file).unwrap();
        for at in spread(before.len(), 12) {
            flip(&file, at);
            let ran = signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]);
            assert_eq!(ran.code, 5, "byte {at} of {}: {}{}", file.display(), ran.stdout, ran.stderr);
            fs::write(&file, &before).unwrap();
        }
    }
    assert_eq!(signers.verify(&signers.bundle(), &["--policy", "policy.yaml"]).code, 0);
}

/// Starts a command, ends it in the hard way after a time, and says whether it had ended by itself.
fn killed_after(command: &mut Command, time: Duration) -> bool {
    let mut child = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    std::thread::sleep(time);
    let ended = child.try_wait().unwrap().is_some();
    child.kill().unwrap();
    child.wait().unwrap();
    ended
}

#[test]
fn whenever_a_command_is_killed_there_is_the_old_bundle_or_the_new_one() {
    let Some(signers) = Signers::new() else { return };
    let bundle = signers.bundle();
    let commands: [&dyn Fn() -> Command; 3] = [
        &|| {
            let mut command = countersign();
            command.arg("sign").arg(&bundle).args(["--role", "engineering", "--key", "bob", "--yes", "--acknowledge"]);
            command.args(NAMED).current_dir(signers.path(""));
            command
        },
        &|| {
            let mut command = countersign();
            command.arg("render").arg(&bundle);
            command
        },
        &|| {
            let mut command = countersign();
            command.arg("run").arg(signers.path("checks")).arg("--to").arg(&bundle);
            command
        },
    ];
    for make in commands {
        let begun = Instant::now();
        assert!(ran(&mut make()).code < 4);
        let whole = begun.elapsed();
        let mut ended = 0;
        for number in 0..16 {
            // From the start to a little after the end.
            ended += usize::from(killed_after(&mut make(), whole.mul_f64(f64::from(number) / 13.0)));
            let verified = ran(countersign().arg("verify").arg(&bundle));
            assert_eq!(
                verified.code, 0,
                "killed after {number}/13 of {whole:?}: {}{}",
                verified.stdout, verified.stderr
            );
        }
        assert!(ended < 16, "some were killed before their end");
    }
}

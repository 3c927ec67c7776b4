//! People with keys of `ssh-keygen`, a bundle for them to sign, and the verifier's own files.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::support::{Ran, countersign, ran, skipped};

/// The commit that the audit is of.
pub(crate) const COMMIT: &str = "0123456789abcdef0123456789abcdef01234567";
/// What an approval of that audit must name.
pub(crate) const NAMED: [&str; 2] = ["all/bad", "all/waived"];

const AUDIT: &str = r#"
audit:
  id: trial
  title: "Trial \e[2J\e]8;;http://x\e\\ of it"
  subject: {name: Thing, commit: 0123456789abcdef0123456789abcdef01234567}
  auditor: {name: Dora}
verdict: {floor: {overall: 1.0, area: 1.0}}
areas:
  - area: all
    checks:
      - {id: ok, severity: blocker, command: {run: [echo, fine]}, expect: {exit: == 0}}
      - {id: long, command: {run: [seq, "1", "2000"]}, expect: {exit: == 0}}
      - {id: bad, severity: minor, command: {run: [sh, -c, "printf '\\033[31mno\\n'; exit 1"]}, expect: {exit: == 0}}
      - {id: waived, command: {run: ["false"]}, expect: {exit: == 0}}
waivers:
  - {check: all/waived, reason: "It is removed \e[5m next week", by: Erin, approved: 2026-01-01, until: 2026-12-31}
"#;

const POLICY: &str = r"
signoff:
  people: {alice: [alice@example.com, alice@old.example], bob: [bob@example.com], carol: [carol@example.com]}
  roles:
    security: {members: [alice, carol], threshold: 1}
    engineering: {members: [bob], threshold: 1}
  distinct: across-roles
  author-may-approve: false
  max-age: 30d
";

/// A folder with an audit, its bundle, keys of several people, and what a verifier has.
pub(crate) struct Signers {
    place: tempfile::TempDir,
}

impl Signers {
    /// `None`, said loudly, where there is no `ssh-keygen`.
    pub(crate) fn new() -> Option<Self> {
        let signers = Self::of(AUDIT, POLICY)?;
        signers.run();
        Some(signers)
    }

    /// As [`new`](Self::new), with another audit, which has not run yet.
    pub(crate) fn of(audit: &str, policy: &str) -> Option<Self> {
        let place = tempfile::tempdir().unwrap();
        let signers = Self { place };
        for name in ["alice", "alice-old", "bob", "carol", "mallory"] {
            if !signers.key(name, &["-t", "ed25519", "-N", ""]) {
                skipped("there is no ssh-keygen to make keys with");
                return None;
            }
        }
        let people = [
            ("alice@example.com", "alice"),
            ("alice@old.example", "alice-old"),
            ("bob@example.com", "bob"),
            ("carol@example.com", "carol"),
        ];
        let lines = people.map(|(who, key)| signers.allowed_line(who, key));
        fs::write(signers.path("allowed_signers"), lines.concat()).unwrap();
        fs::write(signers.path("revoked_keys"), "").unwrap();
        fs::write(signers.path("policy.yaml"), policy).unwrap();
        fs::create_dir(signers.path("checks")).unwrap();
        fs::write(signers.path("checks/audit.yaml"), format!("{audit}{policy}")).unwrap();
        Some(signers)
    }

    /// Runs the audit into the bundle; what it printed.
    pub(crate) fn run(&self) -> String {
        let run = ran(countersign().arg("run").arg(self.path("checks")).arg("--to").arg(self.bundle()));
        assert!(run.code <= 2, "{}{}", run.stdout, run.stderr);
        run.stdout
    }

    /// As [`new`](Self::new), signed by Alice as security and by Bob as engineering.
    pub(crate) fn signed() -> Option<Self> {
        let signers = Self::new()?;
        signers.approve("security", "alice@example.com", "alice");
        signers.approve("engineering", "bob@example.com", "bob");
        Some(signers)
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.place.path().join(name)
    }

    pub(crate) fn bundle(&self) -> PathBuf {
        self.path("bundle")
    }

    /// Makes a key.
    pub(crate) fn key(&self, name: &str, options: &[&str]) -> bool {
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-C", ""]).args(options).arg("-f").arg(self.path(name)).stdin(Stdio::null());
        command.status().is_ok_and(|status| status.success())
    }

    pub(crate) fn allowed_line(&self, who: &str, key: &str) -> String {
        let public = fs::read_to_string(self.path(&format!("{key}.pub"))).unwrap();
        format!("{who} namespaces=\"signoff.v1@countersign\" {public}")
    }

    /// `countersign sign` with these flags, not asked anything.
    pub(crate) fn sign(&self, flags: &[&str]) -> Ran {
        ran(countersign().arg("sign").arg(self.bundle()).args(flags).arg("--yes").current_dir(self.place.path()))
    }

    /// Approves, and accepts what must be accepted.
    pub(crate) fn approve(&self, role: &str, signer: &str, key: &str) {
        let flags = ["--role", role, "--signer", signer, "--key", key, "--acknowledge"];
        let ran = self.sign(&[&flags[..], &NAMED].concat());
        assert_eq!(ran.code, 0, "{}", ran.stderr);
    }

    /// `countersign verify` with the verifier's own files and these flags.
    pub(crate) fn verify(&self, what: &Path, flags: &[&str]) -> Ran {
        let keys = ["--allowed-signers", "allowed_signers", "--revoked", "revoked_keys"];
        let mut command = countersign();
        ran(command.arg("verify").arg(what).args(keys).args(flags).current_dir(self.place.path()))
    }

    /// What the verifier with a policy finds: exit code, codes of the record, codes of the sign-offs.
    pub(crate) fn found(&self, what: &Path, flags: &[&str]) -> (i32, Vec<String>, Vec<String>) {
        let ran = self.verify(what, &[&["--policy", "policy.yaml", "--format", "json"], flags].concat());
        let json: Value = serde_json::from_str(&ran.stdout).unwrap_or_else(|_| panic!("{}", ran.stderr));
        let codes = |list: &Value| -> Vec<String> {
            let items = list.as_array().into_iter().flatten();
            items.filter_map(|item| Some(item["code"].as_str()?.to_owned())).collect()
        };
        (ran.code, codes(&json["findings"]), codes(&json["signOffs"]["list"]))
    }

    /// The files of the sign-offs of a role.
    pub(crate) fn files(&self, role: &str) -> Vec<PathBuf> {
        let Ok(entries) = fs::read_dir(self.bundle().join("signoffs")) else { return Vec::new() };
        let mut files: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        files.retain(|path| path.file_name().unwrap().to_string_lossy().starts_with(&format!("{role}.")));
        files.sort();
        files
    }
}

/// Runs a shell line at a terminal with these answers: did it end well, and what was on the screen? `None`, said loudly,
/// where no terminal can be made.
pub(crate) fn at_a_terminal(folder: &Path, line: &str, answers: &str) -> Option<(bool, String)> {
    let mut command = Command::new("script");
    command.args(["-qec", line, "/dev/null"]).current_dir(folder).stdin(Stdio::piped()).stdout(Stdio::piped());
    let Ok(mut child) = command.spawn() else {
        skipped("there is no `script` to make a terminal with");
        return None;
    };
    child.stdin.take().unwrap().write_all(answers.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    Some((out.status.success(), String::from_utf8_lossy(&out.stdout).into_owned()))
}

//! A record that two people have signed as they should, and the means to change any of it: what the tests begin from.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use ssh_key::private::Ed25519Keypair;
use ssh_key::{HashAlg, LineEnding, PrivateKey};

use super::decide::Checked;
use super::envelope::{Envelope, pae};
use super::open::file_name;
use super::sshsig::NAMESPACE;
use super::{About, AllowedSigners, Code, Earlier, Revoked, SignOffs, Verifier, decide};
use crate::model::audit::{Person, SignoffPolicy, SignoffRole};
use crate::model::instant::Instant;
use crate::model::record::Record;
use crate::record::signoffs::Kept;
use crate::record::{sha256, to_bytes};

pub(super) const ALICE: u8 = 1;
pub(super) const ALICE_AGAIN: u8 = 2;
pub(super) const BOB: u8 = 3;
pub(super) const CAROL: u8 = 4;
pub(super) const MALLORY: u8 = 9;

/// The same key for the same number, always.
pub(super) fn key(number: u8) -> PrivateKey {
    PrivateKey::from(Ed25519Keypair::from_seed(&[number; 32]))
}

pub(super) fn public(number: u8) -> String {
    key(number).public_key().to_openssh().unwrap()
}

pub(super) fn armored(number: u8, namespace: &str, message: &[u8]) -> String {
    key(number).sign(namespace, HashAlg::Sha512, message).unwrap().to_pem(LineEnding::LF).unwrap()
}

pub(super) struct Scenario {
    pub(super) record: Record,
    pub(super) sha256: String,
    pub(super) earlier: BTreeMap<String, Earlier>,
    pub(super) policy: Option<SignoffPolicy>,
    pub(super) envelopes: Vec<Kept>,
    pub(super) allowed: String,
    pub(super) revoked: String,
    pub(super) now: Instant,
}

fn policy() -> SignoffPolicy {
    let texts = |list: &[&str]| list.iter().map(|text| (*text).to_owned()).collect::<Vec<_>>();
    let role = |members: &[&str]| SignoffRole { members: texts(members), threshold: 1, areas: BTreeSet::new() };
    SignoffPolicy {
        people: BTreeMap::from([
            ("alice".to_owned(), texts(&["alice@example.com", "alice@old.example"])),
            ("bob".to_owned(), texts(&["bob@example.com"])),
            ("carol".to_owned(), texts(&["carol@example.com"])),
        ]),
        roles: BTreeMap::from([
            ("engineering".to_owned(), role(&["bob", "alice", "carol"])),
            ("security".to_owned(), role(&["alice", "carol"])),
        ]),
        distinct: "across-roles".to_owned(),
        author_may_approve: false,
        max_age: Some(30 * 86_400),
        require_touch: false,
    }
}

pub(super) fn allowed() -> String {
    let line = |who: &str, number: u8| format!("{who} namespaces=\"{NAMESPACE}\" {}\n", public(number));
    [
        line("alice@example.com", ALICE),
        line("alice@old.example", ALICE_AGAIN),
        line("bob@example.com", BOB),
        line("carol@example.com", CAROL),
    ]
    .concat()
}

impl Scenario {
    /// Alice has signed as security and Bob as engineering, an hour after the run.
    pub(super) fn new() -> Self {
        let mut record: Record =
            serde_json::from_str(include_str!("../../fixtures/records/sample/record.json")).unwrap();
        record.audit.signoff = Some(policy());
        record.audit.auditor = Some(Person { name: "Dora".to_owned(), role: None });
        let sha256 = sha256(&to_bytes(&record).unwrap());
        let now = Instant::from_seconds(record.run.finished_at.seconds() + 7200).unwrap();
        let mut scenario = Self {
            sha256,
            earlier: BTreeMap::new(),
            policy: record.audit.signoff.clone(),
            record,
            envelopes: Vec::new(),
            allowed: allowed(),
            revoked: String::new(),
            now,
        };
        scenario.sign(ALICE, "alice@example.com", "security", |_| {});
        scenario.sign(BOB, "bob@example.com", "engineering", |_| {});
        scenario
    }

    pub(super) fn after(&self, seconds: i64) -> String {
        Instant::from_seconds(self.record.run.finished_at.seconds() + seconds).unwrap().to_string()
    }

    /// A statement as it should be, as JSON.
    pub(super) fn statement(&self, signer: &str, role: &str) -> Value {
        let demanded = super::open::demanded(&self.record);
        assert!(!demanded.is_empty(), "there is something to acknowledge");
        json!({
            "_type": "https://in-toto.io/Statement/v1",
            "predicateType": "urn:countersign:attestation:signoff:v1",
            "subject": [{"name": "record.json", "digest": {"sha256": self.sha256}}],
            "predicate": {
                "acknowledges": demanded, "conditions": [], "decision": "approve",
                "issuedAt": self.after(3600), "expiresAt": self.after(86_400 * 20),
                "policy": {"digest": {"sha256": self.record.policy_sha256}},
                "role": role, "runId": self.record.run.run_id, "signer": signer,
                "statement": "I accept the recorded result.", "verdict": self.record.judgement.verdict,
            },
        })
    }

    /// Adds a sign-off whose statement is changed before it is signed.
    pub(super) fn sign(&mut self, key: u8, signer: &str, role: &str, change: impl FnOnce(&mut Value)) {
        let mut statement = self.statement(signer, role);
        change(&mut statement);
        self.sign_bytes(key, role, &canonical(&statement));
    }

    /// Adds a sign-off of bytes as they are.
    pub(super) fn sign_bytes(&mut self, key: u8, role: &str, payload: &[u8]) {
        self.add(role, payload, &armored(key, NAMESPACE, &pae(payload)));
    }

    pub(super) fn add(&mut self, role: &str, payload: &[u8], armored: &str) {
        let bytes = Envelope::new(payload, "SHA256:a hint that nobody reads", armored).line().into_bytes();
        self.envelopes.push(Kept { name: file_name(role, payload), bytes });
        self.envelopes.sort_by(|one, other| one.name.cmp(&other.name));
    }

    /// Takes the sign-offs of a role away.
    pub(super) fn drop(&mut self, role: &str) {
        self.envelopes.retain(|kept| !kept.name.starts_with(role));
    }

    /// Alice's sign-off again, with another statement.
    pub(super) fn alice_says(&mut self, change: impl FnOnce(&mut Value)) {
        self.drop("security");
        self.sign(ALICE, "alice@example.com", "security", change);
    }

    /// Alice's statement, and the armored signature of it.
    pub(super) fn of_alice(&self) -> (Vec<u8>, String) {
        let kept = self.envelopes.iter().find(|kept| kept.name.starts_with("security")).unwrap();
        let envelope = Envelope::parse(&kept.bytes).unwrap();
        let decode = |text: &str| STANDARD.decode(text).unwrap();
        (decode(&envelope.payload), String::from_utf8(decode(&envelope.signatures[0].sig)).unwrap())
    }

    /// Alice's envelope with its text changed.
    pub(super) fn alice_envelope(&mut self, change: impl Fn(&str) -> String) {
        let kept = self.envelopes.iter_mut().find(|kept| kept.name.starts_with("security")).unwrap();
        kept.bytes = change(std::str::from_utf8(&kept.bytes).unwrap()).into_bytes();
    }

    /// Alice's signature with its armored text changed.
    pub(super) fn alice_armor(&mut self, change: impl Fn(&str) -> String) {
        let (payload, armored) = self.of_alice();
        self.drop("security");
        self.add("security", &payload, &change(&armored));
    }

    /// Alice's signature with the bytes inside its armor changed.
    pub(super) fn alice_blob(&mut self, change: impl Fn(&mut Vec<u8>)) {
        self.alice_armor(|armored| {
            let body: String = armored.lines().filter(|line| !line.starts_with('-')).collect();
            let mut blob = STANDARD.decode(body).unwrap();
            change(&mut blob);
            armor(&blob)
        });
    }

    pub(super) fn decided(&self) -> SignOffs {
        self.decided_with(None)
    }

    pub(super) fn decided_with(&self, problem: Option<&crate::record::verify::Finding>) -> SignOffs {
        let signers = AllowedSigners::parse(PathBuf::from("allowed_signers"), &self.allowed).unwrap();
        let revoked = Revoked::parse(PathBuf::from("revoked_keys"), self.revoked.as_bytes()).unwrap();
        let verifier = Verifier { policy: self.policy.as_ref(), signers: &signers, revoked: &revoked, now: self.now };
        decide(&self.envelopes, &self.about(problem), Some(&verifier)).unwrap()
    }

    pub(super) fn about<'a>(&'a self, problem: Option<&'a crate::record::verify::Finding>) -> About<'a> {
        About { record: &self.record, sha256: &self.sha256, earlier: &self.earlier, problem }
    }

    /// The codes of a role's sign-offs, in the order of their files.
    pub(super) fn codes(&self, role: &str) -> Vec<Option<Code>> {
        let of_role = |checked: &&Checked| checked.file.starts_with(&format!("signoffs/{role}."));
        self.decided().list.iter().filter(of_role).map(|checked| checked.code).collect()
    }
}

pub(super) fn canonical(json: &Value) -> Vec<u8> {
    serde_json_canonicalizer::to_vec(json).unwrap()
}

/// Bytes in armor, as `ssh-keygen` writes it.
pub(super) fn armor(blob: &[u8]) -> String {
    let body = STANDARD.encode(blob);
    let lines: Vec<&str> = body.as_bytes().chunks(70).map(|line| std::str::from_utf8(line).unwrap()).collect();
    format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
}

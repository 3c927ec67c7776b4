//! The table of attacks on what is signed: what is done, and the code that it is refused with.

use serde_json::{Value, json};

use crate::signoff::scenario::{ALICE, BOB, MALLORY, Scenario, armored, canonical, public};
use crate::signoff::{Code, Earlier, NAMESPACE, pae};

/// What is done to Alice's sign-off as security, or to what it is held against.
pub(super) type Attack = fn(&mut Scenario);

pub(super) const ATTACKS: &[(&str, Attack, Code)] = &[
    // 1, 7: another record, another run, another audit.
    ("the record was edited after it was signed", |s| s.sha256 = "0".repeat(64), Code::SubjectMismatch),
    (
        "an earlier record was signed",
        |s| {
            s.earlier.insert(std::mem::replace(&mut s.sha256, "0".repeat(64)), Earlier::Named);
        },
        Code::Stale,
    ),
    (
        "another run is named",
        |s| {
            s.alice_says(|json| json["predicate"]["runId"] = json!("018f3c9e-0000-7000-8000-000000000043"));
        },
        Code::RunMismatch,
    ),
    (
        "another file is named",
        |s| s.alice_says(|json| json["subject"][0]["name"] = json!("other.json")),
        Code::SubjectMismatch,
    ),
    (
        "another digest is named",
        |s| {
            s.alice_says(|json| json["subject"][0]["digest"]["sha256"] = json!("0".repeat(64)));
        },
        Code::SubjectMismatch,
    ),
    // 4, 5: who.
    (
        "nobody knows the key",
        |s| {
            s.drop("security");
            s.sign(MALLORY, "alice@example.com", "security", |_| {});
        },
        Code::SignerUnknown,
    ),
    (
        "the role is somebody else's",
        |s| {
            s.drop("security");
            s.sign(BOB, "bob@example.com", "security", |_| {});
        },
        Code::RoleNotAllowed,
    ),
    (
        "there is no such role",
        |s| {
            s.policy.as_mut().unwrap().roles.remove("security");
        },
        Code::RoleNotAllowed,
    ),
    (
        "the statement names somebody else",
        |s| {
            s.drop("security");
            s.sign(BOB, "alice@example.com", "security", |_| {});
        },
        Code::SignerKeyMismatch,
    ),
    (
        "a person's second principal has another key",
        |s| {
            s.drop("security");
            s.sign(ALICE, "alice@old.example", "security", |_| {});
        },
        Code::SignerKeyMismatch,
    ),
    ("the key is for something else", |s| s.allowed = s.allowed.replacen(NAMESPACE, "git", 1), Code::SignerUnknown),
    (
        "the key is one of an authority",
        |s| {
            s.allowed = s.allowed.replacen("namespaces", "cert-authority,namespaces", 1);
        },
        Code::SignerUnknown,
    ),
    // 6: separation.
    (
        "the auditor signs",
        |s| {
            s.record.audit.auditor.as_mut().unwrap().name = "Alice".to_owned();
        },
        Code::AuthorCannotApprove,
    ),
    ("nobody is named as the auditor", |s| s.record.audit.auditor = None, Code::AuthorCannotApprove),
    // 8, 9: what the signer was shown.
    (
        "the signer was shown another verdict",
        |s| {
            s.alice_says(|json| json["predicate"]["verdict"] = json!("approved"));
        },
        Code::VerdictMismatch,
    ),
    (
        "the signer was shown another audit",
        |s| {
            s.alice_says(|json| json["predicate"]["policy"]["digest"]["sha256"] = json!("0".repeat(64)));
        },
        Code::PolicyMismatch,
    ),
    // 10: keys in time.
    ("the key was revoked", |s| s.revoked = format!("# lost\n{}\n", public(ALICE)), Code::KeyRevoked),
    // 11: time.
    (
        "it was signed before the run",
        |s| {
            let at = s.after(-301);
            s.alice_says(|json| json["predicate"]["issuedAt"] = json!(at));
        },
        Code::BeforeRun,
    ),
    (
        "it was signed in the future",
        |s| {
            let at = s.after(7200 + 301);
            s.alice_says(|json| json["predicate"]["issuedAt"] = json!(at));
        },
        Code::IssuedInFuture,
    ),
    (
        "it is past its time",
        |s| {
            let at = s.after(7199);
            s.alice_says(|json| json["predicate"]["expiresAt"] = json!(at));
        },
        Code::Expired,
    ),
    (
        "it holds for too long",
        |s| {
            let at = s.after(3600 + 30 * 86_400 + 1);
            s.alice_says(|json| json["predicate"]["expiresAt"] = json!(at));
        },
        Code::LifetimeTooLong,
    ),
    // 12: other protocols.
    (
        "it was signed as a commit",
        |s| {
            let (payload, _) = s.of_alice();
            s.drop("security");
            s.add("security", &payload, &armored(ALICE, "git", &pae(&payload)));
        },
        Code::Namespace,
    ),
    (
        "it was signed as a file",
        |s| {
            let (payload, _) = s.of_alice();
            s.drop("security");
            s.add("security", &payload, &armored(ALICE, "file", &pae(&payload)));
        },
        Code::Namespace,
    ),
    // 13, 14, 17: the bytes of the statement.
    ("a name stands twice", |s| edited(s, "\"role\":", "\"role\":\"x\",\"role\":"), Code::DuplicateKey),
    (
        "a name stands twice, spelled in two ways",
        |s| edited(s, "\"role\":", "\"r\\u006fle\":\"x\",\"role\":"),
        Code::DuplicateKey,
    ),
    ("a name is spelled in another way", |s| edited(s, "\"role\":", "\"r\\u006fle\":"), Code::NotCanonical),
    ("there is a space", |s| edited(s, "\"role\":", "\"role\": "), Code::NotCanonical),
    ("there is a line feed at the end", |s| edited(s, "\"}]}", "\"}]}\n"), Code::NotCanonical),
    ("there is a float", |s| edited(s, "\"conditions\":[]", "\"conditions\":[1.0]"), Code::NotCanonical),
    (
        "there is a number that readers change",
        |s| edited(s, "\"conditions\":[]", "\"conditions\":[9007199254740993]"),
        Code::NotCanonical,
    ),
    ("there is a number in place of a text", |s| edited(s, "\"conditions\":[]", "\"conditions\":[1]"), Code::Malformed),
    ("a text is decomposed", |s| edited(s, "I accept", "I acce\u{301}pt"), Code::NotNfc),
    ("a text reads the other way round", |s| edited(s, "I accept", "I \u{202e}accept"), Code::ControlCharacter),
    ("a text has an escape in it", |s| edited(s, "I accept", "I \\u001b[2Jaccept"), Code::ControlCharacter),
    ("the signer looks like another", |s| edited(s, "alice@example", "\u{430}lice@example"), Code::IdentifierCharset),
    (
        "the role looks like another",
        |s| edited(s, "\"role\":\"security\"", "\"role\":\"s\u{435}curity\""),
        Code::IdentifierCharset,
    ),
    (
        "a check looks like another",
        |s| {
            s.alice_says(|json| json["predicate"]["acknowledges"][0] = json!("monitoring/\u{430}"));
        },
        Code::IdentifierCharset,
    ),
    ("a field is unknown", |s| s.alice_says(|json| json["predicate"]["more"] = json!(1)), Code::UnknownField),
    ("a field of the statement is unknown", |s| s.alice_says(|json| json["more"] = json!(1)), Code::UnknownField),
    (
        "a second digest is given",
        |s| {
            s.alice_says(|json| json["subject"][0]["digest"]["sha512"] = json!("0".repeat(128)));
        },
        Code::UnknownField,
    ),
    (
        "the digest is in capitals",
        |s| {
            let upper = s.sha256.to_uppercase();
            s.alice_says(|json| json["subject"][0]["digest"]["sha256"] = json!(upper));
        },
        Code::DigestFormat,
    ),
    (
        "the digest is short",
        |s| s.alice_says(|json| json["subject"][0]["digest"]["sha256"] = json!("00")),
        Code::DigestFormat,
    ),
    (
        "a field is missing",
        |s| {
            s.alice_says(|json| drop(json["predicate"].as_object_mut().unwrap().remove("statement")));
        },
        Code::Malformed,
    ),
    (
        "a time is written in another way",
        |s| {
            let offset = s.after(3600).replace('Z', "+00:00");
            s.alice_says(|json| json["predicate"]["issuedAt"] = json!(offset));
        },
        Code::Malformed,
    ),
    (
        "it is another statement",
        |s| {
            s.alice_says(|json| json["predicateType"] = json!("https://in-toto.io/attestation/test-result/v0.1"));
        },
        Code::StatementType,
    ),
    (
        "it is another version of a statement",
        |s| {
            s.alice_says(|json| json["_type"] = json!("https://in-toto.io/Statement/v0.1"));
        },
        Code::StatementType,
    ),
    (
        "there is a second subject",
        |s| {
            s.alice_says(|json| {
                let one = json["subject"][0].clone();
                json["subject"].as_array_mut().unwrap().push(one);
            });
        },
        Code::SubjectCount,
    ),
    ("there is no subject", |s| s.alice_says(|json| json["subject"] = json!([])), Code::SubjectCount),
    // 15: the envelope.
    (
        "the payload has another type",
        |s| {
            s.alice_envelope(|text| text.replace("application/vnd.in-toto+json", "application/json"));
        },
        Code::PayloadType,
    ),
    (
        "the signature is moved to another payload",
        |s| {
            let (_, signature) = s.of_alice();
            let other = canonical(&s.statement("alice@example.com", "security")).repeat(2);
            s.drop("security");
            s.add("security", &other, &signature);
        },
        Code::BadSignature,
    ),
    (
        "the payload was signed without its type",
        |s| {
            let (payload, _) = s.of_alice();
            s.drop("security");
            s.add("security", &payload, &armored(ALICE, NAMESPACE, &payload));
        },
        Code::BadSignature,
    ),
    (
        "there is a second signature",
        |s| {
            s.alice_envelope(|text| {
                let mut json: Value = serde_json::from_str(text).unwrap();
                let one = json["signatures"][0].clone();
                json["signatures"].as_array_mut().unwrap().push(one);
                json.to_string()
            });
        },
        Code::SignatureCount,
    ),
    (
        "there is no signature",
        |s| {
            s.alice_envelope(|text| {
                let mut json: Value = serde_json::from_str(text).unwrap();
                json["signatures"] = json!([]);
                json.to_string()
            });
        },
        Code::SignatureCount,
    ),
    (
        "a field of the envelope is unknown",
        |s| s.alice_envelope(|text| text.replacen('{', "{\"more\":1,", 1)),
        Code::Envelope,
    ),
    (
        "a field of the envelope stands twice",
        |s| {
            s.alice_envelope(|text| text.replacen('{', "{\"payloadType\":\"x\",", 1));
        },
        Code::Envelope,
    ),
    ("the envelope is nested too deeply", |s| s.alice_envelope(|_| "[".repeat(100_000)), Code::Envelope),
    (
        "the envelope is too large",
        |s| s.alice_envelope(|text| format!("{}{text}", " ".repeat(1 << 20))),
        Code::Envelope,
    ),
    (
        "it lies under another name",
        |s| {
            let kept = s.envelopes.iter_mut().find(|kept| kept.name.starts_with("security")).unwrap();
            kept.name = "security.00000000.json".to_owned();
        },
        Code::Envelope,
    ),
    // 16: other forms of the same signature.
    ("text follows the signature", |s| s.alice_armor(|text| format!("{text}more\n")), Code::Armor),
    ("a second line feed follows", |s| s.alice_armor(|text| format!("{text}\n")), Code::Armor),
    ("text comes before the signature", |s| s.alice_armor(|text| format!("\n{text}")), Code::Armor),
    ("there is a space in the signature", |s| s.alice_armor(|text| text.replacen("U1NI", "U1 NI", 1)), Code::Armor),
    ("the lines end in another way", |s| s.alice_armor(|text| text.replace('\n', "\r\n")), Code::Armor),
    ("bytes follow inside", |s| s.alice_blob(|blob| blob.push(0)), Code::Armor),
    ("the version is 0", |s| s.alice_blob(|blob| blob[9] = 0), Code::SshsigVersion),
    (
        "the reserved field is used",
        |s| {
            s.alice_blob(|blob| {
                let at = 6 + 4 + 4 + 51 + 4 + NAMESPACE.len();
                blob.splice(at..at + 4, [0, 0, 0, 1, b'x']);
            })
        },
        Code::Reserved,
    ),
    (
        "another hash is named",
        |s| {
            s.alice_blob(|blob| {
                let at = 6 + 4 + 4 + 51 + 4 + NAMESPACE.len() + 4 + 4;
                blob[at..at + 6].copy_from_slice(b"sha256");
            })
        },
        Code::Hash,
    ),
    ("a bit of the signature is flipped", |s| s.alice_blob(|blob| *blob.last_mut().unwrap() ^= 1), Code::BadSignature),
    // 18: decisions.
    ("it rejects", |s| s.alice_says(|json| json["predicate"]["decision"] = json!("reject")), Code::NotAnApproval),
    ("it names nothing", |s| s.alice_says(|json| json["predicate"]["acknowledges"] = json!([])), Code::NotAcknowledged),
    (
        "it names all but one",
        |s| {
            s.alice_says(|json| drop(json["predicate"]["acknowledges"].as_array_mut().unwrap().pop()));
        },
        Code::NotAcknowledged,
    ),
    ("only claims were judged", |s| s.record.run.claims_only = true, Code::ClaimsAlone),
    // 19: touch.
    ("a hardware key is demanded", |s| s.policy.as_mut().unwrap().require_touch = true, Code::NoUserPresence),
];

/// Alice signs her statement with its text changed.
fn edited(scenario: &mut Scenario, from: &str, to: &str) {
    let (payload, _) = scenario.of_alice();
    let payload = String::from_utf8(payload).unwrap();
    assert!(payload.contains(from), "{payload} has no {from}");
    scenario.drop("security");
    scenario.sign_bytes(ALICE, "security", payload.replacen(from, to, 1).as_bytes());
}

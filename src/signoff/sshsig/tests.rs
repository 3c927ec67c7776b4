//! Signatures of every kind of key, made and checked by `ssh-keygen` where it is there.
#![expect(clippy::print_stderr, reason = "a test that cannot run says so")]

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use proptest::prelude::*;
use ring::signature::{Ed25519KeyPair, KeyPair as _};
use sha2::{Digest as _, Sha256};

use super::*;
use crate::signoff::scenario::{ALICE, armor, armored, public};

fn string(bytes: &[u8]) -> Vec<u8> {
    [&u32::try_from(bytes.len()).unwrap().to_be_bytes(), bytes].concat()
}

/// A signature of a hardware key with these flags, as PROTOCOL.u2f of OpenSSH describes it, and its public key.
fn of_hardware(flags: u8, message: &[u8]) -> (String, String) {
    const KIND: &[u8] = b"sk-ssh-ed25519@openssh.com";
    let pair = Ed25519KeyPair::from_seed_unchecked(&[7; 32]).unwrap();
    let blob = [string(KIND), string(pair.public_key().as_ref()), string(b"ssh:")].concat();
    let signed = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message).unwrap();
    let trailer = [flags, 0, 0, 0, 5];
    let by_key = [Sha256::digest(b"ssh:").as_slice(), trailer.as_slice(), Sha256::digest(&signed).as_slice()].concat();
    let signature = [string(KIND), string(pair.sign(&by_key).as_ref()), trailer.to_vec()].concat();
    let whole = [
        b"SSHSIG".to_vec(),
        1_u32.to_be_bytes().to_vec(),
        string(&blob),
        string(NAMESPACE.as_bytes()),
        string(b""),
        string(b"sha512"),
        string(&signature),
    ];
    (armor(&whole.concat()), format!("{} {}", String::from_utf8_lossy(KIND), STANDARD.encode(&blob)))
}

/// What a verifier here says.
fn checked(armored: &[u8], message: &[u8], touch: bool) -> Result<Key, Refusal> {
    let parsed = parse(armored, touch)?;
    parsed.verify(message)?;
    Ok(parsed.key)
}

/// What `ssh-keygen` says; `None` where it is not there.
fn by_ssh_keygen(folder: &Path, armored: &[u8], message: &[u8], public: &str) -> Option<bool> {
    fs::write(folder.join("signature"), armored).unwrap();
    fs::write(folder.join("message"), message).unwrap();
    fs::write(folder.join("allowed"), format!("who {public}\n")).unwrap();
    let verified = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-f", "allowed", "-I", "who", "-n", NAMESPACE, "-s", "signature"])
        .current_dir(folder)
        .stdin(fs::File::open(folder.join("message")).unwrap())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status();
    match verified {
        Ok(status) => Some(status.success()),
        Err(_) => {
            eprintln!("SKIPPED: ssh-keygen is not there to compare with");
            None
        }
    }
}

/// A key of `ssh-keygen`, and its signature of a message.
fn made(folder: &Path, kind: &[&str], hash: &str, message: &[u8]) -> Option<(String, Vec<u8>)> {
    let run = |arguments: &[&str]| {
        let mut command = Command::new("ssh-keygen");
        let status = command
            .args(arguments)
            .current_dir(folder)
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null());
        status.status().is_ok_and(|status| status.success())
    };
    fs::write(folder.join("message"), message).unwrap();
    if !run(&[&["-q", "-N", "", "-C", "", "-f", "key", "-t"], kind].concat()) {
        eprintln!("SKIPPED: ssh-keygen is not there, or makes no key {kind:?}");
        return None;
    }
    assert!(run(&["-Y", "sign", "-n", NAMESPACE, "-O", &format!("hashalg={hash}"), "-f", "key", "message"]));
    Some((fs::read_to_string(folder.join("key.pub")).unwrap(), fs::read(folder.join("message.sig")).unwrap()))
}

#[test]
fn every_kind_of_key_that_ssh_keygen_makes_is_checked() {
    for kind in [
        &["ed25519"][..],
        &["ecdsa", "-b", "256"],
        &["ecdsa", "-b", "384"],
        &["ecdsa", "-b", "521"],
        &["rsa", "-b", "3072"],
    ] {
        let folder = tempfile::tempdir().unwrap();
        let Some((public, signature)) = made(folder.path(), kind, "sha512", b"message") else { return };
        let key = checked(&signature, b"message", false).unwrap();
        let blob = STANDARD.decode(public.split_whitespace().nth(1).unwrap()).unwrap();
        assert_eq!(key, Key { kind: public.split_whitespace().next().unwrap().to_owned(), blob });
        assert_eq!(checked(&signature, b"massage", false).unwrap_err().code, Code::BadSignature, "{kind:?}");
    }
}

#[test]
fn a_short_rsa_key_is_refused_though_ssh_keygen_takes_it() {
    for bits in ["1024", "2048"] {
        let folder = tempfile::tempdir().unwrap();
        let Some((public, signature)) = made(folder.path(), &["rsa", "-b", bits], "sha512", b"message") else { return };
        assert_eq!(by_ssh_keygen(folder.path(), &signature, b"message", &public), Some(true), "{bits}");
        assert_eq!(checked(&signature, b"message", false).unwrap_err().code, Code::WeakKey, "{bits}");
    }
}

#[test]
fn a_signature_over_sha256_is_refused_though_ssh_keygen_takes_it() {
    let folder = tempfile::tempdir().unwrap();
    let Some((public, signature)) = made(folder.path(), &["ed25519"], "sha256", b"message") else { return };
    assert_eq!(by_ssh_keygen(folder.path(), &signature, b"message", &public), Some(true));
    assert_eq!(checked(&signature, b"message", false).unwrap_err().code, Code::Hash);
}

#[test]
fn a_hardware_key_must_be_touched_where_that_is_demanded() {
    let folder = tempfile::tempdir().unwrap();
    for (flags, touch, code) in [
        (1, true, None),
        (0, false, None),
        (0, true, Some(Code::NoUserPresence)),
        (4, true, Some(Code::NoUserPresence)),
    ] {
        let (signature, public) = of_hardware(flags, b"message");
        assert_eq!(
            checked(signature.as_bytes(), b"message", touch).err().map(|refusal| refusal.code),
            code,
            "{flags} {touch}"
        );
        assert_ne!(by_ssh_keygen(folder.path(), signature.as_bytes(), b"message", &public), Some(false), "{flags}");
    }
    let plain = armored(ALICE, NAMESPACE, b"message");
    assert_eq!(checked(plain.as_bytes(), b"message", true).unwrap_err().code, Code::NoUserPresence);
    assert!(checked(plain.as_bytes(), b"message", false).is_ok());
}

#[test]
fn the_flags_of_a_hardware_key_are_signed() {
    let (signature, _) = of_hardware(0, b"message");
    let body: String = signature.lines().filter(|line| !line.starts_with('-')).collect();
    let mut blob = STANDARD.decode(body).unwrap();
    let flags = blob.len() - 5;
    blob[flags] = 1;
    assert_eq!(checked(armor(&blob).as_bytes(), b"message", true).unwrap_err().code, Code::BadSignature);
}

#[test]
fn a_key_of_an_unknown_kind_is_refused() {
    let mut blob = Vec::new();
    let key = [string(b"ssh-dss"), string(b"x")].concat();
    for part in [
        b"SSHSIG".to_vec(),
        1_u32.to_be_bytes().to_vec(),
        string(&key),
        string(NAMESPACE.as_bytes()),
        string(b""),
        string(b"sha512"),
        string(&string(b"ssh-dss")),
    ] {
        blob.extend(part);
    }
    assert_eq!(parse(armor(&blob).as_bytes(), false).unwrap_err().code, Code::Algorithm);
}

#[test]
fn a_fingerprint_is_that_of_ssh_keygen() {
    let folder = tempfile::tempdir().unwrap();
    let Some((_, signature)) = made(folder.path(), &["ed25519"], "sha512", b"message") else { return };
    let listed = Command::new("ssh-keygen").args(["-l", "-f", "key.pub"]).current_dir(folder.path()).output().unwrap();
    let listed = String::from_utf8(listed.stdout).unwrap();
    assert_eq!(listed.split_whitespace().nth(1), Some(parse(&signature, false).unwrap().key.fingerprint().as_str()));
}

proptest! {
    #[test]
    fn bytes_never_make_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = checked(&bytes, b"", true);
        let _ = checked(armor(&[b"SSHSIG\0\0\0\x01".as_slice(), &bytes].concat()).as_bytes(), b"", true);
    }
}

proptest! {
    // Each case starts a process.
    #![proptest_config(ProptestConfig::with_cases(48))]

    /// Whatever happens to a signature: what is accepted here, `ssh-keygen` accepts too.
    #[test]
    fn nothing_is_accepted_that_ssh_keygen_rejects(
        key in 1_u8..4,
        message in prop::collection::vec(any::<u8>(), 0..40),
        (flip, bit) in (prop::option::of(any::<prop::sample::Index>()), 0_u8..8),
        tail in prop_oneof![Just(""), Just("\n"), Just("x"), Just(" ")],
        other in any::<bool>(),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let (text, public) = if key == 3 { of_hardware(1, &message) } else { (armored(key, NAMESPACE, &message), public(key)) };
        let body: String = text.lines().filter(|line| !line.starts_with('-')).collect();
        let mut blob = STANDARD.decode(body).unwrap();
        if let Some(at) = flip {
            let at = at.index(blob.len());
            blob[at] ^= 1 << bit;
        }
        let signature = format!("{}{tail}", armor(&blob));
        let said = if other { [message.as_slice(), b"!"].concat() } else { message };
        let ours = checked(signature.as_bytes(), &said, false);
        if let Some(theirs) = by_ssh_keygen(folder.path(), signature.as_bytes(), &said, &public) {
            prop_assert!(theirs || ours.is_err(), "accepted here alone: {signature}");
            let untouched = flip.is_none() && tail.is_empty() && !other;
            prop_assert_eq!(ours.is_ok(), untouched);
        }
    }
}

//! The SSH signature format (OpenSSH's PROTOCOL.sshsig), read strictly. OpenSSH itself reads it loosely: text behind the
//! end, white space inside, another version or bytes in the reserved field still verify, so one signature has many forms.
//! Here it has one. Keys and signatures are then left to libraries.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::signature::{RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_2048_8192_SHA512, RsaPublicKeyComponents};
use sha2::{Digest as _, Sha256};
use ssh_key::public::KeyData;
use ssh_key::{Algorithm, HashAlg, PublicKey, Signature, SshSig};

use super::code::{Code, Refusal, shown};

/// What sign-offs are signed for. A signature for anything else (`git`, `file`) is none here.
pub const NAMESPACE: &str = "signoff.v1@countersign";
/// Longer armored signatures are refused before they are decoded: one with an RSA-16384 certificate takes 12 kB.
const MAX_ARMOR: usize = 64 << 10;
const HEADER: &str = "-----BEGIN SSH SIGNATURE-----\n";
const FOOTER: &str = "\n-----END SSH SIGNATURE-----";
/// The shortest RSA modulus, in bits.
pub(super) const MIN_RSA_BITS: usize = 3072;
/// Key kinds that are checked here.
const NATIVE: [&str; 7] = [
    "ssh-ed25519",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
    "ssh-rsa",
];
/// Key kinds that `ssh-keygen` checks: certificates of those above, and what is newer than the libraries here.
const DELEGATED: [&str; 8] = [
    "ssh-ed25519-cert-v01@openssh.com",
    "ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ecdsa-sha2-nistp384-cert-v01@openssh.com",
    "ecdsa-sha2-nistp521-cert-v01@openssh.com",
    "sk-ssh-ed25519-cert-v01@openssh.com",
    "sk-ecdsa-sha2-nistp256-cert-v01@openssh.com",
    "ssh-rsa-cert-v01@openssh.com",
    "ssh-mldsa44-ed25519",
];
/// The flag of a hardware key that was touched.
const USER_PRESENT: u8 = 1;

/// The public key that a signature names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Key {
    /// Its kind, as SSH names it.
    pub kind: String,
    /// Its bytes in SSH's encoding.
    pub blob: Vec<u8>,
}

impl Key {
    /// `SHA256:` and 43 characters, as `ssh-keygen -l` prints it.
    pub fn fingerprint(&self) -> String {
        let digest = Sha256::digest(&self.blob);
        format!("SHA256:{}", base64::engine::general_purpose::STANDARD_NO_PAD.encode(digest))
    }

    /// Is its signature left to `ssh-keygen`?
    pub fn is_delegated(&self) -> bool {
        DELEGATED.contains(&self.kind.as_str())
    }
}

/// A signature that is well formed. It proves nothing yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Parsed {
    /// Its key.
    pub(super) key: Key,
    /// The signature in SSH's encoding.
    signature: Vec<u8>,
}

/// Reads an armored signature. `touch` demands a hardware key that somebody touched.
pub(super) fn parse(armored: &[u8], touch: bool) -> Result<Parsed, Refusal> {
    let armor = |why: &str| Refusal::new(Code::Armor, why);
    let mut reader = Reader(&unarmored(armored)?);
    let cut = || armor("the signature ends early");
    if reader.take(6).ok_or_else(cut)? != b"SSHSIG" {
        return Err(armor("it does not begin with SSHSIG"));
    }
    let version = reader.number().ok_or_else(cut)?;
    if version != 1 {
        return Err(Refusal::new(Code::SshsigVersion, format!("it has version {version} and not 1")));
    }
    let blob = reader.text().ok_or_else(cut)?.to_vec();
    let namespace = reader.text().ok_or_else(cut)?;
    let reserved = reader.text().ok_or_else(cut)?;
    let hash = reader.text().ok_or_else(cut)?;
    let signature = reader.text().ok_or_else(cut)?.to_vec();
    if !reader.0.is_empty() {
        return Err(armor("it goes on behind the signature"));
    }
    if !reserved.is_empty() {
        return Err(Refusal::new(Code::Reserved, "the reserved field is not empty"));
    }
    if namespace != NAMESPACE.as_bytes() {
        let why = format!("it was signed for \"{}\" and not for \"{NAMESPACE}\"", lossy(namespace));
        return Err(Refusal::new(Code::Namespace, why));
    }
    if hash != b"sha512" {
        return Err(Refusal::new(Code::Hash, format!("it was signed over \"{}\" and not over sha512", lossy(hash))));
    }
    let kind = Reader(&blob).text().map(lossy).unwrap_or_default();
    let parsed = Parsed { key: Key { kind, blob }, signature };
    parsed.accepted(touch)?;
    Ok(parsed)
}

/// The bytes in the armor. Header, lines of base64, footer, and nothing else but one line feed at the end.
fn unarmored(armored: &[u8]) -> Result<Vec<u8>, Refusal> {
    let armor = |why: &str| Refusal::new(Code::Armor, why);
    if armored.len() > MAX_ARMOR {
        return Err(armor("the signature is too long"));
    }
    let text = std::str::from_utf8(armored).map_err(|_| armor("the signature is no text"))?;
    let text = text.strip_suffix('\n').unwrap_or(text);
    let body = text.strip_prefix(HEADER).and_then(|text| text.strip_suffix(FOOTER));
    let body = body.ok_or_else(|| armor("it does not begin and end as an SSH signature does"))?;
    let mut lines = body.split('\n');
    let width = lines.next().map_or(0, str::len);
    let mut rest = lines.peekable();
    while let Some(line) = rest.next() {
        if line.is_empty() || line.len() > width || (line.len() < width && rest.peek().is_some()) {
            return Err(armor("its lines are not of one length"));
        }
    }
    // The decoder refuses every other character and bits that are left over.
    STANDARD.decode(body.replace('\n', "")).map_err(|_| armor("it is not base64"))
}

fn lossy(bytes: &[u8]) -> String {
    shown(&String::from_utf8_lossy(bytes))
}

impl Parsed {
    /// The kind of key, its length, and the touch.
    fn accepted(&self, touch: bool) -> Result<(), Refusal> {
        let kind = self.key.kind.as_str();
        if !NATIVE.contains(&kind) && !self.key.is_delegated() {
            return Err(Refusal::new(Code::Algorithm, format!("keys of kind \"{kind}\" are not accepted")));
        }
        let mut reader = Reader(&self.signature);
        let algorithm = reader.text().map(lossy).unwrap_or_default();
        // A certificate signs as the key in it does.
        let plain = kind.replace("-cert-v01@openssh.com", if kind.starts_with("sk-") { "@openssh.com" } else { "" });
        let fits = match plain.as_str() {
            "ssh-rsa" => matches!(algorithm.as_str(), "rsa-sha2-512" | "rsa-sha2-256"),
            plain => algorithm == plain,
        };
        if !fits {
            let why = format!("a key of kind \"{kind}\" does not sign with \"{algorithm}\"");
            return Err(Refusal::new(Code::Algorithm, why));
        }
        if let Some(bits) = self.key.rsa_bits().filter(|bits| *bits < MIN_RSA_BITS) {
            let why = format!("the RSA key has {bits} bits; {MIN_RSA_BITS} are needed");
            return Err(Refusal::new(Code::WeakKey, why));
        }
        if touch {
            let touched = reader.text().and_then(|_| reader.take(1)).is_some_and(|flags| flags[0] & USER_PRESENT != 0);
            if !kind.starts_with("sk-") {
                return Err(Refusal::new(Code::NoUserPresence, format!("a key of kind \"{kind}\" is no hardware key")));
            }
            if !touched {
                return Err(Refusal::new(Code::NoUserPresence, "nobody touched the hardware key"));
            }
        }
        Ok(())
    }

    /// Is it the signature of its key over this message? Not to be asked of a key that is [delegated](Key::is_delegated).
    pub(super) fn verify(&self, message: &[u8]) -> Result<(), Refusal> {
        let bad = || Refusal::new(Code::BadSignature, "the signature is not that of its key over this statement");
        let key = PublicKey::from_bytes(&self.key.blob).map_err(|_| bad())?;
        let signature = Signature::try_from(self.signature.as_slice()).map_err(|_| bad())?;
        // The library reads some lengths loosely: what it would not write itself has a second form, and OpenSSH refuses it.
        let one_form = key.to_bytes().is_ok_and(|bytes| bytes == self.key.blob)
            && Vec::<u8>::try_from(signature.clone()).is_ok_and(|bytes| bytes == self.signature);
        if !one_form {
            return Err(bad());
        }
        if let KeyData::Rsa(rsa) = key.key_data() {
            let signed = SshSig::signed_data(NAMESPACE, HashAlg::Sha512, message).map_err(|_| bad())?;
            let (Some(n), Some(e)) = (rsa.n.as_positive_bytes(), rsa.e.as_positive_bytes()) else { return Err(bad()) };
            let form = match signature.algorithm() {
                Algorithm::Rsa { hash: Some(HashAlg::Sha256) } => &RSA_PKCS1_2048_8192_SHA256,
                Algorithm::Rsa { hash: Some(HashAlg::Sha512) } => &RSA_PKCS1_2048_8192_SHA512,
                _ => return Err(bad()),
            };
            return RsaPublicKeyComponents { n, e }.verify(form, &signed, signature.as_bytes()).map_err(|_| bad());
        }
        let signature =
            SshSig::new(key.key_data().clone(), NAMESPACE, HashAlg::Sha512, signature).map_err(|_| bad())?;
        key.verify(NAMESPACE, message, &signature).map_err(|_| bad())
    }
}

impl Key {
    /// Bits of the modulus of an RSA key, in a certificate or not; `None` of any other.
    pub(super) fn rsa_bits(&self) -> Option<usize> {
        let mut reader = Reader(&self.blob);
        match reader.text()? {
            b"ssh-rsa" => {}
            // The nonce of the certificate stands before the key.
            b"ssh-rsa-cert-v01@openssh.com" => drop(reader.text()?),
            _ => return None,
        }
        reader.text()?;
        let modulus = reader.text()?;
        let first = modulus.iter().position(|byte| *byte != 0)?;
        Some((modulus.len() - first) * 8 - modulus[first].leading_zeros() as usize)
    }
}

/// SSH's encoding (RFC 4251, section 5): numbers of four bytes, texts with their length before them.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn number(&mut self) -> Option<u32> {
        self.take(4)?.try_into().ok().map(u32::from_be_bytes)
    }

    fn text(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.number()?).ok()?;
        self.take(length)
    }
}

#[cfg(test)]
mod tests;

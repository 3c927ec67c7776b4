//! What a certificate says (X.509, RFC 5280), read from PEM. Whom to trust is not decided here.

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use x509_cert::certificate::{CertificateInner, Raw};
use x509_cert::der::Decode as _;
use x509_cert::ext::pkix::SubjectAltName;
use x509_cert::ext::pkix::name::GeneralName;

use super::output::printable;
use crate::model::digest::sha256;
use crate::model::fact::Unmeasurable;
use crate::model::instant::Instant;

/// Longest name that is kept, in characters, and most of them.
const LONGEST: usize = 1_000;
const MOST: usize = 1_000;

const BEGIN: &str = "-----BEGIN CERTIFICATE-----";
const END: &str = "-----END CERTIFICATE-----";

/// A certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate {
    /// Whose it is, as RFC 4514 writes it.
    pub subject: String,
    /// Who signed it.
    pub issuer: String,
    /// From when on it is valid.
    pub not_before: Option<Instant>,
    /// Until when.
    pub expires: Option<Instant>,
    /// Host names and addresses that it is for; `None` when they cannot be read.
    pub names: Option<Vec<String>>,
    /// SHA-256 of the whole certificate, 64 lower-case hex digits.
    pub fingerprint: String,
    /// Does it name itself as who signed it?
    pub self_signed: bool,
}

/// The first certificate of a PEM file, and those behind it, `None` where one is no X.509; keys and whatever else is in it
/// are stepped over. No certificate at all is an error.
pub fn read(pem: &[u8], name: &str) -> Result<(Certificate, Vec<Option<Certificate>>), Unmeasurable> {
    let wrong = |why: &str| {
        Unmeasurable::new(
            format!("{name} has no certificate that can be read: {why}"),
            "Give certificates in PEM form; look at them with: openssl x509 -text -in FILE",
        )
    };
    // Keys are cut out, because one that was blacked out is no PEM any more. The library's words would repeat what stands
    // in the file.
    let text = String::from_utf8_lossy(pem);
    let blocks =
        text.split(BEGIN).skip(1).map(|rest| format!("{BEGIN}{}{END}\n", rest.split(END).next().unwrap_or(rest)));
    let chain = blocks.map(|block| CertificateDer::from_pem_slice(block.as_bytes())).collect::<Result<Vec<_>, _>>();
    let chain = chain.map_err(|_| wrong("its PEM form is broken"))?;
    let (first, others) = chain.split_first().ok_or_else(|| wrong("there is none in it"))?;
    let first = one(first).map_err(|_| wrong("what stands in it is no X.509"))?;
    Ok((first, others.iter().map(|der| one(der).ok()).collect()))
}

fn one(der: &[u8]) -> Result<Certificate, x509_cert::der::Error> {
    // Serial numbers that break the standard are seen, and say nothing that is asked here.
    let body = CertificateInner::<Raw>::from_der(der)?.tbs_certificate;
    let instant = |time: x509_cert::time::Time| {
        i64::try_from(time.to_unix_duration().as_secs()).ok().and_then(Instant::from_seconds)
    };
    let names = body.get::<SubjectAltName>().ok();
    let names = names.map(|found| found.map(|(_, SubjectAltName(names))| names).unwrap_or_default());
    Ok(Certificate {
        subject: line(&body.subject.to_string()),
        issuer: line(&body.issuer.to_string()),
        not_before: instant(body.validity.not_before),
        expires: instant(body.validity.not_after),
        names: names.map(|names| names.iter().filter_map(host).take(MOST).collect()),
        fingerprint: sha256(der),
        self_signed: body.subject == body.issuer,
    })
}

/// Whoever made the certificate wrote it.
fn line(text: &str) -> String {
    printable(text, LONGEST)
}

fn host(name: &GeneralName) -> Option<String> {
    match name {
        GeneralName::DnsName(name) => Some(line(name.as_str())),
        GeneralName::IpAddress(bytes) => {
            let bytes = bytes.as_bytes();
            let four = <[u8; 4]>::try_from(bytes).map(|four| core::net::IpAddr::from(four).to_string());
            four.ok().or_else(|| Some(core::net::IpAddr::from(<[u8; 16]>::try_from(bytes).ok()?).to_string()))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_certificate_says_whose_it_is_until_when_and_for_which_names() {
        let (leaf, others) = read(include_bytes!("../../fixtures/tls/leaf.pem"), "leaf.pem").expect("reads");
        assert_eq!(others, []);
        assert_eq!((leaf.subject.as_str(), leaf.issuer.as_str()), ("CN=localhost", "CN=countersign test authority"));
        assert_eq!(leaf.names, Some(vec!["localhost".to_owned(), "127.0.0.1".to_owned()]));
        assert_eq!(leaf.not_before, Some("2026-11-23T08:38:56Z".parse().expect("a time")));
        assert_eq!(leaf.expires, Some("2126-10-30T08:38:56Z".parse().expect("a time")));
        assert_eq!(leaf.fingerprint, "2400f6e51ba008393de9cb0f341391deff9ffe62c0e75f85eb4f25d565eed608");
        assert!(!leaf.self_signed);
        let own = read(include_bytes!("../../fixtures/tls/self-signed.pem"), "x").expect("reads");
        assert!(own.0.self_signed);
    }

    #[test]
    fn a_key_in_the_file_is_stepped_over_and_a_file_of_keys_is_none() {
        assert_eq!(read(include_bytes!("../../fixtures/tls/client-both.pem"), "x").expect("reads").1, []);
        let error = read(include_bytes!("../../fixtures/tls/client.key"), "the file").expect_err("no certificate");
        assert_eq!(error.reason, "the file has no certificate that can be read: there is none in it");
        for wrong in [&b""[..], b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
            assert!(read(wrong, "x").is_err());
        }
    }

    #[test]
    fn a_name_holds_no_control_characters_and_is_bounded() {
        assert_eq!(line("CN=a\u{1b}[31m\nb"), "CN=a[31mb");
        assert_eq!(line(&"x".repeat(5_000)), format!("{}…", "x".repeat(LONGEST)));
    }

    proptest! {
        #[test]
        fn no_file_makes_it_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
            let _either = read(&bytes, "x");
            let _either = one(&bytes);
            let der = CertificateDer::from(bytes);
            let armour = base64::Engine::encode(&base64::engine::general_purpose::STANDARD, &der);
            let _either = read(format!("-----BEGIN CERTIFICATE-----\n{armour}\n-----END CERTIFICATE-----\n").as_bytes(), "x");
        }

        #[test]
        fn no_bytes_make_it_panic(at in 0..400_usize, byte in any::<u8>()) {
            let der = CertificateDer::from_pem_slice(include_bytes!("../../fixtures/tls/leaf.pem")).expect("reads");
            let mut changed = der.to_vec();
            if let Some(place) = changed.get_mut(at) {
                *place = byte;
            }
            let _either = one(&changed);
            let _either = one(&changed[..at.min(changed.len())]);
        }
    }
}

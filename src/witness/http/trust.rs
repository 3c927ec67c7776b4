//! Whom to trust over TLS: the authorities of this machine, or Mozilla's where it has none, and those that a file names
//! besides. It must not connect to anything.

use std::path::Path;
use std::sync::{Arc, OnceLock};

use rustls::RootCertStore;
use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::ServerCertVerifier;
use rustls::crypto::ring;
use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;

use super::client::pem;
use crate::model::evidence::TlsFiles;
use crate::model::fact::Unmeasurable;
use crate::witness::files::Files;

/// The authorities that the caller and the check name.
pub(super) fn authorities(
    ca_file: Option<&Path>,
    tls: &TlsFiles,
    files: &Files,
) -> Result<Vec<CertificateDer<'static>>, Unmeasurable> {
    let mut all = Vec::new();
    if let Some(file) = ca_file {
        let name = file.display().to_string();
        let bytes = std::fs::read(file).map_err(|error| unusable(&name, &crate::witness::store::plain(&error)))?;
        all.extend(certificates(&bytes, &name)?);
    }
    if let Some(named) = &tls.ca_file {
        all.extend(certificates(&pem(named, files)?, named)?);
    }
    Ok(all)
}

fn unusable(name: &str, why: &str) -> Unmeasurable {
    Unmeasurable::new(
        format!("the certificates in \"{name}\" cannot be used: {why}"),
        "Give a file of certificates in PEM form.",
    )
}

fn certificates(bytes: &[u8], name: &str) -> Result<Vec<CertificateDer<'static>>, Unmeasurable> {
    match CertificateDer::pem_slice_iter(bytes).collect::<Result<Vec<_>, _>>() {
        Ok(found) if !found.is_empty() => Ok(found),
        _ => Err(unusable(name, "there is no certificate in it")),
    }
}

/// Has this machine a list of authorities of its own? A small container often has none.
pub(super) fn machine_has_authorities() -> bool {
    static HAS: OnceLock<bool> = OnceLock::new();
    *HAS.get_or_init(|| rustls_platform_verifier::Verifier::new(Arc::new(ring::default_provider())).is_ok())
}

/// Whom a machine trusts that has no list of its own: Mozilla's list, and those that are named.
pub(super) fn without_a_list(named: &[CertificateDer<'static>]) -> impl Iterator<Item = CertificateDer<'static>> {
    webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned().chain(named.to_vec())
}

/// Who decides, as the clients for https do.
pub(super) fn verifier(extra: Vec<CertificateDer<'static>>) -> Result<Arc<dyn ServerCertVerifier>, Unmeasurable> {
    let provider = Arc::new(ring::default_provider());
    // With named ones alone it would be made as well, and trust nobody else; without any it looks for itself.
    if (extra.is_empty() || machine_has_authorities())
        && let Ok(machine) =
            rustls_platform_verifier::Verifier::new_with_extra_roots(extra.clone(), Arc::clone(&provider))
    {
        return Ok(Arc::new(machine));
    }
    let mut roots = RootCertStore::empty();
    roots.add_parsable_certificates(without_a_list(&[]));
    let unusable = |why: String| {
        Unmeasurable::new(
            format!("whom to trust cannot be told: {why}"),
            "Look at the file of `ca-file:` and at the certificates of this machine.",
        )
    };
    for authority in extra {
        roots.add(authority).map_err(|error| unusable(error.to_string()))?;
    }
    let bundled = WebPkiServerVerifier::builder_with_provider(Arc::new(roots), provider).build();
    Ok(bundled.map_err(|error| unusable(error.to_string()))?)
}

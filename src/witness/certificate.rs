//! Looking at the certificate of a TLS server, live. The handshake is made whatever the certificate is worth, so that one
//! that has expired can be looked at as well; what it is worth is recorded beside it. Nothing is ever sent over it.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, DigitallySignedStruct, SignatureScheme};
use tokio_rustls::TlsConnector;

use super::connect;
use super::http::{Clients, armoured, causes, refusal};
use super::permit::Untrusted;
use super::words::seconds;
use crate::model::evidence::TlsFiles;
use crate::model::fact::Unmeasurable;

/// What a server showed.
pub(super) struct Shown {
    /// Its certificate and those that it sent with it, PEM.
    pub(super) chain: Vec<u8>,
    /// Why it is not to be trusted; `None` when it is.
    pub(super) refused: Option<String>,
}

/// Remembers what it was shown, and what the one that decides elsewhere says of it.
#[derive(Debug)]
struct Recorder {
    trust: Arc<dyn ServerCertVerifier>,
    seen: Mutex<Option<(Vec<CertificateDer<'static>>, Option<rustls::Error>)>>,
    /// Did the server prove that it holds the key?
    proved: AtomicBool,
}

impl ServerCertVerifier for Recorder {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        name: &ServerName<'_>,
        ocsp: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verdict = self.trust.verify_server_cert(end_entity, intermediates, name, ocsp, now).err();
        let chain = std::iter::once(end_entity).chain(intermediates).map(|one| one.clone().into_owned()).collect();
        *self.seen.lock().unwrap_or_else(PoisonError::into_inner) = Some((chain, verdict));
        Ok(ServerCertVerified::assertion())
    }

    // Without a proof that the server holds the key there is no handshake: a certificate can be copied.
    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let proof = self.trust.verify_tls12_signature(message, certificate, signature)?;
        self.proved.store(true, Ordering::Release);
        Ok(proof)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let proof = self.trust.verify_tls13_signature(message, certificate, signature)?;
        self.proved.store(true, Ordering::Release);
        Ok(proof)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.trust.supported_verify_schemes()
    }
}

/// Connects, looks, and hangs up.
pub(super) async fn look(
    clients: &Clients,
    address: &str,
    name: &str,
    tls: &TlsFiles,
    timeout: Duration,
) -> Result<Shown, Unmeasurable> {
    let looking = async {
        let trust = clients.trust(tls).await?;
        shake_hands(address, name, trust, clients.rules()).await
    };
    tokio::time::timeout(timeout, looking).await.unwrap_or_else(|_| {
        Err(Unmeasurable::new(
            format!("{address} did not show a certificate within {}", seconds(timeout)),
            "Look whether it speaks TLS on that port from the first byte on, or give the check a longer timeout.",
        ))
    })
}

async fn shake_hands(
    address: &str,
    name: &str,
    trust: Arc<dyn ServerCertVerifier>,
    rules: Option<&Untrusted>,
) -> Result<Shown, Unmeasurable> {
    let name = ServerName::try_from(name.to_owned()).map_err(|_| {
        Unmeasurable::new(format!("\"{name}\" is not the name of a server"), "Write a host name or an address.")
    })?;
    let stream = connect::open(address, rules).await?.ok_or_else(|| {
        Unmeasurable::new(
            format!("{address} refused the connection"),
            "Look whether the service runs and listens on that port.",
        )
    })?;
    let recorder = Arc::new(Recorder { trust, seen: Mutex::default(), proved: AtomicBool::new(false) });
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| Unmeasurable::new(format!("TLS cannot be used: {error}"), "Try it on another machine."))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&recorder) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    // How it ends is not asked: a server that wants a certificate of ours has shown its own by then.
    let ended = TlsConnector::from(Arc::new(config)).connect(name, stream).await.err();
    let Some((chain, verdict)) = recorder.seen.lock().unwrap_or_else(PoisonError::into_inner).take() else {
        return Err(showed_none(address, ended.as_ref()));
    };
    let proved = recorder.proved.load(Ordering::Acquire);
    let refused = verdict.map(|error| reason(&error));
    let refused = refused.or_else(|| (!proved).then(|| "the server did not prove that it holds its key".to_owned()));
    Ok(Shown { chain: chain.iter().flat_map(|one| armoured("CERTIFICATE", one)).collect(), refused })
}

/// The words of the errors are those of the library, none of the server's.
fn showed_none(address: &str, ended: Option<&std::io::Error>) -> Unmeasurable {
    let causes: Vec<_> = ended.map(|error| causes(error)).unwrap_or_default();
    let all = causes.iter().map(|(text, _)| text.as_str()).collect::<Vec<_>>().join(": ");
    let reason = if all.contains("InvalidContentType") || all.contains("corrupt message") {
        format!("{address} does not speak TLS")
    } else {
        let last = causes.last().map_or("the handshake ended without one", |(text, _)| text);
        format!("{address} showed no certificate: {last}")
    };
    Unmeasurable::new(reason, "Look whether it speaks TLS on that port from the first byte on.")
}

/// Never the names in the certificate, which anybody can write.
fn reason(error: &rustls::Error) -> String {
    refusal(&format!("{error} {error:?}")).map_or("it cannot be verified", |(why, _)| why).to_owned()
}

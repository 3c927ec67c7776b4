//! HTTPS through the door: whom it trusts, and what it says about those it does not.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use countersign::model::fact::Unmeasurable;
use countersign::witness::HttpRequest;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};

use crate::door::Door;

pub(crate) fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/tls").join(name)
}

/// Serves "ok" with this certificate until the test process ends; its port.
pub(crate) fn serve(certificate: &str) -> u16 {
    let chain = vec![CertificateDer::from_pem_file(fixture(certificate)).unwrap()];
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(std::fs::read(fixture("key.der")).unwrap()));
    let config = rustls::ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .unwrap();
    let config = Arc::new(config);
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let config = Arc::clone(&config);
            std::thread::spawn(move || answer(stream.unwrap(), config));
        }
    });
    port
}

fn answer(stream: std::net::TcpStream, config: Arc<rustls::ServerConfig>) {
    use std::io::{Read as _, Write as _};
    let mut tls = rustls::StreamOwned::new(rustls::ServerConnection::new(config).unwrap(), stream);
    let mut request = [0; 4096];
    // A client that refuses the certificate hangs up here.
    if tls.read(&mut request).is_ok() {
        drop(tls.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 2\r\nconnection: close\r\n\r\nok"));
        tls.conn.send_close_notify();
        drop(tls.flush());
    }
}

async fn ask(certificate: &str, ca_file: Option<&str>) -> Result<Vec<u8>, Unmeasurable> {
    let port = serve(certificate);
    let door = Door::with(|options| options.ca_file = ca_file.map(fixture));
    let answer = door.witness().http(HttpRequest::get(format!("https://127.0.0.1:{port}/"))).await;
    answer.map(|answer| answer.body).map_err(|mut error| {
        error.reason = error.reason.replace(&port.to_string(), "PORT");
        error
    })
}

#[tokio::test]
async fn a_certificate_of_a_named_authority_is_trusted() {
    assert_eq!(ask("leaf.pem", Some("ca.pem")).await.unwrap(), b"ok");
}

#[tokio::test]
async fn every_refused_certificate_says_why_and_what_to_do() {
    for (certificate, ca_file, why, help) in [
        (
            "leaf.pem",
            None,
            "nobody this machine trusts has signed it",
            "Name the authority's certificate with `ca-file:`, or with --ca-file.",
        ),
        ("expired.pem", Some("ca.pem"), "it has expired", "Renew the certificate."),
        ("other-name.pem", Some("ca.pem"), "it is for another name", "Use the name that is in the certificate."),
        (
            "self-signed.pem",
            Some("self-signed.pem"),
            "it is a self-signed certificate that says it is an authority (CA:TRUE)",
            "Make the server certificate with CA:FALSE, signed by an authority that `ca-file:` names.",
        ),
    ] {
        let error = ask(certificate, ca_file).await.unwrap_err();
        assert_eq!(error.reason, format!("the certificate of 127.0.0.1:PORT is refused: {why}"));
        assert_eq!(error.help, help);
    }
}

#[tokio::test]
async fn a_port_without_tls_says_so() {
    use std::io::{Read as _, Write as _};
    let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        drop(stream.read(&mut [0; 4096]));
        drop(stream.write_all(b"HTTP/1.1 400 Bad Request\r\ncontent-length: 0\r\n\r\n"));
    });
    let door = Door::open();
    let error = door.witness().http(HttpRequest::get(format!("https://127.0.0.1:{port}/"))).await.unwrap_err();
    assert_eq!(error.reason, format!("127.0.0.1:{port} does not speak TLS"));
    assert_eq!(error.help, "Write http:// in place of https://, or look at the port.");
}

#[tokio::test]
async fn a_file_without_certificates_is_named() {
    let error = ask("leaf.pem", Some("key.der")).await.unwrap_err();
    assert!(error.reason.ends_with("fixtures/tls/key.der\" cannot be used: there is no certificate in it"), "{error}");
    let error = ask("leaf.pem", Some("none.pem")).await.unwrap_err();
    assert!(error.reason.ends_with("none.pem\" cannot be used: no such file or directory"), "{error}");
}
